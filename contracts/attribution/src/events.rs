//! Events: declared for the ABI, emitted by hand as words, which is a fraction of the code of generated encoders.
#![allow(dead_code, reason = "the declared events are for the ABI alone")]

use ink::{
    Address, U256,
    codegen::sol::keccak_256,
    prelude::vec::Vec,
    sol::{DynBytes, FixedBytes},
};
use yieldset_rules::{
    audit::Audit,
    committee::Committee,
    dispute::{Standing, Verdict},
    report::Report,
};
use yieldset_shell::{
    host,
    words::{Word, address_word, number_word},
};

use crate::{answers::with_keys, purse::Place, store::push_bytes};

type Bytes32 = FixedBytes<32>;

/// A report was accepted; its challenge window runs.
#[ink::event]
pub struct ReportPosted {
    /// Pool whose contributors the weights belong to.
    #[ink(topic)]
    pub pool: Address,
    /// Licence stream.
    #[ink(topic)]
    pub stream: Bytes32,
    /// Accounting period.
    #[ink(topic)]
    pub period: u32,
    /// 0, or the number of the revision that replaces a withdrawn report.
    pub revision: u32,
    /// keccak-256 of the report's bytes.
    pub report_hash: Bytes32,
    /// Root over (contributor, weight); zero where nothing qualified.
    pub weights_root: Bytes32,
    /// Unix seconds from which on it is final if nobody disputes it.
    pub final_at: u64,
    /// The report's canonical bytes.
    pub report: DynBytes,
}

/// A pending report was disputed; its window stands still.
#[ink::event]
pub struct ReportDisputed {
    /// Pool.
    #[ink(topic)]
    pub pool: Address,
    /// Licence stream.
    #[ink(topic)]
    pub stream: Bytes32,
    /// Accounting period.
    #[ink(topic)]
    pub period: u32,
    /// The disputed report.
    pub report_hash: Bytes32,
    /// Who put up the bond.
    pub challenger: Address,
    /// Hash of the challenger's reasons.
    pub reason: Bytes32,
    /// Unix seconds from which on the rest of the window runs if the arbiter has not ruled.
    pub deadline: u64,
    /// What the bond is in; zero for the chain's own money.
    pub currency: Address,
    /// The bond.
    pub bond: U256,
}

/// Somebody matched a challenger's bond and stands for the report.
#[ink::event]
pub struct DisputeDefended {
    /// Pool.
    #[ink(topic)]
    pub pool: Address,
    /// Licence stream.
    #[ink(topic)]
    pub stream: Bytes32,
    /// Accounting period.
    #[ink(topic)]
    pub period: u32,
    /// The disputed report.
    pub report_hash: Bytes32,
    /// Who.
    pub defender: Address,
}

/// Somebody added a reason to an open dispute, without a bond.
#[ink::event]
pub struct ReasonAdded {
    /// Pool.
    #[ink(topic)]
    pub pool: Address,
    /// Licence stream.
    #[ink(topic)]
    pub stream: Bytes32,
    /// Accounting period.
    #[ink(topic)]
    pub period: u32,
    /// The disputed report.
    pub report_hash: Bytes32,
    /// Who.
    pub account: Address,
    /// Hash of the reason.
    pub reason: Bytes32,
}

/// A pool did not take what disputes left its period: anybody can try again (`deliverBond`).
#[ink::event]
pub struct BondKept {
    /// Pool.
    #[ink(topic)]
    pub pool: Address,
    /// Licence stream.
    #[ink(topic)]
    pub stream: Bytes32,
    /// Accounting period.
    #[ink(topic)]
    pub period: u32,
    /// What it is in; zero for the chain's own money.
    pub currency: Address,
    /// How much the pool did not take.
    pub amount: U256,
    /// How much is kept now.
    pub kept: U256,
}

/// A pool took what was kept for its period.
#[ink::event]
pub struct BondDelivered {
    /// Pool.
    #[ink(topic)]
    pub pool: Address,
    /// Licence stream.
    #[ink(topic)]
    pub stream: Bytes32,
    /// Accounting period.
    #[ink(topic)]
    pub period: u32,
    /// What it is in; zero for the chain's own money.
    pub currency: Address,
    /// How much it took.
    pub amount: U256,
    /// How much is kept now.
    pub kept: U256,
}

/// The arbiter agreed with a challenger: the report is withdrawn until its revision comes.
#[ink::event]
pub struct DisputeUpheld {
    /// Pool.
    #[ink(topic)]
    pub pool: Address,
    /// Licence stream.
    #[ink(topic)]
    pub stream: Bytes32,
    /// Accounting period.
    #[ink(topic)]
    pub period: u32,
    /// The withdrawn report.
    pub report_hash: Bytes32,
    /// Who was right.
    pub challenger: Address,
    /// Who ruled.
    pub arbiter: Address,
    /// Of the bonds, owed to the challenger.
    pub to_challenger: U256,
    /// Owed to the defender.
    pub to_defender: U256,
    /// Gone into the period's money.
    pub to_period: U256,
}

/// The arbiter disagreed with a challenger: the rest of the window runs on.
#[ink::event]
pub struct DisputeRejected {
    /// Pool.
    #[ink(topic)]
    pub pool: Address,
    /// Licence stream.
    #[ink(topic)]
    pub stream: Bytes32,
    /// Accounting period.
    #[ink(topic)]
    pub period: u32,
    /// The report.
    pub report_hash: Bytes32,
    /// Whose bond is lost.
    pub challenger: Address,
    /// Who ruled.
    pub arbiter: Address,
    /// Unix seconds from which on the report is final if nobody disputes it again.
    pub final_at: u64,
    /// Of the bonds, owed to the challenger.
    pub to_challenger: U256,
    /// Owed to the defender.
    pub to_defender: U256,
    /// Gone into the period's money.
    pub to_period: U256,
}

/// Nobody ruled on a dispute in time: the rest of the window runs from the deadline on; each has its bond back.
#[ink::event]
pub struct DisputeExpired {
    /// Pool.
    #[ink(topic)]
    pub pool: Address,
    /// Licence stream.
    #[ink(topic)]
    pub stream: Bytes32,
    /// Accounting period.
    #[ink(topic)]
    pub period: u32,
    /// The report.
    pub report_hash: Bytes32,
    /// Who disputed it.
    pub challenger: Address,
    /// Unix seconds from which on the report is final if nobody disputes it again.
    pub final_at: u64,
    /// Of the bonds, owed to the challenger.
    pub to_challenger: U256,
    /// Owed to the defender.
    pub to_defender: U256,
}

/// Bonds owed to an account were paid out; nothing is owed to it any more.
#[ink::event]
pub struct BondWithdrawn {
    /// Whose they were.
    #[ink(topic)]
    pub account: Address,
    /// Where they went.
    #[ink(topic)]
    pub to: Address,
    /// What they are in; zero for the chain's own money.
    pub currency: Address,
    /// How much.
    pub amount: U256,
}

/// A committee was proposed; an earlier proposal is void.
#[ink::event]
pub struct CommitteeProposed {
    /// The epoch it would begin.
    pub epoch: u32,
    /// Signatures a report would need.
    pub threshold: u8,
    /// ed25519 public keys.
    pub keys: Vec<Bytes32>,
    /// Unix seconds from which on it can take office.
    pub effective_at: u64,
}

/// A committee took office; older epochs' keys sign nothing new.
#[ink::event]
pub struct CommitteeSet {
    /// Counts from 1.
    pub epoch: u32,
    /// Signatures a report needs.
    pub threshold: u8,
    /// ed25519 public keys.
    pub keys: Vec<Bytes32>,
}

/// A key was revoked: it signs nothing any more.
#[ink::event]
pub struct KeyRevoked {
    /// ed25519 public key.
    #[ink(topic)]
    pub key: Bytes32,
    /// The epoch in office.
    pub epoch: u32,
    /// Keys that the committee in office has left.
    pub left: u8,
    /// Signatures a report needs; with fewer keys left, nothing can be posted.
    pub threshold: u8,
}

/// An auditor recorded what its audit of a report found.
#[ink::event]
pub struct AuditPosted {
    /// Pool.
    #[ink(topic)]
    pub pool: Address,
    /// Licence stream.
    #[ink(topic)]
    pub stream: Bytes32,
    /// Accounting period.
    #[ink(topic)]
    pub period: u32,
    /// The report that was checked.
    pub report_hash: Bytes32,
    /// SHA-256 of the audit's document.
    pub audit_hash: Bytes32,
    /// Seed of the sample.
    pub seed: Bytes32,
    /// Outputs in the sample.
    pub samples: u32,
    /// Largest deviation of a weight, in millionths of the whole.
    pub max_deviation: u32,
    /// Confidence in it, in millionths.
    pub confidence: u32,
    /// Who posted it.
    pub auditor: Address,
    /// Unix seconds.
    pub posted_at: u64,
}

/// Topics of the events: hashes of their signatures as declared above.
pub mod topic {
    use super::{Word, keccak_256};

    pub const POSTED: Word = keccak_256(b"ReportPosted(address,bytes32,uint32,uint32,bytes32,bytes32,uint64,bytes)");
    pub const DISPUTED: Word =
        keccak_256(b"ReportDisputed(address,bytes32,uint32,bytes32,address,bytes32,uint64,address,uint256)");
    pub const DEFENDED: Word = keccak_256(b"DisputeDefended(address,bytes32,uint32,bytes32,address)");
    pub const REASON: Word = keccak_256(b"ReasonAdded(address,bytes32,uint32,bytes32,address,bytes32)");
    pub const KEPT: Word = keccak_256(b"BondKept(address,bytes32,uint32,address,uint256,uint256)");
    pub const DELIVERED: Word = keccak_256(b"BondDelivered(address,bytes32,uint32,address,uint256,uint256)");
    pub const UPHELD: Word =
        keccak_256(b"DisputeUpheld(address,bytes32,uint32,bytes32,address,address,uint256,uint256,uint256)");
    pub const REJECTED: Word =
        keccak_256(b"DisputeRejected(address,bytes32,uint32,bytes32,address,address,uint64,uint256,uint256,uint256)");
    pub const EXPIRED: Word =
        keccak_256(b"DisputeExpired(address,bytes32,uint32,bytes32,address,uint64,uint256,uint256)");
    pub const BOND_WITHDRAWN: Word = keccak_256(b"BondWithdrawn(address,address,address,uint256)");
    pub const PROPOSED: Word = keccak_256(b"CommitteeProposed(uint32,uint8,bytes32[],uint64)");
    pub const SET: Word = keccak_256(b"CommitteeSet(uint32,uint8,bytes32[])");
    pub const KEY_REVOKED: Word = keccak_256(b"KeyRevoked(bytes32,uint32,uint8,uint8)");
    pub const AUDIT: Word =
        keccak_256(b"AuditPosted(address,bytes32,uint32,bytes32,bytes32,bytes32,uint32,uint32,uint32,address,uint64)");
}

/// An event of a period.
#[inline(never)]
fn of_period(topic: Word, pool: &[u8; 20], stream: &Word, period: u32, data: &[Word]) {
    host::emit(&[topic, address_word(pool), *stream, number_word(period.into())], data);
}

pub fn report_posted(report: &Report, standing: &Standing, bytes: &[u8]) {
    let mut data = Vec::with_capacity(224 + bytes.len());
    for word in [
        number_word(standing.revision.into()),
        standing.hash,
        standing.weights_root,
        number_word(standing.until.into()),
        number_word(160),
    ] {
        data.extend_from_slice(&word);
    }
    push_bytes(&mut data, bytes);
    of_period(topic::POSTED, &report.pool, &report.stream, report.period, data.as_chunks().0);
}

pub fn report_disputed(place: &Place<'_>, standing: &Standing) {
    let until = number_word(standing.until.into());
    let (currency, bond) = (address_word(&standing.currency), number_word(standing.bond));
    let data = [standing.hash, address_word(&standing.challenger), standing.reason, until, currency, bond];
    of_period(topic::DISPUTED, place.pool, place.stream, place.period, &data);
}

pub fn defended(place: &Place<'_>, standing: &Standing) {
    let data = [standing.hash, address_word(&standing.defender)];
    of_period(topic::DEFENDED, place.pool, place.stream, place.period, &data);
}

pub fn reason_added(place: &Place<'_>, standing: &Standing, account: &[u8; 20], reason: &Word) {
    let data = [standing.hash, address_word(account), *reason];
    of_period(topic::REASON, place.pool, place.stream, place.period, &data);
}

/// Money of a period was kept for it, or delivered to its pool.
pub fn bond_moved(topic: Word, place: &Place<'_>, currency: &[u8; 20], amount: u128, kept: u128) {
    let data = [address_word(currency), number_word(amount), number_word(kept)];
    of_period(topic, place.pool, place.stream, place.period, &data);
}

/// The arbiter ruled; `more` stands between who and what is paid.
pub fn ruled(
    topic: Word,
    place: &Place<'_>,
    standing: &Standing,
    arbiter: &[u8; 20],
    more: &[Word],
    verdict: &Verdict,
) {
    let mut data = Vec::with_capacity(7);
    data.extend_from_slice(&[standing.hash, address_word(&standing.challenger), address_word(arbiter)]);
    data.extend_from_slice(more);
    data.extend_from_slice(&[verdict.challenger, verdict.defender, verdict.period].map(number_word));
    of_period(topic, place.pool, place.stream, place.period, &data);
}

/// Nobody ruled on a dispute of `standing` in time.
pub fn expired(place: &Place<'_>, standing: &Standing, final_at: u64, verdict: &Verdict) {
    let [until, challenger, defender] = [final_at.into(), verdict.challenger, verdict.defender].map(number_word);
    let data = [standing.hash, address_word(&standing.challenger), until, challenger, defender];
    of_period(topic::EXPIRED, place.pool, place.stream, place.period, &data);
}

pub fn bond_withdrawn(currency: &Address, account: &Address, to: &Address, amount: u128) {
    let topics = [topic::BOND_WITHDRAWN, address_word(&account.0), address_word(&to.0)];
    host::emit(&topics, &[address_word(&currency.0), number_word(amount)]);
}

fn epoch_words(committee: &Committee) -> [Word; 2] {
    [number_word(committee.epoch.into()), number_word(committee.threshold.into())]
}

pub fn committee_proposed(committee: &Committee, effective_at: u64) {
    let data = with_keys(&epoch_words(committee), Some(committee), &[number_word(effective_at.into())]);
    host::emit(&[topic::PROPOSED], &data);
}

pub fn committee_set(committee: &Committee) {
    host::emit(&[topic::SET], &with_keys(&epoch_words(committee), Some(committee), &[]));
}

pub fn key_revoked(key: &Bytes32, committee: &Committee) {
    let left = number_word(committee.count().into());
    let [epoch, threshold] = epoch_words(committee);
    host::emit(&[topic::KEY_REVOKED, key.0], &[epoch, left, threshold]);
}

/// What an audit says, as words.
pub fn audit_words(audit: &Audit) -> [Word; 7] {
    let [samples, deviation, confidence] =
        [audit.samples, audit.max_deviation, audit.confidence].map(|number| number_word(number.into()));
    let (auditor, at) = (address_word(&audit.auditor), number_word(audit.posted_at.into()));
    [audit.hash, audit.seed, samples, deviation, confidence, auditor, at]
}

pub fn audit_posted(place: &Place<'_>, report: &Word, audit: &Audit) {
    let mut data = Vec::with_capacity(8);
    data.push(*report);
    data.extend_from_slice(&audit_words(audit));
    of_period(topic::AUDIT, place.pool, place.stream, place.period, &data);
}
