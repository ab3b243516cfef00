//! Compares every row that mirrors chain state with the chain, both at the last indexed block.

mod committees;
mod coop;
mod issuance;
mod money;
mod proof;
mod registries;
mod trade;

use std::fmt::{self, Display};

use futures::{StreamExt, TryStreamExt, stream};
use sqlx::PgPool;
use yieldset_chain::{Address, B256, ChainClient, ChainError, Deployment, SolCall};

pub use registries::{StreamEnd, stream_ends};

use crate::{column::Addr, error::IndexerError, snapshot::Snapshot, store};

/// Questions to the node at once.
const IN_FLIGHT: usize = 8;

/// What was compared, and what differs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Comparison {
    /// The block.
    pub block: i64,
    /// Its hash.
    pub hash: B256,
    /// How many of what, in order.
    pub counts: Vec<(usize, &'static str)>,
    /// Figures that were compared.
    pub figures: usize,
    /// One sentence each.
    pub differences: Vec<String>,
}

impl Comparison {
    /// Notes a difference where there is one.
    fn same<T: PartialEq + Display>(&mut self, what: impl Display, here: T, chain: T) {
        self.figures += 1;
        if here != chain {
            self.differences.push(format!("{what}: {here} in Postgres, {chain} on chain"));
        }
    }

    /// Notes a rule that the rows themselves break.
    fn holds(&mut self, what: impl Display, holds: bool) {
        self.figures += 1;
        if !holds {
            self.differences.push(format!("{what} does not hold"));
        }
    }

    fn counted(&mut self, count: usize, noun: &'static str) {
        self.counts.push((count, noun));
    }
}

impl Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for difference in &self.differences {
            writeln!(f, "DIFFERS  {difference}")?;
        }
        let list: Vec<_> = self.counts.iter().map(|(count, noun)| format!("{count} {noun}")).collect();
        let verdict = match self.differences.len() {
            0 => format!("agree at block {}: {} figures compared, none differs", self.block, self.figures),
            n => format!("compared at block {}: {n} of {} figures differ", self.block, self.figures),
        };
        write!(f, "Chain and Postgres {verdict}\n  {}\n  block hash {}", list.join(", "), self.hash)
    }
}

/// Compares at the last indexed block.
///
/// # Errors
/// [`IndexerError::NothingIndexed`], [`IndexerError::WrongDatabase`], [`IndexerError::Chain`],
/// [`IndexerError::Database`]. Differences are no error here: see [`Comparison::differences`].
pub async fn run(pool: &PgPool, client: &ChainClient, deployment: &Deployment) -> Result<Comparison, IndexerError> {
    deployment.check(client).await?;
    store::check(pool, deployment).await?;
    let mut snapshot = Snapshot::open(pool).await.map_err(db)?;
    let tip = snapshot.tip.ok_or(IndexerError::NothingIndexed)?;
    let chain = Chain { client, at: tip.hash.0 };
    let mut comparison = Comparison { block: tip.number, hash: tip.hash.0, ..Comparison::default() };
    money::compare(&mut snapshot, &chain, deployment, &mut comparison).await?;
    issuance::compare(&mut snapshot, &chain, deployment, &mut comparison).await?;
    registries::compare(&mut snapshot, &chain, deployment, &mut comparison).await?;
    committees::compare(&mut snapshot, &chain, deployment, &mut comparison).await?;
    trade::compare(&mut snapshot, &chain, deployment, &mut comparison).await?;
    proof::compare(&mut snapshot, &chain, &mut comparison).await?;
    coop::compare(&mut snapshot, &chain, deployment, &mut comparison).await?;
    Ok(comparison)
}

/// The chain's state after one block.
struct Chain<'a> {
    client: &'a ChainClient,
    at: B256,
}

impl Chain<'_> {
    async fn read<C: SolCall>(&self, contract: Address, call: C) -> Result<C::Return, ChainError> {
        self.client.read_at(self.at, contract, &call).await
    }

    /// Asks one question for each row, several at once, and gives the answers in order.
    async fn for_each<T, C: SolCall>(
        &self,
        contract: Address,
        rows: Vec<T>,
        call: impl Fn(&T) -> C,
    ) -> Result<Vec<(T, C::Return)>, ChainError> {
        self.for_each_at(rows, |row| (contract.into(), call(row))).await
    }

    /// The same of rows that are not all of one contract.
    async fn for_each_at<T, C: SolCall>(
        &self,
        rows: Vec<T>,
        call: impl Fn(&T) -> (Addr, C),
    ) -> Result<Vec<(T, C::Return)>, ChainError> {
        let questions = rows.into_iter().map(|row| {
            let (contract, call) = call(&row);
            async move { Ok::<_, ChainError>((row, self.read(contract.0, call).await?)) }
        });
        stream::iter(questions).buffered(IN_FLIGHT).try_collect().await
    }
}

fn db(source: sqlx::Error) -> IndexerError {
    IndexerError::Database { during: "comparing", source }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each difference is named with both figures, and what agrees is counted.
    #[test]
    fn the_report_names_each_difference() {
        let mut found = Comparison { block: 33, ..Comparison::default() };
        found.counted(2, "holders");
        found.same("holder 0x01 balance", 5, 5);
        assert!(
            found.to_string().starts_with("Chain and Postgres agree at block 33: 1 figures compared, none differs\n")
        );
        found.same("holder 0x02 balance", 5, 6);
        found.holds("totalSupply = Σ balances", false);
        let text = found.to_string();
        assert_eq!(found.differences.len(), 2);
        assert!(text.contains("DIFFERS  holder 0x02 balance: 5 in Postgres, 6 on chain\n"), "{text}");
        assert!(text.contains("2 of 3 figures differ") && text.contains("2 holders"), "{text}");
    }
}
