//! What every program of ours does the same way: end when told to, leave whole files behind, wait longer after each
//! failure, and, with the feature `web`, serve, refuse, limit and measure requests.
//!
//! | module | feature | what |
//! |---|---|---|
//! | [`stop`] | – | SIGTERM and ctrl-c as a future; a second one ends at once |
//! | [`constants`] | – | constants of a runtime that a development chain's genesis, or a test, sets otherwise |
//! | [`files`] | – | files that are there whole or not at all |
//! | [`retry`] | – | growing pauses with jitter |
//! | [`web`] | `web` | the server, problems (RFC 9457), limits on request rates, request metrics |
//! | [`log`] | `log` | a program's log on standard error |
//! | [`cli`] | `cli` | shell completions and man pages |
//!
//! The feature `openapi` describes problems for utoipa.

#[cfg(feature = "cli")]
pub mod cli;
pub mod constants;
pub mod files;
#[cfg(feature = "log")]
pub mod log;
pub mod retry;
pub mod stop;
#[cfg(feature = "web")]
pub mod web;

/// From now on this process leaves nothing of its memory behind when it crashes, which has its keys in it. Where the
/// system refuses, it writes no core file by default.
pub fn without_core_files() {
    let _ = nix::sys::resource::setrlimit(nix::sys::resource::Resource::RLIMIT_CORE, 0, 0);
    // That limit is one of files: a program that the system hands crashes to gets them all the same (core(5)). Of what
    // is not dumpable it gets nothing, and no other process of the same user reads its memory or environment.
    #[cfg(target_os = "linux")]
    let _ = nix::sys::prctl::set_dumpable(false);
}

/// A text as one line that a terminal shows as it is: names come from files and chains on which anybody writes, and one
/// with a line's end, or with what moves a terminal's cursor or turns the direction of writing, would be a line of its
/// own.
pub fn printable(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for c in text.chars() {
        match c.is_control() || turns(c) {
            true => line.extend(c.escape_unicode()),
            false => line.push(c),
        }
    }
    line
}

/// The same of a text that has lines of ours: their ends stay.
pub fn printable_lines(text: &str) -> String {
    text.split('\n').map(printable).collect::<Vec<_>>().join("\n")
}

/// JSON that a terminal shows as it is, and that stays what it says: such letters stand in its strings alone, where
/// they are written by their numbers.
pub fn printable_json(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for c in json.chars() {
        match c != '\n' && (c.is_control() || turns(c)) {
            // None of these needs more than four digits.
            true => text.push_str(&format!("\\u{:04x}", u32::from(c))),
            false => text.push(c),
        }
    }
    text
}

/// What turns the direction of writing, or ends a line for some terminals.
fn turns(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// This version and the commit it was built from, such as `0.1.0 (1a2b3c4d5e6f)`. All programs share it.
pub const VERSION: &str = env!("YIELDSET_VERSION");

#[cfg(test)]
mod tests {
    #[test]
    fn the_version_names_its_commit() {
        let commit = super::VERSION.strip_prefix(concat!(env!("CARGO_PKG_VERSION"), " (")).expect("version first");
        assert!(commit.len() > 1 && commit.ends_with(')'), "{commit}");
    }

    /// What moves a cursor, hides, ends a line or turns the direction of writing is shown as what it is.
    #[test]
    fn a_strangers_text_is_one_line() {
        for (text, shown) in [
            ("Ada’s letters, №1", "Ada’s letters, №1"),
            ("a\u{1b}[8mb\r\nc", "a\\u{1b}[8mb\\u{d}\\u{a}c"),
            ("\u{202e}dees\u{2069}\u{61c}", "\\u{202e}dees\\u{2069}\\u{61c}"),
        ] {
            assert_eq!(super::printable(text), shown);
        }
        let json = "{\n  \"why\": \"\u{202e}dees\u{7f}\u{85}\"\n}";
        assert_eq!(super::printable_json(json), "{\n  \"why\": \"\\u202edees\\u007f\\u0085\"\n}");
        assert_eq!(super::printable_lines("a\n b\tc"), "a\n b\\u{9}c");
    }
}
