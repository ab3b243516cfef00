//! What all contracts share: the pallet's host functions, words of the Solidity ABI, and roles.
//!
//! Thin and without rules of its own: those are in `yieldset-rules`.
#![cfg_attr(not(feature = "std"), no_std)]

pub mod access;
pub mod erc20;
pub mod host;
pub mod input;
pub mod screening;
pub mod words;
