//! Who sends transactions: as `yieldset --from` finds them, so that a key is kept in one way.

use std::path::{Path, PathBuf};

use clap::Args;
use yieldset_chain::{
    Book, ChainClient, Home,
    keys::{Place, WhoError},
    submit::{Password, Submitter},
};

use super::Failure;

/// Who sends and pays the fee.
#[derive(Debug, Args)]
#[command(next_help_heading = "Who sends")]
pub struct Payer {
    /// Who sends, and pays the fee: a keystore's name, @label, a file, env:VARIABLE, command:PROGRAM, or //Alice on a
    /// devnet. Never a key. Else YIELDSET_FROM.
    #[arg(long, env = "YIELDSET_FROM", hide_env = true, value_name = "WHO")]
    from: Option<String>,
    /// File with the keystore's password, which its owner alone may read; else YIELDSET_PASSWORD_FILE. Asked for
    /// without.
    #[arg(long, env = "YIELDSET_PASSWORD_FILE", hide_env = true, value_name = "FILE")]
    password_file: Option<PathBuf>,
}

impl Payer {
    /// Who sends over this client, if somebody is named.
    pub async fn named(&self, client: &ChainClient) -> Result<Option<Submitter>, Failure> {
        let Some(who) = &self.from else { return Ok(None) };
        let home = Home::from_environment();
        // Labels alone need the address book.
        let book = if who.trim().starts_with('@') { Book::load(&home)? } else { Book::default() };
        let place = Place::find(who, &home, &book)?;
        place.check(client, false)?;
        let password = |keystore: &Path| match &self.password_file {
            Some(file) => Password::from_file(file),
            None => Password::ask(keystore),
        };
        Ok(Some(Submitter::new(client.clone(), place.open(password).await?)))
    }

    /// Who sends over this client.
    pub async fn submitter(&self, client: &ChainClient) -> Result<Submitter, Failure> {
        self.named(client).await?.ok_or_else(|| WhoError::Nobody.into())
    }

    /// Who was named, as it was typed.
    pub fn says(&self) -> &str {
        self.from.as_deref().unwrap_or("nobody")
    }
}
