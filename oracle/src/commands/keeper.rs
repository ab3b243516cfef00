//! `keeper`: sends what contracts wait for.

mod left;

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use clap::{Args, builder::PossibleValuesParser};
use serde_json::json;
use yieldset_chain::{
    Address, B256, ChainClient, Deployment, SolValue,
    abi::{Access, Attribution, Licence, Pool},
    acts::{Act, Kind, Who, datasets, licences, pools},
    client::BlockRef,
    deployment::role,
    submit::Submitter,
};
use yieldset_oracle::{
    attribution,
    compared::Reason,
    documents, files,
    keeper::{
        self, Contracts, Looker, Orders, State, anchored, claims,
        found::{self, Records},
        logged::{self, Logged},
        watched::Watched,
    },
    licensed::{self, Unproven},
    manifest,
    models::Models,
    registry::Registry,
    report::SignedReport,
    trained::{self, Fault, Ground},
    usage_log::{VerifiedLog, verified::Pins},
};
use yieldset_rules::dispute;

use self::left::Left;
use super::{Failure, PinArgs, chain::ChainArgs, payer::Payer, say_json};

/// Arguments of `keeper`.
#[derive(Debug, Args)]
pub struct KeeperArgs {
    /// The keeper's file: what it has seen, and how each act stands.
    #[arg(long)]
    state: PathBuf,
    /// The usage log's folder: what it shows against licences' terms is alleged, and its runs are recorded.
    #[arg(long, requires_all = ["manifests", "model"])]
    log_dir: Option<PathBuf>,
    /// Folder of the datasets.
    #[arg(long)]
    manifests: Option<PathBuf>,
    /// The models' slugs, each by one --model.
    #[arg(long)]
    model: Vec<String>,
    /// After how many seconds a new checkpoint of the log is put on chain, for each licence whose platform named the
    /// log: the platform's account alone may send it.
    #[arg(long, default_value_t = 86_400)]
    anchor_every: u64,
    /// Look after acts of this kind alone; of several each.
    #[arg(long, value_parser = PossibleValuesParser::new(kinds()))]
    only: Vec<String>,
    /// A signed report, whose contributors are paid; what it holds back is alleged once it is final. Once for each.
    #[arg(long)]
    reports: Vec<PathBuf>,
    /// Make one round and end: with 3 where something is due that was not sent.
    #[arg(long)]
    once: bool,
    /// Send nothing: print what is due.
    #[arg(long)]
    dry_run: bool,
    /// Seconds between two rounds.
    #[arg(long, default_value_t = 60)]
    every: u64,
    /// After how many seconds an act that is due and not done is late.
    #[arg(long, default_value_t = 86_400)]
    late_after: u64,
    #[command(flatten)]
    chain: ChainArgs,
    #[command(flatten)]
    payer: Payer,
    #[command(flatten)]
    pins: PinArgs,
}

/// The acts that it looks after.
fn all() -> impl Iterator<Item = &'static Kind> {
    [licences::ALL, pools::ALL, datasets::ALL].into_iter().flatten()
}

/// Their names.
fn kinds() -> impl Iterator<Item = &'static str> {
    all().map(|kind| kind.name)
}

/// Kinds that the usage log alone shows.
const LOGGED: [&Kind; 2] = [&licences::ANCHOR, &datasets::RECORD_INGESTION];

/// Why acts that were asked for cannot be found.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
enum Unfindable {
    /// Without a log.
    #[error("--only {0} is found in the usage log alone; name it by --log-dir, with --manifests and --model")]
    Log(&'static str),
    /// Without reports.
    #[error("--only {0} is found in signed reports alone; name them by --reports")]
    Reports(&'static str),
    /// Without both.
    #[error(
        "--only {0} is found in the usage log and in signed reports alone; name the log by --log-dir, with --manifests and --model, \
         or reports by --reports"
    )]
    Either(&'static str),
}

/// Whether what was asked for can be found by what was named.
fn check_found(only: &[String], has_log: bool, has_reports: bool) -> Result<(), Unfindable> {
    let asked = |kind: &&Kind| only.iter().any(|name| name == kind.name);
    if let Some(kind) = LOGGED.into_iter().find(asked).filter(|_| !has_log) {
        return Err(Unfindable::Log(kind.name));
    }
    if let Some(kind) = [&licences::RECORD_VIOLATION].into_iter().find(asked).filter(|_| !has_log && !has_reports) {
        return Err(Unfindable::Either(kind.name));
    }
    match [&pools::CLAIM_FOR_MANY].into_iter().find(asked).filter(|_| !has_reports) {
        Some(kind) => Err(Unfindable::Reports(kind.name)),
        None => Ok(()),
    }
}

/// Makes rounds until it is told to stop, or one; prints how each act stands.
pub async fn keep(arguments: KeeperArgs) -> Result<(), Failure> {
    check_found(&arguments.only, arguments.log_dir.is_some(), !arguments.reports.is_empty())?;
    let (client, deployment) = arguments.chain.connect().await?;
    deployment.check(&client).await?;
    let submitter = arguments.payer.named(&client).await?;
    // What is due to whoever may send it; of what a role may send alone it is told that it is not ours.
    let sender = submitter.as_ref().map_or(Address::ZERO, Submitter::address);
    let submitter = match (submitter, arguments.dry_run) {
        (Some(submitter), false) => Some(submitter),
        (None, false) => return Err("name who sends with --from, or give --dry-run".into()),
        (_, true) => None,
    };
    // A second keeper with the same file would write over the first one's.
    let lock = arguments.state.with_extension("lock");
    let Some(_lock) = files::lock(&lock)? else {
        return Err(
            format!("another keeper uses {}; give this one a file of its own", arguments.state.display()).into()
        );
    };
    let looker = Looker { client: client.clone(), sender };
    loop {
        let one = match &submitter {
            Some(submitter) => round(&arguments, &deployment, &client, (submitter, sender)).await,
            None => round(&arguments, &deployment, &client, (&looker, sender)).await,
        };
        match one {
            Ok(left) if arguments.once && (left.is_empty() || arguments.dry_run) => return Ok(()),
            Ok(left) if arguments.once => left::end(&left),
            Err(error) if arguments.once => return Err(error),
            Ok(left) => left.iter().for_each(|one| tracing::warn!("not done: {one}")),
            Err(error) => tracing::warn!(%error, "a round failed; the next one tries again"),
        }
        tokio::select! {
            () = tokio::time::sleep(Duration::from_secs(arguments.every)) => {}
            _ = tokio::signal::ctrl_c() => return Ok(()),
        }
    }
}

/// Makes a round, and gives what was due and not sent, or not read.
async fn round(
    arguments: &KeeperArgs,
    deployment: &Deployment,
    client: &ChainClient,
    (contracts, sender): (&impl Contracts, Address),
) -> Result<Vec<Left>, Failure> {
    let mut watched = Watched::load(&arguments.state, deployment)?;
    let now_followed = deployment.current_at(client, client.finalised_block().await?.hash).await?.licence;
    let heard = watched.hear(client, deployment, now_followed).await;
    let followed = watched.follow(client, deployment.pool).await;
    files::write_json(&arguments.state, &watched)?;
    followed?;
    let at = client.finalised_block().await?;
    let round = Round { arguments, client, deployment: deployment.current_at(client, at.hash).await?, at };
    let only = arguments.only.iter().cloned().collect();
    let (mut acts, mut unread) = round.acts(&mut watched).await?;
    // What the pool followed before goes on.
    unread.extend(heard.err().map(|error| format!("licence contract {now_followed} is not followed yet: {error}")));
    acts.retain(|act| keeper::is_wanted(act, &only));
    let now = client.best_block().await?.timestamp_ms / 1_000;
    let orders = Orders { now, late_after: arguments.late_after, send: !arguments.dry_run };
    let done = keeper::round(contracts, &acts, &mut watched.acts, orders).await;
    files::write_json(&arguments.state, &watched)?;
    done?;
    let of = |state: State| watched.acts.iter().filter(move |(_, line)| line.state == state);
    let late: Vec<&String> = watched.acts.iter().filter(|(_, line)| line.late).map(|(name, _)| name).collect();
    let mut left = left::of(&watched.acts, arguments.payer.says());
    left.extend(unread.iter().map(|why| Left { act: "not read".to_owned(), why: why.clone() }));
    if sender != Address::ZERO {
        for kind in round.not_for(sender, &watched).await? {
            if !left.iter().any(|one| one.is_of(kind)) {
                left.push(Left::not_for(arguments.payer.says(), kind.name, None));
            }
        }
    }
    say_json(&json!({
        "block_number": at.number,
        "due": of(State::Due).collect::<Vec<_>>(),
        "failed": of(State::Failed).collect::<Vec<_>>(),
        "blocked": of(State::Blocked).collect::<Vec<_>>(),
        "not_ours": of(State::NotOurs).collect::<Vec<_>>(),
        "late": late,
        "waits": of(State::Waits).count(),
        "done": of(State::Done).count(),
        "faults": watched.faults,
        "held": watched.held,
        "unread": unread,
        "left": left.iter().map(ToString::to_string).collect::<Vec<_>>(),
    }))?;
    Ok(left)
}

/// A round, in the state after a finalised block.
struct Round<'a> {
    arguments: &'a KeeperArgs,
    client: &'a ChainClient,
    deployment: Deployment,
    at: BlockRef,
}

impl Round<'_> {
    /// The kinds that were asked for by name, and that are not this account's to send, whether one is due now or not:
    /// whoever set such a keeper up would wait for it for ever.
    async fn not_for(&self, sender: Address, watched: &Watched) -> Result<Vec<&'static Kind>, Failure> {
        let mut kinds = Vec::new();
        for kind in all().filter(|kind| self.arguments.only.iter().any(|name| name == kind.name)) {
            let may = match kind.who {
                Who::Platform => self.is_a_platform(sender, watched).await?,
                Who::Role(name) => {
                    let contract = match kind.name == datasets::RECORD_INGESTION.name {
                        true => self.deployment.manifests,
                        false => self.deployment.licence,
                    };
                    let call = Access::hasRoleCall { role: role(name), account: sender };
                    self.client.read_at(self.at.hash, contract, &call).await?
                }
                Who::Anyone | Who::Named(_) => true,
            };
            if !may {
                kinds.push(kind);
            }
        }
        Ok(kinds)
    }

    /// Whether an account is the platform of one of the pool's licences.
    async fn is_a_platform(&self, account: Address, watched: &Watched) -> Result<bool, Failure> {
        let contract = self.deployment.licence;
        for licence in watched.licences.get(&contract).into_iter().flatten().map(|(id, _)| *id) {
            let call = Licence::recordOfCall { licence, record: b'P', which: B256::ZERO };
            let words = self.client.read_at(self.at.hash, contract, &call).await?.concat();
            if Licence::Parties::abi_decode(&words).is_ok_and(|parties| parties.platform == account) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The acts, and what could not be read. A log that its platform damages, or a report that somebody tore, stops
    /// nothing that follows from the rest: least of all what follows from that platform's silence.
    async fn acts(&self, watched: &mut Watched) -> Result<(Vec<Act>, Vec<String>), Failure> {
        let mut unread = Vec::new();
        let mut told = |error: Failure| {
            tracing::warn!(%error, "not read; what follows from the rest is sent all the same");
            unread.push(error.to_string());
            Vec::new()
        };
        let mut licences = Vec::new();
        for licence in watched.licences.get(&self.deployment.licence).into_iter().flatten().map(|(id, _)| *id) {
            licences.push(found::records(self.client, (self.deployment.licence, licence), self.at.hash).await?);
        }
        // First what the log shows: it has the least time.
        let mut acts = self.logged(watched, &licences, &mut told).await.unwrap_or_else(&mut told);
        let now = self.at.timestamp_ms / 1_000;
        acts.extend(licences.iter().flat_map(|records| found::acts(records, now)));
        acts.extend(self.roots(watched).await?);
        for file in &self.arguments.reports {
            acts.extend(self.reported(watched, &licences, file).await.unwrap_or_else(&mut told));
        }
        Ok((acts, unread))
    }

    /// Roots that the pool may keep, of periods in which it has money. One in which it has none is forgotten until it
    /// tells of some: files of before have periods that a stranger's contract told of.
    async fn roots(&self, watched: &mut Watched) -> Result<Vec<Act>, Failure> {
        let (pool, at) = (self.deployment.pool, self.at.hash);
        let mut acts = Vec::new();
        for (stream, period) in watched.periods.clone() {
            if !self.client.read_at(at, pool, &Pool::keptRootCall { stream, period }).await?.is_zero() {
                continue;
            }
            let money = self.client.read_at(at, pool, &Pool::periodOfCall { stream, period }).await?;
            // A node that is behind does not know of what came since.
            if money.total.is_zero() && self.at.number + 1 >= watched.next_block {
                watched.periods.remove(&(stream, period));
            } else {
                acts.push(pools::keep_root(pool, (stream, period)));
            }
        }
        Ok(acts)
    }

    /// Claims of a report's contributors, and what is alleged by it.
    async fn reported(&self, watched: &mut Watched, licences: &[Records], file: &Path) -> Result<Vec<Act>, Failure> {
        let signed: SignedReport = documents::read(file)?;
        signed.check()?;
        let settlement = &signed.settlement;
        let held = settlement.left_out.iter().filter(|one| one.reason == Reason::Held);
        let held: Vec<String> = held.filter_map(|one| one.dataset.clone()).collect();
        if !held.is_empty() {
            let stream = watched.held.entry(B256::from(settlement.stream)).or_default();
            stream.insert(settlement.period, held);
        }
        let mut acts = claims::acts(self.client, self.deployment.pool, settlement, self.at.hash).await?;
        if let Some(records) = licences.iter().find(|records| records.of.licence == settlement.stream)
            && self.is_final(&signed).await?
        {
            acts.extend(logged::unnamed(records, &signed.report_hash, settlement));
        }
        Ok(acts)
    }

    /// Whether the pool's registry has this very report, and no dispute can take it back: the file's word alone alleges
    /// nothing.
    async fn is_final(&self, signed: &SignedReport) -> Result<bool, Failure> {
        let Deployment { pool, attribution, .. } = self.deployment;
        let (stream, period) = (B256::from(signed.settlement.stream), signed.settlement.period);
        let call = Attribution::reportOfCall { pool, stream, period };
        let there = self.client.read_at(self.at.hash, attribution, &call).await?;
        let call = Attribution::resultOfCall { pool, stream, period };
        let result = self.client.read_at(self.at.hash, attribution, &call).await?;
        Ok(there.reportHash == signed.report_hash && result.state == dispute::State::Final as u8)
    }

    /// What the usage log shows, for the licences whose platform named it. A licence that cannot be read, which can be
    /// its platform's doing, is told, and takes nothing from the others.
    async fn logged(
        &self,
        watched: &mut Watched,
        licences: &[Records],
        told: &mut impl FnMut(Failure) -> Vec<Act>,
    ) -> Result<Vec<Act>, Failure> {
        let KeeperArgs { log_dir: Some(log_dir), manifests: Some(folder), model, .. } = self.arguments else {
            return Ok(Vec::new());
        };
        let models = Models::of(model.iter().cloned())?;
        let pins: Pins = self.arguments.pins.pins();
        let log = VerifiedLog::read(log_dir, pins).await?;
        watched.note_anchors(log_dir, log.size())?;
        let datasets = manifest::load_all(folder)?.datasets;
        let logged = Logged { log: &log, models: &models, datasets: &datasets };
        let versions: Vec<_> = datasets.iter().map(attribution::version).collect();
        let registry = Registry::ask(self.client, &self.deployment, &self.at, &versions).await?;
        let mut acts = logged.ingestions(self.deployment.manifests, &registry)?;
        for records in licences.iter().filter(|records| records.times.activatedAt > 0) {
            let sizes = watched.candidates(records.of, log.size());
            match self.shown(&logged, records, &sizes).await {
                Ok(Some((shown, faults))) => {
                    if let Some(summary) = trained::summary(&faults) {
                        tracing::warn!(licence = %records.of.licence, "{summary}");
                    }
                    watched.faults.insert(records.of.licence, faults);
                    acts.extend(shown);
                }
                Ok(None) => {}
                Err(error) => acts.extend(told(format!("licence {}: {error}", records.of.licence).into())),
            }
        }
        Ok(acts)
    }

    /// What the log shows for one licence, and what is wrong with its training runs; `None` where the platform named no
    /// log, or another.
    async fn shown(
        &self,
        logged: &Logged<'_>,
        records: &Records,
        sizes: &[u64],
    ) -> Result<Option<(Vec<Act>, Vec<Fault>)>, Failure> {
        let (log, now) = (logged.log, self.at.timestamp_ms / 1_000);
        let (stream, info) = (records.of.licence.0, log.info());
        let (deployment, at) = (&self.deployment, self.at.hash);
        let named = (info.origin.as_str(), &info.log_key);
        let Some(licensed) = licensed::look_up_for(self.client, deployment, stream, named, at).await? else {
            return Ok(None);
        };
        let epoch = match licensed.check_log(log) {
            Ok(Some(epoch)) => epoch,
            // It may be the licence's.
            Err(error @ Unproven::Buried { .. }) => return Err(error.into()),
            Ok(None) | Err(_) => return Ok(None),
        };
        let anchors = licensed::anchors(self.client, deployment, stream, (&info.origin, sizes), at).await?;
        let anchor = anchored::act(records.of, log, (epoch, &anchors), (now, self.arguments.anchor_every))?;
        let (alleged, faults) = logged.violations(records, &Ground { anchors, ..licensed.ground }, now)?;
        Ok(Some((anchor.into_iter().chain(alleged).collect(), faults)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Who asks for acts alone that nothing named here shows would wait for them for ever.
    #[test]
    fn acts_that_nothing_shows_are_not_waited_for() {
        let only = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        assert_eq!(check_found(&only(&[]), false, false), Ok(()));
        assert_eq!(check_found(&only(&["lapse", "close"]), false, false), Ok(()));
        assert_eq!(check_found(&only(&["lapse", "anchor"]), false, true), Err(Unfindable::Log("anchor")));
        assert_eq!(check_found(&only(&["anchor"]), true, false), Ok(()));
        let violation = |has_log, has_reports| check_found(&only(&["record_violation"]), has_log, has_reports);
        assert_eq!(violation(false, false), Err(Unfindable::Either("record_violation")));
        assert_eq!([violation(true, false), violation(false, true)], [Ok(()), Ok(())]);
        let claims = check_found(&only(&["claim_for_many"]), true, false);
        assert_eq!(claims, Err(Unfindable::Reports("claim_for_many")));
    }
}
