//! What needs the oracle's library is done by `yieldset-oracle`, beside this program or in the search path.

use std::path::PathBuf;

use crate::{
    failure::{Code, Failure},
    options::Options,
};

const PROGRAM: &str = "yieldset-oracle";

/// Runs it with these arguments, in the place of this program: node, contracts and sender that were named here are its
/// too, and its code is this one's. It is asked before it posts, as before anything is sent.
pub async fn run(arguments: &[String], options: &Options) -> Result<(), Failure> {
    if posts(arguments) && !options.confirmed(&format!("Have {PROGRAM} post this?"))? {
        return Err(Failure::declined());
    }
    let program = beside().unwrap_or_else(|| PROGRAM.into());
    let mut command = tokio::process::Command::new(&program);
    command.args(arguments).envs(options.for_programs());
    let status = command.status().await.map_err(|error| {
        Failure::of(Code::Failed, format!("{}: {error}", program.display()))
            .with("install it beside yieldset: scripts/install")
    })?;
    match status.code() {
        Some(0) => Ok(()),
        // Its own text has said why; its codes mean something, such as 3 of verify: right as far as it can be shown.
        Some(code) => Err(Failure::of(u8::try_from(code).map_or(Code::Failed, Code::Of), "").told(true)),
        None => Err(Failure::of(Code::Failed, format!("{PROGRAM} was ended by a signal"))),
    }
}

/// Whether it sends something, and does not say only how.
fn posts(arguments: &[String]) -> bool {
    let help = |argument: &String| matches!(argument.as_str(), "--help" | "-h");
    arguments.first().is_some_and(|verb| verb == "post") && !arguments.iter().any(help)
}

fn beside() -> Option<PathBuf> {
    let program = std::env::current_exe().ok()?.with_file_name(PROGRAM);
    program.is_file().then_some(program)
}
