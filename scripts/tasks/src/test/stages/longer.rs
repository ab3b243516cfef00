//! Stages of the nightly form.

use std::fs::File;

use anyhow::{Context, Result, ensure};

use super::{HISTORIES, PURE, compare_contracts, nextest, report_to, sum};
use crate::test::session::{Bench, Outcome};
use crate::test::{lints, reports};

/// Histories on the chain, all processes together, and the steps of each.
const CASES: (&str, u32) = ("YIELDSET_MODEL_CASES", 10_000);
const STEPS: (&str, u32) = ("YIELDSET_MODEL_STEPS", 50);

/// Seconds of the search, histories with a stranger on the chain, those of which each role falls silent, and those with
/// a stranger among licences.
const SEARCH: (&str, u32) = ("YIELDSET_SEARCH_SECONDS", 1_800);
const STRANGERS: (&str, u32) = ("YIELDSET_STRANGER_CHAIN_CASES", 3_000);
const SILENCES: (&str, u32) = ("YIELDSET_SILENCE_CASES", 200);
const BETWEEN: (&str, u32) = ("YIELDSET_BETWEEN_CASES", 300);

pub fn abis(bench: &mut Bench<'_>) -> Result<Outcome> {
    compare_contracts(bench, &["check", "--abis"])
}

/// Mutants of the rules, all or those that `args` choose.
pub fn mutants(bench: &mut Bench<'_>, args: &[&str]) -> Result<Outcome> {
    let report = bench.session.target.join("mutants/mutants.out/outcomes.json");
    // What an earlier run left must not be counted for this one.
    let _ = std::fs::remove_file(&report);
    let mut script = bench.session.command("scripts/mutants");
    script.args(args);
    let ok = bench.run(script)?;
    Ok(Outcome::tests(ok, reports::mutants(&report)?))
}

/// Contracts are checked as they are built, with Solidity's ABI, but for this machine, where nothing calls a contract
/// that dispatches by hand. ink! makes aliases without documentation, and a message has the arguments that its ABI
/// says. A `--cfg` builds every dependency anew, so they have a target folder of their own. The shell's
/// tests run there too: they need ink!.
pub fn contract_lints(bench: &mut Bench<'_>) -> Result<Outcome> {
    const PARTS: [&str; 3] = ["yieldset-shell", "yieldset-ed25519", "yieldset-pool-core"];
    let with = |option: &'static str, packages: &[&'static str]| -> Vec<&'static str> {
        packages.iter().flat_map(|package| [option, *package]).collect()
    };
    let ink = [&["--workspace", "--exclude", "yieldset-rules"][..], &with("--exclude", &PARTS)[..]].concat();
    let by_ink: &[&str] = &["-A", "missing_docs", "-A", "clippy::too_many_arguments"];
    for (packages, allowed) in [(with("--package", &PARTS), &[][..]), (ink, by_ink)] {
        let mut cargo = bench.session.command("cargo");
        cargo.current_dir(bench.session.root.join("contracts"));
        cargo.env("CARGO_TARGET_DIR", bench.session.target.join("contract-lints"));
        cargo.env("RUSTFLAGS", "--cfg ink_abi=\"sol\"");
        cargo.args(["clippy", "--locked"]).args(packages).args(["--lib", "--", "-D", "warnings", "-A", "dead_code"]);
        cargo.args(allowed);
        if !bench.run(cargo)? {
            return Ok(Outcome::failed());
        }
    }
    let mut cargo = bench.session.command("cargo");
    cargo.current_dir(bench.session.root.join("contracts"));
    cargo.env("CARGO_TARGET_DIR", bench.session.target.join("contract-lints"));
    cargo.env("RUSTFLAGS", "--cfg ink_abi=\"sol\"").args(["test", "--locked", "--package", PARTS[0]]);
    Ok(Outcome::of(bench.run(cargo)?))
}

/// The `#[ignore]`d proofs of the rules, built to run fast, so by the compiler itself.
pub fn large_domains(bench: &mut Bench<'_>) -> Result<Outcome> {
    let mut cargo = bench.session.command("cargo");
    cargo.current_dir(bench.session.root.join("contracts"));
    cargo.env("CARGO_TARGET_DIR", bench.session.target.join("rules"));
    cargo.args(["nextest", "run", "--locked"]).args(&PURE[..2]);
    cargo.args(["--cargo-profile", "proofs", "--run-ignored", "only", "-E", "test(/^proofs::/)"]);
    nextest(bench, cargo)
}

/// What is measured on texts that others know: how often attribution is wrong, by the model itself, and what others'
/// validators say. What they need is fetched, and must be had.
pub fn truth(bench: &mut Bench<'_>) -> Result<Outcome> {
    let mut cargo = bench.session.linting_cargo();
    cargo.env("YIELDSET_TRUTH", "1").args(["nextest", "run", "--locked", "--workspace", "--run-ignored", "all", "-E"]);
    cargo.arg("test(/::truth::|::validators::|^processors_change_nothing$/)");
    nextest(bench, cargo)
}

/// One property runs on one core, so each core takes its part of the histories. Seeds are random.
pub fn histories(bench: &mut Bench<'_>) -> Result<Outcome> {
    let cores = u32::try_from(std::thread::available_parallelism().map_or(1, usize::from))?;
    let (cases, steps) = (number(CASES)?.div_ceil(cores), number(STEPS)?);
    bench.say(&format!("{cores} times {cases} histories of {steps} steps"))?;
    let run = |bench: &Bench<'_>| {
        let mut cargo = bench.session.linting_cargo();
        cargo.args(["nextest", "run", "--locked", "--workspace"]);
        cargo
    };
    let mut build = run(bench);
    build.arg("--no-run");
    if !bench.run(build)? {
        return Ok(Outcome::failed());
    }
    let folder = bench.folder()?;
    let mut running = Vec::new();
    for core in 0..cores {
        let mut cargo = run(bench);
        cargo.args(["-E", HISTORIES]).env("PROPTEST_CASES", cases.to_string()).env(STEPS.0, steps.to_string());
        let report = report_to(bench, &mut cargo, &format!("-{core}"))?;
        let log = folder.join(format!("{core}.log"));
        let output = File::create(&log).with_context(|| format!("making {}", log.display()))?;
        let child = cargo.stdout(output.try_clone()?).stderr(output).spawn().context("starting cargo nextest")?;
        running.push((child, log, report));
    }
    let (mut ok, mut counts) = (true, Vec::new());
    for (mut child, log, report) in running {
        ok &= child.wait().context("waiting for cargo nextest")?.success();
        bench.say(&std::fs::read_to_string(&log).with_context(|| format!("reading {}", log.display()))?)?;
        counts.push(reports::junit(&report)?);
    }
    Ok(Outcome::tests(ok, sum(counts)))
}

/// A stranger who searches for profit, for half an hour; beside that more histories with a stranger on the chain, and
/// more of a role that falls silent.
pub fn adversary(bench: &mut Bench<'_>) -> Result<Outcome> {
    const TESTS: [(&str, (&str, u32)); 4] = [
        ("contracts::model::interference::search::a_stranger_who_searches_finds_nothing", SEARCH),
        ("contracts::model::interference::chain::the_contracts_let_a_stranger_take_nothing_and_stop_nobody", STRANGERS),
        ("contracts::proof::silence::no_silence_keeps_what_is_anothers", SILENCES),
        ("contracts::proof::stranger::a_stranger_among_licences_takes_nothing_and_stops_nobody", BETWEEN),
    ];
    at_length(bench, &TESTS)
}

/// The mirror on a simulated chain: killed, with Postgres restarted, forks at random and at each moment of going back,
/// strangers, and malformed events; and of what the real contracts emit in random histories.
pub fn mirror(bench: &mut Bench<'_>) -> Result<Outcome> {
    const ALONE: (&str, u32) = ("YIELDSET_MIRRORED_ALONE", 300);
    const TESTS: [(&str, (&str, u32)); 10] = [
        ("simulated::crashes::killed_at_any_moment_it_goes_on", ("YIELDSET_MIRROR_KILLS", 200)),
        ("simulated::crashes::forks_while_postgres_restarts_are_followed", ("YIELDSET_MIRROR_RESTARTS", 50)),
        ("simulated::forks::any_history_of_forks_ends_in_its_last_branch", ("YIELDSET_FORK_CASES", 500)),
        ("simulated::forks::a_fork_during_a_rollback_is_followed", ("YIELDSET_FORK_MOMENTS", 60)),
        ("simulated::strangers::strangers_change_no_row_of_ours", ("YIELDSET_MIRROR_STRANGERS", 100)),
        ("simulated::malformed::malformed_events_stop_nothing", ("YIELDSET_MALFORMED_EVENTS", 1_000_000)),
        ("mirrored::model::the_mirror_has_the_models_figures", ("YIELDSET_MIRRORED_CASES", 1_000)),
        ("mirrored::market::the_mirror_has_the_markets_figures", ALONE),
        ("mirrored::licence::the_mirror_has_the_licences_figures", ALONE),
        ("mirrored::kyc::the_mirror_has_the_registrys_records", ALONE),
    ];
    at_length(bench, &TESTS)
}

/// These tests, each with as much as its variable of the environment says.
fn at_length(bench: &mut Bench<'_>, tests: &[(&str, (&str, u32))]) -> Result<Outcome> {
    let mut cargo = bench.session.linting_cargo();
    cargo.args(["nextest", "run", "--locked", "--workspace"]);
    let chosen: Vec<_> = tests.iter().map(|(test, _)| format!("test(={test})")).collect();
    cargo.args(["-E", &chosen.join(" + ")]);
    for (_, limit) in tests {
        cargo.env(limit.0, number(*limit)?.to_string());
    }
    nextest(bench, cargo)
}

/// What is left out on Hub's pallet: the exact weights, which are the newest pallet's. Hub's has other prices, and no
/// list of the storage that a call has touched before.
const NEWEST_PALLETS: &str = "test(=contracts::weights::no_call_costs_more_than_its_limit_or_other_than_documented)";

/// The same blobs and tests on the pallet that Polkadot Hub runs, older than the workspace's, with Hub's constants.
/// `tests/hub` is a workspace, and has a target folder of its own. Each property is tried as often as on every change:
/// what is new here is the pallet.
pub fn hubs_pallet(bench: &mut Bench<'_>) -> Result<Outcome> {
    let mut cargo = bench.session.command("cargo");
    cargo.current_dir(bench.session.root.join("tests/hub")).env("YIELDSET_CONSTANTS", "hub");
    cargo.env("CARGO_TARGET_DIR", bench.session.target.join("hub")).env_remove("PROPTEST_CASES");
    cargo.args(["nextest", "run", "--locked", "-E", &format!("binary(it) and not {NEWEST_PALLETS}")]);
    nextest(bench, cargo)
}

/// A number that the environment may say otherwise.
fn number((name, default): (&str, u32)) -> Result<u32> {
    let Ok(text) = std::env::var(name) else { return Ok(default) };
    let number = text.parse().with_context(|| format!("{name} is '{text}', not a number"))?;
    ensure!(number > 0, "{name} is 0: nothing would be tried");
    Ok(number)
}

/// The pool as a client sees it that is not ours.
pub fn viem(bench: &mut Bench<'_>) -> Result<Outcome> {
    let report = bench.folder()?.join("junit.xml");
    let mut script = bench.session.command("scripts/test-viem");
    script.env("YIELDSET_JUNIT", &report);
    let ok = bench.run(script)?;
    Ok(Outcome::tests(ok, reports::junit(&report)?))
}

/// `publish` and `verify` with a store of the kind of S3, which is a feature of the oracle that nothing else here is
/// built with: its lints, and its tests where there is such a store. Of the dependencies only those are built once more
/// that the feature, or the oracle alone, asks for otherwise.
pub fn s3(bench: &mut Bench<'_>) -> Result<Outcome> {
    const WITH: [&str; 4] = ["--package", "yieldset-oracle", "--features", "s3"];
    let (root, target) = (bench.session.root.clone(), bench.session.target.clone());
    if !lints::check(bench, &root, &target, &[&WITH[..], &["--all-targets"]].concat())? {
        return Ok(Outcome::failed());
    }
    let store = bench.session.command("moto_server").arg("--help").output();
    if !store.is_ok_and(|store| store.status.success()) {
        bench.say("no moto_server, of PyPI's moto[server], is in the PATH: nothing was published to such a store")?;
        return Ok(Outcome::skipped("no moto_server to publish to; compiled alone"));
    }
    let mut cargo = bench.session.linting_cargo();
    cargo.args(["nextest", "run", "--locked"]).args(WITH).args(["--run-ignored", "only", "-E", "test(/s3_like/)"]);
    nextest(bench, cargo)
}
