//! Tokens that a record says, and a text does not have.

use super::*;
use crate::{
    licensed::{Beyond, summary},
    settlement::settle,
    testing::{IN_PERIOD, call_with, unit},
    usage_log::{BatchError, bounds::Bounds},
};

async fn works() -> Works {
    Works::of(&[("melville/moby", &[words(MOBY, 0, 500)]), ("lincoln/m", &[words(LINCOLN, 0, 500)])]).await
}

/// Ten words with 4,294,967,295 tokens are refused with their line and a reason, by who makes records and by who takes
/// them, and the honest calls are paid by their tokens. Before, that call had 0.9999999 of the weight.
#[tokio::test]
async fn absurd_tokens_are_refused() {
    let works = works().await;
    let absurd = || Line { id: "absurd", tokens: u32::MAX, text: words(LINCOLN, 100, 10) };
    let honest = |count: usize| -> Vec<Line<'static>> {
        let ids = ["honest0", "honest1", "honest2", "honest3", "honest4"];
        let one = |(at, id)| Line { id, tokens: 80, text: words(MOBY, 100 + 20 * at, 60) };
        ids.into_iter().enumerate().map(one).take(count).collect()
    };
    let mut lines = honest(2);
    lines.push(absurd());
    let error = works.recorded(&lines).expect_err("absurd").to_string();
    assert!(error.contains("line 3") && error.contains("4294967295 output tokens"), "{error}");
    assert_eq!(works.paid(&honest(5)).await, [(1, 400)]);
    // By whoever makes its own records.
    let forged = call_with("absurd", u32::MAX, IN_PERIOD, unit(0, 1_000_000), &words(LINCOLN, 100, 10));
    let batch = works.fixture.batch("b", vec![forged.to_bytes()]);
    let checked = batch.check(&works.fixture.platforms, &Bounds::default(), IN_PERIOD).expect("well formed");
    let mut log = works.fixture.open().await;
    let answers = log.append(vec![checked]).await.expect("open");
    assert!(
        matches!(&answers[0], Err(BatchError::Beyond { reason, .. }) if reason.contains("4294967295")),
        "{answers:?}"
    );
}

/// The same kind at its edge and in other figures: a text has a token a byte at most, and a few that show nothing.
/// What is no count is told with its line.
#[tokio::test]
async fn tokens_are_bounded_by_their_text() {
    let works = works().await;
    let said = |tokens: u32, text: &str| works.recorded(&[Line { id: "1", tokens, text: text.into() }]);
    for (tokens, text, good) in [
        (7, "", true),
        (7, "\n\n", true),
        (64, "", true),
        (65, "", false),
        (74, "ten bytes.", true),
        (75, "ten bytes.", false),
        // Fifteen bytes.
        (79, "日本語の訳", true),
        (80, "日本語の訳", false),
    ] {
        assert_eq!(said(tokens, text).is_ok(), good, "{tokens} tokens of {text:?}");
    }
    let file = works.path("lines.jsonl");
    for (wrong, word) in [
        (r#""output_tokens":-1,"text":"a""#, "-1"),
        (r#""output_tokens":1.5,"text":"a""#, "1.5"),
        (r#""output_tokens":4294967296,"text":"a""#, "4294967296"),
        (r#""output_tokens":"9","text":"a""#, "string"),
        // Half of a character.
        (r#""output_tokens":1,"text":"\ud83d""#, "hex escape"),
    ] {
        let rest = r#""call_id":"1","declared_use":"chat","input_tokens":1,"at":"2026-10-05T09:00:00Z""#;
        fs::write(&file, format!("\n{{{rest},{wrong}}}\n")).expect("written");
        let error = record::calls(&file, MODEL, embedder()).expect_err(wrong).to_string();
        assert!(error.contains("line 2") && error.contains(word), "{wrong}: {error}");
    }
}

/// A call that says that it wrote nothing, and whose words stand in a creator's text, is named with its reason; one
/// without words is a call like any other. Before, nothing was said.
#[tokio::test]
async fn words_without_tokens_are_named() {
    let works = works().await;
    let silent = |id, text: String| Line { id, tokens: 0, text };
    let lines = [
        silent("zero", words(MOBY, 100, 60)),
        silent("own", words(ROOSEVELT, 0, 60)),
        silent("empty", String::new()),
        Line { id: "honest", tokens: 80, text: words(MOBY, 100, 60) },
    ];
    let found = works.attributed(works.recorded(&lines).expect("recorded"), &[0, 1]).await;
    assert_eq!((tokens(&found), found.totals.calls), (vec![(1, 80)], 2));
    let named: Vec<_> = found.uncounted.iter().map(|one| (one.call_id.as_str(), one.tokens, one.reason)).collect();
    assert_eq!(named, [("zero", 0, Beyond::NoTokens), ("own", 0, Beyond::NoTokens)]);
    let published = serde_json::to_string(&settle(&found).uncounted).expect("JSON");
    assert!(published.contains("no_tokens") && !published.contains("zero"), "an id is the platform's: {published}");
    let told = summary(&found.uncounted).expect("something");
    assert!(told.contains("2 that have words and say that they have no tokens"), "{told}");
}
