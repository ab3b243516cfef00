//! Records a chain, makes one, and serves either as a node does, for benchmarks.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use yieldset_replay::{
    ReplayError,
    load::{self, LoadArgs},
    make::{self, MakeArgs},
    record::{self, RecordArgs},
    serve::{self, ServeArgs},
};
use yieldset_service::{log, stop};

#[derive(Parser)]
#[command(name = "yieldset-replay", version, about = "A recorded chain, and a node that serves it on loopback")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Record a node's final blocks.
    Record(RecordArgs),
    /// Make a large chain of our contracts' events, and its deployment.json.
    Make(MakeArgs),
    /// Serve a recording until a signal.
    Serve(ServeArgs),
    /// Ask a web server as much as it answers.
    Load(LoadArgs),
}

#[tokio::main]
async fn main() -> ExitCode {
    log::start("warn");
    match run(Cli::parse().command).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("yieldset-replay: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(command: Command) -> Result<(), ReplayError> {
    match command {
        Command::Record(args) => println!("{}", record::record(&args).await?),
        Command::Make(args) => println!("{}", make::make(&args)?),
        Command::Load(args) => println!("{}", load::load(&args).await?),
        Command::Serve(args) => {
            // Before the file is read, which takes a while where it is large.
            let stop = stop::on_signal().map_err(ReplayError::Process)?;
            serve::serve(&args, stop).await?;
        }
    }
    Ok(())
}
