//! What a data pool does, on the pallet's storage.
//!
//! Three contracts share this code: the pool's front answers the messages that are called most from a small blob, the
//! claims what contributors take, the logic all else. All work on the same records of the pool, so that none can
//! disagree with another.
//! Money and compliance live in `yieldset-rules`; here are loading, asking, storing and events.
//!
//! Refusing ends the call at once and reverts everything it did.
#![cfg_attr(not(feature = "std"), no_std)]

pub mod account;
pub mod books;
pub mod claims;
pub mod delegation;
pub mod events;
pub mod keys;
pub mod ledger;
pub mod messages;
pub mod money;
pub mod outside;
pub mod refusals;
pub mod shares;

/// The pool's roles.
pub mod roles {
    use yieldset_shell::access::{Role, role};

    /// Freezes, forces transfers and recovers accounts.
    pub const AGENT: Role = role("AGENT_ROLE");
    /// Sets the policy.
    pub const COMPLIANCE: Role = role("COMPLIANCE_ROLE");
    /// Creates shares and sells them.
    pub const ISSUER: Role = role("ISSUER_ROLE");
    /// Accepts licence offers for the pool.
    pub const LICENSOR: Role = role("LICENSOR_ROLE");
    /// Reserves and delivers shares of owners who allowed it.
    pub const MARKET: Role = role("MARKET_ROLE");
    /// Pauses and unpauses.
    pub const PAUSER: Role = role("PAUSER_ROLE");
}
