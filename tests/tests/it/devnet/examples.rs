//! Each file of `yieldset example` is read by what it is for: as it is written, or, where it has placeholders, once the
//! reader's own digests stand in their place.

use std::{
    fmt::Display,
    path::{Path, PathBuf},
    process::{Command, Output},
    str::FromStr,
};

use yieldset_chain::{
    Home, Profile,
    acts::{
        arguments::FromFile,
        doings::{kyc::Records, money::Quarters, terms::Menu},
    },
    profile::Presets,
};
use yieldset_oracle::{
    embed::{Embedder, default_model_dir},
    manifest, record,
    usage_log::load_platforms,
};
use yieldset_rules::usage::UsageRecord;

use super::programs;

/// Types `example` with a file to write.
fn typed(home: &Path, which: &str, file: &Path) -> Output {
    let mut command = Command::new(programs().join("yieldset"));
    command.env("YIELDSET_HOME", home).args(["example", which, "--out"]).arg(file).output().unwrap()
}

/// The file that it writes, and never over another.
fn written(home: &Path, which: &str, name: &str) -> PathBuf {
    let file = home.join(name);
    let output = typed(home, which, &file);
    assert!(output.status.success(), "{which}: {}", String::from_utf8_lossy(&output.stderr));
    let text = std::fs::read_to_string(&file).unwrap();
    let again = typed(home, which, &file);
    assert!(
        !again.status.success() && String::from_utf8_lossy(&again.stderr).contains("is there already"),
        "{again:?}"
    );
    assert_eq!(std::fs::read_to_string(&file).unwrap(), text, "{which}");
    file
}

/// What a file with placeholders gives: it is refused for one of them, and read once none is left.
fn without_placeholders<T: FromStr<Err: Display>>(file: &Path, digits: &[&str]) -> T {
    let read = || file.to_str().unwrap().parse::<T>();
    let why = read().err().expect("placeholders").to_string();
    assert!(why.contains("is a placeholder"), "{why}");
    let text = std::fs::read_to_string(file).unwrap();
    let real = digits.iter().fold(text, |text, digit| text.replace(&digit.repeat(64), &"5e".repeat(32)));
    std::fs::write(file, real).unwrap();
    read().unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// Proves NET-1: an act's examples are read by the act, a network's by whatever connects.
#[test]
fn examples_for_commands_are_read_by_them() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path();
    let records: Records = written(home, "kyc", "kyc.csv").to_str().unwrap().parse().unwrap();
    assert_eq!(records.0.len(), 1);
    let quarters: Quarters = without_placeholders(&written(home, "revenue", "revenue.csv"), &["4"]);
    assert_eq!(quarters.0.len(), 1);
    let FromFile(menu): FromFile<Menu> = without_placeholders(&written(home, "menu", "menu.toml"), &["1", "2", "3"]);
    let terms = (menu.options.len(), menu.options[0].months, menu.options[1].milestones.len());
    assert_eq!(terms, (2, 12, 1));
    std::fs::create_dir(home.join("profiles")).unwrap();
    written(home, "profile", "profiles/mine.toml");
    let profile = Profile::find("mine", &Home::at(home)).unwrap();
    assert_eq!((profile.chain_id, profile.genesis, profile.presets), (420_420_421, None, Presets::Production));
    assert_eq!((profile.nodes, profile.coin.symbol), (vec!["wss://node.example".to_owned()], "UNIT".to_owned()));
}

/// Proves NET-1: the oracle's examples are read by the oracle: who wrote a text, what a model wrote and was trained on,
/// and who may write to a log.
#[test]
fn examples_for_the_oracle_are_read_by_it() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path();
    let platforms = load_platforms(&written(home, "platforms", "platforms.json")).unwrap();
    let [platform] = &platforms[..] else { panic!("{platforms:?}") };
    let model = platform.models[0].clone();
    assert_eq!((platform.slug.as_str(), model.as_str()), ("lumen", "lumen/lumen-1"));

    let embedder = Embedder::load(&default_model_dir()).unwrap();
    let outputs = written(home, "outputs", "outputs.jsonl");
    let calls = record::calls(&outputs, &model, &embedder).unwrap();
    let [UsageRecord::InferenceCall(call)] = &calls[..] else { panic!("{calls:?}") };
    let told = (call.call_id.as_str(), call.output_tokens, call.declared_use.as_str());
    assert_eq!(told, ("lumen-2026q4-0001", 12, "chat"));

    // What it read is nobody's: whoever has the texts need not say their digest.
    let runs = written(home, "runs", "runs.jsonl");
    let why = record::training_runs(&runs, &model, &[]).unwrap_err().to_string();
    assert!(why.contains("give the folder by --manifests"), "{why}");
    let text = std::fs::read_to_string(&runs).unwrap();
    let digest = format!("\"ingestion_digest\": \"0x{}\", \"datasets\"", "5e".repeat(32));
    std::fs::write(&runs, text.replace("\"datasets\"", &digest)).unwrap();
    let runs = record::training_runs(&runs, &model, &[]).unwrap();
    let [UsageRecord::TrainingRun(run)] = &runs[..] else { panic!("{runs:?}") };
    assert_eq!((run.run_id.as_str(), run.datasets[0].epochs, run.base.as_ref()), ("lumen-1-pretraining", 1, None));

    let creator = written(home, "creator", "creator.json");
    let texts = home.join("texts");
    std::fs::create_dir(&texts).unwrap();
    std::fs::write(texts.join("inaugural.txt"), "We are not enemies, but friends. We must not be enemies.\n").unwrap();
    let out = home.join("manifest");
    let account = [7; 20];
    let request = manifest::Request {
        folder: &texts,
        creator: &creator,
        account,
        licence: "CC0-1.0",
        threshold: 700_000,
        out: &out,
    };
    let made = manifest::make(&request, &embedder).unwrap();
    assert_eq!((made.dataset.as_str(), made.texts, made.account), ("lincoln/first-inaugural", 1, account));
}
