//! Outputs of several creators' words, and of nobody's.

use super::*;

const PHRASES: [&str; 10] = [
    "Hello! How can I help you today?",
    "I'm sorry, but I can't help with that.",
    "Yes.",
    "No.",
    "You're welcome!",
    "Sure! Here is the code:",
    "Thank you.",
    "As an AI language model, I do not have personal opinions.",
    "Okay.",
    "42",
];

/// Ten stock phrases that somebody registers earn nothing by what every model says. Before, a greeting, a refusal, a
/// "Yes" and a thank-you were paid, at scores from 0.72 to 0.95. Outputs of no words are taken: what a model's tokens
/// without a text are, its platform knows.
#[tokio::test]
async fn stock_phrases_earn_nothing() {
    let works = Works::of(&[("melville/moby", &[&*words(MOBY, 0, 500)][..]), ("squatter/phrases", &PHRASES)]).await;
    let said = |id: &'static str, tokens: u32, text: &str| Line { id, tokens, text: text.into() };
    let lines = [
        said("greet", 9, "Hello! How can I assist you today?"),
        said("refuse", 11, "I'm sorry, but I can't assist with that request."),
        said("yes", 1, "Yes"),
        said("welcome", 5, "You're very welcome!"),
        said("thirteen", 1, "13"),
        said("dot", 1, "."),
        said("empty", 7, ""),
        said("newline", 7, "\n\n"),
    ];
    let found = works.attributed(works.recorded(&lines).expect("recorded"), &[0, 1]).await;
    assert_eq!(tokens(&found), []);
    assert_eq!((found.totals.calls, found.totals.tokens), (8, 42));
}

/// The same word for word, in other words of the kind, and beside a quote, which is paid alone.
#[tokio::test]
async fn stock_phrases_beside_a_quote_earn_nothing() {
    let works = Works::of(&[("squatter/phrases", &PHRASES[..]), ("melville/moby", &[&words(MOBY, 0, 500)])]).await;
    let mut lines: Vec<Line<'_>> = PHRASES.iter().map(|phrase| line("phrase", *phrase)).collect();
    let ids: Vec<String> = (0..lines.len()).map(|number| format!("phrase-{number}")).collect();
    lines.iter_mut().zip(&ids).for_each(|(line, id)| line.id = id);
    for (id, phrase) in [
        ("certainly", "Certainly! I'd be happy to help. What would you like to know?"),
        ("apology", "I apologize for the confusion. You are right, thank you for pointing that out."),
        ("german", "Gern geschehen! Kann ich sonst noch etwas für Sie tun?"),
    ] {
        lines.push(line(id, phrase));
    }
    assert_eq!(works.paid(&lines).await, []);
    let quote = format!("{} {} {}", PHRASES[5], words(MOBY, 100, 60), PHRASES[4]);
    let quote = Line { id: "quote", tokens: 68, text: quote };
    assert_about("a quote between phrases", &works.paid(&[quote]).await, &[(2, 60)]);
}

/// Proves ATT-12 and ATT-6: each creator gets its words, wherever in however long an output they stand. Before, nobody
/// got anything, or one got all. What is expected is the creators' parts of the words as they are compared, where a
/// dash makes two of one.
#[tokio::test]
async fn each_creator_gets_its_words() {
    let works =
        Works::of(&[("melville/moby", &[words(MOBY, 0, 1_200)]), ("lincoln/message", &[words(LINCOLN, 0, 1_200)])])
            .await;
    let text = |parts: &[(&str, usize, usize)]| {
        parts.iter().map(|(text, from, count)| words(text, *from, *count)).collect::<Vec<_>>().join(" ")
    };
    for (id, tokens, parts, expected) in [
        ("quote-60w-control", 80, &[(MOBY, 300, 60)][..], &[(1, 80)][..]),
        ("half-A-half-B-60w", 160, &[(MOBY, 300, 60), (LINCOLN, 300, 60)], &[(1, 81), (2, 79)]),
        ("half-A-half-B-150w", 400, &[(MOBY, 300, 150), (LINCOLN, 300, 150)], &[(1, 203), (2, 197)]),
        ("190-verbatim-then-1000-filler", 1_586, &[(MOBY, 300, 190), (ROOSEVELT, 0, 1_000)], &[(1, 258)]),
        ("filler-then-300-verbatim", 666, &[(ROOSEVELT, 0, 200), (MOBY, 300, 300)], &[(1, 404)]),
        ("65pct-A-35pct-own", 133, &[(MOBY, 300, 65), (ROOSEVELT, 400, 35)], &[(1, 87)]),
        // In turns, and in the middle of the other's. Of 204 words 42 and 41 are the first's, 41 and 40 the second's:
        // 318 tokens. But what follows the last begins with "of the", as the second's text goes on where the quote
        // ends: so 42 words stand there, and nobody can tell who said the two.
        (
            "in-turns",
            800,
            &[(MOBY, 0, 40), (LINCOLN, 0, 40), (MOBY, 500, 40), (LINCOLN, 700, 40), (ROOSEVELT, 50, 40)],
            &[(1, 325), (2, 325)],
        ),
        ("within", 300, &[(LINCOLN, 100, 100), (MOBY, 800, 100), (LINCOLN, 200, 100)], &[(1, 100), (2, 200)]),
        // Behind what one record holds: 200 of 3,200 words.
        ("at-the-end", 3_200, &[(ROOSEVELT, 0, 3_000), (MOBY, 700, 200)], &[(1, 205)]),
    ] {
        assert_about(id, &works.paid(&[Line { id, tokens, text: text(parts) }]).await, expected);
    }
}
