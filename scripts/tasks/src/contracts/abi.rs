//! The ABI as Ethereum's tools read it: several answers are several outputs.
//!
//! ink! describes them as one tuple. For values of fixed length that is the same bytes, but a decoder that is told of a
//! tuple with an array in it looks for an offset that is not there.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use serde_json::{Value, json};
use yieldset_chain::abi::{Access, Pool, Refusal};

/// Spreads lone tuple outputs, sorts keys and indents, so that a change of the ABI reads well.
pub fn normalise(abi: &[u8]) -> Result<Vec<u8>> {
    let mut items: Vec<Value> = serde_json::from_slice(abi).context("the ABI is no JSON list")?;
    for item in &mut items {
        let Some(outputs) = item.get_mut("outputs") else { continue };
        if let [only] = outputs.as_array().map_or(&[][..], Vec::as_slice)
            && only["type"] == json!("tuple")
        {
            *outputs = only["components"].clone();
        }
    }
    let mut text = serde_json::to_vec_pretty(&items.into_iter().map(sorted).collect::<Vec<_>>())?;
    text.push(b'\n');
    Ok(text)
}

/// Where a pool's errors are declared, by their signatures.
const REFUSALS: &str = include_str!("../../../../contracts/pool-core/src/refusals.rs");

/// A pool's ABI: its messages and those of its roles, events, and errors.
pub fn of_pool() -> Result<Vec<u8>> {
    let mut abi = Pool::abi::contract();
    let roles = Access::abi::contract();
    abi.functions.extend(roles.functions);
    abi.events.extend(roles.events);
    abi.errors = Refusal::abi::contract().errors;
    abi.errors.retain(|name, _| REFUSALS.contains(&format!("= \"{name}(")));
    Ok(serde_json::to_vec(&abi)?)
}

/// Object keys in order, whichever map serde_json was built with.
fn sorted(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            let map: BTreeMap<_, _> = map.into_iter().map(|(key, value)| (key, sorted(value))).collect();
            map.into_iter().collect()
        }
        Value::Array(items) => items.into_iter().map(sorted).collect(),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lone_tuples_are_spread_and_nothing_else_changes() {
        let one = json!({"type": "uint32", "name": ""});
        let pair = json!([{"name": "", "type": "tuple", "components": [one, {"name": "", "type": "bytes32[]"}]}]);
        let abi =
            json!([{"type": "function", "outputs": pair}, {"type": "function", "outputs": [one]}, {"type": "error"}]);
        let normal: Value = serde_json::from_slice(&normalise(abi.to_string().as_bytes()).expect("ABI")).expect("JSON");
        assert_eq!(normal[0]["outputs"], json!([one, {"name": "", "type": "bytes32[]"}]));
        assert_eq!((&normal[1], &normal[2]), (&abi[1], &abi[2]));
        assert!(normalise(b"{}").is_err());
    }
}
