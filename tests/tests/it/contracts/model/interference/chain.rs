//! Both histories on the built blobs: on one chain, each from the state in which everything was deployed. Every step is
//! sent to the contracts, with or without the stranger's between, and they answer as the model does, the same figure or
//! the same refusal; in the end everybody takes what is theirs from the contracts, and what these paid is compared.
//!
//! Histories begin on any day of a year, many of them without a share, and time leaps by months.

use std::{cell::RefCell, rc::Rc};

use proptest::test_runner::{Config, TestRunner};

use super::{
    super::{
        agree,
        books::{Books, Refusal},
        stage::Stage,
        step::{ADMIN, CONTRIBUTORS, MARKET, PARTIES, Step},
    },
    Alone, Beside, Counts, World, compare, moments,
};

/// The contracts, which make every step too.
pub struct Blobs(pub Stage);

impl Beside for Blobs {
    fn take(&mut self, step: &Step, before: &Books, expected: &Result<u128, Refusal>) {
        let got = self.0.run(step, before);
        assert!(agree(expected, &got), "{step:?}: the model says {expected:?}, the chain {got:?}");
    }
}

/// A world on the chain as it was deployed.
pub fn on_chain(blobs: &Rc<RefCell<Blobs>>) -> World {
    blobs.borrow_mut().0.s.chain.rewind();
    let mut world = World::new(blobs.borrow().0.givens.clone());
    world.beside = Some(blobs.clone());
    world
}

/// Everybody takes what is theirs, where they are let in; whatever cannot be taken now stays owed.
pub fn everybody_takes(world: &mut World) {
    for order in world.books.orders.clone().into_values() {
        let by = world.books.givens.party(&order.maker);
        let _ = world.take(&Step::Cancel { by, order: order.id });
    }
    for account in (0..PARTIES).filter(|party| *party != MARKET) {
        if world.books.bonds_owed[account] > 0 {
            world.must(&Step::WithdrawBond { by: ADMIN, account, to: account });
        }
        if account <= ADMIN && world.books.credits[account] > 0 {
            let _ = world.take(&Step::Withdraw { by: account, to: account });
        }
        if world.books.claimable(account) > 0 {
            let _ = world.take(&Step::ClaimFor { by: ADMIN, account });
        }
    }
    for account in CONTRIBUTORS {
        let items = world.books.owed_contributions(account);
        if !items.is_empty() {
            let _ = world.take(&Step::ClaimContributions { by: ADMIN, account, items });
        }
    }
}

fn cases() -> u32 {
    std::env::var("YIELDSET_STRANGER_CHAIN_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(60)
}

/// Proves SAFE-4 on the built blobs: whatever a stranger with money does between honest people's steps, the
/// contracts refuse none of these for it but for a seat that is taken, and pay nobody honest less, dust aside.
#[test]
fn the_contracts_let_a_stranger_take_nothing_and_stop_nobody() {
    let blobs = RefCell::new(None);
    let counts = RefCell::new(Counts::new());
    let mut runner = TestRunner::new(Config {
        cases: cases(),
        failure_persistence: None,
        max_shrink_iters: 100,
        ..Config::default()
    });
    let result = runner.run(&(moments(), 1u64..330), |((opening, moments), day)| {
        let chain = blobs.borrow_mut().take().unwrap_or_else(|| Rc::new(RefCell::new(Blobs(Stage::new()))));
        let mut alone = Alone::new(on_chain(&chain), opening, &moments, day);
        alone.world.settle();
        everybody_takes(&mut alone.world);
        let world = on_chain(&chain);
        compare(&alone, world, (opening, &moments, day), &mut counts.borrow_mut(), everybody_takes)?;
        // A chain on which something failed is not used again.
        *blobs.borrow_mut() = Some(chain);
        Ok(())
    });
    if let Err(error) = result {
        panic!("{error}");
    }
    let counts = counts.into_inner();
    println!("{counts:?}");
    let kinds = ["Deposit", "Transfer", "ClaimFor", "Bid", "honest Deposit", "honest Wait", "honest Claim"];
    for kind in kinds.into_iter().filter(|_| cases() >= 60) {
        assert!(counts.get(kind).is_some_and(|taken| *taken >= 3), "{kind}: {:?} times", counts.get(kind));
    }
}
