//! Prints the interface of `yieldset-manifests`.

yieldset_abi::print_metadata!(yieldset_manifests);
