//! Tests of the whole machine. The book is what the contract is to the rules: a store, and money that really moves.

mod cases;
mod clauses;
mod conduct;
mod corrections;
mod endings;
mod guarantees;
mod histories;
mod menus;
mod records;
mod refusals;
mod silence;
mod usage_logs;

use super::{
    Address, Call, Command, DAY, Hash, Id, Licence, Milestone, Moves, Quarter, Refusal, Stage, Terms, Year,
    audit::Holding,
    conduct::Wanted,
    dues::Figures,
    ending::{Cause, Side},
    guarantee,
    menu::Limit,
    offer::Offer,
    store::Key,
};
use crate::{
    math::mul_div,
    period::{quarter_at, quarter_start},
};
use alloc::{collections::BTreeMap, vec, vec::Vec};

/// A year without a leap day.
const YEAR: u64 = 365 * DAY;
/// 2026-11-24T00:00:00Z.
const START: u64 = 1_795_478_400;
const ID: Id = [0x11; 32];
const PLATFORM: Address = [1; 20];
const LICENSOR: Address = [2; 20];
const ORACLE: Address = [3; 20];
const AUDITOR: Address = [4; 20];
const HOLDER: Address = [5; 20];
const ANYONE: Address = [6; 20];
const POOL: Address = [7; 20];
const TREASURY: Address = [8; 20];
const DATASET: Hash = [0xda; 32];
const HASH: Hash = [0xfe; 32];
/// A thousandth of the shares, held late enough for every audit.
const HELD: Option<Holding> = Some(Holding { at: u64::MAX, votes: 1, supply: 1_000 });

/// A store and the money behind it.
#[derive(Debug, Clone)]
struct Book {
    store: BTreeMap<Key, Vec<u8>>,
    now: u64,
    /// What the contract has.
    balance: u128,
    /// What each account got from the contract, the pool included.
    got: BTreeMap<Address, u128>,
    /// What the pool takes of an amount, in percent.
    pool_takes: u128,
}

/// A request for the dataset's second version.
fn redact() -> Command {
    Command::RequestRedaction(Wanted { dataset: DATASET, request: HASH, manifest: HASH, version: 2 })
}

/// Takes an option whatever it asks.
fn take(menu: Id, option: u8) -> Command {
    Command::TakeOption(menu, option, Limit { currency: [0; 20], most: u128::MAX })
}

fn figures(gross: u128) -> Figures {
    Figures { gross, infrastructure: 0, taxes: 0, evidence: HASH }
}

impl Book {
    fn new() -> Self {
        Self { store: BTreeMap::new(), now: START, balance: 0, got: BTreeMap::new(), pool_takes: 100 }
    }

    /// A licence in force on these terms, its escrow funded.
    fn licensed(terms: Terms, milestones: &[Milestone]) -> Self {
        Self::licensed_on(terms, milestones, vec![DATASET])
    }

    /// The same on these datasets.
    fn licensed_on(terms: Terms, milestones: &[Milestone], datasets: Vec<Hash>) -> Self {
        let mut book = Self::new();
        let (options, expires_at) = (vec![(terms, milestones.to_vec())], START + 30 * DAY);
        let offer = Offer { pool: POOL, currency: [0; 20], datasets, options, expires_at };
        book.run(PLATFORM, Command::Offer(offer)).unwrap();
        book.run(LICENSOR, Command::Accept(0)).unwrap();
        if terms.escrow > 0 {
            book.run(PLATFORM, Command::FundEscrow(terms.escrow)).unwrap();
        }
        assert_eq!(book.licence().stage, Stage::Active);
        book
    }

    fn offer(&mut self, options: Vec<(Terms, Vec<Milestone>)>) -> Result<Moves, Refusal> {
        let expires_at = self.now + 30 * DAY;
        let offer = Offer { pool: POOL, currency: [0; 20], datasets: vec![DATASET], options, expires_at };
        self.run(PLATFORM, Command::Offer(offer))
    }

    /// Runs a message and moves the money. A refused one must not have stored anything.
    fn run(&mut self, caller: Address, command: Command) -> Result<Moves, Refusal> {
        let before = self.store.clone();
        let call = Call { licence: ID, caller, now: self.now };
        let moves = command.apply(&mut self.store, &call);
        match &moves {
            Err(_) => assert_eq!(self.store, before, "refused, but stored something: {command:?}"),
            Ok(moves) => self.carry_out(moves),
        }
        moves
    }

    fn carry_out(&mut self, moves: &Moves) {
        self.balance += moves.take;
        if let Some(period) = moves.deliver {
            let amount = mul_div(self.quarter(period).held, self.pool_takes, 100).unwrap();
            guarantee::delivered(&mut self.store, &ID, period, amount).unwrap();
            self.send(POOL, amount);
        }
        if let Some((to, amount)) = moves.send {
            self.send(to, amount);
        }
    }

    fn send(&mut self, to: Address, amount: u128) {
        self.balance = self.balance.checked_sub(amount).expect("the contract pays only what it has");
        *self.got.entry(to).or_default() += amount;
    }

    fn got(&self, account: Address) -> u128 {
        self.got.get(&account).copied().unwrap_or(0)
    }

    fn licence(&self) -> Licence {
        Licence::find(&self.store, &ID).unwrap()
    }

    fn quarter(&self, number: u32) -> Quarter {
        Quarter::of(&self.store, &ID, number)
    }

    fn year(&self, number: u32) -> Year {
        Year::of(&self.store, &ID, number)
    }

    fn stage(&self) -> Stage {
        self.licence().stage_at(self.now)
    }

    /// Goes to the day after a quarter, reports it and pays what is due.
    fn settle_quarter(&mut self, number: u32, gross: u128) {
        self.now = quarter_start(number + 1) + DAY;
        self.run(PLATFORM, Command::Report(number, figures(gross))).unwrap();
        let due = self.quarter(number).outstanding();
        if due > 0 {
            self.run(PLATFORM, Command::Pay(number, due)).unwrap();
        }
    }

    /// Quarters from the one it is active in.
    fn first_quarter(&self) -> u32 {
        quarter_at(self.licence().activated_at)
    }
}

/// Terminates for a cause without a number.
const fn terminate(reason: u8, side: Side) -> Command {
    terminate_for(reason, 0, 0, side)
}

/// Terminates for a default or breach.
const fn terminate_for(reason: u8, kind: u8, number: u32, side: Side) -> Command {
    Command::Terminate { cause: Cause { reason, kind, number, evidence: HASH }, side }
}

/// Terms that use no clause; a year long.
fn plain() -> Terms {
    Terms {
        document: HASH,
        threshold: 1,
        term_months: 12,
        report_days: 20,
        payment_days: 30,
        grace_days: 10,
        deletion_days: 30,
        redaction_days: 30,
        cure_days: 15,
        notice_days: 60,
        ..Terms::default()
    }
}

/// Two licence years with a guarantee each, and an escrow that covers one and a half.
fn guaranteed() -> Terms {
    Terms { residual_bps: 1_000, guarantee: 1_000, escrow: 1_500, funding_days: 1, term_months: 24, ..plain() }
}
