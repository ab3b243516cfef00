//! The Croissant 1.1 export: the same files, for tools that load datasets.

use serde_json::{Value, json};

use super::{Creator, MANIFEST, Part, Request, TABLES, TEXTS, crate_file};
use crate::{dataset_id, hex0x};

/// <https://docs.mlcommons.org/croissant/docs/croissant-spec-1.1.html>.
const CONFORMS_TO: &str = "http://mlcommons.org/croissant/1.1";

/// The description. It names the manifest by its hash, which is what the chain knows.
pub(super) fn export(
    creator: &Creator,
    registrant: &[u8; 20],
    request: &Request<'_>,
    parts: &[Part],
    manifest_hash: &[u8; 32],
) -> Value {
    let date = crate_file::date(creator);
    let citation = format!("{} ({}). {}.", creator.name, creator.year, creator.title);
    let distribution: Vec<Value> = parts.iter().map(file_object).collect();
    let texts = parts.iter().filter(|part| part.path.starts_with(TEXTS));
    json!({
        "@context": context(),
        "@type": "sc:Dataset",
        "@id": creator.dataset,
        "conformsTo": CONFORMS_TO,
        "name": creator.dataset,
        "alternateName": creator.title,
        "description": crate_file::description(creator, request),
        "identifier": hex0x(&dataset_id(registrant, &creator.dataset)),
        "isBasedOn": MANIFEST,
        // Versions are not numbered off the chain: the manifest's hash tells them apart, as a semantic version's build
        // part.
        "version": format!("1.0.0+{}", hex::encode(manifest_hash)),
        "datePublished": date,
        "license": crate_file::licence_url(request.licence),
        "creator": {"@type": "sc:Person", "name": creator.name, "identifier": hex0x(&request.account)},
        "citeAs": citation,
        "url": format!("urn:sha256:{}", hex::encode(manifest_hash)),
        "distribution": distribution,
        "recordSet": texts.map(record_set).collect::<Vec<_>>(),
    })
}

fn file_object(part: &Part) -> Value {
    let description = if part.path == TABLES { crate::embed::describe() } else { part.path.clone() };
    json!({
        "@type": "cr:FileObject",
        "@id": part.path,
        "name": part.path,
        "description": description,
        "contentUrl": part.path,
        "contentSize": format!("{} B", part.bytes.len()),
        "encodingFormat": part.media_type,
        "sha256": part.sha256(),
    })
}

/// A text is one record with one field.
fn record_set(part: &Part) -> Value {
    let (set, field) = (format!("records/{}", part.path), format!("records/{}/text", part.path));
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
            "source": {"fileObject": {"@id": part.path}, "extract": {"fileProperty": "content"}},
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
