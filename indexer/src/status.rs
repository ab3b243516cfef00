//! What the indexer is doing, shared between the follower and the pages: no secrets, cheap to read.

use std::sync::{
    Arc, PoisonError, RwLock,
    atomic::{AtomicU64, Ordering},
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
    /// Reading blocks that were final before it started.
    Backfilling,
    /// At the last finalised block, waiting for the next.
    Live,
    /// The node has fewer finalised blocks than are indexed here: it is probably syncing.
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
    pub const ALL: [Self; 8] = [
        Self::Starting,
        Self::Backfilling,
        Self::Live,
        Self::NodeBehind,
        Self::NodeAway,
        Self::DatabaseAway,
        Self::ReadOnly,
        Self::Stopped,
    ];

    /// As in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Backfilling => "backfilling",
            Self::Live => "live",
            Self::NodeBehind => "node_behind",
            Self::NodeAway => "node_away",
            Self::DatabaseAway => "database_away",
            Self::ReadOnly => "read_only",
            Self::Stopped => "stopped",
        }
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
    /// The last block this process applied or found applied.
    pub indexed_block: AtomicU64,
    /// Blocks applied by this process.
    pub blocks_applied: AtomicU64,
    /// Events journaled by this process.
    pub events_applied: AtomicU64,
    /// Events of ours among them that nothing here understands.
    pub events_unknown: AtomicU64,
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
            events_unknown: AtomicU64::default(),
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
