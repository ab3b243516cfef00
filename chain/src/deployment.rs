//! Where the contracts are: `deployment.json`, written once by [`deploy`](crate::deploy) and read by every tool.

mod signed;

use std::path::Path;

use alloy_primitives::{Address, B256, U256, keccak256};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use yieldset_service::files::{self, FileError};

pub use self::signed::Signed;
use crate::{abi::Pool, client::ChainClient, error::ChainError, submit::Signer};

/// The version of the file's form. Another one is another form, which this program does not read.
pub const VERSION: u32 = 1;

/// The contracts of one pool and the chain they are on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deployment {
    /// EIP-155 chain id.
    pub chain_id: u64,
    /// Hash of the chain's block 0.
    pub genesis: B256,
    /// The block of the first contract: nothing of ours is in an earlier one.
    pub start_block: u64,
    /// The `kyc` contract.
    pub kyc: Address,
    /// The `pool` contract.
    pub pool: Address,
    /// The `manifests` contract.
    pub manifests: Address,
    /// The `attribution` contract.
    pub attribution: Address,
    /// The `licence` contract.
    pub licence: Address,
    /// The `market` contract.
    pub market: Address,
    /// The `factory` contract, which made the pool and lists it with its parts.
    pub factory: Address,
    /// The pool's `coop` contract.
    pub coop: Address,
}

/// What a new deployment is made of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The share token's name.
    pub name: String,
    /// The share token's symbol.
    pub symbol: String,
    /// The ERC-20 that the pool is paid in; zero for the chain's own money.
    pub currency: Address,
    /// The contributors' part of each deposit, in basis points (10,000 = all).
    pub contributors_bps: u16,
    /// The committee's ed25519 public keys.
    pub committee: Vec<B256>,
    /// How many of them must sign a report.
    pub threshold: u8,
    /// How long a report can be disputed, and what that takes.
    pub challenge: Challenge,
    /// How the co-op votes.
    pub voting: Voting,
}

/// Times of the attribution registry, in seconds, and the bond of a dispute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Challenge {
    /// From a report's acceptance until it is final.
    pub window: u64,
    /// From a dispute until the window runs on, if the arbiter does not rule.
    pub ruling: u64,
    /// From a committee's proposal until it can take office.
    pub committee_delay: u64,
    /// Least bond, in units of 10^-18 of a pool's currency.
    pub bond: u128,
    /// The bond's part of the money and dues that a disputed report decides on, in basis points.
    pub bond_bps: u16,
}

impl Challenge {
    /// For production: a week to look, two weeks to rule, two days' notice of a committee.
    pub const DAYS: Self = Self {
        window: 7 * 86_400,
        ruling: 14 * 86_400,
        committee_delay: 2 * 86_400,
        bond: Self::BOND,
        bond_bps: Self::BPS,
    };
    /// For demonstrations and tests on a development chain, whose clock moves at least a second with each block.
    pub const SECONDS: Self = Self { window: 1, ruling: 60, committee_delay: 0, bond: Self::BOND, bond_bps: Self::BPS };
    /// One coin.
    const BOND: u128 = 1_000_000_000_000_000_000;
    /// One in twenty.
    const BPS: u16 = 500;
}

/// Settings of a co-op, which nothing changes later. Times are in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Voting {
    /// From a proposal until votes count.
    pub delay: u32,
    /// How long holders can vote.
    pub period: u32,
    /// Shares that must have voted yes or abstained, in basis points of all.
    pub quorum_bps: u16,
    /// Shares that a proposer must have, in 10^-18.
    pub threshold: U256,
    /// From the end of a vote until its execution, for who wants to leave.
    pub timelock: u32,
    /// How long it can be executed after that.
    pub grace: u32,
}

impl Voting {
    /// For production: a day to look, five days to vote, two days to leave, two weeks
    /// to execute; a fifth of all shares, proposed by a holder of one.
    pub const DAYS: Self = Self { delay: DAY, period: 5 * DAY, timelock: 2 * DAY, grace: 14 * DAY, ..Self::SECONDS };
    /// For demonstrations and tests on a development chain, whose clock is moved on when all have voted.
    pub const SECONDS: Self = Self {
        delay: 1,
        period: 900,
        quorum_bps: 2_000,
        threshold: U256::from_limbs([1_000_000_000_000_000_000, 0, 0, 0]),
        timelock: 1,
        grace: 3_600,
    };
}

const DAY: u32 = 86_400;

impl Deployment {
    /// Reads `deployment.json`. What is signed in it is checked, unsigned ones are taken as they are.
    ///
    /// # Errors
    /// [`ChainError::File`].
    pub fn load(file: &Path) -> Result<Self, ChainError> {
        Ok(Self::load_signed(file)?.0)
    }

    /// As [`load`](Self::load), with the address of who signed it.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    pub fn load_signed(file: &Path) -> Result<(Self, Option<Address>), ChainError> {
        let wrong = |reason: String| ChainError::File { path: file.to_owned(), reason };
        let text =
            std::fs::read_to_string(file).map_err(|error| wrong(format!("{error}; deploy the contracts first")))?;
        let no_deployment = |error: serde_json::Error| wrong(format!("not a deployment: {error}"));
        let mut content: Map<String, Value> = serde_json::from_str(&text).map_err(no_deployment)?;
        match content.remove("version") {
            Some(version) if version == VERSION => {}
            Some(version) => {
                return Err(wrong(format!(
                    "of version {version}, and this program reads version {VERSION}: use the other's"
                )));
            }
            None => {
                return Err(wrong("not a deployment of this version: it does not say its version; `yieldset deploy` as it was run writes it again".into()));
            }
        }
        let signed: Option<Signed> =
            content.remove("signed").map(serde_json::from_value).transpose().map_err(no_deployment)?;
        let deployment: Self = serde_json::from_value(Value::Object(content)).map_err(no_deployment)?;
        let signer = match signed.map(|signed| signed.signer_of(&deployment)) {
            Some(None) => {
                return Err(wrong("its signature does not fit its content: somebody changed it by hand; ask who deployed for the file, or run `yieldset deploy` as it was run, whose journal writes it again".into()));
            }
            Some(signer) => signer,
            None => None,
        };
        Ok((deployment, signer))
    }

    /// Writes `deployment.json`, whole or not at all, for everyone to read; signed by nobody.
    ///
    /// # Errors
    /// [`ChainError::File`].
    pub fn save(&self, file: &Path) -> Result<(), ChainError> {
        self.write(file, None)
    }

    /// As [`save`](Self::save), signed.
    ///
    /// # Errors
    /// [`ChainError::File`]; [`ChainError::Keystore`] where who has the key does not sign.
    pub async fn save_signed(&self, file: &Path, signer: &Signer) -> Result<(), ChainError> {
        self.write(file, Some(Signed::new(self, signer).await?))
    }

    fn write(&self, file: &Path, signed: Option<Signed>) -> Result<(), ChainError> {
        let wrong = |reason: String| ChainError::File { path: file.to_owned(), reason };
        let mut content = json!(self);
        content["version"] = VERSION.into();
        if let Some(signed) = signed {
            content["signed"] = json!(signed);
        }
        let text = serde_json::to_string_pretty(&content).map_err(|error| wrong(error.to_string()))?;
        files::write(file, (text + "\n").as_bytes(), files::Access::Published).map_err(|error| match error {
            FileError::Io { source, .. } => wrong(source.to_string()),
            FileError::Content { reason, .. } => wrong(reason),
        })
    }

    /// The contracts by what they are called.
    pub fn named(&self) -> [(&'static str, Address); 8] {
        [
            ("kyc", self.kyc),
            ("pool", self.pool),
            ("manifests", self.manifests),
            ("attribution", self.attribution),
            ("licence", self.licence),
            ("market", self.market),
            ("factory", self.factory),
            ("coop", self.coop),
        ]
    }

    /// Whether the client's chain is the one the contracts are on.
    ///
    /// # Errors
    /// [`ChainError::WrongChain`].
    pub async fn check(&self, client: &ChainClient) -> Result<(), ChainError> {
        let (genesis, chain_id) = (client.genesis_hash(), client.evm_chain_id());
        if genesis != self.genesis {
            return Err(ChainError::WrongChain {
                what: "genesis",
                got: genesis.to_string(),
                expected: self.genesis.to_string(),
            });
        }
        if chain_id != self.chain_id {
            return Err(ChainError::WrongChain {
                what: "chain id",
                got: chain_id.to_string(),
                expected: self.chain_id.to_string(),
            });
        }
        Ok(())
    }

    /// The same with the registries and the licence contract that the pool follows now: its holders may have adopted
    /// others since it was made. What a pool has none of stays as it is written here.
    ///
    /// # Errors
    /// [`ChainError`].
    pub async fn current(&self, client: &ChainClient) -> Result<Self, ChainError> {
        self.current_at(client, client.best_hash().await?).await
    }

    /// As [`current`](Self::current), in the state after the block `at`.
    ///
    /// # Errors
    /// [`ChainError`].
    pub async fn current_at(&self, client: &ChainClient, at: B256) -> Result<Self, ChainError> {
        let kyc = client.read_at(at, self.pool, &Pool::kycCall {}).await?;
        let attribution = client.read_at(at, self.pool, &Pool::attributionCall {}).await?;
        let licence = client.read_at(at, self.pool, &Pool::licencesCall {}).await?;
        let or = |now: Address, written| if now.is_zero() { written } else { now };
        Ok(Self {
            kyc: or(kyc, self.kyc),
            attribution: or(attribution, self.attribution),
            licence: or(licence, self.licence),
            ..self.clone()
        })
    }
}

/// A name or symbol as the contracts keep it: UTF-8 filled up with zeros.
///
/// # Errors
/// [`ChainError::Label`] for an empty text, one over 32 bytes, or one with a zero in it.
pub fn label(text: &str) -> Result<B256, ChainError> {
    if text.is_empty() || text.len() > 32 || text.contains('\0') {
        return Err(ChainError::Label { text: text.to_owned(), bytes: text.len() });
    }
    Ok(B256::right_padding_from(text.as_bytes()))
}

/// A role's id in the contracts: keccak-256 of its name, e.g. `AGENT_ROLE`.
pub fn role(name: &str) -> B256 {
    keccak256(name)
}

/// The id of the dataset that an account registers under a label.
pub fn dataset_id(registrant: Address, label: B256) -> B256 {
    let hash = |bytes: &[u8]| keccak256(bytes).0;
    yieldset_rules::provenance::dataset_id(&registrant.0.0, &label.0, hash).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::submit::Scheme;

    #[test]
    fn labels_are_padded_and_limited() {
        assert_eq!(label("VOICE").expect("short"), B256::right_padding_from(b"VOICE"));
        assert_eq!(label(&"x".repeat(32)).expect("full"), B256::repeat_byte(b'x'));
        for bad in ["", &"x".repeat(33), "a\0b"] {
            assert!(matches!(label(bad), Err(ChainError::Label { .. })), "{bad:?}");
        }
    }

    fn deployment() -> Deployment {
        Deployment {
            chain_id: 420_420_420,
            genesis: B256::repeat_byte(1),
            start_block: 3,
            kyc: Address::repeat_byte(2),
            pool: Address::repeat_byte(3),
            manifests: Address::repeat_byte(4),
            attribution: Address::repeat_byte(5),
            licence: Address::repeat_byte(6),
            market: Address::repeat_byte(7),
            factory: Address::repeat_byte(8),
            coop: Address::repeat_byte(9),
        }
    }

    #[test]
    fn a_deployment_survives_its_file_and_a_foreign_one_is_refused() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let file = folder.path().join("deployment.json");
        let refused = |text: &str| {
            std::fs::write(&file, text).expect("written");
            Deployment::load(&file).expect_err("refused").to_string()
        };
        assert!(Deployment::load(&file).expect_err("missing").to_string().contains("deploy the contracts first"));
        deployment().save(&file).expect("saved");
        assert_eq!(Deployment::load_signed(&file).expect("loaded"), (deployment(), None));
        let whole = std::fs::read_to_string(&file).expect("read");
        assert!(refused(&whole.replace("\"version\": 1", "\"version\": 2")).contains("of version 2"));
        assert!(refused(&whole.replace("\"version\": 1", "\"name\": 1")).contains("does not say its version"));
        assert!(refused(r#"{"version": 1, "chain_id": 1}"#).contains("not a deployment"));
    }

    /// Proves NET-1: who deployed signs where the contracts are, by either kind of key; a changed file is refused, and
    /// so is another's signature in it.
    #[tokio::test]
    async fn a_deployment_is_signed_by_who_made_it() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let file = folder.path().join("deployment.json");
        let ethereum = Signer::from_secret(Scheme::Ethereum, &[7; 32]).expect("a key");
        for signer in [Signer::dev("//Alice").expect("a key"), ethereum] {
            deployment().save_signed(&file, &signer).await.expect("saved");
            assert_eq!(Deployment::load_signed(&file).expect("loaded"), (deployment(), Some(signer.address())));
            let whole: Value = serde_json::from_slice(&std::fs::read(&file).expect("read")).expect("JSON");
            let refused = |changed: &Value| {
                std::fs::write(&file, changed.to_string()).expect("written");
                matches!(Deployment::load(&file), Err(ChainError::File { .. }))
            };
            for (name, value) in whole.as_object().expect("an object") {
                if name != "signed" {
                    let mut changed = whole.clone();
                    changed[name] = match value {
                        Value::Number(number) => json!(number.as_u64().unwrap_or_default() + 1),
                        _ => json!(value.as_str().unwrap_or_default().replace('0', "a").replacen("ax", "0x", 1)),
                    };
                    assert!(refused(&changed), "{name}");
                }
            }
            let mut other = whole.clone();
            other["signed"]["account"] = json!(B256::repeat_byte(1));
            assert!(refused(&other));
            other["signed"] = json!({"scheme": "ethereum", "account": B256::repeat_byte(1), "signature": "0x00"});
            assert!(refused(&other));
        }
    }
}
