//! Keys of every kind: what they are called, what is refused, and that no secret is repeated.

use std::{os::unix::fs::PermissionsExt, path::PathBuf};

use alloy_primitives::address;

use super::*;

/// Of the specification of web3's keystores, whose password is `testpassword`.
const SPECIFIED: &str = r#"{"crypto":{"cipher":"aes-128-ctr","cipherparams":{"iv":"6087dab2f9fdbbfaddc31a909735c1e6"},
    "ciphertext":"5318b4d5bcd28de64ee5559e671353e16f075ecae9f99c7a79a38af5f869aa46","kdf":"pbkdf2",
    "kdfparams":{"c":262144,"dklen":32,"prf":"hmac-sha256",
    "salt":"ae3cd4e7013836a3df6bd7241b12db061dbe2c6785853cce422d148a624ce0bd"},
    "mac":"517ead924a9d0dc3124507e3393d175ce3ff7c1e96529c6c555ce9e51205e9b2"},
    "id":"3198bc9c-6672-5ab3-d995-4942343ae5b6","version":3}"#;
/// The specification's other vector.
const SPECIFIED_SCRYPT: &str = r#"{"crypto":{"cipher":"aes-128-ctr",
    "cipherparams":{"iv":"83dbcc02d8ccb40e466191a123791e0e"},
    "ciphertext":"d172bf743a674da9cdad04534d56926ef8358534d458fffccd4e6ad2fbde479c","kdf":"scrypt",
    "kdfparams":{"dklen":32,"n":262144,"r":1,"p":8,
    "salt":"ab0c7876052600dd703518d6fc3fe8984592145b591fc8fb5c6d43190334ba19"},
    "mac":"2103ac29920d71da29f15d75b4a16dbe95cfd7ff8faea1056c33131d846e3097"},
    "id":"3198bc9c-6672-5ab3-d995-4942343ae5b6","version":3}"#;
/// Of Ethereum's own program (accounts/keystore/testdata), whose password is `foo`: a key whose first byte is a zero.
const SHORT: &str = r#"{"crypto":{"cipher":"aes-128-ctr","cipherparams":{"iv":"e0c41130a323adc1446fc82f724bca2f"},
    "ciphertext":"9517cd5bdbe69076f9bf5057248c6c050141e970efa36ce53692d5d59a3984","kdf":"scrypt",
    "kdfparams":{"dklen":32,"n":2,"r":8,"p":1,
    "salt":"711f816911c92d649fb4c84b047915679933555030b3552c1212609b38208c63"},
    "mac":"d5e116151c6aa71470e67a7d42c9620c75c4d23229847dcc127794f0732b0db5"},
    "id":"fecfc4ce-e956-48fd-953b-30f8b52ed66c","version":3}"#;
/// //Alice as polkadot-js exports her, by the tests of subxt-signer; the password is `whoisalice`.
const ALICE: &str = r#"{"encoded":"DumgApKCTqoCty1OZW/8WS+sgo6RdpHhCwAkA2IoDBMAgAAAAQAAAAgAAAB6IG/q24EeVf0JqWqcBd5m2tKq5BlyY84IQ8oamLn9DZe9Ouhgunr7i36J1XxUnTI801axqL/ym1gil0U8440Qvj0lFVKwGuxq38zuifgoj0B3Yru0CI6QKEvQPU5xxj4MpyxdSxP+2PnTzYao0HDH0fulaGvlAYXfqtU89xrx2/z9z7IjSwS3oDFPXRQ9kAdDebtyCVreZ9Otw9v3",
    "encoding":{"content":["pkcs8","sr25519"],"type":["scrypt","xsalsa20-poly1305"],"version":"3"},
    "address":"5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY","meta":{"name":"Alice"}}"#;

struct Store {
    _folder: tempfile::TempDir,
    file: PathBuf,
}

fn store(text: &str, mode: u32) -> Store {
    let folder = tempfile::tempdir().expect("temporary folder");
    let file = folder.path().join("key.json");
    std::fs::write(&file, text).expect("written");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).expect("mode set");
    Store { _folder: folder, file }
}

fn opened(text: &str, password: &str) -> Result<Signer, KeyError> {
    open(&store(text, 0o600).file, Scheme::Sr25519, || Ok(Password::new(password.to_owned())))
}

#[test]
fn a_dev_account_has_its_known_address() {
    let alice = Signer::dev("//Alice").expect("valid path");
    assert_eq!(alice.address(), address!("9621dde636de098b43efb0fa9b61facfe328f99d"));
    assert_eq!(format!("{alice:?}"), format!("Signer({})", alice.address()));
}

#[test]
fn a_secret_is_not_taken_as_a_path_nor_repeated() {
    let secret = "bottom drive obey lake curtain smoke basket hold race lonely fit walk";
    let error = Signer::dev(secret).expect_err("not a dev path").to_string();
    assert!(!error.contains("bottom"), "{error}");
}

#[test]
fn a_seed_file_must_be_private_and_whole() {
    let seed = "e5be9a5092b81bca64be81d212e7f2f9eba183bb7a90954f7b76361f6edb5c0a";
    // The public key of //Alice's seed.
    let alice = Signer::dev("//Alice").expect("valid path");
    let file = store(&format!("{seed}\n"), 0o600);
    assert_eq!(Signer::from_seed_file(&file.file).expect("good file").account_id(), alice.account_id());
    let public = store(seed, 0o644);
    assert!(Signer::from_seed_file(&public.file).expect_err("public").to_string().contains("chmod 600"));
    let short = store(&seed[2..], 0o600);
    let error = Signer::from_seed_file(&short.file).expect_err("short").to_string();
    assert!(error.contains("64 hex digits") && !error.contains(&seed[2..10]), "{error}");
}

/// Proves NET-2: keystores that other programs wrote are read: by the specification's vector, by Ethereum's own
/// program, by polkadot-js.
#[test]
fn known_keystores_are_read() {
    let specified = opened(SPECIFIED, "testpassword").expect("the specification's vector");
    let bytes = "7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d";
    let known = Signer::from_secret(Scheme::Ethereum, &secret_in(bytes).expect("a key")).expect("a key");
    assert_eq!((specified.scheme(), specified.address()), (Scheme::Ethereum, known.address()));
    assert_eq!(specified.address(), address!("008aeeda4d805471df9b2a5b0f38a0c3bcba786b"));
    assert_eq!(opened(SPECIFIED_SCRYPT, "testpassword").expect("the other vector").address(), specified.address());
    let short = "00fa7b3db73dc7dfdf8c5fbdb796d741e4488628c41fc4febd9160a866ba0f35";
    let known = Signer::from_secret(Scheme::Ethereum, &secret_in(short).expect("a key")).expect("a key");
    assert_eq!(opened(SHORT, "foo").expect("31 bytes").address(), known.address());
    let alice = opened(ALICE, "whoisalice").expect("polkadot-js");
    assert_eq!(alice.account_id(), Signer::dev("//Alice").expect("valid path").account_id());
}

/// Proves NET-2: what cannot be used is refused by kind, says what to do, and repeats no secret.
#[test]
fn wrong_passwords_damage_and_readable_files_are_told_apart() {
    for (text, good) in [(SHORT, "foo"), (ALICE, "whoisalice")] {
        assert!(matches!(opened(text, "wrong-one"), Err(KeyError::WrongPassword { .. })));
        let error = opened(text, "wrong-one").expect_err("wrong").to_string();
        assert!(error.contains("password") && !error.contains("wrong-one"), "{error}");
        // Whatever is cut off or changed: a refusal, no panic, and never another key.
        for end in [0, 1, 40, text.len() / 2, text.len() - 2] {
            assert!(matches!(opened(&text[..end], good), Err(KeyError::Damaged { .. })), "{end}");
        }
    }
    for (from, to) in [
        ("\"n\":2,", "\"n\":1099511627776,"),
        ("\"n\":2,", "\"n\":3,"),
        ("\"r\":8", "\"r\":4000000000"),
        ("aes-128-ctr", "aes-256-gcm"),
        ("\"scrypt\"", "\"argon2\""),
        ("\"version\":3", "\"version\":4"),
    ] {
        let error = opened(&SHORT.replace(from, to), "foo").expect_err(to);
        assert!(matches!(error, KeyError::Unsupported { .. }), "{to}: {error}");
    }
    for (from, to) in [("e0c4", "e0"), ("\"salt\":\"711f", "\"salt\":\"x11f"), ("d5e1", "d5"), ("\"mac\"", "\"mac2\"")]
    {
        assert!(matches!(opened(&SHORT.replacen(from, to, 1), "foo"), Err(KeyError::Damaged { .. })), "{to}");
    }
    let cut = ALICE.replacen("DumgApKCTqoCty1OZW/8WS+sgo6RdpHhCwAkA2IoDBMAgAAAAQAAAAgAAAB6", "", 1);
    assert!(opened(&cut, "whoisalice").is_err());
    let bobs = ALICE.replace(
        "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY",
        "5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty",
    );
    assert!(matches!(opened(&bobs, "whoisalice"), Err(KeyError::Damaged { .. })));
    let tiny = ALICE.replacen(&ALICE[12..200], "AAAA", 1);
    assert!(matches!(opened(&tiny, "whoisalice"), Err(KeyError::Damaged { .. })));
    for mode in [0o640, 0o604, 0o660, 0o644] {
        let file = store(SHORT, mode);
        let error = open(&file.file, Scheme::Ethereum, || panic!("no password is asked for")).expect_err("public");
        assert!(matches!(error, KeyError::ReadableByOthers { .. }) && error.to_string().contains("chmod 600"));
    }
    let missing = open("/nowhere/key.json".as_ref(), Scheme::Ethereum, || panic!("not asked")).expect_err("missing");
    assert!(matches!(missing, KeyError::Unreadable { .. }), "{missing}");
}

/// A file that is not there is told as what it is, with what to type.
#[test]
fn a_missing_password_file_is_told() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let file = folder.path().join("password");
    let told = Password::from_file(&file).map(|_| ()).expect_err("there is none").to_string();
    assert!(told.contains("there is no file") && told.contains("(umask 077; cat > "), "{told}");
}

/// What is written is read again, by the same password alone, in the format of its scheme.
#[test]
fn new_keystores_are_read_again() {
    for scheme in [Scheme::Ethereum, Scheme::Sr25519] {
        let secret = fresh_secret().expect("randomness");
        let signer = Signer::from_secret(scheme, &secret).expect("a key");
        let password = Password::new("correct horse".into());
        let text = new_keystore(scheme, &secret, &password, Cost::Tests).expect("a keystore");
        assert!(!text.contains(&hex::encode(secret.as_slice())));
        let again = opened(&text, "correct horse").expect("its own password");
        assert_eq!((again.scheme(), again.account_id()), (scheme, signer.account_id()));
        assert!(matches!(opened(&text, "Correct horse"), Err(KeyError::WrongPassword { .. })), "{scheme:?}");
    }
}

/// An Ethereum key signs what Ethereum's rules recover its address from.
#[tokio::test]
async fn an_ethereum_signature_recovers_its_signer() {
    // Alith of Moonbeam's development chain.
    let alith = secret_in("5fb92d6e98884f76de468fa3f6278f8807c48bebc13595d45af5bdc4da702133").expect("a key");
    let signer = Signer::from_secret(Scheme::Ethereum, &alith).expect("a key");
    assert_eq!(signer.address(), address!("f24ff3a9cf04c71dbc94d0b566f7a27b94566cac"));
    let hash = keccak256("something");
    let signature = signer.sign_ethereum(hash, b"").await.expect("signed");
    assert_eq!(signature.recover_address_from_prehash(&hash).expect("recovered"), signer.address());
    assert!(matches!(signer.sign_payload(b"x").await, Err(KeyError::OtherScheme)));
}

/// Proves NET-2: a key behind a command never comes here; only what it signs does, and that is checked.
#[tokio::test]
async fn a_command_signs_and_is_checked() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let program = folder.path().join("signer.sh");
    let write = |answer: &str| {
        let script = format!(
            "#!/bin/sh\nread question\ncase \"$question\" in\n*account*) echo '{{\"scheme\":\"ethereum\",\"address\":\
             \"0xf24ff3a9cf04c71dbc94d0b566f7a27b94566cac\"}}';;\n*) {answer};;\nesac\n"
        );
        // Beside it and then renamed: a program that is open for writing cannot be run.
        let draft = folder.path().join("draft");
        std::fs::write(&draft, script).expect("written");
        std::fs::set_permissions(&draft, std::fs::Permissions::from_mode(0o700)).expect("mode set");
        std::fs::rename(&draft, &program).expect("renamed");
    };
    let alith = secret_in("5fb92d6e98884f76de468fa3f6278f8807c48bebc13595d45af5bdc4da702133").expect("a key");
    let own = Signer::from_secret(Scheme::Ethereum, &alith).expect("a key");
    let hash = keccak256("something");
    let good = own.sign_ethereum(hash, b"").await.expect("signed");
    write(&format!("echo '{{\"signature\":\"0x{}\"}}'", hex::encode(good.as_bytes())));
    let command = program.to_str().expect("text");
    let external = Signer::external(External::connect(command).await.expect("an account"));
    assert_eq!(external.account_id(), own.account_id());
    assert_eq!(external.sign_ethereum(hash, b"").await.expect("signed"), good);
    // Of another message: it recovers to somebody else.
    let other = external.sign_ethereum(keccak256("another"), b"").await.expect_err("another's");
    assert!(matches!(other, KeyError::Command { .. }) && other.to_string().contains("another account"), "{other}");
    for answer in ["exit 3", "echo nonsense", "true", "echo '{\"signature\":\"0x12\"}'"] {
        write(answer);
        let error = external.sign_ethereum(hash, b"").await.expect_err(answer);
        assert!(matches!(error, KeyError::Command { .. }), "{answer}: {error}");
    }
    assert!(matches!(External::connect("/nowhere/signer").await, Err(KeyError::Command { .. })));
}
