//! The coop contract.
