//! The demo, and before it is stopped its API asked by schemathesis, as scripts/test-api has it.

use anyhow::Result;

use super::reports;
use crate::test::session::{Bench, Outcome};

/// At length.
pub const WHOLE: &str = "scripts/test-api";
/// With few cases of each operation.
pub const SAMPLE: &str = "scripts/test-api --sample";

/// What scripts/test-api ends with where this machine cannot have what it needs.
const CANNOT: i32 = 77;
/// Whoever asks this much is no client like others.
const LIMITS: [&str; 2] = ["YIELDSET_REQUESTS_PER_SECOND", "YIELDSET_REQUEST_BURST"];

/// The demo with a form of the script. Where its packages cannot be had, the demo alone.
pub fn asked(bench: &mut Bench<'_>, script: &str) -> Result<Outcome> {
    let mut demo = bench.session.ours("yieldset-tasks");
    demo.arg("demo");
    let mut packages = bench.session.command("scripts/test-api");
    packages.arg("--packages");
    let packages = bench.status(packages)?;
    if packages.code() == Some(CANNOT) {
        let alone = "the packages of schemathesis cannot be had: the demo ran, and nothing was asked of its API";
        return Ok(if bench.run(demo)? { Outcome::skipped(alone) } else { Outcome::failed() });
    }
    if !packages.success() {
        return Ok(Outcome::failed());
    }
    let report = bench.folder()?.join("junit.xml");
    demo.args(["--then", script]).env("YIELDSET_JUNIT", &report).envs(LIMITS.map(|limit| (limit, "1000000")));
    let ok = bench.run(demo)?;
    Ok(Outcome::tests(ok, reports::junit(&report)?))
}
