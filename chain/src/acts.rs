//! Acts: what contracts wait for, and somebody must send.
//!
//! Each is declared once: its call, who may send it, and by which refusals the contract itself says that it is not due
//! yet, that it was done, and that it never will be. So when an act is due is the contract's own answer, given to a
//! call that is run and not sent ([`Act::standing`]); nobody else's clock or arithmetic is asked, and who sends an act
//! twice, or beside another sender, changes nothing.

/// The four bytes of errors by their names.
macro_rules! refusals {
    ($($name:ident),* $(,)?) => {
        &[$(<$crate::abi::Refusal::$name as alloy_sol_types::SolError>::SELECTOR),*]
    };
}

pub mod datasets;
pub mod licences;
pub mod pools;

use alloy_primitives::{Address, Bytes};
use alloy_sol_types::{SolCall, SolInterface};

use crate::{
    client::ChainClient,
    error::{ChainError, ContractError},
};

/// Who may send an act.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// Anybody.
    Anyone,
    /// The licence's platform.
    Platform,
    /// Whom the contract gave this role.
    Role(&'static str),
}

/// What is declared of all acts of a kind. Refusals are named by their four bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kind {
    /// As status files and logs have it.
    pub name: &'static str,
    /// Who may send it.
    pub who: Who,
    /// Says that its time has not come.
    pub waits: &'static [[u8; 4]],
    /// Says that it was done.
    pub done: &'static [[u8; 4]],
    /// Says that there is nothing to do, and will not be.
    pub moot: &'static [[u8; 4]],
}

/// An act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Act {
    /// Which kind.
    pub kind: &'static Kind,
    /// What it is about, unique within its kind.
    pub about: String,
    /// The contract.
    pub contract: Address,
    /// The call.
    pub calldata: Bytes,
}

/// How an act stands, by the contract's own answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// It can be sent now.
    Due,
    /// Its time has not come.
    Waits(String),
    /// It was done.
    Done,
    /// There is nothing to do, and will not be.
    Moot(String),
    /// It is for somebody else to send.
    NotOurs(String),
    /// The contract refuses for a reason that is none of these: somebody must look.
    Blocked(String),
}

impl Act {
    /// An act of a call.
    pub fn new(kind: &'static Kind, about: String, contract: Address, call: &impl SolCall) -> Self {
        Self { kind, about, contract, calldata: call.abi_encode().into() }
    }

    /// How it stands for a sender, at the head of the best chain: the call is run and not sent.
    ///
    /// # Errors
    /// [`ChainError`] where the node does not answer.
    pub async fn standing(&self, client: &ChainClient, sender: Address) -> Result<Standing, ChainError> {
        let best = client.best_block().await?.hash;
        match client.try_as_at(best, sender, self.contract, self.calldata.to_vec()).await {
            Ok(()) => Ok(Standing::Due),
            Err(ChainError::Refused { error, .. }) => Ok(self.kind.judge(&error)),
            // It traps, or runs out of what a block has.
            Err(ChainError::Dispatch { reason }) => Ok(Standing::Blocked(reason)),
            Err(error) => Err(error),
        }
    }
}

impl Kind {
    /// What a refusal says of an act of this kind.
    pub fn judge(&self, refusal: &ContractError) -> Standing {
        let why = refusal.to_string();
        let ContractError::Known(known) = refusal else { return Standing::Blocked(why) };
        let selector = known.selector();
        if self.waits.contains(&selector) {
            Standing::Waits(why)
        } else if self.done.contains(&selector) {
            Standing::Done
        } else if self.moot.contains(&selector) {
            Standing::Moot(why)
        } else if NOT_OURS.contains(&selector) {
            Standing::NotOurs(why)
        } else {
            Standing::Blocked(why)
        }
    }
}

/// Says that the sender may not.
const NOT_OURS: &[[u8; 4]] = refusals![AccessControlUnauthorizedAccount, NotPlatform, NotLicensor];

#[cfg(test)]
mod tests {
    use super::{licences::RECORD_BREACH, *};
    use crate::{
        abi::Refusal::{self, RefusalErrors},
        acts,
    };

    fn refused(error: RefusalErrors) -> ContractError {
        ContractError::Known(Box::new(error))
    }

    /// A contract's refusal says how an act stands: of each kind its own, and what no kind knows is for people.
    #[test]
    fn a_refusal_says_how_an_act_stands() {
        let judge = |error| RECORD_BREACH.judge(&refused(error));
        let not_yet = RefusalErrors::NotYet(Refusal::NotYet { number: 7, from: 9 });
        assert!(matches!(judge(not_yet.clone()), Standing::Waits(why) if why.contains("from: 9")));
        assert_eq!(judge(RefusalErrors::AlreadyRecorded(Refusal::AlreadyRecorded { number: 7 })), Standing::Done);
        assert!(matches!(judge(RefusalErrors::EmptyLabel(Refusal::EmptyLabel {})), Standing::Blocked(_)));
        let platform = Refusal::NotPlatform { caller: Address::ZERO, platform: Address::ZERO };
        assert!(matches!(judge(RefusalErrors::NotPlatform(platform)), Standing::NotOurs(_)));
        assert!(matches!(RECORD_BREACH.judge(&ContractError::Unknown(Bytes::new())), Standing::Blocked(_)));
        // The same refusal says another thing of another kind.
        assert!(matches!(acts::pools::KEEP_ROOT.judge(&refused(not_yet)), Standing::Blocked(_)));
    }

    /// No kind says two things by one refusal, and each has a name of its own.
    #[test]
    fn kinds_are_told_apart() {
        let mut names = Vec::new();
        for kind in [licences::ALL, pools::ALL, datasets::ALL].concat() {
            names.push(kind.name);
            let all = [kind.waits, kind.done, kind.moot, NOT_OURS].concat();
            let mut distinct = all.clone();
            distinct.sort_unstable();
            distinct.dedup();
            assert_eq!(all.len(), distinct.len(), "{}", kind.name);
        }
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
    }
}
