use axum::routing::get;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    sync::oneshot,
    task::JoinHandle,
};

use super::*;

/// Far more than anything here takes: a limit, so that a test that fails ends.
const LIMIT: Duration = Duration::from_secs(60);
/// What nobody waits for here.
const NEVER: Duration = Duration::from_secs(3600);
const HEAD: &[u8] = b"GET /hello HTTP/1.1\r\nHost: x\r\n\r\n";
const HALF_A_HEAD: &[u8] = b"GET /hello HTTP/1.1\r\nHost: x\r\nUnfin";

/// A server on a port of its own.
struct Running {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    served: JoinHandle<()>,
}

/// Patient with everything.
fn patient() -> Connections {
    Connections { head_patience: NEVER, write_patience: NEVER, farewell: NEVER, ..Connections::new(&Limits::default()) }
}

impl Running {
    async fn start(connections: Connections) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("address");
        let router = Router::new()
            .route("/hello", get(async |ConnectInfo(peer): ConnectInfo<SocketAddr>| format!("hello {}", peer.ip())))
            .route("/large", get(async || vec![b'x'; 64 << 20]))
            .route("/never", get(async || std::future::pending::<()>().await));
        let (stop, stopped) = oneshot::channel();
        let served = tokio::spawn(serve(listener, router, connections, async {
            let _ = stopped.await;
        }));
        Self { address, stop, served }
    }

    /// A connection on which this was sent.
    async fn say(&self, bytes: &[u8]) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).await.expect("connected");
        stream.write_all(bytes).await.expect("sent");
        stream
    }

    async fn stop(self) {
        self.stop.send(()).expect("running");
        tokio::time::timeout(LIMIT, self.served).await.expect("it stops").expect("no panic");
    }
}

/// All until the other side closes.
async fn until_closed(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    // A reset is an end, too.
    let _ = tokio::time::timeout(LIMIT, stream.read_to_end(&mut bytes)).await.expect("it is closed");
    String::from_utf8_lossy(&bytes).into_owned()
}

/// What comes until an answer to `/hello` is whole.
async fn greeted(stream: &mut TcpStream) {
    let mut bytes = Vec::new();
    while !bytes.ends_with(b"hello 127.0.0.1") {
        let more = tokio::time::timeout(LIMIT, stream.read_buf(&mut bytes)).await.expect("an answer").expect("read");
        assert!(more > 0, "closed: {}", String::from_utf8_lossy(&bytes));
    }
}

/// Waits until something of an answer is here.
async fn begun(stream: &TcpStream) {
    tokio::time::timeout(LIMIT, stream.readable()).await.expect("an answer").expect("readable");
}

/// Handlers learn who is connected, and a connection takes one question after the other.
#[tokio::test]
async fn questions_are_answered_one_after_the_other() {
    let running = Running::start(patient()).await;
    let mut stream = running.say(HEAD).await;
    greeted(&mut stream).await;
    stream.write_all(HEAD).await.expect("sent");
    greeted(&mut stream).await;
    running.stop().await;
    assert_eq!(until_closed(&mut stream).await, "");
}

/// A head that never ends, and silence before one, are cut off, also after a question was answered.
#[tokio::test]
async fn silent_connections_are_closed() {
    let running = Running::start(Connections { head_patience: Duration::from_millis(100), ..patient() }).await;
    for bytes in [b"", HALF_A_HEAD] {
        let mut stream = running.say(bytes).await;
        assert!(!until_closed(&mut stream).await.contains("hello"));
    }
    let mut stream = running.say(HEAD).await;
    assert!(until_closed(&mut stream).await.ends_with("hello 127.0.0.1"));
    running.stop().await;
}

/// Who does not read its answer loses it.
#[tokio::test]
async fn an_answer_that_nobody_reads_is_given_up() {
    let running =
        Running::start(Connections { write_patience: Duration::from_millis(100), most: 1, ..patient() }).await;
    let unread = running.say(b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n").await;
    begun(&unread).await;
    // There is room for one: this is answered when that one is gone.
    greeted(&mut running.say(HEAD).await).await;
    drop(unread);
    running.stop().await;
}

/// After the order to stop nobody keeps the server longer than the farewell: no unfinished head, no answer that nobody
/// reads, none that never comes.
#[tokio::test]
async fn nobody_keeps_the_server_from_stopping() {
    let running = Running::start(Connections { farewell: Duration::from_millis(100), ..patient() }).await;
    let _head = running.say(HALF_A_HEAD).await;
    let unread = running.say(b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n").await;
    begun(&unread).await;
    let _waiting = running.say(b"GET /never HTTP/1.1\r\nHost: x\r\n\r\n").await;
    greeted(&mut running.say(HEAD).await).await;
    running.stop().await;
}

/// An answer that is being read when the order comes is read to its end.
#[tokio::test]
async fn running_answers_are_finished() {
    let running = Running::start(patient()).await;
    let mut stream = running.say(b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n").await;
    begun(&stream).await;
    let (address, stopping) = (running.address, tokio::spawn(running.stop()));
    let text = until_closed(&mut stream).await;
    assert!(text.len() > 64 << 20, "{} bytes", text.len());
    stopping.await.expect("stopped");
    assert!(TcpStream::connect(address).await.is_err(), "nobody listens any more");
}

/// One client has so many connections; one more is closed, and there is room again when one ends. A proxy is many
/// clients.
#[tokio::test]
async fn a_client_has_so_many_connections() {
    let alone = Connections { most_per_client: 2, trusted_proxies: vec![], ..patient() };
    let running = Running::start(alone.clone()).await;
    let mut first = running.say(HEAD).await;
    greeted(&mut first).await;
    let mut second = running.say(HEAD).await;
    greeted(&mut second).await;
    let mut third = TcpStream::connect(running.address).await.expect("connected");
    assert_eq!(until_closed(&mut third).await, "");
    first.shutdown().await.expect("closed");
    assert_eq!(until_closed(&mut first).await, "");
    // The server counts it out a moment after it closed it.
    let again = async {
        loop {
            let mut stream = TcpStream::connect(running.address).await.expect("connected");
            let mut bytes = [0; 8];
            let asked = stream.write_all(HEAD).await;
            if asked.is_ok() && stream.read(&mut bytes).await.is_ok_and(|length| length > 0) {
                return;
            }
        }
    };
    tokio::time::timeout(LIMIT, again).await.expect("room again");
    running.stop().await;

    let proxy = Connections { trusted_proxies: Limits::default().trusted_proxies, ..alone };
    let running = Running::start(proxy).await;
    let mut open = Vec::new();
    for _ in 0..5 {
        let mut stream = running.say(HEAD).await;
        greeted(&mut stream).await;
        open.push(stream);
    }
    running.stop().await;
}

/// Addresses of one /64 network are one client.
#[test]
fn a_network_of_ipv6_is_one_client() {
    let places = Places::new(&Connections { most_per_client: 1, ..patient() });
    let place = |text: &str| places.count(text.parse().expect("address"));
    let held = place("2001:db8:1:2::1").expect("room");
    assert!(place("2001:db8:1:2:ffff::9").is_err());
    assert!(place("2001:db8:1:3::1").expect("another network").is_some());
    assert!(place("127.0.0.1").expect("a proxy").is_none());
    assert!(held.is_some());
}
