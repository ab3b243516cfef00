//! The pool's own record: what every call needs, in one storage slot.

use yieldset_rules::{
    compliance::{Limits, Policy, Requirements},
    dividends::Accumulator,
    payee::Originals,
};
use yieldset_shell::{
    host,
    words::{Address, Word, is_zero},
};
use zerocopy::{FromBytes, FromZeros, Immutable, IntoBytes};

use crate::{
    account, keys,
    refusals::{EnforcedPause, NotInitialised},
};

/// The pool's own record. It is stored as it lies in memory, little-endian, so that a call neither unpacks nor packs
/// what it does not look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromBytes, IntoBytes, Immutable)]
#[repr(C)]
pub struct Ledger {
    /// All shares.
    pub supply: u128,
    /// Dividends per share, times 2^64.
    pub index: u128,
    /// Remainder of the last division.
    pub carry: u128,
    /// Everything deposited for holders.
    pub to_holders: u128,
    /// Everything deposited for contributors.
    pub to_contributors: u128,
    /// Dividends paid out.
    pub claimed_by_holders: u128,
    /// Contributions paid out.
    pub claimed_by_contributors: u128,
    max_holding: u128,
    /// The contract that answers all messages which neither the front nor the claims answer.
    pub logic: Address,
    /// The contract that answers [`crate::messages::claims`]: the one that the logic named.
    pub claims: Address,
    /// KYC registry.
    pub kyc: Address,
    /// Attribution registry.
    pub attribution: Address,
    /// ERC-20 that all money is in; zero for the chain's own.
    pub currency: Address,
    /// Accounts with shares.
    pub holders: u32,
    /// Contributors' leg of a deposit, in basis points.
    pub contributors_bps: u16,
    paused: u8,
    open: u8,
    /// Of the [`Policy`].
    pub lockup_seconds: u32,
    max_holders: u32,
    jurisdictions: [Word; 4],
    min_level: u8,
    accredited_only: u8,
    allow_list: u8,
    opened: u8,
    /// Unix seconds in which the attribution registry or the licence contract was last replaced; zero for never. A root
    /// that was kept before is of a book that takes no money any more ([`crate::books`]).
    pub adopted: u64,
    originals: [u8; 16],
}

/// All of it must fit one storage value.
const _: () = assert!(size_of::<Ledger>() <= 416);

/// What a pool's records are like. A logic that does not say the same cannot take another's place: it would read other
/// records, and not even name its own successor.
pub const STORAGE_LAYOUT: u128 = 3;

/// Leaves a record of zeros in the storage of code that pools run: no message takes it for a pool, and it cannot be
/// initialised.
pub fn close_own_storage() {
    host::write(keys::LEDGER, &[0]);
}

/// What a pool's records are like, as the code that pools run alone says: a pool, which would hand the question on to
/// its logic, says 0 and is no such code.
pub fn storage_layout() -> u128 {
    let mut record = [0; 2];
    if host::read_into(keys::LEDGER, &mut record) == Some(1) { STORAGE_LAYOUT } else { 0 }
}

impl Ledger {
    /// A pool without shares and money that admits everybody with a KYC record.
    pub fn new([logic, claims, kyc, attribution, currency]: [Address; 5], contributors_bps: u16) -> Self {
        let Originals(originals) = Originals::ALL;
        let known = Self { logic, claims, kyc, attribution, currency, contributors_bps, ..Self::new_zeroed() };
        let mut ledger = Self { originals, ..known };
        ledger.set_policy(false, &Policy::OPEN);
        ledger
    }

    /// Loads it. A pool that was never initialised refuses everything.
    #[inline(never)]
    pub fn load() -> Self {
        let mut ledger = Self::new_zeroed();
        let found = host::read_into(keys::LEDGER, ledger.as_mut_bytes()).is_some();
        // The logic's own storage is no pool: its constructor leaves a record of zeros there.
        if !found || is_zero(&ledger.logic) {
            NotInitialised {}.refuse();
        }
        ledger
    }

    /// Stores it.
    pub fn save(&self) {
        host::write(keys::LEDGER, self.as_bytes());
    }

    /// Who may hold shares.
    pub fn policy(&self) -> Policy {
        let mut jurisdictions = [0; 128];
        jurisdictions.copy_from_slice(self.jurisdictions.as_flattened());
        Policy {
            min_level: self.min_level,
            accredited_only: self.accredited_only != 0,
            allow_list: self.allow_list != 0,
            jurisdictions,
            max_holders: self.max_holders,
            max_holding: self.max_holding,
            lockup_seconds: self.lockup_seconds,
        }
    }

    /// The policy's part for the pool's own books: none where shares move without it.
    pub fn limits(&self) -> Limits {
        if self.open() {
            return Limits::default();
        }
        Limits { max_holders: self.max_holders, max_holding: self.max_holding }
    }

    /// The policy's part for the KYC registry, as its `restrictionFor` takes it.
    pub fn requirements(&self) -> (Word, &[Word; 4]) {
        let requirements = Requirements {
            blocked_only: self.open(),
            min_level: self.min_level,
            accredited_only: self.accredited_only != 0,
            allow_list: self.allow_list != 0,
            // They are words of their own.
            ..Requirements::OPEN
        };
        (requirements.word(), &self.jurisdictions)
    }

    /// Sets who may hold shares.
    pub fn set_policy(&mut self, open: bool, policy: &Policy) {
        self.open = open.into();
        self.min_level = policy.min_level;
        self.accredited_only = policy.accredited_only.into();
        self.allow_list = policy.allow_list.into();
        self.jurisdictions.as_flattened_mut().copy_from_slice(&policy.jurisdictions);
        self.max_holders = policy.max_holders;
        self.max_holding = policy.max_holding;
        self.lockup_seconds = policy.lockup_seconds;
    }

    /// Everybody may hold shares but who is frozen or on a sanctions list.
    pub fn open(&self) -> bool {
        self.open != 0
    }

    /// The pool was made without a registry: nobody is asked.
    pub fn unscreened(&self) -> bool {
        is_zero(&self.kyc)
    }

    /// The pool takes deposits, and sells no shares any more.
    pub fn opened(&self) -> bool {
        self.opened != 0
    }

    /// Opens it, for good.
    pub fn set_opened(&mut self) {
        self.opened = 1;
    }

    /// No transfers, issuance or claims.
    pub fn paused(&self) -> bool {
        self.paused != 0
    }

    /// Pauses or unpauses.
    pub fn set_paused(&mut self, paused: bool) {
        self.paused = paused.into();
    }

    /// The dividend accumulator within.
    pub fn dividends(&self) -> Accumulator {
        Accumulator { index: self.index, carry: self.carry }
    }

    /// Stores the dividend accumulator.
    pub fn set_dividends(&mut self, dividends: &Accumulator) {
        Accumulator { index: self.index, carry: self.carry } = *dividends;
    }

    /// Where the payments of an account go: to itself, or to whom it was recovered to. Only of who may have been
    /// recovered another record is read.
    pub fn payee(&self, account: &Address) -> Address {
        if Originals(self.originals).has(account) { *account } else { account::payee(account) }
    }

    /// Notes that an account was recovered.
    pub fn note_recovered(&mut self, account: &Address) {
        let mut originals = Originals(self.originals);
        originals.remove(account);
        self.originals = originals.0;
    }

    /// What came in and was not paid out.
    pub fn owed(&self) -> u128 {
        let all = self.to_holders.wrapping_add(self.to_contributors);
        all.wrapping_sub(self.claimed_by_holders).wrapping_sub(self.claimed_by_contributors)
    }

    /// Stops while the pool is paused.
    pub fn running(&self) {
        if self.paused() {
            EnforcedPause {}.refuse();
        }
    }
}
