//! The task that owns the log: batches that wait together are committed together.

use std::{
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::Duration,
};

use tokio::{
    sync::{mpsc, oneshot},
    task::JoinHandle,
};

use crate::usage_log::{BatchError, CheckedBatch, Log, LogError, writer::BatchReceipt};

/// Most batches of a group.
const MAX_GROUP: usize = 64;
/// Batches that may wait; a sender beyond them waits in line.
const QUEUE: usize = 256;
/// After how long witnesses that were away are asked again, where no batch comes meanwhile: else a log that says that
/// it is not ready, and so is sent none, would never be ready again.
const ASK_AGAIN: Duration = Duration::from_secs(2);

/// Why a batch was not logged.
#[derive(Debug)]
pub(super) enum Refused {
    /// It is wrong.
    Batch(BatchError),
    /// The log cannot take it now; the text is a [`LogError`]'s, which many batches share.
    Log { stopped: bool, reason: String },
}

struct Waiting {
    batch: CheckedBatch,
    answer: oneshot::Sender<Result<BatchReceipt, Refused>>,
}

/// Hands batches to the task that owns the log.
#[derive(Debug)]
pub(super) struct Committer {
    queue: mpsc::Sender<Waiting>,
    state: Arc<Now>,
}

/// What keeps the log from taking batches.
#[derive(Debug, Default)]
struct Now {
    /// For good: until it is opened again.
    stopped: OnceLock<String>,
    /// Until its witnesses are there.
    waits: Mutex<Option<String>>,
}

impl Now {
    fn wait(&self, reason: Option<String>) {
        *self.waits.lock().unwrap_or_else(PoisonError::into_inner) = reason;
    }

    fn waits(&self) -> Option<String> {
        self.waits.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Committer {
    /// Starts the task. It closes the log when the committer is gone.
    pub(super) fn start(log: Log) -> (Self, JoinHandle<Result<(), LogError>>) {
        let (queue, waiting) = mpsc::channel(QUEUE);
        let state = Arc::new(Now::default());
        let writing = tokio::spawn(write(log, waiting, Arc::clone(&state)));
        (Self { queue, state }, writing)
    }

    /// Whether the log takes batches.
    pub(super) fn state(&self) -> Result<(), Refused> {
        match (self.state.stopped.get(), self.state.waits()) {
            (Some(reason), _) => Err(Refused::Log { stopped: true, reason: reason.clone() }),
            (None, _) if self.queue.is_closed() => Err(gone()),
            (None, Some(reason)) => Err(Refused::Log { stopped: false, reason }),
            (None, None) => Ok(()),
        }
    }

    /// Waits until the batch is in the log, or refused. A caller that stops waiting does not undo it.
    pub(super) async fn commit(&self, batch: CheckedBatch) -> Result<BatchReceipt, Refused> {
        let (answer, answered) = oneshot::channel();
        self.queue.send(Waiting { batch, answer }).await.map_err(|_| gone())?;
        answered.await.map_err(|_| gone())?
    }
}

fn gone() -> Refused {
    Refused::Log { stopped: true, reason: "the log's writer has ended; start the service again".into() }
}

async fn write(mut log: Log, mut waiting: mpsc::Receiver<Waiting>, state: Arc<Now>) -> Result<(), LogError> {
    let mut group = Vec::new();
    loop {
        let patience = if state.waits().is_some() { ASK_AGAIN } else { Duration::MAX };
        match tokio::time::timeout(patience, waiting.recv_many(&mut group, MAX_GROUP)).await {
            Ok(0) => break,
            Ok(_) => {}
            // An empty group publishes what waits for witnesses, and does nothing else.
            Err(_) => group.clear(),
        }
        let (batches, answers): (Vec<_>, Vec<_>) = group.drain(..).map(|one| (one.batch, one.answer)).unzip();
        match log.append(batches).await {
            Ok(results) => {
                state.wait(None);
                for (answer, result) in answers.into_iter().zip(results) {
                    // Whoever went away asks again.
                    let _ = answer.send(result.map_err(Refused::Batch));
                }
            }
            Err(error) => {
                let is_final = matches!(error, LogError::Stopped(_));
                let reason = match &error {
                    LogError::Witness(error) => format!("the log is up, its witnesses are not: {error}"),
                    error => error.to_string(),
                };
                match (&error, is_final) {
                    (_, true) => drop(state.stopped.set(reason.clone())),
                    (LogError::Witness(_), false) => state.wait(Some(reason.clone())),
                    // Nothing was logged, and the next batch may be.
                    _ => {}
                }
                for answer in answers {
                    let _ = answer.send(Err(Refused::Log { stopped: is_final, reason: reason.clone() }));
                }
            }
        }
    }
    match state.stopped.get() {
        // Its journal stays for the next start.
        Some(reason) => Err(LogError::Stopped(reason.clone())),
        None => log.close().await,
    }
}
