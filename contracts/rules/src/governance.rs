//! Share-weighted votes.
