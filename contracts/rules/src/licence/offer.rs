//! From the platform's menu to a licence in force (LIC-11).

use super::{
    Address, Call, Hash, Licence, MAX_DATASETS, MAX_OPTIONS, Milestone, Moves, Quarter, Refusal, Stage, Store, Terms,
    add, days_after,
    guarantee::refilled,
    less,
    store::{self, numbered},
};
use crate::period::quarter_at;
use alloc::vec::Vec;

/// One entry of the menu, with its Schedule B.
pub type Choice = (Terms, Vec<Milestone>);

/// What is offered to whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// The pool.
    pub pool: Address,
    /// Its currency.
    pub currency: Address,
    /// Which data.
    pub datasets: Vec<Hash>,
    /// The menu.
    pub options: Vec<Choice>,
    /// When it ends, Unix seconds.
    pub expires_at: u64,
}

/// The platform offers. The highest upfront of the menu comes with the offer, so that an acceptance is paid at once.
///
/// # Errors
/// Numbers of options and datasets, [`Refusal::InvalidDataset`], [`Refusal::InvalidTerms`],
/// [`Refusal::InvalidOfferExpiry`].
pub fn offer(store: &mut impl Store, call: &Call, offer: &Offer) -> Result<Moves, Refusal> {
    put_options(store, call, offer)?;
    let (datasets, options) = (&offer.datasets, &offer.options);
    let upfront = options.iter().map(|(terms, _)| terms.upfront).max().unwrap_or(0);
    let licence = Licence {
        platform: call.caller,
        pool: offer.pool,
        currency: offer.currency,
        stage: Stage::Offered,
        options: options.len() as u8,
        datasets: datasets.len() as u8,
        expires_at: offer.expires_at,
        escrow: upfront,
        money_in: upfront,
        ..Licence::default()
    };
    licence.put(store, &call.licence);
    Ok(Moves { take: upfront, ..Moves::default() })
}

/// Checks a menu and stores its options and datasets under the call's id.
///
/// # Errors
/// [`offer`]'s.
pub(crate) fn put_options(store: &mut impl Store, call: &Call, offer: &Offer) -> Result<(), Refusal> {
    let (datasets, options) = (&offer.datasets, &offer.options);
    if !(1..=MAX_OPTIONS).contains(&options.len()) {
        return Err(Refusal::InvalidOptionCount(options.len() as u32));
    }
    if !(1..=MAX_DATASETS).contains(&datasets.len()) {
        return Err(Refusal::InvalidDatasetCount(datasets.len() as u32));
    }
    for (at, dataset) in datasets.iter().enumerate() {
        if *dataset == [0; 32] || datasets[..at].contains(dataset) {
            return Err(Refusal::InvalidDataset(*dataset));
        }
    }
    if offer.expires_at <= call.now {
        return Err(Refusal::InvalidOfferExpiry(offer.expires_at, call.now));
    }
    let schedules: Vec<_> = (0u8..)
        .zip(options)
        .map(|(option, (terms, milestones))| {
            terms.check(milestones).map_err(|fault| Refusal::InvalidTerms(option, fault as u8))
        })
        .collect::<Result<_, _>>()?;
    for (option, ((terms, _), schedule)) in (0u32..).zip(options.iter().zip(&schedules)) {
        terms.save(store, &numbered(&call.licence, store::TERMS, option));
        if schedule.count > 0 {
            schedule.save(store, &numbered(&call.licence, store::SCHEDULE, option));
        }
    }
    let mut list = [0; MAX_DATASETS * 32];
    let known = datasets.as_flattened();
    list[..known.len()].copy_from_slice(known);
    store.write(&numbered(&call.licence, store::DATASETS, 0), &list);
    Ok(())
}

/// The platform takes its offer back, also after its end; the upfront is refundable.
///
/// # Errors
/// [`Refusal::NotPlatform`], [`Refusal::WrongStage`].
pub fn withdraw(store: &mut impl Store, call: &Call) -> Result<(), Refusal> {
    let licence = Licence::of_platform(store, call)?;
    dismiss(store, call, licence, Stage::Withdrawn)
}

/// The pool declines; the caller was checked to be its licensor.
///
/// # Errors
/// [`Refusal::WrongStage`].
pub fn decline(store: &mut impl Store, call: &Call) -> Result<(), Refusal> {
    let licence = Licence::find(store, &call.licence)?;
    dismiss(store, call, licence, Stage::Declined)
}

fn dismiss(store: &mut impl Store, call: &Call, mut licence: Licence, stage: Stage) -> Result<(), Refusal> {
    if licence.stage != Stage::Offered {
        return Err(licence.wrong_stage(call));
    }
    licence.refundable = add(licence.refundable, licence.escrow)?;
    licence.escrow = 0;
    licence.stage = stage;
    // Nothing of it comes any more: its stream's end is known now.
    licence.expires_at = licence.expires_at.min(call.now);
    clear_options(store, call, &licence, None);
    licence.put(store, &call.licence);
    Ok(())
}

/// Frees what the options take that were not accepted.
fn clear_options(store: &mut impl Store, call: &Call, licence: &Licence, but: Option<u8>) {
    for option in (0..licence.options).filter(|option| but != Some(*option)) {
        store.clear(&numbered(&call.licence, store::TERMS, option.into()));
        store.clear(&numbered(&call.licence, store::SCHEDULE, option.into()));
    }
}

/// What an acceptance brought about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// The licence after it.
    pub licence: Licence,
    /// What is agreed.
    pub terms: Terms,
    /// The data, opened for this licence where it is in force and else held for it until it is funded.
    pub datasets: Vec<Hash>,
    /// End of the exclusivity window, zero for none (LIC-5).
    pub exclusive_until: u64,
    /// Until when the data is held exclusively for a licence that is not in force yet; zero where it is, or is not
    /// exclusive.
    pub held_until: u64,
    /// Period of the upfront.
    pub period: u32,
    /// The upfront goes to the pool.
    pub moves: Moves,
}

/// The pool accepts one option, and only then it is binding; the caller was checked to be its licensor. Without an
/// escrow the licence is in force at once.
///
/// # Errors
/// [`Refusal::WrongStage`], [`Refusal::OfferExpired`], [`Refusal::UnknownOption`].
pub fn accept(store: &mut impl Store, call: &Call, option: u8) -> Result<Accepted, Refusal> {
    accept_for(store, call, option, (&call.caller, 0))
}

/// An option is accepted in a licensor's name; `funded` of what the platform brought is the escrow.
pub(crate) fn accept_for(
    store: &mut impl Store,
    call: &Call,
    option: u8,
    (licensor, funded): (&Address, u128),
) -> Result<Accepted, Refusal> {
    let id = &call.licence;
    let mut licence = Licence::find(store, id)?;
    match licence.stage_at(call.now) {
        Stage::Offered => {}
        Stage::Expired => return Err(Refusal::OfferExpired(licence.expires_at)),
        _ => return Err(licence.wrong_stage(call)),
    }
    if option >= licence.options {
        return Err(Refusal::UnknownOption(option, licence.options));
    }
    (licence.option, licence.licensor) = (option, *licensor);
    let terms = licence.terms(store, id)?;
    clear_options(store, call, &licence, Some(option));
    let period = quarter_at(call.now);
    let mut quarter = Quarter::of(store, id, period);
    licence.hold(&mut quarter, terms.upfront)?;
    // The menu's highest upfront came with the offer: what this option leaves of it is the platform's.
    licence.refundable = less(less(licence.escrow, terms.upfront), funded);
    licence.escrow = funded;
    licence.stage = Stage::Accepted;
    licence.accepted_at = call.now;
    licence.fund_by = days_after(call.now, terms.funding_days);
    if terms.escrow <= funded {
        licence.activate(&terms, call.now);
    }
    if terms.upfront > 0 {
        quarter.put(store, id, period);
    }
    licence.put(store, id);
    let deliver = (terms.upfront > 0).then_some(period);
    let datasets = licence.dataset_list(store, id);
    let exclusive_until = terms.exclusive_until(call.now);
    // The last second in which it may be funded is its own.
    let funded_by = licence.fund_by.saturating_add(1);
    let held_until = if licence.stage == Stage::Active { 0 } else { exclusive_until.min(funded_by) };
    let moves = Moves { deliver, ..Moves::default() };
    Ok(Accepted { licence, terms, datasets, exclusive_until, held_until, period, moves })
}

/// The platform adds to the escrow in the time that it has for it; as soon as it holds what the terms ask, the licence
/// is in force. From then on anyone may add to it for the platform: nobody else brings it under a licence that it would
/// let lapse. Answers the licence after it, and whether this ended a default.
///
/// # Errors
/// [`Refusal::NotPlatform`], [`Refusal::WrongStage`], [`Refusal::ZeroAmount`], [`Refusal::Overflow`].
pub fn fund_escrow(store: &mut impl Store, call: &Call, amount: u128) -> Result<(Licence, bool, Moves), Refusal> {
    let mut licence = Licence::find(store, &call.licence)?;
    let accepted = licence.stage_at(call.now) == Stage::Accepted;
    if accepted && licence.platform != call.caller {
        return Err(Refusal::NotPlatform(call.caller, licence.platform));
    }
    if !accepted && !licence.is_in_force(call.now) {
        return Err(licence.wrong_stage(call));
    }
    if amount == 0 {
        return Err(Refusal::ZeroAmount);
    }
    licence.escrow = add(licence.escrow, amount)?;
    licence.money_in = add(licence.money_in, amount)?;
    if accepted {
        let terms = licence.terms(store, &call.licence)?;
        if licence.escrow >= terms.escrow {
            licence.activate(&terms, call.now);
        }
    }
    let cured = refilled(&mut licence);
    licence.put(store, &call.licence);
    Ok((licence, cured, Moves { take: amount, ..Moves::default() }))
}

/// Anyone has what is in the escrow of a licence that was not funded in time given back. The pool keeps the upfront.
///
/// # Errors
/// [`Refusal::WrongStage`], [`Refusal::FundingOpen`].
pub fn lapse(store: &mut impl Store, call: &Call) -> Result<(), Refusal> {
    let mut licence = Licence::find(store, &call.licence)?;
    if licence.stage != Stage::Accepted {
        return Err(licence.wrong_stage(call));
    }
    if call.now <= licence.fund_by {
        return Err(Refusal::FundingOpen(licence.fund_by));
    }
    licence.stage = Stage::Lapsed;
    licence.refundable = add(licence.refundable, licence.escrow)?;
    licence.escrow = 0;
    licence.put(store, &call.licence);
    Ok(())
}
