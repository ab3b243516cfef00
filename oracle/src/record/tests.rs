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

/// A service that answers is not called unreachable: what it waits for is told, and nobody is sent to start it.
#[tokio::test]
async fn a_service_that_waits_for_its_witnesses_is_not_called_away() {
    let waits = || Problem::new(StatusCode::SERVICE_UNAVAILABLE, "log-unavailable", "its witnesses are not");
    let answers = (0..ATTEMPTS).map(|_| waits().into_response()).collect();
    let (url, _) = answering(answers).await;
    let error = send(&url, &batch()).await.expect_err("not now").to_string();
    assert!(error.contains("its witnesses are not") && !error.contains("start the service"), "{error}");
    let error = send("http://127.0.0.1:1", &batch()).await.expect_err("nobody is there").to_string();
    assert!(error.contains("start the service"), "{error}");
}

/// A file without a line is an error, not a batch of nothing; what is wrong with a line is said in words; and a version
/// that is not among the manifests is not asked for by an option that was given.
#[test]
fn nothing_to_record_is_told() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let file = folder.path().join("lines.jsonl");
    for empty in ["", "\n \n"] {
        std::fs::write(&file, empty).expect("written");
        assert!(matches!(calls(&file, "m", crate::embed::for_tests()), Err(RecordingError::Empty { .. })));
        assert!(matches!(training_runs(&file, "m", &[]), Err(RecordingError::Empty { .. })));
    }
    let run = |datasets: &str| {
        format!(
            r#"{{"run_id":"r","started":"2026-10-05T09:00:00Z","ended":"2026-10-05T09:00:00Z","datasets":[{datasets}]}}"#
        )
    };
    std::fs::write(&file, run("1")).expect("written");
    let error = training_runs(&file, "m", &[]).expect_err("a number").to_string();
    assert!(error.contains("expected an object") && !error.contains("DatasetLine"), "{error}");
    std::fs::write(&file, run(&format!(r#"{{"manifest_hash":"{}","epochs":1,"tokens":1}}"#, "01".repeat(32))))
        .expect("written");
    let error = training_runs(&file, "m", &[]).expect_err("no folder").to_string();
    assert!(error.contains("give the folder by --manifests"), "{error}");
    let others = [crate::testing::dataset("a/1", 1, 1, "")];
    let error = training_runs(&file, "m", &others).expect_err("not in the folder").to_string();
    assert!(error.contains("is not among the manifests") && !error.contains("--manifests"), "{error}");
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

/// Bad input: more tokens than an output has bytes, and the few that show nothing, told with its line before anything
/// is embedded. As many can be.
#[test]
fn tokens_beyond_the_text_are_refused() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let file = folder.path().join("outputs.jsonl");
    let line = |id: &str, tokens: u32| {
        format!(
            r#"{{"call_id":"{id}","declared_use":"chat","input_tokens":1,"output_tokens":{tokens},"at":"2026-10-05T09:00:00Z","text":"ten bytes."}}"#
        )
    };
    for (tokens, word) in [(74, None), (75, Some("75 output tokens")), (u32::MAX, Some("10 bytes"))] {
        std::fs::write(&file, format!("{}\n{}\n", line("a", 2), line("b", tokens))).expect("written");
        let read = calls(&file, "lumen/lumen-1", crate::embed::for_tests());
        match word {
            None => assert_eq!(read.expect("possible").len(), 2),
            Some(word) => {
                let error = read.expect_err("impossible").to_string();
                assert!(error.contains(word) && error.contains("line 2"), "{error}");
            }
        }
    }
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
