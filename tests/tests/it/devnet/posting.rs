//! Posting a report where its transaction waits, states are gone, or blocks are replaced before they are final.

use std::{
    path::{Path, PathBuf},
    sync::atomic::Ordering,
};

use serde_json::{Value, json};
use tokio::process::Child;
use yieldset_chain::{B256, ChainClient, abi::Attribution};
use yieldset_oracle::{
    attribution::{Question, attribute},
    manifest,
    registry::Registry,
    settlement::{Settlement, settle},
    usage_log::{VerifiedLog, verified::Pins},
};
use yieldset_tasks::demo::{oracle::PROGRAM, story};

use super::{
    Stack,
    crashes::{ANY_STREAM, ended, reports_of, signed_for},
    node::{Node, until},
    proxy::Proxy,
};

/// Seconds after which a transaction that waits is sent again for more. Long enough for what a test does meanwhile.
const WAIT: &str = "20";
/// A thousandth of the devnet's coin: what is given the first time, so that it is sent again once.
const ONE_STEP: &str = "1000000000";

/// A report to be posted for a stream of its own, by a program of its own.
struct Posting {
    stream: B256,
    folder: PathBuf,
    /// Of `post`, without the node.
    arguments: Vec<String>,
}

impl Posting {
    async fn of(stack: &Stack, number: u8) -> Self {
        let (stream, name) = (B256::repeat_byte(number), format!("posting-{number:x}"));
        let arguments = signed_for(stack, stream, &name).await;
        Self { stream, folder: stack.path().join(&name), arguments }
    }

    fn by(&self, node: &str, more: &[&str]) -> Vec<String> {
        let mut arguments = self.arguments.clone();
        let at = arguments.iter().position(|argument| argument == "--node-url").unwrap();
        arguments[at + 1] = node.to_owned();
        arguments.extend(more.iter().map(|&argument| argument.to_owned()));
        arguments
    }

    fn begin(&self, stack: &Stack, node: &str, more: &[&str]) -> Child {
        let mut post = stack.children.command(PROGRAM).unwrap();
        post.args(self.by(node, more)).env("FAILPOINTS", ANY_STREAM).spawn().unwrap()
    }

    /// What the outbox has of it.
    fn entry(&self) -> Value {
        let files = std::fs::read_dir(self.folder.join("outbox")).unwrap().map(|file| file.unwrap().path());
        let entries: Vec<PathBuf> = files.filter(|file| file.extension().is_some_and(|name| name == "json")).collect();
        let [entry] = &entries[..] else { panic!("{entries:?}") };
        read(entry)
    }

    /// The one report of the stream was posted by this transaction, and that is noted.
    async fn is_posted_by(&self, stack: &Stack, tx_hash: &Value) {
        let registry = stack.told.deployment.attribution;
        assert_eq!(reports_of(stack, (registry, self.stream), stack.told.deployment.start_block).await, 1);
        for noted in [&self.entry()["report"], &read(&self.folder.join("report.json"))] {
            assert_eq!(&noted["transaction"]["tx_hash"], tx_hash, "{noted}");
        }
    }

    /// What the registry has of it after a block.
    async fn hash_at(&self, stack: &Stack, block: B256) -> B256 {
        let (pool, period) = (stack.told.deployment.pool, story::period().unwrap());
        let call = Attribution::reportOfCall { pool, stream: self.stream, period };
        let found = stack.told.client.read_at(block, stack.told.deployment.attribution, &call).await.unwrap();
        found.reportHash
    }
}

fn read(file: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap()
}

fn holding(proxy: &Proxy) -> u32 {
    proxy.counts.held.load(Ordering::Relaxed)
}

/// Hands a transaction to the node itself, which includes it and makes that final.
async fn lands(stack: &Stack, prepared: &Value) {
    let node = Node { url: stack.told.node.clone() };
    node.ask("author_submitExtrinsic", json!([prepared["bytes"]])).await;
    let (client, tx_hash) = (&stack.told.client, prepared["tx_hash"].as_str().unwrap().parse().unwrap());
    let from = prepared["prepared_at"].as_u64().unwrap();
    let found = || async { client.find_transaction(tx_hash, from).await.unwrap().is_some() };
    until("it is final", found).await;
}

/// Proves ATT-9's posting: what waits in no block is sent again for a higher tip, with its nonce, after both are on
/// disk. Whichever of the two lands, while the program waits for the second, there is one report, and it is noted by
/// whom.
pub async fn a_higher_tip_takes_its_place(stack: &Stack) {
    for (number, first_lands) in [(0x40, false), (0x41, true)] {
        let posting = Posting::of(stack, number).await;
        let proxy = Proxy::before(stack.told.node.clone(), 0).await;
        proxy.holds(true);
        let mut post = posting.begin(stack, &proxy.url, &["--wait", WAIT, "--most-tip", ONE_STEP]);
        until("the second waits, too", || async { holding(&proxy) == 2 }).await;
        let entry = posting.entry();
        let (first, second) = (&entry["before"][0], &entry["prepared"]);
        assert_eq!((&first["nonce"], &entry["report"]["transaction"]), (&second["nonce"], &Value::Null), "{entry}");
        let tips = [first, second].map(|one| one["tip"].to_string());
        assert_eq!(tips, ["0", ONE_STEP], "{entry}");
        if first_lands {
            lands(stack, first).await;
        }
        proxy.holds(false);
        assert!(post.wait().await.unwrap().success(), "first: {first_lands}");
        let by = if first_lands { &first["tx_hash"] } else { &second["tx_hash"] };
        posting.is_posted_by(stack, by).await;
        assert!(ended(stack, &posting.by(&stack.told.node, &[]), "").await, "a second time");
        posting.is_posted_by(stack, by).await;
    }
}

/// Proves ATT-9's posting: ended while one transaction takes the other's place, before and after that is on disk, and
/// begun again, one report is posted; also where the first one landed meanwhile.
pub async fn ended_while_it_takes_its_place(stack: &Stack) {
    // Before the first's entry, before it is sent, before the second's entry, before that is sent.
    for (number, step, first_lands) in [(0x44, 2, false), (0x45, 3, false), (0x46, 3, true)] {
        let posting = Posting::of(stack, number).await;
        let proxy = Proxy::before(stack.told.node.clone(), 0).await;
        proxy.holds(true);
        let arguments = posting.by(&proxy.url, &["--wait", "1", "--most-tip", ONE_STEP]);
        assert!(!ended(stack, &arguments, &format!("post={step}*off->return")).await, "no step {step}");
        assert_eq!(holding(&proxy), 1, "the second is not sent");
        let entry = posting.entry();
        assert_eq!(entry.get("before").is_some(), step == 3, "{entry}");
        if first_lands {
            lands(stack, &entry["before"][0]).await;
        }
        assert!(ended(stack, &posting.by(&stack.told.node, &[]), "").await, "after step {step}");
        let by = if first_lands { &entry["before"][0]["tx_hash"] } else { &entry["prepared"]["tx_hash"] };
        posting.is_posted_by(stack, by).await;
    }
}

/// Proves ATT-9's posting: ended at each step, a post is finished on a node that has dropped the states of all blocks
/// but the newest meanwhile.
pub async fn a_node_without_old_states_will_do(stack: &Stack) {
    let client = &stack.told.client;
    for step in 0..4u8 {
        let posting = Posting::of(stack, 0x50 + step).await;
        let begun = posting.by(&stack.told.node, &[]);
        assert!(!ended(stack, &begun, &format!("post={step}*off->return")).await, "no step {step}");
        // So that what landed is not in the newest block.
        client.advance_clock(1).await.unwrap();
        client.advance_clock(1).await.unwrap();
        let proxy = Proxy::before(stack.told.node.clone(), 0).await;
        let last = client.finalised_block().await.unwrap().number;
        proxy.discards(client.block_hashes(0, last - 1).await.unwrap());
        let pruned = ChainClient::connect(&proxy.url).await.unwrap();
        let old = client.block_hash_at(last - 1).await.unwrap().unwrap();
        assert!(pruned.block(old).await.is_err(), "the state after the block before is kept");
        assert!(ended(stack, &posting.by(&proxy.url, &[]), "").await, "after step {step}");
        let by = posting.entry()["report"]["transaction"]["tx_hash"].clone();
        assert!(by.is_string(), "step {step}");
        posting.is_posted_by(stack, &by).await;
    }
}

/// Proves ATT-1 and ATT-9: a settlement by which a creator's version is not registered follows from log and datasets as
/// well as the true one, and no member signs it: each asks the chain about all that is at hand. Before, the chain was
/// asked about what is compared alone.
pub async fn nobody_is_left_out_by_a_file(stack: &Stack) {
    let folder = stack.path();
    let honest: Settlement = serde_json::from_value(read(&folder.join("settlement.json"))).unwrap();
    let mut registry = Registry::named(&honest).unwrap();
    registry.registrations.remove(&honest.manifests[0].manifest_hash).unwrap();
    let log = VerifiedLog::read(&folder.join("log"), Pins::default()).await.unwrap();
    let datasets = manifest::load_all(&folder.join("manifests")).unwrap().datasets;
    let question = Question {
        models: &honest.models,
        licence: None,
        period: honest.period,
        metric: honest.metric.clone(),
        log_size: honest.log.size,
        after: honest.after,
        left_out: &[],
        registry: Some(&registry),
        limits: honest.limits,
        ground: &honest.ground,
    };
    let forged = settle(&attribute(&log, &datasets, &question).unwrap());
    assert_eq!(forged.contributors.len() + 1, honest.contributors.len());
    let signs = async |settlement: &Settlement, name: &str| {
        std::fs::write(folder.join(name), serde_json::to_vec(settlement).unwrap()).unwrap();
        let mut sign = stack.oracle().sign_arguments(&stack.told.node, name, 1).unwrap();
        let stream = B256::repeat_byte(0x4f).to_string();
        sign.extend(["--licence".to_owned(), stream, "--skip-embedding-check".to_owned()]);
        let mut sign_it = stack.children.command(PROGRAM).unwrap();
        let ended = sign_it.args(sign).env("FAILPOINTS", ANY_STREAM).output().await.unwrap();
        let why = String::from_utf8(ended.stderr).unwrap();
        if ended.status.success() { Ok(()) } else { Err(why) }
    };
    signs(&honest, "honest.json").await.unwrap();
    let why = signs(&forged, "forged.json").await.unwrap_err();
    assert!(why.contains("that it is not registered, the registry at block"), "{why}");
}

/// Starts the node again with its chain, and the clock where it was; what is sealed is final by itself, or by hand.
async fn restart(stack: &mut Stack, by_hand: bool) {
    let now = (stack.told.client.best_block().await.unwrap().timestamp_ms / 1_000).to_string();
    let (url, chain) = (stack.told.node.clone(), stack.path().join("chain").display().to_string());
    let port = url.rsplit(':').next().unwrap().trim_end_matches('/').to_owned();
    stack.children.crash("devnet").await.unwrap();
    let mut arguments = vec!["--rpc-port", &port, "--base-path", &chain, "--start-at", &now];
    if by_hand {
        arguments.push("--finalize-by-rpc");
    }
    let node = stack.children.start("devnet", "yieldset-devnet", &arguments).await.unwrap();
    assert_eq!(node.url.trim_end_matches('/'), url.trim_end_matches('/'));
}

/// Proves ATT-9's posting and ATT-15: while the block that has the report is not final, nothing is noted as posted and
/// `verify` does not believe the report. Where another branch replaces it, the report is posted by a block of that one,
/// once, and noted with it; then `verify` believes it.
pub async fn only_what_is_final_is_posted(stack: &mut Stack) {
    let posting = Posting::of(stack, 0x60).await;
    restart(stack, true).await;
    let (client, node) = (stack.told.client.clone(), Node { url: stack.told.node.clone() });
    let trunk = client.finalised_block().await.unwrap();
    let mut post = posting.begin(stack, &node.url, &[]);
    let there = || async {
        let best = client.best_block().await.unwrap().hash;
        !posting.hash_at(stack, best).await.is_zero()
    };
    until("a block has the report", there).await;
    let gone = client.best_block().await.unwrap();
    assert_eq!((gone.parent, client.finalised_block().await.unwrap()), (trunk.hash, trunk));
    assert!(posting.is_waiting(&mut post));
    let report = posting.folder.join("unposted.json");
    std::fs::write(&report, posting.entry()["report"].to_string()).unwrap();
    let (code, why) = posting.verified(stack, &report).await;
    assert!(code == Some(1) && why.contains("report hash"), "{code:?} {why}");

    let other = node.branch(trunk.hash, 2).await;
    assert_eq!(client.block_hash_at(gone.number).await.unwrap(), Some(other[0]), "the other branch is best now");
    let kept = until_kept(&posting, stack, &node).await;
    assert!(posting.is_waiting(&mut post));
    node.finalise(kept).await;
    assert!(post.wait().await.unwrap().success());
    let noted = posting.entry()["report"]["transaction"].clone();
    let block: B256 = noted["block_hash"].as_str().unwrap().parse().unwrap();
    let number = noted["block_number"].as_u64().unwrap();
    assert_eq!((client.block_hash_at(number).await.unwrap(), block == gone.hash), (Some(block), false), "{noted}");
    posting.is_posted_by(stack, &noted["tx_hash"]).await;
    // The stream is no licence of the pool's, which `verify` says in the end.
    let (_, said) = posting.verified(stack, &posting.folder.join("report.json")).await;
    for part in ["the chain has this report in finalised block", "knows no licence"] {
        assert!(said.contains(part), "{part}: {said}");
    }
    restart(stack, false).await;
}

/// A head of the branch that is best now, which has the report.
async fn until_kept(posting: &Posting, stack: &Stack, node: &Node) -> B256 {
    let found = std::sync::Mutex::new(B256::ZERO);
    let there = || async {
        let head = node.seal(None).await;
        *found.lock().unwrap() = head;
        !posting.hash_at(stack, head).await.is_zero()
    };
    until("the other branch has the report", there).await;
    found.into_inner().unwrap()
}

impl Posting {
    /// Whether the program goes on, and nothing says that it has posted.
    fn is_waiting(&self, post: &mut Child) -> bool {
        let noted = !self.entry()["report"]["transaction"].is_null() || self.folder.join("report.json").exists();
        post.try_wait().unwrap().is_none() && !noted
    }

    /// How `verify` ends with a report, and all that it says.
    async fn verified(&self, stack: &Stack, report: &Path) -> (Option<i32>, String) {
        let text = |name: &str| stack.path().join(name).display().to_string();
        let (log, manifests, deployment) = (text("log"), text("manifests"), text("deployment.json"));
        let (report, stream) = (report.display().to_string(), self.stream.to_string());
        let files = ["--report", &report, "--log-dir", &log, "--manifests", &manifests, "--deployment", &deployment];
        let arguments = [&["verify", "--licence", &stream, "--node-url", &stack.told.node], &files[..]].concat();
        let (status, printed, why) = stack.children.try_tool(PROGRAM, &arguments).await.unwrap();
        (status.code(), printed + &why)
    }
}
