//! The built contracts, inside the program.

use std::sync::LazyLock;

use alloy_primitives::{B256, keccak256};

macro_rules! blobs {
    ($($name:literal),* $(,)?) => {
        /// The code of each contract, and of what some of them run, by what it is called.
        pub const ALL: &[(&str, &[u8])] = &[
            $(($name, include_bytes!(concat!("../../../contracts/artifacts/", $name, ".polkavm")))),*
        ];
    };
}

blobs![
    "attribution",
    "coop",
    "factory",
    "kyc",
    "kyc-logic",
    "licence",
    "manifests",
    "market",
    "pool",
    "pool-claims",
    "pool-logic",
    "verifier",
];

/// A blob; empty where there is none of that name.
pub fn blob(name: &str) -> &'static [u8] {
    ALL.iter().find(|(other, _)| *other == name).map_or(&[], |(_, blob)| blob)
}

/// Half a megabyte is hashed once.
static HASHES: LazyLock<Vec<(&str, B256)>> =
    LazyLock::new(|| ALL.iter().map(|(name, blob)| (*name, keccak256(blob))).collect());

/// The hash by which the chain knows a blob; zero where there is none of that name.
pub fn code_hash(name: &str) -> B256 {
    HASHES.iter().find(|(other, _)| *other == name).map_or(B256::ZERO, |(_, hash)| *hash)
}
