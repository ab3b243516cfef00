//! The node itself: client, transaction pool, RPC and one sealing task.

use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use codec::Decode;
use futures::channel::{mpsc, oneshot};
use futures::{FutureExt, Stream, StreamExt};
use jsonrpsee::RpcModule;
use sc_client_api::{StorageKey, StorageProvider};
use sc_consensus_manual_seal as seal;
use sc_consensus_manual_seal::rpc::{ManualSeal, ManualSealApiServer};
use sc_executor::{DEFAULT_HEAP_ALLOC_STRATEGY, WasmExecutor};
use sc_network::{NetworkBackend, NetworkWorker, config::FullNetworkConfiguration};
use sc_service::config::ExecutorConfiguration;
use sc_service::{Configuration, Error, RpcHandlers, SpawnTasksParams, TFullBackend, TFullClient, TaskManager};
use sc_transaction_pool::TransactionPoolHandle;
use sc_transaction_pool_api::TransactionPool;
use substrate_frame_rpc_system::{System, SystemApiServer};
use yieldset_service::files::{self, Access};

use crate::api::{AccountId, Block, Hash, Nonce, RuntimeApi};
use crate::clock::Clock;

type Client = TFullClient<Block, RuntimeApi, WasmExecutor>;
type Backend = TFullBackend<Block>;
type Pool = TransactionPoolHandle<Block, Client>;
type Network = NetworkWorker<Block, Hash>;
type Command = seal::EngineCommand<Hash>;

/// Commands from RPC waiting for the sealing task.
const COMMANDS: usize = 1_024;

/// A running node; dropping the task manager ends it.
pub struct Node {
    /// All background tasks.
    pub task_manager: TaskManager,
    /// RPC without a socket, and the addresses of the server with one.
    pub rpc: RpcHandlers,
}

/// What runs the runtime: compiled when a node first starts on a machine, which takes as long as all else together, and
/// kept for the next start in the product's cache.
fn executor(config: &ExecutorConfiguration) -> WasmExecutor {
    let builder = WasmExecutor::builder()
        .with_execution_method(config.wasm_method)
        .with_onchain_heap_alloc_strategy(DEFAULT_HEAP_ALLOC_STRATEGY)
        .with_offchain_heap_alloc_strategy(DEFAULT_HEAP_ALLOC_STRATEGY)
        .with_max_runtime_instances(config.max_runtime_instances)
        .with_runtime_cache_size(config.runtime_cache_size);
    match cache() {
        Some(folder) => builder.with_cache_path(folder).build(),
        None => builder.build(),
    }
}

/// Where compiled runtimes are kept; nowhere where somebody else could put one, since a node runs what it finds.
fn cache() -> Option<PathBuf> {
    let folder = std::path::absolute(files::cache().join("devnet")).ok()?;
    files::make_folder(&folder, Access::Private).ok()?;
    let about = std::fs::symlink_metadata(&folder).ok()?;
    let own = std::fs::metadata("/proc/self").ok()?.uid() == about.uid();
    let others_wrote = about.mode() & 0o022 != 0;
    if !own || !about.is_dir() || others_wrote {
        return None;
    }
    // An earlier version let others read it.
    if about.mode() & 0o077 != 0 {
        std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o700)).ok()?;
    }
    Some(folder)
}

/// When blocks are sealed, and what they say.
pub struct Sealing {
    /// Sealed blocks wait for `engine_finalizeBlock`.
    pub finalize_by_rpc: bool,
    /// From one block to the next; else a transaction makes one.
    pub block_time: Option<Duration>,
    /// What the chain's clock shows now, in Unix seconds.
    pub start_at: Option<u64>,
}

/// Starts a node.
pub fn start(config: Configuration, sealing: Sealing) -> Result<Node, Error> {
    let executor = executor(&config.executor);
    let (client, backend, keystore, mut task_manager) =
        sc_service::new_full_parts::<Block, RuntimeApi, WasmExecutor>(&config, None, executor, Vec::new())?;
    let client = Arc::new(client);
    let pool = Arc::new(
        sc_transaction_pool::Builder::new(task_manager.spawn_essential_handle(), client.clone(), true.into())
            .with_options(config.transaction_pool.clone())
            .build(),
    );
    let import_queue = seal::import_queue(Box::new(client.clone()), &task_manager.spawn_essential_handle(), None);
    let (network, system_rpc_tx, tx_handler_controller, sync_service, _) =
        sc_service::build_network(sc_service::BuildNetworkParams {
            config: &config,
            net_config: FullNetworkConfiguration::<Block, Hash, Network>::new(&config.network, None),
            client: client.clone(),
            transaction_pool: pool.clone(),
            spawn_handle: task_manager.spawn_handle(),
            spawn_essential_handle: task_manager.spawn_essential_handle(),
            import_queue,
            block_announce_validator_builder: None,
            warp_sync_config: None,
            block_relay: None,
            metrics: <Network as NetworkBackend<Block, Hash>>::register_notification_metrics(None),
            gap_sync_body_policy: None,
        })?;

    let (commands_tx, commands_rx) = mpsc::channel(COMMANDS);
    let clock = Arc::new(match sealing.start_at {
        Some(start) => Clock::starting_at(start, sp_timestamp::Timestamp::current().as_millis()),
        None => Clock::default(),
    });
    let sealer = Sealer { client: &client, backend: &backend, pool: &pool, clock: &clock };
    sealer.spawn(&task_manager, commands_rx, &sealing);
    let rpc = sc_service::spawn_tasks(SpawnTasksParams {
        config,
        client: client.clone(),
        backend,
        task_manager: &mut task_manager,
        keystore: keystore.keystore(),
        transaction_pool: pool.clone(),
        rpc_builder: Box::new(move |_| rpc_methods(&client, &pool, &commands_tx, &clock)),
        network,
        system_rpc_tx,
        tx_handler_controller,
        sync_service,
        telemetry: None,
        tracing_execute_block: None,
    })?;
    Ok(Node { task_manager, rpc })
}

/// The methods beside those that every node has: account nonces, the engine's, and the clock's under the name it has in
/// other development nodes.
fn rpc_methods(
    client: &Arc<Client>,
    pool: &Arc<Pool>,
    commands: &mpsc::Sender<Command>,
    clock: &Arc<Clock>,
) -> Result<RpcModule<()>, Error> {
    let mut module = RpcModule::new(());
    let mut time = RpcModule::new(clock.clone());
    let named = time.register_method("evm_increaseTime", |parameters, clock, _| {
        parameters.one::<u32>().map(|seconds| clock.advance(seconds))
    });
    let named = named.map(|_| ());
    let merged = module
        .merge(SystemApiServer::<Hash, AccountId, Nonce>::into_rpc(System::<_, _, Block>::new(
            client.clone(),
            pool.clone(),
        )))
        .and_then(|()| module.merge(ManualSeal::new(commands.clone()).into_rpc()))
        .and(named)
        .and_then(|()| module.merge(time));
    merged.map_err(|error| Error::Other(format!("two RPC methods share a name: {error}")))?;
    Ok(module)
}

/// What blocks are made of.
struct Sealer<'a> {
    client: &'a Arc<Client>,
    backend: &'a Arc<Backend>,
    pool: &'a Arc<Pool>,
    clock: &'a Arc<Clock>,
}

impl Sealer<'_> {
    /// One task seals for both sources, so that a block ordered by RPC never races with one that comes by itself.
    fn spawn(&self, task_manager: &TaskManager, by_rpc: mpsc::Receiver<Command>, sealing: &Sealing) {
        let Self { client, backend, pool, clock } = *self;
        let env = sc_basic_authorship::ProposerFactory::new(
            task_manager.spawn_handle(),
            client.clone(),
            pool.clone(),
            None,
            None,
        );
        let (clock, state, finalize) = (clock.clone(), client.clone(), !sealing.finalize_by_rpc);
        let by_itself = match sealing.block_time {
            Some(every) => by_time(every, task_manager, finalize).left_stream(),
            None => by_transaction(pool, task_manager, finalize).right_stream(),
        };
        let sealing = seal::run_manual_seal(seal::ManualSealParams {
            block_import: client.clone(),
            env,
            client: client.clone(),
            pool: pool.clone(),
            commands_stream: futures::stream::select(by_rpc, by_itself),
            select_chain: sc_consensus::LongestChain::new(backend.clone()),
            consensus_data_provider: None,
            create_inherent_data_providers: move |parent: Hash, ()| {
                let (clock, state) = (clock.clone(), state.clone());
                async move {
                    let now = sp_timestamp::Timestamp::current().as_millis();
                    let timestamp = clock.tick(now, timestamp_of(&state, parent)?);
                    Ok(sp_timestamp::InherentDataProvider::new(timestamp.into()))
                }
            },
        });
        task_manager.spawn_essential_handle().spawn_blocking("sealing", Some("sealing"), sealing);
    }
}

/// One order to seal for each transaction that became ready. Several may find their transaction in an earlier block.
fn by_transaction(
    pool: &Arc<Pool>,
    task_manager: &TaskManager,
    finalize: bool,
) -> impl Stream<Item = Command> + Unpin + use<> {
    let order = orders(task_manager, finalize);
    pool.import_notification_stream().map(move |_| order(false))
}

/// One order to seal each so long, whether or not something waits.
fn by_time(every: Duration, task_manager: &TaskManager, finalize: bool) -> impl Stream<Item = Command> + Unpin + use<> {
    let order = orders(task_manager, finalize);
    let ticks = futures::stream::unfold((), move |()| tokio::time::sleep(every).map(|()| Some(((), ()))));
    Box::pin(ticks.map(move |()| order(true)))
}

/// Makes orders to seal, whose failures are told; `true` for an empty block where nothing waits.
fn orders(task_manager: &TaskManager, finalize: bool) -> impl Fn(bool) -> Command + use<> {
    let spawner = task_manager.spawn_handle();
    move |create_empty| {
        let (sender, outcome) = oneshot::channel();
        spawner.spawn("seal-outcome", Some("sealing"), async move {
            match outcome.await {
                Ok(Ok(_)) | Ok(Err(seal::Error::EmptyTransactionPool)) | Err(_) => {}
                Ok(Err(error)) => eprintln!("yieldset-devnet: no block: {error}"),
            }
        });
        Command::SealNewBlock { create_empty, finalize, parent_hash: None, sender: Some(sender) }
    }
}

/// Timestamp of a block in milliseconds, read from its state; 0 at genesis.
fn timestamp_of(client: &Client, block: Hash) -> Result<u64, Box<dyn std::error::Error + Send + Sync>> {
    let key = [sp_crypto_hashing::twox_128(b"Timestamp"), sp_crypto_hashing::twox_128(b"Now")].concat();
    let Some(stored) = client.storage(block, &StorageKey(key))? else {
        return Ok(0);
    };
    Ok(u64::decode(&mut stored.0.as_slice())?)
}
