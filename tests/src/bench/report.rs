//! The tables of `docs/BENCHMARKS.md`.

use super::peers::{Peer, openzeppelin, staking, superfluid, trex};
use super::{Row, cost_of, limits, ours};
use crate::chain::{Cost, blob, root_file};
use std::fmt::Write;

const BEGIN: &str = "<!-- weights: begin -->";
const END: &str = "<!-- weights: end -->";

/// What was measured in one run.
pub struct Measured {
    /// Our rows.
    pub ours: Vec<Row>,
    /// Peers in all their forms.
    pub peers: Vec<Peer>,
    /// Peers that are not here, with the reason.
    pub missing: Vec<String>,
}

/// One line of the goals: our row, the peer's forms and row, and the most that ours may be of it.
struct Goal {
    ours: &'static str,
    peers: &'static [&'static str],
    call: &'static str,
    most: Option<f64>,
}

const GOALS: [Goal; 11] = [
    Goal { ours: ours::TRANSFER_OPEN, peers: &[openzeppelin::DIVIDENDS], call: "transfer", most: Some(0.7) },
    Goal { ours: ours::TRANSFER_KYC, peers: &[trex::DIRECT, trex::PROXIED], call: "transfer", most: Some(0.5) },
    Goal { ours: ours::CLAIM, peers: &[staking::NAME], call: "getReward", most: Some(1.0) },
    Goal { ours: ours::DEPOSIT_HOLDERS, peers: &[openzeppelin::DIVIDENDS], call: "deposit", most: Some(1.0) },
    Goal { ours: ours::DEPOSIT, peers: &[superfluid::NAME], call: "distributeToPool", most: Some(1.0) },
    Goal { ours: ours::CLAIM, peers: &[openzeppelin::DIVIDENDS], call: "claim", most: Some(1.2) },
    Goal { ours: ours::CLAIM_OPEN, peers: &[openzeppelin::DIVIDENDS], call: "claim", most: Some(1.2) },
    Goal { ours: ours::TRANSFER_OPEN, peers: &[openzeppelin::PLAIN], call: "transfer", most: None },
    Goal { ours: ours::TRANSFER_KYC, peers: &[openzeppelin::PLAIN], call: "transfer", most: None },
    Goal { ours: ours::APPROVE, peers: &[openzeppelin::PLAIN], call: "approve", most: None },
    Goal { ours: ours::BALANCE, peers: &[openzeppelin::PLAIN], call: "balanceOf", most: None },
];

/// Most proof of a call, in KB, where there is no peer to measure it against.
const MOST_PROOF: [(&str, f64); 3] =
    [(ours::TRANSFER_KYC, 80.0), (ours::CLAIM_CONTRIBUTION, 120.0), (ours::FURTHER, 45.0)];

/// Least ref_time and least proof_size over a peer's forms, each by itself.
fn best(peers: &[Peer], names: &[&str], call: &str) -> Option<Cost> {
    let costs = peers.iter().filter(|peer| names.contains(&peer.name));
    let costs = costs.flat_map(|peer| peer.rows.iter().filter(|row| row.name == call)).map(|row| row.cost);
    costs.reduce(|a, b| Cost { ref_time: a.ref_time.min(b.ref_time), proof_size: a.proof_size.min(b.proof_size) })
}

fn find(rows: &[Row], name: &str) -> Option<Cost> {
    rows.iter().find(|row| row.name == name).map(|row| row.cost)
}

fn pair(cost: Option<Cost>) -> String {
    cost.map_or("–".into(), |cost| format!("{:.3} / {:.1}", cost.ms(), cost.kb()))
}

fn verdict(ratios: (f64, f64), most: Option<f64>) -> &'static str {
    match most {
        None => "",
        Some(most) if ratios.0 <= most && ratios.1 <= most => "met",
        Some(most) if ratios.0 <= most => "ref_time met, proof_size not",
        Some(most) if ratios.1 <= most => "proof_size met, ref_time not",
        Some(_) => "not met",
    }
}

/// All tables, as Markdown.
pub fn markdown(measured: &Measured) -> String {
    let mut out = String::new();
    goals(&mut out, measured);
    block(&mut out, &measured.ours);
    rows(&mut out, &measured.ours);
    peers(&mut out, measured);
    sizes(&mut out);
    peers_sizes(&mut out, measured);
    out
}

fn goals(out: &mut String, Measured { ours, peers, .. }: &Measured) {
    out.push_str("| ours | peer | ours, ms / KB | peer's better, ms / KB | ratio, ms / KB | goal | |\n|---|---|---|---|---|---|---|\n");
    for goal in &GOALS {
        let (mine, theirs) = (find(ours, goal.ours), best(peers, goal.peers, goal.call));
        let ratios = mine.zip(theirs).map(|(mine, theirs)| (mine.ms() / theirs.ms(), mine.kb() / theirs.kb()));
        let ratio = ratios.map_or("–".into(), |(time, proof)| format!("{time:.2} / {proof:.2}"));
        let most = goal.most.map_or("–".into(), |most| format!("≤ {most:.1}"));
        let verdict = ratios.map_or("not measured", |ratios| verdict(ratios, goal.most));
        let (name, peer, call) = (goal.ours, goal.peers[0], goal.call);
        let line =
            format!("| {name} | {peer}: {call} | {} | {} | {ratio} | {most} | {verdict} |", pair(mine), pair(theirs));
        writeln!(out, "{line}").unwrap();
    }
    for (name, most) in MOST_PROOF {
        let Some(cost) = find(ours, name) else { continue };
        let met = if cost.kb() <= most { "met" } else { "not met" };
        writeln!(out, "| {name} | – | {} | – | – | ≤ {most:.0} KB | {met} |", pair(Some(cost))).unwrap();
    }
    scale_and_signature(out, ours);
}

fn scale_and_signature(out: &mut String, ours: &[Row]) {
    if let Some((ten, many)) = find(ours, ours::CLAIM_10).zip(find(ours, ours::CLAIM_10_000)) {
        let ratios = (many.ms() / ten.ms(), many.kb() / ten.kb());
        let (cost, base) = (pair(Some(many)), pair(Some(ten)));
        let line = format!("| {} | {} | {cost} | {base} |", ours::CLAIM_10_000, ours::CLAIM_10);
        writeln!(out, "{line} {:.3} / {:.3} | ≤ 1.05 | {} |", ratios.0, ratios.1, verdict(ratios, Some(1.05))).unwrap();
    }
    let one = cost_of(ours, ours::SIGNATURE).ms();
    let met = if one <= 20.0 { "met" } else { "not met" };
    writeln!(
        out,
        "| {} | the first probe: 53.8 ms | {one:.3} ms | 53.800 ms | {:.2} | ≤ 20 ms | {met} |",
        ours::SIGNATURE,
        one / 53.8
    )
    .unwrap();
}

/// How many transfers and claims a block takes.
fn block(out: &mut String, rows: &[Row]) {
    let fit =
        |name| find(rows, name).map_or("–".into(), |cost| cost.in_a_block().0.min(cost.in_a_block().1).to_string());
    let (open, checked, claims) = (fit(ours::TRANSFER_OPEN), fit(ours::TRANSFER_KYC), fit(ours::CLAIM));
    writeln!(out, "\nOne block takes {open} transfers in a pool without a registry, or {checked} with KYC policy, or {claims} claims of dividends.")
        .unwrap();
}

fn rows(out: &mut String, rows: &[Row]) {
    out.push_str("\n### Our calls\n\n| call | ref_time, ms | proof_size, KB | calls a block | by compute alone | by proof alone |\n|---|---|---|---|---|---|\n");
    // A signature and a further account are parts of a call, and no calls by themselves.
    for Row { name, cost } in rows.iter().filter(|row| ![ours::SIGNATURE, ours::FURTHER].contains(&row.name)) {
        let (time, proof) = cost.in_a_block();
        let (ms, kb) = (cost.ms(), cost.kb());
        writeln!(out, "| {name} | {ms:.3} | {kb:.1} | {} | {time} | {proof} |", time.min(proof)).unwrap();
    }
}

fn peers(out: &mut String, Measured { peers, missing, .. }: &Measured) {
    out.push_str("\n### The peers in each form\n\n| peer | compiled to | call | ref_time, ms | proof_size, KB | calls a block |\n|---|---|---|---|---|---|\n");
    for peer in peers {
        for Row { name, cost } in &peer.rows {
            let (time, proof) = cost.in_a_block();
            let (system, target, ms, kb) = (peer.name, peer.target.name(), cost.ms(), cost.kb());
            writeln!(out, "| {system} | {target} | {name} | {ms:.3} | {kb:.1} | {} |", time.min(proof)).unwrap();
        }
    }
    for reason in missing {
        writeln!(out, "\nNot measured: {reason}.").unwrap();
    }
}

fn sizes(out: &mut String) {
    let text = std::fs::read_to_string(limits::file()).unwrap();
    let table: toml::Table = text.parse().unwrap();
    out.push_str(
        "\n### Bytes of code\n\n| blob | bytes | most allowed (`contracts/artifacts/limits.toml`) |\n|---|---|---|\n",
    );
    for name in blobs() {
        let most = table["max_bytes"].get(&name).and_then(toml::Value::as_integer);
        let most = most.map_or("–".into(), |most| thousands(most as usize));
        writeln!(out, "| {name} | {} | {most} |", thousands(blob(&name).len())).unwrap();
    }
}

fn peers_sizes(out: &mut String, Measured { peers, .. }: &Measured) {
    out.push_str("\n| peer | compiled to | contracts | bytes of code in all | largest |\n|---|---|---|---|---|\n");
    for Peer { name, target, code, .. } in peers {
        let mut code = code.clone();
        code.sort();
        code.dedup();
        let (largest, most) = code.iter().max_by_key(|(_, bytes)| *bytes).unwrap();
        let (sum, most) = (thousands(code.iter().map(|(_, bytes)| bytes).sum()), thousands(*most));
        writeln!(out, "| {name} | {} | {} | {sum} | {largest} {most} |", target.name(), code.len()).unwrap();
    }
}

/// Names of the checked-in blobs.
fn blobs() -> Vec<String> {
    let folder = std::fs::read_dir(root_file("contracts/artifacts")).unwrap();
    let names = folder.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned());
    let mut names: Vec<_> = names.filter_map(|name| Some(name.strip_suffix(".polkavm")?.to_owned())).collect();
    names.sort();
    names
}

fn thousands(n: usize) -> String {
    let digits = n.to_string();
    let groups: Vec<_> = digits.as_bytes().rchunks(3).rev().map(|group| String::from_utf8_lossy(group)).collect();
    groups.join(",")
}

/// The lines about our calls and blobs, as they are now, that `docs/BENCHMARKS.md` does not have.
pub fn missing_lines(ours: &[Row]) -> Vec<String> {
    let document = std::fs::read_to_string(root_file("docs/BENCHMARKS.md")).unwrap();
    let mut now = String::new();
    rows(&mut now, ours);
    sizes(&mut now);
    now.lines().filter(|line| !document.lines().any(|found| found == *line)).map(Into::into).collect()
}

/// Puts the tables between the markers of `docs/BENCHMARKS.md`.
///
/// # Errors
/// Where the file or its markers are missing.
pub fn write(tables: &str) -> Result<(), String> {
    let path = root_file("docs/BENCHMARKS.md");
    let text = std::fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
    let (before, rest) = text.split_once(BEGIN).ok_or_else(|| format!("{} has no {BEGIN}", path.display()))?;
    let (_, after) = rest.split_once(END).ok_or_else(|| format!("{} has no {END}", path.display()))?;
    std::fs::write(&path, format!("{before}{BEGIN}\n{}\n{END}{after}", tables.trim_end())).map_err(|e| e.to_string())
}
