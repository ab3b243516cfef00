//! Whether shares could move: what eligibility says here is what the pool's `detectTransferRestriction` answers.

use yieldset_chain::{U256, abi::Pool};

use super::{Chain, Comparison, db};
use crate::{
    column::{Addr, Amount},
    eligibility,
    error::IndexerError,
    snapshot::Snapshot,
};

/// Accounts of one pool that are tried: of each kind this many. All pairs of all accounts are too many to ask.
const EACH: i64 = 3;

/// Tries movements between some accounts of every pool: the largest holders, those whose shares do not all move, those
/// whose records changed last, and nobody.
pub(super) async fn compare(
    snapshot: &mut Snapshot,
    chain: &Chain<'_>,
    found: &mut Comparison,
) -> Result<(), IndexerError> {
    let pools = sqlx::query!(
        r#"SELECT p.address AS "pool: Addr", p.kyc AS "kyc: Addr" FROM pools p
               JOIN contracts c ON c.address = p.address AND c.kind = 'pool'
           WHERE c.fault IS NULL ORDER BY p.address"#
    )
    .fetch_all(snapshot.connection())
    .await
    .map_err(db)?;
    let mut count = 0_usize;
    for row in pools {
        let accounts = some(snapshot, row.pool, row.kyc).await?;
        let nobody = Addr::default();
        let others = accounts.iter().cycle().skip(1);
        for ((account, balance), (other, _)) in accounts.iter().zip(others) {
            let (account, other) = (*account, *other);
            for between in [(account, other), (account, account), (account, nobody), (nobody, account)] {
                // Some, all, and more than there are.
                let more = Amount(balance.0.saturating_add(U256::from(1)));
                let shares = [Amount::from(1_u64), *balance, more];
                count = count
                    .saturating_add(some_of(snapshot, chain, found, (row.pool, row.kyc), (between, shares)).await?);
            }
        }
    }
    found.counted(count, "movements of shares");
    Ok(())
}

/// Accounts with what they have.
async fn some(snapshot: &mut Snapshot, pool: Addr, registry: Addr) -> Result<Vec<(Addr, Amount)>, IndexerError> {
    let rows = sqlx::query!(
        r#"WITH chosen AS (
               (SELECT account FROM holders WHERE pool = $1 ORDER BY balance DESC, account LIMIT $3)
               UNION (SELECT account FROM holders WHERE pool = $1 AND (frozen > 0 OR reserved > 0 OR locks <> '' OR recovered)
                      ORDER BY account LIMIT $3)
               UNION (SELECT account FROM kyc_records WHERE registry = $2 ORDER BY block DESC, account LIMIT $3))
           SELECT chosen.account AS "account!: Addr", coalesce(balance, 0) AS "balance!: Amount"
           FROM chosen LEFT JOIN holders h ON h.pool = $1 AND h.account = chosen.account ORDER BY chosen.account"#,
        pool as _,
        registry as _,
        EACH,
    )
    .fetch_all(snapshot.connection())
    .await
    .map_err(db)?;
    Ok(rows.into_iter().map(|row| (row.account, row.balance)).collect())
}

/// Compares movements of some numbers of shares between two accounts; how many answers that were.
async fn some_of(
    snapshot: &mut Snapshot,
    chain: &Chain<'_>,
    found: &mut Comparison,
    (pool, registry): (Addr, Addr),
    ((from, to), numbers): ((Addr, Addr), [Amount; 3]),
) -> Result<usize, IndexerError> {
    let now = snapshot.now();
    let Some(known) = eligibility::load(snapshot.connection(), pool, from, to).await.map_err(db)? else { return Ok(0) };
    found.about("pool", pool);
    found.about_also("kyc", registry);
    let mut count = 0_usize;
    for shares in numbers {
        let Ok(amount) = shares.to_u128() else { continue };
        // Of a registry whose events are not read here, nothing is said.
        let Some(here) = known.restriction(amount, now) else { continue };
        let call = Pool::detectTransferRestrictionCall { from: from.0, to: to.0, amount: shares.0 };
        let what = format!("restriction of {shares} shares of {pool} from {from} to {to}");
        found.told(what, here as u8, chain.ask(pool, call).await?, |told| told);
        count = count.saturating_add(1);
    }
    Ok(count)
}
