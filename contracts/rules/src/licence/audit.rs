//! Audits by contributors (LIC-3).

use super::{
    AUDIT_DAYS, AUDITS_PER_QUARTER, AUDITS_PER_YEAR, Address, CHALLENGE_DAYS, Call, DAY, DISCREPANCY_BPS, Hash,
    Licence, Moves, Quarter, Refusal, Store, add,
    dues::{self, Reported},
    named,
    store::{self, numbered, personal, stored},
};
use crate::{
    math::BASIS_POINTS,
    packed,
    period::{calendar_year, quarter_start},
    revenue::Usage,
};

/// A contributor's standing with one licence.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Standing {
    /// An auditor approved it as a contributor; holders of the pool's shares need no approval.
    pub approved: bool,
    /// Calendar year of its last request.
    pub year: u32,
    /// Requests in that year.
    pub requests: u8,
}

packed!(Standing { approved: bool, year: u32, requests: u8 });

/// An audit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Audit {
    /// Who asked first.
    pub contributor: Address,
    /// For which quarter.
    pub quarter: u32,
    /// Hash of what it asked for.
    pub scope: Hash,
    /// When.
    pub requested_at: u64,
    /// When the platform answered; zero for not yet.
    pub answered_at: u64,
    /// Answer: root of the usage logs.
    pub logs: Hash,
    /// Answer: digest of the dataset manifests.
    pub manifests: Hash,
    /// Answer: digest of the training-run ids.
    pub runs: Hash,
    /// Who audited.
    pub auditor: Address,
    /// When; zero for not yet.
    pub reported_at: u64,
    /// Discrepancy in reported attribution, in basis points.
    pub discrepancy_bps: u16,
    /// What the platform owes the auditor.
    pub fee: u128,
    /// What the platform owes the contributor.
    pub expenses: u128,
    /// Hash of the auditor's report.
    pub report: Hash,
    /// The fee is paid.
    pub fee_paid: bool,
    /// The expenses are paid.
    pub reimbursed: bool,
    /// The auditor withdrew its fee.
    pub fee_withdrawn: bool,
    /// The contributor withdrew its expenses.
    pub expenses_withdrawn: bool,
    /// Since when the late answer is on record as a breach; zero for not. The answer cures it.
    pub late_at: u64,
    /// Since when the late payment is on record as a breach; zero for not. Paying cures it.
    pub unpaid_at: u64,
    /// Attributed tokens above the threshold that the auditor counted.
    pub tokens: u128,
    /// Calls above the threshold that the auditor counted.
    pub calls: u64,
    /// The arbiter dismissed the correction.
    pub dismissed: bool,
    /// The quarter's due was corrected.
    pub applied: bool,
}

packed!(Audit {
    contributor: [u8; 20],
    quarter: u32,
    scope: [u8; 32],
    requested_at: u64,
    answered_at: u64,
    logs: [u8; 32],
    manifests: [u8; 32],
    runs: [u8; 32],
    auditor: [u8; 20],
    reported_at: u64,
    discrepancy_bps: u16,
    fee: u128,
    expenses: u128,
    report: [u8; 32],
    fee_paid: bool,
    reimbursed: bool,
    fee_withdrawn: bool,
    expenses_withdrawn: bool,
    late_at: u64,
    unpaid_at: u64,
    tokens: u128,
    calls: u64,
    dismissed: bool,
    applied: bool,
});

/// The audits of a quarter.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Audited {
    /// The last one.
    pub number: u32,
    /// How many there were.
    pub count: u8,
}

packed!(Audited { number: u32, count: u8 });
stored!(Standing, Audit, Audited);

impl Audit {
    /// The audit with this number.
    ///
    /// # Errors
    /// [`Refusal::UnknownNumber`].
    #[inline(never)]
    pub fn find(store: &impl Store, call: &Call, number: u32) -> Result<Self, Refusal> {
        Self::load(store, &numbered(&call.licence, store::AUDIT, number)).ok_or(Refusal::UnknownNumber(number))
    }

    /// Stores it.
    #[inline(never)]
    pub fn put(&self, store: &mut impl Store, call: &Call, number: u32) {
        self.save(store, &numbered(&call.licence, store::AUDIT, number));
    }

    /// Until when the platform must answer.
    pub const fn answer_by(&self) -> u64 {
        self.requested_at.saturating_add(AUDIT_DAYS * DAY)
    }

    /// Until when the platform must pay fee and expenses.
    pub const fn pay_by(&self) -> u64 {
        self.reported_at.saturating_add(AUDIT_DAYS * DAY)
    }

    /// What was paid to its creditors and they have not withdrawn.
    pub const fn credited(&self) -> u128 {
        let fee = if self.fee_paid && !self.fee_withdrawn { self.fee } else { 0 };
        let expenses = if self.reimbursed && !self.expenses_withdrawn { self.expenses } else { 0 };
        fee.saturating_add(expenses)
    }

    /// Whether fee or expenses are owed.
    pub const fn is_unpaid(&self) -> bool {
        self.fee > 0 && !self.fee_paid || self.expenses > 0 && !self.reimbursed
    }
}

/// An auditor, which the caller was checked to be, approves a contributor without shares, or takes it back.
///
/// # Errors
/// [`Refusal::UnknownLicence`].
pub fn approve_contributor(
    store: &mut impl Store,
    call: &Call,
    contributor: &Address,
    approved: bool,
) -> Result<(), Refusal> {
    Licence::find(store, &call.licence)?;
    let key = personal(&call.licence, store::STANDING, contributor);
    let standing = Standing::load(store, &key).unwrap_or_default();
    Standing { approved, ..standing }.save(store, &key);
    Ok(())
}

/// Whether so many shares of a supply let their holder ask for audits: a thousandth.
pub const fn has_standing(shares: u128, supply: u128) -> bool {
    shares > 0 && shares >= supply.div_ceil(1_000)
}

/// What an account held of the pool's shares at a past second, as the pool tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holding {
    /// When.
    pub at: u64,
    /// Its votes.
    pub votes: u128,
    /// All shares.
    pub supply: u128,
}

impl Holding {
    /// What counts for a contributor whose part of the quarter's money the pool paid: it had to prove it for that, and
    /// stands like who holds everything.
    pub const CONTRIBUTED: Self = Self { at: u64::MAX, votes: 1, supply: 1 };
}

/// From when on shares count for an audit of a quarter: its begin, or that of the licence in it. What somebody held
/// before has no part in what the quarter earned, and before the pool was opened anybody may have held all there was.
pub fn counts_from(licence: &Licence, quarter: u32) -> u64 {
    quarter_start(quarter).max(licence.activated_at)
}

/// What a request brought about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Requested {
    /// The audit's number, from 1.
    pub number: u32,
    /// The audit.
    pub audit: Audit,
    /// It was open already.
    pub joined: bool,
}

/// A contributor asks for an audit of a quarter that is over: one that held enough of the pool's shares in that quarter
/// or after it, or was approved; for two audits per calendar year at most. Who asks while the quarter's audit is open
/// joins it, which counts for nobody; a quarter is audited twice at most. So nobody can order audits without end, nor
/// use up another's.
///
/// # Errors
/// [`Refusal::WrongStage`], [`Refusal::ZeroHash`], [`Refusal::NotAContributor`], [`Refusal::HeldBefore`],
/// [`Refusal::QuarterOutsideTerm`], [`Refusal::QuarterNotOver`], [`Refusal::TooManyAudits`], [`Refusal::AlreadyDone`]
/// where the quarter was audited twice.
pub fn request_audit(
    store: &mut impl Store,
    call: &Call,
    holding: Option<&Holding>,
    quarter: u32,
    scope: &Hash,
) -> Result<Requested, Refusal> {
    let mut licence = Licence::find(store, &call.licence)?;
    if !licence.is_auditable(call.now) {
        return Err(licence.wrong_stage(call));
    }
    named(scope)?;
    let key = personal(&call.licence, store::STANDING, &call.caller);
    let mut standing = Standing::load(store, &key).unwrap_or_default();
    let holding = holding.filter(|held| has_standing(held.votes, held.supply));
    if holding.is_none() && !standing.approved {
        return Err(Refusal::NotAContributor(call.caller));
    }
    dues::check_over(&licence, call, quarter)?;
    let from = counts_from(&licence, quarter);
    if let Some(held) = holding.filter(|held| held.at < from && !standing.approved) {
        return Err(Refusal::HeldBefore(held.at, from));
    }
    let of_quarter = numbered(&call.licence, store::AUDITED, quarter);
    let audited = Audited::load(store, &of_quarter).unwrap_or_default();
    if let Some(audit) = Audit::load(store, &numbered(&call.licence, store::AUDIT, audited.number))
        && audit.reported_at == 0
    {
        return Ok(Requested { number: audited.number, audit, joined: true });
    }
    if audited.count >= AUDITS_PER_QUARTER {
        return Err(Refusal::AlreadyDone(quarter));
    }
    let year = calendar_year(call.now);
    if standing.year != year {
        (standing.year, standing.requests) = (year, 0);
    }
    if standing.requests >= AUDITS_PER_YEAR {
        return Err(Refusal::TooManyAudits(call.caller, year));
    }
    standing.requests = standing.requests.saturating_add(1);
    licence.audits = licence.audits.saturating_add(1);
    let (contributor, number) = (call.caller, licence.audits);
    let audit = Audit { contributor, quarter, scope: *scope, requested_at: call.now, ..Audit::default() };
    audit.put(store, call, number);
    Audited { number, count: audited.count.saturating_add(1) }.save(store, &of_quarter);
    standing.save(store, &key);
    licence.put(store, &call.licence);
    Ok(Requested { number, audit, joined: false })
}

/// The platform answers with the roots and digests of its logs, manifests and training-run ids. Answers whether this
/// came late, which is a breach on record now.
///
/// # Errors
/// [`Refusal::NotPlatform`], [`Refusal::UnknownNumber`], [`Refusal::AlreadyDone`], [`Refusal::ZeroHash`].
pub fn answer_audit(
    store: &mut impl Store,
    call: &Call,
    number: u32,
    [logs, manifests, runs]: [Hash; 3],
) -> Result<bool, Refusal> {
    let mut licence = Licence::of_platform(store, call)?;
    let mut audit = Audit::find(store, call, number)?;
    if audit.answered_at > 0 {
        return Err(Refusal::AlreadyDone(number));
    }
    [logs, manifests, runs].iter().try_for_each(named)?;
    audit = Audit { logs, manifests, runs, answered_at: call.now, ..audit };
    let late = call.now > audit.answer_by() && audit.late_at == 0;
    if late {
        audit.late_at = call.now;
        licence.add_breach();
        licence.put(store, &call.licence);
    }
    audit.put(store, call, number);
    Ok(late)
}

/// What an auditor found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Finding {
    /// Discrepancy in reported attribution, in basis points.
    pub discrepancy_bps: u16,
    /// What the quarter's usage was.
    pub usage: Usage,
    /// The auditor's fee.
    pub fee: u128,
    /// The contributor's expenses.
    pub expenses: u128,
    /// Hash of the report.
    pub report: Hash,
}

/// An auditor, which the caller was checked to be, reports once the platform answered or let its time pass. The
/// platform then owes the fee, and above 5 % discrepancy the contributor's expenses, both up to the terms' caps.
///
/// # Errors
/// [`Refusal::UnknownNumber`], [`Refusal::AlreadyDone`], [`Refusal::AuditNotAnswered`],
/// [`Refusal::InvalidBasisPoints`], [`Refusal::CostAboveCap`], [`Refusal::ZeroHash`].
pub fn report_audit(store: &mut impl Store, call: &Call, number: u32, finding: &Finding) -> Result<Audit, Refusal> {
    let licence = Licence::find(store, &call.licence)?;
    let mut audit = Audit::find(store, call, number)?;
    if audit.reported_at > 0 {
        return Err(Refusal::AlreadyDone(number));
    }
    if audit.answered_at == 0 && call.now <= audit.answer_by() {
        return Err(Refusal::AuditNotAnswered(number, audit.answer_by()));
    }
    named(&finding.report)?;
    if finding.discrepancy_bps > BASIS_POINTS {
        return Err(Refusal::InvalidBasisPoints(finding.discrepancy_bps));
    }
    let terms = licence.terms(store, &call.licence)?;
    for (claimed, cap) in [(finding.fee, terms.audit_fee_cap), (finding.expenses, terms.audit_expenses_cap)] {
        if claimed > cap {
            return Err(Refusal::CostAboveCap(claimed, cap));
        }
    }
    audit.auditor = call.caller;
    audit.reported_at = call.now;
    audit.discrepancy_bps = finding.discrepancy_bps;
    Usage { tokens: audit.tokens, calls: audit.calls } = finding.usage;
    audit.report = finding.report;
    audit.fee = finding.fee;
    audit.expenses = if finding.discrepancy_bps > DISCREPANCY_BPS { finding.expenses } else { 0 };
    audit.put(store, call, number);
    Ok(audit)
}

/// Anyone has a quarter's due corrected, up or down, by the figures of an audit that found more than 5 %: once, after
/// the time to challenge it.
///
/// # Errors
/// [`Refusal::UnknownNumber`], [`Refusal::AlreadyDone`] where it was applied or dismissed, or a later one of the
/// quarter was applied, [`Refusal::NothingDue`] where it found too little, or the terms charge no usage,
/// [`Refusal::NotYet`], [`Refusal::Overflow`].
pub fn apply_finding(store: &mut impl Store, call: &Call, number: u32) -> Result<(Audit, Reported), Refusal> {
    let licence = Licence::find(store, &call.licence)?;
    let mut audit = Audit::find(store, call, number)?;
    if audit.applied || audit.dismissed {
        return Err(Refusal::AlreadyDone(number));
    }
    let terms = licence.terms(store, &call.licence)?;
    let found = audit.reported_at > 0 && audit.discrepancy_bps > DISCREPANCY_BPS;
    if !found || !terms.rates().charge_usage() {
        return Err(Refusal::NothingDue(number));
    }
    let from = audit.reported_at.saturating_add(CHALLENGE_DAYS * DAY);
    if call.now < from {
        return Err(Refusal::NotYet(number, from));
    }
    let mut quarter = Quarter::of(store, &call.licence, audit.quarter);
    // What was found later, and applied, stands.
    if audit.reported_at < quarter.finding_at {
        return Err(Refusal::AlreadyDone(number));
    }
    // One deadline at a time: what usage added before must not be put off by what this adds.
    if quarter.later > 0 && call.now < quarter.later_by {
        return Err(Refusal::NotYet(number, quarter.later_by));
    }
    (quarter.finding_at, quarter.usage_report) = (audit.reported_at, audit.report);
    audit.applied = true;
    audit.put(store, call, number);
    let usage = Usage { tokens: audit.tokens, calls: audit.calls };
    let reported = dues::use_figures(store, call, licence, &terms, (audit.quarter, quarter), usage)?;
    Ok((audit, reported))
}

/// The arbiter, which the caller was checked to be, dismisses what an audit would correct. Fee and expenses stay owed.
///
/// # Errors
/// [`Refusal::UnknownNumber`], [`Refusal::NothingDue`] where nothing is reported yet, [`Refusal::AlreadyDone`].
pub fn dismiss_finding(store: &mut impl Store, call: &Call, number: u32) -> Result<(), Refusal> {
    let mut audit = Audit::find(store, call, number)?;
    if audit.reported_at == 0 {
        return Err(Refusal::NothingDue(number));
    }
    if audit.applied || audit.dismissed {
        return Err(Refusal::AlreadyDone(number));
    }
    audit.dismissed = true;
    audit.put(store, call, number);
    Ok(())
}

/// Which of an audit's two debts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Debt {
    /// The auditor's fee.
    Fee,
    /// The contributor's expenses.
    Expenses,
}

impl Debt {
    /// The expenses, or else the fee.
    pub const fn of(expenses: bool) -> Self {
        if expenses { Self::Expenses } else { Self::Fee }
    }
}

/// Anyone pays one of an audit's debts for the platform. It is credited to whom it is owed: so no creditor that takes
/// no money makes a debt of the platform last.
///
/// # Errors
/// [`Refusal::UnknownLicence`], [`Refusal::UnknownNumber`], [`Refusal::AlreadyDone`], [`Refusal::NothingDue`].
pub fn pay_audit(
    store: &mut impl Store,
    call: &Call,
    number: u32,
    debt: Debt,
) -> Result<(Address, u128, Moves), Refusal> {
    let mut licence = Licence::find(store, &call.licence)?;
    let mut audit = Audit::find(store, call, number)?;
    let (to, amount, done) = match debt {
        Debt::Fee => (audit.auditor, audit.fee, &mut audit.fee_paid),
        Debt::Expenses => (audit.contributor, audit.expenses, &mut audit.reimbursed),
    };
    if amount == 0 {
        return Err(Refusal::NothingDue(number));
    }
    if core::mem::replace(done, true) {
        return Err(Refusal::AlreadyDone(number));
    }
    licence.money_in = add(licence.money_in, amount)?;
    licence.paid_out = add(licence.paid_out, amount)?;
    audit.put(store, call, number);
    licence.put(store, &call.licence);
    Ok((to, amount, Moves { take: amount, ..Moves::default() }))
}

/// Whom one of an audit's debts is owed to withdraws what was paid of it, to any account; anybody else has it paid to
/// that account, or to the one that the pool pays in its place, `payee` says.
///
/// # Errors
/// [`Refusal::UnknownLicence`], [`Refusal::UnknownNumber`], [`Refusal::NotCreditor`], [`Refusal::NothingDue`] where
/// nothing was paid, [`Refusal::AlreadyDone`].
pub fn withdraw_audit(
    store: &mut impl Store,
    call: &Call,
    number: u32,
    debt: Debt,
    to: &Address,
    payee: impl FnOnce(&Address) -> Address,
) -> Result<(Address, Moves), Refusal> {
    Licence::find(store, &call.licence)?;
    let mut audit = Audit::find(store, call, number)?;
    let (creditor, amount, paid, done) = match debt {
        Debt::Fee => (audit.auditor, audit.fee, audit.fee_paid, &mut audit.fee_withdrawn),
        Debt::Expenses => (audit.contributor, audit.expenses, audit.reimbursed, &mut audit.expenses_withdrawn),
    };
    if creditor != call.caller && creditor != *to && payee(&creditor) != *to {
        return Err(Refusal::NotCreditor(call.caller, creditor));
    }
    if !paid {
        return Err(Refusal::NothingDue(number));
    }
    if core::mem::replace(done, true) {
        return Err(Refusal::AlreadyDone(number));
    }
    audit.put(store, call, number);
    Ok((creditor, Moves { send: Some((*to, amount)), ..Moves::default() }))
}
