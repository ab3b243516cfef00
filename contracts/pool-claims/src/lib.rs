//! Data pool, the claims: what contributors take of a period.
//!
//! A pool's front runs this code on its own storage for the messages of [`messages`]. They are sent by people who are
//! owed little, so their proofs must not contain all of the logic. The logic names the contract with this code, so both
//! are replaced by one vote. This contract's own storage is closed.
#![cfg_attr(not(feature = "std"), no_std, no_main)]

mod contributions;
mod many;
pub mod messages;

#[cfg(target_arch = "riscv64")]
mod entry {
    use yieldset_pool_core::{ledger, messages::claims, outside::code, refusals::UnknownMessage};
    use yieldset_shell::{
        answer::answer,
        calldata::{not_payable, selector},
        messages::are_among,
        words::word,
    };

    use crate::messages;

    // What the front hands on is answered, and nothing else.
    const _: () = assert!(are_among(claims::ALL, messages::selectors::ALL));
    const _: () = assert!(are_among(messages::selectors::ALL, claims::ALL));

    const STORAGE_LAYOUT: u32 = u32::from_be_bytes(code::storageLayout::SELECTOR);

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
        messages::answer(selector);
        if selector == STORAGE_LAYOUT {
            answer(&[word(ledger::storage_layout())]);
        }
        UnknownMessage { selector: selector.to_be_bytes() }.refuse()
    }
}
