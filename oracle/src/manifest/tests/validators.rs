//! The formats by others' validators, which are fetched by pip.

use std::process::{Command, Output};

use super::*;
use crate::testing::nothing_is_proven;

/// The program of a Python package in an environment of its own, which stays for the next time; nothing where it cannot
/// be had from here.
fn program(package: &str, version: &str, name: &str) -> Option<PathBuf> {
    let folder = std::env::temp_dir().join(format!("yieldset-{package}-{version}"));
    let program = folder.join("bin").join(name);
    let run = |command: &mut Command| command.output().is_ok_and(|done| done.status.success());
    if !program.exists() {
        let made = run(Command::new("python3").args(["-m", "venv"]).arg(&folder));
        let pip = ["install", "-q", &format!("{package}=={version}")].map(str::to_owned);
        if !(made && run(Command::new(folder.join("bin/pip")).args(pip))) {
            nothing_is_proven(&format!("{package} {version} cannot be fetched by pip from here"));
            return None;
        }
    }
    Some(program)
}

fn told(output: &Output) -> String {
    [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes).into_owned()).join("\n")
}

/// A version with all that its manifest may have to say: many names, a day of publication, an earlier registrant.
fn whole() -> Place {
    let place = Place::new();
    place.put("work/Chapter 1: Loomings?.txt", TEXT);
    place.put("work/白鯨.txt", TEXT);
    let more = r#"{"date": "1815-12-23", "description": "A novel & its <notes>.", "registrant": "0x0909090909090909090909090909090909090909","#;
    place.put("work/creator.json", CREATOR.replacen('{', more, 1));
    place.make().expect("made");
    place
}

/// Proves ATT-1: the manifest passes each required check of RO-Crate 1.2 by roc-validator. Before, two failed: software
/// without `url` and `version`.
#[test]
#[ignore = "fetches roc-validator from PyPI: --run-ignored all"]
fn roc_validator_finds_nothing_required_missing() {
    let Some(validator) = program("roc-validator", "0.13.0", "rocrate-validator") else { return };
    let place = whole();
    let validate = || {
        let arguments = ["--no-interactive", "validate", "--no-paging", "--requirement-severity", "REQUIRED"];
        let profile = ["--profile-identifier", "ro-crate-1.2"];
        let mut command = Command::new(&validator);
        command.args(arguments).args(profile).arg(place.path("out")).output().expect("it runs")
    };
    let output = validate();
    if told(&output).contains("urlopen error") {
        return nothing_is_proven("roc-validator cannot get the context of RO-Crate from here");
    }
    assert!(output.status.success(), "{}", told(&output));
    // It would tell.
    let manifest = place.path("out").join(MANIFEST);
    let text = fs::read_to_string(&manifest).expect("read");
    fs::write(&manifest, text.replace(embed::MODEL_URL, "")).expect("written");
    assert!(!validate().status.success());
}

/// Proves ATT-1: the export is a Croissant that mlcroissant reads without an error.
#[test]
#[ignore = "fetches mlcroissant from PyPI: --run-ignored all"]
fn mlcroissant_reads_the_export() {
    let Some(validator) = program("mlcroissant", "1.1.1", "mlcroissant") else { return };
    let place = whole();
    let export = place.path("out").join(CROISSANT);
    let validate = || Command::new(&validator).args(["validate", "--jsonld"]).arg(&export).output().expect("it runs");
    let output = validate();
    assert!(output.status.success() && !told(&output).contains("error"), "{}", told(&output));
    let text = fs::read_to_string(&export).expect("read");
    fs::write(&export, text.replace("\"sc:Dataset\"", "\"sc:Thing\"").replace("\"name\"", "\"nam\"")).expect("written");
    assert!(!validate().status.success());
}
