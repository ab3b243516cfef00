//! Attribution reports and the committees that sign them.

use std::str::FromStr;

use axum::{Json, extract::Path};
use serde::Serialize;
use utoipa::ToSchema;
use yieldset_rules::dispute::{Phase, Standing, State};

use super::{
    asked::{Asked, AskedPool, AtParam},
    error::{ApiError, Failures},
    paging::{MAX_LIMIT, Page, PageParams, Paging, hash, period},
};
use crate::{
    column::{Addr, Amount, Hash},
    snapshot::Snapshot,
};

/// An accepted attribution report. Of a period that two registries have a report of, the one that the pool asks counts.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Report {
    /// The registry that accepted it.
    pub registry: Addr,
    /// Whether the pool asks this registry now. Of a former one it keeps what was claimed on.
    pub followed: bool,
    /// `pending` (in its challenge window), `disputed` (the arbiter is asked), `withdrawn` (a dispute was upheld; its
    /// revision is waited for) or `final`, at the indexed block's time. Contributors are paid on a final report alone.
    pub state: String,
    /// Unix time in seconds at which it is final if nobody disputes it, or since which it is; null while it is disputed
    /// or withdrawn.
    pub final_at: Option<i64>,
    /// Unix time in seconds until which the arbiter can rule, where it is disputed.
    pub ruling_by: Option<i64>,
    /// Unix time in seconds since which it is withdrawn.
    pub withdrawn_at: Option<i64>,
    /// Counts from 0: the revisions of the period's report before this one.
    pub revision: i64,
    /// How often it was disputed.
    pub disputes: i16,
    /// The pool whose contributors the weights belong to.
    pub pool: Addr,
    /// Licence stream.
    pub stream: Hash,
    /// Accounting period.
    pub period: i64,
    /// Model versions whose usage is counted.
    pub models: Vec<String>,
    /// keccak-256 of the report's bytes.
    pub report_hash: Hash,
    /// Root over (contributor, weight); the weights themselves are not on chain. Zero where nothing qualified.
    pub weights_root: Hash,
    /// Hash of the stream's report before; zero for the first.
    pub previous: Hash,
    /// Committee epoch whose keys signed.
    pub epoch: i64,
    /// The usage log's origin line.
    pub log_origin: String,
    /// Records in the log.
    pub log_size: Amount,
    /// The log's root hash.
    pub log_root: Hash,
    /// Digest of the dataset versions that were compared.
    pub compared: Hash,
    /// Metric behind material derivation.
    pub metric_name: String,
    /// The metric's version.
    pub metric_version: i64,
    /// Only scores above this count, in millionths.
    pub threshold: i32,
    /// No call scored above it: once that is final, the period's money goes with the stream's next report, or where
    /// none comes any more to the holders.
    pub nothing_qualified: bool,
    /// Inference calls of the period.
    pub calls: Amount,
    /// Calls with a score above the threshold.
    pub qualifying_calls: Amount,
    /// Output tokens of all calls.
    pub tokens: Amount,
    /// Output tokens attributed to contributors.
    pub attributed_tokens: Amount,
    /// Records that came after their own period was reported; null where nobody looked.
    pub late_records: Option<Amount>,
    /// Scores above the threshold, decoys among them; null where none were compared.
    pub hits: Option<Amount>,
    /// Those of them that were a decoy's; null where none were compared.
    pub decoy_hits: Option<Amount>,
    /// Root over the attribution's lines.
    pub lines_root: Hash,
    /// Digest of the published settlement package; null where none is published.
    pub package: Option<Hash>,
    /// Unix time in seconds when the registry accepted it.
    pub posted_at: i64,
    /// Block.
    pub block: i64,
    /// The event's place in it.
    pub event_index: i64,
    #[serde(skip)]
    phase: i16,
    #[serde(skip)]
    until: i64,
    #[serde(skip)]
    window_left: i64,
}

impl Report {
    /// With what holds at a time, as the rules say it.
    fn at(self, now: u64) -> Self {
        let standing = standing(self.phase, self.until, self.window_left);
        let runs_out = self.until.saturating_add(self.window_left);
        let (state, final_at, ruling_by, withdrawn_at) = match (standing.phase(), standing.state(now)) {
            (Phase::Withdrawn, _) => ("withdrawn", None, None, Some(self.until)),
            (_, State::Disputed | State::None) => ("disputed", None, Some(self.until), None),
            (_, State::Pending) => ("pending", Some(runs_out), None, None),
            (_, State::Final) => ("final", Some(runs_out), None, None),
        };
        Self { state: state.to_owned(), final_at, ruling_by, withdrawn_at, ..self }
    }
}

/// The rules' record of where a report is in the game of disputes.
pub(crate) fn standing(phase: i16, until: i64, window_left: i64) -> Standing {
    let seconds = |time: i64| u64::try_from(time).unwrap_or(0);
    let phase = u8::try_from(phase).unwrap_or(0);
    Standing { phase, until: seconds(until), left: seconds(window_left), ..Standing::default() }
}

/// A committee of keys, as it took office.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Committee {
    /// The registry that it signs for.
    pub registry: Addr,
    /// Counts from 1; the latest one signs.
    pub epoch: i64,
    /// Signatures that a report needs.
    pub threshold: i16,
    /// ed25519 public keys.
    pub keys: Vec<String>,
    /// Those of them that were revoked since: they sign nothing more.
    pub revoked: Vec<String>,
    /// Unix time in seconds since which it is in office.
    pub since: i64,
    /// Block.
    pub block: i64,
    /// The event's place in it.
    pub event_index: i64,
}

/// The committee that takes office next.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ProposedCommittee {
    /// The registry that it will sign for.
    pub registry: Addr,
    /// Its epoch.
    pub epoch: i64,
    /// Signatures that a report will need.
    pub threshold: i16,
    /// ed25519 public keys.
    pub keys: Vec<String>,
    /// Unix time in seconds from which on anybody can bring it into office.
    pub effective_at: i64,
    /// Block.
    pub block: i64,
    /// The event's place in it.
    pub event_index: i64,
}

/// What an audit of a report's weights found.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ReportAudit {
    /// Counts from 0 for each report.
    pub number: i64,
    /// keccak-256 of the audit's document.
    pub audit_hash: Hash,
    /// Seed of its sample.
    pub seed: Hash,
    /// Size of its sample.
    pub samples: i64,
    /// Largest deviation of a weight, in millionths.
    pub max_deviation: i64,
    /// The confidence in that, in millionths.
    pub confidence: i64,
    /// Who audited.
    pub auditor: Addr,
    /// Unix time in seconds.
    pub posted_at: i64,
    /// Block.
    pub block: i64,
    /// The event's place in it.
    pub event_index: i64,
}

/// A report with the committee that signed it, and its audits.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SignedReport {
    /// The report.
    #[serde(flatten)]
    pub report: Report,
    /// The committee of its epoch.
    pub committee: Option<Committee>,
    /// Its audits, latest first; the latest 200.
    pub audits: Vec<ReportAudit>,
    /// Its disputes one by one, latest first.
    pub dispute_records: Vec<Dispute>,
}

/// A dispute of a report. What is null did not come to pass yet.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Dispute {
    /// Counts from 1 for each report.
    pub number: i16,
    /// Who disputes it.
    pub challenger: Addr,
    /// Hash of the reasons.
    pub reason: Hash,
    /// What the bond is in; zero for the chain's own money.
    pub currency: Addr,
    /// In its smallest unit.
    pub bond: Amount,
    /// Unix time in seconds.
    pub opened_at: i64,
    /// Unix time in seconds until which an arbiter can rule.
    pub deadline: i64,
    /// Who matched the bond and stands for the report.
    pub defender: Option<Addr>,
    /// `open`, `upheld`, `rejected` or `expired`.
    pub ruling: String,
    /// Who ruled.
    pub arbiter: Option<Addr>,
    /// Unix time in seconds.
    pub ended_at: Option<i64>,
    /// What the challenger gets of the bonds.
    pub to_challenger: Amount,
    /// What the defender gets.
    pub to_defender: Amount,
    /// What goes to the report's period.
    pub to_period: Amount,
    /// Block of the last event that changed this row.
    pub block: i64,
    /// That event's place in its block.
    pub event_index: i64,
}

/// Place in a list of reports or periods: latest period first, then by stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReportCursor {
    /// Period.
    pub period: i64,
    /// Stream.
    pub stream: Hash,
}

impl FromStr for ReportCursor {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (number, stream) = text.split_once('-').ok_or(())?;
        Ok(Self { period: period(number).map_err(|_| ())?, stream: stream.parse().map_err(|_| ())? })
    }
}

/// A pool's reports, latest period first.
#[utoipa::path(get, path = "/v1/pools/{pool}/reports", tag = "registries",
    params(("pool" = Addr, Path, description = "The pool"), PageParams, AtParam),
    responses((status = 200, description = "A page of reports", body = Page<Report>), Failures))]
pub(crate) async fn list(
    AskedPool { mut snapshot, pool }: AskedPool,
    paging: Paging,
) -> Result<Json<Page<Report>>, ApiError> {
    Ok(Json(page(&mut snapshot, pool.address, &paging).await?))
}

/// The report for a period of a stream.
#[utoipa::path(get, path = "/v1/pools/{pool}/reports/{stream}/{period}", tag = "registries",
    params(("pool" = Addr, Path, description = "The pool"), ("stream" = Hash, Path, description = "Licence stream"),
           ("period" = u32, Path, description = "Accounting period: 4 × year + quarter − 1"), AtParam),
    responses((status = 200, description = "The report", body = SignedReport), Failures))]
pub(crate) async fn get(
    AskedPool { mut snapshot, pool }: AskedPool,
    Path((_pool, stream, number)): Path<(String, String, String)>,
) -> Result<Json<SignedReport>, ApiError> {
    let (stream, number) = (hash(&stream)?, period(&number)?);
    let found =
        rows(&mut snapshot, pool.address, Some(&[ReportCursor { period: number, stream }]), None, 1).await?.pop();
    let report = found.ok_or_else(|| {
        let message = format!("no report was posted for stream {stream}, period {number}");
        ApiError::missing("unknown-report", message, "GET /v1/pools/{pool}/reports lists the reports")
    })?;
    let (committee, audits) = (signers(&mut snapshot, &report).await?, audits(&mut snapshot, &report).await?);
    let dispute_records = disputes(&mut snapshot, &report).await?;
    Ok(Json(SignedReport { report, committee, audits, dispute_records }))
}

/// Audits of a report, latest first.
///
/// # Errors
/// `database-away`.
pub async fn audits(snapshot: &mut Snapshot, report: &Report) -> Result<Vec<ReportAudit>, ApiError> {
    let rows = sqlx::query_as!(
        ReportAudit,
        r#"SELECT number, audit_hash AS "audit_hash: Hash", seed AS "seed: Hash", samples, max_deviation, confidence,
                  auditor AS "auditor: Addr", posted_at, block, event_index
           FROM report_audits WHERE registry = $1 AND report_hash = $2 ORDER BY number DESC LIMIT $3"#,
        report.registry as _,
        report.report_hash as _,
        MAX_LIMIT,
    )
    .fetch_all(snapshot.connection())
    .await?;
    Ok(rows)
}

/// Disputes of a report, latest first. Their number has eight bits.
async fn disputes(snapshot: &mut Snapshot, report: &Report) -> Result<Vec<Dispute>, sqlx::Error> {
    sqlx::query_as!(
        Dispute,
        r#"SELECT number, challenger AS "challenger: Addr", reason AS "reason: Hash", currency AS "currency: Addr",
                  bond AS "bond: Amount", opened_at, deadline, defender AS "defender: Addr", ruling,
                  arbiter AS "arbiter: Addr", ended_at, to_challenger AS "to_challenger: Amount",
                  to_defender AS "to_defender: Amount", to_period AS "to_period: Amount", block, event_index
           FROM disputes WHERE registry = $1 AND report_hash = $2 ORDER BY number DESC"#,
        report.registry as _,
        report.report_hash as _,
    )
    .fetch_all(snapshot.connection())
    .await
}

/// Committees of the registry that the deployment's pool asks now, latest first.
#[utoipa::path(get, path = "/v1/committees", tag = "registries", params(PageParams, AtParam),
    responses((status = 200, description = "A page of committees", body = Page<Committee>), Failures))]
pub(crate) async fn committees(Asked(mut snapshot): Asked, paging: Paging) -> Result<Json<Page<Committee>>, ApiError> {
    Ok(Json(committee_page(&mut snapshot, &paging).await?))
}

/// A page of committees.
///
/// # Errors
/// As the route's.
pub async fn committee_page(snapshot: &mut Snapshot, paging: &Paging) -> Result<Page<Committee>, ApiError> {
    let (limit, after) = (paging.limit()?, paging.after::<Number>()?);
    let rows = committee_rows(snapshot, None, (None, after.map(|after| after.0)), limit + 1).await?;
    Ok(Page::from_rows(rows, limit, snapshot, |row| row.epoch.to_string()))
}

/// The committee that signed a report, which may be of a former registry.
///
/// # Errors
/// `database-away`.
pub async fn signers(snapshot: &mut Snapshot, report: &Report) -> Result<Option<Committee>, ApiError> {
    Ok(committee_rows(snapshot, Some(report.registry), (Some(report.epoch), None), 1).await?.pop())
}

/// The committee that signs for a registry now.
///
/// # Errors
/// `database-away`.
pub async fn in_office(snapshot: &mut Snapshot, registry: Addr) -> Result<Option<Committee>, ApiError> {
    Ok(committee_rows(snapshot, Some(registry), (None, None), 1).await?.pop())
}

/// Committees of a registry, of the one that is asked now where none is named; an epoch's, or those before one.
async fn committee_rows(
    snapshot: &mut Snapshot,
    registry: Option<Addr>,
    (epoch, before): (Option<i64>, Option<i64>),
    limit: i64,
) -> Result<Vec<Committee>, ApiError> {
    let rows = sqlx::query!(
        r#"SELECT registry AS "registry: Addr", epoch, threshold, keys, since, block, event_index,
                  ARRAY(SELECT key FROM revoked_keys r WHERE r.registry = c.registry AND key = ANY (keys)
                        ORDER BY array_position(keys, key)) AS "revoked!"
           FROM committees c
           WHERE registry = coalesce($1::bytea, (SELECT coalesce(p.attribution, d.attribution) FROM deployment d LEFT JOIN pools p ON p.address = d.pool))
             AND ($2::bigint IS NULL OR epoch = $2) AND ($3::bigint IS NULL OR epoch < $3)
           ORDER BY epoch DESC LIMIT $4"#,
        registry as _,
        epoch,
        before,
        limit,
    )
    .fetch_all(snapshot.connection())
    .await?;
    let committees = rows.into_iter().map(|row| Committee {
        registry: row.registry,
        epoch: row.epoch,
        threshold: row.threshold,
        keys: hexadecimal(&row.keys),
        revoked: hexadecimal(&row.revoked),
        since: row.since,
        block: row.block,
        event_index: row.event_index,
    });
    Ok(committees.collect())
}

/// The committee that takes office next in the registry that the deployment's pool asks now; null where none is named.
#[utoipa::path(get, path = "/v1/committees/proposed", tag = "registries", params(AtParam),
    responses((status = 200, description = "The next committee", body = Option<ProposedCommittee>), Failures))]
pub(crate) async fn proposed(Asked(mut snapshot): Asked) -> Result<Json<Option<ProposedCommittee>>, ApiError> {
    let row = sqlx::query!(
        r#"SELECT registry AS "registry: Addr", epoch, threshold, effective_at, block, event_index,
                  ARRAY(SELECT key FROM unnest(keys) WITH ORDINALITY k (key, place) WHERE NOT EXISTS (
                      SELECT FROM revoked_keys r WHERE r.registry = p.registry AND r.key = k.key) ORDER BY place) AS "keys!"
           FROM proposed_committees p WHERE registry =
             (SELECT coalesce(p.attribution, d.attribution) FROM deployment d LEFT JOIN pools p ON p.address = d.pool)"#
    )
    .fetch_optional(snapshot.connection())
    .await?;
    Ok(Json(row.map(|row| ProposedCommittee {
        registry: row.registry,
        epoch: row.epoch,
        threshold: row.threshold,
        keys: hexadecimal(&row.keys),
        effective_at: row.effective_at,
        block: row.block,
        event_index: row.event_index,
    })))
}

/// Keys and ids of a list.
pub(crate) fn hexadecimal(keys: &[Vec<u8>]) -> Vec<String> {
    keys.iter().map(|key| format!("0x{}", hex::encode(key))).collect()
}

/// A cursor that is a plain number.
struct Number(i64);

impl FromStr for Number {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        period(text).map(Self).map_err(|_| ())
    }
}

/// A page of reports.
///
/// # Errors
/// As the route's.
pub async fn page(snapshot: &mut Snapshot, pool: Addr, paging: &Paging) -> Result<Page<Report>, ApiError> {
    let (limit, after) = (paging.limit()?, paging.after::<ReportCursor>()?);
    let rows = rows(snapshot, pool, None, after, limit + 1).await?;
    Ok(Page::from_rows(rows, limit, snapshot, |row| format!("{}-{}", row.period, row.stream)))
}

/// The reports of these periods of streams, where there are any.
///
/// # Errors
/// `database-away`.
pub async fn of(snapshot: &mut Snapshot, pool: Addr, periods: &[ReportCursor]) -> Result<Vec<Report>, ApiError> {
    rows(snapshot, pool, Some(periods), None, i64::try_from(periods.len()).unwrap_or(i64::MAX)).await
}

async fn rows(
    snapshot: &mut Snapshot,
    pool: Addr,
    only: Option<&[ReportCursor]>,
    after: Option<ReportCursor>,
    limit: i64,
) -> Result<Vec<Report>, ApiError> {
    let periods: Option<Vec<i64>> = only.map(|only| only.iter().map(|one| one.period).collect());
    let streams: Option<Vec<Vec<u8>>> = only.map(|only| only.iter().map(|one| one.stream.0.to_vec()).collect());
    let rows = sqlx::query_as!(
        Report,
        r#"SELECT DISTINCT ON (period, stream)
                  registry AS "registry: Addr", registry = (SELECT attribution FROM pools p WHERE p.address = r.pool) AS "followed!", '' AS "state!", NULL::bigint AS final_at,
                  NULL::bigint AS ruling_by, NULL::bigint AS withdrawn_at, revision, disputes, phase, until, window_left,
                  pool AS "pool: Addr", stream AS "stream: Hash", period, models, report_hash AS "report_hash: Hash",
                  weights_root AS "weights_root: Hash", previous AS "previous: Hash", epoch, log_origin,
                  log_size AS "log_size: Amount", log_root AS "log_root: Hash", compared AS "compared: Hash",
                  metric_name, metric_version, threshold, nothing_qualified,
                  calls AS "calls: Amount", qualifying_calls AS "qualifying_calls: Amount", tokens AS "tokens: Amount",
                  attributed_tokens AS "attributed_tokens: Amount", late_records AS "late_records: Amount",
                  hits AS "hits: Amount", decoy_hits AS "decoy_hits: Amount", lines_root AS "lines_root: Hash",
                  package AS "package: Hash", posted_at, block, event_index
           FROM reports r
           WHERE pool = $1 AND registry IN (SELECT contract FROM parts WHERE pool = $1 AND kind = 'attribution')
             AND ($2::bigint[] IS NULL OR (period, stream) IN (SELECT * FROM unnest($2::bigint[], $3::bytea[])))
             AND ($4::bigint IS NULL OR period < $4 OR (period = $4 AND stream > $5::bytea))
           ORDER BY period DESC, stream, registry = (SELECT attribution FROM pools p WHERE p.address = r.pool) DESC, block DESC, event_index DESC LIMIT $6"#,
        pool as _,
        periods.as_deref(),
        streams.as_deref(),
        after.map(|after| after.period),
        after.map(|after| after.stream) as _,
        limit,
    )
    .fetch_all(snapshot.connection())
    .await?;
    let now = snapshot.now();
    Ok(rows.into_iter().map(|row: Report| row.at(now)).collect())
}

/// The latest report of each stream of a pool, at most `limit` streams.
///
/// # Errors
/// `database-away`.
pub async fn latest(snapshot: &mut Snapshot, pool: Addr, limit: i64) -> Result<Vec<Report>, ApiError> {
    let periods = sqlx::query_as!(
        ReportCursor,
        r#"SELECT DISTINCT ON (stream) period, stream AS "stream: Hash" FROM reports
           WHERE pool = $1 AND registry IN (SELECT contract FROM parts WHERE pool = $1 AND kind = 'attribution')
           ORDER BY stream, period DESC LIMIT $2"#,
        pool as _,
        limit,
    )
    .fetch_all(snapshot.connection())
    .await?;
    let mut reports = of(snapshot, pool, &periods).await?;
    reports.sort_by_key(|report| report.stream);
    Ok(reports)
}
