//! The three registries: KYC records, agents and issuers, datasets and training runs, reports.

use sqlx::PgConnection;
use yieldset_chain::{
    Deployment,
    abi::{Access, Attribution, Kyc, Manifests},
    deployment::role,
};

use super::{Chain, Comparison, db};
use crate::{
    api::reports::standing,
    column::{Addr, Amount, Hash},
    error::IndexerError,
    snapshot::Snapshot,
};

pub(super) async fn compare(
    snapshot: &mut Snapshot,
    chain: &Chain<'_>,
    deployment: &Deployment,
    found: &mut Comparison,
) -> Result<(), IndexerError> {
    records(snapshot, chain, found).await?;
    agents(snapshot, chain, found).await?;
    issuers(snapshot, chain, found).await?;
    datasets(snapshot, chain, deployment, found).await?;
    versions(snapshot, chain, deployment, found).await?;
    ingestions(snapshot, chain, deployment, found).await?;
    reports(snapshot, chain, found).await
}

async fn records(snapshot: &mut Snapshot, chain: &Chain<'_>, found: &mut Comparison) -> Result<(), IndexerError> {
    struct Row {
        registry: Addr,
        account: Addr,
        level: i16,
        jurisdiction: i32,
        accredited: bool,
        expiry: Amount,
        frozen: bool,
        sanctioned: bool,
        issuer: Addr,
        nonce: Amount,
    }
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT registry AS "registry: Addr", account AS "account: Addr", level, jurisdiction, accredited, expiry AS "expiry: Amount", frozen,
                  sanctioned, issuer AS "issuer: Addr", nonce AS "nonce: Amount"
           FROM kyc_records ORDER BY registry, account"#
    )
    .fetch_all(snapshot.connection())
    .await
    .map_err(db)?;
    found.counted(rows.len(), "KYC records");
    let call = |row: &Row| (row.registry, Kyc::recordOfCall { account: row.account.0 });
    let (mut flags, mut nonces) = (Vec::new(), Vec::new());
    for (row, chain) in chain.for_each_at(rows, call).await? {
        let what = format!("KYC record of {} in {}", row.account, row.registry);
        found.same(format!("{what}: level"), row.level, i16::from(chain.level));
        found.same(format!("{what}: jurisdiction"), row.jurisdiction, i32::from(chain.jurisdiction));
        found.same(format!("{what}: accredited"), row.accredited, chain.accredited);
        found.same(format!("{what}: expiry"), row.expiry, Amount::from(chain.expiry));
        found.same(format!("{what}: frozen"), row.frozen, chain.frozen);
        found.same(format!("{what}: issuer"), row.issuer, chain.issuer.into());
        flags.push((row.registry, row.account, row.sanctioned));
        nonces.push((row.registry, row.account, row.nonce));
    }
    let call = |row: &(Addr, Addr, bool)| (row.0, Kyc::isSanctionedCall { account: row.1.0 });
    for ((_, account, sanctioned), chain) in chain.for_each_at(flags, call).await? {
        found.same(format!("KYC record of {account}: sanctioned"), sanctioned, chain);
    }
    let call = |row: &(Addr, Addr, Amount)| (row.0, Kyc::noncesCall { account: row.1.0 });
    for ((_, account, nonce), chain) in chain.for_each_at(nonces, call).await? {
        found.same(format!("KYC record of {account}: nonce"), nonce, Amount(chain));
    }
    Ok(())
}

async fn agents(snapshot: &mut Snapshot, chain: &Chain<'_>, found: &mut Comparison) -> Result<(), IndexerError> {
    let rows = sqlx::query!(
        r#"SELECT registry AS "registry: Addr", agent AS "agent: Addr", active FROM kyc_agents ORDER BY registry, agent"#
    )
    .fetch_all(snapshot.connection())
    .await
    .map_err(db)?;
    found.counted(rows.len(), "KYC agents");
    let rows: Vec<_> = rows.into_iter().map(|row| (row.registry, row.agent, row.active)).collect();
    let call = |row: &(Addr, Addr, bool)| (row.0, Access::hasRoleCall { role: role("AGENT_ROLE"), account: row.1.0 });
    for ((_, agent, active), chain) in chain.for_each_at(rows, call).await? {
        found.same(format!("KYC agent {agent}"), active, chain);
    }
    Ok(())
}

async fn issuers(snapshot: &mut Snapshot, chain: &Chain<'_>, found: &mut Comparison) -> Result<(), IndexerError> {
    let rows = sqlx::query!(
        r#"SELECT registry AS "registry: Addr", issuer AS "issuer: Addr", trusted FROM kyc_issuers ORDER BY registry, issuer"#
    )
    .fetch_all(snapshot.connection())
    .await
    .map_err(db)?;
    found.counted(rows.len(), "KYC issuers");
    let rows: Vec<_> = rows.into_iter().map(|row| (row.registry, row.issuer, row.trusted)).collect();
    let call = |row: &(Addr, Addr, bool)| (row.0, Kyc::isTrustedIssuerCall { issuer: row.1.0 });
    for ((_, issuer, trusted), chain) in chain.for_each_at(rows, call).await? {
        found.same(format!("KYC issuer {issuer}"), trusted, chain);
    }
    Ok(())
}

async fn datasets(
    snapshot: &mut Snapshot,
    chain: &Chain<'_>,
    deployment: &Deployment,
    found: &mut Comparison,
) -> Result<(), IndexerError> {
    #[derive(Clone)]
    struct Row {
        dataset: Hash,
        creator: Addr,
        latest_version: i64,
        pool: Option<Addr>,
        card: Option<Hash>,
    }
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT dataset AS "dataset: Hash", creator AS "creator: Addr", latest_version, pool AS "pool: Addr",
                  card AS "card: Hash"
           FROM datasets ORDER BY dataset"#
    )
    .fetch_all(snapshot.connection())
    .await
    .map_err(db)?;
    found.counted(rows.len(), "datasets");
    let call = |row: &Row| Manifests::datasetOfCall { dataset: row.dataset.0 };
    for (row, chain) in chain.for_each(deployment.manifests, rows.clone(), call).await? {
        let what = format!("dataset {}", row.dataset);
        found.same(format!("{what}: creator"), row.creator, chain.creator.into());
        found.same(format!("{what}: latest version"), row.latest_version, i64::from(chain.latestVersion));
    }
    let call = |row: &Row| Manifests::poolOfCall { dataset: row.dataset.0 };
    for (row, theirs) in chain.for_each(deployment.manifests, rows.clone(), call).await? {
        found.same(format!("dataset {}: pool", row.dataset), row.pool.unwrap_or_default(), theirs.into());
    }
    let call = |row: &Row| Manifests::datasetCardOfCall { dataset: row.dataset.0 };
    for (row, theirs) in chain.for_each(deployment.manifests, rows, call).await? {
        found.same(format!("dataset {}: card", row.dataset), row.card.unwrap_or_default(), theirs.into());
    }
    Ok(())
}

async fn versions(
    snapshot: &mut Snapshot,
    chain: &Chain<'_>,
    deployment: &Deployment,
    found: &mut Comparison,
) -> Result<(), IndexerError> {
    struct Row {
        dataset: Hash,
        version: i64,
        manifest_hash: Hash,
        licence_hash: Hash,
        registered_at: i64,
        first: bool,
        state: String,
        closed_at: Option<i64>,
        replaced_by: i64,
    }
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT dataset AS "dataset: Hash", version, manifest_hash AS "manifest_hash: Hash",
                  licence_hash AS "licence_hash: Hash", registered_at, first, state,
                  closed_at, replaced_by
           FROM dataset_versions ORDER BY dataset, version"#
    )
    .fetch_all(snapshot.connection())
    .await
    .map_err(db)?;
    found.counted(rows.len(), "dataset versions");
    let call = |row: &Row| Manifests::versionOfCall { dataset: row.dataset.0, version: narrow(row.version) };
    let (mut firsts, mut states) = (Vec::new(), Vec::new());
    for (row, chain) in chain.for_each(deployment.manifests, rows, call).await? {
        let what = format!("dataset {} version {}", row.dataset, row.version);
        found.same(format!("{what}: manifest"), row.manifest_hash, chain.manifestHash.into());
        found.same(format!("{what}: licence"), row.licence_hash, chain.licenceHash.into());
        found.same(format!("{what}: time"), wide(row.registered_at), chain.registeredAt);
        if row.first {
            firsts.push((row.manifest_hash, row.dataset));
        }
        states.push(row);
    }
    let call = |row: &Row| Manifests::statusOfCall { dataset: row.dataset.0, version: narrow(row.version) };
    for (row, theirs) in chain.for_each(deployment.manifests, states, call).await? {
        let what = format!("dataset {} version {}", row.dataset, row.version);
        let state = ["unknown", "registered", "withdrawn", "redacted"].get(usize::from(theirs.state));
        found.same(format!("{what}: state"), row.state.as_str(), state.copied().unwrap_or("unknown"));
        found.same(format!("{what}: closed"), wide(row.closed_at.unwrap_or(0)), theirs.closedAt);
        found.same(format!("{what}: replaced by"), row.replaced_by, i64::from(theirs.replacedBy));
    }
    let call = |(manifest, _): &(Hash, Hash)| Manifests::firstOfCall { manifestHash: manifest.0 };
    for ((manifest, dataset), chain) in chain.for_each(deployment.manifests, firsts, call).await? {
        found.same(format!("first dataset with manifest {manifest}"), dataset, chain.dataset.into());
    }
    Ok(())
}

async fn ingestions(
    snapshot: &mut Snapshot,
    chain: &Chain<'_>,
    deployment: &Deployment,
    found: &mut Comparison,
) -> Result<(), IndexerError> {
    struct Row {
        platform: Addr,
        run: Hash,
        model: Hash,
        digest: Hash,
        epochs: i64,
        recorded_at: i64,
        entries: i64,
    }
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT platform AS "platform: Addr", run AS "run: Hash", model AS "model: Hash", digest AS "digest: Hash", epochs,
                  recorded_at, cardinality(datasets)::bigint AS "entries!"
           FROM ingestions ORDER BY platform, run"#
    )
    .fetch_all(snapshot.connection())
    .await
    .map_err(db)?;
    found.counted(rows.len(), "training runs");
    let call = |row: &Row| Manifests::ingestionOfCall { platform: row.platform.0, run: row.run.0 };
    for (row, theirs) in chain.for_each(deployment.manifests, rows, call).await? {
        let what = format!("run {} of {}", row.run, row.platform);
        found.same(format!("{what}: model"), row.model, theirs.model.into());
        found.same(format!("{what}: digest"), row.digest, theirs.digest.into());
        found.same(format!("{what}: epochs"), row.epochs, i64::from(theirs.epochs));
        found.same(format!("{what}: time"), wide(row.recorded_at), theirs.recordedAt);
        found.same(format!("{what}: datasets"), row.entries, i64::from(theirs.entries));
    }
    Ok(())
}

#[derive(Clone)]
struct ReportRow {
    registry: Addr,
    revision: i64,
    phase: i16,
    until: i64,
    window_left: i64,
    disputes: i16,
    pool: Addr,
    stream: Hash,
    period: i64,
    report_hash: Hash,
    weights_root: Hash,
    posted_at: i64,
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
    sqlx::query_as!(
        StreamEnd,
        r#"SELECT DISTINCT ON (registry, pool, stream) registry AS "registry: Addr", pool AS "pool: Addr",
                  stream AS "stream: Hash", max(period) OVER (PARTITION BY registry, pool, stream) AS "period!", report_hash AS "report_hash: Hash",
                  log_size AS "log_size: Amount"
           FROM reports ORDER BY registry, pool, stream, block DESC, event_index DESC"#
    )
    .fetch_all(connection)
    .await
}

async fn reports(snapshot: &mut Snapshot, chain: &Chain<'_>, found: &mut Comparison) -> Result<(), IndexerError> {
    let rows = sqlx::query_as!(
        ReportRow,
        r#"SELECT registry AS "registry: Addr", revision, phase, until, window_left, disputes, pool AS "pool: Addr",
                  stream AS "stream: Hash", period, report_hash AS "report_hash: Hash",
                  weights_root AS "weights_root: Hash", posted_at
           FROM reports ORDER BY registry, pool, stream, period"#
    )
    .fetch_all(snapshot.connection())
    .await
    .map_err(db)?;
    found.counted(rows.len(), "reports");
    let call = |row: &ReportRow| {
        let (pool, stream, period) = (row.pool.0, row.stream.0, narrow(row.period));
        (row.registry, Attribution::reportOfCall { pool, stream, period })
    };
    let named =
        |row: &ReportRow| format!("report for period {} of stream {} in {}", row.period, row.stream, row.registry);
    for (row, chain) in chain.for_each_at(rows.clone(), call).await? {
        let what = named(&row);
        found.same(format!("{what}: hash"), row.report_hash, chain.reportHash.into());
        found.same(format!("{what}: weights root"), row.weights_root, chain.weightsRoot.into());
        found.same(format!("{what}: time"), wide(row.posted_at), chain.postedAt);
    }
    let call = |row: &ReportRow| {
        let (pool, stream, period) = (row.pool.0, row.stream.0, narrow(row.period));
        (row.registry, Attribution::disputeOfCall { pool, stream, period })
    };
    for (row, chain) in chain.for_each_at(rows.clone(), call).await? {
        let what = named(&row);
        found.same(format!("{what}: phase"), row.phase, i16::from(chain.phase));
        found.same(format!("{what}: revision"), row.revision, i64::from(chain.revision));
        found.same(format!("{what}: until"), wide(row.until), chain.until);
        found.same(format!("{what}: disputes"), row.disputes, i16::from(chain.disputes));
    }
    let now = snapshot.now();
    let call = |row: &ReportRow| {
        let (pool, stream, period) = (row.pool.0, row.stream.0, narrow(row.period));
        (row.registry, Attribution::resultOfCall { pool, stream, period })
    };
    for (row, chain) in chain.for_each_at(rows, call).await? {
        let ours = standing(row.phase, row.until, row.window_left).state(now);
        found.same(format!("{}: state", named(&row)), ours as u8, chain.state);
    }
    let ends = stream_ends(snapshot.connection()).await.map_err(db)?;
    let call = |end: &StreamEnd| (end.registry, Attribution::latestCall { pool: end.pool.0, stream: end.stream.0 });
    for (row, chain) in chain.for_each_at(ends, call).await? {
        let what = format!("latest report of stream {} in {}", row.stream, row.registry);
        found.same(format!("{what}: period"), row.period, i64::from(chain.period));
        found.same(format!("{what}: hash"), row.report_hash, chain.reportHash.into());
        // Once a report is withdrawn the next log may be shorter than the last report's, never longer.
        found.same(format!("{what}: log size"), row.log_size, row.log_size.max(Amount::from(chain.logSize)));
    }
    Ok(())
}

/// Periods and versions of the chain have 32 bits.
fn narrow(number: i64) -> u32 {
    u32::try_from(number).unwrap_or(0)
}

/// Times of the chain have 64 bits.
fn wide(seconds: i64) -> u64 {
    u64::try_from(seconds).unwrap_or(0)
}
