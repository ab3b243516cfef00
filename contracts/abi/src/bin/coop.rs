//! Prints the interface of `yieldset-coop`.

yieldset_abi::print_metadata!(yieldset_coop);
