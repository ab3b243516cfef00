//! Whoever posts a report collects its members' signatures, and posts it exactly once (ATT-9).
//!
//! No key of a member is here, and nothing is worked out anew: each member has done that before it signed
//! ([`sign`](crate::sign)). Every signature is checked over the bytes that follow from the settlement as the chain
//! stands now, and who is not of the committee in force is refused.
//!
//! # The order of writes
//!
//! 1. The report is put together from the chain's state and the signatures; the transaction is signed, but not sent.
//! 2. Both are written durably to the outbox.
//! 3. The transaction is sent, and watched until it is finalised. Where it waits in no block for too long, the same
//!    call is signed in its place for a higher tip, with its nonce, and is in the outbox, too, before it is sent.
//! 4. The outbox notes where it landed; `report.json` is written.
//!
//! Whoever finds an outbox entry asks the chain first what became of it: in the registry means done, pending means that
//! *the same bytes* are sent again (their nonce is used once), and only what expired or failed is built anew. The
//! registry refuses a second report for a period besides. Only finalised blocks count as landed, so that a block that
//! is taken back changes nothing. The newest state and the blocks' transactions answer that, so a node without old
//! states will do.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use yieldset_chain::{
    B256, ChainError, Deployment, SolCall,
    abi::Attribution,
    submit::{Prepared, Receipt, Submitter, next_tip},
};
use yieldset_rules::report::Report;

use crate::{
    answers::Difference,
    documents,
    files::{self, FileError},
    hex0x,
    licensed::Unproven,
    models::Models,
    period_name,
    place::Place,
    recomputed::RecomputeError,
    registry::Mismatch,
    report::{self, Committee, KeySignature, Posted, ReportError, SignedReport},
    settlement::{Settlement, SettlementError},
    sign::{self, SignatureFile, check_stream},
};

/// Why a report was not signed, or not posted.
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
    /// Another metric or threshold than the member's, and no licence that asks for it.
    #[error(
        "the settlement's metric is {settled}, yours {own}, and no licence asks for it; sign with --threshold if it was agreed on"
    )]
    OtherMetric {
        /// In the settlement.
        settled: String,
        /// The member's.
        own: String,
    },
    /// Another audit than the one that the member signs by.
    #[error(
        "the settlement names the finding of {settled} audit, you of {own}; make it with settle --audited, and sign with the same"
    )]
    OtherAudit {
        /// In the settlement.
        settled: String,
        /// The member's.
        own: String,
    },
    /// Not what the registry of datasets says.
    #[error("the settlement is not posted: {0}")]
    Datasets(#[from] Box<Mismatch>),
    /// Not the log of the stream's licence.
    #[error("nothing is signed: {0}")]
    Unproven(#[from] Box<Unproven>),
    /// Made of a part of the log.
    #[error(
        "nothing is signed: the settlement is of the log's first {size} records, and {calls} calls of its period or an earlier one \
         stand in the {length} that are here; run `attribute` again with this log, or, where they came too late for it, sign with \
         --late-calls {calls}"
    )]
    Behind {
        /// Calls behind the settlement's part.
        calls: u64,
        /// Records of that part.
        size: u64,
        /// Records of the log.
        length: u64,
    },
    /// Somebody else's spot check.
    #[error(
        "nothing is signed: of a spot check the settlement says {settled}, and this member's own {own}; check what the platform \
         opened by `spot-check`, and give what came of it by --spot"
    )]
    SpotCheck {
        /// In the settlement.
        settled: String,
        /// The member's.
        own: String,
    },
    /// Not what log and manifests make it.
    #[error("nothing is signed, since the settlement does not follow from log and manifests: {0}")]
    Recompute(#[from] RecomputeError),
    /// Made of what the chain does not say.
    #[error(
        "{}: the settlement says {}, the chain {}; run `attribute` again with --node-url, for a licence's stream with --licence",
        .0.what, .0.settled, .0.chain
    )]
    ChainDiffers(Box<Difference>),
    /// More of the hits are mistaken than a member signs for.
    #[error(
        "{decoy_hits} of {hits} hits are of decoys, so surely more than 5 % of the datasets' are mistaken, too; look at \
         `decoy_hits` of the attribution: where they were asked for, have that audited, and sign with --audited and the \
         finding's SHA-256"
    )]
    TooManyMistaken {
        /// All hits.
        hits: u64,
        /// Of decoys.
        decoy_hits: u64,
    },
    /// Not what the stream's licence asks.
    #[error("the registry would refuse this report, by the terms of its licence: {0}")]
    AgainstLicence(String),
    /// Signed for another committee than the one in force.
    #[error(
        "{signed} signatures are for the committee of epoch {epoch}, and that of epoch {in_force} is in force: it changed since; \
         have its members sign the settlement anew, and post their signatures"
    )]
    OtherCommittee {
        /// How many.
        signed: usize,
        /// Its epoch.
        epoch: u32,
        /// The epoch in force.
        in_force: u32,
    },
    /// Signatures of another report than the one that would be accepted now.
    #[error("{not} signatures are not over the report as the chain stands now: {why}; have the members sign anew")]
    OtherReport {
        /// How many.
        not: usize,
        /// What differs in the first of them.
        why: String,
    },
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
    /// The models, to be sure.
    pub models: &'a Models,
    /// The licence that the report is for: its id is the stream then, instead of the one model's.
    pub licence: Option<[u8; 32]>,
    /// The members' signatures. What an earlier run began is finished without.
    pub signatures: &'a [SignatureFile],
    /// The outbox.
    pub outbox: &'a Path,
    /// Most that is given for haste, in native units.
    pub most_tip: u128,
}

/// Largest file of a signature that is read, in bytes.
const MAX_SIGNATURE_BYTES: u64 = 64 * 1024;

/// Signatures in files, and in folders of them, where all may put theirs: what is none there is left out, and told.
///
/// # Errors
/// [`FileError`].
pub fn collect(paths: &[PathBuf]) -> Result<Vec<SignatureFile>, FileError> {
    let mut found = Vec::new();
    for path in paths {
        if !path.is_dir() {
            found.push(documents::read_at_most(path, MAX_SIGNATURE_BYTES)?);
            continue;
        }
        let entries = std::fs::read_dir(path).map_err(FileError::io(path))?;
        let mut files: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
        files.retain(|file| file.extension().is_some_and(|extension| extension == "json"));
        files.sort();
        for file in files {
            match documents::read_at_most(&file, MAX_SIGNATURE_BYTES) {
                Ok(one) => found.push(one),
                Err(error) => tracing::warn!(%error, "a file is left out"),
            }
        }
    }
    Ok(found)
}

/// What there is of signatures for a report.
#[derive(Default)]
struct Sorted {
    /// Good ones, one of each member.
    good: Vec<KeySignature>,
    /// What others are over, of the same period: a folder may have older ones.
    others: Vec<Report>,
    /// What is wrong with the first that is good for nothing.
    bad: Option<ReportError>,
}

/// A bad signature takes nothing from the good ones beside it: any member could stop the others by one.
fn sorted(report: &Report, committee: &Committee, signatures: &[SignatureFile]) -> Sorted {
    let bytes = report.to_bytes();
    let text = hex0x(&bytes);
    let mut sorted = Sorted::default();
    let of = |report: &Report| (report.chain_id, report.registry, report.pool, report.stream, report.period);
    for one in signatures {
        let found = KeySignature { key: one.key, signature: one.signature };
        let checked = match one.report == text {
            true => report::check_signature(committee, &bytes, &found).map(|()| {
                if sorted.good.iter().all(|other| other.key != found.key) {
                    sorted.good.push(found);
                }
            }),
            false => one.report().map(|other| {
                if of(&other) == of(report) {
                    sorted.others.push(other);
                }
            }),
        };
        if let Err(error) = checked {
            tracing::warn!(%error, key = hex0x(&one.key), "a signature is left out");
            sorted.bad.get_or_insert(error);
        }
    }
    sorted
}

/// What differs between the report that was signed and the one that would be accepted now.
fn why_other(signed: &Report, now: &Report) -> String {
    if signed.revision != now.revision {
        return format!("they are over revision {}, the period waits for {}", signed.revision, now.revision);
    }
    if signed.previous != now.previous {
        let [was, is] = [signed.previous, now.previous].map(|hash| hex0x(&hash));
        return format!("they follow the report {was}, the stream's last one is {is}");
    }
    "they are over another settlement".into()
}

/// An entry of the outbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct OutboxEntry {
    report: SignedReport,
    prepared: Prepared,
    /// In whose place it was prepared, for a higher tip: one of them lands at most.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    before: Vec<Prepared>,
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
    /// The registry has it, by this transaction in this block where that is known.
    Posted(Option<(B256, u64, B256)>),
    /// It may still get there.
    Pending,
    /// It had no effect, and never will.
    Void,
}

struct Poster<'a> {
    request: &'a Request<'a>,
    place: Place<'a>,
    submitter: &'a Submitter,
    file: PathBuf,
}

/// Posts a report, or finishes what an earlier run began.
///
/// # Errors
/// [`PostError`]. After [`ChainError::NotFinalised`] or [`ChainError::NodeUnreachable`] it may have been posted: run it
/// again.
pub async fn post(request: &Request<'_>, submitter: &Submitter) -> Result<Outcome, PostError> {
    let settlement = request.settlement;
    check_stream(settlement, (request.models, request.licence))?;
    // Two posters would prepare two transactions.
    let Some(_lock) = files::lock(&request.outbox.join("lock"))? else {
        return Err(PostError::Busy { outbox: request.outbox.to_owned() });
    };
    let place = Place::of(submitter.client(), request.deployment, settlement).await?;
    // A registry that the pool adopts has none of the old one's reports.
    let named = place.named();
    let [pool, registry, stream] = [&named.pool[..], &named.registry[..8], &settlement.stream[..8]].map(hex::encode);
    let name = format!("{pool}-{registry}-{stream}-{}.json", settlement.period_name);
    let poster = Poster { request, place, submitter, file: request.outbox.join(name) };
    match poster.unfinished()? {
        Some(entry) => poster.resume(entry).await,
        None => poster.begin().await,
    }
}

impl Poster<'_> {
    fn unfinished(&self) -> Result<Option<OutboxEntry>, PostError> {
        match files::is_there(&self.file)? {
            true => Ok(Some(files::read_json(&self.file)?)),
            false => Ok(None),
        }
    }

    /// An entry is there: what became of its transaction?
    async fn resume(&self, entry: OutboxEntry) -> Result<Outcome, PostError> {
        let same = entry.report.is_of(self.request.settlement, self.place.named());
        let other = |state| PostError::OtherInOutbox {
            file: self.file.clone(),
            period: self.request.settlement.period_name.clone(),
            state,
        };
        // Withdrawn by an arbiter: what was posted is history, and its revision is wanted.
        if self.place.next_revision().await?.is_some_and(|next| next > entry.report.fields.revision) {
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
        let client = self.place.client;
        let mut landed = None;
        for one in entry.before.iter().chain([&entry.prepared]) {
            if let Some((number, hash)) = client.landed_in(one).await? {
                landed = Some((one.tx_hash, number, hash));
            }
        }
        // The state of no earlier block than those that were looked through.
        let finalised = client.finalised_block().await?;
        let (there, revision) = self.place.there(finalised.hash).await?;
        // Whoever sent it: the registry takes a report once.
        if there.hash == entry.report.report_hash {
            return Ok(Fate::Posted(landed));
        }
        // In its place is a revision of it.
        if landed.is_some() && there.hash != [0; 32] && revision > entry.report.fields.revision {
            return Ok(Fate::Posted(landed));
        }
        // The newest is the last that can land: not any more where another transaction of the account took its nonce.
        let is_over = landed.is_some() || finalised.number >= entry.prepared.valid_until;
        match is_over || client.fate_of(&entry.prepared).await? == yieldset_chain::submit::Fate::Overtaken {
            true => Ok(Fate::Void),
            false => Ok(Fate::Pending),
        }
    }

    /// Posted before: the chain must still say so.
    async fn confirm(&self, report: SignedReport) -> Result<Outcome, PostError> {
        let at = self.place.client.finalised_block().await?.hash;
        let (there, _) = self.place.there(at).await?;
        match there.hash == report.report_hash {
            true => Ok(Outcome { report, already_posted: true }),
            false => Err(self.other_on_chain(there.hash, there.root)),
        }
    }

    async fn begin(&self) -> Result<Outcome, PostError> {
        let settlement = self.request.settlement;
        let position = self.place.position().await?;
        let passed = position.last.filter(|last| last.period >= settlement.period);
        if let (Some(last), None) = (passed, position.next_revision) {
            let at = self.place.client.finalised_block().await?.hash;
            let (there, _) = self.place.there(at).await?;
            if there.hash == [0; 32] {
                let (period, last) = (settlement.period_name.clone(), period_name(last.period));
                return Err(PostError::Passed { period, last });
            }
            return Err(match there.root == settlement.weights_root {
                true => PostError::PostedElsewhere { period: settlement.period_name.clone() },
                false => self.other_on_chain(there.hash, there.root),
            });
        }
        let committee = self.place.committee().await?;
        let draft = report::draft(settlement, self.place.named(), committee.epoch, position)?;
        let report = together((&draft, &committee, settlement), self.request.signatures)?;
        sign::check_terms(&self.place, &draft).await?;
        let calldata = self.calldata(&report)?;
        let registry = self.place.deployment.attribution;
        let prepared = self.submitter.prepare_call(registry, calldata, 0).await?;
        let entry = OutboxEntry { report, prepared, before: Vec::new() };
        fail::fail_point!("post", |_| std::process::abort());
        files::write_json(&self.file, &entry)?;
        self.submit(entry).await
    }

    fn calldata(&self, report: &SignedReport) -> Result<Vec<u8>, ReportError> {
        let call =
            Attribution::postCall { report: report.bytes()?.into(), signatures: report.signature_bytes().into() };
        Ok(call.abi_encode())
    }

    async fn submit(&self, mut entry: OutboxEntry) -> Result<Outcome, PostError> {
        loop {
            fail::fail_point!("post", |_| std::process::abort());
            match self.submitter.submit(&entry.prepared).await {
                Ok(receipt) => {
                    fail::fail_point!("post", |_| std::process::abort());
                    let Receipt { tx_hash, block_number, block_hash, .. } = receipt;
                    return self.finish(entry, Some((tx_hash, block_number, block_hash)), false);
                }
                Err(
                    error @ (ChainError::Rejected { .. }
                    | ChainError::FailedInBlock { .. }
                    | ChainError::Expired { .. }
                    | ChainError::Overtaken { .. }),
                ) => return self.failed(entry, error).await,
                Err(error @ ChainError::NotFinalised { .. }) => {
                    entry = self.in_its_place(entry).await?.ok_or(error)?;
                }
                // The entry stays: the next run asks for the transaction's fate before it does anything.
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// This transaction has no effect and never will; the one in whose place it came may have had its own.
    async fn failed(&self, entry: OutboxEntry, error: ChainError) -> Result<Outcome, PostError> {
        if !entry.before.is_empty() {
            match self.fate(&entry).await? {
                Fate::Posted(at) => return self.finish(entry, at, false),
                // The next run asks again.
                Fate::Pending => return Err(error.into()),
                Fate::Void => {}
            }
        }
        // The next run begins anew.
        files::remove(&self.file)?;
        let in_force = self.place.committee().await?.epoch;
        match entry.report.fields.epoch == in_force {
            true => Err(error.into()),
            false => {
                let (signed, epoch) = (entry.report.signatures.len(), entry.report.fields.epoch);
                Err(PostError::OtherCommittee { signed, epoch, in_force })
            }
        }
    }

    /// The same for a higher tip, where it waits in no block and one is left; nothing where there is only to wait.
    async fn in_its_place(&self, entry: OutboxEntry) -> Result<Option<OutboxEntry>, PostError> {
        let OutboxEntry { report, prepared, mut before } = entry;
        let Some(tip) = next_tip(prepared.tip, self.request.most_tip, self.submitter.client().units_per_coin()) else {
            return Ok(None);
        };
        for one in before.iter().chain([&prepared]) {
            if self.submitter.is_in_the_best_chain(one).await? {
                return Ok(None);
            }
        }
        let call = (self.place.deployment.attribution, self.calldata(&report)?);
        let next = self.submitter.prepare_in_place_of(&prepared, call, tip).await?;
        tracing::info!(tx_hash = %next.tx_hash, tip, "it waits in no block, so it is sent for a higher tip");
        before.push(prepared);
        let entry = OutboxEntry { report, prepared: next, before };
        fail::fail_point!("post", |_| std::process::abort());
        files::write_json(&self.file, &entry)?;
        Ok(Some(entry))
    }

    /// Notes where it landed; nothing is noted, and the chain asked again the next time, where the node has dropped
    /// that block.
    fn finish(
        &self,
        mut entry: OutboxEntry,
        landed: Option<(B256, u64, B256)>,
        already_posted: bool,
    ) -> Result<Outcome, PostError> {
        entry.report.transaction = landed.map(|(tx_hash, block_number, block_hash)| Posted {
            tx_hash: tx_hash.0,
            block_number,
            block_hash: block_hash.0,
        });
        files::write_json(&self.file, &entry)?;
        fail::fail_point!("post", |_| std::process::abort());
        Ok(Outcome { report: entry.report, already_posted })
    }

    fn other_on_chain(&self, hash: [u8; 32], root: [u8; 32]) -> PostError {
        let period = self.request.settlement.period_name.clone();
        PostError::OtherOnChain { period, posted: hex0x(&hash), root: hex0x(&root) }
    }
}

/// The report with the signatures that are over it.
fn together(
    (draft, committee, settlement): (&Report, &Committee, &Settlement),
    signatures: &[SignatureFile],
) -> Result<SignedReport, PostError> {
    let Sorted { good, others, bad } = sorted(draft, committee, signatures);
    match (report::assemble(draft, settlement, committee, good), others.first(), bad) {
        // Too few, and there are some of another report, or bad ones: that says more.
        (Err(ReportError::NotEnoughKeys { .. }), Some(other), _) => Err(not_these(draft, &others, other)),
        (Err(ReportError::NotEnoughKeys { .. }), None, Some(bad)) => Err(bad.into()),
        (report, ..) => Ok(report?),
    }
}

/// Why these signatures do not serve for the report as it is now.
fn not_these(draft: &Report, others: &[Report], first: &Report) -> PostError {
    match first.epoch == draft.epoch {
        true => PostError::OtherReport { not: others.len(), why: why_other(first, draft) },
        false => PostError::OtherCommittee { signed: others.len(), epoch: first.epoch, in_force: draft.epoch },
    }
}

#[cfg(test)]
mod tests;
