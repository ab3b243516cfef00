//! The platform's side: outputs become records, signed and sent. An output's text is embedded, fingerprinted and hashed
//! here, and goes no further.

use std::{path::Path, time::Duration};

use serde::Deserialize;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use yieldset_rules::usage::{DatasetUse, InferenceCall, MAX_FINGERPRINTS, TrainingRun, UsageRecord};

use crate::{
    attribution,
    embed::{EmbedError, Embedder},
    files::{self, FileError, hex_bytes},
    fingerprint,
    ingest::{Problem, Submission},
    sha256,
    usage_log::{Batch, record_error},
};

/// How often an unreachable service is tried, and the first pause; each further one is twice as long.
const ATTEMPTS: u32 = 6;
const FIRST_PAUSE: Duration = Duration::from_millis(200);
/// How long one try may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// Why nothing was recorded.
#[derive(Debug, thiserror::Error)]
pub enum RecordingError {
    /// A file.
    #[error(transparent)]
    File(#[from] FileError),
    /// A line that is not an output or a training run.
    #[error("{file}, line {line}: {reason}; nothing was sent, correct it and run again", file = file.display())]
    Line {
        /// The file.
        file: std::path::PathBuf,
        /// From 1 on.
        line: usize,
        /// What is wrong.
        reason: String,
    },
    /// The model.
    #[error(transparent)]
    Embed(#[from] EmbedError),
    /// No answer.
    #[error(
        "no answer from {url} after {ATTEMPTS} tries ({reason}); start the service, then send the same batch again: it counts once"
    )]
    Unreachable {
        /// The service.
        url: String,
        /// What the last try found.
        reason: String,
    },
    /// Refused.
    #[error("the service refused the batch ({}): {}", .0.code, .0.detail)]
    Refused(Problem),
    /// Something else answered.
    #[error("{url} answered {status}, which is not the ingest service's way; check the address")]
    OtherService {
        /// The address.
        url: String,
        /// The HTTP status.
        status: u16,
    },
}

/// A line of an outputs file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct OutputLine {
    call_id: String,
    declared_use: String,
    input_tokens: u32,
    output_tokens: u32,
    at: String,
    text: String,
}

/// A line of a training runs file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct RunLine {
    run_id: String,
    started: String,
    ended: String,
    datasets: Vec<DatasetLine>,
    #[serde(with = "hex_bytes")]
    ingestion_digest: [u8; 32],
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct DatasetLine {
    #[serde(with = "hex_bytes")]
    manifest_hash: [u8; 32],
    epochs: u32,
    tokens: u64,
}

/// Records of an outputs file, one JSON object a line: `call_id`, `declared_use`, `input_tokens`, `output_tokens`, `at`
/// (RFC 3339), `text`.
///
/// # Errors
/// [`RecordingError`], with the line.
pub fn calls(file: &Path, model: &str, embedder: &Embedder) -> Result<Vec<UsageRecord>, RecordingError> {
    let lines: Vec<(usize, OutputLine)> = lines(file)?;
    let texts: Vec<String> = lines.iter().map(|(_, line)| line.text.clone()).collect();
    let embeddings = attribution::embed_all(&texts, embedder)?;
    let mut records = Vec::with_capacity(lines.len());
    for ((number, line), embedding) in lines.into_iter().zip(embeddings) {
        let record = UsageRecord::InferenceCall(InferenceCall {
            call_id: line.call_id,
            model: model.to_owned(),
            at_ms: unix_ms(file, number, &line.at)?,
            input_tokens: line.input_tokens,
            output_tokens: line.output_tokens,
            declared_use: line.declared_use,
            output_hash: sha256(line.text.as_bytes()),
            embedding,
            fingerprints: fingerprint::sketch(&line.text, MAX_FINGERPRINTS),
        });
        records.push(checked(file, number, record)?);
    }
    Ok(records)
}

/// Records of a training runs file, one JSON object a line: `run_id`, `started`, `ended` (RFC 3339), `datasets`
/// (`manifest_hash`, `epochs`, `tokens`), `ingestion_digest`.
///
/// # Errors
/// [`RecordingError`], with the line.
pub fn training_runs(file: &Path, model: &str) -> Result<Vec<UsageRecord>, RecordingError> {
    let mut records = Vec::new();
    for (number, line) in lines::<RunLine>(file)? {
        let dataset =
            |one: &DatasetLine| DatasetUse { manifest_hash: one.manifest_hash, epochs: one.epochs, tokens: one.tokens };
        let record = UsageRecord::TrainingRun(TrainingRun {
            run_id: line.run_id,
            model: model.to_owned(),
            started_ms: unix_ms(file, number, &line.started)?,
            ended_ms: unix_ms(file, number, &line.ended)?,
            datasets: line.datasets.iter().map(dataset).collect(),
            ingestion_digest: line.ingestion_digest,
        });
        records.push(checked(file, number, record)?);
    }
    Ok(records)
}

fn lines<T: serde::de::DeserializeOwned>(file: &Path) -> Result<Vec<(usize, T)>, RecordingError> {
    let content = String::from_utf8(files::read(file)?)
        .map_err(|error| FileError::content(file, format!("not UTF-8: {error}; convert it")))?;
    let mut parsed = Vec::new();
    for (number, line) in content.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let value = serde_json::from_str(line).map_err(|error| wrong(file, number + 1, error.to_string()))?;
        parsed.push((number + 1, value));
    }
    Ok(parsed)
}

fn wrong(file: &Path, line: usize, reason: String) -> RecordingError {
    RecordingError::Line { file: file.to_owned(), line, reason }
}

fn checked(file: &Path, line: usize, record: UsageRecord) -> Result<UsageRecord, RecordingError> {
    record.check().map_err(|error| wrong(file, line, record_error(error).to_owned()))?;
    Ok(record)
}

fn unix_ms(file: &Path, line: usize, at: &str) -> Result<u64, RecordingError> {
    let parsed = OffsetDateTime::parse(at, &Rfc3339).map_err(|error| error.to_string());
    let since = parsed.and_then(|at| {
        u64::try_from(at.unix_timestamp_nanos() / 1_000_000).map_err(|_| "it is before 1970".to_owned())
    });
    since.map_err(|reason| wrong(file, line, format!("{at:?} is no time: {reason}; write it as 2026-10-01T09:00:00Z")))
}

/// Sends a batch and gives the service's answer, byte for byte. Tries again, with growing pauses, while the service
/// cannot be reached or says that it cannot take the batch now: a batch counts once however often it is sent.
///
/// # Errors
/// [`RecordingError::Refused`], [`RecordingError::Unreachable`], [`RecordingError::OtherService`].
pub async fn send(url: &str, batch: &Batch) -> Result<String, RecordingError> {
    let address = format!("{}/v1/batches", url.trim_end_matches('/'));
    let submission = Submission::from(batch);
    let unreachable = |reason: String| RecordingError::Unreachable { url: url.to_owned(), reason };
    let client =
        reqwest::Client::builder().timeout(PATIENCE).build().map_err(|error| unreachable(error.to_string()))?;
    let mut pause = FIRST_PAUSE;
    let mut last = String::new();
    for attempt in 0..ATTEMPTS {
        if attempt > 0 {
            tracing::warn!(url, reason = last, "the batch is sent again in {} ms", pause.as_millis());
            tokio::time::sleep(pause).await;
            pause *= 2;
        }
        let answer = match client.post(&address).json(&submission).send().await {
            Ok(answer) => answer,
            Err(error) => {
                last = chain_text(&error);
                continue;
            }
        };
        let status = answer.status();
        let body = match answer.text().await {
            Ok(body) => body,
            Err(error) => {
                last = chain_text(&error);
                continue;
            }
        };
        if status.is_success() {
            return Ok(body);
        }
        let Ok(problem) = serde_json::from_str::<Problem>(&body) else {
            return Err(RecordingError::OtherService { url: address, status: status.as_u16() });
        };
        if status.as_u16() != 503 {
            return Err(RecordingError::Refused(problem));
        }
        last = problem.detail;
    }
    Err(unreachable(last))
}

/// An error with its causes: reqwest's own text leaves them out.
fn chain_text(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
