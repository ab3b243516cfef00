//! The contracts' Solidity ABI, from `contracts/artifacts/Yieldset.sol` and `Refusal.sol`, which the contracts'
//! declarations make. Roles are in [`Access`], all errors in [`Refusal`], whatever contract they belong to.
#![allow(missing_docs, reason = "the contracts document their messages; structures are documented where they are used")]
#![allow(clippy::too_many_arguments, reason = "the bindings have a function for each message, with its arguments")]

use alloy_sol_types::sol;

sol! {
    #![sol(all_derives, abi)]
    "../contracts/artifacts/Yieldset.sol"
}

sol! {
    #![sol(all_derives, abi)]
    "../contracts/artifacts/Refusal.sol"
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    /// An error's four bytes decide its name, and an event's topic its contract: no two may be alike.
    #[test]
    fn events_and_errors_can_be_told_apart() {
        let contracts = [
            super::Access::abi::contract(),
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
