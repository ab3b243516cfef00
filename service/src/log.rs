//! The log of a program: on standard error, for results go to standard output.

use std::io::{IsTerminal, stderr};

use tracing_subscriber::EnvFilter;

/// Logs what `RUST_LOG` says from now on, or `otherwise`, such as `info,sqlx=warn`, where that is not set or not
/// understood. In colours for people; a file or the journal gets plain text.
///
/// # Panics
/// Where this process logs already.
pub fn start(otherwise: &str) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(otherwise));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(stderr).with_ansi(stderr().is_terminal()).init();
}
