//! What can go wrong when the node starts or stops.

use std::path::PathBuf;

/// An error whose text says what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum DevnetError {
    /// A file or folder given on the command line cannot be used.
    #[error("cannot use {path}: {source}; check that it exists and may be written", path = path.display())]
    File {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The ready file cannot be written.
    #[error(transparent)]
    Ready(#[from] yieldset_service::files::FileError),
    /// A file of constants cannot be read.
    #[error("{path}: {source}", path = path.display())]
    Constants {
        /// The file.
        path: PathBuf,
        /// Which line.
        source: yieldset_service::constants::NoConstant,
    },
    /// The chain spec cannot be read or made.
    #[error("chain spec: {0}; make it again with scripts/chain-spec")]
    Spec(String),
    /// The operating system refused threads or signal handlers.
    #[error("cannot set up the process: {0}")]
    Runtime(std::io::Error),
    /// The node's own services failed.
    #[error("node: {0}; if the address is in use, choose another --rpc-port (0 picks a free one)")]
    Service(#[from] sc_service::Error),
    /// The RPC server started but does not answer.
    #[error("RPC does not answer: {0}")]
    NotReady(String),
}
