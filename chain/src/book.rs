//! Names for addresses: labels in a file of the user's own, contracts by what they are, accounts in any spelling.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
    str::FromStr,
};

use alloy_primitives::{Address, B256, U256};
use serde::{Deserialize, Serialize};
use subxt::utils::AccountId32;
use yieldset_service::files::{self, Access, FileError};

use crate::{
    client::{AccountId, address_of},
    deployment::Deployment,
    home::{Home, is_plain_name},
    near::nearest,
};

/// The address book: who is called what, and which dataset.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Book {
    /// Accounts and contracts by their labels, which are written with `@`.
    #[serde(default)]
    pub labels: BTreeMap<String, Entry>,
    /// Datasets by their slugs, such as `lincoln/speeches`.
    #[serde(default)]
    pub datasets: BTreeMap<String, B256>,
    /// Licences, menus and with them streams of money by their labels, which are written with `@`.
    #[serde(default)]
    pub licences: BTreeMap<String, B256>,
    /// Proposals to co-ops by their labels, which are written with `@`.
    #[serde(default)]
    pub proposals: BTreeMap<String, U256>,
    /// Whose word is taken on which contracts there are, by the chain's genesis: who signed the first deployment.json
    /// that something was sent by, and who was added.
    #[serde(default)]
    pub deployers: BTreeMap<B256, BTreeSet<Address>>,
}

/// Who is behind a label.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The address in contracts.
    pub address: Address,
    /// The native account, where it is known: an address that is a hash does not tell it, and money is sent to it.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "ss58")]
    pub account: Option<AccountId>,
}

impl Entry {
    /// Whether address and account are of one.
    fn is_one(&self) -> bool {
        self.account.is_none_or(|account| address_of(&account) == self.address)
    }
}

/// How far a deployment's signature is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trust {
    /// By a deployer whose word is taken.
    Known,
    /// By the first one on this chain.
    First(Address),
    /// There is none, and nobody's word is taken yet.
    Unsigned,
}

/// A name that stands for nothing.
#[derive(Debug, thiserror::Error)]
pub enum BookError {
    /// No such label.
    #[error("nobody is called @{label}; `yieldset account label @{label} ADDRESS` adds it{}", near(near_by))]
    NoLabel {
        /// The label.
        label: String,
        /// One that is written almost so.
        near_by: Option<String>,
    },
    /// Neither an address nor a name.
    #[error(
        "{text:?} is no address: write @LABEL from the address book, 0x and 40 hex digits, an SS58 account, or a contract's name ({})",
        CONTRACTS
    )]
    NoAddress {
        /// What was written.
        text: String,
    },
    /// The capitals of an address are its checksum (EIP-55), and do not fit.
    #[error(
        "the address {text} is mistyped: its capitals do not fit (EIP-55); copy it again, or write it in lower case if you are sure"
    )]
    Checksum {
        /// What was written.
        text: String,
    },
    /// A contract's name, and no deployment to look it up in.
    #[error(
        "{name:?} is a contract, and where it is is not known yet: deploy first (`yieldset deploy`), or name a deployment.json with --deployment"
    )]
    NoDeployment {
        /// The contract's name.
        name: String,
    },
    /// No such dataset.
    #[error(
        "the address book has no dataset {slug:?}; register it (`yieldset dataset register`), or write its id: 0x and 64 hex digits"
    )]
    NoDataset {
        /// What was written.
        slug: String,
    },
    /// No such licence or proposal.
    #[error(
        "the address book has no @{label} of that kind; `{command} {label}` gives what it makes that label, or write its id"
    )]
    NoLicence {
        /// The label.
        label: String,
        /// What makes one.
        command: &'static str,
    },
    /// Neither a label nor a number.
    #[error("{text:?} is no proposal: write @LABEL, or the id that was printed when it was proposed")]
    NoProposal {
        /// What was written.
        text: String,
    },
    /// A deployment by somebody whose word is not taken.
    #[error(
        "deployment.json is signed by {signer}, and on this chain contracts are believed that {trusted} signed: get the file from them, or, where you know from elsewhere that the other one is right, `yieldset account trust ADDRESS`"
    )]
    OtherDeployer {
        /// Who signed it.
        signer: String,
        /// Whose word is taken.
        trusted: String,
    },
    /// A label that could not be typed again.
    #[error("{label:?} is no label: take lower case letters, digits, - and _, at most 64")]
    Label {
        /// What was written.
        label: String,
    },
    /// The file cannot be read or written.
    #[error("the address book: {0}")]
    File(#[from] FileError),
}

/// Names of contracts, for people.
const CONTRACTS: &str = "kyc, pool, manifests, attribution, licence, market, factory, coop";

impl Book {
    /// A home's address book; an empty one where there is none yet.
    ///
    /// # Errors
    /// [`BookError::File`].
    pub fn load(home: &Home) -> Result<Self, BookError> {
        let file = home.book();
        if !file.exists() {
            return Ok(Self::default());
        }
        let book: Self = files::read_json(&file)?;
        // Money goes to the account, and the address is what is shown.
        let other = book.labels.iter().find(|(_, entry)| !entry.is_one());
        match other {
            None => Ok(book),
            Some((label, _)) => Err(BookError::File(FileError::content(
                &file,
                format!("the account of @{label} is not the one of its address; give the label again"),
            ))),
        }
    }

    /// Writes it, whole or not at all.
    ///
    /// # Errors
    /// [`BookError::File`].
    pub fn save(&self, home: &Home) -> Result<(), BookError> {
        let file: PathBuf = home.book();
        let text = serde_json::to_string_pretty(self).map_err(|error| FileError::content(&file, error.to_string()))?;
        Ok(files::write(&file, (text + "\n").as_bytes(), Access::Published)?)
    }

    /// Gives an account or contract a label; answers what had it before.
    ///
    /// # Errors
    /// [`BookError::Label`].
    pub fn label(&mut self, label: &str, entry: Entry) -> Result<Option<Entry>, BookError> {
        Ok(self.labels.insert(plain(label)?, entry))
    }

    /// Gives a licence or a menu a label.
    ///
    /// # Errors
    /// [`BookError::Label`].
    pub fn label_licence(&mut self, label: &str, licence: B256) -> Result<(), BookError> {
        self.licences.insert(plain(label)?, licence);
        Ok(())
    }

    /// Gives a proposal a label.
    ///
    /// # Errors
    /// [`BookError::Label`].
    pub fn label_proposal(&mut self, label: &str, proposal: U256) -> Result<(), BookError> {
        self.proposals.insert(plain(label)?, proposal);
        Ok(())
    }

    /// The licence, menu or stream that is called `@LABEL`, or has this id; nothing where neither is written.
    ///
    /// # Errors
    /// [`BookError::NoLicence`].
    pub fn licence(&self, text: &str) -> Result<Option<B256>, BookError> {
        match text.trim().strip_prefix('@') {
            Some(label) => self.licences.get(label).copied().map(Some).ok_or_else(|| BookError::NoLicence {
                label: label.to_owned(),
                command: "yieldset licence offer MENU --datasets SLUG --label",
            }),
            None => Ok(hex_id(text)),
        }
    }

    /// The proposal that is called `@LABEL`, or has this id.
    ///
    /// # Errors
    /// [`BookError::NoLicence`], [`BookError::NoProposal`].
    pub fn proposal(&self, text: &str) -> Result<U256, BookError> {
        match text.trim().strip_prefix('@') {
            Some(label) => self.proposals.get(label).copied().ok_or_else(|| BookError::NoLicence {
                label: label.to_owned(),
                command: "yieldset … --by-vote WHY --label",
            }),
            None => text.trim().parse().map_err(|_| BookError::NoProposal { text: text.to_owned() }),
        }
    }

    /// From now on this deployer's word is taken on contracts of the chain.
    pub fn trust(&mut self, genesis: B256, deployer: Address) {
        self.deployers.entry(genesis).or_default().insert(deployer);
    }

    /// Whether contracts may be believed in that a deployment names: of deployers whose word is taken on this chain,
    /// one has signed it.
    ///
    /// # Errors
    /// [`BookError::OtherDeployer`].
    pub fn trusts(&self, genesis: B256, signer: Option<Address>) -> Result<Trust, BookError> {
        match (self.deployers.get(&genesis), signer) {
            (Some(trusted), Some(signer)) if trusted.contains(&signer) => Ok(Trust::Known),
            (Some(trusted), signer) if !trusted.is_empty() => Err(BookError::OtherDeployer {
                signer: signer.map_or("nobody".into(), |signer| self.name(signer, None)),
                trusted: trusted.iter().map(|one| self.name(*one, None)).collect::<Vec<_>>().join(", "),
            }),
            (_, Some(signer)) => Ok(Trust::First(signer)),
            (_, None) => Ok(Trust::Unsigned),
        }
    }

    /// Who is meant: `@lincoln`, an address, an SS58 account, or a contract of the deployment by its name.
    ///
    /// # Errors
    /// [`BookError`], which says what to type.
    pub fn resolve(&self, text: &str, deployment: Option<&Deployment>) -> Result<Address, BookError> {
        let text = text.trim();
        if let Some(address) = contract(text, deployment)? {
            return Ok(address);
        }
        Ok(self.entry(text)?.address)
    }

    /// As [`resolve`](Self::resolve), with the native account where it is known; contracts have none.
    ///
    /// # Errors
    /// [`BookError`], which says what to type.
    pub fn entry(&self, text: &str) -> Result<Entry, BookError> {
        let text = text.trim();
        if let Some(label) = text.strip_prefix('@') {
            return self.labels.get(label).cloned().ok_or_else(|| BookError::NoLabel {
                label: label.to_owned(),
                near_by: nearest(label, self.labels.keys().map(String::as_str), 1).map(str::to_owned),
            });
        }
        if let Some(hex) = text.strip_prefix("0x") {
            return address(text, hex);
        }
        let account = AccountId32::from_str(text).map_err(|_| BookError::NoAddress { text: text.to_owned() })?.0;
        Ok(Entry { address: address_of(&account), account: Some(account) })
    }

    /// The native account of an address, where a label says it.
    pub fn account(&self, address: Address) -> Option<AccountId> {
        self.labels.values().find(|entry| entry.address == address && entry.account.is_some())?.account
    }

    /// Which dataset is meant: a slug that the book knows, or an id.
    ///
    /// # Errors
    /// [`BookError::NoDataset`].
    pub fn dataset(&self, text: &str) -> Result<B256, BookError> {
        let text = text.trim();
        hex_id(text)
            .or_else(|| self.datasets.get(text).copied())
            .ok_or_else(|| BookError::NoDataset { slug: text.to_owned() })
    }

    /// What is written for an address: its label, a contract's name, or itself.
    pub fn name(&self, address: Address, deployment: Option<&Deployment>) -> String {
        let label =
            self.labels.iter().find(|(_, entry)| entry.address == address).map(|(label, _)| format!("@{label}"));
        let contract = || {
            let named = deployment?.named().into_iter().find(|(_, of)| *of == address)?;
            Some(named.0.to_owned())
        };
        label.or_else(contract).unwrap_or_else(|| address.to_string())
    }

    /// An address as people read it, with its label where it has one.
    pub fn says(&self, address: Address, deployment: Option<&Deployment>) -> String {
        let (name, plain) = (self.name(address, deployment), address.to_string());
        if name == plain { plain } else { format!("{name} ({plain})") }
    }

    /// What is written for a licence, a menu or a dataset by its id, where the book knows it.
    pub fn id_name(&self, id: B256) -> Option<String> {
        let licence = self.licences.iter().find(|(_, known)| **known == id).map(|(label, _)| format!("@{label}"));
        let dataset = || self.datasets.iter().find(|(_, known)| **known == id).map(|(slug, _)| slug.clone());
        licence.or_else(dataset)
    }

    /// A text in which each address and each id that is known stands by its name: the one place where sentences, facts
    /// and refusals get theirs, whoever wrote them. What stands in brackets explains the name before it, and stays.
    pub fn in_text(&self, text: &str, deployment: Option<&Deployment>) -> String {
        let (mut named, mut rest) = (String::with_capacity(text.len()), text);
        while let Some(at) = rest.find("0x") {
            let (before, hex) = rest.split_at(at);
            let digits = hex[2..].bytes().take_while(u8::is_ascii_hexdigit).count();
            let (word, after) = hex.split_at(2 + digits);
            named.push_str(before);
            let inside = named.ends_with(|c: char| c == '(' || c.is_alphanumeric());
            let goes_on = after.starts_with(|c: char| c.is_alphanumeric());
            let name = match digits {
                _ if inside || goes_on => None,
                40 => word.parse().ok().map(|address| self.name(address, deployment)),
                64 => word.parse().ok().and_then(|id| self.id_name(id)),
                _ => None,
            };
            named.push_str(name.as_deref().unwrap_or(word));
            rest = after;
        }
        named + rest
    }
}

/// A label without its `@`.
fn plain(label: &str) -> Result<String, BookError> {
    let label = label.strip_prefix('@').unwrap_or(label);
    match is_plain_name(label) {
        true => Ok(label.to_owned()),
        false => Err(BookError::Label { label: label.to_owned() }),
    }
}

/// An id of 64 hex digits.
fn hex_id(text: &str) -> Option<B256> {
    text.trim().strip_prefix("0x").filter(|hex| hex.len() == 64).and_then(|hex| hex.parse().ok())
}

/// A contract of the deployment, if the text is the name of one.
fn contract(text: &str, deployment: Option<&Deployment>) -> Result<Option<Address>, BookError> {
    if !CONTRACTS.split(", ").any(|name| name == text) {
        return Ok(None);
    }
    let deployment = deployment.ok_or_else(|| BookError::NoDeployment { name: text.to_owned() })?;
    Ok(deployment.named().into_iter().find(|(name, _)| *name == text).map(|(_, address)| address))
}

fn address(text: &str, hex: &str) -> Result<Entry, BookError> {
    let wrong = || BookError::NoAddress { text: text.to_owned() };
    // A public key in full, as polkadot-js shows it.
    if hex.len() == 64 {
        let account: AccountId = hex.parse::<B256>().map_err(|_| wrong())?.0;
        return Ok(Entry { address: address_of(&account), account: Some(account) });
    }
    let address: Address = if hex.len() == 40 { hex.parse().map_err(|_| wrong())? } else { return Err(wrong()) };
    let mixed = hex.bytes().any(|byte| byte.is_ascii_uppercase()) && hex.bytes().any(|byte| byte.is_ascii_lowercase());
    match mixed && address.to_checksum(None) != text {
        true => Err(BookError::Checksum { text: text.to_owned() }),
        false => Ok(Entry { address, account: None }),
    }
}

fn near(near_by: &Option<String>) -> String {
    near_by.as_ref().map(|label| format!("; is @{label} meant?")).unwrap_or_default()
}

/// A native account in SS58 with the prefix of no network in particular (42).
mod ss58 {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};
    use subxt::utils::AccountId32;

    use crate::client::AccountId;

    pub fn serialize<S: Serializer>(account: &Option<AccountId>, serializer: S) -> Result<S::Ok, S::Error> {
        match account {
            Some(account) => serializer.collect_str(&AccountId32(*account)),
            None => serializer.serialize_none(),
        }
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<AccountId>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        text.map(|text| text.parse().map(|account: AccountId32| account.0).map_err(D::Error::custom)).transpose()
    }
}

#[cfg(test)]
mod tests {
    use alloy_primitives::address;

    use super::*;

    /// //Alice's.
    const ALICE: &str = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY";

    fn deployment() -> Deployment {
        Deployment {
            chain_id: 1,
            genesis: B256::ZERO,
            start_block: 1,
            kyc: Address::repeat_byte(1),
            pool: Address::repeat_byte(2),
            manifests: Address::repeat_byte(3),
            attribution: Address::repeat_byte(4),
            licence: Address::repeat_byte(5),
            market: Address::repeat_byte(6),
            factory: Address::repeat_byte(7),
            coop: Address::repeat_byte(8),
        }
    }

    #[test]
    fn whoever_is_meant_is_found_in_any_spelling() {
        let mut book = Book::default();
        let alice = address!("9621dde636de098b43efb0fa9b61facfe328f99d");
        book.label("@alice", Entry { address: alice, account: None }).expect("a label");
        let deployment = deployment();
        for text in ["@alice", ALICE, "0x9621dde636de098b43efb0fa9b61facfe328f99d", &alice.to_string()] {
            assert_eq!(book.resolve(text, None).expect(text), alice, "{text}");
        }
        assert_eq!(book.resolve("pool", Some(&deployment)).expect("a contract"), deployment.pool);
        assert_eq!(book.name(alice, None), "@alice");
        assert_eq!(book.name(deployment.coop, Some(&deployment)), "coop");
        for name in CONTRACTS.split(", ") {
            assert!(book.resolve(name, Some(&deployment)).is_ok(), "{name}");
        }
    }

    /// Whoever wrote an address into a sentence, it is read by its name; what explains a name stays, and so does what
    /// is no address.
    #[test]
    fn addresses_in_a_text_are_read_by_their_names() {
        let (mut book, deployment) = (Book::default(), deployment());
        let ada = Address::repeat_byte(0xad);
        book.label("ada", Entry { address: ada, account: None }).expect("a label");
        book.label_licence("spring", B256::repeat_byte(7)).expect("a label");
        book.datasets.insert("ada/letters".into(), B256::repeat_byte(6));
        let named = |text: String| book.in_text(&text, Some(&deployment));
        assert_eq!(named(format!("{ada} has none of {}.", deployment.pool)), "@ada has none of pool.");
        assert_eq!(named(format!("--from {ada:#x}")), "--from @ada");
        let both = format!("{} on {}", B256::repeat_byte(7), B256::repeat_byte(6));
        assert_eq!(named(both), "@spring on ada/letters");
        for stays in [
            format!("@ada ({ada})"),
            format!("{}00", ada),
            B256::repeat_byte(9).to_string(),
            Address::repeat_byte(9).to_string(),
            "0x and 64 hex digits".to_owned(),
        ] {
            assert_eq!(named(stays.clone()), stays);
        }
    }

    #[test]
    fn what_stands_for_nobody_says_what_to_type() {
        let mut book = Book::default();
        book.label("lincoln", Entry { address: Address::ZERO, account: None }).expect("a label");
        let wrong = |text: &str| book.resolve(text, None).expect_err(text).to_string();
        assert!(wrong("@lincon").contains("@lincoln meant") && wrong("@lincon").contains("account label"));
        assert!(wrong("lincoln").contains("@LABEL"));
        assert!(wrong("pool").contains("deploy first"));
        // One letter of //Alice's address in the wrong case.
        assert!(wrong("0x9621dde636de098B43efb0fA9b61fAcfE328f99D").contains("EIP-55"));
        assert!(wrong("0x9621").contains("40 hex digits"));
        // One letter of her account changed: SS58 has a checksum, too.
        assert!(wrong(&ALICE.replace("Grw", "Grx")).contains("no address"));
        assert!(book.dataset("lincoln/speeches").expect_err("none").to_string().contains("dataset register"));
        assert!(matches!(
            book.label("A b", Entry { address: Address::ZERO, account: None }),
            Err(BookError::Label { .. })
        ));
    }

    /// A label stands for a licence in the place of 64 digits; one that there is not says what gives it.
    #[test]
    fn licences_and_proposals_have_labels() {
        let mut book = Book::default();
        book.label_licence("@spring", B256::repeat_byte(7)).expect("a label");
        book.label_proposal("spring", U256::from(12)).expect("a label");
        assert_eq!(book.licence("@spring").expect("known"), Some(B256::repeat_byte(7)));
        assert_eq!(book.licence(&B256::repeat_byte(8).to_string()).expect("an id"), Some(B256::repeat_byte(8)));
        assert_eq!(book.licence("lumen-1").expect("a slug"), None);
        assert_eq!(book.proposal("@spring").expect("known"), U256::from(12));
        assert_eq!(book.proposal("77").expect("an id"), U256::from(77));
        assert!(book.licence("@autumn").expect_err("none").to_string().contains("--label autumn"));
        assert!(book.proposal("spring").expect_err("no id").to_string().contains("@LABEL"));
        assert!(matches!(book.label_licence("a b", B256::ZERO), Err(BookError::Label { .. })));
    }

    /// Proves NET-2: which contracts there are is believed of the first who says it on a chain, and of who was added;
    /// whoever else sends a file is refused, and so is one that nobody signed.
    #[test]
    fn contracts_are_believed_of_known_deployers() {
        let (genesis, other) = (B256::repeat_byte(1), B256::repeat_byte(2));
        let [first, second] = [3, 4].map(Address::repeat_byte);
        let mut book = Book::default();
        assert_eq!(book.trusts(genesis, None).expect("nobody yet"), Trust::Unsigned);
        assert_eq!(book.trusts(genesis, Some(first)).expect("the first"), Trust::First(first));
        book.trust(genesis, first);
        assert_eq!(book.trusts(genesis, Some(first)).expect("known"), Trust::Known);
        for stranger in [None, Some(second)] {
            let error = book.trusts(genesis, stranger).expect_err("a stranger").to_string();
            assert!(error.contains(&first.to_string()) && error.contains("account trust"), "{error}");
        }
        // Of this chain alone.
        assert_eq!(book.trusts(other, Some(second)).expect("another chain"), Trust::First(second));
        book.trust(genesis, second);
        assert_eq!(book.trusts(genesis, Some(second)).expect("added"), Trust::Known);
    }

    #[test]
    fn the_book_survives_its_file() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let home = Home::at(folder.path().join("new"));
        let mut book = Book::load(&home).expect("none yet");
        assert_eq!(book, Book::default());
        let entry = book.entry(ALICE).expect("an account");
        book.label("alice", entry.clone()).expect("a label");
        book.datasets.insert("lincoln/speeches".into(), B256::repeat_byte(7));
        book.save(&home).expect("saved");
        let again = Book::load(&home).expect("loaded");
        assert_eq!(again, book);
        assert_eq!(again.entry("@alice").expect("known"), entry);
        assert_eq!(again.dataset("lincoln/speeches").expect("known"), B256::repeat_byte(7));
        std::fs::write(home.book(), "{").expect("written");
        assert!(Book::load(&home).expect_err("damaged").to_string().contains("book.json"));
    }
}
