//! Licensed versions that no training run names, and whose very words stand in outputs (ATT-2).

use std::collections::BTreeSet;

use rayon::prelude::*;
use yieldset_metric::spans::{LEAST, shares};
use yieldset_rules::usage::{Evidence, Words};

use super::{Call, Output, by_words::was_known};
use crate::{decoys, manifest::Dataset, runs::Runs, trained::Ground};

/// The manifests of those whose words outputs have, more than chance would, that no compared version explains.
pub(super) fn appear(
    suspects: &[(&Dataset, u64)],
    outputs: &[Output],
    calls: &[Call],
    ground: &Ground,
) -> BTreeSet<[u8; 32]> {
    if suspects.is_empty() {
        return BTreeSet::new();
    }
    let nobodys = decoys::nobodys();
    let tables = suspects.iter().flat_map(|(dataset, registered)| {
        dataset.tables.iter().map(move |table| (dataset.manifest_hash, *registered, table))
    });
    let texts: Vec<([u8; 32], u64, &Words)> = tables.collect();
    let index = Runs::of(texts.iter().map(|(_, _, table)| &table.runs[..]), |run| !nobodys.contains(&run));
    let found = |(output, (leaf, call)): (&Output, &Call)| -> Vec<[u8; 32]> {
        let Evidence::Words(words) = &call.evidence else { return Vec::new() };
        let explained = |at: u32| {
            let mut verbatim = output.sources.iter().filter(|source| source.verbatim);
            verbatim.any(|source| (source.start..source.start + source.words).contains(&at))
        };
        // Whoever registers what a model has said already is not learned from.
        let written = ground.written(*leaf, call.at_ms);
        let spans = index.spans(&words.runs, |text| was_known(texts[text as usize].1, written));
        let owners = shares(words.count, &spans).into_iter().zip(0_u32..);
        let own: Vec<[u8; 32]> = owners
            .filter(|(_, at)| !explained(*at))
            .filter_map(|(found, _)| Some(texts[found?.0 as usize].0))
            .collect();
        let enough = |hash: &&[u8; 32]| own.iter().filter(|one| one == hash).count() >= LEAST as usize;
        own.iter().filter(enough).copied().collect::<BTreeSet<_>>().into_iter().collect()
    };
    // By version 1 of the metric no words are known, and nothing is held.
    outputs.par_iter().zip(calls).flat_map_iter(found).collect()
}
