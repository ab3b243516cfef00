//! The compiler of the contracts: the pinned one with the standard library's source, which is compiled for PolkaVM too.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

/// Where the standard library's source is missing and cannot be downloaded, `scripts/setup contracts` links the
/// distribution's compiler by this name. It builds working contracts, though other bytes: `check` says so.
const SUBSTITUTE: &str = "contracts";

/// A compiler that rustup knows.
pub struct Toolchain {
    /// Its name, for RUSTUP_TOOLCHAIN.
    pub name: String,
    /// The caller's search path after the folder of the pinned compiler's `rust-lld`, which the substitute lacks.
    pub path: OsString,
}

impl Toolchain {
    /// The pinned one, or else the substitute.
    pub fn find(root: &Path) -> Result<Self> {
        let pinned = std::env::var("RUSTUP_TOOLCHAIN").or_else(|_| pinned(root))?;
        let pinned_sysroot = sysroot(&pinned)?;
        let linker = pinned_sysroot.join("lib/rustlib").join(host(&pinned)?).join("bin");
        let name = if has_source(&pinned_sysroot) { pinned } else { SUBSTITUTE.to_owned() };
        ensure!(has_source(&sysroot(&name)?), "the standard library's source is missing; run scripts/setup contracts");
        let rest = std::env::var_os("PATH").unwrap_or_default();
        let path = std::env::join_paths([linker].into_iter().chain(std::env::split_paths(&rest)))?;
        Ok(Self { name, path })
    }

    /// The compiler's name for itself, and its LLVM's version: both decide about the bytes.
    pub fn compiler(&self) -> Result<String> {
        let text = rustc(&self.name, &["-vV"])?;
        let version = text.lines().next().context("rustc -vV printed nothing")?;
        let llvm = text.lines().find(|line| line.starts_with("LLVM version")).context("rustc names no LLVM version")?;
        Ok(format!("{version}, {llvm}"))
    }
}

fn pinned(root: &Path) -> Result<String> {
    let file: toml::Table = std::fs::read_to_string(root.join("rust-toolchain.toml"))?.parse()?;
    let channel = file.get("toolchain").and_then(|toolchain| toolchain.get("channel")?.as_str());
    channel.map(String::from).context("rust-toolchain.toml names no channel")
}

fn sysroot(toolchain: &str) -> Result<PathBuf> {
    Ok(PathBuf::from(rustc(toolchain, &["--print", "sysroot"])?.trim()))
}

/// The platform that the compiler runs on.
fn host(toolchain: &str) -> Result<String> {
    let text = rustc(toolchain, &["-vV"])?;
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(String::from).context("rustc names no host")
}

fn rustc(toolchain: &str, args: &[&str]) -> Result<String> {
    let output =
        Command::new("rustc").args(args).env("RUSTUP_TOOLCHAIN", toolchain).output().context("starting rustc")?;
    ensure!(output.status.success(), "rustc of the toolchain {toolchain} does not run; run scripts/setup contracts");
    Ok(String::from_utf8(output.stdout)?)
}

fn has_source(sysroot: &Path) -> bool {
    sysroot.join("lib/rustlib/src/rust/library/Cargo.lock").is_file()
}
