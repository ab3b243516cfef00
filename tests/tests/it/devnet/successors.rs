//! The pool's holders put other registries in the place of theirs, and everything goes on with those.

use alloy_primitives::U256;
use serde_json::Value;
use yieldset_chain::Address;
use yieldset_chain::abi::{Kyc, Pool};
use yieldset_rules::succession::{DELAY, Part};
use yieldset_tasks::demo::{clock, coop, story};

use super::{COIN, Stack};

/// Proves SAFE-13 on the running product: the co-op names another KYC registry, registry of reports and licence
/// contract by vote; thirty days later anybody puts them in place. The indexer follows them with what they did before,
/// compares each row with its own registry, and shows what the pool asks now; the former ones stay followed.
pub async fn other_registries_are_followed(stack: &Stack) {
    let told = &stack.told;
    let (client, first) = (&told.client, &told.deployment);
    let next = stack.deploy_another("Next").await;
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
        let name = Pool::proposeSuccessorCall { part: part as u8, successor };
        coop::decide(told, first.pool, &name, &format!("Another {part:?}")).await.unwrap();
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
}

/// The levels that are listed, and the registry that they are of.
async fn levels(stack: &Stack) -> (Vec<i64>, Address) {
    let page = answer(stack, "/v1/kyc").await;
    let rows = page["items"].as_array().unwrap();
    let registries: Vec<&Value> = rows.iter().map(|row| &row["registry"]).collect();
    assert!(registries.windows(2).all(|pair| pair[0] == pair[1]), "{page}");
    let levels = rows.iter().map(|row| row["record"]["level"].as_i64().unwrap()).collect();
    (levels, registries[0].as_str().unwrap().parse().unwrap())
}

async fn answer(stack: &Stack, path: &str) -> Value {
    story::answer(&stack.told.indexer.url, path).await.unwrap()
}
