//! A way to a node on which requests are counted, some refused in Substrate's words, answers changed, states kept from
//! who asks, and transactions held back.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
};

use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
};
use tokio_tungstenite::{accept_async, connect_async, tungstenite::Message};
use yieldset_chain::B256;

/// How many requests came, and were refused.
#[derive(Default)]
pub struct Counts {
    pub asked: AtomicU32,
    pub refused: AtomicU32,
    /// Transactions that were held back.
    pub held: AtomicU32,
}

/// Changes the answer to a method.
pub type Lie = fn(&str, &mut Value);

pub struct Proxy {
    /// Where it is.
    pub url: String,
    pub counts: Arc<Counts>,
    lie: Arc<Mutex<Option<Lie>>>,
    away: watch::Sender<bool>,
    discarded: Arc<Mutex<BTreeSet<String>>>,
    holds: watch::Sender<bool>,
}

impl Proxy {
    /// Before a node; of each connection's requests every so manieth is refused, none with zero.
    pub async fn before(node: String, refused: u32) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("ws://{}", listener.local_addr().unwrap());
        let (counts, lie) = (Arc::<Counts>::default(), Arc::<Mutex<Option<Lie>>>::default());
        let (discarded, (holds, held)) = (Arc::<Mutex<BTreeSet<String>>>::default(), watch::channel(false));
        let way = Way { refused, counts: counts.clone(), lie: lie.clone(), discarded: discarded.clone(), holds: held };
        let (away, mut gone) = watch::channel(false);
        tokio::spawn(async move {
            let still = gone.clone();
            let accepting = async {
                while let Ok((client, _)) = listener.accept().await {
                    let (passing, mut gone) = (way.clone().passed_on(client, node.clone()), still.clone());
                    tokio::spawn(async move {
                        tokio::select! {
                            () = passing => {}
                            _ = gone.wait_for(|gone| *gone) => {}
                        }
                    });
                }
            };
            tokio::select! {
                () = accepting => {}
                _ = gone.wait_for(|gone| *gone) => {}
            }
        });
        Self { url, counts, lie, discarded, holds, away }
    }

    /// From now on nothing listens here, and who was connected is no more.
    pub fn goes_away(&self) {
        self.away.send_replace(true);
    }

    /// From now on there is no state after these blocks, as on a node that keeps the newest alone.
    pub fn discards(&self, blocks: impl IntoIterator<Item = B256>) {
        self.discarded.lock().unwrap().extend(blocks.into_iter().map(|hash| hash.to_string()));
    }

    /// From now on transactions are held back; or the newest one of each connection is passed on, and others are after
    /// it. Earlier ones are lost, as a node's pool loses them.
    pub fn holds(&self, back: bool) {
        self.holds.send_replace(back);
    }

    /// From now on answers are changed so, or none.
    pub fn lies(&self, lie: Option<Lie>) {
        *self.lie.lock().unwrap() = lie;
    }
}

#[derive(Clone)]
struct Way {
    refused: u32,
    counts: Arc<Counts>,
    lie: Arc<Mutex<Option<Lie>>>,
    discarded: Arc<Mutex<BTreeSet<String>>>,
    holds: watch::Receiver<bool>,
}

impl Way {
    async fn passed_on(mut self, client: TcpStream, node: String) {
        let (mut to_client, mut from_client) = accept_async(client).await.unwrap().split();
        let (mut to_node, mut from_node) = connect_async(node).await.unwrap().0.split();
        let (mut asked, mut methods, mut held) = (0u32, BTreeMap::new(), None);
        loop {
            let sent = tokio::select! {
                message = from_client.next() => {
                    // With who asks goes what is held back of theirs.
                    let Some(Ok(message)) = message else { return };
                    // What keeps the connection open is no request.
                    let Some((id, method)) = request(&message) else {
                        if to_node.send(message).await.is_err() {
                            return;
                        }
                        continue;
                    };
                    asked += 1;
                    self.counts.asked.fetch_add(1, Ordering::Relaxed);
                    if self.refused > 0 && asked.is_multiple_of(self.refused) {
                        self.counts.refused.fetch_add(1, Ordering::Relaxed);
                        to_client.send(refusal(&id, THROTTLED)).await
                    } else if self.is_of_discarded_state(&method, &message) {
                        to_client.send(refusal(&id, DISCARDED)).await
                    } else {
                        let held_back = method.starts_with("author_submit") && *self.holds.borrow();
                        methods.insert(id.to_string(), method);
                        if held_back {
                            held = Some(message);
                            self.counts.held.fetch_add(1, Ordering::Relaxed);
                            continue;
                        }
                        to_node.send(message).await
                    }
                },
                Some(Ok(message)) = from_node.next() => to_client.send(self.changed(message, &mut methods)).await,
                Ok(()) = self.holds.changed() => match held.take_if(|_| !*self.holds.borrow()) {
                    Some(message) => to_node.send(message).await,
                    None => continue,
                },
                else => return,
            };
            if sent.is_err() {
                return;
            }
        }
    }

    /// Whether a request asks for the state after a block that there is none of.
    fn is_of_discarded_state(&self, method: &str, message: &Message) -> bool {
        let Message::Text(text) = message else { return false };
        method.starts_with("state_") && self.discarded.lock().unwrap().iter().any(|hash| text.contains(hash.as_str()))
    }

    /// An answer as it is passed on.
    fn changed(&self, message: Message, methods: &mut BTreeMap<String, String>) -> Message {
        let Message::Text(text) = &message else { return message };
        let Ok(mut answer) = serde_json::from_str::<Value>(text.as_str()) else { return message };
        let Some(method) = answer.get("id").and_then(|id| methods.remove(&id.to_string())) else { return message };
        match *self.lie.lock().unwrap() {
            Some(lie) => {
                lie(&method, &mut answer);
                Message::text(answer.to_string())
            }
            None => message,
        }
    }
}

/// A request's id and method; of a call of the runtime with what is called, such as `state_call ReviveApi_account_id`.
fn request(message: &Message) -> Option<(Value, String)> {
    let Message::Text(text) = message else { return None };
    let request: Value = serde_json::from_str(text.as_str()).ok()?;
    let method = request.get("method")?.as_str()?;
    let called = request["params"][0].as_str().filter(|_| method == "state_call");
    let method = called.map_or_else(|| method.to_owned(), |called| format!("{method} {called}"));
    Some((request.get("id")?.clone(), method))
}

/// What Substrate answers a request above the limit.
const THROTTLED: (i32, &str) = (-32_999, "RPC rate limit exceeded");
/// What it answers where it has dropped a state.
const DISCARDED: (i32, &str) = (4_003, "Client error: UnknownBlock: State already discarded for 0x12");

fn refusal(id: &Value, (code, message): (i32, &str)) -> Message {
    let error = json!({ "code": code, "message": message });
    Message::text(json!({ "jsonrpc": "2.0", "id": id, "error": error }).to_string())
}
