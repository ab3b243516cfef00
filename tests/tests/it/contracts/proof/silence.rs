//! For each role that falls silent for ever at the end of a random history: years pass, everybody else does what they
//! can, and then every coin and share is with whom the books say, to the unit, or it is in the one contract, for the
//! one reason and as long as the table says.

use std::collections::{BTreeMap, BTreeSet};

use alloy_primitives::U256;
use alloy_sol_types::SolCall;
use yieldset_chain::abi::{Access, Coop, Kyc, Pool};
use yieldset_chain::deployment::role;
use yieldset_rules::period::{quarter_at, quarter_start};
use yieldset_tests::{
    coop::Plan,
    deal::PART,
    licence::DAY,
    system::{YEAR, kyc_registry},
};

use super::{
    books::{Books, FORFEITED, PEOPLE, Person},
    cast::Cast,
    story::play,
    sweep::{ROLES, Role},
};

/// Why money stays where it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Why {
    /// The platform's own in the licence contract: the upfront of an offer that nobody accepted, an escrow's rest once
    /// all is reported. Until it takes it.
    OwnRefund,
    /// An escrow's rest while the platform has not reported every quarter.
    Unreported,
    /// A trader's own on the market: what its sales brought and its closed bids left. Until it takes it.
    OwnCredit,
    /// In the pool, of an account that the registrar holds back: until the registrar lets it in, or the holders' vote
    /// and thirty days put another registry in its place.
    HeldBack,
    /// In the pool, everything that was earned, in a pause: until the pauser ends it, or the holders' vote and thirty
    /// days put another logic in its place.
    Paused,
}

/// What a role's silence locks; of roles that are not here it is nothing. SECURITY.md has this table in words.
const TABLE: [(Role, &[Why]); 5] = [
    (Role::Platform, &[Why::OwnRefund, Why::Unreported]),
    (Role::Registrar, &[Why::HeldBack]),
    (Role::Pauser, &[Why::Paused]),
    (Role::Holder, &[Why::OwnCredit]),
    (Role::Patron, &[Why::OwnCredit]),
];

/// Money that is not with its owner.
#[derive(Debug, Clone, Copy)]
struct Lock {
    why: Why,
    owner: Person,
    amount: u128,
}

/// When nothing waits any more that is not locked: by the times in docs/contracts/pool.md and licence.md.
pub fn horizon(cast: &Cast, silent: Role) -> u32 {
    let books = &cast.books;
    let mut last = cast.quarter();
    for (stream, quarter) in books.legs.keys() {
        let silence = if *stream == 0 { 5 } else { 2 };
        last = last.max((*quarter).max(books.last_report(*stream).unwrap_or_default()) + silence);
    }
    for report in books.reports.values().filter(|report| report.withdrawn) {
        last = last.max(report.withdrawn_in + 5);
    }
    for licence in &books.licences {
        // 90 days for usage, and a whole quarter; an offer stands for 30 days, and an escrow is funded in 14.
        let end = licence.last().map(|last| quarter_at(quarter_start(last + 1) + 90 * DAY));
        let end = end.unwrap_or_else(|| quarter_at(cast.now() + 30 * DAY));
        last = last.max(end + 2);
        if FORFEITED && silent == Role::Platform {
            // 40 days to pay, and four quarters.
            last = last.max(licence.last().map_or(0, |last| last + 6));
        }
    }
    last
}

/// What each should have gained once nothing is locked, and what is.
fn expected(books: &Books, silent: Role) -> (BTreeMap<Person, i128>, Vec<Lock>) {
    let mut settled = books.settled();
    let mut locks = Vec::new();
    let mut lock = |why, owner, amount| {
        if amount > 0 {
            locks.push(Lock { why, owner, amount });
        }
    };
    for licence in &books.licences {
        let offered = if licence.accepted { 0 } else { licence.deal.upfront };
        settled.gain(Person::Platform, offered + licence.rest());
        if silent == Role::Platform {
            lock(Why::OwnRefund, Person::Platform, offered);
            let rest = if licence.is_reported() { Why::OwnRefund } else { Why::Unreported };
            lock(rest, Person::Platform, if FORFEITED { 0 } else { licence.rest() });
        }
    }
    for (person, credit) in &books.credits {
        settled.gain(*person, *credit);
        if silent.is(*person) {
            lock(Why::OwnCredit, *person, *credit);
        }
    }
    for (person, had) in &books.held {
        let gains = settled.gains.get(person).copied().unwrap_or_default();
        lock(Why::HeldBack, *person, u128::try_from(gains - had).unwrap());
    }
    (settled.gains, locks)
}

/// Compares everything with the books.
fn check(cast: &mut Cast, silent: Role, seed: u64) -> BTreeSet<Why> {
    let (gains, mut locks) = expected(&cast.books, silent);
    for person in PEOPLE {
        let due = gains.get(&person).copied().unwrap_or_default();
        let gained = cast.gained(person);
        if cast.books.paused && due > gained && locks.iter().all(|lock| lock.owner != person) {
            let amount = u128::try_from(due - gained).unwrap();
            locks.push(Lock { why: Why::Paused, owner: person, amount });
        }
        let locked: u128 = locks.iter().filter(|lock| lock.owner == person).map(|lock| lock.amount).sum();
        let what = format!("seed {seed}, {silent:?} silent: {person:?} of {locks:?}\n{:#?}", cast.books);
        assert_eq!(gained + i128::try_from(locked).unwrap(), due, "{what}");
    }
    let place = |why: &Why| match why {
        Why::OwnRefund | Why::Unreported => 0,
        Why::OwnCredit => 1,
        Why::HeldBack | Why::Paused => 2,
    };
    let contracts = [cast.licence(), cast.scene.w.market, cast.pool(), cast.registry()];
    for (n, contract) in contracts.into_iter().enumerate() {
        let locked: u128 = locks.iter().filter(|lock| place(&lock.why) == n).map(|lock| lock.amount).sum();
        assert_eq!(cast.balance(contract), U256::from(locked), "seed {seed}, {silent:?} silent: in contract {n}");
    }
    for person in PEOPLE {
        let (account, pool) = (cast.account(person).address, cast.pool());
        let shares = cast.must(&cast.anybody(), pool, Pool::balanceOfCall { account });
        assert_eq!(shares, U256::from(cast.books.parts_of(person) * PART), "seed {seed}: shares of {person:?}");
        let restraints = cast.must(&cast.anybody(), pool, Pool::restraintsOfCall { account });
        assert_eq!(restraints.reserved, U256::ZERO, "seed {seed}: reserved shares of {person:?}");
    }
    let allowed = TABLE.iter().find(|(role, _)| *role == silent).map_or(&[][..], |(_, whys)| whys);
    let found: BTreeSet<_> = locks.iter().map(|lock| lock.why).collect();
    assert!(found.iter().all(|why| allowed.contains(why)), "seed {seed}: {silent:?} locks {locks:?}");
    found
}

impl Cast {
    /// Whether the pool or the licence contract has more than what is locked.
    fn something_waits(&mut self, silent: Role) -> bool {
        let (_, locks) = expected(&self.books, silent);
        let locked: u128 = locks.iter().map(|lock| lock.amount).sum();
        let has = [self.pool(), self.licence(), self.scene.w.market].map(|contract| self.balance(contract));
        !self.books.paused && has.iter().sum::<U256>() > U256::from(locked)
    }
}

/// The holders' vote names another registry, whose registrar speaks; nothing is held back any more.
fn another_registry(cast: &mut Cast) {
    let (admin, pool) = (cast.admin(), cast.pool());
    let kyc = kyc_registry(&mut cast.scene.w.s.chain, &admin);
    let grant = Access::grantRoleCall { role: role("AGENT_ROLE"), account: admin.address };
    cast.must(&admin, kyc, grant);
    let call = Pool::proposeSuccessorCall { part: 0, successor: kyc };
    cast.wait(60);
    vote_of_ann(cast, &Plan::one(pool, 0, call.abi_encode(), "Another registry"));
    cast.wait(30 * DAY);
    cast.must(&cast.anybody(), pool, Pool::adoptSuccessorCall { part: 0 });
    for person in PEOPLE {
        let (account, expiry) = (cast.account(person).address, cast.now() + YEAR);
        let record = Kyc::setRecordCall { account, level: 1, jurisdiction: 276, accredited: false, expiry };
        cast.must(&admin, kyc, record);
        cast.books.expiries.insert(person, expiry);
    }
    cast.books.held.clear();
    cast.claim_everything();
}

/// Ann alone is a quorum; Ben may be held back.
fn vote_of_ann(cast: &mut Cast, plan: &Plan) {
    let (coop, ann, now) = (cast.scene.coop, cast.account(Person::Ann), cast.now());
    let chain = |cast: &mut Cast, time| cast.scene.w.s.chain.set_time(time);
    chain(cast, now - 19);
    let id = cast.must(&ann, coop, plan.propose());
    chain(cast, now - 13);
    cast.must(&ann, coop, Coop::castVoteCall { proposalId: id, support: 1 });
    chain(cast, now);
    cast.must(&cast.anybody(), coop, plan.execute());
}

pub fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|n| n.parse().ok()).unwrap_or(otherwise)
}

/// Proves SAFE-1: whichever role falls silent for ever, each coin and share reaches who it belongs to, to
/// the unit, by what anybody and the others can do; or it waits, in exactly this amount, for what the table says.
#[test]
fn no_silence_keeps_what_is_anothers() {
    let (first, seeds) = (number("YIELDSET_SILENCE_SEED", 7), number("YIELDSET_SILENCE_CASES", 4));
    let (mut found, mut late) = (BTreeSet::new(), BTreeSet::new());
    let mut cast = Cast::new();
    for seed in first..first + seeds {
        cast.aside(|cast| {
            play(cast, seed);
            for silent in ROLES {
                cast.aside(|cast| {
                    let until = horizon(cast, silent);
                    cast.sweep_until(silent, until - 1);
                    if cast.something_waits(silent) {
                        late.insert(silent);
                    }
                    cast.sweep_until(silent, until);
                    found.extend(check(cast, silent, seed).into_iter().map(|why| (silent, why)));
                    if silent == Role::Registrar {
                        another_registry(cast);
                        assert_eq!(check(cast, silent, seed), BTreeSet::new());
                    }
                });
            }
        });
    }
    println!("{found:?}, until the last quarter {late:?}");
    let rows = TABLE.iter().flat_map(|(role, whys)| whys.iter().map(move |why| (*role, *why)));
    if seeds >= 4 {
        for row in rows.filter(|(_, why)| !FORFEITED || *why != Why::Unreported) {
            assert!(found.contains(&row), "no history in which {row:?} is seen");
        }
        // The times are no longer than they must be.
        assert!(late.contains(&Role::Committee) && late.contains(&Role::Nobody), "{late:?}");
    }
}

/// Whether a wrong entry in the books is noticed.
fn noticed(cast: &mut Cast, wrong: impl FnOnce(&mut Books)) -> bool {
    let right = cast.books.clone();
    wrong(&mut cast.books);
    let check = std::panic::AssertUnwindSafe(|| check(cast, Role::Nobody, 0));
    let noticed = std::panic::catch_unwind(check).is_err();
    cast.books = right;
    noticed
}

/// The check is one: a quarter's coin, a part of the shares, a unit too much or too little, and a report that says
/// something else are noticed.
#[test]
fn a_wrong_entry_is_noticed() {
    let mut cast = Cast::new();
    play(&mut cast, 3);
    let until = horizon(&cast, Role::Nobody);
    cast.sweep_until(Role::Nobody, until);
    check(&mut cast, Role::Nobody, 3);
    assert!(noticed(&mut cast, |books| *books.legs.values_mut().next().unwrap() += 10_000), "a quarter's money");
    assert!(noticed(&mut cast, |books| *books.parts.get_mut(&Person::Ann).unwrap() += 1), "shares");
    assert!(noticed(&mut cast, |books| books.gain(Person::Cid, 1)), "a unit");
    assert!(noticed(&mut cast, |books| books.lose(Person::Platform, 1)), "a unit less");
    assert!(
        noticed(&mut cast, |books| {
            let (key, report) =
                books.reports.iter().find(|(key, report)| report.weights && books.legs.contains_key(key)).unwrap();
            books.reports.insert(*key, super::books::Report { weights: false, ..*report });
        }),
        "a report that says nothing qualified"
    );
}
