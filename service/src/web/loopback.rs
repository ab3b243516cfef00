//! Listening for this machine alone: what has no TLS is behind a proxy that has.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    path::Path,
};

use tokio::net::TcpListener;

use crate::files::{self, Access, FileError};

/// Why a service cannot begin.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// The address is open to other machines.
    #[error("{0} is not a loopback address; the service has no TLS, so put a proxy that has before it")]
    NotLoopback(IpAddr),
    /// The address cannot be had.
    #[error("cannot listen on {address}: {source}; choose another port, or 0 for any")]
    Address {
        /// What was asked for.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// The ready file.
    #[error(transparent)]
    File(#[from] FileError),
}

/// Where a service listens.
#[derive(Debug)]
pub struct Loopback {
    /// For [`serve`](super::serve()).
    pub listener: TcpListener,
    /// `http://` and the address.
    pub url: String,
}

impl Loopback {
    /// Listens on a loopback address; port 0 is any that is free.
    ///
    /// # Errors
    /// [`ListenError::NotLoopback`], [`ListenError::Address`].
    pub async fn listen(address: SocketAddr) -> Result<Self, ListenError> {
        if !address.ip().is_loopback() {
            return Err(ListenError::NotLoopback(address.ip()));
        }
        let refused = |source| ListenError::Address { address, source };
        let listener = TcpListener::bind(address).await.map_err(refused)?;
        let url = format!("http://{}", listener.local_addr().map_err(refused)?);
        Ok(Self { listener, url })
    }

    /// Writes the address into a file, for who waits until it is there.
    ///
    /// # Errors
    /// [`ListenError::File`].
    pub fn tell(&self, ready_file: Option<&Path>) -> Result<(), ListenError> {
        let Some(file) = ready_file else { return Ok(()) };
        let told = format!("{}\n", serde_json::json!({ "url": self.url }));
        Ok(files::write(file, told.as_bytes(), Access::Published)?)
    }
}
