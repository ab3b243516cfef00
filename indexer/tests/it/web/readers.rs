//! Who may read what, and how many at once.

use std::num::NonZeroU32;

use axum::http::{StatusCode, header};
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::oneshot,
};
use yieldset_indexer::{
    app::App,
    router::{router, serve},
    status::{Doing, Status},
    store,
};
use yieldset_service::web::{Connections, Limits};

use super::{AUDIT, COMPLIANCE, app, ask};
use crate::{
    chain::{a_quarter, account, deployment},
    fixture::Fixture,
};

/// KYC records are nobody's to read without a token, and a token's role decides; everybody is told whether an account
/// may, and not why one is restricted. Whom nobody knows is not verified.
#[tokio::test]
async fn records_want_a_token() {
    let fixture = Fixture::new().await;
    fixture.apply_all(&a_quarter().blocks).await;
    let app = app(&fixture);
    let wrong = (header::AUTHORIZATION, "Bearer nobody-ever-had-this-token");
    let basic = (header::AUTHORIZATION, "Basic Y29tcGxpYW5jZTp4");
    for path in ["/v1/kyc".to_owned(), format!("/v1/kyc/{}", account(2)), format!("/v1/kyc/{}", account(0x77))] {
        for (headers, status, code) in [
            (vec![], StatusCode::UNAUTHORIZED, "no-token"),
            (vec![wrong.clone()], StatusCode::UNAUTHORIZED, "no-token"),
            (vec![basic.clone()], StatusCode::UNAUTHORIZED, "no-token"),
            (vec![AUDIT], StatusCode::FORBIDDEN, "wrong-role"),
        ] {
            let refused = ask(&app, &path, &headers).await;
            assert_eq!((refused.status, refused.json()["code"].as_str()), (status, Some(code)), "{path}");
            assert_eq!(refused.headers.contains_key(header::WWW_AUTHENTICATE), status == StatusCode::UNAUTHORIZED);
            assert!(!refused.headers.contains_key(header::ETAG), "{path}");
        }
        assert_eq!(ask(&app, &path, &[COMPLIANCE]).await.status, StatusCode::OK, "{path}");
    }
    for (n, standing) in [(1, "eligible"), (2, "restricted"), (0x77, "not_verified")] {
        let answer = ask(&app, &format!("/v1/kyc/{}/standing", account(n)), &[]).await;
        assert_eq!((answer.status, answer.json()["standing"].as_str()), (StatusCode::OK, Some(standing)), "{n}");
    }
    // Neither lists of holders nor the journal tell more.
    let holders = format!("/v1/pools/{}/holders", deployment().pool);
    let open = ask(&app, &holders, &[]).await.body;
    for told in ["jurisdiction", "sanctioned", "frozen", "level"] {
        assert!(!open.contains(told), "{told}: {open}");
    }
    assert_eq!(ask(&app, &holders, &[COMPLIANCE]).await.json()["items"][3]["record"]["standing"], "frozen");
    let events = ask(&app, "/v1/events?limit=200", &[]).await.json();
    let of_kyc =
        |events: &Value| events["items"].as_array().unwrap().iter().filter(|event| event["contract"] == "kyc").count();
    assert_eq!(of_kyc(&events), 0, "{events}");
    let named = format!("/v1/events?account={}", account(2));
    assert_eq!(of_kyc(&ask(&app, &named, &[]).await.json()), 0);
    for path in ["/v1/events?limit=200", &named] {
        assert!(of_kyc(&ask(&app, path, &[COMPLIANCE]).await.json()) > 0, "{path}");
    }
    fixture.finish().await;
}

/// An account's own page over all pools, and the events that name it, by kind and by day.
#[tokio::test]
async fn an_account_is_told_whole() {
    let fixture = Fixture::new().await;
    fixture.apply_all(&a_quarter().blocks).await;
    let app = app(&fixture);
    let path = format!("/v1/accounts/{}", account(2));
    let told = ask(&app, &path, &[]).await.json();
    let holder = ask(&app, &format!("/v1/pools/{}/holders/{}", deployment().pool, account(2)), &[]).await.json();
    for figure in ["balance", "claimable", "claimed"] {
        assert_eq!(told["holdings"][0][figure], holder[figure], "{figure}");
    }
    assert_eq!((&told["holdings"][0]["symbol"], &told["kyc"]["standing"]), (&"VOICE".into(), &"restricted".into()));
    let nobody = ask(&app, &format!("/v1/accounts/{}", account(0x77)), &[]).await.json();
    for list in ["holdings", "contributions", "credits", "orders", "licences", "datasets"] {
        assert_eq!(nobody[list], serde_json::json!([]), "{list}");
    }
    let kinds = async |query: &str| -> Vec<String> {
        let page = ask(&app, &format!("{path}/events?limit=200{query}"), &[]).await.json();
        page["items"].as_array().unwrap().iter().map(|event| event["kind"].as_str().unwrap().to_owned()).collect()
    };
    let all = kinds("").await;
    let transfers = all.iter().filter(|kind| *kind == "Transfer").count();
    assert!(transfers > 0 && transfers < all.len(), "{all:?}");
    assert_eq!(kinds("&kind=Transfer").await.len(), transfers);
    assert_eq!(kinds("&to=2000-01-01").await, Vec::<String>::new());
    assert_eq!(kinds("&from=2000-01-01").await, all);
    let base = format!("/v1/pools/{}", deployment().pool);
    let count = async |query: &str| {
        let page = ask(&app, &format!("{base}/{query}"), &[]).await.json();
        page["items"].as_array().unwrap_or_else(|| panic!("{query}: {page}")).len()
    };
    // The first and the fourth claim dividends, the first and the second contributions. The fourth gives shares away
    // twice, to the third, after they were made.
    for (query, rows) in [
        ("claims".to_owned(), 4),
        ("claims?kind=dividend".to_owned(), 2),
        (format!("claims?account={}", account(1)), 2),
        (format!("claims?account={}&kind=contribution", account(2)), 1),
        ("claims?to=2000-01-01".to_owned(), 0),
        ("transfers".to_owned(), 6),
        (format!("transfers?account={}", account(3)), 3),
        (format!("transfers?account={}&to=2000-01-01", account(3)), 0),
    ] {
        assert_eq!(count(&query).await, rows, "{query}");
    }
    for query in ["kind=", "kind=a-b", "account=x", "from=soon", "to=2026-13-01"] {
        let refused = ask(&app, &format!("/v1/events?{query}"), &[]).await;
        assert_eq!((refused.status, refused.is_problem()), (StatusCode::BAD_REQUEST, true), "{query}");
    }
    fixture.finish().await;
}

/// Proves MIR-4: more questions at once than there are turns: each is answered, or told honestly when to come back, and
/// once the turn is free the next one is answered.
#[tokio::test]
async fn who_comes_in_a_crowd_is_told_to_come_back() {
    let fixture = Fixture::new().await;
    fixture.apply_all(&a_quarter().blocks).await;
    let limits = Limits { requests_per_second: NonZeroU32::MAX, request_burst: NonZeroU32::MAX, ..Limits::default() };
    let app = App::new(fixture.pool.clone(), Status::new(Doing::Live)).with_limits(limits);
    let app = app.with_turns(NonZeroU32::new(1));
    let turn = app.turns.clone().acquire_owned().await.unwrap();
    let router = router(app);
    let refused = ask(&router, "/v1/pools", &[]).await;
    assert_eq!((refused.status, refused.json()["code"].as_str()), (StatusCode::SERVICE_UNAVAILABLE, Some("busy")));
    assert_eq!(refused.headers[header::RETRY_AFTER], "1");
    let page = ask(&router, "/", &[(header::ACCEPT, "text/html")]).await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(page.headers[header::RETRY_AFTER], "1");
    assert!(page.body.starts_with("<!doctype html>"), "{}", page.body);
    // Who watches the service is not shut out.
    assert_eq!(ask(&router, "/v1/status", &[]).await.json()["database"], true);
    assert_eq!(ask(&router, "/readyz", &[]).await.status, StatusCode::OK);
    drop(turn);
    assert_eq!(ask(&router, "/v1/pools", &[]).await.status, StatusCode::OK);
    fixture.finish().await;
}

/// Proves MIR-4: readers have connections of their own: all of them taken, and a question too many told so, blocks are
/// applied as ever. They write nothing.
#[tokio::test]
async fn readers_cannot_starve_the_follower() {
    let fixture = Fixture::new().await;
    let mut quarter = a_quarter();
    fixture.apply_all(&quarter.blocks).await;
    let readers = store::connect_readers(fixture.url(), 2).unwrap();
    let router = router(App::new(readers.clone(), Status::new(Doing::Live)));
    let held = (readers.begin().await.unwrap(), readers.begin().await.unwrap());
    let refused = ask(&router, "/v1/pools", &[]).await;
    assert_eq!((refused.status, refused.json()["code"].as_str()), (StatusCode::SERVICE_UNAVAILABLE, Some("busy")));
    let block = quarter.push(vec![]).clone();
    fixture.apply(&block).await;
    drop(held);
    let answer = ask(&router, "/v1/pools", &[]).await;
    assert_eq!(answer.json()["indexed_block"], i64::try_from(block.at.number).unwrap());
    let written = sqlx::query("DELETE FROM blocks").execute(&readers).await.unwrap_err();
    let code = written.as_database_error().and_then(|error| error.code()).map(|code| code.into_owned());
    assert_eq!(code.as_deref(), Some("25006"), "{written}");
    readers.close().await;
    fixture.finish().await;
}

/// Proves MIR-4: a thousand connections are open before the first one asks: each gets an answer or an honest 503, and a
/// block that comes meanwhile is applied.
#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_connections_are_answered_honestly() {
    const CROWD: usize = 1_000;
    let fixture = Fixture::new().await;
    let mut quarter = a_quarter();
    fixture.apply_all(&quarter.blocks).await;
    let limits = Limits { requests_per_second: NonZeroU32::MAX, request_burst: NonZeroU32::MAX, ..Limits::default() };
    // As many files as both sides of so many connections need.
    assert!(Connections::new(&limits).most >= CROWD, "this test needs a higher limit of open files");
    let readers = store::connect_readers(fixture.url(), 4).unwrap();
    let app = App::new(readers.clone(), Status::new(Doing::Live)).with_limits(limits);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let served = tokio::spawn(serve(listener, app, async {
        let _ = stopped.await;
    }));
    let mut open = Vec::new();
    for _ in 0..CROWD {
        open.push(TcpStream::connect(address).await.unwrap());
    }
    for stream in &mut open {
        stream.write_all(b"GET /v1/pools HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await.unwrap();
    }
    let block = quarter.push(vec![]).clone();
    fixture.apply(&block).await;
    let (mut answered, mut sent_away) = (0, 0);
    for mut stream in open {
        let mut text = String::new();
        stream.read_to_string(&mut text).await.unwrap();
        let honest = text.contains("\"busy\"") && text.to_lowercase().contains("\r\nretry-after: 1\r\n");
        match text.get(9..12) {
            Some("200") => answered += 1,
            Some("503") if honest => sent_away += 1,
            _ => panic!("{text}"),
        }
    }
    assert_eq!(answered + sent_away, CROWD);
    assert!(answered > 0, "nobody was answered");
    stop.send(()).unwrap();
    served.await.unwrap();
    readers.close().await;
    fixture.finish().await;
}
