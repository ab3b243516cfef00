//! What differs between chains that run the same pallets. Each is a value in storage with a default, so that a test, or
//! a genesis, can say what another chain says without another runtime; `X::set(&value)` sets one. Amounts are in the
//! native token's smallest unit, of which a whole token has 10^12.

use frame_support::parameter_types;
use sp_runtime::{FixedU128, Perbill};

use crate::Balance;

/// One token.
pub const UNIT: Balance = 1_000_000_000_000;
/// A hundredth of a token.
pub const CENTS: Balance = UNIT / 100;
/// A thousandth of that.
pub const MILLICENTS: Balance = CENTS / 1_000;

parameter_types! {
    /// Least balance of an account that exists.
    pub storage ExistentialDeposit: Balance = CENTS;
    /// What a byte of a transaction costs.
    pub storage TransactionByteFee: Balance = 10 * MILLICENTS;
    /// EIP-155's chain id.
    pub storage ChainId: u64 = 420_420_420;
    /// EVM units (of which a token has 10^18) for one native unit.
    pub storage NativeToEthRatio: u32 = 1_000_000;
    /// By what the gas that Ethereum clients see is smaller than the weight behind it.
    pub storage GasScale: u32 = 50_000;
    /// Largest part of a block that one Ethereum transaction may take.
    pub storage MaxEthExtrinsicWeight: FixedU128 = FixedU128::from_rational(9, 10);
    /// Deposit for an item of a contract's storage.
    pub storage DepositPerItem: Balance = 20 * CENTS;
    /// Deposit for an item in a contract's child trie.
    pub storage DepositPerChildTrieItem: Balance = 20 * CENTS / 100;
    /// Deposit for a byte of a contract's storage.
    pub storage DepositPerByte: Balance = MILLICENTS;
    /// Part of a code's deposit that each of its instances locks up.
    pub storage CodeHashLockupDepositPercent: Perbill = Perbill::from_percent(30);
    /// Deposit for an asset.
    pub storage AssetDeposit: Balance = 10 * UNIT;
    /// Deposit for an account that has an asset and no native balance.
    pub storage AssetAccountDeposit: Balance = CENTS;
    /// Deposit for an allowance.
    pub storage ApprovalDeposit: Balance = CENTS;
    /// Deposit for an asset's name and symbol.
    pub storage MetadataDepositBase: Balance = 20 * CENTS;
    /// The same, for each byte of them.
    pub storage MetadataDepositPerByte: Balance = MILLICENTS;
}
