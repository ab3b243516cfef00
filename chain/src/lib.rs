//! Yieldset's door to the chain: reading contracts, following blocks and events, and (in [`submit`] only) signing
//! transactions.
//!
//! Amounts are EVM wei (10^18 per coin) as `u128` everywhere in this crate's API; the pallet's own unit is 10^6 times
//! coarser and appears only inside [`submit`]. Hashes are [`B256`], contract and account addresses are [`Address`].
//!
//! ```no_run
//! # async fn demo() -> Result<(), yieldset_chain::ChainError> {
//! use yieldset_chain::{ChainClient, Deployment, abi::Pool, submit::{Signer, Submitter}};
//!
//! let client = ChainClient::connect("ws://127.0.0.1:9944").await?;
//! let deployment = Deployment::load("deployment.json".as_ref())?;
//! deployment.check(&client).await?;
//! let holder = Submitter::new(client.clone(), Signer::dev("//Alice//yieldset//ada")?);
//! let owed = client.read(deployment.pool, &Pool::claimableCall { account: holder.address() }).await?;
//! let receipt = holder.send(deployment.pool, &Pool::claimCall {}, 0).await?;
//! println!("{owed} wei claimed in block {}", receipt.block_number);
//! # Ok(()) }
//! ```

pub mod abi;
pub mod acts;
pub mod behind;
pub mod blocks;
pub mod book;
pub mod client;
pub mod deploy;
pub mod deployment;
mod endpoints;
pub mod error;
pub mod events;
pub mod home;
pub mod keys;
mod near;
mod node;
mod patient;
pub mod profile;
mod runtime;
pub mod state;
pub mod submit;
pub mod units;

pub use alloy_primitives::{Address, B256, Bytes, U256, keccak256};
pub use alloy_sol_types::{SolCall, SolConstructor, SolEvent, SolValue};
pub use behind::{Behind, Payee};
pub use blocks::WholeBlock;
pub use book::Book;
pub use client::{AccountId, BlockRef, ChainClient, address_of};
pub use deployment::Deployment;
pub use endpoints::public_url;
pub use error::{ChainError, ContractError, amount};
pub use events::{ContractEvent, Event, Head};
pub use home::Home;
pub use node::{About, Revive};
pub use profile::Profile;

#[cfg(test)]
mod tests {
    use super::{submit::Submitter, *};

    /// Services drive all of this from spawned tasks.
    #[test]
    fn everything_asynchronous_can_be_spawned() {
        fn spawnable<T: Send>(_: impl Fn(&'static ChainClient, &'static Submitter) -> T) {}
        spawnable(|client, _| client.best_block());
        spawnable(|client, _| client.read(Address::ZERO, &abi::Pool::totalsCall {}));
        spawnable(|client, _| client.native_balance(Address::ZERO));
        spawnable(|client, _| client.whole_block(B256::ZERO));
        spawnable(|client, _| client.best_heads());
        spawnable(|client, _| client.find_transaction(B256::ZERO, 1));
        spawnable(|client, _| client.read_proof(B256::ZERO, None, &[]));
        spawnable(|_, submitter| submitter.send(Address::ZERO, &abi::Pool::claimCall {}, 0));
        spawnable(|_, submitter| submitter.instantiate(Vec::new(), Vec::new()));
        spawnable(|_, submitter| submitter.transfer_native(Payee::account([0; 32]), 0));
        spawnable(|client, _| client.about());
        spawnable(|_, _| ChainClient::connect("ws://127.0.0.1:9944"));
    }
}
