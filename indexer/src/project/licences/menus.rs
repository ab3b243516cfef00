//! What is offered: the options of an offer or of a licensor's own menu, and the milestones of an accepted one.

use yieldset_chain::{
    B256,
    abi::Licence::{MenuPublished, OptionOffered},
};

use super::{Licence, key};
use crate::{
    column::{Addr, Amount, Hash},
    error::IndexerError,
    project::Applying,
    rows::versioned,
};

versioned! {
    /// What a licensor offers to any platform.
    Menu in "menus" {
        contract: Addr,
        menu: Hash;
        pool: Addr,
        licensor: Addr,
        currency: Addr,
        options: i16,
        expires: Amount,
        withdrawn: bool,
        /// How often one of its options was taken.
        taken: i64,
    }
}

versioned! {
    /// An option of a licence that was offered, or of a menu: both have such ids.
    LicenceOption in "licence_options" { contract: Addr, licence: Hash, option: i16; document: Hash }
}

versioned! {
    /// A milestone of Schedule B: as it was agreed on, where the terms could be read, and as it was certified.
    Milestone in "milestones" {
        contract: Addr,
        licence: Hash,
        milestone: i16;
        /// As it was agreed on.
        amount: Option<Amount>,
        /// To the pool; otherwise back to the platform.
        to_pool: bool,
        document: Option<Hash>,
        /// What the escrow had of the amount.
        released: Option<Amount>,
        certifier: Option<Addr>,
        certified_at: Option<i64>,
        evidence: Option<Hash>,
    }
}

/// Of an offer or a menu that was told of just before.
pub(super) async fn option(applying: &mut Applying<'_>, event: &OptionOffered) -> Result<(), IndexerError> {
    let (contract, licence) = key(applying, event.licence);
    if applying.find::<Licence>((contract, licence)).await?.is_none() {
        applying.known::<Menu>("a licence", (contract, licence)).await?;
    }
    let (option, document) = (event.option.into(), event.document.into());
    applying.put(LicenceOption { contract, licence, option, document }).await
}

pub(super) async fn publish(applying: &mut Applying<'_>, event: &MenuPublished) -> Result<(), IndexerError> {
    let (contract, menu) = key(applying, event.licence);
    if applying.find::<Menu>((contract, menu)).await?.is_some() {
        return Err(applying.place.diverged("a published menu", menu, "a new one"));
    }
    let row = Menu {
        contract,
        menu,
        pool: event.pool.into(),
        licensor: event.licensor.into(),
        currency: event.currency.into(),
        options: event.options.into(),
        expires: event.expiresAt.into(),
        withdrawn: false,
        taken: 0,
    };
    applying.put(row).await
}

pub(super) async fn withdraw(applying: &mut Applying<'_>, menu: B256) -> Result<(), IndexerError> {
    let mut row = open(applying, menu).await?;
    row.withdrawn = true;
    applying.put(row).await
}

pub(super) async fn take(applying: &mut Applying<'_>, menu: B256) -> Result<(), IndexerError> {
    let mut row = open(applying, menu).await?;
    row.taken = row.taken.saturating_add(1);
    applying.put(row).await
}

async fn open(applying: &mut Applying<'_>, menu: B256) -> Result<Menu, IndexerError> {
    let place = applying.place;
    let key = key(applying, menu);
    let row = applying.known::<Menu>("a menu", key).await?;
    if row.withdrawn { Err(place.diverged("a menu", "withdrawn", "one that stands")) } else { Ok(row) }
}
