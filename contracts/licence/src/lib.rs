//! Licences as state machines: offers, revenue reports, dues, guarantee and escrow, audits, deletion.
#![cfg_attr(not(feature = "std"), no_std, no_main)]

/// The contract.
#[ink::contract]
mod licence {
    /// Storage.
    #[ink(storage)]
    pub struct Licence {}

    impl Licence {
        /// An empty contract.
        #[ink(constructor)]
        #[allow(clippy::new_without_default)]
        pub fn new() -> Self {
            Self {}
        }

        /// Nothing yet.
        #[ink(message)]
        pub fn nothing(&self) {}
    }
}
