//! Offers and menus, until an option binds.

use ink::{Address as Account, sol::FixedBytes};
use yieldset_rules::licence::{
    Call,
    menu::{self, Limit, Menu},
    offer::{self, Accepted, Offer},
    terms::Fault,
    words,
};
use yieldset_shell::{
    answer::done,
    host,
    input::{Array, In, Lists},
    refusals::OrRefuse,
    words::{Address, Word},
};

use super::{carry_out, check_licensor, emit_activated, emit_funds, of_licensor};
use crate::{
    events::*,
    outside,
    refusals::{InvalidTerms, Rules, WrongCurrency},
    storage::Chain,
};

/// The id of what a caller begins for a pool.
pub fn new_id(count: u64, pool: &Address) -> Word {
    let mut preimage = [0; 68];
    preimage[..20].copy_from_slice(&host::own_address());
    preimage[20..40].copy_from_slice(pool);
    preimage[40..60].copy_from_slice(&host::caller());
    preimage[60..].copy_from_slice(&count.to_be_bytes());
    host::keccak256(&preimage)
}

/// An offer or a menu as it was sent.
#[inline(never)]
pub fn read(
    pool: &In<0, Account>,
    currency: &In<1, Account>,
    datasets: &Array<2, FixedBytes<32>>,
    options: &Lists<3>,
    expires_at: &In<4, u64>,
) -> Offer {
    let options = (0u8..)
        .zip(options.iter())
        .map(|(option, words)| words::parse(&words).or_refuse(InvalidTerms { option, fault: Fault::Words as u8 }));
    let options = options.collect();
    let (pool, expected) = (pool.get().0, currency.get().0);
    let currency = outside::currency(&pool);
    if currency != expected {
        WrongCurrency { currency, expected }.refuse();
    }
    let datasets = datasets.iter().map(|dataset| dataset.0).collect();
    Offer { pool, currency, datasets, options, expires_at: expires_at.get() }
}

fn emit_options(call: &Call, offer: &Offer) {
    for (option, (terms, _)) in (0u8..).zip(&offer.options) {
        OptionOffered { licence: &call.licence, option, document: &terms.document }.emit();
    }
}

/// Publishes a licensor's menu.
#[inline(never)]
pub fn publish_menu(call: &Call, offer: &Offer) {
    let Offer { pool, currency, options, expires_at, .. } = offer;
    check_licensor(pool, &call.caller);
    menu::publish(&mut Chain, call, offer).or_refuse(Rules);
    let (licence, licensor, options) = (&call.licence, &call.caller, options.len() as u8);
    MenuPublished { licence, pool, licensor, currency, options, expires_at }.emit();
    emit_options(call, offer);
}

/// Takes a menu back.
#[inline(never)]
pub fn withdraw_menu(call: &Call) -> ! {
    check_licensor(&Menu::find(&Chain, &call.licence).or_refuse(Rules).pool, &call.caller);
    menu::withdraw(&mut Chain, call).or_refuse(Rules);
    MenuWithdrawn { licence: &call.licence }.emit();
    done()
}

/// Takes an option of a menu; answers the licence's id.
#[inline(never)]
pub fn take_option(manifests: &Address, count: u64, (id, option): (&Word, u8), limit: &Limit) -> Word {
    let Menu { pool, licensor, currency, datasets, expires_at, .. } = Menu::find(&Chain, id).or_refuse(Rules);
    // Who published it must still be one who may.
    check_licensor(&pool, &licensor);
    let call = super::call(&new_id(count, &pool));
    let accepted = menu::take(&mut Chain, &call, id, option, limit).or_refuse(Rules);
    let (licence, platform, options, upfront) = (&call.licence, &call.caller, 1u8, accepted.terms.upfront);
    LicenceOffered { licence, pool, platform, currency, options, datasets, upfront, expires_at }.emit();
    OptionTaken { licence, menu: id, option }.emit();
    bind(manifests, &call, 0, &accepted);
    call.licence
}

/// Offers.
#[inline(never)]
pub fn offer(manifests: &Address, call: &Call, offer: &Offer) {
    let Offer { pool, currency, datasets, options, expires_at } = offer;
    let moves = offer::offer(&mut Chain, call, offer).or_refuse(Rules);
    for dataset in datasets {
        outside::check_assigned(manifests, pool, dataset);
    }
    let (licence, platform, upfront) = (&call.licence, &call.caller, moves.take);
    let (options, datasets) = (options.len() as u8, datasets.len() as u8);
    LicenceOffered { licence, pool, platform, currency, options, datasets, upfront, expires_at }.emit();
    emit_options(call, offer);
    carry_out(call, &moves);
}

/// Takes an offer back.
#[inline(never)]
pub fn withdraw(call: &Call) -> ! {
    offer::withdraw(&mut Chain, call).or_refuse(Rules);
    OfferWithdrawn { licence: &call.licence }.emit();
    emit_funds(call);
    done()
}

/// Declines an offer.
#[inline(never)]
pub fn decline(call: &Call) -> ! {
    of_licensor(call);
    offer::decline(&mut Chain, call).or_refuse(Rules);
    OfferDeclined { licence: &call.licence, licensor: &call.caller }.emit();
    emit_funds(call);
    done()
}

/// Accepts an option.
#[inline(never)]
pub fn accept(manifests: &Address, call: &Call, option: u8) -> ! {
    of_licensor(call);
    let accepted = offer::accept(&mut Chain, call, option).or_refuse(Rules);
    bind(manifests, call, option, &accepted);
    done()
}

/// An option is binding: tells of it, opens the datasets, or holds them until the licence is in force, and moves the
/// money.
#[inline(never)]
fn bind(manifests: &Address, call: &Call, option: u8, accepted: &Accepted) {
    let (id, licence, terms) = (&call.licence, &accepted.licence, &accepted.terms);
    outside::check_opened(&licence.pool);
    LicenceAccepted {
        licence: id,
        licensor: &licence.licensor,
        option,
        document: &terms.document,
        upfront: terms.upfront,
        period: accepted.period,
        exclusive_until: accepted.exclusive_until,
        fund_by: licence.fund_by,
    }
    .emit();
    let escrow = licence.escrow;
    if escrow > 0 {
        EscrowFunded { licence: id, amount: escrow, escrow }.emit();
    }
    emit_activated(call, licence);
    for dataset in &accepted.datasets {
        outside::check_assigned(manifests, &licence.pool, dataset);
    }
    let in_force = licence.activated_at > 0;
    let until = if in_force { accepted.exclusive_until } else { accepted.held_until };
    outside::occupy(manifests, &accepted.datasets, id, in_force, until);
    carry_out(call, &accepted.moves);
}
