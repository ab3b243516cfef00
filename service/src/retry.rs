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

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: Duration = Duration::from_millis(100);
    const LONGEST: Duration = Duration::from_secs(1);

    /// Each pause is between its step and twice that; steps double up to the longest, and go on without end.
    #[test]
    fn pauses_double_up_to_the_longest_and_begin_anew() {
        let mut pauses = Pauses::new(FIRST, LONGEST);
        for round in 0..2 {
            for step in [100, 200, 400, 800, 1_000, 1_000].into_iter().chain([1_000; 200]) {
                let pause = pauses.next().expect("without end");
                let step = Duration::from_millis(step);
                assert!((step..2 * step).contains(&pause), "{round}: {pause:?} for {step:?}");
            }
            assert!(pauses.clone().next().expect("anew") < 2 * FIRST);
            pauses.reset();
        }
    }

    /// Two who fail at the same moment do not come back at the same moment.
    #[test]
    fn pauses_differ() {
        let pauses = Pauses::new(FIRST, LONGEST);
        let drawn = |pauses: Pauses| -> Vec<Duration> { pauses.take(8).collect() };
        assert_ne!(drawn(pauses.clone()), drawn(pauses));
    }
}
