//! The stages, in the order they run.

mod api;
mod kept;
mod longer;

use std::path::PathBuf;
use std::process::{Command, ExitStatus};

use anyhow::{Context, Result};

use super::Form::{self, Change, Nightly, Quick};
use super::lints;
use super::reports::{self, Counts};
use super::session::{Bench, Outcome};
use crate::contracts::NOT_COMPARED;

/// One thing that must hold.
pub struct Stage {
    /// In the table, and for `--only`.
    pub name: &'static str,
    /// Where it is part of.
    pub forms: &'static [Form],
    /// What scripts/setup gets for it.
    pub tools: &'static [&'static str],
    /// What it does.
    pub work: fn(&mut Bench<'_>) -> Result<Outcome>,
}

/// All of them. scripts/test has built the workspace before.
pub const STAGES: &[Stage] = &[
    Stage { name: "formatting", forms: &[Quick, Change, Nightly], tools: &[], work: formatting },
    Stage { name: "tidy", forms: &[Quick, Change, Nightly], tools: &[], work: tidy },
    Stage { name: "rules", forms: &[Quick, Change, Nightly], tools: &["nextest"], work: rules },
    Stage { name: "unit tests", forms: &[Quick], tools: &["nextest"], work: unit_tests },
    Stage { name: "tests", forms: &[Change, Nightly], tools: &["nextest"], work: tests },
    Stage { name: "Hub's constants", forms: &[Change, Nightly], tools: &["nextest"], work: hub },
    Stage { name: "lints", forms: &[Quick, Change, Nightly], tools: &[], work: lint },
    Stage {
        name: "mutants sample",
        forms: &[Change],
        tools: &["mutants"],
        work: |bench| {
            kept::unless_passed(bench, "mutants-sample", MUTATED, |bench| longer::mutants(bench, &["--sample"]))
        },
    },
    Stage { name: "contracts rebuilt and compared", forms: &[Change, Nightly], tools: &["contracts"], work: contracts },
    Stage { name: "licences", forms: &[Change, Nightly], tools: &["deny"], work: licences },
    Stage { name: "advisories", forms: &[Change, Nightly], tools: &["deny"], work: advisories },
    Stage { name: "demo", forms: &[Change], tools: &[], work: |bench| api::asked(bench, api::SAMPLE) },
    // It begins with the demo, of which one is enough.
    Stage { name: "API", forms: &[Nightly], tools: &[], work: |bench| api::asked(bench, api::WHOLE) },
    Stage { name: "contract ABIs rebuilt and compared", forms: &[Nightly], tools: &["contracts"], work: longer::abis },
    Stage { name: "contract lints", forms: &[Nightly], tools: &[], work: longer::contract_lints },
    Stage { name: "large domains", forms: &[Nightly], tools: &["nextest"], work: longer::large_domains },
    Stage { name: "truth", forms: &[Nightly], tools: &["nextest"], work: longer::truth },
    Stage { name: "histories on the chain", forms: &[Nightly], tools: &["nextest"], work: longer::histories },
    Stage { name: "adversary", forms: &[Nightly], tools: &["nextest"], work: longer::adversary },
    Stage { name: "mirror", forms: &[Nightly], tools: &["nextest"], work: longer::mirror },
    Stage { name: "contracts on Hub's pallet", forms: &[Nightly], tools: &["nextest"], work: longer::hubs_pallet },
    Stage { name: "mutants", forms: &[Nightly], tools: &["mutants"], work: |bench| longer::mutants(bench, &[]) },
    Stage { name: "viem", forms: &[Nightly], tools: &[], work: longer::viem },
    Stage {
        name: "query types",
        forms: &[Nightly],
        tools: &[],
        work: |bench| ours(bench, "yieldset-tasks", &["query-types", "--check"]),
    },
    Stage {
        name: "chain spec rebuilt and compared",
        forms: &[Nightly],
        tools: &[],
        work: |bench| script(bench, "chain-spec", &["--check"]),
    },
    // The last: it leaves a program with this feature where the others find theirs.
    Stage { name: "S3", forms: &[Nightly], tools: &["nextest"], work: longer::s3 },
];

/// What blobs are made of, and what makes and compares them.
const COMPILED: &[&str] = &[
    "contracts",
    ".cargo",
    "rust-toolchain.toml",
    "Cargo.toml",
    "Cargo.lock",
    "scripts/contracts",
    "scripts/tasks",
    "scripts/setup",
    "scripts/lib.sh",
];
/// What the sample of mutants is drawn from and tried on.
const MUTATED: &[&str] = &[
    "contracts/rules",
    "contracts/ed25519",
    "contracts/Cargo.toml",
    "contracts/Cargo.lock",
    ".cargo",
    "rust-toolchain.toml",
    "scripts/mutants",
    "scripts/tasks",
    "scripts/setup",
    "scripts/lib.sh",
];
/// The crates of the contracts' workspace that run on any machine.
const PURE: [&str; 6] = ["-p", "yieldset-rules", "-p", "yieldset-ed25519", "-p", "keccak-const"];
/// Nightly the random histories are a stage of their own.
const HISTORIES: &str = "test(=contracts::model::chain_and_rules_agree)";
/// What takes longer than it is likely to show, where its like runs with each change: the guides once more, with
/// Polkadot Hub's constants.
const NIGHTLY_ALONE: &str = "test(=devnet::guides::the_guides_lead_there_with_the_constants_of_hub)";
/// What runs in a chain with Polkadot Hub's constants, and the sample of it.
const ON_HUB: &str =
    "package(yieldset-tests) and test(/^contracts::/) and not test(=contracts::model::chain_and_rules_agree)";
const ON_HUB_SAMPLE: &str =
    "package(yieldset-tests) and test(/^contracts::(whole|pool::(money|hub|assets)|constants|factory|coop)/)";
/// Needs a chain in process, a node or Postgres.
const SLOW_PACKAGES: &str = "package(yieldset-tests)";

fn formatting(bench: &mut Bench<'_>) -> Result<Outcome> {
    let mut ok = true;
    for folder in [".", "contracts", "tests/hub"] {
        let mut cargo = bench.session.command("cargo");
        cargo.current_dir(bench.session.root.join(folder)).args(["fmt", "--all", "--check"]);
        ok &= bench.run(cargo)?;
    }
    Ok(Outcome::of(ok))
}

fn tidy(bench: &mut Bench<'_>) -> Result<Outcome> {
    ours(bench, "yieldset-tasks", &["tidy"])
}

/// In the contracts' workspace, with its own target folder: other features of the same crates would rebuild each
/// other's.
fn rules(bench: &mut Bench<'_>) -> Result<Outcome> {
    let mut cargo = bench.session.linting_cargo();
    cargo.current_dir(bench.session.root.join("contracts"));
    cargo.env("CARGO_TARGET_DIR", bench.session.target.join("rules"));
    cargo.args(["nextest", "run", "--locked"]).args(PURE);
    nextest(bench, cargo)
}

fn tests(bench: &mut Bench<'_>) -> Result<Outcome> {
    let mut cargo = bench.session.linting_cargo();
    cargo.args(["nextest", "run", "--locked", "--workspace"]);
    let later = if bench.session.form == Nightly { HISTORIES } else { NIGHTLY_ALONE };
    cargo.args(["-E", &format!("not {later}")]);
    // One more than there are cores: those on a node wait most of the time.
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    cargo.args(["--test-threads", &(cores + 1).to_string()]);
    nextest(bench, cargo)
}

/// The contracts once more, in a chain with the constants of Polkadot Hub: of a change what moves the chain's own money
/// and takes deposits for storage, nightly all.
fn hub(bench: &mut Bench<'_>) -> Result<Outcome> {
    let mut cargo = bench.session.linting_cargo();
    cargo.args(["nextest", "run", "--locked", "--workspace"]).env("YIELDSET_CONSTANTS", "hub");
    cargo.args(["-E", if bench.session.form == Nightly { ON_HUB } else { ON_HUB_SAMPLE }]);
    nextest(bench, cargo)
}

fn unit_tests(bench: &mut Bench<'_>) -> Result<Outcome> {
    let mut cargo = bench.session.linting_cargo();
    cargo.args(["nextest", "run", "--locked", "--workspace", "--lib", "--bins"]);
    cargo.args(["-E", &format!("not {SLOW_PACKAGES}")]);
    nextest(bench, cargo)
}

/// Findings of what the stages before have built.
fn lint(bench: &mut Bench<'_>) -> Result<Outcome> {
    let (root, target) = (bench.session.root.clone(), bench.session.target.clone());
    let services: &[&str] = match bench.session.form {
        Quick => &["--workspace", "--lib", "--bins"],
        _ => &["--workspace", "--all-targets"],
    };
    let services = lints::check(bench, &root, &target, services)?;
    let pure = [&PURE[..], &["--all-targets"]].concat();
    let rules = lints::check(bench, &root.join("contracts"), &target.join("rules"), &pure)?;
    Ok(Outcome::of(services && rules))
}

fn contracts(bench: &mut Bench<'_>) -> Result<Outcome> {
    kept::unless_passed(bench, "contracts", COMPILED, |bench| compare_contracts(bench, &["check"]))
}

/// A machine without the blobs' compiler compares nothing, and that is no pass.
fn compare_contracts(bench: &mut Bench<'_>, args: &[&str]) -> Result<Outcome> {
    let mut program = bench.session.ours("yieldset-contracts");
    program.args(args);
    Ok(compared(bench.status(program)?))
}

fn compared(status: ExitStatus) -> Outcome {
    if status.code() == Some(NOT_COMPARED.into()) {
        return Outcome::skipped("the blobs' compiler is not here, not compared");
    }
    Outcome::of(status.success())
}

/// What is shipped against the strict list, the node and the tests with Polkadot's licences allowed.
fn licences(bench: &mut Bench<'_>) -> Result<Outcome> {
    const CHECKS: &[&str] = &["licenses", "bans", "sources"];
    let ok = deny(bench, &[], CHECKS)?;
    // Its holes are for Hub to mend, so only this is asked of Hub's crates.
    Ok(Outcome::of(deny_set(bench, ("tests/hub", "../../scripts/devnet/deny.toml", &[]), &[], CHECKS)? && ok))
}

/// Known holes in what we depend on. Whether their database can be had is the machine's matter, not the change's.
fn advisories(bench: &mut Bench<'_>) -> Result<Outcome> {
    let mut fetch = bench.session.command("cargo");
    fetch.args(["deny", "--config", "deny.toml", "fetch", "db"]);
    if bench.run(fetch)? {
        return deny(bench, &[], &["advisories"]).map(Outcome::of);
    }
    if !has_advisories() {
        bench.say("the database of advisories cannot be had from here: nothing was compared with it")?;
        return Ok(Outcome::skipped("no database of advisories"));
    }
    bench.say("the database of advisories is as it was fetched before")?;
    deny(bench, &["--offline"], &["advisories"]).map(Outcome::of)
}

/// Whether cargo-deny has fetched a database once, into its usual place.
fn has_advisories() -> bool {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cargo")));
    let databases = home.and_then(|home| std::fs::read_dir(home.join("advisory-dbs")).ok());
    databases.into_iter().flatten().flatten().any(|folder| folder.path().join("crates").is_dir())
}

/// A workspace, the list for it, and which of its crates.
type Set<'a> = (&'a str, &'a str, &'a [&'a str]);

/// cargo-deny's checks, on all three sets of crates. Whether all held.
fn deny(bench: &mut Bench<'_>, options: &[&str], checks: &[&str]) -> Result<bool> {
    let shipped = ["--exclude", "yieldset-devnet", "--exclude", "yieldset-runtime", "--exclude", "yieldset-tests"];
    let mut ok = true;
    for set in
        [(".", "deny.toml", &shipped[..]), (".", "scripts/devnet/deny.toml", &[]), ("contracts", "../deny.toml", &[])]
    {
        ok &= deny_set(bench, set, options, checks)?;
    }
    Ok(ok)
}

fn deny_set(
    bench: &mut Bench<'_>,
    (folder, config, which): Set<'_>,
    options: &[&str],
    checks: &[&str],
) -> Result<bool> {
    let mut cargo = bench.session.command("cargo");
    cargo.current_dir(bench.session.root.join(folder));
    cargo.args(["deny", "-L", "error", "--locked"]).args(options).args(which);
    cargo.args(["--config", config, "check", "--hide-inclusion-graph"]).args(checks);
    bench.run(cargo)
}

/// Runs a program of ours.
fn ours(bench: &mut Bench<'_>, name: &str, args: &[&str]) -> Result<Outcome> {
    let mut program = bench.session.ours(name);
    program.args(args);
    bench.run(program).map(Outcome::of)
}

/// Runs one of scripts/.
fn script(bench: &mut Bench<'_>, name: &str, args: &[&str]) -> Result<Outcome> {
    let mut program = bench.session.command(bench.session.root.join("scripts").join(name));
    program.args(args);
    bench.run(program).map(Outcome::of)
}

/// Runs nextest and counts by its report.
fn nextest(bench: &mut Bench<'_>, mut cargo: Command) -> Result<Outcome> {
    let report = report_to(bench, &mut cargo, "")?;
    let ok = bench.run(cargo)?;
    Ok(Outcome::tests(ok, reports::junit(&report)?))
}

/// Has nextest write its report into the stage's folder, and says where: it keeps reports in a folder below the
/// workspace, unless its configuration says otherwise.
fn report_to(bench: &Bench<'_>, cargo: &mut Command, part: &str) -> Result<PathBuf> {
    let store = bench.folder()?.join(format!("nextest{part}"));
    let ours = bench.session.root.join(".config/nextest.toml");
    let ours = std::fs::read_to_string(&ours).with_context(|| format!("reading {}", ours.display()))?;
    let config = store.with_extension("toml");
    let place = toml::Value::String(store.to_string_lossy().into_owned());
    std::fs::write(&config, format!("{ours}\n[store]\ndir = {place}\n"))
        .with_context(|| format!("writing {}", config.display()))?;
    cargo.arg("--config-file").arg(config);
    Ok(store.join("default/junit.xml"))
}

/// Several runs of one stage.
fn sum(all: impl IntoIterator<Item = Counts>) -> Counts {
    let mut sum = Counts::default();
    all.into_iter().for_each(|counts| sum += counts);
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blobs_that_were_not_compared_are_skipped_and_never_passed() {
        let ended = |script: &str| compared(Command::new("sh").args(["-c", script]).status().expect("a shell")).state();
        assert_eq!(ended("exit 0"), "ok");
        assert_eq!(ended("exit 1"), "FAILED");
        assert!(ended("exit 3").starts_with("skipped"));
        assert_eq!(ended("kill -9 $$"), "FAILED");
    }
}
