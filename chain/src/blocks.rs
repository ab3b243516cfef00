//! Blocks for whoever follows a chain on a node that is not theirs: two questions for each, and one for the hashes of
//! many.

use alloy_primitives::B256;
use subxt::{
    config::substrate::H256,
    ext::codec::{Compact, Decode, Encode},
    rpcs::rpc_params,
};

use crate::{
    client::{AtBlock, BlockRef, ChainClient, from_h256, to_h256},
    error::ChainError,
    events::{ContractEvent, Head, told, tx_hash},
};

/// How many hashes are asked for at once.
pub const HASHES: u64 = 256;

/// Where the chain keeps a block's events, its time, and which runtime made it: twox-128 of the pallet's and of the
/// entry's name.
const EVENTS: [u8; 32] = key(*b"\x80\xd4\x1e\x5e\x16\x05\x67\x65\xbc\x84\x61\x85\x10\x72\xc9\xd7", SYSTEM);
const LAST_UPGRADE: [u8; 32] = key(*b"\xf9\xcc\xe9\xc8\x88\x46\x9b\xb1\xa0\xdc\xea\xa1\x29\x67\x2e\xf8", SYSTEM);
const NOW: [u8; 32] = key(
    *b"\x9f\x1f\x05\x15\xf4\x62\xcd\xcf\x84\xe0\xf1\xd6\x04\x5d\xfc\xbb",
    *b"\xf0\xc3\x65\xc3\xcf\x59\xd6\x71\xeb\x72\xda\x0e\x7a\x41\x13\xc4",
);
const SYSTEM: [u8; 16] = *b"\x26\xaa\x39\x4e\xea\x56\x30\xe0\x7c\x48\xae\x0c\x95\x58\xce\xf7";

const fn key(entry: [u8; 16], pallet: [u8; 16]) -> [u8; 32] {
    let (mut key, mut at) = ([0; 32], 0);
    while at < 16 {
        (key[at], key[at + 16]) = (pallet[at], entry[at]);
        at += 1;
    }
    key
}

/// A block, and what contracts told in it.
#[derive(Debug, Clone)]
pub struct WholeBlock {
    /// The block.
    pub at: BlockRef,
    /// The contracts' events, in order.
    pub events: Vec<ContractEvent>,
}

/// Says which block's state was asked for.
fn of(number: u64) -> impl Fn(ChainError) -> ChainError {
    move |error| match error {
        ChainError::StateGone { url, reason, .. } => {
            ChainError::StateGone { url, reason, block: format!("block {number}") }
        }
        error => error,
    }
}

impl ChainClient {
    /// The header of the block with this hash, on whatever branch, compared with the hash; no state is asked for.
    ///
    /// # Errors
    /// [`ChainError::NoSuchBlock`] when the node does not have it; [`ChainError::WrongAnswer`] where it answers with
    /// another block.
    pub async fn head(&self, hash: B256) -> Result<Head, ChainError> {
        let during = "reading a block's header";
        let asked = self.ask(during, || self.methods().chain_get_header(Some(to_h256(hash)))).await?;
        let header = asked.ok_or_else(|| ChainError::NoSuchBlock(hash.to_string()))?;
        match tx_hash(&header.encode()) == hash {
            true => Ok(Head { number: header.number, hash, parent: from_h256(header.parent_hash) }),
            false => Err(self.wrong(during, format!("another block than {hash}"))),
        }
    }

    /// The head of the best chain, as its header tells.
    ///
    /// # Errors
    /// As [`head`](Self::head).
    pub async fn best_head(&self) -> Result<Head, ChainError> {
        self.head(self.best_hash().await?).await
    }

    /// The last finalised block, as its header tells.
    ///
    /// # Errors
    /// As [`head`](Self::head).
    pub async fn finalised_head(&self) -> Result<Head, ChainError> {
        self.head(self.finalised_hash().await?).await
    }

    /// The hashes at these heights of the best chain, both included.
    ///
    /// # Errors
    /// [`ChainError::NoSuchBlock`] above the chain's head; [`ChainError::WrongAnswer`] where the node answers with
    /// fewer or more than it was asked for.
    pub async fn block_hashes(&self, from: u64, to: u64) -> Result<Vec<B256>, ChainError> {
        let mut hashes = Vec::new();
        let mut next = from;
        while next <= to {
            let heights: Vec<u64> = (next..=to.min(next + HASHES - 1)).collect();
            let during = "reading blocks' hashes";
            let found: Vec<Option<H256>> =
                self.ask(during, || self.rpc().request("chain_getBlockHash", rpc_params![&heights])).await?;
            if found.len() != heights.len() {
                return Err(self.wrong(during, format!("{} hashes for {} blocks", found.len(), heights.len())));
            }
            for (height, hash) in heights.iter().zip(found) {
                hashes.push(hash.map(from_h256).ok_or_else(|| ChainError::NoSuchBlock(format!("at height {height}")))?);
            }
            next += HASHES;
        }
        Ok(hashes)
    }

    /// The block with this hash, on whatever branch, and what contracts told in it. What the node says of the block is
    /// compared with the hash; its events and time are believed.
    ///
    /// # Errors
    /// [`ChainError::NoSuchBlock`] when the node does not have it; [`ChainError::StateGone`] when it does not have its
    /// state any more; [`ChainError::WrongAnswer`] where it answers with another block, or with none of what every
    /// block has; [`ChainError::Decode`] only where the node's metadata does not describe its own events.
    pub async fn whole_block(&self, hash: B256) -> Result<WholeBlock, ChainError> {
        let (Head { number, hash, parent }, tx_hashes) = self.head_and_transactions(hash).await?;
        let during = "reading a block's events";
        let keys = [&EVENTS[..], &NOW, &LAST_UPGRADE];
        let stored = self
            .ask(during, || self.methods().state_query_storage_at(keys, Some(to_h256(hash))))
            .await
            .map_err(of(number))?;
        let stored: Vec<_> = stored.into_iter().flat_map(|set| set.changes).collect();
        let value = |wanted: &[u8]| {
            let found = stored.iter().find(|(key, _)| key.0 == wanted)?;
            found.1.as_ref().map(|value| &value.0[..])
        };
        let time = value(&NOW).and_then(|bytes| bytes.try_into().map(u64::from_le_bytes).ok());
        let at =
            BlockRef { number, hash, parent, timestamp_ms: self.of_block("reading a block's time", number, time)? };
        // An empty list is a zero.
        let bytes = value(&EVENTS).filter(|bytes| !bytes.is_empty()).map(<[u8]>::to_vec);
        let bytes = self.of_block(during, number, bytes)?;
        if bytes.is_empty() {
            return Ok(WholeBlock { at, events: Vec::new() });
        }
        let runtime = value(&LAST_UPGRADE).and_then(|mut bytes| Compact::<u32>::decode(&mut bytes).ok());
        let reader = self.reader(&at, runtime.map(|version| version.0)).await?;
        let events = told(&reader.events().from_bytes(bytes), (number, hash), &tx_hashes)?;
        Ok(WholeBlock { at, events })
    }

    /// A block's place, and the hashes of its transactions in order: of the block with this hash and no other.
    ///
    /// # Errors
    /// [`ChainError::NoSuchBlock`], [`ChainError::WrongAnswer`].
    pub(crate) async fn head_and_transactions(&self, hash: B256) -> Result<(Head, Vec<B256>), ChainError> {
        let during = "reading a block";
        let asked = || self.methods().chain_get_block(Some(to_h256(hash)));
        let absent = || ChainError::NoSuchBlock(hash.to_string());
        let block = self.ask(during, asked).await?.ok_or_else(absent)?.block;
        if tx_hash(&block.header.encode()) != hash {
            return Err(self.wrong(during, format!("another block than {hash}")));
        }
        let head = Head { number: block.header.number, hash, parent: from_h256(block.header.parent_hash) };
        Ok((head, block.extrinsics.iter().map(|bytes| tx_hash(&bytes.0)).collect()))
    }

    /// As [`whole_block`](Self::whole_block), of the block that the node has at this height.
    ///
    /// # Errors
    /// As [`whole_block`](Self::whole_block); [`ChainError::WrongAnswer`] where the block is of another height.
    pub async fn whole_block_at(&self, number: u64, hash: B256) -> Result<WholeBlock, ChainError> {
        let block = self.whole_block(hash).await?;
        match block.at.number == number {
            true => Ok(block),
            false => Err(self.wrong("reading a block", format!("block {} at height {number}", block.at.number))),
        }
    }

    /// A client whose metadata is of the runtime that made a block. The last one serves as long as there was no other
    /// runtime; the block that brings a new one is still made by the old one, which is its parent's.
    async fn reader(&self, at: &BlockRef, version: Option<u32>) -> Result<AtBlock, ChainError> {
        let kept = self.kept_reader().clone();
        if let Some(reader) = kept.filter(|reader| Some(reader.spec_version()) == version) {
            return Ok(reader);
        }
        let before = match at.number.checked_sub(1) {
            Some(number) => self.at_known(at.parent, number).await.ok(),
            None => None,
        };
        let reader = match before.filter(|reader| Some(reader.spec_version()) == version) {
            Some(reader) => reader,
            // A node without the parent's state, or a chain that does not say which runtime it is.
            None => self.at_known(at.hash, at.number).await?,
        };
        *self.kept_reader() = Some(reader.clone());
        Ok(reader)
    }
}
