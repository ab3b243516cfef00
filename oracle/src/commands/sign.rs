//! `sign`: a committee's member works a settlement out anew and signs it.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;
use yieldset_oracle::{
    compared, documents,
    files::Access,
    hex0x, keys,
    metric::DEFAULT_THRESHOLD,
    period_name,
    report::SignedReport,
    sign::{self, Evidence, SignatureFile},
    spot::Checked,
    trained,
};

use super::{Failure, ModelArgs, PinArgs, ReportArgs, Reported, millionths, public_key, say_json, warn_of};

/// Arguments of `sign`.
#[derive(Debug, Args)]
pub struct SignArgs {
    #[command(flatten)]
    report: ReportArgs,
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
    /// Most calls of the period or an earlier one that may stand in your log behind the settlement's part of it: they
    /// count in a later report, or never where the licence says how late a record may come.
    #[arg(long, default_value_t = 0)]
    late_calls: u64,
    /// Sign though surely more than 5 % of the hits are mistaken: SHA-256 of the audit's finding that says why, as the
    /// settlement names it. A licence's own limit is the contract's to hold.
    #[arg(long, value_parser = public_key, value_name = "SHA256")]
    audited: Option<[u8; 32]>,
    /// How like something must be, in millionths, where the stream's licence does not say: yours, since a settlement
    /// with another one may have been made to pay somebody else.
    #[arg(long, value_parser = millionths, default_value_t = DEFAULT_THRESHOLD)]
    threshold: u32,
    /// The member's key.
    #[arg(long)]
    key: PathBuf,
    /// Where the signature goes.
    #[arg(long)]
    out: PathBuf,
}

/// Works a settlement out anew, signs its report, writes the signature, and prints what was signed.
pub async fn sign_report(arguments: SignArgs) -> Result<(), Failure> {
    documents::check_out::<SignatureFile>(&arguments.out)?;
    let key = keys::load(&arguments.key)?;
    let before: Option<SignedReport> = arguments.before.as_deref().map(documents::read).transpose()?;
    let known = before.map(|signed| signed.check()).transpose()?;
    let spot: Option<Checked> = arguments.spot.as_deref().map(documents::read).transpose()?;
    let Reported { client, deployment, settlement, models } = arguments.report.load().await?;
    let request = sign::Request {
        settlement: &settlement,
        deployment: &deployment,
        models: &models,
        licence: arguments.report.licence,
        evidence: Evidence {
            log_dir: &arguments.log_dir,
            pins: arguments.pins.pins(),
            manifests: &arguments.manifests,
            model: (!arguments.skip_embedding_check).then(|| arguments.embedding.folders()),
        },
        threshold: arguments.threshold,
        spot: spot.as_ref(),
        late_calls: arguments.late_calls,
        known: known.as_slice(),
        audited: arguments.audited,
        key: &key,
    };
    let signed = sign::sign(&request, &client).await?;
    documents::write(&arguments.out, &signed, Access::Published)?;
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
