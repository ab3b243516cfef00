//! What licences wait for (LIC-3 to LIC-10).

use alloy_primitives::{Address, B256};

use super::{Act, Kind, Who};
use crate::abi::Licence;

/// Has what a platform did not fund in time lapse.
pub const LAPSE: Kind = Kind {
    name: "lapse",
    says: "Has what a platform did not fund in time lapse.",
    who: Who::Anyone,
    waits: refusals![FundingOpen],
    done: &[],
    moot: refusals![WrongStage],
};

/// Has a quarter's usage taken over from the stream's final report, or closed where none comes any more.
pub const ASSESS_USAGE: Kind = Kind {
    name: "assess_usage",
    says: "Has a quarter's usage taken over from the stream's final report, or closed where none comes any more.",
    who: Who::Anyone,
    waits: refusals![UsageNotFinal, QuarterNotOver],
    done: refusals![UsageAlreadyReported],
    moot: refusals![UsageNotInTerms, QuarterOutsideTerm, WrongStage],
};

/// Records that a quarter was not reported or not paid, or that the escrow was not filled up.
pub const RECORD_DEFAULT: Kind = Kind {
    name: "record_default",
    says: "Records that a quarter was not reported or not paid, or that the escrow was not filled up.",
    who: Who::Anyone,
    waits: refusals![NotYet],
    done: refusals![AlreadyRecorded],
    moot: refusals![NothingDue, QuarterOutsideTerm, WrongStage],
};

/// Trues a licence year up.
pub const TRUE_UP: Kind = Kind {
    name: "true_up",
    says: "Trues a licence year up.",
    who: Who::Anyone,
    waits: refusals![YearNotOver],
    done: refusals![YearOutOfOrder],
    moot: refusals![GuaranteeNotInTerms, YearOutsideTerm, WrongStage],
};

/// Records that something was not done in time: a quarter's report, an audit's answer or payment, a redaction, the
/// deletion.
pub const RECORD_BREACH: Kind = Kind {
    name: "record_breach",
    says: "Records that something was not done in time: a quarter's report, an audit's answer or payment, a redaction, the deletion.",
    who: Who::Anyone,
    waits: refusals![NotYet],
    done: refusals![AlreadyRecorded],
    moot: refusals![AlreadyDone, QuarterOutsideTerm, WrongStage, UnknownNumber],
};

/// Has a quarter corrected by an audit.
pub const APPLY_FINDING: Kind = Kind {
    name: "apply_finding",
    says: "Has a quarter corrected by an audit.",
    who: Who::Anyone,
    waits: refusals![NotYet],
    done: refusals![AlreadyDone],
    moot: refusals![NothingDue, UnknownNumber],
};

/// Tells the registry of datasets that a licence is over.
pub const CLOSE: Kind = Kind {
    name: "close",
    says: "Tells the registry of datasets that a licence is over.",
    who: Who::Anyone,
    waits: refusals![StillInForce],
    done: refusals![AlreadyClosed],
    moot: refusals![WrongStage],
};

/// Has the rest of the escrow of a silent platform go to the pool.
pub const FORFEIT_ESCROW: Kind = Kind {
    name: "forfeit_escrow",
    says: "Has the rest of the escrow of a silent platform go to the pool.",
    who: Who::Anyone,
    waits: refusals![StillInForce, NotYet, TrueUpFirst, UsageOpen],
    done: &[],
    moot: refusals![NothingDue, WrongStage],
};

/// Alleges what the terms forbid and the usage log shows (LIC-6, LIC-9).
pub const RECORD_VIOLATION: Kind = Kind {
    name: "record_violation",
    says: "Alleges what the terms forbid and the usage log shows.",
    who: Who::Role("ORACLE_ROLE"),
    waits: &[],
    done: refusals![ViolationAlreadyRecorded],
    moot: refusals![NotAViolation, WrongStage],
};

/// Puts a checkpoint of the usage log on chain. The same again changes nothing.
pub const ANCHOR: Kind = Kind {
    name: "anchor",
    says: "Puts a checkpoint of the usage log on chain.",
    who: Who::Platform,
    waits: &[],
    done: &[],
    moot: &[],
};

/// All kinds.
pub const ALL: &[Kind] = &[
    LAPSE,
    ASSESS_USAGE,
    RECORD_DEFAULT,
    TRUE_UP,
    RECORD_BREACH,
    APPLY_FINDING,
    CLOSE,
    FORFEIT_ESCROW,
    RECORD_VIOLATION,
    ANCHOR,
];

/// What a breach is; the numbers of the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Breach {
    /// A quarter's revenue was not reported in time.
    Report = 1,
    /// An audit was not answered in time.
    AuditAnswer = 2,
    /// A redaction was not certified in time.
    Redaction = 3,
    /// The deletion was not certified in time.
    Deletion = 4,
    /// An audit was not paid in time.
    AuditPayment = 5,
}

/// A licence of a contract, whose acts these are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Of {
    /// The licence contract.
    pub contract: Address,
    /// The licence.
    pub licence: B256,
}

impl Of {
    fn about(&self, which: impl std::fmt::Display) -> String {
        format!("{} {which}", self.licence)
    }

    /// [`LAPSE`].
    pub fn lapse(&self) -> Act {
        Act::new(&LAPSE, self.licence.to_string(), self.contract, &Licence::lapseCall { licence: self.licence })
    }

    /// [`ASSESS_USAGE`] of a quarter.
    pub fn assess_usage(&self, quarter: u32) -> Act {
        let call = Licence::assessUsageCall { licence: self.licence, quarter };
        Act::new(&ASSESS_USAGE, self.about(quarter), self.contract, &call)
    }

    /// [`RECORD_DEFAULT`] of a quarter, or of the escrow by zero.
    pub fn record_default(&self, number: u32) -> Act {
        let call = Licence::recordDefaultCall { licence: self.licence, number };
        Act::new(&RECORD_DEFAULT, self.about(number), self.contract, &call)
    }

    /// [`TRUE_UP`] of a licence year.
    pub fn true_up(&self, year: u32) -> Act {
        let call = Licence::trueUpCall { licence: self.licence, year };
        Act::new(&TRUE_UP, self.about(year), self.contract, &call)
    }

    /// [`RECORD_BREACH`] of a number, as its kind counts.
    pub fn record_breach(&self, breach: Breach, number: u32) -> Act {
        let call = Licence::recordBreachCall { licence: self.licence, kind: breach as u8, number };
        Act::new(&RECORD_BREACH, self.about(format_args!("{breach:?} {number}")), self.contract, &call)
    }

    /// [`APPLY_FINDING`] of an audit.
    pub fn apply_finding(&self, number: u32) -> Act {
        let call = Licence::applyFindingCall { licence: self.licence, number };
        Act::new(&APPLY_FINDING, self.about(number), self.contract, &call)
    }

    /// [`CLOSE`].
    pub fn close(&self) -> Act {
        Act::new(&CLOSE, self.licence.to_string(), self.contract, &Licence::closeCall { licence: self.licence })
    }

    /// [`FORFEIT_ESCROW`].
    pub fn forfeit_escrow(&self) -> Act {
        let call = Licence::forfeitEscrowCall { licence: self.licence };
        Act::new(&FORFEIT_ESCROW, self.licence.to_string(), self.contract, &call)
    }

    /// [`ANCHOR`] of the log's first `size` records, whose key is of this epoch.
    pub fn anchor(&self, epoch: u32, size: u64, root: B256) -> Act {
        let call = Licence::anchorCall { licence: self.licence, epoch, size, root };
        Act::new(&ANCHOR, self.about(size), self.contract, &call)
    }

    /// [`RECORD_VIOLATION`] that happened at `at` (Unix seconds), by the hash of its evidence; `uses` has the bits of
    /// what was done.
    pub fn record_violation(&self, kind: u8, uses: u32, at: u64, evidence: B256) -> Act {
        let call = Licence::recordViolationCall { licence: self.licence, kind, uses, at, evidence };
        Act::new(&RECORD_VIOLATION, self.about(evidence), self.contract, &call)
    }
}
