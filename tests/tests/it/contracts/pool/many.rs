//! Many accounts' claims of one period in one call, and roots that are kept once for all.

use alloy_primitives::{Address, B256, U256};
use proptest::prelude::*;
use yieldset_chain::abi::{Kyc, Pool, Refusal};
use yieldset_rules::contribution::WEIGHT_ONE;
use yieldset_tests::chain::{Account, Failure, START, assert_refused, blob, events};
use yieldset_tests::contributors::Contributors;
use yieldset_tests::crowd::Crowd;
use yieldset_tests::fixtures::{self, Hostile, RECEIVE, Token, mode};
use yieldset_tests::system::{SHARE, System, YEAR};

use super::{COIN, PERIOD, REASON, STREAM};

/// A tenth, a fifth, three tenths and two fifths of a period whose contributors' leg is 4 coins.
const WEIGHTS: [u64; 4] = [WEIGHT_ONE / 10, WEIGHT_ONE / 5, WEIGHT_ONE / 10 * 3, WEIGHT_ONE / 5 * 2];
/// What they are owed of it.
const OWED: [u128; 4] = [COIN / 10 * 4, COIN / 10 * 8, COIN / 10 * 12, COIN / 10 * 16];

fn crowd() -> (System, Vec<Account>, Crowd) {
    let mut s = System::new();
    let accounts: Vec<_> = (11..15).map(|n| s.holder(n)).collect();
    let crowd = Crowd::new(accounts.iter().map(|account| account.address).zip(WEIGHTS).collect());
    let platform = s.chain.account(3);
    s.deposit(&platform, STREAM, PERIOD, 10 * COIN).unwrap();
    crowd.post_final(&mut s, STREAM, PERIOD);
    s.chain.take_logs();
    (s, accounts, crowd)
}

fn all(crowd: &Crowd) -> Pool::claimForManyCall {
    crowd.many(&[0, 1, 2, 3], STREAM, PERIOD)
}

fn claimed(s: &mut System, account: Address) -> U256 {
    let by = s.admin.clone();
    s.call(&by, s.pool, Pool::contributionClaimedCall { stream: STREAM, period: PERIOD, account }).unwrap()
}

/// Accounts that were passed over, and why.
fn skipped(s: &mut System) -> Vec<(Address, u8)> {
    events::<Pool::ClaimSkipped>(&s.chain.take_logs()).into_iter().map(|e| (e.account, e.reason)).collect()
}

fn period(s: &mut System) -> (U256, u64) {
    let by = s.admin.clone();
    let period = s.call(&by, s.pool, Pool::periodOfCall { stream: STREAM, period: PERIOD }).unwrap();
    (period.claimed, period.weightClaimed)
}

/// The books and the pool's money are the same to the unit.
fn assert_exact(s: &mut System) {
    let by = s.admin.clone();
    let t = s.call(&by, s.pool, Pool::totalsCall {}).unwrap();
    assert_eq!(s.chain.balance(s.pool), t.deposited - t.claimedByHolders - t.claimedByContributors);
    assert_eq!(t.claimedByContributors, period(s).0);
}

/// Proves PAY-6: anybody pays many contributors at once, each exactly its part; again nobody is paid and all are told.
#[test]
fn many_are_paid_by_one_call() {
    let (mut s, accounts, crowd) = crowd();
    let anybody = s.chain.account(40);
    let before: Vec<_> = accounts.iter().map(|a| s.chain.balance(a.address)).collect();
    assert_eq!(s.call(&anybody, s.pool, all(&crowd)).unwrap(), U256::from(4 * COIN));
    let told = events::<Pool::ContributionClaimed>(&s.chain.take_logs());
    assert_eq!(told.len(), 4);
    for (n, account) in accounts.iter().enumerate() {
        assert_eq!(s.chain.balance(account.address) - before[n], U256::from(OWED[n]));
        assert_eq!(claimed(&mut s, account.address), U256::from(OWED[n]));
        let event = told.iter().find(|event| event.account == account.address).unwrap();
        assert_eq!((event.amount, event.weight), (U256::from(OWED[n]), U256::from(WEIGHTS[n])));
    }
    assert_eq!(period(&mut s), (U256::from(4 * COIN), WEIGHT_ONE));
    assert_exact(&mut s);
    assert_eq!(s.call(&anybody, s.pool, all(&crowd)).unwrap(), U256::ZERO);
    let mut nothing = skipped(&mut s);
    nothing.sort_unstable();
    let mut expected: Vec<_> = accounts.iter().map(|account| (account.address, 0)).collect();
    expected.sort_unstable();
    assert_eq!(nothing, expected);
    // Money that comes late is shared in the same way.
    let platform = s.chain.account(3);
    s.deposit(&platform, STREAM, PERIOD, 5 * COIN).unwrap();
    assert_eq!(s.call(&anybody, s.pool, all(&crowd)).unwrap(), U256::from(2 * COIN));
    assert_exact(&mut s);
}

/// Proves PAY-6 and PAY-7: who is blocked, has no record or was paid before stands in nobody's way and loses nothing;
/// what a recovered account earned goes to its replacement.
#[test]
fn one_bad_account_does_not_stop_the_others() {
    let (mut s, accounts, crowd) = crowd();
    let (admin, anybody, fresh) = (s.admin.clone(), s.chain.account(40), s.holder(20));
    let frozen = |account: &Account, frozen| Kyc::setFrozenCall { account: account.address, frozen };
    s.call(&admin, s.kyc, frozen(&accounts[0], true)).unwrap();
    s.call(&accounts[1], s.pool, crowd.claim_for(1, STREAM, PERIOD)).unwrap();
    let recover = Pool::recoverAccountCall { lost: accounts[2].address, replacement: fresh.address, reason: REASON };
    s.call(&admin, s.pool, recover).unwrap();
    s.call(&admin, s.kyc, Kyc::revokeCall { account: accounts[3].address }).unwrap();
    s.chain.take_logs();
    let before = s.chain.balance(fresh.address);
    assert_eq!(s.call(&anybody, s.pool, all(&crowd)).unwrap(), U256::from(OWED[2]));
    assert_eq!(s.chain.balance(fresh.address) - before, U256::from(OWED[2]));
    let mut passed_over = skipped(&mut s);
    passed_over.sort_by_key(|(_, reason)| *reason);
    let [first, second, _, last] = [0, 1, 2, 3].map(|n: usize| accounts[n].address);
    assert_eq!(passed_over, [(second, 0), (last, 1), (first, 5)]);
    for n in [0, 3] {
        assert_eq!(claimed(&mut s, accounts[n].address), U256::ZERO);
    }
    assert_eq!(period(&mut s), (U256::from(OWED[1] + OWED[2]), WEIGHTS[1] + WEIGHTS[2]));
    assert_exact(&mut s);
    s.call(&admin, s.kyc, frozen(&accounts[0], false)).unwrap();
    s.verify(&accounts[3]);
    assert_eq!(s.call(&anybody, s.pool, all(&crowd)).unwrap(), U256::from(OWED[0] + OWED[3]));
    assert_eq!(period(&mut s), (U256::from(4 * COIN), WEIGHT_ONE));
}

/// Proves PAY-7: a payee with code is passed over whatever it would do, the others are paid by the same call, and it is
/// paid by a claim of its own once it takes the money.
#[test]
fn a_hostile_payee_does_not_stop_the_others() {
    for mode in [mode::HONEST, mode::REENTER, mode::REVERT, mode::REVERT_MUCH, mode::BURN_GAS] {
        let mut s = System::new();
        let (admin, bob) = (s.admin.clone(), s.holder(2));
        let recipient = fixtures::hostile_recipient(&mut s.chain, &admin);
        let expiry = START + YEAR;
        let record = Kyc::setRecordCall { account: recipient, level: 1, jurisdiction: 276, accredited: false, expiry };
        s.call(&admin, s.kyc, record).unwrap();
        let c = Contributors::new([recipient, bob.address]);
        s.deposit(&admin, STREAM, PERIOD, 10 * COIN).unwrap();
        c.post_final(&mut s, STREAM, PERIOD);
        fixtures::set_mode_of(&mut s.chain, &admin, recipient, RECEIVE, mode);
        fixtures::set_target(&mut s.chain, &admin, recipient, s.pool, &c.many(STREAM, PERIOD));
        let before = s.chain.balance(bob.address);
        s.chain.take_logs();
        assert_eq!(s.call(&admin, s.pool, c.many(STREAM, PERIOD)).unwrap(), U256::from(COIN), "mode {mode}");
        assert_eq!(skipped(&mut s), [(recipient, 255)], "mode {mode}");
        assert_eq!(s.call(&bob, recipient, Hostile::attemptsCall {}).unwrap(), U256::ZERO, "mode {mode}");
        assert_eq!(s.chain.balance(bob.address) - before, U256::from(COIN), "mode {mode}");
        assert_eq!(claimed(&mut s, recipient), U256::ZERO, "mode {mode}");
        assert_eq!(period(&mut s), (U256::from(COIN), WEIGHT_ONE / 4), "mode {mode}");
        assert_exact(&mut s);
        fixtures::set_mode_of(&mut s.chain, &admin, recipient, RECEIVE, mode::HONEST);
        let rest = s.call(&admin, s.pool, c.claim_for(0, STREAM, PERIOD)).unwrap();
        assert_eq!((rest, s.chain.balance(recipient)), (U256::from(3 * COIN), U256::from(3 * COIN)), "mode {mode}");
        assert_eq!(period(&mut s), (U256::from(4 * COIN), WEIGHT_ONE), "mode {mode}");
        assert_exact(&mut s);
    }
}

/// Proves PAY-7: a token that moves nothing leaves all that is owed; one that moves and says that it did not, or moves
/// something else, is not paid around: the call is refused.
#[test]
fn a_token_that_lies_pays_nobody_twice() {
    for (mode, expected) in [
        (mode::HONEST, Ok(4_000)),
        (mode::SAY_NOTHING, Ok(4_000)),
        (mode::REVERT, Ok(0)),
        (mode::SAY_FALSE, Ok(0)),
        (mode::SAY_TRUE, Ok(0)),
        (mode::DO_SAY_FALSE, Err("PayoutFailed")),
    ] {
        let mut s = System::new();
        let (admin, alice, bob) = (s.admin.clone(), s.holder(1), s.holder(2));
        let token = fixtures::hostile_token(&mut s.chain, &admin);
        s.pool = s.new_pool(token, 4_000).unwrap();
        s.grant(s.pool, "ISSUER_ROLE", &admin);
        s.mint(&alice, SHARE).unwrap();
        s.open().unwrap();
        let value = U256::from(10_000);
        s.call(&admin, token, Token::mintCall { to: admin.address, value }).unwrap();
        s.call(&admin, token, Token::approveCall { spender: s.pool, value }).unwrap();
        s.call(&admin, s.pool, Pool::depositCall { stream: STREAM, period: PERIOD, amount: value }).unwrap();
        let c = Contributors::new([alice.address, bob.address]);
        c.post_final(&mut s, STREAM, PERIOD);
        fixtures::set_mode::<Token::transferCall>(&mut s.chain, &admin, token, mode);
        let got = s.call(&admin, s.pool, c.many(STREAM, PERIOD));
        match expected {
            Ok(sum) => assert_eq!(got.unwrap(), U256::from(sum), "mode {mode}"),
            Err(error) => assert_refused(got, error),
        }
        fixtures::set_mode::<Token::transferCall>(&mut s.chain, &admin, token, mode::HONEST);
        let owed = U256::from(4_000 - expected.unwrap_or(0));
        assert_eq!(s.call(&admin, s.pool, c.many(STREAM, PERIOD)).unwrap(), owed, "mode {mode}");
        let left = s.call(&admin, token, Token::balanceOfCall { account: s.pool }).unwrap();
        assert_eq!(left, U256::from(6_000), "mode {mode}");
    }
}

/// Proves PAY-6: one wrong weight, account, node or flag refuses the whole call, and so do no accounts, too many, lists
/// of different lengths, a period without a final report and a pool that is paused.
#[test]
fn a_wrong_proof_refuses_the_whole_call() {
    let (mut s, accounts, crowd) = crowd();
    let (admin, anybody) = (s.admin.clone(), s.chain.account(40));
    let good = crowd.many(&[0, 2], STREAM, PERIOD);
    let wrong = Failure::with(&Refusal::InvalidProof { account: Address::ZERO });
    let mut changed = vec![good.clone(); 7];
    changed[0].weights[1] += U256::from(1);
    changed[1].accounts[0] = accounts[1].address;
    changed[2].proof[0] = B256::ZERO;
    changed[3].proofFlags[0] = !good.proofFlags[0];
    changed[4].proof.push(B256::ZERO);
    changed[5].accounts.swap(0, 1);
    changed[6] = Pool::claimForManyCall {
        accounts: vec![],
        weights: vec![],
        proof: vec![crowd.root().into()],
        proofFlags: vec![],
        ..good.clone()
    };
    for (n, call) in changed.into_iter().enumerate() {
        assert_eq!(s.call(&anybody, s.pool, call), Err(wrong.clone()), "{n}");
    }
    let uneven = Pool::claimForManyCall { weights: good.weights[..1].to_vec(), ..good.clone() };
    assert!(s.call(&anybody, s.pool, uneven).is_err());
    let long = Pool::claimForManyCall {
        accounts: vec![accounts[0].address; 65],
        weights: vec![U256::from(1); 65],
        ..good.clone()
    };
    assert_refused(s.call(&anybody, s.pool, long), "BatchTooLong");
    let huge = Pool::claimForManyCall { weights: vec![U256::MAX; 2], ..good.clone() };
    assert_refused(s.call(&anybody, s.pool, huge), "WeightsExceeded");
    let other = Pool::claimForManyCall { period: PERIOD + 1, ..good.clone() };
    assert_refused(s.call(&anybody, s.pool, other), "NoFinalReport");
    s.call(&admin, s.pool, Pool::pauseCall {}).unwrap();
    assert_refused(s.call(&anybody, s.pool, good.clone()), "EnforcedPause");
    s.call(&admin, s.pool, Pool::unpauseCall {}).unwrap();
    assert_eq!(period(&mut s).0, U256::ZERO);
    assert_eq!(s.call(&anybody, s.pool, good).unwrap(), U256::from(OWED[0] + OWED[2]));
}

/// Proves PAY-6: a report that gives out more than all is paid until all is gone; who comes then is told.
#[test]
fn weights_above_one_pay_no_more_than_there_is() {
    let mut s = System::new();
    let (alice, bob, platform) = (s.holder(1), s.holder(2), s.chain.account(3));
    let crowd = Crowd::new(vec![(alice.address, WEIGHT_ONE), (bob.address, WEIGHT_ONE)]);
    s.deposit(&platform, STREAM, PERIOD, 10 * COIN).unwrap();
    crowd.post_final(&mut s, STREAM, PERIOD);
    s.chain.take_logs();
    let call = crowd.many(&[0, 1], STREAM, PERIOD);
    let second = call.accounts[1];
    assert_eq!(s.call(&platform, s.pool, call).unwrap(), U256::from(4 * COIN));
    assert_eq!(skipped(&mut s), [(second, 254)]);
    assert_exact(&mut s);
}

/// A period's root is kept once there is money and a final report, by anybody, once. From then on claims do not ask the
/// registry, which they prove by being paid without one.
#[test]
fn a_root_is_kept_once_for_all() {
    let mut s = System::new();
    let (alice, bob, platform) = (s.holder(1), s.holder(2), s.chain.account(3));
    let c = Contributors::new([alice.address, bob.address]);
    let keep = Pool::keepRootCall { stream: STREAM, period: PERIOD };
    let kept = Pool::keptRootCall { stream: STREAM, period: PERIOD };
    assert_refused(s.call(&platform, s.pool, keep.clone()), "NothingWaits");
    s.deposit(&platform, STREAM, PERIOD, 10 * COIN).unwrap();
    assert_refused(s.call(&platform, s.pool, keep.clone()), "NoFinalReport");
    c.post(&mut s, STREAM, PERIOD);
    assert_refused(s.call(&platform, s.pool, keep.clone()), "NoFinalReport");
    s.chain.set_time(START + yieldset_tests::attribution::WINDOW + 1);
    assert_eq!(s.call(&platform, s.pool, kept.clone()).unwrap(), B256::ZERO);
    s.chain.take_logs();
    s.call(&platform, s.pool, keep.clone()).unwrap();
    let told = events::<Pool::RootKept>(&s.chain.take_logs()).remove(0);
    assert_eq!((told.stream, told.period, told.root), (STREAM, PERIOD, c.root().into()));
    assert_eq!(s.call(&platform, s.pool, kept).unwrap(), B256::from(c.root()));
    s.call(&platform, s.pool, keep).unwrap();
    assert!(events::<Pool::RootKept>(&s.chain.take_logs()).is_empty());
    assert_eq!(s.call(&alice, s.pool, c.claim(0, STREAM, PERIOD)).unwrap(), U256::from(3 * COIN));
    assert_eq!(s.call(&bob, s.pool, c.claim(1, STREAM, PERIOD)).unwrap(), U256::from(COIN));
}

/// Proves SAFE-13: the code of claims is the one that the logic named when it was made, is no pool, and changes with
/// the logic alone.
#[test]
fn the_logic_names_the_code_of_claims() {
    let (mut s, accounts, crowd) = crowd();
    let (admin, pool, logic) = (s.admin.clone(), s.pool, s.logic);
    let claims = s.call(&admin, pool, Pool::claimsLogicCall {}).unwrap();
    assert_eq!(s.call(&admin, logic, Pool::claimsLogicCall {}).unwrap(), claims);
    assert_refused(s.call(&accounts[0], claims, crowd.claim_for(0, STREAM, PERIOD)), "NotInitialised");
    assert_refused(s.call(&accounts[0], claims, Pool::claimCall {}), "UnknownMessage");
    for (none, why) in [(pool, "a pool"), (s.kyc, "a registry"), (admin.address, "an account"), (Address::ZERO, "none")]
    {
        let data = alloy_sol_types::SolValue::abi_encode(&none);
        assert_refused(s.chain.instantiate(&admin, blob("pool-logic"), data), "UnfitSuccessor");
        let _ = why;
    }
    let other = yieldset_tests::system::pool_logic(&mut s.chain, &admin);
    let next = s.call(&admin, other, Pool::claimsLogicCall {}).unwrap();
    yieldset_tests::system::announce(&mut s.chain, pool, Address::ZERO, admin.address);
    // The code of claims alone is no logic.
    assert_refused(s.call(&admin, pool, Pool::proposeSuccessorCall { part: 2, successor: next }), "UnfitSuccessor");
    s.call(&admin, pool, Pool::proposeSuccessorCall { part: 2, successor: other }).unwrap();
    s.chain.set_time(START + 40 * 86_400);
    assert_eq!(s.call(&admin, pool, Pool::claimsLogicCall {}).unwrap(), claims);
    s.call(&admin, pool, Pool::adoptSuccessorCall { part: 2 }).unwrap();
    assert_ne!(claims, next);
    assert_eq!(s.call(&admin, pool, Pool::claimsLogicCall {}).unwrap(), next);
    assert_eq!(s.call(&admin, pool, all(&crowd)).unwrap(), U256::from(4 * COIN));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    /// Proves PAY-6 and PAY-7: whoever is claimed for together, in whatever batches, with whoever blocked meanwhile and
    /// money arriving in between, has in the end what single claims would have brought.
    #[test]
    fn batches_are_the_same_single_claims(
        weights in prop::collection::vec(1u64..WEIGHT_ONE / 6, 2..6),
        rounds in prop::collection::vec((0u32..64, 0u32..64, 1u128..1_000_000), 1..4),
    ) {
        let mut sides = [System::new(), System::new()];
        let accounts: Vec<_> = (0..weights.len() as u32).map(|n| Account::number(11 + n)).collect();
        let crowd = Crowd::new(accounts.iter().map(|a| a.address).zip(weights.iter().copied()).collect());
        for s in &mut sides {
            for n in 0..accounts.len() as u32 {
                s.holder(11 + n);
            }
            crowd.post_final(s, STREAM, PERIOD);
        }
        let picked = |bits: u32| (0..accounts.len()).filter(move |n| bits >> n & 1 == 1);
        for (claiming, blocked, amount) in rounds {
            for (side, s) in sides.iter_mut().enumerate() {
                let (admin, platform) = (s.admin.clone(), s.chain.account(3));
                s.deposit(&platform, STREAM, PERIOD, amount).unwrap();
                for (n, account) in accounts.iter().enumerate() {
                    let frozen = blocked >> n & 1 == 1;
                    s.call(&admin, s.kyc, Kyc::setFrozenCall { account: account.address, frozen }).unwrap();
                }
                let members: Vec<_> = picked(claiming).collect();
                if side == 0 {
                    for member in members {
                        let _ = s.call(&platform, s.pool, crowd.claim_for(member, STREAM, PERIOD));
                    }
                } else if !members.is_empty() {
                    s.call(&platform, s.pool, crowd.many(&members, STREAM, PERIOD)).unwrap();
                }
                assert_exact(s);
            }
            let [single, batch] = &mut sides;
            for account in &accounts {
                prop_assert_eq!(claimed(single, account.address), claimed(batch, account.address));
                prop_assert_eq!(single.chain.balance(account.address), batch.chain.balance(account.address));
            }
            prop_assert_eq!(period(single), period(batch));
        }
    }
}
