//! Random orders, fills and what follows from them.

use yieldset_rules::market::{ASK, BID, Order, cost};
use yieldset_tests::market::{LOT, TICK};

use super::{
    super::{
        books::Books,
        step::{ADMIN, MARKET, PARTIES, Party, Step, ZERO},
    },
    Draw, Kind, pick,
};

impl Draw {
    pub fn trade(&self, books: &Books) -> Step {
        match self.kind {
            Kind::List => self.list(books),
            Kind::Ask => {
                let maker = self.somebody(0, |party| offers(books, party) >= LOT);
                let shares = self.lots(offers(books, maker));
                Step::Ask { maker, shares, price: self.price(), expiry: self.expiry(books) }
            }
            Kind::Bid => {
                let (maker, shares, price) = (self.buyer(0, books), self.lots(self.size(books)), self.price());
                let sent = cost(shares, price).unwrap_or(0) + u128::from(self.fault && self.dice[3] < 128);
                Step::Bid { maker, shares, price, expiry: self.expiry(books), sent }
            }
            Kind::FillAsk => {
                let Some(order) = self.order(books, ASK, 0) else { return self.missing() };
                let maker = books.givens.party(&order.maker);
                let taker = self.somebody(1, |p| p != maker && books.detect(None, p, 0).is_ok());
                let shares = self.lots(order.shares);
                let cost = cost(shares, order.price).unwrap_or(0);
                let (mut limit, mut sent) = (if self.dice[2] < 128 { cost } else { u128::MAX }, cost);
                if self.fault && self.dice[3] < 128 {
                    limit = cost.saturating_sub(1);
                } else if self.fault {
                    sent += 1;
                }
                Step::FillAsk { taker, order: order.id, shares, limit, sent }
            }
            Kind::FillBid => {
                let Some(order) = self.order(books, BID, 0) else { return self.missing() };
                let maker = books.givens.party(&order.maker);
                let taker = self.somebody(1, |party| party != maker && offers(books, party) > 0);
                let shares = self.lots(order.shares.min(offers(books, taker)));
                Step::FillBid { taker, order: order.id, shares, limit: if self.fault { u128::MAX } else { 0 } }
            }
            _ => {
                let found = self.crossing(books).filter(|_| self.dice[0] < 200);
                let (ask, bid) = found.unwrap_or_else(|| self.any_two(books));
                let shares = [ask, bid].map(|id| books.orders.get(&id).map_or(0, |order| order.shares));
                Step::Match { by: self.somebody(0, |_| true), ask, bid, shares: self.lots(shares[0].min(shares[1])) }
            }
        }
    }

    fn list(&self, books: &Books) -> Step {
        let by = self.by();
        if self.dice[0] < if books.listing.listed { 128 } else { 20 } {
            return Step::Delist { by };
        }
        let lot = if self.fault && self.dice[3] % 2 == 1 { 0 } else { [LOT, LOT, 1][usize::from(self.dice[1]) % 3] };
        Step::List { by, lot, tick: [TICK, TICK, 1][usize::from(self.dice[2]) % 3] }
    }

    pub fn settle(&self, books: &Books) -> Step {
        let any = pick(books.orders.values().copied(), self.who[0]);
        match self.kind {
            Kind::Cancel => {
                let Some(order) = any else { return Step::Cancel { by: ADMIN, order: 1 } };
                let maker = books.givens.party(&order.maker);
                let by = if self.who[1] < 200 { maker } else { self.somebody(1, |_| true) };
                if self.dice[2] < 24 {
                    return Step::EndReservations { by };
                }
                Step::Cancel { by, order: order.id }
            }
            Kind::CancelExpired => {
                let expired =
                    pick(books.orders.values().filter(|order| order.expiry <= books.now).copied(), self.who[0]);
                let order = expired.or(any).map_or(1, |order| order.id);
                Step::CancelExpired { by: self.somebody(1, |_| true), order }
            }
            Kind::Inherit => {
                let lost = pick((0..PARTIES).filter(|party| inherits(books, *party)), self.who[0]);
                let lost = lost.unwrap_or(usize::from(self.who[0]) % PARTIES);
                Step::Inherit { by: self.somebody(1, |_| true), lost }
            }
            _ => {
                let by = self.somebody(0, |party| books.credits[party] > 0);
                let to = match self.dice[0] {
                    _ if self.fault => [ZERO, MARKET][usize::from(self.dice[1]) % 2],
                    0..128 => by,
                    _ => self.somebody(1, |_| true),
                };
                Step::Withdraw { by, to }
            }
        }
    }

    /// An order that nobody placed.
    fn missing(&self) -> Step {
        Step::FillBid { taker: self.somebody(1, |_| true), order: 1_000, shares: 1, limit: 0 }
    }

    fn buyer(&self, n: usize, books: &Books) -> Party {
        self.somebody(n, |party| books.detect(None, party, 0).is_ok())
    }

    /// Mostly one that can be filled.
    fn order(&self, books: &Books, side: u8, n: usize) -> Option<Order> {
        let open = books.orders.values().filter(|order| order.side == side && order.expiry > books.now);
        let found = pick(open.copied(), self.who[n]).filter(|_| self.dice[0] < 215);
        found.or_else(|| pick(books.orders.values().copied(), self.who[n]))
    }

    /// An ask and a bid that can be matched.
    pub fn crossing(&self, books: &Books) -> Option<(u64, u64)> {
        let side = |side| books.orders.values().filter(move |order| order.side == side && order.expiry > books.now);
        let pairs = side(ASK).flat_map(|ask| side(BID).map(move |bid| (ask, bid)));
        let fits = |(ask, bid): &(&Order, &Order)| {
            let buyer = books.givens.party(&bid.maker);
            ask.price <= bid.price && ask.maker != bid.maker && books.detect(None, buyer, 0).is_ok()
        };
        pick(pairs.filter(fits), self.who[0]).map(|(ask, bid)| (ask.id, bid.id))
    }

    /// An ask and a bid, or any two orders.
    fn any_two(&self, books: &Books) -> (u64, u64) {
        let [ask, bid] = [(1, ASK), (2, BID)].map(|(n, side)| {
            let fits = |order: &&Order| order.side == side || self.dice[2] < 64;
            pick(books.orders.values().filter(fits).map(|order| order.id), self.who[n]).unwrap_or(n as u64)
        });
        (ask, bid)
    }

    /// Few different ones, so that orders cross.
    fn price(&self) -> u128 {
        let scale = [1, 10u128.pow(9), 10u128.pow(9), 10u128.pow(9), 10u128.pow(18)][usize::from(self.dice[1]) % 5];
        let off = u128::from(self.fault && self.dice[3] >= 128);
        TICK * (1 + u128::from(self.dice[2]) % 6) * scale + off
    }

    fn size(&self, books: &Books) -> u128 {
        let largest = books.accounts.iter().map(|account| account.holder.balance).max().unwrap_or_default();
        largest.max(1_000)
    }

    fn expiry(&self, books: &Books) -> u64 {
        books.now + u64::from(self.dice[3]) * 2
    }

    /// Mostly no less than a lot.
    fn lots(&self, available: u128) -> u128 {
        let part = self.part.of(available);
        if self.dice[0] < 230 && part < LOT { available.min(LOT) } else { part }
    }
}

/// Shares that a party can offer on the market.
pub fn offers(books: &Books, party: Party) -> u128 {
    books.accounts[party].free(books.now).min(books.allowance(party, MARKET).saturating_to())
}

/// Whether an account was recovered while the market owed it something.
pub fn inherits(books: &Books, party: Party) -> bool {
    books.credits[party] > 0 && books.successors[party].is_some()
}
