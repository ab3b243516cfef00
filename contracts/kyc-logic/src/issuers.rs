//! The trusted issuers in storage, and their events. Their terms are in the contract's root cell, which every call
//! reads anyway.

use crate::refusal::{self, refuse};
use ink::{
    U256,
    codegen::sol::{keccak_256, selector_bytes},
};
use yieldset_rules::attestation::{Seat, TOPIC_ACCREDITED, TOPIC_KYC, Topics};
use yieldset_rules::compliance::{SEATS, Terms, keys};
use yieldset_shell::{
    host,
    words::{Address, Word, address_word, narrow, number_word},
};

const TRUSTED_ISSUER_ADDED: Word = keccak_256(b"TrustedIssuerAdded(address,uint256[])");
const TRUSTED_ISSUER_REMOVED: Word = keccak_256(b"TrustedIssuerRemoved(address)");

/// Where an issuer sits or sat; `None` for an address that was never trusted.
#[inline(never)]
pub fn seat_of(issuer: &Address) -> Option<Seat> {
    host::read::<{ Seat::LEN }>(&key(issuer)).map(|packed| Seat::from_bytes(&packed))
}

/// Where a trusted issuer sits now.
pub fn trusted_seat_of(issuer: &Address) -> Option<Seat> {
    seat_of(issuer).filter(|seat| seat.number != 0)
}

/// Trusts an issuer, if the caller may have it trusted, and tells.
pub fn add(issuer: &Address, claim_topics: impl Iterator<Item = U256>, terms: &mut Terms) {
    refusal::only_compliance();
    if *issuer == [0; 20] {
        refusal::invalid_issuer(issuer);
    }
    match seat_of(issuer) {
        None => {}
        Some(Seat { number: 0, .. }) => refusal::issuer_was_removed(issuer),
        Some(_) => refusal::issuer_exists(issuer),
    }
    let topics = topics_of(claim_topics);
    let Some(number) = terms.empty_seat() else {
        refuse(const { selector_bytes("TooManyIssuers(uint8)") }, &[number_word(SEATS.into())])
    };
    turn(terms, number);
    host::write(&key(issuer), &Seat { number, topics }.to_bytes());
    host::write(&seat_key(number), issuer);
    let (words, length) = topics_answer(topics);
    host::emit(&[TRUSTED_ISSUER_ADDED, address_word(issuer)], &words[..length]);
}

/// Ends the trust in an issuer, if the caller may end it, and tells. That it was trusted is remembered.
pub fn remove(issuer: &Address, terms: &mut Terms) {
    refusal::only_compliance();
    let Some(seat) = trusted_seat_of(issuer) else { refusal::untrusted_issuer(issuer) };
    turn(terms, seat.number);
    host::write(&key(issuer), &Seat::default().to_bytes());
    host::clear(&seat_key(seat.number));
    host::emit(&[TRUSTED_ISSUER_REMOVED, address_word(issuer)], &[]);
}

/// Writes the root cell, which holds the terms and nothing else.
#[inline(never)]
fn turn(terms: &mut Terms, number: u8) {
    terms.turn(number);
    host::write(keys::TERMS, &terms.0);
}

fn topics_of(numbers: impl Iterator<Item = U256>) -> Topics {
    let mut topics = Topics::default();
    for number in numbers {
        topics = narrow(number).and_then(|topic| topics.with(topic)).unwrap_or_else(|| invalid_topic(number));
    }
    if topics == Topics::default() {
        invalid_topic(U256::zero());
    }
    topics
}

#[cold]
fn invalid_topic(topic: U256) -> ! {
    refuse(const { selector_bytes("InvalidTopic(uint256)") }, &[topic.to_big_endian()])
}

/// `uint256[]` of topics, as an answer and as an event's data: four words at most, of which so many count.
pub fn topics_answer(topics: Topics) -> ([Word; 4], usize) {
    let mut words = [[0; 32]; 4];
    let mut length = 2;
    for topic in [TOPIC_KYC, TOPIC_ACCREDITED] {
        if topics.contains(topic) {
            words[length] = number_word(topic.into());
            length += 1;
        }
    }
    words[0] = number_word(32);
    words[1] = number_word(length as u128 - 2);
    (words, length)
}

/// Ends the call with all trusted issuers as `address[]`, in the order of their seats.
pub fn answer_all(terms: &Terms) -> ! {
    let mut words = [[0; 32]; 2 + SEATS as usize];
    let mut length = 2;
    for seat in (1..=SEATS).filter(|seat| terms.is_taken(*seat)) {
        if let Some(issuer) = host::read::<20>(&seat_key(seat)) {
            words[length] = address_word(&issuer);
            length += 1;
        }
    }
    words[0] = number_word(32);
    words[1] = number_word(length as u128 - 2);
    host::answer(words[..length].as_flattened())
}

fn key(issuer: &Address) -> [u8; 24] {
    let mut key = *b"iss/....................";
    key[4..].copy_from_slice(issuer);
    key
}

fn seat_key(number: u8) -> [u8; 5] {
    [b's', b'e', b'a', b't', number]
}
