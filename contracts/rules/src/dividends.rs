//! O(1) dividends to share holders, exact to 2^-64 of a unit.
//!
//! `index` is the sum of `amount · 2^64 / supply` over all deposits; each division's remainder is carried into the next
//! one. A holder is settled before its balance changes. The fraction that settling leaves is kept per holder, so this
//! equality holds after every step, not just a bound (PAY-7; [`Accumulator::deposited`] and friends are in the
//! currency's smallest unit):
//!
//! ```text
//! deposited · 2^64 = Σ holders (claimed + pending) · 2^64 + fraction + balance · (index − holder.index) + carry
//! ```
//!
//! Money never waits for shares: a pool takes deposits from its opening on ([`crate::issuance`]), which needs
//! [`crate::issuance::MIN_SUPPLY`], and no share is ever destroyed. That bounds the index. With the supplies
//! `s₁ ≤ s₂ ≤ …` at the deposits `d₁, d₂, …`, each step leaves `stepᵢ · sᵢ + carryᵢ = dᵢ · 2^64 + carryᵢ₋₁`, so
//!
//! ```text
//! index = Σ stepᵢ ≤ Σ stepᵢ · sᵢ / MIN_SUPPLY ≤ Σ dᵢ · 2^64 / 10^18 < 2^128   while   Σ dᵢ ≤ 2^123
//! ```
//!
//! 2^123 units are ten million million million coins of 18 decimals. Whatever strangers deposit, buy and claim before
//! that, and in whatever order, no deposit is refused for the index.

use crate::math::{MathError, mul_add_div_rem, shift_add_div_rem};

/// Fixed-point one of the index: 2^64.
pub const ONE: u128 = 1 << 64;

/// What a pool keeps once, for all holders.
pub type Accumulator = ScaledAccumulator<ONE>;

/// One holder: a single packed storage record, so that a transfer touches one slot per side.
pub type Holder = ScaledHolder<ONE>;

/// [`Accumulator`] with the fixed-point one as a parameter, at most 2^64: `crate::proofs` runs all short histories at a
/// scale so small that carries and fractions pass whole units in most of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ScaledAccumulator<const ONE: u128> {
    /// Dividends per share since the beginning, times `ONE`.
    pub index: u128,
    /// Remainder of the last division, below the supply it was divided by, in units of 1 / `ONE`.
    pub carry: u128,
}

impl<const ONE: u128> ScaledAccumulator<ONE> {
    /// Shares `amount` out over `supply`.
    ///
    /// # Errors
    /// [`MathError::DivisionByZero`] without supply, [`MathError::Overflow`] where the index would pass 2^128; nothing
    /// is changed then. Neither happens in a pool that was opened (see the module).
    pub fn distribute(&mut self, amount: u128, supply: u128) -> Result<(), MathError> {
        let (step, carry) = if ONE == 1 << 64 {
            shift_add_div_rem(amount, self.carry, supply)?
        } else {
            mul_add_div_rem(amount, ONE, self.carry, supply)?
        };
        self.index = self.index.checked_add(step).ok_or(MathError::Overflow)?;
        self.carry = carry;
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

    /// Settles and removes shares; `Overflow` where the balance is too small (callers check first and name the
    /// figures).
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
mod tests;
