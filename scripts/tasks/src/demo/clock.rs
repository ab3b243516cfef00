//! Time and blocks on the development chain, which makes both on demand.

use anyhow::Result;

use super::story::Told;

const DAY: u64 = 86_400;

/// Moves the chain's clock on to a day after a time, and has it make the block that shows that time.
pub async fn go_to_time(told: &Told, time: u64) -> Result<()> {
    let now = now(told).await?;
    advance(told, (time + DAY).saturating_sub(now)).await
}

/// Moves the chain's clock on to a time, unless it is there, and has it make a block that shows it.
pub async fn go_to_second(told: &Told, time: u64) -> Result<()> {
    while now(told).await? < time {
        advance(told, time.saturating_sub(now(told).await?)).await?;
    }
    Ok(())
}

/// Has the chain make a block, whether there is anything for it or not.
pub async fn make_block(told: &Told) -> Result<()> {
    advance(told, 1).await
}

async fn now(told: &Told) -> Result<u64> {
    Ok(told.client.finalised_block().await?.timestamp_ms / 1_000)
}

async fn advance(told: &Told, seconds: u64) -> Result<()> {
    told.shell.does("", &["clock", "--advance", &format!("{seconds}s")]).await.map(|_| ())
}
