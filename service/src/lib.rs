//! What every program of ours does the same way: end when told to, leave whole files behind, wait longer after each
//! failure, and, with the feature `web`, serve, refuse, limit and measure requests.
//!
//! | module | feature | what |
//! |---|---|---|
//! | [`stop`] | – | SIGTERM and ctrl-c as a future; a second one ends at once |
//! | [`constants`] | – | constants of a runtime that a development chain's genesis, or a test, sets otherwise |
//! | [`files`] | – | files that are there whole or not at all |
//! | [`retry`] | – | growing pauses with jitter |
//! | [`web`] | `web` | the server, problems (RFC 9457), limits on request rates, request metrics |
//! | [`log`] | `log` | a program's log on standard error |
//! | [`cli`] | `cli` | shell completions and man pages |
//!
//! The feature `openapi` describes problems for utoipa.

#[cfg(feature = "cli")]
pub mod cli;
pub mod constants;
pub mod files;
#[cfg(feature = "log")]
pub mod log;
pub mod retry;
pub mod stop;
#[cfg(feature = "web")]
pub mod web;

/// This version and the commit it was built from, such as `0.1.0 (1a2b3c4d5e6f)`. All programs share it.
pub const VERSION: &str = env!("YIELDSET_VERSION");

#[cfg(test)]
mod tests {
    #[test]
    fn the_version_names_its_commit() {
        let commit = super::VERSION.strip_prefix(concat!(env!("CARGO_PKG_VERSION"), " (")).expect("version first");
        assert!(commit.len() > 1 && commit.ends_with(')'), "{commit}");
    }
}
