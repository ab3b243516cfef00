//! Votes that holders delegated ([`yieldset_rules::votes`]), in records of their own: only who delegates pays for them.

use yieldset_rules::{
    checkpoints::{self, Page, Trace},
    votes,
};
use yieldset_shell::{host, words::Address};

use crate::keys;

/// A history of one value.
type History = Trace<{ checkpoints::MAX_LEN }>;

const NO_PAGE: Page = [0; checkpoints::PAGE_LEN];

/// Whom an account delegates to: itself where to nobody else.
pub fn delegatee(account: &Address) -> Address {
    host::read(&keys::delegatee(account)).unwrap_or(*account)
}

/// The shares of a holder who delegates became others: its delegatee's votes follow.
#[cold]
#[inline(never)]
pub fn moved(account: &Address, before: u128, after: u128) {
    shift(&delegatee(account), before, after);
}

/// An account gets the votes of `after` instead of `before` shares of one that delegates to it.
pub fn shift(to: &Address, before: u128, after: u128) {
    let mut history = history(&keys::delegated(to));
    let votes = votes::delegated(history.latest(), before, after);
    if let Some((number, page)) = history.record(host::now(), votes) {
        host::write(&keys::delegated_page(to, number), &page);
    }
    host::write(&keys::delegated(to), history.as_bytes());
}

/// Notes that an account's own votes are away from now on, or back.
pub fn note_away(account: &Address, away: bool) {
    let mut history = history(&keys::away(account));
    if let Some((number, page)) = history.record(host::now(), away.into()) {
        host::write(&keys::away_page(account, number), &page);
    }
    host::write(&keys::away(account), history.as_bytes());
}

/// Votes delegated to an account now.
pub fn delegated(account: &Address) -> u128 {
    history(&keys::delegated(account)).latest()
}

/// Votes delegated to an account at the end of a past second.
pub fn delegated_at(account: &Address, second: u64) -> u128 {
    let page = |number| host::read(&keys::delegated_page(account, number)).unwrap_or(NO_PAGE);
    history(&keys::delegated(account)).at(second, page)
}

/// Whether an account's own votes were away at the end of a past second.
pub fn away_at(account: &Address, second: u64) -> bool {
    let page = |number| host::read(&keys::away_page(account, number)).unwrap_or(NO_PAGE);
    history(&keys::away(account)).at(second, page) != 0
}

fn history(key: &[u8]) -> History {
    History::read(|record| host::read_into(key, record))
}
