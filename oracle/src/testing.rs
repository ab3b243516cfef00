//! What the crate's tests share: a log in a temporary folder, its keys, a platform, records and datasets.

use std::{
    path::PathBuf,
    sync::{Arc, OnceLock},
};

use ed25519_dalek::SigningKey;
use yieldset_rules::usage::{
    DatasetUse, EMBEDDING_DIMENSIONS, EMBEDDING_ONE, Evidence, InferenceCall, Passage, TrainingRun, UsageRecord, Words,
};

use crate::{
    attribution::{self, Question},
    compared::After,
    embed::Embedding,
    licensed::Limits,
    manifest::{Dataset, LicenceFile},
    metric::{DEFAULT_THRESHOLD, METRIC_NAME, METRIC_VERSION, metric},
    models::Models,
    registry::{Registration, Registry, Seen},
    report::{Committee, Position, ReportPlace, SignedReport, sign},
    settlement::settle,
    sha256,
    usage_log::{
        Batch, CheckedBatch, Log, LogError, LogInfo, Platform, VerifiedLog, WitnessKey,
        bounds::Bounds,
        verified::Pins,
        witnesses::{Address, Witnesses},
    },
    witness::Witness,
    words,
};

/// Says that a test has shown nothing, since what it needs cannot be had here; a failure where it must be had, as each
/// night.
///
/// # Panics
/// Where `YIELDSET_TRUTH` is set.
pub fn nothing_is_proven(why: &str) {
    assert!(std::env::var_os("YIELDSET_TRUTH").is_none(), "YIELDSET_TRUTH is set: {why}");
    eprintln!("SKIPPED, nothing is proven: {why}");
}

pub(crate) const MODEL: &str = "lumen/lumen-1";
/// What the platform calls the batch of [`Fixture::log_of`].
pub(crate) const BATCH: &str = "batch-4c81e7d9";
/// What the log is called.
pub(crate) const ORIGIN: &str = "log.example/usage";
/// 2026-10-01T09:00:00Z.
pub(crate) const IN_PERIOD: u64 = 1_790_845_200_000;
/// 2026Q4.
pub(crate) const PERIOD: u32 = 8_107;

/// A log, and all that writes to it.
pub(crate) struct Fixture {
    pub folder: tempfile::TempDir,
    pub platform_key: SigningKey,
    pub platforms: Vec<Platform>,
    pub witness: Arc<Witness>,
}

pub(crate) fn key(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

impl Fixture {
    pub(crate) async fn new() -> Self {
        let fixture = Self::without_log();
        Log::create(&fixture.dir(), &fixture.info(), &key(1)).expect("made");
        fixture
    }

    pub(crate) fn without_log() -> Self {
        let platform_key = key(3);
        let platforms = vec![
            Platform {
                slug: "lumen".into(),
                public_key: platform_key.verifying_key().to_bytes(),
                models: vec![MODEL.into()],
            },
            Platform {
                slug: "other".into(),
                public_key: key(4).verifying_key().to_bytes(),
                models: vec!["other/1".into()],
            },
        ];
        let folder = tempfile::tempdir().expect("temporary folder");
        let memory = folder.path().join("witness");
        Witness::watch(&memory, ORIGIN, key(1).verifying_key().to_bytes()).expect("watched");
        let witness = Arc::new(Witness::open("witness.example", key(2), &memory).expect("opened"));
        Self { folder, platform_key, platforms, witness }
    }

    /// What the log is called, and its one witness.
    pub(crate) fn info(&self) -> LogInfo {
        LogInfo {
            origin: ORIGIN.into(),
            log_key: key(1).verifying_key().to_bytes(),
            witnesses: vec![WitnessKey { name: "witness.example".into(), key: self.witness.public_key() }],
            quorum: 1,
        }
    }

    pub(crate) fn dir(&self) -> PathBuf {
        self.folder.path().join("log")
    }

    /// The witness, in this process.
    pub(crate) fn witnesses(&self) -> Witnesses {
        Witnesses::new(vec![Address::Here(Arc::clone(&self.witness))]).without_patience()
    }

    pub(crate) async fn try_open(&self) -> Result<Log, LogError> {
        Log::open(&self.dir(), self.platforms.clone(), key(1), self.witnesses()).await
    }

    pub(crate) async fn open(&self) -> Log {
        self.try_open().await.expect("opened")
    }

    pub(crate) fn batch(&self, id: &str, records: Vec<Vec<u8>>) -> Batch {
        Batch::sign("lumen", id, records, &self.platform_key)
    }

    pub(crate) fn checked(&self, id: &str, records: Vec<Vec<u8>>) -> CheckedBatch {
        self.batch(id, records)
            .check(&self.platforms, &Bounds::default(), IN_PERIOD)
            .expect("a good batch")
            .within_bounds()
    }

    /// Appends one batch of so many calls to an open log.
    pub(crate) async fn append(&self, log: &mut Log, id: &str, count: usize) {
        let records = (0..count).map(|n| call(&format!("{id}-{n}")).to_bytes()).collect();
        let answers = log.append(vec![self.checked(id, records)]).await.expect("appended");
        answers[0].as_ref().expect("accepted");
    }

    pub(crate) async fn read(&self) -> Result<VerifiedLog, LogError> {
        VerifiedLog::read(&self.dir(), Pins::default()).await
    }

    /// A log with these records, read back.
    pub(crate) async fn log_of(&self, records: Vec<UsageRecord>) -> VerifiedLog {
        let mut log = self.open().await;
        let records = records.iter().map(UsageRecord::to_bytes).collect();
        log.append(vec![self.checked(BATCH, records)]).await.expect("appended")[0].as_ref().expect("accepted");
        log.close().await.expect("closed");
        self.read().await.expect("verified")
    }
}

/// A unit vector: `part` millionths of it along `axis`, the rest along the axis after the last one that tests use.
pub(crate) fn unit(axis: usize, part: u32) -> Embedding {
    let mut embedding = vec![0i16; EMBEDDING_DIMENSIONS];
    let along = f64::from(part) / 1e6;
    embedding[axis] = (along * f64::from(EMBEDDING_ONE)).round() as i16;
    embedding[EMBEDDING_DIMENSIONS - 1] = ((1.0 - along * along).sqrt() * f64::from(EMBEDDING_ONE)).round() as i16;
    embedding
}

/// The words of a text, which is one passage. One of a word or none has thirty that stand nowhere else, so that its
/// embedding counts.
pub(crate) fn table(name: &str, embedding: &Embedding, text: &str) -> Words {
    let (mut count, mut runs) = words::runs(text);
    if count < 2 {
        let name = hex::encode(name);
        (count, runs) = words::runs(&(0..30).map(|at| format!("{name}{at} ")).collect::<String>());
    }
    let embedding = words::quantized(embedding);
    let passage = Passage { start: 0, words: count, embedding, keywords: Vec::new() };
    Words { count, runs, passages: vec![passage] }
}

pub(crate) fn call_of(id: &str, tokens: u32, at_ms: u64, evidence: Evidence, text: &str) -> UsageRecord {
    UsageRecord::InferenceCall(InferenceCall {
        call_id: id.into(),
        model: MODEL.into(),
        at_ms,
        input_tokens: 5,
        output_tokens: tokens,
        declared_use: "chat".into(),
        output_hash: sha256(text.as_bytes()),
        evidence,
    })
}

pub(crate) fn call_with(id: &str, tokens: u32, at_ms: u64, embedding: Embedding, text: &str) -> UsageRecord {
    call_of(id, tokens, at_ms, Evidence::Words(table(&format!("output {id}"), &embedding, text)), text)
}

/// The same call by another model.
pub(crate) fn of_model(model: &str, record: UsageRecord) -> UsageRecord {
    let UsageRecord::InferenceCall(call) = record else { panic!("a call") };
    UsageRecord::InferenceCall(InferenceCall { model: model.into(), ..call })
}

pub(crate) fn call(id: &str) -> UsageRecord {
    call_with(id, 10, IN_PERIOD, unit(0, 1_000_000), "")
}

/// A dataset of one text that is all one passage along an axis, without files.
pub(crate) fn dataset(slug: &str, account: u8, axis: usize, text: &str) -> Dataset {
    Dataset {
        folder: PathBuf::new(),
        manifest_hash: sha256(slug.as_bytes()),
        licence_hash: [0; 32],
        dataset: slug.into(),
        creator: format!("Creator {account}"),
        account: [account; 20],
        registrant: [account; 20],
        terms: LicenceFile {
            licence: "CC0-1.0".into(),
            metric: METRIC_NAME.into(),
            metric_version: METRIC_VERSION,
            threshold: DEFAULT_THRESHOLD,
        },
        files: vec!["texts/a.txt".into()],
        contents: vec![sha256(text.as_bytes())],
        chunks: Vec::new(),
        fingerprints: Vec::new(),
        tables: vec![table(slug, &unit(axis, 1_000_000), text)],
    }
}

/// A training run of [`MODEL`] at a moment, that read a version of which nobody knows more than its manifest's hash.
pub(crate) fn run_at(run_id: &str, at_ms: u64) -> TrainingRun {
    TrainingRun {
        run_id: run_id.into(),
        model: MODEL.into(),
        started_ms: at_ms,
        ended_ms: at_ms,
        datasets: vec![DatasetUse { manifest_hash: [1; 32], epochs: 1, tokens: 1 }],
        ingestion_digest: [0; 32],
        base: None,
    }
}

/// [`MODEL`] alone.
pub(crate) fn models() -> &'static Models {
    static MODELS: OnceLock<Models> = OnceLock::new();
    MODELS.get_or_init(|| Models::one(MODEL))
}

/// About [`MODEL`]'s calls of [`PERIOD`] among so many records, of which nobody asked a chain.
pub(crate) fn question(log_size: u64) -> Question<'static> {
    Question {
        models: models(),
        licence: None,
        period: PERIOD,
        metric: metric(DEFAULT_THRESHOLD),
        log_size,
        after: After::Unknown,
        left_out: &[],
        registry: None,
        limits: Limits::default(),
        ground: &crate::trained::NONE,
    }
}

/// About the same of a whole log, whose first report it is, where the registry was asked.
pub(crate) fn question_of<'a>(log: &VerifiedLog, registry: &'a Registry) -> Question<'a> {
    Question { after: After::First, registry: Some(registry), ..question(log.size()) }
}

/// The pool of a registry's datasets.
pub(crate) const POOL: [u8; 20] = [7; 20];

/// A registry in which all of these are the pool's, each registered at the second that is said of its place.
pub(crate) fn registry(datasets: &[Dataset], at: impl Fn(usize) -> u64) -> Registry {
    let registered = |(place, one): (usize, &Dataset)| {
        let found = Registration {
            version: 1,
            pool: POOL,
            registered_at: at(place),
            closed_at: None,
            payee: true,
            redacted: false,
        };
        (one.manifest_hash, found)
    };
    let seen = Seen { pool: POOL, block: 7, block_hash: [7; 32] };
    Registry { seen, registrations: datasets.iter().enumerate().map(registered).collect() }
}

/// A report of a period in which nothing qualified, that two members of two signed.
pub(crate) async fn signed_report() -> SignedReport {
    let fixture = Fixture::new().await;
    let log = fixture.log_of(vec![call("0")]).await;
    let datasets = [dataset("a/1", 1, 1, "")];
    let settled = settle(&attribution::attribute(&log, &datasets, &question(1)).expect("attributed"));
    let keys = [key(1), key(2)];
    let committee = keys.iter().map(|key| key.verifying_key().to_bytes()).collect();
    let committee = Committee { epoch: 1, threshold: 2, keys: committee };
    let place = ReportPlace { chain_id: 1, registry: [1; 20], pool: [2; 20] };
    // When the period is over.
    let position = Position { now: 1_798_761_600, ..Position::default() };
    sign(&settled, place, &committee, position, &keys).expect("signed")
}

/// How many forgeries are tried of each kind.
pub(crate) const FORGERIES: usize = 10_000;

/// Sebastiano Vigna's splitmix64.
pub(crate) struct Chance(pub u64);

impl Chance {
    pub(crate) fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % most as u64) as usize
    }

    /// One to three changes: a bit, a byte more or less, a stretch that goes, comes twice or is another's.
    pub(crate) fn changed(&mut self, bytes: &[u8], other: &[u8]) -> Vec<u8> {
        let mut bytes = bytes.to_vec();
        for _ in 0..=self.below(3) {
            let (from, to) = (self.below(bytes.len() + 1), self.below(bytes.len() + 1));
            let range = from.min(to)..from.max(to);
            match self.below(6) {
                0 | 1 if !bytes.is_empty() => {
                    let at = self.below(bytes.len());
                    bytes[at] ^= 1 << self.below(8);
                }
                2 => bytes.insert(from, self.below(256) as u8),
                3 => drop(bytes.drain(range)),
                4 => {
                    let stretch = bytes[range].to_vec();
                    bytes.splice(from..from, stretch);
                }
                _ => {
                    let end = range.end.min(other.len());
                    let start = range.start.min(end);
                    bytes.splice(range, other[start..end].iter().copied());
                }
            }
        }
        bytes
    }

    pub(crate) fn text(&mut self, text: &str, other: &str) -> String {
        String::from_utf8_lossy(&self.changed(text.as_bytes(), other.as_bytes())).into_owned()
    }
}

/// A report of so many calls, of which each but the last derives from one of two creators in turn, and its attribution.
pub(crate) async fn reported(calls: usize) -> (attribution::Attribution, SignedReport) {
    let fixture = Fixture::new().await;
    reported_by(&fixture, calls).await
}

/// The same of a log that is not made yet.
pub(crate) async fn reported_by(fixture: &Fixture, calls: usize) -> (attribution::Attribution, SignedReport) {
    let call = |n: usize| {
        let axis = if n + 1 == calls { 3 } else { 1 + n % 2 };
        call_with(&format!("call-{n}"), 10, IN_PERIOD, unit(axis, 1_000_000), "")
    };
    let log = fixture.log_of((0..calls).map(call).collect()).await;
    let datasets = [dataset("a/1", 1, 1, ""), dataset("b/1", 2, 2, "")];
    let attributed = attribution::attribute(&log, &datasets, &question(calls as u64)).expect("attributed");
    let keys = [key(1), key(2)];
    let committee = keys.iter().map(|key| key.verifying_key().to_bytes()).collect();
    let committee = Committee { epoch: 1, threshold: 2, keys: committee };
    let place = ReportPlace { chain_id: 1, registry: [1; 20], pool: [2; 20] };
    let position = Position { now: 1_798_761_600, ..Position::default() };
    let signed = sign(&settle(&attributed), place, &committee, position, &keys).expect("signed");
    (attributed, signed)
}
