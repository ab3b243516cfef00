//! What a co-op asks of its pool.

yieldset_shell::interface! {
    /// The pool whose shares vote.
    pub mod pool {
        /// An account's votes at a past second.
        ask getPastVotes(account: address, timepoint: uint256) -> uint256;
        /// All shares at a past second.
        ask getPastTotalSupply(timepoint: uint256) -> uint256;
        /// Why the pool's screening blocks an account, as an ERC-1404 code.
        ask screened(account: address) -> uint256;
    }
}
