//! Non-interference: a history of honest people's steps is run as it is, and again with a stranger's steps between
//! them. No step is refused for the stranger's, and nobody has less in the end, dust aside.
//!
//! The model alone runs here; `chain.rs` plays both histories on the blobs too, over years, and `search.rs` looks for
//! the stranger's best moves.
//!
//! Left out are scarce things that a stranger takes at their price: shares of the sale, others' orders, and the one
//! dispute or defence that a report has at a time, where an honest one is made too. Left out as well is a committee
//! that signs too many weights: there whoever claims first is paid. What a stranger disputes the arbiter rejects at
//! once; how long it may take is in docs/contracts/attribution.md. A lost account and its replacement are one: who is
//! paid before the recovery is paid at the lost one.

mod chain;
mod search;
mod strange;

use std::{cell::RefCell, collections::BTreeMap, rc::Rc};

use alloy_primitives::U256;
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};
use yieldset_rules::{
    dispute::{MAX_DISPUTES, Phase, State},
    waiting::Way,
};
use yieldset_tests::{
    attribution::{RULING, WINDOW},
    licence::DAY,
    system::YEAR,
};

use super::{
    books::{Books, Givens, Refusal},
    draw::{Draw, draw},
    invariants::taken,
    opening::{Opening, openings},
    step::{ADMIN, MARKET, PARTIES, Party, STRANGER, Step},
};
use strange::strange;

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
        Step::ClaimForMany { item, .. } => late(&mut item.period),
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
        // Of a lost account's credits also where its heir has them.
        Step::Inherit { .. } | Step::Withdraw { .. } => "NothingToWithdraw",
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

/// Something that makes each step too, and must do as the model does.
trait Beside {
    fn take(&mut self, step: &Step, before: &Books, expected: &Result<u128, Refusal>);
}

/// The books, and what left them for each party and came from it.
struct World {
    books: Books,
    paid: [u128; PARTIES],
    sent: [u128; PARTIES],
    beside: Option<Rc<RefCell<dyn Beside>>>,
    /// What a broken contract does besides, after a step, from the books before it.
    fault: fn(&Step, &Books, &mut Books),
}

impl World {
    fn new(givens: Rc<Givens>) -> Self {
        let books = Books::new(givens);
        Self { books, paid: [0; PARTIES], sent: [0; PARTIES], beside: None, fault: |_, _, _| {} }
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
        let sent = match *step {
            Step::Deposit { from: party, sent, .. }
            | Step::Buy { buyer: party, sent, .. }
            | Step::Dispute { by: party, sent, .. }
            | Step::Defend { by: party, sent, .. }
            | Step::Bid { maker: party, sent, .. }
            | Step::FillAsk { taker: party, sent, .. } => Some((party, sent)),
            _ => None,
        };
        let before = self.books.clone();
        let outcome = self.books.apply(step);
        if let Some(beside) = self.beside.clone() {
            beside.borrow_mut().take(step, &before, &outcome);
        }
        let figure = outcome?;
        if let Step::ClaimForMany { accounts, item, .. } = step {
            for (account, amount) in taken(accounts, item, &before, &self.books) {
                self.paid[before.payee(account)] += amount;
            }
        }
        (self.fault)(step, &before, &mut self.books);
        if let Some(owner) = owner {
            self.paid[owner] += figure;
        }
        if let Some((party, sent)) = sent {
            self.sent[party] += sent;
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

    /// The registrar renews what runs out within half a year.
    fn renewals(&self) -> Vec<Step> {
        let renewal = |account: Party| {
            let yieldset_rules::compliance::Record { level, jurisdiction, accredited, expiry, .. } =
                self.books.records[account];
            let runs_out = level > 0 && expiry < self.books.now + YEAR / 2;
            let expiry = self.books.now + 2 * YEAR;
            runs_out.then_some(Step::SetRecord { by: ADMIN, account, level, jurisdiction, accredited, expiry })
        };
        (0..PARTIES).filter_map(renewal).collect()
    }

    /// What anybody can send on of the money that waits.
    fn sends_on(&self) -> Vec<Step> {
        let legs = self.books.legs.keys().filter(|key| self.books.unclaimed(**key) > 0);
        legs.filter_map(|(stream, period)| match self.books.way((*stream, *period)) {
            Way::Carry(to) => Some(Step::Carry { by: ADMIN, stream: *stream, from: *period, to }),
            Way::Release => Some(Step::ReleaseWaiting { by: ADMIN, stream: *stream, period: *period }),
            _ => None,
        })
        .collect()
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
    sends_on: bool,
}

fn reported(moments: &[Moment]) -> bool {
    moments[0].0.who[1].is_multiple_of(2)
}

/// What a history begins with; where `reported`, with money of a period that has a final report, and of one before it
/// that has none. Then so many days pass.
fn opened(opening: Opening, reported: bool, day: u64) -> Vec<Step> {
    let own = Step::Mint { by: ADMIN, to: RICH, amount: 1_000_000_000 };
    let approve = Step::Approve { owner: RICH, spender: MARKET, amount: U256::MAX };
    let amount = 10u128.pow(18) + 7;
    let deposit = |period| Step::Deposit { from: 0, stream: 0, period, amount, sent: amount };
    let post = Step::Post { stream: 0, period: 2, revision: 0, tree: 0, signers: 2 };
    let report = [deposit(1), deposit(2), post, Step::Wait { seconds: WINDOW }, deposit(2)];
    let reported = reported && ![Opening::Empty, Opening::Unopened].contains(&opening);
    let report = report.into_iter().filter(|_| reported);
    let day = Some(Step::Wait { seconds: day * DAY }).filter(|_| day > 0);
    [own, approve].into_iter().chain(opening.steps()).chain(report).chain(day).map(at_present).collect()
}

impl Alone {
    /// Where it begins on a later `day`, time leaps by months now and then, and what waits goes on as soon as it can:
    /// money of a stream that has ended is the holders' of that moment.
    fn new(world: World, opening: Opening, moments: &[Moment], day: u64) -> Self {
        let mut alone = Self { world, steps: vec![], disputed: vec![], sends_on: day > 0 };
        for step in opened(opening, reported(moments), day) {
            alone.world.must(&step);
        }
        alone.send_on();
        for (honest, strange) in moments {
            let mut strange = strange.clone();
            if honest.next_block {
                alone.take(&mut strange, Step::NextBlock);
            }
            if day > 0 && honest.dice[2].is_multiple_of(5) {
                alone.take(&mut strange, Step::Wait { seconds: DAY * (1 + u64::from(honest.dice[1]) / 2) });
                for step in alone.world.renewals() {
                    alone.take(&mut strange, step);
                }
            }
            let step = at_present(honest.step(&alone.world.books));
            if !names_a_stranger(&step) {
                alone.take(&mut strange, step);
            }
        }
        alone
    }

    fn send_on(&mut self) {
        let steps = if self.sends_on { self.world.sends_on() } else { vec![] };
        for step in steps {
            let figure = self.world.take(&step);
            self.steps.extend(figure.ok().map(|figure| (vec![], step, figure)));
        }
    }

    fn take(&mut self, strange: &mut Vec<Draw>, step: Step) {
        let Ok(figure) = self.world.take(&step) else { return };
        if let Step::Dispute { stream, period, .. } = step {
            self.disputed.push((stream, period));
        }
        self.steps.push((std::mem::take(strange), step, figure));
        self.send_on();
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
    /// Units of shares that it bought in the sale: they earn as others do.
    bought: u128,
    /// Whether the stranger disputes: lost bonds go to the honest, and might hide what they lose otherwise.
    disputes: bool,
}

impl Disturbed {
    fn new(mut world: World, opening: Opening, moments: &[Moment], day: u64) -> Self {
        for step in opened(opening, reported(moments), day) {
            world.must(&step);
        }
        let disputes = moments[0].0.who[0].is_multiple_of(2);
        Self { world, numbers: BTreeMap::new(), told: vec![], dust: 0, bought: 0, disputes }
    }

    /// Than without the stranger, dust aside.
    fn nobody_has_less(&self, alone: &World) -> Result<(), TestCaseError> {
        let heirs = self.world.heirs();
        let (before, after) = (alone.wealth(&heirs), self.world.wealth(&heirs));
        for (party, (shares, money)) in before {
            let (has, dust) = (after[&party], self.dust + self.earned_by_bought());
            prop_assert!(has.0 >= shares, "{party} has {} shares, alone {shares}\n{}", has.0, self.words());
            prop_assert!(has.1 + dust >= money, "{party} has {} of money, alone {money}\n{}", has.1, self.words());
        }
        Ok(())
    }

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
            self.bought += if let Step::Buy { amount, .. } = step { amount } else { 0 };
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
            Err(refusal) if is_scarce(&refusal) || self.is_sold(&refusal) => return Ok(None),
            Err(refusal) if self.is_still_on_offer(&step, &refusal) => return Ok(None),
            Err(refusal) => {
                let told = self.words();
                return Err(TestCaseError::fail(format!("refused for a stranger's steps: {refusal:?}\n{told}")));
            }
        }
        Ok(Some(()))
    }

    /// An agent took what the stranger gave, and not shares on offer, whose order would be void: it stands.
    fn is_still_on_offer(&self, step: &Step, refusal: &Refusal) -> bool {
        let given = |maker: Party| {
            self.told
                .iter()
                .any(|(strange, step)| *strange && matches!(step, Step::Transfer { to, .. } if *to == maker))
        };
        let forced = self.told.iter().any(|(_, step)| matches!(step, Step::Force { .. }));
        let reserved = refusal.code == Some(yieldset_rules::compliance::Restriction::SharesReserved as u8);
        matches!(step, Step::Ask { maker, .. } | Step::Transfer { from: maker, .. } if given(*maker))
            && forced
            && reserved
    }

    /// There are no shares left of the sale, or under the cap.
    fn is_sold(&self, refusal: &Refusal) -> bool {
        let is_over = self.world.books.sale.left == 0 && refusal.name == "SaleClosed";
        self.bought > 0 && (is_over || ["SaleExhausted", "CapExceeded", "CapTooLow"].contains(&&refusal.name[..]))
    }

    /// What the shares that the stranger bought have earned, of all that came; there are 10^18 units at least.
    fn earned_by_bought(&self) -> u128 {
        let came = self.world.books.to_holders + self.world.books.to_contributors;
        if self.bought == 0 { 0 } else { came / yieldset_rules::issuance::MIN_SUPPLY * self.bought + self.bought }
    }

    fn words(&self) -> String {
        let line = |(strange, step): &(bool, Step)| format!("  {}{step:?}\n", if *strange { "STRANGER " } else { "" });
        self.told.iter().map(line).collect()
    }
}

/// Plays the other history and compares it with the one without the stranger, which is settled.
fn compare(
    alone: &Alone,
    world: World,
    (opening, moments, day): (Opening, &[Moment], u64),
    counts: &mut Counts,
    finish: fn(&mut World),
) -> Result<End, TestCaseError> {
    let mut with = Disturbed::new(world, opening, moments, day);
    for (draws, step, figure) in &alone.steps {
        for draw in draws {
            with.strange(draw, &alone.disputed, counts);
        }
        if with.honest(step, *figure, counts)?.is_none() {
            return Ok(End::Scarce);
        }
    }
    with.world.settle();
    finish(&mut with.world);
    with.nobody_has_less(&alone.world)?;
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
        let mut alone = Alone::new(World::new(givens.clone()), opening, &moments, 0);
        alone.world.settle();
        let world = World::new(givens.clone());
        let end = compare(&alone, world, (opening, &moments, 0), &mut counts.borrow_mut(), |_| {})?;
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
