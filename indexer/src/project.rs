//! From blocks to rows. One block is one database transaction: its row (which is the cursor), its events in the
//! journal, and all rows that follow from them. A crash anywhere leaves a block applied whole or not at all, so no row
//! is there twice and none is missing.
//!
//! Only finalised blocks are applied. Rows of the best chain will need the state before each block to go back to; the
//! journal (every row names its event) and [`apply`]'s check of the parent are the place for that.

mod claims;
mod coop;
mod deposits;
mod holders;
mod issuance;
mod journal;
mod kyc;
mod ledger;
mod licences;
mod manifests;
mod market;
mod pools;
mod proof;
mod reports;
mod successors;
mod waiting;

use std::fmt::Display;

use sqlx::{PgConnection, PgPool};
use yieldset_chain::{
    Address, BlockRef, ContractEvent, Deployment, Event,
    abi::{Access::AccessEvents, Kyc::KycEvents, Licence::LicenceEvents, Pool::PoolEvents},
    deployment,
};

pub use proof::{AcceptedTerms, accepted};
pub use successors::{adopted, has_books};

use self::{holders::amount, issuance::Setting, successors::Followed};
use crate::{
    column::{Amount, Hash},
    error::IndexerError,
    store,
};

/// A block with the events of contracts in it, ours or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// Its place in the chain.
    pub at: BlockRef,
    /// In order.
    pub events: Vec<ContractEvent>,
    /// What contracts that the block makes ours emitted in earlier blocks ([`adopted`]), in order.
    pub earlier: Vec<ContractEvent>,
    /// The terms of the licences that were accepted in it ([`accepted`]).
    pub terms: AcceptedTerms,
}

/// What [`apply`] did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Applied {
    /// The block is new here.
    Now {
        /// Events of ours that were journaled.
        events: u64,
        /// Those among them that are not understood.
        unknown: u64,
    },
    /// The block was here already; nothing was changed.
    Before,
}

/// Where an event is, as rows name it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    /// The contract that emitted it.
    contract: Address,
    block: i64,
    event_index: i64,
    /// The block's time in seconds.
    seconds: i64,
}

impl Place {
    /// The error for a figure that the rules compute differently.
    fn diverged(self, what: &'static str, got: impl Display, expected: impl Display) -> IndexerError {
        IndexerError::Diverged {
            block: u64::try_from(self.block).unwrap_or(0),
            event_index: u32::try_from(self.event_index).unwrap_or(0),
            what,
            got: got.to_string(),
            expected: expected.to_string(),
        }
    }

    /// `Ok` where both are the same.
    fn same<T: PartialEq + Display>(self, what: &'static str, got: T, expected: T) -> Result<(), IndexerError> {
        if got == expected { Ok(()) } else { Err(self.diverged(what, got, expected)) }
    }

    /// `Ok` where a statement met the one row that an event speaks of.
    fn one(self, rows: u64, what: &'static str, got: impl Display, expected: impl Display) -> Result<(), IndexerError> {
        if rows == 1 { Ok(()) } else { Err(self.diverged(what, got, expected)) }
    }

    /// A figure that must fit a narrower type.
    fn fit<T, U>(self, what: &'static str, value: T) -> Result<U, IndexerError>
    where
        T: Display + Copy,
        U: TryFrom<T>,
    {
        U::try_from(value).map_err(|_| self.diverged(what, "a smaller number", value))
    }
}

/// For `map_err` on the statements of the projection.
pub(crate) fn db(source: sqlx::Error) -> IndexerError {
    IndexerError::Database { during: "applying a block", source }
}

/// Applies a finalised block, whole or not at all. The same block again changes nothing.
///
/// # Errors
/// [`IndexerError::Gap`], [`IndexerError::ParentMismatch`], [`IndexerError::OtherHistory`] where it is not the next
/// one; [`IndexerError::Diverged`] where the rules and the contract disagree; [`IndexerError::Database`]. Nothing is
/// changed then.
pub async fn apply(pool: &PgPool, deployment: &Deployment, block: &Block) -> Result<Applied, IndexerError> {
    let mut transaction = pool.begin().await.map_err(db)?;
    // Two processes on one database take turns here, and the second finds the block applied.
    sqlx::query!("SELECT start_block FROM deployment FOR UPDATE").fetch_one(&mut *transaction).await.map_err(db)?;
    let tip = store::tip(&mut transaction).await.map_err(db)?;
    if follows(&mut transaction, deployment, &block.at, tip).await? == Follows::AlreadyHere {
        return Ok(Applied::Before);
    }
    let (number, time_ms) = insert_block(&mut transaction, &block.at).await?;
    let (mut events, mut unknown) = (0, 0);
    // A successor's events count from the block on in which it is adopted, and what it emitted before counts there.
    let mut followed = Followed::load(&mut transaction, deployment).await?;
    // A contract that was followed before, and is put back, has its events here already.
    let earlier: Vec<_> = block.earlier.iter().filter(|event| followed.name(event.address).is_none()).collect();
    followed.adopt(block);
    for event in earlier.into_iter().chain(&block.events) {
        let Some(name) = followed.name(event.address) else { continue };
        let (number, time_ms) = match event.block_number == block.at.number {
            true => (number, time_ms),
            false => successors::block_of(&mut transaction, event).await?,
        };
        let (contract, event_index) = (event.address, i64::from(event.event_index));
        let place = Place { contract, block: number, event_index, seconds: time_ms / 1_000 };
        events += 1;
        let ours = Ours { deployment, followed: &followed, terms: &block.terms };
        unknown += u64::from(!apply_event(&mut transaction, ours, (place, name), event).await?);
    }
    // Deferred checks run here: a ledger that does not balance takes the whole block back.
    transaction.commit().await.map_err(db)?;
    Ok(Applied::Now { events, unknown })
}

#[derive(PartialEq, Eq)]
enum Follows {
    Next,
    AlreadyHere,
}

/// Whether the block is the next one, by height and by its parent's hash.
async fn follows(
    connection: &mut PgConnection,
    deployment: &Deployment,
    at: &BlockRef,
    tip: Option<store::Tip>,
) -> Result<Follows, IndexerError> {
    let Some(tip) = tip else {
        let expected = deployment.start_block;
        return if at.number == expected {
            Ok(Follows::Next)
        } else {
            Err(IndexerError::Gap { got: at.number, expected })
        };
    };
    let last = u64::try_from(tip.number).unwrap_or(0);
    if at.number > last + 1 {
        return Err(IndexerError::Gap { got: at.number, expected: last + 1 });
    }
    if at.number == last + 1 {
        return match at.parent == tip.hash.0 {
            true => Ok(Follows::Next),
            false => Err(IndexerError::ParentMismatch {
                number: at.number,
                before: last,
                got: at.parent,
                expected: tip.hash.0,
            }),
        };
    }
    let number = i64::try_from(at.number).unwrap_or(i64::MAX);
    let here = sqlx::query_scalar!(r#"SELECT hash AS "hash: Hash" FROM blocks WHERE number = $1"#, number)
        .fetch_optional(connection)
        .await
        .map_err(db)?;
    match here {
        Some(hash) if hash.0 == at.hash => Ok(Follows::AlreadyHere),
        Some(hash) => Err(IndexerError::OtherHistory { number: at.number, got: at.hash, expected: hash.0 }),
        None => Err(IndexerError::Gap { got: at.number, expected: last + 1 }),
    }
}

async fn insert_block(connection: &mut PgConnection, at: &BlockRef) -> Result<(i64, i64), IndexerError> {
    let block = i64::try_from(at.number).unwrap_or(i64::MAX);
    let place = Place { contract: Address::ZERO, block, event_index: 0, seconds: 0 };
    let (number, time_ms): (i64, i64) = (place.fit("the height", at.number)?, place.fit("the time", at.timestamp_ms)?);
    sqlx::query!(
        "INSERT INTO blocks (number, hash, parent, time_ms, finalised) VALUES ($1, $2, $3, $4, TRUE)",
        number,
        at.hash.as_slice(),
        at.parent.as_slice(),
        time_ms,
    )
    .execute(connection)
    .await
    .map_err(db)?;
    Ok((number, time_ms))
}

/// What an event is read by, beside itself.
#[derive(Clone, Copy)]
struct Ours<'a> {
    deployment: &'a Deployment,
    followed: &'a Followed,
    terms: &'a AcceptedTerms,
}

/// Journals an event and projects it. `false` where it is journaled as unknown and nothing follows from it.
///
/// An event counts only from the contract it belongs to: `kyc` emitting a `Transfer` moves no shares.
async fn apply_event(
    connection: &mut PgConnection,
    ours: Ours<'_>,
    (place, name): (Place, &'static str),
    event: &ContractEvent,
) -> Result<bool, IndexerError> {
    let mut entry = match (&event.event, name) {
        (Event::Pool(_), "pool")
        | (Event::Kyc(_), "kyc")
        | (Event::Manifests(_), "manifests")
        | (Event::Licence(_), "licence")
        | (Event::Market(_), "market")
        | (Event::Factory(_), "factory")
        | (Event::Coop(_), "coop") => journal::describe(&event.event),
        (Event::Attribution(inner), "attribution") => match reports::readable(ours.deployment, event.address, inner) {
            Ok(()) => journal::describe(&event.event),
            Err(reason) => journal::unknown(&event.event, &reason),
        },
        // Every contract of ours with roles tells of them alike.
        (Event::Access(_), _) => journal::describe(&event.event),
        (Event::Unknown { .. }, _) => journal::unknown(&event.event, "no event of this contract"),
        _ => journal::unknown(&event.event, "an event of another contract"),
    };
    let terms = match &event.event {
        Event::Licence(LicenceEvents::LicenceAccepted(accepted)) => ours.terms.get(&accepted.licence),
        _ => None,
    };
    if let (Some(terms), true) = (terms, entry.known) {
        entry.payload["terms"] = terms.iter().map(ToString::to_string).collect();
    }
    journal::insert(connection, place, name, event, &entry).await?;
    if !entry.known {
        tracing::warn!(block = place.block, event = place.event_index, contract = name, "unknown event journaled");
        return Ok(false);
    }
    match &event.event {
        Event::Pool(PoolEvents::SuccessorAdopted(adopted)) => {
            pools::adopt(connection, place, event.address, adopted).await?;
            ours.followed.note(connection, place, adopted).await?;
        }
        Event::Pool(inner) => apply_pool(connection, place, event.address, inner).await?,
        Event::Kyc(inner) => apply_kyc(connection, place, inner).await?,
        Event::Access(inner) => apply_access(connection, place, name, inner).await?,
        Event::Manifests(inner) => manifests::apply(connection, place, inner).await?,
        // Which contracts there are, the deployment says.
        Event::Factory(_) => {}
        Event::Attribution(inner) => reports::apply(connection, place, ours.deployment, inner).await?,
        Event::Licence(inner) => licences::apply(connection, place, inner, terms.map(Vec::as_slice)).await?,
        Event::Market(inner) => market::apply(connection, place, inner).await?,
        Event::Coop(inner) => coop::apply(connection, place, inner).await?,
        Event::Unknown { .. } => {}
    }
    Ok(true)
}

async fn apply_kyc(connection: &mut PgConnection, place: Place, event: &KycEvents) -> Result<(), IndexerError> {
    match event {
        KycEvents::RecordSet(set) => kyc::set(connection, place, set).await,
        KycEvents::RecordRevoked(revoked) => kyc::revoke(connection, place, revoked).await,
        KycEvents::TrustedIssuerAdded(added) => kyc::trust(connection, place, added).await,
        KycEvents::TrustedIssuerRemoved(removed) => kyc::distrust(connection, place, removed).await,
        // What they change is in the RecordSet beside them.
        KycEvents::AddressFrozen(_) | KycEvents::AddressSanctioned(_) | KycEvents::AccountRecovered(_) => Ok(()),
    }
}

async fn apply_access(
    connection: &mut PgConnection,
    place: Place,
    contract: &str,
    event: &AccessEvents,
) -> Result<(), IndexerError> {
    let (role, account, active) = match event {
        AccessEvents::RoleGranted(granted) => (granted.role, granted.account, true),
        AccessEvents::RoleRevoked(revoked) => (revoked.role, revoked.account, false),
        AccessEvents::DefaultAdminTransferStarted(_) => return Ok(()),
    };
    if contract == "kyc" && role == deployment::role("AGENT_ROLE") {
        kyc::agent(connection, place, account, active).await?;
    }
    Ok(())
}

async fn apply_pool(
    connection: &mut PgConnection,
    place: Place,
    pool: Address,
    event: &PoolEvents,
) -> Result<(), IndexerError> {
    match event {
        PoolEvents::PoolCreated(created) => pools::create(connection, place, pool, created).await,
        PoolEvents::Transfer(transfer) => holders::transfer(connection, place, pool, transfer).await,
        PoolEvents::Approval(approval) => holders::approve(connection, place, pool, approval).await,
        PoolEvents::Deposited(deposited) => deposits::deposit(connection, place, pool, deposited).await,
        PoolEvents::WaitingCarried(carried) => waiting::carry(connection, place, pool, carried).await,
        PoolEvents::WaitingReleased(released) => waiting::release(connection, place, pool, released).await,
        PoolEvents::DividendClaimed(claimed) => claims::dividend(connection, place, pool, claimed).await,
        PoolEvents::ContributionClaimed(claimed) => claims::contribution(connection, place, pool, claimed).await,
        PoolEvents::AccountRecovered(recovered) => holders::recover(connection, place, pool, recovered).await,
        PoolEvents::ClaimSkipped(skipped) => claims::skip(connection, place, pool, skipped).await,
        PoolEvents::RootKept(kept) => claims::keep_root(connection, place, pool, kept).await,
        PoolEvents::Opened(opened) => pools::open(connection, place, pool, opened).await,
        PoolEvents::CapRaised(raised) => {
            let cap = Setting::Cap(amount(place, "cap", raised.cap)?.into());
            issuance::set(connection, place, pool, cap).await
        }
        PoolEvents::MinimumDeclared(declared) => {
            let minimum = Amount::from(amount(place, "minimum", declared.minimum)?);
            issuance::set(connection, place, pool, Setting::Minimum(minimum)).await
        }
        PoolEvents::Paused(_) => issuance::set(connection, place, pool, Setting::Paused(true)).await,
        PoolEvents::Unpaused(_) => issuance::set(connection, place, pool, Setting::Paused(false)).await,
        PoolEvents::PolicySet(set) => issuance::policy(connection, place, pool, set).await,
        PoolEvents::SaleSet(set) => issuance::sale(connection, place, pool, set).await,
        PoolEvents::SharesSold(sold) => issuance::sold(connection, place, pool, sold).await,
        // An adoption was applied before this was asked. Of the others no figure of the books depends.
        PoolEvents::SuccessorAdopted(_)
        | PoolEvents::SuccessorProposed(_)
        | PoolEvents::DelegateChanged(_)
        | PoolEvents::ForcedTransferred(_)
        | PoolEvents::Released(_)
        | PoolEvents::ReservationsEnded(_)
        | PoolEvents::Reserved(_)
        | PoolEvents::TokensFrozen(_)
        | PoolEvents::TokensUnfrozen(_) => Ok(()),
    }
}
