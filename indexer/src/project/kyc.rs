//! KYC records: the one that counts now, and every change; agents and trusted issuers.

use sqlx::PgConnection;
use yieldset_chain::{
    Address,
    abi::Kyc::{RecordRevoked, RecordSet, TrustedIssuerAdded, TrustedIssuerRemoved},
};

use super::{Place, db};
use crate::{column::Amount, error::IndexerError};

/// A record after a change.
struct State {
    level: u8,
    jurisdiction: u16,
    accredited: bool,
    expiry: u64,
    frozen: bool,
    sanctioned: bool,
    issuer: Address,
    attested: bool,
    nonce: u64,
}

pub(super) async fn set(connection: &mut PgConnection, place: Place, event: &RecordSet) -> Result<(), IndexerError> {
    let state = State {
        level: event.level,
        jurisdiction: event.jurisdiction,
        accredited: event.accredited,
        expiry: event.expiry,
        frozen: event.frozen,
        sanctioned: event.sanctioned,
        issuer: event.issuer,
        attested: event.attested,
        nonce: event.nonce,
    };
    save(connection, place, event.account.as_slice(), &state).await?;
    history(connection, place, event.account.as_slice(), "set", &state).await
}

/// The contract removes all but flags and nonce; who revoked the record stays in the history.
pub(super) async fn revoke(
    connection: &mut PgConnection,
    place: Place,
    event: &RecordRevoked,
) -> Result<(), IndexerError> {
    let left = State {
        level: 0,
        jurisdiction: 0,
        accredited: false,
        expiry: 0,
        frozen: event.frozen,
        sanctioned: event.sanctioned,
        issuer: Address::ZERO,
        attested: false,
        nonce: event.nonce,
    };
    save(connection, place, event.account.as_slice(), &left).await?;
    let state = State { issuer: event.issuer, ..left };
    history(connection, place, event.account.as_slice(), "revoked", &state).await
}

pub(super) async fn agent(
    connection: &mut PgConnection,
    place: Place,
    agent: Address,
    active: bool,
) -> Result<(), IndexerError> {
    sqlx::query!(
        "INSERT INTO kyc_agents (agent, active, block, event_index, registry) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (registry, agent) DO UPDATE SET active = $2, block = $3, event_index = $4",
        agent.as_slice(),
        active,
        place.block,
        place.event_index,
        place.contract.as_slice(),
    )
    .execute(connection)
    .await
    .map_err(db)?;
    Ok(())
}

pub(super) async fn trust(
    connection: &mut PgConnection,
    place: Place,
    event: &TrustedIssuerAdded,
) -> Result<(), IndexerError> {
    let topics: Vec<i16> = event.claimTopics.iter().map(|topic| topic.try_into().unwrap_or(i16::MAX)).collect();
    sqlx::query!(
        "INSERT INTO kyc_issuers (issuer, trusted, topics, block, event_index, registry) VALUES ($1, true, $2, $3, $4, $5)
         ON CONFLICT (registry, issuer) DO UPDATE SET trusted = true, topics = $2, block = $3, event_index = $4",
        event.trustedIssuer.as_slice(),
        &topics,
        place.block,
        place.event_index,
        place.contract.as_slice(),
    )
    .execute(connection)
    .await
    .map_err(db)?;
    Ok(())
}

pub(super) async fn distrust(
    connection: &mut PgConnection,
    place: Place,
    event: &TrustedIssuerRemoved,
) -> Result<(), IndexerError> {
    sqlx::query!(
        "UPDATE kyc_issuers SET trusted = false, block = $2, event_index = $3 WHERE issuer = $1 AND registry = $4",
        event.trustedIssuer.as_slice(),
        place.block,
        place.event_index,
        place.contract.as_slice(),
    )
    .execute(connection)
    .await
    .map_err(db)?;
    Ok(())
}

async fn save(connection: &mut PgConnection, place: Place, account: &[u8], state: &State) -> Result<(), IndexerError> {
    sqlx::query!(
        "INSERT INTO kyc_records (account, level, jurisdiction, accredited, expiry, frozen, issuer, block, event_index,
             sanctioned, attested, nonce, registry)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
         ON CONFLICT (registry, account) DO UPDATE SET level = $2, jurisdiction = $3, accredited = $4, expiry = $5, frozen = $6,
             issuer = $7, block = $8, event_index = $9, sanctioned = $10, attested = $11, nonce = $12",
        account,
        i16::from(state.level),
        i32::from(state.jurisdiction),
        state.accredited,
        Amount::from(state.expiry) as _,
        state.frozen,
        state.issuer.as_slice(),
        place.block,
        place.event_index,
        state.sanctioned,
        state.attested,
        Amount::from(state.nonce) as _,
        place.contract.as_slice(),
    )
    .execute(connection)
    .await
    .map_err(db)?;
    Ok(())
}

async fn history(
    connection: &mut PgConnection,
    place: Place,
    account: &[u8],
    change: &str,
    state: &State,
) -> Result<(), IndexerError> {
    sqlx::query!(
        "INSERT INTO kyc_history (block, event_index, account, change, level, jurisdiction, accredited, expiry, frozen, issuer,
             sanctioned, attested, registry)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        place.block,
        place.event_index,
        account,
        change,
        i16::from(state.level),
        i32::from(state.jurisdiction),
        state.accredited,
        Amount::from(state.expiry) as _,
        state.frozen,
        state.issuer.as_slice(),
        state.sanctioned,
        state.attested,
        place.contract.as_slice(),
    )
    .execute(connection)
    .await
    .map_err(db)?;
    Ok(())
}
