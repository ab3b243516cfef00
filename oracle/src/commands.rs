//! The commands.

mod attribute;
mod chain;
mod examples;
mod false_hits;
mod grant;
mod in_force;
mod keeper;
mod log;
mod log_copy;
mod payer;
mod post;
mod publish;
mod sign;
mod spot;
mod verify;

use std::{
    error::Error,
    io::Write,
    path::{Path, PathBuf},
};

use clap::{Args, CommandFactory, Parser};
use serde::Serialize;
use serde_json::json;
use yieldset_chain::{Book, ChainClient, Deployment, Home};
use yieldset_oracle::{
    attribution::Attribution,
    compared::{self, LeftOut},
    copies, documents,
    embed::{self, Embedder},
    files::{self, Access},
    hex0x, ingest, keys,
    manifest::{self, Request},
    metric::DEFAULT_THRESHOLD,
    models::Models,
    over, parse_hex, parse_period, record,
    settlement::{self, Settlement},
    spot::Checked,
    usage_log::{Batch, verified::Pins},
};
use yieldset_service::{VERSION, cli::Shipping};

use self::chain::ChainArgs;
pub use self::verify::NotAllShown;

type Failure = Box<dyn Error + Send + Sync>;

/// From creators' files and a platform's usage to a signed report on chain.
#[derive(Debug, Parser)]
#[command(name = "yieldset-oracle", version = VERSION)]
pub enum Command {
    /// Makes an ed25519 key and prints its public key.
    Keygen {
        /// The new file; never overwritten.
        file: PathBuf,
        /// Print the public key of a key that is there, and make none.
        #[arg(long)]
        show: bool,
    },
    /// Describes a creator's folder of texts as an immutable dataset version.
    #[command(after_help = examples::MANIFEST)]
    Manifest(ManifestArgs),
    /// Makes an empty usage log.
    LogInit(log::LogInitArgs),
    /// Takes signed batches over HTTP into the usage log, until SIGTERM. Its witnesses cosign what it publishes.
    Serve(log::ServeArgs),
    /// Copies a log into a new folder, also while it is served: whole, and read back. A copy by other means may have a
    /// checkpoint of more records, or of fewer, than the tiles beside it.
    LogCopy(log_copy::LogCopyArgs),
    /// Deletes entries of a log's first records where all calls among them are old enough; hashes, proofs and training
    /// runs stay. The log must not be served meanwhile.
    LogPrune(log::LogPruneArgs),
    /// Has a witness begin to watch a log: from nothing, and once.
    WitnessInit(log::WitnessInitArgs),
    /// Cosigns logs' checkpoints over HTTP (C2SP tlog-witness), until SIGTERM: each only if it continues the one
    /// before. Let somebody else than the log's operator run it.
    Witness(log::WitnessArgs),
    /// Signs a grant to read records or lines of a log: who, of what, what for and until when.
    Grant(grant::GrantArgs),
    /// Reads from a log what a grant opens. The log keeps a line of it.
    Read(grant::ReadArgs),
    /// Checks a log of readings, or a copy of one.
    CheckReadings {
        /// The file.
        file: PathBuf,
    },
    /// Makes usage records of a model's outputs, signs and sends them.
    #[command(after_help = examples::RECORD)]
    Record(RecordArgs),
    /// Scores a period's outputs against the creators' texts.
    #[command(after_help = examples::ATTRIBUTE)]
    Attribute(attribute::AttributeArgs),
    /// Turns an attribution into weights that sum to 10^18, with their Merkle tree.
    #[command(after_help = examples::SETTLE)]
    Settle(SettleArgs),
    /// Draws calls that the platform must open, by the block after the one that has the log's checkpoint anchored.
    #[command(after_help = examples::SPOT_DRAW)]
    SpotDraw(spot::DrawArgs),
    /// Opens drawn calls to the committee: their texts, signed.
    #[command(after_help = examples::SPOT_OPEN)]
    SpotOpen(spot::OpenArgs),
    /// Works out again what the log has of the opened calls, and how many of all calls may be wrong.
    #[command(after_help = examples::SPOT_CHECK)]
    SpotCheck(spot::CheckArgs),
    /// Works a settlement out anew and signs its report, as one member of the committee; the signature is a file.
    #[command(after_help = examples::SIGN)]
    Sign(sign::SignArgs),
    /// Collects the members' signatures and posts their report exactly once.
    Post(post::PostArgs),
    /// Gets the proof that the chain has a report, which `verify` checks without a node.
    Prove(post::ProveArgs),
    /// Has the pool keep the root of a final report, so that no claim need ask for it. Where there is nothing to do it
    /// says so.
    KeepRoot(post::KeepRootArgs),
    /// Sends what contracts wait for and nobody sends: found from chain, usage log and reports, asked of the contract,
    /// and sent in time. What is late or failed is told. With --once it ends with 3 where something is due that it did
    /// not send: it failed, is blocked, or is another account's to send.
    Keeper(keeper::KeeperArgs),
    /// Writes a period's public files to a folder or store: complete or not at all, and once.
    #[command(after_help = examples::PUBLISH)]
    Publish(publish::PublishArgs),
    /// Puts a licence's period together for an audit: a package with the training runs and the platform's signatures.
    Bundle(publish::BundleArgs),
    /// Checks a report against log and manifests, and against the chain if a node is named. Ends with 3 where nothing
    /// is wrong with what was shown, and something was not shown.
    #[command(after_help = examples::VERIFY)]
    Verify(verify::VerifyArgs),
    /// Print the description of the log's HTTP (OpenAPI 3.1).
    Openapi,
    /// What is installed beside the program.
    #[command(flatten)]
    Shipping(Shipping),
}

/// Where the embedding model is.
#[derive(Debug, Args)]
#[command(next_help_heading = "The embedding model")]
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
    /// Of the model, and of its cache.
    fn folders(&self) -> (&Path, &Path) {
        (&self.model_dir, &self.cache_dir)
    }

    fn load(&self) -> Result<Embedder, Failure> {
        Ok(Embedder::load(&self.model_dir)?.with_cache(self.cache_dir.clone()))
    }
}

/// Keys that are expected.
#[derive(Debug, Args)]
#[command(next_help_heading = "What you know from elsewhere")]
pub struct PinArgs {
    /// The log's public key, where it is known from elsewhere than the log's own folder.
    #[arg(long, value_parser = public_key)]
    log_key: Option<[u8; 32]>,
    /// The public key of a witness that must have cosigned, likewise.
    #[arg(long, value_parser = public_key)]
    witness_key: Option<[u8; 32]>,
}

impl PinArgs {
    fn pins(&self) -> Pins {
        Pins { log: self.log_key, witness: self.witness_key }
    }
}

/// Of which settlement a report is, and where it goes.
#[derive(Debug, Args)]
pub struct ReportArgs {
    /// The settlement.
    #[arg(long)]
    settlement: PathBuf,
    /// The stream: the model's slug. Of a report about several models of a licence each.
    #[arg(long, required = true)]
    stream: Vec<String>,
    /// For this licence of the models instead: its id is the stream. It must be this pool's, and in force in the
    /// settlement's quarter.
    #[arg(long, value_parser = licence)]
    licence: Option<[u8; 32]>,
    #[command(flatten)]
    chain: ChainArgs,
}

/// A settlement that a report may be of, and where that goes.
struct Reported {
    client: ChainClient,
    deployment: Deployment,
    settlement: Settlement,
    /// As expected.
    models: Models,
}

impl ReportArgs {
    /// The settlement, which is of the licence where one is given; the chain, which has that licence in force.
    async fn load(&self) -> Result<Reported, Failure> {
        let mut settlement: Settlement = documents::read(&self.settlement)?;
        let models = Models::of(self.stream.iter().cloned())?;
        in_force::check_stream(&settlement, &models, self.licence)?;
        let (client, deployment) = self.chain.connect().await?;
        deployment.check(&client).await?;
        if let Some(licence) = self.licence {
            settlement.stream = licence;
            in_force::check(&client, &deployment, (licence, settlement.period)).await?;
        }
        Ok(Reported { client, deployment, settlement, models })
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
    #[arg(long, value_parser = address, required_unless_present = "decoy")]
    account: Option<[u8; 20]>,
    /// Make a decoy: a version that is nobody's, for measuring how often those on its topic are hit by mistake.
    /// `attribute` compares those in its folder, and the report names them.
    #[arg(long, conflicts_with = "account")]
    decoy: bool,
    /// SPDX id of the licence that the public has, such as CC-BY-4.0.
    #[arg(long, value_name = "ID")]
    spdx: String,
    /// The licence's threshold in millionths, from 500000 on.
    #[arg(long, value_parser = millionths, default_value_t = DEFAULT_THRESHOLD)]
    threshold: u32,
    /// Where the version goes.
    #[arg(long)]
    out: PathBuf,
    /// Folder of datasets that were registered before: what the version has from them is told, and will earn nothing.
    #[arg(long)]
    beside: Option<PathBuf>,
    #[command(flatten)]
    model: ModelArgs,
}

/// Arguments of `record`.
#[derive(Debug, Args)]
pub struct RecordArgs {
    /// The platform's slug, as the log's list of platforms has it.
    #[arg(long, value_name = "SLUG")]
    platform_slug: String,
    /// The model's slug.
    #[arg(long)]
    model: String,
    /// Outputs, one JSON object a line.
    #[arg(long, required_unless_present = "training_runs")]
    outputs: Option<PathBuf>,
    /// Training runs, one JSON object a line.
    #[arg(long)]
    training_runs: Option<PathBuf>,
    /// Folder of the datasets that the runs read: ingestion digests that are not in the file are worked out from it.
    #[arg(long, requires = "training_runs")]
    manifests: Option<PathBuf>,
    /// The platform's key.
    #[arg(long)]
    key: PathBuf,
    /// The batch's id: the same id again is the same batch. More records than a batch takes are sent as several, ID.1
    /// and so on.
    #[arg(long)]
    batch_id: String,
    /// Where the usage log is served, such as http://127.0.0.1:8085.
    #[arg(long, value_name = "URL")]
    log_url: String,
    #[command(flatten)]
    embedding: ModelArgs,
}

/// Arguments of `settle`.
#[derive(Debug, Args)]
pub struct SettleArgs {
    /// The attribution.
    #[arg(long)]
    attribution: PathBuf,
    /// What came of a spot check, as `spot-check` wrote it.
    #[arg(long)]
    spot: Option<PathBuf>,
    /// SHA-256 of the finding of an audit that says why surely more than 5 % of the hits are mistaken, where they are:
    /// members sign by it, and readers are told.
    #[arg(long, value_parser = public_key, value_name = "SHA256")]
    audited: Option<[u8; 32]>,
    /// Where the settlement goes.
    #[arg(long)]
    out: PathBuf,
    /// Look ahead at a quarter that is not over. No report can be made of it.
    #[arg(long)]
    running: bool,
}

fn public_key(text: &str) -> Result<[u8; 32], String> {
    parse_hex(text).ok_or_else(|| "expected a public key of 32 bytes as hex".to_owned())
}

/// For clap: a licence's id.
fn licence(text: &str) -> Result<[u8; 32], String> {
    match book_for(text)?.licence(text).map_err(|error| error.to_string())? {
        Some(licence) => Ok(licence.0),
        None => {
            Err("a licence is a label of the address book (@spring), or its id: 0x and 64 hexadecimal digits".into())
        }
    }
}

fn address(text: &str) -> Result<[u8; 20], String> {
    Ok(book_for(text)?.resolve(text, None).map_err(|error| error.to_string())?.into_array())
}

/// The address book of `yieldset`, where a label is written; what is no label needs none, and a damaged one is in
/// nobody's way.
fn book_for(text: &str) -> Result<Book, String> {
    match text.trim().starts_with('@') {
        true => Book::load(&Home::from_environment()).map_err(|error| error.to_string()),
        false => Ok(Book::default()),
    }
}

/// For clap: a score.
fn millionths(text: &str) -> Result<u32, String> {
    text.parse().map_err(|_| "expected millionths, such as 700000 for 0.7".to_owned())
}

fn period(text: &str) -> Result<u32, String> {
    parse_period(text).ok_or_else(|| "expected a quarter such as 2026Q4".to_owned())
}

/// Runs a command.
pub async fn run(command: Command) -> Result<(), Failure> {
    match command {
        Command::Keygen { file, show } => {
            let key = if show { keys::load(&file)? } else { keys::generate(&file)? };
            say(&hex0x(&key.verifying_key().to_bytes()))
        }
        Command::Manifest(arguments) => make_manifest(arguments),
        Command::LogInit(arguments) => log::init(arguments),
        Command::Serve(arguments) => log::serve(arguments).await,
        Command::LogCopy(arguments) => log_copy::copy(&arguments).await,
        Command::LogPrune(arguments) => log::prune(arguments).await,
        Command::WitnessInit(arguments) => log::witness_init(&arguments),
        Command::Witness(arguments) => log::witness(arguments).await,
        Command::Grant(arguments) => grant::grant(&arguments),
        Command::Read(arguments) => grant::read(&arguments).await,
        Command::CheckReadings { file } => grant::check_readings(&file),
        Command::Record(arguments) => record(arguments).await,
        Command::Attribute(arguments) => attribute::attribute(arguments).await,
        Command::Settle(arguments) => settle(&arguments),
        Command::Sign(arguments) => sign::sign_report(arguments).await,
        Command::SpotDraw(arguments) => spot::draw(arguments).await,
        Command::SpotOpen(arguments) => spot::open(arguments).await,
        Command::SpotCheck(arguments) => spot::check(arguments).await,
        Command::Post(arguments) => post::post_report(arguments).await,
        Command::Prove(arguments) => post::prove(arguments).await,
        Command::KeepRoot(arguments) => post::keep_root(arguments).await,
        Command::Keeper(arguments) => keeper::keep(arguments).await,
        Command::Publish(arguments) => publish::publish(arguments).await,
        Command::Bundle(arguments) => publish::bundle(arguments).await,
        Command::Verify(arguments) => verify::verify_report(arguments).await,
        Command::Openapi => say(&ingest::openapi()?),
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

/// So many of something.
fn count(number: u64, what: &str) -> String {
    match number {
        1 => format!("1 {what}"),
        number => format!("{number} {what}s"),
    }
}

fn make_manifest(arguments: ManifestArgs) -> Result<(), Failure> {
    let request = Request {
        folder: &arguments.folder,
        creator: &arguments.creator,
        account: arguments.account.unwrap_or(manifest::NOBODY),
        licence: &arguments.spdx,
        threshold: arguments.threshold,
        out: &arguments.out,
    };
    let embedder = arguments.model.load()?;
    let earlier = arguments.beside.as_deref().map(manifest::load_all).transpose()?;
    let made = match (arguments.decoy, earlier.map(|loaded| loaded.datasets)) {
        (true, Some(earlier)) => manifest::make_decoy_beside(&request, &earlier, &embedder)?,
        (true, None) => manifest::make_decoy(&request, &embedder)?,
        (false, Some(earlier)) => manifest::make_beside(&request, &earlier, &embedder)?,
        (false, None) => manifest::make(&request, &embedder)?,
    };
    if let Some(summary) = made.copies.as_deref().and_then(copies::summary) {
        tracing::warn!("{summary}");
    }
    say_json(&made)
}

async fn record(arguments: RecordArgs) -> Result<(), Failure> {
    let key = keys::load(&arguments.key)?;
    let mut records = Vec::new();
    if let Some(file) = &arguments.training_runs {
        let read = arguments.manifests.as_deref().map(manifest::load_all).transpose()?;
        let read = read.map(|loaded| loaded.datasets).unwrap_or_default();
        records.extend(record::training_runs(file, &arguments.model, &read)?);
    }
    if let Some(file) = &arguments.outputs {
        records.extend(record::calls(file, &arguments.model, &arguments.embedding.load()?)?);
    }
    let records = records.iter().map(|record| record.to_bytes()).collect();
    for batch in Batch::parts(&arguments.platform_slug, &arguments.batch_id, records, ingest::MAX_RECORDS_BYTES, &key) {
        say(record::send(&arguments.log_url, &batch).await?.trim_end())?;
    }
    Ok(())
}

fn warn_of(left_out: &[LeftOut]) {
    if let Some(summary) = compared::summary(left_out) {
        tracing::warn!("{summary}");
    }
}

fn settle(arguments: &SettleArgs) -> Result<(), Failure> {
    let attribution: Attribution = documents::read(&arguments.attribution)?;
    // Where a chain was asked, its clock was.
    let now = match (attribution.running, attribution.seen) {
        (true, _) => 0,
        (false, Some(_)) => u64::MAX,
        (false, None) => over::now(),
    };
    if !arguments.running {
        over::check(attribution.period, now)?;
    }
    let mut settlement = settlement::settle(&attribution);
    if let Some(file) = &arguments.spot {
        settlement.spot_check = Some(documents::read::<Checked>(file)?.figures);
    }
    settlement.audited = arguments.audited;
    documents::write(&arguments.out, &settlement, Access::Published)?;
    say_json(&json!({
        "model": settlement.models,
        "period": settlement.period_name,
        "weights_root": hex0x(&settlement.weights_root),
        "contributors": settlement.contributors.len(),
        "left_out": settlement.left_out,
        "not_checked": in_force::unchecked(settlement.stream, &settlement.models),
    }))
}
