//! The command line of the developer tasks.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::{Parser, Subcommand};
use yieldset_tasks::{chain_spec, demo, mint, query_types, schema, test, tidy};

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
    /// Make some of the development chain's USDC for an account or a contract, as its issuer: to try out pools that are
    /// paid in a token. Needs no repository.
    Mint(mint::Args),
    /// Check the rules of ARCHITECTURE.md that the compiler does not.
    Tidy,
    /// Print the digest of what the development chain's runtime is compiled from, for scripts/chain-spec.
    RuntimeSources,
    /// Everything that must hold before a change is kept; `scripts/test` sets up and builds before.
    Test(test::Args),
    /// Write the types of the indexer's checked queries anew (indexer/.sqlx), or compare them with what is checked in.
    /// Needed after a change of a query or a migration, which otherwise does not compile.
    QueryTypes(query_types::Args),
    /// Write what signed and stored bytes look like (docs/schema), or compare it with what is checked in.
    Schema(schema::Args),
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(cli) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(Cli { root, task }: Cli) -> Result<ExitCode> {
    let root = || repository(root);
    let runtime = || tokio::runtime::Runtime::new().context("starting the async runtime");
    match task {
        Task::Demo(args) => runtime()?.block_on(demo::run(&root()?, &args))?,
        Task::Mint(args) => runtime()?.block_on(mint::run(&args))?,
        Task::Tidy => tidy::run(&root()?)?,
        Task::RuntimeSources => println!("{}", chain_spec::sources(&root()?)?),
        Task::Test(args) => return test::run(&root()?, args),
        Task::Schema(args) => schema::run(&root()?, &args)?,
        Task::QueryTypes(args) => runtime()?.block_on(query_types::run(&root()?, &args))?,
    }
    Ok(ExitCode::SUCCESS)
}

/// The repository that was named, or that holds the current folder, and that this program was built from.
fn repository(named: Option<PathBuf>) -> Result<PathBuf> {
    let root = match named {
        Some(root) => root,
        None => yieldset_tasks::repository(&std::env::current_dir()?)?,
    };
    yieldset_tasks::built_from(&root)?;
    Ok(root)
}
