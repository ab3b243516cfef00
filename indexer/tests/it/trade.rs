//! Licences and the market in the rows: their course, what they owe and what was paid, and events that do not belong.

use serde_json::Value;
use yieldset_chain::{
    Address, B256, Event, U256,
    abi::{
        Licence::{
            BreachRecorded, DefaultCured, DefaultRecorded, FundsChanged, LicenceClosed, LicenceEvents,
            LicenceTerminated, OfferDeclined, PlatformChanged, Refunded, ShortfallPaid, UsageReported,
            ViolationRecorded,
        },
        Market::{MarketEvents, OrderCancelled},
    },
};
use yieldset_indexer::mirror::Applied;

use crate::{
    chain::{
        self, COIN, Chain, GENESIS_TIME, Model, PERIOD, a_quarter, account, deployment, licence, licence_id, market,
    },
    fixture::Fixture,
    web::{app, ask},
};

async fn json(fixture: &Fixture, path: &str) -> Value {
    ask(&app(fixture), path, &[]).await.json()
}

fn kinds(page: &Value) -> Vec<(&str, &str)> {
    let items = page["items"].as_array().unwrap();
    items.iter().map(|item| (item["kind"].as_str().unwrap(), item["amount"].as_str().unwrap())).collect()
}

/// Proves PAY-1 for the mirror: what a quarter owes by the licence's terms, what was paid of it and what reached the
/// pool are there for programs, and the money is the deposits' under the licence's own stream.
#[tokio::test]
async fn a_licence_is_shown_with_what_it_owes_and_paid() {
    let fixture = Fixture::new().await;
    fixture.apply_all(&a_quarter().blocks).await;
    let (five, twenty) = ((5 * COIN).to_string(), (20 * COIN).to_string());
    let shown = json(&fixture, &format!("/v1/licences/{}", licence_id())).await;
    assert_eq!((&shown["stage"], &shown["upfront"]), (&"active".into(), &five.as_str().into()));
    for (field, coins) in [("due", 20), ("paid", 20), ("to_pool", 25), ("refunded", 0)] {
        assert_eq!(shown[field], (coins * COIN).to_string(), "{field}");
    }
    let quarter = &shown["quarters"][0];
    assert_eq!((&quarter["quarter"], &quarter["late"]), (&PERIOD.into(), &false.into()));
    assert_eq!((&quarter["net"], &quarter["due"]), (&(200 * COIN).to_string().into(), &twenty.as_str().into()));
    let payments = json(&fixture, &format!("/v1/licences/{}/payments", licence_id())).await;
    assert_eq!(kinds(&payments), [("delivered", twenty.as_str()), ("royalty", &twenty), ("delivered", &five)]);
    let base = format!("/v1/pools/{}", deployment().pool);
    let listed = json(&fixture, &format!("{base}/licences")).await;
    assert_eq!(listed["items"][0]["licence"], licence_id().to_string());
    let deposits = json(&fixture, &format!("{base}/deposits")).await;
    let of_licence = deposits["items"].as_array().unwrap().iter().filter(|d| d["stream"] == licence_id().to_string());
    assert_eq!(of_licence.map(|d| d["amount"].as_str().unwrap()).collect::<Vec<_>>(), [twenty.as_str(), &five]);
    fixture.finish().await;
}

/// Usage, interest, a default and its cure, a shortfall, what is held against the platform, the end and the refund; of
/// an offer that was declined, and of one to a pool that is not ours, there is no more than that.
#[tokio::test]
async fn a_licence_runs_its_course() {
    let fixture = Fixture::new().await;
    let mut chain = a_quarter();
    let (id, declined) = (licence_id(), B256::repeat_byte(0x1d));
    let next = PERIOD + 1;
    let hash = B256::repeat_byte(1);
    let usage = UsageReported { licence: id, quarter: next, tokens: U256::from(900), calls: u64::MAX, report: hash };
    let (outstanding, platform) = (U256::from(7), account(9));
    let missed = DefaultRecorded { licence: id, number: next + 1, year: false, outstanding, openDefaults: 1 };
    let short = DefaultRecorded { licence: id, number: 0, year: true, outstanding, openDefaults: 2 };
    let cured = DefaultCured { licence: id, number: next + 1, year: false, openDefaults: 1 };
    let shortfall = ShortfallPaid { licence: id, year: 0, amount: U256::from(3), owed: U256::from(4) };
    let breach = BreachRecorded { licence: id, kind: 1, number: next, breaches: 2 };
    let violation = ViolationRecorded { licence: id, kind: 1, uses: 0, at: 1, evidence: hash, violations: 1 };
    let ends_at = GENESIS_TIME + 99;
    let terminated = LicenceTerminated {
        licence: id,
        reason: 4,
        by: account(1),
        endsAt: ends_at,
        deletionDue: ends_at,
        evidence: hash,
    };
    let refunded = Refunded { licence: id, to: platform, amount: U256::from(11) };
    let [escrow, refundable, held] = [21, 22, 23].map(U256::from);
    let funds = FundsChanged { licence: id, escrow, refundable, held };
    chain.push(vec![chain::offered(declined, deployment().pool), chain::offered(hash, account(0x66))]);
    chain.push(vec![
        licence(LicenceEvents::OfferDeclined(OfferDeclined { licence: declined, licensor: account(0xee) })),
        licence(LicenceEvents::UsageReported(usage)),
        chain::royalty(id, 5, 2, 0),
        licence(LicenceEvents::DefaultRecorded(missed)),
        licence(LicenceEvents::DefaultRecorded(short)),
    ]);
    fixture.apply_all(&chain.blocks).await;
    let shown = json(&fixture, &format!("/v1/licences/{id}")).await;
    assert_eq!((&shown["open_defaults"], &shown["quarters"][0]["in_default"]), (&2.into(), &true.into()));
    assert_eq!(shown["quarters"][0]["due"], Value::Null, "a default of a quarter that was never reported");
    assert_eq!(shown["quarters"][1]["calls"], u64::MAX.to_string());
    assert_eq!((&shown["quarters"][2]["interest"], &shown["paid"]), (&"2".into(), &(20 * COIN + 5).to_string().into()));
    let block = chain.push(vec![
        licence(LicenceEvents::DefaultCured(cured)),
        licence(LicenceEvents::ShortfallPaid(shortfall)),
        licence(LicenceEvents::BreachRecorded(breach)),
        licence(LicenceEvents::ViolationRecorded(violation)),
        licence(LicenceEvents::LicenceTerminated(terminated)),
        licence(LicenceEvents::LicenceClosed(LicenceClosed { licence: id })),
        licence(LicenceEvents::FundsChanged(funds)),
        licence(LicenceEvents::PlatformChanged(PlatformChanged { licence: id, platform: account(0x77) })),
        licence(LicenceEvents::Refunded(refunded)),
    ]);
    fixture.apply(block).await;
    let shown = json(&fixture, &format!("/v1/licences/{id}")).await;
    assert_eq!((&shown["stage"], &shown["ends_at"]), (&"under_notice".into(), &ends_at.to_string().into()));
    assert_eq!((&shown["open_defaults"], &shown["quarters"][0]["in_default"]), (&1.into(), &false.into()));
    assert_eq!((&shown["breaches"], &shown["violations"]), (&2.into(), &1.into()));
    assert_eq!((&shown["closed"], &shown["refunded"]), (&true.into(), &"11".into()));
    // The state afterwards, as the contract tells it.
    assert_eq!(["escrow", "refundable", "held"].map(|part| shown[part].as_str().unwrap()), ["21", "22", "23"]);
    assert_eq!(shown["platform"], account(0x77).to_string());
    let payments = json(&fixture, &format!("/v1/licences/{id}/payments?limit=2")).await;
    assert_eq!(kinds(&payments), [("refunded", "11"), ("shortfall", "3")]);
    let listed = json(&fixture, &format!("/v1/pools/{}/licences", deployment().pool)).await;
    let stages: Vec<_> = listed["items"].as_array().unwrap().iter().map(|l| l["stage"].as_str().unwrap()).collect();
    assert_eq!(stages, ["declined", "under_notice"], "the offer to another pool is not ours");
    fixture.finish().await;
}

/// An order falls by each trade, is gone when it is filled, cancelled or expired, and trades name both sides.
#[tokio::test]
async fn orders_fall_by_their_trades() {
    let fixture = Fixture::new().await;
    let mut chain = a_quarter();
    let base = format!("/v1/pools/{}", deployment().pool);
    fixture.apply_all(&chain.blocks).await;
    let open = async || {
        let page = json(&fixture, &format!("{base}/orders")).await;
        let items = page["items"].as_array().unwrap().clone();
        items
            .iter()
            .map(|o| format!("{} {} {}", o["id"], o["side"], o["shares_left"]).replace('"', ""))
            .collect::<Vec<_>>()
    };
    let coins = |shares: u128| (shares * COIN).to_string();
    assert_eq!(open().await, [format!("2 bid {}", coins(10)), format!("1 ask {}", coins(60))]);
    let block = chain.push(vec![chain::traded([1, 2], 10 * COIN, [50 * COIN, 0])]);
    fixture.apply(block).await;
    assert_eq!(open().await, [format!("1 ask {}", coins(50))]);
    let trades = json(&fixture, &format!("{base}/trades")).await;
    let trade = |at: usize| (trades["items"][at]["ask"].clone(), trades["items"][at]["bid"].clone());
    assert_eq!([trade(0), trade(1)], [("1".into(), "2".into()), ("1".into(), Value::Null)]);
    assert_eq!(trades["items"][1]["cost"], coins(80));
    // Both on one day, which has the prices of both.
    let prices = json(&fixture, &format!("{base}/prices")).await;
    let (day, trade) = (&prices["items"][0], |at: usize| trades["items"][at].clone());
    assert_eq!((prices["items"].as_array().unwrap().len(), &day["trades"]), (1, &Value::from(2)));
    assert_eq!((&day["open"], &day["close"]), (&trade(1)["price"], &trade(0)["price"]));
    assert_eq!((&day["volume"], &day["market"]), (&coins(50).into(), &Value::from(deployment().market.to_string())));
    let cost = |at: usize| trade(at)["cost"].as_str().unwrap().parse::<u128>().unwrap();
    assert_eq!(day["turnover"], (cost(0) + cost(1)).to_string());
    let cancelled = |order, expired, shares| {
        let (maker, pool, refund) = (account(4), deployment().pool, U256::ZERO);
        let shares = U256::from(shares);
        market(MarketEvents::OrderCancelled(OrderCancelled { order, maker, pool, expired, shares, refund }))
    };
    let block = chain.push(vec![chain::order(3, 1, COIN), cancelled(1, false, 50 * COIN), cancelled(3, true, COIN)]);
    fixture.apply(block).await;
    assert!(open().await.is_empty());
    let states: Vec<String> =
        sqlx::query_scalar("SELECT state FROM orders ORDER BY id").fetch_all(&fixture.pool).await.unwrap();
    assert_eq!(states, ["cancelled", "filled", "expired"]);
    for (events, what) in [
        (vec![cancelled(1, false, 1)], "an order"),
        (vec![chain::traded([9, 0], COIN, [0, 0])], "an order"),
        (vec![chain::order(4, 1, COIN), chain::traded([4, 0], COIN, [2 * COIN, 0])], "an order"),
        (vec![chain::order(5, 3, COIN)], "an order's side"),
        (vec![chain::royalty(B256::repeat_byte(0xaa), 1, 0, 0)], "a licence"),
        (vec![chain::delivered(B256::repeat_byte(0xaa), 1)], "a licence"),
        (chain::quarter_reported(B256::repeat_byte(0xaa)).into(), "a licence"),
        (chain::accepted(B256::repeat_byte(0xaa)).into(), "a licence"),
    ] {
        fixture.refuses_for(&chain.next(events), what).await;
    }
    fixture.finish().await;
}

/// Proves MIR-4: events of licences and of the market count from their own contract alone.
#[tokio::test]
async fn only_its_own_contract_tells_of_a_licence_or_trade() {
    let fixture = Fixture::new().await;
    let mut chain = Chain::default();
    let (_, offer) = chain::offered(licence_id(), deployment().pool);
    let (_, order) = chain::order(1, 1, COIN);
    let stranger = Address::repeat_byte(0x66);
    let unknown = Event::Unknown { topics: vec![B256::repeat_byte(2)], data: vec![0xff; 31].into() };
    chain.push(vec![Model::create()]);
    chain.push(vec![
        (stranger, offer.clone()),
        (stranger, order.clone()),
        (deployment().market, offer),
        (deployment().licence, order),
        (deployment().licence, unknown),
    ]);
    fixture.apply(&chain.blocks[0]).await;
    assert_eq!(fixture.apply(&chain.blocks[1]).await, Applied::Now { blocks: 1, events: 3, unread: 3 });
    let rows: i64 = sqlx::query_scalar("SELECT (SELECT count(*) FROM licences) + (SELECT count(*) FROM orders)")
        .fetch_one(&fixture.pool)
        .await
        .unwrap();
    assert_eq!(rows, 0);
    fixture.finish().await;
}
