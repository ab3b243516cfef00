//! The contracts' Solidity ABI, one file each. A test compares it with the `*.abi` files that the contract build leaves
//! in `contracts/artifacts`. Roles are in [`Access`], errors in [`Refusal`], whatever contract they belong to.
#![allow(missing_docs, reason = "the contracts document their own messages; these lines are their signatures")]
#![allow(clippy::too_many_arguments, reason = "the bindings have a function for each message, with its arguments")]

mod access;
mod attribution;
mod coop;
mod factory;
mod kyc;
mod licence;
mod manifests;
mod market;
mod pool;
mod refusal;
mod verifier;

pub use access::Access;
pub use attribution::Attribution;
pub use coop::Coop;
pub use factory::Factory;
pub use kyc::{Attestation as KycAttestation, Kyc};
pub use licence::Licence;
pub use manifests::Manifests;
pub use market::Market;
pub use pool::Pool;
pub use refusal::Refusal;
pub use verifier::Verifier;

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, path::Path};

    use alloy_json_abi::{JsonAbi, Param};

    /// A list of parameters as types alone: the names may differ between the two sides.
    fn types<'a>(parameters: impl IntoIterator<Item = &'a Param>) -> String {
        parameters.into_iter().map(|parameter| parameter.selector_type()).collect::<Vec<_>>().join(",")
    }

    /// Every message with its answer, and every event with what of it is indexed.
    fn lines(abi: &JsonAbi) -> BTreeSet<String> {
        let functions = abi.functions().map(|f| format!("function {} returns ({})", f.signature(), types(&f.outputs)));
        let events = abi.events().map(|e| {
            format!("event {} indexed {:?}", e.signature(), e.inputs.iter().map(|i| i.indexed).collect::<Vec<_>>())
        });
        functions.chain(events).collect()
    }

    fn compare(name: &str, ours: JsonAbi, known_errors: &BTreeSet<String>) {
        let file =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../contracts/artifacts").join(name).with_extension("abi");
        let text = std::fs::read_to_string(&file)
            .unwrap_or_else(|error| panic!("{}: {error}; build the contracts", file.display()));
        let built: JsonAbi = serde_json::from_str(&text).expect("a Solidity ABI");
        let (mut ours_lines, mut built_lines) = (lines(&ours), lines(&built));
        let roles = lines(&super::Access::abi::contract());
        // A contract has all of the roles' messages or none; their events are in the ABI of all that share the shell.
        if built.functions().any(|f| f.name == "hasRole") {
            ours_lines.extend(roles);
        } else {
            built_lines.retain(|line| !(line.starts_with("event") && roles.contains(line)));
        }
        let missing: Vec<_> = ours_lines.difference(&built_lines).collect();
        let unknown: Vec<_> = built_lines.difference(&ours_lines).collect();
        assert!(
            missing.is_empty() && unknown.is_empty(),
            "{name}: only in abi.rs {missing:#?}, only in the built contract {unknown:#?}"
        );
        let constructor = |abi: &JsonAbi| abi.constructor.as_ref().map(|c| types(&c.inputs)).unwrap_or_default();
        assert_eq!(constructor(&ours), constructor(&built), "{name}'s constructor");
        let new_errors: Vec<_> = built.errors().map(|e| e.signature()).filter(|e| !known_errors.contains(e)).collect();
        assert!(new_errors.is_empty(), "{name} has errors that abi.rs does not know: {new_errors:?}");
    }

    #[test]
    fn the_bindings_match_the_built_contracts() {
        let known_errors = super::Refusal::abi::contract().errors().map(|e| e.signature()).collect();
        compare("kyc", super::Kyc::abi::contract(), &known_errors);
        compare("pool", super::Pool::abi::contract(), &known_errors);
        compare("manifests", super::Manifests::abi::contract(), &known_errors);
        compare("attribution", super::Attribution::abi::contract(), &known_errors);
        compare("verifier", super::Verifier::abi::contract(), &known_errors);
        compare("market", super::Market::abi::contract(), &known_errors);
        compare("coop", super::Coop::abi::contract(), &known_errors);
        compare("factory", super::Factory::abi::contract(), &known_errors);
        compare("licence", super::Licence::abi::contract(), &known_errors);
    }

    /// An error's four bytes decide its name, and an event's topic its contract: no two may be alike.
    #[test]
    fn events_and_errors_can_be_told_apart() {
        let contracts = [
            super::Kyc::abi::contract(),
            super::Pool::abi::contract(),
            super::Manifests::abi::contract(),
            super::Attribution::abi::contract(),
            super::Verifier::abi::contract(),
            super::Market::abi::contract(),
            super::Coop::abi::contract(),
            super::Factory::abi::contract(),
            super::Licence::abi::contract(),
        ];
        let topics: Vec<_> = contracts.iter().flat_map(|abi| abi.events().map(|e| e.selector())).collect();
        assert_eq!(topics.iter().collect::<BTreeSet<_>>().len(), topics.len());
        let refusal = super::Refusal::abi::contract();
        let selectors: Vec<_> = refusal.errors().map(|e| e.selector()).collect();
        assert_eq!(selectors.iter().collect::<BTreeSet<_>>().len(), selectors.len());
    }
}
