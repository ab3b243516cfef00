//! `verify`.

use std::path::{Path, PathBuf};

use clap::Args;
use yieldset_chain::{ChainClient, Deployment};
use yieldset_oracle::{
    documents, files, hex0x,
    ingest::Lines,
    proven::SavedProof,
    publish::Shelf,
    report::SignedReport,
    settlement::Settlement,
    verify::{self, Line, Own, PackageRequest, ReaderPins, Verdict},
};

use super::{Failure, ModelArgs, PinArgs, address, chain::ChainArgs, in_force, licence, public_key, say};

/// Arguments of `verify`.
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// A published package or an audit bundle, instead of report, log and datasets: a folder, or s3://bucket/folder
    /// where the program was built with --features s3. No node is asked then.
    #[arg(long, conflicts_with_all = ["report", "log_dir", "manifests", "proof", "check_embeddings"])]
    package: Option<String>,
    /// keccak-256 of the report whose package it is, where there are several.
    #[arg(long, value_parser = public_key, requires = "package")]
    report_hash: Option<[u8; 32]>,
    /// SHA-256 of the package's index, where you know it from elsewhere.
    #[arg(long, value_parser = public_key, requires = "package")]
    index: Option<[u8; 32]>,
    /// Your own lines of the period beside the package, as `read` prints them: each is checked, and that they are
    /// paid for.
    #[arg(long, requires_all = ["package", "account"], value_name = "FILE")]
    lines: Option<PathBuf>,
    /// The account whose lines they are.
    #[arg(long, value_parser = address, requires = "lines")]
    account: Option<[u8; 20]>,
    /// The signed report.
    #[arg(long, required_unless_present = "package")]
    report: Option<PathBuf>,
    /// The log's folder.
    #[arg(long, required_unless_present = "package")]
    log_dir: Option<PathBuf>,
    /// Folder of the datasets.
    #[arg(long, required_unless_present = "package")]
    manifests: Option<PathBuf>,
    /// The licence that the report is for, where it is for one.
    #[arg(long, value_parser = licence)]
    licence: Option<[u8; 32]>,
    /// What the chain had about the report after a block, as `post` and `prove` save it; with --block.
    #[arg(long)]
    proof: Option<PathBuf>,
    /// JSON file of what you know from elsewhere, and keep: genesis, registry, manifests, pool, block, log_key,
    /// witness_key, platforms. What is given by its own option comes first.
    #[arg(long = "pins")]
    pins_file: Option<PathBuf>,
    /// Hash of the chain's block 0.
    #[arg(long, value_parser = public_key)]
    genesis: Option<[u8; 32]>,
    /// The registry of reports.
    #[arg(long, value_parser = address)]
    registry: Option<[u8; 20]>,
    /// The pool.
    #[arg(long, value_parser = address)]
    pool: Option<[u8; 20]>,
    /// Hash of a finalised block, for --proof.
    #[arg(long, value_parser = public_key)]
    block: Option<[u8; 32]>,
    /// Your own list of platforms, with their keys and models: JSON list of slug, public_key, models. One that changed
    /// its key is there with each.
    #[arg(long)]
    platforms: Option<PathBuf>,
    /// Compute the datasets' embeddings again from the texts.
    #[arg(long)]
    check_embeddings: bool,
    /// Ask no chain, also where the environment names one. Without, it is asked where node and contracts are named.
    #[arg(long)]
    offline: bool,
    #[command(flatten)]
    chain: ChainArgs,
    #[command(flatten)]
    pins: PinArgs,
    #[command(flatten)]
    embedding: ModelArgs,
}

impl VerifyArgs {
    fn pins(&self) -> Result<ReaderPins, Failure> {
        let given = ReaderPins {
            genesis: self.genesis,
            registry: self.registry,
            manifests: None,
            pool: self.pool,
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

/// What came of the checks.
struct Checked {
    /// Of what.
    what: String,
    lines: Vec<Line>,
    verdict: Result<Verdict, Failure>,
}

/// Checks a report or a package, and prints each check.
pub async fn verify_report(arguments: VerifyArgs) -> Result<(), Failure> {
    let pins = arguments.pins()?;
    let Checked { what, lines, verdict } =
        match (&arguments.package, &arguments.report, &arguments.log_dir, &arguments.manifests) {
            (Some(place), ..) => of_package(&arguments, &pins, place).await?,
            (None, Some(report), Some(log_dir), Some(manifests)) => {
                of_report(&arguments, &pins, (report, log_dir, manifests)).await?
            }
            _ => return Err("give --package, or --report, --log-dir and --manifests".into()),
        };
    let mut all_shown = true;
    for line in lines {
        match line {
            Line::Shown(line) => say(&format!("ok         {line}"))?,
            Line::NotShown(line) => {
                all_shown = false;
                say(&format!("NOT SHOWN  {line}"))?;
            }
        }
    }
    match verdict? {
        Verdict::Holds if all_shown => say(&format!("the report in {what} holds")),
        Verdict::Holds | Verdict::NotAllShown => Err(NotAllShown.into()),
    }
}

async fn of_package(arguments: &VerifyArgs, pins: &ReaderPins, place: &str) -> Result<Checked, Failure> {
    let shelf = Shelf::open(place, false)?;
    let (report_hash, index, licence) = (arguments.report_hash, arguments.index, arguments.licence);
    let lines: Option<Lines> = arguments.lines.as_deref().map(documents::read).transpose()?;
    let own = lines.as_ref().zip(arguments.account);
    let own = own.map(|(lines, account)| Own { account, lines: &lines.lines });
    let request = PackageRequest { shelf: &shelf, report_hash, index, licence, pins, own };
    let mut lines = Vec::new();
    let verdict = verify::verify_package(&request, |line| lines.push(line)).await;
    lines.extend(licence.map(unasked));
    Ok(Checked { what: place.to_owned(), lines, verdict: verdict.map_err(Into::into) })
}

async fn of_report(
    arguments: &VerifyArgs,
    pins: &ReaderPins,
    (report, log_dir, manifests): (&Path, &Path, &Path),
) -> Result<Checked, Failure> {
    let embedder = match arguments.check_embeddings {
        true => Some(arguments.embedding.load()?),
        false => None,
    };
    let chain = match arguments.chain.are_named() && !arguments.offline {
        true => Some(arguments.chain.connect().await?),
        false => None,
    };
    let proof: Option<SavedProof> = arguments.proof.as_deref().map(documents::read).transpose()?;
    let request = verify::Request {
        report,
        log_dir,
        manifests,
        pins,
        embedder: embedder.as_ref(),
        licence: arguments.licence,
        proof: proof.as_ref(),
        chain: chain.as_ref().map(|(client, deployment)| (client, deployment)),
    };
    let mut lines = Vec::new();
    let mut verdict = verify::verify(&request, |line| lines.push(line)).await.map_err(Into::into);
    if let (Ok(_), Some(licence)) = (&verdict, arguments.licence) {
        match was_in_force(chain.as_ref(), report, licence).await {
            Ok(line) => lines.push(line),
            Err(error) => verdict = Err(error),
        }
    }
    Ok(Checked { what: report.display().to_string(), lines, verdict })
}

/// That the licence which a report is for is one of this pool, and was in force in its quarter.
async fn was_in_force(
    chain: Option<&(ChainClient, Deployment)>,
    report: &Path,
    licence: [u8; 32],
) -> Result<Line, Failure> {
    let Some((client, deployment)) = chain else { return Ok(unasked(licence)) };
    let Settlement { period, period_name, .. } = documents::read::<SignedReport>(report)?.settlement;
    in_force::check(client, deployment, (licence, period)).await?;
    Ok(Line::Shown(format!("licence {} is this pool's, and was in force in {period_name}", hex0x(&licence))))
}

/// The same, where nobody asked the chain.
fn unasked(licence: [u8; 32]) -> Line {
    Line::NotShown(format!(
        "that licence {} was in force in the report's quarter; the chain tells, by --node-url and --deployment",
        hex0x(&licence)
    ))
}
