//! A node's chain into a recording, by HTTP: what the node says of itself, then each block with what a mirror asks of
//! its state.

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use clap::Args;
use codec::{Decode, Encode};
use serde_json::{Value, json};

use crate::{
    error::ReplayError,
    recording::{Block, Hash, Header, Preamble, Writer, bytes_of, hexadecimal, key, question},
};

/// Blocks that are asked for at once.
const AT_ONCE: u32 = 32;
/// How long one question may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// The version of the metadata that every reader knows.
const OLDEST: u32 = 14;
/// Of a runtime's metadata, what is not stable yet.
const UNSTABLE: u32 = u32::MAX;
/// Where the runtime's code is in the state.
const CODE: &str = "0x3a636f6465";

/// What to record.
#[derive(Debug, Clone, Args)]
pub struct RecordArgs {
    /// The node's address: http://… or ws://….
    #[arg(long, default_value = "http://127.0.0.1:9944")]
    node_url: String,
    /// So many blocks at most, the first one included; else all that are final. 0 records what the runtime is alone.
    #[arg(long)]
    blocks: Option<u32>,
    /// The recording to write.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

/// Writes a node's final blocks; how many.
///
/// # Errors
/// [`ReplayError`].
pub async fn record(args: &RecordArgs) -> Result<Value, ReplayError> {
    let node = Node::new(&args.node_url)?;
    let mut writer = Writer::create(&args.out, &preamble(&node).await?)?;
    let head = node.ask("chain_getFinalizedHead", json!([])).await?;
    let head = header(&node.ask("chain_getHeader", json!([head])).await?)?;
    let there = head.number.saturating_add(1);
    let count = args.blocks.map_or(there, |most| most.min(there));
    let mut next = 0;
    while next < count {
        let end = count.min(next.saturating_add(AT_ONCE));
        for block in blocks(&node, next, end).await? {
            writer.write(&block)?;
        }
        next = end;
    }
    writer.finish()?;
    Ok(json!({"blocks": count}))
}

/// What is the same at every block: what the node is, its runtime, and what it answers where no contract is.
async fn preamble(node: &Node) -> Result<Preamble, ReplayError> {
    let versions = node.ask("state_call", json!(["Metadata_metadata_versions", "0x"])).await?;
    let versions =
        Vec::<u32>::decode(&mut &bytes(&versions)?[..]).map_err(|error| ReplayError::Node(error.to_string()))?;
    // The oldest is every reader's, the newest says most.
    let newest = versions.into_iter().filter(|version| *version != UNSTABLE).max().unwrap_or(OLDEST);
    let nobody = "11".repeat(20);
    // Origin, contract, value, no limits, no data.
    let call = format!("0x{}{nobody}{}000000", "00".repeat(32), "00".repeat(16));
    let mut questions = vec![
        ("system_chain", json!([])),
        ("system_chainType", json!([])),
        ("system_name", json!([])),
        ("system_version", json!([])),
        ("system_properties", json!([])),
        ("state_getRuntimeVersion", json!([])),
        ("state_getMetadata", json!([])),
        ("state_getStorageHash", json!([CODE])),
        ("state_call", json!(["Core_version", "0x"])),
        ("state_call", json!(["ReviveApi_call", call])),
        ("state_call", json!(["ReviveApi_code", format!("0x{nobody}")])),
    ];
    let known = if newest == OLDEST { vec![OLDEST] } else { vec![OLDEST, newest] };
    for version in &known {
        questions.push(("state_call", json!(["Metadata_metadata_at_version", hexadecimal(&version.encode())])));
    }
    let mut answers = BTreeMap::new();
    for (method, parameters) in questions {
        let answer = node.ask(method, parameters.clone()).await?;
        answers.insert(question(method, parameters.as_array().map(Vec::as_slice).unwrap_or_default()), answer);
    }
    let versions = json!(["Metadata_metadata_versions", "0x"]);
    let versions = question("state_call", versions.as_array().map(Vec::as_slice).unwrap_or_default());
    answers.insert(versions, hexadecimal(&known.encode()).into());
    let mut storage = BTreeMap::new();
    let upgrade = hexadecimal(&key("System", "LastRuntimeUpgrade"));
    if let Some(value) = node.ask("state_getStorage", json!([upgrade])).await?.as_str() {
        storage.insert(upgrade, value.to_owned());
    }
    Ok(Preamble { answers, storage })
}

/// Blocks from one height up to another, without that.
async fn blocks(node: &Node, from: u32, to: u32) -> Result<Vec<Block>, ReplayError> {
    let heights: Vec<u32> = (from..to).collect();
    let hashes = node.ask("chain_getBlockHash", json!([heights])).await?;
    let hashes = hashes.as_array().filter(|hashes| hashes.len() == heights.len()).cloned();
    let hashes = hashes.ok_or_else(|| ReplayError::Node("another number of hashes than was asked for".into()))?;
    let keys = [("System", "Events"), ("Timestamp", "Now"), ("System", "LastRuntimeUpgrade")];
    let keys: Vec<String> = keys.iter().map(|(pallet, entry)| hexadecimal(&key(pallet, entry))).collect();
    let mut questions = Vec::new();
    for hash in &hashes {
        questions.push(("chain_getBlock", json!([hash])));
        questions.push(("state_queryStorageAt", json!([keys, hash])));
    }
    let answers = node.ask_all(&questions).await?;
    let mut blocks = Vec::new();
    for (hash, answer) in hashes.iter().zip(answers.chunks(2)) {
        let [block, state] = answer else { return Err(ReplayError::Node("an answer is missing".into())) };
        let block = self::block(block, state)?;
        // What is recorded under a hash is what the hash is of.
        if Some(hexadecimal(&block.header.hash()).as_str()) != hash.as_str() {
            return Err(ReplayError::Node(format!("another block than {hash}")));
        }
        blocks.push(block);
    }
    Ok(blocks)
}

fn block(block: &Value, state: &Value) -> Result<Block, ReplayError> {
    let header = header(&block["block"]["header"])?;
    let extrinsics = list(&block["block"]["extrinsics"])?.iter().map(bytes).collect::<Result<_, _>>()?;
    let mut values = Vec::new();
    for change in list(&state[0]["changes"])? {
        // A key without a value is nothing.
        if !change[1].is_null() {
            values.push((bytes(&change[0])?, bytes(&change[1])?));
        }
    }
    Ok(Block { header, extrinsics, values })
}

fn header(of: &Value) -> Result<Header, ReplayError> {
    let number = of["number"].as_str().and_then(|text| text.strip_prefix("0x"));
    let number = number.and_then(|text| u32::from_str_radix(text, 16).ok());
    let logs = list(&of["digest"]["logs"])?.iter().map(bytes).collect::<Result<_, _>>()?;
    Ok(Header {
        parent: hash(&of["parentHash"])?,
        number: number.ok_or_else(|| ReplayError::Node(format!("a header without a height: {of}")))?,
        state_root: hash(&of["stateRoot"])?,
        extrinsics_root: hash(&of["extrinsicsRoot"])?,
        logs,
    })
}

fn list(of: &Value) -> Result<&Vec<Value>, ReplayError> {
    of.as_array().ok_or_else(|| ReplayError::Node(format!("no list where one was expected: {of}")))
}

fn bytes(of: &Value) -> Result<Vec<u8>, ReplayError> {
    of.as_str().and_then(bytes_of).ok_or_else(|| ReplayError::Node(format!("no bytes where some were expected: {of}")))
}

fn hash(of: &Value) -> Result<Hash, ReplayError> {
    Hash::try_from(bytes(of)?).map_err(|bytes| ReplayError::Node(format!("a hash of {} bytes", bytes.len())))
}

/// A node that is asked over HTTP, which nodes serve at the same port as WebSockets.
struct Node {
    url: String,
    client: reqwest::Client,
}

impl Node {
    fn new(url: &str) -> Result<Self, ReplayError> {
        let url = match url.strip_prefix("ws") {
            Some(rest) => format!("http{rest}"),
            None => url.to_owned(),
        };
        let client = reqwest::Client::builder().timeout(PATIENCE).build().map_err(away)?;
        Ok(Self { url, client })
    }

    async fn ask(&self, method: &str, parameters: Value) -> Result<Value, ReplayError> {
        let answers = self.ask_all(&[(method, parameters)]).await?;
        answers.into_iter().next().ok_or_else(|| ReplayError::Node("an answer is missing".into()))
    }

    /// Asks several questions at once; answers in the order of the questions, whichever came first.
    async fn ask_all(&self, questions: &[(&str, Value)]) -> Result<Vec<Value>, ReplayError> {
        let batch: Vec<_> = (0u32..)
            .zip(questions)
            .map(|(id, (method, params))| json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}))
            .collect();
        let response = self.client.post(&self.url).json(&batch).send().await.map_err(away)?;
        let answers: Vec<Value> = response.error_for_status().map_err(away)?.json().await.map_err(away)?;
        let mut by_id = BTreeMap::new();
        for answer in answers {
            if let Some(id) = answer["id"].as_u64() {
                by_id.insert(id, answer);
            }
        }
        let mut found = Vec::new();
        for (id, (method, _)) in (0u64..).zip(questions) {
            let mut answer = by_id.remove(&id).ok_or_else(|| ReplayError::Node(format!("no answer to {method}")))?;
            if let Some(refusal) = answer.get("error") {
                return Err(ReplayError::Node(format!("{method}: {refusal}")));
            }
            found.push(answer.get_mut("result").map(Value::take).unwrap_or_default());
        }
        Ok(found)
    }
}

/// Without the address, which may have a key in it.
fn away(error: reqwest::Error) -> ReplayError {
    ReplayError::Node(error.without_url().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_is_recorded_as_nodes_give_it() {
        let zero = format!("0x{}", "00".repeat(32));
        let digest = json!({"logs": ["0x0661"]});
        let given = json!({"block": {"header": {
            "parentHash": zero, "number": "0x1a", "stateRoot": zero, "extrinsicsRoot": zero, "digest": digest,
        }, "extrinsics": ["0x0401"]}});
        let state = json!([{"block": zero, "changes": [["0x01", "0x02"], ["0x03", null]]}]);
        let recorded = block(&given, &state).expect("a block");
        assert_eq!((recorded.header.number, recorded.header.logs), (26, vec![vec![6, 0x61]]));
        assert_eq!((recorded.extrinsics, recorded.values), (vec![vec![4, 1]], vec![(vec![1], vec![2])]));
        for broken in [json!({}), json!({"block": {"header": {"number": "26"}}})] {
            assert!(matches!(block(&broken, &state), Err(ReplayError::Node(_))));
        }
    }
}
