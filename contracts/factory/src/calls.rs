//! What the factory asks and tells what it lists.

yieldset_shell::interface! {
    /// A pool; what of it is asked it must answer to be listed.
    pub mod pool {
        ask kyc() -> address;
        ask attribution() -> address;
        ask currency() -> address;
        ask defaultAdmin() -> address;
        tell grantRole(role: bytes32, account: address);
        tell beginDefaultAdminTransfer(new_admin: address);
    }
    /// A co-op.
    pub mod coop {
        /// The pool whose shares vote.
        ask token() -> address;
    }
}
