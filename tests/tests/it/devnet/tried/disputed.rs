//! What reports leave undecided: money that waits for them, disputes with their bonds, and who signs.

use ed25519_dalek::SigningKey;
use yieldset_chain::{
    Address, B256, U256,
    abi::{Attribution, Pool, Verifier},
};

use super::{DAY, REPORTED, posted, stream, total};
use crate::devnet::{
    COIN,
    commands::address,
    scene::{Scene, digest},
};

/// A model's stream.
const MODEL: &str = "lumen-1";
/// Another's, of which there is no report.
const OLD: &str = "lumen-0";
/// What its report says is of no interest here.
const ROOT: [u8; 32] = [9; 32];

/// What is asked about the report of [`REPORTED`].
fn line<'a>(verb: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    [&["report", verb, MODEL, "2026Q3"], more].concat()
}

async fn dispute(scene: &Scene<'_>) -> Attribution::disputeOfReturn {
    let (pool, stream) = (scene.deployment.pool, stream(MODEL));
    scene.read(scene.deployment.attribution, &Attribution::disputeOfCall { pool, stream, period: REPORTED }).await
}

/// What is owed to somebody of bonds, in wei.
async fn owed(scene: &Scene<'_>, who: &str) -> U256 {
    let call = Attribution::bondOwedCall { currency: Address::ZERO, account: address(who) };
    scene.read(scene.deployment.attribution, &call).await
}

/// Money of a stream that nobody reports goes to its holders; of a quarter that is passed over, with the next report.
pub async fn money_waits_for_reports(scene: &Scene<'_>) {
    let pool = scene.deployment.pool;
    scene.grants("admin", scene.deployment.attribution, &["COMMITTEE_ROLE", "ARBITER_ROLE", "AUDITOR_ROLE"]).await;
    // 8100 is 2025Q1.
    for (slug, period, coins) in [(OLD, 8_100, 5), (MODEL, REPORTED - 1, 5), (MODEL, REPORTED, 10)] {
        let (stream, amount) = (stream(slug), coins * COIN);
        let deposit = Pool::depositCall { stream, period, amount: U256::from(amount) };
        scene.sends("ben", pool, &deposit, amount).await;
    }
    let adas = Pool::claimableCall { account: address("ada") };
    let had = scene.read(pool, &adas).await;
    scene.refuses("dora", &["pool", "release", MODEL, "2026Q2"], "waits for the stream's next report").await;
    scene.does("dora", &["pool", "release", OLD, "2025Q1"]).await;
    // 40 % of five coins were the contributors': of those two Ada has 96 parts of 128.
    assert_eq!(scene.read(pool, &adas).await - had, U256::from(3 * COIN / 2));
    assert_eq!(total(scene, stream(MODEL), REPORTED).await, U256::from(4 * COIN));
    posted(scene, stream(MODEL), (REPORTED, 0), ROOT).await;
    scene.does("dora", &["pool", "carry", MODEL, "2026Q2"]).await;
    assert_eq!(total(scene, stream(MODEL), REPORTED).await, U256::from(6 * COIN));
    scene.refuses("dora", &["pool", "carry", MODEL, "2026Q2"], "nothing waits there").await;
}

/// Cleo disputes it, Ben stands for it, and the arbiter agrees with Cleo: half of his bond is hers, and half goes to
/// the contested quarter.
pub async fn a_report_is_withdrawn(scene: &Scene<'_>) {
    let (pool, registry, stream) = (scene.deployment.pool, scene.deployment.attribution, stream(MODEL));
    scene.does("cleo", &line("dispute", &["--reason", &digest(3)])).await;
    let found = dispute(scene).await;
    // One in twenty of six coins is less than the least bond.
    let disputed = (found.phase, found.challenger, found.bond, found.reason);
    assert_eq!(disputed, (2, address("cleo"), U256::from(COIN), B256::repeat_byte(3)));
    let done = scene.does("dora", &line("add-reason", &["--reason", &digest(4)])).await;
    let told = done["sent"][0]["events"].to_string();
    assert!(told.contains("ReasonAdded") && told.contains(&digest(4)), "{told}");
    scene.refuses("cleo", &line("defend", &[]), "Is party").await;
    scene.does("ben", &line("defend", &[])).await;
    assert_eq!(dispute(scene).await.defender, address("ben"));
    scene.refuses("ben", &line("rule", &["uphold"]), "does not have ARBITER_ROLE").await;
    scene.does("admin", &line("rule", &["uphold"])).await;
    assert_eq!(dispute(scene).await.phase, 3);
    let kept = Attribution::bondKeptCall { pool, stream, period: REPORTED };
    assert_eq!(scene.read(registry, &kept).await.amount, U256::from(COIN / 2));

    let had = scene.coins("cleo").await;
    scene.does("dora", &["report", "withdraw-bond", "--account", &address("cleo").to_string()]).await;
    assert_eq!(scene.coins("cleo").await - had, 3 * COIN / 2);
    scene.refuses("dora", &["report", "withdraw-bond"], "0 DEV is owed").await;
    scene.does("dora", &line("deliver-bond", &[])).await;
    // 40 % of half a coin are the contributors'.
    assert_eq!(total(scene, stream, REPORTED).await, U256::from(6 * COIN + COIN / 5));
    assert_eq!(scene.read(registry, &kept).await.amount, U256::ZERO);
}

/// The revision is disputed, too, and the arbiter's time passes: Cleo has her bond back. An auditor says what it found.
pub async fn nobody_rules(scene: &Scene<'_>) {
    let (pool, registry, stream) = (scene.deployment.pool, scene.deployment.attribution, stream(MODEL));
    let report = posted(scene, stream, (REPORTED, 1), ROOT).await;
    let (reason, bond) = (B256::repeat_byte(5), U256::from(COIN));
    let call = Attribution::disputeCall { pool, stream, period: REPORTED, reason, maxBond: bond };
    scene.sends("cleo", registry, &call, COIN).await;
    scene.refuses("dora", &line("expire", &[]), "the arbiter rules until").await;
    scene.passes(DAY).await;
    scene.does("dora", &line("expire", &[])).await;
    assert_eq!((dispute(scene).await.phase, owed(scene, "cleo").await), (1, bond));

    let found = ["--document", &digest(6), "--seed", &digest(7), "--samples", "9"];
    let within = ["--deviation", "0.01", "--confidence", "0.95"];
    let audit = line("audit", &[&found[..], &within].concat());
    scene.refuses("ben", &audit, "does not have AUDITOR_ROLE").await;
    scene.does("admin", &audit).await;
    let audit = scene.read(registry, &Attribution::auditOfCall { reportHash: report, index: 0 }).await;
    assert_eq!((audit.auditHash, audit.seed), (B256::repeat_byte(6), B256::repeat_byte(7)));
    // A score is counted in millionths.
    assert_eq!((audit.samples, audit.maxDeviation, audit.confidence), (9, 10_000, 950_000));
    assert_eq!(audit.auditor, address("admin"));
}

/// Two other keys take office, and one of them is revoked.
pub async fn a_committee_takes_over(scene: &Scene<'_>) {
    let registry = scene.deployment.attribution;
    let key = |seed| B256::from(SigningKey::from_bytes(&[seed; 32]).verifying_key().to_bytes());
    let (keys, [first, second]) = ([key(8), key(9)], [key(8), key(9)].map(|key| key.to_string()));
    let verifier = scene.read(registry, &Attribution::termsCall {}).await.verifier;
    let prepared = Verifier::preparedHashCall { key: keys[0] };
    assert!(scene.read(verifier, &prepared).await.is_zero());
    scene.does("dora", &["committee", "prepare-key", &first]).await;
    assert!(!scene.read(verifier, &prepared).await.is_zero());
    scene.refuses("dora", &["committee", "prepare-key", &first], "there already").await;

    let propose = ["committee", "propose", &first, &second, "--threshold", "1"];
    scene.refuses("dora", &propose, "does not have COMMITTEE_ROLE").await;
    scene.refuses("dora", &["committee", "activate"], "no committee is announced").await;
    scene.does("admin", &propose).await;
    let announced = scene.read(registry, &Attribution::proposedCommitteeCall {}).await;
    assert_eq!((announced.threshold, announced.keys), (1, keys.to_vec()));
    scene.does("dora", &["committee", "activate"]).await;
    let seated = scene.read(registry, &Attribution::committeeCall {}).await;
    assert_eq!((seated.epoch, seated.threshold, seated.keys), (2, 1, keys.to_vec()));
    scene.refuses("dora", &["committee", "revoke-key", &second], "does not have COMMITTEE_ROLE").await;
    scene.does("admin", &["committee", "revoke-key", &second]).await;
    assert!(scene.read(registry, &Attribution::isRevokedCall { key: keys[1] }).await);
    assert_eq!(scene.read(registry, &Attribution::committeeCall {}).await.keys, keys[..1]);
}
