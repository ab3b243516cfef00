//! A node that answers only so often, as public ones do.

use std::sync::atomic::Ordering;

use yieldset_chain::{
    ChainClient, Payee,
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
