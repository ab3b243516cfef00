//! What can go wrong, with the numbers in it and what to do next in its text.

use yieldset_chain::{B256, ChainError, profile::ProfileError};
use yieldset_service::files::FileError;

use crate::reports::ReportError;
use crate::{database_url::DatabaseUrlError, postgres::ClusterError};

/// Any failure of the indexer outside a web request.
#[derive(Debug, thiserror::Error)]
pub enum IndexerError {
    /// Events are not there from which rows were made before.
    #[error(
        "{0}: these months of the journal are detached, and rows cannot be made anew without them; attach them first \
         (docs/MIRROR.md)"
    )]
    JournalDetached(String),
    /// The chain, or the deployment's file.
    #[error(transparent)]
    Chain(Box<ChainError>),
    /// The network.
    #[error(transparent)]
    Profile(#[from] ProfileError),
    /// The private Postgres cluster.
    #[error(transparent)]
    Cluster(#[from] ClusterError),
    /// Postgres does not do what it was asked.
    #[error("database, {during}: {source}; if it is away, check that Postgres runs and that DATABASE_URL names it")]
    Database {
        /// What was being done.
        during: &'static str,
        /// The driver's error.
        source: sqlx::Error,
    },
    /// The tables cannot be brought to this program's version.
    #[error(
        "the database's tables cannot be migrated: {0}; was it made by a newer version? Use that one, or an empty database"
    )]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// A database's address that cannot be used.
    #[error(transparent)]
    DatabaseUrl(#[from] DatabaseUrlError),
    /// No database was named.
    #[error("no database named: give --database-url or DATABASE_URL")]
    NoDatabase,
    /// The database mirrors something else.
    #[error(
        "this database mirrors another deployment: {what} is {got} there and {expected} in the deployment; use another database or data folder, or drop this one"
    )]
    WrongDatabase {
        /// What differs.
        what: &'static str,
        /// In the database.
        got: String,
        /// In the deployment's file.
        expected: String,
    },
    /// Another program's version has made the rows anew meanwhile.
    #[error(
        "the rows in this database were made by another version of this program, which may run beside this one; stop one of them"
    )]
    OtherRows,
    /// The database has no tables of ours or no block yet.
    #[error("the database holds nothing to work with yet; start `yieldset-indexer run` on it first")]
    NothingIndexed,
    /// A finalised block does not follow the one before it.
    #[error(
        "finalised block {number} names {got} as its parent, but block {before} here is {expected}: finality was broken or the node serves another chain; compare with another node, then rebuild the database"
    )]
    ParentMismatch {
        /// The block's height.
        number: u64,
        /// The height before.
        before: u64,
        /// The parent it names.
        got: B256,
        /// The block that is here.
        expected: B256,
    },
    /// The node has another block at a height that was indexed as final.
    #[error(
        "the node says finalised block {number} is {got}, here it is {expected}: finality was broken or the node serves another chain; compare with another node, then rebuild the database"
    )]
    OtherHistory {
        /// The height.
        number: u64,
        /// As the node says.
        got: B256,
        /// As it was indexed.
        expected: B256,
    },
    /// A fork that takes back what was final.
    #[error(
        "the chain went back to block {to}, but block {finalised} was final here: finality was broken or the node serves another chain; compare with another node, then rebuild the database"
    )]
    PastFinality {
        /// The last block that both have.
        to: u64,
        /// The last one that was final.
        finalised: u64,
    },
    /// The journal holds what this program never wrote.
    #[error(
        "the journal of block {block} cannot be read: {reason}; drop the database, and it is built anew from the chain"
    )]
    Journal {
        /// The block.
        block: u64,
        /// Why.
        reason: String,
    },
    /// The node, of several each of them, dropped states that are to be read, as it is asked at the start: waiting
    /// would be for nothing.
    #[error(transparent)]
    StateGone(Box<ChainError>),
    /// Blocks must come one by one.
    #[error("block {got} was to be applied where {expected} is next; nothing was changed")]
    Gap {
        /// The block that came.
        got: u64,
        /// The one that is next.
        expected: u64,
    },
    /// The rules compute something else than the contract said.
    #[error(
        "block {block}, event {event_index}: {what} is {got} by the rules and {expected} by the contract; this program and the contracts are not of the same version"
    )]
    Diverged {
        /// Block.
        block: u64,
        /// Event within it.
        event_index: u32,
        /// Which figure.
        what: &'static str,
        /// Ours.
        got: String,
        /// The contract's.
        expected: String,
    },
    /// A file cannot be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// The order to stop could not be heard.
    #[error("signals cannot be listened to: {0}; without them only SIGKILL would stop this program")]
    Signals(std::io::Error),
    /// The address to serve on cannot be used.
    #[error("cannot listen on {address}: {source}; choose another --listen address")]
    Listen {
        /// The address.
        address: String,
        /// Why.
        source: std::io::Error,
    },
    /// A report cannot be made.
    #[error(transparent)]
    Report(#[from] ReportError),
    /// Chain and database differ.
    #[error(
        "chain and database differ in {0} place(s), listed above; rebuild the database, and keep this one for analysis"
    )]
    Disagree(usize),
}

impl From<ChainError> for IndexerError {
    fn from(error: ChainError) -> Self {
        Self::Chain(Box::new(error))
    }
}

impl IndexerError {
    /// For `map_err`: a database error with what was being done.
    pub fn database(during: &'static str) -> impl FnOnce(sqlx::Error) -> Self {
        move |source| Self::Database { during, source }
    }

    /// Whether the database refuses the very rows that it was given: no waiting helps, and other rows may do.
    pub fn is_of_the_rows(&self) -> bool {
        let Self::Database { source: sqlx::Error::Database(error), .. } = self else { return false };
        // Data exceptions, integrity constraints, and what is too large for an index or a row.
        error.code().is_some_and(|code| ["22", "23", "54"].iter().any(|class| code.starts_with(class)))
    }

    /// Whether others held on to what was to be locked, or waited for each other: it is to be tried again.
    pub fn is_of_a_lock(&self) -> bool {
        let Self::Database { source: sqlx::Error::Database(error), .. } = self else { return false };
        error.code().is_some_and(|code| code == "55P03" || code == "40P01")
    }

    /// Which side is away, where waiting and trying again is the answer. Everything else needs a human.
    pub fn away(&self) -> Option<Away> {
        match self {
            Self::Chain(error) => node_is_away(error).then_some(Away::Node),
            Self::Database { source, .. } => database_is_away(source).then_some(Away::Database),
            _ => None,
        }
    }
}

/// The side that does not answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Away {
    /// The chain's node.
    Node,
    /// Postgres.
    Database,
}

/// A node that is gone, or starting and not yet able to answer. A block it does not have (yet) belongs here: it may be
/// syncing. So does what it answers wrongly: behind one address there can be several, and the next may do better. So
/// does a state that it dropped while it was read: asked again at the start, it says whether waiting is for nothing.
fn node_is_away(error: &ChainError) -> bool {
    matches!(
        error,
        ChainError::NodeUnreachable { .. }
            | ChainError::Node { .. }
            | ChainError::NoSuchBlock(_)
            | ChainError::WrongAnswer { .. }
            | ChainError::StateGone { .. }
    )
}

fn database_is_away(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_)
        | sqlx::Error::BeginFailed
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => true,
        // Connection exceptions, operator intervention (shutdown, starting up, a statement that took too long), out of
        // resources, serialisation, a lock that could not be had.
        sqlx::Error::Database(error) => error
            .code()
            .is_some_and(|code| ["08", "53", "40", "57", "55P03"].iter().any(|class| code.starts_with(class))),
        _ => false,
    }
}
