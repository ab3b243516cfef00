//! `post`, `prove` and `keep-root`: what is sent, and the proof that it came there.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use clap::Args;
use serde_json::json;
use yieldset_chain::{BlockRef, ChainClient, submit::FINALITY_PATIENCE};
use yieldset_oracle::{
    documents,
    files::Access,
    hex0x,
    keep::{self, Kept},
    period_name, post,
    proven::{self, SavedProof},
    report::SignedReport,
    slug_id,
};

use super::{
    Failure, ReportArgs, Reported,
    chain::{ChainArgs, NodeArgs},
    licence,
    payer::Payer,
    period, say_json, warn_of,
};

/// The most of a tip unless it is said, in the chain's units, whatever the node says of these: a tenth of a coin of a
/// devnet, ten of Polkadot Hub, where its own tenth is less.
const MOST_TIP: u128 = 100_000_000_000;

/// Arguments of `post`.
#[derive(Debug, Args)]
pub struct PostArgs {
    #[command(flatten)]
    report: ReportArgs,
    /// A member's signature, as `sign` wrote it, or a folder of them. What an earlier run began is finished without.
    #[arg(long)]
    signatures: Vec<PathBuf>,
    /// Most that is given for haste, in the chain's smallest native units, a tenth of a coin without: where the
    /// transaction waits in no block for as long as --wait says, it is sent again for more.
    #[arg(long)]
    most_tip: Option<u128>,
    /// In how many seconds it should be final.
    #[arg(long, default_value_t = FINALITY_PATIENCE.as_secs(), value_parser = clap::value_parser!(u64).range(1..))]
    wait: u64,
    /// Folder that makes sure of posting once.
    #[arg(long)]
    outbox: PathBuf,
    #[command(flatten)]
    payer: Payer,
    /// Where the signed report goes.
    #[arg(long)]
    out: PathBuf,
}

/// Arguments of `keep-root`.
#[derive(Debug, Args)]
pub struct KeepRootArgs {
    /// The stream: the model's slug.
    #[arg(long)]
    stream: String,
    /// Of this licence of the model instead: its id is the stream.
    #[arg(long, value_parser = licence)]
    licence: Option<[u8; 32]>,
    /// The quarter, such as 2026Q4.
    #[arg(long, value_parser = period)]
    period: u32,
    #[command(flatten)]
    chain: ChainArgs,
    #[command(flatten)]
    payer: Payer,
}

/// Posts a settlement's report with its members' signatures, and prints what came of it.
pub async fn post_report(arguments: PostArgs) -> Result<(), Failure> {
    // What is sent cannot be taken back, so it is known before where the report goes.
    let proof = arguments.out.with_extension("proof.json");
    documents::check_out::<SignedReport>(&arguments.out)?;
    documents::check_out::<SavedProof>(&proof)?;
    let signatures = post::collect(&arguments.signatures)?;
    let Reported { client, deployment, settlement, models } = arguments.report.load().await?;
    let submitter = arguments.payer.submitter(&client).await?.waiting(Duration::from_secs(arguments.wait));
    let request = post::Request {
        settlement: &settlement,
        deployment: &deployment,
        models: &models,
        licence: arguments.report.licence,
        signatures: &signatures,
        outbox: &arguments.outbox,
        most_tip: arguments.most_tip.unwrap_or_else(|| (submitter.client().units_per_coin() / 10).min(MOST_TIP)),
    };
    let outcome = post::post(&request, &submitter).await?;
    documents::write(&arguments.out, &outcome.report, Access::Published)?;
    // It is posted in any case, and `prove` gets another one.
    if let Err(error) = save_proof(submitter.client(), &outcome.report, &proof).await {
        tracing::warn!(%error, "no proof of the report was saved; get it by `prove`");
    }
    warn_of(&outcome.report.settlement.left_out);
    let transaction = &outcome.report.transaction;
    say_json(&json!({
        "status": if outcome.already_posted { "already posted" } else { "posted" },
        "report_hash": hex0x(&outcome.report.report_hash),
        "period": outcome.report.fields.period_name,
        "left_out": outcome.report.settlement.left_out,
        "tx_hash": transaction.as_ref().map(|posted| hex0x(&posted.tx_hash)),
        "block_number": transaction.as_ref().map(|posted| posted.block_number),
    }))
}

/// Saves the proof that the chain has a report, in the state after its last finalised block; that block's height.
async fn save_proof(client: &ChainClient, signed: &SignedReport, out: &Path) -> Result<BlockRef, Failure> {
    let at = client.finalised_block().await?;
    let proof = proven::fetch(client, &signed.check()?, at.hash).await?;
    documents::write(out, &proof, Access::Published)?;
    Ok(at)
}

/// Arguments of `prove`.
#[derive(Debug, Args)]
pub struct ProveArgs {
    /// The signed report.
    #[arg(long)]
    report: PathBuf,
    #[command(flatten)]
    node: NodeArgs,
    /// Where the proof goes.
    #[arg(long)]
    out: PathBuf,
}

/// Gets the proof that the chain has a report, and prints of which block.
pub async fn prove(arguments: ProveArgs) -> Result<(), Failure> {
    let signed: SignedReport = documents::read(&arguments.report)?;
    let client = arguments.node.connect().await?;
    let at = save_proof(&client, &signed, &arguments.out).await?;
    say_json(&json!({"block_number": at.number, "block_hash": hex0x(at.hash.as_slice())}))
}

/// Has the pool keep a period's root, and prints whether there was anything to do.
pub async fn keep_root(arguments: KeepRootArgs) -> Result<(), Failure> {
    let (client, deployment) = arguments.chain.connect().await?;
    let submitter = arguments.payer.submitter(&client).await?;
    let stream = arguments.licence.unwrap_or_else(|| slug_id(&arguments.stream));
    let kept = keep::keep_root(&submitter, &deployment, (stream, arguments.period)).await?;
    let status = match &kept {
        Kept::Now(_) => "kept",
        Kept::Before => "nothing to do: kept before",
        Kept::NotFinal => "nothing to do yet: the report is not final",
        Kept::NothingQualified => "nothing to do: nothing qualified",
        Kept::NothingWaits => "nothing to do: the pool holds nothing for it",
    };
    let tx_hash = match &kept {
        Kept::Now(receipt) => Some(hex0x(receipt.tx_hash.as_slice())),
        _ => None,
    };
    say_json(&json!({"status": status, "period": period_name(arguments.period), "tx_hash": tx_hash}))
}
