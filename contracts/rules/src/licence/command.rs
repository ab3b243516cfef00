//! Every message as a value: a history is a list of these. The contract calls the functions; models and tests use this.

use super::{
    Address, Call, Hash, Moves, Refusal, Store,
    audit::{self, Debt, Finding, Holding},
    conduct::{self, Wanted},
    dues::{self, Figures, UsageReport},
    ending::{self, Cause, Side},
    escrow, guarantee,
    menu::{self, Limit},
    offer::{self, Offer},
    parties,
};

/// One message.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the functions of the same names document them")]
pub enum Command {
    Offer(Offer),
    Withdraw,
    Decline,
    Accept(u8),
    FundEscrow(u128),
    Lapse,
    TakeOption(Hash, u8, Limit),
    WithdrawMenu,
    Report(u32, Figures),
    AssessUsage(u32, UsageReport),
    CloseUsage(u32),
    Pay(u32, u128),
    RecordDefault(u32),
    RecordEmptyEscrow,
    TrueUp(u32),
    PayShortfall(u32, u128),
    CertifyMilestone(u8, Hash),
    Refund(Address),
    ForfeitEscrow,
    Deliver(u32),
    ApproveContributor(Address, bool),
    RequestAudit { holding: Option<Holding>, quarter: u32, scope: Hash },
    AnswerAudit(u32, [Hash; 3]),
    ReportAudit(u32, Finding),
    ApplyFinding(u32),
    DismissFinding(u32),
    PayAudit(u32, Debt),
    WithdrawAudit(u32, Debt, Address),
    RecordSublicence { licensee: Address, uses: u32, document: Hash },
    RecordViolation { kind: u8, uses: u32, at: u64, evidence: Hash },
    DismissViolation(Hash),
    RequestRedaction(Wanted),
    CertifyRedaction(u32, Hash),
    RecordBreach(u8, u32),
    Terminate { cause: Cause, side: Side },
    ProposePlatform(Address),
    AcceptPlatform,
    Close,
    CertifyDeletion(Hash),
}

/// Commands know no pool that could say whether usage is awaited.
const fn no_answer(_: u64) -> Option<bool> {
    None
}

impl Command {
    /// Decides and stores; answers the money to move.
    ///
    /// # Errors
    /// The function's.
    pub fn apply(&self, store: &mut impl Store, call: &Call) -> Result<Moves, Refusal> {
        let done = |()| Moves::default();
        match self {
            Self::Offer(offer) => offer::offer(store, call, offer),
            Self::Withdraw => offer::withdraw(store, call).map(done),
            Self::Decline => offer::decline(store, call).map(done),
            Self::Accept(option) => offer::accept(store, call, *option).map(|accepted| accepted.moves),
            Self::FundEscrow(amount) => offer::fund_escrow(store, call, *amount).map(|(_, _, moves)| moves),
            Self::TakeOption(menu, option, limit) => {
                menu::take(store, call, menu, *option, limit).map(|accepted| accepted.moves)
            }
            Self::WithdrawMenu => menu::withdraw(store, call).map(done),
            Self::Lapse => offer::lapse(store, call).map(done),
            Self::Report(quarter, figures) => dues::report(store, call, *quarter, figures).map(|_| Moves::default()),
            Self::AssessUsage(quarter, report) => {
                dues::assess_usage(store, call, *quarter, || Some(*report), no_answer).map(|_| Moves::default())
            }
            Self::CloseUsage(quarter) => {
                dues::assess_usage(store, call, *quarter, || None, no_answer).map(|_| Moves::default())
            }
            Self::Pay(quarter, amount) => dues::pay(store, call, *quarter, *amount).map(|paid| paid.moves),
            Self::RecordDefault(quarter) => {
                let done = dues::record_default(store, call, *quarter)?;
                Ok(done.paid.map(|paid| paid.moves).unwrap_or_default())
            }
            Self::RecordEmptyEscrow => guarantee::record_empty_escrow(store, call).map(|_| Moves::default()),
            Self::TrueUp(year) => guarantee::true_up(store, call, *year).map(|done| done.moves),
            Self::PayShortfall(year, amount) => {
                guarantee::pay_shortfall(store, call, *year, *amount).map(|(_, _, moves)| moves)
            }
            Self::CertifyMilestone(index, evidence) => {
                guarantee::certify_milestone(store, call, *index, evidence).map(|done| done.moves)
            }
            Self::Refund(to) => escrow::refund(store, call, to),
            Self::ForfeitEscrow => escrow::forfeit(store, call).map(|done| done.moves),
            Self::Deliver(period) => guarantee::deliver(store, call, *period),
            Self::PayAudit(number, debt) => audit::pay_audit(store, call, *number, *debt).map(|(.., moves)| moves),
            Self::WithdrawAudit(number, debt, to) => {
                audit::withdraw_audit(store, call, *number, *debt, to, |account| *account).map(|(_, moves)| moves)
            }
            _ => self.conduct(store, call).map(done),
        }
    }

    /// The messages without money.
    fn conduct(&self, store: &mut impl Store, call: &Call) -> Result<(), Refusal> {
        match self {
            Self::ApproveContributor(account, approved) => audit::approve_contributor(store, call, account, *approved),
            Self::RequestAudit { holding, quarter, scope } => {
                audit::request_audit(store, call, holding.as_ref(), *quarter, scope).map(drop)
            }
            Self::ApplyFinding(number) => audit::apply_finding(store, call, *number).map(drop),
            Self::DismissFinding(number) => audit::dismiss_finding(store, call, *number),
            Self::DismissViolation(evidence) => conduct::dismiss_violation(store, call, evidence).map(drop),
            Self::ProposePlatform(next) => parties::propose_platform(store, call, next),
            Self::AcceptPlatform => parties::accept_platform(store, call),
            Self::AnswerAudit(number, hashes) => audit::answer_audit(store, call, *number, *hashes).map(drop),
            Self::ReportAudit(number, finding) => audit::report_audit(store, call, *number, finding).map(drop),
            Self::RecordSublicence { licensee, uses, document } => {
                conduct::record_sublicence(store, call, licensee, *uses, document).map(drop)
            }
            Self::RecordViolation { kind, uses, at, evidence } => {
                conduct::record_violation(store, call, *kind, *uses, *at, evidence).map(drop)
            }
            Self::RequestRedaction(wanted) => conduct::request_redaction(store, call, wanted).map(drop),
            Self::CertifyRedaction(number, hash) => conduct::certify_redaction(store, call, *number, hash).map(drop),
            Self::RecordBreach(kind, number) => conduct::record_breach(store, call, *kind, *number).map(drop),
            Self::Terminate { cause, side } => ending::terminate(store, call, cause, *side).map(drop),
            Self::Close => ending::close(store, call).map(drop),
            Self::CertifyDeletion(hash) => ending::certify_deletion(store, call, hash).map(drop),
            _ => Ok(()),
        }
    }
}
