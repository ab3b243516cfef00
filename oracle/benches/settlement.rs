//! What settling takes: weights, tree and proofs of many contributors (`settlement::settle`, all that production does),
//! and the tree alone, which is what OpenZeppelin's `@openzeppelin/merkle-tree` is asked for beside it.
//!
//! `cargo bench -p yieldset-oracle --bench settlement -- 1000000` prints a line of JSON: contributor n, from 1 on, has
//! the account n and n tokens. `-- 1000000 entries FILE` writes account and weight of each for the peer.

use std::{error::Error, fs, io::Write, time::Instant};

use serde_json::json;
use yieldset_oracle::{
    attribution::{Attribution, Contributor},
    hex0x,
    metric::{METRIC_NAME, METRIC_VERSION},
    models::Models,
    settlement,
};
use yieldset_rules::report::{LogCheckpoint, Metric, Totals};

fn attribution(count: u64) -> Attribution {
    let contributor = |number: u64| {
        let mut account = [0; 20];
        account[12..].copy_from_slice(&number.to_be_bytes());
        let (name, datasets) = (format!("creator {number}"), Vec::new());
        Contributor { account, name, datasets, qualifying_outputs: 1, tokens: number }
    };
    let checkpoint = LogCheckpoint { origin: "log.example/usage".into(), size: count, root: [0; 32] };
    Attribution {
        models: Models::one("lumen/lumen-1"),
        stream: [0; 32],
        period: 0,
        period_name: String::new(),
        log: checkpoint,
        metric: Metric { name: METRIC_NAME.into(), version: METRIC_VERSION, threshold: 700_000 },
        totals: Totals::default(),
        after: Default::default(),
        running: false,
        seen: None,
        manifests: Vec::new(),
        left_out: Vec::new(),
        limits: Default::default(),
        ground: Default::default(),
        faults: Vec::new(),
        uncounted: Vec::new(),
        decoys: None,
        decoy_hits: Vec::new(),
        contributors: (1..=count).map(contributor).collect(),
        outputs: Vec::new(),
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let count = arguments.first().ok_or("say how many contributors")?.parse()?;
    let attribution = attribution(count);
    let began = Instant::now();
    let settled = settlement::settle(&attribution);
    let seconds = began.elapsed().as_secs_f64();
    if let [_, _, file] = &arguments[..] {
        let mut file = std::io::BufWriter::new(fs::File::create(file)?);
        for one in &settled.contributors {
            writeln!(file, "{} {}", hex0x(&one.account), one.weight)?;
        }
        return Ok(file.flush()?);
    }
    let entries: Vec<_> = settled.contributors.iter().map(|one| (one.account, one.weight)).collect();
    let root = hex0x(&settled.weights_root);
    drop(settled);
    let began = Instant::now();
    let tree = settlement::tree(&entries);
    let tree_seconds = began.elapsed().as_secs_f64();
    let status = fs::read_to_string("/proc/self/status")?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("no VmHWM")?;
    let peak_mb = peak.trim().trim_end_matches(" kB").parse::<u64>()? / 1_024;
    println!(
        "{}",
        json!({ "contributors": tree.1.len(), "root": root, "settle_seconds": seconds, "tree_seconds": tree_seconds,
                "peak_mb": peak_mb, "threads": rayon::current_num_threads() })
    );
    Ok(())
}
