use yieldset_tests::bench::{limits, ours};

/// Every byte of code and every slot is proof on each call. The weights are the pallet's own and the same on every machine.
#[test]
fn no_call_costs_more_than_its_limit() {
    let text = std::fs::read_to_string(limits::file()).unwrap();
    let violations = limits::violations(&ours::measure(), &limits::parse(&text));
    assert!(
        violations.is_empty(),
        "{}\nmake it cheaper, or raise the limits by `weights --limits`",
        violations.join("\n")
    );
}
