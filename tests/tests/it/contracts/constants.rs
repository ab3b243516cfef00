//! What chains with the same pallets say differently is no part of the runtime's code: another value is set, and one
//! consequence of each is seen.

use alloy_primitives::{Address, U256};
use yieldset_chain::Revive;
use yieldset_chain::abi::Pool;
use yieldset_runtime::Runtime;
use yieldset_runtime::constants::{
    ApprovalDeposit, ChainId, DepositPerItem, ExistentialDeposit, NativeToEthRatio, UNIT,
};
use yieldset_tests::assets::{Asset, PLAIN};
use yieldset_tests::chain::{Account, CHAIN_ID, Chain, ENDOWMENT, assert_refused, blob};
use yieldset_tests::fixtures::Token;
use yieldset_tests::kyc::{Issuer, KycRegistry, attestation};
use yieldset_tests::system::{SHARE, System};

fn evm(chain: &mut Chain, native: u128) -> U256 {
    U256::from(native) * U256::from(chain.native_to_evm())
}

/// Proves NET-2: `yieldset doctor` knows the pallet on which the contracts are tried here, by the runtime's metadata;
/// in `tests/hub` that of Polkadot Hub's.
#[test]
fn the_pallet_is_known_by_its_shape() {
    let metadata = Chain::new().in_runtime(|| Runtime::metadata_at_version(15)).unwrap();
    let revive = Revive::of_scale(&metadata).unwrap();
    assert!(revive.version().is_some(), "chain/src/node.rs does not have {revive:?}");
}

/// A token with a decimal less is worth ten times as many EVM units.
#[test]
fn another_ratio_makes_other_evm_amounts() {
    let mut s = System::new();
    let (alice, platform) = (s.holder(1), s.chain.account(2));
    let native = |s: &mut System| s.chain.balance(alice.address);
    let before = native(&mut s);
    s.chain.in_runtime(|| NativeToEthRatio::set(&(NativeToEthRatio::get() * 10)));
    assert_eq!(native(&mut s), before * U256::from(10));
    // What is less than one native unit is paid all the same: 60 % of 10^18 + 35.
    s.mint(&alice, SHARE).unwrap();
    s.deposit(&platform, [3; 32].into(), 1, 1_000_000_000_000_000_035).unwrap();
    let before = native(&mut s);
    assert_eq!(s.call(&alice, s.pool, Pool::claimCall {}), Ok(U256::from(600_000_000_000_000_021u64)));
    assert_eq!(native(&mut s) - before, U256::from(600_000_000_000_000_021u64));
}

/// What an account must keep is not money that it can spend, and whoever pays a new account pays it besides.
#[test]
fn another_existential_deposit_is_kept_back() {
    let mut chain = Chain::new();
    let alice = chain.account(1);
    chain.in_runtime(|| ExistentialDeposit::set(&(3 * UNIT)));
    let (left, least) = (evm(&mut chain, ENDOWMENT - 3 * UNIT), evm(&mut chain, 3 * UNIT));
    assert_eq!(chain.balance(alice.address), left);
    let nobody = Address::repeat_byte(0x42);
    chain.call_raw(&alice, nobody, Vec::new(), 5_000_000).unwrap();
    assert_eq!(chain.balance(nobody), U256::from(5_000_000));
    assert_eq!(chain.balance(alice.address), left - least - U256::from(5_000_000));
}

/// A code is two items: the code, and what is known of it.
#[test]
fn another_deposit_per_item_is_taken_for_code() {
    let spent = |per_item: u128| {
        let mut chain = Chain::new();
        chain.in_runtime(|| DepositPerItem::set(&per_item));
        let alice = chain.account(1);
        let before = chain.balance(alice.address);
        chain.upload(&alice, blob("kyc")).unwrap();
        (before - chain.balance(alice.address)) / U256::from(chain.native_to_evm())
    };
    assert_eq!(spent(7 * UNIT) - spent(2 * UNIT), U256::from(10 * UNIT));
}

/// Who allows somebody to take a token of the chain leaves a deposit until the allowance is used up, so an account
/// without native money allows nobody, unless the deposit is nothing.
#[test]
fn another_approval_deposit_is_reserved_for_an_allowance() {
    let mut chain = Chain::new();
    let (alice, bob) = (chain.account(1), chain.account(2));
    let poor = Account::ethereum(Address::repeat_byte(0x42));
    let asset = Asset::create(&mut chain, 7, PLAIN);
    let token = asset.address();
    for owner in [&alice, &poor] {
        asset.mint(&mut chain, owner.address, 100);
    }
    chain.in_runtime(|| ApprovalDeposit::set(&(4 * UNIT)));
    let approve = Token::approveCall { spender: bob.address, value: U256::from(60) };
    let before = chain.balance(alice.address);
    chain.call(&alice, token, approve.clone(), 0).unwrap();
    let held = evm(&mut chain, 4 * UNIT);
    assert_eq!(before - chain.balance(alice.address), held);
    let take = Token::transferFromCall { from: alice.address, to: bob.address, value: U256::from(60) };
    chain.call(&bob, token, take, 0).unwrap();
    assert_eq!(chain.balance(alice.address), before);
    assert!(chain.call(&poor, token, approve.clone(), 0).is_err());
    chain.in_runtime(|| ApprovalDeposit::set(&0));
    assert!(chain.call(&poor, token, approve, 0).unwrap());
}

/// What was signed for one chain is nothing on another.
#[test]
fn another_chain_id_is_another_chain() {
    let mut r = KycRegistry::new();
    let issuer = Issuer::number(1);
    r.trust(&issuer, &[1, 2]);
    let (nobody, account) = (r.nobody.clone(), Address::repeat_byte(9));
    r.chain.in_runtime(|| ChainId::set(&(CHAIN_ID + 1)));
    let signed = |chain| issuer.sign_for(chain, r.kyc, &attestation(account, 0));
    let (ours, theirs) = (signed(CHAIN_ID), signed(CHAIN_ID + 1));
    assert_refused(r.call(&nobody, ours), "UntrustedIssuer");
    r.call(&nobody, theirs).unwrap();
    assert_eq!(r.code(account), 0);
}

/// Files that name constants, and the runtime's own list of them.
mod in_files {
    use codec::Encode;
    use yieldset_service::constants::{Constant, KNOWN, read};
    use yieldset_tests::chain::{Chain, root_file};

    macro_rules! what_the_runtime_says {
        ($($constant:ident),* $(,)?) => {
            /// What the runtime says now, by a constant's name.
            fn what_the_runtime_says(name: &str) -> Vec<u8> {
                match name {
                    $(stringify!($constant) => yieldset_runtime::constants::$constant::get().encode(),)*
                    _ => panic!("the runtime has no {name}"),
                }
            }
        };
    }
    what_the_runtime_says!(
        ApprovalDeposit,
        AssetAccountDeposit,
        AssetDeposit,
        ChainId,
        CodeHashLockupDepositPercent,
        DepositPerByte,
        DepositPerChildTrieItem,
        DepositPerItem,
        ExistentialDeposit,
        GasScale,
        MaxEthExtrinsicWeight,
        MetadataDepositBase,
        MetadataDepositPerByte,
        NativeToEthRatio,
        TransactionByteFee,
    );

    /// Proves NET-2: a file of constants can name each constant of the runtime and no other, and what it says of one
    /// the runtime says.
    #[test]
    fn a_file_names_the_runtime_s_constants() {
        let declared = std::fs::read_to_string(root_file("scripts/runtime/src/constants.rs")).unwrap();
        let name = |line: &str| Some(line.trim().strip_prefix("pub storage ")?.split_once(':')?.0.to_owned());
        let mut names: Vec<_> = declared.lines().filter_map(name).collect();
        names.sort_unstable();
        assert_eq!(KNOWN.map(|(name, _)| name.to_owned()).to_vec(), names);
        let mut chain = Chain::new();
        for (name, kind) in KNOWN {
            let otherwise = read(&format!("{name} {kind} 16_909_060")).unwrap().remove(0);
            assert_ne!(chain.in_runtime(|| what_the_runtime_says(name)), otherwise.value, "{name}");
            let key = sp_io::hashing::twox_128(otherwise.key_source().as_bytes());
            chain.in_runtime(|| sp_io::storage::set(&key, &otherwise.value));
            assert_eq!(chain.in_runtime(|| what_the_runtime_says(name)), otherwise.value, "{name}");
        }
    }

    /// Proves NET-2: in the tests that run with the constants of Polkadot Hub each is in force; otherwise most differ.
    #[test]
    fn the_constants_of_hub_are_in_force_where_they_are_asked_for() {
        let hub = read(&std::fs::read_to_string(root_file("scripts/devnet/hub.txt")).unwrap()).unwrap();
        let mut chain = Chain::new();
        let mut says = |constant: &Constant| chain.in_runtime(|| what_the_runtime_says(&constant.name));
        let other: Vec<_> = hub.iter().filter(|constant| says(constant) != constant.value).collect();
        match std::env::var("YIELDSET_CONSTANTS").is_ok_and(|name| name == "hub") {
            true => assert!(other.is_empty(), "{other:?}"),
            false => assert!(other.len() > hub.len() / 2, "{other:?}"),
        }
    }
}
