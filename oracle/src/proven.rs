//! What the registry has about a report, proven from a block's hash: saved when it is posted, checked without a node.

use serde::{Deserialize, Serialize};
use yieldset_chain::{Address, B256, Bytes, ChainClient, ChainError, abi::Attribution, state};
use yieldset_proof::{Contract, Header, ProofError, State, contract_key, record_key, storage_key, value_key};
use yieldset_rules::{committee::Committee, dispute::Standing, report::Report};

/// `report.proof.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SavedProof {
    /// The block's hash, to find it by: it is believed where the reader knows it.
    pub block_hash: B256,
    /// Its header.
    pub header: state::Header,
    /// Nodes of the state's tree, in the order of their bytes.
    pub nodes: Vec<Bytes>,
}

/// What is proven.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proven {
    /// The block's height.
    pub block: u32,
    /// Its time, in Unix seconds.
    pub time: u64,
    /// The committee of the report's epoch, as it took office.
    pub committee: Committee,
    /// Of its keys a bit for each that was revoked since, the first one's the lowest.
    pub revoked: u16,
    /// The report of its period, and where it is in the game.
    pub standing: Standing,
}

/// A storage key of the registry's: a tag, then parts, then zeros, as `contracts/attribution/src/store.rs` has them.
fn key(tag: &[u8; 4], parts: &[&[u8]]) -> Vec<u8> {
    let mut key = [&tag[..], &parts.concat()].concat();
    key.resize(60, 0);
    key
}

/// The committee of an epoch, with the time at which it took office before it.
fn committee_key(epoch: u32) -> Vec<u8> {
    key(b"com/", &[b"of/", &epoch.to_be_bytes()])
}

fn period_key(report: &Report) -> Vec<u8> {
    key(b"rep/", &[&report.pool, &report.stream, &report.period.to_be_bytes()])
}

fn revoked_key(public: &[u8; 32]) -> Vec<u8> {
    key(b"rev/", &[public])
}

fn time_key() -> Vec<u8> {
    value_key("Timestamp", "Now")
}

/// Asks a node for the proof, in the state after the block `at`.
///
/// # Errors
/// [`ChainError`].
pub async fn fetch(client: &ChainClient, report: &Report, at: B256) -> Result<SavedProof, ChainError> {
    let contract = Bytes::from(contract_key(&report.registry));
    let none = || ChainError::NoContract(Address::from(report.registry));
    let record = client.storage_at(at, &contract).await?.ok_or_else(none)?;
    let storage = Bytes::from(storage_key(&record).ok_or_else(none)?);
    let mut records = vec![committee_key(report.epoch), period_key(report)];
    let call = Attribution::committeeOfCall { epoch: report.epoch };
    let office = client.read_at(at, Address::from(report.registry), &call).await?;
    records.extend(office.keys.iter().map(|key| revoked_key(&key.0)));
    let records: Vec<Bytes> = records.iter().map(|key| record_key(key).into()).collect();
    let mut nodes = client.read_proof(at, None, &[contract, storage.clone(), time_key().into()]).await?;
    nodes.extend(client.read_proof(at, Some(&storage), &records).await?);
    nodes.sort();
    nodes.dedup();
    Ok(SavedProof { block_hash: at, header: client.header(at).await?, nodes })
}

impl SavedProof {
    /// What it proves about a report, in the state after the block that the reader knows.
    ///
    /// # Errors
    /// [`ProofError`].
    pub fn check(&self, known: &[u8; 32], report: &Report) -> Result<Proven, ProofError> {
        if self.block_hash.0 != *known {
            return Err(ProofError::OtherBlock { got: self.block_hash.0, known: *known });
        }
        let header = Header {
            parent: self.header.parent_hash.0,
            number: self.header.number.try_into().unwrap_or(u32::MAX),
            state_root: self.header.state_root.0,
            extrinsics_root: self.header.extrinsics_root.0,
            logs: self.header.digest.logs.iter().map(|log| log.to_vec()).collect(),
        };
        let nodes: Vec<Vec<u8>> = self.nodes.iter().map(|node| node.to_vec()).collect();
        let state = State::of(&header, &nodes, known)?;
        let registry = state.contract(&report.registry)?;
        let committee = committee(&registry, report.epoch)?;
        let mut revoked = 0;
        for (at, public) in committee.keys().enumerate() {
            if registry.record(&revoked_key(&public), "a key's revocation")?.is_some() {
                revoked |= 1 << at;
            }
        }
        let missing = ProofError::Incomplete("the report");
        let standing = registry.record(&period_key(report), "the report")?.ok_or(missing.clone())?;
        // What other contracts rely on comes after it.
        let standing = standing.first_chunk::<{ Standing::LEN }>().ok_or(missing)?;
        let missing = ProofError::Incomplete("the block's time");
        let time = state.value(&time_key(), "the block's time")?;
        let time = time.and_then(|time| time.try_into().ok()).map(u64::from_le_bytes).ok_or(missing)?;
        let standing = Standing::from_bytes(standing);
        Ok(Proven { block: header.number, time: time / 1_000, committee, revoked, standing })
    }
}

/// The committee of an epoch.
fn committee(registry: &Contract<'_>, epoch: u32) -> Result<Committee, ProofError> {
    let missing = ProofError::Incomplete("the committee");
    let record = registry.record(&committee_key(epoch), "the committee")?.ok_or(missing.clone())?;
    let committee = record.get(8..).and_then(|record| record.first_chunk::<{ Committee::LEN }>()).ok_or(missing)?;
    Ok(Committee::from_bytes(committee))
}
