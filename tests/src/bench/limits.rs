//! The most that each of our calls may cost: `[max_weight]` of `contracts/artifacts/limits.toml`.

use super::Row;
use crate::chain::{Cost, root_file};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// The section, which is the file's last.
const SECTION: &str = "[max_weight]";
/// A limit is this much above what was measured, in percent: room for a few bytes of code, not for another slot.
const ROOM: u64 = 2;

/// The checked-in file.
pub fn file() -> PathBuf {
    root_file("contracts/artifacts/limits.toml")
}

/// The limits in a file's text: ref_time in picoseconds, proof_size in bytes.
pub fn parse(text: &str) -> BTreeMap<String, Cost> {
    let table: toml::Table = text.parse().unwrap_or_else(|e| panic!("limits.toml: {e}"));
    let Some(section) = table.get("max_weight").and_then(toml::Value::as_table) else { return BTreeMap::new() };
    let number = |row: &toml::Value, key: &str| {
        let number = row.get(key).and_then(toml::Value::as_integer).and_then(|n| u64::try_from(n).ok());
        number.unwrap_or_else(|| panic!("limits.toml: {row} has no {key}"))
    };
    let cost = |row: &toml::Value| Cost {
        ref_time: number(row, "microseconds") * 1_000_000,
        proof_size: number(row, "proof_bytes"),
    };
    section.iter().map(|(name, row)| (name.clone(), cost(row))).collect()
}

/// The file's text with limits for `rows` in place of those it has.
pub fn replace(text: &str, rows: &[Row]) -> String {
    let kept = text.split(SECTION).next().unwrap_or_default().trim_end();
    let mut out = format!(
        "{kept}\n\n{SECTION}\n# Written by `weights --limits`: {ROOM} % above the measured ref_time and proof_size. A call that \
         grows over its limit fails\n# the tests; raise it by running that again, and say in the commit what the growth buys.\n"
    );
    for Row { name, cost } in rows {
        let microseconds = (cost.ref_time * (100 + ROOM)).div_ceil(100 * 1_000_000);
        let bytes = (cost.proof_size * (100 + ROOM)).div_ceil(100);
        out += &format!("\"{name}\" = {{ microseconds = {microseconds}, proof_bytes = {bytes} }}\n");
    }
    out
}

/// What is over its limit, has none, or is limited but was not measured.
pub fn violations(rows: &[Row], limits: &BTreeMap<String, Cost>) -> Vec<String> {
    let mut found = Vec::new();
    for Row { name, cost } in rows {
        let Some(most) = limits.get(*name) else {
            found.push(format!("{name} has no limit"));
            continue;
        };
        if cost.ref_time > most.ref_time {
            found.push(format!("{name} takes {:.3} ms, at most {:.3} are allowed", cost.ms(), most.ms()));
        }
        if cost.proof_size > most.proof_size {
            let (bytes, most) = (cost.proof_size, most.proof_size);
            found.push(format!("{name} has {bytes} bytes of proof, at most {most} are allowed"));
        }
    }
    for name in limits.keys().filter(|name| rows.iter().all(|row| row.name != name.as_str())) {
        found.push(format!("{name} has a limit but is not measured"));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(name: &'static str, ref_time: u64, proof_size: u64) -> Row {
        Row { name, cost: Cost { ref_time, proof_size } }
    }

    #[test]
    fn written_limits_leave_two_percent_and_the_rest_of_the_file_stays() {
        let text = replace("[max_bytes]\npool = 1\n", &[row("claim", 1_000_000_000, 1_000)]);
        let again = replace(&text, &[row("claim", 1_000_000_000, 1_000)]);
        assert_eq!(text, again);
        assert!(text.starts_with("[max_bytes]\npool = 1\n\n[max_weight]\n"), "{text}");
        let limits = parse(&text);
        assert_eq!((limits["claim"].ref_time, limits["claim"].proof_size), (1_020_000_000, 1_020));
        assert!(violations(&[row("claim", 1_020_000_000, 1_020)], &limits).is_empty());
    }

    #[test]
    fn growth_and_gaps_are_seen() {
        let limits = parse("[max_weight]\nclaim = { microseconds = 10, proof_bytes = 5 }\n");
        let found = |row| violations(&[row], &limits).join("; ");
        assert!(found(row("claim", 10_000_001, 5)).contains("ms"));
        assert!(found(row("claim", 10_000_000, 6)).contains("6 bytes of proof"));
        assert_eq!(found(row("deposit", 1, 1)), "deposit has no limit; claim has a limit but is not measured");
    }
}
