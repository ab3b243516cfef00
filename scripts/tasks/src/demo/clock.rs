//! Time and blocks on the development chain, which makes both on demand.

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use super::story::Told;

const DAY: u64 = 86_400;

/// Moves the chain's clock on to a day after a time, and has it make the block that shows that time.
pub async fn go_to_time(told: &Told, time: u64) -> Result<()> {
    let now = told.client.finalised_block().await?.timestamp_ms / 1_000;
    ask(&told.node, "evm_increaseTime", json!([(time + DAY).saturating_sub(now)])).await?;
    make_block(told).await
}

/// Moves the chain's clock on to a time, unless it is there, and has it make a block that shows it.
pub async fn go_to_second(told: &Told, time: u64) -> Result<()> {
    let second = async || Ok::<_, anyhow::Error>(told.client.finalised_block().await?.timestamp_ms / 1_000);
    let now = second().await?;
    if now < time {
        ask(&told.node, "evm_increaseTime", json!([time - now])).await?;
    }
    while second().await? < time {
        make_block(told).await?;
    }
    Ok(())
}

/// Has the chain make a block, whether there is anything for it or not.
pub async fn make_block(told: &Told) -> Result<()> {
    let (empty, finalised) = (true, true);
    ask(&told.node, "engine_createBlock", json!([empty, finalised])).await
}

/// Asks the development node for what no other node has.
async fn ask(node: &str, method: &str, params: Value) -> Result<()> {
    let question = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params});
    let url = node.replacen("ws://", "http://", 1);
    let answer = reqwest::Client::new().post(url).json(&question).send().await?.error_for_status()?;
    let answer: Value = answer.json().await?;
    ensure!(answer.get("error").is_none(), "{method}: {answer}");
    Ok(())
}
