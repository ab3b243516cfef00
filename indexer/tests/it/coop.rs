//! The co-op in the rows: proposals, votes, and events that do not belong.

use yieldset_chain::{
    Address, U256,
    abi::Coop::{CoopEvents, ProposalCanceled},
};
use yieldset_indexer::mirror::Applied;

use crate::{
    chain::{self, COIN, a_quarter, account, coop, deployment, executed, proposal_id, proposed, voted},
    fixture::Fixture,
    web::{app, ask},
};

/// Proves LIC-12 for the mirror: what was proposed, who voted with how many shares, and what was executed are there for
/// programs.
#[tokio::test]
async fn a_decision_is_shown_with_its_votes() {
    let fixture = Fixture::new().await;
    fixture.apply_all(&a_quarter().blocks).await;
    let app = app(&fixture);
    let listed = ask(&app, "/v1/proposals", &[]).await.json();
    let [second, first] = [&listed["items"][0], &listed["items"][1]];
    assert_eq!((&second["state"], &first["state"]), (&"proposed".into(), &"executed".into()));
    for (field, shares) in [("votes_for", 350), ("votes_against", 100), ("abstained", 250)] {
        assert_eq!((&first[field], &second[field]), (&(shares * COIN).to_string().into(), &"0".into()), "{field}");
    }
    assert_eq!(first["description"], format!("Accept <the licence>\u{fffd} #proposer={:#x}", account(1)));
    assert_eq!(first["actions"][0]["calldata"], "0xac01");
    assert_eq!(first["actions"][0]["target"], deployment().licence.to_string());
    let path = format!("/v1/proposals/{}/votes", first["proposal"].as_str().unwrap());
    let votes = ask(&app, &path, &[]).await.json();
    let votes = votes["items"].as_array().unwrap().iter();
    let votes: Vec<_> = votes.map(|vote| format!("{} {}", vote["voter"], vote["support"]).replace('"', "")).collect();
    let expected = [(4, "for"), (3, "abstain"), (2, "against"), (1, "for")];
    assert_eq!(votes, expected.map(|(voter, support)| format!("{} {support}", account(voter))));
    let unknown = ask(&app, &format!("/v1/proposals/0x{}/votes", "07".repeat(32)), &[]).await;
    assert_eq!((unknown.status.as_u16(), &unknown.json()["code"]), (404, &"unknown-proposal".into()));
    fixture.finish().await;
}

/// A vote counts once, while its proposal is open and in its seconds; a proposal ends once; nothing of a block stays
/// that says otherwise.
#[tokio::test]
async fn votes_that_cannot_be_are_divergences() {
    let fixture = Fixture::new().await;
    let mut chain = a_quarter();
    let block = chain.height();
    chain.push(vec![proposed(3, block), proposed(4, block)]);
    let canceled = |n| coop(CoopEvents::ProposalCanceled(ProposalCanceled { proposalId: proposal_id(n) }));
    chain.push(vec![voted(3, 1, 1, 100), canceled(4)]);
    fixture.apply_all(&chain.blocks).await;
    for (events, what) in [
        (vec![voted(9, 1, 1, 1)], "a proposal"),
        (vec![voted(1, 9, 1, 1)], "a proposal"),
        (vec![voted(4, 1, 1, 1)], "a proposal"),
        (vec![voted(3, 2, 3, 1)], "a vote"),
        (vec![proposed(5, chain.height()), voted(5, 1, 1, 1)], "a proposal"),
        (vec![executed(1)], "a proposal"),
        (vec![executed(4)], "a proposal"),
        (vec![canceled(9)], "a proposal"),
    ] {
        fixture.refuses_for(&chain.next(events), what).await;
    }
    let twice = fixture.refuses(&chain.next(vec![voted(3, 1, 1, 1)])).await;
    assert_eq!(twice.len(), 1, "{twice:?}");
    chain.push(vec![voted(3, 2, 1, 1)]);
    fixture.apply(chain.blocks.last().unwrap()).await;
    let late = fixture.refuses(&chain.next(vec![voted(3, 3, 1, 1)])).await;
    assert_eq!(late.len(), 1, "{late:?}");
    fixture.finish().await;
}

/// Proves MIR-4: events of the co-op count from the pool's own co-op alone.
#[tokio::test]
async fn only_the_pools_coop_tells_of_proposals() {
    let fixture = Fixture::new().await;
    let mut chain = chain::Chain::default();
    let (_, proposal) = proposed(1, chain.height());
    chain.push(vec![
        (Address::repeat_byte(0x66), proposal.clone()),
        (deployment().licence, proposal),
        coop(CoopEvents::Received(yieldset_chain::abi::Coop::Received { payer: account(1), amount: U256::from(1) })),
    ]);
    assert_eq!(fixture.apply(&chain.blocks[0]).await, Applied::Now { blocks: 1, events: 2, unread: 1 });
    let rows: i64 = sqlx::query_scalar("SELECT count(*) FROM proposals").fetch_one(&fixture.pool).await.unwrap();
    assert_eq!(rows, 0);
    fixture.finish().await;
}
