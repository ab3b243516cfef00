//! Whose keys sign batches, and from which record on.

use super::*;
use crate::usage_log::Named;

/// Reopens the log for lumen with another key.
async fn with_key(fixture: &mut Fixture, seed: u8) -> Log {
    fixture.platform_key = key(seed);
    fixture.platforms[0].public_key = key(seed).verifying_key().to_bytes();
    fixture.open().await
}

fn list(fixture: &Fixture) -> std::path::PathBuf {
    fixture.dir().join("platforms.json")
}

fn lines(fixture: &Fixture) -> Vec<Named> {
    files::read_json(&list(fixture)).expect("the list")
}

/// A log of two records under lumen's first key and three under its second.
async fn rotated() -> Fixture {
    let mut fixture = Fixture::new().await;
    let mut log = fixture.open().await;
    fixture.append(&mut log, "a", 2).await;
    log.close().await.expect("closed");
    let mut log = with_key(&mut fixture, 5).await;
    fixture.append(&mut log, "b", 3).await;
    log.close().await.expect("closed");
    fixture
}

/// Proves SAFE-15 and ATT-3: a platform's key signs until the next one takes its place. What it signs then is refused
/// at intake, and found by every reader where whoever keeps the log put it in: calls and training runs alike.
#[tokio::test]
async fn an_old_key_signs_nothing_new() {
    let mut fixture = rotated().await;
    let read = fixture.read().await.expect("each under the key of then");
    assert_eq!(read.size(), 5);
    let told: Vec<_> = lines(&fixture).iter().map(|line| (line.slug.clone(), line.public_key, line.from)).collect();
    let [first, second, other] = [3, 5, 4].map(|seed| key(seed).verifying_key().to_bytes());
    assert_eq!(told, [("lumen".into(), first, 0), ("other".into(), other, 0), ("lumen".into(), second, 2)]);
    // At intake.
    let run = UsageRecord::TrainingRun(yieldset_rules::usage::TrainingRun {
        run_id: "run".into(),
        model: MODEL.into(),
        started_ms: IN_PERIOD,
        ended_ms: IN_PERIOD,
        datasets: vec![yieldset_rules::usage::DatasetUse { manifest_hash: [1; 32], epochs: 1, tokens: 1 }],
        ingestion_digest: [0; 32],
        base: None,
    });
    for record in [call("late"), run.clone()] {
        let old = Batch::sign("lumen", "late", vec![record.to_bytes()], &key(3));
        let refused = old.check(&fixture.platforms, &Bounds::default(), IN_PERIOD).expect_err("an old key");
        assert!(matches!(refused, BatchError::WrongSignature { .. }), "{refused}");
    }
    // By the log's keeper, who then takes the line away by which it was possible.
    let honest = fs::read(list(&fixture)).expect("read");
    let mut log = with_key(&mut fixture, 3).await;
    let batch = fixture.checked("late", vec![call("late").to_bytes(), run.to_bytes()]);
    log.append(vec![batch]).await.expect("appended")[0].as_ref().expect("accepted");
    log.close().await.expect("closed");
    assert_eq!(fixture.read().await.expect("named from there on").size(), 7);
    fs::write(list(&fixture), honest).expect("put back");
    let error = fixture.read().await.expect_err("an old key").to_string();
    assert!(error.contains("is not the one that lumen signs with at record 5"), "{error}");
}

/// Proves SAFE-15: nobody but the log names keys: a line that a stranger signed, or the log for another name, model,
/// key, place or log, and lines in another order, are refused, and with them all records.
#[tokio::test]
async fn only_the_log_names_keys() {
    let fixture = rotated().await;
    let honest = fs::read(list(&fixture)).expect("read");
    let stranger = key(66).verifying_key().to_bytes();
    for (what, change) in [
        ("key", (|lines| lines[2].public_key = lines[0].public_key) as fn(&mut Vec<Named>)),
        ("name", |lines| lines[1].slug = "lumen".into()),
        ("model", |lines| lines[1].models.push(MODEL.into())),
        ("no model", |lines| lines[0].models.clear()),
        ("place", |lines| lines[2].from = 1),
        ("signature", |lines| lines[0].signature[5] ^= 1),
        ("another's signature", |lines| lines[0].signature = lines[1].signature),
        ("order", |lines| lines.rotate_left(2)),
        ("a line less", |lines| lines.truncate(2)),
        ("no first line", |lines| drop(lines.remove(0))),
        ("nothing", Vec::clear),
    ] {
        let mut lines = lines(&fixture);
        change(&mut lines);
        files::write_json(&list(&fixture), &lines).expect("written");
        let error = fixture.read().await.expect_err(what);
        assert!(matches!(error, LogError::Damaged { .. }), "{what}: {error}");
        // Nor does its own keeper go on from there, but where the list is only shorter.
        if lines.len() == 3 {
            assert!(matches!(fixture.try_open().await, Err(LogError::Damaged { .. })), "{what}");
        }
        fs::write(list(&fixture), &honest).expect("put back");
    }
    // By a key that is not the log's, and by the log's under another origin.
    for (seed, origin) in [(66, ORIGIN), (1, "other.example/usage")] {
        let folder = tempfile::tempdir().expect("temporary folder");
        let platform = Platform { slug: "lumen".into(), public_key: stranger, models: vec![MODEL.into()] };
        Platforms::register(folder.path(), &[platform], (origin, 2, &key(seed))).expect("made");
        let mut lines = lines(&fixture);
        lines.extend(files::read_json::<Vec<Named>>(&folder.path().join("platforms.json")).expect("made"));
        files::write_json(&list(&fixture), &lines).expect("written");
        let error = fixture.read().await.expect_err("a stranger").to_string();
        assert!(error.contains("did not sign that lumen has the key"), "{error}");
        fs::write(list(&fixture), &honest).expect("put back");
    }
    fixture.read().await.expect("as it was");
}

/// Proves SAFE-15: a batch under another platform's key is none of the platform's, whichever name it bears; and no
/// platform takes another's model over.
#[tokio::test]
async fn another_platforms_key_signs_for_its_own_models_alone() {
    let fixture = Fixture::new().await;
    let records = || vec![call("1").to_bytes()];
    let check = |batch: Batch| batch.check(&fixture.platforms, &Bounds::default(), IN_PERIOD).expect_err("refused");
    assert!(matches!(check(Batch::sign("lumen", "b", records(), &key(4))), BatchError::WrongSignature { .. }));
    assert!(matches!(check(Batch::sign("other", "b", records(), &key(4))), BatchError::ForeignModel { .. }));
    assert!(matches!(check(Batch::sign("other", "b", records(), &key(3))), BatchError::WrongSignature { .. }));
    assert!(matches!(check(Batch::sign("nobody", "b", records(), &key(3))), BatchError::UnknownPlatform(_)));
    fixture.open().await.close().await.expect("closed");
    let mut platforms = fixture.platforms.clone();
    platforms[0].models.clear();
    platforms[1].models.push(MODEL.into());
    // Of an empty log nothing was anybody's.
    let open = async |platforms| Log::open(&fixture.dir(), platforms, key(1), fixture.witnesses()).await;
    open(platforms.clone()).await.expect("nobody signed anything yet").close().await.expect("closed");
    let mut log = fixture.open().await;
    fixture.append(&mut log, "a", 1).await;
    log.close().await.expect("closed");
    let refused = open(platforms).await.expect_err("lumen has a record").to_string();
    assert!(refused.contains("other claims the model lumen/lumen-1, which is lumen's since record 0"), "{refused}");
    assert!(refused.contains("platforms.json"), "{refused}");
}

/// A start that fails, because no witness answers, leaves no list behind: the corrected one is taken. Before, a mistake
/// in the first was the log's for ever.
#[tokio::test]
async fn a_list_is_the_logs_once_it_begins() {
    let fixture = Fixture::new().await;
    let mut wrong = fixture.platforms.clone();
    wrong[0].models.push("other/1".into());
    wrong[1].models.clear();
    let nobody = Witnesses::new(Vec::new()).without_patience();
    let opened = Log::open(&fixture.dir(), wrong.clone(), key(1), nobody).await;
    assert!(matches!(opened, Err(LogError::Witness(_))), "{opened:?}");
    assert!(!list(&fixture).exists());
    fixture.open().await.close().await.expect("the corrected list");
    // Nor does one that began without a record.
    Log::open(&fixture.dir(), wrong, key(1), fixture.witnesses()).await.expect("opened").close().await.expect("closed");
    fixture.open().await.close().await.expect("corrected again");
    let told: Vec<_> = lines(&fixture).iter().map(Named::platform).collect();
    assert_eq!(told, fixture.platforms);
}

/// A list grows by what changes: reopening changes nothing, a key that was never used is replaced, one that comes back
/// is named again, and who is left out may write no more.
#[tokio::test]
async fn the_list_tells_each_change_once() {
    let mut fixture = rotated().await;
    let before = lines(&fixture);
    fixture.open().await.close().await.expect("closed");
    assert_eq!(lines(&fixture), before);
    for seed in [6, 7, 3] {
        with_key(&mut fixture, seed).await.close().await.expect("closed");
    }
    let told: Vec<_> = lines(&fixture).into_iter().map(|line| (line.platform(), line.from)).collect();
    assert_eq!(told.len(), 4);
    assert_eq!(told[3], (fixture.platforms[0].clone(), 5));
    let other = fixture.platforms.remove(1);
    let mut log = fixture.open().await;
    fixture.append(&mut log, "c", 1).await;
    log.close().await.expect("closed");
    assert_eq!(lines(&fixture)[4].platform(), Platform { models: vec![], ..other });
    assert_eq!(fixture.read().await.expect("verified").size(), 6);
}
