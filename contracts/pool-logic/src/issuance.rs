//! New shares: by the issuer, and in the primary sale at a fixed price.

use yieldset_pool_core::{
    keys,
    ledger::Ledger,
    money,
    outside::governor,
    refusals::{self, Issuance, Overflow, add, narrow},
    roles::ISSUER,
    shares,
};
use yieldset_rules::{
    checkpoints,
    checkpoints::Trace,
    currency::{float_lacks, is_asset, may_declare},
    issuance::{Answers, Opening, sale_cost},
    packed,
};
use yieldset_shell::{
    erc20, host,
    refusals::OrRefuse,
    roles::only,
    words::{Address, Word, is_zero, number_of, same},
};

use crate::{
    events::{CapRaised, MinimumDeclared, Opened, SaleSet, SharesSold},
    streams::stream_end,
};

/// The primary sale.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sale {
    /// For [`yieldset_rules::issuance::PRICE_UNIT`] shares, in the currency's smallest unit.
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

    /// Stores and tells it.
    fn set(&self) {
        host::write(keys::SALE, &self.to_bytes());
        let Self { price, left, starts, ends, proceeds_to, .. } = *self;
        SaleSet { price, cap: left, starts, ends, proceeds_to }.emit();
    }
}

/// What was announced at the opening; zeros before.
pub fn opening() -> Opening {
    host::read(keys::OPENING).map(|stored| Opening::from_bytes(&stored)).unwrap_or_default()
}

/// Puts another licence contract in the place of the one announced.
pub fn set_licences(licences: &Address) {
    let opening = Opening { licences: *licences, ..opening() };
    host::write(keys::OPENING, &opening.to_bytes());
}

/// Opens the pool: it takes deposits from now on, and its sale is over.
pub fn open(cap: &Word, licences: Address, governor: Address) {
    only(&ISSUER);
    let mut ledger = Ledger::load();
    if ledger.opened() {
        refusals::AlreadyOpened {}.refuse();
    }
    // The last claim of such a token would fail, and nobody would know why.
    if is_asset(&ledger.currency) && money::minimum() == 0 {
        refusals::MinimumUndeclared {}.refuse();
    }
    let supply = ledger.supply;
    let opening = Opening::new(supply, narrow(cap), licences, governor).or_refuse(Issuance);
    let own = host::own_address();
    opening.check(&own, &answers(&opening, &own)).or_refuse(Issuance);
    host::write(keys::OPENING, &opening.to_bytes());
    ledger.set_opened();
    ledger.save();
    let sale = Sale::load();
    if sale.left != 0 {
        Sale { left: 0, ..sale }.set();
    }
    Opened { supply, cap: opening.cap, licences, governor }.emit();
}

/// Declares the least balance of the currency. Beside what the pool owes it must have so much: from then on a payment
/// never takes more than it says, since the pool pays what it owes and no more.
pub fn declare_minimum(minimum: &Word) {
    only(&ISSUER);
    let ledger = Ledger::load();
    let minimum = narrow(minimum);
    if !may_declare(minimum, is_asset(&ledger.currency), ledger.opened()) {
        refusals::InvalidMinimum { minimum }.refuse();
    }
    let own = erc20::balance(&ledger.currency, &host::own_address()).unwrap_or(0);
    match float_lacks(minimum, own, ledger.owed()).or_refuse(Overflow {}) {
        0 => {}
        missing => refusals::FloatMissing { missing }.refuse(),
    }
    host::write(keys::MINIMUM, &minimum.to_le_bytes());
    MinimumDeclared { minimum }.emit();
}

/// What the contracts of an opening say: read-only, and never this one, which is in the middle of it.
fn answers(opening: &Opening, own: &Address) -> Answers {
    let Opening { licences, governor, .. } = opening;
    Answers {
        stream_end: if same(licences, own) { None } else { stream_end(licences, &[0; 32]) },
        token: if same(governor, own) { None } else { governor::token {}.ask(governor) },
    }
}

/// The governor raises the cap.
pub fn raise_cap(cap: &Word) {
    let mut opening = opening();
    opening.raise(&host::caller(), narrow(cap)).or_refuse(Issuance);
    host::write(keys::OPENING, &opening.to_bytes());
    CapRaised { cap: opening.cap }.emit();
}

/// Creates shares: after the opening, up to the cap.
pub fn mint(to: &Address, amount: &Word) {
    only(&ISSUER);
    let mut ledger = Ledger::load();
    let shares = narrow(amount);
    if ledger.opened() {
        opening().issue(ledger.supply, shares).or_refuse(Issuance);
    }
    issue(&mut ledger, to, shares);
}

/// Opens, changes or (with a cap of zero) closes the sale. There is none once the pool is open.
pub fn set_sale(price: &Word, cap: &Word, starts: u64, ends: u64, proceeds_to: Address) {
    only(&ISSUER);
    if Ledger::load().opened() {
        refusals::AlreadyOpened {}.refuse();
    }
    let (price, left) = (narrow(price), narrow(cap));
    // Money for the pool itself would be in none of its books.
    let nobody = is_zero(&proceeds_to) || same(&proceeds_to, &host::own_address());
    if left != 0 && (price == 0 || ends <= starts || nobody) {
        refusals::InvalidSale {}.refuse();
    }
    Sale { price, left, starts, ends, proceeds_to, ..Sale::load() }.set();
}

/// Sells new shares to the caller, who pays exactly [`sale_cost`] of them, at most `max_cost`.
pub fn buy(buyer: &Address, amount: &Word, max_cost: &Word) -> u128 {
    let shares = narrow(amount);
    if shares == 0 {
        refusals::ZeroAmount {}.refuse();
    }
    let mut sale = Sale::load();
    let now = host::now();
    if sale.left == 0 || now < sale.starts || now >= sale.ends {
        refusals::SaleClosed {}.refuse();
    }
    let left = sale.left.checked_sub(shares).or_refuse(refusals::SaleExhausted { left: sale.left, asked: shares });
    // A limit above all amounts is none.
    let limit = number_of(max_cost).unwrap_or(u128::MAX);
    let cost = sale_cost(sale.price, shares, limit).or_refuse(Issuance);
    sale.left = left;
    sale.sold = add(sale.sold, shares);
    sale.raised = add(sale.raised, cost);
    host::write(keys::SALE, &sale.to_bytes());
    let mut ledger = Ledger::load();
    issue(&mut ledger, buyer, shares);
    money::collect(&ledger.currency, buyer, cost);
    money::pay(&ledger.currency, &sale.proceeds_to, cost);
    SharesSold { buyer, value: shares, cost, left }.emit();
    cost
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
