//! Licences: offers, menus, acceptance, ends, milestones, sublicences, usage logs, hand-over.

use alloy_primitives::{Address, B256, U256};
use alloy_sol_types::SolValue;
use serde::{Deserialize, Serialize};

use super::terms::{Menu, Use, bits};
use crate::{
    abi::{Licence, Manifests, Pool},
    acts::{
        ActError, Currency, Desk, Fact, Plan, Who,
        arguments::{DatasetName, Digest, FromFile, LicenceName, Moment, Name},
    },
    error::amount,
    units::{Date, Percent, Period, Quantity},
};

const LICENSOR: Who = Who::Named("the pool's licensor, which is the co-op");
const PLATFORM: Who = Who::Platform;

/// Stages of a licence by their numbers.
pub const STAGES: [&str; 11] = [
    "unknown",
    "offered",
    "withdrawn",
    "declined",
    "accepted",
    "lapsed",
    "active",
    "terminated",
    "expired",
    "under notice",
    "ended",
];

doing! {
    /// Offers the pool a licence on some of its datasets; the highest upfront of the menu goes along.
    Offer = "licence offer", by Who::Anyone, calls [Licence::offerCall, Pool::approveCall] {
        /// The menu, TOML or JSON: yieldset example menu.
        menu: FromFile<Menu>,
        /// On which datasets.
        #[arg(long, required = true, num_args = 1..)]
        datasets: Vec<DatasetName>,
        /// Until when the pool can accept.
        #[arg(long, default_value = "+30d")]
        until: Moment,
    }
    |it, desk| {
        let (contract, pool, currency) = (desk.deployment.licence, desk.deployment.pool, desk.currency().await?);
        let (datasets, expires_at) = (desk.datasets(&it.datasets)?, desk.moment(it.until).await?);
        let (options, upfront) = it.menu.0.words(desk, &currency)?;
        let mut plan = Plan::of(
            Self::KIND,
            format!(
                "Offers {} a licence on {} with {}, until {}; {} goes along, which comes back as far as nothing is accepted.",
                desk.says(pool),
                count(datasets.len(), "dataset"),
                count(options.len(), "option"),
                Date(expires_at),
                currency.says(upfront)
            ),
        );
        for (name, dataset) in it.datasets.iter().zip(&datasets) {
            plan = plan.fact(in_pool(desk, name, *dataset).await?);
        }
        let call = Licence::offerCall { pool, currency: currency.address, datasets, options, expiresAt: expires_at };
        desk.with_money(plan, (&currency, upfront), contract, &call).await
    }
}

doing! {
    /// Publishes a menu of the pool's own: a platform that takes an option is licensed at once.
    Publish = "licence publish", by LICENSOR, calls [Licence::publishMenuCall] {
        /// The menu, TOML or JSON: yieldset example menu.
        menu: FromFile<Menu>,
        /// On which datasets.
        #[arg(long, required = true, num_args = 1..)]
        datasets: Vec<DatasetName>,
        /// Until when options can be taken.
        #[arg(long)]
        until: Moment,
    }
    |it, desk| {
        let (contract, pool, currency) = (desk.deployment.licence, desk.deployment.pool, desk.currency().await?);
        let (datasets, expires_at) = (desk.datasets(&it.datasets)?, desk.moment(it.until).await?);
        let (options, _) = it.menu.0.words(desk, &currency)?;
        let sentence = format!(
            "Publishes a menu of {} on {}, until {}.",
            count(options.len(), "option"),
            count(datasets.len(), "dataset"),
            Date(expires_at)
        );
        let call =
            Licence::publishMenuCall { pool, currency: currency.address, datasets, options, expiresAt: expires_at };
        Ok(Plan::of(Self::KIND, sentence).fact(licensor(desk, pool).await?).call(contract, &call))
    }
}

doing! {
    /// Takes a menu back; what was taken of it stands.
    WithdrawMenu = "licence withdraw-menu", by LICENSOR, calls [Licence::withdrawMenuCall] {
        /// Which menu.
        menu: LicenceName,
    }
    |it, desk| {
        let menu = desk.licence(&it.menu)?;
        Ok(Plan::of(Self::KIND, format!("Takes menu {menu} back."))
            .fact(licensor(desk, desk.deployment.pool).await?)
            .call(desk.deployment.licence, &Licence::withdrawMenuCall { menu }))
    }
}

doing! {
    /// Takes an option of a menu with its upfront and its escrow: the sender is licensed at once.
    Take = "licence take", by Who::Anyone, calls [Licence::takeOptionCall, Pool::approveCall] {
        /// Which menu.
        menu: LicenceName,
        /// Which option, from 0.
        option: u8,
    }
    |it, desk| {
        let (contract, menu, option) = (desk.deployment.licence, desk.licence(&it.menu)?, it.option);
        let terms = option_of(desk, menu, option).await?;
        let most = terms
            .price
            .upfront
            .checked_add(terms.price.escrow)
            .ok_or_else(|| ActError::Unfit("upfront and escrow are more than 128 bits of money".into()))?;
        let currency = desk.currency().await?;
        let plan = Plan::of(
            Self::KIND,
            format!(
                "Takes option {option} of menu {menu}: {} upfront and {} of escrow, for {} months.",
                currency.says(terms.price.upfront),
                currency.says(terms.price.escrow),
                terms.times.termMonths
            ),
        );
        let call = Licence::takeOptionCall { menu, option, currency: currency.address, most: U256::from(most) };
        desk.with_money(plan, (&currency, most), contract, &call).await
    }
}

doing! {
    /// Takes an offer back that nobody accepted; its upfront is refundable.
    Withdraw = "licence withdraw", by PLATFORM, calls [Licence::withdrawCall] {
        /// Which licence.
        licence: LicenceName,
    }
    |it, desk| {
        let of = Of::load(desk, &it.licence).await?;
        Ok(Plan::of(Self::KIND, format!("Takes the offer {} back.", of.licence))
            .fact(of.platform(desk))
            .fact(of.in_stage(&[1, 8]))
            .call(of.contract, &Licence::withdrawCall { licence: of.licence }))
    }
}

doing! {
    /// Declines an offer.
    Decline = "licence decline", by LICENSOR, calls [Licence::declineCall] {
        /// Which licence.
        licence: LicenceName,
    }
    |it, desk| {
        let of = Of::load(desk, &it.licence).await?;
        Ok(Plan::of(Self::KIND, format!("Declines the offer {} of {}.", of.licence, desk.says(of.parties.platform)))
            .fact(licensor(desk, of.parties.pool).await?)
            .fact(of.in_stage(&[1]))
            .call(of.contract, &Licence::declineCall { licence: of.licence }))
    }
}

doing! {
    /// Accepts an option of an offer, and only then it binds: the pool has the upfront.
    Accept = "licence accept", by LICENSOR, calls [Licence::acceptCall] {
        /// Which licence.
        licence: LicenceName,
        /// Which option, from 0.
        #[arg(default_value_t = 0)]
        option: u8,
    }
    |it, desk| {
        let (of, option) = (Of::load(desk, &it.licence).await?, it.option);
        let terms = option_of(desk, of.licence, option).await?;
        let currency = desk.currency_at(of.parties.currency).await?;
        let sentence = format!(
            "Accepts option {option} that {} offers: {} upfront, {} of the revenue, {} guaranteed a year, for {} months.",
            desk.says(of.parties.platform),
            currency.says(terms.price.upfront),
            Percent(terms.price.residualBps),
            currency.says(terms.price.guarantee),
            terms.times.termMonths
        );
        Ok(Plan::of(Self::KIND, sentence)
            .fact(licensor(desk, of.parties.pool).await?)
            .fact(of.in_stage(&[1]))
            .call(of.contract, &Licence::acceptCall { licence: of.licence, option }))
    }
}

/// Why a licence ends early, by the contract's numbers.
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
            format!("Terminates licence {} of {}: {:?}.", of.licence, desk.says(of.parties.platform), it.reason),
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
        Ok(Plan::of(Self::KIND, format!("Names {} to take the platform's place in {}.", desk.says(next), of.licence))
            .fact(of.platform(desk))
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
    Milestone = "licence milestone", by Who::Named("the pool's licensor, ARBITER_ROLE"),
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
        Ok(Plan::of(Self::KIND, format!("Records a sublicence of {} to {}.", of.licence, desk.says(licensee)))
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
        along: Option<Quantity>,
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

asking! {
    /// A licence: parties, stage, times, money; with --period a quarter's figures and what is owed.
    Show = "licence show" {
        /// Which licence.
        licence: LicenceName,
        /// A quarter.
        #[arg(long)]
        period: Option<Period>,
    }
    |it, desk| {
        let of = Of::load(desk, &it.licence).await?;
        let currency = desk.currency_at(of.parties.currency).await?;
        let says = |value: U256| amount(value).map(|value| currency.says(value));
        if let Some(period) = it.period {
            let which = B256::from(U256::from(period.0));
            let quarter: Licence::Quarter = of.record(desk, b'Q', which).await?;
            let due: Licence::Due = of.record(desk, b'U', which).await?;
            return Ok(answer!({
                "licence": of.licence,
                "period": period,
                "reported": known(quarter.reportedAt),
                "gross": says(quarter.gross)?,
                "infrastructure": says(quarter.infrastructure)?,
                "taxes": says(quarter.taxes)?,
                "due": says(due.due)?,
                "paid": says(due.paid)?,
                "interest": says(due.interest)?,
                "outstanding": says(due.outstanding)?,
                "pay_by": known(due.payBy),
                "in_default": due.inDefault,
            }));
        }
        let times: Licence::Times = of.record(desk, b'T', B256::ZERO).await?;
        let money: Licence::Money = of.record(desk, b'M', B256::ZERO).await?;
        let counts: Licence::Counts = of.record(desk, b'N', B256::ZERO).await?;
        Ok(answer!({
            "licence": of.licence,
            "stage": of.stage(),
            "platform": desk.says(of.parties.platform),
            "pool": desk.says(of.parties.pool),
            "currency": currency.coin.symbol,
            "offer_expires": known(times.offerExpiresAt),
            "active_since": known(times.activatedAt),
            "ends": known(times.endsAt),
            "training_until": known(times.trainingUntil),
            "escrow": says(money.escrow)?,
            "refundable": says(money.refundable)?,
            "paid_to_pool": says(money.toPool)?,
            "owed": says(money.owed)?,
            "next_quarter": (counts.nextQuarter > 0).then_some(Period(counts.nextQuarter)),
            "open_defaults": counts.openDefaults,
            "breaches": counts.breaches,
            "violations": counts.violations,
        }))
    }
}

/// A licence that exists.
pub(super) struct Of {
    /// The contract.
    pub contract: Address,
    /// The licence.
    pub licence: B256,
    /// Whose it is.
    pub parties: Licence::Parties,
    stage: u8,
}

impl Of {
    /// A licence by its name.
    pub async fn load(desk: &Desk, name: &LicenceName) -> Result<Self, ActError> {
        let (contract, licence) = (desk.deployment.licence, desk.licence(name)?);
        let parties: Licence::Parties = record(desk, licence, b'P', B256::ZERO).await?;
        if parties.platform.is_zero() {
            return Err(ActError::Unfit(format!(
                "there is no licence {licence} on {}; check the id, --profile and --deployment",
                desk.says(contract)
            )));
        }
        let state: Licence::State = record(desk, licence, b'S', B256::ZERO).await?;
        Ok(Self { contract, licence, parties, stage: state.stage })
    }

    /// One of its records.
    pub async fn record<T>(&self, desk: &Desk, letter: u8, which: B256) -> Result<T, ActError>
    where
        T: SolValue + From<<T::SolType as alloy_sol_types::SolType>::RustType>,
    {
        record(desk, self.licence, letter, which).await
    }

    /// The fact that the sender is its platform.
    pub fn platform(&self, desk: &Desk) -> Fact {
        let platform = self.parties.platform;
        Fact::new(
            platform == desk.sender,
            format!("its platform is {}", desk.says(platform)),
            "send it as that account: --from",
        )
    }

    /// Its stage in words.
    pub fn stage(&self) -> &'static str {
        STAGES.get(usize::from(self.stage)).copied().unwrap_or("unknown")
    }

    /// The fact that it is in one of these stages.
    pub fn in_stage(&self, wanted: &[u8]) -> Fact {
        let names: Vec<_> = wanted.iter().filter_map(|stage| STAGES.get(usize::from(*stage))).copied().collect();
        Fact::new(
            wanted.contains(&self.stage),
            format!("the licence is {}", self.stage()),
            format!("that needs one that is {}; yieldset licence show {}", names.join(" or "), self.licence),
        )
    }

    /// What it is paid in.
    pub async fn currency(&self, desk: &Desk) -> Result<Currency, ActError> {
        desk.currency_at(self.parties.currency).await
    }
}

/// A record of a licence or a menu, from its words.
pub(super) async fn record<T>(desk: &Desk, licence: B256, letter: u8, which: B256) -> Result<T, ActError>
where
    T: SolValue + From<<T::SolType as alloy_sol_types::SolType>::RustType>,
{
    let call = Licence::recordOfCall { licence, record: letter, which };
    let words = desk.read(desk.deployment.licence, &call).await?.concat();
    T::abi_decode(&words).map_err(|error| {
        ActError::Unfit(format!(
            "{} has no record {} of {licence} ({error})",
            desk.says(desk.deployment.licence),
            char::from(letter)
        ))
    })
}

/// The terms of an option, without its milestones.
async fn option_of(desk: &Desk, licence: B256, option: u8) -> Result<Licence::Terms, ActError> {
    let call = Licence::recordOfCall { licence, record: b'O', which: B256::from(U256::from(option)) };
    let words = desk.read(desk.deployment.licence, &call).await?;
    let terms = words.get(..TERMS_WORDS).map(|words| words.concat()).unwrap_or_default();
    Licence::Terms::abi_decode(&terms)
        .map_err(|_| ActError::Unfit(format!("{licence} has no option {option}; options are counted from 0")))
}

/// Words of an option's terms.
const TERMS_WORDS: usize = 36;

/// The fact that the sender is the pool's licensor.
async fn licensor(desk: &Desk, pool: Address) -> Result<Fact, ActError> {
    let is = desk.has_role(pool, "LICENSOR_ROLE", desk.sender).await?;
    let says = format!(
        "{} {} LICENSOR_ROLE of {}",
        desk.says(desk.sender),
        if is { "has" } else { "does not have" },
        desk.says(pool)
    );
    Ok(Fact::new(is, says, "where the co-op has it, repeat the command with --by-vote WHY"))
}

async fn in_pool(desk: &Desk, name: &DatasetName, dataset: B256) -> Result<Fact, ActError> {
    let pool = desk.read(desk.deployment.manifests, &Manifests::poolOfCall { dataset }).await?;
    let says =
        if pool.is_zero() { format!("{name} is in no pool") } else { format!("{name} is in {}", desk.says(pool)) };
    Ok(Fact::new(
        pool == desk.deployment.pool,
        says,
        format!("its creator types: yieldset dataset assign {dataset} {}", desk.deployment.pool),
    ))
}

/// A time, where there is one.
pub(super) fn known(time: u64) -> Option<Date> {
    (time > 0).then_some(Date(time))
}

/// So many of something.
pub(super) fn count(number: usize, what: &str) -> String {
    match number {
        1 => format!("1 {what}"),
        number if what.ends_with('s') => format!("{number} {what}es"),
        number => format!("{number} {what}s"),
    }
}
