//! Roles and listings. Who may send what is in the matrix.

use alloy_primitives::{Address, B256, U256};
use yieldset_chain::abi::{Access, Market};
use yieldset_chain::deployment::role;
use yieldset_tests::chain::{Failure, assert_refused};
use yieldset_tests::fixtures::StandInPool;
use yieldset_tests::market::Exchange;

fn lister() -> B256 {
    role("LISTER_ROLE")
}

#[test]
fn the_admin_hands_itself_over_in_two_steps() {
    let mut x = Exchange::new();
    let (admin, next) = (x.admin.clone(), x.chain.account(8));
    let zero = B256::ZERO;
    assert_eq!(x.call(&admin, Access::defaultAdminCall {}).unwrap(), admin.address);
    assert_eq!(x.call(&admin, Access::getRoleAdminCall { role: lister() }).unwrap(), zero);
    assert!(x.call(&admin, Access::hasRoleCall { role: zero, account: admin.address }).unwrap());
    let enforced = "AccessControlEnforcedDefaultAdminRules";
    assert_refused(x.call(&admin, Access::grantRoleCall { role: zero, account: next.address }), enforced);
    assert_refused(x.call(&admin, Access::revokeRoleCall { role: zero, account: admin.address }), enforced);
    let renounce = Access::renounceRoleCall { role: zero, callerConfirmation: admin.address };
    assert_refused(x.call(&admin, renounce), enforced);
    x.call(&admin, Access::beginDefaultAdminTransferCall { newAdmin: next.address }).unwrap();
    assert_eq!(x.call(&admin, Access::pendingDefaultAdminCall {}).unwrap(), next.address);
    x.call(&next, Access::acceptDefaultAdminTransferCall {}).unwrap();
    assert_eq!(x.call(&admin, Access::defaultAdminCall {}).unwrap(), next.address);
    let grant = Access::grantRoleCall { role: lister(), account: next.address };
    assert_refused(x.call(&admin, grant), "AccessControlUnauthorizedAccount");
    let other = Access::renounceRoleCall { role: lister(), callerConfirmation: next.address };
    assert_refused(x.call(&admin, other), "AccessControlBadConfirmation");
    x.call(&admin, Access::renounceRoleCall { role: lister(), callerConfirmation: admin.address }).unwrap();
    assert!(!x.call(&admin, Access::hasRoleCall { role: lister(), account: admin.address }).unwrap());
}

/// A listing asks the pool for its currency once; another one later is refused, and so is what is no pool.
#[test]
fn listings_are_checked_and_their_currency_is_for_ever() {
    let mut x = Exchange::new();
    let (admin, alice) = (x.admin.clone(), x.traders[0].clone());
    let (pool, token) = (x.pool, x.token);
    let list =
        |pool, lot: u128, tick: u128| Market::listPoolCall { pool, lot: U256::from(lot), tick: U256::from(tick) };
    assert_refused(x.call(&admin, list(pool, 0, 1)), "ZeroAmount");
    assert_refused(x.call(&admin, list(pool, 1, 0)), "ZeroAmount");
    let huge = Market::listPoolCall { lot: U256::from(1) << 128, ..list(pool, 1, 1) };
    assert_refused(x.call(&admin, huge), "AmountTooLarge");
    assert_refused(x.call(&admin, list(alice.address, 1, 1)), "PoolCallFailed");
    assert_refused(x.call(&admin, list(token, 1, 1)), "PoolCallFailed");
    assert_refused(x.call(&admin, Market::delistPoolCall { pool: alice.address }), "NotListed");
    x.chain.take_logs();
    x.call(&admin, list(pool, 7, 3)).unwrap();
    let expected = Market::PoolListed { pool, currency: token, lot: U256::from(7), tick: U256::from(3) };
    assert_eq!(x.events::<Market::PoolListed>(), [expected]);
    let listing = x.call(&admin, Market::listingOfCall { pool }).unwrap();
    assert_eq!((listing.listed, listing.currency, listing.lot), (true, token, U256::from(7)));
    x.told(pool, StandInPool::setCurrencyCall { currency: Address::ZERO });
    let changed: Result<_, Failure> = x.call(&admin, list(pool, 7, 3));
    assert_refused(changed, "CurrencyChanged");
    x.call(&admin, Market::delistPoolCall { pool }).unwrap();
    assert_eq!(x.events::<Market::PoolDelisted>(), [Market::PoolDelisted { pool }]);
    assert_refused(x.call(&admin, Market::delistPoolCall { pool }), "NotListed");
    assert_refused(x.call(&admin, list(pool, 7, 3)), "CurrencyChanged");
    assert!(!x.call(&admin, Market::listingOfCall { pool }).unwrap().listed);
}
