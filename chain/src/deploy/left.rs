//! What a transaction made, where the node has dropped what its block told: by the newest state alone. Most nodes drop
//! the states of all but some two hundred blocks.

use alloy_primitives::{Address, B256, U256};

use super::{
    blobs::code_hash,
    journal::Done,
    steps::{Does, Known, POOL, Step},
};
use crate::{
    abi::{Access, Factory},
    client::{BlockRef, ChainClient, fallback_account},
    deployment::role,
    error::ChainError,
    submit::Prepared,
};

/// What a step's transaction made, which is in a finalised block; nothing where it had no effect.
///
/// # Errors
/// [`ChainError::NoSuchBlock`] where the node has dropped that block, too.
pub(super) async fn left(
    client: &ChainClient,
    step: &Step,
    known: &Known,
    prepared: &Prepared,
) -> Result<Option<Done>, ChainError> {
    let absent = || ChainError::NoSuchBlock(format!("with transaction {}", prepared.tx_hash));
    let (block, _) = client.landed_in(prepared).await?.ok_or_else(absent)?;
    let BlockRef { number, hash, .. } = client.finalised_block().await?;
    if number < block {
        // Another node may be asked now, which is behind.
        return Err(client.wrong("looking for what a transaction made", format!("block {number}, before {block}")));
    }
    let deployer = known.deployer;
    let created = match step.does {
        Does::Map => {
            let behind = client.account_at(&client.at(hash).await?, deployer).await?;
            (behind != fallback_account(deployer)).then(Vec::new)
        }
        Does::Create => {
            // As on Ethereum: by who creates it, and the transaction's nonce.
            let contract = deployer.create(prepared.nonce);
            let code = client.code_hash_at(hash, contract).await?;
            (code == Some(code_hash(step.name))).then(|| vec![contract])
        }
        Does::Upload => client.has_code(&client.at(hash).await?, code_hash(step.name)).await?.then(Vec::new),
        Does::Pool => pool(client, hash, known).await?,
        Does::Accept => {
            let admin = client.read_at(hash, known.at(POOL), &Access::defaultAdminCall {}).await?;
            (admin == deployer).then(Vec::new)
        }
        Does::Grant { contract, role: name, to } => {
            let account = if to.is_empty() { deployer } else { known.at(to) };
            let call = Access::hasRoleCall { role: role(name), account };
            client.read_at(hash, known.at(contract), &call).await?.then(Vec::new)
        }
        Does::HandOver { contract } => {
            let (contract, to) = (known.at(contract), known.admin.unwrap_or(deployer));
            let named = client.read_at(hash, contract, &Access::pendingDefaultAdminCall {}).await?;
            // Who was named may have accepted since.
            let admin = client.read_at(hash, contract, &Access::defaultAdminCall {}).await?;
            [named, admin].contains(&to).then(Vec::new)
        }
    };
    Ok(created.map(|created| Done { tx_hash: prepared.tx_hash, block, created }))
}

/// The first pool that the factory made for the deployer, with its co-op. Anybody may have others made there.
async fn pool(client: &ChainClient, at: B256, known: &Known) -> Result<Option<Vec<Address>>, ChainError> {
    let factory = known.at("factory");
    let count: u64 = client.read_at(at, factory, &Factory::poolCountCall {}).await?.saturating_to();
    for index in (0..count).map(U256::from) {
        let pool = client.read_at(at, factory, &Factory::poolAtCall { index }).await?;
        let listed = client.read_at(at, factory, &Factory::poolInfoCall { pool }).await?;
        if listed.created && listed.creator == known.deployer && !listed.coop.is_zero() {
            return Ok(Some(vec![pool, listed.coop]));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use alloy_primitives::address;

    /// The pallet's own example (`create1_works` in its `address.rs`).
    #[test]
    fn a_contract_is_where_the_pallet_puts_it() {
        let alice = address!("0101010101010101010101010101010101010101");
        assert_eq!(alice.create(1), address!("c851da37e4e8d3a20d8d56be2963934b4ad71c3b"));
    }
}
