//! What became of a transaction.

use alloy_primitives::{Address, B256};

use super::{LIFETIME_BLOCKS, Prepared};
use crate::{
    blocks::HASHES,
    client::{AccountId, BlockRef, ChainClient},
    error::ChainError,
    events::{ContractEvent, Event, extrinsic_index, told, undecodable},
    runtime::{EthExtrinsicRevert, ExtrinsicFailed, ExtrinsicSuccess, Instantiated, Weight, dispatch_error_name},
};

/// A transaction in a finalised block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The transaction's hash.
    pub tx_hash: B256,
    /// The block's height.
    pub block_number: u64,
    /// The block's hash.
    pub block_hash: B256,
    /// The weight it was charged.
    pub weight: Weight,
    /// The contracts' events it caused, in order.
    pub events: Vec<ContractEvent>,
    /// Contracts it created.
    pub created: Vec<Address>,
    /// Why it had no effect, if it had none. [`Submitter::submit`] turns this into an error.
    pub failure: Option<String>,
}

impl Receipt {
    /// The first thing that a contract's events tell.
    pub fn told<T>(&self, contract: Address, pick: impl Fn(&Event) -> Option<T>) -> Option<T> {
        let events = self.events.iter().filter(|event| event.address == contract);
        events.map(|event| &event.event).find_map(pick)
    }
}

/// What became of a prepared transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// It is in a finalised block. Its receipt may report a [`failure`](Receipt::failure): it landed, without effect.
    Landed(Receipt),
    /// It is not in a finalised block yet, and may still get into one.
    Pending,
    /// Finality has passed [`Prepared::valid_until`]: it never lands. It is safe to prepare the same call again.
    Expired,
    /// Another transaction of the account has its nonce in a finalised block: it never lands.
    Overtaken,
}

/// What was found of a transaction in blocks.
#[derive(Default)]
struct Looked {
    /// The block that it is in, as height and hash.
    found: Option<(u64, B256)>,
    /// A block that could not be looked at, since the node does not have it.
    absent: Option<ChainError>,
}

impl ChainClient {
    /// Whether a prepared transaction is in a finalised block, may still get into one, or cannot any more. Of blocks
    /// that are not final nothing is said.
    ///
    /// # Errors
    /// [`ChainError::StateGone`] where it landed and the node has dropped what came of it there;
    /// [`landed_in`](Self::landed_in) says where.
    pub async fn fate_of(&self, prepared: &Prepared) -> Result<Fate, ChainError> {
        let head = self.finalised_block().await?;
        let nonce = self.nonce_of(prepared, head.hash).await?;
        let looked = self.look_for(prepared, head.number, nonce).await?;
        if let Some((_, block)) = looked.found
            && let Some(receipt) = self.receipt(block, prepared.tx_hash).await?
        {
            return Ok(Fate::Landed(receipt));
        }
        // It may be in a block that the node does not have.
        if let Some(absent) = looked.absent {
            return Err(absent);
        }
        let fate = match head.number >= prepared.valid_until {
            true => Fate::Expired,
            // Another transaction has taken its nonce.
            false if nonce.is_some_and(|nonce| nonce > prepared.nonce) => Fate::Overtaken,
            false => return Ok(Fate::Pending),
        };
        // Behind one address there can be several nodes, of which one is behind: that it is in no block is said only by
        // one that has them all.
        match self.block_hash_at(head.number).await? == Some(head.hash) {
            true => Ok(fate),
            false => {
                let what = format!("no block {}, which it said is final", head.number);
                Err(self.wrong("looking for a transaction", what))
            }
        }
    }

    /// The finalised block that a prepared transaction is in, as height and hash; nothing while, or where, it is in
    /// none that the node has. No state is needed but the newest: a node that keeps no others can tell. Whether it had
    /// its effect, only the state tells.
    pub async fn landed_in(&self, prepared: &Prepared) -> Result<Option<(u64, B256)>, ChainError> {
        self.is_in(prepared, &self.finalised_block().await?).await
    }

    /// The block that a prepared transaction is in, of this one and those before it that the node has.
    pub(super) async fn is_in(&self, prepared: &Prepared, head: &BlockRef) -> Result<Option<(u64, B256)>, ChainError> {
        let nonce = self.nonce_of(prepared, head.hash).await?;
        Ok(self.look_for(prepared, head.number, nonce).await?.found)
    }

    /// How many transactions the account has sent whose nonce the prepared one has, where it is known.
    async fn nonce_of(&self, prepared: &Prepared, at: B256) -> Result<Option<u64>, ChainError> {
        match prepared.account {
            Some(account) => self.nonce_at(at, &account.0).await.map(Some),
            None => Ok(None),
        }
    }

    /// Looks for a prepared transaction in the blocks up to `head`, after which its account has sent so many. While it
    /// is this one's turn it is in none. An Ethereum transaction may be looked for after months: then by the turn, too.
    async fn look_for(&self, prepared: &Prepared, head: u64, nonce: Option<u64>) -> Result<Looked, ChainError> {
        let (first, last) = (prepared.prepared_at + 1, head.min(prepared.valid_until));
        if nonce == Some(prepared.nonce) {
            return Ok(Looked::default());
        }
        let many = last == head && last.saturating_sub(first) > LIFETIME_BLOCKS;
        let (first, last) = match prepared.account {
            Some(account) if many && nonce.is_some_and(|nonce| nonce > prepared.nonce) => {
                self.turn_passed(&account.0, prepared.nonce, (first, last)).await?
            }
            _ => (first, last),
        };
        self.look_through(prepared.tx_hash, (first, last)).await
    }

    /// Of these blocks, after whose last it has, those in which an account's nonce may have passed this one: one block
    /// where the node has the states, and all before those that it has where it passed earlier.
    async fn turn_passed(
        &self,
        account: &AccountId,
        nonce: u64,
        (mut first, mut last): (u64, u64),
    ) -> Result<(u64, u64), ChainError> {
        let mut low = first;
        while low < last {
            let middle = low + (last - low) / 2;
            match self.nonce_at(self.known_hash(middle).await?, account).await {
                Ok(sent) if sent > nonce => last = middle,
                Ok(_) => (low, first) = (middle + 1, middle + 1),
                Err(ChainError::StateGone { .. }) => low = middle + 1,
                Err(error) => return Err(error),
            }
        }
        Ok((first, last))
    }

    /// Reads the transactions of these blocks, and no state.
    async fn look_through(&self, tx_hash: B256, (first, last): (u64, u64)) -> Result<Looked, ChainError> {
        let (mut looked, mut next) = (Looked::default(), first);
        while next <= last {
            let to = last.min(next + HASHES - 1);
            for (number, hash) in (next..=to).zip(self.block_hashes(next, to).await?) {
                match self.head_and_transactions(hash).await {
                    Ok((_, all)) if all.contains(&tx_hash) => {
                        looked.found = Some((number, hash));
                        return Ok(looked);
                    }
                    Ok(_) => {}
                    // Blocks may be dropped, too.
                    Err(error @ ChainError::NoSuchBlock(_)) => looked.absent = Some(error),
                    Err(error) => return Err(error),
                }
            }
            next = to + 1;
        }
        Ok(looked)
    }

    /// Looks for a transaction in all finalised blocks from `from_block` on. A receipt may report a
    /// [`failure`](Receipt::failure): it landed, without effect.
    pub async fn find_transaction(&self, tx_hash: B256, from_block: u64) -> Result<Option<Receipt>, ChainError> {
        let finalised = self.finalised_block().await?.number;
        for number in from_block..=finalised {
            let hash = self.known_hash(number).await?;
            if let Some(receipt) = self.receipt(hash, tx_hash).await? {
                return Ok(Some(receipt));
            }
        }
        Ok(None)
    }

    /// The hash of a block that the chain had when it was last asked. One that has gone since is no sign that nothing
    /// was in it: another node may be asked now, which is behind.
    async fn known_hash(&self, number: u64) -> Result<B256, ChainError> {
        let absent = || ChainError::NoSuchBlock(format!("at height {number}"));
        self.block_hash_at(number).await?.ok_or_else(absent)
    }

    /// The receipt of a transaction in this block, or `None` if it is not in it.
    pub(super) async fn receipt(&self, block_hash: B256, tx_hash: B256) -> Result<Option<Receipt>, ChainError> {
        let (head, tx_hashes) = self.head_and_transactions(block_hash).await?;
        let Some(index) = tx_hashes.iter().position(|hash| *hash == tx_hash) else {
            return Ok(None);
        };
        let at = self.at_known(block_hash, head.number).await?;
        let all = self.ask("reading a block's events", async || at.events().fetch().await).await?;
        let (mut weight, mut created, mut failure) = (Weight::default(), Vec::new(), None);
        for event in all.iter() {
            let event = event.map_err(undecodable)?;
            if extrinsic_index(event.phase()) != Some(index) {
                continue;
            }
            match (event.pallet_name(), event.event_name()) {
                ("System", "ExtrinsicSuccess") => {
                    weight = event
                        .decode_fields_unchecked_as::<ExtrinsicSuccess>()
                        .map_err(undecodable)?
                        .dispatch_info
                        .weight;
                }
                ("System", "ExtrinsicFailed") => {
                    let failed: ExtrinsicFailed = event.decode_fields_unchecked_as().map_err(undecodable)?;
                    weight = failed.dispatch_info.weight;
                    failure = Some(dispatch_error_name(&failed.dispatch_error, at.metadata_ref()));
                }
                ("Revive", "EthExtrinsicRevert") => {
                    let reverted: EthExtrinsicRevert = event.decode_fields_unchecked_as().map_err(undecodable)?;
                    failure = Some(dispatch_error_name(&reverted.dispatch_error, at.metadata_ref()));
                }
                ("Revive", "Instantiated") => {
                    let instantiated: Instantiated = event.decode_fields_unchecked_as().map_err(undecodable)?;
                    created.push(Address::from(instantiated.contract));
                }
                _ => {}
            }
        }
        let block_number = head.number;
        let told = told(&all, (block_number, block_hash), &tx_hashes)?;
        let events = told.into_iter().filter(|event| event.tx_hash == Some(tx_hash)).collect();
        Ok(Some(Receipt { tx_hash, block_number, block_hash, weight, events, created, failure }))
    }
}
