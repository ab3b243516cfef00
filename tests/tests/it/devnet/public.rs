//! The mirror on nodes that are not ours: few questions, and states that are gone.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use alloy_primitives::Address;
use serde_json::json;
use yieldset_chain::deploy::{Request, deploy};
use yieldset_chain::deployment::{Challenge, Config, Voting};
use yieldset_chain::submit::{Signer, Submitter};
use yieldset_chain::{B256, ChainClient, ChainError, Deployment, Payee};
use yieldset_tasks::demo::children::Children;
use yieldset_tasks::demo::story::{answer, start_indexer};

use super::{
    COIN, programs,
    proxy::{Lie, Proxy},
};

/// Seconds without a head after which the mirror asks for both, as it is shipped.
const SILENCE: u64 = 6;

/// A node with contracts and some blocks after them; the deployment is in the folder.
async fn begun(children: &mut Children, folder: &std::path::Path, more: &[&str]) -> (String, ChainClient, Submitter) {
    use std::os::unix::fs::PermissionsExt;
    // Postgres may run as another user, who must be able to pass through here.
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o711)).unwrap();
    let node = children.start("devnet", "yieldset-devnet", &[&["--rpc-port", "0"], more].concat()).await.unwrap().url;
    let client = ChainClient::connect(&node).await.unwrap();
    let alice = Submitter::new(client.clone(), Signer::dev("//Alice").unwrap());
    let config = Config {
        name: "Elsewhere".into(),
        symbol: "ELSE".into(),
        currency: Address::ZERO,
        contributors_bps: 4_000,
        committee: vec![B256::repeat_byte(1)],
        threshold: 1,
        challenge: Challenge::SECONDS,
        voting: Voting::SECONDS,
    };
    let request = Request { config, admin: None };
    let deployment: Deployment = deploy(&alice, &request, &folder.join("journal"), |_| {}).await.unwrap();
    deployment.save(&folder.join("deployment.json")).unwrap();
    for _ in 0..12 {
        alice.transfer_native(Payee::account([5; 32]), COIN).await.unwrap();
    }
    (node, client, alice)
}

/// Proves NET-2: the mirror asks a node twice for a block, whether it is behind or follows; hashes are asked for by
/// hundreds, and what it asks at its start does not grow with the chain.
#[tokio::test]
async fn the_mirror_asks_at_most_twice_for_a_block() {
    let folder = tempfile::tempdir().unwrap();
    let mut children = Children::new(programs(), folder.path());
    let (node, client, alice) = begun(&mut children, folder.path(), &[]).await;
    let proxy = Proxy::before(node, 0).await;
    let indexer = start_indexer(&mut children, folder.path(), &proxy.url).await.unwrap();
    let reached = async |last: u64| {
        let wait = async {
            while answer(&indexer.url, "/v1/status").await.unwrap()["indexed_block"].as_u64() != Some(last) {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(240), wait).await.unwrap();
        proxy.counts.asked.load(Ordering::Relaxed)
    };
    let first = client.finalised_block().await.unwrap().number;
    let behind = reached(first).await;
    let start: Deployment = Deployment::load(&folder.path().join("deployment.json")).unwrap();
    let blocks = u32::try_from(first + 1 - start.start_block).unwrap();
    // Of the contracts that the pool was listed with, it asks which code they run.
    assert!(behind <= 2 * blocks + 100, "{behind} questions for {blocks} blocks");
    let followed = 10;
    let following = Instant::now();
    for _ in 0..followed {
        alice.transfer_native(Payee::account([5; 32]), COIN).await.unwrap();
    }
    let last = client.finalised_block().await.unwrap().number;
    let all = reached(last).await;
    let blocks = u32::try_from(last - first).unwrap();
    // Where several come at once it asks once more which there are; where none does for so long, both heads.
    let silences = following.elapsed().as_secs() / SILENCE + 1;
    let most = 2 * blocks + 12 + 2 * u32::try_from(silences).unwrap();
    assert!(blocks >= followed && all - behind <= most, "{} questions for {blocks} more blocks", all - behind);
    children.stop().await;
}

/// Proves NET-2: where a node has dropped what is to be mirrored, that is said at the start, with what to do.
#[tokio::test]
async fn a_mirror_that_needs_an_archive_node_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let mut children = Children::new(programs(), folder.path());
    let (node, ..) = begun(&mut children, folder.path(), &["--keep-states", "4"]).await;
    let file = folder.path().join("deployment.json");
    let data = folder.path().join("postgres");
    let paths = [file.to_str().unwrap(), data.to_str().unwrap()];
    let arguments = ["run", "--node-url", &node, "--deployment", paths[0], "--data-dir", paths[1]];
    let ended = children.try_tool("yieldset-indexer", &arguments);
    let (status, printed, why) = tokio::time::timeout(Duration::from_secs(60), ended).await.unwrap().unwrap();
    assert!(!status.success() && (printed + &why).contains("archive node"), "{status}");
    children.stop().await;
}

/// Proves NET-2: what a node cannot have meant is not believed, and what passes is not taken for a dropped state: fewer
/// hashes than were asked for, a block without events or time, another block, a failure of its own.
#[tokio::test]
async fn a_node_that_answers_wrongly_is_not_believed() {
    let folder = tempfile::tempdir().unwrap();
    let mut children = Children::new(programs(), folder.path());
    let (node, ..) = begun(&mut children, folder.path(), &["--keep-states", "4"]).await;
    let proxy = Proxy::before(node, 0).await;
    let client = ChainClient::connect(&proxy.url).await.unwrap();
    let last = client.finalised_block().await.unwrap();
    let whole = client.whole_block_at(last.number, last.hash).await.unwrap();
    assert_eq!(whole.at, last);
    assert!(matches!(client.whole_block_at(1, last.hash).await, Err(ChainError::WrongAnswer { .. })));

    proxy.lies(Some(|method, answer| {
        if method == "chain_getBlockHash" && answer["result"].is_array() {
            answer["result"].as_array_mut().unwrap().pop();
        }
    }));
    let short = client.block_hashes(last.number - 3, last.number).await;
    assert!(matches!(short, Err(ChainError::WrongAnswer { .. })), "{short:?}");

    let empty: Lie = |method, answer| {
        if method == "state_queryStorageAt" {
            answer["result"] = json!([]);
        }
    };
    let timeless: Lie = |method, answer| {
        let now = "0xf0c365c3cf59d671eb72da0e7a4113c49f1f0515f462cdcf84e0f1d6045dfcbb";
        for set in answer["result"].as_array_mut().into_iter().flatten().filter(|_| method == "state_queryStorageAt") {
            set["changes"].as_array_mut().unwrap().retain(|change| change[0] != now);
        }
    };
    let other: Lie = |method, answer| {
        if method == "chain_getBlock" {
            answer["result"]["block"]["header"]["stateRoot"] = json!(B256::ZERO);
        }
    };
    for lie in [empty, timeless, other] {
        proxy.lies(Some(lie));
        let believed = client.whole_block(last.hash).await;
        assert!(matches!(believed, Err(ChainError::WrongAnswer { .. })), "{believed:?}");
    }

    proxy.lies(Some(|method, answer| {
        if method == "state_getStorageHash" {
            let id = answer["id"].take();
            *answer = json!({ "jsonrpc": "2.0", "id": id, "error": { "code": -32_603, "message": "Internal error" } });
        }
    }));
    let failed = client.has_state(last.number).await;
    assert!(matches!(failed, Err(ChainError::Node { .. })), "{failed:?}");
    proxy.lies(None);
    assert!(client.has_state(last.number).await.unwrap() && !client.has_state(1).await.unwrap());
    assert!(matches!(client.has_state(last.number + 1_000).await, Err(ChainError::NoSuchBlock(_))));
    let first = client.block_hash_at(1).await.unwrap().unwrap();
    let gone = client.whole_block(first).await.unwrap_err();
    assert!(matches!(gone, ChainError::StateGone { .. }) && gone.to_string().contains("archive node"), "{gone}");
    children.stop().await;
}
