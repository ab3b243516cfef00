//! What a platform reports and pays: revenue, royalties, shortfalls, escrow.

use alloy_primitives::U256;
use yieldset_rules::revenue::net_model_revenue;

use super::licence::Of;
use crate::{
    abi::{Licence, Pool},
    acts::{
        Fact, Plan, Who,
        arguments::{Digest, LicenceName},
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
        let of = Of::load(desk, &it.licence).await?;
        let currency = of.currency(desk).await?;
        // Figures, not payments: what the chain cannot move is reported as well.
        let figure = |quantity: &Quantity| quantity.in_units_of(&currency.coin);
        let (gross, infrastructure, taxes) = (figure(&it.gross)?, figure(&it.infrastructure)?, figure(&it.taxes)?);
        let net = net_model_revenue(gross, infrastructure, taxes);
        let counts: Licence::Counts = of.record(desk, b'N', Default::default()).await?;
        let call = Licence::reportRevenueCall {
            licence: of.licence,
            quarter: it.period.0,
            gross: U256::from(gross),
            infrastructure: U256::from(infrastructure),
            taxes: U256::from(taxes),
            evidence: it.evidence.0,
        };
        let sentence = format!(
            "Reports {} gross for {}, less {} infrastructure and {} taxes: {} net.",
            currency.says(gross),
            it.period,
            currency.says(infrastructure),
            currency.says(taxes),
            currency.says(net)
        );
        let next = Period(counts.nextQuarter);
        Ok(Plan::of(Self::KIND, sentence)
            .fact(of.platform(desk))
            .fact(Fact::new(
                next == it.period,
                format!("the next quarter to report is {next}"),
                format!("report {next} first"),
            ))
            .fact(Fact::known(format!("what is due: yieldset licence show {} --period {}", of.licence, it.period)))
            .call(of.contract, &call))
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
