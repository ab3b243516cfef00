//! What the bytes that are signed or stored look like, for who decodes them without this repository's code:
//! `docs/schema/types.json` for programs, `docs/schema/README.md` for people, both from the types themselves, and
//! `docs/schema/examples.json` to hold one's own code against.

pub mod examples;

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use scale_info::form::PortableForm;
use scale_info::{Field, MetaType, PortableRegistry, Registry, Type, TypeDef};
use serde::{Deserialize, Serialize};
use syn::{Attribute, Expr, ExprLit, Fields, Item, Lit, Meta};
use yieldset_rules::licence::{Milestone, Terms};
use yieldset_rules::{grant, report, spot, usage};

/// The folder of the files.
const FOLDER: &str = "docs/schema";

/// Where the types are, and their modules.
const SOURCES: [(&str, &str); 5] = [
    ("report.rs", "report"),
    ("report/v2.rs", "report::v2"),
    ("usage.rs", "usage"),
    ("grant.rs", "grant"),
    ("licence/terms.rs", "licence::terms"),
];

/// What the sources say of a type, by its path, and of a variant or a field, by its path too.
type Docs = BTreeMap<String, String>;

/// Options of `schema`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Leave the files as they are, and say where they differ from the types.
    #[arg(long)]
    check: bool,
}

/// The file for programs.
#[derive(Debug, Serialize, Deserialize)]
struct Schema {
    /// What can be decoded.
    documents: Vec<Document>,
    /// The registry of types, as `scale-info` has it.
    registry: PortableRegistry,
}

/// One kind of bytes.
#[derive(Debug, Serialize, Deserialize)]
struct Document {
    name: String,
    /// What the bytes begin with, before the value; empty for none.
    tag: String,
    /// Of the value after the tag, in the registry.
    r#type: u32,
    /// What the bytes are for.
    purpose: String,
}

/// Writes or compares.
///
/// # Errors
/// What differs, or a file that cannot be read or written.
pub fn run(root: &Path, args: &Args) -> Result<()> {
    let mut same = true;
    for (name, text) in files(root)? {
        let file = root.join(FOLDER).join(name);
        if args.check {
            same &= std::fs::read_to_string(&file).is_ok_and(|known| known == text);
        } else {
            std::fs::write(&file, text).with_context(|| format!("writing {}", file.display()))?;
        }
    }
    ensure!(same, "{FOLDER} is not what the types say: run yieldset-tasks schema");
    println!("{FOLDER} has what is signed and stored, as the types have it");
    Ok(())
}

fn files(root: &Path) -> Result<[(&'static str, String); 3]> {
    let schema = schema()?;
    let json = serde_json::to_string_pretty(&schema).context("writing the registry as JSON")?;
    let examples = serde_json::to_string_pretty(&examples::examples()).context("writing the examples as JSON")?;
    let listing = listing(&schema, &documentation(root)?)?;
    Ok([("types.json", json + "\n"), ("README.md", listing), ("examples.json", examples + "\n")])
}

fn schema() -> Result<Schema> {
    let mut registry = Registry::new();
    let mut documents = Vec::new();
    let mut add = |name: &str, tag: &[u8], kind: MetaType, purpose: &str| -> Result<()> {
        let tag = String::from_utf8(tag.to_vec()).context("a tag is text")?;
        let r#type = registry.register_type(&kind).id;
        documents.push(Document { name: name.into(), tag, r#type, purpose: purpose.into() });
        Ok(())
    };
    add(
        "report, version 3",
        report::TAG,
        MetaType::new::<report::Report>(),
        "Signed by the committee's keys (ed25519) and posted to the attribution registry; keccak-256 of the same bytes \
         is the report's hash. At most 2,048 bytes, in the one shortest form.",
    )?;
    add(
        "report, version 2",
        report::v2::TAG,
        MetaType::new::<report::v2::Report>(),
        "To be read: no registry takes one any more.",
    )?;
    add(
        "usage record",
        usage::RECORD_TAG,
        MetaType::new::<usage::FirstRecord>(),
        "A leaf of a platform's usage log, and what is hashed (SHA-256) into its batch: a training run. Calls of this \
         version are read, and counted by version 1 of the metric alone.",
    )?;
    add(
        "usage record, version 2",
        usage::CALL_TAG,
        MetaType::new::<usage::InferenceCall<usage::Words>>(),
        "A leaf of a platform's usage log: a call, with what version 2 of the metric compares.",
    )?;
    add(
        "training run, version 2",
        usage::RUN_TAG,
        MetaType::new::<usage::TrainingRun>(),
        "A leaf of a platform's usage log: a training run that began from another model version.",
    )?;
    add(
        "text tables",
        usage::TABLES_TAG,
        MetaType::new::<Vec<usage::Words>>(),
        "Of a dataset version, beside its texts: what version 2 of the metric compares of each, in the order of paths.",
    )?;
    add(
        "usage batch",
        usage::BATCH_TAG,
        MetaType::new::<(String, String, Vec<[u8; 32]>)>(),
        "Signed by the platform: its name, the batch's id, SHA-256 of each record's bytes.",
    )?;
    restricted(&mut add)?;
    add(
        "licence terms",
        b"",
        MetaType::new::<Terms>(),
        "As the licence registry stores an option's terms: numbers little-endian, without lengths, which for this type \
         is SCALE. Nobody signs these bytes. They are agreed on by transactions, whose ABI has each field as a word of \
         32 bytes, in this order; the document's hash in them binds the text.",
    )?;
    add("milestone", b"", MetaType::new::<Milestone>(), "An entry of the terms' Schedule B, stored as terms are.")?;
    Ok(Schema { documents, registry: registry.into() })
}

/// Adds a document: its name, tag, type and purpose.
type Add<'a> = &'a mut dyn FnMut(&str, &[u8], MetaType, &str) -> Result<()>;

/// What opens records and outputs to who may read them.
fn restricted(add: Add<'_>) -> Result<()> {
    add(
        "log grant",
        grant::TAG,
        MetaType::new::<grant::Grant>(),
        "Signed by who may give it: the log's key, a platform's, or one that a licence's parties named to the log. At most \
         512 bytes, in the one shortest form.",
    )?;
    add(
        "log reading",
        grant::READING_TAG,
        MetaType::new::<([u8; 32], String, u64)>(),
        "Signed by the reader for each request: SHA-256 of the grant's bytes, path and query, Unix seconds.",
    )?;
    add(
        "spot draw",
        spot::TAG,
        MetaType::new::<([u8; 32], report::LogCheckpoint, [u8; 32], u32, u64)>(),
        "Nobody signs these bytes: keccak-256 of them is what calls are drawn by. The block's hash, the anchored \
         checkpoint, stream, period, and a counter.",
    )?;
    add(
        "spot opening",
        spot::OPENING_TAG,
        MetaType::new::<([u8; 32], Vec<(u64, [u8; 32])>)>(),
        "Signed by the platform: SHA-256 of the draw's file, leaf and SHA-256 of the whole output of each opened call.",
    )?;
    Ok(())
}

/// The file for people.
fn listing(schema: &Schema, docs: &Docs) -> Result<String> {
    let mut text = String::from(
        "# Bytes that are signed and stored\n\n\
         Written by `yieldset-tasks schema` from the types in `contracts/rules`; change those, not this page.\n\
         [types.json](types.json) has the same for programs: a `scale-info` registry, with which any SCALE library\n\
         decodes what follows a document's tag. Numbers are little-endian; texts and lists begin with their length, a\n\
         compact number; an option is 0, or 1 and its value; a variant begins with its number.\n\
         [examples.json](examples.json) has one of each with its bytes, hashes and signature (by the published key of\n\
         RFC 8032, 7.1, test 1), and how each digest is made, worked out once.\n",
    );
    for document in &schema.documents {
        let kind = name(schema, document.r#type)?;
        write!(text, "\n## {}\n\n{}\n\n", document.name, document.purpose)?;
        match &*document.tag {
            "" => writeln!(text, "No tag, then `{kind}`.")?,
            tag => writeln!(text, "Tag `{}`, then `{kind}`.", tag.escape_default())?,
        }
    }
    text.push_str("\n## Types\n");
    for entry in &schema.registry.types {
        if is_builtin(&entry.ty) {
            continue;
        }
        let own = name(schema, entry.id)?;
        write!(text, "\n### {own}\n\n{}\n\n", docs.get(&own).map_or("", String::as_str))?;
        match &entry.ty.type_def {
            TypeDef::Composite(composite) => fields(schema, docs, &own, &composite.fields, &mut text)?,
            TypeDef::Variant(variant) => {
                for variant in &variant.variants {
                    let path = format!("{own}::{}", variant.name);
                    let said = docs.get(&path).map_or("", String::as_str);
                    writeln!(text, "- {} = `{}`: {said}", variant.index, variant.name)?;
                    fields(schema, docs, &path, &variant.fields, &mut text)?;
                }
            }
            _ => {}
        }
    }
    Ok(text)
}

/// A line for each field of a type or, further in, of a variant.
fn fields(schema: &Schema, docs: &Docs, of: &str, fields: &[Field<PortableForm>], text: &mut String) -> Result<()> {
    let variant = of.rsplit("::").nth(1).is_some_and(|it| it.starts_with(char::is_uppercase));
    let indent = if variant { "  " } else { "" };
    for (number, field) in fields.iter().enumerate() {
        let own = field.name.clone().unwrap_or_else(|| number.to_string());
        let said = docs.get(&format!("{of}::{own}")).map(|said| format!(": {said}")).unwrap_or_default();
        writeln!(text, "{indent}- `{own}`, `{}`{said}", name(schema, field.ty.id)?)?;
    }
    Ok(())
}

/// The comments of the types' sources.
fn documentation(root: &Path) -> Result<Docs> {
    let mut docs = Docs::new();
    for (file, module) in SOURCES {
        let file = root.join("contracts/rules/src").join(file);
        let text = std::fs::read_to_string(&file).with_context(|| format!("reading {}", file.display()))?;
        for item in syn::parse_file(&text).with_context(|| format!("parsing {}", file.display()))?.items {
            match item {
                Item::Struct(it) => {
                    let own = format!("{module}::{}", it.ident);
                    of_fields(&mut docs, &own, &it.fields);
                    docs.insert(own, sentence(&it.attrs));
                }
                Item::Enum(it) => {
                    let own = format!("{module}::{}", it.ident);
                    for variant in &it.variants {
                        let path = format!("{own}::{}", variant.ident);
                        of_fields(&mut docs, &path, &variant.fields);
                        docs.insert(path, sentence(&variant.attrs));
                    }
                    docs.insert(own, sentence(&it.attrs));
                }
                _ => {}
            }
        }
    }
    Ok(docs)
}

fn of_fields(docs: &mut Docs, of: &str, fields: &Fields) {
    let named = fields.iter().filter_map(|field| Some((field.ident.as_ref()?, sentence(&field.attrs))));
    docs.extend(named.map(|(own, said)| (format!("{of}::{own}"), said)));
}

/// A comment on one line, with its links to code as plain names.
fn sentence(attributes: &[Attribute]) -> String {
    let line = |attribute: &Attribute| match &attribute.meta {
        Meta::NameValue(it) if it.path.is_ident("doc") => match &it.value {
            Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.value().trim().to_owned()),
            _ => None,
        },
        _ => None,
    };
    let lines: Vec<_> = attributes.iter().filter_map(line).collect();
    lines.join(" ").replace("[`", "`").replace("`]", "`")
}

/// Options, texts, lists and numbers, which every library knows.
fn is_builtin(kind: &Type<PortableForm>) -> bool {
    kind.path.namespace().is_empty()
}

/// A type as a person writes it.
fn name(schema: &Schema, id: u32) -> Result<String> {
    let kind = schema.registry.resolve(id).with_context(|| format!("no type {id}"))?;
    let of = |id| name(schema, id);
    Ok(match &kind.type_def {
        TypeDef::Primitive(primitive) => format!("{primitive:?}").to_lowercase(),
        TypeDef::Array(array) => format!("[{}; {}]", of(array.type_param.id)?, array.len),
        TypeDef::Sequence(list) => format!("Vec<{}>", of(list.type_param.id)?),
        TypeDef::Tuple(tuple) => {
            let parts = tuple.fields.iter().map(|part| of(part.id)).collect::<Result<Vec<_>>>()?;
            format!("({})", parts.join(", "))
        }
        _ => {
            let parameters: Vec<_> =
                kind.type_params.iter().filter_map(|it| it.ty).map(|it| of(it.id)).collect::<Result<_>>()?;
            let own =
                kind.path.segments.iter().filter(|it| *it != "yieldset_rules").cloned().collect::<Vec<_>>().join("::");
            if parameters.is_empty() { own } else { format!("{own}<{}>", parameters.join(", ")) }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use scale_value::{At, Composite, Value, ValueDef};
    use yieldset_rules::usage::UsageRecord;

    /// The checked-in file, and nothing of ours.
    fn decoded(document: &str, bytes: &[u8]) -> Result<Value<()>> {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(FOLDER).join("types.json");
        let schema: Schema = serde_json::from_str(&std::fs::read_to_string(file)?)?;
        let document = schema.documents.iter().find(|it| it.name == document).context("a document")?;
        let mut rest = bytes.strip_prefix(document.tag.as_bytes()).context("another tag")?;
        let value = scale_value::scale::decode_as_type(&mut rest, document.r#type, &schema.registry)?;
        ensure!(rest.is_empty(), "{} bytes are left", rest.len());
        Ok(value.remove_context())
    }

    /// The bytes of a decoded `[u8; N]`.
    fn bytes(value: Option<&Value<()>>) -> Vec<u8> {
        let Some(ValueDef::Composite(Composite::Unnamed(list))) = value.map(|it| &it.value) else { return Vec::new() };
        list.iter().filter_map(|byte| byte.as_u128()?.try_into().ok()).collect()
    }

    #[test]
    fn the_checked_in_schema_is_that_of_the_types() -> Result<()> {
        run(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."), &Args { check: true })
    }

    /// Proves SAFE-14's bytes to be anybody's: a report is read field by field with the checked-in schema alone.
    #[test]
    fn a_report_is_decoded_without_our_code() -> Result<()> {
        let report = examples::report();
        let value = decoded("report, version 3", &report.to_bytes())?;
        let number = |value: Option<&Value<()>>| value.and_then(Value::as_u128);
        let numbers = ["chain_id", "period", "revision", "epoch"].map(|field| number(value.at(field)));
        assert_eq!(numbers, [420_420_417, 8_107, 1, 5].map(Some));
        for (field, expected) in [("registry", 1u8), ("pool", 2), ("stream", 3), ("compared", 6), ("previous", 10)] {
            assert!(bytes(value.at(field)).starts_with(&[expected; 20]), "{field}");
        }
        assert_eq!(value.at("models").at(1).and_then(Value::as_str), Some("lumen-2"));
        assert_eq!(value.at("log").at("origin").and_then(Value::as_str), Some("log.example/usage"));
        assert_eq!(number(value.at("metric").at("threshold")), Some(700_000));
        let Some(ValueDef::Variant(outcome)) = value.at("outcome").map(|it| &it.value) else { panic!("{value}") };
        assert_eq!((&*outcome.name, bytes(value.at("outcome").at(0))), ("Weights", vec![5; 32]));
        assert_eq!(number(value.at("totals").at("attributed_tokens")), Some(500));
        assert_eq!(number(value.at("totals").at("late_records").at(0)), Some(3));
        assert_eq!(number(value.at("error").at("decoy_hits")), Some(2));
        assert_eq!(number(value.at("error").at("datasets")), Some(6));
        let Some(ValueDef::Variant(package)) = value.at("package").map(|it| &it.value) else { panic!("{value}") };
        assert_eq!(package.name, "None");
        assert_eq!(number(value.at("spot_check").at(0).at("matched")), Some(4));
        assert!(decoded("report, version 2", &report.to_bytes()).is_err());
        Ok(())
    }

    #[test]
    fn records_and_terms_are_decoded_without_our_code() -> Result<()> {
        let value = decoded("usage record", &UsageRecord::TrainingRun(examples::training_run()).to_bytes())?;
        assert_eq!(value.at(0).at("run_id").and_then(Value::as_str), Some("r-1"));
        assert_eq!(value.at(0).at("datasets").at(0).at("tokens").and_then(Value::as_u128), Some(1 << 40));
        let batch = usage::batch_signing_bytes("platform", "b-1", &[[1; 32], [2; 32]]);
        let value = decoded("usage batch", &batch)?;
        assert_eq!(value.at(1).and_then(Value::as_str), Some("b-1"));
        assert_eq!(bytes(value.at(2).at(1)), [2; 32]);
        // As they are stored, which no encoder wrote.
        let terms = Terms { threshold: 700_000, guarantee: 1 << 90, sublicensing: true, ..Terms::default() };
        let value = decoded("licence terms", &terms.to_bytes())?;
        assert_eq!(value.at("threshold").and_then(Value::as_u128), Some(700_000));
        assert_eq!(value.at("guarantee").and_then(Value::as_u128), Some(1 << 90));
        assert_eq!(value.at("sublicensing").and_then(Value::as_bool), Some(true));
        assert_eq!(value.at("platform_may_leave").and_then(Value::as_bool), Some(false));
        Ok(())
    }
}
