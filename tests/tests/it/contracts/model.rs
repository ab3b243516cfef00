//! Random histories of everything that happens to a pool, on the real blobs against one reference model: the same
//! numbers and the same refusals, and every invariant after every step.
//!
//! | file | what |
//! |---|---|
//! | `step.rs` | what can happen |
//! | `opening.rs` | what a history begins with
//! | `draw/` | random steps that fit the state |
//! | `books.rs`, `shares.rs`, `money.rs`, `trades.rs` | the model: all records, and what a step makes of them |
//! | `stage.rs` | the contracts, and how a step is sent |
//! | `reading.rs`, `views.rs` | what the contracts have stored, and what they answer |
//! | `invariants.rs` | what must hold, one function a sentence |
//! | `invariants_fail.rs` | that each of them fails where it should
//! | `ending.rs` | in the end everybody gets what is theirs
//! | `interference.rs` | that a stranger between honest people takes nothing from them and stops none
//! | `shortest.rs` | shortest histories of defects that random ones found |

pub mod books;
mod draw;
pub mod ending;
mod interference;
mod invariants;
mod invariants_fail;
pub mod money;
mod opening;
mod reading;
mod shares;
mod shortest;
pub mod stage;
pub mod step;
mod trades;
mod views;
mod waiting;

use std::{cell::RefCell, collections::BTreeMap, rc::Rc};

use alloy_primitives::U256;
use proptest::{
    prelude::*,
    strategy::ValueTree,
    test_runner::{Config, FileFailurePersistence, RngAlgorithm, TestRng, TestRunner},
};
use yieldset_tests::chain::Failure;

use books::{Books, Givens, Outcome};
use draw::{Draw, draw};
use invariants::{Change, Past, check_change, check_state};
use opening::{Opening, openings};
use reading::Coins;
use stage::Stage;
use step::{PARTIES, Step, TREASURY};

/// Where it begins, and what happens then.
#[derive(Debug, Clone)]
pub struct History {
    opening: Opening,
    draws: Vec<Draw>,
}

/// Random ones.
pub fn histories() -> impl Strategy<Value = History> {
    (openings(), prop::collection::vec(draw(), lengths())).prop_map(|(opening, draws)| History { opening, draws })
}

/// Is shown the chain and the model after each step that both have taken.
pub type Watch<'a> = &'a mut dyn FnMut(&mut Stage, &Books);

/// A history as it runs: the model beside the chain.
pub struct Run<'a> {
    pub stage: &'a mut Stage,
    pub model: Books,
    past: Past,
    coins: Coins,
    /// What was done so far, for the message of a failure.
    told: Vec<(Step, Outcome)>,
    watch: Option<Watch<'a>>,
}

impl<'a> Run<'a> {
    fn new(stage: &'a mut Stage) -> Self {
        stage.s.chain.rewind();
        let model = Books::new(stage.givens.clone());
        let coins = stage.coins();
        Self { stage, model, past: Past::default(), coins, told: Vec::new(), watch: None }
    }

    /// Takes a step on both and compares everything.
    fn take(&mut self, step: &Step) {
        self.take_and_compare(step);
        if let Some(watch) = &mut self.watch {
            watch(self.stage, &self.model);
        }
    }

    fn take_and_compare(&mut self, step: &Step) {
        let before = self.model.clone();
        let expected = self.model.apply(step);
        self.told.push((step.clone(), expected.clone()));
        let payments = match &expected {
            Ok(figure) => invariants::payments(step, *figure, &before, &self.model),
            Err(_) => BTreeMap::new(),
        };
        let had = payments.keys().map(|to| self.stage.s.chain.balance(self.stage.address(*to))).collect::<Vec<_>>();
        let got = self.stage.run(step, &before);
        assert!(agree(&expected, &got), "the model says {expected:?}, the chain {got:?}");
        if matches!(step, Step::Wait { .. } | Step::NextBlock) {
            // Nobody was called. The next step's comparison has the clock in it.
            return;
        }
        let after = self.stage.books();
        assert!(
            after == self.model,
            "the chain's records differ from the model's:\n{}",
            differences(&after, &self.model)
        );
        let coins = self.stage.coins();
        check_state(&after, &coins);
        for ((to, amount), had) in payments.iter().zip(had) {
            let address = self.stage.address(*to);
            assert_eq!(self.stage.s.chain.balance(address), had + U256::from(*amount), "money of {address}");
        }
        let proceeds = payments.get(&TREASURY).copied().unwrap_or_default();
        assert_eq!(coins.treasury, self.coins.treasury + U256::from(proceeds), "treasury");
        if let Ok(figure) = expected {
            check_change(&Change { step, figure, before: &before, after: &after });
        }
        self.coins = coins;
    }

    /// A step as it was drawn, and one look into the past.
    fn take_drawn(&mut self, draw: &Draw) {
        if draw.next_block {
            self.past.note(&self.model);
            self.take(&Step::NextBlock);
        }
        let step = draw.step(&self.model);
        if matches!(step, Step::Wait { .. }) {
            self.past.note(&self.model);
        }
        self.take(&step);
        let seconds = self.past.seconds(self.model.now);
        if let Some(second) = draw::pick(seconds, draw.who[0]).filter(|_| draw.next_block) {
            views::check_past(self.stage, &self.past, usize::from(draw.who[1]) % PARTIES, second);
        }
    }

    /// From the opening to the last draw.
    pub fn play(&mut self, history: &History) {
        for step in history.opening.steps() {
            self.past.note(&self.model);
            self.take(&step);
            assert!(self.told.last().is_some_and(|(_, outcome)| outcome.is_ok()), "an opening is taken");
        }
        for draw in &history.draws {
            self.take_drawn(draw);
        }
    }

    fn all(&mut self, history: &History) {
        self.play(history);
        views::check(self.stage, &self.model, history.draws.len() + usize::from(history.draws[0].who[2]));
        let seconds: Vec<_> = self.past.seconds(self.model.now).collect();
        for (turn, second) in seconds.iter().step_by(seconds.len() / 6 + 1).enumerate() {
            views::check_past(self.stage, &self.past, turn % PARTIES, *second);
        }
        ending::everybody_gets_what_is_theirs(self);
    }
}

/// The same figure, or the error that the model names, with its code.
fn agree(expected: &Outcome, got: &Result<u128, Failure>) -> bool {
    match (expected, got) {
        (Ok(a), Ok(b)) => a == b,
        (Err(refusal), Err(failure)) => match refusal.code {
            Some(code) => *failure == restricted(code),
            None => failure.is(&refusal.name),
        },
        _ => false,
    }
}

fn restricted(code: u8) -> Failure {
    Failure::Refused(format!("TransferRestricted(TransferRestricted {{ code: {code} }})"))
}

/// The lines in which two states differ, the model's last.
pub fn differences(chain: &impl std::fmt::Debug, model: &impl std::fmt::Debug) -> String {
    let (chain, model) = (format!("{chain:#?}"), format!("{model:#?}"));
    let pairs = chain.lines().zip(model.lines()).filter(|(a, b)| a != b).take(12);
    pairs.map(|(a, b)| format!("  {} | {}\n", a.trim(), b.trim())).collect()
}

fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(300)
}

/// How many steps a history has: up to 30, or exactly as many as the nightly form asks for.
fn lengths() -> std::ops::RangeInclusive<usize> {
    match std::env::var("YIELDSET_MODEL_STEPS").ok().and_then(|n| n.parse().ok()) {
        Some(steps) => steps..=steps,
        None => 1..=30,
    }
}

/// Plays a history on one chain for all of them: each begins where it was marked. One on which a history failed is not
/// used again, and the failure says after which steps it was.
pub fn tried(
    stage: &RefCell<Option<Stage>>,
    watch: Option<Watch<'_>>,
    play: impl FnOnce(&mut Run<'_>),
) -> Result<(), TestCaseError> {
    let mut own = stage.borrow_mut().take().unwrap_or_else(Stage::new);
    let watch = watch.map(|watch| watch as Watch<'_>);
    let mut run = Run { watch, ..Run::new(&mut own) };
    let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| play(&mut run)));
    let told = std::mem::take(&mut run.told);
    if let Err(panic) = outcome {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("a panic without words");
        let lines: Vec<_> = told.iter().map(|(step, outcome)| format!("  {step:?} -> {outcome:?}")).collect();
        return Err(TestCaseError::fail(format!("{text}\nafter\n{}", lines.join("\n"))));
    }
    *stage.borrow_mut() = Some(own);
    Ok(())
}

/// Proves PAY-4, PAY-6 and PAY-7 on the real blobs: the same history gives the same numbers and the same refusals on
/// chain and in the rules; after every step deposited = claimed + claimable + dust, every contract's coins are what it
/// owes, and no step did what none may do; and in the end everybody can take what is theirs.
#[test]
fn chain_and_rules_agree() {
    let mut runner = TestRunner::new(Config {
        cases: cases(),
        max_shrink_iters: 400,
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct("proptest-regressions/model.txt"))),
        ..Config::default()
    });
    let stage = RefCell::new(None);
    let result = runner.run(&histories(), |history| tried(&stage, None, |run| run.all(&history)));
    if let Err(error) = result {
        panic!("{error}");
    }
}

/// Each of these must have been a reason to refuse, among others.
const REASONS: [&str; 69] = [
    "AccessControlUnauthorizedAccount",
    "AlreadyDefended",
    "AlreadyOpened",
    "AlreadyRecovered",
    "BelowLot",
    "BondAboveLimit",
    "CapExceeded",
    "CapTooLow",
    "CostAboveLimit",
    "DeadlineNotReached",
    "ERC20InsufficientAllowance",
    "ERC20InsufficientBalance",
    "ERC20InvalidReceiver",
    "ERC20InvalidSender",
    "ERC20InvalidSpender",
    "EnforcedPause",
    "ExpectedPause",
    "ExpiryPassed",
    "InsufficientRestraint",
    "InvalidProof",
    "InvalidRecipient",
    "InvalidRecord",
    "InvalidReplacement",
    "InvalidSale",
    "IsParty",
    "NoFinalReport",
    "NoRecord",
    "NoReport",
    "NotBondOwner",
    "NotDisputed",
    "NotEnoughShares",
    "NotEnoughSignatures",
    "NotExpired",
    "NotGovernor",
    "NotListed",
    "NotMaker",
    "NotOpened",
    "NotPending",
    "NotRecovered",
    "NothingKept",
    "NothingOwed",
    "NothingToClaim",
    "NothingToWithdraw",
    "NothingWaits",
    "OffTick",
    "OrderExpired",
    "OrderVoid",
    "PayoutFailed",
    "PeriodNotOver",
    "PeriodOutOfOrder",
    "PeriodZero",
    "PoolRefused",
    "PricesDoNotCross",
    "ProceedsBelowLimit",
    "RecordExists",
    "RevisionOutOfOrder",
    "SaleClosed",
    "SaleExhausted",
    "SelfTrade",
    "SupplyTooSmall",
    "TransferRestricted",
    "UnknownOrder",
    "WeightsExceeded",
    "WrongPayment",
    "WrongSide",
    "WrongValue",
    "WrongWay",
    "ZeroAmount",
    "DeadlinePassed",
];

/// A test that cannot fail is a defect: over a fixed seed every kind of step is taken and refused many times, for every
/// reason above and nearly every code of a restriction. The model alone runs here.
#[test]
fn every_kind_of_step_is_taken_and_refused() {
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let addresses = std::array::from_fn(|n| if n == PARTIES { [0; 20] } else { [n as u8 + 1; 20] });
    let givens = Rc::new(Givens::new(addresses, [0x70; 20], [0x71; 20]));
    let strategy = prop::collection::vec(draw(), 50);
    let mut counts: BTreeMap<String, [u32; 2]> = BTreeMap::new();
    let mut reasons: BTreeMap<String, u32> = BTreeMap::new();
    let mut codes = [0u32; 24];
    // Calls for many by which some were paid and others passed over.
    let mut parted = 0;
    for n in 0..1_600 {
        let draws = strategy.new_tree(&mut runner).unwrap().current();
        let opening = match n % 10 {
            0..5 => Opening::Issued,
            5..8 => Opening::Unopened,
            _ => Opening::Empty,
        };
        let mut model = Books::new(givens.clone());
        let mut take = |step: Step, model: &mut Books| {
            let before = model.clone();
            let outcome = model.apply(&step);
            if let (Step::ClaimForMany { accounts, item, .. }, Ok(_)) = (&step, &outcome) {
                let paid = invariants::taken(accounts, item, &before, model).len();
                parted += u32::from(paid > 0 && paid < accounts.len());
            }
            counts.entry(step.name()).or_default()[usize::from(outcome.is_err())] += 1;
            if let Err(refusal) = outcome {
                codes[usize::from(refusal.code.unwrap_or_default())] += 1;
                *reasons.entry(refusal.name).or_default() += 1;
            }
        };
        for step in opening.steps() {
            take(step, &mut model);
        }
        for draw in &draws {
            if draw.next_block {
                take(Step::NextBlock, &mut model);
            }
            take(draw.step(&model), &mut model);
        }
    }
    println!("{counts:?}\n{reasons:?}\n{codes:?}");
    for (kind, [taken, refused]) in &counts {
        assert!(*taken >= 8, "{kind} was taken {taken} times");
        assert!(
            *refused >= 8 || ["Wait", "NextBlock", "EndReservations"].contains(&&kind[..]),
            "{kind} was refused {refused} times"
        );
    }
    assert!(parted >= 20, "{parted} calls paid some of many");
    for reason in REASONS {
        assert!(reasons.contains_key(reason), "nothing was refused with {reason}");
    }
    // 9 and 10 are of attestations, which the registry's own histories are about; 23 is a registry that does not
    // answer.
    let never: Vec<_> = (1..codes.len()).filter(|code| codes[*code] == 0).collect();
    assert_eq!(never, [9, 10, 23]);
}
