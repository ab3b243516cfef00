//! The verifier contract.
