//! The contracts' Solidity ABI, their interfaces in Solidity and the tables of their messages, from what ink! knows of
//! each contract.
//!
//! A program per contract (`contracts/abi`) prints it with Solidity's names of the types, so each item is declared here
//! in Solidity's words and read by the library that knows them.
//!
//! ink! describes several answers as one tuple; here they are several outputs. For values of fixed length that is the
//! same bytes, but a decoder that is told of a tuple with an array in it looks for an offset that is not there.

use std::path::Path;

use alloy_json_abi::JsonAbi;
use anyhow::{Context, Result};

use crate::artifacts::Files;
use crate::cargo::Workspace;
use crate::metadata::{Metadata, list};
use crate::{pages, solidity};

/// Contracts as callers see them: the file's name, the interface's, what it is, and where the structures are that its
/// words stand for.
const CONTRACTS: [(&str, &str, &str, &str); 9] = [
    ("attribution", "Attribution", "The registry of attribution reports, signed by a committee.", ""),
    ("coop", "Coop", "A co-op: a pool's holders vote on what it does, as in OpenZeppelin's Governor.", ""),
    ("factory", "Factory", "Makes pools and their co-ops.", ""),
    ("kyc", "Kyc", "The registry of verified accounts.", "contracts/kyc-logic/records.sol"),
    ("licence", "Licence", "Licences of datasets, and what is owed for them.", "contracts/licence/records.sol"),
    ("manifests", "Manifests", "The registry of datasets and their manifests.", ""),
    ("market", "Market", "The market of pool shares.", ""),
    ("pool", "Pool", "A data pool: shares, dividends and the contributors' leg.", ""),
    ("verifier", "Verifier", "The verifier of ed25519 signatures.", ""),
];

/// All ABIs, tables and the interfaces, by the names of their files.
pub fn all(root: &Path, workspace: &Workspace) -> Result<Files> {
    let mut files = Files::new();
    let known = workspace.metadata(&CONTRACTS.map(|(name, ..)| name))?;
    let mut read = Vec::new();
    for ((name, _, _, records), known) in CONTRACTS.iter().zip(known) {
        let metadata = Metadata::read(&known).with_context(|| format!("the interface of {name}"))?;
        let records = if records.is_empty() {
            String::new()
        } else {
            std::fs::read_to_string(root.join(records)).with_context(|| format!("reading {records}"))?
        };
        files.insert(format!("{name}.abi"), normal(&of(&metadata)?)?);
        files.insert(format!("{name}.md"), pages::page(name, &metadata)?);
        read.push((metadata, records));
    }
    let contracts: Vec<_> = CONTRACTS
        .iter()
        .zip(&read)
        .map(|((_, name, about, _), (metadata, records))| solidity::Contract { name, about, records, metadata })
        .collect();
    files.insert(solidity::FILE.into(), solidity::file(&contracts)?);
    files.insert(solidity::REFUSALS.into(), solidity::refusals(&contracts));
    Ok(files)
}

/// The ABI of a contract.
fn of(metadata: &Metadata) -> Result<JsonAbi> {
    let made = metadata.constructor();
    let payable = if made.is_payable { " payable" } else { "" };
    let mut declarations = vec![format!("constructor{}{payable}", list(&made.inputs))];
    for function in &metadata.functions {
        let answers: Vec<_> = function.answers()?.into_iter().map(|(ty, name)| format!("{ty} {name}")).collect();
        let answers = if answers.is_empty() { String::new() } else { format!(" returns ({})", answers.join(", ")) };
        let state = function.state();
        declarations.push(format!("function {}{} external{state}{answers}", function.name, list(&function.inputs)));
    }
    for event in &metadata.events {
        let anonymous = if event.is_anonymous { " anonymous" } else { "" };
        declarations.push(format!("event {}{}{anonymous}", event.name, list(&event.params)));
    }
    declarations.extend(metadata.errors.iter().map(|error| format!("error {}{}", error.name, list(&error.params))));
    JsonAbi::parse(declarations.iter().map(String::as_str)).context("reading it as Solidity's declarations")
}

/// Sorts keys and indents, so that a change of the ABI reads well.
fn normal(abi: &JsonAbi) -> Result<Vec<u8>> {
    let mut items = serde_json::to_value(abi)?;
    // They are, unless some crate of the build turns serde_json's `preserve_order` on.
    items.sort_all_objects();
    let mut text = serde_json::to_vec_pretty(&items)?;
    text.push(b'\n');
    Ok(text)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn items(abi: &JsonAbi) -> Value {
        serde_json::from_slice(&normal(abi).expect("ABI")).expect("JSON")
    }

    #[test]
    fn what_ink_says_is_told_in_solidity_s_words() {
        let input = json!([{"name": "to", "ty": "address"}]);
        let function = |name: &str, output: Value, mutates: bool, is_payable: bool| {
            json!({
                "name": name, "inputs": input, "output": output, "mutates": mutates, "is_payable": is_payable,
                "docs": if mutates { "" } else { "# Answers\n`amount`, `done`" },
            })
        };
        let metadata = json!({
            "constructors": [{"name": "new", "inputs": [{"name": "terms", "ty": "(uint8,bytes)[]"}], "is_payable": false}],
            "functions": [
                function("ask", json!("(uint256,bool)"), false, false),
                function("give", Value::Null, true, true),
                function("send", json!("()"), true, false),
            ],
            "events": [{"name": "Sent", "is_anonymous": false, "params": [
                {"name": "to", "ty": "address", "is_topic": true}, {"name": "amount", "ty": "uint256", "is_topic": false},
            ]}],
            "errors": [{"name": "Refused", "params": []}],
        });
        let abi = items(&of(&Metadata::read(metadata.to_string().as_bytes()).expect("read")).expect("an ABI"));
        let of = |name: &str| abi.as_array().expect("list").iter().find(|item| item["name"] == *name).expect("there");
        assert_eq!(abi[0]["type"], "constructor");
        assert_eq!(abi[0]["inputs"][0]["components"][1]["type"], "bytes");
        let states = ["ask", "give", "send"].map(|name| of(name)["stateMutability"].clone());
        assert_eq!(states, ["view", "payable", "nonpayable"]);
        assert_eq!(
            ["ask", "give", "send"].map(|name| of(name)["outputs"].as_array().map(Vec::len)),
            [Some(2), Some(0), Some(0)]
        );
        assert_eq!(of("ask")["outputs"][1], json!({"type": "bool", "name": "done"}));
        assert_eq!(of("Sent")["inputs"][0]["indexed"], true);
        assert_eq!(of("Sent")["inputs"][1]["indexed"], false);
        assert_eq!(of("Refused")["type"], "error");
        assert!(Metadata::read(b"{}").is_err());
    }
}
