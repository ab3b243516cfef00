//! Deploys and lists pools and their parts.
#![cfg_attr(not(feature = "std"), no_std, no_main)]

/// The contract.
#[ink::contract]
mod factory {
    /// Storage.
    #[ink(storage)]
    pub struct Factory {}

    impl Factory {
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
