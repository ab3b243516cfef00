//! What every command takes: which network, which contracts, who sends, and how it is told.

use std::{
    ffi::OsString,
    io::{IsTerminal, Write},
    path::{Path, PathBuf},
};

use clap::Args;
use yieldset_chain::{
    Address, Book, ChainClient, Deployment, Home, Profile,
    abi::{Factory, Pool},
    acts::{Desk, Fact},
    book::Trust,
    keys::{Place, WhoError, keystores},
    submit::{KeyError, Password, Submitter},
};

use crate::{failure::Failure, labelled::changed, place};

/// Options of all commands.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "For all commands")]
pub struct Options {
    /// The network: devnet, paseo, hub, or one of your own.
    #[arg(
        long = "profile",
        global = true,
        env = "YIELDSET_PROFILE",
        hide_env_values = true,
        default_value = "devnet",
        value_name = "NAME"
    )]
    network: String,
    /// A node in the place of the network's own, or several with commas between: the next is asked where one answers no
    /// more.
    #[arg(long = "node", global = true, env = "YIELDSET_NODE_URL", hide_env_values = true, value_name = "URL")]
    node_url: Option<String>,
    /// deployment.json in the place of the network's own.
    #[arg(
        long = "deployment",
        global = true,
        env = "YIELDSET_DEPLOYMENT",
        hide_env_values = true,
        value_name = "FILE"
    )]
    deployment_file: Option<PathBuf>,
    /// Another pool of the factory's: its contracts are those of its listing.
    #[arg(long = "pool", global = true, value_name = "NAME")]
    other_pool: Option<String>,
    /// Who sends: a keystore's name, @label, a file, env:VARIABLE, command:PROGRAM, //Alice on a devnet; with --dry-run
    /// any address.
    #[arg(long = "from", global = true, env = "YIELDSET_FROM", hide_env_values = true, value_name = "WHO")]
    sent_by: Option<String>,
    /// The keystore's password is in this file, which its owner alone may read; asked for without.
    #[arg(long, global = true, env = "YIELDSET_PASSWORD_FILE", hide_env_values = true, value_name = "FILE")]
    password_file: Option<PathBuf>,
    /// Answers in JSON.
    #[arg(long, global = true)]
    pub json: bool,
    /// Sends without asking.
    #[arg(long, global = true, env = "YIELDSET_YES", hide_env_values = true)]
    pub yes: bool,
    /// Sends nothing: shows sentence, facts, calls, fees, deposits, and the transactions for wallets.
    #[arg(long, global = true)]
    pub dry_run: bool,
    /// Gives the licence, the menu or the proposal that comes of it this label: @LABEL is written in the place of its
    /// id.
    #[arg(long, global = true, value_name = "LABEL")]
    pub label: Option<String>,
    /// Proposes it to the pool's co-op, for this reason, instead of sending it.
    #[arg(long, global = true, value_name = "WHY")]
    pub by_vote: Option<String>,
}

impl Options {
    /// The folder with the user's own files.
    pub fn home(&self) -> Home {
        Home::from_environment()
    }

    /// What names are told by: the address book, and where the contracts are, as far as both can be read.
    pub fn names(&self) -> (Book, Option<Deployment>) {
        let home = self.home();
        let profile = Profile::find(&self.network, &home).ok();
        let file = profile.map(|profile| self.deployment_path(&home, &profile));
        let deployment = file.and_then(|file| Deployment::load(&file).ok());
        (Book::load(&home).unwrap_or_default(), deployment)
    }

    /// The network, with the node that was named.
    pub fn profile(&self, home: &Home) -> Result<Profile, Failure> {
        let mut profile = Profile::find(&self.network, home)?;
        if let Some(node) = &self.node_url {
            profile.nodes = vec![node.clone()];
        }
        Ok(profile)
    }

    /// What was named here, as the environment of a program that is run in the place of this one.
    pub fn for_programs(&self) -> Vec<(&'static str, OsString)> {
        let node = self.node_url.as_ref().map(|url| ("YIELDSET_NODE_URL", url.into()));
        let deployment = self.deployment_file.as_ref().map(|file| ("YIELDSET_DEPLOYMENT", file.into()));
        let who = self.sent_by.as_ref().map(|who| ("YIELDSET_FROM", who.into()));
        let password = self.password_file.as_ref().map(|file| ("YIELDSET_PASSWORD_FILE", file.into()));
        [node, deployment, who, password].into_iter().flatten().collect()
    }

    /// Connected, with the contracts, and with who sends; address zero where nobody is named. A keystore says whose it
    /// is without its password; what does not is opened here already, and once.
    pub async fn desk(&self) -> Result<(Desk, Option<Submitter>), Failure> {
        let home = self.home();
        let (profile, book) = (self.profile(&home)?, Book::load(&home)?);
        let file = self.deployment_path(&home, &profile);
        place::is_there(&file)?;
        let (deployment, signer) = Deployment::load_signed(&file)?;
        let client = profile.connect(&home).await?;
        place::is_of(&deployment, &client, &file).await?;
        book.trusts(deployment.genesis, signer)?;
        let deployment = match &self.other_pool {
            Some(name) => of_pool(&client, deployment, &book, name).await?,
            None => deployment.current(&client).await?,
        };
        let (sender, account, deployer) = (Address::ZERO, None, signer);
        let mut desk = Desk { client, profile, deployment, book, sender, account, deployer };
        let Some(who) = &self.sent_by else { return Ok((desk, None)) };
        // An address sends nothing here, but what it would send can be looked at.
        let named = || keystores(&home).into_iter().find(|keystore| keystore.name == *who)?.who;
        if let Some(entry) = desk.book.entry(who).ok().or_else(named) {
            (desk.sender, desk.account) = (entry.address, entry.account);
            return Ok((desk, None));
        }
        let signer = self.signed_by(who, &home, &desk.book, &desk.client).await?;
        (desk.sender, desk.account) = (signer.address(), Some(signer.account_id()));
        Ok((desk, Some(signer)))
    }

    /// What should be looked at before something is sent by the contracts' file: whose word is taken with it, or that
    /// nobody signed it.
    pub fn doubt(&self, desk: &Desk) -> Result<Option<Fact>, Failure> {
        let file = self.deployment_path(&self.home(), &desk.profile);
        Ok(match desk.book.trusts(desk.deployment.genesis, desk.deployer)? {
            Trust::Known => None,
            Trust::First(deployer) => Some(Fact::warning(format!(
                "the contracts of {} are as {} signed them, and nobody is believed on this chain yet: sending this has \
                 that account believed from now on",
                file.display(),
                desk.book.says(deployer, None)
            ))),
            Trust::Unsigned => Some(Fact::warning(format!(
                "nobody signed the contracts of {}: be sure that they are the right ones",
                file.display()
            ))),
        })
    }

    /// Believes who signed the contracts' file from now on, where nobody is believed on this chain yet: asked for once
    /// what is sent by it was confirmed, and that was told before. Whom others pinned meanwhile counts.
    pub fn believe(&self, desk: &Desk) -> Result<(), Failure> {
        let (genesis, signer) = (desk.deployment.genesis, desk.deployer);
        changed(&self.home(), |book| {
            if let Trust::First(deployer) = book.trusts(genesis, signer)? {
                book.trust(genesis, deployer);
            }
            Ok(())
        })
    }

    /// Who signs for the desk's sender.
    pub async fn submitter(&self, desk: &Desk) -> Result<Submitter, Failure> {
        let who = self.sent_by.as_ref().ok_or(WhoError::Nobody)?;
        let signer = self.signed_by(who, &self.home(), &desk.book, &desk.client).await?;
        match signer.address() == desk.sender {
            true => Ok(signer),
            false => {
                Err(Failure::usage(format!("the key of {who} is of {}, not of {}", signer.address(), desk.sender)))
            }
        }
    }

    /// Connected, for what needs no contracts.
    pub async fn connected(&self, home: &Home) -> Result<(Profile, Book, ChainClient), Failure> {
        let (profile, book) = (self.profile(home)?, Book::load(home)?);
        let client = profile.connect(home).await?;
        Ok((profile, book, client))
    }

    /// Where the contracts' file is, or will be.
    pub fn deployment_path(&self, home: &Home, profile: &Profile) -> PathBuf {
        self.deployment_file.clone().unwrap_or_else(|| home.deployment(&profile.name))
    }

    /// Who was named as sender.
    pub fn named_sender(&self) -> Option<&str> {
        self.sent_by.as_deref()
    }

    /// Who sends what needs no contracts.
    pub async fn sends(&self, home: &Home, book: &Book, client: &ChainClient) -> Result<Submitter, Failure> {
        let who = self.named_sender().ok_or(WhoError::Nobody)?;
        self.signed_by(who, home, book, client).await
    }

    /// A password for a new keystore.
    pub fn new_password(&self) -> Result<Password, KeyError> {
        match &self.password_file {
            Some(file) => Password::from_file(file)?.fit_for_new(),
            None => Password::new_one(),
        }
    }

    async fn signed_by(&self, who: &str, home: &Home, book: &Book, client: &ChainClient) -> Result<Submitter, Failure> {
        let place = Place::find(who, home, book)?;
        place.check(client, self.network == "devnet")?;
        let signer = place.open(|keystore| self.password(keystore)).await?;
        Ok(Submitter::new(client.clone(), signer))
    }

    /// The password of a keystore.
    pub fn password(&self, keystore: &Path) -> Result<Password, KeyError> {
        match &self.password_file {
            Some(file) => Password::from_file(file),
            None => Password::ask(keystore),
        }
    }

    /// Whether to go on, by the user's word.
    pub fn confirmed(&self, question: &str) -> Result<bool, Failure> {
        if self.yes {
            return Ok(true);
        }
        if !std::io::stdin().is_terminal() {
            return Err(Failure::usage(
                "nobody can be asked here: add --yes to send, or look first by --dry-run, where there is one",
            ));
        }
        write!(std::io::stderr(), "{question} [y/N] ")?;
        std::io::stderr().flush()?;
        let mut answer = String::new();
        std::io::stdin().read_line(&mut answer)?;
        Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
    }
}

/// The contracts of another pool, as the factory lists it and as it follows them now.
async fn of_pool(client: &ChainClient, deployment: Deployment, book: &Book, name: &str) -> Result<Deployment, Failure> {
    let pool = book.resolve(name, Some(&deployment))?;
    let listed = client.read(deployment.factory, &Factory::poolInfoCall { pool }).await?;
    if listed.number == 0 {
        return Err(Failure::usage(format!("the factory lists no pool {pool}; yieldset pool register lists one")));
    }
    let kyc = client.read(pool, &Pool::kycCall {}).await?;
    Ok(Deployment { pool, kyc, coop: listed.coop, ..deployment }.current(client).await?)
}
