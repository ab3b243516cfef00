use super::*;
use alloc::{collections::BTreeMap, vec::Vec};
use proptest::prelude::*;
use ruint::aliases::U256;

const NOW: u64 = 1_000;
const MAKER: Address = [1; 20];
const TAKER: Address = [2; 20];
const POOL: Address = [3; 20];
const CURRENCY: Address = [4; 20];

fn listing(lot: u128, tick: u128) -> Listing {
    let mut listing = Listing::default();
    listing.list(CURRENCY, lot, tick).unwrap();
    listing
}

fn wanted(id: u64, side: u8, shares: u128, price: u128) -> Wanted {
    Wanted { id, side, maker: MAKER, pool: POOL, shares, price, expiry: NOW + 1, seizures: 7 }
}

fn order(id: u64, side: u8, shares: u128, price: u128) -> Order {
    listing(1, 1).place(wanted(id, side, shares, price), NOW).unwrap()
}

fn taken(shares: u128, limit: u128) -> Taken {
    Taken { taker: TAKER, shares, limit }
}

/// `shares · price`, in units of 10^-18 of the currency's smallest unit.
fn exact(shares: u128, price: u128) -> U256 {
    U256::from(shares) * U256::from(price)
}

fn scaled(amount: u128) -> U256 {
    U256::from(amount) * U256::from(SHARE)
}

/// Shares and a price whose value fits in 128 bits, from dust to the largest.
fn sizes() -> impl Strategy<Value = (u128, u128)> {
    let shares = prop_oneof![1u128..100, 1u128..10u128.pow(20), 1u128..10u128.pow(27)];
    let price = prop_oneof![1u128..100, 1u128..10u128.pow(9), 1u128..10u128.pow(27)];
    (shares, price)
}

proptest! {
    /// The cost is the least whole amount that covers shares · price.
    #[test]
    fn cost_is_the_value_rounded_up(shares: u128, price: u128) {
        let (exact, one) = (exact(shares, price), U256::from(SHARE));
        match cost(shares, price) {
            Ok(cost) => {
                prop_assert!(scaled(cost) >= exact);
                prop_assert!(cost == 0 || scaled(cost - 1) < exact);
            }
            Err(error) => {
                prop_assert_eq!(error, MathError::Overflow);
                prop_assert!(exact.div_ceil(one) > U256::from(u128::MAX));
            }
        }
    }

    /// Proves PAY-4's fairness for sellers: whatever the sizes of the fills, the taker of an ask pays the price, and
    /// less than a unit more per fill.
    #[test]
    fn fills_of_an_ask_pay_the_price((shares, price) in sizes(), cuts in prop::collection::vec(any::<u128>(), 0..6)) {
        let mut ask = order(1, ASK, shares, price);
        for cut in cuts.into_iter().map(Some).chain([None]) {
            if ask.shares == 0 {
                break;
            }
            let part = cut.map_or(ask.shares, |cut| 1 + cut % ask.shares);
            let before = ask.shares;
            let paid = ask.fill_ask(&taken(part, u128::MAX), &listing(1, 1), NOW).unwrap();
            prop_assert_eq!(before, ask.shares + part);
            prop_assert!(scaled(paid) >= exact(part, price));
            prop_assert!(scaled(paid - 1) < exact(part, price));
        }
        prop_assert_eq!(ask.shares, 0);
    }

    /// The escrow of a bid is exactly enough: fills of any sizes sum to it, and each is within one unit of the price. A
    /// cancelled rest gives back what is left.
    #[test]
    fn fills_of_a_bid_sum_to_its_escrow(
        (shares, price) in sizes(), cuts in prop::collection::vec(any::<u128>(), 0..6), cancelled: bool,
    ) {
        let mut bid = order(1, BID, shares, price);
        let held = bid.escrow().unwrap();
        let mut paid = 0;
        let rest = if cancelled { None } else { Some(None) };
        for cut in cuts.into_iter().map(Some).chain(rest) {
            if bid.shares == 0 {
                break;
            }
            let part = cut.map_or(bid.shares, |cut| 1 + cut % bid.shares);
            let got = bid.fill_bid(&taken(part, 0), &listing(1, 1), NOW).unwrap();
            prop_assert!(scaled(got + 1) > exact(part, price));
            prop_assert!(got == 0 || scaled(got - 1) < exact(part, price));
            paid += got;
        }
        prop_assert_eq!(paid + bid.escrow().unwrap(), held);
        if !cancelled {
            prop_assert_eq!(paid, held);
        }
    }

    /// Two orders trade at the earlier one's price; the seller gets it less one unit at most, the bidder pays no more
    /// than its own price and gets the difference back, and nothing is lost.
    #[test]
    fn matches_are_at_the_earlier_price(
        (shares, price) in sizes(), more in 0u128..10u128.pow(9), other in 1u128..10u128.pow(27), cut: u128, ask_first: bool,
    ) {
        let (ask_id, bid_id) = if ask_first { (1, 2) } else { (2, 1) };
        let mut ask = order(ask_id, ASK, shares, price);
        let mut bid = order(bid_id, BID, other, price + more);
        bid.maker = TAKER;
        let part = 1 + cut % shares.min(other);
        let held = bid.escrow().unwrap();
        let done = match_orders(&mut ask, &mut bid, part, &listing(1, 1), NOW).unwrap();
        prop_assert_eq!(done.price, if ask_first { price } else { price + more });
        prop_assert_eq!((ask.shares, bid.shares), (shares - part, other - part));
        prop_assert_eq!(held, bid.escrow().unwrap() + done.cost + done.surplus);
        prop_assert!(scaled(done.cost + 1) > exact(part, done.price));
        prop_assert!(done.cost == 0 || scaled(done.cost - 1) < exact(part, done.price));
        if !ask_first {
            // At the bid's own price there is no surplus, whatever the rounding.
            prop_assert_eq!(done.surplus, 0);
        }
    }

    #[test]
    fn packed_records_come_back(a: u64, b: u8, c: [u8; 20], d: [u8; 20], e: [u8; 20], f: u128, g: u128, h: u64, i: bool, j: u32) {
        let order = Order { id: a, side: b, maker: c, pool: d, currency: e, shares: f, price: g, expiry: h, seizures: j };
        prop_assert_eq!(Order::from_bytes(&order.to_bytes()), order);
        let listing = Listing { listed: i, currency: c, lot: f, tick: g, last_price: f ^ g, last_trade: a };
        prop_assert_eq!(Listing::from_bytes(&listing.to_bytes()), listing);
        let holdings = Holdings { escrow: f, credits: g };
        prop_assert_eq!(Holdings::from_bytes(&holdings.to_bytes()), holdings);
    }
}

/// What is stored today must be read by tomorrow's code.
#[test]
fn the_layout_is_fixed() {
    assert_eq!((Order::LEN, Listing::LEN, Holdings::LEN), (113, 77, 32));
    let bytes = order(7, BID, 8, 9).to_bytes();
    assert_eq!((bytes[0], bytes[8], bytes[9], bytes[29], bytes[49]), (7, 2, 1, 3, 4));
    assert_eq!((bytes[69], bytes[85], &bytes[101..109]), (8, 9, &(NOW + 1).to_le_bytes()[..]));
    assert_eq!(bytes[109..], [7, 0, 0, 0]);
    assert_eq!(Listing::from_bytes(&[0; Listing::LEN]), Listing::default());
    assert_eq!(Holdings::from_bytes(&[0; Holdings::LEN]), Holdings::default());
}

#[test]
fn known_costs() {
    // 2.5 shares at 3 cents are 7.5 cents.
    assert_eq!(cost(5 * SHARE / 2, 3), Ok(8));
    assert_eq!(cost(SHARE, 3), Ok(3));
    assert_eq!(cost(1, 1), Ok(1));
    assert_eq!(cost(0, 5), Ok(0));
    assert_eq!(cost(u128::MAX, SHARE), Ok(u128::MAX));
    assert_eq!(cost(u128::MAX, SHARE + 1), Err(MathError::Overflow));
    // A bid for 2.5 shares holds 8; one share pays 8 - 5 = 3, one more 3, and the last half 2: fills sum to the escrow.
    let mut bid = order(1, BID, 5 * SHARE / 2, 3);
    let mut fill = |shares| bid.fill_bid(&taken(shares, 0), &listing(1, 1), NOW).unwrap();
    assert_eq!((fill(SHARE), fill(SHARE), fill(SHARE / 2)), (3, 3, 2));
}

#[test]
fn known_matches() {
    let run = |ask_id, bid_id| {
        let (mut ask, mut bid) = (order(ask_id, ASK, SHARE, 100), order(bid_id, BID, 2 * SHARE, 130));
        bid.maker = TAKER;
        match_orders(&mut ask, &mut bid, SHARE / 2, &listing(1, 1), NOW).unwrap()
    };
    assert_eq!(run(1, 2), Match { price: 100, cost: 50, surplus: 15 });
    assert_eq!(run(2, 1), Match { price: 130, cost: 65, surplus: 0 });
}

/// At one price on both sides a fill may free one unit less than the value rounded up: the seller gets what there is.
#[test]
fn a_match_never_pays_more_than_the_bid_frees() {
    let (mut ask, mut bid) = (order(1, ASK, SHARE, 3), order(2, BID, SHARE, 3));
    bid.maker = TAKER;
    // Escrow 3; half of it is worth 1.5: the escrow falls from 3 to 2, then by 2.
    let half = |ask: &mut Order, bid: &mut Order| match_orders(ask, bid, SHARE / 2, &listing(1, 1), NOW).unwrap();
    assert_eq!(half(&mut ask, &mut bid), Match { price: 3, cost: 1, surplus: 0 });
    assert_eq!(half(&mut ask, &mut bid), Match { price: 3, cost: 2, surplus: 0 });
}

#[test]
fn orders_that_may_not_be_placed() {
    let place = |listing: &Listing, wanted: Wanted| listing.place(wanted, NOW).map(|order| order.currency);
    let market = listing(10, 5);
    assert_eq!(place(&market, wanted(1, ASK, 10, 5)), Ok(CURRENCY));
    assert_eq!(place(&market, wanted(1, ASK, 9, 5)), Err(MarketError::BelowLot(9, 10)));
    assert_eq!(place(&market, wanted(1, BID, 10, 0)), Err(MarketError::OffTick(0, 5)));
    assert_eq!(place(&market, wanted(1, BID, 10, 6)), Err(MarketError::OffTick(6, 5)));
    let late = Wanted { expiry: NOW, ..wanted(1, ASK, 10, 5) };
    assert_eq!(place(&market, late), Err(MarketError::ExpiryPassed(NOW, NOW)));
    let last_moment = Wanted { expiry: NOW + LONGEST, ..wanted(1, ASK, 10, 5) };
    assert_eq!(place(&market, last_moment), Ok(CURRENCY));
    // Proves SAFE-6: no order is for ever.
    for expiry in [NOW + LONGEST + 1, u64::MAX] {
        let longer = Wanted { expiry, ..wanted(1, ASK, 10, 5) };
        assert_eq!(place(&market, longer), Err(MarketError::ExpiryTooLate(expiry, NOW + LONGEST)));
    }
    assert_eq!(LONGEST, 7_776_000);
    // 2^128 - 1 is a multiple of 5.
    assert_eq!(place(&market, wanted(1, ASK, u128::MAX, u128::MAX)), Err(MarketError::Overflow));
    let mut gone = market;
    gone.delist().unwrap();
    assert_eq!(gone.delist(), Err(MarketError::NotListed));
    assert_eq!(place(&gone, wanted(1, ASK, 10, 5)), Err(MarketError::NotListed));
    assert_eq!(place(&Listing::default(), wanted(1, ASK, 10, 5)), Err(MarketError::NotListed));
}

/// A pool's currency is fixed with its first listing, lot and tick are not; the last price outlives a delisting.
#[test]
fn listings_change_but_for_the_currency() {
    let mut market = Listing::default();
    assert_eq!(market.list(CURRENCY, 0, 1), Err(MarketError::ZeroAmount));
    assert_eq!(market.list(CURRENCY, 1, 0), Err(MarketError::ZeroAmount));
    assert_eq!(market, Listing::default());
    market.list([0; 20], 1, 2).unwrap();
    market.traded(9, NOW);
    market.delist().unwrap();
    assert_eq!(market.list(CURRENCY, 3, 4), Err(MarketError::CurrencyChanged([0; 20])));
    market.list([0; 20], 3, 4).unwrap();
    let expected = Listing { listed: true, currency: [0; 20], lot: 3, tick: 4, last_price: 9, last_trade: NOW };
    assert_eq!(market, expected);
}

#[test]
fn fills_that_are_refused() {
    let market = listing(10, 1);
    let mut gone = market;
    gone.delist().unwrap();
    for side in [ASK, BID] {
        let fill = |order: &mut Order, fill: &Taken, listing: &Listing, now| match side {
            ASK => order.fill_ask(fill, listing, now),
            _ => order.fill_bid(fill, listing, now),
        };
        let open = order(7, side, 100 * SHARE, 3);
        let try_fill = |fill_: Taken, listing: &Listing, now| fill(&mut open.clone(), &fill_, listing, now);
        let any = |shares| taken(shares, if side == ASK { u128::MAX } else { 0 });
        assert_eq!(try_fill(any(SHARE), &market, NOW), Ok(3));
        assert_eq!(try_fill(any(SHARE), &gone, NOW), Err(MarketError::NotListed));
        assert_eq!(try_fill(any(SHARE), &market, NOW + 1), Err(MarketError::OrderExpired(7, NOW + 1)));
        let too_many = Err(MarketError::NotEnoughShares(7, 100 * SHARE, 100 * SHARE + 1));
        assert_eq!(try_fill(any(100 * SHARE + 1), &market, NOW), too_many);
        assert_eq!(try_fill(any(9), &market, NOW), Err(MarketError::BelowLot(9, 10)));
        assert_eq!(try_fill(any(0), &listing(1, 1), NOW), Err(MarketError::BelowLot(0, 1)));
        let own = Taken { taker: MAKER, ..any(SHARE) };
        assert_eq!(try_fill(own, &market, NOW), Err(MarketError::SelfTrade(MAKER)));
        // The rest of an order can be taken however small it is, and none is left of it.
        let mut rest = Order { shares: 9, ..open };
        assert_eq!(fill(&mut rest, &any(8), &market, NOW), Err(MarketError::BelowLot(8, 10)));
        fill(&mut rest, &any(9), &market, NOW).unwrap();
        assert_eq!(rest.shares, 0);
        assert_eq!(fill(&mut rest, &any(0), &market, NOW), Err(MarketError::BelowLot(0, 10)));
    }
    let mut ask = order(1, ASK, SHARE, 3);
    assert_eq!(ask.fill_ask(&taken(SHARE, 2), &market, NOW), Err(MarketError::CostAboveLimit(3, 2)));
    assert_eq!(order(1, ASK, SHARE, 3).fill_ask(&taken(SHARE, 3), &market, NOW), Ok(3));
    assert_eq!(ask.fill_bid(&taken(SHARE, 0), &market, NOW), Err(MarketError::WrongSide(1)));
    let mut bid = order(2, BID, SHARE, 3);
    assert_eq!(bid.fill_bid(&taken(SHARE, 4), &market, NOW), Err(MarketError::ProceedsBelowLimit(3, 4)));
    assert_eq!(order(2, BID, SHARE, 3).fill_bid(&taken(SHARE, 3), &market, NOW), Ok(3));
    assert_eq!(bid.fill_ask(&taken(SHARE, 9), &market, NOW), Err(MarketError::WrongSide(2)));
}

#[test]
fn matches_that_are_refused() {
    let market = listing(10, 1);
    let ask = order(1, ASK, 40, 3);
    let bid = Order { maker: TAKER, ..order(2, BID, 50, 3) };
    let run = |mut ask: Order, mut bid: Order, shares, listing: &Listing, now| {
        match_orders(&mut ask, &mut bid, shares, listing, now).map(|done| (ask.shares, bid.shares, done.price))
    };
    assert_eq!(run(ask, bid, 10, &market, NOW), Ok((30, 40, 3)));
    assert_eq!(run(bid, ask, 10, &market, NOW), Err(MarketError::WrongSide(2)));
    assert_eq!(run(ask, ask, 10, &market, NOW), Err(MarketError::WrongSide(1)));
    assert_eq!(run(ask, Order { pool: [9; 20], ..bid }, 10, &market, NOW), Err(MarketError::DifferentPools));
    assert_eq!(run(ask, Order { currency: [9; 20], ..bid }, 10, &market, NOW), Err(MarketError::DifferentPools));
    assert_eq!(run(ask, Order { maker: MAKER, ..bid }, 10, &market, NOW), Err(MarketError::SelfTrade(MAKER)));
    assert_eq!(run(ask, Order { price: 2, ..bid }, 10, &market, NOW), Err(MarketError::PricesDoNotCross(3, 2)));
    assert_eq!(run(ask, bid, 9, &market, NOW), Err(MarketError::BelowLot(9, 10)));
    assert_eq!(run(ask, bid, 0, &market, NOW), Err(MarketError::BelowLot(0, 10)));
    assert_eq!(run(ask, bid, 41, &market, NOW), Err(MarketError::NotEnoughShares(1, 40, 41)));
    let small = Order { shares: 4, ..bid };
    assert_eq!(run(ask, small, 5, &market, NOW), Err(MarketError::NotEnoughShares(2, 4, 5)));
    assert_eq!(run(ask, small, 4, &market, NOW), Ok((36, 0, 3)));
    assert_eq!(run(Order { shares: 4, ..ask }, bid, 4, &market, NOW), Ok((0, 46, 3)));
    assert_eq!(run(ask, bid, 10, &market, NOW + 1), Err(MarketError::OrderExpired(1, NOW + 1)));
    let longer = Order { expiry: NOW + 2, ..ask };
    assert_eq!(run(longer, bid, 10, &market, NOW + 1), Err(MarketError::OrderExpired(2, NOW + 1)));
    let mut gone = market;
    gone.delist().unwrap();
    assert_eq!(run(ask, bid, 10, &gone, NOW), Err(MarketError::NotListed));
}

#[test]
fn cancelling() {
    let open = order(7, BID, SHARE, 3);
    assert_eq!(open.cancel(&MAKER), Ok(()));
    assert_eq!(open.cancel(&TAKER), Err(MarketError::NotMaker(7, TAKER)));
    assert_eq!(open.cancel_expired(7, NOW), Err(MarketError::NotExpired(7, NOW + 1)));
    assert_eq!(open.cancel_expired(7, NOW + 1), Ok(()));
    assert_eq!(order(7, ASK, SHARE, 3).escrow(), Ok(0));
}

/// Proves SAFE-6: an ask whose shares an agent took is void, and anybody clears it; a bid has no shares to take.
#[test]
fn a_seizure_ends_the_asks_of_before() {
    let (ask, bid) = (order(7, ASK, SHARE, 3), order(8, BID, SHARE, 3));
    assert_eq!((ask.stands(7), ask.stands(8)), (Ok(()), Err(MarketError::OrderVoid(7))));
    assert_eq!(ask.cancel_expired(7, NOW), Err(MarketError::NotExpired(7, NOW + 1)));
    assert_eq!(ask.cancel_expired(8, NOW), Ok(()));
    assert_eq!((bid.stands(8), bid.cancel_expired(8, NOW)), (Ok(()), Err(MarketError::NotExpired(8, NOW + 1))));
}

#[test]
fn holdings_refuse_what_is_not_there() {
    let mut holdings = Holdings::default();
    holdings.hold(5).unwrap();
    assert_eq!(holdings.free(6), Err(MarketError::Overflow));
    holdings.free(2).unwrap();
    holdings.credit(4).unwrap();
    assert_eq!(holdings, Holdings { escrow: 3, credits: 6 });
    assert_eq!(holdings.pay_out(0), Err(MarketError::NothingToWithdraw));
    assert_eq!(holdings.pay_out(7), Err(MarketError::Overflow));
    holdings.pay_out(6).unwrap();
    assert_eq!(holdings, Holdings { escrow: 3, credits: 0 });
    assert_eq!(holdings.hold(u128::MAX), Err(MarketError::Overflow));
    holdings.credit(1).unwrap();
    assert_eq!(holdings.credit(u128::MAX), Err(MarketError::Overflow));
}

/// One step of a market's life: which order, how many shares, what to do.
#[derive(Debug, Clone)]
enum Step {
    Place(u8, u8, u128, u128),
    Fill(usize, u8, u128),
    Match(usize, usize, u128),
    Cancel(usize),
    Withdraw(u8),
}

fn step() -> impl Strategy<Value = Step> {
    let shares = prop_oneof![1u128..5, 1u128..3 * SHARE];
    prop_oneof![
        4 => (ASK..=BID, 0u8..3, shares.clone(), 1u128..50).prop_map(|(side, maker, n, p)| Step::Place(side, maker, n, p)),
        3 => (0usize..20, 0u8..3, shares.clone()).prop_map(|(at, taker, n)| Step::Fill(at, taker, n)),
        3 => (0usize..20, 0usize..20, shares).prop_map(|(a, b, n)| Step::Match(a, b, n)),
        1 => (0usize..20).prop_map(Step::Cancel),
        1 => (0u8..3).prop_map(Step::Withdraw),
    ]
}

#[derive(Default)]
struct Book {
    orders: Vec<Order>,
    credits: BTreeMap<u8, u128>,
    holdings: Holdings,
    /// Coins in the market, counted where they come in and go out.
    coins: u128,
}

impl Book {
    fn credit(&mut self, account: u8, amount: u128) {
        *self.credits.entry(account).or_default() += amount;
    }

    fn apply(&mut self, step: &Step) -> Result<(), MarketError> {
        let market = listing(1, 1);
        let count = self.orders.len().max(1);
        match *step {
            Step::Place(side, maker, shares, price) => {
                let id = 1 + self.orders.len() as u64;
                let order = market.place(Wanted { maker: [maker; 20], ..wanted(id, side, shares, price) }, NOW)?;
                self.holdings.hold(order.escrow()?)?;
                self.coins += order.escrow()?;
                self.orders.push(order);
            }
            Step::Fill(at, taker, shares) => {
                let Some(order) = self.orders.get_mut(at % count) else { return Ok(()) };
                let (side, maker) = (order.side, order.maker[0]);
                let fill = Taken { taker: [taker; 20], ..taken(shares, if side == ASK { u128::MAX } else { 0 }) };
                if side == ASK {
                    let paid = order.fill_ask(&fill, &market, NOW)?;
                    self.coins += paid;
                    self.holdings.credit(paid)?;
                    self.credit(maker, paid);
                } else {
                    let paid = order.fill_bid(&fill, &market, NOW)?;
                    self.holdings.free(paid)?;
                    self.credit(taker, paid);
                }
            }
            Step::Match(ask, bid, shares) => {
                let (Some(mut a), Some(mut b)) =
                    (self.orders.get(ask % count).copied(), self.orders.get(bid % count).copied())
                else {
                    return Ok(());
                };
                let done = match_orders(&mut a, &mut b, shares, &market, NOW)?;
                self.holdings.free(done.cost + done.surplus)?;
                self.credit(a.maker[0], done.cost);
                self.credit(b.maker[0], done.surplus);
                self.orders[ask % count] = a;
                self.orders[bid % count] = b;
            }
            Step::Cancel(at) => {
                let Some(order) = self.orders.get_mut(at % count) else { return Ok(()) };
                let (freed, maker) = (order.escrow()?, order.maker[0]);
                order.shares = 0;
                self.holdings.free(freed)?;
                self.credit(maker, freed);
            }
            Step::Withdraw(account) => {
                let amount = self.credits.remove(&account).unwrap_or_default();
                self.holdings.pay_out(amount)?;
                self.coins -= amount;
            }
        }
        Ok(())
    }
}

proptest! {
    /// Proves PAY-7 for the market: after every step its coins are what it owes, and what it owes is what open bids
    /// hold and accounts are credited with, to the unit.
    #[test]
    fn the_market_owns_what_it_owes(steps in prop::collection::vec(step(), 1..40)) {
        let mut book = Book::default();
        for step in &steps {
            // Refused steps are part of a history: they change nothing that counts.
            let _ = book.apply(step);
            let held: u128 = book.orders.iter().map(|order| order.escrow().unwrap()).sum();
            prop_assert_eq!(book.holdings.escrow, held);
            prop_assert_eq!(book.holdings.credits, book.credits.values().sum::<u128>());
            prop_assert_eq!(book.coins, held + book.holdings.credits);
        }
    }
}
