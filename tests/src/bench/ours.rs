//! Our calls in the steady state: between holders who both have money to settle and had some before, claims with money
//! pending. This is the one place that says how each row is made.

use super::Row;
use crate::attribution;
use crate::chain::{Account, Cost, START, blob};
use crate::crowd::Crowd;
use crate::system::{CONTRIBUTORS_BPS, System, keccak};
use alloy_primitives::{Address, B256, U256};
use alloy_sol_types::SolConstructor;
use yieldset_chain::abi::{Pool, Verifier};
use yieldset_rules::{contribution::WEIGHT_ONE, merkle};

/// Transfer in a pool that has no registry and asks nobody.
pub const TRANSFER_OPEN: &str = "transfer, no registry";
/// Transfer between holders that the registry must both admit.
pub const TRANSFER_KYC: &str = "transfer, KYC policy";
/// Claim of dividends, paid in the native coin.
pub const CLAIM: &str = "claim of dividends";
/// Deposit where all money goes to holders.
pub const DEPOSIT_HOLDERS: &str = "deposit, no contributors' leg";
/// Deposit shared with contributors.
pub const DEPOSIT: &str = "deposit, contributors' leg";
/// Approve over a standing allowance.
pub const APPROVE: &str = "approve";
/// The view.
pub const BALANCE: &str = "balanceOf";
/// Claim of dividends in a pool that has no registry and asks nobody.
pub const CLAIM_OPEN: &str = "claim of dividends, no registry";
/// Claim against a report of a period, with a proof of one step; the report's root is kept.
pub const CLAIM_CONTRIBUTION: &str = "claim of a contribution";
/// The same, before anybody had the root kept: it is brought in by the way.
pub const CLAIM_CONTRIBUTION_FIRST: &str = "claim of a contribution, its root not kept";
/// Having it kept.
pub const KEEP_ROOT: &str = "keepRoot";
/// What one of many accounts adds, on average of eight, in a call that pays many.
pub const FURTHER: &str = "a further account of claimForMany";
/// A report for a committee that needs two signatures.
pub const POST_2: &str = "post a report, 2 signatures";
/// The same report for a committee that needs three.
pub const POST_3: &str = "post a report, 3 signatures";
/// The difference of the two.
pub const SIGNATURE: &str = "one ed25519 signature";
/// Claim in a pool with 10 holders.
pub const CLAIM_10: &str = "claim at 10 holders";
/// Claim in a pool with 10,000 holders.
pub const CLAIM_10_000: &str = "claim at 10,000 holders";

const STREAM: B256 = B256::repeat_byte(3);
const PERIOD: u32 = 8099;
const COIN: u128 = 1_000_000_000_000_000_000;

/// A pool with two holders who were paid before and have a dividend to settle, and who deposited it.
struct Setting {
    system: System,
    alice: Account,
    bob: Account,
    platform: Account,
}

impl Setting {
    fn new(contributors_bps: u16) -> Self {
        let mut system = System::new();
        system.pool = system.new_pool(Address::ZERO, contributors_bps).unwrap();
        Self::of(system)
    }

    /// A pool without a registry and without a contributors' leg.
    fn unscreened() -> Self {
        let mut system = System::new();
        let kyc = std::mem::take(&mut system.kyc);
        system.pool = system.new_pool(Address::ZERO, 0).unwrap();
        system.kyc = kyc;
        Self::of(system)
    }

    fn of(mut system: System) -> Self {
        let admin = system.admin.clone();
        system.grant(system.pool, "ISSUER_ROLE", &admin);
        let (alice, bob, platform) = (system.holder(1), system.holder(2), system.chain.account(3));
        for holder in [&alice, &bob] {
            system.mint(holder, 1_000 * COIN).unwrap();
        }
        let mut setting = Self { system, alice, bob, platform };
        for _ in 0..2 {
            setting.deposit();
            setting.transfer();
        }
        setting
    }

    fn deposit(&mut self) -> Cost {
        self.system.deposit(&self.platform, STREAM, PERIOD, 10 * COIN).unwrap();
        self.system.chain.last_cost
    }

    fn transfer(&mut self) -> Cost {
        let call = Pool::transferCall { to: self.bob.address, amount: U256::from(COIN) };
        self.system.call(&self.alice, self.system.pool, call).unwrap();
        self.system.chain.last_cost
    }

    fn claim(&mut self) -> Cost {
        let before = self.system.chain.balance(self.alice.address);
        self.system.call(&self.alice, self.system.pool, Pool::claimCall {}).unwrap();
        let cost = self.system.chain.last_cost;
        assert!(self.system.chain.balance(self.alice.address) > before, "nothing was paid");
        cost
    }

    fn approve(&mut self) -> Cost {
        for amount in [5, 9] {
            let call = Pool::approveCall { spender: self.bob.address, amount: U256::from(amount) };
            self.system.call(&self.alice, self.system.pool, call).unwrap();
        }
        self.system.chain.last_cost
    }

    fn balance(&mut self) -> Cost {
        let call = Pool::balanceOfCall { account: self.alice.address };
        assert_ne!(self.system.call(&self.alice, self.system.pool, call).unwrap(), U256::ZERO);
        self.system.chain.last_cost
    }
}

/// All rows but those of [`scale`].
pub fn measure() -> Vec<Row> {
    let mut rows = Vec::new();
    let mut add = |name, cost| rows.push(Row { name, cost });
    let mut open = Setting::unscreened();
    open.deposit();
    add(TRANSFER_OPEN, open.transfer());
    open.deposit();
    add(CLAIM_OPEN, open.claim());
    open.deposit();
    let mut shared = Setting::new(CONTRIBUTORS_BPS);
    shared.deposit();
    add(TRANSFER_KYC, shared.transfer());
    let deposit = shared.deposit();
    add(CLAIM, shared.claim());
    add(DEPOSIT_HOLDERS, open.deposit());
    add(DEPOSIT, deposit);
    add(APPROVE, shared.approve());
    add(BALANCE, shared.balance());
    let (two, first) = report(shared, false);
    let (_, claimed) = report(Setting::new(CONTRIBUTORS_BPS), true);
    add(CLAIM_CONTRIBUTION, claimed);
    add(CLAIM_CONTRIBUTION_FIRST, first);
    let (kept, further) = crowd();
    add(KEEP_ROOT, kept);
    add(FURTHER, further);
    add(POST_2, two);
    let three = signed_by_three();
    add(POST_3, three);
    let proof_size = three.proof_size.saturating_sub(two.proof_size);
    add(SIGNATURE, Cost { ref_time: three.ref_time - two.ref_time, proof_size });
    rows
}

/// What it costs to have a root kept, and what a further account adds to a call that pays one.
fn crowd() -> (Cost, Cost) {
    let Setting { mut system, platform, .. } = Setting::new(CONTRIBUTORS_BPS);
    let members = (0..16).map(|n| (system.holder(100 + n).address, WEIGHT_ONE / 16));
    let crowd = Crowd::new(members.collect());
    crowd.post_final(&mut system, STREAM, PERIOD);
    system.call(&platform, system.pool, Pool::keepRootCall { stream: STREAM, period: PERIOD }).unwrap();
    let kept = system.chain.last_cost;
    let mut paid = |members: &[usize]| {
        let sum = system.call(&platform, system.pool, crowd.many(members, STREAM, PERIOD)).unwrap();
        assert_ne!(sum, U256::ZERO);
        system.chain.last_cost
    };
    let (one, nine) = (paid(&[0]), paid(&[1, 2, 3, 4, 5, 6, 7, 8, 9]));
    let each = |nine: u64, one: u64| (nine - one).div_ceil(8);
    let ref_time = each(nine.ref_time, one.ref_time);
    (kept, Cost { ref_time, proof_size: each(nine.proof_size, one.proof_size) })
}

/// Posts the first report of a stream, then claims a contribution for it when nobody can dispute it any more; before
/// that somebody has its root kept, or nobody.
fn report(setting: Setting, kept: bool) -> (Cost, Cost) {
    let Setting { mut system, alice, platform, .. } = setting;
    let leaf = merkle::leaf(&alice.address.into_array(), WEIGHT_ONE, keccak);
    let sibling = [9u8; 32];
    let root = merkle::parent(&leaf, &sibling, keccak);
    let report = system.report(STREAM, PERIOD, root).to_bytes();
    let keys = system.keys[..2].to_vec();
    system.post(&report, &keys).unwrap();
    let posted = system.chain.last_cost;
    system.chain.set_time(START + attribution::WINDOW + 1);
    if kept {
        system.call(&platform, system.pool, Pool::keepRootCall { stream: STREAM, period: PERIOD }).unwrap();
    }
    let (weight, proof) = (U256::from(WEIGHT_ONE), vec![B256::from(sibling)]);
    let call = Pool::claimContributionCall { stream: STREAM, period: PERIOD, weight, proof };
    system.call(&alice, system.pool, call).unwrap();
    (posted, system.chain.last_cost)
}

/// Posts the same report to a registry whose committee must sign with all three keys.
fn signed_by_three() -> Cost {
    let mut system = System::new();
    let admin = system.admin.clone();
    let data = Verifier::constructorCall {}.abi_encode();
    let verifier = system.chain.instantiate(&admin, blob("verifier"), data).unwrap();
    let mut data = attribution::constructor(admin.address, verifier, &system.keys);
    (data.threshold, data.licences) = (3, system.licence);
    system.attribution = system.chain.instantiate(&admin, blob("attribution"), data.abi_encode()).unwrap();
    let report = system.report(STREAM, PERIOD, [9; 32]).to_bytes();
    let keys = system.keys.clone();
    system.post(&report, &keys).unwrap();
    system.chain.last_cost
}

/// Claims at 10 and at 10,000 holders; takes half a minute.
pub fn scale() -> Vec<Row> {
    let mut system = System::new();
    let platform = system.chain.account(3);
    let mut minted = 0;
    let mut rows = Vec::new();
    for (name, holders) in [(CLAIM_10, 10), (CLAIM_10_000, 10_000)] {
        for n in minted..holders {
            let holder = system.holder(1_000 + n);
            system.mint(&holder, 10 * COIN).unwrap();
        }
        minted = holders;
        let holder = Account::number(1_000);
        for _ in 0..2 {
            system.deposit(&platform, STREAM, PERIOD, COIN).unwrap();
            system.call(&holder, system.pool, Pool::claimCall {}).unwrap();
        }
        rows.push(Row { name, cost: system.chain.last_cost });
    }
    rows
}
