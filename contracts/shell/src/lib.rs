//! What all contracts share: the dialect in which they refuse ([`refusals!`]), tell ([`events!`]), ask ([`interface!`])
//! and, without ink!'s dispatch, answer ([`messages!`]), the pallet's host functions, words of the Solidity ABI, and
//! roles.
//!
//! Thin and without rules of its own: those are in `yieldset-rules`.
#![cfg_attr(not(feature = "std"), no_std)]

#[doc(hidden)]
pub use ink;

pub mod abi;
pub mod access;
pub mod answer;
pub mod calldata;
pub mod erc20;
pub mod events;
pub mod host;
pub mod input;
pub mod interface;
pub mod messages;
pub mod refusals;
pub mod roles;
pub mod screening;
pub mod words;

#[cfg(test)]
mod tests;
