//! An adversary that searches: what the stranger does between honest people's steps, in which order, how much and when,
//! is changed a little again and again, and kept where it is no worse for the stranger: more honest calls refused, more
//! profit, honest people left with less. None of it may come to anything.
//!
//! The model runs, for speed; the best that was found is played on the blobs. That the search can find is shown with
//! rules that are broken on purpose.

use std::{cell::RefCell, rc::Rc, time::Instant};

use proptest::{
    strategy::{Strategy, ValueTree},
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};

use super::{
    super::{
        books::{Books, Givens},
        draw::{Draw, Kind, Part},
        opening::Opening,
        stage::Stage,
        step::{PARTIES, Step},
    },
    Alone, Counts, Disturbed, Moment, RICH, STRANGER, World,
    chain::{Blobs, everybody_takes, on_chain},
    moments,
};

/// What the stranger does before each of the honest steps.
type Plan = Vec<Vec<Draw>>;

/// How well the stranger does, the better the greater.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Score {
    /// Honest steps that are refused for it, scarce things aside.
    refused: usize,
    /// Of money, where there is any.
    profit: u128,
    /// What honest people have less, beyond a unit for each of its steps.
    harm: u128,
    /// Kinds of steps that it took: what leads nowhere yet is kept, where it is something new.
    kinds: usize,
}

impl Score {
    fn is_nothing(&self) -> bool {
        (self.refused, self.profit, self.harm) == (0, 0, 0)
    }
}

/// A broken contract.
type Fault = fn(&Step, &Books, &mut Books);

fn sound(_: &Step, _: &Books, _: &mut Books) {}

/// What the stranger has of money, less what it put in.
fn strangers_money(world: &World) -> i128 {
    let money: u128 = [RICH, STRANGER].iter().map(|party| world.money(*party)).sum();
    let sent: u128 = [RICH, STRANGER].iter().map(|party| world.sent[*party]).sum();
    i128::try_from(money).unwrap() - i128::try_from(sent).unwrap()
}

/// An honest history, and where it ends without the stranger.
struct Ground {
    alone: Alone,
    opening: Opening,
    moments: Vec<Moment>,
    day: u64,
}

impl Ground {
    fn new(world: World, (opening, moments): (Opening, Vec<Moment>), day: u64) -> Self {
        let mut alone = Alone::new(world, opening, &moments, day);
        alone.world.settle();
        everybody_takes(&mut alone.world);
        Self { alone, opening, moments, day }
    }

    /// How the stranger's plan ends.
    fn play(&self, world: World, plan: &Plan) -> Score {
        let mut with = Disturbed::new(world, self.opening, &self.moments, self.day);
        with.disputes = true;
        let (mut counts, mut refused) = (Counts::new(), 0);
        for ((_, step, figure), draws) in self.alone.steps.iter().zip(plan) {
            for draw in draws {
                with.strange(draw, &self.alone.disputed, &mut counts);
            }
            match with.honest(step, *figure, &mut Counts::new()) {
                Err(_) => refused += 1,
                // A seat is gone, and what comes after is another history.
                Ok(None) => return Score::default(),
                Ok(Some(())) => {}
            }
        }
        with.world.settle();
        everybody_takes(&mut with.world);
        let heirs = with.world.heirs();
        let (before, after) = (self.alone.world.wealth(&heirs), with.world.wealth(&heirs));
        let less =
            |party: &usize, money: u128| money.saturating_sub(after[party].1 + with.dust + with.earned_by_bought());
        let harm = before.iter().map(|(party, (_, money))| less(party, *money)).sum();
        let profit = strangers_money(&with.world) - strangers_money(&self.alone.world);
        let profit = u128::try_from(profit.max(0)).unwrap().saturating_sub(with.earned_by_bought());
        Score { refused, profit, harm, kinds: counts.len() }
    }

    fn world(&self, fault: Fault) -> World {
        let mut world = world();
        world.fault = fault;
        world
    }
}

/// The model as everything is deployed.
fn world() -> World {
    let addresses = std::array::from_fn(|n| if n == PARTIES { [0; 20] } else { [n as u8 + 1; 20] });
    World::new(Rc::new(Givens::new(addresses, [0x70; 20], [0x71; 20])))
}

/// Numbers that look random, the same for the same seed (SplitMix64).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }

    fn below(&mut self, most: usize) -> usize {
        (self.next() % most.max(1) as u64) as usize
    }

    fn draw(&mut self) -> Draw {
        let [a, b, c, d, e, f, g, h] = self.next().to_le_bytes();
        let part = Part::Units(h);
        Draw { kind: Kind::Wait, who: [a, b, c], dice: [d, e, f, g], part, fault: false, next_block: false }
    }

    /// The plan with a few changes.
    fn changed(&mut self, plan: &Plan) -> Plan {
        let mut plan = plan.clone();
        for _ in 0..=self.below(3) {
            let (at, to) = (self.below(plan.len()), self.below(plan.len()));
            let draw = self.draw();
            match self.below(6) {
                0 | 1 => {
                    let place = self.below(plan[at].len() + 1);
                    plan[at].insert(place, draw);
                }
                2 => drop(plan[at].pop()),
                // Elsewhere, or once more.
                3 => {
                    if let Some(moved) = plan[at].pop() {
                        plan[to].push(moved);
                    }
                }
                4 => {
                    let again = plan[at].clone();
                    plan[to].extend(again.into_iter().take(2));
                }
                // Another amount, party or price.
                _ => {
                    let place = self.below(plan[at].len());
                    if let Some(found) = plan[at].get_mut(place) {
                        match self.below(3) {
                            0 => found.who = draw.who,
                            1 => found.dice[1..].copy_from_slice(&draw.dice[1..]),
                            _ => found.dice = draw.dice,
                        }
                    }
                }
            }
        }
        plan
    }
}

/// Until when to search.
enum Effort {
    Plans(usize),
    Until(Instant),
}

/// The best plan that was found.
struct Found {
    ground: Ground,
    plan: Plan,
    score: Score,
}

/// Changes of a plan without anything better, until another honest history is tried.
const PATIENCE: usize = 60;

/// Climbs on one honest history after another; stops where the stranger gains anything.
fn search(seed: u64, effort: &Effort, fault: Fault) -> (Found, usize) {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let mut runner = TestRunner::new_with_rng(Config::default(), TestRng::from_seed(RngAlgorithm::ChaCha, &bytes));
    let (mut dice, mut tried, mut best) = (Dice(seed), 0, None::<Found>);
    loop {
        let drawn = moments().new_tree(&mut runner).unwrap().current();
        let day = 1 + dice.next() % 330;
        let mut start = world();
        start.fault = fault;
        let ground = Ground::new(start, drawn, day);
        let plan: Plan = ground.alone.steps.iter().map(|(draws, ..)| draws.clone()).collect();
        let score = ground.play(ground.world(fault), &plan);
        let (mut here, mut idle) = (Found { ground, plan, score }, 0);
        while idle < PATIENCE {
            let over = match effort {
                Effort::Plans(most) => tried >= *most,
                Effort::Until(end) => Instant::now() >= *end,
            };
            if over || !here.score.is_nothing() || here.plan.is_empty() {
                break;
            }
            let plan = dice.changed(&here.plan);
            let score = here.ground.play(here.ground.world(fault), &plan);
            (tried, idle) = (tried + 1, if score > here.score { 0 } else { idle + 1 });
            if score >= here.score {
                (here.plan, here.score) = (plan, score);
            }
        }
        let over = match effort {
            Effort::Plans(most) => tried >= *most,
            Effort::Until(end) => Instant::now() >= *end,
        };
        if best.as_ref().is_none_or(|best| here.score > best.score) {
            best = Some(here);
        }
        if over || best.as_ref().is_some_and(|best| !best.score.is_nothing()) {
            return (best.unwrap(), tried);
        }
    }
}

impl Found {
    fn words(&self, fault: Fault) -> String {
        let mut with =
            Disturbed::new(self.ground.world(fault), self.ground.opening, &self.ground.moments, self.ground.day);
        with.disputes = true;
        for ((_, step, figure), draws) in self.ground.alone.steps.iter().zip(&self.plan) {
            for draw in draws {
                with.strange(draw, &self.ground.alone.disputed, &mut Counts::new());
            }
            let _ = with.honest(step, *figure, &mut Counts::new());
        }
        format!("{:?} after {:?}\n{}", self.score, self.ground.opening, with.words())
    }
}

/// The nightly form climbs for as many seconds as the environment says, from another seed each time.
fn effort() -> (u64, Effort) {
    let number = |name| std::env::var(name).ok().and_then(|n| n.parse::<u64>().ok());
    match number("YIELDSET_SEARCH_SECONDS") {
        None => (number("YIELDSET_SEARCH_SEED").unwrap_or(12), Effort::Plans(1_200)),
        Some(seconds) => {
            let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_nanos() as u64;
            let end = Instant::now() + std::time::Duration::from_secs(seconds);
            (number("YIELDSET_SEARCH_SEED").unwrap_or(now), Effort::Until(end))
        }
    }
}

/// Proves SAFE-4: a stranger who searches for what to do between honest people's steps finds no profit, stops no
/// honest step and leaves nobody with less; the best that it finds comes to the same on the built blobs.
#[test]
fn a_stranger_who_searches_finds_nothing() {
    let (seed, effort) = effort();
    let (found, tried) = search(seed, &effort, sound);
    println!("seed {seed}: {tried} plans, the best {:?}", found.score);
    assert!(found.score.is_nothing(), "seed {seed}: {}", found.words(sound));
    assert!(tried >= 100 && found.score.kinds >= 5, "{tried} plans, of {} kinds of steps", found.score.kinds);
    let blobs = Rc::new(RefCell::new(Blobs(Stage::new())));
    let Ground { opening, moments, day, .. } = &found.ground;
    let ground = Ground::new(on_chain(&blobs), (*opening, moments.clone()), *day);
    let score = ground.play(on_chain(&blobs), &found.plan);
    assert_eq!(score, found.score);
}

/// The search is one: where an expired bid's escrow is credited twice, which takes a bid, time and a cancellation, or
/// where a loser of a dispute has its bond back with the half of another, it finds the profit; and where shares that
/// are given to somebody lock those that it has, it finds how to stop an honest step.
#[test]
fn the_search_finds_what_is_broken() {
    let twice: Fault = |step, before, after| {
        if let Step::CancelExpired { order, .. } = step {
            let order = &before.orders[order];
            after.credits[before.givens.party(&order.maker)] += order.escrow().unwrap();
        }
    };
    let cheap: Fault = |step, before, after| {
        if let Step::Reject { stream, period, .. } = *step {
            let standing = before.standing((stream, period));
            let more = standing.bond / 2 * 3;
            after.bonds_owed[before.givens.party(&standing.challenger)] += more;
            after.bonds.released += more;
        }
    };
    let locks: Fault = |step, _, after| {
        if let Step::Transfer { from: RICH, to, .. } = *step {
            after.accounts[to].frozen = after.balance(to);
        }
    };
    for (what, fault) in [("an escrow twice", twice), ("a bond back", cheap)] {
        let (found, tried) = search(5, &Effort::Plans(3_000), fault);
        println!("{what}: {tried} plans, {:?}", found.score);
        assert!(found.score.profit > 0, "{what} was not found in {tried} plans: {:?}", found.score);
    }
    let (found, tried) = search(5, &Effort::Plans(3_000), locks);
    println!("shares that lock others: {tried} plans, {:?}", found.score);
    assert!(found.score.refused > 0, "not found in {tried} plans: {:?}", found.score);
}
