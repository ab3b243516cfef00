//! Audits by contributors (LIC-3).

use super::{
    AUDIT_DAYS, AUDITS_PER_YEAR, Address, Call, DAY, DISCREPANCY_BPS, Hash, Licence, Moves, Refusal, Store, add, named,
    store::{self, numbered, personal, stored},
};
use crate::{math::BASIS_POINTS, packed, period::calendar_year};

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
    /// Who asked.
    pub contributor: Address,
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
    /// The late answer is on record as a breach.
    pub late: bool,
    /// The late payment is on record as a breach.
    pub unpaid: bool,
}

packed!(Audit {
    contributor: [u8; 20],
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
    late: bool,
    unpaid: bool,
});
stored!(Standing, Audit);

impl Audit {
    /// The audit with this number.
    ///
    /// # Errors
    /// [`Refusal::UnknownNumber`].
    pub fn find(store: &impl Store, call: &Call, number: u32) -> Result<Self, Refusal> {
        Self::load(store, &numbered(&call.licence, store::AUDIT, number)).ok_or(Refusal::UnknownNumber(number))
    }

    /// Stores it.
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

/// A contributor asks for an audit: one that holds shares of the pool, or was approved; twice per calendar year at
/// most. Answers the audit's number, from 1.
///
/// # Errors
/// [`Refusal::WrongStage`], [`Refusal::ZeroHash`], [`Refusal::NotAContributor`], [`Refusal::TooManyAudits`].
pub fn request_audit(store: &mut impl Store, call: &Call, holder: bool, scope: &Hash) -> Result<u32, Refusal> {
    let mut licence = Licence::find(store, &call.licence)?;
    if !licence.is_auditable(call.now) {
        return Err(licence.wrong_stage(call));
    }
    named(scope)?;
    let key = personal(&call.licence, store::STANDING, &call.caller);
    let mut standing = Standing::load(store, &key).unwrap_or_default();
    if !holder && !standing.approved {
        return Err(Refusal::NotAContributor(call.caller));
    }
    let year = calendar_year(call.now);
    if standing.year != year {
        (standing.year, standing.requests) = (year, 0);
    }
    if standing.requests >= AUDITS_PER_YEAR {
        return Err(Refusal::TooManyAudits(call.caller, year));
    }
    standing.requests += 1;
    licence.audits += 1;
    let audit = Audit { contributor: call.caller, scope: *scope, requested_at: call.now, ..Audit::default() };
    audit.put(store, call, licence.audits);
    standing.save(store, &key);
    licence.put(store, &call.licence);
    Ok(licence.audits)
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
    let late = call.now > audit.answer_by() && !audit.late;
    if late {
        audit.late = true;
        licence.add_breach(call.now);
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
    audit.report = finding.report;
    audit.fee = finding.fee;
    audit.expenses = if finding.discrepancy_bps > DISCREPANCY_BPS { finding.expenses } else { 0 };
    audit.put(store, call, number);
    Ok(audit)
}

/// Which of an audit's two debts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Debt {
    /// The auditor's fee.
    Fee,
    /// The contributor's expenses.
    Expenses,
}

/// The platform pays one of an audit's debts straight to whom it is owed.
///
/// # Errors
/// [`Refusal::NotPlatform`], [`Refusal::UnknownNumber`], [`Refusal::AlreadyDone`], [`Refusal::NothingDue`].
pub fn pay_audit(store: &mut impl Store, call: &Call, number: u32, debt: Debt) -> Result<Moves, Refusal> {
    let mut licence = Licence::of_platform(store, call)?;
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
    Ok(Moves { take: amount, deliver: None, send: Some((to, amount)) })
}
