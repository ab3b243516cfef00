//! Who says that a deployment is as its file has it: a signature over the file's content, in the file.

use alloy_primitives::{Address, B256, Bytes, Signature, eip191_hash_message, utils::eip191_message};
use serde::{Deserialize, Serialize};
use subxt::utils::MultiSignature;

use super::Deployment;
use crate::{
    client::{address_of, fallback_account},
    submit::{KeyError, Scheme, Signer, verify_sr25519},
};

/// A signature over a deployment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signed {
    /// How it is signed: by sr25519 over the message as wallets wrap what is no transaction, or as a personal message
    /// of Ethereum (EIP-191).
    pub scheme: Scheme,
    /// The native account that signed: of an Ethereum key its address, filled up with `0xEE`.
    pub account: B256,
    /// The signature: 64 bytes, or r, s and v.
    pub signature: Bytes,
}

impl Signed {
    /// Signs a deployment.
    ///
    /// # Errors
    /// [`KeyError`], where the key is somebody else's, who does not sign.
    pub async fn new(deployment: &Deployment, signer: &Signer) -> Result<Self, KeyError> {
        let (scheme, text) = (signer.scheme(), message(deployment));
        let signature = match scheme {
            Scheme::Sr25519 => match signer.sign_payload(&wrapped(&text)).await? {
                MultiSignature::Sr25519(signature) => signature.into(),
                _ => return Err(KeyError::OtherScheme),
            },
            Scheme::Ethereum => {
                let signed = signer.sign_ethereum(eip191_hash_message(&text), &eip191_message(&text)).await?;
                signed.as_bytes().into()
            }
        };
        Ok(Self { scheme, account: signer.account_id().into(), signature })
    }

    /// The address in contracts of who signed, where the signature is of this deployment.
    pub fn signer_of(&self, deployment: &Deployment) -> Option<Address> {
        let text = message(deployment);
        match self.scheme {
            Scheme::Sr25519 => {
                let signature = self.signature[..].try_into().ok()?;
                verify_sr25519(&self.account.0, &wrapped(&text), signature).then(|| address_of(&self.account.0))
            }
            Scheme::Ethereum => {
                let signature = Signature::from_raw(&self.signature).ok()?;
                let signer = signature.recover_address_from_msg(&text).ok()?;
                (fallback_account(signer) == self.account.0).then_some(signer)
            }
        }
    }
}

/// What is signed: a line that says what it is, and the deployment as JSON, its fields in the struct's order.
fn message(deployment: &Deployment) -> Vec<u8> {
    let content = serde_json::to_string(deployment).unwrap_or_default();
    format!("Yieldset deployment, version {}\n{content}", super::VERSION).into_bytes()
}

/// As wallets of Substrate wrap what is no transaction, so that nobody can be had to sign one unawares.
fn wrapped(text: &[u8]) -> Vec<u8> {
    [b"<Bytes>", text, b"</Bytes>"].concat()
}
