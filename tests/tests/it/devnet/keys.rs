//! Keys that come from elsewhere, by command: keystores that other programs wrote, a program that signs; and whose word
//! on the contracts is taken.

use std::{
    fs,
    io::{BufRead, Write},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};
use sp_core::{Pair, sr25519};
use yieldset_chain::{
    ChainClient, Deployment, Payee,
    submit::{Scheme, Signer, Submitter},
};
use yieldset_tasks::demo::children::Children;

use super::{
    COIN,
    commands::{DONE, FAILED, Shell, USAGE, address, deployed, told},
    programs,
};

/// Of the specification of web3's keystores, with the address that wallets write beside it; password `testpassword`.
const WEB3: &str = r#"{"address":"008aeeda4d805471df9b2a5b0f38a0c3bcba786b","crypto":{"cipher":"aes-128-ctr",
    "cipherparams":{"iv":"6087dab2f9fdbbfaddc31a909735c1e6"},
    "ciphertext":"5318b4d5bcd28de64ee5559e671353e16f075ecae9f99c7a79a38af5f869aa46","kdf":"pbkdf2",
    "kdfparams":{"c":262144,"dklen":32,"prf":"hmac-sha256",
    "salt":"ae3cd4e7013836a3df6bd7241b12db061dbe2c6785853cce422d148a624ce0bd"},
    "mac":"517ead924a9d0dc3124507e3393d175ce3ff7c1e96529c6c555ce9e51205e9b2"},
    "id":"3198bc9c-6672-5ab3-d995-4942343ae5b6","version":3}"#;
/// //Alice as polkadot-js exports her, by the tests of subxt-signer; password `whoisalice`.
const POLKADOT_JS: &str = r#"{"encoded":"DumgApKCTqoCty1OZW/8WS+sgo6RdpHhCwAkA2IoDBMAgAAAAQAAAAgAAAB6IG/q24EeVf0JqWqcBd5m2tKq5BlyY84IQ8oamLn9DZe9Ouhgunr7i36J1XxUnTI801axqL/ym1gil0U8440Qvj0lFVKwGuxq38zuifgoj0B3Yru0CI6QKEvQPU5xxj4MpyxdSxP+2PnTzYao0HDH0fulaGvlAYXfqtU89xrx2/z9z7IjSwS3oDFPXRQ9kAdDebtyCVreZ9Otw9v3",
    "encoding":{"content":["pkcs8","sr25519"],"type":["scrypt","xsalsa20-poly1305"],"version":"3"},
    "address":"5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY","meta":{"name":"Alice"}}"#;
/// Where it is set, this program is a command that signs, by the seed in the file named there.
const SIGNS_BY: &str = "YIELDSET_TEST_SIGNS_BY";
/// The descriptor on which the command answers: the test's own output goes nowhere.
const ANSWERS: &str = "/proc/self/fd/3";

/// A file that its owner alone may read.
fn private(file: PathBuf, text: &str, mode: u32) -> PathBuf {
    fs::write(&file, text).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
    file
}

/// The command that signs: a question on its input, and its answer.
fn answer(seed: &Path) {
    let seed: [u8; 32] = hex::decode(fs::read_to_string(seed).unwrap().trim()).unwrap().try_into().unwrap();
    let pair = sr25519::Pair::from_seed(&seed);
    let mut question = String::new();
    std::io::stdin().lock().read_line(&mut question).unwrap();
    let question: Value = serde_json::from_str(&question).unwrap();
    let hex0x = |bytes: &[u8]| format!("0x{}", hex::encode(bytes));
    let answer = match question["ask"].as_str().unwrap() {
        "account" => json!({ "scheme": "sr25519", "public": hex0x(&pair.public().0) }),
        _ => {
            let payload = hex::decode(question["payload"].as_str().unwrap().trim_start_matches("0x")).unwrap();
            json!({ "signature": hex0x(&pair.sign(&payload).0) })
        }
    };
    let mut output = fs::OpenOptions::new().write(true).open(ANSWERS).unwrap();
    writeln!(output, "{answer}").unwrap();
}

/// Proves NET-2: keystores of web3 and of polkadot-js are brought in by command, which a wrong password is not enough
/// for, and sign what is sent; so does a program that signs as sr25519.
#[tokio::test]
async fn keys_of_other_programs_sign() {
    if let Some(seed) = std::env::var_os(SIGNS_BY) {
        return answer(seed.as_ref());
    }
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name);
    let mut children = Children::new(programs(), folder.path());
    let node = children.start("devnet", "yieldset-devnet", &["--rpc-port", "0"]).await.unwrap().url;
    let types = async |who: &str, password: &Path, line: &[&str]| {
        let mut command = children.command("yieldset").unwrap();
        command.env("YIELDSET_HOME", file("home")).env("YIELDSET_FROM", who).env("YIELDSET_PASSWORD_FILE", password);
        command.args(["--node", &node, "--profile", "devnet", "--yes"]).args(line);
        let (code, printed, why) = told(command.output().await.unwrap());
        (code, printed + &why)
    };
    let passwords = ["testpassword", "whoisalice"].map(|password| private(file(password), password, 0o600));
    let [web3, polkadot_js] = [passwords[0].as_path(), passwords[1].as_path()];
    let alice = Signer::dev("//Alice").unwrap();
    for (name, keystore, password, other, whose) in [
        ("wallet", WEB3, web3, polkadot_js, "0x008aeeda4d805471df9b2a5b0f38a0c3bcba786b".to_owned()),
        ("alice", POLKADOT_JS, polkadot_js, web3, alice.address().to_string().to_lowercase()),
    ] {
        let keystore = private(file(&format!("{name}.exported")), keystore, 0o600).display().to_string();
        let import = ["account", "import", name, &keystore];
        let (code, told) = types("", other, &import[..]).await;
        assert!(code == USAGE && told.contains("the password does not open it"), "{name}: {code}: {told}");
        assert!(!file("home/keys").join(name).with_extension("json").exists(), "{name}");
        let (code, told) = types("", password, &import[..]).await;
        assert!(code == DONE && told.to_lowercase().contains(&format!("@{name} is {whose}")), "{code}: {told}");
    }

    let client = ChainClient::connect(&node).await.unwrap();
    let seed = private(file("seed"), &"5a".repeat(32), 0o600);
    let script = private(file("signer"), &script(&seed), 0o700);
    let signs = Signer::from_secret(Scheme::Sr25519, &[0x5a; 32]).unwrap();
    let dev = Submitter::new(client.clone(), alice);
    dev.transfer_native(Payee::account(signs.account_id()), 10 * COIN).await.unwrap();
    let by_command = format!("command:{}", script.display());
    for (who, password, to, amount) in [
        ("alice", polkadot_js, "@wallet", "10 DEV"),
        ("wallet", web3, "@alice", "1 DEV"),
        (&by_command[..], web3, "@wallet", "2 DEV"),
    ] {
        let (code, told) = types(who, password, &["account", "fund", to, amount][..]).await;
        assert!(code == DONE && told.contains("done in block"), "{who}: {code}: {told}");
    }
    // Less fees, and the least that an account has.
    let wallet = "0x008aeeda4d805471df9b2a5b0f38a0c3bcba786b".parse().unwrap();
    for (address, left) in [(wallet, 11 * COIN), (signs.address(), 8 * COIN)] {
        let has = client.native_balance(address).await.unwrap();
        assert!(has < left && has > left - COIN, "{address} has {has}");
    }
    children.stop().await;
}

/// A shell's script that has this program answer.
fn script(seed: &Path) -> String {
    let this = std::env::current_exe().unwrap();
    format!(
        "#!/bin/sh\nexec 3>&1\n{SIGNS_BY}={} exec {} --exact devnet::keys::keys_of_other_programs_sign --nocapture \
         >/dev/null 2>&1\n",
        seed.display(),
        this.display()
    )
}

/// Proves NET-2: after something was sent by a deployer's file, another one's, nobody's, and one that was changed are
/// refused before anything is sent, until `account trust` takes that one's word.
#[tokio::test]
async fn a_foreign_word_on_the_contracts_is_not_taken() {
    let folder = tempfile::tempdir().unwrap();
    let mut children = Children::new(programs(), folder.path());
    let node = children.start("devnet", "yieldset-devnet", &["--rpc-port", "0"]).await.unwrap().url;
    let client = ChainClient::connect(&node).await.unwrap();
    let home = folder.path().join("home");
    deployed(&client, &home).await;
    let nobodys = home.join("deployments/devnet.json");
    let deployment = Deployment::load(&nobodys).unwrap();
    let file = |name: &str| folder.path().join(name);
    for who in ["admin", "ada"] {
        let signer = Signer::dev(&format!("//Alice//{who}")).unwrap();
        deployment.save_signed(&file(who), &signer).await.unwrap();
    }
    // A block later, which nobody would notice.
    let text = fs::read_to_string(file("admin")).unwrap();
    fs::write(file("changed"), text.replacen("\"start_block\": ", "\"start_block\": 1", 1)).unwrap();

    let shell = Shell { children: &children, home: &home, node: &node };
    let ben = address("ben").to_string();
    let sets = async |by: &Path, how: &str| {
        let (set, by) = (["kyc", "set", &ben, "--country", "840", "--until", "+365d"], by.to_str().unwrap());
        let (code, printed, why) = shell.types("admin", &[&set[..], &["--deployment", by, how]].concat()).await;
        (code, printed + &why)
    };
    let (code, told) = sets(file("admin").as_path(), "--yes").await;
    assert_eq!(code, DONE, "{told}");
    let sent = client.best_block().await.unwrap();
    for (by, ends, why) in [
        (file("ada"), USAGE, "yieldset account trust ADDRESS"),
        (nobodys, USAGE, "signed by nobody"),
        (file("changed"), FAILED, "its signature does not fit its content"),
    ] {
        let (code, told) = sets(by.as_path(), "--yes").await;
        assert!(code == ends && told.contains(why), "{}: {code}: {told}", by.display());
    }
    assert_eq!(client.best_block().await.unwrap(), sent, "something was sent");
    let ada = address("ada").to_string();
    let (code, printed, why) = shell.types("admin", &["account", "trust", &ada]).await;
    assert!(code == DONE && printed.contains("are believed that"), "{code}: {printed}{why}");
    for by in ["ada", "admin"] {
        let (code, told) = sets(file(by).as_path(), "--dry-run").await;
        assert_eq!(code, DONE, "{by}: {told}");
    }
    children.stop().await;
}
