//! The share market.

use alloy_sol_types::sol;

sol! {
    #[sol(all_derives, abi)]
    contract Market {
        constructor();

        function nothing() external view;
    }
}
