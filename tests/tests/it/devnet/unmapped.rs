//! An account that the chain does not know behind its address, as there are on chains that map accounts only when they
//! are told to. The development chain maps all by itself and takes `Revive.map_account` for done, so it is a node's
//! answer that is changed here: what is shown, asked and sent is the real thing, the pallet's own mapping is not.

use std::os::unix::process::ExitStatusExt;

use serde_json::{Value, json};
use yieldset_chain::{B256, ChainClient, behind::of_ethereum, submit::Signer};
use yieldset_tasks::demo::children::Children;

use super::{
    commands::{DONE, Shell, funded},
    deploying::{ABORTED, MEMBER},
    programs,
    proxy::Proxy,
};

/// A node's answer for Ada's address as long as she is not mapped.
fn does_not_know_ada(method: &str, answer: &mut Value) {
    let ada = Signer::dev("//Alice//ada").unwrap();
    if method == "state_call ReviveApi_account_id" && answer["result"] == B256::from(ada.account_id()).to_string() {
        answer["result"] = json!(B256::from(of_ethereum(ada.address())).to_string());
    }
}

/// Proves NET-2: `account map` is sent once and no more where it is done; and `deploy` maps first, counts what that
/// costs, and goes on after a crash in that very step.
#[tokio::test]
async fn an_unmapped_account_is_mapped_first() {
    let folder = tempfile::tempdir().unwrap();
    let mut children = Children::new(programs(), folder.path());
    let node = children.start("devnet", "yieldset-devnet", &["--rpc-port", "0"]).await.unwrap().url;
    let client = ChainClient::connect(&node).await.unwrap();
    funded(&client).await;
    let proxy = Proxy::before(node, 0).await;
    let home = folder.path().join("home");
    let shell = Shell { children: &children, home: &home, node: &proxy.url };

    proxy.lies(Some(does_not_know_ada));
    let deploy = ["deploy", "--name", "Public Voices", "--symbol", "VOICE", "--member", MEMBER];
    let looked = async || {
        let (code, shown, why) = shell.types("ada", &[&deploy[..], &["--dry-run", "--json"]].concat()).await;
        assert_eq!(code, DONE, "{why}");
        serde_json::from_str::<Value>(&shown).unwrap()["steps"].as_array().unwrap().clone()
    };
    let steps = looked().await;
    assert_eq!((steps.len(), &steps[0]["step"]), (19, &json!("map-account")));
    let fee: u128 = steps[0]["fee_wei"].as_str().unwrap().parse().unwrap();
    assert!(fee > 0 && steps[0]["tried_by_the_node"] == true, "{}", steps[0]);

    let sent = shell.does("ada", &["account", "map"]).await;
    let block = client.block_hash_at(sent["block"].as_u64().unwrap()).await.unwrap().unwrap();
    assert_eq!(client.finalised_block().await.unwrap().hash, block);

    // Killed in the step that maps; then the chain knows her.
    let dies = async |fails: &str| {
        let mut command = shell.command("ada", &[&deploy[..], &["--yes"]].concat());
        let output = command.env("FAILPOINTS", fails).output().await.unwrap();
        let why = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.signal(), Some(ABORTED), "{}: {why}", output.status);
        let journal = std::fs::read_to_string(home.join("deployments/devnet.journal")).unwrap();
        serde_json::from_str::<Value>(&journal).unwrap()["steps"].as_array().unwrap().clone()
    };
    let begun = dies("deploy-sent=return").await;
    assert!(begun.len() == 1 && begun[0]["step"] == "map-account" && begun[0]["done"].is_null(), "{begun:?}");
    proxy.lies(None);
    let (code, told, _) = shell.types("ada", &["account", "map", "--yes"]).await;
    assert!(code == DONE && told.contains("knows the account behind") && told.contains("already"), "{told}");
    let gone_on = dies("deploy-sent=1*off->return").await;
    assert_eq!(gone_on[0]["done"]["tx_hash"], begun[0]["prepared"]["tx_hash"]);
    assert!(gone_on.len() == 2 && gone_on[0]["done"]["block"].is_u64() && gone_on[1]["step"] == "kyc-logic");
    // Who is mapped maps no more.
    assert!(looked().await.iter().all(|step| step["step"] != "map-account"));
    children.stop().await;
}
