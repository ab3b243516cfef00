//! Pages for people.

use std::path::Path;

use axum::http::{StatusCode, header};

use crate::{
    chain::{self, Chain, a_quarter, account, deployment},
    fixture::Fixture,
    web::{app, ask},
};

const HTML: (header::HeaderName, &str) = (header::ACCEPT, "text/html,application/xhtml+xml,*/*;q=0.8");
const JSON: (header::HeaderName, &str) = (header::ACCEPT, "application/json");

/// Proves the page of a pool: holders, dividends, KYC, deposits with their split, attribution with proven weights,
/// licences with what they owe, decisions with their votes, trades, datasets. The HTML
/// is compared whole; `UPDATE_SNAPSHOTS=1` writes it anew.
#[tokio::test]
async fn the_pool_page_shows_who_earned_what() {
    let fixture = Fixture::new().await;
    fixture.apply_all(&a_quarter().blocks).await;
    let app = app(&fixture);
    let path = format!("/pools/{}", deployment().pool);
    let page = ask(&app, &path, &[HTML]).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    for text in [
        "Public Voices",
        "VOICE",
        "41.42%",
        "Active",
        "Trades",
        "Decisions",
        "Accept &#60;the licence&#62;",
        "Restricted",
        "lumen/lumen-1",
        "2026 Q4",
        "33.33%",
        "0.7",
        "signed by 2 of 3 keys",
        "Upfront",
        "Passed over",
    ] {
        assert!(page.body.contains(text), "{text} is missing");
    }
    for foreign in ["http://", "https://", "<script", "style=\"", "onclick"] {
        assert!(!page.body.contains(foreign), "{foreign} has no place on a page");
    }
    // On a phone a row is a card, on which each figure has its column's name.
    let cells = page.body.matches("<td").count();
    assert_eq!((page.body.matches("<td data-label=\"").count(), cells > 20), (cells, true));
    compare("pool.html", &page.body);
    assert!(!page.body.contains("#proposer="), "who proposed is shown, not how the proposal guards its id");
    let index = ask(&app, "/", &[HTML]).await;
    assert!(index.body.contains(&format!("href=\"{path}\"")));
    assert_eq!(ask(&app, "/assets/style.css", &[]).await.headers[header::CONTENT_TYPE], "text/css; charset=utf-8");

    let json = ask(&app, &path, &[JSON]).await.json();
    assert_eq!(ask(&app, &format!("{path}.json"), &[HTML]).await.json(), json, "both ways to the same JSON");
    let weight = &json["attribution"][0]["contributions"][0]["weight"];
    assert_eq!(weight, &chain::WEIGHTS[0].to_string());
    fixture.finish().await;
}

/// Proves the page of a licence: what was agreed on, whose keys prove its usage, what it owes and what was paid.
#[tokio::test]
async fn the_licence_page_shows_what_was_agreed_and_paid() {
    let fixture = Fixture::new().await;
    fixture.apply_all(&a_quarter().blocks).await;
    let app = app(&fixture);
    let path = format!("/licences/{}", chain::licence_id());
    let page = ask(&app, &path, &[HTML]).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    for text in [
        "1.5% at most, measured",
        "count up to 30 days after their quarter",
        "32\u{202f}000 tokens at most",
        "from 3 creators on",
        "lumen.example/usage",
        "0x6262…6262",
        "Anchored checkpoints",
        "Royalty of 2026 Q4",
    ] {
        assert!(page.body.contains(text), "{text} is missing: {}", page.body);
    }
    compare("licence.html", &page.body);
    let json = ask(&app, &path, &[JSON]).await.json();
    assert_eq!(ask(&app, &format!("{path}.json"), &[HTML]).await.json(), json);
    assert_eq!(json["history"]["usage_logs"][0]["epoch"], 2);
    for (path, status) in [("/licences/0x12", StatusCode::BAD_REQUEST), ("/licences/x.json", StatusCode::BAD_REQUEST)] {
        assert_eq!(ask(&app, path, &[HTML]).await.status, status, "{path}");
    }
    let stranger = format!("/licences/0x{}", "ab".repeat(32));
    assert_eq!(ask(&app, &stranger, &[HTML]).await.status, StatusCode::NOT_FOUND);
    fixture.finish().await;
}

fn compare(name: &str, text: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/snapshots").join(name);
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        std::fs::write(&file, text).unwrap();
    }
    let expected = std::fs::read_to_string(&file).unwrap_or_default();
    let differs = text.lines().zip(expected.lines()).find(|(a, b)| a != b);
    assert!(text == expected, "{name} changed, first at {differs:?}; UPDATE_SNAPSHOTS=1 writes it anew");
}

/// Text from the chain is shown, never run: whatever a pool calls itself, it stays text.
#[tokio::test]
async fn names_from_the_chain_are_escaped() {
    let fixture = Fixture::new().await;
    let mut chain = Chain::default();
    let evil = "</title><script>alert('1')</script>\"><img src=x onerror=alert(1)>\0";
    chain.push(vec![chain::named("<script>alert(1)</script>\0\"<b>", "<b>&amp;</b>"), chain::committee(1)]);
    chain.push(vec![chain::posted(chain::report(chain::PERIOD, Default::default(), evil).1)]);
    fixture.apply_all(&chain.blocks).await;
    let app = app(&fixture);
    for path in ["/".to_owned(), format!("/pools/{}", deployment().pool)] {
        let page = ask(&app, &path, &[HTML]).await.body;
        assert!(!page.contains("<script>") && !page.contains("<img") && !page.contains("<b>"), "{path}: {page}");
        assert!(page.contains("alert("), "shown as text");
    }
    fixture.finish().await;
}

/// Proves MIR-2: a page of an earlier block says so, and everything on it is of that block.
#[tokio::test]
async fn a_page_of_an_earlier_block_says_so() {
    let fixture = Fixture::new().await;
    let quarter = a_quarter();
    fixture.apply_all(&quarter.blocks).await;
    let app = app(&fixture);
    let (first, last) = (&quarter.blocks[1].at, &quarter.blocks[quarter.blocks.len() - 1].at);
    let path = format!("/pools/{}", deployment().pool);
    for (query, at) in [(String::new(), last), (format!("?at={}", first.number), first)] {
        let page = ask(&app, &format!("{path}{query}"), &[HTML]).await;
        let named = format!("title=\"{}\"", at.hash);
        assert!(page.body.contains(&named) && page.body.contains("As of block"), "{query}: {}", page.body);
        assert_eq!(page.headers["x-yieldset-block"], at.number.to_string().as_str());
        let said = if page.headers["x-yieldset-final"] == "true" { "final" } else { "not final yet" };
        assert!(page.body.contains(said), "{query}: {}", page.body);
    }
    let then = ask(&app, &format!("{path}?at={}", first.number), &[HTML]).await.body;
    assert!(then.contains("Nothing was paid in yet") && !then.contains("Royalty"), "{then}");
    let refused = ask(&app, &format!("{path}?at=2999-01-01"), &[HTML]).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    assert!(refused.body.contains("cannot be shown as it was then"), "{}", refused.body);
    fixture.finish().await;
}

/// Someone who mistypes an address gets a page that says so, with the right status; a program gets JSON.
#[tokio::test]
async fn a_wrong_address_gets_a_page_too() {
    let fixture = Fixture::new().await;
    fixture.apply_all(&a_quarter().blocks).await;
    let app = app(&fixture);
    let stranger = format!("/pools/{}", account(0x42));
    for (path, status) in [
        ("/pools/0xnothing", StatusCode::BAD_REQUEST),
        ("/pools/%3Cscript%3E", StatusCode::BAD_REQUEST),
        (stranger.as_str(), StatusCode::NOT_FOUND),
        ("/nowhere", StatusCode::NOT_FOUND),
    ] {
        let page = ask(&app, path, &[HTML]).await;
        assert_eq!(page.status, status, "{path}");
        assert!(page.body.starts_with("<!doctype html>") && !page.body.contains("<script>"), "{path}: {}", page.body);
        // It speaks to people, not to programs.
        let told = page.body.split("<main").nth(1).unwrap().split("</main>").next().unwrap();
        for word in ["GET", "/v1", "openapi", "0x", "hexadecimal"] {
            assert!(!told.contains(word), "{path}: {told}");
        }
        let json = ask(&app, path, &[JSON]).await;
        assert_eq!(json.status, status, "{path}");
        assert!(json.is_problem() && json.json()["code"].is_string());
    }
    fixture.finish().await;
}
