//! The same random history gives the same numbers in the pure model and in Postgres.

use proptest::{prelude::*, test_runner::TestRunner};
use sqlx::Row;
use yieldset_chain::{Address, B256};
use yieldset_indexer::column::{Addr, Amount, Hash};

use crate::{
    chain::{Chain, Model, account},
    fixture::Fixture,
};

#[derive(Debug, Clone)]
enum Op {
    Mint(u8, u128),
    Transfer(u8, u8, u128),
    Deposit(u8, u32, u128),
    Claim(u8),
    Contribution(u8, u8, u32, u64),
    Carry(u8, u32),
    Release(u8, u32),
    NextBlock,
}

fn op() -> impl Strategy<Value = Op> {
    let who = || 1u8..6;
    let amount = || prop_oneof![0u128..10, 0u128..1_000_000, 0u128..10u128.pow(27)];
    let weight = 1u64..=300_000_000_000_000_000;
    prop_oneof![
        3 => (who(), amount()).prop_map(|(a, n)| Op::Mint(a, n)),
        3 => (who(), who(), amount()).prop_map(|(a, b, n)| Op::Transfer(a, b, n)),
        4 => (1u8..3, 1u32..4, amount()).prop_map(|(s, p, n)| Op::Deposit(s, p, n)),
        3 => who().prop_map(Op::Claim),
        3 => (who(), 1u8..3, 1u32..4, weight).prop_map(|(a, s, p, w)| Op::Contribution(a, s, p, w)),
        1 => (1u8..3, 1u32..4).prop_map(|(s, p)| Op::Carry(s, p)),
        1 => (1u8..3, 1u32..4).prop_map(|(s, p)| Op::Release(s, p)),
        2 => Just(Op::NextBlock),
    ]
}

fn play(ops: &[Op]) -> (Chain, Model) {
    let (mut chain, mut model) = (Chain::default(), Model::default());
    let mut events = vec![Model::create()];
    for op in ops {
        let event = match *op {
            Op::Mint(a, n) => model.mint(account(a), n),
            Op::Transfer(a, b, n) => {
                let balance = model.holders.get(&account(a)).map_or(0, |holder| holder.balance);
                model.transfer(account(a), account(b), n.min(balance))
            }
            Op::Deposit(s, p, n) => model.deposit(account(9), B256::repeat_byte(s), p, n),
            Op::Claim(a) => model.claim(account(a)),
            Op::Contribution(a, s, p, w) => model.contribution(account(a), B256::repeat_byte(s), p, w),
            Op::Carry(s, p) => model.carry(B256::repeat_byte(s), p, p + 1),
            Op::Release(s, p) => model.release(B256::repeat_byte(s), p),
            Op::NextBlock => {
                chain.push(std::mem::take(&mut events));
                None
            }
        };
        events.extend(event);
    }
    chain.push(events);
    (chain, model)
}

/// The pool's rows have the model's figures.
pub async fn assert_same(fixture: &Fixture, model: &Model) {
    let pool = sqlx::query("SELECT * FROM pools").fetch_one(&fixture.pool).await.unwrap();
    let figure = |name: &str| pool.get::<Amount, _>(name);
    for (name, expected) in [
        ("supply", model.supply),
        ("dividend_index", model.dividends.index),
        ("carry", model.dividends.carry),
        ("to_holders", model.to_holders),
        ("to_contributors", model.to_contributors),
        ("claimed_by_holders", model.claimed_by_holders),
        ("claimed_by_contributors", model.claimed_by_contributors),
    ] {
        assert_eq!(figure(name), Amount::from(expected), "{name}");
    }
    let rows = sqlx::query("SELECT * FROM holders ORDER BY account").fetch_all(&fixture.pool).await.unwrap();
    let ours: Vec<(Address, [Amount; 4])> = rows
        .iter()
        .map(|row| {
            let figures = ["balance", "settled_index", "pending", "fraction"].map(|name| row.get::<Amount, _>(name));
            (row.get::<Addr, _>("account").0, figures)
        })
        .collect();
    let theirs: Vec<_> = model
        .holders
        .iter()
        .map(|(a, h)| (*a, [h.balance.into(), h.index.into(), h.pending.into(), Amount::from(h.fraction)]))
        .collect();
    assert_eq!(ours, theirs);
    let rows = sqlx::query("SELECT * FROM periods ORDER BY stream, period").fetch_all(&fixture.pool).await.unwrap();
    let ours: Vec<_> = rows
        .iter()
        .map(|row| {
            let figures = ["total", "claimed", "weight_claimed"].map(|name| row.get::<Amount, _>(name));
            (row.get::<Hash, _>("stream").0, row.get::<i64, _>("period"), figures)
        })
        .collect();
    let theirs: Vec<_> = model
        .periods
        .iter()
        .map(|((s, p), r)| (*s, i64::from(*p), [r.total.into(), r.claimed.into(), Amount::from(r.weight_claimed)]))
        .collect();
    assert_eq!(ours, theirs);
    let sums: (i64, i64) = sqlx::query_as(
        "SELECT (SELECT count(*) FROM (SELECT 1 FROM ledger
                    GROUP BY block, event_index HAVING sum(debit) <> sum(credit)) odd),
                (SELECT count(*) FROM holders h WHERE claimed <>
                    (SELECT coalesce(sum(amount), 0) FROM claims c
                     WHERE c.pool = h.pool AND c.account = h.account AND kind = 'dividend'))",
    )
    .fetch_one(&fixture.pool)
    .await
    .unwrap();
    assert_eq!(sums, (0, 0), "every event balances, and claims add up");
}

/// Proves PAY-6, PAY-7 and SAFE-1 for the mirror: after any history of mints, transfers, deposits, claims and money
/// that is carried or released, cut into any blocks, every figure in Postgres is the one the rules give, and every
/// movement of money balances.
#[test]
fn any_history_gives_the_rules_numbers() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let fixture = runtime.block_on(Fixture::new());
    let mut runner =
        TestRunner::new(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() });
    let result = runner.run(&prop::collection::vec(op(), 1..60), |ops| {
        let (chain, model) = play(&ops);
        runtime.block_on(async {
            fixture.clear().await;
            fixture.apply_all(&chain.blocks).await;
            assert_same(&fixture, &model).await;
        });
        Ok(())
    });
    runtime.block_on(fixture.finish());
    result.unwrap();
}
