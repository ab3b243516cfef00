//! The trusted issuers in storage, and their events. Their terms are in the contract's root cell, which every call reads anyway.

use ink::codegen::sol::keccak_256;
use yieldset_rules::attestation::{Seat, TOPIC_ACCREDITED, TOPIC_KYC, Topics};
use yieldset_rules::compliance::{SEATS, Terms};
use yieldset_shell::{
    host,
    words::{Address, Word, address_word, number_word},
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

/// Stores an issuer's seat and tells.
pub fn add(issuer: &Address, seat: Seat) {
    host::write(&key(issuer), &seat.to_bytes());
    host::write(&seat_key(seat.number), issuer);
    let (words, length) = topics_answer(seat.topics);
    host::emit(&[TRUSTED_ISSUER_ADDED, address_word(issuer)], &words[..length]);
}

/// Remembers that an issuer was removed and tells.
pub fn remove(issuer: &Address, number: u8) {
    host::write(&key(issuer), &Seat::default().to_bytes());
    host::clear(&seat_key(number));
    host::emit(&[TRUSTED_ISSUER_REMOVED, address_word(issuer)], &[]);
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
