//! The command line.

use std::{
    convert::Infallible,
    net::SocketAddr,
    num::NonZeroU32,
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use clap::{Args, CommandFactory, Parser, Subcommand};
use serde_json::json;
use sqlx::PgPool;
use tokio::net::TcpListener;
use yieldset_chain::{ChainClient, Deployment, Home, Profile};
use yieldset_service::{
    cli::{self, Shipping},
    files::{self, Access},
    stop,
    web::Limits,
};

use crate::{
    app::App,
    database_url,
    error::IndexerError,
    follow::{self, Patience},
    mirror::{Mirror, Rebuilt},
    postgres::Cluster,
    preparing::Preparing,
    reports::{ReportError, captable::CapTableArgs, earnings::EarningsArgs, export::ExportArgs},
    router,
    status::{Doing, Readiness, Status},
    store,
    tokens::Tokens,
    verify::{self, Scope},
};

/// Patience of `verify` with the node.
const NODE_PATIENCE: Duration = Duration::from_secs(30);
/// Patience of following with it: then it counts as away, and is tried again.
const FOLLOWERS_PATIENCE: Duration = Duration::from_secs(10);
/// Between two comparisons where none is on record.
const AGAIN: Duration = Duration::from_secs(60);
/// Between two tries of a database that is away.
const PAUSE: Duration = Duration::from_secs(2);

/// Mirrors the chain into Postgres and shows it.
#[derive(Debug, Parser)]
#[command(name = "yieldset-indexer", version = yieldset_service::VERSION, about)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Follow the chain into Postgres, and compare both now and then; with --serve also show it.
    Run(RunArgs),
    /// Show what is in Postgres, which may be a replica, without following.
    ///
    /// No node is asked, so no acts are looked at.
    Serve(ServeArgs),
    /// Compare rows and journal with the chain, in both directions, at the last block here; fails if anything differs.
    Verify(VerifyArgs),
    /// Make all rows anew from the journal, while others read and write; no node is asked.
    Rebuild(RebuildArgs),
    /// Who holds a pool's shares, now or after an earlier block.
    Captable(OnDatabase<CapTableArgs>),
    /// What an account earned, was paid and can claim, over all pools.
    Earnings(OnDatabase<EarningsArgs>),
    /// Write tables as CSV or JSON.
    Export(OnDatabase<ExportArgs>),
    /// Bring the tables to this program's version.
    Migrate(DatabaseArgs),
    /// Print the API's description (OpenAPI 3.1).
    Openapi,
    /// What is installed beside the program.
    #[command(flatten)]
    Shipping(Shipping),
}

/// Which database.
#[derive(Debug, Clone, Args)]
pub struct DatabaseArgs {
    /// Postgres to use: postgresql://user@host/name, with libpq's passfile= for the password. Without it a private
    /// cluster of the installed Postgres is run in the data folder.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    database_url: Option<String>,
    /// Folder of the private cluster; by default yieldset/postgres among the user's data, for root
    /// /var/lib/yieldset/postgres.
    // The value itself would put the home of whoever built a package into its man page.
    #[arg(long, env = "YIELDSET_INDEXER_DATA", default_value_os_t = default_data_dir(), hide_default_value = true)]
    data_dir: PathBuf,
}

/// Which chain.
#[derive(Debug, Clone, Args)]
pub struct ChainArgs {
    /// The network, by which money is called: devnet, paseo, hub, or one of your own; else the one that has the
    /// deployment's chain id.
    #[arg(long = "profile", env = "YIELDSET_PROFILE", value_name = "NAME")]
    network: Option<String>,
    /// The node's WebSocket address, or those of several with commas between: the next is asked where one answers no
    /// more.
    #[arg(long, env = "YIELDSET_NODE_URL", default_value = "ws://127.0.0.1:9944")]
    node_url: String,
    /// Where the contracts are: deployment.json.
    #[arg(long, env = "YIELDSET_DEPLOYMENT", default_value = "deployment.json")]
    deployment: PathBuf,
}

/// Where to serve.
#[derive(Debug, Clone, Args)]
pub struct ListenArgs {
    /// Address to serve on; port 0 takes any.
    #[arg(long, env = "YIELDSET_INDEXER_LISTEN", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Written once the service answers: {"url", "database_url"}; by `run` without --serve, which answers nobody, with
    /// null for the url.
    #[arg(long)]
    ready_file: Option<PathBuf>,
    #[command(flatten)]
    limits: Limits,
    #[command(flatten)]
    readers: ReaderArgs,
}

/// What readers may take.
#[derive(Debug, Clone, Args)]
pub struct ReaderArgs {
    /// Connections to Postgres for answers; following has its own.
    #[arg(long, env = "YIELDSET_WEB_CONNECTIONS", value_name = "COUNT", default_value_t = READERS)]
    web_connections: NonZeroU32,
    /// Questions of data that are answered at once; one more waits a moment, and is then told to come back. By default
    /// four for each connection.
    #[arg(long, env = "YIELDSET_CONCURRENT_REQUESTS", value_name = "COUNT")]
    concurrent_requests: Option<NonZeroU32>,
    /// A file of tokens, `role:token` or `role:sha256:DIGEST` on each line, that only its owner may read. Whoever has
    /// one of the role `compliance` may see KYC records; without the file nobody may.
    #[arg(long, env = "YIELDSET_COMPLIANCE_TOKEN_FILE", value_name = "FILE")]
    compliance_token_file: Option<PathBuf>,
    /// Most blocks behind the head with which /readyz says that it is ready.
    #[arg(long, env = "YIELDSET_READY_BEHIND", value_name = "BLOCKS", default_value_t = 10)]
    ready_behind: u64,
    /// Most seconds that the last block may be old for that; 0 for any age, as on a development chain, which makes
    /// blocks only when there is something to do.
    #[arg(long, env = "YIELDSET_READY_AGE", value_name = "SECONDS", default_value_t = 600)]
    ready_age: u64,
}

/// As many as [`store::READERS`].
const READERS: NonZeroU32 = match NonZeroU32::new(store::READERS) {
    Some(number) => number,
    None => NonZeroU32::MIN,
};

/// Options of `run`.
#[derive(Debug, Clone, Args)]
pub struct RunArgs {
    #[command(flatten)]
    chain: ChainArgs,
    #[command(flatten)]
    database: DatabaseArgs,
    /// Also serve API and pages.
    #[arg(long)]
    serve: bool,
    /// Compare what changed with the chain once all is here, and every so many seconds; 0 for never. A
    /// difference is logged, and /readyz says so.
    #[arg(long, env = "YIELDSET_VERIFY_EVERY", value_name = "SECONDS", default_value_t = 3_600)]
    verify_every: u64,
    #[command(flatten)]
    listen: ListenArgs,
}

/// Options of `serve`.
#[derive(Debug, Clone, Args)]
pub struct ServeArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    #[command(flatten)]
    listen: ListenArgs,
}

/// Options of `verify`.
#[derive(Debug, Clone, Args)]
pub struct VerifyArgs {
    /// Compare only what changed since the last comparison that found no difference.
    #[arg(long)]
    since_last: bool,
    #[command(flatten)]
    chain: ChainArgs,
    #[command(flatten)]
    database: DatabaseArgs,
}

/// Options of `rebuild`.
#[derive(Debug, Clone, Args)]
pub struct RebuildArgs {
    /// Where the contracts are: deployment.json.
    #[arg(long, env = "YIELDSET_DEPLOYMENT", default_value = "deployment.json")]
    deployment: PathBuf,
    #[command(flatten)]
    database: DatabaseArgs,
}

/// Options of a report, and of which database.
#[derive(Debug, Clone, Args)]
pub struct OnDatabase<A: Args> {
    #[command(flatten)]
    report: A,
    #[command(flatten)]
    database: DatabaseArgs,
}

fn default_data_dir() -> PathBuf {
    if nix::unistd::Uid::effective().is_root() {
        // The server runs as another user then, who may not pass through root's home.
        return PathBuf::from("/var/lib/yieldset/postgres");
    }
    let home = std::env::var_os("XDG_DATA_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".local/share")));
    home.unwrap_or_else(|| PathBuf::from(".")).join("yieldset/postgres")
}

/// Runs a command to its end.
///
/// # Errors
/// [`IndexerError`].
pub async fn run(cli: Cli) -> Result<(), IndexerError> {
    match cli.command {
        Command::Run(args) => run_and_serve(args).await,
        Command::Serve(args) => serve_only(args).await,
        Command::Verify(args) => compare(args).await,
        Command::Rebuild(args) => rebuild(args).await,
        Command::Captable(args) => report(args, async |args, pool| args.run(pool).await).await,
        Command::Earnings(args) => report(args, async |args, pool| args.run(pool).await).await,
        Command::Export(args) => report(args, async |args, pool| args.run(pool).await).await,
        Command::Migrate(args) => migrate(args).await,
        Command::Openapi => Ok(cli::print(format!("{}\n", router::openapi()).as_bytes())?),
        Command::Shipping(shipping) => Ok(shipping.run(Cli::command())?),
    }
}

/// A database and, where it is private, its server.
struct Database {
    url: String,
    pool: PgPool,
    cluster: Option<Cluster>,
}

impl Database {
    async fn open(args: &DatabaseArgs) -> Result<Self, IndexerError> {
        let given = args.database_url.clone().filter(|url| !url.is_empty());
        let (url, cluster) = match given {
            Some(url) => (url, None),
            None => {
                let cluster = Cluster::start(&args.data_dir, &[]).await?;
                tracing::info!(data_dir = %args.data_dir.display(), "private Postgres started");
                (cluster.url().to_owned(), Some(cluster))
            }
        };
        let pool = store::connect(&url)?;
        Ok(Self { url, pool, cluster })
    }

    async fn close(self) {
        self.pool.close().await;
        if let Some(cluster) = self.cluster {
            cluster.stop().await;
        }
    }

    /// Does `work` with the database and closes it, whatever came of it.
    async fn with<T, E>(self, work: impl AsyncFnOnce(&Self) -> Result<T, E>) -> Result<T, E> {
        let result = work(&self).await;
        self.close().await;
        result
    }
}

async fn run_and_serve(args: RunArgs) -> Result<(), IndexerError> {
    let deployment = Deployment::load(&args.chain.deployment)?;
    let home = Home::from_environment();
    let profile = match &args.chain.network {
        Some(name) => Some(Profile::find(name, &home)?),
        None => Profile::of_chain((deployment.chain_id, deployment.genesis), &home),
    };
    let coin = profile.as_ref().map(|profile| profile.coin.symbol.clone());
    let preparing = profile.map(|profile| Preparing::new(&args.chain.node_url, profile, deployment.clone()));
    let listener = if args.serve { Some(listen(args.listen.listen).await?) } else { None };
    let database = Database::open(&args.database).await?;
    database
        .with(async |database| {
            let stop = stop::on_signal().map_err(IndexerError::Signals)?;
            let status = Status::new(Doing::Starting);
            let follow = async {
                tokio::select! {
                    result = following(&database.pool, &args.chain.node_url, &deployment, coin.as_deref(), &status) => result,
                    never = verifying(&args, &deployment, database, &status) => match never {},
                }
            };
            let Some(listener) = listener else {
                ready(&args.listen, None, database)?;
                return tokio::select! {
                    result = follow => result,
                    () = stop => Ok(()),
                };
            };
            let url = url_of(&listener)?;
            let app = app(database, &args.listen, args.verify_every > 0, &status)?.preparing(preparing);
            let server = router::serve(listener, app, stop);
            tracing::info!(%url, "serving");
            ready(&args.listen, Some(url), database)?;
            tokio::select! {
                result = follow => result,
                () = server => Ok(()),
            }
        })
        .await
}

/// Follows for as long as nothing is wrong that needs a human.
async fn following(
    pool: &PgPool,
    nodes: &str,
    deployment: &Deployment,
    coin: Option<&str>,
    status: &Status,
) -> Result<(), IndexerError> {
    let open = async || {
        let mirror = Mirror::open(pool.clone(), deployment).await?;
        store::name_coin(pool, coin).await?;
        Ok::<_, IndexerError>(mirror)
    };
    let mut mirror = loop {
        match open().await {
            Ok(mirror) => break mirror,
            Err(error) if error.away().is_some() => {
                tracing::warn!(%error, "waiting for the database");
                status.enter(Doing::DatabaseAway, Some(error.to_string()));
                tokio::time::sleep(PAUSE).await;
            }
            Err(error) => return Err(error),
        }
    };
    let connect = async || ChainClient::connect_within(nodes, FOLLOWERS_PATIENCE).await;
    match follow::run(&mut mirror, connect, status, &Patience::default()).await {
        Ok(never) => match never {},
        Err(error) => Err(error),
    }
}

/// Compares with the chain time and again: as soon as the rows are those of now, and where they were made anew.
async fn verifying(args: &RunArgs, deployment: &Deployment, database: &Database, status: &Status) -> Infallible {
    let every = Duration::from_secs(args.verify_every);
    let mut last: Option<Instant> = None;
    loop {
        if every.is_zero() {
            std::future::pending::<()>().await;
        }
        tokio::time::sleep(PAUSE).await;
        let is_due = match last.map(|last| last.elapsed()) {
            None => true,
            Some(past) if past >= every => true,
            Some(past) => past >= AGAIN && !store::is_verified(&database.pool).await.unwrap_or(true),
        };
        if !is_due || status.now().phase != Doing::Live {
            continue;
        }
        last = Some(Instant::now());
        let compared = async {
            let client = ChainClient::connect_within(&args.chain.node_url, NODE_PATIENCE).await?;
            let scope = Scope::since_last(&database.pool).await?;
            verify::run(&database.pool, &client, deployment, scope).await
        };
        match compared.await {
            Ok(comparison) if comparison.differing == 0 => {
                tracing::info!(block = comparison.block, figures = comparison.figures, "rows and chain agree");
            }
            Ok(comparison) => tracing::error!(%comparison, "rows and chain differ"),
            Err(error) => tracing::warn!(%error, "rows and chain could not be compared"),
        }
    }
}

/// What is served, with readers' own connections.
fn app(database: &Database, args: &ListenArgs, verified: bool, status: &Arc<Status>) -> Result<App, IndexerError> {
    let readers = &args.readers;
    let tokens = readers.compliance_token_file.as_deref().map(Tokens::load).transpose()?.unwrap_or_default();
    let pool = store::connect_readers(&database.url, readers.web_connections.get())?;
    tracing::info!(database = database_url::shown(&database.url), "answers come from this database");
    Ok(App::new(pool, Arc::clone(status))
        .with_limits(args.limits.clone())
        .with_tokens(tokens)
        .with_readiness(Readiness {
            behind: readers.ready_behind,
            age: Some(readers.ready_age).filter(|age| *age > 0),
            verified,
        })
        .with_turns(readers.concurrent_requests))
}

async fn serve_only(args: ServeArgs) -> Result<(), IndexerError> {
    let listener = listen(args.listen.listen).await?;
    let database = Database::open(&args.database).await?;
    database
        .with(async |database| {
            let stop = stop::on_signal().map_err(IndexerError::Signals)?;
            let url = url_of(&listener)?;
            let app = app(database, &args.listen, true, &Status::new(Doing::ReadOnly))?;
            let server = router::serve(listener, app, stop);
            tracing::info!(%url, "serving");
            ready(&args.listen, Some(url), database)?;
            server.await;
            Ok(())
        })
        .await
}

async fn compare(args: VerifyArgs) -> Result<(), IndexerError> {
    let deployment = Deployment::load(&args.chain.deployment)?;
    let client = ChainClient::connect_within(&args.chain.node_url, NODE_PATIENCE).await?;
    let database = Database::open(&args.database).await?;
    let comparison = database
        .with(async |database| {
            let scope = match args.since_last {
                true => Scope::since_last(&database.pool).await?,
                false => Scope::All,
            };
            verify::run(&database.pool, &client, &deployment, scope).await
        })
        .await?;
    cli::print(format!("{comparison}\n").as_bytes())?;
    match comparison.differing {
        0 => Ok(()),
        differences => Err(IndexerError::Disagree(differences)),
    }
}

async fn rebuild(args: RebuildArgs) -> Result<(), IndexerError> {
    let deployment = Deployment::load(&args.deployment)?;
    let database = Database::open(&args.database).await?;
    let rebuilt = database
        .with(async |database| Mirror::claim(database.pool.clone(), &deployment).await?.rebuild().await)
        .await?;
    let Rebuilt { blocks, events, unread } = rebuilt;
    let text = format!("all rows are made anew: {blocks} blocks, {events} events, {unread} of them not read\n");
    Ok(cli::print(text.as_bytes())?)
}

/// Makes a report from what readers see.
async fn report<A: Args>(
    args: OnDatabase<A>,
    make: impl AsyncFnOnce(A, &PgPool) -> Result<(), ReportError>,
) -> Result<(), IndexerError> {
    let database = Database::open(&args.database).await?;
    database
        .with(async |database| {
            let readers = store::connect_readers(&database.url, 2)?;
            Ok(make(args.report, &readers).await?)
        })
        .await
}

async fn migrate(args: DatabaseArgs) -> Result<(), IndexerError> {
    let database = Database::open(&args).await?;
    database.with(async |database| store::migrate(&database.pool).await).await?;
    Ok(cli::print(b"the tables are up to date\n")?)
}

async fn listen(address: SocketAddr) -> Result<TcpListener, IndexerError> {
    let failed = |source| IndexerError::Listen { address: address.to_string(), source };
    TcpListener::bind(address).await.map_err(failed)
}

fn url_of(listener: &TcpListener) -> Result<String, IndexerError> {
    let failed = |source| IndexerError::Listen { address: "the chosen address".to_owned(), source };
    Ok(format!("http://{}", listener.local_addr().map_err(failed)?))
}

/// Writes the ready file, whole or not at all. The database's address in it carries no password unless the user gave
/// one there, so only the owner may read it.
fn ready(args: &ListenArgs, url: Option<String>, database: &Database) -> Result<(), IndexerError> {
    let Some(file) = &args.ready_file else { return Ok(()) };
    let text = format!("{}\n", json!({"url": url, "database_url": database.url}));
    Ok(files::write(file, text.as_bytes(), Access::Private)?)
}
