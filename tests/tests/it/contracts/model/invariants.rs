//! What must hold after every step, whatever the model says: each is a function whose name is the sentence.

use std::collections::BTreeMap;

use super::{
    books::Books,
    reading::Coins,
    step::{ADMIN, Item, MARKET, PARTIES, Party, Step, TREASURY},
};
use alloy_primitives::U256;
use yieldset_rules::{
    compliance::{Jurisdictions, Standing as Kyc, Terms},
    contribution::WEIGHT_ONE,
    dispute::{Phase, State},
    dividends::ONE,
    market::{ASK, BID},
    math::mul_div,
};

/// A period of a stream.
type Key = (usize, u32);

/// A step that was taken, with what the chain had before and has after it.
pub struct Change<'a> {
    pub step: &'a Step,
    /// What the message answered.
    pub figure: u128,
    pub before: &'a Books,
    pub after: &'a Books,
}

/// Stops where anything does not hold of a state.
pub fn check_state(books: &Books, coins: &Coins) {
    the_supply_is_the_sum_of_balances(books);
    the_policy_counts_the_accounts_with_shares(books);
    restraints_fit_the_balance(books);
    what_came_in_for_holders_is_claimed_claimable_or_dust(books);
    what_came_in_for_contributors_is_claimed_or_owed(books);
    the_pool_owns_exactly_what_it_owes(books, coins);
    the_market_owns_exactly_what_it_owes(books, coins);
    the_market_owes_what_its_open_orders_hold(books);
    reserved_shares_are_those_of_open_asks(books);
    the_registry_owns_the_bonds_it_holds(books, coins);
}

/// Stops where a step did what no step may do.
pub fn check_change(change: &Change<'_>) {
    no_ineligible_account_received_shares(change);
    no_ineligible_account_was_paid(change);
    earnings_fall_by_payment_alone(change);
    contributions_fall_by_payment_alone(change);
    a_call_for_many_is_many_claims(change);
    what_waits_arrives_whole(change);
    a_pause_stops_movements_and_payments(change);
    frozen_locked_and_reserved_shares_stayed(change);
    what_is_final_stays(change);
    nothing_paid_is_unpaid(change);
}

fn the_supply_is_the_sum_of_balances(books: &Books) {
    let sum: u128 = books.accounts.iter().map(|account| account.holder.balance).sum();
    assert_eq!(books.supply, sum, "supply");
}

fn the_policy_counts_the_accounts_with_shares(books: &Books) {
    let count = books.accounts.iter().filter(|account| account.holder.balance > 0).count();
    assert_eq!(books.holders as usize, count, "holders");
}

fn restraints_fit_the_balance(books: &Books) {
    for (party, account) in books.accounts.iter().enumerate() {
        assert!(account.frozen <= account.holder.balance, "frozen of {party}");
        // Locked shares are no others' and not on offer.
        let kept = account.reserved + account.locks.at(books.now);
        assert!(kept <= account.holder.balance, "reserved and locked of {party}");
    }
}

/// To the last 2^-64 of a unit; and the dust is bounded.
fn what_came_in_for_holders_is_claimed_claimable_or_dust(books: &Books) {
    let (one, dividends) = (U256::from(ONE), &books.dividends);
    let mut accounted = U256::from(books.claimed_by_holders) * one + U256::from(dividends.carry);
    let mut whole = books.claimed_by_holders;
    for (party, account) in books.accounts.iter().enumerate() {
        let holder = &account.holder;
        accounted += U256::from(holder.pending) * one + U256::from(holder.fraction);
        accounted += U256::from(holder.balance) * U256::from(dividends.index - holder.index);
        whole += books.claimable(party);
    }
    assert_eq!(accounted, U256::from(books.to_holders) * one, "holders' leg");
    let dust = books.to_holders - whole;
    assert!(dust <= PARTIES as u128 + books.supply / ONE + 1, "dust {dust}");
}

fn what_came_in_for_contributors_is_claimed_or_owed(books: &Books) {
    let mut sums = [0u128; 2];
    for (key, leg) in &books.legs {
        let period = &leg.period;
        sums[0] += period.total;
        sums[1] += period.claimed;
        assert!(period.claimed <= period.total, "claimed of {key:?}");
        let taken: u128 = leg.taken.iter().map(|one| one.claimed).sum();
        let weights: u64 = leg.taken.iter().map(|one| one.weight).sum();
        assert_eq!((taken, weights), (period.claimed, period.weight_claimed), "{key:?}");
        assert!(weights <= WEIGHT_ONE, "weights of {key:?}");
        for one in &leg.taken {
            let entitled = mul_div(period.total, one.weight.into(), WEIGHT_ONE.into()).unwrap();
            assert!(one.claimed <= entitled, "more than its weight of {key:?}");
        }
    }
    assert_eq!(sums, [books.to_contributors, books.claimed_by_contributors], "contributors' leg");
}

fn the_pool_owns_exactly_what_it_owes(books: &Books, coins: &Coins) {
    let holders = books.to_holders - books.claimed_by_holders;
    let contributors = books.to_contributors - books.claimed_by_contributors;
    // A sale's proceeds go through: nothing of them stays.
    assert_eq!(coins.pool, U256::from(holders) + U256::from(contributors), "pool");
}

fn the_market_owns_exactly_what_it_owes(books: &Books, coins: &Coins) {
    let owed = U256::from(books.holdings.escrow) + U256::from(books.holdings.credits);
    assert_eq!(coins.market, owed, "market");
    let credits: u128 = books.credits.iter().sum();
    assert_eq!(books.holdings.credits, credits, "credits");
}

fn the_market_owes_what_its_open_orders_hold(books: &Books) {
    let bids = books.orders.values().filter(|order| order.side == BID);
    let escrow: u128 = bids.map(|order| yieldset_tests::market::cost(order.shares, order.price)).sum();
    assert_eq!(books.holdings.escrow, escrow, "escrow");
}

fn reserved_shares_are_those_of_open_asks(books: &Books) {
    let mut offered = [0u128; PARTIES];
    // Those that an agent ended hold nothing.
    for order in books.orders.values().filter(|order| order.side == ASK && books.stands(order).is_ok()) {
        offered[books.givens.party(&order.maker)] += order.shares;
    }
    assert_eq!(books.accounts.map(|account| account.reserved), offered, "reserved");
}

fn the_registry_owns_the_bonds_it_holds(books: &Books, coins: &Coins) {
    let open = books.standings.values().filter(|standing| standing.phase == 2);
    let locked: u128 = open.map(|standing| standing.bond * (1 + u128::from(standing.is_defended()))).sum();
    let released = books.bonds_owed.iter().sum::<u128>() + books.bonds_kept.values().sum::<u128>();
    assert_eq!((books.bonds.locked, books.bonds.released), (locked, released), "bonds");
    assert_eq!(coins.registry, U256::from(locked) + U256::from(released), "registry");
}

/// Said once more, apart from the rules' order of reasons: whoever is on no list, has a record that counts and is what
/// the pool asks for. What a sender needs not, `receives` adds.
fn is_eligible(books: &Books, party: Party, receives: bool) -> bool {
    let (record, policy) = (&books.records[party], &books.policy);
    let listed = Jurisdictions(policy.jurisdictions).contains(record.jurisdiction);
    let admitted = record.standing(&Terms::NONE, books.now) == Kyc::Eligible
        && record.level >= policy.min_level
        && listed == policy.allow_list
        && (record.accredited || !policy.accredited_only || !receives);
    let blocked = record.frozen || record.sanctioned;
    if books.open { !blocked } else { admitted }
}

fn no_ineligible_account_received_shares(change: &Change<'_>) {
    for party in 0..PARTIES {
        if change.after.balance(party) > change.before.balance(party) {
            assert!(is_eligible(change.before, party, true), "{party} received shares");
            assert!(!change.before.accounts[party].recovered, "lost {party} received shares");
        }
    }
}

/// What the accounts of one call for many took of its period, those that took nothing aside.
pub fn taken(accounts: &[Party], item: &Item, before: &Books, after: &Books) -> Vec<(Party, u128)> {
    let key = (item.stream, item.period);
    let claimed = |books: &Books, account: Party| books.legs.get(&key).map_or(0, |leg| leg.taken[account].claimed);
    let took = |account: &Party| (*account, claimed(after, *account) - claimed(before, *account));
    accounts.iter().map(took).filter(|(_, amount)| *amount > 0).collect()
}

/// Who was paid by the pool, after the account that it was for.
fn pool_payments(change: &Change<'_>) -> Vec<(Party, Party)> {
    let accounts = match change.step {
        Step::Claim { account }
        | Step::ClaimFor { account, .. }
        | Step::ClaimContribution { account, .. }
        | Step::ClaimContributionFor { account, .. }
        | Step::ClaimContributions { account, .. } => vec![*account],
        Step::ClaimForMany { accounts, item, .. } => {
            taken(accounts, item, change.before, change.after).into_iter().map(|(account, _)| account).collect()
        }
        _ => vec![],
    };
    accounts.into_iter().map(|account| (account, change.before.payee(account))).collect()
}

fn no_ineligible_account_was_paid(change: &Change<'_>) {
    for (account, payee) in pool_payments(change) {
        assert!(is_eligible(change.before, payee, false), "{payee} was paid for {account}");
        assert!(change.before.successors[payee].is_none(), "lost {payee} was paid");
    }
}

/// But for a recovery, which hands them on: then the two accounts together have what they had, and a fraction that
/// became whole.
fn earnings_fall_by_payment_alone(change: &Change<'_>) {
    let Change { step, figure, before, after } = *change;
    let mut owed: [u128; PARTIES] = std::array::from_fn(|party| before.claimable(party));
    match *step {
        Step::Claim { account } | Step::ClaimFor { account, .. } => {
            assert_eq!(figure, owed[account], "paid to {account}");
            owed[account] = 0;
        }
        Step::Recover { lost, replacement, .. } => {
            owed[replacement] += std::mem::take(&mut owed[lost]);
        }
        _ => {}
    }
    let grows = matches!(
        step,
        Step::Deposit { .. }
            | Step::DeliverBond { .. }
            | Step::Recover { .. }
            | Step::ReleaseWaiting { .. }
            | Step::Uphold { .. }
            | Step::Reject { .. }
    );
    for (party, owed) in owed.iter().enumerate() {
        let now = after.claimable(party);
        assert!(now == *owed || now > *owed && grows, "{party} had earned {owed}, now {now}");
    }
}

fn contributions_fall_by_payment_alone(change: &Change<'_>) {
    for (key, leg) in &change.before.legs {
        let now = &change.after.legs[key];
        let moved = moved(change).is_some_and(|(from, _)| from == *key);
        assert!(moved || now.period.total >= leg.period.total, "total of {key:?}");
        for (party, (was, is)) in leg.taken.iter().zip(&now.taken).enumerate() {
            let paid = pool_payments(change).iter().any(|(account, _)| *account == party);
            assert!(is == was || paid && is.claimed > was.claimed, "{party} of {key:?}");
        }
    }
    let paid = change.after.claimed_by_contributors - change.before.claimed_by_contributors;
    let claims = matches!(
        change.step,
        Step::ClaimContribution { .. }
            | Step::ClaimContributionFor { .. }
            | Step::ClaimContributions { .. }
            | Step::ClaimForMany { .. }
    );
    assert_eq!(paid, if claims { change.figure } else { 0 }, "paid to contributors");
}

/// What each account of a call for many has then it would have by a claim of its own, and the pool's figures are the
/// same.
fn a_call_for_many_is_many_claims(change: &Change<'_>) {
    let Step::ClaimForMany { by, accounts, item } = change.step else { return };
    let mut alone = change.before.clone();
    let claim = |account: &Party| Step::ClaimContributionFor { by: *by, account: *account, item: *item };
    let sum: u128 = accounts.iter().filter_map(|account| alone.apply(&claim(account)).ok()).sum();
    assert_eq!(change.figure, sum, "paid by the call, and by claims");
    let leg = |books: &Books| books.legs.get(&(item.stream, item.period)).map(|leg| (leg.period, leg.taken));
    assert_eq!(leg(change.after), leg(&alone), "of {item:?}");
}

/// Where contributors' money was taken from, and which period it went to; none for the holders.
fn moved(change: &Change<'_>) -> Option<(Key, Option<Key>)> {
    match *change.step {
        Step::Carry { stream, from, to, .. } => Some(((stream, from), Some((stream, to)))),
        Step::ReleaseWaiting { stream, period, .. } => Some(((stream, period), None)),
        _ => None,
    }
}

/// Money that waits leaves a period whole, no period whose weights anybody could claim by, and arrives whole.
fn what_waits_arrives_whole(change: &Change<'_>) {
    let Change { before, after, .. } = *change;
    let Some((from, to)) = moved(change) else { return };
    let amount = before.unclaimed(from);
    assert!(amount > 0 && after.unclaimed(from) == 0, "{from:?}");
    let standing = before.standing(from);
    assert!(standing.weights_root == [0; 32] || standing.phase() == Phase::Withdrawn, "{from:?} has weights");
    match to {
        Some(to) => {
            assert!(to.1 > from.1 && before.standing(to).phase() != Phase::None, "{from:?} went to {to:?}");
            assert_eq!(after.unclaimed(to), before.unclaimed(to) + amount, "{to:?}");
            assert_eq!(after.to_contributors, before.to_contributors);
        }
        None => {
            assert!(
                before.standings.keys().all(|key| key.0 != from.0 || key.1 <= from.1),
                "{from:?} has a next report"
            );
            assert_eq!(after.to_holders, before.to_holders + amount, "{from:?}");
        }
    }
}

/// But for what an agent does on a court's order.
fn a_pause_stops_movements_and_payments(change: &Change<'_>) {
    if !change.before.paused {
        return;
    }
    assert!(pool_payments(change).is_empty(), "paid in a pause");
    if !matches!(change.step, Step::Force { .. } | Step::Recover { .. }) {
        for party in 0..PARTIES {
            assert_eq!(change.before.balance(party), change.after.balance(party), "{party} in a pause");
        }
    }
}

/// But for agents, no step takes shares of an account below what is frozen, nor but for the market's below what is
/// reserved or locked.
fn frozen_locked_and_reserved_shares_stayed(change: &Change<'_>) {
    let now = change.before.now;
    for (party, account) in change.before.accounts.iter().enumerate() {
        let left = change.after.balance(party);
        if left >= account.holder.balance {
            continue;
        }
        let sold = account.reserved - change.after.accounts[party].reserved;
        match change.step {
            // What an agent takes of the shares on offer is on offer no longer.
            Step::Recover { .. } | Step::Force { .. } => {
                let (is, was) = (change.after.accounts[party].reserved, account.reserved);
                assert_eq!(is, if left < was || matches!(change.step, Step::Recover { .. }) { 0 } else { was });
            }
            Step::FillAsk { .. } | Step::Match { .. } => {
                assert_eq!(account.holder.balance - left, sold, "more than reserved of {party}");
                assert!(left >= account.frozen, "frozen of {party}");
            }
            _ => {
                let kept = account.reserved + account.frozen.max(account.locks.at(now));
                assert!(left >= kept, "restrained shares of {party}");
            }
        }
    }
}

fn what_is_final_stays(change: &Change<'_>) {
    for (key, was) in &change.before.standings {
        let is = &change.after.standings[key];
        if was.state(change.before.now) == State::Final {
            assert_eq!(is.state(change.after.now), State::Final, "{key:?}");
            assert_eq!(is.weights_root, was.weights_root, "{key:?}");
        }
    }
    for (key, was) in &change.before.legs {
        assert!(was.root == [0; 32] || change.after.legs[key].root == was.root, "root of {key:?}");
    }
}

fn nothing_paid_is_unpaid(change: &Change<'_>) {
    let Change { before, after, .. } = *change;
    let released = matches!(change.step, Step::ReleaseWaiting { .. });
    assert!(after.to_holders >= before.to_holders && (released || after.to_contributors >= before.to_contributors));
    assert!(after.to_holders + after.to_contributors >= before.to_holders + before.to_contributors);
    assert!(after.claimed_by_holders >= before.claimed_by_holders);
    assert!(after.dividends.index >= before.dividends.index);
    assert!(after.sale.sold >= before.sale.sold && after.sale.raised >= before.sale.raised);
}

/// Whom a step pays how much, but for who sends it: a sender's money also changes by the deposits for what it stores.
pub fn payments(step: &Step, figure: u128, before: &Books, after: &Books) -> BTreeMap<Party, u128> {
    let mut payments = BTreeMap::new();
    let (by, to) = match *step {
        Step::ClaimForMany { by, ref accounts, ref item } => {
            for (account, amount) in taken(accounts, item, before, after) {
                *payments.entry(before.payee(account)).or_default() += amount;
            }
            payments.remove(&by);
            return payments;
        }
        Step::Claim { account } => (PARTIES, before.payee(account)),
        Step::ClaimFor { by, account }
        | Step::ClaimContributionFor { by, account, .. }
        | Step::ClaimContributions { by, account, .. } => (by, before.payee(account)),
        Step::ClaimContribution { account, .. } => (account, before.payee(account)),
        Step::Buy { .. } => (PARTIES, TREASURY),
        Step::Withdraw { by, to } | Step::WithdrawBond { by, to, .. } => (by, to),
        _ => return payments,
    };
    debug_assert!(to != MARKET && by <= ADMIN || by == PARTIES);
    if by != to {
        payments.insert(to, figure);
    }
    payments
}

/// Balances at the end of seconds that are over: what votes are counted by.
#[derive(Debug, Default)]
pub struct Past(BTreeMap<u64, ([u128; PARTIES], u128)>);

impl Past {
    /// Notes a state; the last one of a second counts.
    pub fn note(&mut self, books: &Books) {
        self.0.insert(books.now, (books.accounts.map(|account| account.holder.balance), books.supply));
    }

    /// Votes of a party at a second that is over, and of all.
    pub fn at(&self, party: Party, second: u64) -> (u128, u128) {
        self.0.get(&second).map_or((0, 0), |(balances, supply)| (balances[party], *supply))
    }

    /// Seconds that are over.
    pub fn seconds(&self, now: u64) -> impl Iterator<Item = u64> {
        self.0.range(..now).map(|(second, _)| *second)
    }
}
