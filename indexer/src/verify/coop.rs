//! Co-ops: their rules, and their proposals with the votes on them.

use futures::TryStreamExt;
use yieldset_chain::{U256, abi::Coop};
use yieldset_rules::governance::ProposalState;

use super::{Chain, Comparison, db, each};
use crate::{
    column::{Addr, Amount, Hash},
    error::IndexerError,
    snapshot::Snapshot,
};

/// The states that time alone does not bring about.
const CANCELED: u8 = ProposalState::Canceled as u8;
const EXECUTED: u8 = ProposalState::Executed as u8;

pub(super) async fn compare(
    snapshot: &mut Snapshot,
    chain: &Chain<'_>,
    found: &mut Comparison,
) -> Result<(), IndexerError> {
    coops(snapshot, chain, found).await?;
    proposals(snapshot, chain, found).await?;
    votes(snapshot, chain, found).await
}

async fn coops(snapshot: &mut Snapshot, chain: &Chain<'_>, found: &mut Comparison) -> Result<(), IndexerError> {
    let mut rows = sqlx::query!(
        r#"SELECT coop AS "coop: Addr", pool AS "pool: Addr", voting_delay, voting_period,
                  proposal_threshold AS "threshold: Amount", timelock, grace_period
           FROM coops WHERE valid_from > $1 ORDER BY coop"#,
        chain.since,
    )
    .fetch(snapshot.connection());
    let mut count = 0_usize;
    while let Some(row) = rows.try_next().await.map_err(db)? {
        let coop = row.coop;
        let of = |figure: &str| format!("co-op {figure} of {coop}");
        let seconds = |seconds: i64| Amount::from(seconds.unsigned_abs());
        found.about("coop", coop);
        found.told(of("token"), row.pool, chain.ask(coop, Coop::tokenCall {}).await?, Addr::from);
        let delay = chain.ask(coop, Coop::votingDelayCall {}).await?;
        found.told(of("votingDelay"), seconds(row.voting_delay), delay, Amount::from);
        let period = chain.ask(coop, Coop::votingPeriodCall {}).await?;
        found.told(of("votingPeriod"), seconds(row.voting_period), period, Amount::from);
        let threshold = chain.ask(coop, Coop::proposalThresholdCall {}).await?;
        found.told(of("proposalThreshold"), row.threshold, threshold, Amount::from);
        let timelock = chain.ask(coop, Coop::timelockCall {}).await?;
        found.told(of("timelock"), seconds(row.timelock), timelock, Amount::from);
        let grace = chain.ask(coop, Coop::gracePeriodCall {}).await?;
        found.told(of("gracePeriod"), seconds(row.grace_period), grace, Amount::from);
        count = count.saturating_add(1);
    }
    found.counted(count, "co-ops");
    Ok(())
}

struct ProposalRow {
    coop: Addr,
    proposal: Hash,
    proposer: Addr,
    vote_start: i64,
    vote_end: i64,
    votes_for: Amount,
    votes_against: Amount,
    abstained: Amount,
    state: String,
}

async fn proposals(snapshot: &mut Snapshot, chain: &Chain<'_>, found: &mut Comparison) -> Result<(), IndexerError> {
    let rows = sqlx::query_as!(
        ProposalRow,
        r#"SELECT coop AS "coop: Addr", proposal AS "proposal: Hash", proposer AS "proposer: Addr", vote_start, vote_end,
                  votes_for AS "votes_for: Amount", votes_against AS "votes_against: Amount",
                  abstained AS "abstained: Amount", state
           FROM proposals WHERE valid_from > $1 ORDER BY coop, proposal"#,
        chain.since,
    )
    .fetch(snapshot.connection());
    let ask = |row: ProposalRow| async move {
        let (coop, proposal) = (row.coop, U256::from_be_bytes(row.proposal.0.0));
        let votes = chain.ask(coop, Coop::proposalVotesCall { proposalId: proposal }).await?;
        let proposer = chain.ask(coop, Coop::proposalProposerCall { proposalId: proposal }).await?;
        let start = chain.ask(coop, Coop::proposalSnapshotCall { proposalId: proposal }).await?;
        let end = chain.ask(coop, Coop::proposalDeadlineCall { proposalId: proposal }).await?;
        let state = chain.ask(coop, Coop::stateCall { proposalId: proposal }).await?;
        Ok::<_, IndexerError>((row, votes, proposer, (start, end), state))
    };
    let count = each(rows, ask, |(row, votes, proposer, (start, end), state)| {
        let what = format!("proposal {} of {}", row.proposal, row.coop);
        let second = |second: i64| Amount::from(second.unsigned_abs());
        found.about("coop", row.coop);
        if let Some(theirs) = found.answer(&what, votes) {
            found.same(format!("{what}: for"), row.votes_for, theirs.forVotes.into());
            found.same(format!("{what}: against"), row.votes_against, theirs.againstVotes.into());
            found.same(format!("{what}: abstained"), row.abstained, theirs.abstainVotes.into());
        }
        found.told(format!("{what}: proposer"), row.proposer, proposer, Addr::from);
        found.told(format!("{what}: snapshot"), second(row.vote_start), start, Amount::from);
        found.told(format!("{what}: deadline"), second(row.vote_end), end, Amount::from);
        found.told(format!("{what}: state"), row.state.as_str(), state, |state| match state {
            CANCELED => "canceled",
            EXECUTED => "executed",
            _ => "proposed",
        });
    })
    .await?;
    found.counted(count, "proposals");
    Ok(())
}

/// Whoever voted here did so on chain; and the votes are those that were counted.
async fn votes(snapshot: &mut Snapshot, chain: &Chain<'_>, found: &mut Comparison) -> Result<(), IndexerError> {
    struct Row {
        coop: Addr,
        proposal: Hash,
        voter: Addr,
    }
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT coop AS "coop: Addr", proposal AS "proposal: Hash", voter AS "voter: Addr" FROM votes
           WHERE valid_from > $1 ORDER BY block, event_index"#,
        chain.since,
    )
    .fetch(snapshot.connection());
    let ask = |row: Row| async move {
        let proposal = U256::from_be_bytes(row.proposal.0.0);
        let call = Coop::hasVotedCall { proposalId: proposal, account: row.voter.0 };
        let voted = chain.ask(row.coop, call).await?;
        Ok::<_, IndexerError>((row, voted))
    };
    let count = each(rows, ask, |(row, voted)| {
        found.about("coop", row.coop);
        let what = format!("vote of {} on proposal {} of {}", row.voter, row.proposal, row.coop);
        found.told(what, true, voted, |voted| voted);
    })
    .await?;
    found.counted(count, "votes");
    let mut rows = sqlx::query!(
        r#"SELECT p.coop AS "coop!: Addr", p.proposal AS "proposal!: Hash",
                  coalesce(votes, 0) = votes_for + votes_against + abstained AS "holds!"
           FROM proposals p LEFT JOIN (SELECT coop, proposal, sum(weight) AS votes FROM votes GROUP BY coop, proposal) v
             ON v.coop = p.coop AND v.proposal = p.proposal
           ORDER BY p.coop, p.proposal"#
    )
    .fetch(snapshot.connection());
    while let Some(row) = rows.try_next().await.map_err(db)? {
        found.about("coop", row.coop);
        found.holds(format!("proposal {} of {}: its figures = Σ votes", row.proposal, row.coop), row.holds);
    }
    Ok(())
}
