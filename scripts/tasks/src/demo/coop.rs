//! The co-op decides: a proposal, everybody's vote, and its execution.

use anyhow::{Result, ensure};
use yieldset_chain::abi::Coop;
use yieldset_chain::submit::Receipt;
use yieldset_chain::{Address, Bytes, SolCall, U256, keccak256};
use yieldset_rules::governance::ProposalState;

use super::clock::go_to_second;
use super::screen::{WHOLE, note, step};
use super::story::Told;

/// In favour, as a vote says it.
const FOR: u8 = 1;

/// The first creator proposes `call` to `target`, all holders vote for it, and the platform, which may as anybody, has
/// it executed. Gives the execution's receipt.
pub async fn decide(told: &Told, target: Address, call: &impl SolCall, description: &str) -> Result<Receipt> {
    let (coop, client) = (told.deployment.coop, &told.client);
    let (targets, values, calldatas) = (vec![target], vec![U256::ZERO], vec![Bytes::from(call.abi_encode())]);
    // With this suffix nobody else can propose it, and so take its id and cancel it.
    let proposer = told.cast.creators[0].account.address();
    let description = format!("{description} #proposer={proposer:#x}");
    let hash = keccak256(&description);
    let id = Coop::hashProposalCall {
        targets: targets.clone(),
        values: values.clone(),
        calldatas: calldatas.clone(),
        descriptionHash: hash,
    };
    let proposal = client.read(coop, &id).await?;
    step("proposing it to the co-op", async |_| {
        let propose = Coop::proposeCall {
            targets: targets.clone(),
            values: values.clone(),
            calldatas: calldatas.clone(),
            description: description.clone(),
        };
        Ok(told.cast.creators[0].account.submitter.send(coop, &propose, 0).await?)
    })
    .await?;
    let snapshot = client.read(coop, &Coop::proposalSnapshotCall { proposalId: proposal }).await?;
    step("voting, with a vote for each share", async |bar| {
        go_to_second(told, snapshot.to::<u64>() + 1).await?;
        for (name, holder, _) in told.cast.holders() {
            bar.set_message(name.to_owned());
            let vote = Coop::castVoteCall { proposalId: proposal, support: FOR };
            holder.submitter.send(coop, &vote, 0).await?;
        }
        Ok(())
    })
    .await?;
    let votes = client.read(coop, &Coop::proposalVotesCall { proposalId: proposal }).await?;
    let quorum = client.read(coop, &Coop::quorumCall { timepoint: snapshot }).await?;
    let receipt = step("executing what the co-op decided", async |_| {
        let eta = client.read(coop, &Coop::proposalEtaCall { proposalId: proposal }).await?;
        go_to_second(told, eta.to()).await?;
        let execute = Coop::executeCall { targets, values, calldatas, descriptionHash: hash };
        Ok(told.cast.platform.submitter.send(coop, &execute, 0).await?)
    })
    .await?;
    let whole = |shares: U256| shares / U256::from(WHOLE);
    let state = client.read(coop, &Coop::stateCall { proposalId: proposal }).await?;
    ensure!(state == ProposalState::Executed as u8, "the proposal is in state {state}");
    note(&format!(
        "the co-op accepted it: {} shares for, {} against, {} needed",
        whole(votes.forVotes),
        whole(votes.againstVotes),
        whole(quorum)
    ));
    Ok(receipt)
}
