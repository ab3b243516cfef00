//! Which dataset versions a report compares, and which it leaves out (ATT-1).
//!
//! What one version or one record has wrong never stops the others' money: it is left out, counted and named in the
//! attribution, the settlement and the report's file. What the registry says of a version counts as it was in the
//! period, so the answer is the same whenever it is asked after the period's end:
//!
//! - registered before the period ended, and not withdrawn before it began. A redacted version's text must not be used,
//!   so that is left out where it was redacted by the period's end;
//! - paid is whom the manifest names. Only a dataset's owner registers its versions, so that is whom the owner named
//!   then, and a hand-over changes no older version. A privacy officer registers versions too, by a redaction: such a
//!   one must name who registered the dataset or who owns it;
//! - of a dataset whose versions name several accounts, the latest version decides: nobody is paid twice for one
//!   dataset, and who took it over is paid from the period of their first version on.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use yieldset_chain::{
    Address, B256, ChainClient, ChainError, Deployment, Event,
    abi::{
        Attribution::{self, AttributionEvents},
        Manifests,
    },
};
use yieldset_rules::{dispute::Phase, period::quarter_start, provenance::VersionState, report::Report};

use crate::{attribution::Version, dataset_id, files::hex_bytes, hex0x, slug_id};

/// Earlier versions that are looked at for a redaction. A version of a dataset with more of them must name who
/// registered or owns it.
const MAX_EARLIER: u32 = 256;

/// Why a dataset version is not compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// A training run names it, and it is not among the manifests.
    Unknown,
    /// Its files are not what its manifest says, or its embeddings not its texts'.
    Damaged,
    /// Its licence has another metric or threshold than the report.
    OtherTerms,
    /// Not registered on chain before the period ended.
    Unregistered,
    /// Withdrawn before the period began.
    Withdrawn,
    /// Redacted before the period ended.
    Redacted,
    /// Registered by a redaction, and it names neither who registered the dataset nor who owns it.
    OtherPayee,
    /// A later version of its dataset names another account.
    HandedOver,
}

impl Reason {
    /// Whether it follows from the registry, not from log and manifests.
    pub fn is_the_chains(self) -> bool {
        matches!(self, Self::Unregistered | Self::Withdrawn | Self::Redacted | Self::OtherPayee | Self::HandedOver)
    }
}

/// A dataset version that is not compared.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeftOut {
    /// SHA-256 of its manifest.
    #[serde(with = "hex_bytes")]
    pub manifest_hash: [u8; 32],
    /// The slug; nothing where the manifest is not here.
    pub dataset: Option<String>,
    /// Why.
    pub reason: Reason,
    /// The model's training runs in the log that read it.
    pub records: u64,
}

/// What the registry has about a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Registration {
    /// Its number in its dataset.
    pub version: u32,
    /// Unix seconds.
    pub registered_at: u64,
    /// Where it stands now.
    pub state: VersionState,
    /// Unix seconds of its withdrawal or redaction, the later one; zero where there was none.
    pub closed_at: u64,
    /// Whether whom it names may be paid for it.
    pub payee: bool,
}

/// Asks the registry about a version; `None` where it is not registered.
///
/// # Errors
/// [`ChainError`].
pub async fn look_up(
    client: &ChainClient,
    deployment: &Deployment,
    version: &Version,
) -> Result<Option<Registration>, ChainError> {
    let (dataset, manifest) = (B256::from(version.dataset_id), B256::from(version.manifest_hash));
    let call = Manifests::manifestOfCall { dataset, manifestHash: manifest };
    let found = client.read(deployment.manifests, &call).await?;
    if found.version == 0 {
        return Ok(None);
    }
    let status =
        client.read(deployment.manifests, &Manifests::statusOfCall { dataset, version: found.version }).await?;
    let named = found.creator == Address::from(version.account)
        || version.dataset_id == dataset_id(&version.account, &version.dataset);
    let payee = named || !by_redaction(client, deployment, dataset, found.version, found.registeredAt).await?;
    Ok(Some(Registration {
        version: found.version,
        registered_at: found.registeredAt,
        state: match status.state {
            1 => VersionState::Registered,
            2 => VersionState::Withdrawn,
            3 => VersionState::Redacted,
            _ => VersionState::Unknown,
        },
        closed_at: status.closedAt,
        payee,
    }))
}

/// Whether a version may have come by a redaction: in the second in which an earlier one was redacted for it.
async fn by_redaction(
    client: &ChainClient,
    deployment: &Deployment,
    dataset: B256,
    version: u32,
    registered_at: u64,
) -> Result<bool, ChainError> {
    if version > MAX_EARLIER {
        return Ok(true);
    }
    for earlier in 1..version {
        let call = Manifests::statusOfCall { dataset, version: earlier };
        let found = client.read(deployment.manifests, &call).await?;
        if found.replacedBy == version && found.closedAt == registered_at {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Asks about all of them, in order.
///
/// # Errors
/// [`ChainError`].
pub async fn look_up_all(
    client: &ChainClient,
    deployment: &Deployment,
    versions: &[Version],
) -> Result<Vec<Option<Registration>>, ChainError> {
    let mut found = Vec::with_capacity(versions.len());
    for version in versions {
        found.push(look_up(client, deployment, version).await?);
    }
    Ok(found)
}

/// Why each version is not compared in a period; `None` where it is.
pub fn judge(versions: &[Version], registered: &[Option<Registration>], period: u32) -> Vec<Option<Reason>> {
    let (begins, ends) = (quarter_start(period), quarter_start(period.saturating_add(1)));
    let alone = |found: &Option<Registration>| {
        let Some(found) = found.filter(|found| found.registered_at < ends) else { return Some(Reason::Unregistered) };
        match found.state {
            VersionState::Unknown => Some(Reason::Unregistered),
            VersionState::Withdrawn if found.closed_at < begins => Some(Reason::Withdrawn),
            VersionState::Redacted if found.closed_at < ends => Some(Reason::Redacted),
            _ if !found.payee => Some(Reason::OtherPayee),
            _ => None,
        }
    };
    let mut reasons: Vec<Option<Reason>> = registered.iter().map(alone).collect();
    // The account that each dataset's latest version names.
    let mut latest: BTreeMap<[u8; 32], (u32, [u8; 20])> = BTreeMap::new();
    for ((version, found), reason) in versions.iter().zip(registered).zip(&reasons) {
        if let (Some(found), None) = (found, reason) {
            let named = latest.entry(version.dataset_id).or_default();
            *named = (*named).max((found.version, version.account));
        }
    }
    for (version, reason) in versions.iter().zip(&mut reasons) {
        let earlier = latest.get(&version.dataset_id).is_some_and(|(_, account)| *account != version.account);
        if reason.is_none() && earlier {
            *reason = Some(Reason::HandedOver);
        }
    }
    reasons
}

/// Takes what is not compared out of `datasets`, and names it; records are not counted yet.
pub fn leave_out<T>(
    datasets: Vec<T>,
    reasons: Vec<Option<Reason>>,
    version: impl Fn(&T) -> Version,
) -> (Vec<T>, Vec<LeftOut>) {
    let (mut compared, mut left_out) = (Vec::new(), Vec::new());
    for (dataset, reason) in datasets.into_iter().zip(reasons) {
        match reason {
            None => compared.push(dataset),
            Some(reason) => {
                let Version { dataset, manifest_hash, .. } = version(&dataset);
                left_out.push(LeftOut { manifest_hash, dataset: Some(dataset), reason, records: 0 });
            }
        }
    }
    (compared, left_out)
}

/// A line about what was left out, for logs and people; nothing where nothing was.
pub fn summary(left_out: &[LeftOut]) -> Option<String> {
    let one = |one: &LeftOut| {
        let name = one.dataset.as_deref().unwrap_or("a dataset that is not here");
        // As in the files.
        let reason = serde_json::to_value(one.reason).ok().and_then(|name| name.as_str().map(str::to_owned));
        let (hash, reason) = (hex0x(&one.manifest_hash), reason.unwrap_or_default());
        format!("{hash} of {name} ({reason}, {} training runs)", one.records)
    };
    let list: Vec<String> = left_out.iter().map(one).collect();
    (!list.is_empty()).then(|| format!("{} dataset versions are left out: {}", list.len(), list.join("; ")))
}

/// Which report of the stream was accepted before: what came to the log after it, of a period that it or an earlier one
/// has reported, is late and counts in this one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum After {
    /// Nobody looked, or the one before is withdrawn, so that its revision counts its period anew.
    #[default]
    Unknown,
    /// It is the stream's first.
    First,
    /// The report before.
    Report {
        /// Its period.
        period: u32,
        /// Records of the log when it was made.
        log_size: u64,
    },
}

impl After {
    /// Whether a record at this leaf is late: its period was reported before it came.
    pub fn is_late(self, period: u32, leaf: u64) -> bool {
        matches!(self, Self::Report { period: reported, log_size } if period <= reported && leaf >= log_size)
    }
}

/// What was reported before a period of a stream, as the pool's registry has it. How long the log was then, only the
/// report's bytes tell: they are in the event of its posting. From a node that does not keep events it is unknown.
///
/// # Errors
/// [`ChainError`].
pub async fn reported_before(
    client: &ChainClient,
    deployment: &Deployment,
    stream: [u8; 32],
    period: u32,
) -> Result<After, ChainError> {
    let (pool, stream) = (deployment.pool, B256::from(stream));
    let call = Attribution::placeOfCall { pool, stream, period };
    let before = client.read(deployment.attribution, &call).await?.previousPeriod;
    if before == 0 {
        return Ok(After::First);
    }
    let call = Attribution::disputeOfCall { pool, stream, period: before };
    if client.read(deployment.attribution, &call).await?.phase == Phase::Withdrawn as u8 {
        return Ok(After::Unknown);
    }
    let call = Attribution::reportOfCall { pool, stream, period: before };
    let report = client.read(deployment.attribution, &call).await?;
    match log_size(client, deployment, report.reportHash, report.postedAt).await {
        Ok(Some(log_size)) => Ok(After::Report { period: before, log_size }),
        Ok(None) => Ok(After::Unknown),
        Err(error) => {
            tracing::warn!(%error, "the report before is not found; late records are not looked for");
            Ok(After::Unknown)
        }
    }
}

/// The log size in a report that was posted at a time, from the event.
async fn log_size(
    client: &ChainClient,
    deployment: &Deployment,
    hash: B256,
    posted_at: u64,
) -> Result<Option<u64>, ChainError> {
    let block = async |number: u64| -> Result<Option<(B256, u64)>, ChainError> {
        let Some(hash) = client.block_hash_at(number).await? else { return Ok(None) };
        Ok(Some((hash, client.block(hash).await?.timestamp_ms / 1_000)))
    };
    let last = client.best_block().await?.number;
    let (mut from, mut to) = (deployment.start_block, last);
    while from < to {
        let middle = from + (to - from) / 2;
        match block(middle).await? {
            Some((_, time)) if time < posted_at => from = middle + 1,
            _ => to = middle,
        }
    }
    // Blocks of one second follow each other.
    for number in from..=last {
        let Some((at, _)) = block(number).await?.filter(|(_, time)| *time == posted_at) else { break };
        let size = client.block_events(at).await?.into_iter().find_map(|event| match event.event {
            Event::Attribution(AttributionEvents::ReportPosted(posted)) if posted.reportHash == hash => {
                Report::from_bytes(&posted.report).ok().map(|report| report.log.size)
            }
            _ => None,
        });
        if size.is_some() {
            return Ok(size);
        }
    }
    Ok(None)
}

/// The stream of a model, or of a licence of it.
pub fn stream_of(model: &str, licence: Option<[u8; 32]>) -> [u8; 32] {
    licence.unwrap_or_else(|| slug_id(model))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026Q4: from 1 October to 1 January.
    const PERIOD: u32 = 8_107;
    const BEGINS: u64 = 1_790_812_800;
    const ENDS: u64 = 1_798_761_600;

    fn version(dataset: u8, manifest: u8, account: u8) -> Version {
        let dataset_id = [dataset; 32];
        Version { dataset: format!("d{dataset}"), dataset_id, manifest_hash: [manifest; 32], account: [account; 20] }
    }

    fn registered(version: u32, at: u64) -> Registration {
        Registration { version, registered_at: at, state: VersionState::Registered, closed_at: 0, payee: true }
    }

    /// What is said of a single version, from one second to the next.
    #[test]
    fn a_version_counts_by_how_it_stood_in_the_period() {
        let state = |state, closed_at| Some(Registration { state, closed_at, ..registered(1, 5) });
        for (found, expected) in [
            (None, Some(Reason::Unregistered)),
            (Some(registered(1, ENDS - 1)), None),
            (Some(registered(1, ENDS)), Some(Reason::Unregistered)),
            (state(VersionState::Withdrawn, BEGINS - 1), Some(Reason::Withdrawn)),
            (state(VersionState::Withdrawn, BEGINS), None),
            (state(VersionState::Redacted, ENDS - 1), Some(Reason::Redacted)),
            (state(VersionState::Redacted, ENDS), None),
            (Some(Registration { payee: false, ..registered(1, 5) }), Some(Reason::OtherPayee)),
        ] {
            assert_eq!(judge(&[version(1, 1, 1)], &[found], PERIOD), [expected], "{found:?}");
        }
    }

    /// A dataset that changed hands is paid to whom its latest version names, and to nobody else; who was paid before
    /// stays paid while no version names another, and another dataset with the same slug is untouched.
    #[test]
    fn a_dataset_that_was_handed_over_is_paid_once() {
        let versions = [version(1, 1, 7), version(1, 2, 8), version(2, 3, 7)];
        let mut found = [Some(registered(1, 5)), Some(registered(2, BEGINS)), Some(registered(1, 5))];
        assert_eq!(judge(&versions, &found, PERIOD), [Some(Reason::HandedOver), None, None]);
        // In the quarter before, the second version was not there.
        assert_eq!(judge(&versions, &found, PERIOD - 1), [None, Some(Reason::Unregistered), None]);
        // A version that does not count decides nothing.
        found[1] = Some(Registration { state: VersionState::Redacted, closed_at: BEGINS, ..registered(2, BEGINS) });
        assert_eq!(judge(&versions, &found, PERIOD), [None, Some(Reason::Redacted), None]);
    }

    /// Late is what came after the report of its own period or of a later one; nothing else.
    #[test]
    fn late_is_what_its_own_report_could_not_have() {
        let after = After::Report { period: PERIOD - 1, log_size: 10 };
        let late = |period, leaf| after.is_late(period, leaf);
        assert_eq!([late(PERIOD - 1, 9), late(PERIOD - 1, 10), late(PERIOD - 5, 11)], [false, true, true]);
        assert_eq!([late(PERIOD, 11), After::First.is_late(PERIOD - 1, 11)], [false, false]);
    }
}
