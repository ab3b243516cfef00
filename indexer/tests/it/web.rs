//! The API: what it gives, page by page, and what it says to nonsense.

mod blocks;
mod described;
mod readers;
mod times;

use std::{net::SocketAddr, num::NonZeroU32};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::ConnectInfo,
    http::{HeaderMap, Request, StatusCode, header},
};
use serde_json::Value;
use tower::ServiceExt;
use yieldset_indexer::{
    app::App,
    router::{openapi, router},
    status::{Doing, Readiness, Status},
    store,
    tokens::Tokens,
};
use yieldset_service::web::Limits;

use crate::{
    chain::{self, COIN, Chain, GENESIS_TIME, Model, a_quarter, account, deployment, stream},
    fixture::Fixture,
};

pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    /// Whether it is a problem as RFC 9457 says, about its own status.
    pub fn is_problem(&self) -> bool {
        let kind = self.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        kind == Some("application/problem+json") && self.json()["status"] == self.status.as_u16()
    }
}

pub async fn ask(router: &Router, path: &str, headers: &[(header::HeaderName, &str)]) -> Answer {
    let mut request = Request::get(path);
    for (name, value) in headers {
        request = request.header(name, *value);
    }
    send(router, request.body(Body::empty()).unwrap()).await
}

async fn send(router: &Router, request: Request<Body>) -> Answer {
    let response = router.clone().oneshot(request).await.unwrap();
    let (status, headers) = (response.status(), response.headers().clone());
    let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    Answer { status, headers, body: String::from_utf8(bytes.to_vec()).unwrap() }
}

/// Opens KYC records, and what does not.
pub const COMPLIANCE: (header::HeaderName, &str) = (header::AUTHORIZATION, "Bearer compliance-token-of-a-test");
const AUDIT: (header::HeaderName, &str) = (header::AUTHORIZATION, "Bearer audits-own-token-of-a-test");

/// With limits that no test reaches: they ask faster than anybody should.
pub fn app(fixture: &Fixture) -> Router {
    let limits = Limits { requests_per_second: NonZeroU32::MAX, request_burst: NonZeroU32::MAX, ..Limits::default() };
    let tokens = "compliance:compliance-token-of-a-test\naudit:audits-own-token-of-a-test\n";
    let app = App::new(fixture.pool.clone(), Status::new(Doing::Live)).with_limits(limits);
    router(app.with_tokens(Tokens::parse(tokens).unwrap()))
}

/// Every route that is asked by GET, with parameters that give an answer.
fn answered() -> Vec<String> {
    let (pool, account) = (deployment().pool, account(1));
    let question = format!("/v1/eligibility?pool={pool}&from={account}&to={account}&amount=1");
    paths(good).into_iter().map(|path| if path == "/v1/eligibility" { question.clone() } else { path }).collect()
}

/// Every route of the description that is asked by GET, with its parameters replaced.
fn paths(replace: impl Fn(&str) -> String) -> Vec<String> {
    let description: Value = serde_json::from_str(&openapi()).unwrap();
    let fill = |path: &String| {
        path.split('/')
            .map(|part| {
                part.strip_prefix('{').and_then(|part| part.strip_suffix('}')).map_or(part.to_owned(), &replace)
            })
            .collect::<Vec<_>>()
            .join("/")
    };
    let paths = description["paths"].as_object().unwrap().iter();
    paths.filter(|(_, methods)| methods.get("get").is_some()).map(|(path, _)| fill(path)).collect()
}

fn good(parameter: &str) -> String {
    match parameter {
        "pool" => deployment().pool.to_string(),
        "account" => account(1).to_string(),
        "stream" => stream().to_string(),
        "period" => "8107".to_owned(),
        "licence" => chain::licence_id().to_string(),
        "proposal" => format!("0x{}", "01".repeat(32)),
        "dataset" => format!("0x{}", "11".repeat(32)),
        other => panic!("a new parameter: {other}"),
    }
}

/// Proves REP-3 and the mirror's part of PAY-4 and PAY-6: holders with shares, dividends and KYC, deposits with their
/// split, weights and reports are there for programs, amounts as strings of digits.
#[tokio::test]
async fn every_route_answers_with_what_is_on_chain() {
    let fixture = Fixture::new().await;
    fixture.apply_all(&a_quarter().blocks).await;
    let app = app(&fixture);
    for path in answered() {
        let answer = ask(&app, &path, &[COMPLIANCE]).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.body);
        answer.json();
    }
    let base = format!("/v1/pools/{}", deployment().pool);
    let pool = ask(&app, &base, &[]).await.json();
    assert_eq!(pool["deposited"], (85 * COIN).to_string());
    assert_eq!(pool["to_contributors"], (34 * COIN).to_string());
    assert_eq!((&pool["symbol"], &pool["holders"]), (&"VOICE".into(), &4.into()));
    let coins = serde_json::json!({"address": format!("0x{}", "00".repeat(20)), "symbol": "coins", "decimals": 18});
    assert_eq!(pool["currency"], coins);
    let holders = ask(&app, &format!("{base}/holders"), &[]).await.json();
    let standing: Vec<_> = holders["items"].as_array().unwrap().iter().map(|h| h["kyc"]["standing"].as_str()).collect();
    // 290 shares for the third contributor, 210 for the investor, 100 for the others; the second was frozen.
    assert_eq!(standing, [Some("eligible"), Some("eligible"), Some("eligible"), Some("restricted")]);
    let second = ask(&app, &format!("{base}/holders/{}", account(2)), &[]).await.json();
    let claimable: u128 = second["claimable"].as_str().unwrap().parse().unwrap();
    // The index is rounded down to 2^-64 per share; of 100 shares of 10^18 that is at most six wei for each of the
    // three deposits, which stay in the pool.
    let missing = 51 * COIN / 7 - claimable;
    assert!(missing <= 18, "a seventh of 51 coins, and a freeze takes nothing: {missing} missing");
    let report = ask(&app, &format!("{base}/reports/{}/8107", stream()), &[]).await.json();
    assert_eq!((&report["threshold"], &report["models"][0]), (&700_000.into(), &"lumen/lumen-1".into()));
    let history = ask(&app, &format!("/v1/kyc/{}", account(2)), &[COMPLIANCE]).await.json();
    assert_eq!(history["history"].as_array().unwrap().len(), 2);
    fixture.finish().await;
}

/// Reading page by page, with any size of page, gives every row once and in order.
#[tokio::test]
async fn pages_neither_repeat_nor_hide() {
    let fixture = Fixture::new().await;
    fixture.apply_all(&a_quarter().blocks).await;
    let app = app(&fixture);
    let base = format!("/v1/pools/{}", deployment().pool);
    let lists = [
        "holders",
        "transfers",
        "claims",
        "contributions",
        "periods",
        "reports",
        "deposits",
        "licences",
        "trades",
        "orders",
        "skipped-claims",
        "proposals",
    ];
    let mut lists: Vec<_> = lists.iter().map(|list| format!("{base}/{list}")).collect();
    for list in ["payments", "anchors", "events"] {
        lists.push(format!("/v1/licences/{}/{list}", chain::licence_id()));
    }
    lists.push(format!("/v1/proposals/0x{}/votes", "01".repeat(32)));
    lists.extend(
        ["/v1/proposals", "/v1/events", "/v1/kyc", "/v1/datasets", "/v1/committees", "/v1/pools"].map(str::to_owned),
    );
    for list in lists {
        let whole = ask(&app, &format!("{list}?limit=200"), &[COMPLIANCE]).await.json();
        for limit in [1, 2, 3, 7] {
            let (mut read, mut after) = (Vec::new(), String::new());
            loop {
                let page = ask(&app, &format!("{list}?limit={limit}{after}"), &[COMPLIANCE]).await.json();
                read.extend(page["items"].as_array().unwrap().clone());
                match page["next"].as_str() {
                    Some(next) => after = format!("&after={next}"),
                    None => break,
                }
                assert!(read.len() < 500, "{list} does not end");
            }
            assert_eq!(&read, whole["items"].as_array().unwrap(), "{list} by {limit}");
        }
        assert!(!whole["items"].as_array().unwrap().is_empty(), "{list}");
    }
    fixture.finish().await;
}

/// Bad input to each route is answered with 400 or 404, a code and an advice; never with 5xx.
#[tokio::test]
async fn nonsense_gets_advice() {
    let fixture = Fixture::new().await;
    fixture.apply_all(&a_quarter().blocks).await;
    let app = app(&fixture);
    let long = "f".repeat(1_300);
    let nonsense =
        ["x", "0x", "0xzz", "%00", "%ff", "..%2f..%2fetc", "'%20OR%201=1--", "%3Cscript%3E", "-1", &long, "0"];
    let strangers = [format!("0x{}", "ab".repeat(20)), format!("0x{}", "ab".repeat(32)), "4294967296".to_owned()];
    for bad in nonsense.iter().map(|bad| (*bad).to_owned()).chain(strangers) {
        // Of any account something can be said: that it holds nothing.
        let stranger = |path: &String| bad.len() == 42 && (path.contains("/accounts/") || path.contains("/kyc/"));
        for path in paths(|_| bad.clone()).into_iter().filter(|path| path.contains(&bad) && !stranger(path)) {
            expect_advice(&app, &path).await;
        }
    }
    let lists: Vec<_> = answered().into_iter().filter(|path| !path.contains("status") && !path.contains('?')).collect();
    for query in
        ["limit=0", "limit=201", "limit=x", "limit=", "after=x", "after=1", "after=-", "after=9-9-9-9", "after=%00"]
    {
        for path in &lists {
            let answer = ask(&app, &format!("{path}?{query}"), &[COMPLIANCE]).await;
            let is_list = answer.json().get("items").is_none() && answer.status == StatusCode::BAD_REQUEST;
            // Routes that give one thing take no such parameters and do not look at them.
            assert!(is_list || answer.status == StatusCode::OK, "{path}?{query}: {} {}", answer.status, answer.body);
            assert!(answer.json().get("items").is_none(), "{path}?{query}");
        }
    }
    for path in ["/nothing", "/v1", "/v1/", "/pools", "/v1/pools/", "/assets/../main.rs"] {
        expect_status(&app, path, StatusCode::NOT_FOUND).await;
    }
    let too_long = format!("/v1/pools?after={}", "a".repeat(5_000));
    expect_status(&app, &too_long, StatusCode::URI_TOO_LONG).await;
    let answer = send(&app, Request::post("/v1/pools").body(Body::from("{}")).unwrap()).await;
    assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(answer.json()["code"], "method-not-allowed");
    assert!(answer.is_problem() && answer.headers[header::ALLOW] == "GET,HEAD");
    let long = Request::post("/v1/pools").header(header::CONTENT_LENGTH, 20_000).body(Body::from(vec![b' '; 20_000]));
    let answer = send(&app, long.unwrap()).await;
    assert_eq!((answer.status, answer.is_problem()), (StatusCode::PAYLOAD_TOO_LARGE, true), "{}", answer.body);
    // Without a node nothing can be looked at, and that is said.
    let act = Request::post("/v1/acts/pool/pause").header(header::CONTENT_TYPE, "application/json");
    let answer = send(&app, act.body(Body::from(r#"{"sender": "0x"}"#)).unwrap()).await;
    assert_eq!((answer.status, answer.json()["code"].as_str()), (StatusCode::NOT_FOUND, Some("no-node")));
    fixture.finish().await;
}

async fn expect_advice(app: &Router, path: &str) {
    let answer = ask(app, path, &[COMPLIANCE]).await;
    assert!(matches!(answer.status.as_u16(), 400 | 404), "{path}: {} {}", answer.status, answer.body);
    let problem = answer.json();
    let text = |field: &str| problem[field].as_str().unwrap_or_default().to_owned();
    assert!(answer.is_problem() && text("title") == answer.status.canonical_reason().unwrap(), "{path}: {problem}");
    assert!(!text("code").is_empty() && !text("detail").is_empty() && !text("advice").is_empty(), "{path}: {problem}");
    assert!(text("detail").len() < 400, "{path} is given back whole");
}

async fn expect_status(app: &Router, path: &str, status: StatusCode) {
    let answer = ask(app, path, &[(header::ACCEPT, "application/json")]).await;
    assert_eq!(answer.status, status, "{path}: {}", answer.body);
    assert!(answer.is_problem() && answer.json()["advice"].is_string(), "{path}: {}", answer.body);
}

/// An answer is tagged by its block and its bytes: asked again it is not sent again, until a block arrives. The tag of
/// one thing is no other thing's, nor of the same in another form, nor of what is not there.
#[tokio::test]
async fn answers_are_tagged_by_what_they_say() {
    let fixture = Fixture::new().await;
    let mut quarter = a_quarter();
    fixture.apply_all(&quarter.blocks).await;
    let app = app(&fixture);
    for path in ["/v1/pools".to_owned(), format!("/pools/{}", deployment().pool)] {
        let first = ask(&app, &path, &[]).await;
        let tag = first.headers[header::ETAG].to_str().unwrap().to_owned();
        let again = ask(&app, &path, &[(header::IF_NONE_MATCH, &tag)]).await;
        assert_eq!((again.status, again.body.as_str()), (StatusCode::NOT_MODIFIED, ""));
        let list = format!("\"other\", {tag}");
        assert_eq!(ask(&app, &path, &[(header::IF_NONE_MATCH, &list)]).await.status, StatusCode::NOT_MODIFIED);
        let block = quarter.push(vec![]).clone();
        fixture.apply(&block).await;
        let fresh = ask(&app, &path, &[(header::IF_NONE_MATCH, &tag)]).await;
        assert_eq!(fresh.status, StatusCode::OK);
        assert_ne!(fresh.headers[header::ETAG].to_str().unwrap(), tag);
        let other = if path.starts_with("/v1") { "/v1/events".to_owned() } else { format!("{path}.json") };
        let tag = fresh.headers[header::ETAG].to_str().unwrap();
        let others = ask(&app, &other, &[(header::IF_NONE_MATCH, tag)]).await;
        assert_eq!(others.status, StatusCode::OK, "{other}");
        assert!(fresh.headers[header::VARY].to_str().unwrap().contains("accept"), "{path}");
        let stranger = format!("/v1/pools/{}", account(0x77));
        for known in ["*", tag] {
            let unknown = ask(&app, &stranger, &[(header::IF_NONE_MATCH, known)]).await;
            assert_eq!((unknown.status, unknown.headers.get(header::ETAG)), (StatusCode::NOT_FOUND, None), "{known}");
        }
        let any = ask(&app, &path, &[(header::IF_NONE_MATCH, "*")]).await;
        assert_eq!((any.status, any.headers.get("x-yieldset-block").is_some()), (StatusCode::NOT_MODIFIED, true));
        let policy = fresh.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(policy.contains("default-src 'none'") && fresh.headers[header::X_CONTENT_TYPE_OPTIONS] == "nosniff");
    }
    fixture.finish().await;
}

/// Before the first block and without a database it says so: alive, not ready, and questions get 503 with advice.
#[tokio::test]
async fn it_says_when_it_cannot_answer() {
    let fixture = Fixture::new().await;
    let empty = app(&fixture);
    assert_eq!(ask(&empty, "/v1/pools", &[]).await.json()["indexed_block"], Value::Null);
    assert_eq!(ask(&empty, "/readyz", &[]).await.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(ask(&empty, "/", &[]).await.status, StatusCode::OK);
    fixture.apply_all(&a_quarter().blocks).await;
    assert_eq!(ask(&empty, "/readyz", &[]).await.status, StatusCode::OK);
    let metrics = ask(&empty, "/metrics", &[]).await.body;
    assert!(metrics.contains("yieldset_phase{phase=\"live\"} 1\n"), "{metrics}");
    let away = metrics.lines().find(|line| {
        let parts = ["yieldset_http_requests_total{", "endpoint=\"/readyz\"", "status=\"503\""];
        parts.iter().all(|part| line.contains(part))
    });
    assert!(away.is_some_and(|line| line.ends_with("} 1")), "{metrics}");

    // Who asks for a comparison waits for the first one.
    let readiness = Readiness { verified: true, ..Readiness::default() };
    let careful = router(App::new(fixture.pool.clone(), Status::new(Doing::Live)).with_readiness(readiness));
    let reason = async || ask(&careful, "/v1/status", &[]).await.json()["not_ready"].clone();
    assert!(reason().await[0].as_str().unwrap().contains("not compared with the chain yet"));
    let compared = async |differences: i64| {
        sqlx::query(
            "INSERT INTO verification (block, hash, at_ms, figures, differences, journal_to)
             VALUES (1, '\\x00', 0, 7, $1, 1) ON CONFLICT (one) DO UPDATE SET differences = $1",
        )
        .bind(differences)
        .execute(&fixture.pool)
        .await
        .unwrap();
    };
    compared(0).await;
    assert_eq!(reason().await, serde_json::json!([]));
    compared(2).await;
    assert_eq!(reason().await[0], "2 figures differed from the chain at block 1");

    let nowhere = store::connect("postgresql://a@127.0.0.1:1/b").unwrap();
    let status = Status::new(Doing::DatabaseAway);
    Status::set(&status.indexed_block, 14);
    let cut_off = router(App::new(nowhere, status));
    assert_eq!(ask(&cut_off, "/healthz", &[]).await.status, StatusCode::OK);
    let view = ask(&cut_off, "/v1/status", &[]).await.json();
    assert_eq!((&view["state"], &view["indexed_block"]), (&"database_away".into(), &14.into()));
    assert_eq!(view["database"], false);
    let refused = ask(&cut_off, "/v1/pools", &[]).await;
    assert_eq!(
        (refused.status, refused.json()["code"].as_str()),
        (StatusCode::SERVICE_UNAVAILABLE, Some("database-away"))
    );
    fixture.finish().await;
}

/// Who only serves tells what the follower told the database: what it does, how far the chain is, and how the chain's
/// own money is called.
#[tokio::test]
async fn who_serves_tells_what_the_follower_does() {
    let fixture = Fixture::new().await;
    fixture.apply_all(&a_quarter().blocks).await;
    let serving = router(App::new(fixture.pool.clone(), Status::new(Doing::ReadOnly)));
    let symbol = async || ask(&serving, "/v1/pools", &[]).await.json()["items"][0]["currency"]["symbol"].clone();
    assert_eq!(symbol().await, "coins");
    let following = Status::new(Doing::CatchingUp);
    Status::set(&following.best_block, 70);
    Status::set(&following.finalised_block, 60);
    store::tell(&fixture.pool, &following).await.unwrap();
    store::name_coin(&fixture.pool, Some("DEV")).await.unwrap();
    assert_eq!(symbol().await, "DEV");
    let metrics = ask(&serving, "/metrics", &[]).await.body;
    let indexed = format!("yieldset_indexed_block {}", a_quarter().blocks.last().unwrap().at.number);
    for line in [
        "yieldset_phase{phase=\"catching_up\"} 1",
        "yieldset_phase{phase=\"read_only\"} 0",
        "yieldset_best_block 70",
        "yieldset_finalised_block 60",
        "yieldset_ready 0",
        &indexed,
    ] {
        assert!(metrics.lines().any(|told| told == line), "{line}: {metrics}");
    }
    fixture.finish().await;
}

/// Who asks too much waits, whatever is asked; who watches the service does not, and neither does anybody else.
#[tokio::test]
async fn a_client_has_its_allowance() {
    let fixture = Fixture::new().await;
    let (rate, burst) = (NonZeroU32::MIN, NonZeroU32::new(3).unwrap());
    let limits = Limits { requests_per_second: rate, request_burst: burst, ..Limits::default() };
    let app = router(App::new(fixture.pool.clone(), Status::new(Doing::Live)).with_limits(limits));
    for _ in 0..burst.get() {
        assert_eq!(ask(&app, "/nowhere", &[]).await.status, StatusCode::NOT_FOUND);
    }
    for path in ["/v1/pools", "/nowhere", "/", "/v1/status", "/openapi.json", "/assets/style.css"] {
        let refused = ask(&app, path, &[]).await;
        assert_eq!((refused.status, refused.is_problem()), (StatusCode::TOO_MANY_REQUESTS, true), "{path}");
        assert!(refused.headers[header::RETRY_AFTER].to_str().unwrap().parse::<u64>().unwrap() >= 1);
    }
    for path in ["/healthz", "/metrics"] {
        assert_eq!(ask(&app, path, &[]).await.status, StatusCode::OK, "{path}");
    }
    let other = Request::get("/v1/pools").extension(ConnectInfo(SocketAddr::from(([192, 0, 2, 1], 40_000))));
    assert_eq!(send(&app, other.body(Body::empty()).unwrap()).await.status, StatusCode::OK);
    fixture.finish().await;
}

/// Latencies are told by route: what somebody asks for does not become a label, or there would be as many as they like.
#[tokio::test]
async fn measurements_name_routes() {
    let fixture = Fixture::new().await;
    let app = app(&fixture);
    let stranger = account(0x77).to_string();
    for path in [format!("/v1/pools/{stranger}"), format!("/pools/{stranger}"), format!("/nowhere/{stranger}")] {
        assert_eq!(ask(&app, &path, &[]).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    let metrics = ask(&app, "/metrics", &[]).await.body;
    for route in ["/v1/pools/{pool}", "/pools/{pool}", "none"] {
        let measured = |line: &str| line.starts_with("yieldset_http_requests_duration_seconds_count{");
        let label = format!("endpoint=\"{route}\"");
        assert!(metrics.lines().any(|line| measured(line) && line.contains(&label)), "{route}: {metrics}");
    }
    assert!(!metrics.contains(&stranger));
    fixture.finish().await;
}

/// The description is OpenAPI 3.1, names every answer's schema, and every reference in it leads somewhere.
#[test]
fn the_description_is_whole() {
    let text = openapi();
    let description: Value = serde_json::from_str(&text).unwrap();
    assert!(description["openapi"].as_str().unwrap().starts_with("3.1"));
    for reference in text.split("\"#").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert!(description.pointer(reference).is_some(), "{reference} leads nowhere");
    }
    assert!(description["paths"].as_object().unwrap().len() >= 18);
    let refusals = &description["paths"]["/v1/pools/{pool}"]["get"]["responses"];
    for status in ["400", "401", "403", "404", "429", "503"] {
        let schema = &refusals[status]["content"]["application/problem+json"]["schema"]["$ref"];
        assert_eq!(schema, "#/components/schemas/Problem", "{status}: {refusals}");
    }
}

/// Proves REP-3 for the mirror: a record stops counting with its issuer, and a sanction weighs more; a revocation
/// leaves the flags; agents come and go with their role, and with nobody else's.
#[tokio::test]
async fn standings_follow_issuers_and_sanctions() {
    let fixture = Fixture::new().await;
    let mut chain = Chain::default();
    let later = GENESIS_TIME + 365 * 86_400;
    let [first, second] = [0x15, 0x16].map(account);
    let stranger = (deployment().attribution, chain::agent(account(0xed), true).1);
    chain.push(vec![Model::create(), chain::agent(account(0xee), true), chain::agent(account(0xef), true), stranger]);
    chain.push(vec![chain::issuer(first, true), chain::issuer(second, true)]);
    chain.push(vec![
        chain::attested(account(1), first, later, false),
        chain::attested(account(2), second, later, false),
        chain::attested(account(3), second, later, true),
        // An agent's record does not hang on an issuer, not even where the address is the same.
        chain::kyc(account(4), 1, later, false),
    ]);
    fixture.apply_all(&chain.blocks).await;
    let app = app(&fixture);
    let standings = async || {
        let records = ask(&app, "/v1/kyc", &[COMPLIANCE]).await.json();
        let items = records["items"].as_array().unwrap().clone();
        items.iter().map(|item| item["record"]["standing"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(standings().await, ["eligible", "eligible", "sanctioned", "eligible"]);
    let removed = chain.next(vec![chain::issuer(second, false), chain::agent(account(0xef), false)]);
    fixture.apply(&removed).await;
    assert_eq!(standings().await, ["eligible", "issuer_removed", "sanctioned", "eligible"]);
    let agents: Vec<(Vec<u8>, bool)> =
        sqlx::query_as("SELECT agent, active FROM kyc_agents ORDER BY agent").fetch_all(&fixture.pool).await.unwrap();
    assert_eq!(agents, [(account(0xee).to_vec(), true), (account(0xef).to_vec(), false)]);
    fixture.finish().await;
}
