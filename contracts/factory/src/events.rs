//! What happened: past tense, with the state after it.

yieldset_shell::events! {
    /// A pool was listed, with all its parts. Twelve fields are the most that ink! encodes; the time is the block's.
    PoolListed(
        /// The pool.
        pool: address,
        /// Who made it, or was its admin when it was registered.
        creator: address,
        /// Its co-op; zero where it has none.
        coop: address,
    ) {
        /// Counts from 1.
        number: uint32,
        /// Currency: an ERC-20, or zero for the chain's native token.
        currency: address,
        /// KYC registry.
        kyc: address,
        /// Registry of attribution reports.
        attribution: address,
        /// Registry of datasets and models.
        manifests: address,
        /// Licences.
        licence: address,
        /// Share market.
        market: address,
        /// The contract with its logic; zero where the factory did not make the pool.
        logic: address,
        /// Made by this factory, of the code it knew.
        created: bool,
    }
    /// Pools made from now on share these parts, zero where there is none yet; the pools before keep theirs.
    PartsSet() {
        /// KYC registry.
        kyc: address,
        /// Registry of attribution reports.
        attribution: address,
        /// Registry of datasets and models.
        manifests: address,
        /// Licences.
        licence: address,
        /// Share market.
        market: address,
        /// The contract with the pools' logic.
        logic: address,
        /// Hash of the pools' code.
        pool_code: bytes32,
        /// Hash of the co-ops' code.
        coop_code: bytes32,
    }
}
