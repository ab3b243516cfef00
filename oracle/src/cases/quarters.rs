//! What happens between two quarters.

use yieldset_rules::{
    period::quarter_start,
    usage::{Evidence, InferenceCall, Words},
};

use super::*;
use crate::{
    attribution::Question,
    compared::{After, LeftOut, Reason},
    licensed::{Beyond, Limits},
    metric::metric,
    registry::{Registration, Registry, Seen},
    report::{Committee, ReportPlace, SignedReport, compose, seal},
    settlement::settle,
    testing::{self, PERIOD, POOL, call_of, key},
    usage_log::VerifiedLog,
    verify::{self, Line, ReaderPins, Verdict, VerifyError},
    words as tables,
};

/// 2026Q4 to 2027Q2.
const QUARTERS: [u32; 3] = [PERIOD, PERIOD + 1, PERIOD + 2];
const DAY_MS: u64 = 86_400_000;

/// A quote of Melville, or of Lincoln, so many days after a quarter began.
fn call(id: &str, (text, tokens): (&str, u32), quarter: u32, day: u64) -> UsageRecord {
    let text = words(text, 100, 60);
    let words = tables::of_outputs(&[&text], embedder()).expect("embedded").remove(0);
    call_of(id, tokens, quarter_start(quarter) * 1_000 + day * DAY_MS, Evidence::Words(words), &text)
}

/// A run that read these versions, so many days after a quarter began.
fn run(id: &str, read: &[&Dataset], quarter: u32, day: u64) -> UsageRecord {
    let at = quarter_start(quarter) * 1_000 + day * DAY_MS;
    UsageRecord::TrainingRun(TrainingRun {
        run_id: id.into(),
        model: MODEL.into(),
        started_ms: at,
        ended_ms: at,
        datasets: read
            .iter()
            .map(|one| DatasetUse { manifest_hash: one.manifest_hash, epochs: 1, tokens: 1 })
            .collect(),
        ingestion_digest: [0; 32],
        base: None,
    })
}

fn question<'a>(
    period: u32,
    log_size: u64,
    after: After,
    registry: &'a Registry,
    left_out: &'a [LeftOut],
) -> Question<'a> {
    Question { period, after, registry: Some(registry), left_out, ..testing::question(log_size) }
}

/// A version's registration at the beginning of a quarter's day.
fn registered(version: u32, quarter: u32, day: u64, closed_at: Option<u64>) -> Registration {
    Registration {
        version,
        pool: POOL,
        registered_at: quarter_start(quarter) + day * DAY_MS / 1_000,
        closed_at,
        payee: true,
        redacted: false,
    }
}

fn registry(versions: &[(&Dataset, Registration)]) -> Registry {
    let registrations = versions.iter().map(|(dataset, registration)| (dataset.manifest_hash, *registration)).collect();
    Registry { seen: Seen { pool: POOL, block: 7, block_hash: [7; 32] }, registrations }
}

/// A report of what was attributed, verified against log and folder without a chain: what is not shown.
async fn verified(works: &Works, log: &VerifiedLog, found: &Attribution) -> Result<String, VerifyError> {
    let keys = [key(1), key(2)];
    let committee =
        Committee { epoch: 1, threshold: 2, keys: keys.iter().map(|key| key.verifying_key().to_bytes()).collect() };
    let settled = settle(found);
    let place = ReportPlace { chain_id: 1, registry: [1; 20], pool: POOL };
    // What came late came after a report.
    let previous = [found.totals.late_records.unwrap_or_default().min(1) as u8; 32];
    let signed: SignedReport = seal(&compose(&settled, place, 0, 1, previous), &settled, &committee, &keys);
    let report = works.path("report.json");
    crate::files::write_json(&report, &signed).expect("written");
    assert!(log.size() >= found.log.size);
    let request = verify::Request {
        report: &report,
        log_dir: &works.fixture.dir(),
        manifests: &works.path("manifests"),
        pins: &ReaderPins::default(),
        embedder: None,
        licence: None,
        proof: None,
        chain: None,
    };
    let mut not_shown = Vec::new();
    let verdict = verify::verify(&request, |line| {
        if let Line::NotShown(line) = line {
            not_shown.push(line);
        }
    });
    assert_eq!(verdict.await?, Verdict::NotAllShown);
    Ok(not_shown.join("\n"))
}

/// Proves SAFE-1 and SAFE-14: a quarter without a call between two with calls has its report, and what is dated into a
/// quarter that was reported before it came counts in the next report: once, and within what the licence allows.
/// Before, `settle` refused the silent quarter, and a late call was never paid.
#[tokio::test]
async fn a_silent_quarter_and_late_calls() {
    let works = Works::of(&[("a/moby", &[words(MOBY, 0, 500)]), ("b/lincoln", &[words(LINCOLN, 0, 500)])]).await;
    let [moby, lincoln] = [&works.datasets[0], &works.datasets[1]];
    let log = works
        .fixture
        .log_of(vec![
            run("run", &[moby, lincoln], QUARTERS[0], 1),
            call("first", (MOBY, 80), QUARTERS[0], 2),
            // Here 2026Q4 and 2027Q1 were reported.
            call("late by two", (LINCOLN, 10), QUARTERS[0], 3),
            call("late by one", (LINCOLN, 20), QUARTERS[1], 3),
            call("in time", (MOBY, 40), QUARTERS[2], 3),
        ])
        .await;
    let registry =
        registry(&[(moby, registered(1, QUARTERS[0], 0, None)), (lincoln, registered(1, QUARTERS[0], 0, None))]);
    let ask = |period, log_size, after, limits| {
        let question = Question { limits, ..question(period, log_size, after, &registry, &[]) };
        attribution::attribute(&log, &works.datasets, &question).expect("attributed")
    };
    let none = Limits::default();
    let first = ask(QUARTERS[0], 2, After::First, none);
    let silent = ask(QUARTERS[1], 2, After::Report { period: QUARTERS[0], log_size: 2 }, none);
    let after = After::Report { period: QUARTERS[1], log_size: 2 };
    let last = ask(QUARTERS[2], 5, after, none);
    assert_eq!(tokens(&first), [(1, 80)]);
    assert_eq!((tokens(&silent), silent.totals.calls, settle(&silent).weights_root), (vec![], 0, [0; 32]));
    assert_eq!((tokens(&last), last.totals.late_records), (vec![(1, 40), (2, 30)], Some(2)));
    for found in [first, silent, last] {
        let not_shown = verified(&works, &log, &found).await.expect("it follows from the log");
        assert!(not_shown.contains("the report before was"), "{not_shown}");
    }
    // A licence that lets records come for forty days: the report before came a hundred days after 2026Q4, and ten
    // after 2027Q1.
    let reported_at = quarter_start(QUARTERS[2]) + 10 * DAY_MS / 1_000;
    let bounded = ask(QUARTERS[2], 5, after, Limits { late_record_days: 40, reported_at, ..none });
    assert_eq!(tokens(&bounded), [(1, 40), (2, 20)]);
    let named: Vec<_> = bounded.uncounted.iter().map(|one| (one.call_id.as_str(), one.reason)).collect();
    assert_eq!(named, [("late by two", Beyond::TooLate)]);
}

/// Proves ATT-1: a dataset that was sold between two quarters is paid to the seller by what the model had read then,
/// and to the buyer from the first run on that read their version. Both reports verify, with both versions there.
/// Before, neither did: "two creators".
#[tokio::test]
async fn a_dataset_sold_between_two_quarters() {
    let text = words(MOBY, 0, 500);
    let mut works = Works::of(&[("a/moby", &[&text])]).await;
    let revised = format!("{text} {}", words(MOBY, 500, 100));
    works.add_for((2, 1), "a/moby", &[revised.as_bytes()]).expect("the buyer's");
    let [seller, buyer] = [&works.datasets[0], &works.datasets[1]];
    assert_eq!(seller.dataset_id(), buyer.dataset_id());
    let log = works
        .fixture
        .log_of(vec![
            run("first", &[seller], QUARTERS[0], 1),
            call("of the seller", (MOBY, 80), QUARTERS[0], 2),
            run("second", &[buyer], QUARTERS[1], 5),
            call("of the buyer", (MOBY, 40), QUARTERS[1], 6),
        ])
        .await;
    let then = registry(&[(seller, registered(1, QUARTERS[0], 0, None))]);
    let asked = question(QUARTERS[0], 2, After::First, &then, &[]);
    let first = attribution::attribute(&log, &works.datasets[..1], &asked).expect("attributed");
    let now = registry(&[(seller, registered(1, QUARTERS[0], 0, None)), (buyer, registered(2, QUARTERS[1], 1, None))]);
    let asked = question(QUARTERS[1], 4, After::Report { period: QUARTERS[0], log_size: 2 }, &now, &[]);
    let second = attribution::attribute(&log, &works.datasets, &asked).expect("attributed");
    assert_eq!((tokens(&first), tokens(&second)), (vec![(1, 80)], vec![(2, 40)]));
    let left_out: Vec<_> = second.left_out.iter().map(|one| (one.manifest_hash, one.reason)).collect();
    assert_eq!(left_out, [(seller.manifest_hash, Reason::HandedOver)]);
    let not_shown = verified(&works, &log, &first).await.expect("the seller's");
    let of_buyer = crate::hex0x(&buyer.manifest_hash);
    assert!(not_shown.contains("were registered after it looked") && not_shown.contains(&of_buyer), "{not_shown}");
    let not_shown = verified(&works, &log, &second).await.expect("the buyer's");
    assert!(!not_shown.contains("were registered after it looked"), "{not_shown}");
    // Where nobody asked the registry, every version that is there had to be compared.
    let blind = Question { registry: None, ..question(QUARTERS[0], 2, After::First, &then, &[]) };
    let blind = attribution::attribute(&log, &works.datasets[..1], &blind).expect("attributed");
    assert!(matches!(verified(&works, &log, &blind).await, Err(VerifyError::Recompute(_))));
}

/// Proves LIC-6 and LIC-10: what is withdrawn earns on by the runs before, and by no later one; what is redacted does
/// so without its text, whose table stays, and the report before verifies without it, which is said.
#[tokio::test]
async fn a_dataset_withdrawn_and_one_redacted_between_two_quarters() {
    let mut works = Works::of(&[("a/moby", &[words(MOBY, 0, 500)]), ("b/lincoln", &[words(LINCOLN, 0, 500)])]).await;
    works.add("c/late", &[words(ROOSEVELT, 0, 300).as_bytes()]).expect("made");
    let [moby, lincoln, late] = [0, 1, 2].map(|at: usize| &works.datasets[at]);
    let closed = Some(quarter_start(QUARTERS[1]));
    let log = works
        .fixture
        .log_of(vec![
            run("first", &[moby, lincoln], QUARTERS[0], 1),
            call("moby", (MOBY, 80), QUARTERS[0], 2),
            run("second", &[moby, lincoln, late], QUARTERS[1], 5),
            call("moby again", (MOBY, 40), QUARTERS[1], 6),
            call("lincoln", (LINCOLN, 20), QUARTERS[1], 7),
            call("roosevelt", (ROOSEVELT, 10), QUARTERS[1], 8),
        ])
        .await;
    let all = |closed_at| {
        registry(&[
            (moby, registered(1, QUARTERS[0], 0, closed_at)),
            (lincoln, registered(1, QUARTERS[0], 0, closed_at)),
            (late, registered(1, QUARTERS[0], 0, closed_at)),
        ])
    };
    let (then, now) = (all(None), all(closed));
    let asked = question(QUARTERS[0], 2, After::First, &then, &[]);
    let first = attribution::attribute(&log, &works.datasets, &asked).expect("attributed");
    let asked = question(QUARTERS[1], 6, After::Report { period: QUARTERS[0], log_size: 2 }, &now, &[]);
    let second = attribution::attribute(&log, &works.datasets, &asked).expect("attributed");
    assert_eq!((tokens(&first), tokens(&second)), (vec![(1, 80)], vec![(1, 40), (2, 20)]));
    let left_out: Vec<_> = second.left_out.iter().map(|one| (one.dataset.as_deref(), one.reason)).collect();
    assert_eq!(left_out, [(Some("c/late"), Reason::Closed)]);
    // The redacted text goes.
    fs::remove_file(lincoln.folder.join("texts/000.txt")).expect("removed");
    for found in [&first, &second] {
        let not_shown = verified(&works, &log, found).await.expect("its table is there");
        assert!(not_shown.contains("its texts texts/000.txt, which are gone"), "{not_shown}");
    }
    let again = crate::manifest::load_all(&works.path("manifests")).expect("loaded").datasets;
    let asked = question(QUARTERS[1], 6, After::Report { period: QUARTERS[0], log_size: 2 }, &now, &[]);
    let without = attribution::attribute(&log, &again, &asked).expect("attributed");
    assert_eq!(tokens(&without), tokens(&second));
}

/// Two datasets with different thresholds, and one under another metric: those under the report's count, the others are
/// named. Before, one stopped all.
#[tokio::test]
async fn datasets_under_several_terms() {
    let works = Works::of(&[("a/moby", &[words(MOBY, 0, 500)]), ("b/lincoln", &[words(LINCOLN, 0, 500)])]).await;
    let mut datasets = works.datasets.clone();
    datasets[1].terms.threshold = 800_000;
    let log = works
        .fixture
        .log_of(vec![
            run("run", &[&datasets[0], &datasets[1]], QUARTERS[0], 1),
            call("moby", (MOBY, 80), QUARTERS[0], 2),
            call("lincoln", (LINCOLN, 40), QUARTERS[0], 3),
        ])
        .await;
    let registry = registry(&[
        (&datasets[0], registered(1, QUARTERS[0], 0, None)),
        (&datasets[1], registered(1, QUARTERS[0], 0, None)),
    ]);
    for (threshold, paid, other) in [(700_000, (1, 80), 1), (800_000, (2, 40), 0)] {
        let asked = Question { metric: metric(threshold), ..question(QUARTERS[0], 3, After::First, &registry, &[]) };
        let found = attribution::attribute(&log, &datasets, &asked).expect("attributed");
        assert_eq!(tokens(&found), [paid]);
        let left_out: Vec<_> = found.left_out.iter().map(|one| (one.manifest_hash, one.reason)).collect();
        assert_eq!(left_out, [(datasets[other].manifest_hash, Reason::OtherTerms)]);
    }
}

/// An output without words is a call of its quarter, and nobody's.
#[tokio::test]
async fn calls_without_words_are_counted() {
    let works = Works::of(&[("a/moby", &[words(MOBY, 0, 500)])]).await;
    let UsageRecord::InferenceCall(silent) = call("silent", (MOBY, 7), QUARTERS[0], 2) else { unreachable!("a call") };
    let silent = InferenceCall { evidence: Evidence::Words(Words::default()), ..silent };
    let found = works.attributed(vec![UsageRecord::InferenceCall(silent)], &[0]).await;
    assert_eq!((found.totals.calls, found.totals.qualifying_calls, found.uncounted.len()), (1, 0, 0));
}
