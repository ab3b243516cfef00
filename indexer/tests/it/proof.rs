//! What licences' usage and reports are proven by, in the rows: terms, keys by epoch, checkpoints, committees, kept
//! roots; and what else the contracts tell beside the books.

use alloy_primitives::{U256, keccak256};
use rand::{Rng, SeedableRng, rngs::StdRng};
use serde_json::{Value, json};
use yieldset_chain::{
    Address, B256, Event,
    abi::{
        Attribution::{AttributionEvents, AuditPosted, CommitteeProposed, CommitteeSet, KeyRevoked},
        Licence::{AuditRequested, LicenceEvents},
        Manifests::{
            DatasetAssigned, DatasetCardSet, ManifestsEvents, ModelIngested, VersionRedacted, VersionWithdrawn,
        },
        Market::{Credited, Inherited, MarketEvents, PoolDelisted, PoolListed, Withdrawn},
        Pool::{
            CapRaised, MinimumDeclared, Opened, Paused, PolicySet, PoolEvents, SaleSet, SharesSold, SuccessorAdopted,
            Unpaused,
        },
    },
};
use yieldset_rules::succession::Part;

use crate::{
    chain::{self, COIN, Chain, GENESIS_TIME, Model, PERIOD, a_quarter, account, deployment, licence_id, stream},
    fixture::Fixture,
    web::{app, ask},
};

async fn json(fixture: &Fixture, path: &str) -> Value {
    ask(&app(fixture), path, &[]).await.json()
}

fn base() -> String {
    format!("/v1/pools/{}", deployment().pool)
}

fn key(byte: u8) -> String {
    B256::repeat_byte(byte).to_string()
}

/// Proves SAFE-15 for the mirror: every epoch's keys, the checkpoints that stand, and what the accepted terms ask of
/// reports are there, for programs and for people.
#[tokio::test]
async fn a_licence_says_who_proves_its_usage() {
    let fixture = Fixture::new().await;
    fixture.apply_all(&a_quarter().blocks).await;
    let shown = json(&fixture, &format!("/v1/licences/{}", licence_id())).await;
    let logs = shown["usage_logs"].as_array().unwrap();
    let epochs: Vec<_> = logs.iter().map(|log| (log["epoch"].as_i64().unwrap(), log["key"].clone())).collect();
    assert_eq!(epochs, [(2, json!(key(0x62))), (1, json!(key(0x61)))]);
    assert_eq!(logs[0]["witnesses"], json!([key(0x71), key(0x72)]));
    assert_eq!((&logs[1]["origin"], &logs[1]["since"]), (&json!("lumen.example/usage"), &json!(GENESIS_TIME + 5)));
    let terms = &shown["terms"];
    for (field, figure) in [
        ("false_discovery_bps", 150),
        ("late_record_days", 30),
        ("call_tokens", 32_000),
        ("common_from", 3),
        ("threshold", 700_000),
        ("residual_bps", 1_000),
        ("term_months", 12),
    ] {
        assert_eq!(terms[field], figure, "{field}");
    }
    assert_eq!((&terms["floor"], &terms["metric"]), (&json!((2 * COIN).to_string()), &json!(key(0x3e))));
    let anchors = json(&fixture, &format!("/v1/licences/{}/anchors", licence_id())).await;
    let anchors: Vec<_> = anchors["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|a| (&a["size"], &a["root"], &a["epoch"]))
        .map(|(size, root, epoch)| (size.clone(), root.clone(), epoch.clone()))
        .collect();
    assert_eq!(anchors, [(json!("48"), json!(key(5)), json!(2)), (json!("24"), json!(key(4)), json!(1))]);
    let journaled: Value = sqlx::query_scalar("SELECT answers FROM journal WHERE kind = 'LicenceAccepted'")
        .fetch_one(&fixture.pool)
        .await
        .unwrap();
    assert_eq!(journaled["terms"].as_array().unwrap().len(), 39, "what was read is in the journal, as it was read");
    fixture.finish().await;
}

/// What cannot have happened by the contract's rules is not read: an epoch out of order, a key or a checkpoint of
/// no licence, another root of a log and size, under whichever epoch it is named.
#[tokio::test]
async fn a_usage_log_keeps_its_order() {
    let fixture = Fixture::new().await;
    let mut chain = a_quarter();
    fixture.apply_all(&chain.blocks).await;
    let elsewhere = |event: (Address, Event)| match event {
        (address, Event::Licence(LicenceEvents::UsageLogSet(mut set))) => {
            set.licence = B256::repeat_byte(0xaa);
            (address, Event::Licence(LicenceEvents::UsageLogSet(set)))
        }
        other => other,
    };
    for (event, what) in [
        (chain::usage_log(4, 0x63, "lumen.example/usage"), "a usage log's epoch"),
        (chain::usage_log(2, 0x63, "lumen.example/usage"), "a usage log's epoch"),
        (elsewhere(chain::usage_log(1, 0x63, "lumen.example/usage")), "a licence"),
        (chain::anchored(3, 60, 6), "an anchored checkpoint"),
        (chain::anchored(2, 48, 6), "an anchored checkpoint"),
        (chain::anchored(2, 24, 6), "an anchored checkpoint"),
    ] {
        fixture.refuses_for(&chain.next(vec![event]), what).await;
    }
    // Another log of the same size is another log.
    let block = chain.push(vec![chain::usage_log(3, 0x63, "other.example/usage"), chain::anchored(3, 24, 6)]);
    fixture.apply(block).await;
    fixture.finish().await;
}

/// Proves MIR-4: a licence contract of strangers names its usage log as no contract of ours would. A name that is too
/// long for an index, empty or not printable is journaled with the reason, and nothing stops.
#[tokio::test]
async fn a_usage_log_has_a_name_that_the_rules_allow() {
    let fixture = Fixture::new().await;
    let mut chain = Chain::default();
    chain.push(vec![Model::create(), chain::offered(licence_id(), deployment().pool)]);
    let mut random = StdRng::seed_from_u64(5);
    let long: String = (0..20_000).map(|_| char::from(random.gen_range(b'a'..=b'z'))).collect();
    let names = [long.as_str(), "", "two words", "plus+sign", "n\0ll", "\u{202e}", &"x".repeat(256)];
    for name in names {
        chain.push(vec![chain::usage_log(1, 0x61, name)]);
    }
    chain.push(vec![chain::usage_log(1, 0x61, "lumen.example/usage"), chain::anchored(1, 24, 4)]);
    fixture.apply_all(&chain.blocks).await;
    let unread: i64 =
        sqlx::query_scalar("SELECT count(*) FROM journal WHERE kind = 'UsageLogSet' AND unread LIKE '%name%'")
            .fetch_one(&fixture.pool)
            .await
            .unwrap();
    assert_eq!(unread, names.len() as i64);
    let logs: Vec<String> = sqlx::query_scalar("SELECT origin FROM usage_logs").fetch_all(&fixture.pool).await.unwrap();
    assert_eq!(logs, ["lumen.example/usage"]);
    fixture.finish().await;
}

/// Proves MIR-4: a contract that does not tell its terms, or not as ours does, is mirrored for the rest.
#[tokio::test]
async fn terms_that_cannot_be_read_stop_nothing() {
    let fixture = Fixture::new().await;
    let mut chain = Chain::default();
    let ids = [0x31, 0x32].map(B256::repeat_byte);
    chain.push(vec![Model::create()]);
    chain.push(ids.map(|id| chain::offered(id, deployment().pool)).into());
    let mut block = chain.next(ids.into_iter().flat_map(chain::accepted).collect());
    let mut told = block.answers.values_mut();
    told.next().unwrap().terms = None;
    told.next().unwrap().terms.as_mut().unwrap().truncate(35);
    chain.append(block);
    fixture.apply_all(&chain.blocks).await;
    for id in ids {
        let shown = json(&fixture, &format!("/v1/licences/{id}")).await;
        assert_eq!((&shown["stage"], &shown["terms"]), (&json!("active"), &Value::Null));
    }
    fixture.finish().await;
}

/// A root that is kept stands: what a period has is the contributors' to claim by it, whatever becomes of the registry
/// that it came from. It is kept on word, by the first claim, and by a payment that was tried; not by others.
#[tokio::test]
async fn a_kept_root_outlives_its_registry() {
    let fixture = Fixture::new().await;
    let (mut chain, mut model) = (Chain::default(), Model::default());
    let streams = [1, 2, 3, 4].map(B256::repeat_byte);
    let posted = |stream: B256| {
        let (mut report, mut posted) = chain::report(PERIOD, B256::ZERO, "lumen/lumen-1");
        report.stream = stream.0;
        let bytes = report.to_bytes();
        (posted.stream, posted.reportHash) = (stream, keccak256(&bytes));
        posted.report = bytes.into();
        chain::posted(posted)
    };
    chain.push(vec![Model::create(), chain::committee(1), model.mint(account(1), 10 * COIN).unwrap()]);
    chain.push(streams.map(|stream| model.deposit(account(9), stream, PERIOD, 10 * COIN).unwrap()).into());
    chain.push(streams.map(posted).into());
    chain.push(vec![
        chain::root_kept(streams[0], PERIOD),
        model.contribution(account(1), streams[1], PERIOD, chain::WEIGHTS[0]).unwrap(),
        chain::skipped(account(2), streams[2], 255),
        chain::skipped(account(2), streams[3], 11),
    ]);
    let successor = Address::repeat_byte(0xb4);
    let adopted = SuccessorAdopted { part: Part::Attribution as u8, successor, previous: deployment().attribution };
    chain.push(vec![chain::pool(PoolEvents::SuccessorAdopted(adopted))]);
    fixture.apply_all(&chain.blocks).await;
    let periods = json(&fixture, &format!("{}/periods", base())).await;
    let found: Vec<_> =
        periods["items"].as_array().unwrap().iter().map(|p| (p["kept_root"].clone(), p["waiting"].clone())).collect();
    let kept = || (json!(key(5)), json!("claim"));
    assert_eq!(found, [kept(), kept(), kept(), (Value::Null, json!("report"))]);
    let again = chain.next(vec![chain::root_kept(streams[0], PERIOD)]);
    assert_eq!(fixture.refuses(&again).await.len(), 1, "a root is told once");
    let skipped = json(&fixture, &format!("{}/skipped-claims", base())).await;
    let reasons: Vec<_> =
        skipped["items"].as_array().unwrap().iter().map(|s| (s["reason"].clone(), s["code"].clone())).collect();
    assert_eq!(reasons, [(json!("restricted"), json!(11)), (json!("payout_failed"), json!(255))]);
    fixture.finish().await;
}

/// A committee stays as it took office, and says which of its keys were revoked; the one that is named next is there
/// until it takes office, without keys that were revoked meanwhile; a report names its own committee and its audits.
#[tokio::test]
async fn committees_are_kept_by_epoch() {
    let fixture = Fixture::new().await;
    let mut chain = a_quarter();
    let registry = |event| (deployment().attribution, Event::Attribution(event));
    let keys = || [2, 7, 8].map(B256::repeat_byte).to_vec();
    let revoked = |byte: u8| {
        let revoked = KeyRevoked { key: B256::repeat_byte(byte), epoch: 1, left: 2, threshold: 2 };
        registry(AttributionEvents::KeyRevoked(revoked))
    };
    let proposed = CommitteeProposed { epoch: 2, threshold: 2, keys: keys(), effectiveAt: GENESIS_TIME + 99 };
    chain.push(vec![registry(AttributionEvents::CommitteeProposed(proposed)), revoked(7), revoked(3)]);
    let (report, _) = chain::report(PERIOD, B256::ZERO, "lumen/lumen-1");
    let report_hash = keccak256(report.to_bytes());
    let (pool, stream) = (deployment().pool, stream());
    let audit = |samples| AuditPosted {
        pool,
        stream,
        period: PERIOD,
        reportHash: report_hash,
        samples,
        ..AuditPosted::default()
    };
    chain.push([200, 300].map(|samples| registry(AttributionEvents::AuditPosted(audit(samples)))).into());
    fixture.apply_all(&chain.blocks).await;
    let next = json(&fixture, "/v1/committees/proposed").await;
    assert_eq!(
        (&next["keys"], &next["effective_at"]),
        (&json!([key(2), key(8)]), &json!(GENESIS_TIME + 99)),
        "a revoked key takes no office"
    );
    let signed = json(&fixture, &format!("{}/reports/{}/{PERIOD}", base(), stream)).await;
    let committee = &signed["committee"];
    assert_eq!((&committee["epoch"], &committee["since"]), (&json!(1), &json!(GENESIS_TIME + 5)));
    assert_eq!(committee["keys"], json!([key(1), key(2), key(3)]));
    assert_eq!(committee["revoked"], json!([key(3)]));
    let audits: Vec<_> =
        signed["audits"].as_array().unwrap().iter().map(|a| (a["number"].clone(), a["samples"].clone())).collect();
    assert_eq!(audits, [(json!(1), json!(300)), (json!(0), json!(200))]);
    let set = CommitteeSet { epoch: 2, threshold: 2, keys: vec![B256::repeat_byte(2), B256::repeat_byte(8)] };
    fixture.apply(&chain.push(vec![registry(AttributionEvents::CommitteeSet(set))]).clone()).await;
    assert_eq!(json(&fixture, "/v1/committees/proposed").await, Value::Null);
    let listed = json(&fixture, "/v1/committees").await;
    let epochs: Vec<_> = listed["items"].as_array().unwrap().iter().map(|c| c["keys"].clone()).collect();
    assert_eq!(epochs, [json!([key(2), key(8)]), json!([key(1), key(2), key(3)])]);
    let page = ask(&app(&fixture), &format!("/pools/{}", deployment().pool), &[]).await.body;
    assert!(page.contains("Committee of epoch 1") && page.contains(&format!("{} (revoked)", key(3))), "{page}");
    fixture.finish().await;
}

/// What the issuer and the officers set: cap, the currency's least balance, a pause, the sale with what it brought, and
/// the policy.
#[tokio::test]
async fn a_pool_says_how_it_is_set_up() {
    let fixture = Fixture::new().await;
    let mut chain = Chain::default();
    let told = |events: Vec<PoolEvents>| events.into_iter().map(chain::pool).collect::<Vec<_>>();
    let coins = |coins: u128| U256::from(coins * COIN);
    let sale = |cap| SaleSet { price: U256::from(7), cap, starts: 1, ends: u64::MAX, proceedsTo: account(8) };
    let sold = |value, left| SharesSold { buyer: account(1), value, cost: U256::from(21), left };
    let mut policy = PolicySet { minLevel: 2, allowList: true, maxHolders: 99, ..PolicySet::default() };
    policy.jurisdictions[1].0[2] = 0b0000_1000;
    policy.maxHolding = U256::from(u128::MAX);
    chain.push(vec![Model::create()]);
    chain.push(told(vec![
        PoolEvents::SaleSet(sale(coins(10))),
        PoolEvents::SharesSold(sold(coins(3), coins(7))),
        PoolEvents::SaleSet(sale(coins(5))),
        PoolEvents::SharesSold(sold(coins(1), coins(4))),
        PoolEvents::MinimumDeclared(MinimumDeclared { minimum: U256::from(10_000) }),
        PoolEvents::PolicySet(policy),
    ]));
    fixture.apply_all(&chain.blocks).await;
    let pool = json(&fixture, &base()).await;
    assert_eq!((&pool["cap"], &pool["governor"], &pool["paused"]), (&Value::Null, &Value::Null, &json!(false)));
    assert_eq!(pool["currency_minimum"], "10000");
    let shown = json(&fixture, &format!("{}/sale", base())).await;
    let text = |amount: u128| json!((amount * COIN).to_string());
    assert_eq!((&shown["shares_left"], &shown["sold"], &shown["raised"]), (&text(4), &text(4), &json!("42")));
    assert_eq!((&shown["ends"], &shown["price"]), (&json!(u64::MAX.to_string()), &json!("7")));
    let shown = json(&fixture, &format!("{}/policy", base())).await;
    // Bit 4 of byte 34.
    assert_eq!((&shown["jurisdictions"], &shown["allow_list"]), (&json!([276]), &json!(true)));
    assert_eq!((&shown["max_holding"], &shown["max_holders"]), (&json!(u128::MAX.to_string()), &json!(99)));
    let opened = Opened { cap: coins(50), governor: account(5), ..Opened::default() };
    let events = vec![
        PoolEvents::Opened(opened),
        PoolEvents::Paused(Paused { account: account(1) }),
        PoolEvents::CapRaised(CapRaised { cap: coins(60) }),
    ];
    fixture.apply(&chain.push(told(events)).clone()).await;
    let pool = json(&fixture, &base()).await;
    assert_eq!((&pool["cap"], &pool["paused"]), (&text(60), &json!(true)));
    assert_eq!(pool["governor"], account(5).to_string());
    // The sale ended with the opening; what it brought stays.
    let shown = json(&fixture, &format!("{}/sale", base())).await;
    assert_eq!((&shown["shares_left"], &shown["sold"], &shown["raised"]), (&json!("0"), &text(4), &json!("42")));
    let running = PoolEvents::Unpaused(Unpaused { account: account(1) });
    fixture.apply(&chain.push(told(vec![running])).clone()).await;
    assert_eq!(json(&fixture, &base()).await["paused"], false);
    let wrong = told(vec![PoolEvents::SharesSold(sold(coins(1), coins(4)))]);
    fixture.refuses_for(&chain.next(wrong), "the shares left and sold").await;
    fixture.finish().await;
}

/// What the market holds for an account is its own until it takes it, or its heir's; listings come and go.
#[tokio::test]
async fn the_market_says_what_it_holds_for_whom() {
    let fixture = Fixture::new().await;
    let mut chain = Chain::default();
    let pool = deployment().pool;
    let credited = |n, amount, credit| {
        let (amount, credit) = (U256::from(amount), U256::from(credit));
        chain::market(MarketEvents::Credited(Credited { account: account(n), pool, amount, credit }))
    };
    let listed = PoolListed { pool, currency: Address::ZERO, lot: U256::from(3), tick: U256::from(2) };
    chain.push(vec![Model::create(), chain::market(MarketEvents::PoolListed(listed))]);
    chain.push(vec![credited(1, 5, 5), credited(2, 9, 9), credited(1, 2, 7), credited(3, 4, 4)]);
    let taken = Withdrawn { account: account(2), pool, to: account(2), currency: Address::ZERO, amount: U256::from(9) };
    let inherited = Inherited { lost: account(1), heir: account(3), pool, amount: U256::from(7) };
    fixture.apply_all(&chain.blocks).await;
    let held = async || -> Vec<(String, String)> {
        let page = json(&fixture, &format!("{}/credits", base())).await;
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        page["items"].as_array().unwrap().iter().map(|row| (text(&row["account"]), text(&row["credit"]))).collect()
    };
    let row = |n, credit: &str| (account(n).to_string(), credit.to_owned());
    assert_eq!(held().await, [row(1, "7"), row(2, "9"), row(3, "4")]);
    let listing = json(&fixture, &format!("{}/listing", base())).await;
    assert_eq!((&listing["listed"], &listing["lot"], &listing["tick"]), (&json!(true), &json!("3"), &json!("2")));
    let events = [MarketEvents::Withdrawn(taken), MarketEvents::Inherited(inherited)].map(chain::market);
    let delisted = chain::market(MarketEvents::PoolDelisted(PoolDelisted { pool }));
    let block = chain.push(events.into_iter().chain([credited(3, 7, 11), delisted]).collect()).clone();
    fixture.apply(&block).await;
    assert_eq!(held().await, [row(3, "11")]);
    assert_eq!(json(&fixture, &format!("{}/listing", base())).await["listed"], false);
    fixture.finish().await;
}

/// A dataset says which pool it belongs to and which of its versions no new run may read; a run, what it read.
#[tokio::test]
async fn datasets_say_what_runs_may_read() {
    let fixture = Fixture::new().await;
    let mut chain = Chain::default();
    let manifests = |event| (deployment().manifests, Event::Manifests(event));
    let dataset = B256::repeat_byte(0x11);
    chain.push(vec![chain::dataset(0x11, 1, account(1)), chain::dataset(0x11, 2, account(1))]);
    let withdrawn = VersionWithdrawn { dataset, version: 1, reasonHash: dataset, withdrawnAt: 100 };
    let redacted =
        VersionRedacted { dataset, version: 1, replacedBy: 2, redactedAt: 200, ..VersionRedacted::default() };
    let assigned = DatasetAssigned { dataset, pool: deployment().pool, previousPool: Address::ZERO };
    let card = DatasetCardSet { dataset, cardHash: B256::repeat_byte(0xca), previousCardHash: B256::ZERO };
    let (platform, run) = (account(9), B256::repeat_byte(0x40));
    let (datasets, versions) = (vec![dataset], vec![2]);
    let ingested = ModelIngested { platform, run, datasets, versions, recordedAt: 300, ..ModelIngested::default() };
    let events = [
        ManifestsEvents::VersionWithdrawn(withdrawn),
        ManifestsEvents::VersionRedacted(redacted),
        ManifestsEvents::DatasetAssigned(assigned),
        ManifestsEvents::DatasetCardSet(card),
        ManifestsEvents::ModelIngested(ingested),
    ];
    chain.push(events.map(manifests).into());
    fixture.apply_all(&chain.blocks).await;
    let shown = json(&fixture, &format!("/v1/datasets/{dataset}")).await;
    assert_eq!((&shown["pool"], &shown["card"]), (&json!(deployment().pool.to_string()), &json!(key(0xca))));
    let version = |at: usize| ["state", "closed_at", "replaced_by"].map(|field| shown["versions"][at][field].clone());
    assert_eq!(version(0), [json!("registered"), Value::Null, json!(0)]);
    assert_eq!(version(1), [json!("redacted"), json!(200), json!(2)]);
    let runs = json(&fixture, "/v1/ingestions").await;
    let run = &runs["items"][0];
    assert_eq!((&run["datasets"], &run["versions"]), (&json!([dataset.to_string()]), &json!([2])));
    let unknown = ManifestsEvents::VersionWithdrawn(VersionWithdrawn { version: 3, ..VersionWithdrawn::default() });
    fixture.refuses_for(&chain.next(vec![manifests(unknown)]), "a dataset's version").await;
    fixture.finish().await;
}

/// Everything that was told of a licence is in its course, newest first, and nothing of another.
#[tokio::test]
async fn a_licences_course_is_whole() {
    let fixture = Fixture::new().await;
    let mut chain = a_quarter();
    let audit = AuditRequested { licence: licence_id(), number: 1, ..AuditRequested::default() };
    let foreign = chain::offered(B256::repeat_byte(0x66), deployment().pool);
    chain.push(vec![foreign, chain::licence(LicenceEvents::AuditRequested(audit))]);
    fixture.apply_all(&chain.blocks).await;
    let course = json(&fixture, &format!("/v1/licences/{}/events", licence_id())).await;
    let conduct = json(&fixture, &format!("/v1/licences/{}/conduct", licence_id())).await;
    let [audit] = conduct["audits"].as_array().unwrap().as_slice() else { panic!("{conduct}") };
    assert_eq!((&audit["audit"], &audit["answered_at"], &audit["fee"]), (&json!(1), &Value::Null, &json!("0")));
    assert_eq!(conduct["violations"], json!([]));
    let kinds: Vec<_> =
        course["items"].as_array().unwrap().iter().map(|event| event["kind"].as_str().unwrap()).collect();
    assert_eq!(
        kinds,
        [
            "AuditRequested",
            "Delivered",
            "RoyaltyPaid",
            "DueAssessed",
            "RevenueReported",
            "CheckpointAnchored",
            "UsageLogSet",
            "CheckpointAnchored",
            "UsageLogSet",
            "Delivered",
            "LicenceActivated",
            "LicenceAccepted",
            "LicenceOffered",
        ]
    );
    fixture.finish().await;
}
