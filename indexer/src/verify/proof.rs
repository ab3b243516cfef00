//! What licences' usage is proven by: the agreed terms, the keys of usage logs, and the checkpoints on chain.

use alloy_primitives::keccak256;
use yieldset_chain::{B256, SolValue, abi::Licence};
use yieldset_rules::licence::usage_log::checkpoint_id;

use super::{
    Chain, Comparison, each,
    licences::{numbered, record},
    text, wide,
};
use crate::{
    column::{Addr, Amount, Hash, storable},
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
    anchors(snapshot, chain, found).await
}

struct TermsRow {
    contract: Addr,
    licence: Hash,
    option: i64,
    figures: String,
    milestones: String,
}

/// Of every licence that was accepted.
async fn terms(snapshot: &mut Snapshot, chain: &Chain<'_>, found: &mut Comparison) -> Result<(), IndexerError> {
    let rows = sqlx::query_as!(
        TermsRow,
        r#"SELECT l.contract AS "contract!: Addr", l.licence AS "licence!: Hash",
                  coalesce(terms_option, 0)::bigint AS "option!",
                  concat_ws(' ', encode(metric, 'hex'), threshold, residual_bps, gross_base, infrastructure_cap_bps,
                      taxes_cap_bps, per_thousand_tokens, per_call, floor, ceiling, guarantee, t.escrow, funding_days,
                      term_months, exclusive_months, training_months, report_days, payment_days, grace_days, late_bps, notice_days,
                      cure_days, deletion_days, redaction_days, audit_fee_cap, audit_expenses_cap, prohibited_uses,
                      sublicensing, platform_may_leave, licensor_may_leave, false_discovery_bps, late_record_days,
                      call_tokens, common_from) AS "figures!",
                  coalesce((SELECT string_agg(concat_ws(' ', amount, encode(m.document, 'hex'), to_pool), ', ' ORDER BY milestone)
                            FROM milestones m WHERE m.contract = l.contract AND m.licence = l.licence), '') AS "milestones!"
           FROM licences l LEFT JOIN licence_terms t ON t.contract = l.contract AND t.licence = l.licence
           WHERE terms_option IS NOT NULL AND greatest(l.valid_from, t.valid_from) > $1 ORDER BY l.contract, l.licence"#,
        chain.since,
    )
    .fetch(snapshot.connection());
    let ask = |row: TermsRow| async move {
        let call = Licence::recordOfCall { licence: row.licence.0, record: b'O', which: numbered(row.option) };
        let words = chain.ask(row.contract, call).await?;
        Ok::<_, IndexerError>((row, words))
    };
    let count = each(rows, ask, |(row, words)| {
        let what = format!("licence {} of {}", row.licence, row.contract);
        found.about("licence", row.contract);
        let Some(words) = found.answer(format!("{what}: terms"), words) else { return };
        let terms = words.get(..TERMS_WORDS).unwrap_or_default();
        let milestones = words.get(TERMS_WORDS..).unwrap_or_default();
        let theirs = Licence::Terms::abi_decode(&terms.concat()).map_or_else(|error| error.to_string(), figures);
        found.same(format!("{what}: terms"), row.figures, theirs);
        let agreed = milestones.chunks(MILESTONE_WORDS).map(|words| {
            let milestone = Licence::Milestone::abi_decode(&words.concat());
            milestone.map_or_else(
                |error| error.to_string(),
                |agreed| format!("{} {} {}", agreed.amount, hex::encode(agreed.document), letter(agreed.toPool)),
            )
        });
        let agreed: Vec<_> = agreed.collect();
        found.same(format!("{what}: milestones"), row.milestones, agreed.join(", "));
    })
    .await?;
    found.counted(count, "agreed terms");
    Ok(())
}

/// Words of an option's terms; those of its milestones follow.
const TERMS_WORDS: usize = 36;
/// Words of a milestone.
const MILESTONE_WORDS: usize = 3;

/// As Postgres writes it.
const fn letter(flag: bool) -> &'static str {
    if flag { "t" } else { "f" }
}

/// Terms in the order of the columns.
fn figures(terms: Licence::Terms) -> String {
    let Licence::Terms { price, times, rights, usage } = terms;
    let figures: [&dyn std::fmt::Display; 34] = [
        &hex::encode(price.metric),
        &price.threshold,
        &price.residualBps,
        &letter(price.grossBase),
        &price.infrastructureCapBps,
        &price.taxesCapBps,
        &price.perThousandTokens,
        &price.perCall,
        &price.floor,
        &price.ceiling,
        &price.guarantee,
        &price.escrow,
        &price.fundingDays,
        &times.termMonths,
        &times.exclusiveMonths,
        &times.trainingMonths,
        &times.report,
        &times.payment,
        &times.grace,
        &times.lateBps,
        &times.notice,
        &times.cure,
        &times.deletion,
        &times.redaction,
        &rights.auditFeeCap,
        &rights.auditExpensesCap,
        &rights.prohibited,
        &letter(rights.sublicensing),
        &letter(rights.platformMayLeave),
        &letter(rights.licensorMayLeave),
        &usage.falseDiscoveryBps,
        &usage.lateRecordDays,
        &usage.callTokens,
        &usage.commonFrom,
    ];
    figures.map(|figure| figure.to_string()).join(" ")
}

struct EpochRow {
    contract: Addr,
    licence: Hash,
    epoch: i64,
    key: Hash,
    origin: String,
    witnesses: Vec<Vec<u8>>,
    since: i64,
}

/// Every epoch of every usage log.
async fn epochs(snapshot: &mut Snapshot, chain: &Chain<'_>, found: &mut Comparison) -> Result<(), IndexerError> {
    let rows = sqlx::query_as!(
        EpochRow,
        r#"SELECT contract AS "contract: Addr", licence AS "licence: Hash", epoch, key AS "key: Hash", origin, witnesses, since
           FROM usage_logs WHERE valid_from > $1 ORDER BY contract, licence, epoch"#,
        chain.since,
    )
    .fetch(snapshot.connection());
    let ask = |row: EpochRow| async move {
        let (key, which) = ((row.contract, row.licence), numbered(row.epoch));
        let log = record(chain, key, (b'G', which), |words| Licence::UsageLog::abi_decode_sequence(words)).await?;
        Ok::<_, IndexerError>((row, log))
    };
    let count = each(rows, ask, |(row, log)| {
        let what = format!("licence {} of {}, usage log of epoch {}", row.licence, row.contract, row.epoch);
        found.about("licence", row.contract);
        let Some(theirs) = found.answer(&what, log) else { return };
        found.same(format!("{what}: key"), row.key, theirs.key.into());
        found.same(format!("{what}: origin"), row.origin, storable(&theirs.origin));
        found.same(format!("{what}: witnesses"), text(&row.witnesses), text(&theirs.witnesses));
        found.same(format!("{what}: since"), wide(row.since), theirs.since);
    })
    .await?;
    found.counted(count, "epochs of usage logs");
    Ok(())
}

/// The latest epoch of every licence, zero where none was set: no epoch is missing here.
async fn latest(snapshot: &mut Snapshot, chain: &Chain<'_>, found: &mut Comparison) -> Result<(), IndexerError> {
    struct Row {
        contract: Addr,
        licence: Hash,
        latest: i64,
    }
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT contract AS "contract: Addr", licence AS "licence: Hash",
                  (SELECT coalesce(max(epoch), 0) FROM usage_logs u WHERE u.contract = l.contract AND u.licence = l.licence)
                      AS "latest!"
           FROM licences l ORDER BY contract, licence"#
    )
    .fetch(snapshot.connection());
    let ask = |row: Row| async move {
        let call = Licence::recordOfCall { licence: row.licence.0, record: b'G', which: B256::ZERO };
        let words = chain.ask(row.contract, call).await?;
        Ok::<_, IndexerError>((row, words))
    };
    each(rows, ask, |(row, words)| {
        found.about("licence", row.contract);
        let what = format!("licence {} of {}: latest epoch of its usage log", row.licence, row.contract);
        found.told(what, row.latest, words, |words| {
            Licence::UsageLog::abi_decode_sequence(&words.concat()).map_or(0, |log| i64::from(log.epoch))
        });
    })
    .await?;
    Ok(())
}

struct AnchorRow {
    contract: Addr,
    licence: Hash,
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
        r#"SELECT contract AS "contract: Addr", licence AS "licence: Hash", origin, epoch, size AS "size: Amount",
                  root AS "root: Hash", anchored_at, block
           FROM anchors WHERE valid_from > $1 ORDER BY contract, licence, epoch, size"#,
        chain.since,
    )
    .fetch(snapshot.connection());
    let ask = |row: AnchorRow| async move {
        let size = row.size.to_u64().unwrap_or(u64::MAX);
        let id = checkpoint_id(row.origin.as_bytes(), size, |bytes| keccak256(bytes).0);
        let anchor = record(chain, (row.contract, row.licence), (b'H', id.into()), Licence::Anchor::abi_decode).await?;
        Ok::<_, IndexerError>((row, anchor))
    };
    let count = each(rows, ask, |(row, anchor)| {
        let AnchorRow { licence, contract, origin, size, .. } = &row;
        let what = format!("licence {licence} of {contract}, checkpoint of {origin} at {size}");
        found.about("licence", row.contract);
        let Some(theirs) = found.answer(&what, anchor) else { return };
        found.same(format!("{what}: root"), row.root, theirs.root.into());
        found.same(format!("{what}: epoch"), row.epoch, i64::from(theirs.epoch));
        found.same(format!("{what}: time"), wide(row.anchored_at), theirs.at);
        found.same(format!("{what}: block"), row.block, i64::from(theirs.block));
    })
    .await?;
    found.counted(count, "anchored checkpoints");
    Ok(())
}
