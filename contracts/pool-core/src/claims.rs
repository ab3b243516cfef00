//! The messages of contributors' claims, which the front hands to the claims' code and not to the logic: their proofs
//! would contain all of that.

use ink::codegen::sol::selector_bytes;
use yieldset_shell::{host, words::Address};

use crate::{account::payee, ledger::Ledger, money, shares};

const fn id(signature: &str) -> u32 {
    u32::from_be_bytes(selector_bytes(signature))
}

/// The caller's claim of one period.
pub const CLAIM: u32 = id("claimContribution(bytes32,uint32,uint256,bytes32[])");
/// An account's claim of one period.
pub const CLAIM_FOR: u32 = id("claimContributionFor(address,bytes32,uint32,uint256,bytes32[])");
/// An account's claims of several periods.
pub const CLAIM_PERIODS: u32 = id("claimContributions(address,bytes32[],uint32[],uint256[],bytes32[][])");
/// Many accounts' claims of one period.
pub const CLAIM_FOR_MANY: u32 = id("claimForMany(bytes32,uint32,address[],uint256[],bytes32[],bool[])");
/// Keeps the root of a period's final report.
pub const KEEP_ROOT: u32 = id("keepRoot(bytes32,uint32)");
/// Where a claim stands.
pub const STATE: u32 = id("contributionState(address,bytes32,uint32,uint256,bytes32[])");

/// Whether the claims' code answers a message.
pub fn answer(selector: u32) -> bool {
    matches!(selector, CLAIM | CLAIM_FOR | CLAIM_PERIODS | CLAIM_FOR_MANY | KEEP_ROOT | STATE)
}

/// What can become of a claim. Each looks different from all others to who claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum State {
    /// Nothing was earned.
    Nothing = 0,
    /// There is money, and no final report yet.
    Pending = 1,
    /// Can be claimed now.
    Payable = 2,
    /// All of it was paid.
    Paid = 3,
    /// Earned, and kept until KYC accepts the account again, the pool runs on, or it is as much as the currency lets an
    /// account have.
    Held = 4,
}

/// Whether neither pause nor KYC nor the currency's least balance stand in the way of what an account is owed.
pub fn payable(ledger: &Ledger, account: &Address, owed: u128) -> bool {
    let payee = payee(account);
    let willing = !ledger.paused() && shares::screened(ledger, &payee) == 0;
    willing && money::in_the_way(&ledger.currency, &host::own_address(), &payee, owed).is_none()
}
