//! Figures for people: exact, grouped, without floats.

use alloy_primitives::U256;
use time::{OffsetDateTime, macros::format_description};
use yieldset_rules::{contribution::WEIGHT_ONE, period::quarter_of};

use super::{
    Seen,
    pool::{ContributionRow, PeriodRow},
};
use crate::{
    api::{
        claims::{Claim, SkippedClaim},
        datasets::Dataset,
        deposits::{Deposit, PeriodView},
        holders::{Holder, millionths},
        licences::{Licence, LicencePayment, LicenceQuarter},
        market::Trade,
        pools::{COIN_DECIMALS, Currency, Pool},
        proof::{Anchor, LicenceTerms, UsageLog},
        proposals::Proposal,
        reports::Report,
    },
    column::{Addr, Amount, Hash},
};

/// Decimals that are shown; the whole figure is in the title.
const SHOWN: usize = 4;
/// Between groups of three digits.
const GAP: char = '\u{202f}';

impl Amount {
    /// In a currency of so many decimals, to the nearest four; `≈` where digits are left out, and never a zero for what
    /// is not nothing.
    pub fn shown(&self, decimals: &i16) -> String {
        self.rounded(places(*decimals))
    }

    /// In a currency of so many decimals, every digit.
    pub fn exact(&self, decimals: &i16) -> String {
        self.whole(places(*decimals))
    }

    /// In shares, as money is [`shown`](Self::shown).
    pub fn shares(&self) -> String {
        self.rounded(places(COIN_DECIMALS))
    }

    /// In shares, every digit.
    pub fn exact_shares(&self) -> String {
        self.whole(places(COIN_DECIMALS))
    }

    fn rounded(&self, places: usize) -> String {
        let (whole, decimals) = self.parts(places);
        let decimals = decimals.trim_end_matches('0');
        if decimals.len() <= SHOWN {
            return joined(&whole, decimals);
        }
        // Beyond 77 digits a step is more than any amount.
        let step = U256::from(10).checked_pow(U256::from(places.saturating_sub(SHOWN))).unwrap_or(U256::MAX);
        if self.0 < step {
            return format!("< {}", joined("0", &format!("{:0>SHOWN$}", 1)));
        }
        let half = step / U256::from(2);
        let rounded = Self((self.0.saturating_add(half) / step).saturating_mul(step));
        let (whole, decimals) = rounded.parts(places);
        format!("≈\u{2009}{}", joined(&whole, decimals.trim_end_matches('0')))
    }

    fn whole(&self, places: usize) -> String {
        let (whole, decimals) = self.parts(places);
        match decimals.trim_end_matches('0') {
            "" => whole,
            decimals => format!("{whole}.{decimals}"),
        }
    }

    /// As a count.
    pub fn count(&self) -> String {
        grouped(&self.to_string())
    }

    /// Part of 10^18, in percent.
    pub fn weight_percent(&self) -> String {
        percent(millionths(*self, Amount::from(WEIGHT_ONE)))
    }

    /// Part of a whole, in percent.
    pub fn percent_of(&self, whole: &Amount) -> String {
        percent(millionths(*self, *whole))
    }

    fn parts(&self, places: usize) -> (String, String) {
        let digits = format!("{:0>width$}", self.to_string(), width = places + 1);
        let (whole, decimals) = digits.split_at(digits.len() - places);
        (whole.to_owned(), decimals.to_owned())
    }
}

/// Digits after the point; a contract can say what it likes.
fn places(decimals: i16) -> usize {
    usize::try_from(decimals).unwrap_or(0).min(255)
}

impl Currency {
    /// What amounts are called.
    pub fn name(&self) -> String {
        self.symbol.clone().unwrap_or_else(|| format!("units of {}", self.address.short()))
    }
}

impl Addr {
    /// Enough to recognise it; the whole is in the title.
    pub fn short(&self) -> String {
        shortened(&self.to_string())
    }
}

impl Hash {
    /// Enough to recognise it; the whole is in the title.
    pub fn short(&self) -> String {
        shortened(&self.to_string())
    }
}

impl Seen {
    /// When.
    pub fn time(&self) -> String {
        moment(self.time_ms / 1_000)
    }

    /// Height.
    pub fn block(&self) -> String {
        grouped(&self.number.to_string())
    }
}

impl Holder {
    /// Part of all shares.
    pub fn share(&self) -> String {
        percent(self.share_millionths)
    }

    /// Width of its bar.
    pub fn bar(&self) -> String {
        width(self.share_millionths)
    }
}

impl Deposit {
    /// The quarter.
    pub fn quarter(&self) -> String {
        quarter(self.period)
    }

    /// When.
    pub fn time(&self) -> String {
        moment(self.time_ms / 1_000)
    }
}

impl Claim {
    /// The quarter of a contribution.
    pub fn quarter(&self) -> Option<String> {
        self.period.map(quarter)
    }

    /// When.
    pub fn time(&self) -> String {
        moment(self.time_ms / 1_000)
    }
}

impl SkippedClaim {
    /// The quarter.
    pub fn quarter(&self) -> String {
        quarter(self.period)
    }

    /// Why, in a few words.
    pub fn label(&self) -> String {
        match self.reason.as_str() {
            "restricted" => format!("Held back by the pool's screening (code {})", self.code),
            reason => in_words(reason),
        }
    }

    /// When.
    pub fn time(&self) -> String {
        moment(self.time_ms / 1_000)
    }
}

impl PeriodView {
    /// The quarter.
    pub fn quarter(&self) -> String {
        quarter(self.period)
    }

    /// Where what nobody has claimed goes.
    pub fn way(&self) -> String {
        match (self.waiting.as_str(), self.carry_to) {
            ("claim", _) => "Contributors claim it".to_owned(),
            ("decision", _) => "Waits until the report is final".to_owned(),
            ("report", _) => "Waits for the stream's next report, or its end".to_owned(),
            ("carry", Some(to)) => format!("Goes to {}", quarter(to)),
            ("release", _) => "Goes to the holders".to_owned(),
            _ => "–".to_owned(),
        }
    }
}

impl PeriodRow {
    /// The report's state in a word.
    pub fn label(&self) -> String {
        self.report.as_deref().map_or_else(|| "Awaited".to_owned(), in_words)
    }

    /// The class of its pill.
    pub fn class(&self) -> &'static str {
        self.report.as_deref().map_or("not_verified", pill)
    }
}

impl Report {
    /// The models, one after the other.
    pub fn models_text(&self) -> String {
        self.models.join(", ")
    }

    /// The quarter.
    pub fn quarter(&self) -> String {
        quarter(self.period)
    }

    /// When it was accepted.
    pub fn time(&self) -> String {
        moment(self.posted_at)
    }

    /// The state in a word, as a pill's text.
    pub fn label(&self) -> String {
        in_words(&self.state)
    }

    /// The class of its pill.
    pub fn class(&self) -> &'static str {
        pill(&self.state)
    }

    /// What the state means for its money, in a sentence.
    pub fn meaning(&self) -> String {
        let at = |time: Option<i64>| time.map_or_else(|| "a time that is not known".to_owned(), moment);
        match self.state.as_str() {
            "final" => format!("Final since {}: contributors are paid by it.", at(self.final_at)),
            "pending" => {
                format!("Nobody is paid by it before {}, and only if nobody disputes it until then.", at(self.final_at))
            }
            "disputed" => format!(
                "Somebody disputes it. The arbiter rules until {}; nobody is paid by it before.",
                at(self.ruling_by)
            ),
            _ => format!(
                "Withdrawn on {} after a dispute: nobody is paid by it. A revision is awaited.",
                at(self.withdrawn_at)
            ),
        }
    }

    /// The threshold as a number from 0 to 1.
    pub fn threshold_text(&self) -> String {
        score(self.threshold.into())
    }
}

/// Millionths as a number from 0 to 1.
fn score(millionths: i64) -> String {
    let digits = format!("{millionths:07}");
    let (whole, decimals) = digits.split_at(digits.len() - 6);
    match decimals.trim_end_matches('0') {
        "" => whole.to_owned(),
        decimals => format!("{whole}.{decimals}"),
    }
}

/// The class of the pill of a report's state.
fn pill(state: &str) -> &'static str {
    match state {
        "final" => "eligible",
        "withdrawn" => "frozen",
        "disputed" => "disputed",
        "pending" => "pending",
        _ => "not_verified",
    }
}

/// `under_notice` as "Under notice".
fn in_words(name: &str) -> String {
    let words = name.replace('_', " ");
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

impl Licence {
    /// What its money is called.
    pub fn money(&self) -> String {
        let own = self.currency == Addr::default();
        let unnamed = || if own { "coins".to_owned() } else { format!("units of {}", self.currency.short()) };
        self.currency_symbol.clone().unwrap_or_else(unnamed)
    }

    /// The stage in a word, as a pill's text.
    pub fn label(&self) -> String {
        in_words(&self.stage)
    }

    /// The class of its pill: in force, over, or neither.
    pub fn class(&self) -> &'static str {
        match self.stage.as_str() {
            "active" | "under_notice" => "eligible",
            "offered" | "accepted" => "not_verified",
            _ => "frozen",
        }
    }

    /// When it ends or ended.
    pub fn end(&self) -> String {
        let seconds = self.ends_at.and_then(|end| end.to_u64().ok()).and_then(|end| i64::try_from(end).ok());
        seconds.map_or_else(|| "–".to_owned(), moment)
    }
}

impl LicenceQuarter {
    /// Its report came too late.
    pub fn is_late(&self) -> bool {
        self.late == Some(true)
    }

    /// The quarter.
    pub fn name(&self) -> String {
        quarter(self.quarter)
    }
}

impl LicencePayment {
    /// What it was for.
    pub fn what(&self) -> String {
        match (self.kind.as_str(), self.number) {
            ("royalty", Some(number)) => format!("Royalty of {}", quarter(number)),
            ("shortfall", Some(year)) => format!("Shortfall of licence year {year}"),
            ("delivered", Some(number)) => format!("Handed to the pool for {}", quarter(number)),
            (kind, _) => in_words(kind),
        }
    }

    /// When.
    pub fn time(&self) -> String {
        moment(self.time_ms / 1_000)
    }
}

impl LicenceTerms {
    /// What is asked of reports and records, in sentences.
    pub fn limits(&self) -> Vec<(&'static str, String)> {
        let off = |figure: i64, off: &str, on: String| if figure == 0 { off.to_owned() } else { on };
        let rate = percent(u32::try_from(self.false_discovery_bps).unwrap_or(0).saturating_mul(100));
        let metric = if self.metric.0.is_zero() { "any".to_owned() } else { self.metric.to_string() };
        let days = format!("count up to {} days after their quarter", self.late_record_days);
        let tokens = format!("{} tokens at most, or it does not count", grouped(&self.call_tokens.to_string()));
        let common = format!("nobody's from {} creators on", self.common_from);
        vec![
            ("Metric", metric),
            ("Threshold", score(self.threshold)),
            (
                "False discoveries",
                off(self.false_discovery_bps.into(), "not limited", format!("{rate} at most, measured")),
            ),
            ("Late records", off(self.late_record_days.into(), "count whenever they come", days)),
            ("Output of a call", off(self.call_tokens, "not limited", tokens)),
            ("Shared passages", off(self.common_from.into(), "count for all who share them", common)),
        ]
    }

    /// What a quarter owes, clause by clause.
    pub fn dues(&self, decimals: &i16) -> Vec<(&'static str, String)> {
        let coins = |amount: Amount| if amount == Amount::ZERO { "none".to_owned() } else { amount.shown(decimals) };
        let residual = percent(u32::try_from(self.residual_bps).unwrap_or(0).saturating_mul(100));
        vec![
            ("Of net revenue", residual),
            ("For a thousand tokens", coins(self.per_thousand_tokens)),
            ("For a call", coins(self.per_call)),
            ("At least", coins(self.floor)),
            (
                "At most",
                if self.ceiling == Amount::ZERO { "not limited".to_owned() } else { self.ceiling.shown(decimals) },
            ),
            ("Guarantee of a licence year", coins(self.guarantee)),
            ("Length", format!("{} months", self.term_months)),
        ]
    }
}

impl UsageLog {
    /// Since when its key signs.
    pub fn time(&self) -> String {
        moment(self.since)
    }

    /// Its witnesses' keys, each short and whole.
    pub fn named(&self) -> Vec<(String, &String)> {
        self.witnesses.iter().map(|key| (shortened(key), key)).collect()
    }
}

impl Anchor {
    /// When.
    pub fn time(&self) -> String {
        moment(self.anchored_at)
    }
}

impl Trade {
    /// When.
    pub fn time(&self) -> String {
        moment(self.time_ms / 1_000)
    }
}

impl Proposal {
    /// The description without the guard that ends it (`#proposer=0x…`): who proposed it is shown beside it.
    pub fn words(&self) -> &str {
        match self.description.rsplit_once("#proposer=0x") {
            Some((words, digits)) if digits.len() == 40 && digits.bytes().all(|digit| digit.is_ascii_hexdigit()) => {
                words.trim_end()
            }
            _ => &self.description,
        }
    }

    /// The state in a word, as a pill's text.
    pub fn label(&self) -> String {
        in_words(&self.state)
    }

    /// The class of its pill.
    pub fn class(&self) -> &'static str {
        match self.state.as_str() {
            "executed" => "eligible",
            "canceled" => "frozen",
            _ => "not_verified",
        }
    }

    /// When it was made.
    pub fn time(&self) -> String {
        moment(self.time_ms / 1_000)
    }
}

impl Dataset {
    /// When.
    pub fn time(&self) -> String {
        moment(self.registered_at)
    }
}

impl ContributionRow {
    /// Width of its bar.
    pub fn bar(&self) -> String {
        width(millionths(self.contribution.weight, Amount::from(WEIGHT_ONE)))
    }

    /// Claimed and claimable together: what its weight gives of the period so far.
    pub fn earned(&self) -> Amount {
        Amount(self.contribution.claimed.0.saturating_add(self.claimable.0))
    }
}

impl Pool {
    /// Paid out so far.
    pub fn paid_out(&self) -> Amount {
        Amount(self.claimed_by_holders.0.saturating_add(self.claimed_by_contributors.0))
    }

    /// In the pool, owed to holders and contributors.
    pub fn open(&self) -> Amount {
        self.deposited.less(self.paid_out())
    }

    /// Contributors' part in percent.
    pub fn contributors_percent(&self) -> String {
        percent(u32::try_from(self.contributors_bps).unwrap_or(0).saturating_mul(100))
    }

    /// Holders' part in percent.
    pub fn holders_percent(&self) -> String {
        percent(1_000_000u32.saturating_sub(u32::try_from(self.contributors_bps).unwrap_or(0).saturating_mul(100)))
    }
}

/// Millionths as the width of a bar: what is there at all can be seen.
fn width(millionths: u32) -> String {
    let tenths = if millionths == 0 { 0 } else { (millionths / 1_000).max(5) };
    format!("{}.{}%", tenths / 10, tenths % 10)
}

/// Millionths as percent, with two decimals at most; what is there but less than that says so.
fn percent(millionths: u32) -> String {
    let (whole, rest) = (millionths / 10_000, millionths % 10_000 / 100);
    match (whole, rest) {
        (0, 0) if millionths > 0 => "< 0.01%".to_owned(),
        (_, 0) => format!("{whole}%"),
        (_, rest) if rest % 10 == 0 => format!("{whole}.{}%", rest / 10),
        _ => format!("{whole}.{rest:02}%"),
    }
}

fn joined(whole: &str, decimals: &str) -> String {
    if decimals.is_empty() { grouped(whole) } else { format!("{}.{decimals}", grouped(whole)) }
}

fn grouped(digits: &str) -> String {
    let mut text = String::with_capacity(digits.len() + digits.len() / 3 * 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(GAP);
        }
        text.push(digit);
    }
    text
}

fn shortened(hex: &str) -> String {
    match (hex.get(..6), hex.get(hex.len().saturating_sub(4)..)) {
        (Some(head), Some(tail)) => format!("{head}…{tail}"),
        _ => hex.to_owned(),
    }
}

/// `2026 Q4` where the number is a quarter's; the number itself where not.
fn quarter(period: i64) -> String {
    match u32::try_from(period).map(quarter_of) {
        Ok((year, quarter)) if (1970..=9999).contains(&year) => format!("{year} Q{quarter}"),
        _ => format!("period {period}"),
    }
}

/// A Unix time in seconds as `24 Nov 2026, 20:45 UTC`.
fn moment(seconds: i64) -> String {
    let format = format_description!("[day padding:none] [month repr:short] [year], [hour]:[minute] UTC");
    let time = OffsetDateTime::from_unix_timestamp(seconds).ok().and_then(|time| time.format(format).ok());
    time.unwrap_or_else(|| format!("Unix time {seconds}"))
}

#[cfg(test)]
mod tests;
