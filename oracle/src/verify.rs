//! Anyone's check of a report: from what the reader knows, the report, the log and the manifests.

mod chain;
mod own;
mod package;
mod pins;
mod proof;

use std::path::Path;

use yieldset_chain::{ChainClient, ChainError, Deployment};
use yieldset_proof::ProofError;
use yieldset_rules::{
    agreed::is_within,
    report::{Outcome, Report, SpotCheck},
    spot::most_wrong,
};

pub use self::{
    own::Own,
    package::{PackageRequest, verify_package},
    pins::ReaderPins,
};
use crate::{
    attribution::AttributionError,
    compared, documents,
    embed::Embedder,
    files::FileError,
    hex0x,
    licensed::Unproven,
    lines::LineError,
    manifest::{self, Dataset, Loaded, ManifestError},
    printable,
    proven::SavedProof,
    publish::PublishError,
    recomputed::{self, Here, RecomputeError},
    registry::Mismatch,
    report::{Decoys, ReportError, SignedReport},
    settlement::Settlement,
    sign::MOST_FALSE,
    trained,
    usage_log::{LogError, Pruned, VerifiedLog},
};

/// What is wrong with a report.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// A file.
    #[error(transparent)]
    File(#[from] FileError),
    /// The report itself.
    #[error(transparent)]
    Report(#[from] ReportError),
    /// The log.
    #[error(transparent)]
    Log(#[from] LogError),
    /// A dataset.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// It does not follow from log and manifests.
    #[error("the report does not follow from log and manifests: {0}")]
    Recompute(#[from] RecomputeError),
    /// The chain.
    #[error(transparent)]
    Chain(Box<ChainError>),
    /// The log is not the one that the licence's platform named on chain.
    #[error(transparent)]
    Unproven(Box<Unproven>),
    /// The registry of datasets says otherwise.
    #[error("the report is not what the chain says: {0}")]
    Datasets(#[from] Box<Mismatch>),
    /// The package.
    #[error(transparent)]
    Package(Box<PublishError>),
    /// The proof of what the chain has.
    #[error("the report is not proven: {0}")]
    Proof(#[from] ProofError),
    /// A contributor's own lines.
    #[error(transparent)]
    Lines(#[from] LineError),
    /// The report does not keep to its licence.
    #[error("the report is not what its licence asks: {0}")]
    AgainstLicence(String),
    /// Not what the reader knows from elsewhere.
    #[error("{what}: known is {known}, here is {got}; it is of another place, or forged")]
    NotPinned {
        /// Which value.
        what: &'static str,
        /// As the reader knows it.
        known: String,
        /// Here.
        got: String,
    },
    /// Withdrawn by an arbiter.
    #[error("the report was withdrawn after a dispute, and waits for its revision; do not believe it")]
    Withdrawn,
    /// The chain has another value.
    #[error("{what}: the report says {expected}, the chain {got}; do not believe the report")]
    ChainDiffers {
        /// Which value.
        what: &'static str,
        /// In the report.
        expected: String,
        /// On chain.
        got: String,
    },
}

impl From<Unproven> for VerifyError {
    fn from(error: Unproven) -> Self {
        // Boxed, too.
        Self::Unproven(Box::new(error))
    }
}

impl From<ChainError> for VerifyError {
    fn from(error: ChainError) -> Self {
        // Boxed: it is much larger than the others.
        Self::Chain(Box::new(error))
    }
}

/// What to check against what.
pub struct Request<'a> {
    /// `report.json`.
    pub report: &'a Path,
    /// The log's folder.
    pub log_dir: &'a Path,
    /// The datasets' folder.
    pub manifests: &'a Path,
    /// What the reader knows from elsewhere.
    pub pins: &'a ReaderPins,
    /// Embeds the texts again, if given.
    pub embedder: Option<&'a Embedder>,
    /// The licence that the report is for. Its id is the stream then, which cannot be told from the log.
    pub licence: Option<[u8; 32]>,
    /// What the chain had about the report after a block that the reader knows, if given.
    pub proof: Option<&'a SavedProof>,
    /// Compares with the chain, if given.
    pub chain: Option<(&'a ChainClient, &'a Deployment)>,
}

/// A line about a check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    /// It passed.
    Shown(String),
    /// It could not be made, with what it would take.
    NotShown(String),
}

/// What no check has contradicted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Everything was shown from what the reader knows.
    Holds,
    /// Nothing is wrong with what was shown, and some was not.
    NotAllShown,
}

/// Where checks tell what they found.
struct Findings<'a> {
    tell: &'a mut dyn FnMut(Line),
    verdict: Verdict,
}

impl Findings<'_> {
    fn shown(&mut self, line: impl Into<String>) {
        (self.tell)(Line::Shown(printable(&line.into())));
    }

    fn not_shown(&mut self, line: impl Into<String>) {
        self.verdict = Verdict::NotAllShown;
        (self.tell)(Line::NotShown(printable(&line.into())));
    }
}

/// Checks everything and tells of each check. Trust starts at what the reader knows: what came with the report, its
/// committee and the platforms' keys among it, is compared with that, or said not to be shown.
///
/// # Errors
/// [`VerifyError`], the first check that fails.
pub async fn verify(request: &Request<'_>, mut tell: impl FnMut(Line)) -> Result<Verdict, VerifyError> {
    let mut findings = Findings { tell: &mut tell, verdict: Verdict::Holds };
    let signed: SignedReport = documents::read(request.report)?;
    let report = signed.check()?;
    request.pins.check_place(&report)?;
    let settlement = &signed.settlement;
    let (hash, models) = (hex0x(&signed.report_hash), &settlement.models);
    findings.shown(format!("report {hash} for {models}, {}, {}", signed.fields.period_name, place(&report)));
    findings.shown(format!(
        "{} of {} members of the committee that it names signed its bytes, {} are needed (epoch {})",
        signed.signatures.len(),
        signed.committee.keys.len(),
        signed.committee.threshold,
        report.epoch
    ));
    findings.shown(match report.outcome {
        Outcome::Weights(_) => "its weights sum to 10^18 and make its root, with the proofs given",
        Outcome::NothingQualified => "it says that nothing qualified, and has no weights",
    });
    let log = check_log(request, settlement, &mut findings).await?;
    let (named, mut unnamed) = split(settlement, manifest::load_all(request.manifests)?);
    let here = Here::some_of(settlement, named)?;
    check_absent(settlement, &here, &mut unnamed)?;
    check_datasets(&here, settlement, request.embedder, &mut findings)?;
    match again(request, (settlement, &log), &here) {
        Ok(None) => tell_recomputed(&report, settlement, &mut findings),
        Ok(Some(why_not)) => {
            findings.not_shown(format!("that the weights follow from the records and the texts: {why_not}"));
        }
        Err(error) => return Err(error.into()),
    }
    tell_spot_check(&report, &mut findings);
    tell_mistaken(settlement, &mut findings);
    let log_is_the_licences = match request.chain {
        Some(chain) => {
            let datasets = (&here, &unnamed.datasets[..]);
            let noted = trained::candidates(request.log_dir, settlement.log.size)?;
            chain::check(chain, (&signed, &report), (&log, &noted, datasets), request.pins, &mut findings).await?
        }
        None => {
            let proven = proof::check(request.proof, (&signed, &report), request.pins, &mut findings)?;
            tell_what_a_chain_would_show(proven, &signed, &mut findings);
            if unnamed.datasets.iter().any(|one| !one.is_decoy()) {
                findings.not_shown(format!(
                    "that these versions, of which the report says nothing, were registered after it looked: {}; name a node by \
                     --node-url",
                    unnamed.datasets.iter().filter(|one| !one.is_decoy()).map(told).collect::<Vec<_>>().join(", ")
                ));
            }
            false
        }
    };
    for decoy in unnamed.datasets.iter().filter(|one| one.is_decoy()) {
        findings.not_shown(format!(
            "anything of the decoy {}, of which the report says nothing: its error was measured without it; take it away",
            told(decoy)
        ));
    }
    for damaged in &unnamed.damaged {
        findings.not_shown(format!(
            "anything of a damaged version of which the report says nothing ({}); take it away, or restore it",
            damaged.error
        ));
    }
    request.pins.tell(log_is_the_licences, &mut findings);
    Ok(findings.verdict)
}

/// A version that the settlement compares is not here: neither is another of its dataset, nor anything damaged, which
/// it may be.
fn check_absent(settlement: &Settlement, here: &Here, unnamed: &mut Loaded) -> Result<(), VerifyError> {
    here.check_others(settlement, &unnamed.datasets)?;
    if !here.absentees(settlement).is_empty()
        && let Some(damaged) = unnamed.damaged.pop()
    {
        return Err(damaged.error.into());
    }
    Ok(())
}

/// Works the settlement out anew. Gives why not, where what it takes is deleted or not here.
fn again(
    request: &Request<'_>,
    (settlement, log): (&Settlement, &VerifiedLog),
    here: &Here,
) -> Result<Option<String>, RecomputeError> {
    let absent = here.absentees(settlement);
    if !absent.is_empty() {
        return Ok(Some(format!(
            "the report has been made with versions that are not here, {}; get their folders from their creators, and put them \
             among the manifests",
            absent.join(", ")
        )));
    }
    match recomputed::recompute(settlement, (log, here), request.licence) {
        Ok(()) => Ok(None),
        Err(RecomputeError::Attribution(error @ AttributionError::Deleted { .. })) => Ok(Some(error.to_string())),
        Err(error) => Err(error),
    }
}

/// The log has what the report says of it.
async fn check_log(
    request: &Request<'_>,
    settlement: &Settlement,
    findings: &mut Findings<'_>,
) -> Result<VerifiedLog, VerifyError> {
    let log = VerifiedLog::read(request.log_dir, request.pins.log()).await?;
    request.pins.check_platforms(log.platforms())?;
    recomputed::check_log(settlement, &log)?;
    findings.shown(format!(
        "log {}: {} records, each signed for by its platform, lead to the checkpoint signed by log and witness",
        log.info().origin,
        log.size()
    ));
    findings.shown(format!("its first {} records have the report's root", settlement.log.size));
    tell_deleted(&log, findings);
    let behind = recomputed::behind(settlement, &log)?;
    if behind > 0 {
        findings.not_shown(format!(
            "that {behind} calls of {} of {} or before came after the report was made: they stand behind its part of the \
             log, and count in a later report, or never where a licence says how late a record may come; it takes a checkpoint \
             that the log published before the report, from whoever kept one: if it has no more than {} records, they did",
            settlement.models, settlement.period_name, settlement.log.size
        ));
    }
    Ok(log)
}

/// Of which pool and stream a report is: there are true reports of others, too.
fn place(report: &Report) -> String {
    let Report { chain_id, registry, pool, stream, .. } = report;
    let [registry, pool, stream] = [&registry[..], pool, stream].map(hex0x);
    format!("of pool {pool}, stream {stream}, by registry {registry} on chain {chain_id}")
}

/// The versions that a report names, and the others. Where the registry was asked, all that were registered then are
/// named, or wrongly not: only the registry can tell. A dataset is sold, and has a version more, after a report of it.
/// A decoy is nobody's, and of no report that does not name it.
fn split(settlement: &Settlement, loaded: Loaded) -> (Loaded, Loaded) {
    let named = |hash: &[u8; 32]| {
        let left_out = settlement.left_out.iter().any(|one| one.manifest_hash == *hash);
        left_out || recomputed::is_compared(settlement, hash)
    };
    let unasked = settlement.seen.is_none();
    let is_its = |one: &Dataset| named(&one.manifest_hash) || (unasked && !one.is_decoy());
    let (datasets, later) = loaded.datasets.into_iter().partition(is_its);
    let (damaged, broken) = loaded.damaged.into_iter().partition(|one| unasked || named(&one.manifest_hash));
    (Loaded { datasets, damaged }, Loaded { datasets: later, damaged: broken })
}

fn told(dataset: &Dataset) -> String {
    format!("{} {}", dataset.dataset, hex0x(&dataset.manifest_hash))
}

/// The datasets are the report's, with nothing else beside them.
fn check_datasets(
    here: &Here,
    settlement: &Settlement,
    embedder: Option<&Embedder>,
    findings: &mut Findings<'_>,
) -> Result<(), VerifyError> {
    for dataset in here.compared(settlement) {
        dataset.check_package()?;
        let missing: Vec<&str> = dataset.missing().collect();
        if !missing.is_empty() {
            findings.not_shown(format!(
                "that the tables of {} are those of its texts {}, which are gone; ask its creator for them",
                dataset.dataset,
                missing.join(", ")
            ));
        }
    }
    let (compared, all) = (here.compared(settlement).count(), settlement.manifests.len());
    let some = if compared < all { format!(" of {all}") } else { String::new() };
    findings.shown(format!(
        "{compared}{some} dataset versions are the report's: each file here is its manifest's, and no other is there"
    ));
    if let Some(left_out) = compared::summary(&settlement.left_out) {
        findings.shown(format!("the report names what it does not compare: {left_out}"));
    }
    let not_here = here.not_here(settlement);
    if !not_here.is_empty() {
        let list: Vec<String> = not_here.iter().map(|one| hex0x(&one.manifest_hash)).collect();
        findings.not_shown(format!(
            "that these versions are rightly left out: {}; their files are not here, whole; ask their creators for them",
            list.join(", ")
        ));
    }
    let unknown = here.unknown_datasets(settlement);
    if !unknown.is_empty() {
        let list: Vec<String> = unknown.iter().map(|id| hex0x(id)).collect();
        findings.not_shown(format!(
            "that these datasets of the licence are rightly left out: {}; no version of them is here; ask their creators",
            list.join(", ")
        ));
    }
    match embedder {
        Some(embedder) => {
            here.check_embeddings(settlement, embedder)?;
            findings.shown("the canonical embeddings follow from the texts");
        }
        None => findings.not_shown(
            "that the canonical embeddings follow from the texts, and that what is called damaged is; compute them again by \
             --check-embeddings",
        ),
    }
    Ok(())
}

fn tell_recomputed(report: &Report, settlement: &Settlement, findings: &mut Findings<'_>) {
    findings.shown(format!(
        "recomputed: {} of {} calls qualify, {} of {} tokens go to {} contributors, as reported",
        report.totals.qualifying_calls,
        report.totals.calls,
        report.totals.attributed_tokens,
        report.totals.tokens,
        settlement.contributors.len()
    ));
    findings.shown(format!("recomputed: weights root {}", hex0x(&report.weights_root())));
}

/// What goes with records that are deleted.
fn tell_deleted(log: &VerifiedLog, findings: &mut Findings<'_>) {
    let Some(Pruned { size, before, at, .. }) = log.pruned() else { return };
    findings.not_shown(format!(
        "that the first {size} records are those whose hashes their platforms signed, that all calls among them are of before \
         {before} (Unix seconds), and that no more training runs are among them than those that were kept: the log stated at \
         {at} that they are deleted"
    ));
}

/// How many of the hits are mistaken: a report of which surely more than 5 % are is signed by an audit alone, unless
/// its licence has a limit of its own.
fn tell_mistaken(settlement: &Settlement, findings: &mut Findings<'_>) {
    let Some(Decoys { hits, decoy_hits, datasets, decoys }) = settlement.decoys else { return };
    let within = is_within(hits, decoy_hits, (datasets, decoys), MOST_FALSE);
    let of_them = format!("of {hits} hits {decoy_hits} are decoys'");
    match (within, settlement.audited) {
        (true, _) => findings.shown(format!("{of_them}: by that it may be that no more than 5 % are mistaken")),
        (false, Some(finding)) => findings.not_shown(format!(
            "that no more than 5 % of the hits are mistaken: {of_them}, surely more are; its members signed by an audit's finding, \
             {}: read it",
            hex0x(&finding)
        )),
        (false, None) => findings.not_shown(format!(
            "that no more than 5 % of the hits are mistaken: {of_them}, surely more are, and no audit is named; its licence may \
             have another limit"
        )),
    }
}

/// What was opened, and how much of the rest may be wrong by it: nobody else can tell, since texts are not kept.
fn tell_spot_check(report: &Report, findings: &mut Findings<'_>) {
    let calls = report.totals.calls;
    findings.shown(match report.spot_check {
        None => "no output was opened to the committee: that records are those of the outputs is the platforms' word".into(),
        Some(SpotCheck { block, drawn, opened, matched, .. }) => {
            let most = most_wrong(calls, drawn, drawn.saturating_sub(matched));
            format!(
                "by the committee's word: of {calls} calls block {block} drew {drawn}, the platform opened {opened}, and \
                 {matched} give the record's figures; so at most {most} of all calls are wrong, at 95 %"
            )
        }
    });
}

/// What a report takes from the chain and nobody compares without one.
fn tell_what_a_chain_would_show(proven: bool, signed: &SignedReport, findings: &mut Findings<'_>) {
    let Settlement { after, limits, seen, ground, .. } = &signed.settlement;
    if !proven {
        findings.not_shown(
            "that the chain has this report, and that its committee is the chain's: whoever wrote the file may have made them \
             up; name a node by --node-url, or a block that you know by --block, with --registry and the --proof",
        );
    }
    if let Some(posted) = &signed.transaction {
        let (block, hash) = (posted.block_number, hex0x(&posted.tx_hash));
        findings.not_shown(format!("that transaction {hash} in block {block} posted it; name a node by --node-url"));
    }
    if !ground.is_none() {
        findings.not_shown(format!(
            "that the licence has these {} datasets and lets them be trained on until {}, and that these {} checkpoints of its \
             log are anchored; name a node by --node-url",
            ground.datasets.len(),
            ground.until,
            ground.anchors.len()
        ));
    }
    findings.not_shown(format!(
        "that of the report before it is so: {after}; that the limits of what counts are these: {limits}; {}; name a node by \
         --node-url",
        match seen {
            Some(seen) => format!("that these versions earn by the registry of datasets, as it was at block {}", seen.block),
            None => "that these versions are registered, in the pool and trained on: nobody asked the chain".into(),
        }
    ));
}

#[cfg(test)]
mod tests;
