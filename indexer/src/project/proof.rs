//! What a licence's usage is proven by: the accepted terms, the keys of its usage log, and the checkpoints that stand
//! on chain.

use yieldset_chain::{
    B256, SolValue,
    abi::Licence::{CheckpointAnchored, Milestone as MilestoneTerms, Terms, UsageLogSet},
};
use yieldset_rules::licence::usage_log;

use super::{
    Applying,
    licences::{Milestone, key, known},
};
use crate::{
    column::{Addr, Amount, Hash},
    error::IndexerError,
    rows::versioned,
};

/// Words of an option's terms; those of its milestones follow.
const TERMS_WORDS: usize = 36;

/// Words of a milestone.
const MILESTONE_WORDS: usize = 3;

versioned! {
    /// What was agreed on. No event tells it: it is read from the contract with the acceptance.
    LicenceTerms in "licence_terms" {
        contract: Addr,
        licence: Hash;
        metric: Hash,
        threshold: i64,
        residual_bps: i32,
        gross_base: bool,
        infrastructure_cap_bps: i32,
        taxes_cap_bps: i32,
        per_thousand_tokens: Amount,
        per_call: Amount,
        floor: Amount,
        ceiling: Amount,
        guarantee: Amount,
        escrow: Amount,
        funding_days: i32,
        term_months: i32,
        exclusive_months: i32,
        training_months: i32,
        report_days: i32,
        payment_days: i32,
        grace_days: i32,
        late_bps: i32,
        notice_days: i32,
        cure_days: i32,
        deletion_days: i32,
        redaction_days: i32,
        audit_fee_cap: Amount,
        audit_expenses_cap: Amount,
        prohibited_uses: i64,
        sublicensing: bool,
        platform_may_leave: bool,
        licensor_may_leave: bool,
        false_discovery_bps: i32,
        late_record_days: i32,
        call_tokens: i64,
        common_from: i32,
    }
}

versioned! {
    /// The keys that prove a licence's usage from a second on.
    UsageLog in "usage_logs" {
        contract: Addr,
        licence: Hash,
        epoch: i64;
        key: Vec<u8>,
        origin: String,
        witnesses: Vec<Vec<u8>>,
        since: i64,
    }
}

versioned! {
    /// A checkpoint of a licence's usage log that stands on chain.
    Anchor in "anchors" {
        contract: Addr,
        licence: Hash,
        origin: String,
        size: Amount;
        epoch: i64,
        root: Hash,
        anchored_at: i64,
    }
}

/// Of a contract that does not answer as ours do there are none.
pub(super) async fn terms(applying: &mut Applying<'_>, licence: B256) -> Result<(), IndexerError> {
    let Some((terms, milestones)) = applying.answers.terms.as_deref().and_then(read) else { return Ok(()) };
    let (contract, licence) = key(applying, licence);
    let Terms { price, times, rights, usage } = terms;
    let row = LicenceTerms {
        contract,
        licence,
        metric: price.metric.into(),
        threshold: price.threshold.into(),
        residual_bps: price.residualBps.into(),
        gross_base: price.grossBase,
        infrastructure_cap_bps: price.infrastructureCapBps.into(),
        taxes_cap_bps: price.taxesCapBps.into(),
        per_thousand_tokens: price.perThousandTokens.into(),
        per_call: price.perCall.into(),
        floor: price.floor.into(),
        ceiling: price.ceiling.into(),
        guarantee: price.guarantee.into(),
        escrow: price.escrow.into(),
        funding_days: price.fundingDays.into(),
        term_months: times.termMonths.into(),
        exclusive_months: times.exclusiveMonths.into(),
        training_months: times.trainingMonths.into(),
        report_days: times.report.into(),
        payment_days: times.payment.into(),
        grace_days: times.grace.into(),
        late_bps: times.lateBps.into(),
        notice_days: times.notice.into(),
        cure_days: times.cure.into(),
        deletion_days: times.deletion.into(),
        redaction_days: times.redaction.into(),
        audit_fee_cap: rights.auditFeeCap.into(),
        audit_expenses_cap: rights.auditExpensesCap.into(),
        prohibited_uses: rights.prohibited.into(),
        sublicensing: rights.sublicensing,
        platform_may_leave: rights.platformMayLeave,
        licensor_may_leave: rights.licensorMayLeave,
        false_discovery_bps: usage.falseDiscoveryBps.into(),
        late_record_days: usage.lateRecordDays.into(),
        call_tokens: usage.callTokens.into(),
        common_from: usage.commonFrom.into(),
    };
    applying.put(row).await?;
    // The event counts them in eight bits.
    for (milestone, agreed) in (0i16..=255).zip(milestones) {
        let row = Milestone {
            contract,
            licence,
            milestone,
            amount: Some(agreed.amount.into()),
            to_pool: agreed.toPool,
            document: Some(agreed.document.into()),
            released: None,
            certifier: None,
            certified_at: None,
            evidence: None,
        };
        applying.put(row).await?;
    }
    Ok(())
}

/// An option's terms and its milestones. Of milestones that are no such words there are none.
fn read(words: &[B256]) -> Option<(Terms, Vec<MilestoneTerms>)> {
    let terms = Terms::abi_decode(&words.get(..TERMS_WORDS)?.concat()).ok()?;
    let milestones = words.get(TERMS_WORDS..)?.chunks_exact(MILESTONE_WORDS);
    let milestones: Result<Vec<_>, _> = milestones.map(|words| MilestoneTerms::abi_decode(&words.concat())).collect();
    Some((terms, milestones.unwrap_or_default()))
}

/// Epochs count from 1 without a gap.
pub(super) async fn usage_log(applying: &mut Applying<'_>, event: &UsageLogSet) -> Result<(), IndexerError> {
    let place = applying.place;
    known(applying, event.licence).await?;
    let (contract, licence) = key(applying, event.licence);
    let epoch = i64::from(event.epoch);
    let before = epoch.saturating_sub(1);
    let follows = before == 0 || applying.find::<UsageLog>((contract, licence, before)).await?.is_some();
    if epoch == 0 || !follows || applying.find::<UsageLog>((contract, licence, epoch)).await?.is_some() {
        return Err(place.diverged("a usage log's epoch", epoch, "the one after the last"));
    }
    if !usage_log::is_origin(event.origin.as_bytes()) {
        let length = event.origin.len();
        return Err(place.diverged("a usage log's name", format!("{length} bytes"), "a name that the rules allow"));
    }
    let row = UsageLog {
        contract,
        licence,
        epoch,
        key: event.key.to_vec(),
        origin: event.origin.clone(),
        witnesses: event.witnesses.iter().map(|key| key.to_vec()).collect(),
        since: place.time("since", event.since)?,
    };
    applying.put(row).await
}

/// The first root of a log and a size stands, and is told once.
pub(super) async fn anchor(applying: &mut Applying<'_>, event: &CheckpointAnchored) -> Result<(), IndexerError> {
    let place = applying.place;
    let (contract, licence) = key(applying, event.licence);
    let (epoch, size) = (i64::from(event.epoch), Amount::from(event.size));
    let got = format!("size {size} of epoch {epoch}");
    let unfit = move || place.diverged("an anchored checkpoint", got, "the first of a log that was set");
    let Some(log) = applying.find::<UsageLog>((contract, licence, epoch)).await? else { return Err(unfit()) };
    if applying.find::<Anchor>((contract, licence, log.origin.clone(), size)).await?.is_some() {
        return Err(unfit());
    }
    let anchored_at = place.time("at", event.at)?;
    let (origin, root) = (log.origin, event.root.into());
    applying.put(Anchor { contract, licence, origin, size, epoch, root, anchored_at }).await
}
