//! Keystores as polkadot-js exports them, of sr25519 keys.

use alloy_primitives::keccak256;
use base64::{Engine, engine::general_purpose::STANDARD};
use poly1305::{Poly1305, universal_hash::KeyInit};
use salsa20::{
    XSalsa20,
    cipher::{KeyIvInit, StreamCipher},
};
use schnorrkel::{ExpansionMode, MiniSecretKey, SecretKey};
use serde_json::{Value, json};
use subxt::utils::AccountId32;
use zeroize::Zeroizing;

use super::{
    Signer, fresh_secret,
    keystore::{Cost, KeyError, Password, Wrong},
};

/// PKCS #8 of an Ed25519 key, in whose form the key is written, and what divides it from the public one.
const PKCS8: [u8; 16] = [48, 83, 2, 1, 1, 48, 5, 6, 3, 43, 101, 112, 4, 34, 4, 32];
const DIVIDER: [u8; 5] = [161, 35, 3, 33, 0];
/// Of all that is encrypted.
const PLAIN: usize = PKCS8.len() + 64 + DIVIDER.len() + 32;

/// Parameters of scrypt that polkadot-js itself takes, as log N, p, r (util-crypto, scrypt/defaults): others could take
/// all memory that there is.
const SCRYPT: [(u8, u32, u32); 6] = [(13, 10, 8), (14, 5, 8), (15, 3, 8), (15, 1, 8), (16, 2, 8), (17, 1, 8)];
/// Bytes of Poly1305's tag.
const TAG: usize = 16;

/// A keystore, as far as it can be judged without its password.
pub struct Store {
    salt: [u8; 32],
    scrypt: scrypt::Params,
    nonce: [u8; 24],
    sealed: Vec<u8>,
    address: AccountId32,
}

impl Store {
    /// A keystore, whose parameters this program takes.
    pub fn parse(json: &Value) -> Result<Self, Wrong> {
        check(json)?;
        let damaged = |what: &str| Wrong::Damaged(what.to_owned());
        let encoded = json.get("encoded").and_then(Value::as_str).map(|text| STANDARD.decode(text));
        let Some(Ok(bytes)) = encoded else { return Err(damaged("its encoded key is no base64")) };
        let cut = || damaged("its encoded key is cut off");
        let (salt, rest) = bytes.split_first_chunk::<32>().ok_or_else(cut)?;
        let (numbers, rest) = rest.split_first_chunk::<12>().ok_or_else(cut)?;
        let (nonce, sealed) = rest.split_first_chunk::<24>().ok_or_else(cut)?;
        let number = |i: usize| u32::from_le_bytes([0, 1, 2, 3].map(|j| numbers[4 * i + j]));
        let (n, p, r) = (number(0), number(1), number(2));
        let known = SCRYPT.iter().find(|&&(log_n, a, b)| (1 << log_n, a, b) == (n, p, r));
        let &(log_n, ..) = known.ok_or_else(|| Wrong::Unsupported(format!("scrypt with N = {n}, r = {r}, p = {p}")))?;
        let scrypt = scrypt::Params::new(log_n, r, p).map_err(|error| Wrong::Unsupported(error.to_string()))?;
        if sealed.len() != TAG + PLAIN {
            return Err(cut());
        }
        let address = json.get("address").and_then(Value::as_str).and_then(|text| text.parse().ok());
        let address = address.ok_or_else(|| damaged("its address is none"))?;
        Ok(Self { salt: *salt, scrypt, nonce: *nonce, sealed: sealed.to_vec(), address })
    }

    /// The key.
    pub fn decrypt(&self, password: &Password) -> Result<Signer, Wrong> {
        let key = derive(password, &self.salt, &self.scrypt).map_err(Wrong::Unsupported)?;
        let (tag, sealed) = self.sealed.split_at(TAG);
        let mut plain = Zeroizing::new(sealed.to_vec());
        let (mut stream, authentic) = secretbox(&key, &self.nonce)?;
        // Compared by their hashes: how many bytes are alike takes no time that could be measured.
        if keccak256(authentic.compute_unpadded(sealed)) != keccak256(tag) {
            return Err(Wrong::Password);
        }
        stream.apply_keystream(&mut plain);
        let damaged = || Wrong::Damaged("its key is not that of its address".into());
        let rest = plain.strip_prefix(&PKCS8).ok_or_else(damaged)?;
        let (secret, rest) = rest.split_first_chunk::<64>().ok_or_else(damaged)?;
        let public = rest.strip_prefix(&DIVIDER).ok_or_else(damaged)?;
        let pair = SecretKey::from_ed25519_bytes(secret).map_err(|_| damaged())?.to_keypair();
        let own = pair.public.to_bytes();
        match own == public && own == self.address.0 {
            true => Ok(Signer::schnorrkel(pair)),
            false => Err(damaged()),
        }
    }
}

/// Whether it is encrypted, and of a kind that is read.
fn check(json: &Value) -> Result<(), Wrong> {
    let list = |name: &str| {
        let encoding = json.get("encoding")?;
        // Older files have a word in the place of a list.
        let words = match encoding.get(name)? {
            Value::Array(words) => words.iter().filter_map(Value::as_str).collect(),
            word => vec![word.as_str()?],
        };
        Some(words)
    };
    let (Some(content), Some(kinds)) = (list("content"), list("type")) else {
        return Err(Wrong::Damaged("it does not say how it is encoded".into()));
    };
    let version = json.get("encoding").and_then(|encoding| encoding.get("version")).and_then(Value::as_str);
    match () {
        () if kinds.contains(&"none") => Err(Wrong::Unsupported("it has no password".into())),
        () if !content.contains(&"sr25519") => {
            Err(Wrong::Unsupported(format!("a key of polkadot-js that is {}", content.join(", "))))
        }
        () if version != Some("3") || kinds != ["scrypt", "xsalsa20-poly1305"] => {
            Err(Wrong::Unsupported(format!("polkadot-js' encoding {}", kinds.join(", "))))
        }
        () => Ok(()),
    }
}

/// A new keystore.
pub fn encrypt(seed: &[u8; 32], password: &Password, cost: Cost) -> Result<String, KeyError> {
    let impossible = |what: String| KeyError::NoRandomness(what);
    let pair = MiniSecretKey::from_bytes(seed)
        .map_err(|error| impossible(error.to_string()))?
        .expand_to_keypair(ExpansionMode::Ed25519);
    let public = pair.public.to_bytes();
    let secret = Zeroizing::new(pair.secret.to_ed25519_bytes());
    let mut sealed = Zeroizing::new([&PKCS8[..], &secret[..], &DIVIDER[..], &public[..]].concat());
    // polkadot-js reads these parameters and few others.
    let (log_n, p, r): (u8, u32, u32) = match cost {
        Cost::Production => (17, 1, 8),
        Cost::Tests => (13, 10, 8),
    };
    let (salt, random) = (fresh_secret()?, fresh_secret()?);
    let mut nonce = [0; 24];
    nonce.copy_from_slice(&random[..24]);
    let parameters = scrypt::Params::new(log_n, r, p).map_err(|error| impossible(error.to_string()))?;
    let key = derive(password, &salt, &parameters).map_err(impossible)?;
    let (mut stream, authentic) = secretbox(&key, &nonce).map_err(|_| impossible("no cipher".into()))?;
    stream.apply_keystream(&mut sealed);
    let tag = authentic.compute_unpadded(&sealed);
    let numbers = [1u32 << log_n, p, r].map(u32::to_le_bytes).concat();
    let store = json!({
        "encoded": STANDARD.encode([salt.as_slice(), &numbers, &nonce, &tag[..], &sealed].concat()),
        "encoding": { "content": ["pkcs8", "sr25519"], "type": ["scrypt", "xsalsa20-poly1305"], "version": "3" },
        "address": AccountId32(public).to_string(),
        "meta": {},
    });
    Ok(format!("{store:#}\n"))
}

fn derive(password: &Password, salt: &[u8; 32], parameters: &scrypt::Params) -> Result<Zeroizing<[u8; 32]>, String> {
    let mut key = Zeroizing::new([0; 32]);
    scrypt::scrypt(password.text().as_bytes(), salt, parameters, key.as_mut_slice())
        .map_err(|error| error.to_string())?;
    Ok(key)
}

/// NaCl's secretbox: the first 32 bytes of XSalsa20's stream are Poly1305's key, the rest encrypts. There is a crate
/// for it, whose released version needs older ciphers than scrypt's.
fn secretbox(key: &[u8; 32], nonce: &[u8; 24]) -> Result<(XSalsa20, Poly1305), Wrong> {
    let refused = |_| Wrong::Unsupported("the cipher refuses".into());
    let mut stream = XSalsa20::new_from_slices(key, nonce).map_err(refused)?;
    let mut authentic = Zeroizing::new([0; 32]);
    stream.apply_keystream(authentic.as_mut_slice());
    Ok((stream, Poly1305::new(&(*authentic).into())))
}
