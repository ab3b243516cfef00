//! Shortest histories of defects that random ones found, and what must happen there.

use alloy_primitives::U256;
use yieldset_tests::market::{LATE, TICK};

use super::{
    Run,
    stage::Stage,
    step::{ADMIN, MARKET, PolicyTerms, Step},
};

fn outcomes(steps: &[Step]) -> Vec<super::Outcome> {
    let mut stage = Stage::new();
    let mut run = Run::new(&mut stage);
    for step in steps {
        run.take(step);
    }
    run.told.into_iter().map(|(_, outcome)| outcome).collect()
}

fn mint(to: usize) -> Step {
    Step::Mint { by: ADMIN, to, amount: 100 }
}

/// docs/contracts/market.md: `ask` is for "anyone the pool lets send". The market asks the pool about the sender alone,
/// to address zero, which is no new holder in a pool that has as many as it may have.
#[test]
fn a_holder_of_a_full_pool_can_offer_shares() {
    let full =
        Step::SetPolicy { by: ADMIN, open: false, terms: PolicyTerms { max_holders: 2, ..PolicyTerms::default() } };
    let ask = Step::Ask { maker: 0, shares: 50, price: TICK, expiry: LATE };
    let approve = Step::Approve { owner: 0, spender: MARKET, amount: U256::MAX };
    let told = outcomes(&[mint(0), mint(1), full, approve, Step::Transfer { from: 0, to: 1, amount: 1 }, ask]);
    assert!(told[4].is_ok(), "the pool lets it send");
    assert_eq!(told[5], Ok(1));
}

/// The same of the largest holding: an order may be larger than what one account may hold, as it can be filled in
/// parts.
#[test]
fn a_holder_can_offer_more_than_one_account_may_hold() {
    let small =
        Step::SetPolicy { by: ADMIN, open: false, terms: PolicyTerms { max_holding: 60, ..PolicyTerms::default() } };
    let ask = Step::Ask { maker: 0, shares: 80, price: TICK, expiry: LATE };
    let approve = Step::Approve { owner: 0, spender: MARKET, amount: U256::MAX };
    let told = outcomes(&[mint(0), small, approve, ask]);
    assert_eq!(told[3], Ok(1));
}

/// No sequence of calls makes an ineligible account hold shares: a recovery asks the registry of the replacement as a
/// recipient, of whom accreditation is asked too.
#[test]
fn a_recovery_gives_shares_to_the_eligible_alone() {
    let accredited = PolicyTerms { accredited_only: true, ..PolicyTerms::default() };
    let policy = Step::SetPolicy { by: ADMIN, open: false, terms: accredited };
    let told = outcomes(&[
        mint(0),
        policy,
        Step::Transfer { from: 0, to: 1, amount: 100 },
        Step::Force { by: ADMIN, from: 0, to: 1, amount: 100 },
        Step::Recover { by: ADMIN, lost: 0, replacement: 1 },
    ]);
    let code = |at: usize| told[at].as_ref().err().and_then(|refusal| refusal.code);
    assert_eq!((code(2), code(3)), (Some(15), Some(15)), "neither transfer is allowed");
    assert_eq!(code(4), Some(15));
}
