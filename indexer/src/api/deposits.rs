//! Money in, and what each period has for its contributors.

use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;
use yieldset_rules::{
    dispute::Phase,
    waiting::{Place, Way, way_out},
};

use super::{
    asked::{AskedPool, AtParam},
    error::{ApiError, Failures},
    paging::{EventCursor, Page, PageParams, Paging},
    reports::standing,
};
use crate::{
    column::{Addr, Amount, Hash},
    snapshot::Snapshot,
};

/// A payment into a pool.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Deposit {
    /// Licence stream.
    pub stream: Hash,
    /// Accounting period.
    pub period: i64,
    /// Who paid.
    pub payer: Addr,
    /// Everything paid; the sum of the two parts.
    pub amount: Amount,
    /// Share holders' part.
    pub to_holders: Amount,
    /// Contributors' part.
    pub to_contributors: Amount,
    /// Dividend index afterwards, per share, times 2^64.
    pub dividend_index: Amount,
    /// Unix time of the block, in milliseconds.
    pub time_ms: i64,
    /// Block.
    pub block: i64,
    /// The event's place in it.
    pub event_index: i64,
}

/// Contributors' part of a period of a stream.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Period)]
pub struct PeriodView {
    /// Licence stream.
    pub stream: Hash,
    /// Accounting period.
    pub period: i64,
    /// Paid in for the contributors so far, with what was carried here from other periods and without what was carried
    /// on or released to the holders.
    pub total: Amount,
    /// Paid out to them so far.
    pub claimed: Amount,
    /// Weights that have claimed, of 10^18.
    pub weight_claimed: Amount,
    /// The root that claims are proven against, once the pool keeps it: it stands, whatever becomes of the registry.
    pub kept_root: Option<Hash>,
    /// What nobody has claimed; not all of it need be claimable yet.
    pub unclaimed: Amount,
    /// Which way out that has at the indexed block's time: `none` where it is nothing; `claim` (contributors claim, the
    /// report is final); `decision` (the report can still change); `report` (the stream's next report is waited for, or
    /// its end); `carry` (it goes to a later period); `release` (it goes to the holders). When a licence's stream ends
    /// the pool alone knows: its `waitingOf` may say `release` where this says `report`.
    pub waiting: String,
    /// The period that it goes to, where it is carried.
    pub carry_to: Option<i64>,
    /// Block of the last event that changed this row.
    pub block: i64,
    /// That event's place in its block.
    pub event_index: i64,
    /// Whether its stream is a licence of the contract that the pool asks for its end.
    #[serde(skip)]
    pub(crate) licensed: bool,
}

/// Payments into a pool, newest first.
#[utoipa::path(get, path = "/v1/pools/{pool}/deposits", tag = "pools",
    params(("pool" = Addr, Path, description = "The pool"), PageParams, AtParam),
    responses((status = 200, description = "A page of deposits", body = Page<Deposit>), Failures))]
pub(crate) async fn list(
    AskedPool { mut snapshot, pool }: AskedPool,
    paging: Paging,
) -> Result<Json<Page<Deposit>>, ApiError> {
    Ok(Json(page(&mut snapshot, pool.address, &paging).await?))
}

/// A page of deposits.
///
/// # Errors
/// As the route's.
pub async fn page(snapshot: &mut Snapshot, pool: Addr, paging: &Paging) -> Result<Page<Deposit>, ApiError> {
    let (limit, after) = (paging.limit()?, paging.after::<EventCursor>()?);
    let rows = sqlx::query_as!(
        Deposit,
        r#"SELECT stream AS "stream: Hash", period, payer AS "payer: Addr", amount AS "amount: Amount",
                  to_holders AS "to_holders: Amount", to_contributors AS "to_contributors: Amount",
                  dividend_index AS "dividend_index: Amount", time_ms, block, event_index
           FROM deposits JOIN blocks ON number = block
           WHERE pool = $1 AND ($2::bigint IS NULL OR (block, event_index) < ($2, $3::bigint))
           ORDER BY block DESC, event_index DESC LIMIT $4"#,
        pool as _,
        after.map(|after| after.block),
        after.map(|after| after.event_index),
        limit + 1,
    )
    .fetch_all(snapshot.connection())
    .await?;
    Ok(Page::from_rows(rows, limit, snapshot, |row| EventCursor::text(row.block, row.event_index)))
}

/// Contributors' part of every period of every stream, latest period first.
#[utoipa::path(get, path = "/v1/pools/{pool}/periods", tag = "pools",
    params(("pool" = Addr, Path, description = "The pool"), PageParams, AtParam),
    responses((status = 200, description = "A page of periods", body = Page<PeriodView>), Failures))]
pub(crate) async fn periods(
    AskedPool { mut snapshot, pool }: AskedPool,
    paging: Paging,
) -> Result<Json<Page<PeriodView>>, ApiError> {
    Ok(Json(period_page(&mut snapshot, pool.address, &paging).await?))
}

/// A page of periods.
///
/// # Errors
/// As the route's.
pub async fn period_page(snapshot: &mut Snapshot, pool: Addr, paging: &Paging) -> Result<Page<PeriodView>, ApiError> {
    let (limit, after) = (paging.limit()?, paging.after::<super::reports::ReportCursor>()?);
    let rows = period_rows(snapshot, pool, None, after, limit + 1).await?;
    Ok(Page::from_rows(rows, limit, snapshot, |row| format!("{}-{}", row.period, row.stream)))
}

/// A period with what decides on its money.
struct MoneyRow {
    stream: Hash,
    period: i64,
    total: Amount,
    claimed: Amount,
    weight_claimed: Amount,
    kept_root: Option<Hash>,
    block: i64,
    event_index: i64,
    phase: Option<i16>,
    until: Option<i64>,
    window_left: Option<i64>,
    nothing_qualified: Option<bool>,
    next: Option<i64>,
    last: Option<i64>,
    licensed: bool,
    adopted: Option<i64>,
}

impl MoneyRow {
    /// Which way out what nobody has claimed has at a time.
    fn way(&self, now: u64) -> Way {
        let narrow = |period: Option<i64>| period.and_then(|period| u32::try_from(period).ok()).unwrap_or(0);
        if self.kept_root.is_some() || self.weight_claimed != Amount::ZERO {
            return Way::Claim;
        }
        let standing = standing(self.phase.unwrap_or(0), self.until.unwrap_or(0), self.window_left.unwrap_or(0));
        let withdrawn = standing.phase() == Phase::Withdrawn;
        // A new registry begins without reports: silence counts from its adoption on.
        let adopted = self.adopted.and_then(|seconds| u64::try_from(seconds).ok()).unwrap_or(0);
        let place = Place {
            state: standing.state(now),
            has_weights: self.nothing_qualified == Some(false),
            withdrawn_at: if withdrawn { standing.until } else { 0 },
            next: narrow(self.next),
            last: narrow(self.last),
        };
        let licence_end = if self.licensed { u64::MAX } else { 0 };
        way_out(narrow(Some(self.period)), &place, licence_end, adopted, now)
    }

    fn view(self, now: u64) -> PeriodView {
        let unclaimed = self.total.less(self.claimed);
        let (waiting, carry_to) = match self.way(now) {
            _ if unclaimed == Amount::ZERO => ("none", None),
            Way::Claim => ("claim", None),
            Way::Decision => ("decision", None),
            Way::Report => ("report", None),
            Way::Carry(to) => ("carry", Some(i64::from(to))),
            Way::Release => ("release", None),
        };
        PeriodView {
            stream: self.stream,
            period: self.period,
            total: self.total,
            claimed: self.claimed,
            weight_claimed: self.weight_claimed,
            kept_root: self.kept_root,
            unclaimed,
            waiting: waiting.to_owned(),
            carry_to,
            block: self.block,
            event_index: self.event_index,
            licensed: self.licensed,
        }
    }
}

/// Periods of a pool with the way out of their money.
///
/// # Errors
/// [`sqlx::Error`].
pub(crate) async fn period_rows(
    snapshot: &mut Snapshot,
    pool: Addr,
    only: Option<super::reports::ReportCursor>,
    after: Option<super::reports::ReportCursor>,
    limit: i64,
) -> Result<Vec<PeriodView>, sqlx::Error> {
    let rows = sqlx::query_as!(
        MoneyRow,
        r#"SELECT m.stream AS "stream: Hash", m.period, total AS "total: Amount", claimed AS "claimed: Amount",
                  weight_claimed AS "weight_claimed: Amount", kept_root AS "kept_root: Hash", m.block, m.event_index,
                  r.phase AS "phase?", r.until AS "until?", r.window_left AS "window_left?",
                  r.nothing_qualified AS "nothing_qualified?",
                  (SELECT min(period) FROM reports n WHERE n.registry = p.attribution AND n.pool = m.pool
                     AND n.stream = m.stream AND n.period > m.period) AS next,
                  (SELECT max(period) FROM reports l WHERE l.registry = p.attribution AND l.pool = m.pool
                     AND l.stream = m.stream) AS last,
                  EXISTS (SELECT FROM licences l WHERE l.licence = m.stream AND l.contract = p.licences) AS "licensed!",
                  CASE WHEN p.books THEN (SELECT max(time_ms) / 1000 FROM parts s JOIN blocks b ON b.number = s.block
                     WHERE s.pool = m.pool AND s.kind IN ('attribution', 'licence')) END AS adopted
           FROM periods m JOIN pools p ON p.address = m.pool
             LEFT JOIN reports r ON r.registry = p.attribution AND r.pool = m.pool AND r.stream = m.stream
               AND r.period = m.period
           WHERE m.pool = $1 AND ($2::bigint IS NULL OR m.period < $2 OR (m.period = $2 AND m.stream > $3::bytea))
             AND ($5::bigint IS NULL OR (m.period = $5 AND m.stream = $6::bytea))
           ORDER BY m.period DESC, m.stream LIMIT $4"#,
        pool as _,
        after.map(|after| after.period),
        after.map(|after| after.stream) as _,
        limit,
        only.map(|only| only.period),
        only.map(|only| only.stream) as _,
    )
    .fetch_all(snapshot.connection())
    .await?;
    let now = snapshot.now();
    Ok(rows.into_iter().map(|row| row.view(now)).collect())
}
