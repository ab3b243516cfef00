//! Random steps of money, policy and the market.

use yieldset_rules::{
    dispute::State,
    market::{ASK, BID, Order, cost},
};
use yieldset_tests::market::{LOT, TICK};

use super::{
    books::Books,
    draw::{Draw, Kind, pick},
    step::{ADMIN, Item, MARKET, PARTIES, PERIODS, Party, STREAMS, Step, Terms, ZERO},
};

impl Draw {
    pub fn money(&self, books: &Books) -> Step {
        let by = self.somebody(1, |_| true);
        match self.kind {
            Kind::Deposit => {
                let (stream, mut period) = (usize::from(self.dice[1]) % STREAMS, u32::from(self.dice[2]) % PERIODS + 1);
                let (mut amount, mut short) = (self.sum(), 0);
                if self.fault {
                    match self.dice[3] % 3 {
                        0 => period = 0,
                        1 => amount = 0,
                        _ => short = 1,
                    }
                }
                Step::Deposit { from: by, stream, period, amount, sent: amount.saturating_sub(short) }
            }
            Kind::Claim => Step::Claim { account: self.somebody(0, |party| books.claimable(party) > 0) },
            Kind::ClaimFor => {
                let owed = pick((0..PARTIES).filter(|party| books.claimable(*party) > 0), self.who[0]);
                let account = owed.filter(|_| self.who[2] < 220).unwrap_or(usize::from(self.who[2]) % PARTIES);
                Step::ClaimFor { by, account }
            }
            Kind::ClaimContribution => {
                Step::ClaimContribution { account: self.contributor(), item: self.item(books, 0) }
            }
            Kind::ClaimContributionFor => {
                Step::ClaimContributionFor { by, account: self.contributor(), item: self.item(books, 0) }
            }
            _ => {
                let items = (0..usize::from(self.dice[2]) % 4).map(|n| self.item(books, n)).collect();
                Step::ClaimContributions { by, account: self.contributor(), items }
            }
        }
    }

    /// Mostly of a period that can be claimed, by the tree that it has.
    fn item(&self, books: &Books, n: usize) -> Item {
        let ready = books.standings.iter().filter(|(_, standing)| standing.state(books.now) == State::Final);
        let ready = pick(ready.map(|(key, _)| *key), self.dice[0].wrapping_add(n as u8 * 7)).filter(|_| self.dice[1] < 220);
        let random = (usize::from(self.dice[0]) % STREAMS, u32::from(self.dice[1]) % PERIODS + 1);
        let (stream, period) = ready.unwrap_or(random);
        let root = books.standing((stream, period)).weights_root;
        let tree = books.world.trees.iter().position(|tree| tree.root() == root).unwrap_or(0);
        let other = self.fault && self.dice[3] < 128;
        Item { stream, period, tree: (tree + usize::from(other)) % 3, inflated: self.fault && !other }
    }

    /// Mostly mild.
    pub fn terms(&self, books: &Books) -> Terms {
        let [a, b, c, _] = self.dice;
        if a < 140 {
            return Terms::default();
        }
        let (allow_list, countries) = match b % 5 {
            0 => (true, vec![276, 840]),
            1 => (false, vec![756]),
            2 => (true, vec![276, 756, 840]),
            _ => (false, vec![]),
        };
        let largest = books.accounts.iter().map(|account| account.holder.balance).max().unwrap_or_default();
        Terms {
            min_level: [0, 1, 1, 2][usize::from(b / 5) % 4],
            accredited_only: c % 5 == 0,
            allow_list,
            countries,
            max_holders: if c % 3 == 0 { (books.holders + u32::from(b % 3)).max(1) } else { 0 },
            max_holding: if c % 4 == 0 { largest + self.part.of(largest) } else { 0 },
            lockup_seconds: if c % 2 == 0 { u32::from(b) / 3 } else { 0 },
        }
    }

    pub fn trade(&self, books: &Books) -> Step {
        match self.kind {
            Kind::List => self.list(books),
            Kind::Ask => {
                let offers = |p: Party| books.accounts[p].free(books.now).min(books.allowance(p, MARKET).saturating_to::<u128>());
                let maker = self.somebody(0, |party| offers(party) >= LOT);
                let shares = self.part.of(offers(maker));
                Step::Ask { maker, shares, price: self.price(), expiry: self.expiry(books) }
            }
            Kind::Bid => {
                let (maker, shares, price) = (self.buyer(0, books), self.part.of(self.size(books)), self.price());
                let sent = cost(shares, price).unwrap_or(0) + u128::from(self.fault && self.dice[3] < 128);
                Step::Bid { maker, shares, price, expiry: self.expiry(books), sent }
            }
            Kind::FillAsk => {
                let Some(order) = self.order(books, ASK, 0) else { return self.missing() };
                let maker = books.world.party(&order.maker);
                let taker = self.somebody(1, |p| p != maker && books.detect(None, p, 0).is_ok());
                let shares = self.part.of(order.shares);
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
                let maker = books.world.party(&order.maker);
                let offers = |p: Party| books.accounts[p].free(books.now).min(books.allowance(p, MARKET).saturating_to::<u128>());
                let taker = self.somebody(1, |party| party != maker && offers(party) > 0);
                let shares = self.part.of(order.shares.min(offers(taker)));
                Step::FillBid { taker, order: order.id, shares, limit: if self.fault { u128::MAX } else { 0 } }
            }
            _ => {
                let (ask, bid) = self.crossing(books);
                let shares = [ask, bid].map(|id| books.orders.get(&id).map_or(0, |order| order.shares));
                Step::Match { by: self.somebody(0, |_| true), ask, bid, shares: self.part.of(shares[0].min(shares[1])) }
            }
        }
    }

    fn list(&self, books: &Books) -> Step {
        let by = self.by();
        if books.listing.listed != (self.dice[0] < 40) && books.listing.listed {
            return Step::Delist { by };
        }
        if !books.listing.listed && self.dice[0] < 20 {
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
                let maker = books.world.party(&order.maker);
                let by = if self.who[1] < 200 { maker } else { self.somebody(1, |_| true) };
                Step::Cancel { by, order: order.id }
            }
            Kind::CancelExpired => {
                let expired = pick(books.orders.values().filter(|order| order.expiry <= books.now).copied(), self.who[0]);
                let order = expired.or(any).map_or(1, |order| order.id);
                Step::CancelExpired { by: self.somebody(1, |_| true), order }
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
        let found = pick(open.copied(), self.who[n]).filter(|_| self.dice[0] < 235);
        found.or_else(|| pick(books.orders.values().copied(), self.who[n]))
    }

    fn crossing(&self, books: &Books) -> (u64, u64) {
        let side = |side| books.orders.values().filter(move |order| order.side == side);
        let pairs = side(ASK).flat_map(|ask| side(BID).map(move |bid| (ask, bid)));
        let fits = |(ask, bid): &(&Order, &Order)| {
            let parties = [ask, bid].map(|order| books.world.party(&order.maker));
            let alive = ask.expiry.min(bid.expiry) > books.now;
            ask.price <= bid.price && alive && books.detect(None, parties[1], 0).is_ok() && parties[0] != parties[1]
        };
        let found = pick(pairs.filter(fits), self.who[0]).map(|(ask, bid)| (ask.id, bid.id));
        let random = [1, 2].map(|n| pick(books.orders.keys().copied(), self.who[n]).unwrap_or(n as u64));
        found.filter(|_| self.dice[0] < 230).unwrap_or((random[0], random[1]))
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
}
