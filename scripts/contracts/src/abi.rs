//! The contracts' Solidity ABI, from what ink! knows of each contract.
//!
//! A program per contract (`contracts/abi`) prints it with Solidity's names of the types, so each item is declared here
//! in Solidity's words and read by the library that knows them.
//!
//! ink! describes several answers as one tuple; here they are several outputs. For values of fixed length that is the
//! same bytes, but a decoder that is told of a tuple with an array in it looks for an offset that is not there.

use alloy_json_abi::JsonAbi;
use anyhow::{Context, Result};
use serde::Deserialize;
use serde_json::json;
use yieldset_chain::abi::Kyc;

use crate::artifacts::Files;
use crate::cargo::Workspace;

/// All contracts that are called; `kyc` and `pool` are several, to callers one.
const NAMES: [&str; 9] =
    ["attribution", "coop", "factory", "kyc", "licence", "manifests", "market", "pool", "verifier"];

/// All ABIs by the names of their files.
pub fn all(workspace: &Workspace) -> Result<Files> {
    let mut files = Files::new();
    for (name, metadata) in NAMES.iter().zip(workspace.metadata(&NAMES)?) {
        let mut abi = of_ink(&metadata).with_context(|| format!("the interface of {name}"))?;
        if *name == "kyc" {
            // ink! knows the logic, a registry is made by its front.
            abi.constructor = Kyc::abi::contract().constructor;
        }
        files.insert(format!("{name}.abi"), normal(&abi)?);
    }
    Ok(files)
}

/// The part of ink!'s `sol::ContractMetadata` that an ABI tells.
#[derive(Deserialize)]
struct Metadata {
    constructors: Vec<Constructor>,
    functions: Vec<Function>,
    events: Vec<Event>,
    errors: Vec<Refused>,
}

#[derive(Deserialize)]
struct Constructor {
    inputs: Vec<Parameter>,
    is_payable: bool,
}

#[derive(Deserialize)]
struct Function {
    name: String,
    inputs: Vec<Parameter>,
    /// Solidity's type; none or `()` where nothing is answered.
    output: Option<String>,
    mutates: bool,
    is_payable: bool,
}

#[derive(Deserialize)]
struct Event {
    name: String,
    is_anonymous: bool,
    params: Vec<Parameter>,
}

#[derive(Deserialize)]
struct Refused {
    name: String,
    params: Vec<Parameter>,
}

#[derive(Deserialize)]
struct Parameter {
    name: String,
    ty: String,
    /// Only an event's may be.
    #[serde(default)]
    is_topic: bool,
}

/// The ABI of a contract from ink!'s metadata as JSON.
fn of_ink(metadata: &[u8]) -> Result<JsonAbi> {
    let metadata: Metadata = serde_json::from_slice(metadata).context("reading what ink! says of it")?;
    let declarations = metadata.declarations();
    JsonAbi::parse(declarations.iter().map(String::as_str)).context("reading it as Solidity's declarations")
}

impl Metadata {
    fn declarations(&self) -> Vec<String> {
        let constructors = self.constructors.iter().map(|constructor| {
            let payable = if constructor.is_payable { " payable" } else { "" };
            format!("constructor({}){payable}", list(&constructor.inputs))
        });
        let functions = self.functions.iter().map(Function::declaration);
        let events = self.events.iter().map(|event| {
            let anonymous = if event.is_anonymous { " anonymous" } else { "" };
            format!("event {}({}){anonymous}", event.name, list(&event.params))
        });
        let errors = self.errors.iter().map(|error| format!("error {}({})", error.name, list(&error.params)));
        constructors.chain(functions).chain(events).chain(errors).collect()
    }
}

impl Function {
    fn declaration(&self) -> String {
        let state = match (self.is_payable, self.mutates) {
            (true, _) => " payable",
            (false, true) => "",
            (false, false) => " view",
        };
        let answer = match self.output.as_deref() {
            None | Some("()") => String::new(),
            Some(output) => format!(" returns ({})", solidity(output)),
        };
        format!("function {}({}) external{state}{answer}", self.name, list(&self.inputs))
    }
}

fn list(parameters: &[Parameter]) -> String {
    let one = |it: &Parameter| format!("{}{} {}", it.ty, if it.is_topic { " indexed" } else { "" }, solidity(&it.name));
    parameters.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// A name as Solidity writes it: `maxCost`, not `max_cost`.
fn solidity(text: &str) -> String {
    let mut parts = text.split('_').filter(|part| !part.is_empty());
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |name, part| name + &part[..1].to_uppercase() + &part[1..])
}

/// Spreads lone tuple outputs, sorts keys and indents, so that a change of the ABI reads well.
fn normal(abi: &JsonAbi) -> Result<Vec<u8>> {
    let mut items = serde_json::to_value(abi)?;
    for item in items.as_array_mut().context("the ABI is no list")? {
        let Some(outputs) = item.get_mut("outputs") else { continue };
        if let [only] = outputs.as_array().map_or(&[][..], Vec::as_slice)
            && only["type"] == json!("tuple")
        {
            *outputs = only["components"].clone();
        }
    }
    // They are, unless some crate of the build turns serde_json's `preserve_order` on.
    items.sort_all_objects();
    let mut text = serde_json::to_vec_pretty(&items)?;
    text.push(b'\n');
    Ok(text)
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn items(abi: &JsonAbi) -> Value {
        serde_json::from_slice(&normal(abi).expect("ABI")).expect("JSON")
    }

    #[test]
    fn lone_tuples_are_spread_and_nothing_else_changes() {
        let abi = |answers: &str| {
            let function = format!("function f() returns ({answers})");
            items(&JsonAbi::parse([&*function, "error E(uint32 a)"]).expect("ABI"))
        };
        let (tuple, spread) = (abi("(uint32, bytes32[])"), abi("uint32, bytes32[]"));
        assert_eq!(tuple, spread);
        assert_eq!(tuple[0]["outputs"], json!([{"type": "uint32", "name": ""}, {"type": "bytes32[]", "name": ""}]));
        assert_eq!(abi("uint32")[0]["outputs"], json!([{"type": "uint32", "name": ""}]));
        assert_eq!(tuple[1]["inputs"], json!([{"type": "uint32", "name": "a"}]));
    }

    #[test]
    fn what_ink_says_is_told_in_solidity_s_words() {
        let input = json!([{"name": "to", "ty": "address"}]);
        let function = |name: &str, output: Value, mutates: bool, is_payable: bool| {
            json!({
                "name": name, "inputs": input, "output": output, "mutates": mutates, "is_payable": is_payable
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
        let abi = items(&of_ink(metadata.to_string().as_bytes()).expect("an ABI"));
        let of = |name: &str| abi.as_array().expect("list").iter().find(|item| item["name"] == *name).expect("there");
        assert_eq!(abi[0]["type"], "constructor");
        assert_eq!(abi[0]["inputs"][0]["components"][1]["type"], "bytes");
        let states = ["ask", "give", "send"].map(|name| of(name)["stateMutability"].clone());
        assert_eq!(states, ["view", "payable", "nonpayable"]);
        assert_eq!(
            ["ask", "give", "send"].map(|name| of(name)["outputs"].as_array().map(Vec::len)),
            [Some(2), Some(0), Some(0)]
        );
        assert_eq!(of("Sent")["inputs"][0]["indexed"], true);
        assert_eq!(of("Sent")["inputs"][1]["indexed"], false);
        assert_eq!(of("Refused")["type"], "error");
        assert!(of_ink(b"{}").is_err());
    }
}
