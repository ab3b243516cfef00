//! Double entry: every movement of money has two sides. An event whose sides differ does not fit, and Postgres refuses
//! its lines besides.

use super::Applying;
use crate::{
    column::{Addr, Amount, Hash},
    error::IndexerError,
    rows::fact,
};

fact! {
    /// One side of a movement, in the books of a contract that has money: a pool, a licence contract, a market.
    Line in "ledger" (monthly) {
        line: i16,
        /// The contract whose books these are.
        book: Addr,
        account: String,
        /// Whose account it is where there are many: a licence's id or an address.
        subject: Option<Vec<u8>>,
        stream: Option<Hash>,
        period: Option<i64>,
        party: Addr,
        debit: Amount,
        credit: Amount,
    }
}

/// What an entry is booked on.
#[derive(Debug, Clone, Copy)]
pub(super) enum BookedOn<'a> {
    /// What the contract has.
    Coins,
    /// What a pool owes its share holders, rounding included.
    Holders,
    /// What a pool owes the contributors of a period.
    Contributors { stream: &'a [u8; 32], period: u32 },
    /// What a contract owes in an account of its own: `name` says for what, `subject` to whom or under which licence.
    Owed { name: &'static str, subject: &'a [u8] },
}

/// What is booked on one account.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry<'a> {
    pub account: BookedOn<'a>,
    pub debit: u128,
    pub credit: u128,
}

impl<'a> Entry<'a> {
    /// More of what the contract has, or less of what it owes.
    pub const fn debit(account: BookedOn<'a>, amount: u128) -> Self {
        Self { account, debit: amount, credit: 0 }
    }

    /// Less of what the contract has, or more of what it owes.
    pub const fn credit(account: BookedOn<'a>, amount: u128) -> Self {
        Self { account, debit: 0, credit: amount }
    }
}

/// Books the entries of one event, all at once; empty ones are left out. `party` is who paid or was paid.
///
/// # Errors
/// [`IndexerError::Diverged`] where the two sides differ.
pub(super) fn post(
    applying: &mut Applying<'_>,
    book: Addr,
    party: Addr,
    entries: &[Entry<'_>],
) -> Result<(), IndexerError> {
    let place = applying.place;
    let (mut debits, mut credits) = (0, 0);
    for entry in entries {
        debits = place.add("the debits", debits, entry.debit)?;
        credits = place.add("the credits", credits, entry.credit)?;
    }
    place.same("the two sides of its ledger entries", debits, credits)?;
    for entry in entries.iter().filter(|entry| entry.debit != entry.credit) {
        let line = applying.lines;
        applying.lines = line.checked_add(1).ok_or_else(|| place.diverged("its ledger entries", "too many", line))?;
        let (account, subject, stream, period) = match entry.account {
            BookedOn::Coins => ("coins", None, None, None),
            BookedOn::Holders => ("holders", None, None, None),
            BookedOn::Contributors { stream, period } => {
                ("contributors", None, Some(Hash(stream.into())), Some(i64::from(period)))
            }
            BookedOn::Owed { name, subject } => (name, Some(subject.to_vec()), None, None),
        };
        let (debit, credit) = (entry.debit.into(), entry.credit.into());
        applying.note(Line { line, book, account: account.to_owned(), subject, stream, period, party, debit, credit });
    }
    Ok(())
}
