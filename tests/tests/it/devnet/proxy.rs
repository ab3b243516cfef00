//! A way to a node on which requests are counted, and some refused in Substrate's words.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
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

pub struct Proxy {
    /// Where it is.
    pub url: String,
    pub counts: Arc<Counts>,
}

impl Proxy {
    /// Before a node; of each connection's requests every so manieth is refused, none with zero.
    pub async fn before(node: String, refused: u32) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("ws://{}", listener.local_addr().unwrap());
        let counts = Arc::<Counts>::default();
        let counted = counts.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(passed_on(client, node.clone(), refused, counted.clone()));
            }
        });
        Self { url, counts }
    }
}

async fn passed_on(client: TcpStream, node: String, every: u32, counts: Arc<Counts>) {
    let (mut to_client, mut from_client) = accept_async(client).await.unwrap().split();
    let (mut to_node, mut from_node) = connect_async(node).await.unwrap().0.split();
    let mut asked = 0u32;
    loop {
        let sent = tokio::select! {
            Some(Ok(message)) = from_client.next() => match refusal(&message) {
                // What keeps the connection open is no request.
                None => to_node.send(message).await,
                Some(refusal) => {
                    asked += 1;
                    counts.asked.fetch_add(1, Ordering::Relaxed);
                    match every > 0 && asked.is_multiple_of(every) {
                        true => {
                            counts.refused.fetch_add(1, Ordering::Relaxed);
                            to_client.send(refusal).await
                        }
                        false => to_node.send(message).await,
                    }
                }
            },
            Some(Ok(message)) = from_node.next() => to_client.send(message).await,
            else => return,
        };
        if sent.is_err() {
            return;
        }
    }
}

/// What Substrate answers a request above the limit.
fn refusal(message: &Message) -> Option<Message> {
    let Message::Text(text) = message else { return None };
    let request: Value = serde_json::from_str(text.as_str()).ok()?;
    let error = json!({ "code": -32_999, "message": "RPC rate limit exceeded" });
    let answer = json!({ "jsonrpc": "2.0", "id": request.get("id")?, "error": error });
    Some(Message::text(answer.to_string()))
}
