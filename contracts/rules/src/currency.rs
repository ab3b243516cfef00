//! Currencies with a least balance, as tokens of the chain itself have one (`pallet_assets`: USDC on Polkadot Hub).
//!
//! An account has nothing of such a token, or at least so much. A payment that would leave less behind takes the rest
//! along, and one that would begin an account with less is refused. So whoever holds other people's money in it keeps
//! the least balance besides (its float), and small payments to new accounts wait until they have grown.

use crate::math::MathError;

/// What stands in the way of a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Obstacle {
    /// The payer would keep less than the least balance: by how much.
    Float(u128),
    /// The recipient would have less than the least balance: by how much.
    Recipient(u128),
}

/// What stands in the way of paying `amount` where the payer has `own` and the recipient `theirs` before. A minimum of
/// zero, as of all currencies that have none, stands in nobody's way.
pub fn obstacle(minimum: u128, own: u128, theirs: u128, amount: u128) -> Option<Obstacle> {
    let short = |balance: u128| minimum.checked_sub(balance).filter(|short| *short != 0);
    let float = short(own.saturating_sub(amount)).map(Obstacle::Float);
    float.or_else(|| short(theirs.saturating_add(amount)).map(Obstacle::Recipient))
}

/// What the float lacks where `own` is there and `owed` of it is owed to others; zero where it is whole.
///
/// # Errors
/// [`MathError::Overflow`] where no balance could be both.
pub fn float_lacks(minimum: u128, own: u128, owed: u128) -> Result<u128, MathError> {
    let needed = owed.checked_add(minimum).ok_or(MathError::Overflow)?;
    Ok(needed.saturating_sub(own))
}

/// Whether an issuer may declare this least balance. Only a token of the chain has one; and once the pool is open it
/// stands, since other contracts go by it: they take no money while their float lacks, so one that rises would stop
/// them, and one that falls would have them promise payments that the token refuses.
pub const fn may_declare(minimum: u128, asset: bool, opened: bool) -> bool {
    (asset || minimum == 0) && !opened
}

/// Whether an address is that of a token of the chain itself: its number in four bytes, zeros, two bytes that name the
/// pallet, zeros. No contract is ever made there.
pub fn is_asset(currency: &[u8; 20]) -> bool {
    let [_, _, _, _, zeros @ .., kind, number, low, lowest] = currency;
    *zeros == [0; 12] && (*kind, *number) != (0, 0) && (*low, *lowest) == (0, 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// USDC on Polkadot Hub: no account has less than a cent.
    const MINIMUM: u128 = 10_000;

    #[test]
    fn a_payment_leaves_the_float_behind() {
        assert_eq!(obstacle(MINIMUM, 60_000, 0, 50_000), None);
        assert_eq!(obstacle(MINIMUM, 60_000, 0, 50_001), Some(Obstacle::Float(1)));
        assert_eq!(obstacle(MINIMUM, 50_000, 0, 50_000), Some(Obstacle::Float(10_000)));
        // What the token took along is gone already.
        assert_eq!(obstacle(MINIMUM, 0, 60_000, 50_000), Some(Obstacle::Float(10_000)));
    }

    #[test]
    fn an_account_begins_with_the_least_balance() {
        assert_eq!(obstacle(MINIMUM, 60_000, 0, 9_999), Some(Obstacle::Recipient(1)));
        assert_eq!(obstacle(MINIMUM, 60_000, 0, 3_000), Some(Obstacle::Recipient(7_000)));
        assert_eq!(obstacle(MINIMUM, 60_000, 0, 10_000), None);
        // Who has some is paid anything.
        assert_eq!(obstacle(MINIMUM, 60_000, 10_000, 1), None);
    }

    #[test]
    fn without_a_least_balance_nothing_stands_in_the_way() {
        assert_eq!(obstacle(0, 0, 0, u128::MAX), None);
        assert_eq!(float_lacks(0, 5, 5), Ok(0));
    }

    #[test]
    fn the_float_is_beside_what_is_owed() {
        assert_eq!(float_lacks(MINIMUM, 110_000, 100_000), Ok(0));
        assert_eq!(float_lacks(MINIMUM, 109_999, 100_000), Ok(1));
        assert_eq!(float_lacks(MINIMUM, 0, 0), Ok(10_000));
        assert_eq!(float_lacks(u128::MAX, 0, 1), Err(MathError::Overflow));
    }

    /// Proves PAY-7: where no least balance can be, none is declared, and none changes of an open pool.
    #[test]
    fn a_least_balance_is_the_currencys() {
        assert!(may_declare(0, false, false));
        assert!(!may_declare(1, false, false) && !may_declare(u128::MAX, false, false));
        for minimum in [0, 1, MINIMUM, u128::MAX] {
            assert!(may_declare(minimum, true, false));
            assert!(!may_declare(minimum, true, true) && !may_declare(minimum, false, true));
        }
    }

    #[test]
    fn tokens_of_the_chain_are_known_by_their_address() {
        let mut usdc = [0; 20];
        usdc[2..4].copy_from_slice(&1_337u16.to_be_bytes());
        usdc[16..18].copy_from_slice(&[0x01, 0x20]);
        assert!(is_asset(&usdc));
        // A token of another chain, by the number that it has here.
        let foreign = {
            let mut address = usdc;
            address[16] = 0x02;
            address
        };
        assert!(is_asset(&foreign));
        for at in (4..16).chain(18..20) {
            let mut other = usdc;
            other[at] = 1;
            assert!(!is_asset(&other), "{at}");
        }
        assert!(!is_asset(&[0; 20]), "the chain's own money");
        assert!(!is_asset(&[0xaa; 20]));
    }

    /// How such a token moves money, after `pallet_assets::transfer_and_die`: what would be left of too little goes
    /// along, and nobody begins with too little.
    fn moved(minimum: u128, own: u128, theirs: u128, amount: u128) -> Option<(u128, u128)> {
        let rest = own.checked_sub(amount)?;
        let credit = if rest < minimum { own } else { amount };
        let after = theirs + credit;
        (after >= minimum || credit == 0).then_some((own - credit, after))
    }

    proptest! {
        /// Proves PAY-7: where nothing stands in the way, exactly the amount moves and the payer's account lives on;
        /// where the payer keeps its float, what stands in the way of the recipient is what the token refuses.
        #[test]
        fn what_nothing_stands_in_the_way_of_moves_exactly(
            minimum in 1..1_000u128, own in 0..5_000u128, more in 0..2_000u128, held: bool, amount in 1..5_000u128,
        ) {
            // An account has nothing or enough.
            let (own, theirs) = (if own < minimum { 0 } else { own }, if held { minimum + more } else { 0 });
            let token = moved(minimum, own, theirs, amount);
            match obstacle(minimum, own, theirs, amount) {
                None => prop_assert_eq!(token, Some((own - amount, theirs + amount))),
                Some(Obstacle::Recipient(short)) => {
                    prop_assert_eq!(token, None);
                    prop_assert_eq!(theirs + amount + short, minimum);
                }
                Some(Obstacle::Float(short)) => {
                    prop_assert_eq!(own.saturating_sub(amount) + short, minimum);
                }
            }
        }
    }
}
