//! What contracts are asked beside their events. The follower asks, at the event's own block; the journal keeps what
//! they answered, so that the same rows follow from it without a node.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use yieldset_chain::{
    Address, B256, ContractEvent, Event,
    abi::{Factory::FactoryEvents, Licence::LicenceEvents, Market::MarketEvents, Pool::PoolEvents},
};

/// What money is called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Currency {
    /// Its contract.
    pub address: Address,
    /// As it answered, cleaned: at most 32 printable characters.
    pub symbol: Option<String>,
    /// As it answered.
    pub decimals: Option<u8>,
}

/// What was answered beside one event.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Answers {
    /// The words of the terms that were accepted, as their contract keeps them for good.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub terms: Option<Vec<B256>>,
    /// The money that the event names, where it is a contract.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<Currency>,
    /// Hashes of the code of contracts that become ours by the event.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub codes: BTreeMap<Address, B256>,
    /// Contracts that become ours by the event, and whose earlier events the node could not tell any more.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub earlier_gone: BTreeSet<Address>,
}

impl Answers {
    /// Where nobody was asked.
    pub const NONE: &'static Self =
        &Self { terms: None, currency: None, codes: BTreeMap::new(), earlier_gone: BTreeSet::new() };
}

/// What to ask a contract, or the chain about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Question {
    /// A licence contract for the words of an accepted option (record `O`).
    Terms {
        /// The licence contract.
        contract: Address,
        /// The licence.
        licence: B256,
        /// The option.
        option: u8,
    },
    /// A token for its symbol and decimals.
    Currency(Address),
    /// The chain for the hash of a contract's code.
    Code(Address),
}

/// What is to be asked beside an event.
pub fn questions(event: &ContractEvent) -> Vec<Question> {
    let token = |address: Address| -> Vec<Question> {
        if address.is_zero() { Vec::new() } else { vec![Question::Currency(address)] }
    };
    match &event.event {
        Event::Pool(PoolEvents::PoolCreated(created)) => token(created.currency),
        Event::Pool(PoolEvents::SuccessorAdopted(adopted)) => vec![Question::Code(adopted.successor)],
        Event::Factory(FactoryEvents::PoolListed(listed)) => {
            let contracts = [
                listed.pool,
                listed.coop,
                listed.kyc,
                listed.attribution,
                listed.manifests,
                listed.licence,
                listed.market,
            ];
            let codes = contracts.into_iter().filter(|address| !address.is_zero()).map(Question::Code);
            codes.chain(token(listed.currency)).collect()
        }
        Event::Licence(LicenceEvents::LicenceAccepted(accepted)) => {
            vec![Question::Terms { contract: event.address, licence: accepted.licence, option: accepted.option }]
        }
        Event::Licence(LicenceEvents::LicenceOffered(offered)) => token(offered.currency),
        Event::Licence(LicenceEvents::MenuPublished(published)) => token(published.currency),
        Event::Market(MarketEvents::PoolListed(listed)) => token(listed.currency),
        _ => Vec::new(),
    }
}
