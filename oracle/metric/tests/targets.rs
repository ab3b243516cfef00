//! The metric comes to the same whatever processor it is built for.

use std::process::Command;

/// What `examples/digest.rs` prints, optimised and built for these features of a processor.
fn digest(folder: &str, features: &str) -> String {
    let target = format!("{}/{folder}", env!("CARGO_TARGET_TMPDIR"));
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
    let built = Command::new(env!("CARGO"))
        .args(["run", "--quiet", "--release", "--locked", "--example", "digest", "--manifest-path", manifest])
        .args(["--target-dir", &target])
        .env("RUSTFLAGS", features)
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .output()
        .expect("cargo");
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    String::from_utf8(built.stdout).expect("a line").trim().to_owned()
}

/// Proves ATT-6's repeatability: once embeddings are given, a build for the oldest processor and one with AVX2 and
/// fused multiplication come to the same words, spans, owners and scores, bit for bit.
#[test]
#[ignore = "builds the metric for two processors, a minute or two: --run-ignored all"]
fn processors_change_nothing() {
    #[cfg(target_arch = "x86_64")]
    let targets = ["-Ctarget-cpu=x86-64", "-Ctarget-feature=+avx2,+fma,+bmi2,+lzcnt"];
    #[cfg(not(target_arch = "x86_64"))]
    let targets = ["-Ctarget-cpu=generic", "-Ctarget-cpu=native"];
    let [baseline, wide] = ["baseline", "wide"]
        .into_iter()
        .zip(targets)
        .map(|(folder, cpu)| digest(folder, cpu))
        .collect::<Vec<_>>()
        .try_into()
        .expect("two");
    assert_eq!(baseline.len(), 64);
    assert_eq!(baseline, wide);
}
