//! Prints the interface of `yieldset-licence`.

yieldset_abi::print_metadata!(yieldset_licence);
