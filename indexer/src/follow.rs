//! Follows the best chain: first what is final already, many blocks at once, then head by head, with what turns out to
//! be on a branch that was left rolled back, down to the last final block and never past it.
//!
//! What passes by waiting (node or database away) is waited out with growing pauses and shown in the status. What does
//! not (another chain, broken finality) ends [`run`] with its error.

mod asking;
mod chain;

use std::{
    convert::Infallible,
    time::{Duration, Instant},
};

use futures::StreamExt;
use yieldset_chain::{ChainError, Head};
use yieldset_service::retry::Pauses;

use self::{asking::Tries, chain::Follower};
use crate::{
    error::{Away, IndexerError},
    mirror::Mirror,
    status::{Doing, Status},
    store,
    upstream::{Heads, Upstream},
};

/// How long is waited for what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// A subscription that is silent this long is checked by asking.
    pub silence: Duration,
    /// Before the first try after something was away.
    pub first_pause: Duration,
    /// And at most.
    pub longest_pause: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            silence: Duration::from_secs(6),
            first_pause: Duration::from_millis(250),
            longest_pause: Duration::from_secs(15),
        }
    }
}

/// Follows until an error that does not pass. Dropping the future is safe at any point: blocks are applied whole or not
/// at all. `connect` gives the node, again after it was away.
///
/// # Errors
/// [`IndexerError`], never one of those that pass.
pub async fn run<U: Upstream>(
    mirror: &mut Mirror,
    connect: impl AsyncFn() -> Result<U, ChainError>,
    status: &Status,
    patience: &Patience,
) -> Result<Infallible, IndexerError> {
    let mut pauses = Pauses::new(patience.first_pause, patience.longest_pause);
    let mut tries = Tries::new();
    loop {
        let before = Status::count(&status.blocks_applied);
        let error = match connect().await {
            Ok(node) => match follow(mirror, &node, (status, &mut tries), patience).await {
                Ok(never) => match never {},
                Err(error) => error,
            },
            Err(error) => error.into(),
        };
        let Some(away) = error.away() else {
            status.enter(Doing::Stopped, Some(error.to_string()));
            tell(mirror, status).await;
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
        tell(mirror, status).await;
        let pause = pauses.next().unwrap_or(patience.longest_pause);
        tracing::warn!(%error, pause_ms = pause.as_millis(), "waiting");
        tokio::time::sleep(pause).await;
    }
}

/// Tells those who serve. Where the database is away, they see that for themselves.
async fn tell(mirror: &Mirror, status: &Status) {
    if let Err(error) = store::tell(mirror.pool(), status).await {
        tracing::debug!(%error, "the status is not told");
    }
}

/// One connection's worth of following.
async fn follow<U: Upstream>(
    mirror: &mut Mirror,
    node: &U,
    (status, tries): (&Status, &mut Tries),
    patience: &Patience,
) -> Result<Infallible, IndexerError> {
    node.check(mirror.deployment()).await?;
    // Subscribed before anything is asked, so that no head falls between the two.
    let mut listening = Listening::new(node, patience.silence).await?;
    let mut follower = Follower::new(mirror, node, status, tries);
    follower.has_states(&listening.finalised).await?;
    status.enter(Doing::Backfilling, None);
    loop {
        follower.reach(&listening.finalised, &listening.best).await?;
        follower.tell().await;
        listening.next(node).await?;
    }
}

/// The two subscriptions, and the last that was heard of each.
struct Listening {
    best_heads: Heads,
    finalised_heads: Heads,
    best: Head,
    finalised: Head,
    heard: [Instant; 2],
    silence: Duration,
}

impl Listening {
    async fn new<U: Upstream>(node: &U, silence: Duration) -> Result<Self, IndexerError> {
        let (best_heads, finalised_heads) = (node.best_heads().await?, node.finalised_heads().await?);
        let (finalised, best) = (node.finalised().await?, node.best().await?);
        Ok(Self { best_heads, finalised_heads, best, finalised, heard: [Instant::now(); 2], silence })
    }

    /// Waits for the next head of either kind. A subscription that is silent, for whatever reason, is not waited for:
    /// the node is asked.
    async fn next<U: Upstream>(&mut self, node: &U) -> Result<(), IndexerError> {
        let first = self.heard.iter().min().copied().unwrap_or_else(Instant::now);
        let left = self.silence.saturating_sub(first.elapsed());
        let ended = || {
            let (url, reason) = (node.url().to_owned(), "the subscription to blocks ended".to_owned());
            IndexerError::from(ChainError::NodeUnreachable { url, reason })
        };
        tokio::select! {
            head = self.best_heads.next() => {
                self.best = head.ok_or_else(ended)??;
                self.heard[0] = Instant::now();
            }
            head = self.finalised_heads.next() => {
                self.finalised = head.ok_or_else(ended)??;
                self.heard[1] = Instant::now();
            }
            () = tokio::time::sleep(left) => {
                (self.finalised, self.best) = (node.finalised().await?, node.best().await?);
                self.heard = [Instant::now(); 2];
            }
        }
        Ok(())
    }
}
