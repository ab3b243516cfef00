//! Compiling the contracts' workspace: for PolkaVM, and for this machine, where programs print the contracts'
//! interfaces.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use polkavm_linker::TARGET_JSON_64_BIT_NEW;

use crate::rustc;
use crate::toolchain::Toolchain;

/// The compiler's name for PolkaVM; its description is the linker's.
const TARGET: &str = "riscv64emac-unknown-none-polkavm";

/// Flags of every crate of a blob. They are cargo-contract's, in its order: cargo names what it makes after them, and
/// the linker goes by names where two crates differ in their version only.
const FLAGS: [&str; 10] = [
    "-Clinker-plugin-lto",
    // Unless it asks for more.
    "-Clink-arg=-zstack-size=4096",
    // Tells what is `no_std` that it runs on a chain.
    "--cfg",
    "substrate_runtime",
    // A panic traps, without a text for it in the blob.
    "-Zunstable-options",
    "-Cpanic=immediate-abort",
    rustc::ABI[0],
    rustc::ABI[1],
    rustc::ABI[2],
    rustc::ABI[3],
];

/// Between the flags that cargo takes from its environment.
const SEPARATOR: &str = "\u{1f}";

/// PolkaVM reads and writes at any address, but its target does not say so and the compiler would move words byte by
/// byte: a third of the code. A flag of the profile, for that is where it can be given to cargo-contract: elsewhere it
/// would make other names.
const PROFILE_FLAGS: &str = "-Ctarget-feature=+unaligned-scalar-mem";

/// `contracts/` with the tools for it.
pub struct Workspace {
    folder: PathBuf,
    target: PathBuf,
    toolchain: Toolchain,
}

impl Workspace {
    /// That of the repository at `root`. Results lie where cargo's others do.
    pub fn find(root: &Path) -> Result<Self> {
        let folder = root.join("contracts").canonicalize().context("finding contracts/")?;
        let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
        let target = std::path::absolute(target).context("finding the target folder")?.join("contracts");
        Ok(Self { folder, target, toolchain: Toolchain::find(root)? })
    }

    /// The compiler's name for itself, with LLVM's version.
    pub fn compiler(&self) -> Result<String> {
        self.toolchain.compiler()
    }

    /// Compiles contracts for PolkaVM with one call of cargo, so that what they share is compiled once. Returns the
    /// programs, in the order of the names, for the linker.
    pub fn programs(&self, names: &[&str]) -> Result<Vec<PathBuf>> {
        let target = self.keep(&format!("{TARGET}.json"), TARGET_JSON_64_BIT_NEW)?;
        let empty = self.keep("empty.rs", "#![no_std]\n")?;
        let mut cargo = self.cargo();
        cargo.args(["build", "--locked", "--release", "--no-default-features", "--features", "contract"]);
        cargo.args(["-Zjson-target-spec", "-Zbuild-std=core,alloc", "-Zbuild-std-features=compiler-builtins-mem"]);
        cargo.arg("--target").arg(&target).env("CARGO_ENCODED_RUSTFLAGS", FLAGS.join(SEPARATOR));
        cargo.env("CARGO_PROFILE_RELEASE_RUSTFLAGS", PROFILE_FLAGS).env("CARGO_UNSTABLE_PROFILE_RUSTFLAGS", "true");
        cargo.env("RUSTC_WRAPPER", std::env::current_exe()?).env(rustc::WRAPPER, &empty);
        cargo.args(names.iter().flat_map(|name| ["--package".to_owned(), package(name)]));
        run(&mut cargo)?;
        let folder = self.target.join(TARGET).join("release");
        Ok(names.iter().map(|name| folder.join(package(name))).collect())
    }

    /// What the program `name` of `yieldset-abi` prints, for each name.
    pub fn metadata(&self, names: &[&str]) -> Result<Vec<Vec<u8>>> {
        let target = self.target.join("abi");
        let mut cargo = self.cargo();
        cargo.args(["build", "--locked", "--package", "yieldset-abi"]).env("CARGO_TARGET_DIR", &target);
        cargo.env("CARGO_ENCODED_RUSTFLAGS", rustc::ABI.join(SEPARATOR)).env("CARGO_PROFILE_DEV_DEBUG", "0");
        // What is kept for the next build grows to ten gigabytes, and saves seconds.
        cargo.env("CARGO_INCREMENTAL", "0");
        cargo.args(names.iter().flat_map(|name| ["--bin", name]));
        run(&mut cargo)?;
        let print = |name: &&str| {
            let output = Command::new(target.join("debug").join(name)).output().context("starting it")?;
            ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            Ok(output.stdout)
        };
        names.iter().map(|name| print(name).with_context(|| format!("asking for the interface of {name}"))).collect()
    }

    /// A file beside the results. Cargo compiles anew what is older, so it is written only where it is another.
    fn keep(&self, name: &str, content: &str) -> Result<PathBuf> {
        let file = self.target.join(name);
        if std::fs::read_to_string(&file).ok().as_deref() != Some(content) {
            std::fs::create_dir_all(&self.target).with_context(|| format!("making {}", self.target.display()))?;
            std::fs::write(&file, content).with_context(|| format!("writing {}", file.display()))?;
        }
        Ok(file)
    }

    fn cargo(&self) -> Command {
        let mut cargo = Command::new("cargo");
        // Warnings are the lints' matter.
        cargo.current_dir(&self.folder).args(["-Zwarnings", "--config", "build.warnings='allow'"]);
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_str().is_some_and(bends_the_build)) {
            cargo.env_remove(name);
        }
        cargo.env("PATH", &self.toolchain.path).env("CARGO_TARGET_DIR", &self.target);
        // The pinned compiler is a stable one; `-Z` is for nightly ones.
        cargo.env("RUSTUP_TOOLCHAIN", &self.toolchain.name).env("RUSTC_BOOTSTRAP", "1");
        cargo
    }
}

/// Whether a variable of the caller would change the bytes: flags, profiles, and compilers put in front of the
/// compiler, as lints are. What belongs to another crate that cargo runs is not for this one either.
fn bends_the_build(variable: &str) -> bool {
    let prefixes = ["CARGO_PROFILE_", "CARGO_UNSTABLE_", "CARGO_TARGET_", "CARGO_HOST_", "CARGO_MANIFEST_", "RUSTC"];
    let names = ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "CARGO_INCREMENTAL", "INK_STATIC_BUFFER_SIZE"];
    prefixes.iter().any(|prefix| variable.starts_with(prefix))
        || variable.starts_with("CARGO_BUILD_") && variable != "CARGO_BUILD_JOBS"
        || names.contains(&variable)
}

/// A contract's crate.
fn package(name: &str) -> String {
    format!("yieldset-{name}")
}

/// Cargo shows by itself how far it is and what is wrong.
fn run(cargo: &mut Command) -> Result<()> {
    let status = cargo.status().context("starting cargo")?;
    ensure!(status.success(), "compiling the contracts failed, see above");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caller_s_flags_do_not_reach_the_contracts_and_its_machine_does() {
        for name in ["RUSTFLAGS", "RUSTC_WORKSPACE_WRAPPER", "CARGO_PROFILE_RELEASE_LTO", "CARGO_BUILD_RUSTFLAGS"] {
            assert!(bends_the_build(name), "{name}");
        }
        for name in ["CARGO_HOME", "CARGO_BUILD_JOBS", "CARGO_TERM_COLOR", "RUSTUP_HOME", "PATH", "HTTPS_PROXY"] {
            assert!(!bends_the_build(name), "{name}");
        }
    }
}
