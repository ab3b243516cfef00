//! Waiting before the next try: longer after each failure, and never all at the same moment, so that a service that
//! comes back is not met by everyone at once.

use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};

pub use backon::Retryable;

/// Pauses that double from `first` to `longest`, without end; each is lengthened by a random part of itself. For
/// [`Retryable::retry`]; say how often by `with_max_times`.
pub fn policy(first: Duration, longest: Duration) -> ExponentialBuilder {
    ExponentialBuilder::new().with_min_delay(first).with_max_delay(longest).without_max_times().with_jitter()
}

/// The pauses of a [`policy`], for loops of one's own. Never ends. A clone begins anew.
#[derive(Debug)]
pub struct Pauses {
    policy: ExponentialBuilder,
    running: ExponentialBackoff,
}

impl Pauses {
    /// As [`policy`] says.
    pub fn new(first: Duration, longest: Duration) -> Self {
        let policy = policy(first, longest);
        Self { policy, running: policy.build() }
    }

    /// Begins anew: what was tried has succeeded.
    pub fn reset(&mut self) {
        self.running = self.policy.build();
    }
}

impl Clone for Pauses {
    fn clone(&self) -> Self {
        Self { policy: self.policy, running: self.policy.build() }
    }
}

impl Iterator for Pauses {
    type Item = Duration;

    fn next(&mut self) -> Option<Duration> {
        self.running.next()
    }
}
