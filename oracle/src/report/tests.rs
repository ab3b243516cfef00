use super::*;
use crate::{
    attribution::{self, Attribution, Version},
    compared::{After, LeftOut, Reason},
    files,
    licensed::{Beyond, Uncounted},
    models::Models,
    registry::{Registration, Seen},
    settlement::settle,
    testing::{Fixture, IN_PERIOD, PERIOD, call_with, dataset, question, unit},
    trained::{Fault, Read, ReadBy},
};

/// The chain's time: 1 January 2027, when the quarter is over.
const OVER: Position = Position { last: None, next_revision: None, now: 1_798_761_600 };

const PLACE: ReportPlace = ReportPlace { chain_id: 420_420_420, registry: [1; 20], pool: [2; 20] };

async fn attributed(tokens: [u32; 3]) -> Attribution {
    let fixture = Fixture::new().await;
    let records =
        (0..3).map(|axis| call_with(&axis.to_string(), tokens[axis], IN_PERIOD, unit(axis, 1_000_000), "")).collect();
    let log = fixture.log_of(records).await;
    let datasets: Vec<_> = (0..2).map(|axis| dataset(&format!("a/{axis}"), axis as u8 + 1, axis, "")).collect();
    attribution::attribute(&log, &datasets, &question(3)).expect("attributed")
}

async fn settlement() -> Settlement {
    settle(&attributed([1, 2, 9]).await)
}

fn key(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

fn committee() -> Committee {
    Committee { epoch: 4, threshold: 2, keys: (1..=3).map(|seed| key(seed).verifying_key().to_bytes()).collect() }
}

/// Proves ATT-6: weights are the tokens', sum exactly to 10^18, and their file cannot be edited unnoticed.
#[tokio::test]
async fn tokens_become_weights() {
    let settled = settlement().await;
    let weights: Vec<u64> = settled.contributors.iter().map(|one| one.weight).collect();
    assert_eq!(weights, [333_333_333_333_333_333, 666_666_666_666_666_667]);
    assert_eq!(settled.check(), Ok(()));
    let json = serde_json::to_value(&settled).expect("JSON");
    assert_eq!(json["contributors"][0]["weight"], "333333333333333333");
    assert_eq!(serde_json::from_value::<Settlement>(json).expect("back"), settled);
    for change in [
        (|settled| settled.contributors[0].weight += 1) as fn(&mut Settlement),
        |settled| {
            settled.contributors[0].weight += 1;
            settled.contributors[1].weight -= 1;
        },
        |settled| settled.contributors[0].tokens += 1,
        |settled| settled.contributors[0].account[0] ^= 1,
        |settled| settled.contributors[0].proof[0][0] ^= 1,
        |settled| settled.contributors.swap(0, 1),
        |settled| settled.weights_root[0] ^= 1,
        |settled| settled.contributors.clear(),
    ] {
        let mut edited = settled.clone();
        change(&mut edited);
        assert!(matches!(edited.check(), Err(SettlementError::Inconsistent(_))), "{edited:?}");
        assert!(sign(&edited, PLACE, &committee(), OVER, &[key(1), key(2)]).is_err());
    }
}

/// Proves SAFE-1 and SAFE-14: a period in which nothing qualified has a settlement without weights and a report that
/// says so; words without tokens are named, and no call. `settle` used to refuse it, and nothing later could be posted.
#[tokio::test]
async fn a_period_without_qualifying_output_is_reported() {
    let nothing = settle(&attributed([0, 0, 9]).await);
    assert_eq!((nothing.weights_root, nothing.contributors.len()), ([0; 32], 0));
    assert_eq!((nothing.totals.calls, nothing.totals.qualifying_calls, nothing.totals.tokens), (1, 0, 9));
    assert_eq!(nothing.check(), Ok(()));
    let signed = sign(&nothing, PLACE, &committee(), OVER, &[key(1), key(2)]).expect("signed");
    assert_eq!(signed.check().expect("holds").outcome, Outcome::NothingQualified);
    // It cannot be said of a period that had qualifying calls, nor the other way round.
    let mut edited = nothing;
    edited.totals.qualifying_calls = 1;
    assert!(matches!(edited.check(), Err(SettlementError::Inconsistent(_))));
    let mut edited = settlement().await;
    (edited.contributors, edited.weights_root) = (Vec::new(), [0; 32]);
    assert!(matches!(edited.check(), Err(SettlementError::Inconsistent(_))));
}

fn uncounted() -> Uncounted {
    Uncounted { leaf: 1, call_id: "1".into(), tokens: 9, reason: Beyond::TooManyTokens }
}

/// Proves SAFE-14: a settlement of another pool's datasets, or one that compares what does not count by what it says
/// itself, is signed by nobody and believed of nobody.
#[tokio::test]
async fn what_does_not_count_is_not_signed() {
    let mut settled = settlement().await;
    let seen = Seen { pool: PLACE.pool, block: 7, block_hash: [7; 32] };
    settled.seen = Some(seen);
    let sign = |settled: &Settlement| sign(settled, PLACE, &committee(), OVER, &[key(1), key(2)]);
    assert!(matches!(sign(&settled), Err(ReportError::DoesNotCount(why)) if why.contains("unregistered")));
    let registration =
        Registration { version: 1, pool: PLACE.pool, registered_at: 5, closed_at: None, payee: true, redacted: false };
    for version in &mut settled.manifests {
        (version.registration, version.runs) = (Some(registration), ReadBy::One(vec![Read::at(6_000)]));
    }
    let good = sign(&settled).expect("both earn");
    good.check().expect("holds");
    for (change, word) in [
        ((|version| version.runs = ReadBy::default()) as fn(&mut Version), "not_trained"),
        (|version| version.runs = ReadBy::One(vec![Read::at(5_999)]), "registered_later"),
        (|version| version.registration = None, "unregistered"),
    ] {
        let mut edited = settled.clone();
        change(&mut edited.manifests[1]);
        let error = sign(&edited).expect_err(word).to_string();
        assert!(error.contains(word), "{error}");
        let forged = SignedReport { settlement: edited, ..good.clone() };
        assert!(matches!(forged.check(), Err(ReportError::DoesNotCount(_))));
    }
    settled.seen = Some(Seen { pool: [3; 20], ..seen });
    assert!(matches!(sign(&settled), Err(ReportError::OtherPool { .. })));
}

/// Proves SAFE-14: leave a creator's dataset, a line or a model out, or change what else the settlement says, and the
/// signed bytes are others.
#[tokio::test]
async fn what_was_compared_is_signed() {
    // Of a licence: a model's own stream has no limits.
    let settled = Settlement { stream: [9; 32], ..settlement().await };
    let signed = sign(&settled, PLACE, &committee(), OVER, &[key(1), key(2)]).expect("signed");
    for change in [
        (|settled| settled.manifests.truncate(1)) as fn(&mut Settlement),
        |settled| settled.manifests[0].manifest_hash[0] ^= 1,
        |settled| settled.lines_root[0] ^= 1,
        |settled| settled.models = Models::one("x"),
        |settled| settled.metric.threshold += 1,
        // What is in the signed bytes by the settlement's digest alone.
        |settled| settled.limits.common_from = 2,
        |settled| settled.limits.call_tokens = 7,
        |settled| settled.ground.until = 7,
        |settled| settled.faults.push(Fault::NoRun { model: "m".into() }),
        |settled| settled.uncounted.push(uncounted()),
        |settled| settled.left_out.push(LeftOut::bare([1; 32], None, Reason::Unknown)),
        |settled| settled.manifests[0].runs = ReadBy::One(vec![Read::at(1)]),
        |settled| settled.after = After::First,
        |settled| settled.contributors[0].name.push('x'),
    ] {
        let mut edited = settled.clone();
        change(&mut edited);
        assert!(!signed.is_of(&edited, PLACE), "{edited:?}");
        let edited = SignedReport { settlement: edited, ..signed.clone() };
        assert!(matches!(edited.check(), Err(ReportError::FieldDiffers("settlement"))));
    }
    let attribution = attributed([1, 2, 9]).await;
    let mut other = attribution.clone();
    other.outputs[0].scores[0].score -= 1;
    assert_ne!(settle(&other).lines_root, settle(&attribution).lines_root);
}

/// Proves ATT-9 and ATT-15: a report's file in which anything was changed says the same, or is refused: of ten thousand
/// in which one byte is another, none says something else.
#[tokio::test]
async fn a_changed_file_says_the_same_or_is_refused() {
    let signed = sign(&settlement().await, PLACE, &committee(), OVER, &[key(1), key(2)]).expect("signed");
    let file = files::canonical_json(&signed).expect("JSON");
    // The same changes in each run: a small generator of Knuth's constants.
    let mut random = 1_u64;
    let mut accepted = 0;
    for _ in 0..10_000 {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let mut changed = file.clone();
        let at = (random >> 33) as usize % changed.len();
        changed[at] = (random >> 20) as u8;
        let Ok(read) = serde_json::from_slice::<SignedReport>(&changed) else { continue };
        if read.check().is_ok() {
            // White space, and letters of hex; and the committee, which only the chain has.
            let same = SignedReport { committee: signed.committee.clone(), ..read };
            assert_eq!(same, signed, "byte {at}");
            accepted += 1;
        }
    }
    assert!((1..500).contains(&accepted), "{accepted} are white space or letters of hex");
}

/// Proves ATT-9: m of n members' signatures over bytes that name the place; a stranger's key, the same key twice or too
/// few are refused before anything is signed.
#[tokio::test]
async fn a_report_is_signed_by_enough_members() {
    let settled = settlement().await;
    let signed = sign(&settled, PLACE, &committee(), OVER, &[key(3), key(1)]).expect("signed");
    let report = signed.check().expect("holds");
    assert_eq!((report.weights_root(), report.epoch, report.previous), (settled.weights_root, 4, [0; 32]));
    assert_eq!(signed.signature_bytes().len(), 2 * yieldset_rules::report::SIGNATURE_ENTRY);
    assert!(signed.is_of(&settled, PLACE) && !signed.is_of(&settled, ReportPlace { pool: [3; 20], ..PLACE }));
    let refused = |keys: &[SigningKey]| sign(&settled, PLACE, &committee(), OVER, keys).expect_err("refused");
    assert!(matches!(refused(&[key(1)]), ReportError::NotEnoughKeys { got: 1, need: 2, epoch: 4 }));
    assert!(matches!(refused(&[]), ReportError::NotEnoughKeys { got: 0, .. }));
    assert!(matches!(refused(&[key(1), key(1)]), ReportError::DuplicateKey(_)));
    assert!(matches!(refused(&[key(1), key(9)]), ReportError::UnknownKey { epoch: 4, .. }));
}

/// Bad input: a settlement that does not follow the stream's last report.
#[tokio::test]
async fn a_report_follows_the_last_one() {
    let settled = settlement().await;
    let at = |position| sign(&settled, PLACE, &committee(), position, &[key(1), key(2)]);
    let after = |last| at(Position { last: Some(last), ..OVER });
    let last = Last { period: PERIOD - 1, log_size: 3, hash: [9; 32] };
    assert_eq!(after(last).expect("next").fields.previous, [9; 32]);
    for (last, word) in [
        (Last { period: PERIOD, ..last }, "2026Q4"),
        (Last { period: PERIOD + 1, ..last }, "2027Q1"),
        (Last { log_size: 4, ..last }, "4"),
    ] {
        let error = after(last).expect_err("refused").to_string();
        assert!(error.contains(word), "{error}");
    }
    // Periods between may be passed over.
    assert_eq!(after(Last { period: PERIOD - 3, ..last }).expect("later").fields.previous, [9; 32]);
    let early = at(Position { now: OVER.now - 1, ..OVER }).expect_err("not over").to_string();
    assert!(early.contains("2026Q4 is not over"), "{early}");
    // A withdrawn report's revision follows the report accepted last, a later period's here.
    let later = Last { period: PERIOD + 1, ..last };
    let revision = at(Position { last: Some(later), next_revision: Some(2), ..OVER }).expect("revision").fields;
    assert_eq!((revision.revision, revision.previous), (2, [9; 32]));
    let long = Settlement { models: Models::one("m".repeat(MAX_BYTES)), ..settled };
    assert!(matches!(sign(&long, PLACE, &committee(), OVER, &[key(1), key(2)]), Err(ReportError::TooLong(_))));
}

/// Proves ATT-9's tamper evidence: any change of bytes, hash, fields, signatures, committee or weights is refused.
#[tokio::test]
async fn an_edited_report_is_refused() {
    let signed = sign(&settlement().await, PLACE, &committee(), OVER, &[key(1), key(2)]).expect("signed");
    for change in [
        (|signed| signed.report.replace_range(80..81, if &signed.report[80..81] == "0" { "1" } else { "0" }))
            as fn(&mut SignedReport),
        |signed| signed.report.truncate(100),
        |signed| signed.report_hash[0] ^= 1,
        |signed| signed.fields.pool[0] ^= 1,
        |signed| signed.fields.period_name = "2026Q3".into(),
        |signed| signed.fields.revision += 1,
        |signed| signed.fields.totals.tokens += 1,
        |signed| signed.fields.compared[0] ^= 1,
        |signed| signed.fields.models.clear(),
        |signed| signed.fields.package = Some(String::new()),
        |signed| signed.signatures[0].signature[0] ^= 1,
        |signed| signed.signatures[1] = signed.signatures[0].clone(),
        |signed| signed.signatures.truncate(1),
        |signed| signed.committee.keys.clear(),
        |signed| signed.committee.epoch += 1,
        |signed| signed.settlement.contributors[0].weight += 1,
        |signed| signed.settlement.models = Models::one("other"),
    ] {
        let mut edited = signed.clone();
        change(&mut edited);
        assert!(edited.check().is_err(), "{edited:?}");
    }
    assert!(signed.check().is_ok());
}
