//! New shares: by the issuer, and in the primary sale at a fixed price.

use ink::env::emit_event_sol;
use yieldset_pool_core::{
    keys,
    ledger::Ledger,
    money,
    refusals::{self, add, exact, narrow},
    roles, shares,
};
use yieldset_rules::{checkpoints, checkpoints::Trace, math::mul_add_div_rem, packed};
use yieldset_shell::{
    host,
    words::{Address, Word, is_zero, same},
};

use crate::{
    agents::holder_of,
    events::{SaleSet, SharesSold},
};

/// Units of shares that the price is for.
const PRICE_UNIT: u128 = 1_000_000_000_000_000_000;

/// The primary sale.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sale {
    /// For [`PRICE_UNIT`] shares, in the currency's smallest unit.
    pub price: u128,
    /// Shares still to be sold.
    pub left: u128,
    /// Shares sold in this and earlier sales.
    pub sold: u128,
    /// Paid for them.
    pub raised: u128,
    /// Unix seconds.
    pub starts: u64,
    /// Unix seconds.
    pub ends: u64,
    /// Who gets the proceeds.
    pub proceeds_to: [u8; 20],
}

packed!(Sale { price: u128, left: u128, sold: u128, raised: u128, starts: u64, ends: u64, proceeds_to: [u8; 20] });

impl Sale {
    /// Loads it; nothing stored is a sale without shares.
    pub fn load() -> Self {
        host::read(keys::SALE).map(|stored| Self::from_bytes(&stored)).unwrap_or_default()
    }
}

/// Creates shares.
pub fn mint(to: &Address, amount: &Word) {
    holder_of(&roles::ISSUER);
    let mut ledger = Ledger::load();
    issue(&mut ledger, to, narrow(amount));
}

/// Opens, changes or (with a cap of zero) closes the sale.
pub fn set_sale(price: &Word, cap: &Word, starts: u64, ends: u64, proceeds_to: Address) {
    holder_of(&roles::ISSUER);
    let (price, left) = (narrow(price), narrow(cap));
    // Money for the pool itself would be in none of its books.
    let nobody = is_zero(&proceeds_to) || same(&proceeds_to, &host::own_address());
    if left != 0 && (price == 0 || ends <= starts || nobody) {
        refusals::invalid_sale();
    }
    let sale = Sale { price, left, starts, ends, proceeds_to, ..Sale::load() };
    host::write(keys::SALE, &sale.to_bytes());
    emit_event_sol(SaleSet { price: price.into(), cap: left.into(), starts, ends, proceeds_to: proceeds_to.into() });
}

/// Sells new shares to the caller, who pays exactly [`cost`] of them.
pub fn buy(buyer: &Address, amount: &Word) -> u128 {
    let shares = narrow(amount);
    if shares == 0 {
        refusals::zero_amount();
    }
    let mut sale = Sale::load();
    let now = host::now();
    if sale.left == 0 || now < sale.starts || now >= sale.ends {
        refusals::sale_closed();
    }
    let Some(left) = sale.left.checked_sub(shares) else { refusals::sale_exhausted(sale.left, shares) };
    let cost = cost(sale.price, shares);
    sale.left = left;
    sale.sold = add(sale.sold, shares);
    sale.raised = add(sale.raised, cost);
    host::write(keys::SALE, &sale.to_bytes());
    let mut ledger = Ledger::load();
    issue(&mut ledger, buyer, shares);
    money::collect(&ledger.currency, buyer, cost);
    money::pay(&ledger.currency, &sale.proceeds_to, cost);
    emit_event_sol(SharesSold { buyer: (*buyer).into(), value: shares.into(), cost: cost.into(), left: left.into() });
    cost
}

/// What shares cost, rounded up: `⌈price · shares / 10^18⌉`.
pub fn cost(price: u128, shares: u128) -> u128 {
    let (whole, rest) = exact(mul_add_div_rem(price, shares, 0, PRICE_UNIT));
    add(whole, u128::from(rest != 0))
}

/// All shares at the end of a past second.
pub fn supply_at(second: u64) -> u128 {
    trace().at(second, |page| host::read(&keys::supply_page(page)).unwrap_or([0; checkpoints::PAGE_LEN]))
}

fn issue(ledger: &mut Ledger, to: &Address, shares: u128) {
    shares::issue(ledger, to, shares);
    ledger.save();
    let mut trace = trace();
    if let Some((number, page)) = trace.record(host::now(), ledger.supply) {
        host::write(&keys::supply_page(number), &page);
    }
    host::write(keys::SUPPLY, trace.as_bytes());
}

fn trace() -> Trace<{ checkpoints::MAX_LEN }> {
    Trace::read(|record| host::read_into(keys::SUPPLY, record))
}
