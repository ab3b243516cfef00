//! What a platform reports and pays: revenue, royalties, shortfalls, escrow.

use std::{collections::BTreeSet, str::FromStr};

use alloy_primitives::U256;
use serde::{Deserialize, Serialize};
use yieldset_rules::revenue::net_model_revenue;

use super::licence::{Of, count};
use crate::{
    abi::{Licence, Pool},
    acts::{
        ActError, Desk, Fact, Plan, Who,
        arguments::{ArgumentError, Digest, LicenceName, csv},
    },
    error::amount,
    units::{Date, Period, Quantity},
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
            Ok(Quarter {
                licence: cell(licence)?,
                period: cell(period)?,
                gross: cell(gross)?,
                infrastructure: cell(infrastructure)?,
                taxes: cell(taxes)?,
                evidence: cell(evidence)?,
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
        let net = net_model_revenue(gross, infrastructure, taxes);
        let counts: Licence::Counts = of.record(desk, b'N', Default::default()).await?;
        let call = Licence::reportRevenueCall {
            licence: of.licence,
            quarter: period.0,
            gross: U256::from(gross),
            infrastructure: U256::from(infrastructure),
            taxes: U256::from(taxes),
            evidence: self.evidence.0,
        };
        let sentence = format!(
            "Reports {} gross for {period}, less {} infrastructure and {} taxes: {} net.",
            currency.says(gross),
            currency.says(infrastructure),
            currency.says(taxes),
            currency.says(net)
        );
        let next = Period(counts.nextQuarter);
        let plan = plan
            .fact(of.platform(desk))
            .fact(Fact::new(
                next == period,
                format!("the next quarter to report is {next}"),
                format!("report {next} first"),
            ))
            .fact(Fact::known(format!("what is due: yieldset licence show {} --period {period}", of.licence)))
            .call(of.contract, &call);
        Ok((plan, sentence))
    }
}

doing! {
    /// Pays a licence's quarter, all that is owed or a part; anyone may.
    Pay = "pay", by Who::Anyone, calls [Licence::payCall, Licence::payHeldCall, Pool::approveCall] {
        /// For which licence.
        licence: LicenceName,
        /// Which quarter.
        period: Period,
        /// How much; all that is owed without.
        amount: Option<Quantity>,
        /// Without telling the pool, which takes it later: for a pool that cannot be told.
        #[arg(long)]
        #[serde(default)]
        held: bool,
    }
    |it, desk| {
        let of = Of::load(desk, &it.licence).await?;
        let (currency, quarter) = (of.currency(desk).await?, it.period.0);
        let due: Licence::Due = of.record(desk, b'U', U256::from(quarter).into()).await?;
        // Interest grows by the second: what is too much goes straight back, so that all of it can be paid.
        let owed = amount(due.outstanding)?;
        let paid = it.amount.as_ref().map_or(Ok(owed), |quantity| desk.money(quantity, &currency))?;
        let plan = Plan::of(Self::KIND, format!("Pays {} of {} for {}.", currency.says(paid), it.period, of.licence))
            .fact(Fact::new(
                owed > 0,
                format!("{} are outstanding, to be paid by {}", currency.says(owed), Date(due.payBy)),
                format!("report it first: yieldset revenue report {} {}", of.licence, it.period),
            ));
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
            owed > 0,
            format!("{} are owed", currency.says(owed)),
            format!("true the year up first: yieldset licence true-up {} {}", of.licence, it.year),
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
        amount: Quantity,
    }
    |it, desk| {
        let of = Of::load(desk, &it.licence).await?;
        let currency = of.currency(desk).await?;
        let paid = desk.money(&it.amount, &currency)?;
        let money: Licence::Money = of.record(desk, b'M', Default::default()).await?;
        let plan = Plan::of(Self::KIND, format!("Adds {} to the escrow of {}.", currency.says(paid), of.licence))
            .fact(Fact::known(format!("{} are in it", currency.says(amount(money.escrow)?))))
            .fact(of.in_stage(&[4, 6, 9]));
        let call = Licence::fundEscrowCall { licence: of.licence, value: U256::from(paid) };
        desk.with_money(plan, (&currency, paid), of.contract, &call).await
    }
}
