mod validators;

use std::{fs, os::unix::fs::symlink};

use tempfile::TempDir;

use super::*;
use crate::{
    dataset_id,
    embed::{self, embed_all, for_tests, to_bytes},
    metric::FIRST_NAME,
    text,
};

/// A dataset version as they were made for version 1 of the metric, which stays readable.
pub(crate) fn make_first(request: &Request<'_>) -> Result<[u8; 32], ManifestError> {
    let creator: Creator = files::read_json(request.creator)?;
    let registrant = creator.registrant(&request.account)?;
    let (mut parts, _) = texts::read(request)?;
    let chunks: Vec<String> =
        parts.iter().flat_map(|part| text::chunks(&String::from_utf8_lossy(&part.bytes))).collect();
    let embeddings = embed_all(&chunks, for_tests())?.iter().flat_map(|one| to_bytes(one)).collect();
    let terms = LicenceFile {
        licence: request.licence.to_owned(),
        metric: FIRST_NAME.to_owned(),
        metric_version: 1,
        threshold: request.threshold,
    };
    parts.push(Part { path: LICENCE.into(), bytes: files::canonical_json(&terms).expect("JSON") });
    parts.push(Part { path: EMBEDDINGS.into(), bytes: embeddings });
    let described = Described::of(&creator, registrant, request, parts.iter().map(Part::described).collect());
    let manifest = crate_file::write(&described).expect("JSON");
    let croissant = croissant::export(&described, &sha256(&manifest)).expect("JSON");
    write(request.out, &parts, &croissant, &manifest)?;
    Ok(sha256(&manifest))
}

const CREATOR: &str = r#"{"name": "Jane Austen", "slug": "austen", "dataset": "austen/emma", "licence": "CC0-1.0",
    "title": "Emma", "year": 1815}"#;
const TEXT: &str = "Emma Woodhouse, handsome, clever, and rich, with a comfortable home and happy disposition, seemed to unite \
    some of the best blessings of existence. She was the youngest of two daughters.";
const MILL: &str =
    "A mill that nobody built stands by a river of which no map has ever told, and it grinds no corn at all there.";

struct Place {
    folder: TempDir,
}

impl Place {
    fn new() -> Self {
        let place = Self { folder: tempfile::tempdir().expect("temporary folder") };
        place.put("work/creator.json", CREATOR);
        place.put(
            "work/b.txt",
            "The real evils of Emma's situation were the power of having rather too much her own way.",
        );
        place.put("work/sub/a.txt", TEXT);
        place
    }

    fn put(&self, path: &str, content: impl AsRef<[u8]>) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().expect("parent")).expect("made");
        fs::write(path, content).expect("written");
    }

    fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    fn make_in(&self, out: &str, change: impl FnOnce(&mut Request<'_>)) -> Result<Made, ManifestError> {
        let (folder, creator, out) = (self.path("work"), self.path("work/creator.json"), self.path(out));
        let mut request = Request {
            folder: &folder,
            creator: &creator,
            account: [7; 20],
            licence: "CC0-1.0",
            threshold: 700_000,
            out: &out,
        };
        change(&mut request);
        make(&request, for_tests())
    }

    fn make(&self) -> Result<Made, ManifestError> {
        self.make_in("out", |_| {})
    }
}

/// A decoy is a version like any other, and nobody's, whatever account is asked for: none is made by mistake, and none
/// can be paid.
#[test]
fn a_decoy_is_nobodys() {
    let place = Place::new();
    let (folder, creator, out) = (place.path("work"), place.path("work/creator.json"), place.path("decoy"));
    let request = Request {
        folder: &folder,
        creator: &creator,
        account: [7; 20],
        licence: "CC0-1.0",
        threshold: 700_000,
        out: &out,
    };
    let made = make_decoy(&request, for_tests()).expect("made");
    assert_eq!(made.account, NOBODY);
    let dataset = Dataset::load(&out).expect("loaded");
    assert!(dataset.is_decoy());
    dataset.check_embeddings(for_tests()).expect("the texts' own");
    assert!(
        !Dataset::load(&{
            place.make().expect("made");
            place.path("out")
        })
        .expect("loaded")
        .is_decoy()
    );
}

/// Proves ATT-10: a decoy that has words from a dataset beside it is refused, and nothing is written: its hits would be
/// counted as mistakes, and be none. Before, it was only said.
#[test]
fn a_decoy_copies_nobody() {
    let place = Place::new();
    place.make().expect("made");
    let dataset = Dataset::load(&place.path("out")).expect("loaded");
    let decoy = |folder: &str, out: &str| {
        let request = Request {
            folder: &place.path(folder),
            creator: &place.path("decoy.json"),
            account: NOBODY,
            licence: "CC0-1.0",
            threshold: 700_000,
            out: &place.path(out),
        };
        make_decoy_beside(&request, std::slice::from_ref(&dataset), for_tests())
    };
    place.put("decoy.json", CREATOR.replace("austen/emma", "nobody/decoy"));
    place.put("copied/a.txt", TEXT);
    let error = decoy("copied", "decoy").expect_err("Emma's words");
    assert!(matches!(&error, ManifestError::NoDecoy { copied } if copied.contains("austen/emma")), "{error}");
    assert!(!place.path("decoy").exists());
    place.put("own/a.txt", MILL);
    decoy("own", "decoy").expect("nobody's words");
    decoy("own", "decoy").expect("the same again");
    assert!(Dataset::load(&place.path("decoy")).expect("loaded").is_decoy());
}

/// Proves ATT-11: whoever makes a version is told what it has from others that are there, in words of how many; made
/// again beside itself it has nothing.
#[test]
fn what_a_version_has_from_others_is_told() {
    let place = Place::new();
    place.make().expect("made");
    // Emma's 30 words, and 24 of one's own.
    place.put("tale/a.txt", TEXT);
    place.put("tale/b.txt", MILL);
    place.put("tale.json", CREATOR.replace("austen/emma", "other/tale"));
    let request = Request {
        folder: &place.path("tale"),
        creator: &place.path("tale.json"),
        account: [8; 20],
        licence: "CC0-1.0",
        threshold: 700_000,
        out: &place.path("tales"),
    };
    let [emma, mill] = ["out", "tales"].map(|name| place.path(name));
    let emma = Dataset::load(&emma).expect("loaded");
    let made = make_beside(&request, std::slice::from_ref(&emma), for_tests()).expect("made");
    let copied = Copied {
        dataset: "other/tale".into(),
        manifest_hash: made.manifest_hash,
        of: "austen/emma".into(),
        of_manifest_hash: emma.manifest_hash,
        words: 30,
        of_words: 54,
    };
    assert_eq!(made.copies, Some(vec![copied]));
    let itself = Dataset::load(&mill).expect("loaded");
    let again = make_beside(&request, &[itself], for_tests()).expect("the same again");
    assert_eq!((again.manifest_hash, again.copies), (made.manifest_hash, Some(Vec::new())));
}

/// Proves ATT-1: the same folder has the same manifest, byte for byte, wherever it is written; what it says comes back;
/// and any other content, creator, account or licence has another hash.
#[test]
fn a_version_is_its_hash() {
    let place = Place::new();
    let made = place.make().expect("made");
    // The other text is too short for a passage.
    assert_eq!((made.texts, made.chunks, made.dataset_id), (2, 1, dataset_id(&[7; 20], "austen/emma")));
    let manifest = files::read(&place.path("out").join(MANIFEST)).expect("written");
    assert_eq!(sha256(&manifest), made.manifest_hash);
    assert_eq!(place.make().expect("the same again"), made);
    assert_eq!(place.make_in("elsewhere", |_| {}).expect("elsewhere"), made);
    assert_eq!(files::read(&place.path("elsewhere").join(MANIFEST)).expect("written"), manifest);

    let dataset = Dataset::load(&place.path("out")).expect("loaded");
    assert_eq!((dataset.manifest_hash, dataset.licence_hash), (made.manifest_hash, made.licence_hash));
    assert_eq!((dataset.creator.as_str(), dataset.account), ("Jane Austen", [7; 20]));
    assert_eq!(dataset.files, ["texts/b.txt", "texts/sub/a.txt"]);
    let passage = words::quantized(&for_tests().embed(TEXT).expect("embedded"));
    assert_eq!((dataset.tables[1].passages[0].embedding.clone(), dataset.tables[0].passages.len()), (passage, 0));
    dataset.check_embeddings(for_tests()).expect("the texts' own");

    for (n, change) in [(|request: &mut Request<'_>| request.account = [8; 20]) as fn(&mut Request<'_>), |request| {
        request.threshold = 600_000
    }]
    .into_iter()
    .enumerate()
    {
        let other = place.make_in(&format!("changed-{n}"), change).expect("made");
        assert_ne!(other.manifest_hash, made.manifest_hash);
    }
    place.put("work/b.txt", "Another text, about as long as the one before.");
    assert!(matches!(place.make(), Err(ManifestError::OtherVersion { .. })));
    assert_ne!(place.make_in("new", |_| {}).expect("made").manifest_hash, made.manifest_hash);
}

/// Proves ATT-1's formats: an RO-Crate 1.2 that `ro-crate-rs` finds valid against its context, with DataCite's
/// mandatory properties, and a Croissant 1.1 with the same files and hashes.
#[test]
fn the_manifest_is_an_ro_crate_with_a_croissant() {
    let place = Place::new();
    let made = place.make().expect("made");
    let read = |name: &str| -> serde_json::Value { files::read_json(&place.path("out").join(name)).expect("JSON") };
    let manifest = read(MANIFEST);
    assert_eq!(manifest["@context"], "https://w3id.org/ro/crate/1.2/context");
    let graph = manifest["@graph"].as_array().expect("graph");
    let root = graph.iter().find(|entity| entity["@id"] == "./").expect("root");
    for mandatory in ["identifier", "creator", "name", "publisher", "datePublished", "additionalType", "license"] {
        assert!(!root[mandatory].is_null(), "{mandatory}");
    }
    let croissant = read("croissant.json");
    assert_eq!(croissant["conformsTo"], "http://mlcommons.org/croissant/1.1");
    assert_eq!(croissant["url"], format!("urn:sha256:{}", hex::encode(made.manifest_hash)));
    for file in croissant["distribution"].as_array().expect("files") {
        let entity = graph.iter().find(|entity| entity["@id"] == file["contentUrl"]).expect("the same file");
        assert_eq!(entity["sha256"], file["sha256"]);
        let content = files::read(&place.path("out").join(file["contentUrl"].as_str().expect("path"))).expect("read");
        assert_eq!(hex::encode(sha256(&content)), file["sha256"].as_str().expect("hash"));
    }
}

/// Bad input: nothing there, links, names that lead out or mean something else elsewhere, files that are no text or too
/// large, an output inside the input, fields that are wrong. Nothing is written then.
#[test]
fn unusable_folders_are_refused() {
    let refused = |change: fn(&Place)| {
        let place = Place::new();
        change(&place);
        let error = place.make().expect_err("unusable");
        assert!(!place.path("out").exists(), "{error}");
        error
    };
    let error = refused(|place| {
        fs::remove_file(place.path("work/b.txt"))
            .and_then(|()| fs::remove_dir_all(place.path("work/sub")))
            .expect("emptied")
    });
    assert!(matches!(error, ManifestError::Empty { .. }));
    let error = refused(|place| symlink("/etc/hostname", place.path("work/link.txt")).expect("linked"));
    assert!(matches!(error, ManifestError::NotAFile { .. }));
    let error = refused(|place| symlink("/etc", place.path("work/folder")).expect("linked"));
    assert!(matches!(error, ManifestError::NotAFile { .. }));
    let error = refused(|place| place.put(&format!("work/{}", "x".repeat(201)), TEXT));
    assert!(matches!(error, ManifestError::BadName { .. }));
    // The same name in the version.
    let error = refused(|place| {
        place.put("work/a:.txt", TEXT);
        place.put("work/a%3A.txt", TEXT);
    });
    assert!(matches!(error, ManifestError::BadName { .. }));
    let error = refused(|place| place.put("work/b.txt", b"ab\xff"));
    assert!(matches!(error, ManifestError::NotText { valid_up_to: 2, .. }));
    // UTF-16 without its mark is UTF-8 with NUL characters, where the text is English.
    let error = refused(|place| place.put("work/b.txt", b"C\0a\0l\0l\0"));
    assert!(matches!(error, ManifestError::NotText { valid_up_to: 1, .. }));
    // Devices have no end; a pipe has no beginning either. As a text, as creator.json, by a link or not.
    let error = refused(|place| symlink("/dev/zero", place.path("work/endless.txt")).expect("linked"));
    assert!(matches!(error, ManifestError::NotAFile { .. }));
    let error = refused(|place| {
        fs::remove_file(place.path("work/creator.json"))
            .and_then(|()| symlink("/dev/zero", place.path("work/creator.json")))
            .expect("linked")
    });
    assert!(matches!(error, ManifestError::File(FileError::Content { .. })), "{error}");
    let error = refused(|place| place.put("work/b.txt", "%PDF-1.4\nwords in a stream"));
    assert!(matches!(error, ManifestError::Pdf { .. }) && error.to_string().contains("extract its text"), "{error}");
    let error = refused(|place| {
        let file = fs::File::create(place.path("work/b.txt")).expect("made");
        file.set_len(MAX_TEXT_BYTES + 1).expect("grown");
    });
    assert!(matches!(error, ManifestError::TooLarge { bytes, .. } if bytes == MAX_TEXT_BYTES + 1));
    let error = refused(|place| {
        place.put("work/b.txt", " ");
        place.put("work/sub/a.txt", "\n");
    });
    assert!(matches!(error, ManifestError::Empty { .. }));
    let place = Place::new();
    assert!(matches!(place.make_in("work/out", |_| {}), Err(ManifestError::OutInside { .. })));
    for (field, change) in [
        ("account", (|request: &mut Request<'_>| request.account = [0; 20]) as fn(&mut Request<'_>)),
        ("threshold", |request| request.threshold = 1_000_000),
        ("threshold", |request| request.threshold = 0),
        ("threshold", |request| request.threshold = 499_999),
    ] {
        assert!(matches!(place.make_in("out", change), Err(ManifestError::Field { field: got, .. }) if got == field));
    }
    // The creator may name the same: an id that SPDX does not list is refused all the same.
    let licences = [
        ("CC0-1.0", "MIT", "creator.json names another licence"),
        ("CC0 1.0", "CC0 1.0", "CC0 1.0 is no SPDX id; take one of"),
        ("CC0 1.0", "CC0 1.0", "such as CC-BY-4.0; is CC0-1.0 meant?"),
        ("cc0-1.0", "cc0-1.0", "such as CC-BY-4.0; is CC0-1.0 meant?"),
        ("Emma-1.0", "Emma-1.0", "Emma-1.0 is no SPDX id; take one of"),
    ];
    for (named, given, why) in licences {
        place.put("work/creator.json", CREATOR.replace("CC0-1.0", named));
        let refused = place.make_in("out", |request| request.licence = given);
        let Err(ManifestError::Field { field: "licence", reason }) = refused else { panic!("{given}: {refused:?}") };
        assert!(reason.contains(why), "{given}: {reason}");
        assert_eq!(reason.contains("meant"), given.starts_with(['C', 'c']), "{given}: {reason}");
    }
    for (from, to) in [
        ("austen/emma", "../emma"),
        ("Jane Austen", " "),
        ("1815", "0"),
        ("1815", "10000"),
        ("1815", "1815, \"date\": \"1815-13-01\""),
    ] {
        place.put("work/creator.json", CREATOR.replace(from, to));
        assert!(matches!(place.make(), Err(ManifestError::Field { .. })), "{to}");
    }
    place.put("work/creator.json", "{}");
    assert!(matches!(place.make(), Err(ManifestError::File(FileError::Content { .. }))));
}

/// Proves ATT-1: what has no word, and another dataset's description, is no text: it is skipped and named, and the
/// version is the one without. Before, it was hashed and described as a text.
#[test]
fn what_has_no_words_is_skipped_and_named() {
    let place = Place::new();
    let made = place.make().expect("made");
    place.put("work/empty.txt", "");
    place.put("work/rules.txt", "--- *** ---\n");
    place.put("work/sub/creator.json", CREATOR);
    // A text that only has such a name is one.
    let same = place.make_in("again", |_| {}).expect("made");
    assert_eq!((same.manifest_hash, same.texts), (made.manifest_hash, 2));
    let names: Vec<_> = same
        .skipped
        .iter()
        .map(|path| path.strip_prefix(fs::canonicalize(place.path("work")).expect("there")))
        .collect();
    let names: Vec<_> = names.into_iter().map(|name| name.expect("below").display().to_string()).collect();
    assert_eq!(names, ["empty.txt", "rules.txt", "sub/creator.json"]);
    place.put("work/sub/creator.json", "A text about a file of JSON, with words of its own.");
    assert_eq!(place.make_in("text", |_| {}).expect("made").texts, 3);
}

/// A changed byte in any file of a version is found and named; so are embeddings that are not the texts'.
#[test]
fn a_changed_version_is_refused() {
    let place = Place::new();
    place.make().expect("made");
    let out = place.path("out");
    for name in ["texts/b.txt", "texts/sub/a.txt", LICENCE, TABLES] {
        let before = files::read(&out.join(name)).expect("read");
        let mut changed = before.clone();
        changed[3] ^= 1;
        fs::write(out.join(name), changed).expect("changed");
        let error = Dataset::load(&out).expect_err("changed");
        assert!(matches!(&error, ManifestError::Changed { path, .. } if path.ends_with(name)), "{error}");
        fs::write(out.join(name), before).expect("restored");
    }
    let manifest = String::from_utf8(files::read(&out.join(MANIFEST)).expect("read")).expect("text");
    for (from, to) in [
        ("texts/b.txt", "texts/../b.txt"),
        ("sha256", "sha257"),
        ("austen/emma", "austen/sense"),
        ("\"#account\"", "\"#other\""),
    ] {
        fs::write(out.join(MANIFEST), manifest.replace(from, to)).expect("changed");
        assert!(matches!(Dataset::load(&out), Err(ManifestError::Invalid { .. })), "{to}");
    }
    fs::write(out.join(MANIFEST), &manifest).expect("restored");
    let mut dataset = Dataset::load(&out).expect("whole again");
    dataset.tables[1].passages[0].embedding.reverse();
    let foreign = dataset.check_embeddings(for_tests());
    assert!(matches!(foreign, Err(ManifestError::ForeignEmbedding { chunk: 0, .. })));
    // Tables of other words, under a manifest that names them.
    dataset.tables[0].runs[0] ^= 1;
    let (old, new) = (files::read(&out.join(TABLES)).expect("read"), tables_to_bytes(&dataset.tables));
    fs::write(out.join(TABLES), &new).expect("changed");
    let named = manifest.replace(&hex::encode(sha256(&old)), &hex::encode(sha256(&new)));
    fs::write(out.join(MANIFEST), named).expect("changed");
    let error = Dataset::load(&out).expect_err("other words").to_string();
    assert!(error.contains("the table of texts/b.txt is of other words than the text"), "{error}");
}

/// Proves LIC-10: when a text must go its table stays, so that what was reported can be checked without it; and no
/// other file can go.
#[test]
fn a_table_stays_when_its_text_must_go() {
    let place = Place::new();
    place.make().expect("made");
    let out = place.path("out");
    let whole = Dataset::load(&out).expect("whole");
    fs::remove_file(out.join("texts/sub/a.txt")).expect("removed");
    assert_eq!(Dataset::load(&out).expect("without a text"), whole);
    whole.check_embeddings(for_tests()).expect("the other text's own");
    for name in [LICENCE, TABLES] {
        let content = files::read(&out.join(name)).expect("read");
        fs::remove_file(out.join(name)).expect("removed");
        assert!(matches!(Dataset::load(&out), Err(ManifestError::File(_))), "{name}");
        fs::write(out.join(name), content).expect("restored");
    }
}

/// Proves SAFE-11 off the chain: a stranger who uses a creator's slug stops nobody's attribution, nor does a dataset
/// that changed hands or one whose files were changed. And bad input: a folder without datasets.
#[test]
fn a_dataset_has_one_creator() {
    let place = Place::new();
    place.make_in("all/one", |_| {}).expect("made");
    assert_eq!(load_all(&place.path("all")).expect("one").datasets.len(), 1);
    assert_eq!(load_all(&place.path("all/one")).expect("itself").datasets.len(), 1);
    // Another registrant's dataset of the same slug is another dataset.
    place.make_in("all/two", |request| request.account = [8; 20]).expect("made");
    let both = load_all(&place.path("all")).expect("two datasets").datasets;
    assert_ne!(both[0].dataset_id(), both[1].dataset_id());
    // Handed over: the new owner's version has the first one's id, and the old owner's stays what it was.
    let handed_over = CREATOR.replacen('{', &format!("{{\"registrant\": \"0x{}\", ", "07".repeat(20)), 1);
    place.put("work/creator.json", &handed_over);
    let made = place.make_in("later/new", |request| request.account = [8; 20]).expect("made");
    assert_eq!(made.dataset_id, dataset_id(&[7; 20], "austen/emma"));
    let loaded = load_all(&place.path("later")).expect("one").datasets;
    assert_eq!((loaded[0].dataset_id(), loaded[0].account), (made.dataset_id, [8; 20]));
    place.make_in("later/old", |_| {}).expect("made");
    let loaded = load_all(&place.path("later")).expect("both");
    assert_eq!(loaded.datasets.iter().map(Dataset::dataset_id).collect::<Vec<_>>(), [made.dataset_id; 2]);
    let file = place.path("later/old/texts/b.txt");
    fs::write(&file, "another text").expect("changed");
    let loaded = load_all(&place.path("later")).expect("the other one");
    assert_eq!((loaded.datasets.len(), loaded.datasets[0].manifest_hash), (1, made.manifest_hash));
    assert!(
        matches!(&loaded.damaged[..], [Damaged { error: ManifestError::Changed { path, .. }, .. }] if *path == file)
    );
    // A whole copy of it, and another copy of the first.
    place.put("work/creator.json", &handed_over);
    place.make_in("later/old again", |_| {}).expect("made");
    place.make_in("later/new again", |request| request.account = [8; 20]).expect("made");
    let loaded = load_all(&place.path("later")).expect("both");
    assert_eq!((loaded.datasets.len(), loaded.damaged.len()), (2, 0));
    place.put("work/creator.json", CREATOR.replacen('{', "{\"registrant\": \"0x07\", ", 1));
    let refused = place.make_in("never", |_| {});
    assert!(matches!(refused, Err(ManifestError::Field { field: "registrant", .. })), "{refused:?}");
    assert!(matches!(load_all(&place.path("work")), Err(ManifestError::Invalid { .. })));
}

/// Whatever a creator's system calls a text, it is part of the version, under a name that is the same on every system;
/// hidden files are named and left out. Before, one such name refused a whole folder.
#[test]
fn any_name_is_written_or_named() {
    let place = Place::new();
    for name in
        ["a b.txt", "Chapter 1: Loomings?.txt", "Ästhetik/ü.txt", "白鯨.txt", "u\u{308}ber.txt", "100%.txt", "the end."]
    {
        place.put(&format!("work/{name}"), TEXT);
    }
    place.put("work/.DS_Store", b"\0\xff");
    place.put("work/.git/config", TEXT);
    let made = place.make().expect("made");
    assert_eq!(
        made.skipped,
        [".DS_Store", ".git"].map(|name| fs::canonicalize(place.path("work")).expect("there").join(name))
    );
    let dataset = Dataset::load(&place.path("out")).expect("loaded");
    assert_eq!(
        dataset.files,
        [
            "texts/100%.txt",
            "texts/Chapter 1%3A Loomings%3F.txt",
            "texts/a b.txt",
            "texts/b.txt",
            "texts/sub/a.txt",
            "texts/the end%2E",
            "texts/Ästhetik/ü.txt",
            "texts/\u{fc}ber.txt",
            "texts/白鯨.txt",
        ]
    );
    dataset.check_package().expect("whole");
    let manifest: serde_json::Value = files::read_json(&place.path("out").join(MANIFEST)).expect("JSON");
    let ids: Vec<&str> =
        manifest["@graph"].as_array().expect("graph").iter().filter_map(|one| one["@id"].as_str()).collect();
    for id in ["texts/a%20b.txt", "texts/%E7%99%BD%E9%AF%A8.txt", "texts/Chapter%201%253A%20Loomings%253F.txt"] {
        assert!(ids.contains(&id), "{id}: {ids:?}");
    }
}

/// As many texts as a dataset may have, beside creator.json and hidden files, are taken, and one more is refused.
#[test]
fn as_many_texts_as_a_dataset_may_have() {
    let place = Place::new();
    place.put("work/.hidden", TEXT);
    // Beside the two that are there.
    for number in 2..MAX_TEXTS {
        fs::write(place.path(&format!("work/{number}.txt")), "a word").expect("written");
    }
    let (folder, creator, out) = (place.path("work"), place.path("work/creator.json"), place.path("out"));
    let request = Request {
        folder: &folder,
        creator: &creator,
        account: [7; 20],
        licence: "CC0-1.0",
        threshold: 700_000,
        out: &out,
    };
    assert_eq!(texts::read(&request).expect("ten thousand").0.len(), MAX_TEXTS);
    fs::write(place.path("work/more.txt"), "a word").expect("written");
    assert!(matches!(texts::read(&request), Err(ManifestError::TooMany { .. })));
}

/// What RO-Crate 1.2 asks of software: where it is described, and which version it is.
#[test]
fn the_model_has_an_address_and_a_version() {
    let place = Place::new();
    place.make().expect("made");
    let manifest: serde_json::Value = files::read_json(&place.path("out").join(MANIFEST)).expect("JSON");
    let graph = manifest["@graph"].as_array().expect("graph");
    let model = graph.iter().find(|one| one["@type"] == "SoftwareApplication").expect("the model");
    assert_eq!(model["url"], embed::MODEL_URL);
    assert_eq!(model["version"], format!("SHA-256 {}", embed::MODEL_SHA256));
}

/// Proves ATT-4: a version whose embeddings another model made, or the same weights with another tokenizer, is not
/// compared; one that names its model as versions did before is.
#[test]
fn a_version_of_another_model_is_refused() {
    let place = Place::new();
    place.make().expect("made");
    let manifest = place.path("out").join(MANIFEST);
    let text = fs::read_to_string(&manifest).expect("read");
    let version = format!("\"version\": \"SHA-256 {}\"", embed::MODEL_SHA256);
    assert!(text.contains(&version));
    fs::write(&manifest, text.replace(&version, &version.replace("\"version", "\"softwareVersion"))).expect("written");
    Dataset::load(&place.path("out")).expect("the same model");
    for other in [format!("\"version\": \"SHA-256 {}\"", "0".repeat(64)), "\"description\": \"x\"".into()] {
        fs::write(&manifest, text.replace(&version, &other)).expect("written");
        let error = Dataset::load(&place.path("out")).expect_err("another model");
        assert!(matches!(error, ManifestError::Invalid { .. }), "{error}");
    }
}

/// A device or a link to one in a version that somebody sent is refused, not read to its end.
#[test]
fn a_version_with_a_device_is_refused() {
    let place = Place::new();
    place.make().expect("made");
    let out = place.path("out");
    for name in ["texts/b.txt", TABLES, MANIFEST, LICENCE] {
        let before = files::read(&out.join(name)).expect("read");
        fs::remove_file(out.join(name)).and_then(|()| symlink("/dev/zero", out.join(name))).expect("linked");
        Dataset::load(&out).expect_err(name);
        fs::remove_file(out.join(name)).expect("removed");
        fs::write(out.join(name), before).expect("restored");
    }
    Dataset::load(&out).expect("whole again");
}

/// A version whose files are larger together than those of any is left unread and told by its folder, and stops no
/// other. Before, a file with a hole of two hundred gigabytes that its manifest named was read into memory.
#[test]
fn a_version_too_large_for_memory_is_not_read() {
    let place = Place::new();
    place.make_in("all/one", |_| {}).expect("made");
    place.make_in("all/two", |request| request.account = [8; 20]).expect("made");
    let two = place.path("all/two");
    let tables = fs::File::options().write(true).open(two.join(TABLES)).expect("there");
    let before = tables.metadata().expect("there").len();
    tables.set_len(MAX_VERSION_BYTES).expect("grown");
    let manifest = fs::read_to_string(two.join(MANIFEST)).expect("read");
    let size = |bytes: u64| format!("\"contentSize\": \"{bytes}\"");
    assert!(manifest.contains(&size(before)));
    fs::write(two.join(MANIFEST), manifest.replace(&size(before), &size(MAX_VERSION_BYTES))).expect("written");
    let loaded = load_all(&place.path("all")).expect("the other one");
    assert_eq!((loaded.datasets.len(), loaded.datasets[0].account), (1, [7; 20]));
    let [Damaged { error, .. }] = &loaded.damaged[..] else { panic!("{:?}", loaded.damaged) };
    assert!(matches!(error, ManifestError::VersionTooLarge { folder, .. } if *folder == two), "{error}");
    assert!(error.to_string().contains("all/two") && error.to_string().contains("make several datasets"), "{error}");
}

/// A version's files are as large together as they may be, and no byte larger, however many they are.
#[test]
fn a_versions_files_have_a_size_together() {
    let check = |sizes: &[u64]| check_size(Path::new("version"), sizes.iter().copied());
    check(&[MAX_VERSION_BYTES - 1, 1]).expect("as many as they may");
    for sizes in [&[MAX_VERSION_BYTES, 1][..], &[u64::MAX, u64::MAX]] {
        assert!(matches!(check(sizes), Err(ManifestError::VersionTooLarge { .. })), "{sizes:?}");
    }
}

/// The export follows from the manifest: another one, or none, is noticed, and neither takes a creator's dataset away.
#[test]
fn a_changed_export_is_noticed() {
    let place = Place::new();
    place.make().expect("made");
    let export = place.path("out").join(CROISSANT);
    let before = files::read(&export).expect("read");
    let check = || Dataset::load(&place.path("out")).expect("the version is whole").check_package();
    check().expect("as it was made");
    for at in (0..before.len()).step_by(before.len() / 60) {
        let mut changed = before.clone();
        changed[at] ^= 1;
        fs::write(&export, changed).expect("changed");
        assert!(matches!(check(), Err(ManifestError::OtherExport { .. })), "byte {at}");
    }
    fs::remove_file(&export).expect("removed");
    assert!(matches!(check(), Err(ManifestError::OtherExport { .. })));
}
