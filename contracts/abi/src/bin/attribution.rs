//! Prints the interface of `yieldset-attribution`.

yieldset_abi::print_metadata!(yieldset_attribution);
