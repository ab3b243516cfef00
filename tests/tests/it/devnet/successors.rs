//! The pool's holders put other registries in the place of theirs, and everything goes on with those.

use alloy_primitives::U256;
use serde_json::{Value, json};
use sqlx::{Connection, PgConnection};
use yieldset_chain::abi::{Access, Attribution, Kyc, Pool};
use yieldset_chain::deployment::{Challenge, role};
use yieldset_chain::{Address, B256};
use yieldset_rules::succession::{DELAY, Part};
use yieldset_tasks::demo::{clock, coop, oracle::PROGRAM, story};
use yieldset_tests::chain::root_file;

use super::{COIN, Stack, crashes};

const HOUR: u64 = 3_600;

/// Proves SAFE-13 on the running product: the co-op names another KYC registry, registry of reports and licence
/// contract by vote; thirty days later anybody puts them in place. The indexer follows them with what they did before,
/// compares each row with its own registry, and shows what the pool asks now; the former ones stay followed.
pub async fn other_registries_are_followed(stack: &Stack) {
    let told = &stack.told;
    let (client, first) = (&told.client, &told.deployment);
    let next = stack.deploy_with("Next", Challenge { window: HOUR, ruling: HOUR, ..Challenge::SECONDS }).await;
    let expiry = story::expiry().unwrap();
    let record = |account: Address, level: u8| Kyc::setRecordCall {
        account,
        level,
        jurisdiction: 840,
        accredited: false,
        expiry,
    };
    // Before anybody named it: the new registry knows everybody, on another level.
    for (_, holder, _) in told.cast.holders() {
        told.cast.admin.send(next.kyc, &record(holder.address(), 2), 0).await.unwrap();
    }
    for (part, successor) in
        [(Part::Kyc, next.kyc), (Part::Attribution, next.attribution), (Part::Licences, next.licence)]
    {
        let (label, successor) = (format!("{part:?}").to_lowercase(), successor.to_string());
        let command = ["pool", "succeed", &label, &successor];
        coop::decide(told, &command, &format!("Another {part:?}"), &label).await.unwrap();
    }
    let now = client.finalised_block().await.unwrap().timestamp_ms / 1_000;
    clock::go_to_time(told, now + DELAY).await.unwrap();
    stack.assert_mirrored().await;
    assert_eq!(levels(stack).await, (vec![1; 7], first.kyc));
    for part in [Part::Kyc, Part::Attribution, Part::Licences] {
        let adopt = Pool::adoptSuccessorCall { part: part as u8 };
        told.cast.platform.submitter.send(first.pool, &adopt, 0).await.unwrap();
    }
    stack.assert_mirrored().await;
    assert_eq!(levels(stack).await, (vec![2; 7], next.kyc));
    let pool = answer(stack, &format!("/v1/pools/{}", first.pool)).await;
    for (name, address) in [("kyc", next.kyc), ("attribution", next.attribution), ("licences", next.licence)] {
        assert_eq!(pool[name], address.to_string(), "{name}");
    }
    let committees = answer(stack, "/v1/committees").await;
    assert_eq!(committees["items"][0]["registry"], next.attribution.to_string());
    // What was final stays final, of a registry that is not asked any more.
    let report = answer(stack, &format!("/v1/pools/{}/reports", first.pool)).await["items"][0].clone();
    assert_eq!((&report["state"], &report["followed"]), (&"final".into(), &false.into()), "{report}");
    // Both go on, and each row is compared with its own registry; the new one decides.
    let account = told.cast.creators[0].account.address();
    told.cast.admin.send(first.kyc, &record(account, 3), 0).await.unwrap();
    told.cast.admin.send(next.kyc, &record(account, 4), 0).await.unwrap();
    stack.assert_mirrored().await;
    assert_eq!(levels(stack).await.0.into_iter().max(), Some(4));
    let give = Pool::transferCall { to: account, amount: U256::from(COIN) };
    told.cast.investor.submitter.send(first.pool, &give, 0).await.unwrap();
    assert_eq!(client.read(first.pool, &Pool::kycCall {}).await.unwrap(), next.kyc);
    disputes_are_told(stack, next.attribution).await;
}

/// Proves SAFE-8 for the mirror, and ATT-9 across an adoption: the oracle posts the quarter to the registry that the
/// pool asks now, once; it is shown as pending, as disputed, as withdrawn, and its revision as pending again and final
/// when the window is over, each as the registry answers at that block.
async fn disputes_are_told(stack: &Stack, registry: Address) {
    let (told, oracle) = (&stack.told, stack.oracle());
    let (pool, stream, period) = (told.deployment.pool, story::stream(), story::period().unwrap());
    let shown = async || {
        stack.assert_mirrored().await;
        let report = answer(stack, &format!("/v1/pools/{pool}/reports/{stream}/{period}")).await;
        assert_eq!(
            (&report["registry"], &report["followed"]),
            (&registry.to_string().into(), &true.into()),
            "{report}"
        );
        (report["state"].as_str().unwrap().to_owned(), report["revision"].as_i64().unwrap())
    };
    oracle.post(&told.node).await.unwrap();
    let again = oracle.post_signed(&told.node).await.unwrap();
    assert!(again.contains("already posted"), "{again}");
    assert_eq!(shown().await, ("pending".into(), 0));
    let bond = told.client.read(registry, &Attribution::bondForCall { pool, stream, period }).await.unwrap().bond;
    let dispute = Attribution::disputeCall { pool, stream, period, reason: B256::repeat_byte(1), maxBond: bond };
    told.cast.investor.submitter.send(registry, &dispute, bond.to()).await.unwrap();
    assert_eq!(shown().await, ("disputed".into(), 0));
    // The pool's new licence contract asks another registry of datasets: whose word counts, the reader knows.
    let known = json!({"registry": registry, "manifests": told.deployment.manifests});
    let verified = async || oracle.try_verify(&told.node, "report.json", &known, &[]).await.unwrap();
    let (status, printed, why) = verified().await;
    assert!(status.code() == Some(3) && printed.contains("NOT SHOWN  that it stays"), "{status} {printed}{why}");
    let arbiter = Access::grantRoleCall { role: role("ARBITER_ROLE"), account: told.cast.admin.address() };
    told.cast.admin.send(registry, &arbiter, 0).await.unwrap();
    told.cast.admin.send(registry, &Attribution::upholdCall { pool, stream, period }, 0).await.unwrap();
    assert_eq!(shown().await, ("withdrawn".into(), 0));
    let (status, _, why) = verified().await;
    assert!(status.code() == Some(1) && why.contains("withdrawn"), "{status} {why}");
    oracle.post(&told.node).await.unwrap();
    assert_eq!(shown().await, ("pending".into(), 1));
    let now = told.client.finalised_block().await.unwrap().timestamp_ms / 1_000;
    clock::go_to_second(told, now + HOUR).await.unwrap();
    assert_eq!(shown().await, ("final".into(), 1));
    let (status, printed, why) = verified().await;
    // What is left to show is a version that a run names and nobody has.
    let shown = printed.contains("the report is final") && printed.matches("NOT SHOWN").count() == 1;
    assert!(status.code() == Some(3) && shown, "{status} {printed}{why}");
}

/// Proves SAFE-14's late records with the chain: a call of the reported quarter that came after its report counts in
/// the next quarter's, and only that one does; while that quarter runs, it is looked at ahead alone, and not settled. A
/// version that was withdrawn since, and redacted later, earns on by the run before, and it is the withdrawal that no
/// later run counts after.
pub async fn late_records_go_with_the_next_report(stack: &Stack, withdrawn_at: u64) {
    let outputs = std::fs::read_to_string(root_file("tests/corpus/outputs/lumen-1.jsonl")).unwrap();
    let mut call: Value = serde_json::from_str(outputs.lines().next().unwrap()).unwrap();
    call["call_id"] = "late-1".into();
    let file = stack.path().join("late.jsonl");
    std::fs::write(&file, call.to_string() + "\n").unwrap();
    let oracle = stack.oracle();
    oracle.record(&file, "platform.key", "batch-late", &stack.told.log).await.unwrap().unwrap();
    // By the chain's clock.
    let runs = "2027Q1 runs until 2027-04-01T00:00:00Z";
    let (node, next) = (&stack.told.node, "attribution-next.json");
    let refused = oracle.attribute_in("2027Q1", node, next, &["--skip-embedding-check"]).await.unwrap_err().to_string();
    assert!(refused.contains(runs), "{refused}");
    let printed = oracle.attribute_in("2027Q1", node, next, &["--running"]).await.unwrap();
    assert_eq!((&printed["calls"], &printed["late_records"]), (&1.into(), &1.into()), "{printed}");
    let [from, to] = [next, "settlement-next.json"].map(|name| stack.path().join(name).display().to_string());
    let settle = ["settle", "--attribution", &from, "--out", &to];
    let (status, _, refused) = stack.children.try_tool(PROGRAM, &settle).await.unwrap();
    assert!(!status.success() && refused.contains(runs), "{status} {refused}");
    let attribution = std::fs::read_to_string(stack.path().join("attribution-next.json")).unwrap();
    let attribution: Value = serde_json::from_str(&attribution).unwrap();
    let closed: Vec<&Value> = attribution["manifests"].as_array().unwrap().iter().map(closing).collect();
    assert_eq!(closed.len(), 6);
    assert_eq!(closed.iter().filter_map(|at| at.as_u64()).collect::<Vec<_>>(), [withdrawn_at]);
}

fn closing(manifest: &Value) -> &Value {
    &manifest["registration"]["closed_at"]
}

/// The levels of who is on record in the registry that the pool asks, and that registry. A level of zero is a record
/// that was revoked.
async fn levels(stack: &Stack) -> (Vec<i64>, Address) {
    let database = stack.told.indexer.database_url.as_deref().unwrap();
    let mut connection = PgConnection::connect_with(&crashes::options(database)).await.unwrap();
    let rows: Vec<(i16, Vec<u8>)> = sqlx::query_as(
        "SELECT level, registry FROM kyc_records JOIN pools ON kyc = registry WHERE address = $1 AND level > 0",
    )
    .bind(stack.told.deployment.pool.as_slice())
    .fetch_all(&mut connection)
    .await
    .unwrap();
    let registry = Address::from_slice(&rows[0].1);
    (rows.iter().map(|row| i64::from(row.0)).collect(), registry)
}

async fn answer(stack: &Stack, path: &str) -> Value {
    story::answer(&stack.told.indexer.url, path).await.unwrap()
}
