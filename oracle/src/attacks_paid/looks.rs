//! Outputs that read like a text to whoever sees them, and are written otherwise.

use super::*;

/// Proves ATT-12: a platform pays for what it shows, whichever blanks stand between the words. Before, words with a
/// narrow space or a Hangul filler between them were one word, and nobody was found.
#[tokio::test]
async fn what_shows_as_a_blank_parts_words() {
    let entries = [entry("a/work", 9, &text(0, 300), 1, 10)];
    for blank in
        "\u{202f}\u{3164}\u{ffa0}\u{115f}\u{1160}\u{a0}\u{2007}\u{2009}\u{200a}\u{205f}\u{3000}\u{2800}\u{1680}".chars()
    {
        let shown = text(50, 100).replace(' ', &blank.to_string());
        let call = call_with("1", 100, at(20), unit(301, 1_000_000), &shown);
        let found = attributed(vec![call], &entries, |_| ()).await;
        assert_eq!(tokens(&found), [(9, 100)], "{:04x}", u32::from(blank));
    }
}

/// Proves ATT-11 on the real model: a paraphrase is one in whichever alphabet's letters it is shown. Before, letters
/// that look alike, or bold ones, were words to the spans and none to the embedding: a platform that wrote each `a` and
/// `e` in Cyrillic paid for no paraphrase.
#[test]
fn letters_that_look_alike_read_alike() {
    let plain = crate::spot::tests::text(3);
    let cyrillic: String = plain.chars().map(|c| swapped(c, "aeopcxy", "аеорсху")).collect();
    let bold: String = plain.chars().map(|c| shifted(c, 0x1d41a)).collect();
    let wide: String = plain.chars().map(|c| shifted(c, 0xff41)).collect();
    let invisible: String = plain.chars().flat_map(|c| [c, '\u{200b}', '\u{34f}']).collect();
    let all = [&plain[..], &cyrillic, &bold, &wide, &invisible];
    let tables = words::of_outputs(&all, crate::embed::for_tests()).expect("embedded");
    assert!(!tables[0].passages.is_empty());
    for (table, shown) in tables.iter().zip(all) {
        assert_eq!(table.runs, tables[0].runs, "{shown}");
        assert_eq!(table.passages, tables[0].passages, "{shown}");
    }
}

fn swapped(c: char, from: &str, to: &str) -> char {
    from.chars().zip(to.chars()).find(|(one, _)| *one == c).map_or(c, |(_, other)| other)
}

/// A small letter in an alphabet that begins there.
fn shifted(c: char, from: u32) -> char {
    let at = u32::from(c).checked_sub(u32::from('a')).filter(|_| c.is_ascii_lowercase());
    at.and_then(|at| char::from_u32(from + at)).unwrap_or(c)
}
