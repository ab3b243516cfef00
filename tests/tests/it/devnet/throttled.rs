//! A node that answers only so often, as public ones do.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::{accept_async, connect_async, tungstenite::Message};
use yieldset_chain::{
    ChainClient, Payee,
    submit::{Signer, Submitter},
};
use yieldset_tasks::demo::children::Children;

use super::{COIN, programs};

/// Of so many requests one is refused.
const REFUSED: u32 = 3;

/// A way to a node on which each third request is refused in Substrate's words; where it is.
async fn throttled(node: String, refused: Arc<AtomicU32>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("ws://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            tokio::spawn(passed_on(client, node.clone(), refused.clone()));
        }
    });
    url
}

async fn passed_on(client: TcpStream, node: String, refused: Arc<AtomicU32>) {
    let (mut to_client, mut from_client) = accept_async(client).await.unwrap().split();
    let (mut to_node, mut from_node) = connect_async(node).await.unwrap().0.split();
    let mut asked = 0;
    loop {
        let sent = tokio::select! {
            Some(Ok(message)) = from_client.next() => {
                asked += 1;
                match refusal(&message).filter(|_| asked % REFUSED == 0) {
                    Some(refusal) => {
                        refused.fetch_add(1, Ordering::Relaxed);
                        to_client.send(refusal).await
                    }
                    None => to_node.send(message).await,
                }
            }
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

/// Proves NET-2: over a node that refuses a third of what it is asked all is done all the same, and once.
#[tokio::test]
#[ignore = "open: where the subscriptions are refused with which a client begins, it never connects"]
async fn what_a_throttled_node_refuses_is_asked_again() {
    let folder = tempfile::tempdir().unwrap();
    let mut children = Children::new(programs(), folder.path());
    let node = children.start("devnet", "yieldset-devnet", &["--rpc-port", "0"]).await.unwrap().url;
    let refused = Arc::new(AtomicU32::new(0));
    let client = ChainClient::connect(&throttled(node, refused.clone()).await).await.unwrap();
    let alice = Submitter::new(client.clone(), Signer::dev("//Alice").unwrap());
    let bob = Signer::dev("//Alice//throttled").unwrap();
    for sum in 1..=3 {
        alice.transfer_native(Payee::account(bob.account_id()), COIN).await.unwrap();
        let (free, _) = client.holdings(&bob.account_id()).await.unwrap();
        assert_eq!(free, sum * COIN, "each transfer is done once");
    }
    assert!(client.about().await.is_ok() && client.is_mapped(&bob.account_id()).await.unwrap());
    let refused = refused.load(Ordering::Relaxed);
    assert!(refused > 10, "{refused} requests were refused");
    children.stop().await;
}
