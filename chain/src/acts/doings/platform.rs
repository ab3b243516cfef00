//! Platforms: their role, their usage log's keys and checkpoints, their models' cards.

use alloy_primitives::B256;
use alloy_sol_types::SolValue;

use super::licence::{Of, count};
use crate::{
    abi::{Access, Licence, Manifests},
    acts::{
        ActError, Desk, Fact, Plan, Who,
        arguments::{Digest, LicenceName, Name, PublicKey, sha256},
    },
    deployment::role,
};

doing! {
    /// Names the key, name and witnesses of the platform's usage log, or rotates them.
    Rotate = "platform rotate", by Who::Platform, calls [Licence::setUsageLogCall] {
        /// Which licence.
        licence: LicenceName,
        /// The log's ed25519 public key.
        #[arg(long)]
        key: PublicKey,
        /// The log's name, as its checkpoints begin.
        #[arg(long)]
        origin: String,
        /// The witnesses' ed25519 public keys, one to eight.
        #[arg(long, required = true, num_args = 1..)]
        witnesses: Vec<PublicKey>,
    }
    |it, desk| {
        let of = Of::load(desk, &it.licence).await?;
        let witnesses: Vec<B256> = it.witnesses.iter().map(|key| key.0).collect();
        let same = used(desk, &of).await?.is_some_and(|log| {
            (log.key, &log.origin, &log.witnesses) == (it.key.0, &it.origin, &witnesses)
        });
        let says = if same { "its usage log is named so already" } else { "it is named otherwise, or not yet" };
        let call =
            Licence::setUsageLogCall { licence: of.licence, key: it.key.0, origin: it.origin.clone(), witnesses };
        let sentence = format!(
            "From now on the usage log of {} is {}, signed by {}, with {}.",
            of.name(desk),
            it.origin,
            it.key,
            count(it.witnesses.len(), "witness")
        );
        Ok(Plan::of(Self::KIND, sentence)
            .fact(of.platform(desk))
            .fact(Fact::changes(!same, says))
            .call(of.contract, &call))
    }
}

/// The usage log in use, where one is named.
async fn used(desk: &Desk, of: &Of) -> Result<Option<Licence::UsageLog>, ActError> {
    let call = Licence::recordOfCall { licence: of.licence, record: b'G', which: B256::ZERO };
    let words = desk.read(of.contract, &call).await?;
    if words.is_empty() {
        return Ok(None);
    }
    let log = Licence::UsageLog::abi_decode_sequence(&words.concat());
    log.map(Some).map_err(|error| ActError::Unfit(format!("the usage log of {}: {error}", of.name(desk))))
}

doing! {
    /// Puts a checkpoint of the usage log on chain; the first of a size stands.
    Anchor = "platform anchor", by Who::Platform, calls [Licence::anchorCall] {
        /// Which licence.
        licence: LicenceName,
        /// The checkpoint's size.
        size: u64,
        /// Its root.
        root: B256,
        /// Of which epoch's log; the latest without.
        #[arg(long, default_value_t = 0)]
        #[serde(default)]
        epoch: u32,
    }
    |it, desk| {
        let of = Of::load(desk, &it.licence).await?;
        let call = Licence::anchorCall { licence: of.licence, epoch: it.epoch, size: it.size, root: it.root };
        Ok(Plan::of(Self::KIND, format!("Anchors the log of {} at size {}, root {}.", of.licence, it.size, it.root))
            .fact(of.platform(desk))
            .call(of.contract, &call))
    }
}

doing! {
    /// Lets an account record training runs and publish model cards as a platform.
    Register = "platform register", by Who::Named("the registry's default admin"),
    calls [Access::grantRoleCall] {
        /// Which account.
        account: Name,
    }
    |it, desk| {
        let (registry, account) = (desk.deployment.manifests, desk.address(&it.account)?);
        let admin = desk.read(registry, &Access::defaultAdminCall {}).await?;
        let role = role("PLATFORM_ROLE");
        let has = desk.has_role(registry, "PLATFORM_ROLE", account).await?;
        let says = format!("{} is {} platform", desk.says(account), if has { "a" } else { "no" });
        Ok(Plan::of(Self::KIND, format!("Lets {} record training runs as a platform.", desk.says(account)))
            .fact(Fact::new(
                admin == desk.sender,
                format!("the registry's admin is {}", desk.says(admin)),
                format!("that account alone may: --from {}", desk.types(admin)),
            ))
            .fact(Fact::new(!has, says, "nothing is to be done"))
            .call(registry, &Access::grantRoleCall { role, account }))
    }
}

doing! {
    /// Publishes the sender's card of a model version.
    ModelCard = "platform model-card", by Who::Role("PLATFORM_ROLE"), calls [Manifests::setModelCardCall] {
        /// The model version's name, of which SHA-256 stands on chain.
        model: String,
        /// The card's file, or its SHA-256.
        card: Digest,
    }
    |it, desk| {
        let (registry, model) = (desk.deployment.manifests, sha256(it.model.as_bytes()));
        let now = desk.read(registry, &Manifests::modelCardOfCall { platform: desk.sender, model }).await?;
        let says = if now.is_zero() { "it has no card".to_owned() } else { format!("its card is {now}") };
        Ok(Plan::of(Self::KIND, format!("Publishes the card {} of model {}.", it.card, it.model))
            .fact(desk.holds(registry, "PLATFORM_ROLE").await?)
            .fact(Fact::changes(now != it.card.0, says))
            .call(registry, &Manifests::setModelCardCall { model, cardHash: it.card.0 }))
    }
}
