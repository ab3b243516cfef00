//! The witness over HTTP, as a log's writer and as a stranger ask it.

use std::sync::Arc;

use reqwest::{Client, StatusCode, header};
use tlog_tiles::{EMPTY_HASH, Hash};
use tokio::{sync::oneshot, task::JoinHandle};
use yieldset_service::web::{Limits, ListenError};

use super::*;
use crate::{
    testing::{Fixture, ORIGIN, key},
    usage_log::{
        Log, LogError, LogInfo,
        witnesses::{self, Address, Witnesses},
    },
};

/// A witness on a port of its own.
struct Running {
    url: String,
    stop: oneshot::Sender<()>,
    served: JoinHandle<Result<(), ListenError>>,
}

impl Running {
    async fn start(witness: Witness, folder: &Path) -> Self {
        let ready = folder.join("witness-ready");
        let _ = std::fs::remove_file(&ready);
        let (stop, stopped) = oneshot::channel();
        let file = ready.clone();
        let limits = Limits {
            requests_per_second: 10_000.try_into().expect("not zero"),
            request_burst: 10_000.try_into().expect("not zero"),
            ..Limits::default()
        };
        let served = tokio::spawn(async move {
            let stop = async {
                let _ = stopped.await;
            };
            serve(Arc::new(witness), ([127, 0, 0, 1], 0).into(), Options::new(limits), Some(&file), stop).await
        });
        while !ready.exists() {
            assert!(!served.is_finished(), "the witness ended");
            tokio::task::yield_now().await;
        }
        let ready: serde_json::Value = files::read_json(&ready).expect("whole from the start");
        Self { url: ready["url"].as_str().expect("url").to_owned(), stop, served }
    }

    async fn stop(self) {
        self.stop.send(()).expect("running");
        self.served.await.expect("no panic").expect("ended in order");
    }

    fn witnesses(&self) -> Witnesses {
        Witnesses::new(vec![Address::Url(self.url.clone())]).without_patience()
    }

    async fn post(&self, body: Vec<u8>) -> (StatusCode, String, String) {
        let answer = Client::new().post(format!("{}/add-checkpoint", self.url)).body(body).send().await.expect("sent");
        let kind = answer.headers()[header::CONTENT_TYPE].to_str().expect("text").to_owned();
        (answer.status(), kind, answer.text().await.expect("text"))
    }
}

fn opened(fixture: &Fixture, memory: &str) -> Witness {
    Witness::open("witness.example", key(2), &fixture.folder.path().join(memory)).expect("opened")
}

/// A fixture whose log has a witness that listens, with the memory `name`.
async fn place(name: &str) -> (Fixture, Running) {
    let fixture = Fixture::new().await;
    let memory = fixture.folder.path().join(name);
    Witness::watch(&memory, ORIGIN, fixture.info().log_key).expect("watched");
    let running = Running::start(opened(&fixture, name), fixture.folder.path()).await;
    (fixture, running)
}

async fn open(fixture: &Fixture, witnesses: Witnesses) -> Result<Log, LogError> {
    Log::open(&fixture.dir(), fixture.platforms.clone(), key(1), witnesses).await
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("made");
    for entry in std::fs::read_dir(from).expect("listed") {
        let path = entry.expect("entry").path();
        let target = to.join(path.file_name().expect("name"));
        match path.is_dir() {
            true => copy(&path, &target),
            false => drop(std::fs::copy(&path, &target).expect("copied")),
        }
    }
}

/// Proves ATT-3's one face: a log that was copied with its key and continued twice gets one of the two cosigned, over
/// HTTP, whether they are of one size or not; also by a witness that was started anew in between.
#[tokio::test]
async fn of_a_log_continued_twice_one_is_refused() {
    for (one, other) in [(2, 2), (2, 5), (5, 2)] {
        let (fixture, running) = place("memory").await;
        let mut log = open(&fixture, running.witnesses()).await.expect("opened");
        fixture.append(&mut log, "common", 3).await;
        log.close().await.expect("closed");
        let copied = fixture.folder.path().join("copied");
        copy(&fixture.dir(), &copied);
        let mut first = open(&fixture, running.witnesses()).await.expect("opened");
        let platforms = fixture.platforms.clone();
        let mut second = Log::open(&copied, platforms.clone(), key(1), running.witnesses()).await.expect("the same");
        fixture.append(&mut first, "one", one).await;
        let batch = |id: &str, count: usize| {
            let records = (0..count).map(|n| crate::testing::call(&format!("{id}-{n}")).to_bytes()).collect();
            vec![fixture.checked(id, records)]
        };
        let error = second.append(batch("other", other)).await.expect_err("two faces");
        assert!(matches!(&error, LogError::Stopped(why) if why.contains("two faces") || why.contains("lost records")));
        drop(second);
        running.stop().await;
        let running = Running::start(opened(&fixture, "memory"), fixture.folder.path()).await;
        let again = Log::open(&copied, platforms, key(1), running.witnesses()).await.expect_err("still two faces");
        assert!(matches!(&again, LogError::Witness(why) if !why.passes()), "{again}");
        drop(first);
        open(&fixture, running.witnesses()).await.expect("the first face goes on").close().await.expect("closed");
        running.stop().await;
    }
}

/// A checkpoint of a size that the fixture's log signs, for requests by hand.
fn signed(info: &LogInfo, size: u64, root: [u8; 32]) -> Vec<u8> {
    note::sign(info, size, Hash(root), &key(1)).expect("signed").to_bytes()
}

/// Each refusal has the status that C2SP tlog-witness says, and none is a signature.
#[tokio::test]
async fn refusals_are_the_specifications() {
    let (fixture, running) = place("memory").await;
    let info = fixture.info();
    let ask = async |old: u64, proof: Vec<Hash>, note: Vec<u8>| running.post(Request::body(old, &proof, &note)).await;
    let (status, kind, line) = ask(0, vec![], signed(&info, 4, [4; 32])).await;
    assert_eq!((status, kind.as_str()), (StatusCode::OK, "text/plain; charset=utf-8"));
    let cosigned = [signed(&info, 4, [4; 32]), line.into_bytes()].concat();
    assert_eq!(note::open_witnessed(&cosigned, &info).expect("cosigned").0.size(), 4);
    let stranger = LogInfo { origin: "other.example".into(), ..info.clone() };
    let forged = note::sign(&info, 9, Hash([9; 32]), &key(9)).expect("signed").to_bytes();
    for (status, old, proof, note) in [
        (400, 9, vec![], signed(&info, 8, [8; 32])),
        (404, 0, vec![], signed(&stranger, 8, [8; 32])),
        (403, 4, vec![], forged),
        (409, 0, vec![], signed(&info, 8, [8; 32])),
        (409, 3, vec![], signed(&info, 8, [8; 32])),
        // The same size under another root.
        (409, 4, vec![], signed(&info, 4, [5; 32])),
        (422, 4, vec![], signed(&info, 8, [8; 32])),
        (422, 4, vec![Hash([1; 32]); 3], signed(&info, 8, [8; 32])),
        (422, 4, vec![Hash([1; 32])], signed(&info, 4, [4; 32])),
    ] {
        let (got, kind, body) = ask(old, proof, note).await;
        assert_eq!(got.as_u16(), status, "{body}");
        match status {
            409 => assert_eq!((kind.as_str(), body.as_str()), ("text/x.tlog.size", "4\n")),
            _ => assert_eq!(kind, "application/problem+json", "{body}"),
        }
    }
    for (status, body) in
        [(400, b"".to_vec()), (400, vec![0xff; 9]), (400, b"old x\n\n".to_vec()), (413, vec![b' '; 70_000])]
    {
        assert_eq!(running.post(body).await.0.as_u16(), status);
    }
    // What was cosigned can be had again.
    assert_eq!(ask(4, vec![], signed(&info, 4, [4; 32])).await.0, StatusCode::OK);
    running.stop().await;
}

/// Of many that ask at once to continue one state in as many ways, one is answered; the others are told the new size,
/// or that it is another face.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn requests_for_one_log_come_one_after_the_other() {
    let (fixture, running) = place("memory").await;
    let running = Arc::new(running);
    let asked: Vec<_> = (1..=40u8)
        .map(|n| {
            let (running, info) = (Arc::clone(&running), fixture.info());
            tokio::spawn(async move {
                let body = Request::body(0, &vec![], &signed(&info, 1 + u64::from(n % 3), [n; 32]));
                running.post(body).await.0
            })
        })
        .collect();
    let mut cosigned = 0;
    for answer in asked {
        match answer.await.expect("no panic") {
            StatusCode::OK => cosigned += 1,
            status => assert_eq!(status, StatusCode::CONFLICT),
        }
    }
    assert_eq!(cosigned, 1);
}

/// A witness watches several logs, each by its own key; a memory is begun once, is one process's, and is not made up
/// where it is missing.
#[tokio::test]
async fn a_memory_is_begun_once_and_never_made_up() {
    let (fixture, running) = place("memory").await;
    let memory = fixture.folder.path().join("memory");
    let key_of = |n: u8| key(n).verifying_key().to_bytes();
    assert!(matches!(Witness::watch(&memory, ORIGIN, key_of(7)), Err(WitnessError::Watched { .. })));
    assert!(matches!(Witness::watch(&memory, "two words", key_of(7)), Err(WitnessError::Name(_))));
    assert!(matches!(Witness::open("witness.example", key(2), &memory), Err(WitnessError::Locked(_))));
    assert!(matches!(Witness::open("a+b", key(2), &memory), Err(WitnessError::Name(_))));
    // Another log, added while it runs.
    Witness::watch(&memory, "second.example", key_of(7)).expect("watched");
    let second = LogInfo { origin: "second.example".into(), log_key: key_of(7), ..fixture.info() };
    let by = |n: u8| note::sign(&second, 2, Hash([2; 32]), &key(n)).expect("signed").to_bytes();
    assert_eq!(running.post(Request::body(0, &vec![], &by(1))).await.0, StatusCode::FORBIDDEN);
    assert_eq!(running.post(Request::body(0, &vec![], &by(7))).await.0, StatusCode::OK);
    std::fs::remove_file(memory_of(&memory, "second.example")).expect("lost");
    assert_eq!(running.post(Request::body(0, &vec![], &by(7))).await.0, StatusCode::NOT_FOUND);
    running.stop().await;
    let witness = Arc::new(opened(&fixture, "memory"));
    let refused = serve(witness, ([0, 0, 0, 0], 0).into(), Options::new(Limits::default()), None, async {}).await;
    assert!(matches!(refused, Err(ListenError::NotLoopback(_))));
}

/// A log needs as many witnesses as it says: one that is away holds it up where all are needed, and does not where
/// fewer are; what waited is published when it is back, once. A witness whose key the log does not name is none.
#[tokio::test]
async fn a_log_waits_for_as_many_witnesses_as_it_needs() {
    for quorum in [1, 2] {
        let (fixture, running) = place("memory").await;
        let second = fixture.folder.path().join("second");
        Witness::watch(&second, ORIGIN, fixture.info().log_key).expect("watched");
        let away = || Address::Url("http://127.0.0.1:1".into());
        let there = || Arc::new(Witness::open("second.example", key(8), &second).expect("opened"));
        let named = |name: &str, n: u8| crate::usage_log::WitnessKey {
            name: name.into(),
            key: key(n).verifying_key().to_bytes(),
        };
        let info = LogInfo {
            witnesses: vec![named("witness.example", 2), named("second.example", 8)],
            quorum,
            ..fixture.info()
        };
        std::fs::remove_dir_all(fixture.dir()).expect("removed");
        Log::create(&fixture.dir(), &info, &key(1)).expect("made");
        let with = |second: Address| Witnesses::new(vec![Address::Url(running.url.clone()), second]).without_patience();
        let opened = open(&fixture, with(away())).await;
        assert_eq!(opened.is_ok(), quorum == 1);
        drop(opened);
        // The stranger's key is not named.
        let unnamed = fixture.folder.path().join("unnamed");
        Witness::watch(&unnamed, ORIGIN, info.log_key).expect("watched");
        let stranger = Arc::new(Witness::open("second.example", key(9), &unnamed).expect("opened"));
        assert_eq!(open(&fixture, with(Address::Here(stranger))).await.is_ok(), quorum == 1);

        let mut log = open(&fixture, with(Address::Here(there()))).await.expect("both");
        fixture.append(&mut log, "a", 2).await;
        let cosigned = fixture.read().await.expect("verified").cosigned().len();
        assert!((quorum..=2).contains(&cosigned), "{cosigned}");
        log.close().await.expect("closed");
        running.stop().await;
    }
}

/// While its witness is away a batch is not acknowledged and not shown; sent again once it is back, it has the leaves
/// of the first time. What came after it waits, too.
#[tokio::test]
async fn what_waits_for_a_witness_counts_once() {
    let (fixture, running) = place("memory").await;
    let url = running.url.clone();
    let mut log = open(&fixture, running.witnesses()).await.expect("opened");
    fixture.append(&mut log, "a", 2).await;
    running.stop().await;
    let batch = |id: &str| vec![fixture.checked(id, vec![crate::testing::call(id).to_bytes()])];
    for id in ["b", "c", "b"] {
        let error = log.append(batch(id)).await.expect_err("nobody cosigns");
        assert!(matches!(&error, LogError::Witness(why) if why.passes()), "{error}");
    }
    assert_eq!((fixture.read().await.expect("verified").size(), log.tree().now().tree.size()), (2, 2));
    log.close().await.expect("kept in the journal");
    let address = url.strip_prefix("http://").expect("http").parse().expect("an address");
    let witness = Arc::new(opened(&fixture, "memory"));
    let (stop, stopped) = oneshot::channel::<()>();
    let served = tokio::spawn(serve(witness, address, Options::new(Limits::default()), None, async {
        let _ = stopped.await;
    }));
    let witnesses = Witnesses::new(vec![Address::Url(url)]);
    let mut log = open(&fixture, witnesses).await.expect("opened, with patience");
    for (id, leaf) in [("b", 2), ("c", 3), ("b", 2)] {
        let answers = log.append(batch(id)).await.expect("cosigned");
        assert_eq!(answers[0].as_ref().expect("accepted").first_leaf, leaf);
    }
    log.close().await.expect("closed");
    assert_eq!(fixture.read().await.expect("verified").size(), 4);
    drop(stop);
    served.await.expect("no panic").expect("ended");
}

/// A witness that was started with another key is told by both, and how to go on: not that it must be made known.
#[tokio::test]
async fn a_witness_with_another_key_is_told_which_counts() {
    let fixture = Fixture::new().await;
    let memory = fixture.folder.path().join("other");
    Witness::watch(&memory, ORIGIN, fixture.info().log_key).expect("watched");
    let other = Witness::open("witness.example", key(7), &memory).expect("opened");
    let witnesses = Witnesses::new(vec![Address::Here(Arc::new(other))]).without_patience();
    let error = open(&fixture, witnesses).await.expect_err("another key").to_string();
    let named = hex::encode(fixture.info().witnesses[0].key);
    assert!(error.contains(&named) && error.contains("signs as witness.example by a key with the id"), "{error}");
    assert!(error.contains("start it with the key that log.json names") && !error.contains("witness-init"), "{error}");
}

/// What a witness that lies answers is not taken: a signature over nothing, a size without end, rubbish.
#[tokio::test]
async fn a_lying_witness_is_not_believed() {
    use axum::{Router, http::StatusCode as Status, response::IntoResponse, routing::post};
    let fixture = Fixture::new().await;
    let answer = |n: usize| match n {
        0 => (Status::OK, [(header::CONTENT_TYPE, "text/plain")], "rubbish\n").into_response(),
        1 => {
            (Status::OK, [(header::CONTENT_TYPE, "text/plain")], "\u{2014} witness.example AAAAAAAA\n").into_response()
        }
        2 => (Status::CONFLICT, [(header::CONTENT_TYPE, "text/plain")], "0\n").into_response(),
        3 => (Status::CONFLICT, [(header::CONTENT_TYPE, "text/x.tlog.size")], "-1\n").into_response(),
        4 => (Status::CONFLICT, [(header::CONTENT_TYPE, "text/x.tlog.size")], "99\n").into_response(),
        _ => Status::INTERNAL_SERVER_ERROR.into_response(),
    };
    for n in 0..6 {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("bound");
        let url = format!("http://{}", listener.local_addr().expect("address"));
        let router = Router::new().route("/add-checkpoint", post(move || async move { answer(n) }));
        let served = tokio::spawn(async move { axum::serve(listener, router).await });
        let witnesses = Witnesses::new(vec![Address::Url(url)]).without_patience();
        let error = open(&fixture, witnesses).await.expect_err("not cosigned");
        let known = matches!(&error, LogError::Witness(witnesses::WitnessError::Shrunk { last: 99, .. }));
        assert!(known == (n == 4) && matches!(error, LogError::Witness(_)), "{n}: {error}");
        served.abort();
    }
    assert_eq!(EMPTY_HASH, fixture.open().await.tree().now().tree.root());
}

/// A memory that is only out of reach, on a disk that is not mounted, is not begun anew: the witness would cosign a
/// second face.
#[test]
fn a_memory_out_of_reach_is_not_begun_anew() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let [memory, disk] = ["memory", "disk"].map(|name| folder.path().join(name));
    Witness::watch(&memory, ORIGIN, key(1).verifying_key().to_bytes()).expect("watched");
    let file = memory_of(&memory, ORIGIN);
    std::fs::create_dir(&disk).expect("made");
    let there = disk.join("seen.json");
    std::fs::rename(&file, &there).expect("moved");
    std::os::unix::fs::symlink(&there, &file).expect("linked");
    std::fs::rename(&disk, folder.path().join("unmounted")).expect("gone");
    let again = Witness::watch(&memory, ORIGIN, key(1).verifying_key().to_bytes());
    assert!(again.is_err(), "it begins from nothing");
    std::fs::rename(folder.path().join("unmounted"), &disk).expect("mounted again");
    assert!(matches!(
        Witness::watch(&memory, ORIGIN, key(1).verifying_key().to_bytes()),
        Err(WitnessError::Watched { .. })
    ));
}
