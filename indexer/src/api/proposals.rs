//! What the holders of a pool's shares decide together: proposals to its co-op, and the votes on them.

use axum::{Json, extract::Path};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    asked::{Asked, AskedPool, AtParam},
    error::{ApiError, Failures},
    paging::{EventCursor, Page, PageParams, Paging, hash},
};
use crate::{
    column::{Addr, Amount, Hash},
    snapshot::Snapshot,
};

/// A proposal with its votes so far, in share units.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Proposal {
    /// The co-op that it was made to.
    pub coop: Addr,
    /// Its id; the contract shows the same number in decimal digits.
    pub proposal: Hash,
    /// Who made it.
    pub proposer: Addr,
    /// In the proposer's words.
    pub description: String,
    /// What is called where it wins: objects of `target`, `value` and `calldata`.
    pub actions: serde_json::Value,
    /// Votes count after this second (Unix time), and are those that accounts had at its end.
    pub vote_start: i64,
    /// The last second in which votes count.
    pub vote_end: i64,
    /// Yes.
    pub votes_for: Amount,
    /// No.
    pub votes_against: Amount,
    /// Neither; counts towards the quorum.
    pub abstained: Amount,
    /// `proposed`, `canceled` or `executed`. Whether one that is proposed has won is the contract's `state` to say.
    pub state: String,
    /// Unix time of the block it was made in, in milliseconds.
    pub time_ms: i64,
    /// That block.
    pub block: i64,
    /// The event's place in it.
    pub event_index: i64,
}

/// A vote.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Vote {
    /// The co-op: two can have a proposal of the same id.
    pub coop: Addr,
    /// Whose.
    pub voter: Addr,
    /// `for`, `against` or `abstain`.
    pub support: String,
    /// Share units.
    pub weight: Amount,
    /// In the voter's words; mostly empty.
    pub reason: String,
    /// Unix time of the block, in milliseconds.
    pub time_ms: i64,
    /// Block.
    pub block: i64,
    /// The event's place in it.
    pub event_index: i64,
}

/// Proposals to all co-ops, newest first.
#[utoipa::path(get, path = "/v1/proposals", tag = "trade", params(PageParams, AtParam),
    responses((status = 200, description = "A page of proposals", body = Page<Proposal>), Failures))]
pub(crate) async fn list(Asked(mut snapshot): Asked, paging: Paging) -> Result<Json<Page<Proposal>>, ApiError> {
    Ok(Json(page(&mut snapshot, None, &paging).await?))
}

/// Proposals to a pool's co-op, newest first.
#[utoipa::path(get, path = "/v1/pools/{pool}/proposals", tag = "pools",
    params(("pool" = Addr, Path, description = "The pool"), PageParams, AtParam),
    responses((status = 200, description = "A page of proposals", body = Page<Proposal>), Failures))]
pub(crate) async fn of_pool(
    AskedPool { mut snapshot, pool }: AskedPool,
    paging: Paging,
) -> Result<Json<Page<Proposal>>, ApiError> {
    Ok(Json(page(&mut snapshot, Some(pool.address), &paging).await?))
}

/// A page of proposals, of a pool's own co-op where one is named.
///
/// # Errors
/// As the route's.
pub async fn page(snapshot: &mut Snapshot, pool: Option<Addr>, paging: &Paging) -> Result<Page<Proposal>, ApiError> {
    let (limit, after) = (paging.limit()?, paging.after::<EventCursor>()?);
    let rows = sqlx::query_as!(
        Proposal,
        r#"SELECT coop AS "coop: Addr", proposal AS "proposal: Hash", proposer AS "proposer: Addr", description, actions, vote_start, vote_end,
                  votes_for AS "votes_for: Amount", votes_against AS "votes_against: Amount",
                  abstained AS "abstained: Amount", state, time_ms, proposed_block AS block, proposed_index AS event_index
           FROM proposals JOIN blocks ON number = proposed_block
           WHERE ($1::bigint IS NULL OR (proposed_block, proposed_index) < ($1, $2::bigint))
             AND ($4::bytea IS NULL OR coop IN (SELECT contract FROM parts WHERE pool = $4 AND kind = 'coop'))
           ORDER BY proposed_block DESC, proposed_index DESC LIMIT $3"#,
        after.map(|after| after.block),
        after.map(|after| after.event_index),
        limit + 1,
        pool as _,
    )
    .fetch_all(snapshot.connection())
    .await?;
    Ok(Page::from_rows(rows, limit, snapshot, |row| EventCursor::text(row.block, row.event_index)))
}

/// Votes on a proposal, newest first.
#[utoipa::path(get, path = "/v1/proposals/{proposal}/votes", tag = "trade",
    params(("proposal" = Hash, Path, description = "The proposal's id"), PageParams, AtParam),
    responses((status = 200, description = "A page of votes", body = Page<Vote>), Failures))]
pub(crate) async fn votes(
    Asked(mut snapshot): Asked,
    Path(proposal): Path<String>,
    paging: Paging,
) -> Result<Json<Page<Vote>>, ApiError> {
    let proposal = hash(&proposal)?;
    let (limit, after) = (paging.limit()?, paging.after::<EventCursor>()?);
    // The same actions and words have the same number in each co-op.
    let coop = sqlx::query_scalar!(
        r#"SELECT coop AS "coop: Addr" FROM proposals WHERE proposal = $1
           ORDER BY coop = (SELECT d.coop FROM deployment d) DESC, proposed_block, proposed_index LIMIT 1"#,
        proposal as _
    )
    .fetch_optional(snapshot.connection())
    .await?;
    let Some(coop) = coop else {
        let (what, advice) = (format!("no proposal {proposal}"), "list /v1/proposals to see those that are known");
        return Err(ApiError::missing("unknown-proposal", what, advice));
    };
    let rows = sqlx::query_as!(
        Vote,
        r#"SELECT coop AS "coop: Addr", voter AS "voter: Addr", support, weight AS "weight: Amount", reason, time_ms, block, event_index
           FROM votes JOIN blocks ON number = block
           WHERE proposal = $1 AND coop = $5 AND ($2::bigint IS NULL OR (block, event_index) < ($2, $3::bigint))
           ORDER BY block DESC, event_index DESC LIMIT $4"#,
        proposal as _,
        after.map(|after| after.block),
        after.map(|after| after.event_index),
        limit + 1,
        coop as _,
    )
    .fetch_all(snapshot.connection())
    .await?;
    Ok(Json(Page::from_rows(rows, limit, &snapshot, |row| EventCursor::text(row.block, row.event_index))))
}
