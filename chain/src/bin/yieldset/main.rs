//! `yieldset`: everything that a person does with Yieldset, by noun and verb, on a devnet, Hub's test network and Hub.
//! What each command does is declared in `yieldset_chain::acts`; here it is read, told, confirmed and sent.

mod account;
mod clock;
mod deploy;
mod doctor;
mod example;
mod failure;
mod heeds;
mod init;
mod labelled;
mod options;
mod oracle;
mod place;
mod run;
mod show;

use std::process::ExitCode;

use clap::{Command as Line, CommandFactory, FromArgMatches, Parser, Subcommand};
use yieldset_chain::acts::registry::Deed;
use yieldset_service::{VERSION, cli::Shipping};

use crate::{
    account::Account, clock::Clock, deploy::Deploy, example::Example, failure::CODES, init::Init, options::Options,
};

/// Data sets that pay the people who made them.
#[derive(Debug, Parser)]
#[command(name = "yieldset", version = VERSION, after_help = CODES)]
struct Cli {
    #[command(flatten)]
    options: Options,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Init(Init),
    /// Looks at node, chain, clock, keys, contracts, database, model and versions: what is wrong, and what to type.
    Doctor,
    Example(Example),
    /// Keys in encrypted keystores, labels, money for fees.
    #[command(subcommand)]
    Account(Account),
    Deploy(Box<Deploy>),
    Clock(Clock),
    #[command(flatten)]
    Deed(Deed),
    /// What is installed beside the program.
    #[command(flatten)]
    Shipping(Shipping),
}

#[tokio::main]
async fn main() -> ExitCode {
    let _steps = fail::FailScenario::setup();
    yieldset_service::without_core_files();
    let read = with_short_usage(Cli::command()).try_get_matches();
    let read = read.and_then(|read| Ok((Cli::from_arg_matches(&read)?, heeds::all(&read))));
    let (Cli { options, command }, heeded) = read.unwrap_or_else(|error| {
        if error.use_stderr() && std::env::args().any(|argument| argument == "--json") {
            failure::unreadable(&error);
        }
        error.exit()
    });
    if let Err(failure) = heeded {
        return failure.end(&options);
    }
    let done = match command {
        Command::Init(init) => init::run(&init, &options).await,
        Command::Doctor => doctor::run(&options).await,
        Command::Example(example) => example::run(&example, &options),
        Command::Account(account) => account::run(&account, &options).await,
        Command::Deploy(deploy) => deploy::run(&deploy, &options).await,
        Command::Clock(clock) => clock::run(&clock, &options).await,
        Command::Deed(deed) => run::run(&deed, &options).await,
        Command::Shipping(shipping) => shipping.run(Cli::command()).map_err(Into::into),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.end(&options),
    }
}

/// A command line whose errors name a command's own arguments: clap's would name the options that come from the
/// environment, too, which nobody typed.
fn with_short_usage(mut line: Line) -> Line {
    fn shorten(line: Line) -> Line {
        let usage = line.clone().render_usage().to_string();
        let usage = usage.trim_start_matches("Usage:").trim().to_owned();
        line.override_usage(usage).mut_subcommands(shorten)
    }
    line.build();
    shorten(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is wrong with a command line is said with the command's own arguments, and without options that were not
    /// typed.
    #[test]
    fn usage_names_what_a_command_takes() {
        let line = ["yieldset", "--node", "ws://a", "--from", "boss", "pool", "mint", "@ada", "0 shares"];
        let error = with_short_usage(Cli::command()).try_get_matches_from(line).expect_err("nothing").to_string();
        assert!(error.contains("more than zero") && !error.contains("--node"), "{error}");
        let error = with_short_usage(Cli::command()).try_get_matches_from(&line[..8]).expect_err("too few").to_string();
        assert!(error.contains("Usage: yieldset pool mint [OPTIONS] <TO> <SHARES>"), "{error}");
        assert!(!error.contains("--node") && !error.contains("--from"), "{error}");
    }

    /// No option of all commands is called like an argument of one.
    #[test]
    fn the_command_line_holds_together() {
        Cli::command().debug_assert();
    }
}
