//! Random histories on the model and on the real blob: the same records, and no attestation ever counts again.

use std::collections::BTreeSet;

use alloy_primitives::{Address, B256};
use proptest::{prelude::*, test_runner::TestRunner};
use yieldset_chain::abi::Kyc;
use yieldset_rules::attestation::{Attestation, AttestationError, Seat, Topics};
use yieldset_rules::compliance::{Record, Requirements, Terms, restriction_for};
use yieldset_tests::chain::{Account, START};
use yieldset_tests::kyc::{Issuer, KycRegistry, attestation};

pub const ACCOUNTS: usize = 3;
pub const ISSUERS: usize = 3;

#[derive(Debug, Clone, Copy)]
pub enum Step {
    /// An issuer signs for an account's nonce, or one ahead.
    Sign(usize, usize, u64),
    Submit(usize),
    Set(usize),
    Revoke(usize),
    Freeze(usize, bool),
    Sanction(usize, bool),
    Recover(usize, usize),
    Trust(usize),
    Distrust(usize),
    Wait(u64),
}

pub fn step() -> impl Strategy<Value = Step> {
    let (account, issuer) = (|| 0..ACCOUNTS, || 0..ISSUERS);
    prop_oneof![
        6 => (issuer(), account(), prop_oneof![4 => Just(0u64), 1 => 1..3u64]).prop_map(|(i, a, n)| Step::Sign(i, a, n)),
        10 => any::<usize>().prop_map(Step::Submit),
        1 => account().prop_map(Step::Set),
        2 => account().prop_map(Step::Revoke),
        1 => (account(), any::<bool>()).prop_map(|(a, on)| Step::Freeze(a, on)),
        1 => (account(), any::<bool>()).prop_map(|(a, on)| Step::Sanction(a, on)),
        2 => (account(), account()).prop_map(|(a, b)| Step::Recover(a, b)),
        2 => issuer().prop_map(Step::Trust),
        1 => issuer().prop_map(Step::Distrust),
        1 => (0..40_000u64).prop_map(Step::Wait),
    ]
}

pub struct Signed {
    call: Kyc::submitAttestationCall,
    issuer: usize,
    account: usize,
    /// How many decisions of agents the account had behind it.
    age: u32,
    used: bool,
}

/// The registry as the rules have it.
pub struct Model {
    now: u64,
    pub records: [Record; ACCOUNTS],
    ages: [u32; ACCOUNTS],
    terms: Terms,
    pub seats: [Option<Seat>; ISSUERS],
    removed: BTreeSet<usize>,
    signed: Vec<Signed>,
}

pub struct Both {
    pub registry: KycRegistry,
    pub accounts: [Address; ACCOUNTS],
    pub issuers: [Issuer; ISSUERS],
    pub model: Model,
    used: usize,
    refused: usize,
}

impl Both {
    fn new() -> Self {
        let model = Model {
            now: START,
            records: Default::default(),
            ages: [0; ACCOUNTS],
            terms: Terms::NONE,
            seats: [None; ISSUERS],
            removed: BTreeSet::new(),
            signed: Vec::new(),
        };
        let mut both = Self {
            registry: KycRegistry::new(),
            accounts: [11, 12, 13].map(|n| Account::number(n).address),
            issuers: [1, 2, 3].map(Issuer::number),
            model,
            used: 0,
            refused: 0,
        };
        both.step(Step::Trust(0));
        both
    }

    /// Plays a history on both; what looks on sees them before it and after each step.
    pub fn play(steps: Vec<Step>, look: &mut dyn FnMut(&mut Self)) -> Self {
        let mut both = Self::new();
        look(&mut both);
        for step in steps {
            both.step(step);
            both.compare();
            look(&mut both);
        }
        // Whatever is left is tried again at the end.
        for which in 0..both.model.signed.len() {
            both.submit(which);
        }
        both.compare();
        both.compare_records();
        look(&mut both);
        both
    }

    fn submit(&mut self, which: usize) {
        let model = &mut self.model;
        if model.signed.is_empty() {
            return;
        }
        let which = which % model.signed.len();
        let signed = &mut model.signed[which];
        let call = signed.call.clone();
        let attestation = Attestation {
            account: call.account.into_array(),
            level: call.level,
            jurisdiction: call.jurisdiction,
            accredited: call.accredited,
            expiry: call.expiry,
            nonce: call.nonce,
            valid_until: call.validUntil,
        };
        let issuer = self.issuers[signed.issuer].address.into_array();
        let before = model.records[signed.account];
        let expected = attestation.accept(&before, &issuer, model.seats[signed.issuer], &model.terms, model.now);
        let nobody = self.registry.nobody.clone();
        let answer = self.registry.call(&nobody, call).map(drop);
        match expected {
            Ok(after) => {
                answer.unwrap();
                assert!(!signed.used, "an attestation was used twice");
                assert_eq!(
                    signed.age, model.ages[signed.account],
                    "an attestation overturned an agent's later decision"
                );
                assert!(!model.removed.contains(&signed.issuer), "a removed issuer's attestation counted");
                signed.used = true;
                model.records[signed.account] = after;
                self.used += 1;
            }
            Err(error) => {
                let name = match error {
                    AttestationError::TooLate => "AttestationTooLate",
                    AttestationError::WrongNonce(_) => "InvalidAccountNonce",
                    AttestationError::InvalidRecord => "InvalidRecord",
                    AttestationError::UntrustedIssuer => "UntrustedIssuer",
                    AttestationError::TopicNotTrusted(_) => "TopicNotTrusted",
                };
                assert!(matches!(&answer, Err(failure) if failure.is(name)), "{error:?}: {answer:?}");
                self.refused += 1;
            }
        }
    }

    fn step(&mut self, step: Step) {
        let (now, agent) = (self.model.now, self.registry.agent.address.into_array());
        match step {
            Step::Sign(issuer, account, ahead) => {
                let nonce = self.model.records[account].nonce + ahead;
                let mut attestation = attestation(self.accounts[account], nonce);
                attestation.validUntil = now + 86_400;
                attestation.level = 1 + (self.model.signed.len() % 3) as u8;
                let call = self.issuers[issuer].sign(self.registry.kyc, &attestation);
                let age = self.model.ages[account];
                self.model.signed.push(Signed { call, issuer, account, age, used: false });
            }
            Step::Submit(which) => self.submit(which),
            Step::Set(at) => {
                let call = Kyc::setRecordCall {
                    account: self.accounts[at],
                    level: 1,
                    jurisdiction: 250,
                    accredited: false,
                    expiry: now + 100_000,
                };
                self.registry.agent(call).unwrap();
                let record = self.model.records[at].set_by(&agent, 1, 250, false, now + 100_000, now);
                self.model.records[at] = record.unwrap();
                self.model.ages[at] += 1;
            }
            Step::Revoke(at) => {
                let answer = self.registry.agent(Kyc::revokeCall { account: self.accounts[at] });
                let after = self.model.records[at].revoked(now);
                assert_eq!(answer.is_ok(), after.is_some());
                if let Some(after) = after {
                    self.model.records[at] = after;
                    self.model.ages[at] += 1;
                }
            }
            Step::Freeze(at, frozen) => {
                self.registry.agent(Kyc::setFrozenCall { account: self.accounts[at], frozen }).unwrap();
                self.model.records[at].frozen = frozen;
            }
            Step::Sanction(at, sanctioned) => {
                self.registry.agent(Kyc::setSanctionedCall { account: self.accounts[at], sanctioned }).unwrap();
                self.model.records[at].sanctioned = sanctioned;
            }
            Step::Recover(from, to) => self.recover(from, to),
            Step::Trust(at) => {
                let known = self.model.seats[at].is_some() || self.model.removed.contains(&at);
                if !known {
                    let issuer = self.issuers[at].clone();
                    self.registry.trust(&issuer, &[1, 2]);
                    let number = self.model.terms.empty_seat().unwrap();
                    self.model.terms.turn(number);
                    self.model.seats[at] = Some(Seat { number, topics: Topics(3) });
                }
            }
            Step::Distrust(at) => {
                if let Some(seat) = self.model.seats[at].take() {
                    let compliance = self.registry.compliance.clone();
                    let call = Kyc::removeTrustedIssuerCall { issuer: self.issuers[at].address };
                    self.registry.call(&compliance, call).unwrap();
                    self.model.terms.turn(seat.number);
                    self.model.removed.insert(at);
                }
            }
            Step::Wait(seconds) => {
                self.model.now += seconds;
                self.registry.chain.set_time(self.model.now);
            }
        }
    }

    fn recover(&mut self, from: usize, to: usize) {
        let call = Kyc::recoverCall {
            lost: self.accounts[from],
            replacement: self.accounts[to],
            reason: B256::repeat_byte(1),
        };
        let answer = self.registry.agent(call).map(drop);
        let records = self.model.records;
        let after =
            (from != to).then(|| Record::recovered(&records[from], &records[to], self.model.now).ok()).flatten();
        assert_eq!(answer.is_ok(), after.is_some(), "{answer:?}");
        if let Some((left, moved)) = after {
            self.model.records[from] = left;
            self.model.records[to] = moved;
            self.model.ages[from] += 1;
            self.model.ages[to] += 1;
        }
    }

    /// What pools and issuers ask; the whole record is compared at the end.
    fn compare(&mut self) {
        for (account, record) in self.accounts.into_iter().zip(self.model.records) {
            assert_eq!(self.registry.nonce(account), record.nonce);
            let code = restriction_for(Some(&record), None, &Requirements::OPEN, &self.model.terms, self.model.now);
            assert_eq!(self.registry.code(account), code as u8);
        }
    }

    fn compare_records(&mut self) {
        for (account, record) in self.accounts.into_iter().zip(self.model.records) {
            let chain = self.registry.ask(Kyc::recordOfCall { account });
            let theirs = (chain.level, chain.jurisdiction, chain.accredited, chain.expiry, chain.frozen, chain.issuer);
            let ours = (record.level, record.jurisdiction, record.accredited, record.expiry, record.frozen);
            assert_eq!(theirs, (ours.0, ours.1, ours.2, ours.3, ours.4, Address::from(record.issuer)));
            assert_eq!(self.registry.ask(Kyc::isSanctionedCall { account }), record.sanctioned);
        }
    }
}

/// Invariant: whatever is signed, handed in, set, revoked, frozen, recovered, trusted and removed in whatever order, an
/// attestation counts at most once, never after an agent's decision on its account, and never once its issuer was
/// removed; and the contract answers as the rules do after every step.
#[test]
fn no_history_brings_an_attestation_back() {
    let mut runner =
        TestRunner::new(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() });
    let totals = std::cell::Cell::new((0, 0));
    runner
        .run(&prop::collection::vec(step(), 10..50), |steps| {
            let both = Both::play(steps, &mut |_| ());
            let (used, refused) = totals.get();
            totals.set((used + both.used, refused + both.refused));
            Ok(())
        })
        .unwrap();
    let (used, refused) = totals.get();
    assert!(used > 64 && refused > 64, "the histories try too little: {used} used, {refused} refused");
}
