//! `yieldset` on a node, as a person types it: who may and who may not, what is shown before, what is sent, and by
//! which code each run ends.

use std::path::Path;

use ed25519_dalek::SigningKey;
use serde_json::Value;
use yieldset_chain::{
    Address, ChainClient, Payee,
    deploy::{Request, deploy},
    deployment::{Challenge, Config, Voting},
    submit::{Signer, Submitter},
};
use yieldset_tasks::demo::children::Children;

use super::{
    COIN, elsewhere, programs,
    scene::Scene,
    tried::{self, BY_COMMANDS},
};

/// Exit codes, as `yieldset --help` has them.
pub const DONE: i32 = 0;
pub const FAILED: i32 = 1;
pub const USAGE: i32 = 2;
pub const IMPOSSIBLE: i32 = 3;
pub const NO_EFFECT: i32 = 6;

/// A shell with the options that all commands take.
pub struct Shell<'a> {
    pub children: &'a Children,
    pub home: &'a Path,
    pub node: &'a str,
}

impl Shell<'_> {
    /// A command of somebody's, not started yet.
    pub fn command(&self, who: &str, line: &[&str]) -> tokio::process::Command {
        let mut command = self.children.command("yieldset").unwrap();
        command.env("YIELDSET_HOME", self.home).env("YIELDSET_FROM", format!("//Alice//{who}"));
        command.args(["--node", self.node, "--profile", "devnet"]).args(line);
        command
    }

    /// Types a command as somebody; gives how it ended, and what it said on both outputs.
    pub async fn types(&self, who: &str, line: &[&str]) -> (i32, String, String) {
        told(self.command(who, line).output().await.unwrap())
    }

    /// What is asked without naming anybody.
    async fn asks_as_nobody(&self, line: &[&str]) -> String {
        let mut command = self.children.command("yieldset").unwrap();
        command.env("YIELDSET_HOME", self.home).env_remove("YIELDSET_FROM");
        command.args(["--node", self.node, "--profile", "devnet"]).args(line);
        let output = command.output().await.unwrap();
        assert!(output.status.success(), "{line:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// The same with --yes and --json, where it must be done; what was sent.
    pub async fn does(&self, who: &str, line: &[&str]) -> Value {
        let (code, printed, why) = self.types(who, &[line, &["--yes", "--json"]].concat()).await;
        assert_eq!(code, DONE, "{who}: {line:?}: {printed}{why}");
        serde_json::from_str(&printed).unwrap()
    }

    /// Where it cannot be done: why, and what to type.
    pub async fn cannot(&self, who: &str, line: &[&str]) -> String {
        let (code, printed, why) = self.types(who, &[line, &["--yes"]].concat()).await;
        assert_eq!(code, IMPOSSIBLE, "{who}: {line:?}: {printed}{why}");
        why
    }
}

/// How a command ended, and what it said on both outputs.
pub fn told(output: std::process::Output) -> (i32, String, String) {
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
}

/// An address of a development account below Alice's.
pub fn address(who: &str) -> Address {
    Signer::dev(&format!("//Alice//{who}")).unwrap().address()
}

/// Proves NET-1 and NET-2: from contracts without holders to a claimed dividend and a sold share by commands alone;
/// each is refused to who may not, with what to type, and shown before it is sent.
#[tokio::test]
async fn from_a_kyc_record_to_a_claimed_dividend_by_commands() {
    let folder = tempfile::tempdir().unwrap();
    let mut children = Children::new(programs(), folder.path());
    let node = children.start("devnet", "yieldset-devnet", &["--rpc-port", "0"]).await.unwrap().url;
    let client = ChainClient::connect(&node).await.unwrap();
    let home = folder.path().join("home");
    deployed(&client, &home).await;
    let shell = Shell { children: &children, home: &home, node: &node };
    let mut scene = Scene::of(&shell, &client);
    records_and_shares(&scene).await;
    dividends(&scene).await;
    trades(&scene).await;
    votes(&scene).await;
    elsewhere::every_act_runs(&mut scene).await;
    assert_eq!(scene.done(), tried::names(&BY_COMMANDS));
    children.stop().await;
}

/// Money for all.
pub async fn funded(client: &ChainClient) {
    fund(client, &["admin", "ada", "ben"]).await;
}

/// A thousand coins for each.
pub async fn fund(client: &ChainClient, people: &[&str]) {
    let alice = Submitter::new(client.clone(), Signer::dev("//Alice").unwrap());
    for who in people {
        let account = Signer::dev(&format!("//Alice//{who}")).unwrap().account_id();
        alice.transfer_native(Payee::account(account), 1_000 * COIN).await.unwrap();
    }
}

/// The contracts, by whoever is called admin here, and money for all.
pub async fn deployed(client: &ChainClient, home: &Path) {
    funded(client).await;
    deployed_as(client, home, config()).await;
}

/// The settings of a pool without contributors, in the chain's own money, for a chain whose clock is moved on.
pub fn config() -> Config {
    Config {
        name: "Public Voices".into(),
        symbol: "VOICE".into(),
        currency: Address::ZERO,
        contributors_bps: 0,
        committee: vec![member().verifying_key().to_bytes().into()],
        threshold: 1,
        challenge: Challenge::SECONDS,
        voting: Voting::SECONDS,
    }
}

/// The committee's only member.
pub fn member() -> SigningKey {
    SigningKey::from_bytes(&[7; 32])
}

/// The contracts by these settings, where commands look for them.
pub async fn deployed_as(client: &ChainClient, home: &Path, config: Config) {
    let admin = Submitter::new(client.clone(), Signer::dev("//Alice//admin").unwrap());
    let request = Request { config, admin: None };
    let deployment = deploy(&admin, &request, &home.join("deployments/devnet.journal"), |_| {}).await.unwrap();
    std::fs::create_dir_all(home.join("deployments")).unwrap();
    deployment.save(&home.join("deployments/devnet.json")).unwrap();
}

async fn records_and_shares(shell: &Scene<'_>) {
    let (ada, ben) = (address("ada").to_string(), address("ben").to_string());
    let set = ["kyc", "set", &ada, "--country", "840", "--until", "+365d"];
    let why = shell.cannot("ben", &set).await;
    assert!(why.contains("does not have AGENT_ROLE") && why.contains("yieldset roles grant AGENT_ROLE"), "{why}");
    // Looking changes nothing, and shows the transaction for a wallet.
    let (code, shown, why) = shell.types("admin", &[&set[..], &["--dry-run", "--json"]].concat()).await;
    assert_eq!(code, DONE, "{why}");
    let shown: Value = serde_json::from_str(&shown).unwrap();
    assert!(shown["transactions"][0]["data"].as_str().unwrap().starts_with("0x"), "{shown}");
    assert!(shown["simulated"][0]["fee"].as_str().unwrap().parse::<u128>().unwrap() > 0, "{shown}");
    let why = shell.cannot("admin", &["pool", "mint", &ada, "100"]).await;
    assert!(why.contains("no KYC record") && why.contains("yieldset kyc set"), "{why}");
    shell.does("admin", &set).await;
    // A power of two, so that dividends are not rounded.
    shell.does("admin", &["pool", "mint", &ada, "128 shares"]).await;
    // Nobody is asked where nobody can answer.
    let (code, _, why) = shell.types("admin", &["pool", "mint", &ada, "1"]).await;
    assert!(code == USAGE && why.contains("--yes"), "{code}: {why}");
    // Ben has no record: why says so, and the transfer is refused.
    let (code, told, _) = shell.types("ada", &["why", &ada, &ben, "10", "--json"]).await;
    let told: Value = serde_json::from_str(&told).unwrap();
    assert!(
        code == DONE && told["may"] == false && told["what_to_type"].as_str().unwrap().contains("kyc set"),
        "{told}"
    );
    let why = shell.cannot("ada", &["pool", "transfer", &ben, "10"]).await;
    assert!(why.contains("code 2"), "{why}");
    let file = shell.home.join("records.csv");
    std::fs::write(&file, format!("account,level,country,accredited,until\n{ben},1,246,false,+365d\n")).unwrap();
    shell.does("admin", &["kyc", "import", file.to_str().unwrap()]).await;
    // What does nothing is no command: neither nothing of something, nor what stands in an example.
    for line in [&["pool", "mint", &ada, "0 shares"][..], &["pool", "deposit", "lumen-1", "2020Q1", "0 DEV"]] {
        let (code, _, why) = shell.types("admin", line).await;
        assert!(code == USAGE && why.contains("more than zero") && !why.contains("--node"), "{line:?}: {code}: {why}");
    }
    let placeholder = format!("0x{}", "1".repeat(64));
    let (code, _, why) = shell.types("ada", &["dataset", "card", "ada/letters", &placeholder]).await;
    assert!(code == USAGE && why.contains("placeholder"), "{code}: {why}");
    let (code, _, why) = shell.types("admin", &["kyc", "import", "nowhere.csv"]).await;
    assert!(code == USAGE && why.contains("nowhere.csv: there is no such file; give a CSV file"), "{code}: {why}");
    shell.does("ada", &["pool", "transfer", &ben, "32 shares"]).await;
    let why = shell.cannot("ada", &["pool", "transfer", &ben, "97 shares"]).await;
    assert!(why.contains("96 shares"), "{why}");
}

async fn dividends(shell: &Scene<'_>) {
    let deposit = ["pool", "deposit", "lumen-1", "2020Q1", "4 DEV"];
    let why = shell.cannot("admin", &deposit).await;
    assert!(why.contains("not open") && why.contains("pool open"), "{why}");
    shell.does("admin", &["pool", "open", "--cap", "1000 shares"]).await;
    shell.does("admin", &deposit).await;
    // Three quarters of the shares, so three coins.
    let (_, shown, _) = shell.types("ada", &["claim", "--all", "--dry-run"]).await;
    assert!(shown.contains("Claims 3 DEV"), "{shown}");
    let done = shell.does("ada", &["claim", "--all"]).await;
    assert!(done["sent"][0]["events"].to_string().contains("DividendClaimed"), "{done}");
    let why = shell.cannot("ada", &["claim", "--all"]).await;
    assert!(why.contains("nothing can be paid now"), "{why}");
    // Anybody may send it: it is paid to Ben.
    shell.does("ada", &["claim", "--all", "--account", &address("ben").to_string()]).await;
    let (code, _, why) = shell.types("admin", &["pool", "deposit", "lumen-1", "2020Q1", "4 USDC", "--yes"]).await;
    assert!(code == USAGE && why.contains("DEV"), "{why}");
}

async fn trades(shell: &Scene<'_>) {
    let why = shell.cannot("ben", &["market", "ask", "10 shares", "--price", "2 DEV"]).await;
    assert!(why.contains("not listed") && why.contains("market list"), "{why}");
    // Said once, and nobody's figures are shown where nobody asks.
    let (_, shown, _) = shell.types("ben", &["market", "ask", "10 shares", "--price", "2 DEV", "--dry-run"]).await;
    assert_eq!(shown.matches("not listed").count(), 1, "{shown}");
    for what in ["pool", "market"] {
        let shown = shell.asks_as_nobody(&[what, "show"]).await;
        assert!(!shown.contains(&Address::ZERO.to_string()) && !shown.contains("owed to sender"), "{shown}");
    }
    shell.does("admin", &["market", "list", "--lot", "1 share", "--tick", "0.01 DEV"]).await;
    // The allowance and the ask: two calls, of which the second cannot be tried before the first is sent.
    let ask = ["market", "ask", "10 shares", "--price", "2 DEV"];
    let (_, shown, _) = shell.types("ben", &[&ask[..], &["--dry-run"]].concat()).await;
    assert!(shown.contains("needs the call before it"), "{shown}");
    let done = shell.does("ben", &ask).await;
    assert_eq!(done["sent"].as_array().unwrap().len(), 2, "{done}");
    let why = shell.cannot("ben", &["market", "fill", "1"]).await;
    assert!(why.contains("market cancel 1"), "{why}");
    // A contract's refusal is told in words, and to programs in its own form, too.
    let (code, refused, _) = shell.types("ada", &["market", "clear", "1", "--yes", "--json"]).await;
    let refused: Value = serde_json::from_str(&refused).unwrap();
    let (why, raw) = (refused["refused"]["why"].as_str().unwrap(), refused["refused"]["raw"].as_str().unwrap());
    assert!(code == IMPOSSIBLE && raw.contains("{ order: 1") && !why.contains('{'), "{refused}");
    // The transactions are last, and whole.
    let (_, shown, _) = shell.types("ben", &["market", "cancel", "1", "--dry-run"]).await;
    let (before, data) = shown.trim_end().rsplit_once('\n').unwrap();
    assert!(before.contains("would be done") && data.starts_with("0x") && !before.contains(data), "{shown}");
    shell.does("ada", &["market", "fill", "1", "--shares", "4"]).await;
    shell.does("ben", &["market", "withdraw"]).await;
    shell.does("ben", &["market", "cancel", "1"]).await;
}

async fn votes(shell: &Scene<'_>) {
    let raise = ["pool", "raise-cap", "2000 shares"];
    let why = shell.cannot("ada", &raise).await;
    assert!(why.contains("--by-vote"), "{why}");
    shell.does("ada", &[&raise[..], &["--by-vote", "more readers"]].concat()).await;
    let proposals: Vec<_> = std::fs::read_dir(shell.home.join("proposals")).unwrap().flatten().collect();
    let [file] = &proposals[..] else { panic!("{} proposals", proposals.len()) };
    let id = file.path().file_stem().unwrap().to_str().unwrap().to_owned();
    let (_, shown, _) = shell.types("ada", &["coop", "show", &id]).await;
    assert!(shown.contains("pending") || shown.contains("active"), "{shown}");
    // Without the proposer's file what it does is found in the blocks that are looked at.
    std::fs::remove_file(file.path()).unwrap();
    let (_, shown, _) = shell.types("ben", &["coop", "show", &id]).await;
    assert!(shown.contains("Raise cap") && shown.contains("more readers"), "{shown}");
    shell.does("admin", &["pool", "deposit", "lumen-1", "2020Q1", "1 DEV"]).await;
    let (_, shown, _) = shell.types("ben", &["coop", "show", &id, "--blocks", "1"]).await;
    assert!(shown.contains("none of these blocks tells") && shown.contains("--blocks looks further back"), "{shown}");
}
