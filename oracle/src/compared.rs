//! Which dataset versions a report compares, and which it leaves out (ATT-1).
//!
//! What one version or one record has wrong never stops the others' money: it is left out, counted and named in the
//! attribution, the settlement and the report's file. A version counts by what the registry has about it
//! ([`registry`](crate::registry)) and by the model's training runs in the log that read it ([`earning`]):
//!
//! - its dataset is in the report's pool, it was registered before the period ended, and a run that began before then
//!   began after its registration and before it was withdrawn or redacted. What is closed earns on by earlier runs;
//! - paid is whom the manifest names. Only a dataset's owner registers its versions, so that is whom the owner named
//!   then, and a hand-over changes no older version. A privacy officer registers versions too, by a redaction: such a
//!   one must name who registered the dataset or who owns it;
//! - of a dataset whose versions name several accounts, the latest version that counts decides: nobody is paid twice
//!   for one dataset, and who took it over is paid from the first run on that read their first version.

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize};
use yieldset_rules::{
    period::quarter_start,
    provenance::earning::{self, Began, NotEarning, Registered},
    waiting::SILENT_QUARTERS,
};

use crate::{
    attribution::Version,
    files::hex_bytes,
    hex0x,
    models::Models,
    period_name,
    registry::Registration,
    settlement::Settlement,
    trained::{Read, ReadBy},
};

/// Why a dataset version is not compared, in the order in which it is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// A training run names it, and it is not among the manifests.
    Unknown,
    /// Its files are not what its manifest says, or its embeddings not its texts'.
    Damaged,
    /// Its licence has another metric or threshold than the report.
    OtherTerms,
    /// Not registered on chain before the period ended.
    Unregistered,
    /// Its dataset is in another pool than the report's, or in none.
    OtherPool,
    /// No training run of the model that began before the period ended read it.
    NotTrained,
    /// Each of these began before it was registered.
    RegisteredLater,
    /// Each of these that began after its registration began after its withdrawal or redaction.
    Closed,
    /// Registered by a redaction, and it names neither who registered the dataset nor who owns it.
    OtherPayee,
    /// A later version of its dataset, which counts, names another account.
    HandedOver,
    /// It is nobody's: a decoy that the licence's parties compare beside the program's own. What it is hit by is
    /// counted in the report's measured error.
    Decoy,
    /// It is nobody's, and has words from a version that is compared: its hits would be no mistakes, and nothing is
    /// measured by it.
    NoDecoy,
    /// It is licensed, no training run read it by what the log says, and its very words stand in outputs. It earns
    /// nothing by this report, and is not paid for its quarter later: the others have its part. The keeper alleges by
    /// the final report that the platform's records are untrue, for which the pool may end the licence unless an
    /// arbiter dismisses it. It earns from the first report on whose log has a run that names it.
    Held,
}

impl Reason {
    /// As it is called in files.
    pub fn name(self) -> String {
        let name = serde_json::to_value(self).ok().and_then(|name| name.as_str().map(str::to_owned));
        name.unwrap_or_default()
    }

    /// Whether it follows from what the registry has, not from log and manifests alone.
    pub fn is_the_chains(self) -> bool {
        !matches!(self, Self::Unknown | Self::Damaged | Self::OtherTerms | Self::Decoy | Self::NoDecoy)
    }
}

impl From<NotEarning> for Reason {
    fn from(reason: NotEarning) -> Self {
        match reason {
            NotEarning::Unregistered => Self::Unregistered,
            NotEarning::OtherPool => Self::OtherPool,
            NotEarning::NotTrained => Self::NotTrained,
            NotEarning::RegisteredLater => Self::RegisteredLater,
            NotEarning::Closed => Self::Closed,
        }
    }
}

/// A dataset version that is not compared.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeftOut {
    /// SHA-256 of its manifest.
    #[serde(with = "hex_bytes")]
    pub manifest_hash: [u8; 32],
    /// The slug; nothing where the manifest is not here.
    pub dataset: Option<String>,
    /// Why.
    pub reason: Reason,
    /// What the registry has about it; nothing where it was not asked, or has nothing.
    pub registration: Option<Registration>,
    /// When the models' training runs in the log that read it began, Unix milliseconds.
    pub runs: ReadBy,
}

impl LeftOut {
    /// A version that is here.
    pub fn of(version: &Version, reason: Reason) -> Self {
        Self {
            manifest_hash: version.manifest_hash,
            dataset: Some(version.dataset.clone()),
            reason,
            registration: version.registration,
            runs: version.runs.clone(),
        }
    }

    /// A version of which no more is known than that it is not compared.
    pub fn bare(manifest_hash: [u8; 32], dataset: Option<String>, reason: Reason) -> Self {
        Self { manifest_hash, dataset, reason, registration: None, runs: ReadBy::default() }
    }
}

/// Why each version is not compared with a model's outputs in a period of a pool; `None` where it is.
pub fn judge(versions: &[Version], model: &str, pool: &[u8; 20], period: u32) -> Vec<Option<Reason>> {
    let alone = |version: &Version| alone(version.registration.as_ref(), version.runs.of(model), pool, period);
    let mut reasons: Vec<Option<Reason>> = versions.iter().map(alone).collect();
    // The account that each dataset's latest version names.
    let mut latest: BTreeMap<[u8; 32], (u32, [u8; 20])> = BTreeMap::new();
    for (version, reason) in versions.iter().zip(&reasons) {
        if let (Some(found), None) = (version.registration, reason) {
            let named = latest.entry(version.dataset_id).or_default();
            *named = (*named).max((found.version, version.account));
        }
    }
    for (version, reason) in versions.iter().zip(&mut reasons) {
        let earlier = latest.get(&version.dataset_id).is_some_and(|(_, account)| *account != version.account);
        if reason.is_none() && earlier {
            *reason = Some(Reason::HandedOver);
        }
    }
    reasons
}

/// The same of one version, whatever others there are of its dataset.
pub fn alone(registration: Option<&Registration>, runs: &[Read], pool: &[u8; 20], period: u32) -> Option<Reason> {
    let ends = quarter_start(period.saturating_add(1));
    let found = registration.filter(|found| found.registered_at < ends);
    let registered: Option<Registered> = found.map(Registration::registered);
    // What a later run read, no call of the period can be of.
    let runs = runs.iter().map(|read| read.0).filter(|Began { since, .. }| since / 1_000 < ends);
    match earning::earns(registered.as_ref(), pool, runs) {
        Err(reason) => Some(reason.into()),
        Ok(()) => found.is_some_and(|found| !found.payee).then_some(Reason::OtherPayee),
    }
}

/// Why a version is compared with the outputs of no model, of what each of them says of it: the reason that it got
/// furthest with. `None` where it is compared with those of one at least.
pub fn of_all(reasons: impl IntoIterator<Item = Option<Reason>>) -> Option<Reason> {
    reasons.into_iter().reduce(|one, other| one.zip(other).map(|(one, other)| one.max(other))).flatten()
}

/// Why each version is not compared with any of these models' outputs; `None` where it is.
fn judge_for_all(versions: &[Version], models: &Models, pool: &[u8; 20], period: u32) -> Vec<Option<Reason>> {
    let by_model: Vec<_> = models.slugs().iter().map(|model| judge(versions, model, pool, period)).collect();
    (0..versions.len()).map(|at| of_all(by_model.iter().map(|reasons| reasons[at]))).collect()
}

/// Which versions of a settlement do not count by what it says itself of registry and log, in words; `None` where all
/// do, or where nobody asked the registry.
pub fn wrongly_compared(settlement: &Settlement) -> Option<String> {
    let reasons = judge_for_all(&settlement.manifests, &settlement.models, &settlement.seen?.pool, settlement.period);
    let wrong = settlement.manifests.iter().zip(reasons).filter_map(|(one, reason)| Some(LeftOut::of(one, reason?)));
    listed(&wrong.collect::<Vec<_>>())
}

/// A line about what was left out, for logs and people; nothing where nothing was.
pub fn summary(left_out: &[LeftOut]) -> Option<String> {
    listed(left_out).map(|list| format!("{} dataset versions are left out: {list}", left_out.len()))
}

fn listed(left_out: &[LeftOut]) -> Option<String> {
    let one = |one: &LeftOut| {
        let name = one.dataset.as_deref().unwrap_or("a dataset that is not here");
        let (hash, reason) = (hex0x(&one.manifest_hash), one.reason.name());
        format!("{hash} of {name} ({reason}, {} training runs)", one.runs.count())
    };
    let list: Vec<String> = left_out.iter().map(one).collect();
    (!list.is_empty()).then(|| list.join("; "))
}

/// Which report of the stream was accepted before: what came to the log after it, of a period that it or an earlier one
/// has reported, is late and counts in this one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum After {
    /// Nobody looked.
    #[default]
    Unknown,
    /// It is the stream's first.
    First,
    /// The one before is withdrawn, and its revision counts its period anew.
    Withdrawn {
        /// Its period.
        period: u32,
    },
    /// The report before.
    Report {
        /// Its period.
        period: u32,
        /// Records of the log when it was made.
        log_size: u64,
    },
}

impl fmt::Display for After {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => out.write_str("nobody looked"),
            Self::Withdrawn { period } => write!(out, "that of {}, which is withdrawn", period_name(*period)),
            Self::First => out.write_str("there is none, this is the stream's first"),
            Self::Report { period, log_size } => {
                write!(out, "that of {}, made when the log had {log_size} records", period_name(*period))
            }
        }
    }
}

impl After {
    /// Whether a record at this leaf is late: its period was reported before it came.
    pub fn is_late(self, period: u32, leaf: u64) -> bool {
        matches!(self, Self::Report { period: reported, log_size } if period <= reported && leaf >= log_size)
    }

    /// The first of the periods before a report's own, `of`, that wait for it; its own where none does. They came after
    /// the last one that had a report, and will have none of their own: their money goes with this report
    /// (`rules::waiting`), and so do their calls. The first report of a licence counts from the quarter on in which
    /// that began, `began`; of a stream that is none (zero) for as long as money waits.
    pub fn waits_from(self, of: u32, began: u32) -> u32 {
        let first = match (self, began) {
            (Self::Unknown, _) => of,
            (Self::First, 0) => of.saturating_sub(SILENT_QUARTERS),
            (Self::First, began) => began,
            (Self::Withdrawn { period } | Self::Report { period, .. }, _) => period.saturating_add(1),
        };
        first.min(of)
    }

    /// Whether records that came late were looked for.
    pub fn looks_for_late(self) -> bool {
        matches!(self, Self::First | Self::Report { .. })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026Q4: from 1 October to 1 January.
    const PERIOD: u32 = 8_107;
    const BEGINS: u64 = 1_790_812_800;
    const ENDS: u64 = 1_798_761_600;

    const POOL: [u8; 20] = [7; 20];
    const MODEL: &str = "m";
    /// A run in the period, Unix seconds.
    const RUN: u64 = BEGINS + 1_000;

    /// Read by one run, in the period.
    fn version(dataset: u8, manifest: u8, account: u8, registration: Option<Registration>) -> Version {
        Version {
            dataset: format!("d{dataset}"),
            dataset_id: [dataset; 32],
            manifest_hash: [manifest; 32],
            account: [account; 20],
            registration,
            runs: ReadBy::One(vec![Read::at(RUN * 1_000)]),
        }
    }

    fn registered(version: u32, at: u64) -> Registration {
        Registration { version, pool: POOL, registered_at: at, closed_at: None, payee: true, redacted: false }
    }

    /// A version of which the registry has this, read by runs that began in these milliseconds.
    fn judged(found: Option<Registration>, runs: &[u64]) -> Option<Reason> {
        let version =
            Version { runs: ReadBy::One(runs.iter().copied().map(Read::at).collect()), ..version(1, 1, 1, found) };
        judge(&[version], MODEL, &POOL, PERIOD)[0]
    }

    /// Proves SAFE-14 and ATT-1: what a version earns by, from one second to the next. Before, neither pool nor runs
    /// were asked for, and whatever was registered by the period's end earned.
    #[test]
    fn a_version_earns_by_a_run_after_its_registration() {
        let run = RUN * 1_000;
        let at = |registered_at| Some(registered(1, registered_at));
        for (found, runs, expected) in [
            (None, vec![run], Some(Reason::Unregistered)),
            (at(RUN - 1), vec![run], None),
            // The very second of the registration, from its first millisecond to its last.
            (at(RUN), vec![run], Some(Reason::RegisteredLater)),
            (at(RUN), vec![run + 999], Some(Reason::RegisteredLater)),
            (at(RUN), vec![run + 1_000], None),
            (at(RUN), vec![run, run + 1_000], None),
            (at(5), vec![], Some(Reason::NotTrained)),
            // Registered, or read, when the period was over.
            (at(ENDS), vec![run], Some(Reason::Unregistered)),
            (at(ENDS - 2), vec![ENDS * 1_000 - 1], None),
            (at(ENDS - 2), vec![ENDS * 1_000], Some(Reason::NotTrained)),
            (Some(Registration { pool: [8; 20], ..registered(1, 5) }), vec![run], Some(Reason::OtherPool)),
            (Some(Registration { pool: [0; 20], ..registered(1, 5) }), vec![run], Some(Reason::OtherPool)),
            (Some(Registration { payee: false, ..registered(1, 5) }), vec![run], Some(Reason::OtherPayee)),
        ] {
            assert_eq!(judged(found, &runs), expected, "{found:?} {runs:?}");
        }
    }

    /// Proves SAFE-14: withdrawal and redaction stop new runs, to the second, and earlier runs earn on: in that period
    /// and in each later one. Before, a withdrawn version earned nothing in later periods, a redacted one nothing.
    #[test]
    fn a_closed_version_earns_on_by_earlier_runs() {
        let run = RUN * 1_000;
        let closed = |at| Some(Registration { closed_at: Some(at), ..registered(1, 5) });
        assert_eq!(judged(closed(RUN + 1), &[run]), None);
        assert_eq!(judged(closed(RUN), &[run]), Some(Reason::Closed));
        assert_eq!(judged(closed(RUN), &[run - 1]), None);
        assert_eq!(judged(closed(RUN), &[run, run - 1]), None);
        assert_eq!(judged(closed(BEGINS - 1), &[run]), Some(Reason::Closed));
        let later = version(1, 1, 1, closed(RUN + 1));
        assert_eq!(judge(&[later], MODEL, &POOL, PERIOD + 9), [None]);
    }

    /// Several versions of one dataset each earn by the runs that read them: the second by the second run, when the
    /// first is withdrawn.
    #[test]
    fn versions_earn_side_by_side() {
        let first = Registration { closed_at: Some(RUN + 10), ..registered(1, 5) };
        let mut second = version(1, 2, 1, Some(registered(2, RUN + 20)));
        let versions = |second: &Version| [version(1, 1, 1, Some(first)), second.clone()];
        assert_eq!(judge(&versions(&second), MODEL, &POOL, PERIOD), [None, Some(Reason::RegisteredLater)]);
        second.runs = ReadBy::One(vec![Read::at((RUN + 21) * 1_000)]);
        assert_eq!(judge(&versions(&second), MODEL, &POOL, PERIOD), [None, None]);
    }

    /// A dataset that changed hands is paid to whom its latest version names, and to nobody else; who was paid before
    /// stays paid while no version that counts names another, and another dataset with the same slug is untouched.
    #[test]
    fn a_dataset_that_was_handed_over_is_paid_once() {
        let second = registered(2, BEGINS);
        let versions = |second: Option<Registration>| {
            let first = Some(registered(1, 5));
            [version(1, 1, 7, first), version(1, 2, 8, second), version(2, 3, 7, first)]
        };
        assert_eq!(judge(&versions(Some(second)), MODEL, &POOL, PERIOD), [Some(Reason::HandedOver), None, None]);
        // A version that does not count decides nothing: one that no run read, and one that was closed before.
        let mut unread = versions(Some(second));
        unread[1].runs = ReadBy::default();
        assert_eq!(judge(&unread, MODEL, &POOL, PERIOD), [None, Some(Reason::NotTrained), None]);
        let closed = Registration { closed_at: Some(BEGINS), ..second };
        assert_eq!(judge(&versions(Some(closed)), MODEL, &POOL, PERIOD), [None, Some(Reason::Closed), None]);
    }

    /// Of several models, a version is compared where it counts by the runs of one, and left out by the reason that it
    /// got furthest with where it counts by none's.
    #[test]
    fn a_version_counts_by_one_models_runs() {
        use Reason::{HandedOver, NotTrained, RegisteredLater};
        for (reasons, expected) in [
            ([None, None], None),
            ([Some(NotTrained), None], None),
            ([Some(NotTrained), Some(RegisteredLater)], Some(RegisteredLater)),
            ([Some(HandedOver), Some(NotTrained)], Some(HandedOver)),
        ] {
            assert_eq!(of_all(reasons), expected, "{reasons:?}");
        }
        let found = Some(registered(1, RUN));
        let by = |runs: &[(&str, u64)]| {
            let of = |(model, at): &(&str, u64)| ((*model).to_owned(), vec![Read::at(*at)]);
            let runs = ReadBy::Several(runs.iter().map(of).collect());
            judge_for_all(&[Version { runs, ..version(1, 1, 1, found) }], &models(), &POOL, PERIOD)[0]
        };
        let (early, late) = (RUN * 1_000, (RUN + 1) * 1_000);
        assert_eq!(by(&[("a", early), ("b", late)]), None);
        assert_eq!(by(&[("a", early)]), Some(RegisteredLater));
        assert_eq!(by(&[("c", late)]), Some(NotTrained), "another model's runs");
    }

    fn models() -> Models {
        Models::of(["a", "b"].map(str::to_owned)).expect("two")
    }

    /// Late is what came after the report of its own period or of a later one; nothing else.
    #[test]
    fn late_is_what_its_own_report_could_not_have() {
        let after = After::Report { period: PERIOD - 1, log_size: 10 };
        let late = |period, leaf| after.is_late(period, leaf);
        assert_eq!([late(PERIOD - 1, 9), late(PERIOD - 1, 10), late(PERIOD - 5, 11)], [false, true, true]);
        assert_eq!([late(PERIOD, 11), After::First.is_late(PERIOD - 1, 11)], [false, false]);
    }
}
