//! From a creator's files and a platform's usage to a signed report on chain, as pure stages:
//! `UsageRecord → Checkpoint → VerifiedLog → Attribution → Settlement → Report`. No stage reads back from a later one.
//!
//! From the score on everything is an integer, so anyone who has the log and the manifests gets the same report bit for
//! bit.

pub mod answers;
pub mod attribution;
pub mod bundle;
mod common;
pub mod compared;
pub mod copies;
pub mod decoys;
pub mod documents;
pub mod embed;
pub mod files;
pub mod fingerprint;
pub mod grant;
mod heap;
pub mod ingest;
pub mod keep;
pub mod keeper;
pub mod keys;
pub mod licensed;
pub mod lines;
pub mod manifest;
pub mod metric;
pub mod models;
pub mod over;
pub mod place;
pub mod post;
mod progress;
pub mod proven;
pub mod publish;
pub mod readings;
pub mod recomputed;
pub mod record;
pub mod registry;
pub mod report;
mod runs;
pub mod settlement;
pub mod sign;
pub mod spot;
pub mod text;
pub mod trained;
pub mod usage_log;
pub mod verify;
pub mod witness;
pub mod words;

#[cfg(test)]
mod attacks_paid;
#[cfg(test)]
mod cases;
#[cfg(test)]
mod testing;

use sha2::{Digest, Sha256};

/// SHA-256 of `bytes`.
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// keccak-256 of `bytes`, as the contracts compute it.
pub fn keccak256(bytes: &[u8]) -> [u8; 32] {
    alloy_primitives::keccak256(bytes).0
}

/// `0x` and lower-case hex.
pub fn hex0x(bytes: &[u8]) -> String {
    format!("0x{}", hex::encode(bytes))
}

pub use yieldset_service::printable;

/// Parses exactly `N` bytes of hex, with or without `0x`.
pub fn parse_hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digits = text.trim();
    let mut bytes = [0; N];
    hex::decode_to_slice(digits.strip_prefix("0x").unwrap_or(digits), &mut bytes).ok()?;
    Some(bytes)
}

/// Datasets' labels and stream ids on chain: SHA-256 of the UTF-8 slug, e.g. `austen/pride` or `lumen/lumen-1`.
pub fn slug_id(slug: &str) -> [u8; 32] {
    sha256(slug.as_bytes())
}

/// A dataset's id on chain: bound to who registered it, and of that account's datasets the one with this slug.
pub fn dataset_id(registrant: &[u8; 20], slug: &str) -> [u8; 32] {
    yieldset_rules::provenance::dataset_id(registrant, &slug_id(slug), keccak256)
}

/// Parses a quarter such as `2026Q4` to its period number.
pub fn parse_period(text: &str) -> Option<u32> {
    let (year, quarter) = text.split_once(['Q', 'q'])?;
    yieldset_rules::period::quarter_number(year.parse().ok()?, quarter.parse().ok()?)
}

/// `2026Q4` for a period number.
pub fn period_name(period: u32) -> String {
    let (year, quarter) = yieldset_rules::period::quarter_of(period);
    format!("{year}Q{quarter}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_read_as_written() {
        assert_eq!(parse_period("2026Q4"), Some(8107));
        assert_eq!(period_name(8107), "2026Q4");
        for wrong in ["2026", "2026Q5", "Q4", "2026Q", "x"] {
            assert_eq!(parse_period(wrong), None, "{wrong}");
        }
    }
}
