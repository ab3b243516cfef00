//! The task that owns the log: batches that wait together are committed together.

use std::sync::{Arc, OnceLock};

use tokio::{
    sync::{mpsc, oneshot},
    task::JoinHandle,
};

use crate::usage_log::{BatchError, CheckedBatch, Log, LogError, writer::BatchReceipt};

/// Most batches of a group.
const MAX_GROUP: usize = 64;
/// Batches that may wait; a sender beyond them waits in line.
const QUEUE: usize = 256;

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
    stopped: Arc<OnceLock<String>>,
}

impl Committer {
    /// Starts the task. It closes the log when the committer is gone.
    pub(super) fn start(log: Log) -> (Self, JoinHandle<Result<(), LogError>>) {
        let (queue, waiting) = mpsc::channel(QUEUE);
        let stopped = Arc::new(OnceLock::new());
        let writing = tokio::spawn(write(log, waiting, Arc::clone(&stopped)));
        (Self { queue, stopped }, writing)
    }

    /// Whether the log takes batches.
    pub(super) fn state(&self) -> Result<(), Refused> {
        match self.stopped.get() {
            Some(reason) => Err(Refused::Log { stopped: true, reason: reason.clone() }),
            None if self.queue.is_closed() => Err(gone()),
            None => Ok(()),
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

async fn write(
    mut log: Log,
    mut waiting: mpsc::Receiver<Waiting>,
    stopped: Arc<OnceLock<String>>,
) -> Result<(), LogError> {
    let mut group = Vec::new();
    while waiting.recv_many(&mut group, MAX_GROUP).await > 0 {
        let (batches, answers): (Vec<_>, Vec<_>) = group.drain(..).map(|one| (one.batch, one.answer)).unzip();
        match log.append(batches).await {
            Ok(results) => {
                for (answer, result) in answers.into_iter().zip(results) {
                    // Whoever went away asks again.
                    let _ = answer.send(result.map_err(Refused::Batch));
                }
            }
            Err(error) => {
                let (is_final, reason) = (matches!(error, LogError::Stopped(_)), error.to_string());
                if is_final {
                    let _ = stopped.set(reason.clone());
                }
                for answer in answers {
                    let _ = answer.send(Err(Refused::Log { stopped: is_final, reason: reason.clone() }));
                }
            }
        }
    }
    match stopped.get() {
        // Its journal stays for the next start.
        Some(reason) => Err(LogError::Stopped(reason.clone())),
        None => log.close().await,
    }
}
