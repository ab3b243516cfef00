//! Data pool, the claims: what contributors take of a period.
//!
//! A pool's front runs this code on its own storage for the messages of `yieldset_pool_core::claims`. They are sent by
//! people who are owed little, so their proofs must not contain all of the logic. The logic names the contract with
//! this code, so both are replaced by one vote. This contract's own storage is closed.
#![cfg_attr(not(feature = "std"), no_std, no_main)]

mod contributions;
mod many;

#[cfg(target_arch = "riscv64")]
mod entry {
    use ink::codegen::sol::selector_bytes;
    use yieldset_pool_core::{
        calldata::{Words, address, answer, arguments, integer, not_payable, selector},
        claims, ledger, refusals,
    };
    use yieldset_shell::{host, words::number_word};

    use crate::{
        contributions::{self, Item},
        many,
    };

    const STORAGE_LAYOUT: u32 = u32::from_be_bytes(selector_bytes("storageLayout()"));

    /// The code that pools run: its own storage is closed.
    #[ink::polkavm_export(abi = ink::polkavm_derive::default_abi)]
    extern "C" fn deploy() {
        not_payable();
        ledger::close_own_storage();
    }

    #[ink::polkavm_export(abi = ink::polkavm_derive::default_abi)]
    extern "C" fn call() {
        not_payable();
        let selector = selector();
        match selector {
            claims::CLAIM => {
                let [stream, period, weight, _] = arguments();
                let item = Item { stream, period: integer(&period), weight, proof: Words::argument(3) };
                answer(contributions::claim_one(&host::caller(), &item))
            }
            claims::CLAIM_FOR | claims::STATE => {
                let [account, stream, period, weight, _] = arguments();
                let item = Item { stream, period: integer(&period), weight, proof: Words::argument(4) };
                let account = address(&account);
                if selector == claims::CLAIM_FOR {
                    answer(contributions::claim_one(&account, &item));
                }
                let (state, amount) = contributions::state(&account, &item);
                host::answer([number_word(state as u128), number_word(amount)].as_flattened())
            }
            claims::CLAIM_PERIODS => {
                let [account, ..] = arguments::<5>();
                let [streams, periods, weights, proofs] = [1, 2, 3, 4].map(Words::argument);
                answer(contributions::claim_periods(&address(&account), streams, periods, weights, proofs))
            }
            claims::CLAIM_FOR_MANY => {
                let [stream, period, ..] = arguments::<6>();
                let [accounts, weights, proof, flags] = [2, 3, 4, 5].map(Words::argument);
                answer(many::claim(&stream, integer(&period), accounts, weights, proof, flags))
            }
            claims::KEEP_ROOT => {
                let [stream, period] = arguments();
                contributions::keep_root(&stream, integer(&period));
                host::answer(&[])
            }
            STORAGE_LAYOUT => answer(ledger::storage_layout()),
            _ => refusals::unknown_message(selector),
        }
    }
}
