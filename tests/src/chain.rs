//! The devnet's runtime in this process: the same pallet, the same blobs, the same weights, without a node.

use alloy_primitives::{Address, U256};
use alloy_sol_types::{SolCall, SolError, SolEvent, SolInterface};
use codec::Encode;
use frame_support::storage::{TransactionOutcome, with_transaction};
use frame_support::weights::Weight;
use pallet_revive::{Code, ExecConfig, TransactionLimits};
use sp_runtime::{AccountId32, BuildStorage, DispatchError};
use std::path::{Path, PathBuf};
use yieldset_chain::abi::Refusal::RefusalErrors;
use yieldset_runtime::constants::{ApprovalDeposit, NativeToEthRatio};
use yieldset_runtime::{Runtime, RuntimeEvent, RuntimeGenesisConfig, RuntimeOrigin, System};

type Revive = pallet_revive::Pallet<Runtime>;

/// What another chain with the same pallets says otherwise, where `YIELDSET_CONSTANTS` names it. Whole suites run so,
/// since each test makes its chain anew.
const OTHERWISE: [(&str, &str); 1] = [("hub", include_str!("../../scripts/devnet/hub.txt"))];
/// What an account with money has, in native units.
pub const ENDOWMENT: u128 = 1_000_000_000_000_000_000_000;
/// EIP-155 id of the chain in this process.
pub const CHAIN_ID: u64 = 420_420_420;
/// Unix time of a new chain, in seconds: 2026-11-24T00:00:00Z.
pub const START: u64 = 1_795_478_400;

/// Weight of one call.
#[derive(Debug, Clone, Copy)]
pub struct Cost {
    /// Compute, in picoseconds of the reference machine.
    pub ref_time: u64,
    /// Bytes of proof.
    pub proof_size: u64,
}

/// Why a call failed.
#[derive(Debug, PartialEq, Eq, Clone)]
pub enum Failure {
    /// The contract refused with one of our typed errors.
    Refused(String),
    /// Revert data that is none of our errors.
    Unknown(Vec<u8>),
    /// The pallet itself stopped the call.
    Dispatch(String),
}

impl Failure {
    fn from_revert(data: Vec<u8>) -> Self {
        match RefusalErrors::abi_decode(&data) {
            Ok(error) => Self::Refused(format!("{error:?}")),
            Err(_) => Self::Unknown(data),
        }
    }

    /// The refusal with exactly this error.
    pub fn with<E: SolError>(error: &E) -> Self {
        Self::from_revert(error.abi_encode())
    }

    /// Whether this is the typed error called `name`. Of errors with one name and different arguments the bindings
    /// number the types.
    pub fn is(&self, name: &str) -> bool {
        let Self::Refused(text) = self else { return false };
        let found = text.split('(').next().unwrap_or_default();
        let plain = found.rsplit_once('_').filter(|(_, number)| number.bytes().all(|digit| digit.is_ascii_digit()));
        found == name || plain.is_some_and(|(plain, _)| plain == name)
    }
}

/// An event of a contract as the pallet records it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Log {
    /// Emitting contract.
    pub contract: Address,
    /// Indexed values; the first is the event's signature hash.
    pub topics: Vec<[u8; 32]>,
    /// The rest, ABI-encoded.
    pub data: Vec<u8>,
}

impl Log {
    /// The event, where it is one of type `E`.
    pub fn decode<E: SolEvent>(&self) -> Option<E> {
        let ours = self.topics.first() == Some(&E::SIGNATURE_HASH.0);
        ours.then(|| E::decode_raw_log(self.topics.iter().copied(), &self.data).unwrap())
    }
}

/// The logs that are events of type `E`, decoded.
pub fn events<E: SolEvent>(logs: &[Log]) -> Vec<E> {
    logs.iter().filter_map(Log::decode).collect()
}

/// A chain of one process.
pub struct Chain {
    ext: sp_io::TestExternalities,
    /// Cost of the last call.
    pub last_cost: Cost,
}

/// A test account: substrate id and its EVM address.
#[derive(Debug, Clone)]
pub struct Account {
    id: AccountId32,
    /// EVM address: the last 20 bytes of the id's keccak-256.
    pub address: Address,
}

impl Account {
    /// The account number `n`.
    pub fn number(n: u32) -> Self {
        let mut id = [0x59; 32];
        id[..4].copy_from_slice(&n.to_be_bytes());
        let address = Address::from_slice(&alloy_primitives::keccak256(id)[12..]);
        Self { id: AccountId32::new(id), address }
    }

    /// The account of an Ethereum key, or of a contract.
    pub fn ethereum(address: Address) -> Self {
        // The pallet's `AccountId32Mapper`: an address without a substrate key is filled up with 0xee.
        let mut id = [0xee; 32];
        id[..20].copy_from_slice(address.as_slice());
        Self { id: AccountId32::new(id), address }
    }
}

/// Path of a file below the repository's root, which is one folder up, or two for `tests/hub`.
pub fn root_file(path: &str) -> PathBuf {
    let above = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
    above.skip(1).find(|folder| folder.join("ARCHITECTURE.md").is_file()).unwrap().join(path)
}

/// A checked-in contract blob.
pub fn blob(name: &str) -> Vec<u8> {
    let path = root_file("contracts/artifacts").join(format!("{name}.polkavm"));
    std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}; run yieldset-contracts build", path.display()))
}

/// Keys and values of the constants that the environment says otherwise.
fn constants_otherwise() -> Vec<([u8; 16], Vec<u8>)> {
    let Ok(name) = std::env::var("YIELDSET_CONSTANTS") else { return Vec::new() };
    let known = OTHERWISE.into_iter().find(|(known, _)| *known == name);
    let (_, text) = known.unwrap_or_else(|| panic!("YIELDSET_CONSTANTS is {name:?}; known are {OTHERWISE:?}"));
    let constants = yieldset_service::constants::read(text).unwrap_or_else(|error| panic!("{name}: {error}"));
    constants.into_iter().map(|it| (sp_io::hashing::twox_128(it.key_source().as_bytes()), it.value)).collect()
}

fn limits() -> TransactionLimits<Runtime> {
    TransactionLimits::WeightAndDeposit {
        weight_limit: Weight::from_parts(2_000_000_000_000, 10 * 1024 * 1024),
        deposit_limit: u128::MAX / 4,
    }
}

impl Chain {
    /// A fresh chain at block 1, at [`START`].
    pub fn new() -> Self {
        let storage = RuntimeGenesisConfig::default().build_storage().unwrap();
        let mut chain =
            Self { ext: sp_io::TestExternalities::new(storage), last_cost: Cost { ref_time: 0, proof_size: 0 } };
        chain.ext.execute_with(|| System::set_block_number(1));
        for (key, value) in constants_otherwise() {
            chain.ext.execute_with(|| sp_io::storage::set(&key, &value));
        }
        chain.set_time(START);
        chain
    }

    /// EVM units of one native unit.
    pub fn native_to_evm(&mut self) -> u128 {
        self.in_runtime(NativeToEthRatio::get).into()
    }

    /// What an allowance in a token of the chain has held, in EVM units.
    pub fn approval_deposit(&mut self) -> u128 {
        self.in_runtime(ApprovalDeposit::get) * self.native_to_evm()
    }

    /// Sets the clock, in Unix seconds.
    pub fn set_time(&mut self, seconds: u64) {
        self.ext.execute_with(|| pallet_timestamp::Now::<Runtime>::put(seconds * 1_000));
    }

    /// Goes on to a later block.
    pub fn set_block(&mut self, number: u32) {
        self.ext.execute_with(|| System::set_block_number(number));
    }

    /// The block that calls run in.
    pub fn block(&mut self) -> u32 {
        self.ext.execute_with(System::block_number)
    }

    /// An account with money.
    pub fn account(&mut self, n: u32) -> Account {
        self.endowed(Account::number(n))
    }

    /// The account of an Ethereum key, with money.
    pub fn ethereum_account(&mut self, address: Address) -> Account {
        self.endowed(Account::ethereum(address))
    }

    fn endowed(&mut self, account: Account) -> Account {
        self.endow(&account, ENDOWMENT);
        account
    }

    /// Gives an account more of the chain's own money, in native units.
    pub fn endow(&mut self, account: &Account, native: u128) {
        use frame_support::traits::Currency;
        self.in_runtime(|| drop(pallet_balances::Pallet::<Runtime>::deposit_creating(&account.id, native)));
    }

    /// Runs something on the chain's state that no contract can do: what a genesis, root or another pallet does.
    pub fn in_runtime<T>(&mut self, act: impl FnOnce() -> T) -> T {
        self.ext.execute_with(act)
    }

    /// Balance of an address in EVM units, existential deposit left out.
    pub fn balance(&mut self, address: Address) -> U256 {
        let address = sp_core::H160::from_slice(address.as_slice());
        let value = self.ext.execute_with(|| Revive::evm_balance(&address));
        U256::from_limbs(value.0)
    }

    /// What a contract has stored under a key of any length, byte by byte.
    pub fn stored(&mut self, contract: Address, key: &[u8]) -> Option<Vec<u8>> {
        let contract = sp_core::H160::from_slice(contract.as_slice());
        self.ext.execute_with(|| Revive::get_storage_var_key(contract, key.to_vec())).unwrap()
    }

    /// Puts something into a contract's storage that none of its messages would.
    pub fn store(&mut self, contract: Address, key: &[u8], record: impl Into<Vec<u8>>) {
        let contract = sp_core::H160::from_slice(contract.as_slice());
        let record = Some(record.into());
        self.ext.execute_with(|| Revive::set_storage_var_key(contract, key.to_vec(), record)).unwrap();
    }

    /// Remembers the chain as it is. [`Chain::rewind`] comes back to it.
    pub fn mark(&mut self) {
        self.ext.execute_with(sp_io::storage::start_transaction);
    }

    /// Undoes everything since [`Chain::mark`], clock and blocks included, and remembers that state again.
    pub fn rewind(&mut self) {
        self.ext.execute_with(|| {
            sp_io::storage::rollback_transaction();
            sp_io::storage::start_transaction();
        });
    }

    /// The clock, in Unix seconds.
    pub fn time(&mut self) -> u64 {
        self.ext.execute_with(pallet_timestamp::Now::<Runtime>::get) / 1_000
    }

    /// Puts a blob on the chain, from where a contract may instantiate it.
    ///
    /// # Errors
    /// [`Failure`] of the pallet.
    pub fn upload(&mut self, from: &Account, code: Vec<u8>) -> Result<(), Failure> {
        let origin = RuntimeOrigin::signed(from.id.clone());
        let result = self.ext.execute_with(|| Revive::bare_upload_code(origin, code, u128::MAX / 4));
        result.map(|_| ()).map_err(|e| Failure::Dispatch(format!("{e:?}")))
    }

    /// Bytes of a contract's code.
    pub fn code_size(&mut self, contract: Address) -> usize {
        let contract = sp_core::H160::from_slice(contract.as_slice());
        self.ext.execute_with(|| Revive::code(&contract)).len()
    }

    /// Instantiates a blob and returns its address.
    ///
    /// # Errors
    /// [`Failure`] of the constructor.
    pub fn instantiate(&mut self, from: &Account, code: Vec<u8>, data: Vec<u8>) -> Result<Address, Failure> {
        let salt = self.ext.execute_with(|| System::account_nonce(&from.id)).encode();
        let mut padded = [0u8; 32];
        padded[..salt.len()].copy_from_slice(&salt);
        self.instantiate_with(from, code, data, Some(padded))
    }

    /// Instantiates a blob at the address that the account's first contract has on any EVM chain.
    ///
    /// # Errors
    /// [`Failure`] of the constructor.
    pub fn instantiate_first(&mut self, from: &Account, code: Vec<u8>, data: Vec<u8>) -> Result<Address, Failure> {
        self.instantiate_with(from, code, data, None)
    }

    fn instantiate_with(
        &mut self,
        from: &Account,
        code: Vec<u8>,
        data: Vec<u8>,
        salt: Option<[u8; 32]>,
    ) -> Result<Address, Failure> {
        let origin = RuntimeOrigin::signed(from.id.clone());
        let outcome = self.ext.execute_with(|| {
            let config = ExecConfig::new_substrate_tx();
            Revive::bare_instantiate(origin, 0.into(), limits(), Code::Upload(code), data, salt, &config)
        });
        match outcome.result {
            Err(e) => Err(Failure::Dispatch(format!("{e:?}"))),
            Ok(done) if done.result.did_revert() => Err(Failure::from_revert(done.result.data)),
            Ok(done) => Ok(Address::from_slice(done.addr.as_bytes())),
        }
    }

    /// Calls a contract with `value` in EVM units; the typed result, or why not. Sets [`Chain::last_cost`].
    ///
    /// # Errors
    /// [`Failure`].
    pub fn call<C: SolCall>(
        &mut self,
        from: &Account,
        to: Address,
        call: C,
        value: u128,
    ) -> Result<C::Return, Failure> {
        let data = self.call_raw(from, to, call.abi_encode(), value)?;
        Ok(C::abi_decode_returns(&data).unwrap_or_else(|e| panic!("{}: {e}: {data:02x?}", C::SIGNATURE)))
    }

    /// Calls with raw calldata.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn call_raw(&mut self, from: &Account, to: Address, data: Vec<u8>, value: u128) -> Result<Vec<u8>, Failure> {
        self.ask_pallet(from, to, data, value, limits(), false)
    }

    /// As [`call_raw`](Self::call_raw), with no more than so many bytes of proof.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn call_with_proof(
        &mut self,
        from: &Account,
        to: Address,
        data: Vec<u8>,
        value: u128,
        proof: u64,
    ) -> Result<Vec<u8>, Failure> {
        let weight_limit = Weight::from_parts(2_000_000_000_000, proof);
        let limits = TransactionLimits::WeightAndDeposit { weight_limit, deposit_limit: u128::MAX / 4 };
        self.ask_pallet(from, to, data, value, limits, false)
    }

    /// Calls with raw calldata and undoes whatever that changed: what would happen.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn try_raw(&mut self, from: &Account, to: Address, data: Vec<u8>, value: u128) -> Result<Vec<u8>, Failure> {
        self.ask_pallet(from, to, data, value, limits(), true)
    }

    fn ask_pallet(
        &mut self,
        from: &Account,
        to: Address,
        data: Vec<u8>,
        value: u128,
        limits: TransactionLimits<Runtime>,
        undo: bool,
    ) -> Result<Vec<u8>, Failure> {
        let origin = RuntimeOrigin::signed(from.id.clone());
        let to = sp_core::H160::from_slice(to.as_slice());
        let outcome = self.ext.execute_with(|| {
            let config = ExecConfig::new_substrate_tx();
            let call = || Revive::bare_call(origin, to, value.into(), limits, data, &config);
            if !undo {
                return call();
            }
            with_transaction(|| TransactionOutcome::Rollback(Ok::<_, DispatchError>(call()))).unwrap()
        });
        let w = outcome.weight_consumed;
        self.last_cost = Cost { ref_time: w.ref_time(), proof_size: w.proof_size() };
        match outcome.result {
            Err(e) => Err(Failure::Dispatch(format!("{e:?}"))),
            Ok(done) if done.did_revert() => Err(Failure::from_revert(done.data)),
            Ok(done) => Ok(done.data),
        }
    }

    /// Calls with no more weight and deposit than that, or with what a block has; and what it needs of both, as a dry
    /// run says.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn call_within(
        &mut self,
        from: &Account,
        to: Address,
        data: Vec<u8>,
        limits_given: Option<(Weight, u128)>,
    ) -> (Result<Vec<u8>, Failure>, (Weight, u128)) {
        let (origin, to) = (RuntimeOrigin::signed(from.id.clone()), sp_core::H160::from_slice(to.as_slice()));
        let limits = limits_given.map_or_else(limits, |(weight_limit, deposit_limit)| {
            TransactionLimits::WeightAndDeposit { weight_limit, deposit_limit }
        });
        let config = ExecConfig::new_substrate_tx();
        let outcome = self.ext.execute_with(|| Revive::bare_call(origin, to, 0.into(), limits, data, &config));
        let needed = (outcome.weight_required, outcome.max_storage_deposit.charge_or_zero());
        let answer = match outcome.result {
            Err(e) => Err(Failure::Dispatch(format!("{e:?}"))),
            Ok(done) if done.did_revert() => Err(Failure::from_revert(done.data)),
            Ok(done) => Ok(done.data),
        };
        (answer, needed)
    }

    /// Takes all contract events since the last call of this.
    pub fn take_logs(&mut self) -> Vec<Log> {
        self.ext.execute_with(|| {
            let logs = System::read_events_no_consensus()
                .filter_map(|record| match record.event {
                    RuntimeEvent::Revive(pallet_revive::Event::ContractEmitted { contract, data, topics }) => {
                        Some(Log {
                            contract: Address::from_slice(contract.as_bytes()),
                            topics: topics.iter().map(|t| t.0).collect(),
                            data,
                        })
                    }
                    _ => None,
                })
                .collect();
            System::reset_events();
            logs
        })
    }
}

impl Default for Chain {
    fn default() -> Self {
        Self::new()
    }
}

/// Stops unless the call was refused with the typed error `name`.
#[track_caller]
pub fn assert_refused<T>(result: Result<T, Failure>, name: &str) {
    match result {
        Err(failure) if failure.is(name) => {}
        Err(failure) => panic!("expected {name}, got {failure:?}"),
        Ok(_) => panic!("expected {name}, but it was accepted"),
    }
}
