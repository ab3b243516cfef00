//! Keystores as Ethereum's programs write them: Web3 Secret Storage, version 3.

use aes::cipher::{KeyIvInit, StreamCipher};
use alloy_primitives::{Address, B256, Bytes, FixedBytes, keccak256};
use pbkdf2::pbkdf2_hmac;
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::{
    Scheme, Signer, fresh_secret,
    keystore::{Cost, KeyError, Password, Wrong},
};

type Aes128Ctr = ctr::Ctr128BE<aes::Aes128>;

/// A file that somebody else wrote may not take more memory than this, nor more time than a minute.
const MOST_MEMORY: u64 = 1 << 30;
const MOST_PARALLEL: u32 = 64;
const MOST_ROUNDS: u32 = 50_000_000;

/// What is read of a keystore.
#[derive(Deserialize)]
pub struct Store {
    version: Value,
    #[serde(alias = "Crypto")]
    crypto: Crypto,
    #[serde(default)]
    address: Option<String>,
}

#[derive(Deserialize)]
struct Crypto {
    cipher: String,
    cipherparams: CipherParams,
    ciphertext: Bytes,
    #[serde(flatten)]
    kdf: Kdf,
    mac: B256,
}

#[derive(Deserialize)]
struct CipherParams {
    iv: FixedBytes<16>,
}

/// How a password becomes a key.
#[derive(Deserialize)]
#[serde(tag = "kdf", content = "kdfparams", rename_all = "lowercase")]
enum Kdf {
    Scrypt { dklen: usize, n: u64, r: u32, p: u32, salt: Bytes },
    Pbkdf2 { dklen: usize, c: u32, prf: String, salt: Bytes },
}

impl Store {
    /// A keystore, whose parameters this program takes.
    pub fn parse(json: Value) -> Result<Self, Wrong> {
        let unsupported = |what: String| Err(Wrong::Unsupported(what));
        let crypto = json.get("crypto").or_else(|| json.get("Crypto"));
        let named = |name: &str| crypto.and_then(|crypto| crypto.get(name)).and_then(Value::as_str);
        match named("kdf") {
            Some("scrypt" | "pbkdf2") => {}
            Some(kdf) => return unsupported(format!("passwords by {kdf}")),
            None => return Err(Wrong::Damaged("no kdf".into())),
        }
        let store: Self = serde_json::from_value(json).map_err(|error| Wrong::Damaged(shape(&error)))?;
        if store.version != 3 && store.version != "3" {
            return unsupported(format!("version {}", store.version));
        }
        if store.crypto.cipher != "aes-128-ctr" {
            return unsupported(format!("the cipher {}", store.crypto.cipher));
        }
        if store.crypto.ciphertext.is_empty() || store.crypto.ciphertext.len() > 32 {
            return Err(Wrong::Damaged(format!("a key of {} bytes", store.crypto.ciphertext.len())));
        }
        store.crypto.kdf.check()?;
        Ok(store)
    }

    /// The key.
    pub fn decrypt(&self, password: &Password) -> Result<Zeroizing<[u8; 32]>, Wrong> {
        let derived = self.crypto.kdf.derive(password)?;
        // Compared by their hashes: how many bytes are alike takes no time that could be measured.
        if keccak256(mac(&derived, &self.crypto.ciphertext)) != keccak256(self.crypto.mac) {
            return Err(Wrong::Password);
        }
        let mut secret = Zeroizing::new([0; 32]);
        // Some programs leave out zeros at the front.
        let place = &mut secret[32 - self.crypto.ciphertext.len()..];
        place.copy_from_slice(&self.crypto.ciphertext);
        cipher(&derived, &self.crypto.cipherparams.iv.0)?.apply_keystream(place);
        Ok(secret)
    }

    /// Whether it is the keystore of this address; one that names none is anybody's.
    pub fn is_of(&self, address: Address) -> bool {
        let named = self.address.as_ref().filter(|text| !text.is_empty());
        named.is_none_or(|text| text.parse::<Address>().is_ok_and(|named| named == address))
    }
}

impl Kdf {
    fn check(&self) -> Result<(), Wrong> {
        let unsupported = |what: String| Err(Wrong::Unsupported(what));
        match self {
            Self::Scrypt { dklen, n, r, p, .. } => {
                let memory = n.checked_mul(128).and_then(|n| n.checked_mul((*r).into()));
                let fits = memory.is_some_and(|memory| memory <= MOST_MEMORY);
                match n.is_power_of_two() && *n > 1 && fits && *p <= MOST_PARALLEL && *dklen == 32 {
                    true => scrypt::Params::new(log(*n), *r, *p).map(|_| ()).map_err(|error| refused(&error)),
                    false => unsupported(format!("scrypt with N = {n}, r = {r}, p = {p}, {dklen} bytes")),
                }
            }
            Self::Pbkdf2 { dklen, c, prf, .. } => match prf == "hmac-sha256" && *c <= MOST_ROUNDS && *dklen == 32 {
                true => Ok(()),
                false => unsupported(format!("PBKDF2 with {prf}, {c} rounds, {dklen} bytes")),
            },
        }
    }

    fn derive(&self, password: &Password) -> Result<Zeroizing<[u8; 32]>, Wrong> {
        let mut derived = Zeroizing::new([0; 32]);
        let password = password.text().as_bytes();
        match self {
            Self::Scrypt { n, r, p, salt, .. } => {
                let parameters = scrypt::Params::new(log(*n), *r, *p).map_err(|error| refused(&error))?;
                scrypt::scrypt(password, salt, &parameters, derived.as_mut_slice()).map_err(|error| refused(&error))?;
            }
            Self::Pbkdf2 { salt, c, .. } => pbkdf2_hmac::<Sha256>(password, salt, *c, derived.as_mut_slice()),
        }
        Ok(derived)
    }
}

/// Of a power of two; of zero, what scrypt refuses.
fn log(n: u64) -> u8 {
    n.checked_ilog2().and_then(|log| u8::try_from(log).ok()).unwrap_or(u8::MAX)
}

fn refused(error: &dyn std::error::Error) -> Wrong {
    Wrong::Unsupported(error.to_string())
}

/// A new keystore.
pub fn encrypt(secret: &[u8; 32], password: &Password, cost: Cost) -> Result<String, KeyError> {
    let random = fresh_secret()?;
    let (salt, other) = (fresh_secret()?, fresh_secret()?);
    let n = match cost {
        Cost::Production => 1 << 17,
        Cost::Tests => 1 << 4,
    };
    let kdf = Kdf::Scrypt { dklen: 32, n, r: 8, p: 1, salt: Bytes::copy_from_slice(salt.as_slice()) };
    let impossible = |_: Wrong| KeyError::NoRandomness("scrypt's own parameters are refused".into());
    let derived = kdf.derive(password).map_err(impossible)?;
    let mut iv = [0; 16];
    iv.copy_from_slice(&random[..16]);
    let mut ciphertext = *secret;
    cipher(&derived, &iv).map_err(impossible)?.apply_keystream(&mut ciphertext);
    let address = Signer::from_secret(Scheme::Ethereum, secret).map(|signer| hex::encode(signer.address())).ok();
    let store = json!({
        "version": 3,
        "id": uuid(&other),
        "address": address,
        "crypto": {
            "cipher": "aes-128-ctr",
            "cipherparams": { "iv": hex::encode(iv) },
            "ciphertext": hex::encode(ciphertext),
            "kdf": "scrypt",
            "kdfparams": { "dklen": 32, "n": n, "r": 8, "p": 1, "salt": hex::encode(salt.as_slice()) },
            "mac": hex::encode(mac(&derived, &ciphertext)),
        },
    });
    Ok(format!("{store:#}\n"))
}

fn cipher(derived: &[u8; 32], iv: &[u8; 16]) -> Result<Aes128Ctr, Wrong> {
    Aes128Ctr::new_from_slices(&derived[..16], iv).map_err(|error| Wrong::Damaged(error.to_string()))
}

/// Over the other half of what the password became, so that it tells a wrong password.
fn mac(derived: &[u8; 32], ciphertext: &[u8]) -> [u8; 32] {
    keccak256([&derived[16..], ciphertext].concat()).0
}

/// Version 4: random, but for the bits that say so.
fn uuid(random: &[u8; 32]) -> String {
    let mut bytes = random[..16].to_vec();
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let text = hex::encode(bytes);
    format!("{}-{}-{}-{}-{}", &text[..8], &text[8..12], &text[12..16], &text[16..20], &text[20..])
}

/// What is wrong with a keystore's form; a decoder's message could quote what is in it.
fn shape(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.strip_prefix("missing field ").and_then(|rest| rest.split('`').nth(1)) {
        Some(field) => format!("no {field}"),
        None => "a field is not as it should be".into(),
    }
}
