//! What compiler and clippy said while the workspace was built. Cargo keeps it with each crate and repeats it, so
//! asking for it once more compiles nothing.

use std::path::Path;

use anyhow::Result;
use serde::Deserialize;

use super::session::Bench;

/// A line of `cargo build --message-format=json`.
#[derive(Deserialize)]
struct Message {
    #[serde(default)]
    package_id: String,
    message: Option<Diagnostic>,
}

#[derive(Deserialize)]
struct Diagnostic {
    level: String,
    rendered: Option<String>,
}

/// Builds what `args` choose in the workspace `folder`, and shows every finding in it. Whether there was none.
pub fn check(bench: &mut Bench<'_>, folder: &Path, target: &Path, args: &[&str]) -> Result<bool> {
    let mut cargo = bench.session.linting_cargo();
    cargo.current_dir(folder).env("CARGO_TARGET_DIR", target);
    cargo.args(["build", "--locked", "--message-format=json"]).args(args);
    let (built, messages) = bench.output(cargo)?;
    let findings = findings(&messages);
    for finding in &findings {
        bench.say(finding)?;
    }
    if !built && findings.is_empty() {
        bench.say("the build failed; see the log")?;
    }
    Ok(built && findings.is_empty())
}

/// Warnings and errors in crates of this repository, each once: a library is compiled twice, for itself and for its
/// tests.
fn findings(messages: &str) -> Vec<String> {
    let mut findings = Vec::new();
    for message in messages.lines().filter_map(|line| serde_json::from_str::<Message>(line).ok()) {
        let Some(Diagnostic { level, rendered: Some(text) }) = message.message else { continue };
        let ours = message.package_id.starts_with("path+file:");
        if ours && ["warning", "error"].contains(&level.as_str()) && !findings.contains(&text) {
            findings.push(text);
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(package: &str, level: &str, text: &str) -> String {
        let message = serde_json::json!({"level": level, "rendered": text, "spans": []});
        serde_json::json!({"reason": "compiler-message", "package_id": package, "message": message}).to_string()
    }

    #[test]
    fn a_finding_in_a_crate_of_ours_counts_once() {
        let ours = "path+file:///checkout/oracle#yieldset-oracle@0.1.0";
        let theirs = "registry+https://registry.example/index#sha2@0.10.9";
        let messages = [
            line(ours, "warning", "unused variable"),
            line(ours, "warning", "unused variable"),
            line(ours, "error", "mismatched types"),
            line(ours, "note", "see above"),
            line(theirs, "warning", "deprecated"),
            r#"{"reason":"compiler-artifact","package_id":"path+file:///checkout/oracle#yieldset-oracle@0.1.0"}"#
                .to_owned(),
            r#"{"reason":"build-finished","success":true}"#.to_owned(),
            "not JSON".to_owned(),
        ];
        assert_eq!(findings(&messages.join("\n")), ["unused variable", "mismatched types"]);
    }
}
