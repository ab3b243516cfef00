//! What an outsider tried: each of these was accepted once.

use yieldset_chain::{Address, B256, Deployment, abi::Licence};

use super::*;
use crate::{
    answers::Answers,
    licensed::{KeyEpoch, Licensed, Unproven},
    models::Models,
    post::PostError,
    sign::{self, Evidence},
    spot::Checked,
    testing::models,
    trained::{Anchored, Ground},
    usage_log::verified::Pins,
};

impl Run {
    pub(super) fn keys() -> [SigningKey; 2] {
        [1, 2].map(|seed| SigningKey::from_bytes(&[seed; 32]))
    }

    /// A report of this settlement, signed by a committee that keeps to no rule.
    pub(super) fn seal(&self, settled: &settlement::Settlement) {
        let honest: SignedReport = files::read_json(&self.path("report.json")).expect("read");
        let place = ReportPlace { chain_id: 1, registry: [1; 20], pool: [2; 20] };
        let report = compose(settled, place, 0, honest.committee.epoch, [0; 32]);
        let signed = seal(&report, settled, &honest.committee, &Self::keys());
        files::write_json(&self.path("report.json"), &signed).expect("written");
    }

    pub(super) fn signed(&self) -> SignedReport {
        files::read_json(&self.path("report.json")).expect("read")
    }

    async fn settled(&self, question: &Question<'_>) -> settlement::Settlement {
        let log = self.fixture.read().await.expect("verified");
        let datasets = manifest::load_all(&self.path("manifests")).expect("loaded").datasets;
        settlement::settle(&attribution::attribute(&log, &datasets, question).expect("attributed"))
    }

    /// Whether it follows from log and datasets, by what it says of itself: all that was asked before.
    async fn follows(&self, settled: &settlement::Settlement) {
        let log = self.fixture.read().await.expect("verified");
        let here = Here::of(settled, manifest::load_all(&self.path("manifests")).expect("loaded")).expect("here");
        here.check_embeddings(settled, for_tests()).expect("the texts' own");
        recomputed::recompute(settled, (&log, &here), None).expect("it follows");
    }

    /// Whether a member would sign it, as far as log and datasets tell.
    async fn signs(&self, settled: &settlement::Settlement) -> Result<(), PostError> {
        self.signs_with(settled, (None, 0), None).await
    }

    async fn signs_with(
        &self,
        settled: &settlement::Settlement,
        (spot, late_calls): (Option<&Checked>, u64),
        licensed: Option<&Licensed>,
    ) -> Result<(), PostError> {
        let (log_dir, manifests, zero) = (self.fixture.dir(), self.path("manifests"), Address::ZERO);
        let deployment = Deployment {
            chain_id: 1,
            genesis: B256::ZERO,
            start_block: 0,
            kyc: zero,
            pool: zero,
            manifests: zero,
            attribution: zero,
            licence: zero,
            market: zero,
            factory: zero,
            coop: zero,
        };
        let [key, _] = Self::keys();
        let request = sign::Request {
            settlement: settled,
            deployment: &deployment,
            models: models(),
            licence: None,
            evidence: Evidence { log_dir: &log_dir, pins: Pins::default(), manifests: &manifests, model: None },
            threshold: DEFAULT_THRESHOLD,
            spot,
            late_calls,
            known: &[],
            audited: None,
            key: &key,
        };
        let here = Here::of(settled, manifest::load_all(&manifests).expect("loaded"))?;
        sign::recompute(&request, licensed, &here).await
    }
}

/// Proves ATT-9: a report of a part of the log is signed by nobody who has the rest. Calls behind that part came late
/// for ever, and the period's money went to others: whoever wrote the settlement's file chose which.
#[tokio::test]
async fn nobody_signs_a_part_of_the_log() {
    let run = Run::new().await;
    let part = run.settled(&Question { log_size: 1, ..question(&[], None) }).await;
    assert_eq!(part.totals.calls, 1);
    run.follows(&part).await;
    let refused = run.signs(&part).await;
    assert!(matches!(refused, Err(PostError::Behind { calls: 1, size: 1, length: 3 })), "{refused:?}");
    run.signs_with(&part, (None, 1), None).await.expect("a member who knows that one came late");
    run.signs(&run.signed().settlement).await.expect("all of it");
    run.seal(&part);
    let told = run.not_shown(None, &ReaderPins::default()).await.expect("in itself whole");
    assert!(told.contains("that 1 calls of lumen/lumen-1 of 2026Q4 or before came after"), "{told}");
}

/// Proves ATT-1 and ATT-9: that a version is damaged whose files are here, whole, no member believes who does not
/// compute its embeddings. Before, any creator was left out by that word.
#[tokio::test]
async fn nobody_signs_that_a_whole_version_is_damaged() {
    let run = Run::new().await;
    let log = run.fixture.read().await.expect("verified");
    let mut datasets = manifest::load_all(&run.path("manifests")).expect("loaded").datasets;
    let victim = datasets.pop().expect("two");
    let left_out = [LeftOut::bare(victim.manifest_hash, Some(victim.dataset), Reason::Damaged)];
    let question = question(&left_out, None);
    let settled = settlement::settle(&attribution::attribute(&log, &datasets, &question).expect("attributed"));
    let refused = run.signs(&settled).await;
    let Err(PostError::Recompute(found @ RecomputeError::Differs { .. })) = refused else { panic!("{refused:?}") };
    assert!(found.to_string().contains("only the embedding model tells"), "{found}");
}

/// Proves LIC-3: each member signs the figures of its own spot check, and not those that came with the settlement.
#[tokio::test]
async fn nobody_signs_anothers_spot_check() {
    let run = Run::new().await;
    let spot = crate::report::Spot { block: 9, block_hash: [9; 32], drawn: 2, opened: 2, matched: 2 };
    let settled = settlement::Settlement { spot_check: Some(spot), ..run.signed().settlement };
    run.follows(&settled).await;
    assert!(matches!(run.signs(&settled).await, Err(PostError::SpotCheck { .. })));
    let own = |matched| {
        let figures = crate::report::Spot { matched, ..spot };
        Checked { figures, calls: 2, discrepancy_bps: 0, most_wrong: 0, wrong: [].into() }
    };
    run.signs_with(&settled, (Some(&own(2)), 0), None).await.expect("its own");
    for (settled, own) in [(&settled, own(1)), (&run.signed().settlement, own(2))] {
        let refused = run.signs_with(settled, (Some(&own), 0), None).await;
        assert!(matches!(refused, Err(PostError::SpotCheck { .. })), "{refused:?}");
    }
}

/// Proves SAFE-15: a member signs by the log whose key the licence's platform has on chain, whatever folder it was
/// given.
#[tokio::test]
async fn nobody_signs_by_another_log_than_the_licences() {
    let run = Run::new().await;
    let info = run.fixture.info();
    let by = |key| {
        let witnesses = vec![info.witnesses[0].key];
        let epoch = KeyEpoch { epoch: 1, since: 0, key, origin: info.origin.clone(), witnesses };
        let usage = Licence::Usage { callTokens: 0, lateRecordDays: 0, commonFrom: 0, falseDiscoveryBps: 0 };
        Licensed { usage, epochs: vec![epoch], ground: Ground::default(), began: 0 }
    };
    let settled = run.signed().settlement;
    run.signs_with(&settled, (None, 0), Some(&by(info.log_key))).await.expect("its own log");
    let refused = run.signs_with(&settled, (None, 0), Some(&by([9; 32]))).await;
    assert!(matches!(&refused, Err(PostError::Unproven(why)) if matches!(**why, Unproven::Key { .. })), "{refused:?}");
}

/// Proves ATT-4: a creator who never hands its texts over could have any table; nobody signs that it earns by one.
#[tokio::test]
async fn tables_without_texts_are_not_believed() {
    let run = Run::with(|manifests| {
        // The second creator's version names a text that nobody has seen; its table is that of another's text.
        let file = manifests.join("1/ro-crate-metadata.json");
        let manifest = fs::read_to_string(&file).expect("read");
        let hash = hex::encode(crate::sha256(TEXTS[1].as_bytes()));
        let never = hex::encode(crate::sha256(b"what was never written"));
        assert!(manifest.contains(&hash));
        fs::write(file, manifest.replace(&hash, &never)).expect("written");
        fs::remove_file(manifests.join("1/texts/text.txt")).expect("removed");
    })
    .await;
    let datasets = manifest::load_all(&run.path("manifests")).expect("loaded").datasets;
    let registrations = datasets.iter().map(|one| (one.manifest_hash, registration())).collect();
    let registry = Registry { seen: SEEN, registrations };
    let settled = run.settled(&question(&[], Some(&registry))).await;
    assert!(settled.contributors.iter().any(|one| one.account == [2; 20]), "it earns");
    run.follows(&settled).await;
    let refused = run.signs(&settled).await;
    assert!(matches!(refused, Err(PostError::Recompute(RecomputeError::NoTexts { .. }))), "{refused:?}");
    // A version that the registry says was redacted has texts that had to go.
    let closed = Registration { closed_at: Some(TRAINED / 1_000 + 9), ..registration() };
    let of = async |found| {
        let registrations = datasets.iter().map(|one| (one.manifest_hash, found)).collect();
        run.settled(&question(&[], Some(&Registry { seen: SEEN, registrations }))).await
    };
    // Whoever withdraws it keeps the texts, and could keep them to themselves.
    let refused = run.signs(&of(closed).await).await;
    assert!(matches!(refused, Err(PostError::Recompute(RecomputeError::NoTexts { .. }))), "{refused:?}");
    run.signs(&of(Registration { redacted: true, ..closed }).await).await.expect("redacted since");
}

/// Proves ATT-15: a creator that is left out for a reason that only its files would show, and they are not here, is
/// said not to be shown.
#[tokio::test]
async fn what_is_left_out_and_not_here_is_told() {
    let run = Run::new().await;
    let honest = run.signed();
    let hash = honest.settlement.manifests[1].manifest_hash;
    fs::remove_dir_all(run.path("manifests/1")).expect("removed");
    let registry =
        Registry { seen: SEEN, registrations: [(honest.settlement.manifests[0].manifest_hash, registration())].into() };
    for reason in [Reason::Damaged, Reason::OtherTerms, Reason::Unregistered] {
        let left_out = [LeftOut::bare(hash, Some("c1/w".into()), reason)];
        let settled = run.settled(&question(&left_out, Some(&registry))).await;
        run.seal(&settled);
        let told = run.not_shown(None, &ReaderPins::default()).await.expect("in itself whole");
        assert!(told.contains(&hex0x(&hash)), "{reason:?} is believed: {told}");
    }
}

/// Proves ATT-15: whoever writes a report's file writes no line of those that a reader sees.
#[tokio::test]
async fn lines_are_lines() {
    let run = Run::new().await;
    let honest = run.signed();
    let mut report = honest.check().expect("whole");
    let forged =
        "lumen/lumen-1\u{1b}[2K\r\nok         the chain has this report in finalised block 7, and this committee";
    report.models = vec![forged.into()];
    let mut settled = honest.settlement.clone();
    settled.models = Models::one(forged);
    settled.stream = crate::slug_id(forged);
    report.stream = settled.stream;
    report.package = Some(settled.digest());
    let signed = seal(&report, &settled, &honest.committee, &Run::keys());
    files::write_json(&run.path("report.json"), &signed).expect("written");
    let mut lines = Vec::new();
    let manifests = run.path("manifests");
    let request = Request {
        report: &run.path("report.json"),
        log_dir: &run.fixture.dir(),
        manifests: &manifests,
        pins: &ReaderPins::default(),
        embedder: None,
        licence: None,
        proof: None,
        chain: None,
    };
    let error = verify(&request, |line| lines.push(line)).await.expect_err("no such model");
    for line in lines {
        let (Line::Shown(text) | Line::NotShown(text)) = line;
        assert!(!text.contains(char::is_control), "{text}");
    }
    assert!(!printable(&error.to_string()).contains('\u{1b}'), "{error}");
}

/// Proves ATT-9: a true report of another pool is none of this one, and its reader sees of which it is.
#[tokio::test]
async fn a_report_says_of_which_pool_it_is() {
    let run = Run::new().await;
    let (_, lines) = run.lines(None, &ReaderPins::default()).await.expect("holds");
    let pool = hex0x(&[2; 20]);
    assert!(lines.iter().any(|line| matches!(line, Line::Shown(line) if line.contains(&pool))), "{lines:?}");
}

/// A text that is longer than any is not read, nor a manifest of more texts than any has.
#[tokio::test]
async fn a_version_is_no_larger_than_they_are_made() {
    let run = Run::new().await;
    let folder = run.path("manifests/1");
    let long = "a ".repeat(manifest::MAX_TEXT_BYTES as usize / 2 + 1);
    let file = folder.join("ro-crate-metadata.json");
    let manifest = fs::read_to_string(&file).expect("read");
    let (hash, size) = (hex::encode(crate::sha256(TEXTS[1].as_bytes())), TEXTS[1].len());
    let changed = manifest
        .replace(&hash, &hex::encode(crate::sha256(long.as_bytes())))
        .replace(&format!("\"contentSize\": \"{size}\""), &format!("\"contentSize\": \"{}\"", long.len()));
    fs::write(file, changed).expect("written");
    fs::write(folder.join("texts/text.txt"), long).expect("written");
    let error = Dataset::load(&folder).expect_err("too long").to_string();
    assert!(error.contains("at most"), "it was read and folded: {error}");
}

/// Proves ATT-15: a licensed dataset of which neither report nor reader has a version is told: where the log has no
/// training run of the model it counts as read, and may have earned.
#[tokio::test]
async fn a_licences_dataset_that_is_nowhere_is_told() {
    let run = Run::new().await;
    let own = run.signed().settlement.manifests[0].dataset_id;
    let ground = Ground { datasets: vec![own, [0xff; 32]], until: 0, anchors: vec![] };
    let settled = run.settled(&Question { ground: &ground, ..question(&[], None) }).await;
    run.seal(&settlement::Settlement { stream: [9; 32], ..settled });
    let told = run.not_shown(Some([9; 32]), &ReaderPins::default()).await.expect("in itself whole");
    assert!(told.contains(&hex0x(&[0xff; 32])) && !told.contains(&hex0x(&own)), "{told}");
    assert!(told.contains("these 2 datasets"), "{told}");
}

/// Proves SAFE-14: a settlement that leaves an anchored checkpoint out dates a run later than it was, so that who
/// registered after it earns by it. In itself it is whole; the chain is asked about the checkpoints that the reader has
/// noted, too, and says otherwise.
#[tokio::test]
async fn an_anchor_that_is_left_out_is_found() {
    let run = Run::new().await;
    let log = run.fixture.read().await.expect("verified");
    let hashes: Vec<[u8; 32]> = run.signed().settlement.manifests.iter().map(|one| one.manifest_hash).collect();
    // In the run's checkpoint's second, and a day later.
    let at = TRAINED / 1_000;
    let late = Registration { registered_at: at + 86_400, ..registration() };
    let registrations = [(hashes[0], registration()), (hashes[1], late)].into();
    let registry = Registry { seen: SEEN, registrations };
    let datasets = vec![run.signed().settlement.manifests[0].dataset_id];
    let anchors = vec![Anchored { size: 3, root: log.checkpoint().expect("a checkpoint").root, at }];
    let dated = Ground { datasets, until: 0, anchors };
    let undated = Ground { anchors: vec![], ..dated.clone() };
    let settle = async |ground: &Ground| run.settled(&Question { ground, ..question(&[], Some(&registry)) }).await;
    let (honest, settled) = (settle(&dated).await, settle(&undated).await);
    assert_eq!((honest.manifests.len(), settled.manifests.len()), (1, 2), "who came late earns");
    let answers = |ground: &Ground| Answers {
        after: settled.after,
        limits: settled.limits,
        ground: ground.clone(),
        licensed: None,
    };
    assert_eq!(answers(&undated).difference(&settled), None, "nobody asked about it");
    assert!(settled.checkpoints(&[3]).1.contains(&3));
    assert!(answers(&dated).difference(&settled).is_some());
}
