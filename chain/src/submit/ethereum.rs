//! Ethereum transactions, sent straight to the node as `Revive.eth_transact`: no RPC proxy is needed.
//!
//! They name no last block: until the account's nonce passes theirs, they may land ([`Prepared::account`]).

use alloy_consensus::{SignableTransaction, TxEip1559};
use alloy_primitives::{Address, Bytes, TxKind, U256, address};
use subxt::{dynamic::runtime_api_call, transactions::dynamic};

use super::{Action, Need, Prepared, Submitter, Turn};
use crate::{
    client::{AtBlock, ChainClient, fallback_account, from_h256},
    error::{ChainError, ContractError, amount},
    runtime::{EthFailure, EthOutcome, EthRequest},
};

/// Who is called with a pallet's call, encoded (`RUNTIME_PALLETS_ADDR` of pallet-revive).
const PALLETS: Address = address!("6d6f646c70792f70616464720000000000000000");

/// A transaction that was tried: what it says, what it needs, and the gas that pays for that.
struct Tried {
    request: EthRequest,
    need: Need,
    /// What of the deposit the gas pays for, in native units; a pallet takes its own besides.
    in_gas: u128,
    gas: u64,
}

impl Submitter {
    /// Prepares an action as an Ethereum transaction.
    pub(super) async fn prepare_ethereum(
        &self,
        best: &AtBlock,
        action: &Action,
        turn: Turn,
    ) -> Result<Prepared, ChainError> {
        let (client, account) = (&self.client, self.signer.account_id());
        let tried = client.try_ethereum(best, self.signer.address(), action).await?;
        let (nonce, tip) = self.turn(turn).await?;
        // Gas that is not used is not paid; the state may have changed a little by the time it runs.
        let gas_limit = tried.gas.saturating_add(tried.gas / 4);
        let price = client.gas_price(best).await?;
        let wei = tip.saturating_mul(client.wei_per_unit().into());
        let for_haste = wei.div_ceil(u128::from(gas_limit.max(1)));
        let transaction = TxEip1559 {
            chain_id: client.evm_chain_id(),
            nonce,
            gas_limit,
            // The price moves with how full blocks are, and the present one is taken whatever is offered.
            max_fee_per_gas: price.saturating_mul(2).saturating_add(for_haste),
            max_priority_fee_per_gas: for_haste,
            to: tried.request.to.map_or(TxKind::Create, |to| TxKind::Call(to.into())),
            value: U256::from(tried.request.value),
            access_list: Default::default(),
            input: tried.request.input.into(),
        };
        let unsigned = transaction.encoded_for_signing();
        let signature = self.signer.sign_ethereum(transaction.signature_hash(), &unsigned).await?;
        let mut payload = Vec::new();
        transaction.into_signed(signature).eip2718_encode(&mut payload);
        let call = dynamic("Revive", "eth_transact", (payload,));
        let bare = best
            .transactions()
            .create_unsigned(&call)
            .map_err(|error| client.error("encoding a transaction", error.into()))?;
        let prepared_at = client.finalised_block().await?.number;
        Ok(Prepared {
            tx_hash: from_h256(bare.hash()),
            bytes: Bytes::copy_from_slice(bare.encoded()),
            nonce,
            prepared_at,
            valid_until: u64::MAX,
            tip,
            account: Some(account.into()),
        })
    }
}

impl ChainClient {
    /// What an action needs as an Ethereum account's transaction, and what its fee is at most, in wei: the gas pays for
    /// what is held for storage, too, which is told apart here.
    pub(super) async fn ethereum_need(
        &self,
        at: &AtBlock,
        from: Address,
        action: &Action,
    ) -> Result<(Need, u128), ChainError> {
        let tried = self.try_ethereum(at, from, action).await?;
        let paid = self.gas_price(at).await?.saturating_mul(tried.gas.into());
        let held = tried.in_gas.saturating_mul(self.wei_per_unit().into());
        Ok((tried.need, paid.saturating_sub(held)))
    }

    async fn try_ethereum(&self, at: &AtBlock, from: Address, action: &Action) -> Result<Tried, ChainError> {
        let (request, besides) = self.request(at, from, action).await?;
        let outcome = self
            .ask("trying a transaction without sending it", async || {
                let call = runtime_api_call::<_, Result<EthOutcome, EthFailure>>(
                    "ReviveApi",
                    "eth_transact",
                    (request.clone(),),
                );
                at.runtime_apis().call(call).await
            })
            .await?;
        let outcome = outcome.map_err(|failure| match failure {
            EthFailure::Data(data) => {
                let contract = request.to.map(Address::from).unwrap_or_default();
                ChainError::Refused { contract, error: ContractError::decode(&data) }
            }
            EthFailure::Message(reason) => ChainError::Dispatch { reason },
        })?;
        let gas = amount(U256::from_limbs(outcome.eth_gas))?;
        let gas = u64::try_from(gas).map_err(|_| ChainError::AmountTooLarge(U256::from(gas)))?;
        let in_gas = outcome.max_storage_deposit;
        let need = Need { weight: outcome.weight_required, deposit: in_gas.saturating_add(besides) };
        Ok(Tried { request, need, in_gas, gas })
    }

    /// The transaction that does it, and what it has held besides its gas. Whatever is no call of a contract is a
    /// pallet's.
    async fn request(&self, at: &AtBlock, from: Address, action: &Action) -> Result<(EthRequest, u128), ChainError> {
        let (to, value, input, besides) = match action {
            Action::Call { contract, calldata, value } => {
                self.is_message_of_a_contract(at, *contract, *value, calldata).await?;
                (Some(*contract), *value, calldata.clone(), 0)
            }
            Action::Instantiate { blob, constructor } => (None, 0, [&blob[..], constructor].concat(), 0),
            Action::Upload { .. } | Action::Transfer { .. } | Action::Mint { .. } | Action::MapAccount => {
                let need = action.need(self, at, fallback_account(from)).await?;
                let call = at.transactions().call_data(&action.payload(self, need)?);
                (Some(PALLETS), 0, call.map_err(|error| self.error("encoding a call", error.into()))?, need.deposit)
            }
        };
        let to = to.map(|to| to.0.0);
        Ok((EthRequest { chain_id: self.evm_chain_id(), from: from.0.0, to, value, input }, besides))
    }

    /// What a unit of gas costs now, in wei.
    async fn gas_price(&self, at: &AtBlock) -> Result<u128, ChainError> {
        let limbs = self
            .ask("asking for the price of gas", async || {
                at.runtime_apis().call(runtime_api_call::<_, [u64; 4]>("ReviveApi", "gas_price", ())).await
            })
            .await?;
        amount(U256::from_limbs(limbs))
    }
}
