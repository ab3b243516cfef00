//! What became of a transaction.

use alloy_primitives::{Address, B256};

use super::Prepared;
use crate::{
    client::{BlockRef, ChainClient},
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

impl ChainClient {
    /// Whether a prepared transaction is in a finalised block, may still get into one, or cannot any more. Of blocks
    /// that are not final nothing is said.
    pub async fn fate_of(&self, prepared: &Prepared) -> Result<Fate, ChainError> {
        let BlockRef { number: finalised, hash, .. } = self.finalised_block().await?;
        let last = finalised.min(prepared.valid_until);
        if let Some(receipt) = self.find_between(prepared.tx_hash, prepared.prepared_at + 1, last).await? {
            return Ok(Fate::Landed(receipt));
        }
        let fate = match finalised >= prepared.valid_until {
            true => Fate::Expired,
            false if self.was_overtaken(prepared, finalised).await? => Fate::Overtaken,
            false => return Ok(Fate::Pending),
        };
        // Behind one address there can be several nodes, of which one is behind: that it is in no block is said only by
        // one that has them all.
        match self.block_hash_at(finalised).await? == Some(hash) {
            true => Ok(fate),
            false => {
                Err(self.wrong("looking for a transaction", format!("no block {finalised}, which it said is final")))
            }
        }
    }

    /// Whether another transaction of the account has taken its nonce, in a block up to this one.
    async fn was_overtaken(&self, prepared: &Prepared, finalised: u64) -> Result<bool, ChainError> {
        let (Some(account), Some(hash)) = (prepared.account, self.block_hash_at(finalised).await?) else {
            return Ok(false);
        };
        Ok(self.nonce_at(hash, &account.0).await? > prepared.nonce)
    }

    /// The finalised block that a prepared transaction is in, as height and hash; nothing while, or where, it is in
    /// none that the node has. Only transactions are read, no state: a node that keeps the newest states alone can
    /// tell. Whether it had its effect, only the state tells.
    pub async fn landed_in(&self, prepared: &Prepared) -> Result<Option<(u64, B256)>, ChainError> {
        let finalised = self.finalised_block().await?.number;
        for number in prepared.prepared_at + 1..=finalised.min(prepared.valid_until) {
            let hash = self.known_hash(number).await?;
            match self.head_and_transactions(hash).await {
                Ok((_, all)) if all.contains(&prepared.tx_hash) => return Ok(Some((number, hash))),
                // Blocks may be dropped, too.
                Ok(_) | Err(ChainError::NoSuchBlock(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }

    /// Looks for a transaction in all finalised blocks from `from_block` on. A receipt may report a
    /// [`failure`](Receipt::failure): it landed, without effect.
    pub async fn find_transaction(&self, tx_hash: B256, from_block: u64) -> Result<Option<Receipt>, ChainError> {
        let finalised = self.finalised_block().await?.number;
        self.find_between(tx_hash, from_block, finalised).await
    }

    pub(super) async fn find_between(
        &self,
        tx_hash: B256,
        first: u64,
        last: u64,
    ) -> Result<Option<Receipt>, ChainError> {
        for number in first..=last {
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
