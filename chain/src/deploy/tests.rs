//! The journal's logic, on a chain of this file's own that can be killed at each point. That a real process goes on
//! with a real node is tried with the devnet.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    path::Path,
};

use alloy_primitives::{Bytes, address, keccak256};

use super::*;
use crate::{
    abi::Factory::PoolListed,
    deployment::{Challenge, Voting},
    events::ContractEvent,
    submit::Weight,
};

/// What has landed, and what waits; it outlives the runs.
#[derive(Default)]
struct Chain {
    /// By hash: what it did, and the block it is in.
    landed: RefCell<Vec<(B256, Action, u64)>>,
    actions: RefCell<BTreeMap<B256, Action>>,
    /// Transactions that are signed so far.
    signed: Cell<u64>,
    /// Operations until the process dies; none where it lives on.
    lives: Cell<Option<u32>>,
    operations: Cell<u32>,
    /// Transactions that were prepared before this one have expired.
    expired: Cell<u64>,
    /// Lands without effect, once.
    fails: Cell<Option<u64>>,
    /// The node has dropped what blocks told, and has the newest state alone.
    forgets: Cell<bool>,
}

/// The trait's futures may be sent to other threads, so what they borrow is locked.
struct Sender(std::sync::Mutex<Chain>);

impl Chain {
    fn live(&self) -> Result<(), ChainError> {
        self.operations.set(self.operations.get() + 1);
        match self.lives.get() {
            Some(0) => Err(ChainError::NotFinalised { tx_hash: B256::ZERO, seconds: 0 }),
            Some(left) => {
                self.lives.set(Some(left - 1));
                Ok(())
            }
            None => Ok(()),
        }
    }

    fn receipt(&self, prepared: &Prepared) -> Option<Receipt> {
        let landed = self.landed.borrow();
        let (_, action, block) = landed.iter().find(|(hash, ..)| *hash == prepared.tx_hash)?;
        let mut receipt = Receipt {
            tx_hash: prepared.tx_hash,
            block_number: *block,
            block_hash: B256::ZERO,
            weight: Weight::default(),
            events: Vec::new(),
            created: Vec::new(),
            failure: None,
        };
        match action {
            // Blobs differ in length.
            Action::Instantiate { blob, .. } => {
                receipt.created.push(Address::left_padding_from(&blob.len().to_be_bytes()))
            }
            Action::Call { contract, .. } => receipt.events.push(listed(*contract)),
            _ => {}
        }
        if self.fails.get() == Some(prepared.nonce) {
            self.fails.set(None);
            receipt.failure = Some("Revive::OutOfGas".into());
        }
        Some(receipt)
    }
}

/// What the factory tells of the pool.
fn listed(factory: Address) -> ContractEvent {
    let nobody = Address::ZERO;
    let listed = PoolListed {
        pool: Address::repeat_byte(0x70),
        creator: nobody,
        coop: Address::repeat_byte(0xc0),
        number: 1,
        currency: nobody,
        kyc: nobody,
        attribution: nobody,
        manifests: nobody,
        licence: nobody,
        market: nobody,
        logic: nobody,
        created: true,
    };
    ContractEvent {
        block_number: 1,
        block_hash: B256::ZERO,
        event_index: 0,
        tx_hash: None,
        address: factory,
        event: Event::Factory(FactoryEvents::PoolListed(listed)),
    }
}

impl Sends for Sender {
    async fn prepare(&self, action: &Action) -> Result<Prepared, ChainError> {
        let chain = self.0.lock().expect("one thread");
        chain.live()?;
        let nonce = chain.signed.get();
        chain.signed.set(nonce + 1);
        let tx_hash = keccak256(nonce.to_be_bytes());
        chain.actions.borrow_mut().insert(tx_hash, action.clone());
        let (bytes, prepared_at) = (Bytes::from(vec![1]), nonce);
        Ok(Prepared { tx_hash, bytes, nonce, prepared_at, valid_until: nonce + 63, tip: 0, account: None })
    }

    async fn submit(&self, prepared: &Prepared) -> Result<Receipt, ChainError> {
        let chain = self.0.lock().expect("one thread");
        // Before it reaches the node.
        chain.live()?;
        let there = chain.landed.borrow().iter().any(|(hash, ..)| *hash == prepared.tx_hash);
        if !there {
            let action = chain.actions.borrow()[&prepared.tx_hash].clone();
            let block = 100 + chain.landed.borrow().len() as u64;
            chain.landed.borrow_mut().push((prepared.tx_hash, action, block));
        }
        // After it is final, before anybody has heard of it.
        chain.live()?;
        Ok(chain.receipt(prepared).expect("landed"))
    }

    async fn fate(&self, prepared: &Prepared) -> Result<Fate, ChainError> {
        let chain = self.0.lock().expect("one thread");
        chain.live()?;
        if chain.forgets.get() && chain.landed.borrow().iter().any(|(hash, ..)| *hash == prepared.tx_hash) {
            let (url, block, reason) = ("ws://a".into(), "block 100".into(), "State already discarded".into());
            return Err(ChainError::StateGone { url, block, reason });
        }
        Ok(match chain.receipt(prepared) {
            Some(receipt) => Fate::Landed(receipt),
            None if prepared.nonce < chain.expired.get() => Fate::Expired,
            None => Fate::Pending,
        })
    }

    async fn left(&self, step: &Step, known: &Known, prepared: &Prepared) -> Result<Option<Done>, ChainError> {
        let chain = self.0.lock().expect("one thread");
        chain.live()?;
        let receipt = chain.receipt(prepared).expect("landed");
        match receipt.failure {
            Some(_) => Ok(None),
            None => what_it_made(step, known, &receipt).map(Some),
        }
    }
}

fn request() -> Request {
    let config = Config {
        name: "Public Voices".into(),
        symbol: "VOICE".into(),
        currency: Address::ZERO,
        contributors_bps: 4_000,
        committee: vec![B256::repeat_byte(1)],
        threshold: 1,
        challenge: Challenge::DAYS,
        voting: Voting::DAYS,
    };
    Request { config, admin: Some(Address::repeat_byte(0xad)) }
}

fn open(file: &Path, request: &Request) -> Result<Journal, DeployError> {
    let run = Content::new((7, B256::ZERO), Address::repeat_byte(1), request.config.clone(), request.admin);
    Journal::open(file, run)
}

async fn run(sender: &Sender, file: &Path) -> Result<Deployment, DeployError> {
    let request = request();
    let mut journal = open(file, &request)?;
    perform(sender, &request, false, &mut journal, |_| {}).await.map(|(deployment, _)| deployment)
}

fn whole() -> usize {
    request().steps(false).len()
}

/// Proves NET-2: killed anywhere, a run goes on where it was, and each step lands once.
#[tokio::test]
async fn a_run_that_is_killed_anywhere_goes_on_and_pays_no_step_twice() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let sender = Sender(std::sync::Mutex::default());
    let good = run(&sender, &folder.path().join("good")).await.expect("undisturbed");
    let operations = sender.0.lock().expect("one thread").operations.get();
    assert!(operations >= 3 * whole() as u32);
    // Each operation of the first steps, then every seventh: three are a step's, so that each of them has its turn.
    for kill in (0..9).chain((9..operations).step_by(7)) {
        let sender = Sender(std::sync::Mutex::default());
        let file = folder.path().join(format!("killed-{kill}"));
        sender.0.lock().expect("one thread").lives.set(Some(kill));
        run(&sender, &file).await.expect_err("killed");
        sender.0.lock().expect("one thread").lives.set(None);
        assert_eq!(run(&sender, &file).await.expect("goes on"), good, "killed at {kill}");
        let chain = sender.0.lock().expect("one thread");
        assert_eq!(chain.landed.borrow().len(), whole(), "killed at {kill}");
        // A transaction that was signed and not written down was never sent: one more may be signed, none may land.
        assert!(chain.signed.get() <= whole() as u64 + 1, "killed at {kill}");
    }
}

/// The same, where each second run dies as soon as it has sent something: it still comes to its end.
#[tokio::test]
async fn a_run_that_dies_after_each_transaction_ends() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let (sender, file) = (Sender(std::sync::Mutex::default()), folder.path().join("journal"));
    let mut runs = 0;
    let deployment = loop {
        // Preparing, and sending it: dead before it is heard of.
        sender.0.lock().expect("one thread").lives.set(Some(2));
        match run(&sender, &file).await {
            Ok(deployment) => break deployment,
            Err(error) => assert!(error.to_string().contains("same command again"), "{error}"),
        }
        runs += 1;
        assert!(runs <= 2 * whole(), "no way on");
    };
    assert_eq!(deployment.pool, Address::repeat_byte(0x70));
    assert_eq!(sender.0.lock().expect("one thread").landed.borrow().len(), whole());
}

/// Proves NET-2: what landed before the node dropped what its block told is learnt from the newest state, step by step,
/// and not sent twice; what had no effect is done again.
#[tokio::test]
async fn what_a_node_has_forgotten_is_learnt_from_the_newest_state() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let good = run(&Sender(std::sync::Mutex::default()), &folder.path().join("good")).await.expect("undisturbed");
    let (sender, file) = (Sender(std::sync::Mutex::default()), folder.path().join("journal"));
    let chain = || sender.0.lock().expect("one thread");
    chain().forgets.set(true);
    chain().fails.set(Some(4));
    let mut runs = 0;
    let deployment = loop {
        // What became of the last one, what it made, the next, and sending it: dead before it is heard of.
        chain().lives.set(Some(if runs == 0 { 2 } else { 4 }));
        match run(&sender, &file).await {
            Ok(deployment) => break deployment,
            Err(error) => assert!(error.to_string().contains("same command again"), "{error}"),
        }
        runs += 1;
        assert_eq!(chain().landed.borrow().len(), runs, "each run sends one");
    };
    assert_eq!(deployment, good);
    // The fifth had no effect.
    assert_eq!((runs, chain().signed.get()), (whole() + 1, whole() as u64 + 1));
}

/// A transaction that can no longer land is prepared again; one that may is not.
#[tokio::test]
async fn what_expired_is_prepared_again() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let (sender, file) = (Sender(std::sync::Mutex::default()), folder.path().join("journal"));
    let live = |lives| sender.0.lock().expect("one thread").lives.set(lives);
    // Dead before the first is sent.
    live(Some(1));
    run(&sender, &file).await.expect_err("killed");
    let signed = || sender.0.lock().expect("one thread").signed.get();
    assert_eq!(signed(), 1);
    live(Some(1));
    run(&sender, &file).await.expect_err("killed again");
    assert_eq!(signed(), 1, "it may still land");
    sender.0.lock().expect("one thread").expired.set(1);
    live(None);
    run(&sender, &file).await.expect("goes on");
    assert_eq!(signed(), whole() as u64 + 1);
}

/// What landed without effect is said, and done again by the next run.
#[tokio::test]
async fn what_failed_is_said_and_done_again() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let (sender, file) = (Sender(std::sync::Mutex::default()), folder.path().join("journal"));
    sender.0.lock().expect("one thread").fails.set(Some(4));
    let error = run(&sender, &file).await.expect_err("failed").to_string();
    assert!(error.contains("OutOfGas") && error.contains("manifests"), "{error}");
    run(&sender, &file).await.expect("goes on");
}

/// A journal is of one run, and of one process at a time.
#[tokio::test]
async fn another_run_does_not_go_on_by_this_journal() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let file = folder.path().join("journal");
    let held = open(&file, &request()).expect("begun");
    assert!(matches!(open(&file, &request()), Err(DeployError::Busy { .. })));
    drop(held);
    let mut other = request();
    other.config.symbol = "OTHER".into();
    other.config.contributors_bps = 1_250;
    let error = open(&file, &other).expect_err("another").to_string();
    assert!(error.contains("other settings") && error.contains("--journal"), "{error}");
    for part in ["--symbol VOICE, not OTHER", "--contributors 40 %, not 12.5 %"] {
        assert!(error.contains(part), "{part}: {error}");
    }
    assert!(!error.contains("--name") && !error.contains("--times"), "{error}");
    let mut other = request();
    other.config.challenge.ruling = 1;
    let error = open(&file, &other).expect_err("another").to_string();
    assert!(error.contains("other settings: --times;"), "{error}");
    open(&file, &request()).expect("the same");
}

/// Proves NET-1: settings that a contract would refuse in the middle of a run are refused before anything is sent, by
/// the contracts' own rules, with the option that is wrong.
#[test]
fn settings_that_contracts_refuse_are_refused_before() {
    type Change = fn(&mut Config);
    checks::settings(&request().config).expect("as they should be");
    let wrong: [(&str, Change); 8] = [
        ("--name", |config| config.name = "x".repeat(33)),
        ("--symbol", |config| config.symbol = String::new()),
        ("--member", |config| config.committee = vec![B256::repeat_byte(1); 2]),
        ("--member", |config| config.committee = (0..13).map(B256::repeat_byte).collect()),
        ("--threshold", |config| config.threshold = 0),
        ("--threshold", |config| config.threshold = 2),
        ("--challenge-window", |config| config.challenge.window = 0),
        ("--voting-period", |config| config.voting.period = 0),
    ];
    for (option, change) in wrong {
        let mut config = request().config;
        change(&mut config);
        let error = checks::settings(&config).expect_err(option).to_string();
        assert!(error.contains(option), "{option}: {error}");
    }
}

/// A token of the chain is held by four contracts, each of which needs a float; other money needs none.
#[tokio::test]
async fn a_token_of_the_chain_needs_floats() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let sender = Sender(std::sync::Mutex::default());
    let made = run(&sender, &folder.path().join("journal")).await.expect("undisturbed");
    let needed = |currency| checks::need_a_float(&made, &Config { currency, ..request().config });
    // USDC on Polkadot Hub.
    let usdc = address!("0000053900000000000000000000000001200000");
    let all = [made.pool, made.licence, made.market, made.attribution];
    assert_eq!(needed(usdc).into_iter().map(|(_, contract)| contract).collect::<Vec<_>>(), all);
    assert!(needed(Address::ZERO).is_empty() && needed(Address::repeat_byte(0xaa)).is_empty());
}

/// What cannot be tried is priced: each step has been measured, a code's deposit first of all.
#[test]
fn each_step_has_a_price() {
    for step in request().steps(false) {
        let (weight, deposit) = step.measured().expect(step.name);
        let code = matches!(step.does, Does::Create | Does::Upload);
        assert!(deposit > 0 && (weight.ref_time > 0 || step.does == Does::Upload), "{}", step.name);
        // Ten millionths of a coin a byte of code, at least.
        assert!(!code || deposit > blobs::blob(step.name).len() as u128 * 10_000_000, "{}", step.name);
    }
}

/// The program has the blobs that the repository records.
#[test]
fn blobs_are_those_of_the_repository() {
    for (name, blob) in blobs::ALL {
        assert!(blob.starts_with(b"PVM\0"), "{name}");
    }
    let names: Vec<_> = STEPS.iter().filter(|step| matches!(step.does, Does::Create | Does::Upload)).collect();
    assert_eq!(names.len(), blobs::ALL.len());
    assert!(names.iter().all(|step| !blobs::blob(step.name).is_empty()));
}

/// Who deploys has what each step takes in advance, too, and something left: before, the money that was asked for ended
/// in the middle.
#[test]
fn what_is_asked_for_lasts_to_the_end() {
    // 200 in all, one of a hundred; a quarter of 60; and what stays.
    assert_eq!(checks::needs(&[60, 40, 60, 40], 10), 200 + 2 + 15 + 10);
    assert_eq!(checks::needs(&[], 10), 0, "nothing is to be sent");
}
