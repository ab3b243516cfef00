//! Accounts: keys in encrypted keystores, labels for others, money for fees.

use std::path::{Path, PathBuf};

use clap::{Subcommand, ValueEnum};
use serde_json::json;
use yieldset_chain::{
    Address, B256, Behind, ChainClient, Deployment, Home, Payee, Profile,
    acts::{arguments::Amount, labels, purse, vouch},
    behind::of_ethereum,
    book::{Book, Entry},
    keys::{self, Place, WhoError},
    submit::{
        Action, Cost, Password, Receipt, Scheme, Signer, fresh_secret, new_keystore, open, read_private, secret_in,
    },
};

use crate::{
    failure::{Code, Failure},
    labelled::changed,
    options::Options,
    place, show,
};

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
        #[arg(id = "its-label", value_name = "LABEL")]
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
    /// Looks for a transaction in final blocks: whether it landed, and whether it had its effect.
    Transaction {
        /// Its hash, as it was printed before it was sent.
        hash: String,
        /// In so many of the newest blocks.
        #[arg(long, default_value_t = 1_000, value_name = "N")]
        blocks: u64,
    },
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
            is_no_secret(name)?;
            let (scheme, password) = ((*kind).into(), options.new_password()?);
            let secret = fresh_secret()?;
            let signer = Signer::from_secret(scheme, &secret).map_err(Failure::usage)?;
            let keystore = new_keystore(scheme, &secret, &password, Cost::Production)?;
            added(&home, options, name, &signer, &keystore)
        }
        Account::Import { name, file, kind } => {
            is_no_secret(name)?;
            is_no_secret(&file.to_string_lossy())?;
            let (signer, keystore) = imported(file, (*kind).into(), options)?;
            added(&home, options, name, &signer, &keystore)
        }
        Account::Show { who: None } => list(&home, options),
        Account::Show { who: Some(who) } => show_one(&home, options, who).await,
        Account::Fund { who, amount } => fund(&home, options, who, amount).await,
        Account::Map => map(&home, options).await,
        Account::Transaction { hash, blocks } => transaction(&home, options, hash, *blocks).await,
        Account::Trust { who } => {
            let (profile, book, client) = options.connected(&home).await?;
            let deployer = book.resolve(who, None)?;
            changed(&home, |book| {
                book.trust(client.genesis_hash(), deployer);
                Ok(())
            })?;
            if options.json {
                return show::json(&json!({ "network": profile.name, "deployer": deployer }));
            }
            show::print(&format!("contracts on {} are believed that {who} ({deployer}) signed", profile.name))
        }
        Account::Label { label, who, ethereum, replace } => {
            let (address, before) = changed(&home, |book| {
                is_an_account(book, who)?;
                let entry = book.entry(who)?;
                let address = entry.address;
                if !replace {
                    labels::free_for_account(book, label, Some(address))?;
                }
                Ok((address, book.label(label, if *ethereum { vouched(entry)? } else { entry })?))
            })?;
            let (label, before) = (label.trim_start_matches('@'), before.map(|entry| entry.address));
            if options.json {
                return show::json(&json!({ "label": label, "address": address, "before": before }));
            }
            let was = before.map(|address| format!(", and was {address} before")).unwrap_or_default();
            show::print(&format!("@{label} is {who} now{was}"))
        }
    }
}

/// A name or a file is meant here, and a key may be typed: it is refused, and not repeated.
fn is_no_secret(typed: &str) -> Result<(), Failure> {
    match Place::find(typed, &Home::at(""), &Book::default()) {
        Err(WhoError::Secret) => Err(Failure::usage(
            "a key is never written on the command line: others see it in the process list, and the shell keeps it; \
             write it into a file that you alone may read: yieldset account import NAME FILE (of a file that is called \
             so ./FILE)",
        )),
        _ => Ok(()),
    }
}

/// Whether what is given for an account is none, as far as the address book knows. An id has as many digits as a public
/// key, and would be taken for one.
fn is_an_account(book: &Book, who: &str) -> Result<(), Failure> {
    let id = book.licence(who).ok().flatten().filter(|_| !who.trim().starts_with('@'));
    match id.and_then(|id| book.id_name(id)) {
        Some(name) => Err(Failure::usage(format!(
            "an account is wanted here, and this is the id of {name}, a dataset or a licence; yieldset account show \
             lists the labels of accounts"
        ))),
        None => Ok(()),
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
    let labelled = changed(home, |book| {
        // Another process may have taken the label meanwhile.
        labels::free_for_account(book, name, Some(signer.address()))?;
        Ok(book.label(name, entry)?)
    });
    if let Err(failure) = labelled {
        let text = format!("its keystore is {}, and it has no label: {}", file.display(), failure.text);
        return Err(Failure { text, ..failure });
    }
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
            "account": B256::from(account),
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
    is_an_account(&book, who)?;
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
    let sentence = format!("Sends {} to {}.", native.coin.print(wei), book.says(to.address(), None));
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
    show::note(&format!("sending 1 of 1: {}", prepared.tx_hash));
    let receipt = submitter.submit(&prepared).await;
    let receipt = receipt.map_err(|error| Failure::after_sending(&error).look_for(prepared.tx_hash))?;
    let told = match options.json {
        true => show::json(&json!({ "transaction": receipt.tx_hash, "block": receipt.block_number })),
        false => show::print(&format!("done in block {}", receipt.block_number)),
    };
    told.map_err(Failure::after_all)
}

/// What became of a transaction, as the newest final blocks tell.
async fn transaction(home: &Home, options: &Options, hash: &str, blocks: u64) -> Result<(), Failure> {
    // What does not fit is not repeated: it may be a key that was lost in the clipboard.
    let hash = hash.trim().parse::<B256>();
    let hash = hash.map_err(|_| Failure::usage("the hash of a transaction is wanted: 0x and 64 hex digits"))?;
    let (_, _, client) = options.connected(home).await?;
    let last = client.finalised_block().await?.number;
    let first = last.saturating_sub(blocks.saturating_sub(1)).max(1);
    let found = client.find_transaction(hash, first).await?;
    if options.json {
        let landed = found.as_ref().map(|receipt| {
            json!({ "block": receipt.block_number, "block_hash": receipt.block_hash, "failure": receipt.failure })
        });
        show::json(&json!({ "transaction": hash, "landed": landed, "first": first, "last": last }))?;
        return if found.is_some() { Ok(()) } else { Err(Failure::of(Code::Unknown, "").told(true)) };
    }
    show::print(&match found {
        Some(Receipt { block_number, failure: None, .. }) => {
            format!("it was done in block {block_number}, which is final")
        }
        Some(Receipt { block_number, failure: Some(why), .. }) => {
            format!("it is in block {block_number}, which is final, without effect: {why}; its fee is spent")
        }
        None => {
            let further = if first > 1 { "; --blocks N looks further back" } else { ", which are all" };
            return Err(Failure::of(
                Code::Unknown,
                format!("it is in none of the final blocks {first} to {last}{further}: it may still come, and be done beside another one that is sent in its place"),
            )
            .with("ask again in a while"));
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A key that is typed where a name or a file is meant is refused, and not repeated.
    #[test]
    fn a_key_that_is_typed_is_not_repeated() {
        let secret = "e5be9a5092b81bca64be81d212e7f2f9eba183bb7a90954f7b76361f6edb5c0a";
        for typed in [secret.to_owned(), format!("0x{secret}"), format!("ethereum:{secret}")] {
            let failure = is_no_secret(&typed).expect_err("a key");
            assert!(!format!("{failure:?}").contains("e5be9a"), "{failure:?}");
        }
        for fine in ["boss", "keys/boss.json", &format!("./{secret}")] {
            assert!(is_no_secret(fine).is_ok(), "{fine}");
        }
    }

    /// No money goes to the id of a dataset or a licence, which has as many digits as a public key.
    #[test]
    fn an_id_is_no_account() {
        let (mut book, id) = (Book::default(), B256::repeat_byte(7));
        assert!(is_an_account(&book, &id.to_string()).is_ok());
        book.datasets.insert("ada/letters".into(), id);
        let failure = is_an_account(&book, &format!(" {id}")).expect_err("a dataset's");
        assert!(failure.text.contains("ada/letters"), "{failure:?}");
        book.label_licence("spring", B256::repeat_byte(8)).expect("a label");
        assert!(is_an_account(&book, &B256::repeat_byte(8).to_string()).is_err());
        for who in ["@spring", "0x9621dde636de098b43efb0fa9b61facfe328f99d"] {
            assert!(is_an_account(&book, who).is_ok(), "{who}");
        }
    }
}
