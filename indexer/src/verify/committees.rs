//! The committees of attribution registries, and the audits of their reports.

use yieldset_chain::{Deployment, abi::Attribution};

use super::{Chain, Comparison, db};
use crate::{
    column::{Addr, Hash},
    error::IndexerError,
    snapshot::Snapshot,
};

pub(super) async fn compare(
    snapshot: &mut Snapshot,
    chain: &Chain<'_>,
    deployment: &Deployment,
    found: &mut Comparison,
) -> Result<(), IndexerError> {
    epochs(snapshot, chain, found).await?;
    let successors = sqlx::query_scalar!(
        r#"SELECT DISTINCT address AS "address: Addr" FROM successors WHERE contract = 'attribution'"#
    )
    .fetch_all(snapshot.connection())
    .await
    .map_err(db)?;
    let mut registries = vec![Addr::from(deployment.attribution)];
    registries.extend(successors.into_iter().filter(|address| address.0 != deployment.attribution));
    for registry in registries {
        in_office(snapshot, chain, registry, found).await?;
        proposed(snapshot, chain, registry, found).await?;
    }
    audits(snapshot, chain, found).await
}

fn text(keys: &[impl AsRef<[u8]>]) -> String {
    keys.iter().map(hex::encode).collect::<Vec<_>>().join(" ")
}

/// Every committee as it took office, with the keys that were revoked since.
async fn epochs(snapshot: &mut Snapshot, chain: &Chain<'_>, found: &mut Comparison) -> Result<(), IndexerError> {
    struct Row {
        registry: Addr,
        epoch: i64,
        threshold: i16,
        keys: Vec<Vec<u8>>,
        since: i64,
        revoked: Vec<Vec<u8>>,
    }
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT registry AS "registry: Addr", epoch, threshold, keys, since,
                  ARRAY(SELECT key FROM revoked_keys r WHERE r.registry = c.registry AND key = ANY (keys)
                        ORDER BY array_position(keys, key)) AS "revoked!"
           FROM committees c ORDER BY registry, epoch"#
    )
    .fetch_all(snapshot.connection())
    .await
    .map_err(db)?;
    found.counted(rows.len(), "committees");
    let call = |row: &Row| {
        let epoch = u32::try_from(row.epoch).unwrap_or(0);
        (row.registry, Attribution::committeeOfCall { epoch })
    };
    for (row, theirs) in chain.for_each_at(rows, call).await? {
        let what = format!("committee {} of {}", row.epoch, row.registry);
        found.same(format!("{what}: since"), row.since.unsigned_abs(), theirs.since);
        found.same(format!("{what}: threshold"), row.threshold, i16::from(theirs.threshold));
        found.same(format!("{what}: keys"), text(&row.keys), text(&theirs.keys));
        let revoked = theirs
            .keys
            .iter()
            .enumerate()
            .filter(|(at, _)| theirs.revoked.checked_shr(narrow(*at)).is_some_and(|bits| bits & 1 == 1));
        let revoked: Vec<_> = revoked.map(|(_, key)| key).collect();
        found.same(format!("{what}: revoked keys"), text(&row.revoked), text(&revoked));
    }
    Ok(())
}

/// A key's place among a committee's.
fn narrow(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}

/// The keys that can sign now.
async fn in_office(
    snapshot: &mut Snapshot,
    chain: &Chain<'_>,
    registry: Addr,
    found: &mut Comparison,
) -> Result<(), IndexerError> {
    let row = sqlx::query!(
        r#"SELECT epoch, threshold, ARRAY(SELECT key FROM unnest(keys) WITH ORDINALITY k (key, place) WHERE NOT EXISTS (
                      SELECT FROM revoked_keys r WHERE r.registry = c.registry AND r.key = k.key) ORDER BY place) AS "keys!"
           FROM committees c WHERE registry = $1 ORDER BY epoch DESC LIMIT 1"#,
        registry as _,
    )
    .fetch_optional(snapshot.connection())
    .await
    .map_err(db)?;
    let (epoch, threshold, keys) = row.map_or_else(Default::default, |row| (row.epoch, row.threshold, row.keys));
    let theirs = chain.read(registry.0, Attribution::committeeCall {}).await?;
    found.counted(theirs.keys.len(), "committee keys");
    found.same(format!("committee of {registry}: epoch"), epoch, i64::from(theirs.epoch));
    found.same(format!("committee of {registry}: threshold"), threshold, i16::from(theirs.threshold));
    found.same(format!("committee of {registry}: keys"), text(&keys), text(&theirs.keys));
    Ok(())
}

/// The committee that waits, or none.
async fn proposed(
    snapshot: &mut Snapshot,
    chain: &Chain<'_>,
    registry: Addr,
    found: &mut Comparison,
) -> Result<(), IndexerError> {
    let row = sqlx::query!(
        r#"SELECT effective_at, threshold, ARRAY(SELECT key FROM unnest(keys) WITH ORDINALITY k (key, place) WHERE NOT EXISTS (
                      SELECT FROM revoked_keys r WHERE r.registry = p.registry AND r.key = k.key) ORDER BY place) AS "keys!"
           FROM proposed_committees p WHERE registry = $1"#,
        registry as _,
    )
    .fetch_optional(snapshot.connection())
    .await
    .map_err(db)?;
    let (at, threshold, keys) = row.map_or_else(Default::default, |row| (row.effective_at, row.threshold, row.keys));
    let theirs = chain.read(registry.0, Attribution::proposedCommitteeCall {}).await?;
    let what = format!("proposed committee of {registry}");
    found.same(format!("{what}: from when on"), at.unsigned_abs(), theirs.effectiveAt);
    found.same(format!("{what}: threshold"), threshold, i16::from(theirs.threshold));
    found.same(format!("{what}: keys"), text(&keys), text(&theirs.keys));
    Ok(())
}

struct AuditRow {
    registry: Addr,
    report_hash: Hash,
    number: i64,
    audit_hash: Hash,
    samples: i64,
    max_deviation: i64,
    confidence: i64,
    auditor: Addr,
}

async fn audits(snapshot: &mut Snapshot, chain: &Chain<'_>, found: &mut Comparison) -> Result<(), IndexerError> {
    let rows = sqlx::query_as!(
        AuditRow,
        r#"SELECT registry AS "registry: Addr", report_hash AS "report_hash: Hash", number, audit_hash AS "audit_hash: Hash",
                  samples, max_deviation, confidence, auditor AS "auditor: Addr"
           FROM report_audits ORDER BY registry, report_hash, number"#
    )
    .fetch_all(snapshot.connection())
    .await
    .map_err(db)?;
    found.counted(rows.len(), "audits of reports");
    let call = |row: &AuditRow| {
        let index = u32::try_from(row.number).unwrap_or(0);
        (row.registry, Attribution::auditOfCall { reportHash: row.report_hash.0, index })
    };
    for (row, theirs) in chain.for_each_at(rows, call).await? {
        let what = format!("audit {} of report {}", row.number, row.report_hash);
        found.same(format!("{what}: document"), row.audit_hash, theirs.auditHash.into());
        found.same(format!("{what}: samples"), row.samples, i64::from(theirs.samples));
        found.same(format!("{what}: deviation"), row.max_deviation, i64::from(theirs.maxDeviation));
        found.same(format!("{what}: confidence"), row.confidence, i64::from(theirs.confidence));
        found.same(format!("{what}: auditor"), row.auditor, theirs.auditor.into());
    }
    Ok(())
}
