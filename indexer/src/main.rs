//! `yieldset-indexer`: see `--help`.

use std::process::ExitCode;

use clap::Parser;
use tracing_subscriber::EnvFilter;
use yieldset_indexer::cli::{Cli, run};

#[tokio::main]
async fn main() -> ExitCode {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info,sqlx=warn,subxt=warn"));
    // Results go to standard output, the log beside it.
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    match run(Cli::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
