//! What anyone may ask. Zeros where there is no such record; an unknown licence is refused.

use ink::{Address, U256, prelude::vec::Vec, sol::FixedBytes};
use yieldset_rules::licence::{
    Licence, Quarter, Year,
    audit::{Audit, Standing},
    conduct::{Redaction, Sublicence, Violation},
    store::{self, hashed, numbered, personal},
    terms::{Schedule, Terms},
    words,
};
use yieldset_shell::host;

use crate::{errors::allow, storage::Chain};

type Bytes32 = FixedBytes<32>;

fn find(licence: Bytes32) -> Licence {
    allow(Licence::find(&Chain, &licence.0))
}

/// `(platform, pool, currency, licensor)`.
pub fn parties(licence: Bytes32) -> (Address, Address, Address, Address) {
    let l = find(licence);
    (l.platform.into(), l.pool.into(), l.currency.into(), l.licensor.into())
}

/// `(stage, deletion, reason, options, option, milestones, closed)`, of now.
pub fn state(licence: Bytes32) -> (u8, u8, u8, u8, u8, u8, bool) {
    let (l, now) = (find(licence), host::now());
    (l.stage_at(now) as u8, l.deletion_at(now) as u8, l.reason, l.options, l.option, l.milestones, l.closed)
}

/// `(offerExpiresAt, acceptedAt, fundBy, activatedAt, endsAt, exclusiveUntil, trainingUntil, deletionDue, deletedAt, defaultedAt,
/// breachedAt)`.
pub fn times(licence: Bytes32) -> (u64, u64, u64, u64, u64, u64, u64, u64, u64, u64, u64) {
    let l = find(licence);
    let (mut exclusive, mut training) = (0, 0);
    if l.accepted_at > 0 {
        let terms = allow(l.terms(&Chain, &licence.0));
        exclusive = terms.exclusive_until(l.accepted_at);
        training = if l.activated_at > 0 { l.training_until(&terms) } else { 0 };
    }
    let (expires, accepted, fund_by) = (l.expires_at, l.accepted_at, l.fund_by);
    let (defaulted, breached) = (l.defaulted_at, l.breached_at);
    let (activated, ends) = (l.activated_at, l.ends_at);
    let (due, deleted) = (l.deletion_due, l.deleted_at);
    (expires, accepted, fund_by, activated, ends, exclusive, training, due, deleted, defaulted, breached)
}

/// `(escrow, refundable, held, moneyIn, toPool, refunded, paidOut)`.
pub fn money(licence: Bytes32) -> (U256, U256, U256, U256, U256, U256, U256) {
    let l = find(licence);
    let (money_in, to_pool) = (l.money_in.into(), l.to_pool.into());
    (l.escrow.into(), l.refundable.into(), l.held.into(), money_in, to_pool, l.refunded.into(), l.paid_out.into())
}

/// `(nextQuarter, nextYear, openDefaults, defaults, breaches, violations, sublicences, audits, redactions)`.
pub fn counts(licence: Bytes32) -> (u32, u32, u32, u32, u32, u32, u32, u32, u32) {
    let l = find(licence);
    let (open, all) = (l.open_defaults, l.defaults);
    (l.next_quarter, l.next_year, open, all, l.breaches, l.violations, l.sublicences, l.audits, l.redactions)
}

/// The datasets.
pub fn datasets(licence: Bytes32) -> Vec<Bytes32> {
    find(licence).dataset_list(&Chain, &licence.0).into_iter().map(FixedBytes).collect()
}

/// An option's words; none where it is not on offer any more.
pub fn option(licence: Bytes32, option: u8) -> Vec<Bytes32> {
    let Some(terms) = Terms::load(&Chain, &numbered(&licence.0, store::TERMS, option.into())) else {
        return Vec::new();
    };
    let schedule = Schedule::load(&Chain, &numbered(&licence.0, store::SCHEDULE, option.into()));
    let milestones = schedule.map(|schedule| schedule.milestones()).unwrap_or_default();
    words::write(&terms, &milestones).into_iter().map(FixedBytes).collect()
}

/// `(gross, infrastructure, taxes, net, reportedAt, evidence, tokens, calls, usageAt, usageReport)`.
#[allow(clippy::type_complexity, reason = "a view's answer")]
pub fn quarter(licence: Bytes32, quarter: u32) -> (U256, U256, U256, U256, u64, Bytes32, U256, u64, u64, Bytes32) {
    let q = Quarter::of(&Chain, &licence.0, quarter);
    let (gross, infrastructure, taxes) = (q.gross.into(), q.infrastructure.into(), q.taxes.into());
    let (evidence, report) = (FixedBytes(q.evidence), FixedBytes(q.usage_report));
    let tokens = q.tokens.into();
    (gross, infrastructure, taxes, q.net().into(), q.reported_at, evidence, tokens, q.calls, q.usage_at, report)
}

/// `(due, payBy, paid, interest, interestPaid, outstanding, held, defaulted, inDefault, late)`, interest until now.
#[allow(clippy::type_complexity, reason = "a view's answer")]
pub fn due(licence: Bytes32, quarter: u32) -> (U256, u64, U256, U256, U256, U256, U256, bool, bool, bool) {
    let l = find(licence);
    let mut q = Quarter::of(&Chain, &licence.0, quarter);
    if q.is_assessed() {
        allow(q.accrue(allow(l.terms(&Chain, &licence.0)).late_bps, host::now()));
    }
    let (due, paid, interest) = (q.due.into(), q.paid.into(), q.interest.into());
    let (interest_paid, outstanding, held) = (q.interest_paid.into(), q.outstanding().into(), q.held.into());
    (due, q.pay_by, paid, interest, interest_paid, outstanding, held, q.defaulted, q.in_default, q.late)
}

/// `(paid, truedUp, guaranteed, fromEscrow, owed, owedPaid, period)`.
pub fn year(licence: Bytes32, year: u32) -> (U256, bool, U256, U256, U256, U256, u32) {
    let y = Year::of(&Chain, &licence.0, year);
    let (owed, owed_paid) = (y.owed.into(), y.owed_paid.into());
    (y.paid.into(), y.trued_up, y.guaranteed.into(), y.from_escrow.into(), owed, owed_paid, y.period)
}

fn audit_record(licence: Bytes32, number: u32) -> Audit {
    Audit::load(&Chain, &numbered(&licence.0, store::AUDIT, number)).unwrap_or_default()
}

/// `(contributor, requestedAt, answeredAt, reportedAt, auditor, discrepancyBps, fee, expenses, feePaid, reimbursed, late, unpaid)`.
#[allow(clippy::type_complexity, reason = "a view's answer")]
pub fn audit(
    licence: Bytes32,
    number: u32,
) -> (Address, u64, u64, u64, Address, u16, U256, U256, bool, bool, bool, bool) {
    let a = audit_record(licence, number);
    let (contributor, auditor) = (a.contributor.into(), a.auditor.into());
    let (fee, expenses) = (a.fee.into(), a.expenses.into());
    let (requested, answered, reported) = (a.requested_at, a.answered_at, a.reported_at);
    let bps = a.discrepancy_bps;
    let (fee_paid, reimbursed) = (a.fee_paid, a.reimbursed);
    (contributor, requested, answered, reported, auditor, bps, fee, expenses, fee_paid, reimbursed, a.late, a.unpaid)
}

/// `(scope, logs, manifests, runs, report)`.
pub fn audit_hashes(licence: Bytes32, number: u32) -> (Bytes32, Bytes32, Bytes32, Bytes32, Bytes32) {
    let a = audit_record(licence, number);
    let (logs, manifests, runs) = (FixedBytes(a.logs), FixedBytes(a.manifests), FixedBytes(a.runs));
    (FixedBytes(a.scope), logs, manifests, runs, FixedBytes(a.report))
}

/// `(approved, year, requests)`.
pub fn standing(licence: Bytes32, account: Address) -> (bool, u32, u8) {
    let s = Standing::load(&Chain, &personal(&licence.0, store::STANDING, &account.0)).unwrap_or_default();
    (s.approved, s.year, s.requests)
}

/// `(licensee, uses, document, at)`.
pub fn sublicence(licence: Bytes32, number: u32) -> (Address, u32, Bytes32, u64) {
    let s = Sublicence::load(&Chain, &numbered(&licence.0, store::SUBLICENCE, number)).unwrap_or_default();
    (s.licensee.into(), s.uses, FixedBytes(s.document), s.at)
}

/// `(kind, uses, at, recordedAt)`.
pub fn violation(licence: Bytes32, evidence: Bytes32) -> (u8, u32, u64, u64) {
    let v = Violation::load(&Chain, &hashed(&licence.0, store::VIOLATION, &evidence.0)).unwrap_or_default();
    (v.kind, v.uses, v.at, v.recorded_at)
}

/// `(requester, dataset, request, manifest, requestedAt, due, certificate, certifiedAt, late)`.
#[allow(clippy::type_complexity, reason = "a view's answer")]
pub fn redaction(licence: Bytes32, number: u32) -> (Address, Bytes32, Bytes32, Bytes32, u64, u64, Bytes32, u64, bool) {
    let r = Redaction::load(&Chain, &numbered(&licence.0, store::REDACTION, number)).unwrap_or_default();
    let (dataset, request, manifest) = (FixedBytes(r.dataset), FixedBytes(r.request), FixedBytes(r.manifest));
    let certificate = FixedBytes(r.certificate);
    (r.requester.into(), dataset, request, manifest, r.requested_at, r.due, certificate, r.certified_at, r.late)
}
