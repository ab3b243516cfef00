//! From where the mirror is to where the chain is.

use std::{
    pin::pin,
    time::{Duration, Instant},
};

use futures::{FutureExt, Stream, StreamExt, TryStreamExt, future::try_join, stream};
use yieldset_chain::{B256, ChainError, Head, blocks::HASHES};

use super::{asking::Tries, tell};
use crate::{
    error::IndexerError,
    mirror::{Applied, Mirror},
    project::Block,
    status::{Doing, Status},
    upstream::Upstream,
};

/// Blocks fetched at once while catching up.
pub(super) const IN_FLIGHT: usize = 32;
/// Events and blocks of one transaction, about: more are no faster, and take memory.
const MOST_EVENTS: usize = 8_192;
/// How long blocks are fetched that are applied together: from a slow node fewer come.
const LONGEST_PART: Duration = Duration::from_secs(2);
/// A status in the database that is older is told again.
const TOLD_EVERY: Duration = Duration::from_secs(2);

pub(super) struct Follower<'a, U> {
    pub(super) mirror: &'a mut Mirror,
    pub(super) node: &'a U,
    status: &'a Status,
    /// Lasts longer than a node's connection.
    pub(super) tries: &'a mut Tries,
    told: Instant,
}

impl<'a, U: Upstream> Follower<'a, U> {
    pub(super) fn new(mirror: &'a mut Mirror, node: &'a U, status: &'a Status, tries: &'a mut Tries) -> Self {
        Self { mirror, node, status, tries, told: Instant::now() }
    }

    /// Says at once where the node, and of several each of them, cannot tell what is to be mirrored next.
    pub(super) async fn has_states(&self, finalised: &Head) -> Result<(), IndexerError> {
        let next = self.next().await?;
        if next > finalised.number || self.node.has_state(next).await? {
            return Ok(());
        }
        let (url, block) = (self.node.url().to_owned(), format!("block {next}"));
        let reason = "from which on blocks are to be mirrored".to_owned();
        Err(IndexerError::StateGone(Box::new(ChainError::StateGone { url, block, reason })))
    }

    /// The height of the block that is to be mirrored next.
    async fn next(&self) -> Result<u64, IndexerError> {
        let start = self.mirror.deployment().start_block;
        Ok(self.tip().await?.map_or(start, |tip| tip.number.saturating_add(1)))
    }

    /// The last block here.
    async fn tip(&self) -> Result<Option<Head>, IndexerError> {
        let tip = self.mirror.tip().await?;
        Ok(tip.map(|tip| Head {
            number: u64::try_from(tip.number).unwrap_or(0),
            hash: tip.hash.0,
            // Nobody asks for it.
            parent: B256::ZERO,
        }))
    }

    /// Follows to the final block, then to the head of the best chain.
    pub(super) async fn reach(&mut self, finalised: &Head, best: &Head) -> Result<(), IndexerError> {
        Status::set(&self.status.finalised_block, finalised.number);
        Status::set(&self.status.best_block, best.number.max(finalised.number));
        self.reach_final(finalised).await?;
        if best.number > finalised.number {
            self.reach_best(finalised, best).await?;
        }
        let tip = self.tip().await?.map_or(0, |tip| tip.number);
        Status::set(&self.status.indexed_block, tip);
        match best.number.max(finalised.number) < tip {
            true => {
                let reason = format!("the node's best block is {}, {tip} is indexed here", best.number);
                self.status.enter(Doing::NodeBehind, Some(reason));
            }
            false => self.status.enter(Doing::Live, None),
        }
        Ok(())
    }

    async fn reach_final(&mut self, finalised: &Head) -> Result<(), IndexerError> {
        let start = self.mirror.deployment().start_block;
        if finalised.number < start {
            return Ok(());
        }
        match self.mirror.at(finalised.number).await? {
            Some((hash, _)) if hash == finalised.hash => return self.mirror.finalise(finalised.number).await,
            Some((expected, true)) => {
                return Err(IndexerError::OtherHistory { number: finalised.number, got: finalised.hash, expected });
            }
            // On a branch that lost.
            Some((_, false)) => {
                let common = self.common(finalised.number.saturating_sub(1)).await?;
                self.go_back(common).await?;
            }
            None => {
                if let Some(tip) = self.tip().await? {
                    let common = self.common(tip.number).await?;
                    if common != Some(tip.number) {
                        self.go_back(common).await?;
                    }
                }
            }
        }
        self.backfill(finalised).await?;
        // Nothing is final before the final block itself follows from it: until then the node may have told of another
        // branch.
        match self.mirror.at(finalised.number).await? {
            Some((hash, _)) if hash == finalised.hash => self.mirror.finalise(finalised.number).await,
            _ => {
                let (url, during) = (self.node.url().to_owned(), "following to a final block");
                let reason = format!("blocks that do not lead to {} at {}", finalised.hash, finalised.number);
                Err(ChainError::WrongAnswer { url, during, reason }.into())
            }
        }
    }

    /// The highest block up to a height, below all that is final there, that is the node's as well.
    async fn common(&self, mut number: u64) -> Result<Option<u64>, IndexerError> {
        let start = self.mirror.deployment().start_block;
        let mut step = 1u64;
        // Down in growing steps to one that both have, then up again to the last one.
        let mut above = None;
        loop {
            if number < start {
                return Ok(None);
            }
            let ours = self.mirror.at(number).await?;
            let theirs = self.node.block_hashes(number, number).await?.first().copied();
            match (ours, theirs) {
                (Some((ours, _)), Some(theirs)) if ours == theirs => break,
                (Some((expected, true)), Some(got)) => {
                    return Err(IndexerError::OtherHistory { number, got, expected });
                }
                _ => {}
            }
            above = Some(number);
            match number.checked_sub(step).filter(|below| *below >= start) {
                Some(below) => number = below,
                None if number > start => number = start,
                None => return Ok(None),
            }
            step = step.saturating_mul(2);
        }
        while let Some(next) = number.checked_add(1).filter(|next| above.is_some_and(|above| *next < above)) {
            let ours = self.mirror.at(next).await?.map(|(hash, _)| hash);
            if ours.is_none() || ours != self.node.block_hashes(next, next).await?.first().copied() {
                break;
            }
            number = next;
        }
        Ok(Some(number))
    }

    async fn go_back(&mut self, to: Option<u64>) -> Result<(), IndexerError> {
        let to = to.unwrap_or_else(|| self.mirror.deployment().start_block.saturating_sub(1));
        tracing::info!(to, "the best chain took another branch");
        Status::add(&self.status.rollbacks, 1);
        self.mirror.roll_back(to).await
    }

    /// Applies everything up to a final block.
    async fn backfill(&mut self, finalised: &Head) -> Result<(), IndexerError> {
        let next = self.next().await?;
        if finalised.number > next {
            let is_far = finalised.number.saturating_sub(next) > HASHES;
            self.status.enter(if is_far { Doing::Backfilling } else { Doing::CatchingUp }, None);
        }
        self.apply_all(up_to(self.node, next, *finalised)).await
    }

    /// From the final block to the head of the best chain: back from the head to a block that is here, and on from
    /// there.
    async fn reach_best(&mut self, finalised: &Head, best: &Head) -> Result<(), IndexerError> {
        let tip = self.tip().await?.map_or(0, |tip| tip.number);
        let (mut head, mut new) = (*best, Vec::new());
        let common = loop {
            if head.number <= tip
                && let Some((hash, _)) = self.mirror.at(head.number).await?
                && hash == head.hash
            {
                break head.number;
            }
            if head.number <= finalised.number {
                // The head is of a branch that finality has left meanwhile: the next head is waited for.
                return Ok(());
            }
            new.push((head.number, head.hash));
            let below = head.number.saturating_sub(1);
            // Mostly the block before is here, and nobody need be asked for it.
            if self.mirror.at(below).await?.is_some_and(|(hash, _)| hash == head.parent) {
                break below;
            }
            head = self.node.head(head.parent).await?;
        };
        // A head further back on the same branch tells nothing new; the node may be behind.
        if new.is_empty() {
            return Ok(());
        }
        if common < tip {
            self.go_back(Some(common)).await?;
        }
        self.apply_all(stream::iter(new.into_iter().rev().map(Ok))).await
    }

    /// Fetches blocks, and applies them while the next ones are fetched.
    async fn apply_all(
        &mut self,
        blocks: impl Stream<Item = Result<(u64, B256), ChainError>>,
    ) -> Result<(), IndexerError> {
        let node = self.node;
        let fetched = blocks.map_ok(|(number, hash)| node.whole_block_at(number, hash)).try_buffered(IN_FLIGHT);
        let mut left = pin!(fetched.map_ok(|block| Block {
            at: block.at,
            events: block.events,
            earlier: Vec::new(),
            answers: Default::default(),
        }));
        let mut failed = None;
        let mut fetched = part(&mut left, &mut failed).await;
        while !fetched.is_empty() {
            let begun = Instant::now();
            let count = fetched.len();
            let next = part(&mut left, &mut failed);
            (fetched, _) = try_join(next.map(Ok), self.apply(fetched)).await?;
            self.status.pace(count, begun.elapsed());
            if self.told.elapsed() >= TOLD_EVERY {
                self.tell().await;
            }
        }
        failed.map_or(Ok(()), |error| Err(error.into()))
    }

    /// Applies blocks, those that ask something by themselves.
    async fn apply(&mut self, blocks: Vec<Block>) -> Result<(), IndexerError> {
        let asking = self.mirror.asking(&blocks).await?;
        let mut plain = Vec::new();
        for (mut block, asks) in blocks.into_iter().zip(asking) {
            if !asks {
                plain.push(block);
                continue;
            }
            self.write(&std::mem::take(&mut plain)).await?;
            self.ask(&mut block).await?;
            self.write(&[block]).await?;
        }
        self.write(&plain).await
    }

    async fn write(&mut self, blocks: &[Block]) -> Result<(), IndexerError> {
        let Some(last) = blocks.last() else { return Ok(()) };
        let applied = match self.mirror.apply(blocks).await {
            // What is not final may be of another branch by now, or of another node: it is asked anew.
            Err(IndexerError::ParentMismatch { number, before, got, expected })
                if self.mirror.at(before).await?.is_none_or(|(_, is_final)| !is_final) =>
            {
                let reason = format!("block {number} whose parent is {got}, where block {before} is {expected}");
                let url = self.node.url().to_owned();
                return Err(ChainError::WrongAnswer { url, during: "following the best chain", reason }.into());
            }
            applied => applied?,
        };
        Status::set(&self.status.indexed_block, last.at.number);
        if let Applied::Now { blocks, events, unread } = applied {
            Status::add(&self.status.blocks_applied, blocks);
            Status::add(&self.status.events_applied, events);
            Status::add(&self.status.events_unread, unread);
            tracing::debug!(block = last.at.number, blocks, events, "applied");
        }
        Ok(())
    }

    /// Tells those who serve what is done here.
    pub(super) async fn tell(&mut self) {
        self.told = Instant::now();
        tell(self.mirror, self.status).await;
    }
}

/// The heights and hashes from `first` to a final block. The next hashes are asked for as the last ones are used up.
fn up_to<U: Upstream>(
    node: &U,
    first: u64,
    finalised: Head,
) -> impl Stream<Item = Result<(u64, B256), ChainError>> + '_ {
    let parts = stream::try_unfold(first, move |next| async move {
        if next > finalised.number {
            return Ok::<_, ChainError>(None);
        }
        let last = finalised.number.min(next.saturating_add(HASHES).saturating_sub(1));
        // A block that comes by itself is one more than the last, and its hash is known.
        let mut hashes = match next == finalised.number {
            true => Vec::new(),
            false => node.block_hashes(next, last.min(finalised.number.saturating_sub(1))).await?,
        };
        if last == finalised.number {
            hashes.push(finalised.hash);
        }
        let part = stream::iter((next..).zip(hashes).map(Ok));
        Ok(Some((part, last.saturating_add(1))))
    });
    parts.try_flatten()
}

/// The next blocks, as many as are applied together. Those before one that the node fails at are not fetched in vain.
async fn part(
    blocks: &mut (impl Stream<Item = Result<Block, ChainError>> + Unpin),
    failed: &mut Option<ChainError>,
) -> Vec<Block> {
    let (mut part, mut events, begun) = (Vec::new(), 0usize, Instant::now());
    while events < MOST_EVENTS && failed.is_none() && (part.is_empty() || begun.elapsed() < LONGEST_PART) {
        match blocks.next().await {
            Some(Ok(block)) => {
                events = events.saturating_add(block.events.len()).saturating_add(1);
                part.push(block);
            }
            Some(Err(error)) => *failed = Some(error),
            None => break,
        }
    }
    part
}
