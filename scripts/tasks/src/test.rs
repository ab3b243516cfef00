//! Everything that must hold before a change is kept: stage after stage, with what failed and where the time went.
//!
//! `scripts/test` sets up and builds, then starts this.

mod lints;
mod reports;
mod session;
mod stages;
mod table;

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Result, bail};

use session::{Bench, Outcome, Session};
use stages::{STAGES, Stage};
use table::{Row, Stopwatch};

/// Options of `test`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// While working: formatting, lints, the repository's rules, and the tests that need no chain and no database.
    #[arg(long, conflicts_with = "nightly")]
    quick: bool,
    /// The long forms of the stages, and those that take too long for every change.
    #[arg(long)]
    nightly: bool,
    /// One stage by its name in the table, with what is built already.
    #[arg(long, value_name = "STAGE")]
    only: Option<String>,
    /// What scripts/test did before, for the table.
    #[arg(long, hide = true, value_name = "NAME=SECONDS,CPU-SECONDS")]
    done: Vec<Row>,
}

/// How much is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// While working.
    Quick,
    /// Before a change is kept.
    Change,
    /// At night.
    Nightly,
}

/// Runs the stages, says where the time went, and ends with the line `N passed, N failed`. A stage that failed without
/// a failing test (a lint, a comparison) counts as one failure.
///
/// # Errors
/// A run that cannot start; what fails in a stage is in the table and in the exit code.
pub fn run(root: &Path, args: Args) -> Result<ExitCode> {
    let form = match (args.quick, args.nightly) {
        (true, _) => Form::Quick,
        (_, true) => Form::Nightly,
        _ => Form::Change,
    };
    let stages = chosen(form, args.only.as_deref())?;
    let session = Session::new(root, form)?;
    let (mut rows, mut passed, mut failed) = (args.done, 0, 0);
    for stage in stages {
        let stopwatch = Stopwatch::start();
        let outcome = attempt(&session, stage)?;
        passed += outcome.tests.passed;
        failed += match outcome.ok {
            true => outcome.tests.failed,
            false => outcome.tests.failed.max(1),
        };
        rows.push(stopwatch.row(stage.name, outcome.state()));
    }
    eprint!("\nWhere the time went\n{}", table::print(&rows));
    if let Some(built) = table::cold_build(&rows) {
        eprintln!("{built}");
    }
    eprintln!("Logs: {}\n", session.logs.display());
    println!("{passed} passed, {failed} failed");
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The stages of a form, or the one that is asked for, whichever form it belongs to.
fn chosen(form: Form, only: Option<&str>) -> Result<Vec<&'static Stage>> {
    let Some(only) = only else {
        return Ok(STAGES.iter().filter(|stage| stage.forms.contains(&form)).collect());
    };
    match STAGES.iter().find(|stage| stage.name == only) {
        Some(stage) => Ok(vec![stage]),
        None => {
            let names: Vec<_> = STAGES.iter().map(|stage| stage.name).collect();
            bail!("no stage is called '{only}'; there are: {}", names.join(", "))
        }
    }
}

/// A stage that cannot be carried through has failed, and the next ones still run: one run shows all that is wrong.
fn attempt(session: &Session, stage: &Stage) -> Result<Outcome> {
    let mut bench = Bench::new(session, stage.name)?;
    bench.say(&format!("== {}", stage.name))?;
    let work = bench.tools(stage.tools).and_then(|()| (stage.work)(&mut bench));
    work.or_else(|error| {
        bench.say(&format!("error: {error:#}"))?;
        Ok(Outcome::failed())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stage_is_found_by_its_name_in_any_form() {
        let names = |form, only| chosen(form, only).expect("known").iter().map(|stage| stage.name).collect::<Vec<_>>();
        assert_eq!(names(Form::Change, Some("viem")), ["viem"]);
        assert!(names(Form::Nightly, None).contains(&"viem"));
        assert!(!names(Form::Change, None).contains(&"viem"));
        let error = chosen(Form::Change, Some("veim")).err().expect("unknown").to_string();
        assert!(error.contains("veim") && error.contains("viem"), "{error}");
    }

    #[test]
    fn every_change_is_tried_with_all_that_the_quick_form_tries() {
        let quick = chosen(Form::Quick, None).expect("stages");
        for stage in quick.iter().filter(|stage| stage.name != "unit tests") {
            assert!(stage.forms.contains(&Form::Change) && stage.forms.contains(&Form::Nightly), "{}", stage.name);
        }
    }

    #[test]
    fn no_two_stages_share_a_name_and_so_a_log() {
        let names: std::collections::BTreeSet<_> = STAGES.iter().map(|stage| session::file_name(stage.name)).collect();
        assert_eq!(names.len(), STAGES.len());
    }
}
