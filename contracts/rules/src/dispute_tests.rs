//! The game exhaustively over small times, against a model that moves with the clock instead of looking at it.

use super::*;
use proptest::prelude::*;

const ALICE: Account = [1; 20];
const BOB: Account = [2; 20];

const CAROL: Account = [3; 20];
const ARBITER: Account = [9; 20];

/// Time as it passes, second by second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Model {
    Pending {
        left: u64,
    },
    Disputed {
        by: Account,
        defended: bool,
        to_rule: u64,
        left: u64,
    },
    /// Nobody ruled; the bonds are still held, the window runs on.
    Late {
        by: Account,
        defended: bool,
        left: u64,
    },
    Withdrawn,
    Final,
}

/// A report in the game, and how often it was disputed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Game {
    now: Model,
    disputes: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Wait,
    Dispute(Account),
    Defend(Account),
    Uphold(Account),
    Reject(Account),
    Expire,
    Revise,
}

const STEPS: [Step; 9] = [
    Step::Wait,
    Step::Dispute(ALICE),
    Step::Dispute(BOB),
    Step::Defend(BOB),
    Step::Uphold(ARBITER),
    Step::Reject(ARBITER),
    Step::Reject(ALICE),
    Step::Expire,
    Step::Revise,
];

/// A bond of three units, of which one and a half would be a half.
const BOND: u128 = 3;

fn stake(challenger: Account) -> Stake {
    Stake { challenger, reason: [challenger[0]; 32], bond: BOND, currency: [5; 20] }
}

fn verdict(challenger: u128, defender: u128, period: u128) -> Verdict {
    Verdict { challenger, defender, period }
}

impl Game {
    fn state(self) -> State {
        match self.now {
            Model::Pending { .. } => State::Pending,
            Model::Late { left, .. } if left > 0 => State::Pending,
            Model::Disputed { .. } | Model::Withdrawn => State::Disputed,
            Model::Late { .. } | Model::Final => State::Final,
        }
    }

    /// What becomes of it and who gets what, or `None` where the step is refused.
    fn step(self, step: Step, terms: &Terms) -> Option<(Self, Option<Verdict>)> {
        let to = |now| Some((Self { now, ..self }, None));
        match (self.now, step) {
            (Model::Pending { left: 1 }, Step::Wait) => to(Model::Final),
            (Model::Pending { left }, Step::Wait) => to(Model::Pending { left: left - 1 }),
            (Model::Disputed { by, defended, to_rule: 1, left }, Step::Wait) => to(Model::Late { by, defended, left }),
            (Model::Disputed { by, defended, to_rule, left }, Step::Wait) => {
                to(Model::Disputed { by, defended, to_rule: to_rule - 1, left })
            }
            (Model::Late { by, defended, left }, Step::Wait) => {
                to(Model::Late { by, defended, left: left.saturating_sub(1) })
            }
            (other, Step::Wait) => to(other),
            (Model::Pending { left }, Step::Dispute(by)) => self.disputed(by, left, None, terms),
            (Model::Late { defended, left, .. }, Step::Dispute(by)) if left > 0 => {
                self.disputed(by, left, Some(back(defended)), terms)
            }
            (Model::Disputed { by, defended: false, to_rule, left }, Step::Defend(who)) if who != by => {
                to(Model::Disputed { by, defended: true, to_rule, left })
            }
            (Model::Disputed { by, defended, left, to_rule }, Step::Uphold(who) | Step::Reject(who)) => {
                // The last dispute is not rejected before the window that it stopped would have ended.
                let unheard = self.disputes == 3 && terms.ruling - to_rule < left;
                if who == by || defended && who == BOB || matches!(step, Step::Reject(_)) && unheard {
                    return None;
                }
                let (now, paid) = match (step, defended) {
                    // Of three one goes to the winner, two into the period's money.
                    (Step::Uphold(_), true) => (Model::Withdrawn, verdict(4, 0, 2)),
                    (Step::Uphold(_), false) => (Model::Withdrawn, verdict(3, 0, 0)),
                    (_, true) => (Model::Pending { left }, verdict(0, 4, 2)),
                    (_, false) => (Model::Pending { left }, verdict(0, 0, 3)),
                };
                Some((Self { now, ..self }, Some(paid)))
            }
            (Model::Late { defended, left, .. }, Step::Expire) => {
                let now = if left > 0 { Model::Pending { left } } else { Model::Final };
                Some((Self { now, ..self }, Some(back(defended))))
            }
            (Model::Withdrawn, Step::Revise) => {
                Some((Self { now: Model::Pending { left: terms.window }, disputes: 0 }, None))
            }
            _ => None,
        }
    }

    fn disputed(self, by: Account, left: u64, paid: Option<Verdict>, terms: &Terms) -> Option<(Self, Option<Verdict>)> {
        let now = Model::Disputed { by, defended: false, to_rule: terms.ruling, left };
        (self.disputes < 3).then_some((Self { now, disputes: self.disputes + 1 }, paid))
    }

    fn holds(self) -> u128 {
        match self.now {
            Model::Disputed { defended, .. } | Model::Late { defended, .. } => BOND * (1 + u128::from(defended)),
            _ => 0,
        }
    }
}

/// Each its own.
fn back(defended: bool) -> Verdict {
    verdict(BOND, if defended { BOND } else { 0 }, 0)
}

/// The real thing, driven by the same steps.
fn real(standing: &mut Standing, step: Step, now: u64, terms: &Terms) -> Result<Option<Verdict>, ()> {
    match step {
        Step::Wait => Ok(None),
        Step::Dispute(by) => {
            standing.dispute(&stake(by), now, terms).map(|lapsed| lapsed.map(|(_, paid)| paid)).map_err(drop)
        }
        Step::Defend(by) => standing.defend(by, standing.hash, now).map(|()| None).map_err(drop),
        Step::Uphold(by) => standing.uphold(by, now).map(Some).map_err(drop),
        Step::Reject(by) => standing.reject(by, now, terms).map(Some).map_err(drop),
        Step::Expire => standing.expire(now).map(Some).map_err(drop),
        Step::Revise => {
            let revision = standing.next_revision().ok_or(())?;
            *standing = Standing::posted([revision as u8; 32], [7; 32], revision, now, terms);
            Ok(None)
        }
    }
}

fn explore(standing: Standing, model: Game, now: u64, depth: u32, terms: &Terms, seen: &mut u64) {
    *seen += 1;
    assert_eq!(standing.state(now), model.state(), "{standing:?} at {now}, {model:?}");
    assert_eq!(Standing::from_bytes(&standing.to_bytes()), standing);
    if depth == 0 {
        return;
    }
    for step in STEPS {
        let mut next = standing;
        let outcome = real(&mut next, step, now, terms);
        let Some((expected, paid)) = model.step(step, terms) else {
            assert_eq!(outcome, Err(()), "{step:?} on {model:?}");
            assert_eq!(next, standing, "a refused step changes nothing");
            continue;
        };
        assert_eq!(outcome, Ok(paid), "{step:?} on {model:?} at {now}: {standing:?}");
        if model.state() == State::Final {
            assert_eq!((next.hash, next.weights_root), (standing.hash, standing.weights_root), "final is for ever");
            assert_eq!(expected.state(), State::Final);
        }
        let later = if step == Step::Wait { now + 1 } else { now };
        explore(next, expected, later, depth - 1, terms, seen);
    }
}

/// Proves SAFE-9 and SAFE-12: every sequence of eight steps (waiting a second is one) for every window and ruling time
/// of one to three seconds: what the contract answers without a clock is what a clock would have made of it, boundaries
/// included, and each bond goes where the game says.
#[test]
fn every_short_game_is_the_models() {
    let mut seen = 0;
    for window in 1..=3 {
        for ruling in 1..=3 {
            let terms = Terms { window, ruling };
            let start = 1_000;
            let standing = Standing::posted([9; 32], [8; 32], 0, start, &terms);
            let game = Game { now: Model::Pending { left: window }, disputes: 0 };
            explore(standing, game, start, 8, &terms, &mut seen);
        }
    }
    assert!(seen > 20_000, "{seen} positions");
}

#[test]
fn without_a_report_there_is_nothing_to_do() {
    let terms = Terms { window: 1, ruling: 1 };
    let mut none = Standing::default();
    assert_eq!((none.state(0), none.state(u64::MAX), none.next_revision()), (State::None, State::None, None));
    assert_eq!(none.dispute(&stake(ALICE), 0, &terms), Err(DisputeError::NoReport));
    assert_eq!(none.defend(ALICE, [0; 32], 0), Err(DisputeError::NoReport));
    assert_eq!(none.hear(&[0; 32], &[1; 32], 0), Err(DisputeError::NoReport));
    assert_eq!(none.uphold(ARBITER, 0), Err(DisputeError::NoReport));
    assert_eq!(none.reject(ARBITER, 0, &terms), Err(DisputeError::NoReport));
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
    let refused = late.dispute(&stake(ALICE), 1_100, &terms);
    assert_eq!(refused, Err(DisputeError::NotPending { state: State::Final }));
    assert_eq!(late.uphold(ARBITER, 1_099), Err(DisputeError::NotDisputed { phase: Phase::Open }));
    let mut disputed = posted;
    assert_eq!(disputed.dispute(&stake(ALICE), 1_099, &terms), Ok(None));
    assert_eq!((disputed.until, disputed.left, disputed.challenger, disputed.reason), (1_149, 1, ALICE, [1; 32]));
    assert_eq!((disputed.bond, disputed.currency, disputed.disputes), (3, [5; 20], 1));
    let again = disputed.dispute(&stake(BOB), 1_099, &terms);
    assert_eq!(again, Err(DisputeError::NotPending { state: State::Disputed }));
    assert_eq!(disputed.defend(ALICE, [9; 32], 1_148), Err(DisputeError::IsParty { account: ALICE }));
    assert_eq!(disputed.defend(BOB, [9; 32], 1_149), Err(DisputeError::DeadlinePassed { deadline: 1_149, now: 1_149 }));
    let mut defended = disputed;
    defended.defend(BOB, [9; 32], 1_148).unwrap();
    assert_eq!(defended.defend(CAROL, [9; 32], 1_148), Err(DisputeError::AlreadyDefended { defender: BOB }));
    for side in [ALICE, BOB] {
        let (mut up, mut down) = (defended, defended);
        assert_eq!(up.uphold(side, 1_148), Err(DisputeError::IsParty { account: side }));
        assert_eq!(down.reject(side, 1_148, &terms), Err(DisputeError::IsParty { account: side }));
    }
    assert_eq!(disputed.expire(1_148), Err(DisputeError::DeadlineNotReached { deadline: 1_149, now: 1_148 }));
    let mut expired = disputed;
    assert_eq!(expired.uphold(ARBITER, 1_149), Err(DisputeError::DeadlinePassed { deadline: 1_149, now: 1_149 }));
    let passed = Err(DisputeError::DeadlinePassed { deadline: 1_149, now: 1_149 });
    assert_eq!(expired.reject(ARBITER, 1_149, &terms), passed);
    // The last second of the window runs from the deadline on, whether or not anybody says so.
    let states = |standing: Standing| [1_148, 1_149, 1_150].map(|now| standing.state(now));
    assert_eq!(states(expired), [State::Disputed, State::Pending, State::Final]);
    assert_eq!(expired.expire(1_151), Ok(verdict(3, 0, 0)));
    assert_eq!(states(expired)[1..], [State::Pending, State::Final]);
    assert_eq!(expired.expire(1_151), Err(DisputeError::NotDisputed { phase: Phase::Open }));
    // The clock stood still while the dispute was open.
    let mut rejected = disputed;
    rejected.reject(ARBITER, 1_148, &terms).unwrap();
    assert_eq!((rejected.state(1_148), rejected.state(1_149)), (State::Pending, State::Final));
    let mut upheld = disputed;
    assert_eq!((upheld.uphold(ARBITER, 1_148), upheld.next_revision()), (Ok(verdict(3, 0, 0)), Some(4)));
    assert_eq!((upheld.state(1_148), upheld.state(u64::MAX), upheld.until), (State::Disputed, State::Disputed, 1_148));
}

/// Proves SAFE-9 and SAFE-12: a ruling time shorter than the window lets nobody shorten it. On the old rule a report
/// disputed by its own author in its first second was final after the ruling time, here 50 of 1,000 seconds.
#[test]
fn no_dispute_shortens_the_window() {
    let terms = Terms { window: 1_000, ruling: 50 };
    let mut standing = Standing::posted([9; 32], [8; 32], 0, 0, &terms);
    standing.dispute(&stake(ALICE), 0, &terms).unwrap();
    assert_eq!(
        [49, 50, 1_049, 1_050].map(|now| standing.state(now)),
        [State::Disputed, State::Pending, State::Pending, State::Final]
    );
    // Others can still dispute it, and the bond that nobody ruled on goes back.
    let (old, paid) = standing.dispute(&stake(BOB), 100, &terms).unwrap().unwrap();
    assert_eq!((old.challenger, paid), (ALICE, verdict(3, 0, 0)));
    assert_eq!((standing.challenger, standing.left, standing.until), (BOB, 950, 150));
}

/// Proves SAFE-9: serial disputes delay a report by three ruling times at most, and cost 1, 2 and 4 bonds. On the old
/// rule the fourth was as cheap as the first, for ever.
#[test]
fn serial_disputes_end() {
    let terms = Terms { window: 1_000, ruling: 50 };
    for ruled in [false, true] {
        let mut standing = Standing::posted([9; 32], [8; 32], 0, 0, &terms);
        let mut now = 0;
        for n in 0..3 {
            standing.dispute(&stake(ALICE), now, &terms).unwrap();
            now += 49;
            match ruled {
                true if n < 2 => drop(standing.reject(ARBITER, now, &terms).unwrap()),
                // The third stops a window of which 1,000 seconds are left, and the ruling time is shorter than that.
                true => {
                    let unheard = Err(DisputeError::NotHeard { until: 1_098, now: 147 });
                    assert_eq!(standing.reject(ARBITER, now, &terms), unheard);
                }
                false => now += 1,
            }
        }
        now = now.max(148);
        assert_eq!(standing.dispute(&stake(BOB), now, &terms), Err(DisputeError::Exhausted { disputes: 3 }));
        let end = if ruled { 1_148 } else { 1_150 };
        assert_eq!((standing.state(end - 1), standing.state(end)), (State::Pending, State::Final));
    }
    // 5 % of 2,000, and never less than 7; the next ones cost twice as much each.
    let bonds = BondTerms { minimum: 7, bps: 500 };
    assert_eq!([0, 1, 2].map(|before| bonds.bond(2_000, before)), [Some(100), Some(200), Some(400)]);
    assert_eq!([0, 1, 2].map(|before| bonds.bond(100, before)), [Some(7), Some(14), Some(28)]);
    assert_eq!((bonds.bond(141, 0), bonds.bond(140, 0)), (Some(8), Some(7)));
    assert_eq!(BondTerms { minimum: 0, bps: 10_000 }.bond(u128::MAX, 0), Some(u128::MAX));
    assert_eq!(BondTerms { minimum: 0, bps: 10_000 }.bond(u128::MAX, 1), None);
    assert_eq!(BondTerms { minimum: 1, bps: 0 }.bond(u128::MAX, 200), None);
}

/// Proves SAFE-9 and SAFE-12: whoever gains by a report disputes it three times itself, for nothing that stands. Until
/// the window would have been over everybody else is heard, and the arbiter rules on what they say. On the old rule the
/// third was rejected in its second, and the report was final without anybody else.
#[test]
fn whoever_speaks_within_the_window_is_heard() {
    let terms = Terms { window: 1_000, ruling: 5_000 };
    let mut standing = Standing::posted([9; 32], [8; 32], 0, 0, &terms);
    for now in [10, 20] {
        standing.dispute(&stake(ALICE), now, &terms).unwrap();
        standing.reject(ARBITER, now, &terms).unwrap();
    }
    standing.dispute(&stake(ALICE), 100, &terms).unwrap();
    // 900 of 1,000 seconds are left.
    let mut early = standing;
    assert_eq!(early.reject(ARBITER, 999, &terms), Err(DisputeError::NotHeard { until: 1_000, now: 999 }));
    assert_eq!((early, standing.hear(&[9; 32], &[7; 32], 999)), (standing, Ok(())));
    assert_eq!(standing.hear(&[9; 32], &[0; 32], 999), Err(DisputeError::ReasonMissing));
    let mut upheld = standing;
    assert_eq!(upheld.uphold(ARBITER, 101), Ok(verdict(3, 0, 0)));
    assert_eq!(upheld.hear(&[9; 32], &[7; 32], 101), Err(DisputeError::NotDisputed { phase: Phase::Withdrawn }));
    let mut rejected = standing;
    assert_eq!(rejected.reject(ARBITER, 1_000, &terms), Ok(verdict(0, 0, 3)));
    assert_eq!((rejected.state(1_899), rejected.state(1_900)), (State::Pending, State::Final));
    // The delay is what it was at most: the ruling time and the rest of the window after the dispute's beginning.
    assert_eq!(standing.hear(&[9; 32], &[7; 32], 5_099), Ok(()));
    let late = DisputeError::DeadlinePassed { deadline: 5_100, now: 5_100 };
    assert_eq!(standing.hear(&[9; 32], &[7; 32], 5_100), Err(late));
    assert_eq!((standing.state(5_999), standing.state(6_000)), (State::Pending, State::Final));
}

/// Proves SAFE-9: a third dispute in the window's last second takes a second to be heard, and the first two can be
/// rejected at once.
#[test]
fn a_third_dispute_in_the_last_second_is_heard_for_one() {
    let terms = Terms { window: 1_000, ruling: 50 };
    let mut standing = Standing::posted([9; 32], [8; 32], 0, 0, &terms);
    for _ in 0..2 {
        standing.dispute(&stake(ALICE), 999, &terms).unwrap();
        standing.reject(ARBITER, 999, &terms).unwrap();
    }
    standing.dispute(&stake(BOB), 999, &terms).unwrap();
    assert_eq!(standing.reject(ARBITER, 999, &terms), Err(DisputeError::NotHeard { until: 1_000, now: 999 }));
    standing.reject(ARBITER, 1_000, &terms).unwrap();
    assert_eq!((standing.state(1_000), standing.state(1_001)), (State::Pending, State::Final));
}

/// Proves SAFE-5: who matches a bond stands for the report that it looked at, not for the revision in its place.
#[test]
fn nobody_defends_a_report_that_it_did_not_see() {
    let terms = Terms { window: 1_000, ruling: 50 };
    let mut standing = Standing::posted([9; 32], [8; 32], 0, 0, &terms);
    standing.dispute(&stake(ALICE), 0, &terms).unwrap();
    standing.uphold(ARBITER, 1).unwrap();
    standing = Standing::posted([7; 32], [8; 32], 1, 2, &terms);
    standing.dispute(&stake(ALICE), 3, &terms).unwrap();
    let other = DisputeError::OtherReport { got: [9; 32], current: [7; 32] };
    assert_eq!(standing.defend(CAROL, [9; 32], 4), Err(other));
    assert_eq!(standing.hear(&[9; 32], &[1; 32], 4), Err(other));
    assert_eq!(standing.hear(&[7; 32], &[1; 32], 4), Ok(()));
    assert_eq!(standing.defend(CAROL, [7; 32], 4), Ok(()));
}

#[test]
fn a_minimum_is_scaled_to_the_currency() {
    // Half a coin: in a currency of 6 decimals, of none (at least one unit), of 18 and of 20.
    let half = 500_000_000_000_000_000;
    assert_eq!((scaled(half, 6), scaled(half, 0), scaled(half, 18)), (Some(500_000), Some(1), Some(half)));
    assert_eq!((scaled(half, 20), scaled(half, 60), scaled(0, 6)), (Some(half * 100), None, Some(1)));
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
    assert_eq!((Standing::LEN, Bonds::LEN), (210, 32));
    assert_eq!(Standing::default().phase(), Phase::None);
    for phase in [Phase::None, Phase::Open, Phase::Disputed, Phase::Withdrawn] {
        assert_eq!(Standing { phase: phase as u8, ..Standing::default() }.phase(), phase);
    }
    assert_eq!([State::None, State::Pending, State::Disputed, State::Final].map(|s| s as u8), [0, 1, 2, 3]);
}

#[test]
fn bonds_have_bounds() {
    let mut bonds = Bonds::default();
    assert_eq!((bonds.release(1), bonds.take(1)), (None, None));
    assert_eq!(Bonds { locked: 1, released: 0 }.lock(u128::MAX), None);
    assert_eq!(Bonds { locked: 0, released: 1 }.lock(u128::MAX), None);
    bonds.lock(u128::MAX).unwrap();
    bonds.release(u128::MAX).unwrap();
    assert_eq!(bonds.held(), Some(u128::MAX));
    assert_eq!(bonds.lock(1), None);
}

proptest! {
    /// Proves SAFE-12: the money of bonds is held exactly while the game holds it, and all of it is paid out, once.
    #[test]
    fn bonds_are_paid_out_once(
        window in 1u64..20,
        ruling in 1u64..20,
        steps in prop::collection::vec(0usize..9, 0..80),
    ) {
        let terms = Terms { window, ruling };
        let mut now = 5_000;
        let mut standing = Standing::posted([9; 32], [8; 32], 0, now, &terms);
        let mut model = Game { now: Model::Pending { left: window }, disputes: 0 };
        let mut bonds = Bonds::default();
        for at in steps {
            let step = STEPS[at];
            let outcome = real(&mut standing, step, now, &terms);
            prop_assert_eq!(outcome.is_ok(), model.step(step, &terms).is_some());
            if let Ok(paid) = outcome {
                if let Some(paid) = paid {
                    bonds.release(paid.challenger + paid.defender + paid.period).unwrap();
                }
                match step {
                    Step::Dispute(_) | Step::Defend(_) => bonds.lock(BOND).unwrap(),
                    Step::Wait => now += 1,
                    _ => {}
                }
                model = model.step(step, &terms).unwrap().0;
            }
            prop_assert_eq!(bonds.locked, model.holds());
            prop_assert_eq!(standing.state(now), model.state());
        }
    }
}
