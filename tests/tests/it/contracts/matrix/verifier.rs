use alloy_primitives::B256;
use alloy_sol_types::SolConstructor;
use yieldset_chain::abi::Verifier;
use yieldset_tests::chain::{Chain, blob};

use super::{Cast, Matrix, row};

/// Nobody has a role; whoever has a key prepared, it is the same.
#[test]
fn verifier() {
    let mut chain = Chain::new();
    let maker = chain.account(0);
    let contract = chain.instantiate(&maker, blob("verifier"), Verifier::constructorCall {}.abi_encode()).unwrap();
    let cast = Cast::new(&mut chain, contract, &[], None).party("maker", &maker);
    let mut matrix = Matrix::new("verifier");
    let rows = [B256::ZERO, B256::repeat_byte(7)].map(|key| row(Verifier::prepareCall { key }));
    matrix.try_all(&mut chain, contract, &cast, rows.into());
    matrix.finish();
}
