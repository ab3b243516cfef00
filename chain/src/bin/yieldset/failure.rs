//! How a run ends: with a code for programs and a text that says what to type next.

use std::process::ExitCode;

use serde_json::json;
use yieldset_chain::{
    ChainError,
    acts::{ActError, labels::LabelError, remedies},
    book::BookError,
    deploy::DeployError,
    keys::WhoError,
    profile::ProfileError,
    submit::KeyError,
    units::UnitError,
};

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
            Self::Of(code) => code,
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
  5  sent, and what became of it is not known: look before sending it again
  6  in a block without effect; the fee is spent";

/// Why a run ended.
#[derive(Debug)]
pub struct Failure {
    /// For programs.
    pub code: Code,
    /// For people.
    pub text: String,
    /// What to type, where that is told apart.
    pub remedy: String,
    /// Whether what is printed in JSON says it already.
    pub told: bool,
}

impl Failure {
    /// For this reason, with what to do in it.
    pub fn of(code: Code, text: impl Into<String>) -> Self {
        Self { code, text: text.into(), remedy: String::new(), told: false }
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

    /// The same, where JSON on the standard output says it already.
    pub fn told(self, told: bool) -> Self {
        Self { told, ..self }
    }

    /// What an error of sending means.
    pub fn after_sending(error: &ChainError) -> Self {
        let code = match error {
            ChainError::NotFinalised { .. } | ChainError::NodeUnreachable { .. } => Code::Unknown,
            ChainError::FailedInBlock { .. } => Code::NoEffect,
            ChainError::Refused { .. } | ChainError::Dispatch { .. } => Code::Impossible,
            _ => Code::Failed,
        };
        Self::of(code, error.to_string()).with(remedies::of_error(error).unwrap_or_default())
    }

    /// Says so, to programs on the standard output, and ends.
    pub fn end(self, as_json: bool) -> ExitCode {
        if as_json && !self.told {
            println!("{:#}", self.json());
        }
        if !self.text.is_empty() {
            let and = if self.remedy.is_empty() { "" } else { "; " };
            eprintln!("error: {}{and}{}", self.text, self.remedy);
        }
        ExitCode::from(self.code.number())
    }

    /// For programs.
    fn json(&self) -> serde_json::Value {
        let mut refused = json!({ "code": self.code.number(), "why": self.text });
        if !self.remedy.is_empty() {
            refused["remedy"] = self.remedy.clone().into();
        }
        json!({ "refused": refused })
    }
}

/// A command line that cannot be read, for programs.
pub fn unreadable(error: &clap::Error) {
    let text = error.to_string();
    let why = text.strip_prefix("error: ").unwrap_or(&text).trim();
    println!("{:#}", Failure::usage(why).json());
}

impl From<ChainError> for Failure {
    fn from(error: ChainError) -> Self {
        let code = match error {
            ChainError::Refused { .. } | ChainError::Dispatch { .. } => Code::Impossible,
            _ => Code::Failed,
        };
        Self::of(code, error.to_string()).with(remedies::of_error(&error).unwrap_or_default())
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
            DeployError::Step { source, .. } => Self { text, ..Self::after_sending(&source) },
            DeployError::Unfit(_) | DeployError::Busy { .. } => Self::impossible(text),
            DeployError::OtherRun { .. } => Self::usage(text),
            DeployError::File(_) | DeployError::Wrong(_) | DeployError::Killed => Self::of(Code::Failed, text),
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
        assert_eq!(Code::Of(3).number(), 3);
        assert_eq!(Code::NoEffect.number(), 6);
    }
}
