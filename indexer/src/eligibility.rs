//! Whether shares could move: what the pool's `detectTransferRestriction` answers, from the mirror's rows.
//!
//! The order is the contract's (`pool-core`'s `shares::restriction`): recovered accounts, the pool's own books, then
//! the KYC registry, which is asked once for both sides. The rules themselves are `yieldset_rules::compliance`, which
//! the contracts run.

use sqlx::PgConnection;
use yieldset_rules::compliance::{
    HolderView, Jurisdictions, Limits, Locks, Movement, Policy, Record, Requirements, Restriction, Terms,
    pool_restriction, restriction_for,
};

use crate::{
    column::{Addr, Amount, TooLarge},
    project,
};

/// Who says which accounts may hold a pool's shares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Registry {
    /// Nobody is asked.
    None,
    /// A registry whose records are mirrored.
    Mirrored,
    /// A registry whose events are not read here: only the chain knows what it answers.
    Unknown,
}

/// What a pool asks of its holders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Screening {
    /// The registry.
    pub registry: Registry,
    /// Everybody may hold shares but who is frozen or on a sanctions list.
    pub open: bool,
    /// The rest of the policy; everybody with a valid record where none was set.
    pub policy: Policy,
    /// No shares move.
    pub paused: bool,
    /// Accounts with shares.
    pub holders: u32,
    /// Why the pool's rows stand still, where they do: then nothing can be said of it.
    pub fault: Option<String>,
}

/// One side of a movement.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Side {
    /// Shares.
    pub balance: u128,
    /// Of them, frozen by an agent; may be more than it has.
    pub frozen: u128,
    /// Of them, reserved for orders.
    pub reserved: u128,
    /// Of them, locked up.
    pub locks: Locks,
    /// It was replaced by another account.
    pub recovered: bool,
    /// What the registry knows of it; seat and term are not read.
    pub record: Record,
    /// The record was attested by an issuer.
    pub attested: bool,
    /// That issuer is trusted.
    pub trusted: bool,
}

/// What a movement of shares depends on, but for how many they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Eligibility {
    /// The pool.
    pub pool: Screening,
    /// The sender; `None` where shares are issued (from the zero address).
    pub from: Option<Side>,
    /// The recipient; `None` for the zero address, with which the sender alone is asked about.
    pub to: Option<Side>,
    /// Sender and recipient are one account.
    pub is_own: bool,
}

impl Eligibility {
    /// The first reason against moving so many shares at a Unix time in seconds. `None` where it is the registry's to
    /// say and the registry is not mirrored.
    pub fn restriction(&self, shares: u128, now: u64) -> Option<Restriction> {
        // Whoever has the key of a lost account must not move what comes back to it.
        if self.from.is_some_and(|from| from.recovered) {
            return Some(Restriction::SenderFrozen);
        }
        if self.to.is_some_and(|to| to.recovered) {
            return Some(Restriction::RecipientFrozen);
        }
        let own = pool_restriction(self.limits(), &self.movement(shares, now));
        if own != Restriction::None {
            return Some(own);
        }
        match self.pool.registry {
            Registry::None => Some(Restriction::None),
            Registry::Mirrored => Some(self.registry_restriction(now)),
            Registry::Unknown => None,
        }
    }

    fn limits(&self) -> Limits {
        if self.pool.open { Limits::default() } else { self.pool.policy.limits() }
    }

    fn movement(&self, amount: u128, now: u64) -> Movement {
        let view = |side: Side| HolderView {
            balance: side.balance,
            frozen: side.frozen,
            reserved: side.reserved,
            lock: side.locks.whole(now),
        };
        Movement {
            from: self.from.map(view),
            to: self.to.filter(|_| !self.is_own).map(view),
            amount,
            holders: self.pool.holders,
            paused: self.pool.paused,
            now,
        }
    }

    fn registry_restriction(&self, now: u64) -> Restriction {
        let Policy { min_level, accredited_only, allow_list, jurisdictions, .. } = self.pool.policy;
        let jurisdictions = Jurisdictions(jurisdictions);
        let blocked_only = self.pool.open;
        let requirements =
            Requirements { blocked_only, min_level, accredited_only, allow_list, jurisdictions: &jurisdictions };
        // Where an issuer sits does not matter here: a seat of each side's own, whose term lasts where it is trusted.
        let mut terms = Terms::NONE;
        let mut seated = |side: &Side, seat: u8| {
            if side.trusted {
                terms.turn(seat);
            }
            Record { seat: if side.attested { seat } else { 0 }, term: 1, ..side.record }
        };
        let from = self.from.as_ref().map(|side| seated(side, 1));
        let to = self.to.as_ref().map(|side| seated(side, 2));
        restriction_for(from.as_ref(), to.as_ref(), &requirements, &terms, now)
    }
}

/// What to do about a restriction; `None` where there is none.
pub fn remedy(restriction: Restriction) -> Option<&'static str> {
    (restriction != Restriction::None).then(|| yieldset_chain::acts::remedies::of_restriction(restriction as u8))
}

/// What a movement between two accounts depends on, as of the block that the connection shows; `None` for a pool that
/// is not known there.
///
/// # Errors
/// [`sqlx::Error`], also for a row that no contract could have made.
pub async fn load(
    connection: &mut PgConnection,
    pool: Addr,
    from: Addr,
    to: Addr,
) -> sqlx::Result<Option<Eligibility>> {
    let Some((screening, registry)) = screening(connection, pool).await? else { return Ok(None) };
    let from_side = side(connection, pool, registry, from).await?;
    let to_side = side(connection, pool, registry, to).await?;
    Ok(Some(Eligibility { pool: screening, from: from_side, to: to_side, is_own: from == to }))
}

async fn screening(connection: &mut PgConnection, pool: Addr) -> sqlx::Result<Option<(Screening, Addr)>> {
    let row = sqlx::query!(
        r#"SELECT p.kyc AS "kyc: Addr", p.paused, p.holders, c.fault AS "fault?",
                  EXISTS (SELECT FROM contracts r WHERE r.address = p.kyc AND r.kind = 'kyc') AS "is_mirrored!",
                  coalesce(o.open, false) AS "open!", coalesce(o.min_level, 0::smallint) AS "min_level!",
                  coalesce(o.accredited_only, false) AS "accredited_only!",
                  coalesce(o.allow_list, false) AS "allow_list!",
                  o.jurisdictions AS "jurisdictions?", coalesce(o.max_holders, 0) AS "max_holders!",
                  coalesce(o.max_holding, 0) AS "max_holding!: Amount",
                  coalesce(o.lockup_seconds, 0) AS "lockup_seconds!"
           FROM pools p LEFT JOIN contracts c ON c.address = p.address LEFT JOIN policies o ON o.pool = p.address
           WHERE p.address = $1"#,
        pool as _,
    )
    .fetch_optional(connection)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let registry = match (row.kyc == Addr::default(), row.is_mirrored) {
        (true, _) => Registry::None,
        (false, true) => Registry::Mirrored,
        (false, false) => Registry::Unknown,
    };
    let jurisdictions: [u8; 128] = match row.jurisdictions {
        Some(bytes) => bytes.try_into().map_err(|_| broken("a policy's countries"))?,
        None => Policy::OPEN.jurisdictions,
    };
    let policy = Policy {
        min_level: narrow("a policy's level", row.min_level)?,
        accredited_only: row.accredited_only,
        allow_list: row.allow_list,
        jurisdictions,
        max_holders: narrow("a policy's holders", row.max_holders)?,
        max_holding: whole(row.max_holding.to_u128())?,
        lockup_seconds: narrow("a policy's lock-up", row.lockup_seconds)?,
    };
    let holders = narrow("a pool's holders", row.holders)?;
    let screening = Screening { registry, open: row.open, policy, paused: row.paused, holders, fault: row.fault };
    Ok(Some((screening, row.kyc)))
}

/// An account with what the pool and the registry have of it; `None` for the zero address.
async fn side(connection: &mut PgConnection, pool: Addr, registry: Addr, account: Addr) -> sqlx::Result<Option<Side>> {
    if account == Addr::default() {
        return Ok(None);
    }
    let row = sqlx::query!(
        r#"SELECT coalesce(h.balance, 0) AS "balance!: Amount", coalesce(h.frozen, 0) AS "shares_frozen!: Amount",
                  coalesce(h.reserved, 0) AS "reserved!: Amount", coalesce(h.locks, ''::bytea) AS "locks!",
                  coalesce(h.recovered, false) AS "recovered!", coalesce(k.level, 0::smallint) AS "level!",
                  coalesce(k.jurisdiction, 0) AS "jurisdiction!", coalesce(k.accredited, false) AS "accredited!",
                  coalesce(k.expiry, 0) AS "expiry!: Amount", coalesce(k.frozen, false) AS "frozen!",
                  coalesce(k.sanctioned, false) AS "sanctioned!", coalesce(k.attested, false) AS "attested!",
                  EXISTS (SELECT FROM kyc_issuers i
                          WHERE i.registry = k.registry AND i.issuer = k.issuer AND i.trusted) AS "trusted!"
           FROM (SELECT $2::bytea AS account) a LEFT JOIN holders h ON h.pool = $1 AND h.account = a.account
               LEFT JOIN kyc_records k ON k.registry = $3 AND k.account = a.account"#,
        pool as _,
        account as _,
        registry as _,
    )
    .fetch_one(connection)
    .await?;
    let record = Record {
        level: narrow("a record's level", row.level)?,
        jurisdiction: narrow("a record's country", row.jurisdiction)?,
        accredited: row.accredited,
        expiry: whole(row.expiry.to_u64())?,
        frozen: row.frozen,
        sanctioned: row.sanctioned,
        ..Record::default()
    };
    Ok(Some(Side {
        balance: whole(row.balance.to_u128())?,
        frozen: whole(row.shares_frozen.to_u128())?,
        reserved: whole(row.reserved.to_u128())?,
        locks: project::locks(&row.locks).ok_or_else(|| broken("a holder's locks"))?,
        recovered: row.recovered,
        record,
        attested: row.attested,
        trusted: row.trusted,
    }))
}

fn broken(what: &str) -> sqlx::Error {
    sqlx::Error::Decode(format!("{what}: no contract could have made them so").into())
}

fn whole<T>(figure: Result<T, TooLarge>) -> sqlx::Result<T> {
    figure.map_err(|error| sqlx::Error::Decode(error.into()))
}

fn narrow<T, U: TryFrom<T>>(what: &str, figure: T) -> sqlx::Result<U> {
    U::try_from(figure).map_err(|_| broken(what))
}

#[cfg(test)]
mod tests {
    use yieldset_rules::compliance::Lock;

    use super::*;

    const NOW: u64 = 1_000;

    fn holder(balance: u128) -> Side {
        let record = Record { level: 2, jurisdiction: 276, expiry: NOW + 1, ..Record::default() };
        Side { balance, record, ..Side::default() }
    }

    fn asked() -> Eligibility {
        let pool = Screening {
            registry: Registry::Mirrored,
            open: false,
            policy: Policy { max_holders: 2, max_holding: 150, ..Policy::OPEN },
            paused: false,
            holders: 1,
            fault: None,
        };
        Eligibility { pool, from: Some(holder(100)), to: Some(holder(0)), is_own: false }
    }

    /// What the change of one thing makes of a movement of 60 shares, which nothing is against before.
    fn after(change: impl FnOnce(&mut Eligibility)) -> Option<Restriction> {
        let mut asked = asked();
        assert_eq!(asked.restriction(60, NOW), Some(Restriction::None));
        change(&mut asked);
        asked.restriction(60, NOW)
    }

    fn from(asked: &mut Eligibility) -> &mut Side {
        asked.from.as_mut().expect("a sender")
    }

    fn to(asked: &mut Eligibility) -> &mut Side {
        asked.to.as_mut().expect("a recipient")
    }

    /// Proves MIR-2: each row that a restriction depends on gives the contract's code.
    #[test]
    fn each_row_counts() {
        use Restriction as R;
        let lock = |amount, until| Locks::one(Lock { amount, until });
        assert_eq!(after(|a| from(a).recovered = true), Some(R::SenderFrozen));
        assert_eq!(after(|a| to(a).recovered = true), Some(R::RecipientFrozen));
        assert_eq!(after(|a| a.pool.paused = true), Some(R::Paused));
        assert_eq!(after(|a| from(a).balance = 59), Some(R::InsufficientBalance));
        assert_eq!(after(|a| from(a).reserved = 41), Some(R::SharesReserved));
        assert_eq!(after(|a| from(a).frozen = 41), Some(R::PartFrozen));
        assert_eq!(after(|a| from(a).locks = lock(41, NOW + 1)), Some(R::LockedUp));
        assert_eq!(after(|a| from(a).locks = lock(41, NOW)), Some(R::None));
        assert_eq!(after(|a| a.pool.holders = 2), Some(R::TooManyHolders));
        assert_eq!(after(|a| to(a).balance = 91), Some(R::HoldingTooLarge));
        assert_eq!(after(|a| from(a).record.expiry = NOW), Some(R::SenderExpired));
        assert_eq!(after(|a| to(a).record = Record::default()), Some(R::RecipientNotVerified));
        assert_eq!(after(|a| to(a).record.sanctioned = true), Some(R::RecipientSanctioned));
        assert_eq!(after(|a| a.pool.policy.min_level = 3), Some(R::SenderLevelTooLow));
        assert_eq!(after(|a| a.pool.policy.allow_list = true), Some(R::SenderJurisdictionNotAllowed));
        assert_eq!(after(|a| a.pool.policy.accredited_only = true), Some(R::RecipientNotAccredited));
    }

    /// Proves MIR-2: a record that an issuer attested counts while that issuer is trusted, whoever attested the other
    /// side's.
    #[test]
    fn each_sides_issuer_counts_for_its_own() {
        let sides = |a: &mut Eligibility, from_trusted, to_trusted| {
            (from(a).attested, from(a).trusted) = (true, from_trusted);
            (to(a).attested, to(a).trusted) = (true, to_trusted);
        };
        assert_eq!(after(|a| sides(a, true, true)), Some(Restriction::None));
        assert_eq!(after(|a| sides(a, false, true)), Some(Restriction::SenderIssuerRemoved));
        assert_eq!(after(|a| sides(a, true, false)), Some(Restriction::RecipientIssuerRemoved));
    }

    /// Proves MIR-2: the pool's reason comes before the registry's; without a registry nobody is asked, an open pool
    /// asks only for blocks and has no limits, and of a registry that is not mirrored nothing is claimed.
    #[test]
    fn who_is_asked() {
        let stranger = |a: &mut Eligibility| to(a).record = Record::default();
        let crowded = |a: &mut Eligibility| (a.pool.holders, to(a).record.level) = (2, 0);
        assert_eq!(after(crowded), Some(Restriction::TooManyHolders));
        let without = |a: &mut Eligibility| {
            stranger(a);
            a.pool.registry = Registry::None;
        };
        assert_eq!(after(without), Some(Restriction::None));
        let open = |a: &mut Eligibility| {
            stranger(a);
            (a.pool.open, a.pool.holders) = (true, 2);
        };
        assert_eq!(after(open), Some(Restriction::None));
        let open_to_a_frozen = |a: &mut Eligibility| {
            open(a);
            to(a).record.frozen = true;
        };
        assert_eq!(after(open_to_a_frozen), Some(Restriction::RecipientFrozen));
        assert_eq!(after(|a| a.pool.registry = Registry::Unknown), None);
        let unknown_and_paused = |a: &mut Eligibility| (a.pool.registry, a.pool.paused) = (Registry::Unknown, true);
        assert_eq!(after(unknown_and_paused), Some(Restriction::Paused));
    }

    /// Proves MIR-2: issuing has no sender, the zero address is no recipient, and a transfer to oneself meets no limit.
    #[test]
    fn absent_sides_are_not_asked() {
        assert_eq!(after(|a| a.from = None), Some(Restriction::None));
        let issued_to_many = |a: &mut Eligibility| (a.from, a.pool.holders) = (None, 2);
        assert_eq!(after(issued_to_many), Some(Restriction::TooManyHolders));
        let sender_alone = |a: &mut Eligibility| (a.to, a.pool.holders) = (None, 2);
        assert_eq!(after(sender_alone), Some(Restriction::None));
        let to_oneself = |a: &mut Eligibility| (a.to, a.is_own) = (a.from, true);
        assert_eq!(after(to_oneself), Some(Restriction::None));
    }

    /// Every restriction has something to do about it, and none needs nothing.
    #[test]
    fn each_restriction_has_a_remedy() {
        let without: Vec<_> = Restriction::ALL.into_iter().filter(|reason| remedy(*reason).is_none()).collect();
        assert_eq!(without, [Restriction::None]);
    }
}
