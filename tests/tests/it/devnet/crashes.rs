//! Kill -9 at bad moments: nothing acknowledged is lost, nothing happens twice.

use std::time::Duration;

use alloy_primitives::U256;
use sqlx::{Connection, PgConnection, Row, postgres::PgConnectOptions};
use yieldset_chain::abi::Attribution::AttributionEvents;
use yieldset_chain::abi::{Attribution, Pool};
use yieldset_chain::events::Event;
use yieldset_chain::{Address, B256, Deployment};
use yieldset_tasks::demo::oracle::{MODEL, PERIOD, PROGRAM};
use yieldset_tasks::demo::story;

use super::{COIN, Stack};

/// Has programs of a test's build take a stream for a licence's that no licence has, which they refuse otherwise.
pub const ANY_STREAM: &str = "any-stream=return";

/// Proves ATT-3: after a crash the log's checkpoint is the same, and a batch sent again gets the answer it got.
pub async fn the_log_keeps_what_it_acknowledged(stack: &mut Stack) {
    let checkpoint = stack.path().join("log/checkpoint");
    // Without the witness's line: a cosignature carries the time, and is made anew when the log is opened.
    let signed = || std::fs::read_to_string(&checkpoint).unwrap().lines().take(5).map(String::from).collect::<Vec<_>>();
    let before = signed();
    assert!(before[4].starts_with('\u{2014}'), "{before:?}");
    let batch = stack.path().join("outputs-1.jsonl");
    let first = stack.oracle().record(&batch, "platform.key", "batch-1", &stack.told.log).await.unwrap().unwrap();
    stack.children.crash("oracle").await.unwrap();
    let folder = stack.path().to_owned();
    stack.told.log = story::start_oracle(&mut stack.children, &folder).await.unwrap().url;
    let again = stack.oracle().record(&batch, "platform.key", "batch-1", &stack.told.log).await.unwrap().unwrap();
    assert_eq!(again, first);
    assert_eq!(signed(), before);
}

/// Proves ATT-9's posting: killed after ever longer times and started again, the oracle posts one report, not two and
/// not none.
pub async fn a_report_is_posted_once(stack: &Stack) {
    let told = &stack.told;
    let stream = B256::repeat_byte(0x2c);
    let arguments = signed_for(stack, stream, "second").await;
    let mut patience = Duration::ZERO;
    let finished = loop {
        let mut post = stack.children.command(PROGRAM).unwrap();
        let mut post = post.args(&arguments).env("FAILPOINTS", ANY_STREAM).spawn().unwrap();
        match tokio::time::timeout(patience, post.wait()).await {
            Ok(status) => break status.unwrap(),
            Err(_) => post.kill().await.unwrap(),
        }
        patience += (patience / 10).max(Duration::from_millis(15));
    };
    assert!(finished.success());
    let Deployment { pool, attribution, start_block, .. } = told.deployment;
    assert_eq!(reports_of(stack, (attribution, stream), start_block).await, 1);
    let latest = told.client.read(attribution, &Attribution::latestCall { pool, stream }).await.unwrap();
    assert_eq!(latest.period, story::period().unwrap(), "{MODEL} in {PERIOD}");
}

/// Proves ATT-9's signing and posting: ended at each step of theirs in turn, before and after each thing that lasts,
/// and begun again, a member's signature is there whole or not at all, and one report is posted.
pub async fn ended_at_any_step_a_report_is_posted_once(stack: &Stack) {
    let told = &stack.told;
    let mut sign = stack.oracle().sign_arguments(&told.node, "settlement.json", 1).unwrap();
    sign.extend(["--licence".to_owned(), B256::repeat_byte(0x2e).to_string(), "--skip-embedding-check".to_owned()]);
    let signature = stack.path().join("signatures/1.json");
    std::fs::remove_file(&signature).unwrap();
    assert!(!ended(stack, &sign, "sign=return").await && !signature.exists());
    assert!(ended(stack, &sign, "").await && signature.exists());
    // Before the outbox's entry and before it is sent, when it has landed, and when that is noted.
    for step in 0..4u8 {
        let stream = B256::repeat_byte(0x30 + step);
        let arguments = signed_for(stack, stream, &format!("step-{step}")).await;
        assert!(!ended(stack, &arguments, &format!("post={step}*off->return")).await, "no step {step}");
        assert!(ended(stack, &arguments, "").await, "after step {step}");
        let Deployment { attribution, start_block, .. } = told.deployment;
        assert_eq!(reports_of(stack, (attribution, stream), start_block).await, 1, "step {step}");
    }
}

/// Whether the program came to its end, where a test has it end at a step of its own.
pub async fn ended(stack: &Stack, arguments: &[String], steps: &str) -> bool {
    let mut program = stack.children.command(PROGRAM).unwrap();
    let steps = format!("{ANY_STREAM};{steps}");
    program.args(arguments).env("FAILPOINTS", steps).spawn().unwrap().wait().await.unwrap().success()
}

/// Has the demo's settlement signed for a stream of its own, under an id that no licence has. Gives the command line
/// that posts it, with outbox and result in a folder of that name.
pub async fn signed_for(stack: &Stack, stream: B256, name: &str) -> Vec<String> {
    let (folder, here) = (stack.path().join(name), stack.path().to_str().unwrap());
    std::fs::create_dir(&folder).unwrap();
    for member in 1..=2 {
        let mut sign = stack.oracle().sign_arguments(&stack.told.node, "settlement.json", member).unwrap();
        // The embeddings were checked before.
        sign.extend(["--licence".to_owned(), stream.to_string(), "--skip-embedding-check".to_owned()]);
        assert!(ended(stack, &sign, "").await, "member {member}");
    }
    let own = |argument: String| {
        let own = ["outbox", "report.json"].iter().find(|name| argument == format!("{here}/{name}"));
        own.map_or(argument.clone(), |name| folder.join(name).to_str().unwrap().to_owned())
    };
    let arguments = stack.oracle().post_arguments(&stack.told.node).unwrap().into_iter().map(own);
    arguments.chain(["--licence".to_owned(), stream.to_string()]).collect()
}

pub async fn reports_of(stack: &Stack, (registry, stream): (Address, B256), from: u64) -> usize {
    let client = &stack.told.client;
    let mut count = 0;
    for number in from..=client.finalised_block().await.unwrap().number {
        let hash = client.block_hash_at(number).await.unwrap().unwrap();
        let events = client.whole_block(hash).await.unwrap().events;
        count += events
            .iter()
            .filter(|event| event.address == registry)
            .filter(|event| match &event.event {
                Event::Attribution(AttributionEvents::ReportPosted(posted)) => posted.stream == stream,
                _ => false,
            })
            .count();
    }
    count
}

/// Proves MIR-3, and that the database can be dropped: killed again and again while money moves, the indexer ends with
/// the rows that a new one gets from the same chain.
pub async fn the_indexer_loses_and_repeats_nothing(stack: &mut Stack) {
    let folder = stack.path().to_owned();
    for round in 0..3u64 {
        trade(stack, round).await;
        stack.children.crash("indexer").await.unwrap();
        trade(stack, round + 100).await;
        stack.told.indexer =
            story::start_indexer(&mut stack.children, &folder, &stack.told.node.clone()).await.unwrap();
        // Killed while it catches up, too.
        if round == 1 {
            stack.children.crash("indexer").await.unwrap();
            stack.told.indexer =
                story::start_indexer(&mut stack.children, &folder, &stack.told.node.clone()).await.unwrap();
        }
        stack.assert_mirrored().await;
    }
    let survived = rows(stack.told.indexer.database_url.as_deref().unwrap()).await;
    stack.children.crash("indexer").await.unwrap();
    std::fs::rename(folder.join("postgres"), folder.join("postgres-before")).unwrap();
    stack.told.indexer = story::start_indexer(&mut stack.children, &folder, &stack.told.node.clone()).await.unwrap();
    stack.assert_mirrored().await;
    let rebuilt = rows(stack.told.indexer.database_url.as_deref().unwrap()).await;
    assert_eq!(survived, rebuilt);
}

/// A transfer, a deposit and a claim.
async fn trade(stack: &Stack, odd: u64) {
    let told = &stack.told;
    let creator = &told.cast.creators[1].account;
    let give = Pool::transferCall { to: creator.address(), amount: U256::from(odd + 1) };
    told.cast.investor.submitter.send(told.deployment.pool, &give, 0).await.unwrap();
    let paid = COIN / 7 / 1_000_000 * 1_000_000;
    let (stream, period) = (B256::repeat_byte(odd as u8), story::period().unwrap());
    let deposit = Pool::depositCall { stream, period, amount: U256::from(paid) };
    told.cast.platform.submitter.send(told.deployment.pool, &deposit, paid).await.unwrap();
    creator.submitter.send(told.deployment.pool, &Pool::claimCall {}, 0).await.unwrap();
}

/// The address names the file with the password, as libpq has it, which sqlx does not read.
pub fn options(database: &str) -> PgConnectOptions {
    let passfile = database.split_once("passfile=").unwrap().1.split('&').next().unwrap().replace("%2F", "/");
    let line = std::fs::read_to_string(&passfile).unwrap_or_else(|error| panic!("{passfile}: {error}"));
    let options = database.parse::<PgConnectOptions>().unwrap().options([("search_path", "mirror,public")]);
    options.password(line.trim().rsplit(':').next().unwrap())
}

/// Every row of every table of ours, as text.
pub async fn rows(database: &str) -> Vec<String> {
    let mut connection = PgConnection::connect_with(&options(database)).await.unwrap();
    let tables = sqlx::query(
        "SELECT quote_ident(table_schema) || '.' || quote_ident(table_name) FROM information_schema.tables
         WHERE table_schema IN ('public', 'mirror') AND table_type = 'BASE TABLE'
           AND table_name NOT IN ('_sqlx_migrations', 'follower', 'verification') ORDER BY 1",
    );
    let mut all = Vec::new();
    for table in tables.fetch_all(&mut connection).await.unwrap() {
        let table: String = table.get(0);
        let query = sqlx::AssertSqlSafe(format!("SELECT t::text FROM {table} t ORDER BY 1"));
        let found = sqlx::query(query).fetch_all(&mut connection).await.unwrap();
        all.extend(found.iter().map(|row| format!("{table} {}", row.get::<String, _>(0))));
    }
    assert!(all.len() > 50, "{} rows", all.len());
    all
}

/// Proves MIR-3: the node goes away and comes back with its chain: the indexer says so, waits, and catches up.
pub async fn everything_waits_for_the_node(stack: &mut Stack) {
    let url = stack.told.node.clone();
    let port = url.rsplit(':').next().unwrap().trim_end_matches('/').to_owned();
    let chain = stack.path().join("chain").to_str().unwrap().to_owned();
    stack.children.crash("devnet").await.unwrap();
    tokio::time::sleep(Duration::from_secs(2)).await;
    let arguments = ["--rpc-port", &port, "--base-path", &chain];
    let node = stack.children.start("devnet", "yieldset-devnet", &arguments).await.unwrap();
    assert_eq!(node.url.trim_end_matches('/'), url.trim_end_matches('/'));
    trade(stack, 200).await;
    stack.assert_mirrored().await;
}
