//! The pool's own record: what every call needs, in one storage slot.

use yieldset_rules::{compliance::Policy, dividends::Accumulator, packed};
use yieldset_shell::{host, words::Address};

use crate::{keys, refusals};

/// The pool's own record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ledger {
    /// The contract that answers all messages the front does not.
    pub logic: Address,
    /// KYC registry.
    pub kyc: Address,
    /// Attribution registry.
    pub attribution: Address,
    /// ERC-20 that all money is in; zero for the chain's own.
    pub currency: Address,
    /// Contributors' leg of a deposit, in basis points.
    pub contributors_bps: u16,
    /// No transfers, issuance or claims.
    pub paused: bool,
    /// Shares move without KYC and policy.
    pub open: bool,
    /// Accounts with shares.
    pub holders: u32,
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
    /// Who may hold shares.
    pub policy: Policy,
}

packed!(Ledger {
    logic: [u8; 20],
    kyc: [u8; 20],
    attribution: [u8; 20],
    currency: [u8; 20],
    contributors_bps: u16,
    paused: bool,
    open: bool,
    holders: u32,
    supply: u128,
    index: u128,
    carry: u128,
    undistributed: u128,
    to_holders: u128,
    to_contributors: u128,
    claimed_by_holders: u128,
    claimed_by_contributors: u128,
    policy: Policy,
});

/// All of it must fit one storage value.
const _: () = assert!(Ledger::LEN <= 416);

impl Ledger {
    /// Loads it. A pool that was never initialised refuses everything.
    #[inline(never)]
    pub fn load() -> Self {
        let Some(stored) = host::read(keys::LEDGER) else { refusals::not_initialised() };
        let ledger = Self::from_bytes(&stored);
        // The logic's own storage is no pool: its constructor leaves a record of zeros there.
        if ledger.logic == [0; 20] {
            refusals::not_initialised();
        }
        ledger
    }

    /// Stores it.
    #[inline(never)]
    pub fn save(&self) {
        host::write(keys::LEDGER, &self.to_bytes());
    }

    /// The dividend accumulator within.
    pub fn dividends(&self) -> Accumulator {
        Accumulator { index: self.index, carry: self.carry, undistributed: self.undistributed }
    }

    /// Stores the dividend accumulator.
    pub fn set_dividends(&mut self, dividends: &Accumulator) {
        Accumulator { index: self.index, carry: self.carry, undistributed: self.undistributed } = *dividends;
    }

    /// Stops while the pool is paused.
    pub fn running(&self) {
        if self.paused {
            refusals::paused();
        }
    }
}
