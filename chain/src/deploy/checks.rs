//! What is looked at before the first step, what all will cost, and what is looked at after the last.

use std::path::Path;

use alloy_primitives::{Address, B256};
use yieldset_rules::{committee, currency::is_asset, dispute, governance};

use super::{
    DeployError, Request, blobs,
    journal::begun,
    steps::{COOP, Does, Known, MAP, POOL, Step},
};
use crate::{
    abi::{Access, Factory, Pool},
    client::ChainClient,
    deployment::{Config, Deployment, label, role},
    error::{ChainError, amount},
    profile::Profile,
    submit::{Action, Need, Submitter},
    units::{Native, Span},
};

/// The devnet's deposit for an item, in units of 10^-12 of a coin: what was measured there is scaled by another
/// chain's.
/// All of its deposits are multiples of one price, as Polkadot's system chains have it.
const DEVNET_ITEM: u128 = 200_000_000_000;

/// What a step will cost, in wei.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cost {
    /// The step.
    pub step: Step,
    /// Its transaction, as far as it is known: what it calls may not be there yet, and has address zero then.
    pub action: Action,
    /// What is paid for it, at the present price.
    pub fee: u128,
    /// What is held for storage. It comes back when the contract's storage is freed or its code removed.
    pub deposit: u128,
    /// Whether the node tried this very transaction; else what it took on a devnet is priced by this chain.
    pub tried: bool,
}

/// Settings that the contracts take, by the rules that they follow: looked at before anything is sent, where a contract
/// would refuse them after others were paid for.
///
/// # Errors
/// [`DeployError::Settings`] with the option that is wrong.
pub fn settings(config: &Config) -> Result<(), DeployError> {
    let Config { name, symbol, committee: members, threshold, challenge, voting, .. } = config;
    let wrong = |option: &str, why: String| Err(DeployError::Settings(format!("{option}: {why}")));
    for (option, text) in [("--name", name), ("--symbol", symbol)] {
        if let Err(error) = label(text) {
            return wrong(option, error.to_string());
        }
    }
    let keys = || members.iter().map(|key| key.0);
    let most = committee::MAX_KEYS;
    if committee::Committee::new(1, 1, keys()).is_err() {
        return wrong("--member", format!("a committee has 1 to {most} members, each of another key"));
    }
    if committee::Committee::new(1, *threshold, keys()).is_err() {
        return wrong("--threshold", format!("{threshold} of {} cannot sign: give 1 to {0}", members.len()));
    }
    let terms = dispute::Terms { window: challenge.window, ruling: challenge.ruling };
    if !terms.is_valid() {
        return wrong("--challenge-window", format!("give a second to {}", Span(dispute::MAX_SECONDS)));
    }
    let votes = governance::Settings {
        voting_delay: voting.delay,
        voting_period: voting.period,
        quorum_bps: voting.quorum_bps,
        proposal_threshold: amount(voting.threshold)?,
        timelock: voting.timelock,
        grace: voting.grace,
    };
    match votes.check() {
        Ok(()) => Ok(()),
        Err(_) => wrong("--voting-period", "give a second at least".into()),
    }
}

/// What all steps will cost that were not done before, by this journal if there is one: each tried by the node where
/// that can be before those that it needs.
///
/// # Errors
/// [`DeployError`] of the node and the journal; a step that cannot be tried is priced by what it took on a devnet.
pub async fn costs(submitter: &Submitter, request: &Request, journal: &Path) -> Result<Vec<Cost>, DeployError> {
    let client = submitter.client();
    let begun = begun(journal, &request.run(submitter))?;
    // A run that mapped the account has that step in its journal, too.
    let mapped = begun.as_ref().is_none_or(|begun| begun.steps.iter().all(|step| step.step != MAP.name))
        && client.is_mapped(&submitter.account_id()).await?;
    let mut known = Known {
        config: request.config.clone(),
        deployer: submitter.address(),
        admin: request.admin,
        contracts: [].into(),
    };
    let wei = |units: u128| units.saturating_mul(client.wei_per_unit().into());
    let mut costs = Vec::new();
    for step in request.steps(mapped) {
        if let Some(done) = begun.as_ref().and_then(|begun| begun.done(step.name)) {
            known.learn(&step, done)?;
            continue;
        }
        let action = step.action(&known)?;
        // A call of what is not there yet, or a transaction of an account that is not mapped yet, cannot be tried.
        let nowhere = matches!(action, Action::Call { contract: Address::ZERO, .. });
        let trial = match nowhere || (!mapped && step.does != Does::Map) {
            true => Err(ChainError::NoContract(Address::ZERO)),
            false => submitter.estimate(&action).await,
        };
        costs.push(match trial {
            Ok((need, fee)) => Cost { step, action, fee, deposit: wei(need.deposit), tried: true },
            // It calls what is not there yet.
            Err(
                ChainError::Refused { .. }
                | ChainError::Dispatch { .. }
                | ChainError::NoContract(_)
                | ChainError::Decode { .. },
            ) => {
                let need = scaled(client, &step).await?;
                let fee = submitter.fee_for(&action, need).await?;
                Cost { step, action, fee, deposit: wei(need.deposit), tried: false }
            }
            Err(error) => return Err(error.into()),
        });
    }
    Ok(costs)
}

/// What a step took on a devnet, with this chain's deposits.
async fn scaled(client: &ChainClient, step: &Step) -> Result<Need, ChainError> {
    let Some((weight, deposit)) = step.measured() else { return Ok(Need::default()) };
    let item = client.deposit_per_item().await?;
    Ok(Need { weight, deposit: deposit.saturating_mul(item).div_ceil(DEVNET_ITEM) })
}

/// Looks before anything is sent: whether the chain is the profile's, whether it can do all that is needed, and whether
/// the money is enough. Answers what the account has, in wei.
///
/// # Errors
/// [`DeployError::Unfit`], which says what to do.
pub async fn before(
    submitter: &Submitter,
    profile: &Profile,
    costs: &[Cost],
    currency: Address,
) -> Result<u128, DeployError> {
    let client = submitter.client();
    profile.check(client)?;
    let missing = client.missing().await?;
    if !missing.is_empty() {
        let what = missing.join(", ");
        return Err(DeployError::Unfit(format!("the chain's runtime has no {what}; it needs a newer pallet-revive")));
    }
    // A pool whose money is none is dead for good.
    if !currency.is_zero() && client.read(currency, &Pool::decimalsCall {}).await.is_err() {
        return Err(DeployError::Unfit(format!(
            "the currency {currency} is no token: it does not say how many digits it has; look where the token is"
        )));
    }
    // The account's own: the chain may not know it behind its address yet.
    let has = client.spendable(&submitter.account_id()).await?;
    let each: Vec<u128> = costs.iter().map(|cost| cost.fee.saturating_add(cost.deposit)).collect();
    let needs = needs(&each, client.about().await?.existential_deposit);
    if has < needs {
        let native: Native = profile.native(client);
        return Err(DeployError::Unfit(format!(
            "the account {} has {} and needs about {}: send it {} more (`yieldset account fund`)",
            submitter.address(),
            native.coin.print(has),
            native.coin.print(needs),
            native.coin.print((needs - has).div_ceil(STEP).saturating_mul(STEP)),
        )));
    }
    Ok(has)
}

/// What is sent to an account that lacks something is a multiple of it, in wei: a hundredth of a coin.
const STEP: u128 = 10_000_000_000_000_000;

/// What an account must have to send steps that cost so much each, in wei, where it must keep `least`. Gas is paid for
/// in advance with a quarter more, of which the rest comes back after each; and what could not be tried yet is an
/// estimate.
pub(super) fn needs(each: &[u128], least: u128) -> u128 {
    match each.iter().sum::<u128>() {
        0 => 0,
        sum => sum + sum / 100 + each.iter().max().copied().unwrap_or_default() / 4 + least,
    }
}

/// Looks after the last step: whether each contract runs the code that was meant, whether roles are as they should be,
/// and whether the factory lists the pool.
///
/// # Errors
/// [`DeployError::Wrong`].
pub async fn after(client: &ChainClient, deployment: &Deployment, known: &Known) -> Result<(), DeployError> {
    let codes = [
        ("kyc", deployment.kyc),
        ("manifests", deployment.manifests),
        ("attribution", deployment.attribution),
        ("licence", deployment.licence),
        ("market", deployment.market),
        ("factory", deployment.factory),
        ("pool", known.at(POOL)),
        ("coop", known.at(COOP)),
        ("kyc-logic", known.at("kyc-logic")),
        ("verifier", known.at("verifier")),
        ("pool-claims", known.at("pool-claims")),
        ("pool-logic", known.at("pool-logic")),
    ];
    for (name, address) in codes {
        let code = client.code_hash(address).await?;
        if code != Some(blobs::code_hash(name)) {
            let has = code.map_or("none".to_owned(), |code: B256| code.to_string());
            return Err(DeployError::Wrong(format!(
                "{name} at {address} runs another code than this program's: {has}"
            )));
        }
    }
    let deployer = known.deployer;
    // Who created a contract alone could hand it over, and what is done with it then is the new admin's matter.
    if client.read(deployment.pool, &Access::defaultAdminCall {}).await? != deployer {
        return Ok(());
    }
    let roles = [
        ("kyc", deployment.kyc, "AGENT_ROLE", deployer),
        ("pool", deployment.pool, "ISSUER_ROLE", deployer),
        ("pool", deployment.pool, "LICENSOR_ROLE", deployment.coop),
        ("pool", deployment.pool, "MARKET_ROLE", deployment.market),
        ("manifests", deployment.manifests, "LICENCE_ROLE", deployment.licence),
        ("market", deployment.market, "LISTER_ROLE", deployer),
    ];
    for (name, contract, named, account) in roles {
        if !client.read(contract, &Access::hasRoleCall { role: role(named), account }).await? {
            return Err(DeployError::Wrong(format!("{account} has not the role {named} of {name}")));
        }
    }
    for (name, contract) in deployment.named().into_iter().filter(|(name, _)| *name != "coop") {
        let admin = client.read(contract, &Access::defaultAdminCall {}).await?;
        if admin != deployer {
            return Err(DeployError::Wrong(format!("{admin} is admin of {name}, and not you")));
        }
    }
    let parts = client.read(deployment.factory, &Factory::partsCall {}).await?;
    match (parts.kyc, parts.attribution, parts.licence) == (deployment.kyc, deployment.attribution, deployment.licence)
    {
        true => Ok(()),
        false => Err(DeployError::Wrong("the factory makes pools of other parts".into())),
    }
}

/// The contracts that need a float: of a token of the chain each keeps the least balance beside what it owes, and none
/// that was just made has it. Of other money none is needed.
pub fn need_a_float(deployment: &Deployment, config: &Config) -> Vec<(&'static str, Address)> {
    let Deployment { pool, licence, market, attribution, .. } = *deployment;
    match is_asset(&config.currency.0.0) {
        true => vec![("pool", pool), ("licence", licence), ("market", market), ("attribution", attribution)],
        false => Vec::new(),
    }
}

/// A call to accept what was offered to a new admin, for each contract: it sends them, or its members do.
pub fn acceptances(deployment: &Deployment) -> Vec<(&'static str, Action)> {
    use alloy_sol_types::SolCall;
    let accept = Access::acceptDefaultAdminTransferCall {}.abi_encode();
    let contracts = deployment.named().into_iter().filter(|(name, _)| *name != "coop");
    contracts.map(|(name, contract)| (name, Action::Call { contract, calldata: accept.clone(), value: 0 })).collect()
}
