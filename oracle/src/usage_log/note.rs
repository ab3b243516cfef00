//! Checkpoints as signed notes: the log's plain ed25519 signature, the witnesses' C2SP `cosignature/v1`.

use ed25519_dalek::{Signer as _, SigningKey};
use signed_note::{
    Note, NoteError, Signature, Signer, StandardVerifier, Verifier, VerifierList, key_id, new_ed25519_verifier_key,
};
use tlog_tiles::{Checkpoint, Hash};

use super::{LogError, LogInfo, WitnessKey, signature_is_valid};

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

/// A witness's signature on a note at a time in Unix seconds, as a line of it.
///
/// # Errors
/// [`LogError::Checkpoint`] for a name that cannot stand in a note.
pub fn cosignature(note: &Note, name: &str, key: &SigningKey, at: u64) -> Result<Vec<u8>, LogError> {
    let signer = NoteSigner { name, key, at: Some(at) };
    let signature = signer.sign(note.text()).map_err(invalid)?;
    Ok(Signature::new(name.to_owned(), signer.key_id(), signature).map_err(invalid)?.to_bytes())
}

/// What a note says, if this key signed it as the log of this name; and the note without anybody else's signature.
///
/// # Errors
/// [`LogError::Checkpoint`].
pub fn open_by(bytes: &[u8], origin: &str, log_key: &[u8; 32]) -> Result<(Note, Checkpoint), LogError> {
    let note = Note::from_bytes(bytes).map_err(invalid)?;
    let key = ed25519_dalek::VerifyingKey::from_bytes(log_key).map_err(invalid)?;
    let log = StandardVerifier::new(&new_ed25519_verifier_key(origin, &key)).map_err(invalid)?;
    let (signed, _) = note
        .verify(&VerifierList::new(vec![Box::new(log)]))
        .map_err(|error| invalid(format!("the log {origin} did not sign it: {error}")))?;
    let checkpoint = Checkpoint::from_bytes(note.text()).map_err(invalid)?;
    match checkpoint.origin() == origin {
        true => Ok((Note::new(note.text(), &signed).map_err(invalid)?, checkpoint)),
        false => Err(invalid(format!("it is of log {:?}, not of {origin:?}", checkpoint.origin()))),
    }
}

/// What a note says, if the log signed it; and the note without anybody else's signature.
///
/// # Errors
/// [`LogError::Checkpoint`].
pub fn open(bytes: &[u8], info: &LogInfo) -> Result<(Note, Checkpoint), LogError> {
    open_by(bytes, &info.origin, &info.log_key)
}

/// That a witness signed a checkpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cosigned {
    /// The witness's ed25519 public key.
    pub key: [u8; 32],
    /// When, in Unix seconds, by its own clock.
    pub at: u64,
}

/// What a note says, if the log signed and as many of its witnesses as it needs cosigned it; and who did.
///
/// # Errors
/// [`LogError::Checkpoint`].
pub fn open_witnessed(bytes: &[u8], info: &LogInfo) -> Result<(Checkpoint, Vec<Cosigned>), LogError> {
    let (_, checkpoint) = open(bytes, info)?;
    let cosigned = cosigned(bytes, info)?;
    match cosigned.len() >= info.quorum {
        true => Ok((checkpoint, cosigned)),
        false => {
            let (got, all) = (cosigned.len(), info.witnesses.len());
            Err(invalid(format!("{got} of {all} witnesses cosigned it, {} must", info.quorum)))
        }
    }
}

/// Which of the log's witnesses cosigned a note, in the order of [`LogInfo::witnesses`].
///
/// # Errors
/// [`LogError::Checkpoint`] for a signature by a witness's name and key that is not valid.
pub fn cosigned(note: &[u8], info: &LogInfo) -> Result<Vec<Cosigned>, LogError> {
    let note = Note::from_bytes(note).map_err(invalid)?;
    let verifier = |witness: &WitnessKey| CosignatureVerifier { name: witness.name.clone(), key: witness.key };
    let boxed = |witness: &WitnessKey| Box::new(verifier(witness)) as Box<dyn Verifier>;
    let known = VerifierList::new(info.witnesses.iter().map(boxed).collect());
    let verified = match note.verify(&known) {
        Ok((verified, _)) => verified,
        Err(NoteError::UnverifiedNote) => Vec::new(),
        Err(error) => return Err(invalid(error)),
    };
    let mut found = Vec::new();
    for witness in &info.witnesses {
        let id = verifier(witness).key_id();
        let signature = verified.iter().find(|signature| signature.name() == witness.name && signature.id() == id);
        if let Some(at) = signature.and_then(|signature| signature.signature().first_chunk::<8>()) {
            found.push(Cosigned { key: witness.key, at: u64::from_be_bytes(*at) });
        }
    }
    Ok(found)
}

/// A note with those of these lines that are signatures of the log's witnesses.
///
/// # Errors
/// [`LogError::Checkpoint`] when none is.
pub fn with_cosignatures(note: &[u8], lines: &[u8], info: &LogInfo) -> Result<Vec<u8>, LogError> {
    let (mut bytes, mut any) = (note.to_vec(), false);
    for line in lines.split_inclusive(|byte| *byte == b'\n') {
        let longer = [&bytes[..], line].concat();
        let before = cosigned(&bytes, info)?.len();
        if cosigned(&longer, info).is_ok_and(|found| found.len() > before) {
            (bytes, any) = (longer, true);
        }
    }
    match any {
        true => Ok(bytes),
        false => Err(invalid("nobody of the log's witnesses signed the answer")),
    }
}

/// For people: by whom lines are signed, and by whom they should be. A signature has its key's id alone.
pub fn signers(lines: &[u8], info: &LogInfo) -> (String, String) {
    let list = |texts: Vec<String>| if texts.is_empty() { "nobody".to_owned() } else { texts.join(", ") };
    let lines = lines.split_inclusive(|byte| *byte == b'\n');
    let signatures = lines.filter_map(|line| Signature::from_bytes(line.trim_ascii_end()).ok());
    let got = signatures.map(|one| format!("{} by a key with the id {:08x}", one.name(), one.id())).collect();
    let expected = info.witnesses.iter().map(|WitnessKey { name, key }| {
        let id = typed_key_id(name, COSIGNATURE, key);
        format!("{name} by the key 0x{} with the id {id:08x}", hex::encode(key))
    });
    (list(got), list(expected.collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys() -> (SigningKey, Vec<SigningKey>, LogInfo) {
        let (log, witnesses) = (SigningKey::from_bytes(&[1; 32]), [2, 3].map(|n| SigningKey::from_bytes(&[n; 32])));
        let named = |(n, key): (usize, &SigningKey)| WitnessKey {
            name: format!("witness.example/{n}"),
            key: key.verifying_key().to_bytes(),
        };
        let info = LogInfo {
            origin: "log.example/usage".into(),
            log_key: log.verifying_key().to_bytes(),
            witnesses: witnesses.iter().enumerate().map(named).collect(),
            quorum: 2,
        };
        (log, witnesses.to_vec(), info)
    }

    /// Proves ATT-3's signatures: the log's and as many witnesses' as it needs must be there, by the right keys, over
    /// this text; one witness twice is one.
    #[test]
    fn a_checkpoint_needs_log_and_witnesses() {
        let (log, witnesses, info) = keys();
        let note = sign(&info, 7, Hash([9; 32]), &log).expect("signed");
        let line = |n: usize| {
            cosignature(&note, &info.witnesses[n].name, &witnesses[n], 1_795_478_400 + n as u64).expect("cosigned")
        };
        let signed = note.to_bytes();
        assert!(open(&signed, &info).is_ok());
        let one = with_cosignatures(&signed, &[line(0), line(0)].concat(), &info).expect("one");
        for short in [&signed, &one] {
            assert!(open_witnessed(short, &info).expect_err("too few").to_string().contains("2 must"));
        }
        assert!(open_witnessed(&one, &LogInfo { quorum: 1, ..info.clone() }).is_ok());
        let bytes = with_cosignatures(&one, &line(1), &info).expect("both");
        let (checkpoint, cosigned) = open_witnessed(&bytes, &info).expect("both");
        assert_eq!((checkpoint.size(), checkpoint.hash().0), (7, [9; 32]));
        assert_eq!(cosigned.iter().map(|one| one.at).collect::<Vec<_>>(), [1_795_478_400, 1_795_478_401]);
        for at in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1;
            assert!(open_witnessed(&damaged, &info).is_err(), "byte {at}");
        }
        let other = LogInfo { log_key: info.witnesses[0].key, ..info.clone() };
        assert!(open(&bytes, &other).is_err());
        let renamed = LogInfo { origin: "other.example".into(), ..info };
        assert!(open(&bytes, &renamed).is_err());
    }

    /// Of an answer only what the log's witnesses signed is taken: no stranger's line, none over another text, no
    /// rubbish.
    #[test]
    fn strangers_lines_are_left_out() {
        let (log, witnesses, info) = keys();
        let note = sign(&info, 7, Hash([9; 32]), &log).expect("signed");
        let other = sign(&info, 8, Hash([9; 32]), &log).expect("signed");
        let name = &info.witnesses[0].name;
        let good = cosignature(&note, name, &witnesses[0], 5).expect("cosigned");
        for bad in [
            cosignature(&note, "stranger.example", &witnesses[0], 5).expect("cosigned"),
            cosignature(&note, name, &SigningKey::from_bytes(&[7; 32]), 5).expect("cosigned"),
            cosignature(&other, name, &witnesses[0], 5).expect("cosigned"),
            b"rubbish\n".to_vec(),
            b"\n\n".to_vec(),
            vec![0xff; 40],
        ] {
            assert!(with_cosignatures(&note.to_bytes(), &bad, &info).is_err());
            let both = with_cosignatures(&note.to_bytes(), &[&bad[..], &good].concat(), &info);
            if bad.ends_with(b"\n") {
                assert_eq!(both.expect("the good one"), [note.to_bytes(), good.clone()].concat());
            }
        }
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
