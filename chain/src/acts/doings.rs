//! What people do, by noun.

pub mod audit;
pub mod claim;
pub mod coop;
pub mod dataset;
pub mod deposits;
pub mod kyc;
pub mod licence;
pub mod market;
pub mod money;
pub mod platform;
pub mod policy;
pub mod pool;
pub mod report;
pub mod restraints;
pub mod roles;
pub mod successors;
pub mod terms;
