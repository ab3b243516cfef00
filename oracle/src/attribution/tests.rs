use proptest::prelude::*;
use yieldset_rules::usage::{DatasetUse, TrainingRun};

use super::*;
use crate::{
    embed::{embed_all, for_tests},
    manifest::Chunk,
    metric::{DEFAULT_THRESHOLD, metric},
    testing::{Fixture, IN_PERIOD, MODEL, PERIOD, call, call_with, dataset, unit},
    text,
};

const PASSAGE: &str = "the quick brown fox jumps over the lazy dog while seven wizards brew strong tea at noon";

fn question(log: &VerifiedLog) -> Question<'static> {
    Question { model: MODEL, period: PERIOD, metric: metric(DEFAULT_THRESHOLD), log_size: log.leaves().len() as u64 }
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
        Totals { calls: 3, qualifying_calls: 2, tokens: 1_108, attributed_tokens: 108, late_records: None }
    );
    assert_eq!(found.contributors[1].datasets, ["b/one", "b/two"]);
    assert_eq!(found.outputs[1].scores[0].dataset, "b/two");
    assert_eq!(found.outputs[2].scores.len(), 1, "the nearest miss explains why nothing was paid");
}

const EMBEDDING_END: usize = yieldset_rules::usage::EMBEDDING_DIMENSIONS - 1;

/// Bad input: no call in the period, a training run on an unknown dataset version, a licence with another metric.
#[tokio::test]
async fn what_cannot_be_attributed_is_told() {
    let datasets = [dataset("a/a", 1, 0, "a")];
    let run = |manifest_hash| {
        UsageRecord::TrainingRun(TrainingRun {
            run_id: "run".into(),
            model: MODEL.into(),
            started_ms: 1,
            ended_ms: 2,
            datasets: vec![DatasetUse { manifest_hash, epochs: 1, tokens: 1 }],
            ingestion_digest: [0; 32],
        })
    };
    let fixture = Fixture::new().await;
    let log = fixture.log_of(vec![call("1")]).await;
    let other = Question { period: PERIOD + 1, ..question(&log) };
    let error = attribute(&log, &datasets, &other).expect_err("empty");
    assert!(
        matches!(&error, AttributionError::EmptyPeriod { elsewhere: 1, .. }) && error.to_string().contains("2027Q1")
    );
    let other = Question { model: "lumen/lumen-2", ..question(&log) };
    assert!(matches!(attribute(&log, &datasets, &other), Err(AttributionError::EmptyPeriod { elsewhere: 0, .. })));
    let other = Question { metric: metric(1), ..question(&log) };
    assert!(matches!(attribute(&log, &datasets, &other), Err(AttributionError::OtherMetric { .. })));
    let known = datasets[0].manifest_hash;
    assert!(attributed(vec![run(known), call("1")], &datasets).await.is_ok());
    let error = attributed(vec![run([9; 32]), call("1")], &datasets).await.expect_err("unknown");
    assert!(matches!(&error, AttributionError::UnknownDataset { .. }) && error.to_string().contains(&"09".repeat(32)));
}

/// Proves ATT-4 to ATT-6 on real texts with the real model: of the corpus's outputs, the quotes and paraphrases of
/// Washington go to Washington, and outputs about nothing of his do not. The same twice.
#[tokio::test]
async fn real_quotes_and_paraphrases_find_their_author() {
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

proptest! {
    /// Proves ATT-6's exactness: shares sum to the total, and each is its exact share rounded down or up.
    #[test]
    fn shares_sum_to_the_total(total in 0u64..u64::from(u32::MAX), scores in prop::collection::vec(0u32..=1_000_000, 1..20)) {
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
