//! Storage keys of a pool's records: a letter, then what the record is about.

use yieldset_shell::words::{Address, Word};

/// The pool's own record ([`crate::ledger::Ledger`]).
pub const LEDGER: &[u8] = b"L";
/// Name and symbol, 32 bytes each.
pub const LABELS: &[u8] = b"N";
/// Where the claims' code is: in the logic's own storage alone, for the pools that run it.
pub const CLAIMS: &[u8] = b"c";
/// What was announced at the opening ([`yieldset_rules::issuance::Opening`]).
pub const OPENING: &[u8] = b"O";
/// The least balance of the currency, as the issuer declared it.
pub const MINIMUM: &[u8] = b"F";
/// The primary sale.
pub const SALE: &[u8] = b"S";
/// Checkpoints of the supply.
pub const SUPPLY: &[u8] = b"V";

/// A holder's record.
pub fn account(account: &Address) -> [u8; 21] {
    join(b'H', account, &[])
}

/// A holder's locks, where they have several ends ([`yieldset_rules::compliance::Locks`]).
pub fn locks(account: &Address) -> [u8; 21] {
    join(b'K', account, &[])
}

/// A page of a holder's older checkpoints.
pub fn account_page(account: &Address, page: u32) -> [u8; 25] {
    join(b'h', account, &page.to_le_bytes())
}

/// A page of the supply's older checkpoints.
pub fn supply_page(page: u32) -> [u8; 5] {
    join(b'v', &page.to_le_bytes(), &[])
}

/// Whom an account delegates its votes to.
pub fn delegatee(account: &Address) -> [u8; 21] {
    join(b'G', account, &[])
}

/// Votes that others delegated to an account.
pub fn delegated(account: &Address) -> [u8; 21] {
    join(b'D', account, &[])
}

/// A page of their older checkpoints.
pub fn delegated_page(account: &Address, page: u32) -> [u8; 25] {
    join(b'd', account, &page.to_le_bytes())
}

/// When an account's own votes were away: 1 from a delegation on, 0 from its end on.
pub fn away(account: &Address) -> [u8; 21] {
    join(b'B', account, &[])
}

/// A page of its older checkpoints.
pub fn away_page(account: &Address, page: u32) -> [u8; 25] {
    join(b'b', account, &page.to_le_bytes())
}

/// Who is named to succeed one of the pool's parts.
pub fn successor_of_part(part: u8) -> [u8; 2] {
    join(b'Y', &[part], &[])
}

/// An allowance.
pub fn allowance(owner: &Address, spender: &Address) -> [u8; 41] {
    join(b'A', owner, spender)
}

/// EIP-2612: an owner's next nonce.
pub fn nonce(owner: &Address) -> [u8; 21] {
    join(b'n', owner, &[])
}

/// Who is paid in place of a recovered account.
pub fn successor(account: &Address) -> [u8; 21] {
    join(b'R', account, &[])
}

/// A (stream, period).
pub fn period(stream: &Word, period: u32) -> [u8; 37] {
    join(b'P', stream, &period.to_le_bytes())
}

/// A later book of a (stream, period), counted from 1.
pub fn later_period(stream: &Word, period: u32, book: u32) -> [u8; 41] {
    followed(&self::period(stream, period), book)
}

/// What one account took of it.
pub fn later_contribution(stream: &Word, period: u32, book: u32, account: &Address) -> [u8; 61] {
    followed(&contribution(stream, period, account), book)
}

/// What one account took of a (stream, period).
pub fn contribution(stream: &Word, number: u32, account: &Address) -> [u8; 57] {
    let mut key = [0; 57];
    key[..37].copy_from_slice(&period(stream, number));
    key[0] = b'C';
    key[37..].copy_from_slice(account);
    key
}

fn followed<const N: usize>(key: &[u8], number: u32) -> [u8; N] {
    let mut longer = [0; N];
    let (first, last) = longer.split_at_mut(key.len());
    first.copy_from_slice(key);
    last.copy_from_slice(&number.to_le_bytes());
    longer
}

fn join<const N: usize>(letter: u8, first: &[u8], second: &[u8]) -> [u8; N] {
    let mut key = [letter; N];
    key[1..1 + first.len()].copy_from_slice(first);
    key[1 + first.len()..].copy_from_slice(second);
    key
}
