//! The books of a pool under random histories, and known cases.

use super::*;
use crate::issuance::MIN_SUPPLY;
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
        let mut claimable = 0u128;
        for h in &self.holders {
            sum += U256::from(h.pending) * one + U256::from(h.fraction);
            sum += U256::from(h.balance) * U256::from(self.acc.index - h.index);
            claimable += h.claimable(self.acc.index).unwrap();
        }
        assert_eq!(sum, U256::from(self.deposited) * one);
        // Dust is bounded: below one unit a holder, plus the carry (below one unit where supply < 2^64, as
        // carry < supply).
        let dust = self.deposited - self.claimed - claimable;
        assert!(dust <= HOLDERS as u128 + self.supply / ONE + 1, "dust {dust}");
    }
}

proptest! {
    /// Proves PAY-7: after every step deposited = claimed + claimable + dust, exactly, with the dust bounded and
    /// carried.
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

/// Proves SAFE-3: money that nobody has earned is not taken. Before, it waited for whoever bought a share first.
#[test]
fn nothing_is_shared_out_among_nobody() {
    let mut acc = Accumulator::default();
    assert_eq!(acc.distribute(7, 0), Err(MathError::DivisionByZero));
    assert_eq!(acc, Accumulator::default());
}

/// Proves SAFE-4: deposits of 2^123 units in all fit whatever their sizes and order are, with the smallest supply that
/// a pool can be opened with. With one unit of supply, which a pool could have before, the second deposit of 2^63
/// units is refused already, for good: `acc.distribute(1 << 63, 1)` twice gives `Err(Overflow)`.
#[test]
fn the_largest_sum_of_deposits_fits_the_smallest_supply() {
    let all = 1u128 << 123;
    let mut acc = Accumulator::default();
    acc.distribute(all - 1_000, MIN_SUPPLY).unwrap();
    for _ in 0..1_000 {
        acc.distribute(1, MIN_SUPPLY).unwrap();
    }
    // 2^187 / 10^18 = 196159429230833773869868419475239575503.19…
    assert_eq!(acc.index, 196_159_429_230_833_773_869_868_419_475_239_575_503);
    let mut holder = Holder { balance: MIN_SUPPLY, ..Holder::default() };
    assert_eq!(holder.take(acc.index), Ok(all - 1));
    let mut dust = Accumulator::default();
    dust.distribute(1 << 63, 1).unwrap();
    assert_eq!(dust.distribute(1 << 63, 1), Err(MathError::Overflow));
}

proptest! {
    /// Proves SAFE-4: from the smallest supply on, no sequence of deposits up to 2^123 in all and of new shares between
    /// them is refused, nor makes a later deposit or settlement fail.
    #[test]
    fn no_sequence_of_deposits_and_purchases_stops_an_honest_one(
        steps in prop::collection::vec((0u32..124, any::<u128>(), 0u32..128, any::<u128>()), 1..40),
        honest in 1u128..10u128.pow(30),
    ) {
        let mut acc = Accumulator::default();
        let (mut supply, mut left) = (MIN_SUPPLY, (1u128 << 123) - honest);
        let mut first = Holder { balance: supply, ..Holder::default() };
        for (size, amount, more, shares) in steps {
            let amount = (amount % (1 << size)).min(left);
            left -= amount;
            prop_assert_eq!(acc.distribute(amount, supply), Ok(()));
            supply += (shares % (1 << more)).min(u128::MAX - supply);
        }
        prop_assert_eq!(acc.distribute(honest, supply), Ok(()));
        prop_assert!(first.take(acc.index).is_ok());
    }
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
