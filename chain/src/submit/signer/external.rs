//! Keys that this program never has: a command of the user's signs, for hardware or a key management service.
//!
//! The command is run once for each question, which is a line of JSON on its standard input; its answer is a line of
//! JSON on its standard output. What it says on standard error is shown, and a status other than 0 is a refusal.
//!
//! | question | answer |
//! |---|---|
//! | `{"ask": "account"}` | `{"scheme": "ethereum", "address": "0x…"}` or `{"scheme": "sr25519", "public": "0x…"}` |
//! | `{"ask": "sign", "scheme": "ethereum", "digest": "0x…", "transaction": "0x…"}` | `{"signature": "0x…"}`: r, s, v |
//! | `{"ask": "sign", "scheme": "sr25519", "payload": "0x…"}` | `{"signature": "0x…"}`: 64 bytes |

use std::{process::Stdio, time::Duration};

use alloy_primitives::{Address, B256, Bytes, Signature};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};
use subxt_signer::sr25519;
use tokio::{io::AsyncWriteExt, process::Command};

use super::{KeyError, Scheme};
use crate::client::{AccountId, fallback_account};

/// Somebody may have to look at a device and press a button.
const PATIENCE: Duration = Duration::from_secs(300);

/// A command that signs.
#[derive(Debug)]
pub struct External {
    program: String,
    arguments: Vec<String>,
    account: Account,
}

#[derive(Debug, Deserialize)]
#[serde(tag = "scheme", rename_all = "lowercase")]
enum Account {
    Ethereum { address: Address },
    Sr25519 { public: B256 },
}

#[derive(Deserialize)]
struct Signed {
    signature: Bytes,
}

impl External {
    /// Asks a command (its program and arguments, divided by spaces; no shell reads them) for its account.
    ///
    /// # Errors
    /// [`KeyError::Command`].
    pub async fn connect(command: &str) -> Result<Self, KeyError> {
        let mut words = command.split_whitespace().map(str::to_owned);
        let program = words.next().ok_or_else(|| refused("", "it is empty".into()))?;
        let arguments: Vec<_> = words.collect();
        let account = ask(&program, &arguments, &json!({"ask": "account"})).await?;
        Ok(Self { program, arguments, account })
    }

    /// How it signs.
    pub fn scheme(&self) -> Scheme {
        match self.account {
            Account::Ethereum { .. } => Scheme::Ethereum,
            Account::Sr25519 { .. } => Scheme::Sr25519,
        }
    }

    /// Its native account.
    pub fn account_id(&self) -> AccountId {
        match self.account {
            Account::Ethereum { address } => fallback_account(address),
            Account::Sr25519 { public } => public.0,
        }
    }

    /// Its signature of a payload, which is checked.
    pub(super) async fn sign_payload(&self, payload: &[u8]) -> Result<[u8; 64], KeyError> {
        let Account::Sr25519 { public } = self.account else { return Err(KeyError::OtherScheme) };
        let question = json!({"ask": "sign", "scheme": "sr25519", "payload": Bytes::copy_from_slice(payload)});
        let signature = self.signature::<64>(&question).await?;
        match sr25519::verify(&sr25519::Signature(signature), payload, &sr25519::PublicKey(public.0)) {
            true => Ok(signature),
            false => Err(refused(&self.program, "its signature is not its account's".into())),
        }
    }

    /// Its signature of a transaction's hash, which is checked.
    pub(super) async fn sign_ethereum(&self, hash: B256, transaction: &[u8]) -> Result<Signature, KeyError> {
        let Account::Ethereum { address } = self.account else { return Err(KeyError::OtherScheme) };
        let transaction = Bytes::copy_from_slice(transaction);
        let question = json!({"ask": "sign", "scheme": "ethereum", "digest": hash, "transaction": transaction});
        let bytes = self.signature::<65>(&question).await?;
        let wrong = |reason: String| refused(&self.program, reason);
        let signature = Signature::from_raw(&bytes).map_err(|error| wrong(error.to_string()))?;
        match signature.recover_address_from_prehash(&hash) {
            Ok(signer) if signer == address => Ok(signature),
            Ok(other) => Err(wrong(format!("it signed as another account, {other}"))),
            Err(error) => Err(wrong(error.to_string())),
        }
    }

    async fn signature<const N: usize>(&self, question: &Value) -> Result<[u8; N], KeyError> {
        let Signed { signature } = ask(&self.program, &self.arguments, question).await?;
        let wrong = || refused(&self.program, format!("a signature of {} bytes, and not of {N}", signature.len()));
        signature[..].try_into().map_err(|_| wrong())
    }
}

fn refused(program: &str, reason: String) -> KeyError {
    KeyError::Command { command: program.to_owned(), reason }
}

/// Runs the command for one question.
async fn ask<T: DeserializeOwned>(program: &str, arguments: &[String], question: &Value) -> Result<T, KeyError> {
    let wrong = |reason: String| refused(program, reason);
    let run = async {
        let mut child = Command::new(program)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .kill_on_drop(true)
            .spawn()?;
        if let Some(mut input) = child.stdin.take() {
            // One that answers without reading is judged by its answer.
            let _ = input.write_all(format!("{question}\n").as_bytes()).await;
        }
        child.wait_with_output().await
    };
    let output = match tokio::time::timeout(PATIENCE, run).await {
        Ok(output) => output.map_err(|error| wrong(error.to_string()))?,
        Err(_) => return Err(wrong(format!("no answer within {} s", PATIENCE.as_secs()))),
    };
    if !output.status.success() {
        return Err(wrong(format!("it refused ({})", output.status)));
    }
    serde_json::from_slice(&output.stdout).map_err(|error| wrong(format!("its answer is not understood: {error}")))
}
