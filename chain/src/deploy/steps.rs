//! The steps of a deployment, each one transaction, in order.

use std::collections::BTreeMap;

use alloy_primitives::{Address, U256};
use alloy_sol_types::{SolCall, SolConstructor, SolValue};

use super::{
    blobs::{blob, code_hash},
    journal::Done,
};
use crate::{
    abi::{Access, Attribution, Factory, Kyc, Licence, Manifests, Market, Verifier},
    deployment::{Challenge, Config, Voting, label, role},
    error::ChainError,
    submit::{Action, Weight},
};

/// What a step does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Does {
    /// Tells the chain which account is behind the deployer's address.
    Map,
    /// Uploads code and creates a contract of it.
    Create,
    /// Uploads code of which the factory makes contracts.
    Upload,
    /// Has the factory make the pool with its co-op.
    Pool,
    /// Takes over the pool from the factory.
    Accept,
    /// Gives a role of a contract.
    Grant {
        /// The contract.
        contract: &'static str,
        /// The role.
        role: &'static str,
        /// A contract, or nothing for the deployer.
        to: &'static str,
    },
    /// Offers a contract to the new admin.
    HandOver {
        /// The contract.
        contract: &'static str,
    },
}

/// A step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// Its name, and that of the blob if it has one.
    pub name: &'static str,
    /// What it does, for people.
    pub says: &'static str,
    /// What it does.
    pub does: Does,
}

const fn create(name: &'static str, says: &'static str) -> Step {
    Step { name, says, does: Does::Create }
}

/// For an account that the chain does not know behind its address.
pub const MAP: Step =
    Step { name: "map-account", says: "tells the chain which account is behind your address", does: Does::Map };

/// The steps of each deployment.
pub const STEPS: &[Step] = &[
    create("kyc-logic", "creates the KYC registry's rules"),
    create("kyc", "creates the KYC registry"),
    Step {
        name: "kyc-agent",
        says: "makes you KYC agent",
        does: Does::Grant { contract: "kyc", role: "AGENT_ROLE", to: "" },
    },
    create("manifests", "creates the registry of datasets"),
    create("verifier", "creates the verifier of signatures"),
    create("licence", "creates the licence contract"),
    create("attribution", "creates the registry of attribution reports"),
    create("pool-claims", "creates the pools' claims"),
    create("pool-logic", "creates the pools' rules"),
    create("market", "creates the market"),
    Step { name: "pool", says: "uploads the code of pools", does: Does::Upload },
    Step { name: "coop", says: "uploads the code of co-ops", does: Does::Upload },
    create("factory", "creates the factory"),
    Step { name: "create-pool", says: "has the factory make the pool and its co-op", does: Does::Pool },
    Step { name: "accept-pool", says: "takes over the pool from the factory", does: Does::Accept },
    Step {
        name: "pool-issuer",
        says: "makes you the pool's issuer",
        does: Does::Grant { contract: POOL, role: "ISSUER_ROLE", to: "" },
    },
    Step {
        name: "manifests-licence",
        says: "lets the licence contract mark datasets as licensed",
        does: Does::Grant { contract: "manifests", role: "LICENCE_ROLE", to: "licence" },
    },
    Step {
        name: "market-lister",
        says: "lets you list pools on the market",
        does: Does::Grant { contract: "market", role: "LISTER_ROLE", to: "" },
    },
];

const fn hand_over(name: &'static str, contract: &'static str) -> Step {
    Step { name, says: "offers it to the new admin, who has to accept", does: Does::HandOver { contract } }
}

/// The last steps, where another than the deployer becomes admin.
pub const HAND_OVER: &[Step] = &[
    hand_over("hand-over-kyc", "kyc"),
    hand_over("hand-over-manifests", "manifests"),
    hand_over("hand-over-licence", "licence"),
    hand_over("hand-over-attribution", "attribution"),
    hand_over("hand-over-market", "market"),
    hand_over("hand-over-factory", "factory"),
    hand_over("hand-over-pool", POOL),
];

/// The pool that the factory made, among what is known.
pub const POOL: &str = "the pool";
/// Its co-op.
pub const COOP: &str = "the co-op";

/// What is known so far: the settings, and where the contracts are.
#[derive(Debug, Clone)]
pub struct Known {
    /// The settings.
    pub config: Config,
    /// Who deploys.
    pub deployer: Address,
    /// Who becomes admin, if another.
    pub admin: Option<Address>,
    /// Contracts by the steps that created them.
    pub contracts: BTreeMap<&'static str, Address>,
}

impl Known {
    /// A contract; none has an address before its step, which is after those it needs.
    pub fn at(&self, name: &str) -> Address {
        self.contracts.get(name).copied().unwrap_or_default()
    }

    /// Learns what a step made.
    ///
    /// # Errors
    /// [`ChainError::Decode`] where it made nothing and should have.
    pub fn learn(&mut self, step: &Step, done: &Done) -> Result<(), ChainError> {
        let missing = || ChainError::Decode { what: "a deployment", reason: format!("{} created nothing", step.name) };
        match step.does {
            Does::Create => {
                self.contracts.insert(step.name, *done.created.first().ok_or_else(missing)?);
            }
            Does::Pool => {
                let [pool, coop] = done.created[..] else { return Err(missing()) };
                self.contracts.extend([(POOL, pool), (COOP, coop)]);
            }
            _ => {}
        }
        Ok(())
    }
}

impl Step {
    /// Its transaction.
    ///
    /// # Errors
    /// [`ChainError::Label`].
    pub fn action(&self, known: &Known) -> Result<Action, ChainError> {
        let call = |contract: &str, calldata| Action::Call { contract: known.at(contract), calldata, value: 0 };
        Ok(match self.does {
            Does::Map => Action::MapAccount,
            Does::Create => {
                Action::Instantiate { blob: blob(self.name).to_vec(), constructor: constructor(self, known) }
            }
            Does::Upload => Action::Upload { blob: blob(self.name).to_vec() },
            Does::Pool => call("factory", create_pool(&known.config)?.abi_encode()),
            Does::Accept => call(POOL, Access::acceptDefaultAdminTransferCall {}.abi_encode()),
            Does::Grant { contract, role: name, to } => {
                let account = if to.is_empty() { known.deployer } else { known.at(to) };
                call(contract, Access::grantRoleCall { role: role(name), account }.abi_encode())
            }
            Does::HandOver { contract } => {
                let to = known.admin.unwrap_or(known.deployer);
                call(contract, Access::beginDefaultAdminTransferCall { newAdmin: to }.abi_encode())
            }
        })
    }

    /// Weight and deposit that it took on a devnet, for what cannot be tried before those that it needs: the deposit in
    /// units of 10^-12 of a coin, at the devnet's prices.
    pub fn measured(&self) -> Option<(Weight, u128)> {
        let (_, ref_time, proof_size, deposit) = MEASURED.iter().find(|(name, ..)| *name == self.name)?;
        Some((Weight { ref_time: *ref_time, proof_size: *proof_size }, *deposit))
    }
}

/// By step: picoseconds, bytes of proof, deposit, as `--dry-run` on a devnet said them in November 2026. What cannot be
/// tried there before the others either goes by its likes: of `kyc`, `attribution` and `pool-logic` the deposit goes
/// by the line through the other contracts (13 millionths of a coin a byte of code, and 0.73), of `accept-pool` and
/// the hand-over it is that of a role, and all creations have one round weight: their fee is that of their bytes.
const MEASURED: &[(&str, u64, u64, u128)] = &[
    ("map-account", 300_000_000, 10_000, 200_520_000_000),
    ("kyc-logic", 2_000_000_000, 80_000, 1_056_633_000_000),
    ("kyc", 2_000_000_000, 80_000, 780_000_000_000),
    ("manifests", 2_000_000_000, 80_000, 1_251_183_000_000),
    ("verifier", 2_000_000_000, 80_000, 1_322_828_000_000),
    ("licence", 2_000_000_000, 80_000, 2_525_359_000_000),
    ("attribution", 2_000_000_000, 80_000, 1_680_000_000_000),
    ("pool-claims", 2_000_000_000, 80_000, 958_821_000_000),
    ("pool-logic", 2_000_000_000, 80_000, 1_600_000_000_000),
    ("market", 2_000_000_000, 80_000, 1_241_110_000_000),
    ("factory", 2_000_000_000, 80_000, 1_089_314_000_000),
    ("pool", 0, 0, 525_450_000_000),
    ("coop", 0, 0, 726_620_000_000),
    ("kyc-agent", 542_677_138, 75_368, 2_730_000_000),
    ("create-pool", 7_255_872_275, 767_783, 804_671_000_000),
    ("accept-pool", 553_481_527, 115_515, 2_730_000_000),
    ("pool-issuer", 553_481_527, 115_515, 2_730_000_000),
    ("manifests-licence", 353_858_337, 71_553, 2_730_000_000),
    ("market-lister", 353_282_126, 70_780, 2_730_000_000),
    ("hand-over-kyc", 560_000_000, 75_368, 2_730_000_000),
    ("hand-over-manifests", 560_000_000, 71_553, 2_730_000_000),
    ("hand-over-licence", 560_000_000, 170_000, 2_730_000_000),
    ("hand-over-attribution", 560_000_000, 100_000, 2_730_000_000),
    ("hand-over-market", 560_000_000, 70_780, 2_730_000_000),
    ("hand-over-factory", 560_000_000, 60_000, 2_730_000_000),
    ("hand-over-pool", 560_000_000, 115_515, 2_730_000_000),
];

/// Arguments of a step's constructor.
fn constructor(step: &Step, known: &Known) -> Vec<u8> {
    let admin = known.deployer;
    match step.name {
        "kyc" => Kyc::constructorCall { logic: known.at("kyc-logic"), admin }.abi_encode(),
        "manifests" => Manifests::constructorCall { admin }.abi_encode(),
        "verifier" => Verifier::constructorCall {}.abi_encode(),
        "licence" => Licence::constructorCall { manifests: known.at("manifests"), admin }.abi_encode(),
        "attribution" => attribution(known).abi_encode(),
        "pool-logic" => known.at("pool-claims").abi_encode(),
        "market" => Market::constructorCall { admin }.abi_encode(),
        "factory" => Factory::constructorCall {
            admin,
            kyc: known.at("kyc"),
            attribution: known.at("attribution"),
            manifests: known.at("manifests"),
            licence: known.at("licence"),
            market: known.at("market"),
            logic: known.at("pool-logic"),
            poolCode: code_hash("pool"),
            coopCode: code_hash("coop"),
        }
        .abi_encode(),
        _ => Vec::new(),
    }
}

/// The pool paid in the chain's own money, or an ERC-20, with its co-op.
fn create_pool(config: &Config) -> Result<Factory::createPoolWithCoopCall, ChainError> {
    let Voting { delay, period, quorum_bps, threshold, timelock, grace } = config.voting;
    Ok(Factory::createPoolWithCoopCall {
        name: label(&config.name)?,
        symbol: label(&config.symbol)?,
        currency: config.currency,
        contributorsBps: config.contributors_bps,
        votingDelay: delay,
        votingPeriod: period,
        quorumBps: quorum_bps,
        proposalThreshold: threshold,
        timelock,
        gracePeriod: grace,
    })
}

/// The registry's constructor.
fn attribution(known: &Known) -> Attribution::constructorCall {
    let Challenge { window, ruling, committee_delay, bond, bond_bps } = known.config.challenge;
    Attribution::constructorCall {
        admin: known.deployer,
        verifier: known.at("verifier"),
        licences: known.at("licence"),
        keys: known.config.committee.clone(),
        threshold: known.config.threshold,
        challengeWindow: window,
        rulingTime: ruling,
        committeeDelay: committee_delay,
        bond: U256::from(bond),
        bondBps: bond_bps,
    }
}
