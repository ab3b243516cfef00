//! Terms as people read them: every clause with its unit, and nothing that is turned off.

use alloy_primitives::B256;
use clap::ValueEnum;
use yieldset_rules::licence::{
    Milestone, Terms,
    terms::{Fault, uses},
};

use super::{MetricId, Use, bits};
use crate::{
    acts::{Currency, arguments::Millionths, doings::licence::count},
    units::Percent,
};

/// Bits from this one on are what the terms' document says.
const OF_THE_DOCUMENT: u32 = 16;

/// An option's clauses: what it is, and what it says. Clauses that are turned off are left out.
pub fn clauses(terms: &Terms, milestones: &[Milestone], currency: &Currency) -> Vec<(String, String)> {
    let mut all = Vec::new();
    let mut say = |name: &str, text: String| all.push((name.to_owned(), text));
    let percent = |bps: u16| Percent(bps).to_string();
    let days = |number: u16| count(number.into(), "day");
    say("document", B256::from(terms.document).to_string());
    say("length", count(terms.term_months.into(), "month"));
    say("upfront", currency.says(terms.upfront));
    if terms.residual_bps > 0 {
        say("of revenue", format!("{} of {}", percent(terms.residual_bps), base(terms)));
    }
    usage(terms, currency, &mut say);
    for (figure, name) in
        [(terms.floor, "least a quarter"), (terms.ceiling, "most a quarter"), (terms.guarantee, "guaranteed a year")]
    {
        if figure > 0 {
            say(name, currency.says(figure));
        }
    }
    if terms.escrow > 0 {
        say("escrow", format!("{}, within {}", currency.says(terms.escrow), days(terms.funding_days)));
    }
    match terms.exclusive_months {
        0 => say("exclusive", "no".into()),
        months => say("exclusive", count(months.into(), "month")),
    }
    match terms.training_months {
        0 => say("training", "as long as the licence".into()),
        months => say("training", count(months.into(), "month")),
    }
    if terms.report_days > 0 {
        say("report", format!("{} after the quarter", days(terms.report_days)));
    }
    let grace = if terms.grace_days > 0 { format!(", and {} of grace", days(terms.grace_days)) } else { String::new() };
    say("payment", format!("{} after the quarter{grace}", days(terms.payment_days)));
    if terms.late_bps > 0 {
        say("late interest", format!("{} a year", percent(terms.late_bps)));
    }
    say("notice", days(terms.notice_days));
    say("to cure", days(terms.cure_days));
    say("to delete", days(terms.deletion_days));
    say("to redact", days(terms.redaction_days));
    for (figure, name) in
        [(terms.audit_fee_cap, "audit fee at most"), (terms.audit_expenses_cap, "audit expenses at most")]
    {
        if figure > 0 {
            say(name, currency.says(figure));
        }
    }
    say("prohibited", prohibited(terms.prohibited));
    say("sublicences", if terms.sublicensing { "allowed" } else { "not allowed" }.into());
    say("may leave", may_leave(terms).into());
    for (at, milestone) in milestones.iter().enumerate() {
        let to = if milestone.to_pool { "to the pool" } else { "back to the platform" };
        let document = B256::from(milestone.document);
        let part = currency.says(milestone.amount);
        say(&format!("milestone {at}"), format!("{part} of the escrow go {to}; document {document}"));
    }
    all
}

/// What is charged by usage, and which usage counts.
fn usage(terms: &Terms, currency: &Currency, say: &mut impl FnMut(&str, String)) {
    let prices = [(terms.per_thousand_tokens, "1,000 attributed tokens"), (terms.per_call, "a call")];
    let charged: Vec<_> = prices
        .iter()
        .filter(|(price, _)| *price > 0)
        .map(|(price, what)| format!("{} for {what}", currency.says(*price)))
        .collect();
    if !charged.is_empty() {
        say("by usage", charged.join(" and "));
    }
    if terms.metric != [0; 32] {
        say("metric", MetricId(terms.metric.into()).to_string());
    }
    say("counts from score", Millionths(terms.threshold).to_string());
    if terms.false_discovery_bps > 0 {
        say("mistaken hits at most", Percent(terms.false_discovery_bps).to_string());
    }
    if terms.late_record_days > 0 {
        say("records until", format!("{} after the quarter", count(terms.late_record_days.into(), "day")));
    }
    if terms.call_tokens > 0 {
        say("tokens of a call at most", terms.call_tokens.to_string());
    }
    if terms.common_from > 0 {
        say("nobody's from", count(terms.common_from.into(), "creator"));
    }
}

/// What the residual is a part of.
fn base(terms: &Terms) -> String {
    if terms.gross_base {
        return "gross revenue".to_owned();
    }
    let cap = |bps: u16| match bps {
        0 => String::new(),
        bps => format!(" (at most {} of gross)", Percent(bps)),
    };
    format!("revenue less infrastructure{} and taxes{}", cap(terms.infrastructure_cap_bps), cap(terms.taxes_cap_bps))
}

fn prohibited(set: u32) -> String {
    let named = |one: &Use| one.to_possible_value().map(|value| value.get_name().to_owned());
    let mut all: Vec<String> =
        Use::value_variants().iter().filter(|one| set & bits(&[**one]) != 0).filter_map(named).collect();
    all.extend((OF_THE_DOCUMENT..32).filter(|bit| set & (1 << bit) != 0).map(|bit| format!("{bit} of the document")));
    if all.is_empty() { "nothing".to_owned() } else { all.join(", ") }
}

fn may_leave(terms: &Terms) -> &'static str {
    match (terms.platform_may_leave, terms.licensor_may_leave) {
        (true, true) => "both, after the notice",
        (true, false) => "the platform, after the notice",
        (false, true) => "the licensor, after the notice",
        (false, false) => "nobody before the end",
    }
}

/// An option in a line, to choose by.
pub fn in_short(terms: &Terms, currency: &Currency) -> String {
    let mut parts = vec![format!("{} upfront", currency.says(terms.upfront))];
    if terms.residual_bps > 0 {
        parts.push(format!("{} of the revenue", Percent(terms.residual_bps)));
    }
    if terms.guarantee > 0 {
        parts.push(format!("{} guaranteed a year", currency.says(terms.guarantee)));
    }
    parts.push(count(terms.term_months.into(), "month"));
    parts.join(", ")
}

/// What is wrong with terms, and what to write in the menu.
pub fn fault(fault: Fault) -> &'static str {
    match fault {
        Fault::Document => "document is missing: the SHA-256 of the terms' text",
        Fault::BasisPoints => "a part is more than 100 %",
        Fault::FloorAboveCeiling => "floor is more than ceiling",
        Fault::Metric => {
            "threshold is above 0 and at most 1, and what is charged by usage, or false_discoveries, needs the metric"
        }
        Fault::Term => "months must be from 1 to 600",
        Fault::Window => "exclusive_months and training_months are at most months",
        Fault::Escrow => "escrow must be at least the guarantee, and needs funding_days",
        Fault::Milestones => "there are at most 8 milestones, each with amount and document, in all at most the escrow",
        Fault::Deletion => "deletion_days and redaction_days cannot be zero",
        Fault::Words => "they are not the words of an option",
        Fault::Notice => "notice_days must be at least cure_days",
        Fault::Common => "common_from is 2 at least",
    }
}

// The bits that people's words stand for are the rules'.
const _: () = assert!(1 << Use::Deepfakes as u32 == uses::DEEPFAKES && 1 << Use::Weapons as u32 == uses::WEAPONS);

#[cfg(test)]
mod tests {
    use alloy_primitives::Address;

    use super::*;
    use crate::units::Coin;

    fn currency() -> Currency {
        Currency { address: Address::ZERO, coin: Coin { symbol: "USDC".into(), decimals: 6 } }
    }

    /// What the holders vote on is told with units; what is turned off is not told.
    #[test]
    fn terms_are_told_whole() {
        let terms = Terms {
            document: [1; 32],
            threshold: 700_000,
            upfront: 5_000_000,
            residual_bps: 1_000,
            infrastructure_cap_bps: 4_000,
            per_thousand_tokens: 2_000,
            escrow: 100_000_000,
            guarantee: 100_000_000,
            funding_days: 14,
            term_months: 12,
            payment_days: 30,
            grace_days: 1,
            prohibited: bits(&[Use::Weapons, Use::Deepfakes]) | 1 << 17,
            platform_may_leave: true,
            ..Terms::default()
        };
        let milestone = Milestone { amount: 25_000_000, document: [2; 32], to_pool: true };
        let told = clauses(&terms, &[milestone], &currency());
        let says = |name: &str| told.iter().find(|(of, _)| of == name).map(|(_, text)| text.as_str());
        for (name, text) in [
            ("upfront", Some("5 USDC")),
            ("length", Some("12 months")),
            ("of revenue", Some("10 % of revenue less infrastructure (at most 40 % of gross) and taxes")),
            ("by usage", Some("0.002 USDC for 1,000 attributed tokens")),
            ("counts from score", Some("0.7")),
            ("escrow", Some("100 USDC, within 14 days")),
            ("payment", Some("30 days after the quarter, and 1 day of grace")),
            ("prohibited", Some("deepfakes, weapons, 17 of the document")),
            ("may leave", Some("the platform, after the notice")),
            ("report", None),
            ("most a quarter", None),
        ] {
            assert_eq!(says(name), text, "{name}");
        }
        assert!(says("milestone 0").is_some_and(|text| text.starts_with("25 USDC of the escrow go to the pool")));
        assert_eq!(
            in_short(&terms, &currency()),
            "5 USDC upfront, 10 % of the revenue, 100 USDC guaranteed a year, 12 months"
        );
    }
}
