//! Non-interference: a history of honest people's steps is run as it is, and again with a stranger's steps between
//! them. No step is refused for the stranger's, and nobody has less in the end, dust aside.
//!
//! The model alone runs here; that the contracts do as it does is proven by the histories beside.
//!
//! Left out are scarce things that a stranger takes at their price: shares of the sale, others' orders, and the one
//! dispute or defence that a report has at a time, where an honest one is made too. Left out as well is a committee
//! that signs too many weights: there whoever claims first is paid. What a stranger disputes the arbiter rejects at
//! once; how long it may take is in docs/contracts/attribution.md. A lost account and its replacement are one: who is
//! paid before the recovery is paid at the lost one.

use std::{cell::RefCell, collections::BTreeMap, rc::Rc};

use alloy_primitives::U256;
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};
use yieldset_rules::dispute::{MAX_DISPUTES, Phase, State};
use yieldset_rules::waiting::Way;
use yieldset_tests::{
    attribution::{RULING, WINDOW},
    market::{LOT, TICK},
};

use super::{
    books::{Books, Givens, Refusal},
    draw::{Draw, draw, pick},
    opening::{Opening, openings},
    step::{ADMIN, CONTRIBUTORS, MARKET, PARTIES, Party, STRANGER, Step, ZERO},
};

/// A stranger with a KYC record and shares of its own. The other is [`STRANGER`], who has neither; both are one person.
const RICH: Party = 3;
/// Periods are drawn as 1 to 4, and moved behind this: 2025 Q4 to 2026 Q3, of which money waits for reports.
const BEFORE: u32 = 8_102;

/// What is drawn for one moment: an honest step, and the stranger's before it.
type Moment = (Draw, Vec<Draw>);

fn moments() -> impl Strategy<Value = (Opening, Vec<Moment>)> {
    let moment = (draw(), prop::collection::vec(draw(), 0..4));
    (openings(), prop::collection::vec(moment, 1..=40))
}

/// The step at periods that are just over, and by a committee that signs what adds up.
fn at_present(mut step: Step) -> Step {
    let late = |period: &mut u32| *period += if (1..=4).contains(period) { BEFORE } else { 0 };
    match &mut step {
        Step::Post { period, tree, .. } => {
            late(period);
            *tree = if *tree == 2 { 1 } else { *tree };
        }
        Step::Deposit { period, .. }
        | Step::ReleaseWaiting { period, .. }
        | Step::Dispute { period, .. }
        | Step::Defend { period, .. }
        | Step::Uphold { period, .. }
        | Step::Reject { period, .. }
        | Step::Expire { period, .. }
        | Step::DeliverBond { period, .. } => late(period),
        Step::Carry { from, to, .. } => {
            late(from);
            late(to);
        }
        Step::ClaimContribution { item, .. } | Step::ClaimContributionFor { item, .. } => late(&mut item.period),
        Step::ClaimContributions { items, .. } => items.iter_mut().for_each(|item| late(&mut item.period)),
        _ => {}
    }
    step
}

/// Whether a step is by a stranger or about one: of the fields that name parties.
fn names_a_stranger(step: &Step) -> bool {
    const FIELDS: [&str; 11] =
        ["by", "to", "from", "account", "owner", "spender", "buyer", "maker", "taker", "lost", "replacement"];
    let text = format!("{step:?}");
    FIELDS.iter().any(|field| {
        [RICH, STRANGER]
            .iter()
            .any(|party| [",", " }"].iter().any(|end| text.contains(&format!(" {field}: {party}{end}"))))
    })
}

/// The same step where orders have other numbers.
fn renumbered(mut step: Step, numbers: &BTreeMap<u64, u64>) -> Step {
    let new = |order: &mut u64| *order = numbers.get(order).copied().unwrap_or(*order);
    match &mut step {
        Step::FillAsk { order, .. }
        | Step::FillBid { order, .. }
        | Step::Cancel { order, .. }
        | Step::CancelExpired { order, .. } => new(order),
        Step::Match { ask, bid, .. } => {
            new(ask);
            new(bid);
        }
        _ => {}
    }
    step
}

/// What a step wanted is done: the stranger made it for whom it is for.
fn is_done_already(step: &Step, refusal: &Refusal) -> bool {
    let name = match step {
        Step::Claim { .. }
        | Step::ClaimFor { .. }
        | Step::ClaimContribution { .. }
        | Step::ClaimContributionFor { .. }
        | Step::ClaimContributions { .. } => "NothingToClaim",
        Step::WithdrawBond { .. } => "NothingOwed",
        Step::DeliverBond { .. } => "NothingKept",
        Step::Cancel { .. } | Step::CancelExpired { .. } => "UnknownOrder",
        Step::Carry { .. } | Step::ReleaseWaiting { .. } => "NothingWaits",
        Step::Inherit { .. } => "NothingToWithdraw",
        Step::Expire { .. } => "NotDisputed",
        _ => return false,
    };
    refusal.name == name
}

/// Seats and the largest holding are scarce: a gift of shares can fill them.
fn is_scarce(refusal: &Refusal) -> bool {
    use yieldset_rules::compliance::Restriction::{HoldingTooLarge, TooManyHolders};
    refusal.code.is_some_and(|code| [TooManyHolders as u8, HoldingTooLarge as u8].contains(&code))
}

/// The books, and what left them for each party.
struct World {
    books: Books,
    paid: [u128; PARTIES],
}

impl World {
    fn new(givens: Rc<Givens>) -> Self {
        Self { books: Books::new(givens), paid: [0; PARTIES] }
    }

    fn take(&mut self, step: &Step) -> Result<u128, Refusal> {
        // Whose money it was, wherever its owner sent it.
        let owner = match *step {
            Step::Claim { account }
            | Step::ClaimFor { account, .. }
            | Step::ClaimContribution { account, .. }
            | Step::ClaimContributionFor { account, .. }
            | Step::ClaimContributions { account, .. } => Some(self.books.payee(account)),
            Step::Withdraw { by, .. } => Some(by),
            Step::WithdrawBond { account, .. } => Some(account),
            _ => None,
        };
        let figure = self.books.apply(step)?;
        if let Some(owner) = owner {
            self.paid[owner] += figure;
        }
        Ok(figure)
    }

    fn must(&mut self, step: &Step) {
        let outcome = self.take(step);
        assert!(outcome.is_ok(), "must be possible: {step:?}: {outcome:?}");
    }

    /// Every report becomes final, every bond is owed to somebody, and money that waits goes where it can.
    fn settle(&mut self) {
        for ((stream, period), standing) in self.books.standings.clone() {
            if standing.phase() == Phase::Withdrawn {
                self.must(&Step::Post { stream, period, revision: standing.revision + 1, tree: 1, signers: 2 });
            }
        }
        self.must(&Step::Wait { seconds: RULING + WINDOW });
        for ((stream, period), standing) in self.books.standings.clone() {
            if standing.phase() == Phase::Disputed {
                self.must(&Step::Expire { by: ADMIN, stream, period });
            }
            assert_eq!(self.books.standing((stream, period)).state(self.books.now), State::Final);
        }
        for (stream, period) in self.books.legs.clone().into_keys() {
            if let (Way::Carry(to), 1..) = (self.books.way((stream, period)), self.books.unclaimed((stream, period))) {
                self.must(&Step::Carry { by: ADMIN, stream, from: period, to });
            }
        }
    }

    /// Money that a party was paid, is owed, or has in orders.
    fn money(&self, party: Party) -> u128 {
        let books = &self.books;
        let own = books.orders.values().filter(|order| books.givens.party(&order.maker) == party);
        let escrow: u128 = own.map(|order| order.escrow().unwrap()).sum();
        let earned: u128 = books.claims(party).into_iter().filter_map(|(_, pays)| pays.ok()).sum();
        self.paid[party] + books.credits[party] + books.bonds_owed[party] + books.claimable(party) + earned + escrow
    }

    /// A number for each party: the same for those that took each other's place in either registry.
    fn heirs(&self) -> [Party; PARTIES] {
        let mut groups = std::array::from_fn(|party| party);
        for party in 0..PARTIES {
            for next in [self.books.successors[party], self.books.heirs[party]].into_iter().flatten() {
                let (old, new) = (groups[party], groups[next]);
                groups.iter_mut().filter(|group| **group == old).for_each(|group| *group = new);
            }
        }
        groups
    }

    /// Shares and money by who they belong to, strangers aside.
    fn wealth(&self, heirs: &[Party; PARTIES]) -> BTreeMap<Party, (u128, u128)> {
        let mut sums = BTreeMap::new();
        for party in (0..PARTIES).filter(|party| ![RICH, STRANGER].contains(party)) {
            let sum: &mut (u128, u128) = sums.entry(heirs[party]).or_default();
            sum.0 += self.books.balance(party);
            sum.1 += self.money(party);
        }
        sums
    }
}

/// What the honest do by themselves: the steps that are taken, with the stranger's draws before each.
struct Alone {
    world: World,
    steps: Vec<(Vec<Draw>, Step, u128)>,
    /// Reports that somebody honest disputes.
    disputed: Vec<(usize, u32)>,
}

fn reported(moments: &[Moment]) -> bool {
    moments[0].0.who[1].is_multiple_of(2)
}

/// What a history begins with; where `reported`, with money of a period that has a final report, and of one before it
/// that has none.
fn opened(opening: Opening, reported: bool) -> Vec<Step> {
    let own = Step::Mint { by: ADMIN, to: RICH, amount: 1_000_000_000 };
    let approve = Step::Approve { owner: RICH, spender: MARKET, amount: U256::MAX };
    let amount = 10u128.pow(18) + 7;
    let deposit = |period| Step::Deposit { from: 0, stream: 0, period, amount, sent: amount };
    let post = Step::Post { stream: 0, period: 2, revision: 0, tree: 0, signers: 2 };
    let report = [deposit(1), deposit(2), post, Step::Wait { seconds: WINDOW }, deposit(2)];
    let reported = reported && ![Opening::Empty, Opening::Unopened].contains(&opening);
    let report = report.into_iter().filter(|_| reported);
    [own, approve].into_iter().chain(opening.steps()).chain(report).map(at_present).collect()
}

impl Alone {
    fn new(givens: Rc<Givens>, opening: Opening, moments: &[Moment]) -> Self {
        let mut alone = Self { world: World::new(givens), steps: vec![], disputed: vec![] };
        for step in opened(opening, reported(moments)) {
            alone.world.must(&step);
        }
        for (honest, strange) in moments {
            let mut strange = strange.clone();
            if honest.next_block {
                alone.take(&mut strange, Step::NextBlock);
            }
            let step = at_present(honest.step(&alone.world.books));
            if !names_a_stranger(&step) {
                alone.take(&mut strange, step);
            }
        }
        alone
    }

    fn take(&mut self, strange: &mut Vec<Draw>, step: Step) {
        let Ok(figure) = self.world.take(&step) else { return };
        if let Step::Dispute { stream, period, .. } = step {
            self.disputed.push((stream, period));
        }
        self.steps.push((std::mem::take(strange), step, figure));
    }
}

/// A stranger's step. Most fit the state, many are attempts at what is nobody's to do.
fn strange(draw: &Draw, books: &Books) -> Step {
    let by = [RICH, STRANGER][usize::from(draw.who[0]) % 2];
    let anybody = usize::from(draw.who[1]) % PARTIES;
    let leg = pick(books.legs.keys().copied(), draw.dice[1]);
    let random = (usize::from(draw.dice[1]) % 2, BEFORE + u32::from(draw.dice[2]) % 6);
    let (stream, period) = leg.filter(|_| draw.dice[2] < 190).unwrap_or(random);
    match draw.dice[0] % 16 {
        0 => Step::Deposit { from: by, stream, period, amount: 1, sent: 1 },
        1 => Step::Transfer { from: RICH, to: anybody, amount: u128::from(draw.dice[1]) },
        2 => Step::Approve { owner: by, spender: anybody, amount: U256::MAX },
        3 => Step::TransferFrom { spender: by, from: anybody, to: by, amount: books.balance(anybody).min(1) },
        4 => Step::ClaimFor {
            by,
            account: pick((0..PARTIES).filter(|p| books.claimable(*p) > 0), draw.who[1]).unwrap_or(anybody),
        },
        5 => {
            let account = CONTRIBUTORS[anybody % CONTRIBUTORS.len()];
            Step::ClaimContributions { by, account, items: books.promised_contributions(account) }
        }
        6 => match books.way((stream, period)) {
            Way::Carry(to) => Step::Carry { by, stream, from: period, to },
            _ => Step::ReleaseWaiting { by, stream, period },
        },
        7 => {
            let pending = books.standings.iter().filter(|(_, standing)| standing.state(books.now) == State::Pending);
            let (stream, period) = pick(pending.map(|(key, _)| *key), draw.dice[1]).unwrap_or((stream, period));
            Step::Dispute { by, stream, period, sent: books.bond((stream, period)) }
        }
        8 => {
            let late = books.standings.iter().filter(|(_, standing)| standing.phase() == Phase::Disputed);
            let (stream, period) = pick(late.map(|(key, _)| *key), draw.dice[1]).unwrap_or((stream, period));
            Step::Expire { by, stream, period }
        }
        9 => {
            let account = pick((0..PARTIES).filter(|p| books.bonds_owed[*p] > 0), draw.who[1]).unwrap_or(anybody);
            Step::WithdrawBond { by, account, to: if draw.dice[1] < 180 { account } else { by } }
        }
        _ => strange_trade(draw, books, by, anybody),
    }
}

fn strange_trade(draw: &Draw, books: &Books, by: Party, anybody: Party) -> Step {
    let price = TICK * (1 + u128::from(draw.dice[1]) % 6) * 1_000_000_000;
    let expiry = books.now + u64::from(draw.dice[2]);
    let order = pick(books.orders.keys().copied(), draw.dice[1]).unwrap_or(1);
    match draw.dice[0] % 16 {
        10 => Step::Ask { maker: RICH, shares: LOT * (1 + u128::from(draw.dice[3]) % 9), price, expiry },
        11 => {
            let sent = yieldset_rules::market::cost(LOT, price).unwrap();
            Step::Bid { maker: RICH, shares: LOT, price, expiry, sent }
        }
        12 => Step::Cancel { by, order },
        13 => {
            let over =
                |order: &&yieldset_rules::market::Order| order.expiry <= books.now || books.stands(order).is_err();
            let found = pick(books.orders.values().filter(over).map(|order| order.id), draw.dice[1]);
            Step::CancelExpired { by, order: found.unwrap_or(order) }
        }
        14 if draw.dice[1] < 128 => Step::Withdraw { by, to: if anybody == MARKET { ZERO } else { anybody } },
        14 => {
            let lost = pick((0..PARTIES).filter(|p| books.heirs[*p].is_some()), draw.who[1]).unwrap_or(anybody);
            Step::Inherit { by, lost }
        }
        _ => match draw.dice[1] % 8 {
            0 => Step::Pause { by },
            1 => Step::Unpause { by },
            2 => Step::Force { by, from: anybody, to: by, amount: 1 },
            3 => Step::Freeze { by, account: anybody, amount: 1 },
            4 => Step::Mint { by, to: by, amount: 1 },
            5 => Step::RaiseCap { by, cap: u128::MAX },
            6 => Step::Recover { by, lost: anybody, replacement: RICH },
            _ => Step::SetFrozen { by, account: anybody, frozen: true },
        },
    }
}

/// How a history with the stranger ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum End {
    Whole,
    /// The stranger's gift took a seat.
    Scarce,
}

/// The kinds of steps that were taken, and how often.
type Counts = BTreeMap<String, u32>;

/// What the honest did, with the stranger between them.
struct Disturbed {
    world: World,
    /// Orders that have other numbers than before.
    numbers: BTreeMap<u64, u64>,
    /// Steps taken, with whether they were the stranger's.
    told: Vec<(bool, Step)>,
    /// One unit for each of the stranger's steps.
    dust: u128,
    /// Whether the stranger disputes: lost bonds go to the honest, and might hide what they lose otherwise.
    disputes: bool,
}

impl Disturbed {
    fn strange(&mut self, draw: &Draw, disputed: &[(usize, u32)], counts: &mut Counts) {
        let step = strange(draw, &self.world.books);
        // The last possible dispute holds its period back for the rest of the window, as the game has it.
        let is_last = |key| self.world.books.standing(key).disputes + 1 == MAX_DISPUTES;
        if let Step::Dispute { stream, period, .. } = step
            && (!self.disputes || disputed.contains(&(stream, period)) || is_last((stream, period)))
        {
            return;
        }
        if self.world.take(&step).is_ok() {
            self.dust += 1;
            *counts.entry(step.name()).or_default() += 1;
            if let Step::Dispute { stream, period, .. } = step {
                self.world.must(&Step::Reject { by: ADMIN, stream, period });
            }
            self.told.push((true, step));
        }
    }

    /// An honest step; none where a scarce thing is gone.
    fn honest(&mut self, step: &Step, figure: u128, counts: &mut Counts) -> Result<Option<()>, TestCaseError> {
        let step = renumbered(step.clone(), &self.numbers);
        let outcome = self.world.take(&step);
        *counts.entry(format!("honest {}", step.name())).or_default() += 1;
        self.told.push((false, step.clone()));
        match outcome {
            Ok(number) if matches!(step, Step::Ask { .. } | Step::Bid { .. }) => {
                self.numbers.insert(figure as u64, number as u64);
            }
            Ok(_) => {}
            Err(refusal) if is_done_already(&step, &refusal) => *counts.entry("done already".into()).or_default() += 1,
            Err(refusal) if is_scarce(&refusal) => return Ok(None),
            Err(refusal) => {
                let told = self.words();
                return Err(TestCaseError::fail(format!("refused for a stranger's steps: {refusal:?}\n{told}")));
            }
        }
        Ok(Some(()))
    }

    fn words(&self) -> String {
        let line = |(strange, step): &(bool, Step)| format!("  {}{step:?}\n", if *strange { "STRANGER " } else { "" });
        self.told.iter().map(line).collect()
    }
}

/// Plays both histories and compares them.
fn compare(
    givens: Rc<Givens>,
    opening: Opening,
    moments: &[Moment],
    counts: &mut Counts,
) -> Result<End, TestCaseError> {
    let mut alone = Alone::new(givens.clone(), opening, moments);
    let mut world = World::new(givens);
    for step in opened(opening, reported(moments)) {
        world.must(&step);
    }
    let disputes = moments[0].0.who[0].is_multiple_of(2);
    let mut with = Disturbed { world, numbers: BTreeMap::new(), told: vec![], dust: 0, disputes };
    for (draws, step, figure) in &alone.steps {
        for draw in draws {
            with.strange(draw, &alone.disputed, counts);
        }
        if with.honest(step, *figure, counts)?.is_none() {
            return Ok(End::Scarce);
        }
    }
    with.world.settle();
    alone.world.settle();
    let heirs = with.world.heirs();
    let (before, after) = (alone.world.wealth(&heirs), with.world.wealth(&heirs));
    for (party, (shares, money)) in before {
        let (has, dust) = (after[&party], with.dust);
        prop_assert!(has.0 >= shares, "{party} has {} shares, alone {shares}\n{}", has.0, with.words());
        prop_assert!(has.1 + dust >= money, "{party} has {} of money, alone {money}\n{}", has.1, with.words());
    }
    Ok(End::Whole)
}

fn cases() -> u32 {
    std::env::var("YIELDSET_STRANGER_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(400)
}

/// Proves SAFE-4 on the model of pool, registries and market: whatever a stranger with money does between honest
/// people's steps, none of these is refused for it but for a seat that is taken, and nobody honest has less shares or
/// money in the end, dust aside: a unit for each of the stranger's steps.
#[test]
fn a_stranger_takes_nothing_and_stops_nobody() {
    let addresses = std::array::from_fn(|n| if n == PARTIES { [0; 20] } else { [n as u8 + 1; 20] });
    let givens = Rc::new(Givens::new(addresses, [0x70; 20], [0x71; 20]));
    let (counts, ends) = (RefCell::new(Counts::new()), RefCell::new(BTreeMap::new()));
    let mut runner = TestRunner::new(Config {
        cases: cases(),
        failure_persistence: None,
        max_shrink_iters: 150,
        ..Config::default()
    });
    let result = runner.run(&moments(), |(opening, moments)| {
        let end = compare(givens.clone(), opening, &moments, &mut counts.borrow_mut())?;
        *ends.borrow_mut().entry(end).or_insert(0u32) += 1;
        Ok(())
    });
    if let Err(error) = result {
        panic!("{error}");
    }
    let (counts, ends) = (counts.into_inner(), ends.into_inner());
    println!("{counts:?}\n{ends:?}");
    for kind in ["Deposit", "Transfer", "Approve", "ClaimFor", "ClaimContributions", "Carry", "Dispute"] {
        assert!(
            counts.get(kind).is_some_and(|taken| *taken >= 3),
            "a stranger took {kind} {:?} times",
            counts.get(kind)
        );
    }
    for kind in ["honest Claim", "honest ClaimContribution", "honest FillAsk", "honest Post", "honest Transfer"] {
        assert!(counts.get(kind).is_some_and(|taken| *taken >= 3), "{kind}: {:?} times", counts.get(kind));
    }
    for kind in ["WithdrawBond", "Ask", "Bid", "Cancel", "CancelExpired", "done already"] {
        assert!(counts.get(kind).is_some_and(|taken| *taken >= 3), "{kind}: {:?} times", counts.get(kind));
    }
    assert!(ends[&End::Whole] >= cases() * 4 / 5, "{ends:?}");
}
