//! Messages: ask the rules, tell of it, then move the money.
//!
//! Everything is stored before any other contract is called that could do more than answer; the pallet denies re-entry
//! besides.

#![cfg_attr(target_arch = "riscv64", allow(clippy::useless_conversion, reason = "an amount in an event is a u128"))]

mod offers;

use ink::{Address, U256, sol::FixedBytes};
use yieldset_rules::licence::{
    Call, Licence, Moves,
    audit::{self, Debt, Finding, Holding},
    conduct::{self, BreachKind, Wanted},
    dues::{self, Figures, Paid, Reported},
    ending::{self, Cause, Reason, Side},
    escrow, guarantee, offer, parties,
};
use yieldset_shell::{
    access::{self, Role},
    host,
    words::{Address as Account, Word, number_of},
};

use crate::{
    errors::{Error, allow, refuse},
    events::*,
    outside,
    storage::Chain,
};

pub use offers::{accept, decline, offer, publish_menu, take_option, withdraw, withdraw_menu};

type Bytes32 = FixedBytes<32>;

/// Alleges violations.
pub const ORACLE_ROLE: Role = access::role("ORACLE_ROLE");
/// Approves contributors and reports audits.
pub const AUDITOR_ROLE: Role = access::role("AUDITOR_ROLE");
/// Certifies milestones in the pool's stead, dismisses what was alleged, and terminates by order.
pub const ARBITER_ROLE: Role = access::role("ARBITER_ROLE");

/// This message, for the rules.
pub fn call(licence: Bytes32) -> Call {
    Call { licence: licence.0, caller: host::caller(), now: host::now() }
}

fn check_role(role: &Role) {
    allow(access::check(role, &host::caller()));
}

fn find(call: &Call) -> Licence {
    allow(Licence::find(&Chain, &call.licence))
}

/// The licence, for its pool's licensor alone.
fn of_licensor(call: &Call) -> Licence {
    let licence = find(call);
    check_licensor(&licence.pool, &call.caller);
    licence
}

fn check_licensor(pool: &Account, account: &Account) {
    if !outside::is_licensor(pool, account) {
        refuse(Error::NotLicensor((*account).into()));
    }
}

/// Moves the money of a decided message.
fn carry_out(call: &Call, moves: &Moves) {
    let Licence { pool, currency, .. } = find(call);
    outside::take(&currency, moves.take);
    if let Some(period) = moves.deliver {
        deliver_held(call, &pool, &currency, period);
    }
    if let Some((to, amount)) = moves.send {
        outside::send(&pool, &currency, &to, amount);
    }
    emit_funds(call);
}

fn emit_funds(call: &Call) {
    let Licence { escrow, refundable, held, .. } = find(call);
    let (escrow, refundable, held) = (escrow.into(), refundable.into(), held.into());
    emit(FundsChanged { licence: FixedBytes(call.licence), escrow, refundable, held });
}

fn deliver_held(call: &Call, pool: &Account, currency: &Account, period: u32) {
    let licence = FixedBytes(call.licence);
    let held = yieldset_rules::licence::Quarter::of(&Chain, &call.licence, period).held;
    if held == 0 {
        return;
    }
    let took = outside::deposit(pool, currency, &call.licence, period, held);
    let held = allow(guarantee::delivered(&mut Chain, &call.licence, period, took));
    emit(Delivered { licence, period, amount: took.into(), held: held.into() });
}

/// Says so, where a licence came into force with this message.
fn emit_activated(call: &Call, licence: &Licence) {
    if licence.activated_at == call.now && licence.is_in_force(call.now) {
        let terms = allow(licence.terms(&Chain, &call.licence));
        let training_until = licence.training_until(&terms);
        emit(LicenceActivated { licence: FixedBytes(call.licence), ends_at: licence.ends_at, training_until });
    }
}

/// Adds to the escrow; with the last of it the datasets are opened.
pub fn fund_escrow(registry: &Account, licence: Bytes32, amount: u128) {
    let call = call(licence);
    let was_active = find(&call).activated_at > 0;
    let (after, cured, moves) = allow(offer::fund_escrow(&mut Chain, &call, amount));
    emit(EscrowFunded { licence, amount: amount.into(), escrow: after.escrow.into() });
    if cured {
        emit_cured(&call, 0, true);
    }
    if !was_active && after.activated_at > 0 {
        emit_activated(&call, &after);
        let until = allow(after.terms(&Chain, &call.licence)).exclusive_until(after.accepted_at);
        // A window that is over before the licence begins excludes nobody.
        let until = if until > call.now { until } else { 0 };
        outside::occupy(registry, &after.dataset_list(&Chain, &call.licence), &call.licence, true, until);
    }
    carry_out(&call, &moves);
}

/// Notes that the escrow was not funded.
pub fn lapse(licence: Bytes32) {
    let call = call(licence);
    allow(offer::lapse(&mut Chain, &call));
    emit(LicenceLapsed { licence });
    emit_funds(&call);
}

/// Reports a quarter's revenue.
pub fn report_revenue(licence: Bytes32, quarter: u32, figures: &Figures) {
    let call = call(licence);
    let reported = allow(dues::report(&mut Chain, &call, quarter, figures));
    let terms = allow(find(&call).terms(&Chain, &call.licence));
    let net = allow(terms.base(figures.gross, figures.infrastructure, figures.taxes));
    emit(RevenueReported {
        licence,
        quarter,
        gross: figures.gross.into(),
        infrastructure: figures.infrastructure.into(),
        taxes: figures.taxes.into(),
        net: net.into(),
        evidence: FixedBytes(figures.evidence),
        late: reported.late,
    });
    if reported.late {
        emit_breach(&call, BreachKind::LateReport, quarter);
    }
    emit_assessed(&call, quarter, &reported);
}

/// Takes a quarter's usage over from the stream's final report.
pub fn assess_usage(licence: Bytes32, quarter: u32) {
    let call = call(licence);
    let report = outside::usage(&find(&call).pool, &licence.0, quarter);
    let reported = allow(dues::assess_usage(&mut Chain, &call, quarter, &report));
    emit_usage(&call, quarter, &reported, report.report);
}

/// Corrects a quarter by an audit's finding.
pub fn apply_finding(licence: Bytes32, number: u32) {
    let call = call(licence);
    let (audit, reported) = allow(audit::apply_finding(&mut Chain, &call, number));
    emit_usage(&call, audit.quarter, &reported, audit.report);
}

fn emit_usage(call: &Call, quarter: u32, reported: &Reported, report: Word) {
    let (licence, tokens, calls) = (FixedBytes(call.licence), reported.quarter.tokens.into(), reported.quarter.calls);
    emit(UsageReported { licence, quarter, tokens, calls, report: FixedBytes(report) });
    emit_assessed(call, quarter, reported);
}

/// Dismisses what was alleged: a violation (1) or an audit's correction (2).
pub fn dismiss(licence: Bytes32, kind: u8, which: Bytes32) {
    check_role(&ARBITER_ROLE);
    let call = call(licence);
    match kind {
        1 => drop(allow(conduct::dismiss_violation(&mut Chain, &call, &which.0))),
        2 => {
            let number = number_of(&which.0).and_then(|number| u32::try_from(number).ok()).unwrap_or(0);
            allow(audit::dismiss_finding(&mut Chain, &call, number));
        }
        kind => refuse(Error::UnknownKind(kind)),
    }
    emit(Dismissed { licence, kind, which, violations: find(&call).violations });
}

fn emit_assessed(call: &Call, quarter: u32, reported: &Reported) {
    let after = &reported.quarter;
    let pay_by = after.deadline();
    let (due, paid) = (after.due.into(), after.paid.into());
    emit(DueAssessed { licence: FixedBytes(call.licence), quarter, due, pay_by, paid });
    if reported.cured {
        emit_cured(call, quarter, false);
    }
    match reported.year {
        Some((year, 0)) => emit_cured(call, year, true),
        Some((year, owed)) => emit_default(call, year, true, owed),
        None => {}
    }
}

fn emit_cured(call: &Call, number: u32, year: bool) {
    let open_defaults = find(call).open_defaults;
    emit(DefaultCured { licence: FixedBytes(call.licence), number, year, open_defaults });
}

fn emit_default(call: &Call, number: u32, year: bool, outstanding: u128) {
    let (licence, open_defaults) = (FixedBytes(call.licence), find(call).open_defaults);
    emit(DefaultRecorded { licence, number, year, outstanding: outstanding.into(), open_defaults });
}

fn emit_breach(call: &Call, kind: BreachKind, number: u32) {
    let breaches = find(call).breaches;
    emit(BreachRecorded { licence: FixedBytes(call.licence), kind: kind as u8, number, breaches });
}

/// Pays a quarter.
pub fn pay(licence: Bytes32, quarter: u32, amount: u128) {
    let call = call(licence);
    let paid = allow(dues::pay(&mut Chain, &call, quarter, amount));
    emit_paid(&call, quarter, &paid);
    carry_out(&call, &paid.moves);
}

fn emit_paid(call: &Call, quarter: u32, paid: &Paid) {
    let (principal, interest) = (paid.principal.into(), paid.interest.into());
    let outstanding = paid.outstanding.into();
    emit(RoyaltyPaid { licence: FixedBytes(call.licence), quarter, principal, interest, outstanding });
    if paid.cured {
        emit_cured(call, quarter, false);
    }
}

/// Records the default of a quarter, which assesses it where it is not, or of the escrow (zero); after the end the
/// escrow pays.
pub fn record_default(licence: Bytes32, number: u32) {
    let call = call(licence);
    if number == 0 {
        let lacks = allow(guarantee::record_empty_escrow(&mut Chain, &call));
        return emit_default(&call, 0, true, lacks);
    }
    let done = allow(dues::record_default(&mut Chain, &call, number));
    if let Some(assessed) = &done.assessed {
        emit_assessed(&call, number, assessed);
    }
    if done.recorded {
        emit_default(&call, number, false, done.outstanding);
    }
    if let Some(paid) = &done.paid {
        emit_paid(&call, number, paid);
        carry_out(&call, &paid.moves);
    }
}

/// Trues a licence year up.
pub fn true_up(licence: Bytes32, year: u32) {
    let call = call(licence);
    let done = allow(guarantee::true_up(&mut Chain, &call, year));
    emit(YearTruedUp {
        licence,
        year,
        guaranteed: done.year.guaranteed.into(),
        earned: done.year.earned.into(),
        from_escrow: done.year.from_escrow.into(),
        owed: done.year.owed.into(),
        escrow: done.licence.escrow.into(),
        refill_to: done.licence.refill_to.into(),
        refill_by: done.licence.refill_by,
    });
    if done.year.owed > 0 {
        emit_default(&call, year, true, done.year.owed);
    }
    carry_out(&call, &done.moves);
}

/// Pays what the escrow lacked.
pub fn pay_shortfall(licence: Bytes32, year: u32, amount: u128) {
    let call = call(licence);
    let (paid, owed, moves) = allow(guarantee::pay_shortfall(&mut Chain, &call, year, amount));
    emit(ShortfallPaid { licence, year, amount: paid.into(), owed: owed.into() });
    if owed == 0 {
        emit_cured(&call, year, true);
    }
    carry_out(&call, &moves);
}

/// Certifies a milestone.
pub fn certify_milestone(licence: Bytes32, index: u8, evidence: Bytes32) {
    let call = call(licence);
    if !access::has_role(&ARBITER_ROLE, &call.caller) {
        of_licensor(&call);
    }
    let done = allow(guarantee::certify_milestone(&mut Chain, &call, index, &evidence.0));
    emit(MilestoneCertified {
        licence,
        index,
        certifier: call.caller.into(),
        amount: done.amount.into(),
        to_pool: done.to_pool,
        escrow: done.escrow.into(),
        evidence,
    });
    carry_out(&call, &done.moves);
}

/// Refunds the platform, on anybody's word; answers how much.
pub fn refund(licence: Bytes32, to: Address) -> U256 {
    let call = call(licence);
    let closed = |quarter, end| outside::is_closed(&find(&call).pool, &call.licence, quarter, end);
    let moves = allow(escrow::refund(&mut Chain, &call, &to.0, &closed));
    let amount = moves.send.map_or(0, |(_, amount)| amount);
    emit(Refunded { licence, to, amount: amount.into() });
    carry_out(&call, &moves);
    amount.into()
}

/// The rest of a silent platform's escrow goes to the pool.
pub fn forfeit_escrow(licence: Bytes32) {
    let call = call(licence);
    let closed = |quarter, end| outside::is_closed(&find(&call).pool, &call.licence, quarter, end);
    let done = allow(escrow::forfeit(&mut Chain, &call, &closed));
    emit(EscrowForfeited { licence, amount: done.amount.into() });
    carry_out(&call, &done.moves);
}

/// Offers the pool again what it did not take. Native money may come along to stay, where it is not what is paid in.
pub fn deliver(licence: Bytes32, period: u32) {
    let call = call(licence);
    allow(guarantee::deliver(&Chain, &call, period));
    let Licence { pool, currency, .. } = find(&call);
    if currency == [0; 20] {
        outside::take(&currency, 0);
    }
    deliver_held(&call, &pool, &currency, period);
    emit_funds(&call);
}

/// Approves a contributor.
pub fn approve_contributor(licence: Bytes32, contributor: Address, approved: bool) {
    check_role(&AUDITOR_ROLE);
    allow(audit::approve_contributor(&mut Chain, &call(licence), &contributor.0, approved));
    emit(ContributorApproved { licence, contributor, approved });
}

/// Asks for an audit, or joins an open one; answers its number.
pub fn request_audit(licence: Bytes32, quarter: u32, scope: Bytes32, timepoint: u64) -> u32 {
    let call = call(licence);
    let pool = find(&call).pool;
    let holding = if timepoint > 0 {
        let (votes, supply) = outside::past_votes(&pool, &call.caller, timepoint);
        Some(Holding { at: timepoint, votes, supply })
    } else {
        // Who gives no time was approved, or contributed.
        outside::contributed(&pool, &call.licence, quarter, &call.caller).then_some(Holding::CONTRIBUTED)
    };
    let done = allow(audit::request_audit(&mut Chain, &call, holding.as_ref(), quarter, &scope.0));
    let (number, contributor, answer_by) = (done.number, call.caller.into(), done.audit.answer_by());
    if done.joined {
        emit(AuditJoined { licence, number, contributor, quarter, scope });
    } else {
        emit(AuditRequested { licence, number, contributor, quarter, scope, answer_by });
    }
    number
}

/// Answers an audit.
pub fn answer_audit(licence: Bytes32, number: u32, logs: Bytes32, manifests: Bytes32, runs: Bytes32) {
    let call = call(licence);
    let late = allow(audit::answer_audit(&mut Chain, &call, number, [logs.0, manifests.0, runs.0]));
    emit(AuditAnswered { licence, number, logs, manifests, runs, late });
    if late {
        emit_breach(&call, BreachKind::LateAnswer, number);
    }
}

/// Reports an audit.
pub fn report_audit(licence: Bytes32, number: u32, finding: &Finding) {
    check_role(&AUDITOR_ROLE);
    let call = call(licence);
    let audit = allow(audit::report_audit(&mut Chain, &call, number, finding));
    emit(AuditReported {
        licence,
        number,
        auditor: call.caller.into(),
        discrepancy_bps: audit.discrepancy_bps,
        tokens: audit.tokens.into(),
        calls: audit.calls,
        fee: audit.fee.into(),
        expenses: audit.expenses.into(),
        report: FixedBytes(audit.report),
    });
}

/// Pays one of an audit's debts.
pub fn pay_audit(licence: Bytes32, number: u32, expenses: bool) {
    let call = call(licence);
    let (to, amount, moves) = allow(audit::pay_audit(&mut Chain, &call, number, Debt::of(expenses)));
    emit(AuditPaid { licence, number, to: to.into(), amount: amount.into(), expenses });
    carry_out(&call, &moves);
}

/// Pays a creditor of an audit what was paid for it.
pub fn withdraw_audit(licence: Bytes32, number: u32, expenses: bool, to: Address) {
    let call = call(licence);
    let pool = find(&call).pool;
    let payee = |account: &_| outside::payee(&pool, account);
    let (creditor, moves) = allow(audit::withdraw_audit(&mut Chain, &call, number, Debt::of(expenses), &to.0, payee));
    // Of a lost account whom the pool pays instead is screened.
    let owner = if call.caller == creditor { creditor } else { to.0 };
    outside::check_not_blocked(&pool, &owner, &to.0);
    let amount = moves.send.map_or(0, |(_, amount)| amount).into();
    emit(AuditWithdrawn { licence, number, creditor: creditor.into(), to, amount, expenses });
    carry_out(&call, &moves);
}

/// Records a sublicence; answers its number.
pub fn record_sublicence(licence: Bytes32, licensee: Address, uses: u32, document: Bytes32) -> u32 {
    let number = allow(conduct::record_sublicence(&mut Chain, &call(licence), &licensee.0, uses, &document.0));
    emit(SublicenceRecorded { licence, number, licensee, uses, document });
    number
}

/// Records a violation.
pub fn record_violation(licence: Bytes32, kind: u8, uses: u32, at: u64, evidence: Bytes32) {
    check_role(&ORACLE_ROLE);
    let violations = allow(conduct::record_violation(&mut Chain, &call(licence), kind, uses, at, &evidence.0));
    emit(ViolationRecorded { licence, kind, uses, at, evidence, violations });
}

/// Asks for a redaction; answers its number.
pub fn request_redaction(
    registry: &Account,
    licence: Bytes32,
    dataset: Bytes32,
    request: Bytes32,
    manifest: Bytes32,
) -> u32 {
    let call = call(licence);
    let pool = find(&call).pool;
    let version = outside::registered_version(registry, &dataset.0, &manifest.0);
    let wanted = Wanted { dataset: dataset.0, request: request.0, manifest: manifest.0, version };
    let asked = allow(conduct::request_redaction(&mut Chain, &call, &wanted));
    let entitled = outside::creator(registry, &dataset.0) == call.caller || outside::is_licensor(&pool, &call.caller);
    if !entitled {
        refuse(Error::NotDatasetCreatorOrLicensor(call.caller.into()));
    }
    let (number, requester, due) = (asked.number, call.caller.into(), asked.redaction.due);
    if asked.joined {
        emit(RedactionJoined { licence, number, requester, request });
    } else {
        emit(RedactionRequested { licence, number, dataset, requester, request, manifest, due });
    }
    number
}

/// Certifies a redaction.
pub fn certify_redaction(licence: Bytes32, number: u32, certificate: Bytes32) {
    let call = call(licence);
    let (redaction, late) = allow(conduct::certify_redaction(&mut Chain, &call, number, &certificate.0));
    emit(RedactionCertified { licence, number, certificate, manifest: FixedBytes(redaction.manifest), late });
    if late {
        emit_breach(&call, BreachKind::LateRedaction, number);
    }
}

/// Records a breach.
pub fn record_breach(licence: Bytes32, kind: u8, number: u32) {
    let breaches = allow(conduct::record_breach(&mut Chain, &call(licence), kind, number));
    emit(BreachRecorded { licence, kind, number, breaches });
}

/// Terminates.
pub fn terminate(licence: Bytes32, cause: &Cause) {
    let call = call(licence);
    let (reason, evidence) = (cause.reason, FixedBytes(cause.evidence));
    let before = find(&call);
    let side = if reason == Reason::Order as u8 {
        if access::has_role(&ARBITER_ROLE, &call.caller) { Side::Arbiter } else { Side::None }
    } else if call.caller == before.platform {
        Side::Platform
    } else if outside::is_licensor(&before.pool, &call.caller) {
        Side::Licensor
    } else {
        Side::None
    };
    let after = allow(ending::terminate(&mut Chain, &call, cause, side));
    let (ends_at, deletion_due) = (after.ends_at, after.deletion_due);
    emit(LicenceTerminated { licence, reason, by: call.caller.into(), ends_at, deletion_due, evidence });
}

/// Names the platform's successor.
pub fn propose_platform(licence: Bytes32, next: Address) {
    allow(parties::propose_platform(&mut Chain, &call(licence), &next.0));
    emit(PlatformProposed { licence, next });
}

/// Takes the platform's place.
pub fn accept_platform(licence: Bytes32) {
    let call = call(licence);
    allow(parties::accept_platform(&mut Chain, &call));
    emit(PlatformChanged { licence, platform: call.caller.into() });
}

/// Tells the datasets' registry of the end.
pub fn close(registry: &Account, licence: Bytes32) {
    let datasets = allow(ending::close(&mut Chain, &call(licence)));
    emit(LicenceClosed { licence });
    for dataset in &datasets {
        outside::close(registry, dataset, &licence.0);
    }
}

/// Certifies the deletion.
pub fn certify_deletion(licence: Bytes32, certificate: Bytes32) {
    let call = call(licence);
    let late = allow(ending::certify_deletion(&mut Chain, &call, &certificate.0));
    emit(DeletionCertified { licence, certificate, late });
    if late {
        emit_breach(&call, BreachKind::LateDeletion, 0);
    }
}
