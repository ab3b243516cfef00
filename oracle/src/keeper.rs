//! The keeper: sends what contracts wait for and nobody sends (LIC-6, LIC-9, LIC-10).
//!
//! A round follows the chain's finalised blocks for licences, anchored checkpoints and money ([`watched`]), finds the
//! acts that may be due from the chain's records ([`found`]), the usage log ([`logged`], [`anchored`]) and signed
//! reports ([`claims`]), asks the contract how each stands, and sends those that are due. Nothing depends on what a
//! keeper remembers: an act's contract is asked before it is sent, and after it failed, so that a second keeper beside,
//! or one that lost its memory, does no harm. What is kept in its file is what it has looked at, and since when an act
//! is due: one that nobody could send for long is late, and told.

pub mod anchored;
pub mod claims;
pub mod found;
pub mod logged;
pub mod watched;

use std::{
    collections::{BTreeMap, BTreeSet},
    future::Future,
};

use serde::{Deserialize, Serialize};
use yieldset_chain::{
    Address, B256, ChainClient, ChainError,
    acts::{Act, Standing},
    submit::Submitter,
};

/// How an act stands, for people and other programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It can be sent, and was not.
    Due,
    /// It was sent, and the contract did not take it.
    Failed,
    /// The contract refuses it for a reason that somebody must look at.
    Blocked,
    /// It is for somebody else to send: a platform, or who has a role.
    NotOurs,
    /// Its time has not come.
    Waits,
    /// It was done, by whomever.
    Done,
    /// There is nothing to do.
    Moot,
}

/// An act, as the keeper's file has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// How it stands.
    pub state: State,
    /// Why, in the contract's or the node's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// Since when it has been due, Unix seconds: when the keeper first saw it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_since: Option<u64>,
    /// Whether that is longer ago than it should be.
    #[serde(default)]
    pub late: bool,
    /// The keeper's own transaction that did it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tx_hash: Option<B256>,
}

/// Acts by kind and what they are about.
pub type Lines = BTreeMap<String, Line>;

/// Whom a keeper asks and tells.
pub trait Contracts {
    /// How an act stands.
    fn standing(&self, act: &Act) -> impl Future<Output = Result<Standing, ChainError>> + Send;
    /// Sends an act, and waits until that is final; gives the transaction.
    fn send(&self, act: &Act) -> impl Future<Output = Result<B256, ChainError>> + Send;
}

/// A keeper that sends.
impl Contracts for Submitter {
    async fn standing(&self, act: &Act) -> Result<Standing, ChainError> {
        act.standing(self.client(), self.address()).await
    }

    async fn send(&self, act: &Act) -> Result<B256, ChainError> {
        let prepared = self.prepare_call(act.contract, act.calldata.to_vec(), 0).await?;
        Ok(self.submit(&prepared).await?.tx_hash)
    }
}

/// One that looks alone, as some account.
#[derive(Debug)]
pub struct Looker {
    /// Whom it asks.
    pub client: ChainClient,
    /// As whom.
    pub sender: Address,
}

impl Contracts for Looker {
    async fn standing(&self, act: &Act) -> Result<Standing, ChainError> {
        act.standing(&self.client, self.sender).await
    }

    async fn send(&self, act: &Act) -> Result<B256, ChainError> {
        // `round` sends nothing where it is told not to.
        Err(ChainError::Dispatch { reason: format!("nobody is here to sign {}", act.kind.name) })
    }
}

/// What a round is told.
#[derive(Debug, Clone, Copy)]
pub struct Orders {
    /// The time, Unix seconds.
    pub now: u64,
    /// After how many seconds an act is late.
    pub late_after: u64,
    /// Whether what is due is sent.
    pub send: bool,
}

/// The name of an act in the keeper's file.
pub fn name(act: &Act) -> String {
    format!("{} {}", act.kind.name, act.about)
}

/// Whether an act is of one of these kinds, by their names; of none named it is.
pub fn is_wanted(act: &Act, only: &BTreeSet<String>) -> bool {
    only.is_empty() || only.contains(act.kind.name)
}

/// Asks of each act how it stands, in their order, and sends those that are due. What this keeper did is asked again
/// like all else: there may be more to do under the same name, such as other claims, or a default that the escrow can
/// pay once the licence is over. An act may be in the list twice, where what is between makes it due again. What was
/// not done, and is found no more, somebody else has done, or something newer is in its place: it is forgotten.
///
/// # Errors
/// [`ChainError`] where the node does not answer: then what comes after is for the next round.
pub async fn round(
    contracts: &impl Contracts,
    acts: &[Act],
    lines: &mut Lines,
    orders: Orders,
) -> Result<(), ChainError> {
    let found: BTreeSet<String> = acts.iter().map(name).collect();
    lines.retain(|name, line| line.state == State::Done || found.contains(name));
    for act in acts {
        let name = name(act);
        let before = lines.get(&name);
        let was_done = before.is_some_and(|line| line.state == State::Done);
        let due_since = before.and_then(|line| line.due_since);
        let line = one(contracts, act, due_since, orders).await?;
        // It stays done, with its transaction, where there is no more to do.
        if was_done && matches!(line.state, State::Waits | State::Done | State::Moot) {
            continue;
        }
        match line.state {
            State::Failed | State::Blocked => tracing::warn!(act = name, why = line.why, "not done"),
            State::Due if line.late => tracing::warn!(act = name, "due, and late"),
            State::Done => tracing::info!(act = name, tx_hash = ?line.tx_hash, "done"),
            _ => {}
        }
        lines.insert(name, line);
    }
    Ok(())
}

async fn one(
    contracts: &impl Contracts,
    act: &Act,
    due_since: Option<u64>,
    orders: Orders,
) -> Result<Line, ChainError> {
    let line = |state, why| Line { state, why, due_since: None, late: false, tx_hash: None };
    match contracts.standing(act).await? {
        Standing::Due => {}
        other => return Ok(standing(other, &line)),
    }
    let since = due_since.unwrap_or(orders.now);
    let late = orders.now.saturating_sub(since) > orders.late_after;
    let open = |state, why| Line { due_since: Some(since), late, ..line(state, why) };
    if !orders.send {
        return Ok(open(State::Due, None));
    }
    match contracts.send(act).await {
        Ok(tx_hash) => Ok(Line { tx_hash: Some(tx_hash), ..line(State::Done, None) }),
        Err(error @ ChainError::NodeUnreachable { .. }) => Err(error),
        // Somebody else may have been faster.
        Err(error) => Ok(match contracts.standing(act).await? {
            Standing::Due | Standing::Blocked(_) => open(State::Failed, Some(error.to_string())),
            other => standing(other, &line),
        }),
    }
}

fn standing(standing: Standing, line: &impl Fn(State, Option<String>) -> Line) -> Line {
    match standing {
        Standing::Due => line(State::Due, None),
        Standing::Waits(why) => line(State::Waits, Some(why)),
        Standing::Done => line(State::Done, None),
        Standing::Moot(why) => line(State::Moot, Some(why)),
        Standing::NotOurs(why) => line(State::NotOurs, Some(why)),
        Standing::Blocked(why) => line(State::Blocked, Some(why)),
    }
}

#[cfg(test)]
mod tests;
