//! The game exhaustively over small times, against a model that moves with the clock instead of looking at it.

use super::*;
use proptest::prelude::*;

const ALICE: Account = [1; 20];
const BOB: Account = [2; 20];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Model {
    Pending {
        left: u64,
    },
    Disputed {
        by: Account,
        to_rule: u64,
        left: u64,
    },
    /// Nobody ruled; the bond is still held.
    Late {
        by: Account,
    },
    Withdrawn,
    Final,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Wait,
    Dispute(Account),
    Uphold,
    Reject,
    Expire,
    Revise,
}

const STEPS: [Step; 7] =
    [Step::Wait, Step::Dispute(ALICE), Step::Dispute(BOB), Step::Uphold, Step::Reject, Step::Expire, Step::Revise];

impl Model {
    fn state(self) -> State {
        match self {
            Self::Pending { .. } => State::Pending,
            Self::Disputed { .. } | Self::Withdrawn => State::Disputed,
            Self::Late { .. } | Self::Final => State::Final,
        }
    }

    /// What becomes of it, or `None` where the step is refused.
    fn step(self, step: Step, terms: &Terms) -> Option<Self> {
        match (self, step) {
            (Self::Pending { left: 1 }, Step::Wait) => Some(Self::Final),
            (Self::Pending { left }, Step::Wait) => Some(Self::Pending { left: left - 1 }),
            (Self::Disputed { by, to_rule: 1, .. }, Step::Wait) => Some(Self::Late { by }),
            (Self::Disputed { by, to_rule, left }, Step::Wait) => {
                Some(Self::Disputed { by, to_rule: to_rule - 1, left })
            }
            (other, Step::Wait) => Some(other),
            (Self::Pending { left }, Step::Dispute(by)) => Some(Self::Disputed { by, to_rule: terms.ruling, left }),
            (Self::Disputed { .. }, Step::Uphold) => Some(Self::Withdrawn),
            (Self::Disputed { left, .. }, Step::Reject) => Some(Self::Pending { left }),
            (Self::Late { .. }, Step::Expire) => Some(Self::Final),
            (Self::Withdrawn, Step::Revise) => Some(Self::Pending { left: terms.window }),
            _ => None,
        }
    }

    fn holds_a_bond(self) -> bool {
        matches!(self, Self::Disputed { .. } | Self::Late { .. })
    }
}

/// The real thing, driven by the same steps; the account that a bond went to, if any.
fn real(standing: &mut Standing, step: Step, now: u64, terms: &Terms) -> Result<Option<Account>, ()> {
    match step {
        Step::Wait => Ok(None),
        Step::Dispute(by) => standing.dispute(by, [by[0]; 32], now, terms).map(|()| None).map_err(drop),
        Step::Uphold => standing.uphold(now).map(Some).map_err(drop),
        Step::Reject => standing.reject(now).map(|()| None).map_err(drop),
        Step::Expire => standing.expire(now).map(Some).map_err(drop),
        Step::Revise => {
            let revision = standing.next_revision().ok_or(())?;
            *standing = Standing::posted([revision as u8; 32], [7; 32], revision, now, terms);
            Ok(None)
        }
    }
}

fn explore(standing: Standing, model: Model, now: u64, depth: u32, terms: &Terms, seen: &mut u64) {
    *seen += 1;
    assert_eq!(standing.state(now), model.state(), "{standing:?} at {now}, {model:?}");
    assert_eq!(Standing::from_bytes(&standing.to_bytes()), standing);
    if depth == 0 {
        return;
    }
    for step in STEPS {
        let mut next = standing;
        let outcome = real(&mut next, step, now, terms);
        let Some(expected) = model.step(step, terms) else {
            assert_eq!(outcome, Err(()), "{step:?} on {model:?}");
            assert_eq!(next, standing, "a refused step changes nothing");
            continue;
        };
        let to = outcome.unwrap_or_else(|()| panic!("{step:?} on {model:?} at {now} was refused: {standing:?}"));
        match (model, step) {
            // Released to whoever disputed last, and to nobody else.
            (Model::Disputed { by, .. }, Step::Uphold) | (Model::Late { by }, Step::Expire) => assert_eq!(to, Some(by)),
            _ => assert_eq!(to, None),
        }
        if model.state() == State::Final {
            assert_eq!((next.hash, next.weights_root), (standing.hash, standing.weights_root), "final is for ever");
            assert_eq!(expected.state(), State::Final);
        }
        let later = if step == Step::Wait { now + 1 } else { now };
        explore(next, expected, later, depth - 1, terms, seen);
    }
}

/// Every sequence of eight steps (waiting a second is one) for every window and ruling time of one to three seconds:
/// what the contract answers without a clock is what a clock would have made of it, boundaries included.
#[test]
fn every_short_game_is_the_models() {
    let mut seen = 0;
    for window in 1..=3 {
        for ruling in 1..=3 {
            let terms = Terms { window, ruling };
            let start = 1_000;
            let standing = Standing::posted([9; 32], [8; 32], 0, start, &terms);
            explore(standing, Model::Pending { left: window }, start, 8, &terms, &mut seen);
        }
    }
    assert!(seen > 20_000, "{seen} positions");
}

#[test]
fn without_a_report_there_is_nothing_to_do() {
    let terms = Terms { window: 1, ruling: 1 };
    let mut none = Standing::default();
    assert_eq!((none.state(0), none.state(u64::MAX), none.next_revision()), (State::None, State::None, None));
    assert_eq!(none.dispute(ALICE, [0; 32], 0, &terms), Err(DisputeError::NoReport));
    assert_eq!(none.uphold(0), Err(DisputeError::NoReport));
    assert_eq!(none.reject(0), Err(DisputeError::NoReport));
    assert_eq!(none.expire(0), Err(DisputeError::NoReport));
    assert_eq!(none, Standing::default());
}

/// Each boundary to the second, with the numbers that the errors carry.
#[test]
fn windows_and_deadlines_end_at_their_second() {
    let terms = Terms { window: 100, ruling: 50 };
    let posted = Standing::posted([9; 32], [8; 32], 3, 1_000, &terms);
    assert_eq!((posted.hash, posted.weights_root), ([9; 32], [8; 32]));
    assert_eq!((posted.posted_at, posted.until, posted.revision), (1_000, 1_100, 3));
    assert_eq!((posted.state(1_099), posted.state(1_100)), (State::Pending, State::Final));
    let mut late = posted;
    let refused = late.dispute(ALICE, [4; 32], 1_100, &terms);
    assert_eq!(refused, Err(DisputeError::NotPending { state: State::Final }));
    assert_eq!(late.uphold(1_099), Err(DisputeError::NotDisputed { phase: Phase::Open }));
    let mut disputed = posted;
    disputed.dispute(ALICE, [4; 32], 1_099, &terms).unwrap();
    assert_eq!((disputed.until, disputed.left, disputed.challenger, disputed.reason), (1_149, 1, ALICE, [4; 32]));
    let again = disputed.dispute(BOB, [4; 32], 1_099, &terms);
    assert_eq!(again, Err(DisputeError::NotPending { state: State::Disputed }));
    assert_eq!(disputed.expire(1_148), Err(DisputeError::DeadlineNotReached { deadline: 1_149, now: 1_148 }));
    let mut expired = disputed;
    assert_eq!(expired.uphold(1_149), Err(DisputeError::DeadlinePassed { deadline: 1_149, now: 1_149 }));
    assert_eq!(expired.reject(1_149), Err(DisputeError::DeadlinePassed { deadline: 1_149, now: 1_149 }));
    // Final before anybody releases the bond, and after.
    assert_eq!((expired.state(1_148), expired.state(1_149)), (State::Disputed, State::Final));
    assert_eq!(expired.expire(1_149), Ok(ALICE));
    assert_eq!((expired.phase(), expired.state(1_149)), (Phase::Stands, State::Final));
    assert_eq!(expired.expire(1_150), Err(DisputeError::NotDisputed { phase: Phase::Stands }));
    // The clock stood still while the dispute was open.
    let mut rejected = disputed;
    rejected.reject(1_148).unwrap();
    assert_eq!((rejected.state(1_148), rejected.state(1_149)), (State::Pending, State::Final));
    let mut upheld = disputed;
    assert_eq!((upheld.uphold(1_148), upheld.next_revision()), (Ok(ALICE), Some(4)));
    assert_eq!((upheld.state(1_148), upheld.state(u64::MAX)), (State::Disputed, State::Disputed));
}

#[test]
fn terms_have_bounds() {
    let valid = |window, ruling| Terms { window, ruling }.is_valid();
    assert_eq!(MAX_SECONDS, 31_622_400);
    assert!(valid(1, 1) && valid(MAX_SECONDS, MAX_SECONDS));
    for (window, ruling) in [(0, 1), (1, 0), (MAX_SECONDS + 1, 1), (1, MAX_SECONDS + 1)] {
        assert!(!valid(window, ruling), "{window} {ruling}");
    }
}

/// The layout is part of the contract; the codes are part of the ABI.
#[test]
fn the_record_is_fixed() {
    assert_eq!(Standing::LEN, 145);
    assert_eq!(Standing::default().phase(), Phase::None);
    for phase in [Phase::None, Phase::Open, Phase::Disputed, Phase::Withdrawn, Phase::Stands] {
        assert_eq!(Standing { phase: phase as u8, ..Standing::default() }.phase(), phase);
    }
    assert_eq!([State::None, State::Pending, State::Disputed, State::Final].map(|s| s as u8), [0, 1, 2, 3]);
}

#[test]
fn bonds_have_bounds() {
    let mut bonds = Bonds::default();
    assert_eq!((bonds.release(1), bonds.take(1)), (None, None));
    assert_eq!(Bonds { open: u32::MAX, released: 0 }.lock(1), None);
    assert_eq!(Bonds { open: 1, released: 0 }.lock(u128::MAX), None);
    assert_eq!(Bonds { open: 0, released: 1 }.lock(u128::MAX), None);
    bonds.lock(u128::MAX).unwrap();
    bonds.release(u128::MAX).unwrap();
    assert_eq!(bonds.held(u128::MAX), Some(u128::MAX));
    assert_eq!(bonds.lock(1), None);
}

proptest! {
    /// Money in minus money out is what is held, whatever happens in whatever order.
    #[test]
    fn bonds_are_conserved(bond in 1u128..1 << 90, steps in prop::collection::vec((0u8..3, 0u8..5), 0..60)) {
        let (mut bonds, mut held, mut open, mut released) = (Bonds::default(), 0u128, 0u32, 0u128);
        for (step, parts) in steps {
            match step {
                0 => { bonds.lock(bond).unwrap(); held += bond; open += 1; }
                1 => {
                    prop_assert_eq!(bonds.release(bond).is_some(), open > 0);
                    if open > 0 { open -= 1; released += bond; }
                }
                _ => {
                    let amount = bond * u128::from(parts);
                    prop_assert_eq!(bonds.take(amount).is_some(), amount <= released);
                    if amount <= released { released -= amount; held -= amount; }
                }
            }
            prop_assert_eq!(bonds.held(bond), Some(held));
            prop_assert_eq!(bonds, Bonds { open, released });
        }
    }

    /// A model holds a bond exactly while the contract counts one as open: each dispute's bond is released once.
    #[test]
    fn a_bond_is_released_once(window in 1u64..20, ruling in 1u64..20, steps in prop::collection::vec(0usize..7, 0..80)) {
        let terms = Terms { window, ruling };
        let mut now = 5_000;
        let mut standing = Standing::posted([9; 32], [8; 32], 0, now, &terms);
        let mut model = Model::Pending { left: window };
        let mut bonds = Bonds::default();
        for at in steps {
            let step = STEPS[at];
            let outcome = real(&mut standing, step, now, &terms);
            prop_assert_eq!(outcome.is_ok(), model.step(step, &terms).is_some());
            if outcome.is_ok() {
                match step {
                    Step::Dispute(_) => bonds.lock(10).unwrap(),
                    Step::Uphold | Step::Reject | Step::Expire => bonds.release(10).unwrap(),
                    Step::Wait => now += 1,
                    Step::Revise => {}
                }
                model = model.step(step, &terms).unwrap();
            }
            prop_assert_eq!(bonds.open, u32::from(model.holds_a_bond()));
            prop_assert_eq!(standing.state(now), model.state());
        }
    }
}
