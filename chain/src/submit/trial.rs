//! What a call would do and cost, by the node's own dry run and fee query: nothing is signed by anybody's key.

use alloy_primitives::{Address, Bytes};
use subxt::{
    SubstrateConfig,
    config::substrate::SubstrateExtrinsicParamsBuilder,
    transactions::{Payload, dynamic},
    utils::{AccountId32, MultiSignature},
};

use super::{LIFETIME_BLOCKS, with_margin};
use crate::{
    client::{AccountId, AtBlock, ChainClient, to_h256},
    error::ChainError,
    runtime::Weight,
};

/// What a call would do and cost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trial {
    /// What the contract answers.
    pub data: Bytes,
    /// Computation and proof.
    pub weight: Weight,
    /// What the transaction costs, in wei.
    pub fee: u128,
    /// What is held for storage, in wei.
    pub deposit: u128,
}

impl ChainClient {
    /// Runs a call as an account with `value` wei at the head of the best chain without sending it, and asks what its
    /// transaction would cost. It is the account, not its address, that has the money: a new one's address is not known
    /// to stand for it yet.
    ///
    /// # Errors
    /// [`ChainError::Refused`] with the contract's error, [`ChainError::Dispatch`] (balance, limits),
    /// [`ChainError::ValueNotRepresentable`].
    pub async fn trial(
        &self,
        origin: AccountId,
        contract: Address,
        calldata: Vec<u8>,
        value: u128,
    ) -> Result<Trial, ChainError> {
        let units = self.to_units(value)?;
        let at = self.at(self.best_hash().await?).await?;
        let run = self.dry_run(&at, origin, contract, units, calldata.clone()).await?;
        let arguments = (contract.0.0, units, with_margin(run.weight), self.deposit_limit(run.deposit), calldata);
        let fee = self.fee_of(&at, &dynamic("Revive", "call", arguments)).await?;
        let wei = |units: u128| units.saturating_mul(self.wei_per_unit().into());
        Ok(Trial { data: run.data, weight: run.weight, fee: wei(fee), deposit: wei(run.deposit) })
    }

    /// What a transaction with this call costs, without a tip, in native units. The signature is none: a fee goes by
    /// weight and length alone.
    pub(crate) async fn fee_of<P: Payload>(&self, at: &AtBlock, call: &P) -> Result<u128, ChainError> {
        let (hash, number) = (self.best_hash().await?, at.block_number());
        let parameters = SubstrateExtrinsicParamsBuilder::<SubstrateConfig>::new()
            .nonce(0)
            .mortal_from_unchecked(LIFETIME_BLOCKS, number, to_h256(hash))
            .build();
        let (nobody, nothing) = (AccountId32([0; 32]), MultiSignature::Sr25519([0; 64]));
        let unsigned = at
            .transactions()
            .create_signable_offline(call, parameters)
            .and_then(|mut signable| signable.sign_with_account_and_signature(&nobody, &nothing))
            .map_err(|error| self.error("encoding a transaction", error.into()))?;
        self.ask("asking for a fee", || unsigned.partial_fee_estimate()).await
    }
}
