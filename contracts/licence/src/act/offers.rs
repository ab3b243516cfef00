//! Offers and menus, until an option binds.

use ink::{Address, prelude::vec::Vec, sol::FixedBytes};
use yieldset_rules::licence::{
    Call,
    menu::{self, Limit, Menu},
    offer::{self, Accepted, Offer},
    terms::Fault,
    words,
};
use yieldset_shell::{
    host,
    words::{Address as Account, Word},
};

use super::{Bytes32, call, carry_out, check_licensor, emit_activated, emit_funds, of_licensor};
use crate::{
    errors::{Error, allow, refuse},
    events::*,
    outside,
    storage::Chain,
};

/// The id of what a caller begins for a pool.
fn new_id(count: u64, pool: &Account) -> Bytes32 {
    let mut preimage = [0; 68];
    preimage[..20].copy_from_slice(&host::own_address());
    preimage[20..40].copy_from_slice(pool);
    preimage[40..60].copy_from_slice(&host::caller());
    preimage[60..].copy_from_slice(&count.to_be_bytes());
    FixedBytes(host::keccak256(&preimage))
}

/// An offer or a menu as it was sent, and its id.
fn read_offer(
    count: u64,
    (pool, expected): (Address, Address),
    datasets: &[Bytes32],
    options: &[Vec<Bytes32>],
    expires_at: u64,
) -> (Bytes32, Offer) {
    let datasets: Vec<Word> = datasets.iter().map(|dataset| dataset.0).collect();
    let options = (0u8..).zip(options).map(|(option, words)| {
        let words: Vec<Word> = words.iter().map(|word| word.0).collect();
        words::parse(&words).unwrap_or_else(|| refuse(Error::InvalidTerms(option, Fault::Words as u8)))
    });
    let options = options.collect();
    let currency = outside::currency(&pool.0);
    if currency != expected.0 {
        refuse(Error::WrongCurrency(currency.into(), expected));
    }
    (new_id(count, &pool.0), Offer { pool: pool.0, currency, datasets, options, expires_at })
}

/// Publishes a licensor's menu; answers its id.
pub fn publish_menu(
    count: u64,
    (pool, expected): (Address, Address),
    datasets: &[Bytes32],
    options: &[Vec<Bytes32>],
    expires_at: u64,
) -> Bytes32 {
    let (licence, offer) = read_offer(count, (pool, expected), datasets, options, expires_at);
    let call = call(licence);
    check_licensor(&pool.0, &call.caller);
    allow(menu::publish(&mut Chain, &call, &offer));
    let options = offer.options.len() as u8;
    emit(MenuPublished { licence, pool, licensor: call.caller.into(), currency: expected, options, expires_at });
    for (option, (terms, _)) in (0u8..).zip(&offer.options) {
        emit(OptionOffered { licence, option, document: FixedBytes(terms.document) });
    }
    licence
}

/// Takes a menu back.
pub fn withdraw_menu(licence: Bytes32) {
    let call = call(licence);
    check_licensor(&allow(Menu::find(&Chain, &licence.0)).pool, &call.caller);
    allow(menu::withdraw(&mut Chain, &call));
    emit(MenuWithdrawn { licence });
}

/// Takes an option of a menu; answers the licence's id.
pub fn take_option(manifests: &Account, count: u64, (menu, option): (Bytes32, u8), limit: &Limit) -> Bytes32 {
    let Menu { pool, licensor, currency, datasets, expires_at, .. } = allow(Menu::find(&Chain, &menu.0));
    // Who published it must still be one who may.
    check_licensor(&pool, &licensor);
    let licence = new_id(count, &pool);
    let call = call(licence);
    let accepted = allow(menu::take(&mut Chain, &call, &menu.0, option, limit));
    emit(LicenceOffered {
        licence,
        pool: pool.into(),
        platform: call.caller.into(),
        currency: currency.into(),
        options: 1,
        datasets,
        upfront: accepted.terms.upfront.into(),
        expires_at,
    });
    emit(OptionTaken { licence, menu, option });
    bind(manifests, &call, 0, &accepted);
    licence
}

/// Offers; answers the licence's id.
pub fn offer(
    manifests: &Account,
    count: u64,
    (pool, expected): (Address, Address),
    datasets: &[Bytes32],
    options: &[Vec<Bytes32>],
    expires_at: u64,
) -> Bytes32 {
    let (licence, offer) = read_offer(count, (pool, expected), datasets, options, expires_at);
    let (call, currency) = (call(licence), offer.currency);
    let caller = call.caller;
    let moves = allow(offer::offer(&mut Chain, &call, &offer));
    for dataset in &offer.datasets {
        outside::check_assigned(manifests, &pool.0, dataset);
    }
    emit(LicenceOffered {
        licence,
        pool,
        platform: caller.into(),
        currency: currency.into(),
        options: offer.options.len() as u8,
        datasets: offer.datasets.len() as u8,
        upfront: moves.take.into(),
        expires_at,
    });
    for (option, (terms, _)) in (0u8..).zip(&offer.options) {
        emit(OptionOffered { licence, option, document: FixedBytes(terms.document) });
    }
    carry_out(&call, &moves);
    licence
}

/// Takes an offer back.
pub fn withdraw(licence: Bytes32) {
    let call = call(licence);
    allow(offer::withdraw(&mut Chain, &call));
    emit(OfferWithdrawn { licence });
    emit_funds(&call);
}

/// Declines an offer.
pub fn decline(licence: Bytes32) {
    let call = call(licence);
    of_licensor(&call);
    allow(offer::decline(&mut Chain, &call));
    emit(OfferDeclined { licence, licensor: call.caller.into() });
    emit_funds(&call);
}

/// Accepts an option.
pub fn accept(manifests: &Account, licence: Bytes32, option: u8) {
    let call = call(licence);
    of_licensor(&call);
    let accepted = allow(offer::accept(&mut Chain, &call, option));
    bind(manifests, &call, option, &accepted);
}

/// An option is binding: tells of it, opens the datasets, or holds them until the licence is in force, and moves the
/// money.
fn bind(manifests: &Account, call: &Call, option: u8, accepted: &Accepted) {
    let pool = accepted.licence.pool;
    outside::check_opened(&pool);
    emit(LicenceAccepted {
        licence: FixedBytes(call.licence),
        licensor: accepted.licence.licensor.into(),
        option,
        document: FixedBytes(accepted.terms.document),
        upfront: accepted.terms.upfront.into(),
        period: accepted.period,
        exclusive_until: accepted.exclusive_until,
        fund_by: accepted.licence.fund_by,
    });
    let escrow = accepted.licence.escrow.into();
    if accepted.licence.escrow > 0 {
        emit(EscrowFunded { licence: FixedBytes(call.licence), amount: escrow, escrow });
    }
    emit_activated(call, &accepted.licence);
    for dataset in &accepted.datasets {
        outside::check_assigned(manifests, &pool, dataset);
    }
    let in_force = accepted.licence.activated_at > 0;
    let until = if in_force { accepted.exclusive_until } else { accepted.held_until };
    outside::occupy(manifests, &accepted.datasets, &call.licence, in_force, until);
    carry_out(call, &accepted.moves);
}
