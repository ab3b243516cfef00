//! A co-op of contributors: the pool pays it as one, and it pays its members by vote.

use alloy_primitives::{Address, U256};
use alloy_sol_types::SolCall;
use yieldset_chain::abi::{Coop, Kyc, Pool};
use yieldset_rules::licence::Terms;
use yieldset_rules::period::quarter_at;
use yieldset_tests::chain::{START, assert_refused};
use yieldset_tests::contributors::Contributors;
use yieldset_tests::coop::Plan;
use yieldset_tests::deal::{Deal, PART};
use yieldset_tests::fixtures::Token;
use yieldset_tests::licence::plain;
use yieldset_tests::system::YEAR;

const UNIT: u128 = 1_000_000;

/// Proves LIC-12: a co-op that contributed is paid through the real pool, anybody may start that, and a vote
/// distributes it; while it executes it cannot be paid, and nothing is lost by that.
#[test]
fn a_coop_is_paid_as_a_contributor_and_distributes() {
    for erc20 in [false, true] {
        let mut deal = Deal::new(erc20);
        let (admin, coop, pool, kyc) = (deal.w.s.admin.clone(), deal.coop, deal.w.s.pool, deal.w.s.kyc);
        let record =
            Kyc::setRecordCall { account: coop, level: 1, jurisdiction: 276, accredited: false, expiry: START + YEAR };
        deal.w.call(&admin, kyc, record).unwrap();
        // The co-op has three quarters, Dave the rest.
        let dave = deal.contributors[1].address;
        deal.c = Contributors::new([coop, dave]);
        deal.offer(&Terms { residual_bps: 1_000, ..plain() }).unwrap();
        deal.accept().unwrap();
        let quarter = quarter_at(START);
        deal.settle(quarter, 100_000 * UNIT);
        deal.attribute(quarter);
        // Not from within: the pool cannot pay the co-op that calls it.
        let claim = deal.c.claim(0, deal.id, quarter);
        let inside = Plan::one(pool, 0, claim.abi_encode(), "Claim");
        if !erc20 {
            assert_refused(deal.vote(&inside), "ActionFailed");
            assert_eq!(deal.balance(coop), U256::ZERO);
        }
        // It can do so for others: in a call for many it is passed over, unless a token's books pay it.
        deal.w.s.chain.mark();
        let before = deal.balance(dave);
        deal.vote(&Plan::one(pool, 0, deal.c.many(deal.id, quarter).abi_encode(), "For all")).unwrap();
        assert_eq!(deal.balance(dave) - before, U256::from(1_000 * UNIT));
        assert_eq!(deal.balance(coop), U256::from(if erc20 { 3_000 * UNIT } else { 0 }));
        deal.w.s.chain.rewind();
        let outside = deal.c.claim_for(0, deal.id, quarter);
        assert_eq!(deal.w.call(&admin, pool, outside.clone()).unwrap(), U256::from(3_000 * UNIT));
        assert_eq!(deal.balance(coop), U256::from(3_000 * UNIT));
        assert_refused(deal.w.call(&admin, pool, outside), "NothingToClaim");
        let members = [0x71, 0x72].map(Address::repeat_byte);
        let shares = [2_000 * UNIT, 1_000 * UNIT];
        let actions = members.iter().zip(shares).map(|(to, amount)| {
            if erc20 {
                let pay = Token::transferCall { to: *to, value: U256::from(amount) };
                (deal.currency, 0, pay.abi_encode())
            } else {
                (*to, amount, Vec::new())
            }
        });
        let plan = Plan { actions: actions.collect(), description: "The fourth quarter".into() };
        deal.vote(&plan).unwrap();
        assert_eq!(members.map(|to| deal.balance(to)), shares.map(U256::from));
        assert_eq!(deal.balance(coop), U256::ZERO);
    }
}

/// Shares that the co-op itself holds earn, and vote only by its own votes on others.
#[test]
fn votes_are_those_of_the_real_pool() {
    let mut deal = Deal::new(false);
    let (pool, coop, [alice, bob]) = (deal.w.s.pool, deal.coop, deal.holders.clone());
    let plan = Plan::one(Address::repeat_byte(0x71), 0, Vec::new(), "Nothing");
    let now = START + 1;
    deal.at(now);
    let id = deal.w.call(&alice, coop, plan.propose()).unwrap();
    deal.at(now + 5);
    // The snapshot is this second, at its end.
    deal.w.call(&alice, pool, Pool::transferCall { to: bob.address, amount: U256::from(150 * PART) }).unwrap();
    deal.at(now + 6);
    deal.w.call(&bob, pool, Pool::transferCall { to: alice.address, amount: U256::from(550 * PART) }).unwrap();
    let vote = Coop::castVoteCall { proposalId: id, support: 1 };
    assert_eq!(deal.w.call(&alice, coop, vote.clone()).unwrap(), U256::from(450 * PART));
    assert_eq!(deal.w.call(&bob, coop, vote).unwrap(), U256::from(550 * PART));
    let quorum = Coop::quorumCall { timepoint: U256::from(now + 5) };
    assert_eq!(deal.w.call(&bob, coop, quorum).unwrap(), U256::from(200 * PART));
}
