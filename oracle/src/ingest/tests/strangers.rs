//! What strangers can do to the service: nothing that keeps it from others, or from its end.

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::*;

/// Far more than anything here takes: a limit, so that a test that fails ends.
const LIMIT: Duration = Duration::from_secs(60);
/// What nobody waits for here.
const NEVER: Duration = Duration::from_secs(3600);

/// A connection to the service on which this was sent.
async fn say(running: &Running, bytes: &[u8]) -> TcpStream {
    let address = running.url.strip_prefix("http://").expect("http");
    let mut stream = TcpStream::connect(address).await.expect("connected");
    stream.write_all(bytes).await.expect("sent");
    stream
}

/// The answer on a connection that is closed after it.
async fn answer(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let _ = tokio::time::timeout(LIMIT, stream.read_to_end(&mut bytes)).await.expect("an answer");
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A request's head that promises a body of so many bytes.
fn promise(length: usize) -> Vec<u8> {
    format!("POST /v1/batches HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n")
        .into_bytes()
}

/// Unfinished heads and bodies are cut off when the service is told to stop, and the log is closed in order.
#[tokio::test]
async fn unfinished_requests_do_not_keep_the_service_from_stopping() {
    let mut options = Options { body_patience: NEVER, ..Options::default() };
    options.connections.head_patience = NEVER;
    options.connections.farewell = Duration::from_millis(100);
    let running = Running::start(Fixture::new().await, options).await;
    assert_eq!(running.post(&running.fixture.batch("b", records(&["1"]))).await.0, 200);
    let _head = say(&running, b"GET /checkpoint HTTP/1.1\r\nUnfin").await;
    let _body = say(&running, &promise(10)).await;
    // Both were taken: connections come in order.
    assert_eq!(running.get("healthz").await.0, 200);
    let fixture = tokio::time::timeout(LIMIT, running.stop()).await.expect("it stops");
    assert_eq!(fixture.read().await.expect("verified").size(), 1);
}

/// A head that does not end is cut off.
#[tokio::test]
async fn unfinished_heads_are_closed() {
    let mut options = Options::default();
    options.connections.head_patience = Duration::from_millis(100);
    let running = Running::start(Fixture::new().await, options).await;
    let mut head = say(&running, b"GET /checkpoint HTTP/1.1\r\nUnfin").await;
    assert!(!answer(&mut head).await.contains("200 OK"));
    running.stop().await;
}

/// Whatever an unsigned request holds, its refusal is short: names, records, unknown members, texts where none belongs,
/// none of which is told at length, or told several times as long as it was sent.
#[tokio::test]
async fn long_names_make_short_answers() {
    let running = running().await;
    let good = serde_json::to_value(Submission::from(&running.fixture.batch("b", records(&["1"])))).expect("JSON");
    let with = |key: &str, value: Value| {
        let mut body = good.clone();
        body[key] = value;
        body.to_string().into_bytes()
    };
    for length in [129, 10_000, 1_000_000] {
        let long = "\x7f".repeat(length);
        for (status, code, body) in [
            (422, "bad-platform", with("platform", json!(long))),
            (422, "bad-batch-id", with("batch_id", json!(long))),
            (400, "malformed", with("records", json!(long))),
            (400, "malformed", with("signature", json!(long))),
            (400, "malformed", with(&long, json!(1))),
            (400, "malformed", json!(long).to_string().into_bytes()),
            (422, "bad-record", with("records", json!([long]))),
        ] {
            let status = if length > 200_000 { 400 } else { status };
            let code = if length > 200_000 { "malformed" } else { code };
            let (got, problem) = running.post_bytes(body).await;
            assert_eq!((got, problem["code"].as_str()), (status, Some(code)), "{length}: {problem}");
            assert!(problem["detail"].as_str().expect("words").len() <= web::problem::MAX_TEXT, "{length}: {code}");
            assert!(problem.to_string().len() < 5_000, "{length}: {code}");
        }
    }
    running.stop().await;
}

/// More records than a batch may have are not even read, and who sends too many or is nobody is told so before a record
/// is looked at.
#[tokio::test]
async fn cheap_checks_come_first() {
    let running = running().await;
    let body = |platform: &str, batch: &str, records: Vec<&str>| {
        let signature = "00".repeat(64);
        let body = json!({"platform": platform, "batch_id": batch, "records": records, "signature": signature});
        body.to_string().into_bytes()
    };
    for (status, code, word, body) in [
        (
            400,
            "malformed",
            "1000000 records, and 1 to 1000 are possible; send them in 1000 batches",
            body("stranger", "b", vec![""; 1_000_000]),
        ),
        (403, "unknown-platform", "register", body("stranger", "b", vec!["no hex"; 1_000])),
        (422, "bad-batch-id", "0 bytes", body("lumen", "", vec!["no hex"])),
        (422, "bad-platform", "0 bytes", body("", "b", vec!["no hex"])),
        (422, "bad-record", "record 0", body("lumen", "b", vec!["no hex"])),
    ] {
        let (got, problem) = running.post_bytes(body).await;
        assert_eq!((got, problem["code"].as_str()), (status, Some(code)), "{problem}");
        assert!(problem["detail"].as_str().expect("words").contains(word), "{problem}");
    }
    running.stop().await;
}

/// All bodies together have so many bytes: who comes too late is told when to come back, what is small still fits, and
/// there is room again when a sender gives up.
#[tokio::test]
async fn bodies_share_a_budget_of_bytes() {
    let batch_of = |running: &Running, id: &str| {
        serde_json::to_vec(&Submission::from(&running.fixture.batch(id, records(&[id])))).expect("JSON")
    };
    let fixture = Fixture::new().await;
    let options = Options {
        max_body: 100_000,
        body_budget: 250_000,
        body_patience: NEVER,
        room_patience: Duration::from_millis(200),
        ..Options::default()
    };
    let running = Running::start(fixture, options).await;
    let (first, second) = (say(&running, &promise(100_000)).await, say(&running, &promise(100_000)).await);
    let chunked = b"POST /v1/batches HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n";
    for head in [&promise(100_000)[..], chunked] {
        let answer = answer(&mut say(&running, head).await).await;
        assert!(answer.starts_with("HTTP/1.1 503") && answer.contains("retry-after: 5"), "{answer}");
        assert!(answer.contains(r#""code":"busy""#), "{answer}");
    }
    let small = batch_of(&running, "small");
    assert!(small.len() < 50_000, "{}", small.len());
    assert_eq!(running.post_bytes(small).await.0, 200);
    drop((first, second));
    // The service sees that they are gone when it next looks.
    let again = async {
        let mut padded = batch_of(&running, "again");
        padded.resize(100_000, b' ');
        while running.post_bytes(padded.clone()).await.0 != 200 {}
    };
    tokio::time::timeout(LIMIT, again).await.expect("room again");
    running.stop().await;
}
