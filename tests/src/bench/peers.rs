//! Solidity systems that ours are measured against, compiled by `scripts/bench-peers`.

pub mod openzeppelin;
pub mod staking;
pub mod superfluid;
pub mod trex;

use super::Row;
use crate::chain::{Account, Chain, Failure, root_file};
use alloy_primitives::{Address, U256};
use alloy_sol_types::{SolCall, SolError, SolValue};
use std::path::PathBuf;

/// What a peer was compiled to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// EVM bytecode, by solc.
    Evm,
    /// A PolkaVM blob, by resolc.
    PolkaVm,
}

impl Target {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Evm, Self::PolkaVm];

    /// As tables name it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Evm => "EVM",
            Self::PolkaVm => "PolkaVM",
        }
    }

    fn extension(self) -> &'static str {
        match self {
            Self::Evm => "evm",
            Self::PolkaVm => "polkavm",
        }
    }
}

/// A peer's measured calls and the code that was deployed for it.
#[derive(Debug, Clone)]
pub struct Peer {
    /// The system.
    pub name: &'static str,
    /// What it was compiled to.
    pub target: Target,
    /// Calls.
    pub rows: Vec<Row>,
    /// Contracts that the measured calls run, with the bytes of their code on the chain.
    pub code: Vec<(&'static str, usize)>,
}

/// Measures a system compiled to a target.
pub type Measure = fn(Target) -> Result<Peer, Failure>;

/// All systems, in the order of the tables.
pub const SYSTEMS: [(&str, Measure); 6] = [
    (openzeppelin::PLAIN, openzeppelin::plain),
    (openzeppelin::DIVIDENDS, openzeppelin::dividends),
    (staking::NAME, staking::measure),
    (trex::DIRECT, |target| trex::measure(target, trex::Form::Direct)),
    (trex::PROXIED, |target| trex::measure(target, trex::Form::Proxied)),
    (superfluid::NAME, superfluid::measure),
];

/// Whether the systems are here whose code is not checked in: the last that the script compiles is.
pub fn all_compiled() -> bool {
    Target::ALL.iter().all(|target| artifact("PureSuperToken", *target).is_some())
}

/// Folder of the peers whose licence (MIT) lets their code be checked in.
fn checked_in() -> PathBuf {
    root_file("tests/bench/peers/artifacts")
}

/// Folder of the others, which everybody compiles for himself.
fn compiled() -> PathBuf {
    yieldset_service::files::cache().join("bench-peers/artifacts")
}

/// The compiled contract, or nothing where `scripts/bench-peers` has not made it.
pub fn artifact(name: &str, target: Target) -> Option<Vec<u8>> {
    let file = format!("{name}.{}", target.extension());
    [checked_in(), compiled()].iter().find_map(|folder| std::fs::read(folder.join(&file)).ok())
}

/// A chain with the peer's contracts.
pub struct Bench {
    /// The chain.
    pub chain: Chain,
    /// Deploys and administers.
    pub admin: Account,
    target: Target,
    rows: Vec<Row>,
    code: Vec<(&'static str, usize)>,
}

impl Bench {
    /// A fresh chain.
    pub fn new(target: Target) -> Self {
        let mut chain = Chain::new();
        let admin = chain.account(0);
        Self { chain, admin, target, rows: Vec::new(), code: Vec::new() }
    }

    /// Deploys a contract as the admin; `arguments` are the constructor's, ABI-encoded.
    ///
    /// # Errors
    /// What the pallet or the constructor answered, or that it is not compiled.
    pub fn deploy(&mut self, name: &'static str, arguments: Vec<u8>) -> Result<Address, Failure> {
        let admin = self.admin.clone();
        let (code, data) = self.prepared(name, arguments)?;
        let address = self.chain.instantiate(&admin, code, data).map_err(|failure| at(name, failure))?;
        self.code.push((name, self.chain.code_size(address)));
        Ok(address)
    }

    /// Deploys at the address that the account's first contract always has.
    ///
    /// # Errors
    /// As [`Bench::deploy`].
    pub fn deploy_first(&mut self, from: &Account, name: &'static str) -> Result<Address, Failure> {
        let (code, data) = self.prepared(name, Vec::new())?;
        let address = self.chain.instantiate_first(from, code, data).map_err(|failure| at(name, failure))?;
        self.code.push((name, self.chain.code_size(address)));
        Ok(address)
    }

    /// Makes a contract's code known to the chain, so that other contracts can create it. Only PolkaVM needs that.
    ///
    /// # Errors
    /// What the pallet answered.
    pub fn upload(&mut self, name: &'static str) -> Result<(), Failure> {
        if self.target == Target::Evm {
            return Ok(());
        }
        let admin = self.admin.clone();
        let (code, _) = self.prepared(name, Vec::new())?;
        self.chain.upload(&admin, code).map_err(|failure| at(name, failure))
    }

    /// EVM code is followed by the constructor's arguments; a blob gets them as calldata.
    fn prepared(&self, name: &str, arguments: Vec<u8>) -> Result<(Vec<u8>, Vec<u8>), Failure> {
        let missing = || Failure::Dispatch(format!("{name} is not compiled: run scripts/bench-peers"));
        let mut code = artifact(name, self.target).ok_or_else(missing)?;
        Ok(match self.target {
            Target::Evm => {
                code.extend(arguments);
                (code, Vec::new())
            }
            Target::PolkaVm => (code, arguments),
        })
    }

    /// Calls without value.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn call<C: SolCall>(&mut self, from: &Account, to: Address, call: C) -> Result<C::Return, Failure> {
        self.chain.call(from, to, call, 0).map_err(|failure| at(C::SIGNATURE, failure))
    }

    /// Calls as the admin without value.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn manage<C: SolCall>(&mut self, to: Address, call: C) -> Result<C::Return, Failure> {
        let admin = self.admin.clone();
        self.call(&admin, to, call)
    }

    /// Keeps the last call's cost.
    pub fn record(&mut self, name: &'static str) {
        self.rows.push(Row { name, cost: self.chain.last_cost });
    }

    /// What was recorded.
    pub fn peer(self, name: &'static str) -> Peer {
        Peer { name, target: self.target, rows: self.rows, code: self.code }
    }
}

/// A failure with the contract or call that had it.
fn at(place: &str, failure: Failure) -> Failure {
    let reason = match failure {
        Failure::Unknown(data) => match alloy_sol_types::Revert::abi_decode(&data) {
            Ok(revert) => revert.reason,
            Err(_) => alloy_primitives::hex::encode_prefixed(data),
        },
        Failure::Refused(reason) | Failure::Dispatch(reason) => reason,
    };
    Failure::Dispatch(format!("{place}: {reason}"))
}

/// A number of whole coins or shares of 18 decimals.
pub fn whole(n: u64) -> U256 {
    U256::from(n) * U256::from(10).pow(U256::from(18))
}

/// ABI-encodes a constructor's arguments.
pub fn arguments<T: SolValue>(values: &T) -> Vec<u8>
where
    for<'a> <T::SolType as alloy_sol_types::SolType>::Token<'a>: alloy_sol_types::abi::TokenSeq<'a>,
{
    values.abi_encode_params()
}
