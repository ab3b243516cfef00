//! The node: JSON-RPC over WebSocket and HTTP at one port of this machine, with subscriptions to heads.

use std::{path::PathBuf, sync::Arc, time::Duration};

use clap::Args;
use jsonrpsee::{
    PendingSubscriptionSink, RpcModule, SubscriptionMessage,
    server::{RegisterMethodError, Server, ServerHandle},
    types::{ErrorObjectOwned, Params},
};
use serde_json::{Value, json};
use tokio::sync::watch;
use yieldset_service::files::{self, Access};

use crate::{
    answers::{METHODS, View},
    error::ReplayError,
    recording::Recording,
};

/// More connections than any mirror opens.
const CONNECTIONS: u32 = 4_096;
/// Bytes of the longest answer: a block with ten thousand events, in hexadecimal.
const ANSWER: u32 = 64 << 20;
/// Subscriptions to heads: how to ask for them, what each head is told as, and how to end them. All blocks are final.
const HEADS: [[&str; 3]; 3] = [
    ["chain_subscribeAllHeads", "chain_allHead", "chain_unsubscribeAllHeads"],
    ["chain_subscribeNewHeads", "chain_newHead", "chain_unsubscribeNewHeads"],
    ["chain_subscribeFinalizedHeads", "chain_finalizedHead", "chain_unsubscribeFinalizedHeads"],
];
const RUNTIME: [&str; 3] = ["state_subscribeRuntimeVersion", "state_runtimeVersion", "state_unsubscribeRuntimeVersion"];
/// Asks a development node for a block.
const SEAL: &str = "engine_createBlock";
/// Asks which methods there are.
const NAMES: &str = "rpc_methods";
/// Other names that nodes have for these.
const ALIASES: [[&str; 2]; 8] = [
    ["chain_subscribeNewHead", "chain_subscribeNewHeads"],
    ["chain_unsubscribeNewHead", "chain_unsubscribeNewHeads"],
    ["subscribe_newHead", "chain_subscribeNewHeads"],
    ["unsubscribe_newHead", "chain_unsubscribeNewHeads"],
    ["chain_subscribeFinalisedHeads", "chain_subscribeFinalizedHeads"],
    ["chain_unsubscribeFinalisedHeads", "chain_unsubscribeFinalizedHeads"],
    ["chain_subscribeRuntimeVersion", "state_subscribeRuntimeVersion"],
    ["chain_unsubscribeRuntimeVersion", "state_unsubscribeRuntimeVersion"],
];

/// What to serve.
#[derive(Debug, Clone, Args)]
pub struct ServeArgs {
    /// The recording.
    #[arg(value_name = "FILE")]
    recording: PathBuf,
    /// Port of the JSON-RPC server on 127.0.0.1; 0 picks a free one, printed on the `ready` line.
    #[arg(long, default_value_t = 9944)]
    rpc_port: u16,
    /// The height of the head at first; else the last block's.
    #[arg(long, value_name = "BLOCK")]
    head: Option<u32>,
    /// Go on by a block each so many milliseconds, up to the last one.
    #[arg(long, value_name = "MILLISECONDS", requires = "head", value_parser = clap::value_parser!(u64).range(1..))]
    every: Option<u64>,
    /// Write the WebSocket URL to this file once RPC answers.
    #[arg(long, value_name = "FILE")]
    ready_file: Option<PathBuf>,
}

/// A recording and how far it is shown.
struct Shared {
    recording: Recording,
    head: watch::Sender<u32>,
}

impl Shared {
    fn view(&self) -> View<'_> {
        View { recording: &self.recording, head: *self.head.borrow() }
    }

    fn advance(&self) -> bool {
        let last = self.recording.len().saturating_sub(1);
        self.head.send_if_modified(|head| {
            let next = head.saturating_add(1).min(last);
            std::mem::replace(head, next) < next
        })
    }
}

/// A node that answers until it is dropped.
pub struct Node {
    url: String,
    shared: Arc<Shared>,
    server: ServerHandle,
}

impl Node {
    /// Answers at a port of this machine; the head is a block's, or the last one's.
    ///
    /// # Errors
    /// [`ReplayError::Serve`].
    pub async fn start(recording: Recording, port: u16, head: Option<u32>) -> Result<Self, ReplayError> {
        let last = recording.len().saturating_sub(1);
        let shared = Arc::new(Shared { recording, head: watch::Sender::new(head.map_or(last, |head| head.min(last))) });
        let server = Server::builder().max_connections(CONNECTIONS).max_response_body_size(ANSWER);
        let server = server.build(("127.0.0.1", port)).await.map_err(ReplayError::Serve)?;
        let address = server.local_addr().map_err(ReplayError::Serve)?;
        let methods = methods(shared.clone()).map_err(|error| ReplayError::Serve(std::io::Error::other(error)))?;
        Ok(Self { url: format!("ws://{address}"), shared, server: server.start(methods) })
    }

    /// Where it answers.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Goes on by a block; whether there was one.
    pub fn advance(&self) -> bool {
        self.shared.advance()
    }

    /// Ends once nothing is answered any more.
    pub async fn stop(self) {
        // It may have ended already.
        let _ = self.server.stop();
        self.server.stopped().await;
    }
}

/// Serves until `stop`.
///
/// # Errors
/// [`ReplayError`].
pub async fn serve(args: &ServeArgs, stop: impl Future<Output = ()>) -> Result<(), ReplayError> {
    let recording = Recording::open(&args.recording)?;
    if recording.is_empty() {
        let reason = "it has no block".to_owned();
        return Err(ReplayError::Recording { path: args.recording.clone(), reason });
    }
    let node = Node::start(recording, args.rpc_port, args.head).await?;
    if let Some(file) = &args.ready_file {
        files::write(file, node.url().as_bytes(), Access::Published)?;
    }
    println!("ready {}", node.url());
    tokio::select! {
        () = stop => {}
        () = go_on(&node, args.every.map(Duration::from_millis)) => {}
    }
    node.stop().await;
    Ok(())
}

/// Goes on block by block, then stays.
async fn go_on(node: &Node, every: Option<Duration>) {
    if let Some(every) = every {
        let mut ticks = tokio::time::interval(every);
        loop {
            ticks.tick().await;
            if !node.advance() {
                break;
            }
        }
    }
    std::future::pending().await
}

fn methods(shared: Arc<Shared>) -> Result<RpcModule<Arc<Shared>>, RegisterMethodError> {
    let mut module = RpcModule::new(shared);
    for &method in METHODS {
        module
            .register_method(method, move |parameters, shared, _| shared.view().answer(method, &list(&parameters)?))?;
    }
    // As on a development node a block is sealed, here the next one is shown.
    module.register_method(SEAL, |_, shared, _| {
        let shown = shared.advance();
        let hash = shared.view().answer("chain_getHead", &[])?;
        Ok::<_, ErrorObjectOwned>(json!({"hash": hash, "aux": {"is_new_best": shown}}))
    })?;
    for [subscribe, notify, unsubscribe] in HEADS {
        module.register_subscription(subscribe, notify, unsubscribe, |_, pending, shared, _| heads(pending, shared))?;
    }
    let [subscribe, notify, unsubscribe] = RUNTIME;
    module.register_subscription(subscribe, notify, unsubscribe, |_, pending, shared, _| runtime(pending, shared))?;
    for [alias, existing] in ALIASES {
        module.register_alias(alias, existing)?;
    }
    // Clients leave alone what is not told here.
    let mut names: Vec<&str> = module.method_names().chain([NAMES]).collect();
    names.sort_unstable();
    let names = json!({"methods": names});
    module.register_method(NAMES, move |_, _, _| Ok::<_, ErrorObjectOwned>(names.clone()))?;
    Ok(module)
}

/// Parameters in their order; none where none are given.
fn list(parameters: &Params<'_>) -> Result<Vec<Value>, ErrorObjectOwned> {
    match parameters.as_str() {
        None => Ok(Vec::new()),
        Some(_) => parameters.parse(),
    }
}

/// Tells the head, then each new one; of several at once the last.
#[allow(clippy::redundant_allocation, reason = "the server hands its own pointer to ours")]
async fn heads(pending: PendingSubscriptionSink, shared: Arc<Arc<Shared>>) {
    let mut head = shared.head.subscribe();
    let Ok(sink) = pending.accept().await else { return };
    loop {
        let number = *head.borrow_and_update();
        let Ok(header) = shared.view().header(number) else { return };
        let Ok(message) = SubscriptionMessage::from_json(&header) else { return };
        if sink.send(message).await.is_err() {
            return;
        }
        tokio::select! {
            () = sink.closed() => return,
            changed = head.changed() => if changed.is_err() { return },
        }
    }
}

/// Tells which runtime it is, which stays.
#[allow(clippy::redundant_allocation, reason = "the server hands its own pointer to ours")]
async fn runtime(pending: PendingSubscriptionSink, shared: Arc<Arc<Shared>>) {
    let Ok(sink) = pending.accept().await else { return };
    let Ok(version) = shared.view().answer("state_getRuntimeVersion", &[]) else { return };
    let Ok(message) = SubscriptionMessage::from_json(&version) else { return };
    if sink.send(message).await.is_ok() {
        sink.closed().await;
    }
}
