//! Whose votes a share is: its holder's, or those of whom the holder delegated them to.
//!
//! Shares vote by themselves, without a first delegation to oneself as OpenZeppelin's `Votes` asks for. An account's
//! votes are its own shares, unless it delegated them away, and all that others delegated to it; what was delegated to
//! an account is not passed on by its own delegation. So at every second the votes of all accounts are the supply.
//!
//! Its balance at past seconds is in an account's record; what was delegated to it, and when it delegated away, are
//! traces of their own ([`crate::checkpoints`]), which only those pay for who delegate: a transfer between others reads
//! one byte of the records that it has anyway, and nobody makes a transfer of somebody else dearer by delegating to it.

/// What of delegation is in an account's own record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[repr(u8)]
pub enum Delegation {
    /// It never delegated.
    #[default]
    Never = 0,
    /// Its shares' votes are another account's.
    Away = 1,
    /// It delegated before, and its votes are its own again.
    Back = 2,
}

impl Delegation {
    /// From its stored byte.
    pub const fn from_byte(byte: u8) -> Self {
        match byte {
            1 => Self::Away,
            2 => Self::Back,
            _ => Self::Never,
        }
    }

    /// After the account delegates, to another or back to itself.
    pub const fn after(self, to_another: bool) -> Self {
        match (self, to_another) {
            (_, true) => Self::Away,
            (Self::Never, false) => Self::Never,
            (_, false) => Self::Back,
        }
    }
}

/// An account's votes at one time: its shares at that time unless they were delegated away, and what was delegated to
/// it. They fit: all votes together are the supply.
pub const fn votes(balance: u128, away: bool, delegated: u128) -> u128 {
    delegated.saturating_add(if away { 0 } else { balance })
}

/// What is delegated to an account after one of those that delegate to it holds `after` instead of `before` shares. It
/// neither falls below zero nor overflows, because `before` is in it and the supply fits; and it saturates all the
/// same, so that votes never stop a transfer.
pub const fn delegated(delegated: u128, before: u128, after: u128) -> u128 {
    delegated.saturating_sub(before).saturating_add(after)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;
    use proptest::prelude::*;

    #[test]
    fn a_delegation_is_away_and_comes_back() {
        use Delegation::*;
        for (from, to_another, to) in [
            (Never, false, Never),
            (Never, true, Away),
            (Away, true, Away),
            (Away, false, Back),
            (Back, true, Away),
            (Back, false, Back),
        ] {
            assert_eq!(from.after(to_another), to);
            assert_eq!(Delegation::from_byte(to as u8), to);
        }
    }

    /// Worked out by hand: Ann has 60 and delegates to Bob, who has 30 and delegates to Cid, who has 10.
    #[test]
    fn delegated_votes_are_not_passed_on() {
        assert_eq!(votes(60, true, 0), 0);
        assert_eq!(votes(30, true, delegated(0, 0, 60)), 60);
        assert_eq!(votes(10, false, delegated(0, 0, 30)), 40);
        // Ann sells 25 to Cid.
        assert_eq!(votes(30, true, delegated(60, 60, 35)), 35);
        assert_eq!(votes(35, false, 30), 65);
    }

    proptest! {
        /// Proves LIC-12: whoever delegates to whomever and moves what he has, all votes together are the supply, and
        /// each share votes for the one account that its holder chose.
        #[test]
        fn all_votes_are_the_supply(
            steps in prop::collection::vec((0usize..5, 0usize..5, any::<bool>(), 0u128..=1_000), 0..60)
        ) {
            let (mut balance, mut to, mut received) = ([200u128; 5], [0, 1, 2, 3, 4], [0u128; 5]);
            for (who, other, transfer, amount) in steps {
                if transfer {
                    let amount = amount.min(balance[who]);
                    for (account, after) in [(who, balance[who] - amount), (other, balance[other] + amount)] {
                        if who == other {
                            break;
                        }
                        if to[account] != account {
                            let of = to[account];
                            received[of] = delegated(received[of], balance[account], after);
                        }
                        balance[account] = after;
                    }
                } else {
                    if to[who] != who {
                        received[to[who]] = delegated(received[to[who]], balance[who], 0);
                    }
                    to[who] = other;
                    if other != who {
                        received[other] = delegated(received[other], 0, balance[who]);
                    }
                }
                let all: Vec<u128> = (0..5).map(|n| votes(balance[n], to[n] != n, received[n])).collect();
                prop_assert_eq!(all.iter().sum::<u128>(), 1_000);
                for (n, votes) in all.iter().enumerate() {
                    let chosen: u128 = (0..5).filter(|holder| to[*holder] == n).map(|holder| balance[holder]).sum();
                    prop_assert_eq!(*votes, chosen);
                }
            }
        }
    }
}
