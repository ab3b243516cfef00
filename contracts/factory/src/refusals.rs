//! Why a message is refused.

yieldset_shell::refusals! {
    /// A part that the new pool or its co-op needs is missing: its place in `parts()`, from 0.
    PartMissing(part: uint8),
    /// A contract could not be made: (hash of its code, first 256 bytes of what its constructor answered).
    CreationFailed(code: bytes32; answer: bytes),
    /// The new pool did not do what the factory asked of it: (pool, selector of the message).
    WiringFailed(pool: address, selector: bytes4),
    /// The pool is listed already.
    AlreadyListed(pool: address),
    /// Not listed here.
    UnknownPool(pool: address),
    /// Does not answer as a pool does.
    NotAPool(account: address),
    /// Not a co-op of this pool: (co-op, pool).
    NotACoop(coop: address, pool: address),
    /// There are fewer pools: (index, how many).
    IndexOutOfRange(index: uint256, count: uint256),
}
