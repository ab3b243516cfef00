//! What a person does a second time, or in the wrong state: refused before anything is sent, with what to type; and
//! what is known of what was done the first time.

use alloy_primitives::B256;
use serde_json::Value;
use yieldset_chain::{Home, Profile, SolValue, abi::Licence, profile::Presets, units::Coin};
use yieldset_tasks::demo::cast::ADMIN;

use super::{
    Stack,
    commands::{self, DONE, FAILED, USAGE},
};

/// Proves NET-1: who repeats a command, or mistypes a number, spends nothing, binds no money twice and loses no label.
pub async fn nothing_is_done_twice(stack: &Stack) {
    let (cast, shell) = (&stack.told.cast, &stack.told.shell);
    let (fdr, platform, investor) = (&cast.creators[0], cast.platform.uri.as_str(), cast.investor.uri.as_str());
    let menu = stack.path().join("menu.toml").display().to_string();
    let books = stack.path().join("books.txt").display().to_string();
    let (creator, dataset) = (fdr.account.uri.as_str(), format!("@{}:{}", fdr.file.slug, fdr.file.dataset));
    let licence = stack.told.licence.to_string();
    let report = ["--gross", "1 DEV", "--infrastructure", "0 DEV", "--taxes", "0 DEV", "--evidence", &books];
    let report = |period| [&["revenue", "report", "@lumen-1", period], &report[..]].concat();
    let records = stack.path().join("records.csv").display().to_string();
    let log = usage_log(stack).await;
    let [key, witness] = [log.key, log.witnesses[0]].map(|key| key.to_string());
    let rotate =
        vec!["platform", "rotate", "@lumen-1", "--key", &key, "--origin", &log.origin, "--witnesses", &witness];
    let repeated = ["pool", "raise-cap", "9002 shares", "--by-vote", "Again"];
    shell.does(creator, &repeated).await.unwrap();
    let before = shell.book().unwrap();
    for (who, line, parts) in [
        (
            platform,
            vec!["licence", "offer", &menu, "--datasets", &dataset, "--label", "lumen-1"],
            ["licence show @lumen-1", "--label lumen-1-2"],
        ),
        (creator, vec!["dataset", "assign", &fdr.file.dataset], ["it is in", "nothing is to be done"]),
        (platform, report("2026Q4"), ["was reported on", "audit corrects it"]),
        (platform, report("2020Q1"), ["has no 2020Q1", "2026Q4 to"]),
        (platform, vec!["pay", "@lumen-1", "2026Q4"], ["2026Q4 is paid", "licence show @lumen-1"]),
        (investor, vec!["market", "ask", "2 shares", "--price", "0.015 DEV"], ["no multiple of the tick", "0.02 DEV"]),
        (investor, vec!["market", "ask", "0.5 shares", "--price", "1 DEV"], ["fewer than the lot", "1 share"]),
        (investor, vec!["market", "fill", "999"], ["there is no order 999", "market show"]),
        (ADMIN, vec!["pool", "mint", "@fdr", "9000000 shares"], ["the cap is", "pool raise-cap"]),
        (platform, rotate, ["usage log is named so already", "nothing is to be done"]),
        (ADMIN, vec!["kyc", "import", &records], ["are on chain as the file has them", "nothing is to be done"]),
        (creator, repeated.to_vec(), ["the very same was proposed already", "coop show"]),
        // An account that has nothing is told what it lacks, not that a transaction is invalid.
        ("//Nobody//at//all", vec!["pool", "approve", "@fdr", "1 share"], ["can spend 0 DEV", "yieldset account fund"]),
        (
            platform,
            vec!["kyc", "freeze", "@fdr"],
            ["does not have AGENT_ROLE", "roles grant AGENT_ROLE @lumen --on kyc"],
        ),
    ] {
        let why = shell.cannot(who, &line).await.unwrap();
        for part in parts {
            assert!(why.contains(part), "{line:?}: {part:?} is not in {why}");
        }
    }
    assert_eq!(shell.book().unwrap(), before);
    one_new_row_is_sent_alone(stack, &records).await;

    let listed = shell.does("", &["licence", "list"]).await.unwrap();
    assert!(listed.contains("@lumen-1") && listed.contains("5 DEV upfront"), "{listed}");
    for name in ["@lumen-1", &licence] {
        let shown = shell.does("", &["licence", "show", name]).await.unwrap();
        for part in ["option 0 (accepted)", "10 % of revenue", "30 days", "in force", &dataset_of(stack)] {
            assert!(shown.contains(part), "{part:?} is not in {shown}");
        }
    }
    // What was voted on, by those who did not propose it: from the chain alone.
    let shown = shell.does("", &["coop", "show", "@accept"]).await.unwrap();
    for part in ["Accept: licence @lumen-1, option 0", "terms of option 0", "5 DEV", "executed"] {
        assert!(shown.contains(part), "{part:?} is not in {shown}");
    }
    let listed = shell.does("", &["coop", "list"]).await.unwrap();
    assert!(listed.contains("@accept") && listed.contains("Again"), "{listed}");
}

/// Of a file with a new row that one is listed and sent, and no other.
async fn one_new_row_is_sent_alone(stack: &Stack, records: &str) {
    let (shell, longer) = (&stack.told.shell, stack.path().join("more-records.csv"));
    let new = "0x00000000000000000000000000000000000000c1";
    let rows = std::fs::read_to_string(records).unwrap();
    std::fs::write(&longer, format!("{rows}{new},1,246,false,2099-01-01\n")).unwrap();
    let printed = shell.does(ADMIN, &["kyc", "import", longer.to_str().unwrap()]).await.unwrap();
    for part in ["Sets 1 KYC record.", "level 1, country", "until 2099-01-01", "now no record"] {
        assert!(printed.contains(part), "{part:?} is not in {printed}");
    }
    shell.does(ADMIN, &["kyc", "revoke", new]).await.unwrap();
}

/// Proves NET-2: what is meant for another network ends before anything is sent, with both chains' names; a network of
/// one's own is asked of its node, written once, and used by its name alone.
pub async fn another_network_is_refused(stack: &Stack) {
    let (client, node, fdr) = (&stack.told.client, stack.told.node.as_str(), &stack.told.cast.creators[0].account);
    let types = async |line: &[&str]| {
        let mut command = stack.children.command("yieldset").unwrap();
        commands::told(command.args(line).output().await.unwrap())
    };
    let before = client.best_block().await.unwrap().number;
    let fund = ["--profile", "hub", "--node", node, "--from", ADMIN, "account", "fund", "@fdr", "1 DOT", "--yes"];
    let (code, told, why) = types(&fund).await;
    assert_eq!(code, FAILED, "{told}{why}");
    let hub = Profile::known("hub").unwrap().genesis.unwrap();
    for part in ["genesis", &hub.to_string(), &client.genesis_hash().to_string()] {
        assert!(why.contains(part), "{part:?} is not in {why}");
    }
    assert_eq!(client.best_block().await.unwrap().number, before, "nothing was sent");

    let init = ["init", "mine", "--its-node", node, "--symbol", "COIN"];
    let (code, told, why) = types(&init).await;
    assert!(code == DONE && told.contains("--profile mine"), "{code}: {told}{why}");
    let wanted = Profile {
        name: "mine".into(),
        chain_id: 420_420_420,
        genesis: Some(client.genesis_hash()),
        nodes: vec![node.to_owned()],
        explorer: None,
        coin: Coin::wei("COIN"),
        ratio: Some(client.wei_per_unit()),
        presets: Presets::Production,
    };
    assert_eq!(Profile::find("mine", &Home::at(stack.path().join("home"))).unwrap(), wanted);
    let (code, told, why) = types(&init).await;
    assert!(code == USAGE && why.contains("is there already"), "{code}: {told}{why}");
    let (code, told, why) = types(&["--profile", "mine", "account", "show", "@fdr", "--json"]).await;
    assert_eq!(code, DONE, "{why}");
    let shown: Value = serde_json::from_str(&told).unwrap();
    assert_eq!((&shown["name"], &shown["mapped"]), (&Value::from("@fdr"), &Value::from(true)));
    let wei: u128 = shown["spendable_wei"].as_str().unwrap().parse().unwrap();
    assert_eq!(wei, client.spendable(&fdr.id).await.unwrap());
}

/// The usage log as its platform named it.
async fn usage_log(stack: &Stack) -> Licence::UsageLog {
    let told = &stack.told;
    let call = Licence::recordOfCall { licence: told.licence, record: b'G', which: B256::ZERO };
    let words = told.client.read(told.deployment.licence, &call).await.unwrap();
    Licence::UsageLog::abi_decode_sequence(&words.concat()).unwrap()
}

/// The first creator's dataset, as the address book knows it since it was registered.
fn dataset_of(stack: &Stack) -> String {
    stack.told.cast.creators[0].file.dataset.clone()
}
