//! What the parties agree on: one option of an offer (LIC-11). Zero turns a clause off. All money is in the smallest
//! unit of the licence's currency, all times are in days.

use super::{Hash, MAX_MILESTONES, days_after, store::stored};
use crate::{math::BASIS_POINTS, packed, report::SCORE_ONE, revenue::Rates};
use alloc::vec::Vec;

/// Uses that terms can prohibit by a bit of their own; others are the document's, from bit 16 on (LIC-9).
pub mod uses {
    /// Political microtargeting.
    pub const POLITICAL_MICROTARGETING: u32 = 1;
    /// Deepfakes of named individuals.
    pub const DEEPFAKES: u32 = 1 << 1;
    /// Resale to ad-targeting platforms (LIC-7).
    pub const AD_TARGETING_RESALE: u32 = 1 << 2;
    /// Identifying people by their bodies.
    pub const BIOMETRIC_IDENTIFICATION: u32 = 1 << 3;
    /// Watching people.
    pub const SURVEILLANCE: u32 = 1 << 4;
    /// Weapons.
    pub const WEAPONS: u32 = 1 << 5;
}

/// One option's terms.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Terms {
    /// Hash of the terms document, which has the IP warranty and the liability cap in it.
    pub document: Hash,
    /// Hash of the attribution metric's name and version (LIC-2, ATT-5).
    pub metric: Hash,
    /// Only outputs with a score above this count, in millionths.
    pub threshold: u32,
    /// Paid into the pool on acceptance.
    pub upfront: u128,
    /// The pool's share of Net Model Revenue, in basis points (LIC-1).
    pub residual_bps: u16,
    /// For each 1,000 attributed tokens (PAY-1).
    pub per_thousand_tokens: u128,
    /// For each call above the threshold (PAY-1).
    pub per_call: u128,
    /// Least of a quarter (PAY-3).
    pub floor: u128,
    /// Most of a quarter (PAY-3).
    pub ceiling: u128,
    /// Least of a licence year (PAY-5).
    pub guarantee: u128,
    /// In escrow before the licence is active (PAY-5).
    pub escrow: u128,
    /// Time to fund the escrow after acceptance.
    pub funding_days: u16,
    /// Length of the licence, from activation.
    pub term_days: u16,
    /// Exclusivity window, from acceptance; zero is not exclusive (LIC-5).
    pub exclusive_days: u16,
    /// Models may be trained on the data this long, from activation (LIC-6).
    pub training_days: u16,
    /// Time to report a quarter after its end.
    pub report_days: u16,
    /// Time to pay a quarter after its end.
    pub payment_days: u16,
    /// After that, time until a default can be recorded.
    pub grace_days: u16,
    /// Interest on late payments, in basis points a year.
    pub late_bps: u16,
    /// Notice of a termination for convenience.
    pub notice_days: u16,
    /// Time to cure a default or a breach before it is a cause for termination.
    pub cure_days: u16,
    /// Time to delete the data after the end (LIC-8).
    pub deletion_days: u16,
    /// Time to redact personal data (LIC-10).
    pub redaction_days: u16,
    /// Most an auditor may charge the platform for one audit (LIC-3).
    pub audit_fee_cap: u128,
    /// Most the platform reimburses a contributor for one audit (LIC-3).
    pub audit_expenses_cap: u128,
    /// Prohibited uses ([`uses`]).
    pub prohibited: u32,
    /// The platform may grant sublicences.
    pub sublicensing: bool,
    /// The platform may terminate for convenience.
    pub platform_may_leave: bool,
    /// The pool may terminate for convenience.
    pub licensor_may_leave: bool,
}

packed!(Terms {
    document: [u8; 32],
    metric: [u8; 32],
    threshold: u32,
    upfront: u128,
    residual_bps: u16,
    per_thousand_tokens: u128,
    per_call: u128,
    floor: u128,
    ceiling: u128,
    guarantee: u128,
    escrow: u128,
    funding_days: u16,
    term_days: u16,
    exclusive_days: u16,
    training_days: u16,
    report_days: u16,
    payment_days: u16,
    grace_days: u16,
    late_bps: u16,
    notice_days: u16,
    cure_days: u16,
    deletion_days: u16,
    redaction_days: u16,
    audit_fee_cap: u128,
    audit_expenses_cap: u128,
    prohibited: u32,
    sublicensing: bool,
    platform_may_leave: bool,
    licensor_may_leave: bool,
});

/// A milestone of Schedule B: when it is certified, this part of the escrow is released (PAY-5).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Milestone {
    /// How much, at most what is left in escrow.
    pub amount: u128,
    /// Hash of what must be performed.
    pub document: Hash,
    /// To the pool, as a royalty of the year; otherwise back to the platform.
    pub to_pool: bool,
}

packed!(Milestone { amount: u128, document: [u8; 32], to_pool: bool });

/// Schedule B: milestones in order, then zeros.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Schedule {
    /// How many.
    pub count: u8,
    /// The milestones' packed forms, one after the other.
    pub packed: [u8; MAX_MILESTONES * Milestone::LEN],
}

packed!(Schedule { count: u8, packed: [u8; MAX_MILESTONES * Milestone::LEN] });
stored!(Terms, Schedule);

impl Schedule {
    /// At most [`MAX_MILESTONES`]; `None` for more.
    pub fn new(milestones: &[Milestone]) -> Option<Self> {
        let mut packed = [0; MAX_MILESTONES * Milestone::LEN];
        if milestones.len() > MAX_MILESTONES {
            return None;
        }
        for (milestone, bytes) in milestones.iter().zip(packed.chunks_exact_mut(Milestone::LEN)) {
            bytes.copy_from_slice(&milestone.to_bytes());
        }
        Some(Self { count: milestones.len() as u8, packed })
    }

    /// The milestones.
    pub fn milestones(&self) -> Vec<Milestone> {
        let all = self.packed.as_chunks::<{ Milestone::LEN }>().0;
        all.iter().take(self.count.into()).map(Milestone::from_bytes).collect()
    }
}

/// What contradicts itself in an option's terms; the second number of `InvalidTerms`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Fault {
    /// The terms document has no hash.
    Document = 1,
    /// More than 10 000 basis points, of revenue or of interest.
    BasisPoints = 2,
    /// The floor is above the ceiling.
    FloorAboveCeiling = 3,
    /// Usage is charged for without a metric, or the threshold is above one.
    Metric = 4,
    /// The licence has no length.
    Term = 5,
    /// The exclusivity or training window is longer than the licence.
    Window = 6,
    /// The escrow does not cover one year's guarantee, or there is no time to fund it.
    Escrow = 7,
    /// Too many milestones, one without a document or an amount, or more than the escrow in all.
    Milestones = 8,
    /// Without time to delete or to redact nobody could comply.
    Deletion = 9,
    /// Not the words of terms and milestones ([`super::words`]).
    Words = 10,
}

impl Terms {
    /// What a quarter costs.
    pub const fn rates(&self) -> Rates {
        Rates {
            residual_bps: self.residual_bps,
            per_thousand_tokens: self.per_thousand_tokens,
            per_call: self.per_call,
            floor: self.floor,
            ceiling: self.ceiling,
        }
    }

    /// End of the exclusivity window of a licence accepted at `accepted_at`; zero where there is none.
    pub const fn exclusive_until(&self, accepted_at: u64) -> u64 {
        if self.exclusive_days == 0 { 0 } else { days_after(accepted_at, self.exclusive_days) }
    }

    /// Checks an option and packs its Schedule B.
    ///
    /// # Errors
    /// The first [`Fault`].
    pub fn check(&self, milestones: &[Milestone]) -> Result<Schedule, Fault> {
        let ensure = |ok: bool, fault| if ok { Ok(()) } else { Err(fault) };
        ensure(self.document != [0; 32], Fault::Document)?;
        ensure(self.residual_bps <= BASIS_POINTS && self.late_bps <= BASIS_POINTS, Fault::BasisPoints)?;
        ensure(self.ceiling == 0 || self.floor <= self.ceiling, Fault::FloorAboveCeiling)?;
        let metric = !self.rates().charge_usage() || self.metric != [0; 32];
        ensure(metric && self.threshold <= SCORE_ONE, Fault::Metric)?;
        ensure(self.term_days > 0, Fault::Term)?;
        ensure(self.exclusive_days <= self.term_days && self.training_days <= self.term_days, Fault::Window)?;
        ensure(self.escrow >= self.guarantee && (self.escrow == 0 || self.funding_days > 0), Fault::Escrow)?;
        ensure(self.deletion_days > 0 && self.redaction_days > 0, Fault::Deletion)?;
        let released = milestones.iter().try_fold(0u128, |sum, milestone| {
            let complete = milestone.document != [0; 32] && milestone.amount > 0;
            sum.checked_add(milestone.amount).filter(|_| complete)
        });
        ensure(released.is_some_and(|sum| sum <= self.escrow), Fault::Milestones)?;
        Schedule::new(milestones).ok_or(Fault::Milestones)
    }
}
