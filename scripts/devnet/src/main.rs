//! A development chain in one process: Substrate with `pallet-revive`, blocks sealed as transactions arrive, and the
//! `engine_*` RPC methods to make forks by hand and `evm_increaseTime` to go on later. It listens on loopback only and
//! never talks to another node.

#![allow(clippy::result_large_err, reason = "sc_service's own error is that large, and is returned once, at the start")]

mod api;
mod clock;
mod config;
mod error;
mod ready;
mod service;
mod spec;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};
use yieldset_service::{log, stop};

use crate::error::DevnetError;

/// How long background tasks get to end after a signal before they are cut off.
const SHUTDOWN_GRACE: Duration = Duration::from_secs(10);

#[derive(Parser)]
#[command(name = "yieldset-devnet", version, about = "A single development node with pallet-revive, on loopback only")]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    run: RunArgs,
}

#[derive(Subcommand)]
enum Command {
    /// Print the raw chain spec for a runtime's Wasm (used by scripts/chain-spec).
    BuildSpec {
        /// The runtime: a .wasm file, not compressed.
        #[arg(long, value_name = "FILE")]
        runtime: PathBuf,
    },
}

/// How to run the node.
#[derive(Args)]
pub struct RunArgs {
    /// Port of the JSON-RPC server on 127.0.0.1; 0 picks a free one, printed on the `ready` line.
    #[arg(long, default_value_t = 9944)]
    rpc_port: u16,
    /// Keep the chain's state in this folder across restarts. Without it the state is temporary.
    #[arg(long, value_name = "DIR", conflicts_with = "tmp")]
    base_path: Option<PathBuf>,
    /// Temporary state, removed at exit (the default).
    #[arg(long)]
    tmp: bool,
    /// Write the WebSocket URL to this file once RPC answers.
    #[arg(long, value_name = "FILE")]
    ready_file: Option<PathBuf>,
    /// Seal blocks at once but leave finalising to `engine_finalizeBlock`, so that a test can make the chain
    /// reorganise.
    ///
    /// Two limits of Substrate's own RPC: `engine_finalizeBlock` answers true even where it failed, so look at
    /// `chain_getFinalizedHead`; and `chainHead_v1_follow` stops a client once 128 blocks wait to be finalised.
    #[arg(long)]
    finalize_by_rpc: bool,
    /// Seal a block each so many milliseconds, with whatever waits then, instead of one when a transaction comes.
    /// `engine_createBlock` seals besides.
    #[arg(long, value_name = "MILLISECONDS", value_parser = clap::value_parser!(u64).range(1..))]
    block_time: Option<u64>,
    /// Keep the states of so many finalised blocks only, as most nodes do; of all blocks unless given.
    #[arg(long, value_name = "BLOCKS")]
    keep_states: Option<u32>,
    /// Set constants of the runtime otherwise in a new chain's genesis, as scripts/devnet/hub.txt does it for Polkadot
    /// Hub's.
    #[arg(long, value_name = "FILE")]
    constants: Option<PathBuf>,
    /// The time, in Unix seconds, that the chain's clock shows now; the wall clock's unless given.
    #[arg(long, value_name = "SECONDS")]
    start_at: Option<u64>,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let result = match &cli.command {
        Some(Command::BuildSpec { runtime }) => print_spec(runtime),
        None => run(&cli.run),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("yieldset-devnet: {error}");
            ExitCode::FAILURE
        }
    }
}

fn print_spec(runtime: &std::path::Path) -> Result<(), DevnetError> {
    let wasm = std::fs::read(runtime).map_err(|source| DevnetError::File { path: runtime.to_owned(), source })?;
    println!("{}", spec::build(&wasm)?);
    Ok(())
}

fn run(args: &RunArgs) -> Result<(), DevnetError> {
    // Manual seal reports every outcome by itself, see `service`.
    log::start("warn");
    // Before the runtime, so that it is dropped after it: the database in it must be closed first.
    let state = config::StateFolder::open(args.base_path.as_deref())?;
    let runtime = tokio::runtime::Runtime::new().map_err(DevnetError::Runtime)?;
    let node = {
        // Node parts spawn tasks while they are built.
        let _guard = runtime.enter();
        let sealing = service::Sealing {
            finalize_by_rpc: args.finalize_by_rpc,
            block_time: args.block_time.map(Duration::from_millis),
            start_at: args.start_at,
        };
        service::start(config::configuration(args, state.path(), runtime.handle().clone())?, sealing)?
    };
    let service::Node { mut task_manager, rpc } = node;
    let outcome = runtime.block_on(async {
        // Handlers first: whoever waits for `ready` may send the signal at once.
        let stop = stop::on_signal().map_err(DevnetError::Runtime)?;
        let url = ready::wait(&rpc).await?;
        ready::announce(&url, args.ready_file.as_deref())?;
        tokio::select! {
            () = stop => Ok(()),
            ended = task_manager.future() => ended.map_err(DevnetError::from),
        }
    });
    if let Some(file) = &args.ready_file {
        let _ = std::fs::remove_file(file);
    }
    drop(rpc);
    drop(task_manager);
    runtime.shutdown_timeout(SHUTDOWN_GRACE);
    outcome
}
