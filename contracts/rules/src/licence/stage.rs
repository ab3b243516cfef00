//! Where a licence stands, and its data after the end.

use crate::packed::{Field, Kind};

/// Where a licence stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Stage {
    /// There is none.
    #[default]
    None = 0,
    /// The platform's menu is open.
    Offered = 1,
    /// The platform took its offer back.
    Withdrawn = 2,
    /// The pool declined.
    Declined = 3,
    /// Binding; the escrow is not funded yet.
    Accepted = 4,
    /// The escrow was not funded in time.
    Lapsed = 5,
    /// In force.
    Active = 6,
    /// Terminated by one side or by the arbiter.
    Terminated = 7,
    /// By time: nobody accepted.
    Expired = 8,
    /// By time: in force until the notice is over.
    UnderNotice = 9,
    /// By time: the term is over.
    Ended = 10,
}

impl Field for Stage {
    const LEN: usize = 1;
    const KIND: Kind = Kind::Number;

    fn put(&self, bytes: &mut [u8]) {
        bytes[0] = *self as u8;
    }

    fn get(bytes: &[u8]) -> Self {
        match bytes[0] {
            1 => Self::Offered,
            2 => Self::Withdrawn,
            3 => Self::Declined,
            4 => Self::Accepted,
            5 => Self::Lapsed,
            6 => Self::Active,
            7 => Self::Terminated,
            _ => Self::None,
        }
    }
}

/// What became of the data after the end (LIC-8).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Deletion {
    /// The licence was never active, or is in force.
    NotDue = 0,
    /// The platform has still time.
    Pending = 1,
    /// The platform filed its certificate.
    Certified = 2,
    /// The time is over and there is no certificate.
    Overdue = 3,
}
