//! What a platform opens, and what it need not.

use super::*;
use crate::{
    embed::for_tests,
    record,
    spot::{
        self, Wrong,
        tests::{LICENCE, World, text as text_of},
    },
};
use yieldset_rules::usage::{Evidence, InferenceCall};

/// What comes of a spot check of all of six calls that were changed, and how many were drawn.
async fn opened(limits: Limits, change: impl Fn(usize, &mut InferenceCall)) -> (usize, BTreeMap<u64, Wrong>) {
    let world = World::limited(limits, change).await;
    let drawn = world.drawn(59);
    let checked = world.check(&drawn, Some(&world.opening(&drawn))).expect("checked");
    (drawn.drawn.len(), checked.wrong)
}

/// Proves LIC-3: keywords are half of what a paraphrase is told by, and a platform that leaves them out, or writes a
/// friend's, is found out. Before, nobody compared them.
#[tokio::test]
async fn keywords_are_the_outputs_own() {
    let (_, wrong) = opened(Limits::default(), |n, call| {
        let Evidence::Words(words) = &mut call.evidence else { unreachable!("version 2") };
        match n {
            0 => words.passages[0].keywords.clear(),
            1 => words.passages[0].keywords[0] ^= 1,
            _ => {}
        }
    })
    .await;
    assert_eq!(wrong.into_keys().collect::<Vec<_>>(), [0, 1]);
}

/// Proves LIC-3: a call that does not count by the figures that its platform wrote is drawn like any other. Before, who
/// wrote one token more than the licence counts, or none, paid nothing for a call and never had to open it.
#[tokio::test]
async fn what_does_not_count_is_drawn_too() {
    let limits = Limits { call_tokens: 1_000, ..Limits::default() };
    let (drawn, wrong) = opened(limits, |n, call| match n {
        0 => call.output_tokens = 1_001,
        1 => call.output_tokens = 0,
        _ => {}
    })
    .await;
    // As many are drawn as count, of all six: here one of the two.
    assert_eq!((drawn, wrong.into_keys().collect::<Vec<_>>()), (4, vec![0]));
}

/// A platform that writes a fifth of its tokens is found out without its tokenizer, too: no vocabulary has so few for
/// plain English.
#[tokio::test]
#[ignore = "open: without a tokenizer a platform may write an eighth of its words"]
async fn a_fifth_of_the_tokens_is_too_few() {
    // Some 35 words.
    let (_, wrong) = opened(Limits::default(), |n, call| call.output_tokens = if n < 2 { 5 } else { 40 }).await;
    assert_eq!(wrong.into_keys().collect::<Vec<_>>(), [0, 1]);
}

/// Proves LIC-3: an output of several records is opened whole, and the log has each of its parts. Before, who had
/// logged one record with a fraction of its tokens opened it as the end of an output that never was, whose other words
/// have few.
#[tokio::test]
async fn an_output_of_several_records_is_all_in_the_log() {
    // What the tokenizer has no word for is one token, and here a word for each of its letters.
    let invented = format!("{} {}", "\u{e01}".repeat(2_560), text_of(1));
    let tokenizer = spot::load_tokenizer(&crate::embed::default_model_dir().join("tokenizer.json")).expect("there");
    let count = |text: &str| tokenizer.encode_fast(text, false).expect("counted").len() as u64;
    let words: Vec<u64> = words::parts(&invented).iter().map(|part| u64::from(words::runs(part).0)).collect();
    let (honest, tokens) = (count(&text_of(1)), attribution::share(count(&invented), &words)[1].max(1));
    println!("{tokens} instead of {honest} tokens, of {words:?} words");
    assert!(tokens * 2 < honest);
    let fixture = Fixture::new().await;
    let outputs = fixture.folder.path().join("outputs.jsonl");
    let write = |id: &str, tokens: u64, text: &str| {
        let line = serde_json::json!({"call_id": id, "declared_use": "chat", "input_tokens": 5,
            "output_tokens": tokens, "at": "2026-10-01T09:00:00Z", "text": text});
        std::fs::write(&outputs, line.to_string()).expect("written");
    };
    write("long/2", tokens, &text_of(1));
    let log = fixture.log_of(record::calls(&outputs, MODEL, for_tests()).expect("recorded")).await;
    let question = question(1);
    let attribution = attribution::attribute(&log, &[dataset("a/1", 1, 1, "")], &question).expect("attributed");
    let drawn = spot::draw(&attribution, LICENCE, (8, [7; 32]), 59).expect("drawn");
    write("long", tokens, &invented);
    let opening = spot::open(&drawn, std::slice::from_ref(&outputs), "lumen", &fixture.platform_key).expect("opened");
    let platforms = &fixture.platforms[..];
    let tokenizers = BTreeMap::from([(MODEL.to_owned(), tokenizer)]);
    let checked = spot::check(&drawn, Some(&opening), (&log, platforms), for_tests(), &tokenizers);
    assert_eq!(checked.expect("checked").wrong.into_keys().collect::<Vec<_>>(), [0]);
}

/// A platform of whose calls one in ten is wrong anchors its log's checkpoint again and again, a record longer each
/// time, until the next block draws none of them, and logs no more: so a draw shows as much as one of all that were
/// anchored since the quarter's end, unless it must be of the first.
#[test]
#[ignore = "open: a platform anchors until a draw is kind"]
fn draws_cannot_be_tried() {
    let calls = 6_000_u64;
    let tries = (0_u64..2_000).find(|&anchor| {
        let log = yieldset_rules::report::LogCheckpoint { origin: "log".into(), size: calls + anchor, root: [4; 32] };
        let block_hash = sha256(&anchor.to_be_bytes());
        let draw = yieldset_rules::spot::Draw { block_hash, log: &log, stream: LICENCE, period: PERIOD };
        draw.of(calls, yieldset_rules::spot::SAMPLE, crate::keccak256).iter().all(|call| call % 10 != 0)
    });
    println!("anchors until a draw finds nothing: {tries:?}");
    assert_eq!(tries, None);
}

/// Proves LIC-3: a tokenizer counts all tokens of an output. Before, a file that pads and cuts what a model reads, as
/// that of MiniLM does at 128, counted 128 of every output.
#[test]
fn tokens_are_counted_as_they_are() {
    let tokenizer = spot::load_tokenizer(&crate::embed::default_model_dir().join("tokenizer.json")).expect("there");
    let count = |text: &str| tokenizer.encode_fast(text, false).expect("counted").len();
    assert_eq!((count("whale"), count(&"whale ".repeat(1_000))), (1, 1_000));
}
