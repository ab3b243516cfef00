//! A pool's opening: from then on it takes money, and sells no shares any more.
//!
//! Before it, shares are minted and sold at the sale's fixed price, and deposits are refused. So money never meets
//! shares that somebody can still buy at a price that does not know of it: neither what waited for a first holder, nor
//! a quarter that is about to be paid. Afterwards shares are minted up to the cap announced at the opening, for later
//! contributors, and earn from then on; only the governor (the co-op, by a vote of the holders) raises the cap.
//!
//! Who opens is the issuer. A sale may still run: opening ends it for good, and whoever bought keeps its shares. The
//! supply must be [`MIN_SUPPLY`] at least, which bounds the dividends' index (`crate::dividends`).

use crate::math::{MathError, mul_add_div_rem};

/// An account or a contract; zeros are nobody.
pub type Address = [u8; 20];

/// Fewest share units of an open pool: one whole share. Shares are never destroyed, so it has them for ever.
pub const MIN_SUPPLY: u128 = 1_000_000_000_000_000_000;

/// Share units that a sale's price is for.
pub const PRICE_UNIT: u128 = 1_000_000_000_000_000_000;

/// Why shares are not issued, or a pool not opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IssuanceError {
    /// Too few share units to open with: (supply, least).
    SupplyTooSmall(u128, u128),
    /// A cap below the shares there are, or no higher than the one before: (cap, least).
    CapTooLow(u128, u128),
    /// More share units than were announced: (wanted in all, cap).
    CapExceeded(u128, u128),
    /// Only the governor raises the cap.
    NotGovernor(Address),
    /// Not a contract that keeps licences: it does not say that what is no licence has no end.
    UnfitLicences(Address),
    /// Not a contract that votes with this pool's shares.
    UnfitGovernor(Address),
    /// More than the buyer is willing to pay: (cost, limit).
    CostAboveLimit(u128, u128),
    /// A figure would not fit in 128 bits.
    Overflow,
}

impl From<MathError> for IssuanceError {
    fn from(_: MathError) -> Self {
        Self::Overflow
    }
}

/// What the contracts named at an opening say when they are asked; `None` where one does not answer, as an account
/// without code.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Answers {
    /// The licence contract: the end of a stream that is none (`streamEnd`).
    pub stream_end: Option<[u8; 32]>,
    /// The governor: whose shares it votes with (`token`).
    pub token: Option<Address>,
}

/// What was announced when a pool was opened.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Opening {
    /// Most share units that there will be.
    pub cap: u128,
    /// The licence contract whose licences are streams of the pool; zero for none.
    pub licences: Address,
    /// Who may raise the cap; zero: nobody, ever.
    pub governor: Address,
}

crate::packed!(Opening { cap: u128, licences: Address, governor: Address });

impl Opening {
    /// Opens a pool with this many share units.
    ///
    /// # Errors
    /// [`IssuanceError::SupplyTooSmall`], [`IssuanceError::CapTooLow`].
    pub const fn new(supply: u128, cap: u128, licences: Address, governor: Address) -> Result<Self, IssuanceError> {
        if supply < MIN_SUPPLY {
            return Err(IssuanceError::SupplyTooSmall(supply, MIN_SUPPLY));
        }
        if cap < supply {
            return Err(IssuanceError::CapTooLow(cap, supply));
        }
        Ok(Self { cap, licences, governor })
    }

    /// Checks the contracts named: both stay for good where nobody governs, so a wrong one cannot be mended. A pool
    /// whose licences are an account without code would never release a coin that waits.
    ///
    /// # Errors
    /// [`IssuanceError::UnfitLicences`], [`IssuanceError::UnfitGovernor`].
    pub fn check(&self, pool: &Address, answers: &Answers) -> Result<(), IssuanceError> {
        if self.licences != [0; 20] && answers.stream_end != Some([0; 32]) {
            return Err(IssuanceError::UnfitLicences(self.licences));
        }
        if self.governor != [0; 20] && answers.token != Some(*pool) {
            return Err(IssuanceError::UnfitGovernor(self.governor));
        }
        Ok(())
    }

    /// Raises the cap.
    ///
    /// # Errors
    /// [`IssuanceError::NotGovernor`], [`IssuanceError::CapTooLow`] unless it is higher than before.
    pub fn raise(&mut self, caller: &Address, cap: u128) -> Result<(), IssuanceError> {
        if self.governor == [0; 20] || self.governor != *caller {
            return Err(IssuanceError::NotGovernor(*caller));
        }
        if cap <= self.cap {
            return Err(IssuanceError::CapTooLow(cap, self.cap.saturating_add(1)));
        }
        self.cap = cap;
        Ok(())
    }

    /// The supply after issuing more share units.
    ///
    /// # Errors
    /// [`IssuanceError::CapExceeded`], [`IssuanceError::Overflow`].
    pub fn issue(&self, supply: u128, shares: u128) -> Result<u128, IssuanceError> {
        let all = supply.checked_add(shares).ok_or(IssuanceError::Overflow)?;
        if all > self.cap { Err(IssuanceError::CapExceeded(all, self.cap)) } else { Ok(all) }
    }
}

/// What share units cost in a sale, `⌈price · shares / 10^18⌉`, where the buyer is willing to pay that: the issuer can
/// change the price while a purchase is under way.
///
/// # Errors
/// [`IssuanceError::CostAboveLimit`], [`IssuanceError::Overflow`].
pub fn sale_cost(price: u128, shares: u128, limit: u128) -> Result<u128, IssuanceError> {
    let (cost, _) = mul_add_div_rem(price, shares, PRICE_UNIT - 1, PRICE_UNIT)?;
    if cost > limit { Err(IssuanceError::CostAboveLimit(cost, limit)) } else { Ok(cost) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use IssuanceError::*;

    const COOP: Address = [7; 20];

    /// Proves SAFE-4: a pool opens with one whole share at least, and with a cap that its shares are within.
    #[test]
    fn a_pool_opens_with_a_whole_share() {
        let open = |supply, cap| Opening::new(supply, cap, [1; 20], COOP);
        assert_eq!(open(MIN_SUPPLY - 1, u128::MAX), Err(SupplyTooSmall(MIN_SUPPLY - 1, MIN_SUPPLY)));
        assert_eq!(open(0, 0), Err(SupplyTooSmall(0, MIN_SUPPLY)));
        assert_eq!(open(MIN_SUPPLY + 5, MIN_SUPPLY + 4), Err(CapTooLow(MIN_SUPPLY + 4, MIN_SUPPLY + 5)));
        let expected = Opening { cap: MIN_SUPPLY, licences: [1; 20], governor: COOP };
        assert_eq!(open(MIN_SUPPLY, MIN_SUPPLY), Ok(expected));
        assert_eq!((Opening::LEN, Opening::from_bytes(&expected.to_bytes())), (56, expected));
    }

    /// Proves SAFE-13: who governs votes with this pool's shares, and who keeps its licences answers as such. Before,
    /// any account was taken, and a licence contract that was none kept the pool's waiting money for ever.
    #[test]
    fn a_pool_names_contracts_that_can_do_the_work() {
        let (pool, other) = ([3; 20], [4; 20]);
        let all = Opening { cap: MIN_SUPPLY, licences: [1; 20], governor: COOP };
        let fit = Answers { stream_end: Some([0; 32]), token: Some(pool) };
        assert_eq!(all.check(&pool, &fit), Ok(()));
        for stream_end in [None, Some([1; 32]), Some([0xff; 32])] {
            assert_eq!(all.check(&pool, &Answers { stream_end, ..fit }), Err(UnfitLicences([1; 20])));
        }
        for token in [None, Some(other), Some([0; 20])] {
            assert_eq!(all.check(&pool, &Answers { token, ..fit }), Err(UnfitGovernor(COOP)));
        }
        // Nobody is asked for nothing.
        let none = Opening { licences: [0; 20], governor: [0; 20], ..all };
        assert_eq!(none.check(&pool, &Answers::default()), Ok(()));
        let alone = Opening { licences: [0; 20], ..all };
        assert_eq!(alone.check(&pool, &Answers { stream_end: None, ..fit }), Ok(()));
    }

    /// Proves SAFE-3: nobody but the holders' vote makes more shares than were announced.
    #[test]
    fn the_cap_holds_and_only_the_governor_raises_it() {
        let mut opening = Opening::new(MIN_SUPPLY, MIN_SUPPLY + 10, [0; 20], COOP).unwrap();
        assert_eq!(opening.issue(MIN_SUPPLY, 10), Ok(MIN_SUPPLY + 10));
        assert_eq!(opening.issue(MIN_SUPPLY, 11), Err(CapExceeded(MIN_SUPPLY + 11, MIN_SUPPLY + 10)));
        assert_eq!(opening.issue(MIN_SUPPLY, u128::MAX), Err(Overflow));
        assert_eq!(opening.raise(&[8; 20], u128::MAX), Err(NotGovernor([8; 20])));
        assert_eq!(opening.raise(&COOP, MIN_SUPPLY + 10), Err(CapTooLow(MIN_SUPPLY + 10, MIN_SUPPLY + 11)));
        assert_eq!(opening.raise(&COOP, MIN_SUPPLY), Err(CapTooLow(MIN_SUPPLY, MIN_SUPPLY + 11)));
        opening.raise(&COOP, MIN_SUPPLY + 11).unwrap();
        assert_eq!(opening.issue(MIN_SUPPLY, 11), Ok(MIN_SUPPLY + 11));
        opening.raise(&COOP, u128::MAX).unwrap();
        assert_eq!(opening.raise(&COOP, u128::MAX), Err(CapTooLow(u128::MAX, u128::MAX)));
        // Without a governor the cap is for ever, for the zero address too.
        let mut fixed = Opening { governor: [0; 20], ..opening };
        assert_eq!(fixed.raise(&[0; 20], u128::MAX), Err(NotGovernor([0; 20])));
    }

    /// Proves SAFE-5: a buyer pays no more than it said, rounded up. Before, the issuer's new price held for a purchase
    /// that was signed at the old one.
    #[test]
    fn a_purchase_costs_no_more_than_its_limit() {
        assert_eq!(sale_cost(2, PRICE_UNIT * 3, 6), Ok(6));
        assert_eq!(sale_cost(2_000, PRICE_UNIT * 3, 6), Err(CostAboveLimit(6_000, 6)));
        assert_eq!(sale_cost(1, 1, 1), Ok(1));
        assert_eq!(sale_cost(1, 1, 0), Err(CostAboveLimit(1, 0)));
        assert_eq!(sale_cost(1, 0, 0), Ok(0));
        assert_eq!(sale_cost(1, PRICE_UNIT + 1, 5), Ok(2));
        assert_eq!(sale_cost(u128::MAX, PRICE_UNIT * 2, u128::MAX), Err(Overflow));
    }
}
