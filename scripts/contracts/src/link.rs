//! From the compiler's program to what the chain runs.

use anyhow::{Result, anyhow};
use polkavm_linker::{Config, TargetInstructionSet, program_from_elf};

/// Version of PolkaVM's linker. Pinned, because another one makes other bytes.
pub use yieldset_tasks::contracts::LINKER as VERSION;

/// Bytes of stack that a blob has. The linker's own default, 8 KiB, is less than the frames of a licence's message with
/// its records: such a call traps.
const STACK: u32 = 32 * 1024;

/// Links a program that was compiled for PolkaVM into a blob for pallet-revive, without symbols and optimised.
///
/// Fails on what the machine does not have, such as an unresolved symbol: ink! leaves one named `__ink_enforce_error_…`
/// where a contract calls another in a way that cannot work.
pub fn blob(program: &[u8]) -> Result<Vec<u8>> {
    let mut config = Config::default();
    config.set_strip(true);
    config.set_optimize(true);
    config.set_min_stack_size(STACK);
    program_from_elf(config, TargetInstructionSet::ReviveV1, program).map_err(|error| anyhow!("{error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_recorded_linker_is_the_one_that_is_linked() {
        let manifest: toml::Table = include_str!("../Cargo.toml").parse().expect("manifest");
        assert_eq!(manifest["dependencies"]["polkavm-linker"].as_str(), Some(&*format!("={VERSION}")));
    }

    #[test]
    fn what_is_no_program_is_refused() {
        assert!(blob(b"not an ELF file").is_err());
    }
}
