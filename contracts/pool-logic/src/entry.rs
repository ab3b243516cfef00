//! A call, before it is a message's.

use yieldset_pool_core::{
    messages::{claims, front},
    refusals::UnknownMessage,
};
use yieldset_shell::{
    calldata::{not_payable, selector},
    host,
    messages::are_among,
    roles,
};

use crate::{messages, setup};

// What the front answers it may always hand on.
const _: () = assert!(are_among(front::ALL, messages::selectors::ALL));
// What the front hands to the claims nobody else answers.
const _: () = assert!(!are_among(&[claims::keepRoot], messages::selectors::ALL));

/// The code that pools run: its own storage is closed.
#[ink::polkavm_export(abi = ink::polkavm_derive::default_abi)]
extern "C" fn deploy() {
    not_payable();
    setup::deploy();
}

#[ink::polkavm_export(abi = ink::polkavm_derive::default_abi)]
extern "C" fn call() {
    let selector = selector();
    if !messages::takes_money(selector) {
        not_payable();
    }
    if selector == 0 && host::call_data_length() == setup::ARGUMENTS {
        setup::construct();
    }
    messages::answer(selector);
    roles::messages::answer(selector);
    UnknownMessage { selector: selector.to_be_bytes() }.refuse()
}
