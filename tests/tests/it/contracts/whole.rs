//! Real against real: no stand-ins, all contracts as they are deployed, found from the factory.

mod adopted;
mod agreed;
mod allowances;
mod assets;
mod bonds;
mod coop;
mod disputes;
mod escrow;
mod hostile;
mod hub;
mod kept;
mod layers;
mod licence;
mod market;
mod priced;
mod starved;
mod tripping;
mod unending;
mod waiting;
mod walk;
