//! Pools that use up whatever weight they are given when money comes, and a currency that denies what it allowed:
//! neither stops a ruling or a payment, and nothing is left allowed.

use alloy_primitives::{Address, B256, U256};
use alloy_sol_types::SolCall;
use yieldset_chain::abi::{Attribution, Licence, Pool};
use yieldset_rules::{
    licence::Terms,
    period::{quarter_at, quarter_start},
};
use yieldset_tests::{
    attribution::{BOND, contract_of},
    chain::{START, assert_refused},
    contributors::Contributors,
    deal::Deal,
    fixtures::{Token, hostile_token, mode, set_mode},
    licence::{DATASET, DAY, LicenceAlone, StandInManifests, Who, plain},
    system::System,
};

const STREAM: B256 = B256::repeat_byte(3);
const PERIOD: u32 = 8099;
const UNIT: u128 = 1_000_000;

/// A pool whose deposit never ends: native money, nothing contested, and no answer to any other question.
fn endless_pool(s: &mut System) -> Address {
    let mut code = vec![0x60, 0, 0x35, 0x60, 0xe0, 0x1c, 0x63];
    code.extend_from_slice(&Pool::depositCall::SELECTOR);
    code.extend_from_slice(&[0x14, 0x60, 20, 0x57, 0x60, 0, 0x60, 0, 0xfd]);
    assert_eq!(code.len(), 20);
    // INVALID: all weight is gone, as by a loop that never ends, but sooner.
    code.extend_from_slice(&[0x5b, 0xfe]);
    let admin = s.admin.clone();
    contract_of(&mut s.chain, &admin, &code)
}

/// Proves SAFE-12: no pool stops a ruling, not even one whose deposit uses up whatever weight there is.
#[test]
fn a_pool_that_runs_for_ever_stops_no_ruling() {
    for uphold in [false, true] {
        let mut s = System::with_bonds(0);
        let (admin, bob, dora) = (s.admin.clone(), s.chain.account(2), s.chain.account(3));
        s.grant(s.attribution, "ARBITER_ROLE", &admin);
        s.pool = endless_pool(&mut s);
        let (pool, registry, stream, period) = (s.pool, s.attribution, STREAM, PERIOD);
        Contributors::new([bob.address, dora.address]).post(&mut s, STREAM, PERIOD);
        let (reason, max) = (B256::repeat_byte(1), U256::from(BOND));
        let dispute = Attribution::disputeCall { pool, stream, period, reason, maxBond: max };
        s.chain.call(&bob, registry, dispute, BOND).unwrap();
        let report = s.call(&bob, registry, Attribution::reportOfCall { pool, stream, period }).unwrap().reportHash;
        let defend = Attribution::defendCall { pool, stream, period, reportHash: report, maxBond: max };
        s.chain.call(&dora, registry, defend, BOND).unwrap();
        let done = match uphold {
            true => s.call(&admin, registry, Attribution::upholdCall { pool, stream, period }).map(drop),
            false => s.call(&admin, registry, Attribution::rejectCall { pool, stream, period }).map(drop),
        };
        assert!(done.is_ok(), "uphold {uphold}: {done:?}");
    }
}

/// A proxy of a pool, whose deposit never ends from a second on.
fn endless_from(x: &mut LicenceAlone, second: u64) -> Address {
    let mut code = vec![0x60, 0, 0x35, 0x60, 0xe0, 0x1c, 0x63];
    code.extend_from_slice(&Pool::depositCall::SELECTOR);
    code.extend_from_slice(&[0x14, 0x65]);
    code.extend_from_slice(&second.to_be_bytes()[2..]);
    // second < TIMESTAMP, and a deposit: for ever.
    code.extend_from_slice(&[0x42, 0x11, 0x16, 0x60]);
    let at = code.len() as u8 + 2 + 37;
    code.extend_from_slice(&[at, 0x57]);
    let begin = code.len();
    code.extend_from_slice(&[0x36, 0x60, 0, 0x60, 0, 0x37, 0x60, 0, 0x60, 0, 0x36, 0x60, 0, 0x73]);
    code.extend_from_slice(x.pool.as_slice());
    code.extend_from_slice(&[0x5a, 0xf4]);
    // Answers are two words at most here; a refusal is one.
    let rest = [0x3d, 0x60, 0, 0x60, 0, 0x3e];
    code.extend_from_slice(&rest);
    let ok = code.len() as u8 + 3 + 4;
    code.extend_from_slice(&[0x60, ok, 0x57, 0x3d, 0x60, 0, 0xfd, 0x5b, 0x3d, 0x60, 0, 0xf3]);
    let (begin, end) = (begin as u8, code.len() as u8);
    code[begin as usize - 2] = end;
    code.extend_from_slice(&[0x5b, 0xfe]);
    let admin = x.admin();
    contract_of(&mut x.chain, &admin, &code)
}

/// A licence in force, of a pool that its owner can have run for ever when it gets money, from the second day on.
fn endless_licence(terms: Terms, since: u64) -> LicenceAlone {
    let mut x = LicenceAlone::new(false);
    let pool = endless_from(&mut x, since);
    x.pool = pool;
    let address = |x: &LicenceAlone, who| x.account(who).address;
    let (licensor, holder, creator) = (address(&x, Who::Licensor), address(&x, Who::Holder), address(&x, Who::Creator));
    let role = yieldset_chain::deployment::role("LICENSOR_ROLE");
    x.any(pool, yieldset_tests::licence::StandInPool::grantRoleCall { role, account: licensor });
    x.any(pool, yieldset_tests::licence::StandInPool::mintCall { account: holder, amount: U256::from(1) });
    let manifests = x.manifests;
    x.any(manifests, StandInManifests::assignCall { dataset: DATASET, pool, creator });
    x.offer(&[yieldset_tests::licence::menu(&terms, &[])], terms.upfront).unwrap();
    x.accept(0).unwrap();
    if terms.escrow > 0 {
        x.fund(terms.escrow).unwrap();
    }
    x
}

/// Proves SAFE-8: a pool that takes no money does not put its platform in default: what it pays is held for it. Also
/// where the pool uses up whatever weight it is given.
#[test]
fn a_pool_that_runs_for_ever_puts_no_platform_in_default() {
    let first = quarter_at(START);
    let late = START + 10_000 * DAY;
    for since in [late, START + DAY] {
        let mut x = endless_licence(Terms { residual_bps: 1_000, ..plain() }, since);
        x.at(quarter_start(first + 1) + DAY);
        x.report(first, 1_000_000).unwrap();
        let paid = x.pay(first, 100_000);
        assert!(paid.is_ok(), "{} {paid:?}", since == late);
    }
}

/// Proves SAFE-8: the same of the guarantee: the year is trued up, and the platform has the rest of its escrow in the
/// end.
#[test]
fn a_pool_that_runs_for_ever_holds_no_escrow() {
    let terms = Terms { guarantee: 400, escrow: 1_000, funding_days: 14, ..plain() };
    let late = START + 10_000 * DAY;
    for since in [late, START + DAY] {
        let mut x = endless_licence(terms, since);
        let first = quarter_at(START);
        for quarter in first..first + 5 {
            x.at(quarter_start(quarter + 1) + DAY);
            x.report(quarter, 0).unwrap();
        }
        x.at(START + 900 * DAY);
        let licence = x.id;
        let up = x.call(Who::Anyone, Licence::trueUpCall { licence, year: 1 }).map(drop);
        let refund = x.refund();
        assert_eq!(refund.clone().ok(), Some(U256::from(600)), "{} {up:?} {refund:?}", since == late);
    }
}

/// Proves SAFE-8: a payment whose currency denies to have allowed the pool anything, and has, leaves no allowance on
/// the escrows.
#[test]
fn what_a_token_denies_to_have_allowed_is_not_allowed_on_escrows() {
    let mut deal = Deal::paid_in(|chain, platform| {
        let token = hostile_token(chain, platform);
        let mint = Token::mintCall { to: platform.address, value: U256::from(yieldset_tests::deal::MONEY) };
        chain.call(platform, token, mint, 0).unwrap();
        token
    });
    let terms = Terms { residual_bps: 500, escrow: 1_000 * UNIT, funding_days: 14, ..plain() };
    let licence = deal.offer(&terms).unwrap();
    deal.accept().unwrap();
    let value = U256::from(terms.escrow);
    deal.pay(terms.escrow, Licence::fundEscrowCall { licence, value }).unwrap();
    let (platform, token, quarter) = (deal.platform.clone(), deal.currency, quarter_at(START));
    deal.at(quarter_start(quarter + 1) + DAY);
    let (gross, zero, evidence) = (U256::from(1_000 * UNIT), U256::ZERO, B256::repeat_byte(7));
    let revenue = Licence::reportRevenueCall { licence, quarter, gross, infrastructure: zero, taxes: zero, evidence };
    deal.call(&platform, revenue).unwrap();
    set_mode::<Token::approveCall>(&mut deal.w.s.chain, &platform, token, mode::DO_SAY_FALSE);
    let pay = Licence::payCall { licence, quarter, value: U256::from(50 * UNIT) };
    assert_refused(deal.pay(50 * UNIT, pay), "CurrencyCallFailed");
    let (owner, spender) = (deal.w.licence, deal.w.s.pool);
    let allowed = deal.w.call(&platform, token, Token::allowanceCall { owner, spender }).unwrap();
    assert_eq!(allowed, U256::ZERO);
}
