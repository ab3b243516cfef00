//! What the versions of rows are good for: going back, and making all rows anew.

use sqlx::Row;
use yieldset_chain::{Event, U256, abi::Pool::PoolEvents};
use yieldset_indexer::{
    column::Amount,
    error::IndexerError,
    mirror::Mirror,
    reports::{ReportError, earnings::earnings},
    snapshot::Snapshot,
    store,
};

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

/// A month that was detached stops nobody: a part is made anew beside it where one is needed. What is a sum over it,
/// and rows of which its events are the source, are not told without it.
#[tokio::test]
async fn detached_months_are_missed_aloud() {
    let fixture = Fixture::empty().await;
    let quarter = a_quarter();
    let mut ours = mirror(&fixture).await;
    let half = quarter.blocks.len() / 2;
    ours.apply(&quarter.blocks[..half]).await.unwrap();
    let detach = async |table: &str| {
        let statement = format!("ALTER TABLE {table} DETACH PARTITION {table}_2026_11");
        sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).execute(&fixture.pool).await.unwrap();
    };
    let earned = async || {
        let mut snapshot = Snapshot::open(&fixture.pool).await.unwrap();
        earnings(&mut snapshot, account(2).into(), None).await
    };
    earned().await.unwrap();
    detach("mirror.trades").await;
    let error = earned().await.unwrap_err();
    assert!(matches!(&error, ReportError::Detached(months) if months == "2026_11"), "{error}");
    // Another process knows of no part yet.
    let mut ours = mirror(&fixture).await;
    ours.apply(&quarter.blocks[half..]).await.unwrap();
    earned().await.unwrap();
    ours.rebuild().await.unwrap();
    detach("public.journal").await;
    let error = ours.rebuild().await.unwrap_err();
    assert!(matches!(&error, IndexerError::JournalDetached(months) if months == "2026_11"), "{error}");
    fixture.finish().await;
}

/// Proves MIR-3: rows made anew while the chain takes other branches, and while another program does the same, are
/// those of the branch that won.
#[tokio::test]
async fn rows_are_made_anew_while_the_chain_forks() {
    let fixture = Fixture::empty().await;
    let quarter = a_quarter();
    let mut ours = mirror(&fixture).await;
    ours.apply(&quarter.blocks).await.unwrap();
    ours.finalise(chain::START + 2).await.unwrap();
    let whole = dump(&fixture.pool).await;
    let [mut one, mut two] = [mirror(&fixture).await, mirror(&fixture).await];
    let making = async {
        for _ in 0..4 {
            let (one, two) = tokio::join!(one.rebuild(), two.rebuild());
            assert!(one.unwrap().blocks > 2 && two.unwrap().blocks > 2);
        }
    };
    let forking = async {
        for depth in (3..quarter.height()).cycle() {
            // Whole again after each step: whoever makes rows anew may end here.
            ours.roll_back(quarter.height() - depth.min(quarter.height() - chain::START - 2)).await.unwrap();
            ours.apply(&quarter.blocks).await.unwrap();
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        () = making => {}
        () = forking => unreachable!("it never ends"),
    }
    ours.apply(&quarter.blocks).await.unwrap();
    assert_eq!(dump(&fixture.pool).await, whole);
    fixture.finish().await;
}

/// Proves MIR-3: whoever reads while rows are made anew has those of one block, the old ones or the new ones.
#[tokio::test]
async fn readers_never_see_rows_of_two_makings() {
    let fixture = Fixture::empty().await;
    let quarter = a_quarter();
    let mut ours = mirror(&fixture).await;
    ours.apply(&quarter.blocks).await.unwrap();
    let readers = store::connect_readers(fixture.url(), 2).unwrap();
    let read = async |statement: &'static str, snapshot: &mut Snapshot| {
        sqlx::query_scalar::<_, Option<Amount>>(statement).fetch_one(snapshot.connection()).await.unwrap()
    };
    let mut times = 0;
    let reading = async {
        loop {
            let mut snapshot = Snapshot::open(&readers).await.unwrap();
            let supply = read("SELECT sum(supply) FROM pools", &mut snapshot).await;
            sqlx::query("SELECT pg_sleep(0.005)").execute(snapshot.connection()).await.unwrap();
            let held = read("SELECT sum(balance) FROM holders", &mut snapshot).await;
            assert!(supply.is_some() && supply == held, "{supply:?} and {held:?}");
            times += 1;
        }
    };
    let making = async {
        for _ in 0..6 {
            ours.rebuild().await.unwrap();
        }
    };
    tokio::select! {
        () = making => {}
        () = reading => unreachable!("it never ends"),
    }
    assert!(times > 10, "{times}");
    readers.close().await;
    fixture.finish().await;
}

/// Proves MIR-4: an event whose rows the database refuses is left out alone, with the reason, by the follower and by
/// whoever makes rows anew; what the same block told before it and after it is there.
#[tokio::test]
async fn an_event_whose_rows_are_refused_is_left_out_alone() {
    let fixture = Fixture::empty().await;
    let mut ours = mirror(&fixture).await;
    // No row of ours is refused; this database refuses some, wherever such a table is made.
    sqlx::raw_sql(
        "CREATE FUNCTION refuse() RETURNS event_trigger LANGUAGE plpgsql AS $$
         DECLARE place TEXT;
         BEGIN
             FOREACH place IN ARRAY ARRAY['mirror', 'mirror_next'] LOOP
                 IF to_regclass(place || '.kyc_records') IS NOT NULL AND NOT EXISTS (SELECT FROM pg_constraint
                     WHERE conname = 'refused' AND conrelid = to_regclass(place || '.kyc_records')) THEN
                     EXECUTE format('ALTER TABLE %I.kyc_records ADD CONSTRAINT refused CHECK (level < 3)', place);
                 END IF;
             END LOOP;
         END $$;
         CREATE EVENT TRIGGER refused ON ddl_command_end WHEN TAG IN ('CREATE TABLE') EXECUTE FUNCTION refuse();
         CREATE TABLE public.begun ()",
    )
    .execute(&fixture.pool)
    .await
    .unwrap();
    let (mut chain, mut model) = (Chain::default(), Model::default());
    chain.push(vec![
        Model::create(),
        model.mint(account(1), 3 * COIN).unwrap(),
        chain::kyc(account(1), 1, u64::MAX, false),
        chain::kyc(account(2), 3, u64::MAX, false),
        model.transfer(account(1), account(2), COIN).unwrap(),
        chain::kyc(account(3), 2, u64::MAX, false),
    ]);
    ours.apply(&chain.blocks).await.unwrap();
    let left_out = async || -> Vec<(i64, i64, String)> {
        sqlx::query_as("SELECT block, event_index, unread FROM journal WHERE unread IS NOT NULL")
            .fetch_all(&fixture.pool)
            .await
            .unwrap()
    };
    let unread = left_out().await;
    assert!(matches!(&unread[..], [(5, _, reason)] if reason.contains("refused")), "{unread:?}");
    let counts =
        sqlx::query_as::<_, (i64, i64)>("SELECT (SELECT count(*) FROM holders), (SELECT count(*) FROM kyc_records)");
    assert_eq!(counts.fetch_one(&fixture.pool).await.unwrap(), (2, 2));
    let rows = dump(&fixture.pool).await;
    ours.rebuild().await.unwrap();
    assert_eq!(left_out().await, unread);
    assert_eq!(dump(&fixture.pool).await, rows);
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
