//! Grants in use: who may give them, how they are sent with a request, and whether a request may be answered (ATT-13).
//! What a grant says is [`yieldset_rules::grant`]'s.

use std::{collections::BTreeMap, path::Path};

use ed25519_dalek::{Signer, SigningKey};
use serde::{Deserialize, Serialize};
use yieldset_rules::grant::{self, is_now, reading_bytes};
pub use yieldset_rules::grant::{Grant, NoGrant, Role, Scope, Wanted};

use crate::{
    files::{self, FileError, hex_bytes, hex_list},
    hex0x, sha256, slug_id,
    usage_log::{LogInfo, Platform, signature_is_valid},
};

/// How the header `Authorization` begins.
const SCHEME: &str = "Yieldset ";

/// Why a request for restricted things is not answered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GrantError {
    /// No header.
    #[error(
        "this is restricted: ask the log's operator, or the licence's parties, for a grant, and send it with the request"
    )]
    None,
    /// The header is not one.
    #[error("the header Authorization is no grant and reading ({0}); make it anew from the grant's file")]
    Malformed(&'static str),
    /// It opens nothing here.
    #[error("the grant does not open this: {}", told(*.0))]
    No(NoGrant),
    /// By somebody who may not.
    #[error("the key {0} gives no grants for this stream here; ask the log's operator, or the licence's parties")]
    NotTheirs(String),
    /// Signed otherwise.
    #[error("the grant's signature is not its issuer's; ask for the grant again")]
    Forged,
    /// The reading is signed otherwise.
    #[error(
        "the reading's signature is not the reader's, over this grant, request and time; sign each request by itself"
    )]
    NotTheReader,
    /// Another time.
    #[error("the reading is dated {at}, the log's clock says {now}; set the clock, and sign the request again")]
    NotNow {
        /// As it says.
        at: u64,
        /// The log's.
        now: u64,
    },
}

fn told(reason: NoGrant) -> &'static str {
    match reason {
        NoGrant::Encoding => "it is not exactly one grant; ask for it again",
        NoGrant::Values => "its values contradict each other, or it is for longer than 92 days; ask for another",
        NoGrant::OtherLog => "it is of another log; ask the right one",
        NoGrant::NotNow => "it has not begun, or is over; ask for another",
        NoGrant::Beyond => {
            "it names other leaves, another stream or period, or its reader may not; ask for what it names"
        }
    }
}

impl GrantError {
    /// A name for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::None => "no-grant",
            Self::Malformed(_) | Self::No(NoGrant::Encoding | NoGrant::Values) => "bad-grant",
            Self::No(NoGrant::OtherLog) => "other-log",
            Self::No(NoGrant::NotNow) => "grant-not-now",
            Self::No(NoGrant::Beyond) => "beyond-grant",
            Self::NotTheirs(_) => "not-an-issuer",
            Self::Forged => "forged-grant",
            Self::NotTheReader => "not-the-reader",
            Self::NotNow { .. } => "reading-not-now",
        }
    }
}

/// A grant as it is handed over: `grant.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedGrant {
    /// The canonical bytes, as hex.
    pub grant: String,
    /// ed25519 over them, by the issuer.
    #[serde(with = "hex_bytes")]
    pub signature: [u8; 64],
}

impl SignedGrant {
    /// Signs a grant.
    ///
    /// # Errors
    /// [`NoGrant::Values`]: nobody would take it.
    pub fn sign(grant: &Grant, key: &SigningKey) -> Result<Self, NoGrant> {
        let bytes = grant.to_bytes();
        Grant::from_bytes(&bytes)?;
        if grant.issuer != key.verifying_key().to_bytes() {
            return Err(NoGrant::Values);
        }
        Ok(Self { grant: hex::encode(&bytes), signature: key.sign(&bytes).to_bytes() })
    }

    /// The value of the header `Authorization` for a request for this path and query at a time, in Unix seconds.
    ///
    /// # Errors
    /// [`GrantError::Malformed`].
    pub fn header(&self, asked: &str, at: u64, reader: &SigningKey) -> Result<String, GrantError> {
        let bytes = hex::decode(&self.grant).map_err(|_| GrantError::Malformed("the grant is not hex"))?;
        let signature = reader.sign(&reading_bytes(&sha256(&bytes), asked, at)).to_bytes();
        Ok(format!("{SCHEME}{}.{}.{at}.{}", self.grant, hex::encode(self.signature), hex::encode(signature)))
    }
}

/// Who may give grants for a stream, beside the log itself: an entry of `streams.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stream {
    /// The licence's id.
    #[serde(with = "hex_bytes")]
    pub stream: [u8; 32],
    /// Its models.
    pub models: Vec<String>,
    /// Keys that its parties named.
    #[serde(with = "hex_list")]
    pub issuers: Vec<[u8; 32]>,
}

/// Reads `streams.json`.
///
/// # Errors
/// [`FileError`].
pub fn load_streams(file: &Path) -> Result<Vec<Stream>, FileError> {
    files::read_json(file)
}

/// Who may give what of a log.
#[derive(Debug, Clone)]
pub struct Issuers {
    origin: String,
    log_key: [u8; 32],
    streams: BTreeMap<[u8; 32], Stream>,
}

/// A request that may be answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admitted {
    /// By this grant.
    pub grant: Grant,
    /// Its bytes and signature.
    pub signed: SignedGrant,
    /// What was asked for.
    pub asked: String,
    /// When, by the reader's clock, in Unix seconds.
    pub at: u64,
    /// The reader's signature over that.
    pub signature: [u8; 64],
}

impl Issuers {
    /// Of a log: its own key for all of it; a platform's for each of its models, and for licences that are of its
    /// models alone; and whom licences' parties named.
    pub fn new(info: &LogInfo, platforms: &[Platform], licences: Vec<Stream>) -> Self {
        let mut streams = BTreeMap::new();
        for platform in platforms {
            for model in &platform.models {
                let (stream, issuers) = (slug_id(model), vec![platform.public_key]);
                streams.insert(stream, Stream { stream, models: vec![model.clone()], issuers });
            }
        }
        for mut licence in licences {
            let has_all = |platform: &&Platform| licence.models.iter().all(|model| platform.models.contains(model));
            let owner = platforms.iter().find(has_all).map(|platform| platform.public_key);
            licence.issuers.extend(owner.filter(|_| !licence.models.is_empty()));
            streams.insert(licence.stream, licence);
        }
        Self { origin: info.origin.clone(), log_key: info.log_key, streams }
    }

    /// Models of a grant's stream; `None` where it is of the whole log.
    pub fn models(&self, grant: &Grant) -> Option<&[String]> {
        let stream = grant.stream.as_ref()?;
        Some(self.streams.get(stream).map(|stream| &stream.models[..]).unwrap_or_default())
    }

    /// Whether the grant's stream is one of this log.
    pub fn knows(&self, grant: &Grant) -> bool {
        grant.stream.as_ref().is_none_or(|stream| self.streams.contains_key(stream))
    }

    /// Whether a request may be answered, by the header that came with it, at a time in Unix seconds.
    ///
    /// # Errors
    /// The first [`GrantError`] that applies.
    pub fn admit(&self, header: Option<&str>, asked: &str, wanted: Wanted, now: u64) -> Result<Admitted, GrantError> {
        let header = header.ok_or(GrantError::None)?;
        let value = header.strip_prefix(SCHEME).ok_or(GrantError::Malformed("another scheme"))?;
        let [grant, signature, at, reading] =
            value.split('.').collect::<Vec<_>>().try_into().map_err(|_| GrantError::Malformed("it has four parts"))?;
        if grant.len() > 2 * grant::MAX_BYTES {
            return Err(GrantError::No(NoGrant::Encoding));
        }
        let bytes = hex::decode(grant).map_err(|_| GrantError::Malformed("the grant is not hex"))?;
        let of = |text: &str| -> Option<[u8; 64]> { hex::decode(text).ok()?.try_into().ok() };
        let signature = of(signature).ok_or(GrantError::Malformed("the grant's signature"))?;
        let reading = of(reading).ok_or(GrantError::Malformed("the reading's signature"))?;
        let at: u64 = at.parse().map_err(|_| GrantError::Malformed("the time"))?;
        let parsed = Grant::from_bytes(&bytes).map_err(GrantError::No)?;
        parsed.opens((&self.origin, &self.log_key), now, wanted).map_err(GrantError::No)?;
        if !self.may_give(&parsed) {
            return Err(GrantError::NotTheirs(hex0x(&parsed.issuer)));
        }
        if !signature_is_valid(&parsed.issuer, &bytes, &signature) {
            return Err(GrantError::Forged);
        }
        if !is_now(at, now) {
            return Err(GrantError::NotNow { at, now });
        }
        if !signature_is_valid(&parsed.reader, &reading_bytes(&sha256(&bytes), asked, at), &reading) {
            return Err(GrantError::NotTheReader);
        }
        let signed = SignedGrant { grant: hex::encode(&bytes), signature };
        Ok(Admitted { grant: parsed, signed, asked: asked.to_owned(), at, signature: reading })
    }

    fn may_give(&self, grant: &Grant) -> bool {
        let named = |stream: &[u8; 32]| self.streams.get(stream).is_some_and(|one| one.issuers.contains(&grant.issuer));
        grant.issuer == self.log_key || grant.stream.as_ref().is_some_and(named)
    }
}

#[cfg(test)]
pub(crate) mod tests;
