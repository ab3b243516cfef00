//! `attribute`.

use std::{
    error::Error,
    path::{Path, PathBuf},
};

use clap::Args;
use serde_json::json;
use yieldset_chain::{ChainClient, Deployment};
use yieldset_oracle::{
    answers::Answers,
    attribution::{self, Attribution, AttributionError, Question},
    compared::{After, LeftOut, Reason},
    copies,
    embed::Embedder,
    files, licensed,
    manifest::{self, Dataset, ManifestError},
    metric::{DEFAULT_THRESHOLD, metric},
    models::Models,
    over,
    registry::Registry,
    report::SignedReport,
    trained,
    usage_log::VerifiedLog,
};

use super::{Failure, ModelArgs, PinArgs, licence, period, say_json, warn_of};

/// Arguments of `attribute`.
#[derive(Debug, Args)]
pub struct AttributeArgs {
    /// The log's folder.
    #[arg(long)]
    log_dir: PathBuf,
    /// Folder of the datasets.
    #[arg(long)]
    manifests: PathBuf,
    /// The model's slug. Of several models of a licence each: one report is about them all.
    #[arg(long, required = true)]
    model: Vec<String>,
    /// Look at the log's first records alone, so many: those of an anchored checkpoint, from which calls are drawn, of
    /// a log that has grown since.
    #[arg(long)]
    log_size: Option<u64>,
    /// The quarter, such as 2026Q4.
    #[arg(long, value_parser = period)]
    period: u32,
    /// Scores above this count, in millionths; the licences must say the same.
    #[arg(long, default_value_t = DEFAULT_THRESHOLD)]
    threshold: u32,
    /// Score for this licence of the models: its reports decide what is late.
    #[arg(long, value_parser = licence)]
    licence: Option<[u8; 32]>,
    /// The node: what its registry does not count is left out.
    #[arg(long, env = "YIELDSET_NODE_URL", required_unless_present = "offline", requires = "deployment")]
    node_url: Option<String>,
    /// Where the contracts are.
    #[arg(long, required_unless_present = "offline")]
    deployment: Option<PathBuf>,
    /// The stream's report before, signed, where the node does not keep the block any more that it is in.
    #[arg(long)]
    before: Option<PathBuf>,
    /// Ask no chain: every dataset here is compared, and nothing counts as late. `post` refuses what comes of it.
    #[arg(long, conflicts_with_all = ["deployment"])]
    offline: bool,
    /// Look ahead at a quarter that is not over, by the chain's clock, or offline by this machine's. `settle` wants the
    /// same, and no report can be made of it.
    #[arg(long)]
    running: bool,
    /// Where the attribution goes.
    #[arg(long)]
    out: PathBuf,
    /// Believe the datasets' embeddings without computing them again from the texts.
    #[arg(long)]
    skip_embedding_check: bool,
    #[command(flatten)]
    pins: PinArgs,
    #[command(flatten)]
    embedding: ModelArgs,
}

/// Scores a period, writes the attribution, and prints its sums.
pub async fn attribute(arguments: AttributeArgs) -> Result<(), Failure> {
    let log = VerifiedLog::read(&arguments.log_dir, arguments.pins.pins()).await?;
    let size = arguments.log_size.unwrap_or(log.size());
    if size > log.size() {
        return Err(format!("the log has {} records, not {size}; give a checkpoint of it", log.size()).into());
    }
    let embedder = match arguments.skip_embedding_check {
        true => None,
        false => Some(arguments.embedding.load()?),
    };
    let (mut datasets, mut left_out) = whole(&arguments.manifests, embedder.as_ref())?;
    let models = Models::of(arguments.model.iter().cloned())?;
    let Some(stream) = models.stream(arguments.licence) else {
        return Err(AttributionError::NoStream { models: models.to_string() }.into());
    };
    let Chains { registry, after, limits, ground, over } = match (&arguments.node_url, &arguments.deployment) {
        (Some(url), Some(file)) if !arguments.offline => {
            asked(&arguments, stream, (url, file), (&log, size, &datasets)).await?
        }
        _ => Chains::unasked(over::check(arguments.period, over::now())),
    };
    if let Some(registry) = &registry {
        without_texts(&mut datasets, &mut left_out, registry);
    }
    let running = over.is_err();
    if !arguments.running {
        over?;
    }
    let question = Question {
        models: &models,
        licence: arguments.licence,
        period: arguments.period,
        metric: metric(arguments.threshold),
        log_size: size,
        after,
        left_out: &left_out,
        registry: registry.as_ref(),
        limits,
        ground: &ground,
    };
    let attribution = Attribution { running, ..attribution::attribute(&log, &datasets, &question)? };
    files::write_json(&arguments.out, &attribution)?;
    let others = trained::others(&log, size, (&models, &ground), &datasets)?;
    if !others.is_empty() {
        tracing::warn!(
            models = ?others,
            "training runs of other models read datasets of this licence; if it is of them, too, name them by --model"
        );
    }
    tell(&attribution, &datasets)
}

/// What the chain says of a period, or what is taken where nobody asks it.
struct Chains {
    registry: Option<Registry>,
    after: After,
    limits: licensed::Limits,
    ground: trained::Ground,
    over: Result<(), over::Running>,
}

impl Chains {
    fn unasked(over: Result<(), over::Running>) -> Self {
        let (limits, ground) = (licensed::Limits::default(), trained::Ground::default());
        Self { registry: None, after: After::Unknown, limits, ground, over }
    }
}

/// Asks the chain at a block that stays: whoever verifies asks it again.
async fn asked(
    arguments: &AttributeArgs,
    stream: [u8; 32],
    (url, file): (&str, &Path),
    (log, size, datasets): (&VerifiedLog, u64, &[Dataset]),
) -> Result<Chains, Failure> {
    let client = ChainClient::connect(url).await?;
    let deployment = Deployment::load(file)?;
    deployment.check(&client).await?;
    let versions: Vec<_> = datasets.iter().map(attribution::version).collect();
    let at = client.finalised_block().await?;
    let deployment = deployment.current_at(&client, at.hash).await?;
    let registry = Registry::ask(&client, &deployment, &at, &versions).await?;
    let before: Option<SignedReport> = arguments.before.as_deref().map(files::read_json).transpose()?;
    let known = before.map(|signed| signed.check()).transpose()?;
    let place = (stream, arguments.period);
    let sizes = trained::candidates(&arguments.log_dir, size)?;
    let (known, log_name) = ((at.hash, known.as_slice()), &log.info().origin);
    let answers = Answers::ask(&client, &deployment, place, known, (log_name, &sizes)).await?;
    check_log(&answers, log)?;
    let Answers { after, limits, ground, .. } = answers;
    let over = over::check(arguments.period, at.timestamp_ms / 1_000);
    Ok(Chains { registry: Some(registry), after, limits, ground, over })
}

/// Tells what was left out, and the sums.
fn tell(attribution: &Attribution, datasets: &[Dataset]) -> Result<(), Failure> {
    warn_of(&attribution.left_out);
    if let Some(summary) = licensed::summary(&attribution.uncounted) {
        tracing::warn!("{summary}");
    }
    let copies = copies::among(&copies::in_order(datasets, &attribution.manifests), attribution.metric.threshold);
    if let Some(summary) = copies::summary(&copies) {
        tracing::warn!("{summary}");
    }
    if let Some(summary) = trained::summary(&attribution.faults) {
        tracing::warn!("{summary}");
    }
    let false_discoveries = attribution.decoys.and_then(|measured| measured.false_discoveries());
    say_json(&json!({
        "model": attribution.models,
        "period": attribution.period_name,
        "log_size": attribution.log.size,
        "calls": attribution.totals.calls,
        "qualifying_calls": attribution.totals.qualifying_calls,
        "tokens": attribution.totals.tokens,
        "attributed_tokens": attribution.totals.attributed_tokens,
        "late_records": attribution.totals.late_records,
        "running": attribution.running,
        "left_out": attribution.left_out,
        "faults": attribution.faults,
        "uncounted": attribution.uncounted.len(),
        "copies": copies,
        "false_discoveries": false_discoveries.map(|found| json!({
            "expected": found.expected, "lowest": found.lowest, "highest": found.highest,
        })),
    }))
}

/// Where the stream is a licence, its platform's key on chain must have signed the log.
fn check_log(answers: &Answers, log: &VerifiedLog) -> Result<(), Failure> {
    let Some(licensed) = &answers.licensed else { return Ok(()) };
    if licensed.check_log(log)?.is_none() {
        tracing::warn!("the licence's platform has named no usage log on chain; the log's key is believed as it came");
    }
    Ok(())
}

/// Leaves out what stands in the registry and whose texts are not here: any table could be said to be theirs, and no
/// member signs it.
fn without_texts(datasets: &mut Vec<Dataset>, left_out: &mut Vec<LeftOut>, registry: &Registry) {
    datasets.retain(|dataset| {
        let stands = registry.registrations.get(&dataset.manifest_hash).is_some_and(|found| found.closed_at.is_none());
        let missing: Vec<&str> = dataset.missing().collect();
        if !stands || missing.is_empty() {
            return true;
        }
        tracing::warn!(dataset = dataset.dataset, ?missing, "a dataset version is left out: its texts are not here");
        left_out.push(LeftOut::bare(dataset.manifest_hash, Some(dataset.dataset.clone()), Reason::Damaged));
        false
    });
}

/// The dataset versions of a folder that are whole, and the others.
fn whole(folder: &Path, embedder: Option<&Embedder>) -> Result<(Vec<Dataset>, Vec<LeftOut>), Failure> {
    let loaded = manifest::load_all(folder)?;
    let damaged = |manifest_hash, dataset, error: &dyn Error| {
        tracing::warn!(%error, "a dataset version is left out");
        LeftOut::bare(manifest_hash, dataset, Reason::Damaged)
    };
    let mut left_out: Vec<_> = loaded.damaged.iter().map(|one| damaged(one.manifest_hash, None, &one.error)).collect();
    let mut datasets = Vec::new();
    for dataset in loaded.datasets {
        match embedder.map(|embedder| dataset.check_embeddings(embedder)) {
            Some(Err(error @ ManifestError::ForeignEmbedding { .. })) => {
                left_out.push(damaged(dataset.manifest_hash, Some(dataset.dataset), &error));
            }
            // The embedder itself fails: that is no dataset's fault.
            Some(Err(error)) => return Err(error.into()),
            Some(Ok(())) | None => datasets.push(dataset),
        }
    }
    Ok((datasets, left_out))
}
