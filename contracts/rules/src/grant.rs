//! Who may read what of a usage log's entries: the canonical bytes of a grant, and of a reading by it (ATT-13).
//!
//! Checkpoints, hashes of records, manifests, reports and settlements are everybody's. Records are not: embeddings and
//! runs of an output can give its text away. They are read by a grant that names log, reader, stream, place, purpose
//! and end, signed by who may give it; and each reading is signed by the reader's key, so that a grant that got into
//! other hands opens nothing.

use alloc::{string::String, vec::Vec};
use codec::{Decode, DecodeAll, Encode};

use crate::{licence::usage_log::is_origin, report::Hash};

/// Domain tag of a grant.
pub const TAG: &[u8] = b"yieldset/log-grant/v1\n";
/// Domain tag of a reading.
pub const READING_TAG: &[u8] = b"yieldset/log-reading/v1\n";
/// Longest grant that is decoded, in bytes.
pub const MAX_BYTES: usize = 512;
/// Longest purpose, in bytes.
pub const MAX_PURPOSE: usize = 128;
/// Longest time for which a grant is given: 92 days, as the longest quarter has, in seconds.
pub const MAX_SECONDS: u64 = 92 * 24 * 60 * 60;
/// How far the time that a reading names may be from the log's clock, in seconds.
pub const READING_SKEW: u64 = 120;

/// A grant.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cfg_attr(any(test, feature = "schema"), derive(scale_info::TypeInfo))]
pub struct Grant {
    /// Origin line of the log.
    pub origin: String,
    /// The log's ed25519 public key.
    pub log_key: Hash,
    /// The key that signs the grant: the log's, a platform's, or one that the licence's parties named.
    pub issuer: Hash,
    /// The key that signs each reading.
    pub reader: Hash,
    /// What the reader is.
    pub role: Role,
    /// Of which stream; `None` is the whole log, which its own key alone gives.
    pub stream: Option<Hash>,
    /// Which of its records.
    pub scope: Scope,
    /// What for: visible ASCII and spaces.
    pub purpose: String,
    /// From when on it holds, in Unix seconds.
    pub since: u64,
    /// From when on it holds no more, in Unix seconds.
    pub until: u64,
}

/// What a reader is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cfg_attr(any(test, feature = "schema"), derive(scale_info::TypeInfo))]
pub enum Role {
    /// A party of the licence: records and lines of its stream.
    #[codec(index = 0)]
    Party,
    /// A member of the committee, who works the report out anew.
    #[codec(index = 1)]
    Committee,
    /// Who audits the licence.
    #[codec(index = 2)]
    Auditor,
    /// Who has a weight in a period: their own lines of it, and no record.
    #[codec(index = 3)]
    Contributor([u8; 20]),
}

/// Which records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cfg_attr(any(test, feature = "schema"), derive(scale_info::TypeInfo))]
pub enum Scope {
    /// Calls of this period, and every training run.
    #[codec(index = 0)]
    Period(u32),
    /// Leaves of the log.
    #[codec(index = 1)]
    Leaves {
        /// The first.
        from: u64,
        /// The one after the last.
        to: u64,
    },
}

/// What a reader asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// Records of these leaves, of the grant's stream alone: the first, and the one after the last.
    Records(u64, u64),
    /// All that the log has of these leaves, whoever sent them.
    Entries(u64, u64),
    /// Lines of a stream's period.
    Lines(Hash, u32),
    /// Who has read.
    Readings,
}

/// Why a grant opens nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoGrant {
    /// Longer than [`MAX_BYTES`], without [`TAG`], or not exactly one grant.
    Encoding,
    /// Its values contradict each other, or it is for longer than [`MAX_SECONDS`].
    Values,
    /// Of another log.
    OtherLog,
    /// Not begun, or over.
    NotNow,
    /// Other leaves, another stream or period, or more than the role may read.
    Beyond,
}

impl Grant {
    /// The bytes that are signed: [`TAG`] ‖ SCALE.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = TAG.to_vec();
        self.encode_to(&mut bytes);
        bytes
    }

    /// Parses and checks canonical bytes.
    ///
    /// # Errors
    /// [`NoGrant::Encoding`], [`NoGrant::Values`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, NoGrant> {
        if bytes.len() > MAX_BYTES {
            return Err(NoGrant::Encoding);
        }
        let mut body = bytes.strip_prefix(TAG).ok_or(NoGrant::Encoding)?;
        let grant = Self::decode_all(&mut body).map_err(|_| NoGrant::Encoding)?;
        if grant.is_sound() { Ok(grant) } else { Err(NoGrant::Values) }
    }

    /// Whether its values go together. A contributor's lines are of a stream's period.
    pub fn is_sound(&self) -> bool {
        let purpose = self.purpose.as_bytes();
        let readable = |letter: &u8| letter.is_ascii_graphic() || *letter == b' ';
        let placed = match self.scope {
            Scope::Period(period) => period > 0,
            Scope::Leaves { from, to } => from < to,
        };
        let own = match self.role {
            Role::Contributor(account) => {
                account != [0; 20] && self.stream.is_some() && matches!(self.scope, Scope::Period(_))
            }
            Role::Party => self.stream.is_some(),
            Role::Committee | Role::Auditor => true,
        };
        let keys = [self.log_key, self.issuer, self.reader].iter().all(|key| *key != [0; 32]);
        let whole_is_the_logs = self.stream.is_some() || self.issuer == self.log_key;
        is_origin(self.origin.as_bytes())
            && keys
            && own
            && placed
            && whole_is_the_logs
            && (1..=MAX_PURPOSE).contains(&purpose.len())
            && purpose.iter().all(readable)
            && self.since < self.until
            && self.until.saturating_sub(self.since) <= MAX_SECONDS
    }

    /// Whether it opens what is wanted of a log, by name and key, at a time in Unix seconds. Who may give it, and
    /// whether they signed it, is for who keeps their keys to say.
    ///
    /// # Errors
    /// The first [`NoGrant`] that applies.
    pub fn opens(&self, (origin, log_key): (&str, &Hash), now: u64, wanted: Wanted) -> Result<(), NoGrant> {
        if !self.is_sound() {
            return Err(NoGrant::Values);
        }
        if self.origin != origin || self.log_key != *log_key {
            return Err(NoGrant::OtherLog);
        }
        if now < self.since || now >= self.until {
            return Err(NoGrant::NotNow);
        }
        if self.reaches(wanted) { Ok(()) } else { Err(NoGrant::Beyond) }
    }

    fn reaches(&self, wanted: Wanted) -> bool {
        let contributor = matches!(self.role, Role::Contributor(_));
        let within = |first: u64, end: u64| match self.scope {
            Scope::Period(_) => first < end,
            Scope::Leaves { from, to } => from <= first && first < end && end <= to,
        };
        match wanted {
            Wanted::Records(first, end) => !contributor && within(first, end),
            // A bundle has records of everybody, of any time.
            Wanted::Entries(first, end) => {
                self.stream.is_none() && matches!(self.scope, Scope::Leaves { .. }) && within(first, end)
            }
            Wanted::Lines(stream, period) => {
                self.scope == Scope::Period(period) && self.stream.is_none_or(|own| own == stream)
            }
            Wanted::Readings => self.stream.is_none(),
        }
    }
}

/// What a reader signs for each reading: [`READING_TAG`] ‖ SCALE(hash of the grant's bytes, what is asked for, Unix
/// seconds).
pub fn reading_bytes(grant: &Hash, asked: &str, at: u64) -> Vec<u8> {
    let mut bytes = READING_TAG.to_vec();
    (grant, asked, at).encode_to(&mut bytes);
    bytes
}

/// Whether a reading is of now, by the log's clock.
pub fn is_now(at: u64, now: u64) -> bool {
    at.abs_diff(now) <= READING_SKEW
}

#[cfg(test)]
mod tests;
