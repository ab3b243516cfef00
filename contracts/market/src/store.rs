//! What the market keeps, beside the number of orders in its root cell. One record per slot, under keys of a letter and
//! what it is about.

use yieldset_rules::market::{Address, Holdings, Listing, Order};
use yieldset_shell::{host, refusals::OrRefuse};

use crate::refusals::UnknownOrder;

fn key<const N: usize>(letter: u8, parts: &[&[u8]]) -> [u8; N] {
    let mut key = [letter; N];
    let mut at = 1;
    for part in parts {
        key[at..at + part.len()].copy_from_slice(part);
        at += part.len();
    }
    key
}

/// An open order; ends the call where there is none.
#[inline(never)]
pub fn order(id: u64) -> Order {
    let stored = host::read::<{ Order::LEN }>(&key::<9>(b'o', &[&id.to_be_bytes()]));
    Order::from_bytes(&stored.or_refuse(UnknownOrder { order: id }))
}

/// Keeps an order, or removes it when nothing is left of it.
#[inline(never)]
pub fn keep_order(order: &Order) {
    let key = key::<9>(b'o', &[&order.id.to_be_bytes()]);
    if order.shares == 0 {
        host::clear(&key);
    } else {
        host::write(&key, &order.to_bytes());
    }
}

/// A pool's listing; all zeros where it was never listed.
#[inline(never)]
pub fn listing(pool: &Address) -> Listing {
    Listing::from_bytes(&host::read(&key::<21>(b'p', &[pool])).unwrap_or([0; Listing::LEN]))
}

/// Keeps a listing.
#[inline(never)]
pub fn keep_listing(pool: &Address, listing: &Listing) {
    host::write(&key::<21>(b'p', &[pool]), &listing.to_bytes());
}

/// What is owed in a currency.
#[inline(never)]
pub fn holdings(currency: &Address) -> Holdings {
    Holdings::from_bytes(&host::read(&key::<21>(b'h', &[currency])).unwrap_or([0; Holdings::LEN]))
}

/// Keeps what is owed in a currency.
#[inline(never)]
pub fn keep_holdings(currency: &Address, holdings: &Holdings) {
    host::write(&key::<21>(b'h', &[currency]), &holdings.to_bytes());
}

/// What is owed to an account for orders of a pool.
#[inline(never)]
pub fn credit(account: &Address, pool: &Address) -> u128 {
    host::read(&key::<41>(b'c', &[pool, account])).map_or(0, u128::from_le_bytes)
}

/// Keeps what is owed to an account for orders of a pool.
#[inline(never)]
pub fn keep_credit(account: &Address, pool: &Address, amount: u128) {
    let key = key::<41>(b'c', &[pool, account]);
    if amount == 0 {
        host::clear(&key);
    } else {
        host::write(&key, &amount.to_le_bytes());
    }
}
