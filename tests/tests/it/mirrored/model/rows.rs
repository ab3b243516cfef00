//! What the mirror's rows say, as the model's records.

use alloy_primitives::{Address, U256};
use sqlx::{PgConnection, Row};
use yieldset_indexer::column::Amount;
use yieldset_rules::{
    compliance::{Locks, Policy},
    contribution::{Contribution, Period},
    dispute::{Phase, Standing},
    dividends::{Accumulator, Holder},
    issuance::Opening,
    market::{ASK, BID, Holdings, Listing, Order},
    report::Last,
};

use super::super::columns::{Columns, each, kyc_record};
use crate::contracts::model::{
    books::{Books, HolderRecord, Leg, Sale},
    money::stream_id,
    step::{PARTIES, Party, STREAMS},
};

/// Of which stream and period a row is.
fn key(row: &Columns<'_>) -> (usize, u32) {
    let stream = row.hash("stream");
    ((0..STREAMS).find(|known| stream_id(*known) == stream).unwrap(), row.number("period"))
}

/// All that the mirror has of a history. What no event tells is as the model has it: what is left of an allowance, what
/// is owed of bonds (of what somebody sent too much none speaks), how large the log of a withdrawn report's forerunner
/// was, and how much of a window a dispute once left that is over.
pub async fn books(connection: &mut PgConnection, model: &Books) -> Books {
    let mut books = Books::new(model.givens.clone());
    (books.now, books.block) = (model.now, model.block);
    books.allowances = model.allowances.clone();
    (books.bonds_owed, books.bonds.released) = (model.bonds_owed, model.bonds.released);
    pool(connection, &mut books, model).await;
    holders(connection, &mut books).await;
    legs(connection, &mut books, model).await;
    records(connection, &mut books).await;
    reports(connection, &mut books, model).await;
    bonds(connection, &mut books).await;
    market(connection, &mut books, model).await;
    books
}

async fn pool(connection: &mut PgConnection, books: &mut Books, model: &Books) {
    each(connection, "SELECT * FROM pools", |row| {
        books.paused = row.is("paused");
        (books.holders, books.supply) = (row.number("holders"), row.amount("supply"));
        books.dividends = Accumulator { index: row.amount("dividend_index"), carry: row.amount("carry") };
        (books.to_holders, books.to_contributors) = (row.amount("to_holders"), row.amount("to_contributors"));
        books.claimed_by_holders = row.amount("claimed_by_holders");
        books.claimed_by_contributors = row.amount("claimed_by_contributors");
        if let Some(cap) = row.maybe("cap") {
            // The stage has put another governor in the place of none.
            assert_eq!(row.address("governor"), [0; 20]);
            books.opened = true;
            books.opening = Opening { cap, licences: [0; 20], governor: model.opening.governor };
        }
        assert_eq!(row.address("licences"), [0; 20]);
    })
    .await;
    each(connection, "SELECT * FROM policies", |row| {
        books.open = row.is("open");
        books.policy = Policy {
            min_level: row.number("min_level"),
            accredited_only: row.is("accredited_only"),
            allow_list: row.is("allow_list"),
            jurisdictions: row.bytes("jurisdictions").try_into().unwrap(),
            max_holders: row.number("max_holders"),
            max_holding: row.amount("max_holding"),
            lockup_seconds: row.number("lockup_seconds"),
        };
    })
    .await;
    each(connection, "SELECT * FROM sales", |row| {
        books.sale = Sale {
            price: row.amount("price"),
            left: row.amount("shares_left"),
            sold: row.amount("sold"),
            raised: row.amount("raised"),
            starts: row.small("starts"),
            ends: row.small("ends"),
        };
    })
    .await;
}

async fn holders(connection: &mut PgConnection, books: &mut Books) {
    let givens = books.givens.clone();
    each(connection, "SELECT * FROM holders", |row| {
        let locks = row.bytes("locks");
        books.accounts[givens.party(&row.address("account"))] = HolderRecord {
            holder: Holder {
                balance: row.amount("balance"),
                index: row.amount("settled_index"),
                pending: row.amount("pending"),
                fraction: row.small("fraction"),
            },
            frozen: row.amount("frozen"),
            reserved: row.amount("reserved"),
            locks: if locks.is_empty() { Locks::default() } else { Locks::from_bytes(locks.try_into().unwrap()) },
            recovered: row.is("recovered"),
            paid: row.amount("claimed") > 0,
            seizures: 0,
        };
    })
    .await;
    let ended = "SELECT payload->>'owner' AS owner FROM journal WHERE kind = 'ReservationsEnded'";
    each(connection, ended, |row| {
        let owner: Address = row.text("owner").parse().unwrap();
        books.accounts[givens.party(&owner.into_array())].seizures += 1;
    })
    .await;
    replaced(connection, "SELECT * FROM recoveries ORDER BY block, event_index", books, |books| &mut books.successors)
        .await;
}

/// Who took whose place.
async fn replaced(
    connection: &mut PgConnection,
    statement: &'static str,
    books: &mut Books,
    of: impl Fn(&mut Books) -> &mut [Option<Party>; PARTIES],
) {
    let givens = books.givens.clone();
    each(connection, statement, |row| {
        let [lost, replacement] = ["lost", "replacement"].map(|name| givens.party(&row.address(name)));
        of(books)[lost] = Some(replacement);
    })
    .await;
}

/// The contributors' money by stream and period, and what each took.
async fn legs(connection: &mut PgConnection, books: &mut Books, model: &Books) {
    let givens = books.givens.clone();
    each(connection, "SELECT * FROM periods", |row| {
        let period = Period {
            total: row.amount("total"),
            claimed: row.amount("claimed"),
            weight_claimed: row.small("weight_claimed"),
        };
        let root = row.hash("kept_root");
        books.legs.insert(key(&row), Leg { period, root, ..Leg::default() });
    })
    .await;
    each(connection, "SELECT * FROM contributions", |row| {
        let taken = Contribution { claimed: row.amount("claimed"), weight: row.small("weight") };
        let leg = books.legs.get_mut(&key(&row)).unwrap();
        leg.taken[givens.party(&row.address("account"))] = taken;
    })
    .await;
    // Of deposits too small for the contributors there is a row of zeros and no record: a contract answers the same.
    books.legs.retain(|key, leg| *leg != Leg::default() || model.legs.contains_key(key));
}

async fn records(connection: &mut PgConnection, books: &mut Books) {
    let givens = books.givens.clone();
    books.records = Default::default();
    each(connection, "SELECT * FROM kyc_records", |row| {
        // No history has an attestation in it.
        assert!(!row.is("attested"));
        books.records[givens.party(&row.address("account"))] = kyc_record(&row, (0, 0));
    })
    .await;
    replaced(connection, "SELECT * FROM kyc_recoveries ORDER BY block, event_index", books, |books| &mut books.heirs)
        .await;
}

async fn reports(connection: &mut PgConnection, books: &mut Books, model: &Books) {
    each(connection, "SELECT * FROM report_postings ORDER BY block, event_index", |row| {
        let (stream, period) = key(&row);
        let before = books.ends[stream].unwrap_or_default();
        let log_size = model.ends[stream].unwrap_or_default().log_size;
        books.ends[stream] = Some(Last { period: before.period.max(period), log_size, hash: row.hash("report_hash") });
    })
    .await;
    each(connection, "SELECT * FROM reports", |row| {
        let known = model.standing(key(&row));
        let phase: u8 = row.number("phase");
        let left = row.number("window_left");
        let standing = Standing {
            hash: row.hash("report_hash"),
            weights_root: row.hash("weights_root"),
            posted_at: row.number("posted_at"),
            revision: row.number("revision"),
            phase,
            until: row.number("until"),
            left: if phase == Phase::Disputed as u8 { left } else { known.left },
            disputes: row.number("disputes"),
            log_before: known.log_before,
            ..Standing::default()
        };
        books.standings.insert(key(&row), standing);
    })
    .await;
    // Of the report that stands, the last one.
    let disputes = "SELECT d.* FROM disputes d JOIN reports r USING (registry, report_hash)
                    WHERE d.number = r.disputes";
    each(connection, disputes, |row| {
        let standing = books.standings.get_mut(&key(&row)).unwrap();
        (standing.challenger, standing.reason) = (row.address("challenger"), row.hash("reason"));
        (standing.bond, standing.currency) = (row.amount("bond"), row.address("currency"));
        standing.defender = row.address("defender");
    })
    .await;
}

/// What open disputes hold, and what is kept for periods.
async fn bonds(connection: &mut PgConnection, books: &mut Books) {
    each(connection, "SELECT * FROM disputes WHERE ruling = 'open'", |row| {
        let sides = if row.address("defender") == [0; 20] { 1 } else { 2 };
        books.bonds.locked += sides * row.amount("bond");
    })
    .await;
    each(connection, "SELECT * FROM bond_moves WHERE kind <> 'withdrawn' ORDER BY block, event_index", |row| {
        books.bonds_kept.insert(key(&row), row.amount("kept"));
    })
    .await;
    books.bonds_kept.retain(|_, kept| *kept != 0);
}

async fn market(connection: &mut PgConnection, books: &mut Books, model: &Books) {
    let givens = books.givens.clone();
    each(connection, "SELECT * FROM listings", |row| {
        books.listing = Listing {
            listed: row.is("listed"),
            currency: row.address("currency"),
            lot: row.amount("lot"),
            tick: row.amount("tick"),
            last_price: row.maybe("last_price").unwrap_or_default(),
            last_trade: row.second("last_trade"),
        };
    })
    .await;
    let mut escrow = 0;
    each(connection, "SELECT * FROM orders ORDER BY id", |row| {
        let id = row.small("id");
        books.placed = id;
        if row.text("state") != "open" {
            assert_eq!(row.amount("escrow"), 0);
            return;
        }
        escrow += row.amount("escrow");
        // Whether its shares are still reserved for an ask, the pool says.
        let seizures = model.orders.get(&id).map_or(0, |order| order.seizures);
        let order = Order {
            id,
            side: if row.text("side") == "ask" { ASK } else { BID },
            maker: row.address("maker"),
            pool: row.address("pool"),
            currency: row.address("currency"),
            shares: row.amount("shares_left"),
            price: row.amount("price"),
            expiry: row.small("expiry"),
            seizures,
        };
        books.orders.insert(id, order);
    })
    .await;
    each(connection, "SELECT * FROM credits", |row| {
        books.credits[givens.party(&row.address("account"))] = row.amount("credit");
    })
    .await;
    books.holdings = Holdings { escrow, credits: books.credits.iter().sum() };
}

/// The coins of a contract by its double entry; nothing is on its way there between two messages.
pub async fn coins(connection: &mut PgConnection, book: Address) -> U256 {
    let sums = "SELECT account, sum(debit) AS debit, sum(credit) AS credit FROM ledger
                WHERE book = $1 AND account IN ('coins', 'in_transit') GROUP BY account";
    let mut coins = U256::ZERO;
    for row in sqlx::query(sums).bind(book.as_slice()).fetch_all(connection).await.unwrap() {
        let [debit, credit] = ["debit", "credit"].map(|side| row.get::<Amount, _>(side).0);
        match row.get("account") {
            "coins" => coins = debit - credit,
            account => assert_eq!(debit, credit, "{account} of {book}"),
        }
    }
    coins
}
