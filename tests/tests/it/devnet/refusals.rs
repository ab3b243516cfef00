//! What a running product must refuse, and leave everything as it was.

use alloy_primitives::{B256, U256};
use serde_json::{Value, json};
use yieldset_chain::abi::{Attribution, Kyc, Manifests, Pool, Refusal::RefusalErrors};
use yieldset_chain::submit::Submitter;
use yieldset_chain::{ChainError, ContractError, SolCall};
use yieldset_tasks::demo::oracle::PROGRAM;
use yieldset_tasks::demo::story;

use super::{COIN, Stack, crashes::ANY_STREAM};

/// The contract's error behind a refusal.
fn reason<T: std::fmt::Debug>(result: Result<T, ChainError>) -> RefusalErrors {
    match result {
        Err(ChainError::Refused { error: ContractError::Known(error), .. }) => *error,
        other => panic!("not refused by a contract: {other:?}"),
    }
}

/// Proves ATT-9: the same signed bytes do nothing a second time, nor at another registry, for another pool.
pub async fn reports_are_not_replayed(stack: &Stack) {
    let told = &stack.told;
    let report = serde_json::from_slice::<serde_json::Value>(&std::fs::read(stack.path().join("report.json")).unwrap());
    let report = report.unwrap();
    let bytes = |hex: &serde_json::Value| hex::decode(hex.as_str().unwrap().trim_start_matches("0x")).unwrap();
    let entry = |one: &serde_json::Value| [bytes(&one["key"]), bytes(&one["signature"])].concat();
    let signatures: Vec<u8> = report["signatures"].as_array().unwrap().iter().flat_map(entry).collect();
    let call = Attribution::postCall { report: bytes(&report["report"]).into(), signatures: signatures.into() };
    let again = told.cast.admin.send(told.deployment.attribution, &call, 0).await;
    assert!(matches!(reason(again), RefusalErrors::PeriodOutOfOrder(_)));
    let latest = Attribution::latestCall { pool: told.deployment.pool, stream: story::stream() };
    let before = told.client.read(told.deployment.attribution, &latest).await.unwrap();
    stack.oracle().post_signed(&told.node).await.unwrap();
    assert_eq!(told.client.read(told.deployment.attribution, &latest).await.unwrap(), before, "posted twice");
    let elsewhere = stack.deploy_another("Elsewhere").await;
    let replayed = told.cast.admin.send(elsewhere.attribution, &call, 0).await;
    assert!(matches!(reason(replayed), RefusalErrors::WrongContract(_)));
}

/// Proves PAY-4: shares move between verified holders only; a freeze acts at once and takes nothing that was earned.
pub async fn transfers_need_kyc(stack: &Stack) {
    let told = &stack.told;
    let (pool, kyc) = (told.deployment.pool, told.deployment.kyc);
    let creator = &told.cast.creators[0].account;
    let balance = Pool::balanceOfCall { account: creator.address() };
    let before = told.client.read(pool, &balance).await.unwrap();
    let give = |to| Pool::transferCall { to, amount: U256::from(COIN) };
    told.cast.investor.submitter.send(pool, &give(creator.address()), 0).await.unwrap();
    let frozen = |frozen| Kyc::setFrozenCall { account: creator.address(), frozen };
    told.cast.admin.send(kyc, &frozen(true), 0).await.unwrap();
    let refused = reason(told.cast.investor.submitter.send(pool, &give(creator.address()), 0).await);
    assert!(matches!(refused, RefusalErrors::TransferRestricted(why) if why.code == 6));
    let stranger = reason(told.cast.investor.submitter.send(pool, &give(told.cast.stranger), 0).await);
    assert!(matches!(stranger, RefusalErrors::TransferRestricted(why) if why.code == 2));
    told.cast.admin.send(kyc, &frozen(false), 0).await.unwrap();
    assert_eq!(told.client.read(pool, &balance).await.unwrap(), before + U256::from(COIN));
    stack.assert_mirrored().await;
}

/// Proves ATT-3 and ATT-1: one changed byte of the log, of a creator's text or of the report is found offline.
pub async fn tampering_is_found(stack: &Stack) {
    stack.oracle().verify().await.unwrap();
    for file in tampered_files(stack) {
        let good = std::fs::read(&file).unwrap();
        let mut bad = good.clone();
        // In the report a signature; where it was posted is not signed, and only a node can tell. Elsewhere the last
        // digit.
        let signature = String::from_utf8_lossy(&good).find("\"signature\": \"0x").map(|at| at + 20);
        let at = signature.or(bad.iter().rposition(u8::is_ascii_digit)).unwrap_or(bad.len() / 2);
        bad[at] ^= 1;
        std::fs::write(&file, bad).unwrap();
        let verdict = stack.oracle().verify().await;
        std::fs::write(&file, good).unwrap();
        assert!(verdict.is_err(), "a changed {} went unnoticed", file.display());
    }
    stack.oracle().verify().await.unwrap();
}

/// Proves ATT-15: with a node, too, nothing that came with the report is believed: it is of the registry, the chain and
/// the datasets' registry that the reader knows, and the transaction that its file names posted it.
pub async fn only_what_the_reader_knows_is_believed(stack: &Stack) {
    let (told, oracle) = (&stack.told, stack.oracle());
    let other = |bytes: usize| json!(format!("0x{}", "09".repeat(bytes)));
    for (name, value) in [("registry", other(20)), ("genesis", other(32)), ("manifests", other(20))] {
        let (status, _, why) = oracle.try_verify(&told.node, "report.json", &json!({name: value}), &[]).await.unwrap();
        assert!(status.code() == Some(1) && why.contains("known is 0x0909"), "{name}: {status} {why}");
    }
    let unknown = json!({"registry": null});
    let (status, printed, _) = oracle.try_verify(&told.node, "report.json", &unknown, &[]).await.unwrap();
    assert!(status.code() == Some(3) && printed.contains("NOT SHOWN  that this is the right chain"), "{printed}");
    let report: Value = serde_json::from_slice(&std::fs::read(stack.path().join("report.json")).unwrap()).unwrap();
    let number = report["transaction"]["block_number"].as_u64().unwrap();
    let before = told.client.block_hash_at(number - 1).await.unwrap().unwrap();
    for (name, value, words) in [
        ("tx_hash", other(32), "transaction that posted it"),
        ("block_hash", other(32), "block of the transaction"),
        ("block_number", json!(number - 1), "block of the transaction"),
        ("block_number", json!(number + 1_000_000), "block of the transaction"),
    ] {
        let mut edited = report.clone();
        edited["transaction"][name] = value;
        std::fs::write(stack.path().join("edited-report.json"), edited.to_string()).unwrap();
        let (status, _, why) = oracle.try_verify(&told.node, "edited-report.json", &json!({}), &[]).await.unwrap();
        assert!(status.code() == Some(1) && why.contains(words), "{name}: {status} {why}");
    }
    let mut edited = report.clone();
    (edited["transaction"]["block_number"], edited["transaction"]["block_hash"]) = (json!(number - 1), json!(before));
    std::fs::write(stack.path().join("edited-report.json"), edited.to_string()).unwrap();
    let (_, _, why) = oracle.try_verify(&told.node, "edited-report.json", &json!({}), &[]).await.unwrap();
    assert!(why.contains("none in that block"), "{why}");
}

/// Proves SAFE-14: a settlement that says of the registry what it does not say, or asks it at no block of the chain or
/// before the quarter was over, is signed by nobody, nor is one for which nobody asked. The weights are whole in each.
pub async fn settlements_are_compared_with_the_registry(stack: &Stack) {
    let (told, oracle) = (&stack.told, stack.oracle());
    let read = std::fs::read_to_string(stack.path().join("settlement.json")).unwrap();
    let good: Value = serde_json::from_str(&read).unwrap();
    let early = told.client.block_hash_at(20).await.unwrap().unwrap();
    let registration = |name: &str, value: Value| {
        let mut edited = good.clone();
        edited["manifests"][0]["registration"][name] = value;
        edited
    };
    let seen = |value: Value| {
        let mut edited = good.clone();
        edited["seen"] = value;
        edited
    };
    let pool = &good["seen"]["pool"];
    for (edited, word) in [
        (registration("registered_at", 1.into()), "the registry at block"),
        (registration("version", 2.into()), "the registry at block"),
        (registration("closed_at", 4_000_000_000u64.into()), "the registry at block"),
        (seen(json!({"pool": pool, "block": 20, "block_hash": good["seen"]["block_hash"]})), "none of this chain"),
        (seen(json!({"pool": pool, "block": 20, "block_hash": early})), "2026Q4 was not over"),
        (seen(Value::Null), "nobody asked the chain"),
    ] {
        std::fs::write(stack.path().join("edited-settlement.json"), edited.to_string()).unwrap();
        let mut arguments = oracle.sign_arguments(&told.node, "edited-settlement.json", 1).unwrap();
        // A stream of its own, for which nothing is posted yet.
        arguments.extend(["--licence".into(), B256::repeat_byte(0x2d).to_string()]);
        let mut sign = stack.children.command(PROGRAM).unwrap();
        let signed = sign.args(&arguments).env("FAILPOINTS", ANY_STREAM).output().await.unwrap();
        let why = String::from_utf8_lossy(&signed.stderr);
        assert!(!signed.status.success() && why.contains(word), "{word}: {why}");
    }
}

/// Proves SAFE-14: nothing is worked out, signed or posted for a licence that there is not, and a settlement of one
/// stream is none of another's.
pub async fn no_report_is_made_for_a_licence_that_is_none(stack: &Stack) {
    let (told, oracle, nobodys) = (&stack.told, stack.oracle(), B256::repeat_byte(0x2d).to_string());
    let attribute = oracle.attribute_for_licence(&told.node, B256::repeat_byte(0x2d)).await.unwrap_err().to_string();
    assert!(attribute.contains("knows no licence 0x2d2d"), "{attribute}");
    let sign = oracle.sign_arguments(&told.node, "settlement.json", 1).unwrap();
    let post = oracle.post_arguments(&told.node).unwrap();
    for arguments in [sign, post] {
        let arguments: Vec<_> = arguments.iter().map(String::as_str).chain(["--licence", &nobodys]).collect();
        let (status, _, why) = stack.children.try_tool(PROGRAM, &arguments).await.unwrap();
        assert!(!status.success() && why.contains("the settlement is of the stream"), "{why}");
    }
}

/// Proves SAFE-14 and ATT-1: a report holds against the chain after a version that it compares was withdrawn, then
/// redacted, and its dataset handed over. Gives when it was withdrawn.
pub async fn later_acts_change_no_report(stack: &Stack) -> u64 {
    let told = &stack.told;
    let (registry, creator) = (told.deployment.manifests, &told.cast.creators[5]);
    let (dataset, version, reason) = (creator.dataset(), 1, B256::repeat_byte(1));
    let send = async |call: Vec<u8>, by: &Submitter| {
        let prepared = by.prepare_call(registry, call, 0).await.unwrap();
        by.submit(&prepared).await.unwrap();
    };
    let owner = &creator.account.submitter;
    send(Manifests::withdrawCall { dataset, version, reasonHash: reason }.abi_encode(), owner).await;
    let status = Manifests::statusOfCall { dataset, version };
    let withdrawn_at = told.client.read(registry, &status).await.unwrap().closedAt;
    stack.oracle().verify_with(&told.node).await.unwrap();
    let redact = Manifests::redactCall { dataset, version, newManifestHash: B256::ZERO, reasonHash: reason };
    send(redact.abi_encode(), owner).await;
    assert!(told.client.read(registry, &status).await.unwrap().closedAt > withdrawn_at);
    let investor = &told.cast.investor;
    send(Manifests::beginDatasetTransferCall { dataset, newCreator: investor.address() }.abi_encode(), owner).await;
    send(Manifests::acceptDatasetTransferCall { dataset }.abi_encode(), &investor.submitter).await;
    stack.oracle().verify_with(&told.node).await.unwrap();
    stack.assert_mirrored().await;
    withdrawn_at
}

/// One file of each kind: the log's hashes and entries, its checkpoint, a manifest, a text, the report.
fn tampered_files(stack: &Stack) -> Vec<std::path::PathBuf> {
    let mut files = vec![stack.path().join("report.json")];
    files.extend(every_file(&stack.path().join("log")).into_iter().filter(|file| {
        let path = file.to_string_lossy();
        // Partial tiles of earlier sizes (1, 2 and 14 of 26 records) are there for readers who are still there.
        path.contains("/tile/") && path.ends_with("/26") || path.ends_with("checkpoint")
    }));
    files.extend(every_file(&stack.path().join("manifests").join("melville")));
    assert!(files.len() > 5, "{files:?}");
    files
}

fn every_file(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(every_file(&path));
        } else {
            found.push(path);
        }
    }
    found
}
