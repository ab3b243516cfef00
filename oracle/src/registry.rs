//! What the registry of datasets has about each version, at one block. The block is named in the settlement, so whoever
//! asks the same block is told the same: neither a hand-over nor a redaction that comes later changes an older report.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use yieldset_chain::{
    Address, B256, ChainClient, ChainError, Deployment,
    abi::{Attribution, Manifests},
    client::BlockRef,
};
use yieldset_rules::{
    period::quarter_start,
    provenance::{VersionState, earning::Registered},
};

use crate::{attribution::Version, dataset_id, files::hex_bytes, hex0x, period_name, settlement::Settlement};

/// Earlier versions that are looked at for a redaction. A version of a dataset with more of them must name who
/// registered or owns it.
const MAX_EARLIER: u32 = 256;

/// For whom the registry was asked, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seen {
    /// The pool that datasets must belong to.
    #[serde(with = "hex_bytes")]
    pub pool: [u8; 20],
    /// Height of the block.
    pub block: u64,
    /// Its hash.
    #[serde(with = "hex_bytes")]
    pub block_hash: [u8; 32],
}

/// What the registry has about a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Registration {
    /// Its number in its dataset.
    pub version: u32,
    /// The pool that the dataset is in; zero for none.
    #[serde(with = "hex_bytes")]
    pub pool: [u8; 20],
    /// Unix seconds.
    pub registered_at: u64,
    /// Unix seconds of its withdrawal or redaction, the earlier one; nothing while it stands.
    pub closed_at: Option<u64>,
    /// Whether whom it names may be paid for it.
    pub payee: bool,
    /// Whether it is closed by a redaction, which takes its texts away, and not by its creator's withdrawal alone.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub redacted: bool,
}

impl Registration {
    /// As the rules ask for it.
    pub fn registered(&self) -> Registered {
        Registered { pool: self.pool, registered_at: self.registered_at, closed_at: self.closed_at }
    }
}

/// The registry's answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registry {
    /// For whom, and when.
    pub seen: Seen,
    /// By manifest hash; what is not here is not registered.
    pub registrations: BTreeMap<[u8; 32], Registration>,
}

/// Why a settlement is not what the registry says.
#[derive(Debug, thiserror::Error)]
pub enum Mismatch {
    /// Nobody asked.
    #[error(
        "nobody asked the chain whether these datasets are registered, in the pool and trained on; run `attribute` again with \
         --node-url"
    )]
    NotAsked,
    /// Asked for another pool.
    #[error(
        "its datasets are those of the pool {got}, it is for {expected}; run `attribute` again with this deployment"
    )]
    OtherPool {
        /// In the settlement.
        got: String,
        /// Where it belongs.
        expected: String,
    },
    /// Not a block to ask at.
    #[error("it asked the registry at block {block}, {reason}; run `attribute` again with --node-url")]
    Block {
        /// Its height.
        block: u64,
        /// What is wrong with it.
        reason: String,
    },
    /// The registry says something else.
    #[error("of {version} it says {said}, the registry at block {block} {chain}; do not believe it")]
    Registration {
        /// Which version.
        version: String,
        /// The block asked at.
        block: u64,
        /// In the settlement.
        said: String,
        /// On chain.
        chain: String,
    },
    /// The node does not answer for that block.
    #[error(
        "the registry as of block {block} could not be read ({source}); where the node does not keep the states of old blocks, \
         ask one that does"
    )]
    Unread {
        /// Its height.
        block: u64,
        /// Why.
        source: Box<ChainError>,
    },
}

impl Registry {
    /// Asks about versions, in the state after a block.
    ///
    /// # Errors
    /// [`ChainError`], also where the node does not have that state any more.
    pub async fn ask(
        client: &ChainClient,
        deployment: &Deployment,
        at: &BlockRef,
        versions: impl IntoIterator<Item = &Version>,
    ) -> Result<Self, ChainError> {
        let seen = Seen { pool: deployment.pool.into_array(), block: at.number, block_hash: at.hash.0 };
        let asker = Asker { client, deployment, at };
        let mut registrations = BTreeMap::new();
        for version in versions {
            if let Some(found) = asker.registration(version).await? {
                registrations.insert(version.manifest_hash, found);
            }
        }
        Ok(Self { seen, registrations })
    }

    /// The answers that a settlement names; `None` where nobody asked.
    pub fn named(settlement: &Settlement) -> Option<Self> {
        let compared = settlement.manifests.iter().map(|one| (one.manifest_hash, one.registration));
        let left_out = settlement.left_out.iter().map(|one| (one.manifest_hash, one.registration));
        let registrations = compared.chain(left_out).filter_map(|(hash, found)| Some((hash, found?))).collect();
        Some(Self { seen: settlement.seen?, registrations })
    }
}

/// One who asks about versions.
struct Asker<'a> {
    client: &'a ChainClient,
    deployment: &'a Deployment,
    at: &'a BlockRef,
}

impl Asker<'_> {
    async fn registration(&self, version: &Version) -> Result<Option<Registration>, ChainError> {
        let (client, registry) = (self.client, self.deployment.manifests);
        let (dataset, manifest) = (B256::from(version.dataset_id), B256::from(version.manifest_hash));
        let call = Manifests::manifestOfCall { dataset, manifestHash: manifest };
        let found = client.read_at(self.at.hash, registry, &call).await?;
        if found.version == 0 {
            return Ok(None);
        }
        let pool = client.read_at(self.at.hash, registry, &Manifests::poolOfCall { dataset }).await?;
        let named = found.creator == Address::from(version.account)
            || version.dataset_id == dataset_id(&version.account, &version.dataset);
        let payee = named || !self.by_redaction(dataset, found.version, found.registeredAt).await?;
        let (closed_at, redacted) = self.closed(dataset, found.version).await?;
        Ok(Some(Registration {
            version: found.version,
            pool: pool.into_array(),
            registered_at: found.registeredAt,
            closed_at,
            payee,
            redacted,
        }))
    }

    async fn status(&self, at: B256, dataset: B256, version: u32) -> Result<Manifests::statusOfReturn, ChainError> {
        self.client.read_at(at, self.deployment.manifests, &Manifests::statusOfCall { dataset, version }).await
    }

    /// When a version was closed first, and whether it is redacted. Of one that is the registry tells only when that
    /// was: whether it was withdrawn before, the state before that second tells.
    async fn closed(&self, dataset: B256, version: u32) -> Result<(Option<u64>, bool), ChainError> {
        let status = self.status(self.at.hash, dataset, version).await?;
        if status.state == VersionState::Registered as u8 {
            return Ok((None, false));
        }
        let redacted = status.state == VersionState::Redacted as u8;
        if redacted {
            let range = (self.deployment.start_block, self.at.number);
            let block = first_block_since(self.client, range, status.closedAt).await?;
            let before = self.client.block_hash_at(block.saturating_sub(1)).await?;
            if let Some(before) = before.filter(|_| block > self.deployment.start_block) {
                let earlier = self.status(before, dataset, version).await?;
                if earlier.state == VersionState::Withdrawn as u8 {
                    return Ok((Some(earlier.closedAt), redacted));
                }
            }
        }
        Ok((Some(status.closedAt), redacted))
    }

    /// Whether a version may have come by a redaction: in the second in which an earlier one was redacted for it.
    async fn by_redaction(&self, dataset: B256, version: u32, registered_at: u64) -> Result<bool, ChainError> {
        if version > MAX_EARLIER {
            return Ok(true);
        }
        for earlier in 1..version {
            let found = self.status(self.at.hash, dataset, earlier).await?;
            if found.replacedBy == version && found.closedAt == registered_at {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// The first block of a range whose time is a second or later; the range's end where none is.
///
/// # Errors
/// [`ChainError`].
pub async fn first_block_since(client: &ChainClient, (from, to): (u64, u64), time: u64) -> Result<u64, ChainError> {
    let (mut from, mut to) = (from, to);
    while from < to {
        let middle = from + (to - from) / 2;
        match client.block_hash_at(middle).await? {
            Some(hash) if client.block(hash).await?.timestamp_ms / 1_000 < time => from = middle + 1,
            _ => to = middle,
        }
    }
    Ok(from)
}

/// Whether a settlement says what the registry says, at the block that it names: after its period, and no later than
/// its report was posted (in Unix seconds), where it was. Of the versions that it leaves out those are asked about that
/// are at hand.
///
/// # Errors
/// [`Mismatch`].
pub async fn check(
    client: &ChainClient,
    deployment: &Deployment,
    settlement: &Settlement,
    others: &[Version],
    posted_at: Option<u64>,
) -> Result<(), Mismatch> {
    let named = Registry::named(settlement).ok_or(Mismatch::NotAsked)?;
    let Seen { pool, block, block_hash } = named.seen;
    let unread = |source: ChainError| Mismatch::Unread { block, source: Box::new(source) };
    if pool != deployment.pool.into_array() {
        let (got, expected) = (hex0x(&pool), hex0x(deployment.pool.as_slice()));
        return Err(Mismatch::OtherPool { got, expected });
    }
    let hash = client.block_hash_at(block).await.map_err(unread)?;
    if hash.is_none_or(|hash| hash.0 != block_hash) {
        return Err(Mismatch::Block { block, reason: "which is none of this chain".into() });
    }
    let at = client.block(block_hash.into()).await.map_err(unread)?;
    check_time(settlement.period, block, at.timestamp_ms / 1_000, posted_at)?;
    let asked = settlement.manifests.iter().chain(others);
    let found = Registry::ask(client, deployment, &at, asked.clone()).await.map_err(unread)?;
    for version in asked {
        let [said, chain] = [&named, &found].map(|one| one.registrations.get(&version.manifest_hash).copied());
        if said != chain {
            let version = format!("{} of {}", hex0x(&version.manifest_hash), version.dataset);
            let [said, chain] = [said, chain].map(told);
            return Err(Mismatch::Registration { version, block, said, chain });
        }
    }
    Ok(())
}

fn told(registration: Option<Registration>) -> String {
    registration.map_or_else(|| "that it is not registered".into(), |found| format!("{found:?}"))
}

/// The block's time, in Unix seconds.
fn check_time(period: u32, block: u64, time: u64, posted_at: Option<u64>) -> Result<(), Mismatch> {
    let reason = if time < quarter_start(period.saturating_add(1)) {
        format!("when {} was not over", period_name(period))
    } else if posted_at.is_some_and(|posted_at| time > posted_at) {
        "after its report was posted".into()
    } else {
        return Ok(());
    };
    Err(Mismatch::Block { block, reason })
}

/// When a period's report was posted, in Unix seconds; zero where there is none.
///
/// # Errors
/// [`ChainError`].
pub async fn posted_at(
    client: &ChainClient,
    (pool, registry): (Address, Address),
    (stream, period): ([u8; 32], u32),
) -> Result<u64, ChainError> {
    let call = Attribution::reportOfCall { pool, stream: B256::from(stream), period };
    Ok(client.read(registry, &call).await?.postedAt)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Proves SAFE-14: the registry is asked when the period is over, so that all of it is known, and no later than the
    /// report was posted, so that nothing later counts; both to the second.
    #[test]
    fn the_registry_is_asked_between_period_and_report() {
        /// 1 January 2027.
        const ENDS: u64 = 1_798_761_600;
        let at = |time, posted_at| check_time(8_107, 9, time, posted_at).map_err(|error| error.to_string());
        assert_eq!(at(ENDS, None), Ok(()));
        assert!(at(ENDS - 1, None).is_err_and(|error| error.contains("2026Q4 was not over")));
        assert_eq!(at(ENDS + 9, Some(ENDS + 9)), Ok(()));
        assert!(at(ENDS + 10, Some(ENDS + 9)).is_err_and(|error| error.contains("after its report")));
    }
}
