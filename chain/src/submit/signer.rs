//! The key that signs.

use std::{path::Path, str::FromStr};

use alloy_primitives::Address;
use subxt_signer::{SecretUri, sr25519::Keypair};

use crate::{
    client::{AccountId, address_of},
    error::ChainError,
};

/// An sr25519 key pair that pays for and signs transactions. Prints only its address.
#[derive(Clone)]
pub struct Signer(pub(super) Keypair);

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Signer({})", self.address())
    }
}

impl Signer {
    /// A development account such as `//Alice` or `//Alice//yieldset//ada`. Its key is public knowledge.
    ///
    /// # Errors
    /// [`ChainError::Key`] when the path does not begin with `//`: phrases and seeds are secrets and belong in a file.
    pub fn dev(path: &str) -> Result<Self, ChainError> {
        let wrong = |reason: String| ChainError::Key { name: path.to_owned(), reason };
        if !path.starts_with("//") {
            // Not echoed: it may be a secret.
            let reason = "a development account is written //Name; keep any other key in a file".into();
            return Err(ChainError::Key { name: "given".into(), reason });
        }
        let uri = SecretUri::from_str(path).map_err(|error| wrong(error.to_string()))?;
        Keypair::from_uri(&uri).map(Self).map_err(|error| wrong(error.to_string()))
    }

    /// The key whose 32-byte seed is in `file`, as hex, readable by its owner alone (mode 0600).
    ///
    /// # Errors
    /// [`ChainError::Key`] when the file cannot be read, others may read it, or it holds something else.
    pub fn from_seed_file(file: &Path) -> Result<Self, ChainError> {
        let wrong = |reason: String| ChainError::Key { name: file.display().to_string(), reason };
        let text = std::fs::read_to_string(file).map_err(|error| wrong(error.to_string()))?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = std::fs::metadata(file).map_err(|error| wrong(error.to_string()))?.permissions().mode();
            if mode & 0o077 != 0 {
                return Err(wrong(format!("others may read it (mode {:04o}); chmod 600 it", mode & 0o7777)));
            }
        }
        let digits = text.trim();
        let mut seed = [0; 32];
        // The decoder's own error would quote a character of the secret.
        hex::decode_to_slice(digits.strip_prefix("0x").unwrap_or(digits), &mut seed)
            .map_err(|_| wrong("it does not hold a 32-byte seed as 64 hex digits".into()))?;
        Keypair::from_secret_key(seed).map(Self).map_err(|error| wrong(error.to_string()))
    }

    /// The native account.
    pub fn account_id(&self) -> AccountId {
        self.0.public_key().0
    }

    /// The account's address in contracts.
    pub fn address(&self) -> Address {
        address_of(&self.account_id())
    }
}

#[cfg(test)]
mod tests {
    use alloy_primitives::address;

    use super::*;

    #[test]
    fn a_dev_account_has_its_known_address() {
        let alice = Signer::dev("//Alice").expect("valid path");
        assert_eq!(alice.address(), address!("9621dde636de098b43efb0fa9b61facfe328f99d"));
        assert_eq!(format!("{alice:?}"), format!("Signer({})", alice.address()));
    }

    #[test]
    fn a_secret_is_not_taken_as_a_path_nor_repeated() {
        let secret = "bottom drive obey lake curtain smoke basket hold race lonely fit walk";
        let error = Signer::dev(secret).expect_err("not a dev path").to_string();
        assert!(!error.contains("bottom"), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn a_seed_file_must_be_private_and_whole() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("temporary folder");
        let file = folder.path().join("key");
        let write = |text: &str, mode: u32| {
            std::fs::write(&file, text).expect("written");
            std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).expect("mode set");
        };
        let seed = "e5be9a5092b81bca64be81d212e7f2f9eba183bb7a90954f7b76361f6edb5c0a";
        write(&format!("{seed}\n"), 0o600);
        // The public key of //Alice's seed.
        let alice = Signer::dev("//Alice").expect("valid path");
        assert_eq!(Signer::from_seed_file(&file).expect("good file").account_id(), alice.account_id());
        write(seed, 0o644);
        assert!(Signer::from_seed_file(&file).expect_err("public").to_string().contains("chmod 600"));
        write(&seed[2..], 0o600);
        let error = Signer::from_seed_file(&file).expect_err("short").to_string();
        assert!(error.contains("64 hex digits") && !error.contains(&seed[2..10]), "{error}");
    }
}
