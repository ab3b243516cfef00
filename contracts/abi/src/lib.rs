//! What the programs of this crate do: each links one contract and prints what ink! knows of it.

/// The program for one contract. Of all contracts that this crate depends on, only the one named here is linked: ink!
/// gives each its metadata under the same name.
#[macro_export]
macro_rules! print_metadata {
    ($contract:ident) => {
        extern crate $contract as _;

        unsafe extern "Rust" {
            fn __ink_generate_solidity_metadata() -> ink::metadata::sol::ContractMetadata;
        }

        fn main() -> Result<(), serde_json::Error> {
            // SAFETY: `#[ink::contract]` makes this function, with this signature, in every contract with Solidity's
            // ABI.
            let metadata = unsafe { __ink_generate_solidity_metadata() };
            serde_json::to_writer(std::io::stdout(), &metadata)
        }
    };
}
