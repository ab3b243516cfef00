//! The development chain's runtime, from the published pallets: system, timestamp, balances, fees, assets with their
//! ERC-20 precompile, and `pallet-revive`, whose weights and limits are its own.
//!
//! Built twice: for this machine, where tests run it in process, and as the Wasm in the devnet's genesis
//! (`scripts/chain-spec`), which the node executes without knowing this crate. What other chains with the same pallets
//! say otherwise is in [`constants`].

#![cfg_attr(not(feature = "std"), no_std)]
#![allow(missing_docs, reason = "FRAME's macros make public items without documentation")]
#![allow(unexpected_cfgs, reason = "and ask for its feature runtime-benchmarks, which is not for here")]

extern crate alloc;

mod apis;
pub mod constants;
pub mod genesis;

use alloc::{borrow::Cow, vec::Vec};

use frame_support::{
    derive_impl,
    dispatch::DispatchClass,
    parameter_types,
    traits::{AsEnsureOriginWithArg, ConstBool},
    weights::{
        ConstantMultiplier, Weight,
        constants::{BlockExecutionWeight, ExtrinsicBaseWeight, WEIGHT_REF_TIME_PER_SECOND},
    },
};
use frame_system::{EnsureRoot, EnsureSigned, limits::BlockWeights};
use pallet_assets_precompiles::{ERC20, InlineIdConfig};
use pallet_revive::{
    AccountId32Mapper,
    evm::{
        fees::{BlockRatioFee, Info as FeeInfo},
        runtime::EthExtra,
    },
};
use pallet_transaction_payment::{ConstFeeMultiplier, Multiplier};
use sp_runtime::{
    MultiAddress, MultiSignature, Perbill, generic,
    traits::{BlakeTwo256, IdentifyAccount, One, Verify},
};
use sp_version::{RuntimeVersion, runtime_version};

pub use apis::{RUNTIME_API_VERSIONS, RuntimeApi};

/// Signs a transaction: sr25519, ed25519 or secp256k1.
pub type Signature = MultiSignature;
/// 32 bytes; an Ethereum address is filled up with 0xee.
pub type AccountId = <<Signature as Verify>::Signer as IdentifyAccount>::AccountId;
/// Native units.
pub type Balance = u128;
/// Counted from the genesis, which is 0.
pub type BlockNumber = u32;
/// How often an account has signed.
pub type Nonce = u32;
/// BLAKE2b-256.
pub type Hash = sp_core::H256;
/// A block's header.
pub type Header = generic::Header<BlockNumber, BlakeTwo256>;
/// A block.
pub type Block = generic::Block<Header, UncheckedExtrinsic>;
/// How transactions name accounts.
pub type Address = MultiAddress<AccountId, ()>;
/// A transaction, a Substrate or an Ethereum one.
pub type UncheckedExtrinsic = pallet_revive::evm::runtime::UncheckedExtrinsic<Address, Signature, EthExtraImpl>;

/// What is checked of a transaction and taken for it, in this order.
type TxExtension = (
    frame_system::CheckNonZeroSender<Runtime>,
    frame_system::CheckSpecVersion<Runtime>,
    frame_system::CheckTxVersion<Runtime>,
    frame_system::CheckGenesis<Runtime>,
    frame_system::CheckEra<Runtime>,
    frame_system::CheckNonce<Runtime>,
    frame_system::CheckWeight<Runtime>,
    pallet_transaction_payment::ChargeTransactionPayment<Runtime>,
    pallet_revive::evm::tx_extension::SetOrigin<Runtime>,
    // Last, so that it sees what those before it gave back.
    frame_system::WeightReclaim<Runtime>,
);

/// The same for Ethereum's transactions.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EthExtraImpl;

impl EthExtra for EthExtraImpl {
    type Config = Runtime;
    type ExtensionV0 = TxExtension;
    type ExtensionOtherVersions = sp_runtime::traits::InvalidVersion;

    fn get_eth_extension(nonce: u32, tip: Balance) -> Self::ExtensionV0 {
        (
            frame_system::CheckNonZeroSender::new(),
            frame_system::CheckSpecVersion::new(),
            frame_system::CheckTxVersion::new(),
            frame_system::CheckGenesis::new(),
            frame_system::CheckMortality::from(generic::Era::Immortal),
            frame_system::CheckNonce::from(nonce),
            frame_system::CheckWeight::new(),
            pallet_transaction_payment::ChargeTransactionPayment::from(tip),
            pallet_revive::evm::tx_extension::SetOrigin::new_from_eth_transaction(),
            frame_system::WeightReclaim::new(),
        )
    }
}

type Executive =
    frame_executive::Executive<Runtime, Block, frame_system::ChainContext<Runtime>, Runtime, AllPalletsWithSystem>;

/// Which runtime this is. A change of what transactions or storage mean raises `spec_version`.
#[runtime_version]
pub const VERSION: RuntimeVersion = RuntimeVersion {
    spec_name: Cow::Borrowed("yieldset-dev"),
    impl_name: Cow::Borrowed("yieldset-dev"),
    authoring_version: 1,
    spec_version: 1,
    impl_version: 1,
    apis: RUNTIME_API_VERSIONS,
    transaction_version: 1,
    system_version: 1,
};

#[frame_support::runtime]
mod runtime {
    #[runtime::runtime]
    #[runtime::derive(
        RuntimeCall,
        RuntimeEvent,
        RuntimeError,
        RuntimeOrigin,
        RuntimeFreezeReason,
        RuntimeHoldReason,
        RuntimeSlashReason,
        RuntimeLockId,
        RuntimeTask,
        RuntimeViewFunction
    )]
    pub struct Runtime;

    #[runtime::pallet_index(0)]
    pub type System = frame_system::Pallet<Runtime>;

    #[runtime::pallet_index(1)]
    pub type Timestamp = pallet_timestamp::Pallet<Runtime>;

    #[runtime::pallet_index(2)]
    pub type Balances = pallet_balances::Pallet<Runtime>;

    #[runtime::pallet_index(4)]
    pub type TransactionPayment = pallet_transaction_payment::Pallet<Runtime>;

    #[runtime::pallet_index(5)]
    pub type Revive = pallet_revive::Pallet<Runtime>;

    #[runtime::pallet_index(50)]
    pub type Assets = pallet_assets::Pallet<Runtime, Instance1>;

    #[runtime::pallet_index(51)]
    pub type AssetsPermit = pallet_assets_precompiles::permit::pallet::Pallet<Runtime>;
}

/// How much of a block's weight is kept for what happens at its beginning.
const AVERAGE_ON_INITIALIZE_RATIO: Perbill = Perbill::from_percent(10);
/// What part of a block ordinary transactions may fill.
const NORMAL_DISPATCH_RATIO: Perbill = Perbill::from_percent(75);
/// Two seconds of compute, and ten megabytes of proof, which is the most that the relay chain takes.
const MAXIMUM_BLOCK_WEIGHT: Weight = Weight::from_parts(WEIGHT_REF_TIME_PER_SECOND.saturating_mul(2), 10 * 1024 * 1024);

parameter_types! {
    pub const Version: RuntimeVersion = VERSION;
    pub RuntimeBlockWeights: BlockWeights = BlockWeights::builder()
        .base_block(BlockExecutionWeight::get())
        .for_class(DispatchClass::all(), |weights| weights.base_extrinsic = ExtrinsicBaseWeight::get())
        .for_class(DispatchClass::Normal, |weights| {
            weights.max_total = Some(NORMAL_DISPATCH_RATIO * MAXIMUM_BLOCK_WEIGHT);
        })
        .for_class(DispatchClass::Operational, |weights| {
            weights.max_total = Some(MAXIMUM_BLOCK_WEIGHT);
            weights.reserved = Some(MAXIMUM_BLOCK_WEIGHT - NORMAL_DISPATCH_RATIO * MAXIMUM_BLOCK_WEIGHT);
        })
        .avg_block_initialization(AVERAGE_ON_INITIALIZE_RATIO)
        .build_or_panic();
    pub FeeMultiplier: Multiplier = Multiplier::one();
}

#[derive_impl(frame_system::config_preludes::SolochainDefaultConfig)]
impl frame_system::Config for Runtime {
    type Block = Block;
    type BlockWeights = RuntimeBlockWeights;
    type Version = Version;
    type AccountId = AccountId;
    type Hash = Hash;
    type Nonce = Nonce;
    type AccountData = pallet_balances::AccountData<Balance>;
    type OnNewAccount = pallet_revive::AutoMapper<Runtime>;
    type OnKilledAccount = pallet_revive::AutoMapper<Runtime>;
}

#[derive_impl(pallet_timestamp::config_preludes::TestDefaultConfig)]
impl pallet_timestamp::Config for Runtime {}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Runtime {
    type AccountStore = System;
    type Balance = Balance;
    type ExistentialDeposit = constants::ExistentialDeposit;
    type RuntimeFreezeReason = RuntimeFreezeReason;
    type FreezeIdentifier = RuntimeFreezeReason;
    type MaxFreezes = frame_support::traits::VariantCountOf<RuntimeFreezeReason>;
}

#[derive_impl(pallet_transaction_payment::config_preludes::TestDefaultConfig)]
impl pallet_transaction_payment::Config for Runtime {
    type OnChargeTransaction = pallet_transaction_payment::FungibleAdapter<Balances, ()>;
    type WeightToFee = BlockRatioFee<1, 1, Self, Balance>;
    type LengthToFee = ConstantMultiplier<Balance, constants::TransactionByteFee>;
    type FeeMultiplierUpdate = ConstFeeMultiplier<FeeMultiplier>;
}

/// Tokens that are no contracts, such as USDC: instance and index are those of Polkadot Hub.
type TrustBackedAssets = pallet_assets::Instance1;

#[derive_impl(pallet_assets::config_preludes::TestDefaultConfig)]
impl pallet_assets::Config<TrustBackedAssets> for Runtime {
    type Balance = Balance;
    type Currency = Balances;
    type CreateOrigin = AsEnsureOriginWithArg<EnsureSigned<AccountId>>;
    type ForceOrigin = EnsureRoot<AccountId>;
    type AssetDeposit = constants::AssetDeposit;
    type AssetAccountDeposit = constants::AssetAccountDeposit;
    type MetadataDepositBase = constants::MetadataDepositBase;
    type MetadataDepositPerByte = constants::MetadataDepositPerByte;
    type ApprovalDeposit = constants::ApprovalDeposit;
}

impl pallet_assets_precompiles::permit::pallet::Config for Runtime {
    type ChainId = constants::ChainId;
    type WeightInfo = ();
}

/// Bytes 16 and 17 of an asset's address; the first four are its id.
const ASSETS_PREFIX: u16 = 0x0120;

#[derive_impl(pallet_revive::config_preludes::TestDefaultConfig)]
impl pallet_revive::Config for Runtime {
    type AddressMapper = AccountId32Mapper<Self>;
    type ChainId = constants::ChainId;
    type CodeHashLockupDepositPercent = constants::CodeHashLockupDepositPercent;
    type DepositPerItem = constants::DepositPerItem;
    type DepositPerChildTrieItem = constants::DepositPerChildTrieItem;
    type DepositPerByte = constants::DepositPerByte;
    type Balance = Balance;
    type Currency = Balances;
    type NativeToEthRatio = constants::NativeToEthRatio;
    type UploadOrigin = EnsureSigned<AccountId>;
    type InstantiateOrigin = EnsureSigned<AccountId>;
    type Time = Timestamp;
    type FeeInfo = FeeInfo<Address, Signature, EthExtraImpl>;
    type DebugEnabled = ConstBool<true>;
    type AutoMap = ConstBool<true>;
    type GasScale = constants::GasScale;
    type MaxEthExtrinsicWeight = constants::MaxEthExtrinsicWeight;
    type Precompiles = (ERC20<Self, InlineIdConfig<ASSETS_PREFIX>, TrustBackedAssets>,);
}
