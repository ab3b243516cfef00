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

#[cfg(test)]
mod tests {
    use std::{pin::pin, time::Duration};

    use nix::sys::signal::{Signal, raise};

    use super::*;

    /// A signal that comes before anybody waits for it counts, and ends everyone who waits. Were the handlers not
    /// installed yet, it would end this test.
    #[tokio::test]
    async fn an_early_signal_counts_for_all() {
        let (first, second) = (on_signal().expect("installed"), on_signal().expect("installed"));
        raise(Signal::SIGTERM).expect("sent");
        let both = async {
            first.await;
            second.await;
        };
        tokio::time::timeout(Duration::from_secs(10), both).await.expect("both ended");
        let mut third = pin!(on_signal().expect("installed"));
        assert!(tokio::time::timeout(Duration::from_millis(50), &mut third).await.is_err(), "that one was for others");
        raise(Signal::SIGINT).expect("sent");
        tokio::time::timeout(Duration::from_secs(10), third).await.expect("ended by ctrl-c, too");
    }
}
