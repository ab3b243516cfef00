//! `yieldset example`: files that people write, to begin with.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use serde_json::json;
use yieldset_service::files::{self, Access};

use crate::{failure::Failure, options::Options, show};

/// Prints a file to begin with, with an explanation of each field.
#[derive(Debug, Clone, Args)]
pub struct Example {
    /// Which file.
    #[arg(value_enum)]
    file: File,
    /// Writes it there, without the explanation where the format has no comments.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Files that people write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum File {
    /// creator.json: who wrote a dataset, for `yieldset-oracle manifest`.
    Creator,
    /// A model's outputs, one a line, for `yieldset-oracle record`.
    Outputs,
    /// Training runs, one a line, for `yieldset-oracle record --training-runs`.
    Runs,
    /// platforms.json: who may write to a usage log, for `yieldset-oracle serve`.
    Platforms,
    /// A quarter's revenue by licence, for `yieldset revenue import`.
    Revenue,
    /// KYC records, for `yieldset kyc import`.
    Kyc,
    /// A licence's menu, for `yieldset licence offer` and `publish`.
    Menu,
    /// A network of your own, for the home's folder profiles.
    Profile,
}

impl File {
    /// Comments' sign, where the format has any; what is explained; the file.
    fn text(self) -> (Option<&'static str>, &'static [&'static str], &'static str) {
        match self {
            Self::Creator => (None, CREATOR, include_str!("example/creator.json")),
            Self::Outputs => (None, OUTPUTS, include_str!("example/outputs.jsonl")),
            Self::Runs => (None, RUNS, include_str!("example/runs.jsonl")),
            Self::Platforms => (None, PLATFORMS, include_str!("example/platforms.json")),
            Self::Revenue => (Some("#"), REVENUE, include_str!("example/revenue.csv")),
            Self::Kyc => (None, KYC, include_str!("example/kyc.csv")),
            Self::Menu => (Some("#"), MENU, include_str!("example/menu.toml")),
            Self::Profile => (Some("#"), PROFILE, include_str!("example/profile.toml")),
        }
    }
}

const CREATOR: &[&str] = &[
    "name      who wrote it, as statements show it",
    "slug      lower case letters, digits and -: the folder's name",
    "dataset   SLUG/WORK: what it is called on chain",
    "licence   an SPDX id, such as CC0-1.0 or CC-BY-4.0",
    "title     of the work",
    "year      of its first publication",
];
const OUTPUTS: &[&str] = &[
    "call_id        the platform's own id of the call, once only, that tells nothing of a person",
    "declared_use   what the licence allows it for, such as chat",
    "input_tokens   of the prompt",
    "output_tokens  of the answer",
    "at             when, in UTC, in the period that is reported",
    "text           the answer, which is scored here and not sent on",
];
const RUNS: &[&str] = &[
    "run_id    the platform's own id of the run, once only",
    "started   when, in UTC",
    "ended     when, in UTC",
    "datasets  the hash of each manifest that it read, how often, and how many of its tokens in all",
    "base      the model that it began with, if it began with one",
];
const PLATFORMS: &[&str] = &[
    "slug        what the platform is called in the log",
    "public_key  its ed25519 key, as yieldset-oracle keygen prints it",
    "models      whose calls and training runs it may log",
];
const REVENUE: &[&str] = &[
    "licence         @LABEL, or the licence's id; each once in a file",
    "period          the quarter, which is over",
    "gross           gross model revenue, such as 1000 DEV",
    "infrastructure  and taxes: what is deducted, up to the terms' caps",
    "evidence        the document's file, or its SHA-256",
];
const KYC: &[&str] = &[
    "account     @LABEL, an address, or an account",
    "level       of the check, by your own scale, from 1 on",
    "country     ISO 3166-1 numeric: 840 is the United States, 276 Germany, 246 Finland",
    "accredited  true or false",
    "until       when the check ends: a date, or +365d",
];
const MENU: &[&str] = &[
    "document     SHA-256 of the terms' text, which people read: one digit repeated is no document's, and refused",
    "months       the licence's length",
    "upfront      paid on acceptance; the highest of the menu goes along with an offer",
    "residual     the pool's part of each quarter's revenue, less infrastructure and taxes up to their caps",
    "threshold    from which score on usage counts; per_thousand_tokens and per_call charge it",
    "guarantee    least a year; escrow secures it, and is funded within funding_days",
    "…_days       to report, to pay, of grace, of notice, to cure, to delete, to redact",
    "prohibited   political-microtargeting, deepfakes, ad-targeting-resale, biometric-identification,",
    "             surveillance, weapons",
    "milestone    a part of the escrow that goes to the pool, or back, when it is certified",
    "What is left out is turned off.",
];
const PROFILE: &[&str] = &[
    "chain_id   EIP-155's; yieldset init NAME --its-node URL asks a node for it and for the genesis",
    "genesis    the hash of block 0; leave it out on a chain that is made anew",
    "nodes      in the order in which they are tried",
    "coin       what contracts count the chain's money in: always 18 digits",
    "presets    production (days and weeks) or development (seconds)",
];

/// Does it.
pub fn run(example: &Example, options: &Options) -> Result<(), Failure> {
    let (mark, explained, text) = example.file.text();
    let explained: Vec<_> = explained.iter().map(|line| format!("{} {line}", mark.unwrap_or("#"))).collect();
    let explained = explained.join("\n");
    let with_comments = if mark.is_some() { format!("{explained}\n{text}") } else { text.to_owned() };
    if let Some(file) = &example.out {
        if file.exists() {
            return Err(Failure::usage(format!("{} is there already", file.display())));
        }
        files::write(file, with_comments.as_bytes(), Access::Published)?;
        if options.json {
            return show::json(&json!({ "file": file }));
        }
        return show::print(&format!("{} is there; change it", file.display()));
    }
    if options.json {
        return show::json(&json!({ "example": with_comments, "explained": example.file.text().1 }));
    }
    // So that it can go into a file by `>`: what is no part of the format goes elsewhere.
    if mark.is_none() {
        show::note(&explained);
    }
    show::print(with_comments.trim_end())
}
