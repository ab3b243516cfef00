//! `yieldset` from an account that has nothing to contracts on a node, by an Ethereum account in an encrypted keystore,
//! ended at each step.

use std::path::Path;

use serde_json::Value;
use yieldset_chain::{Address, Book, ChainClient, Deployment, Home, abi::Access};
use yieldset_tasks::demo::children::Children;

use super::programs;

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

struct Shell<'a> {
    children: &'a Children,
    folder: &'a Path,
    node: &'a str,
}

impl Shell<'_> {
    /// Types a command as somebody; gives how it ended, and what it said on both outputs.
    async fn types(&self, who: &str, line: &[&str], fails: &str) -> (i32, String, String) {
        let mut command = self.children.command("yieldset").unwrap();
        command.env("YIELDSET_HOME", self.folder.join("home")).env("YIELDSET_FROM", who).env("FAILPOINTS", fails);
        command.env("YIELDSET_PASSWORD_FILE", self.folder.join("password"));
        command.args(["--node", self.node, "--profile", "devnet"]).args(line);
        let output = command.output().await.unwrap();
        let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
        (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
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
/// hands over to another; a run that is ended after each transaction, and before each, goes on; what is there is what
/// was meant.
#[tokio::test]
async fn an_ethereum_account_deploys_by_commands_ended_at_each_step() {
    let folder = tempfile::tempdir().unwrap();
    let mut children = Children::new(programs(), folder.path());
    let node = children.start("devnet", "yieldset-devnet", &["--rpc-port", "0"]).await.unwrap().url;
    let shell = Shell { children: &children, folder: folder.path(), node: &node };
    write_private(&folder.path().join("password"), PASSWORD);
    shell.does("", &["init"]).await;
    let made = shell.does("", &["account", "new", "boss"]).await;
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

    ended_at_each_step(&shell, &deploy, steps).await;
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
    let shell = Shell { children: &children, folder: folder.path(), node: &another };
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

/// Each run does one step whole, sends the next and dies before it has heard of it, or dies before it sends it.
async fn ended_at_each_step(shell: &Shell<'_>, deploy: &[&str], steps: usize) {
    for run in 0..steps - 1 {
        let point = if run % 2 == 0 { "deploy-sent" } else { "deploy-send" };
        let fails = format!("{point}=1*off->return");
        let (code, told, why) = shell.types("boss", &[deploy, &["--yes"]].concat(), &fails).await;
        if code == DONE {
            // A run that goes on with what waits passes the point before sending only once more.
            assert!(run > steps / 2, "{run}: {told}");
            break;
        }
        assert!(code == FAILED && why.contains("ended by a test"), "{run}: {code}: {told}{why}");
        // Another deployment does not go on by this journal.
        if run == 0 {
            let other = ["deploy", "--name", "Other", "--symbol", "OTHER", "--member", MEMBER, "--yes"];
            let (code, _, why) = shell.types("boss", &other, "").await;
            let differs = "other settings: --name Public Voices, not Other; --symbol VOICE, not OTHER";
            assert!(code == USAGE && why.contains(differs), "{code}: {why}");
        }
    }
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
