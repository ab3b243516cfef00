//! Secondary market for pool shares: asks and bids with escrow on both sides, delivery versus payment.
#![cfg_attr(not(feature = "std"), no_std, no_main)]

/// The contract.
#[ink::contract]
mod market {
    /// Storage.
    #[ink(storage)]
    pub struct Market {}

    impl Market {
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
