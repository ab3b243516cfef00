//! Storage records under keys of their own.

use yieldset_rules::{
    audit::Audit,
    committee::{Committee, Key},
    dispute::{Account, BondTerms, Bonds, Standing, Terms},
    packed,
    report::{Figures, Last},
};
use yieldset_shell::{host, words::Word};

use crate::purse::Place;

/// The root cell: what never changes.
#[derive(Debug, Clone, Copy)]
pub struct Config {
    /// Verifies signatures.
    pub verifier: Account,
    /// The licence contract, which says what a licence asks of its reports and what they owe; zero for none.
    pub licences: Account,
    /// Challenge window, in seconds.
    pub window: u64,
    /// Time for a ruling, in seconds.
    pub ruling: u64,
    /// Seconds between a committee's proposal and its office.
    pub delay: u64,
    /// Least bond, in units of 10^-18 of a pool's currency.
    pub bond: u128,
    /// The bond's part of what is contested, in basis points.
    pub bond_bps: u16,
}

packed!(Config {
    verifier: Account,
    licences: Account,
    window: u64,
    ruling: u64,
    delay: u64,
    bond: u128,
    bond_bps: u16
});

impl Config {
    /// Window and ruling time.
    pub fn terms(&self) -> Terms {
        Terms { window: self.window, ruling: self.ruling }
    }

    /// What disputes cost, before the minimum is scaled to a currency.
    pub fn bonds(&self) -> BondTerms {
        BondTerms { minimum: self.bond, bps: self.bond_bps }
    }
}

/// A committee with a time: a proposed one, or one that was in office.
#[derive(Debug, Clone, Copy)]
pub struct Proposed {
    /// Unix seconds from which on it can take office, or at which it did.
    pub effective_at: u64,
    /// The committee.
    pub committee: [u8; Committee::LEN],
}

packed!(Proposed { effective_at: u64, committee: [u8; Committee::LEN] });

impl Proposed {
    /// The committee.
    pub fn committee(&self) -> Committee {
        Committee::from_bytes(&self.committee)
    }
}

const COMMITTEE: &[u8] = b"com/now";
const PROPOSED: &[u8] = b"com/next";

/// A storage key: a tag, then parts whose length the tag decides, so that no two records share one; the rest is zeros.
#[inline(never)]
fn key(tag: &[u8; 4], parts: &[&[u8]]) -> [u8; 60] {
    let mut key = [0; 60];
    key[..4].copy_from_slice(tag);
    let mut at = 4;
    for part in parts {
        key[at..at + part.len()].copy_from_slice(part);
        at += part.len();
    }
    key
}

/// The committee in office.
#[inline(never)]
pub fn committee() -> Committee {
    Committee::from_bytes(&host::read(COMMITTEE).unwrap_or([0; Committee::LEN]))
}

/// Puts a committee in office.
#[inline(never)]
pub fn set_committee(committee: &Committee) {
    host::write(COMMITTEE, &committee.to_bytes());
}

/// The committee of an epoch as it took office, whoever was revoked since; `effective_at` is when it did.
#[inline(never)]
pub fn committee_of(epoch: u32) -> Option<Proposed> {
    host::read(&key(b"com/", &[b"of/", &epoch.to_be_bytes()])).map(|record| Proposed::from_bytes(&record))
}

/// Keeps the committee of an epoch for good.
#[inline(never)]
pub fn keep_committee(committee: &Committee) {
    let record = Proposed { effective_at: host::now(), committee: committee.to_bytes() };
    host::write(&key(b"com/", &[b"of/", &committee.epoch.to_be_bytes()]), &record.to_bytes());
}

/// The proposed committee, if any.
#[inline(never)]
pub fn proposed() -> Option<Proposed> {
    host::read(PROPOSED).map(|record| Proposed::from_bytes(&record))
}

/// Replaces or removes the proposal.
#[inline(never)]
pub fn set_proposed(proposed: Option<&Proposed>) {
    match proposed {
        Some(proposed) => host::write(PROPOSED, &proposed.to_bytes()),
        None => host::clear(PROPOSED),
    }
}

/// Whether a key was revoked.
pub fn is_revoked(public: &Key) -> bool {
    host::read::<1>(&key(b"rev/", &[public])).is_some()
}

/// Revokes a key for good.
pub fn revoke(public: &Key) {
    host::write(&key(b"rev/", &[public]), &[1]);
}

/// Key of a stream's end.
pub fn stream_key(pool: &Account, stream: &Word) -> [u8; 60] {
    key(b"end/", &[pool, stream])
}

/// The end of a stream's chain.
#[inline(never)]
pub fn last(key: &[u8; 60]) -> Option<Last> {
    host::read(key).map(|record| Last::from_bytes(&record))
}

/// Key of a period's report.
pub fn period_key(pool: &Account, stream: &Word, period: u32) -> [u8; 60] {
    key(b"rep/", &[pool, stream, &period.to_be_bytes()])
}

/// All that is kept of a period.
#[derive(Debug, Clone, Copy, Default)]
pub struct Reported {
    /// Its current report and where that is in the game.
    pub standing: Standing,
    /// What other contracts rely on.
    pub figures: Figures,
    /// The stream's reported period before this one; zero for none.
    pub previous: u32,
    /// The stream's next reported period; zero for none.
    pub next: u32,
}

packed!(Reported { standing: Standing, figures: Figures, previous: u32, next: u32 });

/// All of it must fit one storage value.
const _: () = assert!(Reported::LEN <= 416);

/// What is kept of a period; zeros where it was not reported.
#[inline(never)]
pub fn reported(key: &[u8; 60]) -> Reported {
    host::read(key).map(|record| Reported::from_bytes(&record)).unwrap_or_default()
}

/// Stores what is kept of a period.
#[inline(never)]
pub fn set_reported(key: &[u8; 60], reported: &Reported) {
    host::write(key, &reported.to_bytes());
}

/// The reported periods before and after `period`, which need not be reported itself; zero for none. Of one that is not
/// it goes through all reported after it, the latest first.
pub fn neighbours(pool: &Account, stream: &Word, period: u32) -> (u32, u32) {
    let own = reported(&period_key(pool, stream, period));
    if own.standing.phase != 0 {
        return (own.previous, own.next);
    }
    let (mut before, mut after) = (last(&stream_key(pool, stream)).map_or(0, |last| last.period), 0);
    while before > period {
        after = before;
        before = reported(&period_key(pool, stream, before)).previous;
    }
    (before, after)
}

/// Whose money of a currency is held.
#[inline(never)]
pub fn bonds(currency: &Account) -> Bonds {
    host::read(&key(b"hld/", &[currency])).map(|record| Bonds::from_bytes(&record)).unwrap_or_default()
}

/// Stores whose money of a currency is held.
#[inline(never)]
pub fn set_bonds(currency: &Account, bonds: &Bonds) {
    host::write(&key(b"hld/", &[currency]), &bonds.to_bytes());
}

/// Money of a currency owed to an account.
#[inline(never)]
pub fn owed(currency: &Account, account: &Account) -> u128 {
    host::read(&key(b"owe/", &[currency, account])).map(u128::from_le_bytes).unwrap_or_default()
}

/// Stores what is owed to an account.
#[inline(never)]
pub fn set_owed(currency: &Account, account: &Account, amount: u128) {
    let key = key(b"owe/", &[currency, account]);
    if amount == 0 { host::clear(&key) } else { host::write(&key, &amount.to_le_bytes()) }
}

/// What of a currency is kept for a period whose pool did not take it.
#[inline(never)]
pub fn kept(place: &Place<'_>, currency: &Account) -> u128 {
    host::read(&kept_key(place, currency)).map(u128::from_le_bytes).unwrap_or_default()
}

/// Stores what is kept for a period.
#[inline(never)]
pub fn set_kept(place: &Place<'_>, currency: &Account, amount: u128) {
    let key = kept_key(place, currency);
    if amount == 0 { host::clear(&key) } else { host::write(&key, &amount.to_le_bytes()) }
}

/// Currency, pool, stream and period are longer than a key may be.
fn kept_key(place: &Place<'_>, currency: &Account) -> [u8; 60] {
    let mut about = [0; 76];
    about[..20].copy_from_slice(currency);
    about[20..40].copy_from_slice(place.pool);
    about[40..72].copy_from_slice(place.stream);
    about[72..].copy_from_slice(&place.period.to_be_bytes());
    key(b"kep/", &[&host::keccak256(&about)])
}

/// Number of audits of a report.
#[inline(never)]
pub fn audits(report: &Word) -> u32 {
    host::read(&key(b"aud/", &[report])).map(u32::from_le_bytes).unwrap_or_default()
}

/// One audit of a report, from 0.
#[inline(never)]
pub fn audit(report: &Word, index: u32) -> Option<Audit> {
    host::read(&key(b"adt/", &[report, &index.to_be_bytes()])).map(|record| Audit::from_bytes(&record))
}

/// Adds an audit as number `index`.
#[inline(never)]
pub fn add_audit(report: &Word, index: u32, audit: &Audit) {
    host::write(&key(b"adt/", &[report, &index.to_be_bytes()]), &audit.to_bytes());
    host::write(&key(b"aud/", &[report]), &(index + 1).to_le_bytes());
}
