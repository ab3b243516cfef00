//! `yieldset`: everything that a person does with Yieldset, by noun and verb, on a devnet, Hub's test network and Hub.
//! What each command does is declared in `yieldset_chain::acts`; here it is read, told, confirmed and sent.

mod failure;
mod options;
mod oracle;
mod run;
mod show;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use yieldset_chain::acts::registry::Deed;
use yieldset_service::VERSION;

use crate::{failure::CODES, options::Options};

/// Data sets that pay the people who made them.
#[derive(Debug, Parser)]
#[command(name = "yieldset", version = VERSION, after_help = CODES, propagate_version = true)]
struct Cli {
    #[command(flatten)]
    options: Options,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    #[command(flatten)]
    Deed(Deed),
}

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    let done = match &cli.command {
        Command::Deed(deed) => run::run(deed, &cli.options).await,
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.end(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// No option of all commands is called like an argument of one.
    #[test]
    fn the_command_line_holds_together() {
        <Cli as clap::CommandFactory>::command().debug_assert();
    }
}
