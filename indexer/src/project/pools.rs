//! A pool's totals and dividend index, and which contracts it works with.

use yieldset_chain::abi::Pool::{Opened, PoolCreated, PoolEvents, SuccessorAdopted};
use yieldset_rules::{dividends::Accumulator, succession::Part};

use super::{
    Applying, Place, claims, deposits, holders,
    issuance::{self, Setting},
    restraints, waiting,
};
use crate::{
    column::{Addr, Amount, label},
    error::IndexerError,
    rows::versioned,
};

versioned! {
    /// What the contract keeps in its root cell, and its parts.
    Pool in "pools" {
        address: Addr;
        kyc: Addr,
        attribution: Addr,
        /// Unknown before the opening.
        licences: Option<Addr>,
        currency: Addr,
        currency_minimum: Amount,
        cap: Option<Amount>,
        governor: Option<Addr>,
        paused: bool,
        contributors_bps: i32,
        name: String,
        symbol: String,
        supply: Amount,
        dividend_index: Amount,
        carry: Amount,
        to_holders: Amount,
        to_contributors: Amount,
        claimed_by_holders: Amount,
        claimed_by_contributors: Amount,
        /// Accounts with shares.
        holders: i64,
        /// Whether a period can have several books ([`yieldset_rules::waiting`]).
        books: bool,
        created_block: i64,
    }
}

impl Pool {
    /// As the rules take it.
    pub fn dividends(&self, place: Place) -> Result<Accumulator, IndexerError> {
        let index = place.amount("index", self.dividend_index.0)?;
        Ok(Accumulator { index, carry: place.amount("carry", self.carry.0)? })
    }

    /// Shares money out over all shares. The index afterwards must be the contract's.
    pub fn distribute(&mut self, place: Place, amount: u128, told: Amount) -> Result<(), IndexerError> {
        let mut dividends = self.dividends(place)?;
        let supply = place.amount("supply", self.supply.0)?;
        dividends.distribute(amount, supply).map_err(|error| place.diverged("index", format!("{error:?}"), told))?;
        place.same("index", Amount::from(dividends.index), told)?;
        (self.dividend_index, self.carry) = (dividends.index.into(), dividends.carry.into());
        Ok(())
    }

    /// Counts an account that came to hold shares or ceased to.
    pub fn count(&mut self, place: Place, before: u128, after: u128) -> Result<(), IndexerError> {
        let holders = match (before, after) {
            (0, 1..) => self.holders.checked_add(1),
            (1.., 0) => self.holders.checked_sub(1),
            _ => Some(self.holders),
        };
        let off = || place.diverged("the number of holders", self.holders, "another");
        self.holders = holders.filter(|holders| *holders >= 0).ok_or_else(off)?;
        Ok(())
    }
}

/// The sum of an amount in a row and another, which the contract would have refused to let overflow.
pub(super) fn plus(place: Place, what: &'static str, a: Amount, b: u128) -> Result<Amount, IndexerError> {
    Ok(place.add(what, place.amount(what, a.0)?, b)?.into())
}

/// The difference of an amount in a row and another that is no larger.
pub(super) fn minus(place: Place, what: &'static str, a: Amount, b: u128) -> Result<Amount, IndexerError> {
    let difference = place.amount(what, a.0)?.checked_sub(b);
    difference.map(Amount::from).ok_or_else(|| place.diverged(what, a, format!("at least {b}")))
}

/// The pool that an event is of.
pub(super) async fn load(applying: &mut Applying<'_>, pool: Addr) -> Result<Pool, IndexerError> {
    applying.known::<Pool>("the pool", (pool,)).await
}

/// Applies an event of a pool.
pub(super) async fn apply(applying: &mut Applying<'_>, pool: Addr, event: &PoolEvents) -> Result<(), IndexerError> {
    let place = applying.place;
    match event {
        PoolEvents::PoolCreated(created) => create(applying, pool, created).await,
        PoolEvents::Transfer(transfer) => holders::transfer(applying, pool, transfer).await,
        PoolEvents::Approval(approval) => {
            holders::approve(applying, pool, approval);
            Ok(())
        }
        PoolEvents::Deposited(deposited) => deposits::deposit(applying, pool, deposited).await,
        PoolEvents::WaitingCarried(carried) => waiting::carry(applying, pool, carried).await,
        PoolEvents::WaitingReleased(released) => waiting::release(applying, pool, released).await,
        PoolEvents::DividendClaimed(claimed) => claims::dividend(applying, pool, claimed).await,
        PoolEvents::ContributionClaimed(claimed) => claims::contribution(applying, pool, claimed).await,
        PoolEvents::AccountRecovered(recovered) => holders::recover(applying, pool, recovered).await,
        PoolEvents::ClaimSkipped(skipped) => claims::skip(applying, pool, skipped).await,
        PoolEvents::RootKept(kept) => claims::keep_root(applying, pool, kept).await,
        PoolEvents::Opened(opened) => open(applying, pool, opened).await,
        PoolEvents::CapRaised(raised) => {
            let cap = place.amount("cap", raised.cap)?;
            issuance::set(applying, pool, Setting::Cap(cap.into())).await
        }
        PoolEvents::MinimumDeclared(declared) => {
            let minimum = place.amount("minimum", declared.minimum)?;
            issuance::set(applying, pool, Setting::Minimum(minimum.into())).await
        }
        PoolEvents::Paused(_) => issuance::set(applying, pool, Setting::Paused(true)).await,
        PoolEvents::Unpaused(_) => issuance::set(applying, pool, Setting::Paused(false)).await,
        PoolEvents::PolicySet(set) => issuance::policy(applying, pool, set).await,
        PoolEvents::SaleSet(set) => issuance::sale(applying, pool, set).await,
        PoolEvents::SharesSold(sold) => issuance::sold(applying, pool, sold).await,
        PoolEvents::SuccessorAdopted(adopted) => adopt(applying, pool, adopted).await,
        PoolEvents::TokensFrozen(frozen) => restraints::freeze(applying, pool, frozen).await,
        PoolEvents::TokensUnfrozen(unfrozen) => restraints::unfreeze(applying, pool, unfrozen).await,
        PoolEvents::ForcedTransferred(forced) => restraints::force(applying, pool, forced).await,
        PoolEvents::Reserved(reserved) => restraints::reserve(applying, pool, reserved).await,
        PoolEvents::Released(released) => restraints::release(applying, pool, released).await,
        PoolEvents::ReservationsEnded(ended) => restraints::end_reservations(applying, pool, ended).await,
        PoolEvents::DelegateChanged(changed) => restraints::delegate(applying, pool, changed).await,
        // Nothing is another before it is adopted.
        PoolEvents::SuccessorProposed(_) => Ok(()),
    }
}

async fn create(applying: &mut Applying<'_>, pool: Addr, created: &PoolCreated) -> Result<(), IndexerError> {
    let place = applying.place;
    if applying.find::<Pool>((pool,)).await?.is_some() {
        return Err(place.diverged("a pool", "created again", "created once"));
    }
    let new = Pool {
        address: pool,
        kyc: created.kyc.into(),
        attribution: created.attribution.into(),
        licences: None,
        currency: created.currency.into(),
        currency_minimum: Amount::ZERO,
        cap: None,
        governor: None,
        paused: false,
        contributors_bps: created.contributorsBps.into(),
        name: label(&created.name),
        symbol: label(&created.symbol),
        supply: Amount::ZERO,
        dividend_index: Amount::ZERO,
        carry: Amount::ZERO,
        to_holders: Amount::ZERO,
        to_contributors: Amount::ZERO,
        claimed_by_holders: Amount::ZERO,
        claimed_by_contributors: Amount::ZERO,
        holders: 0,
        books: false,
        created_block: place.block,
    };
    applying.put(new).await
}

/// From its opening on a pool has a licence contract, or none for good but by adoption.
async fn open(applying: &mut Applying<'_>, pool: Addr, opened: &Opened) -> Result<(), IndexerError> {
    let place = applying.place;
    let row = load(applying, pool).await?;
    place.same("supply", Amount::from(opened.supply), row.supply)?;
    let cap = Some(place.amount("cap", opened.cap)?.into());
    let licences = (!opened.licences.is_zero()).then_some(opened.licences.into());
    issuance::end_sale(applying, pool).await?;
    applying.put(Pool { licences, cap, governor: Some(opened.governor.into()), ..row }).await
}

/// A successor of one of the pool's parts. Its logic is no column.
async fn adopt(applying: &mut Applying<'_>, pool: Addr, adopted: &SuccessorAdopted) -> Result<(), IndexerError> {
    let mut row = load(applying, pool).await?;
    let successor = Addr::from(adopted.successor);
    match Part::from_number(adopted.part) {
        Ok(Part::Kyc) => row.kyc = successor,
        Ok(Part::Attribution) => (row.attribution, row.books) = (successor, true),
        Ok(Part::Licences) => (row.licences, row.books) = (Some(successor), true),
        Ok(Part::Logic) => {}
        Err(_) => return Err(applying.place.diverged("a pool's part", adopted.part, "0 to 3")),
    }
    applying.put(row).await
}

#[cfg(test)]
mod tests {
    use time::Date;
    use yieldset_chain::Address;

    use super::*;

    const PLACE: Place =
        Place { contract: Address::ZERO, block: 7, event_index: 0, seconds: 1_000, month: Date::MIN, known_since: 7 };

    fn pool() -> Pool {
        Pool {
            address: Addr::default(),
            kyc: Addr::default(),
            attribution: Addr::default(),
            licences: None,
            currency: Addr::default(),
            currency_minimum: Amount::ZERO,
            cap: None,
            governor: None,
            paused: false,
            contributors_bps: 0,
            name: String::new(),
            symbol: String::new(),
            supply: 4u64.into(),
            dividend_index: Amount::ZERO,
            carry: Amount::ZERO,
            to_holders: Amount::ZERO,
            to_contributors: Amount::ZERO,
            claimed_by_holders: Amount::ZERO,
            claimed_by_contributors: Amount::ZERO,
            holders: 0,
            books: false,
            created_block: 1,
        }
    }

    /// Proves MIR-2: an account is a holder from its first share to its last.
    #[test]
    fn holders_are_who_has_shares() {
        let mut pool = pool();
        let mut counts = Vec::new();
        for (before, after) in [(0, 0), (0, 9), (9, 5), (0, 1), (5, 0)] {
            pool.count(PLACE, before, after).expect("a count");
            counts.push(pool.holders);
        }
        assert_eq!(counts, [0, 1, 1, 2, 1]);
        pool.count(PLACE, 1, 0).expect("a count");
        assert!(pool.count(PLACE, 1, 0).is_err());
    }

    /// Proves MIR-4: an index that the rules do not compute is refused, and nothing is shared out then.
    #[test]
    fn another_index_does_not_fit() {
        let mut shared = pool();
        let index = Amount::from(2u128 << 64);
        assert!(shared.distribute(PLACE, 8, Amount::from(1u64)).is_err());
        assert_eq!(shared, pool());
        shared.distribute(PLACE, 8, index).expect("two for each share");
        assert_eq!(shared.dividend_index, index);
    }
}
