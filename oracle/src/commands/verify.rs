//! `verify`.

use std::path::PathBuf;

use clap::Args;
use yieldset_chain::{ChainClient, Deployment};
use yieldset_oracle::{
    documents, files,
    proven::SavedProof,
    publish::Shelf,
    verify::{self, Line, PackageRequest, ReaderPins, Verdict},
};

use super::{Failure, ModelArgs, PinArgs, address, licence, public_key, say};

/// Arguments of `verify`.
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// A published package or an audit bundle, instead of report, log and datasets: a folder, or s3://bucket/folder
    /// where the program was built with --features s3.
    #[arg(long, conflicts_with_all = ["report", "log_dir", "manifests", "proof", "check_embeddings", "node_url"])]
    package: Option<String>,
    /// keccak-256 of the report whose package it is, where there are several.
    #[arg(long, value_parser = public_key, requires = "package")]
    report_hash: Option<[u8; 32]>,
    /// SHA-256 of the package's index, where you know it from elsewhere.
    #[arg(long, value_parser = public_key, requires = "package")]
    index: Option<[u8; 32]>,
    /// The signed report.
    #[arg(long, required_unless_present = "package")]
    report: Option<PathBuf>,
    /// The log's folder.
    #[arg(long, required_unless_present = "package")]
    log_dir: Option<PathBuf>,
    /// Folder of the datasets.
    #[arg(long, required_unless_present = "package")]
    manifests: Option<PathBuf>,
    /// The licence that the report is for, where it is for one.
    #[arg(long, value_parser = licence)]
    licence: Option<[u8; 32]>,
    /// What the chain had about the report after a block, as `post` and `prove` save it; with --block.
    #[arg(long)]
    proof: Option<PathBuf>,
    /// JSON file of what you know from elsewhere, and keep: genesis, registry, manifests, pool, block, log_key,
    /// witness_key, platforms. What is given by its own option comes first.
    #[arg(long = "pins")]
    pins_file: Option<PathBuf>,
    /// Hash of the chain's block 0.
    #[arg(long, value_parser = public_key)]
    genesis: Option<[u8; 32]>,
    /// The registry of reports.
    #[arg(long, value_parser = address)]
    registry: Option<[u8; 20]>,
    /// The pool.
    #[arg(long, value_parser = address)]
    pool: Option<[u8; 20]>,
    /// Hash of a finalised block, for --proof.
    #[arg(long, value_parser = public_key)]
    block: Option<[u8; 32]>,
    /// Your own list of platforms, with their keys and models: JSON list of slug, public_key, models. One that changed
    /// its key is there with each.
    #[arg(long)]
    platforms: Option<PathBuf>,
    #[command(flatten)]
    pins: PinArgs,
    /// Compute the datasets' embeddings again from the texts.
    #[arg(long)]
    check_embeddings: bool,
    /// Compare with the chain, too.
    #[arg(long, requires = "deployment")]
    node_url: Option<String>,
    /// Where the contracts are.
    #[arg(long, requires = "node_url")]
    deployment: Option<PathBuf>,
    #[command(flatten)]
    embedding: ModelArgs,
}

impl VerifyArgs {
    fn pins(&self) -> Result<ReaderPins, Failure> {
        let given = ReaderPins {
            genesis: self.genesis,
            registry: self.registry,
            manifests: None,
            pool: self.pool,
            block: self.block,
            log_key: self.pins.log_key,
            witness_key: self.pins.witness_key,
            platforms: self.platforms.as_deref().map(files::read_json).transpose()?,
        };
        let kept = self.pins_file.as_deref().map(ReaderPins::load).transpose()?;
        Ok(given.or(kept.unwrap_or_default()))
    }
}

/// Nothing is wrong with what was shown, and not all was.
#[derive(Debug, thiserror::Error)]
#[error("what is marked NOT SHOWN was taken from files that came with the report; nothing else contradicts it")]
pub struct NotAllShown;

/// Checks a report or a package, and prints each check.
pub async fn verify_report(arguments: VerifyArgs) -> Result<(), Failure> {
    let pins = arguments.pins()?;
    let mut lines = Vec::new();
    let (what, verified) = match (&arguments.package, &arguments.report, &arguments.log_dir, &arguments.manifests) {
        (Some(place), ..) => {
            let (report_hash, index) = (arguments.report_hash, arguments.index);
            let shelf = Shelf::open(place, false)?;
            let licence = arguments.licence;
            let request = PackageRequest { shelf: &shelf, report_hash, index, licence, pins: &pins };
            (place.clone(), verify::verify_package(&request, |line| lines.push(line)).await)
        }
        (None, Some(report), Some(log_dir), Some(manifests)) => {
            let embedder = match arguments.check_embeddings {
                true => Some(arguments.embedding.load()?),
                false => None,
            };
            let chain = match (&arguments.node_url, &arguments.deployment) {
                (Some(url), Some(file)) => Some((ChainClient::connect(url).await?, Deployment::load(file)?)),
                _ => None,
            };
            let proof: Option<SavedProof> = arguments.proof.as_deref().map(documents::read).transpose()?;
            let request = verify::Request {
                report,
                log_dir,
                manifests,
                pins: &pins,
                embedder: embedder.as_ref(),
                licence: arguments.licence,
                proof: proof.as_ref(),
                chain: chain.as_ref().map(|(client, deployment)| (client, deployment)),
            };
            (report.display().to_string(), verify::verify(&request, |line| lines.push(line)).await)
        }
        _ => return Err("give --package, or --report, --log-dir and --manifests".into()),
    };
    for line in lines {
        match line {
            Line::Shown(line) => say(&format!("ok         {line}"))?,
            Line::NotShown(line) => say(&format!("NOT SHOWN  {line}"))?,
        }
    }
    match verified? {
        Verdict::Holds => say(&format!("the report in {what} holds")),
        Verdict::NotAllShown => Err(NotAllShown.into()),
    }
}
