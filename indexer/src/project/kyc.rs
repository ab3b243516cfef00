//! KYC records: the one that counts now, and every change.

use sqlx::PgConnection;
use yieldset_chain::abi::Kyc::{AgentSet, RecordRevoked, RecordSet};
use yieldset_rules::compliance::Record;

use super::{Place, db};
use crate::{column::Amount, error::IndexerError};

pub(super) async fn set(connection: &mut PgConnection, place: Place, event: &RecordSet) -> Result<(), IndexerError> {
    let record = Record {
        level: event.level,
        jurisdiction: event.jurisdiction,
        accredited: event.accredited,
        expiry: event.expiry,
        frozen: event.frozen,
        issuer: event.issuer.0.0,
    };
    save(connection, place, event.account.as_slice(), &record).await?;
    history(connection, place, event.account.as_slice(), "set", &record).await
}

/// The contract removes the record with all it says; who revoked it stays in the history.
pub(super) async fn revoke(
    connection: &mut PgConnection,
    place: Place,
    event: &RecordRevoked,
) -> Result<(), IndexerError> {
    save(connection, place, event.account.as_slice(), &Record::default()).await?;
    let record = Record { issuer: event.issuer.0.0, ..Record::default() };
    history(connection, place, event.account.as_slice(), "revoked", &record).await
}

pub(super) async fn agent(connection: &mut PgConnection, place: Place, event: &AgentSet) -> Result<(), IndexerError> {
    sqlx::query!(
        "INSERT INTO kyc_agents (agent, active, block, event_index) VALUES ($1, $2, $3, $4)
         ON CONFLICT (agent) DO UPDATE SET active = $2, block = $3, event_index = $4",
        event.agent.as_slice(),
        event.active,
        place.block,
        place.event_index,
    )
    .execute(connection)
    .await
    .map_err(db)?;
    Ok(())
}

async fn save(
    connection: &mut PgConnection,
    place: Place,
    account: &[u8],
    record: &Record,
) -> Result<(), IndexerError> {
    sqlx::query!(
        "INSERT INTO kyc_records (account, level, jurisdiction, accredited, expiry, frozen, issuer, block, event_index)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         ON CONFLICT (account) DO UPDATE SET level = $2, jurisdiction = $3, accredited = $4, expiry = $5, frozen = $6,
             issuer = $7, block = $8, event_index = $9",
        account,
        i16::from(record.level),
        i32::from(record.jurisdiction),
        record.accredited,
        Amount::from(record.expiry) as _,
        record.frozen,
        &record.issuer[..],
        place.block,
        place.event_index,
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
    record: &Record,
) -> Result<(), IndexerError> {
    sqlx::query!(
        "INSERT INTO kyc_history (block, event_index, account, change, level, jurisdiction, accredited, expiry, frozen, issuer)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        place.block,
        place.event_index,
        account,
        change,
        i16::from(record.level),
        i32::from(record.jurisdiction),
        record.accredited,
        Amount::from(record.expiry) as _,
        record.frozen,
        &record.issuer[..],
    )
    .execute(connection)
    .await
    .map_err(db)?;
    Ok(())
}
