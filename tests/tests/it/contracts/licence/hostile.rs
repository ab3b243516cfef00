//! Currencies, pools and platforms that misbehave: nobody else loses, and the contract has what it owes.

use alloy_primitives::{Address, U256};
use alloy_sol_types::SolCall;
use yieldset_chain::abi::Licence;
use yieldset_rules::{
    licence::Terms,
    period::{quarter_at, quarter_start},
};
use yieldset_tests::{
    chain::{Failure, START, assert_refused},
    licence::{
        DATASET, HASH, LicenceAlone, StandInCoin, StandInManifests, StandInPlatform, StandInPool, Who, menu, plain,
        stand_in,
    },
};

fn coin(scene: &mut LicenceAlone, mode: u32) {
    let (currency, licence) = (scene.currency, scene.id);
    scene.any(currency, StandInCoin::setCall { mode: U256::from(mode), licence });
}

fn pool(scene: &mut LicenceAlone, mode: u32) {
    let pool = scene.pool;
    scene.any(pool, StandInPool::setCall { mode: U256::from(mode) });
}

/// Everything that the contract says it has in escrow, for the platform and for the pool.
fn owed(scene: &mut LicenceAlone) -> U256 {
    let money = scene.money();
    assert_eq!(
        money.moneyIn,
        money.escrow + money.refundable + money.held + money.toPool + money.refunded + money.paidOut
    );
    money.escrow + money.refundable + money.held
}

/// A reported quarter of which 1,000 are due, and 500 in escrow.
fn due(erc20: bool) -> (LicenceAlone, u32) {
    let terms = Terms { residual_bps: 1_000, escrow: 500, funding_days: 1, ..plain() };
    let mut scene = LicenceAlone::licensed(erc20, terms, &[]);
    let quarter = quarter_at(START);
    scene.at(quarter_start(quarter + 1));
    scene.report(quarter, 10_000).unwrap();
    (scene, quarter)
}

/// An ERC-20 that does not bring what it was told brings nothing at all.
#[test]
fn a_lying_currency_is_refused() {
    for (mode, error) in [
        (1, "WrongAmountReceived"), // false
        (3, "WrongAmountReceived"), // less, for a fee
        (5, "WrongAmountReceived"), // true, and nothing moved
        (7, "WrongAmountReceived"), // more than it was told
        (6, "CurrencyCallFailed"),  // no answer
        (4, "WrongAmountReceived"), // re-enters, which the pallet refuses
    ] {
        let (mut scene, quarter) = due(true);
        coin(&mut scene, mode);
        assert_refused(scene.pay(quarter, 400), error);
        coin(&mut scene, 0);
        assert_eq!((scene.own_balance(), owed(&mut scene)), (U256::from(500), U256::from(500)), "{mode}");
        assert_eq!(scene.due(quarter).paid, U256::ZERO);
    }
}

/// An ERC-20 that answers nothing where it succeeds, as some old ones do, is a currency like others.
#[test]
fn a_currency_that_answers_nothing_works() {
    let (mut scene, quarter) = due(true);
    coin(&mut scene, 2);
    // The stand-in pool insists on an answer: the money is held for it.
    scene.pay(quarter, 2_000).unwrap();
    assert_eq!((scene.own_balance(), owed(&mut scene)), (U256::from(1_500), U256::from(1_500)));
    coin(&mut scene, 0);
    scene.call(Who::Anyone, Licence::deliverCall { licence: scene.id, period: quarter }).unwrap();
    assert_eq!((scene.own_balance(), scene.pool_balance()), (U256::from(500), U256::from(1_000)));
}

/// A currency that refuses approvals has what was paid held for the pool, and one that refuses payouts stops the
/// message, not the books.
#[test]
fn a_currency_that_refuses_loses_nothing() {
    let (mut scene, quarter) = due(true);
    coin(&mut scene, 8);
    scene.pay(quarter, 1_000).unwrap();
    let due = scene.due(quarter);
    assert_eq!((due.outstanding, due.held), (U256::ZERO, U256::from(1_000)));
    assert_eq!((scene.own_balance(), owed(&mut scene)), (U256::from(1_500), U256::from(1_500)));
    let deliver = Licence::deliverCall { licence: scene.id, period: quarter };
    scene.call(Who::Anyone, deliver.clone()).unwrap();
    assert_eq!(scene.due(quarter).held, U256::from(1_000));
    coin(&mut scene, 0);
    scene.call(Who::Anyone, deliver).unwrap();
    assert_eq!((scene.own_balance(), scene.pool_balance()), (U256::from(500), U256::from(1_000)));
    let (licence, evidence) = (scene.id, HASH);
    scene.call(Who::Arbiter, Licence::terminateCall { licence, reason: 5, kind: 0, number: 0, evidence }).unwrap();
    for mode in [1, 4, 5, 7] {
        coin(&mut scene, mode);
        assert_refused(scene.refund(), "PayoutFailed");
    }
    coin(&mut scene, 0);
    assert_eq!(scene.refund().unwrap(), U256::from(500));
    assert_eq!((scene.own_balance(), owed(&mut scene)), (U256::ZERO, U256::ZERO));
}

/// A pool that does not take its money, or re-enters, cannot make the platform default: what it did not take is held
/// for it, and no allowance is left behind.
#[test]
fn a_hostile_pool_harms_only_itself() {
    for (erc20, mode, took) in [(false, 1, 0), (false, 4, 0), (true, 1, 0), (true, 2, 500), (true, 3, 0), (true, 4, 0)]
    {
        let (mut scene, quarter) = due(erc20);
        pool(&mut scene, mode);
        scene.pay(quarter, 1_000).unwrap();
        let due = scene.due(quarter);
        assert_eq!((due.outstanding, due.held), (U256::ZERO, U256::from(1_000 - took)), "{erc20} {mode}");
        assert_eq!((scene.own_balance(), owed(&mut scene)), (U256::from(1_500 - took), U256::from(1_500 - took)));
        if erc20 {
            let (owner, spender, currency) = (scene.contract, scene.pool, scene.currency);
            assert_eq!(scene.any(currency, StandInCoin::allowanceCall { owner, spender }), U256::ZERO);
        }
        assert_refused(scene.refund(), "NothingToRefund");
        pool(&mut scene, 0);
        scene.call(Who::Anyone, Licence::deliverCall { licence: scene.id, period: quarter }).unwrap();
        assert_eq!((scene.own_balance(), scene.pool_balance()), (U256::from(500), U256::from(1_000)));
    }
}

/// A pool that does not answer has no licensor and no holders; the platform still reports, pays and leaves.
#[test]
fn a_silent_pool_cannot_hold_the_platform() {
    let (mut scene, quarter) = due(false);
    pool(&mut scene, 5);
    let licence = scene.id;
    assert_refused(scene.call(Who::Licensor, Licence::declineCall { licence }), "PoolCallFailed");
    let audit = Licence::requestAuditCall { licence, quarter, scope: HASH, timepoint: START + 1 };
    assert_refused(scene.call(Who::Holder, audit), "PoolCallFailed");
    scene.pay(quarter, 1_000).unwrap();
    scene
        .call(Who::Arbiter, Licence::terminateCall { licence, reason: 5, kind: 0, number: 0, evidence: HASH })
        .unwrap();
    assert_eq!(scene.refund().unwrap(), U256::from(500));
}

/// A platform that is a contract: an account that does not take money keeps it, and one that asks twice gets it once.
#[test]
fn a_hostile_platform_is_paid_once() {
    let mut scene = LicenceAlone::new(false);
    let admin = scene.admin();
    let platform = scene.chain.instantiate(&admin, stand_in("StandInPlatform", &[]), vec![]).unwrap();
    let contract = scene.contract;
    let run = |scene: &mut LicenceAlone, data: Vec<u8>, value: u128| -> Result<Vec<u8>, Failure> {
        let call = StandInPlatform::runCall { to: contract, data: data.into() };
        scene.chain.call(&admin, platform, call, value).map(|answer| answer.to_vec())
    };
    let terms = menu(&Terms { upfront: 600, ..plain() }, &[]);
    let (pool, currency) = (scene.pool, Address::ZERO);
    let (datasets, options) = (vec![DATASET], vec![terms]);
    let offer = Licence::offerCall { pool, currency, datasets, options, expiresAt: START + 1 };
    let id = Licence::offerCall::abi_decode_returns(&run(&mut scene, offer.abi_encode(), 600).unwrap()).unwrap();
    scene.id = id;
    // Another licence's money is in the same contract.
    let other = LicenceAlone::offer(&mut scene, &[menu(&Terms { upfront: 5_000, ..plain() }, &[])], 5_000).unwrap();
    assert_ne!(other, id);
    run(&mut scene, Licence::withdrawCall { licence: id }.abi_encode(), 0).unwrap();
    let refund = |to: Address| Licence::refundCall { licence: id, to }.abi_encode();
    for mode in [1u32, 2] {
        let set = StandInPlatform::setCall { mode: U256::from(mode), target: contract, licence: id };
        scene.any(platform, set);
        assert_refused(run(&mut scene, refund(platform), 0), "PayoutFailed");
    }
    assert_eq!(scene.own_balance(), U256::from(5_600));
    // It can have it sent elsewhere.
    let treasury = Address::repeat_byte(0x77);
    run(&mut scene, refund(treasury), 0).unwrap();
    assert_eq!((scene.own_balance(), scene.balance(treasury)), (U256::from(5_000), U256::from(600)));
    assert_refused(run(&mut scene, refund(treasury), 0), "NothingToRefund");
}

/// A registry that refuses, lies or is none.
#[test]
fn a_registry_that_refuses_stops_the_acceptance() {
    let mut scene = LicenceAlone::new(false);
    let terms = menu(&Terms { upfront: 600, ..plain() }, &[]);
    scene.offer(std::slice::from_ref(&terms), 600).unwrap();
    let (manifests, creator) = (scene.manifests, Address::ZERO);
    let assign = |pool| StandInManifests::assignCall { dataset: DATASET, pool, creator };
    scene.any(manifests, assign(Address::ZERO));
    assert_refused(scene.accept(0), "DatasetNotInPool");
    assert_refused(scene.offer(&[terms], 600), "DatasetNotInPool");
    let pool = scene.pool;
    scene.any(manifests, assign(pool));
    assert_eq!((scene.pool_balance(), scene.own_balance()), (U256::ZERO, U256::from(600)));
    scene.accept(0).unwrap();
    assert_eq!((scene.pool_balance(), scene.own_balance()), (U256::from(600), U256::ZERO));
    let active = scene.any(manifests, StandInManifests::activeLicencesCall { dataset: DATASET });
    assert_eq!(active, 1);
}
