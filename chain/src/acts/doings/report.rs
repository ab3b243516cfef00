//! Attribution reports on chain, and the committee that signs them. Signing and posting need the oracle's library:
//! `yieldset report sign` and `post` run `yieldset-oracle`.

use alloy_primitives::{Address, B256, U256};

use super::licence::{count as so_many, known};
use crate::{
    abi::{Attribution, Verifier},
    acts::{
        ActError, Currency, Desk, Fact, Plan, Who,
        arguments::{Amount, Digest, LicenceName, Millionths, Name, PublicKey},
    },
    error::amount,
    units::{Date, Period},
};

const COMMITTEE: Who = Who::Role("COMMITTEE_ROLE");
const ARBITER: Who = Who::Role("ARBITER_ROLE");

doing! {
    /// Announces the next committee, which takes office after the delay.
    Propose = "committee propose", by COMMITTEE, calls [Attribution::proposeCommitteeCall] {
        /// The members' ed25519 public keys, at most 12.
        #[arg(required = true)]
        keys: Vec<PublicKey>,
        /// How many of them must sign a report.
        #[arg(long)]
        threshold: u8,
    }
    |it, desk| {
        let (registry, count) = (desk.deployment.attribution, it.keys.len());
        let keys = it.keys.iter().map(|key| key.0).collect();
        let terms = desk.read(registry, &Attribution::termsCall {}).await?;
        let fits = usize::from(it.threshold) <= count && it.threshold > 0;
        let delay = crate::units::Span(terms.committeeDelay);
        Ok(Plan::of(
            Self::KIND,
            format!(
                "Announces a committee of {}, of which {} sign a report; it can take office after {delay}.",
                so_many(count, "key"),
                it.threshold
            ),
        )
        .fact(desk.holds(registry, "COMMITTEE_ROLE").await?)
        .fact(Fact::new(
            fits,
            format!("{} of {count}", it.threshold),
            "choose a threshold from 1 to the number of keys",
        ))
        .fact(Fact::known("then: yieldset committee activate"))
        .call(registry, &Attribution::proposeCommitteeCall { keys, threshold: it.threshold }))
    }
}

doing! {
    /// Puts the announced committee in office, once its delay is over.
    Activate = "committee activate", by Who::Anyone, calls [Attribution::activateCommitteeCall] {}
    |_it, desk| {
        let registry = desk.deployment.attribution;
        let proposed = desk.read(registry, &Attribution::proposedCommitteeCall {}).await?;
        let (now, any) = (desk.now().await?, !proposed.keys.is_empty());
        let says = if any {
            format!("{} announced, from {} on", so_many(proposed.keys.len(), "key"), Date(proposed.effectiveAt))
        } else {
            "no committee is announced".to_owned()
        };
        Ok(Plan::of(
            Self::KIND,
            "Puts the announced committee in office; no key of an older one signs anything from then on.",
        )
        .fact(Fact::new(
            any && now >= proposed.effectiveAt,
            says,
            "announce one, yieldset committee propose, and wait for its time",
        ))
        .call(registry, &Attribution::activateCommitteeCall {}))
    }
}

doing! {
    /// Revokes a member's key at once and for good.
    RevokeKey = "committee revoke-key", by COMMITTEE, calls [Attribution::revokeKeyCall] {
        /// The ed25519 public key.
        key: PublicKey,
    }
    |it, desk| {
        let (registry, key) = (desk.deployment.attribution, it.key.0);
        let committee = desk.read(registry, &Attribution::committeeCall {}).await?;
        let left = committee.keys.iter().filter(|member| **member != key).count();
        let note = format!("{} left then, of which {} must sign a report", so_many(left, "key"), committee.threshold);
        Ok(Plan::of(Self::KIND, format!("Revokes {key}, for good."))
            .fact(desk.holds(registry, "COMMITTEE_ROLE").await?)
            .fact(Fact::known(note))
            .call(registry, &Attribution::revokeKeyCall { key }))
    }
}

doing! {
    /// Works out a key's multiples ahead, so that a later committee costs less to announce.
    Prepare = "committee prepare-key", by Who::Anyone, calls [Verifier::prepareCall] {
        /// The ed25519 public key.
        key: PublicKey,
    }
    |it, desk| {
        let verifier = desk.read(desk.deployment.attribution, &Attribution::termsCall {}).await?.verifier;
        let done = !desk.read(verifier, &Verifier::preparedHashCall { key: it.key.0 }).await?.is_zero();
        Ok(Plan::of(Self::KIND, format!("Works out the multiples of {}.", it.key))
            .fact(Fact::new(
                !done,
                if done { "they are there already" } else { "they are not there yet" },
                "nothing is to be done",
            ))
            .call(verifier, &Verifier::prepareCall { key: it.key.0 }))
    }
}

doing! {
    /// Disputes a report in its window, with a bond.
    Dispute = "report dispute", by Who::Named("anyone with the bond, while the window is open"),
    calls [Attribution::disputeCall, crate::abi::Pool::approveCall] {
        /// Which stream.
        stream: LicenceName,
        /// Which quarter.
        period: Period,
        /// The document that says why.
        #[arg(long)]
        reason: Digest,
    }
    |it, desk| {
        let at = Place::of(desk, &it.stream, it.period)?;
        let (currency, bond, dispute) = (at.currency(desk).await?, at.bond(desk).await?, at.dispute(desk).await?);
        let (pool, stream, period) = at.key();
        let plan = Plan::of(
            Self::KIND,
            format!("Disputes the report of {} with a bond of {}.", at.says(), currency.says(bond)),
        )
        .fact(Fact::new(
            dispute.phase == 1,
            phase(&dispute),
            "only a report in its window can be disputed; yieldset report show",
        ))
        .fact(Fact::known("the bond comes back where the arbiter agrees, or does not rule"));
        let call = Attribution::disputeCall { pool, stream, period, reason: it.reason.0, maxBond: U256::from(bond) };
        desk.with_money(plan, (&currency, bond), at.registry, &call).await
    }
}

doing! {
    /// Adds a reason of the sender's own to an open dispute, without a bond.
    AddReason = "report add-reason", by Who::Named("anyone, before the deadline"), calls [Attribution::addReasonCall] {
        /// Which stream.
        stream: LicenceName,
        /// Which quarter.
        period: Period,
        /// The document that says why.
        #[arg(long)]
        reason: Digest,
    }
    |it, desk| {
        let at = Place::of(desk, &it.stream, it.period)?;
        let (report, dispute) = (at.report(desk).await?, at.dispute(desk).await?);
        let (pool, stream, period) = at.key();
        Ok(Plan::of(Self::KIND, format!("Adds a reason to the dispute of {}.", at.says()))
            .fact(Fact::new(dispute.phase == 2, phase(&dispute), "dispute it first: yieldset report dispute"))
            .call(
                at.registry,
                &Attribution::addReasonCall { pool, stream, period, reportHash: report, reason: it.reason.0 },
            ))
    }
}

doing! {
    /// Stands for a disputed report, with a bond that matches the challenger's.
    Defend = "report defend", by Who::Named("anyone but the challenger, before the deadline"),
    calls [Attribution::defendCall, crate::abi::Pool::approveCall] {
        /// Which stream.
        stream: LicenceName,
        /// Which quarter.
        period: Period,
    }
    |it, desk| {
        let at = Place::of(desk, &it.stream, it.period)?;
        let (report, dispute) = (at.report(desk).await?, at.dispute(desk).await?);
        let (currency, bond) = (desk.currency_at(dispute.currency).await?, amount(dispute.bond)?);
        let (pool, stream, period) = at.key();
        let plan = Plan::of(
            Self::KIND,
            format!("Stands for the report of {} with a bond of {}.", at.says(), currency.says(bond)),
        )
        .fact(Fact::new(dispute.phase == 2, phase(&dispute), "nothing is to be defended"));
        let call = Attribution::defendCall { pool, stream, period, reportHash: report, maxBond: U256::from(bond) };
        desk.with_money(plan, (&currency, bond), at.registry, &call).await
    }
}

/// What the arbiter says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Ruling {
    /// The challenger is right: the report is withdrawn.
    Uphold,
    /// The report stands.
    Reject,
}

doing! {
    /// Rules on a dispute.
    Rule = "report rule", by ARBITER, calls [Attribution::upholdCall, Attribution::rejectCall] {
        /// Which stream.
        stream: LicenceName,
        /// Which quarter.
        period: Period,
        /// For the challenger, or for the report.
        ruling: Ruling,
    }
    |it, desk| {
        let at = Place::of(desk, &it.stream, it.period)?;
        let dispute = at.dispute(desk).await?;
        let (pool, stream, period) = at.key();
        let what = match it.ruling {
            Ruling::Uphold => "withdraws the report",
            Ruling::Reject => "lets the report stand",
        };
        let plan = Plan::of(Self::KIND, format!("Rules on the dispute of {}: it {what}.", at.says()))
            .fact(desk.holds(at.registry, "ARBITER_ROLE").await?)
            .fact(Fact::new(dispute.phase == 2, phase(&dispute), "nothing is to be ruled on"));
        Ok(match it.ruling {
            Ruling::Uphold => plan.call(at.registry, &Attribution::upholdCall { pool, stream, period }),
            Ruling::Reject => plan.call(at.registry, &Attribution::rejectCall { pool, stream, period }),
        })
    }
}

doing! {
    /// Ends a dispute that nobody ruled on in time; each side has its bond back.
    Expire = "report expire", by Who::Anyone, calls [Attribution::expireCall] {
        /// Which stream.
        stream: LicenceName,
        /// Which quarter.
        period: Period,
    }
    |it, desk| {
        let at = Place::of(desk, &it.stream, it.period)?;
        let (dispute, now) = (at.dispute(desk).await?, desk.now().await?);
        let (pool, stream, period) = at.key();
        Ok(Plan::of(Self::KIND, format!("Ends the dispute of {}, on which nobody ruled.", at.says()))
            .fact(Fact::new(dispute.phase == 2 && now >= dispute.until, phase(&dispute), "wait for its deadline"))
            .call(at.registry, &Attribution::expireCall { pool, stream, period }))
    }
}

doing! {
    /// Records what an audit of a report found.
    Audit = "report audit", by Who::Role("AUDITOR_ROLE"), calls [Attribution::postAuditCall] {
        /// Which stream.
        stream: LicenceName,
        /// Which quarter.
        period: Period,
        /// The audit's document.
        #[arg(long)]
        document: Digest,
        /// Seed of the sample.
        #[arg(long)]
        seed: B256,
        /// Outputs in the sample.
        #[arg(long)]
        samples: u32,
        /// Largest deviation of a weight.
        #[arg(long)]
        deviation: Millionths,
        /// Confidence in it.
        #[arg(long)]
        confidence: Millionths,
    }
    |it, desk| {
        let at = Place::of(desk, &it.stream, it.period)?;
        let report = at.report(desk).await?;
        let (pool, stream, period) = at.key();
        let call = Attribution::postAuditCall {
            pool,
            stream,
            period,
            reportHash: report,
            auditHash: it.document.0,
            seed: it.seed,
            samples: it.samples,
            maxDeviation: it.deviation.0,
            confidence: it.confidence.0,
        };
        Ok(Plan::of(
            Self::KIND,
            format!(
                "Records an audit of {}: {}, off by {} at most, confidence {}.",
                at.says(),
                so_many(usize::try_from(it.samples).unwrap_or(usize::MAX), "sample"),
                it.deviation,
                it.confidence
            ),
        )
        .fact(desk.holds(at.registry, "AUDITOR_ROLE").await?)
        .call(at.registry, &call))
    }
}

doing! {
    /// Pays out bonds that are owed to an account.
    WithdrawBond = "report withdraw-bond", by Who::Named("the account; anyone else to that account"),
    calls [Attribution::withdrawBondCall] {
        /// To whom they are owed; the sender without.
        #[arg(long)]
        account: Option<Name>,
        /// Where they go; the account without.
        #[arg(long)]
        to: Option<Name>,
    }
    |it, desk| {
        let (registry, currency) = (desk.deployment.attribution, desk.currency().await?);
        let account = desk.address_or_sender(it.account.as_ref())?;
        let (to, reaches) = match &it.to {
            Some(name) => desk.paid(name).await?,
            None => (account, desk.reaches(account, None).await?),
        };
        let owed =
            amount(desk.read(registry, &Attribution::bondOwedCall { currency: currency.address, account }).await?)?;
        let call = Attribution::withdrawBondCall { currency: currency.address, account, to };
        Ok(Plan::of(Self::KIND, format!("Pays {} of bonds out to {}.", currency.says(owed), desk.says(to)))
            .fact(Fact::new(owed > 0, format!("{} is owed", currency.says(owed)), "nothing is to be done"))
            .fact(reaches)
            .call(registry, &call))
    }
}

doing! {
    /// Brings a quarter what disputes left it and its pool did not take.
    DeliverBond = "report deliver-bond", by Who::Anyone, calls [Attribution::deliverBondCall] {
        /// Which stream.
        stream: LicenceName,
        /// Which quarter.
        period: Period,
        /// Money of the chain's own that goes along, where the currency's allowance needs some.
        #[arg(long)]
        along: Option<Amount>,
    }
    |it, desk| {
        let at = Place::of(desk, &it.stream, it.period)?;
        let (pool, stream, period) = at.key();
        let kept = desk.read(at.registry, &Attribution::bondKeptCall { pool, stream, period }).await?;
        let (currency, kept) = (desk.currency_at(kept.currency).await?, amount(kept.amount)?);
        let along = it.along.as_ref().map_or(Ok(0), |quantity| desk.native().parse(&quantity.to_string()))?;
        Ok(Plan::of(Self::KIND, format!("Brings {} to {}.", currency.says(kept), at.says()))
            .fact(Fact::new(kept > 0, format!("{} waits", currency.says(kept)), "nothing is to be done"))
            .call_paying(at.registry, &Attribution::deliverBondCall { pool, stream, period }, along))
    }
}

asking! {
    /// The committee in office, and the one that is announced.
    ShowCommittee = "committee show" {}
    |_it, desk| {
        let registry = desk.deployment.attribution;
        let now = desk.read(registry, &Attribution::committeeCall {}).await?;
        let next = desk.read(registry, &Attribution::proposedCommitteeCall {}).await?;
        Ok(answer!({
            "epoch": now.epoch,
            "threshold": now.threshold,
            "keys": now.keys,
            "announced_keys": next.keys,
            "announced_threshold": next.threshold,
            "announced_from": known(next.effectiveAt),
        }))
    }
}

asking! {
    /// A quarter's report: where it stands, its figures and its dispute.
    Show = "report show" {
        /// Which stream.
        stream: LicenceName,
        /// Which quarter.
        period: Period,
    }
    |it, desk| {
        let at = Place::of(desk, &it.stream, it.period)?;
        let (pool, stream, period) = at.key();
        let figures = desk.read(at.registry, &Attribution::figuresOfCall { pool, stream, period }).await?;
        let (dispute, report) = (
            at.dispute(desk).await?,
            desk.read(at.registry, &Attribution::reportOfCall { pool, stream, period }).await?,
        );
        let state = match figures.state {
            0 => "no report",
            1 => "in its window",
            2 => "disputed or withdrawn",
            _ => "final",
        };
        Ok(answer!({
            "stream": stream,
            "period": it.period,
            "state": state,
            "revision": figures.revision,
            "report": report.reportHash,
            "weights_root": report.weightsRoot,
            "posted": known(report.postedAt),
            "metric": figures.metric,
            "threshold": Millionths(figures.threshold),
            "attributed_tokens": figures.attributedTokens.to_string(),
            "qualifying_calls": figures.qualifyingCalls,
            "phase": phase(&dispute),
            "disputes": dispute.disputes,
        }))
    }
}

/// A quarter of a stream in the pool.
struct Place {
    registry: Address,
    pool: Address,
    stream: B256,
    period: Period,
}

impl Place {
    fn of(desk: &Desk, stream: &LicenceName, period: Period) -> Result<Self, ActError> {
        let (registry, pool) = (desk.deployment.attribution, desk.deployment.pool);
        Ok(Self { registry, pool, stream: desk.stream(stream)?, period })
    }

    fn key(&self) -> (Address, B256, u32) {
        (self.pool, self.stream, self.period.0)
    }

    fn says(&self) -> String {
        format!("{} of stream {}", self.period, self.stream)
    }

    async fn dispute(&self, desk: &Desk) -> Result<Attribution::disputeOfReturn, ActError> {
        let (pool, stream, period) = self.key();
        desk.read(self.registry, &Attribution::disputeOfCall { pool, stream, period }).await
    }

    async fn report(&self, desk: &Desk) -> Result<B256, ActError> {
        let (pool, stream, period) = self.key();
        Ok(desk.read(self.registry, &Attribution::reportOfCall { pool, stream, period }).await?.reportHash)
    }

    async fn bond_for(&self, desk: &Desk) -> Result<Attribution::bondForReturn, ActError> {
        let (pool, stream, period) = self.key();
        desk.read(self.registry, &Attribution::bondForCall { pool, stream, period }).await
    }

    async fn bond(&self, desk: &Desk) -> Result<u128, ActError> {
        Ok(amount(self.bond_for(desk).await?.bond)?)
    }

    async fn currency(&self, desk: &Desk) -> Result<Currency, ActError> {
        desk.currency_at(self.bond_for(desk).await?.currency).await
    }
}

fn phase(dispute: &Attribution::disputeOfReturn) -> String {
    let until = Date(dispute.until);
    match dispute.phase {
        0 => "there is no report".to_owned(),
        1 => format!("its window is open until {until}"),
        2 => format!("it is disputed; the arbiter rules until {until}"),
        _ => format!("it was withdrawn on {until}"),
    }
}
