//! What the contracts tell beside the books, on the running product: `verify` finds each of it in Postgres as on chain.

use alloy_primitives::U256;
use sqlx::{Connection, PgConnection};
use yieldset_chain::abi::Licence::{self, LicenceEvents};
use yieldset_chain::abi::{Access, Attribution, Manifests, Pool};
use yieldset_chain::deployment::role;
use yieldset_chain::{Address, B256, Event, SolValue};
use yieldset_tasks::demo::story;

use super::{Stack, crashes};

/// Proves SAFE-15 for the mirror, and invariant 12 of ARCHITECTURE.md for what is no money: keys of usage logs by epoch
/// with their checkpoints, the committee that waits and a key that is revoked, policy and pause, cards, withdrawn
/// versions and training runs.
pub async fn everything_is_mirrored(stack: &Stack) {
    usage_is_proven_by_epochs(stack).await;
    committees_come_and_go(stack).await;
    officers_and_creators_act(stack).await;
    stack.assert_mirrored().await;
    each_wrong_figure_is_named(stack).await;
}

/// A figure that each table has of the chain, which rows to spoil, and how the difference is named.
const FIGURES: [(&str, &str, &str, &str); 11] = [
    ("usage_logs", "since", "epoch = 1", "usage log of epoch 1: since"),
    ("anchors", "anchored_at", "size = 48", "checkpoint of mirror.example/two at 48: time"),
    ("licence_terms", "common_from", "TRUE", ": terms"),
    ("committees", "since", "epoch = 1", ": since"),
    ("proposed_committees", "effective_at", "TRUE", ": from when on"),
    ("listings", "lot", "TRUE", ": lot"),
    ("credits", "credit", "TRUE", "all credits in"),
    ("pools", "currency_minimum", "TRUE", "pool currencyMinimum"),
    ("policies", "max_holders", "TRUE", "policy maxHolders"),
    ("dataset_versions", "closed_at", "state = 'withdrawn'", ": closed"),
    ("ingestions", "epochs", "TRUE", ": epochs"),
];

/// `verify` compares each of these figures: one that is off by one is named, and nothing is once all are mended.
async fn each_wrong_figure_is_named(stack: &Stack) {
    let database = stack.told.indexer.database_url.as_deref().unwrap();
    let mut connection = PgConnection::connect_with(&crashes::options(database)).await.unwrap();
    // A root has no figure to be off by: its first byte is turned round, and round again.
    let root = "UPDATE periods SET kept_root = set_byte(kept_root, 0, 255 - get_byte(kept_root, 0)) WHERE kept_root IS NOT NULL";
    let mut spoil = async |sign: char| {
        let update = |(table, column, rows, _): &(&str, &str, &str, &str)| {
            format!("UPDATE {table} SET {column} = {column} {sign} 1 WHERE {rows}")
        };
        for statement in FIGURES.iter().map(update).chain([root.to_owned()]) {
            let done = sqlx::query(sqlx::AssertSqlSafe(statement.clone())).execute(&mut connection).await.unwrap();
            assert!(done.rows_affected() > 0, "{statement}");
        }
    };
    spoil('+').await;
    let found = story::compare(&stack.oracle(), &stack.told.indexer, &stack.told.node).await;
    let found = format!("{:#}", found.expect_err("all these figures are wrong"));
    for name in FIGURES.iter().map(|figure| figure.3).chain([": kept root"]) {
        assert!(found.contains(name), "{name} is not compared: {found}");
    }
    spoil('-').await;
    stack.assert_mirrored().await;
}

/// Of an offer that nobody accepts: the demo's licence keeps the keys that its reports are checked by.
async fn usage_is_proven_by_epochs(stack: &Stack) {
    let told = &stack.told;
    let (contract, platform) = (told.deployment.licence, &told.cast.platform.submitter);
    let price = Licence::Price { document: B256::repeat_byte(1), threshold: 1, residualBps: 1, ..Default::default() };
    let times =
        Licence::Days { termMonths: 12, notice: 60, cure: 15, deletion: 30, redaction: 30, ..Default::default() };
    let terms = Licence::Terms { price, times, ..Default::default() }.abi_encode();
    let offer = Licence::offerCall {
        pool: told.deployment.pool,
        currency: Address::ZERO,
        datasets: vec![told.cast.creators[0].dataset()],
        options: vec![terms.chunks(32).map(B256::from_slice).collect()],
        expiresAt: story::expiry().unwrap(),
    };
    let receipt = platform.send(contract, &offer, 0).await.unwrap();
    let licence = receipt.told(contract, |event| match event {
        Event::Licence(LicenceEvents::LicenceOffered(offered)) => Some(offered.licence),
        _ => None,
    });
    let licence = licence.expect("the offer");
    for (epoch, origin, size) in
        [(1, "mirror.example/one", 24), (2, "mirror.example/two", 24), (3, "mirror.example/two", 48)]
    {
        let (key, witnesses) = (B256::repeat_byte(epoch), vec![B256::repeat_byte(0x70), B256::repeat_byte(0x71)]);
        let set = Licence::setUsageLogCall { licence, key, origin: origin.into(), witnesses };
        platform.send(contract, &set, 0).await.unwrap();
        let anchor = Licence::anchorCall { licence, epoch: 0, size, root: B256::repeat_byte(epoch) };
        platform.send(contract, &anchor, 0).await.unwrap();
    }
}

async fn committees_come_and_go(stack: &Stack) {
    let (told, registry) = (&stack.told, stack.told.deployment.attribution);
    let keeper = Access::grantRoleCall { role: role("COMMITTEE_ROLE"), account: told.cast.admin.address() };
    told.cast.admin.send(registry, &keeper, 0).await.unwrap();
    let seated = told.client.read(registry, &Attribution::committeeCall {}).await.unwrap();
    // One more than those in office, which is revoked before it gets there.
    let other = B256::from(ed25519_dalek::SigningKey::from_bytes(&[9; 32]).verifying_key().to_bytes());
    let keys: Vec<_> = seated.keys.iter().copied().chain([other]).collect();
    let propose = Attribution::proposeCommitteeCall { keys, threshold: seated.threshold };
    told.cast.admin.send(registry, &propose, 0).await.unwrap();
    stack.assert_mirrored().await;
    told.cast.admin.send(registry, &Attribution::revokeKeyCall { key: other }, 0).await.unwrap();
}

async fn officers_and_creators_act(stack: &Stack) {
    let told = &stack.told;
    let (pool, manifests, admin) = (told.deployment.pool, told.deployment.manifests, &told.cast.admin);
    let policy = Pool::setPolicyCall {
        open: false,
        minLevel: 1,
        accreditedOnly: false,
        allowList: false,
        jurisdictions: [B256::ZERO; 4],
        maxHolders: 1_000,
        maxHolding: U256::ZERO,
        lockupSeconds: 0,
    };
    for name in ["COMPLIANCE_ROLE", "PAUSER_ROLE"] {
        let grant = Access::grantRoleCall { role: role(name), account: admin.address() };
        admin.send(pool, &grant, 0).await.unwrap();
    }
    admin.send(pool, &policy, 0).await.unwrap();
    admin.send(pool, &Pool::pauseCall {}, 0).await.unwrap();
    stack.assert_mirrored().await;
    admin.send(pool, &Pool::unpauseCall {}, 0).await.unwrap();
    // A dataset beside those that the story is about.
    let creator = &told.cast.creators[0].account;
    let hash = B256::repeat_byte(0x3a);
    let (label, account) = (hash, creator.address());
    let register = Manifests::registerDatasetCall { label, manifestHash: hash, licenceHash: hash };
    creator.submitter.send(manifests, &register, 0).await.unwrap();
    let id = Manifests::datasetIdCall { registrant: account, label };
    let dataset = told.client.read(manifests, &id).await.unwrap();
    let card = Manifests::setDatasetCardCall { dataset, cardHash: hash };
    creator.submitter.send(manifests, &card, 0).await.unwrap();
    let platform = &told.cast.platform.submitter;
    let trains = Access::grantRoleCall { role: role("PLATFORM_ROLE"), account: told.cast.platform.address() };
    admin.send(manifests, &trains, 0).await.unwrap();
    let (datasets, versions) = (vec![dataset], vec![1]);
    let run = Manifests::recordIngestionCall { run: hash, model: hash, datasets, versions, epochs: 3, digest: hash };
    platform.send(manifests, &run, 0).await.unwrap();
    let withdraw = Manifests::withdrawCall { dataset, version: 1, reasonHash: hash };
    creator.submitter.send(manifests, &withdraw, 0).await.unwrap();
}
