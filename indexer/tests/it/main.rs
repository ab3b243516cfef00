//! The indexer over a real Postgres: what is in the rows, after whatever happened on the way there, and what is shown
//! of it.
#![allow(clippy::unwrap_used, reason = "tests")]

mod chain;
mod cluster;
mod coop;
mod coverage;
mod fixture;
mod histories;
mod install;
mod pages;
mod projection;
mod proof;
mod registries;
mod reports;
mod simulated;
mod states;
mod successors;
mod trade;
mod versions;
mod web;
