//! A member of the committee signs (ATT-9): what it has worked out anew itself, with its own key, by its own node.
//!
//! Nobody else sees the key. What comes out is a file with the report's bytes and the signature over them; whoever
//! posts collects such files ([`post`](crate::post)).

use std::path::Path;

use ed25519_dalek::SigningKey;
use serde::{Deserialize, Serialize};
use yieldset_chain::{ChainClient, Deployment};
use yieldset_rules::report::Report;

use crate::{
    answers::{Answers, Difference},
    embed::Embedder,
    files::hex_bytes,
    hex0x, licensed,
    manifest::{self, ManifestError},
    place::Place,
    post::PostError,
    recomputed::{self, Here, RecomputeError},
    registry,
    report::{self, KeySignature, ReportError, Spot},
    settlement::Settlement,
    slug_id,
    usage_log::{VerifiedLog, verified::Pins},
};

/// What a member signs.
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
    /// From what the settlement is worked out anew.
    pub evidence: Evidence<'a>,
    /// What came of the member's own spot check; nothing where there was none. Nobody signs another's figures.
    pub spot: Option<Spot>,
    /// Reports at hand: where the stream's one before is among them, its event is not looked for on chain.
    pub known: &'a [Report],
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
    (stream, licence): (&str, Option<[u8; 32]>),
) -> Result<(), PostError> {
    settlement.check()?;
    match licence.unwrap_or_else(|| slug_id(stream)) == settlement.stream && stream == settlement.model {
        true => Ok(()),
        false => Err(PostError::OtherStream { settled: settlement.model.clone(), asked: stream.to_owned() }),
    }
}

/// Whether a settlement says of the spot check what the member has found: it takes the texts, so nothing else here can
/// tell.
fn check_spot(settlement: &Settlement, found: Option<Spot>) -> Result<(), PostError> {
    let told = |spot: Option<Spot>| spot.map_or_else(|| "none".to_owned(), |spot| format!("{spot:?}"));
    match settlement.spot_check == found {
        true => Ok(()),
        false => Err(PostError::OtherSpot { settled: told(settlement.spot_check), found: told(found) }),
    }
}

/// Works a settlement out anew, and signs the report that follows from it as the chain stands now.
///
/// # Errors
/// [`PostError`]; then nothing was signed.
pub async fn sign(request: &Request<'_>, client: &ChainClient) -> Result<SignatureFile, PostError> {
    let settlement = request.settlement;
    check_stream(settlement, (request.stream, request.licence))?;
    check_spot(settlement, request.spot)?;
    let place = Place::of(client, request.deployment, settlement).await?;
    // Before the long work: who is no member need not begin.
    report::check_member(&place.committee().await?, &request.key.verifying_key().to_bytes())?;
    report::draft(settlement, place.named(), place.committee().await?.epoch, place.position().await?)?;
    registry::check(client, &place.deployment, settlement, &[], None).await.map_err(Box::new)?;
    if let Some(difference) = difference(request, &place).await? {
        return Err(PostError::ChainDiffers(Box::new(difference)));
    }
    recompute(request).await?;
    fail::fail_point!("sign", |_| std::process::abort());
    // That took its time.
    let committee = place.committee().await?;
    let report = report::draft(settlement, place.named(), committee.epoch, place.position().await?)?;
    check_terms(&place, &report).await?;
    Ok(SignatureFile::new(&report, report::sign_by(&report, &committee, request.key)?))
}

/// Whether the stream's licence, where it is one, will have the report.
pub(crate) async fn check_terms(place: &Place<'_>, report: &Report) -> Result<(), PostError> {
    let best = place.client.best_block().await?.hash;
    let agreed = licensed::agreed(place.client, &place.deployment, (report.stream, &report.log), best).await?;
    match agreed.and_then(|agreed| licensed::disagreement(&agreed, report, u32::MAX)) {
        Some(reason) => Err(PostError::AgainstLicence(reason)),
        None => Ok(()),
    }
}

/// What the settlement takes from the chain is what the chain says now: else records would be paid twice or never.
async fn difference(request: &Request<'_>, place: &Place<'_>) -> Result<Option<Difference>, PostError> {
    let settlement = request.settlement;
    let best = place.client.best_block().await?.hash;
    let (origin, sizes) = settlement.checkpoints();
    let of = (settlement.stream, settlement.period);
    let answers = Answers::ask(place.client, &place.deployment, of, (best, request.known), (&origin, &sizes)).await?;
    Ok(answers.difference(settlement))
}

/// Nobody signs what was not worked out anew: a settlement's file is anybody's.
async fn recompute(request: &Request<'_>) -> Result<(), RecomputeError> {
    let Request { settlement, licence, evidence, .. } = *request;
    let log = VerifiedLog::read(evidence.log_dir, evidence.pins).await?;
    let here = Here::of(settlement, manifest::load_all(evidence.manifests)?)?;
    if let Some((folder, cache)) = evidence.model {
        let embedder = Embedder::load(folder).map_err(ManifestError::from)?.with_cache(cache.to_owned());
        here.check_embeddings(settlement, &embedder)?;
    }
    recomputed::recompute(settlement, (&log, &here), licence)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::signed_report;

    /// Proves LIC-3: nobody signs figures of a spot check that are not their own. Before, whoever wrote the settlement
    /// wrote them, and every member signed them unseen.
    #[tokio::test]
    async fn a_spot_check_is_the_members_own() {
        let spot = Spot { block: 8, block_hash: [7; 32], drawn: 3, opened: 3, matched: 3 };
        let none = signed_report().await.settlement;
        let invented = Settlement { spot_check: Some(spot), ..none.clone() };
        let worse = Spot { matched: 1, ..spot };
        for (settlement, found, good) in [
            (&none, None, true),
            (&invented, Some(spot), true),
            (&invented, None, false),
            (&invented, Some(worse), false),
            (&none, Some(worse), false),
        ] {
            assert_eq!(check_spot(settlement, found).is_ok(), good, "{found:?}");
        }
    }
}
