//! What can go wrong between us and the chain, with the numbers in it and what to do next in its text.

use std::{fmt, path::PathBuf};

use alloy_primitives::{Address, B256, Bytes, U256};
use alloy_sol_types::{Panic, Revert, SolError, SolInterface};
use yieldset_rules::compliance::Restriction;

use crate::abi::Refusal::RefusalErrors;

/// Any failure of this crate.
#[derive(Debug, thiserror::Error)]
pub enum ChainError {
    /// Nothing answers, or the answer took longer than the client's patience.
    #[error(
        "no answer from the node at {url} ({reason}); check that it runs (yieldset-devnet is one) and that YIELDSET_NODE_URL names it"
    )]
    NodeUnreachable {
        /// The address that was tried.
        url: String,
        /// What the connection reported.
        reason: String,
    },
    /// The node serves another chain than the deployment was made on.
    #[error(
        "the node's chain has {what} {got}, the deployment was made on {expected}; connect to that chain or deploy again"
    )]
    WrongChain {
        /// The property that differs.
        what: &'static str,
        /// As the node says.
        got: String,
        /// As the deployment says.
        expected: String,
    },
    /// The node does not know (or has pruned) this block.
    #[error("the node has no block {0}; it was pruned or belongs to a branch that was dropped")]
    NoSuchBlock(String),
    /// The node has the block, and not its state any more.
    #[error(
        "the node at {url} has dropped the state of {block} ({reason}); name a node that keeps all states (an archive node)"
    )]
    StateGone {
        /// The node.
        url: String,
        /// Which block, in words.
        block: String,
        /// The node's words.
        reason: String,
    },
    /// The node answers what cannot be. Another one, or the same one later, may do better.
    #[error("{during}: the node at {url} answers with {reason}; compare with another node")]
    WrongAnswer {
        /// What was being done.
        during: &'static str,
        /// The node.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The contract answered with an error of its own. Nothing was sent or changed.
    #[error("contract {contract} refused: {error}")]
    Refused {
        /// The contract that was called.
        contract: Address,
        /// Its decoded answer.
        error: ContractError,
    },
    /// The pallet could not run the call (out of funds, trap, limits). Nothing was sent or changed.
    #[error(
        "the chain cannot run this call: {reason}; check the sender's balance and that the contract is the right one"
    )]
    Dispatch {
        /// The pallet's error, as `Pallet::Error`.
        reason: String,
    },
    /// There is no contract at this address.
    #[error("no contract answers at {0}; check the address and that the deployment belongs to this chain")]
    NoContract(Address),
    /// The transaction pool did not take the transaction.
    #[error("the node rejected transaction {tx_hash}: {reason}; prepare it again from the current state")]
    Rejected {
        /// The transaction's hash.
        tx_hash: B256,
        /// The node's words.
        reason: String,
    },
    /// The transaction is in a block, but its effect was rolled back. The fee is spent and the nonce used.
    #[error(
        "transaction {tx_hash} failed in block {block_number}: {reason}; the state changed since it was prepared, so prepare it again"
    )]
    FailedInBlock {
        /// The transaction's hash.
        tx_hash: B256,
        /// The finalised block that holds it.
        block_number: u64,
        /// The pallet's error.
        reason: String,
    },
    /// The transaction can no longer land: finality passed the last block it is valid in.
    #[error("transaction {tx_hash} expired after block {valid_until} without landing; it is safe to prepare it again")]
    Expired {
        /// The transaction's hash.
        tx_hash: B256,
        /// The last block it could have been in.
        valid_until: u64,
    },
    /// The transaction can no longer land: another one of its account has its nonce in a finalised block.
    #[error(
        "transaction {tx_hash} had no effect and never will: another one of the same account took its place, nonce \
         {nonce}; look at what that one did before this is done again"
    )]
    Overtaken {
        /// The transaction's hash.
        tx_hash: B256,
        /// The nonce of both.
        nonce: u64,
    },
    /// Sent, but not finalised within the time given. It may still land.
    #[error(
        "transaction {tx_hash} was not finalised within {seconds} s; ask for its fate before sending anything in its place"
    )]
    NotFinalised {
        /// The transaction's hash.
        tx_hash: B256,
        /// How long was waited.
        seconds: u64,
    },
    /// The value has a fraction that the chain's native unit cannot hold.
    #[error("{wei} wei is not a multiple of {ratio}, the chain's smallest unit; round the amount")]
    ValueNotRepresentable {
        /// The amount asked for.
        wei: u128,
        /// Wei in one native unit.
        ratio: u32,
    },
    /// The chain's answer is not what this program understands.
    #[error("cannot decode {what}: {reason}; is the node's runtime or contract a different version?")]
    Decode {
        /// What was being decoded.
        what: &'static str,
        /// The decoder's words.
        reason: String,
    },
    /// A 256-bit amount from the chain does not fit in 128 bits.
    #[error("amount {0} does not fit in 128 bits")]
    AmountTooLarge(U256),
    /// A name or symbol that a contract cannot keep.
    #[error("{text:?} is no label: it needs 1 to 32 bytes of UTF-8 without a zero, and has {bytes}")]
    Label {
        /// The text.
        text: String,
        /// Its length.
        bytes: usize,
    },
    /// A signing key cannot be used.
    #[error("cannot use the key {name}: {reason}")]
    Key {
        /// The file or the dev path.
        name: String,
        /// Why.
        reason: String,
    },
    /// A keystore, a password, or a command that signs.
    #[error(transparent)]
    Keystore(#[from] crate::submit::KeyError),
    /// A file of ours cannot be read or written.
    #[error("{}: {reason}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why, and what to do.
        reason: String,
    },
    /// Any other error of the client library.
    #[error("{during}: {source}")]
    Node {
        /// What was being done.
        during: &'static str,
        /// The library's error.
        source: Box<subxt::Error>,
    },
}

impl ChainError {
    /// What a contract, the chain or the node said, in its own form: for programs, where people are told it in words.
    pub fn raw(&self) -> Option<String> {
        match self {
            Self::Refused { error, .. } => Some(error.to_string()),
            Self::Dispatch { reason } | Self::Rejected { reason, .. } | Self::FailedInBlock { reason, .. } => {
                Some(reason.clone())
            }
            Self::Node { source, .. } => Some(source.to_string()),
            _ => None,
        }
    }
}

/// A contract's revert data, decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ContractError {
    /// One of our contracts' errors.
    Known(Box<RefusalErrors>),
    /// Solidity's `Error(string)`.
    Message(String),
    /// Solidity's `Panic(uint256)`.
    Panic(String),
    /// Something else, as it came.
    Unknown(Bytes),
}

impl ContractError {
    /// Decodes revert data. Never fails: what is not known stays as bytes.
    pub fn decode(data: &[u8]) -> Self {
        if let Ok(known) = RefusalErrors::abi_decode_validate(data) {
            return Self::Known(Box::new(known));
        }
        if let Ok(revert) = Revert::abi_decode_validate(data) {
            return Self::Message(revert.reason);
        }
        if let Ok(panic) = Panic::abi_decode_validate(data) {
            return Self::Panic(panic.to_string());
        }
        Self::Unknown(Bytes::copy_from_slice(data))
    }

    /// What the reader can do about it, where that is not plain from the name.
    fn advice(&self) -> Option<&'static str> {
        let Self::Known(known) = self else {
            return None;
        };
        Some(match &**known {
            RefusalErrors::TransferRestricted(restriction) => {
                Restriction::from_code(restriction.code).map_or("unknown code", Restriction::message)
            }
            RefusalErrors::InvalidAccountNonce(_) => {
                "the attestation was used, or an agent decided since: sign again with the account's present nonce"
            }
            RefusalErrors::IssuerWasRemoved(_) => "a removed issuer comes back with another key only",
            RefusalErrors::NothingToClaim(_) => "nothing has been earned since the last claim",
            RefusalErrors::NoFinalReport(_) => {
                "the period's attribution report must be posted, and its challenge window over"
            }
            RefusalErrors::PeriodOutOfOrder(_) => {
                "this period or a later one was posted already; its money goes with that one"
            }
            RefusalErrors::PeriodNotOver(_) => "wait until the period is over",
            RefusalErrors::WrongEpoch(_) => "the committee has changed: sign again with the current epoch",
            RefusalErrors::InvalidProof(_) => "weight or proof do not belong to the posted report and this account",
            _ => return None,
        })
    }
}

impl fmt::Display for ContractError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Known(known) => {
                // The enum's Debug reads `Name(Name { field: value })`: the inner part has all that matters.
                let text = format!("{known:?}");
                let inner = text.split_once('(').and_then(|(_, rest)| rest.strip_suffix(')')).unwrap_or(&text);
                f.write_str(inner)?;
            }
            Self::Message(message) => write!(f, "\"{message}\"")?,
            Self::Panic(panic) => f.write_str(panic)?,
            Self::Unknown(data) if data.is_empty() => {
                f.write_str("without a reason (no such message, or undecodable arguments)")?
            }
            Self::Unknown(data) => write!(f, "with an error that this program does not know ({data})")?,
        }
        match self.advice() {
            Some(advice) => write!(f, " ({advice})"),
            None => Ok(()),
        }
    }
}

/// A 256-bit amount of the ABI as the 128 bits we count in.
///
/// # Errors
/// [`ChainError::AmountTooLarge`] when it does not fit.
pub fn amount(value: U256) -> Result<u128, ChainError> {
    u128::try_from(value).map_err(|_| ChainError::AmountTooLarge(value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::abi::Refusal;

    #[test]
    fn a_known_error_keeps_its_name_and_numbers() {
        let error = Refusal::NotEnoughSignatures { got: 1, need: 2 };
        let decoded = ContractError::decode(&error.abi_encode());
        assert_eq!(decoded, ContractError::Known(Box::new(RefusalErrors::NotEnoughSignatures(error))));
        assert_eq!(decoded.to_string(), "NotEnoughSignatures { got: 1, need: 2 }");
    }

    #[test]
    fn a_restriction_says_what_to_do() {
        let text = ContractError::decode(&Refusal::TransferRestricted { code: 2 }.abi_encode()).to_string();
        assert!(text.contains("code: 2") && text.contains("recipient has no KYC record"), "{text}");
    }

    #[test]
    fn foreign_or_cut_data_stays_bytes() {
        let cut = &Refusal::WrongEpoch { got: 1, expected: 2 }.abi_encode()[..20];
        for data in [&b""[..], b"\x01", b"\xde\xad\xbe\xef", cut] {
            assert_eq!(ContractError::decode(data), ContractError::Unknown(Bytes::copy_from_slice(data)));
        }
        assert_eq!(ContractError::decode(&Revert::from("no").abi_encode()), ContractError::Message("no".into()));
    }

    #[test]
    fn amounts_over_128_bits_are_refused() {
        assert_eq!(amount(U256::from(u128::MAX)).expect("fits"), u128::MAX);
        assert!(matches!(amount(U256::from(u128::MAX) + U256::from(1)), Err(ChainError::AmountTooLarge(_))));
    }
}
