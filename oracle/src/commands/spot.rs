//! `spot-draw`, `spot-open` and `spot-check`: calls that a platform opens to the committee.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;
use yieldset_oracle::{
    attribution::Attribution,
    documents,
    files::Access,
    hex0x, keys, licensed,
    models::Models,
    spot::{self, Drawn, Opening, Tokenizers},
    usage_log::{VerifiedLog, load_platforms, verified::Pins},
};
use yieldset_rules::spot::SAMPLE;

use super::{Failure, ModelArgs, PinArgs, chain::ChainArgs, in_force, licence, say_json};

/// Arguments of `spot-draw`.
#[derive(Debug, Args)]
pub struct DrawArgs {
    /// The attribution, whose calls are drawn from.
    #[arg(long)]
    attribution: PathBuf,
    /// The licence, whose platform has anchored the log's checkpoint.
    #[arg(long, value_parser = licence)]
    licence: [u8; 32],
    /// How many calls.
    #[arg(long, default_value_t = SAMPLE)]
    sample: u32,
    /// Where the draw goes.
    #[arg(long)]
    out: PathBuf,
    #[command(flatten)]
    chain: ChainArgs,
}

/// Arguments of `spot-open`.
#[derive(Debug, Args)]
pub struct OpenArgs {
    /// The draw.
    #[arg(long)]
    draw: PathBuf,
    /// The outputs, as they were given to `record`; of several files each.
    #[arg(long, required = true)]
    outputs: Vec<PathBuf>,
    /// The platform's slug, as the log's list of platforms has it.
    #[arg(long, value_name = "SLUG")]
    platform_slug: String,
    /// The platform's key.
    #[arg(long)]
    key: PathBuf,
    /// The log's folder, where it is at hand: name, key and texts are compared with what was logged.
    #[arg(long)]
    log_dir: Option<PathBuf>,
    /// Leave drawn calls closed whose texts are not in the outputs. Each counts as wrong.
    #[arg(long)]
    refuse: bool,
    /// Where the opening goes: texts of outputs, for the committee alone.
    #[arg(long)]
    out: PathBuf,
}

/// Arguments of `spot-check`.
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// The draw.
    #[arg(long)]
    draw: PathBuf,
    /// The attribution that it was drawn from.
    #[arg(long)]
    attribution: PathBuf,
    /// What the platform opened; without, it has refused.
    #[arg(long)]
    opening: Option<PathBuf>,
    /// The log's folder.
    #[arg(long)]
    log_dir: PathBuf,
    #[command(flatten)]
    pins: PinArgs,
    /// Your own list of platforms, with their keys; else the log's.
    #[arg(long)]
    platforms: Option<PathBuf>,
    /// tokenizer.json of the platform's model, or MODEL=FILE of each of several. Without it tokens must be a number
    /// that such a text can have.
    #[arg(long)]
    tokenizer: Vec<String>,
    #[command(flatten)]
    embedding: ModelArgs,
    /// Where the result goes, for `settle`.
    #[arg(long)]
    out: PathBuf,
}

/// The models' tokenizers: of the one model a file alone, else MODEL=FILE.
fn tokenizers(given: &[String], models: &Models) -> Result<Tokenizers, Failure> {
    let one = |given: &String| -> Result<_, Failure> {
        let named = given.split_once('=').filter(|(model, _)| models.contains(model));
        let Some((model, file)) = named.or_else(|| Some((models.only()?, given.as_str()))) else {
            return Err(format!("{given:?} is of none of {models}; give MODEL=FILE").into());
        };
        Ok((model.to_owned(), spot::load_tokenizer(Path::new(file))?))
    };
    given.iter().map(one).collect()
}

/// Draws calls by the block after the anchored checkpoint's.
pub async fn draw(arguments: DrawArgs) -> Result<(), Failure> {
    let attribution: Attribution = documents::read(&arguments.attribution)?;
    let (client, deployment) = arguments.chain.connect().await?;
    deployment.check(&client).await?;
    in_force::check(&client, &deployment, (arguments.licence, attribution.period)).await?;
    let head = client.finalised_block().await?;
    let stream = arguments.licence;
    let agreed = licensed::agreed(&client, &deployment, (stream, &attribution.log), head.hash).await?;
    let anchored = agreed.filter(|agreed| agreed.anchored_at > 0);
    let Some(agreed) = anchored.filter(|agreed| agreed.anchored_root == attribution.log.root) else {
        return Err(format!(
            "the records under root {} ({} in all) are not anchored for this licence; have the platform anchor this \
             checkpoint, or attribute from one that is, by --log-size",
            hex0x(&attribution.log.root),
            attribution.log.size,
        )
        .into());
    };
    let block = agreed.anchored_at.saturating_add(1);
    let hash = match u64::from(block) <= head.number {
        true => client.block_hash_at(block.into()).await?,
        false => None,
    };
    let hash =
        hash.ok_or_else(|| format!("block {block}, which draws, is not finalised or not kept; ask another node"))?;
    let drawn = spot::draw(&attribution, stream, (block, hash.0), arguments.sample)?;
    documents::write(&arguments.out, &drawn, Access::Published)?;
    let calls: Vec<&str> = drawn.drawn.iter().map(|call| call.call_id.as_str()).collect();
    say_json(&json!({"block": block, "block_hash": hex0x(hash.as_slice()), "calls": drawn.calls, "drawn": calls}))
}

/// Opens drawn calls.
pub async fn open(arguments: OpenArgs) -> Result<(), Failure> {
    let drawn: Drawn = documents::read(&arguments.draw)?;
    let key = keys::load(&arguments.key)?;
    let opening = spot::open(&drawn, &arguments.outputs, &arguments.platform_slug, &key)?;
    let whole = opening.check_whole(&drawn);
    match (whole, arguments.refuse) {
        (Err(closed), true) => tracing::warn!("{closed}"),
        (whole, _) => whole?,
    }
    match &arguments.log_dir {
        Some(dir) => {
            let log = VerifiedLog::read(dir, Pins::default()).await?;
            opening.check_own(&drawn, &key.verifying_key().to_bytes(), &log)?;
        }
        None => tracing::warn!("name, key and texts are not compared with the log; give its folder by --log-dir"),
    }
    documents::write(&arguments.out, &opening, Access::Private)?;
    say_json(&json!({"drawn": drawn.drawn.len(), "opened": opening.calls.len()}))
}

/// Works drawn calls out again, and prints what came of it.
pub async fn check(arguments: CheckArgs) -> Result<(), Failure> {
    let drawn: Drawn = documents::read(&arguments.draw)?;
    let attribution: Attribution = documents::read(&arguments.attribution)?;
    drawn.check(&attribution)?;
    let tokenizers = tokenizers(&arguments.tokenizer, &attribution.models)?;
    let opening: Option<Opening> = arguments.opening.as_deref().map(documents::read).transpose()?;
    let log = VerifiedLog::read(&arguments.log_dir, arguments.pins.pins()).await?;
    let platforms = match &arguments.platforms {
        Some(file) => load_platforms(file)?,
        None => log.platforms().known(),
    };
    let embedder = arguments.embedding.load()?;
    let checked = spot::check(&drawn, opening.as_ref(), (&log, &platforms), &embedder, &tokenizers)?;
    documents::write(&arguments.out, &checked, Access::Published)?;
    say_json(&checked)
}
