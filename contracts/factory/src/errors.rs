//! Why a message is refused.

use ink::{
    Address, U256,
    env::ReturnFlags,
    sol::{DynBytes, FixedBytes},
};

/// A `bytes32`.
pub type Bytes32 = FixedBytes<32>;

/// Why a message is refused; each variant is a Solidity custom error.
#[derive(Debug, Clone, PartialEq, Eq)]
#[ink::error]
pub enum Error {
    /// The account lacks the role: (account, role).
    AccessControlUnauthorizedAccount(Address, Bytes32),
    /// Renouncing needs the caller's own address as confirmation.
    AccessControlBadConfirmation(),
    /// The default admin's role changes by hand-over alone.
    AccessControlEnforcedDefaultAdminRules(),
    /// Only the proposed successor can accept.
    AccessControlInvalidDefaultAdmin(Address),
    /// A part that every pool needs is missing: its place in `parts()`, from 0.
    PartMissing(u8),
    /// A contract could not be made: (hash of its code, beginning of what its constructor answered).
    CreationFailed(Bytes32, DynBytes),
    /// The new pool did not do what the factory asked of it: (pool, selector of the message).
    WiringFailed(Address, FixedBytes<4>),
    /// The pool is listed already.
    AlreadyListed(Address),
    /// Not listed here.
    UnknownPool(Address),
    /// Does not answer as a pool does.
    NotAPool(Address),
    /// Not a co-op of this pool: (co-op, pool).
    NotACoop(Address, Address),
    /// There are fewer pools: (index, how many).
    IndexOutOfRange(U256, U256),
}

yieldset_shell::access_refusals!(Error);

/// Reverts everything the message did and answers with the error.
#[cold]
#[inline(never)]
pub fn refuse(error: Error) -> ! {
    ink::env::return_value_solidity(ReturnFlags::REVERT, &Err::<(), Error>(error))
}

/// The value, unless it was refused.
pub fn accept<T>(result: Result<T, impl Into<Error>>) -> T {
    result.unwrap_or_else(|error| refuse(error.into()))
}
