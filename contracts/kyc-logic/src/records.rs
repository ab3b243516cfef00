//! The accounts' records in storage, and their events.

use crate::refusal;
use ink::codegen::sol::keccak_256;
use yieldset_rules::{
    attestation::RecoveryError,
    compliance::{Record, keys::record as record_key},
};
use yieldset_shell::{
    host,
    words::{Address, Word, address_word, number_word},
};

const RECORD_SET: Word = keccak_256(b"RecordSet(address,uint8,uint16,bool,uint64,bool,bool,address,bool,uint64)");
const RECORD_REVOKED: Word = keccak_256(b"RecordRevoked(address,address,bool,bool,uint64)");
const ADDRESS_FROZEN: Word = keccak_256(b"AddressFrozen(address,bool,address)");
const ADDRESS_SANCTIONED: Word = keccak_256(b"AddressSanctioned(address,bool,address)");
const ACCOUNT_RECOVERED: Word = keccak_256(b"AccountRecovered(address,address,address,bytes32)");

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
    host::emit(
        &[RECORD_SET, address_word(account)],
        &[
            number_word(record.level.into()),
            number_word(record.jurisdiction.into()),
            flag(record.accredited),
            number_word(record.expiry.into()),
            flag(record.frozen),
            flag(record.sanctioned),
            address_word(&record.issuer),
            flag(record.seat != 0),
            number_word(record.nonce.into()),
        ],
    );
}

/// Stores what a revocation left and tells.
pub fn revoke(account: &Address, left: &Record, by: &Address) {
    store(account, left);
    host::emit(
        &[RECORD_REVOKED, address_word(account)],
        &[address_word(by), flag(left.frozen), flag(left.sanctioned), number_word(left.nonce.into())],
    );
}

/// Tells of a freeze or its end.
pub fn tell_frozen(account: &Address, frozen: bool, agent: &Address) {
    tell_flag(ADDRESS_FROZEN, account, frozen, agent);
}

/// Tells of a sanction or its end.
pub fn tell_sanctioned(account: &Address, sanctioned: bool, agent: &Address) {
    tell_flag(ADDRESS_SANCTIONED, account, sanctioned, agent);
}

#[inline(never)]
fn tell_flag(event: Word, account: &Address, flag: bool, agent: &Address) {
    host::emit(&[event, address_word(account), number_word(flag.into()), address_word(agent)], &[]);
}

/// Sets what an agent says of an account.
#[inline(never)]
pub fn set_directly(account: &Address, level: u8, jurisdiction: u16, accredited: bool, expiry: u64, agent: &Address) {
    let before = load(account);
    match before.set_by(agent, level, jurisdiction, accredited, expiry, host::now()) {
        Some(record) if *account != [0; 20] => set(account, &record),
        _ => refusal::invalid_record(level, expiry),
    }
}

/// Moves a lost account's record and tells.
pub fn recover(lost: &Address, replacement: &Address, agent: &Address, reason: Word) {
    if *replacement == [0; 20] || replacement == lost {
        refusal::invalid_replacement(replacement);
    }
    let (left, moved) =
        Record::recovered(&load(lost), &load(replacement), host::now()).unwrap_or_else(|error| match error {
            RecoveryError::NoRecord => refusal::no_record(lost),
            RecoveryError::RecordExists => refusal::record_exists(replacement),
        });
    set(lost, &left);
    tell_frozen(lost, true, agent);
    set(replacement, &moved);
    host::write(&successor_key(lost), replacement);
    let topics = [ACCOUNT_RECOVERED, address_word(lost), address_word(replacement), address_word(agent)];
    host::emit(&topics, &[reason]);
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

fn flag(flag: bool) -> Word {
    number_word(flag.into())
}
