//! Strict verification of one entry.

use ed25519_dalek::{Signature, VerifyingKey};

/// Whether an entry, public key (32) ‖ signature (64), is a strict ed25519 signature over the message.
pub fn verify(entry: &[u8], message: &[u8]) -> bool {
    let (mut key, mut signature) = ([0; 32], [0; 64]);
    key.copy_from_slice(&entry[..32]);
    signature.copy_from_slice(&entry[32..]);
    let Ok(key) = VerifyingKey::from_bytes(&key) else { return false };
    key.verify_strict(message, &Signature::from_bytes(&signature)).is_ok()
}
