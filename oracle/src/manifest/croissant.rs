//! The Croissant 1.1 export: the same files, for tools that load datasets.

use serde_json::{Value, json};

use super::{
    MANIFEST, TEXTS,
    described::{Described, File},
};
use crate::{embed, files, hex0x};

/// <https://docs.mlcommons.org/croissant/docs/croissant-spec-1.1.html>.
const CONFORMS_TO: &str = "http://mlcommons.org/croissant/1.1";

/// The description's bytes. It names the manifest by its hash, which is what the chain knows, and follows from it: who
/// has the manifest makes it again and compares.
pub(super) fn export(described: &Described, manifest_hash: &[u8; 32]) -> Result<Vec<u8>, serde_json::Error> {
    let Described { creator, title, dataset, year, .. } = described;
    let distribution: Vec<Value> = described.files.iter().map(file_object).collect();
    let texts = described.files.iter().filter(|file| file.path.starts_with(TEXTS));
    files::canonical_json(&json!({
        "@context": context(),
        "@type": "sc:Dataset",
        "@id": dataset,
        "conformsTo": CONFORMS_TO,
        "name": dataset,
        "alternateName": title,
        "description": described.description,
        "identifier": hex0x(&described.dataset_id()),
        "isBasedOn": MANIFEST,
        // Versions are not numbered off the chain: the manifest's hash tells them apart, as a semantic version's build
        // part.
        "version": format!("1.0.0+{}", hex::encode(manifest_hash)),
        "datePublished": described.date,
        "license": described.licence_url(),
        "creator": {"@type": "sc:Person", "name": creator, "identifier": hex0x(&described.account)},
        "citeAs": format!("{creator} ({year}). {title}."),
        "url": format!("urn:sha256:{}", hex::encode(manifest_hash)),
        "distribution": distribution,
        "recordSet": texts.map(record_set).collect::<Vec<_>>(),
    }))
}

fn file_object(file: &File) -> Value {
    let description = file.numbers().map_or_else(|| file.path.clone(), embed::describe);
    json!({
        "@type": "cr:FileObject",
        "@id": file.id(),
        "name": file.path,
        "description": description,
        "contentUrl": file.id(),
        "contentSize": format!("{} B", file.size),
        "encodingFormat": file.media_type(),
        "sha256": hex::encode(file.sha256),
    })
}

/// A text is one record with one field.
fn record_set(file: &File) -> Value {
    let (set, field) = (format!("records/{}", file.id()), format!("records/{}/text", file.id()));
    json!({
        "@type": "cr:RecordSet",
        "@id": set,
        "name": set,
        "field": [{
            "@type": "cr:Field",
            "@id": field,
            "name": field,
            "description": "The whole text.",
            "dataType": "sc:Text",
            "source": {"fileObject": {"@id": file.id()}, "extract": {"fileProperty": "content"}},
        }],
    })
}

/// The context that the specification asks for.
fn context() -> Value {
    json!({
        "@language": "en",
        "@vocab": "https://schema.org/",
        "arrayShape": "cr:arrayShape",
        "citeAs": "cr:citeAs",
        "column": "cr:column",
        "conformsTo": "dct:conformsTo",
        "containedIn": "cr:containedIn",
        "cr": "http://mlcommons.org/croissant/",
        "data": {"@id": "cr:data", "@type": "@json"},
        "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
        "dct": "http://purl.org/dc/terms/",
        "description": {"@container": "@language"},
        "equivalentProperty": "cr:equivalentProperty",
        "examples": {"@id": "cr:examples", "@type": "@json"},
        "extract": "cr:extract",
        "field": "cr:field",
        "fileObject": "cr:fileObject",
        "fileProperty": "cr:fileProperty",
        "fileSet": "cr:fileSet",
        "format": "cr:format",
        "includes": "cr:includes",
        "isArray": "cr:isArray",
        "isLiveDataset": "cr:isLiveDataset",
        "jsonPath": "cr:jsonPath",
        "key": "cr:key",
        "md5": "cr:md5",
        "name": {"@container": "@language"},
        "parentField": "cr:parentField",
        "path": "cr:path",
        "rai": "http://mlcommons.org/croissant/RAI/",
        "recordSet": "cr:recordSet",
        "references": "cr:references",
        "regex": "cr:regex",
        "repeated": "cr:repeated",
        "replace": "cr:replace",
        "samplingRate": "cr:samplingRate",
        "sc": "https://schema.org/",
        "separator": "cr:separator",
        "source": "cr:source",
        "subField": "cr:subField",
        "transform": "cr:transform",
    })
}
