//! Prints the interface of `yieldset-kyc`.

yieldset_abi::print_metadata!(yieldset_kyc);
