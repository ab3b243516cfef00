//! The log's side of its witnesses: asks each by its address, by C2SP tlog-witness, until as many have cosigned as the
//! log needs. Their keys are nowhere here.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use futures::{StreamExt, stream::FuturesUnordered};
use reqwest::{StatusCode, header};
use tlog_tiles::Checkpoint;
use yieldset_service::{
    retry::{self, Retryable},
    web::Problem,
};

use super::{LogError, LogInfo, note, tiles::Tree};
use crate::witness::{Refusal, Request, Witness};

/// How often witnesses that do not answer are asked, and the pauses between.
const ATTEMPTS: usize = 6;
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);
/// How long one may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long those who are not needed any more are waited for.
const GRACE: Duration = Duration::from_millis(250);
/// How often one is asked with another old size.
const SIZES: usize = 3;

/// Why a checkpoint is not cosigned.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WitnessError {
    /// A witness knows a longer log.
    #[error(
        "the witness at {at} refuses: it cosigned {last} leaves and is shown {size}; the log lost records, restore it"
    )]
    Shrunk {
        /// Its address.
        at: String,
        /// Leaves now.
        size: u64,
        /// Leaves before.
        last: u64,
    },
    /// A witness knows another log.
    #[error(
        "the witness at {at} refuses: {size} leaves do not continue the {last} that it cosigned; the log shows two faces"
    )]
    TwoFaces {
        /// Its address.
        at: String,
        /// Leaves now.
        size: u64,
        /// Leaves before.
        last: u64,
    },
    /// A witness does not know the log, or its key.
    #[error("the witness at {at} refuses: {reason}; have its operator run `witness-init` with this log's name and key")]
    Refused {
        /// Its address.
        at: String,
        /// What it said.
        reason: String,
    },
    /// A witness signs by another key than the log names.
    #[error(
        "the witness at {at} signs as {got}, and log.json names {expected}; start it with the key that log.json names, or \
         give the address of the witness that has it"
    )]
    OtherKey {
        /// Its address.
        at: String,
        /// Name and key id of its signature.
        got: String,
        /// Those that count.
        expected: String,
    },
    /// Too few answered. It passes by waiting.
    #[error("{got} of {needed} witnesses cosigned ({reasons}); start them")]
    TooFew {
        /// How many did.
        got: usize,
        /// How many must.
        needed: usize,
        /// What the others said.
        reasons: String,
    },
}

impl WitnessError {
    /// Whether it passes by waiting.
    pub fn passes(&self) -> bool {
        matches!(self, Self::TooFew { .. })
    }
}

/// Where a witness is.
#[derive(Debug, Clone)]
pub enum Address {
    /// Another process: the prefix of its `add-checkpoint`.
    Url(String),
    /// One in this process, for tests and benchmarks: it witnesses nothing to others.
    Here(Arc<Witness>),
}

#[derive(Debug)]
struct Asked {
    address: Address,
    /// Leaves of the checkpoint that it cosigned last, as far as is known here.
    last: AtomicU64,
}

/// The witnesses that a log asks.
#[derive(Debug)]
pub struct Witnesses {
    asked: Vec<Asked>,
    client: reqwest::Client,
    attempts: usize,
}

impl Witnesses {
    /// Witnesses at these addresses. Which keys count is for [`LogInfo::witnesses`] to say.
    pub fn new(addresses: Vec<Address>) -> Self {
        let asked = |address| Asked { address, last: AtomicU64::new(0) };
        Self {
            asked: addresses.into_iter().map(asked).collect(),
            client: reqwest::Client::builder().timeout(PATIENCE).build().unwrap_or_default(),
            attempts: ATTEMPTS,
        }
    }

    /// The same, asked once each time.
    pub fn without_patience(self) -> Self {
        Self { attempts: 1, ..self }
    }

    /// A checkpoint of the tree that the log signed, with as many witnesses' signatures as it needs.
    ///
    /// # Errors
    /// [`LogError::Witness`].
    pub async fn cosign(&self, info: &LogInfo, checkpoint: &[u8], tree: &Tree) -> Result<Vec<u8>, LogError> {
        let signed = (|| self.ask_all(info, checkpoint, tree))
            .retry(retry::policy(FIRST_PAUSE, LONGEST_PAUSE).with_max_times(self.attempts - 1))
            .when(|error| matches!(error, LogError::Witness(refused) if refused.passes()))
            .notify(|error, pause| tracing::warn!(%error, "witnesses are asked again in {} ms", pause.as_millis()))
            .await?;
        note::open_witnessed(&signed, info)?;
        Ok(signed)
    }

    async fn ask_all(&self, info: &LogInfo, checkpoint: &[u8], tree: &Tree) -> Result<Vec<u8>, LogError> {
        let (signed_note, said) = note::open(checkpoint, info)?;
        let mut bytes = signed_note.to_bytes();
        let mut answers: FuturesUnordered<_> =
            self.asked.iter().map(|asked| self.ask(asked, info, (checkpoint, &said), tree)).collect();
        let (mut got, mut refusals) = (0, Vec::new());
        loop {
            let answer = match got >= info.quorum {
                false => answers.next().await,
                true => tokio::time::timeout(GRACE, answers.next()).await.unwrap_or(None),
            };
            match answer {
                None => break,
                Some(Ok(lines)) => {
                    // A second one of the same witness adds nothing.
                    bytes = note::with_cosignatures(&bytes, &lines, info).unwrap_or(bytes);
                    got = note::cosigned(&bytes, info)?.len();
                }
                Some(Err(Unsigned::Error(error))) => return Err(error),
                Some(Err(Unsigned::Refused(refusal))) => refusals.push(refusal),
                Some(Err(Unsigned::Silent(reason))) => {
                    refusals.push(WitnessError::TooFew { got: 0, needed: info.quorum, reasons: reason });
                }
            }
        }
        if got >= info.quorum {
            refusals.iter().for_each(|refusal| tracing::warn!(%refusal, "a witness did not cosign; enough others did"));
            return Ok(bytes);
        }
        if let Some(refusal) = refusals.iter().find(|refusal| !refusal.passes()) {
            return Err(refusal.clone().into());
        }
        let reason = |refusal: &WitnessError| match refusal {
            WitnessError::TooFew { reasons, .. } => reasons.clone(),
            other => other.to_string(),
        };
        let mut reasons = refusals.iter().map(reason).collect::<Vec<_>>().join("; ");
        if reasons.is_empty() {
            reasons = "no more are asked".into();
        }
        Err(WitnessError::TooFew { got, needed: info.quorum, reasons }.into())
    }

    /// Asks one witness, from the size that it says it has.
    async fn ask(
        &self,
        asked: &Asked,
        info: &LogInfo,
        (note, checkpoint): (&[u8], &Checkpoint),
        tree: &Tree,
    ) -> Result<Vec<u8>, Unsigned> {
        let (size, at) = (checkpoint.size(), asked.address.name());
        for _ in 0..SIZES {
            let last = asked.last.load(Ordering::Relaxed).min(size);
            let proof = match 0 < last && last < size {
                true => tree.prove_from(last)?,
                false => Vec::new(),
            };
            match self.post(&asked.address, Request::body(last, &proof, note)).await? {
                Answer::Signed(lines) => {
                    note::with_cosignatures(note, &lines, info).map_err(|_| {
                        let (got, expected) = note::signers(&lines, info);
                        WitnessError::OtherKey { at: at.clone(), got, expected }
                    })?;
                    asked.last.store(size, Ordering::Relaxed);
                    return Ok(lines);
                }
                Answer::Conflict(known) if known > size => {
                    return Err(WitnessError::Shrunk { at, size, last: known }.into());
                }
                Answer::Conflict(known) if known == last => {
                    return Err(WitnessError::TwoFaces { at, size, last }.into());
                }
                Answer::Conflict(known) => asked.last.store(known, Ordering::Relaxed),
                Answer::Inconsistent => return Err(WitnessError::TwoFaces { at, size, last }.into()),
            }
        }
        Err(Unsigned::Silent(format!("{at}: it tells another size each time; ask no one else to use its memory")))
    }

    async fn post(&self, address: &Address, body: Vec<u8>) -> Result<Answer, Unsigned> {
        match address {
            Address::Here(witness) => match witness.add_checkpoint(&body) {
                Ok(line) => Ok(Answer::Signed(line)),
                Err(Refusal::Conflict { last }) => Ok(Answer::Conflict(last)),
                Err(Refusal::Inconsistent { .. }) => Ok(Answer::Inconsistent),
                Err(Refusal::Witness(error)) => Err(Unsigned::Silent(error.to_string())),
                Err(refusal) => Err(WitnessError::Refused { at: address.name(), reason: refusal.to_string() }.into()),
            },
            Address::Url(url) => self.post_to(url, body).await,
        }
    }

    async fn post_to(&self, url: &str, body: Vec<u8>) -> Result<Answer, Unsigned> {
        let silent = |reason: &dyn std::fmt::Display| Unsigned::Silent(format!("{url}: {reason}"));
        let address = format!("{}/add-checkpoint", url.trim_end_matches('/'));
        let answer = self.client.post(address).body(body).send().await.map_err(|error| silent(&error))?;
        let status = answer.status();
        let kind = answer.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).map(str::to_owned);
        let body = answer.bytes().await.map_err(|error| silent(&error))?;
        if status.is_success() {
            return Ok(Answer::Signed(body.to_vec()));
        }
        let words = || match serde_json::from_slice::<Problem>(&body) {
            Ok(problem) => problem.detail().to_owned(),
            Err(_) => format!("it answers {status}"),
        };
        match status {
            StatusCode::CONFLICT => {
                let told = std::str::from_utf8(&body).ok().and_then(|text| text.strip_suffix('\n'));
                let size = told.and_then(crate::witness::size).filter(|_| kind.as_deref() == Some("text/x.tlog.size"));
                size.map(Answer::Conflict).ok_or_else(|| silent(&"it answers 409 without its size"))
            }
            StatusCode::UNPROCESSABLE_ENTITY => Ok(Answer::Inconsistent),
            StatusCode::BAD_REQUEST | StatusCode::FORBIDDEN | StatusCode::NOT_FOUND => {
                Err(WitnessError::Refused { at: url.to_owned(), reason: words() }.into())
            }
            _ => Err(silent(&words())),
        }
    }
}

impl Address {
    fn name(&self) -> String {
        match self {
            Self::Url(url) => url.clone(),
            Self::Here(witness) => witness.name().to_owned(),
        }
    }
}

/// What a witness answers.
enum Answer {
    Signed(Vec<u8>),
    Conflict(u64),
    Inconsistent,
}

/// Why one has not signed.
enum Unsigned {
    Error(LogError),
    Refused(WitnessError),
    Silent(String),
}

impl From<LogError> for Unsigned {
    fn from(error: LogError) -> Self {
        Self::Error(error)
    }
}

impl From<WitnessError> for Unsigned {
    fn from(error: WitnessError) -> Self {
        Self::Refused(error)
    }
}
