//! Batches as platforms send them, and what can be checked of one without the log.

use std::collections::BTreeSet;

use ed25519_dalek::{Signer, SigningKey};
use yieldset_rules::usage::{UsageRecord, batch_signing_bytes};

use super::{
    BatchError, MAX_BATCH_RECORDS, MAX_NAME, Platform,
    bounds::{self, Bounds},
    id_of, layout, model_of, record_error, signature_is_valid,
};
use crate::sha256;

/// A batch as it arrives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// Who sends it.
    pub platform: String,
    /// Its id, unique within the platform.
    pub batch_id: String,
    /// Canonical bytes of the records.
    pub records: Vec<Vec<u8>>,
    /// ed25519 over [`batch_signing_bytes`].
    pub signature: [u8; 64],
}

impl Batch {
    /// Signs records.
    pub fn sign(platform: &str, batch_id: &str, records: Vec<Vec<u8>>, key: &SigningKey) -> Self {
        let signature = key.sign(&signing_bytes(platform, batch_id, &records)).to_bytes();
        Self { platform: platform.to_owned(), batch_id: batch_id.to_owned(), records, signature }
    }

    /// Signs any number of records as so many batches as the service takes, of which none has more than `most` bytes:
    /// one of this id, or parts of it in order, `.1` and so on. The same records are the same batches each time.
    pub fn parts(platform: &str, batch_id: &str, records: Vec<Vec<u8>>, most: usize, key: &SigningKey) -> Vec<Self> {
        let mut parts: Vec<Vec<Vec<u8>>> = vec![Vec::new()];
        let mut bytes = 0;
        for record in records {
            match parts.last_mut() {
                Some(part) if part.len() < MAX_BATCH_RECORDS && bytes + record.len() <= most => {
                    bytes += record.len();
                    part.push(record);
                }
                _ => {
                    bytes = record.len();
                    parts.push(vec![record]);
                }
            }
        }
        // A record that has more by itself is refused by the service, with the reason.
        parts.retain(|part| !part.is_empty());
        let single = parts.len() == 1;
        let named = |(number, records)| {
            let id = if single { batch_id.to_owned() } else { format!("{batch_id}.{number}") };
            Self::sign(platform, &id, records, key)
        };
        (1..).zip(parts).map(named).collect()
    }

    /// Checks what is cheap, before records are decoded or hashed: lengths of names, the platform, which is returned,
    /// and the number of records.
    ///
    /// # Errors
    /// [`BatchError`], the first that applies.
    pub fn admit<'a>(
        platform: &str,
        batch_id: &str,
        records: usize,
        platforms: &'a [Platform],
    ) -> Result<&'a Platform, BatchError> {
        // Before a name is looked for, or told in an error.
        if platform.is_empty() || platform.len() > MAX_NAME {
            return Err(BatchError::BadPlatform(platform.len()));
        }
        if batch_id.is_empty() || batch_id.len() > MAX_NAME {
            return Err(BatchError::BadBatchId(batch_id.len()));
        }
        bounds::check_id(batch_id).map_err(BatchError::OddBatchId)?;
        if records == 0 || records > MAX_BATCH_RECORDS {
            return Err(BatchError::RecordCount(records));
        }
        let known = platforms.iter().find(|known| known.slug == platform);
        known.ok_or_else(|| BatchError::UnknownPlatform(platform.to_owned()))
    }

    /// Checks all that can be checked without the log: platform, signature, each record, its model, ids within the
    /// batch. What is beyond the log's bounds at a time in Unix milliseconds is told where the batch is new.
    ///
    /// # Errors
    /// [`BatchError`], the first that applies.
    pub fn check(self, platforms: &[Platform], bounds: &Bounds, now_ms: u64) -> Result<CheckedBatch, BatchError> {
        let platform = Self::admit(&self.platform, &self.batch_id, self.records.len(), platforms)?;
        let signed = signing_bytes(&self.platform, &self.batch_id, &self.records);
        if !signature_is_valid(&platform.public_key, &signed, &self.signature) {
            let key = crate::hex0x(&platform.public_key);
            return Err(BatchError::WrongSignature { platform: self.platform, key });
        }
        let mut ids = Vec::with_capacity(self.records.len());
        let (mut seen, mut beyond) = (BTreeSet::new(), None);
        for (index, bytes) in self.records.iter().enumerate() {
            let refused = |reason: String| BatchError::BadRecord { index, reason };
            layout::check_entry_length(bytes).map_err(refused)?;
            let record = UsageRecord::from_bytes(bytes).map_err(|error| refused(record_error(error).to_owned()))?;
            let model = model_of(&record);
            if !platform.models.iter().any(|own| own == model) {
                return Err(BatchError::ForeignModel { index, model: model.to_owned(), platform: self.platform });
            }
            let id = id_of(&record).to_owned();
            bounds::check_id(&id).map_err(refused)?;
            if let (None, Err(reason)) = (&beyond, bounds.check(&record, now_ms)) {
                beyond = Some(BatchError::Beyond { index, reason });
            }
            if !seen.insert(bounds::same_call(&id)) {
                return Err(BatchError::DuplicateId { index, id, platform: self.platform });
            }
            ids.push(id);
        }
        Ok(CheckedBatch { digest: sha256(&signed), public_key: platform.public_key, ids, beyond, batch: self })
    }
}

/// A batch that passed [`Batch::check`]; there is no other way to make one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckedBatch {
    pub(super) batch: Batch,
    /// SHA-256 of what was signed: equal for equal platform, id and records.
    pub(super) digest: [u8; 32],
    pub(super) public_key: [u8; 32],
    pub(super) ids: Vec<String>,
    /// What does not let it in, unless it is there already.
    pub(super) beyond: Option<BatchError>,
}

#[cfg(test)]
impl CheckedBatch {
    /// As if it kept to the log's bounds.
    pub(crate) fn within_bounds(self) -> Self {
        Self { beyond: None, ..self }
    }
}

fn signing_bytes(platform: &str, batch_id: &str, records: &[Vec<u8>]) -> Vec<u8> {
    let hashes: Vec<[u8; 32]> = records.iter().map(|bytes| sha256(bytes)).collect();
    batch_signing_bytes(platform, batch_id, &hashes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Fixture, IN_PERIOD, call};

    /// More records than a batch takes, or more bytes, become parts in order, each of them whole and within both
    /// limits; few keep their id.
    #[test]
    fn records_are_parted_in_order() {
        let fixture = Fixture::without_log();
        let records: Vec<Vec<u8>> = (0..2_001).map(|n| call(&format!("c-{n}")).to_bytes()).collect();
        let parts =
            |count: usize, most| Batch::parts("lumen", "b", records[..count].to_vec(), most, &fixture.platform_key);
        let one = parts(1_000, usize::MAX);
        assert_eq!((one.len(), one[0].batch_id.as_str()), (1, "b"));
        let three = parts(2_001, usize::MAX);
        assert_eq!(three.iter().map(|part| part.records.len()).collect::<Vec<_>>(), [1_000, 1_000, 1]);
        assert_eq!(three.iter().map(|part| part.batch_id.as_str()).collect::<Vec<_>>(), ["b.1", "b.2", "b.3"]);
        let length = records[0].len();
        let small = parts(5, 2 * length);
        assert_eq!(small.iter().map(|part| part.records.len()).collect::<Vec<_>>(), [2, 2, 1]);
        let each = parts(2, length - 1);
        assert_eq!(each.len(), 2, "what is too long by itself is sent by itself");
        for part in three {
            part.check(&fixture.platforms, &Bounds::default(), IN_PERIOD).expect("good");
        }
    }
}
