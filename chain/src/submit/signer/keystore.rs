//! Files with keys: which kind one is, who may read it, and what is wrong with it.

use std::{
    fmt, fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use serde_json::Value;
use zeroize::Zeroizing;

use super::{Scheme, Signer, polkadot_js, web3};

/// No file with a key is longer.
const MOST_BYTES: u64 = 65_536;

/// A new password has no fewer characters: whoever has the file tries all shorter ones.
const LEAST_PASSWORD: usize = 12;

/// A key that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file cannot be read.
    #[error("the key {}: {reason}", file.display())]
    Unreadable {
        /// Which.
        file: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// Others than its owner may read the file.
    #[error("the key {}: others may read it (mode {mode:04o}); chmod 600 it", file.display())]
    ReadableByOthers {
        /// Which.
        file: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// It is no key, or was one.
    #[error("the key {}: it is damaged or no keystore ({what}); take your backup of it", file.display())]
    Damaged {
        /// Which.
        file: PathBuf,
        /// What is wrong.
        what: String,
    },
    /// The password opens something else.
    #[error("the key {}: the password does not open it; type it again (capitals, keyboard's language)", file.display())]
    WrongPassword {
        /// Which.
        file: PathBuf,
    },
    /// A keystore of a kind that this program does not read.
    #[error("the key {}: {what}; export it again as web3 v3 or from polkadot-js", file.display())]
    Unsupported {
        /// Which.
        file: PathBuf,
        /// What is not supported.
        what: String,
    },
    /// No password was given.
    #[error("a password is needed: {0}")]
    NoPassword(String),
    /// The command that keeps the key did not sign.
    #[error("the signing command {command}: {reason}")]
    Command {
        /// Its program.
        command: String,
        /// What it did.
        reason: String,
    },
    /// The key signs transactions of the other kind only.
    #[error("this key signs no such transaction")]
    OtherScheme,
    /// The system gives no random numbers.
    #[error("the system gives no random numbers: {0}")]
    NoRandomness(String),
}

impl KeyError {
    /// What is wrong, without the file's name.
    pub(super) fn reason(&self) -> String {
        match self {
            Self::Unreadable { reason, .. } => reason.clone(),
            Self::ReadableByOthers { mode, .. } => format!("others may read it (mode {mode:04o}); chmod 600 it"),
            other => other.to_string(),
        }
    }
}

/// A password, which is overwritten when it is not needed any more. Prints nothing of itself.
pub struct Password(Zeroizing<String>);

impl Password {
    /// This text.
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The first line of a file that its owner alone may read.
    ///
    /// # Errors
    /// [`KeyError`]; [`KeyError::NoPassword`] where there is no such file, which is no damaged key.
    pub fn from_file(file: &Path) -> Result<Self, KeyError> {
        if !file.exists() {
            return Err(KeyError::NoPassword(format!(
                "there is no file {0}, which --password-file or YIELDSET_PASSWORD_FILE names; write it for yourself \
                 alone, `(umask 077; cat > {0})`, or leave that away, and it is asked for",
                file.display(),
            )));
        }
        let text = read_private(file)?;
        Ok(Self::new(text.lines().next().unwrap_or_default().to_owned()))
    }

    /// Asks for a keystore's password at the terminal, which does not show it.
    ///
    /// # Errors
    /// [`KeyError::NoPassword`] where there is none.
    pub fn ask(keystore: &Path) -> Result<Self, KeyError> {
        Self::prompt(&format!("Password of {}: ", keystore.display()))
    }

    /// Asks for a new password, twice.
    ///
    /// # Errors
    /// [`KeyError::NoPassword`] where there is no terminal, both differ, or it is short.
    pub fn new_one() -> Result<Self, KeyError> {
        let (first, second) = (Self::prompt("New password: ")?, Self::prompt("Again: ")?);
        if first != second {
            return Err(KeyError::NoPassword("both were not the same; begin again".into()));
        }
        first.fit_for_new()
    }

    /// Itself, where it is long enough for a new keystore.
    ///
    /// # Errors
    /// [`KeyError::NoPassword`].
    pub fn fit_for_new(self) -> Result<Self, KeyError> {
        match self.0.chars().count() < LEAST_PASSWORD {
            true => Err(KeyError::NoPassword(format!("it needs at least {LEAST_PASSWORD} characters, say four words"))),
            false => Ok(self),
        }
    }

    fn prompt(question: &str) -> Result<Self, KeyError> {
        rpassword::prompt_password(question).map(Self::new).map_err(|error| {
            KeyError::NoPassword(format!(
                "there is no terminal to ask at ({error}); name its file with --password-file"
            ))
        })
    }

    /// Whether nothing was typed.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn text(&self) -> &str {
        &self.0
    }
}

impl PartialEq for Password {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password")
    }
}

/// How much work it is to try a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cost {
    /// 128 MiB and about a second for each try: scrypt with N = 2^17, r = 8, p = 1, as OWASP's "Password Storage Cheat
    /// Sheet" wants it.
    Production,
    /// Next to nothing.
    Tests,
}

/// What is wrong with a keystore, before the file is named.
pub(super) enum Wrong {
    Damaged(String),
    Password,
    Unsupported(String),
}

impl Wrong {
    fn of(self, file: &Path) -> KeyError {
        let file = file.to_owned();
        match self {
            Self::Damaged(what) => KeyError::Damaged { file, what },
            Self::Password => KeyError::WrongPassword { file },
            Self::Unsupported(what) => KeyError::Unsupported { file, what },
        }
    }
}

/// Opens a file with a key: a web3 v3 keystore, one of polkadot-js, or a bare one (64 hex digits) of this scheme. The
/// password is asked for where there is one, after it is known that the file can be used.
///
/// # Errors
/// [`KeyError`].
pub fn open(
    file: &Path,
    bare: Scheme,
    password: impl FnOnce() -> Result<Password, KeyError>,
) -> Result<Signer, KeyError> {
    let text = read_private(file)?;
    let damaged = |what: &str| Wrong::Damaged(what.to_owned()).of(file);
    if let Some(secret) = secret_in(&text) {
        return Signer::from_secret(bare, &secret).map_err(damaged);
    }
    // The decoder's own words could quote the file.
    let json: Value = serde_json::from_str(&text).map_err(|_| damaged("neither JSON nor 64 hex digits"))?;
    let has = |name: &str| json.get(name).is_some();
    if has("encoded") {
        let store = polkadot_js::Store::parse(&json).map_err(|wrong| wrong.of(file))?;
        return store.decrypt(&password()?).map_err(|wrong| wrong.of(file));
    }
    if has("crypto") || has("Crypto") {
        let store = web3::Store::parse(json).map_err(|wrong| wrong.of(file))?;
        let secret = store.decrypt(&password()?).map_err(|wrong| wrong.of(file))?;
        let signer = Signer::from_secret(Scheme::Ethereum, &secret).map_err(damaged)?;
        return match store.is_of(signer.address()) {
            true => Ok(signer),
            false => Err(damaged("its key is not that of its address")),
        };
    }
    Err(damaged("no field says what it is"))
}

/// A new keystore with a key: web3 v3 for Ethereum's, polkadot-js' for sr25519.
///
/// # Errors
/// [`KeyError::NoRandomness`].
pub fn new_keystore(scheme: Scheme, secret: &[u8; 32], password: &Password, cost: Cost) -> Result<String, KeyError> {
    match scheme {
        Scheme::Ethereum => web3::encrypt(secret, password, cost),
        Scheme::Sr25519 => polkadot_js::encrypt(secret, password, cost),
    }
}

/// The text of a file that its owner alone may read.
///
/// # Errors
/// [`KeyError::Unreadable`], [`KeyError::ReadableByOthers`].
pub fn read_private(file: &Path) -> Result<Zeroizing<String>, KeyError> {
    let unreadable = |reason: String| KeyError::Unreadable { file: file.to_owned(), reason };
    let about = fs::metadata(file).map_err(|error| unreadable(error.to_string()))?;
    let mode = about.permissions().mode() & 0o7777;
    match () {
        () if !about.is_file() => Err(unreadable("it is no file".into())),
        () if mode & 0o077 != 0 => Err(KeyError::ReadableByOthers { file: file.to_owned(), mode }),
        () if about.len() > MOST_BYTES => Err(unreadable(format!("it has more than {MOST_BYTES} bytes"))),
        () => fs::read_to_string(file).map(Zeroizing::new).map_err(|error| unreadable(error.to_string())),
    }
}

/// 32 bytes from 64 hex digits.
pub fn secret_in(text: &str) -> Option<Zeroizing<[u8; 32]>> {
    let digits = text.trim();
    let mut secret = Zeroizing::new([0; 32]);
    hex::decode_to_slice(digits.strip_prefix("0x").unwrap_or(digits), secret.as_mut_slice()).ok()?;
    Some(secret)
}
