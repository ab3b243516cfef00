//! Networks: which chain, by which nodes, and what its money is called.
//!
//! `devnet`, `paseo` and `hub` are known; a user's own are TOML files in the home's folder `profiles`, and one of the
//! same name as a known one takes its place. What the chain itself says (the ratio to wei, deposits, least balances) is
//! always asked of it: a profile only says what cannot be asked, and what must be there before anything is signed.

use std::path::PathBuf;

use alloy_primitives::{B256, b256};
use serde::{Deserialize, Serialize};

use crate::{
    client::ChainClient,
    deployment::{Challenge, Voting},
    error::ChainError,
    home::{Home, is_plain_name},
    units::{Coin, Native},
};

/// A network.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// What it is called: lower case letters, digits, `-` and `_`.
    #[serde(default)]
    pub name: String,
    /// EIP-155 chain id.
    pub chain_id: u64,
    /// Hash of block 0; none where each start makes another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub genesis: Option<B256>,
    /// Nodes by their WebSocket addresses, in the order in which they are tried.
    pub nodes: Vec<String>,
    /// Where a browser shows transactions and accounts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub explorer: Option<String>,
    /// The chain's own money, as contracts count it: 18 digits.
    pub coin: Coin,
    /// Wei in the chain's smallest unit, where it is known for good: a node that says another one would have amounts
    /// signed that are not those that were shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ratio: Option<u32>,
    /// What a new deployment's windows and votes are, unless said otherwise.
    #[serde(default)]
    pub presets: Presets,
}

/// Windows and votes of a new deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Presets {
    /// Days and weeks.
    #[default]
    Production,
    /// Seconds, for a chain whose clock can be moved.
    Development,
}

impl Presets {
    /// How long reports can be disputed.
    pub fn challenge(self) -> Challenge {
        match self {
            Self::Production => Challenge::DAYS,
            Self::Development => Challenge::SECONDS,
        }
    }

    /// How holders vote.
    pub fn voting(self) -> Voting {
        match self {
            Self::Production => Voting::DAYS,
            Self::Development => Voting::SECONDS,
        }
    }
}

/// A network that is not known, or whose file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ProfileError {
    /// No network of that name.
    #[error("no network is called {name:?}; there are {known}, and {} would make another", file.display())]
    Unknown {
        /// The name.
        name: String,
        /// Those that there are.
        known: String,
        /// Where its file would be.
        file: PathBuf,
    },
    /// The file is not one.
    #[error("{}: {reason}; `yieldset init` writes one that can be changed", file.display())]
    File {
        /// Which.
        file: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The node's chain is another.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// None of the network's nodes answers.
    #[error("no node of {name} answers: {reasons}; name another with --node or in {}", file.display())]
    NoNode {
        /// The network.
        name: String,
        /// What each said.
        reasons: String,
        /// Where nodes are named.
        file: PathBuf,
    },
}

/// The names of the networks that are known.
pub const KNOWN: [&str; 3] = ["devnet", "paseo", "hub"];

impl Profile {
    /// A known network, if it is one.
    pub fn known(name: &str) -> Option<Self> {
        let nodes = |nodes: &[&str]| nodes.iter().map(|&node| node.to_owned()).collect();
        Some(match name {
            // scripts/runtime: its chain id and money are the runtime's own; each run has the same genesis, but a
            // rebuilt runtime has another.
            "devnet" => Self {
                name: name.into(),
                chain_id: 420_420_420,
                genesis: None,
                nodes: nodes(&["ws://127.0.0.1:9944"]),
                explorer: None,
                coin: Coin::wei("DEV"),
                // It can be started with Hub's.
                ratio: None,
                presets: Presets::Development,
            },
            // Polkadot Hub's test network, which is Paseo's Asset Hub. Chain id and explorer: viem's definition
            // `polkadotHubTestnet` (src/chains/definitions) and docs.polkadot.com, "Connect to Polkadot Hub". Genesis
            // and nodes: polkadot-api's descriptor `paseo_asset_hub` and polkadot-js/apps, endpoints/testingRelayPaseo.
            "paseo" => Self {
                name: name.into(),
                chain_id: 420_420_417,
                genesis: Some(b256!("d6eec26135305a8ad257a20d003357284c8aa03d0bdb2b357ab0a22371e11ef2")),
                nodes: nodes(&[
                    "wss://asset-hub-paseo-rpc.n.dwellir.com",
                    "wss://sys.ibp.network/asset-hub-paseo",
                    "wss://asset-hub-paseo.dotters.network",
                ]),
                explorer: Some("https://blockscout-testnet.polkadot.io".into()),
                coin: Coin::wei("PAS"),
                ratio: Some(100_000_000),
                presets: Presets::Production,
            },
            // Polkadot Hub, which is Polkadot's Asset Hub: the money has 10 digits on the chain itself (10^8 wei each,
            // Revive.NativeToEthRatio) and a least balance of 0.01 (polkadot-fellows/runtimes,
            // system-parachains/asset-hubs/asset-hub-polkadot). Chain id and explorer: viem's `polkadotHub`. Genesis
            // and nodes: polkadot-js/apps, endpoints/productionRelayPolkadot.
            "hub" => Self {
                name: name.into(),
                chain_id: 420_420_419,
                genesis: Some(b256!("68d56f15f85d3136970ec16946040bc1752654e906147f7e43e9d539d7c3de2f")),
                nodes: nodes(&[
                    "wss://polkadot-asset-hub-rpc.polkadot.io",
                    "wss://asset-hub-polkadot-rpc.n.dwellir.com",
                    "wss://sys.ibp.network/asset-hub-polkadot",
                ]),
                explorer: Some("https://blockscout.polkadot.io".into()),
                coin: Coin::wei("DOT"),
                ratio: Some(100_000_000),
                presets: Presets::Production,
            },
            _ => return None,
        })
    }

    /// A network by its name: a user's own, or a known one.
    ///
    /// # Errors
    /// [`ProfileError`].
    pub fn find(name: &str, home: &Home) -> Result<Self, ProfileError> {
        let file = home.profile(name);
        let unknown = || {
            let known = Self::names(home).join(", ");
            ProfileError::Unknown { name: name.to_owned(), known, file: file.clone() }
        };
        if !is_plain_name(name) {
            return Err(unknown());
        }
        match std::fs::read_to_string(&file) {
            Ok(text) => Self::parse(name, &text).map_err(|reason| ProfileError::File { file, reason }),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Self::known(name).ok_or_else(unknown),
            Err(error) => Err(ProfileError::File { file, reason: error.to_string() }),
        }
    }

    /// All names: the known ones, and those that have files.
    pub fn names(home: &Home) -> Vec<String> {
        let mut names: Vec<String> = KNOWN.map(str::to_owned).into();
        let files = std::fs::read_dir(home.folder().join("profiles")).into_iter().flatten().flatten();
        names.extend(
            files
                .filter_map(|file| {
                    file.file_name().to_str().and_then(|name| name.strip_suffix(".toml")).map(String::from)
                })
                .filter(|name| is_plain_name(name) && !KNOWN.contains(&name.as_str())),
        );
        names[KNOWN.len()..].sort_unstable();
        names
    }

    /// A profile as its file has it.
    fn parse(name: &str, text: &str) -> Result<Self, String> {
        let mut profile: Self = toml::from_str(text).map_err(|error| error.to_string())?;
        if !profile.name.is_empty() && profile.name != name {
            return Err(format!("it says that it is {:?}; a profile is called as its file", profile.name));
        }
        profile.name = name.to_owned();
        if let Some(node) = profile.nodes.iter().find(|node| !node.starts_with("ws://") && !node.starts_with("wss://"))
        {
            return Err(format!("{node:?} is no WebSocket address; write it like wss://node.example"));
        }
        match (profile.nodes.is_empty(), profile.coin.decimals) {
            (true, _) => Err("it names no nodes".into()),
            (_, 18) => Ok(profile),
            (_, digits) => Err(format!("contracts count the chain's own money with 18 digits, not {digits}")),
        }
    }

    /// The first known network, or one of the user's own, that has this chain id, and this block 0 or any.
    pub fn of_chain((chain_id, genesis): (u64, B256), home: &Home) -> Option<Self> {
        let profiles = Self::names(home).into_iter().filter_map(|name| Self::find(&name, home).ok());
        profiles
            .into_iter()
            .find(|profile| profile.chain_id == chain_id && profile.genesis.is_none_or(|own| own == genesis))
    }

    /// As a file has it.
    pub fn to_toml(&self) -> String {
        toml::to_string_pretty(self).unwrap_or_default()
    }

    /// Connects to the first node that answers, and makes sure that its chain is this one; when it answers no more, the
    /// next one is asked.
    ///
    /// # Errors
    /// [`ProfileError::NoNode`]; [`ProfileError::Chain`] where a node serves another chain, which is no reason to try
    /// the next: somebody must look.
    pub async fn connect(&self, home: &Home) -> Result<ChainClient, ProfileError> {
        match ChainClient::connect(&self.nodes.join(",")).await {
            Ok(client) => {
                self.check(&client)?;
                Ok(client)
            }
            Err(error @ ChainError::NodeUnreachable { .. }) => Err(ProfileError::NoNode {
                name: self.name.clone(),
                reasons: error.to_string(),
                file: home.profile(&self.name),
            }),
            Err(error) => Err(error.into()),
        }
    }

    /// Whether a client's chain is this one.
    ///
    /// # Errors
    /// [`ChainError::WrongChain`].
    pub fn check(&self, client: &ChainClient) -> Result<(), ChainError> {
        let wrong = |what, got: String, expected: String| Err(ChainError::WrongChain { what, got, expected });
        match self.genesis {
            Some(genesis) if genesis != client.genesis_hash() => {
                wrong("genesis", client.genesis_hash().to_string(), genesis.to_string())
            }
            _ if self.chain_id != client.evm_chain_id() => {
                wrong("chain id", client.evm_chain_id().to_string(), self.chain_id.to_string())
            }
            _ => match self.ratio.filter(|ratio| *ratio != client.wei_per_unit()) {
                Some(ratio) => wrong("ratio to wei", client.wei_per_unit().to_string(), ratio.to_string()),
                None => Ok(()),
            },
        }
    }

    /// The chain's own money, by the ratio that the chain itself says.
    pub fn native(&self, client: &ChainClient) -> Native {
        Native { coin: self.coin.clone(), ratio: client.wei_per_unit() }
    }

    /// Where a browser shows a transaction.
    pub fn link(&self, tx_hash: B256) -> Option<String> {
        self.explorer.as_ref().map(|explorer| format!("{}/tx/{tx_hash}", explorer.trim_end_matches('/')))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_known_networks_are_whole_and_survive_their_files() {
        for name in KNOWN {
            let profile = Profile::known(name).expect("known");
            assert_eq!(Profile::parse(name, &profile.to_toml()).expect("its own file"), profile);
        }
        assert_eq!(Profile::known("hub").expect("known").presets, Presets::Production);
        assert_eq!(Profile::known("mainnet"), None);
    }

    #[test]
    fn own_networks_are_files_and_wrong_ones_say_what_is_wrong() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let home = Home::at(folder.path());
        let error = Profile::find("mine", &home).expect_err("none").to_string();
        assert!(error.contains("devnet, paseo, hub") && error.contains("mine.toml"), "{error}");
        std::fs::create_dir(folder.path().join("profiles")).expect("made");
        let write = |text: &str| std::fs::write(home.profile("mine"), text).expect("written");
        let good = "chain_id = 7\nnodes = [\"wss://a.example\"]\ncoin = { symbol = \"UNIT\", decimals = 18 }\n";
        write(good);
        let mine = Profile::find("mine", &home).expect("a profile");
        // Whoever says nothing gets the long windows.
        assert_eq!((mine.name.as_str(), mine.presets, mine.genesis), ("mine", Presets::Production, None));
        assert_eq!(Profile::names(&home), ["devnet", "paseo", "hub", "mine"]);
        for (text, expected) in [
            ("chain_id = 7", "missing field"),
            (&good.replace("wss:", "https:"), "no WebSocket address"),
            (&good.replace("[\"wss://a.example\"]", "[]"), "no nodes"),
            (&good.replace("18", "10"), "not 10"),
            (&format!("{good}confirmations = 3\n"), "unknown field"),
            (&format!("name = \"other\"\n{good}"), "called as its file"),
        ] {
            write(text);
            let error = Profile::find("mine", &home).expect_err("wrong").to_string();
            assert!(error.contains(expected) && error.contains("yieldset init"), "{error}");
        }
        assert!(matches!(Profile::find("../book", &home), Err(ProfileError::Unknown { .. })));
    }
}
