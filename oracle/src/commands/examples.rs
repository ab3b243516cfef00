//! An example of each command that has many options, below its help.

/// How `manifest` is called.
pub const MANIFEST: &str = r"Example:
  yieldset-oracle manifest texts --creator creator.json --spdx CC-BY-4.0 \
    --account 0x90f8bf6a479f320ead074411a4b0e7944ea8c9c1 --out manifests/emma";
/// How `record` is called.
pub const RECORD: &str = r"Example:
  yieldset-oracle record --platform-slug lumen --model lumen/lumen-1 --outputs outputs.jsonl \
    --key platform.key --batch-id 2026-10-05 --log-url http://127.0.0.1:8085";
/// How `attribute` is called, and what it prints.
pub const ATTRIBUTE: &str = r"Example:
  yieldset-oracle attribute --log-dir log --manifests manifests --model lumen/lumen-1 --period 2026Q4 \
    --node-url ws://127.0.0.1:9944 --deployment deployment.json --out attribution.json

What it prints, among others:
  qualifying_calls   outputs that had words of a dataset, or were like one above the threshold
  left_out           dataset versions that were not compared, each with the reason
  copies             what one dataset has from another that was registered before
  false_discoveries  which part of the datasets' hits may be mistakes, in millionths: what is expected, and the ends
                     of the interval of 95 %. It is measured by decoys, texts that no model has read: whatever is
                     found in them is found by mistake. A small quarter says little (docs/ATTRIBUTION.md)
  not_checked        what no node was asked";
/// How `settle` is called.
pub const SETTLE: &str = r"Example:
  yieldset-oracle settle --attribution attribution.json --spot spot.json --out settlement.json";
/// How `spot-draw` is called.
pub const SPOT_DRAW: &str = r"Example, where LICENCE is the licence's id:
  yieldset-oracle spot-draw --attribution attribution.json --licence $LICENCE \
    --node-url ws://127.0.0.1:9944 --deployment deployment.json --out draw.json";
/// How `spot-open` is called.
pub const SPOT_OPEN: &str = r"Example:
  yieldset-oracle spot-open --draw draw.json --outputs outputs.jsonl --platform-slug lumen \
    --key platform.key --log-dir log --out opening.json";
/// How `spot-check` is called.
pub const SPOT_CHECK: &str = r"Example:
  yieldset-oracle spot-check --draw draw.json --attribution attribution.json --opening opening.json \
    --log-dir log --out spot.json";
/// How `sign` is called.
pub const SIGN: &str = r"Example:
  yieldset-oracle sign --settlement settlement.json --deployment deployment.json --stream lumen/lumen-1 \
    --log-dir log --manifests manifests --node-url ws://127.0.0.1:9944 \
    --key member.key --out signatures/1.json";
/// How `publish` is called.
pub const PUBLISH: &str = r"Example:
  yieldset-oracle publish --report report.json --proof report.proof.json \
    --log-dir log --manifests manifests --to public";
/// How `verify` is called.
pub const VERIFY: &str = r"Example:
  yieldset-oracle verify --report report.json --log-dir log --manifests manifests \
    --pins pins.json --check-embeddings";

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::commands::Command;

    /// The examples are what the program takes.
    #[test]
    fn the_examples_are_command_lines() {
        let licence = format!("0x{}", "09".repeat(32));
        let examples = [MANIFEST, RECORD, ATTRIBUTE, SETTLE, SPOT_DRAW, SPOT_OPEN, SPOT_CHECK, SIGN, PUBLISH, VERIFY];
        for example in examples {
            let (_, line) = example.split_once(":\n").expect("what it is, then the line");
            let line = line.split("\n\n").next().expect("one at least");
            let line = line.replace('\\', "").replace("$LICENCE", &licence);
            Command::try_parse_from(line.split_whitespace()).unwrap_or_else(|error| panic!("{line}: {error}"));
        }
    }

    /// A key's public key is shown by an option; which acts a keeper can be told to look after alone is in its help.
    #[test]
    fn what_can_be_given_is_told() {
        Command::try_parse_from(["yieldset-oracle", "keygen", "--show", "log.key"]).expect("shows a key");
        let help = Command::try_parse_from(["yieldset-oracle", "keeper", "--help"]).expect_err("help").to_string();
        assert!(help.contains("record_ingestion") && help.contains("anchor"), "{help}");
        let units = ["yieldset-oracle", "attribute", "--threshold", "0.7"];
        let error = Command::try_parse_from(units).expect_err("no millionths").to_string();
        assert!(error.contains("expected millionths, such as 700000"), "{error}");
    }
}
