//! Reading the chain: blocks, balances and contract calls that change nothing.

use std::{
    future::Future,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use alloy_primitives::{Address, B256, Bytes, U256, keccak256};
use alloy_sol_types::SolCall;
use subxt::{
    OnlineClient, SubstrateConfig,
    backend::LegacyBackend,
    client::OnlineClientAtBlock,
    config::{RpcConfigFor, substrate::H256},
    dynamic,
    rpcs::{client::RpcClient, methods::LegacyRpcMethods},
};

use crate::{
    endpoints::{Absent, Endpoints, MAY_BE_ELSEWHERE, is_of_dropped_state, public_url},
    error::{ChainError, ContractError},
    runtime::{CallOutcome, Weight, dispatch_error_name},
};

/// How long a single question may take, reconnections included, unless the caller says otherwise.
const PATIENCE: Duration = Duration::from_secs(30);

/// A native account (`AccountId32`): the public key of an sr25519 or ed25519 pair.
pub type AccountId = [u8; 32];

/// A client at one block.
pub(crate) type AtBlock = OnlineClientAtBlock<SubstrateConfig>;

/// A block's place in the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BlockRef {
    /// Its height.
    pub number: u64,
    /// Its hash.
    pub hash: B256,
    /// The hash of the block before it.
    pub parent: B256,
    /// The time it claims, in milliseconds of unix time; 0 for the genesis block.
    pub timestamp_ms: u64,
}

/// A connection to a node, or to one of several. Cheap to clone; reconnects by itself with growing pauses (up to 5 s)
/// for as long as it lives.
#[derive(Clone)]
pub struct ChainClient {
    url: Arc<str>,
    patience: Duration,
    online: OnlineClient<SubstrateConfig>,
    rpc: RpcClient,
    methods: LegacyRpcMethods<RpcConfigFor<SubstrateConfig>>,
    evm_chain_id: u64,
    wei_per_unit: u32,
    deposit_slack: u128,
    /// A client at some block, whose metadata most others share.
    reader: Arc<Mutex<Option<AtBlock>>>,
}

impl std::fmt::Debug for ChainClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ChainClient")
            .field("url", &self.url)
            .field("evm_chain_id", &self.evm_chain_id)
            .finish_non_exhaustive()
    }
}

impl ChainClient {
    /// Connects to the first of these nodes (`ws://…` or `wss://…`, with commas between) that answers, trying for up to
    /// 30 s. Where nothing listens, that is said at once: who types a command does not wait for a node that nobody
    /// starts. When the node answers no more, the next one of the same chain is asked.
    ///
    /// # Errors
    /// [`ChainError::NodeUnreachable`] when nothing answers in that time, or nothing listens there.
    pub async fn connect(nodes: &str) -> Result<Self, ChainError> {
        Self::over(nodes, PATIENCE, Absent::IsSaid).await
    }

    /// As [`connect`](Self::connect), with another patience: how long connecting, and later each single question, may
    /// take before [`ChainError::NodeUnreachable`]. A node that is not there yet is waited for, as services do.
    ///
    /// # Errors
    /// As [`connect`](Self::connect).
    pub async fn connect_within(nodes: &str, patience: Duration) -> Result<Self, ChainError> {
        Self::over(nodes, patience, Absent::IsAwaited).await
    }

    async fn over(nodes: &str, patience: Duration, absent: Absent) -> Result<Self, ChainError> {
        let unreachable = |reason: String| ChainError::NodeUnreachable { url: public_url(nodes), reason };
        let endpoints = Endpoints::connect(nodes, patience, absent).await.map_err(unreachable)?;
        let genesis = endpoints.genesis().to_owned();
        let rpc = RpcClient::new(endpoints);
        let attempt = async {
            // The legacy methods are stateless: a block of an abandoned branch can still be asked for, which the
            // indexer needs.
            let backend = Arc::new(LegacyBackend::builder().build(rpc.clone()));
            let online = OnlineClient::from_backend(backend).await.map_err(|error| unreachable(error.to_string()))?;
            // It says one thing to all who ask, or nothing of it is believed.
            let said = serde_json::to_string(&online.genesis_hash()).unwrap_or_default();
            if said != genesis {
                return Err(unreachable(format!("it says that block 0 is {genesis}, and then {said}")));
            }
            let at = online.at_current_block().await.map_err(|error| unreachable(error.to_string()))?;
            Ok::<_, ChainError>(Self {
                url: public_url(nodes).into(),
                patience,
                online,
                methods: LegacyRpcMethods::new(rpc.clone()),
                rpc: rpc.clone(),
                evm_chain_id: constant(&at, "ChainId")?,
                wei_per_unit: ratio(&at)?,
                deposit_slack: deposit_slack(&at)?,
                reader: Arc::default(),
            })
        };
        let attempted = tokio::time::timeout(patience, attempt).await;
        attempted.unwrap_or_else(|_| Err(unreachable(format!("no answer within {} s", patience.as_secs()))))
    }

    /// The node's address as it may be shown, or those of all with commas between: scheme, host and port.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The hash of block 0.
    pub fn genesis_hash(&self) -> B256 {
        from_h256(self.online.genesis_hash())
    }

    /// The EIP-155 chain id, which reports are bound to.
    pub fn evm_chain_id(&self) -> u64 {
        self.evm_chain_id
    }

    /// Wei in one native unit: 10^8 on Polkadot Hub, 10^6 on the devnet.
    pub fn wei_per_unit(&self) -> u32 {
        self.wei_per_unit
    }

    /// Native units in one coin, which is 10^18 wei.
    pub fn units_per_coin(&self) -> u128 {
        10u128.pow(18) / u128::from(self.wei_per_unit.max(1))
    }

    /// Wei as native units.
    ///
    /// # Errors
    /// [`ChainError::ValueNotRepresentable`].
    pub fn to_units(&self, wei: u128) -> Result<u128, ChainError> {
        let ratio = u128::from(self.wei_per_unit);
        match wei % ratio {
            0 => Ok(wei / ratio),
            _ => Err(ChainError::ValueNotRepresentable { wei, ratio: self.wei_per_unit }),
        }
    }

    /// Most that a call may have held for storage, by what its trial needed, in native units: the state may have
    /// changed a little by the time it runs. A limit, not a price: only what the storage really needs is held.
    pub(crate) fn deposit_limit(&self, units: u128) -> u128 {
        units.saturating_add(units / 4).saturating_add(self.deposit_slack)
    }

    /// The head of the best chain.
    pub async fn best_block(&self) -> Result<BlockRef, ChainError> {
        let hash = self.best_hash().await?;
        self.block(hash).await
    }

    /// The last finalised block.
    pub async fn finalised_block(&self) -> Result<BlockRef, ChainError> {
        let hash = self.finalised_hash().await?;
        self.block(hash).await
    }

    /// The block with this hash, on whatever branch.
    ///
    /// # Errors
    /// [`ChainError::NoSuchBlock`] when the node does not have it.
    pub async fn block(&self, hash: B256) -> Result<BlockRef, ChainError> {
        let header = self
            .ask("reading a block's header", || self.methods.chain_get_header(Some(to_h256(hash))))
            .await?
            .ok_or_else(|| ChainError::NoSuchBlock(hash.to_string()))?;
        let at = self.at_known(hash, header.number).await?;
        let during = "reading a block's time";
        let now = self
            .ask(during, async || {
                let now = at.storage().try_fetch(dynamic::storage::<(), u64>("Timestamp", "Now"), ()).await?;
                now.map(|value| value.decode()).transpose().map_err(subxt::Error::from)
            })
            .await?;
        let timestamp_ms = self.of_block(during, header.number, now)?;
        Ok(BlockRef { number: header.number, hash, parent: from_h256(header.parent_hash), timestamp_ms })
    }

    /// The hash at this height of the best chain, or `None` above its head.
    pub async fn block_hash_at(&self, number: u64) -> Result<Option<B256>, ChainError> {
        let hash =
            self.ask("reading a block's hash", || self.methods.chain_get_block_hash(Some(number.into()))).await?;
        Ok(hash.map(from_h256))
    }

    /// Calls a contract's message at the head of the best chain without sending anything.
    ///
    /// # Errors
    /// [`ChainError::Refused`] with the contract's error, [`ChainError::NoContract`], [`ChainError::Decode`].
    pub async fn read<C: SolCall>(&self, contract: Address, call: &C) -> Result<C::Return, ChainError> {
        self.read_at(self.best_hash().await?, contract, call).await
    }

    /// As [`read`](Self::read), in the state after the block `at`.
    pub async fn read_at<C: SolCall>(&self, at: B256, contract: Address, call: &C) -> Result<C::Return, ChainError> {
        self.read_as_at(at, Address::ZERO, contract, call).await
    }

    /// As [`read_at`](Self::read_at), with `caller` as the message's caller: what would this account be answered?
    pub async fn read_as_at<C: SolCall>(
        &self,
        at: B256,
        caller: Address,
        contract: Address,
        call: &C,
    ) -> Result<C::Return, ChainError> {
        let answer = self.answer_at(at, caller, contract, call.abi_encode()).await?;
        C::abi_decode_returns_validate(&answer).map_err(|error| match answer.is_empty() {
            true => ChainError::NoContract(contract),
            false => ChainError::Decode { what: "a contract's answer", reason: format!("{}: {error}", C::SIGNATURE) },
        })
    }

    /// Calls a contract in the state after the block `at` without sending anything; its answer as it came, which is
    /// nothing where there is no contract.
    ///
    /// # Errors
    /// [`ChainError::Refused`] with the contract's error, [`ChainError::Dispatch`].
    pub async fn call_at(&self, at: B256, contract: Address, calldata: Bytes) -> Result<Bytes, ChainError> {
        self.answer_at(at, Address::ZERO, contract, calldata.into()).await
    }

    async fn answer_at(
        &self,
        at: B256,
        caller: Address,
        contract: Address,
        calldata: Vec<u8>,
    ) -> Result<Bytes, ChainError> {
        let at = self.at(at).await?;
        // Nothing is charged for a dry run, so the stateless account behind the caller's address will do.
        Ok(self.dry_run(&at, fallback_account(caller), contract, 0, calldata).await?.data)
    }

    /// Runs a call as `caller` in the state after the block `at`, without sending it, whatever it would answer.
    ///
    /// # Errors
    /// [`ChainError::Refused`] with the contract's error, [`ChainError::Dispatch`].
    pub async fn try_as_at(
        &self,
        at: B256,
        caller: Address,
        contract: Address,
        calldata: Vec<u8>,
    ) -> Result<(), ChainError> {
        let at = self.at(at).await?;
        // Who would pay for what the call stores: the account behind the address.
        let account = self.account_at(&at, caller).await?;
        self.dry_run(&at, account, contract, 0, calldata).await.map(|_| ())
    }

    /// The spendable native balance of an address in wei.
    pub async fn native_balance(&self, address: Address) -> Result<u128, ChainError> {
        self.native_balance_at(self.best_hash().await?, address).await
    }

    /// As [`native_balance`](Self::native_balance), in the state after the block `at`.
    pub async fn native_balance_at(&self, at: B256, address: Address) -> Result<u128, ChainError> {
        let at = self.at(at).await?;
        let limbs = self
            .ask("reading a balance", async || {
                let call = dynamic::runtime_api_call::<_, [u64; 4]>("ReviveApi", "balance", (address.0.0,));
                at.runtime_apis().call(call).await
            })
            .await?;
        crate::error::amount(U256::from_limbs(limbs))
    }

    /// The native account that the chain takes for an address's (registered for it, or the stateless one).
    pub(crate) async fn account_at(&self, at: &AtBlock, address: Address) -> Result<AccountId, ChainError> {
        self.ask("reading an address's account", async || {
            let call = dynamic::runtime_api_call::<_, [u8; 32]>("ReviveApi", "account_id", (address.0.0,));
            at.runtime_apis().call(call).await
        })
        .await
    }

    /// How many transactions an account has sent, in the state after the block `at`.
    pub(crate) async fn nonce_at(&self, at: B256, account: &AccountId) -> Result<u64, ChainError> {
        let at = self.at(at).await?;
        self.ask("reading a nonce", async || {
            let call = dynamic::runtime_api_call::<_, u64>("AccountNonceApi", "account_nonce", (*account,));
            at.runtime_apis().call(call).await
        })
        .await
    }

    pub(crate) fn rpc(&self) -> &RpcClient {
        &self.rpc
    }

    pub(crate) fn methods(&self) -> &LegacyRpcMethods<RpcConfigFor<SubstrateConfig>> {
        &self.methods
    }

    pub(crate) fn online(&self) -> &OnlineClient<SubstrateConfig> {
        &self.online
    }

    pub(crate) async fn best_hash(&self) -> Result<B256, ChainError> {
        let hash = self.ask("reading the best block", || self.methods.chain_get_block_hash(None)).await?;
        hash.map(from_h256).ok_or_else(|| ChainError::NoSuchBlock("at the head of the best chain".into()))
    }

    pub(crate) async fn finalised_hash(&self) -> Result<B256, ChainError> {
        self.ask("reading the finalised block", || self.methods.chain_get_finalized_head()).await.map(from_h256)
    }

    pub(crate) async fn at(&self, hash: B256) -> Result<AtBlock, ChainError> {
        let header = self
            .ask("reading a block's header", || self.methods.chain_get_header(Some(to_h256(hash))))
            .await?
            .ok_or_else(|| ChainError::NoSuchBlock(hash.to_string()))?;
        self.at_known(hash, header.number).await
    }

    pub(crate) fn kept_reader(&self) -> MutexGuard<'_, Option<AtBlock>> {
        self.reader.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) async fn at_known(&self, hash: B256, number: u64) -> Result<AtBlock, ChainError> {
        self.ask("opening a block", || self.online.at_block_hash_and_number(to_h256(hash), number)).await
    }

    /// Runs a call without sending it. `units` is the value in native units. A message with money for an address
    /// without a contract is refused: the chain would take it for a payment, and keep the money there.
    pub(crate) async fn dry_run(
        &self,
        at: &AtBlock,
        origin: AccountId,
        contract: Address,
        units: u128,
        data: Vec<u8>,
    ) -> Result<DryRun, ChainError> {
        self.is_message_of_a_contract(at, contract, units, &data).await?;
        let (no_weight_limit, no_deposit_limit) = (None::<Weight>, None::<u128>);
        let arguments = (origin, contract.0.0, units, no_weight_limit, no_deposit_limit, data);
        let outcome = self
            .ask("running a call without sending it", async || {
                at.runtime_apis()
                    .call(dynamic::runtime_api_call::<_, CallOutcome>("ReviveApi", "call", &arguments))
                    .await
            })
            .await?;
        let returned = outcome
            .result
            .map_err(|error| ChainError::Dispatch { reason: dispatch_error_name(&error, at.metadata_ref()) })?;
        if returned.reverted() {
            return Err(ChainError::Refused { contract, error: ContractError::decode(&returned.data) });
        }
        Ok(DryRun {
            weight: outcome.weight_required,
            deposit: outcome.max_storage_deposit.charge(),
            data: returned.data.into(),
        })
    }

    /// Refuses a message with money for an address without a contract.
    pub(crate) async fn is_message_of_a_contract(
        &self,
        at: &AtBlock,
        contract: Address,
        value: u128,
        data: &[u8],
    ) -> Result<(), ChainError> {
        match value > 0 && !data.is_empty() && self.code_hash_in(at, contract).await?.is_none() {
            true => Err(ChainError::NoContract(contract)),
            false => Ok(()),
        }
    }

    /// Asks the node, over a reconnection if one happens, and translates what goes wrong.
    pub(crate) async fn ask<T, E, F, Fut>(&self, during: &'static str, question: F) -> Result<T, ChainError>
    where
        E: Into<subxt::Error>,
        F: Fn() -> Fut,
        Fut: Future<Output = Result<T, E>>,
    {
        let mut is_elsewhere = false;
        let asking = async {
            loop {
                match question().await.map_err(Into::into) {
                    Err(error) if disconnected(&error) => {
                        is_elsewhere = words(&error).any(|text| text.contains(MAY_BE_ELSEWHERE));
                        tracing::warn!(url = %self.url, during, "connection to the node lost, reconnecting");
                    }
                    other => return other,
                }
            }
        };
        match tokio::time::timeout(self.patience, asking).await {
            Ok(answer) => answer.map_err(|error| self.error(during, error)),
            Err(_) => {
                let mut reason = format!("{during}: no answer within {} s", self.patience.as_secs());
                if is_elsewhere {
                    reason = format!("{reason}; {MAY_BE_ELSEWHERE}");
                }
                Err(ChainError::NodeUnreachable { url: self.url.to_string(), reason })
            }
        }
    }

    pub(crate) fn error(&self, during: &'static str, error: subxt::Error) -> ChainError {
        if disconnected(&error) {
            return ChainError::NodeUnreachable { url: self.url.to_string(), reason: error.to_string() };
        }
        let dropped = words(&error).find(|text| is_of_dropped_state(text));
        match dropped {
            Some(reason) => ChainError::StateGone { url: self.url.to_string(), block: "that block".into(), reason },
            None => ChainError::Node { during, source: Box::new(error) },
        }
    }

    /// What every block's state has but the first one's, which has not begun.
    pub(crate) fn of_block<T: Default>(
        &self,
        during: &'static str,
        number: u64,
        found: Option<T>,
    ) -> Result<T, ChainError> {
        match (found, number) {
            (Some(found), _) => Ok(found),
            (None, 0) => Ok(T::default()),
            (None, number) => Err(self.wrong(during, format!("nothing for block {number}"))),
        }
    }

    /// An answer that cannot be.
    pub(crate) fn wrong(&self, during: &'static str, reason: impl Into<String>) -> ChainError {
        ChainError::WrongAnswer { during, url: self.url.to_string(), reason: reason.into() }
    }
}

/// What a dry run found.
pub(crate) struct DryRun {
    pub weight: Weight,
    /// In native units.
    pub deposit: u128,
    pub data: Bytes,
}

/// Whether the connection broke or the node gave no answer, so that what was sent may have come in all the same.
pub(crate) fn unanswered(error: &subxt::Error) -> bool {
    disconnected(error) || words(error).any(|text| text.starts_with("RPC error: client error"))
}

/// Whether the connection broke, so that the same question can be asked again.
pub(crate) fn disconnected(error: &subxt::Error) -> bool {
    error.is_disconnected_will_reconnect()
        || matches!(error, subxt::Error::OtherRpcClientError(inner) if inner.is_disconnected_will_reconnect())
}

/// What an error says, and what caused it.
fn words(error: &subxt::Error) -> impl Iterator<Item = String> {
    let first: Option<&dyn std::error::Error> = Some(error);
    std::iter::successors(first, |error| error.source()).map(ToString::to_string)
}

/// Wei in a native unit: no money is counted by a chain that says zero.
fn ratio(at: &AtBlock) -> Result<u32, ChainError> {
    match constant(at, "NativeToEthRatio")? {
        0 => Err(ChainError::Decode { what: "the chain's contract settings", reason: "NativeToEthRatio is 0".into() }),
        ratio => Ok(ratio),
    }
}

/// Items and bytes of a contract's storage that a call may need more than its trial.
const SLACK_ITEMS: u128 = 4;
const SLACK_BYTES: u128 = 1_024;

/// What those cost on this chain: 0.018 DOT on Polkadot Hub.
fn deposit_slack(at: &AtBlock) -> Result<u128, ChainError> {
    // Versions of the pallet before this constant charge each item as much as any other.
    let item = constant::<u128>(at, "DepositPerChildTrieItem").or_else(|_| constant(at, "DepositPerItem"))?;
    let byte: u128 = constant(at, "DepositPerByte")?;
    Ok(item.saturating_mul(SLACK_ITEMS).saturating_add(byte.saturating_mul(SLACK_BYTES)))
}

pub(crate) fn constant<T: subxt::ext::scale_decode::DecodeAsType>(
    at: &AtBlock,
    name: &'static str,
) -> Result<T, ChainError> {
    at.constants().entry(dynamic::constant::<T>("Revive", name)).map_err(|error| ChainError::Decode {
        what: "the chain's contract settings",
        reason: format!("Revive.{name}: {error}"),
    })
}

/// The address of a native account, as pallet-revive maps it: an account made from an Ethereum address (twenty bytes,
/// then `0xEE` twelve times) is that address again; any other is the last twenty bytes of its Keccak-256.
pub fn address_of(account: &AccountId) -> Address {
    match account[20..] == [0xEE; 12] {
        true => Address::from_slice(&account[..20]),
        false => Address::from_slice(&keccak256(account)[12..]),
    }
}

pub(crate) fn fallback_account(address: Address) -> AccountId {
    let mut account = [0xEE; 32];
    account[..20].copy_from_slice(address.as_slice());
    account
}

pub(crate) fn from_h256(hash: H256) -> B256 {
    B256::from(hash.0)
}

pub(crate) fn to_h256(hash: B256) -> H256 {
    H256(hash.0)
}

#[cfg(test)]
mod tests {
    use alloy_primitives::{address, hex};

    use super::*;

    #[tokio::test]
    async fn an_absent_node_is_named() {
        let error = ChainClient::connect("ws://127.0.0.1:1").await;
        let Err(ChainError::NodeUnreachable { url, reason }) = error else { panic!("{error:?}") };
        assert_eq!((url.as_str(), reason.as_str()), ("ws://127.0.0.1:1", "nothing listens there"));
    }

    /// The known value is //Alice's, as pallet-revive's own tooling prints it.
    #[test]
    fn a_native_account_maps_to_the_hash_of_its_key() {
        let alice = hex!("d43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d");
        assert_eq!(address_of(&alice), address!("9621dde636de098b43efb0fa9b61facfe328f99d"));
    }

    #[test]
    fn an_ethereum_account_maps_back_to_its_address() {
        let alith = address!("f24ff3a9cf04c71dbc94d0b566f7a27b94566cac");
        assert_eq!(address_of(&fallback_account(alith)), alith);
    }
}
