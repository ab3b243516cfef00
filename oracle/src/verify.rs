//! Anyone's check of a report, from nothing but the report, the log and the manifests.

use std::path::Path;

use yieldset_chain::{Address, B256, ChainClient, ChainError, Deployment, abi::Attribution};
use yieldset_rules::report::{Outcome, Report};

use crate::{
    attribution::{self, AttributionError, Question},
    compared::{self, After, LeftOut, Reason},
    embed::Embedder,
    files::{self, FileError},
    hex0x,
    licensed::{self, Unproven},
    manifest::{self, Dataset, Loaded, ManifestError},
    metric::{FIRST_NAME, METRIC_NAME, METRIC_VERSION, version_of},
    post::{self, PostError},
    registry::{self, Mismatch, Registry},
    report::{self, Committee, ReportError, ReportPlace, SignedReport},
    settlement::{self, Settlement},
    usage_log::{LogError, VerifiedLog, verified::Pins},
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
    /// The attribution cannot be computed.
    #[error(transparent)]
    Attribution(#[from] AttributionError),
    /// The chain.
    #[error(transparent)]
    Chain(Box<ChainError>),
    /// The chain says otherwise.
    #[error(transparent)]
    Post(#[from] PostError),
    /// The log is not the one that the licence's platform named on chain.
    #[error(transparent)]
    Unproven(Box<Unproven>),
    /// The registry of datasets says otherwise.
    #[error("the report is not what the chain says: {0}")]
    Datasets(#[from] Box<Mismatch>),
    /// The report does not keep to its licence.
    #[error("the report is not what its licence asks: {0}")]
    AgainstLicence(String),
    /// Made with a metric that this program does not know.
    #[error(
        "the report uses metric {0:?}, this program knows {FIRST_NAME} version 1 and {METRIC_NAME} version {METRIC_VERSION}; use \
         the program it was made with"
    )]
    OtherMetric(String),
    /// This program counts one model's usage at a time.
    #[error(
        "the report is about several models ({0}), this program counts one at a time; use the program it was made with"
    )]
    SeveralModels(String),
    /// The log is not the one reported on.
    #[error(
        "the report is about {size} records of {origin} under root {expected}, this log has {got} there; it is another log, or it was changed"
    )]
    OtherLog {
        /// The log's origin.
        origin: String,
        /// Records.
        size: u64,
        /// In the report.
        expected: String,
        /// In the log.
        got: String,
    },
    /// The datasets are not those reported on.
    #[error("the report was computed from dataset versions {expected:?}, here are {got:?}; get the same versions")]
    OtherDatasets {
        /// Manifest hashes in the report's file.
        expected: Vec<String>,
        /// Manifest hashes here.
        got: Vec<String>,
    },
    /// The recomputation comes out differently.
    #[error("{what}: the report says {expected}, log and texts make {got}; dispute this report")]
    Differs {
        /// Which result.
        what: &'static str,
        /// In the report.
        expected: String,
        /// As recomputed.
        got: String,
    },
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
    /// Keys of log and witness, known from elsewhere.
    pub pins: Pins,
    /// Embeds the texts again, if given.
    pub embedder: Option<&'a Embedder>,
    /// The licence that the report is for. Its id is the stream then, which cannot be told from the log.
    pub licence: Option<[u8; 32]>,
    /// Compares with the chain, if given.
    pub chain: Option<(&'a ChainClient, &'a Deployment)>,
}

/// Checks everything and tells each check that passed.
///
/// # Errors
/// [`VerifyError`], the first check that fails.
pub async fn verify(request: &Request<'_>, mut passed: impl FnMut(String)) -> Result<(), VerifyError> {
    let signed: SignedReport = files::read_json(request.report)?;
    let report = signed.check()?;
    let models = report.models.join(", ");
    passed(format!("report {} for {models}, {}", hex0x(&signed.report_hash), signed.fields.period_name));
    passed(format!(
        "{} of {} committee members signed its bytes, {} are needed (epoch {})",
        signed.signatures.len(),
        signed.committee.keys.len(),
        signed.committee.threshold,
        report.epoch
    ));
    passed(match report.outcome {
        Outcome::Weights(_) => "its weights sum to 10^18 and make its root, with the proofs given".into(),
        Outcome::NothingQualified => "it says that nothing qualified, and has no weights".into(),
    });
    let log = VerifiedLog::read(request.log_dir, request.pins).await?;
    check_log(&log, &report)?;
    passed(format!(
        "log {}: {} records, each signed for by its platform, lead to the checkpoint signed by log and witness",
        log.info().origin,
        log.leaves().len()
    ));
    passed(format!("its first {} records have the report's root", report.log.size));
    let here = Here::of(&signed, manifest::load_all(request.manifests)?)?;
    here.check_damaged(&signed, request.embedder)?;
    let compared = || here.whole.iter().filter(|dataset| is_compared(&signed, &dataset.manifest_hash));
    passed(format!("{} dataset versions are the report's, every file has its manifest's hash", compared().count()));
    if let Some(left_out) = compared::summary(&signed.settlement.left_out) {
        passed(format!("the report names what it does not compare: {left_out}"));
    }
    if let Some(embedder) = request.embedder {
        for dataset in compared() {
            dataset.check_embeddings(embedder)?;
        }
        passed("the canonical embeddings follow from the texts".into());
    }
    recompute(&signed, &report, (&log, &here), request.licence)?;
    passed(match signed.settlement.seen {
        Some(seen) => format!(
            "each version that is compared earns in the pool by a training run in the log, as the registry had it at block {}",
            seen.block
        ),
        None => "nobody asked the chain whether these versions are registered, in the pool and trained on".into(),
    });
    passed(format!(
        "recomputed: {} of {} calls qualify, {} of {} tokens go to {} contributors, as reported",
        report.totals.qualifying_calls,
        report.totals.calls,
        report.totals.attributed_tokens,
        report.totals.tokens,
        signed.settlement.contributors.len()
    ));
    passed(format!("recomputed: weights root {}", hex0x(&report.weights_root())));
    if let Some((client, deployment)) = request.chain {
        check_chain(&signed, &report, client, deployment).await?;
        check_licence(&signed, &report, &log, (client, deployment), &mut passed).await?;
        check_datasets(&signed, &report, &here, (client, deployment)).await?;
        passed("the chain has this report, this committee and these dataset versions".into());
    }
    Ok(())
}

fn check_log(log: &VerifiedLog, report: &Report) -> Result<(), VerifyError> {
    let other = |got: String| VerifyError::OtherLog {
        origin: report.log.origin.clone(),
        size: report.log.size,
        expected: hex0x(&report.log.root),
        got,
    };
    let length = log.leaves().len() as u64;
    if report.log.size > length {
        return Err(other(format!("only {length} records")));
    }
    let here = log.checkpoint_at(report.log.size)?;
    match here == report.log {
        true => Ok(()),
        false => Err(other(format!("root {} of {}", hex0x(&here.root), here.origin))),
    }
}

/// The dataset versions that are here.
struct Here {
    /// Those that the report compares, and those that it leaves out for another reason than damage; sorted by slug.
    whole: Vec<Dataset>,
    /// Those that it calls damaged and whose files are whole.
    damaged: Vec<Dataset>,
}

fn is_compared(signed: &SignedReport, hash: &[u8; 32]) -> bool {
    signed.settlement.manifests.iter().any(|one| one.manifest_hash == *hash)
}

fn left_out<'a>(signed: &'a SignedReport, hash: &[u8; 32]) -> Option<&'a LeftOut> {
    signed.settlement.left_out.iter().find(|one| one.manifest_hash == *hash)
}

fn wrongly_left_out(one: &LeftOut, got: impl Into<String>) -> VerifyError {
    let expected = compared::summary(std::slice::from_ref(one)).unwrap_or_default();
    VerifyError::Differs { what: "a version that is left out", expected, got: got.into() }
}

impl Here {
    /// All compared versions must be here, whole, and there must be nothing that the report says nothing of.
    fn of(signed: &SignedReport, loaded: Loaded) -> Result<Self, VerifyError> {
        for damaged in loaded.damaged {
            if is_compared(signed, &damaged.manifest_hash) || left_out(signed, &damaged.manifest_hash).is_none() {
                return Err(damaged.error.into());
            }
        }
        let name = |dataset: &str, hash: &[u8; 32]| format!("{dataset} {}", hex0x(hash));
        let mut expected: Vec<String> =
            signed.settlement.manifests.iter().map(|one| name(&one.dataset, &one.manifest_hash)).collect();
        let unnamed = loaded.datasets.iter().filter(|dataset| left_out(signed, &dataset.manifest_hash).is_none());
        let mut got: Vec<String> = unnamed.map(|dataset| name(&dataset.dataset, &dataset.manifest_hash)).collect();
        expected.sort();
        got.sort();
        if expected != got {
            return Err(VerifyError::OtherDatasets { expected, got });
        }
        let reason = |dataset: &Dataset| left_out(signed, &dataset.manifest_hash).map(|one| one.reason);
        // A version whose embeddings are not its texts' looks whole here.
        let (damaged, whole) =
            loaded.datasets.into_iter().partition(|dataset| reason(dataset) == Some(Reason::Damaged));
        Ok(Self { whole, damaged })
    }

    /// What the report calls damaged must not be whole. Its files are; so its embeddings must not be its texts', which
    /// takes an embedder to tell.
    fn check_damaged(&self, signed: &SignedReport, embedder: Option<&Embedder>) -> Result<(), VerifyError> {
        let Some(embedder) = embedder else { return Ok(()) };
        for dataset in &self.damaged {
            if let (Ok(()), Some(one)) = (dataset.check_embeddings(embedder), left_out(signed, &dataset.manifest_hash))
            {
                return Err(wrongly_left_out(one, "it is here, and whole"));
            }
        }
        Ok(())
    }

    /// What the report leaves out and is not here, whole: it cannot be worked out anew. By what the report itself says
    /// of registry and log it must not count.
    fn absent(&self, signed: &SignedReport) -> Result<Vec<LeftOut>, VerifyError> {
        let is_here = |one: &&LeftOut| self.whole.iter().any(|dataset| dataset.manifest_hash == one.manifest_hash);
        let absent: Vec<LeftOut> = signed.settlement.left_out.iter().filter(|one| !is_here(one)).cloned().collect();
        for one in absent.iter().filter(|one| one.reason.is_the_chains()) {
            let Some(seen) = signed.settlement.seen else {
                return Err(wrongly_left_out(one, "nobody asked the chain"));
            };
            let reason = compared::alone(one.registration.as_ref(), &one.runs, &seen.pool, signed.settlement.period);
            // By itself it counts: which later version there is, it does not tell.
            let reason = reason.unwrap_or(Reason::HandedOver);
            if reason != one.reason {
                return Err(wrongly_left_out(one, format!("{reason:?}")));
            }
        }
        Ok(absent)
    }
}

fn recompute(
    signed: &SignedReport,
    report: &Report,
    (log, here): (&VerifiedLog, &Here),
    licence: Option<[u8; 32]>,
) -> Result<(), VerifyError> {
    if version_of(&report.metric.name, report.metric.version).is_none() {
        return Err(VerifyError::OtherMetric(format!("{} version {}", report.metric.name, report.metric.version)));
    }
    let [model] = report.models.as_slice() else { return Err(VerifyError::SeveralModels(report.models.join(", "))) };
    let (absent, registry) = (here.absent(signed)?, Registry::named(&signed.settlement));
    let question = Question {
        model,
        period: report.period,
        metric: report.metric.clone(),
        log_size: report.log.size,
        after: signed.settlement.after,
        left_out: &absent,
        registry: registry.as_ref(),
        limits: signed.settlement.limits,
    };
    let settled = settlement::settle(&attribution::attribute(log, &here.whole, &question)?);
    let settled = licence.map_or(settled.clone(), |licence| Settlement { stream: licence, ..settled });
    for one in &signed.settlement.left_out {
        let found = settled.left_out.iter().find(|found| found.manifest_hash == one.manifest_hash);
        if found != Some(one) {
            return Err(wrongly_left_out(
                one,
                found.map_or("it is here, and counts".into(), |found| format!("{found:?}")),
            ));
        }
    }
    let root = |settlement: &Settlement| hex0x(&settlement.weights_root);
    for (what, expected, got) in [
        ("stream", hex0x(&report.stream), hex0x(&settled.stream)),
        ("totals", format!("{:?}", report.totals), format!("{:?}", settled.totals)),
        ("compared set", hex0x(&report.compared), hex0x(&settled.compared())),
        ("measured error", format!("{:?}", report.error), format!("{:?}", report::measured(&settled))),
        ("lines' root", hex0x(&report.lines_root), hex0x(&settled.lines_root)),
        ("weights root", hex0x(&report.weights_root()), root(&settled)),
    ] {
        if expected != got {
            return Err(VerifyError::Differs { what, expected, got });
        }
    }
    match settled == signed.settlement {
        true => Ok(()),
        // Names and the like, which are not signed.
        false => Err(VerifyError::Differs {
            what: "settlement",
            expected: root(&signed.settlement),
            got: "the same root with other particulars".into(),
        }),
    }
}

async fn check_chain(
    signed: &SignedReport,
    report: &Report,
    client: &ChainClient,
    deployment: &Deployment,
) -> Result<(), VerifyError> {
    deployment.check(client).await?;
    // The pool may have adopted another registry since; the report is in the one that it names.
    let current = deployment.current(client).await?;
    let deployment = if report.registry == deployment.attribution.into_array() { deployment } else { &current };
    let place = ReportPlace {
        chain_id: deployment.chain_id,
        registry: deployment.attribution.into_array(),
        pool: deployment.pool.into_array(),
    };
    let differs = |what, expected: String, got: String| Err(VerifyError::ChainDiffers { what, expected, got });
    if (report.chain_id, report.registry, report.pool) != (place.chain_id, place.registry, place.pool) {
        let expected = ReportPlace { chain_id: report.chain_id, registry: report.registry, pool: report.pool };
        return differs("place", format!("{expected:?}"), format!("{place:?}"));
    }
    let (hash, root) = post::on_chain(client, deployment, B256::from(report.stream), report.period).await?;
    if hash != signed.report_hash {
        return differs("report hash", hex0x(&signed.report_hash), hex0x(&hash));
    }
    if root != report.weights_root() {
        return differs("weights root", hex0x(&report.weights_root()), hex0x(&root));
    }
    check_committee(signed, report, client, deployment).await?;
    // Late records are counted after the report before.
    let call =
        Attribution::placeOfCall { pool: deployment.pool, stream: B256::from(report.stream), period: report.period };
    let before = client.read(deployment.attribution, &call).await?.previousPeriod;
    let said = match signed.settlement.after {
        After::Unknown => return Ok(()),
        After::First => 0,
        After::Report { period, .. } => period,
    };
    match said == before {
        true => Ok(()),
        false => differs("period of the report before", said.to_string(), before.to_string()),
    }
}

/// The committee is the one that had this epoch on chain. Keys that were revoked by then are not in the report's file.
async fn check_committee(
    signed: &SignedReport,
    report: &Report,
    client: &ChainClient,
    deployment: &Deployment,
) -> Result<(), VerifyError> {
    let call = Attribution::committeeOfCall { epoch: report.epoch };
    let office = client.read(deployment.attribution, &call).await?;
    let keys: Vec<[u8; 32]> = office.keys.iter().map(|key| key.0).collect();
    let said = &signed.committee;
    let missing = keys.iter().enumerate().filter(|(_, key)| !said.keys.contains(key));
    let revoked = missing.into_iter().all(|(at, _)| office.revoked & 1 << at != 0);
    let same = (said.epoch, said.threshold) == (report.epoch, office.threshold)
        && said.keys.iter().all(|key| keys.contains(key))
        && revoked;
    if same {
        return Ok(());
    }
    let got = Committee { epoch: report.epoch, threshold: office.threshold, keys };
    Err(VerifyError::ChainDiffers { what: "committee", expected: format!("{said:?}"), got: format!("{got:?}") })
}

/// Where the stream is a licence: the platform's key, the log's name and its witness are those on chain, the terms'
/// limits are those that records were counted by, and what was drawn was anchored before.
async fn check_licence(
    signed: &SignedReport,
    report: &Report,
    log: &VerifiedLog,
    (client, deployment): (&ChainClient, &Deployment),
    passed: &mut impl FnMut(String),
) -> Result<(), VerifyError> {
    let current = deployment.current(client).await?;
    let Some(licensed) = licensed::look_up(client, &current, report.stream).await? else {
        passed("the stream is no licence on chain: nothing there says whose key signs its usage log".into());
        return Ok(());
    };
    let registry = Address::from(report.registry);
    let limits =
        licensed.limits(licensed::reported_at(client, (&current, registry), (report.stream, report.period)).await?);
    if signed.settlement.limits != limits {
        let (expected, got) = (format!("{:?}", signed.settlement.limits), format!("{limits:?}"));
        return Err(VerifyError::ChainDiffers { what: "limits of what counts", expected, got });
    }
    if let Some(uncounted) = licensed::summary(&signed.settlement.uncounted) {
        passed(format!("by the licence's terms {uncounted}"));
    }
    passed(match licensed.check_log(log)? {
        Some(epoch) => {
            format!("the log's name, key and witness are those of the licence's platform on chain, epoch {epoch}")
        }
        None => "the licence's platform has named no usage log on chain: its key is believed as it came".into(),
    });
    if let Some(agreed) = licensed::agreed(client, &current, (report.stream, &report.log)).await? {
        // What is known now may be more than when it was posted; a draw after the report would have been refused.
        if let Some(reason) = licensed::disagreement(&agreed, report, u32::MAX) {
            return Err(VerifyError::AgainstLicence(reason));
        }
        let anchored = agreed.anchored_root;
        if anchored != [0; 32] && anchored != report.log.root {
            let (expected, got) = (hex0x(&report.log.root), hex0x(&anchored));
            return Err(VerifyError::ChainDiffers { what: "root of the log at this size", expected, got });
        }
        passed(match agreed.anchored_at {
            0 => "the checkpoint is not anchored on chain, and nothing was drawn from it".into(),
            block => format!("the checkpoint is anchored on chain, in block {block}"),
        });
        check_draw(report, client).await?;
    }
    Ok(())
}

/// The block that drew calls has the hash that the report says; of one that the node does not have nothing is said.
async fn check_draw(report: &Report, client: &ChainClient) -> Result<(), VerifyError> {
    let Some(spot) = report.spot_check else { return Ok(()) };
    match client.block_hash_at(spot.block.into()).await? {
        Some(hash) if hash.0 != spot.block_hash => {
            let (expected, got) = (hex0x(&spot.block_hash), hex0x(hash.as_slice()));
            Err(VerifyError::ChainDiffers { what: "block that drew calls", expected, got })
        }
        _ => Ok(()),
    }
}

/// What the report says of the registry is what the registry says, at the block that the report names: of all versions
/// that it compares, and of those that it leaves out and that are here. One that is not here cannot be looked up by its
/// hash alone.
async fn check_datasets(
    signed: &SignedReport,
    report: &Report,
    here: &Here,
    (client, deployment): (&ChainClient, &Deployment),
) -> Result<(), VerifyError> {
    let others = here.whole.iter().filter(|dataset| !is_compared(signed, &dataset.manifest_hash));
    let others: Vec<_> = others.map(attribution::version).collect();
    let place = (deployment.pool, Address::from(report.registry));
    let posted_at = registry::posted_at(client, place, (report.stream, report.period)).await?;
    let checked = registry::check(client, deployment, &signed.settlement, &others, Some(posted_at)).await;
    Ok(checked.map_err(Box::new)?)
}

#[cfg(test)]
mod tests;
