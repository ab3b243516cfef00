//! What a chain and its node are: versions, prices, what they can do.

use alloy_primitives::{Address, B256, keccak256};
use sha2::{Digest, Sha256};
use subxt::{Metadata, dynamic, ext::scale_decode, rpcs::rpc_params};

use crate::{
    client::{AccountId, AtBlock, ChainClient, constant},
    error::ChainError,
};

/// What our programs ask of the contracts' pallet.
const NEEDED: [&str; 9] =
    ["account_id", "balance", "call", "code", "eth_transact", "gas_price", "instantiate", "nonce", "upload_code"];

/// Shapes of the contracts' pallet with which this program was tested, and of which versions they are. After a change
/// `contracts::constants` says what the shape is.
const TESTED: [(&str, &str); 2] = [("d2c2be0cc808e0a1", "0.20.2"), ("3f620667252354ae", "0.18.0")];

/// What a chain says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct About {
    /// The runtime's name, such as `statemint`.
    pub runtime: String,
    /// Its version.
    pub version: u32,
    /// What of its contracts' pallet is known.
    pub revive: Revive,
    /// The node's program and its version.
    pub node: String,
    /// Least balance of an account that exists, in wei.
    pub existential_deposit: u128,
    /// Deposit for an item of a contract's storage, and for a byte, in wei.
    pub deposits: (u128, u128),
    /// Blocks whose state the node still has: from this one on. Public nodes have some two hundred.
    pub state_since: u64,
    /// How far finality is behind the head.
    pub unfinalised: u64,
}

/// What a chain's metadata tells of pallet-revive: a version is not in it, so it is known by its shape.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revive {
    /// Digest of the names of its calls with their arguments, its constants, and what its runtime API is asked.
    pub shape: String,
    /// How many calls it has.
    pub calls: usize,
    /// How many questions.
    pub questions: usize,
}

impl Revive {
    /// The versions that have this shape, where it is one that was tested.
    pub fn version(&self) -> Option<&'static str> {
        TESTED.iter().find(|(shape, _)| *shape == self.shape).map(|(_, version)| *version)
    }

    /// The versions that were tested.
    pub fn tested() -> String {
        TESTED.iter().map(|(_, version)| *version).collect::<Vec<_>>().join(", ")
    }

    /// By a runtime's metadata in SCALE, of version 15 or later: questions are not in earlier ones.
    ///
    /// # Errors
    /// [`ChainError::Decode`].
    pub fn of_scale(metadata: &[u8]) -> Result<Self, ChainError> {
        match Metadata::decode_from(metadata) {
            Ok(metadata) => Ok(Self::of(&metadata)),
            Err(error) => Err(ChainError::Decode { what: "a runtime's metadata", reason: error.to_string() }),
        }
    }

    fn of(metadata: &Metadata) -> Self {
        let pallet = metadata.pallet_by_name("Revive");
        let calls = pallet.as_ref().and_then(|pallet| pallet.call_variants()).unwrap_or_default();
        let constants = pallet.as_ref().map(|pallet| pallet.constants().map(|constant| constant.name().to_owned()));
        let api = metadata.runtime_api_trait_by_name("ReviveApi");
        let questions: Vec<_> =
            api.iter().flat_map(|api| api.methods().map(|method| method.name().to_owned())).collect();
        let of_call = |(name, arguments): (&String, Vec<String>)| format!("{name}({})", arguments.join(","));
        let arguments = calls.iter().map(|call| {
            let names = call.fields.iter().map(|field| field.name.clone().unwrap_or_default());
            (&call.name, names.collect())
        });
        let mut lines: Vec<_> = arguments.map(of_call).collect();
        lines.extend(constants.into_iter().flatten());
        lines.extend(questions.iter().map(|name| format!("?{name}")));
        lines.sort_unstable();
        let digest = Sha256::digest(lines.join("\n"));
        Self { shape: hex::encode(&digest[..8]), calls: calls.len(), questions: questions.len() }
    }
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct Version {
    spec_name: String,
    spec_version: u32,
}

impl ChainClient {
    /// What the chain and its node say of themselves.
    ///
    /// # Errors
    /// [`ChainError`].
    pub async fn about(&self) -> Result<About, ChainError> {
        let version: Version = self
            .ask("asking for the runtime's version", || self.rpc().request("state_getRuntimeVersion", rpc_params![]))
            .await?;
        let name: String = self.ask("asking the node", || self.rpc().request("system_name", rpc_params![])).await?;
        let number: String =
            self.ask("asking the node", || self.rpc().request("system_version", rpc_params![])).await?;
        let (best, finalised) = (self.best_block().await?, self.finalised_block().await?);
        let wei = |units: u128| units.saturating_mul(self.wei_per_unit().into());
        let at = self.at(best.hash).await?;
        Ok(About {
            runtime: version.spec_name,
            version: version.spec_version,
            revive: Revive::of(at.metadata_ref()),
            node: format!("{name} {number}"),
            existential_deposit: wei(self.pallet_constant(&at, "Balances", "ExistentialDeposit")?),
            deposits: (wei(self.deposit_per_item().await?), wei(constant(&at, "DepositPerByte")?)),
            state_since: self.state_since(best.number).await?,
            unfinalised: best.number.saturating_sub(finalised.number),
        })
    }

    /// The lowest block whose state the node has, found by halving.
    async fn state_since(&self, best: u64) -> Result<u64, ChainError> {
        let (mut low, mut high) = (0, best);
        while low < high {
            let middle = low + (high - low) / 2;
            match self.has_state(middle).await? {
                true => high = middle,
                false => low = middle + 1,
            }
        }
        Ok(low)
    }

    /// Whether the node has the state after a block of the best chain.
    ///
    /// # Errors
    /// [`ChainError::NoSuchBlock`] above its head; any other one that says nothing of states.
    pub async fn has_state(&self, number: u64) -> Result<bool, ChainError> {
        let absent = || ChainError::NoSuchBlock(format!("at height {number}"));
        let hash = self.block_hash_at(number).await?.ok_or_else(absent)?;
        // `:code` is in each state; its hash alone is asked for.
        let code = "0x3a636f6465";
        let asked = self.ask("asking for an old state", || {
            self.rpc().request::<Option<B256>>("state_getStorageHash", rpc_params![code, hash])
        });
        match asked.await {
            Ok(Some(_)) => Ok(true),
            Ok(None) => Err(self.wrong("asking for an old state", "a state without a runtime")),
            Err(ChainError::StateGone { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// What our programs need and the chain's runtime does not have.
    ///
    /// # Errors
    /// [`ChainError`].
    pub async fn missing(&self) -> Result<Vec<&'static str>, ChainError> {
        let at = self.at(self.best_hash().await?).await?;
        let api = at.metadata_ref().runtime_api_trait_by_name("ReviveApi");
        let has = |name: &str| api.as_ref().is_some_and(|api| api.method_by_name(name).is_some());
        Ok(NEEDED.into_iter().filter(|name| !has(name)).collect())
    }

    /// The hash of the code that a contract runs; none where there is no contract.
    ///
    /// # Errors
    /// [`ChainError`].
    pub async fn code_hash(&self, contract: Address) -> Result<Option<B256>, ChainError> {
        self.code_hash_at(self.best_hash().await?, contract).await
    }

    /// As [`code_hash`](Self::code_hash), in the state after the block `at`.
    ///
    /// # Errors
    /// [`ChainError`].
    pub async fn code_hash_at(&self, at: B256, contract: Address) -> Result<Option<B256>, ChainError> {
        self.code_hash_in(&self.at(at).await?, contract).await
    }

    pub(crate) async fn code_hash_in(&self, at: &AtBlock, contract: Address) -> Result<Option<B256>, ChainError> {
        let code = self
            .ask("reading a contract's code", async || {
                let call = dynamic::runtime_api_call::<_, Vec<u8>>("ReviveApi", "code", (contract.0.0,));
                at.runtime_apis().call(call).await
            })
            .await?;
        Ok((!code.is_empty()).then(|| keccak256(code)))
    }

    /// Whether the chain has a code of this hash, in the state of a block.
    pub(crate) async fn has_code(&self, at: &AtBlock, code: B256) -> Result<bool, ChainError> {
        self.ask("looking for a code", async || {
            let address = dynamic::storage::<([u8; 32],), dynamic::Value>("Revive", "CodeInfoOf");
            at.storage().try_fetch(address, (code.0,)).await.map(|found| found.is_some())
        })
        .await
    }

    /// Deposit for an item of a contract's storage, in native units.
    ///
    /// # Errors
    /// [`ChainError`].
    pub async fn deposit_per_item(&self) -> Result<u128, ChainError> {
        constant(&self.at(self.best_hash().await?).await?, "DepositPerItem")
    }

    /// What an account has, free and held for storage, in wei.
    ///
    /// # Errors
    /// [`ChainError`].
    pub async fn holdings(&self, account: &AccountId) -> Result<(u128, u128), ChainError> {
        let at = self.at(self.best_hash().await?).await?;
        let found = self
            .ask("reading an account", async || {
                let address = dynamic::storage::<([u8; 32],), Account>("System", "Account");
                let found = at.storage().try_fetch(address, (*account,)).await?;
                found.map(|value| value.decode()).transpose().map_err(subxt::Error::from)
            })
            .await?;
        let wei = |units: u128| units.saturating_mul(self.wei_per_unit().into());
        Ok(found.map_or((0, 0), |account: Account| (wei(account.data.free), wei(account.data.reserved))))
    }

    /// Has a development chain's clock go on by so many seconds, and a block show it. Whether the node can do that: no
    /// other can.
    ///
    /// # Errors
    /// [`ChainError`].
    pub async fn advance_clock(&self, seconds: u64) -> Result<bool, ChainError> {
        let methods: Methods = self.ask("asking the node", || self.rpc().request("rpc_methods", rpc_params![])).await?;
        if !methods.methods.iter().any(|name| name == "evm_increaseTime") {
            return Ok(false);
        }
        // Once, even where the connection breaks: asked again it would go on twice as far.
        let asked = self.rpc().request::<serde_json::Value>("evm_increaseTime", rpc_params![seconds]).await;
        asked.map_err(|error| self.error("advancing the clock", error.into()))?;
        let (empty, finalised) = (true, true);
        let made = self.rpc().request::<serde_json::Value>("engine_createBlock", rpc_params![empty, finalised]).await;
        made.map(|_| true).map_err(|error| self.error("making a block", error.into()))
    }

    /// What an account can spend and go on existing, in wei: by the account itself, whether or not the chain knows it
    /// behind its address.
    ///
    /// # Errors
    /// [`ChainError`].
    pub async fn spendable(&self, account: &AccountId) -> Result<u128, ChainError> {
        let at = self.at(self.best_hash().await?).await?;
        let least = self.pallet_constant(&at, "Balances", "ExistentialDeposit")?;
        let (free, _) = self.holdings(account).await?;
        Ok(free.saturating_sub(least.saturating_mul(self.wei_per_unit().into())))
    }

    fn pallet_constant(&self, at: &AtBlock, pallet: &'static str, name: &'static str) -> Result<u128, ChainError> {
        at.constants().entry(dynamic::constant::<u128>(pallet, name)).map_err(|error| ChainError::Decode {
            what: "the chain's settings",
            reason: format!("{pallet}.{name}: {error}"),
        })
    }
}

/// `rpc_methods`.
#[derive(Debug, serde::Deserialize)]
struct Methods {
    methods: Vec<String>,
}

/// `System.Account`.
#[derive(Debug, scale_decode::DecodeAsType)]
#[decode_as_type(crate_path = "scale_decode")]
struct Account {
    data: Balances,
}

#[derive(Debug, scale_decode::DecodeAsType)]
#[decode_as_type(crate_path = "scale_decode")]
struct Balances {
    free: u128,
    reserved: u128,
}
