//! Every act is sent by its command, and does on chain what it says: in `commands.rs` and `elsewhere.rs`, in
//! `token.rs`, and what those do not send in the scenes beside.

mod disputed;
mod holders;
mod licensed;

use std::{collections::BTreeSet, path::PathBuf};

use yieldset_chain::{
    B256, ChainClient, U256,
    abi::{Attribution, Kyc, Manifests, Pool},
    acts::{arguments::sha256, registry::declared_acts},
    deployment::{Challenge, Config, Voting, dataset_id},
};
use yieldset_rules::report::{LogCheckpoint, MeasuredError, Report};
use yieldset_tasks::demo::children::Children;
use yieldset_tests::system::{metric, outcome, sign};

use super::{
    commands::{Shell, address, config, deployed_as, fund, member},
    programs,
    scene::{DELAY, Scene, whole},
    token,
};

/// What is sent from a KYC record to a claimed dividend, and to the end of `elsewhere.rs`.
pub const BY_COMMANDS: [&str; 36] = [
    "claim",
    "coop delegate-signed",
    "coop execute",
    "coop propose",
    "coop vote",
    "dataset assign",
    "dataset certify-redaction",
    "dataset redact",
    "dataset register",
    "dataset update",
    "kyc attest",
    "kyc import",
    "kyc set",
    "kyc trust",
    "licence accept",
    "licence offer",
    "market ask",
    "market cancel",
    "market fill",
    "market list",
    "market withdraw",
    "platform register",
    "pool buy",
    "pool create",
    "pool deposit",
    "pool mint",
    "pool open",
    "pool permit",
    "pool sale",
    "pool set-parts",
    "pool transfer",
    "pool transfer-from",
    "redaction request",
    "roles accept",
    "roles grant",
    "roles hand-over",
];

/// What is sent about disputes, and by holders and those who look after them.
const BY_HOLDERS: [&str; 52] = [
    "committee activate",
    "committee prepare-key",
    "committee propose",
    "committee revoke-key",
    "coop cancel",
    "coop delegate",
    "coop end-delegation",
    "coop execute",
    "coop propose",
    "coop vote",
    "dataset accept",
    "dataset card",
    "dataset transfer",
    "dataset withdraw",
    "kyc distrust",
    "kyc freeze",
    "kyc recover",
    "kyc revoke",
    "kyc sanction",
    "kyc unfreeze",
    "market ask",
    "market bid",
    "market clear",
    "market delist",
    "market inherit",
    "market match",
    "platform model-card",
    "policy set",
    "pool adopt",
    "pool approve",
    "pool cancel-successor",
    "pool carry",
    "pool end-reservations",
    "pool force-transfer",
    "pool freeze-shares",
    "pool pause",
    "pool raise-cap",
    "pool recover",
    "pool register",
    "pool release",
    "pool succeed",
    "pool unpause",
    "report add-reason",
    "report audit",
    "report defend",
    "report deliver-bond",
    "report dispute",
    "report expire",
    "report rule",
    "report withdraw-bond",
    "roles renounce",
    "roles revoke",
];

/// What is sent from a licence's offer to its wound-up end.
const BY_LICENCES: [&str; 32] = [
    "audit answer",
    "audit apply",
    "audit approve",
    "audit dismiss",
    "audit pay",
    "audit report",
    "audit request",
    "audit withdraw",
    "deletion certify",
    "escrow fund",
    "escrow pay-shortfall",
    "licence assess-usage",
    "licence decline",
    "licence deliver",
    "licence hand-over",
    "licence milestone",
    "licence offer",
    "licence publish",
    "licence refund",
    "licence sublicence",
    "licence take",
    "licence take-over",
    "licence terminate",
    "licence true-up",
    "licence withdraw",
    "licence withdraw-menu",
    "pay",
    "platform anchor",
    "platform rotate",
    "redaction certify",
    "revenue import",
    "revenue report",
];

/// 4 January 2027: in its first quarter, so that those of 2026 are over.
pub const START: &str = "1799020800";
/// 2026Q3, as contracts count quarters.
const REPORTED: u32 = 8_106;
/// 2027Q1.
pub const FIRST: u32 = 8_108;
pub const DAY: u64 = 86_400;
/// The usage log's name.
const ORIGIN: &str = "lumen.example/usage";
/// In whole shares, of 128 that there are: a power of two, so that dividends are not rounded.
const ADAS: u128 = 96;
const CLEOS: u128 = 32;

/// Names as a scene gives them.
pub fn names(acts: &[&str]) -> BTreeSet<String> {
    acts.iter().map(|&act| act.to_owned()).collect()
}

/// Proves NET-1: there is no act that no test sends by its command. Each of these lists is what its test sent.
#[test]
fn every_act_is_sent_by_its_command() {
    let sent = [&BY_COMMANDS[..], &BY_HOLDERS, &BY_LICENCES, &token::SENT].concat();
    let declared: BTreeSet<String> = declared_acts().iter().map(|act| act.kind.name.to_owned()).collect();
    assert_eq!(names(&sent), declared);
}

/// A node of its own whose clock shows [`START`], with contracts and people.
struct Place {
    // Its files are there as long as the node.
    _folder: tempfile::TempDir,
    children: Children,
    home: PathBuf,
    node: String,
    client: ChainClient,
}

impl Place {
    /// Whoever has a name has coins, and whoever a share a KYC record; the pool is open.
    async fn begin(challenge: Challenge) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut children = Children::new(programs(), folder.path());
        let arguments = ["--rpc-port", "0", "--start-at", START];
        let node = children.start("devnet", "yieldset-devnet", &arguments).await.unwrap().url;
        let client = ChainClient::connect(&node).await.unwrap();
        let home = folder.path().join("home");
        fund(&client, &["admin", "ada", "ben", "cleo", "dora", "eve"]).await;
        let voting = Voting { delay: DELAY, ..Voting::SECONDS };
        deployed_as(&client, &home, Config { contributors_bps: 4_000, challenge, voting, ..config() }).await;
        Self { _folder: folder, children, home, node, client }
    }

    fn shell(&self) -> Shell<'_> {
        Shell { children: &self.children, home: &self.home, node: &self.node }
    }
}

/// Ada and Cleo have shares, and the pool is open.
async fn opened(scene: &Scene<'_>) {
    let (kyc, pool) = (scene.deployment.kyc, scene.deployment.pool);
    for (who, shares) in [("ada", ADAS), ("cleo", CLEOS)] {
        let (account, expiry) = (address(who), scene.now().await + 3_650 * DAY);
        let record = Kyc::setRecordCall { account, level: 1, jurisdiction: 840, accredited: false, expiry };
        scene.sends("admin", kyc, &record, 0).await;
        scene.sends("admin", pool, &Pool::mintCall { to: address(who), amount: whole(shares) }, 0).await;
    }
    let (licences, governor) = (scene.deployment.licence, scene.deployment.coop);
    scene.sends("admin", pool, &Pool::openCall { cap: whole(1_000), licences, governor }, 0).await;
}

/// The committee's next report of a stream, whose weights have this root. What posts reports is `yieldset-oracle`, by a
/// usage log.
async fn posted(scene: &Scene<'_>, stream: B256, (period, revision): (u32, u32), root: [u8; 32]) -> B256 {
    let (registry, pool) = (scene.deployment.attribution, scene.deployment.pool);
    let latest = scene.read(registry, &Attribution::latestCall { pool, stream }).await;
    let committee = scene.read(registry, &Attribution::committeeCall {}).await;
    let (outcome, totals) = outcome(root);
    let report = Report {
        chain_id: scene.client.evm_chain_id(),
        registry: registry.into_array(),
        pool: pool.into_array(),
        stream: stream.0,
        models: vec!["lumen/lumen-1".into()],
        period,
        revision,
        epoch: committee.epoch,
        log: LogCheckpoint { origin: ORIGIN.into(), size: 24, root: [7; 32] },
        compared: [6; 32],
        metric: metric(),
        outcome,
        totals,
        error: MeasuredError::NotMeasured,
        lines_root: [8; 32],
        package: None,
        spot_check: None,
        previous: latest.reportHash.0,
    };
    let bytes = report.to_bytes();
    let signatures = sign(&bytes, &[member()]).into();
    scene.sends("ben", registry, &Attribution::postCall { report: bytes.into(), signatures }, 0).await;
    scene.read(registry, &Attribution::reportOfCall { pool, stream, period }).await.reportHash
}

/// A model's stream, which has no licence.
fn stream(slug: &str) -> B256 {
    sha256(slug.as_bytes())
}

/// Letters of Ada's, in the registry of datasets.
pub async fn registered(scene: &Scene<'_>) -> B256 {
    let label = sha256(b"ada/letters");
    let [manifest, licence] = [1, 2].map(B256::repeat_byte);
    let register = Manifests::registerDatasetCall { label, manifestHash: manifest, licenceHash: licence };
    scene.sends("ada", scene.deployment.manifests, &register, 0).await;
    dataset_id(address("ada"), label)
}

/// The contributors' money of a quarter.
async fn total(scene: &Scene<'_>, stream: B256, period: u32) -> U256 {
    scene.read(scene.deployment.pool, &Pool::periodOfCall { stream, period }).await.total
}

/// Proves NET-1: disputes, the committee, records, restraints, trades, recovery, votes and successors by commands: each
/// changes on chain what it says, and who may not is refused by name.
#[tokio::test]
async fn what_holders_and_officers_send_does_what_it_says() {
    let mut place = Place::begin(Challenge { window: DAY, ruling: DAY, ..Challenge::SECONDS }).await;
    let shell = place.shell();
    let scene = Scene::of(&shell, &place.client);
    opened(&scene).await;
    disputed::money_waits_for_reports(&scene).await;
    disputed::a_report_is_withdrawn(&scene).await;
    disputed::nobody_rules(&scene).await;
    disputed::a_committee_takes_over(&scene).await;
    holders::records_and_roles(&scene).await;
    holders::shares_are_restrained(&scene).await;
    holders::orders_meet(&scene).await;
    holders::an_account_is_lost(&scene).await;
    holders::datasets_change_hands(&scene).await;
    holders::the_coop_decides(&scene).await;
    assert_eq!(scene.done(), names(&BY_HOLDERS));
    place.children.stop().await;
}

/// Proves NET-1: a licence from its offer to what is owed after its end, by commands: each changes on chain what it
/// says, and who may not is refused by name.
#[tokio::test]
async fn what_a_licence_takes_does_what_it_says() {
    let mut place = Place::begin(Challenge::SECONDS).await;
    let shell = place.shell();
    let scene = Scene::of(&shell, &place.client);
    opened(&scene).await;
    let dataset = licensed::a_dataset(&scene).await;
    licensed::offers_end(&scene, dataset).await;
    licensed::an_option_is_taken(&scene, dataset).await;
    licensed::it_is_in_force(&scene).await;
    licensed::another_platform_takes_over(&scene, dataset).await;
    licensed::a_quarter_is_paid(&scene).await;
    licensed::quarters_are_audited(&scene).await;
    licensed::it_ends(&scene).await;
    assert_eq!(scene.done(), names(&BY_LICENCES));
    place.children.stop().await;
}
