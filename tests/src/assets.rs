//! Currencies that are no contracts: tokens of the chain itself (`pallet_assets`), which contracts reach as ERC-20s
//! under an address made of the token's number. USDC on Polkadot Hub is one.

use alloy_primitives::{Address, U256};
use frame_support::traits::fungibles::Inspect;
use pallet_revive::AddressMapper;
use sp_core::H160;
use sp_runtime::AccountId32;
use yieldset_chain::abi::Pool;
use yieldset_runtime::{Assets, Runtime, RuntimeOrigin};

use crate::chain::{Account, Chain, Failure};

/// A token of the chain. Its issuer is an account that no test uses otherwise.
#[derive(Debug, Clone, Copy)]
pub struct Asset {
    /// Its number.
    pub id: u32,
}

/// What a token is like.
#[derive(Debug, Clone, Copy)]
pub struct AssetKind {
    /// Digits behind the point.
    pub decimals: u8,
    /// Least balance of an account that has any.
    pub min_balance: u128,
    /// Whether an account may have it and no native money.
    pub sufficient: bool,
}

/// Six decimals, no least balance to speak of, and enough for an account to live on.
pub const PLAIN: AssetKind = AssetKind { decimals: 6, min_balance: 1, sufficient: true };

/// As USDC (1337) and USDT (1984) are on Polkadot Hub: no account has less than a cent.
pub const HUB: AssetKind = AssetKind { decimals: 6, min_balance: 10_000, sufficient: true };

fn issuer() -> AccountId32 {
    AccountId32::new([0xa5; 32])
}

/// Only on a chain: it knows who is behind an address.
fn account_id(address: Address) -> AccountId32 {
    <Runtime as pallet_revive::Config>::AddressMapper::to_account_id(&H160(address.into_array()))
}

impl Asset {
    /// Makes it, under a number that is free.
    pub fn create(chain: &mut Chain, id: u32, kind: AssetKind) -> Self {
        let AssetKind { decimals, min_balance, sufficient } = kind;
        let (name, symbol) = (b"A token of the chain".to_vec(), b"TOK".to_vec());
        chain.in_runtime(|| {
            let root = RuntimeOrigin::root;
            Assets::force_create(root(), id, issuer().into(), sufficient, min_balance).unwrap();
            Assets::force_set_metadata(root(), id, name, symbol, decimals, false).unwrap();
        });
        Self { id }
    }

    /// Where contracts find it: the number, zeros, and the precompile's 0x0120 in bytes 16 and 17.
    pub fn address(self) -> Address {
        let mut address = [0; 20];
        address[..4].copy_from_slice(&self.id.to_be_bytes());
        address[16..18].copy_from_slice(&[0x01, 0x20]);
        address.into()
    }

    /// The issuer makes more of it.
    pub fn mint(self, chain: &mut Chain, to: Address, amount: u128) {
        let origin = RuntimeOrigin::signed(issuer());
        chain.in_runtime(|| Assets::mint(origin, self.id, account_id(to).into(), amount)).unwrap();
    }

    /// The token at an address, if that is one's.
    pub fn at(address: Address) -> Option<Self> {
        let [a, b, c, d, ..] = address.into_array();
        let asset = Self { id: u32::from_be_bytes([a, b, c, d]) };
        (asset.address() == address).then_some(asset)
    }

    /// The least balance that it lets an account have.
    pub fn minimum(self, chain: &mut Chain) -> u128 {
        chain.in_runtime(|| <Assets as Inspect<AccountId32>>::minimum_balance(self.id))
    }

    /// Gives an account the least balance, for it to keep. Answers with how much that is.
    pub fn float(self, chain: &mut Chain, account: Address) -> u128 {
        let minimum = self.minimum(chain);
        self.mint(chain, account, minimum);
        minimum
    }

    /// The pool has its float, and its issuer declares that.
    pub fn begin(self, chain: &mut Chain, by: &Account, pool: Address) {
        let minimum = self.float(chain, pool);
        declare(chain, by, pool, minimum).unwrap();
    }

    /// The issuer burns some of an account's.
    pub fn burn(self, chain: &mut Chain, from: Address, amount: u128) {
        let origin = RuntimeOrigin::signed(issuer());
        chain.in_runtime(|| Assets::burn(origin, self.id, account_id(from).into(), amount)).unwrap();
    }

    /// The issuer stops all of it, or lets it move again.
    pub fn stop(self, chain: &mut Chain, stopped: bool) {
        let origin = RuntimeOrigin::signed(issuer());
        let act = || if stopped { Assets::freeze_asset(origin, self.id) } else { Assets::thaw_asset(origin, self.id) };
        chain.in_runtime(act).unwrap();
    }

    /// The issuer stops an account that has some from sending and from receiving; `freeze` undoes that too.
    pub fn block(self, chain: &mut Chain, account: Address) {
        let origin = RuntimeOrigin::signed(issuer());
        chain.in_runtime(|| Assets::block(origin, self.id, account_id(account).into())).unwrap();
    }

    /// The issuer stops an account that has some from sending it, or lets it again.
    pub fn freeze(self, chain: &mut Chain, account: Address, frozen: bool) {
        let origin = RuntimeOrigin::signed(issuer());
        let act = || {
            let who = account_id(account).into();
            if frozen { Assets::freeze(origin, self.id, who) } else { Assets::thaw(origin, self.id, who) }
        };
        chain.in_runtime(act).unwrap();
    }
}

/// A pool's issuer declares the least balance of its currency.
///
/// # Errors
/// [`Failure`].
pub fn declare(chain: &mut Chain, by: &Account, pool: Address, minimum: u128) -> Result<(), Failure> {
    chain.call(by, pool, Pool::declareMinimumCall { minimum: U256::from(minimum) }, 0).map(drop)
}
