//! What calls cost: ours, and Solidity systems' on the same pallet in the same process. Weights are the pallet's own
//! metering, the same on every machine, so one run is exact.

pub mod limits;
pub mod ours;
pub mod peers;
pub mod report;

use crate::chain::Cost;

/// Normal calls may fill three quarters of a block of 2 s and 10 MiB: compute in ms, proof in KB.
pub const BLOCK: (f64, f64) = (1_500.0, 7.5 * 1024.0);

/// One measured call.
#[derive(Debug, Clone)]
pub struct Row {
    /// What was called, in which state.
    pub name: &'static str,
    /// What it cost.
    pub cost: Cost,
}

impl Cost {
    /// Compute in ms.
    pub fn ms(&self) -> f64 {
        self.ref_time as f64 / 1e9
    }

    /// Proof in KB of 1,024 bytes.
    pub fn kb(&self) -> f64 {
        self.proof_size as f64 / 1024.0
    }

    /// How many such calls fit in a block: by compute alone, by proof alone.
    pub fn in_a_block(&self) -> (u64, u64) {
        ((BLOCK.0 / self.ms()) as u64, (BLOCK.1 / self.kb()) as u64)
    }
}

/// The cost of `name` among `rows`.
pub fn cost_of(rows: &[Row], name: &str) -> Cost {
    rows.iter().find(|row| row.name == name).unwrap_or_else(|| panic!("no row {name}")).cost
}
