//! Who signs: found by what a person types, never by the key itself.
//!
//! | written | means |
//! |---|---|
//! | `NAME` | the keystore `keys/NAME.json` of the home |
//! | `@LABEL` | the keystore of that account of the address book |
//! | a path | a keystore, or a file with 64 hex digits (an sr25519 seed), which its owner alone may read |
//! | `env:VARIABLE` | `ethereum:` or `sr25519:` and 64 hex digits, in that environment variable |
//! | `command:PROGRAM …` | a program that signs, for hardware and key management services |
//! | `//Alice` | a development account, whose key everybody knows |

use std::path::{Path, PathBuf};

use serde_json::Value;
use subxt::utils::AccountId32;
use url::{Host, Url};
use yieldset_service::files::{self, Access, FileError};

use crate::{
    book::{Book, BookError, Entry},
    client::{ChainClient, address_of, fallback_account},
    endpoints,
    error::ChainError,
    home::{Home, is_plain_name},
    submit::{External, KeyError, Password, Scheme, Signer, open, read_private, secret_in},
};

/// Nobody who could sign.
#[derive(Debug, thiserror::Error)]
pub enum WhoError {
    /// It looks like a key.
    #[error(
        "a key is never written on the command line: others see it in the process list, and the shell keeps it; put it into a keystore with `yieldset account import`, and name that"
    )]
    Secret,
    /// No keystore of that name.
    #[error("there is no keystore {}; `yieldset account new {name}` makes one, `yieldset account show` lists those that there are", file.display())]
    NoKeystore {
        /// The name.
        name: String,
        /// Where it would be.
        file: PathBuf,
    },
    /// No keystore of that account.
    #[error("no keystore here is of {0}; `yieldset account import` brings one in")]
    NotOurs(String),
    /// A name that is none.
    #[error("{0:?} is no name: take lower case letters, digits, - and _, at most 64")]
    Name(String),
    /// There is one already.
    #[error("{} is there already, and a key is never written over: take another name", .0.display())]
    Exists(PathBuf),
    /// The environment variable is not there, or holds something else.
    #[error("the environment variable {variable} {reason}")]
    Environment {
        /// Its name.
        variable: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// Nobody was named.
    #[error(
        "who signs? Name an account with --from or YIELDSET_FROM: a keystore's name, @label, a file, env:VARIABLE, command:PROGRAM, or //Alice on a devnet"
    )]
    Nobody,
    /// A development account on a network where money is real.
    #[error("{0} is a development account: everybody knows its key, and would take what it has on this network")]
    Development(String),
    /// The address book's.
    #[error(transparent)]
    Book(#[from] BookError),
    /// The key's.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The chain client's.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// A file.
    #[error(transparent)]
    File(#[from] FileError),
}

/// Where a key is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A development account.
    Development(String),
    /// A keystore or a bare key.
    File(PathBuf),
    /// An environment variable.
    Environment(String),
    /// A command.
    Command(String),
}

/// A keystore as far as it says without its password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keystore {
    /// Its name.
    pub name: String,
    /// Its file.
    pub file: PathBuf,
    /// How it signs; unknown of a file that is damaged.
    pub scheme: Option<Scheme>,
    /// Whose it is.
    pub who: Option<Entry>,
}

impl Place {
    /// Where the key is that is meant.
    ///
    /// # Errors
    /// [`WhoError`].
    pub fn find(text: &str, home: &Home, book: &Book) -> Result<Self, WhoError> {
        let text = text.trim();
        if looks_like_a_secret(text) {
            return Err(WhoError::Secret);
        }
        if text.starts_with("//") {
            return Ok(Self::Development(text.to_owned()));
        }
        if let Some(variable) = text.strip_prefix("env:") {
            return Ok(Self::Environment(variable.to_owned()));
        }
        if let Some(command) = text.strip_prefix("command:") {
            return Ok(Self::Command(command.to_owned()));
        }
        if is_plain_name(text) && !text.starts_with("0x") {
            let file = home.keys().join(text).with_added_extension("json");
            return match file.is_file() {
                true => Ok(Self::File(file)),
                false => Err(WhoError::NoKeystore { name: text.to_owned(), file }),
            };
        }
        if text.contains('/') || Path::new(text).is_file() {
            return Ok(Self::File(text.into()));
        }
        // A label or an address: whose keystore is here?
        let wanted = book.entry(text)?.address;
        let of = |store: &Keystore| store.who.as_ref().is_some_and(|who| who.address == wanted);
        keystores(home)
            .into_iter()
            .find(of)
            .map(|store| Self::File(store.file))
            .ok_or_else(|| WhoError::NotOurs(text.into()))
    }

    /// The key, or who has it. A password is asked for where there is one.
    ///
    /// # Errors
    /// [`WhoError`].
    pub async fn open(&self, password: impl FnOnce(&Path) -> Result<Password, KeyError>) -> Result<Signer, WhoError> {
        match self {
            Self::Development(path) => Ok(Signer::dev(path)?),
            Self::File(file) => Ok(open(file, Scheme::Sr25519, || password(file))?),
            Self::Environment(variable) => from_environment(variable),
            Self::Command(command) => Ok(Signer::external(External::connect(command).await?)),
        }
    }

    /// Refuses a development account on a chain that is no development chain.
    ///
    /// # Errors
    /// [`WhoError::Development`].
    pub fn check(&self, client: &ChainClient, development: bool) -> Result<(), WhoError> {
        match self {
            // Whoever serves a chain on this machine alone may do with it what they like.
            Self::Development(path) if !development && !are_of_this_machine(client.url()) => {
                Err(WhoError::Development(path.clone()))
            }
            _ => Ok(()),
        }
    }
}

/// The keystores of a home, by name.
pub fn keystores(home: &Home) -> Vec<Keystore> {
    let files = std::fs::read_dir(home.keys()).into_iter().flatten().flatten();
    let mut found: Vec<_> = files
        .filter_map(|file| {
            let name = file.file_name().to_str()?.strip_suffix(".json")?.to_owned();
            let (scheme, who) = about(&file.path()).unzip();
            Some(Keystore { name, file: file.path(), scheme, who })
        })
        .collect();
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found
}

/// Puts a keystore into the home; none is ever written over.
///
/// # Errors
/// [`WhoError::Name`], [`WhoError::Exists`], [`WhoError::File`].
pub fn add(home: &Home, name: &str, keystore: &str) -> Result<PathBuf, WhoError> {
    if !is_plain_name(name) {
        return Err(WhoError::Name(name.to_owned()));
    }
    let file = home.keys().join(name).with_added_extension("json");
    match files::write_new(&file, keystore.as_bytes(), Access::Private)? {
        true => Ok(file),
        false => Err(WhoError::Exists(file)),
    }
}

/// How a keystore signs, and whose it says that it is.
fn about(file: &Path) -> Option<(Scheme, Entry)> {
    let json: Value = serde_json::from_str(&read_private(file).ok()?).ok()?;
    let address = json.get("address")?.as_str()?;
    match json.get("encoded") {
        Some(_) => {
            let account = address.parse::<AccountId32>().ok()?.0;
            Some((Scheme::Sr25519, Entry { address: address_of(&account), account: Some(account) }))
        }
        None => {
            let address = address.parse().ok()?;
            Some((Scheme::Ethereum, Entry { address, account: Some(fallback_account(address)) }))
        }
    }
}

fn from_environment(variable: &str) -> Result<Signer, WhoError> {
    let wrong = |reason| WhoError::Environment { variable: variable.to_owned(), reason };
    let text = std::env::var(variable).map(zeroize::Zeroizing::new).map_err(|_| wrong("is not there"))?;
    let (scheme, digits) = match text.split_once(':') {
        Some(("ethereum", digits)) => (Scheme::Ethereum, digits),
        Some(("sr25519", digits)) => (Scheme::Sr25519, digits),
        _ => return Err(wrong("begins neither with ethereum: nor with sr25519:")),
    };
    let secret = secret_in(digits).ok_or_else(|| wrong("does not hold 64 hex digits"))?;
    Signer::from_secret(scheme, &secret).map_err(wrong)
}

/// Whether all of these nodes are on this machine.
fn are_of_this_machine(nodes: &str) -> bool {
    endpoints::each(nodes).all(is_of_this_machine)
}

/// Whether an address names this machine: its loopback, by number or as `localhost`.
fn is_of_this_machine(url: &str) -> bool {
    match Url::parse(url).ok().as_ref().and_then(Url::host) {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

/// Hex digits in a row as of a seed, a key or a pair of both, though some were lost in copying, under whatever scheme;
/// or a phrase of words.
fn looks_like_a_secret(text: &str) -> bool {
    let digits = |text: &str| text.len() >= 48 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let of_scheme = text.rsplit(':').next().unwrap_or(text).trim();
    let hex = digits(of_scheme.strip_prefix("0x").or_else(|| of_scheme.strip_prefix("0X")).unwrap_or(of_scheme));
    let command = text.starts_with("command:");
    !command && (hex || text.split_whitespace().count() >= 12)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::submit::{Cost, fresh_secret, new_keystore};

    /// Proves NET-2: a key that is typed is refused and not repeated, and a keystore is found by name, label, address.
    #[test]
    fn who_signs_is_named_and_never_typed() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let (home, mut book) = (Home::at(folder.path()), Book::default());
        let seed = "e5be9a5092b81bca64be81d212e7f2f9eba183bb7a90954f7b76361f6edb5c0a";
        let phrase = "bottom drive obey lake curtain smoke basket hold race lonely fit walk";
        let written = ["", "0x", "0X", "ethereum:", "sr25519:", "sr25519:0x", "env:", "ethereum: "];
        let seeds = written.iter().flat_map(|before| [seed, &seed[..60]].map(|digits| format!("{before}{digits}")));
        for secret in seeds.chain([format!("{seed}{seed}"), format!("0x{seed}{seed}"), phrase.into()]) {
            let error = Place::find(&secret, &home, &book).expect_err("a secret");
            assert!(matches!(error, WhoError::Secret) && !error.to_string().contains("e5be9a"), "{error}");
        }
        let error = Place::find("admin", &home, &book).expect_err("none yet").to_string();
        assert!(error.contains("account new admin"), "{error}");
        let secret = fresh_secret().expect("randomness");
        let text = new_keystore(Scheme::Ethereum, &secret, &Password::new("x".into()), Cost::Tests).expect("made");
        let file = add(&home, "admin", &text).expect("added");
        assert!(matches!(add(&home, "admin", &text), Err(WhoError::Exists(_))));
        assert!(matches!(add(&home, "../admin", &text), Err(WhoError::Name(_))));
        let address = Signer::from_secret(Scheme::Ethereum, &secret).expect("a key").address();
        book.label("boss", Entry { address, account: None }).expect("a label");
        for name in ["admin", "@boss", &address.to_string(), file.to_str().expect("text")] {
            assert_eq!(Place::find(name, &home, &book).expect(name), Place::File(file.clone()), "{name}");
        }
        assert!(matches!(
            Place::find("0x9621dde636de098b43efb0fa9b61facfe328f99d", &home, &book),
            Err(WhoError::NotOurs(_))
        ));
        let stores = keystores(&home);
        assert_eq!((stores.len(), stores[0].scheme), (1, Some(Scheme::Ethereum)));
    }

    /// A host that only begins like this machine is another one, and everybody's key signs there for nobody.
    #[test]
    fn this_machine_is_known_by_its_address() {
        for own in ["ws://127.0.0.1:9944", "ws://127.1.2.3", "ws://localhost:1/x", "wss://[::1]:9944", "ws://LOCALHOST"]
        {
            assert!(is_of_this_machine(own), "{own}");
        }
        for other in [
            "ws://127.0.0.1.example.com",
            "ws://localhost.example.com:9944",
            "ws://127.0.0.1@example.com",
            "wss://example.com/ws://127.0.0.1",
            "ws://[::2]",
            "ws://10.0.0.1",
            "127.0.0.1",
        ] {
            assert!(!is_of_this_machine(other), "{other}");
            assert!(!are_of_this_machine(&format!("ws://127.0.0.1:9944/,{other}")), "{other}");
        }
        assert!(are_of_this_machine("ws://127.0.0.1:9944, ws://localhost:9945"));
    }
}
