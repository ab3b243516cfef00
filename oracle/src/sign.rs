//! A member of the committee signs (ATT-9): what it has worked out anew itself, with its own key, by its own node.
//!
//! Nobody else sees the key. What comes out is a file with the report's bytes and the signature over them; whoever
//! posts collects such files ([`post`](crate::post)).

use std::path::Path;

use ed25519_dalek::SigningKey;
use serde::{Deserialize, Serialize};
use yieldset_chain::{ChainClient, Deployment};
use yieldset_rules::{
    agreed::{Agreed, is_within},
    report::{Metric, Report},
};

use crate::{
    answers::Answers,
    embed::Embedder,
    files::hex_bytes,
    hex0x,
    licensed::{self, Licensed},
    manifest::{self, ManifestError},
    metric::metric,
    models::Models,
    place::Place,
    post::PostError,
    recomputed::{self, Here, RecomputeError},
    registry,
    report::{self, Decoys, KeySignature, ReportError, Spot},
    settlement::Settlement,
    spot::Checked,
    trained,
    usage_log::{VerifiedLog, verified::Pins},
};

/// Most of the hits that may be mistaken, in basis points, where the licence says nothing.
pub(crate) const MOST_FALSE: u16 = 500;

/// What a member signs.
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
    /// From what the settlement is worked out anew.
    pub evidence: Evidence<'a>,
    /// How like something must be, in millionths, where no licence says so.
    pub threshold: u32,
    /// What came of the member's own spot check, where calls were drawn.
    pub spot: Option<&'a Checked>,
    /// Most calls of the period, or of an earlier one, that may stand in the log behind the settlement's part of it.
    /// They are late then, and whoever chooses that part chooses them.
    pub late_calls: u64,
    /// Reports at hand: where the stream's one before is among them, its event is not looked for on chain.
    pub known: &'a [Report],
    /// SHA-256 of an audit's finding, by which the member signs though too many hits may be mistaken.
    pub audited: Option<[u8; 32]>,
    /// The member's key.
    pub key: &'a SigningKey,
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

/// A member's signature, as a file of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignatureFile {
    /// The signed bytes, as hex.
    pub report: String,
    /// The member's public key.
    #[serde(with = "hex_bytes")]
    pub key: [u8; 32],
    /// ed25519 over the bytes.
    #[serde(with = "hex_bytes")]
    pub signature: [u8; 64],
}

impl SignatureFile {
    /// Of a report.
    pub fn new(report: &Report, one: KeySignature) -> Self {
        Self { report: hex0x(&report.to_bytes()), key: one.key, signature: one.signature }
    }

    /// The report that it signs.
    ///
    /// # Errors
    /// [`ReportError::Malformed`].
    pub fn report(&self) -> Result<Report, ReportError> {
        let digits = self.report.strip_prefix("0x").unwrap_or(&self.report);
        let bytes = hex::decode(digits).map_err(|error| ReportError::Malformed(error.to_string()))?;
        Report::from_bytes(&bytes).map_err(|error| ReportError::Malformed(format!("{error:?}")))
    }
}

/// Whether a settlement is of what was asked for.
pub(crate) fn check_stream(
    settlement: &Settlement,
    (models, licence): (&Models, Option<[u8; 32]>),
) -> Result<(), PostError> {
    settlement.check()?;
    match models.stream(licence) == Some(settlement.stream) && *models == settlement.models {
        true => Ok(()),
        false => Err(PostError::OtherStream { settled: settlement.models.to_string(), asked: models.to_string() }),
    }
}

/// Works a settlement out anew, and signs the report that follows from it as the chain stands now.
///
/// # Errors
/// [`PostError`]; then nothing was signed.
pub async fn sign(request: &Request<'_>, client: &ChainClient) -> Result<SignatureFile, PostError> {
    let settlement = request.settlement;
    check_stream(settlement, (request.models, request.licence))?;
    let place = Place::of(client, request.deployment, settlement).await?;
    // Before the long work: who is no member need not begin.
    report::check_member(&place.committee().await?, &request.key.verifying_key().to_bytes())?;
    report::draft(settlement, place.named(), place.committee().await?.epoch, place.position().await?)?;
    // A settlement is anybody's file: of what it leaves out, the chain is asked, too.
    let loaded = manifest::load_all(request.evidence.manifests).map_err(RecomputeError::from)?;
    let here = Here::of(settlement, loaded)?;
    registry::check(client, &place.deployment, settlement, &here.others(settlement), None).await.map_err(Box::new)?;
    let answers = answers(request, &place).await?;
    if let Some(difference) = answers.difference(settlement) {
        return Err(PostError::ChainDiffers(Box::new(difference)));
    }
    recompute(request, answers.licensed.as_ref(), &here).await?;
    fail::fail_point!("sign", |_| std::process::abort());
    // That took its time.
    let committee = place.committee().await?;
    let report = report::draft(settlement, place.named(), committee.epoch, place.position().await?)?;
    let agreed = check_terms(&place, &report).await?;
    check_metric(&settlement.metric, agreed, request.threshold)?;
    check_false((settlement.decoys, settlement.audited), agreed, request.audited)?;
    Ok(SignatureFile::new(&report, report::sign_by(&report, &committee, request.key)?))
}

/// Whether the stream's licence, where it is one, will have the report; what it asks.
pub(crate) async fn check_terms(place: &Place<'_>, report: &Report) -> Result<Option<Agreed>, PostError> {
    let agreed =
        licensed::agreed(place.client, &place.deployment, (report.stream, &report.log), place.best().await?).await?;
    match agreed.and_then(|agreed| licensed::disagreement(&agreed, report, u32::MAX)) {
        Some(reason) => Err(PostError::AgainstLicence(reason)),
        None => Ok(agreed),
    }
}

/// How like something must be is the licence's to say, which the contract holds the report to; where it says nothing,
/// it is the member's, and not that of who worked the settlement out.
fn check_metric(settled: &Metric, agreed: Option<Agreed>, threshold: u32) -> Result<(), PostError> {
    let of_licence = agreed.is_some_and(|agreed| agreed.metric != [0; 32]);
    let own = metric(threshold);
    match of_licence || *settled == own {
        true => Ok(()),
        false => {
            let [settled, own] =
                [settled, &own].map(|one| format!("{} version {}, {}", one.name, one.version, one.threshold));
            Err(PostError::OtherMetric { settled, own })
        }
    }
}

/// Of the hits at most 5 % may be mistaken where the licence has no limit of its own, which the contract holds the
/// report to: a member signs no report of which surely more is, but by an audit.
fn check_false(
    (measured, settled): (Option<Decoys>, Option<[u8; 32]>),
    agreed: Option<Agreed>,
    audited: Option<[u8; 32]>,
) -> Result<(), PostError> {
    // It is signed with the rest, and told to whoever verifies.
    if settled != audited {
        let [settled, own] = [settled, audited].map(|one| one.map_or_else(|| "none".into(), |finding| hex0x(&finding)));
        return Err(PostError::OtherAudit { settled, own });
    }
    let own_limit = agreed.is_some_and(|agreed| agreed.false_discovery_bps > 0);
    let Some(Decoys { hits, decoy_hits, datasets, decoys }) = measured.filter(|_| !own_limit) else { return Ok(()) };
    match (is_within(hits, decoy_hits, (datasets, decoys), MOST_FALSE), audited) {
        (true, _) => Ok(()),
        (false, Some(finding)) => {
            tracing::warn!(
                audit = hex0x(&finding),
                hits,
                decoy_hits,
                "signed by an audit, though surely over 5 % of the hits are mistaken"
            );
            Ok(())
        }
        (false, None) => Err(PostError::TooManyMistaken { hits, decoy_hits }),
    }
}

/// What the settlement takes from the chain is what the chain says now: else records would be paid twice or never.
async fn answers(request: &Request<'_>, place: &Place<'_>) -> Result<Answers, PostError> {
    let settlement = request.settlement;
    let best = place.best().await?;
    let noted = trained::candidates(request.evidence.log_dir, settlement.log.size)?;
    let (origin, sizes) = settlement.checkpoints(&noted);
    let of = (settlement.stream, settlement.period);
    Ok(Answers::ask(place.client, &place.deployment, of, (best, request.known), (&origin, &sizes)).await?)
}

/// Nobody signs what was not worked out anew: a settlement's file is anybody's. Nor what the settlement itself chose:
/// from which part of the log, by whose log, what came of the spot check.
pub(crate) async fn recompute(
    request: &Request<'_>,
    licensed: Option<&Licensed>,
    here: &Here,
) -> Result<(), PostError> {
    let Request { settlement, licence, evidence, .. } = *request;
    let own = request.spot.map(|checked| checked.figures);
    if own != settlement.spot_check {
        return Err(PostError::SpotCheck { settled: told(settlement.spot_check), own: told(own) });
    }
    let log = VerifiedLog::read(evidence.log_dir, evidence.pins).await.map_err(RecomputeError::from)?;
    if let Some(licensed) = licensed
        && licensed.check_log(&log).map_err(Box::new)?.is_none()
    {
        tracing::warn!("the licence's platform has named no usage log on chain; the log's key is believed as it came");
    }
    recomputed::check_log(settlement, &log)?;
    let behind = recomputed::behind(settlement, &log).map_err(RecomputeError::from)?;
    if behind > request.late_calls {
        return Err(PostError::Behind { calls: behind, size: settlement.log.size, length: log.size() });
    }
    here.check_texts(settlement, evidence.model.is_some())?;
    if let Some((folder, cache)) = evidence.model {
        let embedder = Embedder::load(folder).map_err(ManifestError::from).map_err(RecomputeError::from)?;
        here.check_embeddings(settlement, &embedder.with_cache(cache.to_owned()))?;
    }
    Ok(recomputed::recompute(settlement, (&log, here), licence)?)
}

fn told(spot: Option<Spot>) -> String {
    spot.map_or_else(|| "nothing".into(), |spot| format!("{spot:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Proves ATT-9: the threshold is the licence's, or the member's own: a lower one leaves out all datasets that were
    /// made for it.
    #[test]
    fn nobody_signs_another_threshold() {
        assert!(check_metric(&metric(700_000), None, 700_000).is_ok());
        let refused = check_metric(&metric(650_000), Some(Agreed::default()), 700_000).expect_err("another");
        assert!(refused.to_string().contains("650000") && refused.to_string().contains("--threshold"), "{refused}");
        assert!(check_metric(&metric(650_000), None, 650_000).is_ok());
        assert!(check_metric(&crate::metric::first_metric(700_000), None, 700_000).is_err());
        let agreed = Agreed { metric: [1; 32], ..Agreed::default() };
        assert!(check_metric(&metric(650_000), Some(agreed), 700_000).is_ok(), "the contract holds it to its own");
    }

    /// Proves ATT-10: by the intervals that are worked out by hand in docs/ATTRIBUTION.md, with six datasets and two
    /// decoys one decoy's hit of 18 is signed and two are not; then by an audit alone, or by a limit that the licence
    /// has itself.
    #[test]
    fn who_signs_looks_at_the_mistaken_hits() {
        let of = |hits, decoy_hits| Some(Decoys { hits, decoy_hits, datasets: 6, decoys: 2 });
        let check = |measured, agreed| check_false((measured, None), agreed, None);
        assert!(check(None, None).is_ok() && check(of(18, 1), None).is_ok());
        let refused = check(of(18, 2), Some(Agreed::default())).expect_err("too many");
        assert!(refused.to_string().contains("2 of 18") && refused.to_string().contains("--audited"), "{refused}");
        let limited = Agreed { false_discovery_bps: 2_000, ..Agreed::default() };
        assert!(check(of(18, 2), Some(limited)).is_ok(), "the contract holds it to its own limit");
        // By the settlement's audit, and no other.
        let audited = Some([7; 32]);
        assert!(check_false((of(18, 2), audited), None, audited).is_ok());
        for (settled, own) in [(None, audited), (audited, None), (audited, Some([8; 32]))] {
            let refused = check_false((of(18, 1), settled), None, own);
            assert!(matches!(refused, Err(PostError::OtherAudit { .. })), "{settled:?} {own:?}");
        }
    }
}
