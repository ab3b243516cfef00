//! Prints the interface of `yieldset-verifier`.

yieldset_abi::print_metadata!(yieldset_verifier);
