use std::sync::{Arc, atomic::AtomicBool};

use futures::{SinkExt, StreamExt, future::join_all};
use serde_json::{Value, json};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
};
use tokio_tungstenite::{accept_async, tungstenite::Message};

use super::*;

/// An old state is asked for.
const OLD: &str = "state_getStorage";
/// Something that each node can tell.
const ANY: &str = "system_name";
/// A subscription, which tells something again and again.
const HEADS: &str = "chain_subscribeNewHeads";
const NOWHERE: &str = "ws://127.0.0.1:1";

/// A node that says its name, and for which old states are there or gone.
struct Node {
    url: String,
    asked: Arc<AtomicUsize>,
    away: watch::Sender<bool>,
}

impl Node {
    async fn new(name: &'static str, is_pruned: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("ws://{}", listener.local_addr().expect("it listens"));
        let (asked, (away, gone)) = (Arc::<AtomicUsize>::default(), watch::channel(false));
        let counted = asked.clone();
        tokio::spawn(async move {
            let mut ending = gone.clone();
            let accepting = async {
                while let Ok((client, _)) = listener.accept().await {
                    let (mut gone, counted) = (gone.clone(), counted.clone());
                    tokio::spawn(async move {
                        tokio::select! {
                            () = served(client, name, is_pruned, &counted) => {}
                            _ = gone.wait_for(|gone| *gone) => {}
                        }
                    });
                }
            };
            tokio::select! {
                () = accepting => {}
                _ = ending.wait_for(|gone| *gone) => {}
            }
        });
        Self { url, asked, away }
    }

    /// From now on nothing listens here, and who was connected is no more.
    fn goes_away(&self) {
        self.away.send_replace(true);
    }

    /// How often it was asked for an old state.
    fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }
}

async fn served(client: TcpStream, name: &str, is_pruned: bool, asked: &AtomicUsize) {
    let (mut sink, mut stream) = accept_async(client).await.expect("a WebSocket").split();
    let tells = AtomicBool::new(false);
    loop {
        let said = tokio::select! {
            message = stream.next() => {
                let Some(Ok(message)) = message else { return };
                let Message::Text(text) = message else { continue };
                let request: Value = serde_json::from_str(text.as_str()).expect("JSON");
                let said = match request["method"].as_str().expect("a method") {
                    OLD => {
                        asked.fetch_add(1, Ordering::Relaxed);
                        let refusal = json!({ "code": 4_003, "message": "State already discarded for 0x12" });
                        if is_pruned { ("error", refusal) } else { ("result", json!(name)) }
                    }
                    HEADS => {
                        tells.store(true, Ordering::Relaxed);
                        ("result", json!(7))
                    }
                    FIRST_BLOCK => ("result", json!("0x00")),
                    _ => ("result", json!(name)),
                };
                json!({ "jsonrpc": "2.0", "id": request["id"], said.0: said.1 })
            },
            () = tokio::time::sleep(Duration::from_millis(5)), if tells.load(Ordering::Relaxed) => {
                let head = json!({ "subscription": 7, "result": name });
                json!({ "jsonrpc": "2.0", "method": "chain_newHead", "params": head })
            },
        };
        if sink.send(Message::text(said.to_string())).await.is_err() {
            return;
        }
    }
}

async fn over(nodes: &[&str]) -> Endpoints {
    Endpoints::connect(&nodes.join(","), Duration::from_secs(3), Absent::IsSaid).await.expect("one answers")
}

async fn ask(nodes: &Endpoints, method: &str) -> Result<String, Error> {
    nodes.request_raw(method, None).await.map(|said| serde_json::from_str(said.get()).expect("a name"))
}

fn may_be_elsewhere(answer: &Result<String, Error>) -> bool {
    matches!(answer, Err(Error::DisconnectedWillReconnect(reason)) if reason == MAY_BE_ELSEWHERE)
}

/// Proves MIR-3: where a node has dropped the state that it is asked about, the next one is asked for it and from then
/// on; what was subscribed to at the first goes on. When the next one goes away, the first is asked for what it has.
#[tokio::test]
async fn where_a_state_is_dropped_the_next_node_is_asked() {
    let (pruned, archive) = (Node::new("pruned", true).await, Node::new("archive", false).await);
    let nodes = over(&[&pruned.url, &archive.url]).await;
    let mut heads = nodes.subscribe_raw(HEADS, None, "chain_unsubscribeNewHeads").await.expect("it tells").stream;
    assert_eq!(ask(&nodes, ANY).await.expect("an answer"), "pruned");
    for _ in 0..3 {
        assert_eq!(ask(&nodes, OLD).await.expect("an answer"), "archive");
    }
    assert_eq!((pruned.asked(), ask(&nodes, ANY).await.expect("an answer")), (1, "archive".to_owned()));
    for _ in 0..100 {
        assert_eq!(heads.next().await.expect("it goes on").expect("it goes on").get(), "\"pruned\"");
    }
    archive.goes_away();
    assert_eq!(ask(&nodes, ANY).await.expect("an answer"), "pruned");
    let gone = ask(&nodes, OLD).await;
    assert!(may_be_elsewhere(&gone), "{gone:?}");
    assert_eq!(ask(&nodes, ANY).await.expect("an answer"), "pruned");
    assert!(heads.next().await.is_some_and(|head| head.is_ok()));
}

/// Proves MIR-3: a state is gone when all nodes say so, each asked once, however many ask at a time.
#[tokio::test]
async fn a_state_is_gone_when_all_nodes_say_so() {
    let all = [Node::new("a", true).await, Node::new("b", true).await, Node::new("c", true).await];
    let nodes = over(&all.each_ref().map(|node| node.url.as_str())).await;
    for many in [1, 32] {
        let before = all.each_ref().map(Node::asked);
        for gone in join_all((0..many).map(|_| ask(&nodes, OLD))).await {
            assert!(matches!(&gone, Err(Error::User(_))), "{gone:?}");
        }
        assert_eq!(all.each_ref().map(Node::asked), before.map(|asked| asked + many));
    }
    assert!(ask(&nodes, ANY).await.is_ok());
}

/// Proves MIR-3: what the nodes that answer have dropped, one that is away may have: it is not gone.
#[tokio::test]
async fn a_state_that_a_node_may_have_that_is_away_is_not_gone() {
    let pruned = Node::new("pruned", true).await;
    for nodes in [[NOWHERE, pruned.url.as_str()], [pruned.url.as_str(), NOWHERE]] {
        let nodes = over(&nodes).await;
        let gone = ask(&nodes, OLD).await;
        assert!(may_be_elsewhere(&gone), "{gone:?}");
        assert_eq!(ask(&nodes, ANY).await.expect("an answer"), "pruned");
    }
}

/// Proves MIR-4 for nodes: no user, password, path or key of an address is shown, in none of several either.
#[test]
fn an_address_is_shown_without_its_secrets() {
    for (nodes, shown) in [
        ("ws://127.0.0.1:9944", "ws://127.0.0.1:9944"),
        ("wss://user:pa55word@node.example/v3/0123456789abcdef?apikey=5ecret", "wss://node.example"),
        (" wss://a.example:4430/k3y9876 , ws://u@[::1]:9944", "wss://a.example:4430,ws://[::1]:9944"),
        ("pa55word", "an address that cannot be read"),
        ("", ""),
    ] {
        assert_eq!(public_url(nodes), shown, "{nodes}");
    }
    let node = "wss://user:pa55word@node.example/v3/0123456789abcdef?apikey=5ecret";
    let said = format!("cannot reach {node}: /v3/0123456789abcdef was refused to pa55word by apikey=5ecret");
    let told = without_secrets(&said, node);
    assert_eq!(told, "cannot reach wss://node.example: /… was refused to … by …");
}

/// Nor where nothing listens, or the address is none.
#[tokio::test]
async fn an_error_shows_no_secrets() {
    for nodes in ["ws://user:pa55word@127.0.0.1:1/5ecret-key", "http://user:pa55word@127.0.0.1:1/5ecret-key"] {
        for nodes in [nodes.to_owned(), format!("{nodes},{nodes}")] {
            let error = Endpoints::connect(&nodes, Duration::from_secs(5), Absent::IsSaid).await.err().expect("none");
            assert!(!error.contains("pa55word") && !error.contains("5ecret"), "{error}");
        }
    }
}

#[test]
fn a_dropped_state_is_known_by_its_words() {
    let discarded = "Client error: UnknownBlock: State already discarded for 0x12";
    assert!(is_of_dropped_state(discarded));
    for other in ["Client error: UnknownBlock: Header was not found in the database", "RPC rate limit exceeded", ""] {
        assert!(!is_of_dropped_state(other), "{other}");
    }
}
