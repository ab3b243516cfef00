//! Contracts that end whatever call asks them, which no contract survives: an issuer's or the holders' licence
//! contract, registry or pool keeps nobody's money, and stops nobody.

use alloy_primitives::{Address, B256, U256};
use alloy_sol_types::SolCall;
use yieldset_chain::abi::{Attribution, Licence, Pool};
use yieldset_rules::{
    licence::Terms,
    period::{quarter_at, quarter_start},
};
use yieldset_tests::{
    attribution::BOND,
    chain::{Account, START, assert_refused},
    contributors::Contributors,
    coop::Plan,
    disputes::{COIN, PERIOD, STREAM},
    licence::{DATASET, DAY, LicenceAlone, StandInManifests, StandInPool, Who, menu, plain},
    system::System,
    tripping::{Trips, tripping},
};

use super::escrow::{UNIT, assess, over, refund};

/// A pool with 1,000 coins of the stream, whose holder is Alice; this is its licence contract.
fn licensed_by(licences: impl FnOnce(&mut System) -> Address) -> (System, Contributors, Account) {
    let mut s = System::with_bonds(500);
    let (admin, alice) = (s.admin.clone(), s.holder(1));
    s.chain.account(2);
    let licences = licences(&mut s);
    s.mint(&alice, COIN).unwrap();
    let open = Pool::openCall { cap: U256::from(u128::MAX), licences, governor: Address::ZERO };
    s.call(&admin, s.pool, open).unwrap();
    s.deposit(&admin, STREAM, PERIOD, 1_000 * COIN).unwrap();
    let c = Contributors::new([alice.address, admin.address]);
    (s, c, alice)
}

/// Proves SAFE-12: an issuer's licence contract keeps nobody from disputing.
#[test]
fn a_licence_contract_that_trips_keeps_nobody_from_disputing() {
    let (mut s, c, _) = licensed_by(|s| {
        let admin = s.admin.clone();
        tripping(&mut s.chain, &admin, 0, Trips::OverOneElseZeros(Licence::duesForCall::SELECTOR))
    });
    c.post(&mut s, STREAM, PERIOD);
    let (pool, bob, max) = (s.pool, Account::number(2), 1_000 * COIN);
    let reason = B256::repeat_byte(1);
    let dispute = Attribution::disputeCall { pool, stream: STREAM, period: PERIOD, reason, maxBond: U256::from(max) };
    s.chain.call(&bob, s.attribution, dispute, max).unwrap();
}

/// Proves SAFE-2: one that behaves until there is money keeps no report out. Before, nothing was posted any more, and
/// after the time of silence the holder had all of 1,000 coins, the contributors' 400 among them.
#[test]
fn a_licence_contract_that_trips_keeps_no_report_out() {
    let (mut s, c, alice) = licensed_by(|s| {
        let admin = s.admin.clone();
        tripping(&mut s.chain, &admin, START + DAY, Trips::OverOneElseZeros(Licence::recordOfCall::SELECTOR))
    });
    s.chain.set_time(START + 2 * DAY);
    let report = s.report(STREAM, PERIOD, c.root()).to_bytes();
    let keys = s.keys[..2].to_vec();
    s.post(&report, &keys).unwrap();
    s.chain.set_time(quarter_start(quarter_at(START) + 6));
    let (admin, pool) = (s.admin.clone(), s.pool);
    assert!(s.call(&admin, pool, Pool::releaseWaitingCall { stream: STREAM, period: PERIOD }).is_err());
    let has = s.call(&admin, pool, Pool::claimableCall { account: alice.address }).unwrap();
    assert_eq!(has, U256::from(600 * COIN), "the holders' part");
}

/// Proves SAFE-1: a registry that the holders adopted and that trips holds an escrow for five years, in which it can be
/// replaced, and no longer: then nobody asks it. Before, it held it for ever.
#[test]
fn a_registry_that_trips_holds_the_escrow_for_five_years() {
    let (mut deal, last, _) = over();
    let (anybody, admin, pool) = (deal.oracle.clone(), deal.w.s.admin.clone(), deal.w.s.pool);
    let successor = tripping(&mut deal.w.s.chain, &admin, 0, Trips::UnlessOfNothing);
    let propose = Pool::proposeSuccessorCall { part: 1, successor };
    deal.vote(&Plan::one(pool, 0, propose.abi_encode(), "Another registry")).unwrap();
    deal.at(deal.now + 31 * DAY);
    deal.w.call(&anybody, pool, Pool::adoptSuccessorCall { part: 1 }).unwrap();
    deal.at(quarter_start(last + 22) - 1);
    assert!(assess(&mut deal, last).is_err());
    assert_refused(refund(&mut deal), "UsageOpen");
    deal.at(quarter_start(last + 22));
    assess(&mut deal, last).unwrap();
    assert_eq!(refund(&mut deal).unwrap(), U256::from(1_000 * UNIT));
}

/// Proves SAFE-9: a pool whose deposit trips stops no ruling; the lost bond is kept for its period.
#[test]
fn a_pool_that_trips_stops_no_ruling() {
    let mut s = System::with_bonds(0);
    let (admin, bob, dora) = (s.admin.clone(), s.chain.account(2), s.chain.account(3));
    s.grant(s.attribution, "ARBITER_ROLE", &admin);
    s.pool = tripping(&mut s.chain, &admin, 0, Trips::OverOne(Pool::depositCall::SELECTOR));
    let (pool, registry, stream, period) = (s.pool, s.attribution, STREAM, PERIOD);
    Contributors::new([bob.address, dora.address]).post(&mut s, STREAM, PERIOD);
    let (reason, max) = (B256::repeat_byte(1), U256::from(BOND));
    s.chain
        .call(&bob, registry, Attribution::disputeCall { pool, stream, period, reason, maxBond: max }, BOND)
        .unwrap();
    s.call(&admin, registry, Attribution::rejectCall { pool, stream, period }).unwrap();
    let kept = s.call(&admin, registry, Attribution::bondKeptCall { pool, stream, period }).unwrap();
    assert_eq!(kept.amount, max);
}

/// Proves SAFE-8: a pool whose deposit trips puts no platform in default: what the platform pays is held for it.
#[test]
fn a_pool_that_trips_puts_no_platform_in_default() {
    let first = quarter_at(START);
    let mut x = LicenceAlone::new(false);
    let (admin, target) = (x.admin(), x.pool);
    let deposit = Trips::Behind(Pool::depositCall::SELECTOR, target);
    let pool = tripping(&mut x.chain, &admin, START + DAY, deposit);
    licensed_with(&mut x, pool, Terms { residual_bps: 1_000, ..plain() });
    x.at(quarter_start(first + 1) + DAY);
    x.report(first, 1_000_000).unwrap();
    assert!(x.pay(first, 100_000).is_err());
    let (licence, platform, contract) = (x.id, x.account(Who::Platform), x.contract);
    let pay = Licence::payHeldCall { licence, quarter: first, value: U256::from(100_000) };
    x.chain.call(&platform, contract, pay, 100_000).unwrap();
    let due = x.due(first);
    assert_eq!((due.held, due.outstanding), (U256::from(100_000), U256::ZERO));
}

fn licensed_with(x: &mut LicenceAlone, pool: Address, terms: Terms) {
    x.pool = pool;
    let address = |x: &LicenceAlone, who| x.account(who).address;
    let (licensor, holder, creator) = (address(x, Who::Licensor), address(x, Who::Holder), address(x, Who::Creator));
    let role = yieldset_chain::deployment::role("LICENSOR_ROLE");
    x.any(pool, StandInPool::grantRoleCall { role, account: licensor });
    x.any(pool, StandInPool::mintCall { account: holder, amount: U256::from(1) });
    let manifests = x.manifests;
    x.any(manifests, StandInManifests::assignCall { dataset: DATASET, pool, creator });
    x.offer(&[menu(&terms, &[])], terms.upfront).unwrap();
    x.accept(0).unwrap();
}
