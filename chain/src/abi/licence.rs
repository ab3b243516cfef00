//! Licences.

use alloy_sol_types::sol;

sol! {
    #[sol(all_derives, abi)]
    contract Licence {
        constructor();

        function nothing() external view;
    }
}
