//! What the parties agree on: one option of an offer (LIC-11). Zero turns a clause off. All money is in the smallest
//! unit of the licence's currency; lengths of the licence and its windows are in calendar months, all other times in
//! days.

use super::{Hash, MAX_MILESTONES, MAX_TERM_MONTHS, Refusal, store::stored};
use crate::{
    math::{BASIS_POINTS, mul_div},
    packed,
    period::months_after,
    report::SCORE_ONE,
    revenue::{Rates, net_model_revenue},
};
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
#[cfg_attr(any(test, feature = "schema"), derive(codec::Encode, codec::Decode, scale_info::TypeInfo))]
pub struct Terms {
    /// Hash of the terms document, which has the IP warranty and the liability cap in it.
    pub document: Hash,
    /// Hash of the attribution metric's name and version (LIC-2, ATT-5).
    pub metric: Hash,
    /// Only outputs with a score above this count, in millionths: at least one, as a report has it.
    pub threshold: u32,
    /// Paid into the pool on acceptance.
    pub upfront: u128,
    /// The pool's share of revenue, in basis points (LIC-1): of Net Model Revenue, or of gross revenue where
    /// `gross_base` is set.
    pub residual_bps: u16,
    /// The share is of gross revenue; nothing is deducted.
    pub gross_base: bool,
    /// Most infrastructure costs that are deducted, in basis points of gross revenue; zero is no cap.
    pub infrastructure_cap_bps: u16,
    /// Most taxes that are deducted, in basis points of gross revenue; zero is no cap.
    pub taxes_cap_bps: u16,
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
    /// Length of the licence in calendar months, from activation: 1 to [`MAX_TERM_MONTHS`].
    pub term_months: u16,
    /// Exclusivity window in calendar months, from acceptance; zero is not exclusive (LIC-5).
    pub exclusive_months: u16,
    /// Models may be trained on the data this many calendar months, from activation; zero is as long as the licence
    /// is in force (LIC-6).
    pub training_months: u16,
    /// Time to report a quarter after its end; zero is no deadline but that of payment.
    pub report_days: u16,
    /// Time to pay a quarter after its end; zero is until it ends.
    pub payment_days: u16,
    /// After that, time until a default can be recorded; zero is none.
    pub grace_days: u16,
    /// Interest on late payments, in basis points a year.
    pub late_bps: u16,
    /// Notice of a termination for convenience; never shorter than the time to cure.
    pub notice_days: u16,
    /// Each default and each breach can be cured this long before it is a cause for termination; zero is not at all.
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
    /// Most false discoveries of a report, in basis points; zero is no limit. Where there is one, a report is refused
    /// that did not measure them, or whose interval of 95 % lies above it ([`crate::agreed`]).
    pub false_discovery_bps: u16,
    /// A call's record counts until so many days after its period's end; zero is no limit.
    pub late_record_days: u16,
    /// Most output tokens of a call: a record with more does not count; zero is no limit.
    pub call_tokens: u32,
    /// A passage that so many creators have is nobody's: two at least; zero is never.
    pub common_from: u16,
}

packed!(Terms {
    document: [u8; 32],
    metric: [u8; 32],
    threshold: u32,
    upfront: u128,
    residual_bps: u16,
    gross_base: bool,
    infrastructure_cap_bps: u16,
    taxes_cap_bps: u16,
    per_thousand_tokens: u128,
    per_call: u128,
    floor: u128,
    ceiling: u128,
    guarantee: u128,
    escrow: u128,
    funding_days: u16,
    term_months: u16,
    exclusive_months: u16,
    training_months: u16,
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
    false_discovery_bps: u16,
    late_record_days: u16,
    call_tokens: u32,
    common_from: u16,
});

/// A milestone of Schedule B: when it is certified, this part of the escrow is released (PAY-5).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[cfg_attr(any(test, feature = "schema"), derive(codec::Encode, codec::Decode, scale_info::TypeInfo))]
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
    /// More than 10 000 basis points, of revenue, of interest or of false discoveries.
    BasisPoints = 2,
    /// The floor is above the ceiling.
    FloorAboveCeiling = 3,
    /// Usage is charged for or its error limited without a metric, or the threshold is zero, which no report has, or
    /// above one.
    Metric = 4,
    /// The licence has no length, or more than [`MAX_TERM_MONTHS`].
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
    /// The notice is shorter than the time to cure.
    Notice = 11,
    /// What one creator alone has would be common.
    Common = 12,
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
        if self.exclusive_months == 0 { 0 } else { months_after(accepted_at, self.exclusive_months as u32) }
    }

    /// What the residual is a share of: gross revenue, or Net Model Revenue, where each kind of deduction counts up to
    /// its cap.
    ///
    /// # Errors
    /// None that a `u128` of gross revenue reaches: a capped part of it is not more than it.
    pub fn base(&self, gross: u128, infrastructure: u128, taxes: u128) -> Result<u128, Refusal> {
        if self.gross_base {
            return Ok(gross);
        }
        let capped = |claimed: u128, cap: u16| match cap {
            0 => Ok(claimed),
            cap => mul_div(gross, cap.into(), BASIS_POINTS.into()).map(|most| claimed.min(most)),
        };
        let infrastructure = capped(infrastructure, self.infrastructure_cap_bps)?;
        Ok(net_model_revenue(gross, infrastructure, capped(taxes, self.taxes_cap_bps)?))
    }

    /// Checks an option and packs its Schedule B.
    ///
    /// # Errors
    /// The first [`Fault`].
    pub fn check(&self, milestones: &[Milestone]) -> Result<Schedule, Fault> {
        let ensure = |ok: bool, fault| if ok { Ok(()) } else { Err(fault) };
        ensure(self.document != [0; 32], Fault::Document)?;
        let Self { residual_bps, late_bps, infrastructure_cap_bps, taxes_cap_bps, false_discovery_bps, .. } = *self;
        let shares = [residual_bps, late_bps, infrastructure_cap_bps, taxes_cap_bps, false_discovery_bps];
        ensure(shares.iter().all(|bps| *bps <= BASIS_POINTS), Fault::BasisPoints)?;
        ensure(self.ceiling == 0 || self.floor <= self.ceiling, Fault::FloorAboveCeiling)?;
        let measured = self.rates().charge_usage() || false_discovery_bps > 0;
        let metric = !measured || self.metric != [0; 32];
        ensure(metric && (1..=SCORE_ONE).contains(&self.threshold), Fault::Metric)?;
        ensure((1..=MAX_TERM_MONTHS).contains(&self.term_months), Fault::Term)?;
        ensure(self.exclusive_months.max(self.training_months) <= self.term_months, Fault::Window)?;
        ensure(self.notice_days >= self.cure_days, Fault::Notice)?;
        ensure(self.escrow >= self.guarantee && (self.escrow == 0 || self.funding_days > 0), Fault::Escrow)?;
        ensure(self.deletion_days > 0 && self.redaction_days > 0, Fault::Deletion)?;
        ensure(self.common_from != 1, Fault::Common)?;
        let released = milestones.iter().try_fold(0u128, |sum, milestone| {
            let complete = milestone.document != [0; 32] && milestone.amount > 0;
            sum.checked_add(milestone.amount).filter(|_| complete)
        });
        ensure(released.is_some_and(|sum| sum <= self.escrow), Fault::Milestones)?;
        Schedule::new(milestones).ok_or(Fault::Milestones)
    }
}
