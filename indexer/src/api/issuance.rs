//! What a pool's issuer and officers set: the sale of shares, and who may hold them.

use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    asked::{AskedPool, AtParam},
    error::{ApiError, Failures},
};
use crate::column::{Addr, Amount};

/// Who may hold a pool's shares.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Policy {
    /// Everybody but who is frozen or sanctioned.
    pub open: bool,
    /// Least KYC level.
    pub min_level: i16,
    /// Accredited investors alone.
    pub accredited_only: bool,
    /// Whether `jurisdictions` are the admitted ones, else those that are kept out.
    pub allow_list: bool,
    /// ISO 3166-1 numeric codes.
    pub jurisdictions: Vec<u16>,
    /// Most holders; zero for no limit.
    pub max_holders: i64,
    /// Most share units of one holder; zero for no limit.
    pub max_holding: Amount,
    /// For how many seconds new shares are locked.
    pub lockup_seconds: i64,
    /// Block.
    pub block: i64,
    /// The event's place in it.
    pub event_index: i64,
}

/// The sale of a pool's shares, before its opening.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Sale {
    /// For 10^18 share units, in the currency's smallest unit.
    pub price: Amount,
    /// Share units still to be had; zero where the sale is over.
    pub shares_left: Amount,
    /// Share units sold, in this and earlier sales.
    pub sold: Amount,
    /// What they brought.
    pub raised: Amount,
    /// Unix time in seconds.
    pub starts: Amount,
    /// Unix time in seconds.
    pub ends: Amount,
    /// Who gets the money.
    pub proceeds_to: Addr,
    /// Block of the last event that changed it.
    pub block: i64,
    /// That event's place in its block.
    pub event_index: i64,
}

/// Who may hold a pool's shares; null where nobody has set it: every account with a KYC record.
#[utoipa::path(get, path = "/v1/pools/{pool}/policy", tag = "pools", params(("pool" = Addr, Path, description = "The pool"), AtParam),
    responses((status = 200, description = "The policy", body = Option<Policy>), Failures))]
pub(crate) async fn policy(AskedPool { mut snapshot, pool }: AskedPool) -> Result<Json<Option<Policy>>, ApiError> {
    let row = sqlx::query!(
        r#"SELECT open, min_level, accredited_only, allow_list, jurisdictions, max_holders, max_holding AS "max_holding: Amount",
                  lockup_seconds, block, event_index
           FROM policies WHERE pool = $1"#,
        pool.address as _,
    )
    .fetch_optional(snapshot.connection())
    .await?;
    Ok(Json(row.map(|row| Policy {
        open: row.open,
        min_level: row.min_level,
        accredited_only: row.accredited_only,
        allow_list: row.allow_list,
        jurisdictions: codes(&row.jurisdictions),
        max_holders: row.max_holders,
        max_holding: row.max_holding,
        lockup_seconds: row.lockup_seconds,
        block: row.block,
        event_index: row.event_index,
    })))
}

/// The set's codes: code n is bit 7 − n mod 8 of byte n / 8.
fn codes(set: &[u8]) -> Vec<u16> {
    let bits = set.iter().flat_map(|byte| (0..8).map(move |bit| byte & (0x80 >> bit) != 0));
    (0..).zip(bits).filter(|(_, set)| *set).map(|(code, _)| code).collect()
}

/// The sale of a pool's shares; null where there never was one.
#[utoipa::path(get, path = "/v1/pools/{pool}/sale", tag = "pools", params(("pool" = Addr, Path, description = "The pool"), AtParam),
    responses((status = 200, description = "The sale", body = Option<Sale>), Failures))]
pub(crate) async fn sale(AskedPool { mut snapshot, pool }: AskedPool) -> Result<Json<Option<Sale>>, ApiError> {
    let row = sqlx::query_as!(
        Sale,
        r#"SELECT price AS "price: Amount", shares_left AS "shares_left: Amount", sold AS "sold: Amount",
                  raised AS "raised: Amount", starts AS "starts: Amount", ends AS "ends: Amount",
                  proceeds_to AS "proceeds_to: Addr", block, event_index
           FROM sales WHERE pool = $1"#,
        pool.address as _,
    )
    .fetch_optional(snapshot.connection())
    .await?;
    Ok(Json(row))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn countries_are_counted_from_the_highest_bit() {
        let mut set = [0; 128];
        // Germany is 276 = 34 · 8 + 4, Afghanistan 4.
        (set[0], set[34]) = (0b0000_1000, 0b0000_1000);
        assert_eq!(codes(&set), [4, 276]);
    }
}
