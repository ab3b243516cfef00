//! What a manifest says, in one shape for writing and reading: manifest and export are made of it.

use std::path::{Component, Path};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use unicode_normalization::{UnicodeNormalization, is_nfc};

use super::{Creator, EMBEDDINGS, LICENCE, Request, TABLES, TEXTS};

/// What an RO-Crate's id has as it is: RFC 3986's unreserved characters, and the slash between folders.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');
/// Longest name of a file or folder, in bytes.
const MAX_NAME: usize = 200;

/// What a manifest says of a dataset version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Described {
    /// The creator's name.
    pub creator: String,
    /// The works' title.
    pub title: String,
    /// A sentence or two about the content.
    pub description: String,
    /// When it was published: the day where it is known, else the year.
    pub date: String,
    /// The year of publication.
    pub year: String,
    /// Who is paid.
    pub account: [u8; 20],
    /// Who registered it.
    pub registrant: [u8; 20],
    /// The slug.
    pub dataset: String,
    /// SPDX id of the licence.
    pub licence: String,
    /// Its files, in order.
    pub files: Vec<File>,
}

/// A file of the version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct File {
    /// Where it is, below the version's folder.
    pub path: String,
    /// SHA-256 of its content.
    pub sha256: [u8; 32],
    /// Its size, in bytes.
    pub size: u64,
}

impl Described {
    pub(super) fn of(creator: &Creator, registrant: [u8; 20], request: &Request<'_>, files: Vec<File>) -> Self {
        let described = || format!("{} by {}, licensed {}.", creator.title, creator.name, request.licence);
        Self {
            creator: creator.name.clone(),
            title: creator.title.clone(),
            description: creator.description.clone().unwrap_or_else(described),
            date: creator.date.clone().unwrap_or_else(|| format!("{:04}", creator.year)),
            year: creator.year.to_string(),
            account: request.account,
            registrant,
            dataset: creator.dataset.clone(),
            licence: request.licence.to_owned(),
            files,
        }
    }
}

impl File {
    /// As RO-Crate and Croissant name it: its path as a URI reference.
    pub(super) fn id(&self) -> String {
        utf8_percent_encode(&self.path, ENCODED).to_string()
    }

    /// The path that an id names, if it is one of a dataset's file and written as [`id`](Self::id) writes it: two ids
    /// of one file would be two files.
    pub(super) fn path_of(id: &str) -> Option<String> {
        let path = percent_decode_str(id).decode_utf8().ok()?.into_owned();
        let known = [LICENCE, EMBEDDINGS, TABLES].contains(&path.as_str());
        let file = Self { path, sha256: [0; 32], size: 0 };
        ((known || file.is_text()) && file.id() == id).then_some(file.path)
    }

    /// Whether it is a text, by a name that texts may have.
    pub(super) fn is_text(&self) -> bool {
        self.path.strip_prefix(TEXTS).and_then(|rest| rest.strip_prefix('/')).is_some_and(is_inside)
    }

    /// How it writes an embedding's numbers, if it holds embeddings.
    pub(super) fn numbers(&self) -> Option<&'static str> {
        match self.path.as_str() {
            EMBEDDINGS => Some("i16"),
            TABLES => Some("i8"),
            _ => None,
        }
    }

    pub(super) fn media_type(&self) -> &'static str {
        match self.path.as_str() {
            LICENCE => "application/json",
            EMBEDDINGS | TABLES => "application/octet-stream",
            _ => "text/plain",
        }
    }
}

/// Whether a path leads to a file below its folder, by names that texts may have.
fn is_inside(path: &str) -> bool {
    path.split('/').all(is_usable_name)
        && Path::new(path).components().all(|component| matches!(component, Component::Normal(_)))
}

/// Whether a text's file or folder can have this name in a version, which is read on other systems: in Unicode's
/// composed form, as file systems disagree about the others; not hidden; nothing that some system does not take.
fn is_usable_name(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= MAX_NAME
        && !name.starts_with('.')
        && !name.ends_with(['.', ' '])
        && !name.contains(is_foreign)
        && is_nfc(name)
}

/// Whether some system has no such character in a name.
fn is_foreign(c: char) -> bool {
    c.is_control() || "/\\:*?\"<>|".contains(c)
}

/// The name that a creator's file or folder has in a version; nothing where it is too long. What some system does not
/// take is written as in a URI.
pub(super) fn usable_name(name: &str) -> Option<String> {
    let composed: String = name.nfc().collect();
    let last = composed.char_indices().next_back().filter(|(_, c)| ". ".contains(*c)).map(|(at, _)| at);
    let mut usable = String::new();
    for (at, c) in composed.char_indices() {
        if is_foreign(c) || Some(at) == last {
            usable.extend(c.encode_utf8(&mut [0; 4]).bytes().map(|byte| format!("%{byte:02X}")));
        } else {
            usable.push(c);
        }
    }
    is_usable_name(&usable).then_some(usable)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a creator's system calls a text, every system can.
    #[test]
    fn names_are_made_usable() {
        for (name, expected) in [
            ("plain-1_2.txt", "plain-1_2.txt"),
            ("Chapter 1: Loomings.txt", "Chapter 1%3A Loomings.txt"),
            ("Who? \\ me.txt", "Who%3F %5C me.txt"),
            ("the end.", "the end%2E"),
            ("tab\t.txt", "tab%09.txt"),
            // Decomposed, as some file systems have it.
            ("u\u{308}ber.txt", "\u{fc}ber.txt"),
            ("白鯨.txt", "白鯨.txt"),
        ] {
            assert_eq!(usable_name(name).as_deref(), Some(expected));
        }
        assert_eq!((usable_name(&"x".repeat(201)), usable_name("")), (None, None));
    }

    /// Names are written as URI references and read back; what leads out, or is written in a second way, is no file.
    #[test]
    fn a_files_id_is_its_path_and_no_other() {
        let id = |path: &str| File { path: path.into(), sha256: [0; 32], size: 0 }.id();
        for (path, expected) in [
            ("texts/a b.txt", "texts/a%20b.txt"),
            ("texts/Ästhetik/ü.txt", "texts/%C3%84sthetik/%C3%BC.txt"),
            ("texts/100%.txt", "texts/100%25.txt"),
            ("texts/白鯨.txt", "texts/%E7%99%BD%E9%AF%A8.txt"),
            ("texts/plain-1_2.txt", "texts/plain-1_2.txt"),
            ("licence.json", "licence.json"),
        ] {
            assert_eq!(id(path), expected);
            assert_eq!(File::path_of(expected).as_deref(), Some(path));
        }
        for id in [
            "texts/../a.txt",
            "texts/%2E%2E/a.txt",
            "texts/a%2Fb.txt",
            "texts//a.txt",
            "texts/",
            "texts",
            "/etc/hostname",
            "texts/.hidden",
            "texts/a%00.txt",
            "texts/a%5Cb.txt",
            "texts/%61.txt",
            "texts/a b.txt",
            "texts/a%c3%bc.txt",
            "texts/u%CC%88.txt",
            "texts/%FF.txt",
            "ro-crate-metadata.json",
            "croissant.json",
        ] {
            assert_eq!(File::path_of(id), None, "{id}");
        }
    }
}
