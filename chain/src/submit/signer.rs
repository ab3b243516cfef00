//! The key that signs, wherever it is kept.

mod external;
mod keystore;
mod polkadot_js;
mod web3;

use std::{path::Path, str::FromStr, sync::Arc};

use alloy_primitives::{Address, B256, Signature, keccak256};
use schnorrkel::signing_context;
use subxt::utils::{AccountId32, MultiSignature};
use subxt_signer::{SecretUri, ecdsa, sr25519};
use zeroize::Zeroizing;

pub use self::{
    external::External,
    keystore::{Cost, KeyError, Password, new_keystore, open, read_private, secret_in},
};
use crate::{
    client::{AccountId, address_of, fallback_account},
    error::ChainError,
};

/// What Substrate's signatures by sr25519 begin with.
const SUBSTRATE: &[u8] = b"substrate";

/// How an account signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scheme {
    /// secp256k1 over Ethereum's transactions. The address is the account: any Ethereum wallet can use it.
    Ethereum,
    /// sr25519 over the chain's own transactions, as polkadot-js makes them.
    Sr25519,
}

/// A key that pays for and signs transactions, or somebody who has it. Prints only its address.
#[derive(Clone)]
pub struct Signer(Kind);

#[derive(Clone)]
enum Kind {
    Sr25519(Box<sr25519::Keypair>),
    /// The same from a secret that is no seed, which the type above does not take.
    Schnorrkel(Box<schnorrkel::Keypair>),
    Ethereum(Box<ecdsa::Keypair>),
    External(Arc<External>),
}

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
        let pair = sr25519::Keypair::from_uri(&uri).map_err(|error| wrong(error.to_string()))?;
        Ok(Self(Kind::Sr25519(pair.into())))
    }

    /// The key whose 32-byte seed is in `file`, as hex, readable by its owner alone (mode 0600).
    ///
    /// # Errors
    /// [`ChainError::Key`] when the file cannot be read, others may read it, or it holds something else.
    pub fn from_seed_file(file: &Path) -> Result<Self, ChainError> {
        let wrong = |reason: String| ChainError::Key { name: file.display().to_string(), reason };
        let text = read_private(file).map_err(|error| wrong(error.reason()))?;
        let seed = secret_in(&text).ok_or_else(|| wrong("it does not hold a 32-byte seed as 64 hex digits".into()))?;
        Self::from_secret(Scheme::Sr25519, &seed).map_err(|reason| wrong(reason.into()))
    }

    /// A key from its 32 bytes: the seed of an sr25519 key, or an Ethereum key itself.
    ///
    /// # Errors
    /// Why these bytes are none; they are not repeated.
    pub fn from_secret(scheme: Scheme, secret: &[u8; 32]) -> Result<Self, &'static str> {
        let none = "these 32 bytes are no key of its kind";
        Ok(Self(match scheme {
            Scheme::Sr25519 => Kind::Sr25519(sr25519::Keypair::from_secret_key(*secret).map_err(|_| none)?.into()),
            Scheme::Ethereum => Kind::Ethereum(ecdsa::Keypair::from_secret_key(*secret).map_err(|_| none)?.into()),
        }))
    }

    /// Somebody else signs: hardware, or a key management service, behind a command.
    pub fn external(external: External) -> Self {
        Self(Kind::External(Arc::new(external)))
    }

    fn schnorrkel(pair: schnorrkel::Keypair) -> Self {
        Self(Kind::Schnorrkel(pair.into()))
    }

    /// How it signs.
    pub fn scheme(&self) -> Scheme {
        match &self.0 {
            Kind::Sr25519(_) | Kind::Schnorrkel(_) => Scheme::Sr25519,
            Kind::Ethereum(_) => Scheme::Ethereum,
            Kind::External(external) => external.scheme(),
        }
    }

    /// The native account: of an Ethereum key, its address filled up with `0xEE`.
    pub fn account_id(&self) -> AccountId {
        match &self.0 {
            Kind::Sr25519(pair) => pair.public_key().0,
            Kind::Schnorrkel(pair) => pair.public.to_bytes(),
            Kind::Ethereum(pair) => {
                let public = pair.0.public_key().serialize_uncompressed();
                fallback_account(Address::from_slice(&keccak256(&public[1..])[12..]))
            }
            Kind::External(external) => external.account_id(),
        }
    }

    /// The account's address in contracts.
    pub fn address(&self) -> Address {
        address_of(&self.account_id())
    }

    /// The account as the chain's transactions name it.
    pub(super) fn account(&self) -> AccountId32 {
        AccountId32(self.account_id())
    }

    /// Signs the payload of one of the chain's own transactions.
    ///
    /// # Errors
    /// [`KeyError`]: an Ethereum key signs no such, or the command that has the key did not.
    pub(crate) async fn sign_payload(&self, payload: &[u8]) -> Result<MultiSignature, KeyError> {
        match &self.0 {
            Kind::Sr25519(pair) => Ok(MultiSignature::Sr25519(pair.sign(payload).0)),
            Kind::Schnorrkel(pair) => {
                Ok(MultiSignature::Sr25519(pair.sign(signing_context(SUBSTRATE).bytes(payload)).to_bytes()))
            }
            Kind::Ethereum(_) => Err(KeyError::OtherScheme),
            Kind::External(external) => external.sign_payload(payload).await.map(MultiSignature::Sr25519),
        }
    }

    /// Signs the hash of an Ethereum transaction or message; whoever keeps the key is shown that, too.
    ///
    /// # Errors
    /// [`KeyError`]: an sr25519 key signs no such, or the command that has the key did not.
    pub(crate) async fn sign_ethereum(&self, hash: B256, transaction: &[u8]) -> Result<Signature, KeyError> {
        match &self.0 {
            Kind::Sr25519(_) | Kind::Schnorrkel(_) => Err(KeyError::OtherScheme),
            Kind::Ethereum(pair) => {
                let signature = pair.sign_prehashed(&hash.0).0;
                Ok(Signature::from_bytes_and_parity(&signature[..64], signature[64] == 1))
            }
            Kind::External(external) => external.sign_ethereum(hash, transaction).await,
        }
    }
}

/// 32 fresh bytes from the operating system.
///
/// # Errors
/// [`KeyError::NoRandomness`].
pub fn fresh_secret() -> Result<Zeroizing<[u8; 32]>, KeyError> {
    use rand::{RngCore, rngs::OsRng};
    let mut secret = Zeroizing::new([0; 32]);
    OsRng.try_fill_bytes(secret.as_mut_slice()).map_err(|error| KeyError::NoRandomness(error.to_string()))?;
    Ok(secret)
}

/// Whether an sr25519 key signed a text in the context of Substrate's signatures.
pub(crate) fn verify_sr25519(account: &AccountId, text: &[u8], signature: [u8; 64]) -> bool {
    sr25519::verify(&sr25519::Signature(signature), text, &sr25519::PublicKey(*account))
}

#[cfg(test)]
mod tests;
