//! Where `yieldset` keeps what is a user's own: networks, labels, keys, deployments and their journals.

use std::{
    env,
    ffi::OsString,
    path::{Path, PathBuf},
};

/// The folder with a user's own files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Home(PathBuf);

impl Home {
    /// `YIELDSET_HOME`, else `yieldset` in `XDG_CONFIG_HOME`, else `.config/yieldset` in the home folder.
    pub fn from_environment() -> Self {
        Self::of(env::var_os("YIELDSET_HOME"), env::var_os("XDG_CONFIG_HOME"), env::home_dir())
    }

    /// This folder.
    pub fn at(folder: impl Into<PathBuf>) -> Self {
        Self(folder.into())
    }

    /// An empty variable counts as none; a relative `XDG_CONFIG_HOME` too, as its specification wants.
    fn of(said: Option<OsString>, config: Option<OsString>, home: Option<PathBuf>) -> Self {
        if let Some(folder) = said.filter(|folder| !folder.is_empty()) {
            return Self(folder.into());
        }
        let config = config.map(PathBuf::from).filter(|folder| folder.is_absolute());
        Self(config.unwrap_or_else(|| home.unwrap_or_default().join(".config")).join("yieldset"))
    }

    /// The folder itself.
    pub fn folder(&self) -> &Path {
        &self.0
    }

    /// The file of a network of the user's own.
    pub fn profile(&self, name: &str) -> PathBuf {
        self.0.join("profiles").join(name).with_added_extension("toml")
    }

    /// The address book.
    pub fn book(&self) -> PathBuf {
        self.0.join("book.json")
    }

    /// The folder of keystores.
    pub fn keys(&self) -> PathBuf {
        self.0.join("keys")
    }

    /// Where the contracts of a network are.
    pub fn deployment(&self, profile: &str) -> PathBuf {
        self.0.join("deployments").join(profile).with_added_extension("json")
    }

    /// What was proposed to a co-op, by the label or the id of the proposal.
    pub fn proposal(&self, name: &str) -> PathBuf {
        self.0.join("proposals").join(name).with_added_extension("json")
    }

    /// How far a deployment on a network has come.
    pub fn journal(&self, profile: &str) -> PathBuf {
        self.0.join("deployments").join(profile).with_added_extension("journal")
    }
}

/// Whether a name can be part of a file's name, on any system, and cannot lead out of its folder.
pub(crate) fn is_plain_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'_';
    !name.is_empty() && name.len() <= 64 && name.bytes().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_home_is_where_the_variables_say_else_in_the_home_folder() {
        let home = |said: &str, config: &str| {
            Home::of(Some(said.into()), Some(config.into()), Some("/home/a".into())).folder().to_owned()
        };
        assert_eq!(home("/x", "/y"), Path::new("/x"));
        assert_eq!(home("", "/y"), Path::new("/y/yieldset"));
        assert_eq!(home("", "y"), Path::new("/home/a/.config/yieldset"));
        let home = Home::at("/x");
        assert_eq!(home.deployment("hub"), Path::new("/x/deployments/hub.json"));
        assert_eq!(home.profile("my.net"), Path::new("/x/profiles/my.net.toml"));
    }

    #[test]
    fn names_of_files_lead_nowhere() {
        assert!(is_plain_name("my-net_2"));
        for wrong in ["", "..", "a/b", "A", ".a", "a b", &"x".repeat(65)] {
            assert!(!is_plain_name(wrong), "{wrong:?}");
        }
    }
}
