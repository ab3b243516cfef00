//! KYC attestations: what a trusted issuer signs off chain (EIP-712), when it counts, and how an account's record
//! changes.
//!
//! Every record has a nonce that only rises, and an attestation counts only with the nonce of this moment. Using one
//! raises it by one, so an issuer may sign renewals ahead. Whatever an agent does to the record (set, revoke, recover)
//! raises it beyond anything an issuer could have counted up to: see [`after_intervention`]. Hence an attestation is
//! used once, and one signed before a revocation never counts after it.
//!
//! The hash is passed in, as in [`crate::merkle`].

use crate::{
    compliance::{Record, Terms},
    packed,
};

/// 32-byte hash.
pub type Hash = [u8; 32];

/// Claim topic: who somebody is and where they live (level, jurisdiction). Every attestation needs it.
pub const TOPIC_KYC: u8 = 1;
/// Claim topic: that somebody is an accredited investor.
pub const TOPIC_ACCREDITED: u8 = 2;

/// EIP-712 name of the signing domain.
pub const DOMAIN_NAME: &str = "Yieldset KYC";
/// EIP-712 version of the signing domain.
pub const DOMAIN_VERSION: &str = "1";
/// EIP-712 type of an attestation.
pub const ATTESTATION_TYPE: &str = "Attestation(address account,uint8 level,uint16 jurisdiction,bool accredited,\
     uint64 expiry,uint64 nonce,uint64 validUntil)";

/// keccak-256 of EIP-712's domain type with name, version, chain and contract.
const DOMAIN_TYPE_HASH: Hash = [
    0x8b, 0x73, 0xc3, 0xc6, 0x9b, 0xb8, 0xfe, 0x3d, 0x51, 0x2e, 0xcc, 0x4c, 0xf7, 0x59, 0xcc, 0x79, 0x23, 0x9f, 0x7b,
    0x17, 0x9b, 0x0f, 0xfa, 0xca, 0xa9, 0xa7, 0x5d, 0x52, 0x2b, 0x39, 0x40, 0x0f,
];
/// keccak-256 of [`DOMAIN_NAME`].
const NAME_HASH: Hash = [
    0xb3, 0xe6, 0x76, 0xd9, 0x0e, 0xf6, 0xc6, 0x6e, 0x2a, 0x7b, 0xa3, 0x3b, 0x32, 0x99, 0x65, 0xef, 0x2b, 0xb2, 0x1a,
    0x80, 0x0c, 0x0a, 0x8f, 0x05, 0xb4, 0x4b, 0xdc, 0xcf, 0x8b, 0x49, 0x61, 0x61,
];
/// keccak-256 of [`DOMAIN_VERSION`].
const VERSION_HASH: Hash = [
    0xc8, 0x9e, 0xfd, 0xaa, 0x54, 0xc0, 0xf2, 0x0c, 0x7a, 0xdf, 0x61, 0x28, 0x82, 0xdf, 0x09, 0x50, 0xf5, 0xa9, 0x51,
    0x63, 0x7e, 0x03, 0x07, 0xcd, 0xcb, 0x4c, 0x67, 0x2f, 0x29, 0x8b, 0x8b, 0xc6,
];
/// keccak-256 of [`ATTESTATION_TYPE`].
const ATTESTATION_TYPE_HASH: Hash = [
    0x74, 0xf2, 0xeb, 0xe8, 0xd8, 0xd2, 0xab, 0x9b, 0xe4, 0xd1, 0x39, 0x25, 0x0b, 0x97, 0xc3, 0x51, 0x4b, 0x1d, 0x6c,
    0x87, 0xe0, 0xe1, 0x2b, 0xb4, 0x47, 0x93, 0x21, 0x3b, 0xa2, 0x47, 0x59, 0xd2,
];
/// Half the order of secp256k1, rounded down: of the two values of `s` that sign a digest only the one up to here is
/// taken (EIP-2), so nobody can turn a signature into a second one.
const HALF_ORDER: Hash = [
    0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x5d, 0x57, 0x6e,
    0x73, 0x57, 0xa4, 0x50, 0x1d, 0xdf, 0xe9, 0x2f, 0x46, 0x68, 0x1b, 0x20, 0xa0,
];

/// EIP-712's domain separator: binds a signature to one chain and one registry.
pub fn domain_separator(chain_id: u64, registry: &[u8; 20], keccak256: impl Fn(&[u8]) -> Hash) -> Hash {
    let mut registry_word = [0; 32];
    registry_word[12..].copy_from_slice(registry);
    keccak256([DOMAIN_TYPE_HASH, NAME_HASH, VERSION_HASH, word(chain_id), registry_word].as_flattened())
}

fn word(number: u64) -> Hash {
    let mut word = [0; 32];
    word[24..].copy_from_slice(&number.to_be_bytes());
    word
}

/// What an issuer says of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attestation {
    /// Of whom.
    pub account: [u8; 20],
    /// KYC level, at least 1.
    pub level: u8,
    /// ISO 3166-1 numeric country code.
    pub jurisdiction: u16,
    /// Accredited investor.
    pub accredited: bool,
    /// Unix seconds from which on the record no longer counts.
    pub expiry: u64,
    /// The account's nonce when the attestation is used.
    pub nonce: u64,
    /// Last Unix second in which it can be used.
    pub valid_until: u64,
}

/// Why an attestation does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttestationError {
    /// `valid_until` has passed.
    TooLate,
    /// Used, overtaken by an agent, or for later: the nonce must be this one.
    WrongNonce(u64),
    /// Level, jurisdiction or expiry make no record.
    InvalidRecord,
    /// The signer is no trusted issuer.
    UntrustedIssuer,
    /// The issuer may not attest this topic.
    TopicNotTrusted(u8),
}

impl Attestation {
    /// The digest that is signed.
    pub fn digest(&self, domain_separator: &Hash, keccak256: impl Fn(&[u8]) -> Hash) -> Hash {
        let mut account = [0; 32];
        account[12..].copy_from_slice(&self.account);
        let fields = [
            ATTESTATION_TYPE_HASH,
            account,
            word(self.level.into()),
            word(self.jurisdiction.into()),
            word(self.accredited.into()),
            word(self.expiry),
            word(self.nonce),
            word(self.valid_until),
        ];
        let mut message = [0; 66];
        message[..2].copy_from_slice(&[0x19, 0x01]);
        message[2..34].copy_from_slice(domain_separator);
        message[34..].copy_from_slice(&keccak256(fields.as_flattened()));
        keccak256(&message)
    }

    /// The account's record after this attestation by `issuer`, at time `now` (Unix seconds). A freeze and a sanction
    /// stay: only agents lift them. `seat` is the issuer's, where it has one.
    ///
    /// # Errors
    /// [`AttestationError`].
    pub fn accept(
        &self,
        record: &Record,
        issuer: &[u8; 20],
        seat: Option<Seat>,
        terms: &Terms,
        now: u64,
    ) -> Result<Record, AttestationError> {
        let seat = seat.filter(|seat| terms.is_taken(seat.number)).ok_or(AttestationError::UntrustedIssuer)?;
        if self.valid_until < now {
            return Err(AttestationError::TooLate);
        }
        if self.nonce != record.nonce {
            return Err(AttestationError::WrongNonce(record.nonce));
        }
        let after = Record {
            level: self.level,
            jurisdiction: self.jurisdiction,
            accredited: self.accredited,
            expiry: self.expiry,
            frozen: record.frozen,
            issuer: *issuer,
            sanctioned: record.sanctioned,
            seat: seat.number,
            term: terms.of(seat.number),
            // Nobody lives to see 2^64 of them.
            nonce: record.nonce.saturating_add(1),
        };
        if !after.is_valid_at(now) {
            return Err(AttestationError::InvalidRecord);
        }
        let asked = [(true, TOPIC_KYC), (self.accredited, TOPIC_ACCREDITED)];
        match asked.into_iter().find(|(needed, topic)| *needed && !seat.topics.contains(*topic)) {
            Some((_, topic)) => Err(AttestationError::TopicNotTrusted(topic)),
            None => Ok(after),
        }
    }
}

/// Whether the parts of a signature have the one form that is taken: `v` 27 or 28, `r` and `s` not zero, `s` in the
/// lower half.
pub fn is_canonical(v: u8, r: &Hash, s: &Hash) -> bool {
    matches!(v, 27 | 28) && *r != [0; 32] && *s != [0; 32] && *s <= HALF_ORDER
}

/// The nonce after an agent changed a record at time `now` (Unix seconds): at least 2^16 further, and at least `now ·
/// 2^16`, which nobody knows beforehand. So an attestation signed ahead for one of the next 65 536 nonces does not
/// count afterwards.
pub fn after_intervention(nonce: u64, now: u64) -> u64 {
    nonce.saturating_add(LEAP).max(now.saturating_mul(LEAP))
}

/// How far an agent's decision moves a nonce at least.
const LEAP: u64 = 1 << 16;

/// What a trusted issuer may attest: bit `n - 1` for topic `n`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Topics(pub u8);

impl Topics {
    /// With one more topic; `None` where there is no such topic.
    pub fn with(self, topic: u128) -> Option<Self> {
        [(TOPIC_KYC, 1 << (TOPIC_KYC - 1)), (TOPIC_ACCREDITED, 1 << (TOPIC_ACCREDITED - 1))]
            .into_iter()
            .find(|(known, _)| u128::from(*known) == topic)
            .map(|(_, bit)| Self(self.0 | bit))
    }

    /// Whether a topic is among them.
    pub const fn contains(self, topic: u8) -> bool {
        topic > 0 && topic <= 8 && self.0 >> topic.saturating_sub(1) & 1 != 0
    }
}

/// Where a trusted issuer sits, as stored under its address. After its removal the number is zero, and the entry stays:
/// an address that was removed is never trusted again, or what it signed before would count again.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Seat {
    /// 1–32 in [`Terms`]; zero after the removal.
    pub number: u8,
    /// What it may attest.
    pub topics: Topics,
}

impl crate::packed::Field for Topics {
    const LEN: usize = 1;

    fn put(&self, bytes: &mut [u8]) {
        self.0.put(bytes);
    }

    fn get(bytes: &[u8]) -> Self {
        Self(u8::get(bytes))
    }
}

packed!(Seat { number: u8, topics: Topics });

/// Why an account cannot be recovered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecoveryError {
    /// The lost account has no record.
    NoRecord,
    /// The replacement has a record of its own.
    RecordExists,
}

impl Record {
    /// After an agent set it directly; a freeze and a sanction stay. `None` where it would be no valid record.
    #[must_use]
    pub fn set_by(
        &self,
        agent: &[u8; 20],
        level: u8,
        jurisdiction: u16,
        accredited: bool,
        expiry: u64,
        now: u64,
    ) -> Option<Self> {
        let after = Self {
            level,
            jurisdiction,
            accredited,
            expiry,
            issuer: *agent,
            seat: 0,
            term: 0,
            nonce: after_intervention(self.nonce, now),
            ..*self
        };
        after.is_valid_at(now).then_some(after)
    }

    /// After its revocation: a freeze, a sanction and the nonce are all that is left. `None` where there is nothing to
    /// revoke.
    #[must_use]
    pub fn revoked(&self, now: u64) -> Option<Self> {
        (self.level > 0).then(|| Self {
            frozen: self.frozen,
            sanctioned: self.sanctioned,
            nonce: after_intervention(self.nonce, now),
            ..Self::default()
        })
    }

    /// A lost account's and its replacement's records after the first moved to the second. A freeze and a sanction go
    /// along. The lost account is frozen, so that not even a new attestation frees it without an agent.
    ///
    /// # Errors
    /// [`RecoveryError`].
    pub fn recovered(lost: &Self, replacement: &Self, now: u64) -> Result<(Self, Self), RecoveryError> {
        if replacement.level > 0 {
            return Err(RecoveryError::RecordExists);
        }
        let left = lost.revoked(now).ok_or(RecoveryError::NoRecord)?;
        let moved = Self {
            frozen: lost.frozen || replacement.frozen,
            sanctioned: lost.sanctioned || replacement.sanctioned,
            nonce: after_intervention(replacement.nonce, now),
            ..*lost
        };
        Ok((Self { frozen: true, ..left }, moved))
    }
}

#[cfg(test)]
mod tests;
