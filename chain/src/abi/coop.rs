//! A co-operative.

use alloy_sol_types::sol;

sol! {
    #[sol(all_derives, abi)]
    contract Coop {
        constructor();

        function nothing() external view;
    }
}
