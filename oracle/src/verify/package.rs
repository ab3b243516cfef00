//! A package by itself: what its public files show to somebody who has no record, no text and no node.

use std::{collections::BTreeSet, path::Path, sync::Arc};

use yieldset_rules::report::Report;

use super::{
    Findings, Line, ReaderPins, Verdict, VerifyError,
    own::{self, Own},
    place, proof, tell_what_a_chain_would_show,
};
use crate::{
    bundle::Audit,
    files, hex0x,
    manifest::PublicPart,
    proven::SavedProof,
    publish::{AUDIT, Index, PROOF, PublishError, REPORT, SETTLEMENT, Shelf, damaged, unpack},
    recomputed::RecomputeError,
    report::SignedReport,
    settlement::Settlement,
    sha256,
    usage_log::{
        LogError, LogInfo, Named, Platforms,
        layout::{self, CHECKPOINT},
        note,
        store::Store,
        tiles::{Edge, Tree},
    },
};

/// What to check.
#[derive(Debug, Clone, Copy)]
pub struct PackageRequest<'a> {
    /// Where packages are.
    pub shelf: &'a Shelf,
    /// Of which report; where there is one package alone, `None` is that.
    pub report_hash: Option<[u8; 32]>,
    /// SHA-256 of the index, where the reader has it from elsewhere.
    pub index: Option<[u8; 32]>,
    /// The licence that it is for; where there is none, the stream is the model's own.
    pub licence: Option<[u8; 32]>,
    /// What the reader knows besides.
    pub pins: &'a ReaderPins,
    /// A contributor's own lines.
    pub own: Option<Own<'a>>,
}

/// Checks a package, or an audit bundle, and tells of each check.
///
/// # Errors
/// [`VerifyError`], the first check that fails.
pub async fn verify_package(request: &PackageRequest<'_>, mut tell: impl FnMut(Line)) -> Result<Verdict, VerifyError> {
    let mut findings = Findings { tell: &mut tell, verdict: Verdict::Holds };
    let folder = tempfile::tempdir().map_err(files::FileError::io(Path::new("a temporary folder")))?;
    let (index, digest) = unpack(request.shelf, request.report_hash, folder.path()).await?;
    if let Some(known) = request.index.filter(|known| *known != digest) {
        return Err(VerifyError::NotPinned { what: "the index", known: hex0x(&known), got: hex0x(&digest) });
    }
    let package = Package { folder: folder.path(), index: &index, pins: request.pins };
    let (signed, report) = package.report(&mut findings)?;
    check_stream(&signed.settlement, request.licence, &mut findings)?;
    package.log(&report, &signed.settlement, &mut findings)?;
    package.manifests(&signed.settlement, &mut findings)?;
    if let Some(lines) = request.own {
        own::check(lines, (&report, &signed.settlement), &mut findings)?;
    }
    let saved: Option<SavedProof> = match package.has(PROOF) {
        true => Some(package.json(PROOF)?),
        false => None,
    };
    let proven = proof::check(saved.as_ref(), (&signed, &report), request.pins, &mut findings)?;
    tell_what_a_chain_would_show(proven, &signed, &mut findings);
    findings.not_shown(
        "that the weights follow from the records and the texts: a package has neither; ask the log for a grant, and the \
         creators for their texts, and run `verify` with --report, --log-dir and --manifests",
    );
    match request.index {
        Some(_) => findings.shown("the index is the one that you know, and so is each byte of the package"),
        None => findings.not_shown(
            "that cards, and how the log's list of platforms is written, are as they were published: nobody signs them; give \
             --index",
        ),
    }
    request.pins.tell(false, &mut findings);
    Ok(findings.verdict)
}

/// It is of the licence that the reader means, or of the model's own stream.
fn check_stream(
    settlement: &Settlement,
    licence: Option<[u8; 32]>,
    findings: &mut Findings<'_>,
) -> Result<(), VerifyError> {
    let (got, known) = (settlement.stream, settlement.models.stream(licence));
    if let Some(licence) = licence.filter(|licence| *licence != got) {
        return Err(VerifyError::NotPinned { what: "the licence", known: hex0x(&licence), got: hex0x(&got) });
    }
    if known != Some(got) {
        findings.not_shown(format!(
            "that {} is the licence that you mean: the package is not of the model's own stream; give --licence",
            hex0x(&got)
        ));
    }
    Ok(())
}

struct Package<'a> {
    folder: &'a Path,
    index: &'a Index,
    pins: &'a ReaderPins,
}

impl Package<'_> {
    fn has(&self, path: &str) -> bool {
        self.index.files.iter().any(|entry| entry.path == path)
    }

    fn bytes(&self, path: &str) -> Result<Vec<u8>, VerifyError> {
        match self.has(path) {
            true => Ok(files::read(&self.folder.join(path))?),
            false => Err(damaged(path, "it is missing").into()),
        }
    }

    /// A file that is written in the one way there is.
    fn json<T: serde::Serialize + serde::de::DeserializeOwned>(&self, path: &str) -> Result<T, VerifyError> {
        let bytes = self.bytes(path)?;
        let value: T = serde_json::from_slice(&bytes).map_err(|error| damaged(path, error.to_string()))?;
        match files::canonical_json(&value).is_ok_and(|json| json == bytes) {
            true => Ok(value),
            false => Err(damaged(path, "it is not written as canonical JSON").into()),
        }
    }

    fn report(&self, findings: &mut Findings<'_>) -> Result<(SignedReport, Report), VerifyError> {
        let signed: SignedReport = self.json(REPORT)?;
        let report = signed.check()?;
        self.pins.check_place(&report)?;
        let fields = &signed.fields;
        let said =
            (self.index.report_hash, self.index.pool, self.index.stream, &self.index.period, self.index.revision);
        if said != (signed.report_hash, fields.pool, fields.stream, &fields.period_name, fields.revision) {
            return Err(damaged("the index", "it is of another report than the one in it").into());
        }
        let settled = self.bytes(SETTLEMENT)?;
        let digest = sha256(&settled);
        if report.package != Some(digest) {
            let expected = report.package.map(|digest| hex0x(&digest)).unwrap_or_else(|| "none".into());
            let reason = format!("it has SHA-256 {}, the report signs {expected}", hex0x(&digest));
            return Err(damaged(SETTLEMENT, reason).into());
        }
        findings.shown(format!(
            "package of report {} for {}, {}, revision {}, {}: {} files, each as the index has it",
            hex0x(&signed.report_hash),
            report.models.join(", "),
            fields.period_name,
            report.revision,
            place(&report),
            self.index.files.len()
        ));
        findings.shown(format!(
            "{} of {} members of the committee that it names signed its bytes, {} are needed (epoch {})",
            signed.signatures.len(),
            signed.committee.keys.len(),
            signed.committee.threshold,
            report.epoch
        ));
        findings.shown(format!(
            "the settlement is the one that the report signs; its {} weights make the report's root, with the proofs given",
            signed.settlement.contributors.len()
        ));
        Ok((signed, report))
    }

    /// The log's checkpoint is signed and cosigned, all hashes lead to its root, and the report's root is one that this
    /// tree had.
    fn log(&self, report: &Report, settlement: &Settlement, findings: &mut Findings<'_>) -> Result<(), VerifyError> {
        let dir = self.folder.join("log");
        let info: LogInfo = self.json("log/log.json")?;
        info.check()?;
        let known = self.pins.log();
        if let Some(expected) = known.log.filter(|expected| *expected != info.log_key) {
            return Err(LogError::UnexpectedKey { got: hex0x(&info.log_key), expected: hex0x(&expected) }.into());
        }
        let (checkpoint, cosigned) = note::open_witnessed(&self.bytes("log/checkpoint")?, &info)?;
        if let Some(absent) = known.witness.filter(|key| cosigned.iter().all(|one| one.key != *key)) {
            return Err(LogError::NotWitnessed(hex0x(&absent)).into());
        }
        let store = Arc::new(Store::local(&dir).map_err(LogError::from)?);
        let tree = Tree::new(Arc::clone(&store), Edge::load(&store, checkpoint.size())?)?;
        if tree.root() != *checkpoint.hash() {
            return Err(damaged("log/checkpoint", "the hash tiles lead to another root").into());
        }
        let mut expected = BTreeSet::new();
        for tile in tree.hash_tiles() {
            tree.hashes_of(&tile)?;
            expected.insert(format!("log/{}", layout::tile_path(&tile)));
        }
        let mut there = self.index.files.iter().map(|entry| &entry.path).filter(|path| path.starts_with("log/tile/"));
        if let Some(more) = there.find(|path| !expected.contains(*path)) {
            return Err(damaged(more, format!("the {CHECKPOINT}'s tree has no such tile")).into());
        }
        let said = &report.log;
        let here = match said.size <= tree.size() {
            true => Some(tree.root_at(said.size)?.0),
            false => None,
        };
        if said.origin != info.origin || here != Some(said.root) {
            let (origin, size, expected) = (said.origin.clone(), said.size, hex0x(&said.root));
            let got = match here {
                Some(here) => format!("root {} of {}", hex0x(&here), info.origin),
                None => format!("only {} records", tree.size()),
            };
            return Err(RecomputeError::OtherLog { origin, size, expected, got }.into());
        }
        findings.shown(format!(
            "log {}: hashes of {} records lead to the checkpoint that the log signed and {} of its witnesses cosigned, and \
             its first {} to the report's root",
            info.origin,
            tree.size(),
            cosigned.len(),
            said.size
        ));
        self.json::<Vec<Named>>("log/platforms.json")?;
        let platforms = Platforms::load(&dir, (&info.origin, &info.log_key))?;
        self.pins.check_platforms(&platforms)?;
        if self.has(AUDIT) {
            let audit = Audit::from_bytes(&self.bytes(AUDIT)?)?;
            let of = (&report.stream, report.period, &settlement.models);
            let runs = audit.check(of, (tree.size(), tree.root()), &platforms)?;
            self.tell_audit(&audit, runs.len(), settlement, findings);
        }
        Ok(())
    }

    fn tell_audit(&self, audit: &Audit, runs: usize, settlement: &Settlement, findings: &mut Findings<'_>) {
        let ids: Vec<&str> = audit.runs.iter().map(|run| run.run_id.as_str()).collect();
        findings.shown(format!(
            "{runs} training runs of {} are in the log, as their platform signed them: {}",
            audit.models,
            if ids.is_empty() { "none".to_owned() } else { ids.join(", ") }
        ));
        let hashes: usize = audit.batches.iter().map(|batch| batch.hashes.len()).sum();
        findings.shown(format!(
            "{} batches with {hashes} hashes of records are signed by their platforms' keys",
            audit.batches.len()
        ));
        findings.not_shown(format!(
            "that these are all training runs, and all batches with calls of {} in {}, and that their hashes of calls are those of the log's \
             leaves: that takes the records; ask the log for a grant",
            audit.models, settlement.period_name
        ));
    }

    /// Manifest, export and terms of each version that the report compares, and of no version that it does not name.
    fn manifests(&self, settlement: &Settlement, findings: &mut Findings<'_>) -> Result<(), VerifyError> {
        let read = |hash: &[u8; 32]| -> Result<PublicPart, VerifyError> {
            let folder = self.folder.join("manifests").join(hex::encode(hash));
            Ok(PublicPart::load(&folder, hash)?)
        };
        let mut named = BTreeSet::new();
        for version in &settlement.manifests {
            let part = read(&version.manifest_hash)?;
            let said = (version.dataset.as_str(), version.dataset_id, version.account);
            if said != (part.dataset.as_str(), part.dataset_id, part.account) || !part.terms.is_of(&settlement.metric) {
                let path = format!("manifests/{}", hex::encode(version.manifest_hash));
                return Err(damaged(&path, "the settlement says another name, account or metric than it").into());
            }
            named.insert(hex::encode(version.manifest_hash));
        }
        let compared: BTreeSet<[u8; 20]> = settlement.manifests.iter().map(|version| version.account).collect();
        if let Some(other) = settlement.contributors.iter().find(|one| !compared.contains(&one.account)) {
            let reason = format!("no version that it compares pays {}, and it does", hex0x(&other.account));
            return Err(damaged(SETTLEMENT, reason).into());
        }
        let folder = |path: &str| Some(path.strip_prefix("manifests/")?.split_once('/')?.0.to_owned());
        let there: BTreeSet<String> = self.index.files.iter().filter_map(|entry| folder(&entry.path)).collect();
        for left_out in &settlement.left_out {
            let name = hex::encode(left_out.manifest_hash);
            if there.contains(&name) {
                read(&left_out.manifest_hash)?;
                named.insert(name);
            }
        }
        if let Some(more) = there.iter().find(|name| !named.contains(*name)) {
            return Err(damaged(&format!("manifests/{more}"), "the report names no such version").into());
        }
        findings.shown(format!(
            "manifest, export and terms of the {} dataset versions that the report compares are theirs, by its metric, and pay \
             whom it pays",
            settlement.manifests.len()
        ));
        Ok(())
    }
}

impl From<PublishError> for VerifyError {
    fn from(error: PublishError) -> Self {
        // Boxed, too.
        Self::Package(Box::new(error))
    }
}
