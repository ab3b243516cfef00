//! The co-op's proposals.

use yieldset_chain::{Deployment, U256, abi::Coop};
use yieldset_rules::governance::ProposalState;

use super::{Chain, Comparison, db};
use crate::{
    column::{Addr, Amount, Hash},
    error::IndexerError,
    snapshot::Snapshot,
};

#[derive(Clone)]
struct ProposalRow {
    proposal: Hash,
    proposer: Addr,
    vote_start: i64,
    vote_end: i64,
    votes_for: Amount,
    votes_against: Amount,
    abstained: Amount,
    state: String,
}

/// The states that time alone does not bring about.
const CANCELED: u8 = ProposalState::Canceled as u8;
const EXECUTED: u8 = ProposalState::Executed as u8;

pub(super) async fn compare(
    snapshot: &mut Snapshot,
    chain: &Chain<'_>,
    deployment: &Deployment,
    found: &mut Comparison,
) -> Result<(), IndexerError> {
    let rows = sqlx::query_as!(
        ProposalRow,
        r#"SELECT proposal AS "proposal: Hash", proposer AS "proposer: Addr", vote_start, vote_end,
                  votes_for AS "votes_for: Amount", votes_against AS "votes_against: Amount",
                  abstained AS "abstained: Amount", state
           FROM proposals ORDER BY proposal"#
    )
    .fetch_all(snapshot.connection())
    .await
    .map_err(db)?;
    found.counted(rows.len(), "proposals");
    let id = |row: &ProposalRow| U256::from_be_bytes(row.proposal.0.0);
    let second = |second: i64| U256::from(second.unsigned_abs());
    let coop = deployment.coop;
    let votes = |row: &ProposalRow| Coop::proposalVotesCall { proposalId: id(row) };
    for (row, theirs) in chain.for_each(coop, rows.clone(), votes).await? {
        let what = format!("proposal {}", row.proposal);
        found.same(format!("{what}: for"), row.votes_for, theirs.forVotes.into());
        found.same(format!("{what}: against"), row.votes_against, theirs.againstVotes.into());
        found.same(format!("{what}: abstained"), row.abstained, theirs.abstainVotes.into());
    }
    let proposer = |row: &ProposalRow| Coop::proposalProposerCall { proposalId: id(row) };
    for (row, theirs) in chain.for_each(coop, rows.clone(), proposer).await? {
        found.same(format!("proposal {}: proposer", row.proposal), row.proposer, theirs.into());
    }
    let start = |row: &ProposalRow| Coop::proposalSnapshotCall { proposalId: id(row) };
    for (row, theirs) in chain.for_each(coop, rows.clone(), start).await? {
        found.same(format!("proposal {}: snapshot", row.proposal), second(row.vote_start), theirs);
    }
    let end = |row: &ProposalRow| Coop::proposalDeadlineCall { proposalId: id(row) };
    for (row, theirs) in chain.for_each(coop, rows.clone(), end).await? {
        found.same(format!("proposal {}: deadline", row.proposal), second(row.vote_end), theirs);
    }
    let state = |row: &ProposalRow| Coop::stateCall { proposalId: id(row) };
    for (row, theirs) in chain.for_each(coop, rows, state).await? {
        let theirs = match theirs {
            CANCELED => "canceled",
            EXECUTED => "executed",
            _ => "proposed",
        };
        found.same(format!("proposal {}: state", row.proposal), row.state.as_str(), theirs);
    }
    Ok(())
}
