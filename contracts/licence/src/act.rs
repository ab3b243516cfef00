//! Messages: ask the rules, tell of it, then move the money.
//!
//! Everything is stored before any other contract is called that could do more than answer; the pallet denies re-entry
//! besides. A message ends here, with its answer: what ink! does after it is never reached, its encoders included. Each
//! is a function of its own on the machine: all of them in one would have a frame of which each word is far away.

mod offers;

use yieldset_rules::licence::{
    Call, Licence, Moves, Quarter, Refusal,
    audit::{self, Debt, Finding, Holding},
    conduct::{self, BreachKind, Wanted},
    dues::{self, Figures, Paid, Reported},
    ending::{self, Cause, Reason, Side},
    escrow, guarantee, offer, parties,
};
use yieldset_shell::{
    access::{self, Role},
    answer::{answer, done},
    host,
    refusals::OrRefuse,
    roles,
    words::{Address, Word, number_of, number_word, word},
};

use crate::{
    events::*,
    outside,
    refusals::{NotDatasetCreatorOrLicensor, NotLicensor, Rules, UnknownKind, UsageNotFinal},
    storage::Chain,
};

pub use offers::{accept, decline, new_id, offer, publish_menu, read, take_option, withdraw, withdraw_menu};

/// Alleges violations.
const ORACLE_ROLE: Role = access::role("ORACLE_ROLE");
/// Approves contributors and reports audits.
const AUDITOR_ROLE: Role = access::role("AUDITOR_ROLE");
/// Certifies milestones in the pool's stead, dismisses what was alleged, and terminates by order.
const ARBITER_ROLE: Role = access::role("ARBITER_ROLE");

/// This message, for the rules.
pub fn call(licence: &Word) -> Call {
    Call { licence: *licence, caller: host::caller(), now: host::now() }
}

#[inline(never)]
fn find(call: &Call) -> Licence {
    Licence::find(&Chain, &call.licence).or_refuse(Rules)
}

/// Stops who is not the licensor of the licence's pool.
fn of_licensor(call: &Call) {
    check_licensor(&find(call).pool, &call.caller);
}

fn check_licensor(pool: &Address, account: &Address) {
    if !outside::is_licensor(pool, account) {
        NotLicensor { account }.refuse();
    }
}

/// Moves the money of a decided message.
#[inline(never)]
fn carry_out(call: &Call, moves: &Moves) {
    let Licence { pool, currency, .. } = find(call);
    outside::take(&pool, &currency, moves.take);
    if let Some(period) = moves.deliver {
        deliver_held(call, &pool, &currency, period);
    }
    if let Some((to, amount)) = &moves.send {
        outside::send(&pool, &currency, to, *amount);
    }
    emit_funds(call);
}

#[inline(never)]
fn emit_funds(call: &Call) {
    let Licence { escrow, refundable, held, .. } = find(call);
    FundsChanged { licence: &call.licence, escrow, refundable, held }.emit();
}

#[inline(never)]
fn deliver_held(call: &Call, pool: &Address, currency: &Address, period: u32) {
    let licence = &call.licence;
    let held = Quarter::of(&Chain, licence, period).held;
    if held == 0 {
        return;
    }
    let amount = outside::deposit(pool, currency, licence, period, held);
    let held = guarantee::delivered(&mut Chain, licence, period, amount).or_refuse(Rules);
    Delivered { licence, period, amount, held }.emit();
}

/// Says so, where a licence came into force with this message.
#[inline(never)]
fn emit_activated(call: &Call, licence: &Licence) {
    if licence.activated_at == call.now && licence.is_in_force(call.now) {
        let terms = licence.terms(&Chain, &call.licence).or_refuse(Rules);
        let training_until = licence.training_until(&terms);
        LicenceActivated { licence: &call.licence, ends_at: licence.ends_at, training_until }.emit();
    }
}

/// Adds to the escrow; with the last of it the datasets are opened.
#[inline(never)]
pub fn fund_escrow(registry: &Address, call: &Call, amount: u128) -> ! {
    let was_active = find(call).activated_at > 0;
    let (after, cured, moves) = offer::fund_escrow(&mut Chain, call, amount).or_refuse(Rules);
    EscrowFunded { licence: &call.licence, amount, escrow: after.escrow }.emit();
    if cured {
        emit_cured(call, 0, true);
    }
    if !was_active && after.activated_at > 0 {
        emit_activated(call, &after);
        let until = after.terms(&Chain, &call.licence).or_refuse(Rules).exclusive_until(after.accepted_at);
        // A window that is over before the licence begins excludes nobody.
        let until = if until > call.now { until } else { 0 };
        outside::occupy(registry, &after.dataset_list(&Chain, &call.licence), &call.licence, true, until);
    }
    carry_out(call, &moves);
    done()
}

/// Notes that the escrow was not funded.
#[inline(never)]
pub fn lapse(call: &Call) -> ! {
    offer::lapse(&mut Chain, call).or_refuse(Rules);
    LicenceLapsed { licence: &call.licence }.emit();
    emit_funds(call);
    done()
}

/// Reports a quarter's revenue.
#[inline(never)]
pub fn report_revenue(call: &Call, quarter: u32, figures: &Figures) -> ! {
    let reported = dues::report(&mut Chain, call, quarter, figures).or_refuse(Rules);
    let terms = find(call).terms(&Chain, &call.licence).or_refuse(Rules);
    let Figures { gross, infrastructure, taxes, evidence } = figures;
    let net = terms.base(*gross, *infrastructure, *taxes).or_refuse(Rules);
    let (licence, late) = (&call.licence, reported.late);
    RevenueReported { licence, quarter, gross, infrastructure, taxes, net, evidence, late }.emit();
    if late {
        emit_breach(call, BreachKind::LateReport, quarter);
    }
    emit_assessed(call, quarter, &reported);
    done()
}

/// Takes a quarter's usage over from the stream's final report, or closes it where none comes any more.
#[inline(never)]
pub fn assess_usage(call: &Call, quarter: u32) -> ! {
    let (pool, stream) = (&find(call).pool, &call.licence);
    let mut missing = None;
    let report = || outside::usage(pool, stream, quarter).map_err(|state| missing = Some(state)).ok();
    let closed = |end| outside::is_closed(pool, stream, quarter, end);
    let reported = dues::assess_usage(&mut Chain, call, quarter, report, closed);
    if let (Err(Refusal::UsageOpen(_)), Some(state)) = (&reported, missing) {
        UsageNotFinal { quarter, state }.refuse();
    }
    emit_usage(call, quarter, &reported.or_refuse(Rules));
    done()
}

/// Corrects a quarter by an audit's finding.
#[inline(never)]
pub fn apply_finding(call: &Call, number: u32) -> ! {
    let (audit, reported) = audit::apply_finding(&mut Chain, call, number).or_refuse(Rules);
    emit_usage(call, audit.quarter, &reported);
    done()
}

#[inline(never)]
fn emit_usage(call: &Call, quarter: u32, reported: &Reported) {
    let Quarter { tokens, calls, usage_report: report, .. } = &reported.quarter;
    UsageReported { licence: &call.licence, quarter, tokens, calls, report }.emit();
    emit_assessed(call, quarter, reported);
}

/// Dismisses what was alleged: a violation (1) or an audit's correction (2).
#[inline(never)]
pub fn dismiss(call: &Call, kind: u8, which: &Word) -> ! {
    roles::only(&ARBITER_ROLE);
    match kind {
        1 => drop(conduct::dismiss_violation(&mut Chain, call, which).or_refuse(Rules)),
        2 => {
            let number = number_of(which).and_then(|number| u32::try_from(number).ok()).unwrap_or(0);
            audit::dismiss_finding(&mut Chain, call, number).or_refuse(Rules);
        }
        kind => UnknownKind { kind }.refuse(),
    }
    Dismissed { licence: &call.licence, kind, which, violations: find(call).violations }.emit();
    done()
}

#[inline(never)]
fn emit_assessed(call: &Call, quarter: u32, reported: &Reported) {
    let after = &reported.quarter;
    let (licence, pay_by) = (&call.licence, after.deadline());
    DueAssessed { licence, quarter, due: after.due, pay_by, paid: after.paid }.emit();
    if reported.cured {
        emit_cured(call, quarter, false);
    }
    match reported.year {
        Some((year, 0)) => emit_cured(call, year, true),
        Some((year, owed)) => emit_default(call, year, true, owed),
        None => {}
    }
}

#[inline(never)]
fn emit_cured(call: &Call, number: u32, year: bool) {
    DefaultCured { licence: &call.licence, number, year, open_defaults: find(call).open_defaults }.emit();
}

#[inline(never)]
fn emit_default(call: &Call, number: u32, year: bool, outstanding: u128) {
    let open_defaults = find(call).open_defaults;
    DefaultRecorded { licence: &call.licence, number, year, outstanding, open_defaults }.emit();
}

#[inline(never)]
fn emit_breach(call: &Call, kind: BreachKind, number: u32) {
    BreachRecorded { licence: &call.licence, kind: kind as u8, number, breaches: find(call).breaches }.emit();
}

/// Pays a quarter.
#[inline(never)]
pub fn pay(call: &Call, quarter: u32, amount: u128, delivers: bool) -> ! {
    let mut paid = dues::pay(&mut Chain, call, quarter, amount).or_refuse(Rules);
    emit_paid(call, quarter, &paid);
    if !delivers {
        paid.moves.deliver = None;
    }
    carry_out(call, &paid.moves);
    done()
}

#[inline(never)]
fn emit_paid(call: &Call, quarter: u32, paid: &Paid) {
    let Paid { principal, interest, outstanding, cured, .. } = *paid;
    RoyaltyPaid { licence: &call.licence, quarter, principal, interest, outstanding }.emit();
    if cured {
        emit_cured(call, quarter, false);
    }
}

/// Records the default of a quarter, which assesses it where it is not, or of the escrow (zero); after the end the
/// escrow pays.
#[inline(never)]
pub fn record_default(call: &Call, number: u32) -> ! {
    if number == 0 {
        let lacks = guarantee::record_empty_escrow(&mut Chain, call).or_refuse(Rules);
        emit_default(call, 0, true, lacks);
        done()
    }
    let recorded = dues::record_default(&mut Chain, call, number).or_refuse(Rules);
    if let Some(assessed) = &recorded.assessed {
        emit_assessed(call, number, assessed);
    }
    if recorded.recorded {
        emit_default(call, number, false, recorded.outstanding);
    }
    if let Some(paid) = &recorded.paid {
        emit_paid(call, number, paid);
        carry_out(call, &paid.moves);
    }
    done()
}

/// Trues a licence year up.
#[inline(never)]
pub fn true_up(call: &Call, year: u32) -> ! {
    let up = guarantee::true_up(&mut Chain, call, year).or_refuse(Rules);
    YearTruedUp {
        licence: &call.licence,
        year,
        guaranteed: up.year.guaranteed,
        earned: up.year.earned,
        from_escrow: up.year.from_escrow,
        owed: up.year.owed,
        escrow: up.licence.escrow,
        refill_to: up.licence.refill_to,
        refill_by: up.licence.refill_by,
    }
    .emit();
    if up.year.owed > 0 {
        emit_default(call, year, true, up.year.owed);
    }
    carry_out(call, &up.moves);
    done()
}

/// Pays what the escrow lacked.
#[inline(never)]
pub fn pay_shortfall(call: &Call, year: u32, amount: u128) -> ! {
    let (amount, owed, moves) = guarantee::pay_shortfall(&mut Chain, call, year, amount).or_refuse(Rules);
    ShortfallPaid { licence: &call.licence, year, amount, owed }.emit();
    if owed == 0 {
        emit_cured(call, year, true);
    }
    carry_out(call, &moves);
    done()
}

/// Certifies a milestone.
#[inline(never)]
pub fn certify_milestone(call: &Call, index: u8, evidence: &Word) -> ! {
    if !access::has_role(&ARBITER_ROLE, &call.caller) {
        of_licensor(call);
    }
    let certified = guarantee::certify_milestone(&mut Chain, call, index, evidence).or_refuse(Rules);
    let (licence, certifier) = (&call.licence, &call.caller);
    let guarantee::Certified { amount, to_pool, escrow, moves } = certified;
    MilestoneCertified { licence, index, certifier, amount, to_pool, escrow, evidence }.emit();
    carry_out(call, &moves);
    done()
}

/// Refunds the platform, on anybody's word; answers how much.
#[inline(never)]
pub fn refund(call: &Call, to: &Address) -> ! {
    let moves = escrow::refund(&mut Chain, call, to).or_refuse(Rules);
    let amount = moves.send.map_or(0, |(_, amount)| amount);
    Refunded { licence: &call.licence, to, amount }.emit();
    carry_out(call, &moves);
    answer(&[number_word(amount)])
}

/// The rest of a silent platform's escrow goes to the pool.
#[inline(never)]
pub fn forfeit_escrow(call: &Call) -> ! {
    let forfeited = escrow::forfeit(&mut Chain, call).or_refuse(Rules);
    EscrowForfeited { licence: &call.licence, amount: forfeited.amount }.emit();
    carry_out(call, &forfeited.moves);
    done()
}

/// Offers the pool again what it did not take. Native money may come along to stay, where it is not what is paid in.
#[inline(never)]
pub fn deliver(call: &Call, period: u32) -> ! {
    guarantee::deliver(&Chain, call, period).or_refuse(Rules);
    let Licence { pool, currency, .. } = find(call);
    if currency == [0; 20] {
        outside::take(&pool, &currency, 0);
    }
    deliver_held(call, &pool, &currency, period);
    emit_funds(call);
    done()
}

/// Approves a contributor.
#[inline(never)]
pub fn approve_contributor(call: &Call, contributor: &Address, approved: bool) -> ! {
    roles::only(&AUDITOR_ROLE);
    audit::approve_contributor(&mut Chain, call, contributor, approved).or_refuse(Rules);
    ContributorApproved { licence: &call.licence, contributor, approved }.emit();
    done()
}

/// Asks for an audit, or joins an open one; answers its number.
#[inline(never)]
pub fn request_audit(call: &Call, quarter: u32, scope: &Word, timepoint: u64) -> ! {
    let pool = find(call).pool;
    let holding = if timepoint > 0 {
        let (votes, supply) = outside::past_votes(&pool, &call.caller, timepoint);
        Some(Holding { at: timepoint, votes, supply })
    } else {
        // Who gives no time was approved, or contributed.
        outside::contributed(&pool, &call.licence, quarter, &call.caller).then_some(Holding::CONTRIBUTED)
    };
    let asked = audit::request_audit(&mut Chain, call, holding.as_ref(), quarter, scope).or_refuse(Rules);
    let (licence, number, contributor) = (&call.licence, asked.number, &call.caller);
    if asked.joined {
        AuditJoined { licence, number, contributor, quarter, scope }.emit();
    } else {
        AuditRequested { licence, number, contributor, quarter, scope, answer_by: asked.audit.answer_by() }.emit();
    }
    answer(&[word(number)])
}

/// Answers an audit, with logs, manifests and runs.
#[inline(never)]
pub fn answer_audit(call: &Call, number: u32, answers: [Word; 3]) -> ! {
    let late = audit::answer_audit(&mut Chain, call, number, answers).or_refuse(Rules);
    let [logs, manifests, runs] = &answers;
    AuditAnswered { licence: &call.licence, number, logs, manifests, runs, late }.emit();
    if late {
        emit_breach(call, BreachKind::LateAnswer, number);
    }
    done()
}

/// Reports an audit.
#[inline(never)]
pub fn report_audit(call: &Call, number: u32, finding: &Finding) -> ! {
    roles::only(&AUDITOR_ROLE);
    let audit = audit::report_audit(&mut Chain, call, number, finding).or_refuse(Rules);
    AuditReported {
        licence: &call.licence,
        number,
        auditor: &call.caller,
        discrepancy_bps: audit.discrepancy_bps,
        tokens: audit.tokens,
        calls: audit.calls,
        fee: audit.fee,
        expenses: audit.expenses,
        report: &audit.report,
    }
    .emit();
    done()
}

/// Pays one of an audit's debts.
#[inline(never)]
pub fn pay_audit(call: &Call, number: u32, expenses: bool) -> ! {
    let (to, amount, moves) = audit::pay_audit(&mut Chain, call, number, Debt::of(expenses)).or_refuse(Rules);
    AuditPaid { licence: &call.licence, number, to, amount, expenses }.emit();
    carry_out(call, &moves);
    done()
}

/// Pays a creditor of an audit what was paid for it.
#[inline(never)]
pub fn withdraw_audit(call: &Call, number: u32, expenses: bool, to: &Address) -> ! {
    let pool = find(call).pool;
    let payee = |account: &_| outside::payee(&pool, account);
    let paid = audit::withdraw_audit(&mut Chain, call, number, Debt::of(expenses), to, payee);
    let (creditor, moves) = paid.or_refuse(Rules);
    // Of a lost account whom the pool pays instead is screened.
    let owner = if call.caller == creditor { &creditor } else { to };
    outside::check_not_blocked(&pool, owner, to);
    let amount = moves.send.map_or(0, |(_, amount)| amount);
    AuditWithdrawn { licence: &call.licence, number, creditor, to, amount, expenses }.emit();
    carry_out(call, &moves);
    done()
}

/// Records a sublicence; answers its number.
#[inline(never)]
pub fn record_sublicence(call: &Call, licensee: &Address, uses: u32, document: &Word) -> ! {
    let number = conduct::record_sublicence(&mut Chain, call, licensee, uses, document).or_refuse(Rules);
    SublicenceRecorded { licence: &call.licence, number, licensee, uses, document }.emit();
    answer(&[word(number)])
}

/// Records a violation.
#[inline(never)]
pub fn record_violation(call: &Call, kind: u8, uses: u32, at: u64, evidence: &Word) -> ! {
    roles::only(&ORACLE_ROLE);
    let violations = conduct::record_violation(&mut Chain, call, kind, uses, at, evidence).or_refuse(Rules);
    ViolationRecorded { licence: &call.licence, kind, uses, at, evidence, violations }.emit();
    done()
}

/// Asks for a redaction; answers its number.
#[inline(never)]
pub fn request_redaction(registry: &Address, call: &Call, [dataset, request, manifest]: [Word; 3]) -> ! {
    let (licence, requester) = (&call.licence, &call.caller);
    let pool = find(call).pool;
    let version = outside::registered_version(registry, &dataset, &manifest);
    let wanted = Wanted { dataset, request, manifest, version };
    let asked = conduct::request_redaction(&mut Chain, call, &wanted).or_refuse(Rules);
    if outside::creator(registry, &dataset) != *requester && !outside::is_licensor(&pool, requester) {
        NotDatasetCreatorOrLicensor { account: requester }.refuse();
    }
    let (number, due) = (asked.number, asked.redaction.due);
    if asked.joined {
        RedactionJoined { licence, number, requester, request }.emit();
    } else {
        RedactionRequested { licence, number, dataset, requester, request, manifest, due }.emit();
    }
    answer(&[word(number)])
}

/// Certifies a redaction.
#[inline(never)]
pub fn certify_redaction(call: &Call, number: u32, certificate: &Word) -> ! {
    let (redaction, late) = conduct::certify_redaction(&mut Chain, call, number, certificate).or_refuse(Rules);
    RedactionCertified { licence: &call.licence, number, certificate, manifest: redaction.manifest, late }.emit();
    if late {
        emit_breach(call, BreachKind::LateRedaction, number);
    }
    done()
}

/// Records a breach.
#[inline(never)]
pub fn record_breach(call: &Call, kind: u8, number: u32) -> ! {
    let breaches = conduct::record_breach(&mut Chain, call, kind, number).or_refuse(Rules);
    BreachRecorded { licence: &call.licence, kind, number, breaches }.emit();
    done()
}

/// Terminates.
#[inline(never)]
pub fn terminate(call: &Call, cause: &Cause) -> ! {
    let (licence, by) = (&call.licence, &call.caller);
    let Cause { reason, evidence, .. } = cause;
    let before = find(call);
    let side = if *reason == Reason::Order as u8 {
        if access::has_role(&ARBITER_ROLE, by) { Side::Arbiter } else { Side::None }
    } else if *by == before.platform {
        Side::Platform
    } else if outside::is_licensor(&before.pool, by) {
        Side::Licensor
    } else {
        Side::None
    };
    let after = ending::terminate(&mut Chain, call, cause, side).or_refuse(Rules);
    let (ends_at, deletion_due) = (after.ends_at, after.deletion_due);
    LicenceTerminated { licence, reason, by, ends_at, deletion_due, evidence }.emit();
    done()
}

/// Names the platform's successor.
#[inline(never)]
pub fn propose_platform(call: &Call, next: &Address) -> ! {
    parties::propose_platform(&mut Chain, call, next).or_refuse(Rules);
    PlatformProposed { licence: &call.licence, next }.emit();
    done()
}

/// Takes the platform's place.
#[inline(never)]
pub fn accept_platform(call: &Call) -> ! {
    parties::accept_platform(&mut Chain, call).or_refuse(Rules);
    PlatformChanged { licence: &call.licence, platform: &call.caller }.emit();
    done()
}

/// Tells the datasets' registry of the end.
#[inline(never)]
pub fn close(registry: &Address, call: &Call) -> ! {
    let datasets = ending::close(&mut Chain, call).or_refuse(Rules);
    LicenceClosed { licence: &call.licence }.emit();
    for dataset in &datasets {
        outside::close(registry, dataset, &call.licence);
    }
    done()
}

/// Certifies the deletion.
#[inline(never)]
pub fn certify_deletion(call: &Call, certificate: &Word) -> ! {
    let late = ending::certify_deletion(&mut Chain, call, certificate).or_refuse(Rules);
    DeletionCertified { licence: &call.licence, certificate, late }.emit();
    if late {
        emit_breach(call, BreachKind::LateDeletion, 0);
    }
    done()
}
