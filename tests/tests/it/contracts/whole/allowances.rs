//! Lost bonds go to a pool by an allowance, for the moment of a deposit. Whoever sends the call decides how much weight
//! it has, the pool what it takes, and the token how much code it is: whatever comes of that, no allowance is left, and
//! what is kept was not taken.

use alloy_primitives::{Address, U256};
use alloy_sol_types::SolCall;
use yieldset_chain::abi::{Attribution, Pool};
use yieldset_tests::{
    attribution::{BOND, contract_of},
    chain::{Account, Chain, assert_refused},
    disputes::{COIN, OTHER, PERIOD, STREAM, taking_pool, two_disputes},
    fixtures::{Hostile, Token, hostile_token, mode, set_mode, set_target, stand_in_pool},
    system::System,
};

/// Bytes of code: a small token's, USDC's on Ethereum with its proxy, and more than any.
const LENGTHS: [usize; 3] = [0, 26_000, 72_000];
/// A contract's code has no more.
const MOST: usize = 24_000;

/// An honest token of at least so much code, behind proxies of 24,000 bytes.
fn token_of(chain: &mut Chain, from: &Account, length: usize) -> Address {
    let short = hostile_token(chain, from);
    let at = sp_core::H160::from_slice(short.as_slice());
    let mut runtime = chain.in_runtime(|| pallet_revive::Pallet::<yieldset_runtime::Runtime>::code(&at)).to_vec();
    runtime.resize(runtime.len().max(length.min(MOST)), 0);
    let mut token = contract_of(chain, from, &runtime);
    for done in (MOST..length).step_by(MOST) {
        // Copies the calldata, delegates, copies the answer, and returns or reverts with it.
        let mut proxy = vec![0x36, 0x60, 0, 0x60, 0, 0x37, 0x60, 0, 0x60, 0, 0x36, 0x60, 0, 0x73];
        proxy.extend_from_slice(token.as_slice());
        proxy.extend_from_slice(&[0x5a, 0xf4, 0x3d, 0x60, 0, 0x60, 0, 0x3e, 0x60, 49, 0x57, 0x3d, 0x60, 0, 0xfd]);
        proxy.extend_from_slice(&[0x5b, 0x3d, 0x60, 0, 0xf3]);
        proxy.resize(proxy.len().max((length - done).min(MOST)), 0);
        token = contract_of(chain, from, &proxy);
    }
    token
}

struct Scene {
    s: System,
    token: Address,
    bob: Account,
}

/// Bob disputes a report of the pool that `pool` makes, Dora another of it, in a token of so much code.
fn scene(length: usize, pool: impl FnOnce(&mut System, Address) -> Address) -> Scene {
    let mut s = System::with_bonds(0);
    let admin = s.admin.clone();
    let token = token_of(&mut s.chain, &admin, length);
    s.pool = pool(&mut s, token);
    let [bob, _] = two_disputes(&mut s, token);
    Scene { s, token, bob }
}

impl Scene {
    /// Sends a call with every proof from what it needs downwards, in steps of 500 bytes. Whenever it succeeds, nothing
    /// is allowed afterwards, and the registry has what it owes and keeps. How often it did, and did not.
    fn starve<C: SolCall + Clone>(&mut self, from: &Account, call: &C) -> [u32; 2] {
        let registry = self.s.attribution;
        self.s.chain.mark();
        self.s.call(from, registry, call.clone()).unwrap();
        let all = self.s.chain.last_cost.proof_size;
        self.s.chain.rewind();
        let mut ran = [0, 0];
        for proof in (0..300).map(|step| (all + 20_000).saturating_sub(step * 500)) {
            let done = self.s.chain.call_with_proof(from, registry, call.abi_encode(), 0, proof).is_ok();
            ran[usize::from(!done)] += 1;
            if done {
                self.check(proof);
            }
            self.s.chain.rewind();
        }
        ran
    }

    fn check(&mut self, proof: u64) {
        let (bob, token, pool, registry) = (self.bob.clone(), self.token, self.s.pool, self.s.attribution);
        let allowed = Token::allowanceCall { owner: registry, spender: pool };
        assert_eq!(self.s.call(&bob, token, allowed).unwrap(), U256::ZERO, "with {proof} bytes of proof");
        let held = self.s.call(&bob, registry, Attribution::holdingsCall { currency: token }).unwrap();
        let has = self.s.call(&bob, token, Token::balanceOfCall { account: registry }).unwrap();
        let kept = self.s.call(&bob, registry, Attribution::bondKeptCall { pool, stream: STREAM, period: PERIOD });
        let kept = kept.unwrap().amount;
        assert_eq!(has, held.locked + held.released, "with {proof} bytes of proof");
        // Dora's bond and, before the ruling, Bob's; afterwards what is kept of that.
        let ruled = held.locked == U256::from(BOND);
        let expected = if ruled { (U256::from(BOND), kept) } else { (U256::from(2 * BOND), U256::ZERO) };
        assert_eq!((held.locked, held.released), expected, "with {proof} bytes of proof");
    }
}

/// Proves SAFE-12: what a pool did not take when it was delivered is not allowed it afterwards, and what it took is not
/// kept, however little proof the call is sent with. Before, whoever delivered with a little too little proof left the
/// allowance, by which a hostile pool took Dora's bond.
#[test]
fn a_delivery_leaves_no_allowance() {
    for (length, hostile) in LENGTHS.into_iter().flat_map(|length| [(length, true), (length, false)]) {
        let mut x = scene(length, |s, token| {
            let (bob, registry) = (s.chain.account(2), s.attribution);
            match hostile {
                true => taking_pool(&mut s.chain, &bob, token, registry),
                false => stand_in_pool(&mut s.chain, &bob, token),
            }
        });
        let (admin, bob, pool) = (x.s.admin.clone(), x.bob.clone(), x.s.pool);
        let registry = x.s.attribution;
        x.s.call(&admin, registry, Attribution::rejectCall { pool, stream: STREAM, period: PERIOD }).unwrap();
        let ran = x.starve(&bob, &Attribution::deliverBondCall { pool, stream: STREAM, period: PERIOD });
        assert!(ran[0] > 20 && ran[1] > 20, "{length}: {ran:?}");
    }
}

/// Proves SAFE-12: a token that does not say what the registry has takes no bond; and where a pool sees to it that the
/// token says nothing any more, or takes no allowance back, its deposit never was.
#[test]
fn a_token_that_stops_answering_ends_the_call() {
    let mut x = scene(0, |s, token| {
        let admin = s.admin.clone();
        stand_in_pool(&mut s.chain, &admin, token)
    });
    let (admin, token, pool, registry) = (x.s.admin.clone(), x.token, x.s.pool, x.s.attribution);
    x.s.call(&admin, registry, Attribution::rejectCall { pool, stream: STREAM, period: PERIOD }).unwrap();
    let deliver = Attribution::deliverBondCall { pool, stream: STREAM, period: PERIOD };
    set_mode::<Pool::depositCall>(&mut x.s.chain, &admin, pool, mode::REENTER);
    // The pool believes a token that moves nothing.
    set_mode::<Token::transferFromCall>(&mut x.s.chain, &admin, token, mode::SAY_TRUE);
    for silenced in [Token::balanceOfCall::SELECTOR, Token::approveCall::SELECTOR] {
        let silence = Hostile::setModeCall { selector: silenced.into(), mode: mode::REVERT };
        set_target::<Hostile::setModeCall>(&mut x.s.chain, &admin, pool, token, &silence);
        assert_refused(x.s.call(&admin, registry, deliver.clone()), "CurrencyCallFailed");
        x.check(0);
    }
    let kept = x.s.call(&admin, registry, Attribution::bondKeptCall { pool, stream: STREAM, period: PERIOD });
    assert_eq!(kept.unwrap().amount, U256::from(BOND), "nothing was delivered");

    set_mode::<Token::balanceOfCall>(&mut x.s.chain, &admin, token, mode::REVERT);
    let defend = Attribution::reportOfCall { pool, stream: OTHER, period: PERIOD };
    let report_hash = x.s.call(&admin, registry, defend).unwrap().reportHash;
    let defend = Attribution::defendCall {
        pool,
        stream: OTHER,
        period: PERIOD,
        reportHash: report_hash,
        maxBond: U256::from(10 * COIN),
    };
    assert_refused(x.s.call(&admin, registry, defend), "CurrencyCallFailed");
}
