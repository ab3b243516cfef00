//! Prints the interface of `yieldset-market`.

yieldset_abi::print_metadata!(yieldset_market);
