//! When a report is final: challenge window, bonded disputes, revisions.
//!
//! # The game
//!
//! ```text
//!            window over                       (final never changes)
//!  pending ─────────────────────────────────▶ final
//!    │ ▲
//!    │ │ rejected, or nobody ruled before the deadline:
//!    │ │ the rest of the window runs on
//!    ▼ │
//!  disputed
//!    │ upheld
//!    ▼
//!  withdrawn ──── the committee signs a revision ───▶ pending, with a whole window
//! ```
//!
//! * Anybody disputes a pending report with a bond, and only that period is held back.
//! * **No dispute shortens anything.** It stops the window's clock; after a rejection, and where nobody ruled, what was
//!   left of the window runs on. A ruling time shorter than the window is of no use to who posted the report.
//! * **Delay is bounded and costs more each time.** The n-th dispute of a report costs 2^(n−1) times the bond, and
//!   after [`MAX_DISPUTES`] there is none: a report is final, or withdrawn by an arbiter, after `window + MAX_DISPUTES
//!   · ruling` at the latest.
//! * **Nobody uses the disputes up.** Whoever gains by a report could dispute it three times for nothing that stands,
//!   each time before anybody else. So while a dispute is open everybody can add a reason, without a bond, and the last
//!   possible dispute is not rejected before what was left of the window when it began is over: whoever speaks within
//!   the window is heard. A ruling time shorter than that stays: then nobody rejects it, and each has its bond back.
//! * **The bond follows what is contested**: a part of the period's money and of the dues that the report implies, and
//!   never less than a minimum ([`BondTerms`]). It is in the pool's own currency, so that both move together.
//! * **Whoever was right is paid by whoever was not.** Anybody but the challenger can match the bond and so stand for
//!   the report. Of the loser's bond half is the winner's who risked as much, and half goes into the contested period's
//!   money; where nobody matched it, all of that does. It is half, so that a challenger who matches his own bond by
//!   another account still loses by a worthless dispute.
//! * **The arbiter gains nothing.** There is no treasury; no bond goes to who rules or to who appoints, and an arbiter
//!   who is challenger or defender rules nothing.
//! * An arbiter can delay a period or let it go on; it cannot write weights. The committee can sign weights; it cannot
//!   make final what the arbiter has withdrawn. A withdrawn period waits for its revision, and where the committee will
//!   not sign one, for another committee; for the pool's money not for ever ([`crate::waiting`]).
//! * Nobody but the arbiter decides, but nobody has to wait for it: after the deadline each has its bond back.
//!
//! # The chain of reports
//!
//! A stream's reports, revisions among them, form one list in the order of their acceptance: each names the hash of the
//! one accepted before it, whichever period that was of, and no log is shorter than the one before. So a revision that
//! comes after the next period's report follows *that* report, and the following period's report follows the revision:
//! nothing that was signed for is ever rewritten, and one hash fixes the whole history ([`crate::report::Binding`]).
//! Only the size of a withdrawn report's log is not held against those after it.
//!
//! A moment belongs to what begins with it: at `until` exactly the window is over, at the deadline exactly the arbiter
//! is late.

use crate::math::{BASIS_POINTS, mul_add_div_rem, mul_div};

/// An account.
pub type Account = [u8; 20];

/// Longest window, ruling time or delay, in seconds: a year.
pub const MAX_SECONDS: u64 = 366 * 86_400;
/// How often one report can be disputed.
pub const MAX_DISPUTES: u8 = 3;

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
    /// Disputed and not ruled on; from the deadline on the rest of the window runs, and the bonds are still to be
    /// released.
    Disputed = 2,
    /// A dispute was upheld: waits for its revision.
    Withdrawn = 3,
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

/// What a dispute costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BondTerms {
    /// Least bond, in the pool's currency ([`scaled`]).
    pub minimum: u128,
    /// Of what is contested, in basis points.
    pub bps: u16,
}

impl BondTerms {
    /// The bond of the next dispute of a report that was disputed `before` times: the larger of the minimum and the
    /// part of `contested`, rounded up, doubled for each dispute before. `None` where it does not fit in 128 bits.
    pub fn bond(&self, contested: u128, before: u8) -> Option<u128> {
        let (whole, rest) = mul_add_div_rem(contested, u128::from(self.bps), 0, u128::from(BASIS_POINTS)).ok()?;
        let part = whole.checked_add(u128::from(rest != 0))?;
        part.max(self.minimum).checked_mul(1u128.checked_shl(before.into())?)
    }
}

/// An amount in units of 10^-18 in a currency of `decimals`, at least one unit; `None` where it does not fit.
pub fn scaled(amount: u128, decimals: u8) -> Option<u128> {
    let by = |digits: u8| 10u128.checked_pow(digits.into());
    match decimals {
        // Not by the compiler's division, which is more code than all of the product's.
        0..=18 => mul_div(amount, 1, by(18u8.saturating_sub(decimals))?).ok().map(|units| units.max(1)),
        _ => amount.checked_mul(by(decimals.saturating_sub(18))?),
    }
}

/// A period's current report and where it is in the game.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Standing {
    /// keccak-256 of the report's bytes; zero where there is no report.
    pub hash: [u8; 32],
    /// Root over (contributor, weight); zero where nothing qualified.
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
    /// How often it was disputed.
    pub disputes: u8,
    /// Who matched the last bond; zero for nobody.
    pub defender: Account,
    /// The last bond.
    pub bond: u128,
    /// What it is in: an ERC-20, or zero for the chain's own money.
    pub currency: Account,
    /// The least log of the stream's next report before this one was accepted, which holds again once this one is
    /// withdrawn ([`crate::report::Last::withdraw`]).
    pub log_before: u64,
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
    disputes: u8,
    defender: Account,
    bond: u128,
    currency: Account,
    log_before: u64,
});

/// Who disputes, why, and with what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stake {
    /// Who.
    pub challenger: Account,
    /// Hash of the reasons.
    pub reason: [u8; 32],
    /// The bond.
    pub bond: u128,
    /// What it is in; zero for the chain's own money.
    pub currency: Account,
}

/// Who gets what of a dispute's bonds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Verdict {
    /// To the challenger.
    pub challenger: u128,
    /// To the defender.
    pub defender: u128,
    /// Into the contested period's money.
    pub period: u128,
}

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
    /// Disputed as often as a report can be.
    Exhausted {
        /// How often.
        disputes: u8,
    },
    /// Somebody stands for it already.
    AlreadyDefended {
        /// Who.
        defender: Account,
    },
    /// The challenger cannot stand for the report, and neither side can rule.
    IsParty {
        /// Who.
        account: Account,
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
    /// No further dispute is possible: it is not rejected while the window that it stopped would have gone on.
    NotHeard {
        /// Unix seconds from which on it can be.
        until: u64,
        /// Unix seconds.
        now: u64,
    },
    /// A reason is the hash of a text, never zero.
    ReasonMissing,
    /// Another report than the caller looked at.
    OtherReport {
        /// Its hash.
        got: [u8; 32],
        /// The disputed one's.
        current: [u8; 32],
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
            _ => Phase::Withdrawn,
        }
    }

    /// What holds at a time, without anybody having to say so.
    pub fn state(&self, now: u64) -> State {
        match self.phase() {
            Phase::None => State::None,
            Phase::Withdrawn => State::Disputed,
            Phase::Disputed if now < self.until => State::Disputed,
            // Nobody ruled: the rest of the window runs from the deadline on.
            Phase::Disputed if now < self.until.saturating_add(self.left) => State::Pending,
            Phase::Open if now < self.until => State::Pending,
            _ => State::Final,
        }
    }

    /// The revision that may be posted now; `None` where the report is not withdrawn.
    pub fn next_revision(&self) -> Option<u32> {
        (self.phase() == Phase::Withdrawn).then(|| self.revision.saturating_add(1))
    }

    /// Stops the window's clock; the arbiter's begins to run. Where a dispute before it was never ruled on and its
    /// bonds are still held, they are released: who gets what is the answer.
    ///
    /// # Errors
    /// [`DisputeError::NoReport`], [`DisputeError::NotPending`], [`DisputeError::Exhausted`].
    pub fn dispute(&mut self, stake: &Stake, now: u64, terms: &Terms) -> Result<Option<(Self, Verdict)>, DisputeError> {
        match self.state(now) {
            State::None => return Err(DisputeError::NoReport),
            State::Pending => {}
            state => return Err(DisputeError::NotPending { state }),
        }
        if self.disputes >= MAX_DISPUTES {
            return Err(DisputeError::Exhausted { disputes: self.disputes });
        }
        let lapsed = match self.phase() {
            Phase::Disputed => Some((*self, self.expire(now)?)),
            _ => None,
        };
        self.phase = Phase::Disputed as u8;
        self.left = self.until.saturating_sub(now);
        self.until = now.saturating_add(terms.ruling);
        self.disputes = self.disputes.saturating_add(1);
        let Stake { challenger, reason, bond, currency } = *stake;
        (self.challenger, self.reason, self.bond, self.currency) = (challenger, reason, bond, currency);
        self.defender = [0; 20];
        Ok(lapsed)
    }

    /// Whether somebody may add a reason to the open dispute of this report: anybody, without a bond.
    ///
    /// # Errors
    /// [`DisputeError::NoReport`], [`DisputeError::NotDisputed`], [`DisputeError::DeadlinePassed`],
    /// [`DisputeError::OtherReport`], [`DisputeError::ReasonMissing`].
    pub fn hear(&self, report: &[u8; 32], reason: &[u8; 32], now: u64) -> Result<(), DisputeError> {
        self.of(report, now)?;
        if *reason == [0; 32] { Err(DisputeError::ReasonMissing) } else { Ok(()) }
    }

    /// Somebody matches the bond and stands for the report, which is named by its hash: a revision that took its place
    /// meanwhile is another. Another dispute of the same report costs more, and the defender says how much at most.
    ///
    /// # Errors
    /// [`DisputeError::NoReport`], [`DisputeError::NotDisputed`], [`DisputeError::DeadlinePassed`],
    /// [`DisputeError::OtherReport`], [`DisputeError::AlreadyDefended`], [`DisputeError::IsParty`].
    pub fn defend(&mut self, defender: Account, report: [u8; 32], now: u64) -> Result<(), DisputeError> {
        self.of(&report, now)?;
        if self.is_defended() {
            return Err(DisputeError::AlreadyDefended { defender: self.defender });
        }
        if defender == self.challenger {
            return Err(DisputeError::IsParty { account: defender });
        }
        self.defender = defender;
        Ok(())
    }

    /// The arbiter agrees: the report is withdrawn, and the challenger has won.
    ///
    /// # Errors
    /// [`DisputeError::NoReport`], [`DisputeError::NotDisputed`], [`DisputeError::DeadlinePassed`],
    /// [`DisputeError::IsParty`].
    pub fn uphold(&mut self, arbiter: Account, now: u64) -> Result<Verdict, DisputeError> {
        self.apart(arbiter, now)?;
        self.phase = Phase::Withdrawn as u8;
        self.until = now;
        let (half, rest) = self.halves();
        Ok(match self.is_defended() {
            true => Verdict { challenger: self.bond.saturating_add(half), defender: 0, period: rest },
            false => Verdict { challenger: self.bond, ..Verdict::default() },
        })
    }

    /// The arbiter disagrees: the rest of the window runs on, and the challenger has lost.
    ///
    /// # Errors
    /// Those of [`Standing::uphold`], and [`DisputeError::NotHeard`].
    pub fn reject(&mut self, arbiter: Account, now: u64, terms: &Terms) -> Result<Verdict, DisputeError> {
        self.apart(arbiter, now)?;
        let until = self.until.saturating_sub(terms.ruling).saturating_add(self.left);
        if self.disputes >= MAX_DISPUTES && now < until {
            return Err(DisputeError::NotHeard { until, now });
        }
        self.phase = Phase::Open as u8;
        self.until = now.saturating_add(self.left);
        let (half, rest) = self.halves();
        Ok(match self.is_defended() {
            true => Verdict { challenger: 0, defender: self.bond.saturating_add(half), period: rest },
            false => Verdict { period: self.bond, ..Verdict::default() },
        })
    }

    /// Nobody ruled in time: the rest of the window runs from the deadline on, and each has its bond back.
    ///
    /// # Errors
    /// [`DisputeError::NoReport`], [`DisputeError::NotDisputed`], [`DisputeError::DeadlineNotReached`].
    pub fn expire(&mut self, now: u64) -> Result<Verdict, DisputeError> {
        let deadline = self.disputed()?;
        if now < deadline {
            return Err(DisputeError::DeadlineNotReached { deadline, now });
        }
        self.phase = Phase::Open as u8;
        self.until = deadline.saturating_add(self.left);
        let defender = if self.is_defended() { self.bond } else { 0 };
        Ok(Verdict { challenger: self.bond, defender, period: 0 })
    }

    /// Whether somebody matched the bond of the last dispute.
    pub fn is_defended(&self) -> bool {
        self.defender != [0; 20]
    }

    /// A loser's bond: the winner's half, rounded down, and the rest.
    fn halves(&self) -> (u128, u128) {
        (self.bond / 2, self.bond.div_ceil(2))
    }

    /// In time, and no side of the dispute.
    fn apart(&self, arbiter: Account, now: u64) -> Result<(), DisputeError> {
        self.ruled(now)?;
        if arbiter == self.challenger || arbiter == self.defender {
            return Err(DisputeError::IsParty { account: arbiter });
        }
        Ok(())
    }

    /// In time, and of the report that is meant.
    fn of(&self, report: &[u8; 32], now: u64) -> Result<(), DisputeError> {
        self.ruled(now)?;
        if *report == self.hash { Ok(()) } else { Err(DisputeError::OtherReport { got: *report, current: self.hash }) }
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

/// Whose money of one currency the contract holds: bonds of open disputes, and what waits to be taken.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Bonds {
    /// Of open disputes.
    pub locked: u128,
    /// Released and not yet taken, all accounts and periods together.
    pub released: u128,
}

crate::packed!(Bonds { locked: u128, released: u128 });

impl Bonds {
    /// What the contract must have. `None` where it does not fit.
    pub fn held(&self) -> Option<u128> {
        self.locked.checked_add(self.released)
    }

    /// A bond came in. `None` where it cannot be counted.
    pub fn lock(&mut self, bond: u128) -> Option<()> {
        self.locked = self.locked.checked_add(bond)?;
        self.held().map(|_| ())
    }

    /// Money of an open dispute now belongs to somebody. `None` where there is less, which a dispute's state rules out.
    pub fn release(&mut self, amount: u128) -> Option<()> {
        self.locked = self.locked.checked_sub(amount)?;
        self.released = self.released.checked_add(amount)?;
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
