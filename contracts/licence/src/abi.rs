//! Terms as the ABI has them: in groups, because ink! encodes at most twelve fields at once.

use ink::{U256, prelude::vec::Vec, sol::FixedBytes};
use yieldset_rules::licence::{self, offer::Choice};

use crate::errors::amount;

type Bytes32 = FixedBytes<32>;

/// What it costs.
#[derive(Debug, Clone, PartialEq, Eq, ink::SolEncode, ink::SolDecode)]
pub struct Price {
    /// Paid into the pool on acceptance.
    pub upfront: U256,
    /// Share of Net Model Revenue, in basis points.
    pub residual_bps: u16,
    /// For each 1,000 attributed tokens.
    pub per_thousand_tokens: U256,
    /// For each call above the threshold.
    pub per_call: U256,
    /// Least of a quarter.
    pub floor: U256,
    /// Most of a quarter.
    pub ceiling: U256,
    /// Interest on late payments, in basis points a year.
    pub late_bps: u16,
}

/// What counts as derived from the data.
#[derive(Debug, Clone, PartialEq, Eq, ink::SolEncode, ink::SolDecode)]
pub struct Attribution {
    /// Hash of the metric's name and version.
    pub metric: Bytes32,
    /// In millionths.
    pub threshold: u32,
}

/// The guarantee.
#[derive(Debug, Clone, PartialEq, Eq, ink::SolEncode, ink::SolDecode)]
pub struct Guarantee {
    /// Least of a licence year.
    pub per_year: U256,
    /// In escrow before the licence is active.
    pub escrow: U256,
    /// Time to fund it.
    pub funding_days: u16,
}

/// Times, in days.
#[derive(Debug, Clone, PartialEq, Eq, ink::SolEncode, ink::SolDecode)]
pub struct Days {
    /// Length of the licence.
    pub term: u16,
    /// Exclusivity window.
    pub exclusive: u16,
    /// Retraining window.
    pub training: u16,
    /// To report a quarter.
    pub report: u16,
    /// To pay a quarter.
    pub payment: u16,
    /// Of grace after that.
    pub grace: u16,
    /// Of notice.
    pub notice: u16,
    /// To cure a default or a breach.
    pub cure: u16,
    /// To delete the data after the end.
    pub deletion: u16,
    /// To redact personal data.
    pub redaction: u16,
}

/// Most that an audit costs the platform.
#[derive(Debug, Clone, PartialEq, Eq, ink::SolEncode, ink::SolDecode)]
pub struct Audits {
    /// The auditor's fee.
    pub fee_cap: U256,
    /// The contributor's expenses.
    pub expenses_cap: U256,
}

/// What the platform may do.
#[derive(Debug, Clone, PartialEq, Eq, ink::SolEncode, ink::SolDecode)]
pub struct Rights {
    /// Prohibited uses, a bit each.
    pub prohibited: u32,
    /// It may sublicense.
    pub sublicensing: bool,
    /// It may terminate for convenience.
    pub platform_may_leave: bool,
    /// The pool may terminate for convenience.
    pub licensor_may_leave: bool,
}

/// All terms.
#[derive(Debug, Clone, PartialEq, Eq, ink::SolEncode, ink::SolDecode)]
pub struct Terms {
    /// Hash of the terms document.
    pub document: Bytes32,
    /// What it costs.
    pub price: Price,
    /// What counts.
    pub attribution: Attribution,
    /// The guarantee.
    pub guarantee: Guarantee,
    /// Times.
    pub times: Days,
    /// Audits' costs.
    pub audits: Audits,
    /// What the platform may do.
    pub rights: Rights,
}

/// A milestone of Schedule B.
#[derive(Debug, Clone, PartialEq, Eq, ink::SolEncode, ink::SolDecode)]
pub struct Milestone {
    /// Released when it is certified.
    pub amount: U256,
    /// Hash of what must be performed.
    pub document: Bytes32,
    /// To the pool; otherwise to the platform.
    pub to_pool: bool,
}

/// One entry of the menu.
#[derive(Debug, Clone, PartialEq, Eq, ink::SolEncode, ink::SolDecode)]
pub struct MenuOption {
    /// Its terms.
    pub terms: Terms,
    /// Its Schedule B.
    pub milestones: Vec<Milestone>,
}

impl MenuOption {
    /// As the rules have it; refuses amounts above 128 bits.
    pub fn to_rules(&self) -> Choice {
        let Terms { document, price, attribution, guarantee, times, audits, rights } = &self.terms;
        let terms = licence::Terms {
            document: document.0,
            metric: attribution.metric.0,
            threshold: attribution.threshold,
            upfront: amount(price.upfront),
            residual_bps: price.residual_bps,
            per_thousand_tokens: amount(price.per_thousand_tokens),
            per_call: amount(price.per_call),
            floor: amount(price.floor),
            ceiling: amount(price.ceiling),
            guarantee: amount(guarantee.per_year),
            escrow: amount(guarantee.escrow),
            funding_days: guarantee.funding_days,
            term_days: times.term,
            exclusive_days: times.exclusive,
            training_days: times.training,
            report_days: times.report,
            payment_days: times.payment,
            grace_days: times.grace,
            late_bps: price.late_bps,
            notice_days: times.notice,
            cure_days: times.cure,
            deletion_days: times.deletion,
            redaction_days: times.redaction,
            audit_fee_cap: amount(audits.fee_cap),
            audit_expenses_cap: amount(audits.expenses_cap),
            prohibited: rights.prohibited,
            sublicensing: rights.sublicensing,
            platform_may_leave: rights.platform_may_leave,
            licensor_may_leave: rights.licensor_may_leave,
        };
        let milestones = self.milestones.iter().map(|milestone| licence::Milestone {
            amount: amount(milestone.amount),
            document: milestone.document.0,
            to_pool: milestone.to_pool,
        });
        (terms, milestones.collect())
    }
}

impl From<licence::Terms> for Terms {
    fn from(terms: licence::Terms) -> Self {
        Self {
            document: FixedBytes(terms.document),
            price: Price {
                upfront: terms.upfront.into(),
                residual_bps: terms.residual_bps,
                per_thousand_tokens: terms.per_thousand_tokens.into(),
                per_call: terms.per_call.into(),
                floor: terms.floor.into(),
                ceiling: terms.ceiling.into(),
                late_bps: terms.late_bps,
            },
            attribution: Attribution { metric: FixedBytes(terms.metric), threshold: terms.threshold },
            guarantee: Guarantee {
                per_year: terms.guarantee.into(),
                escrow: terms.escrow.into(),
                funding_days: terms.funding_days,
            },
            times: Days {
                term: terms.term_days,
                exclusive: terms.exclusive_days,
                training: terms.training_days,
                report: terms.report_days,
                payment: terms.payment_days,
                grace: terms.grace_days,
                notice: terms.notice_days,
                cure: terms.cure_days,
                deletion: terms.deletion_days,
                redaction: terms.redaction_days,
            },
            audits: Audits { fee_cap: terms.audit_fee_cap.into(), expenses_cap: terms.audit_expenses_cap.into() },
            rights: Rights {
                prohibited: terms.prohibited,
                sublicensing: terms.sublicensing,
                platform_may_leave: terms.platform_may_leave,
                licensor_may_leave: terms.licensor_may_leave,
            },
        }
    }
}

impl From<licence::Milestone> for Milestone {
    fn from(milestone: licence::Milestone) -> Self {
        Self { amount: milestone.amount.into(), document: FixedBytes(milestone.document), to_pool: milestone.to_pool }
    }
}
