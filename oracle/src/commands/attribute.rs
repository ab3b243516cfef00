//! `attribute`.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;
use yieldset_oracle::{
    answers::Answers,
    attribution::{self, Attribution, AttributionError, Question},
    compared::{After, LeftOut, Reason},
    copies, documents,
    embed::Embedder,
    files::Access,
    licensed,
    manifest::{self, Dataset, ManifestError},
    metric::{DEFAULT_THRESHOLD, metric},
    models::Models,
    over,
    registry::Registry,
    report::SignedReport,
    trained,
    usage_log::VerifiedLog,
};

use super::{
    Failure, ModelArgs, PinArgs, chain::ChainArgs, count, false_hits, in_force, licence, millionths, period, say_json,
    warn_of,
};

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
    #[arg(long, value_parser = millionths, default_value_t = DEFAULT_THRESHOLD)]
    threshold: u32,
    /// Score for this licence of the models: its reports decide what is late. It must be in force in the quarter.
    #[arg(long, value_parser = licence)]
    licence: Option<[u8; 32]>,
    /// The stream's report before, signed, where the node does not keep the block any more that it is in.
    #[arg(long)]
    before: Option<PathBuf>,
    /// Ask no chain, also where the environment names one: every dataset here is compared, nothing counts as late, and
    /// no licence is looked at. `post` refuses what comes of it.
    #[arg(long)]
    offline: bool,
    /// Look ahead at a quarter that is not over, by the chain's clock, or offline by this machine's. `settle` wants the
    /// same, and no report can be made of it.
    #[arg(long)]
    running: bool,
    /// Go on where versions here are damaged, or the texts of one that stands in the registry are not here: they are
    /// left out, and paid nothing.
    #[arg(long)]
    allow_left_out: bool,
    /// Where the attribution goes.
    #[arg(long)]
    out: PathBuf,
    /// Believe the datasets' embeddings without computing them again from the texts.
    #[arg(long)]
    skip_embedding_check: bool,
    #[command(flatten)]
    chain: ChainArgs,
    #[command(flatten)]
    pins: PinArgs,
    #[command(flatten)]
    embedding: ModelArgs,
}

/// Scores a period, writes the attribution, and prints its sums.
pub async fn attribute(arguments: AttributeArgs) -> Result<(), Failure> {
    documents::check_out::<Attribution>(&arguments.out)?;
    let log = VerifiedLog::read(&arguments.log_dir, arguments.pins.pins()).await?;
    let size = arguments.log_size.unwrap_or(log.size());
    if size > log.size() {
        return Err(format!("the log has {}, not {size}; give a checkpoint of it", count(log.size(), "record")).into());
    }
    let embedder = match arguments.skip_embedding_check {
        true => None,
        false => Some(arguments.embedding.load()?),
    };
    let mut found = whole(&arguments.manifests, embedder.as_ref())?;
    found.check(arguments.allow_left_out)?;
    let models = Models::of(arguments.model.iter().cloned())?;
    let Some(stream) = models.stream(arguments.licence) else {
        return Err(AttributionError::NoStream { models: models.to_string() }.into());
    };
    let Chains { registry, after, limits, ground, over } = match arguments.offline {
        false => asked(&arguments, stream, (&log, size, &found.datasets)).await?,
        true => Chains::unasked(over::check(arguments.period, over::now())),
    };
    if let Some(registry) = &registry {
        found.without_texts(registry);
        found.check(arguments.allow_left_out)?;
    }
    let Found { datasets, left_out, .. } = found;
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
    documents::write(&arguments.out, &attribution, Access::Published)?;
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
    (log, size, datasets): (&VerifiedLog, u64, &[Dataset]),
) -> Result<Chains, Failure> {
    let (client, deployment) = arguments.chain.connect().await?;
    deployment.check(&client).await?;
    if let Some(licence) = arguments.licence {
        in_force::check(&client, &deployment, (licence, arguments.period)).await?;
    }
    let versions: Vec<_> = datasets.iter().map(attribution::version).collect();
    let at = client.finalised_block().await?;
    let deployment = deployment.current_at(&client, at.hash).await?;
    let registry = Registry::ask(&client, &deployment, &at, &versions).await?;
    let before: Option<SignedReport> = arguments.before.as_deref().map(documents::read).transpose()?;
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
    let not_checked = match attribution.seen {
        Some(_) => None,
        None => in_force::unchecked(attribution.stream, &attribution.models),
    };
    if let Some(not_checked) = &not_checked {
        tracing::warn!("not checked: {not_checked}");
    }
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
        "false_discoveries": false_hits::told(attribution.decoys.as_ref()),
        "decoy_hits": attribution.decoy_hits,
        "not_checked": not_checked,
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

/// The dataset versions of a folder that are whole, and the others.
struct Found {
    datasets: Vec<Dataset>,
    left_out: Vec<LeftOut>,
    /// Of what is left out, where it is and what is wrong with it.
    why: Vec<String>,
}

impl Found {
    /// Whether nothing is left out that its creator could have earned by, or that is meant.
    fn check(&self, allowed: bool) -> Result<(), Failure> {
        if allowed || self.why.is_empty() {
            return Ok(());
        }
        let why = self.why.join("; ");
        Err(format!(
            "versions here are damaged, and would be paid nothing: {why}. Restore them, or leave them out by --allow-left-out"
        )
        .into())
    }

    fn leave_out(&mut self, (manifest_hash, dataset): ([u8; 32], Option<String>), why: String) {
        tracing::warn!(why, "a dataset version is left out");
        self.left_out.push(LeftOut::bare(manifest_hash, dataset, Reason::Damaged));
        self.why.push(why);
    }

    /// Leaves out what stands in the registry and whose texts are not here: any table could be said to be theirs, and
    /// no member signs it.
    fn without_texts(&mut self, registry: &Registry) {
        let may_lack = |hash: &[u8; 32]| registry.registrations.get(hash).is_none_or(|found| found.redacted);
        let lacks = |one: &Dataset| !may_lack(&one.manifest_hash) && one.missing().next().is_some();
        let (without, whole) = std::mem::take(&mut self.datasets).into_iter().partition::<Vec<_>, _>(lacks);
        self.datasets = whole;
        for one in without {
            let missing = one.missing().collect::<Vec<_>>().join(", ");
            let why = format!("{} in {} is without its texts {missing}", one.dataset, one.folder.display());
            self.leave_out((one.manifest_hash, Some(one.dataset)), why);
        }
    }
}

/// What is in a folder.
fn whole(folder: &Path, embedder: Option<&Embedder>) -> Result<Found, Failure> {
    let loaded = manifest::load_all(folder)?;
    let mut found = Found { datasets: Vec::new(), left_out: Vec::new(), why: Vec::new() };
    for one in loaded.damaged {
        found.leave_out((one.manifest_hash, None), one.error.to_string());
    }
    for dataset in loaded.datasets {
        match embedder.map(|embedder| dataset.check_embeddings(embedder)) {
            Some(Err(error @ ManifestError::ForeignEmbedding { .. })) => {
                found.leave_out((dataset.manifest_hash, Some(dataset.dataset)), error.to_string());
            }
            // The embedder itself fails: that is no dataset's fault.
            Some(Err(error)) => return Err(error.into()),
            Some(Ok(())) | None => found.datasets.push(dataset),
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use yieldset_oracle::{
        embed,
        manifest::{MANIFEST, Request, make},
    };

    use super::*;

    /// A version whose files are damaged would be paid nothing: that is told with its place, and is no success unless
    /// it is meant. Before, it was a line of the log.
    #[test]
    fn a_damaged_version_is_not_passed_over_unasked() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let at = |name: &str| folder.path().join(name);
        let embedder = Embedder::load(&embed::default_model_dir()).expect("the model");
        for name in ["one", "two"] {
            std::fs::create_dir_all(at(name)).expect("made");
            std::fs::write(at(name).join("text.txt"), format!("The words of {name} and of nobody else."))
                .expect("written");
            let creator = format!(r#"{{"name": "C", "dataset": "c/{name}", "title": "T", "year": 1815}}"#);
            std::fs::write(at("creator.json"), creator).expect("written");
            let out = at("manifests").join(name);
            let request = Request {
                folder: &at(name),
                creator: &at("creator.json"),
                account: [1; 20],
                licence: "CC0-1.0",
                threshold: DEFAULT_THRESHOLD,
                out: &out,
            };
            make(&request, &embedder).expect("made");
        }
        whole(&at("manifests"), None).expect("read").check(false).expect("all are whole");
        std::fs::write(at("manifests/two/texts/text.txt"), "other words").expect("changed");
        let found = whole(&at("manifests"), None).expect("read");
        assert_eq!((found.datasets.len(), found.left_out[0].reason), (1, Reason::Damaged));
        let error = found.check(false).expect_err("damaged").to_string();
        assert!(error.contains("manifests/two") && error.contains("--allow-left-out"), "{error}");
        found.check(true).expect("it is meant");
        std::fs::write(at("manifests/two").join(MANIFEST), "{}").expect("changed");
        whole(&at("manifests"), None).expect("read").check(false).expect_err("not even its manifest");
    }
}
