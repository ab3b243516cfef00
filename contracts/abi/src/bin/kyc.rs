//! Prints the interface of a KYC registry: of its logic, made by its front.

use ink::metadata::sol::{ConstructorMetadata, ContractMetadata, ParamMetadata};

extern crate yieldset_kyc_logic as _;

unsafe extern "Rust" {
    fn __ink_generate_solidity_metadata() -> ContractMetadata;
}

fn main() -> Result<(), serde_json::Error> {
    // SAFETY: as in `print_metadata`.
    let mut registry = unsafe { __ink_generate_solidity_metadata() };
    let address = |name: &'static str| ParamMetadata { name: name.into(), ty: "address".into() };
    // As `contracts/kyc` takes it.
    registry.constructors = vec![ConstructorMetadata {
        name: "new".into(),
        inputs: vec![address("logic"), address("admin")],
        is_payable: false,
        is_default: true,
        docs:
            "A registry without records, roles or issuers. `logic` answers what the front does not, for good; `admin` \
               grants the roles. Fails with an empty error where the logic does not work on the new registry's records.\
               \n\n# Errors\n`AccessControlInvalidDefaultAdmin` for address zero.\n\n# Events\n`RoleGranted`."
                .into(),
    }];
    serde_json::to_writer(std::io::stdout(), &registry)
}
