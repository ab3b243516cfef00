use alloy_primitives::{Address, B256};
use yieldset_chain::abi::Factory;
use yieldset_tests::world::{World, create, create_with_coop};

use super::{ADMIN, Cast, Matrix, lacks, roles, row};

#[test]
fn factory() {
    let mut w = World::new();
    let creator = w.s.chain.account(1);
    let made = w.call(&creator, w.factory, create_with_coop(Address::ZERO)).unwrap();
    let admin = w.s.admin.clone();
    let parts = Factory::setPartsCall {
        kyc: w.s.kyc,
        attribution: w.s.attribution,
        manifests: w.s.manifests,
        licence: w.licence,
        market: w.market,
        logic: w.s.logic,
        poolCode: B256::ZERO,
        coopCode: B256::ZERO,
    };
    let register = |pool| Factory::registerPoolCall { pool, coop: Address::ZERO };
    let cast = Cast::new(&mut w.s.chain, w.factory, &["factory"], Some(&admin)).party("creator", &creator);
    let mut rows = vec![
        row(create(Address::ZERO)),
        row(create_with_coop(Address::ZERO)),
        row(register(w.s.pool)).only(&[ADMIN], lacks("")),
        row(register(made.pool)).only(&[ADMIN], lacks("")).but("AlreadyListed"),
        row(parts).only(&[ADMIN], lacks("")),
    ];
    rows.extend(roles("LICENSOR_ROLE"));
    let mut matrix = Matrix::new("factory");
    matrix.try_all(&mut w.s.chain, w.factory, &cast, rows);
    matrix.finish();
}
