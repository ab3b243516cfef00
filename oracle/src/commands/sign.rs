//! `sign`: a committee's member works a settlement out anew and signs it.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;
use yieldset_chain::{ChainClient, Deployment};
use yieldset_oracle::{
    compared, files, hex0x, keys, period_name,
    report::SignedReport,
    settlement::Settlement,
    sign::{self, Evidence},
    spot::Checked,
    trained,
};

use super::{Failure, ModelArgs, PinArgs, licence, say_json, warn_of};

/// Arguments of `sign`.
#[derive(Debug, Args)]
pub struct SignArgs {
    /// The settlement.
    #[arg(long)]
    settlement: PathBuf,
    /// Where the contracts are.
    #[arg(long)]
    deployment: PathBuf,
    /// The stream: the model's slug.
    #[arg(long)]
    stream: String,
    /// Sign for this licence of the model instead: its id is the stream.
    #[arg(long, value_parser = licence)]
    licence: Option<[u8; 32]>,
    /// The log's folder.
    #[arg(long)]
    log_dir: PathBuf,
    /// Folder of the datasets.
    #[arg(long)]
    manifests: PathBuf,
    #[command(flatten)]
    pins: PinArgs,
    /// Believe the datasets' embeddings without computing them again from the texts.
    #[arg(long)]
    skip_embedding_check: bool,
    #[command(flatten)]
    embedding: ModelArgs,
    /// What came of your own spot check, as `spot-check` wrote it; where the settlement has one, it must be the same.
    #[arg(long)]
    spot: Option<PathBuf>,
    /// The stream's report before, signed, where the node does not keep the block any more that it is in.
    #[arg(long)]
    before: Option<PathBuf>,
    /// The member's key.
    #[arg(long)]
    key: PathBuf,
    /// The member's node.
    #[arg(long, env = "YIELDSET_NODE_URL")]
    node_url: String,
    /// Where the signature goes.
    #[arg(long)]
    out: PathBuf,
}

/// Works a settlement out anew, signs its report, writes the signature, and prints what was signed.
pub async fn sign_report(arguments: SignArgs) -> Result<(), Failure> {
    let mut settlement: Settlement = files::read_json(&arguments.settlement)?;
    if let Some(licence) = arguments.licence {
        settlement.stream = licence;
    }
    let deployment = Deployment::load(&arguments.deployment)?;
    let key = keys::load(&arguments.key)?;
    let before: Option<SignedReport> = arguments.before.as_deref().map(files::read_json).transpose()?;
    let known = before.map(|signed| signed.check()).transpose()?;
    let spot: Option<Checked> = arguments.spot.as_deref().map(files::read_json).transpose()?;
    let client = ChainClient::connect(&arguments.node_url).await?;
    let request = sign::Request {
        settlement: &settlement,
        deployment: &deployment,
        stream: &arguments.stream,
        licence: arguments.licence,
        evidence: Evidence {
            log_dir: &arguments.log_dir,
            pins: arguments.pins.pins(),
            manifests: &arguments.manifests,
            model: (!arguments.skip_embedding_check).then(|| arguments.embedding.folders()),
        },
        spot: spot.map(|checked| checked.figures),
        known: known.as_slice(),
        key: &key,
    };
    let signed = sign::sign(&request, &client).await?;
    files::write_json(&arguments.out, &signed)?;
    warn_of(&settlement.left_out);
    if let Some(summary) = trained::summary(&settlement.faults) {
        tracing::warn!("{summary}");
    }
    let report = signed.report()?;
    say_json(&json!({
        "report_hash": hex0x(&yieldset_oracle::keccak256(&report.to_bytes())),
        "period": period_name(report.period),
        "epoch": report.epoch,
        "revision": report.revision,
        "key": hex0x(&signed.key),
        "left_out": compared::summary(&settlement.left_out),
    }))
}
