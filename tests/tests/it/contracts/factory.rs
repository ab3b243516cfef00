//! The factory contract.
