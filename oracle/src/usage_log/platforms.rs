//! Whose keys sign batches, and from which record on: the log's own list, each line signed by the log.
//!
//! A licence's platform names the log's key on chain, by epoch ([`crate::licensed`]); so the keys that sign batches
//! hang on the chain by it, and whoever else makes a list makes it without that key. A platform has one key at a time:
//! the next one takes its place from a record on, and what the former one signs then is no record of the log.

use std::{collections::BTreeMap, path::Path};

use ed25519_dalek::{Signer, SigningKey};
use serde::{Deserialize, Serialize};

use super::{LogError, Platform, signature_is_valid, stream::damaged};
use crate::{
    files::{self, hex_bytes},
    hex0x,
};

/// The list's file.
pub(super) const FILE: &str = "platforms.json";
/// Domain tag of what the log signs of a line.
const TAG: &[u8] = b"yieldset/log-platform/v1\n";

/// A line of the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Named {
    /// The platform's name.
    pub slug: String,
    /// The ed25519 key that signs its batches.
    #[serde(with = "hex_bytes")]
    pub public_key: [u8; 32],
    /// Slugs of its models; none where it may write no more.
    pub models: Vec<String>,
    /// The first record that it may sign: until the next line of its name, it alone does.
    pub from: u64,
    /// By the log's key: over the tag `yieldset/log-platform/v1`, a line's end, and the canonical JSON of the log's
    /// origin and the values above.
    #[serde(with = "hex_bytes")]
    pub signature: [u8; 64],
}

/// What is signed of a line.
#[derive(Serialize)]
struct Signed<'a> {
    origin: &'a str,
    slug: &'a str,
    #[serde(with = "hex_bytes")]
    public_key: [u8; 32],
    models: &'a [String],
    from: u64,
}

impl Signed<'_> {
    fn bytes(&self) -> Vec<u8> {
        // Texts and integers always have a JSON.
        [TAG, &files::canonical_json(self).unwrap_or_default()].concat()
    }
}

impl Named {
    fn new(origin: &str, platform: Platform, from: u64, key: &SigningKey) -> Self {
        let Platform { slug, public_key, models } = platform;
        let signed = Signed { origin, slug: &slug, public_key, models: &models, from };
        let signature = key.sign(&signed.bytes()).to_bytes();
        Self { slug, public_key, models, from, signature }
    }

    fn is_signed(&self, origin: &str, log_key: &[u8; 32]) -> bool {
        let Self { slug, public_key, models, from, signature } = self;
        let signed = Signed { origin, slug, public_key: *public_key, models, from: *from };
        signature_is_valid(log_key, &signed.bytes(), signature)
    }

    /// As a reader knows it from elsewhere.
    pub fn platform(&self) -> Platform {
        Platform { slug: self.slug.clone(), public_key: self.public_key, models: self.models.clone() }
    }
}

/// The list of a log, whose signatures are good.
#[derive(Debug, Default)]
pub struct Platforms(Vec<Named>);

impl Platforms {
    /// Reads a log's list; none is an empty one.
    ///
    /// # Errors
    /// [`LogError::Damaged`] where a line is not signed by the log, or not in order; [`LogError::File`].
    pub(crate) fn load(dir: &Path, (origin, log_key): (&str, &[u8; 32])) -> Result<Self, LogError> {
        let file = dir.join(FILE);
        let lines: Vec<Named> = if files::is_there(&file)? { files::read_json(&file)? } else { Vec::new() };
        if let Some(line) = lines.iter().find(|line| !line.is_signed(origin, log_key)) {
            let reason = format!("the log did not sign that {} has the key {}", line.slug, hex0x(&line.public_key));
            return Err(damaged(FILE, reason));
        }
        match lines.is_sorted_by_key(|line| line.from) {
            true => Ok(Self(lines)),
            false => Err(damaged(FILE, "its lines are not in the order in which they were made")),
        }
    }

    /// Every platform with each of its keys, the oldest first.
    pub fn known(&self) -> Vec<Platform> {
        self.0.iter().map(Named::platform).collect()
    }

    /// Its lines, in order.
    pub fn lines(&self) -> &[Named] {
        &self.0
    }

    /// Who signs a platform's batches at a record.
    pub(crate) fn at(&self, slug: &str, leaf: u64) -> Option<&Named> {
        self.0.iter().rev().find(|line| line.slug == slug && line.from <= leaf)
    }

    /// Names these platforms from a record on, and no others.
    fn name(&mut self, platforms: &[Platform], (origin, from, key): (&str, u64, &SigningKey)) {
        let known: BTreeMap<String, Platform> =
            self.0.iter().map(|line| (line.slug.clone(), line.platform())).collect();
        let gone = known.values().filter(|one| platforms.iter().all(|platform| platform.slug != one.slug));
        let gone = gone.map(|one| Platform { models: Vec::new(), ..one.clone() });
        let lines = platforms.iter().cloned().chain(gone);
        let new: Vec<Platform> = lines.filter(|platform| known.get(&platform.slug) != Some(platform)).collect();
        self.0.extend(new.into_iter().map(|platform| Named::new(origin, platform, from, key)));
    }

    /// The list that names these platforms from a record on, of a log that has no more records than that; nothing
    /// where it is there already. Lines from that record on are forgotten: nobody signed anything by them.
    fn next(
        dir: &Path,
        platforms: &[Platform],
        (origin, from, key): (&str, u64, &SigningKey),
    ) -> Result<Option<Self>, LogError> {
        let mut listed = Self::load(dir, (origin, &key.verifying_key().to_bytes()))?;
        let before = listed.0.clone();
        listed.0.retain(|line| line.from < from);
        for platform in platforms {
            for other in listed.0.iter().filter(|other| other.slug != platform.slug) {
                if let Some(model) = other.models.iter().find(|model| platform.models.contains(model)) {
                    return Err(LogError::Claimed {
                        platform: platform.slug.clone(),
                        model: model.clone(),
                        owner: other.slug.clone(),
                        from: other.from,
                        file: dir.join(FILE),
                    });
                }
            }
        }
        listed.name(platforms, (origin, from, key));
        let same = listed.0 == before && files::is_there(&dir.join(FILE))?;
        Ok((!same).then_some(listed))
    }

    /// Whether a log's list can name these platforms from a record on.
    ///
    /// # Errors
    /// As [`load`](Self::load); [`LogError::Claimed`] where one claims a model that was another's.
    pub(super) fn check(dir: &Path, platforms: &[Platform], place: (&str, u64, &SigningKey)) -> Result<(), LogError> {
        Self::next(dir, platforms, place).map(|_| ())
    }

    /// Has a log's list name these platforms from a record on.
    ///
    /// # Errors
    /// As [`check`](Self::check), and [`LogError::File`].
    pub(super) fn register(
        dir: &Path,
        platforms: &[Platform],
        place: (&str, u64, &SigningKey),
    ) -> Result<(), LogError> {
        if let Some(next) = Self::next(dir, platforms, place)? {
            files::write_json(&dir.join(FILE), &next.0)?;
        }
        Ok(())
    }
}
