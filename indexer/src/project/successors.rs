//! Which contracts are followed: the deployment's, and those that its pool's holders put in the place of one.
//!
//! A registry that was replaced is followed on: what it says of its own accounts and reports stays true, and every row
//! names its registry. What the pool asks now is in its row (`pools`), and the view `followed`.

use sqlx::PgConnection;
use yieldset_chain::{
    Address, ContractEvent, Deployment, Event,
    abi::Pool::{PoolEvents, SuccessorAdopted},
};
use yieldset_rules::succession::Part;

use super::{Block, Place, db};
use crate::{column::Addr, error::IndexerError};

/// The name that a pool's part has here; none of the logic, whose code runs as the pool.
fn name_of(part: u8) -> Option<&'static str> {
    match Part::from_number(part).ok()? {
        Part::Kyc => Some("kyc"),
        Part::Attribution => Some("attribution"),
        Part::Licences => Some("licence"),
        Part::Logic => None,
    }
}

/// The contracts that the events of a block make ours, for whoever reads what they emitted before.
pub fn adopted(deployment: &Deployment, events: &[ContractEvent]) -> Vec<Address> {
    found(deployment.pool, events).map(|(_, address)| address).collect()
}

fn found(pool: Address, events: &[ContractEvent]) -> impl Iterator<Item = (&'static str, Address)> {
    events.iter().filter(move |event| event.address == pool).filter_map(|event| match &event.event {
        Event::Pool(PoolEvents::SuccessorAdopted(adopted)) => {
            name_of(adopted.part).map(|name| (name, adopted.successor))
        }
        _ => None,
    })
}

/// All contracts that are followed, by name.
pub(super) struct Followed {
    pool: Address,
    contracts: Vec<(&'static str, Address)>,
}

impl Followed {
    /// As of the last block.
    pub(super) async fn load(connection: &mut PgConnection, deployment: &Deployment) -> Result<Self, IndexerError> {
        let mut contracts = vec![
            ("pool", deployment.pool),
            ("kyc", deployment.kyc),
            ("manifests", deployment.manifests),
            ("attribution", deployment.attribution),
            ("licence", deployment.licence),
            ("market", deployment.market),
            ("factory", deployment.factory),
            ("coop", deployment.coop),
        ];
        let rows = sqlx::query!(r#"SELECT contract, address AS "address: Addr" FROM successors"#)
            .fetch_all(connection)
            .await
            .map_err(db)?;
        for row in rows {
            let name = ["kyc", "attribution", "licence"].into_iter().find(|name| *name == row.contract);
            contracts.extend(name.map(|name| (name, row.address.0)));
        }
        Ok(Self { pool: deployment.pool, contracts })
    }

    /// With those that the block adopts: what they do in it counts, whichever comes first.
    pub(super) fn adopt(&mut self, block: &Block) {
        self.contracts.extend(found(self.pool, &block.events));
    }

    /// What an address is to us.
    pub(super) fn name(&self, address: Address) -> Option<&'static str> {
        self.contracts.iter().find(|(_, contract)| *contract == address).map(|(name, _)| *name)
    }

    /// Keeps a successor for the blocks to come.
    pub(super) async fn note(
        &self,
        connection: &mut PgConnection,
        place: Place,
        adopted: &SuccessorAdopted,
    ) -> Result<(), IndexerError> {
        let Some(name) = name_of(adopted.part) else { return Ok(()) };
        sqlx::query!(
            "INSERT INTO successors (block, event_index, contract, address) VALUES ($1, $2, $3, $4)",
            place.block,
            place.event_index,
            name,
            adopted.successor.as_slice(),
        )
        .execute(connection)
        .await
        .map_err(db)?;
        Ok(())
    }
}

/// Whether another registry of reports or licence contract was adopted. Then a period can have several books
/// (`yieldset_rules::waiting`), and events do not say of which money is paid: rows are their sums.
pub async fn has_books(connection: &mut PgConnection) -> Result<bool, IndexerError> {
    sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM successors WHERE contract <> 'kyc')")
        .fetch_one(connection)
        .await
        .map_err(db)
}

/// Height and time of the earlier block that an event is from. Blocks before the deployment's first are not here, and
/// nobody reads them: a successor that is older than the deployment is mirrored from there on.
pub(super) async fn block_of(connection: &mut PgConnection, event: &ContractEvent) -> Result<(i64, i64), IndexerError> {
    let number = i64::try_from(event.block_number).unwrap_or(i64::MAX);
    let row = sqlx::query!("SELECT number, time_ms FROM blocks WHERE number = $1", number)
        .fetch_optional(connection)
        .await
        .map_err(db)?;
    let missing = IndexerError::Gap { got: event.block_number, expected: event.block_number };
    row.map(|row| (row.number, row.time_ms)).ok_or(missing)
}
