//! Where a report goes, as the chain's last finalised block has it: who signs, and what comes before. What the best
//! chain says may be taken back, and members that ask at other moments must come to the same bytes.

use yieldset_chain::{Address, B256, ChainClient, ChainError, Deployment, abi::Attribution};
use yieldset_rules::{dispute::Phase, report::Last};

use crate::{
    period_name,
    report::{Committee, Position, ReportPlace},
    settlement::Settlement,
};

/// A settlement's place on chain.
pub struct Place<'a> {
    /// Whom it asks.
    pub client: &'a ChainClient,
    /// With the registry that the pool follows now.
    pub deployment: Deployment,
    settlement: &'a Settlement,
}

/// A report on chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct There {
    /// Its hash; zero where there is none.
    pub hash: [u8; 32],
    /// Its root.
    pub root: [u8; 32],
}

impl<'a> Place<'a> {
    /// Asks which registry the pool follows.
    ///
    /// # Errors
    /// [`ChainError`].
    pub async fn of(
        client: &'a ChainClient,
        deployment: &Deployment,
        settlement: &'a Settlement,
    ) -> Result<Self, ChainError> {
        deployment.check(client).await?;
        let deployment = deployment.current(client).await?;
        Ok(Self { client, deployment, settlement })
    }

    /// What the report's bytes name.
    pub fn named(&self) -> ReportPlace {
        ReportPlace {
            chain_id: self.deployment.chain_id,
            registry: self.deployment.attribution.into_array(),
            pool: self.deployment.pool.into_array(),
        }
    }

    /// The block at the best chain's head: what is asked there may be taken back, and asks nothing of old states.
    ///
    /// # Errors
    /// [`ChainError`].
    pub async fn best(&self) -> Result<B256, ChainError> {
        Ok(self.client.best_block().await?.hash)
    }

    /// The report's place in its stream.
    ///
    /// # Errors
    /// [`ChainError`].
    pub async fn position(&self) -> Result<Position, ChainError> {
        let at = self.client.finalised_block().await?;
        let (last, next_revision) = (self.last(at.hash).await?, self.next_revision_at(at.hash).await?);
        Ok(Position { last, next_revision, now: at.timestamp_ms / 1_000 })
    }

    /// The end of the stream's chain of reports.
    async fn last(&self, at: B256) -> Result<Option<Last>, ChainError> {
        let (pool, stream) = (self.deployment.pool, B256::from(self.settlement.stream));
        let latest = self.client.read_at(at, self.registry(), &Attribution::latestCall { pool, stream }).await?;
        let last = Last { period: latest.period, log_size: latest.logSize, hash: latest.reportHash.0 };
        Ok((last.period > 0).then_some(last))
    }

    /// The revision that the period waits for, where an arbiter has withdrawn its report.
    ///
    /// # Errors
    /// [`ChainError`].
    pub async fn next_revision(&self) -> Result<Option<u32>, ChainError> {
        self.next_revision_at(self.client.finalised_block().await?.hash).await
    }

    async fn next_revision_at(&self, at: B256) -> Result<Option<u32>, ChainError> {
        let (pool, period) = (self.deployment.pool, self.settlement.period);
        let call = Attribution::disputeOfCall { pool, stream: B256::from(self.settlement.stream), period };
        let found = self.client.read_at(at, self.registry(), &call).await?;
        Ok((found.phase == Phase::Withdrawn as u8).then(|| found.revision.saturating_add(1)))
    }

    /// The period's report in the state after a block, and the revision that a dispute of it has come to.
    ///
    /// # Errors
    /// [`ChainError`].
    pub async fn there(&self, at: B256) -> Result<(There, u32), ChainError> {
        let (pool, stream, period) = (self.deployment.pool, B256::from(self.settlement.stream), self.settlement.period);
        let call = Attribution::reportOfCall { pool, stream, period };
        let found = self.client.read_at(at, self.registry(), &call).await?;
        tracing::debug!(period = period_name(period), hash = %found.reportHash, "the registry's report");
        let call = Attribution::disputeOfCall { pool, stream, period };
        let revision = self.client.read_at(at, self.registry(), &call).await?.revision;
        Ok((There { hash: found.reportHash.0, root: found.weightsRoot.0 }, revision))
    }

    /// The committee in force.
    ///
    /// # Errors
    /// [`ChainError`].
    pub async fn committee(&self) -> Result<Committee, ChainError> {
        let at = self.client.finalised_block().await?.hash;
        let found = self.client.read_at(at, self.registry(), &Attribution::committeeCall {}).await?;
        let keys = found.keys.iter().map(|key| key.0).collect();
        Ok(Committee { epoch: found.epoch, threshold: found.threshold, keys })
    }

    fn registry(&self) -> Address {
        self.deployment.attribution
    }
}
