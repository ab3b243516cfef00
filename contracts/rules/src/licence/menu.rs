//! A licensor's own menu: it binds the pool in advance, so a platform that takes an option has its licence at once, for
//! which it brings all that the option asks: no dataset is held for a platform that has not paid. A menu stays open
//! until it expires or is withdrawn; exclusive and other options stand side by side, and the datasets' registry says
//! which can still be had.

use super::{
    Address, Call, Id, Licence, MAX_DATASETS, Moves, Refusal, Stage, Store, Terms, add,
    offer::{self, Accepted, Offer},
    store::{self, numbered, stored},
    terms::Schedule,
};
use crate::packed;

/// A menu.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Menu {
    /// Whose data it is for.
    pub pool: Address,
    /// The pool's currency.
    pub currency: Address,
    /// Who published it for the pool.
    pub licensor: Address,
    /// How many options.
    pub options: u8,
    /// How many datasets.
    pub datasets: u8,
    /// When it ends.
    pub expires_at: u64,
}

packed!(Menu { pool: [u8; 20], currency: [u8; 20], licensor: [u8; 20], options: u8, datasets: u8, expires_at: u64 });
stored!(Menu);

impl Menu {
    /// The menu.
    ///
    /// # Errors
    /// [`Refusal::UnknownLicence`] with its id.
    pub fn find(store: &impl Store, id: &Id) -> Result<Self, Refusal> {
        Self::load(store, &numbered(id, store::MENU, 0)).ok_or(Refusal::UnknownLicence(*id))
    }
}

/// The pool's licensor, which the caller was checked to be, publishes a menu under the call's id.
///
/// # Errors
/// [`offer::offer`]'s.
pub fn publish(store: &mut impl Store, call: &Call, offer: &Offer) -> Result<(), Refusal> {
    offer::put_options(store, call, offer)?;
    let menu = Menu {
        pool: offer.pool,
        currency: offer.currency,
        licensor: call.caller,
        options: offer.options.len() as u8,
        datasets: offer.datasets.len() as u8,
        expires_at: offer.expires_at,
    };
    menu.save(store, &numbered(&call.licence, store::MENU, 0));
    Ok(())
}

/// The pool's licensor, which the caller was checked to be, takes a menu back. What was taken of it stands.
///
/// # Errors
/// [`Refusal::UnknownLicence`].
pub fn withdraw(store: &mut impl Store, call: &Call) -> Result<(), Refusal> {
    let menu = Menu::find(store, &call.licence)?;
    for option in 0..menu.options.into() {
        store.clear(&numbered(&call.licence, store::TERMS, option));
        store.clear(&numbered(&call.licence, store::SCHEDULE, option));
    }
    store.clear(&numbered(&call.licence, store::DATASETS, 0));
    store.clear(&numbered(&call.licence, store::MENU, 0));
    Ok(())
}

/// What a platform agrees to pay at most, and in what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// The currency; zero is the native one.
    pub currency: Address,
    /// Upfront and escrow together.
    pub most: u128,
}

/// A platform takes an option with all that it asks, upfront and escrow, so that the licence is in force at once; its
/// id is the call's.
///
/// # Errors
/// [`Refusal::UnknownLicence`] with the menu's id, [`Refusal::OfferExpired`], [`Refusal::UnknownOption`],
/// [`Refusal::WrongCurrency`], [`Refusal::CostAboveLimit`], [`Refusal::Overflow`].
pub fn take(store: &mut impl Store, call: &Call, menu: &Id, option: u8, limit: &Limit) -> Result<Accepted, Refusal> {
    let Menu { pool, currency, licensor, options, datasets, expires_at } = Menu::find(store, menu)?;
    if call.now >= expires_at {
        return Err(Refusal::OfferExpired(expires_at));
    }
    let terms = Terms::load(store, &numbered(menu, store::TERMS, option.into()));
    let terms = terms.ok_or(Refusal::UnknownOption(option, options))?;
    if currency != limit.currency {
        return Err(Refusal::WrongCurrency(currency, limit.currency));
    }
    let cost = add(terms.upfront, terms.escrow)?;
    if cost > limit.most {
        return Err(Refusal::CostAboveLimit(cost, limit.most));
    }
    terms.save(store, &numbered(&call.licence, store::TERMS, 0));
    if let Some(schedule) = Schedule::load(store, &numbered(menu, store::SCHEDULE, option.into())) {
        schedule.save(store, &numbered(&call.licence, store::SCHEDULE, 0));
    }
    let mut list = [0; MAX_DATASETS * 32];
    store.read(&numbered(menu, store::DATASETS, 0), &mut list);
    store.write(&numbered(&call.licence, store::DATASETS, 0), &list);
    let licence = Licence {
        platform: call.caller,
        pool,
        currency,
        stage: Stage::Offered,
        options: 1,
        datasets,
        expires_at,
        escrow: cost,
        money_in: cost,
        ..Licence::default()
    };
    licence.put(store, &call.licence);
    let accepted = offer::accept_for(store, call, 0, (&licensor, terms.escrow))?;
    Ok(Accepted { moves: Moves { take: cost, ..accepted.moves }, ..accepted })
}
