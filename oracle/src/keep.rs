//! A period's final root, kept in its pool: then no contributor's claim brings in the registry's code. Anybody may send
//! it, and again it changes nothing.

use yieldset_chain::{
    B256, ChainError, Deployment,
    abi::{Attribution, Pool},
    submit::{Receipt, Submitter},
};
use yieldset_rules::dispute::State;

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kept {
    /// The pool has the root since this transaction.
    Now(Receipt),
    /// The pool had it before.
    Before,
    /// The report is not there or not final: in its challenge window, or disputed.
    NotFinal,
    /// Nothing qualified, so there is no root.
    NothingQualified,
    /// The pool holds nothing for the period's contributors, so there is nothing to claim.
    NothingWaits,
}

/// Has the pool keep the root of a period's final report, where there is one, there is money, and it has not.
///
/// # Errors
/// [`ChainError`].
pub async fn keep_root(
    submitter: &Submitter,
    deployment: &Deployment,
    (stream, period): ([u8; 32], u32),
) -> Result<Kept, ChainError> {
    let (client, stream) = (submitter.client(), B256::from(stream));
    deployment.check(client).await?;
    let deployment = deployment.current(client).await?;
    let pool = deployment.pool;
    let kept =
        async || Ok::<_, ChainError>(!client.read(pool, &Pool::keptRootCall { stream, period }).await?.is_zero());
    if kept().await? {
        return Ok(Kept::Before);
    }
    let result = client.read(deployment.attribution, &Attribution::resultOfCall { pool, stream, period }).await?;
    if result.state != State::Final as u8 {
        return Ok(Kept::NotFinal);
    }
    if result.weightsRoot.is_zero() {
        return Ok(Kept::NothingQualified);
    }
    let money = client.read(pool, &Pool::periodOfCall { stream, period }).await?;
    if money.total == money.claimed {
        return Ok(Kept::NothingWaits);
    }
    match submitter.send(pool, &Pool::keepRootCall { stream, period }, 0).await {
        Ok(receipt) => Ok(Kept::Now(receipt)),
        // Somebody else was faster, and then a claim took what was there.
        Err(error) => {
            if kept().await? {
                Ok(Kept::Before)
            } else {
                Err(error)
            }
        }
    }
}
