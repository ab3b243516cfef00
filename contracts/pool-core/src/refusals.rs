//! Why a pool refuses. Each function ends the call, reverts everything it did and answers with a Solidity custom error.

use ink::{U256, codegen::sol::selector_bytes};
use yieldset_rules::{issuance::IssuanceError, math::MathError};
use yieldset_shell::{
    access::{AccessError, Role},
    host,
    words::{Address, Word, address_word, number_word},
};

/// Defines a refusal: its Solidity signature, its arguments, and their words.
macro_rules! refusals {
    ($($(#[$doc:meta])* $name:ident($($argument:ident: $kind:ty),*) = $signature:literal [$($word:expr),*];)*) => {$(
        $(#[$doc])*
        #[cold]
        #[inline(never)]
        pub fn $name($($argument: $kind),*) -> ! {
            const SELECTOR: [u8; 4] = selector_bytes($signature);
            refuse(SELECTOR, &[$($word),*])
        }
    )*};
}

refusals! {
    /// ERC-6093.
    insufficient_balance(sender: &Address, balance: u128, needed: &Word)
        = "ERC20InsufficientBalance(address,uint256,uint256)" [address_word(sender), number_word(balance), *needed];
    /// ERC-6093: the zero address cannot send.
    invalid_sender() = "ERC20InvalidSender(address)" [[0; 32]];
    /// ERC-6093: the zero address cannot receive.
    invalid_receiver() = "ERC20InvalidReceiver(address)" [[0; 32]];
    /// ERC-6093: the zero address cannot be approved.
    invalid_spender() = "ERC20InvalidSpender(address)" [[0; 32]];
    /// ERC-6093.
    insufficient_allowance(spender: &Address, allowance: &Word, needed: &Word)
        = "ERC20InsufficientAllowance(address,uint256,uint256)" [address_word(spender), *allowance, *needed];
    /// Above 2^128 − 1.
    amount_too_large(amount: &Word) = "AmountTooLarge(uint256)" [*amount];
    /// A deposit, claim or sale of nothing.
    zero_amount() = "ZeroAmount()" [];
    /// An ERC-1404 code, explained by `messageForTransferRestriction`.
    transfer_restricted(code: u8) = "TransferRestricted(uint8)" [number_word(code.into())];
    /// Nothing is owed to the account (yet).
    nothing_to_claim(account: &Address) = "NothingToClaim(address)" [address_word(account)];
    /// No final report for (stream, period): the state is that of the attribution registry.
    no_final_report(stream: &Word, period: u32, state: u8)
        = "NoFinalReport(bytes32,uint32,uint8)" [*stream, number_word(period.into()), number_word(state.into())];
    /// The proof does not lead from (account, weight) to the report's root.
    invalid_proof(account: &Address) = "InvalidProof(address)" [address_word(account)];
    /// More weight than 10^18 would have claimed: (claimed so far, weight).
    weights_exceeded(claimed: u64, weight: &Word)
        = "WeightsExceeded(uint64,uint256)" [number_word(claimed.into()), *weight];
    /// A figure would not fit in 128 bits.
    overflow() = "Overflow()" [];
    /// The account does not accept the payment; the money stays claimable.
    payout_failed(account: &Address) = "PayoutFailed(address)" [address_word(account)];
    /// The account would have less of the currency than it lets anybody have: so much less. The money stays claimable,
    /// until it has grown by that or the account has that itself.
    below_minimum(account: &Address, missing: u128)
        = "BelowMinimum(address,uint256)" [address_word(account), number_word(missing)];
    /// The payer would keep less of the currency than it lets anybody have. Anybody sends it that much more.
    float_missing(missing: u128) = "FloatMissing(uint256)" [number_word(missing)];
    /// The currency is a token of the chain: its issuer declares the least balance (`declareMinimum`) first.
    minimum_undeclared() = "MinimumUndeclared()" [];
    /// Money did not come as announced: (expected, received).
    wrong_payment(expected: u128, received: u128)
        = "WrongPayment(uint256,uint256)" [number_word(expected), number_word(received)];
    /// The attribution registry did not answer.
    attribution_call_failed() = "AttributionCallFailed()" [];
    /// Above 10 000.
    invalid_basis_points(basis_points: u16) = "InvalidBasisPoints(uint16)" [number_word(basis_points.into())];
    /// Name and symbol need at least one character.
    empty_label() = "EmptyLabel()" [];
    /// Periods count from 1.
    period_zero() = "PeriodZero()" [];
    /// Money for a period that has not begun: (period, Unix seconds from which on it is taken).
    period_not_begun(period: u32, begins: u64)
        = "PeriodNotBegun(uint32,uint64)" [number_word(period.into()), number_word(begins.into())];
    /// No contributors' money is left in (stream, period).
    nothing_waits(stream: &Word, period: u32)
        = "NothingWaits(bytes32,uint32)" [*stream, number_word(period.into())];
    /// The money of (stream, period) has another way out: its state as in `waitingOf`.
    wrong_way(stream: &Word, period: u32, state: u8)
        = "WrongWay(bytes32,uint32,uint8)" [*stream, number_word(period.into()), number_word(state.into())];
    /// The licence contract did not answer.
    licences_call_failed() = "LicencesCallFailed()" [];
    /// OpenZeppelin's `Pausable`.
    paused() = "EnforcedPause()" [];
    /// OpenZeppelin's `Pausable`.
    not_paused() = "ExpectedPause()" [];
    /// No message of a pool: its selector.
    unknown_message(selector: u32) = "UnknownMessage(bytes4)" [left_aligned(selector)];
    /// The pool was never initialised.
    not_initialised() = "NotInitialised()" [];
    /// A pool is initialised once.
    already_initialised() = "AlreadyInitialised()" [];
    /// The account was recovered already, or its replacement was.
    already_recovered(account: &Address) = "AlreadyRecovered(address)" [address_word(account)];
    /// More than the account has in this state: (account, has, needed).
    insufficient_restraint(account: &Address, has: u128, needed: u128)
        = "InsufficientRestraint(address,uint256,uint256)" [address_word(account), number_word(has), number_word(needed)];
    /// EIP-2612: the deadline has passed.
    expired_signature(deadline: &Word) = "ERC2612ExpiredSignature(uint256)" [*deadline];
    /// EIP-2612: somebody else signed.
    invalid_signer(signer: &Address, owner: &Address)
        = "ERC2612InvalidSigner(address,address)" [address_word(signer), address_word(owner)];
    /// Votes of a second that is not over: (asked, now).
    future_lookup(timepoint: &Word, clock: u64)
        = "ERC5805FutureLookup(uint256,uint64)" [*timepoint, number_word(clock.into())];
    /// OpenZeppelin's `Votes`: the signed delegation has expired.
    votes_expired_signature(expiry: &Word) = "VotesExpiredSignature(uint256)" [*expiry];
    /// OpenZeppelin's `Nonces`: (account, its next nonce).
    invalid_account_nonce(account: &Address, nonce: u64)
        = "InvalidAccountNonce(address,uint256)" [address_word(account), number_word(nonce.into())];
    /// Only what is blocked is taken back by others: the account may be paid, and delegates as it likes.
    not_screened(account: &Address) = "NotScreened(address)" [address_word(account)];
    /// Only the pool's governor names successors.
    not_governor(account: &Address) = "NotGovernor(address)" [address_word(account)];
    /// A pool has no such part.
    unknown_part(part: u8) = "UnknownPart(uint8)" [number_word(part.into())];
    /// The account cannot stand in for the part: it is the part, has no code, or does not answer as one.
    unfit_successor(part: u8, account: &Address)
        = "UnfitSuccessor(uint8,address)" [number_word(part.into()), address_word(account)];
    /// Nobody is named to succeed the part.
    no_successor(part: u8) = "NoSuccessor(uint8)" [number_word(part.into())];
    /// The successor's time has not come: (part, the first second in which it has).
    successor_too_early(part: u8, eta: u64)
        = "SuccessorTooEarly(uint8,uint64)" [number_word(part.into()), number_word(eta.into())];
    /// The successor's time is over, it must be named anew: (part, since).
    successor_expired(part: u8, since: u64)
        = "SuccessorExpired(uint8,uint64)" [number_word(part.into()), number_word(since.into())];
    /// The pool takes no money yet: its issuer opens it once its first shares are out.
    not_opened() = "NotOpened()" [];
    /// A pool is opened once, and its sale ended then.
    already_opened() = "AlreadyOpened()" [];
    /// Licences of a pool are kept by a contract that answers `streamEnd`, zero for what is none, or by nobody.
    unfit_licences(account: &Address) = "UnfitLicences(address)" [address_word(account)];
    /// A governor is a contract that votes with this pool's shares (`token` answers the pool), or nobody.
    unfit_governor(account: &Address) = "UnfitGovernor(address)" [address_word(account)];
    /// Too few share units to open with: (supply, least).
    supply_too_small(supply: u128, least: u128)
        = "SupplyTooSmall(uint256,uint256)" [number_word(supply), number_word(least)];
    /// A cap below the shares there are, or no higher than the one before: (cap, least).
    cap_too_low(cap: u128, least: u128) = "CapTooLow(uint256,uint256)" [number_word(cap), number_word(least)];
    /// More share units than were announced: (wanted in all, cap).
    cap_exceeded(wanted: u128, cap: u128) = "CapExceeded(uint256,uint256)" [number_word(wanted), number_word(cap)];
    /// More than the buyer is willing to pay: (cost, limit).
    cost_above_limit(cost: u128, limit: u128)
        = "CostAboveLimit(uint256,uint256)" [number_word(cost), number_word(limit)];
    /// No sale is open now.
    sale_closed() = "SaleClosed()" [];
    /// Fewer shares are left: (left, asked).
    sale_exhausted(left: u128, asked: u128) = "SaleExhausted(uint256,uint256)" [number_word(left), number_word(asked)];
    /// A sale needs a price, shares, a recipient of its proceeds other than the pool, and an end after its start.
    invalid_sale() = "InvalidSale()" [];
    /// More claims in one batch than are taken: (got, most).
    batch_too_long(got: u32, most: u32)
        = "BatchTooLong(uint32,uint32)" [number_word(got.into()), number_word(most.into())];
    /// OpenZeppelin's `AccessControl`.
    unauthorized(account: &Address, role: &Role)
        = "AccessControlUnauthorizedAccount(address,bytes32)" [address_word(account), *role];
    /// OpenZeppelin's `AccessControl`.
    bad_confirmation() = "AccessControlBadConfirmation()" [];
    /// The default admin's role changes by hand-over alone.
    enforced_default_admin_rules() = "AccessControlEnforcedDefaultAdminRules()" [];
    /// Only the proposed successor can accept.
    invalid_default_admin(account: &Address) = "AccessControlInvalidDefaultAdmin(address)" [address_word(account)];
}

/// Bytes that are no call of this contract, or money where none is taken.
#[cold]
#[inline(never)]
pub fn malformed() -> ! {
    host::revert(&[])
}

#[cold]
#[inline(never)]
fn refuse(selector: [u8; 4], words: &[Word]) -> ! {
    let mut error = [0; 100];
    error[..4].copy_from_slice(&selector);
    let words = words.as_flattened();
    error[4..4 + words.len()].copy_from_slice(words);
    host::revert(&error[..4 + words.len()])
}

fn left_aligned(selector: u32) -> Word {
    let mut word = [0; 32];
    word[..4].copy_from_slice(&selector.to_be_bytes());
    word
}

/// The result, unless it did not fit.
pub fn exact<T>(result: Result<T, MathError>) -> T {
    result.unwrap_or_else(|_| overflow())
}

/// The sum, unless it does not fit.
pub fn add(a: u128, b: u128) -> u128 {
    a.checked_add(b).unwrap_or_else(|| overflow())
}

/// An amount within 128 bits.
pub fn narrow(amount: &Word) -> u128 {
    yieldset_shell::words::number_of(amount).unwrap_or_else(|| amount_too_large(amount))
}

/// The result, unless shares may not be issued so.
pub fn issued<T>(result: Result<T, IssuanceError>) -> T {
    result.unwrap_or_else(|error| match error {
        IssuanceError::SupplyTooSmall(supply, least) => supply_too_small(supply, least),
        IssuanceError::CapTooLow(cap, least) => cap_too_low(cap, least),
        IssuanceError::CapExceeded(wanted, cap) => cap_exceeded(wanted, cap),
        IssuanceError::NotGovernor(account) => not_governor(&account),
        IssuanceError::UnfitLicences(account) => unfit_licences(&account),
        IssuanceError::UnfitGovernor(account) => unfit_governor(&account),
        IssuanceError::CostAboveLimit(cost, limit) => cost_above_limit(cost, limit),
        IssuanceError::Overflow => overflow(),
    })
}

/// An amount as a word.
pub fn word(amount: U256) -> Word {
    amount.to_big_endian()
}

/// The result, unless a role is missing or may not change.
pub fn permitted<T>(result: Result<T, AccessError>) -> T {
    result.unwrap_or_else(|error| match error {
        AccessError::Unauthorized(account, role) => unauthorized(&account, &role),
        AccessError::BadConfirmation => bad_confirmation(),
        AccessError::EnforcedDefaultAdminRules => enforced_default_admin_rules(),
        AccessError::InvalidDefaultAdmin(account) => invalid_default_admin(&account),
    })
}
