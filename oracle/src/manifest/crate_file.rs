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

use super::{
    LICENCE, MANIFEST, MAX_TEXTS, ManifestError, TABLES,
    described::{Described, File},
};
use crate::{dataset_id, embed, files, hex0x};

const CONTEXT: &str = "https://w3id.org/ro/crate/1.2/context";
const PROFILE: &str = "https://w3id.org/ro/crate/1.2";
const CREATOR: &str = "#creator";
const ACCOUNT: &str = "#account";
const REGISTRANT: &str = "#registrant";
const SLUG: &str = "#dataset";
const DATASET_ID: &str = "#dataset-id";
const MODEL: &str = "#embedding-model";

/// Files of a version beside its texts: terms, and what is compared.
const OTHERS: usize = 2;

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

/// Where SPDX describes licences.
const LICENCES: &str = "https://spdx.org/licenses/";

/// The manifest's bytes.
pub(super) fn write(described: &Described) -> Result<Vec<u8>, serde_json::Error> {
    let mut graph = vec![descriptor(), root(described)];
    graph.extend(described.files.iter().map(data_entity));
    let licence = &described.licence;
    let numbers = described.files.iter().find_map(File::numbers).unwrap_or_default();
    graph.extend([
        contextual(CREATOR, "Person", vec![("name", string(&described.creator)), ("identifier", id(ACCOUNT))]),
        property(ACCOUNT, "Ethereum address", &hex0x(&described.account)),
        property(SLUG, "Yieldset dataset", &described.dataset),
        property(REGISTRANT, "Ethereum address that registered the Yieldset dataset", &hex0x(&described.registrant)),
        property(DATASET_ID, "id of the Yieldset dataset", &hex0x(&described.dataset_id())),
        contextual(
            described.licence_url(),
            "CreativeWork",
            vec![("name", string(licence)), ("identifier", string(licence))],
        ),
        contextual(
            MODEL,
            "SoftwareApplication",
            vec![
                ("name", string(embed::MODEL_NAME)),
                ("url", string(embed::MODEL_URL)),
                ("version", string(model_version())),
                ("description", string(embed::describe(numbers))),
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
fn root(described: &Described) -> GraphVector {
    let has_part = described.files.iter().map(File::id).collect();
    GraphVector::RootDataEntity(RootDataEntity {
        id: "./".into(),
        type_: DataType::Term("Dataset".into()),
        name: described.title.clone(),
        description: described.description.clone(),
        date_published: described.date.clone(),
        license: License::Id(Id::Id(described.licence_url())),
        dynamic_entity: map(vec![
            ("additionalType", string("Text")),
            ("creator", id(CREATOR)),
            ("publisher", id(CREATOR)),
            ("copyrightYear", string(&described.year)),
            ("identifier", EntityValue::EntityId(Id::IdArray(vec![SLUG.into(), REGISTRANT.into(), DATASET_ID.into()]))),
            ("usageInfo", id(LICENCE)),
            ("hasPart", EntityValue::EntityId(Id::IdArray(has_part))),
        ]),
    })
}

fn data_entity(file: &File) -> GraphVector {
    let name = match file.path.as_str() {
        LICENCE => "Terms of the licence that attribution follows".to_owned(),
        TABLES => "What is compared of the texts, in order: runs of words, and passages with embeddings".to_owned(),
        text => text.rsplit('/').next().unwrap_or(text).to_owned(),
    };
    let mut properties = vec![
        ("name", string(name)),
        ("sha256", string(hex::encode(file.sha256))),
        ("contentSize", string(file.size.to_string())),
        ("encodingFormat", string(file.media_type())),
    ];
    if file.numbers().is_some() {
        properties.push(("measurementTechnique", id(MODEL)));
    }
    let type_ = DataType::Term("File".into());
    GraphVector::DataEntity(DataEntity { id: file.id(), type_, dynamic_entity: map(properties) })
}

/// Reads a manifest: a valid RO-Crate 1.2 whose every property is in its context, with the parts that we need.
pub(super) fn read(path: &Path, bytes: &[u8]) -> Result<Described, ManifestError> {
    let invalid = |reason: String| ManifestError::Invalid { path: path.to_owned(), reason };
    let json = std::str::from_utf8(bytes).map_err(|error| invalid(error.to_string()))?;
    let found = read_crate_obj(json, 0).map_err(|error| invalid(format!("not an RO-Crate ({error:?})")))?;
    // Each is looked up in all of them.
    let files = found.graph.iter().filter(|entity| matches!(entity, GraphVector::DataEntity(_))).count();
    if files > MAX_TEXTS + OTHERS {
        return Err(invalid(format!("it names {files} files, and a version has at most {MAX_TEXTS} texts")));
    }
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
    let registrant =
        crate::parse_hex(&value(REGISTRANT, "value")?).ok_or_else(|| missing("who registered the dataset"))?;
    let root = found.graph.iter().find_map(|entity| match entity {
        GraphVector::RootDataEntity(root) => Some(root),
        _ => None,
    });
    let root = root.ok_or_else(|| missing("what it is about"))?;
    let License::Id(Id::Id(licence)) = &root.license else { return Err(missing("a licence")) };
    let licence = licence.strip_prefix(LICENCES).ok_or_else(|| missing("a licence of SPDX's list"))?.to_owned();
    let mut files = Vec::new();
    for entity in &found.graph {
        let GraphVector::DataEntity(file) = entity else { continue };
        let hash = crate::parse_hex(&value(&file.id, "sha256")?);
        let size = value(&file.id, "contentSize")?.parse().ok();
        let (Some(sha256), Some(size)) = (hash, size) else {
            return Err(missing(&format!("hash and size of {}", file.id)));
        };
        let path = File::path_of(&file.id)
            .ok_or_else(|| invalid(format!("it names {:?}, which is no file of a dataset", file.id)))?;
        files.push(File { path, sha256, size });
    }
    // By its older name in versions of before.
    let model = text(&found, MODEL, "version").or_else(|| text(&found, MODEL, "softwareVersion"));
    if model.as_deref() != Some(&model_version()) {
        let reason = format!("its embeddings are of the model {model:?}, everyone's is {:?}", model_version());
        return Err(invalid(reason));
    }
    let described = Described {
        creator: value(CREATOR, "name")?,
        title: root.name.clone(),
        description: root.description.clone(),
        date: root.date_published.clone(),
        year: string_of(root.dynamic_entity.as_ref(), "copyrightYear").ok_or_else(|| missing("a year"))?,
        account,
        registrant,
        dataset: value(SLUG, "value")?,
        licence,
        files,
    };
    match value(DATASET_ID, "value")? == hex0x(&described.dataset_id()) {
        true => Ok(described),
        false => Err(invalid(format!("its dataset id is not that of {} and its registrant", described.dataset))),
    }
}

fn text(found: &RoCrate, entity: &str, key: &str) -> Option<String> {
    let properties = match found.get_entity(entity)? {
        GraphVector::DataEntity(entity) => &entity.dynamic_entity,
        GraphVector::ContextualEntity(entity) => &entity.dynamic_entity,
        _ => return None,
    };
    string_of(properties.as_ref(), key)
}

/// What the embeddings are made by: weights, tokenizer and configuration together.
fn model_version() -> String {
    format!("SHA-256 {}", embed::MODEL_SHA256)
}

fn string_of(properties: Option<&HashMap<String, EntityValue>>, key: &str) -> Option<String> {
    match properties?.get(key)? {
        EntityValue::EntityString(text) => Some(text.clone()),
        _ => None,
    }
}

impl Described {
    /// Where SPDX describes the licence.
    pub(super) fn licence_url(&self) -> String {
        format!("{LICENCES}{}", self.licence)
    }

    /// The dataset's id on chain.
    pub(super) fn dataset_id(&self) -> [u8; 32] {
        dataset_id(&self.registrant, &self.dataset)
    }
}
