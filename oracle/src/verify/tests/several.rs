//! Reports about several models of a licence.

use super::*;
use crate::{
    models::Models,
    testing::of_model,
    trained::{Fault, Ground},
};

const LICENCE: [u8; 32] = [9; 32];
const SECOND: &str = "lumen/lumen-2";
const KEYS: [u8; 2] = [1, 2];

/// A run whose log has a second model, too: it read the second creator's version alone, and both creators' texts stand
/// in its outputs.
async fn with_a_second_model() -> (Run, Vec<Dataset>) {
    let mut run = Run::new().await;
    let datasets = manifest::load_all(&run.path("manifests")).expect("loaded").datasets;
    run.fixture.platforms[0].models.push(SECOND.into());
    let read = DatasetUse { manifest_hash: datasets[1].manifest_hash, epochs: 1, tokens: 1 };
    let training = UsageRecord::TrainingRun(TrainingRun {
        run_id: "second".into(),
        model: SECOND.into(),
        started_ms: TRAINED,
        ended_ms: TRAINED,
        datasets: vec![read],
        ingestion_digest: crate::trained::ingestion_digest([&datasets[1]]),
        base: None,
    });
    let says = |(number, text): (usize, &&str)| {
        let embedding = for_tests().embed(text).expect("embedded");
        of_model(SECOND, call_with(&format!("second-{number}"), 40, IN_PERIOD, embedding, text)).to_bytes()
    };
    let records = TEXTS.iter().enumerate().map(says).chain([training.to_bytes()]).collect();
    let mut log = run.fixture.open().await;
    log.append(vec![run.fixture.checked("second", records)]).await.expect("appended")[0].as_ref().expect("accepted");
    log.close().await.expect("closed");
    (run, datasets)
}

/// Attributes these models' outputs for the licence, of both creators' versions.
async fn attributed(run: &Run, datasets: &[Dataset], models: &Models) -> attribution::Attribution {
    let log = run.fixture.read().await.expect("verified");
    let registrations = datasets.iter().map(|one| (one.manifest_hash, registration())).collect();
    let registry = Registry { seen: SEEN, registrations };
    let mut ids: Vec<[u8; 32]> = datasets.iter().map(Dataset::dataset_id).collect();
    ids.sort_unstable();
    let ground = Ground { datasets: ids, ..Ground::default() };
    let licence = Some(LICENCE);
    let question =
        Question { models, licence, log_size: log.size(), ground: &ground, ..question(&[], Some(&registry)) };
    attribution::attribute(&log, datasets, &question).expect("attributed")
}

/// Signs and writes a settlement's report.
fn report(run: &Run, settled: &settlement::Settlement) -> SignedReport {
    let keys = KEYS.map(|seed| SigningKey::from_bytes(&[seed; 32]));
    let committee = keys.iter().map(|key| key.verifying_key().to_bytes()).collect();
    let committee = Committee { epoch: 1, threshold: 2, keys: committee };
    let place = ReportPlace { chain_id: 1, registry: [1; 20], pool: SEEN.pool };
    let position = Position { now: 1_798_761_600, ..Position::default() };
    let signed = sign(settled, place, &committee, position, &keys).expect("signed");
    files::write_json(&run.path("report.json"), &signed).expect("written");
    signed
}

/// Proves ATT-2, ATT-6 and ATT-9: a licence's models are reported together, each output by what its own model read, and
/// come to what a report of each would come to. The bytes name them all, and whoever verifies works them all out anew.
/// Before, there was no such report, and `verify` refused one.
#[tokio::test]
async fn several_models_of_a_licence_are_one_report() {
    let (run, datasets) = with_a_second_model().await;
    let [first, second] = [MODEL, SECOND].map(Models::one);
    let both = Models::of([SECOND, MODEL].map(str::to_owned)).expect("two");
    let [one, other] = [attributed(&run, &datasets, &first).await, attributed(&run, &datasets, &second).await];
    let together = attributed(&run, &datasets, &both).await;
    let mut outputs = [one.outputs.clone(), other.outputs.clone()].concat();
    outputs.sort_by_key(|output| output.leaf);
    assert_eq!((together.outputs.len(), &together.outputs), (4, &outputs));
    let tokens = |found: &attribution::Attribution| {
        let of = |account: u8| found.contributors.iter().find(|one| one.account == [account; 20]);
        [1, 2].map(|account| of(account).map_or(0, |one| one.tokens))
    };
    assert_eq!((tokens(&one), tokens(&other), tokens(&together)), ([30, 30], [0, 40], [30, 70]));
    // What the second model did not read, and says: its own report would hold it back.
    assert_eq!((other.left_out.len(), other.left_out[0].reason), (1, Reason::Held));
    let unread = Fault::Unread {
        model: SECOND.into(),
        dataset: datasets[0].dataset.clone(),
        manifest_hash: datasets[0].manifest_hash,
    };
    assert_eq!((together.left_out.len(), together.faults.contains(&unread)), (0, true));

    let settled = settlement::settle(&together);
    let signed = report(&run, &settled);
    assert_eq!(signed.check().expect("whole").models, [MODEL, SECOND]);
    let json = serde_json::to_value(&signed.settlement).expect("JSON");
    assert_eq!(json["model"], serde_json::json!([MODEL, SECOND]));
    assert_eq!(serde_json::from_value::<settlement::Settlement>(json).expect("read"), settled);
    run.verify_for(Some(LICENCE)).await.expect("holds");
    let error = run.verify_for(None).await.expect_err("of which licence?").to_string();
    assert!(error.contains("several models"), "{error}");

    // One of them is kept quiet, or said to have been trained as the other was.
    let runs = settled.manifests[1].runs.clone();
    for change in [
        (|settled, _| settled.models = Models::one(MODEL)) as fn(&mut settlement::Settlement, crate::trained::ReadBy),
        |settled, runs| settled.manifests[0].runs = runs,
        |settled, _| settled.faults.clear(),
    ] {
        let mut changed = settled.clone();
        change(&mut changed, runs.clone());
        report(&run, &changed);
        let error = run.verify_for(Some(LICENCE)).await.expect_err("changed");
        assert!(matches!(error, VerifyError::Recompute(RecomputeError::Differs { .. })), "{error}");
    }
}

/// Proves LIC-3: an audit's bundle has the runs and batches of all models of the report.
#[tokio::test]
async fn a_bundle_has_all_models_of_its_report() {
    let (run, datasets) = with_a_second_model().await;
    let both = Models::of([SECOND, MODEL].map(str::to_owned)).expect("two");
    report(&run, &settlement::settle(&attributed(&run, &datasets, &both).await));
    let contents = crate::bundle::audit(run.contents().await, &LICENCE).expect("put together");
    crate::publish::publish(&run.shelf(), &contents).await.expect("published");
    let lines = run.check(&ReaderPins::default()).await.expect("nothing is wrong");
    let runs = lines.iter().find_map(|line| match line {
        Line::Shown(line) if line.contains("training runs of") => Some(line.clone()),
        _ => None,
    });
    let runs = runs.expect("they are told");
    assert!(runs.starts_with("2 training runs of lumen/lumen-1, lumen/lumen-2") && runs.contains("second"), "{runs}");
}
