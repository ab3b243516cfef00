//! Building the contracts, so that the same sources and tools give the same bytes anywhere, and comparing them with
//! what is checked in.

mod abi;
pub mod record;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicUsize, Ordering},
};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use indicatif::{ProgressBar, ProgressStyle};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use record::Record;

/// In the order they are built.
const CONTRACTS: [&str; 10] =
    ["kyc", "manifests", "licence", "attribution", "market", "coop", "factory", "verifier", "pool-logic", "pool"];
const SUMS: &str = "SHA256SUMS";
const LIMITS: &str = "limits.toml";

/// PolkaVM reads and writes at any address, but the compiler's target does not say so and moves words byte by byte: a
/// third of the code.
const RUSTFLAGS: &str = "-Ctarget-feature=+unaligned-scalar-mem";

/// Options of `contracts`.
#[derive(clap::Args)]
pub struct Args {
    /// Write nothing: compare fresh blobs byte for byte with contracts/artifacts, and check the size limits. Blobs of a
    /// compiler other than the recorded one are named and not compared.
    #[arg(long)]
    check: bool,
    /// With --check: build the ABIs too, which takes twice as long as the blobs. Without, those checked in are compared
    /// with the sums that were written with the blobs.
    #[arg(long, requires = "check")]
    abis: bool,
    /// While working on one contract: build only this one, write its blob and ABI, and leave the record of the build as
    /// it is (`tidy` then says that the blobs are out of date).
    #[arg(long, value_name = "CONTRACT", conflicts_with = "check")]
    only: Option<String>,
}

/// `limits.toml`: most bytes each blob may have. Every byte of code is a byte of proof on each call.
#[derive(Deserialize)]
struct Limits {
    max_bytes: BTreeMap<String, u64>,
}

/// Builds all contracts, then writes or compares.
pub fn run(root: &Path, args: &Args) -> Result<()> {
    let builder = Builder::find(root)?;
    let artifacts = root.join("contracts/artifacts");
    let names = args.only.as_deref().map_or(CONTRACTS.to_vec(), |only| vec![only]);
    let mut files = builder.all(&names, !args.check || args.abis)?;
    if let Some(name) = &args.only {
        for (file, content) in &files {
            println!("{file}: {} bytes", content.len());
            std::fs::write(artifacts.join(file), content).with_context(|| format!("writing {name}"))?;
        }
        return Ok(());
    }
    if args.check && !args.abis {
        for name in CONTRACTS {
            let file = format!("{name}.abi");
            if let Ok(abi) = std::fs::read(artifacts.join(&file)) {
                files.insert(file, abi);
            }
        }
    }
    files.insert(SUMS.into(), sums(&files).into_bytes());
    let built = Record {
        compiler: record::compiler(&builder.toolchain)?,
        cargo_contract: builder.version()?,
        sources: record::sources(root)?,
    };
    let limits = std::fs::read_to_string(artifacts.join(LIMITS)).context("reading contracts/artifacts/limits.toml")?;
    print!("{}", sizes(&files, &toml::from_str(&limits)?)?);
    if args.check {
        return check(root, &artifacts, files, &built);
    }
    files.insert(record::FILE.into(), built.to_toml()?.into_bytes());
    for (name, content) in &files {
        std::fs::write(artifacts.join(name), content).with_context(|| format!("writing {name}"))?;
    }
    Ok(())
}

/// Compares a fresh build with what is checked in.
fn check(root: &Path, artifacts: &Path, mut files: BTreeMap<String, Vec<u8>>, built: &Record) -> Result<()> {
    record::check_sources(root)?;
    let recorded = Record::read(artifacts)?;
    if recorded.same_tools(built) {
        compare(artifacts, &files)?;
        println!("contracts: the checked-in files are what these sources build to");
        return Ok(());
    }
    // Other tools, other bytes: of the blobs only the sources' digest and SHA256SUMS can be checked here.
    files.remove(SUMS);
    let mut unlike = Vec::new();
    for (name, content) in files.iter_mut().filter(|(name, _)| name.ends_with(".polkavm")) {
        let checked_in = std::fs::read(artifacts.join(name)).with_context(|| format!("reading {name}"))?;
        if *content != checked_in {
            unlike.push(name.clone());
            *content = checked_in;
        }
    }
    files.insert(SUMS.into(), sums(&files).into_bytes());
    compare(artifacts, &files)?;
    println!(
        "contracts: the ABIs are what these sources build to; the blobs' sources have not changed since they were built"
    );
    println!("not compared, built by {} and here by {}: {}", recorded.compiler, built.compiler, unlike.join(", "));
    Ok(())
}

/// The tools and folders of one build.
struct Builder {
    root: PathBuf,
    target: PathBuf,
    toolchain: String,
    path: String,
}

impl Builder {
    /// Finds cargo-contract, the compiler with the standard library's source, and its linker.
    fn find(root: &Path) -> Result<Self> {
        let cache = match std::env::var_os("YIELDSET_CACHE") {
            Some(cache) => PathBuf::from(cache),
            None => PathBuf::from(std::env::var_os("HOME").context("HOME is not set")?).join(".cache/yieldset"),
        };
        let pinned = std::env::var("RUSTUP_TOOLCHAIN").or_else(|_| pinned_toolchain(root))?;
        let pinned_sysroot = sysroot(&pinned)?;
        // Without rust-src the distribution's compiler builds working contracts, though other bytes: `--check` says so.
        let toolchain = if has_source(&pinned_sysroot) { pinned } else { "contracts".to_owned() };
        ensure!(
            has_source(&sysroot(&toolchain)?),
            "the standard library's source is missing; run scripts/setup contracts"
        );
        let linker = pinned_sysroot.join("lib/rustlib/x86_64-unknown-linux-gnu/bin");
        let path = std::env::var("PATH").unwrap_or_default();
        let path = format!("{}:{}:{path}", cache.join("tools/bin").display(), linker.display());
        Ok(Self { root: root.to_owned(), target: cache.join("contracts-target"), toolchain, path })
    }

    /// What cargo-contract says of itself, without its name.
    fn version(&self) -> Result<String> {
        let output = Command::new("cargo-contract").arg("--version").env("PATH", &self.path).output();
        let text = String::from_utf8(output.context("starting cargo-contract; run scripts/setup contracts")?.stdout)?;
        let version = text.split_whitespace().find(|word| word.starts_with(|c: char| c.is_ascii_digit()));
        Ok(version.context("cargo-contract names no version")?.split("-unknown").next().unwrap_or_default().to_owned())
    }

    /// Blobs, and ABIs where wanted, by the names of their files. Two are built at a time, each in a folder of its own:
    /// most of the time is one compiler working out `#[ink::contract]`, for the machine and twice more for the ABI.
    fn all(&self, names: &[&str], abis: bool) -> Result<BTreeMap<String, Vec<u8>>> {
        let kinds: &[bool] = if abis { &[false, true] } else { &[false] };
        let jobs: Vec<(&str, bool)> = kinds.iter().flat_map(|abi| names.iter().map(|name| (*name, *abi))).collect();
        let bar = ProgressBar::new(jobs.len() as u64);
        bar.set_style(ProgressStyle::with_template("contracts {wide_bar} {pos}/{len} {msg} {elapsed}")?);
        bar.enable_steady_tick(Duration::from_millis(200));
        let (next, files) = (AtomicUsize::new(0), Mutex::new(BTreeMap::new()));
        let worker = |target: PathBuf| {
            while let Some((name, abi)) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
                bar.set_message(String::from(*name));
                let (kind, product) =
                    if *abi { ("abi", self.abi(&target, name)?) } else { ("polkavm", self.code(&target, name)?) };
                if let Some(product) = product {
                    files.lock().unwrap_or_else(PoisonError::into_inner).insert(format!("{name}.{kind}"), product);
                }
                bar.inc(1);
            }
            Ok::<_, anyhow::Error>(())
        };
        std::thread::scope(|scope| {
            let other = scope.spawn(|| worker(self.target.join("second")));
            worker(self.target.clone())?;
            other.join().map_err(|_| anyhow::anyhow!("building the contracts panicked"))?
        })?;
        bar.finish_and_clear();
        Ok(files.into_inner().unwrap_or_else(PoisonError::into_inner))
    }

    /// From the manifest, lock file and profile as they are.
    fn code(&self, target: &Path, name: &str) -> Result<Option<Vec<u8>>> {
        self.cargo_contract(target, name, &["-Z", "original-manifest", "--generate", "code-only"])?;
        product(target, name, "polkavm").map(Some)
    }

    /// From cargo-contract's own copy of the manifest. A pool is dispatched without `#[ink::contract]`, which makes no
    /// ABI for it: its ABI is declared by hand, and a test sends every message in it to a real pool.
    fn abi(&self, target: &Path, name: &str) -> Result<Option<Vec<u8>>> {
        match name {
            "pool" => return abi::normalise(&abi::of_pool()?).map(Some),
            "pool-logic" => return Ok(None),
            _ => {}
        }
        self.cargo_contract(target, name, &["--generate", "all"])?;
        abi::normalise(&product(target, name, "abi")?).map(Some)
    }

    fn cargo_contract(&self, target: &Path, name: &str, options: &[&str]) -> Result<()> {
        let output = Command::new("cargo-contract")
            .args(["contract", "build", "--release", "--features", "contract"])
            .args(options)
            .current_dir(self.root.join("contracts").join(name))
            .env("PATH", &self.path)
            .env("CARGO_TARGET_DIR", target)
            .env("RUSTUP_TOOLCHAIN", &self.toolchain)
            .env("CARGO_UNSTABLE_JSON_TARGET_SPEC", "true")
            // Flags by profile are the one way past cargo-contract, which sets all others itself; cargo calls them
            // unstable.
            .env("CARGO_PROFILE_RELEASE_RUSTFLAGS", RUSTFLAGS)
            .env("CARGO_UNSTABLE_PROFILE_RUSTFLAGS", "true")
            .env("RUSTC_BOOTSTRAP", "1")
            .env_remove("CARGO_MANIFEST_DIR")
            .output()
            .context("starting cargo-contract; run scripts/setup contracts")?;
        if !output.status.success() {
            bail!("cargo-contract failed for {name}:\n{}", String::from_utf8_lossy(&output.stderr));
        }
        Ok(())
    }
}

/// What cargo-contract left behind.
fn product(target: &Path, name: &str, extension: &str) -> Result<Vec<u8>> {
    let artifact = format!("yieldset_{}", name.replace('-', "_"));
    let path = target.join("ink").join(&artifact).join(&artifact).with_extension(extension);
    std::fs::read(&path).with_context(|| format!("reading {}", path.display()))
}

fn pinned_toolchain(root: &Path) -> Result<String> {
    let file: toml::Table = std::fs::read_to_string(root.join("rust-toolchain.toml"))?.parse()?;
    let channel = file.get("toolchain").and_then(|toolchain| toolchain.get("channel")?.as_str());
    channel.map(String::from).context("rust-toolchain.toml names no channel")
}

fn sysroot(toolchain: &str) -> Result<PathBuf> {
    let output = Command::new("rustc")
        .args(["--print", "sysroot"])
        .env("RUSTUP_TOOLCHAIN", toolchain)
        .output()
        .context("starting rustc")?;
    ensure!(output.status.success(), "no toolchain {toolchain}; run scripts/setup contracts");
    Ok(PathBuf::from(String::from_utf8(output.stdout)?.trim()))
}

fn has_source(sysroot: &Path) -> bool {
    sysroot.join("lib/rustlib/src/rust/library/Cargo.lock").is_file()
}

/// In the format of `sha256sum --check`.
fn sums(files: &BTreeMap<String, Vec<u8>>) -> String {
    files.iter().map(|(name, content)| format!("{}  {name}\n", hex::encode(Sha256::digest(content)))).collect()
}

/// The blobs' sizes beside their limits.
fn sizes(files: &BTreeMap<String, Vec<u8>>, limits: &Limits) -> Result<String> {
    let mut lines = String::new();
    for (file, content) in files {
        let Some(name) = file.strip_suffix(".polkavm") else { continue };
        let limit = *limits.max_bytes.get(name).with_context(|| format!("limits.toml has no limit for {name}"))?;
        let size = content.len() as u64;
        ensure!(
            size <= limit,
            "{file} has {size} bytes, at most {limit}: make it smaller, or raise the limit with a reason"
        );
        lines += &format!("{file:<22} {size:>7} of {limit} bytes\n");
    }
    Ok(lines)
}

/// Every difference between the folder and a fresh build, at once.
fn compare(artifacts: &Path, files: &BTreeMap<String, Vec<u8>>) -> Result<()> {
    let mut wrong = Vec::new();
    for (name, built) in files {
        match std::fs::read(artifacts.join(name)) {
            Ok(checked_in) if checked_in == *built => {}
            Ok(checked_in) => {
                wrong.push(format!("{name}: {} bytes checked in, {} built", checked_in.len(), built.len()))
            }
            Err(error) => wrong.push(format!("{name}: {error}")),
        }
    }
    let stray = std::fs::read_dir(artifacts)?.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    wrong.extend(
        stray
            .filter(|name| ![LIMITS, record::FILE].contains(&name.as_str()) && !files.contains_key(name))
            .map(|name| format!("{name}: not a product of the build")),
    );
    ensure!(
        wrong.is_empty(),
        "contracts/artifacts differs from a fresh build; run yieldset-tasks contracts and commit the result:\n{}",
        wrong.join("\n")
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files() -> BTreeMap<String, Vec<u8>> {
        BTreeMap::from([("pool.polkavm".to_owned(), vec![7; 30]), ("pool.abi".to_owned(), b"[]".to_vec())])
    }

    fn limits(bytes: u64) -> Limits {
        Limits { max_bytes: BTreeMap::from([("pool".to_owned(), bytes)]) }
    }

    #[test]
    fn a_blob_over_its_limit_or_without_one_is_refused() {
        assert!(sizes(&files(), &limits(30)).expect("within").contains("30 of 30 bytes"));
        assert!(sizes(&files(), &limits(29)).expect_err("over").to_string().contains("at most 29"));
        assert!(sizes(&files(), &Limits { max_bytes: BTreeMap::new() }).is_err());
    }

    #[test]
    fn any_difference_is_named() {
        let folder = tempfile::tempdir().expect("temporary folder");
        for (name, content) in files() {
            std::fs::write(folder.path().join(name), content).expect("written");
        }
        std::fs::write(folder.path().join(LIMITS), "").expect("written");
        compare(folder.path(), &files()).expect("the same");
        std::fs::write(folder.path().join("pool.polkavm"), [8; 30]).expect("written");
        std::fs::remove_file(folder.path().join("pool.abi")).expect("removed");
        std::fs::write(folder.path().join("old.polkavm"), "").expect("written");
        let error = compare(folder.path(), &files()).expect_err("different").to_string();
        for name in ["pool.polkavm: 30 bytes", "pool.abi:", "old.polkavm: not a product"] {
            assert!(error.contains(name), "{error}");
        }
    }

    #[test]
    fn sums_are_in_the_format_of_sha256sum() {
        let sums = sums(&BTreeMap::from([("a".to_owned(), Vec::new())]));
        assert_eq!(sums, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  a\n");
    }
}
