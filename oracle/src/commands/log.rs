//! The usage log and its witnesses.

use std::{net::SocketAddr, path::PathBuf, sync::Arc};

use clap::Args;
use serde_json::json;
use yieldset_oracle::{
    grant, hex0x,
    ingest::{self, Options},
    keys, over, parse_hex,
    usage_log::{
        Log, LogInfo, WitnessKey,
        bounds::Bounds,
        load_platforms, note, pruned,
        witnesses::{Address, Witnesses},
    },
    witness::{self, Witness},
};
use yieldset_rules::licence::RETENTION_DAYS;
use yieldset_service::{stop, web::Limits};

use super::{Failure, say_json};

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
    /// Who may cosign them: a witness's name and public key; several times for several.
    #[arg(long = "witness", value_name = "NAME=KEY", value_parser = named_key, required = true)]
    witnesses: Vec<WitnessKey>,
    /// How many of them must: by default all.
    #[arg(long)]
    quorum: Option<usize>,
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
    /// Where a witness is, such as http://127.0.0.1:8087; several times for several. Whose signatures count is in
    /// log.json.
    #[arg(long = "witness", value_name = "URL", required = true, value_delimiter = ',')]
    witnesses: Vec<String>,
    /// A loopback address; port 0 takes any.
    #[arg(long, default_value = "127.0.0.1:8085")]
    listen: SocketAddr,
    /// Gets the address once batches are taken.
    #[arg(long)]
    ready_file: Option<PathBuf>,
    /// Most output tokens of a call. Give the largest of the licences' limits: each applies its own when it is
    /// reported.
    #[arg(long, default_value_t = Bounds::default().call_tokens)]
    call_tokens: u32,
    /// For so many days after a quarter its calls are taken, as the licences say; 0 is without end.
    #[arg(long, default_value_t = Bounds::default().late_record_days)]
    late_record_days: u16,
    /// How many seconds ahead of this machine's clock a record may be dated.
    #[arg(long, default_value_t = Bounds::default().clock_skew)]
    clock_skew: u64,
    /// Who may give grants for licences beside log and platform: JSON list of stream, models, issuers.
    #[arg(long)]
    licences: Option<PathBuf>,
    /// Folder of attributions, each STREAM-QUARTER.json with the stream as hex, whose lines are given to who may read
    /// them.
    #[arg(long)]
    lines: Option<PathBuf>,
    #[command(flatten)]
    limits: Limits,
}

/// Arguments of `log-prune`.
#[derive(Debug, Args)]
pub struct LogPruneArgs {
    /// The log's folder.
    #[arg(long)]
    log_dir: PathBuf,
    /// The log's key, which signs what is deleted.
    #[arg(long)]
    key: PathBuf,
    /// How old calls must be, in days: 730 days at least, for which a log keeps its records.
    #[arg(long, default_value_t = RETENTION_DAYS)]
    older_than_days: u64,
    /// Delete nothing: print what would be.
    #[arg(long)]
    dry_run: bool,
}

/// Arguments of `witness-init`.
#[derive(Debug, Args)]
pub struct WitnessInitArgs {
    /// Folder of the witness's memory; made where it is missing. Never put an older copy in its place.
    #[arg(long)]
    memory: PathBuf,
    /// The log's name and public key.
    #[arg(long, value_name = "ORIGIN=KEY", value_parser = named_key)]
    log: WitnessKey,
}

/// Arguments of `witness`.
#[derive(Debug, Args)]
pub struct WitnessArgs {
    /// What it is called: host and path.
    #[arg(long)]
    name: String,
    /// Its key.
    #[arg(long)]
    key: PathBuf,
    /// Folder of its memory, which `witness-init` made.
    #[arg(long)]
    memory: PathBuf,
    /// A loopback address; port 0 takes any.
    #[arg(long, default_value = "127.0.0.1:8087")]
    listen: SocketAddr,
    /// Gets the address once it cosigns.
    #[arg(long)]
    ready_file: Option<PathBuf>,
    #[command(flatten)]
    limits: Limits,
}

/// For clap: a name and a public key.
pub(super) fn named_key(text: &str) -> Result<WitnessKey, String> {
    let expected = || "expected a name, =, and a public key of 32 bytes as hex".to_owned();
    let (name, key) = text.rsplit_once('=').ok_or_else(expected)?;
    Ok(WitnessKey { name: name.to_owned(), key: parse_hex(key).ok_or_else(expected)? })
}

pub fn init(arguments: LogInitArgs) -> Result<(), Failure> {
    let key = keys::load(&arguments.key)?;
    let info = LogInfo {
        origin: arguments.origin,
        log_key: key.verifying_key().to_bytes(),
        quorum: arguments.quorum.unwrap_or(arguments.witnesses.len()),
        witnesses: arguments.witnesses,
    };
    Log::create(&arguments.dir, &info, &key)?;
    say_json(&json!({
        "origin": info.origin,
        "log_key": hex0x(&info.log_key),
        "verifier_key": note::log_verifier_key(&info)?,
        "witnesses": info.witnesses,
        "quorum": info.quorum,
    }))
}

pub async fn serve(arguments: ServeArgs) -> Result<(), Failure> {
    let platforms = load_platforms(&arguments.platforms)?;
    let key = keys::load(&arguments.key)?;
    let witnesses = Witnesses::new(arguments.witnesses.into_iter().map(Address::Url).collect());
    let log = Log::open(&arguments.log_dir, platforms, key, witnesses).await?;
    let stop = stop::on_signal()?;
    let bounds = Bounds {
        call_tokens: arguments.call_tokens,
        late_record_days: arguments.late_record_days,
        clock_skew: arguments.clock_skew,
    };
    let licences = arguments.licences.as_deref().map(grant::load_streams).transpose()?.unwrap_or_default();
    let options = Options { bounds, licences, lines: arguments.lines, ..Options::new(arguments.limits) };
    Ok(ingest::serve(log, arguments.listen, options, arguments.ready_file.as_deref(), stop).await?)
}

pub async fn prune(arguments: LogPruneArgs) -> Result<(), Failure> {
    let key = keys::load(&arguments.key)?;
    let age = (over::now(), arguments.older_than_days);
    let pruned::Counts { records, deleted, due } = pruned::counts(&arguments.log_dir, age).await?;
    let pruned = match arguments.dry_run {
        true => None,
        // Also where nothing is due: what an earlier run left to delete goes.
        false => pruned::prune(&arguments.log_dir, &key, age).await?,
    };
    say_json(&json!({
        "status": match (due > deleted, arguments.dry_run) {
            (false, _) => "nothing new",
            (true, true) => "nothing deleted: a dry run",
            (true, false) => "deleted",
        },
        "records": records,
        "deleted_before": deleted,
        "deleted": due,
        "before": pruned.map(|pruned| pruned.before),
        "at": pruned.map(|pruned| pruned.at),
    }))
}

pub fn witness_init(arguments: &WitnessInitArgs) -> Result<(), Failure> {
    Witness::watch(&arguments.memory, &arguments.log.name, arguments.log.key)?;
    say_json(&json!({ "origin": arguments.log.name, "log_key": hex0x(&arguments.log.key) }))
}

pub async fn witness(arguments: WitnessArgs) -> Result<(), Failure> {
    let witness = Witness::open(&arguments.name, keys::load(&arguments.key)?, &arguments.memory)?;
    let stop = stop::on_signal()?;
    let options = witness::Options::new(arguments.limits);
    let ready_file = arguments.ready_file.as_deref();
    Ok(witness::serve(Arc::new(witness), arguments.listen, options, ready_file, stop).await?)
}
