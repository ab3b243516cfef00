//! The contracts' events in blocks, and blocks as they come. Decoding never fails on a contract's bytes: what cannot be
//! read is [`Event::Unknown`].

use alloy_primitives::{Address, B256, Bytes};
use alloy_sol_types::SolEventInterface;
use futures::{Stream, StreamExt, stream::BoxStream};
use subxt::{
    SubstrateConfig,
    client::Blocks,
    config::{Hasher, substrate::BlakeTwo256},
    error::EventsError,
    events::{Events, Phase},
};

use crate::{
    abi::{
        Access::AccessEvents, Attribution::AttributionEvents, Coop::CoopEvents, Factory::FactoryEvents, Kyc::KycEvents,
        Licence::LicenceEvents, Manifests::ManifestsEvents, Market::MarketEvents, Pool::PoolEvents,
    },
    client::{BlockRef, ChainClient, from_h256},
    error::ChainError,
    runtime::ContractEmitted,
};

/// An event of some contract, with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContractEvent {
    /// The block's height.
    pub block_number: u64,
    /// The block's hash.
    pub block_hash: B256,
    /// The place among *all* of the block's events; with the block it names the event.
    pub event_index: u32,
    /// The transaction that caused it, if one did.
    pub tx_hash: Option<B256>,
    /// The contract that emitted it. Any contract can emit any event: compare this with the deployment before believing
    /// it.
    pub address: Address,
    /// What it says.
    pub event: Event,
}

/// An event's content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// An event of `pool`.
    Pool(PoolEvents),
    /// An event of `kyc`.
    Kyc(KycEvents),
    /// An event of `manifests`.
    Manifests(ManifestsEvents),
    /// An event of `attribution`.
    Attribution(AttributionEvents),
    /// An event of `licence`.
    Licence(LicenceEvents),
    /// An event of `market`.
    Market(MarketEvents),
    /// An event of `factory`.
    Factory(FactoryEvents),
    /// An event of `coop`.
    Coop(CoopEvents),
    /// Of any contract with roles.
    Access(AccessEvents),
    /// Not one of ours, or one of ours with broken content; as it came.
    Unknown {
        /// Topic 0 is the signature's hash, if there is one.
        topics: Vec<B256>,
        /// The rest.
        data: Bytes,
    },
}

impl Event {
    /// Reads a log. The contracts' event signatures differ, so topic 0 decides.
    pub fn decode(topics: &[B256], data: &[u8]) -> Self {
        decode_as::<PoolEvents>(topics, data)
            .map(Self::Pool)
            .or_else(|| decode_as::<KycEvents>(topics, data).map(Self::Kyc))
            .or_else(|| decode_as::<ManifestsEvents>(topics, data).map(Self::Manifests))
            .or_else(|| decode_as::<AttributionEvents>(topics, data).map(Self::Attribution))
            .or_else(|| decode_as::<LicenceEvents>(topics, data).map(Self::Licence))
            .or_else(|| decode_as::<MarketEvents>(topics, data).map(Self::Market))
            .or_else(|| decode_as::<FactoryEvents>(topics, data).map(Self::Factory))
            .or_else(|| decode_as::<CoopEvents>(topics, data).map(Self::Coop))
            .or_else(|| decode_as::<AccessEvents>(topics, data).map(Self::Access))
            .unwrap_or_else(|| Self::Unknown { topics: topics.to_vec(), data: Bytes::copy_from_slice(data) })
    }
}

/// Strictly: bytes that do not encode back to themselves are not this event.
fn decode_as<E: SolEventInterface + EncodedLog>(topics: &[B256], data: &[u8]) -> Option<E> {
    let event = E::decode_raw_log(topics, data).ok()?;
    let log = event.encoded();
    (log.topics() == topics && log.data == *data).then_some(event)
}

trait EncodedLog {
    fn encoded(&self) -> alloy_primitives::LogData;
}

macro_rules! encoded_log {
    ($($events:ty),*) => {$(
        impl EncodedLog for $events {
            fn encoded(&self) -> alloy_primitives::LogData {
                alloy_primitives::IntoLogData::to_log_data(self)
            }
        }
    )*};
}
encoded_log!(
    PoolEvents,
    KycEvents,
    ManifestsEvents,
    AttributionEvents,
    LicenceEvents,
    MarketEvents,
    FactoryEvents,
    CoopEvents,
    AccessEvents
);

/// A block as its header tells of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Its height.
    pub number: u64,
    /// Its hash.
    pub hash: B256,
    /// The hash of the block before it.
    pub parent: B256,
}

impl From<BlockRef> for Head {
    fn from(block: BlockRef) -> Self {
        Self { number: block.number, hash: block.hash, parent: block.parent }
    }
}

/// What contracts told in a block, given its height and hash, in order.
pub(crate) fn told(
    events: &Events<SubstrateConfig>,
    (block_number, block_hash): (u64, B256),
    tx_hashes: &[B256],
) -> Result<Vec<ContractEvent>, ChainError> {
    let mut found = Vec::new();
    for event in events.iter() {
        let event = event.map_err(undecodable)?;
        if (event.pallet_name(), event.event_name()) != ("Revive", "ContractEmitted") {
            continue;
        }
        let emitted: ContractEmitted = event.decode_fields_unchecked_as().map_err(undecodable)?;
        found.push(ContractEvent {
            block_number,
            block_hash,
            event_index: event.index(),
            tx_hash: extrinsic_index(event.phase()).and_then(|index| tx_hashes.get(index).copied()),
            address: emitted.address(),
            event: Event::decode(&emitted.topics(), &emitted.data),
        });
    }
    Ok(found)
}

impl ChainClient {
    /// The best chain's heads, from the one of when the stream is first polled. After a reorganisation or a
    /// reconnection heads may be skipped: follow `parent` back to a known block. Nothing is asked for a head.
    ///
    /// Lost connections are waited out; the stream ends only with an error that will not pass.
    pub async fn best_heads(&self) -> Result<BoxStream<'static, Result<Head, ChainError>>, ChainError> {
        let blocks = self.ask("subscribing to best blocks", async || self.online().stream_best_blocks().await).await?;
        Ok(self.clone().heads(blocks).boxed())
    }

    /// Finalised blocks, in order, from the last one of when the stream is first polled. After a reconnection blocks
    /// may be skipped: fill in by number with [`block_hashes`](Self::block_hashes). Nothing is asked for a head.
    ///
    /// Lost connections are waited out; the stream ends only with an error that will not pass.
    pub async fn finalised_heads(&self) -> Result<BoxStream<'static, Result<Head, ChainError>>, ChainError> {
        let blocks = self.ask("subscribing to finalised blocks", async || self.online().stream_blocks().await).await?;
        Ok(self.clone().heads(blocks).boxed())
    }

    fn heads(self, blocks: Blocks<SubstrateConfig>) -> impl Stream<Item = Result<Head, ChainError>> {
        blocks.filter_map(move |block| {
            let head = match block.map_err(subxt::Error::from) {
                Ok(block) => Some(Ok(Head {
                    number: block.number(),
                    hash: from_h256(block.hash()),
                    parent: from_h256(block.header().parent_hash),
                })),
                Err(error) if crate::client::disconnected(&error) => {
                    tracing::warn!(
                        url = self.url(),
                        "connection to the node lost while following blocks, reconnecting"
                    );
                    None
                }
                Err(error) => Some(Err(self.error("following blocks", error))),
            };
            std::future::ready(head)
        })
    }
}

/// A transaction's hash: Blake2b-256 of its encoding, length prefix included.
pub(crate) fn tx_hash(bytes: &[u8]) -> B256 {
    from_h256(BlakeTwo256.hash(bytes))
}

/// Which of the block's transactions this phase belongs to.
pub(crate) fn extrinsic_index(phase: Phase) -> Option<usize> {
    match phase {
        Phase::ApplyExtrinsic(index) => usize::try_from(index).ok(),
        Phase::Initialization | Phase::Finalization => None,
    }
}

pub(crate) fn undecodable(error: EventsError) -> ChainError {
    ChainError::Decode { what: "a block's events", reason: error.to_string() }
}

#[cfg(test)]
mod tests {
    use alloy_primitives::{IntoLogData, LogData, U256};

    use super::*;
    use crate::abi::{Access, Attribution, Coop, Factory, Kyc, Licence, Manifests, Market, Pool};

    fn decode(log: &LogData) -> Event {
        Event::decode(log.topics(), &log.data)
    }

    fn a_deposit() -> Pool::Deposited {
        Pool::Deposited {
            stream: B256::repeat_byte(1),
            period: 8107,
            payer: Address::repeat_byte(2),
            amount: U256::from(10),
            toHolders: U256::from(7),
            index: U256::from(u128::MAX),
        }
    }

    #[test]
    fn each_contracts_events_come_back_as_they_were() {
        let set = Kyc::RecordSet {
            account: Address::repeat_byte(3),
            level: 2,
            jurisdiction: 246,
            accredited: true,
            expiry: 1_900_000_000,
            frozen: false,
            sanctioned: false,
            issuer: Address::repeat_byte(4),
            attested: true,
            nonce: 7,
        };
        let granted = Access::RoleGranted {
            role: B256::repeat_byte(1),
            account: Address::repeat_byte(2),
            sender: Address::repeat_byte(3),
        };
        let registered = Manifests::DatasetRegistered {
            dataset: B256::repeat_byte(5),
            version: 1,
            manifestHash: B256::repeat_byte(6),
            licenceHash: B256::repeat_byte(7),
            creator: Address::repeat_byte(8),
            registeredAt: 1,
            first: true,
        };
        let posted = Attribution::ReportPosted {
            pool: Address::repeat_byte(9),
            stream: B256::repeat_byte(1),
            period: 8107,
            revision: 0,
            reportHash: B256::repeat_byte(2),
            weightsRoot: B256::repeat_byte(3),
            finalAt: 1,
            report: Bytes::from_static(b"a report of no particular length"),
        };
        let paid = Licence::RoyaltyPaid {
            licence: B256::repeat_byte(1),
            quarter: 8107,
            principal: U256::from(5),
            interest: U256::from(1),
            outstanding: U256::ZERO,
        };
        let traded = Market::Traded {
            pool: Address::repeat_byte(9),
            seller: Address::repeat_byte(1),
            buyer: Address::repeat_byte(2),
            ask: 7,
            bid: 0,
            shares: U256::from(40),
            price: U256::from(2),
            cost: U256::from(80),
            askLeft: U256::from(60),
            bidLeft: U256::ZERO,
        };
        let listed = Factory::PoolListed { number: 1, created: true, ..Factory::PoolListed::default() };
        let proposed = Coop::ProposalCreated {
            proposalId: U256::from(7),
            targets: vec![Address::repeat_byte(1)],
            values: vec![U256::ZERO],
            signatures: vec![String::new()],
            calldatas: vec![Bytes::from_static(b"a call")],
            description: "why".into(),
            ..Coop::ProposalCreated::default()
        };
        assert_eq!(decode(&listed.to_log_data()), Event::Factory(FactoryEvents::PoolListed(listed)));
        assert_eq!(decode(&proposed.to_log_data()), Event::Coop(CoopEvents::ProposalCreated(proposed)));
        assert_eq!(decode(&paid.to_log_data()), Event::Licence(LicenceEvents::RoyaltyPaid(paid)));
        assert_eq!(decode(&traded.to_log_data()), Event::Market(MarketEvents::Traded(traded)));
        assert_eq!(decode(&a_deposit().to_log_data()), Event::Pool(PoolEvents::Deposited(a_deposit())));
        assert_eq!(decode(&set.to_log_data()), Event::Kyc(KycEvents::RecordSet(set)));
        assert_eq!(decode(&granted.to_log_data()), Event::Access(AccessEvents::RoleGranted(granted)));
        assert_eq!(decode(&registered.to_log_data()), Event::Manifests(ManifestsEvents::DatasetRegistered(registered)));
        assert_eq!(decode(&posted.to_log_data()), Event::Attribution(AttributionEvents::ReportPosted(posted)));
    }

    #[test]
    fn malformed_logs_are_unknown_and_never_panic() {
        let good = a_deposit().to_log_data();
        let topics = good.topics();
        let mut wide = topics.to_vec();
        wide[2] = B256::repeat_byte(0xff); // a period over 32 bits
        let mut long = good.data.to_vec();
        long.push(0);
        let cases: [(&[B256], &[u8]); 7] = [
            (&[], &good.data),
            (&topics[..1], &good.data),
            (&topics[..3], &good.data),
            (&wide, &good.data),
            (topics, &good.data[..good.data.len() - 1]),
            (topics, &long),
            (&[B256::repeat_byte(0xaa)], b""),
        ];
        for (topics, data) in cases {
            assert!(matches!(Event::decode(topics, data), Event::Unknown { .. }), "{topics:?} {data:?}");
        }
    }

    /// Arrays and `bytes` carry offsets and lengths of their own, which a hostile contract may set to anything.
    #[test]
    fn hostile_offsets_and_lengths_are_unknown() {
        let keys = vec![B256::repeat_byte(1)];
        let good = Attribution::CommitteeSet { epoch: 1, threshold: 1, keys }.to_log_data();
        assert!(matches!(decode(&good), Event::Attribution(_)));
        // Epoch, threshold, offset and length; the key itself may be anything.
        for word in 0..4 {
            let mut data = good.data.to_vec();
            data[word * 32..(word + 1) * 32].fill(0xff);
            assert!(matches!(Event::decode(good.topics(), &data), Event::Unknown { .. }), "word {word}");
        }
    }

    #[test]
    fn a_transaction_hash_covers_its_length_prefix() {
        // Blake2b-256 of nothing.
        let empty = "0x0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8";
        assert_eq!(tx_hash(b"").to_string(), empty);
    }
}
