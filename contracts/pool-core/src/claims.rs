//! What can become of a claim.

use yieldset_shell::{
    abi::{Is, kind},
    host,
    words::{Address, Word, word},
};

use crate::{ledger::Ledger, money, shares};

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

impl Is<kind::uint8> for State {
    fn word(&self) -> Word {
        word(*self as u8)
    }
}

/// Whether neither pause nor KYC nor the currency's least balance stand in the way of what an account is owed.
pub fn payable(ledger: &Ledger, account: &Address, owed: u128) -> bool {
    let payee = ledger.payee(account);
    let willing = !ledger.paused() && shares::screened(ledger, &payee) == 0;
    willing && money::in_the_way(&ledger.currency, &host::own_address(), &payee, owed).is_none()
}
