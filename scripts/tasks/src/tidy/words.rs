//! Words that sources may not say, by the compiler's reading of them: neither comments nor texts hide or feign one.

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use super::{File, Offence};

/// How a transaction gets signed or sent with the chain client. Ed25519 signatures on reports and notes are something
/// else.
const SIGNING: [&str; 5] = ["subxt_signer", "create_signable", "create_partial", "sign_and_submit", "submit_and_watch"];
/// Tests in a file of their own beside others of that name.
const OTHER_PATHS: [&str; 3] =
    ["contracts/rules/src/dispute.rs", "contracts/rules/src/governance.rs", "contracts/rules/src/provenance.rs"];

/// Looks for signing where it does not belong, for I/O in `rules`, and for code from files that are no sources.
pub fn check(file: &File) -> Vec<Offence> {
    // What cannot be read is told of with the lengths.
    let Ok(tokens) = file.text.parse::<TokenStream>() else { return Vec::new() };
    let mut search = Search { file, offences: Vec::new() };
    search.tokens(tokens);
    search.offences
}

struct Search<'a> {
    file: &'a File,
    offences: Vec<Offence>,
}

impl Search<'_> {
    fn tokens(&mut self, tokens: TokenStream) {
        let mut after_hash = false;
        let mut tokens = tokens.into_iter().peekable();
        while let Some(token) = tokens.next() {
            let was_hash = after_hash;
            after_hash = is(&token, '#') || was_hash && is(&token, '!');
            match token {
                TokenTree::Ident(word) => {
                    let called = tokens.peek().is_some_and(|next| is(next, '!'));
                    self.word(&word.to_string(), called, word.span().start().line);
                }
                TokenTree::Group(group) => {
                    if was_hash && group.delimiter() == Delimiter::Bracket && leads_elsewhere(group.stream()) {
                        self.elsewhere("#[path]", group.span_open().start().line);
                    }
                    self.tokens(group.stream());
                }
                TokenTree::Punct(_) | TokenTree::Literal(_) => {}
            }
        }
    }

    fn word(&mut self, word: &str, called: bool, line: usize) {
        let path = &self.file.path;
        let may_sign = path.starts_with("chain/src/submit") || path.ends_with("chain/src/submit.rs");
        if !may_sign && let Some(mark) = SIGNING.iter().find(|mark| word.contains(**mark)) {
            self.add(line, format!("{mark}: only chain/src/submit.rs signs transactions; go through its Submitter"));
        }
        // Proofs are tests, and need its maps.
        let proof = path.starts_with("contracts/rules/src/proofs") || path.ends_with("contracts/rules/src/proofs.rs");
        if path.starts_with("contracts/rules") && !proof && word.trim_start_matches("r#") == "std" {
            self.add(line, "rules may not use std: it does no I/O; take it from core or alloc".to_owned());
        }
        if called && word.trim_start_matches("r#") == "include" {
            self.elsewhere("include!", line);
        }
    }

    fn elsewhere(&mut self, how: &str, line: usize) {
        if !OTHER_PATHS.iter().any(|path| self.file.path.ends_with(path)) {
            self.add(line, format!("{how}: code is found by its module's name, put it there"));
        }
    }

    fn add(&mut self, line: usize, text: String) {
        self.offences.push(Offence { file: self.file.path.clone(), line, text });
    }
}

/// Whether an attribute names the file of a module: `path = "…"`, also under a condition.
fn leads_elsewhere(attribute: TokenStream) -> bool {
    let text = attribute.to_string().replace(' ', "");
    text.starts_with("path=") || text.starts_with("cfg_attr(") && text.contains("path=")
}

fn is(token: &TokenTree, sign: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == sign)
}

#[cfg(test)]
mod tests {
    use super::super::tests::file;
    use super::*;

    fn lines(path: &str, text: &str) -> Vec<usize> {
        check(&file(path, text)).iter().map(|offence| offence.line).collect()
    }

    #[test]
    fn signing_elsewhere_is_found_also_behind_what_looks_like_a_comment() {
        let text = "fn f() {\n    at.create_signable_offline(call, parameters);\n}";
        assert_eq!(lines("oracle/src/target/sign.rs", text), [2]);
        assert_eq!(lines("chain/src/client.rs", text), [2]);
        assert_eq!(lines("oracle/src/a.rs", "const A: &str = r\"\n// \"; use subxt_signer::sr25519;"), [2]);
        assert_eq!(lines("oracle/src/a.rs", "/*\n// */ use r#subxt_signer::sr25519;"), [2]);
        assert!(lines("chain/src/submit.rs", text).is_empty());
        assert!(lines("chain/src/submit/signer.rs", "use subxt_signer::sr25519;").is_empty());
    }

    #[test]
    fn a_comment_a_text_or_another_signature_is_none_of_its_business() {
        let text = "/* see create_signable */\nlet signature = key.sign(\"sign_and_submit\");";
        assert!(lines("oracle/src/report.rs", text).is_empty());
    }

    #[test]
    fn rules_has_no_way_to_the_standard_library() {
        for text in ["use std::fs::File;", "use std::{env, fs};", "extern crate std as s;", "use r#std::net;"] {
            assert_eq!(lines("contracts/rules/src/a.rs", text), [1], "{text}");
        }
        assert!(lines("contracts/rules/src/a.rs", "// std::fs\n#[cfg(feature = \"std\")]\nuse core::fmt;").is_empty());
        assert!(lines("oracle/src/a.rs", "use std::fs::File;").is_empty());
    }

    #[test]
    fn code_comes_from_sources_alone() {
        let texts = [
            "include!(\"a.inc\");",
            "#[path = \"a.inc\"] mod a;",
            "#![cfg_attr(all(), path = \"a.inc\")]",
            "macro_rules! m { () => { core::include!(\"a.inc\"); } }",
        ];
        for text in texts {
            assert_eq!(lines("oracle/src/a.rs", text), [1], "{text}");
        }
        let text =
            "const A: &str = include_str!(\"a.txt\"); #[utoipa::path(get, path = \"/a\")] fn a() { path = \"b\"; }";
        assert!(lines("oracle/src/a.rs", text).is_empty());
    }
}
