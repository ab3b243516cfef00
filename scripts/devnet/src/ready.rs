//! Telling others that the node can be used.

use std::io::Write;
use std::path::Path;

use sc_network::multiaddr::Protocol;
use sc_service::RpcHandlers;
use yieldset_service::files::{self, Access};

use crate::error::DevnetError;

/// //Alice in SS58. Asking for her nonce runs the runtime, so that its first, slow compilation lies behind us.
const PROBE: &str = r#"{"jsonrpc":"2.0","id":1,"method":"system_accountNextIndex","params":["5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY"]}"#;

/// The WebSocket URL, once the server accepts connections and the runtime answers.
pub async fn wait(rpc: &RpcHandlers) -> Result<String, DevnetError> {
    let port = rpc
        .listen_addresses()
        .iter()
        .flat_map(|address| address.iter())
        .find_map(|part| if let Protocol::Tcp(port) = part { Some(port) } else { None })
        .ok_or_else(|| DevnetError::NotReady("the server has no address".into()))?;
    let (answer, _) = rpc.rpc_query(PROBE).await.map_err(|error| DevnetError::NotReady(error.to_string()))?;
    if !answer.to_string().contains(r#""result""#) {
        return Err(DevnetError::NotReady(answer.to_string()));
    }
    tokio::net::TcpStream::connect(("127.0.0.1", port))
        .await
        .map_err(|error| DevnetError::NotReady(format!("port {port}: {error}")))?;
    Ok(format!("ws://127.0.0.1:{port}"))
}

/// Prints `ready <url>` and writes the URL to `file`, whole or not at all.
pub fn announce(url: &str, file: Option<&Path>) -> Result<(), DevnetError> {
    if let Some(file) = file {
        files::write(file, url.as_bytes(), Access::Published)?;
    }
    let mut stdout = std::io::stdout().lock();
    // Nobody may be reading; the node runs all the same.
    let _ = writeln!(stdout, "ready {url}").and_then(|()| stdout.flush());
    Ok(())
}
