//! What contracts are asked beside their events, at the events' own block.

use std::collections::{BTreeMap, HashMap};

use alloy_primitives::{Address, B256, Bytes, U256};
use futures::{StreamExt, stream};
use yieldset_chain::{
    ChainError, ContractEvent, SolCall,
    abi::{Licence, Pool},
};

use super::chain::Follower;
use crate::{
    column::label,
    error::IndexerError,
    mirror::Discovery,
    project::{Block, Currency, Question},
    upstream::Upstream,
};

/// Longest symbol that is shown, in characters.
const SYMBOL: usize = 32;
/// Most currencies that are asked for their names beside one block: a stranger's answers only after a while. Those left
/// out are asked with the next event that names them.
const CURRENCIES: usize = 32;
/// How often nodes without its state are asked for what a contract told before it became ours.
const TRIES: u32 = 6;

/// How often that was tried, by contract.
pub(super) type Tries = HashMap<Address, u32>;

impl<U: Upstream> Follower<'_, U> {
    /// Completes a block with what is not in its events: what the contracts that it makes ours emitted before, and what
    /// contracts answer.
    pub(super) async fn ask(&mut self, block: &mut Block) -> Result<(), IndexerError> {
        for discovery in self.mirror.discoveries(block).await? {
            match self.earlier(&discovery).await? {
                Some(events) => block.earlier.extend(events),
                None => {
                    block.answers.entry(discovery.event).or_default().earlier_gone.insert(discovery.contract);
                }
            }
        }
        block.earlier.sort_by_key(crate::project::id);
        let mut currencies = BTreeMap::new();
        for (event, question) in self.mirror.questions(block).await? {
            let at = block.at.hash;
            match question {
                Question::Terms { contract, licence, option } => {
                    let which = U256::from(option).into();
                    let call = Licence::recordOfCall { licence, record: b'O', which };
                    let words = self.answer(at, contract, &call).await?;
                    block.answers.entry(event).or_default().terms = words;
                }
                Question::Currency(address) => {
                    if !currencies.contains_key(&address) && currencies.len() < CURRENCIES {
                        let symbol = self.symbol(at, address).await?;
                        let decimals = self.answer(at, address, &Pool::decimalsCall {}).await?;
                        currencies.insert(address, Currency { address, symbol, decimals });
                    }
                    if let Some(currency) = currencies.get(&address) {
                        block.answers.entry(event).or_default().currency = Some(currency.clone());
                    }
                }
                Question::Code(address) => {
                    if let Some(code) = self.node.code_hash(at, address).await? {
                        block.answers.entry(event).or_default().codes.insert(address, code);
                    }
                }
            }
        }
        Ok(())
    }

    /// What a contract emitted before it became ours; none where the node cannot tell all of it any more. Whosever
    /// contract it is, a stranger's or the pool's, nobody else waits for it.
    async fn earlier(&mut self, discovery: &Discovery) -> Result<Option<Vec<ContractEvent>>, IndexerError> {
        let contract = discovery.contract;
        let Some(blocks) = &discovery.blocks else {
            tracing::error!(%contract, "it told too much before it became ours, and stands still");
            return Ok(None);
        };
        if !blocks.is_empty() {
            tracing::info!(%contract, blocks = blocks.len(), "reading what a contract did before it became ours");
        }
        let node = self.node;
        let mut read = stream::iter(blocks)
            .map(|(number, hash)| node.whole_block_at(*number, *hash))
            .buffered(super::chain::IN_FLIGHT);
        let mut events = Vec::new();
        while let Some(block) = read.next().await {
            match block {
                Ok(block) => events.extend(block.events.into_iter().filter(|event| event.address == contract)),
                Err(error @ ChainError::StateGone { .. }) => {
                    // All named nodes said so. Behind one address there can be several all the same, of which another
                    // one answers next time.
                    let tries = self.tries.entry(contract).or_default();
                    *tries = tries.saturating_add(1);
                    if *tries < TRIES {
                        return Err(error.into());
                    }
                    tracing::error!(%contract, %error, "what it told before it became ours is gone, and it stands still");
                    return Ok(None);
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(Some(events))
    }

    /// What a contract answers; nothing where it does not answer as ours do. Whatever a stranger's contract does, the
    /// rest is mirrored on.
    async fn raw(&self, at: B256, contract: Address, call: &impl SolCall) -> Result<Option<Bytes>, IndexerError> {
        let asked = self.node.read_call(at, contract, call.abi_encode().into()).await;
        match asked.map_err(IndexerError::from) {
            Ok(answer) => Ok(Some(answer)),
            Err(error) if error.away().is_some() => Err(error),
            Err(error) => {
                tracing::warn!(%error, %contract, "a contract does not answer");
                Ok(None)
            }
        }
    }

    async fn answer<C: SolCall>(
        &self,
        at: B256,
        contract: Address,
        call: &C,
    ) -> Result<Option<C::Return>, IndexerError> {
        let answer = self.raw(at, contract, call).await?;
        Ok(answer.and_then(|answer| C::abi_decode_returns_validate(&answer).ok()))
    }

    /// A token's symbol, as text or, as early tokens have it, as 32 bytes.
    async fn symbol(&self, at: B256, token: Address) -> Result<Option<String>, IndexerError> {
        let Some(answer) = self.raw(at, token, &Pool::symbolCall {}).await? else { return Ok(None) };
        let text = Pool::symbolCall::abi_decode_returns_validate(&answer).ok();
        let text = text.or_else(|| B256::try_from(&answer[..]).ok().map(|bytes| label(&bytes)));
        Ok(text.map(|text| clean(&text)).filter(|text| !text.is_empty()))
    }
}

/// What can be shown of a symbol: letters and signs, none that hides or turns others.
fn clean(text: &str) -> String {
    text.chars().filter(|letter| letter.is_ascii_graphic() || letter.is_alphanumeric()).take(SYMBOL).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Proves MIR-4: whatever a stranger's token calls itself, what is shown of it is short and turns no other text.
    #[test]
    fn a_symbol_is_short_and_hides_nothing() {
        assert_eq!(clean("USDC"), "USDC");
        assert_eq!(clean("US\u{202e}DC\0\n $\u{20ac}"), "USDC$");
        assert_eq!(clean(&"x".repeat(100)).len(), SYMBOL);
    }
}
