//! Creating the contracts: one run of some twenty transactions that can be ended and taken up again anywhere.
//!
//! Each step is written into the [`journal`] before it is sent and after it is final. After a crash, or whatever else
//! ended a run, the same call takes it up where it was: a transaction that was sent is asked for, and none is sent
//! twice.

pub mod blobs;
pub mod checks;
pub mod journal;
mod left;
pub mod steps;

use std::{
    future::Future,
    path::{Path, PathBuf},
};

use alloy_primitives::{Address, B256};
use yieldset_service::files::FileError;

use self::{
    journal::{Content, Done, Journal},
    steps::{COOP, Does, HAND_OVER, Known, MAP, POOL, STEPS, Step},
};
use crate::{
    abi::Factory::FactoryEvents,
    deployment::{Config, Deployment},
    error::ChainError,
    events::Event,
    submit::{Action, Fate, Prepared, Receipt, Submitter},
};

/// How often a transaction that did not land, and never will, is prepared again.
const TRIES: usize = 3;

/// Why a deployment does not go on. What was done stays in the journal: the same command goes on from there.
#[derive(Debug, thiserror::Error)]
pub enum DeployError {
    /// The chain's.
    #[error("{step}: {source}; run the same command again to go on from here")]
    Step {
        /// Which step.
        step: &'static str,
        /// What went wrong.
        source: ChainError,
    },
    /// Before the first step.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// The journal.
    #[error("the journal: {0}")]
    File(#[from] FileError),
    /// Another process has the journal.
    #[error("another process deploys by {} now; wait for it, or look for it", journal.display())]
    Busy {
        /// The journal.
        journal: PathBuf,
    },
    /// The journal is of another run.
    #[error("{} is the journal of a deployment that is not this one: {what}; go on with it as it was begun, or give this one another file with --journal", journal.display())]
    OtherRun {
        /// The journal.
        journal: PathBuf,
        /// What differs.
        what: String,
    },
    /// Settings that the contracts would refuse.
    #[error("{0}")]
    Settings(String),
    /// Something is not as it should be before anything is sent.
    #[error("{0}")]
    Unfit(String),
    /// After the last step, something on chain is not as it should be.
    #[error("the contracts are there, but {0}; do not use them before that is understood")]
    Wrong(String),
}

/// What a run sends its transactions over.
pub(crate) trait Sends {
    /// Signs a transaction.
    fn prepare(&self, action: &Action) -> impl Future<Output = Result<Prepared, ChainError>> + Send;
    /// Sends it, again if need be, and waits until it is final.
    fn submit(&self, prepared: &Prepared) -> impl Future<Output = Result<Receipt, ChainError>> + Send;
    /// What became of it.
    fn fate(&self, prepared: &Prepared) -> impl Future<Output = Result<Fate, ChainError>> + Send;
    /// What a step's transaction made that landed, by the newest state alone; nothing where it had no effect.
    fn left(
        &self,
        step: &Step,
        known: &Known,
        prepared: &Prepared,
    ) -> impl Future<Output = Result<Option<Done>, ChainError>> + Send;
}

impl Sends for Submitter {
    async fn prepare(&self, action: &Action) -> Result<Prepared, ChainError> {
        Submitter::prepare(self, action).await
    }

    async fn submit(&self, prepared: &Prepared) -> Result<Receipt, ChainError> {
        Submitter::submit(self, prepared).await
    }

    async fn fate(&self, prepared: &Prepared) -> Result<Fate, ChainError> {
        self.client().fate_of(prepared).await
    }

    async fn left(&self, step: &Step, known: &Known, prepared: &Prepared) -> Result<Option<Done>, ChainError> {
        left::left(self.client(), step, known, prepared).await
    }
}

/// What is deployed, and who becomes its admin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The settings.
    pub config: Config,
    /// Who becomes admin at the end: a multi-signature account or a co-op. Else the deployer stays it.
    pub admin: Option<Address>,
}

impl Request {
    /// A run of it.
    pub fn run(&self, submitter: &Submitter) -> Content {
        let client = submitter.client();
        let place = (client.evm_chain_id(), client.genesis_hash());
        Content::new(place, submitter.address(), self.config.clone(), self.admin)
    }

    /// The steps; the account is mapped first where the chain does not know it.
    pub fn steps(&self, mapped: bool) -> Vec<Step> {
        let first = (!mapped).then_some(MAP);
        let last = if self.admin.is_some() { HAND_OVER } else { &[] };
        first.into_iter().chain(STEPS.iter().copied()).chain(last.iter().copied()).collect()
    }
}

/// What a run says of itself while it goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress<'a> {
    /// Which step, from 1 on.
    pub number: usize,
    /// Of how many.
    pub of: usize,
    /// The step.
    pub step: &'a Step,
    /// What it made.
    pub done: &'a Done,
    /// Whether an earlier run did it.
    pub before: bool,
}

/// Deploys, or goes on with a deployment that was begun by this journal. The deployer is admin of all contracts, KYC
/// agent and the pool's issuer, and lists pools on the market; the co-op is the pool's licensor. An admin that is asked
/// for has to accept each contract then ([`Access`](crate::abi::Access)'s `acceptDefaultAdminTransfer`).
///
/// # Errors
/// [`DeployError`]; the same call goes on.
pub async fn deploy(
    submitter: &Submitter,
    request: &Request,
    journal: &Path,
    tell: impl FnMut(Progress<'_>) + Send,
) -> Result<Deployment, DeployError> {
    let client = submitter.client();
    let mut journal = Journal::open(journal, request.run(submitter))?;
    // A run that mapped the account has that step in its journal, too.
    let mapped = journal.of(MAP.name).is_none() && client.is_mapped(&submitter.account_id()).await?;
    let (deployment, known) = perform(submitter, request, mapped, &mut journal, tell).await?;
    checks::after(client, &deployment, &known).await?;
    Ok(deployment)
}

/// All steps, those that were done before alone read.
pub(crate) async fn perform(
    sends: &impl Sends,
    request: &Request,
    mapped: bool,
    journal: &mut Journal,
    mut tell: impl FnMut(Progress<'_>) + Send,
) -> Result<(Deployment, Known), DeployError> {
    let Content { chain_id, genesis, deployer, .. } = *journal.content();
    let mut known = Known { config: request.config.clone(), deployer, admin: request.admin, contracts: [].into() };
    let steps = request.steps(mapped);
    let mut start_block = None;
    for (index, step) in steps.iter().enumerate() {
        let before = journal.of(step.name).and_then(|record| record.done.clone());
        let (done, before) = match before {
            Some(done) => (done, true),
            None => (one(sends, step, &known, journal).await?, false),
        };
        known.learn(step, &done)?;
        if step.does == Does::Create {
            start_block.get_or_insert(done.block);
        }
        tell(Progress { number: index + 1, of: steps.len(), step, done: &done, before });
    }
    let deployment = Deployment {
        chain_id,
        genesis,
        start_block: start_block.unwrap_or_default(),
        kyc: known.at("kyc"),
        pool: known.at(POOL),
        manifests: known.at("manifests"),
        attribution: known.at("attribution"),
        licence: known.at("licence"),
        market: known.at("market"),
        factory: known.at("factory"),
        coop: known.at(COOP),
    };
    Ok((deployment, known))
}

/// One step, whose transaction may have been sent by an earlier run.
async fn one(sends: &impl Sends, step: &Step, known: &Known, journal: &mut Journal) -> Result<Done, DeployError> {
    let failed = |source| DeployError::Step { step: step.name, source };
    for _ in 0..TRIES {
        let sent_before = journal.of(step.name).and_then(|record| record.prepared.clone());
        let receipt = match sent_before {
            Some(prepared) => match sends.fate(&prepared).await {
                Ok(Fate::Landed(receipt)) => Ok(receipt),
                Ok(Fate::Pending) => sends.submit(&prepared).await,
                Ok(Fate::Expired | Fate::Overtaken) => {
                    journal.forget(step.name)?;
                    continue;
                }
                // It landed, and the node has dropped what its block told.
                Err(ChainError::StateGone { .. }) => {
                    let Some(done) = sends.left(step, known, &prepared).await.map_err(failed)? else {
                        journal.forget(step.name)?;
                        continue;
                    };
                    journal.done(step.name, done.clone())?;
                    return Ok(done);
                }
                Err(error) => return Err(failed(error)),
            },
            None => {
                let action = step.action(known).map_err(failed)?;
                let prepared = sends.prepare(&action).await.map_err(failed)?;
                journal.prepared(step.name, prepared.clone())?;
                fail::fail_point!("deploy-send", |_| std::process::abort());
                sends.submit(&prepared).await
            }
        };
        fail::fail_point!("deploy-sent", |_| std::process::abort());
        match receipt {
            Ok(Receipt { failure: Some(reason), tx_hash, block_number, .. }) => {
                journal.forget(step.name)?;
                return Err(failed(ChainError::FailedInBlock { tx_hash, block_number, reason }));
            }
            Ok(receipt) => {
                let done = what_it_made(step, known, &receipt).map_err(failed)?;
                journal.done(step.name, done.clone())?;
                return Ok(done);
            }
            Err(ChainError::Expired { .. } | ChainError::Overtaken { .. }) => journal.forget(step.name)?,
            // It had no effect, and never will.
            Err(error @ (ChainError::FailedInBlock { .. } | ChainError::Rejected { .. })) => {
                journal.forget(step.name)?;
                return Err(failed(error));
            }
            // It may still land: the next run asks for it.
            Err(error) => return Err(failed(error)),
        }
    }
    Err(DeployError::Unfit(format!(
        "{}: {TRIES} transactions did not land; look at the node's peers and pool, and who else sends as this account",
        step.name
    )))
}

/// What a transaction in a finalised block made.
fn what_it_made(step: &Step, known: &Known, receipt: &Receipt) -> Result<Done, ChainError> {
    let created = match step.does {
        Does::Create => receipt.created.first().copied().into_iter().collect(),
        Does::Pool => {
            let pair = receipt.told(known.at("factory"), |event| match event {
                Event::Factory(FactoryEvents::PoolListed(listed)) => Some(vec![listed.pool, listed.coop]),
                _ => None,
            });
            pair.unwrap_or_default()
        }
        _ => Vec::new(),
    };
    let done = Done { tx_hash: receipt.tx_hash, block: receipt.block_number, created };
    // Whatever cannot be learnt again must not be written down as done.
    known.clone().learn(step, &done)?;
    Ok(done)
}

/// Code that is uploaded, by its name and hash.
pub fn codes() -> impl Iterator<Item = (&'static str, B256)> {
    blobs::ALL.iter().map(|(name, _)| (*name, blobs::code_hash(name)))
}

#[cfg(test)]
mod tests;
