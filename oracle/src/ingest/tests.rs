mod restricted;
mod strangers;

use std::path::PathBuf;

use serde_json::{Value, json};
use tlog_tiles::{Checkpoint, Hash, check_record, check_tree, record_hash};
use tokio::{sync::oneshot, task::JoinHandle};

use super::*;
use crate::{
    files,
    testing::{Fixture, call, key},
    usage_log::{
        note,
        witnesses::{Address, Witnesses},
    },
};

/// A service on a port of its own.
struct Running {
    fixture: Fixture,
    url: String,
    stop: oneshot::Sender<()>,
    served: JoinHandle<Result<(), ServeError>>,
}

impl Running {
    async fn start(fixture: Fixture, options: Options) -> Self {
        let log = fixture.open().await;
        let ready: PathBuf = fixture.folder.path().join("ready");
        let _ = std::fs::remove_file(&ready);
        let (stop, stopped) = oneshot::channel();
        let file = ready.clone();
        let served = tokio::spawn(async move {
            let stop = async {
                let _ = stopped.await;
            };
            serve(log, ([127, 0, 0, 1], 0).into(), options, Some(&file), stop).await
        });
        while !ready.exists() {
            assert!(!served.is_finished(), "the service ended");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let ready: Value = files::read_json(&ready).expect("whole from the start");
        let url = ready["url"].as_str().expect("url").to_owned();
        Self { fixture, url, stop, served }
    }

    async fn stop(self) -> Fixture {
        self.stop.send(()).expect("running");
        self.served.await.expect("no panic").expect("closed in order");
        self.fixture
    }

    async fn post_bytes(&self, body: Vec<u8>) -> (u16, Value) {
        let answer =
            reqwest::Client::new().post(format!("{}/v1/batches", self.url)).body(body).send().await.expect("answer");
        let status = answer.status().as_u16();
        let kind = answer.headers()["content-type"].to_str().expect("text").to_owned();
        assert_eq!(kind, if status == 200 { "application/json" } else { "application/problem+json" });
        (status, answer.json().await.expect("JSON"))
    }

    async fn post(&self, batch: &Batch) -> (u16, Value) {
        self.post_bytes(serde_json::to_vec(&Submission::from(batch)).expect("JSON")).await
    }

    async fn get(&self, path: &str) -> (u16, Vec<u8>) {
        let answer = reqwest::get(format!("{}/{path}", self.url)).await.expect("answer");
        (answer.status().as_u16(), answer.bytes().await.expect("body").to_vec())
    }
}

async fn running() -> Running {
    Running::start(Fixture::new().await, Options::default()).await
}

fn records(ids: &[&str]) -> Vec<Vec<u8>> {
    ids.iter().map(|id| call(id).to_bytes()).collect()
}

/// Proves ATT-3 over HTTP: signed batches in, each counted once; checkpoint, hash tiles and proofs out, enough for
/// anyone to check inclusion and consistency offline.
#[tokio::test]
async fn batches_go_in_and_proofs_come_out() {
    let running = running().await;
    let batch = running.fixture.batch("b1", records(&["1", "2", "3"]));
    let (status, first) = running.post(&batch).await;
    assert_eq!(
        (status, &first["first_leaf"], &first["records"], &first["tree_size"]),
        (200, &json!(0), &json!(3), &json!(3))
    );
    assert_eq!(running.post(&batch).await, (200, first.clone()));
    assert_eq!(running.post(&running.fixture.batch("b2", records(&["4"]))).await.0, 200);

    let info = crate::usage_log::LogInfo::load(&running.fixture.dir()).expect("log.json");
    let open =
        |text: &str| -> Checkpoint { note::open_witnessed(text.as_bytes(), &info).expect("signed and cosigned").0 };
    let (_, note) = running.get("checkpoint").await;
    let checkpoint = open(std::str::from_utf8(&note).expect("text"));
    assert_eq!(checkpoint.size(), 4);
    let (_, body) = running.get("v1/proofs/2").await;
    let proof: InclusionProof = serde_json::from_slice(&body).expect("proof");
    let path = proof.proof.iter().map(|hash| Hash(*hash)).collect();
    let root = *open(&proof.checkpoint).hash();
    check_record(&path, proof.tree_size, root, 2, record_hash(&batch.records[2])).expect("included");
    let (_, body) = running.get("v1/consistency/3").await;
    let proof: ConsistencyProof = serde_json::from_slice(&body).expect("proof");
    let before = Hash(crate::parse_hex(first["root"].as_str().expect("root")).expect("hex"));
    check_tree(&proof.proof.iter().map(|hash| Hash(*hash)).collect(), 4, root, 3, before).expect("consistent");
    let (_, tile) = running.get("tile/0/000.p/4").await;
    assert_eq!(tile[..32], record_hash(&batch.records[0]).0);
    for (path, status) in [
        ("healthz", 200),
        ("readyz", 200),
        // Records are restricted.
        ("tile/entries/000.p/4", 401),
        ("batch/000", 401),
        ("tile/0/000", 404),
        ("tile/0/000.p/0", 404),
        ("tile/entries/../../log.json", 404),
        ("tile/99/000", 404),
        ("v1/proofs/4", 404),
        ("v1/proofs/-1", 404),
        ("v1/consistency/0", 404),
        ("v1/batches", 405),
        ("nothing", 404),
    ] {
        assert_eq!(running.get(path).await.0, status, "{path}");
    }
    let fixture = running.stop().await;
    assert_eq!(fixture.read().await.expect("verified").size(), 4);
}

/// Every bad input of the service: refused with its own code, words on what to do, and nothing logged.
#[tokio::test]
async fn every_bad_batch_is_refused_by_its_code() {
    let running = Running::start(Fixture::new().await, Options { max_body: 100_000, ..Options::default() }).await;
    let fixture = &running.fixture;
    assert_eq!(running.post(&fixture.batch("used", records(&["used"]))).await.0, 200);
    let good = fixture.batch("b", records(&["1", "2"]));
    let forged = Batch::sign("lumen", "b", records(&["1"]), &ed25519_dalek::SigningKey::from_bytes(&[9; 32]));
    let json = |batch: &Batch| serde_json::to_value(Submission::from(batch)).expect("JSON");
    let with = |key: &str, value: Value| {
        let mut body = json(&good);
        body[key] = value;
        body.to_string().into_bytes()
    };
    for (status, code, word, body) in [
        (400, "malformed", "not a batch", b"{\"platform\":".to_vec()),
        (400, "malformed", "not a batch", b"\xff\xfe".to_vec()),
        (400, "malformed", "signature", with("signature", json!("00"))),
        (400, "malformed", "unknown field", with("more", json!(1))),
        (413, "body-too-large", "100000 bytes", vec![b' '; 100_001]),
        (403, "unknown-platform", "register", with("platform", json!("stranger"))),
        (403, "wrong-signature", "signature", json(&forged).to_string().into_bytes()),
        (403, "wrong-signature", "signature", with("batch_id", json!("c"))),
        (422, "bad-record", "record 1", with("records", json!(["00", "zz"]))),
        (422, "record-count", "0 records", json(&fixture.batch("b", vec![])).to_string().into_bytes()),
        (
            422,
            "bad-record",
            "record 1",
            json(&fixture.batch("b", vec![records(&["1"])[0].clone(), vec![1]])).to_string().into_bytes(),
        ),
        (409, "batch-conflict", "new id", json(&fixture.batch("used", records(&["1"]))).to_string().into_bytes()),
        (409, "duplicate-id", "record 1", json(&fixture.batch("b", records(&["1", "used"]))).to_string().into_bytes()),
    ] {
        let (got, problem) = running.post_bytes(body).await;
        assert_eq!((got, problem["code"].as_str()), (status, Some(code)), "{problem}");
        assert!(problem["detail"].as_str().expect("words").contains(word), "{problem}");
    }
    let fixture = running.stop().await;
    assert_eq!(fixture.read().await.expect("verified").size(), 1);
}

/// Every refusal is a problem as RFC 9457 has it, also where the framework refuses by itself; what it says in headers
/// stays.
#[tokio::test]
async fn every_refusal_is_a_problem() {
    let running = Running::start(Fixture::new().await, Options { max_body: 1_000, ..Options::default() }).await;
    let client = reqwest::Client::new();
    for (method, path, status, code) in [
        ("GET", "", 404, "not-found"),
        ("GET", "nothing", 404, "not-found"),
        ("GET", "tile/x", 404, "not-found"),
        ("GET", "v1/proofs/0", 404, "not-found"),
        ("GET", "v1/proofs/%FF", 400, "bad-request"),
        ("GET", "v1/batches", 405, "method-not-allowed"),
        ("DELETE", "checkpoint", 405, "method-not-allowed"),
        ("POST", "healthz", 405, "method-not-allowed"),
        ("POST", "v1/batches", 413, "body-too-large"),
    ] {
        let method = reqwest::Method::from_bytes(method.as_bytes()).expect("method");
        let asked = client.request(method, format!("{}/{path}", running.url)).body(vec![b' '; 1_001]);
        let answer = asked.send().await.expect("answer");
        assert_eq!(answer.status().as_u16(), status, "{path}");
        assert_eq!(answer.headers()["content-type"], "application/problem+json", "{path}");
        assert_eq!(answer.headers().contains_key("allow"), status == 405, "{path}");
        let problem: Value = answer.json().await.expect("JSON");
        let kind = (&problem["type"], &problem["status"], &problem["code"]);
        assert_eq!(kind, (&json!("about:blank"), &json!(status), &json!(code)), "{path}");
        assert!(problem["title"].is_string() && problem["detail"].is_string(), "{problem}");
    }
    running.stop().await;
}

/// A client that asks too much is told when to come back, whatever it asks for; others, health and metrics are
/// answered.
#[tokio::test]
async fn a_client_may_ask_so_much_and_no_more() {
    let number = |n| std::num::NonZeroU32::new(n).expect("not zero");
    let limits = Limits { requests_per_second: number(1), request_burst: number(3), ..Limits::default() };
    let running = Running::start(Fixture::new().await, Options { limits, ..Options::default() }).await;
    let client = reqwest::Client::new();
    let ask = async |path: &str, client_address: &str| {
        let asked = client.get(format!("{}/{path}", running.url)).header("x-forwarded-for", client_address);
        asked.send().await.expect("answer")
    };
    for (path, status) in [("checkpoint", 200), ("nothing", 404), ("v1/batches", 405)] {
        assert_eq!(ask(path, "198.51.100.1").await.status().as_u16(), status, "{path}");
    }
    for path in ["checkpoint", "nothing", "v1/batches"] {
        let refused = ask(path, "203.0.113.7, 198.51.100.1").await;
        assert_eq!(refused.status().as_u16(), 429, "{path}");
        assert_eq!(refused.headers()["content-type"], "application/problem+json");
        assert_eq!(refused.headers()["retry-after"], "1");
        assert_eq!(refused.json::<Value>().await.expect("JSON")["code"], "too-many-requests");
    }
    for path in ["healthz", "readyz", "metrics", "healthz"] {
        assert_eq!(ask(path, "198.51.100.1").await.status().as_u16(), 200, "{path}");
    }
    assert_eq!(ask("checkpoint", "198.51.100.2").await.status().as_u16(), 200);
    running.stop().await;
}

/// Requests are counted and timed by route; what was asked for is in no label.
#[tokio::test]
async fn requests_are_measured_by_route() {
    let running = running().await;
    for path in ["v1/proofs/987654321", "surprise-987654321"] {
        assert_eq!(running.get(path).await.0, 404);
    }
    let (status, text) = running.get("metrics").await;
    let text = String::from_utf8(text).expect("text");
    assert_eq!(status, 200);
    for line in [
        r#"yieldset_http_requests_total{method="GET",status="404",endpoint="/v1/proofs/{leaf}"} "#,
        r#"yieldset_http_requests_total{method="GET",status="404",endpoint="none"} "#,
        r#"yieldset_http_requests_duration_seconds_bucket{method="GET",status="404",endpoint="none",le="+Inf"} "#,
        r#"yieldset_http_requests_pending{method="GET",endpoint="/metrics"} 1"#,
    ] {
        assert!(text.lines().any(|has| has.starts_with(line)), "{line}\n{text}");
    }
    assert!(!text.contains("987654321"), "{text}");
    running.stop().await;
}

/// Senders at once are committed in groups, each once and each with its own leaves.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_senders_at_once_each_count_once() {
    let running = std::sync::Arc::new(running().await);
    let mut senders = Vec::new();
    for n in 0..40 {
        let running = std::sync::Arc::clone(&running);
        senders.push(tokio::spawn(async move {
            // Each batch twice at once.
            let batch = running
                .fixture
                .batch(&format!("b{}", n / 2), records(&[&format!("{}-a", n / 2), &format!("{}-b", n / 2)]));
            running.post(&batch).await
        }));
    }
    let mut leaves = Vec::new();
    for sender in senders {
        let (status, answer) = sender.await.expect("no panic");
        assert_eq!(status, 200, "{answer}");
        leaves.push(answer["first_leaf"].as_u64().expect("leaf"));
    }
    leaves.sort_unstable();
    assert_eq!(leaves, (0..40).map(|n| n / 2 * 2).collect::<Vec<_>>());
    let fixture = std::sync::Arc::into_inner(running).expect("all done").stop().await;
    assert_eq!(fixture.read().await.expect("verified").size(), 40);
}

/// A sender that dawdles is cut off, a full disk refuses and keeps what is there, and a stopped log says so on /readyz.
#[tokio::test]
async fn slow_senders_full_disks_and_stopped_logs_are_told() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let fixture = Fixture::new().await;
    let running =
        Running::start(fixture, Options { body_patience: Duration::from_millis(100), ..Options::default() }).await;
    let address = running.url.strip_prefix("http://").expect("http");
    let mut slow = tokio::net::TcpStream::connect(address).await.expect("connected");
    slow.write_all(b"POST /v1/batches HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{").await.expect("sent");
    let mut answer = vec![0; 4096];
    let length = slow.read(&mut answer).await.expect("answer");
    let answer = String::from_utf8_lossy(&answer[..length]).into_owned();
    assert!(answer.starts_with("HTTP/1.1 408") && answer.contains("too-slow"), "{answer}");
    drop(slow);
    let fixture = running.stop().await;

    let log = fixture.open().await;
    let store = log.store();
    let (committer, writing) = Committer::start(log);
    let checked = |id: &str| fixture.checked(id, records(&[id]));
    committer.commit(checked("1")).await.expect("committed");
    store.faults.lock().expect("lock").after = Some(0);
    let full = Problem::from(committer.commit(checked("2")).await.expect_err("no space"));
    assert_eq!((full.status().as_u16(), full.code()), (503, "log-unavailable"));
    assert!(committer.state().is_ok());
    store.faults.lock().expect("lock").after = None;
    committer.commit(checked("2")).await.expect("space again");
    store.faults.lock().expect("lock").after = Some(1);
    let stopped = Problem::from(committer.commit(checked("3")).await.expect_err("half done"));
    assert_eq!(stopped.code(), "log-stopped");
    assert_eq!(Problem::from(committer.state().expect_err("stopped")).status().as_u16(), 503);
    drop(committer);
    assert!(writing.await.expect("no panic").is_err());
    // The group that stopped it was committed, and is carried through.
    drop(store);
    fixture.open().await.close().await.expect("closed");
    assert_eq!(fixture.read().await.expect("verified").size(), 3);
}

/// The fixture's log with its witness over HTTP, which answers while `up` says so.
async fn witnessed(fixture: &Fixture, up: &Arc<std::sync::atomic::AtomicBool>) -> Log {
    let (witness, up) = (Arc::clone(&fixture.witness), Arc::clone(up));
    let sign = move |body: axum::body::Bytes| async move {
        match up.load(std::sync::atomic::Ordering::SeqCst) {
            true => witness.add_checkpoint(&body).map_err(|_| StatusCode::BAD_REQUEST),
            false => Err(StatusCode::BAD_GATEWAY),
        }
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("address"));
    tokio::spawn(async move { axum::serve(listener, Router::new().route("/add-checkpoint", post(sign))).await });
    let witnesses = Witnesses::new(vec![Address::Url(url)]).without_patience();
    Log::open(&fixture.dir(), fixture.platforms.clone(), key(1), witnesses).await.expect("opened")
}

/// A log whose witnesses are away takes nothing, and says so: to who sends, and on /readyz. It asks them again by
/// itself. Before, it said that it was ready.
#[tokio::test]
async fn a_log_without_its_witnesses_is_not_ready() {
    use std::sync::atomic::{AtomicBool, Ordering};
    let (fixture, up) = (Fixture::new().await, Arc::new(AtomicBool::new(true)));
    let (committer, writing) = Committer::start(witnessed(&fixture, &up).await);
    let checked = |id: &str| fixture.checked(id, records(&[id]));
    committer.commit(checked("1")).await.expect("committed");
    assert!(committer.state().is_ok());
    up.store(false, Ordering::SeqCst);
    let refused = Problem::from(committer.commit(checked("2")).await.expect_err("no witness"));
    assert!(refused.detail().starts_with("the log is up, its witnesses are not"), "{}", refused.detail());
    assert!(refused.detail().contains("Send the same batch again later"), "{}", refused.detail());
    let not_ready = Problem::from(committer.state().expect_err("not ready"));
    assert_eq!((not_ready.status().as_u16(), not_ready.code()), (503, "log-unavailable"));
    up.store(true, Ordering::SeqCst);
    for _ in 0..1_000 {
        if committer.state().is_ok() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(committer.state().is_ok(), "nobody asked the witness again");
    assert_eq!(committer.commit(checked("2")).await.expect("it is logged").first_leaf, 1);
    drop(committer);
    writing.await.expect("no panic").expect("closed");
    assert_eq!(fixture.read().await.expect("verified").size(), 2);
}

#[tokio::test]
async fn only_loopback_is_served() {
    let fixture = Fixture::new().await;
    let refused = serve(fixture.open().await, ([0, 0, 0, 0], 0).into(), Options::default(), None, async {}).await;
    assert!(matches!(refused, Err(ServeError::Listen(ListenError::NotLoopback(_)))));
}
