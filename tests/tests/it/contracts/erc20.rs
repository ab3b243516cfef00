//! Every token of ours, and the honest test token, behave as any ERC-20 must.

use alloy_primitives::U256;
use yieldset_tests::chain::Chain;
use yieldset_tests::erc20::{Erc20, erc20_behaviour};
use yieldset_tests::fixtures::{self, Token, mode};
use yieldset_tests::system::System;

const SUPPLY: u128 = 1_000 * 10u128.pow(18);

/// Proves PAY-4: a pool's shares are an ERC-20 to everyone who knows no more of them.
#[test]
fn pool_shares_behave_as_an_erc20() {
    let mut s = System::new();
    let (owner, spender, other) = (s.holder(1), s.holder(2), s.holder(3));
    s.mint(&owner, SUPPLY).unwrap();
    let token = s.pool;
    erc20_behaviour(&mut Erc20 { chain: &mut s.chain, token, owner, spender, other, supply: SUPPLY });
}

#[test]
fn the_plain_test_token_behaves_as_an_erc20() {
    let mut chain = Chain::new();
    let [owner, spender, other] = [1, 2, 3].map(|n| chain.account(n));
    let token = fixtures::plain_token(&mut chain, &owner, 6);
    let mint = Token::mintCall { to: owner.address, value: U256::from(SUPPLY) };
    chain.call(&owner, token, mint, 0).unwrap();
    erc20_behaviour(&mut Erc20 { chain: &mut chain, token, owner, spender, other, supply: SUPPLY });
}

/// The suite can fail: what a token in each of these modes does wrong is seen in its transfers.
#[test]
fn a_misbehaving_token_does_not_pass() {
    for mode in [mode::TAKE_FEE, mode::SAY_FALSE, mode::SAY_TRUE, mode::DO_SAY_FALSE, mode::REVERT, mode::SAY_NOTHING] {
        let mut chain = Chain::new();
        let [owner, spender, other] = [1, 2, 3].map(|n| chain.account(n));
        let token = fixtures::hostile_token(&mut chain, &owner);
        let mint = Token::mintCall { to: owner.address, value: U256::from(SUPPLY) };
        chain.call(&owner, token, mint, 0).unwrap();
        let by = owner.clone();
        let mut subject = Erc20 { chain: &mut chain, token, owner, spender, other, supply: SUPPLY };
        // Before it is told to misbehave it passes.
        subject.transfers();
        fixtures::set_mode::<Token::transferCall>(subject.chain, &by, token, mode);
        let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| subject.transfers()));
        assert!(caught.is_err(), "mode {mode} passed");
    }
}
