//! Nodes that answer only so often, as public ones do, or no more.

use std::sync::atomic::Ordering;

use yieldset_chain::{
    B256, ChainClient, ChainError, Payee,
    submit::{Signer, Submitter},
};
use yieldset_tasks::demo::children::Children;

use super::{COIN, programs, proxy::Proxy};

/// Of so many requests one is refused.
const REFUSED: u32 = 3;

/// Proves NET-2: over a node that refuses a third of what it is asked all is done all the same, and once.
#[tokio::test]
async fn what_a_throttled_node_refuses_is_asked_again() {
    let folder = tempfile::tempdir().unwrap();
    let mut children = Children::new(programs(), folder.path());
    let node = children.start("devnet", "yieldset-devnet", &["--rpc-port", "0"]).await.unwrap().url;
    let proxy = Proxy::before(node, REFUSED).await;
    let client = ChainClient::connect(&proxy.url).await.unwrap();
    let alice = Submitter::new(client.clone(), Signer::dev("//Alice").unwrap());
    let bob = Signer::dev("//Alice//throttled").unwrap();
    for sum in 1..=3 {
        alice.transfer_native(Payee::account(bob.account_id()), COIN).await.unwrap();
        let (free, _) = client.holdings(&bob.account_id()).await.unwrap();
        assert_eq!(free, sum * COIN, "each transfer is done once");
    }
    assert!(client.about().await.is_ok() && client.is_mapped(&bob.account_id()).await.unwrap());
    let refused = proxy.counts.refused.load(Ordering::Relaxed);
    assert!(refused > 10, "{refused} requests were refused");
    children.stop().await;
}

/// Proves NET-2: of several nodes the next of the same chain is asked where one goes away, without a word to who asks,
/// and what is sent is done once. One of another chain is passed over; where none is left, that is said.
#[tokio::test]
async fn where_a_node_goes_away_the_next_is_asked() {
    let folder = tempfile::tempdir().unwrap();
    let mut children = Children::new(programs(), folder.path());
    let node = children.start("devnet", "yieldset-devnet", &["--rpc-port", "0"]).await.unwrap().url;
    let [first, other, last] =
        [Proxy::before(node.clone(), 0).await, Proxy::before(node.clone(), 0).await, Proxy::before(node, 0).await];
    other.lies(Some(|method, answer| {
        if method == "chain_getBlockHash" {
            answer["result"] = B256::repeat_byte(7).to_string().into();
        }
    }));
    let nodes = format!("ws://127.0.0.1:1, {}, {}, {}", first.url, other.url, last.url);
    let client = ChainClient::connect(&nodes).await.unwrap();
    let alice = Submitter::new(client.clone(), Signer::dev("//Alice").unwrap());
    let bob = Signer::dev("//Alice//elsewhere").unwrap();
    for sum in 1..=2 {
        alice.transfer_native(Payee::account(bob.account_id()), COIN).await.unwrap();
        assert_eq!(client.holdings(&bob.account_id()).await.unwrap().0, sum * COIN, "each transfer is done once");
        assert_eq!(last.counts.asked.load(Ordering::Relaxed) > 0, sum == 2, "the last is asked once the first is away");
        first.goes_away();
    }
    assert_eq!(other.counts.asked.load(Ordering::Relaxed), 1, "which chain it is of");
    last.goes_away();
    let error = client.holdings(&bob.account_id()).await.unwrap_err();
    assert!(matches!(&error, ChainError::NodeUnreachable { .. }), "{error:?}");
    children.stop().await;
}
