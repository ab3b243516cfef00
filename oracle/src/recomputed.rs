//! A settlement worked out anew, from log and manifests: nobody signs, and nobody believes, what it has not recomputed.

use std::collections::BTreeSet;

use yieldset_rules::{period::quarter_at, report::Totals, usage::UsageRecord};

use crate::{
    attribution::{self, AttributionError, Question, Version},
    compared::{self, LeftOut, Reason},
    embed::Embedder,
    hex0x,
    manifest::{Dataset, Loaded, ManifestError},
    metric::{FIRST_NAME, METRIC_NAME, METRIC_VERSION, version_of},
    registry::Registry,
    report::Decoys,
    settlement::{self, Settlement},
    usage_log::{LogError, VerifiedLog, verified::Leaf},
};

/// Why a settlement is not what log and manifests make it.
#[derive(Debug, thiserror::Error)]
pub enum RecomputeError {
    /// The log.
    #[error(transparent)]
    Log(#[from] LogError),
    /// A dataset.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// The attribution cannot be computed.
    #[error(transparent)]
    Attribution(#[from] AttributionError),
    /// Made with a metric that this program does not know.
    #[error(
        "it uses metric {0:?}, this program knows {FIRST_NAME} version 1 and {METRIC_NAME} version {METRIC_VERSION}; use the \
         program it was made with"
    )]
    OtherMetric(String),
    /// The log is not the one that it is of.
    #[error(
        "it is about {size} records of {origin} under root {expected}, this log has {got} there; it is another log, or it was changed"
    )]
    OtherLog {
        /// The log's origin.
        origin: String,
        /// Records.
        size: u64,
        /// In the settlement.
        expected: String,
        /// In the log.
        got: String,
    },
    /// The datasets are not those that it is of.
    #[error(
        "it was computed from these dataset versions: {}; here are: {}; get the same versions",
        list(expected),
        list(got)
    )]
    OtherDatasets {
        /// Manifest hashes in the settlement.
        expected: Vec<String>,
        /// Manifest hashes here.
        got: Vec<String>,
    },
    /// Nobody can tell whether its tables are its texts'.
    #[error(
        "the texts {} of {dataset} are not here, and its version stands: without them nobody can tell whether its tables are \
         theirs; ask its creator for them, or run `attribute` again without them, which leaves the version out",
        list(texts)
    )]
    NoTexts {
        /// The slug.
        dataset: String,
        /// Their names.
        texts: Vec<String>,
    },
    /// The recomputation comes out differently, and registered versions that are left out are not here: what they have
    /// comes before what others have.
    #[error(
        "{what} comes out otherwise, and the registered versions {}, which it leaves out, are not here: who had words first \
         hangs on them too; get them and try again",
        list(missing)
    )]
    Incomplete {
        /// Which result.
        what: &'static str,
        /// Manifest hashes.
        missing: Vec<String>,
    },
    /// The recomputation comes out differently.
    #[error("{what}: it says {expected}, log and texts make {got}; do not sign it, and dispute a report of it")]
    Differs {
        /// Which result.
        what: &'static str,
        /// In the settlement.
        expected: String,
        /// As recomputed.
        got: String,
    },
}

impl RecomputeError {
    /// The versions that a settlement compares, and those that are here.
    fn other_datasets(settlement: &Settlement, here: &[Dataset]) -> Self {
        Self::OtherDatasets {
            expected: settlement.manifests.iter().map(|one| named(&one.dataset, &one.manifest_hash)).collect(),
            got: here.iter().map(|one| named(&one.dataset, &one.manifest_hash)).collect(),
        }
    }
}

/// As a list for people.
fn list(texts: &[String]) -> String {
    match texts.is_empty() {
        true => "none".into(),
        false => texts.join(", "),
    }
}

/// Whether the log has what the settlement says of it.
///
/// # Errors
/// [`RecomputeError::OtherLog`].
pub fn check_log(settlement: &Settlement, log: &VerifiedLog) -> Result<(), RecomputeError> {
    let said = &settlement.log;
    let (origin, size, expected) = (said.origin.clone(), said.size, hex0x(&said.root));
    let other = |got: String| RecomputeError::OtherLog { origin, size, expected, got };
    let length = log.size();
    if said.size > length {
        return Err(other(format!("only {length} records")));
    }
    let here = log.checkpoint_at(said.size)?;
    match here == *said {
        true => Ok(()),
        false => Err(other(format!("root {} of {}", hex0x(&here.root), here.origin))),
    }
}

/// How many calls of a settlement's model stand in the log behind its part of it, of its period or of an earlier one. A
/// report of the whole log would have them.
///
/// # Errors
/// [`LogError`].
pub fn behind(settlement: &Settlement, log: &VerifiedLog) -> Result<u64, LogError> {
    let mut calls = 0;
    for entry in log.leaves() {
        let Leaf { leaf, record, .. } = entry?;
        if let UsageRecord::InferenceCall(call) = record
            && leaf >= settlement.log.size
            && settlement.models.contains(&call.model)
            && quarter_at(call.at_ms / 1_000) <= settlement.period
        {
            calls += 1;
        }
    }
    Ok(calls)
}

/// The dataset versions that are here.
pub struct Here {
    /// Those that the settlement compares, and those that it leaves out for another reason than damage; sorted by slug.
    pub(crate) whole: Vec<Dataset>,
    /// Those that it calls damaged and whose files are whole.
    damaged: Vec<Dataset>,
}

/// Whether a settlement compares a version.
pub(crate) fn is_compared(settlement: &Settlement, hash: &[u8; 32]) -> bool {
    settlement.manifests.iter().any(|one| one.manifest_hash == *hash)
}

fn left_out<'a>(settlement: &'a Settlement, hash: &[u8; 32]) -> Option<&'a LeftOut> {
    settlement.left_out.iter().find(|one| one.manifest_hash == *hash)
}

/// Whether texts of a version are not here, and no redaction took them away.
fn lacks_texts(dataset: &Dataset, settlement: &Settlement) -> bool {
    let versions = settlement.manifests.iter().map(|one| (one.manifest_hash, one.registration));
    let mut all = versions.chain(settlement.left_out.iter().map(|one| (one.manifest_hash, one.registration)));
    let found = all.find(|(hash, _)| *hash == dataset.manifest_hash).and_then(|(_, found)| found);
    dataset.missing().next().is_some() && !found.is_some_and(|found| found.redacted)
}

/// A version's name for people.
fn named(dataset: &str, hash: &[u8; 32]) -> String {
    format!("{dataset} {}", hex0x(hash))
}

fn wrongly_left_out(one: &LeftOut, got: impl Into<String>) -> RecomputeError {
    let expected = compared::summary(std::slice::from_ref(one)).unwrap_or_default();
    RecomputeError::Differs { what: "a version that is left out", expected, got: got.into() }
}

impl Here {
    /// All compared versions must be here, whole, and there must be nothing that the settlement says nothing of.
    ///
    /// # Errors
    /// [`RecomputeError`].
    pub fn of(settlement: &Settlement, loaded: Loaded) -> Result<Self, RecomputeError> {
        let other = RecomputeError::other_datasets(settlement, &loaded.datasets);
        let here = Self::some_of(settlement, loaded)?;
        match settlement.manifests.iter().all(|one| here.has(&one.manifest_hash)) {
            true => Ok(here),
            false => Err(other),
        }
    }

    /// The same where compared versions may be absent: nothing can be worked out anew then ([`absentees`]).
    ///
    /// # Errors
    /// [`RecomputeError`].
    ///
    /// [`absentees`]: Self::absentees
    pub fn some_of(settlement: &Settlement, loaded: Loaded) -> Result<Self, RecomputeError> {
        for damaged in loaded.damaged {
            if is_compared(settlement, &damaged.manifest_hash) || left_out(settlement, &damaged.manifest_hash).is_none()
            {
                return Err(damaged.error.into());
            }
        }
        let is_known = |hash: &[u8; 32]| is_compared(settlement, hash) || left_out(settlement, hash).is_some();
        if loaded.datasets.iter().any(|one| !is_known(&one.manifest_hash)) {
            return Err(RecomputeError::other_datasets(settlement, &loaded.datasets));
        }
        let reason = |dataset: &Dataset| left_out(settlement, &dataset.manifest_hash).map(|one| one.reason);
        // A version whose embeddings are not its texts' looks whole here.
        let (damaged, whole) =
            loaded.datasets.into_iter().partition(|dataset| reason(dataset) == Some(Reason::Damaged));
        Ok(Self { whole, damaged })
    }

    /// Whether in the place of a compared version another of its dataset is here, among those of which the settlement
    /// says nothing: so a manifest looks that somebody changed.
    ///
    /// # Errors
    /// [`RecomputeError::OtherDatasets`].
    pub fn check_others(&self, settlement: &Settlement, others: &[Dataset]) -> Result<(), RecomputeError> {
        let absent = settlement.manifests.iter().filter(|one| !self.has(&one.manifest_hash));
        let (mut expected, mut got) = (Vec::new(), Vec::new());
        for one in absent {
            let instead = others.iter().filter(|other| other.dataset == one.dataset);
            let instead: Vec<String> = instead.map(|other| named(&other.dataset, &other.manifest_hash)).collect();
            if !instead.is_empty() {
                expected.push(named(&one.dataset, &one.manifest_hash));
                got.extend(instead);
            }
        }
        match expected.is_empty() {
            true => Ok(()),
            false => Err(RecomputeError::OtherDatasets { expected, got }),
        }
    }

    /// What the settlement's figures hang on and is not here, by name: versions that it compares, and decoys.
    pub fn absentees(&self, settlement: &Settlement) -> Vec<String> {
        let compared =
            settlement.manifests.iter().map(|one| (named(&one.dataset, &one.manifest_hash), one.manifest_hash));
        let decoys = settlement.left_out.iter().filter(|one| one.reason == Reason::Decoy).map(|one| {
            let name = one.dataset.as_deref().unwrap_or("a decoy");
            (named(name, &one.manifest_hash), one.manifest_hash)
        });
        compared.chain(decoys).filter(|(_, hash)| !self.has(hash)).map(|(name, _)| name).collect()
    }

    /// Whether a version is here, whole.
    fn has(&self, hash: &[u8; 32]) -> bool {
        self.whole.iter().any(|one| one.manifest_hash == *hash)
    }

    /// The versions that the settlement compares.
    pub fn compared<'a>(&'a self, settlement: &'a Settlement) -> impl Iterator<Item = &'a Dataset> {
        self.whole.iter().filter(|dataset| is_compared(settlement, &dataset.manifest_hash))
    }

    /// The versions of nobody by which the settlement's error was measured.
    fn decoys(&self) -> impl Iterator<Item = &Dataset> {
        self.whole.iter().filter(|dataset| dataset.is_decoy())
    }

    /// The texts of what is compared are here, unless a redaction took them away: a creator who never hands them over
    /// could have any table, and earn by it, also by withdrawing the version. What is called damaged and whose files
    /// are whole lacks texts that it should have, or the embedding model must show what is wrong with it: without that,
    /// `embedded` false, it is not believed.
    ///
    /// # Errors
    /// [`RecomputeError::NoTexts`], [`RecomputeError::Differs`].
    pub fn check_texts(&self, settlement: &Settlement, embedded: bool) -> Result<(), RecomputeError> {
        if let Some(dataset) = self.compared(settlement).find(|one| lacks_texts(one, settlement)) {
            let texts = dataset.missing().map(str::to_owned).collect();
            return Err(RecomputeError::NoTexts { dataset: dataset.dataset.clone(), texts });
        }
        let unshown = |dataset: &&Dataset| !embedded && !lacks_texts(dataset, settlement);
        match self.damaged.iter().find(unshown).and_then(|one| left_out(settlement, &one.manifest_hash)) {
            Some(one) => Err(wrongly_left_out(
                one,
                "its files are here; whether its embeddings are its texts', only the embedding model tells",
            )),
            None => Ok(()),
        }
    }

    /// What is here and not compared, for the registry to be asked about: it must be left out for what the chain says.
    pub fn others(&self, settlement: &Settlement) -> Vec<Version> {
        let whole = self.whole.iter().filter(|dataset| !is_compared(settlement, &dataset.manifest_hash));
        whole.chain(&self.damaged).map(attribution::version).collect()
    }

    /// What the settlement leaves out and whose files are not here, whole: whether rightly, they alone would show.
    pub fn not_here(&self, settlement: &Settlement) -> Vec<LeftOut> {
        let called_damaged = self.damaged.iter().filter(|dataset| dataset.missing().next().is_none());
        let here: BTreeSet<[u8; 32]> =
            self.whole.iter().chain(called_damaged).map(|dataset| dataset.manifest_hash).collect();
        settlement.left_out.iter().filter(|one| !here.contains(&one.manifest_hash)).cloned().collect()
    }

    /// The licence's datasets of which no version is here. Where silence counts as having read them, one may have
    /// earned.
    pub fn unknown_datasets(&self, settlement: &Settlement) -> Vec<[u8; 32]> {
        let here: BTreeSet<[u8; 32]> = self.whole.iter().chain(&self.damaged).map(Dataset::dataset_id).collect();
        settlement.ground.datasets.iter().filter(|id| !here.contains(*id)).copied().collect()
    }

    /// The canonical embeddings of what is compared, decoys among it, follow from the texts. What the settlement calls
    /// damaged must not be whole: its files are, so its embeddings must not be its texts'.
    ///
    /// # Errors
    /// [`RecomputeError`].
    pub fn check_embeddings(&self, settlement: &Settlement, embedder: &Embedder) -> Result<(), RecomputeError> {
        for dataset in &self.damaged {
            if let (Ok(()), false, Some(one)) = (
                dataset.check_embeddings(embedder),
                lacks_texts(dataset, settlement),
                left_out(settlement, &dataset.manifest_hash),
            ) {
                return Err(wrongly_left_out(one, "it is here, and whole"));
            }
        }
        for dataset in self.compared(settlement).chain(self.decoys()) {
            dataset.check_embeddings(embedder)?;
        }
        Ok(())
    }

    /// What the report leaves out and is not here, whole: it cannot be worked out anew. By what it says itself
    /// of registry and log it must not count.
    fn absent(&self, settlement: &Settlement) -> Result<Vec<LeftOut>, RecomputeError> {
        let absent: Vec<LeftOut> =
            settlement.left_out.iter().filter(|one| !self.has(&one.manifest_hash)).cloned().collect();
        if let Some(decoy) = absent.iter().find(|one| one.reason == Reason::Decoy) {
            return Err(wrongly_left_out(decoy, "the decoy is not here, and its hits are counted; get it"));
        }
        for one in absent.iter().filter(|one| one.reason.is_the_chains()) {
            let Some(seen) = settlement.seen else {
                return Err(wrongly_left_out(one, "nobody asked the chain"));
            };
            let alone = |model: &String| {
                let (found, runs) = (one.registration.as_ref(), one.runs.of(model));
                let reason = compared::alone(found, runs, &seen.pool, settlement.period);
                // By itself it counts: which later version there is, it does not tell.
                Some(reason.unwrap_or(Reason::HandedOver))
            };
            let reasons: Vec<Option<Reason>> = settlement.models.slugs().iter().map(alone).collect();
            let follows = match one.reason {
                // Whether its words stand in outputs, only its texts would tell.
                Reason::Held => reasons.contains(&Some(Reason::NotTrained)),
                said => compared::of_all(reasons.iter().copied()) == Some(said),
            };
            if !follows {
                let reasons: Vec<String> =
                    reasons.iter().map(|one| one.map_or("it counts".into(), Reason::name)).collect();
                return Err(wrongly_left_out(one, list(&reasons)));
            }
        }
        Ok(absent)
    }
}

/// Works a settlement out anew, by what it says itself of period, log size and chain, for a licence if it is for one,
/// and compares it to the last byte.
///
/// # Errors
/// [`RecomputeError`].
pub fn recompute(
    settlement: &Settlement,
    (log, here): (&VerifiedLog, &Here),
    licence: Option<[u8; 32]>,
) -> Result<(), RecomputeError> {
    check_log(settlement, log)?;
    let metric = &settlement.metric;
    if version_of(&metric.name, metric.version).is_none() {
        return Err(RecomputeError::OtherMetric(format!("{} version {}", metric.name, metric.version)));
    }
    let (absent, registry) = (here.absent(settlement)?, Registry::named(settlement));
    let question = Question {
        models: &settlement.models,
        licence,
        period: settlement.period,
        metric: metric.clone(),
        log_size: settlement.log.size,
        after: settlement.after,
        left_out: &absent,
        registry: registry.as_ref(),
        limits: settlement.limits,
        ground: &settlement.ground,
    };
    let settled = settlement::settle(&attribution::attribute(log, &here.whole, &question)?);
    // The spot check is the committee's word: it takes the texts, which nobody keeps. And so is which audit it signed
    // by.
    let settled = Settlement { spot_check: settlement.spot_check, audited: settlement.audited, ..settled };
    for one in &settlement.left_out {
        let found = settled.left_out.iter().find(|found| found.manifest_hash == one.manifest_hash);
        if found != Some(one) {
            let found = found.and_then(|found| compared::summary(std::slice::from_ref(found)));
            let found = found.unwrap_or_else(|| "it is here, and counts".into());
            return Err(wrongly_left_out(one, found));
        }
    }
    for (what, expected, got) in [
        ("stream", hex0x(&settlement.stream), hex0x(&settled.stream)),
        ("totals", totals(&settlement.totals), totals(&settled.totals)),
        ("compared set", hex0x(&settlement.compared()), hex0x(&settled.compared())),
        ("measured error", measured(settlement.decoys), measured(settled.decoys)),
        ("lines' root", hex0x(&settlement.lines_root), hex0x(&settled.lines_root)),
        ("weights root", hex0x(&settlement.weights_root), hex0x(&settled.weights_root)),
        // Names and the like.
        ("settlement", hex0x(&settlement.digest()), hex0x(&settled.digest())),
    ] {
        if expected != got {
            let missing = absent.iter().filter(|one| one.registration.is_some());
            let missing: Vec<String> = missing.map(|one| hex0x(&one.manifest_hash)).collect();
            // Neither names nor the compared set hang on them.
            let hangs = ["totals", "measured error", "lines' root", "weights root"].contains(&what);
            return Err(match hangs && !missing.is_empty() {
                true => RecomputeError::Incomplete { what, missing },
                false => RecomputeError::Differs { what, expected, got },
            });
        }
    }
    Ok(())
}

/// All figures, in words: what differs in one differs here.
fn totals(totals: &Totals) -> String {
    let Totals { calls, qualifying_calls, tokens, attributed_tokens, late_records } = totals;
    let late =
        late_records.map_or_else(|| "nobody looked for late records".into(), |late| format!("{late} late records"));
    format!(
        "{qualifying_calls} of {calls} calls qualify, {attributed_tokens} of {tokens} tokens are attributed, {late}"
    )
}

/// The same of what was measured.
fn measured(decoys: Option<Decoys>) -> String {
    let Some(Decoys { hits, decoy_hits, datasets, decoys }) = decoys else { return "nothing was measured".into() };
    format!("{hits} hits of {datasets} datasets, {decoy_hits} of {decoys} decoys")
}
