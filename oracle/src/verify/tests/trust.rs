//! What came with the data is compared, or said not to be shown.

use super::*;
use crate::{
    testing::{PERIOD, key},
    usage_log::{Log, Platform},
};

/// What a committee signs that keeps to no rule: a report of this settlement, as it is.
async fn forged(run: &Run, settled: &settlement::Settlement, previous: [u8; 32]) -> SignedReport {
    let honest: SignedReport = files::read_json(&run.path("report.json")).expect("read");
    let keys = [1, 2].map(|seed| SigningKey::from_bytes(&[seed; 32]));
    let place = ReportPlace { chain_id: 1, registry: [1; 20], pool: [2; 20] };
    let report = compose(settled, place, 0, honest.committee.epoch, previous);
    let signed = seal(&report, settled, &honest.committee, &keys);
    files::write_json(&run.path("report.json"), &signed).expect("written");
    signed
}

/// Proves ATT-15: limits are a licence's. A model's own stream has none: neither is a report with some signed, nor is a
/// signed one believed. Before, `common_from: 1` dropped every quoted passage, and verified.
#[tokio::test]
async fn a_models_own_stream_has_no_limits() {
    let run = Run::new().await;
    let honest: SignedReport = files::read_json(&run.path("report.json")).expect("read");
    let keys = [1, 2].map(|seed| SigningKey::from_bytes(&[seed; 32]));
    let place = ReportPlace { chain_id: 1, registry: [1; 20], pool: [2; 20] };
    let log = run.fixture.read().await.expect("verified");
    let datasets = manifest::load_all(&run.path("manifests")).expect("loaded").datasets;
    let none = crate::licensed::Limits::default();
    for limits in [
        crate::licensed::Limits { common_from: 1, ..none },
        crate::licensed::Limits { call_tokens: 1_000, ..none },
        crate::licensed::Limits { late_record_days: 1, reported_at: 1, ..none },
        crate::licensed::Limits { reported_at: 1, ..none },
    ] {
        let question = Question { limits, ..question(&[], None) };
        let settled = settlement::settle(&attribution::attribute(&log, &datasets, &question).expect("attributed"));
        let position = Position { now: 1_798_761_600, ..Position::default() };
        let refused = sign(&settled, place, &honest.committee, position, &keys);
        assert!(matches!(refused, Err(ReportError::Settlement(_))), "{refused:?}");
        forged(&run, &settled, [0; 32]).await;
        let error = run.verify().await.expect_err("it limits what no licence does").to_string();
        assert!(error.contains("only a licence has limits"), "{error}");
        // Under a licence's id they may be right: only the chain can tell, and that nobody asked it is said.
        let settled = settlement::Settlement { stream: [9; 32], ..settled };
        forged(&run, &settled, [0; 32]).await;
        let not_shown = run.not_shown(Some([9; 32]), &ReaderPins::default()).await.expect("a licence may have them");
        assert!(not_shown.contains(&limits.to_string()), "{not_shown}");
    }
}

/// Proves ATT-15: which report came before, only the chain can tell; without it that is said, not believed. Whole it is
/// compared in `answers`.
#[tokio::test]
async fn what_was_reported_before_is_not_believed() {
    let run = Run::new().await;
    let log = run.fixture.read().await.expect("verified");
    let datasets = manifest::load_all(&run.path("manifests")).expect("loaded").datasets;
    // All calls are of the period before, which was reported from this whole log already.
    let after = After::Report { period: PERIOD, log_size: 0 };
    let question = Question { period: PERIOD + 1, after, ..question(&[], None) };
    let settled = settlement::settle(&attribution::attribute(&log, &datasets, &question).expect("attributed"));
    forged(&run, &settled, [5; 32]).await;
    let not_shown = run.not_shown(None, &ReaderPins::default()).await.expect("in itself whole");
    assert!(not_shown.contains("made when the log had 0 records"), "{not_shown}");
}

/// Proves ATT-15: trust starts at what the reader knows. Report, committee and platforms' keys come with the files, and
/// so prove nothing by themselves: a committee of anybody's that signs what follows from the log is said not to be
/// shown, never that the report holds; one that asks for nobody, or another registry than the known one, is refused.
#[tokio::test]
async fn what_came_with_the_data_is_not_believed() {
    let run = Run::new().await;
    let honest: SignedReport = files::read_json(&run.path("report.json")).expect("read");
    let mallory = [SigningKey::from_bytes(&[66; 32])];
    let stranger =
        Committee { threshold: 1, keys: vec![mallory[0].verifying_key().to_bytes()], ..honest.committee.clone() };
    let report = honest.check().expect("whole");
    let write = |committee: &Committee, keys: &[SigningKey]| {
        let signed = seal(&report, &honest.settlement, committee, keys);
        files::write_json(&run.path("report.json"), &signed).expect("written");
    };
    write(&stranger, &mallory);
    let known = ReaderPins {
        genesis: Some([1; 32]),
        registry: Some([1; 20]),
        manifests: None,
        pool: Some([2; 20]),
        block: None,
        log_key: Some(SigningKey::from_bytes(&[1; 32]).verifying_key().to_bytes()),
        witness_key: Some(SigningKey::from_bytes(&[2; 32]).verifying_key().to_bytes()),
        platforms: Some(run.fixture.platforms.clone()),
    };
    for (pins, words) in [
        (
            ReaderPins::default(),
            vec!["its committee is the chain's", "the report before", "whose keys sign", "platforms' keys are theirs"],
        ),
        (known.clone(), vec!["its committee is the chain's", "the report before"]),
    ] {
        let (verdict, lines) = run.lines(None, &pins).await.expect("it follows from the log");
        assert_eq!(verdict, Verdict::NotAllShown);
        let count = lines.iter().filter(|line| matches!(line, Line::NotShown(_))).count();
        let not_shown = run.not_shown(None, &pins).await.expect("again");
        assert_eq!(count, words.len(), "{not_shown}");
        assert!(words.iter().all(|word| not_shown.contains(word)), "{not_shown}");
    }
    write(&Committee { threshold: 0, ..stranger.clone() }, &[]);
    let error = run.verify().await.expect_err("it asks for nobody");
    assert!(matches!(error, VerifyError::Report(ReportError::NotEnoughKeys { got: 0, need: 1, .. })), "{error}");
    write(&stranger, &mallory);
    for (pins, what) in [
        (ReaderPins { registry: Some([9; 20]), ..known.clone() }, "registry of reports"),
        (ReaderPins { pool: Some([9; 20]), ..known.clone() }, "pool"),
        (ReaderPins { platforms: Some(vec![]), ..known.clone() }, "platform"),
    ] {
        let error = run.lines(None, &pins).await.expect_err("another one is known");
        assert!(matches!(error, VerifyError::NotPinned { what: found, .. } if found == what), "{error}");
    }
    let error = run.lines(None, &ReaderPins { log_key: Some([9; 32]), ..known.clone() }).await;
    assert!(matches!(error, Err(VerifyError::Log(LogError::UnexpectedKey { .. }))), "{error:?}");
    let error = run.lines(None, &ReaderPins { witness_key: Some([9; 32]), ..known }).await;
    assert!(matches!(error, Err(VerifyError::Log(LogError::NotWitnessed(_)))), "{error:?}");
}

/// Proves ATT-15: embeddings that nobody computed again are said not to be shown, with how they are; those that were
/// are shown, and nothing is said against them.
#[tokio::test]
async fn embeddings_that_are_not_computed_again_are_not_shown() {
    let mut run = Run::new().await;
    let told = async |run: &Run| run.lines(None, &ReaderPins::default()).await.expect("nothing is wrong").1;
    let claim = "the canonical embeddings follow from the texts";
    let not_shown = |line: &&Line| matches!(line, Line::NotShown(line) if line.contains(claim));
    let lines = told(&run).await;
    assert!(lines.contains(&Line::Shown(claim.into())), "{lines:?}");
    assert_eq!(lines.iter().filter(not_shown).count(), 0, "{lines:?}");
    run.embeds = false;
    let lines = told(&run).await;
    assert!(!lines.contains(&Line::Shown(claim.into())), "{lines:?}");
    let not_shown: Vec<&Line> = lines.iter().filter(not_shown).collect();
    assert!(matches!(not_shown[..], [Line::NotShown(line)] if line.contains("--check-embeddings")), "{lines:?}");
}

/// Proves ATT-15: whoever keeps a log can log calls under a key of its own, as a platform's or for a platform's model.
/// Who knows the platforms finds it out; who does not is told.
#[tokio::test]
async fn calls_under_another_key_are_found_by_the_known_platforms() {
    let run = Run::new().await;
    let known = run.fixture.platforms.clone();
    let pins = ReaderPins { platforms: Some(known.clone()), ..ReaderPins::default() };
    run.lines(None, &pins).await.expect("the platforms' own");
    for change in [
        (|listed| listed[0].public_key = key(66).verifying_key().to_bytes()) as fn(&mut Vec<Platform>),
        // Another platform that is known, for a model that is not its.
        |listed| listed[1].models.push("lumen/lumen-2".into()),
        |listed| {
            let public_key = key(66).verifying_key().to_bytes();
            listed.push(Platform { slug: "lumen ".into(), public_key, models: vec!["lumen/lumen-3".into()] });
        },
    ] {
        let run = Run::new().await;
        let mut listed = known.clone();
        change(&mut listed);
        let log = Log::open(&run.fixture.dir(), listed.clone(), key(1), run.fixture.witnesses()).await;
        log.expect("its keeper may").close().await.expect("closed");
        let error = run.lines(None, &pins).await.expect_err("not the known list");
        assert!(matches!(error, VerifyError::NotPinned { what: "platform", .. }), "{error}");
        let not_shown = run.not_shown(None, &ReaderPins::default()).await.expect("in itself whole");
        assert!(not_shown.contains("platforms' keys are theirs"), "{not_shown}");
        // Known with both its keys.
        let both = ReaderPins { platforms: Some([known.clone(), listed].concat()), ..ReaderPins::default() };
        run.lines(None, &both).await.expect("known");
    }
}

/// Proves ATT-9: nobody signs a settlement that was not worked out anew. One in which tokens went to another creator is
/// in itself as whole as the honest one, which `post` believed before.
#[tokio::test]
async fn a_settlement_that_the_log_does_not_make_is_not_signed() {
    let run = Run::new().await;
    let honest: SignedReport = files::read_json(&run.path("report.json")).expect("read");
    let log = run.fixture.read().await.expect("verified");
    let loaded = || manifest::load_all(&run.path("manifests")).expect("loaded");
    let datasets = loaded().datasets;
    let mut attributed = attribution::attribute(&log, &datasets, &question(&[], None)).expect("attributed");
    attributed.contributors[0].tokens += 10;
    attributed.contributors[1].tokens -= 10;
    let moved = settlement::settle(&attributed);
    assert_eq!(moved.check(), Ok(()), "whole in itself");
    let again = |settled: &Settlement| {
        let here = Here::of(settled, loaded())?;
        recomputed::recompute(settled, (&log, &here), None)
    };
    assert!(again(&honest.settlement).is_ok());
    let refused = again(&moved);
    assert!(matches!(refused, Err(RecomputeError::Differs { what: "weights root", .. })), "{refused:?}");
    let mut renamed = honest.settlement.clone();
    renamed.contributors[0].name.push('x');
    let refused = again(&renamed);
    assert!(matches!(refused, Err(RecomputeError::Differs { what: "settlement", .. })), "{refused:?}");
}

/// Proves ATT-1 and ATT-15: the package is its files, each as it was made, and nothing else. Any byte of any of them, a
/// file that is gone or one more is noticed; what may change is white space of JSON that is read by its values.
#[tokio::test]
async fn any_change_of_the_package_is_noticed() {
    // Hashes find it out, without embeddings.
    let run = Run { embeds: false, ..Run::new().await };
    let folder = run.path("manifests/0");
    let mut files = vec![run.path("report.json")];
    for name in ["ro-crate-metadata.json", "croissant.json", "licence.json", "tables.bin", "texts/text.txt"] {
        files.push(folder.join(name));
    }
    // The same changes in each run: a small generator of Knuth's constants.
    let mut random = 1_u64;
    let mut below = |most: usize| {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (random >> 33) as usize % most
    };
    for file in &files {
        let before = fs::read(file).expect("read");
        for _ in 0..12 {
            let (at, bit) = (below(before.len()), below(8));
            let mut changed = before.clone();
            changed[at] ^= 1 << bit;
            fs::write(file, &changed).expect("changed");
            let result = run.verify().await;
            let json = |bytes: &[u8]| serde_json::from_slice::<SignedReport>(bytes).ok();
            let same =
                file.ends_with("report.json") && json(&changed).is_some_and(|found| Some(found) == json(&before));
            assert!(result.is_err() || same, "byte {at}, bit {bit} of {}", file.display());
        }
        fs::remove_file(file).expect("removed");
        let told = match file.file_name().and_then(|name| name.to_str()) {
            // Its table stays.
            Some("text.txt") => Some("texts/text.txt"),
            // So the folder is no version, and the report has been made with one that is not here.
            Some("ro-crate-metadata.json") => Some("versions that are not here"),
            _ => None,
        };
        match told {
            Some(words) => {
                let not_shown = run.not_shown(None, &ReaderPins::default()).await.expect("nothing is wrong");
                assert!(not_shown.contains(words), "{not_shown}");
            }
            None => assert!(run.verify().await.is_err(), "without {}", file.display()),
        }
        fs::write(file, before).expect("restored");
    }
    for more in ["texts/more.txt", "more.txt", ".hidden", "texts/sub/more.txt"] {
        let file = folder.join(more);
        fs::create_dir_all(file.parent().expect("parent")).expect("made");
        fs::write(&file, "more").expect("written");
        let error = run.verify().await.expect_err(more);
        assert!(matches!(error, VerifyError::Manifest(ManifestError::Unnamed { .. })), "{error}");
        fs::remove_file(&file).expect("removed");
    }
    // One more key, in each object of the report.
    let report: serde_json::Value = files::read_json(&run.path("report.json")).expect("read");
    for object in objects(&report, String::new()) {
        let mut edited = report.clone();
        let map = edited.pointer_mut(&object).and_then(serde_json::Value::as_object_mut).expect("an object");
        map.insert("more".into(), 1.into());
        files::write_json(&run.path("report.json"), &edited).expect("written");
        let error = run.verify().await.expect_err(&object);
        assert!(matches!(error, VerifyError::File(_)), "{object}: {error}");
    }
    files::write_json(&run.path("report.json"), &report).expect("restored");
    run.verify().await.expect("whole again");
}

/// The JSON pointers of all objects in a value.
fn objects(value: &serde_json::Value, at: String) -> Vec<String> {
    match value {
        serde_json::Value::Object(map) => {
            let inner = map.iter().flat_map(|(key, inner)| objects(inner, format!("{at}/{key}")));
            inner.chain([at.clone()]).collect()
        }
        serde_json::Value::Array(items) => {
            items.iter().enumerate().flat_map(|(number, inner)| objects(inner, format!("{at}/{number}"))).collect()
        }
        _ => Vec::new(),
    }
}
