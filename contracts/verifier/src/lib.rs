//! Verifies ed25519 signatures for other contracts, and nothing else.
#![cfg_attr(not(feature = "std"), no_std, no_main)]

/// The contract.
#[ink::contract]
mod verifier {
    /// Storage.
    #[ink(storage)]
    pub struct Verifier {}

    impl Verifier {
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
