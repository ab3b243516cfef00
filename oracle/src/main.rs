//! `yieldset-oracle`: the stages of the library, one after the other, as commands. Each prints JSON or a list of checks
//! on standard output; errors and the log go to standard error.

mod commands;

use std::process::ExitCode;

use clap::Parser;
use yieldset_oracle::printable;
use yieldset_service::log;

#[tokio::main]
async fn main() -> ExitCode {
    yieldset_service::without_core_files();
    log::start("info,tower_http=warn");
    // Tests have the program end at a step of theirs; what is built for use has no such steps.
    let _steps = fail::FailScenario::setup();
    match commands::run(commands::Command::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if error.is::<commands::NotAllShown>() => {
            eprintln!("not all was shown: {error}");
            ExitCode::from(3)
        }
        Err(error) => {
            eprintln!("error: {}", printable(&error.to_string()));
            ExitCode::FAILURE
        }
    }
}
