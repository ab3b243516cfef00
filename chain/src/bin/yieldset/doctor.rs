//! `yieldset doctor`: what is there, what is wrong, and what to type.

use std::{
    env,
    net::ToSocketAddrs,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use serde_json::json;
use tokio::{net::TcpStream, process::Command, time::timeout};
use yieldset_chain::{
    BlockRef, Book, ChainClient, Deployment, Home, Profile, Revive, deploy::blobs, keys, profile::Presets,
    submit::read_private, units::Span,
};
use yieldset_service::{VERSION, files};

use crate::{
    failure::Failure,
    options::Options,
    place::{self, ANEW},
    show,
};

/// A clock that is this far from the chain's is wrong, or the node is behind.
const DRIFT: u64 = 60;
/// A chain that goes on by itself has made a block in this time, in seconds.
const STALE: u64 = 600;
/// Finality that is so many blocks behind does not come.
const LAG: u64 = 100;

/// One thing that was looked at.
struct Finding {
    what: &'static str,
    good: bool,
    says: String,
    /// What to type, where it is not good.
    remedy: String,
}

#[derive(Default)]
struct Findings(Vec<Finding>);

impl Findings {
    fn good(&mut self, what: &'static str, says: impl Into<String>) {
        self.0.push(Finding { what, good: true, says: says.into(), remedy: String::new() });
    }

    fn bad(&mut self, what: &'static str, says: impl Into<String>, remedy: impl Into<String>) {
        self.0.push(Finding { what, good: false, says: says.into(), remedy: remedy.into() });
    }
}

/// Looks at everything.
pub async fn run(options: &Options) -> Result<(), Failure> {
    let home = options.home();
    let mut found = Findings::default();
    programs(&mut found).await;
    accounts(&mut found, &home);
    database(&mut found).await;
    model(&mut found);
    let profile = options.profile(&home)?;
    match profile.connect(&home).await {
        Ok(client) => {
            node(&mut found, &profile, &client).await?;
            contracts(&mut found, &options.deployment_path(&home, &profile), (&client, &home)).await?;
            // Whatever is wrong with who sends, what was found so far is told.
            if let Err(failure) = sender(&mut found, options, &home, &profile, &client).await {
                found.bad("sender", failure.text, "name another with --from, or mend what was found above");
            }
        }
        Err(error) => found.bad("node", error.to_string(), "start yieldset-devnet, or name a node with --node"),
    }
    told(&found, options)
}

fn told(found: &Findings, options: &Options) -> Result<(), Failure> {
    let wrong = found.0.iter().filter(|finding| !finding.good).count();
    if options.json {
        let all: Vec<_> = found
            .0
            .iter()
            .map(|finding| {
                json!({ "what": finding.what, "good": finding.good, "says": finding.says, "remedy": finding.remedy })
            })
            .collect();
        show::json(&json!({ "findings": all, "wrong": wrong }))?;
    } else {
        let lines: Vec<_> = found
            .0
            .iter()
            .map(|Finding { what, good, says, remedy }| match good {
                true => format!("+ {what:10} {says}"),
                false => format!("- {what:10} {says}\n             {remedy}"),
            })
            .collect();
        show::print(&lines.join("\n"))?;
    }
    match wrong {
        0 => Ok(()),
        1 => Err(Failure::impossible("1 thing is not as it should be").told(options.json)),
        _ => Err(Failure::impossible(format!("{wrong} things are not as they should be")).told(options.json)),
    }
}

/// The other programs, which must be of this version.
async fn programs(found: &mut Findings) {
    found.good("version", format!("yieldset {VERSION}"));
    for program in ["yieldset-oracle", "yieldset-indexer"] {
        let beside = env::current_exe().ok().and_then(|own| Some(own.parent()?.join(program)));
        let place = beside.filter(|place| place.is_file()).unwrap_or_else(|| PathBuf::from(program));
        match Command::new(place).arg("--version").output().await {
            Ok(output) if output.status.success() => {
                let says = String::from_utf8_lossy(&output.stdout).trim().to_owned();
                match says.ends_with(VERSION) {
                    true => found.good("version", says),
                    false => found.bad("version", says, "install all programs of one version: scripts/install"),
                }
            }
            _ => found.bad("version", format!("{program} is not there"), "scripts/install puts it beside this program"),
        }
    }
}

/// The keystores: whether others may read them.
fn accounts(found: &mut Findings, home: &Home) {
    match Book::load(home) {
        Ok(book) => found.good("names", {
            let (labels, datasets) =
                (show::so_many(book.labels.len(), "label"), show::so_many(book.datasets.len(), "dataset"));
            format!("{labels}, {datasets}")
        }),
        Err(error) => found.bad("names", error.to_string(), "mend it, or move it away"),
    }
    let stores = keys::keystores(home);
    if stores.is_empty() {
        found.bad("keys", "there is no keystore", "yieldset account new NAME");
    }
    for store in stores {
        match (read_private(&store.file), store.who) {
            (Err(error), _) => found.bad("keys", error.to_string(), format!("chmod 600 {}", store.file.display())),
            (Ok(_), None) => {
                found.bad("keys", format!("{} is damaged", store.file.display()), "take your backup of it");
            }
            (Ok(_), Some(who)) => found.good("keys", format!("{} is {}", store.name, who.address)),
        }
    }
}

/// Whether the indexer's database answers, where one is named.
async fn database(found: &mut Findings) {
    let Ok(url) = env::var("DATABASE_URL") else {
        return found.good("database", "DATABASE_URL names none: the indexer runs one of its own");
    };
    // What stands before the @ may be a password, and is not shown.
    let place = url.rsplit('@').next().and_then(|rest| rest.split(['/', '?']).next()).unwrap_or_default().to_owned();
    let place = if place.contains(':') { place } else { format!("{place}:5432") };
    let answers = match place.to_socket_addrs().map(|mut all| all.next()) {
        Ok(Some(address)) => {
            timeout(Duration::from_secs(5), TcpStream::connect(address)).await.is_ok_and(|it| it.is_ok())
        }
        _ => false,
    };
    match answers {
        true => found.good("database", format!("{place} answers")),
        false => found.bad("database", format!("{place} does not answer"), "start it, or unset DATABASE_URL"),
    }
}

/// The oracle's embedding model.
fn model(found: &mut Findings) {
    let said = env::var_os("YIELDSET_MODEL_DIR").map(PathBuf::from);
    let folder = said.unwrap_or_else(|| files::cache().join("models/all-MiniLM-L6-v2"));
    match folder.join("model.safetensors").is_file() {
        true => found.good("model", folder.display().to_string()),
        false => found.bad(
            "model",
            format!("{} has none", folder.display()),
            "scripts/setup gets it; or set YIELDSET_MODEL_DIR",
        ),
    }
}

/// Which chain the node serves, how well, and whether its clock is ours.
async fn node(found: &mut Findings, profile: &Profile, client: &ChainClient) -> Result<(), Failure> {
    let (about, native) = (client.about().await?, profile.native(client));
    found.good("node", format!("{} ({}) serves {} by {}", client.url(), about.node, profile.name, about.runtime));
    let missing = client.missing().await?;
    match missing.is_empty() {
        true => found.good(
            "runtime",
            format!("{} version {}; it has all that is asked of pallet-revive", about.runtime, about.version),
        ),
        false => found.bad(
            "runtime",
            format!("{} version {} has no {}", about.runtime, about.version, missing.join(", ")),
            "a chain with a newer pallet-revive is needed",
        ),
    }
    found.good("pallet", pallet(&about.revive));
    let (item, byte) = about.deposits;
    found.good(
        "money",
        format!(
            "10^18 wei are one {}, the chain moves {} wei at least; least balance {}, deposits {} an item, {} a byte",
            native.coin.symbol,
            native.ratio,
            native.coin.print(about.existential_deposit),
            native.coin.print(item),
            native.coin.print(byte)
        ),
    );
    match about.unfinalised > LAG {
        true => {
            found.bad("finality", format!("{} blocks behind", about.unfinalised), "look at the chain's explorer, wait")
        }
        false => found.good("finality", format!("{} blocks behind the head", about.unfinalised)),
    }
    match about.state_since {
        0 => found.good("history", "the node has all states: an indexer can begin anywhere"),
        since => found.good(
            "history",
            format!(
                "the node has states from block {since} on: an indexer that is further behind needs an archive node"
            ),
        ),
    }
    clock(found, &client.best_block().await?, profile.presets);
    Ok(())
}

/// Which pallet-revive the chain runs, as far as its metadata tell.
fn pallet(revive: &Revive) -> String {
    let Revive { shape, calls, questions } = revive;
    let has = format!("{calls} calls, {questions} questions, shape {shape}");
    match revive.version() {
        Some(version) => format!("pallet-revive as of {version}, with which this program was tested ({has})"),
        None => format!(
            "pallet-revive of a shape that this program was not tested with ({has}); tested: {}",
            Revive::tested()
        ),
    }
}

fn clock(found: &mut Findings, best: &BlockRef, presets: Presets) {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let chain = best.timestamp_ms / 1_000;
    let apart = now.abs_diff(chain);
    let side = if chain > now { "ahead of" } else { "behind" };
    let says = format!("the chain's last block is {} {side} this machine", Span(apart));
    // A development chain makes blocks when there is something to do, and its clock is moved on by who likes.
    match chain > now + DRIFT {
        true if presets == Presets::Development => {
            found.good("clock", format!("{says}: this development chain's clock was moved on (yieldset clock)"));
        }
        true => found.bad("clock", says, "set this machine's clock (timedatectl)"),
        false if presets != Presets::Development && now > chain + STALE => {
            found.bad("clock", says, "the node is behind, or its chain stands still: ask another one with --node");
        }
        false => found.good("clock", says),
    }
}

/// Whether the contracts are there, and of this version.
async fn contracts(found: &mut Findings, file: &Path, (client, home): (&ChainClient, &Home)) -> Result<(), Failure> {
    if let Err(failure) = place::is_there(file) {
        found.bad("contracts", failure.text, failure.remedy);
        return Ok(());
    }
    let (deployment, signer) = match Deployment::load_signed(file) {
        Ok(loaded) => loaded,
        Err(error) => {
            found.bad(
                "contracts",
                error.to_string(),
                "get the file from who deployed, or name another with --deployment",
            );
            return Ok(());
        }
    };
    match place::stranger(&deployment, client).await {
        Ok(None) => {}
        Ok(Some(why)) => {
            found.bad("contracts", format!("{}: {why}", file.display()), ANEW);
            return Ok(());
        }
        Err(failure) => {
            found.bad("contracts", failure.text, "connect to the chain that it was made on");
            return Ok(());
        }
    }
    if let Err(error) = Book::load(home).unwrap_or_default().trusts(deployment.genesis, signer) {
        found.bad("contracts", error.to_string(), "ask who deployed");
        return Ok(());
    }
    let mut other = Vec::new();
    for (name, contract) in deployment.named() {
        match client.code_hash(contract).await? {
            Some(code) if code == blobs::code_hash(name) => {}
            Some(_) => other.push(format!("{name} runs another version")),
            None => other.push(format!("{name} is not there")),
        }
    }
    match other.is_empty() {
        true => {
            let book = Book::load(home).unwrap_or_default();
            let by = signer.map_or("nobody".to_owned(), |signer| book.says(signer, None));
            found.good("contracts", format!("{}, signed by {by}: all run this program's code", file.display()));
        }
        false => {
            found.bad("contracts", other.join(", "), "use the programs of the version that they were deployed with")
        }
    }
    Ok(())
}

/// What the sender has, where one is named.
async fn sender(
    found: &mut Findings,
    options: &Options,
    home: &Home,
    profile: &Profile,
    client: &ChainClient,
) -> Result<(), Failure> {
    let Some(who) = options.named_sender() else {
        found.good("sender", "nobody is named: --from WHO, or YIELDSET_FROM");
        return Ok(());
    };
    let (book, native) = (Book::load(home).unwrap_or_default(), profile.native(client));
    // No password is needed to look.
    let entry = book
        .entry(who)
        .ok()
        .or_else(|| keys::keystores(home).into_iter().find(|store| store.name == who).and_then(|store| store.who));
    let entry = match entry {
        Some(entry) => entry,
        None => {
            let submitter = options.sends(home, &book, client).await?;
            yieldset_chain::book::Entry { address: submitter.address(), account: Some(submitter.account_id()) }
        }
    };
    let has = match entry.account {
        Some(account) => client.spendable(&account).await?,
        None => client.native_balance(entry.address).await?,
    };
    let least = client.about().await?.existential_deposit;
    match has < least {
        true => found.bad(
            "sender",
            format!("{who} ({}) has {}", entry.address, native.coin.print(has)),
            format!("yieldset account fund {who} AMOUNT --from WHO-HAS-MONEY"),
        ),
        false => found.good("sender", format!("{who} ({}) has {}", entry.address, native.coin.print(has))),
    }
    if let Some(account) = entry.account
        && !client.is_mapped(&account).await?
    {
        found.bad("sender", "the chain does not know its account yet", format!("yieldset account map --from {who}"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A pallet that is not known by its shape is told as such, and what was tested.
    #[test]
    fn a_pallet_is_known_by_its_shape() {
        let says = pallet(&Revive { shape: "00".into(), calls: 1, questions: 2 });
        assert!(says.contains("not tested with (1 calls, 2 questions, shape 00)"), "{says}");
        assert!(says.ends_with(&format!("tested: {}", Revive::tested())), "{says}");
    }

    /// A development chain's clock is anybody's to move on, and no fault; another's is one.
    #[test]
    fn a_clock_that_was_moved_on_is_no_fault_of_a_development_chain() {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("after 1970").as_secs();
        let best = BlockRef {
            number: 1,
            hash: Default::default(),
            parent: Default::default(),
            timestamp_ms: (now + 100 * 86_400) * 1_000,
        };
        for (presets, good) in [(Presets::Development, true), (Presets::Production, false)] {
            let mut found = Findings::default();
            clock(&mut found, &best, presets);
            assert_eq!(found.0[0].good, good, "{presets:?}: {}", found.0[0].says);
        }
    }
}
