//! Datasets in the registry: registering, handing over, licensing through a pool, withdrawing, redacting; model cards.

use crate::{
    abi::Manifests,
    acts::{
        ActError, Desk, Fact, Plan, Who,
        arguments::{DatasetName, Digest, Name, sha256},
    },
    deployment::dataset_id,
    units::Date,
};
use alloy_primitives::{Address, B256};

const CREATOR: Who = Who::Named("the dataset's creator");

doing! {
    /// Registers a new dataset of the sender's with its first version.
    Register = "dataset register", by Who::Anyone, calls [Manifests::registerDatasetCall] {
        /// Its slug, such as ada/letters: the id follows from it and the sender, so nobody else can take it.
        slug: String,
        /// The manifest's file, which yieldset-oracle manifest writes, or its SHA-256.
        #[arg(long)]
        manifest: Digest,
        /// The licence's text, or its SHA-256.
        #[arg(long)]
        licence_text: Digest,
    }
    |it, desk| {
        let (registry, label) = (desk.deployment.manifests, sha256(it.slug.as_bytes()));
        let dataset = dataset_id(desk.sender, label);
        let latest = desk.read(registry, &Manifests::datasetOfCall { dataset }).await?.latestVersion;
        let call =
            Manifests::registerDatasetCall { label, manifestHash: it.manifest.0, licenceHash: it.licence_text.0 };
        let says =
            if latest == 0 { "the slug is free".to_owned() } else { format!("version {latest} of it is registered") };
        Ok(Plan::of(Self::KIND, format!("Registers {} as dataset {dataset} of {}.", it.slug, desk.says(desk.sender)))
            .fact(Fact::new(
                latest == 0,
                says,
                format!(
                    "register the next version: yieldset dataset update {} --manifest FILE --licence-text FILE",
                    it.slug
                ),
            ))
            .call(registry, &call))
    }
}

doing! {
    /// Registers the next version of a dataset.
    Update = "dataset update", by CREATOR, calls [Manifests::registerCall] {
        /// Which dataset.
        dataset: DatasetName,
        /// The manifest's file, or its SHA-256.
        #[arg(long)]
        manifest: Digest,
        /// The licence's text, or its SHA-256.
        #[arg(long)]
        licence_text: Digest,
    }
    |it, desk| {
        let dataset = desk.dataset(&it.dataset)?;
        let (fact, latest) = own(desk, &it.dataset, dataset).await?;
        let call = Manifests::registerCall { dataset, manifestHash: it.manifest.0, licenceHash: it.licence_text.0 };
        Ok(Plan::of(Self::KIND, format!("Registers version {} of {}.", latest + 1, it.dataset))
            .fact(fact)
            .call(desk.deployment.manifests, &call))
    }
}

doing! {
    /// Offers a dataset to another account, which must accept; `nobody` takes the offer back.
    Transfer = "dataset transfer", by CREATOR, calls [Manifests::beginDatasetTransferCall] {
        /// Which dataset.
        dataset: DatasetName,
        /// To whom.
        to: Name,
    }
    |it, desk| {
        let dataset = desk.dataset(&it.dataset)?;
        let to = if it.to.0 == "nobody" { Address::ZERO } else { desk.address(&it.to)? };
        let offered =
            desk.read(desk.deployment.manifests, &Manifests::pendingCreatorOfCall { dataset }).await?;
        let is = if offered.is_zero() { "nobody".to_owned() } else { desk.says(offered) };
        Ok(Plan::of(
            Self::KIND,
            format!(
                "Offers {} to {}.",
                it.dataset,
                if to.is_zero() { "nobody any more".to_owned() } else { desk.says(to) }
            ),
        )
        .fact(own(desk, &it.dataset, dataset).await?.0)
        .fact(Fact::new(offered != to, format!("it is offered to {is} now"), "nothing is to be done"))
        .fact(Fact::known(format!("it must accept: yieldset dataset accept {dataset}")))
        .call(desk.deployment.manifests, &Manifests::beginDatasetTransferCall { dataset, newCreator: to }))
    }
}

doing! {
    /// Accepts a dataset that is offered to the sender.
    Accept = "dataset accept", by Who::Named("whom the dataset is offered to"),
    calls [Manifests::acceptDatasetTransferCall] {
        /// Which dataset.
        dataset: DatasetName,
    }
    |it, desk| {
        let (registry, dataset) = (desk.deployment.manifests, desk.dataset(&it.dataset)?);
        let to = desk.read(registry, &Manifests::pendingCreatorOfCall { dataset }).await?;
        let says = if to.is_zero() {
            "it is offered to nobody".to_owned()
        } else {
            format!("it is offered to {}", desk.says(to))
        };
        Ok(Plan::of(Self::KIND, format!("{} becomes the creator of {dataset}.", desk.says(desk.sender)))
            .fact(Fact::new(
                to == desk.sender,
                says,
                format!("its creator types: yieldset dataset transfer {dataset} {}", desk.sender),
            ))
            .call(registry, &Manifests::acceptDatasetTransferCall { dataset }))
    }
}

doing! {
    /// Puts a dataset into a pool, whose licensor may license it then; `nobody` takes it out.
    Assign = "dataset assign", by CREATOR, calls [Manifests::assignToPoolCall] {
        /// Which dataset.
        dataset: DatasetName,
        /// Into which pool.
        #[arg(default_value = "pool")]
        to: Name,
    }
    |it, desk| {
        let (registry, dataset) = (desk.deployment.manifests, desk.dataset(&it.dataset)?);
        let pool = if it.to.0 == "nobody" { Address::ZERO } else { desk.address(&it.to)? };
        let active = desk.read(registry, &Manifests::activeLicencesCall { dataset }).await?;
        let now = desk.read(registry, &Manifests::poolOfCall { dataset }).await?;
        let is = if now.is_zero() { "in no pool".to_owned() } else { format!("in {}", desk.says(now)) };
        let whereto = if pool.is_zero() { "out of its pool".to_owned() } else { format!("into {}", desk.says(pool)) };
        Ok(Plan::of(Self::KIND, format!("Puts {} {whereto}.", it.dataset))
            .fact(own(desk, &it.dataset, dataset).await?.0)
            .fact(Fact::new(now != pool, format!("it is {is} now"), "nothing is to be done"))
            .fact(Fact::new(
                active == 0,
                match active {
                    0 => "no licence is active on it".to_owned(),
                    1 => "1 licence is active on it".to_owned(),
                    _ => format!("{active} licences are active on it"),
                },
                "wait for their end",
            ))
            .call(registry, &Manifests::assignToPoolCall { dataset, pool }))
    }
}

doing! {
    /// Takes a version back: no training run on it counts from then on.
    Withdraw = "dataset withdraw", by CREATOR, calls [Manifests::withdrawCall] {
        /// Which dataset.
        dataset: DatasetName,
        /// Which version.
        version: u32,
        /// The document that says why.
        #[arg(long)]
        reason: Digest,
    }
    |it, desk| {
        let (registry, dataset, version) = (desk.deployment.manifests, desk.dataset(&it.dataset)?, it.version);
        Ok(Plan::of(
            Self::KIND,
            format!("Withdraws version {version} of {}, for the reason {}.", it.dataset, it.reason),
        )
        .fact(own(desk, &it.dataset, dataset).await?.0)
        .fact(in_state(desk, dataset, version, &[1]).await?)
        .call(registry, &Manifests::withdrawCall { dataset, version, reasonHash: it.reason.0 }))
    }
}

doing! {
    /// Replaces a version by one without some personal data; platforms that read the old one owe a certificate.
    Redact = "dataset redact", by Who::Named("the dataset's creator or PRIVACY_ROLE"), calls [Manifests::redactCall] {
        /// Which dataset.
        dataset: DatasetName,
        /// Which version.
        version: u32,
        /// The document that says why.
        #[arg(long)]
        reason: Digest,
        /// The new version's manifest; none stands in without.
        #[arg(long)]
        manifest: Option<Digest>,
    }
    |it, desk| {
        let (registry, dataset, version) = (desk.deployment.manifests, desk.dataset(&it.dataset)?, it.version);
        let by = match it.manifest {
            Some(manifest) => format!("by the one whose manifest is {manifest}"),
            None => "by none".to_owned(),
        };
        let call = Manifests::redactCall {
            dataset,
            version,
            newManifestHash: it.manifest.map_or(B256::ZERO, |manifest| manifest.0),
            reasonHash: it.reason.0,
        };
        Ok(Plan::of(
            Self::KIND,
            format!("Replaces version {version} of {} {by}, for the reason {}.", it.dataset, it.reason),
        )
        .fact(in_state(desk, dataset, version, &[1, 2]).await?)
        .call(registry, &call))
    }
}

doing! {
    /// Files the sender's certificate that it acted on a redaction of a version that it trained on.
    CertifyRedaction = "dataset certify-redaction", by Who::Named("a platform that trained on the version"),
    calls [Manifests::certifyRedactionCall] {
        /// Which dataset.
        dataset: DatasetName,
        /// Which version.
        version: u32,
        /// The certificate's document.
        certificate: Digest,
    }
    |it, desk| {
        let (registry, dataset, version) = (desk.deployment.manifests, desk.dataset(&it.dataset)?, it.version);
        let call = Manifests::certificateOfCall { platform: desk.sender, dataset, version };
        let state = desk.read(registry, &call).await?.state;
        let says = match state {
            0 => "the sender recorded no training run on it",
            1 => "the version is not redacted",
            2 => "a certificate is owed",
            _ => "it is certified already",
        };
        Ok(Plan::of(
            Self::KIND,
            format!(
                "Certifies that {} acted on the redaction of version {version} of {}.",
                desk.says(desk.sender),
                it.dataset
            ),
        )
        .fact(Fact::new(state == 2, says, "nothing is to be done; yieldset dataset show DATASET"))
        .call(registry, &Manifests::certifyRedactionCall { dataset, version, certificateHash: it.certificate.0 }))
    }
}

doing! {
    /// Publishes a dataset's card.
    Card = "dataset card", by CREATOR, calls [Manifests::setDatasetCardCall] {
        /// Which dataset.
        dataset: DatasetName,
        /// The card's file, or its SHA-256.
        card: Digest,
    }
    |it, desk| {
        let dataset = desk.dataset(&it.dataset)?;
        let now = desk.read(desk.deployment.manifests, &Manifests::datasetCardOfCall { dataset }).await?;
        let says = if now.is_zero() { "it has no card".to_owned() } else { format!("its card is {now}") };
        Ok(Plan::of(Self::KIND, format!("Publishes the card {} of {}.", it.card, it.dataset))
            .fact(Fact::new(now != it.card.0, says, "nothing is to be done"))
            .fact(own(desk, &it.dataset, dataset).await?.0)
            .call(desk.deployment.manifests, &Manifests::setDatasetCardCall { dataset, cardHash: it.card.0 }))
    }
}

asking! {
    /// A dataset: its creator, versions, pool, licences.
    Show = "dataset show" {
        /// Which dataset.
        dataset: DatasetName,
    }
    |it, desk| {
        let (registry, dataset) = (desk.deployment.manifests, desk.dataset(&it.dataset)?);
        let found = desk.read(registry, &Manifests::datasetOfCall { dataset }).await?;
        if found.latestVersion == 0 {
            return Err(ActError::Absent(format!(
                "nobody registered {} (id {dataset}); {}",
                it.dataset,
                desk.unknown_dataset(&it.dataset)
            )));
        }
        let mut versions = Vec::new();
        for version in 1..=found.latestVersion {
            let of = desk.read(registry, &Manifests::versionOfCall { dataset, version }).await?;
            let status = desk.read(registry, &Manifests::statusOfCall { dataset, version }).await?;
            versions.push(row!({
                "version": version,
                "state": state_name(status.state),
                "replaced_by": (status.replacedBy > 0).then_some(status.replacedBy),
                "registered": Date(of.registeredAt),
                "training_runs": status.runs,
                "manifest": of.manifestHash,
                "licence_text": of.licenceHash,
            }));
        }
        let offered = desk.read(registry, &Manifests::pendingCreatorOfCall { dataset }).await?;
        let card = desk.read(registry, &Manifests::datasetCardOfCall { dataset }).await?;
        Ok(answer!({
            "dataset": dataset,
            "creator": desk.says(found.creator),
            "offered_to": if offered.is_zero() { "nobody".to_owned() } else { desk.says(offered) },
            "pool": match desk.read(registry, &Manifests::poolOfCall { dataset }).await? {
                pool if pool.is_zero() => "none; its creator types: yieldset dataset assign".to_owned(),
                pool => desk.says(pool),
            },
            "active_licences": desk.read(registry, &Manifests::activeLicencesCall { dataset }).await?,
            "card": match card.is_zero() {
                true => "none; its creator types: yieldset dataset card".to_owned(),
                false => card.to_string(),
            },
        })
        .rows("versions", versions))
    }
}

fn state_name(state: u8) -> &'static str {
    match state {
        0 => "not registered",
        1 => "registered",
        2 => "withdrawn",
        _ => "redacted",
    }
}

async fn in_state(desk: &Desk, dataset: B256, version: u32, wanted: &[u8]) -> Result<Fact, ActError> {
    let state = desk.read(desk.deployment.manifests, &Manifests::statusOfCall { dataset, version }).await?.state;
    Ok(Fact::new(
        wanted.contains(&state),
        format!("version {version} is {}", state_name(state)),
        format!("yieldset dataset show {dataset} lists its versions"),
    ))
}

/// The fact that the dataset is the sender's, and its latest version.
async fn own(desk: &Desk, name: &DatasetName, dataset: B256) -> Result<(Fact, u32), ActError> {
    let found = desk.read(desk.deployment.manifests, &Manifests::datasetOfCall { dataset }).await?;
    if found.latestVersion == 0 {
        let fact = Fact::new(false, format!("nobody registered {name} (id {dataset})"), desk.unknown_dataset(name));
        return Ok((fact, 0));
    }
    let fact = Fact::new(
        found.creator == desk.sender,
        format!("its creator is {}", desk.says(found.creator)),
        format!("send it as that account: --from {}", desk.types(found.creator)),
    );
    Ok((fact, found.latestVersion))
}
