use alloy_primitives::{Address, U256};
use alloy_sol_types::SolCall;
use yieldset_chain::abi::{Coop, Refusal};
use yieldset_tests::chain::{Account, Failure};
use yieldset_tests::coop::{Cooperative, Plan};
use yieldset_tests::stand_ins::{StandInPool, Target};

use super::{Barred, Cast, Matrix, Row, row};

fn plan(c: &Cooperative, words: &str) -> Plan {
    Plan::one(c.target, 0, Target::addCall { number: U256::from(1) }.abi_encode(), words)
}

/// A plan is pending, another is voted on, a third can be executed.
fn scene(c: &mut Cooperative) -> [U256; 2] {
    let proposer = c.holders[0].clone();
    c.chain.call(&proposer, c.target, Target::setOpenCall { open: true }, 0).unwrap();
    c.voted(&plan(c, "third"), [1, 1, 1]);
    let active = c.call(&proposer, plan(c, "second").propose()).unwrap();
    c.at(c.now + 6);
    let pending = c.call(&proposer, plan(c, "first").propose()).unwrap();
    [pending, active]
}

fn money() -> Row {
    let message = "wycpnbqcyf".to_owned();
    Row { message, data: Box::new(|_| Vec::new()), value: 1_000_000, barred: Barred::Nobody, answer: None }
}

fn table(c: &mut Cooperative, [pending, active]: [U256; 2], small: Address) -> Vec<Row> {
    let reader = c.stranger.clone();
    let snapshot = c.call(&reader, Coop::proposalSnapshotCall { proposalId: active }).unwrap();
    let short = move |proposer| {
        let votes = U256::from(if proposer == small { 99 } else { 0 });
        let threshold = U256::from(100);
        Failure::with(&Refusal::GovernorInsufficientProposerVotes { proposer, votes, threshold })
    };
    let no_votes = move |account| Failure::with(&Refusal::NoVotes { account, snapshot });
    let unable = move |account| Failure::with(&Refusal::GovernorUnableToCancel { proposalId: pending, account });
    let with_reason = Coop::castVoteWithReasonCall { proposalId: active, support: 0, reason: "no".into() };
    vec![
        row(plan(c, "fourth").propose()).only(&["proposer", "holder"], short),
        row(Coop::castVoteCall { proposalId: active, support: 1 })
            .only(&["proposer", "holder", "small holder"], no_votes),
        row(with_reason).only(&["proposer", "holder", "small holder"], no_votes),
        row(plan(c, "first").cancel()).only(&["proposer"], unable),
        row(plan(c, "third").execute()),
        money(),
    ]
}

/// The co-op has no roles: shares decide, and only a proposal's own account takes it back.
#[test]
fn coop() {
    let mut c = Cooperative::new();
    let small: Account = c.chain.account(50);
    let proposer = c.holders[0].clone();
    let mint = StandInPool::mintCall { to: small.address, amount: U256::from(99) };
    c.chain.call(&proposer, c.pool, mint, 0).unwrap();
    c.at(c.now + 1);
    let ids = scene(&mut c);
    let pool_admin = c.chain.account(0);
    let cast = Cast::new(&mut c.chain, c.coop, &["coop"], None)
        .party("proposer", &proposer)
        .party("holder", &c.holders[1])
        .party("small holder", &small)
        .party("admin of the pool", &pool_admin);
    let rows = table(&mut c, ids, small.address);
    let mut matrix = Matrix::new("coop");
    matrix.try_all(&mut c.chain, c.coop, &cast, rows);
    matrix.finish();
}
