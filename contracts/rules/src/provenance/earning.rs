//! Whether a dataset version earns by a training run (ATT-1).
//!
//! It does where its dataset belongs to the pool, and the run began after its registration and before its withdrawal
//! or redaction, whichever came first. So what is closed today earns on by the runs of yesterday, and no run of
//! tomorrow adds to it. Who owns the dataset, and which version stands in for a redacted one, is not asked: neither a
//! hand-over nor a replacement changes what an earlier run has earned.
//!
//! The registry's seconds are those of blocks. A run that begins in the very second of a registration did not certainly
//! begin after it, and one in that of a closing not before it; neither counts.
//!
//! When a run began is known as well as it is shown ([`Began`]): of a platform's word alone, to the millisecond; where
//! its log's checkpoints are on chain, it began no later than the first of them that has it. A version counts where any
//! moment that is left fits, so that what a platform is silent about, or writes too early, takes nothing from anybody.

use super::Account;

/// When a training run began, in Unix milliseconds: no earlier than the one, no later than the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Began {
    /// No earlier than this.
    pub since: u64,
    /// No later than this.
    pub until: u64,
}

impl From<u64> for Began {
    /// At this very moment.
    fn from(at: u64) -> Self {
        Self { since: at, until: at }
    }
}

/// What the registry tells of a version, at the block that a report is made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Registered {
    /// The pool that its dataset is in; zero for none.
    pub pool: Account,
    /// Unix seconds.
    pub registered_at: u64,
    /// Unix seconds of its withdrawal or redaction, the earlier one. The registry's `statusOf` tells the later one.
    pub closed_at: Option<u64>,
}

/// Why a version does not earn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotEarning {
    /// Nobody registered it.
    Unregistered,
    /// Its dataset is in another pool, or in none.
    OtherPool,
    /// No training run read it.
    NotTrained,
    /// Each run that read it began before it was registered.
    RegisteredLater,
    /// Each run that read it and began after its registration began after it was withdrawn or redacted.
    Closed,
}

/// Whether a version earns in a pool, by the runs that read it. One that counts is enough.
///
/// # Errors
/// [`NotEarning`], the first that applies.
pub fn earns(
    version: Option<&Registered>,
    pool: &Account,
    runs: impl IntoIterator<Item = Began>,
) -> Result<(), NotEarning> {
    let version = version.ok_or(NotEarning::Unregistered)?;
    if version.pool != *pool || *pool == [0; 20] {
        return Err(NotEarning::OtherPool);
    }
    let mut reason = NotEarning::NotTrained;
    for run in runs {
        // The first second that fits.
        let second = (run.since / 1_000).max(version.registered_at.saturating_add(1));
        let closed = version.closed_at.is_some_and(|closed_at| second >= closed_at);
        if run.until / 1_000 <= version.registered_at {
            // A later run says more about why.
            if reason == NotEarning::NotTrained {
                reason = NotEarning::RegisteredLater;
            }
        } else if closed {
            reason = NotEarning::Closed;
        } else {
            return Ok(());
        }
    }
    Err(reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    const POOL: Account = [7; 20];

    /// Registered at second 100.
    fn version(closed_at: Option<u64>) -> Registered {
        Registered { pool: POOL, registered_at: 100, closed_at }
    }

    fn earned(closed_at: Option<u64>, runs: &[u64]) -> Result<(), NotEarning> {
        earns(Some(&version(closed_at)), &POOL, at(runs))
    }

    fn at(runs: &[u64]) -> impl Iterator<Item = Began> {
        runs.iter().copied().map(Began::from)
    }

    /// Proves ATT-2: a run is as late as its checkpoint on chain, whatever its platform writes, so that no creator is
    /// early enough to be too late; and as early as it may be where that is what a version needs.
    #[test]
    fn a_run_is_dated_in_favour_of_who_was_read() {
        let earned = |closed_at, since, until| earns(Some(&version(closed_at)), &POOL, [Began { since, until }]);
        assert_eq!(earned(None, 0, 100_999), Err(NotEarning::RegisteredLater));
        // The platform says that it was before the registration, and its checkpoint came after it.
        assert_eq!(earned(None, 50_000, 101_000), Ok(()));
        // Closed before the checkpoint came, and after the platform says that it began.
        assert_eq!(earned(Some(200), 199_999, 900_000), Ok(()));
        assert_eq!(earned(Some(200), 200_000, 900_000), Err(NotEarning::Closed));
        // No second lies between registration and closing.
        assert_eq!(earned(Some(101), 0, 900_000), Err(NotEarning::Closed));
        assert_eq!(earned(Some(102), 0, 900_000), Ok(()));
    }

    /// Proves SAFE-14: who registers what a model has read already earns nothing by it.
    #[test]
    fn a_version_is_registered_before_the_run() {
        let registered = None;
        assert_eq!(earned(registered, &[]), Err(NotEarning::NotTrained));
        for early in [0, 99_999, 100_000, 100_999] {
            assert_eq!(earned(registered, &[early]), Err(NotEarning::RegisteredLater), "{early}");
        }
        assert_eq!(earned(registered, &[101_000]), Ok(()));
        assert_eq!(earned(registered, &[u64::MAX]), Ok(()));
        // One run that counts is enough, in whatever place.
        assert_eq!(earned(registered, &[50_000, 150_000]), Ok(()));
        assert_eq!(earned(registered, &[150_000, 50_000]), Ok(()));
    }

    /// Proves SAFE-14: withdrawal and redaction stop new runs, and earlier ones earn on.
    #[test]
    fn a_closed_version_earns_on_by_earlier_runs_alone() {
        let closed = Some(200);
        assert_eq!(earned(closed, &[199_999]), Ok(()));
        assert_eq!(earned(closed, &[200_000]), Err(NotEarning::Closed));
        assert_eq!(earned(closed, &[300_000]), Err(NotEarning::Closed));
        // The run before the closing counts beside the one after it.
        assert_eq!(earned(closed, &[300_000, 150_000]), Ok(()));
        // One before the registration and one after the closing: none counts, and the later one says why.
        assert_eq!(earned(closed, &[50_000, 300_000]), Err(NotEarning::Closed));
        assert_eq!(earned(closed, &[300_000, 50_000]), Err(NotEarning::Closed));
        // Registered and closed in one second: no run fits between.
        assert_eq!(earned(Some(100), &[100_000]), Err(NotEarning::RegisteredLater));
        assert_eq!(earned(Some(100), &[101_000]), Err(NotEarning::Closed));
        assert_eq!(earned(Some(u64::MAX), &[u64::MAX]), Ok(()));
    }

    /// Proves SAFE-14: only what belongs to the pool earns in it, and what nobody registered nowhere.
    #[test]
    fn a_version_belongs_to_the_pool() {
        let runs = [Began::from(150_000)];
        let elsewhere = Registered { pool: [8; 20], ..version(None) };
        assert_eq!(earns(Some(&elsewhere), &POOL, runs), Err(NotEarning::OtherPool));
        assert_eq!(earns(Some(&elsewhere), &[8; 20], runs), Ok(()));
        let nowhere = Registered { pool: [0; 20], ..elsewhere };
        assert_eq!(earns(Some(&nowhere), &POOL, runs), Err(NotEarning::OtherPool));
        assert_eq!(earns(Some(&nowhere), &[0; 20], runs), Err(NotEarning::OtherPool));
        assert_eq!(earns(None, &POOL, runs), Err(NotEarning::Unregistered));
    }

    /// Proves SAFE-14: the life of a dataset by the real rules. It is registered at 100, read at 150, handed over at
    /// 160, redacted at 200 for a second version and read again at 250: the first version earns on by the first run,
    /// the second one by the second run.
    #[test]
    fn neither_hand_over_nor_redaction_breaks_what_was_earned() {
        use crate::provenance::{Dataset, Version, VersionState};
        let (creator, next) = ([1; 20], [2; 20]);
        let mut first = Version::new([3; 32], [4; 32], 100);
        let mut dataset = Dataset { creator, latest: 1, pool: POOL, ..Dataset::default() };
        let told = |dataset: &Dataset, version: &Version| Registered {
            pool: dataset.pool,
            registered_at: version.registered_at,
            closed_at: (version.state() != VersionState::Registered).then_some(version.closed_at),
        };
        assert_eq!(earns(Some(&told(&dataset, &first)), &POOL, at(&[150_000])), Ok(()));
        dataset.begin_transfer(&creator, &next).unwrap();
        dataset.accept_transfer(&next).unwrap();
        assert_eq!(earns(Some(&told(&dataset, &first)), &POOL, at(&[150_000])), Ok(()));
        first.redact(2, [5; 32], 200).unwrap();
        let second = Version::new([6; 32], [4; 32], 200);
        assert_eq!(earns(Some(&told(&dataset, &first)), &POOL, at(&[150_000, 250_000])), Ok(()));
        assert_eq!(earns(Some(&told(&dataset, &first)), &POOL, at(&[250_000])), Err(NotEarning::Closed));
        assert_eq!(earns(Some(&told(&dataset, &second)), &POOL, at(&[250_000])), Ok(()));
        assert_eq!(earns(Some(&told(&dataset, &second)), &POOL, at(&[150_000])), Err(NotEarning::RegisteredLater));
    }
}
