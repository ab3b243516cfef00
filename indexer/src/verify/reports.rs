//! Registries of reports: reports, where each is in the game of disputes, and the bonds.

use futures::TryStreamExt;
use sqlx::PgConnection;
use yieldset_chain::abi::Attribution;
use yieldset_rules::dispute::Phase;

use super::{Chain, Comparison, db, each, narrow, wide};
use crate::{
    api::reports::standing,
    column::{Addr, Amount, Hash},
    error::IndexerError,
    snapshot::Snapshot,
};

pub(super) async fn compare(
    snapshot: &mut Snapshot,
    chain: &Chain<'_>,
    found: &mut Comparison,
) -> Result<(), IndexerError> {
    reports(snapshot, chain, found).await?;
    ends(snapshot, chain, found).await?;
    disputes(snapshot, chain, found).await?;
    bonds(snapshot, chain, found).await
}

struct ReportRow {
    registry: Addr,
    revision: i64,
    phase: i16,
    until: i64,
    window_left: i64,
    disputes: i16,
    audits: i64,
    pool: Addr,
    stream: Hash,
    period: i64,
    report_hash: Hash,
    weights_root: Hash,
    posted_at: i64,
}

async fn reports(snapshot: &mut Snapshot, chain: &Chain<'_>, found: &mut Comparison) -> Result<(), IndexerError> {
    let rows = sqlx::query_as!(
        ReportRow,
        r#"SELECT registry AS "registry: Addr", revision, phase, until, window_left, disputes, audits, pool AS "pool: Addr",
                  stream AS "stream: Hash", period, report_hash AS "report_hash: Hash",
                  weights_root AS "weights_root: Hash", posted_at
           FROM reports WHERE valid_from > $1 ORDER BY registry, pool, stream, period"#,
        chain.since,
    )
    .fetch(snapshot.connection());
    let ask = |row: ReportRow| async move {
        let (pool, stream, period) = (row.pool.0, row.stream.0, narrow(row.period));
        let report = chain.ask(row.registry, Attribution::reportOfCall { pool, stream, period }).await?;
        let dispute = chain.ask(row.registry, Attribution::disputeOfCall { pool, stream, period }).await?;
        let result = chain.ask(row.registry, Attribution::resultOfCall { pool, stream, period }).await?;
        let call = Attribution::auditCountCall { reportHash: row.report_hash.0 };
        let audits = chain.ask(row.registry, call).await?;
        Ok::<_, IndexerError>((row, report, dispute, result, audits))
    };
    let count = each(rows, ask, |(row, report, dispute, result, audits)| {
        let ReportRow { pool, stream, period, registry, .. } = row;
        let what = format!("report for period {period} of stream {stream} of {pool} in {registry}");
        found.about("attribution", registry);
        if let Some(theirs) = found.answer(&what, report) {
            found.same(format!("{what}: hash"), row.report_hash, theirs.reportHash.into());
            found.same(format!("{what}: weights root"), row.weights_root, theirs.weightsRoot.into());
            found.same(format!("{what}: time"), wide(row.posted_at), theirs.postedAt);
        }
        if let Some(theirs) = found.answer(format!("{what}: dispute"), dispute) {
            found.same(format!("{what}: phase"), row.phase, i16::from(theirs.phase));
            found.same(format!("{what}: revision"), row.revision, i64::from(theirs.revision));
            found.same(format!("{what}: until"), wide(row.until), theirs.until);
            found.same(format!("{what}: disputes"), row.disputes, i16::from(theirs.disputes));
        }
        if let Some(theirs) = found.answer(format!("{what}: result"), result) {
            let ours = standing(row.phase, row.until, row.window_left).state(chain.now);
            found.same(format!("{what}: state"), ours as u8, theirs.state);
        }
        found.told(format!("{what}: audits"), row.audits, audits, i64::from);
    })
    .await?;
    found.counted(count, "reports");
    Ok(())
}

/// The end of a stream's chain of reports, as the rows have it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StreamEnd {
    /// The registry.
    pub registry: Addr,
    /// The pool.
    pub pool: Addr,
    /// The stream.
    pub stream: Hash,
    /// The latest period that has a report.
    pub period: i64,
    /// Hash of the report accepted last: a revision's of an earlier period, where one came after the latest period's
    /// report.
    pub report_hash: Hash,
    /// That report's log size.
    pub log_size: Amount,
}

/// The end of every stream's chain of reports.
///
/// A revision takes its report's place with a place of its own in the chain, and what was withdrawn and not revised yet
/// stays. So the row that is last on chain is the report that was accepted last.
///
/// # Errors
/// [`sqlx::Error`].
pub async fn stream_ends(connection: &mut PgConnection) -> Result<Vec<StreamEnd>, sqlx::Error> {
    ends_since(connection, -1).try_collect().await
}

/// The ends of the streams of which a report changed after a block.
fn ends_since(
    connection: &mut PgConnection,
    since: i64,
) -> futures::stream::BoxStream<'_, Result<StreamEnd, sqlx::Error>> {
    sqlx::query_as!(
        StreamEnd,
        r#"SELECT DISTINCT ON (registry, pool, stream) registry AS "registry: Addr", pool AS "pool: Addr",
                  stream AS "stream: Hash", max(period) OVER stream_of AS "period!", report_hash AS "report_hash: Hash",
                  log_size AS "log_size: Amount"
           FROM reports WHERE (registry, pool, stream) IN (SELECT registry, pool, stream FROM reports WHERE valid_from > $1)
           WINDOW stream_of AS (PARTITION BY registry, pool, stream)
           ORDER BY registry, pool, stream, posted_block DESC, posted_index DESC"#,
        since,
    )
    .fetch(connection)
}

async fn ends(snapshot: &mut Snapshot, chain: &Chain<'_>, found: &mut Comparison) -> Result<(), IndexerError> {
    let rows = ends_since(snapshot.connection(), chain.since);
    let ask = |end: StreamEnd| async move {
        let call = Attribution::latestCall { pool: end.pool.0, stream: end.stream.0 };
        let latest = chain.ask(end.registry, call).await?;
        Ok::<_, IndexerError>((end, latest))
    };
    each(rows, ask, |(end, latest)| {
        let what = format!("latest report of stream {} of {} in {}", end.stream, end.pool, end.registry);
        found.about("attribution", end.registry);
        let Some(theirs) = found.answer(&what, latest) else { return };
        found.same(format!("{what}: period"), end.period, i64::from(theirs.period));
        found.same(format!("{what}: hash"), end.report_hash, theirs.reportHash.into());
        // Once a report is withdrawn the next log may be shorter than the last report's, never longer.
        found.same(format!("{what}: log size"), end.log_size, end.log_size.max(Amount::from(theirs.logSize)));
    })
    .await?;
    Ok(())
}

struct DisputeRow {
    registry: Addr,
    pool: Addr,
    stream: Hash,
    period: i64,
    number: i16,
    challenger: Addr,
    reason: Hash,
    currency: Addr,
    bond: Amount,
    defender: Option<Addr>,
    is_open: bool,
}

/// A registry knows the last dispute of each period's report.
async fn disputes(snapshot: &mut Snapshot, chain: &Chain<'_>, found: &mut Comparison) -> Result<(), IndexerError> {
    let rows = sqlx::query_as!(
        DisputeRow,
        r#"SELECT d.registry AS "registry: Addr", d.pool AS "pool: Addr", d.stream AS "stream: Hash", d.period, number,
                  challenger AS "challenger: Addr", reason AS "reason: Hash", currency AS "currency: Addr",
                  bond AS "bond: Amount", defender AS "defender: Addr", ruling = 'open' AS "is_open!"
           FROM disputes d JOIN reports r ON r.registry = d.registry AND r.report_hash = d.report_hash
             AND r.pool = d.pool AND r.stream = d.stream AND r.period = d.period AND r.disputes = d.number
           WHERE d.valid_from > $1 ORDER BY d.registry, d.report_hash, number"#,
        chain.since,
    )
    .fetch(snapshot.connection());
    let ask = |row: DisputeRow| async move {
        let (pool, stream, period) = (row.pool.0, row.stream.0, narrow(row.period));
        let dispute = chain.ask(row.registry, Attribution::disputeOfCall { pool, stream, period }).await?;
        Ok::<_, IndexerError>((row, dispute))
    };
    let count = each(rows, ask, |(row, dispute)| {
        let DisputeRow { number, period, stream, pool, registry, .. } = row;
        let what = format!("dispute {number} of period {period} of stream {stream} of {pool} in {registry}");
        found.about("attribution", registry);
        let Some(theirs) = found.answer(&what, dispute) else { return };
        found.same(format!("{what}: open"), row.is_open, theirs.phase == Phase::Disputed as u8);
        found.same(format!("{what}: challenger"), row.challenger, theirs.challenger.into());
        found.same(format!("{what}: reason"), row.reason, theirs.reason.into());
        // What has come of the bonds by then is told by the rulings alone.
        if row.is_open {
            found.same(format!("{what}: defender"), row.defender.unwrap_or_default(), theirs.defender.into());
            found.same(format!("{what}: currency"), row.currency, theirs.currency.into());
            found.same(format!("{what}: bond"), row.bond, theirs.bond.into());
        }
    })
    .await?;
    found.counted(count, "disputes");
    Ok(())
}

/// All bonds of open disputes together are what the registry holds for them: none is missing here.
async fn bonds(snapshot: &mut Snapshot, chain: &Chain<'_>, found: &mut Comparison) -> Result<(), IndexerError> {
    struct Row {
        registry: Addr,
        currency: Addr,
        locked: Amount,
    }
    let mut rows = sqlx::query_as!(
        Row,
        r#"SELECT c.address AS "registry!: Addr", m.currency AS "currency!: Addr",
                  coalesce((SELECT sum(CASE WHEN defender IS NULL THEN bond ELSE 2 * bond END) FROM disputes d
                            WHERE d.registry = c.address AND d.currency = m.currency AND ruling = 'open'), 0) AS "locked!: Amount"
           FROM contracts c CROSS JOIN (SELECT decode(repeat('00', 20), 'hex') AS currency
                                        UNION SELECT currency FROM disputes) m
           WHERE kind = 'attribution' ORDER BY c.address, m.currency"#
    )
    .fetch(snapshot.connection());
    while let Some(row) = rows.try_next().await.map_err(db)? {
        found.about("attribution", row.registry);
        let what = format!("bonds in {} of open disputes in {}", row.currency, row.registry);
        let holdings = chain.ask(row.registry, Attribution::holdingsCall { currency: row.currency.0 }).await?;
        let Some(theirs) = found.answer(&what, holdings) else { continue };
        found.same(&what, row.locked, theirs.locked.into());
        let owed = Amount(theirs.locked.saturating_add(theirs.released));
        chain.covers(found, ("attribution", row.registry), row.currency, owed).await?;
    }
    Ok(())
}
