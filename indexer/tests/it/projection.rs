//! Blocks into rows: each once, in order, whole or not at all.

use std::time::Duration;

use yieldset_chain::{Address, B256, Bytes, Event, U256, abi::Pool::PoolEvents};
use yieldset_indexer::{
    column::Hash,
    error::IndexerError,
    mirror::{Applied, Mirror},
    store,
};
use yieldset_rules::report::Report;

use crate::{
    chain::{self, COIN, Chain, Model, PERIOD, a_quarter, account, deployment, stream},
    fixture::Fixture,
};

/// Proves MIR-3: blocks applied twice, in turns by two processes, and cut off at any moment leave the rows of one clean
/// run: no row twice, no gap.
#[tokio::test]
async fn every_block_counts_once_whatever_happens() {
    let fixture = Fixture::new().await;
    let quarter = a_quarter();
    fixture.apply_all(&quarter.blocks).await;
    let clean = fixture.dump().await;
    assert!(clean.len() > 60, "{}", clean.len());

    for block in &quarter.blocks {
        assert_eq!(fixture.apply(block).await, Applied::Before);
    }
    assert_eq!(fixture.dump().await, clean, "again");

    fixture.clear().await;
    let pool = &fixture.pool;
    let open = async || Mirror::open(pool.clone(), &deployment()).await.unwrap();
    let (mut first, mut second) = (open().await, open().await);
    for block in &quarter.blocks {
        let block = std::slice::from_ref(block);
        let (a, b) = tokio::join!(first.apply(block), second.apply(block));
        assert_eq!([a.unwrap(), b.unwrap()].iter().filter(|applied| **applied == Applied::Before).count(), 1);
    }
    assert_eq!(fixture.dump().await, clean, "two at once");

    fixture.clear().await;
    fixture.try_apply(&quarter.blocks).await.unwrap();
    assert_eq!(fixture.dump().await, clean, "all in one batch");

    fixture.clear().await;
    let mut mirror = open().await;
    let mut cut = 0;
    for block in &quarter.blocks {
        for micros in (0u64..).step_by(400) {
            let applying = mirror.apply(std::slice::from_ref(block));
            match tokio::time::timeout(Duration::from_micros(micros), applying).await {
                Ok(applied) => {
                    applied.unwrap();
                    break;
                }
                Err(_) => cut += 1,
            }
            let rows: i64 = sqlx::query_scalar("SELECT count(*) FROM journal WHERE block = $1")
                .bind(block.at.number as i64)
                .fetch_one(pool)
                .await
                .unwrap();
            assert!(rows == 0 || rows == block.events.len() as i64, "block {} is half there", block.at.number);
        }
    }
    assert!(cut > 20, "only {cut} attempts were cut off");
    assert_eq!(fixture.dump().await, clean, "cut off {cut} times");
    fixture.finish().await;
}

/// Proves MIR-3: a block that does not follow, or another one at a height that is taken, is refused by its own error
/// and changes nothing.
#[tokio::test]
async fn only_the_next_block_is_taken() {
    let fixture = Fixture::new().await;
    let mut chain = Chain::default();
    chain.push(vec![Model::create()]);
    chain.push(vec![]);
    let apply = async |block| fixture.try_apply(&[block]).await.unwrap_err();
    let early = chain::block(chain::START + 1, B256::ZERO, vec![]);
    assert!(matches!(apply(early).await, IndexerError::Gap { got: 6, expected: 5 }));
    fixture.apply_all(&chain.blocks).await;
    let before = fixture.dump().await;
    let gap = chain::block(chain::START + 3, B256::ZERO, vec![]);
    assert!(matches!(apply(gap).await, IndexerError::Gap { got: 8, expected: 7 }));
    let foreign = chain::block(chain::START + 2, B256::repeat_byte(1), vec![]);
    let error = apply(foreign).await;
    assert!(matches!(error, IndexerError::ParentMismatch { number: 7, before: 6, .. }), "{error}");
    assert!(error.away().is_none());
    let other = chain::block(chain::START + 1, B256::repeat_byte(1), vec![]);
    assert!(matches!(apply(other).await, IndexerError::OtherHistory { number: 6, .. }));
    let older = chain::block(chain::START - 1, B256::ZERO, vec![]);
    assert!(matches!(apply(older).await, IndexerError::Gap { got: 4, .. }));
    assert_eq!(fixture.dump().await, before);
    fixture.finish().await;
}

/// Proves MIR-4: a figure that the rules compute otherwise is journaled with both figures and changes nothing. Where it
/// is a pool's, its contract stands still from there on: later events of it are journaled alone. Other contracts go on.
#[tokio::test]
async fn a_figure_that_is_not_the_rules_is_not_read() {
    let fixture = Fixture::new().await;
    let (mut chain, mut model) = (Chain::default(), Model::default());
    chain.push(vec![Model::create(), model.mint(account(1), 3 * COIN).unwrap()]);
    fixture.apply_all(&chain.blocks).await;
    let (pool, good) = model.deposit(account(9), stream(), PERIOD, 10 * COIN + 1).unwrap();
    let Event::Pool(PoolEvents::Deposited(good)) = good else { panic!("{good:?}") };
    let wrong = |change: fn(&mut yieldset_chain::abi::Pool::Deposited)| {
        let mut event = good.clone();
        change(&mut event);
        vec![(pool, Event::Pool(PoolEvents::Deposited(event)))]
    };
    let too_many = vec![chain::pool(PoolEvents::DividendClaimed(yieldset_chain::abi::Pool::DividendClaimed {
        account: account(1),
        amount: U256::from(1),
    }))];
    let overdrawn = vec![chain::pool(PoolEvents::Transfer(yieldset_chain::abi::Pool::Transfer {
        from: account(2),
        to: account(1),
        value: U256::from(1),
    }))];
    for (events, figure) in [
        (wrong(|e| e.index += U256::from(1)), "index"),
        (wrong(|e| e.toHolders += U256::from(1)), "toHolders"),
        (wrong(|e| e.amount = U256::MAX), "amount"),
        (too_many, "the dividend"),
        (overdrawn, "a balance"),
        (vec![chain::dataset(1, 2, account(1))], "version"),
    ] {
        fixture.refuses_for(&chain.next(events), figure).await;
        assert_eq!(fixture.fault(pool).await, None, "{figure}: the block was taken back");
    }
    let books = async || -> Vec<String> {
        let lines = fixture.dump_now().await.into_iter();
        let ours = ["pools", "holders", "periods", "deposits", "transfers", "ledger", "approvals"];
        lines.filter(|line| ours.iter().any(|table| line.starts_with(&format!("mirror.{table} ")))).collect()
    };
    let before = books().await;
    let mut events = wrong(|e| e.index += U256::from(1));
    // The same without the fault, and a dataset, in the same block and the next one.
    events.extend([(pool, Event::Pool(PoolEvents::Deposited(good.clone()))), chain::dataset(1, 1, account(1))]);
    let block = chain.push(events).clone();
    assert_eq!(fixture.apply(&block).await, Applied::Now { blocks: 1, events: 3, unread: 2 });
    let reasons = fixture.unread(block.at.number).await;
    assert!(reasons[0].contains("index is ") && reasons[1].contains("stands still"), "{reasons:?}");
    assert_eq!(fixture.fault(pool).await.as_ref(), Some(&reasons[0]));
    let later = vec![chain::approval(account(1), account(2), U256::MAX), chain::dataset(1, 2, account(1))];
    let block = chain.push(later).clone();
    assert_eq!(fixture.apply(&block).await, Applied::Now { blocks: 1, events: 2, unread: 1 });
    assert_eq!(books().await, before);
    let versions: i64 =
        sqlx::query_scalar("SELECT latest_version FROM datasets").fetch_one(&fixture.pool).await.unwrap();
    assert_eq!(versions, 2);
    fixture.finish().await;
}

/// Proves MIR-4: events of strangers are none of our business; broken or misplaced ones of ours stay in the journal and
/// move nothing.
#[tokio::test]
async fn foreign_and_broken_events_move_nothing() {
    let fixture = Fixture::new().await;
    let (mut chain, mut model) = (Chain::default(), Model::default());
    chain.push(vec![chain::named("Nul\0 <b>pool</b>", "N\0L"), model.mint(account(1), COIN).unwrap()]);
    let (_, transfer) = model.transfer(account(1), account(2), COIN).unwrap();
    let (report, good) = chain::report(PERIOD, B256::ZERO, "m");
    let mut cut = good.clone();
    cut.report = Bytes::copy_from_slice(&good.report[..good.report.len() - 1]);
    let mut elsewhere = good.clone();
    let foreign = Report { chain_id: 1, ..report };
    elsewhere.report = foreign.to_bytes().into();
    elsewhere.reportHash = alloy_primitives::keccak256(&elsewhere.report);
    let unknown = Event::Unknown { topics: vec![B256::repeat_byte(1)], data: Bytes::from_static(b"\0\xff") };
    chain.push(vec![
        (Address::repeat_byte(0x66), transfer.clone()),
        (deployment().kyc, transfer),
        (deployment().pool, unknown),
        chain::posted(cut),
        chain::posted(elsewhere),
        chain::approval(account(1), account(2), U256::MAX),
    ]);
    assert_eq!(fixture.apply(&chain.blocks[0]).await, Applied::Now { blocks: 1, events: 2, unread: 0 });
    assert_eq!(fixture.apply(&chain.blocks[1]).await, Applied::Now { blocks: 1, events: 5, unread: 4 });
    let counts: (i64, i64, i64, i64) = sqlx::query_as(
        "SELECT (SELECT count(*) FROM journal WHERE kind = 'Unknown'), (SELECT count(*) FROM reports),
                (SELECT count(*) FROM holders), (SELECT count(*) FROM approvals)",
    )
    .fetch_one(&fixture.pool)
    .await
    .unwrap();
    assert_eq!(counts, (4, 0, 1, 1));
    fixture.finish().await;
}

/// Double entry is the database's own rule: lines that do not balance cannot be committed, not even by hand.
#[tokio::test]
async fn postgres_refuses_a_ledger_that_does_not_balance() {
    let fixture = Fixture::new().await;
    fixture.apply_all(&a_quarter().blocks).await;
    for statement in [
        "UPDATE ledger SET debit = debit + 1 WHERE account = 'coins' AND debit > 0",
        "INSERT INTO ledger (block, event_index, valid_from, month, line, book, account, party, debit, credit)
         SELECT block, event_index, valid_from, month, line + 100, book, account, party, debit, credit
         FROM ledger LIMIT 1",
    ] {
        let error = sqlx::query(statement).execute(&fixture.pool).await.unwrap_err();
        let code = error.as_database_error().and_then(|error| error.code()).unwrap_or_default().into_owned();
        assert_eq!(code, "23514", "{statement}: {error}");
    }
    fixture.finish().await;
}

/// A database belongs to one deployment; another one is refused with what differs.
#[tokio::test]
async fn a_database_mirrors_one_deployment() {
    let fixture = Fixture::empty().await;
    store::migrate(&fixture.pool).await.unwrap();
    store::migrate(&fixture.pool).await.unwrap();
    assert!(matches!(store::check(&fixture.pool, &deployment()).await, Err(IndexerError::NothingIndexed)));
    store::bind(&fixture.pool, &deployment()).await.unwrap();
    store::bind(&fixture.pool, &deployment()).await.unwrap();
    let mut other = deployment();
    other.genesis = B256::ZERO;
    let error = store::bind(&fixture.pool, &other).await.unwrap_err();
    assert!(matches!(&error, IndexerError::WrongDatabase { what: "genesis", .. }), "{error}");
    let mut other = deployment();
    other.pool = account(1);
    let error = store::bind(&fixture.pool, &other).await.unwrap_err();
    assert!(matches!(&error, IndexerError::WrongDatabase { what: "pool", .. }), "{error}");
    let mut connection = fixture.pool.acquire().await.unwrap();
    assert_eq!(store::tip(&mut connection).await.unwrap(), None);
    drop(connection);
    let quarter = a_quarter();
    fixture.apply_all(&quarter.blocks).await;
    let mut connection = fixture.pool.acquire().await.unwrap();
    let tip = store::tip(&mut connection).await.unwrap().unwrap();
    assert_eq!(tip.hash, Hash(quarter.blocks.last().unwrap().at.hash));
    drop(connection);
    fixture.finish().await;
}
