//! What a platform reports and pays: revenue, royalties, shortfalls, escrow.

use std::{collections::BTreeSet, path::Path, str::FromStr};

use alloy_primitives::{B256, U256};
use serde::{Deserialize, Serialize};
use yieldset_rules::licence::Terms;

use super::licence::{Of, count, known};
use crate::{
    abi::{Licence, Pool},
    acts::{
        ActError, Currency, Desk, Fact, Plan, Who,
        arguments::{Amount, ArgumentError, Digest, LicenceName, csv},
    },
    error::amount,
    units::{Date, Percent, Period, Quantity},
};

doing! {
    /// Reports a quarter's revenue, after its end.
    Report = "revenue report", by Who::Platform, calls [Licence::reportRevenueCall] {
        /// For which licence.
        licence: LicenceName,
        /// Which quarter.
        period: Period,
        /// Gross model revenue.
        #[arg(long)]
        gross: Quantity,
        /// Infrastructure costs.
        #[arg(long)]
        infrastructure: Quantity,
        /// Taxes.
        #[arg(long)]
        taxes: Quantity,
        /// The evidence's document.
        #[arg(long)]
        evidence: Digest,
    }
    |it, desk| {
        let quarter = Quarter {
            licence: it.licence.clone(),
            period: it.period,
            gross: it.gross.clone(),
            infrastructure: it.infrastructure.clone(),
            taxes: it.taxes.clone(),
            evidence: it.evidence,
        };
        let (plan, sentence) = quarter.report(Plan::of(Self::KIND, ""), desk).await?;
        Ok(Plan { sentence, ..plan })
    }
}

doing! {
    /// Reports the revenue of several licences' quarters from a CSV file.
    Import = "revenue import", by Who::Platform, calls [Licence::reportRevenueCall] {
        /// CSV with the columns licence,period,gross,infrastructure,taxes,evidence: yieldset example revenue.
        file: Quarters,
    }
    |it, desk| {
        let (mut plan, mut licences) = (Plan::of(Self::KIND, ""), BTreeSet::new());
        for quarter in &it.file.0 {
            // The second quarter of a licence can be tried once the first is reported.
            if !licences.insert(desk.licence(&quarter.licence)?) {
                return Err(ActError::Unfit(format!(
                    "{} has two rows; a licence's quarters are reported one after the other: leave the later one for another file",
                    quarter.licence
                )));
            }
            let sentence;
            (plan, sentence) = quarter.report(plan, desk).await?;
            plan = plan.fact(Fact::known(sentence));
        }
        let says = format!("Reports the revenue of {}.", count(licences.len(), "licence"));
        Ok(Plan { sentence: says, ..plan })
    }
}

/// The rows of a CSV file with quarters' revenue; in JSON a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Quarters(pub Vec<Quarter>);

/// A quarter's revenue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quarter {
    licence: LicenceName,
    period: Period,
    gross: Quantity,
    infrastructure: Quantity,
    taxes: Quantity,
    evidence: Digest,
}

const COLUMNS: &str = "licence,period,gross,infrastructure,taxes,evidence";

impl FromStr for Quarters {
    type Err = ArgumentError;

    fn from_str(path: &str) -> Result<Self, ArgumentError> {
        let rows = csv(path, COLUMNS, |cells| {
            let [licence, period, gross, infrastructure, taxes, evidence] = cells else {
                return Err(format!("it needs {COLUMNS}"));
            };
            fn cell<T: FromStr<Err: std::fmt::Display>>(text: &str) -> Result<T, String> {
                text.parse().map_err(|error: T::Err| error.to_string())
            }
            // A file that the rows name is beside theirs, wherever the command is typed.
            let beside = |text: &str| match text.parse::<B256>() {
                Ok(digest) => Digest::try_from(digest).map_err(|error| error.to_string()),
                Err(_) if Path::new(text).file_name().is_some_and(|name| name == text) => {
                    let file = Path::new(path).with_file_name(text);
                    Digest::typed(&file.display().to_string()).map_err(|error| error.to_string())
                }
                // Whoever wrote the rows would have a digest of any file published.
                Err(_) => Err(format!("evidence is a file beside {path}, by its name alone, or a SHA-256 as hex")),
            };
            Ok(Quarter {
                licence: cell(licence)?,
                period: cell(period)?,
                gross: cell(gross)?,
                infrastructure: cell(infrastructure)?,
                taxes: cell(taxes)?,
                evidence: beside(evidence)?,
            })
        })?;
        match rows.is_empty() {
            true => Err(ArgumentError::File { path: path.into(), reason: "it has no row".into() }),
            false => Ok(Self(rows)),
        }
    }
}

impl Quarter {
    /// The plan with this quarter's report, and what that does.
    async fn report(&self, plan: Plan, desk: &Desk) -> Result<(Plan, String), ActError> {
        let (of, period) = (Of::load(desk, &self.licence).await?, self.period);
        let currency = of.currency(desk).await?;
        // Figures, not payments: what the chain cannot move is reported as well.
        let figure = |quantity: &Quantity| quantity.in_units_of(&currency.coin);
        let (gross, infrastructure, taxes) =
            (figure(&self.gross)?, figure(&self.infrastructure)?, figure(&self.taxes)?);
        let call = Licence::reportRevenueCall {
            licence: of.licence,
            quarter: period.0,
            gross: U256::from(gross),
            infrastructure: U256::from(infrastructure),
            taxes: U256::from(taxes),
            evidence: self.evidence.0,
        };
        // What the pool's part is taken of is said once, by the terms: there is no other figure to take for it.
        let sentence = format!(
            "Reports {} gross revenue for {period} of {}, {} infrastructure and {} taxes.",
            currency.says(gross),
            of.name(desk),
            currency.says(infrastructure),
            currency.says(taxes)
        );
        let mut plan = plan.fact(of.platform(desk));
        if let Some(says) = above_gross(&currency, (gross, infrastructure, taxes)) {
            plan = plan.fact(Fact::warning(says));
        }
        if let Some(fact) = never_in_force(desk, &of).await? {
            return Ok((plan.fact(fact).call(of.contract, &call), sentence));
        }
        let (terms, _) = of.terms(desk).await?;
        let plan = plan
            .fact(reportable(desk, &of, period).await?)
            .fact(Fact::known(taken_of(&terms, &currency, (gross, infrastructure, taxes))?))
            .fact(Fact::known(format!("what is due: yieldset licence show {} --period {period}", of.name(desk))))
            .call(of.contract, &call);
        Ok((plan, sentence))
    }
}

/// What is said of costs that are more than there was to deduct them from: it may be so, and more often a digit is
/// wrong, which only an audit corrects once it is reported.
fn above_gross(currency: &Currency, (gross, infrastructure, taxes): (u128, u128, u128)) -> Option<String> {
    let costs = infrastructure.saturating_add(taxes);
    (costs > gross).then(|| {
        format!(
            "infrastructure and taxes are {}, which is more than the gross revenue of {}: look at the figures again, \
             because a quarter is reported once, and only an audit corrects it",
            currency.says(costs),
            currency.says(gross)
        )
    })
}

/// The fact that a licence was never in force, so that no quarter of it is reported or paid; none where it was.
async fn never_in_force(desk: &Desk, of: &Of) -> Result<Option<Fact>, ActError> {
    let times: Licence::Times = of.record(desk, b'T', Default::default()).await?;
    if times.activatedAt > 0 {
        return Ok(None);
    }
    let name = of.name(desk);
    let remedy = match of.state.stage {
        1 => format!("the pool accepts it first: yieldset licence accept {name} --by-vote WHY"),
        4 => format!("its platform funds the escrow first: yieldset escrow fund {name} AMOUNT"),
        _ => "it never comes into force: the platform offers another, yieldset licence offer".to_owned(),
    };
    Ok(Some(Fact::new(false, format!("the licence is {}, and has no quarters yet", of.stage()), remedy)))
}

/// The fact that a quarter is the next to report, and over.
async fn reportable(desk: &Desk, of: &Of, period: Period) -> Result<Fact, ActError> {
    let counts: Licence::Counts = of.record(desk, b'N', Default::default()).await?;
    let quarter: Licence::Quarter = of.record(desk, b'Q', U256::from(period.0).into()).await?;
    let calendar = of.calendar(desk).await?;
    let (first, last) = calendar.quarters();
    let (next, now, end) = (counts.nextQuarter, desk.now().await?, calendar.quarter_end(period.0));
    Ok(match period.0 {
        number if !(first..=last).contains(&number) => Fact::new(
            false,
            format!("the licence has no {period}: its quarters are {} to {}", Period(first), Period(last)),
            "name one of them",
        ),
        number if number < next => Fact::new(
            false,
            format!("{period} was reported on {}", Date(quarter.reportedAt)),
            match next <= last {
                true => format!(
                    "a quarter is reported once, and only an audit corrects it; the next one is {}",
                    Period(next)
                ),
                false => "a quarter is reported once, and only an audit corrects it; all of them are".to_owned(),
            },
        ),
        number if number > next => Fact::new(
            false,
            format!("the next quarter to report is {}", Period(next)),
            format!("report {} first", Period(next)),
        ),
        _ => Fact::new(
            now >= end,
            format!("{period} is the next quarter to report, and is over from {} on", Date(end)),
            format!("wait for that: the chain's clock shows {}", Date(now)),
        ),
    })
}

/// What the pool's part is taken of, with what the terms' caps cut off deductions.
fn taken_of(
    terms: &Terms,
    currency: &Currency,
    (gross, infrastructure, taxes): (u128, u128, u128),
) -> Result<String, ActError> {
    let unfit = |_| ActError::Unfit("these figures are more than 128 bits of money".into());
    let base = terms.base(gross, infrastructure, taxes).map_err(unfit)?;
    let part = Percent(terms.residual_bps);
    let mut says = format!("the pool's part is {part} of {}", currency.says(base));
    if terms.gross_base {
        says += ": of gross revenue, nothing is deducted";
        return Ok(says);
    }
    // What counts of one deduction alone is what it takes off the gross revenue.
    let counted = |infrastructure: u128, taxes: u128| {
        terms.base(gross, infrastructure, taxes).map(|base| gross.saturating_sub(base)).map_err(unfit)
    };
    for (name, claimed, counts, cap) in [
        ("infrastructure", infrastructure, counted(infrastructure, 0)?, terms.infrastructure_cap_bps),
        ("taxes", taxes, counted(0, taxes)?, terms.taxes_cap_bps),
    ] {
        if counts < claimed && cap > 0 {
            says += &format!(
                "; of {} {name} {} count: the terms' cap is {} of gross",
                currency.says(claimed),
                currency.says(counts),
                Percent(cap)
            );
        }
    }
    Ok(says)
}

doing! {
    /// Pays a licence's quarter, all that is owed or a part; anyone may.
    Pay = "pay", by Who::Anyone, calls [Licence::payCall, Licence::payHeldCall, Pool::approveCall] {
        /// For which licence.
        licence: LicenceName,
        /// Which quarter.
        period: Period,
        /// How much; all that is owed without.
        amount: Option<Amount>,
        /// Without telling the pool, which takes it later: for a pool that cannot be told.
        #[arg(long)]
        #[serde(default)]
        held: bool,
    }
    |it, desk| {
        let of = Of::load(desk, &it.licence).await?;
        let (currency, quarter) = (of.currency(desk).await?, it.period.0);
        let nothing = Plan::of(Self::KIND, format!("Pays {} of {}.", it.period, of.name(desk)));
        if let Some(fact) = never_in_force(desk, &of).await? {
            return Ok(nothing.fact(fact));
        }
        let due: Licence::Due = of.record(desk, b'U', U256::from(quarter).into()).await?;
        // Interest grows by the second: what is too much goes straight back, so that all of it can be paid.
        let owed = amount(due.outstanding)?;
        let owing = owed_of(desk, &of, it.period, &due, &currency).await?;
        if owed == 0 {
            return Ok(nothing.fact(owing));
        }
        let paid = it.amount.as_ref().map_or(Ok(owed), |quantity| desk.money(quantity, &currency))?;
        let plan = Plan::of(Self::KIND, format!("Pays {} of {} for {}.", currency.says(paid), it.period, of.name(desk)))
            .fact(owing)
            .fact(sum_fits(&currency, paid, owed, desk.now().await? > due.payBy));
        let (licence, value) = (of.licence, U256::from(paid));
        match it.held {
            true => {
                desk.with_money(plan, (&currency, paid), of.contract, &Licence::payHeldCall { licence, quarter, value })
                    .await
            }
            false => {
                desk.with_money(plan, (&currency, paid), of.contract, &Licence::payCall { licence, quarter, value })
                    .await
            }
        }
    }
}

/// The fact that something of a quarter is owed.
async fn owed_of(
    desk: &Desk,
    of: &Of,
    period: Period,
    due: &Licence::Due,
    currency: &Currency,
) -> Result<Fact, ActError> {
    let owed = amount(due.outstanding)?;
    if owed > 0 {
        let by = known(due.payBy).map(|by| format!(", to be paid by {by}")).unwrap_or_default();
        return Ok(Fact::known(format!("{} are outstanding{by}", currency.says(owed))));
    }
    let (first, last) = of.calendar(desk).await?.quarters();
    let quarter: Licence::Quarter = of.record(desk, b'Q', U256::from(period.0).into()).await?;
    let (paid, name) = (amount(due.paid)?, of.name(desk));
    let (says, remedy) = match () {
        () if !(first..=last).contains(&period.0) => (
            format!("the licence has no {period}: its quarters are {} to {}", Period(first), Period(last)),
            "name one of them".to_owned(),
        ),
        () if paid > 0 => (
            format!("{period} is paid: {}", currency.says(paid)),
            format!("nothing is to be done; yieldset licence show {name} says what else is owed"),
        ),
        () if quarter.reportedAt == 0 => (
            format!("{period} is not reported, and nothing is known to be owed for it"),
            format!("its platform reports it first: yieldset revenue report {name} {period}"),
        ),
        () => (
            format!("nothing is due for {period} by what was reported"),
            format!("nothing is to be done; yieldset licence show {name} --period {period}"),
        ),
    };
    Ok(Fact::new(false, says, remedy))
}

/// The fact that a sum is what can be paid: not more than is owed but for interest that grows until it arrives, whose
/// rest comes back.
fn sum_fits(currency: &Currency, paid: u128, owed: u128, late: bool) -> Fact {
    let too_much = paid > owed && !late;
    let says = match too_much {
        true => format!("{} are more than is owed", currency.says(paid)),
        false if paid > owed => "it is late, and bears interest: what is too much comes back".to_owned(),
        false if paid < owed => format!("{} stay owed", currency.says(owed.saturating_sub(paid))),
        false => "it is all that is owed now".to_owned(),
    };
    Fact::new(!too_much, says, format!("pay {} at most, or leave the amount out", currency.says(owed)))
}

doing! {
    /// Pays what the escrow lacked of a year's guarantee; anyone may.
    Shortfall = "escrow pay-shortfall", by Who::Anyone, calls [Licence::payShortfallCall, Pool::approveCall] {
        /// For which licence.
        licence: LicenceName,
        /// Which licence year, from 1.
        year: u32,
        /// How much; all that is owed without. Zero has the escrow pay, after the end.
        amount: Option<Quantity>,
    }
    |it, desk| {
        let of = Of::load(desk, &it.licence).await?;
        let currency = of.currency(desk).await?;
        let year: Licence::Year = of.record(desk, b'Y', U256::from(it.year).into()).await?;
        let owed = amount(year.owed)?;
        let paid = it.amount.as_ref().map_or(Ok(owed), |quantity| desk.money(quantity, &currency))?;
        let plan = Plan::of(
            Self::KIND,
            format!("Pays {} of what year {} of {} lacked.", currency.says(paid), it.year, of.licence),
        )
        .fact(Fact::new(
            owed > 0 || it.amount.is_some() && paid == 0,
            format!("{} are owed", currency.says(owed)),
            match year.truedUp {
                true => "the year was trued up, and nothing of it is owed: nothing is to be done".to_owned(),
                false => format!("true the year up first: yieldset licence true-up {} {}", of.name(desk), it.year),
            },
        ));
        let call = Licence::payShortfallCall { licence: of.licence, year: it.year, value: U256::from(paid) };
        desk.with_money(plan, (&currency, paid), of.contract, &call).await
    }
}

doing! {
    /// Adds to a licence's escrow; with what the terms ask the licence is in force.
    Fund = "escrow fund", by Who::Named("the platform; anyone once it was funded"),
    calls [Licence::fundEscrowCall, Pool::approveCall] {
        /// Of which licence.
        licence: LicenceName,
        /// How much.
        amount: Amount,
    }
    |it, desk| {
        let of = Of::load(desk, &it.licence).await?;
        let currency = of.currency(desk).await?;
        let paid = desk.money(&it.amount, &currency)?;
        let money: Licence::Money = of.record(desk, b'M', Default::default()).await?;
        let plan = Plan::of(Self::KIND, format!("Adds {} to the escrow of {}.", currency.says(paid), of.licence))
            .fact(Fact::known(format!("{} are in it", currency.says(amount(money.escrow)?))))
            .fact(of.in_stage(&[4, 6, 9]));
        // The first money binds the platform, so nobody else brings it.
        let plan = if of.state.stage == 4 && money.escrow.is_zero() { plan.fact(of.platform(desk)) } else { plan };
        let call = Licence::fundEscrowCall { licence: of.licence, value: U256::from(paid) };
        desk.with_money(plan, (&currency, paid), of.contract, &call).await
    }
}

#[cfg(test)]
mod tests {
    use alloy_primitives::Address;

    use super::*;
    use crate::units::Coin;

    fn currency() -> Currency {
        Currency { address: Address::ZERO, coin: Coin { symbol: "USDC".into(), decimals: 6 } }
    }

    /// Of 500 infrastructure 400 count where the cap is 40 % of 1,000; the part is of 1,000 − 400 − 100.
    #[test]
    fn what_a_cap_cuts_off_is_told() {
        let terms = Terms { residual_bps: 1_000, infrastructure_cap_bps: 4_000, ..Terms::default() };
        let says = taken_of(&terms, &currency(), (1_000_000_000, 500_000_000, 100_000_000)).expect("fits");
        assert_eq!(
            says,
            "the pool's part is 10 % of 500 USDC; of 500 USDC infrastructure 400 USDC count: the terms' cap is 40 % of \
             gross"
        );
        let says = taken_of(&terms, &currency(), (1_000_000_000, 300_000_000, 100_000_000)).expect("fits");
        assert_eq!(says, "the pool's part is 10 % of 600 USDC");
        let gross = Terms { gross_base: true, ..terms };
        assert!(taken_of(&gross, &currency(), (1_000_000_000, 1, 1)).expect("fits").contains("of 1000 USDC: of gross"));
    }

    /// Costs above the gross revenue are told, to the very figures; up to it they are not unusual.
    #[test]
    fn costs_above_gross_revenue_are_told() {
        let told = |figures| above_gross(&currency(), figures);
        assert_eq!(told((100_000_000, 60_000_000, 40_000_000)), None);
        let says = told((100_000_000, 60_000_000, 41_000_000)).expect("more");
        assert!(says.contains("are 101 USDC") && says.contains("of 100 USDC"), "{says}");
        assert!(told((0, u128::MAX, u128::MAX)).is_some());
    }

    /// No more is paid than is owed, unless interest still grows; a part may be paid.
    #[test]
    fn a_payment_is_of_what_is_owed() {
        for (paid, owed, late, holds, part) in [
            (70, 70, false, true, "all that is owed"),
            (30, 70, false, true, "0.00004 USDC stay owed"),
            (71, 70, false, false, "more than is owed"),
            (71, 70, true, true, "comes back"),
        ] {
            let fact = sum_fits(&currency(), paid, owed, late);
            assert!(fact.holds == holds && fact.says.contains(part), "{paid} of {owed}: {fact:?}");
        }
    }
}
