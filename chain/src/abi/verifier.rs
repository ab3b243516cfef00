//! The verifier of ed25519 signatures.

use alloy_sol_types::sol;

sol! {
    #[sol(all_derives, abi)]
    contract Verifier {
        constructor();

        function nothing() external view;
    }
}
