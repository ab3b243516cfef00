//! One of each document, with its bytes and what is made of them: whoever writes a decoder, a verifier or a signer of
//! their own has something to hold it against.

use ed25519_dalek::{Signer, SigningKey};
use serde::Serialize;
use sha2::{Digest, Sha256};
use yieldset_chain::keccak256;
use yieldset_rules::{
    merkle,
    report::{LogCheckpoint, MeasuredError, Metric, Outcome, Report, SpotCheck, Totals, compared_digest},
    usage::{self, DatasetUse, TrainingRun, UsageRecord},
};

/// The secret key of the first test of RFC 8032, 7.1, which everybody knows.
const KNOWN_KEY: [u8; 32] = [
    0x9d, 0x61, 0xb1, 0x9d, 0xef, 0xfd, 0x5a, 0x60, 0xba, 0x84, 0x4a, 0xf4, 0x92, 0xec, 0x2c, 0xc4, 0x44, 0x49, 0xc5,
    0x69, 0x7b, 0x32, 0x69, 0x19, 0x70, 0x3b, 0xac, 0x03, 0x1c, 0xae, 0x7f, 0x60,
];

/// The file of examples. All bytes are hexadecimal.
#[derive(Debug, Serialize)]
pub struct Examples {
    documents: Vec<Example>,
    digests: Vec<Worked>,
}

/// A document.
#[derive(Debug, Serialize)]
struct Example {
    /// Its name in the schema.
    document: &'static str,
    /// Its fields, as the types print themselves.
    value: String,
    /// Tag and value.
    bytes: String,
    /// keccak-256 of the bytes.
    keccak256: String,
    /// SHA-256 of the bytes.
    sha256: String,
    /// The ed25519 key of who signed, where somebody does.
    #[serde(skip_serializing_if = "Option::is_none")]
    signer: Option<String>,
    /// The signature over the bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    signature: Option<String>,
}

/// A digest, with what it is of.
#[derive(Debug, Serialize)]
struct Worked {
    digest: &'static str,
    how: &'static str,
    of: Vec<String>,
    is: String,
}

fn example(document: &'static str, value: String, bytes: &[u8], signed: bool) -> Example {
    let key = SigningKey::from_bytes(&KNOWN_KEY);
    let hex = |bytes: &[u8]| format!("0x{}", hex::encode(bytes));
    Example {
        document,
        value,
        bytes: hex(bytes),
        keccak256: hex(&keccak256(bytes).0),
        sha256: hex(&Sha256::digest(bytes)),
        signer: signed.then(|| hex(key.verifying_key().as_bytes())),
        signature: signed.then(|| hex(&key.sign(bytes).to_bytes())),
    }
}

/// A report of all that a report can say.
pub fn report() -> Report {
    Report {
        chain_id: 420_420_417,
        registry: [1; 20],
        pool: [2; 20],
        stream: [3; 32],
        models: vec!["lumen-1".into(), "lumen-2".into()],
        period: 8_107,
        revision: 1,
        epoch: 5,
        log: LogCheckpoint { origin: "log.example/usage".into(), size: 24, root: [4; 32] },
        compared: [6; 32],
        metric: Metric { name: "m".into(), version: 2, threshold: 700_000 },
        outcome: Outcome::Weights([5; 32]),
        totals: Totals { calls: 24, qualifying_calls: 10, tokens: 900, attributed_tokens: 500, late_records: Some(3) },
        error: MeasuredError::Decoys { hits: 22, decoy_hits: 2, datasets: 6, decoys: 3 },
        lines_root: [8; 32],
        package: None,
        spot_check: Some(SpotCheck { block: 7, block_hash: [9; 32], drawn: 6, opened: 5, matched: 4 }),
        previous: [10; 32],
    }
}

/// A training run of one dataset.
pub fn training_run() -> TrainingRun {
    TrainingRun {
        run_id: "r-1".into(),
        model: "lumen-1".into(),
        started_ms: 1,
        ended_ms: 2,
        datasets: vec![DatasetUse { manifest_hash: [7; 32], epochs: 3, tokens: 1 << 40 }],
        ingestion_digest: [8; 32],
        base: None,
    }
}

/// The examples.
pub fn examples() -> Examples {
    let (report, run) = (report(), UsageRecord::TrainingRun(training_run()));
    let record = run.to_bytes();
    let hashes = [Sha256::digest(&record).into()];
    let batch = usage::batch_signing_bytes("lumen", "b-1", &hashes);
    let documents = vec![
        example("report, version 3", format!("{report:?}"), &report.to_bytes(), true),
        example("usage record", format!("{run:?}"), &record, false),
        example("usage batch", format!("(\"lumen\", \"b-1\", [{}])", hex::encode(hashes[0])), &batch, true),
    ];
    Examples { documents, digests: digests() }
}

fn digests() -> Vec<Worked> {
    let hash = |bytes: &[u8]| keccak256(bytes).0;
    let hex = |bytes: &[u8]| format!("0x{}", hex::encode(bytes));
    let versions = [([2; 32], [3; 32]), ([1; 32], [4; 32])];
    let accounts = [([0x11; 20], 250_000_000_000_000_000), ([0x22; 20], 750_000_000_000_000_000)];
    let leaves = accounts.map(|(account, weight)| merkle::leaf(&account, weight, hash));
    let line = r#"{"call_id":"c-1"}"#;
    let line_leaf = hash(&hash(line.as_bytes()));
    vec![
        Worked {
            digest: "compared",
            how: "keccak-256 of dataset id and manifest hash of each version, sorted by them",
            of: versions.iter().map(|(dataset, manifest)| hex(&[*dataset, *manifest].concat())).collect(),
            is: hex(&compared_digest(&versions, hash)),
        },
        Worked {
            digest: "a leaf of the weights",
            how: "keccak-256 of keccak-256 of the account and the weight (10^18 is all), as abi.encode(address, uint256)",
            of: vec![hex(&accounts[0].0), accounts[0].1.to_string()],
            is: hex(&leaves[0]),
        },
        Worked {
            digest: "weights root",
            how: "leaves sorted; of each pair keccak-256 of the smaller and the larger, as OpenZeppelin's \
                  StandardMerkleTree",
            of: leaves.iter().map(|leaf| hex(leaf)).collect(),
            is: hex(&merkle::parent(&leaves[0], &leaves[1], hash)),
        },
        Worked {
            digest: "a leaf of lines_root",
            how: "keccak-256 of keccak-256 of the line's JSON without white space, its fields in the order in which \
                  the attribution has them; above the leaves a tree as that of the weights",
            of: vec![line.into()],
            is: hex(&line_leaf),
        },
        Worked {
            digest: "metric",
            how: "keccak-256 of the name and the version, big-endian in four bytes, as terms name it",
            of: vec!["m".into(), "2".into()],
            is: hex(&report().metric.id(hash)),
        },
    ]
}
