//! What licences' usage is proven by, and how many audits, sublicences and redactions there are.

use alloy_primitives::keccak256;
use yieldset_chain::{B256, SolValue, U256, abi::Licence};
use yieldset_rules::licence::usage_log::checkpoint_id;

use super::{Chain, Comparison, db};
use crate::{
    column::{Addr, Amount, Hash},
    error::IndexerError,
    snapshot::Snapshot,
};

pub(super) async fn compare(
    snapshot: &mut Snapshot,
    chain: &Chain<'_>,
    found: &mut Comparison,
) -> Result<(), IndexerError> {
    terms(snapshot, chain, found).await?;
    epochs(snapshot, chain, found).await?;
    latest(snapshot, chain, found).await?;
    anchors(snapshot, chain, found).await?;
    counts(snapshot, chain, found).await
}

/// The question for a record of a licence.
fn record(licence: Hash, record: u8, which: B256) -> Licence::recordOfCall {
    Licence::recordOfCall { licence: licence.0, record, which }
}

fn numbered(number: i64) -> B256 {
    U256::from(number.unsigned_abs()).into()
}

/// Of every licence that was accepted.
async fn terms(snapshot: &mut Snapshot, chain: &Chain<'_>, found: &mut Comparison) -> Result<(), IndexerError> {
    struct Row {
        licence: Hash,
        contract: Addr,
        option: Option<i16>,
        figures: Option<String>,
    }
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT l.licence AS "licence: Hash", contract AS "contract: Addr", terms_option AS option,
                  concat_ws(' ', encode(metric, 'hex'), threshold, residual_bps, per_thousand_tokens, per_call, floor, ceiling,
                      guarantee, term_months, false_discovery_bps, late_record_days, call_tokens, common_from) AS figures
           FROM licences l LEFT JOIN licence_terms t USING (licence) WHERE terms_option IS NOT NULL ORDER BY l.licence"#
    )
    .fetch_all(snapshot.connection())
    .await
    .map_err(db)?;
    found.counted(rows.len(), "agreed terms");
    let call = |row: &Row| (row.contract, record(row.licence, b'O', numbered(row.option.unwrap_or(0).into())));
    for (row, words) in chain.for_each_at(rows, call).await? {
        let words = words.get(..36).map(|words| words.concat()).unwrap_or_default();
        let theirs = Licence::Terms::abi_decode(&words).ok().map(|Licence::Terms { price, times, usage, .. }| {
            let metric = hex::encode(price.metric);
            let money = [price.perThousandTokens, price.perCall, price.floor, price.ceiling, price.guarantee];
            let [per_thousand, per_call, floor, ceiling, guarantee] = money;
            format!(
                "{metric} {} {} {per_thousand} {per_call} {floor} {ceiling} {guarantee} {} {} {} {} {}",
                price.threshold,
                price.residualBps,
                times.termMonths,
                usage.falseDiscoveryBps,
                usage.lateRecordDays,
                usage.callTokens,
                usage.commonFrom
            )
        });
        let (ours, theirs) = (row.figures.unwrap_or_default(), theirs.unwrap_or_default());
        found.same(format!("licence {}: terms", row.licence), ours, theirs);
    }
    Ok(())
}

struct Epoch {
    licence: Hash,
    contract: Addr,
    epoch: i64,
    key: Hash,
    origin: String,
    witnesses: Vec<Vec<u8>>,
    since: i64,
}

/// Every epoch of every usage log.
async fn epochs(snapshot: &mut Snapshot, chain: &Chain<'_>, found: &mut Comparison) -> Result<(), IndexerError> {
    let rows = sqlx::query_as!(
        Epoch,
        r#"SELECT licence AS "licence: Hash", contract AS "contract: Addr", epoch, key AS "key: Hash", origin, witnesses, since
           FROM usage_logs JOIN licences USING (licence) ORDER BY licence, epoch"#
    )
    .fetch_all(snapshot.connection())
    .await
    .map_err(db)?;
    found.counted(rows.len(), "epochs of usage logs");
    let call = |row: &Epoch| (row.contract, record(row.licence, b'G', numbered(row.epoch)));
    for (row, words) in chain.for_each_at(rows, call).await? {
        let what = format!("licence {}, usage log of epoch {}", row.licence, row.epoch);
        let theirs = Licence::UsageLog::abi_decode_sequence(&words.concat());
        found.holds(format!("{what}: its form"), theirs.is_ok());
        let Ok(theirs) = theirs else { continue };
        found.same(format!("{what}: key"), row.key, theirs.key.into());
        found.same(format!("{what}: origin"), row.origin, theirs.origin);
        let witnesses = theirs.witnesses.iter().map(hex::encode).collect::<Vec<_>>().join(" ");
        let ours = row.witnesses.iter().map(hex::encode).collect::<Vec<_>>().join(" ");
        found.same(format!("{what}: witnesses"), ours, witnesses);
        found.same(format!("{what}: since"), row.since.unsigned_abs(), theirs.since);
    }
    Ok(())
}

/// The latest epoch of every licence, zero where none was set: no epoch is missing here.
async fn latest(snapshot: &mut Snapshot, chain: &Chain<'_>, found: &mut Comparison) -> Result<(), IndexerError> {
    let rows = sqlx::query!(
        r#"SELECT licence AS "licence: Hash", contract AS "contract: Addr",
                  (SELECT coalesce(max(epoch), 0) FROM usage_logs u WHERE u.licence = l.licence) AS "latest!"
           FROM licences l ORDER BY licence"#
    )
    .fetch_all(snapshot.connection())
    .await
    .map_err(db)?;
    let rows: Vec<_> = rows.into_iter().map(|row| (row.licence, row.contract, row.latest)).collect();
    let call = |row: &(Hash, Addr, i64)| (row.1, record(row.0, b'G', B256::ZERO));
    for ((licence, _, latest), words) in chain.for_each_at(rows, call).await? {
        let theirs = Licence::UsageLog::abi_decode_sequence(&words.concat()).map_or(0, |log| log.epoch);
        found.same(format!("licence {licence}: latest epoch of its usage log"), latest, i64::from(theirs));
    }
    Ok(())
}

struct AnchorRow {
    licence: Hash,
    contract: Addr,
    origin: String,
    epoch: i64,
    size: Amount,
    root: Hash,
    anchored_at: i64,
    block: i64,
}

async fn anchors(snapshot: &mut Snapshot, chain: &Chain<'_>, found: &mut Comparison) -> Result<(), IndexerError> {
    let rows = sqlx::query_as!(
        AnchorRow,
        r#"SELECT a.licence AS "licence: Hash", contract AS "contract: Addr", origin, a.epoch, size AS "size: Amount",
                  root AS "root: Hash", anchored_at, a.block
           FROM anchors a JOIN usage_logs u ON u.licence = a.licence AND u.epoch = a.epoch
             JOIN licences l ON l.licence = a.licence ORDER BY a.licence, a.epoch, size"#
    )
    .fetch_all(snapshot.connection())
    .await
    .map_err(db)?;
    found.counted(rows.len(), "anchored checkpoints");
    let call = |row: &AnchorRow| {
        let size = row.size.to_u64().unwrap_or(u64::MAX);
        let id = checkpoint_id(row.origin.as_bytes(), size, |bytes| keccak256(bytes).0);
        (row.contract, record(row.licence, b'H', id.into()))
    };
    for (row, words) in chain.for_each_at(rows, call).await? {
        let what = format!("licence {}, checkpoint of {} at {}", row.licence, row.origin, row.size);
        let theirs = Licence::Anchor::abi_decode(&words.concat());
        found.holds(format!("{what}: its form"), theirs.is_ok());
        let Ok(theirs) = theirs else { continue };
        found.same(format!("{what}: root"), row.root, theirs.root.into());
        found.same(format!("{what}: epoch"), row.epoch, i64::from(theirs.epoch));
        found.same(format!("{what}: time"), row.anchored_at.unsigned_abs(), theirs.at);
        found.same(format!("{what}: block"), row.block, i64::from(theirs.block));
    }
    Ok(())
}

/// The events of a licence are all here: its numbers of audits, sublicences and redactions are the contract's.
async fn counts(snapshot: &mut Snapshot, chain: &Chain<'_>, found: &mut Comparison) -> Result<(), IndexerError> {
    let rows = sqlx::query!(
        r#"SELECT l.licence AS "licence: Hash", l.contract AS "contract: Addr",
                  count(*) FILTER (WHERE kind = 'AuditRequested') AS "audits!",
                  count(*) FILTER (WHERE kind = 'SublicenceRecorded') AS "sublicences!",
                  count(*) FILTER (WHERE kind = 'RedactionRequested') AS "redactions!"
           FROM licences l JOIN licence_events e ON e.licence = l.licence
             JOIN journal j ON j.block = e.block AND j.event_index = e.event_index
           GROUP BY l.licence ORDER BY l.licence"#
    )
    .fetch_all(snapshot.connection())
    .await
    .map_err(db)?;
    let rows: Vec<_> = rows
        .into_iter()
        .map(|row| (row.licence, row.contract, [row.audits, row.sublicences, row.redactions]))
        .collect();
    let call = |row: &(Hash, Addr, [i64; 3])| (row.1, record(row.0, b'N', B256::ZERO));
    for ((licence, _, [audits, sublicences, redactions]), words) in chain.for_each_at(rows, call).await? {
        let Ok(theirs) = Licence::Counts::abi_decode(&words.concat()) else { continue };
        found.same(format!("licence {licence}: audits"), audits, i64::from(theirs.audits));
        found.same(format!("licence {licence}: sublicences"), sublicences, i64::from(theirs.sublicences));
        found.same(format!("licence {licence}: redactions"), redactions, i64::from(theirs.redactions));
    }
    Ok(())
}
