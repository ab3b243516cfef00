//! Prints what our contracts cost beside Solidity systems on the same pallet, as the Markdown tables of
//! `docs/BENCHMARKS.md`.
//!
//! `weights` prints, `weights --write` also puts the tables into the document, `weights --limits` sets the limits that
//! the tests hold our calls to.
#![allow(clippy::unwrap_used, reason = "a benchmark stops at the first surprise")]

use std::process::ExitCode;
use yieldset_tests::bench::peers::{self, Target};
use yieldset_tests::bench::report::{self, Measured};
use yieldset_tests::bench::{limits, ours};

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => print(false),
        ["--write"] => print(true),
        ["--limits"] => {
            let text = std::fs::read_to_string(limits::file()).unwrap();
            std::fs::write(limits::file(), limits::replace(&text, &ours::measure())).unwrap();
            ExitCode::SUCCESS
        }
        _ => {
            eprintln!("usage: weights [--write | --limits]");
            ExitCode::FAILURE
        }
    }
}

fn print(write: bool) -> ExitCode {
    let (mut peers, mut missing) = (Vec::new(), Vec::new());
    for target in Target::ALL {
        for (name, measure) in peers::SYSTEMS {
            match measure(target) {
                Ok(peer) => peers.push(peer),
                Err(reason) => missing.push(format!("{name} as {}: {reason:?}", target.name())),
            }
        }
    }
    peers.sort_by_key(|peer| peers::SYSTEMS.iter().position(|(name, _)| *name == peer.name));
    let mut rows = ours::measure();
    rows.extend(ours::scale());
    let compiled = peers::all_compiled();
    let tables = report::markdown(&Measured { ours: rows, peers, missing });
    println!("{tables}");
    if !write {
        return ExitCode::SUCCESS;
    }
    if !compiled {
        eprintln!("not written: some peers are not compiled here, run scripts/bench-peers first");
        return ExitCode::FAILURE;
    }
    match report::write(&tables) {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::FAILURE
        }
    }
}
