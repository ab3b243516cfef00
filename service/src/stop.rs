//! The order to stop.

use std::io;

use tokio::signal::unix::{SignalKind, signal};

/// Ends with SIGTERM or ctrl-c. The handlers are installed by this call, not when the future is first polled: call it
/// before anything that others wait for, such as a ready file, and no signal is lost. Each caller gets a future of its
/// own; a signal ends all of them.
///
/// # Errors
/// The system's, where handlers cannot be installed.
///
/// # Panics
/// Outside of a tokio runtime.
pub fn on_signal() -> io::Result<impl Future<Output = ()> + Send + 'static> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("stopping");
    })
}
