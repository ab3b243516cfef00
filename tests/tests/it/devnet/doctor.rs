//! `yieldset doctor` where things are not as they should be.

use std::{fs, os::unix::fs::PermissionsExt, path::Path};

use serde_json::Value;
use yieldset_tasks::demo::children::Children;

use super::{
    commands::{IMPOSSIBLE, Shell, told},
    deploying::has_no_eth_transact,
    programs,
    proxy::Proxy,
};

/// What nobody may read in an answer.
const SECRET: &str = "SECRET-5d1c";

/// What doctor finds wrong: each thing with what it says and what to type. In words it is told, too, and the secret is
/// in neither answer.
async fn wrong(shell: &Shell<'_>, models: &Path) -> Vec<[String; 3]> {
    let run = async |line: &[&str]| {
        let mut command = shell.command("nobody", line);
        command.env("DATABASE_URL", format!("postgres://u:{SECRET}@127.0.0.1:1/x")).env("YIELDSET_MODEL_DIR", models);
        let (code, printed, why) = told(command.output().await.unwrap());
        assert_eq!(code, IMPOSSIBLE, "{printed}{why}");
        assert!(!printed.contains(SECRET) && !why.contains(SECRET), "{printed}{why}");
        printed
    };
    let found: Value = serde_json::from_str(&run(&["doctor", "--json"][..]).await).unwrap();
    let told = run(&["doctor"][..]).await;
    let wrong = found["findings"].as_array().unwrap().iter().filter(|finding| finding["good"] == false);
    let part = |finding: &Value, name: &str| finding[name].as_str().unwrap().to_owned();
    let wrong: Vec<_> = wrong.map(|finding| ["what", "says", "remedy"].map(|name| part(finding, name))).collect();
    assert_eq!(found["wrong"], wrong.len());
    for [what, says, remedy] in &wrong {
        assert!(told.contains(&format!("- {what:10} {says}\n             {remedy}")), "{what}: {told}");
    }
    wrong
}

/// Each thing is among what was found, and nothing else is.
fn are(wrong: &[[String; 3]], expected: &[[&str; 3]]) {
    for [what, says, remedy] in expected {
        let found = |it: &[String; 3]| it[0] == *what && it[1].contains(says) && it[2].contains(remedy);
        assert!(wrong.iter().any(found), "{what}: {says}; {remedy}: {wrong:?}");
    }
    assert_eq!(wrong.len(), expected.len(), "{wrong:?}");
}

/// Proves NET-1: whatever is wrong is found and told with what to type, all of it in one run, and ends with 3; a
/// password in the environment is shown nowhere.
#[tokio::test]
async fn what_is_wrong_is_told_with_what_to_type() {
    let folder = tempfile::tempdir().unwrap();
    let mut children = Children::new(programs(), folder.path());
    let node = children.start("devnet", "yieldset-devnet", &["--rpc-port", "0"]).await.unwrap().url;
    let proxy = Proxy::before(node, 0).await;
    proxy.lies(Some(has_no_eth_transact));
    let (home, models) = (folder.path().join("home"), folder.path().join("models"));
    fs::create_dir_all(home.join("keys")).unwrap();
    fs::create_dir(&models).unwrap();
    fs::write(home.join("book.json"), "{").unwrap();
    for (name, mode) in [("open", 0o644), ("damaged", 0o600)] {
        let file = home.join("keys").join(name).with_extension("json");
        fs::write(&file, "{}").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
    }
    let shell = Shell { children: &children, home: &home, node: &proxy.url };
    let here = [
        ["database", "127.0.0.1:1 does not answer", "start it, or unset DATABASE_URL"],
        ["model", "models has none", "scripts/setup gets it; or set YIELDSET_MODEL_DIR"],
    ];
    let all = [
        ["names", "book.json", "mend it, or move it away"],
        ["keys", "open.json", "chmod 600"],
        ["keys", "damaged.json is damaged", "take your backup of it"],
        ["runtime", "has no eth_transact", "a chain with a newer pallet-revive is needed"],
        ["contracts", "which says where the contracts are", "get it from who deployed"],
        ["sender", "has 0 DEV", "yieldset account fund //Alice//nobody AMOUNT"],
        ["sender", "the chain does not know its account yet", "yieldset account map --from //Alice//nobody"],
    ];
    are(&wrong(&shell, &models).await, &[&here[..], &all].concat());

    let empty = folder.path().join("empty");
    let shell = Shell { children: &children, home: &empty, node: "ws://127.0.0.1:1" };
    let all = [
        ["keys", "there is no keystore", "yieldset account new NAME"],
        ["node", "nothing listens there", "start yieldset-devnet, or name a node with --node"],
    ];
    are(&wrong(&shell, &models).await, &[&here[..], &all].concat());
    children.stop().await;
}
