//! What keeps shares from moving: frozen by an agent, reserved for orders, locked up after their issue. Each is changed
//! exactly as the contract changes it (`pool-core`'s shares and `pool-logic`'s agents), so that what a transfer would
//! be refused with follows from the rows.

use yieldset_chain::abi::Pool::{
    DelegateChanged, ForcedTransferred, Released, ReservationsEnded, Reserved, TokensFrozen, TokensUnfrozen,
};
use yieldset_rules::compliance::Locks;

use super::{
    Applying, Place,
    holders::{self, Holder},
    issuance::Policy,
    pools::{minus, plus},
};
use crate::{
    column::{Addr, Amount, Hash},
    error::IndexerError,
    rows::fact,
};

fact! {
    /// Part of an account's shares was frozen or unfrozen.
    Freeze in "freezes" {
        pool: Addr,
        account: Addr,
        /// Whether more is frozen than before.
        frozen: bool,
        amount: Amount,
        frozen_after: Amount,
    }
}

fact! {
    /// Shares that an agent moved; the transfer beside it says the same.
    ForcedTransfer in "forced_transfers" {
        pool: Addr,
        sender: Addr,
        recipient: Addr,
        value: Amount,
        reason: Hash,
        agent: Addr,
    }
}

impl Holder {
    /// Its locks, those that have ended included.
    pub fn locks(&self, place: Place) -> Result<Locks, IndexerError> {
        locks(&self.locks).ok_or_else(|| place.diverged("a holder's locks", self.locks.len(), Locks::LEN))
    }

    fn set_locks(&mut self, locks: &Locks) {
        self.locks = if *locks == Locks::default() { Vec::new() } else { locks.to_bytes().to_vec() };
    }
}

/// Locks as a row has them: no bytes for none. `None` for bytes that are none.
pub(crate) fn locks(bytes: &[u8]) -> Option<Locks> {
    match bytes {
        [] => Some(Locks::default()),
        bytes => bytes.try_into().ok().map(Locks::from_bytes),
    }
}

/// The block's time, as contracts are told it.
fn now(place: Place) -> Result<u64, IndexerError> {
    place.fit("the block's time", place.seconds)
}

/// New shares are locked up as the policy says now.
pub(super) async fn issue(
    applying: &mut Applying<'_>,
    pool: Addr,
    account: Addr,
    shares: u128,
) -> Result<(), IndexerError> {
    let place = applying.place;
    let Some(policy) = applying.find::<Policy>((pool,)).await? else { return Ok(()) };
    if policy.lockup_seconds == 0 {
        return Ok(());
    }
    let mut row = holders::load(applying, pool, account).await?;
    let mut locks = row.locks(place)?;
    locks.issue(shares, place.fit("lockupSeconds", policy.lockup_seconds)?, now(place)?);
    row.set_locks(&locks);
    applying.put(row).await
}

/// An agent froze more of an account's shares.
pub(super) async fn freeze(applying: &mut Applying<'_>, pool: Addr, event: &TokensFrozen) -> Result<(), IndexerError> {
    let place = applying.place;
    let amount = place.amount("amount", event.amount)?;
    let mut row = holders::load(applying, pool, event.userAddress.into()).await?;
    row.frozen = plus(place, "frozen", row.frozen, amount)?;
    if row.frozen > row.balance {
        return Err(place.diverged("the frozen shares", row.frozen, format!("at most {}", row.balance)));
    }
    note(applying, &row, true, amount);
    applying.put(row).await
}

/// Shares were unfrozen: by an agent's wish, or because an agent moved them.
pub(super) async fn unfreeze(
    applying: &mut Applying<'_>,
    pool: Addr,
    event: &TokensUnfrozen,
) -> Result<(), IndexerError> {
    let place = applying.place;
    let amount = place.amount("amount", event.amount)?;
    let mut row = holders::load(applying, pool, event.userAddress.into()).await?;
    row.frozen = minus(place, "frozen", row.frozen, amount)?;
    note(applying, &row, false, amount);
    applying.put(row).await
}

fn note(applying: &mut Applying<'_>, row: &Holder, frozen: bool, amount: u128) {
    let (pool, account, frozen_after) = (row.pool, row.account, row.frozen);
    applying.note(Freeze { pool, account, frozen, amount: amount.into(), frozen_after });
}

/// An agent moved shares. Before this the transfer itself was told, what was unfrozen for it, and whether all
/// reservations ended; locks go with their shares, which no event tells.
pub(super) async fn force(
    applying: &mut Applying<'_>,
    pool: Addr,
    event: &ForcedTransferred,
) -> Result<(), IndexerError> {
    let place = applying.place;
    let time = now(place)?;
    let (from, to) = (event.from.into(), event.to.into());
    let mut sender = holders::load(applying, pool, from).await?;
    let balance = place.amount("balance", sender.balance.0)?;
    let reserved = place.amount("reserved", sender.reserved.0)?;
    let mut locks = sender.locks(place)?;
    // Locked shares leave before those on offer, which are others.
    let gone = locks.leave(balance.saturating_sub(reserved), time);
    if gone != Locks::default() {
        sender.set_locks(&locks);
        applying.put(sender).await?;
        let mut recipient = holders::load(applying, pool, to).await?;
        let mut locks = recipient.locks(place)?;
        locks.join(&gone, time);
        recipient.set_locks(&locks);
        applying.put(recipient).await?;
    }
    let value = place.amount("value", event.value)?.into();
    let (reason, agent) = (event.reason.into(), event.agent.into());
    applying.note(ForcedTransfer { pool, sender: from, recipient: to, value, reason, agent });
    Ok(())
}

/// Restraints go with the shares of a recovered account, all of which have moved.
pub(super) fn hand_over(place: Place, lost: &mut Holder, replacement: &mut Holder) -> Result<(), IndexerError> {
    let frozen = place.amount("frozen", lost.frozen.0)?;
    replacement.frozen = plus(place, "frozen", replacement.frozen, frozen)?;
    lost.frozen = Amount::ZERO;
    let moved = lost.locks(place)?;
    if moved != Locks::default() {
        let mut locks = replacement.locks(place)?;
        locks.join(&moved, now(place)?);
        replacement.set_locks(&locks);
        lost.set_locks(&Locks::default());
    }
    lost.recovered = true;
    Ok(())
}

/// Shares were reserved for an order.
pub(super) async fn reserve(applying: &mut Applying<'_>, pool: Addr, event: &Reserved) -> Result<(), IndexerError> {
    let place = applying.place;
    let mut row = holders::load(applying, pool, event.owner.into()).await?;
    row.reserved = plus(place, "reserved", row.reserved, place.amount("value", event.value)?)?;
    place.same("reserved", row.reserved, event.reserved.into())?;
    applying.put(row).await
}

/// Reserved shares were given back, or left with a delivery, whose transfer was told just before.
pub(super) async fn release(applying: &mut Applying<'_>, pool: Addr, event: &Released) -> Result<(), IndexerError> {
    let place = applying.place;
    let mut row = holders::load(applying, pool, event.owner.into()).await?;
    row.reserved = minus(place, "reserved", row.reserved, place.amount("value", event.value)?)?;
    place.same("reserved", row.reserved, event.reserved.into())?;
    applying.put(row).await
}

/// All reservations of an account ended.
pub(super) async fn end_reservations(
    applying: &mut Applying<'_>,
    pool: Addr,
    event: &ReservationsEnded,
) -> Result<(), IndexerError> {
    let mut row = holders::load(applying, pool, event.owner.into()).await?;
    applying.place.same("the reserved shares that ended", Amount::from(event.value), row.reserved)?;
    row.reserved = Amount::ZERO;
    applying.put(row).await
}

/// An account's shares vote for another from now on, or for itself again.
pub(super) async fn delegate(
    applying: &mut Applying<'_>,
    pool: Addr,
    event: &DelegateChanged,
) -> Result<(), IndexerError> {
    let delegator = Addr::from(event.delegator);
    let mut row = holders::load(applying, pool, delegator).await?;
    applying.place.same("fromDelegate", event.fromDelegate.into(), row.delegate.unwrap_or(delegator))?;
    row.delegate = (event.toDelegate != event.delegator).then_some(event.toDelegate.into());
    applying.put(row).await
}

#[cfg(test)]
mod tests {
    use time::Date;
    use yieldset_chain::Address;
    use yieldset_rules::compliance::Lock;

    use super::*;

    const PLACE: Place =
        Place { contract: Address::ZERO, block: 7, event_index: 0, seconds: 1_000, month: Date::MIN, known_since: 7 };

    fn holder(frozen: u128, locks: &Locks) -> Holder {
        let mut holder = Holder::stranger(Addr::default(), Addr::default());
        holder.frozen = frozen.into();
        holder.set_locks(locks);
        holder
    }

    /// Proves MIR-2: a recovery is no way out of a freeze or a lock-up in the rows either; what has ended stays behind.
    #[test]
    fn restraints_follow_a_recovery() {
        let mut lockups = Locks::one(Lock { amount: 3, until: 1_000 });
        lockups.join(&Locks::one(Lock { amount: 20, until: 1_001 }), 0);
        let mut lost = holder(5, &lockups);
        let mut replacement = holder(2, &Locks::one(Lock { amount: 4, until: 1_500 }));
        hand_over(PLACE, &mut lost, &mut replacement).expect("both have what a contract gave them");
        assert_eq!((lost.frozen, lost.locks.len(), lost.recovered), (Amount::ZERO, 0, true));
        let moved = replacement.locks(PLACE).expect("locks");
        assert_eq!((moved.at(1_000), moved.at(1_001), moved.at(1_500)), (24, 4, 0));
        assert_eq!((replacement.frozen, replacement.recovered), (Amount::from(7u64), false));
    }

    /// Proves MIR-4: bytes that are no locks are told, and none read as some.
    #[test]
    fn locks_are_all_or_none() {
        assert_eq!(locks(&[]), Some(Locks::default()));
        assert_eq!(locks(&[0; Locks::LEN]), Some(Locks::default()));
        assert_eq!((locks(&[0; 1]), locks(&[0; Locks::LEN + 1])), (None, None));
    }
}
