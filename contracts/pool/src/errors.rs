//! Why the pool refuses, and refusing.

use ink::{Address, U256, env::ReturnFlags, sol::FixedBytes};
use yieldset_rules::math::MathError;

use crate::calls;

type Bytes32 = FixedBytes<32>;

/// Why a message is refused; each variant is a Solidity custom error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[ink::error]
pub enum Error {
    /// ERC-6093: (sender, balance, needed).
    ERC20InsufficientBalance(Address, U256, U256),
    /// ERC-6093: the zero address cannot send.
    ERC20InvalidSender(Address),
    /// ERC-6093: the zero address cannot receive.
    ERC20InvalidReceiver(Address),
    /// ERC-6093: (spender, allowance, needed).
    ERC20InsufficientAllowance(Address, U256, U256),
    /// ERC-6093: the zero address cannot approve.
    ERC20InvalidApprover(Address),
    /// ERC-6093: the zero address cannot be approved.
    ERC20InvalidSpender(Address),
    /// Only the admin may do this.
    NotAdmin(Address),
    /// Above 2^128 − 1.
    AmountTooLarge(U256),
    /// A deposit without money.
    ZeroAmount(),
    /// KYC refuses: an ERC-1404 code, explained by the registry's `messageForTransferRestriction`.
    TransferRestricted(u8),
    /// Nothing is owed to the account (yet).
    NothingToClaim(Address),
    /// No report was posted for (stream, period).
    NoReport(Bytes32, u32),
    /// The proof does not lead from (caller, weight) to the report's root.
    InvalidProof(Address),
    /// More weight than 10^18 would have claimed: (claimed so far, weight).
    WeightsExceeded(u64, U256),
    /// A figure would not fit in 128 bits.
    Overflow(),
    /// The account does not accept the payment; the money stays claimable.
    PayoutFailed(Address),
    /// The KYC registry did not answer.
    KycCallFailed(),
    /// The attribution registry did not answer.
    AttributionCallFailed(),
    /// Above 10 000.
    InvalidBasisPoints(u16),
    /// Name and symbol need at least one character.
    EmptyLabel(),
    /// Periods count from 1.
    PeriodZero(),
}

/// Reverts everything the message did and answers with the error.
#[cold]
#[inline(never)]
pub fn refuse(error: Error) -> ! {
    ink::env::return_value_solidity(ReturnFlags::REVERT, &Err::<(), Error>(error))
}

/// The result, unless it did not fit.
pub fn exact<T>(result: Result<T, MathError>) -> T {
    result.unwrap_or_else(|_| refuse(Error::Overflow()))
}

/// An amount within 128 bits.
pub fn narrow(amount: U256) -> u128 {
    calls::narrow(amount).unwrap_or_else(|| refuse(Error::AmountTooLarge(amount)))
}

/// The sum, unless it does not fit.
pub fn add(a: u128, b: u128) -> u128 {
    a.checked_add(b).unwrap_or_else(|| refuse(Error::Overflow()))
}
