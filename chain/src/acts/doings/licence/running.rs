//! What becomes of a licence in force: its end, milestones, sublicences, hand-over, refunds, true-ups.

use alloy_primitives::{Address, B256};
use serde::{Deserialize, Serialize};

use super::{LICENSOR_OR_ARBITER, Of, PLATFORM};
use crate::{
    abi::Licence,
    acts::{
        Fact, Plan, Who,
        arguments::{Amount, Digest, LicenceName, Name},
        doings::terms::{Use, bits},
        words::word,
    },
    error::amount,
    units::Period,
};

/// Why a licence ends early, by the contract's numbers: the rules keep their own enum of them to themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Reason {
    /// Convenience, where the terms allow it, after the notice.
    Convenience = 1,
    /// A default that was not cured.
    Default = 2,
    /// A breach that was not cured.
    Breach = 3,
    /// A violation that was not dismissed.
    Violation = 4,
    /// The arbiter's order.
    Order = 5,
}

doing! {
    /// Terminates a licence: for convenience after the notice, for a cause or by order at once.
    Terminate = "licence terminate", by Who::Named("the platform or the licensor; for a cause the licensor; by order ARBITER_ROLE"),
    calls [
        Licence::terminateCall,
    ] {
        /// Which licence.
        licence: LicenceName,
        /// Why.
        #[arg(long)]
        reason: Reason,
        /// Of a breach its kind: 1 late report, 2 late audit answer, 3 late redaction, 4 late deletion, 5 unpaid audit.
        #[arg(long, default_value_t = 0)]
        #[serde(default)]
        kind: u8,
        /// Of a default or a breach its number: a quarter as the contract counts it, an audit, a redaction.
        #[arg(long, default_value_t = 0)]
        #[serde(default)]
        number: u32,
        /// The document of the notice, or a violation's evidence.
        #[arg(long)]
        evidence: Digest,
    }
    |it, desk| {
        let of = Of::load(desk, &it.licence).await?;
        let call = Licence::terminateCall {
            licence: of.licence,
            reason: it.reason as u8,
            kind: it.kind,
            number: it.number,
            evidence: it.evidence.0,
        };
        Ok(Plan::of(
            Self::KIND,
            format!("Terminates licence {} of {}: {}.", of.licence, desk.says(of.parties.platform), word(it.reason)),
        )
        .fact(of.in_stage(&[6, 9]))
        .call(of.contract, &call))
    }
}

doing! {
    /// Names the account that shall take the platform's place; `nobody` takes that back.
    HandOver = "licence hand-over", by PLATFORM, calls [Licence::proposePlatformCall] {
        /// Which licence.
        licence: LicenceName,
        /// To whom.
        to: Name,
    }
    |it, desk| {
        let of = Of::load(desk, &it.licence).await?;
        let next = if it.to.0 == "nobody" { Address::ZERO } else { desk.address(&it.to)? };
        let (named, whom) = (of.parties.nextPlatform, |account: Address| match account.is_zero() {
            true => "nobody".to_owned(),
            false => desk.says(account),
        });
        Ok(Plan::of(Self::KIND, format!("Names {} to take the platform's place in {}.", whom(next), of.licence))
            .fact(of.platform(desk))
            .fact(Fact::new(named != next, format!("{} is named now", whom(named)), "nothing is to be done"))
            .fact(Fact::known(format!("it must accept: yieldset licence take-over {}", of.licence)))
            .call(of.contract, &Licence::proposePlatformCall { licence: of.licence, next }))
    }
}

doing! {
    /// Takes the platform's place in a licence.
    TakeOver = "licence take-over", by Who::Named("whom the platform named"), calls [Licence::acceptPlatformCall] {
        /// Which licence.
        licence: LicenceName,
    }
    |it, desk| {
        let of = Of::load(desk, &it.licence).await?;
        let next = of.parties.nextPlatform;
        let says = if next.is_zero() {
            "the platform named nobody".to_owned()
        } else {
            format!("the platform named {}", desk.says(next))
        };
        Ok(Plan::of(Self::KIND, format!("{} takes the platform's place in {}.", desk.says(desk.sender), of.licence))
            .fact(Fact::new(
                next == desk.sender,
                says,
                format!("the platform types: yieldset licence hand-over {} {}", of.licence, desk.sender),
            ))
            .call(of.contract, &Licence::acceptPlatformCall { licence: of.licence }))
    }
}

doing! {
    /// Certifies a milestone, which releases its part of the escrow.
    Milestone = "licence milestone", by LICENSOR_OR_ARBITER,
    calls [Licence::certifyMilestoneCall] {
        /// Which licence.
        licence: LicenceName,
        /// Which milestone, from 0.
        index: u8,
        /// The evidence's document.
        #[arg(long)]
        evidence: Digest,
    }
    |it, desk| {
        let of = Of::load(desk, &it.licence).await?;
        let call = Licence::certifyMilestoneCall { licence: of.licence, index: it.index, evidence: it.evidence.0 };
        Ok(Plan::of(Self::KIND, format!("Certifies milestone {} of {}.", it.index, of.licence))
            .fact(of.in_stage(&[6, 9]))
            .call(of.contract, &call))
    }
}

doing! {
    /// Records a sublicence that the platform granted.
    Sublicence = "licence sublicence", by PLATFORM, calls [Licence::recordSublicenceCall] {
        /// Which licence.
        licence: LicenceName,
        /// To whom.
        licensee: Name,
        /// For which uses that terms can forbid.
        #[arg(long, value_delimiter = ',')]
        #[serde(default)]
        uses: Vec<Use>,
        /// Its document.
        #[arg(long)]
        document: Digest,
    }
    |it, desk| {
        let (of, licensee) = (Of::load(desk, &it.licence).await?, desk.address(&it.licensee)?);
        let call = Licence::recordSublicenceCall {
            licence: of.licence,
            licensee,
            uses: bits(&it.uses),
            document: it.document.0,
        };
        let uses = match it.uses.is_empty() {
            true => "for no use that terms can forbid".to_owned(),
            false => format!("for {}", it.uses.iter().map(|one| word(*one)).collect::<Vec<_>>().join(", ")),
        };
        let to = desk.says(licensee);
        Ok(Plan::of(Self::KIND, format!("Records a sublicence of {} to {to}, {uses}.", of.licence))
            .fact(of.platform(desk))
            .call(of.contract, &call))
    }
}

doing! {
    /// Pays the platform what is refundable, after the end also the rest of the escrow.
    Refund = "licence refund", by Who::Named("the platform; anyone where it is paid to the platform"),
    calls [Licence::refundCall] {
        /// Which licence.
        licence: LicenceName,
        /// To whom; the platform without.
        #[arg(long)]
        to: Option<Name>,
    }
    |it, desk| {
        let of = Of::load(desk, &it.licence).await?;
        let (to, reaches) = match &it.to {
            Some(name) => desk.paid(name).await?,
            None => (of.parties.platform, desk.reaches(of.parties.platform, None).await?),
        };
        let money: Licence::Money = of.record(desk, b'M', B256::ZERO).await?;
        let currency = desk.currency_at(of.parties.currency).await?;
        let refundable = amount(money.refundable)?;
        Ok(Plan::of(Self::KIND, format!("Pays what is refundable of {} to {}.", of.licence, desk.says(to)))
            .fact(Fact::known(format!(
                "{} is refundable now; {} is in escrow",
                currency.says(refundable),
                currency.says(amount(money.escrow)?)
            )))
            .fact(reaches)
            .call(of.contract, &Licence::refundCall { licence: of.licence, to }))
    }
}

doing! {
    /// Offers the pool again what it did not take of a quarter.
    Deliver = "licence deliver", by Who::Anyone, calls [Licence::deliverCall] {
        /// Which licence.
        licence: LicenceName,
        /// Of which quarter.
        period: Period,
        /// Money of the chain's own that goes along, where the currency's allowance needs some.
        #[arg(long)]
        along: Option<Amount>,
    }
    |it, desk| {
        let of = Of::load(desk, &it.licence).await?;
        let along = it.along.as_ref().map_or(Ok(0), |quantity| desk.native().parse(&quantity.to_string()))?;
        let call = Licence::deliverCall { licence: of.licence, period: it.period.0 };
        Ok(Plan::of(
            Self::KIND,
            format!("Offers the pool again what it did not take of {} for {}.", it.period, of.licence),
        )
        .call_paying(of.contract, &call, along))
    }
}

doing! {
    /// Has a quarter's usage taken over from the stream's final report.
    Assess = "licence assess-usage", by Who::Anyone, calls [Licence::assessUsageCall] {
        /// Which licence.
        licence: LicenceName,
        /// Which quarter.
        period: Period,
    }
    |it, desk| {
        let of = Of::load(desk, &it.licence).await?;
        Ok(Plan::of(Self::KIND, format!("Takes over the usage of {} for {}.", it.period, of.licence))
            .call(of.contract, &Licence::assessUsageCall { licence: of.licence, quarter: it.period.0 }))
    }
}

doing! {
    /// Trues a licence year up: what is guaranteed and was not earned goes from the escrow to the pool.
    TrueUp = "licence true-up", by Who::Anyone, calls [Licence::trueUpCall] {
        /// Which licence.
        licence: LicenceName,
        /// Which licence year, from 1.
        year: u32,
    }
    |it, desk| {
        let of = Of::load(desk, &it.licence).await?;
        Ok(Plan::of(Self::KIND, format!("Trues year {} of {} up.", it.year, of.licence))
            .call(of.contract, &Licence::trueUpCall { licence: of.licence, year: it.year }))
    }
}
