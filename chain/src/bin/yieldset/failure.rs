//! How a run ends: with a code for programs and a text that says what to type next.

use std::process::ExitCode;

use serde_json::json;
use yieldset_chain::{
    B256, ChainError,
    acts::{ActError, labels::LabelError, remedies, words::Words},
    book::BookError,
    deploy::DeployError,
    keys::WhoError,
    profile::ProfileError,
    submit::KeyError,
    units::UnitError,
};

use crate::{options::Options, show};

/// Exit codes, as the help says them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    /// A node, a file or a program failed. Nothing was sent.
    Failed,
    /// The command line is wrong.
    Usage,
    /// It cannot be done as things are. Nothing was sent.
    Impossible,
    /// The user said no. Nothing was sent.
    Declined,
    /// It was sent, and what became of it is not known.
    Unknown,
    /// It is in a block, without effect; its fee is spent.
    NoEffect,
    /// The first calls were done, and the rest was not; or all were, and it is not noted here.
    Partly,
    /// Of a program that this one ran, which has said why itself.
    Of(u8),
}

impl Code {
    /// As the system has it.
    pub const fn number(self) -> u8 {
        match self {
            Self::Failed => 1,
            Self::Usage => 2,
            Self::Impossible => 3,
            Self::Declined => 4,
            Self::Unknown => 5,
            Self::NoEffect => 6,
            Self::Partly => 7,
            Self::Of(code) => code,
        }
    }
}

impl Code {
    /// The same of a call before which others were done.
    pub const fn after_others(self) -> Self {
        match self {
            Self::Unknown | Self::NoEffect => self,
            _ => Self::Partly,
        }
    }
}

/// For the end of the help.
pub const CODES: &str = "\
Exit codes:
  0  done, or shown
  1  a node, a file or a program failed; nothing was sent
  2  the command line is wrong
  3  it cannot be done as things are; nothing was sent
  4  not confirmed; nothing was sent
  5  sent, and what became of it is not known: look before sending it again (yieldset account transaction HASH)
  6  in a block without effect; the fee is spent
  7  sent, and something after it was not done: the first calls were and the rest was not (the same command goes on),
     or all were and this computer has not noted it";

/// Why a run ended.
#[derive(Debug)]
pub struct Failure {
    /// For programs.
    pub code: Code,
    /// For people.
    pub text: String,
    /// What to type, where that is told apart.
    pub remedy: String,
    /// What a contract, the chain or the node said, in its own form.
    pub raw: Option<String>,
    /// Whether what is printed in JSON says it already.
    pub told: bool,
}

impl Failure {
    /// For this reason, with what to do in it.
    pub fn of(code: Code, text: impl Into<String>) -> Self {
        Self { code, text: text.into(), remedy: String::new(), raw: None, told: false }
    }

    /// The command line is wrong.
    pub fn usage(text: impl Into<String>) -> Self {
        Self::of(Code::Usage, text)
    }

    /// It cannot be done as things are.
    pub fn impossible(text: impl Into<String>) -> Self {
        Self::of(Code::Impossible, text)
    }

    /// The user said no.
    pub fn declined() -> Self {
        Self::of(Code::Declined, "not confirmed; nothing was sent")
    }

    /// The same with what to type.
    pub fn with(self, remedy: impl Into<String>) -> Self {
        Self { remedy: remedy.into(), ..self }
    }

    /// The same with what was said by others, in their own form.
    pub fn raw(self, raw: Option<String>) -> Self {
        Self { raw, ..self }
    }

    /// The same as people read it: refusals in words, addresses by their names.
    pub fn in_words(self, words: &Words<'_>) -> Self {
        Self { text: words.in_text(&self.text), remedy: words.in_text(&self.remedy), ..self }
    }

    /// The same, where JSON on the standard output says it already.
    pub fn told(self, told: bool) -> Self {
        Self { told, ..self }
    }

    /// The same of what is done here once all was sent.
    pub fn after_all(self) -> Self {
        Self { code: Code::Partly, text: format!("all was sent and done; only this was not: {}", self.text), ..self }
    }

    /// The same of one of several calls, before which so many others were done.
    pub fn after_others(self, done: usize, calls: usize) -> Self {
        if done == 0 {
            return self;
        }
        let (code, were) = (self.code.after_others(), if done == 1 { "was" } else { "were" });
        let (before, rest) = (show::count(done), calls.saturating_sub(done));
        let then = match code {
            Code::Unknown => format!(
                "{before} {were} done, and of the next it is not known: look at what became of it first, and only then \
                 does the same command go on from there"
            ),
            _ => format!("{before} {were} done, {} not: the same command goes on from there", show::count(rest)),
        };
        Self { code, text: format!("{}; {then}", self.text), ..self }
    }

    /// The same, with how to look where it is not known what became of this transaction.
    pub fn look_for(self, transaction: B256) -> Self {
        match self.code {
            Code::Unknown => self.with(format!("look: yieldset account transaction {transaction}")),
            _ => self,
        }
    }

    /// What an error means before anything was sent.
    pub fn before_sending(error: &ChainError) -> Self {
        let code = match error {
            ChainError::Refused { .. } | ChainError::Dispatch { .. } => Code::Impossible,
            _ => Code::Failed,
        };
        Self::of(code, error.to_string()).with(remedies::of_error(error).unwrap_or_default()).raw(error.raw())
    }

    /// What an error of sending means.
    pub fn after_sending(error: &ChainError) -> Self {
        let code = match error {
            ChainError::FailedInBlock { .. } => Code::NoEffect,
            // The node did not take it, or finality passed it by.
            ChainError::Rejected { .. } | ChainError::Expired { .. } | ChainError::Overtaken { .. } => Code::Failed,
            ChainError::Refused { .. } | ChainError::Dispatch { .. } => Code::Impossible,
            // Whatever else goes wrong, the node has it.
            _ => Code::Unknown,
        };
        Self::of(code, error.to_string()).with(remedies::of_error(error).unwrap_or_default()).raw(error.raw())
    }

    /// Says so, to programs on the standard output, and ends. Whatever failed, it is told here as people read it.
    pub fn end(self, options: &Options) -> ExitCode {
        let (book, deployment) = options.names();
        let failure = self.in_words(&Words::of_book(&book, deployment.as_ref()));
        failure.told_to(options.json)
    }

    fn told_to(self, as_json: bool) -> ExitCode {
        if as_json && !self.told {
            // Where nothing can be printed the code says it.
            let _unprinted = show::json(&self.json());
        }
        if !self.text.is_empty() {
            let and = if self.remedy.is_empty() { "" } else { "; " };
            show::note(&format!("error: {}{and}{}", self.text, self.remedy));
        }
        ExitCode::from(self.code.number())
    }

    /// For programs.
    fn json(&self) -> serde_json::Value {
        let mut refused = json!({ "code": self.code.number(), "why": self.text });
        if !self.remedy.is_empty() {
            refused["remedy"] = self.remedy.clone().into();
        }
        if let Some(raw) = &self.raw {
            refused["raw"] = raw.clone().into();
        }
        json!({ "refused": refused })
    }
}

/// A command line that cannot be read, for programs.
pub fn unreadable(error: &clap::Error) {
    let text = error.to_string();
    let why = text.strip_prefix("error: ").unwrap_or(&text).trim();
    // It is told on standard error, too.
    let _unprinted = show::json(&Failure::usage(why).json());
}

impl From<ChainError> for Failure {
    fn from(error: ChainError) -> Self {
        Self::before_sending(&error)
    }
}

impl From<ActError> for Failure {
    fn from(error: ActError) -> Self {
        match error {
            ActError::Chain(error) => error.into(),
            error @ ActError::Absent(_) => Self::impossible(error.to_string()),
            error => Self::usage(error.to_string()),
        }
    }
}

impl From<DeployError> for Failure {
    fn from(error: DeployError) -> Self {
        let text = error.to_string();
        match error {
            DeployError::Chain(error) => error.into(),
            // What the node has dropped another one may have.
            DeployError::Step {
                source: source @ (ChainError::StateGone { .. } | ChainError::NoSuchBlock(_)), ..
            } => Self { text, ..Self::after_sending(&source) }.with("name an archive node with --node for this run"),
            DeployError::Step { source, .. } => Self { text, ..Self::after_sending(&source) },
            DeployError::Unfit(_) | DeployError::Busy { .. } => Self::impossible(text),
            DeployError::OtherRun { .. } | DeployError::Settings(_) => Self::usage(text),
            DeployError::File(_) | DeployError::Wrong(_) => Self::of(Code::Failed, text),
        }
    }
}

macro_rules! from {
    ($code:ident: $($error:ty),*) => {$(
        impl From<$error> for Failure {
            fn from(error: $error) -> Self {
                Self::of(Code::$code, error.to_string())
            }
        }
    )*};
}
from!(Usage: BookError, KeyError, UnitError, WhoError);
from!(Impossible: LabelError);
from!(Failed: ProfileError, std::io::Error, serde_json::Error, yieldset_service::files::FileError);

#[cfg(test)]
mod tests {
    use super::*;

    /// Programs read why, what to type, and the code; another program's code is passed on as it is.
    #[test]
    fn refusals_are_told_to_programs_too() {
        let refused = Failure::impossible("it is shut").with("open it").json();
        assert_eq!(refused, json!({ "refused": { "code": 3, "why": "it is shut", "remedy": "open it" } }));
        let error = ChainError::Dispatch { reason: "Revive::OutOfGas".into() };
        let book = yieldset_chain::Book::default();
        let refused = Failure::before_sending(&error).in_words(&Words::of_book(&book, None)).json();
        assert_eq!(refused["refused"]["raw"], "Revive::OutOfGas");
        let why = refused["refused"]["why"].as_str().expect("a text");
        assert!(why.contains("out of gas") && !why.contains("::"), "{why}");
        assert_eq!(Code::Of(3).number(), 3);
        assert_eq!(Code::NoEffect.number(), 6);
    }

    /// What a step's transaction made, and the node has dropped, another node is to be asked for.
    #[test]
    fn a_step_that_a_node_has_forgotten_names_another_node() {
        let source = ChainError::NoSuchBlock("with transaction 0x12".into());
        let failure = Failure::from(DeployError::Step { step: "kyc", source });
        assert_eq!(failure.code, Code::Unknown);
        assert_eq!(failure.remedy, "name an archive node with --node for this run");
        assert!(failure.text.starts_with("kyc: the node has no block with transaction 0x12"), "{failure:?}");
    }

    /// "Nothing was sent" is said of nothing that a node has, and not where calls before were done.
    #[test]
    fn a_code_says_what_was_sent() {
        let gone = ChainError::StateGone { url: "ws://a".into(), block: "block 1".into(), reason: "gone".into() };
        assert_eq!(Failure::before_sending(&gone).code, Code::Failed);
        assert_eq!(Failure::after_sending(&gone).code, Code::Unknown);
        let rejected = ChainError::Rejected { tx_hash: Default::default(), reason: "stale".into() };
        assert_eq!(Failure::after_sending(&rejected).code, Code::Failed);
        for (code, after) in [
            (Code::Failed, Code::Partly),
            (Code::Impossible, Code::Partly),
            (Code::Unknown, Code::Unknown),
            (Code::NoEffect, Code::NoEffect),
        ] {
            assert_eq!(code.after_others(), after, "{code:?}");
            assert_eq!(Failure::of(code, "no").after_others(1, 2).code, after, "{code:?}");
            assert_eq!(Failure::of(code, "no").after_others(0, 2).code, code);
            assert_eq!(Failure::of(code, "no").after_all().code, Code::Partly);
        }
    }

    /// Where it is not known what became of a call, it is looked for before the same command goes on, and said how.
    #[test]
    fn what_is_not_known_is_looked_for_first() {
        let tx_hash = B256::repeat_byte(7);
        let error = ChainError::NotFinalised { tx_hash, seconds: 120 };
        let failure = Failure::after_sending(&error).look_for(tx_hash).after_others(1, 3);
        assert_eq!(failure.code, Code::Unknown);
        assert!(
            failure.text.contains("1 call was done") && failure.text.contains("look at what became"),
            "{failure:?}"
        );
        assert_eq!(failure.remedy, format!("look: yieldset account transaction {tx_hash}"));
        let failure = Failure::impossible("no").look_for(tx_hash).after_others(2, 3);
        assert_eq!((failure.code, failure.remedy.as_str()), (Code::Partly, ""));
        assert_eq!(failure.text, "no; 2 calls were done, 1 call not: the same command goes on from there");
    }
}
