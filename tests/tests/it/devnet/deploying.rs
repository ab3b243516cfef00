//! `yieldset` from an account that has nothing to contracts on a node, by an Ethereum account in an encrypted keystore,
//! killed at each step; and on a node that drops its states.

use std::{os::unix::process::ExitStatusExt, path::Path};

use serde_json::{Value, json};
use tokio::process::Command;
use yieldset_chain::{
    Address, Book, ChainClient, ChainError, Deployment, Home, Payee,
    abi::Access,
    deploy::steps::{Does, HAND_OVER, STEPS},
    submit::{Prepared, Scheme, Signer, Submitter, fresh_secret},
};
use yieldset_tasks::demo::children::Children;

use super::{COIN, programs, proxy::Proxy};

/// Exit codes, as `yieldset --help` has them.
const DONE: i32 = 0;
const FAILED: i32 = 1;
const USAGE: i32 = 2;
const IMPOSSIBLE: i32 = 3;

const PASSWORD: &str = "correct horse battery staple";
/// What an admin is handed over, by name.
const CONTRACTS: [&str; 7] = ["kyc", "manifests", "licence", "attribution", "market", "factory", "pool"];
/// A member's public key: any will do.
pub const MEMBER: &str = "0xd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";

/// The variable that a key is in: of who is killed often, since a keystore is made to open slowly.
const KEY: &str = "YIELDSET_TEST_KEY";
const BY_KEY: &str = "env:YIELDSET_TEST_KEY";
/// SIGABRT, by which a fail point ends its process.
pub const ABORTED: i32 = 6;

struct Shell<'a> {
    children: &'a Children,
    folder: &'a Path,
    node: &'a str,
    key: &'a str,
}

impl Shell<'_> {
    fn command(&self, who: &str, line: &[&str], fails: &str) -> Command {
        let mut command = self.children.command("yieldset").unwrap();
        command.env("YIELDSET_HOME", self.folder.join("home")).env("YIELDSET_FROM", who).env("FAILPOINTS", fails);
        command.env("YIELDSET_PASSWORD_FILE", self.folder.join("password")).env(KEY, self.key);
        command.args(["--node", self.node, "--profile", "devnet"]).args(line);
        command
    }

    /// Types a command as somebody; gives how it ended, and what it said on both outputs.
    async fn types(&self, who: &str, line: &[&str], fails: &str) -> (i32, String, String) {
        let output = self.command(who, line, fails).output().await.unwrap();
        let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
        (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
    }

    /// Deploys until a fail point, where nothing of the process runs any more; the steps that the journal has then.
    async fn is_killed(&self, deploy: &[&str], fails: &str) -> Vec<Value> {
        let output = self.command(BY_KEY, &[deploy, &["--yes"]].concat(), fails).output().await.unwrap();
        let why = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.signal(), Some(ABORTED), "{fails}: {}: {why}", output.status);
        self.journal()
    }

    fn journal(&self) -> Vec<Value> {
        let text = std::fs::read_to_string(self.folder.join("home/deployments/devnet.journal")).unwrap();
        serde_json::from_str::<Value>(&text).unwrap()["steps"].as_array().unwrap().clone()
    }

    /// What must be done; what it printed.
    async fn does(&self, who: &str, line: &[&str]) -> String {
        let (code, printed, why) = self.types(who, &[line, &["--yes"]].concat(), "").await;
        assert_eq!(code, DONE, "{who}: {line:?}: {printed}{why}");
        assert!(!printed.contains(PASSWORD) && !why.contains(PASSWORD));
        printed
    }
}

fn write_private(file: &Path, text: &str) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::write(file, text).unwrap();
    std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o600)).unwrap();
}

/// Proves NET-1 and NET-2: an Ethereum account with nothing but coins deploys by commands, straight over the node, and
/// hands over to another; a run that is killed after each transaction, and before each, goes on; what is there is what
/// was meant.
#[tokio::test]
async fn an_ethereum_account_deploys_by_commands_killed_at_each_step() {
    let folder = tempfile::tempdir().unwrap();
    let mut children = Children::new(programs(), folder.path());
    let node = children.start("devnet", "yieldset-devnet", &["--rpc-port", "0"]).await.unwrap().url;
    let secret = hex::encode(*fresh_secret().unwrap());
    let key = format!("ethereum:{secret}");
    let shell = Shell { children: &children, folder: folder.path(), node: &node, key: &key };
    write_private(&folder.path().join("password"), PASSWORD);
    write_private(&folder.path().join("key"), &secret);
    shell.does("", &["init"]).await;
    let made = shell.does("", &["account", "import", "boss", &folder.path().join("key").display().to_string()]).await;
    assert!(made.contains("@boss is 0x"), "{made}");
    keys_are_guarded(&shell).await;

    shell.does("", &["account", "new", "board"]).await;
    let deploy = ["deploy", "--name", "Public Voices", "--symbol", "VOICE", "--member", MEMBER, "--admin", "@board"];
    // Nothing to pay with: said before anything is sent.
    let (code, _, why) = shell.types("boss", &[&deploy[..], &["--yes"]].concat(), "").await;
    assert!(code == IMPOSSIBLE && why.contains("account fund"), "{code}: {why}");
    // A dry run says what would become of it, by the same code.
    let (code, shown, why) = shell.types("boss", &[&deploy[..], &["--dry-run"]].concat(), "").await;
    assert!(code == IMPOSSIBLE && why.contains("@boss") && why.contains("account fund"), "{code}: {shown}{why}");
    assert!(shown.contains("transactions as @boss") && shown.contains("Revive.upload_code"), "{shown}");
    // What a contract would refuse in the middle is refused before.
    let (code, _, why) = shell.types("boss", &[&deploy[..], &["--threshold", "2", "--yes"]].concat(), "").await;
    assert!(code == USAGE && why.contains("--threshold") && why.contains("give 1 to 1"), "{code}: {why}");
    let (_, shown, _) = shell.types("//Alice", &["account", "fund", "@boss", "1000 DEV", "--dry-run"], "").await;
    assert!(shown.contains("Balances.transfer_keep_alive, to 0x"), "{shown}");
    shell.does("//Alice", &["account", "fund", "@boss", "1000 DEV"]).await;
    // Looking sends nothing.
    let (code, shown, why) = shell.types("boss", &[&deploy[..], &["--dry-run", "--json"]].concat(), "").await;
    assert_eq!(code, DONE, "{why}");
    let shown: Value = serde_json::from_str(&shown).unwrap();
    let steps = shown["steps"].as_array().unwrap().len();
    let wei = |of: &str| shown[of].as_str().unwrap().parse::<u128>().unwrap();
    let said = wei("fees_wei") + wei("deposits_wei");
    assert!(steps >= 18 + CONTRACTS.len() && said > 0, "{shown}");
    let balance = |shown: &Value| shown["balance_wei"].as_str().unwrap().parse::<u128>().unwrap();
    let before = balance(&shown);

    killed_at_each_step(&shell, &deploy, steps).await;
    let told = shell.does("boss", &deploy).await;
    assert!(told.contains("deployed;") && told.contains("has to accept each contract"), "{told}");
    let file = folder.path().join("home/deployments/devnet.json");
    assert!(file.is_file());
    let (code, found, why) = shell.types("boss", &["doctor", "--json"], "").await;
    assert!(code == DONE || code == IMPOSSIBLE, "{why}");
    let found: Value = serde_json::from_str(&found).unwrap();
    let contracts = found["findings"].as_array().unwrap().iter().find(|it| it["what"] == "contracts").unwrap();
    assert_eq!(contracts["good"], true, "{contracts}");
    // The chain's own pallet is one that is known: after a change of it, what its shape is now stands here.
    let pallet = found["findings"].as_array().unwrap().iter().find(|it| it["what"] == "pallet").unwrap();
    assert!(pallet["says"].as_str().unwrap().contains("with which this program was tested"), "{pallet}");
    let told = shell.does("boss", &deploy).await;
    assert!(told.contains("nothing is to be sent") && !told.contains("0 transactions"), "{told}");
    // No step was paid twice: all of it cost what was said before.
    let (_, shown, _) = shell.types("boss", &[&deploy[..], &["--dry-run", "--json"]].concat(), "").await;
    let paid = before - balance(&serde_json::from_str(&shown).unwrap());
    assert!(paid <= said && paid >= said - said / 50, "{paid} was paid, {said} was said");
    the_board_takes_over(&shell, &ChainClient::connect(&node).await.unwrap(), &Deployment::load(&file).unwrap()).await;
    // A chain that began anew from the same block 0 is none that is known here: nothing is sent by old labels.
    let another = children.start("another", "yieldset-devnet", &["--rpc-port", "0"]).await.unwrap().url;
    let shell = Shell { children: &children, folder: folder.path(), node: &another, key: &key };
    let (code, _, why) = shell.types("//Alice", &["account", "fund", "@boss", "1 DEV", "--yes"], "").await;
    assert!(code == IMPOSSIBLE && why.contains("it was begun anew"), "{code}: {why}");
    children.stop().await;
}

/// Until whom the deployer named has accepted, the deployer is admin, and then no more.
async fn the_board_takes_over(shell: &Shell<'_>, client: &ChainClient, deployment: &Deployment) {
    let named = |who: &str| Book::load(&Home::at(shell.folder.join("home"))).unwrap().labels[who].address;
    let (boss, board) = (named("boss"), named("board"));
    let admins = async |admin: Address, next: Address| {
        for (name, contract) in deployment.named().into_iter().filter(|(name, _)| CONTRACTS.contains(name)) {
            assert_eq!(client.read(contract, &Access::defaultAdminCall {}).await.unwrap(), admin, "{name}");
            assert_eq!(client.read(contract, &Access::pendingDefaultAdminCall {}).await.unwrap(), next, "{name}");
        }
    };
    admins(boss, board).await;
    let accept = [&["roles", "accept", "--on"], &CONTRACTS[..]].concat();
    let (code, _, why) = shell.types("boss", &[&accept[..], &["--yes"]].concat(), "").await;
    assert!(code == IMPOSSIBLE && why.contains("named @board"), "{code}: {why}");
    shell.does("//Alice", &["account", "fund", "@board", "10 DEV"]).await;
    shell.does("board", &accept).await;
    admins(board, Address::ZERO).await;
    let grant = ["roles", "grant", "pauser", "@boss", "--on", "pool"];
    let (code, _, why) = shell.types("boss", &[&grant[..], &["--yes"]].concat(), "").await;
    assert!(code == IMPOSSIBLE && why.contains("that account alone may: --from @board"), "{code}: {why}");
    shell.does("board", &grant).await;
    // What is not known before the run that makes it is named afterwards, and that is told.
    let early = ["deploy", "--name", "Own", "--symbol", "OWN", "--member", MEMBER, "--admin", "coop", "--yes"];
    let (code, _, why) = shell.types("boss", &early, "").await;
    assert!(code == USAGE && why.contains("yieldset roles hand-over coop --on kyc"), "{code}: {why}");
}

/// Of each step two processes are killed: one when its transaction is written down and not sent, and one when it is
/// final and that is not written down. Both have the same transaction, and the account has sent one for each step.
async fn killed_at_each_step(shell: &Shell<'_>, deploy: &[&str], steps: usize) {
    for step in 0..steps {
        let written = shell.is_killed(deploy, "deploy-send=return").await;
        // Another deployment does not go on by this journal.
        if step == 0 {
            let other = ["deploy", "--name", "Other", "--symbol", "OTHER", "--member", MEMBER, "--yes"];
            let (code, _, why) = shell.types("boss", &other, "").await;
            let differs = "other settings: --name Public Voices, not Other; --symbol VOICE, not OTHER";
            assert!(code == USAGE && why.contains(differs), "{code}: {why}");
        }
        let waits = &written[step];
        assert_eq!((written.len(), &waits["done"]), (step + 1, &Value::Null), "{waits}");
        assert_eq!(waits["prepared"]["nonce"], step, "{}", waits["step"]);
        assert_eq!(shell.is_killed(deploy, "deploy-sent=return").await, written);
    }
}

/// Proves NET-2: a run whose process was killed goes on where the node has dropped the states of all blocks but the
/// newest since, whatever the step was and whoever signs; each step is one transaction.
#[tokio::test]
async fn a_deployment_goes_on_where_the_node_has_dropped_its_states() {
    let folder = tempfile::tempdir().unwrap();
    let mut children = Children::new(programs(), folder.path());
    let node = children.start("devnet", "yieldset-devnet", &["--rpc-port", "0"]).await.unwrap().url;
    let client = ChainClient::connect(&node).await.unwrap();
    let proxy = Proxy::before(node, 0).await;
    let alice = Submitter::new(client.clone(), Signer::dev("//Alice").unwrap());
    let (secret, board) = ([7; 32], Address::repeat_byte(9).to_string());
    let deploy = ["deploy", "--name", "Public Voices", "--symbol", "VOICE", "--member", MEMBER];
    let handed_over = [&deploy[..], &["--admin", &board]].concat();
    // Killed at each step, and by the other kind of account at each third.
    for (scheme, deploy, steps, every) in [
        (Scheme::Ethereum, &handed_over[..], STEPS.len() + HAND_OVER.len(), 1),
        (Scheme::Sr25519, &deploy[..], STEPS.len(), 3),
    ] {
        let signer = Signer::from_secret(scheme, &secret).unwrap();
        alice.transfer_native(Payee::account(signer.account_id()), 1_000 * COIN).await.unwrap();
        let ethereum = scheme == Scheme::Ethereum;
        let kind = if ethereum { "ethereum" } else { "sr25519" };
        let (own, key) = (folder.path().join(kind), format!("{kind}:{}", hex::encode(secret)));
        let shell = Shell { children: &children, folder: &own, node: &proxy.url, key: &key };
        let mut landed = Vec::new();
        for last in (every - 1..steps).step_by(every) {
            let begun = shell.is_killed(deploy, &format!("deploy-sent={}*off->return", every - 1)).await;
            let waits = &begun[last];
            assert_eq!((begun.len(), &waits["done"]), (last + 1, &Value::Null), "{waits}");
            // The pallet counts who creates a contract by a transaction of the chain's own twice.
            let twice = STEPS.iter().take(last).filter(|step| !ethereum && step.does == Does::Create).count();
            assert_eq!(waits["prepared"]["nonce"], last + twice, "{}", waits["step"]);
            // So that it is not in the newest block.
            for _ in 0..3 {
                client.advance_clock(1).await.unwrap();
            }
            let newest = client.finalised_block().await.unwrap().number;
            proxy.discards(client.block_hashes(0, newest - 1).await.unwrap());
            let prepared: Prepared = serde_json::from_value(waits["prepared"].clone()).unwrap();
            let pruned = ChainClient::connect(&proxy.url).await.unwrap();
            let fate = pruned.fate_of(&prepared).await;
            assert!(matches!(fate, Err(ChainError::StateGone { .. })), "{}: {fate:?}", waits["step"]);
            landed.push((last, prepared));
        }
        assert_eq!(landed.last().map(|(last, _)| last + 1), Some(steps));
        let told = shell.does(BY_KEY, deploy).await;
        assert!(told.contains("deployed;"), "{told}");
        let done = shell.journal();
        for (step, prepared) in landed {
            assert_eq!(done[step]["done"]["tx_hash"], prepared.tx_hash.to_string(), "{}", done[step]);
        }
        if every == 3 {
            what_is_wrong_is_said(&shell, &proxy, deploy, signer.address()).await;
        }
    }
    children.stop().await;
}

/// A node whose runtime's metadata lack something that is asked of pallet-revive.
pub fn has_no_eth_transact(method: &str, answer: &mut Value) {
    let without = answer["result"].as_str().map(|metadata| {
        // Of the same length, so that all else stays where it is.
        metadata.replace(&hex::encode("eth_transact"), &hex::encode("eth_nothing!"))
    });
    if let Some(without) = without.filter(|_| method.starts_with("state_call Metadata_")) {
        answer["result"] = json!(without);
    }
}

/// Proves NET-2: the same command again says what is on chain and should not be: another code, a role that is missing,
/// another admin; and what the chain's runtime lacks, before anything else.
async fn what_is_wrong_is_said(shell: &Shell<'_>, proxy: &Proxy, deploy: &[&str], deployer: Address) {
    let says = async |code: i32, part: &str| {
        let (ended, told, why) = shell.types(BY_KEY, &[deploy, &["--yes"]].concat(), "").await;
        assert!(ended == code && why.contains(part), "{part}: {ended}: {told}{why}");
    };
    proxy.lies(Some(|method, answer| {
        if method == "state_call ReviveApi_code" {
            // One byte.
            answer["result"] = json!("0x0400");
        }
    }));
    says(FAILED, "runs another code than this program's").await;
    proxy.lies(Some(has_no_eth_transact));
    says(IMPOSSIBLE, "the chain's runtime has no eth_transact; it needs a newer pallet-revive").await;
    proxy.lies(None);

    let account = deployer.to_string();
    shell.does(BY_KEY, &["roles", "revoke", "AGENT_ROLE", &account, "--on", "kyc"]).await;
    says(FAILED, "has not the role AGENT_ROLE of kyc").await;
    shell.does(BY_KEY, &["roles", "grant", "AGENT_ROLE", &account, "--on", "kyc"]).await;
    let alice = Signer::dev("//Alice").unwrap().address().to_string();
    shell.does(BY_KEY, &["roles", "hand-over", &alice, "--on", "market"]).await;
    shell.does("//Alice", &["roles", "accept", "--on", "market"]).await;
    says(FAILED, "is admin of market, and not you").await;
}

/// A keystore that others may read, a wrong password, a key that is typed: each is refused, and says what to do.
async fn keys_are_guarded(shell: &Shell<'_>) {
    use std::os::unix::fs::PermissionsExt;
    let show = ["account", "fund", "@boss", "1 DEV", "--yes"];
    let keystore = shell.folder.join("home/keys/boss.json");
    let mode = |mode| std::fs::set_permissions(&keystore, std::fs::Permissions::from_mode(mode)).unwrap();
    mode(0o644);
    let (code, _, why) = shell.types("boss", &show, "").await;
    assert!(code == USAGE && why.contains("chmod 600"), "{code}: {why}");
    mode(0o600);
    write_private(&shell.folder.join("password"), "another password");
    let (code, _, why) = shell.types("boss", &show, "").await;
    assert!(code == USAGE && why.contains("the password does not open it"), "{code}: {why}");
    write_private(&shell.folder.join("password"), PASSWORD);
    let secret = "e5be9a5092b81bca64be81d212e7f2f9eba183bb7a90954f7b76361f6edb5c0a";
    let (code, _, why) = shell.types(secret, &show, "").await;
    assert!(code == USAGE && why.contains("never written on the command line") && !why.contains(secret), "{why}");
    let (code, _, why) = shell.types("boss", &["account", "new", "boss"], "").await;
    assert!(code == USAGE && why.contains("never written over"), "{code}: {why}");
}
