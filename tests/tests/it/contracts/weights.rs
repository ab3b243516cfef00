use yieldset_tests::bench::{limits, ours, report};

/// Every byte of code and every slot is proof on each call. The weights are the pallet's own and the same on every
/// machine, so what the document says of our calls and blobs must be what is measured now.
#[test]
fn no_call_costs_more_than_its_limit_or_other_than_documented() {
    let text = std::fs::read_to_string(limits::file()).unwrap();
    let rows = ours::measure();
    let violations = limits::violations(&rows, &limits::parse(&text));
    assert!(
        violations.is_empty(),
        "{}\nmake it cheaper, or raise the limits by `weights --limits`",
        violations.join("\n")
    );
    let missing = report::missing_lines(&rows);
    assert!(missing.is_empty(), "docs/BENCHMARKS.md has not\n{}\nrun `weights --write`", missing.join("\n"));
}
