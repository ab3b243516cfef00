//! Shares: who holds how many, settled by the same rules as in the contract before any balance changes.

use sqlx::PgConnection;
use yieldset_chain::{
    Address, U256,
    abi::Pool::{AccountRecovered, Approval, Transfer},
};
use yieldset_rules::dividends::Holder;

use super::{Place, db, pools};
use crate::{column::Amount, error::IndexerError};

/// A holder's record with what it claimed so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Account {
    pub holder: Holder,
    pub claimed: u128,
}

/// Shares moved; from the zero address they were minted.
pub(super) async fn transfer(
    connection: &mut PgConnection,
    place: Place,
    pool: Address,
    transfer: &Transfer,
) -> Result<(), IndexerError> {
    let shares = amount(place, "value", transfer.value)?;
    let mut books = pools::load(connection, place, pool).await?;
    let index = books.dividends.index;
    let overflow = |_| place.diverged("a balance", "out of range", shares);
    if transfer.from.is_zero() {
        books.supply = pools::add(place, "supply", books.supply, shares)?;
        pools::save(connection, place, pool, &books).await?;
    } else {
        let mut sender = load(connection, place, pool, transfer.from).await?;
        sender.holder.debit(index, shares).map_err(overflow)?;
        // Written before the recipient is read, so that a transfer to oneself comes out right.
        save(connection, place, pool, transfer.from, &sender).await?;
    }
    let mut recipient = load(connection, place, pool, transfer.to).await?;
    recipient.holder.credit(index, shares).map_err(overflow)?;
    save(connection, place, pool, transfer.to, &recipient).await?;
    sqlx::query!(
        "INSERT INTO transfers (block, event_index, pool, sender, recipient, value) VALUES ($1, $2, $3, $4, $5, $6)",
        place.block,
        place.event_index,
        pool.as_slice(),
        transfer.from.as_slice(),
        transfer.to.as_slice(),
        Amount::from(shares) as _,
    )
    .execute(connection)
    .await
    .map_err(db)?;
    Ok(())
}

/// A lost account's earnings went to its replacement. Its shares moved by a transfer of their own, just before.
pub(super) async fn recover(
    connection: &mut PgConnection,
    place: Place,
    pool: Address,
    recovered: &AccountRecovered,
) -> Result<(), IndexerError> {
    let index = pools::load(connection, place, pool).await?.dividends.index;
    let mut lost = load(connection, place, pool, recovered.lost).await?;
    let mut replacement = load(connection, place, pool, recovered.replacement).await?;
    let pending = lost.holder.claimable(index).map_err(|_| place.diverged("pending", "out of range", index))?;
    let moved = amount(place, "pending", recovered.pending)?;
    if pending != moved {
        return Err(place.diverged("the recovered account's pending dividends", pending, moved));
    }
    replacement
        .holder
        .absorb(&mut lost.holder, index)
        .map_err(|_| place.diverged("pending", "out of range", pending))?;
    save(connection, place, pool, recovered.lost, &lost).await?;
    save(connection, place, pool, recovered.replacement, &replacement).await
}

pub(super) async fn approve(
    connection: &mut PgConnection,
    place: Place,
    pool: Address,
    approval: &Approval,
) -> Result<(), IndexerError> {
    sqlx::query!(
        "INSERT INTO approvals (block, event_index, pool, owner, spender, value) VALUES ($1, $2, $3, $4, $5, $6)",
        place.block,
        place.event_index,
        pool.as_slice(),
        approval.owner.as_slice(),
        approval.spender.as_slice(),
        Amount(approval.value) as _,
    )
    .execute(connection)
    .await
    .map_err(db)?;
    Ok(())
}

/// The holder's record; an empty one for a stranger.
pub(super) async fn load(
    connection: &mut PgConnection,
    place: Place,
    pool: Address,
    account: Address,
) -> Result<Account, IndexerError> {
    let row = sqlx::query!(
        r#"SELECT balance AS "balance: Amount", settled_index AS "index: Amount", pending AS "pending: Amount",
                  fraction AS "fraction: Amount", claimed AS "claimed: Amount"
           FROM holders WHERE pool = $1 AND account = $2"#,
        pool.as_slice(),
        account.as_slice(),
    )
    .fetch_optional(connection)
    .await
    .map_err(db)?;
    let Some(row) = row else { return Ok(Account::default()) };
    let figure = |what, amount: Amount| amount.to_u128().map_err(|_| place.diverged(what, "over 128 bits", amount));
    Ok(Account {
        holder: Holder {
            balance: figure("balance", row.balance)?,
            index: figure("index", row.index)?,
            pending: figure("pending", row.pending)?,
            fraction: row.fraction.to_u64().map_err(|_| place.diverged("fraction", "over 64 bits", row.fraction))?,
        },
        claimed: figure("claimed", row.claimed)?,
    })
}

pub(super) async fn save(
    connection: &mut PgConnection,
    place: Place,
    pool: Address,
    address: Address,
    account: &Account,
) -> Result<(), IndexerError> {
    sqlx::query!(
        "INSERT INTO holders (pool, account, balance, settled_index, pending, fraction, claimed, block, event_index)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         ON CONFLICT (pool, account) DO UPDATE SET balance = $3, settled_index = $4, pending = $5, fraction = $6,
             claimed = $7, block = $8, event_index = $9",
        pool.as_slice(),
        address.as_slice(),
        Amount::from(account.holder.balance) as _,
        Amount::from(account.holder.index) as _,
        Amount::from(account.holder.pending) as _,
        Amount::from(account.holder.fraction) as _,
        Amount::from(account.claimed) as _,
        place.block,
        place.event_index,
    )
    .execute(connection)
    .await
    .map_err(db)?;
    Ok(())
}

/// A 256-bit figure of an event as the 128 bits the contract counts in.
pub(super) fn amount(place: Place, what: &'static str, value: U256) -> Result<u128, IndexerError> {
    u128::try_from(value).map_err(|_| place.diverged(what, "at most 128 bits", value))
}
