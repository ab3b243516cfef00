//! Share-weighted votes of a co-operative on offers and payouts.
#![cfg_attr(not(feature = "std"), no_std, no_main)]

/// The contract.
#[ink::contract]
mod coop {
    /// Storage.
    #[ink(storage)]
    pub struct Coop {}

    impl Coop {
        /// An empty contract.
        #[ink(constructor)]
        #[allow(clippy::new_without_default)]
        pub fn new() -> Self {
            Self {}
        }

        /// Nothing yet.
        #[ink(message)]
        pub fn nothing(&self) -> bool {
            yieldset_shell::access::has_role(&yieldset_shell::access::role("A_ROLE"), &self.env().caller().0)
        }
    }
}
