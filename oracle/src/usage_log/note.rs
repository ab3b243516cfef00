//! Checkpoints as signed notes: the log's plain ed25519 signature, the witness's C2SP `cosignature/v1`.

use ed25519_dalek::{Signer as _, SigningKey};
use signed_note::{Note, Signer, StandardVerifier, Verifier, VerifierList, key_id, new_ed25519_verifier_key};
use tlog_tiles::{Checkpoint, Hash};

use super::{LogError, LogInfo, signature_is_valid};

/// Signature types of C2SP signed-note.
const ED25519: u8 = 1;
const COSIGNATURE: u8 = 4;

/// A note's signer with a raw key; `signed_note`'s own takes its text form only.
struct NoteSigner<'a> {
    name: &'a str,
    key: &'a SigningKey,
    /// Set for a cosignature: unix time in seconds.
    at: Option<u64>,
}

impl Signer for NoteSigner<'_> {
    fn name(&self) -> &str {
        self.name
    }

    fn key_id(&self) -> u32 {
        let kind = if self.at.is_some() { COSIGNATURE } else { ED25519 };
        typed_key_id(self.name, kind, &self.key.verifying_key().to_bytes())
    }

    fn sign(&self, text: &[u8]) -> Result<Vec<u8>, ed25519_dalek::SignatureError> {
        match self.at {
            None => Ok(self.key.try_sign(text)?.to_bytes().to_vec()),
            Some(at) => {
                let signature = self.key.try_sign(&cosigned_bytes(at, text))?;
                Ok([&at.to_be_bytes()[..], &signature.to_bytes()].concat())
            }
        }
    }
}

/// A witness's verifier: the type that `signed_note` does not have.
struct CosignatureVerifier {
    name: String,
    key: [u8; 32],
}

impl Verifier for CosignatureVerifier {
    fn name(&self) -> &str {
        &self.name
    }

    fn key_id(&self) -> u32 {
        typed_key_id(&self.name, COSIGNATURE, &self.key)
    }

    fn verify(&self, text: &[u8], signature: &[u8]) -> bool {
        let Some((at, signature)) = signature.split_first_chunk::<8>() else { return false };
        let Ok(signature) = signature.try_into() else { return false };
        signature_is_valid(&self.key, &cosigned_bytes(u64::from_be_bytes(*at), text), signature)
    }
}

fn typed_key_id(name: &str, kind: u8, key: &[u8; 32]) -> u32 {
    key_id(name, &[&[kind][..], key].concat())
}

fn cosigned_bytes(at: u64, text: &[u8]) -> Vec<u8> {
    [format!("cosignature/v1\ntime {at}\n").as_bytes(), text].concat()
}

fn invalid(reason: impl std::fmt::Display) -> LogError {
    LogError::Checkpoint(reason.to_string())
}

/// The log's verifier key in the form that other tools take.
pub fn log_verifier_key(info: &LogInfo) -> Result<String, LogError> {
    let key = ed25519_dalek::VerifyingKey::from_bytes(&info.log_key).map_err(invalid)?;
    Ok(new_ed25519_verifier_key(&info.origin, &key))
}

/// A checkpoint signed by the log.
///
/// # Errors
/// [`LogError::Checkpoint`] for an origin that cannot stand in a note.
pub fn sign(info: &LogInfo, size: u64, root: Hash, key: &SigningKey) -> Result<Note, LogError> {
    let checkpoint = Checkpoint::new(&info.origin, size, root, "").map_err(invalid)?;
    let mut note = Note::new(&checkpoint.to_bytes(), &[]).map_err(invalid)?;
    note.add_sigs(&[&NoteSigner { name: &info.origin, key, at: None }]).map_err(invalid)?;
    Ok(note)
}

/// Adds a witness's cosignature, made at `at` (unix seconds).
///
/// # Errors
/// [`LogError::Checkpoint`].
pub fn cosign(note: &mut Note, name: &str, key: &SigningKey, at: u64) -> Result<(), LogError> {
    note.add_sigs(&[&NoteSigner { name, key, at: Some(at) }]).map_err(invalid)
}

/// What a note says, if the log signed it.
///
/// # Errors
/// [`LogError::Checkpoint`].
pub fn open(bytes: &[u8], info: &LogInfo) -> Result<(Note, Checkpoint), LogError> {
    let note = Note::from_bytes(bytes).map_err(invalid)?;
    let checkpoint = verify(&note, info, false)?;
    Ok((note, checkpoint))
}

/// What a note says, if the log signed and the witness cosigned it.
///
/// # Errors
/// [`LogError::Checkpoint`].
pub fn open_witnessed(bytes: &[u8], info: &LogInfo) -> Result<Checkpoint, LogError> {
    verify(&Note::from_bytes(bytes).map_err(invalid)?, info, true)
}

/// When the witness cosigned a note, in Unix seconds; `None` where it did not.
pub fn witnessed_at(bytes: &[u8], info: &LogInfo) -> Option<u64> {
    let witness = CosignatureVerifier { name: info.witness.clone(), key: info.witness_key };
    let known = VerifierList::new(vec![Box::new(witness)]);
    let (verified, _) = Note::from_bytes(bytes).ok()?.verify(&known).ok()?;
    verified.first()?.signature().first_chunk::<8>().copied().map(u64::from_be_bytes)
}

fn verify(note: &Note, info: &LogInfo, witnessed: bool) -> Result<Checkpoint, LogError> {
    let log = StandardVerifier::new(&log_verifier_key(info)?).map_err(invalid)?;
    let witness = CosignatureVerifier { name: info.witness.clone(), key: info.witness_key };
    let known = VerifierList::new(vec![Box::new(log), Box::new(witness)]);
    let (verified, _) = note.verify(&known).map_err(invalid)?;
    let signed_by = |name: &str| verified.iter().any(|signature| signature.name() == name);
    if !signed_by(&info.origin) {
        return Err(invalid(format!("the log {} did not sign it", info.origin)));
    }
    if witnessed && !signed_by(&info.witness) {
        return Err(invalid(format!("the witness {} did not cosign it", info.witness)));
    }
    let checkpoint = Checkpoint::from_bytes(note.text()).map_err(invalid)?;
    match checkpoint.origin() == info.origin {
        true => Ok(checkpoint),
        false => Err(invalid(format!("it is of log {:?}, not of {:?}", checkpoint.origin(), info.origin))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys() -> (SigningKey, SigningKey, LogInfo) {
        let (log, witness) = (SigningKey::from_bytes(&[1; 32]), SigningKey::from_bytes(&[2; 32]));
        let info = LogInfo {
            origin: "log.example/usage".into(),
            log_key: log.verifying_key().to_bytes(),
            witness: "witness.example".into(),
            witness_key: witness.verifying_key().to_bytes(),
        };
        (log, witness, info)
    }

    /// Proves ATT-3's signatures: both must be there, by the right keys, over this text.
    #[test]
    fn a_checkpoint_needs_log_and_witness() {
        let (log, witness, info) = keys();
        let mut note = sign(&info, 7, Hash([9; 32]), &log).expect("signed");
        assert!(open(&note.to_bytes(), &info).is_ok());
        assert!(open_witnessed(&note.to_bytes(), &info).expect_err("one signature").to_string().contains("witness"));
        cosign(&mut note, &info.witness, &witness, 1_795_478_400).expect("cosigned");
        let bytes = note.to_bytes();
        let checkpoint = open_witnessed(&bytes, &info).expect("both");
        assert_eq!((checkpoint.size(), checkpoint.hash().0), (7, [9; 32]));
        assert_eq!((witnessed_at(&bytes, &info), witnessed_at(b"none", &info)), (Some(1_795_478_400), None));
        for at in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1;
            assert!(open_witnessed(&damaged, &info).is_err(), "byte {at}");
        }
        let other = LogInfo { log_key: info.witness_key, ..info.clone() };
        assert!(open(&bytes, &other).is_err());
        let renamed = LogInfo { origin: "other.example".into(), ..info };
        assert!(open(&bytes, &renamed).is_err());
    }

    /// The log's key in C2SP's text form is what `signed_note` itself verifies with.
    #[test]
    fn the_logs_signature_is_a_standard_one() {
        let (log, _, info) = keys();
        let note = sign(&info, 0, tlog_tiles::EMPTY_HASH, &log).expect("signed");
        let verifier = StandardVerifier::new(&log_verifier_key(&info).expect("text")).expect("parsed");
        assert!(note.verify(&VerifierList::new(vec![Box::new(verifier)])).is_ok());
    }
}
