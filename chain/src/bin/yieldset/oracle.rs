//! What needs the oracle's library is done by `yieldset-oracle`, beside this program or in the search path.

use std::path::PathBuf;

use crate::failure::{Code, Failure};

const PROGRAM: &str = "yieldset-oracle";

/// Runs it with these arguments, in the place of this program.
pub async fn run(arguments: &[String]) -> Result<(), Failure> {
    let program = beside().unwrap_or_else(|| PROGRAM.into());
    let status = tokio::process::Command::new(&program).args(arguments).status().await.map_err(|error| Failure {
        code: Code::Failed,
        text: format!("{}: {error}; install it beside yieldset: scripts/install", program.display()),
    })?;
    match status.code() {
        Some(0) => Ok(()),
        // Its own text has said why.
        code => Err(Failure { code: Code::Failed, text: format!("{PROGRAM} ended with {}", code.unwrap_or(-1)) }),
    }
}

fn beside() -> Option<PathBuf> {
    let program = std::env::current_exe().ok()?.with_file_name(PROGRAM);
    program.is_file().then_some(program)
}
