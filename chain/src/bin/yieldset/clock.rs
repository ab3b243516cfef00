//! `yieldset clock`: the chain's time, by which quarters and votes end.

use clap::Args;
use serde_json::json;
use yieldset_chain::units::{Date, Span};

use crate::{failure::Failure, options::Options, show};

/// Shows the chain's clock; on a development chain, has it go on.
#[derive(Debug, Clone, Args)]
pub struct Clock {
    /// So long, such as 92d: development chains alone can do it.
    #[arg(long, value_name = "DURATION")]
    advance: Option<Span>,
}

/// Does it.
pub async fn run(clock: &Clock, options: &Options) -> Result<(), Failure> {
    let (profile, _, client) = options.connected(&options.home()).await?;
    if let Some(Span(seconds)) = clock.advance
        && !client.advance_clock(seconds).await?
    {
        let text = format!("the clock of {} is nobody's to advance: only a development node's is", profile.name);
        return Err(Failure::impossible(text));
    }
    let block = client.best_block().await?;
    let now = Date(block.timestamp_ms / 1_000);
    match options.json {
        true => show::json(&json!({ "block": block.number, "unix_seconds": now.0 })),
        false => show::print(&format!("{now} in block {}", block.number)),
    }
}
