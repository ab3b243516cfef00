//! The only module that signs transactions.
//!
//! A transaction is first *prepared*: run without sending, so that a refusal costs nothing; then signed, with its hash
//! known and the last block it can land in. Whoever must not send twice stores the [`Prepared`] before
//! [`submit`](Submitter::submit), and after a crash asks [`ChainClient::fate_of`] it: landed means done, expired or
//! overtaken means it never will be, and while it is pending the same bytes may be submitted again.
//!
//! Only finality decides. A block that is not final may be replaced by another branch's, and come back: what was in one
//! is lost once finality has passed it by, and not because the node's best branch has no place for it now.

mod action;
mod ethereum;
mod receipt;
mod signer;
mod trial;

use std::time::Duration;

use alloy_primitives::{Address, B256, Bytes, keccak256};
use alloy_sol_types::SolCall;
use subxt::{
    SubstrateConfig,
    config::substrate::SubstrateExtrinsicParamsBuilder,
    error::{BackendError, ExtrinsicError, RpcError},
    transactions::TransactionStatus,
};
use tokio::time::timeout;

pub(crate) use self::signer::verify_sr25519;
pub use self::{
    action::{Action, Need},
    receipt::{Fate, Receipt},
    signer::{
        Cost, External, KeyError, Password, Scheme, Signer, fresh_secret, new_keystore, open, read_private, secret_in,
    },
    trial::Trial,
};
pub use crate::runtime::Weight;
use crate::{
    behind::Payee,
    client::{AccountId, AtBlock, ChainClient, from_h256, to_h256, unanswered},
    error::ChainError,
};

/// Blocks a transaction stays valid for. A power of two, and well under the 256 block hashes the runtime keeps.
const LIFETIME_BLOCKS: u64 = 64;

/// How long [`Submitter::submit`] waits for finality, unless it is [told](Submitter::waiting) otherwise.
pub const FINALITY_PATIENCE: Duration = Duration::from_secs(120);

/// Pause between two looks for a transaction whose subscription was lost.
const LOOK_AGAIN: Duration = Duration::from_millis(500);
/// How often a transaction that a pool refused is looked for in the best chain.
const LOOKS: u32 = 4;
/// For how long a node may say nothing of a transaction before it is looked for: a block's time on the slowest chains.
const SILENCE: Duration = Duration::from_secs(6);

/// A signed transaction that has not been sent. Store it first where it must not be sent twice.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Prepared {
    /// The hash it will be found under.
    pub tx_hash: B256,
    /// The signed bytes. Sending them twice does no harm: the nonce is used once.
    pub bytes: Bytes,
    /// The sender's nonce.
    pub nonce: u64,
    /// The finalised block it was prepared on; it can only land above.
    pub prepared_at: u64,
    /// The last block it can land in.
    pub valid_until: u64,
    /// What its sender gives for haste, in native units.
    #[serde(default)]
    pub tip: u128,
    /// The account whose nonce decides whether it can still land, too: of Ethereum transactions, which have no last
    /// block, nothing else does. What an older version prepared may not have it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<B256>,
}

/// The nonce and the tip that a transaction is signed with.
#[derive(Debug, Clone, Copy)]
enum Turn {
    /// After all that the sender has sent.
    Next,
    /// In the place of one that waits, for a higher tip.
    InPlaceOf { nonce: u64, tip: u128 },
}

/// What is given the next time, of what was given before and may be given at most, in native units, of which a coin has
/// so many: the first time a thousandth of a coin, then ten times as much, so that each pool lets it take the other's
/// place. Nothing where that is too much.
pub fn next_tip(before: u128, most: u128, coin: u128) -> Option<u128> {
    let next = if before == 0 { coin / 1_000 } else { before.saturating_mul(10) };
    (next <= most).then_some(next)
}

/// Sends transactions of one signer, one at a time.
#[derive(Debug)]
pub struct Submitter {
    client: ChainClient,
    signer: Signer,
    patience: Duration,
    /// Two transactions prepared at once would carry the same nonce.
    one_at_a_time: tokio::sync::Mutex<()>,
}

impl Submitter {
    /// Sends as `signer` over `client`.
    pub fn new(client: ChainClient, signer: Signer) -> Self {
        Self { client, signer, patience: FINALITY_PATIENCE, one_at_a_time: tokio::sync::Mutex::default() }
    }

    /// The same, which waits so long for finality.
    pub fn waiting(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// Who signs.
    pub fn signer(&self) -> &Signer {
        &self.signer
    }

    /// The signer's address in contracts.
    pub fn address(&self) -> Address {
        self.signer.address()
    }

    /// The signer's native account.
    pub fn account_id(&self) -> AccountId {
        self.signer.account_id()
    }

    /// How the signer signs.
    pub fn scheme(&self) -> Scheme {
        self.signer.scheme()
    }

    /// The client it sends over.
    pub fn client(&self) -> &ChainClient {
        &self.client
    }

    /// Prepares a call of a contract's message, sending `value` wei with it.
    ///
    /// Do not prepare a second one before the first is submitted or given up: both would carry the same nonce.
    ///
    /// # Errors
    /// [`ChainError::Refused`] with the contract's error, [`ChainError::Dispatch`] (balance, limits),
    /// [`ChainError::ValueNotRepresentable`]. Nothing has been sent then.
    pub async fn prepare_call(
        &self,
        contract: Address,
        calldata: Vec<u8>,
        value: u128,
    ) -> Result<Prepared, ChainError> {
        self.prepare(&Action::Call { contract, calldata, value }).await
    }

    /// Prepares the same call, without money, in the place of one that waits in the pools, for a higher tip. Both have
    /// one nonce, so that one of them lands at most: store it beside the other before it is sent.
    ///
    /// # Errors
    /// As [`prepare_call`](Self::prepare_call); refused also where the other one has had its effect meanwhile.
    pub async fn prepare_in_place_of(
        &self,
        before: &Prepared,
        (contract, calldata): (Address, Vec<u8>),
        tip: u128,
    ) -> Result<Prepared, ChainError> {
        let action = Action::Call { contract, calldata, value: 0 };
        self.prepare_for(&action, Turn::InPlaceOf { nonce: before.nonce, tip }).await
    }

    /// Prepares an action, as [`prepare_call`](Self::prepare_call) does a call.
    ///
    /// # Errors
    /// As [`prepare_call`](Self::prepare_call).
    pub async fn prepare(&self, action: &Action) -> Result<Prepared, ChainError> {
        self.prepare_for(action, Turn::Next).await
    }

    /// What an action would need, and what its transaction costs at most, in wei: nothing is signed.
    ///
    /// # Errors
    /// As [`prepare_call`](Self::prepare_call).
    pub async fn estimate(&self, action: &Action) -> Result<(Need, u128), ChainError> {
        let best = self.client.at(self.client.best_hash().await?).await?;
        if self.signer.scheme() == Scheme::Ethereum {
            return self.client.ethereum_need(&best, self.signer.address(), action).await;
        }
        let need = action.need(&self.client, &best, self.signer.account_id()).await?;
        let fee = self.client.fee_of(&best, &action.payload(&self.client, need)?).await?;
        Ok((need, fee.saturating_mul(self.client.wei_per_unit().into())))
    }

    /// What a transaction costs at most that cannot be tried yet and needs this much, in wei. An Ethereum account's
    /// transaction of the same weight and length costs the same.
    ///
    /// # Errors
    /// [`ChainError`].
    pub async fn fee_for(&self, action: &Action, need: Need) -> Result<u128, ChainError> {
        let best = self.client.at(self.client.best_hash().await?).await?;
        let fee = self.client.fee_of(&best, &action.payload(&self.client, need)?).await?;
        Ok(fee.saturating_mul(self.client.wei_per_unit().into()))
    }

    /// Sends what was prepared (again, if need be) and waits until it is finalised.
    ///
    /// # Errors
    /// [`ChainError::FailedInBlock`], [`ChainError::Rejected`], [`ChainError::Expired`] and [`ChainError::Overtaken`]
    /// are final: it had no effect, and never will unless these bytes are sent again. After
    /// [`ChainError::NotFinalised`] or [`ChainError::NodeUnreachable`] it may still land: look it up.
    pub async fn submit(&self, prepared: &Prepared) -> Result<Receipt, ChainError> {
        let receipt = match timeout(self.patience, self.send_and_watch(prepared)).await {
            Ok(receipt) => receipt?,
            Err(_) => {
                return Err(ChainError::NotFinalised { tx_hash: prepared.tx_hash, seconds: self.patience.as_secs() });
            }
        };
        match receipt.failure {
            None => Ok(receipt),
            Some(reason) => {
                Err(ChainError::FailedInBlock { tx_hash: receipt.tx_hash, block_number: receipt.block_number, reason })
            }
        }
    }

    /// Prepares and submits a call of a contract's message with `value` wei.
    ///
    /// # Errors
    /// As [`prepare_call`](Self::prepare_call) and [`submit`](Self::submit).
    pub async fn send<C: SolCall>(&self, contract: Address, call: &C, value: u128) -> Result<Receipt, ChainError> {
        let _turn = self.one_at_a_time.lock().await;
        let prepared = self.prepare_call(contract, call.abi_encode(), value).await?;
        self.submit(&prepared).await
    }

    /// Uploads `blob` and creates a contract from it. `constructor` is the ABI-encoded arguments.
    ///
    /// # Errors
    /// As [`prepare_call`](Self::prepare_call) and [`submit`](Self::submit).
    pub async fn instantiate(&self, blob: Vec<u8>, constructor: Vec<u8>) -> Result<(Address, Receipt), ChainError> {
        let _turn = self.one_at_a_time.lock().await;
        let prepared = self.prepare(&Action::Instantiate { blob, constructor }).await?;
        let receipt = self.submit(&prepared).await?;
        match receipt.created[..] {
            [address, ..] => Ok((address, receipt)),
            [] => Err(ChainError::Decode { what: "an instantiation", reason: "no Instantiated event".into() }),
        }
    }

    /// Uploads `blob` for contracts that others create from it; answers its hash. What is there already is left as it
    /// is.
    ///
    /// # Errors
    /// As [`submit`](Self::submit).
    pub async fn upload(&self, blob: Vec<u8>) -> Result<B256, ChainError> {
        let _turn = self.one_at_a_time.lock().await;
        let hash = keccak256(&blob);
        let prepared = self.prepare(&Action::Upload { blob }).await?;
        self.submit(&prepared).await?;
        Ok(hash)
    }

    /// Moves `amount` wei of the native coin to an account, which is created and mapped to its address if it is new.
    ///
    /// # Errors
    /// [`ChainError::FailedInBlock`] when the balance does not suffice; else as [`submit`](Self::submit).
    pub async fn transfer_native(&self, to: Payee, amount: u128) -> Result<Receipt, ChainError> {
        let _turn = self.one_at_a_time.lock().await;
        let prepared = self.prepare(&Action::Transfer { to, value: amount }).await?;
        self.submit(&prepared).await
    }

    /// Makes `amount` of the token of the chain with this number for an account, in the token's smallest unit.
    ///
    /// # Errors
    /// [`ChainError::FailedInBlock`] when the sender is not the token's issuer; else as [`submit`](Self::submit).
    pub async fn mint(&self, asset: u32, to: AccountId, amount: u128) -> Result<Receipt, ChainError> {
        let _turn = self.one_at_a_time.lock().await;
        let prepared = self.prepare(&Action::Mint { asset, to, amount }).await?;
        self.submit(&prepared).await
    }

    async fn prepare_for(&self, action: &Action, turn: Turn) -> Result<Prepared, ChainError> {
        let best = self.client.at(self.client.best_hash().await?).await?;
        match self.signer.scheme() {
            Scheme::Ethereum => self.prepare_ethereum(&best, action, turn).await,
            Scheme::Sr25519 => self.prepare_own(&best, action, turn).await,
        }
    }

    /// Signs a pallet call, valid from the finalised block on: that one cannot be reorganised away.
    async fn prepare_own(&self, best: &AtBlock, action: &Action, turn: Turn) -> Result<Prepared, ChainError> {
        let need = action.need(&self.client, best, self.signer.account_id()).await?;
        let call = action.payload(&self.client, need)?;
        let finalised = self.client.finalised_hash().await?;
        let prepared_at = self.client.at(finalised).await?.block_number();
        let (nonce, tip) = self.turn(turn).await?;
        let parameters = SubstrateExtrinsicParamsBuilder::<SubstrateConfig>::new()
            .nonce(nonce)
            .tip(tip)
            .mortal_from_unchecked(LIFETIME_BLOCKS, prepared_at, to_h256(finalised))
            .build();
        let failed = |error: ExtrinsicError| self.client.error("signing a transaction", error.into());
        let mut signable = best.transactions().create_signable_offline(&call, parameters).map_err(failed)?;
        let signature = self.signer.sign_payload(&signable.signer_payload().map_err(failed)?).await?;
        let account = self.signer.account();
        let signed = signable.sign_with_account_and_signature(&account, &signature).map_err(failed)?;
        Ok(Prepared {
            tx_hash: from_h256(signed.hash()),
            bytes: Bytes::copy_from_slice(signed.encoded()),
            nonce,
            prepared_at,
            valid_until: prepared_at + LIFETIME_BLOCKS - 1,
            tip,
            account: Some(self.signer.account_id().into()),
        })
    }

    /// Nonce and tip of a turn.
    async fn turn(&self, turn: Turn) -> Result<(u64, u128), ChainError> {
        match turn {
            Turn::InPlaceOf { nonce, tip } => Ok((nonce, tip)),
            Turn::Next => {
                // Counts what already waits in the node's pool, so an earlier transaction is never replaced.
                let account = self.signer.account();
                let next = || self.client.methods().system_account_next_index(&account);
                Ok((self.client.ask("reading the nonce", next).await?, 0))
            }
        }
    }

    async fn send_and_watch(&self, prepared: &Prepared) -> Result<Receipt, ChainError> {
        let at = self.client.at(self.client.best_hash().await?).await?;
        let sent = at.transactions().from_bytes(prepared.bytes.to_vec()).submit_and_watch().await;
        let mut progress = match sent {
            Ok(progress) => progress,
            Err(error) if pool_has_it(&error) => return self.wait_until_landed(prepared).await,
            Err(error) => {
                let error = subxt::Error::from(error);
                return match unanswered(&error) {
                    true => self.wait_until_landed(prepared).await,
                    // A nonce already used is "invalid", too: the user may have been this very transaction, sent before
                    // a crash.
                    false => self.landed_or_rejected(prepared, error.to_string()).await,
                };
            }
        };
        let mut was_in_a_block = false;
        loop {
            let Ok(status) = timeout(SILENCE, progress.next()).await else {
                // Of one that cannot land any more, or no longer is in its pool, a node may say nothing for ever.
                match self.landed(prepared).await {
                    Ok(Some(receipt)) => return Ok(receipt),
                    // A node that is behind, or away for a moment: there is time.
                    Ok(None) | Err(ChainError::NoSuchBlock(_) | ChainError::WrongAnswer { .. }) => continue,
                    Err(ChainError::NodeUnreachable { .. }) => continue,
                    Err(error) => return Err(error),
                }
            };
            let Some(status) = status else { break };
            match status {
                Ok(TransactionStatus::InBestBlock(_)) => was_in_a_block = true,
                Ok(TransactionStatus::InFinalizedBlock(block)) => {
                    return self.client.receipt(from_h256(block.block_hash()), prepared.tx_hash).await?.ok_or(
                        ChainError::Decode {
                            what: "a finalised transaction",
                            reason: "its block does not contain it".into(),
                        },
                    );
                }
                // The branch that is best now has no place for it; that with its block may be finalised all the same.
                Ok(TransactionStatus::Error { .. } | TransactionStatus::Invalid { .. }) if was_in_a_block => break,
                Ok(TransactionStatus::Error { message } | TransactionStatus::Invalid { message }) => {
                    return self.landed_or_rejected(prepared, message).await;
                }
                // Dropped from the pool (full, or finality is late): it may be in a block, or come back.
                Ok(TransactionStatus::Dropped { .. }) | Err(_) => break,
                Ok(_) => {}
            }
        }
        self.wait_until_landed(prepared).await
    }

    /// Whether a transaction is in the best chain, finalised or not.
    ///
    /// # Errors
    /// [`ChainError`].
    pub async fn is_in_the_best_chain(&self, prepared: &Prepared) -> Result<bool, ChainError> {
        let best = self.client.best_block().await?;
        Ok(self.client.is_in(prepared, &best).await?.is_some())
    }

    /// Whether a rejected transaction is nevertheless in the best chain; then waits for it.
    async fn landed_or_rejected(&self, prepared: &Prepared, reason: String) -> Result<Receipt, ChainError> {
        for _ in 0..LOOKS {
            if self.is_in_the_best_chain(prepared).await? {
                return self.wait_until_landed(prepared).await;
            }
            // What is stale to the pool may be so by a block that is the best one in a moment.
            tokio::time::sleep(LOOK_AGAIN).await;
        }
        Err(ChainError::Rejected { tx_hash: prepared.tx_hash, reason })
    }

    /// Looks through finalised blocks until it is there or cannot be any more.
    async fn wait_until_landed(&self, prepared: &Prepared) -> Result<Receipt, ChainError> {
        loop {
            match self.landed(prepared).await? {
                Some(receipt) => return Ok(receipt),
                None => tokio::time::sleep(LOOK_AGAIN).await,
            }
        }
    }

    /// Its receipt, if it is in a finalised block; nothing as long as it may still get into one.
    async fn landed(&self, prepared: &Prepared) -> Result<Option<Receipt>, ChainError> {
        let &Prepared { tx_hash, nonce, valid_until, .. } = prepared;
        match self.client.fate_of(prepared).await? {
            Fate::Landed(receipt) => Ok(Some(receipt)),
            Fate::Expired => Err(ChainError::Expired { tx_hash, valid_until }),
            Fate::Overtaken => Err(ChainError::Overtaken { tx_hash, nonce }),
            Fate::Pending => Ok(None),
        }
    }
}

/// The state may have changed a little by the time the call runs; what is not used is given back.
fn with_margin(weight: Weight) -> Weight {
    let more = |n: u64| n.saturating_add(n / 4);
    Weight { ref_time: more(weight.ref_time), proof_size: more(weight.proof_size) }
}

/// The node's pool refuses these bytes because it has, or just had, them.
fn pool_has_it(error: &ExtrinsicError) -> bool {
    const TEMPORARILY_BANNED: i32 = 1012;
    const ALREADY_IMPORTED: i32 = 1013;
    matches!(
        error,
        ExtrinsicError::ErrorSubmittingTransaction(BackendError::Rpc(RpcError::ClientError(subxt::rpcs::Error::User(user))))
            if [TEMPORARILY_BANNED, ALREADY_IMPORTED].contains(&user.code)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Who waits gives ten times as much each time, and never more than was allowed.
    #[test]
    fn a_tip_grows_up_to_what_is_allowed() {
        // The devnet's coin, and Polkadot Hub's.
        for coin in [1_000_000_000_000, 10_000_000_000] {
            assert_eq!(next_tip(0, coin, coin), Some(coin / 1_000));
            assert_eq!(next_tip(coin / 1_000, coin, coin), Some(coin / 100));
            assert_eq!(next_tip(coin / 10, coin, coin), Some(coin));
            assert_eq!(next_tip(coin, coin, coin), None);
            assert_eq!((next_tip(0, 0, coin), next_tip(u128::MAX, u128::MAX, coin)), (None, Some(u128::MAX)));
        }
    }
}
