//! A chain that reorganises before finality: what `yieldset` says was done was done, and once, whichever branch wins,
//! and the mirror has that branch.

mod mirrored;

use std::{path::Path, process::Stdio, sync::Arc};

use futures::FutureExt;
use serde_json::Value;
use sqlx::PgPool;
use tokio::process::Child;
use yieldset_chain::{
    B256, ChainClient, ChainError, Deployment, SolCall, U256,
    abi::Pool,
    submit::{Prepared, Receipt, Signer, Submitter},
};
use yieldset_tasks::demo::{
    children::{Children, Ready},
    oracle::Oracle,
    story,
};

use super::{
    COIN,
    commands::{DONE, FAILED, NO_EFFECT, Shell, address, deployed, told},
    crashes,
    node::{Node, until},
    programs, run_folder,
};

/// Of the node: no block comes by itself, and none is final by itself.
const BY_HAND: [&str; 5] = ["--rpc-port", "0", "--finalize-by-rpc", "--block-time", "86400000"];

/// What is given for haste, in native units: far above what lets one transaction take another's place.
const TIP: u128 = 1_000_000_000;

struct Scene<'a> {
    shell: Shell<'a>,
    client: ChainClient,
    node: Node,
    deployment: Deployment,
    indexer: Ready,
    /// The indexer's database.
    pool: PgPool,
}

/// A command that was begun, and waits for finality.
struct Begun(Child);

impl Begun {
    /// How it ended, and what it said on both outputs.
    async fn ended(self) -> (i32, String, String) {
        told(self.0.wait_with_output().await.unwrap())
    }

    /// What was sent, where it was done.
    async fn done(self) -> Value {
        let (code, printed, why) = self.ended().await;
        assert_eq!(code, DONE, "{printed}{why}");
        serde_json::from_str::<Value>(&printed).unwrap()["sent"][0].take()
    }

    fn waits(&mut self) -> bool {
        self.0.try_wait().unwrap().is_none()
    }
}

impl Scene<'_> {
    /// Begins a command, whose transaction is in the node's pool then, as the so manieth.
    async fn begins(&self, who: &str, line: &[&str], waiting: usize) -> Begun {
        let mut command = self.shell.command(who, &[line, &["--yes", "--json"]].concat());
        let begun = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        self.waiting(waiting).await;
        Begun(begun)
    }

    async fn transfers(&self, shares: &str) -> Begun {
        self.begins("ada", &["pool", "transfer", &address("ben").to_string(), shares], 1).await
    }

    /// Seals what waits on the head. It is out of the node's pool then: no block of another branch has it before that
    /// branch is the best one.
    async fn sealed(&self) -> B256 {
        let block = self.node.seal(None).await;
        self.waiting(0).await;
        block
    }

    async fn waiting(&self, transactions: usize) {
        let there = || self.node.waiting().map(|all| all.len() == transactions);
        until(&format!("{transactions} transactions wait"), there).await;
    }

    /// Ben's shares after a block.
    async fn shares(&self, at: B256) -> U256 {
        let account = address("ben");
        self.client.read_at(at, self.deployment.pool, &Pool::balanceOfCall { account }).await.unwrap()
    }

    /// The head, which is final.
    async fn trunk(&self) -> B256 {
        let head = self.client.best_block().await.unwrap();
        assert_eq!(head, self.client.finalised_block().await.unwrap());
        head.hash
    }

    /// Whether a block on whatever branch has a transaction, with its effect.
    async fn has(&self, block: B256, tx_hash: B256) -> bool {
        let events = self.client.whole_block(block).await.unwrap().events;
        events.iter().any(|event| event.tx_hash == Some(tx_hash))
    }
}

/// Proves NET-2: what is sealed and not final is not done; a block that another branch replaces before finality leaves
/// its transaction to be included again, or lost and told so, with what to do; and nothing is done twice.
///
/// Proves MIR-3 on a node: the mirror follows the best chain, shows what it cannot be sure of as such, and after every
/// fork has the rows of a rebuild, no row twice and no gap; see the functions called.
#[tokio::test]
async fn what_is_not_final_is_not_done() {
    let folder = run_folder();
    let mut children = Children::new(programs(), folder.path());
    let node = Node { url: children.start("devnet", "yieldset-devnet", &BY_HAND).await.unwrap().url };
    let client = ChainClient::connect(&node.url).await.unwrap();
    let home = folder.path().join("home");
    let sealing = node.sealing();
    deployed(&client, &home).await;
    let file = home.join("deployments/devnet.json");
    std::fs::copy(&file, folder.path().join("deployment.json")).unwrap();
    let indexer = story::start_indexer(&mut children, folder.path(), &node.url).await.unwrap();
    let options = crashes::options(indexer.database_url.as_deref().unwrap());
    let scene = Scene {
        shell: Shell { children: &children, home: &home, node: &node.url },
        client: client.clone(),
        node: node.clone(),
        deployment: Deployment::load(&file).unwrap(),
        indexer,
        pool: PgPool::connect_with(options).await.unwrap(),
    };
    for who in ["ada", "ben"] {
        let account = address(who).to_string();
        scene.shell.does("admin", &["kyc", "set", &account, "--country", "840", "--until", "+365d"]).await;
    }
    scene.shell.does("admin", &["pool", "mint", &address("ada").to_string(), "128 shares"]).await;
    sealing.end().await;

    let mut gone = Vec::new();
    gone.push(a_transaction_comes_back(&scene).await);
    gone.push(an_effect_is_lost(&scene).await);
    gone.push(a_transaction_is_overtaken(&scene).await);
    gone.push(its_own_branch_wins(&scene).await);
    two_of_an_account_wait_at_once(&scene).await;
    mirrored::forks_of_many_depths_are_followed(&scene).await;

    agrees(&scene, folder.path()).await;
    for block in gone {
        assert!(!scene.is_mirrored(block).await, "{block} was reorganised away");
    }
    let rows = scene.rows().await;
    scene.pool.close().await;
    mirrored::a_new_mirror_has_the_same((&client, &node), (&mut children, folder.path()), &rows).await;
    children.stop().await;
}

/// The mirror is at the head, all of which is final, and has what the contracts and the node's blocks have.
async fn agrees(scene: &Scene<'_>, folder: &Path) {
    scene.is_followed().await;
    assert!(scene.is_mirrored(scene.trunk().await).await);
    let oracle = Oracle { children: scene.shell.children, folder };
    story::compare(&oracle, &scene.indexer, &scene.node.url).await.unwrap();
}

/// The same transaction is in a block of the branch that wins, once, and that is where it was done.
async fn a_transaction_comes_back(scene: &Scene<'_>) -> B256 {
    let trunk = scene.trunk().await;
    let had = scene.shares(trunk).await;
    let mut transfer = scene.transfers("2 shares").await;
    let gone = scene.sealed().await;
    assert_eq!(scene.shares(gone).await, had + U256::from(2 * COIN));
    assert_eq!(scene.is_true(false).await, had + U256::from(2 * COIN));
    assert!(scene.is_mirrored(gone).await);
    let branch = scene.node.branch(trunk, 2).await;
    scene.waiting(1).await;
    assert_eq!(scene.shares(branch[1]).await, had);
    assert_eq!(scene.is_true(false).await, had);
    let kept = scene.node.seal(None).await;
    assert_eq!(scene.shares(kept).await, had + U256::from(2 * COIN));
    assert_eq!(scene.is_true(false).await, had + U256::from(2 * COIN));
    assert!(transfer.waits() && !scene.is_mirrored(gone).await && scene.is_mirrored(kept).await);
    let before = scene.client.finalised_block().await.unwrap();
    assert_eq!(before.hash, trunk);
    scene.node.finalise(kept).await;
    let sent = transfer.done().await;
    assert_eq!(sent["block_hash"], kept.to_string(), "{sent}");
    let tx_hash = sent["transaction"].as_str().unwrap().parse().unwrap();
    assert!(scene.has(gone, tx_hash).await && scene.has(kept, tx_hash).await);
    assert_eq!(scene.shares(scene.trunk().await).await, had + U256::from(2 * COIN));
    assert_eq!(scene.is_true(true).await, had + U256::from(2 * COIN));
    gone
}

/// On the branch that wins something else came first: the transaction is in a block without effect, and that is told.
async fn an_effect_is_lost(scene: &Scene<'_>) -> B256 {
    let trunk = scene.trunk().await;
    let (had, ada) = (scene.shares(trunk).await, address("ada").to_string());
    let transfer = scene.transfers("3 shares").await;
    let gone = scene.sealed().await;
    assert_eq!(scene.shares(gone).await, had + U256::from(3 * COIN));
    // Waits as the first block of the other branch is sealed, and is in it.
    let freeze = scene.begins("admin", &["kyc", "freeze", &ada], 1).await;
    scene.node.branch(trunk, 2).await;
    scene.waiting(1).await;
    let kept = scene.node.seal(None).await;
    scene.node.finalise(kept).await;
    freeze.done().await;
    let (code, printed, why) = transfer.ended().await;
    assert_eq!(code, NO_EFFECT, "{printed}{why}");
    assert!(printed.contains("prepare it again"), "{printed}{why}");
    assert_eq!(scene.shares(kept).await, had);
    let sealing = scene.node.sealing();
    scene.shell.does("admin", &["kyc", "unfreeze", &ada]).await;
    sealing.end().await;
    gone
}

/// Ada sends the same nonce once more, from elsewhere, for a tip.
struct Other {
    prepared: Prepared,
    sent: tokio::task::JoinHandle<Result<Receipt, ChainError>>,
}

impl Other {
    async fn in_place_of(scene: &Scene<'_>, before: &Prepared, shares: u128) -> Self {
        let sender = ada(scene);
        let call = Pool::transferCall { to: address("ben"), amount: U256::from(shares * COIN) };
        let call = (scene.deployment.pool, call.abi_encode());
        let prepared = sender.prepare_in_place_of(before, call, TIP).await.unwrap();
        let (sender, sends) = (Arc::new(sender), prepared.clone());
        let sent = tokio::spawn(async move { sender.submit(&sends).await });
        // In the pool it has taken the other's place.
        let bytes = prepared.bytes.to_string();
        let there = || scene.node.waiting().map(|all| all == [bytes.clone()]);
        until("the other transaction waits alone", there).await;
        Self { prepared, sent }
    }
}

fn ada(scene: &Scene<'_>) -> Submitter {
    Submitter::new(scene.client.clone(), Signer::dev("//Alice//ada").unwrap())
}

/// What Ada would send next: its nonce is that of the command that is begun then.
async fn next_of_ada(scene: &Scene<'_>) -> Prepared {
    ada(scene).prepare_call(scene.deployment.pool, one_share(), 0).await.unwrap()
}

fn one_share() -> Vec<u8> {
    Pool::transferCall { to: address("ben"), amount: U256::from(COIN) }.abi_encode()
}

/// Another transaction of the account is in the branch that wins: the first is lost for good, and that is told once it
/// is final, with what to do.
async fn a_transaction_is_overtaken(scene: &Scene<'_>) -> B256 {
    let (trunk, before) = (scene.trunk().await, next_of_ada(scene).await);
    let had = scene.shares(trunk).await;
    let mut transfer = scene.transfers("1 share").await;
    let gone = scene.sealed().await;
    scene.node.branch(trunk, 2).await;
    scene.waiting(1).await;
    let other = Other::in_place_of(scene, &before, 5).await;
    let kept = scene.node.seal(None).await;
    assert!(scene.has(kept, other.prepared.tx_hash).await && transfer.waits());
    scene.node.finalise(kept).await;
    assert_eq!(other.sent.await.unwrap().unwrap().block_hash, kept);
    let (code, printed, why) = transfer.ended().await;
    assert_eq!(code, FAILED, "{printed}{why}");
    assert!(printed.contains("had no effect and never will") && printed.contains("look at what"), "{printed}{why}");
    assert_eq!(scene.shares(kept).await, had + U256::from(5 * COIN));
    gone
}

/// The same, and the first one's branch wins after all: what looked lost was done, and is told as done.
async fn its_own_branch_wins(scene: &Scene<'_>) -> B256 {
    let (trunk, before) = (scene.trunk().await, next_of_ada(scene).await);
    let had = scene.shares(trunk).await;
    let mut transfer = scene.transfers("1 share").await;
    let own = scene.sealed().await;
    scene.node.branch(trunk, 2).await;
    scene.waiting(1).await;
    let other = Other::in_place_of(scene, &before, 5).await;
    let gone = scene.node.seal(None).await;
    assert!(scene.has(gone, other.prepared.tx_hash).await && transfer.waits());
    let branch = scene.node.branch(own, 3).await;
    assert_eq!(scene.client.best_block().await.unwrap().hash, branch[2]);
    scene.node.finalise(branch[2]).await;
    assert_eq!(transfer.done().await["block_hash"], own.to_string());
    // The node says nothing more of the other one, which is looked for then.
    let lost = other.sent.await.unwrap();
    assert!(matches!(lost, Err(ChainError::Overtaken { .. })), "{lost:?}");
    assert_eq!(scene.shares(branch[2]).await, had + U256::from(COIN));
    gone
}

/// Two commands of one account while no block comes: each is done, and once.
async fn two_of_an_account_wait_at_once(scene: &Scene<'_>) {
    let had = scene.shares(scene.trunk().await).await;
    let first = scene.transfers("1 share").await;
    let second = scene.begins("ada", &["pool", "transfer", &address("ben").to_string(), "2 shares"], 2).await;
    let block = scene.node.seal(None).await;
    scene.node.finalise(block).await;
    for sent in [first.done().await, second.done().await] {
        assert_eq!(sent["block_hash"], block.to_string());
    }
    assert_eq!(scene.shares(block).await, had + U256::from(3 * COIN));
}
