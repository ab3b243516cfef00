//! Several nodes of one chain, of which one is asked: the next where that one answers no more, or has dropped the state
//! that it is asked about. Only where all of them have dropped it is that the answer.
//!
//! Below everything else that asks a node, questions and subscriptions alike: so no caller need know of it. What was
//! asked is asked again there, transactions too, which land once wherever they are sent.

use std::{
    collections::BTreeMap,
    future::Future,
    mem::replace,
    pin::pin,
    sync::atomic::{AtomicUsize, Ordering},
    time::{Duration, Instant},
};

use futures::future::{Either, select};
use subxt::rpcs::{
    Error,
    client::{RawRpcFuture, RawRpcSubscription, RawValue, ReconnectingRpcClient, RpcClientT},
};
use tokio::{net::TcpStream, sync::RwLock, time::timeout};
use url::Url;
use yieldset_service::retry::Pauses;

use crate::patient::until_answered;

/// Pauses between tries to connect again; the longest are 2.5 to 5 s.
const FIRST_PAUSE: Duration = Duration::from_millis(10);
const LONGEST_PAUSE: Duration = Duration::from_millis(2_500);
/// Asks for a block's hash.
const FIRST_BLOCK: &str = "chain_getBlockHash";
/// A node that answers has done so by then.
const SOON: Duration = Duration::from_millis(500);
/// Whether to wait for a node that is not there yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Absent {
    /// It is said at once: who types a command does not wait for a node that nobody starts.
    IsSaid,
    /// It is waited for, as services do.
    IsAwaited,
}

/// Said where some nodes have dropped a state and the others do not answer: one of those may have it.
pub(crate) const MAY_BE_ELSEWHERE: &str = "the nodes that answer have dropped the state that is asked for";

/// A connection to the node that is asked now.
#[derive(Clone)]
struct Current {
    /// Its number among the nodes.
    at: usize,
    socket: ReconnectingRpcClient,
}

/// Connections to nodes, of which one is asked.
struct Connections {
    current: Current,
    /// By their numbers those that were left only for a state that they have dropped: they go on telling what somebody
    /// subscribed to, and are soon asked again.
    kept: BTreeMap<usize, ReconnectingRpcClient>,
}

/// Why another node is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Left {
    /// It answers no more.
    Lost,
    /// It has dropped the state that it is asked about.
    Gone,
}

/// Nodes of one chain, which is told by the hash of its first block.
pub(crate) struct Endpoints {
    nodes: Vec<String>,
    patience: Duration,
    /// As the first node that was connected to says it.
    genesis: String,
    connections: RwLock<Connections>,
    /// Which node is tried next, so that one at which somebody lost patience is not tried for ever.
    next: AtomicUsize,
}

impl Endpoints {
    /// Connects to the first of the nodes, which commas part, that answers.
    ///
    /// # Errors
    /// Why none does, in words.
    pub(crate) async fn connect(nodes: &str, patience: Duration, absent: Absent) -> Result<Self, String> {
        let nodes: Vec<String> = each(nodes).map(ToOwned::to_owned).collect();
        if nodes.is_empty() {
            return Err("no node is named; write one like ws://127.0.0.1:9944".into());
        }
        // What it says instead may hold a password or a key.
        if let Some(at) = nodes.iter().position(|node| !node.starts_with("ws://") && !node.starts_with("wss://")) {
            let which = if nodes.len() == 1 { "it".to_owned() } else { format!("the address of node {}", at + 1) };
            return Err(format!("{which} is no WebSocket address; write one like ws://127.0.0.1:9944"));
        }
        let begun = Instant::now();
        loop {
            let mut reasons = Vec::new();
            for (at, node) in nodes.iter().enumerate() {
                // One alone that is awaited is tried until the end: the socket itself tries again.
                let left = patience.saturating_sub(begun.elapsed());
                let (within, say) = match nodes.len() {
                    1 => (left, absent == Absent::IsSaid),
                    _ => (left.min(part(patience, nodes.len())), true),
                };
                match answering(node, (within, patience), say).await {
                    Ok((socket, genesis)) => {
                        let current = Current { at, socket };
                        let connections = RwLock::new(Connections { current, kept: BTreeMap::new() });
                        let next = AtomicUsize::new(at + 1);
                        return Ok(Self { nodes, patience, genesis, connections, next });
                    }
                    Err(reason) if nodes.len() == 1 => reasons.push(without_secrets(&reason, node)),
                    Err(reason) => reasons.push(format!("{}: {}", public_url(node), without_secrets(&reason, node))),
                }
            }
            if absent == Absent::IsSaid || begun.elapsed() + LONGEST_PAUSE > patience {
                return Err(reasons.join("; "));
            }
            tokio::time::sleep(LONGEST_PAUSE).await;
        }
    }

    /// The hash of the chain's first block, as the node said it that was connected to first, in JSON.
    pub(crate) fn genesis(&self) -> &str {
        &self.genesis
    }

    /// Asks the node that is asked now, and where it answers no more or has dropped the state the next ones, once each.
    async fn asked<T, F>(&self, method: &str, ask: impl Fn(ReconnectingRpcClient) -> F) -> Result<T, Error>
    where
        F: Future<Output = Result<T, Error>>,
    {
        let many = self.nodes.len();
        let (mut tried, mut lost, mut gone) = (Vec::new(), None, None);
        let mut current = self.connections.read().await.current.clone();
        loop {
            let answer = until_answered(self.patience, method, || ask(current.socket.clone()));
            if many == 1 {
                return answer.await;
            }
            let answer = timeout(part(self.patience, many), unless_refused(&self.nodes[current.at], answer)).await;
            let (left, error) = match answer {
                Ok(Some(Err(error))) if is_lost(&error) => (Left::Lost, error),
                // Of a transaction that one node may have, what another one refuses says nothing.
                Ok(Some(Err(refusal))) if submits(method) => return Err(lost.unwrap_or(refusal)),
                Ok(Some(Err(error))) if is_of_dropped_state(&error.to_string()) => (Left::Gone, error),
                Ok(Some(answer)) => return answer,
                Ok(None) => (Left::Lost, Error::DisconnectedWillReconnect("nothing listens there any more".into())),
                Err(_) => (Left::Lost, Error::DisconnectedWillReconnect("no answer".into())),
            };
            match left {
                Left::Lost => lost.get_or_insert(error),
                Left::Gone => gone.get_or_insert(error),
            };
            tried.push(current.at);
            match self.next(&current, left, &tried).await {
                Some(next) => current = next,
                None => break,
            }
        }
        Err(match (gone, lost) {
            (Some(gone), None) if tried.len() == many => gone,
            (Some(_), _) => {
                // Who asks again does so at once, and some nodes answer at once.
                tokio::time::sleep(SOON).await;
                Error::DisconnectedWillReconnect(MAY_BE_ELSEWHERE.into())
            }
            (None, lost) => lost.unwrap_or_else(|| Error::DisconnectedWillReconnect("no node answers".into())),
        })
    }

    /// The node to ask where those that were `tried`, the last of them `from`, were left: the one that is asked now by
    /// others, or else the next of the same chain that answers, which all ask from then on. None where there is none.
    async fn next(&self, from: &Current, left: Left, tried: &[usize]) -> Option<Current> {
        let many = self.nodes.len();
        if tried.len() == many {
            return None;
        }
        let mut connections = self.connections.write().await;
        if !tried.contains(&connections.current.at) {
            return Some(connections.current.clone());
        }
        for _ in 0..many {
            let at = self.next.fetch_add(1, Ordering::Relaxed) % many;
            if tried.contains(&at) {
                continue;
            }
            let socket = match connections.kept.remove(&at) {
                Some(socket) => socket,
                None => match answering(&self.nodes[at], (part(self.patience, many), self.patience), true).await {
                    Ok((socket, genesis)) if genesis == self.genesis => {
                        let why = if left == Left::Lost { "answers no more" } else { "has dropped a state" };
                        tracing::warn!("node {} of {many} {why}, node {} is asked", from.at + 1, at + 1);
                        socket
                    }
                    Ok(_) => {
                        tracing::warn!("node {} of {many} is of another chain; take it from the list", at + 1);
                        continue;
                    }
                    Err(_) => continue,
                },
            };
            let next = Current { at, socket };
            let before = replace(&mut connections.current, next.clone());
            if left == Left::Gone || before.at != from.at {
                connections.kept.insert(before.at, before.socket);
            }
            return Some(next);
        }
        None
    }
}

impl RpcClientT for Endpoints {
    fn request_raw<'a>(&'a self, method: &'a str, params: Option<Box<RawValue>>) -> RawRpcFuture<'a, Box<RawValue>> {
        Box::pin(self.asked(method, move |socket| {
            let params = params.clone();
            async move { socket.request_raw(method, params).await }
        }))
    }

    fn subscribe_raw<'a>(
        &'a self,
        sub: &'a str,
        params: Option<Box<RawValue>>,
        unsub: &'a str,
    ) -> RawRpcFuture<'a, RawRpcSubscription> {
        Box::pin(self.asked(sub, move |socket| {
            let params = params.clone();
            async move { socket.subscribe_raw(sub, params, unsub).await }
        }))
    }
}

/// The nodes of a list, which commas part.
pub(crate) fn each(nodes: &str) -> impl Iterator<Item = &str> {
    nodes.split(',').map(str::trim).filter(|node| !node.is_empty())
}

/// The addresses of nodes as they may be shown: scheme, host and port. User, password, path and parameters, in which
/// providers put their keys, are left out.
pub fn public_url(nodes: &str) -> String {
    let shown = |node: &str| {
        let url = Url::parse(node).ok()?;
        let port = url.port().map_or_else(String::new, |port| format!(":{port}"));
        Some(format!("{}://{}{port}", url.scheme(), url.host_str()?))
    };
    let shown = |node| shown(node).unwrap_or_else(|| "an address that cannot be read".to_owned());
    each(nodes).map(shown).collect::<Vec<_>>().join(",")
}

/// What is said of a node without what its address has to hide, should a library repeat it.
fn without_secrets(said: &str, node: &str) -> String {
    let said = said.replace(node, &public_url(node));
    let Ok(url) = Url::parse(node) else { return said };
    let parts = [url.password().unwrap_or_default(), url.query().unwrap_or_default(), url.path().trim_matches('/')];
    // Shorter ones are in any sentence, and no key.
    parts.into_iter().filter(|part| part.len() > 5).fold(said, |said, part| said.replace(part, "…"))
}

/// Whether the connection is, and not what was asked for wrong.
fn is_lost(error: &Error) -> bool {
    matches!(error, Error::Client(_) | Error::DisconnectedWillReconnect(_))
}

/// Whether a node says that it has dropped a state, in the words of Substrate's database. Any other refusal may pass.
pub(crate) fn is_of_dropped_state(text: &str) -> bool {
    text.to_lowercase().contains("state already discarded")
}

/// How long one of so many nodes has, so that the next one still is in the time of a question.
fn part(patience: Duration, nodes: usize) -> Duration {
    patience / u32::try_from(nodes).unwrap_or(u32::MAX).saturating_add(1)
}

/// Whether it sends a transaction, which may have come in though nothing was answered.
fn submits(method: &str) -> bool {
    method.starts_with("author_submit")
}

/// A connection that comes back by itself when it breaks, and the chain's first block as the node says it; `within` is
/// how long it may take, and `patience` how long each question may later.
async fn answering(
    node: &str,
    (within, patience): (Duration, Duration),
    say: bool,
) -> Result<(ReconnectingRpcClient, String), String> {
    let builder = ReconnectingRpcClient::builder()
        .retry_policy(Pauses::new(FIRST_PAUSE, LONGEST_PAUSE))
        .request_timeout(patience);
    let attempt = timeout(within, async {
        let socket = builder.build(node).await.map_err(|error| error.to_string())?;
        let genesis = until_answered(within, FIRST_BLOCK, || async {
            let first = RawValue::from_string("[0]".into()).map_err(Error::Deserialization)?;
            socket.request_raw(FIRST_BLOCK, Some(first)).await
        });
        let genesis = genesis.await.map_err(|error| error.to_string())?.get().to_owned();
        Ok((socket, genesis))
    });
    let attempted = match say {
        false => Some(attempt.await),
        true => unless_refused(node, attempt).await,
    };
    match attempted.ok_or("nothing listens there")? {
        Ok(answering) => answering,
        Err(_) => Err(format!("no answer within {} s", within.as_secs())),
    }
}

/// What comes of it, unless nothing listens at the node's address, which is looked at where it takes a while.
async fn unless_refused<T>(node: &str, what: impl Future<Output = T>) -> Option<T> {
    match select(pin!(what), pin!(refused(node))).await {
        Either::Left((done, _)) => Some(done),
        Either::Right((true, _)) => None,
        Either::Right((false, what)) => Some(what.await),
    }
}

/// Whether nothing listens at an address, so that waiting for an answer would be for nothing; asked only where there is
/// none after a while.
async fn refused(url: &str) -> bool {
    tokio::time::sleep(SOON).await;
    let address = Url::parse(url).ok().and_then(|url| {
        let port = url.port().unwrap_or(if url.scheme() == "wss" { 443 } else { 80 });
        Some(format!("{}:{port}", url.host_str()?))
    });
    let Some(address) = address else { return false };
    TcpStream::connect(address).await.is_err_and(|error| error.kind() == std::io::ErrorKind::ConnectionRefused)
}

#[cfg(test)]
mod tests;
