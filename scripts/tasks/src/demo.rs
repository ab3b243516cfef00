//! The whole way once, on a node of its own: from creators' files to dividends in Postgres. Every number printed was
//! read back from the chain, the oracle's files or the indexer.

pub mod cast;
pub mod children;
pub mod clock;
pub mod coop;
pub mod licence;
pub mod market;
pub mod oracle;
mod screen;
pub mod story;
mod summary;

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use anyhow::{Context, Result, bail};
use yieldset_service::stop;

use children::Children;
use oracle::Oracle;

/// Options of `demo`.
#[derive(clap::Args)]
pub struct Args {
    /// Stay up until ctrl-c, so that the page can be looked at.
    #[arg(long)]
    keep: bool,
    /// What scripts/demo says of a cold build, for the end.
    #[arg(long, hide = true)]
    built: Option<String>,
}

/// Runs the demo and cleans up behind it. After a failure the folder with the logs stays.
pub async fn run(root: &Path, args: &Args) -> Result<()> {
    let folder = tempfile::Builder::new().prefix("yieldset-demo-").tempdir().context("making a folder for the run")?;
    // Postgres refuses to run as root: as root, its own user must be able to pass through here. Keys are 0600 each.
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o711))?;
    let mut children = Children::beside_this_program(folder.path())?;
    let interrupted = stop::on_signal().context("listening to signals")?;
    let result = tokio::select! {
        // First the story: with --keep the same signal ends it in order.
        biased;
        result = story_and_wait(root, folder.path(), &mut children, args.keep) => result,
        () = interrupted => Err(anyhow::anyhow!("interrupted")),
    };
    children.stop().await;
    if result.is_err() {
        eprintln!("logs and files of this run: {}", folder.keep().display());
    } else if let Some(built) = &args.built {
        println!("{built}");
    }
    result
}

async fn story_and_wait(root: &Path, folder: &Path, children: &mut Children, keep: bool) -> Result<()> {
    let told = story::tell(root, folder, children).await?;
    let oracle = Oracle { children, folder };
    println!();
    licence::tell(&told, &oracle).await?;
    market::tell(&told).await?;
    story::settle_accounts(&told, &oracle).await?;
    if keep {
        let page = told.page();
        let folder = folder.display();
        println!("\nStill running; the page is at {page}, the node at {}", told.node);
        println!("{folder}/deployment.json says where the contracts are; ctrl-c stops everything and removes {folder}");
        stop::on_signal().context("listening to signals")?.await;
        println!("\nstopping");
    } else {
        println!("\nTo look at its page: ./scripts/demo --keep");
    }
    Ok(())
}

/// A path as an argument; ours are always UTF-8 except where the temporary folder's name is not.
fn text(path: &Path) -> Result<&str> {
    match path.to_str() {
        Some(path) => Ok(path),
        None => bail!("{} is not UTF-8; set TMPDIR to a folder whose name is", path.display()),
    }
}
