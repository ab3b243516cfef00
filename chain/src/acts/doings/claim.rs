//! Claims of what was earned, as a holder of shares and as a contributor.

use alloy_primitives::{Address, B256, U256};
use serde::{Deserialize, Serialize};
use yieldset_rules::compliance::Restriction;

use crate::{
    abi::{Attribution, Kyc, Pool},
    acts::{
        Act, ActError, Desk, Fact, Plan, Who,
        arguments::{FromFile, Name},
        doings::deposits::way,
        remedies,
    },
    error::amount,
    units::{Date, Period},
};

/// A settlement's part that claims need; what else its file has is not read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settlement {
    /// The stream.
    pub stream: B256,
    /// The accounting period.
    pub period: u32,
    /// Everybody with a weight.
    pub contributors: Vec<Weighted>,
}

/// A contributor of a settlement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Weighted {
    /// Who is paid.
    pub account: Address,
    /// In parts of 10^18, digits in a text.
    #[serde(deserialize_with = "digits")]
    pub weight: U256,
    /// Its path to the root.
    pub proof: Vec<B256>,
}

fn digits<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<U256, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Number {
        Text(String),
        Number(u64),
    }
    match Number::deserialize(deserializer)? {
        Number::Text(digits) => digits.parse().map_err(serde::de::Error::custom),
        Number::Number(number) => Ok(U256::from(number)),
    }
}

/// Most claims of an account in a call.
const MOST_CLAIMS: usize = 64;

doing! {
    /// Claims all that an account has earned: dividends, and its part of the settlements that are given.
    Claim = "claim", by Who::Anyone,
    calls [
        Pool::claimCall, Pool::claimForCall, Pool::claimContributionCall, Pool::claimContributionForCall,
        Pool::claimContributionsCall,
    ] {
        /// Everything that can be paid; needs --settlement for what was earned as a contributor.
        #[arg(long, required = true)]
        #[serde(default)]
        all: bool,
        /// For whom; the sender without. It is paid to that account whoever sends it.
        #[arg(long)]
        account: Option<Name>,
        /// Settlements of final reports, as yieldset-oracle settle writes and the platform publishes them.
        #[arg(long, num_args = 1..)]
        #[serde(default)]
        settlement: Vec<FromFile<Settlement>>,
    }
    |it, desk| {
        let (pool, account, currency) =
            (desk.deployment.pool, desk.address_or_sender(it.account.as_ref())?, desk.currency().await?);
        let own = account == desk.sender;
        let given = it.account.as_ref().and_then(|name| desk.book.entry(&name.0).ok()?.account);
        let reaches = desk.reaches(account, given).await?;
        let dividends = desk.read(pool, &Pool::dividendStateCall { account }).await?;
        let mut sum = 0u128;
        let mut plan = Plan::of(Self::KIND, "").fact(reaches);
        let (mut held, mut waits) = (Vec::new(), Vec::new());
        match dividends.state {
            2 => {
                sum = amount(dividends.amount)?;
                plan = plan.fact(Fact::known(format!("dividends: {}", currency.says(sum))));
                plan = match own {
                    true => plan.call(pool, &Pool::claimCall {}),
                    false => plan.call(pool, &Pool::claimForCall { account }),
                };
            }
            4 => held.push(format!("dividends of {}", currency.says(amount(dividends.amount)?))),
            _ => plan = plan.fact(Fact::known("dividends: none")),
        }
        let mut claims = Vec::new();
        for FromFile(settlement) in &it.settlement {
            let (stream, period) = (settlement.stream, settlement.period);
            let Some(part) = settlement.contributors.iter().find(|part| part.account == account) else {
                plan = plan.fact(Fact::known(format!("{} of stream {stream}: no part", Period(period))));
                continue;
            };
            let (weight, proof) = (part.weight, part.proof.clone());
            let state = desk
                .read(pool, &Pool::contributionStateCall { account, stream, period, weight, proof: proof.clone() })
                .await?;
            let figure = currency.says(amount(state.amount)?);
            let place = format!("{} of stream {}", Period(period), desk.stream_says(stream));
            match state.state {
                2 => {
                    sum = sum.saturating_add(amount(state.amount)?);
                    plan = plan.fact(Fact::known(format!("{place}: {figure}")));
                    claims.push((stream, period, weight, proof));
                }
                1 => waits.push(format!("{place}: {}", missing(desk, (stream, period)).await?)),
                3 => plan = plan.fact(Fact::known(format!("{place}: paid already"))),
                4 => held.push(format!("{place}: {figure}")),
                _ => plan = plan.fact(Fact::known(format!("{place}: nothing earned"))),
            }
        }
        plan = claimed(plan, pool, account, own, claims);
        for why in &waits {
            plan = plan.fact(Fact::known(why.clone()));
        }
        let stopped = if held.is_empty() { None } else { Some(held_back(desk, account).await?) };
        if let Some((why, what)) = &stopped {
            plan = plan.fact(Fact::known(format!("held back: {}; {why}; {what}", held.join("; "))));
        }
        plan.sentence = format!("Claims {} for {}.", currency.says(sum), desk.says(account));
        let any = !plan.acts.is_empty();
        plan.acts =
            std::mem::take(&mut plan.acts).into_iter().map(|act| Act { about: plan.sentence.clone(), ..act }).collect();
        let (says, remedy) = match stopped {
            Some((why, what)) => (format!("nothing can be paid now: {} is held back, because {why}", held.join("; ")), what),
            None if !waits.is_empty() => (
                format!("nothing can be paid now: {}", waits.join("; ")),
                "claim again when it is final".to_owned(),
            ),
            None => (
                "nothing can be paid now: nothing was earned since the last claim".to_owned(),
                "yieldset pool show says what the account has; give the --settlement of each period".to_owned(),
            ),
        };
        Ok(plan.fact(Fact::new(any, if any { "it can be paid now".to_owned() } else { says }, remedy)))
    }
}

/// What is missing until a contributor's part of a quarter can be paid.
async fn missing(desk: &Desk, (stream, period): (B256, u32)) -> Result<String, ActError> {
    let (registry, pool) = (desk.deployment.attribution, desk.deployment.pool);
    let dispute = desk.read(registry, &Attribution::disputeOfCall { pool, stream, period }).await?;
    let figures = desk.read(registry, &Attribution::figuresOfCall { pool, stream, period }).await?;
    let waiting = desk.read(pool, &Pool::waitingOfCall { stream, period }).await?;
    let until = Date(dispute.until);
    Ok(match dispute.phase {
        0 => "its report is not posted yet; who has it posts it: yieldset report post".to_owned(),
        2 => format!("its report is disputed; the arbiter rules until {until}"),
        3 => format!("its report was withdrawn on {until}; a revision is posted: yieldset report post"),
        _ if figures.state < 3 => format!("its report can be disputed until {until}, and is final then"),
        _ if waiting.state == 0 => "nothing was paid in for it".to_owned(),
        _ => format!("its report is final and gives nobody a weight: {}", way(waiting.state)),
    })
}

/// Why what an account earned is held back, and who changes that.
async fn held_back(desk: &Desk, account: Address) -> Result<(String, String), ActError> {
    let (pool, kyc) = (desk.deployment.pool, desk.deployment.kyc);
    let code = desk.read(pool, &Pool::screenedCall { account }).await?;
    let (says, who) = (desk.says(account), desk.types(account));
    let renew = format!(
        "an agent renews it: yieldset kyc set {who} --country CODE --until DATE (who is one: yieldset roles show)"
    );
    let record = desk.read(kyc, &Kyc::recordOfCall { account }).await?;
    use Restriction as R;
    Ok(match R::from_code(code) {
        Some(R::None) => (
            "the pool is paused, or it is less than an account can have of the currency".to_owned(),
            remedies::of_restriction(R::Paused as u8).to_owned(),
        ),
        Some(R::SenderNotVerified | R::RecipientNotVerified) => {
            (format!("{says} has no KYC record"), renew.replace("renews", "records"))
        }
        Some(R::SenderExpired | R::RecipientExpired) => {
            (format!("the KYC record of {says} ended on {}", Date(record.expiry)), renew)
        }
        Some(R::SenderFrozen | R::RecipientFrozen) => {
            (format!("{says} is frozen"), format!("an agent types: yieldset kyc unfreeze {who}"))
        }
        _ => (
            format!("{says} is stopped: {}", desk.read(pool, &Pool::messageForTransferRestrictionCall { code }).await?),
            remedies::of_restriction(code).to_owned(),
        ),
    })
}

/// One contribution by its own call, several by batches.
fn claimed(
    plan: Plan,
    pool: Address,
    account: Address,
    own: bool,
    mut claims: Vec<(B256, u32, U256, Vec<B256>)>,
) -> Plan {
    if claims.len() == 1
        && let Some((stream, period, weight, proof)) = claims.pop()
    {
        return match own {
            true => plan.call(pool, &Pool::claimContributionCall { stream, period, weight, proof }),
            false => plan.call(pool, &Pool::claimContributionForCall { account, stream, period, weight, proof }),
        };
    }
    claims.chunks(MOST_CLAIMS).fold(plan, |plan, part| {
        let call = Pool::claimContributionsCall {
            account,
            streams: part.iter().map(|claim| claim.0).collect(),
            periods: part.iter().map(|claim| claim.1).collect(),
            weights: part.iter().map(|claim| claim.2).collect(),
            proofs: part.iter().map(|claim| claim.3.clone()).collect(),
        };
        plan.call(pool, &call)
    })
}
