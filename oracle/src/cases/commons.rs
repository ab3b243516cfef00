//! What everybody quotes, registered by somebody.

use super::*;

/// Own words of who registers a quotation, and more of them.
const OWN: &str = "The ferry across the lower river was run by two brothers who had not spoken to each other for eleven \
                   years, and the passengers carried their messages from the one bank to the other together with the fare.";
const MORE: &str = "My grandfather said that each time he paid them, and nobody on the boat ever knew why, least of all the \
                    brothers, who took his coins and looked at the water.";
/// In whatever letters.
const QUOTATIONS: [&str; 3] = [
    "We hold these truths to be self-evident, that all men are created equal, that they are endowed by their Creator with \
     certain unalienable Rights, that among these are Life, Liberty and the pursuit of Happiness.",
    "It was the best of times, it was the worst of times, it was the age of wisdom, it was the age of foolishness, it was \
     the epoch of belief, it was the epoch of incredulity.",
    "TO BE, OR NOT TO BE – THAT IS THE QUESTION: whether ’tis nobler in the mind to suffer the slings and arrows of \
     outrageous fortune, or to take arms against a sea of troubles, and by opposing end them.",
];
/// Shorter ones, which make less than half of a passage.
const SHORT: [&str; 2] = [
    "Four score and seven years ago our fathers brought forth on this continent, a new nation, conceived in Liberty, and \
     dedicated to the proposition that all men are created equal.",
    "It is a truth universally acknowledged, that a single man in possession of a good fortune, must be in want of a \
     wife.",
];

/// A text with a quotation in it.
fn registered(quotation: &str) -> String {
    format!("{OWN} {quotation} {MORE}")
}

/// An output that quotes the same.
fn answer(quotation: &str) -> String {
    format!(
        "Many people know the line, even if they have never opened the book it comes from: {quotation} It is often quoted \
         in speeches, and the words have become so familiar that their meaning is easily overlooked."
    )
}

/// Proves ATT-11's commons on the real model: whoever registers what everybody quotes among their own words earns
/// nothing by who quotes it, and their own words, also beside it, are paid: here 38 of 89 tokens.
#[tokio::test]
async fn a_common_quotation_is_nobodys() {
    let works = Works::of(&[("squatter/quotations", &QUOTATIONS.map(registered)[..])]).await;
    for quotation in QUOTATIONS {
        assert_eq!(works.paid(&[line("answer", answer(quotation))]).await, [], "{quotation}");
        assert_eq!(works.paid(&[line("alone", quotation)]).await, [], "{quotation}");
    }
    let beside =
        format!("{OWN} Then somebody on the bank read aloud from an old book that had got wet: {}", QUOTATIONS[0]);
    assert_eq!(works.paid(&[Line { id: "beside", tokens: 89, text: beside }]).await, [(1, 38)]);
}

/// The same of quotations that are shorter: what they make alike is not the squatter's either.
#[tokio::test]
async fn a_common_quotation_makes_nothing_alike() {
    let works = Works::of(&[("squatter/quotations", &SHORT.map(registered)[..])]).await;
    for quotation in SHORT {
        assert_eq!(works.paid(&[line("answer", answer(quotation))]).await, [], "{quotation}");
    }
}
