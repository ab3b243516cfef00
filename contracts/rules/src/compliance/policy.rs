//! What a pool asks of its holders.

use super::Restriction;
use crate::packed;

/// A set of ISO 3166-1 numeric country codes, 0–1023: code `n` is bit `7 - n % 8` of byte `n / 8`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Jurisdictions(pub [u8; 128]);

impl Jurisdictions {
    /// No country.
    pub const EMPTY: Self = Self([0; 128]);

    /// These countries; codes above 1023 do not exist and are left out.
    pub fn of(codes: impl IntoIterator<Item = u16>) -> Self {
        let mut set = Self::EMPTY;
        for code in codes {
            if let Some(byte) = set.0.get_mut(usize::from(code / 8)) {
                *byte |= 0x80 >> (code % 8);
            }
        }
        set
    }

    /// Whether a country is in it.
    pub fn contains(&self, code: u16) -> bool {
        self.0.get(usize::from(code / 8)).is_some_and(|byte| byte << (code % 8) & 0x80 != 0)
    }

    /// As four words of the Solidity ABI, as `restrictionFor` takes them.
    pub fn words(&self) -> [[u8; 32]; 4] {
        let mut words = [[0; 32]; 4];
        words.as_flattened_mut().copy_from_slice(&self.0);
        words
    }

    /// From four words.
    pub fn from_words(words: &[[u8; 32]; 4]) -> Self {
        let mut set = Self::EMPTY;
        set.0.copy_from_slice(words.as_flattened());
        set
    }
}

/// The part of a policy that the registry decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Requirements<'a> {
    /// Only freezes and sanctions count: everybody else may hold, with a record or without. Nothing below is asked
    /// then.
    pub blocked_only: bool,
    /// Least KYC level of both sides.
    pub min_level: u8,
    /// Only accredited investors receive.
    pub accredited_only: bool,
    /// The jurisdictions are those that are admitted; otherwise those that are not.
    pub allow_list: bool,
    /// See `allow_list`.
    pub jurisdictions: &'a Jurisdictions,
}

impl<'a> Requirements<'a> {
    /// Any valid record will do.
    pub const OPEN: Requirements<'static> = Requirements {
        blocked_only: false,
        min_level: 0,
        accredited_only: false,
        allow_list: false,
        jurisdictions: &Jurisdictions::EMPTY,
    };

    /// Whether a country is admitted.
    pub fn allows(&self, jurisdiction: u16) -> bool {
        self.jurisdictions.contains(jurisdiction) == self.allow_list
    }

    /// The first argument of `restrictionFor`: byte 31 is the level; byte 30 has bit 0 for accredited only, bit 1 for
    /// an allow list and bit 2 for freezes and sanctions alone.
    pub const fn word(&self) -> [u8; 32] {
        let mut word = [0; 32];
        word[31] = self.min_level;
        word[30] = self.accredited_only as u8 | (self.allow_list as u8) << 1 | (self.blocked_only as u8) << 2;
        word
    }

    /// From that word; `None` where it asks for anything else: a requirement that is not understood must not be
    /// skipped.
    pub fn from_word(word: &[u8; 32], jurisdictions: &'a Jurisdictions) -> Option<Self> {
        let [reserved @ .., flags, min_level] = word;
        (reserved == &[0; 30] && *flags < 8).then_some(Self {
            blocked_only: flags & 4 != 0,
            min_level: *min_level,
            accredited_only: flags & 1 != 0,
            allow_list: flags & 2 != 0,
            jurisdictions,
        })
    }
}

/// What a pool asks of its holders, as it stores it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// Least KYC level of both sides.
    pub min_level: u8,
    /// Only accredited investors receive.
    pub accredited_only: bool,
    /// The jurisdictions are those that are admitted; otherwise those that are not.
    pub allow_list: bool,
    /// [`Jurisdictions`]; see `allow_list`.
    pub jurisdictions: [u8; 128],
    /// Most accounts with shares; zero for any number.
    pub max_holders: u32,
    /// Most shares of one account; zero for any number.
    pub max_holding: u128,
    /// How long newly issued shares cannot move, in seconds.
    pub lockup_seconds: u32,
}

packed!(Policy {
    min_level: u8,
    accredited_only: bool,
    allow_list: bool,
    jurisdictions: [u8; 128],
    max_holders: u32,
    max_holding: u128,
    lockup_seconds: u32,
});

impl Policy {
    /// Everybody with a valid record may hold any number of shares.
    pub const OPEN: Self = Self {
        min_level: 0,
        accredited_only: false,
        allow_list: false,
        jurisdictions: [0; 128],
        max_holders: 0,
        max_holding: 0,
        lockup_seconds: 0,
    };

    /// What the pool's own books are held to.
    pub const fn limits(&self) -> Limits {
        Limits { max_holders: self.max_holders, max_holding: self.max_holding }
    }

    /// `restrictionFor`'s arguments after the two accounts: the requirements, then four words of jurisdictions.
    pub fn requirements_words(&self) -> [[u8; 32]; 5] {
        let jurisdictions = Jurisdictions(self.jurisdictions);
        let mut words = [[0; 32]; 5];
        words[0] = Requirements {
            blocked_only: false,
            min_level: self.min_level,
            accredited_only: self.accredited_only,
            allow_list: self.allow_list,
            jurisdictions: &jurisdictions,
        }
        .word();
        words[1..].as_flattened_mut().copy_from_slice(&self.jurisdictions);
        words
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self::OPEN
    }
}

/// How many may hold shares, and how many each.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Limits {
    /// Most accounts with shares; zero for any number.
    pub max_holders: u32,
    /// Most shares of one account; zero for any number.
    pub max_holding: u128,
}

/// Newly issued shares that cannot move yet; [`super::Locks`] is all of an account's.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Lock {
    /// How many of the account's shares.
    pub amount: u128,
    /// Unix seconds from which on they are free.
    pub until: u64,
}

packed!(Lock { amount: u128, until: u64 });

impl Lock {
    /// How many shares are locked at time `now` (Unix seconds).
    pub const fn at(&self, now: u64) -> u128 {
        if now < self.until { self.amount } else { 0 }
    }
}

/// A holder as the pool's books have it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct HolderView {
    /// All its shares.
    pub balance: u128,
    /// Shares that an agent froze; may be more than it has.
    pub frozen: u128,
    /// Shares that stand for open sale orders.
    pub reserved: u128,
    /// Newly issued shares.
    pub lock: Lock,
}

impl HolderView {
    /// Shares that may move at time `now` (Unix seconds). Frozen and locked shares may be the same ones; those reserved
    /// for a sale will leave, so they are others.
    pub fn free(&self, now: u64) -> u128 {
        self.balance.saturating_sub(self.reserved).saturating_sub(self.frozen.max(self.lock.at(now)))
    }
}

/// A movement of shares that the pool is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Movement {
    /// The sender before the movement; `None` where shares are issued.
    pub from: Option<HolderView>,
    /// The recipient before the movement; `None` where shares are destroyed, and where sender and recipient are one
    /// account, which holds afterwards what it held before.
    pub to: Option<HolderView>,
    /// Shares that move.
    pub amount: u128,
    /// Accounts with shares, before the movement.
    pub holders: u32,
    /// Whether the pool is paused.
    pub paused: bool,
    /// Unix seconds.
    pub now: u64,
}

/// The first reason in the pool's own books against a movement of shares. [`super::restriction_for`] is the registry's
/// part.
pub fn pool_restriction(limits: Limits, movement: &Movement) -> Restriction {
    let Movement { from, to, amount, holders, paused, now } = *movement;
    if paused {
        return Restriction::Paused;
    }
    if let Some(from) = from {
        let unreserved = from.balance.saturating_sub(from.reserved);
        if from.balance < amount {
            return Restriction::InsufficientBalance;
        } else if unreserved < amount {
            return Restriction::SharesReserved;
        } else if unreserved.saturating_sub(from.frozen) < amount {
            return Restriction::PartFrozen;
        } else if from.free(now) < amount {
            return Restriction::LockedUp;
        }
    }
    let Some(to) = to else { return Restriction::None };
    if amount == 0 {
        return Restriction::None;
    }
    let joins = to.balance == 0;
    let leaves = from.is_some_and(|from| from.balance == amount);
    if limits.max_holders != 0 && joins && !leaves && holders >= limits.max_holders {
        return Restriction::TooManyHolders;
    }
    let within = |limit| to.balance.checked_add(amount).is_some_and(|held| held <= limit);
    if limits.max_holding != 0 && !within(limits.max_holding) {
        return Restriction::HoldingTooLarge;
    }
    Restriction::None
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::{collections::BTreeSet, vec::Vec};
    use proptest::prelude::*;

    const NOW: u64 = 1_000;

    fn holder(balance: u128) -> HolderView {
        HolderView { balance, ..HolderView::default() }
    }

    fn moving(from: HolderView, to: HolderView, amount: u128) -> Movement {
        Movement { from: Some(from), to: Some(to), amount, holders: 2, paused: false, now: NOW }
    }

    /// The bit order is the interface with the registry: Germany (276) is byte 34, bit 3 from the left being 276 % 8 =
    /// 4.
    #[test]
    fn a_country_is_one_fixed_bit() {
        let set = Jurisdictions::of([276]);
        assert_eq!(set.0[34], 0b0000_1000);
        assert_eq!(set.0.iter().map(|byte| byte.count_ones()).sum::<u32>(), 1);
        assert_eq!(set.words()[1][2], 0b0000_1000);
        assert_eq!(Jurisdictions::of([0]).0[0], 0x80);
        assert_eq!(Jurisdictions::of([1_023]).0[127], 1);
        assert_eq!(Jurisdictions::of([1_024, u16::MAX]), Jurisdictions::EMPTY);
        assert!(!Jurisdictions([0xff; 128]).contains(1_024));
    }

    /// What is stored today must be read by tomorrow's code.
    #[test]
    fn the_layout_is_fixed() {
        assert_eq!((Policy::LEN, Lock::LEN), (155, 24));
        let policy = Policy { min_level: 1, allow_list: true, max_holders: 2, max_holding: 3, ..Policy::OPEN };
        let bytes = policy.to_bytes();
        assert_eq!((bytes[0], bytes[1], bytes[2], bytes[131], bytes[135]), (1, 0, 1, 2, 3));
        assert_eq!(Policy::from_bytes(&[0; Policy::LEN]), Policy::default());
        let words = Policy { accredited_only: true, min_level: 9, ..policy }.requirements_words();
        assert_eq!((words[0][31], words[0][30], words[0][..30].iter().max()), (9, 3, Some(&0)));
    }

    #[test]
    fn an_unknown_requirement_is_not_skipped() {
        let none = Jurisdictions::EMPTY;
        assert_eq!(Requirements::from_word(&[0; 32], &none), Some(Requirements::OPEN));
        for place in 0..30 {
            let mut word = [0; 32];
            word[place] = 1;
            assert_eq!(Requirements::from_word(&word, &none), None);
        }
        for flags in 8..=255 {
            let mut word = [0; 32];
            word[30] = flags;
            assert_eq!(Requirements::from_word(&word, &none), None);
        }
    }

    /// Proves PAY-4's limits of a pool: each reason alone, at its border.
    #[test]
    fn each_reason_at_its_border() {
        let code = |movement: &Movement| pool_restriction(Limits::default(), movement);
        let full = holder(100);
        assert_eq!(code(&moving(full, holder(0), 100)), Restriction::None);
        assert_eq!(code(&moving(full, holder(0), 101)), Restriction::InsufficientBalance);
        let frozen = HolderView { frozen: 40, ..full };
        assert_eq!(code(&moving(frozen, holder(0), 60)), Restriction::None);
        assert_eq!(code(&moving(frozen, holder(0), 61)), Restriction::PartFrozen);
        let reserved = HolderView { reserved: 40, ..full };
        assert_eq!(code(&moving(reserved, holder(0), 60)), Restriction::None);
        assert_eq!(code(&moving(reserved, holder(0), 61)), Restriction::SharesReserved);
        let locked = HolderView { lock: Lock { amount: 40, until: NOW + 1 }, ..full };
        assert_eq!(code(&moving(locked, holder(0), 60)), Restriction::None);
        assert_eq!(code(&moving(locked, holder(0), 61)), Restriction::LockedUp);
        assert_eq!(code(&Movement { now: NOW + 1, ..moving(locked, holder(0), 61) }), Restriction::None);
        // Frozen and locked shares overlap, reserved ones do not.
        let all = HolderView { frozen: 30, reserved: 20, ..locked };
        assert_eq!(all.free(NOW), 40);
        assert_eq!(code(&moving(all, holder(0), 40)), Restriction::None);
        assert_eq!(code(&moving(all, holder(0), 41)), Restriction::LockedUp);
        assert_eq!(code(&Movement { paused: true, ..moving(full, holder(0), 1) }), Restriction::Paused);
        assert_eq!(code(&Movement { to: None, ..moving(frozen, full, 61) }), Restriction::PartFrozen);
    }

    #[test]
    fn holders_and_holdings_are_limited() {
        let policy = Policy { max_holders: 2, max_holding: 150, ..Policy::OPEN };
        let code = |movement: &Movement| pool_restriction(policy.limits(), movement);
        assert_eq!(code(&moving(holder(100), holder(0), 99)), Restriction::TooManyHolders);
        // One goes, one comes; an existing holder takes no new place; nothing moved, nobody came.
        assert_eq!(code(&moving(holder(100), holder(0), 100)), Restriction::None);
        assert_eq!(code(&moving(holder(100), holder(1), 99)), Restriction::None);
        assert_eq!(code(&moving(holder(100), holder(0), 0)), Restriction::None);
        assert_eq!(code(&Movement { holders: 1, ..moving(holder(100), holder(0), 99) }), Restriction::None);
        assert_eq!(code(&moving(holder(100), holder(51), 99)), Restriction::None);
        assert_eq!(code(&moving(holder(100), holder(52), 99)), Restriction::HoldingTooLarge);
        assert_eq!(code(&moving(holder(u128::MAX), holder(1), u128::MAX)), Restriction::HoldingTooLarge);
        // A limit lowered below what somebody holds: that account can send, but receives nothing more.
        assert_eq!(code(&moving(holder(200), holder(10), 50)), Restriction::None);
        assert_eq!(code(&moving(holder(10), holder(200), 1)), Restriction::HoldingTooLarge);
        assert_eq!(code(&Movement { from: None, ..moving(holder(0), holder(0), 1) }), Restriction::TooManyHolders);
        let minted = Movement { from: None, holders: 1, ..moving(holder(0), holder(0), 151) };
        assert_eq!(code(&minted), Restriction::HoldingTooLarge);
        // To itself an account receives nothing.
        let itself = Movement { to: None, ..moving(holder(150), holder(0), 150) };
        assert_eq!(code(&itself), Restriction::None);
    }

    proptest! {
        #[test]
        fn sets_have_what_was_put_in(codes in proptest::collection::btree_set(0u16..1_024, 0..80)) {
            let set = Jurisdictions::of(codes.iter().copied());
            let found: BTreeSet<u16> = (0..=u16::MAX).filter(|code| set.contains(*code)).collect();
            prop_assert_eq!(found, codes);
            prop_assert_eq!(Jurisdictions::from_words(&set.words()), set);
        }

        /// The words a pool sends are the requirements the registry reads.
        #[test]
        fn words_come_back(
            min_level: u8,
            accredited_only: bool,
            allow_list: bool,
            codes in proptest::collection::vec(0u16..1_024, 0..8),
            limits: (u32, u128, u32),
        ) {
            let jurisdictions = Jurisdictions::of(codes);
            let policy = Policy {
                min_level,
                accredited_only,
                allow_list,
                jurisdictions: jurisdictions.0,
                max_holders: limits.0,
                max_holding: limits.1,
                lockup_seconds: limits.2,
            };
            prop_assert_eq!(Policy::from_bytes(&policy.to_bytes()), policy);
            let [word, set @ ..] = policy.requirements_words();
            let expected = Requirements { blocked_only: false, min_level, accredited_only, allow_list, jurisdictions: &jurisdictions };
            prop_assert_eq!(Jurisdictions::from_words(&set), jurisdictions);
            prop_assert_eq!(Requirements::from_word(&word, &jurisdictions), Some(expected));
        }

        /// What passes leaves frozen, reserved and locked shares where they are, and keeps both limits.
        #[test]
        fn what_passes_keeps_every_limit(
            from: (u64, u64, u64, u64, bool),
            to: u64,
            amount: u64,
            limits: (u8, u64),
            holders: u8,
        ) {
            let lock = Lock { amount: from.3.into(), until: if from.4 { NOW + 1 } else { NOW } };
            let sender = HolderView {
                balance: from.0.into(),
                frozen: (from.1 / 4).into(),
                reserved: (from.2 / 4).into(),
                lock: Lock { amount: lock.amount / 4, ..lock },
            };
            let policy =
                Policy { max_holders: limits.0.into(), max_holding: limits.1.into(), ..Policy::OPEN };
            let movement = Movement {
                from: Some(sender),
                to: Some(holder(to.into())),
                amount: u128::from(amount / 4),
                holders: holders.into(),
                paused: false,
                now: NOW,
            };
            let amount = movement.amount;
            if pool_restriction(policy.limits(), &movement) == Restriction::None {
                let left = sender.balance - amount;
                if amount > 0 {
                    prop_assert!(left >= sender.reserved);
                    prop_assert!(left - sender.reserved >= sender.frozen.max(sender.lock.at(NOW)));
                    prop_assert!(policy.max_holding == 0 || u128::from(to) + amount <= policy.max_holding);
                    let grows = to == 0 && left > 0;
                    prop_assert!(!grows || policy.max_holders == 0 || movement.holders < policy.max_holders);
                }
            } else {
                // Nothing less than the whole is refused without a reason that shows.
                let reasons: Vec<bool> = [
                    sender.free(NOW) < amount,
                    policy.max_holders != 0 && to == 0 && movement.holders >= policy.max_holders,
                    policy.max_holding != 0 && u128::from(to) + amount > policy.max_holding,
                ]
                .to_vec();
                prop_assert!(reasons.contains(&true));
            }
        }
    }
}
