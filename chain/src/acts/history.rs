//! What contracts told in the newest blocks: for lists that no contract keeps.

use alloy_primitives::Address;
use futures::{StreamExt, stream};

use super::{ActError, Desk};
use crate::{error::ChainError, events::ContractEvent};

/// How many blocks are looked at, unless said otherwise.
pub const BLOCKS: u64 = 2_000;

/// The most that can be asked for: each block is asked of the node.
const MOST: u64 = 10_000_000;

/// Blocks that are asked for at once.
const AT_ONCE: usize = 8;

/// [`BLOCKS`], where it is a default.
pub const fn blocks() -> u64 {
    BLOCKS
}

/// How many blocks can be asked for.
pub fn bounded() -> clap::builder::RangedU64ValueParser<u64> {
    clap::value_parser!(u64).range(1..=MOST)
}

/// Heights, from the newest back, in steps whose hashes are asked for together: however far back is looked, and however
/// soon it is found, what is kept is a step's.
const STEP: u64 = 2_000;

/// A contract's events in some blocks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// From the newest block back; of one block in order.
    pub events: Vec<ContractEvent>,
    /// The first block that was looked at, and the last.
    pub blocks: (u64, u64),
    /// Whether all blocks were looked at since the contracts are there.
    pub whole: bool,
}

impl Told {
    /// Which blocks were looked at.
    pub fn says(&self) -> String {
        let (from, to) = self.blocks;
        match self.whole {
            true => format!("{from} to {to}, all since the contracts are there"),
            false => format!("{from} to {to}; --blocks looks further back, as far as the node has states"),
        }
    }
}

/// What a contract told in the newest finalised blocks. A node that has dropped the older states is asked as far as it
/// has them.
///
/// # Errors
/// [`ActError::Chain`] where the node does not answer.
pub async fn told(desk: &Desk, contract: Address, blocks: u64) -> Result<Told, ActError> {
    told_until(desk, contract, blocks, |_| false).await
}

/// The same, as far back as to the first event that is looked for.
///
/// # Errors
/// As [`told`].
pub async fn told_until(
    desk: &Desk,
    contract: Address,
    blocks: u64,
    found: impl Fn(&ContractEvent) -> bool + Send,
) -> Result<Told, ActError> {
    let (client, first) = (desk.client.clone(), desk.deployment.start_block);
    let last = client.finalised_block().await?.number;
    let from = first.max(last.saturating_sub(blocks.saturating_sub(1))).min(last);
    let (mut events, mut lowest, mut to) = (Vec::new(), last, Some(last));
    while let Some(top) = to {
        let bottom = from.max(top.saturating_sub(STEP - 1));
        let hashes = client.block_hashes(bottom, top).await?;
        let of_step = client.clone();
        let asked = stream::iter(hashes.into_iter().rev()).map(move |hash| {
            let client = of_step.clone();
            async move { client.whole_block(hash).await }
        });
        let mut asked = Box::pin(asked.buffered(AT_ONCE));
        while let Some(block) = asked.next().await {
            match block {
                Ok(block) => {
                    lowest = block.at.number;
                    let ours = block.events.into_iter().filter(|event| event.address == contract);
                    let before = events.len();
                    events.extend(ours);
                    if events[before..].iter().any(&found) {
                        return Ok(Told { events, blocks: (lowest, last), whole: lowest <= first });
                    }
                }
                Err(ChainError::StateGone { .. } | ChainError::NoSuchBlock(_)) => {
                    return Ok(Told { events, blocks: (lowest, last), whole: false });
                }
                Err(error) => return Err(error.into()),
            }
        }
        to = (bottom > from).then(|| bottom - 1);
    }
    Ok(Told { events, blocks: (lowest, last), whole: lowest <= first })
}
