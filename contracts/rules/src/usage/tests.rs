use super::*;
use alloc::{string::ToString, vec};

fn call() -> InferenceCall<Whole> {
    let mut embedding = vec![0; EMBEDDING_DIMENSIONS];
    embedding[7] = EMBEDDING_ONE;
    InferenceCall {
        call_id: "c-1".to_string(),
        model: "lumen-1".to_string(),
        at_ms: 1,
        input_tokens: 2,
        output_tokens: 3,
        declared_use: "chat".to_string(),
        output_hash: [1; 32],
        evidence: Whole { embedding, fingerprints: vec![1, 5, 9] },
    }
}

fn of_first(call: InferenceCall<Whole>) -> UsageRecord {
    UsageRecord::InferenceCall(call.with(Evidence::Whole(call.evidence.clone())))
}

fn parsed<T>(call: &InferenceCall<T>, evidence: Evidence) -> Result<(), RecordError> {
    UsageRecord::from_bytes(&UsageRecord::InferenceCall(call.with(evidence)).to_bytes()).map(|_| ())
}

fn refused(change: fn(&mut InferenceCall<Whole>)) -> RecordError {
    let mut c = call();
    change(&mut c);
    UsageRecord::from_bytes(&of_first(c).to_bytes()).unwrap_err()
}

#[test]
fn bad_records_are_refused_by_name() {
    let good = of_first(call());
    assert_eq!(UsageRecord::from_bytes(&good.to_bytes()), Ok(good.clone()));
    assert_eq!(UsageRecord::from_bytes(b"x"), Err(RecordError::WrongTag));
    assert_eq!(UsageRecord::from_bytes(&[good.to_bytes(), vec![0]].concat()), Err(RecordError::Encoding));
    assert_eq!(refused(|c| c.call_id.clear()), RecordError::Text);
    assert_eq!(refused(|c| c.declared_use = "x".repeat(MAX_TEXT + 1)), RecordError::Text);
    assert_eq!(refused(|c| c.evidence.embedding.truncate(383)), RecordError::Embedding);
    assert_eq!(refused(|c| c.evidence.embedding[8] = EMBEDDING_ONE), RecordError::Embedding);
    assert_eq!(refused(|c| c.evidence.embedding[7] = 0), RecordError::Embedding);
    assert_eq!(refused(|c| c.evidence.fingerprints = vec![2, 2]), RecordError::Fingerprints);
}

/// A training run over `datasets` dataset versions.
fn run(datasets: usize) -> TrainingRun {
    TrainingRun {
        run_id: "r".to_string(),
        model: "m".to_string(),
        started_ms: 1,
        ended_ms: 1,
        datasets: vec![DatasetUse { manifest_hash: [0; 32], epochs: 1, tokens: 1 }; datasets],
        ingestion_digest: [0; 32],
        base: None,
    }
}

/// Proves ATT-2: a run names the model version that it began from, in one way only; a run from nothing has the bytes
/// that it always had.
#[test]
fn a_run_names_its_base() {
    let whole = |run: &TrainingRun| UsageRecord::TrainingRun(run.clone()).to_bytes();
    let from_nothing = whole(&run(1));
    assert_eq!(from_nothing[..RECORD_TAG.len()], *RECORD_TAG);
    // Tag, variant, two texts of a letter, two times, one dataset of 44 bytes, the digest.
    assert_eq!(from_nothing.len(), RECORD_TAG.len() + 1 + 2 + 2 + 16 + 1 + 44 + 32);
    let tuned = TrainingRun { base: Some("b".to_string()), ..run(1) };
    let bytes = whole(&tuned);
    assert_eq!(bytes[..RUN_TAG.len()], *RUN_TAG);
    assert_eq!(UsageRecord::from_bytes(&bytes), Ok(UsageRecord::TrainingRun(tuned)));
    // From nothing, written as if from something.
    let mut odd = RUN_TAG.to_vec();
    run(1).encode_to(&mut odd);
    assert_eq!(UsageRecord::from_bytes(&odd), Err(RecordError::Encoding));
    let of = |base: &str| UsageRecord::from_bytes(&whole(&TrainingRun { base: Some(base.to_string()), ..run(1) }));
    assert_eq!(of("m").map(|_| ()), Err(RecordError::TrainingRun), "from itself");
    assert_eq!(of("").map(|_| ()), Err(RecordError::Text));
    assert_eq!(of(&"x".repeat(MAX_TEXT + 1)).map(|_| ()), Err(RecordError::Text));
}

#[test]
fn bad_training_runs_are_refused() {
    let parsed = |run| UsageRecord::from_bytes(&UsageRecord::TrainingRun(run).to_bytes()).map(|_| ());
    assert_eq!(parsed(run(0)), Err(RecordError::TrainingRun));
    assert_eq!(parsed(run(1)), Ok(()));
    assert_eq!(parsed(run(MAX_DATASETS)), Ok(()));
    assert_eq!(parsed(run(MAX_DATASETS + 1)), Err(RecordError::TrainingRun));
    assert_eq!(parsed(TrainingRun { ended_ms: 2, ..run(1) }), Ok(()));
    assert_eq!(parsed(TrainingRun { started_ms: 2, ..run(1) }), Err(RecordError::TrainingRun));
    assert_eq!(parsed(TrainingRun { run_id: String::new(), ..run(1) }), Err(RecordError::Text));
    assert_eq!(parsed(TrainingRun { model: "x".repeat(MAX_TEXT + 1), ..run(1) }), Err(RecordError::Text));
}

/// The last value that is allowed, where the next one is refused.
#[test]
fn limits_are_inclusive() {
    let parsed = |change: fn(&mut InferenceCall<Whole>)| {
        let mut c = call();
        change(&mut c);
        UsageRecord::from_bytes(&of_first(c).to_bytes()).map(|_| ())
    };
    assert_eq!(parsed(|c| c.model = "x".repeat(MAX_TEXT)), Ok(()));
    assert_eq!(parsed(|c| c.evidence.fingerprints = (0..MAX_FINGERPRINTS as u64).collect()), Ok(()));
    assert_eq!(
        parsed(|c| c.evidence.fingerprints = (0..=MAX_FINGERPRINTS as u64).collect()),
        Err(RecordError::Fingerprints)
    );
    assert_eq!(parsed(|c| c.evidence.fingerprints = vec![9, 5]), Err(RecordError::Fingerprints));
    assert_eq!(parsed(|c| c.evidence.fingerprints.clear()), Ok(()));
    assert_eq!(parsed(|c| c.evidence.embedding.push(0)), Err(RecordError::Embedding));
}

/// One percent of length is two percent of its square: 32,767² ± ⌊32,767² / 50⌋ are the last sums of squares that
/// pass.
#[test]
fn a_unit_vector_is_one_to_one_percent() {
    let squares = |parts: &[i16]| parts.iter().map(|&x| i64::from(x) * i64::from(x)).sum::<i64>();
    let off = |parts: &[i16]| squares(parts) - squares(&[EMBEDDING_ONE]);
    let cases: [(&[i16], i64, bool); 5] = [
        (&[-EMBEDDING_ONE], 0, true),
        (&[32_767, -4_633, 94], 21_473_525, true),
        (&[32_767, -4_633, 94, 1], 21_473_526, false),
        (&[32_437, 209, 10, 3, 2, 1], -21_473_525, true),
        (&[32_437, 209, 10, 3, 2], -21_473_526, false),
    ];
    for (parts, difference, unit) in cases {
        assert_eq!(off(parts), difference);
        assert_eq!(is_unit(parts), unit, "{parts:?}");
    }
}

/// Proves ATT-3's signing domain: other platform, id or order of records are other bytes.
#[test]
fn batch_bytes_differ() {
    let base = batch_signing_bytes("a", "b", &[[1; 32], [2; 32]]);
    assert_ne!(base, batch_signing_bytes("ab", "", &[[1; 32], [2; 32]]));
    assert_ne!(base, batch_signing_bytes("a", "b", &[[2; 32], [1; 32]]));
    // Tag, then each text and the list with its length, as compact integers.
    assert_eq!(base, [b"yieldset/usage-batch/v1\n\x04a\x04b\x08".as_slice(), &[1; 32], &[2; 32]].concat());
}

/// Nine words with one passage of seven, of which two are keywords.
fn words() -> Words {
    let mut embedding = vec![0; EMBEDDING_DIMENSIONS];
    embedding[3] = PASSAGE_ONE;
    Words {
        count: 9,
        runs: vec![7, 7, 3, 9, 1],
        passages: vec![Passage { start: 2, words: 7, embedding, keywords: vec![3, 40_000] }],
    }
}

/// Both versions are read back as they were written, each under its own tag; the first one's bytes are what they were
/// before there was a second, so that old logs keep their hashes.
#[test]
fn both_versions_are_read() {
    let second = UsageRecord::InferenceCall(call().with(Evidence::Words(words())));
    let bytes = second.to_bytes();
    assert!(bytes.starts_with(b"yieldset/usage-record/v2\n\x0cc-1\x1clumen-1"));
    assert_eq!(UsageRecord::from_bytes(&bytes), Ok(second));
    let first = of_first(call()).to_bytes();
    assert!(first.starts_with(b"yieldset/usage-record/v1\n\0\x0cc-1\x1clumen-1"));
    // Three fingerprints at the end, after their number.
    assert!(first.ends_with(&[12, 1, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0]));
    // Neither is taken for the other.
    let swapped = |bytes: &[u8], from: &[u8], to: &[u8]| [to, &bytes[from.len()..]].concat();
    assert_eq!(UsageRecord::from_bytes(&swapped(&first, RECORD_TAG, CALL_TAG)), Err(RecordError::Encoding));
    assert_eq!(UsageRecord::from_bytes(&swapped(&bytes, CALL_TAG, RECORD_TAG)), Err(RecordError::Encoding));
    assert_eq!(UsageRecord::from_bytes(&[bytes, vec![0]].concat()), Err(RecordError::Encoding));
}

/// Each limit of a record of version 2, from the last that passes to the first that does not.
#[test]
fn words_and_passages_have_limits() {
    let changed = |change: &dyn Fn(&mut Words)| {
        let mut words = words();
        change(&mut words);
        parsed(&call(), Evidence::Words(words))
    };
    let of_words = |count: u32| {
        move |words: &mut Words| {
            words.count = count;
            words.runs = vec![1; (count as usize + 1).saturating_sub(RUN_WORDS)];
            words.passages.clear();
        }
    };
    for count in [0, 1, 4, 5, MAX_WORDS] {
        assert_eq!(changed(&of_words(count)), Ok(()), "{count}");
    }
    assert_eq!(changed(&of_words(MAX_WORDS + 1)), Err(RecordError::Words));
    assert_eq!(changed(&|words| words.count = u32::MAX), Err(RecordError::Words));
    assert_eq!(changed(&|words| words.count = 10), Err(RecordError::Words));
    assert_eq!(changed(&|words| words.runs.truncate(4)), Err(RecordError::Words));
    for (start, words, expected) in [
        (0, 9, Ok(())),
        (7, 2, Ok(())),
        (8, 1, Err(RecordError::Passages)),
        (8, 2, Err(RecordError::Passages)),
        (9, 0, Err(RecordError::Passages)),
        (u32::MAX, 1, Err(RecordError::Passages)),
    ] {
        let place = |all: &mut Words| (all.passages[0].start, all.passages[0].words) = (start, words);
        assert_eq!(changed(&place), expected, "{start} {words}");
    }
    assert_eq!(changed(&|words| words.passages.push(words.passages[0].clone())), Err(RecordError::Passages));
    assert_eq!(changed(&|words| words.passages[0].embedding[4] = PASSAGE_ONE), Err(RecordError::Embedding));
    assert_eq!(changed(&|words| words.passages[0].embedding.truncate(383)), Err(RecordError::Embedding));
    for (keywords, expected) in [
        (vec![], Ok(())),
        (vec![0, 1, 2, 3, 4, 5, u16::MAX], Ok(())),
        (vec![0, 1, 2, 3, 4, 5, 6, 7], Err(RecordError::Passages)),
        (vec![4, 4], Err(RecordError::Passages)),
        (vec![4, 3], Err(RecordError::Passages)),
    ] {
        assert_eq!(changed(&|words| words.passages[0].keywords.clone_from(&keywords)), expected, "{keywords:?}");
    }
    let named = |count: usize| {
        move |words: &mut Words| {
            of_words(MAX_WORDS)(words);
            let one = self::words().passages.remove(0);
            words.passages = vec![Passage { start: 0, words: MAX_WORDS, keywords: (0..count as u16).collect(), ..one }];
        }
    };
    assert_eq!(changed(&named(MAX_KEYWORDS)), Ok(()));
    assert_eq!(changed(&named(MAX_KEYWORDS + 1)), Err(RecordError::Passages));
    let many = |count: usize| {
        move |words: &mut Words| {
            of_words(MAX_WORDS)(words);
            let one = self::words().passages.remove(0);
            words.passages = (0..count as u32).map(|start| Passage { start, ..one.clone() }).collect();
        }
    };
    assert_eq!(changed(&many(MAX_PASSAGES)), Ok(()));
    assert_eq!(changed(&many(MAX_PASSAGES + 1)), Err(RecordError::Passages));
}

/// The largest record fits into an entry of the log, whose length is a `u16`.
#[test]
fn the_largest_record_fits_the_log() {
    let keywords = (0..MAX_KEYWORDS as u16).collect();
    let passage = Passage { words: MAX_KEYWORDS as u32, keywords, ..words().passages.remove(0) };
    let longest = "x".repeat(MAX_TEXT);
    let evidence = Words {
        count: MAX_WORDS,
        runs: vec![u64::MAX; MAX_WORDS as usize - RUN_WORDS + 1],
        passages: (0..MAX_PASSAGES as u32).map(|start| Passage { start, ..passage.clone() }).collect(),
    };
    let call = InferenceCall { call_id: longest.clone(), model: longest.clone(), declared_use: longest, ..call() };
    let bytes = UsageRecord::InferenceCall(call.with(Evidence::Words(evidence))).to_bytes();
    assert!(UsageRecord::from_bytes(&bytes).is_ok());
    assert!(bytes.len() <= usize::from(u16::MAX), "{}", bytes.len());
}

/// Tables of texts are read back, also of more words than a record may have, and checked like a record's.
#[test]
fn tables_of_texts_are_read_back() {
    let long = Words { count: 9_004, runs: vec![3; 9_000], passages: Vec::new() };
    let tables = [words(), long];
    let bytes = tables_to_bytes(&tables);
    assert_eq!(tables_from_bytes(&bytes), Ok(tables.to_vec()));
    assert_eq!(tables_from_bytes(&bytes[1..]), Err(RecordError::WrongTag));
    assert_eq!(tables_from_bytes(&bytes[..bytes.len() - 1]), Err(RecordError::Encoding));
    assert_eq!(tables_from_bytes(&[&bytes[..], &[0]].concat()), Err(RecordError::Encoding));
    let changed = |change: &dyn Fn(&mut Words)| {
        let mut words = words();
        change(&mut words);
        tables_from_bytes(&tables_to_bytes(&[words]))
    };
    assert_eq!(changed(&|words| words.count = 8), Err(RecordError::Words));
    assert_eq!(changed(&|words| words.passages[0].start = 3), Err(RecordError::Passages));
    assert_eq!(changed(&|words| words.passages[0].embedding[3] = 100), Err(RecordError::Embedding));
}
