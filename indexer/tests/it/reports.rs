//! Cap tables, earnings and exports after any block, and what they rest on: the rows after a block are those of a
//! mirror that stopped there.

use std::{collections::BTreeSet, os::unix::fs::PermissionsExt};

use serde_json::Value;
use sqlx::PgPool;
use yieldset_chain::{
    Address, Event, U256,
    abi::Market::{MarketEvents, OrderPlaced, PoolListed, Traded},
};
use yieldset_indexer::{
    column::{Addr, Amount, Hash},
    reports::{
        Format, ReportError, Since,
        captable::{CapTable, CapTotals, Standing, cap_table},
        earnings::{Earnings, Figures, earnings},
        export::{self, RowFormat},
        open, until,
    },
    snapshot::At,
};

use crate::{
    chain::{self, COIN, Chain, GENESIS_TIME, Model, PERIOD, START, a_quarter, account, deployment, stream},
    fixture::Fixture,
};

const HALF: u128 = COIN / 2;
/// What half of a period's contributors proved.
const WEIGHT: u64 = 500_000_000_000_000_000;
/// A pool of strangers in the market that ours is in too, and its money.
const STRANGE: [Address; 2] = [Address::repeat_byte(0xb0), Address::repeat_byte(0xc0)];

fn halves(n: u128) -> Amount {
    (n * HALF).into()
}

/// Every row of every table as it was after a block, or as it is now, in an order of its own.
async fn rows(pool: &PgPool, after: Option<u64>) -> Vec<String> {
    let mut transaction = pool.begin().await.unwrap();
    if let Some(block) = after {
        sqlx::query("SELECT set_config('yieldset.at', $1, true)")
            .bind(block.to_string())
            .execute(&mut *transaction)
            .await
            .unwrap();
    }
    let views: Vec<String> = sqlx::query_scalar(
        "SELECT relname::text FROM pg_class WHERE relnamespace = 'mirror_at'::regnamespace AND relkind = 'v'
         ORDER BY 1",
    )
    .fetch_all(&mut *transaction)
    .await
    .unwrap();
    assert!(views.len() > 40, "{views:?}");
    let mut lines = Vec::new();
    for view in views {
        let schema = match (after, view.as_str()) {
            (Some(_), _) => "mirror_at",
            (None, "blocks" | "journal") => "public",
            (None, _) => "mirror",
        };
        let query = format!("SELECT to_jsonb(t)::text AS line FROM {schema}.{view} t ORDER BY 1");
        let found: Vec<String> =
            sqlx::query_scalar(sqlx::AssertSqlSafe(query)).fetch_all(&mut *transaction).await.unwrap();
        lines.extend(found.into_iter().map(|line| format!("{view} {line}")));
    }
    lines
}

/// Proves MIR-2: for every table and every block, what a mirror says of it afterwards is what one said that had only
/// come so far, block by block or all at once; and one that goes back says that again.
#[tokio::test]
async fn after_every_block_is_as_if_it_had_stopped_there() {
    let fixture = Fixture::new().await;
    for (chain, name) in [(a_quarter(), "a quarter"), (scene(), "transfers")] {
        fixture.clear().await;
        let mut stopped = Vec::new();
        for block in &chain.blocks {
            fixture.apply(block).await;
            stopped.push((block.at.number, rows(&fixture.pool, None).await));
        }
        let (_, last) = stopped.last().unwrap();
        let last: BTreeSet<_> = last.iter().collect();
        let former: BTreeSet<_> =
            stopped.iter().flat_map(|(_, lines)| lines).filter(|line| !last.contains(line)).collect();
        for table in ["pools ", "holders ", "kyc_records ", "orders ", "periods "] {
            assert!(former.iter().any(|line| line.starts_with(table)), "{name}: no row of {table}ever changed");
        }
        for (number, expected) in &stopped {
            assert_eq!(rows(&fixture.pool, Some(*number)).await, *expected, "{name}, after block {number}");
        }
        fixture.clear().await;
        fixture.try_apply(&chain.blocks).await.unwrap();
        for (number, expected) in &stopped {
            assert_eq!(rows(&fixture.pool, Some(*number)).await, *expected, "{name} at once, after block {number}");
        }
        for (number, expected) in stopped.iter().rev().skip(1) {
            fixture.mirror().await.as_mut().unwrap().roll_back(*number).await.unwrap();
            assert_eq!(rows(&fixture.pool, None).await, *expected, "{name}, gone back to block {number}");
        }
    }
    fixture.finish().await;
}

/// A pool of 512 shares, so that what a coin gives each of them is exact: three fifths of every deposit are the
/// holders'.
fn scene() -> Chain {
    let (mut chain, mut model) = (Chain::default(), Model::default());
    let later = GENESIS_TIME + 365 * 86_400;
    chain.push(vec![chain::named("Voices\u{1b}[2J", "=A1"), chain::agent(account(0xee), true)]);
    chain.push(vec![chain::kyc(account(1), 1, later, false), chain::kyc(account(2), 1, later, false)]);
    chain.push([(1, 128), (2, 384)].map(|(n, shares)| model.mint(account(n), shares * COIN).unwrap()).into());
    chain.push(vec![model.deposit(account(9), stream(), PERIOD, 10 * COIN).unwrap()]);
    let moved = model.transfer(account(2), account(3), 128 * COIN).unwrap();
    chain.push(vec![moved, chain::kyc(account(1), 1, later, true)]);
    let contribution = model.contribution(account(2), stream(), PERIOD, WEIGHT).unwrap();
    chain.push(vec![model.claim(account(2)).unwrap(), contribution]);
    chain.push(vec![model.deposit(account(9), stream(), PERIOD, 20 * COIN).unwrap()]);
    let [strange, money] = STRANGE;
    let listed = |pool, currency| PoolListed { pool, currency, lot: U256::from(1), tick: U256::from(1) };
    let listings = [listed(deployment().pool, Address::ZERO), listed(strange, money)];
    let mut events: Vec<_> = listings.map(|listed| chain::market(MarketEvents::PoolListed(listed))).into();
    let (_, order) = chain::order(1, 1, 100 * COIN);
    let Event::Market(MarketEvents::OrderPlaced(order)) = order else { panic!("{order:?}") };
    let other = OrderPlaced { order: 2, pool: strange, currency: money, ..order.clone() };
    events.extend([order, other].map(|order| chain::market(MarketEvents::OrderPlaced(order))));
    chain.push(events);
    let (_, trade) = chain::traded([1, 0], 40 * COIN, [60 * COIN, 0]);
    let Event::Market(MarketEvents::Traded(trade)) = trade else { panic!("{trade:?}") };
    let other = Traded { pool: strange, ask: 2, ..trade.clone() };
    chain.push([trade, other].map(|trade| chain::market(MarketEvents::Traded(trade))).into());
    chain
}

async fn table(fixture: &Fixture, at: Option<u64>) -> CapTable {
    let at = at.map(|number| At::Block(i64::try_from(number).unwrap()));
    let mut snapshot = open(&fixture.pool, at.as_ref()).await.unwrap();
    cap_table(&mut snapshot, deployment().pool.into()).await.unwrap()
}

/// Account, shares in halves, millionths, claimable and claimed in half coins, standing.
type Line = (u8, u128, u32, u128, u128, Standing);

fn lines(table: &CapTable) -> Vec<Line> {
    let in_halves = |amount: Amount| {
        let units = amount.to_u128().unwrap();
        assert_eq!(units % HALF, 0, "{amount}");
        units / HALF
    };
    let line = |line: &yieldset_indexer::reports::captable::CapLine| {
        let (balance, claimable) = (in_halves(line.balance), in_halves(line.claimable));
        let account = line.account.0.0[0];
        (account, balance, line.share_millionths, claimable, in_halves(line.claimed), line.standing)
    };
    table.holders.iter().map(line).collect()
}

/// Proves MIR-2: who holds what, and what each can claim, after any block: before shares moved and after, before a
/// claim and after, with the standing of then.
#[tokio::test]
async fn a_cap_table_is_of_its_block() {
    use Standing::{Eligible, Frozen, NotVerified};
    let fixture = Fixture::new().await;
    fixture.apply_all(&scene().blocks).await;
    fixture.mirror().await.as_mut().unwrap().finalise(START + 4).await.unwrap();
    let deposited = [(2, 768, 750_000, 9, 0, Eligible), (1, 256, 250_000, 3, 0, Eligible)];
    let moved =
        [(2, 512, 500_000, 9, 0, Eligible), (1, 256, 250_000, 3, 0, Frozen), (3, 256, 250_000, 0, 0, NotVerified)];
    let claimed =
        [(2, 512, 500_000, 0, 9, Eligible), (1, 256, 250_000, 3, 0, Frozen), (3, 256, 250_000, 0, 0, NotVerified)];
    let again =
        [(2, 512, 500_000, 12, 9, Eligible), (1, 256, 250_000, 9, 0, Frozen), (3, 256, 250_000, 6, 0, NotVerified)];
    let expected: [(u64, &[Line], [u128; 4]); 5] = [
        (0, &[], [0, 0, 0, 0]),
        (3, &deposited, [2, 1024, 12, 0]),
        (4, &moved, [3, 1024, 12, 0]),
        (5, &claimed, [3, 1024, 3, 9]),
        (6, &again, [3, 1024, 27, 9]),
    ];
    for (block, holders, [count, balance, claimable, paid]) in expected {
        let table = table(&fixture, Some(START + block)).await;
        assert_eq!(lines(&table), holders, "after block {block}");
        let totals = CapTotals {
            holders: u64::try_from(count).unwrap(),
            balance: halves(balance),
            claimable: halves(claimable),
            claimed: halves(paid),
        };
        assert_eq!(table.totals, totals, "after block {block}");
        let time_ms = i64::try_from((GENESIS_TIME + START + block) * 1_000 + 7).unwrap();
        let told = (table.as_of.block, table.as_of.time_ms, table.as_of.is_final);
        assert_eq!(told, (i64::try_from(START + block).unwrap(), time_ms, block <= 4), "after block {block}");
        assert_eq!((table.money.symbol.as_str(), table.money.decimals), ("coins", 18));
    }
    assert_eq!(lines(&table(&fixture, None).await), again);
    fixture.finish().await;
}

/// A block is found by its height or by a time that is over; what is not there is refused with what to do.
#[tokio::test]
async fn a_report_is_of_a_block_that_is_there() {
    let fixture = Fixture::new().await;
    let mut nothing = open(&fixture.pool, None).await.unwrap();
    let pool = Addr::from(deployment().pool);
    assert!(matches!(cap_table(&mut nothing, pool).await, Err(ReportError::NothingIndexed)));
    drop(nothing);
    fixture.apply_all(&scene().blocks).await;
    // The chain begins with a day (2026-11-24), a block each second.
    let found =
        async |text: &str| open(&fixture.pool, Some(&until(text).unwrap())).await.map(|snapshot| snapshot.block());
    let at = i64::try_from(START).unwrap() + 3;
    assert_eq!(found(&at.to_string()).await.unwrap(), Some(at));
    assert_eq!(found("2026-11-24T00:00:08.5Z").await.unwrap(), Some(at));
    assert_eq!(found("2026-11-24T00:00:08.006Z").await.unwrap(), Some(at - 1));
    for text in ["2026-11-24", "2026-11-23", "1", "100"] {
        let error = found(text).await.unwrap_err();
        assert!(matches!(&error, ReportError::At(_)) && error.to_string().starts_with("--at: "), "{text}: {error}");
    }
    let mut snapshot = open(&fixture.pool, None).await.unwrap();
    let error = cap_table(&mut snapshot, account(7).into()).await.unwrap_err();
    assert!(matches!(error, ReportError::NoSuchPool { .. }), "{error}");
    drop(snapshot);
    fixture.finish().await;
}

/// A stranger's name is no formula in a spreadsheet and moves no cursor in a terminal; the sums are in every form.
#[tokio::test]
async fn a_cap_table_is_written_as_text() {
    let fixture = Fixture::new().await;
    fixture.apply_all(&scene().blocks).await;
    let table = table(&fixture, Some(START + 3)).await;
    let text = |format| String::from_utf8(table.to_bytes(format).unwrap()).unwrap();
    let csv = text(Format::Csv);
    let lines: Vec<_> = csv.split("\r\n").collect();
    assert_eq!(lines.len(), 5, "{csv}");
    assert!(lines[0].starts_with("row,pool,pool_symbol,account,balance,"), "{csv}");
    let pool = deployment().pool;
    let begin =
        format!("holder,{pool},'=A1,{},384000000000000000000,750000,4500000000000000000,0,eligible,", account(2));
    assert!(lines[1].starts_with(&begin), "{csv}");
    let total = format!("total,{pool},'=A1,,512000000000000000000,,6000000000000000000,0,");
    assert!(lines[3].starts_with(&total) && lines[3].ends_with(",8,2026-11-24T00:00:08.007Z,false"), "{csv}");
    let fields: Vec<_> = lines[..4].iter().map(|line| line.split(',').count()).collect();
    assert!(fields.iter().all(|count| *count == fields[0]), "{csv}");
    let shown = text(Format::Table);
    assert!(shown.contains("Voices\\u{1b}[2J (=A1)") && shown.contains("not final yet"), "{shown}");
    assert!(!shown.contains('\u{1b}') && shown.contains("6000000000000000000"), "{shown}");
    let json: Value = serde_json::from_str(&text(Format::Json)).unwrap();
    assert_eq!(json["totals"]["balance"], "512000000000000000000");
    assert_eq!((&json["as_of"]["block"], &json["as_of"]["final"]), (&Value::from(8), &Value::from(false)));
    assert_eq!(json["holders"][1]["standing"], "eligible");
    fixture.finish().await;
}

/// Proves MIR-2: what an account earned in a period is the difference of two blocks, so periods that follow each other
/// add up; two currencies are two sums.
#[tokio::test]
async fn earnings_are_of_their_period() {
    let fixture = Fixture::new().await;
    fixture.apply_all(&scene().blocks).await;
    let height = |block: u64| i64::try_from(START + block).unwrap();
    let earned = async |n: u8, from: Option<u64>, to: Option<u64>| {
        let at = to.map(|block| At::Block(height(block)));
        let mut snapshot = open(&fixture.pool, at.as_ref()).await?;
        let earned = earnings(&mut snapshot, account(n).into(), from.map(|block| Since::Block(height(block)))).await?;
        // Looking back leaves the snapshot where it was.
        assert_eq!(cap_table(&mut snapshot, deployment().pool.into()).await?.as_of, earned.as_of);
        Ok::<Earnings, ReportError>(earned)
    };
    // Earned, claimed, claimable and contributed, in half coins.
    for (from, to, expected) in [
        (None, None, [21, 9, 12, 4]),
        (None, Some(5), [9, 9, 0, 4]),
        (Some(3), Some(5), [9, 9, 0, 4]),
        (Some(4), Some(5), [0, 9, 0, 4]),
        (Some(6), None, [12, 0, 12, 0]),
        (Some(0), Some(3), [9, 0, 9, 0]),
    ] {
        let told = earned(2, from, to).await.unwrap();
        let figures = Figures {
            dividends_earned: halves(expected[0]),
            dividends_claimed: halves(expected[1]),
            claimable: halves(expected[2]),
            contributions_claimed: halves(expected[3]),
            ..Figures::default()
        };
        assert_eq!(told.pools.len(), 1, "{told:?}");
        assert_eq!((&told.pools[0].figures, &told.sums[0].figures), (&figures, &figures), "{from:?} to {to:?}");
        let contributions: Vec<_> =
            told.contributions.iter().map(|one| (one.stream, one.period, one.weight, one.claimed)).collect();
        let one = (Hash(stream()), i64::from(PERIOD), Amount::from(WEIGHT), halves(4));
        assert_eq!(contributions, if expected[3] > 0 { vec![one] } else { vec![] }, "{from:?} to {to:?}");
    }
    let late = earned(2, Some(6), Some(5)).await.unwrap_err();
    assert!(matches!(late, ReportError::Period { .. }), "{late}");

    // Forty shares at two coins, of ours and of the strangers'.
    let (seller, buyer) = (earned(4, None, None).await.unwrap(), earned(3, None, None).await.unwrap());
    let paid = Amount::from(80 * COIN);
    for (told, sold, bought) in [(&seller, paid, Amount::ZERO), (&buyer, Amount::ZERO, paid)] {
        let sums: Vec<_> =
            told.sums.iter().map(|sum| (sum.money.currency, sum.figures.sold_for, sum.figures.bought_for)).collect();
        assert_eq!(sums, [(Addr::default(), sold, bought), (Addr::from(STRANGE[1]), sold, bought)], "{told:?}");
    }
    assert_eq!(buyer.pools[0].bought_shares, Amount::from(40 * COIN));
    assert_eq!((buyer.sums[0].figures.claimable, buyer.sums[1].figures.claimable), (halves(6), Amount::ZERO));
    assert_eq!(buyer.sums[1].money.symbol, "");
    let before = earned(3, None, Some(7)).await.unwrap();
    assert_eq!((before.sums.len(), before.sums[0].figures.bought_for), (1, Amount::ZERO));
    let csv = String::from_utf8(buyer.to_bytes(Format::Csv).unwrap()).unwrap();
    let kinds: Vec<_> = csv.lines().map(|line| line.split(',').next().unwrap()).collect();
    assert_eq!(kinds, ["row", "pool", "pool", "sum", "sum"]);
    let widths: Vec<_> = csv.lines().map(|line| line.split(',').count()).collect();
    assert!(widths.iter().all(|width| *width == widths[0]), "{csv}");
    fixture.finish().await;
}

/// Every table is written whole, as of its block: bytes as 0x and digits, amounts as digits, strangers' text as text.
#[tokio::test]
async fn tables_are_exported_whole() {
    let fixture = Fixture::new().await;
    fixture.apply_all(&scene().blocks).await;
    let written = async |name: &str, format, at: Option<At>| {
        let mut snapshot = open(&fixture.pool, at.as_ref()).await?;
        let mut bytes = Vec::new();
        let rows = export::table(&mut snapshot, name, format, &mut bytes).await?;
        Ok::<_, ReportError>((rows, String::from_utf8(bytes).unwrap()))
    };
    let minted = At::Block(i64::try_from(START).unwrap() + 2);
    let hex = |address: Address| format!("{address:#x}");
    let (rows, csv) = written("holders", RowFormat::Csv, Some(minted.clone())).await.unwrap();
    assert!(rows == 2 && csv.ends_with("\r\n") && csv.starts_with("pool,account,balance,"), "{csv}");
    let first = format!("\r\n{},{},128000000000000000000,", hex(deployment().pool), hex(account(1)));
    assert!(csv.contains(&first), "{csv}");
    assert_eq!(written("holders", RowFormat::Csv, None).await.unwrap().0, 3);
    let (_, json) = written("holders", RowFormat::Json, Some(minted)).await.unwrap();
    let objects: Vec<Value> = json.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let told = |at: usize| (objects[at]["account"].clone(), objects[at]["balance"].clone());
    assert_eq!(told(1), (Value::from(hex(account(2))), Value::from("384000000000000000000")));
    assert_eq!(objects.len(), 2);
    let (_, pools) = written("pools", RowFormat::Csv, None).await.unwrap();
    assert!(pools.contains(",'=A1,"), "{pools}");
    let (_, pools) = written("pools", RowFormat::Json, None).await.unwrap();
    let told: Value = serde_json::from_str(&pools).unwrap();
    assert_eq!((&told["symbol"], &told["name"]), (&Value::from("=A1"), &Value::from("Voices\u{1b}[2J")));
    for name in ["", "all", "holders_history", "projection", "pools; DROP TABLE blocks", "../pools"] {
        let error = written(name, RowFormat::Csv, None).await.unwrap_err();
        assert!(matches!(&error, ReportError::NoSuchTable { .. }) && error.to_string().contains("holders"), "{error}");
    }
    fixture.finish().await;
}

/// All tables are in a folder, of one block, with what they are; only their owner can read them.
#[tokio::test]
async fn all_tables_are_of_one_block() {
    let fixture = Fixture::new().await;
    let quarter = a_quarter();
    fixture.apply_all(&quarter.blocks).await;
    let folder = tempfile::tempdir().unwrap();
    let mut snapshot = open(&fixture.pool, None).await.unwrap();
    let tables = export::tables(&mut snapshot).await.unwrap();
    for format in [RowFormat::Csv, RowFormat::Json] {
        let into = folder.path().join(format!("{format:?}"));
        let exported = export::into_folder(&mut snapshot, &tables, format, &into).await.unwrap();
        assert_eq!(exported.as_of.block, i64::try_from(quarter.blocks.last().unwrap().at.number).unwrap());
        assert_eq!(std::fs::read_dir(&into).unwrap().count(), tables.len() + 1);
        let told: Value = serde_json::from_slice(&std::fs::read(into.join("export.json")).unwrap()).unwrap();
        assert_eq!(told, serde_json::to_value(&exported).unwrap());
        for written in &exported.tables {
            let file = into.join(&written.file);
            assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600, "{file:?}");
            let count = format!("SELECT count(*) FROM {}", written.table);
            let rows: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(count)).fetch_one(&fixture.pool).await.unwrap();
            assert_eq!(written.rows, u64::try_from(rows).unwrap(), "{}", written.table);
            if format == RowFormat::Json {
                let text = std::fs::read_to_string(&file).unwrap();
                let objects = text.lines().filter(|line| serde_json::from_str::<Value>(line).unwrap().is_object());
                assert_eq!(objects.count(), usize::try_from(rows).unwrap(), "{}", written.table);
            }
        }
    }
    drop(snapshot);
    fixture.finish().await;
}
