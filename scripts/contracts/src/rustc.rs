//! This program in the compiler's place.
//!
//! ink!'s macros have to know the contracts' ABI, and they are compiled for this machine. Where cargo compiles for
//! another machine it has no flags for what runs on this one, but it runs any program in the compiler's place.

use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode};

/// Set where this program is to be the compiler.
pub const WRAPPER: &str = "YIELDSET_CONTRACTS_RUSTC";

/// Contracts speak Solidity's ABI.
pub const ABI: [&str; 4] = ["--cfg", "ink_abi=\"sol\"", "--check-cfg", "cfg(ink_abi,values(\"ink\",\"sol\",\"all\"))"];

/// Becomes the compiler that cargo names first, with its arguments and [`ABI`]. Returns only where that fails.
pub fn run() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    let Some(compiler) = arguments.next() else {
        eprintln!("error: {WRAPPER} is set, but cargo does not run this; unset it");
        return ExitCode::FAILURE;
    };
    let error = Command::new(&compiler).args(arguments).args(ABI).exec();
    eprintln!("error: starting {}: {error}", compiler.display());
    ExitCode::FAILURE
}
