//! Prints the interface of `yieldset-kyc-logic`.

yieldset_abi::print_metadata!(yieldset_kyc_logic);
