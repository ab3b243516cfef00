//! Data pool, the logic: every message of a pool.
//!
//! A pool is its front (`yieldset-pool`), which runs this code on its own storage for all messages it does not answer
//! itself. This contract's own storage is closed. What a message does is in `yieldset_pool_core` where the front needs
//! it too, and in the modules beside this one where not.
//!
//! Messages are dispatched by [`messages`] and not by `#[ink::contract]`: ink!'s compile time grows with the square of
//! the number of messages (four minutes for these), and it would read and write a root cell that a pool does not have.
//! A test sends every selector of the ABI here and finds none unknown.
//!
//! All amounts are `uint256` at the boundary and `u128` inside. A refused message reverts everything it did.
#![cfg_attr(not(feature = "std"), no_std, no_main)]

mod agents;
mod claims;
mod events;
mod issuance;
pub mod messages;
mod permit;
mod setup;
mod streams;
mod successors;
mod views;
mod votes;

#[cfg(target_arch = "riscv64")]
mod entry;
