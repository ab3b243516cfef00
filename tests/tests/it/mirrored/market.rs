//! Histories of a market with a pool in the chain's own money and one in an ERC-20: model = chain = Postgres.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
};

use proptest::prelude::*;
use sqlx::PgConnection;
use yieldset_chain::Deployment;
use yieldset_tests::market::{Exchange, LOT, TICK};

use super::{
    alone, cases_alone,
    columns::each,
    database::{Database, Figures, nothing_deployed},
    record::{Dice, Record},
};
use crate::contracts::market::history::{Model, Open, TRADERS, play, step};

/// Who is who.
#[derive(Debug, Clone, PartialEq)]
struct Names {
    pools: [[u8; 20]; 2],
    currencies: [[u8; 20]; 2],
    traders: [[u8; 20]; TRADERS],
}

impl Names {
    fn of(x: &Exchange) -> Self {
        Self {
            pools: [x.native, x.pool].map(|pool| pool.into_array()),
            currencies: [[0; 20], x.token.into_array()],
            traders: std::array::from_fn(|n| x.traders[n].address.into_array()),
        }
    }

    fn pool(&self, address: [u8; 20]) -> usize {
        self.pools.iter().position(|known| *known == address).unwrap()
    }

    fn trader(&self, address: [u8; 20]) -> usize {
        self.traders.iter().position(|known| *known == address).unwrap()
    }
}

/// What the model has.
#[derive(Debug, Clone, PartialEq)]
struct Books {
    names: Names,
    /// Orders that were ever placed.
    placed: u64,
    open: BTreeMap<u64, Open>,
    /// By pool: held for bids, and by trader owed.
    escrow: [u128; 2],
    credits: [[u128; TRADERS]; 2],
    listed: [bool; 2],
    last_price: [u128; 2],
    /// What each pool is paid in, of how many decimals.
    decimals: [Option<u8>; 2],
}

impl Books {
    fn new(x: &Exchange, model: &Model) -> Self {
        let escrow = |pool| model.open.values().filter(|order| order.pool == pool).map(Open::escrow).sum();
        Self {
            names: Names::of(x),
            placed: model.last,
            open: model.open.clone(),
            escrow: [escrow(0), escrow(1)],
            credits: model.credits,
            listed: model.delisted.map(|delisted| !delisted),
            last_price: model.last_price,
            decimals: [None, Some(6)],
        }
    }
}

impl Figures for Books {
    async fn told(&self, connection: &mut PgConnection) -> Self {
        let names = &self.names;
        let mut books = Self {
            names: names.clone(),
            placed: 0,
            open: BTreeMap::new(),
            escrow: [0; 2],
            credits: [[0; TRADERS]; 2],
            listed: [false; 2],
            last_price: [0; 2],
            decimals: [None; 2],
        };
        each(connection, "SELECT * FROM listings", |row| {
            let pool = names.pool(row.address("pool"));
            assert_eq!((row.amount("lot"), row.amount("tick")), (LOT, TICK));
            assert_eq!(row.address("currency"), names.currencies[pool]);
            books.listed[pool] = row.is("listed");
            books.last_price[pool] = row.maybe("last_price").unwrap_or_default();
        })
        .await;
        each(connection, "SELECT * FROM orders ORDER BY id", |row| {
            let (id, pool) = (row.small("id"), names.pool(row.address("pool")));
            books.placed = id;
            assert_eq!(row.address("currency"), names.currencies[pool]);
            books.escrow[pool] += row.amount("escrow");
            if row.text("state") != "open" {
                assert_eq!(row.amount("escrow"), 0, "{id}");
                return;
            }
            let order = Open {
                is_bid: row.text("side") == "bid",
                maker: names.trader(row.address("maker")),
                pool,
                shares: row.amount("shares_left"),
                price: row.amount("price"),
                expiry: row.small("expiry"),
            };
            assert_eq!(row.amount("escrow"), order.escrow(), "{id}");
            books.open.insert(id, order);
        })
        .await;
        each(connection, "SELECT * FROM credits", |row| {
            let (pool, who) = (names.pool(row.address("pool")), names.trader(row.address("account")));
            books.credits[pool][who] = row.amount("credit");
        })
        .await;
        each(connection, "SELECT * FROM currencies", |row| {
            let at = names.currencies.iter().position(|known| *known == row.address("currency")).unwrap();
            books.decimals[at] = Some(row.number("decimals"));
        })
        .await;
        // The double entry: what it has, what it owes, and that nothing is on its way between two messages.
        let sums = "SELECT account, CASE account WHEN 'coins' THEN subject ELSE substr(subject, 1, 20) END AS subject,
                           abs(sum(debit - credit)) AS sum
                    FROM ledger GROUP BY 1, 2";
        each(connection, sums, |row| {
            let (subject, sum) = (row.address("subject"), row.amount("sum"));
            let owed = |pool: usize| books.credits[pool].iter().sum::<u128>();
            match row.text("account") {
                "coins" => {
                    let at = names.currencies.iter().position(|known| *known == subject).unwrap();
                    assert_eq!(sum, self.escrow[at] + owed(at), "coins");
                }
                "escrow" => assert_eq!(sum, self.escrow[names.pool(subject)], "escrow"),
                "credits" => assert_eq!(sum, owed(names.pool(subject)), "credits"),
                other => assert_eq!((other, sum), ("in_transit", 0)),
            }
        })
        .await;
        books
    }
}

/// Proves MIR-3 for the market: model = chain = Postgres after any history of orders, fills, matches and withdrawals in
/// two pools, cut into any blocks.
#[test]
fn the_mirror_has_the_markets_figures() {
    let x = Exchange::new();
    let database = RefCell::new(Database::new(Deployment { market: x.market, ..nothing_deployed() }));
    let (branch, trades) = (Cell::new(0), Cell::new(0));
    let steps = prop::collection::vec(step(), 20..40);
    let result = alone(cases_alone(6)).run(&(steps, Dice::any()), |(steps, mut dice)| {
        branch.set(branch.get() + 1);
        let mut record: Option<Record<Books>> = None;
        play(steps, &mut |x, model| {
            let books = Books::new(x, model);
            Record::watch(&mut record, &mut x.chain, books, (branch.get(), &dice));
        });
        database.borrow_mut().check(&record.unwrap().blocks, &mut dice);
        trades.set(trades.get() + database.borrow().count("trades"));
        Ok(())
    });
    database.into_inner().finish();
    result.unwrap();
    assert!(trades.get() > 0, "no history traded");
}
