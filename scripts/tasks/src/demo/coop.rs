//! The co-op decides: a proposal, everybody's vote, and its execution.

use anyhow::{Context, Result, ensure};
use yieldset_chain::U256;
use yieldset_chain::abi::Coop;
use yieldset_rules::governance::ProposalState;

use super::clock::go_to_second;
use super::screen::{WHOLE, note, step};
use super::story::Told;

/// The first creator proposes what a command does, all holders vote for it, and the platform, which may as anybody, has
/// it executed. `label` is the proposal's.
pub async fn decide(told: &Told, command: &[&str], why: &str, label: &str) -> Result<()> {
    let (coop, client, shell) = (told.deployment.coop, &told.client, &told.shell);
    let at = format!("@{label}");
    step("proposing it to the co-op", async |_| {
        let proposed = [command, &["--by-vote", why, "--label", label]].concat();
        shell.does(&told.cast.creators[0].account.uri, &proposed).await
    })
    .await?;
    let proposal = *shell.book()?.proposals.get(label).context("the proposal has no label")?;
    let snapshot = client.read(coop, &Coop::proposalSnapshotCall { proposalId: proposal }).await?;
    step("voting, with a vote for each share", async |bar| {
        go_to_second(told, snapshot.to::<u64>() + 1).await?;
        for (name, holder, _) in told.cast.holders() {
            bar.set_message(name.to_owned());
            shell.does(&holder.uri, &["coop", "vote", &at, "for"]).await?;
        }
        Ok(())
    })
    .await?;
    let votes = client.read(coop, &Coop::proposalVotesCall { proposalId: proposal }).await?;
    let quorum = client.read(coop, &Coop::quorumCall { timepoint: snapshot }).await?;
    step("executing what the co-op decided", async |_| {
        let eta = client.read(coop, &Coop::proposalEtaCall { proposalId: proposal }).await?;
        go_to_second(told, eta.to()).await?;
        shell.does(&told.cast.platform.uri, &["coop", "execute", &at]).await
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
    Ok(())
}
