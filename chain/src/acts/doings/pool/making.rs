//! Pools as the factory makes and lists them.

use alloy_primitives::{Address, B256, U256};
use serde::{Deserialize, Serialize};

use crate::{
    abi::Factory,
    acts::{
        ActError, Fact, Plan, Who,
        arguments::{FromFile, Name, Shares},
    },
    deployment::{Voting, label},
    error::amount,
    units::{Percent, Span},
};

doing! {
    /// Makes a pool, with a co-op of its holders unless told otherwise; its admin's role waits to be accepted.
    Create = "pool create", by Who::Anyone, calls [Factory::createPoolCall, Factory::createPoolWithCoopCall] {
        /// The shares' name, at most 32 bytes.
        name: String,
        /// Their symbol.
        symbol: String,
        /// What the pool is paid in: an ERC-20; the chain's own money without.
        #[arg(long)]
        currency: Option<Name>,
        /// The contributors' part of each deposit.
        #[arg(long, default_value = "40 %")]
        contributors: Percent,
        /// Without a co-op: the sender licenses.
        #[arg(long)]
        #[serde(default)]
        without_coop: bool,
        /// From a proposal until votes count; the network's preset without.
        #[arg(long)]
        delay: Option<Span>,
        /// How long holders can vote.
        #[arg(long)]
        voting: Option<Span>,
        /// Shares that must have voted yes or abstained.
        #[arg(long)]
        quorum: Option<Percent>,
        /// Shares that a proposer must have.
        #[arg(long)]
        threshold: Option<Shares>,
        /// From the end of a vote until its execution.
        #[arg(long)]
        timelock: Option<Span>,
        /// How long it can be executed after that.
        #[arg(long)]
        grace: Option<Span>,
    }
    |it, desk| {
        let (name, symbol) = (label(&it.name)?, label(&it.symbol)?);
        let address = it.currency.as_ref().map_or(Ok(Address::ZERO), |name| desk.address(name))?;
        let (currency, factory) = (desk.currency_at(address).await?, desk.deployment.factory);
        let bps = it.contributors.0;
        let of = format!(
            "pool {} ({}), paid in {}, {} of each deposit to contributors",
            it.name, it.symbol, currency.coin.symbol, it.contributors
        );
        if it.without_coop {
            let call = Factory::createPoolCall { name, symbol, currency: address, contributorsBps: bps };
            return Ok(
                Plan::of(Self::KIND, format!("Makes the {of}, whose licensor is the sender.")).call(factory, &call)
            );
        }
        let preset = desk.profile.presets.voting();
        let voting = it.voting(preset)?;
        let sentence = format!(
            "Makes the {of}, and its co-op: votes after {}, for {}, quorum {}, proposed by {}, executed from {} after the vote on, for {}.",
            Span(voting.delay.into()),
            Span(voting.period.into()),
            Percent(voting.quorum_bps),
            Shares(amount(voting.threshold)?),
            Span(voting.timelock.into()),
            Span(voting.grace.into())
        );
        let call = Factory::createPoolWithCoopCall {
            name,
            symbol,
            currency: address,
            contributorsBps: bps,
            votingDelay: voting.delay,
            votingPeriod: voting.period,
            quorumBps: voting.quorum_bps,
            proposalThreshold: voting.threshold,
            timelock: voting.timelock,
            gracePeriod: voting.grace,
        };
        Ok(Plan::of(Self::KIND, sentence)
            .fact(Fact::known("then accept its admin's role: yieldset roles accept --on POOL"))
            .call(factory, &call))
    }
}

impl Create {
    fn voting(&self, preset: Voting) -> Result<Voting, ActError> {
        let seconds = |span: Option<Span>, preset: u32| match span {
            Some(span) => u32::try_from(span.0).map_err(|_| ActError::Unfit(format!("{span} is longer than any vote"))),
            None => Ok(preset),
        };
        Ok(Voting {
            delay: seconds(self.delay, preset.delay)?,
            period: seconds(self.voting, preset.period)?,
            quorum_bps: self.quorum.map_or(preset.quorum_bps, |quorum| quorum.0),
            threshold: self.threshold.map_or(preset.threshold, |shares| U256::from(shares.0)),
            timelock: seconds(self.timelock, preset.timelock)?,
            grace: seconds(self.grace, preset.grace)?,
        })
    }
}

doing! {
    /// Lists a pool that was made elsewhere in the factory.
    Register = "pool register", by Who::Named("the factory's default admin"), calls [Factory::registerPoolCall] {
        /// Which pool.
        pool: Name,
        /// Its co-op, where it has one.
        #[arg(long)]
        coop: Option<Name>,
    }
    |it, desk| {
        let pool = desk.address(&it.pool)?;
        let coop = it.coop.as_ref().map_or(Ok(Address::ZERO), |name| desk.address(name))?;
        Ok(Plan::of(Self::KIND, format!("Lists {} in the factory.", desk.says(pool)))
            .call(desk.deployment.factory, &Factory::registerPoolCall { pool, coop }))
    }
}

/// The parts of which the factory makes pools.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parts {
    kyc: Name,
    attribution: Name,
    manifests: Name,
    licence: Name,
    market: Name,
    logic: Name,
    pool_code: B256,
    coop_code: B256,
}

doing! {
    /// Changes the parts of the pools that the factory makes from now on.
    SetParts = "pool set-parts", by Who::Named("the factory's default admin"), calls [Factory::setPartsCall] {
        /// TOML or JSON: kyc, attribution, manifests, licence, market, logic, pool_code, coop_code.
        file: FromFile<Parts>,
    }
    |it, desk| {
        let parts = &it.file.0;
        let call = Factory::setPartsCall {
            kyc: desk.address(&parts.kyc)?,
            attribution: desk.address(&parts.attribution)?,
            manifests: desk.address(&parts.manifests)?,
            licence: desk.address(&parts.licence)?,
            market: desk.address(&parts.market)?,
            logic: desk.address(&parts.logic)?,
            poolCode: parts.pool_code,
            coopCode: parts.coop_code,
        };
        Ok(Plan::of(
            Self::KIND,
            "Changes the parts of the pools that are made from now on; pools that exist keep theirs.",
        )
        .call(desk.deployment.factory, &call))
    }
}
