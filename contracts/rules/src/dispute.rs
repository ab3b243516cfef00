//! When a report is final: challenge window, bonded disputes, revisions.
//!
//! # The game
//!
//! ```text
//!            window over                       (final never changes)
//!  pending ─────────────────────────────────▶ final
//!    │ ▲                                        ▲
//!    │ │ rejected: the rest of the window       │ nobody ruled before the deadline:
//!    │ │ runs on; bond to the treasury          │ the report stands; bond back
//!    ▼ │                                        │
//!  disputed ────────────────────────────────────┘
//!    │ upheld: bond back
//!    ▼
//!  withdrawn ──── the committee signs a revision ───▶ pending, with a whole window
//! ```
//!
//! * Anybody disputes a pending report with a bond, and only that period is held back.
//! * A dispute stops the window's clock. A rejected one therefore costs others nothing of their time to look: what was
//!   left of the window runs on, and whoever only wants to delay pays a bond for each turn.
//! * An arbiter can delay a period or let it go on; it cannot write weights. The committee can sign weights; it cannot
//!   make final what the arbiter has withdrawn. A withdrawn period waits for its revision, and where the committee will
//!   not sign one, for another committee.
//! * Nobody but the arbiter decides, but nobody has to wait for it: after the deadline the signed report stands, the
//!   challenger has its bond back, and as nobody was there to judge a further dispute, there is none.
//!
//! # The chain of reports
//!
//! A stream's reports, revisions among them, form one list in the order of their acceptance: each names the hash of the
//! one accepted before it, whichever period that was of, and no log is shorter than the one before. So a revision that
//! comes after the next period's report follows *that* report, and the following period's report follows the revision:
//! nothing that was signed for is ever rewritten, and one hash fixes the whole history ([`crate::report::Binding`]).
//!
//! A moment belongs to what begins with it: at `until` exactly the window is over, at the deadline exactly the arbiter
//! is late.

/// An account.
pub type Account = [u8; 20];

/// Longest window, ruling time or delay, in seconds: a year.
pub const MAX_SECONDS: u64 = 366 * 86_400;

/// What a contract that asks for a result is told; the `uint8` of `resultOf`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum State {
    /// No report.
    None = 0,
    /// In its challenge window.
    Pending = 1,
    /// Held back: disputed, or withdrawn until its revision comes.
    Disputed = 2,
    /// Will never change.
    Final = 3,
}

/// Where a report is in the game; the `uint8` of `disputeOf`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Phase {
    /// No report.
    None = 0,
    /// In its challenge window, or final by its end.
    Open = 1,
    /// Disputed and not ruled on; from the deadline on the report is final and only the bond is still to be released.
    Disputed = 2,
    /// A dispute was upheld: waits for its revision.
    Withdrawn = 3,
    /// Final because nobody ruled on a dispute.
    Stands = 4,
}

/// How long everything may take, in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    /// Challenge window of a report and of each revision.
    pub window: u64,
    /// Time the arbiter has for a ruling.
    pub ruling: u64,
}

impl Terms {
    /// Whether both are between a second and a year.
    pub const fn is_valid(&self) -> bool {
        self.window >= 1 && self.window <= MAX_SECONDS && self.ruling >= 1 && self.ruling <= MAX_SECONDS
    }
}

/// A period's current report and where it is in the game.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Standing {
    /// keccak-256 of the report's bytes; zero where there is no report.
    pub hash: [u8; 32],
    /// Root over (contributor, weight).
    pub weights_root: [u8; 32],
    /// Unix seconds of its acceptance.
    pub posted_at: u64,
    /// Counts from 0.
    pub revision: u32,
    /// A [`Phase`].
    pub phase: u8,
    /// Unix seconds: end of the window (open), deadline of the ruling (disputed), when it was withdrawn (withdrawn).
    pub until: u64,
    /// Seconds of the window that were left when the dispute began.
    pub left: u64,
    /// Who disputed last.
    pub challenger: Account,
    /// Hash of its reasons.
    pub reason: [u8; 32],
}

crate::packed!(Standing {
    hash: [u8; 32],
    weights_root: [u8; 32],
    posted_at: u64,
    revision: u32,
    phase: u8,
    until: u64,
    left: u64,
    challenger: Account,
    reason: [u8; 32],
});

/// Why a step of the game is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DisputeError {
    /// There is no report to dispute or to rule on.
    NoReport,
    /// Not (or no longer) in its challenge window.
    NotPending {
        /// What it is.
        state: State,
    },
    /// Not disputed, or ruled on already.
    NotDisputed {
        /// Where it is.
        phase: Phase,
    },
    /// The arbiter is late.
    DeadlinePassed {
        /// Unix seconds.
        deadline: u64,
        /// Unix seconds.
        now: u64,
    },
    /// The arbiter has time left.
    DeadlineNotReached {
        /// Unix seconds.
        deadline: u64,
        /// Unix seconds.
        now: u64,
    },
}

impl Standing {
    /// A report accepted at `now`; its window is whole.
    pub fn posted(hash: [u8; 32], weights_root: [u8; 32], revision: u32, now: u64, terms: &Terms) -> Self {
        Self {
            hash,
            weights_root,
            posted_at: now,
            revision,
            phase: Phase::Open as u8,
            until: now.saturating_add(terms.window),
            ..Self::default()
        }
    }

    /// Where it is in the game.
    pub fn phase(&self) -> Phase {
        match self.phase {
            0 => Phase::None,
            1 => Phase::Open,
            2 => Phase::Disputed,
            3 => Phase::Withdrawn,
            _ => Phase::Stands,
        }
    }

    /// What holds at a time, without anybody having to say so.
    pub fn state(&self, now: u64) -> State {
        match self.phase() {
            Phase::None => State::None,
            Phase::Withdrawn => State::Disputed,
            Phase::Stands => State::Final,
            _ if now >= self.until => State::Final,
            Phase::Open => State::Pending,
            Phase::Disputed => State::Disputed,
        }
    }

    /// The revision that may be posted now; `None` where the report is not withdrawn.
    pub fn next_revision(&self) -> Option<u32> {
        (self.phase() == Phase::Withdrawn).then(|| self.revision.saturating_add(1))
    }

    /// Stops the window's clock; the arbiter's begins to run.
    ///
    /// # Errors
    /// [`DisputeError::NoReport`], [`DisputeError::NotPending`].
    pub fn dispute(
        &mut self,
        challenger: Account,
        reason: [u8; 32],
        now: u64,
        terms: &Terms,
    ) -> Result<(), DisputeError> {
        match self.state(now) {
            State::None => Err(DisputeError::NoReport),
            State::Pending => {
                self.phase = Phase::Disputed as u8;
                self.left = self.until - now;
                self.until = now.saturating_add(terms.ruling);
                (self.challenger, self.reason) = (challenger, reason);
                Ok(())
            }
            state => Err(DisputeError::NotPending { state }),
        }
    }

    /// The arbiter agrees: the report is withdrawn and its bond goes back to the challenger, who is the answer.
    ///
    /// # Errors
    /// [`DisputeError::NoReport`], [`DisputeError::NotDisputed`], [`DisputeError::DeadlinePassed`].
    pub fn uphold(&mut self, now: u64) -> Result<Account, DisputeError> {
        self.ruled(now)?;
        self.phase = Phase::Withdrawn as u8;
        self.until = now;
        Ok(self.challenger)
    }

    /// The arbiter disagrees: the rest of the window runs on.
    ///
    /// # Errors
    /// Those of [`Standing::uphold`].
    pub fn reject(&mut self, now: u64) -> Result<(), DisputeError> {
        self.ruled(now)?;
        self.phase = Phase::Open as u8;
        self.until = now.saturating_add(self.left);
        Ok(())
    }

    /// Nobody ruled in time: the report stands for good and the bond goes back to the challenger, who is the answer.
    ///
    /// # Errors
    /// [`DisputeError::NoReport`], [`DisputeError::NotDisputed`], [`DisputeError::DeadlineNotReached`].
    pub fn expire(&mut self, now: u64) -> Result<Account, DisputeError> {
        let deadline = self.disputed()?;
        if now < deadline {
            return Err(DisputeError::DeadlineNotReached { deadline, now });
        }
        self.phase = Phase::Stands as u8;
        Ok(self.challenger)
    }

    fn ruled(&self, now: u64) -> Result<(), DisputeError> {
        let deadline = self.disputed()?;
        if now >= deadline { Err(DisputeError::DeadlinePassed { deadline, now }) } else { Ok(()) }
    }

    /// The deadline of an open dispute.
    fn disputed(&self) -> Result<u64, DisputeError> {
        match self.phase() {
            Phase::Disputed => Ok(self.until),
            Phase::None => Err(DisputeError::NoReport),
            phase => Err(DisputeError::NotDisputed { phase }),
        }
    }
}

/// Whose money the contract holds: bonds of open disputes, and bonds that wait to be taken.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Bonds {
    /// Open disputes.
    pub open: u32,
    /// Wei released and not yet taken, all accounts together.
    pub released: u128,
}

impl Bonds {
    /// What the contract must have, in wei. `None` where it has more than 2^128.
    pub fn held(&self, bond: u128) -> Option<u128> {
        bond.checked_mul(u128::from(self.open))?.checked_add(self.released)
    }

    /// A bond came in. `None` where it cannot be counted: beyond 2^32 disputes or 2^128 wei.
    pub fn lock(&mut self, bond: u128) -> Option<()> {
        self.open = self.open.checked_add(1)?;
        self.held(bond).map(|_| ())
    }

    /// An open dispute's bond now belongs to somebody. `None` where there is none, which a dispute's state rules out.
    pub fn release(&mut self, bond: u128) -> Option<()> {
        self.open = self.open.checked_sub(1)?;
        self.released = self.released.checked_add(bond)?;
        Some(())
    }

    /// Released money was taken. `None` where there is less.
    pub fn take(&mut self, amount: u128) -> Option<()> {
        self.released = self.released.checked_sub(amount)?;
        Some(())
    }
}

#[cfg(test)]
#[path = "dispute_tests.rs"]
mod tests;
