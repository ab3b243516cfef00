//! How a run ends: with a code for programs and a text that says what to type next.

use std::process::ExitCode;

use yieldset_chain::{
    ChainError,
    acts::{ActError, remedies},
    book::BookError,
    deploy::DeployError,
    keys::WhoError,
    profile::ProfileError,
    submit::KeyError,
    units::UnitError,
};

/// Exit codes, as the help says them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Code {
    /// A node, a file or a program failed. Nothing was sent.
    Failed = 1,
    /// The command line is wrong.
    Usage = 2,
    /// It cannot be done as things are. Nothing was sent.
    Impossible = 3,
    /// The user said no. Nothing was sent.
    Declined = 4,
    /// It was sent, and what became of it is not known.
    Unknown = 5,
    /// It is in a block, without effect; its fee is spent.
    NoEffect = 6,
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
}

impl Failure {
    /// The command line is wrong.
    pub fn usage(text: impl Into<String>) -> Self {
        Self { code: Code::Usage, text: text.into() }
    }

    /// It cannot be done as things are.
    pub fn impossible(text: impl Into<String>) -> Self {
        Self { code: Code::Impossible, text: text.into() }
    }

    /// What an error of sending means.
    pub fn after_sending(error: &ChainError) -> Self {
        let code = match error {
            ChainError::NotFinalised { .. } | ChainError::NodeUnreachable { .. } => Code::Unknown,
            ChainError::FailedInBlock { .. } => Code::NoEffect,
            ChainError::Refused { .. } | ChainError::Dispatch { .. } => Code::Impossible,
            _ => Code::Failed,
        };
        Self { code, text: with_remedy(error) }
    }

    /// Says so, and ends.
    pub fn end(self) -> ExitCode {
        eprintln!("error: {}", self.text);
        ExitCode::from(self.code as u8)
    }
}

impl From<ChainError> for Failure {
    fn from(error: ChainError) -> Self {
        let code = match error {
            ChainError::Refused { .. } | ChainError::Dispatch { .. } => Code::Impossible,
            _ => Code::Failed,
        };
        Self { code, text: with_remedy(&error) }
    }
}

/// An error with what to type, where that is known.
fn with_remedy(error: &ChainError) -> String {
    match remedies::of_error(error) {
        Some(remedy) => format!("{error}; {remedy}"),
        None => error.to_string(),
    }
}

impl From<ActError> for Failure {
    fn from(error: ActError) -> Self {
        match error {
            ActError::Chain(error) => error.into(),
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
            DeployError::File(_) | DeployError::Wrong(_) | DeployError::Killed => Self { code: Code::Failed, text },
        }
    }
}

macro_rules! from {
    ($code:ident: $($error:ty),*) => {$(
        impl From<$error> for Failure {
            fn from(error: $error) -> Self {
                Self { code: Code::$code, text: error.to_string() }
            }
        }
    )*};
}
from!(Usage: BookError, KeyError, UnitError, WhoError);
from!(Failed: ProfileError, std::io::Error, serde_json::Error, yieldset_service::files::FileError);
