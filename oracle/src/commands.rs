//! The commands.

use std::{
    error::Error,
    io::Write,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use clap::{Args, CommandFactory, Parser};
use ed25519_dalek::SigningKey;
use serde::Serialize;
use serde_json::json;
use yieldset_chain::{
    ChainClient, Deployment,
    submit::{Signer, Submitter},
};
use yieldset_oracle::{
    attribution::{self, Attribution, Question},
    compared::{self, After, LeftOut, Reason},
    embed::{self, Embedder},
    files, hex0x,
    ingest::{self, Options},
    keys, licensed,
    manifest::{self, Dataset, ManifestError, Request},
    metric::{DEFAULT_THRESHOLD, metric},
    parse_hex, parse_period, post, record,
    settlement::{self, Settlement},
    usage_log::{Batch, Log, VerifiedLog, load_platforms, note, verified::Pins},
    verify,
};
use yieldset_service::{VERSION, cli::Shipping, stop, web::Limits};

type Failure = Box<dyn Error + Send + Sync>;

/// From creators' files and a platform's usage to a signed report on chain.
#[derive(Debug, Parser)]
#[command(name = "yieldset-oracle", version = VERSION)]
pub enum Command {
    /// Makes an ed25519 key and prints its public key.
    Keygen {
        /// The new file; never overwritten.
        file: PathBuf,
    },
    /// Describes a creator's folder of texts as an immutable dataset version.
    Manifest(ManifestArgs),
    /// Makes an empty usage log.
    LogInit(LogInitArgs),
    /// Takes signed batches over HTTP into the usage log, until SIGTERM.
    Serve(ServeArgs),
    /// Makes usage records of a model's outputs, signs and sends them.
    Record(RecordArgs),
    /// Scores a period's outputs against the creators' texts.
    Attribute(AttributeArgs),
    /// Turns an attribution into weights that sum to 10^18, with their Merkle tree.
    Settle(SettleArgs),
    /// Signs a settlement as a report and posts it exactly once.
    Post(PostArgs),
    /// Checks a report against log and manifests, offline, and against the chain if a node is named.
    Verify(VerifyArgs),
    /// What is installed beside the program.
    #[command(flatten)]
    Shipping(Shipping),
}

/// Where the embedding model is.
#[derive(Debug, Args)]
pub struct ModelArgs {
    /// Folder of the embedding model: YIELDSET_MODEL_DIR, else models/all-MiniLM-L6-v2 in the cache, which is
    /// YIELDSET_CACHE or .cache/yieldset in the home folder.
    #[arg(long, default_value_os_t = embed::default_model_dir(), hide_default_value = true)]
    model_dir: PathBuf,
    /// Where embeddings are kept for the next time: embeddings in the cache.
    #[arg(long, default_value_os_t = files::cache().join("embeddings"), hide_default_value = true)]
    cache_dir: PathBuf,
}

impl ModelArgs {
    fn load(self) -> Result<Embedder, Failure> {
        Ok(Embedder::load(&self.model_dir)?.with_cache(self.cache_dir))
    }
}

/// Keys that are expected.
#[derive(Debug, Args)]
pub struct PinArgs {
    /// The log's public key, where it is known from elsewhere than the log's own folder.
    #[arg(long, value_parser = public_key)]
    log_key: Option<[u8; 32]>,
    /// The witness's public key, likewise.
    #[arg(long, value_parser = public_key)]
    witness_key: Option<[u8; 32]>,
}

impl PinArgs {
    fn pins(&self) -> Pins {
        Pins { log: self.log_key, witness: self.witness_key }
    }
}

/// Arguments of `manifest`.
#[derive(Debug, Args)]
pub struct ManifestArgs {
    /// Folder with the texts.
    folder: PathBuf,
    /// Who and what: name, dataset, title, year.
    #[arg(long)]
    creator: PathBuf,
    /// The creator's account on chain.
    #[arg(long, value_parser = address)]
    account: [u8; 20],
    /// SPDX id of the licence.
    #[arg(long)]
    licence: String,
    /// The licence's threshold in millionths.
    #[arg(long, default_value_t = DEFAULT_THRESHOLD)]
    threshold: u32,
    /// Where the version goes.
    #[arg(long)]
    out: PathBuf,
    #[command(flatten)]
    model: ModelArgs,
}

/// Arguments of `log-init`.
#[derive(Debug, Args)]
pub struct LogInitArgs {
    /// The new log's folder.
    #[arg(long)]
    dir: PathBuf,
    /// What it is called: host and path.
    #[arg(long)]
    origin: String,
    /// The key that signs its checkpoints.
    #[arg(long)]
    key: PathBuf,
    /// The key that cosigns them.
    #[arg(long)]
    witness_key: PathBuf,
}

/// Arguments of `serve`.
#[derive(Debug, Args)]
pub struct ServeArgs {
    /// The log's folder.
    #[arg(long)]
    log_dir: PathBuf,
    /// Who may write: JSON list of slug, public_key, models.
    #[arg(long)]
    platforms: PathBuf,
    /// The log's key.
    #[arg(long)]
    key: PathBuf,
    /// The witness's key.
    #[arg(long)]
    witness_key: PathBuf,
    /// A loopback address; port 0 takes any.
    #[arg(long, default_value = "127.0.0.1:8085")]
    listen: SocketAddr,
    /// Gets the address once batches are taken.
    #[arg(long)]
    ready_file: Option<PathBuf>,
    #[command(flatten)]
    limits: Limits,
}

/// Arguments of `record`.
#[derive(Debug, Args)]
pub struct RecordArgs {
    /// The platform's name.
    #[arg(long)]
    platform: String,
    /// The model's slug.
    #[arg(long)]
    model: String,
    /// Outputs, one JSON object a line.
    #[arg(long, required_unless_present = "training_runs")]
    outputs: Option<PathBuf>,
    /// Training runs, one JSON object a line.
    #[arg(long)]
    training_runs: Option<PathBuf>,
    /// The platform's key.
    #[arg(long)]
    key: PathBuf,
    /// The batch's id: the same id again is the same batch.
    #[arg(long)]
    batch_id: String,
    /// The service's address.
    #[arg(long)]
    post: String,
    #[command(flatten)]
    embedding: ModelArgs,
}

/// Arguments of `attribute`.
#[derive(Debug, Args)]
pub struct AttributeArgs {
    /// The log's folder.
    #[arg(long)]
    log_dir: PathBuf,
    /// Folder of the datasets.
    #[arg(long)]
    manifests: PathBuf,
    /// The model's slug.
    #[arg(long)]
    model: String,
    /// The quarter, such as 2026Q4.
    #[arg(long, value_parser = period)]
    period: u32,
    /// Scores above this count, in millionths; the licences must say the same.
    #[arg(long, default_value_t = DEFAULT_THRESHOLD)]
    threshold: u32,
    /// Score for this licence of the model: its reports decide what is late.
    #[arg(long, value_parser = licence)]
    licence: Option<[u8; 32]>,
    /// The node: what its registry does not count is left out.
    #[arg(long, env = "YIELDSET_NODE_URL", required_unless_present = "offline", requires = "deployment")]
    node_url: Option<String>,
    /// Where the contracts are.
    #[arg(long, required_unless_present = "offline")]
    deployment: Option<PathBuf>,
    /// Ask no chain: every dataset here is compared, and nothing counts as late. `post` refuses what does not count.
    #[arg(long, conflicts_with_all = ["deployment"])]
    offline: bool,
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

/// Arguments of `settle`.
#[derive(Debug, Args)]
pub struct SettleArgs {
    /// The attribution.
    #[arg(long)]
    attribution: PathBuf,
    /// Where the settlement goes.
    #[arg(long)]
    out: PathBuf,
}

/// Arguments of `post`.
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("signer").required(true).args(["signer_uri", "signer_file"]))]
pub struct PostArgs {
    /// The settlement.
    #[arg(long)]
    settlement: PathBuf,
    /// Where the contracts are.
    #[arg(long)]
    deployment: PathBuf,
    /// The stream: the model's slug.
    #[arg(long)]
    stream: String,
    /// Report for this licence of the model instead: its id is the stream.
    #[arg(long, value_parser = licence)]
    licence: Option<[u8; 32]>,
    /// A committee member's key; once for each that signs.
    #[arg(long, required = true)]
    keys: Vec<PathBuf>,
    /// Folder that makes sure of posting once.
    #[arg(long)]
    outbox: PathBuf,
    /// A development account that pays the fee, such as //Alice.
    #[arg(long)]
    signer_uri: Option<String>,
    /// File with the seed of the account that pays the fee.
    #[arg(long)]
    signer_file: Option<PathBuf>,
    /// The node.
    #[arg(long, env = "YIELDSET_NODE_URL")]
    node_url: String,
    /// Where the signed report goes.
    #[arg(long)]
    out: PathBuf,
}

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

fn public_key(text: &str) -> Result<[u8; 32], String> {
    parse_hex(text).ok_or_else(|| "expected a public key of 32 bytes as hex".to_owned())
}

/// For clap: a licence's id.
fn licence(text: &str) -> Result<[u8; 32], String> {
    parse_hex(text).ok_or_else(|| "a licence's id is 0x and 64 hexadecimal digits".into())
}

fn address(text: &str) -> Result<[u8; 20], String> {
    parse_hex(text).ok_or_else(|| "expected an address of 20 bytes as hex".to_owned())
}

fn period(text: &str) -> Result<u32, String> {
    parse_period(text).ok_or_else(|| "expected a quarter such as 2026Q4".to_owned())
}

/// Runs a command.
pub async fn run(command: Command) -> Result<(), Failure> {
    match command {
        Command::Keygen { file } => {
            let key = keys::generate(&file)?;
            say(&hex0x(&key.verifying_key().to_bytes()))
        }
        Command::Manifest(arguments) => make_manifest(arguments),
        Command::LogInit(arguments) => log_init(arguments).await,
        Command::Serve(arguments) => serve(arguments).await,
        Command::Record(arguments) => record(arguments).await,
        Command::Attribute(arguments) => attribute(arguments).await,
        Command::Settle(arguments) => settle(&arguments),
        Command::Post(arguments) => post_report(arguments).await,
        Command::Verify(arguments) => verify_report(arguments).await,
        Command::Shipping(shipping) => Ok(shipping.run(Command::command())?),
    }
}

/// A line on standard output; whoever closed it gets an error, not a panic.
fn say(line: &str) -> Result<(), Failure> {
    Ok(writeln!(std::io::stdout().lock(), "{line}")?)
}

fn say_json<T: Serialize>(value: &T) -> Result<(), Failure> {
    Ok(std::io::stdout().lock().write_all(&files::canonical_json(value)?)?)
}

fn make_manifest(arguments: ManifestArgs) -> Result<(), Failure> {
    let request = Request {
        folder: &arguments.folder,
        creator: &arguments.creator,
        account: arguments.account,
        licence: &arguments.licence,
        threshold: arguments.threshold,
        out: &arguments.out,
    };
    let embedder = arguments.model.load()?;
    say_json(&manifest::make(&request, &embedder)?)
}

async fn log_init(arguments: LogInitArgs) -> Result<(), Failure> {
    let (key, witness) = (keys::load(&arguments.key)?, keys::load(&arguments.witness_key)?);
    let info = Log::create(&arguments.dir, &arguments.origin, &key, witness, &arguments.witness_key).await?;
    say_json(&json!({
        "origin": info.origin,
        "log_key": hex0x(&info.log_key),
        "verifier_key": note::log_verifier_key(&info)?,
        "witness": info.witness,
        "witness_key": hex0x(&info.witness_key),
    }))
}

async fn serve(arguments: ServeArgs) -> Result<(), Failure> {
    let platforms = load_platforms(&arguments.platforms)?;
    let (key, witness) = (keys::load(&arguments.key)?, keys::load(&arguments.witness_key)?);
    let log = Log::open(&arguments.log_dir, platforms, key, witness, &arguments.witness_key).await?;
    let stop = stop::on_signal()?;
    let options = Options::new(arguments.limits);
    Ok(ingest::serve(log, arguments.listen, options, arguments.ready_file.as_deref(), stop).await?)
}

async fn record(arguments: RecordArgs) -> Result<(), Failure> {
    let key = keys::load(&arguments.key)?;
    let mut records = Vec::new();
    if let Some(file) = &arguments.training_runs {
        records.extend(record::training_runs(file, &arguments.model)?);
    }
    if let Some(file) = &arguments.outputs {
        records.extend(record::calls(file, &arguments.model, &arguments.embedding.load()?)?);
    }
    let records = records.iter().map(|record| record.to_bytes()).collect();
    let batch = Batch::sign(&arguments.platform, &arguments.batch_id, records, &key);
    say(record::send(&arguments.post, &batch).await?.trim_end())
}

async fn attribute(arguments: AttributeArgs) -> Result<(), Failure> {
    let log = VerifiedLog::read(&arguments.log_dir, arguments.pins.pins()).await?;
    let embedder = match arguments.skip_embedding_check {
        true => None,
        false => Some(arguments.embedding.load()?),
    };
    let (datasets, mut left_out) = whole(&arguments.manifests, embedder.as_ref())?;
    let stream = compared::stream_of(&arguments.model, arguments.licence);
    let (datasets, after, limits) = match (arguments.offline, &arguments.node_url, &arguments.deployment) {
        (false, Some(url), Some(file)) => {
            let client = ChainClient::connect(url).await?;
            let deployment = Deployment::load(file)?;
            deployment.check(&client).await?;
            let deployment = deployment.current(&client).await?;
            let versions: Vec<_> = datasets.iter().map(attribution::version).collect();
            let registered = compared::look_up_all(&client, &deployment, &versions).await?;
            let reasons = compared::judge(&versions, &registered, arguments.period);
            let (datasets, others) = compared::leave_out(datasets, reasons, attribution::version);
            left_out.extend(others);
            let limits = limits(&client, &deployment, (stream, arguments.period), &log).await?;
            (datasets, compared::reported_before(&client, &deployment, stream, arguments.period).await?, limits)
        }
        _ => (datasets, After::Unknown, licensed::Limits::default()),
    };
    let question = Question {
        model: &arguments.model,
        period: arguments.period,
        metric: metric(arguments.threshold),
        log_size: log.leaves().len() as u64,
        after,
        left_out: &left_out,
        limits,
    };
    let attribution = Attribution { stream, ..attribution::attribute(&log, &datasets, &question)? };
    warn_of(&attribution.left_out);
    if let Some(summary) = licensed::summary(&attribution.uncounted) {
        tracing::warn!("{summary}");
    }
    files::write_json(&arguments.out, &attribution)?;
    say_json(&json!({
        "model": attribution.model,
        "period": attribution.period_name,
        "log_size": attribution.log.size,
        "calls": attribution.totals.calls,
        "qualifying_calls": attribution.totals.qualifying_calls,
        "tokens": attribution.totals.tokens,
        "attributed_tokens": attribution.totals.attributed_tokens,
        "late_records": attribution.totals.late_records,
        "left_out": attribution.left_out,
        "uncounted": attribution.uncounted.len(),
    }))
}

/// Which records the stream's licence counts, if it is one; its platform's key on chain must have signed the log.
async fn limits(
    client: &ChainClient,
    deployment: &Deployment,
    (stream, period): ([u8; 32], u32),
    log: &VerifiedLog,
) -> Result<licensed::Limits, Failure> {
    let Some(found) = licensed::look_up(client, deployment, stream).await? else {
        return Ok(licensed::Limits::default());
    };
    if found.check_log(log)?.is_none() {
        tracing::warn!("the licence's platform has named no usage log on chain; the log's key is believed as it came");
    }
    let registry = deployment.attribution;
    Ok(found.limits(licensed::reported_at(client, (deployment, registry), (stream, period)).await?))
}

/// The dataset versions of a folder that are whole, and the others.
fn whole(folder: &Path, embedder: Option<&Embedder>) -> Result<(Vec<Dataset>, Vec<LeftOut>), Failure> {
    let loaded = manifest::load_all(folder)?;
    let damaged = |manifest_hash, dataset, error: &dyn Error| {
        tracing::warn!(%error, "a dataset version is left out");
        LeftOut { manifest_hash, dataset, reason: Reason::Damaged, records: 0 }
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

fn warn_of(left_out: &[LeftOut]) {
    if let Some(summary) = compared::summary(left_out) {
        tracing::warn!("{summary}");
    }
}

fn settle(arguments: &SettleArgs) -> Result<(), Failure> {
    let attribution: Attribution = files::read_json(&arguments.attribution)?;
    let settlement = settlement::settle(&attribution);
    files::write_json(&arguments.out, &settlement)?;
    say_json(&json!({
        "model": settlement.model,
        "period": settlement.period_name,
        "weights_root": hex0x(&settlement.weights_root),
        "contributors": settlement.contributors.len(),
        "left_out": settlement.left_out,
    }))
}

async fn post_report(arguments: PostArgs) -> Result<(), Failure> {
    let mut settlement: Settlement = files::read_json(&arguments.settlement)?;
    if let Some(licence) = arguments.licence {
        settlement.stream = licence;
    }
    let deployment = Deployment::load(&arguments.deployment)?;
    let keys: Vec<SigningKey> = arguments.keys.iter().map(|file| keys::load(file)).collect::<Result<_, _>>()?;
    let signer = match (&arguments.signer_uri, &arguments.signer_file) {
        (Some(uri), _) => Signer::dev(uri)?,
        (None, Some(file)) => Signer::from_seed_file(file)?,
        (None, None) => return Err("give --signer-uri or --signer-file".into()),
    };
    let submitter = Submitter::new(ChainClient::connect(&arguments.node_url).await?, signer);
    let request = post::Request {
        settlement: &settlement,
        deployment: &deployment,
        stream: &arguments.stream,
        licence: arguments.licence,
        keys: &keys,
        outbox: &arguments.outbox,
    };
    let outcome = post::post(&request, &submitter).await?;
    files::write_json(&arguments.out, &outcome.report)?;
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

async fn verify_report(arguments: VerifyArgs) -> Result<(), Failure> {
    let embedder = match arguments.check_embeddings {
        true => Some(arguments.embedding.load()?),
        false => None,
    };
    let chain = match (&arguments.node_url, &arguments.deployment) {
        (Some(url), Some(file)) => Some((ChainClient::connect(url).await?, Deployment::load(file)?)),
        _ => None,
    };
    let request = verify::Request {
        report: &arguments.report,
        log_dir: &arguments.log_dir,
        manifests: &arguments.manifests,
        pins: arguments.pins.pins(),
        embedder: embedder.as_ref(),
        licence: arguments.licence,
        chain: chain.as_ref().map(|(client, deployment)| (client, deployment)),
    };
    let mut lines = Vec::new();
    let verified = verify::verify(&request, |line| lines.push(line)).await;
    for line in lines {
        say(&format!("ok  {line}"))?;
    }
    verified?;
    say(&format!("the report in {} holds", name(&arguments.report)))
}

fn name(path: &Path) -> String {
    path.display().to_string()
}
