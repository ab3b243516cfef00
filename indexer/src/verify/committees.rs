//! The committees of registries of reports, and the audits of their reports.

use futures::TryStreamExt;
use yieldset_chain::abi::Attribution;

use super::{Chain, Comparison, db, each, narrow, text, wide};
use crate::{
    column::{Addr, Hash},
    error::IndexerError,
    snapshot::Snapshot,
};

pub(super) async fn compare(
    snapshot: &mut Snapshot,
    chain: &Chain<'_>,
    found: &mut Comparison,
) -> Result<(), IndexerError> {
    epochs(snapshot, chain, found).await?;
    in_office(snapshot, chain, found).await?;
    proposed(snapshot, chain, found).await?;
    audits(snapshot, chain, found).await
}

struct CommitteeRow {
    registry: Addr,
    epoch: i64,
    threshold: i16,
    keys: Vec<Vec<u8>>,
    since: i64,
    revoked: Vec<Vec<u8>>,
}

/// Every committee as it took office, with the keys that were revoked since. They are few, so all are compared.
async fn epochs(snapshot: &mut Snapshot, chain: &Chain<'_>, found: &mut Comparison) -> Result<(), IndexerError> {
    let rows = sqlx::query_as!(
        CommitteeRow,
        r#"SELECT registry AS "registry: Addr", epoch, threshold, keys, since,
                  ARRAY(SELECT key FROM revoked_keys r WHERE r.registry = c.registry AND key = ANY (keys)
                        ORDER BY array_position(keys, key)) AS "revoked!"
           FROM committees c ORDER BY registry, epoch"#
    )
    .fetch(snapshot.connection());
    let ask = |row: CommitteeRow| async move {
        let committee = chain.ask(row.registry, Attribution::committeeOfCall { epoch: narrow(row.epoch) }).await?;
        Ok::<_, IndexerError>((row, committee))
    };
    let count = each(rows, ask, |(row, committee)| {
        let what = format!("committee {} of {}", row.epoch, row.registry);
        found.about("attribution", row.registry);
        let Some(theirs) = found.answer(&what, committee) else { return };
        found.same(format!("{what}: since"), wide(row.since), theirs.since);
        found.same(format!("{what}: threshold"), row.threshold, i16::from(theirs.threshold));
        found.same(format!("{what}: keys"), text(&row.keys), text(&theirs.keys));
        let revoked = theirs
            .keys
            .iter()
            .enumerate()
            .filter(|(at, _)| theirs.revoked.checked_shr(place(*at)).is_some_and(|bits| bits & 1 == 1));
        let revoked: Vec<_> = revoked.map(|(_, key)| key).collect();
        found.same(format!("{what}: revoked keys"), text(&row.revoked), text(&revoked));
    })
    .await?;
    found.counted(count, "committees");
    Ok(())
}

/// A key's place among a committee's.
fn place(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}

/// The keys of every registry that can sign now.
async fn in_office(snapshot: &mut Snapshot, chain: &Chain<'_>, found: &mut Comparison) -> Result<(), IndexerError> {
    let mut rows = sqlx::query!(
        r#"SELECT address AS "registry!: Addr", coalesce(epoch, 0) AS "epoch!", coalesce(threshold, 0::smallint) AS "threshold!",
                  ARRAY(SELECT key FROM unnest(keys) WITH ORDINALITY k (key, place) WHERE NOT EXISTS (
                      SELECT FROM revoked_keys r WHERE r.registry = a.address AND r.key = k.key) ORDER BY place)
                      AS "keys!: Vec<Vec<u8>>"
           FROM contracts a LEFT JOIN LATERAL (
               SELECT epoch, threshold, keys FROM committees WHERE registry = a.address ORDER BY epoch DESC LIMIT 1) c ON TRUE
           WHERE kind = 'attribution' ORDER BY address"#
    )
    .fetch(snapshot.connection());
    while let Some(row) = rows.try_next().await.map_err(db)? {
        let what = format!("committee of {}", row.registry);
        found.about("attribution", row.registry);
        let committee = chain.ask(row.registry, Attribution::committeeCall {}).await?;
        let Some(theirs) = found.answer(&what, committee) else { continue };
        found.counted(theirs.keys.len(), "committee keys");
        found.same(format!("{what}: epoch"), row.epoch, i64::from(theirs.epoch));
        found.same(format!("{what}: threshold"), row.threshold, i16::from(theirs.threshold));
        found.same(format!("{what}: keys"), text(&row.keys), text(&theirs.keys));
    }
    Ok(())
}

/// The committee that waits, or none.
async fn proposed(snapshot: &mut Snapshot, chain: &Chain<'_>, found: &mut Comparison) -> Result<(), IndexerError> {
    let mut rows = sqlx::query!(
        r#"SELECT address AS "registry!: Addr", coalesce(effective_at, 0) AS "effective_at!",
                  coalesce(threshold, 0::smallint) AS "threshold!",
                  ARRAY(SELECT key FROM unnest(keys) WITH ORDINALITY k (key, place) WHERE NOT EXISTS (
                      SELECT FROM revoked_keys r WHERE r.registry = a.address AND r.key = k.key) ORDER BY place)
                      AS "keys!: Vec<Vec<u8>>"
           FROM contracts a LEFT JOIN proposed_committees p ON p.registry = a.address
           WHERE kind = 'attribution' ORDER BY address"#
    )
    .fetch(snapshot.connection());
    while let Some(row) = rows.try_next().await.map_err(db)? {
        let what = format!("proposed committee of {}", row.registry);
        found.about("attribution", row.registry);
        let committee = chain.ask(row.registry, Attribution::proposedCommitteeCall {}).await?;
        let Some(theirs) = found.answer(&what, committee) else { continue };
        found.same(format!("{what}: from when on"), wide(row.effective_at), theirs.effectiveAt);
        found.same(format!("{what}: threshold"), row.threshold, i16::from(theirs.threshold));
        found.same(format!("{what}: keys"), text(&row.keys), text(&theirs.keys));
    }
    Ok(())
}

struct AuditRow {
    registry: Addr,
    report_hash: Hash,
    number: i64,
    audit_hash: Hash,
    seed: Hash,
    samples: i64,
    max_deviation: i64,
    confidence: i64,
    auditor: Addr,
    posted_at: i64,
}

async fn audits(snapshot: &mut Snapshot, chain: &Chain<'_>, found: &mut Comparison) -> Result<(), IndexerError> {
    let rows = sqlx::query_as!(
        AuditRow,
        r#"SELECT registry AS "registry: Addr", report_hash AS "report_hash: Hash", number, audit_hash AS "audit_hash: Hash",
                  seed AS "seed: Hash", samples, max_deviation, confidence, auditor AS "auditor: Addr", posted_at
           FROM report_audits WHERE valid_from > $1 ORDER BY registry, report_hash, number"#,
        chain.since,
    )
    .fetch(snapshot.connection());
    let ask = |row: AuditRow| async move {
        let call = Attribution::auditOfCall { reportHash: row.report_hash.0, index: narrow(row.number) };
        let audit = chain.ask(row.registry, call).await?;
        Ok::<_, IndexerError>((row, audit))
    };
    let count = each(rows, ask, |(row, audit)| {
        let what = format!("audit {} of report {} in {}", row.number, row.report_hash, row.registry);
        found.about("attribution", row.registry);
        let Some(theirs) = found.answer(&what, audit) else { return };
        found.same(format!("{what}: document"), row.audit_hash, theirs.auditHash.into());
        found.same(format!("{what}: seed"), row.seed, theirs.seed.into());
        found.same(format!("{what}: samples"), row.samples, i64::from(theirs.samples));
        found.same(format!("{what}: deviation"), row.max_deviation, i64::from(theirs.maxDeviation));
        found.same(format!("{what}: confidence"), row.confidence, i64::from(theirs.confidence));
        found.same(format!("{what}: auditor"), row.auditor, theirs.auditor.into());
        found.same(format!("{what}: time"), wide(row.posted_at), theirs.postedAt);
    })
    .await?;
    found.counted(count, "audits of reports");
    Ok(())
}
