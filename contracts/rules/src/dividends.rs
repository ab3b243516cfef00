//! O(1) dividends to share holders, exact to 2^-64 of a unit.
//!
//! `index` is the sum of `amount · 2^64 / supply` over all deposits; each division's remainder is carried into the next one.
//! A holder is settled before its balance changes. The fraction that settling leaves is kept per holder, so this equality
//! holds after every step, not just a bound (PAY-7; [`Accumulator::deposited`] and friends are in the currency's smallest unit):
//!
//! ```text
//! deposited · 2^64 = Σ holders (claimed + pending) · 2^64 + fraction + balance · (index − holder.index)
//!                  + carry + undistributed · 2^64
//! ```

use crate::math::{MathError, mul_add_div_rem, shift_add_div_rem};

/// Fixed-point one of the index: 2^64.
pub const ONE: u128 = 1 << 64;

/// What a pool keeps once, for all holders.
pub type Accumulator = ScaledAccumulator<ONE>;

/// One holder: a single packed storage record, so that a transfer touches one slot per side.
pub type Holder = ScaledHolder<ONE>;

/// [`Accumulator`] with the fixed-point one as a parameter, at most 2^64: `crate::proofs` runs all short histories at a scale
/// so small that carries and fractions pass whole units in most of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ScaledAccumulator<const ONE: u128> {
    /// Dividends per share since the beginning, times `ONE`.
    pub index: u128,
    /// Remainder of the last division, below the supply it was divided by, in units of 1 / `ONE`.
    pub carry: u128,
    /// Money that came in while there was no supply; it joins the next distribution.
    pub undistributed: u128,
}

impl<const ONE: u128> ScaledAccumulator<ONE> {
    /// Shares `amount` out over `supply`; with no supply the money is kept for the next deposit.
    ///
    /// # Errors
    /// [`MathError::Overflow`] where the index would pass 2^128; nothing is changed then.
    pub fn distribute(&mut self, amount: u128, supply: u128) -> Result<(), MathError> {
        let total = self.undistributed.checked_add(amount).ok_or(MathError::Overflow)?;
        if supply == 0 {
            self.undistributed = total;
            return Ok(());
        }
        let (step, carry) = if ONE == 1 << 64 {
            shift_add_div_rem(total, self.carry, supply)?
        } else {
            mul_add_div_rem(total, ONE, self.carry, supply)?
        };
        self.index = self.index.checked_add(step).ok_or(MathError::Overflow)?;
        self.carry = carry;
        self.undistributed = 0;
        Ok(())
    }
}

/// [`Holder`] with the fixed-point one as a parameter; see [`ScaledAccumulator`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ScaledHolder<const ONE: u128> {
    /// Shares held, in the token's smallest unit.
    pub balance: u128,
    /// The index up to which this holder is settled.
    pub index: u128,
    /// Settled and unclaimed dividends, in the currency's smallest unit.
    pub pending: u128,
    /// Fraction of a unit beyond `pending`, in 1 / `ONE`.
    pub fraction: u64,
}

crate::packed!(Holder { balance: u128, index: u128, pending: u128, fraction: u64 });

impl<const ONE: u128> ScaledHolder<ONE> {
    /// Moves everything earned up to `index` into `pending` and `fraction`. Must run before any change of `balance`.
    ///
    /// # Errors
    /// [`MathError::Overflow`] where more than 2^128 units would be pending or the index runs backwards.
    pub fn settle(&mut self, index: u128) -> Result<(), MathError> {
        let step = index.checked_sub(self.index).ok_or(MathError::Overflow)?;
        if step != 0 && self.balance != 0 {
            let (whole, rest) = mul_add_div_rem(self.balance, step, u128::from(self.fraction), ONE)?;
            self.pending = self.pending.checked_add(whole).ok_or(MathError::Overflow)?;
            // `rest < ONE`, which is at most 2^64.
            self.fraction = rest as u64;
        }
        self.index = index;
        Ok(())
    }

    /// What [`Holder::take`] would pay after settling at `index`, without changing anything.
    pub fn claimable(&self, index: u128) -> Result<u128, MathError> {
        let mut settled = *self;
        settled.settle(index)?;
        Ok(settled.pending)
    }

    /// Settles and takes all whole units; the fraction stays and counts towards the next unit.
    pub fn take(&mut self, index: u128) -> Result<u128, MathError> {
        self.settle(index)?;
        Ok(core::mem::take(&mut self.pending))
    }

    /// Settles and adds shares.
    pub fn credit(&mut self, index: u128, amount: u128) -> Result<(), MathError> {
        self.settle(index)?;
        self.balance = self.balance.checked_add(amount).ok_or(MathError::Overflow)?;
        Ok(())
    }

    /// Settles and removes shares; `Overflow` where the balance is too small (callers check first and name the figures).
    pub fn debit(&mut self, index: u128, amount: u128) -> Result<(), MathError> {
        self.settle(index)?;
        self.balance = self.balance.checked_sub(amount).ok_or(MathError::Overflow)?;
        Ok(())
    }
}

impl Holder {
    /// Takes over everything another holder has earned up to `index`, its fraction included.
    ///
    /// # Errors
    /// [`MathError::Overflow`] where more than 2^128 units would be pending.
    pub fn absorb(&mut self, other: &mut Self, index: u128) -> Result<(), MathError> {
        self.settle(index)?;
        other.settle(index)?;
        // Fractions are in 2^-64: what does not fit their 64 bits is a whole unit.
        let (fraction, carries) = self.fraction.overflowing_add(other.fraction);
        let pending = self.pending.checked_add(other.pending).and_then(|sum| sum.checked_add(u128::from(carries)));
        self.pending = pending.ok_or(MathError::Overflow)?;
        self.fraction = fraction;
        (other.pending, other.fraction) = (0, 0);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use ruint::aliases::U256;

    #[derive(Debug, Clone)]
    enum Op {
        Deposit(u128),
        Mint(usize, u128),
        Transfer(usize, usize, u128),
        Absorb(usize, usize),
        Claim(usize),
    }

    const HOLDERS: usize = 5;

    fn op() -> impl Strategy<Value = Op> {
        let who = 0..HOLDERS;
        let amount = prop_oneof![0u128..10, 0u128..1_000_000, 0u128..10u128.pow(24)];
        prop_oneof![
            amount.clone().prop_map(Op::Deposit),
            (who.clone(), amount.clone()).prop_map(|(a, n)| Op::Mint(a, n)),
            (who.clone(), who.clone(), amount).prop_map(|(a, b, n)| Op::Transfer(a, b, n)),
            (who.clone(), who.clone()).prop_map(|(a, b)| Op::Absorb(a, b)),
            who.prop_map(Op::Claim),
        ]
    }

    #[derive(Default)]
    struct Ledger {
        acc: Accumulator,
        holders: [Holder; HOLDERS],
        supply: u128,
        deposited: u128,
        claimed: u128,
    }

    impl Ledger {
        fn apply(&mut self, op: &Op) {
            let index = self.acc.index;
            match *op {
                Op::Deposit(n) => {
                    let mut acc = self.acc;
                    if acc.distribute(n, self.supply).is_ok() {
                        self.acc = acc;
                        self.deposited += n;
                    }
                }
                Op::Mint(a, n) => {
                    self.holders[a].credit(index, n).unwrap();
                    self.supply += n;
                }
                Op::Transfer(a, b, n) => {
                    let n = n.min(self.holders[a].balance);
                    self.holders[a].debit(index, n).unwrap();
                    self.holders[b].credit(index, n).unwrap();
                }
                Op::Absorb(a, b) => {
                    let Ok([into, from]) = self.holders.get_disjoint_mut([a, b]) else { return };
                    into.absorb(from, index).unwrap();
                    assert_eq!((from.pending, from.fraction), (0, 0), "all of it is the other's");
                }
                Op::Claim(a) => self.claimed += self.holders[a].take(index).unwrap(),
            }
        }

        fn assert_conserved(&self) {
            let one = U256::from(ONE);
            let mut sum = U256::from(self.claimed) * one + U256::from(self.acc.carry);
            sum += U256::from(self.acc.undistributed) * one;
            let mut claimable = 0u128;
            for h in &self.holders {
                sum += U256::from(h.pending) * one + U256::from(h.fraction);
                sum += U256::from(h.balance) * U256::from(self.acc.index - h.index);
                claimable += h.claimable(self.acc.index).unwrap();
            }
            assert_eq!(sum, U256::from(self.deposited) * one);
            // Dust is bounded: below one unit a holder, plus the carry (below one unit where supply < 2^64, as
            // carry < supply) and what waits for a first holder.
            let dust = self.deposited - self.claimed - claimable - self.acc.undistributed;
            assert!(dust <= HOLDERS as u128 + self.supply / ONE + 1, "dust {dust}");
        }
    }

    proptest! {
        /// Proves PAY-7: after every step deposited = claimed + claimable + dust, exactly, with the dust bounded and carried.
        #[test]
        fn nothing_is_lost_to_rounding(ops in prop::collection::vec(op(), 1..60)) {
            let mut ledger = Ledger::default();
            for op in &ops {
                ledger.apply(op);
                ledger.assert_conserved();
            }
        }

        /// Settling often or once pays the same: small accruals are not rounded away.
        #[test]
        fn settling_often_changes_nothing(deposits in prop::collection::vec(1u128..1_000, 1..40), balance in 1u128..1_000, rest in 0u128..1_000_000) {
            let (mut acc, supply) = (Accumulator::default(), balance + rest);
            let mut often = Holder { balance, ..Holder::default() };
            let mut once = often;
            for d in deposits {
                acc.distribute(d, supply).unwrap();
                often.settle(acc.index).unwrap();
            }
            once.settle(acc.index).unwrap();
            prop_assert_eq!(often, once);
        }
    }

    /// Proves PAY-7: a deposit without holders waits and joins the next one.
    #[test]
    fn deposit_without_supply_joins_the_next() {
        let mut acc = Accumulator::default();
        acc.distribute(7, 0).unwrap();
        assert_eq!((acc.index, acc.undistributed), (0, 7));
        let mut holder = Holder { balance: 4, ..Holder::default() };
        acc.distribute(5, 4).unwrap();
        assert_eq!(holder.take(acc.index), Ok(12));
    }

    /// Two halves of a unit are one.
    #[test]
    fn absorbed_fractions_add_up() {
        let half = Holder { pending: 3, fraction: 1 << 63, ..Holder::default() };
        let (mut into, mut from) = (half, half);
        into.absorb(&mut from, 0).unwrap();
        assert_eq!((into, from), (Holder { pending: 7, ..Holder::default() }, Holder::default()));
        from = Holder { pending: u128::MAX, ..Holder::default() };
        assert_eq!(into.absorb(&mut from, 0), Err(MathError::Overflow));
    }

    #[test]
    fn overflow_changes_nothing() {
        let mut acc = Accumulator { index: u128::MAX - 1, ..Accumulator::default() };
        let before = acc;
        assert_eq!(acc.distribute(1, 1), Err(MathError::Overflow));
        assert_eq!(acc, before);
    }
}
