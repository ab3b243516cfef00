//! The end of every history: whatever was frozen, sanctioned, expired, paused, disputed or on offer, everybody can be
//! let in again and then takes what is theirs, to the last unit but for the dust.

use yieldset_rules::{
    dispute::{Phase, State},
    dividends::ONE,
    waiting::Way,
};
use yieldset_tests::attribution::{RULING, WINDOW};

use super::{
    Run,
    books::Books,
    draw::pick,
    stage::periods,
    step::{ADMIN, CONTRIBUTORS, MARKET, PARTIES, PolicyTerms, STRANGER, Step, TREASURY},
};

/// A year and more, in seconds.
const LONG: u64 = 40_000_000;

impl Run<'_> {
    /// A step that must be possible now.
    fn must(&mut self, step: &Step) {
        self.take(step);
        let outcome = &self.told.last().unwrap().1;
        assert!(outcome.is_ok(), "must be possible: {step:?}: {outcome:?}");
    }
}

pub fn everybody_gets_what_is_theirs(run: &mut Run<'_>) {
    let earned: Vec<u128> = (0..PARTIES).map(|party| run.model.claimable(party)).collect();
    // First this: whoever is frozen, expired or lost, and in a pause too, takes its orders back.
    close_orders(run);
    let_everybody_in(run);
    withdraw_credits(run);
    finish_reports(run);
    // Nothing of what was earned went away meanwhile.
    for (party, earned) in earned.iter().enumerate() {
        assert_eq!(run.model.claimable(party), *earned, "{party}");
    }
    nothing_stays_with_lost_accounts(&run.model);
    deliver_bonds(run);
    send_on_what_waits(run);
    pay_everybody(run);
    only_dust_is_left(&run.model);
}

/// A recovery moves all shares, those on offer too, and none come back.
fn nothing_stays_with_lost_accounts(books: &Books) {
    for lost in (0..PARTIES).filter(|party| books.successors[*party].is_some()) {
        assert_eq!(books.balance(lost), 0, "shares of lost {lost}");
    }
}

fn let_everybody_in(run: &mut Run<'_>) {
    if run.model.paused {
        run.must(&Step::Unpause { by: ADMIN });
    }
    run.must(&Step::SetPolicy { by: ADMIN, open: false, terms: PolicyTerms::default() });
    for account in 0..PARTIES {
        let record = run.model.records[account];
        if record.frozen {
            run.must(&Step::SetFrozen { by: ADMIN, account, frozen: false });
        }
        if record.sanctioned {
            run.must(&Step::SetSanctioned { by: ADMIN, account, sanctioned: false });
        }
        if record.level == 0 || record.expiry <= run.model.now + WINDOW + RULING {
            let expiry = run.model.now + LONG;
            let (level, jurisdiction, accredited) = (1, 276, false);
            run.must(&Step::SetRecord { by: ADMIN, account, level, jurisdiction, accredited, expiry });
        }
    }
}

/// Escrow comes back to whoever placed an order, and credits go to whom they are owed.
fn close_orders(run: &mut Run<'_>) {
    while let Some(order) = run.model.orders.values().next().copied() {
        let by = run.model.givens.party(&order.maker);
        run.must(&Step::Cancel { by, order: order.id });
    }
}

fn withdraw_credits(run: &mut Run<'_>) {
    for lost in 0..PARTIES {
        if run.model.credits[lost] > 0 && run.model.successors[lost].is_some() {
            run.must(&Step::Inherit { by: STRANGER, lost });
        }
    }
    for by in 0..=ADMIN {
        if run.model.credits[by] > 0 {
            run.must(&Step::Withdraw { by, to: by });
        }
    }
}

/// Each dispute is left alone until it is over, each withdrawn report revised, and each window waited for.
fn finish_reports(run: &mut Run<'_>) {
    let withdrawn = |books: &Books| {
        let found = books.standings.iter().filter(|(_, standing)| standing.phase() == Phase::Withdrawn);
        pick(found.map(|(key, standing)| (*key, standing.revision)), 0)
    };
    while let Some(((stream, period), revision)) = withdrawn(&run.model) {
        run.must(&Step::Post { stream, period, revision: revision + 1, tree: 1, signers: 2 });
    }
    // A dispute that nobody rules on, and then the rest of the window.
    run.must(&Step::Wait { seconds: RULING + WINDOW });
    for (stream, period) in run.model.standings.clone().into_keys() {
        if run.model.standing((stream, period)).phase() == Phase::Disputed {
            run.must(&Step::Expire { by: ADMIN, stream, period });
        }
        assert_eq!(run.model.standing((stream, period)).state(run.model.now), State::Final);
    }
    for account in 0..=ADMIN {
        if run.model.bonds_owed[account] > 0 {
            run.must(&Step::WithdrawBond { by: ADMIN, account, to: account });
        }
    }
}

/// A pool that is open takes what it did not take before.
fn deliver_bonds(run: &mut Run<'_>) {
    let kept = if run.model.opened { run.model.bonds_kept.clone() } else { Default::default() };
    for (stream, period) in kept.into_keys() {
        run.must(&Step::DeliverBond { by: STRANGER, stream, period, sent: 0 });
    }
}

/// Money of periods without weights: to the next report, where there is one, else to the holders. Where a handful of
/// units are all shares, the index has no place for it, as for any deposit.
fn send_on_what_waits(run: &mut Run<'_>) {
    let mut too_much = vec![];
    // The earlier first: what is carried into an empty period goes on from there.
    for (stream, period) in periods() {
        if run.model.unclaimed((stream, period)) == 0 {
            continue;
        }
        match run.model.way((stream, period)) {
            Way::Carry(to) => run.must(&Step::Carry { by: STRANGER, stream, from: period, to }),
            Way::Release => {
                let step = Step::ReleaseWaiting { by: STRANGER, stream, period };
                match run.model.clone().apply(&step) {
                    Err(refused) if refused.name == "Overflow" => too_much.push((stream, period)),
                    _ => run.must(&step),
                }
            }
            way => assert_eq!(way, Way::Claim, "money of {period} has no way out"),
        }
    }
    for key in run.model.legs.keys().filter(|key| run.model.standing(**key).weights_root == [0; 32]) {
        assert!(run.model.unclaimed(*key) == 0 || too_much.contains(key), "{key:?}");
    }
}

fn pay_everybody(run: &mut Run<'_>) {
    for account in (0..PARTIES).filter(|party| *party != MARKET) {
        if run.model.claimable(account) > 0 && run.model.payee(account) != MARKET {
            run.must(&Step::ClaimFor { by: ADMIN, account });
        }
    }
    for account in CONTRIBUTORS {
        let items = run.model.owed_contributions(account);
        if !items.is_empty() && run.model.payee(account) != MARKET {
            run.must(&Step::ClaimContributions { by: ADMIN, account, items });
        }
    }
}

fn only_dust_is_left(books: &Books) {
    // A contract that an account was recovered to takes nothing from the market.
    let theirs = books.credits[MARKET] + books.credits[TREASURY];
    assert_eq!((books.holdings.escrow, books.holdings.credits, books.bonds.locked), (0, theirs, 0));
    let stuck = books.claimable(MARKET)
        + (0..PARTIES)
            .filter(|party| books.payee(*party) == MARKET && *party != MARKET)
            .map(|p| books.claimable(p))
            .sum::<u128>();
    let left = books.to_holders - books.claimed_by_holders - stuck;
    assert!(left <= PARTIES as u128 + books.supply / ONE + 1, "left for nobody: {left}");
    for (key, leg) in &books.legs {
        let weights = leg.period.weight_claimed;
        let good = books.tree_of(*key) != Some(2);
        let reached = CONTRIBUTORS.iter().all(|party| books.payee(*party) != MARKET);
        if good && reached && weights == yieldset_rules::contribution::WEIGHT_ONE {
            let left = leg.period.total - leg.period.claimed;
            assert!(left < CONTRIBUTORS.len() as u128, "left for nobody of {key:?}: {left}");
        }
    }
}
