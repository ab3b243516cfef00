//! The mirror of a chain that reorganises: whichever branch is the best one, its blocks are here and no others, each
//! event of ours once, and the rows are those that a rebuild makes of them.

use std::path::Path;

use sqlx::PgPool;
use yieldset_chain::{
    Address, B256, ChainClient, SolCall, U256,
    abi::{Manifests, Pool},
    submit::{Signer, Submitter},
};
use yieldset_tasks::demo::{
    children::{Children, Ready},
    story,
};

use super::{
    super::{
        COIN,
        commands::address,
        crashes,
        node::{Node, until},
    },
    Scene,
};

/// How deep the forks are: so many blocks of the branch that is left.
const DEPTHS: [u8; 3] = [1, 3, 12];

/// Differing rows that are told.
const TOLD: usize = 5;

/// An event's block, its place there, its contract and its transaction.
type Journaled = (i64, i64, Vec<u8>, Option<Vec<u8>>);

/// Shares that the other branch has Ben given.
const GIVEN: u128 = 100;

impl Scene<'_> {
    /// Waits until the mirror is where the node is, finality included.
    pub(super) async fn is_followed(&self) {
        followed(&self.client, &self.pool).await;
    }

    /// Whether the mirror has a block.
    pub(super) async fn is_mirrored(&self, block: B256) -> bool {
        let count = sqlx::query_scalar("SELECT count(*) FROM public.blocks WHERE hash = $1").bind(block.to_vec());
        let count: i64 = count.fetch_one(&self.pool).await.unwrap();
        count > 0
    }

    /// Once the mirror is where the node is: its blocks are those of the best chain, its journal has the events of ours
    /// in them, and at once the head is shown, as one that can still be taken back or not. Gives Ben's shares.
    pub(super) async fn is_true(&self, is_final: bool) -> U256 {
        self.is_followed().await;
        self.has_the_best_chain(is_final).await;
        self.shows_the_head(is_final).await
    }

    /// Number by number and hash by hash: none is missing between, and none is there twice. The events are those of all
    /// blocks where the last one is final, and of those that are not where it is not.
    async fn has_the_best_chain(&self, is_final: bool) {
        let (start, best) = (self.deployment.start_block, self.client.best_block().await.unwrap());
        let rows = sqlx::query_as("SELECT number, hash, parent FROM public.blocks ORDER BY number");
        let here: Vec<(i64, Vec<u8>, Vec<u8>)> = rows.fetch_all(&self.pool).await.unwrap();
        let hashes = self.client.block_hashes(start - 1, best.number).await.unwrap();
        let pairs = hashes.windows(2).zip(start..);
        let there: Vec<_> = pairs.map(|(pair, at)| (number(at), pair[1].to_vec(), pair[0].to_vec())).collect();
        assert_eq!(here, there);
        let last_final = self.client.finalised_block().await.unwrap().number;
        let from = if is_final { start } else { last_final + 1 };
        self.has_events(from, &hashes[usize::try_from(from - start).unwrap() + 1..]).await;
    }

    /// Each event of ours in these blocks, which are all from a height on, is in the journal, and nothing else is.
    async fn has_events(&self, from: u64, blocks: &[B256]) {
        let ours = sqlx::query_scalar("SELECT DISTINCT address FROM mirror.contracts");
        let ours: Vec<Vec<u8>> = ours.fetch_all(&self.pool).await.unwrap();
        let rows = sqlx::query_as(
            "SELECT block, event_index, address, tx_hash FROM public.journal WHERE block >= $1 ORDER BY block, event_index",
        );
        let here: Vec<Journaled> = rows.bind(number(from)).fetch_all(&self.pool).await.unwrap();
        let mut there = Vec::new();
        for block in blocks {
            let block = self.client.whole_block(*block).await.unwrap();
            let events = block.events.iter().filter(|event| ours.contains(&event.address.to_vec()));
            there.extend(events.map(|event| {
                let tx_hash = event.tx_hash.map(|hash| hash.to_vec());
                (number(event.block_number), i64::from(event.event_index), event.address.to_vec(), tx_hash)
            }));
        }
        assert_eq!(here, there);
    }

    /// Ben's shares as the pool's page has them, which says of which block it is.
    async fn shows_the_head(&self, is_final: bool) -> U256 {
        let head = self.client.best_block().await.unwrap();
        let page = story::answer(&self.indexer.url, &format!("/pools/{}.json", self.deployment.pool)).await.unwrap();
        let (seen, hash) = (&page["seen"], head.hash.to_string());
        let said = (seen["number"].as_u64(), seen["hash"].as_str(), seen["is_final"].as_bool());
        assert_eq!(said, (Some(head.number), Some(hash.as_str()), Some(is_final)));
        let (ben, holders) = (address("ben").to_string(), page["holders"]["items"].as_array().unwrap());
        let of_ben = holders.iter().find(|holder| holder["account"].as_str().unwrap().eq_ignore_ascii_case(&ben));
        let shown: U256 = of_ben.map_or("0", |holder| holder["balance"].as_str().unwrap()).parse().unwrap();
        assert_eq!(shown, self.shares(head.hash).await);
        shown
    }

    /// All rows made anew from the journal, beside the process that follows, are those that were there.
    async fn has_the_rows_of_a_rebuild(&self) {
        let before = self.rows().await;
        let file = self.shell.home.join("deployments/devnet.json");
        let arguments = ["rebuild", "--deployment", file.to_str().unwrap(), "--database-url", self.database()];
        let said = self.shell.children.tool("yieldset-indexer", &arguments).await.unwrap();
        assert!(said.starts_with("all rows are made anew: "), "{said}");
        assert_same("a rebuild", &before, &self.rows().await);
    }

    /// Every row of every table, of blocks and journal too.
    pub(super) async fn rows(&self) -> Vec<String> {
        crashes::rows(self.database()).await
    }

    fn database(&self) -> &str {
        self.indexer.database_url.as_deref().unwrap()
    }

    /// How many datasets are here that a branch of this depth registers.
    async fn datasets(&self, depth: u8) -> i64 {
        let count = sqlx::query_scalar("SELECT count(*) FROM mirror.dataset_versions WHERE manifest_hash = $1");
        count.bind(B256::repeat_byte(depth).to_vec()).fetch_one(&self.pool).await.unwrap()
    }

    /// Sends a call of somebody's, and waits for no block: it is in the node's pool then.
    async fn sends(&self, who: &str, contract: Address, call: Vec<u8>) {
        let sender = Submitter::new(self.client.clone(), Signer::dev(&format!("//Alice//{who}")).unwrap());
        let prepared = sender.prepare_call(contract, call, 0).await.unwrap();
        let hash = self.node.ask("author_submitExtrinsic", serde_json::json!([prepared.bytes.to_string()])).await;
        assert_eq!(hash.as_str().unwrap(), prepared.tx_hash.to_string());
    }
}

fn number(number: u64) -> i64 {
    i64::try_from(number).unwrap()
}

/// Waits until a mirror is where the node is, finality included.
async fn followed(client: &ChainClient, pool: &PgPool) {
    let (best, last_final) = (client.best_block().await.unwrap(), client.finalised_block().await.unwrap());
    let there = (number(best.number), best.hash.to_vec(), Some(number(last_final.number)));
    let at_the_head = || async {
        let tip =
            sqlx::query_as("SELECT b.number, hash, f.number FROM blocks b, finality f ORDER BY b.number DESC LIMIT 1");
        // Nothing is here at first.
        tip.fetch_optional(pool).await.ok().flatten().is_some_and(|here: (i64, Vec<u8>, Option<i64>)| here == there)
    };
    until("the mirror is where the node is", at_the_head).await;
}

fn assert_same(what: &str, ours: &[String], theirs: &[String]) {
    let more: Vec<_> = ours.iter().filter(|row| !theirs.contains(row)).take(TOLD).collect();
    let less: Vec<_> = theirs.iter().filter(|row| !ours.contains(row)).take(TOLD).collect();
    assert!(more.is_empty() && less.is_empty(), "beside {what}: too much {more:#?}, missing {less:#?}");
    assert_eq!(ours.len(), theirs.len(), "beside {what}: rows that are there twice");
}

/// Proves MIR-3 on a node: after forks of several depths, there and back again, the mirror has the best chain, shows
/// its head at once, and has the rows that a rebuild makes.
pub(super) async fn forks_of_many_depths_are_followed(scene: &Scene<'_>) {
    for depth in DEPTHS {
        let trunk = scene.trunk().await;
        let left = a_branch_with_transfers(scene, depth).await;
        let won = another_branch_wins(scene, trunk, depth).await;
        // The branch that was left may be the best one again, or never more.
        match depth {
            // The transfers, and what registers the dataset.
            3 => what_waits_is_done(scene, won, usize::from(depth) + 1).await,
            _ => {
                let kept = the_first_branch_comes_back(scene, left, depth).await;
                what_waits_is_done(scene, kept, 1).await;
            }
        }
    }
}

/// What Ada gives Ben in the blocks of a branch, in shares: another number in each.
fn moved(depth: u8) -> U256 {
    (1..=u128::from(depth)).map(|shares| U256::from(shares * COIN)).sum()
}

/// A branch on the head, which is final: in each block shares are moved, and in the first a dataset is registered too.
/// Gives its last block.
async fn a_branch_with_transfers(scene: &Scene<'_>, depth: u8) -> B256 {
    let had = scene.is_true(true).await;
    let hash = B256::repeat_byte(depth);
    let register = Manifests::registerDatasetCall { label: hash, manifestHash: hash, licenceHash: hash };
    scene.sends("ben", scene.deployment.manifests, register.abi_encode()).await;
    let mut head = B256::ZERO;
    for shares in 1..=u128::from(depth) {
        let give = Pool::transferCall { to: address("ben"), amount: U256::from(shares * COIN) };
        scene.sends("ada", scene.deployment.pool, give.abi_encode()).await;
        head = scene.sealed().await;
    }
    assert_eq!(scene.is_true(false).await, had + moved(depth));
    assert_eq!(scene.datasets(depth).await, 1);
    head
}

/// A longer one on the block that they part at, in which Ben is given other shares, and nothing else happens.
async fn another_branch_wins(scene: &Scene<'_>, trunk: B256, depth: u8) -> B256 {
    let had = scene.shares(trunk).await;
    let give = Pool::mintCall { to: address("ben"), amount: U256::from(GIVEN * COIN) };
    // Waits as its first block is sealed, and is in it.
    scene.sends("admin", scene.deployment.pool, give.abi_encode()).await;
    let branch = scene.node.branch(trunk, usize::from(depth) + 1).await;
    let head = *branch.last().unwrap();
    assert_eq!(scene.client.best_block().await.unwrap().hash, head);
    assert_eq!(scene.is_true(false).await, had + U256::from(GIVEN * COIN));
    assert_eq!(scene.datasets(depth).await, 0);
    scene.has_the_rows_of_a_rebuild().await;
    head
}

/// The first branch becomes the longer one: one block deeper, back to what was here before.
async fn the_first_branch_comes_back(scene: &Scene<'_>, left: B256, depth: u8) -> B256 {
    let shares = scene.shares(left).await;
    let branch = scene.node.branch(left, 2).await;
    assert_eq!(scene.client.best_block().await.unwrap().hash, branch[1]);
    assert_eq!(scene.is_true(false).await, shares);
    assert_eq!(scene.datasets(depth).await, 1);
    scene.has_the_rows_of_a_rebuild().await;
    branch[1]
}

/// What only the branch that lost had, so many transactions, is done on the other one, and all of it becomes final.
async fn what_waits_is_done(scene: &Scene<'_>, kept: B256, transactions: usize) {
    let had = scene.shares(kept).await;
    scene.waiting(transactions).await;
    let head = scene.sealed().await;
    assert!(scene.is_true(false).await > had);
    scene.node.finalise(head).await;
    scene.is_true(true).await;
    scene.has_the_rows_of_a_rebuild().await;
}

/// Proves MIR-3 on a node: a mirror that never saw another branch than the one that was kept has the same rows, to the
/// last one of blocks and journal.
pub(super) async fn a_new_mirror_has_the_same(
    (client, node): (&ChainClient, &Node),
    (children, folder): (&mut Children, &Path),
    ours: &[String],
) {
    let [deployment, data] = ["deployment.json", "postgres-new"].map(|name| folder.join(name));
    let (deployment, data) = (deployment.to_str().unwrap(), data.to_str().unwrap());
    let arguments = ["run", "--serve", "--node-url", &node.url, "--deployment", deployment, "--data-dir", data];
    let arguments = [&arguments[..], &["--listen", "127.0.0.1:0"]].concat();
    let Ready { database_url, .. } = children.start("indexer-new", "yieldset-indexer", &arguments).await.unwrap();
    let database = database_url.unwrap();
    let pool = PgPool::connect_with(crashes::options(&database)).await.unwrap();
    followed(client, &pool).await;
    assert_same("a new mirror", ours, &crashes::rows(&database).await);
    pool.close().await;
}
