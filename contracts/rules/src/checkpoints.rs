//! Checkpointed balances: what an account held at a past block.
