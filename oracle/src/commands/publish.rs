//! `publish` and `bundle`: a period's public files.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;
use yieldset_oracle::{
    bundle, hex0x,
    publish::{self, Contents, Published, Shelf},
};

use super::{Failure, PinArgs, licence, say_json};

/// From what a package is made.
#[derive(Debug, Args)]
pub struct ContentArgs {
    /// The signed report, as `post` wrote it.
    #[arg(long)]
    report: PathBuf,
    /// The log's folder.
    #[arg(long)]
    log_dir: PathBuf,
    /// Folder of the datasets.
    #[arg(long)]
    manifests: PathBuf,
    /// What the chain has of the report, as `post` and `prove` save it. Without, the package is published without.
    #[arg(long)]
    proof: Option<PathBuf>,
    /// Folder of cards of models.
    #[arg(long)]
    cards: Option<PathBuf>,
    #[command(flatten)]
    pins: PinArgs,
}

impl ContentArgs {
    async fn contents(&self) -> Result<Contents, Failure> {
        if self.proof.is_none() {
            tracing::warn!("no proof that the chain has the report is published with it; get one by `prove`");
        }
        let request = publish::Request {
            report: &self.report,
            log_dir: &self.log_dir,
            pins: self.pins.pins(),
            manifests: &self.manifests,
            proof: self.proof.as_deref(),
            cards: self.cards.as_deref(),
        };
        Ok(Contents::of(&request).await?)
    }
}

/// Arguments of `publish`.
#[derive(Debug, Args)]
pub struct PublishArgs {
    #[command(flatten)]
    contents: ContentArgs,
    /// A folder, or s3://bucket/folder where the program was built with --features s3.
    #[arg(long)]
    to: String,
}

/// Arguments of `bundle`.
#[derive(Debug, Args)]
pub struct BundleArgs {
    #[command(flatten)]
    contents: ContentArgs,
    /// The licence.
    #[arg(long, value_parser = licence)]
    licence: [u8; 32],
    /// A new folder for the bundle.
    #[arg(long)]
    out: String,
}

/// Publishes a period's public files, and prints where.
pub async fn publish(arguments: PublishArgs) -> Result<(), Failure> {
    let contents = arguments.contents.contents().await?;
    let published = publish::publish(&Shelf::open(&arguments.to, true)?, &contents).await?;
    tell(&arguments.to, &published)
}

/// Puts together what answers an audit, and prints where.
pub async fn bundle(arguments: BundleArgs) -> Result<(), Failure> {
    let contents = bundle::audit(arguments.contents.contents().await?, &arguments.licence)?;
    let published = publish::publish(&Shelf::open(&arguments.out, true)?, &contents).await?;
    tell(&arguments.out, &published)
}

fn tell(place: &str, published: &Published) -> Result<(), Failure> {
    say_json(&json!({
        "status": if published.already { "already published" } else { "published" },
        "place": place,
        "index": published.index,
        "index_sha256": hex0x(&published.digest),
        "files": published.files,
        "bytes": published.bytes,
    }))
}
