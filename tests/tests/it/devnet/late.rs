//! Blocks that come by the clock, and finality that comes late: as on chains that people share.

use serde_json::Value;
use yieldset_chain::{B256, ChainClient};
use yieldset_tasks::demo::{
    children::{Children, Ready},
    oracle::Oracle,
    story,
};

use super::{
    commands::{Shell, address, funded},
    deploying::MEMBER,
    node::{Node, until},
    programs, run_folder,
};

/// How many blocks finality is behind the head.
const BEHIND: u64 = 8;

struct Scene<'a> {
    shell: Shell<'a>,
    client: ChainClient,
    indexer: &'a Ready,
    behind: u64,
}

impl Scene<'_> {
    /// Types what must be done. It is told once its blocks are final, as each of its calls is: the next one is sent
    /// then. The mirror is never further than the chain.
    async fn does(&self, who: &str, line: &[&str]) -> Vec<u64> {
        let done = self.shell.does(who, line).await;
        let (head, finalised) = (self.client.best_block().await.unwrap(), self.client.finalised_block().await.unwrap());
        let mut blocks: Vec<u64> = Vec::new();
        for sent in done["sent"].as_array().unwrap() {
            let (block, hash) = (sent["block"].as_u64().unwrap(), sent["block_hash"].as_str().unwrap());
            assert!(block <= finalised.number && block + self.behind <= head.number, "{sent}: {head:?}, {finalised:?}");
            let kept = self.client.block_hash_at(block).await.unwrap();
            assert_eq!(kept, Some(hash.parse::<B256>().unwrap()));
            assert!(blocks.last().is_none_or(|before| before + self.behind < block), "{block} after {blocks:?}");
            blocks.push(block);
        }
        let mirrored = story::answer(&self.indexer.url, "/v1/status").await.unwrap()["indexed_block"].as_u64();
        let head = self.client.best_block().await.unwrap().number;
        assert!(mirrored.is_none_or(|mirrored| mirrored <= head), "{mirrored:?} of {head}");
        blocks
    }

    async fn compared(&self, folder: &std::path::Path) {
        story::caught_up(&self.client, &self.indexer.url).await.unwrap();
        let oracle = Oracle { children: self.shell.children, folder };
        story::compare(&oracle, self.indexer, self.client.url()).await.unwrap();
    }
}

/// Proves NET-2: where blocks come by the clock and are final eight blocks later, contracts are deployed, shares given
/// out, and a dividend claimed; what is told as done is final, and the mirror ends where the chain does. Then the same
/// chain with blocks of two seconds, which are the test network's, and of six, which are Polkadot Hub's.
#[tokio::test]
async fn finality_is_waited_for_however_late() {
    let folder = run_folder();
    let mut children = Children::new(programs(), folder.path());
    let chain = folder.path().join("chain").display().to_string();
    let fast = ["--rpc-port", "0", "--base-path", &chain, "--finalize-by-rpc", "--block-time", "200"];
    let node = Node { url: children.start("devnet", "yieldset-devnet", &fast).await.unwrap().url };
    let finality = node.finalising(BEHIND);
    let client = ChainClient::connect(&node.url).await.unwrap();
    let home = folder.path().join("home");
    funded(&client).await;
    let shell = Shell { children: &children, home: &home, node: &node.url };
    let deploy =
        ["deploy", "--name", "Public Voices", "--symbol", "VOICE", "--contributors", "0 %", "--member", MEMBER];
    let deployed = shell.does("admin", &deploy).await;
    let journal = std::fs::read_to_string(home.join("deployments/devnet.journal")).unwrap();
    each_step_waited_for_the_one_before(&serde_json::from_str(&journal).unwrap());
    std::fs::copy(deployed["file"].as_str().unwrap(), folder.path().join("deployment.json")).unwrap();
    let indexer = story::start_indexer(&mut children, folder.path(), &node.url).await.unwrap();

    let shell = Shell { children: &children, home: &home, node: &node.url };
    let scene = Scene { shell, client: client.clone(), indexer: &indexer, behind: BEHIND };
    let ada = address("ada").to_string();
    scene.does("admin", &["kyc", "set", &ada, "--country", "840", "--until", "+365d"]).await;
    scene.does("admin", &["pool", "mint", &ada, "128 shares"]).await;
    scene.does("admin", &["pool", "open", "--cap", "1000 shares"]).await;
    scene.does("admin", &["pool", "deposit", "lumen-1", "2020Q1", "4 DEV"]).await;
    let had = client.native_balance(address("ada")).await.unwrap();
    scene.does("ada", &["claim", "--all"]).await;
    assert!(client.native_balance(address("ada")).await.unwrap() > had);
    finality.end().await;
    scene.compared(folder.path()).await;

    let list = ["market", "list", "--lot", "1 share", "--tick", "0.01 DEV"];
    // An allowance, and the order.
    let ask = ["market", "ask", "10 shares", "--price", "2 DEV"];
    for (block_time, who, line, calls) in [("2000", "admin", &list[..], 1), ("6000", "ada", &ask[..], 2)] {
        children.crash("devnet").await.unwrap();
        let port = node.url.rsplit(':').next().unwrap().trim_end_matches('/').to_owned();
        let slow = ["--rpc-port", &port, "--base-path", &chain, "--block-time", block_time];
        children.start("devnet", "yieldset-devnet", &slow).await.unwrap();
        // While the mirror was compared, blocks came that nobody finalised: more than a transaction is valid for, from
        // the final block that it is prepared at. The first block of the new clock finalises them.
        let head = node.height().await;
        until("a block by the new clock", || async { node.height().await > head }).await;
        let shell = Shell { children: &children, home: &home, node: &node.url };
        let scene = Scene { shell, client: client.clone(), indexer: &indexer, behind: 0 };
        assert_eq!(scene.does(who, line).await.len(), calls, "{line:?}");
        // Blocks come without transactions, too.
        let head = node.height().await;
        until("another block", || async { node.height().await > head }).await;
        scene.compared(folder.path()).await;
    }
    children.stop().await;
}

/// By its journal each was sent once the one before was final.
fn each_step_waited_for_the_one_before(journal: &Value) {
    let blocks = journal["steps"].as_array().unwrap().iter().map(|step| step["done"]["block"].as_u64().unwrap());
    let blocks: Vec<u64> = blocks.collect();
    assert!(blocks.len() >= 18 && blocks.windows(2).all(|pair| pair[0] + BEHIND < pair[1]), "{blocks:?}");
}
