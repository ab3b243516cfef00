//! The stories of all contracts together with a stranger between the honest people's messages: registrations in
//! advance, orders, offers, money for streams and for others' dues in single units, and every message that anybody may
//! send, at any time. Each story is played without the stranger and with it; no honest message is refused that was not,
//! and nobody has less, a unit for each of the stranger's steps aside. Disputes are in the model's histories
//! (`model/interference.rs`).

use std::collections::BTreeMap;

use alloy_primitives::{B256, U256};
use alloy_sol_types::SolCall;
use yieldset_chain::abi::{Attribution, Coop, Licence as Contract, Manifests, Market, Pool};
use yieldset_tests::{
    chain::Account,
    coop::Plan,
    licence::{DATASET, DAY, HASH, menu, plain},
    manifests::{found, register},
    market::LOT,
};

use super::{
    books::{PEOPLE, Person},
    cast::Cast,
    silence::{horizon, number},
    story::{Dice, play},
    sweep::Role,
};

/// Who is between the others.
pub struct Stranger {
    account: Account,
    dice: Dice,
    /// What became of the honest people's attempts without the stranger.
    pub alone: Vec<bool>,
    /// Steps that were taken, by name.
    taken: BTreeMap<&'static str, u32>,
}

/// Refusals that say that somebody has done it already.
const DONE: [&str; 14] = [
    "AlreadyClosed",
    "AlreadyDone",
    "AlreadyRecorded",
    "NotDisputed",
    "NothingDue",
    "NothingHeld",
    "NothingOwed",
    "NothingToClaim",
    "NothingToRefund",
    "NothingWaits",
    "UnknownOrder",
    "UsageAlreadyReported",
    "WrongStage",
    "YearOutOfOrder",
];

/// Whether a refusal is no loss to who wanted it done.
pub fn is_done(refusal: &yieldset_tests::chain::Failure) -> bool {
    DONE.iter().any(|name| refusal.is(name))
}

impl Cast {
    /// The stranger does up to four things.
    pub fn stranger_acts(&mut self) {
        let Some(mut stranger) = self.between.take() else { return };
        for _ in 0..stranger.dice.roll(5) {
            self.stranger_does(&mut stranger);
        }
        self.between = Some(stranger);
    }

    fn stranger_does(&mut self, stranger: &mut Stranger) {
        let dice = &mut stranger.dice;
        let number = dice.roll(self.ids.len().max(1) as u64) as usize;
        // Mostly one in force.
        let in_force = self.books.licences.iter().position(|licence| licence.first.is_some());
        let number = in_force.filter(|_| dice.often(3)).unwrap_or(number);
        let kind = dice.roll(if self.ids.is_empty() { 3 } else { 8 });
        let name = match kind {
            0 => self.strange_money(stranger),
            1 => self.strange_order(stranger),
            2 => self.strange_registration(stranger),
            3..6 => self.strange_record(stranger, number),
            _ => self.strange_licence(stranger, number),
        };
        if let Some(name) = name {
            *stranger.taken.entry(name).or_default() += 1;
        }
    }

    /// The message's name, where it is taken.
    fn strange<C: SolCall>(
        &mut self,
        stranger: &Stranger,
        to: alloy_primitives::Address,
        call: C,
    ) -> Option<&'static str> {
        self.scene.w.call(&stranger.account, to, call).is_ok().then_some(C::SIGNATURE)
    }

    fn strange_money(&mut self, stranger: &mut Stranger) -> Option<&'static str> {
        let (pool, registry, now) = (self.pool(), self.registry(), self.quarter());
        let dice = &mut stranger.dice;
        let at = dice.roll(self.streams().end as u64) as usize;
        let (stream, period, n) = (self.stream(at), now - dice.roll(5) as u32, dice.roll(2) as usize);
        let account = self.account(PEOPLE[dice.roll(PEOPLE.len() as u64) as usize]).address;
        let later = period + 1 + dice.roll(3) as u32;
        match dice.roll(8) {
            0 => self.strange(stranger, pool, Pool::depositCall { stream, period, amount: U256::from(1) }),
            1 => self.strange(stranger, pool, Pool::carryCall { stream, from: period, to: later }),
            2 => self.strange(stranger, pool, Pool::releaseWaitingCall { stream, period }),
            3 => self.strange(stranger, pool, Pool::claimForCall { account }),
            4 => {
                let claim = self.scene.c.claim_for(n, stream, period);
                self.strange(stranger, pool, claim)
            }
            5 => self.strange(stranger, registry, Attribution::expireCall { pool, stream, period }),
            6 => {
                let currency = self.scene.currency;
                self.strange(stranger, registry, Attribution::withdrawBondCall { currency, account, to: account })
            }
            _ => self.strange(stranger, pool, Pool::endDelegationCall { account }),
        }
    }

    fn strange_order(&mut self, stranger: &mut Stranger) -> Option<&'static str> {
        let (market, pool, dice) = (self.scene.w.market, self.pool(), &mut stranger.dice);
        let order = 1 + dice.roll(12);
        match dice.roll(5) {
            0 => {
                let (price, expiry) = (5 * (1 + u128::from(dice.roll(1 << 40))), self.now() + 1 + dice.roll(90) * DAY);
                let bid = yieldset_tests::market::bid(pool, LOT, price, expiry);
                self.strange(stranger, market, bid)
            }
            1 => self.strange(stranger, market, Market::cancelCall { order }),
            2 | 3 => self.strange(stranger, market, Market::cancelExpiredCall { order }),
            _ => {
                let bid = 1 + dice.roll(12);
                self.strange(stranger, market, Market::matchOrdersCall { ask: order, bid, shares: U256::from(LOT) })
            }
        }
    }

    /// What others will register, and proposals that others could make.
    fn strange_registration(&mut self, stranger: &mut Stranger) -> Option<&'static str> {
        let (manifests, coop, pool) = (self.scene.w.s.manifests, self.scene.coop, self.pool());
        let (contract, dice) = (self.licence(), &mut stranger.dice);
        match dice.roll(7) {
            0 => self.strange(stranger, manifests, found(0xda, 1)),
            1 => {
                let version = dice.roll(4) as u8;
                self.strange(stranger, manifests, register(DATASET, version))
            }
            2 => self.strange(stranger, manifests, Manifests::assignToPoolCall { dataset: DATASET, pool }),
            3 => {
                let id = self.ids.last().copied().unwrap_or_default();
                let accept = Contract::acceptCall { licence: id, option: 0 }.abi_encode();
                let plan = Plan::one(contract, 0, accept, &format!("Accept {id}"));
                let call = plan.propose();
                self.strange(stranger, coop, call)
            }
            4 => {
                let votes = Coop::castVoteCall { proposalId: U256::from(dice.roll(9)), support: 1 };
                self.strange(stranger, coop, votes)
            }
            // An offer for the same dataset, which is never accepted.
            5 => {
                let (currency, datasets, options) = (self.scene.currency, vec![DATASET], vec![menu(&plain(), &[])]);
                let expires = self.now() + 30 * DAY;
                let offer = Contract::offerCall { pool, currency, datasets, options, expiresAt: expires };
                self.strange(stranger, contract, offer)
            }
            _ => self.strange(stranger, pool, Pool::delegateCall { delegatee: stranger.account.address }),
        }
    }

    /// Of a licence that is in force one of its quarters until now.
    fn some_quarter(&self, stranger: &mut Stranger, number: usize) -> u32 {
        let now = self.quarter();
        let first = self.books.licences[number].first.unwrap_or(now - 3);
        first + stranger.dice.roll(u64::from(now - first) + 1) as u32
    }

    /// What anybody has recorded of a licence.
    fn strange_record(&mut self, stranger: &mut Stranger, number: usize) -> Option<&'static str> {
        let (contract, id, quarter) = (self.licence(), self.ids[number], self.some_quarter(stranger, number));
        let dice = &mut stranger.dice;
        match dice.roll(9) {
            0 | 1 => self.strange(stranger, contract, Contract::assessUsageCall { licence: id, quarter }),
            2 => self.strange(stranger, contract, Contract::recordDefaultCall { licence: id, number: quarter }),
            3 => self.strange(stranger, contract, Contract::recordDefaultCall { licence: id, number: 0 }),
            4 => {
                let (kind, number) = (1 + dice.roll(5) as u8, [quarter, 1][dice.roll(2) as usize]);
                self.strange(stranger, contract, Contract::recordBreachCall { licence: id, kind, number })
            }
            5 => self.strange(stranger, contract, Contract::trueUpCall { licence: id, year: 1 }),
            6 => self.strange(stranger, contract, Contract::deliverCall { licence: id, period: quarter }),
            7 => self.strange(stranger, contract, Contract::closeCall { licence: id }),
            _ => self.strange(stranger, contract, Contract::lapseCall { licence: id }),
        }
    }

    /// Money for the platform's dues, and what is others' to say.
    fn strange_licence(&mut self, stranger: &mut Stranger, number: usize) -> Option<&'static str> {
        let (contract, id, quarter) = (self.licence(), self.ids[number], self.some_quarter(stranger, number));
        let (me, one) = (stranger.account.address, U256::from(1));
        let dice = &mut stranger.dice;
        match dice.roll(12) {
            0 => self.strange(stranger, contract, Contract::payCall { licence: id, quarter, value: one }),
            1 => self.strange(stranger, contract, Contract::fundEscrowCall { licence: id, value: one }),
            2 => self.strange(stranger, contract, Contract::payShortfallCall { licence: id, year: 1, value: one }),
            3 => self.strange(stranger, contract, Contract::refundCall { licence: id, to: me }),
            4 => {
                let timepoint = self.now() - 1;
                let ask = Contract::requestAuditCall { licence: id, quarter, scope: HASH, timepoint };
                self.strange(stranger, contract, ask)
            }
            5 => self.strange(stranger, contract, Contract::applyFindingCall { licence: id, number: 1 }),
            6 => self.strange(stranger, contract, Contract::payAuditCall { licence: id, number: 1, expenses: false }),
            7 => self.strange(stranger, contract, Contract::withdrawCall { licence: id }),
            8 => self.strange(stranger, contract, Contract::declineCall { licence: id }),
            9 => self.strange(stranger, contract, Contract::acceptPlatformCall { licence: id }),
            10 => {
                let (kind, which) = (1 + dice.roll(2) as u8, B256::with_last_byte(1));
                self.strange(stranger, contract, Contract::dismissCall { licence: id, kind, which })
            }
            _ => {
                let (reason, kind) = (1 + dice.roll(5) as u8, dice.roll(6) as u8);
                let end = Contract::terminateCall { licence: id, reason, kind, number: quarter, evidence: HASH };
                self.strange(stranger, contract, end)
            }
        }
    }
}

/// How a story ends: money and shares of each, and what became of each attempt.
fn told(cast: &mut Cast, seed: u64, stranger: Option<Stranger>) -> ([i128; 7], [u128; 7], Vec<bool>, Option<Stranger>) {
    cast.aside(|cast| {
        (cast.between, cast.log) = (stranger, vec![]);
        play(cast, seed);
        let until = horizon(cast, Role::Nobody);
        cast.sweep_until(Role::Nobody, until);
        let stranger = cast.between.take();
        let gained = PEOPLE.map(|person| cast.gained(person));
        let shares = PEOPLE.map(|person| {
            let (account, pool) = (cast.account(person).address, cast.pool());
            cast.must(&cast.anybody(), pool, Pool::balanceOfCall { account }).to()
        });
        (gained, shares, std::mem::take(&mut cast.log), stranger)
    })
}

/// Who is compared: each person, but buyer and seller together where the stranger matched their orders. Only an ask of
/// Ann's and a bid of the patron's can meet, at the price that both named, and nobody may take that from them: shares
/// went one way and their price the other, with the dividends of the time after.
fn groups(matched: bool) -> Vec<Vec<Person>> {
    let pair = [Person::Ann, Person::Patron];
    let alone = PEOPLE.into_iter().filter(|person| !matched || !pair.contains(person)).map(|person| vec![person]);
    alone.chain(matched.then(|| pair.to_vec())).collect()
}

/// Proves SAFE-4 on all built blobs together: whatever a stranger registers in advance, offers, orders,
/// pays, or has recorded at odd times, no honest message is refused for it, and nobody honest ends with less.
#[test]
fn a_stranger_among_licences_takes_nothing_and_stops_nobody() {
    let (first, seeds) = (number("YIELDSET_BETWEEN_SEED", 1), number("YIELDSET_BETWEEN_CASES", 8));
    let mut cast = Cast::new();
    let mut taken = BTreeMap::new();
    for seed in first..first + seeds {
        let (gained, shares, alone, _) = told(&mut cast, seed, None);
        let account = cast.stranger();
        let had = cast.balance(account.address);
        let stranger = Stranger { account, dice: Dice(!seed), alone, taken: BTreeMap::new() };
        let (after, kept, _, stranger) = told(&mut cast, seed, Some(stranger));
        let stranger = stranger.unwrap();
        let steps: u32 = stranger.taken.values().sum();
        let matched = stranger.taken.contains_key(Market::matchOrdersCall::SIGNATURE);
        for group in groups(matched) {
            let what = format!("seed {seed}: {group:?} after {:?}", stranger.taken);
            let money = |of: &[i128; 7]| group.iter().map(|person| of[*person as usize]).sum::<i128>();
            let parts = |of: &[u128; 7]| group.iter().map(|person| of[*person as usize]).sum::<u128>();
            let (after, gained) = (money(&after), money(&gained));
            assert!(after + i128::from(steps) >= gained, "{after} instead of {gained} for {what}");
            assert!(parts(&kept) >= parts(&shares), "shares of {what}");
        }
        assert!(cast.balance(stranger.account.address) <= had);
        for (name, times) in stranger.taken {
            *taken.entry(name).or_insert(0) += times;
        }
    }
    println!("{taken:?}");
    if seeds >= 8 && first == 1 {
        for name in [
            Pool::depositCall::SIGNATURE,
            Contract::assessUsageCall::SIGNATURE,
            Contract::recordDefaultCall::SIGNATURE,
            Contract::fundEscrowCall::SIGNATURE,
            Contract::offerCall::SIGNATURE,
            Manifests::registerDatasetCall::SIGNATURE,
        ] {
            assert!(taken.contains_key(name), "no {name} in {taken:?}");
        }
        let nobodys = [Contract::terminateCall::SIGNATURE, Contract::declineCall::SIGNATURE];
        assert!(nobodys.iter().all(|name| !taken.contains_key(name)), "{taken:?}");
    }
    assert_eq!(cast.books.parts_of(Person::Ann), 600);
}
