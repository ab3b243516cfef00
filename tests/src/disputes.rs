//! Two disputes at once in one currency: what the registry holds of one is not the other's, whatever pool and token do.

use alloy_primitives::{Address, B256, U256};
use alloy_sol_types::SolCall;
use yieldset_chain::abi::{Attribution, Pool};

use crate::{
    attribution::contract_of,
    chain::{Account, Chain},
    contributors::Contributors,
    fixtures::Token,
    system::System,
};

/// Whose report Bob disputes.
pub const STREAM: B256 = B256::repeat_byte(3);
/// Whose report Dora disputes: her bond is in the registry, too.
pub const OTHER: B256 = B256::repeat_byte(4);
/// Of both reports: it is over when a chain begins.
pub const PERIOD: u32 = 8_099;
/// What Bob and Dora each have is ten of it.
pub const COIN: u128 = 10u128.pow(18);

/// Bob disputes a report of the system's pool, Dora another of it, in this token. Both bonds are in the registry; the
/// admin is its arbiter.
pub fn two_disputes(s: &mut System, token: Address) -> [Account; 2] {
    let [bob, dora] = [2, 3].map(|n| s.chain.account(n));
    let (admin, registry, pool) = (s.admin.clone(), s.attribution, s.pool);
    s.grant(registry, "ARBITER_ROLE", &admin);
    let c = Contributors::new([bob.address, dora.address]);
    for (account, stream) in [(&bob, STREAM), (&dora, OTHER)] {
        s.call(&admin, token, Token::mintCall { to: account.address, value: U256::from(10 * COIN) }).unwrap();
        s.call(account, token, Token::approveCall { spender: registry, value: U256::MAX }).unwrap();
        c.post(s, stream, PERIOD);
        let (reason, max) = (B256::repeat_byte(1), U256::from(10 * COIN));
        s.call(account, registry, Attribution::disputeCall { pool, stream, period: PERIOD, reason, maxBond: max })
            .unwrap();
    }
    [bob, dora]
}

/// A pool that takes one unit of the registry's money for a deposit, and with a word of calldata as much as that says.
pub fn taking_pool(chain: &mut Chain, from: &Account, token: Address, registry: Address) -> Address {
    let mut code = vec![0x36, 0x60, 100, 0x14, 0x60, 64, 0x57];
    code.extend_from_slice(&[0x60, 0, 0x35, 0x60, 0xe0, 0x1c, 0x63]);
    code.extend_from_slice(&Pool::currencyCall::SELECTOR);
    code.extend_from_slice(&[0x14, 0x60, 34, 0x57, 0x36, 0x60, 32, 0x14, 0x60, 70, 0x57, 0x60, 0, 0x60, 0, 0xfd]);
    assert_eq!(code.len(), 34, "where the currency is told");
    code.extend_from_slice(&[0x5b, 0x73]);
    code.extend_from_slice(token.as_slice());
    code.extend_from_slice(&[0x60, 0, 0x52, 0x60, 32, 0x60, 0, 0xf3]);
    assert_eq!(code.len(), 64, "where a deposit is taken");
    code.extend_from_slice(&[0x5b, 0x60, 1, 0x60, 74, 0x56, 0x5b, 0x60, 0, 0x35, 0x5b, 0x63]);
    code.extend_from_slice(&Token::transferFromCall::SELECTOR);
    code.extend_from_slice(&[0x60, 0xe0, 0x1b, 0x60, 0, 0x52, 0x73]);
    code.extend_from_slice(registry.as_slice());
    code.extend_from_slice(&[0x60, 4, 0x52, 0x30, 0x60, 0x24, 0x52, 0x60, 0x44, 0x52]);
    code.extend_from_slice(&[0x60, 0, 0x60, 0, 0x60, 0x64, 0x60, 0, 0x60, 0, 0x73]);
    code.extend_from_slice(token.as_slice());
    code.extend_from_slice(&[0x5a, 0xf1, 0x50, 0x00]);
    contract_of(chain, from, &code)
}
