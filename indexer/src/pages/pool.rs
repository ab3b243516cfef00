//! `/pools/{address}`: one pool: its holders, its money, and the attribution that decides who is paid.

use askama::Template;
use axum::response::Response;
use serde::Serialize;
use yieldset_rules::{contribution::WEIGHT_ONE, math::mul_div};

use super::{Seen, Wants, answer};
use crate::{
    api::{
        asked::AskedPool,
        caller::Caller,
        claims::{self, Claim, Contribution, SkippedClaim},
        datasets::{self, Dataset},
        deposits::{self, Deposit, PeriodView},
        error::ApiError,
        events::EventFilter,
        holders::{self, Holder},
        licences::{self, Licence},
        market::{self, Trade},
        paging::{Page, Paging},
        pools::Pool,
        proposals::{self, Proposal},
        reports::{self, Committee, Report, ReportCursor},
    },
    column::{Amount, Hash},
    snapshot::Snapshot,
};

/// Rows of each list on the page; the API has the rest.
const HOLDERS: i64 = 100;
const ROWS: i64 = 50;
const STREAMS: i64 = 20;
const PROPOSALS: i64 = 20;
const TRADES: i64 = 20;

/// A pool with everything about it.
#[derive(Debug, Template, Serialize)]
#[template(path = "pool.html")]
pub struct PoolPage {
    /// The block it describes.
    pub seen: Option<Seen>,
    /// The pool.
    pub pool: Pool,
    /// Its holders, largest first.
    pub holders: Page<Holder>,
    /// Money in, newest first.
    pub deposits: Page<Deposit>,
    /// The latest report of each stream, with the contributions claimed on it.
    pub attribution: Vec<Attribution>,
    /// Contributors' part of each period.
    pub periods: Vec<PeriodRow>,
    /// Whether there are more of them than are shown.
    pub more_periods: bool,
    /// Money out, newest first.
    pub claims: Page<Claim>,
    /// Claims that were passed over while others were paid, newest first.
    pub skipped: Page<SkippedClaim>,
    /// Licences, newest first.
    pub licences: Page<Licence>,
    /// Proposals to its co-op, newest first.
    pub proposals: Page<Proposal>,
    /// Trades of shares, newest first.
    pub trades: Page<Trade>,
    /// Datasets that are assigned to it.
    pub datasets: Page<Dataset>,
    /// The keys that sign reports now.
    pub committee: Option<Committee>,
}

impl PoolPage {
    /// Whether a stream is one of the licences that are shown or that the pool asks for their end.
    fn is_licence(&self, stream: &Hash) -> bool {
        self.licences.items.iter().any(|licence| licence.licence == *stream)
            || self.periods.iter().any(|row| row.period.licensed && row.period.stream == *stream)
    }
}

/// A report with what was claimed on it.
#[derive(Debug, Serialize)]
pub struct Attribution {
    /// The report.
    pub report: Report,
    /// The committee whose keys signed it.
    pub committee: Option<Committee>,
    /// Money of its period; `None` before the first deposit.
    pub period: Option<PeriodView>,
    /// Contributors that claimed, with their proven weights, the largest first.
    pub contributions: Vec<ContributionRow>,
    /// Whether more of them claimed than are shown.
    pub more: bool,
}

/// A contributor that claimed.
#[derive(Debug, Serialize)]
pub struct ContributionRow {
    /// What it took.
    #[serde(flatten)]
    pub contribution: Contribution,
    /// What arrived for it since its last claim.
    pub claimable: Amount,
}

/// A period's money, and where its report stands.
#[derive(Debug, Serialize)]
pub struct PeriodRow {
    /// The money.
    #[serde(flatten)]
    pub period: PeriodView,
    /// The report's state; nothing where none was posted.
    pub report: Option<String>,
}

pub(crate) async fn get(wants: Wants, caller: Caller, asked: Result<AskedPool, ApiError>) -> Response {
    answer(wants, load(asked, caller).await)
}

async fn load(asked: Result<AskedPool, ApiError>, caller: Caller) -> Result<PoolPage, ApiError> {
    let AskedPool { mut snapshot, pool } = asked?;
    let (snapshot, address) = (&mut snapshot, pool.address);
    let (some, rows) = (Paging::first(HOLDERS), Paging::first(ROWS));
    let periods = deposits::period_page(snapshot, address, &rows).await?;
    let keys: Vec<_> =
        periods.items.iter().map(|row| ReportCursor { period: row.period, stream: row.stream }).collect();
    let reported = reports::of(snapshot, address, &keys).await?;
    let mut attribution = Vec::new();
    for report in reports::latest(snapshot, address, STREAMS).await? {
        attribution.push(self::attribution(snapshot, report).await?);
    }
    let more_periods = periods.next.is_some();
    let period_rows = periods.items.into_iter().map(|period| {
        let posted = |report: &&Report| (report.stream, report.period) == (period.stream, period.period);
        PeriodRow { report: reported.iter().find(posted).map(|report| report.state.clone()), period }
    });
    Ok(PoolPage {
        seen: Seen::of(snapshot),
        holders: holders::page(snapshot, &pool, caller, &some).await?,
        deposits: deposits::page(snapshot, address, &rows).await?,
        attribution,
        periods: period_rows.collect(),
        more_periods,
        claims: claims::page(snapshot, address, &EventFilter::default(), &rows).await?,
        skipped: claims::skipped_page(snapshot, address, &rows).await?,
        licences: licences::page(snapshot, address, &rows).await?,
        proposals: proposals::page(snapshot, Some(address), &Paging::first(PROPOSALS)).await?,
        trades: market::trade_page(snapshot, address, &Paging::first(TRADES)).await?,
        datasets: datasets::page(snapshot, Some(address), &rows).await?,
        committee: reports::in_office(snapshot, pool.attribution).await?,
        pool,
    })
}

/// A report with its committee, its period's money, and what was claimed on it: asked for by itself, so that nothing is
/// said to be missing that only stands further down a list.
async fn attribution(snapshot: &mut Snapshot, report: Report) -> Result<Attribution, ApiError> {
    let key = ReportCursor { period: report.period, stream: report.stream };
    let period = deposits::period_rows(snapshot, report.pool, Some(key), None, 1).await?.pop();
    let mut claimed =
        claims::contributions_of(snapshot, report.pool, (report.stream, report.period), HOLDERS.saturating_add(1))
            .await?;
    let shown = usize::try_from(HOLDERS).unwrap_or(usize::MAX);
    let more = claimed.len() > shown;
    claimed.truncate(shown);
    // Of a report that can still change nobody can claim.
    let open = period.as_ref().filter(|period| period.waiting == "claim").map_or(Amount::ZERO, |period| period.total);
    let contributions = claimed.into_iter().map(|contribution| ContributionRow {
        claimable: entitled(open, contribution.weight).less(contribution.claimed),
        contribution,
    });
    let contributions = contributions.collect();
    let committee = reports::signers(snapshot, &report).await?;
    Ok(Attribution { report, committee, period, contributions, more })
}

/// `⌊total · weight / 10^18⌋`, as the contract computes it.
fn entitled(total: Amount, weight: Amount) -> Amount {
    let parts = total.to_u128().ok().zip(weight.to_u64().ok());
    let product = parts.and_then(|(total, weight)| mul_div(total, u128::from(weight), u128::from(WEIGHT_ONE)).ok());
    product.map_or(Amount::ZERO, Amount::from)
}
