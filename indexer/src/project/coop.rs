//! Co-ops: what they were founded with, their proposals and votes, and the money that came in.

use serde_json::{Value, json};
use yieldset_chain::{
    U256,
    abi::Coop::{CoopCreated, CoopEvents, ProposalCreated, Received, VoteCast},
};

use super::{Applying, licences::more};
use crate::{
    column::{Addr, Amount, Hash, storable},
    error::IndexerError,
    rows::{fact, versioned},
};

versioned! {
    /// A co-op with its rules, which never change, and what came in without a message.
    Coop in "coops" {
        coop: Addr;
        pool: Addr,
        voting_delay: i64,
        voting_period: i64,
        quorum_bps: i32,
        proposal_threshold: Amount,
        timelock: i64,
        grace_period: i64,
        received: Amount,
    }
}

versioned! {
    /// A proposal with the votes on it so far.
    Proposal in "proposals" {
        coop: Addr,
        proposal: Hash;
        proposer: Addr,
        description: String,
        actions: Value,
        vote_start: i64,
        vote_end: i64,
        votes_for: Amount,
        votes_against: Amount,
        abstained: Amount,
        state: String,
        proposed_block: i64,
        proposed_index: i64,
    }
}

versioned! {
    /// A vote.
    Vote in "votes" { coop: Addr, proposal: Hash, voter: Addr; support: String, weight: Amount, reason: String }
}

fact! {
    /// Native money that came in without a message.
    Receipt in "coop_receipts" { coop: Addr, payer: Addr, amount: Amount }
}

pub(super) async fn apply(applying: &mut Applying<'_>, event: &CoopEvents) -> Result<(), IndexerError> {
    match event {
        CoopEvents::CoopCreated(created) => found(applying, created).await,
        CoopEvents::ProposalCreated(created) => propose(applying, created).await,
        CoopEvents::VoteCast(cast) => vote(applying, cast).await,
        CoopEvents::ProposalExecuted(executed) => end(applying, executed.proposalId, "executed").await,
        CoopEvents::ProposalCanceled(canceled) => end(applying, canceled.proposalId, "canceled").await,
        CoopEvents::Received(received) => receive(applying, received).await,
    }
}

/// A co-op is founded once.
async fn found(applying: &mut Applying<'_>, event: &CoopCreated) -> Result<(), IndexerError> {
    let place = applying.place;
    let coop = place.contract.into();
    if applying.find::<Coop>((coop,)).await?.is_some() {
        return Err(place.diverged("a co-op", coop, "one that was not founded before"));
    }
    let row = Coop {
        coop,
        pool: event.pool.into(),
        voting_delay: event.votingDelay.into(),
        voting_period: event.votingPeriod.into(),
        quorum_bps: event.quorumBps.into(),
        proposal_threshold: place.amount("a proposer's votes", event.proposalThreshold)?.into(),
        timelock: event.timelock.into(),
        grace_period: event.gracePeriod.into(),
        received: Amount::ZERO,
    };
    applying.put(row).await
}

/// The sum is only of a co-op whose founding was told.
async fn receive(applying: &mut Applying<'_>, event: &Received) -> Result<(), IndexerError> {
    let place = applying.place;
    let coop: Addr = place.contract.into();
    let amount = place.amount("amount", event.amount)?;
    if let Some(mut row) = applying.find::<Coop>((coop,)).await? {
        row.received = more(place, "what a co-op received", row.received, amount)?;
        applying.put(row).await?;
    }
    applying.note(Receipt { coop, payer: event.payer.into(), amount: amount.into() });
    Ok(())
}

/// What names a proposal: the standard calls its id a number, and it is a hash.
fn key(applying: &Applying<'_>, proposal: U256) -> (Addr, Hash) {
    (applying.place.contract.into(), Hash(proposal.into()))
}

async fn propose(applying: &mut Applying<'_>, event: &ProposalCreated) -> Result<(), IndexerError> {
    let place = applying.place;
    let (coop, proposal) = key(applying, event.proposalId);
    if applying.find::<Proposal>((coop, proposal)).await?.is_some() {
        return Err(place.diverged("a proposal", proposal, "a new one"));
    }
    let calls = event.targets.iter().zip(&event.values).zip(&event.calldatas);
    let actions: Value = calls
        .map(|((target, value), calldata)| {
            json!({"target": target.to_string(), "value": value.to_string(), "calldata": calldata.to_string()})
        })
        .collect();
    let row = Proposal {
        coop,
        proposal,
        proposer: event.proposer.into(),
        description: storable(&event.description),
        actions,
        vote_start: place.time("the vote's snapshot", event.voteStart)?,
        vote_end: place.time("the vote's deadline", event.voteEnd)?,
        votes_for: Amount::ZERO,
        votes_against: Amount::ZERO,
        abstained: Amount::ZERO,
        state: "proposed".to_owned(),
        proposed_block: place.block,
        proposed_index: place.event_index,
    };
    applying.put(row).await
}

/// Votes count after the snapshot's second, and to the last one of the vote.
async fn vote(applying: &mut Applying<'_>, event: &VoteCast) -> Result<(), IndexerError> {
    let place = applying.place;
    let weight = place.amount("a vote's weight", event.weight)?;
    let mut row = open(applying, event.proposalId).await?;
    if place.seconds <= row.vote_start || place.seconds > row.vote_end {
        return Err(place.diverged("a proposal", row.proposal, "one that is open for this"));
    }
    let (support, votes) = match event.support {
        0 => ("against", &mut row.votes_against),
        1 => ("for", &mut row.votes_for),
        2 => ("abstain", &mut row.abstained),
        other => return Err(place.diverged("a vote", other, "0, 1 or 2")),
    };
    *votes = more(place, "a proposal's votes", *votes, weight)?;
    let (coop, proposal, voter) = (row.coop, row.proposal, Addr::from(event.voter));
    if applying.find::<Vote>((coop, proposal, voter)).await?.is_some() {
        return Err(place.diverged("a vote", "a second one", "the only one of its voter"));
    }
    applying.put(row).await?;
    applying
        .put(Vote {
            coop,
            proposal,
            voter,
            support: support.to_owned(),
            weight: weight.into(),
            reason: storable(&event.reason),
        })
        .await?;
    Ok(())
}

async fn end(applying: &mut Applying<'_>, proposal: U256, state: &str) -> Result<(), IndexerError> {
    let mut row = open(applying, proposal).await?;
    row.state = state.to_owned();
    applying.put(row).await
}

/// A proposal that was neither executed nor taken back.
async fn open(applying: &mut Applying<'_>, proposal: U256) -> Result<Proposal, IndexerError> {
    let place = applying.place;
    let key = key(applying, proposal);
    let found = applying.find::<Proposal>(key).await?.filter(|row| row.state == "proposed");
    found.ok_or_else(|| place.diverged("a proposal", key.1, "one that is open for this"))
}
