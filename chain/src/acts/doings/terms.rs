//! A licence's menu as people write it, and the words that the contract reads.

pub mod told;

use alloy_primitives::{B256, keccak256};
use alloy_sol_types::SolValue;
use serde::{Deserialize, Serialize};
use yieldset_rules::report::Metric;

use crate::{
    abi::Licence,
    acts::{
        ActError, Currency, Desk,
        arguments::{Digest, Millionths},
    },
    units::{Percent, Quantity},
};

/// A menu: one to four options, of which one is accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Menu {
    /// The options.
    #[serde(rename = "option")]
    pub options: Vec<Terms>,
}

/// An option's terms. What is not said is turned off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Terms {
    /// SHA-256 of the terms' document.
    pub document: Digest,
    /// Length in calendar months.
    pub months: u16,
    /// Paid on acceptance.
    pub upfront: Option<Quantity>,
    /// The pool's part of each quarter's revenue.
    pub residual: Option<Percent>,
    /// That part is of gross revenue, not of what is left after deductions.
    #[serde(default)]
    pub of_gross_revenue: bool,
    /// Most of gross revenue that is deducted for infrastructure.
    pub infrastructure_cap: Option<Percent>,
    /// Most of gross revenue that is deducted for taxes.
    pub taxes_cap: Option<Percent>,
    /// For a thousand attributed tokens.
    pub per_thousand_tokens: Option<Quantity>,
    /// For a call.
    pub per_call: Option<Quantity>,
    /// The metric that reports must be by: its name and version, such as `spans+minilm-l6-v2 2`, or its id.
    pub metric: Option<MetricId>,
    /// From which score on usage counts.
    pub threshold: Option<Millionths>,
    /// Least due of a quarter.
    pub floor: Option<Quantity>,
    /// Most due of a quarter.
    pub ceiling: Option<Quantity>,
    /// Guaranteed for each licence year.
    pub guarantee: Option<Quantity>,
    /// Held in escrow.
    pub escrow: Option<Quantity>,
    /// Days to fund the escrow.
    #[serde(default)]
    pub funding_days: u16,
    /// Months in which nobody else is licensed.
    #[serde(default)]
    pub exclusive_months: u16,
    /// Months in which models may be trained on the data.
    #[serde(default)]
    pub training_months: u16,
    /// Days from a quarter's end to its report.
    #[serde(default)]
    pub report_days: u16,
    /// Days from a quarter's end to its payment.
    #[serde(default)]
    pub payment_days: u16,
    /// Days of grace after that.
    #[serde(default)]
    pub grace_days: u16,
    /// Interest a year on what is late.
    pub late_interest: Option<Percent>,
    /// Days of notice.
    #[serde(default)]
    pub notice_days: u16,
    /// Days to cure a default or a breach.
    #[serde(default)]
    pub cure_days: u16,
    /// Days to delete the data after the end.
    pub deletion_days: u16,
    /// Days to redact personal data.
    pub redaction_days: u16,
    /// Most that an audit may cost the platform.
    pub audit_fee_cap: Option<Quantity>,
    /// Most of a contributor's expenses for an audit.
    pub audit_expenses_cap: Option<Quantity>,
    /// What the model may not be used for.
    #[serde(default)]
    pub prohibited: Vec<Use>,
    /// The platform may grant sublicences.
    #[serde(default)]
    pub sublicensing: bool,
    /// The platform may leave after its notice.
    #[serde(default)]
    pub platform_may_leave: bool,
    /// The licensor may leave after its notice.
    #[serde(default)]
    pub licensor_may_leave: bool,
    /// Most of the hits that may be mistaken, which the contract holds each report to; no limit unless it is said.
    pub false_discoveries: Option<Percent>,
    /// Days after a quarter within which its records must come.
    #[serde(default)]
    pub late_record_days: u16,
    /// Most output tokens of a call.
    #[serde(default)]
    pub call_tokens: u32,
    /// From how many creators on a passage is nobody's.
    #[serde(default)]
    pub common_from: u16,
    /// Parts of the escrow that milestones release.
    #[serde(default, rename = "milestone")]
    pub milestones: Vec<Milestone>,
}

/// A milestone of Schedule B.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Milestone {
    /// How much of the escrow.
    pub amount: Quantity,
    /// SHA-256 of its description.
    pub document: Digest,
    /// It goes to the pool, not back to the platform.
    #[serde(default)]
    pub to_pool: bool,
}

/// Metrics that oracles know, by name and version; the oracle's own list is compared with it.
pub const METRICS: [(&str, u32); 2] = [("minilm-l6-v2+winnow", 1), ("spans+minilm-l6-v2", 2)];

/// A metric's id on chain; a person writes its name and its version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct MetricId(pub B256);

impl TryFrom<String> for MetricId {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if let Ok(id) = text.parse() {
            return Ok(Self(id));
        }
        let named = text.rsplit_once(' ').and_then(|(name, version)| Some((name.trim(), version.parse().ok()?)));
        let Some((name, version)) = named.filter(|(name, _)| !name.is_empty()) else {
            return Err(format!(
                "{text:?} is no metric; write its name and its version, such as \"spans+minilm-l6-v2 2\", or its id of 64 \
                 hex digits"
            ));
        };
        Ok(Self::of(name, version))
    }
}

impl MetricId {
    fn of(name: &str, version: u32) -> Self {
        Self(Metric { name: name.to_owned(), version, threshold: 0 }.id(|bytes| keccak256(bytes).0).into())
    }
}

impl std::fmt::Display for MetricId {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match METRICS.iter().find(|(name, version)| Self::of(name, *version) == *self) {
            Some((name, version)) => write!(out, "{name} version {version}"),
            None => write!(out, "{}, which no oracle known here reports by", self.0),
        }
    }
}

impl From<MetricId> for String {
    fn from(metric: MetricId) -> Self {
        metric.0.to_string()
    }
}

/// A use that terms can forbid, by its bit in the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Use {
    /// Political microtargeting.
    PoliticalMicrotargeting = 0,
    /// Deepfakes of named individuals.
    Deepfakes = 1,
    /// Resale for the targeting of advertisements.
    AdTargetingResale = 2,
    /// Biometric identification.
    BiometricIdentification = 3,
    /// Surveillance.
    Surveillance = 4,
    /// Weapons.
    Weapons = 5,
}

/// The bits of uses.
pub fn bits(uses: &[Use]) -> u32 {
    uses.iter().fold(0, |bits, each| bits | 1 << *each as u8)
}

impl Menu {
    /// The words of each option, and the highest upfront.
    ///
    /// # Errors
    /// [`ActError`].
    pub fn words(&self, desk: &Desk, currency: &Currency) -> Result<(Vec<Vec<B256>>, u128), ActError> {
        let options = self.options.iter().map(|terms| terms.words(desk, currency)).collect::<Result<_, _>>()?;
        let upfronts = self.options.iter().map(|terms| money(desk, currency, terms.upfront.as_ref()));
        let highest = upfronts.collect::<Result<Vec<_>, _>>()?.into_iter().max();
        highest
            .map(|highest| (options, highest))
            .ok_or_else(|| ActError::Unfit("a menu has one to four options".into()))
    }
}

impl Terms {
    fn words(&self, desk: &Desk, currency: &Currency) -> Result<Vec<B256>, ActError> {
        let money = |quantity: &Option<Quantity>| money(desk, currency, quantity.as_ref());
        let bps = |percent: Option<Percent>| percent.map_or(0, |percent| percent.0);
        let price = Licence::Price {
            document: self.document.0,
            metric: self.metric.map_or(B256::ZERO, |metric| metric.0),
            threshold: self.threshold.map_or(1, |threshold| threshold.0),
            upfront: money(&self.upfront)?,
            residualBps: bps(self.residual),
            grossBase: self.of_gross_revenue,
            infrastructureCapBps: bps(self.infrastructure_cap),
            taxesCapBps: bps(self.taxes_cap),
            perThousandTokens: money(&self.per_thousand_tokens)?,
            perCall: money(&self.per_call)?,
            floor: money(&self.floor)?,
            ceiling: money(&self.ceiling)?,
            guarantee: money(&self.guarantee)?,
            escrow: money(&self.escrow)?,
            fundingDays: self.funding_days,
        };
        let times = Licence::Days {
            termMonths: self.months,
            exclusiveMonths: self.exclusive_months,
            trainingMonths: self.training_months,
            report: self.report_days,
            payment: self.payment_days,
            grace: self.grace_days,
            lateBps: bps(self.late_interest),
            notice: self.notice_days,
            cure: self.cure_days,
            deletion: self.deletion_days,
            redaction: self.redaction_days,
        };
        let rights = Licence::Rights {
            auditFeeCap: money(&self.audit_fee_cap)?,
            auditExpensesCap: money(&self.audit_expenses_cap)?,
            prohibited: bits(&self.prohibited),
            sublicensing: self.sublicensing,
            platformMayLeave: self.platform_may_leave,
            licensorMayLeave: self.licensor_may_leave,
        };
        let mut encoded = Licence::Terms { price, times, rights, usage: self.usage() }.abi_encode();
        for milestone in &self.milestones {
            let amount = desk.money(&milestone.amount, currency)?;
            let words = Licence::Milestone { amount, document: milestone.document.0, toPool: milestone.to_pool };
            encoded.extend(words.abi_encode());
        }
        Ok(encoded.chunks(32).map(B256::from_slice).collect())
    }

    /// Which reports are taken.
    fn usage(&self) -> Licence::Usage {
        Licence::Usage {
            falseDiscoveryBps: self.false_discoveries.map_or(0, |limit| limit.0),
            lateRecordDays: self.late_record_days,
            callTokens: self.call_tokens,
            commonFrom: self.common_from,
        }
    }
}

fn money(desk: &Desk, currency: &Currency, quantity: Option<&Quantity>) -> Result<u128, ActError> {
    quantity.map_or(Ok(0), |quantity| desk.money(quantity, currency))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A metric is written by name and version, or by its id, which is that of reports.
    #[test]
    fn a_metric_is_named() {
        let read = |text: &str| MetricId::try_from(text.to_owned());
        let id = keccak256([&b"spans+minilm-l6-v2"[..], &[0, 0, 0, 2]].concat());
        assert_eq!(read("spans+minilm-l6-v2 2"), Ok(MetricId(id)));
        assert_eq!(read(&id.to_string()), Ok(MetricId(id)));
        assert_eq!(String::from(MetricId(id)), id.to_string());
        assert_eq!(MetricId(id).to_string(), "spans+minilm-l6-v2 version 2");
        assert!(MetricId(B256::repeat_byte(1)).to_string().ends_with("which no oracle known here reports by"));
        for odd in ["spans+minilm-l6-v2", "2", " 2", "spans -1", ""] {
            assert!(read(odd).expect_err(odd).contains("is no metric"), "{odd}");
        }
    }

    #[test]
    fn a_menu_is_read_as_a_person_writes_it() {
        let text = format!(
            "[[option]]\ndocument = \"0x{}\"\nmonths = 12\nupfront = \"5 USDC\"\nresidual = \"10 %\"\nthreshold = \"0.7\"\n\
             deletion_days = 30\nredaction_days = 30\nprohibited = [\"weapons\", \"deepfakes\"]\n\
             [[option.milestone]]\namount = \"1 USDC\"\ndocument = \"0x{}\"\n",
            "01".repeat(32),
            "02".repeat(32)
        );
        let menu: Menu = toml::from_str(&text).expect("a menu");
        let terms = &menu.options[0];
        assert_eq!((terms.residual, terms.threshold), (Some(Percent(1_000)), Some(Millionths(700_000))));
        assert_eq!((bits(&terms.prohibited), terms.milestones.len()), (0b100010, 1));
        assert!(toml::from_str::<Menu>(&text.replace("months", "monthz")).is_err());
        let again: Menu = serde_json::from_str(&serde_json::to_string(&menu).expect("JSON")).expect("read");
        assert_eq!(again, menu);
    }

    /// The example is a menu once its documents are real ones, and none as it stands: nobody has the documents of its
    /// placeholders.
    #[test]
    fn the_example_is_a_menu_once_its_documents_are_there() {
        let example = include_str!("../../bin/yieldset/example/menu.toml");
        let error = toml::from_str::<Menu>(example).expect_err("placeholders").to_string();
        assert!(error.contains("placeholder") && error.contains("sha256sum"), "{error}");
        let real = ["1", "2", "3"]
            .iter()
            .fold(example.to_owned(), |text, digit| text.replace(&digit.repeat(64), &"5e".repeat(32)));
        let menu: Menu = toml::from_str(&real).expect("a menu");
        assert_eq!((menu.options.len(), menu.options[1].milestones.len()), (2, 1));
    }
}
