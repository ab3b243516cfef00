//! Why a licence is terminated.

use super::Refusal;

/// Why a licence is terminated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Reason {
    /// By a side whose terms allow it, after the notice.
    Convenience = 1,
    /// By the pool: a default was not cured in time.
    Default = 2,
    /// By the pool: a breach was not cured in time.
    Breach = 3,
    /// By the pool: a violation.
    Violation = 4,
    /// By the arbiter, e.g. for a court's order.
    Order = 5,
}

impl Reason {
    /// From its number.
    ///
    /// # Errors
    /// [`Refusal::UnknownKind`].
    pub const fn from_number(number: u8) -> Result<Self, Refusal> {
        Ok(match number {
            1 => Self::Convenience,
            2 => Self::Default,
            3 => Self::Breach,
            4 => Self::Violation,
            5 => Self::Order,
            _ => return Err(Refusal::UnknownKind(number)),
        })
    }

    /// Whether the platform owes the whole year's guarantee all the same.
    pub(crate) const fn is_platforms_fault(number: u8) -> bool {
        matches!(number, 2..=4)
    }
}
