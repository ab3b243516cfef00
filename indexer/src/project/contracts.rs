//! Which contracts are ours: the deployment's, those that its factory lists with every pool, and those that a pool's
//! holders put in the place of one or that it was opened with. One that was replaced is followed on: what it says of
//! its own accounts and reports stays true, and every row names its contract.

use std::collections::{BTreeMap, HashMap};

use yieldset_chain::{
    Address, ContractEvent, Deployment, Event,
    abi::{
        Factory::{FactoryEvents, PoolListed},
        Pool::{Opened, PoolEvents, SuccessorAdopted},
    },
};
use yieldset_rules::succession;

use super::Applying;
use crate::{
    column::{Addr, Hash, storable},
    error::IndexerError,
    rows::{fact, versioned},
};

versioned! {
    /// A contract whose events are read.
    Contract in "contracts" {
        address: Addr,
        /// `pool`, `kyc`, `manifests`, `attribution`, `licence`, `market`, `factory` or `coop`.
        kind: String;
        /// The pool that it belongs to, unless many share it.
        pool: Option<Addr>,
        /// `deployment`, `factory` or `adopted`.
        origin: String,
        code: Option<Hash>,
        /// Why its events are journaled and not read any more.
        fault: Option<String>,
        fault_block: Option<i64>,
        /// Events of it that could not be read.
        unread: i64,
    }
}

versioned! {
    /// A contract that a pool works with, or once did.
    Part in "parts" { pool: Addr, contract: Addr; kind: String }
}

versioned! {
    /// A pool as the factory lists it.
    PoolListing in "pool_listings" {
        pool: Addr;
        factory: Addr,
        number: i64,
        creator: Addr,
        coop: Addr,
        created: bool,
    }
}

versioned! {
    /// What money is called.
    Currency in "currencies" { currency: Addr; symbol: String, decimals: i16, readable: bool }
}

fact! {
    /// An account that an event names.
    Mention in "mentions" { account: Addr }
}

/// Why a contract stands still whose past is not known.
const EARLIER_GONE: &str = "what it told before it became ours is not to be had from this node any more; \
     mirror the chain anew from an archive node to read it";

/// What a contract can be.
pub(crate) const KINDS: [&str; 8] = ["pool", "kyc", "manifests", "attribution", "licence", "market", "factory", "coop"];

/// The kind of contract that an event belongs to: `kyc` emitting a `Transfer` moves no shares. Those of roles are of
/// any.
pub(crate) fn kind_of_event(event: &Event) -> Option<&'static str> {
    match event {
        Event::Pool(_) => Some("pool"),
        Event::Kyc(_) => Some("kyc"),
        Event::Manifests(_) => Some("manifests"),
        Event::Attribution(_) => Some("attribution"),
        Event::Licence(_) => Some("licence"),
        Event::Market(_) => Some("market"),
        Event::Factory(_) => Some("factory"),
        Event::Coop(_) => Some("coop"),
        // Of roles the registry's agents alone are mirrored.
        Event::Access(_) => Some("kyc"),
        Event::Unknown { .. } => None,
    }
}

/// What an address is to a pool that names it.
type Named = (Address, &'static str, Option<Address>);

/// The name that a pool's part has here; none of the logic, whose code runs as the pool.
fn kind_of(part: u8) -> Option<&'static str> {
    match succession::Part::from_number(part).ok()? {
        succession::Part::Kyc => Some("kyc"),
        succession::Part::Attribution => Some("attribution"),
        succession::Part::Licences => Some("licence"),
        succession::Part::Logic => None,
    }
}

fn named_by(event: &ContractEvent) -> Vec<Named> {
    match &event.event {
        Event::Factory(FactoryEvents::PoolListed(listed)) => parts_of(listed),
        Event::Pool(PoolEvents::SuccessorAdopted(adopted)) => {
            kind_of(adopted.part).map(|kind| (adopted.successor, kind, None)).into_iter().collect()
        }
        Event::Pool(PoolEvents::Opened(opened)) => vec![(opened.licences, "licence", None)],
        _ => Vec::new(),
    }
}

/// Whether an event names contracts that can become ours by it.
pub(crate) fn names_others(event: &ContractEvent) -> bool {
    matches!(
        event.event,
        Event::Factory(FactoryEvents::PoolListed(_))
            | Event::Pool(PoolEvents::SuccessorAdopted(_) | PoolEvents::Opened(_))
    )
}

/// The pool and its co-op, then what they share with others.
fn parts_of(listed: &PoolListed) -> Vec<Named> {
    vec![
        (listed.pool, "pool", Some(listed.pool)),
        (listed.coop, "coop", Some(listed.pool)),
        (listed.kyc, "kyc", None),
        (listed.attribution, "attribution", None),
        (listed.manifests, "manifests", None),
        (listed.licence, "licence", None),
        (listed.market, "market", None),
    ]
}

/// A contract as one of the kinds.
pub(crate) type Role = (Address, &'static str);

/// What is ours as what, and whether it is believed in what it names: a contract that stands still is not.
pub(crate) type Roles = HashMap<Role, bool>;

/// What the events of a block make ours, with the pool that it belongs to and by which event. What it does in the block
/// counts, whichever comes first.
pub(crate) fn discovered<'a>(
    events: &'a [ContractEvent],
    roles: &Roles,
) -> BTreeMap<Role, (Option<Address>, &'a ContractEvent)> {
    let mut found = BTreeMap::new();
    loop {
        let before = found.len();
        for event in events.iter().filter(|event| names_others(event)) {
            let Some(kind) = kind_of_event(&event.event) else { continue };
            let emitter = (event.address, kind);
            if roles.get(&emitter) != Some(&true) && !found.contains_key(&emitter) {
                continue;
            }
            for (address, kind, pool) in named_by(event) {
                let role = (address, kind);
                if !address.is_zero() && !found.contains_key(&role) && !roles.contains_key(&role) {
                    found.insert(role, (pool, event));
                }
            }
        }
        if found.len() == before {
            return found;
        }
    }
}

/// The deployment's contracts, with the first block.
pub(super) async fn begin(applying: &mut Applying<'_>, deployment: &Deployment) -> Result<(), IndexerError> {
    for (kind, address) in deployment.named() {
        let pool = matches!(kind, "pool" | "coop").then_some(deployment.pool);
        become_ours(applying, (address, kind, pool), "deployment").await?;
        if !matches!(kind, "pool" | "factory") {
            works_with(applying, deployment.pool, (address, kind)).await?;
        }
    }
    Ok(())
}

/// Follows a contract, as what it was called, from here on.
pub(super) async fn become_ours(
    applying: &mut Applying<'_>,
    (address, kind, pool): Named,
    origin: &str,
) -> Result<(), IndexerError> {
    if address.is_zero() || applying.find::<Contract>((address.into(), kind.to_owned())).await?.is_some() {
        return Ok(());
    }
    // What it tells from here on does not fit to what is here without what it told before.
    let mut is_cut = applying.answers.earlier_gone.contains(&address);
    for other in KINDS {
        let other = applying.find::<Contract>((address.into(), other.to_owned())).await?;
        is_cut |= other.is_some_and(|other| other.fault.as_deref() == Some(EARLIER_GONE));
    }
    let contract = Contract {
        address: address.into(),
        kind: kind.to_owned(),
        pool: pool.map(Addr::from),
        origin: origin.to_owned(),
        code: applying.answers.codes.get(&address).copied().map(Hash::from),
        fault: is_cut.then(|| EARLIER_GONE.to_owned()),
        fault_block: is_cut.then_some(applying.place.block),
        unread: 0,
    };
    applying.put(contract).await
}

async fn works_with(
    applying: &mut Applying<'_>,
    pool: Address,
    (contract, kind): (Address, &str),
) -> Result<(), IndexerError> {
    let key = (Addr::from(pool), Addr::from(contract));
    if contract.is_zero() || applying.find::<Part>(key).await?.is_some() {
        return Ok(());
    }
    applying.put(Part { pool: key.0, contract: key.1, kind: kind.to_owned() }).await
}

/// A pool is listed with all its parts.
pub(super) async fn listed(applying: &mut Applying<'_>, event: &PoolListed) -> Result<(), IndexerError> {
    for (contract, kind, _) in parts_of(event).into_iter().filter(|(_, kind, _)| *kind != "pool") {
        works_with(applying, event.pool, (contract, kind)).await?;
    }
    let factory = applying.place.contract.into();
    applying
        .put(PoolListing {
            pool: event.pool.into(),
            factory,
            number: event.number.into(),
            creator: event.creator.into(),
            coop: event.coop.into(),
            created: event.created,
        })
        .await
}

/// A pool works with a successor from now on.
pub(super) async fn adopted(
    applying: &mut Applying<'_>,
    pool: Address,
    event: &SuccessorAdopted,
) -> Result<(), IndexerError> {
    match kind_of(event.part) {
        Some(kind) => works_with(applying, pool, (event.successor, kind)).await,
        None => Ok(()),
    }
}

/// From its opening on a pool works with a licence contract.
pub(super) async fn opened(applying: &mut Applying<'_>, pool: Address, event: &Opened) -> Result<(), IndexerError> {
    works_with(applying, pool, (event.licences, "licence")).await
}

/// What the money is called that an event names; it is asked once.
pub(super) async fn currency(applying: &mut Applying<'_>) -> Result<(), IndexerError> {
    let Some(told) = &applying.answers.currency else { return Ok(()) };
    let address = Addr::from(told.address);
    if applying.find::<Currency>((address,)).await?.is_some() {
        return Ok(());
    }
    let known = told.symbol.as_deref().zip(told.decimals);
    let (symbol, decimals) = known.unwrap_or(("units", 0));
    let (symbol, readable) = (storable(symbol), known.is_some());
    applying.put(Currency { currency: address, symbol, decimals: decimals.into(), readable }).await
}
