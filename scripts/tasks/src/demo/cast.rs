//! Who takes part: the creators of tests/corpus, an investor, the platform, and someone without KYC.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use yieldset_chain::deployment::dataset_id;
use yieldset_chain::submit::{Signer, Submitter};
use yieldset_chain::{AccountId, Address, B256, ChainClient};

/// Who deploys, keeps KYC records and mints.
pub const ADMIN: &str = "//Alice";
/// Shares minted to each creator, in whole shares.
pub const CREATOR_SHARES: u128 = 100;
/// Shares minted to the investor.
pub const INVESTOR_SHARES: u128 = 400;

/// `creator.json` of a corpus folder.
#[derive(Debug, Deserialize)]
pub struct CreatorFile {
    /// The author.
    pub name: String,
    /// Folder and account name.
    pub slug: String,
    /// `<creator>/<work>`.
    pub dataset: String,
    /// SPDX id of the text's licence.
    pub licence: String,
}

/// Someone who signs.
pub struct Person {
    /// The account's label.
    pub label: String,
    /// As whom commands are sent: the development account's name.
    pub uri: String,
    /// Where money is sent.
    pub id: AccountId,
    /// Signs and sends.
    pub submitter: Submitter,
}

impl Person {
    /// A development account.
    fn dev(client: &ChainClient, label: &str) -> Result<Self> {
        let uri = format!("//Alice//yieldset//{label}");
        let signer = Signer::dev(&uri)?;
        let id = signer.account_id();
        Ok(Self { label: label.to_owned(), uri, id, submitter: Submitter::new(client.clone(), signer) })
    }

    /// As arguments name it.
    pub fn at(&self) -> String {
        format!("@{}", self.label)
    }

    /// In contracts.
    pub fn address(&self) -> Address {
        self.submitter.address()
    }
}

/// A creator with an account on the devnet.
pub struct Creator {
    /// What the corpus says.
    pub file: CreatorFile,
    /// The folder with the texts.
    pub folder: PathBuf,
    /// The account.
    pub account: Person,
}

impl Creator {
    /// Its dataset, as others name it.
    pub fn dataset_at(&self) -> String {
        format!("{}:{}", self.account.at(), self.file.dataset)
    }

    /// Its dataset's id on chain.
    pub fn dataset(&self) -> B256 {
        let label = B256::from_slice(&Sha256::digest(self.file.dataset.as_bytes()));
        dataset_id(self.account.address(), label)
    }
}

/// Everyone.
pub struct Cast {
    /// Deploys, keeps KYC records, mints.
    pub admin: Submitter,
    /// Pays revenue.
    pub platform: Person,
    /// Holds shares without having contributed data.
    pub investor: Person,
    /// Has no KYC record and no account yet.
    pub stranger: Address,
    /// Sorted by slug.
    pub creators: Vec<Creator>,
}

impl Cast {
    /// Reads the corpus and derives an account for each.
    pub fn assemble(client: &ChainClient, corpus: &Path) -> Result<Self> {
        let mut creators = Vec::new();
        for entry in std::fs::read_dir(corpus).with_context(|| format!("reading {}", corpus.display()))? {
            let folder = entry?.path();
            let description = folder.join("creator.json");
            if !description.is_file() {
                continue;
            }
            let file: CreatorFile = serde_json::from_str(&std::fs::read_to_string(&description)?)
                .with_context(|| format!("reading {}", description.display()))?;
            let account = Person::dev(client, &file.slug)?;
            creators.push(Creator { file, folder, account });
        }
        ensure!(!creators.is_empty(), "{} has no folder with a creator.json", corpus.display());
        creators.sort_by(|a, b| a.file.slug.cmp(&b.file.slug));
        Ok(Self {
            admin: Submitter::new(client.clone(), Signer::dev(ADMIN)?),
            platform: Person::dev(client, "lumen")?,
            investor: Person::dev(client, "investor")?,
            stranger: Signer::dev("//Alice//yieldset//stranger")?.address(),
            creators,
        })
    }

    /// Creators and investor with the whole shares each is given.
    pub fn holders(&self) -> impl Iterator<Item = (&str, &Person, u128)> {
        let creators = self.creators.iter().map(|c| (c.file.name.as_str(), &c.account, CREATOR_SHARES));
        creators.chain([("Investor", &self.investor, INVESTOR_SHARES)])
    }
}
