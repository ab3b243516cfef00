//! Every error that a contract declares is reached: its name stands in a test of that contract, as the refusal that is
//! expected.
//!
//! Tests run as processes of their own, so this reads their text: `"Name"`, as in `assert_refused(…, "Name")`, or
//! `Refusal::Name`, as in `Failure::with(&Refusal::Name { … })`. An error that nothing can reach is listed below with
//! the reason.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use yieldset_chain::abi::Refusal;
use yieldset_tests::chain::root_file;

/// Where each contract's tests are, below this folder. Tests in `whole` play several contracts at once; the market's
/// are listed because a stand-in for a pool takes no shares that are on offer.
const TESTS: [(&str, &[&str]); 9] = [
    (
        "attribution",
        &[
            "attribution.rs",
            "disputes.rs",
            "disputes",
            "matrix/attribution.rs",
            "whole/agreed.rs",
            "whole/allowances.rs",
            "whole/bonds.rs",
        ],
    ),
    ("coop", &["coop.rs", "matrix/coop.rs"]),
    ("factory", &["factory.rs", "matrix/factory.rs"]),
    ("kyc", &["kyc.rs", "kyc", "matrix/kyc.rs"]),
    ("licence", &["licence", "matrix/licence.rs", "whole/hub.rs"]),
    ("manifests", &["manifests.rs", "matrix/manifests.rs"]),
    ("market", &["market.rs", "market", "matrix/market.rs", "whole/market.rs", "whole/hub.rs"]),
    ("pool", &["pool", "matrix/pool.rs", "erc20.rs", "../../../src/erc20.rs", "whole/waiting.rs"]),
    ("verifier", &["verifier.rs"]),
];

/// Errors that nothing can reach, and why.
const UNREACHABLE: [(&str, &str, &str); 0] = [];

/// Text of a file, or of all files in a folder.
fn text(path: &Path) -> String {
    if path.is_file() {
        return std::fs::read_to_string(path).unwrap();
    }
    let files = std::fs::read_dir(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    files.map(|file| text(&file.unwrap().path())).collect()
}

/// Errors that a contract declares.
fn declared(contract: &str) -> BTreeSet<String> {
    let abi = text(&root_file(&format!("contracts/artifacts/{contract}.abi")));
    let abi: serde_json::Value = serde_json::from_str(&abi).unwrap();
    let errors = abi.as_array().unwrap().iter().filter(|item| item["type"] == "error");
    errors.map(|item| item["name"].as_str().unwrap().to_owned()).collect()
}

/// Whether a test expects the error.
fn expects(tests: &str, error: &str) -> bool {
    let by_type = format!("Refusal::{error}");
    let typed = tests.match_indices(&by_type).any(|(at, found)| tests[at + found.len()..].starts_with([' ', '(']));
    typed || tests.contains(&format!("\"{error}\""))
}

#[test]
fn every_error_is_reached() {
    let folder = root_file("tests/tests/it/contracts");
    // What every table of the matrix tries.
    let roles = text(&folder.join("matrix.rs"));
    let mut missing = BTreeMap::new();
    let mut reachable_all_the_same = Vec::new();
    for (contract, places) in TESTS {
        let mut tests: String = places.iter().map(|place| text(&folder.join(place))).collect();
        if tests.contains("rows.extend(roles(") {
            tests.push_str(&roles);
        }
        let (reached, not): (BTreeSet<_>, BTreeSet<_>) =
            declared(contract).into_iter().partition(|error| expects(&tests, error));
        let excused: BTreeSet<_> = UNREACHABLE.iter().filter(|u| u.0 == contract).map(|u| u.1.to_owned()).collect();
        reachable_all_the_same.extend(excused.intersection(&reached).cloned());
        let left: Vec<_> = not.difference(&excused).cloned().collect();
        if !left.is_empty() {
            missing.insert(contract, left);
        }
    }
    assert!(missing.is_empty(), "no test expects {missing:#?}");
    assert_eq!(reachable_all_the_same, Vec::<String>::new(), "listed as unreachable, and reached");
}

/// Every error of the bindings is some contract's, and the other way round.
#[test]
fn the_bindings_have_the_contracts_errors() {
    let all: BTreeSet<_> = TESTS.iter().flat_map(|(contract, _)| declared(contract)).collect();
    let known: BTreeSet<_> = Refusal::abi::contract().errors().map(|error| error.name.clone()).collect();
    assert_eq!(all, known);
    let folder = std::fs::read_dir(root_file("contracts/artifacts")).unwrap();
    let names = folder.map(|file| file.unwrap().file_name().into_string().unwrap());
    let contracts: BTreeSet<_> = names.filter_map(|name| Some(name.strip_suffix(".abi")?.to_owned())).collect();
    assert_eq!(contracts, TESTS.iter().map(|(contract, _)| (*contract).to_owned()).collect());
}
