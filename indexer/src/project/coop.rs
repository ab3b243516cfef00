//! The co-op: proposals and votes.

use serde_json::{Value, json};
use sqlx::PgConnection;
use yieldset_chain::{
    B256, U256,
    abi::Coop::{CoopEvents, ProposalCreated, VoteCast},
};

use super::{Place, db, holders::amount, journal::readable};
use crate::{column::Amount, error::IndexerError};

/// The co-op's settings and its money are in the journal alone.
pub(super) async fn apply(connection: &mut PgConnection, place: Place, event: &CoopEvents) -> Result<(), IndexerError> {
    match event {
        CoopEvents::ProposalCreated(created) => propose(connection, place, created).await,
        CoopEvents::VoteCast(cast) => vote(connection, place, cast).await,
        CoopEvents::ProposalExecuted(executed) => end(connection, place, executed.proposalId, "executed").await,
        CoopEvents::ProposalCanceled(canceled) => end(connection, place, canceled.proposalId, "canceled").await,
        CoopEvents::CoopCreated(_) | CoopEvents::Received(_) => Ok(()),
    }
}

/// A proposal's id, which the standard calls a number and which is a hash.
fn id(proposal: U256) -> B256 {
    proposal.into()
}

async fn propose(connection: &mut PgConnection, place: Place, event: &ProposalCreated) -> Result<(), IndexerError> {
    let calls = event.targets.iter().zip(&event.values).zip(&event.calldatas);
    let actions: Value = calls
        .map(|((target, value), calldata)| {
            json!({"target": target.to_string(), "value": value.to_string(), "calldata": calldata.to_string()})
        })
        .collect();
    let (start, end): (i64, i64) =
        (place.fit("the vote's snapshot", event.voteStart)?, place.fit("the vote's deadline", event.voteEnd)?);
    let proposal = id(event.proposalId);
    sqlx::query!(
        "INSERT INTO proposals (proposal, proposer, description, actions, vote_start, vote_end, state, proposed_block,
                                proposed_index, block, event_index)
         VALUES ($1, $2, $3, $4, $5, $6, 'proposed', $7, $8, $7, $8)",
        proposal.as_slice(),
        event.proposer.as_slice(),
        readable(&event.description),
        actions,
        start,
        end,
        place.block,
        place.event_index,
    )
    .execute(connection)
    .await
    .map_err(db)?;
    Ok(())
}

async fn vote(connection: &mut PgConnection, place: Place, event: &VoteCast) -> Result<(), IndexerError> {
    let weight = Amount::from(amount(place, "a vote's weight", event.weight)?);
    let none = Amount::ZERO;
    let (support, [against, in_favour, abstained]) = match event.support {
        0 => ("against", [weight, none, none]),
        1 => ("for", [none, weight, none]),
        2 => ("abstain", [none, none, weight]),
        other => return Err(place.diverged("a vote", other, "0, 1 or 2")),
    };
    let proposal = id(event.proposalId);
    let changed = sqlx::query!(
        "UPDATE proposals SET votes_against = votes_against + $2, votes_for = votes_for + $3, abstained = abstained + $4,
                block = $5, event_index = $6
         WHERE proposal = $1 AND state = 'proposed' AND EXISTS (SELECT FROM blocks
               WHERE number = $5 AND time_ms / 1000 > vote_start AND time_ms / 1000 <= vote_end)",
        proposal.as_slice(),
        against as _,
        in_favour as _,
        abstained as _,
        place.block,
        place.event_index,
    )
    .execute(&mut *connection)
    .await
    .map_err(db)?;
    only(place, changed.rows_affected(), proposal)?;
    sqlx::query!(
        "INSERT INTO votes (proposal, voter, support, weight, reason, block, event_index) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        proposal.as_slice(),
        event.voter.as_slice(),
        support,
        weight as _,
        readable(&event.reason),
        place.block,
        place.event_index,
    )
    .execute(connection)
    .await
    .map_err(db)?;
    Ok(())
}

async fn end(
    connection: &mut PgConnection,
    place: Place,
    proposal: U256,
    state: &'static str,
) -> Result<(), IndexerError> {
    let proposal = id(proposal);
    let changed = sqlx::query!(
        "UPDATE proposals SET state = $2, block = $3, event_index = $4 WHERE proposal = $1 AND state = 'proposed'",
        proposal.as_slice(),
        state,
        place.block,
        place.event_index,
    )
    .execute(connection)
    .await
    .map_err(db)?;
    only(place, changed.rows_affected(), proposal)
}

fn only(place: Place, changed: u64, proposal: B256) -> Result<(), IndexerError> {
    place.one(changed, "a proposal", proposal, "one that is open for this")
}
