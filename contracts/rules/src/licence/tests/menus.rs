//! A licensor's own menu (LIC-11).

use super::*;
use crate::licence::{
    menu::{self, Menu},
    store::{self, numbered},
};

const MENU: Id = [0x33; 32];

/// A menu of a modest option and an exclusive one, whose upfronts are 1,000 and 9,000.
fn published(book: &mut Book) {
    let modest = Terms { upfront: 1_000, residual_bps: 500, ..plain() };
    let exclusive = Terms { upfront: 9_000, residual_bps: 1_000, exclusive_months: 12, ..plain() };
    let milestone = Milestone { amount: 4, document: HASH, to_pool: true };
    let exclusive = (Terms { escrow: 5, funding_days: 1, ..exclusive }, vec![milestone]);
    let (datasets, options) = (vec![DATASET, HASH], vec![(modest, vec![]), exclusive]);
    let offer = Offer { pool: POOL, currency: [0; 20], datasets, options, expires_at: START + 30 * DAY };
    let call = Call { licence: MENU, caller: LICENSOR, now: book.now };
    menu::publish(&mut book.store, &call, &offer).unwrap();
}

/// Proves LIC-11: who takes an option of a licensor's menu is bound at once, by that option's terms and upfront; the
/// others stay open beside it, exclusive or not.
#[test]
fn who_takes_an_option_is_bound_at_once() {
    let mut book = Book::new();
    published(&mut book);
    let mut other = book.clone();
    let moves = book.run(PLATFORM, take(MENU, 0)).unwrap();
    assert_eq!((moves.take, book.got(POOL), book.stage()), (1_000, 1_000, Stage::Active));
    let licence = book.licence();
    assert_eq!((licence.platform, licence.licensor, licence.pool), (PLATFORM, LICENSOR, POOL));
    assert_eq!(licence.dataset_list(&book.store, &ID), [DATASET, HASH]);
    assert_eq!(licence.terms(&book.store, &ID).unwrap().residual_bps, 500);
    // The menu is still there, and what was taken of it outlives it.
    assert!(Menu::find(&book.store, &MENU).is_ok());
    let call = Call { licence: MENU, caller: LICENSOR, now: book.now };
    menu::withdraw(&mut book.store, &call).unwrap();
    assert_eq!(menu::withdraw(&mut book.store, &call), Err(Refusal::UnknownLicence(MENU)));
    assert!(!book.store.keys().any(|key| key[..32] == MENU), "nothing of a menu stays behind");
    book.settle_quarter(book.first_quarter(), 10_000);
    assert_eq!(book.got(POOL), 1_500);

    let moves = other.run(PLATFORM, take(MENU, 1)).unwrap();
    assert_eq!((moves.take, other.got(POOL), other.licence().escrow), (9_005, 9_000, 5));
    other.run(LICENSOR, Command::CertifyMilestone(0, HASH)).unwrap();
    assert_eq!((other.stage(), other.got(POOL), other.licence().escrow), (Stage::Active, 9_004, 1));
}

/// What is no option of an open menu cannot be taken, and a menu is no licence.
#[test]
fn only_open_menus_are_taken() {
    let mut book = Book::new();
    assert_eq!(book.run(PLATFORM, take(MENU, 0)), Err(Refusal::UnknownLicence(MENU)));
    published(&mut book);
    assert_eq!(book.run(PLATFORM, take(MENU, 2)), Err(Refusal::UnknownOption(2, 2)));
    let call = Call { licence: MENU, caller: PLATFORM, now: book.now };
    assert_eq!(Command::Accept(0).apply(&mut book.store, &call), Err(Refusal::UnknownLicence(MENU)));
    book.now += 30 * DAY;
    assert_eq!(book.run(PLATFORM, take(MENU, 0)), Err(Refusal::OfferExpired(book.now)));
    let call = Call { licence: MENU, caller: LICENSOR, now: book.now };
    let empty =
        Offer { pool: POOL, currency: [0; 20], datasets: vec![DATASET], options: vec![], expires_at: book.now + 1 };
    assert_eq!(menu::publish(&mut book.store, &call, &empty), Err(Refusal::InvalidOptionCount(0)));
    assert!(Terms::load(&book.store, &numbered(&MENU, store::TERMS, 1)).is_some());
}
