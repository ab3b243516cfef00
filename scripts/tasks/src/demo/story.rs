//! The demo's steps, in the order things happen.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use sha2::{Digest, Sha256};
use yieldset_chain::abi::Pool;
use yieldset_chain::units::Date;
use yieldset_chain::{Address, B256, ChainClient, Deployment, U256, amount};
use yieldset_rules::period::{quarter_number, quarter_start};
use yieldset_rules::revenue::{net_model_revenue, pool_share};

use super::cast::{ADMIN, Cast, Creator, Person};
use super::children::{Children, Ready};
use super::clock::go_to_time;
use super::licence;
use super::oracle::{self, BATCHES, Contributor, LogKeys, MODEL, Oracle, PERIOD, name_of, split_outputs};
use super::screen::{NATIVE, WHOLE, exactly, money, note, step};
use super::shell::Shell;
use super::summary::{Line, table};
use super::text;

/// The pool's name.
pub const POOL: &str = "Public Voices";
/// Contributors' part of each deposit, in basis points.
pub const CONTRIBUTORS_BPS: u16 = 4_000;
/// The pool's part of Net Model Revenue, in basis points.
const POOL_BPS: u16 = 1_000;
/// The quarter's revenue and costs in coins: 600 are left, 60 of them for the pool.
const GROSS: u128 = 1_000 * WHOLE;
const INFRASTRUCTURE: u128 = 350 * WHOLE;
const TAXES: u128 = 50 * WHOLE;
/// For fees; the platform pays by it, too.
const POCKET_MONEY: &str = "1000 DEV";
const YEAR: u64 = 365 * 86_400;
/// The manifest of a dataset version that nobody has.
pub const UNKNOWN: B256 = B256::repeat_byte(0x99);
/// How long the indexer may take to see the last block.
const INDEXER_PATIENCE: Duration = Duration::from_secs(240);

/// What a pool paid to an account, by its own books, in wei.
#[derive(Default)]
pub struct Paid {
    /// As a holder of shares.
    pub dividends: u128,
    /// As a contributor.
    pub contribution: u128,
}

/// What the story leaves running and what came out of it.
pub struct Told {
    /// A connection to the node.
    pub client: ChainClient,
    /// Types commands.
    pub shell: Shell,
    /// Everyone.
    pub cast: Cast,
    /// Where the contracts are.
    pub deployment: Deployment,
    /// The node's address.
    pub node: String,
    /// The indexer's address and database.
    pub indexer: Ready,
    /// The address of the oracle's log.
    pub log: String,
    /// The settlement.
    pub contributors: Vec<Contributor>,
    /// What was paid to each account.
    pub paid: BTreeMap<Address, Paid>,
    /// The licence, which is active since the quarter and whose upfront is in the pool.
    pub licence: B256,
}

impl Told {
    /// The pool's page.
    pub fn page(&self) -> String {
        page(&self.indexer, self.deployment.pool)
    }
}

/// A pool's page.
pub fn page(indexer: &Ready, pool: Address) -> String {
    format!("{}/pools/{pool}", indexer.url.trim_end_matches('/'))
}

/// Everything in order, with all files in `folder`.
pub async fn tell(root: &Path, folder: &Path, children: &mut Children) -> Result<Told> {
    children.script().instead_of(text(root)?.trim_end_matches('/'), "$REPO");
    let shell = children.shell();
    let chain = folder.join("chain");
    let node = step("starting a node", async |_| {
        // The chain's clock shows the quarter that all of this is about, whenever it is run, from its first second on:
        // datasets are registered before the model reads them, and that before its first call.
        let start = quarter_start(period()?).to_string();
        let arguments = ["--rpc-port", "0", "--base-path", text(&chain)?, "--start-at", &start];
        children.start("devnet", "yieldset-devnet", &arguments).await
    })
    .await?
    .url;
    let client = ChainClient::connect(&node).await?;
    let cast = Cast::assemble(&client, &root.join("tests/corpus"))?;
    let keys =
        step("making keys for platform, log, witness and committee", async |_| keys(children, folder).await).await?;
    let deployment = step("deploying the contracts, and a pool with its co-op from the factory", async |_| {
        let contributors = format!("{} %", CONTRIBUTORS_BPS / 100);
        let mut line = vec!["deploy", "--name", POOL, "--symbol", "VOICE", "--contributors", &contributors];
        let members: Vec<_> = keys.committee.iter().map(B256::to_string).collect();
        line.extend(members.iter().flat_map(|member| ["--member", member]));
        shell.does(ADMIN, &[&line[..], &["--threshold", "2"]].concat()).await?;
        let (deployment, signer) = Deployment::load_signed(&folder.join("deployment.json"))?;
        ensure!(signer == Some(cast.admin.address()), "the deployment is signed by {signer:?}");
        Ok(deployment)
    })
    .await?;
    let indexer =
        step("starting the indexer with a Postgres of its own", async |_| start_indexer(children, folder, &node).await)
            .await?;
    let log = step("starting the oracle's log, and its witness", async |_| {
        Oracle { children, folder }.log_init(&keys.log).await?;
        oracle::start_witness(children, folder, "witness").await?;
        start_oracle(children, folder).await
    })
    .await?
    .url;
    step("making another log of that name, by another key and another witness", async |_| {
        oracle::forge(children, folder).await
    })
    .await?;
    let oracle = Oracle { children, folder };
    people(&cast, &shell, children, folder).await?;
    let registered = manifests(&cast, &shell, &oracle).await?;
    training(&client, &oracle, &registered, &log).await?;
    usage(root, &oracle, &log).await?;
    let (contributors, paid, licence) = (Vec::new(), BTreeMap::new(), B256::ZERO);
    let mut told = Told { client, shell, cast, deployment, node, indexer, log, contributors, paid, licence };
    told.licence = licence::begin(&told, children, (keys.log.log, keys.log.witness)).await?;
    quarter(told, &oracle).await
}

/// The quarter ends: its usage is reported, its revenue paid in, and everybody claims.
async fn quarter(mut told: Told, oracle: &Oracle<'_>) -> Result<Told> {
    step("waiting for the quarter's end on the chain's clock", async |_| {
        go_to_time(&told, quarter_start(period()? + 1)).await
    })
    .await?;
    told.contributors = attribution(&told.cast, oracle, &told.node).await?;
    revenue(&told).await?;
    told.paid = claims(&told, oracle).await?;
    refusal(&told).await?;
    print_table(&told, oracle).await?;
    Ok(told)
}

/// Public keys of the files made for this run.
struct Keys {
    log: LogKeys,
    committee: Vec<B256>,
}

async fn keys(children: &Children, folder: &Path) -> Result<Keys> {
    let oracle = Oracle { children, folder };
    let platform = oracle.keygen("platform.key").await?;
    let (log, witness) = (oracle.keygen("log.key").await?, oracle.keygen("witness.key").await?);
    oracle.keygen("forger.key").await?;
    let mut committee = Vec::new();
    for member in 1..=3 {
        committee.push(oracle.keygen(&format!("committee-{member}.key")).await?);
    }
    Ok(Keys { log: LogKeys { platform, log, witness }, committee })
}

/// The indexer with its pages, and a Postgres in the run's folder.
pub async fn start_indexer(children: &mut Children, folder: &Path, node: &str) -> Result<Ready> {
    let (deployment, data) = (folder.join("deployment.json"), folder.join("postgres"));
    let arguments = [
        "run",
        "--serve",
        "--node-url",
        node,
        "--deployment",
        text(&deployment)?,
        "--data-dir",
        text(&data)?,
        "--listen",
        "127.0.0.1:0",
    ];
    children.start("indexer", "yieldset-indexer", &arguments).await
}

/// The oracle's log, which `log_init` made, with the witness that runs.
pub async fn start_oracle(children: &mut Children, folder: &Path) -> Result<Ready> {
    let witness = children.ready("witness")?.url;
    oracle::start_log(children, folder, ("oracle", "log"), &witness).await
}

/// Labels, money for fees, KYC records, shares.
async fn people(cast: &Cast, shell: &Shell, children: &Children, folder: &Path) -> Result<()> {
    step("giving everybody a label", async |_| {
        let holders = cast.holders().map(|(_, holder, _)| holder);
        for person in holders.chain([&cast.platform]) {
            shell.does("", &["account", "label", &person.label, &B256::from(person.id).to_string()]).await?;
        }
        shell.does("", &["account", "label", "stranger", &cast.stranger.to_string()]).await
    })
    .await?;
    step("funding accounts", async |bar| {
        for (name, person, _) in cast.holders().chain([("the platform", &cast.platform, 0)]) {
            bar.set_message(name.to_owned());
            shell.does(ADMIN, &["account", "fund", &person.at(), POCKET_MONEY]).await?;
        }
        Ok(())
    })
    .await?;
    step("recording KYC for creators and investor", async |_| {
        let mut records = "account,level,country,accredited,until\n".to_owned();
        let until = Date(expiry()?);
        for (_, holder, _) in cast.holders() {
            records += &format!("{},1,840,false,{until}\n", holder.at());
        }
        let file = folder.join("records.csv");
        children.script().file(&file, &records)?;
        shell.does(ADMIN, &["kyc", "import", text(&file)?]).await
    })
    .await?;
    step("minting shares", async |bar| {
        for (name, holder, shares) in cast.holders() {
            bar.set_message(name.to_owned());
            shell.does(ADMIN, &["pool", "mint", &holder.at(), &format!("{shares} shares")]).await?;
        }
        Ok(())
    })
    .await?;
    step("opening the pool, which takes money from now on", async |_| {
        let shares: u128 = cast.holders().map(|(_, _, shares)| shares).sum();
        shell.does(ADMIN, &["pool", "open", "--cap", &format!("{} shares", shares * 2)]).await
    })
    .await
    .map(|_| ())
}

/// Embedding the texts takes longest, so two run at a time; the embedder is told to use one thread each. Gives the
/// registered manifests.
async fn manifests(cast: &Cast, shell: &Shell, oracle: &Oracle<'_>) -> Result<Vec<B256>> {
    let registered = step("writing the creators' manifests and registering them", async |bar| {
        let (first, second) = cast.creators.split_at(cast.creators.len() / 2);
        let all = async |creators: &[Creator]| -> Result<Vec<B256>> {
            let mut registered = Vec::new();
            for creator in creators {
                bar.set_message(creator.file.name.clone());
                registered.push(register(creator, shell, oracle).await?);
            }
            Ok(registered)
        };
        tokio::try_join!(all(first), all(second)).map(|(first, second)| [first, second].concat())
    })
    .await?;
    step("writing a manifest of a creator's texts that nobody registers", async |_| {
        oracle.manifest_for(&cast.creators[0], cast.stranger, "a-stranger").await.map(|_| ())
    })
    .await?;
    Ok(registered)
}

/// The model is trained on what is registered: only what a run read after its registration earns.
async fn training(client: &ChainClient, oracle: &Oracle<'_>, registered: &[B256], url: &str) -> Result<()> {
    step("recording the training run that read them, and one on a version that nobody knows", async |_| {
        let now = client.finalised_block().await?.timestamp_ms / 1_000;
        oracle.record_run("pretraining", now - 30 * 86_400, &[UNKNOWN], "run-1", url).await?;
        oracle.record_run("training", now + 1, registered, "run-2", url).await
    })
    .await
}

async fn register(creator: &Creator, shell: &Shell, oracle: &Oracle<'_>) -> Result<B256> {
    let manifest = oracle.manifest(creator).await?;
    ensure!(creator.dataset() == manifest.dataset_id, "the manifest of {} names another dataset", creator.file.dataset);
    let folder = oracle.path("manifests").join(&creator.file.slug);
    let [metadata, licence] = ["ro-crate-metadata.json", "licence.json"].map(|name| folder.join(name));
    let files = ["--manifest", text(&metadata)?, "--licence-text", text(&licence)?];
    shell.does(&creator.account.uri, &[&["dataset", "register", &creator.file.dataset], &files[..]].concat()).await?;
    Ok(manifest.manifest_hash)
}

/// Batches of usage records over HTTP; a batch sent twice counts once, a forged one not at all.
async fn usage(root: &Path, oracle: &Oracle<'_>, url: &str) -> Result<()> {
    let outputs = split_outputs(&root.join("tests/corpus/outputs/lumen-1.jsonl"), oracle.folder, BATCHES)?;
    for file in &outputs {
        oracle.children.script().file(file, &std::fs::read_to_string(file)?)?;
    }
    let mut answers = Vec::new();
    step("recording what the model wrote, in signed batches", async |bar| {
        for (i, file) in outputs.iter().enumerate() {
            bar.set_message(format!("batch {} of {}", i + 1, outputs.len()));
            let answer = oracle.record(file, "platform.key", &format!("batch-{}", i + 1), url).await?;
            answers.push(answer.map_err(anyhow::Error::msg)?);
        }
        Ok(())
    })
    .await?;
    step("sending a batch again, and a forged one", async |_| {
        let again = oracle.record(&outputs[0], "platform.key", "batch-1", url).await?.map_err(anyhow::Error::msg)?;
        ensure!(again == answers[0], "the same batch got another answer:\n{}\n{again}", answers[0]);
        match oracle.record(&outputs[0], "forger.key", "batch-3", url).await? {
            Ok(answer) => bail!("a batch with a wrong signature was accepted: {answer}"),
            Err(why) if why.contains("signature") => Ok(()),
            Err(why) => bail!("a forged batch was refused, but not for its signature: {why}"),
        }
    })
    .await?;
    note("the same batch got the same answer and counted once; the forged one was refused");
    Ok(())
}

async fn attribution(cast: &Cast, oracle: &Oracle<'_>, node: &str) -> Result<Vec<Contributor>> {
    let left_out = step("scoring outputs against the creators' texts", async |_| oracle.attribute(node).await).await?;
    let mut reasons: Vec<&str> = left_out.iter().map(|(_, reason)| reason.as_str()).collect();
    reasons.sort_unstable();
    ensure!(reasons == ["unknown", "unregistered"], "left out are {left_out:?}");
    ensure!(left_out.contains(&(UNKNOWN, "unknown".into())), "left out are {left_out:?}");
    note(
        "the unregistered manifest and the unknown one are left out and named; everybody else, who was registered before the training run, is scored",
    );
    let contributors = step("turning scores into weights", async |_| oracle.settle().await).await?;
    for contributor in &contributors {
        let (outputs, tokens) = oracle.qualifying(contributor.account)?;
        note(&format!("{}: {outputs} outputs, {tokens} tokens", name_of(cast, contributor.account)));
    }
    step("posting the report, signed by two of three", async |_| oracle.post(node).await).await?;
    step("checking the report offline, and against the chain", async |_| {
        oracle.verify().await?;
        oracle.verify_by_proof().await?;
        oracle.verify_with(node).await
    })
    .await?;
    Ok(contributors)
}

/// The licence stream everything is paid under.
pub fn stream() -> B256 {
    B256::from_slice(&Sha256::digest(MODEL.as_bytes()))
}

/// Until when KYC records count.
pub fn expiry() -> Result<u64> {
    Ok(quarter_start(period()? + 1) + 10 * YEAR)
}

/// The quarter of [`PERIOD`].
pub fn period() -> Result<u32> {
    quarter_number(2026, 4).context("2026Q4 has no number")
}

async fn revenue(told: &Told) -> Result<()> {
    let net = net_model_revenue(GROSS, INFRASTRUCTURE, TAXES);
    let Ok(share) = pool_share(net, POOL_BPS) else { bail!("the pool's share of {net} cannot be computed") };
    step("depositing the pool's share of Net Model Revenue", async |_| {
        let share = format!("{} {NATIVE}", exactly(share));
        told.shell.does(&told.cast.platform.uri, &["pool", "deposit", MODEL, PERIOD, &share]).await
    })
    .await?;
    note(&format!(
        "{} gross - {} infrastructure - {} taxes = {}; the pool gets 10 %: {}, 40 % of that to contributors",
        money(GROSS),
        money(INFRASTRUCTURE),
        money(TAXES),
        money(net),
        money(share)
    ));
    Ok(())
}

async fn claims(told: &Told, oracle: &Oracle<'_>) -> Result<BTreeMap<Address, Paid>> {
    let Told { cast, node, .. } = told;
    let mut paid = BTreeMap::<Address, Paid>::new();
    step("keeping the final report's root in the pool, once", async |_| {
        // Anybody may; then no contributor's claim brings in the registry's code.
        let [first, again] = [oracle.keep_root(node, None).await?, oracle.keep_root(node, None).await?];
        let expected = ["kept", "nothing to do: kept before"];
        ensure!([&first, &again] == expected, "the root was kept so: {first}; {again}");
        Ok(())
    })
    .await?;
    step("claiming dividends and contributions", async |bar| {
        for (name, holder, _) in cast.holders() {
            bar.set_message(name.to_owned());
            *paid.entry(holder.address()).or_default() = claim(told, holder, &oracle.path("settlement.json")).await?;
        }
        Ok(())
    })
    .await?;
    Ok(paid)
}

/// Has somebody claim everything; what the pool paid.
pub(super) async fn claim(told: &Told, who: &Person, settlement: &Path) -> Result<Paid> {
    let totals = async || Ok::<_, anyhow::Error>(told.client.read(told.deployment.pool, &Pool::totalsCall {}).await?);
    let before = totals().await?;
    told.shell.does(&who.uri, &["claim", "--all", "--settlement", text(settlement)?]).await?;
    let after = totals().await?;
    Ok(Paid {
        dividends: amount(after.claimedByHolders - before.claimedByHolders)?,
        contribution: amount(after.claimedByContributors - before.claimedByContributors)?,
    })
}

/// A transfer to someone without KYC must be refused, for that, and change nothing.
async fn refusal(told: &Told) -> Result<()> {
    let account = told.cast.stranger;
    let why = step("trying to transfer a share to someone without KYC", async |_| {
        told.shell.cannot(&told.cast.investor.uri, &["pool", "transfer", "@stranger", "1 share"]).await
    })
    .await?;
    ensure!(why.contains("KYC"), "refused, but not by the rules: {why}");
    let held = told.client.read(told.deployment.pool, &Pool::balanceOfCall { account }).await?;
    ensure!(held == U256::ZERO, "shares moved");
    note(why.trim());
    Ok(())
}

/// Chain against its own books, and Postgres against the chain.
pub async fn settle_accounts(told: &Told, oracle: &Oracle<'_>) -> Result<()> {
    let Told { client, deployment, node, indexer, .. } = told;
    step("waiting for the indexer to see the last block", async |_| caught_up(client, &indexer.url).await).await?;
    let report = step("comparing Postgres with the chain", async |_| compare(oracle, indexer, node).await).await?;
    println!("{}", report.trim_end());
    let totals = client.read(deployment.pool, &Pool::totalsCall {}).await?;
    let left = totals.deposited - totals.claimedByHolders - totals.claimedByContributors;
    let holds = client.native_balance(deployment.pool).await?;
    ensure!(left <= U256::from(holds), "the pool owes {left} wei and holds {holds}");
    note(&format!("the pool keeps {left} wei of {} deposited (what was rounded down)", totals.deposited));
    Ok(())
}

/// Has the indexer compare Postgres with the chain; an error names each difference.
pub async fn compare(oracle: &Oracle<'_>, indexer: &Ready, node: &str) -> Result<String> {
    let database = indexer.database_url.as_deref().context("the indexer named no database")?;
    let file = oracle.path("deployment.json");
    let arguments = ["verify", "--node-url", node, "--deployment", text(&file)?, "--database-url", database];
    oracle.children.tool("yieldset-indexer", &arguments).await
}

/// What the indexer answers to programs.
pub async fn answer(url: &str, path: &str) -> Result<serde_json::Value> {
    let url = format!("{}{path}", url.trim_end_matches('/'));
    Ok(reqwest::get(url).await?.error_for_status()?.json().await?)
}

/// Status and answer of a service to JSON that is sent.
pub async fn asked(url: &str, path: &str, body: &serde_json::Value) -> Result<(u16, serde_json::Value)> {
    let url = format!("{}{path}", url.trim_end_matches('/'));
    let answer = reqwest::Client::new().post(url).json(body).send().await?;
    Ok((answer.status().as_u16(), answer.json().await?))
}

/// Waits until the indexer has seen the last finalised block.
pub async fn caught_up(client: &ChainClient, url: &str) -> Result<()> {
    let last = client.finalised_block().await?.number;
    let wait = async {
        loop {
            let answer = answer(url, "/v1/status").await?;
            // Null until the first block is in.
            if answer["indexed_block"].as_u64().is_some_and(|seen| seen >= last) {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(INDEXER_PATIENCE, wait)
        .await
        .with_context(|| format!("the indexer did not reach block {last} within {} s", INDEXER_PATIENCE.as_secs()))?
}

/// The table, and what came in beside what it shows.
async fn print_table(told: &Told, oracle: &Oracle<'_>) -> Result<()> {
    let mut lines = Vec::new();
    for (name, holder, shares) in told.cast.holders() {
        let account = holder.address();
        let (qualifying, tokens) = oracle.qualifying(account)?;
        let part = told.contributors.iter().find(|part| part.account == account);
        let weight = part.map_or(U256::ZERO, |part| part.weight);
        let paid = told.paid.get(&account).context("a holder without a claim")?;
        let (dividends, contribution) = (paid.dividends, paid.contribution);
        lines.push(Line { name: name.to_owned(), shares, dividends, qualifying, tokens, weight, contribution });
    }
    println!("\nWho earned what in {PERIOD}, in {NATIVE}, and why:");
    println!("{}", table(&lines));
    println!(
        "dividends follow shares; contributions follow the weight, which follows the tokens of outputs that came from a creator's texts"
    );
    let (client, pool) = (&told.client, told.deployment.pool);
    let totals = client.read(pool, &Pool::totalsCall {}).await?;
    let waiting = Pool::periodOfCall { stream: told.licence, period: period()? };
    let (deposited, waits) = (amount(totals.deposited)?, amount(client.read(pool, &waiting).await?.total)?);
    let rounded = totals.deposited - totals.claimedByHolders - totals.claimedByContributors - U256::from(waits);
    println!(
        "paid in were {} {NATIVE}: {} as the pool's share of the quarter, {} as the licence's upfront, of which {} \
         wait for the licence's report; {rounded} wei are left of what was rounded down",
        exactly(deposited),
        exactly(deposited - licence::UPFRONT),
        exactly(licence::UPFRONT),
        exactly(waits),
    );
    Ok(())
}
