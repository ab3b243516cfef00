//! What a keeper has seen of the chain: the pool's licences, their anchored checkpoints, the reports of its streams.
//! Only finalised blocks are looked at, each once.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use serde::{Deserialize, Serialize};
use yieldset_chain::{
    Address, B256, ChainClient, ChainError, ContractEvent, Deployment, Event,
    abi::{Attribution::AttributionEvents, Licence::LicenceEvents, Pool::PoolEvents},
    blocks::HASHES,
};

use super::Lines;
use crate::{
    files::{self, FileError},
    trained::{ANCHORED, Fault},
};

/// The keeper's file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Watched {
    /// The next block to look at.
    pub next_block: u64,
    /// Licences of the pool by their contract, with the sizes of their logs' anchored checkpoints.
    pub licences: BTreeMap<Address, BTreeMap<B256, BTreeSet<u64>>>,
    /// Streams with their periods for which the pool has money, or a report came.
    pub periods: BTreeSet<(B256, u32)>,
    /// What is wrong with training runs, by licence: for people, since no contract takes it.
    #[serde(default)]
    pub faults: BTreeMap<B256, Vec<Fault>>,
    /// Dataset versions that reports hold back, by stream and period.
    #[serde(default)]
    pub held: BTreeMap<B256, BTreeMap<u32, Vec<String>>>,
    /// Acts.
    pub acts: Lines,
}

impl Watched {
    /// From its file, or nothing seen yet.
    ///
    /// # Errors
    /// [`FileError`].
    pub fn load(file: &Path, deployment: &Deployment) -> Result<Self, FileError> {
        match files::is_there(file)? {
            true => files::read_json(file),
            false => Ok(Self { next_block: deployment.start_block, ..Self::default() }),
        }
    }

    /// Looks at all finalised blocks that were not looked at yet.
    ///
    /// # Errors
    /// [`ChainError`]; what was seen before it stays.
    pub async fn follow(&mut self, client: &ChainClient, pool: Address) -> Result<(), ChainError> {
        let last = client.finalised_block().await?.number;
        while self.next_block <= last {
            for hash in client.block_hashes(self.next_block, last.min(self.next_block + HASHES - 1)).await? {
                for event in client.whole_block_at(self.next_block, hash).await?.events {
                    self.see(&event, pool);
                }
                self.next_block += 1;
            }
        }
        Ok(())
    }

    /// Any contract can emit any event: whether the pool asks this one is asked where it matters.
    fn see(&mut self, event: &ContractEvent, pool: Address) {
        match &event.event {
            Event::Licence(LicenceEvents::LicenceOffered(offered)) if offered.pool == pool => {
                self.licences.entry(event.address).or_default().entry(offered.licence).or_default();
            }
            Event::Licence(LicenceEvents::CheckpointAnchored(anchored)) => {
                let known = self.licences.get_mut(&event.address).and_then(|all| all.get_mut(&anchored.licence));
                if let Some(sizes) = known {
                    sizes.insert(anchored.size);
                }
            }
            Event::Attribution(AttributionEvents::ReportPosted(posted)) if posted.pool == pool => {
                self.periods.insert((posted.stream, posted.period));
            }
            Event::Pool(PoolEvents::Deposited(deposited)) if event.address == pool => {
                self.periods.insert((deposited.stream, deposited.period));
            }
            _ => {}
        }
    }

    /// Notes in a log's folder which of its checkpoints are anchored, for `attribute`.
    ///
    /// # Errors
    /// [`FileError`].
    pub fn note_anchors(&self, log_dir: &Path) -> Result<(), FileError> {
        let sizes: BTreeSet<u64> = self.licences.values().flat_map(BTreeMap::values).flatten().copied().collect();
        files::write_json(&log_dir.join(ANCHORED), &sizes)
    }
}
