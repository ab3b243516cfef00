//! The report that the committee signs and the registry checks (ATT-9): built from a settlement and the chain's state,
//! without I/O.

use std::collections::BTreeSet;

use ed25519_dalek::{Signer, SigningKey};
use serde::{Deserialize, Serialize};
use yieldset_rules::{
    agreed::{FalseDiscoveries, false_discoveries},
    report::{
        Binding, BindingError, Last, LogCheckpoint, MAX_BYTES, MeasuredError, Metric, Outcome, Report, SpotCheck,
        Totals,
    },
};

use crate::{
    attribution::{LogState, TotalsState},
    compared,
    files::{hex_bytes, hex_list},
    hex0x, keccak256,
    metric::MetricState,
    period_name,
    settlement::{Settlement, SettlementError},
    usage_log::signature_is_valid,
};

/// Why there is no report, or why it is not believed.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ReportError {
    /// The settlement.
    #[error(transparent)]
    Settlement(#[from] SettlementError),
    /// A settlement of another pool's datasets.
    #[error(
        "the settlement is of datasets of the pool {got}, the report is for {expected}; run `attribute` with its deployment"
    )]
    OtherPool {
        /// In the settlement.
        got: String,
        /// The report's.
        expected: String,
    },
    /// Compared, and it does not count by what the settlement itself says.
    #[error("{0}, and the settlement compares them; run `attribute` again with --node-url, which leaves them out")]
    DoesNotCount(String),
    /// It would be refused by the registry.
    #[error("the report does not belong there: {0}")]
    Binding(String),
    /// Longer than the registry decodes.
    #[error("the report has {0} bytes, at most {MAX_BYTES} are decoded; shorten the names of model, log or metric")]
    TooLong(usize),
    /// Not in the committee.
    #[error(
        "key {key} is not in the committee of epoch {epoch}; sign with a member's key, or have the committee changed first"
    )]
    UnknownKey {
        /// The public key.
        key: String,
        /// The committee's epoch.
        epoch: u32,
    },
    /// Twice the same.
    #[error("key {0} is given twice; each member signs once")]
    DuplicateKey(String),
    /// Fewer than the committee asks for.
    #[error("{got} members signed, the committee of epoch {epoch} asks for {need}; collect more of their signatures")]
    NotEnoughKeys {
        /// Signatures given.
        got: usize,
        /// Signatures needed.
        need: u8,
        /// The committee's epoch.
        epoch: u32,
    },
    /// The bytes are no report.
    #[error("the report's bytes are not a report ({0}); get the file from who posted it")]
    Malformed(String),
    /// A field of the file is not what the bytes say.
    #[error(
        "report.json says another {0} than the report's bytes; believe the bytes, and get the file from who posted it"
    )]
    FieldDiffers(&'static str),
    /// A signature is wrong.
    #[error("the signature of {key} is not over the report's bytes; do not believe this report")]
    BadSignature {
        /// The public key.
        key: String,
    },
}

/// Where a report goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReportPlace {
    /// EIP-155 chain id.
    pub chain_id: u64,
    /// The attribution registry.
    pub registry: [u8; 20],
    /// The pool.
    pub pool: [u8; 20],
}

/// Who signs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Committee {
    /// The epoch, from 1 on.
    pub epoch: u32,
    /// How many must sign.
    pub threshold: u8,
    /// Their ed25519 public keys.
    #[serde(with = "hex_list")]
    pub keys: Vec<[u8; 32]>,
}

impl Committee {
    /// Whether it is this one as it took office, keys left out that were revoked since, of which `revoked` has a bit
    /// each.
    pub(crate) fn is_of(&self, office: &Self, revoked: u16) -> bool {
        let missing = office.keys.iter().enumerate().filter(|(_, key)| !self.keys.contains(key));
        let gone = missing.into_iter().all(|(at, _)| revoked & 1 << at != 0);
        let known = self.keys.iter().all(|key| office.keys.contains(key));
        (self.epoch, self.threshold) == (office.epoch, office.threshold) && known && gone
    }
}

/// One member's signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeySignature {
    /// The public key.
    #[serde(with = "hex_bytes")]
    pub key: [u8; 32],
    /// ed25519 over the report's bytes.
    #[serde(with = "hex_bytes")]
    pub signature: [u8; 64],
}

/// [`MeasuredError::Decoys`] in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decoys {
    /// Scores above the threshold.
    pub hits: u64,
    /// Those of them that were a decoy's.
    pub decoy_hits: u64,
    /// Datasets that were compared.
    pub datasets: u32,
    /// Decoys that were compared beside them.
    pub decoys: u32,
}

impl Decoys {
    /// Which part of the datasets' hits is false, in millionths, with its interval of 95 %; nothing where nothing but
    /// decoys was hit.
    pub fn false_discoveries(&self) -> Option<FalseDiscoveries> {
        false_discoveries(self.hits, self.decoy_hits, (self.datasets, self.decoys))
    }
}

/// [`SpotCheck`] in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spot {
    /// Number of the block that drew the calls.
    pub block: u32,
    /// Its hash.
    #[serde(with = "hex_bytes")]
    pub block_hash: [u8; 32],
    /// Calls drawn.
    pub drawn: u32,
    /// Calls that the platform opened.
    pub opened: u32,
    /// Opened calls that give the record's figures.
    pub matched: u32,
}

impl From<Spot> for SpotCheck {
    fn from(Spot { block, block_hash, drawn, opened, matched }: Spot) -> Self {
        Self { block, block_hash, drawn, opened, matched }
    }
}

impl From<SpotCheck> for Spot {
    fn from(SpotCheck { block, block_hash, drawn, opened, matched }: SpotCheck) -> Self {
        Self { block, block_hash, drawn, opened, matched }
    }
}

/// The report's fields, to read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fields {
    /// EIP-155 chain id.
    pub chain_id: u64,
    /// The attribution registry.
    #[serde(with = "hex_bytes")]
    pub registry: [u8; 20],
    /// The pool.
    #[serde(with = "hex_bytes")]
    pub pool: [u8; 20],
    /// The stream.
    #[serde(with = "hex_bytes")]
    pub stream: [u8; 32],
    /// The models' slugs, sorted.
    pub models: Vec<String>,
    /// The accounting period.
    pub period: u32,
    /// The same, to read.
    pub period_name: String,
    /// 0, or the number of the revision that replaces a withdrawn report.
    pub revision: u32,
    /// The committee's epoch.
    pub epoch: u32,
    /// The log's state.
    #[serde(with = "LogState")]
    pub log: LogCheckpoint,
    /// Digest of the dataset versions that were compared.
    #[serde(with = "hex_bytes")]
    pub compared: [u8; 32],
    /// The metric.
    #[serde(with = "MetricState")]
    pub metric: Metric,
    /// Root over account and weight; zero where nothing qualified.
    #[serde(with = "hex_bytes")]
    pub weights_root: [u8; 32],
    /// Sums.
    #[serde(with = "TotalsState")]
    pub totals: Totals,
    /// Scores above the threshold, and how many of them were a decoy's; nothing where it was not measured.
    pub decoys: Option<Decoys>,
    /// Root over the attribution's lines.
    #[serde(with = "hex_bytes")]
    pub lines_root: [u8; 32],
    /// SHA-256 of the settlement's file, as hex; nothing where none is published.
    pub package: Option<String>,
    /// The spot check; nothing where there was none.
    pub spot_check: Option<Spot>,
    /// Hash of the report that the stream's registry accepted before it; zero for the first.
    #[serde(with = "hex_bytes")]
    pub previous: [u8; 32],
}

/// The transaction that posted a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Posted {
    /// Its hash.
    #[serde(with = "hex_bytes")]
    pub tx_hash: [u8; 32],
    /// The finalised block's height.
    pub block_number: u64,
    /// The finalised block's hash.
    #[serde(with = "hex_bytes")]
    pub block_hash: [u8; 32],
}

/// `report.json`: the signed report and all that is needed to check it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedReport {
    /// The signed bytes, as hex.
    pub report: String,
    /// Their keccak-256.
    #[serde(with = "hex_bytes")]
    pub report_hash: [u8; 32],
    /// What they say.
    pub fields: Fields,
    /// The committee when it was signed, as the chain had it.
    pub committee: Committee,
    /// The signatures, sorted by key.
    pub signatures: Vec<KeySignature>,
    /// The weights behind the root.
    pub settlement: Settlement,
    /// How it came on chain, once it has.
    pub transaction: Option<Posted>,
}

fn fields(report: &Report) -> Fields {
    Fields {
        chain_id: report.chain_id,
        registry: report.registry,
        pool: report.pool,
        stream: report.stream,
        models: report.models.clone(),
        period: report.period,
        period_name: period_name(report.period),
        revision: report.revision,
        epoch: report.epoch,
        log: report.log.clone(),
        compared: report.compared,
        metric: report.metric.clone(),
        weights_root: report.weights_root(),
        totals: report.totals,
        decoys: match report.error {
            MeasuredError::NotMeasured => None,
            MeasuredError::Decoys { hits, decoy_hits, datasets, decoys } => {
                Some(Decoys { hits, decoy_hits, datasets, decoys })
            }
        },
        lines_root: report.lines_root,
        package: report.package.as_ref().map(|digest| hex0x(digest)),
        spot_check: report.spot_check.map(Spot::from),
        previous: report.previous,
    }
}

/// The end of the stream's chain, and whether the period waits for a revision: the registry's answers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Position {
    /// The chain's end; `None` before the first report.
    pub last: Option<Last>,
    /// The revision that the settlement's period waits for; `None` where its report was not withdrawn.
    pub next_revision: Option<u32>,
    /// The chain's time in Unix seconds.
    pub now: u64,
}

/// The report of a settlement for a place, after the report `previous`.
pub fn compose(settlement: &Settlement, place: ReportPlace, revision: u32, epoch: u32, previous: [u8; 32]) -> Report {
    Report {
        chain_id: place.chain_id,
        registry: place.registry,
        pool: place.pool,
        stream: settlement.stream,
        models: settlement.models.slugs().to_vec(),
        period: settlement.period,
        revision,
        epoch,
        log: settlement.log.clone(),
        compared: settlement.compared(),
        metric: settlement.metric.clone(),
        outcome: match settlement.weights_root {
            root if root == [0; 32] => Outcome::NothingQualified,
            root => Outcome::Weights(root),
        },
        totals: settlement.totals,
        error: measured(settlement),
        lines_root: settlement.lines_root,
        package: Some(settlement.digest()),
        spot_check: settlement.spot_check.map(SpotCheck::from),
        previous,
    }
}

/// How often the metric found what is not there.
pub(crate) fn measured(settlement: &Settlement) -> MeasuredError {
    settlement.decoys.map_or(MeasuredError::NotMeasured, |Decoys { hits, decoy_hits, datasets, decoys }| {
        MeasuredError::Decoys { hits, decoy_hits, datasets, decoys }
    })
}

/// Builds a report that the registry will take.
///
/// # Errors
/// [`ReportError`]: everything that the registry would refuse is refused here, before anything is signed.
pub fn draft(
    settlement: &Settlement,
    place: ReportPlace,
    epoch: u32,
    position: Position,
) -> Result<Report, ReportError> {
    check_settlement(settlement, &place.pool)?;
    let Position { last, next_revision, now } = position;
    let (revision, previous) = (next_revision.unwrap_or_default(), last.map_or([0; 32], |last| last.hash));
    let report = compose(settlement, place, revision, epoch, previous);
    let (chain_id, registry) = (place.chain_id, place.registry);
    let binding = Binding { chain_id, registry, epoch, last, next_revision, now };
    binding.check(&report).map_err(|error| ReportError::Binding(binding_text(&error)))?;
    let bytes = report.to_bytes();
    match Report::from_bytes(&bytes) {
        Ok(_) => Ok(report),
        Err(_) if bytes.len() > MAX_BYTES => Err(ReportError::TooLong(bytes.len())),
        Err(error) => Err(ReportError::Malformed(format!("{error:?}"))),
    }
}

/// A member's signature over a report.
///
/// # Errors
/// [`ReportError::UnknownKey`].
pub fn sign_by(report: &Report, committee: &Committee, key: &SigningKey) -> Result<KeySignature, ReportError> {
    let public = key.verifying_key().to_bytes();
    check_member(committee, &public)?;
    Ok(KeySignature { key: public, signature: key.sign(&report.to_bytes()).to_bytes() })
}

/// A report with its members' signatures, each checked, and as many as the committee asks for.
///
/// # Errors
/// [`ReportError`].
pub fn assemble(
    report: &Report,
    settlement: &Settlement,
    committee: &Committee,
    signatures: Vec<KeySignature>,
) -> Result<SignedReport, ReportError> {
    check_signatures(committee, &report.to_bytes(), &signatures)?;
    Ok(with(report, settlement, committee, signatures))
}

/// A report with these keys' signatures, whatever it says.
#[cfg(test)]
pub(crate) fn seal(
    report: &Report,
    settlement: &Settlement,
    committee: &Committee,
    keys: &[SigningKey],
) -> SignedReport {
    let bytes = report.to_bytes();
    let signature =
        |key: &SigningKey| KeySignature { key: key.verifying_key().to_bytes(), signature: key.sign(&bytes).to_bytes() };
    with(report, settlement, committee, keys.iter().map(signature).collect())
}

/// As all members would do it, one after the other.
#[cfg(test)]
pub(crate) fn sign(
    settlement: &Settlement,
    place: ReportPlace,
    committee: &Committee,
    position: Position,
    keys: &[SigningKey],
) -> Result<SignedReport, ReportError> {
    let report = draft(settlement, place, committee.epoch, position)?;
    let signatures = keys.iter().map(|key| sign_by(&report, committee, key)).collect::<Result<_, _>>()?;
    assemble(&report, settlement, committee, signatures)
}

fn with(
    report: &Report,
    settlement: &Settlement,
    committee: &Committee,
    mut signatures: Vec<KeySignature>,
) -> SignedReport {
    let bytes = report.to_bytes();
    signatures.sort_by_key(|one| one.key);
    SignedReport {
        report: hex0x(&bytes),
        report_hash: keccak256(&bytes),
        fields: fields(report),
        committee: committee.clone(),
        signatures,
        settlement: settlement.clone(),
        transaction: None,
    }
}

/// Whether a settlement is whole, and what it compares counts in this pool by what it says of registry and log.
fn check_settlement(settlement: &Settlement, pool: &[u8; 20]) -> Result<(), ReportError> {
    settlement.check()?;
    if let Some(seen) = settlement.seen.filter(|seen| seen.pool != *pool) {
        return Err(ReportError::OtherPool { got: hex0x(&seen.pool), expected: hex0x(pool) });
    }
    match compared::wrongly_compared(settlement) {
        Some(versions) => Err(ReportError::DoesNotCount(versions)),
        None => Ok(()),
    }
}

/// Whether a key is a member's.
///
/// # Errors
/// [`ReportError::UnknownKey`].
pub fn check_member(committee: &Committee, key: &[u8; 32]) -> Result<(), ReportError> {
    match committee.keys.contains(key) {
        true => Ok(()),
        false => Err(ReportError::UnknownKey { key: hex0x(key), epoch: committee.epoch }),
    }
}

/// Distinct members', over these bytes, and enough.
fn check_signatures(committee: &Committee, bytes: &[u8], signatures: &[KeySignature]) -> Result<(), ReportError> {
    let mut seen = BTreeSet::new();
    for one in signatures {
        if !seen.insert(one.key) {
            return Err(ReportError::DuplicateKey(hex0x(&one.key)));
        }
        check_signature(committee, bytes, one)?;
    }
    enough(committee, seen.len())
}

/// Whether a signature is a member's, over these bytes.
///
/// # Errors
/// [`ReportError::UnknownKey`], [`ReportError::BadSignature`].
pub(crate) fn check_signature(committee: &Committee, bytes: &[u8], one: &KeySignature) -> Result<(), ReportError> {
    check_member(committee, &one.key)?;
    match signature_is_valid(&one.key, bytes, &one.signature) {
        true => Ok(()),
        false => Err(ReportError::BadSignature { key: hex0x(&one.key) }),
    }
}

fn enough(committee: &Committee, got: usize) -> Result<(), ReportError> {
    // The registry has no committee that asks for nobody.
    let need = committee.threshold.max(1);
    match got >= usize::from(need) {
        true => Ok(()),
        false => Err(ReportError::NotEnoughKeys { got, need, epoch: committee.epoch }),
    }
}

fn binding_text(error: &BindingError) -> String {
    match error {
        BindingError::WrongChain { got, expected } => format!("it is for chain {got}, this is {expected}"),
        BindingError::WrongRegistry { got } => format!("it is for the registry {}", hex0x(got)),
        BindingError::WrongEpoch { got, expected } => format!("it is of epoch {got}, the committee's is {expected}"),
        BindingError::PeriodOutOfOrder { got, last } => format!(
            "it is for {}, the stream's last report is for {}; a period once passed is not reported any more, its money goes with \
             the next report",
            period_name(*got),
            period_name(*last)
        ),
        BindingError::PeriodNotOver { period, .. } => {
            format!("{} is not over on the chain's clock; post when it is", period_name(*period))
        }
        BindingError::PreviousMismatch { got, expected } => {
            format!("it follows {}, the stream's last report is {}", hex0x(got), hex0x(expected))
        }
        BindingError::RevisionOutOfOrder { got, expected: Some(expected) } => {
            format!("it is revision {got}, the period waits for revision {expected}")
        }
        BindingError::RevisionOutOfOrder { got, expected: None } => {
            format!("it is revision {got} of a report that was not withdrawn")
        }
        BindingError::LogShrank { got, last } => {
            format!("it is from a log of {got} records, the last report was from {last}; use the whole log")
        }
    }
}

impl SignedReport {
    /// The signed bytes.
    ///
    /// # Errors
    /// [`ReportError::Malformed`].
    pub fn bytes(&self) -> Result<Vec<u8>, ReportError> {
        let digits = self.report.strip_prefix("0x").unwrap_or(&self.report);
        hex::decode(digits).map_err(|error| ReportError::Malformed(error.to_string()))
    }

    /// The signatures as the registry takes them: with what the verifier is told besides.
    pub fn signature_bytes(&self) -> Vec<u8> {
        self.signatures.iter().flat_map(|one| yieldset_ed25519::entry(&one.key, &one.signature)).collect()
    }

    /// Whether it reports this settlement to this place.
    pub fn is_of(&self, settlement: &Settlement, place: ReportPlace) -> bool {
        let Fields { revision, epoch, previous, .. } = self.fields;
        let expected = compose(settlement, place, revision, epoch, previous);
        self.bytes().is_ok_and(|bytes| bytes == expected.to_bytes())
    }

    /// Checks what can be checked of the file alone: bytes, hash, fields, distinct members' signatures, enough of them,
    /// and that the weights make the root.
    ///
    /// # Errors
    /// [`ReportError`], the first that applies.
    pub fn check(&self) -> Result<Report, ReportError> {
        let bytes = self.bytes()?;
        let report = Report::from_bytes(&bytes).map_err(|error| ReportError::Malformed(format!("{error:?}")))?;
        // One way to write them, so that a file that was changed is another one.
        if self.report != hex0x(&bytes) {
            return Err(ReportError::Malformed("they are not written as 0x and lower-case hex".into()));
        }
        if keccak256(&bytes) != self.report_hash {
            return Err(ReportError::FieldDiffers("hash"));
        }
        let expected = fields(&report);
        if expected != self.fields {
            return Err(ReportError::FieldDiffers(first_difference(&expected, &self.fields)));
        }
        if self.committee.epoch != report.epoch {
            return Err(ReportError::FieldDiffers("committee"));
        }
        check_signatures(&self.committee, &bytes, &self.signatures)?;
        check_settlement(&self.settlement, &report.pool)?;
        let place = ReportPlace { chain_id: report.chain_id, registry: report.registry, pool: report.pool };
        match self.is_of(&self.settlement, place) {
            true => Ok(report),
            false => Err(ReportError::FieldDiffers("settlement")),
        }
    }
}

fn first_difference(a: &Fields, b: &Fields) -> &'static str {
    let differs = [
        ("chain id", a.chain_id != b.chain_id),
        ("registry", a.registry != b.registry),
        ("pool", a.pool != b.pool),
        ("stream", a.stream != b.stream),
        ("models", a.models != b.models),
        ("period", a.period != b.period || a.period_name != b.period_name),
        ("revision", a.revision != b.revision),
        ("epoch", a.epoch != b.epoch),
        ("log", a.log != b.log),
        ("compared set", a.compared != b.compared),
        ("metric", a.metric != b.metric),
        ("weights root", a.weights_root != b.weights_root),
        ("total", a.totals != b.totals),
        ("decoys", a.decoys != b.decoys),
        ("lines' root", a.lines_root != b.lines_root),
        ("package", a.package != b.package),
        ("spot check", a.spot_check != b.spot_check),
    ];
    differs.iter().find(|(_, differs)| *differs).map_or("previous report", |(name, _)| name)
}

#[cfg(test)]
mod tests;
