//! A way to a node on which requests are counted, some refused in Substrate's words, and answers changed.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
};

use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::{accept_async, connect_async, tungstenite::Message};

/// How many requests came, and were refused.
#[derive(Default)]
pub struct Counts {
    pub asked: AtomicU32,
    pub refused: AtomicU32,
}

/// Changes the answer to a method.
pub type Lie = fn(&str, &mut Value);

pub struct Proxy {
    /// Where it is.
    pub url: String,
    pub counts: Arc<Counts>,
    lie: Arc<Mutex<Option<Lie>>>,
}

impl Proxy {
    /// Before a node; of each connection's requests every so manieth is refused, none with zero.
    pub async fn before(node: String, refused: u32) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("ws://{}", listener.local_addr().unwrap());
        let (counts, lie) = (Arc::<Counts>::default(), Arc::<Mutex<Option<Lie>>>::default());
        let way = Way { refused, counts: counts.clone(), lie: lie.clone() };
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(way.clone().passed_on(client, node.clone()));
            }
        });
        Self { url, counts, lie }
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
}

impl Way {
    async fn passed_on(self, client: TcpStream, node: String) {
        let (mut to_client, mut from_client) = accept_async(client).await.unwrap().split();
        let (mut to_node, mut from_node) = connect_async(node).await.unwrap().0.split();
        let (mut asked, mut methods) = (0u32, BTreeMap::new());
        loop {
            let sent = tokio::select! {
                Some(Ok(message)) = from_client.next() => match request(&message) {
                    // What keeps the connection open is no request.
                    None => to_node.send(message).await,
                    Some((id, method)) => {
                        asked += 1;
                        self.counts.asked.fetch_add(1, Ordering::Relaxed);
                        match self.refused > 0 && asked.is_multiple_of(self.refused) {
                            true => {
                                self.counts.refused.fetch_add(1, Ordering::Relaxed);
                                to_client.send(refusal(&id)).await
                            }
                            false => {
                                methods.insert(id.to_string(), method);
                                to_node.send(message).await
                            }
                        }
                    }
                },
                Some(Ok(message)) = from_node.next() => to_client.send(self.changed(message, &mut methods)).await,
                else => return,
            };
            if sent.is_err() {
                return;
            }
        }
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

/// A request's id and method.
fn request(message: &Message) -> Option<(Value, String)> {
    let Message::Text(text) = message else { return None };
    let request: Value = serde_json::from_str(text.as_str()).ok()?;
    Some((request.get("id")?.clone(), request.get("method")?.as_str()?.to_owned()))
}

/// What Substrate answers a request above the limit.
fn refusal(id: &Value) -> Message {
    let error = json!({ "code": -32_999, "message": "RPC rate limit exceeded" });
    Message::text(json!({ "jsonrpc": "2.0", "id": id, "error": error }).to_string())
}
