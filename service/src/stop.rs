//! The order to stop.

use std::{io, process};

use tokio::signal::unix::{Signal, SignalKind, signal};

/// Ends with SIGTERM or ctrl-c. The handlers are installed by this call, not when the future is first polled: call it
/// before anything that others wait for, such as a ready file, and no signal is lost. Each caller gets a future of its
/// own; a signal ends all of them.
///
/// A second signal ends the process at once, with the status that a shell gives for it (130 or 143): who sends it does
/// not want to wait any longer. All that this leaves behind is what a crash would.
///
/// # Errors
/// The system's, where handlers cannot be installed.
///
/// # Panics
/// Outside of a tokio runtime.
pub fn on_signal() -> io::Result<impl Future<Output = ()> + Send + 'static> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    Ok(async move {
        either(&mut terminate, &mut interrupt).await;
        tracing::info!("stopping; another signal ends it at once");
        tokio::spawn(async move {
            let number = either(&mut terminate, &mut interrupt).await;
            tracing::warn!("a second signal: ending at once");
            process::exit(128 + number);
        });
    })
}

/// The number of the signal that comes first.
async fn either(terminate: &mut Signal, interrupt: &mut Signal) -> i32 {
    tokio::select! {
        _ = terminate.recv() => SignalKind::terminate().as_raw_value(),
        _ = interrupt.recv() => SignalKind::interrupt().as_raw_value(),
    }
}

#[cfg(test)]
mod tests {
    use std::{pin::pin, time::Duration};

    use nix::sys::signal::{Signal, raise};

    use super::on_signal;

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
    }
}
