//! `/pools/{address}`: one pool: its holders, its money, and the attribution that decides who is paid.

use std::cmp::Reverse;

use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use serde::Serialize;
use yieldset_rules::{contribution::WEIGHT_ONE, math::mul_div};

use super::{Seen, Wants, answer};
use crate::{
    api::{
        claims::{self, Claim, Contribution, SkippedClaim},
        datasets::{self, Dataset},
        deposits::{self, Deposit, PeriodView},
        error::ApiError,
        holders::{self, Holder},
        licences::{self, Licence},
        market::{self, Trade},
        paging::{MAX_LIMIT, Page, Paging, address},
        pools::{self, Pool},
        proposals::{self, Proposal},
        reports::{self, Committee, Report},
        snapshot::Snapshot,
    },
    column::{Addr, Amount, Hash},
    serve::App,
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
    /// Money out, newest first.
    pub claims: Page<Claim>,
    /// Claims that were passed over while others were paid, newest first.
    pub skipped: Page<SkippedClaim>,
    /// Licences, newest first.
    pub licences: Page<Licence>,
    /// Proposals to the co-op, newest first.
    pub proposals: Page<Proposal>,
    /// Trades of shares, newest first.
    pub trades: Page<Trade>,
    /// Registered datasets.
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
    /// Contributors that claimed, with their proven weights.
    pub contributions: Vec<ContributionRow>,
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

pub(crate) async fn get(State(app): State<App>, Path(text): Path<String>, wants: Wants) -> Response {
    let page = match address(text.strip_suffix(".json").unwrap_or(&text)) {
        Ok(pool) => load(&app, pool).await,
        Err(error) => Err(error),
    };
    answer(wants, page)
}

async fn load(app: &App, address: Addr) -> Result<PoolPage, ApiError> {
    let mut snapshot = Snapshot::open(&app.pool).await?;
    let snapshot = &mut snapshot;
    let pool = pools::find(snapshot, address).await?;
    let (some, rows) = (Paging::first(HOLDERS), Paging::first(ROWS));
    let holders = holders::page(snapshot, &pool, &some).await?;
    let deposits = deposits::page(snapshot, address, &rows).await?;
    let periods = deposits::period_page(snapshot, address, &rows).await?.items;
    let reported = reports::page(snapshot, address, &Paging::first(MAX_LIMIT)).await?.items;
    let contributions = claims::contribution_page(snapshot, address, &Paging::first(HOLDERS)).await?.items;
    let committees = reports::committee_page(snapshot, &rows).await?.items;
    let mut attribution = Vec::new();
    for report in reports::latest(snapshot, address, STREAMS).await? {
        let committee = reports::signers(snapshot, &report).await?;
        attribution.push(self::attribution(report, committee, &periods, &contributions));
    }
    let periods = periods
        .into_iter()
        .map(|period| {
            let posted = |report: &&Report| (report.stream, report.period) == (period.stream, period.period);
            PeriodRow { report: reported.iter().find(posted).map(|report| report.state.clone()), period }
        })
        .collect();
    Ok(PoolPage {
        seen: snapshot.tip.map(Seen::from),
        holders,
        deposits,
        attribution,
        periods,
        claims: claims::page(snapshot, address, &rows).await?,
        skipped: claims::skipped_page(snapshot, address, &rows).await?,
        licences: licences::page(snapshot, address, &rows).await?,
        proposals: proposals::page(snapshot, &Paging::first(PROPOSALS)).await?,
        trades: market::trade_page(snapshot, address, &Paging::first(TRADES)).await?,
        datasets: datasets::page(snapshot, &rows).await?,
        committee: committees.into_iter().next(),
        pool,
    })
}

fn attribution(
    report: Report,
    committee: Option<Committee>,
    periods: &[PeriodView],
    contributions: &[Contribution],
) -> Attribution {
    let period = periods.iter().find(|p| (p.stream, p.period) == (report.stream, report.period)).cloned();
    let total = period.as_ref().map_or(Amount::ZERO, |period| period.total);
    let mut rows: Vec<_> = contributions
        .iter()
        .filter(|c| (c.stream, c.period) == (report.stream, report.period))
        .map(|contribution| ContributionRow {
            claimable: entitled(total, contribution.weight).less(contribution.claimed),
            contribution: contribution.clone(),
        })
        .collect();
    rows.sort_by_key(|row| Reverse(row.contribution.weight));
    Attribution { report, committee, period, contributions: rows }
}

/// `⌊total · weight / 10^18⌋`, as the contract computes it.
fn entitled(total: Amount, weight: Amount) -> Amount {
    let parts = total.to_u128().ok().zip(weight.to_u64().ok());
    let product = parts.and_then(|(total, weight)| mul_div(total, u128::from(weight), u128::from(WEIGHT_ONE)).ok());
    product.map_or(Amount::ZERO, Amount::from)
}
