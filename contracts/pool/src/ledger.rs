//! The pool's own record: what every call needs, in the root cell that ink! reads anyway, in packed form.

use yieldset_rules::{dividends::Accumulator, packed};

/// The root cell's content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ledger {
    /// KYC registry.
    pub kyc: [u8; 20],
    /// Attribution registry.
    pub attribution: [u8; 20],
    /// Who mints.
    pub admin: [u8; 20],
    /// The token's name, UTF-8 filled up with zeros.
    pub name: [u8; 32],
    /// The token's symbol, the same way.
    pub symbol: [u8; 32],
    /// Contributors' leg of a deposit, in basis points.
    pub contributors_bps: u16,
    /// All shares.
    pub supply: u128,
    /// Dividends per share, times 2^64.
    pub index: u128,
    /// Remainder of the last division.
    pub carry: u128,
    /// Holders' money that waits for a first holder.
    pub undistributed: u128,
    /// Everything deposited for holders.
    pub to_holders: u128,
    /// Everything deposited for contributors.
    pub to_contributors: u128,
    /// Dividends paid out.
    pub claimed_by_holders: u128,
    /// Contributions paid out.
    pub claimed_by_contributors: u128,
}

packed!(Ledger {
    kyc: [u8; 20],
    attribution: [u8; 20],
    admin: [u8; 20],
    name: [u8; 32],
    symbol: [u8; 32],
    contributors_bps: u16,
    supply: u128,
    index: u128,
    carry: u128,
    undistributed: u128,
    to_holders: u128,
    to_contributors: u128,
    claimed_by_holders: u128,
    claimed_by_contributors: u128,
});

impl Ledger {
    /// The dividend accumulator within.
    pub fn dividends(&self) -> Accumulator {
        Accumulator { index: self.index, carry: self.carry, undistributed: self.undistributed }
    }

    /// Stores the dividend accumulator.
    pub fn set_dividends(&mut self, dividends: &Accumulator) {
        Accumulator { index: self.index, carry: self.carry, undistributed: self.undistributed } = *dividends;
    }
}
