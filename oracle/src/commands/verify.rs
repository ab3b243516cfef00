//! `verify`.

use std::path::PathBuf;

use clap::Args;
use yieldset_chain::{ChainClient, Deployment};
use yieldset_oracle::{
    files,
    proven::SavedProof,
    verify::{self, Line, ReaderPins, Verdict},
};

use super::{Failure, ModelArgs, PinArgs, address, licence, public_key, say};

/// Arguments of `verify`.
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// The signed report.
    #[arg(long)]
    report: PathBuf,
    /// The log's folder.
    #[arg(long)]
    log_dir: PathBuf,
    /// Folder of the datasets.
    #[arg(long)]
    manifests: PathBuf,
    /// The licence that the report is for, where it is for one.
    #[arg(long, value_parser = licence)]
    licence: Option<[u8; 32]>,
    /// What the chain had about the report after a block, as `post` and `prove` save it; with --block.
    #[arg(long)]
    proof: Option<PathBuf>,
    /// JSON file of what you know from elsewhere, and keep: genesis, registry, manifests, block, log_key, witness_key
    /// platforms. What is given by its own option comes first.
    #[arg(long = "pins")]
    pins_file: Option<PathBuf>,
    /// Hash of the chain's block 0.
    #[arg(long, value_parser = public_key)]
    genesis: Option<[u8; 32]>,
    /// The registry of reports.
    #[arg(long, value_parser = address)]
    registry: Option<[u8; 20]>,
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

/// Checks a report, and prints each check.
pub async fn verify_report(arguments: VerifyArgs) -> Result<(), Failure> {
    let pins = arguments.pins()?;
    let embedder = match arguments.check_embeddings {
        true => Some(arguments.embedding.load()?),
        false => None,
    };
    let chain = match (&arguments.node_url, &arguments.deployment) {
        (Some(url), Some(file)) => Some((ChainClient::connect(url).await?, Deployment::load(file)?)),
        _ => None,
    };
    let proof: Option<SavedProof> = arguments.proof.as_deref().map(files::read_json).transpose()?;
    let request = verify::Request {
        report: &arguments.report,
        log_dir: &arguments.log_dir,
        manifests: &arguments.manifests,
        pins: &pins,
        embedder: embedder.as_ref(),
        licence: arguments.licence,
        proof: proof.as_ref(),
        chain: chain.as_ref().map(|(client, deployment)| (client, deployment)),
    };
    let mut lines = Vec::new();
    let verified = verify::verify(&request, |line| lines.push(line)).await;
    for line in lines {
        match line {
            Line::Shown(line) => say(&format!("ok         {line}"))?,
            Line::NotShown(line) => say(&format!("NOT SHOWN  {line}"))?,
        }
    }
    match verified? {
        Verdict::Holds => say(&format!("the report in {} holds", arguments.report.display())),
        Verdict::NotAllShown => Err(NotAllShown.into()),
    }
}
