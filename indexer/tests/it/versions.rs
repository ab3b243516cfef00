//! What the versions of rows are good for: going back, and making all rows anew.

use sqlx::Row;
use yieldset_chain::{Event, U256, abi::Pool::PoolEvents};
use yieldset_indexer::{error::IndexerError, mirror::Mirror};

use crate::{
    chain::{self, COIN, Chain, Model, PERIOD, a_quarter, account, deployment, stream},
    fixture::{Fixture, dump},
};

async fn mirror(fixture: &Fixture) -> Mirror {
    Mirror::open(fixture.pool.clone(), &deployment()).await.unwrap()
}

/// Proves MIR-3 for each depth: going back to any block leaves the rows of a mirror that never went further, and going
/// on from there those of one that never went back. Histories of rows are part of what is compared.
#[tokio::test]
async fn going_back_is_as_if_it_had_never_been() {
    let (fixture, fresh) = (Fixture::empty().await, Fixture::empty().await);
    let quarter = a_quarter();
    let (mut ours, mut other) = (mirror(&fixture).await, mirror(&fresh).await);
    ours.apply(&quarter.blocks).await.unwrap();
    let whole = dump(&fixture.pool).await;
    for (index, block) in quarter.blocks.iter().enumerate() {
        other.apply(std::slice::from_ref(block)).await.unwrap();
        ours.roll_back(block.at.number).await.unwrap();
        assert_eq!(dump(&fixture.pool).await, dump(&fresh.pool).await, "back at block {}", block.at.number);
        // One by one and all at once, with what is in memory and without it.
        if index % 2 == 0 {
            ours = mirror(&fixture).await;
            ours.apply(&quarter.blocks).await.unwrap();
        } else {
            for block in &quarter.blocks {
                ours.apply(std::slice::from_ref(block)).await.unwrap();
            }
        }
        assert_eq!(dump(&fixture.pool).await, whole, "and on from block {}", block.at.number);
    }
    // Past what is final it does not go.
    ours.finalise(chain::START + 2).await.unwrap();
    let error = ours.roll_back(chain::START + 1).await.unwrap_err();
    assert!(matches!(error, IndexerError::PastFinality { to: 6, finalised: 7 }), "{error}");
    assert!(error.away().is_none());
    ours.roll_back(chain::START + 2).await.unwrap();
    fixture.finish().await;
    fresh.finish().await;
}

/// Proves MIR-3: rows made anew from the journal are those that were there, whoever reads meanwhile, and the writer
/// goes on with them.
#[tokio::test]
async fn rows_are_made_anew_from_the_journal() {
    let fixture = Fixture::empty().await;
    let quarter = a_quarter();
    let mut ours = mirror(&fixture).await;
    let half = quarter.blocks.len() / 2;
    ours.apply(&quarter.blocks[..half]).await.unwrap();
    let before = dump(&fixture.pool).await;
    let mut other = mirror(&fixture).await;
    let rebuilt = other.rebuild().await.unwrap();
    assert_eq!(rebuilt.blocks, u64::try_from(half).unwrap());
    assert_eq!(dump(&fixture.pool).await, before);
    // The first one notices that its rows are others now.
    ours.apply(&quarter.blocks[half..]).await.unwrap();
    let whole = dump(&fixture.pool).await;
    ours.rebuild().await.unwrap();
    assert_eq!(dump(&fixture.pool).await, whole);
    // Spoilt rows are mended, and rows of another program's definition are made anew by themselves.
    sqlx::query("UPDATE mirror.holders SET balance = balance + 1").execute(&fixture.pool).await.unwrap();
    sqlx::query("UPDATE mirror.projection SET digest = '\\x00'").execute(&fixture.pool).await.unwrap();
    mirror(&fixture).await;
    assert_eq!(dump(&fixture.pool).await, whole);
    let schemas: Vec<String> =
        sqlx::query_scalar("SELECT nspname::text FROM pg_namespace WHERE nspname LIKE 'mirror%' ORDER BY 1")
            .fetch_all(&fixture.pool)
            .await
            .unwrap();
    assert_eq!(schemas, ["mirror", "mirror_at"]);
    fixture.finish().await;
}

/// Proves MIR-4: a pool whose event does not fit the rules stands still and says so, with the event; all others go on.
#[tokio::test]
async fn a_pool_that_does_not_fit_stands_still_alone() {
    let fixture = Fixture::empty().await;
    let (mut chain, mut model) = (Chain::default(), Model::default());
    let mut ours = mirror(&fixture).await;
    chain.push(vec![Model::create(), model.mint(account(1), 3 * COIN).unwrap()]);
    let (pool, good) = model.deposit(account(9), stream(), PERIOD, 10 * COIN + 1).unwrap();
    let Event::Pool(PoolEvents::Deposited(mut wrong)) = good.clone() else { panic!("{good:?}") };
    wrong.index += U256::from(1);
    chain.push(vec![
        (pool, Event::Pool(PoolEvents::Deposited(wrong))),
        (pool, good),
        chain::kyc(account(1), 1, u64::MAX, false),
    ]);
    ours.apply(&chain.blocks).await.unwrap();
    let row = sqlx::query("SELECT fault, fault_block, unread FROM contracts WHERE kind = 'pool'")
        .fetch_one(&fixture.pool)
        .await
        .unwrap();
    let fault: String = row.get("fault");
    assert!(fault.contains("index is") && row.get::<i64, _>("fault_block") == 6, "{fault}");
    let counts: (i64, i64, i64) = sqlx::query_as(
        "SELECT (SELECT count(*) FROM deposits), (SELECT count(*) FROM kyc_records),
                (SELECT count(*) FROM journal WHERE unread IS NOT NULL)",
    )
    .fetch_one(&fixture.pool)
    .await
    .unwrap();
    assert_eq!(counts, (0, 1, 2), "neither deposit is read, and the registry goes on");
    let before = dump(&fixture.pool).await;
    ours.rebuild().await.unwrap();
    assert_eq!(dump(&fixture.pool).await, before);
    // A fork that takes the event away takes the fault away.
    ours.roll_back(chain::START).await.unwrap();
    let fault: Option<String> =
        sqlx::query_scalar("SELECT fault FROM contracts WHERE kind = 'pool'").fetch_one(&fixture.pool).await.unwrap();
    assert_eq!(fault, None);
    fixture.finish().await;
}
