//! Double entry: every movement of money has two sides, and Postgres refuses an event whose sides differ.

use sqlx::PgConnection;
use yieldset_chain::Address;

use super::{Place, db};
use crate::{column::Amount, error::IndexerError};

/// What a line is booked on.
#[derive(Debug, Clone, Copy)]
pub(super) enum BookedOn<'a> {
    /// What the pool has.
    Coins,
    /// What it owes its share holders, rounding included.
    Holders,
    /// What it owes the contributors of a period.
    Contributors { stream: &'a [u8; 32], period: u32 },
}

/// One side of a movement.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line<'a> {
    pub account: BookedOn<'a>,
    pub debit: u128,
    pub credit: u128,
}

/// Books the lines of one event; empty ones are left out.
pub(super) async fn post(
    connection: &mut PgConnection,
    place: Place,
    pool: Address,
    party: Address,
    lines: &[Line<'_>],
) -> Result<(), IndexerError> {
    for (number, line) in (0i16..).zip(lines).filter(|(_, line)| line.debit != line.credit) {
        let (account, stream, period) = match line.account {
            BookedOn::Coins => ("coins", None, None),
            BookedOn::Holders => ("holders", None, None),
            BookedOn::Contributors { stream, period } => {
                ("contributors", Some(stream.to_vec()), Some(i64::from(period)))
            }
        };
        sqlx::query!(
            "INSERT INTO ledger (block, event_index, line, pool, account, stream, period, party, debit, credit)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            place.block,
            place.event_index,
            number,
            pool.as_slice(),
            account,
            stream,
            period,
            party.as_slice(),
            Amount::from(line.debit) as _,
            Amount::from(line.credit) as _,
        )
        .execute(&mut *connection)
        .await
        .map_err(db)?;
    }
    Ok(())
}
