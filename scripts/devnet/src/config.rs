//! The node's configuration: loopback RPC, no peers, no telemetry, no metrics port, all state in one folder.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use sc_network::config::{NetworkBackendType, NetworkConfiguration, NodeKeyConfig, TransportConfig};
use sc_service::config::{ExecutorConfiguration, KeystoreConfig, RpcBatchRequestConfig, RpcConfiguration, RpcEndpoint};
use sc_service::{
    BasePath, BlocksPruning, Configuration, DatabaseSource, PruningMode, Role, RpcMethods, TracingReceiver,
    TransactionPoolOptions,
};
use sc_transaction_pool::TransactionPoolType;

use crate::RunArgs;
use crate::error::DevnetError;
use crate::spec;

const NAME: &str = "yieldset-devnet";
/// Transactions waiting at once, and their bytes: room for a load test.
const POOL_TRANSACTIONS: usize = 16_384;
const POOL_BYTES: usize = 64 << 20;
const RPC_CONNECTIONS: u32 = 256;
const RPC_SUBSCRIPTIONS: u32 = 1_024;
/// Messages buffered per connection, enough for a client that lags behind a burst of blocks.
const RPC_BUFFER: u32 = 1_024;
/// Contract code travels in requests, metadata in answers; in MiB.
const RPC_PAYLOAD: u32 = 16;
const TRIE_CACHE_BYTES: usize = 64 << 20;

/// Where the chain's state lives, kept or removed with this value.
pub enum StateFolder {
    /// Given by the user: kept.
    Kept(PathBuf),
    /// Ours: removed when dropped.
    Temporary(tempfile::TempDir),
}

impl StateFolder {
    /// Opens (and makes) the folder, or a temporary one.
    pub fn open(kept: Option<&Path>) -> Result<Self, DevnetError> {
        let Some(path) = kept else {
            let folder = tempfile::Builder::new().prefix("yieldset-devnet-").tempdir();
            return folder
                .map(Self::Temporary)
                .map_err(|source| DevnetError::File { path: std::env::temp_dir(), source });
        };
        std::fs::create_dir_all(path).map_err(|source| DevnetError::File { path: path.to_owned(), source })?;
        Ok(Self::Kept(path.to_owned()))
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        match self {
            Self::Kept(path) => path,
            Self::Temporary(folder) => folder.path(),
        }
    }
}

/// The configuration of a node with its state in `folder`.
pub fn configuration(
    args: &RunArgs,
    folder: &Path,
    tokio_handle: tokio::runtime::Handle,
) -> Result<Configuration, DevnetError> {
    Ok(Configuration {
        impl_name: NAME.into(),
        impl_version: env!("CARGO_PKG_VERSION").into(),
        role: Role::Authority,
        tokio_handle,
        // One state per pool suits a chain where the next block follows the transaction at once; a transaction thrown
        // out by a reorganisation may come back without a ban.
        transaction_pool: TransactionPoolOptions::new_with_params(
            POOL_TRANSACTIONS,
            POOL_BYTES,
            None,
            TransactionPoolType::SingleState,
            true,
            true,
        ),
        network: network(),
        keystore: KeystoreConfig::InMemory,
        database: DatabaseSource::ParityDb { path: folder.join("db") },
        trie_cache_maximum_size: Some(TRIE_CACHE_BYTES),
        warm_up_trie_cache: None,
        // Every state stays readable unless asked otherwise: the indexer and Ethereum clients read at old blocks.
        state_pruning: Some(args.keep_states.map_or(PruningMode::ArchiveAll, PruningMode::blocks_pruning)),
        blocks_pruning: BlocksPruning::KeepAll,
        chain_spec: Box::new(spec::with_constants(args.constants.as_deref())?),
        executor: ExecutorConfiguration::default(),
        wasm_runtime_overrides: None,
        rpc: rpc(args.rpc_port),
        prometheus_config: None,
        telemetry_endpoints: None,
        offchain_worker: Default::default(),
        force_authoring: true,
        disable_grandpa: true,
        dev_key_seed: None,
        tracing_targets: None,
        tracing_receiver: TracingReceiver::Log,
        announce_block: false,
        data_path: folder.to_owned(),
        base_path: BasePath::new(folder),
    })
}

/// A network without sockets: in-memory transport, nothing to listen on, nobody to dial.
fn network() -> NetworkConfiguration {
    let mut network = NetworkConfiguration::new(NAME, NAME, NodeKeyConfig::default(), None);
    network.network_backend = NetworkBackendType::Libp2p;
    network.transport = TransportConfig::MemoryOnly;
    network.enable_dht_random_walk = false;
    network.default_peers_set.in_peers = 0;
    network.default_peers_set.out_peers = 0;
    network.default_peers_set_num_full = 0;
    network
}

fn rpc(port: u16) -> RpcConfiguration {
    // A web page the developer happens to visit must not be able to sign in to the node from elsewhere.
    let cors = Some(["http://localhost:*", "http://127.0.0.1:*"].map(String::from).to_vec());
    let endpoint = RpcEndpoint {
        listen_addr: SocketAddr::from((Ipv4Addr::LOCALHOST, port)),
        batch_config: RpcBatchRequestConfig::Unlimited,
        max_connections: RPC_CONNECTIONS,
        max_payload_in_mb: RPC_PAYLOAD,
        max_payload_out_mb: RPC_PAYLOAD,
        max_subscriptions_per_connection: RPC_SUBSCRIPTIONS,
        max_buffer_capacity_per_connection: RPC_BUFFER,
        rate_limit: None,
        rate_limit_trust_proxy_headers: false,
        rate_limit_whitelisted_ips: Vec::new(),
        cors: cors.clone(),
        rpc_methods: RpcMethods::Unsafe,
        is_optional: false,
        // A taken port is an error: a client would talk to the wrong chain.
        retry_random_port: false,
    };
    RpcConfiguration {
        addr: Some(vec![endpoint]),
        max_connections: RPC_CONNECTIONS,
        cors,
        methods: RpcMethods::Unsafe,
        max_request_size: RPC_PAYLOAD,
        max_response_size: RPC_PAYLOAD,
        id_provider: None,
        max_subs_per_conn: RPC_SUBSCRIPTIONS,
        port,
        message_buffer_capacity: RPC_BUFFER,
        batch_config: RpcBatchRequestConfig::Unlimited,
        rate_limit: None,
        rate_limit_whitelisted_ips: Vec::new(),
        rate_limit_trust_proxy_headers: false,
        request_logger_limit: 1_024,
    }
}
