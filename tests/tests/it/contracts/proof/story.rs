//! Random histories: some quarters of deposits, licences, reports, disputes, trades and claims, cut off at any moment.

use alloy_primitives::{B256, U256};
use yieldset_chain::abi::{Licence as Contract, Pool};
use yieldset_rules::{licence::terms::uses, period::quarter_start};
use yieldset_tests::{
    attribution::WINDOW,
    licence::{DAY, HASH},
};

use super::{
    books::{Deal, Person},
    cast::{COIN, Cast},
};

/// Numbers that look random, the same for the same seed (SplitMix64).
#[derive(Debug, Clone, Copy)]
pub struct Dice(pub u64);

impl Dice {
    pub fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ z >> 31) % sides
    }

    /// So many times out of four.
    pub fn often(&mut self, times: u64) -> bool {
        self.roll(4) < times
    }

    pub fn coins(&mut self, most: u64) -> u128 {
        COIN * u128::from(1 + self.roll(most))
    }
}

/// Most licences of a story.
const LICENCES: usize = 3;

/// Plays a story of one to five quarters.
pub fn play(cast: &mut Cast, seed: u64) {
    let mut dice = Dice(seed);
    let quarters = 1 + dice.roll(5);
    let expiry = cast.now() + (60 + dice.roll(600)) * DAY;
    cast.let_in_until(Person::Dee, expiry);
    // Any day of a quarter.
    cast.wait(dice.roll(30) * DAY);
    for n in 0..quarters {
        for _ in 0..4 + dice.roll(6) {
            happens(cast, &mut dice);
        }
        if n + 1 < quarters {
            let next = quarter_start(cast.quarter() + 1) + DAY + dice.roll(15) * DAY;
            cast.scene.at(next);
            turn(cast, &mut dice);
        }
    }
    if dice.often(1) {
        let (admin, pool) = (cast.admin(), cast.pool());
        cast.must(&admin, pool, Pool::pauseCall {});
        cast.books.paused = true;
    }
}

fn happens(cast: &mut Cast, dice: &mut Dice) {
    // Within the quarter.
    let left = quarter_start(cast.quarter() + 1) - cast.now();
    cast.wait(dice.roll(left / 8));
    match dice.roll(12) {
        0..=2 => {
            // Now and then money for a stream of a licence that anybody adds, or for a quarter that is long over.
            let stream = if dice.often(3) { 0 } else { dice.roll(cast.streams().end as u64) as usize };
            let quarter = cast.quarter() - dice.roll(4) as u32;
            let amount = dice.coins(900);
            cast.deposit(stream, quarter, amount);
        }
        3 | 4 if cast.ids.len() < LICENCES => licence(cast, dice),
        5 => {
            let pair = [Person::Ann, Person::Ben];
            let from = dice.roll(2) as usize;
            let parts = u128::from(1 + dice.roll(150));
            // Both go on having votes.
            if parts + 100 <= cast.books.parts_of(pair[from]) {
                cast.transfer(pair[from], pair[1 - from], parts);
            }
        }
        6 => {
            let parts = u128::from(2 + dice.roll(20));
            if let Some(order) = cast.ask(Person::Ann, parts).filter(|_| dice.often(3)) {
                let taken = 1 + u128::from(dice.roll(parts as u64));
                cast.fill(Person::Patron, order, taken);
            }
        }
        7 => {
            let parts = u128::from(1 + dice.roll(20));
            cast.bid(Person::Patron, parts);
        }
        8 => {
            let person = [Person::Ben, Person::Cid][dice.roll(2) as usize];
            if dice.often(2) && !cast.books.is_held(person) {
                cast.hold_back(person);
            } else {
                cast.let_in(person);
            }
        }
        9 => audit(cast, dice),
        10 => alleges(cast, dice),
        _ => {
            cast.claim_everything();
        }
    }
}

fn licence(cast: &mut Cast, dice: &mut Dice) {
    let spare = if dice.often(2) { dice.coins(50) } else { 0 };
    let deal = Deal { upfront: 0, residual: false, usage: 0, guarantee: 0, spare: 0 };
    let upfront = dice.coins(100);
    let deal = match dice.roll(4) {
        0 => Deal { upfront, residual: true, ..deal },
        1 => Deal { upfront, usage: dice.coins(100), ..deal },
        _ => Deal { upfront: 0, residual: true, guarantee: 12 * dice.coins(50), spare, ..deal },
    };
    cast.offer(deal);
    let number = cast.ids.len() - 1;
    // Some are never accepted, and some never funded. Votes are counted by shares that moved earlier.
    if dice.often(3) && !cast.books.is_held(Person::Ben) {
        cast.accept(number);
        if cast.books.licences[number].first.is_none() && dice.often(3) {
            cast.fund(number);
        }
    }
}

/// A holder asks for an audit; the platform may answer, and the auditor may find nothing.
fn audit(cast: &mut Cast, dice: &mut Dice) {
    let fits = |number: &usize| cast.books.licences[*number].first.is_some_and(|first| first < cast.quarter());
    let Some(number) = (0..cast.ids.len()).find(fits) else { return };
    let (licence, id, first) = (cast.licence(), cast.ids[number], cast.books.licences[number].first.unwrap());
    let ask = Contract::requestAuditCall { licence: id, quarter: first, scope: HASH, timepoint: cast.now() - 1 };
    if !cast.tries(&cast.account(Person::Ann), licence, ask) || dice.often(2) {
        return;
    }
    let answer = Contract::answerAuditCall { licence: id, number: 1, logs: HASH, manifests: HASH, runs: HASH };
    let platform = cast.account(Person::Platform);
    if cast.tries(&platform, licence, answer) && dice.often(2) {
        let (tokens, fee, expenses, report) = (U256::ZERO, U256::ZERO, U256::ZERO, HASH);
        let found = Contract::reportAuditCall {
            licence: id,
            number: 1,
            discrepancyBps: 0,
            tokens,
            calls: 0,
            fee,
            expenses,
            report,
        };
        cast.tries(&cast.auditor.clone(), licence, found);
    }
}

/// The oracle alleges a violation, a use that the terms forbid.
fn alleges(cast: &mut Cast, dice: &mut Dice) {
    let Some(number) = (0..cast.ids.len()).find(|n| cast.books.licences[*n].first.is_some()) else { return };
    let (licence, oracle, at) = (cast.licence(), cast.scene.oracle.clone(), cast.now());
    let evidence = 1 + dice.roll(200) as u8;
    let call = Contract::recordViolationCall {
        licence: cast.ids[number],
        kind: 2,
        uses: uses::AD_TARGETING_RESALE,
        at,
        evidence: B256::repeat_byte(evidence),
    };
    if cast.tries(&oracle, licence, call) {
        cast.books.licences[number].alleged = Some(evidence);
    }
}

/// A quarter is over: the platform reports and pays, the committee reports, and some of it is disputed.
fn turn(cast: &mut Cast, dice: &mut Dice) {
    cast.send_on();
    for number in 0..cast.ids.len() {
        let gross = COIN * 1_000 * u128::from(dice.roll(3) * dice.roll(40));
        if dice.often(3) && cast.report(number, gross) && dice.often(3) {
            for quarter in cast.books.licences[number].quarters() {
                cast.pay(number, quarter);
            }
        }
    }
    cast.anybody_trues_up();
    for stream in cast.streams() {
        let quarter = cast.quarter() - 1;
        let withdrawn = cast.books.reports.iter().find(|(key, report)| key.0 == stream && report.withdrawn);
        let withdrawn = withdrawn.map(|(key, _)| key.1).filter(|_| dice.often(2));
        let known = stream == 0 || cast.books.licences[stream - 1].accepted;
        if known && dice.often(3) && cast.books.last_report(stream).is_none_or(|last| last < quarter) {
            let weights = dice.often(3);
            cast.post(stream, quarter, weights);
            if dice.often(2) {
                contest(cast, dice, (stream, quarter));
            }
        }
        if let Some(withdrawn) = withdrawn {
            let weights = dice.often(3);
            cast.post(stream, withdrawn, weights);
        }
    }
    if dice.often(2) {
        cast.close_windows();
        let quarter = cast.quarter() - 1;
        for number in 0..cast.ids.len() {
            cast.assess(number, quarter);
        }
    } else {
        // Nobody comes back in time to what is pending now.
        cast.wait(WINDOW / 2);
    }
}

fn contest(cast: &mut Cast, dice: &mut Dice, key: (usize, u32)) {
    let defended = dice.often(2);
    cast.dispute(key, defended);
    if dice.often(3) {
        let upheld = dice.often(2);
        cast.rule(key, upheld);
    }
}
