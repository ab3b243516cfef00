//! A trade's event.

use yieldset_rules::market::{Address, Order};
use yieldset_shell::{
    host,
    words::{address_word, number_word},
};

use crate::calls::topic;

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
        let number = |order: Option<&Order>| number_word(order.map_or(0, |order| order.id).into());
        let left = |order: Option<&Order>| number_word(order.map_or(0, |order| order.shares));
        let pool = ask.or(bid).map_or([0; 20], |order| order.pool);
        let topics = [topic::TRADED, address_word(&pool), address_word(&self.seller), address_word(&self.buyer)];
        let data = [
            number(ask),
            number(bid),
            number_word(self.shares),
            number_word(self.price),
            number_word(self.cost),
            left(ask),
            left(bid),
        ];
        host::emit(&topics, &data);
    }
}
