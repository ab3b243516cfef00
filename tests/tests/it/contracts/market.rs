//! The market contract.
