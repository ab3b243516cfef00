//! The factory.

use alloy_sol_types::sol;

sol! {
    #[sol(all_derives, abi)]
    contract Factory {
        constructor();

        function nothing() external view;
    }
}
