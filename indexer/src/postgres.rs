//! A private Postgres cluster from the installed server, for those who name no database.
//!
//! It listens on a Unix socket in its data folder only. Its password is made here, kept in a file of mode 0600 in
//! libpq's format, and appears neither on a command line nor in an address or log. Postgres refuses to run as root: as
//! root it runs as `nobody`.

mod install;
mod keeper;

use std::{
    fs::File,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use rand::{Rng, distributions::Alphanumeric};
use sqlx::{ConnectOptions, Connection, Executor};
use url::Url;
use yieldset_service::files::{self, Access, FileError};

pub use install::Install;
use keeper::Keeper;

use crate::database_url::{self, DatabaseUrlError};

/// How long the server may take to answer after its start; it may have to recover from a crash first.
const START_PATIENCE: Duration = Duration::from_secs(90);
/// The role and the database.
const NAME: &str = "yieldset";
/// Longest path of a Unix socket that Linux takes, less the socket's own name.
const SOCKET_FOLDER_LIMIT: usize = 107 - "/.s.PGSQL.5432".len();

/// Why there is no private cluster.
#[derive(Debug, thiserror::Error)]
pub enum ClusterError {
    /// No server is installed.
    #[error(
        "no Postgres of version {least} or later found on PATH or under /usr/lib/postgresql ({found}); install it (Debian: apt-get install postgresql) or give DATABASE_URL"
    )]
    NotInstalled {
        /// The oldest version that will do.
        least: u32,
        /// What was found instead.
        found: String,
    },
    /// Another process uses the folder.
    #[error("{} is in use by another yieldset-indexer; stop it or choose another --data-dir", .0.display())]
    InUse(PathBuf),
    /// The cluster was made by another major version.
    #[error(
        "the cluster in {} was made by Postgres {made}, the installed one is {installed}; install {made}, or remove the folder: the chain has all that is in it", folder.display()
    )]
    OtherVersion {
        /// The folder.
        folder: PathBuf,
        /// Its version.
        made: String,
        /// The server's.
        installed: u32,
    },
    /// As root, the server's user cannot get to the folder.
    #[error(
        "Postgres runs as `nobody` here (it refuses root), who may not pass through {}; choose a --data-dir below a folder that all may pass (mode o+x), such as /var/lib/yieldset", .0.display()
    )]
    Unreachable(PathBuf),
    /// The system has no user for it.
    #[error(
        "running as root, but there is no user `nobody` to run Postgres as; run the indexer as another user or give DATABASE_URL"
    )]
    NoUser,
    /// The folder's name is too long for a socket.
    #[error("the path {} has more than {SOCKET_FOLDER_LIMIT} bytes, too long for a Unix socket; choose a shorter --data-dir", .0.display())]
    PathTooLong(PathBuf),
    /// A program failed.
    #[error("{program} failed: {reason}")]
    Program {
        /// Which.
        program: &'static str,
        /// The end of what it printed.
        reason: String,
    },
    /// The server did not answer in time.
    #[error("Postgres did not answer within {seconds} s; the end of {}:\n{tail}", log.display())]
    NoAnswer {
        /// How long was waited.
        seconds: u64,
        /// The server's log.
        log: PathBuf,
        /// Its last lines.
        tail: String,
    },
    /// A file.
    #[error(transparent)]
    File(#[from] FileError),
    /// Its own address cannot be used.
    #[error(transparent)]
    Address(#[from] DatabaseUrlError),
    /// The new cluster refuses its own owner.
    #[error("the private cluster cannot be set up: {0}")]
    Setup(#[from] sqlx::Error),
}

/// A running private cluster. Stop it with [`stop`](Self::stop); dropped, it is told to shut down and not waited for.
#[derive(Debug)]
pub struct Cluster {
    url: String,
    keeper: Keeper,
    /// Held as long as the cluster runs: one indexer per folder.
    _lock: File,
}

/// Where things are in a data folder.
#[derive(Debug, Clone)]
struct Folder {
    root: PathBuf,
}

impl Folder {
    fn cluster(&self) -> PathBuf {
        self.root.join("cluster")
    }
    fn socket(&self) -> PathBuf {
        self.root.join("socket")
    }
    fn passfile(&self) -> PathBuf {
        self.root.join("pgpass")
    }
    fn log(&self) -> PathBuf {
        self.root.join("postgres.log")
    }
}

impl Cluster {
    /// Starts the cluster in `folder`, making it first where there is none. Settings are `(name, value)` for the
    /// server.
    ///
    /// A server left over from a killed indexer is shut down first.
    ///
    /// # Errors
    /// [`ClusterError`].
    pub async fn start(folder: &Path, settings: &[(&str, &str)]) -> Result<Self, ClusterError> {
        let install = Install::find()?;
        let folder = Folder { root: prepare_folder(folder)? };
        let lock = lock(&folder)?;
        install.check_reach(&folder.root)?;
        make_folder(&folder.socket(), 0o711)?;
        install.give(&folder.socket())?;
        install.check_version(&folder.cluster())?;
        if !folder.cluster().join("PG_VERSION").is_file() {
            init(&install, &folder)?;
        }
        keeper::end_leftover(&folder.cluster()).await;
        let keeper = Keeper::start(&install, &folder, settings)?;
        let url = address(&folder, NAME);
        let cluster = Self { url, keeper, _lock: lock };
        wait_until_it_answers(&folder, &cluster.keeper).await?;
        make_database(&folder).await?;
        Ok(cluster)
    }

    /// The database's address, without a password: that is in the file it names.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The server's process.
    pub fn pid(&self) -> Option<i32> {
        self.keeper.pid()
    }

    /// Shuts down: sessions are ended, everything is written.
    pub async fn stop(self) {
        self.keeper.stop().await;
    }
}

/// The data folder, absolute: the server changes its working folder.
fn prepare_folder(folder: &Path) -> Result<PathBuf, ClusterError> {
    make_folder(folder, 0o711)?;
    let root = folder.canonicalize().map_err(FileError::io(folder))?;
    if root.join("socket").as_os_str().len() > SOCKET_FOLDER_LIMIT {
        return Err(ClusterError::PathTooLong(root));
    }
    Ok(root)
}

fn make_folder(folder: &Path, mode: u32) -> Result<(), ClusterError> {
    if folder.is_dir() {
        return Ok(());
    }
    std::fs::create_dir_all(folder).map_err(FileError::io(folder))?;
    Ok(std::fs::set_permissions(folder, std::fs::Permissions::from_mode(mode)).map_err(FileError::io(folder))?)
}

fn lock(folder: &Folder) -> Result<File, ClusterError> {
    files::lock(&folder.root.join("lock"))?.ok_or_else(|| ClusterError::InUse(folder.root.clone()))
}

/// Makes the cluster. It appears under its name only when it is whole, so a crash in between leaves nothing half-made
/// behind.
fn init(install: &Install, folder: &Folder) -> Result<(), ClusterError> {
    let draft = folder.root.join("cluster.new");
    if draft.exists() {
        std::fs::remove_dir_all(&draft).map_err(FileError::io(&draft))?;
    }
    make_folder(&draft, 0o700)?;
    install.give(&draft)?;
    let password: String = rand::thread_rng().sample_iter(Alphanumeric).take(32).map(char::from).collect();
    files::write(&folder.passfile(), format!("*:*:*:{NAME}:{password}\n").as_bytes(), Access::Private)?;
    let once = folder.root.join("password.once");
    files::write(&once, password.as_bytes(), Access::Private)?;
    install.give(&once)?;
    let made = install.initdb(&draft, NAME, &once);
    let removed = files::remove(&once);
    made?;
    removed?;
    Ok(std::fs::rename(&draft, folder.cluster()).map_err(FileError::io(&folder.cluster()))?)
}

/// The address of a database of this cluster; psql takes it as well.
fn address(folder: &Folder, database: &str) -> String {
    let text = |path: PathBuf| path.to_string_lossy().into_owned();
    let base = format!("postgresql://{NAME}@localhost/{database}");
    let parameters = [("host", text(folder.socket())), ("passfile", text(folder.passfile()))];
    Url::parse_with_params(&base, parameters).map_or(base, String::from)
}

async fn wait_until_it_answers(folder: &Folder, keeper: &Keeper) -> Result<(), ClusterError> {
    let started = Instant::now();
    let options = database_url::options(&address(folder, "postgres"))?.disable_statement_logging();
    loop {
        if let Ok(connection) = options.connect().await {
            let _ = connection.close().await;
            return Ok(());
        }
        if started.elapsed() > START_PATIENCE || keeper.gave_up() {
            let tail = keeper::tail(&folder.log());
            return Err(ClusterError::NoAnswer { seconds: started.elapsed().as_secs(), log: folder.log(), tail });
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn make_database(folder: &Folder) -> Result<(), ClusterError> {
    let options = database_url::options(&address(folder, "postgres"))?;
    let mut connection = options.connect().await?;
    let here = sqlx::query_scalar::<_, bool>("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)")
        .bind(NAME)
        .fetch_one(&mut connection)
        .await?;
    if !here {
        connection.execute("CREATE DATABASE yieldset").await?;
    }
    connection.close().await?;
    Ok(())
}
