//! How a pool's parts are replaced: its KYC registry, its attribution registry, its logic, and the licence contract
//! whose streams it takes.
//!
//! A fault in one of them must not strand the pools that use it, and no single key may exchange what decides on money.
//! So a successor is named by the pool's governor alone, which is the holders' co-op and acts by their vote; it waits
//! for [`DELAY`], in which whoever disagrees can claim what is earned and leave; then anybody adopts it, for
//! [`WINDOW`], after which it has to be named anew, so that no forgotten successor is ever adopted. The governor takes
//! it back at any time before. A pool without a governor keeps its parts for good.

use crate::packed;

/// An account.
pub type Account = [u8; 20];

/// Seconds between naming a successor and the first in which it can be adopted: 30 days.
pub const DELAY: u64 = 30 * 86_400;
/// Seconds in which it can then be adopted: 30 days.
pub const WINDOW: u64 = 30 * 86_400;

/// What of a pool can be replaced. The numbers are those of the ABI.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Part {
    /// Says who may hold shares and be paid.
    Kyc = 0,
    /// Says which reports are final.
    Attribution = 1,
    /// The code of all messages that the front does not answer.
    Logic = 2,
    /// The licence contract: says when a stream has ended.
    Licences = 3,
}

impl Part {
    /// From the number in a message.
    ///
    /// # Errors
    /// [`SuccessionError::UnknownPart`].
    pub const fn from_number(number: u8) -> Result<Self, SuccessionError> {
        match number {
            0 => Ok(Self::Kyc),
            1 => Ok(Self::Attribution),
            2 => Ok(Self::Logic),
            3 => Ok(Self::Licences),
            _ => Err(SuccessionError::UnknownPart),
        }
    }
}

/// Why something is refused; nothing was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SuccessionError {
    /// A pool has no such part.
    UnknownPart,
    /// Somebody other than the pool's governor, or the pool has none.
    NotGovernor,
    /// The successor is zero, or the part as it is.
    Unfit,
    /// Nobody is named.
    NoSuccessor,
    /// The delay runs.
    TooEarly {
        /// The first second in which it has run out.
        eta: u64,
    },
    /// The window is over.
    Expired {
        /// Since then.
        since: u64,
    },
}

/// Stops everybody but the pool's governor; without one, everybody.
///
/// # Errors
/// [`SuccessionError::NotGovernor`].
pub fn check_governor(governor: &Account, caller: &Account) -> Result<(), SuccessionError> {
    if *governor != [0; 20] && governor == caller { Ok(()) } else { Err(SuccessionError::NotGovernor) }
}

/// A named successor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Successor {
    /// Who; zero where nobody.
    pub account: Account,
    /// The first second in which it can be adopted.
    pub eta: u64,
}
packed!(Successor { account: Account, eta: u64 });

impl Successor {
    /// Named now, in place of one that may have been named before: its time begins anew.
    ///
    /// # Errors
    /// [`SuccessionError::Unfit`].
    pub fn name(current: &Account, account: &Account, now: u64) -> Result<Self, SuccessionError> {
        if *account == [0; 20] || account == current {
            return Err(SuccessionError::Unfit);
        }
        Ok(Self { account: *account, eta: now.saturating_add(DELAY) })
    }

    /// The first second in which it cannot be adopted any more.
    pub const fn expires(&self) -> u64 {
        self.eta.saturating_add(WINDOW)
    }

    /// Who takes the part's place now.
    ///
    /// # Errors
    /// [`SuccessionError::NoSuccessor`], [`SuccessionError::TooEarly`], [`SuccessionError::Expired`].
    pub fn adopt(&self, now: u64) -> Result<Account, SuccessionError> {
        if self.account == [0; 20] {
            return Err(SuccessionError::NoSuccessor);
        }
        if now < self.eta {
            return Err(SuccessionError::TooEarly { eta: self.eta });
        }
        if now >= self.expires() {
            return Err(SuccessionError::Expired { since: self.expires() });
        }
        Ok(self.account)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: u64 = 86_400;
    const OLD: Account = [1; 20];
    const NEW: Account = [2; 20];

    /// Proves SAFE-13: named on day 100, a successor is adopted from day 130 to the last second of day 159.
    #[test]
    fn a_successor_is_adopted_after_thirty_days_and_for_thirty() {
        let named = Successor::name(&OLD, &NEW, 100 * DAY).unwrap();
        assert_eq!((named.eta, named.expires()), (130 * DAY, 160 * DAY));
        for now in [0, 100 * DAY, 130 * DAY - 1] {
            assert_eq!(named.adopt(now), Err(SuccessionError::TooEarly { eta: 130 * DAY }));
        }
        for now in [130 * DAY, 145 * DAY, 160 * DAY - 1] {
            assert_eq!(named.adopt(now), Ok(NEW));
        }
        for now in [160 * DAY, u64::MAX] {
            assert_eq!(named.adopt(now), Err(SuccessionError::Expired { since: 160 * DAY }));
        }
        assert_eq!(Successor::default().adopt(u64::MAX), Err(SuccessionError::NoSuccessor));
    }

    /// Proves SAFE-13: nobody alone names one: the governor does, and without a governor nobody.
    #[test]
    fn only_a_governor_names_successors() {
        assert_eq!(check_governor(&OLD, &OLD), Ok(()));
        assert_eq!(check_governor(&OLD, &NEW), Err(SuccessionError::NotGovernor));
        assert_eq!(check_governor(&[0; 20], &[0; 20]), Err(SuccessionError::NotGovernor));
        for unfit in [[0; 20], OLD] {
            assert_eq!(Successor::name(&OLD, &unfit, 1), Err(SuccessionError::Unfit));
        }
        for number in 0..=u8::MAX {
            let part = Part::from_number(number);
            assert_eq!(
                part.map(|part| part as u8),
                if number < 4 { Ok(number) } else { Err(SuccessionError::UnknownPart) }
            );
        }
    }

    #[test]
    fn the_layout_is_fixed() {
        let bytes = Successor { account: NEW, eta: 0x0102 }.to_bytes();
        assert_eq!((bytes.len(), &bytes[19..23]), (28, &[2, 2, 1, 0][..]));
    }
}
