//! The licence contract.
