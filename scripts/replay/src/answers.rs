//! What a recording answers to a node's JSON-RPC. All that mirrors ask is here; nothing runs, so calls of contracts are
//! answered as where no contract is.

use jsonrpsee::types::{ErrorObjectOwned, error::INVALID_PARAMS_CODE};
use serde_json::{Value, json};
use sp_crypto_hashing::blake2_256;

use crate::recording::{Block, Hash, Recording, bytes_of, hexadecimal, question};

/// The methods that are answered, in the names that nodes have for each.
pub const METHODS: &[&str] = &[
    "chain_getBlock",
    "chain_getBlockHash",
    "chain_getFinalisedHead",
    "chain_getFinalizedHead",
    "chain_getHead",
    "chain_getHeader",
    "chain_getRuntimeVersion",
    "state_call",
    "state_callAt",
    "state_getKeysPaged",
    "state_getKeysPagedAt",
    "state_getMetadata",
    "state_getRuntimeVersion",
    "state_getStorage",
    "state_getStorageAt",
    "state_getStorageHash",
    "state_getStorageHashAt",
    "state_getStorageSize",
    "state_getStorageSizeAt",
    "state_queryStorageAt",
    "system_chain",
    "system_chainType",
    "system_health",
    "system_localPeerId",
    "system_name",
    "system_properties",
    "system_syncState",
    "system_version",
];

/// Most keys of one page, as nodes have it.
const PAGE: u64 = 1_000;
/// As Substrate says that it does not know a block.
const UNKNOWN_BLOCK: i32 = 4_003;
/// As Substrate says of what a runtime cannot do.
const NOT_RUN: i32 = 4_003;

type Answer = Result<Value, ErrorObjectOwned>;

/// A recording, up to the block that is its head now.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    /// All of it.
    pub recording: &'a Recording,
    /// The height of the head, which is final.
    pub head: u32,
}

impl View<'_> {
    /// Answers a question.
    ///
    /// # Errors
    /// As nodes do, for what cannot be answered.
    pub fn answer(&self, method: &str, parameters: &[Value]) -> Answer {
        match method {
            "chain_getBlock" => self.or_null(parameters.first(), |block| {
                let extrinsics: Vec<_> = block.extrinsics.iter().map(|bytes| hexadecimal(bytes)).collect();
                json!({"block": {"header": block.header.json(), "extrinsics": extrinsics}, "justifications": null})
            }),
            "chain_getHeader" => self.or_null(parameters.first(), |block| block.header.json()),
            "chain_getBlockHash" | "chain_getHead" => self.hashes(parameters.first()),
            "chain_getFinalizedHead" | "chain_getFinalisedHead" => self.hashes(None),
            "state_call" | "state_callAt" => self.called(parameters),
            "state_getKeysPaged" | "state_getKeysPagedAt" => self.keys(parameters),
            "state_getStorage" | "state_getStorageAt" => self.stored(parameters, |value| hexadecimal(value).into()),
            "state_getStorageHash" | "state_getStorageHashAt" => self.hash_of(parameters),
            "state_getStorageSize" | "state_getStorageSizeAt" => self.stored(parameters, |value| value.len().into()),
            "state_queryStorageAt" => self.query(parameters),
            "chain_getRuntimeVersion" => self.told("state_getRuntimeVersion", &[]),
            "system_health" => Ok(json!({"peers": 0, "isSyncing": false, "shouldHavePeers": false})),
            "system_syncState" => Ok(json!({"startingBlock": 0, "currentBlock": self.head, "highestBlock": self.head})),
            "system_localPeerId" => Ok("12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp".into()),
            // What of these has a block as its parameter is the same at each.
            method => self.told(method, &[]),
        }
    }

    /// The header of the block at a height.
    ///
    /// # Errors
    /// Where the file cannot be read.
    pub fn header(&self, number: u32) -> Answer {
        self.block(number).map(|block| block.header.json())
    }

    /// What the node said once for all blocks.
    fn told(&self, method: &str, parameters: &[Value]) -> Answer {
        let known = self.recording.preamble().answers.get(&question(method, parameters));
        known.cloned().ok_or_else(|| refusal(NOT_RUN, format!("{method} is not in the recording")))
    }

    fn block(&self, number: u32) -> Result<Block, ErrorObjectOwned> {
        self.recording.block(number).map_err(|error| refusal(UNKNOWN_BLOCK, error.to_string()))
    }

    /// The height of the block that a parameter names; the head where it names none, `None` where it is not known.
    fn height(&self, of: Option<&Value>) -> Result<Option<u32>, ErrorObjectOwned> {
        let Some(of) = of.filter(|of| !of.is_null()) else { return Ok(Some(self.head)) };
        let hash = of.as_str().and_then(bytes_of).and_then(|bytes| Hash::try_from(bytes).ok());
        let hash = hash.ok_or_else(|| invalid(format!("no hash of a block: {of}")))?;
        Ok(self.recording.number(&hash).filter(|number| *number <= self.head))
    }

    fn or_null(&self, of: Option<&Value>, what: impl Fn(&Block) -> Value) -> Answer {
        match self.height(of)? {
            Some(number) => self.block(number).map(|block| what(&block)),
            None => Ok(Value::Null),
        }
    }

    /// The state that a parameter names.
    fn state(&self, of: Option<&Value>) -> Result<Block, ErrorObjectOwned> {
        let unknown = || refusal(UNKNOWN_BLOCK, "Client error: UnknownBlock: Header was not found in the database");
        self.block(self.height(of)?.ok_or_else(unknown)?)
    }

    /// Hashes by height: of the head, of one height, or of each in a list.
    fn hashes(&self, of: Option<&Value>) -> Answer {
        let hash = |number: u32| {
            let known = Some(number).filter(|number| *number <= self.head);
            known.and_then(|number| self.recording.hash(number)).map(|hash| hexadecimal(&hash))
        };
        match of {
            None | Some(Value::Null) => Ok(json!(hash(self.head))),
            Some(Value::Array(heights)) => {
                let numbers: Result<Vec<u32>, _> = heights.iter().map(height).collect();
                Ok(numbers?.into_iter().map(hash).collect::<Vec<_>>().into())
            }
            Some(of) => Ok(json!(hash(height(of)?))),
        }
    }

    /// What a function of the runtime answers: as recorded, or for contracts' functions as where no contract is.
    fn called(&self, parameters: &[Value]) -> Answer {
        let [name, data, ..] = parameters else { return Err(invalid("a function and its data are asked for")) };
        let exact = question("state_call", &[name.clone(), data.clone()]);
        let answers = &self.recording.preamble().answers;
        let name = name.as_str().unwrap_or_default();
        let alike = || {
            let beginning = format!("state_call[\"{name}\",");
            let of_contracts = name.starts_with("ReviveApi_");
            answers.iter().find(|(key, _)| of_contracts && key.starts_with(&beginning)).map(|(_, answer)| answer)
        };
        let known = answers.get(&exact).or_else(alike).cloned();
        known.ok_or_else(|| refusal(NOT_RUN, format!("nothing runs here, and {name} is not in the recording")))
    }

    /// What is under a key, as `what` tells it; nothing where nothing is.
    fn stored(&self, parameters: &[Value], what: impl Fn(&[u8]) -> Value) -> Answer {
        let key = key_of(parameters.first())?;
        let block = self.state(parameters.get(1))?;
        Ok(self.value(&block, &key).map_or(Value::Null, |value| what(&value)))
    }

    fn hash_of(&self, parameters: &[Value]) -> Answer {
        let of_all = parameters.first().map(|key| question("state_getStorageHash", std::slice::from_ref(key)));
        let known = of_all.and_then(|question| self.recording.preamble().answers.get(&question));
        match known {
            Some(hash) => self.state(parameters.get(1)).map(|_| hash.clone()),
            None => self.stored(parameters, |value| hexadecimal(&blake2_256(value)).into()),
        }
    }

    fn value(&self, block: &Block, key: &[u8]) -> Option<Vec<u8>> {
        let of_block = block.values.iter().find(|(known, _)| known == key).map(|(_, value)| value.clone());
        let of_all = || self.recording.preamble().storage.get(&hexadecimal(key)).and_then(|value| bytes_of(value));
        of_block.or_else(of_all)
    }

    fn query(&self, parameters: &[Value]) -> Answer {
        let keys = parameters.first().and_then(Value::as_array);
        let keys = keys.ok_or_else(|| invalid("keys are asked for in a list"))?;
        let block = self.state(parameters.get(1))?;
        let mut changes = Vec::new();
        for key in keys {
            let value = self.value(&block, &key_of(Some(key))?).map(|value| hexadecimal(&value));
            changes.push(json!([key, value]));
        }
        Ok(json!([{"block": hexadecimal(&block.header.hash()), "changes": changes}]))
    }

    /// Keys that begin as asked for, after one, in order.
    fn keys(&self, parameters: &[Value]) -> Answer {
        let beginning = match parameters.first() {
            None | Some(Value::Null) => Vec::new(),
            some => key_of(some)?,
        };
        let most = parameters.get(1).and_then(Value::as_u64).unwrap_or(PAGE).min(PAGE);
        let after = match parameters.get(2) {
            None | Some(Value::Null) => Vec::new(),
            some => key_of(some)?,
        };
        let block = self.state(parameters.get(3))?;
        let of_all = self.recording.preamble().storage.keys().filter_map(|key| bytes_of(key));
        let mut keys: Vec<Vec<u8>> = block.values.into_iter().map(|(key, _)| key).chain(of_all).collect();
        keys.retain(|key| key.starts_with(&beginning) && *key > after);
        keys.sort_unstable();
        keys.dedup();
        keys.truncate(usize::try_from(most).unwrap_or(usize::MAX));
        Ok(keys.iter().map(|key| hexadecimal(key)).collect::<Vec<_>>().into())
    }
}

/// A height, as a number or in hexadecimal.
fn height(of: &Value) -> Result<u32, ErrorObjectOwned> {
    let number = match of {
        Value::String(text) => text.strip_prefix("0x").and_then(|text| u32::from_str_radix(text, 16).ok()),
        // What no block can have, none has.
        of => of.as_u64().map(|number| u32::try_from(number).unwrap_or(u32::MAX)),
    };
    number.ok_or_else(|| invalid(format!("no height of a block: {of}")))
}

fn key_of(of: Option<&Value>) -> Result<Vec<u8>, ErrorObjectOwned> {
    let key = of.and_then(Value::as_str).and_then(bytes_of);
    key.ok_or_else(|| invalid("a key is asked for in hexadecimal"))
}

fn invalid(reason: impl Into<String>) -> ErrorObjectOwned {
    refusal(INVALID_PARAMS_CODE, reason)
}

fn refusal(code: i32, reason: impl Into<String>) -> ErrorObjectOwned {
    ErrorObjectOwned::owned(code, reason.into(), None::<()>)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recording::{Header, Preamble, Writer, key};

    /// Two blocks that differ in what is under one key, beside one value that all blocks have.
    fn recording() -> (tempfile::TempDir, Recording) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("chain");
        let said = [
            (question("system_chain", &[]), json!("Here")),
            (question("state_call", &[json!("ReviveApi_code"), json!("0x11")]), json!("0x00")),
            (question("state_call", &[json!("Core_version"), json!("0x")]), json!("0x30")),
        ];
        let storage = [(hexadecimal(&key("All", "Blocks")), "0x2a".to_owned())];
        let preamble = Preamble { answers: said.into(), storage: storage.into() };
        let mut writer = Writer::create(&path, &preamble).expect("created");
        let mut parent = [0; 32];
        for number in 0..2u8 {
            let (state_root, extrinsics_root) = ([1; 32], [2; 32]);
            let header = Header { parent, number: number.into(), state_root, extrinsics_root, logs: Vec::new() };
            parent = header.hash();
            let values = vec![(key("Timestamp", "Now"), vec![number])];
            writer.write(&Block { header, extrinsics: vec![vec![4, number]], values }).expect("written");
        }
        writer.finish().expect("finished");
        let recording = Recording::open(&path).expect("a recording");
        (folder, recording)
    }

    #[test]
    fn a_question_is_answered_as_nodes_do() {
        let (_folder, recording) = recording();
        let view = View { recording: &recording, head: 1 };
        let hashes = [0, 1].map(|number| hexadecimal(&recording.hash(number).expect("a hash")));
        let keys = [("Timestamp", "Now"), ("All", "Blocks"), ("No", "Thing")];
        let [now, all, none] = keys.map(|(pallet, entry)| hexadecimal(&key(pallet, entry)));
        let told = |method: &str, parameters: Value| {
            view.answer(method, parameters.as_array().expect("a list")).expect("an answer")
        };
        assert_eq!(told("chain_getBlockHash", json!([])), json!(hashes[1]));
        assert_eq!(told("chain_getBlockHash", json!([[0, "0x1", 2]])), json!([hashes[0], hashes[1], null]));
        assert_eq!(told("chain_getHeader", json!([hashes[1]]))["parentHash"], json!(hashes[0]));
        assert_eq!(told("chain_getBlock", json!([hashes[0]]))["block"]["extrinsics"], json!(["0x0400"]));
        assert_eq!(told("state_getStorage", json!([now, hashes[0]])), json!("0x00"));
        assert_eq!(told("state_getStorageAt", json!([now])), json!("0x01"));
        assert_eq!(told("state_getStorageSize", json!([all])), json!(1));
        assert_eq!(told("state_getStorage", json!([none])), Value::Null);
        let changes = json!([[now, "0x01"], [none, null]]);
        let queried = told("state_queryStorageAt", json!([[now, none], hashes[1]]));
        assert_eq!(queried, json!([{"block": hashes[1], "changes": changes}]));
        assert_eq!(told("state_getKeysPaged", json!([now, 10])), json!([now]));
        let mut both = [now.clone(), all];
        both.sort_unstable();
        assert_eq!(told("state_getKeysPaged", json!([null, 10])), json!(both));
        assert_eq!(told("state_getKeysPaged", json!([null, 10, both[0]])), json!([both[1]]));
        // Of any contract as of none; another function is what was recorded, or is not run.
        assert_eq!(told("state_call", json!(["ReviveApi_code", "0x99", hashes[0]])), json!("0x00"));
        assert_eq!(told("state_call", json!(["Core_version", "0x"])), json!("0x30"));
        assert!(view.answer("state_call", &[json!("Core_version"), json!("0x01")]).is_err());
        assert!(view.answer("state_call", &[json!("ReviveApi_call"), json!("0x")]).is_err());
    }

    /// What is after the head is unknown, in the words that mirrors know it by.
    #[test]
    fn a_block_that_is_not_shown_yet_is_unknown() {
        let (_folder, recording) = recording();
        let view = View { recording: &recording, head: 0 };
        let later = json!(hexadecimal(&recording.hash(1).expect("a hash")));
        assert_eq!(view.answer("chain_getHeader", std::slice::from_ref(&later)), Ok(Value::Null));
        assert_eq!(view.answer("chain_getBlockHash", &[json!(1)]), Ok(Value::Null));
        let refused = view.answer("state_getStorage", &[json!("0x00"), later]).expect_err("unknown");
        assert!(refused.code() == UNKNOWN_BLOCK && refused.message().contains(" not found"), "{refused}");
        for wrong in [json!("0x12"), json!(7)] {
            let refused = view.answer("chain_getHeader", &[wrong]).expect_err("no hash");
            assert_eq!(refused.code(), INVALID_PARAMS_CODE);
        }
    }
}
