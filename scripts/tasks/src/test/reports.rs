//! How many tests ran and failed, from the reports that the runners write for programs.

use std::path::Path;

use anyhow::{Context, Result};
use serde::Deserialize;

/// Tests of one report, or of several.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Held.
    pub passed: u64,
    /// Did not.
    pub failed: u64,
}

impl std::ops::AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

/// Of a JUnit report, as nextest and Node.js write them. A runner that never came to its tests leaves none: zero.
///
/// # Errors
/// A file that is no such report.
pub fn junit(file: &Path) -> Result<Counts> {
    let Some(text) = read(file)? else { return Ok(Counts::default()) };
    let report = roxmltree::Document::parse(&text).with_context(|| format!("parsing {}", file.display()))?;
    let mut counts = Counts::default();
    for test in report.descendants().filter(|node| node.has_tag_name("testcase")) {
        let says = |words: &[&str]| test.children().any(|child| words.contains(&child.tag_name().name()));
        if says(&["failure", "error"]) {
            counts.failed += 1;
        } else if !says(&["skipped"]) {
            counts.passed += 1;
        }
    }
    Ok(counts)
}

/// The part of cargo-mutants' `outcomes.json` that is wanted.
#[derive(Deserialize)]
struct Outcomes {
    caught: u64,
    /// Noticed by never ending.
    timeout: u64,
    missed: u64,
}

/// Of cargo-mutants' report: a mutant that no test noticed is a failure; those that do not compile count for nothing.
///
/// # Errors
/// A file that is no such report.
pub fn mutants(file: &Path) -> Result<Counts> {
    let Some(text) = read(file)? else { return Ok(Counts::default()) };
    let outcomes: Outcomes = serde_json::from_str(&text).with_context(|| format!("parsing {}", file.display()))?;
    Ok(Counts { passed: outcomes.caught + outcomes.timeout, failed: outcomes.missed })
}

fn read(file: &Path) -> Result<Option<String>> {
    match std::fs::read_to_string(file) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("reading {}", file.display())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What nextest 0.9.143 wrote, shortened.
    const NEXTEST: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="nextest-run" tests="3" failures="1" errors="0" time="0.06">
  <testsuite name="yieldset-rules" tests="3" disabled="0" errors="0" failures="1">
    <testcase name="math::a" classname="yieldset-rules" time="0.01"></testcase>
    <testcase name="math::b" classname="yieldset-rules" time="0.01">
      <flakyFailure type="test failure">once</flakyFailure>
    </testcase>
    <testcase name="math::c" classname="yieldset-rules" time="0.01">
      <failure message="assertion failed" type="test failure with exit code 101">a &lt; b</failure>
      <system-out>test math::c ... FAILED</system-out>
    </testcase>
  </testsuite>
</testsuites>"#;

    /// What Node.js 20 wrote, shortened: suites in suites, tests outside of any.
    const NODE: &str = r#"<?xml version="1.0" encoding="utf-8"?>
<testsuites>
	<testsuite name="pool" time="1" tests="2" failures="1">
		<testsuite name="deposits" time="1" tests="1" failures="0">
			<testcase name="counts" time="1" classname="test"/>
		</testsuite>
		<testcase name="pays" time="1" classname="test" failure="no">
			<failure type="testCodeFailure" message="no">Error</failure>
		</testcase>
	</testsuite>
	<testcase name="alone" time="1" classname="test"/>
	<testcase name="later" time="1" classname="test"><skipped type="skipped" message="true"/></testcase>
	<!-- tests 4 -->
</testsuites>"#;

    fn counted(text: &str, count: fn(&Path) -> Result<Counts>) -> Result<(u64, u64)> {
        let file = tempfile::NamedTempFile::new().expect("temporary file");
        std::fs::write(file.path(), text).expect("written");
        count(file.path()).map(|counts| (counts.passed, counts.failed))
    }

    #[test]
    fn failures_are_told_from_passes_and_skipped_tests_count_for_nothing() {
        assert_eq!(counted(NEXTEST, junit).expect("a report"), (2, 1));
        assert_eq!(counted(NODE, junit).expect("a report"), (2, 1));
        assert!(counted("<testsuites>", junit).is_err());
    }

    #[test]
    fn a_mutant_that_lives_is_a_failure_also_beside_one_that_never_ends() {
        let outcomes =
            r#"{"outcomes":[],"total_mutants":12,"missed":1,"caught":8,"timeout":2,"unviable":1,"success":0}"#;
        assert_eq!(counted(outcomes, mutants).expect("a report"), (10, 1));
        assert!(counted(r#"{"caught":8}"#, mutants).is_err());
    }

    #[test]
    fn without_a_report_no_test_has_run() {
        let folder = tempfile::tempdir().expect("temporary folder");
        assert_eq!(junit(&folder.path().join("junit.xml")).expect("none"), Counts::default());
        assert_eq!(mutants(&folder.path().join("outcomes.json")).expect("none"), Counts::default());
    }
}
