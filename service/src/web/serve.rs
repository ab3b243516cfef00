//! The server: HTTP/1.1 with a bound on everything that a client could hold on to, and an end in a bounded time.

use std::{
    collections::{HashMap, hash_map::Entry},
    convert::Infallible,
    net::{IpAddr, SocketAddr},
    num::NonZeroU32,
    pin::pin,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::{
    Router,
    body::Body,
    extract::{ConnectInfo, Request},
    response::Response,
    serve::Listener,
};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use ipnet::IpNet;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    task::JoinSet,
};
use tokio_io_timeout::TimeoutStream;
use tower::ServiceExt;

use super::{
    Limits,
    client::{Client, is_trusted},
};

/// Connections where the system does not say how many files there may be.
const LEAST: usize = 256;

/// What connections may take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connections {
    /// Most at once; who comes after them waits with the system. Keep it below the process's limit of open files.
    pub most: usize,
    /// Most of one client, which is an address or a /64 network; one more is closed at once. A trusted proxy is many
    /// clients, and may have all.
    pub most_per_client: usize,
    /// How long the head of a request may take, and how long a connection may be silent before it.
    pub head_patience: Duration,
    /// How long a client may take nothing of its answer.
    pub write_patience: Duration,
    /// How long running answers may still take after the order to stop.
    pub farewell: Duration,
    /// Networks of the proxies.
    pub trusted_proxies: Vec<IpNet>,
}

impl Connections {
    /// The usual ones, as many as `limits` says and the system has files for, with the proxies that it names.
    pub fn new(limits: &Limits) -> Self {
        Self {
            most: room_for(limits.open_connections),
            most_per_client: 64,
            head_patience: Duration::from_secs(10),
            write_patience: Duration::from_secs(15),
            farewell: Duration::from_secs(5),
            trusted_proxies: limits.trusted_proxies.clone(),
        }
    }
}

/// As many connections, or half of the files that this process may have open, which is asked to be enough first: the
/// other half is for databases, logs and whatever else it opens.
fn room_for(connections: NonZeroU32) -> usize {
    let wanted = u64::from(connections.get());
    let files = wanted.saturating_mul(2);
    let Ok((soft, hard)) = getrlimit(Resource::RLIMIT_NOFILE) else { return LEAST };
    let raised = files.min(hard);
    let open = match raised > soft && setrlimit(Resource::RLIMIT_NOFILE, raised, hard).is_ok() {
        true => raised,
        false => soft,
    };
    let room = wanted.min(open / 2);
    if room < wanted {
        tracing::warn!(
            connections = room,
            wanted,
            open,
            "fewer connections than asked for: raise the limit of open files"
        );
    }
    usize::try_from(room).unwrap_or(LEAST)
}

/// Serves until `stop`, then takes no more connections, lets running answers finish for [`Connections::farewell`], and
/// cuts off what is left. When it ends, nothing of the router runs any more. Dropped, it cuts off at once.
pub async fn serve(
    mut listener: TcpListener,
    router: Router,
    connections: Connections,
    stop: impl Future<Output = ()> + Send,
) {
    let places = Places::new(&connections);
    let (goodbye, told) = watch::channel(());
    let mut running = JoinSet::new();
    let mut stop = pin!(stop);
    loop {
        tokio::select! {
            () = &mut stop => break,
            Some(_) = running.join_next() => {}
            (stream, peer, place) = places.next(&mut listener) => {
                let conversation = converse(stream, peer, router.clone(), connections.clone(), told.clone());
                running.spawn(async move {
                    conversation.await;
                    drop(place);
                });
            }
        }
    }
    drop((listener, router, goodbye));
    let all = async { while running.join_next().await.is_some() {} };
    if tokio::time::timeout(connections.farewell, all).await.is_err() {
        tracing::warn!(connections = running.len(), "cut off: they kept their answers waiting");
        running.shutdown().await;
    }
}

/// Answers one connection until it ends.
async fn converse(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    connections: Connections,
    mut told: watch::Receiver<()>,
) {
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(connections.write_patience));
    let answer = service_fn(move |request: hyper::Request<Incoming>| answer(router.clone(), request, peer));
    let conversation = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(connections.head_patience)
        .serve_connection(TokioIo::new(Box::pin(stream)), answer);
    let mut conversation = pin!(conversation);
    let ended = tokio::select! {
        ended = conversation.as_mut() => ended,
        // Nobody sends: the sender's end is the message.
        _ = told.changed() => {
            conversation.as_mut().graceful_shutdown();
            conversation.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%peer, %error, "a connection ended early");
    }
}

async fn answer(router: Router, request: hyper::Request<Incoming>, peer: SocketAddr) -> Result<Response, Infallible> {
    let mut request: Request = request.map(Body::new);
    request.extensions_mut().insert(ConnectInfo(peer));
    router.oneshot(request).await
}

/// How many connections each client has.
type Counts = Arc<Mutex<HashMap<Client, usize>>>;

/// Where connections find room.
struct Places {
    free: Arc<Semaphore>,
    counts: Counts,
    most_per_client: usize,
    trusted_proxies: Vec<IpNet>,
}

/// The room of one connection, until it is dropped.
type Place = (OwnedSemaphorePermit, Option<Counted>);

/// One of a client's connections, until it is dropped.
struct Counted {
    client: Client,
    counts: Counts,
}

impl Places {
    fn new(connections: &Connections) -> Self {
        Self {
            free: Arc::new(Semaphore::new(connections.most)),
            counts: Arc::default(),
            most_per_client: connections.most_per_client,
            trusted_proxies: connections.trusted_proxies.clone(),
        }
    }

    /// The next connection that there is room for. Nothing is lost if it is dropped while it waits.
    async fn next(&self, listener: &mut TcpListener) -> (TcpStream, SocketAddr, Place) {
        let permit = Arc::clone(&self.free).acquire_owned().await.expect("it is never closed");
        loop {
            // Where the system has no more files, this waits and tries again.
            let (stream, peer) = Listener::accept(listener).await;
            match self.count(peer.ip()) {
                Ok(counted) => return (stream, peer, (permit, counted)),
                Err(client) => tracing::debug!(?client, "closed: it has as many connections as one client may have"),
            }
        }
    }

    /// One more of this client's, if there is room. A proxy's are not counted.
    fn count(&self, address: IpAddr) -> Result<Option<Counted>, Client> {
        if is_trusted(address, &self.trusted_proxies) {
            return Ok(None);
        }
        let client = Client::connected(address);
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(client).or_default();
        if *count >= self.most_per_client {
            return Err(client);
        }
        *count += 1;
        Ok(Some(Counted { client, counts: Arc::clone(&self.counts) }))
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Entry::Occupied(mut count) = counts.entry(self.client) {
            *count.get_mut() -= 1;
            if *count.get() == 0 {
                count.remove();
            }
        }
    }
}

#[cfg(test)]
mod tests;
