//! Tables without the texts that they are of.

use std::{fs, path::Path};

use super::*;
use crate::{
    embed::for_tests,
    manifest::{self, MANIFEST, Request, TABLES, make},
    trained::NONE,
};
use yieldset_rules::usage::{Evidence, InferenceCall, Words, tables_to_bytes};

const NOVEL: &str = "A small boat drifted past the harbour wall while nobody on the quay was looking, and the men who had \
                     mended nets there all their lives said later that they had known it would come to nothing.";
const SAID: &str = "When you write a function that reads a file, close the handle in every branch, and return the error to \
                    the caller with what it was about, so that they can decide whether to try it again or to stop.";

/// A version of a folder, of a text that is not shipped and tables of whatever is wanted.
fn forged(root: &Path, table: &Words) {
    let (work, creator, out) = (root.join("work"), root.join("creator.json"), root.join("manifests/forged"));
    fs::create_dir_all(&work).expect("made");
    fs::write(work.join("novel.txt"), NOVEL).expect("written");
    let described = r#"{"name": "F", "dataset": "f/novel", "title": "N", "year": 2020}"#;
    fs::write(&creator, described).expect("written");
    let request = Request {
        folder: &work,
        creator: &creator,
        account: [1; 20],
        licence: "CC0-1.0",
        threshold: DEFAULT_THRESHOLD,
        out: &out,
    };
    make(&request, for_tests()).expect("made");
    let tables = tables_to_bytes(std::slice::from_ref(table));
    let old = fs::read(out.join(TABLES)).expect("there");
    fs::write(out.join(TABLES), &tables).expect("written");
    let manifest = fs::read_to_string(out.join(MANIFEST)).expect("there");
    let manifest = manifest
        .replace(&hex::encode(sha256(&old)), &hex::encode(sha256(&tables)))
        .replace(&format!("\"{}\"", old.len()), &format!("\"{}\"", tables.len()));
    fs::write(out.join(MANIFEST), manifest).expect("written");
    fs::remove_file(out.join("texts/novel.txt")).expect("there");
}

/// Proves ATT-4: tables are believed where their texts show them. A creator who ships no text, and tables of whatever
/// models say, is paid for nothing. Before, a text that is not there was one that had to go, and nobody asked whether
/// the registry knows of a redaction.
#[tokio::test]
#[ignore = "open: a text that is not there is taken for one that had to go"]
async fn tables_without_their_texts_earn_nothing() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let said = words::of_outputs(&[SAID], for_tests()).expect("embedded").remove(0);
    // The passages of what a model says, on words that stand nowhere.
    let (count, runs) = words::runs(&text(0, said.count as usize));
    forged(folder.path(), &Words { count, runs, passages: said.passages.clone() });
    let loaded = manifest::load_all(&folder.path().join("manifests")).expect("loaded");
    let honest: Vec<&Dataset> =
        loaded.datasets.iter().filter(|dataset| dataset.check_embeddings(for_tests()).is_ok()).collect();
    println!("damaged: {:?}", loaded.damaged);
    let fixture = Fixture::new().await;
    let call = UsageRecord::InferenceCall(InferenceCall {
        call_id: "1".into(),
        model: MODEL.into(),
        at_ms: IN_PERIOD,
        input_tokens: 1,
        output_tokens: said.count,
        declared_use: "chat".into(),
        output_hash: sha256(SAID.as_bytes()),
        evidence: Evidence::Words(said),
    });
    let log = fixture.log_of(vec![call]).await;
    let datasets: Vec<Dataset> = honest.into_iter().cloned().collect();
    if datasets.is_empty() {
        return;
    }
    let question = Question {
        model: MODEL,
        period: PERIOD,
        metric: metric(DEFAULT_THRESHOLD),
        log_size: log.size(),
        after: After::First,
        left_out: &[],
        registry: None,
        limits: Limits::default(),
        ground: &NONE,
    };
    let found = attribution::attribute(&log, &datasets, &question).expect("attributed");
    assert_eq!(tokens(&found), []);
}
