//! Packages: published whole or not, once, and each byte of them bound.

use std::path::PathBuf;

use super::{own::Own, *};
use crate::{
    bundle,
    lines::{LineTree, ProvenLine},
    models::Models,
    publish::{self, Contents, PublishError, Published, Shelf, unpack},
    sha256,
    testing::{BATCH, call},
    usage_log::store::{Fault, Faults},
};

impl Run {
    pub(super) fn shelf(&self) -> Shelf {
        Shelf::open(&self.path("published").display().to_string(), true).expect("opened")
    }

    pub(super) async fn contents(&self) -> Contents {
        let (report, log_dir, manifests) = (self.path("report.json"), self.fixture.dir(), self.path("manifests"));
        let pins = crate::usage_log::verified::Pins::default();
        let request = publish::Request {
            report: &report,
            log_dir: &log_dir,
            pins,
            manifests: &manifests,
            proof: None,
            cards: None,
        };
        Contents::of(&request).await.expect("whole")
    }

    pub(super) async fn published(&self) -> Published {
        publish::publish(&self.shelf(), &self.contents().await).await.expect("published")
    }

    pub(super) async fn check(&self, pins: &ReaderPins) -> Result<Vec<Line>, VerifyError> {
        self.check_with(pins, None).await
    }

    async fn check_with(&self, pins: &ReaderPins, own: Option<Own<'_>>) -> Result<Vec<Line>, VerifyError> {
        let (shelf, mut lines) = (self.shelf(), Vec::new());
        let request = PackageRequest { shelf: &shelf, report_hash: None, index: None, licence: None, pins, own };
        verify_package(&request, |line| lines.push(line)).await?;
        Ok(lines)
    }

    pub(super) fn objects(&self) -> Vec<PathBuf> {
        let mut files = Vec::new();
        let mut folders = vec![self.path("published")];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).expect("listed").flatten() {
                match entry.path() {
                    folder if folder.is_dir() => folders.push(folder),
                    file if file.ends_with(".lock") => {}
                    file => files.push(file),
                }
            }
        }
        files.sort();
        files
    }

    /// The objects of the package that have these bytes in them, and its index if it has.
    fn showing(&self, bytes: &[u8]) -> Vec<PathBuf> {
        let shows = |file: &PathBuf| holds(&fs::read(file).expect("read"), bytes);
        self.objects().into_iter().filter(shows).collect()
    }

    /// What somebody does who keeps the place: a file of the package is another one, and the index says so.
    pub(super) fn replace(&self, path: &str, content: &[u8]) {
        let file = self.objects().into_iter().find(|file| file.extension().is_some()).expect("an index");
        let mut index: publish::Index = files::read_json(&file).expect("read");
        let entry = index.files.iter_mut().find(|entry| entry.path == path).expect("there");
        (entry.sha256, entry.bytes) = (sha256(content), content.len() as u64);
        let object = self.path("published").join(entry.object());
        fs::create_dir_all(object.parent().expect("parent")).expect("made");
        fs::write(object, content).expect("written");
        files::write_json(&file, &index).expect("written");
    }
}

const NOWHERE: [PathBuf; 0] = [];

fn holds(all: &[u8], some: &[u8]) -> bool {
    all.windows(some.len()).any(|window| window == some)
}

pub(super) fn known(run: &Run) -> ReaderPins {
    let info = run.fixture.info();
    ReaderPins {
        registry: Some([1; 20]),
        log_key: Some(info.log_key),
        witness_key: Some(info.witnesses[0].key),
        platforms: Some(run.fixture.platforms.clone()),
        ..ReaderPins::default()
    }
}

/// Proves ATT-13 and ATT-15: a package is checked by itself, says what it does not show, and has no record, no text, no
/// table, no embedding and none of the platform's ids of calls and batches in it.
#[tokio::test]
async fn a_package_shows_what_is_everybodys() {
    let run = Run::new().await;
    let published = run.published().await;
    assert!(!published.already && published.files == 5 + 1 + 2 * 3, "{published:?}");
    let lines = run.check(&known(&run)).await.expect("holds");
    let said = |words: &str| lines.iter().any(|line| matches!(line, Line::Shown(line) if line.contains(words)));
    for words in ["weights make the report's root", "lead to the checkpoint", "dataset versions", "that you know"] {
        assert!(said(words), "{words}: {lines:?}");
    }
    let not = |words: &str| lines.iter().any(|line| matches!(line, Line::NotShown(line) if line.contains(words)));
    assert!(not("follow from the records") && not("the chain has this report"), "{lines:?}");
    let log = |file: &str| fs::read(run.fixture.dir().join(file)).expect("read");
    let (entries, journal) = (log("tile/entries/000.p/3"), log("batch/000"));
    for text in TEXTS {
        assert_eq!(run.showing(&text.as_bytes()[..40]), NOWHERE, "{text}");
    }
    assert_eq!(run.showing(&entries[60..100]), NOWHERE, "a record");
    // Ids are the platform's own. The log has them.
    let ids = [0, 1].map(call_id);
    assert!(ids.iter().all(|id| holds(&entries, id.as_bytes())) && holds(&journal, BATCH.as_bytes()));
    for id in ids.iter().map(String::as_str).chain([BATCH]) {
        assert_eq!(run.showing(id.as_bytes()), NOWHERE, "{id}");
    }
}

/// Proves ATT-13 and ATT-15: with public files and their own lines alone a contributor sees what they were paid for,
/// line by line, and whose passages; a line that is missing is said, a changed one or another's is an error.
#[tokio::test]
async fn a_package_and_ones_own_lines_are_enough() {
    let run = Run::new().await;
    run.published().await;
    let log = VerifiedLog::read(&run.fixture.dir(), crate::usage_log::verified::Pins::default()).await.expect("read");
    let datasets = manifest::load_all(&run.path("manifests")).expect("loaded").datasets;
    let found = attribution::attribute(&log, &datasets, &question(&[], None)).expect("attributed");
    let tree = LineTree::of(&found);
    let (account, pins) = ([1; 20], known(&run));
    let lines = tree.of_account(&account);
    assert!(!lines.is_empty());
    let told = async |account, lines: &[ProvenLine]| run.check_with(&pins, Some(Own { account, lines })).await;
    let all = told(account, &lines).await.expect("holds");
    let shown = |words: &str| all.iter().any(|line| matches!(line, Line::Shown(line) if line.contains(words)));
    assert!(shown("tokens that the report pays for"), "{all:?}");
    let fewer = told(account, &lines[1..]).await.expect("holds");
    let missing = |words: &str| fewer.iter().any(|line| matches!(line, Line::NotShown(line) if line.contains(words)));
    assert!(missing("ask the log for all"), "{fewer:?}");
    let mut changed = lines.clone();
    changed[0].line.tokens += 1;
    let doubled = [&lines[..], &lines[..1]].concat();
    for (account, lines) in [(account, changed), ([2; 20], lines.clone()), (account, doubled)] {
        assert!(matches!(told(account, &lines).await, Err(VerifyError::Lines(_))));
    }
}

/// Proves ATT-15: each byte of a package is bound. A byte of any object or of the index that is another one is noticed
/// by the index, and by what is signed where somebody writes index and object anew.
#[tokio::test]
async fn every_byte_of_a_package_is_bound() {
    let run = Run::new().await;
    run.published().await;
    let pins = known(&run);
    for file in run.objects() {
        let good = fs::read(&file).expect("read");
        for at in (0..good.len()).step_by(good.len() / 5 + 1).chain([good.len() - 1]) {
            let mut bad = good.clone();
            bad[at] ^= 1;
            fs::write(&file, bad).expect("changed");
            assert!(run.check(&pins).await.is_err(), "{} at {at}", file.display());
        }
        fs::remove_file(&file).expect("removed");
        assert!(run.check(&pins).await.is_err(), "{} gone", file.display());
        fs::write(&file, good).expect("restored");
    }
    run.check(&pins).await.expect("as it was");
    let index: publish::Index =
        files::read_json(run.objects().iter().find(|file| file.extension().is_some()).expect("index")).expect("read");
    for entry in &index.files {
        let good = fs::read(run.path("published").join(entry.object())).expect("read");
        for at in (0..good.len()).step_by(good.len() / 6 + 1).chain([good.len() - 1]) {
            for change in [1u8, 0x20] {
                let mut bad = good.clone();
                bad[at] ^= change;
                run.replace(&entry.path, &bad);
                assert!(run.check(&pins).await.is_err(), "{} at {at} by {change}", entry.path);
            }
        }
        run.replace(&entry.path, &[&good[..], b"\n"].concat());
        assert!(run.check(&pins).await.is_err(), "{} is longer", entry.path);
        run.replace(&entry.path, &good);
        run.check(&pins).await.expect("as it was");
    }
}

/// Another registry, key, witness, platform or index than the reader knows is refused.
#[tokio::test]
async fn a_package_of_elsewhere_is_refused() {
    let run = Run::new().await;
    let published = run.published().await;
    let good = known(&run);
    for wrong in [
        ReaderPins { registry: Some([9; 20]), ..good.clone() },
        ReaderPins { log_key: Some([9; 32]), ..good.clone() },
        ReaderPins { witness_key: Some([9; 32]), ..good.clone() },
        ReaderPins { platforms: Some(vec![]), ..good.clone() },
    ] {
        run.check(&wrong).await.expect_err("known otherwise");
    }
    let shelf = run.shelf();
    let request = |report_hash, index| PackageRequest {
        shelf: &shelf,
        report_hash,
        index,
        licence: None,
        pins: &good,
        own: None,
    };
    verify_package(&request(None, Some(published.digest)), |_| ()).await.expect("the known index");
    let other = verify_package(&request(None, Some([9; 32])), |_| ()).await.expect_err("another index");
    assert!(matches!(other, VerifyError::NotPinned { what: "the index", .. }), "{other}");
    let missing = verify_package(&request(Some([9; 32]), None), |_| ()).await.expect_err("no such report");
    assert!(missing.to_string().contains("no package of 0x0909"), "{missing}");
}

/// Publishing again changes nothing: neither when nothing changed, nor when the log has grown since. What was damaged
/// is put right.
#[tokio::test]
async fn a_package_is_published_once() {
    let run = Run::new().await;
    let first = run.published().await;
    let files = run.objects();
    assert_eq!(run.published().await, Published { already: true, ..first.clone() });
    assert_eq!(run.objects(), files);
    let object = files.iter().find(|file| file.extension().is_none()).expect("an object");
    let good = fs::read(object).expect("read");
    for damage in [&b"another content"[..], b""] {
        fs::write(object, damage).expect("damaged");
        assert_eq!(run.published().await, Published { already: true, ..first.clone() });
        assert_eq!(fs::read(object).expect("read"), good);
    }
    let mut log = run.fixture.open().await;
    log.append(vec![run.fixture.checked("more", vec![call("more").to_bytes()])]).await.expect("appended");
    log.close().await.expect("closed");
    assert_eq!(run.published().await, Published { already: true, ..first });
    assert_eq!(run.objects(), files);
    run.check(&known(&run)).await.expect("holds");
}

/// Proves ATT-13 on a full disk (ENOSPC) and one that fails (EIO): each change of the place fails in turn, once without
/// having been made and once although it was. Until the index is there nobody sees a package; the next run publishes
/// the same bytes.
#[tokio::test]
async fn a_failing_place_publishes_whole_or_not() {
    let run = Run::new().await;
    let contents = run.contents().await;
    let first = run.published().await;
    for kind in [Fault::Once, Fault::Done] {
        let mut n = 0;
        loop {
            fs::remove_dir_all(run.path("published")).expect("removed");
            let shelf = run.shelf();
            *shelf.faults.lock().expect("lock") = Faults { after: Some(n), kind };
            let published = publish::publish(&shelf, &contents).await;
            if let Ok(published) = published {
                assert_eq!(published, first);
                break;
            }
            let seen = publish::names(&shelf).await.expect("listed");
            let is_last = n + 1 == first.files + 1;
            assert_eq!(seen.len(), usize::from(kind == Fault::Done && is_last), "change {n}, {kind:?}");
            let again = publish::publish(&shelf, &contents).await.expect("carried on");
            assert_eq!(again, Published { already: !seen.is_empty(), ..first.clone() });
            run.check(&known(&run)).await.expect("holds");
            n += 1;
        }
        assert_eq!(n, first.files + 1, "each file and the index");
    }
}

/// What does not belong together is not published.
#[tokio::test]
async fn only_what_belongs_together_is_published() {
    let run = Run::new().await;
    let (report, log_dir, manifests) = (run.path("report.json"), run.fixture.dir(), run.path("manifests"));
    let pins = crate::usage_log::verified::Pins::default();
    let request =
        publish::Request { report: &report, log_dir: &log_dir, pins, manifests: &manifests, proof: None, cards: None };
    let cards = run.path("cards");
    fs::create_dir_all(&cards).expect("made");
    fs::write(cards.join("lumen 1.json"), "{}").expect("written");
    let odd = Contents::of(&publish::Request { cards: Some(&cards), ..request }).await.expect_err("a space");
    assert!(matches!(odd, PublishError::Foreign { .. }), "{odd}");
    fs::rename(cards.join("lumen 1.json"), cards.join("lumen-1.json")).expect("renamed");
    let with = Contents::of(&publish::Request { cards: Some(&cards), ..request }).await.expect("a card");
    assert_eq!(publish::publish(&run.shelf(), &with).await.expect("published").files, 1 + run.contents().await.len());
    fs::rename(run.path("manifests/1"), run.path("gone")).expect("moved");
    let missing = Contents::of(&request).await.expect_err("a version is missing");
    assert!(matches!(missing, PublishError::NoVersion { .. }), "{missing}");
    fs::rename(run.path("gone"), run.path("manifests/1")).expect("moved back");
    let other = Fixture::new().await;
    other.log_of(vec![call("0")]).await;
    let other = Contents::of(&publish::Request { log_dir: &other.dir(), ..request }).await.expect_err("another log");
    assert!(matches!(other, PublishError::Recompute(RecomputeError::OtherLog { .. })), "{other}");
}

/// Proves LIC-3: a licence's period in one folder, checked by one command: the training runs as the platform signed
/// them, each in the log, and the signed hashes; no call is opened, and what is not shown is said. A changed run, hash,
/// signature, proof or platform is refused.
#[tokio::test]
async fn an_audit_bundle_shows_runs_and_signed_hashes() {
    let run = Run::new().await;
    let signed: SignedReport = files::read_json(&run.path("report.json")).expect("read");
    let licence = signed.settlement.stream;
    let elsewhere = bundle::audit(run.contents().await, &[9; 32]).expect_err("another licence");
    assert!(elsewhere.to_string().contains("not of the licence"), "{elsewhere}");
    let contents = bundle::audit(run.contents().await, &licence).expect("an audit");
    publish::publish(&run.shelf(), &contents).await.expect("published");
    let pins = known(&run);
    let lines = run.check(&pins).await.expect("holds");
    let shown = |words: &str| lines.iter().any(|line| matches!(line, Line::Shown(line) if line.contains(words)));
    assert!(
        shown("1 training runs of lumen/lumen-1 are in the log") && shown("as their platform signed them: run"),
        "{lines:?}"
    );
    assert!(shown("1 batches with 3 hashes"), "{lines:?}");
    for id in [0, 1].map(call_id) {
        assert_eq!(run.showing(id.as_bytes()), NOWHERE, "{id}");
    }
    let not = |words: &str| lines.iter().any(|line| matches!(line, Line::NotShown(line) if line.contains(words)));
    assert!(not("these are all training runs, and all batches"), "{lines:?}");
    let folder = run.path("unpacked");
    unpack(&run.shelf(), None, &folder).await.expect("unpacked");
    let good: bundle::Audit = files::read_json(&folder.join("audit.json")).expect("read");
    let changes: [fn(&mut bundle::Audit); 10] = [
        |a| a.stream[0] ^= 1,
        |a| a.period += 1,
        |a| a.models = Models::one("x"),
        |a| a.runs[0].leaf = 0,
        |a| a.runs[0].run_id.push('x'),
        |a| a.runs[0].proof[0][0] ^= 1,
        |a| a.runs.push(a.runs[0].clone()),
        |a| a.batches[0].hashes[2][0] ^= 1,
        |a| a.batches[0].signature[0] ^= 1,
        |a| a.batches[0].public_key = [7; 32],
    ];
    for (number, change) in changes.iter().enumerate() {
        let mut bad = good.clone();
        change(&mut bad);
        run.replace("audit.json", &files::canonical_json(&bad).expect("JSON"));
        assert!(run.check(&pins).await.is_err(), "change {number}");
    }
    run.replace("audit.json", &files::canonical_json(&good).expect("JSON"));
    run.check(&pins).await.expect("as it was");
}
