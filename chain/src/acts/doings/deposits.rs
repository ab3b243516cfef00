//! Money that comes into a pool, and the ways of what no report pays.

use alloy_primitives::{B256, U256};
use yieldset_rules::{math::split_bps, period::quarter_start};

use crate::{
    abi::{Attribution, Licence, Pool},
    acts::{
        ActError, Desk, Fact, Plan, Who,
        arguments::{Amount, LicenceName},
        words::in_words,
    },
    deployment::Deployment,
    error::amount,
    units::{Date, Period},
};

doing! {
    /// Pays money in for a stream and a period; what licences owe goes through yieldset pay.
    Deposit = "pool deposit", by Who::Named("anyone, once the pool is open"),
    calls [Pool::depositCall, Pool::approveCall] {
        /// For which stream: a model's slug, or a licence's id.
        stream: LicenceName,
        /// For which quarter.
        period: Period,
        /// How much.
        amount: Amount,
    }
    |it, desk| {
        let (pool, currency, stream) = (desk.deployment.pool, desk.currency().await?, desk.stream(&it.stream)?);
        let paid = desk.money(&it.amount, &currency)?;
        let bps = desk.read(pool, &Pool::contributorsBpsCall {}).await?;
        let (contributors, holders) = split_bps(paid, bps)
            .map_err(|error| ActError::Unfit(in_words("the pool's contributors' part", &error)))?;
        let sentence = format!(
            "Pays {} into the pool for {}, {}: {} to contributors, {} to holders.",
            currency.says(paid),
            it.stream,
            it.period,
            currency.says(contributors),
            currency.says(holders)
        );
        let open = desk.read(pool, &Pool::openedCall {}).await?;
        let plan = Plan::of(Self::KIND, sentence).fact(Fact::new(
            open,
            if open { "the pool is open" } else { "the pool is not open" },
            "its issuer types: yieldset pool open --cap SHARES",
        ));
        let (now, begins) = (desk.now().await?, quarter_start(it.period.0));
        let plan = plan
            .fact(Fact::new(
                now >= begins,
                format!("{} begins on {}", it.period, Date(begins)),
                format!("name a quarter that has begun: the chain's clock shows {}", Date(now)),
            ));
        let known = is_known(desk, stream, it.period.0).await?;
        let plan = match known {
            true => plan,
            false => plan.fact(Fact::warning(format!(
                "nothing was paid in or reported for {} yet, and no licence has that id: if it is mistyped, nobody ever \
                 reports it, and the contributors' part goes to the holders",
                it.stream
            ))),
        };
        let call = Pool::depositCall { stream, period: it.period.0, amount: U256::from(paid) };
        desk.with_money(plan, (&currency, paid), pool, &call).await
    }
}

/// Whether a licence has the stream's id, or anything was reported or, for the quarter, paid in for it.
async fn is_known(desk: &Desk, stream: B256, period: u32) -> Result<bool, ActError> {
    let Deployment { pool, licence, attribution, .. } = desk.deployment;
    let licensed = match licence.is_zero() {
        true => 0,
        false => desk.read(licence, &Licence::streamEndCall { licence: stream }).await?,
    };
    let reported = desk.read(attribution, &Attribution::latestCall { pool, stream }).await?.period;
    let paid = desk.read(pool, &Pool::periodOfCall { stream, period }).await?.total;
    Ok(licensed > 0 || reported > 0 || !paid.is_zero())
}

doing! {
    /// Sends contributors' money of a quarter without weights on to the stream's next report.
    Carry = "pool carry", by Who::Anyone, calls [Pool::carryCall] {
        /// Which stream.
        stream: LicenceName,
        /// From which quarter.
        period: Period,
    }
    |it, desk| {
        let (pool, stream, from) = (desk.deployment.pool, desk.stream(&it.stream)?, it.period.0);
        let waiting = desk.read(pool, &Pool::waitingOfCall { stream, period: from }).await?;
        let (currency, to) = (desk.currency().await?, Period(waiting.to));
        Ok(Plan::of(
            Self::KIND,
            format!("Sends {} of {} on to {to}.", currency.says(amount(waiting.amount)?), it.period),
        )
        .fact(Fact::new(waiting.state == 4, way(waiting.state), "nothing is to be done now"))
        .call(pool, &Pool::carryCall { stream, from, to: waiting.to }))
    }
}

doing! {
    /// Gives the holders what no report will pay of a quarter, once its stream has ended.
    Release = "pool release", by Who::Anyone, calls [Pool::releaseWaitingCall] {
        /// Which stream.
        stream: LicenceName,
        /// Of which quarter.
        period: Period,
    }
    |it, desk| {
        let (pool, stream, period) = (desk.deployment.pool, desk.stream(&it.stream)?, it.period.0);
        let waiting = desk.read(pool, &Pool::waitingOfCall { stream, period }).await?;
        let currency = desk.currency().await?;
        Ok(Plan::of(
            Self::KIND,
            format!("Gives the holders {} of {}.", currency.says(amount(waiting.amount)?), it.period),
        )
        .fact(Fact::new(waiting.state == 5, way(waiting.state), "nothing is to be done now"))
        .call(pool, &Pool::releaseWaitingCall { stream, period }))
    }
}

/// What becomes of contributors' money of a quarter.
pub(super) fn way(state: u8) -> &'static str {
    match state {
        0 => "nothing waits there",
        1 => "contributors claim it by proofs",
        2 => "its report can still change",
        3 => "it waits for the stream's next report, or its end",
        4 => "it goes on to the next report",
        5 => "it goes to the holders",
        _ => "its state is not known to this program",
    }
}
