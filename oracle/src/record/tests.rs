use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Instant,
};

use axum::{
    Router,
    http::HeaderValue,
    response::{IntoResponse, Response},
    routing::post,
};
use ed25519_dalek::SigningKey;

use super::*;

/// A service that gives these answers, one after the other, and its address. What is left was not asked for.
async fn answering(answers: Vec<Response>) -> (String, Arc<Mutex<VecDeque<Response>>>) {
    let left = Arc::new(Mutex::new(VecDeque::from(answers)));
    let answers = Arc::clone(&left);
    let next = move || {
        let answer = answers.lock().expect("lock").pop_front();
        async { answer.expect("no more questions than answers") }
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("address"));
    tokio::spawn(async move { axum::serve(listener, Router::new().route("/v1/batches", post(next))).await });
    (url, left)
}

fn batch() -> Batch {
    Batch::sign("lumen", "b", Vec::new(), &SigningKey::from_bytes(&[1; 32]))
}

fn problem(status: u16) -> Response {
    Problem::new(StatusCode::from_u16(status).expect("status"), "code", "the reason").into_response()
}

/// What passes by waiting is waited for, at least as long as the service asks.
#[tokio::test]
async fn a_busy_service_is_asked_again_when_it_says() {
    let mut too_many = problem(429);
    too_many.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(2));
    let (url, left) = answering(vec![problem(503), too_many, "receipt".into_response()]).await;
    let started = Instant::now();
    assert_eq!(send(&url, &batch()).await.expect("taken in the end"), "receipt");
    // 0.2 s at least after the first answer, and the 2 s that the second asks for.
    assert!(started.elapsed() >= Duration::from_millis(2_200), "{:?}", started.elapsed());
    assert!(left.lock().expect("lock").is_empty());
}

/// A refusal is final: it is told, and the batch is not sent again.
#[tokio::test]
async fn a_refusal_is_not_asked_again() {
    let (url, left) = answering(vec![problem(422), "receipt".into_response()]).await;
    let refused = send(&url, &batch()).await.expect_err("refused");
    assert_eq!(refused.to_string(), "the service refused the batch (code): the reason");
    let (other, _) = answering(vec![StatusCode::SERVICE_UNAVAILABLE.into_response()]).await;
    let other = send(&other, &batch()).await.expect_err("not our service");
    assert!(matches!(other, RecordingError::OtherService { status: 503, .. }), "{other}");
    assert_eq!(left.lock().expect("lock").len(), 1);
}

/// More records than a batch holds, or more bytes than the service takes, are several batches, in order and none lost.
/// Before, 1,001 outputs were refused after all of them had been embedded.
#[test]
fn many_records_are_several_batches() {
    let sizes = |records: Vec<Vec<u8>>| {
        let batches = batches("b", records.clone());
        assert_eq!(batches.iter().flat_map(|(_, batch)| batch.clone()).collect::<Vec<_>>(), records);
        batches.into_iter().map(|(id, batch)| (id, batch.len())).collect::<Vec<_>>()
    };
    let small = |count: usize| (0..count).map(|at| at.to_be_bytes().to_vec()).collect::<Vec<_>>();
    let named = |id: &str, count: usize| (id.to_owned(), count);
    assert_eq!(sizes(small(1_000)), [named("b", 1_000)]);
    assert_eq!(sizes(small(2_001)), [named("b", 1_000), named("b/2", 1_000), named("b/3", 1)]);
    // 2 MiB hold 41 records of 50,000 bytes.
    assert_eq!(sizes(vec![vec![7; 50_000]; 100]), [named("b", 41), named("b/2", 41), named("b/3", 18)]);
    assert_eq!(sizes(Vec::new()), []);
}

/// A file of outputs becomes records of version 2; a long one becomes several, whose tokens sum to its own.
#[test]
fn long_outputs_are_several_records() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let file = folder.path().join("outputs.jsonl");
    let line = |id: &str, text: &str, tokens: u32| {
        let at = "2026-10-01T09:00:00Z";
        serde_json::json!({"call_id": id, "declared_use": "chat", "input_tokens": 9, "output_tokens": tokens, "at": at,
            "text": text})
        .to_string()
    };
    let long = (0..3_000).map(|at| format!("w{at}")).collect::<Vec<_>>().join(" ");
    let lines = [line("long", &long, 4_001), line("short", "no words of note", 5), line("empty", "", 0)];
    std::fs::write(&file, lines.join("\n")).expect("written");
    let records = calls(&file, "m", crate::embed::for_tests()).expect("recorded");
    let told: Vec<_> = records
        .iter()
        .map(|record| {
            let UsageRecord::InferenceCall(call) = record else { panic!("a call") };
            let Evidence::Words(words) = &call.evidence else { panic!("version 2") };
            (call.call_id.as_str(), words.count, call.input_tokens, call.output_tokens)
        })
        .collect();
    // 2,560 and 440 words of 3,000: 3,414.19 and 586.81 tokens.
    let expected = [("long", 2_560, 9, 3_414), ("long/2", 440, 0, 587), ("short", 4, 9, 5), ("empty", 0, 9, 0)];
    assert_eq!(told, expected);
}
