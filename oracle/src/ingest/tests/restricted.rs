//! The log's two faces over HTTP.

use yieldset_rules::usage::UsageRecord;

use super::*;
use crate::{
    grant::{Grant, Role, Scope, SignedGrant, Stream},
    lines, readings, settlement, slug_id,
    testing::{self, IN_PERIOD, MODEL, PERIOD, key},
};

const LICENCE: [u8; 32] = [9; 32];

fn clock() -> u64 {
    IN_PERIOD
}

fn grant(scope: Scope) -> Grant {
    Grant { role: Role::Auditor, stream: Some(LICENCE), scope, ..crate::grant::tests::grant(1, IN_PERIOD / 1_000) }
}

/// A log of 300 calls of `lumen` and one of another platform, whose records and lines are read by grants.
async fn restricted() -> Running {
    let fixture = Fixture::new().await;
    let (attribution, signed) = testing::reported_by(&fixture, 300).await;
    assert_eq!(settlement::settle(&attribution), signed.settlement);
    let mut log = fixture.open().await;
    let other = UsageRecord::from_bytes(&call("other-1").to_bytes()).expect("a record");
    let UsageRecord::InferenceCall(mut other) = other else { unreachable!("a call") };
    other.model = "other/1".into();
    let batch = Batch::sign("other", "b", vec![UsageRecord::InferenceCall(other).to_bytes()], &key(4));
    let batch = batch.check(&fixture.platforms, &Bounds::default(), IN_PERIOD).expect("good").within_bounds();
    log.append(vec![batch]).await.expect("appended")[0].as_ref().expect("taken");
    log.close().await.expect("closed");
    let lines = fixture.folder.path().join("lines");
    let name = format!("{}-2026Q4.json", hex::encode(LICENCE));
    files::write_json(&lines.join(name), &attribution).expect("written");
    let licence = Stream { stream: LICENCE, models: vec![MODEL.into()], issuers: vec![] };
    let options = Options { licences: vec![licence], lines: Some(lines), clock, ..Options::default() };
    Running::start(fixture, options).await
}

impl Running {
    async fn read(&self, grant: &Grant, by: u8, asked: &str) -> (u16, Value) {
        let signed = SignedGrant {
            grant: hex::encode(grant.to_bytes()),
            signature: ed25519_dalek::Signer::sign(&key(by), &grant.to_bytes()).to_bytes(),
        };
        self.read_as(&signed, asked).await
    }

    async fn read_as(&self, signed: &SignedGrant, asked: &str) -> (u16, Value) {
        let header = signed.header(asked, IN_PERIOD / 1_000, &key(40)).expect("a header");
        let request = reqwest::Client::new().get(format!("{}{asked}", self.url)).header("authorization", header);
        let answer = request.send().await.expect("answer");
        let (status, body) = (answer.status().as_u16(), answer.bytes().await.expect("body"));
        (status, serde_json::from_slice(&body).unwrap_or_else(|_| json!(hex::encode(&body))))
    }

    fn code(answer: &(u16, Value)) -> (u16, &str) {
        (answer.0, answer.1["code"].as_str().unwrap_or_default())
    }
}

/// Proves ATT-13: records are given by a grant alone: those of its leaves, period and stream, each with its way into
/// the checkpoint; every answer is a line of the log of readings, a refusal is none.
#[tokio::test]
async fn records_are_read_by_grants_and_each_reading_is_logged() {
    let running = restricted().await;
    let some = grant(Scope::Leaves { from: 250, to: 301 });
    let (status, read) = running.read(&some, 1, "/v1/records?from=250&to=301").await;
    assert_eq!(status, 200, "{read}");
    let read: Records = serde_json::from_value(read).expect("records");
    // The last leaf is another platform's.
    assert_eq!(read.records.iter().map(|one| one.leaf).collect::<Vec<_>>(), (250..300).collect::<Vec<_>>());
    let info = crate::usage_log::LogInfo::load(&running.fixture.dir()).expect("log.json");
    let checkpoint = note::open_witnessed(read.checkpoint.as_bytes(), &info).expect("signed").0;
    for one in &read.records {
        let bytes = hex::decode(&one.record).expect("hex");
        let path = one.proof.iter().map(|hash| Hash(*hash)).collect();
        check_record(&path, read.tree_size, *checkpoint.hash(), one.leaf, record_hash(&bytes)).expect("included");
    }
    let whole = Grant { stream: None, role: Role::Committee, ..grant(Scope::Leaves { from: 0, to: 512 }) };
    let (status, last) = running.read(&whole, 1, "/v1/records?from=299&to=301").await;
    assert_eq!((status, last["records"].as_array().map(Vec::len)), (200, Some(2)));
    let (status, bundle) = running.read(&whole, 1, "/tile/entries/001.p/45").await;
    let bytes = hex::decode(bundle.as_str().expect("bytes")).expect("hex");
    assert_eq!((status, layout::decode_bundle(&bytes, 45).map(|records| records.len())), (200, Some(45)));
    let (status, batch) = running.read(&whole, 1, "/batch/300").await;
    assert_eq!((status, batch["platform"].as_str()), (200, Some("other")));
    let period = grant(Scope::Period(PERIOD));
    assert_eq!(
        running.read(&period, 1, "/v1/records?from=0&to=9").await.1["records"].as_array().map(Vec::len),
        Some(9)
    );
    let other = grant(Scope::Period(PERIOD + 1));
    assert_eq!(running.read(&other, 1, "/v1/records?from=0&to=9").await.1["records"].as_array().map(Vec::len), Some(0));
    for (grant, by, asked, status, code) in [
        (&some, 1, "/v1/records?from=249&to=301", 403, "beyond-grant"),
        (&some, 1, "/v1/records?from=250&to=302", 403, "beyond-grant"),
        (&some, 1, "/tile/entries/001.p/45", 403, "beyond-grant"),
        (&some, 1, "/batch/000", 403, "beyond-grant"),
        (&some, 1, "/v1/readings/0", 403, "beyond-grant"),
        (&some, 2, "/v1/records?from=250&to=301", 403, "forged-grant"),
        (&whole, 1, "/v1/records?from=0&to=301", 422, "too-wide"),
        (&whole, 1, "/v1/records?from=301&to=302", 422, "too-wide"),
        (&some, 1, "/v1/records?from=250&to=301", 403, "reading-replayed"),
    ] {
        assert_eq!(Running::code(&running.read(grant, by, asked).await), (status, code), "{asked}");
    }
    for path in ["v1/records?from=0&to=9", "tile/entries/000", "batch/000", "v1/readings/0"] {
        let (status, body) = running.get(path).await;
        let problem: Value = serde_json::from_slice(&body).expect("JSON");
        assert_eq!((status, problem["code"].as_str()), (401, Some("no-grant")), "{path}");
    }
    // Six were answered.
    let (_, head) = running.get("v1/readings").await;
    let head: readings::Head = serde_json::from_slice(&head).expect("a head");
    assert_eq!(head.readings, 6);
    assert_eq!(running.read(&whole, 1, "/v1/readings/0").await.0, 200);
    let fixture = running.stop().await;
    let checked = readings::check(&fixture.dir().join(readings::FILE)).expect("chained and signed");
    assert_eq!(checked.readings, 7);
}

/// Proves ATT-13: whoever does not know how long a log is asks for as much as is read at once, gets what is there, and
/// is told the range; a query without one is told what to give. Before, the documentation's own example was refused by
/// every log of fewer than 256 records.
#[tokio::test]
async fn a_range_ends_with_the_log() {
    let running = restricted().await;
    let whole = Grant { stream: None, role: Role::Committee, ..grant(Scope::Leaves { from: 0, to: 512 }) };
    let (status, read) = running.read(&whole, 1, "/v1/records?from=290&to=512").await;
    assert_eq!((status, &read["from"], &read["to"]), (200, &json!(290), &json!(301)), "{read}");
    assert_eq!(read["records"].as_array().map(Vec::len), Some(11));
    for asked in ["/v1/records", "/v1/records?from=0", "/v1/records?from=a&to=2", "/v1/records?from=0&to=2&x=1"] {
        let answer = running.read(&whole, 1, asked).await;
        assert_eq!(Running::code(&answer), (400, "no-range"), "{asked}");
        assert!(answer.1["detail"].as_str().is_some_and(|told| told.contains("give from and to")), "{answer:?}");
    }
    let unknown = Grant { stream: Some([8; 32]), ..grant(Scope::Leaves { from: 0, to: 512 }) };
    let answer = running.read(&unknown, 1, "/v1/records?from=0&to=2").await;
    assert_eq!(Running::code(&answer), (422, "unknown-stream"), "nothing is not the answer: {answer:?}");
    let backwards = running.read(&whole, 1, "/v1/records?from=9&to=3").await.0;
    assert!([403, 422].contains(&backwards), "{backwards}");
    running.stop().await;
}

/// Proves ATT-13: a contributor reads their own lines of a period, proven against the report, and nothing else: no
/// other account's, no other period's, no record.
#[tokio::test]
async fn contributors_read_their_own_lines() {
    let running = restricted().await;
    let (_, signed) = testing::reported(300).await;
    let report = signed.check().expect("whole");
    let asked = format!("/v1/lines/0x{}/2026Q4", hex::encode(LICENCE));
    for contributor in &signed.settlement.contributors {
        let own = Grant { role: Role::Contributor(contributor.account), ..grant(Scope::Period(PERIOD)) };
        let (status, read) = running.read(&own, 1, &asked).await;
        assert_eq!(status, 200, "{read}");
        let read: Lines = serde_json::from_value(read).expect("lines");
        let tokens = lines::check_of_account(&report, &read.lines, &contributor.account).expect("proven");
        assert_eq!((read.lines_root, tokens), (report.lines_root, contributor.tokens));
        let other_period = asked.replace("2026Q4", "2026Q3");
        assert_eq!(Running::code(&running.read(&own, 1, &other_period).await), (403, "beyond-grant"));
        let record = running.read(&own, 1, "/v1/records?from=0&to=1").await;
        assert_eq!(Running::code(&record), (403, "beyond-grant"));
    }
    let nobody = Grant { role: Role::Contributor([99; 20]), ..grant(Scope::Period(PERIOD)) };
    assert_eq!(running.read(&nobody, 1, &asked).await.1["lines"], json!([]));
    let party = Grant { role: Role::Party, ..grant(Scope::Period(PERIOD)) };
    assert_eq!(running.read(&party, 1, &asked).await.1["lines"].as_array().map(Vec::len), Some(300));
    let elsewhere = Grant { stream: Some(slug_id(MODEL)), ..party };
    assert_eq!(Running::code(&running.read(&elsewhere, 1, &asked).await), (403, "beyond-grant"));
    running.stop().await;
}

/// What cannot be logged is not answered.
#[tokio::test]
async fn an_answer_needs_its_line() {
    let fixture = Fixture::new().await;
    fixture.log_of(vec![UsageRecord::from_bytes(&call("1").to_bytes()).expect("a record")]).await;
    // A log of readings that was changed stops the service, not the reader.
    std::fs::write(fixture.dir().join(readings::FILE), "{}\n").expect("written");
    let log = fixture.open().await;
    let served = serve(log, ([127, 0, 0, 1], 0).into(), Options::default(), None, async {}).await;
    assert!(matches!(served, Err(ServeError::Readings(_))), "{served:?}");
}

/// Proves ATT-13: what is deleted for its age is given to nobody, whatever the grant, and that it is deleted is said;
/// hashes and proofs of it are everybody's as before, and what is not as old is read as before.
#[tokio::test]
async fn deleted_records_are_gone() {
    let fixture = Fixture::new().await;
    testing::reported_by(&fixture, 300).await;
    let days = yieldset_rules::licence::RETENTION_DAYS;
    let later = IN_PERIOD / 1_000 + (days + 1) * yieldset_rules::licence::DAY;
    let stated = crate::usage_log::pruned::prune(&fixture.dir(), &key(1), (later, days)).await.expect("pruned");
    assert_eq!(stated.map(|stated| stated.size), Some(256));
    let running = Running::start(fixture, Options { clock, ..Options::default() }).await;
    let whole = Grant { stream: None, role: Role::Committee, ..grant(Scope::Leaves { from: 0, to: 300 }) };
    for asked in ["/v1/records?from=0&to=9", "/v1/records?from=255&to=300", "/tile/entries/000"] {
        assert_eq!(Running::code(&running.read(&whole, 1, asked).await), (410, "deleted"), "{asked}");
    }
    let (status, rest) = running.read(&whole, 1, "/v1/records?from=256&to=300").await;
    assert_eq!((status, rest["records"].as_array().map(Vec::len)), (200, Some(44)));
    for path in ["tile/0/000", "v1/proofs/5", "v1/consistency/100"] {
        assert_eq!(running.get(path).await.0, 200, "{path}");
    }
    running.stop().await;
}
