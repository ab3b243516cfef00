//! The model's market: orders, their escrow, and who is owed what.

use yieldset_rules::{
    compliance::Restriction,
    market::{ASK, BID, Order, Taken, Wanted, add, match_orders},
};

use super::{
    books::{Books, Outcome, Refusal, refusal, refuse},
    shares::{Kind, passes},
    step::{MARKET, Party, ZERO},
};

impl Books {
    fn place(&mut self, side: u8, maker: Party, shares: u128, price: u128, expiry: u64) -> Result<Order, Refusal> {
        let seizures = if side == ASK { self.accounts[maker].seizures } else { 0 };
        let (id, maker, pool) = (self.placed + 1, self.address(maker), self.givens.pool);
        let wanted = Wanted { id, side, maker, pool, shares, price, expiry, seizures };
        let order = self.listing.place(wanted, self.now)?;
        self.placed = id;
        self.orders.insert(id, order);
        Ok(order)
    }

    pub fn ask(&mut self, maker: Party, shares: u128, price: u128, expiry: u64) -> Outcome {
        let order = self.place(ASK, maker, shares, price, expiry)?;
        self.detect(Some(maker), ZERO, shares)?;
        self.spend(maker, MARKET, shares)?;
        self.accounts[maker].reserved += shares;
        Ok(order.id.into())
    }

    pub fn bid(&mut self, maker: Party, shares: u128, price: u128, expiry: u64, sent: u128) -> Outcome {
        let order = self.place(BID, maker, shares, price, expiry)?;
        self.detect(None, maker, shares)?;
        let escrow = order.escrow()?;
        self.holdings.hold(escrow)?;
        if sent != escrow {
            return refuse("WrongValue");
        }
        Ok(order.id.into())
    }

    fn order(&self, id: u64) -> Result<Order, Refusal> {
        self.orders.get(&id).copied().ok_or_else(|| refusal("UnknownOrder"))
    }

    /// One with nothing left is gone.
    fn keep(&mut self, order: Order) {
        self.orders.insert(order.id, order);
        self.orders.retain(|_, order| order.shares != 0);
    }

    fn owe(&mut self, to: Party, amount: u128) -> Result<(), Refusal> {
        self.credits[to] = add(self.credits[to], amount)?;
        Ok(())
    }

    pub fn fill_ask(&mut self, taker: Party, order: u64, shares: u128, limit: u128, sent: u128) -> Outcome {
        let mut ask = self.order(order)?;
        let cost = ask.fill_ask(&Taken { taker: self.address(taker), shares, limit }, &self.listing, self.now)?;
        let maker = self.givens.party(&ask.maker);
        self.stands(&ask)?;
        self.keep(ask);
        self.listing.traded(ask.price, self.now);
        self.holdings.credit(cost)?;
        self.owe(maker, cost)?;
        if sent != cost {
            return refuse("WrongValue");
        }
        self.shift(maker, taker, shares, Kind::Delivery)?;
        Ok(cost)
    }

    pub fn fill_bid(&mut self, taker: Party, order: u64, shares: u128, limit: u128) -> Outcome {
        let mut bid = self.order(order)?;
        let cost = bid.fill_bid(&Taken { taker: self.address(taker), shares, limit }, &self.listing, self.now)?;
        let maker = self.givens.party(&bid.maker);
        self.keep(bid);
        self.listing.traded(bid.price, self.now);
        self.holdings.free(cost)?;
        self.owe(taker, cost)?;
        self.transfer_from(MARKET, taker, maker, shares)?;
        Ok(cost)
    }

    pub fn match_two(&mut self, ask: u64, bid: u64, shares: u128) -> Outcome {
        let (mut ask, mut bid) = (self.order(ask)?, self.order(bid)?);
        let done = match_orders(&mut ask, &mut bid, shares, &self.listing, self.now)?;
        let [seller, buyer] = [ask, bid].map(|order| self.givens.party(&order.maker));
        self.stands(&ask)?;
        self.keep(ask);
        self.keep(bid);
        self.listing.traded(done.price, self.now);
        self.holdings.free(done.cost + done.surplus)?;
        self.owe(seller, done.cost)?;
        self.owe(buyer, done.surplus)?;
        self.shift(seller, buyer, shares, Kind::Delivery)?;
        Ok(done.cost)
    }

    pub fn cancel(&mut self, by: Party, order: u64) -> Result<(), Refusal> {
        let order = self.order(order)?;
        order.cancel(&self.address(by))?;
        self.remove(order)
    }

    pub fn cancel_expired(&mut self, order: u64) -> Result<(), Refusal> {
        let order = self.order(order)?;
        order.cancel_expired(self.seizures(&order), self.now)?;
        self.remove(order)
    }

    fn seizures(&self, order: &Order) -> u32 {
        self.accounts[self.givens.party(&order.maker)].seizures
    }

    /// Whether an ask's shares are reserved for it still.
    pub fn stands(&self, order: &Order) -> Result<(), Refusal> {
        Ok(order.stands(self.seizures(order))?)
    }

    pub fn end_reservations(&mut self, by: Party) -> Result<(), Refusal> {
        if self.accounts[by].reserved != 0 {
            self.accounts[by].seize();
        }
        Ok(())
    }

    fn remove(&mut self, order: Order) -> Result<(), Refusal> {
        let (maker, refund) = (self.givens.party(&order.maker), order.escrow()?);
        self.orders.remove(&order.id);
        if order.side == ASK {
            if self.stands(&order).is_ok() {
                self.accounts[maker].reserved -= order.shares;
            }
            return Ok(());
        }
        self.holdings.free(refund)?;
        self.owe(maker, refund)
    }

    pub fn withdraw(&mut self, by: Party, to: Party) -> Outcome {
        if to == ZERO || to == MARKET {
            return refuse("InvalidRecipient");
        }
        let amount = std::mem::take(&mut self.credits[by]);
        if amount == 0 {
            return refuse("NothingToWithdraw");
        }
        if self.successors[by].is_some() {
            return passes(Restriction::SenderFrozen).map(|()| 0);
        }
        self.not_blocked(by, to)?;
        self.holdings.pay_out(amount)?;
        Ok(amount)
    }

    /// What is owed to an account that the pool has recovered is its successor's.
    pub fn inherit(&mut self, lost: Party) -> Outcome {
        let heir = self.payee(lost);
        if heir == lost {
            return refuse("NotRecovered");
        }
        let amount = std::mem::take(&mut self.credits[lost]);
        if amount == 0 {
            return refuse("NothingToWithdraw");
        }
        self.owe(heir, amount)?;
        Ok(amount)
    }
}
