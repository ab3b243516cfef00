//! Keeps one server process running: starts it, starts it again when it dies, shuts it down.
//!
//! The server is a child in the foreground, held by a thread of its own. The kernel tells the server when that thread
//! is gone (`setpriv --pdeathsig`), so killing the indexer leaves no server behind.

use std::{
    fs::{File, OpenOptions},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use yieldset_service::files::FileError;

use super::{ClusterError, Folder, Install};

/// Pause before a server that died is started again; its last processes need a moment to notice.
const RESTART_PAUSE: Duration = Duration::from_millis(500);
/// So many failures in a row before the first success are not bad luck.
const TRIES: u32 = 8;
/// A server that ran this long was well.
const WELL_AFTER: Duration = Duration::from_secs(10);
/// How long a left-over server may take to shut down.
const LEFTOVER_PATIENCE: Duration = Duration::from_secs(30);
const TAIL_LINES: usize = 15;

#[derive(Debug, Default)]
struct Shared {
    stopping: AtomicBool,
    gave_up: AtomicBool,
    pid: Mutex<Option<i32>>,
}

/// A thread with a server.
#[derive(Debug)]
pub(super) struct Keeper {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl Keeper {
    pub fn start(install: &Install, folder: &Folder, settings: &[(&str, &str)]) -> Result<Self, ClusterError> {
        let settings: Vec<_> = settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let (install, cluster, socket, log) = (install.clone(), folder.cluster(), folder.socket(), folder.log());
        let shared = Arc::new(Shared::default());
        let theirs = Arc::clone(&shared);
        let thread = std::thread::Builder::new()
            .name("postgres-keeper".to_owned())
            .spawn(move || keep(&theirs, || install.server(&cluster, &socket, &settings), &log))
            .map_err(FileError::io(&folder.root))?;
        Ok(Self { shared, thread: Some(thread) })
    }

    pub fn pid(&self) -> Option<i32> {
        *self.shared.pid.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the server failed too often to be started again.
    pub fn gave_up(&self) -> bool {
        self.shared.gave_up.load(Ordering::Relaxed)
    }

    /// A fast shutdown, waited for.
    pub async fn stop(mut self) {
        self.tell();
        if let Some(thread) = self.thread.take() {
            let _ = tokio::task::spawn_blocking(move || thread.join()).await;
        }
    }

    fn tell(&self) {
        self.shared.stopping.store(true, Ordering::SeqCst);
        if let Some(pid) = self.pid() {
            // An error means that it is gone already.
            let _ = kill(Pid::from_raw(pid), Signal::SIGINT);
        }
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.tell();
    }
}

fn keep(shared: &Shared, command: impl Fn() -> Command, log: &Path) {
    let mut failures = 0;
    while !shared.stopping.load(Ordering::SeqCst) {
        let started = Instant::now();
        match spawn(command(), log) {
            Ok(mut child) => {
                let pid = i32::try_from(child.id()).ok();
                *shared.pid.lock().unwrap_or_else(PoisonError::into_inner) = pid;
                // Told to stop between the check above and now: the signal would have gone nowhere.
                if let (true, Some(pid)) = (shared.stopping.load(Ordering::SeqCst), pid) {
                    let _ = kill(Pid::from_raw(pid), Signal::SIGINT);
                }
                let status = child.wait();
                *shared.pid.lock().unwrap_or_else(PoisonError::into_inner) = None;
                if !shared.stopping.load(Ordering::SeqCst) {
                    tracing::warn!(?status, log = %log.display(), "the private Postgres ended, starting it again");
                }
            }
            Err(error) => tracing::error!(%error, "the private Postgres cannot be started"),
        }
        failures = if started.elapsed() > WELL_AFTER { 0 } else { failures + 1 };
        if failures >= TRIES {
            shared.gave_up.store(true, Ordering::Relaxed);
            tracing::error!(log = %log.display(), "the private Postgres fails again and again; giving up");
            return;
        }
        if !shared.stopping.load(Ordering::SeqCst) {
            std::thread::sleep(RESTART_PAUSE);
        }
    }
}

fn spawn(mut command: Command, log: &Path) -> std::io::Result<Child> {
    let output: File = OpenOptions::new().create(true).append(true).mode(0o600).open(log)?;
    command.stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output).spawn()
}

/// Shuts down a server that an indexer left behind on this cluster (killed where `setpriv` is missing, or just now
/// shutting down). The folder's lock is ours, so no living indexer uses it.
pub(super) async fn end_leftover(cluster: &Path) {
    let Some(pid) = leftover(cluster) else {
        return forget_stale_pid(cluster);
    };
    tracing::warn!(pid, "a Postgres of an earlier run still uses this folder; shutting it down");
    let _ = kill(Pid::from_raw(pid), Signal::SIGINT);
    let started = Instant::now();
    while leftover(cluster) == Some(pid) && started.elapsed() < LEFTOVER_PATIENCE {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// The process named in `postmaster.pid`, if it is a server on this very folder: a number alone may by now be anyone's.
fn leftover(cluster: &Path) -> Option<i32> {
    let text = std::fs::read_to_string(cluster.join("postmaster.pid")).ok()?;
    let pid: i32 = text.lines().next()?.trim().parse().ok()?;
    let process = PathBuf::from(format!("/proc/{pid}"));
    let here = std::fs::read_link(process.join("cwd")).ok()? == cluster.canonicalize().ok()?;
    let server = std::fs::read_to_string(process.join("comm")).ok()?.trim() == "postgres";
    (here && server).then_some(pid)
}

/// After a power loss the number in `postmaster.pid` may be another program's, and the server would wait for that one.
/// The file goes only where no process at all works in the folder: a server's remaining children must be waited for.
fn forget_stale_pid(cluster: &Path) {
    let (Ok(here), Ok(processes)) = (cluster.canonicalize(), std::fs::read_dir("/proc")) else { return };
    let in_use =
        processes.flatten().any(|process| std::fs::read_link(process.path().join("cwd")).is_ok_and(|cwd| cwd == here));
    if !in_use && std::fs::remove_file(cluster.join("postmaster.pid")).is_ok() {
        tracing::warn!(cluster = %cluster.display(), "Postgres did not shut down in order the last time; it will recover");
    }
}

/// The end of a log.
pub(super) fn tail(log: &Path) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<_> = text.lines().collect();
    lines[lines.len().saturating_sub(TAIL_LINES)..].join("\n")
}
