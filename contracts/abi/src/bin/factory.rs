//! Prints the interface of `yieldset-factory`.

yieldset_abi::print_metadata!(yieldset_factory);
