//! From events to rows: a fold over the journal. Nothing here writes to the database by itself or asks a node: rows are
//! found and put in [`Books`], and what a contract answered beside an event is with the event ([`Answers`]). So the
//! same rows follow from the same journal, whoever folds it, and when.
//!
//! An event that does not fit (another figure than the rules compute, or nonsense of strangers in a contract that many
//! share) changes nothing: it is journaled with the reason. Where it is a pool's own, the pool's books are not known
//! from there on, so its later events are journaled alone ([`contracts::Contract::fault`]). Nothing but the database's
//! absence ends a fold.

mod answers;
mod applying;
mod books;
mod claims;
mod contracts;
mod coop;
mod deposits;
mod fold;
mod holders;
mod issuance;
mod journal;
mod kyc;
mod ledger;
mod licences;
mod manifests;
mod market;
mod pools;
mod proof;
mod reports;
mod restraints;
mod waiting;

use std::collections::BTreeMap;

use sqlx::PgConnection;
use yieldset_chain::{BlockRef, ContractEvent};

pub use answers::{Answers, Currency, Question, questions};
pub(crate) use applying::{Applying, Place, month_of};
pub(crate) use books::Books;
pub(crate) use contracts::{Roles, discovered, kind_of_event, names_others};
pub(crate) use fold::{Fold, Folded};
pub(crate) use journal::{JournalRow, raw};
pub(crate) use restraints::locks;

use crate::error::IndexerError;

/// An event's place: its block's height, and its number among all of the block's events.
pub type EventId = (u64, u32);

/// The id of an event.
pub fn id(event: &ContractEvent) -> EventId {
    (event.block_number, event.event_index)
}

/// A block with the events of contracts in it, ours or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// Its place in the chain.
    pub at: BlockRef,
    /// In order.
    pub events: Vec<ContractEvent>,
    /// What contracts that the block makes ours emitted in earlier blocks, in order.
    pub earlier: Vec<ContractEvent>,
    /// What contracts answered beside events ([`questions`]).
    pub answers: BTreeMap<EventId, Answers>,
}

/// For `map_err` on the statements of a fold.
pub(crate) fn db(source: sqlx::Error) -> IndexerError {
    IndexerError::Database { during: "applying blocks", source }
}

/// Whether a pool adopted another registry of reports or licence contract. Then a period can have several books
/// (`yieldset_rules::waiting`), and events do not say of which money is paid: rows are their sums.
///
/// # Errors
/// [`IndexerError::Database`].
pub async fn has_books(connection: &mut PgConnection, pool: crate::column::Addr) -> Result<bool, IndexerError> {
    let found = sqlx::query_scalar!("SELECT books FROM pools WHERE address = $1", pool as _);
    Ok(found.fetch_optional(connection).await.map_err(db)?.unwrap_or(false))
}
