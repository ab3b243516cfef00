//! Acts: what is sent to contracts, by people and by keepers.
//!
//! What contracts wait for, and anybody must send, is declared by kinds: the call, who may send it, and by which
//! refusals the contract itself says that it is not due yet, that it was done, and that it never will be. So when such
//! an act is due is the contract's own answer, given to a call that is run and not sent ([`Act::standing`]); nobody
//! else's clock or arithmetic is asked, and who sends an act twice, or beside another sender, changes nothing.
//!
//! What a person does is declared by a [`Doing`], once: its arguments with their units, who may, the sentence that says
//! what it does, the facts to check first, and the calls in order. It gives a [`Plan`], which can be told, tried, sent
//! call by call, or handed to a wallet as transactions; command line, pages and demonstration all use it. All of them
//! are in [`registry`], by noun and verb.

/// The four bytes of errors by their names.
macro_rules! refusals {
    ($($name:ident),* $(,)?) => {
        &[$(<$crate::abi::Refusal::$name as alloy_sol_types::SolError>::SELECTOR),*]
    };
}

/// Declares what a person can do: arguments, who may, the calls that it can need, and the plan that it makes of them.
/// The first line of the documentation is the one that help pages and wallets show.
macro_rules! doing {
    (
        $(#[doc = $says:tt])+
        $name:ident = $command:literal, by $who:expr, calls [$($call:path),* $(,)?]
        { $($(#[$attribute:meta])* $field:ident: $type:ty,)* }
        |$this:ident, $desk:ident| $plan:block
    ) => {
        $(#[doc = $says])+
        #[derive(Debug, Clone, clap::Args, serde::Serialize, serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct $name { $($(#[$attribute])* pub $field: $type,)* }

        impl $crate::acts::Doing for $name {
            const NAME: &'static str = $command;
            const KIND: &'static $crate::acts::Kind =
                &$crate::acts::Kind::of_people($command, $who, $crate::acts::first(&[$($says),+]));
            const CALLS: &'static [$crate::acts::Message] =
                &[$($crate::acts::Message::of::<$call>(stringify!($call))),*];

            async fn plan(&self, $desk: &$crate::acts::Desk) -> Result<$crate::acts::Plan, $crate::acts::ActError> {
                let $this = self;
                $plan
            }
        }
    };
}

/// Declares what a person can ask.
macro_rules! asking {
    (
        $(#[doc = $says:tt])+
        $name:ident = $command:literal { $($(#[$attribute:meta])* $field:ident: $type:ty,)* }
        |$this:ident, $desk:ident| $answer:block
    ) => {
        $(#[doc = $says])+
        #[derive(Debug, Clone, clap::Args, serde::Serialize, serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct $name { $($(#[$attribute])* pub $field: $type,)* }

        impl $crate::acts::Asking for $name {
            const NAME: &'static str = $command;
            const SAYS: &'static str = $crate::acts::first(&[$($says),+]);

            async fn answer(&self, $desk: &$crate::acts::Desk) -> Result<$crate::acts::Answer, $crate::acts::ActError> {
                let $this = self;
                $answer
            }
        }
    };
}

/// One in an answer's list, with its fields in order.
macro_rules! row {
    ({ $($name:literal: $value:expr),* $(,)? }) => {
        vec![$(($name, serde_json::json!($value))),*]
    };
}

/// An answer with its fields in order.
macro_rules! answer {
    ({ $($name:literal: $value:expr),* $(,)? }) => {
        $crate::acts::Answer::of(vec![$(($name.to_owned(), serde_json::json!($value))),*])
    };
}

pub mod arguments;
pub mod countries;
pub mod datasets;
mod desk;
mod documents;
pub mod doings;
pub mod history;
pub mod labels;
pub mod licences;
mod plan;
pub mod pools;
pub mod purse;
pub mod registry;
pub mod remedies;
pub mod told;
pub mod words;

use alloy_primitives::{Address, Bytes};
use alloy_sol_types::{SolCall, SolInterface};
use serde::{Serialize, de::DeserializeOwned};

pub use self::{
    desk::{ActError, Currency, Desk, vouch},
    plan::{Answer, Fact, Outcome, Plan, Row, Simulated, Transaction},
};

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
    /// Whom these words name.
    Named(&'static str),
}

impl std::fmt::Display for Who {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Anyone => "anyone",
            Self::Platform => "the licence's platform",
            Self::Role(name) | Self::Named(name) => name,
        })
    }
}

/// What is declared of all acts of a kind. Refusals are named by their four bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kind {
    /// As status files and logs have it; of what people do, noun and verb of the command line.
    pub name: &'static str,
    /// What it does, in a sentence.
    pub says: &'static str,
    /// Who may send it.
    pub who: Who,
    /// Says that its time has not come.
    pub waits: &'static [[u8; 4]],
    /// Says that it was done.
    pub done: &'static [[u8; 4]],
    /// Says that there is nothing to do, and will not be.
    pub moot: &'static [[u8; 4]],
}

/// An act: one call.
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
    /// Money of the chain's own that goes with it, in wei.
    pub value: u128,
    /// Whether it needs what the act before it does, so that it cannot be tried before that one is sent.
    pub follows: bool,
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
        Self { kind, about, contract, calldata: call.abi_encode().into(), value: 0, follows: false }
    }

    /// The same with money of the chain's own, in wei.
    pub fn paying(self, wei: u128) -> Self {
        Self { value: wei, ..self }
    }

    /// The same, where it needs what the act before it does.
    pub fn following(self) -> Self {
        Self { follows: true, ..self }
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
    /// A kind of what people do: nothing waits for it, so nothing says whether it was done.
    pub const fn of_people(name: &'static str, who: Who, says: &'static str) -> Self {
        Self { name, says, who, waits: &[], done: &[], moot: &[] }
    }

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

/// A message of a contract that something calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Message {
    /// Contract and message as the ABI's bindings name them, such as `Kyc::setRecordCall`.
    pub path: &'static str,
    /// Its four bytes.
    pub selector: [u8; 4],
}

impl Message {
    /// The message of a call.
    pub const fn of<C: SolCall>(path: &'static str) -> Self {
        Self { path, selector: C::SELECTOR }
    }

    /// As people read it, such as `Kyc.setRecord`.
    pub fn name(&self) -> String {
        let plain: String = self.path.chars().filter(|c| !c.is_whitespace()).collect();
        let mut parts = plain.rsplit("::");
        let call = parts.next().unwrap_or_default();
        let call = call.strip_suffix("Call").unwrap_or(call);
        parts.next().map_or_else(|| call.to_owned(), |contract| format!("{contract}.{call}"))
    }
}

/// What a person does: declared once, for command line, pages and demonstration. Made by the macro `doing`.
pub trait Doing: clap::Args + Serialize + DeserializeOwned {
    /// Noun and verb of the command line.
    const NAME: &'static str;
    /// Who may, and what it does in a sentence.
    const KIND: &'static Kind;
    /// The messages that it may need.
    const CALLS: &'static [Message];

    /// What is to be sent, with the facts that decide whether that will do.
    fn plan(&self, desk: &Desk) -> impl Future<Output = Result<Plan, ActError>> + Send;
}

/// What a person asks: nothing is sent.
pub trait Asking: clap::Args + Serialize + DeserializeOwned {
    /// Noun and verb of the command line.
    const NAME: &'static str;
    /// What the answer says, in a sentence.
    const SAYS: &'static str;

    /// What is known.
    fn answer(&self, desk: &Desk) -> impl Future<Output = Result<Answer, ActError>> + Send;
}

/// The first line of some documentation, without the space that comments begin with.
const fn first(lines: &[&'static str]) -> &'static str {
    match lines[0].as_bytes() {
        [b' ', ..] => lines[0].split_at(1).1,
        _ => lines[0],
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
