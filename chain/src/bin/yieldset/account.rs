//! Accounts: keys in encrypted keystores, labels for others, money for fees.

use std::path::{Path, PathBuf};

use clap::{Subcommand, ValueEnum};
use serde_json::json;
use yieldset_chain::{
    Address, Behind, ChainClient, Deployment, Home, Payee, Profile,
    acts::{arguments::Amount, labels, purse, vouch},
    behind::of_ethereum,
    book::{Book, Entry},
    keys,
    submit::{Action, Cost, Password, Scheme, Signer, fresh_secret, new_keystore, open, read_private, secret_in},
};

use crate::{failure::Failure, labelled::changed, options::Options, place, show};

/// What can be done with accounts.
#[derive(Debug, Clone, Subcommand)]
pub enum Account {
    /// Makes a key in an encrypted keystore of its own.
    New {
        /// The keystore's name, and the account's label.
        name: String,
        /// What kind of account.
        #[arg(long, value_enum, default_value_t = Kind::Ethereum)]
        kind: Kind,
    },
    /// Brings a key in: a web3 v3 keystore, one that polkadot-js exported, or a file with 64 hex digits, which is
    /// encrypted then. The file itself stays where it is.
    Import {
        /// The keystore's name, and the account's label.
        name: String,
        /// The file, which its owner alone may read.
        file: PathBuf,
        /// What kind of account 64 hex digits are of.
        #[arg(long, value_enum, default_value_t = Kind::Ethereum)]
        kind: Kind,
    },
    /// Shows an account and what it has; without a name the keystores and labels that there are.
    Show {
        /// @LABEL, an address, an account, or a contract's name.
        who: Option<String>,
    },
    /// Sends an account money of the chain's own, such as for fees and deposits.
    Fund {
        /// @LABEL, an account, or an address behind which the chain has seen somebody.
        who: String,
        /// How much, such as `100 DEV`.
        amount: Amount,
    },
    /// Gives an account or contract a label, which can be written wherever an address is meant.
    Label {
        /// The label.
        label: String,
        /// An address or an account.
        who: String,
        /// The address is an Ethereum account's: you know who has its key. Money is sent to no address without that,
        /// unless the chain has seen somebody behind it.
        #[arg(long)]
        ethereum: bool,
        /// Takes the label from whom it names now.
        #[arg(long)]
        replace: bool,
    },
    /// Takes a deployer's word on which contracts there are, on the chain of the network: deployment.json must be
    /// signed by one of them. The first one that something is sent by, and your own, are taken without.
    Trust {
        /// @LABEL, an address, or an account.
        who: String,
    },
    /// Has the chain know which account is behind the sender's address, where it has not seen to that itself.
    Map,
}

/// What kind of account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// As any Ethereum wallet has it.
    Ethereum,
    /// As polkadot-js has it.
    Sr25519,
}

impl From<Kind> for Scheme {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Ethereum => Self::Ethereum,
            Kind::Sr25519 => Self::Sr25519,
        }
    }
}

/// Does it.
pub async fn run(account: &Account, options: &Options) -> Result<(), Failure> {
    let home = options.home();
    match account {
        Account::New { name, kind } => {
            let (scheme, password) = ((*kind).into(), options.new_password()?);
            let secret = fresh_secret()?;
            let signer = Signer::from_secret(scheme, &secret).map_err(Failure::usage)?;
            let keystore = new_keystore(scheme, &secret, &password, Cost::Production)?;
            added(&home, options, name, &signer, &keystore)
        }
        Account::Import { name, file, kind } => {
            let (signer, keystore) = imported(file, (*kind).into(), options)?;
            added(&home, options, name, &signer, &keystore)
        }
        Account::Show { who: None } => list(&home, options),
        Account::Show { who: Some(who) } => show_one(&home, options, who).await,
        Account::Fund { who, amount } => fund(&home, options, who, amount).await,
        Account::Map => map(&home, options).await,
        Account::Trust { who } => {
            let (profile, book, client) = options.connected(&home).await?;
            let deployer = book.resolve(who, None)?;
            changed(&home, |book| {
                book.trust(client.genesis_hash(), deployer);
                Ok(())
            })?;
            show::print(&format!("contracts on {} are believed that {who} ({deployer}) signed", profile.name))
        }
        Account::Label { label, who, ethereum, replace } => {
            let before = changed(&home, |book| {
                let entry = book.entry(who)?;
                if !replace {
                    labels::free_for_account(book, label, Some(entry.address))?;
                }
                Ok(book.label(label, if *ethereum { vouched(entry)? } else { entry })?)
            })?;
            let was = before.map(|entry| format!(", and was {} before", entry.address)).unwrap_or_default();
            show::print(&format!("@{} is {who} now{was}", label.trim_start_matches('@')))
        }
    }
}

/// The key of a file, and the keystore that is kept of it: as it is, or new where it was not encrypted.
fn imported(file: &Path, scheme: Scheme, options: &Options) -> Result<(Signer, String), Failure> {
    let text = read_private(file)?;
    if let Some(secret) = secret_in(&text) {
        let signer = Signer::from_secret(scheme, &secret).map_err(Failure::usage)?;
        let password: Password = options.new_password()?;
        return Ok((signer, new_keystore(scheme, &secret, &password, Cost::Production)?));
    }
    // Opened, so that nobody finds out later that the password is lost.
    let signer = open(file, scheme, || options.password(file))?;
    Ok((signer, text.to_string()))
}

/// The entry of an address that somebody says is an Ethereum account's.
fn vouched(entry: Entry) -> Result<Entry, Failure> {
    let account = of_ethereum(entry.address);
    match entry.account {
        Some(other) if other != account => {
            Err(Failure::usage(format!("{} is the address of an sr25519 account: leave --ethereum out", entry.address)))
        }
        _ => Ok(Entry { account: Some(account), ..entry }),
    }
}

fn added(home: &Home, options: &Options, name: &str, signer: &Signer, keystore: &str) -> Result<(), Failure> {
    // A keystore that is there already is refused below, and whose label it is says less.
    if !home.keys().join(name).with_added_extension("json").exists() {
        labels::free_for_account(&Book::load(home)?, name, Some(signer.address()))?;
    }
    let file = keys::add(home, name, keystore)?;
    let entry = Entry { address: signer.address(), account: Some(signer.account_id()) };
    changed(home, |book| Ok(book.label(name, entry)?))?;
    if options.json {
        return show::json(&json!({ "name": name, "address": signer.address(), "keystore": file }));
    }
    show::print(&format!(
        "@{name} is {}\nits keystore is {}: back it up, and its password apart from it\nnext: yieldset account fund \
         @{name} AMOUNT --from WHO-HAS-MONEY",
        signer.address(),
        file.display(),
    ))
}

fn list(home: &Home, options: &Options) -> Result<(), Failure> {
    let (book, stores) = (Book::load(home)?, keys::keystores(home));
    if options.json {
        let stores: Vec<_> = stores
            .iter()
            .map(|store| json!({ "name": store.name, "file": store.file, "who": store.who, "kind": store.scheme }))
            .collect();
        return show::json(&json!({ "keystores": stores, "labels": book.labels }));
    }
    let mut lines: Vec<String> = stores
        .iter()
        .map(|store| {
            let who = store.who.as_ref().map_or("cannot be read".to_owned(), |who| who.address.to_string());
            format!("{:20} {who}  {}", store.name, store.file.display())
        })
        .collect();
    if lines.is_empty() {
        lines.push("no keystore yet; yieldset account new NAME makes one".into());
    }
    lines.extend(book.labels.iter().map(|(label, entry)| format!("@{label:19} {}", entry.address)));
    show::print(&lines.join("\n"))
}

/// Of an account that contracts can pay.
const KNOWN: &str = "the chain knows the account behind the address";

async fn show_one(home: &Home, options: &Options, who: &str) -> Result<(), Failure> {
    let (profile, book, client) = options.connected(home).await?;
    let deployment = Deployment::load(&options.deployment_path(home, &profile)).ok();
    let address = book.resolve(who, deployment.as_ref())?;
    let known = book.entry(who).ok().and_then(|entry| entry.account);
    // Of an account that is known here it is asked whether the chain knows it, too; of an address who is behind it.
    let (account, mapped, says) = match known {
        Some(account) => match client.is_mapped(&account).await? {
            true => (account, true, KNOWN.to_owned()),
            false => (
                account,
                false,
                "the chain does not know the account behind the address yet: yieldset account map".into(),
            ),
        },
        None => match client.behind(address).await? {
            Behind::Mapped(account) | Behind::Ethereum(account) => (account, true, KNOWN.to_owned()),
            Behind::Contract(account) => (account, true, "it is a contract".to_owned()),
            Behind::Unknown(account) => {
                (account, false, format!("the chain has seen nobody behind the address; {}", vouch(address)))
            }
        },
    };
    let native = profile.native(&client);
    let (free, held) = client.holdings(&account).await?;
    let spendable = client.spendable(&account).await?;
    let name = book.name(address, deployment.as_ref());
    if options.json {
        return show::json(&json!({
            "name": name,
            "address": address,
            "account": yieldset_chain::B256::from(account),
            "spendable_wei": spendable.to_string(),
            "free_wei": free.to_string(),
            "held_wei": held.to_string(),
            "mapped": mapped,
        }));
    }
    let print = |wei| native.coin.print(wei);
    show::print(&format!(
        "{name}\naddress    {address}\nspendable  {}\nheld       {} (for storage)\n{says}",
        print(spendable),
        print(held),
    ))
}

async fn fund(home: &Home, options: &Options, who: &str, amount: &Amount) -> Result<(), Failure> {
    let (profile, book, client) = options.connected(home).await?;
    known_chain(home, options, &profile, &client).await?;
    let native = profile.native(&client);
    let wei = amount.in_units_of(&native.coin)?;
    native.units(wei)?;
    let entry = book.entry(who)?;
    let to = match entry.account {
        Some(account) => Payee::account(account),
        None => payee(&client, entry.address).await?,
    };
    let least = client.about().await?.existential_deposit;
    let (has, _) = client.holdings(&to.account_id()).await?;
    if has == 0 && wei < least {
        let least = native.coin.print(least);
        return Err(Failure::impossible(format!("an account that is new here needs at least {least} to exist")));
    }
    let sentence = format!("Sends {} to {}.", native.coin.print(wei), book.says(entry.address, None));
    sent(home, options, (&profile, &book, &client), &Action::Transfer { to, value: wei }, &sentence).await
}

/// Where this network has contracts here, the chain must be the one of theirs: on one that was begun anew nothing that
/// is known here, labels and balances, is as it was.
async fn known_chain(home: &Home, options: &Options, profile: &Profile, client: &ChainClient) -> Result<(), Failure> {
    let file = options.deployment_path(home, profile);
    match Deployment::load(&file) {
        Ok(deployment) => place::is_of(&deployment, client, &file).await,
        // None yet: what is sent here pays for it.
        Err(_) => Ok(()),
    }
}

/// Who is behind an address: where nobody is known to be, nothing is sent there.
async fn payee(client: &ChainClient, address: Address) -> Result<Payee, Failure> {
    let behind = client.behind(address).await?;
    behind.payee().ok_or_else(|| {
        Failure::impossible(match behind {
            Behind::Contract(_) => {
                format!("{address} is a contract: it takes money by its messages, such as yieldset pool deposit")
            }
            _ => format!(
                "the chain has seen nobody behind {address}, and what is sent there may be lost; {}",
                vouch(address)
            ),
        })
    })
}

async fn map(home: &Home, options: &Options) -> Result<(), Failure> {
    let (profile, book, client) = options.connected(home).await?;
    let submitter = options.sends(home, &book, &client).await?;
    if client.is_mapped(&submitter.account_id()).await? {
        let who = book.says(submitter.address(), None);
        if options.json {
            return show::json(&json!({ "address": submitter.address(), "mapped": true }));
        }
        return show::print(&format!("nothing is to be done: the chain knows the account behind {who} already"));
    }
    let sentence = format!("Has the chain know the account behind {}.", book.says(submitter.address(), None));
    sent(home, options, (&profile, &book, &client), &Action::MapAccount, &sentence).await
}

/// Shows what is done and what it costs, asks, and sends it.
async fn sent(
    home: &Home,
    options: &Options,
    (profile, book, client): (&Profile, &Book, &ChainClient),
    action: &Action,
    sentence: &str,
) -> Result<(), Failure> {
    let native = profile.native(client);
    let submitter = options.sends(home, book, client).await?;
    let (spendable, who) = (client.spendable(&submitter.account_id()).await?, book.name(submitter.address(), None));
    let affords = |fees: u128| {
        let takes = purse::Takes { sent: action.value(), fees, held: 0 };
        let fact = purse::covers(&native, &who, spendable, &takes);
        if fact.holds { Ok(()) } else { Err(Failure::impossible(fact.says).with(fact.remedy)) }
    };
    // What it lacks for the money itself is said before the node says, in its own words, that it cannot pay a fee.
    affords(0)?;
    let (_, fee) = submitter.estimate(action).await?;
    if !options.json {
        show::print(&format!("{sentence}\nfee {}", native.coin.print(fee)))?;
    }
    affords(fee)?;
    if options.dry_run {
        let transaction = show::action(action);
        let shown = json!({ "sentence": sentence, "fee_wei": fee.to_string(), "transaction": transaction });
        return match options.json {
            true => show::json(&shown),
            false => show::print(&format!("the transaction: {}", show::action_says(action))),
        };
    }
    if !options.confirmed(&format!("Send it as {}?", book.name(submitter.address(), None)))? {
        return Err(Failure::declined());
    }
    let prepared = submitter.prepare(action).await?;
    let receipt = submitter.submit(&prepared).await.map_err(|error| Failure::after_sending(&error))?;
    if options.json {
        return show::json(&json!({ "transaction": receipt.tx_hash, "block": receipt.block_number }));
    }
    show::print(&format!("done in block {}", receipt.block_number))
}
