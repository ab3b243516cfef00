//! `ro-crate-metadata.json`, written and read with `ro-crate-rs`. Its property maps have no order, so the bytes that
//! are hashed come from our canonical JSON.

use std::{collections::HashMap, path::Path};

use rocraters::ro_crate::{
    constraints::{DataType, EntityValue, Id, License},
    context::RoCrateContext,
    contextual_entity::ContextualEntity,
    data_entity::DataEntity,
    graph_vector::GraphVector,
    metadata_descriptor::MetadataDescriptor,
    read::{ValidationResult, read_crate_obj, validate_crate_keys},
    rocrate::RoCrate,
    root::RootDataEntity,
};

use super::{Creator, LICENCE, LicenceFile, MANIFEST, ManifestError, Part, Request, TABLES};
use crate::{dataset_id, embed, files, hex0x};

const CONTEXT: &str = "https://w3id.org/ro/crate/1.2/context";
const PROFILE: &str = "https://w3id.org/ro/crate/1.2";
const CREATOR: &str = "#creator";
const ACCOUNT: &str = "#account";
const REGISTRANT: &str = "#registrant";
const SLUG: &str = "#dataset";
const DATASET_ID: &str = "#dataset-id";
const MODEL: &str = "#embedding-model";

type Properties = Vec<(&'static str, EntityValue)>;

fn string(value: impl Into<String>) -> EntityValue {
    EntityValue::EntityString(value.into())
}

fn id(value: impl Into<String>) -> EntityValue {
    EntityValue::EntityId(Id::Id(value.into()))
}

fn map(properties: Properties) -> Option<HashMap<String, EntityValue>> {
    Some(properties.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
}

fn contextual(entity: impl Into<String>, kind: &str, properties: Properties) -> GraphVector {
    let type_ = DataType::Term(kind.to_owned());
    GraphVector::ContextualEntity(ContextualEntity { id: entity.into(), type_, dynamic_entity: map(properties) })
}

fn property(entity: &str, name: &str, value: &str) -> GraphVector {
    contextual(entity, "PropertyValue", vec![("propertyID", string(name)), ("value", string(value))])
}

/// Where SPDX describes a licence.
pub(super) fn licence_url(licence: &str) -> String {
    format!("https://spdx.org/licenses/{licence}")
}

/// When it was published: the day where it is known, else the year.
pub(super) fn date(creator: &Creator) -> String {
    creator.date.clone().unwrap_or_else(|| format!("{:04}", creator.year))
}

pub(super) fn description(creator: &Creator, request: &Request<'_>) -> String {
    let described = creator.description.clone();
    described.unwrap_or_else(|| format!("{} by {}, licensed {}.", creator.title, creator.name, request.licence))
}

/// The manifest's bytes.
pub(super) fn write(
    creator: &Creator,
    registrant: &[u8; 20],
    request: &Request<'_>,
    parts: &[Part],
) -> Result<Vec<u8>, serde_json::Error> {
    let mut graph = vec![descriptor(), root(creator, request, parts)];
    graph.extend(parts.iter().map(data_entity));
    graph.extend([
        contextual(CREATOR, "Person", vec![("name", string(&creator.name)), ("identifier", id(ACCOUNT))]),
        property(ACCOUNT, "Ethereum address", &hex0x(&request.account)),
        property(SLUG, "Yieldset dataset", &creator.dataset),
        property(REGISTRANT, "Ethereum address that registered the Yieldset dataset", &hex0x(registrant)),
        property(DATASET_ID, "id of the Yieldset dataset", &hex0x(&dataset_id(registrant, &creator.dataset))),
        contextual(
            licence_url(request.licence),
            "CreativeWork",
            vec![("name", string(request.licence)), ("identifier", string(request.licence))],
        ),
        contextual(
            MODEL,
            "SoftwareApplication",
            vec![
                ("name", string(embed::MODEL_NAME)),
                ("softwareVersion", string(format!("SHA-256 {}", embed::MODEL_SHA256))),
                ("description", string(embed::describe())),
            ],
        ),
    ]);
    files::canonical_json(&RoCrate { context: RoCrateContext::ReferenceContext(CONTEXT.into()), graph })
}

fn descriptor() -> GraphVector {
    GraphVector::MetadataDescriptor(MetadataDescriptor {
        id: MANIFEST.into(),
        type_: DataType::Term("CreativeWork".into()),
        conforms_to: Id::Id(PROFILE.into()),
        about: Id::Id("./".into()),
        dynamic_entity: None,
    })
}

/// The properties that DataCite makes mandatory: identifier, creator, title, publisher, publication year, resource
/// type.
fn root(creator: &Creator, request: &Request<'_>, parts: &[Part]) -> GraphVector {
    let has_part = parts.iter().map(|part| part.path.clone()).collect();
    GraphVector::RootDataEntity(RootDataEntity {
        id: "./".into(),
        type_: DataType::Term("Dataset".into()),
        name: creator.title.clone(),
        description: description(creator, request),
        date_published: date(creator),
        license: License::Id(Id::Id(licence_url(request.licence))),
        dynamic_entity: map(vec![
            ("additionalType", string("Text")),
            ("creator", id(CREATOR)),
            ("publisher", id(CREATOR)),
            ("copyrightYear", string(creator.year.to_string())),
            ("identifier", EntityValue::EntityId(Id::IdArray(vec![SLUG.into(), REGISTRANT.into(), DATASET_ID.into()]))),
            ("usageInfo", id(LICENCE)),
            ("hasPart", EntityValue::EntityId(Id::IdArray(has_part))),
        ]),
    })
}

fn data_entity(part: &Part) -> GraphVector {
    let name = match part.path.as_str() {
        LICENCE => "Terms of the licence that attribution follows".to_owned(),
        TABLES => "What is compared of the texts, in order: runs of words, and passages with embeddings".to_owned(),
        text => text.rsplit('/').next().unwrap_or(text).to_owned(),
    };
    let mut properties = vec![
        ("name", string(name)),
        ("sha256", string(part.sha256())),
        ("contentSize", string(part.bytes.len().to_string())),
        ("encodingFormat", string(part.media_type)),
    ];
    if part.path == TABLES {
        properties.push(("measurementTechnique", id(MODEL)));
    }
    let type_ = DataType::Term("File".into());
    GraphVector::DataEntity(DataEntity { id: part.path.clone(), type_, dynamic_entity: map(properties) })
}

/// What a manifest says.
#[derive(Debug)]
pub(super) struct Described {
    pub creator: String,
    pub account: [u8; 20],
    pub registrant: [u8; 20],
    pub dataset: String,
    pub licence_url: String,
    /// Path and SHA-256 of each file.
    pub files: Vec<(String, [u8; 32])>,
}

/// Reads a manifest: a valid RO-Crate 1.2 whose every property is in its context, with the parts that we need.
pub(super) fn read(path: &Path, bytes: &[u8]) -> Result<Described, ManifestError> {
    let invalid = |reason: String| ManifestError::Invalid { path: path.to_owned(), reason };
    let json = std::str::from_utf8(bytes).map_err(|error| invalid(error.to_string()))?;
    let found = read_crate_obj(json, 0).map_err(|error| invalid(format!("not an RO-Crate ({error:?})")))?;
    match validate_crate_keys(&found) {
        ValidationResult::Valid => {}
        ValidationResult::Invalid(invalid_parts) => {
            return Err(invalid(format!(
                "not a valid RO-Crate: unknown properties {:?}, missing entities {:?}, unknown types {:?}",
                invalid_parts.invalid_keys, invalid_parts.invalid_ids, invalid_parts.invalid_types
            )));
        }
        ValidationResult::Error(reason) => return Err(invalid(reason)),
    }
    let missing = |what: &str| invalid(format!("it does not say {what}"));
    let value = |entity: &str, key: &str| text(&found, entity, key).ok_or_else(|| missing(&format!("{entity} {key}")));
    let account = crate::parse_hex(&value(ACCOUNT, "value")?).ok_or_else(|| missing("a creator's address"))?;
    let dataset = value(SLUG, "value")?;
    let registrant =
        crate::parse_hex(&value(REGISTRANT, "value")?).ok_or_else(|| missing("who registered the dataset"))?;
    if value(DATASET_ID, "value")? != hex0x(&dataset_id(&registrant, &dataset)) {
        return Err(invalid(format!("its dataset id is not that of {dataset} and its registrant")));
    }
    let root = found.graph.iter().find_map(|entity| match entity {
        GraphVector::RootDataEntity(root) => Some(root),
        _ => None,
    });
    let Some(License::Id(Id::Id(licence_url))) = root.map(|root| root.license.clone()) else {
        return Err(missing("a licence"));
    };
    let mut files = Vec::new();
    for entity in &found.graph {
        let GraphVector::DataEntity(file) = entity else { continue };
        let hash =
            crate::parse_hex(&value(&file.id, "sha256")?).ok_or_else(|| missing(&format!("a hash of {}", file.id)))?;
        files.push((file.id.clone(), hash));
    }
    Ok(Described { creator: value(CREATOR, "name")?, account, registrant, dataset, licence_url, files })
}

fn text(found: &RoCrate, entity: &str, key: &str) -> Option<String> {
    let properties = match found.get_entity(entity)? {
        GraphVector::DataEntity(entity) => &entity.dynamic_entity,
        GraphVector::ContextualEntity(entity) => &entity.dynamic_entity,
        _ => return None,
    };
    match properties.as_ref()?.get(key)? {
        EntityValue::EntityString(text) => Some(text.clone()),
        _ => None,
    }
}

impl Described {
    /// Whether the licence's terms are those the crate names.
    pub(super) fn agrees(&self, terms: &LicenceFile) -> bool {
        licence_url(&terms.licence) == self.licence_url
    }
}
