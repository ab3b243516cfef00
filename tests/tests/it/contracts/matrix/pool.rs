use std::collections::BTreeSet;

use alloy_primitives::{Address, B256, U256, keccak256};
use alloy_sol_types::SolValue;
use yieldset_chain::abi::{Pool, Refusal};
use yieldset_chain::deployment::label;
use yieldset_rules::issuance::Opening;
use yieldset_tests::chain::{Account, Failure, START};
use yieldset_tests::contributors::Contributors;
use yieldset_tests::kyc::Issuer;
use yieldset_tests::system::{SHARE, System, policy};

use super::{Cast, Matrix, Row, lacks, roles, row, row_by};

const STREAM: B256 = B256::repeat_byte(3);
const SILENT: B256 = B256::repeat_byte(4);
const PERIOD: u32 = 8099;
const REASON: B256 = B256::repeat_byte(0x11);
const FOLDERS: [&str; 4] = ["pool", "pool-claims", "pool-core", "pool-logic"];

fn u(amount: u64) -> U256 {
    U256::from(amount)
}

/// A holder with 100 shares, of which 20 units are frozen and 30 on offer, a spender of ten, and two contributors.
struct Scene {
    s: System,
    cast: Cast,
    holder: Account,
    contributors: Contributors,
}

fn scene() -> Scene {
    let mut s = System::new();
    let (holder, contributor, other, spender) = (s.holder(1), s.holder(2), s.holder(3), s.holder(4));
    let (admin, pool) = (s.admin.clone(), s.pool);
    s.mint(&holder, 100 * SHARE).unwrap();
    let contributors = Contributors::new([contributor.address, other.address]);
    let governor = s.chain.account(5);
    let (cap, nobody) = (101 * SHARE, Address::ZERO);
    s.call(&admin, pool, Pool::openCall { cap: U256::from(cap), licences: nobody, governor: nobody }).unwrap();
    // A governor is a contract, and here somebody who signs is to be one.
    let opening = Opening { cap, licences: [0; 20], governor: governor.address.into_array() };
    s.chain.store(pool, b"O", opening.to_bytes());
    s.deposit(&admin, STREAM, PERIOD, 1_000_000).unwrap();
    // Of a stream that nobody ever reports.
    s.deposit(&admin, SILENT, PERIOD, 1_000_000).unwrap();
    contributors.post_final(&mut s, STREAM, PERIOD);
    s.call(&admin, pool, policy(true)).unwrap();
    s.call(&admin, pool, Pool::freezePartialTokensCall { account: holder.address, amount: u(20) }).unwrap();
    for name in ["ISSUER_ROLE", "AGENT_ROLE", "COMPLIANCE_ROLE", "PAUSER_ROLE", "LICENSOR_ROLE"] {
        let role = yieldset_chain::deployment::role(name);
        let revoke = yieldset_chain::abi::Access::revokeRoleCall { role, account: admin.address };
        s.call(&admin, pool, revoke).unwrap();
    }
    let cast = Cast::new(&mut s.chain, pool, &FOLDERS, Some(&admin))
        .party("holder", &holder)
        .party("contributor", &contributor)
        .party("another contributor", &other)
        .party("spender", &spender)
        .party("governor", &governor);
    let market = cast.get("MARKET_ROLE");
    for (to, amount) in [(&spender, 10), (&market, 40)] {
        s.call(&holder, pool, Pool::approveCall { spender: to.address, amount: u(amount) }).unwrap();
    }
    s.call(&market, pool, Pool::reserveCall { owner: holder.address, amount: u(30) }).unwrap();
    Scene { s, cast, holder, contributors }
}

/// An allowance that its owner signed.
fn permit(s: &mut System) -> Pool::permitCall {
    let (key, pool, admin) = (Issuer::number(7), s.pool, s.admin.clone());
    let domain = s.call(&admin, pool, Pool::DOMAIN_SEPARATORCall {}).unwrap();
    let type_hash = keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)");
    let (owner, spender, value, deadline) = (key.address, Address::repeat_byte(8), u(5), u(START * 2));
    let fields = (type_hash, owner, spender, value, U256::ZERO, deadline).abi_encode();
    let (v, r, s) = key.sign_digest(keccak256([&[0x19, 0x01][..], &domain.0, &keccak256(fields).0].concat()));
    Pool::permitCall { owner, spender, value, deadline, v, r, s }
}

/// Shares and what they earn are their holder's.
fn of_holders(scene: &Scene) -> Vec<Row> {
    let (from, to) = (scene.holder.address, Address::repeat_byte(9));
    let short = |sender| {
        let (balance, needed) = (U256::ZERO, u(1));
        Failure::with(&Refusal::ERC20InsufficientBalance { sender, balance, needed })
    };
    let not_allowed = |spender| {
        let (allowance, needed) = (U256::ZERO, u(1));
        Failure::with(&Refusal::ERC20InsufficientAllowance { spender, allowance, needed })
    };
    let nothing = |account| Failure::with(&Refusal::NothingToClaim { account });
    let no_proof = |account| Failure::with(&Refusal::InvalidProof { account });
    let c = &scene.contributors;
    vec![
        row(Pool::transferCall { to, amount: u(1) }).only(&["holder"], short),
        // What a market may reserve it may also spend: both are the owner's allowance.
        row(Pool::transferFromCall { from, to, amount: u(1) }).only(&["spender", "MARKET_ROLE"], not_allowed),
        row(Pool::approveCall { spender: to, amount: u(1) }),
        row(Pool::depositCall { stream: STREAM, period: PERIOD, amount: u(1_000_000) }).paying(1_000_000),
        row(Pool::claimCall {}).only(&["holder"], nothing),
        row_by(|by| Pool::claimForCall { account: by.address }).only(&["holder"], nothing),
        row(Pool::claimForCall { account: from }),
        row(c.claim(0, STREAM, PERIOD)).only(&["contributor"], no_proof),
        row(c.claim(1, STREAM, PERIOD)).only(&["another contributor"], no_proof),
        row(c.claim_for(0, STREAM, PERIOD)),
        row(c.batch(0, STREAM, &[PERIOD])),
        row(c.many(STREAM, PERIOD)),
        row(Pool::keepRootCall { stream: STREAM, period: PERIOD }),
        row(Pool::buyCall { amount: u(1), maxCost: u(1) }).paying(1).but("SaleClosed"),
        row(Pool::carryCall { stream: STREAM, from: PERIOD, to: PERIOD + 1 }).but("WrongWay"),
        row(Pool::releaseWaitingCall { stream: SILENT, period: PERIOD }),
    ]
}

fn not_governor(account: Address) -> Failure {
    Failure::with(&Refusal::NotGovernor { account })
}

/// Votes are their holder's; parts change by the governor alone.
fn of_votes(holder: Address) -> Vec<Row> {
    let to = Address::repeat_byte(9);
    // Whoever signed it, with a nonce of long ago.
    let (v, r, s) = Issuer::number(7).sign_digest(REASON);
    let signed = Pool::delegateBySigCall { delegatee: to, nonce: u(9), expiry: u(START * 2), v, r, s };
    vec![
        row(Pool::delegateCall { delegatee: Address::ZERO }),
        row(signed).but("InvalidAccountNonce"),
        row(Pool::endReservationsCall {}),
        row(Pool::endDelegationCall { account: holder }).but("NotScreened"),
        row(Pool::proposeSuccessorCall { part: 0, successor: to })
            .only(&["governor"], not_governor)
            .but("UnfitSuccessor"),
        row(Pool::cancelSuccessorCall { part: 0 }).only(&["governor"], not_governor).but("NoSuccessor"),
        row(Pool::adoptSuccessorCall { part: 0 }).but("NoSuccessor"),
    ]
}

fn of_roles(scene: &Scene) -> Vec<Row> {
    let (from, to) = (scene.holder.address, Address::repeat_byte(9));
    let (issuer, agent, market) = (&["ISSUER_ROLE"], &["AGENT_ROLE"], &["MARKET_ROLE"]);
    let sale = Pool::setSaleCall { price: u(1), cap: u(1), starts: START, ends: START + 10, proceedsTo: to };
    let open = Pool::openCall { cap: u(1), licences: to, governor: to };
    let freeze = Pool::freezePartialTokensCall { account: from, amount: u(1) };
    let unfreeze = Pool::unfreezePartialTokensCall { account: from, amount: u(1) };
    let recover = Pool::recoverAccountCall { lost: from, replacement: to, reason: REASON };
    vec![
        row(Pool::mintCall { to, amount: u(1) }).only(issuer, lacks("ISSUER_ROLE")),
        row(sale).only(issuer, lacks("ISSUER_ROLE")).but("AlreadyOpened"),
        row(open).only(issuer, lacks("ISSUER_ROLE")).but("AlreadyOpened"),
        row(Pool::declareMinimumCall { minimum: u(1) }).only(issuer, lacks("ISSUER_ROLE")).but("InvalidMinimum"),
        row(Pool::raiseCapCall { cap: U256::MAX >> 128 }).only(&["governor"], not_governor),
        row(freeze).only(agent, lacks("AGENT_ROLE")),
        row(unfreeze).only(agent, lacks("AGENT_ROLE")),
        row(Pool::forcedTransferCall { from, to, amount: u(1), reason: REASON }).only(agent, lacks("AGENT_ROLE")),
        row(recover).only(agent, lacks("AGENT_ROLE")),
        row(Pool::reserveCall { owner: from, amount: u(1) }).only(market, lacks("MARKET_ROLE")),
        row(Pool::releaseCall { owner: from, amount: u(1) }).only(market, lacks("MARKET_ROLE")),
        row(Pool::deliverCall { from, to, amount: u(1) }).only(market, lacks("MARKET_ROLE")),
        row(policy(true)).only(&["COMPLIANCE_ROLE"], lacks("COMPLIANCE_ROLE")),
        row(Pool::pauseCall {}).only(&["PAUSER_ROLE"], lacks("PAUSER_ROLE")),
        row(Pool::unpauseCall {}).only(&["PAUSER_ROLE"], lacks("PAUSER_ROLE")).but("ExpectedPause"),
    ]
}

fn made_again(s: &System) -> Row {
    row_by({
        let (logic, kyc, attribution, name) = (s.logic, s.kyc, s.attribution, label("x").unwrap());
        move |by| Pool::initialiseCall {
            logic,
            name,
            symbol: name,
            kyc,
            attribution,
            currency: Address::ZERO,
            contributorsBps: 1,
            admin: by.address,
        }
    })
    .but("AlreadyInitialised")
}

fn of_all(scene: &mut Scene) -> Vec<Row> {
    let mut rows = of_holders(scene);
    rows.extend(of_roles(scene));
    rows.extend(of_votes(scene.holder.address));
    rows.push(row(permit(&mut scene.s)));
    rows.push(made_again(&scene.s));
    rows.extend(roles("ISSUER_ROLE"));
    rows
}

/// Messages of the front and, through it, of the logic.
#[test]
fn pool() {
    let mut scene = scene();
    let rows = of_all(&mut scene);
    let mut matrix = Matrix::new("pool");
    let pool = scene.s.pool;
    matrix.try_all(&mut scene.s.chain, pool, &scene.cast, rows);
    matrix.finish();
}

/// The logic's own storage is closed: sent there, no message gives anybody anything. An allowance of shares that do not
/// exist can be written, a role that nobody has can be renounced, and reservations that nobody has can be ended.
#[test]
fn the_logic_alone_gives_nothing() {
    let mut scene = scene();
    let rows = of_all(&mut scene);
    let logic = scene.s.logic;
    let mut done = BTreeSet::new();
    for row in rows {
        for account in scene.cast.everybody() {
            if scene.s.chain.call_raw(&account, logic, (row.data)(&account), row.value).is_ok() {
                done.insert(row.message.clone());
            }
        }
    }
    assert_eq!(done, BTreeSet::from(["approve", "endReservations", "renounceRole"].map(str::to_owned)));
    assert_eq!(scene.s.chain.balance(logic), U256::ZERO);
}
