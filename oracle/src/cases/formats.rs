//! Texts in other encodings.

use super::*;

fn utf16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(bytes).collect()
}

/// UTF-16 with and without its mark, in either order, UTF-32, Latin-1 and a text with NUL characters are refused by
/// name, with what to do; UTF-8 with a mark is a text like any other. Before, UTF-16 without a mark and NUL passed, and
/// no quote of it was found.
#[tokio::test]
async fn other_encodings_are_refused() {
    let text = words(MOBY, 0, 500);
    let mut works = Works::of(&[("lincoln/other", &[words(LINCOLN, 0, 300)])]).await;
    let marked = |mark: &[u8], bytes: Vec<u8>| [mark, &bytes].concat();
    for (what, bytes) in [
        ("utf16", utf16(&text, u16::to_le_bytes)),
        ("utf16be", utf16(&text, u16::to_be_bytes)),
        ("utf16bom", marked(b"\xff\xfe", utf16(&text, u16::to_le_bytes))),
        ("utf16be bom", marked(b"\xfe\xff", utf16(&text, u16::to_be_bytes))),
        ("utf32", text.chars().flat_map(|letter| (letter as u32).to_le_bytes()).collect()),
        ("latin1", b"caf\xe9 cr\xe8me".to_vec()),
        ("nul", text.replace('a', "a\0").into_bytes()),
        ("nul at the end", format!("{text}\0").into_bytes()),
        ("surrogates", b"abc \xed\xa0\xbd def".to_vec()),
    ] {
        let error = works.add("melville/x", &[&bytes]).expect_err(what);
        assert!(matches!(error, ManifestError::NotText { .. }), "{what}: {error}");
        assert!(error.to_string().contains("no text in UTF-8 from byte"), "{error}");
    }
    let mark = marked(b"\xef\xbb\xbf", text.into_bytes());
    works.add("melville/marked", &[&mark]).expect("UTF-8");
    assert_eq!(works.paid(&[line("quote", words(MOBY, 0, 60))]).await, [(2, 80)]);
}

/// A file of outputs in another encoding is refused as a whole, with what to do; an output in which characters are that
/// show nothing is found where it stands.
#[tokio::test]
async fn a_quote_with_control_characters_is_found() {
    let works = Works::of(&[("melville/moby", &[words(MOBY, 0, 500)])]).await;
    let quote = words(MOBY, 100, 80);
    for (id, text) in [
        ("quote", quote.clone()),
        ("nul", quote.replace('a', "a\0")),
        ("nul between", quote.replace(' ', " \0")),
        ("escape", quote.replace('e', "\u{1b}e")),
        ("delete", quote.replace('o', "o\u{7f}")),
        ("c1", quote.replace('i', "\u{91}i")),
        ("bell", quote.replace("ing", "\u{7}ing")),
    ] {
        assert_eq!(works.paid(&[Line { id, tokens: 106, text }]).await, [(1, 106)], "{id}");
    }
    let lines = r#"{"call_id":"1","declared_use":"chat","input_tokens":1,"output_tokens":1,"at":"2026-10-05T09:00:00Z","text":"a"}"#;
    let file = works.path("lines.jsonl");
    for (bytes, word) in [
        (utf16(lines, u16::to_le_bytes), "line 1"),
        ([&b"\xff\xfe"[..], &utf16(lines, u16::to_le_bytes)].concat(), "not UTF-8"),
        (lines.replace(r#""a""#, "\"\u{e9}\"").chars().map(|letter| letter as u8).collect(), "not UTF-8"),
    ] {
        fs::write(&file, bytes).expect("written");
        let error = record::calls(&file, MODEL, embedder()).expect_err("another encoding").to_string();
        assert!(error.contains(word), "{error}");
    }
    fs::remove_file(&file).and_then(|()| std::os::unix::fs::symlink("/dev/zero", &file)).expect("linked");
    let error = record::calls(&file, MODEL, embedder()).expect_err("a device without an end").to_string();
    assert!(error.contains("a folder or a device"), "{error}");
}
