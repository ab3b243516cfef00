//! `yieldset-indexer`: see `--help`.

use std::process::ExitCode;

use clap::Parser;
use yieldset_indexer::cli::{Cli, run};
use yieldset_service::log;

#[tokio::main]
async fn main() -> ExitCode {
    log::start("info,sqlx=warn,subxt=warn");
    match run(Cli::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
