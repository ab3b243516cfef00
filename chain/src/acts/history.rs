//! What contracts told in the newest blocks: for lists that no contract keeps.

use alloy_primitives::Address;
use futures::{StreamExt, stream};

use super::{ActError, Desk};
use crate::{error::ChainError, events::ContractEvent};

/// How many blocks are looked at, unless said otherwise.
pub const BLOCKS: u64 = 2_000;

/// Blocks that are asked for at once.
const AT_ONCE: usize = 8;

/// [`BLOCKS`], where it is a default.
pub const fn blocks() -> u64 {
    BLOCKS
}

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
    let (client, first) = (desk.client.clone(), desk.deployment.start_block);
    let last = client.finalised_block().await?.number;
    let from = first.max(last.saturating_sub(blocks.saturating_sub(1))).min(last);
    let hashes = client.block_hashes(from, last).await?;
    let asked = stream::iter(hashes.into_iter().rev()).map(move |hash| {
        let client = client.clone();
        async move { client.whole_block(hash).await }
    });
    let mut asked = Box::pin(asked.buffered(AT_ONCE));
    let (mut events, mut lowest) = (Vec::new(), None);
    while let Some(block) = asked.next().await {
        match block {
            Ok(block) => {
                lowest = Some(block.at.number);
                events.extend(block.events.into_iter().filter(|event| event.address == contract));
            }
            Err(error @ ChainError::NodeUnreachable { .. }) => return Err(error.into()),
            // The node's words for a state that it has dropped differ.
            Err(_) => break,
        }
    }
    let lowest = lowest.unwrap_or(last);
    Ok(Told { events, blocks: (lowest, last), whole: lowest <= first })
}
