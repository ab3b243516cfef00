//! What the chain says of a stream that is a licence: which records count, whose key signs the usage log, who
//! witnesses it, and which of its checkpoints are anchored. So nobody has to believe a file that came with the log.

use std::{collections::BTreeSet, fmt};

use serde::{Deserialize, Serialize};
use yieldset_chain::{Address, B256, ChainClient, ChainError, Deployment, SolValue, U256, abi::Licence};
use yieldset_rules::{
    agreed::{Agreed, Disagreement},
    licence::{DAY, usage_log::checkpoint_id},
    period::{quarter_at, quarter_start},
    report::{LogCheckpoint, Report},
};

use crate::{
    hex0x, keccak256, period_name,
    trained::{Anchored, Ground},
    usage_log::VerifiedLog,
};

/// Which records and passages do not count. Zero is no limit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Most output tokens of a call.
    pub call_tokens: u32,
    /// Days after its period's end in which a record may come late.
    pub late_record_days: u16,
    /// When the stream's report before was posted, Unix seconds: what is late came after that. Zero where there is
    /// none.
    pub reported_at: u64,
    /// From how many creators on a passage is nobody's.
    pub common_from: u16,
    /// Of a revision that is made after a later report: from which leaf on that one counts what came late, so that the
    /// revision does not. Zero where there is no later report.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub counted_until: u64,
    /// The quarter in which the licence began, from which on its first report counts; zero of a stream that is none.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub began: u32,
}

fn is_zero<N: Default + PartialEq>(number: &N) -> bool {
    *number == N::default()
}

/// Why a record does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Beyond {
    /// It has more output tokens than the licence counts of a call.
    TooManyTokens,
    /// It came after its period was reported, and that was later than the licence lets records come.
    TooLate,
    /// It came so late that a later report, which is there already, counts it, or one after that will.
    CountedLater,
    /// It carries the evidence of another version of the metric than the report's.
    OtherEvidence,
    /// It has words, and says that it has no tokens: nothing could be paid for it, whosever the words are.
    NoTokens,
}

/// A record that does not count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Uncounted {
    /// Index in the log.
    pub leaf: u64,
    /// The platform's id; nothing in a settlement, which everybody may read.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub call_id: String,
    /// Tokens that it says.
    pub tokens: u32,
    /// Why.
    pub reason: Beyond,
}

impl Uncounted {
    /// As settlements have it: by its place in the log alone. Ids are the platform's, and settlements are published.
    pub fn nameless(&self) -> Self {
        Self { call_id: String::new(), ..self.clone() }
    }
}

impl fmt::Display for Limits {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { call_tokens, late_record_days, reported_at, common_from, counted_until, began } = self;
        let limit = |number: u64, text: &str| match number {
            0 => "no limit".to_owned(),
            number => format!("{number} {text}"),
        };
        write!(
            out,
            "of a call's tokens {}, of late records {}, of a passage's creators {}; the report before was posted at {}",
            limit((*call_tokens).into(), "at most"),
            limit((*late_record_days).into(), "days after the quarter"),
            limit((*common_from).into(), "from which on it is nobody's"),
            limit(*reported_at, "(Unix seconds)").replace("no limit", "no time"),
        )?;
        if *counted_until > 0 {
            write!(out, "; what came from leaf {counted_until} on counts in a later report")?;
        }
        match began {
            0 => Ok(()),
            began => write!(out, "; the licence began in {}", period_name(*began)),
        }
    }
}

impl Limits {
    /// Why a call at this leaf does not count, if it does not. `late` is whether its period was reported before it
    /// came.
    pub fn judge(&self, leaf: u64, (period, tokens): (u32, u32), late: bool) -> Option<Beyond> {
        if self.counted_until > 0 && leaf >= self.counted_until {
            return Some(Beyond::CountedLater);
        }
        if self.call_tokens > 0 && tokens > self.call_tokens {
            return Some(Beyond::TooManyTokens);
        }
        let ends = quarter_start(period.saturating_add(1));
        let until = ends.saturating_add(u64::from(self.late_record_days) * DAY);
        (late && self.late_record_days > 0 && self.reported_at > until).then_some(Beyond::TooLate)
    }
}

/// A line about the records that do not count, for logs and people; nothing where all do.
pub fn summary(uncounted: &[Uncounted]) -> Option<String> {
    let number = |reason| uncounted.iter().filter(|one| one.reason == reason).count();
    let (tokens, late, other) = (number(Beyond::TooManyTokens), number(Beyond::TooLate), number(Beyond::OtherEvidence));
    let (silent, later) = (number(Beyond::NoTokens), number(Beyond::CountedLater));
    let first = uncounted.first()?;
    Some(format!(
        "{} records do not count: {tokens} with more tokens than the licence counts of a call, {late} that came too late, \
         {later} that a later report counts, {other} made for another version of the metric, {silent} that have words and say that they have no tokens; the first is \
         leaf {}{}",
        uncounted.len(),
        first.leaf,
        if first.call_id.is_empty() { String::new() } else { format!(", {:?}", first.call_id) }
    ))
}

/// An epoch of the usage log's keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyEpoch {
    /// Counts from 1.
    pub epoch: u32,
    /// From which second on it counts.
    pub since: u64,
    /// The log's key.
    pub key: [u8; 32],
    /// The log's name.
    pub origin: String,
    /// The witnesses' keys.
    pub witnesses: Vec<[u8; 32]>,
}

/// Why a log is not the one that the licence's platform named on chain.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unproven {
    /// Another name.
    #[error("the licence's usage log on chain is {expected}, this one is {got:?}; get the log that its platform named")]
    Origin {
        /// This log's.
        got: String,
        /// On chain.
        expected: String,
    },
    /// Another key.
    #[error("on chain no epoch of {origin} has the key {got} that signs this log; do not believe it")]
    Key {
        /// The log.
        origin: String,
        /// This log's.
        got: String,
    },
    /// None of the latest epochs is the log's, and there are more than are looked at.
    #[error(
        "the licence's platform named so many keys of usage logs that only the latest {epochs} are looked at, and none is the key \
         {got} of {origin}; do not believe this log until the platform has named it again (yieldset platform rotate)"
    )]
    Buried {
        /// This log.
        origin: String,
        /// Its key.
        got: String,
        /// How many were looked at.
        epochs: usize,
    },
    /// Another witness.
    #[error("on chain the witness {got} of this log is none of epoch {epoch}; do not believe it")]
    Witness {
        /// This log's.
        got: String,
        /// The key's epoch.
        epoch: u32,
    },
    /// Signed by a key that was rotated before.
    #[error(
        "the key of epoch {epoch} was rotated at {until} (Unix seconds), and this checkpoint is witnessed at {at}; get the log as \
         its present key signs it"
    )]
    Rotated {
        /// The key's epoch.
        epoch: u32,
        /// When the next epoch began.
        until: u64,
        /// When the checkpoint was witnessed.
        at: u64,
    },
}

/// The epoch whose key may have signed a log that was witnessed at a time, of epochs in order: of all, or of those from
/// some epoch on.
///
/// # Errors
/// [`Unproven`].
pub fn signer(
    epochs: &[KeyEpoch],
    origin: &str,
    (key, witness): ([u8; 32], [u8; 32]),
    at: u64,
) -> Result<u32, Unproven> {
    let of_log = || epochs.iter().filter(|epoch| epoch.origin == origin);
    // The latest epoch that has the key: it may have come back.
    let Some(epoch) = of_log().rfind(|epoch| epoch.key == key) else {
        return Err(unnamed(epochs, origin, &key));
    };
    if !epoch.witnesses.contains(&witness) {
        return Err(Unproven::Witness { got: hex0x(&witness), epoch: epoch.epoch });
    }
    // The log's next epoch: another log's beside it takes no key of this one away.
    let next = of_log().find(|next| next.epoch > epoch.epoch);
    match next.filter(|next| at >= next.since) {
        Some(next) => Err(Unproven::Rotated { epoch: epoch.epoch, until: next.since, at }),
        None => Ok(epoch.epoch),
    }
}

/// Why none of these epochs, in order, is a log's.
fn unnamed(epochs: &[KeyEpoch], origin: &str, key: &[u8; 32]) -> Unproven {
    let (origin, got) = (origin.to_owned(), hex0x(key));
    match epochs {
        // It may be among the earlier ones.
        [first, ..] if first.epoch > 1 => Unproven::Buried { origin, got, epochs: epochs.len() },
        _ if epochs.iter().any(|epoch| epoch.origin == origin) => Unproven::Key { origin, got },
        _ => {
            let expected = epochs.last().map(|epoch| format!("{:?}", epoch.origin)).unwrap_or_default();
            Unproven::Origin { got: origin, expected }
        }
    }
}

/// A licence on chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Licensed {
    /// The accepted terms' figures for usage.
    pub usage: Licence::Usage,
    /// Key epochs, in order up to the latest: all that a log may be signed by, or the latest [`MAX_EPOCHS`]. Empty
    /// where the platform named none.
    pub epochs: Vec<KeyEpoch>,
    /// What its terms let be trained on; without anchors, which [`anchors`] asks for.
    pub ground: Ground,
    /// The quarter in which it began; zero while it has not.
    pub began: u32,
}

/// Asks the pool's licence contract about a stream, in the state after the block `at`; `None` where it is no licence,
/// or nothing of it is accepted.
///
/// # Errors
/// [`ChainError`].
pub async fn look_up(
    client: &ChainClient,
    deployment: &Deployment,
    stream: [u8; 32],
    at: B256,
) -> Result<Option<Licensed>, ChainError> {
    // Whose log it will be compared with is not known here.
    look_up_until(client, deployment, (stream, at), |_| false).await
}

/// As [`look_up`], to compare it with the log of this name and key: mostly one epoch is read, the latest.
///
/// # Errors
/// [`ChainError`].
pub async fn look_up_for(
    client: &ChainClient,
    deployment: &Deployment,
    stream: [u8; 32],
    (origin, key): (&str, &[u8; 32]),
    at: B256,
) -> Result<Option<Licensed>, ChainError> {
    look_up_until(client, deployment, (stream, at), |epoch| epoch.origin == origin && epoch.key == *key).await
}

/// As [`look_up`], with no epoch before the latest that is enough.
async fn look_up_until(
    client: &ChainClient,
    deployment: &Deployment,
    (stream, at): ([u8; 32], B256),
    is_enough: impl Fn(&KeyEpoch) -> bool,
) -> Result<Option<Licensed>, ChainError> {
    let Some(licence) = Records::of(client, deployment.licence, stream, at).await? else { return Ok(None) };
    if licence.read(b'F', B256::ZERO).await?.is_empty() {
        return Ok(None);
    }
    let state = licence.own(b'S', Licence::State::abi_decode).await?;
    let option = licence.read(b'O', word(state.option.into())).await?;
    let terms = decode(option.get(..TERMS).unwrap_or_default(), Licence::Terms::abi_decode)?;
    let times = licence.own(b'T', Licence::Times::abi_decode).await?;
    let mut datasets: Vec<[u8; 32]> = licence.read(b'D', B256::ZERO).await?.into_iter().map(|id| id.0).collect();
    datasets.sort_unstable();
    let ground = Ground { datasets, until: times.trainingUntil, anchors: Vec::new() };
    let began = if times.activatedAt == 0 { 0 } else { quarter_at(times.activatedAt) };
    let epochs = latest_epochs(|number| licence.epoch(number), is_enough).await?;
    Ok(Some(Licensed { usage: terms.usage, epochs, ground, began }))
}

/// The latest epochs, in order: from the latest one that is enough on, or else [`MAX_EPOCHS`], or all. They are read
/// back from the latest, of which `read` tells by the number zero: a log is judged by its key's latest epoch and by
/// those after it, and mostly that is the last one.
async fn latest_epochs<F: Future<Output = Result<Option<KeyEpoch>, ChainError>>>(
    read: impl Fn(u32) -> F,
    is_enough: impl Fn(&KeyEpoch) -> bool,
) -> Result<Vec<KeyEpoch>, ChainError> {
    let (mut epochs, mut number) = (Vec::new(), 0);
    while epochs.len() < MAX_EPOCHS {
        let Some(epoch) = read(number).await? else { break };
        number = epoch.epoch.saturating_sub(1);
        let enough = is_enough(&epoch);
        epochs.push(epoch);
        // Zero would be the latest again.
        if enough || number == 0 {
            break;
        }
    }
    epochs.reverse();
    Ok(epochs)
}

/// Which checkpoints of a log are anchored for a licence, of these sizes, in the state after the block `at`; by rising
/// size.
///
/// # Errors
/// [`ChainError`].
pub async fn anchors(
    client: &ChainClient,
    deployment: &Deployment,
    stream: [u8; 32],
    (origin, sizes): (&str, &[u64]),
    at: B256,
) -> Result<Vec<Anchored>, ChainError> {
    let Some(licence) = Records::of(client, deployment.licence, stream, at).await? else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    for size in sizes.iter().copied().collect::<BTreeSet<_>>() {
        let words = licence.read(b'H', B256::from(checkpoint_id(origin.as_bytes(), size, keccak256))).await?;
        let anchor = decode(&words, Licence::Anchor::abi_decode)?;
        if !anchor.root.is_zero() {
            found.push(Anchored { size, root: anchor.root.0, at: anchor.at });
        }
    }
    Ok(found)
}

/// Most epochs of a usage log's keys that are looked at, the latest: a new key each week for five years. A platform can
/// name as many as it likes, and each is a question to the node.
pub const MAX_EPOCHS: usize = 256;

/// Words of the ABI's `Terms`; an option's milestones come after them.
const TERMS: usize = yieldset_rules::licence::Terms::WORDS;

/// What the licence contract asks of a report of this checkpoint, in the state after the block `at`; `None` where the
/// stream is no licence.
///
/// # Errors
/// [`ChainError`].
pub async fn agreed(
    client: &ChainClient,
    deployment: &Deployment,
    (stream, log): ([u8; 32], &LogCheckpoint),
    at: B256,
) -> Result<Option<Agreed>, ChainError> {
    let Some(licence) = Records::of(client, deployment.licence, stream, at).await? else { return Ok(None) };
    let id = B256::from(checkpoint_id(log.origin.as_bytes(), log.size, keccak256));
    let words = licence.read(b'F', id).await?;
    if words.is_empty() {
        return Ok(None);
    }
    let found = decode(&words, Licence::Agreed::abi_decode)?;
    Ok(Some(Agreed {
        metric: found.metric.0,
        threshold: found.threshold,
        false_discovery_bps: found.falseDiscoveryBps,
        call_tokens: found.callTokens,
        anchored_at: found.anchoredAt,
        anchored_root: found.anchoredRoot.0,
    }))
}

/// A licence's records, in the state after a block.
#[derive(Debug)]
pub struct Records<'a> {
    client: &'a ChainClient,
    contract: Address,
    licence: B256,
    at: B256,
    /// Until when something of it can be reported, Unix seconds; 2^64 − 1 while that is not known.
    pub stream_end: u64,
}

impl<'a> Records<'a> {
    /// Of a licence contract; `None` where the stream is no licence there, and where there is no contract.
    ///
    /// # Errors
    /// [`ChainError`].
    pub async fn of(
        client: &'a ChainClient,
        contract: Address,
        stream: [u8; 32],
        at: B256,
    ) -> Result<Option<Self>, ChainError> {
        let licence = B256::from(stream);
        if contract == Address::ZERO {
            return Ok(None);
        }
        let stream_end = client.read_at(at, contract, &Licence::streamEndCall { licence }).await?;
        Ok((stream_end > 0).then_some(Self { client, contract, licence, at, stream_end }))
    }

    /// The licence's own record of a letter, decoded.
    ///
    /// # Errors
    /// [`ChainError`].
    pub async fn own<T, E: std::fmt::Display>(
        &self,
        record: u8,
        decoding: impl FnOnce(&[u8]) -> Result<T, E>,
    ) -> Result<T, ChainError> {
        decode(&self.read(record, B256::ZERO).await?, decoding)
    }

    /// An epoch of its usage log's keys, of number zero the latest; `None` where there is none.
    async fn epoch(&self, number: u32) -> Result<Option<KeyEpoch>, ChainError> {
        let words = self.read(b'G', word(number)).await?;
        if words.is_empty() {
            return Ok(None);
        }
        let found = Licence::UsageLog::abi_decode_sequence(&words.concat()).map_err(undecoded)?;
        Ok(Some(KeyEpoch {
            epoch: found.epoch,
            since: found.since,
            key: found.key.0,
            origin: found.origin,
            witnesses: found.witnesses.iter().map(|witness| witness.0).collect(),
        }))
    }

    async fn read(&self, record: u8, which: B256) -> Result<Vec<B256>, ChainError> {
        let call = Licence::recordOfCall { licence: self.licence, record, which };
        self.client.read_at(self.at, self.contract, &call).await
    }
}

fn word(number: u32) -> B256 {
    B256::from(U256::from(number))
}

fn undecoded(error: impl std::fmt::Display) -> ChainError {
    ChainError::Decode { what: "a licence's record", reason: error.to_string() }
}

#[allow(clippy::result_large_err, reason = "the client's own error, which its async functions answer with")]
fn decode<T, E: std::fmt::Display>(
    words: &[B256],
    decode: impl FnOnce(&[u8]) -> Result<T, E>,
) -> Result<T, ChainError> {
    decode(&words.concat()).map_err(undecoded)
}

/// Whether a report keeps to what its licence asks, in words.
pub fn disagreement(agreed: &Agreed, report: &Report, block: u32) -> Option<String> {
    let disagreement = agreed.check(report, &report.metric.id(keccak256), block).err()?;
    Some(match disagreement {
        Disagreement::Metric { got, expected } => {
            format!("its metric is {}, the licence's {}; attribute with the licence's", hex0x(&got), hex0x(&expected))
        }
        Disagreement::Threshold { got, expected } => {
            format!("its threshold is {got}, the licence's {expected}; attribute with --threshold {expected}")
        }
        Disagreement::NotMeasured { limit } => {
            format!(
                "the licence limits false discoveries to {limit} basis points, and none are measured; compare decoys"
            )
        }
        Disagreement::FalseDiscoveries { decoys, hits, limit } => {
            format!(
                "{decoys} of {hits} hits are decoys': with 95 % certainty more than {limit} basis points are false; have it audited"
            )
        }
        Disagreement::CallTokens { tokens, calls, limit } => {
            format!("{calls} calls have {tokens} tokens, the licence counts {limit} of each; attribute with --licence")
        }
        Disagreement::NotAnchored { size, anchored } if anchored == [0; 32] => {
            format!(
                "calls were drawn from {size} records that are not anchored on chain; have the platform anchor them first"
            )
        }
        Disagreement::NotAnchored { size, anchored } => {
            format!("{size} records are anchored under another root, {}; the log shows two faces", hex0x(&anchored))
        }
        Disagreement::Drawn { block, after, .. } => {
            format!("block {block} drew calls, the checkpoint is on chain in block {after}; draw by a later block")
        }
    })
}

impl Licensed {
    /// Which records do not count, for a report after one that was posted at a time.
    pub fn limits(&self, reported_at: u64) -> Limits {
        let Licence::Usage { callTokens, lateRecordDays, commonFrom, falseDiscoveryBps: _ } = self.usage;
        // What limits nothing needs no time.
        let reported_at = if lateRecordDays == 0 { 0 } else { reported_at };
        Limits {
            call_tokens: callTokens,
            late_record_days: lateRecordDays,
            reported_at,
            common_from: commonFrom,
            counted_until: 0,
            began: self.began,
        }
    }

    /// Whether the platform's key on chain signed this log, and as many witnesses as the log needs are named there of
    /// those who cosigned it; the key's epoch, and `None` where the platform named no log.
    ///
    /// # Errors
    /// [`Unproven`].
    pub fn check_log(&self, log: &VerifiedLog) -> Result<Option<u32>, Unproven> {
        if self.epochs.is_empty() {
            return Ok(None);
        }
        let info = log.info();
        let (mut epochs, mut doubts) = (Vec::new(), Vec::new());
        for cosigned in log.cosigned() {
            match signer(&self.epochs, &info.origin, (info.log_key, cosigned.key), cosigned.at) {
                Ok(epoch) => epochs.push(epoch),
                Err(doubt) => doubts.push(doubt),
            }
        }
        match doubts.into_iter().next().filter(|_| epochs.len() < info.quorum) {
            Some(doubt) => Err(doubt),
            None => Ok(epochs.first().copied()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;
    use crate::testing::{Fixture, call};

    fn epoch(epoch: u32, key: u8, origin: &str, witnesses: &[u8], since: u64) -> KeyEpoch {
        let witnesses = witnesses.iter().map(|n| [*n; 32]).collect();
        KeyEpoch { epoch, since, key: [key; 32], origin: origin.into(), witnesses }
    }

    /// Proves SAFE-15: a log is believed by the key, name and witness on chain; what was witnessed before a rotation
    /// stays good under the old key, what came after it does not.
    #[test]
    fn a_log_is_signed_by_the_key_on_chain() {
        let epochs = [epoch(1, 1, "a", &[8], 100), epoch(2, 2, "a", &[8, 9], 200), epoch(3, 3, "b", &[9], 300)];
        let by = |origin: &str, key: u8, witness: u8, at| signer(&epochs, origin, ([key; 32], [witness; 32]), at);
        assert_eq!(by("a", 1, 8, 199), Ok(1));
        assert_eq!(by("a", 1, 8, 200), Err(Unproven::Rotated { epoch: 1, until: 200, at: 200 }));
        assert_eq!(by("a", 2, 9, 1_000), Ok(2));
        assert_eq!(by("b", 3, 9, 1_000), Ok(3));
        assert!(matches!(by("a", 1, 9, 150), Err(Unproven::Witness { epoch: 1, .. })));
        assert!(matches!(by("a", 3, 9, 1_000), Err(Unproven::Key { .. })));
        assert!(matches!(by("b", 2, 9, 1_000), Err(Unproven::Key { .. })));
        assert!(matches!(by("c", 3, 9, 1_000), Err(Unproven::Origin { .. })));
        // A key that came back.
        let back = [epochs.to_vec(), vec![epoch(4, 1, "a", &[9], 400)]].concat();
        assert_eq!(signer(&back, "a", ([1; 32], [9; 32]), 500), Ok(4));
    }

    /// Proves SAFE-15: of a platform that names keys without end the latest are read, from the last one back: one where
    /// that is the log's, and never more than are looked at. What was there before them is told as such, and is no
    /// other log. Before, they were read from the first on, and 1,024 of them stopped whatever asks about the licence.
    #[tokio::test]
    async fn keys_are_read_back_from_the_latest() {
        let named = |number: u32, latest: u32| {
            let number = if number == 0 { latest } else { number };
            // Two keys in turn, but for the last three.
            let key = if latest - number < 3 { 9 } else { (number % 2) as u8 };
            epoch(number, key, "a", &[8], u64::from(number) * 100)
        };
        let looked_up = async |latest: u32, key: Option<u8>| {
            let asked = RefCell::new(Vec::new());
            let read = |number: u32| {
                asked.borrow_mut().push(number);
                std::future::ready(Ok((latest > 0).then(|| named(number, latest))))
            };
            let found = latest_epochs(read, |epoch| key.is_some_and(|key| epoch.key == [key; 32])).await;
            (found.expect("answered"), asked.into_inner())
        };
        assert_eq!(looked_up(0, None).await, (vec![], vec![0]));
        // Without a key in view all are read, as far as they are looked at.
        let (all, asked) = looked_up(5, None).await;
        assert_eq!(all.iter().map(|epoch| epoch.epoch).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
        assert_eq!(asked, [0, 4, 3, 2, 1]);
        // The latest is the log's; then the one of three epochs before is, which the next one rotated.
        let (last, asked) = looked_up(100_000, Some(9)).await;
        assert_eq!((last.len(), last[0].epoch, asked), (1, 100_000, vec![0]));
        let (found, asked) = looked_up(100_000, Some(1)).await;
        assert_eq!((found.len(), found[0].epoch, asked), (4, 99_997, vec![0, 99_999, 99_998, 99_997]));
        let by = |epochs: &[KeyEpoch], origin: &str, key: u8, at| signer(epochs, origin, ([key; 32], [8; 32]), at);
        assert_eq!(by(&found, "a", 1, 9_999_799), Ok(99_997));
        assert!(matches!(by(&found, "a", 1, 9_999_800), Err(Unproven::Rotated { epoch: 99_997, .. })));
        // A key that nobody finds.
        let (latest, asked) = looked_up(100_000, Some(7)).await;
        assert_eq!((latest.len(), asked.len(), latest[255].epoch), (256, 256, 100_000));
        for origin in ["a", "b"] {
            assert!(matches!(by(&latest, origin, 7, 1), Err(Unproven::Buried { epochs: 256, .. })), "{origin}");
        }
        assert!(matches!(by(&all, "a", 7, 1), Err(Unproven::Key { .. })));
    }

    /// Proves SAFE-15: a log counts for a licence by the key that the licence has on chain when the log was cosigned;
    /// so do the keys of batches, which that key names. One that was rotated before, a stranger's, and another log's do
    /// not.
    #[tokio::test]
    async fn a_licences_records_hang_on_the_chain() {
        let fixture = Fixture::new().await;
        let log = fixture.log_of(vec![call("1")]).await;
        let info = log.info();
        let now = log.cosigned()[0].at;
        let of = |key: [u8; 32], since| KeyEpoch {
            epoch: 1,
            since,
            key,
            origin: info.origin.clone(),
            witnesses: vec![info.witnesses[0].key],
        };
        let checked = |epochs: &[KeyEpoch]| {
            let epochs = epochs.iter().zip(1..).map(|(one, epoch)| KeyEpoch { epoch, ..one.clone() }).collect();
            let usage = Licence::Usage { callTokens: 0, lateRecordDays: 0, commonFrom: 0, falseDiscoveryBps: 0 };
            Licensed { usage, epochs, ground: Ground::default(), began: 0 }.check_log(&log)
        };
        let (own, next) = (of(info.log_key, 0), |since| of([9; 32], since));
        assert_eq!(checked(&[]), Ok(None));
        assert_eq!(checked(std::slice::from_ref(&own)), Ok(Some(1)));
        assert_eq!(checked(&[own.clone(), next(now + 1)]), Ok(Some(1)));
        assert!(matches!(checked(&[own.clone(), next(now)]), Err(Unproven::Rotated { epoch: 1, .. })));
        assert!(matches!(checked(&[next(0)]), Err(Unproven::Key { .. })));
        let elsewhere = KeyEpoch { origin: "other.example/usage".into(), ..own.clone() };
        assert!(matches!(checked(&[elsewhere]), Err(Unproven::Origin { .. })));
        let unwitnessed = KeyEpoch { witnesses: vec![[8; 32]], ..own };
        assert!(matches!(checked(&[unwitnessed]), Err(Unproven::Witness { .. })));
    }

    /// 2026Q4 ends on 1 January 2027.
    const ENDS: u64 = 1_798_761_600;

    /// Records count up to the licence's limits, and are left out one beyond.
    #[test]
    fn records_count_within_the_licences_limits() {
        let limits =
            Limits { call_tokens: 50, late_record_days: 30, reported_at: ENDS + 30 * DAY, ..Limits::default() };
        assert_eq!(limits.judge(7, (8_107, 50), true), None);
        assert_eq!(limits.judge(7, (8_107, 51), false), Some(Beyond::TooManyTokens));
        let later = Limits { reported_at: ENDS + 30 * DAY + 1, ..limits };
        assert_eq!(later.judge(7, (8_107, 50), true), Some(Beyond::TooLate));
        assert_eq!((later.judge(7, (8_107, 50), false), later.judge(7, (8_108, 50), true)), (None, None));
        assert_eq!(Limits { late_record_days: 0, ..later }.judge(7, (8_107, 50), true), None);
        assert_eq!(Limits::default().judge(7, (8_107, u32::MAX), true), None);
        let revision = Limits { counted_until: 7, ..Limits::default() };
        assert_eq!(revision.judge(6, (8_107, 50), false), None);
        assert_eq!(revision.judge(7, (8_107, 50), false), Some(Beyond::CountedLater));
    }
}
