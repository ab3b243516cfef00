//! Reads finalised blocks in order and applies them: first those that are final already, several fetched at once, then
//! each new one.
//!
//! What passes by waiting (node or database away) is waited out with growing pauses and shown in the status. What does
//! not (another chain, broken finality, figures that differ from the contract's) ends [`run`] with its error.

use std::time::Duration;

use futures::{StreamExt, TryStreamExt, stream};
use sqlx::PgPool;
use yieldset_chain::{
    ChainClient, ChainError, ContractEvent, Deployment, Head, U256, WholeBlock, abi::Licence, blocks::HASHES,
};
use yieldset_service::retry::Pauses;

use crate::{
    error::{Away, IndexerError},
    project::{self, AcceptedTerms, Applied, Block},
    status::{Doing, Status},
    store,
};

/// Blocks fetched at once while catching up.
const IN_FLIGHT: usize = 8;
/// A subscription that is silent this long is checked by asking for the finalised block.
const SILENCE: Duration = Duration::from_secs(6);
/// How long connecting, and any question, may take before the node counts as away.
const NODE_PATIENCE: Duration = Duration::from_secs(10);
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(15);

/// What to follow.
#[derive(Debug, Clone)]
pub struct Source {
    /// The node's WebSocket address.
    pub node_url: String,
    /// The contracts.
    pub deployment: Deployment,
}

/// Follows until an error that does not pass. Dropping the future is safe at any point: a block is applied whole or not
/// at all.
///
/// # Errors
/// [`IndexerError`], never one of those that pass.
pub async fn run(pool: &PgPool, source: &Source, status: &Status) -> Result<(), IndexerError> {
    let mut pauses = Pauses::new(FIRST_PAUSE, LONGEST_PAUSE);
    loop {
        let before = Status::count(&status.blocks_applied);
        let Err(error) = follow(pool, source, status).await else { continue };
        let Some(away) = error.away() else {
            status.enter(Doing::Stopped, Some(error.to_string()));
            return Err(error);
        };
        if Status::count(&status.blocks_applied) > before {
            pauses.reset();
        }
        let (phase, losses) = match away {
            Away::Node => (Doing::NodeAway, &status.node_losses),
            Away::Database => (Doing::DatabaseAway, &status.database_losses),
        };
        Status::add(losses, 1);
        status.enter(phase, Some(error.to_string()));
        let pause = pauses.next().unwrap_or(LONGEST_PAUSE);
        tracing::warn!(%error, pause_ms = pause.as_millis(), "waiting");
        tokio::time::sleep(pause).await;
    }
}

/// One connection's worth of following. Never ends without an error.
async fn follow(pool: &PgPool, source: &Source, status: &Status) -> Result<(), IndexerError> {
    store::migrate(pool).await?;
    store::bind(pool, &source.deployment).await?;
    let client = ChainClient::connect_within(&source.node_url, NODE_PATIENCE).await?;
    source.deployment.check(&client).await?;
    // Subscribed before catching up, so that no block falls between the two.
    let mut heads = client.finalised_heads().await?;
    let follower = Follower { pool, client: &client, deployment: &source.deployment, status };
    status.enter(Doing::Backfilling, None);
    let mut head = Head::from(client.finalised_block().await?);
    let mut asked = true;
    follower.has_states(&head).await?;
    loop {
        follower.catch_up(&head, asked).await?;
        (head, asked) = match tokio::time::timeout(SILENCE, heads.next()).await {
            Ok(Some(head)) => (head?, false),
            Ok(None) => {
                let (url, reason) = (source.node_url.clone(), "the subscription to blocks ended".to_owned());
                return Err(ChainError::NodeUnreachable { url, reason }.into());
            }
            Err(_silence) => (client.finalised_block().await?.into(), true),
        };
    }
}

struct Follower<'a> {
    pool: &'a PgPool,
    client: &'a ChainClient,
    deployment: &'a Deployment,
    status: &'a Status,
}

impl Follower<'_> {
    /// Says at once where the node cannot tell what is to be mirrored next.
    async fn has_states(&self, head: &Head) -> Result<(), IndexerError> {
        let next = self.next().await?;
        if next > head.number || self.client.has_state(next).await? {
            return Ok(());
        }
        let (url, block) = (self.client.url().to_owned(), format!("block {next}"));
        let reason = "from which on blocks are to be mirrored".to_owned();
        // Of several nodes another may have it, which is not there now.
        let is_one = !url.contains(',');
        let error = ChainError::StateGone { url, block, reason };
        Err(if is_one { IndexerError::StateGone(Box::new(error)) } else { error.into() })
    }

    /// The height of the block that is to be mirrored next.
    async fn next(&self) -> Result<u64, IndexerError> {
        let mut connection = self.pool.acquire().await.map_err(project::db)?;
        let tip = store::tip(&mut connection).await.map_err(project::db)?;
        Ok(tip.map_or(self.deployment.start_block, |tip| u64::try_from(tip.number).unwrap_or(0) + 1))
    }

    /// Applies everything up to the finalised block `head`. One that was `asked` for is the node's last; one from the
    /// subscription may be an older one that waited while others were applied.
    async fn catch_up(&self, head: &Head, asked: bool) -> Result<(), IndexerError> {
        Status::set(&self.status.finalised_block, head.number);
        let tip = {
            let mut connection = self.pool.acquire().await.map_err(project::db)?;
            store::tip(&mut connection).await.map_err(project::db)?
        };
        let mut next = self.deployment.start_block;
        if let Some(tip) = tip {
            let last = u64::try_from(tip.number).unwrap_or(0);
            Status::set(&self.status.indexed_block, last);
            if head.number < last {
                if asked {
                    let reason = format!("the node's last finalised block is {}, {last} is indexed here", head.number);
                    self.status.enter(Doing::NodeBehind, Some(reason));
                }
                return Ok(());
            }
            if head.number == last && head.hash != tip.hash.0 {
                return Err(IndexerError::OtherHistory { number: last, got: head.hash, expected: tip.hash.0 });
            }
            next = last + 1;
        }
        while next <= head.number {
            let last = head.number.min(next + HASHES - 1);
            // A block that comes by itself is one more than the last, and its hash is known.
            let mut hashes = match next == head.number {
                true => Vec::new(),
                false => self.client.block_hashes(next, last.min(head.number - 1)).await?,
            };
            if last == head.number {
                hashes.push(head.hash);
            }
            let mut blocks = stream::iter((next..).zip(hashes))
                .map(|(number, hash)| self.client.whole_block_at(number, hash))
                .buffered(IN_FLIGHT);
            while let Some(WholeBlock { at, events }) = blocks.try_next().await? {
                self.apply(Block { at, events, earlier: Vec::new(), terms: AcceptedTerms::new() }).await?;
            }
            next = last + 1;
        }
        self.status.enter(Doing::Live, None);
        Ok(())
    }

    /// What the contracts that a block makes ours emitted before it: their committees, issuers and records.
    async fn earlier(&self, block: &Block) -> Result<Vec<ContractEvent>, IndexerError> {
        let adopted = project::adopted(self.deployment, &block.events);
        if adopted.is_empty() {
            return Ok(Vec::new());
        }
        tracing::info!(block = block.at.number, ?adopted, "reading what successors did before they were adopted");
        // They can be as old as the deployment. A node that follows keeps all states, but none tells a contract's age.
        let before = block.at.number.saturating_sub(1);
        let hashes = self.client.block_hashes(self.deployment.start_block, before).await?;
        let blocks = stream::iter(hashes).map(|hash| self.client.whole_block(hash)).buffered(IN_FLIGHT);
        let events: Vec<Vec<ContractEvent>> = blocks
            .map_ok(|block| block.events.into_iter().filter(|event| adopted.contains(&event.address)).collect())
            .try_collect()
            .await?;
        Ok(events.into_iter().flatten().collect())
    }

    /// The terms of licences that were accepted in a block. A successor need not answer as our contract does; then
    /// there are none to show, and the rest is mirrored on.
    async fn terms(&self, block: &Block) -> Result<AcceptedTerms, IndexerError> {
        let mut terms = AcceptedTerms::new();
        for (contract, accepted) in project::accepted(self.pool, self.deployment, block).await? {
            let which = U256::from(accepted.option).into();
            let call = Licence::recordOfCall { licence: accepted.licence, record: b'O', which };
            match self.client.read_at(block.at.hash, contract, &call).await.map_err(IndexerError::from) {
                Ok(words) => _ = terms.insert(accepted.licence, words),
                Err(error) if error.away().is_some() => return Err(error),
                Err(error) => tracing::warn!(%error, licence = %accepted.licence, "terms that cannot be read"),
            }
        }
        Ok(terms)
    }

    async fn apply(&self, mut block: Block) -> Result<(), IndexerError> {
        block.earlier = self.earlier(&block).await?;
        block.terms = self.terms(&block).await?;
        let applied = project::apply(self.pool, self.deployment, &block).await?;
        Status::set(&self.status.indexed_block, block.at.number);
        if let Applied::Now { events, unknown } = applied {
            Status::add(&self.status.blocks_applied, 1);
            Status::add(&self.status.events_applied, events);
            Status::add(&self.status.events_unknown, unknown);
            tracing::debug!(block = block.at.number, events, "applied");
        }
        Ok(())
    }
}
