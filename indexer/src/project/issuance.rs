//! What a pool's issuer, governor and officers set: cap, sale, policy, the currency's least balance, a pause.

use yieldset_chain::abi::Pool::{PolicySet, SaleSet, SharesSold};

use super::{
    Applying,
    pools::{self, plus},
};
use crate::{
    column::{Addr, Amount},
    error::IndexerError,
    rows::versioned,
};

versioned! {
    /// The sale of shares before the opening, as it was set last.
    Sale in "sales" {
        pool: Addr;
        price: Amount,
        shares_left: Amount,
        sold: Amount,
        raised: Amount,
        starts: Amount,
        ends: Amount,
        proceeds_to: Addr,
    }
}

versioned! {
    /// Who may hold shares, as it was set last.
    Policy in "policies" {
        pool: Addr;
        open: bool,
        min_level: i16,
        accredited_only: bool,
        allow_list: bool,
        jurisdictions: Vec<u8>,
        max_holders: i64,
        max_holding: Amount,
        lockup_seconds: i64,
    }
}

/// A figure of the pool's row that one event gives.
pub(super) enum Setting {
    /// The most shares there will be.
    Cap(Amount),
    /// The least balance that the currency lets an account have.
    Minimum(Amount),
    /// Whether it is paused.
    Paused(bool),
}

/// Sets one.
pub(super) async fn set(applying: &mut Applying<'_>, pool: Addr, setting: Setting) -> Result<(), IndexerError> {
    let mut row = pools::load(applying, pool).await?;
    match setting {
        Setting::Cap(cap) => row.cap = Some(cap),
        Setting::Minimum(minimum) => row.currency_minimum = minimum,
        Setting::Paused(paused) => row.paused = paused,
    }
    applying.put(row).await
}

/// What is sold from now on; what was sold before stays counted.
pub(super) async fn sale(applying: &mut Applying<'_>, pool: Addr, event: &SaleSet) -> Result<(), IndexerError> {
    let place = applying.place;
    let before = applying.find::<Sale>((pool,)).await?;
    let (sold, raised) = before.map_or((Amount::ZERO, Amount::ZERO), |sale| (sale.sold, sale.raised));
    let sale = Sale {
        pool,
        price: place.amount("price", event.price)?.into(),
        shares_left: place.amount("cap", event.cap)?.into(),
        sold,
        raised,
        starts: event.starts.into(),
        ends: event.ends.into(),
        proceeds_to: event.proceedsTo.into(),
    };
    applying.put(sale).await
}

/// The opening ends the sale: what is left of it is sold to nobody, which no event of the sale's own tells.
pub(super) async fn end_sale(applying: &mut Applying<'_>, pool: Addr) -> Result<(), IndexerError> {
    match applying.find::<Sale>((pool,)).await? {
        Some(sale) if sale.shares_left != Amount::ZERO => {
            applying.put(Sale { shares_left: Amount::ZERO, ..sale }).await
        }
        _ => Ok(()),
    }
}

/// Shares sold, for money that never was the pool's.
pub(super) async fn sold(applying: &mut Applying<'_>, pool: Addr, event: &SharesSold) -> Result<(), IndexerError> {
    let place = applying.place;
    let (shares, left) = (place.amount("value", event.value)?, place.amount("left", event.left)?);
    let mut sale = applying.known::<Sale>("a sale", (pool,)).await?;
    let before = Amount::from(place.add("the shares before the sale", left, shares)?);
    place.same("the shares left and sold", before, sale.shares_left)?;
    sale.shares_left = left.into();
    sale.sold = plus(place, "sold", sale.sold, shares)?;
    sale.raised = plus(place, "raised", sale.raised, place.amount("cost", event.cost)?)?;
    applying.put(sale).await
}

/// Who may hold shares from now on.
pub(super) async fn policy(applying: &mut Applying<'_>, pool: Addr, event: &PolicySet) -> Result<(), IndexerError> {
    let policy = Policy {
        pool,
        open: event.open,
        min_level: event.minLevel.into(),
        accredited_only: event.accreditedOnly,
        allow_list: event.allowList,
        jurisdictions: event.jurisdictions.concat(),
        max_holders: event.maxHolders.into(),
        max_holding: applying.place.amount("maxHolding", event.maxHolding)?.into(),
        lockup_seconds: event.lockupSeconds.into(),
    };
    applying.put(policy).await
}
