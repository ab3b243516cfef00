//! What the contracts answer: each view that tells of shares, money or who may, for every party.

use alloy_primitives::{Address, B256, U256};
use yieldset_chain::abi::{Attribution, Market, Pool};
use yieldset_rules::{dispute::State, waiting::Way};

use super::{
    books::Books,
    invariants::Past,
    money::stream_id,
    stage::{Stage, periods, proof},
    step::{CONTRIBUTORS, Item, PARTIES, Party},
};

fn word(number: impl Into<u128>) -> U256 {
    U256::from(number.into())
}

/// Stops where a view does not answer what the books have; of parties and periods a third is asked for, chosen by
/// `turn`.
pub fn check(stage: &mut Stage, books: &Books, turn: usize) {
    let pool = stage.s.pool;
    let t = stage.ask(pool, Pool::totalsCall {});
    let d = &books.dividends;
    assert_eq!(t.deposited, word(books.to_holders + books.to_contributors));
    assert_eq!((t.toHolders, t.toContributors), (word(books.to_holders), word(books.to_contributors)));
    assert_eq!(t.claimedByHolders, word(books.claimed_by_holders));
    assert_eq!(t.claimedByContributors, word(books.claimed_by_contributors));
    assert_eq!((t.index, t.carry), (word(d.index), word(d.carry)));
    assert_eq!(stage.ask(pool, Pool::openedCall {}), books.opened);
    assert_eq!(stage.ask(pool, Pool::capCall {}), word(books.opening.cap));
    let sale = stage.ask(pool, Pool::saleCall {});
    let figures = (sale.price, sale.left, sale.sold, sale.raised, sale.starts, sale.ends);
    let s = books.sale;
    assert_eq!(figures, (word(s.price), word(s.left), word(s.sold), word(s.raised), s.starts, s.ends));
    assert_eq!(stage.ask(pool, Pool::totalSupplyCall {}), word(books.supply));
    assert_eq!(stage.ask(pool, Pool::holderCountCall {}), books.holders);
    assert_eq!(stage.ask(pool, Pool::pausedCall {}), books.paused);
    for party in (0..PARTIES).filter(|party| (party + turn).is_multiple_of(3)) {
        account(stage, books, party);
    }
    contributions(stage, books, turn);
    market(stage, books);
}

fn account(stage: &mut Stage, books: &Books, party: Party) {
    let (pool, account, known) = (stage.s.pool, stage.address(party), &books.accounts[party]);
    let h = stage.ask(pool, Pool::holderOfCall { account });
    let holder = &known.holder;
    assert_eq!((h.balance, h.index), (word(holder.balance), word(holder.index)));
    assert_eq!((h.pending, h.fraction), (word(holder.pending), holder.fraction));
    let r = stage.ask(pool, Pool::restraintsOfCall { account });
    assert_eq!((r.frozen, r.reserved), (word(known.frozen), word(known.reserved)));
    let lock = known.locks.whole(books.now);
    assert_eq!((r.locked, r.lockedUntil, r.recovered), (word(lock.amount), lock.until, known.recovered));
    assert_eq!(stage.ask(pool, Pool::seizuresOfCall { account }), known.seizures);
    assert_eq!(stage.ask(pool, Pool::balanceOfCall { account }), word(holder.balance));
    let owed = books.claimable(party);
    assert_eq!(stage.ask(pool, Pool::claimableCall { account }), word(owed));
    let payee = books.payee(party);
    assert_eq!(stage.ask(pool, Pool::payeeOfCall { account }), stage.address(payee));
    let payable = !books.paused && books.may_be_paid(payee).is_ok();
    let state = match owed {
        0 if known.paid => 3,
        0 => 0,
        _ if payable => 2,
        _ => 4,
    };
    let answer = stage.ask(pool, Pool::dividendStateCall { account });
    assert_eq!((answer.state, answer.amount), (state, word(owed)), "{party}");
}

fn contributions(stage: &mut Stage, books: &Books, turn: usize) {
    let (pool, registry) = (stage.s.pool, stage.s.attribution);
    for key in periods().skip(turn % 3).step_by(3) {
        let (stream, period) = (B256::from(stream_id(key.0)), key.1);
        let leg = books.legs.get(&key).copied().unwrap_or_default();
        let p = stage.ask(pool, Pool::periodOfCall { stream, period });
        assert_eq!((p.total, p.claimed), (word(leg.period.total), word(leg.period.claimed)));
        assert_eq!(p.weightClaimed, leg.period.weight_claimed);
        let waiting = stage.ask(pool, Pool::waitingOfCall { stream, period });
        let expected = match (books.unclaimed(key), books.way(key)) {
            (0, _) => (0, 0, 0),
            (amount, Way::Carry(to)) => (4, amount, to),
            (amount, way) => (way.code(), amount, 0),
        };
        assert_eq!((waiting.state, waiting.amount.to(), waiting.to), expected, "{key:?}");
        let standing = books.standing(key);
        let result = stage.ask(registry, Attribution::resultOfCall { pool, stream, period });
        assert_eq!(result.state, standing.state(books.now) as u8);
        if standing.state(books.now) != State::Final {
            continue;
        }
        // Of one in which nothing qualified nobody has a weight.
        let Some(tree) = books.tree_of(key) else { continue };
        for party in CONTRIBUTORS {
            contribution(stage, books, party, &Item { stream: key.0, period, tree, inflated: false });
        }
    }
}

fn contribution(stage: &mut Stage, books: &Books, party: Party, item: &Item) {
    let (pool, account) = (stage.s.pool, stage.address(party));
    let (stream, period, weight, proof) = proof(books, party, item);
    let mut leg = books.legs.get(&(item.stream, item.period)).copied().unwrap_or_default();
    let taken = leg.taken[party].claimed;
    let payable = !books.paused && books.may_be_paid(books.payee(party)).is_ok();
    let expected = match leg.period.claim(&mut leg.taken[party], weight.to()) {
        Ok(owed) if payable => (2, owed),
        Ok(owed) => (4, owed),
        Err(_) if taken == 0 => (0, 0),
        Err(_) => (3, taken),
    };
    let state = stage.ask(pool, Pool::contributionStateCall { account, stream, period, weight, proof });
    assert_eq!((state.state, state.amount), (expected.0, word(expected.1)), "{party} {item:?}");
}

fn market(stage: &mut Stage, books: &Books) {
    let (market, currency) = (stage.market, Address::ZERO);
    let held = stage.ask(market, Market::escrowOfCall { currency });
    assert_eq!((held.escrow, held.credits), (word(books.holdings.escrow), word(books.holdings.credits)));
    assert_eq!(stage.ask(market, Market::orderCountCall {}), books.placed);
    for (id, order) in &books.orders {
        let open = stage.ask(market, Market::orderOfCall { order: *id });
        assert_eq!((open.side, open.maker), (order.side, Address::from(order.maker)));
        assert_eq!((open.shares, open.price, open.expiry), (word(order.shares), word(order.price), order.expiry));
    }
}

/// Past votes never change.
pub fn check_past(stage: &mut Stage, past: &Past, party: Party, second: u64) {
    let (pool, account, timepoint) = (stage.s.pool, stage.address(party), U256::from(second));
    let votes = stage.ask(pool, Pool::getPastVotesCall { account, timepoint });
    let supply = stage.ask(pool, Pool::getPastTotalSupplyCall { timepoint });
    let (expected, all) = past.at(party, second);
    assert_eq!((votes, supply), (word(expected), word(all)), "{party} in second {second}");
}
