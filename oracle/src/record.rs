//! The platform's side: outputs become records, signed and sent. An output's text is embedded, fingerprinted and hashed
//! here, and goes no further.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use reqwest::{StatusCode, header};
use serde::{Deserialize, Deserializer};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use yieldset_rules::usage::{DatasetUse, Evidence, InferenceCall, TrainingRun, UsageRecord, Words};
use yieldset_service::{
    retry::{self, Retryable},
    web::Problem,
};

use crate::{
    attribution::share,
    embed::{EmbedError, Embedder},
    files::{self, FileError, hex_bytes},
    hex0x,
    ingest::Submission,
    manifest::Dataset,
    sha256, trained,
    usage_log::{Batch, bounds::check_id, id_of, record_error},
    words,
};

/// How often an unreachable service is tried, and the pauses between.
const ATTEMPTS: usize = 6;
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// How long one try may take, and how long the service may ask to be left alone.
const PATIENCE: Duration = Duration::from_secs(60);

/// Tokens that an output may have beside those that its text shows: ends of turns, calls of tools.
const SILENT_TOKENS: usize = 64;

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
        file: PathBuf,
        /// From 1 on.
        line: usize,
        /// What is wrong.
        reason: String,
    },
    /// A file without a line.
    #[error("{file} has no line, so there is nothing to send; give a file of outputs or training runs", file = file.display())]
    Empty {
        /// The file.
        file: PathBuf,
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
    /// It is there, and does not take the batch now.
    #[error("the service at {url} answered {ATTEMPTS} times that it cannot take the batch now: {reason}")]
    NotNow {
        /// The service.
        url: String,
        /// What it said last.
        reason: String,
    },
    /// Refused.
    #[error("the service refused the batch ({}): {}", .0.code(), .0.detail())]
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
pub(crate) struct OutputLine {
    pub(crate) call_id: String,
    declared_use: String,
    input_tokens: u32,
    output_tokens: u32,
    at: String,
    pub(crate) text: String,
}

/// A line of a training runs file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct RunLine {
    run_id: String,
    started: String,
    ended: String,
    datasets: Vec<DatasetLine>,
    /// Worked out from the manifests where it is not here.
    #[serde(default, deserialize_with = "some_hash")]
    ingestion_digest: Option<[u8; 32]>,
    #[serde(default)]
    base: Option<String>,
}

fn some_hash<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<[u8; 32]>, D::Error> {
    hex_bytes::deserialize(deserializer).map(Some)
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
/// (RFC 3339), `text`. An output with more words than a record holds is several, with its tokens divided by their
/// words: the second is called `ID/2`.
///
/// # Errors
/// [`RecordingError`], with the line.
pub fn calls(file: &Path, model: &str, embedder: &Embedder) -> Result<Vec<UsageRecord>, RecordingError> {
    let lines: Vec<(usize, OutputLine)> = some_lines(file)?;
    // Before anything is embedded: a token has a byte at least.
    let beyond = |(_, line): &&(usize, OutputLine)| line.output_tokens as usize > line.text.len() + SILENT_TOKENS;
    if let Some((number, line)) = lines.iter().find(beyond) {
        let (tokens, bytes) = (line.output_tokens, line.text.len());
        let reason =
            format!("it says {tokens} output tokens, and its text has {bytes} bytes; count those of this text");
        return Err(wrong(file, *number, reason));
    }
    let parts: Vec<Vec<&str>> = lines.iter().map(|(_, line)| words::parts(&line.text)).collect();
    let mut tables = words::of_outputs(&parts.concat(), embedder)?.into_iter();
    let mut records = Vec::with_capacity(lines.len());
    for ((number, line), parts) in lines.iter().zip(&parts) {
        let tables: Vec<Words> = tables.by_ref().take(parts.len()).collect();
        let counts: Vec<u64> = tables.iter().map(|words| u64::from(words.count)).collect();
        let tokens = match parts.len() {
            1 => vec![u64::from(line.output_tokens)],
            _ => share(line.output_tokens.into(), &counts),
        };
        for (at, ((words, part), tokens)) in tables.into_iter().zip(parts).zip(tokens).enumerate() {
            let first = at == 0;
            let record = UsageRecord::InferenceCall(InferenceCall {
                call_id: if first { line.call_id.clone() } else { format!("{}/{}", line.call_id, at + 1) },
                model: model.to_owned(),
                at_ms: unix_ms(file, *number, &line.at)?,
                input_tokens: if first { line.input_tokens } else { 0 },
                // No more than all of them.
                output_tokens: tokens as u32,
                declared_use: line.declared_use.clone(),
                output_hash: sha256(part.as_bytes()),
                evidence: Evidence::Words(words),
            });
            records.push(checked(file, *number, record)?);
        }
    }
    Ok(records)
}

/// Records of a training runs file, one JSON object a line: `run_id`, `started`, `ended` (RFC 3339), `datasets`
/// (`manifest_hash`, `epochs`, `tokens`), and `base` where it began from another model version. `ingestion_digest` is
/// worked out from these dataset versions where a line does not have it.
///
/// # Errors
/// [`RecordingError`], with the line.
pub fn training_runs(file: &Path, model: &str, datasets: &[Dataset]) -> Result<Vec<UsageRecord>, RecordingError> {
    let mut records = Vec::new();
    for (number, line) in some_lines::<RunLine>(file)? {
        let dataset =
            |one: &DatasetLine| DatasetUse { manifest_hash: one.manifest_hash, epochs: one.epochs, tokens: one.tokens };
        let record = UsageRecord::TrainingRun(TrainingRun {
            run_id: line.run_id,
            model: model.to_owned(),
            started_ms: unix_ms(file, number, &line.started)?,
            ended_ms: unix_ms(file, number, &line.ended)?,
            datasets: line.datasets.iter().map(dataset).collect(),
            ingestion_digest: match line.ingestion_digest {
                Some(digest) => digest,
                None => digest_of(&line.datasets, datasets).map_err(|reason| wrong(file, number, reason))?,
            },
            base: line.base,
        });
        records.push(checked(file, number, record)?);
    }
    Ok(records)
}

/// The ingestion digest of what a run read.
fn digest_of(read: &[DatasetLine], datasets: &[Dataset]) -> Result<[u8; 32], String> {
    let found = |one: &DatasetLine| {
        let found = datasets.iter().find(|dataset| dataset.manifest_hash == one.manifest_hash);
        let hash = hex0x(&one.manifest_hash);
        found.ok_or_else(|| match datasets.is_empty() {
            true => format!(
                "its ingestion digest is not here, nor is the dataset version {hash}; give the folder by --manifests"
            ),
            false => format!(
                "its ingestion digest is not here, and the dataset version {hash} is not among the manifests; put its folder \
                 there, or the run's ingestion_digest into the line"
            ),
        })
    };
    Ok(trained::ingestion_digest(read.iter().map(found).collect::<Result<Vec<_>, _>>()?))
}

/// The lines of a file that has one at least.
fn some_lines<T: serde::de::DeserializeOwned>(file: &Path) -> Result<Vec<(usize, T)>, RecordingError> {
    let lines = lines(file)?;
    match lines.is_empty() {
        true => Err(RecordingError::Empty { file: file.to_owned() }),
        false => Ok(lines),
    }
}

pub(crate) fn lines<T: serde::de::DeserializeOwned>(file: &Path) -> Result<Vec<(usize, T)>, RecordingError> {
    let content = String::from_utf8(files::read_at_most(file, files::MAX_JSON_BYTES)?)
        .map_err(|error| FileError::content(file, format!("not UTF-8: {error}; convert it")))?;
    let mut parsed = Vec::new();
    for (number, line) in content.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let value = serde_json::from_str(line).map_err(|error| wrong(file, number + 1, files::json_error(&error)))?;
        parsed.push((number + 1, value));
    }
    Ok(parsed)
}

fn wrong(file: &Path, line: usize, reason: String) -> RecordingError {
    RecordingError::Line { file: file.to_owned(), line, reason }
}

fn checked(file: &Path, line: usize, record: UsageRecord) -> Result<UsageRecord, RecordingError> {
    record.check().map_err(|error| wrong(file, line, record_error(error).to_owned()))?;
    check_id(id_of(&record)).map_err(|reason| wrong(file, line, reason))?;
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
    (|| send_once(&client, &address, &submission))
        .retry(retry::policy(FIRST_PAUSE, LONGEST_PAUSE).with_max_times(ATTEMPTS - 1))
        .when(|unsent| matches!(unsent, Unsent::ForNow { .. }))
        .adjust(|unsent, pause| pause.map(|pause| pause.max(unsent.asked_pause())))
        .notify(|unsent, pause| {
            tracing::warn!(url, reason = unsent.reason(), "the batch is sent again in {} ms", pause.as_millis());
        })
        .await
        .map_err(|unsent| match unsent {
            Unsent::ForNow { reason, answered: true, .. } => RecordingError::NotNow { url: url.to_owned(), reason },
            Unsent::ForNow { reason, .. } => unreachable(reason),
            Unsent::ForGood(error) => error,
        })
}

/// Why one try brought nothing.
enum Unsent {
    /// It passes by waiting, for as long as the service asked for if it did.
    ForNow { reason: String, answered: bool, asked_pause: Duration },
    /// It does not.
    ForGood(RecordingError),
}

impl Unsent {
    fn unreachable(error: &reqwest::Error) -> Self {
        Self::ForNow { reason: chain_text(error), answered: false, asked_pause: Duration::ZERO }
    }

    fn reason(&self) -> String {
        match self {
            Self::ForNow { reason, .. } => reason.clone(),
            Self::ForGood(error) => error.to_string(),
        }
    }

    fn asked_pause(&self) -> Duration {
        match self {
            Self::ForNow { asked_pause, .. } => *asked_pause,
            Self::ForGood(_) => Duration::ZERO,
        }
    }
}

async fn send_once(client: &reqwest::Client, address: &str, submission: &Submission) -> Result<String, Unsent> {
    let sent = client.post(address).json(submission).send().await;
    let answer = sent.map_err(|error| Unsent::unreachable(&error))?;
    let status = answer.status();
    let asked = answer.headers().get(header::RETRY_AFTER).and_then(|seconds| seconds.to_str().ok()?.parse().ok());
    let asked_pause = Duration::from_secs(asked.unwrap_or_default()).min(PATIENCE);
    let body = answer.text().await.map_err(|error| Unsent::unreachable(&error))?;
    if status.is_success() {
        return Ok(body);
    }
    let Ok(problem) = serde_json::from_str::<Problem>(&body) else {
        let (url, status) = (address.to_owned(), status.as_u16());
        return Err(Unsent::ForGood(RecordingError::OtherService { url, status }));
    };
    match status {
        StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS => {
            Err(Unsent::ForNow { reason: problem.detail().to_owned(), answered: true, asked_pause })
        }
        _ => Err(Unsent::ForGood(RecordingError::Refused(problem))),
    }
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

#[cfg(test)]
mod tests;
