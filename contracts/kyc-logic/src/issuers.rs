//! The trusted issuers in storage, and their events. Their terms are in the contract's root cell, which every call
//! reads anyway.

use crate::{
    events,
    refusals::{self, InvalidTopic, UntrustedIssuer},
};
use ink::U256;
use yieldset_rules::attestation::{Seat, TOPIC_ACCREDITED, TOPIC_KYC, Topics};
use yieldset_rules::compliance::{SEATS, Terms, keys};
use yieldset_shell::{
    answer::answer,
    host,
    refusals::OrRefuse,
    words::{Address, WithList, address_word, is_zero, narrow, word},
};

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
    refusals::only_compliance();
    if is_zero(issuer) {
        refusals::InvalidIssuer { issuer }.refuse();
    }
    match seat_of(issuer) {
        None => {}
        Some(Seat { number: 0, .. }) => refusals::IssuerWasRemoved { issuer }.refuse(),
        Some(_) => refusals::IssuerExists { issuer }.refuse(),
    }
    let topics = topics_of(claim_topics);
    let number = terms.empty_seat().or_refuse(refusals::TooManyIssuers { most: SEATS });
    turn(terms, number);
    host::write(&key(issuer), &Seat { number, topics }.to_bytes());
    host::write(&seat_key(number), issuer);
    events::TrustedIssuerAdded { trusted_issuer: issuer, encoded: self::topics(topics) }.emit();
}

/// Ends the trust in an issuer, if the caller may end it, and tells. That it was trusted is remembered.
pub fn remove(issuer: &Address, terms: &mut Terms) {
    refusals::only_compliance();
    let seat = trusted_seat_of(issuer).or_refuse(UntrustedIssuer { issuer });
    turn(terms, seat.number);
    host::write(&key(issuer), &Seat::default().to_bytes());
    host::clear(&seat_key(seat.number));
    events::TrustedIssuerRemoved { trusted_issuer: issuer }.emit();
}

/// Writes the root cell, which holds the terms and nothing else.
#[inline(never)]
fn turn(terms: &mut Terms, number: u8) {
    terms.turn(number);
    host::write(keys::TERMS, &terms.0);
}

fn topics_of(numbers: impl Iterator<Item = U256>) -> Topics {
    let mut topics = Topics::default();
    for topic in numbers {
        let known = narrow(topic).and_then(|number| topics.with(number));
        topics = known.or_refuse(InvalidTopic { topic });
    }
    if topics == Topics::default() {
        InvalidTopic { topic: U256::zero() }.refuse();
    }
    topics
}

/// At most as many issuers as there are seats.
type List = WithList<{ 2 + SEATS as usize }>;

/// `uint256[]` of topics, as an answer and as an event's data.
pub fn topics(topics: Topics) -> List {
    let mut list = List::between(&[], &[]);
    for topic in [TOPIC_KYC, TOPIC_ACCREDITED] {
        if topics.contains(topic) {
            list.push(&word(topic));
        }
    }
    list
}

/// Ends the call with all trusted issuers as `address[]`, in the order of their seats.
pub fn answer_all(terms: &Terms) -> ! {
    let mut list = List::between(&[], &[]);
    for seat in (1..=SEATS).filter(|seat| terms.is_taken(*seat)) {
        if let Some(issuer) = host::read::<20>(&seat_key(seat)) {
            list.push(&address_word(&issuer));
        }
    }
    answer(list.as_ref())
}

fn key(issuer: &Address) -> [u8; 24] {
    let mut key = *b"iss/....................";
    key[4..].copy_from_slice(issuer);
    key
}

fn seat_key(number: u8) -> [u8; 5] {
    [b's', b'e', b'a', b't', number]
}
