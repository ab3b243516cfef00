//! This program in the compiler's place.
//!
//! ink!'s macros have to know the contracts' ABI, and they are compiled for this machine. Where cargo compiles for
//! another machine it has no flags for what runs on this one, but it runs any program in the compiler's place.

use std::ffi::{OsStr, OsString};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, ExitCode};

/// Set where this program is to be the compiler, to the path of an empty source.
pub const WRAPPER: &str = "YIELDSET_CONTRACTS_RUSTC";

/// Contracts speak Solidity's ABI.
pub const ABI: [&str; 4] = ["--cfg", "ink_abi=\"sol\"", "--check-cfg", "cfg(ink_abi,values(\"ink\",\"sol\",\"all\"))"];

/// Becomes the compiler that cargo names first, with its arguments and [`ABI`]. Returns only where that fails.
pub fn run(empty: &OsStr) -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    let Some(compiler) = arguments.next() else {
        eprintln!("error: {WRAPPER} is set, but cargo does not run this; unset it");
        return ExitCode::FAILURE;
    };
    let mut arguments: Vec<_> = arguments.collect();
    if std::env::var_os("CARGO_PRIMARY_PACKAGE").is_some() && is_library(&arguments) {
        for source in arguments.iter_mut().filter(|argument| is_source(argument)) {
            empty.clone_into(source);
        }
    }
    let error = Command::new(&compiler).args(arguments).args(ABI).exec();
    eprintln!("error: starting {}: {error}", compiler.display());
    ExitCode::FAILURE
}

/// Whether cargo compiles a library for others to link, and does not just ask the compiler about itself.
fn is_library(arguments: &[OsString]) -> bool {
    arguments.windows(2).any(|pair| pair[0] == "--crate-type" && pair[1] == "lib")
}

fn is_source(argument: &OsStr) -> bool {
    Path::new(argument).extension().is_some_and(|extension| extension == "rs")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_library_and_its_source_are_told_from_programs_and_questions() {
        let arguments = |text: &str| text.split(' ').map(OsString::from).collect::<Vec<_>>();
        let library = arguments("--crate-name yieldset_kyc --edition=2024 kyc/src/lib.rs --crate-type lib -C lto");
        assert!(is_library(&library));
        assert_eq!(library.iter().filter(|argument| is_source(argument)).count(), 1);
        assert!(!is_library(&arguments("--crate-name yieldset_kyc kyc/src/lib.rs --crate-type bin")));
        assert!(!is_library(&arguments("- --crate-name ___ --print=file-names --crate-type bin --crate-type rlib")));
    }
}
