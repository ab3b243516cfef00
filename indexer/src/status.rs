//! What the indexer is doing, shared between the follower and the pages: no secrets, cheap to read.

use std::{
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use serde::Serialize;
use utoipa::ToSchema;

/// What it is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = Phase)]
pub enum Doing {
    /// Connecting, migrating.
    Starting,
    /// Reading history, many blocks at once.
    Backfilling,
    /// A few blocks behind the head.
    CatchingUp,
    /// At the head of the best chain, waiting for the next block.
    Live,
    /// The node has fewer blocks than are indexed here: it is probably syncing.
    NodeBehind,
    /// The node does not answer; tried again with growing pauses.
    NodeAway,
    /// Postgres does not answer; tried again with growing pauses.
    DatabaseAway,
    /// Follows nothing: another process does.
    ReadOnly,
    /// Stopped by an error that needs a human.
    Stopped,
}

impl Doing {
    /// All phases, for metrics.
    pub const ALL: [Self; 9] = [
        Self::Starting,
        Self::Backfilling,
        Self::CatchingUp,
        Self::Live,
        Self::NodeBehind,
        Self::NodeAway,
        Self::DatabaseAway,
        Self::ReadOnly,
        Self::Stopped,
    ];

    /// By its name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|doing| doing.name() == name)
    }

    /// As in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Backfilling => "backfilling",
            Self::CatchingUp => "catching_up",
            Self::Live => "live",
            Self::NodeBehind => "node_behind",
            Self::NodeAway => "node_away",
            Self::DatabaseAway => "database_away",
            Self::ReadOnly => "read_only",
            Self::Stopped => "stopped",
        }
    }
}

/// From when on answers count as those of now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Readiness {
    /// Most blocks behind the head that the node named.
    pub behind: u64,
    /// Most seconds that the last block is old; nothing on a chain that makes blocks only when there is something to
    /// do.
    pub age: Option<u64>,
    /// Whether rows must have been compared with the chain.
    pub verified: bool,
}

impl Default for Readiness {
    fn default() -> Self {
        Self { behind: 10, age: None, verified: false }
    }
}

/// A phase, and why where it is not the usual one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Now {
    /// What it is doing.
    pub phase: Doing,
    /// Why, and what is waited for.
    pub reason: Option<String>,
}

/// Shared by reference. Counters only grow.
#[derive(Debug)]
pub struct Status {
    now: RwLock<Now>,
    /// The last finalised block the node named.
    pub finalised_block: AtomicU64,
    /// The head of the best chain that the node named.
    pub best_block: AtomicU64,
    /// The last block this process applied or found applied.
    pub indexed_block: AtomicU64,
    /// Blocks applied by this process.
    pub blocks_applied: AtomicU64,
    /// Events journaled by this process.
    pub events_applied: AtomicU64,
    /// Events of ours among them from which nothing follows: not understood, or not fitting.
    pub events_unread: AtomicU64,
    /// Times that the best chain took another branch.
    pub rollbacks: AtomicU64,
    /// Blocks applied in a second, of late.
    pub blocks_per_second: AtomicU64,
    /// Times the node was found away.
    pub node_losses: AtomicU64,
    /// Times Postgres was found away.
    pub database_losses: AtomicU64,
}

impl Status {
    /// As at the start.
    pub fn new(phase: Doing) -> Arc<Self> {
        Arc::new(Self {
            now: RwLock::new(Now { phase, reason: None }),
            finalised_block: AtomicU64::default(),
            indexed_block: AtomicU64::default(),
            blocks_applied: AtomicU64::default(),
            events_applied: AtomicU64::default(),
            best_block: AtomicU64::default(),
            events_unread: AtomicU64::default(),
            rollbacks: AtomicU64::default(),
            blocks_per_second: AtomicU64::default(),
            node_losses: AtomicU64::default(),
            database_losses: AtomicU64::default(),
        })
    }

    /// What it is doing now.
    pub fn now(&self) -> Now {
        self.now.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Enters a phase.
    pub fn enter(&self, phase: Doing, reason: Option<String>) {
        *self.now.write().unwrap_or_else(PoisonError::into_inner) = Now { phase, reason };
    }

    /// Notes that so many blocks took so long.
    pub fn pace(&self, blocks: usize, took: Duration) {
        let millis = u64::try_from(took.as_millis()).unwrap_or(u64::MAX).max(1);
        let now = u64::try_from(blocks).unwrap_or(u64::MAX).saturating_mul(1_000) / millis;
        let before = Self::count(&self.blocks_per_second);
        // A quarter of what is new: single parts vary.
        let paced = if before == 0 { now } else { before.saturating_mul(3).saturating_add(now) / 4 };
        Self::set(&self.blocks_per_second, paced);
    }

    /// How many seconds are left until the head at the pace of late; nothing where there is none.
    pub fn seconds_left(&self) -> Option<u64> {
        let left = Self::count(&self.best_block).saturating_sub(Self::count(&self.indexed_block));
        left.checked_div(Self::count(&self.blocks_per_second))
    }

    /// Reads a counter.
    pub fn count(counter: &AtomicU64) -> u64 {
        counter.load(Ordering::Relaxed)
    }

    /// Adds to a counter.
    pub fn add(counter: &AtomicU64, n: u64) {
        counter.fetch_add(n, Ordering::Relaxed);
    }

    /// Sets a gauge.
    pub fn set(gauge: &AtomicU64, value: u64) {
        gauge.store(value, Ordering::Relaxed);
    }
}
