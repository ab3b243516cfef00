//! Which block an answer is of.

use axum::http::{StatusCode, header};
use serde_json::Value;

use super::{app, ask};
use crate::{
    chain::{COIN, Chain, Model, account, deployment},
    fixture::Fixture,
};

/// Proves MIR-2 for lists: all pages are of the block of the first one. Four hold shares, the first one most. Once the
/// first page is read, it gives the last one all it has, who then is before it: read on by the balances of now, the
/// last one would be hidden. Where the first page's block is not there any more, the reader is told to begin anew.
#[tokio::test]
async fn all_pages_are_of_one_block() {
    let fixture = Fixture::new().await;
    let (mut chain, mut model) = (Chain::default(), Model::default());
    let mut events = vec![Model::create()];
    events.extend((1..=4).map(|n| model.mint(account(n), u128::from(5 - n) * 10 * COIN).unwrap()));
    chain.push(events);
    fixture.apply_all(&chain.blocks).await;
    let app = app(&fixture);
    let base = format!("/v1/pools/{}/holders", deployment().pool);
    let accounts = |page: &Value| -> Vec<String> {
        page["items"].as_array().unwrap().iter().map(|row| row["account"].as_str().unwrap().to_owned()).collect()
    };
    let first = ask(&app, &format!("{base}?limit=2"), &[]).await.json();
    assert_eq!(accounts(&first), [account(1), account(2)].map(|account| account.to_string()));
    let moved = chain.next(vec![model.transfer(account(1), account(4), 40 * COIN).unwrap()]);
    fixture.apply(&moved).await;
    let next = first["next"].as_str().unwrap();
    let second = ask(&app, &format!("{base}?limit=2&after={next}"), &[]).await;
    assert_eq!(accounts(&second.json()), [account(3), account(4)].map(|account| account.to_string()));
    assert_eq!(second.json()["items"][1]["balance"], (10 * COIN).to_string());
    assert_eq!(second.json()["indexed_block"], first["indexed_block"]);
    let now = ask(&app, &format!("{base}?limit=1"), &[]).await.json();
    assert_eq!(accounts(&now), [account(4).to_string()]);
    // A block of another branch, of the same height, has another hash.
    let (number, rest) = next.split_once('.').unwrap();
    let (hash, row) = rest.split_once('.').unwrap();
    let other = if hash.starts_with('0') { "1" } else { "0" };
    let gone = format!("{base}?after={number}.{other}{}.{row}", &hash[1..]);
    let refused = ask(&app, &gone, &[]).await;
    assert_eq!((refused.status, refused.json()["code"].as_str()), (StatusCode::BAD_REQUEST, Some("bad-cursor")));
    assert!(refused.json()["advice"].as_str().unwrap().contains("begin anew"), "{}", refused.body);
    fixture.finish().await;
}

/// Proves MIR-2: the state after any block is given by its height, by a time, and by a date, with the block in the
/// answer's headers; a block that is not here is refused with advice.
#[tokio::test]
async fn any_block_can_be_asked_for() {
    let fixture = Fixture::new().await;
    let (mut chain, mut model) = (Chain::default(), Model::default());
    chain.push(vec![Model::create(), model.mint(account(1), 10 * COIN).unwrap()]);
    chain.push(vec![model.mint(account(2), 5 * COIN).unwrap()]);
    chain.push(vec![model.transfer(account(1), account(2), 4 * COIN).unwrap()]);
    fixture.apply_all(&chain.blocks).await;
    let app = app(&fixture);
    let base = format!("/v1/pools/{}", deployment().pool);
    let [first, second, third] = [0, 1, 2].map(|n| chain.blocks[n].at);
    let balances = async |at: &str| {
        let answer = ask(&app, &format!("{base}/holders?at={at}"), &[]).await;
        assert_eq!(answer.status, StatusCode::OK, "{at}: {}", answer.body);
        let page = answer.json();
        let rows = page["items"].as_array().unwrap().iter().map(|row| row["balance"].as_str().unwrap().to_owned());
        (answer.headers["x-yieldset-block"].to_str().unwrap().to_owned(), rows.collect::<Vec<_>>())
    };
    let coins = |figures: &[u128]| figures.iter().map(|figure| (figure * COIN).to_string()).collect::<Vec<_>>();
    for (at, shown) in [(&first, coins(&[10])), (&second, coins(&[10, 5])), (&third, coins(&[9, 6]))] {
        let number = at.number.to_string();
        assert_eq!(balances(&number).await, (number.clone(), shown), "{number}");
    }
    let time = |ms: u64| {
        let time = time::OffsetDateTime::from_unix_timestamp_nanos(i128::from(ms) * 1_000_000).unwrap();
        time.format(&time::format_description::well_known::Rfc3339).unwrap()
    };
    // A millisecond before the third block the second one is the last.
    assert_eq!(balances(&time(third.timestamp_ms - 1)).await, (second.number.to_string(), coins(&[10, 5])));
    assert_eq!(balances(&time(second.timestamp_ms)).await, (second.number.to_string(), coins(&[10, 5])));
    let answer = ask(&app, &format!("{base}?at={}", second.number), &[]).await;
    assert_eq!((&answer.json()["supply"], &answer.json()["holders"]), (&(15 * COIN).to_string().into(), &2.into()));
    assert_eq!(answer.headers["x-yieldset-block-hash"], second.hash.to_string().as_str());
    assert_eq!(answer.headers["x-yieldset-block-time"], second.timestamp_ms.to_string().as_str());
    let page = ask(&app, &format!("/pools/{}.json?at={}", deployment().pool, first.number), &[]).await.json();
    assert_eq!((&page["seen"]["number"], &page["pool"]["holders"]), (&first.number.into(), &1.into()));
    for at in ["yesterday", "99999999", "0", "2999-12-31", "1999-12-31", "2026-02-30"] {
        for path in [base.clone(), format!("{base}/holders"), "/v1/events".to_owned(), "/".to_owned()] {
            let refused = ask(&app, &format!("{path}?at={at}"), &[(header::ACCEPT, "application/json")]).await;
            let code = refused.json()["code"].clone();
            assert_eq!((refused.status, code.as_str()), (StatusCode::BAD_REQUEST, Some("bad-at")), "{path} at {at}");
        }
    }
    fixture.finish().await;
}
