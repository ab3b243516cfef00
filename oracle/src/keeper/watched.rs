//! What a keeper has seen of the chain: the pool's licences, their anchored checkpoints, the money of its streams. Only
//! finalised blocks are looked at, each once, and once more where the pool adopts another licence contract.
//!
//! Any contract can emit any event, and what is remembered is asked about in each round, for ever. So only the pool and
//! its licence contracts are heard: what they tell somebody has paid for.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use serde::{Deserialize, Serialize};
use yieldset_chain::{
    Address, B256, ChainClient, ChainError, ContractEvent, Deployment, Event,
    abi::{Licence::LicenceEvents, Pool::PoolEvents},
    acts::licences::Of,
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
    /// Licences of the pool by their contract, with the sizes of their logs' anchored checkpoints. A contract that is
    /// not here is not heard.
    pub licences: BTreeMap<Address, BTreeMap<B256, BTreeSet<u64>>>,
    /// Streams with their periods in which the pool has money.
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
        let mut watched: Self = match files::is_there(file)? {
            true => files::read_json(file)?,
            false => Self { next_block: deployment.start_block, ..Self::default() },
        };
        watched.licences.entry(deployment.licence).or_default();
        Ok(watched)
    }

    /// Hears the licence contract that the pool follows now, too: its holders may have adopted it since the last round,
    /// and what it told before that is looked for from the first block on. What any other contract told, which files of
    /// before have, is forgotten.
    ///
    /// # Errors
    /// [`ChainError`], also where the node does not have the states of those blocks any more; then it is not heard yet.
    pub async fn hear(
        &mut self,
        client: &ChainClient,
        deployment: &Deployment,
        current: Address,
    ) -> Result<(), ChainError> {
        self.forget_others([deployment.licence, current]);
        if !self.licences.contains_key(&current) {
            let mut before = Self { next_block: deployment.start_block, ..Self::default() };
            before.licences.entry(current).or_default();
            before.follow_until(client, deployment.pool, self.next_block).await?;
            self.licences.append(&mut before.licences);
        }
        Ok(())
    }

    /// Forgets what contracts but these told of licences.
    fn forget_others(&mut self, ours: [Address; 2]) {
        self.licences.retain(|contract, _| ours.contains(contract));
    }

    /// Looks at all finalised blocks that were not looked at yet.
    ///
    /// # Errors
    /// [`ChainError`]; what was seen before it stays.
    pub async fn follow(&mut self, client: &ChainClient, pool: Address) -> Result<(), ChainError> {
        let last = client.finalised_block().await?.number;
        self.follow_until(client, pool, last + 1).await
    }

    /// Looks at the blocks before this one.
    async fn follow_until(&mut self, client: &ChainClient, pool: Address, end: u64) -> Result<(), ChainError> {
        while self.next_block < end {
            for hash in client.block_hashes(self.next_block, end.min(self.next_block + HASHES) - 1).await? {
                for event in client.whole_block_at(self.next_block, hash).await?.events {
                    self.see(&event, pool);
                }
                self.next_block += 1;
            }
        }
        Ok(())
    }

    fn see(&mut self, event: &ContractEvent, pool: Address) {
        match &event.event {
            Event::Licence(told) => {
                let Some(licences) = self.licences.get_mut(&event.address) else { return };
                match told {
                    LicenceEvents::LicenceOffered(offered) if offered.pool == pool => {
                        licences.entry(offered.licence).or_default();
                    }
                    LicenceEvents::CheckpointAnchored(anchored) => {
                        if let Some(sizes) = licences.get_mut(&anchored.licence) {
                            sizes.insert(anchored.size);
                        }
                    }
                    _ => {}
                }
            }
            Event::Pool(PoolEvents::Deposited(deposited)) if event.address == pool => {
                self.periods.insert((deposited.stream, deposited.period));
            }
            Event::Pool(PoolEvents::WaitingCarried(carried)) if event.address == pool => {
                self.periods.insert((carried.stream, carried.to));
            }
            _ => {}
        }
    }

    /// Sizes of a log's checkpoints that may be anchored for a licence, where the log has so many records: those that
    /// its contract told, and all of it.
    pub fn candidates(&self, licence: Of, log_size: u64) -> Vec<u64> {
        let told = self.licences.get(&licence.contract).and_then(|all| all.get(&licence.licence));
        told.into_iter().flat_map(|sizes| sizes.range(..log_size)).copied().chain([log_size]).collect()
    }

    /// Notes in a log's folder which of its checkpoints are anchored, for `attribute`; the log has so many records, and
    /// none of more.
    ///
    /// # Errors
    /// [`FileError`].
    pub fn note_anchors(&self, log_dir: &Path, log_size: u64) -> Result<(), FileError> {
        let all = self.licences.values().flat_map(BTreeMap::values);
        let sizes: BTreeSet<u64> = all.flat_map(|sizes| sizes.range(..=log_size)).copied().collect();
        files::write_json(&log_dir.join(ANCHORED), &sizes)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use yieldset_chain::abi::{
        Attribution::{self, AttributionEvents},
        Licence, Pool,
    };

    use super::*;
    use crate::trained;

    const POOL: Address = Address::repeat_byte(1);
    const LICENCES: Address = Address::repeat_byte(2);
    const STRANGER: Address = Address::repeat_byte(3);
    const LICENCE: B256 = B256::repeat_byte(4);
    const STREAM: B256 = B256::repeat_byte(5);

    fn deployment() -> Deployment {
        Deployment {
            chain_id: 1,
            genesis: B256::ZERO,
            start_block: 7,
            kyc: Address::ZERO,
            pool: POOL,
            manifests: Address::ZERO,
            attribution: Address::ZERO,
            licence: LICENCES,
            market: Address::ZERO,
            factory: Address::ZERO,
            coop: Address::ZERO,
        }
    }

    /// What a contract tells of the pool's licence, of two checkpoints of it, and of money in two periods of a stream.
    fn told_by(address: Address) -> Vec<ContractEvent> {
        let anchored = |size| {
            let told = Licence::CheckpointAnchored { licence: LICENCE, size, ..Licence::CheckpointAnchored::default() };
            Event::Licence(LicenceEvents::CheckpointAnchored(told))
        };
        let offered = Licence::LicenceOffered { licence: LICENCE, pool: POOL, ..Licence::LicenceOffered::default() };
        let deposited = Pool::Deposited { stream: STREAM, period: 8_107, ..Pool::Deposited::default() };
        let carried = Pool::WaitingCarried { stream: STREAM, to: 8_108, ..Pool::WaitingCarried::default() };
        let events = [
            Event::Licence(LicenceEvents::LicenceOffered(offered)),
            anchored(5),
            anchored(u64::MAX),
            Event::Pool(PoolEvents::Deposited(deposited)),
            Event::Pool(PoolEvents::WaitingCarried(carried)),
        ];
        let event = |event| ContractEvent {
            block_number: 9,
            block_hash: B256::ZERO,
            event_index: 0,
            tx_hash: None,
            address,
            event,
        };
        events.into_iter().map(event).collect()
    }

    /// Proves SAFE-4 for keepers: whatever a stranger's contract tells, of licences, checkpoints, money or reports of
    /// the pool, is not remembered; what the pool and its licence contract tell is, each of its own. Before, each round
    /// asked the chain about all of it, for ever.
    #[test]
    fn strangers_are_not_heard() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let nothing = Watched::load(&folder.path().join("keeper.json"), &deployment()).expect("no file");
        assert_eq!((nothing.next_block, nothing.licences.len()), (7, 1));
        let seen = |events: &[ContractEvent]| {
            let mut watched = nothing.clone();
            events.iter().for_each(|event| watched.see(event, POOL));
            watched
        };
        assert_eq!(seen(&told_by(STRANGER)), nothing);
        let posted = Attribution::ReportPosted { pool: POOL, stream: STREAM, ..Attribution::ReportPosted::default() };
        let posted = Event::Attribution(AttributionEvents::ReportPosted(posted));
        let reports = told_by(STRANGER).into_iter().map(|event| ContractEvent { event: posted.clone(), ..event });
        assert_eq!(seen(&reports.collect::<Vec<_>>()), nothing);
        let sizes = BTreeMap::from([(LICENCE, BTreeSet::from([5, u64::MAX]))]);
        let offered = Watched { licences: BTreeMap::from([(LICENCES, sizes)]), ..nothing.clone() };
        assert_eq!(seen(&told_by(LICENCES)), offered);
        let paid = Watched { periods: BTreeSet::from([(STREAM, 8_107), (STREAM, 8_108)]), ..nothing.clone() };
        assert_eq!(seen(&told_by(POOL)), paid);
    }

    /// A keeper's file of before goes on where it was, without the licences that strangers' contracts told of.
    #[test]
    fn files_of_before_lose_what_strangers_told() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let file = folder.path().join("keeper.json");
        let next = Address::repeat_byte(6);
        let licences = json!({LICENCES.to_string(): {LICENCE.to_string(): [5]}, next.to_string(): {},
            STRANGER.to_string(): {LICENCE.to_string(): [1, 2, 3]}});
        let before = json!({"next_block": 40, "licences": licences, "periods": [[STREAM, 8_107]], "acts": {}});
        files::write_json(&file, &before).expect("written");
        let mut watched = Watched::load(&file, &deployment()).expect("read");
        watched.forget_others([LICENCES, next]);
        let sizes = BTreeMap::from([(LICENCE, BTreeSet::from([5]))]);
        let expected = Watched {
            next_block: 40,
            licences: BTreeMap::from([(LICENCES, sizes), (next, BTreeMap::new())]),
            periods: BTreeSet::from([(STREAM, 8_107)]),
            ..Watched::default()
        };
        assert_eq!(watched, expected);
    }

    /// No checkpoint is asked for that the log cannot have, nor one of another licence for this one; `attribute` gets
    /// those that the log can have.
    #[test]
    fn checkpoints_are_no_larger_than_the_log() {
        let sizes = |sizes: &[u64]| sizes.iter().copied().collect::<BTreeSet<_>>();
        let other = B256::repeat_byte(7);
        let licences = BTreeMap::from([(LICENCE, sizes(&[3, 9, 10, 11, u64::MAX])), (other, sizes(&[4, 12]))]);
        let watched = Watched { licences: BTreeMap::from([(LICENCES, licences)]), ..Watched::default() };
        let of = |contract, licence| watched.candidates(Of { contract, licence }, 10);
        assert_eq!(of(LICENCES, LICENCE), [3, 9, 10]);
        assert_eq!(of(LICENCES, other), [4, 10]);
        assert_eq!(of(STRANGER, LICENCE), [10]);
        let folder = tempfile::tempdir().expect("temporary folder");
        watched.note_anchors(folder.path(), 10).expect("written");
        assert_eq!(trained::candidates(folder.path(), 10).expect("read"), [3, 4, 9, 10]);
    }
}
