//! Building the contracts, so that the same sources and tools give the same bytes anywhere, and comparing them with
//! what is checked in. Cargo compiles them for PolkaVM's target, PolkaVM's linker makes blobs of them.

mod abi;
mod artifacts;
mod cargo;
mod link;
mod metadata;
mod pages;
mod rustc;
mod solidity;
mod toolchain;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, ensure};
use clap::{Parser, Subcommand};
use sha2::{Digest, Sha256};
use yieldset_tasks::contracts::{self as record, BuildRecord, NOT_COMPARED, SUMS};

use artifacts::Files;
use cargo::Workspace;

/// All contracts that go on chain.
const CONTRACTS: [&str; 12] = [
    "attribution",
    "coop",
    "factory",
    "kyc",
    "kyc-logic",
    "licence",
    "manifests",
    "market",
    "pool",
    "pool-claims",
    "pool-logic",
    "verifier",
];

#[derive(Parser)]
#[command(name = "yieldset-contracts", version, about = "Builds the contracts' blobs and ABIs")]
struct Cli {
    /// The repository; by default the one that holds the current folder.
    #[arg(long, global = true, value_name = "DIR")]
    root: Option<PathBuf>,
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Build blobs, ABIs and what derives from them into contracts/artifacts, with the record of what they were built
    /// from and by.
    Build {
        /// While working on one contract: only its blob. ABIs and the record stay as they are (`yieldset-tasks tidy`
        /// then says that the blobs are out of date).
        #[arg(long, value_name = "CONTRACT", value_parser = CONTRACTS, conflicts_with = "interfaces")]
        only: Option<String>,
        /// While working on declarations: only the ABIs, the tables and Yieldset.sol.
        #[arg(long)]
        interfaces: bool,
    },
    /// Write nothing: compare fresh blobs byte for byte with contracts/artifacts, and check the size limits. Ends with
    /// 3 where the tools here are others than those of the checked-in blobs, which then are not compared.
    Check {
        /// Build the ABIs too. Without, those checked in are compared with the sums that were written with the blobs.
        #[arg(long)]
        abis: bool,
    },
}

fn main() -> ExitCode {
    if let Some(empty) = std::env::var_os(rustc::WRAPPER) {
        return rustc::run(&empty);
    }
    match run(Cli::parse()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: Cli) -> Result<ExitCode> {
    let root = match cli.root {
        Some(root) => root,
        None => yieldset_tasks::repository(&std::env::current_dir()?)?,
    };
    let workspace = Workspace::find(&root)?;
    match cli.task {
        Task::Build { only: Some(name), .. } => build_one(&root, &workspace, &name)?,
        Task::Build { interfaces: true, .. } => artifacts::write(&root, &abi::all(&root, &workspace)?)?,
        Task::Build { .. } => build(&root, &workspace)?,
        Task::Check { abis } => return check(&root, &workspace, abis),
    }
    Ok(ExitCode::SUCCESS)
}

/// Leaves the record alone: the other blobs are not built from these sources.
fn build_one(root: &Path, workspace: &Workspace, name: &str) -> Result<()> {
    for (file, blob) in blobs(workspace, &[name])? {
        println!("{file}: {} bytes", blob.len());
        artifacts::write(root, &BTreeMap::from([(file, blob)]))?;
    }
    Ok(())
}

fn build(root: &Path, workspace: &Workspace) -> Result<()> {
    let mut files = blobs(workspace, &CONTRACTS)?;
    files.extend(abi::all(root, workspace)?);
    print!("{}", artifacts::sizes(root, &files)?);
    let sums = artifacts::sums(&files);
    let built = built(root, workspace, &sums)?;
    files.insert(SUMS.into(), sums);
    files.insert(record::FILE.into(), built.to_toml()?.into_bytes());
    artifacts::write(root, &files)?;
    if !built.by_the_pinned_tools() {
        println!("built by {}: good for trying them out, but checks refuse these blobs", built.tools());
    }
    Ok(())
}

fn check(root: &Path, workspace: &Workspace, abis: bool) -> Result<ExitCode> {
    record::check(root)?;
    let mut files = blobs(workspace, &CONTRACTS)?;
    if abis {
        files.extend(abi::all(root, workspace)?);
    } else {
        for extension in ["abi", "md", "sol"] {
            files.extend(artifacts::checked_in(root, extension)?);
        }
    }
    print!("{}", artifacts::sizes(root, &files)?);
    let built = built(root, workspace, &artifacts::sums(&files))?;
    if !built.by_the_pinned_tools() {
        // Other tools, other bytes.
        files.extend(artifacts::checked_in(root, "polkavm")?);
    }
    files.insert(SUMS.into(), artifacts::sums(&files));
    artifacts::compare(root, &files)?;
    if built.by_the_pinned_tools() {
        println!("contracts: the checked-in files are what these sources build to");
        return Ok(ExitCode::SUCCESS);
    }
    println!("contracts: the blobs are NOT COMPARED: they are by {}, and here is {}", record::COMPILER, built.tools());
    println!("only their digests were, with those recorded; rustup component add rust-src gets what is missing");
    Ok(ExitCode::from(NOT_COMPARED))
}

/// Blobs by the names of their files.
fn blobs(workspace: &Workspace, names: &[&str]) -> Result<Files> {
    let mut blobs = Files::new();
    for (name, program) in names.iter().zip(workspace.programs(names)?) {
        let program = std::fs::read(&program).with_context(|| format!("reading {}", program.display()))?;
        blobs.insert(format!("{name}.polkavm"), link::blob(&program).with_context(|| format!("linking {name}"))?);
    }
    ensure!(blobs.len() == names.len(), "not every contract was built");
    Ok(blobs)
}

/// What a build of now is from and by.
fn built(root: &Path, workspace: &Workspace, sums: &[u8]) -> Result<BuildRecord> {
    Ok(BuildRecord {
        compiler: workspace.compiler()?,
        polkavm_linker: link::VERSION.to_owned(),
        sources: record::sources(root)?,
        sums: hex::encode(Sha256::digest(sums)),
    })
}
