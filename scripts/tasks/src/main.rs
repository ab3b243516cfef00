//! The command line of the developer tasks.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::{Parser, Subcommand};
use yieldset_tasks::{contracts, demo, tidy};

#[derive(Parser)]
#[command(name = "yieldset-tasks", version, about = "Developer tasks of Yieldset")]
struct Cli {
    /// The repository; by default the one that holds the current folder.
    #[arg(long, global = true, value_name = "DIR")]
    root: Option<PathBuf>,
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// The whole way once: from creators' files to dividends in Postgres, on a node of its own.
    Demo(demo::Args),
    /// Build the contracts into contracts/artifacts, or compare a fresh build with what is checked in.
    Contracts(contracts::Args),
    /// Check the rules of ARCHITECTURE.md that the compiler does not.
    Tidy,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: Cli) -> Result<()> {
    let root = match cli.root {
        Some(root) => root,
        None => repository(&std::env::current_dir()?)?,
    };
    match cli.task {
        Task::Demo(args) => {
            tokio::runtime::Runtime::new().context("starting the async runtime")?.block_on(demo::run(&root, &args))
        }
        Task::Contracts(args) => contracts::run(&root, &args),
        Task::Tidy => tidy::run(&root),
    }
}

/// The nearest folder above `start` that looks like this repository.
fn repository(start: &Path) -> Result<PathBuf> {
    start
        .ancestors()
        .find(|folder| folder.join("contracts/rules/Cargo.toml").is_file())
        .map(Path::to_owned)
        .context("run this inside the repository, or name it with --root")
}
