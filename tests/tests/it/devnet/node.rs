//! A development node whose blocks are sealed and finalised by hand, so that its chain reorganises when a test wants.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::task::JoinHandle;
use tokio_tungstenite::{connect_async, tungstenite::Message};
use yieldset_chain::B256;

/// How long something that takes a second may take on a machine with other work.
pub const PATIENCE: Duration = Duration::from_secs(120);
/// Between two looks.
const PAUSE: Duration = Duration::from_millis(20);

/// A node's own methods, beside those that its client asks.
#[derive(Clone)]
pub struct Node {
    pub url: String,
}

impl Node {
    /// Asks it; an error is the test's.
    pub async fn ask(&self, method: &str, parameters: Value) -> Value {
        let (mut socket, _) = connect_async(&self.url).await.unwrap();
        let request = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": parameters });
        socket.send(Message::text(request.to_string())).await.unwrap();
        loop {
            let Message::Text(text) = socket.next().await.unwrap().unwrap() else { continue };
            let mut answer: Value = serde_json::from_str(text.as_str()).unwrap();
            assert!(answer.get("error").is_none(), "{method}: {answer}");
            return answer["result"].take();
        }
    }

    /// Seals a block on another, or on the head, with what waits.
    pub async fn seal(&self, parent: Option<B256>) -> B256 {
        hash(&self.ask("engine_createBlock", json!([true, false, parent.map(|hash| hash.to_string())])).await["hash"])
    }

    /// So many blocks on one, each on the one before.
    pub async fn branch(&self, from: B256, blocks: usize) -> Vec<B256> {
        let mut branch = vec![from];
        for _ in 0..blocks {
            branch.push(self.seal(branch.last().copied()).await);
        }
        branch.split_off(1)
    }

    /// Makes a block final, and with it those before.
    pub async fn finalise(&self, block: B256) {
        self.ask("engine_finalizeBlock", json!([block.to_string(), null])).await;
        // It answers `true` in any case.
        assert_eq!(hash(&self.ask("chain_getFinalizedHead", json!([])).await), block);
    }

    /// The head's height.
    pub async fn height(&self) -> u64 {
        let number = self.ask("chain_getHeader", json!([])).await["number"].as_str().unwrap().to_owned();
        u64::from_str_radix(number.trim_start_matches("0x"), 16).unwrap()
    }

    /// Transactions that wait, as their bytes in hex.
    pub async fn waiting(&self) -> Vec<String> {
        let all = self.ask("author_pendingExtrinsics", json!([])).await;
        all.as_array().unwrap().iter().map(|bytes| bytes.as_str().unwrap().to_owned()).collect()
    }

    /// Has it seal and finalise what comes.
    pub fn sealing(&self) -> Meanwhile {
        let node = self.clone();
        Meanwhile::doing(move || {
            let node = node.clone();
            async move {
                if !node.waiting().await.is_empty() {
                    node.ask("engine_createBlock", json!([true, true, null])).await;
                }
            }
        })
    }

    /// Has it finalise what it seals by itself, so many blocks behind the head.
    pub fn finalising(&self, behind: u64) -> Meanwhile {
        let node = self.clone();
        Meanwhile::doing(move || {
            let node = node.clone();
            async move {
                let last = node.height().await.saturating_sub(behind);
                let block = node.ask("chain_getBlockHash", json!([last])).await;
                node.ask("engine_finalizeBlock", json!([block, null])).await;
            }
        })
    }
}

fn hash(value: &Value) -> B256 {
    value.as_str().unwrap().parse().unwrap()
}

/// Waits until something is so.
pub async fn until<F: Future<Output = bool>>(what: &str, so: impl Fn() -> F) {
    let look = async {
        while !so().await {
            tokio::time::sleep(PAUSE).await;
        }
    };
    tokio::time::timeout(PATIENCE, look).await.unwrap_or_else(|_| panic!("never: {what}"));
}

/// What is done again and again beside a test.
pub struct Meanwhile {
    over: Arc<AtomicBool>,
    task: JoinHandle<()>,
}

impl Meanwhile {
    fn doing<F: Future<Output = ()> + Send + 'static>(work: impl Fn() -> F + Send + 'static) -> Self {
        let over = Arc::<AtomicBool>::default();
        let ends = over.clone();
        let task = tokio::spawn(async move {
            while !ends.load(Ordering::Relaxed) {
                work().await;
                tokio::time::sleep(PAUSE).await;
            }
        });
        Self { over, task }
    }

    /// Ends it, with what it was at done.
    pub async fn end(self) {
        self.over.store(true, Ordering::Relaxed);
        self.task.await.unwrap();
    }
}
