//! Orders of the share market.
