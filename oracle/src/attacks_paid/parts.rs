//! Outputs that are several records, of which not all are paid for.

use super::*;
use crate::{
    embed::for_tests,
    record,
    spot::{
        self, Opening, Wrong,
        tests::{LICENCE, text as text_of},
    },
};
use yieldset_rules::usage::InferenceCall;

/// What comes of a spot check of an output of two records, the second of which was changed.
async fn checked(change: impl Fn(&mut InferenceCall)) -> BTreeMap<u64, Wrong> {
    checked_by(change, |_| ()).await
}

/// And what the platform opens of it.
async fn checked_by(change: impl Fn(&mut InferenceCall), reopen: impl Fn(&mut Opening)) -> BTreeMap<u64, Wrong> {
    let mut fixture = Fixture::new().await;
    fixture.platforms[0].models.push("lumen/side".into());
    let outputs = fixture.folder.path().join("outputs.jsonl");
    let line = serde_json::json!({"call_id": "long", "declared_use": "chat", "input_tokens": 5, "output_tokens": 2_600,
        "at": "2026-10-01T09:00:00Z", "text": format!("{} {}", text_of(1), "\u{e01}".repeat(2_560))});
    std::fs::write(&outputs, line.to_string()).expect("written");
    let mut records = record::calls(&outputs, MODEL, for_tests()).expect("recorded");
    assert_eq!(records.len(), 2);
    let UsageRecord::InferenceCall(second) = &mut records[1] else { unreachable!("a call") };
    change(second);
    let log = fixture.log_of(records).await;
    let attribution = attribution::attribute(&log, &[dataset("a/1", 1, 1, "")], &question(2)).expect("attributed");
    let drawn = spot::draw(&attribution, LICENCE, (8, [7; 32]), 59).expect("drawn");
    let mut opening =
        spot::open(&drawn, std::slice::from_ref(&outputs), "lumen", &fixture.platform_key).expect("opened");
    reopen(&mut opening);
    let platforms = &fixture.platforms[..];
    spot::check(&drawn, Some(&opening), (&log, platforms), for_tests(), &BTreeMap::new()).expect("checked").wrong
}

/// Proves LIC-3: all parts of an output are records of its model and of its time. Before, a platform logged the second
/// part of each long output as another model's, or of another year, where no report of the licence counts it, and the
/// spot check of the first found nothing missing.
#[tokio::test]
async fn all_parts_of_an_output_are_its_models() {
    assert_eq!(checked(|_| ()).await, BTreeMap::new());
    let missing = BTreeMap::from([(0, Wrong::MissingParts)]);
    assert_eq!(checked(|part| part.model = "lumen/side".into()).await, missing);
    assert_eq!(checked(|part| part.at_ms -= 400 * DAY_MS).await, missing);
}

/// An opening says which part of an output a record is, and may say any: that is another text, and ends no check.
/// Before, the last number there is ended the program of each member that looked.
#[tokio::test]
async fn a_part_that_no_output_has_is_another_text() {
    for part in [1, 2, usize::MAX - 1, usize::MAX] {
        let wrong = checked_by(|_| (), |opening| opening.calls[0].part = part).await;
        assert_eq!(wrong, BTreeMap::from([(0, Wrong::OtherText)]), "{part}");
    }
}
