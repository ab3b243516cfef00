//! Licensed versions that no training run names, and whose very words stand in outputs (ATT-2).

use std::collections::BTreeSet;

use rayon::prelude::*;
use yieldset_metric::spans::{LEAST, shares};
use yieldset_rules::usage::{Evidence, Words};

use super::{Call, Output};
use crate::{decoys, manifest::Dataset, runs::Runs};

/// The manifests of those whose words outputs have, more than chance would, that no compared version explains.
pub(super) fn appear(suspects: &[&Dataset], outputs: &[Output], calls: &[Call]) -> BTreeSet<[u8; 32]> {
    if suspects.is_empty() {
        return BTreeSet::new();
    }
    let nobodys = decoys::nobodys();
    let texts: Vec<([u8; 32], &Words)> =
        suspects.iter().flat_map(|dataset| dataset.tables.iter().map(|table| (dataset.manifest_hash, table))).collect();
    let index = Runs::of(texts.iter().map(|(_, table)| &table.runs[..]), |run| !nobodys.contains(&run));
    let found = |(output, (_, call)): (&Output, &Call)| -> Vec<[u8; 32]> {
        let Evidence::Words(words) = &call.evidence else { return Vec::new() };
        let explained = |at: u32| {
            let mut verbatim = output.sources.iter().filter(|source| source.verbatim);
            verbatim.any(|source| (source.start..source.start + source.words).contains(&at))
        };
        let owners = shares(words.count, &index.spans(&words.runs, |_| true)).into_iter().zip(0_u32..);
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
