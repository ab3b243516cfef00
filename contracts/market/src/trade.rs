//! A trade's event.

use yieldset_rules::market::{Address, Order};

use crate::events;

/// A trade, as its event tells it.
pub struct Trade {
    /// Who sold.
    pub seller: Address,
    /// Who bought.
    pub buyer: Address,
    /// Share units.
    pub shares: u128,
    /// For 10^18 of them.
    pub price: u128,
    /// What the seller gets.
    pub cost: u128,
}

impl Trade {
    /// Emits it, with the orders that were filled.
    #[inline(never)]
    pub fn emit(&self, ask: Option<&Order>, bid: Option<&Order>) {
        let id = |order: Option<&Order>| order.map_or(0, |order| order.id);
        let left = |order: Option<&Order>| order.map_or(0, |order| order.shares);
        let traded = events::Traded {
            pool: ask.or(bid).map_or([0; 20], |order| order.pool),
            seller: self.seller,
            buyer: self.buyer,
            ask: id(ask),
            bid: id(bid),
            shares: self.shares,
            price: self.price,
            cost: self.cost,
            ask_left: left(ask),
            bid_left: left(bid),
        };
        traded.emit();
    }
}
