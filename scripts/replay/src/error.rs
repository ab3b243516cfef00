//! What can go wrong.

use std::path::PathBuf;

/// An error whose text says what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// A file cannot be read or written.
    #[error("cannot use {path}: {source}; check that it exists and may be written", path = path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file is no recording, or not a whole one.
    #[error("{path} is no recording that can be used: {reason}; record or make it again", path = path.display())]
    Recording {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// A node does not answer, or not as nodes do.
    #[error("the node: {0}; check --node-url, and that the node keeps the states of all blocks")]
    Node(String),
    /// The recorded runtime is not one that our contracts run on.
    #[error("the recorded runtime: {0}; record a node of pallet-revive as it is today")]
    Runtime(String),
    /// There is no chain of this form.
    #[error("{blocks} blocks of {per_block} events hold {have}, the holders alone need {need}: give more --blocks")]
    TooSmall {
        /// As asked for.
        blocks: u32,
        /// As asked for.
        per_block: u32,
        /// Events that fit.
        have: u64,
        /// Events that the pools' beginning takes.
        need: u64,
    },
    /// The rules refuse a step of the story: its figures are too large.
    #[error("the made chain leaves what the rules compute with ({0}): take fewer blocks or holders")]
    Rules(&'static str),
    /// The deployment cannot be written.
    #[error(transparent)]
    Deployment(#[from] Box<yieldset_chain::ChainError>),
    /// The ready file cannot be written.
    #[error(transparent)]
    Ready(#[from] yieldset_service::files::FileError),
    /// The server does not start.
    #[error("cannot serve: {0}; if the address is in use, choose another --rpc-port (0 picks a free one)")]
    Serve(std::io::Error),
    /// The operating system refused threads or signal handlers.
    #[error("cannot set up the process: {0}")]
    Process(std::io::Error),
}

impl ReplayError {
    /// What happened to a file.
    pub(crate) fn file(path: &std::path::Path) -> impl Fn(std::io::Error) -> Self {
        move |source| Self::File { path: path.to_owned(), source }
    }
}
