//! The accounts' records in storage, and their events.

use crate::{
    events,
    refusals::{InvalidRecord, InvalidReplacement, Recovery},
};
use yieldset_rules::compliance::{Record, keys::record as record_key};
use yieldset_shell::{
    host,
    refusals::OrRefuse,
    words::{Address, Word, is_zero, same},
};

/// An account's record; all zero where there is none.
#[inline(never)]
pub fn load(account: &Address) -> Record {
    host::read::<{ Record::LEN }>(&record_key(account)).map(|packed| Record::from_bytes(&packed)).unwrap_or_default()
}

/// Stores a record. One that says nothing is removed.
#[inline(never)]
pub fn store(account: &Address, record: &Record) {
    let packed = record.to_bytes();
    if packed == [0; Record::LEN] {
        host::clear(&record_key(account));
    } else {
        host::write(&record_key(account), &packed);
    }
}

/// Stores a record and tells.
#[inline(never)]
pub fn set(account: &Address, record: &Record) {
    store(account, record);
    let told = events::RecordSet {
        account,
        level: record.level,
        jurisdiction: record.jurisdiction,
        accredited: record.accredited,
        expiry: record.expiry,
        frozen: record.frozen,
        sanctioned: record.sanctioned,
        issuer: record.issuer,
        attested: record.seat != 0,
        nonce: record.nonce,
    };
    told.emit();
}

/// Stores what a revocation left and tells.
pub fn revoke(account: &Address, left: &Record, by: &Address) {
    store(account, left);
    let Record { frozen, sanctioned, nonce, .. } = *left;
    events::RecordRevoked { account, issuer: by, frozen, sanctioned, nonce }.emit();
}

/// Tells of a freeze or its end.
#[inline(never)]
pub fn tell_frozen(account: &Address, frozen: bool, agent: &Address) {
    events::AddressFrozen { user_address: account, is_frozen: frozen, owner: agent }.emit();
}

/// Sets what an agent says of an account.
#[inline(never)]
pub fn set_directly(account: &Address, level: u8, jurisdiction: u16, accredited: bool, expiry: u64, agent: &Address) {
    let before = load(account);
    match before.set_by(agent, level, jurisdiction, accredited, expiry, host::now()) {
        Some(record) if !is_zero(account) => set(account, &record),
        _ => InvalidRecord { level, expiry }.refuse(),
    }
}

/// Moves a lost account's record and tells.
pub fn recover(lost: &Address, replacement: &Address, agent: &Address, reason: Word) {
    if is_zero(replacement) || same(replacement, lost) {
        InvalidReplacement { account: replacement }.refuse();
    }
    let recovered = Record::recovered(&load(lost), &load(replacement), host::now());
    let (left, moved) = recovered.or_refuse(Recovery { lost, replacement });
    set(lost, &left);
    tell_frozen(lost, true, agent);
    set(replacement, &moved);
    host::write(&successor_key(lost), replacement);
    events::AccountRecovered { lost, replacement, agent, reason }.emit();
}

/// Who stands in the place of a recovered account; zero for nobody.
pub fn successor(account: &Address) -> Address {
    host::read(&successor_key(account)).unwrap_or_default()
}

fn successor_key(account: &Address) -> [u8; 24] {
    let mut key = *b"suc/....................";
    key[4..].copy_from_slice(account);
    key
}
