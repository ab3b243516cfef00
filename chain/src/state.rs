//! The chain's state with its proof: what somebody who has nothing but a block's hash can check.

use alloy_primitives::{B256, Bytes, U64};
use serde::{Deserialize, Serialize};
use subxt::rpcs::rpc_params;

use crate::{client::ChainClient, error::ChainError};

/// A block's header, as nodes give it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Header {
    /// Hash of the block before.
    pub parent_hash: B256,
    /// Its height.
    pub number: U64,
    /// Root of the state after it.
    pub state_root: B256,
    /// Root of its transactions.
    pub extrinsics_root: B256,
    /// What consensus adds.
    pub digest: Digest,
}

/// Encoded items of a header.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Digest {
    /// Each as SCALE.
    pub logs: Vec<Bytes>,
}

#[derive(Deserialize)]
struct ReadProof {
    proof: Vec<Bytes>,
}

impl ChainClient {
    /// The header of a block.
    ///
    /// # Errors
    /// [`ChainError::NoSuchBlock`].
    pub async fn header(&self, at: B256) -> Result<Header, ChainError> {
        let asked = self.ask("reading a block's header", || {
            self.rpc().request::<Option<Header>>("chain_getHeader", rpc_params![at])
        });
        asked.await?.ok_or_else(|| ChainError::NoSuchBlock(at.to_string()))
    }

    /// What is under a key of the state after a block.
    ///
    /// # Errors
    /// [`ChainError`], also where the node does not have that state.
    pub async fn storage_at(&self, at: B256, key: &Bytes) -> Result<Option<Bytes>, ChainError> {
        self.ask("reading the state", || self.rpc().request::<Option<Bytes>>("state_getStorage", rpc_params![key, at]))
            .await
    }

    /// Nodes of the state's tree that prove what is under keys after a block: of the state itself, or of a child of it.
    ///
    /// # Errors
    /// [`ChainError`], also where the node does not have that state.
    pub async fn read_proof(&self, at: B256, child: Option<&Bytes>, keys: &[Bytes]) -> Result<Vec<Bytes>, ChainError> {
        let asked = self.ask("reading a proof of the state", || async move {
            let rpc = self.rpc();
            match child {
                Some(child) => rpc.request::<ReadProof>("state_getChildReadProof", rpc_params![child, keys, at]).await,
                None => rpc.request::<ReadProof>("state_getReadProof", rpc_params![keys, at]).await,
            }
        });
        Ok(asked.await?.proof)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_read_as_nodes_write_it() {
        let hash = |digit: &str| format!("0x{}", digit.repeat(64));
        let json = format!(
            r#"{{"parentHash": "{}", "number": "0x1a", "stateRoot": "{}", "extrinsicsRoot": "{}", "digest": {{"logs": ["0x0661"]}}}}"#,
            hash("1"),
            hash("2"),
            hash("3")
        );
        let header: Header = serde_json::from_str(&json).expect("a header");
        assert_eq!((header.number.to::<u64>(), header.state_root), (26, B256::repeat_byte(0x22)));
        let again = serde_json::to_value(&header).expect("JSON");
        assert_eq!(again, serde_json::from_str::<serde_json::Value>(&json).expect("JSON"));
    }
}
