//! A report is posted exactly once (ATT-9).
//!
//! # The order of writes
//!
//! 1. The report is built from the chain's state and signed; the transaction is signed, too, but not sent.
//! 2. Both are written durably to the outbox.
//! 3. The transaction is sent, and watched until it is finalised.
//! 4. The outbox notes where it landed; `report.json` is written.
//!
//! Whoever finds an outbox entry asks the chain first what became of it: in the registry means done, pending means that
//! *the same bytes* are sent again (their nonce is used once), and only what expired or failed is built anew. The
//! registry refuses a second report for a period besides. The newest state and the blocks' transactions answer that, so
//! a node without old states will do.

use std::path::{Path, PathBuf};

use ed25519_dalek::SigningKey;
use serde::{Deserialize, Serialize};
use yieldset_chain::{
    Address, B256, ChainClient, ChainError, Deployment, SolCall,
    abi::Attribution,
    submit::{Prepared, Submitter},
};
use yieldset_rules::{
    dispute::Phase,
    report::{Last, Report},
};

use crate::{
    answers::{Answers, Difference},
    embed::Embedder,
    files::{self, FileError},
    hex0x, licensed,
    manifest::{self, ManifestError},
    period_name,
    recomputed::{self, Here, RecomputeError},
    registry::{self, Mismatch},
    report::{self, Committee, Position, Posted, ReportError, ReportPlace, SignedReport},
    settlement::{Settlement, SettlementError},
    slug_id,
    usage_log::{VerifiedLog, verified::Pins},
};

/// Why a report was not posted.
#[derive(Debug, thiserror::Error)]
pub enum PostError {
    /// A file.
    #[error(transparent)]
    File(#[from] FileError),
    /// The chain.
    #[error(transparent)]
    Chain(Box<ChainError>),
    /// The report.
    #[error(transparent)]
    Report(#[from] ReportError),
    /// The settlement.
    #[error(transparent)]
    Settlement(#[from] SettlementError),
    /// A settlement of something else.
    #[error("the settlement is of {settled}, --stream says {asked}; give the right file")]
    OtherStream {
        /// In the settlement.
        settled: String,
        /// As asked for.
        asked: String,
    },
    /// Not what the registry of datasets says.
    #[error("the settlement is not posted: {0}")]
    Datasets(#[from] Box<Mismatch>),
    /// Not what log and manifests make it.
    #[error("nothing is signed, since the settlement does not follow from log and manifests: {0}")]
    Recompute(#[from] RecomputeError),
    /// Made of what the chain does not say.
    #[error(
        "{}: the settlement says {}, the chain {}; run `attribute` again with --node-url, for a licence's stream with --licence",
        .0.what, .0.settled, .0.chain
    )]
    ChainDiffers(Box<Difference>),
    /// Not what the stream's licence asks.
    #[error("the registry would refuse this report, by the terms of its licence: {0}")]
    AgainstLicence(String),
    /// Another process posts from this outbox.
    #[error("another process posts from {outbox}; wait for it", outbox = outbox.display())]
    Busy {
        /// The outbox.
        outbox: PathBuf,
    },
    /// The outbox holds another report for the period, which has been or may still be posted.
    #[error("{file} holds another report for {period}, which {state}; it cannot be replaced by this one", file = file.display())]
    OtherInOutbox {
        /// The entry.
        file: PathBuf,
        /// The period.
        period: String,
        /// `was posted` or `may still be posted`.
        state: &'static str,
    },
    /// The stream was reported further already.
    #[error(
        "the registry's last report of this stream is for {last}; {period} was passed over and is not reported any more, its money \
         goes with the next report"
    )]
    Passed {
        /// The settlement's period.
        period: String,
        /// The last reported one.
        last: String,
    },
    /// The chain has another report for the period.
    #[error("the registry has report {posted} for {period} with weights {root}, not these; a period is reported once")]
    OtherOnChain {
        /// The period.
        period: String,
        /// Hash of the report there.
        posted: String,
        /// Its root.
        root: String,
    },
    /// The chain has this report, signed by whoever posted it.
    #[error(
        "the registry has a report for {period} with these weights, but this outbox has not posted it; take report.json from who did"
    )]
    PostedElsewhere {
        /// The period.
        period: String,
    },
}

impl From<ChainError> for PostError {
    fn from(error: ChainError) -> Self {
        // Boxed: it is much larger than the others.
        Self::Chain(Box::new(error))
    }
}

/// What is to be posted.
#[derive(Debug)]
pub struct Request<'a> {
    /// The settlement.
    pub settlement: &'a Settlement,
    /// Where the contracts are.
    pub deployment: &'a Deployment,
    /// The model's slug, to be sure.
    pub stream: &'a str,
    /// The licence that the report is for: its id is the stream then, instead of the model's.
    pub licence: Option<[u8; 32]>,
    /// From what the settlement is worked out anew before anything is signed. What was signed before is finished
    /// without.
    pub evidence: Evidence<'a>,
    /// Committee members' keys.
    pub keys: &'a [SigningKey],
    /// The outbox.
    pub outbox: &'a Path,
}

/// Log and datasets.
#[derive(Debug, Clone, Copy)]
pub struct Evidence<'a> {
    /// The log's folder.
    pub log_dir: &'a Path,
    /// Keys of log and witness, known from elsewhere.
    pub pins: Pins,
    /// The datasets' folder.
    pub manifests: &'a Path,
    /// Folders of the embedding model and of its cache, by which the texts are embedded again; nothing where their
    /// embeddings are believed.
    pub model: Option<(&'a Path, &'a Path)>,
}

/// An entry of the outbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct OutboxEntry {
    report: SignedReport,
    prepared: Prepared,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The report, with its transaction.
    pub report: SignedReport,
    /// Whether it was on chain before.
    pub already_posted: bool,
}

/// What became of a report that was sent.
enum Fate {
    /// The registry has it, by the transaction in this block where that is known.
    Posted(Option<(u64, B256)>),
    /// It may still get there.
    Pending,
    /// It had no effect, and never will.
    Void,
}

struct Poster<'a> {
    request: &'a Request<'a>,
    /// With the registry that the pool follows now.
    deployment: Deployment,
    submitter: &'a Submitter,
    client: &'a ChainClient,
    place: ReportPlace,
    file: PathBuf,
}

/// Posts a report, or finishes what an earlier run began.
///
/// # Errors
/// [`PostError`]. After [`ChainError::NotFinalised`] or [`ChainError::NodeUnreachable`] it may have been posted: run it
/// again.
pub async fn post(request: &Request<'_>, submitter: &Submitter) -> Result<Outcome, PostError> {
    let settlement = request.settlement;
    settlement.check()?;
    let stream = request.licence.unwrap_or_else(|| slug_id(request.stream));
    if stream != settlement.stream || request.stream != settlement.model {
        return Err(PostError::OtherStream { settled: settlement.model.clone(), asked: request.stream.to_owned() });
    }
    // Two posters would prepare two transactions.
    let Some(_lock) = files::lock(&request.outbox.join("lock"))? else {
        return Err(PostError::Busy { outbox: request.outbox.to_owned() });
    };
    let client = submitter.client();
    request.deployment.check(client).await?;
    let deployment = request.deployment.current(client).await?;
    let place = ReportPlace {
        chain_id: deployment.chain_id,
        registry: deployment.attribution.into_array(),
        pool: deployment.pool.into_array(),
    };
    // A registry that the pool adopts has none of the old one's reports.
    let [pool, registry, stream] = [&place.pool[..], &place.registry[..8], &settlement.stream[..8]].map(hex::encode);
    let name = format!("{pool}-{registry}-{stream}-{}.json", settlement.period_name);
    let poster = Poster { request, deployment, submitter, client, place, file: request.outbox.join(name) };
    match poster.unfinished()? {
        Some(entry) => poster.resume(entry).await,
        None => poster.begin().await,
    }
}

impl Poster<'_> {
    fn unfinished(&self) -> Result<Option<OutboxEntry>, PostError> {
        match self.file.exists() {
            true => Ok(Some(files::read_json(&self.file)?)),
            false => Ok(None),
        }
    }

    /// An entry is there: what became of its transaction?
    async fn resume(&self, entry: OutboxEntry) -> Result<Outcome, PostError> {
        let same = entry.report.is_of(self.request.settlement, self.place);
        let other = |state| PostError::OtherInOutbox {
            file: self.file.clone(),
            period: self.request.settlement.period_name.clone(),
            state,
        };
        // Withdrawn by an arbiter: what was posted is history, and its revision is wanted.
        if self.next_revision().await?.is_some_and(|next| next > entry.report.fields.revision) {
            return self.begin().await;
        }
        if entry.report.transaction.is_some() {
            return match same {
                true => self.confirm(entry.report).await,
                false => Err(other("was posted")),
            };
        }
        match self.fate(&entry).await? {
            Fate::Posted(at) => match same {
                true => self.finish(entry, at, true),
                false => Err(other("was posted")),
            },
            Fate::Pending if same => {
                tracing::info!(tx_hash = %entry.prepared.tx_hash, "sending what was prepared before");
                self.submit(entry).await
            }
            Fate::Pending => Err(other("may still be posted")),
            // It had no effect and never will: begin again from the chain's present state.
            Fate::Void => self.begin().await,
        }
    }

    /// What became of what was sent, by blocks and the newest state alone: a run that comes back after months finishes
    /// on a node that keeps no more.
    async fn fate(&self, entry: &OutboxEntry) -> Result<Fate, PostError> {
        let landed = self.client.landed_in(&entry.prepared).await?;
        // The state of no earlier block than those that were looked through.
        let finalised = self.client.finalised_block().await?;
        let (pool, registry) = (self.deployment.pool, self.deployment.attribution);
        let (stream, period) = (B256::from(self.request.settlement.stream), self.request.settlement.period);
        let call = Attribution::reportOfCall { pool, stream, period };
        let there = self.client.read_at(finalised.hash, registry, &call).await?.reportHash;
        // Whoever sent it: the registry takes a report once.
        if there == entry.report.report_hash {
            return Ok(Fate::Posted(landed));
        }
        let call = Attribution::disputeOfCall { pool, stream, period };
        let replaced = self.client.read_at(finalised.hash, registry, &call).await?;
        // In its place is a revision of it.
        if landed.is_some() && !there.is_zero() && replaced.revision > entry.report.fields.revision {
            return Ok(Fate::Posted(landed));
        }
        match landed.is_some() || finalised.number >= entry.prepared.valid_until {
            true => Ok(Fate::Void),
            false => Ok(Fate::Pending),
        }
    }

    /// Posted before: the chain must still say so.
    async fn confirm(&self, report: SignedReport) -> Result<Outcome, PostError> {
        let (hash, root) = self.on_chain(report.fields.period).await?;
        match hash == report.report_hash {
            true => Ok(Outcome { report, already_posted: true }),
            false => Err(self.other_on_chain(hash, root)),
        }
    }

    async fn begin(&self) -> Result<Outcome, PostError> {
        let settlement = self.request.settlement;
        let position = self.position().await?;
        let passed = position.last.filter(|last| last.period >= settlement.period);
        if let (Some(last), None) = (passed, position.next_revision) {
            let (hash, root) = self.on_chain(settlement.period).await?;
            if hash == [0; 32] {
                let (period, last) = (settlement.period_name.clone(), period_name(last.period));
                return Err(PostError::Passed { period, last });
            }
            return Err(match root == settlement.weights_root {
                true => PostError::PostedElsewhere { period: settlement.period_name.clone() },
                false => self.other_on_chain(hash, root),
            });
        }
        registry::check(self.client, &self.deployment, settlement, &[], None).await.map_err(Box::new)?;
        self.check_answers().await?;
        self.recompute().await?;
        let committee = committee(self.client, self.deployment.attribution).await?;
        // That took its time.
        let position = self.position().await?;
        let report = report::sign(settlement, self.place, &committee, position, self.request.keys)?;
        let parsed = report.check()?;
        let best = self.client.best_block().await?.hash;
        let agreed = licensed::agreed(self.client, &self.deployment, (parsed.stream, &parsed.log), best).await?;
        if let Some(reason) = agreed.and_then(|agreed| licensed::disagreement(&agreed, &parsed, u32::MAX)) {
            return Err(PostError::AgainstLicence(reason));
        }
        let call =
            Attribution::postCall { report: report.bytes()?.into(), signatures: report.signature_bytes().into() };
        let prepared = self.submitter.prepare_call(self.deployment.attribution, call.abi_encode(), 0).await?;
        let entry = OutboxEntry { report, prepared };
        files::write_json(&self.file, &entry)?;
        self.submit(entry).await
    }

    async fn submit(&self, entry: OutboxEntry) -> Result<Outcome, PostError> {
        match self.submitter.submit(&entry.prepared).await {
            Ok(receipt) => self.finish(entry, Some((receipt.block_number, receipt.block_hash)), false),
            Err(
                error @ (ChainError::Rejected { .. } | ChainError::FailedInBlock { .. } | ChainError::Expired { .. }),
            ) => {
                // It has no effect and never will: the next run begins anew.
                files::remove(&self.file)?;
                Err(error.into())
            }
            // The entry stays: the next run asks for the transaction's fate before it does anything.
            Err(error) => Err(error.into()),
        }
    }

    /// Notes where it landed; nothing is noted, and the chain asked again the next time, where the node has dropped
    /// that block.
    fn finish(
        &self,
        mut entry: OutboxEntry,
        landed: Option<(u64, B256)>,
        already_posted: bool,
    ) -> Result<Outcome, PostError> {
        let tx_hash = entry.prepared.tx_hash.0;
        entry.report.transaction =
            landed.map(|(block_number, block_hash)| Posted { tx_hash, block_number, block_hash: block_hash.0 });
        files::write_json(&self.file, &entry)?;
        Ok(Outcome { report: entry.report, already_posted })
    }

    /// The report's place in its stream, as the registry has it.
    async fn position(&self) -> Result<Position, PostError> {
        let now = self.client.best_block().await?.timestamp_ms / 1_000;
        Ok(Position { last: self.last().await?, next_revision: self.next_revision().await?, now })
    }

    /// The revision that the period waits for, where an arbiter has withdrawn its report.
    async fn next_revision(&self) -> Result<Option<u32>, PostError> {
        let (pool, settlement) = (self.deployment.pool, self.request.settlement);
        let (stream, period) = (B256::from(settlement.stream), settlement.period);
        let call = Attribution::disputeOfCall { pool, stream, period };
        let found = self.client.read(self.deployment.attribution, &call).await?;
        Ok((found.phase == Phase::Withdrawn as u8).then(|| found.revision.saturating_add(1)))
    }

    /// The end of the stream's chain of reports.
    async fn last(&self) -> Result<Option<Last>, PostError> {
        let call =
            Attribution::latestCall { pool: self.deployment.pool, stream: B256::from(self.request.settlement.stream) };
        let latest = self.client.read(self.deployment.attribution, &call).await?;
        let last = Last { period: latest.period, log_size: latest.logSize, hash: latest.reportHash.0 };
        Ok((last.period > 0).then_some(last))
    }

    /// Hash and root of the period's report.
    async fn on_chain(&self, period: u32) -> Result<([u8; 32], [u8; 32]), PostError> {
        let stream = B256::from(self.request.settlement.stream);
        on_chain(self.client, &self.deployment, stream, period).await
    }

    fn other_on_chain(&self, hash: [u8; 32], root: [u8; 32]) -> PostError {
        let period = self.request.settlement.period_name.clone();
        PostError::OtherOnChain { period, posted: hex0x(&hash), root: hex0x(&root) }
    }

    /// Reports that this outbox has posted, or tried to: the one before is mostly among them.
    fn posted_before(&self) -> Vec<Report> {
        let entries = std::fs::read_dir(self.request.outbox).into_iter().flatten();
        let files = entries.filter_map(|entry| Some(entry.ok()?.path()));
        let files = files.filter(|file| file.extension().is_some_and(|extension| extension == "json"));
        // What is no entry is none of the reports.
        let entries = files.filter_map(|file| files::read_json::<OutboxEntry>(&file).ok());
        entries.filter_map(|entry| Report::from_bytes(&entry.report.bytes().ok()?).ok()).collect()
    }

    /// Nobody signs what was not worked out anew: a settlement's file is anybody's.
    async fn recompute(&self) -> Result<(), RecomputeError> {
        let Request { settlement, licence, evidence, .. } = *self.request;
        let log = VerifiedLog::read(evidence.log_dir, evidence.pins).await?;
        let here = Here::of(settlement, manifest::load_all(evidence.manifests)?)?;
        if let Some((folder, cache)) = evidence.model {
            let embedder = Embedder::load(folder).map_err(ManifestError::from)?.with_cache(cache.to_owned());
            here.check_embeddings(settlement, &embedder)?;
        }
        recomputed::recompute(settlement, (&log, &here), licence)
    }

    /// What the settlement takes from the chain is what the chain says now: else records would be paid twice or never.
    async fn check_answers(&self) -> Result<(), PostError> {
        let settlement = self.request.settlement;
        let place = (settlement.stream, settlement.period);
        let best = self.client.best_block().await?.hash;
        let answers = Answers::ask(self.client, &self.deployment, place, (best, &self.posted_before())).await?;
        match answers.difference(settlement) {
            Some(difference) => Err(PostError::ChainDiffers(Box::new(difference))),
            None => Ok(()),
        }
    }
}

async fn on_chain(
    client: &ChainClient,
    deployment: &Deployment,
    stream: B256,
    period: u32,
) -> Result<([u8; 32], [u8; 32]), PostError> {
    let call = Attribution::reportOfCall { pool: deployment.pool, stream, period };
    let found = client.read(deployment.attribution, &call).await?;
    tracing::debug!(period = period_name(period), hash = %found.reportHash, "the registry's report");
    Ok((found.reportHash.0, found.weightsRoot.0))
}

/// The committee as the chain has it.
async fn committee(client: &ChainClient, registry: Address) -> Result<Committee, PostError> {
    let found = client.read(registry, &Attribution::committeeCall {}).await?;
    let keys = found.keys.iter().map(|key| key.0).collect();
    Ok(Committee { epoch: found.epoch, threshold: found.threshold, keys })
}
