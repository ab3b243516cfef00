//! What every route can use.

use std::{num::NonZeroU32, sync::Arc};

use sqlx::{PgPool, postgres::PgPoolOptions};
use tokio::sync::Semaphore;
use yieldset_service::web::Limits;

use crate::{
    preparing::Preparing,
    status::{Readiness, Status},
    store,
    tokens::Tokens,
};

/// Requests that are worked on at once, for each connection: they are short, and while one waits for Postgres another
/// one writes its answer.
const REQUESTS_PER_CONNECTION: usize = 4;
/// Connections of those who ask after the service itself.
const WATCHERS: u32 = 2;

/// What every route can use. Cheap to clone.
#[derive(Debug, Clone)]
pub struct App {
    /// The readers' connections. The follower has others, so that readers cannot starve it.
    pub pool: PgPool,
    /// Connections for questions after the service itself: who watches it must not be shut out by who uses it.
    pub watchers: PgPool,
    /// What the indexer is doing.
    pub status: Arc<Status>,
    /// Where acts are looked at; nothing where only the database is served.
    pub preparing: Option<Preparing>,
    /// Who may see KYC records.
    pub tokens: Tokens,
    /// What clients may ask.
    pub limits: Limits,
    /// Data requests that may be worked on at once.
    pub turns: Arc<Semaphore>,
    /// From when on answers count as those of now.
    pub readiness: Readiness,
}

impl App {
    /// From its parts, with the usual limits.
    pub fn new(pool: PgPool, status: Arc<Status>) -> Self {
        let connections = usize::try_from(pool.options().get_max_connections()).unwrap_or(1);
        let watchers = PgPoolOptions::new()
            .max_connections(WATCHERS)
            .acquire_timeout(store::READER_PATIENCE)
            .connect_lazy_with((*pool.connect_options()).clone());
        let turns = Arc::new(Semaphore::new(connections.saturating_mul(REQUESTS_PER_CONNECTION)));
        let (limits, tokens) = (Limits::default(), Tokens::default());
        Self { pool, watchers, status, preparing: None, tokens, limits, turns, readiness: Readiness::default() }
    }

    /// With a node, where there is one, on which acts are looked at.
    pub fn preparing(mut self, preparing: Option<Preparing>) -> Self {
        self.preparing = preparing;
        self
    }

    /// With other limits on what a client may ask.
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// With other limits on when answers count as those of now.
    pub fn with_readiness(mut self, readiness: Readiness) -> Self {
        self.readiness = readiness;
        self
    }

    /// With tokens for whom more is shown than to everybody.
    pub fn with_tokens(mut self, tokens: Tokens) -> Self {
        self.tokens = tokens;
        self
    }

    /// With another number of data requests that are worked on at once.
    pub fn with_turns(mut self, requests: Option<NonZeroU32>) -> Self {
        if let Some(requests) = requests {
            self.turns = Arc::new(Semaphore::new(usize::try_from(requests.get()).unwrap_or(1)));
        }
        self
    }
}
