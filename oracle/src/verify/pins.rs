//! What a reader knows from elsewhere than the files at hand: where trust starts.

use std::path::Path;

use serde::Deserialize;
use yieldset_rules::report::Report;

use super::{Findings, VerifyError};
use crate::{
    files::{self, FileError, hex_bytes},
    hex0x,
    usage_log::{Platform, Platforms, verified::Pins},
};

/// Values that the reader keeps. `pins.json` has them by these names, each as hex; what it does not name is not known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReaderPins {
    /// Hash of the chain's block 0.
    pub genesis: Option<[u8; 32]>,
    /// The registry of reports.
    pub registry: Option<[u8; 20]>,
    /// The registry of datasets.
    pub manifests: Option<[u8; 20]>,
    /// The pool.
    pub pool: Option<[u8; 20]>,
    /// Hash of a finalised block, for a proof of its state.
    pub block: Option<[u8; 32]>,
    /// The usage log's public key.
    pub log_key: Option<[u8; 32]>,
    /// Its witness's.
    pub witness_key: Option<[u8; 32]>,
    /// The platforms, with their keys and models; one that changed its key is there with each.
    pub platforms: Option<Vec<Platform>>,
}

#[derive(Deserialize)]
struct Hex<const N: usize>(#[serde(with = "hex_bytes")] [u8; N]);

/// `pins.json`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    genesis: Option<Hex<32>>,
    registry: Option<Hex<20>>,
    manifests: Option<Hex<20>>,
    pool: Option<Hex<20>>,
    block: Option<Hex<32>>,
    log_key: Option<Hex<32>>,
    witness_key: Option<Hex<32>>,
    platforms: Option<Vec<Platform>>,
}

impl ReaderPins {
    /// Reads `pins.json`.
    ///
    /// # Errors
    /// [`FileError`].
    pub fn load(file: &Path) -> Result<Self, FileError> {
        let found: File = files::read_json(file)?;
        Ok(Self {
            genesis: found.genesis.map(|hex| hex.0),
            registry: found.registry.map(|hex| hex.0),
            manifests: found.manifests.map(|hex| hex.0),
            pool: found.pool.map(|hex| hex.0),
            block: found.block.map(|hex| hex.0),
            log_key: found.log_key.map(|hex| hex.0),
            witness_key: found.witness_key.map(|hex| hex.0),
            platforms: found.platforms,
        })
    }

    /// These values, and where there are none those.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            genesis: self.genesis.or(other.genesis),
            registry: self.registry.or(other.registry),
            manifests: self.manifests.or(other.manifests),
            pool: self.pool.or(other.pool),
            block: self.block.or(other.block),
            log_key: self.log_key.or(other.log_key),
            witness_key: self.witness_key.or(other.witness_key),
            platforms: self.platforms.or(other.platforms),
        }
    }

    /// Those of the log.
    pub(super) fn log(&self) -> Pins {
        Pins { log: self.log_key, witness: self.witness_key }
    }

    /// The report is of the registry and the pool that are known.
    pub(super) fn check_place(&self, report: &Report) -> Result<(), VerifyError> {
        same("registry of reports", self.registry.as_ref(), &report.registry)?;
        same("pool", self.pool.as_ref(), &report.pool)
    }

    /// The chain is the one that is known.
    pub(super) fn check_genesis(&self, genesis: &[u8; 32]) -> Result<(), VerifyError> {
        same("the chain's genesis", self.genesis.as_ref(), genesis)
    }

    /// The registry of datasets is the one that is known; whether one is.
    pub(super) fn check_manifests(&self, manifests: &[u8; 20]) -> Result<bool, VerifyError> {
        same("registry of datasets", self.manifests.as_ref(), manifests)?;
        Ok(self.manifests.is_some())
    }

    /// The log's list of platforms has none, no key and no model, but those that are known: whoever keeps the log could
    /// otherwise log calls under a key of its own.
    pub(super) fn check_platforms(&self, platforms: &Platforms) -> Result<(), VerifyError> {
        let Some(known) = &self.platforms else { return Ok(()) };
        for one in platforms.known() {
            // A platform that changed its key is known by both.
            let mut of = known.iter().filter(|known| (&known.slug, known.public_key) == (&one.slug, one.public_key));
            let has_all = |known: &Platform| one.models.iter().all(|model| known.models.contains(model));
            if !of.any(has_all) {
                let known = known.iter().map(told).collect::<Vec<_>>().join("; ");
                return Err(VerifyError::NotPinned { what: "platform", known, got: told(&one) });
            }
        }
        Ok(())
    }

    /// Tells what of it was known, and what was not. `log_is_the_licences`: the chain says whose key signs the log.
    pub(super) fn tell(&self, log_is_the_licences: bool, findings: &mut Findings<'_>) {
        match (log_is_the_licences, self.log_key.is_some() && self.witness_key.is_some()) {
            (false, false) => findings.not_shown(
                "whose keys sign and cosign the log: they are as they came with it; give --log-key and --witness-key",
            ),
            (_, true) => findings.shown("the log's key and its witness's are those that you know"),
            (true, false) => {}
        }
        match (&self.platforms, log_is_the_licences) {
            (Some(_), _) => findings.shown("the platforms' keys and models are those that you know"),
            (None, true) => findings.shown(
                "each batch's key is the one that the log names at its place, by the key that the licence's platform has on chain",
            ),
            (None, false) => findings.not_shown(
                "that the platforms' keys are theirs: they are as they came with the log, whose keeper may have logged calls under \
                 keys of its own; give --platforms",
            ),
        }
    }
}

fn told(platform: &Platform) -> String {
    format!("{} with key {} for {}", platform.slug, hex0x(&platform.public_key), platform.models.join(", "))
}

fn same<const N: usize>(what: &'static str, known: Option<&[u8; N]>, got: &[u8; N]) -> Result<(), VerifyError> {
    match known.filter(|known| *known != got) {
        Some(known) => Err(VerifyError::NotPinned { what, known: hex0x(known), got: hex0x(got) }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is given on the command line comes before the file, and the file has no key that nobody reads.
    #[test]
    fn pins_are_read_by_name() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let file = folder.path().join("pins.json");
        let hex = |digits: &str, times: usize| format!("0x{}", digits.repeat(times));
        let platforms = format!(r#"[{{"slug": "p", "public_key": "{}", "models": ["m"]}}]"#, hex("07", 32));
        let json = format!(
            r#"{{"genesis": "{}", "registry": "{}", "manifests": "{}", "pool": "{}", "block": "{}", "log_key": "{}", "platforms": {platforms}}}"#,
            hex("01", 32),
            hex("02", 20),
            hex("03", 20),
            hex("08", 20),
            hex("04", 32),
            hex("05", 32),
        );
        std::fs::write(&file, &json).expect("written");
        let platform = Platform { slug: "p".into(), public_key: [7; 32], models: vec!["m".into()] };
        let found = ReaderPins::load(&file).expect("pins");
        let expected = ReaderPins {
            genesis: Some([1; 32]),
            registry: Some([2; 20]),
            manifests: Some([3; 20]),
            pool: Some([8; 20]),
            block: Some([4; 32]),
            log_key: Some([5; 32]),
            witness_key: None,
            platforms: Some(vec![platform]),
        };
        assert_eq!(found, expected);
        let given = ReaderPins { registry: Some([9; 20]), witness_key: Some([6; 32]), ..ReaderPins::default() };
        let both = ReaderPins { registry: Some([9; 20]), witness_key: Some([6; 32]), ..expected };
        assert_eq!(given.or(found), both);
        for wrong in [json.replace("log_key", "logkey"), json.replace("0x02", "0x")] {
            std::fs::write(&file, wrong).expect("written");
            assert!(ReaderPins::load(&file).is_err());
        }
    }
}
