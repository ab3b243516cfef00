//! An attribution registry on its own chain, with one account for each role, and contracts that misbehave.

use crate::{
    chain::{Account, CHAIN_ID, Chain, Failure, blob},
    system::{metric, outcome, public, sign},
};
use alloy_primitives::{Address, B256, U256};
use alloy_sol_types::{SolCall, SolConstructor};
use ed25519_dalek::SigningKey;
use yieldset_chain::abi::{Access, Attribution, Verifier};
use yieldset_chain::deployment::role;
use yieldset_rules::report::{LogCheckpoint, MeasuredError, Report};

/// Seconds that a report can be disputed.
pub const WINDOW: u64 = 100;
/// Seconds that the arbiter has.
pub const RULING: u64 = 50;
/// Seconds between a committee's proposal and its office.
pub const DELAY: u64 = 30;
/// Wei; not a whole number of native units, which are 10^6 wei.
pub const BOND: u128 = 1_000_000_000_000_000_007;
/// The tests' pool. There is no contract: nothing is contested, so that the least bond is due, and lost bonds wait.
pub const POOL: Address = Address::repeat_byte(0x77);
/// The tests' stream.
pub const STREAM: B256 = B256::repeat_byte(3);
/// The tests' first period, 2000 Q1: it and the hundred after it are over when a chain begins.
pub const PERIOD: u32 = 8_000;

/// The registry and who has to do with it.
pub struct AttributionRegistry {
    /// The chain it is on.
    pub chain: Chain,
    /// Default admin, without any other role.
    pub admin: Account,
    /// Has `ARBITER_ROLE`.
    pub arbiter: Account,
    /// Has `COMMITTEE_ROLE`.
    pub keeper: Account,
    /// Has `AUDITOR_ROLE`.
    pub auditor: Account,
    /// Has no role and much money.
    pub anybody: Account,
    /// Another without a role, with much money.
    pub other: Account,
    /// Its address.
    pub address: Address,
    /// Its verifier's.
    pub verifier: Address,
    /// Five keys, of which the first three are the first committee, two of them needed.
    pub keys: Vec<SigningKey>,
}

/// A constructor's data that can be changed before it is used.
pub fn constructor(admin: Address, verifier: Address, keys: &[SigningKey]) -> Attribution::constructorCall {
    Attribution::constructorCall {
        admin,
        verifier,
        // Where a report is to keep to a licence, the test says so.
        licences: Address::ZERO,
        keys: public(keys),
        threshold: 2,
        challengeWindow: WINDOW,
        rulingTime: RULING,
        committeeDelay: DELAY,
        bond: U256::from(BOND),
        // Where a bond is to follow the money, the test says so.
        bondBps: 0,
    }
}

impl AttributionRegistry {
    /// A registry with the real verifier.
    pub fn new() -> Self {
        Self::with_verifier(|chain, admin| {
            chain.instantiate(admin, blob("verifier"), Verifier::constructorCall {}.abi_encode()).unwrap()
        })
    }

    /// A registry with another verifier.
    pub fn with_verifier(deploy: impl FnOnce(&mut Chain, &Account) -> Address) -> Self {
        let mut chain = Chain::new();
        let [admin, arbiter, keeper, auditor, anybody, other] = [0, 1, 2, 3, 4, 5].map(|n| chain.account(n));
        let keys: Vec<_> = (1..=5).map(|n| SigningKey::from_bytes(&[n; 32])).collect();
        let verifier = deploy(&mut chain, &admin);
        let data = constructor(admin.address, verifier, &keys[..3]).abi_encode();
        let address = chain.instantiate(&admin, blob("attribution"), data).unwrap();
        let mut registry = Self { chain, admin, arbiter, keeper, auditor, anybody, other, address, verifier, keys };
        for (name, account) in [
            ("ARBITER_ROLE", registry.arbiter.address),
            ("COMMITTEE_ROLE", registry.keeper.address),
            ("AUDITOR_ROLE", registry.auditor.address),
        ] {
            registry.call(&registry.admin.clone(), Access::grantRoleCall { role: role(name), account }).unwrap();
        }
        registry
    }

    /// Calls the registry without value.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn call<C: SolCall>(&mut self, from: &Account, call: C) -> Result<C::Return, Failure> {
        self.chain.call(from, self.address, call, 0)
    }

    /// Reads the registry.
    pub fn read<C: SolCall>(&mut self, call: C) -> C::Return {
        self.call(&self.anybody.clone(), call).unwrap()
    }

    /// The first report for a period, which follows whatever the registry accepted last.
    pub fn report(&mut self, period: u32) -> Report {
        let latest = self.read(Attribution::latestCall { pool: POOL, stream: STREAM });
        let committee = self.read(Attribution::committeeCall {});
        Report {
            chain_id: CHAIN_ID,
            registry: self.address.into_array(),
            pool: POOL.into_array(),
            stream: STREAM.0,
            models: vec!["lumen/lumen-1".into()],
            period,
            revision: 0,
            epoch: committee.epoch,
            log: LogCheckpoint { origin: "test/log".into(), size: latest.logSize.max(24), root: [7; 32] },
            compared: [6; 32],
            metric: metric(),
            outcome: outcome([period as u8; 32]).0,
            totals: outcome([period as u8; 32]).1,
            error: MeasuredError::NotMeasured,
            lines_root: [8; 32],
            package: None,
            spot_check: None,
            previous: latest.reportHash.0,
        }
    }

    /// Posts a report signed by the given keys.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn post(&mut self, report: &Report, keys: &[SigningKey]) -> Result<B256, Failure> {
        let bytes = report.to_bytes();
        let signatures = sign(&bytes, keys).into();
        self.call(&self.anybody.clone(), Attribution::postCall { report: bytes.into(), signatures })
    }

    /// Posts the first report for a period, signed by the first committee.
    pub fn posted(&mut self, period: u32) -> B256 {
        let report = self.report(period);
        let keys = self.keys[..2].to_vec();
        self.post(&report, &keys).unwrap()
    }

    /// Disputes the tests' stream for the first time, with the least bond.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn dispute(&mut self, from: &Account, period: u32) -> Result<(), Failure> {
        self.chain.call(from, self.address, dispute(period), BOND).map(|_| ())
    }

    /// `resultOf` of the tests' stream.
    pub fn state(&mut self, period: u32) -> u8 {
        self.read(Attribution::resultOfCall { pool: POOL, stream: STREAM, period }).state
    }

    /// What is owed to an account.
    pub fn owed(&mut self, account: Address) -> u128 {
        self.read(Attribution::bondOwedCall { currency: Address::ZERO, account }).to()
    }

    /// Stops unless the registry has exactly the money of open and released bonds.
    #[track_caller]
    pub fn assert_solvent(&mut self) {
        let held = self.read(Attribution::holdingsCall { currency: Address::ZERO });
        assert_eq!(self.chain.balance(self.address), held.locked + held.released);
    }
}

impl Default for AttributionRegistry {
    fn default() -> Self {
        Self::new()
    }
}

/// A first dispute of the tests' stream.
pub fn dispute(period: u32) -> Attribution::disputeCall {
    let (reason, bond) = (B256::repeat_byte(0xaa), U256::from(BOND));
    Attribution::disputeCall { pool: POOL, stream: STREAM, period, reason, maxBond: bond }
}

/// A contract of EVM code (at most 24,576 bytes).
pub fn contract_of(chain: &mut Chain, from: &Account, runtime: &[u8]) -> Address {
    let [high, low] = (runtime.len() as u16).to_be_bytes();
    // PUSH2 length, DUP1, PUSH1 12, PUSH1 0, CODECOPY, PUSH1 0, RETURN
    let mut code = vec![0x61, high, low, 0x80, 0x60, 12, 0x60, 0, 0x39, 0x60, 0, 0xf3];
    code.extend_from_slice(runtime);
    chain.instantiate(from, code, vec![]).unwrap()
}

/// A contract that calls what it is told to with its own money, and refuses money that comes without being told
/// anything.
pub fn puppet(chain: &mut Chain, from: &Account) -> Address {
    let runtime = [
        0x36, 0x80, 0x15, 0x60, 0x34, 0x57, // without calldata: jump to the end
        0x60, 0x34, 0x90, 0x03, 0x80, 0x60, 0x34, 0x60, 0x00, 0x37, // copy what follows the first 52 bytes
        0x60, 0x00, 0x60, 0x00, 0x91, 0x60, 0x00, 0x60, 0x14, 0x35, // value: bytes 20 to 52
        0x60, 0x00, 0x35, 0x60, 0x60, 0x1c, 0x5a, 0xf1, // call: bytes 0 to 20
        0x3d, 0x60, 0x00, 0x60, 0x00, 0x3e, 0x60, 0x2f, 0x57, // answer with its answer,
        0x3d, 0x60, 0x00, 0xfd, // or refuse with its refusal
        0x5b, 0x3d, 0x60, 0x00, 0xf3, //
        0x5b, 0x60, 0x00, 0x60, 0x00, 0xfd, // refuse
    ];
    contract_of(chain, from, &runtime)
}

/// A contract that stores so many words when it gets money, and clears them when it is called without.
pub fn hoarder(chain: &mut Chain, from: &Account, words: u8) -> Address {
    let runtime = [
        0x34, 0x15, 0x15, // what to store: 1 with money, 0 without
        0x60, words, 0x5b, 0x81, 0x81, 0x55, // in each place from the last
        0x60, 0x01, 0x90, 0x03, 0x80, 0x60, 0x05, 0x57, 0x00, // to the first
    ];
    contract_of(chain, from, &runtime)
}

/// What tells a [`puppet`] to call `to` with `value` wei.
pub fn told<C: SolCall>(to: Address, value: u128, call: &C) -> Vec<u8> {
    [to.as_slice(), &U256::from(value).to_be_bytes::<32>(), &call.abi_encode()].concat()
}

/// What tells a [`puppet`] to call itself until there are so many of it on the stack, and then to make the call.
pub fn told_deep<C: SolCall>(puppet: Address, frames: usize, to: Address, value: u128, call: &C) -> Vec<u8> {
    let inner = told(to, value, call);
    let itself = [puppet.as_slice(), &U256::from(value).to_be_bytes::<32>()].concat();
    (1..frames).fold(inner, |data, _| [&*itself, &*data].concat())
}

/// How a verifier misbehaves, once it is asked about something; asked about nothing it answers zero, as it should.
pub fn liar(chain: &mut Chain, from: &Account, lie: &[u8]) -> Address {
    let behind = 14 + lie.len() as u8;
    // CALLDATASIZE == 132: no signatures are zero valid ones; return a word of zero.
    let mut runtime = vec![0x36, 0x60, 132, 0x14, 0x60, behind, 0x57];
    // CALLDATASIZE == 36: a key to prepare; return something that is not zero, the size.
    runtime.extend_from_slice(&[0x36, 0x60, 36, 0x14, 0x60, behind + 6, 0x57]);
    runtime.extend_from_slice(lie);
    runtime.extend_from_slice(&[0x5b, 0x60, 0x20, 0x60, 0x00, 0xf3]);
    runtime.extend_from_slice(&[0x5b, 0x36, 0x60, 0x00, 0x52, 0x60, 0x20, 0x60, 0x00, 0xf3]);
    contract_of(chain, from, &runtime)
}
