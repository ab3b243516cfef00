use proptest::prelude::*;
use yieldset_rules::{
    report::{Outcome, Report},
    usage::{DatasetUse, TrainingRun, Whole},
};

use super::*;
use crate::{
    embed::{self, embed_all, for_tests},
    fingerprint,
    manifest::Chunk,
    metric::{DEFAULT_THRESHOLD, FIRST_NAME, first_metric as metric},
    report::{ReportPlace, compose},
    settlement::{Settlement, settle},
    testing::{self, Fixture, IN_PERIOD, MODEL, PERIOD, call_of, unit},
    text,
};

const PASSAGE: &str = "the quick brown fox jumps over the lazy dog while seven wizards brew strong tea at noon";

/// A call with evidence of version 1.
fn call_with(id: &str, tokens: u32, at_ms: u64, embedding: embed::Embedding, text: &str) -> UsageRecord {
    let whole = Whole { embedding, fingerprints: fingerprint::fingerprints(text) };
    call_of(id, tokens, at_ms, Evidence::Whole(whole), text)
}

fn call(id: &str) -> UsageRecord {
    call_with(id, 10, IN_PERIOD, unit(0, 1_000_000), "")
}

/// A dataset for version 1, of one text that is all one chunk along an axis.
fn dataset(slug: &str, account: u8, axis: usize, text: &str) -> Dataset {
    let mut dataset = testing::dataset(slug, account, axis, text);
    (dataset.terms.metric, dataset.terms.metric_version) = (FIRST_NAME.into(), 1);
    dataset.chunks = vec![Chunk { file: 0, number: 0, text: text.into(), embedding: unit(axis, 1_000_000) }];
    dataset.fingerprints = vec![fingerprint::fingerprints(text)];
    dataset.tables.clear();
    dataset
}

fn question(log: &VerifiedLog) -> Question<'static> {
    Question { metric: metric(DEFAULT_THRESHOLD), after: After::First, ..testing::question(log.size()) }
}

async fn attributed(records: Vec<UsageRecord>, datasets: &[Dataset]) -> Result<Attribution, AttributionError> {
    let fixture = Fixture::new().await;
    let log = fixture.log_of(records).await;
    attribute(&log, datasets, &question(&log))
}

fn tokens(attribution: &Attribution) -> Vec<(u8, u64, u64)> {
    attribution.contributors.iter().map(|one| (one.account[0], one.qualifying_outputs, one.tokens)).collect()
}

/// Proves ATT-5: a score qualifies only strictly above the threshold, on either part of the metric.
#[tokio::test]
async fn only_scores_above_the_threshold_qualify() {
    let half: String = PASSAGE.split(' ').chain(std::iter::repeat_n("other", 1)).collect::<Vec<_>>().join(" ");
    let datasets = [dataset("a/a", 1, 0, PASSAGE), dataset("b/b", 2, 1, "nothing in common with anything else here")];
    let exact = call_with("exact", 100, IN_PERIOD, unit(0, DEFAULT_THRESHOLD), "");
    let UsageRecord::InferenceCall(at_threshold) = &exact else { unreachable!("a call") };
    let Evidence::Whole(at_threshold) = &at_threshold.evidence else { unreachable!("version 1") };
    let cosine = embed::cosine(&at_threshold.embedding, &datasets[0].chunks[0].embedding);
    let records = vec![
        exact.clone(),
        call_with("above", 10, IN_PERIOD, unit(0, 700_100), ""),
        call_with("below", 20, IN_PERIOD, unit(0, 699_000), ""),
        call_with("copied", 40, IN_PERIOD, unit(2, 1_000_000), &half),
    ];
    let fixture = Fixture::new().await;
    let log = fixture.log_of(records).await;
    // At exactly the score it does not count, one millionth below it does.
    for (threshold, qualifies) in [(cosine, false), (cosine - 1, true)] {
        let mut datasets = datasets.clone();
        datasets.iter_mut().for_each(|dataset| dataset.terms.threshold = threshold);
        let found =
            attribute(&log, &datasets, &Question { metric: metric(threshold), ..question(&log) }).expect("attributed");
        assert_eq!(found.outputs[0].scores[0].qualifies, qualifies);
        assert_eq!(found.outputs[0].scores[0].score, cosine);
    }
    let found = attribute(&log, &datasets, &question(&log)).expect("attributed");
    let qualifying: Vec<_> =
        found.outputs.iter().filter(|output| output.qualifies()).map(|output| output.call_id.as_str()).collect();
    assert!(qualifying.contains(&"above") && qualifying.contains(&"copied") && !qualifying.contains(&"below"));
    let copied = &found.outputs[3].scores[0];
    assert!(copied.containment > DEFAULT_THRESHOLD && copied.cosine < 10_000);
    assert_eq!((copied.copied_from.as_deref(), copied.score), (Some("texts/a.txt"), copied.containment));
    assert_eq!(found.metric, metric(DEFAULT_THRESHOLD));
}

/// Proves ATT-6: an output's tokens are shared by score to the last one; datasets of one account count as one creator,
/// by their best passage; contributors are sorted by address, those without tokens included; other periods and models
/// do not count.
#[tokio::test]
async fn tokens_go_where_the_scores_are() {
    let mut both = unit(0, 800_000);
    both[EMBEDDING_END] = 0;
    both[1] = (0.6 * f64::from(i16::MAX)) as i16;
    let datasets = [
        dataset("b/one", 2, 0, "b"),
        dataset("b/two", 2, 3, "b"),
        dataset("a/one", 1, 1, "a"),
        dataset("c/one", 3, 5, "c"),
    ]
    .map(|mut dataset| {
        dataset.terms.threshold = 500_000;
        dataset
    });
    let mut later = call("later");
    let UsageRecord::InferenceCall(inner) = &mut later else { unreachable!("a call") };
    inner.at_ms = 1_798_761_600_000;
    let records = vec![
        call_with("both", 101, IN_PERIOD, both, ""),
        call_with("second dataset", 7, 1_798_761_599_999, unit(3, 1_000_000), ""),
        call_with("nobody's", 1_000, IN_PERIOD, unit(9, 1_000_000), ""),
        later,
    ];
    let fixture = Fixture::new().await;
    let log = fixture.log_of(records).await;
    let found =
        attribute(&log, &datasets, &Question { metric: metric(500_000), ..question(&log) }).expect("attributed");
    // 101 tokens as 0.8 to 0.6: 57.7 and 43.3.
    assert_eq!(tokens(&found), [(1, 1, 43), (2, 2, 58 + 7), (3, 0, 0)]);
    assert_eq!(
        found.totals,
        Totals { calls: 3, qualifying_calls: 2, tokens: 1_108, attributed_tokens: 108, late_records: Some(0) }
    );
    assert_eq!(found.contributors[1].datasets, ["b/one", "b/two"]);
    assert_eq!(found.outputs[1].scores[0].dataset, "b/two");
    assert_eq!(found.outputs[2].scores.len(), 1, "the nearest miss explains why nothing was paid");
}

const EMBEDDING_END: usize = yieldset_rules::usage::EMBEDDING_DIMENSIONS - 1;

fn moments(runs: &[u64]) -> ReadBy {
    ReadBy::One(runs.iter().copied().map(Read::at).collect())
}

fn run(id: &str, manifests: &[[u8; 32]]) -> UsageRecord {
    run_at(id, 1, manifests)
}

fn run_at(id: &str, started_ms: u64, manifests: &[[u8; 32]]) -> UsageRecord {
    UsageRecord::TrainingRun(TrainingRun {
        run_id: id.into(),
        model: MODEL.into(),
        started_ms,
        ended_ms: started_ms + 1,
        datasets: manifests.iter().map(|&manifest_hash| DatasetUse { manifest_hash, epochs: 1, tokens: 1 }).collect(),
        ingestion_digest: [0; 32],
        base: None,
    })
}

/// Bad input: a model that the log does not know, nothing that could be compared.
#[tokio::test]
async fn what_cannot_be_attributed_is_told() {
    let datasets = [dataset("a/a", 1, 0, "a")];
    let fixture = Fixture::new().await;
    let log = fixture.log_of(vec![call("1")]).await;
    let models = Models::one("lumen/lumen-2");
    let other = Question { models: &models, ..question(&log) };
    assert!(matches!(attribute(&log, &datasets, &other), Err(AttributionError::UnknownModel { .. })));
    let other = Question { metric: metric(1), ..question(&log) };
    let error = attribute(&log, &datasets, &other).expect_err("nothing is left").to_string();
    assert!(error.contains("a/a (other_terms, 0 training runs)"), "{error}");
}

/// Proves SAFE-1: a quarter without a call, and one in which none counts by the licence, has a report that says that
/// nothing qualified: its money moves on, and what a licence owes by usage is known. Before, there was none.
#[tokio::test]
async fn a_quarter_without_calls_is_reported() {
    let datasets = [dataset("a/a", 1, 0, "a")];
    let fixture = Fixture::new().await;
    let log = fixture.log_of(vec![call("1")]).await;
    let none = Limits { call_tokens: 9, ..Limits::default() };
    for (question, uncounted) in [
        // Its licence began in it, so that no call of before waits for it.
        (
            Question {
                period: PERIOD + 1,
                limits: Limits { began: PERIOD + 1, ..Limits::default() },
                ..question(&log)
            },
            0,
        ),
        // The call has ten tokens.
        (Question { limits: none, ..question(&log) }, 1),
    ] {
        let found = attribute(&log, &datasets, &question).expect("a silent quarter");
        assert_eq!((found.totals.calls, found.totals.tokens, found.uncounted.len()), (0, 0, uncounted));
        let settled = Settlement { stream: [9; 32], ..settle(&found) };
        assert_eq!((settled.check(), settled.contributors.len(), settled.lines_root), (Ok(()), 0, [0; 32]));
        let place = ReportPlace { chain_id: 1, registry: [1; 20], pool: [2; 20] };
        let report = compose(&settled, place, 0, 1, [0; 32]);
        assert_eq!(Report::from_bytes(&report.to_bytes()), Ok(report.clone()), "the registry reads it");
        assert_eq!(report.outcome, Outcome::NothingQualified);
    }
}

/// Proves ATT-6: what one record or one dataset has wrong does not stop the others' money. Training runs on
/// versions that are not here or do not count, and a dataset under another metric, are left out, counted and named; the
/// tokens go where they would go without them.
#[tokio::test]
async fn what_one_record_or_dataset_has_wrong_stops_nobody_else() {
    let mut other = dataset("c/c", 3, 5, "c");
    other.terms.threshold += 1;
    let datasets = [dataset("a/a", 1, 0, "a"), dataset("b/b", 2, 1, "b"), other];
    let [a, b, c] = [0, 1, 2].map(|at: usize| datasets[at].manifest_hash);
    let (unknown, withdrawn) = ([9; 32], [8; 32]);
    let records = vec![
        run("one", &[a, unknown, withdrawn]),
        run("two", &[unknown, c, unknown]),
        run("three", &[a, b]),
        call_with("of a", 10, IN_PERIOD, unit(0, 1_000_000), ""),
        call_with("of b", 30, IN_PERIOD, unit(1, 1_000_000), ""),
        call_with("would be of c", 50, IN_PERIOD, unit(5, 1_000_000), ""),
    ];
    let fixture = Fixture::new().await;
    let log = fixture.log_of(records).await;
    let gone = LeftOut::bare(withdrawn, Some("d/d".into()), Reason::Damaged);
    let told = |left_out: LeftOut, runs: &[u64]| LeftOut { runs: moments(runs), ..left_out };
    let left_out = [told(gone.clone(), &[7])];
    let found = attribute(&log, &datasets, &Question { left_out: &left_out, ..question(&log) }).expect("attributed");
    assert_eq!(tokens(&found), [(1, 1, 10), (2, 1, 30)]);
    assert_eq!(found.manifests.iter().map(|one| one.manifest_hash).collect::<Vec<_>>(), [a, b]);
    let mut expected = [
        told(gone, &[1]),
        told(LeftOut::bare(unknown, None, Reason::Unknown), &[1, 1]),
        told(LeftOut::bare(c, Some("c/c".into()), Reason::OtherTerms), &[1]),
    ];
    expected.sort();
    assert_eq!(found.left_out, expected);
    let summary = crate::compared::summary(&found.left_out).expect("something was left out");
    assert!(
        summary.contains(&format!("0x{} of a dataset that is not here (unknown, 2 training runs)", "09".repeat(32)))
    );
}

/// Proves SAFE-14 and ATT-1: only what is in the pool and was registered before a run of this model that is in the log
/// earns; another model's run, and one that the report's log does not have yet, count nothing. What does not earn is
/// named with its reason, and its tokens are nobody's.
#[tokio::test]
async fn training_decides_who_earns() {
    let names = ["a", "b", "c", "d", "e", "f"];
    let datasets = [0, 1, 2, 3, 4, 5].map(|at| dataset(&format!("{}/w", names[at]), at as u8 + 1, at, names[at]));
    let [a, b, c, d, e, f] = [0, 1, 2, 3, 4, 5].map(|at: usize| datasets[at].manifest_hash);
    let UsageRecord::TrainingRun(others) = run_at("other", 150_000, &[d]) else { unreachable!("a run") };
    let others = UsageRecord::TrainingRun(TrainingRun { model: "lumen/lumen-2".into(), ..others });
    let calls = (0..6).map(|axis| call_with(&format!("of {axis}"), 10, IN_PERIOD, unit(axis, 1_000_000), ""));
    let mut records = vec![run_at("one", 150_000, &[a, b, c, f, f]), run_at("two", 90_000, &[a, b])];
    records.extend(calls);
    records.push(run_at("later", 200_000, &[e]));
    let mut fixture = Fixture::new().await;
    fixture.platforms[0].models.push("lumen/lumen-2".into());
    records.insert(2, others);
    let log = fixture.log_of(records).await;
    let (pool, registered_at) = ([7; 20], 100);
    let good = Registration { version: 1, pool, registered_at, closed_at: None, payee: true, redacted: false };
    let registrations = [
        (a, good),
        (b, Registration { registered_at: 150, ..good }),
        (c, Registration { pool: [8; 20], ..good }),
        (d, good),
        (e, good),
    ];
    let seen = Seen { pool, block: 7, block_hash: [7; 32] };
    let registry = Registry { seen, registrations: registrations.into() };
    let asked = Question { log_size: 9, registry: Some(&registry), ..question(&log) };
    let found = attribute(&log, &datasets, &asked).expect("attributed");
    assert_eq!(tokens(&found), [(1, 1, 10)]);
    assert_eq!((found.seen, found.totals.attributed_tokens, found.totals.tokens), (Some(seen), 10, 60));
    assert_eq!(found.manifests.len(), 1);
    assert_eq!((found.manifests[0].registration, &found.manifests[0].runs), (Some(good), &moments(&[150_000, 90_000])));
    let left_out: BTreeMap<_, _> =
        found.left_out.iter().map(|one| (one.manifest_hash, (one.reason, one.runs.clone()))).collect();
    let expected = [
        (b, (Reason::RegisteredLater, moments(&[150_000, 90_000]))),
        (c, (Reason::OtherPool, moments(&[150_000]))),
        (d, (Reason::NotTrained, ReadBy::default())),
        (e, (Reason::NotTrained, ReadBy::default())),
        // Read twice in one run.
        (f, (Reason::Unregistered, moments(&[150_000]))),
    ];
    assert_eq!(left_out, expected.into());
    // Once the log has the later run, what it read earns.
    let whole = attribute(&log, &datasets, &Question { log_size: 10, ..asked }).expect("attributed");
    assert_eq!(tokens(&whole), [(1, 1, 10), (5, 1, 10)]);
}

/// Proves ATT-11's commons: a passage that as many creators have as the licence's terms say counts for nobody, by
/// neither part of the metric; a creator's own passages count as before, and one creator fewer is too few.
#[tokio::test]
async fn what_many_creators_have_counts_for_nobody() {
    const OWN: &str = "a heron stood in the shallow water by the old mill and did not move until the evening bell rang";
    let shared = |slug: &str, account| dataset(slug, account, 0, PASSAGE);
    let mut datasets = vec![shared("a/a", 1), shared("b/b", 2), shared("c/c", 3), shared("c/again", 3)];
    let own = dataset("a/own", 1, 4, OWN);
    datasets.push(own.clone());
    let records = vec![
        call_with("like the shared one", 30, IN_PERIOD, unit(0, 1_000_000), ""),
        call_with("copy of it", 60, IN_PERIOD, unit(9, 1_000_000), PASSAGE),
        call_with("copy of a's own", 7, IN_PERIOD, unit(9, 1_000_000), OWN),
        call_with("half and half", 5, IN_PERIOD, unit(9, 1_000_000), &format!("{PASSAGE} {OWN}")),
    ];
    let fixture = Fixture::new().await;
    let log = fixture.log_of(records).await;
    let found = |common_from| {
        let limits = Limits { common_from, ..Limits::default() };
        attribute(&log, &datasets, &Question { limits, ..question(&log) }).expect("attributed")
    };
    // 90 tokens of the shared passage for three, a's own for a, and of the last all for a, who has both.
    let before = [(1, 4, 30 + 7 + 5), (2, 2, 30), (3, 2, 30)];
    assert_eq!((tokens(&found(0)), tokens(&found(4))), (before.to_vec(), before.to_vec()));
    for common_from in [2, 3] {
        let found = found(common_from);
        assert_eq!(tokens(&found), [(1, 1, 7), (2, 0, 0), (3, 0, 0)], "{common_from}");
        let copied: Vec<_> = found.outputs.iter().map(|output| output.scores[0].containment).collect();
        assert!(copied[1] == 0 && copied[2] == 1_000_000 && (1..700_000).contains(&copied[3]), "{copied:?}");
        assert_eq!((found.totals.qualifying_calls, found.limits.common_from), (1, common_from));
    }
}

/// Proves SAFE-14's late records: a call of a reported quarter that came after that report counts in the next one, and
/// is told; what was there then does not count twice, and nothing is late in a stream's first report.
#[tokio::test]
async fn late_records_are_counted_once() {
    const BEFORE: u64 = IN_PERIOD - 7 * 86_400_000;
    let datasets = [dataset("a/a", 1, 0, "a"), dataset("b/b", 2, 1, "b")];
    let records = vec![
        call_with("reported", 1, BEFORE, unit(0, 1_000_000), ""),
        call_with("early", 2, IN_PERIOD, unit(0, 1_000_000), ""),
        call_with("late", 4, BEFORE, unit(1, 1_000_000), ""),
        call_with("later still", 8, BEFORE - 100 * 86_400_000, unit(9, 1_000_000), ""),
        call_with("in time", 16, IN_PERIOD, unit(0, 1_000_000), ""),
    ];
    let fixture = Fixture::new().await;
    let log = fixture.log_of(records).await;
    let report = After::Report { period: PERIOD - 1, log_size: 2 };
    for (after, tokens, calls, late) in [
        (report, (18, 4), 4, Some(2)),
        // All of them waited for a stream's first.
        (After::First, (19, 4), 5, Some(0)),
        (After::Unknown, (18, 0), 2, None),
        (After::Report { period: PERIOD - 1, log_size: 3 }, (18, 0), 3, Some(1)),
    ] {
        let found = attribute(&log, &datasets, &Question { after, ..question(&log) }).expect("attributed");
        assert_eq!((found.totals.calls, found.totals.late_records), (calls, late), "{after:?}");
        assert_eq!((found.contributors[0].tokens, found.contributors[1].tokens), tokens, "{after:?}");
    }
    // The quarter before had the first alone.
    let before = Question { period: PERIOD - 1, log_size: 2, ..question(&log) };
    assert_eq!(attribute(&log, &datasets, &before).expect("attributed").totals.tokens, 1);
}

/// Version 1 of the metric on real texts with the real model: a quote of Washington goes to Washington, and an output
/// about nothing of his does not. The same twice. Version 2 has `the_labelled_outputs_are_their_creators`.
#[tokio::test]
async fn by_version_1_a_real_quote_finds_its_author() {
    let corpus = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/corpus");
    let content = std::fs::read_to_string(corpus.join("washington/annual-message-1790.txt")).expect("corpus");
    let passages: Vec<String> = text::chunks(&content).into_iter().take(24).collect();
    let mut washington = dataset("washington/annual-messages", 1, 0, &passages.join("\n\n"));
    let embeddings = embed_all(&passages, for_tests()).expect("embedded");
    washington.chunks = passages
        .iter()
        .zip(embeddings)
        .enumerate()
        .map(|(number, (text, embedding))| Chunk { file: 0, number, text: text.clone(), embedding })
        .collect();
    let real = |id: &str, text: &str| call_with(id, 50, IN_PERIOD, for_tests().embed(text).expect("embedded"), text);
    let quote: String = passages[3].split(' ').take(40).collect::<Vec<_>>().join(" ");
    let records = vec![
        real("quote", &quote),
        real(
            "stranger",
            "To replace the brake pads, loosen the wheel nuts, jack the car up and take the caliper off its bracket.",
        ),
    ];
    let found = attributed(records.clone(), std::slice::from_ref(&washington)).await.expect("attributed");
    assert!(found.outputs[0].qualifies() && found.outputs[0].scores[0].containment == 1_000_000, "{found:?}");
    assert!(!found.outputs[1].qualifies(), "{found:?}");
    assert_eq!(found.totals.attributed_tokens, 50);
    let again = attributed(records, &[washington]).await.expect("attributed");
    assert_eq!(Attribution { log: found.log.clone(), ..again }, found);
}

/// A report by version 1 of the metric still verifies, from datasets and records that were made for it; and it does not
/// where it says version 2.
#[tokio::test]
async fn a_report_by_version_1_still_verifies() {
    let fixture = Fixture::new().await;
    let path = |name: &str| fixture.folder.path().join(name);
    let work = path("work");
    std::fs::create_dir_all(&work).expect("made");
    std::fs::write(work.join("a.txt"), PASSAGE).expect("written");
    let creator = r#"{"name": "C", "dataset": "c/w", "title": "T", "year": 1815}"#;
    std::fs::write(work.join("creator.json"), creator).expect("written");
    let request = crate::manifest::Request {
        folder: &work,
        creator: &work.join("creator.json"),
        account: [1; 20],
        licence: "CC0-1.0",
        threshold: DEFAULT_THRESHOLD,
        out: &path("manifests/c"),
    };
    let hash = crate::manifest::tests::make_first(&request).expect("made");
    let embedding = for_tests().embed(PASSAGE).expect("embedded");
    let log = fixture.log_of(vec![call_with("copy", 40, IN_PERIOD, embedding, PASSAGE), run("run", &[hash])]).await;
    let datasets = crate::manifest::load_all(&path("manifests")).expect("loaded").datasets;
    datasets[0].check_embeddings(for_tests()).expect("the texts' own");
    let verified = async |asked: Metric| {
        let found = attribute(&log, &datasets, &Question { metric: metric(DEFAULT_THRESHOLD), ..question(&log) });
        let found = Attribution { metric: asked, ..found.expect("attributed") };
        assert_eq!(tokens(&found), [(1, 1, 40)]);
        let key = ed25519_dalek::SigningKey::from_bytes(&[1; 32]);
        let keys = vec![key.verifying_key().to_bytes()];
        let committee = crate::report::Committee { epoch: 1, threshold: 1, keys };
        let place = crate::report::ReportPlace { chain_id: 1, registry: [1; 20], pool: [2; 20] };
        let position = crate::report::Position { now: 1_798_761_600, ..Default::default() };
        let settled = crate::settlement::settle(&found);
        let signed = crate::report::sign(&settled, place, &committee, position, &[key]).expect("signed");
        crate::files::write_json(&path("report.json"), &signed).expect("written");
        let request = crate::verify::Request {
            report: &path("report.json"),
            log_dir: &fixture.dir(),
            manifests: &path("manifests"),
            pins: &crate::verify::ReaderPins::default(),
            embedder: Some(for_tests()),
            licence: None,
            proof: None,
            chain: None,
        };
        crate::verify::verify(&request, |_| {}).await
    };
    verified(metric(DEFAULT_THRESHOLD)).await.expect("holds");
    assert!(verified(crate::metric::metric(DEFAULT_THRESHOLD)).await.is_err());
}

proptest! {
    /// Proves ATT-6's exactness: shares sum to the total, and each is its exact share rounded down or up.
    #[test]
    fn shares_sum_to_the_total(total in 0u64..u64::from(u32::MAX), scores in prop::collection::vec(0u64..=1_000_000, 1..20)) {
        let shares = share(total, &scores);
        let sum: u128 = scores.iter().map(|&score| u128::from(score)).sum();
        prop_assert_eq!(shares.iter().sum::<u64>(), if sum == 0 { 0 } else { total });
        for (share, score) in shares.iter().zip(&scores) {
            let floor = (u128::from(total) * u128::from(*score)).checked_div(sum).unwrap_or(0);
            prop_assert!(u128::from(*share) == floor || u128::from(*share) == floor + 1);
            prop_assert!(*score > 0 || *share == 0);
        }
    }
}
