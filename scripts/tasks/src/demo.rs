//! The whole way once, on a node of its own: from creators' files to dividends in Postgres, and a second pool in
//! another currency. Every number printed was read back from the chain, the oracle's files or the indexer.

pub mod cast;
pub mod children;
pub mod clock;
pub mod coop;
pub mod licence;
pub mod market;
pub mod oracle;
mod screen;
pub mod script;
pub mod second;
pub mod shell;
pub mod story;
mod summary;

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::process::Stdio;

use anyhow::{Context, Result, bail, ensure};
use tokio::process::Command;
use yieldset_service::stop;

use children::Children;
use oracle::Oracle;
use second::Second;
use story::Told;

/// Options of `demo`.
#[derive(clap::Args)]
pub struct Args {
    /// Stay up until ctrl-c, so that the pools' pages can be looked at.
    #[arg(long)]
    keep: bool,
    /// Run this when all is told, before everything is stopped: a command of the shell, which finds the run's folder in
    /// YIELDSET_DEMO. Where it fails, so does the demo.
    #[arg(long, value_name = "COMMAND", conflicts_with = "keep")]
    then: Option<String>,
    /// Where all commands that were typed go, as a script that does the same by hand.
    #[arg(long, value_name = "FILE")]
    commands: Option<PathBuf>,
    /// What scripts/demo says of a cold build, for the end.
    #[arg(long, hide = true)]
    built: Option<String>,
}

/// Runs the demo and cleans up behind it. After a failure the folder with the logs stays; after a signal, whenever it
/// comes, nothing does.
pub async fn run(root: &Path, args: &Args) -> Result<()> {
    // Before there is anything to leave behind.
    let mut interrupted = pin!(stop::on_signal().context("listening to signals")?);
    let folder = tempfile::Builder::new().prefix("yieldset-demo-").tempdir().context("making a folder for the run")?;
    // Postgres refuses to run as root: as root, its own user must be able to pass through here. Keys are 0600 each.
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o711))?;
    let mut children = Children::beside_this_program(folder.path())?;
    let told = tokio::select! {
        biased;
        () = &mut interrupted => None,
        told = tell_and_then(root, folder.path(), &mut children, args.then.as_deref()) => Some(told),
    };
    if let (Some(Ok(_)), Some(file)) = (&told, &args.commands) {
        let script = folder.path().join(script::NAME);
        std::fs::copy(script, file).with_context(|| format!("writing {}", file.display()))?;
    }
    if let (Some(Ok((told, second))), true) = (&told, args.keep) {
        let folder = folder.path().display();
        println!("\nStill running; the node is at {}, the pools' pages at", told.node);
        for (name, pool, page) in
            [(story::POOL, told.deployment.pool, told.page()), (second::POOL, second.pool, second.page(told))]
        {
            println!("  {page} ({name}, {pool})");
        }
        println!(
            "{folder}/deployment.json says where the contracts are, {folder}/{} has all that was typed",
            script::NAME
        );
        println!("ctrl-c stops everything and removes {folder}");
        interrupted.await;
        println!("\nstopping");
    }
    children.stop().await;
    match told {
        Some(Ok(_)) => {
            if !args.keep {
                println!("\nTo look at the pools' pages: ./scripts/demo --keep");
            }
            if let Some(built) = &args.built {
                println!("{built}");
            }
            Ok(())
        }
        Some(Err(error)) => {
            eprintln!("logs and files of this run: {}", folder.keep().display());
            Err(error)
        }
        None => bail!("interrupted; all that was started is stopped, and {} removed", folder.path().display()),
    }
}

/// All of it, and then what was asked for.
async fn tell_and_then(
    root: &Path,
    folder: &Path,
    children: &mut Children,
    then: Option<&str>,
) -> Result<(Told, Second)> {
    let told = tell(root, folder, children).await?;
    if let Some(command) = then {
        afterwards(command, folder).await?;
    }
    Ok(told)
}

/// Runs a command of the shell that finds the run's folder in its environment.
async fn afterwards(command: &str, folder: &Path) -> Result<()> {
    let mut shell = Command::new("sh");
    shell.args(["-c", command]).stdin(Stdio::null()).env("YIELDSET_DEMO", folder).kill_on_drop(true);
    let status = shell.status().await.context("starting a shell")?;
    ensure!(status.success(), "after the demo, `{command}` failed ({status})");
    Ok(())
}

async fn tell(root: &Path, folder: &Path, children: &mut Children) -> Result<(Told, Second)> {
    let told = story::tell(root, folder, children).await?;
    let oracle = Oracle { children, folder };
    println!();
    licence::tell(&told, &oracle).await?;
    market::tell(&told).await?;
    let second = second::tell(&told, oracle.children).await?;
    story::settle_accounts(&told, &oracle).await?;
    second::show(&told, &second).await?;
    Ok((told, second))
}

/// A path as an argument; ours are always UTF-8 except where the temporary folder's name is not.
fn text(path: &Path) -> Result<&str> {
    match path.to_str() {
        Some(path) => Ok(path),
        None => bail!("{} is not UTF-8; set TMPDIR to a folder whose name is", path.display()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_comes_after_finds_the_folder_and_its_failure_counts() {
        let folder = tempfile::tempdir().expect("temporary folder");
        afterwards("touch \"$YIELDSET_DEMO/here\"", folder.path()).await.expect("made");
        assert!(folder.path().join("here").is_file());
        let error = afterwards("exit 3", folder.path()).await.expect_err("failed").to_string();
        assert!(error.contains("`exit 3`") && error.contains('3'), "{error}");
    }
}
