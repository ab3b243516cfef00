//! The KYC registry: who may change what, which records count, and what a pool is told.

mod access;
mod attestations;
mod front;
pub mod histories;
mod issuers;
mod policy;

use alloy_primitives::{Address, B256, U256};
use alloy_sol_types::{SolCall, SolEvent};
use yieldset_chain::abi::Kyc;
use yieldset_rules::compliance::Restriction;
use yieldset_tests::chain::{Account, Failure, START, assert_refused};
use yieldset_tests::kyc::{Issuer, KycRegistry, attestation, packed_record, set_record};
use yieldset_tests::system::YEAR;

/// Proves PAY-4's compliance part: records decide, agents set them, and revocation acts at once.
#[test]
fn records_decide_and_revocation_acts_at_once() {
    let mut r = KycRegistry::new();
    let [alice, bob] = [11, 12].map(|n| Account::number(n).address);
    r.record(alice);
    let detect =
        |r: &mut KycRegistry, from, to| r.ask(Kyc::detectTransferRestrictionCall { from, to, amount: U256::from(1) });
    assert_eq!(detect(&mut r, alice, bob), 2);
    assert_eq!(detect(&mut r, bob, alice), 1);
    assert_eq!(detect(&mut r, Address::ZERO, alice), 0);
    assert_eq!(detect(&mut r, Address::ZERO, Address::ZERO), 0);
    r.record(bob);
    assert_eq!(detect(&mut r, alice, bob), 0);
    assert_eq!(detect(&mut r, bob, bob), 0);
    r.agent(Kyc::setFrozenCall { account: bob, frozen: true }).unwrap();
    assert_eq!(detect(&mut r, alice, bob), 6);
    assert_eq!(detect(&mut r, bob, bob), 5);
    r.agent(Kyc::setFrozenCall { account: bob, frozen: false }).unwrap();
    r.chain.set_time(START + YEAR);
    assert_eq!(detect(&mut r, alice, bob), 3);
    assert_eq!(detect(&mut r, Address::ZERO, bob), 4);
    r.chain.set_time(START);
    r.agent(Kyc::revokeCall { account: bob }).unwrap();
    assert_eq!(detect(&mut r, alice, bob), 2);
    assert!(!r.ask(Kyc::isVerifiedCall { account: bob }));
    assert!(r.ask(Kyc::isVerifiedCall { account: alice }));
    assert!(!r.ask(Kyc::isVerifiedCall { account: Address::ZERO }));
}

/// Proves REP-3's flags: a sanction has its own code, stops both sides, and nothing but an agent lifts it or a freeze:
/// not a revocation, not a new record, not an issuer's attestation.
#[test]
fn flags_outlive_records() {
    let mut r = KycRegistry::new();
    let account = Account::number(11).address;
    let issuer = Issuer::number(1);
    r.trust(&issuer, &[1, 2]);
    r.record(account);
    for (sanctioned, frozen, code) in [(true, true, 7), (true, false, 7), (false, true, 5), (false, false, 0)] {
        r.agent(Kyc::setSanctionedCall { account, sanctioned }).unwrap();
        r.agent(Kyc::setFrozenCall { account, frozen }).unwrap();
        assert_eq!(r.code(account), code);
        assert_eq!(r.ask(Kyc::isSanctionedCall { account }), sanctioned);
        assert_eq!(r.ask(Kyc::isFrozenCall { account }), frozen);
        r.agent(Kyc::revokeCall { account }).unwrap();
        assert_eq!(r.code(account), if code == 0 { 1 } else { code });
        let nonce = r.nonce(account);
        let nobody = r.nobody.clone();
        let attested = issuer.sign(r.kyc, &attestation(account, nonce));
        r.call(&nobody, attested).unwrap();
        assert_eq!(r.code(account), code);
        r.record(account);
        assert_eq!(r.code(account), code);
    }
    // Also of an account that nobody has seen yet: a list names it before it comes.
    let unseen = Account::number(12).address;
    r.agent(Kyc::setSanctionedCall { account: unseen, sanctioned: true }).unwrap();
    r.record(unseen);
    assert_eq!(r.code(unseen), 7);
}

/// Each message says what it changed, with the state afterwards.
#[test]
fn events_carry_the_state_after() {
    let mut r = KycRegistry::new();
    let [account, other] = [11, 12].map(|n| Account::number(n).address);
    let agent = r.agent.address;
    r.chain.take_logs();
    r.record(account);
    r.agent(Kyc::setFrozenCall { account, frozen: true }).unwrap();
    r.agent(Kyc::setSanctionedCall { account, sanctioned: true }).unwrap();
    r.agent(Kyc::revokeCall { account }).unwrap();
    let logs = r.chain.take_logs();
    let set = |at: usize| Kyc::RecordSet::decode_raw_log(logs[at].topics.iter(), &logs[at].data).unwrap();
    let nonce = START << 16;
    let recorded = Kyc::RecordSet {
        account,
        level: 1,
        jurisdiction: 276,
        accredited: false,
        expiry: START + YEAR,
        frozen: false,
        sanctioned: false,
        issuer: agent,
        attested: false,
        nonce,
    };
    assert_eq!(set(0), recorded);
    assert_eq!(set(1), Kyc::RecordSet { frozen: true, ..recorded });
    let frozen = Kyc::AddressFrozen::decode_raw_log(logs[2].topics.iter(), &logs[2].data).unwrap();
    assert_eq!(frozen, Kyc::AddressFrozen { userAddress: account, isFrozen: true, owner: agent });
    assert_eq!(set(3), Kyc::RecordSet { frozen: true, sanctioned: true, ..recorded });
    let sanctioned = Kyc::AddressSanctioned::decode_raw_log(logs[4].topics.iter(), &logs[4].data).unwrap();
    assert_eq!(sanctioned, Kyc::AddressSanctioned { account, sanctioned: true, agent });
    let revoked = Kyc::RecordRevoked::decode_raw_log(logs[5].topics.iter(), &logs[5].data).unwrap();
    let expected =
        Kyc::RecordRevoked { account, issuer: agent, frozen: true, sanctioned: true, nonce: (START + 1) << 16 };
    assert_eq!(revoked, expected);
    assert_eq!(logs.len(), 6);
    r.record(account);
    r.chain.take_logs();
    let reason = B256::repeat_byte(0x17);
    r.agent(Kyc::recoverCall { lost: account, replacement: other, reason }).unwrap();
    let logs = r.chain.take_logs();
    assert_eq!(logs.len(), 4);
    let recovered = Kyc::AccountRecovered::decode_raw_log(logs[3].topics.iter(), &logs[3].data).unwrap();
    assert_eq!(recovered, Kyc::AccountRecovered { lost: account, replacement: other, agent, reason });
}

#[test]
fn records_and_their_views() {
    let mut r = KycRegistry::new();
    let account = Account::number(11).address;
    let agent = r.agent.address;
    let call = Kyc::setRecordCall { account, level: 9, jurisdiction: 999, accredited: true, expiry: u64::MAX };
    r.agent(call).unwrap();
    let record = r.ask(Kyc::recordOfCall { account });
    assert_eq!((record.level, record.jurisdiction, record.accredited, record.expiry), (9, 999, true, u64::MAX));
    assert_eq!((record.frozen, record.issuer), (false, agent));
    assert_eq!(r.ask(Kyc::investorCountryCall { account }), 999);
    r.agent(Kyc::revokeCall { account }).unwrap();
    let record = r.ask(Kyc::recordOfCall { account });
    assert_eq!((record.level, record.jurisdiction, record.accredited, record.expiry), (0, 0, false, 0));
    assert_eq!((record.frozen, record.issuer), (false, Address::ZERO));
    assert_eq!(r.ask(Kyc::investorCountryCall { account }), 0);
}

/// What makes no record, one by one and in a batch; a batch is whole or nothing.
#[test]
fn only_valid_records_are_set() {
    let mut r = KycRegistry::new();
    let account = Account::number(11).address;
    for (account, level, jurisdiction, expiry) in [
        (account, 0, 276, START + 1),
        (account, 1, 0, START + 1),
        (account, 1, 1_000, START + 1),
        (account, 1, 276, START),
        (Address::ZERO, 1, 276, START + 1),
    ] {
        let call = Kyc::setRecordCall { account, level, jurisdiction, accredited: false, expiry };
        assert_refused(r.agent(call), "InvalidRecord");
        let good = packed_record(Account::number(12).address, 1, 276, 0, START + 1);
        let entries = vec![good, packed_record(account, level, jurisdiction, 0, expiry)];
        assert_refused(r.agent(Kyc::setRecordsCall { entries }), "InvalidRecord");
    }
    let entries = vec![packed_record(account, 1, 276, 2, START + 1)];
    assert_refused(r.agent(Kyc::setRecordsCall { entries }), "InvalidRecord");
    assert_eq!(r.code(Account::number(12).address), 1);
    assert_refused(r.agent(Kyc::revokeCall { account }), "NoRecord");
}

/// A batch does what the single messages do.
#[test]
fn batches_set_and_revoke() {
    let mut r = KycRegistry::new();
    let accounts: Vec<_> = (20..45).map(|n| Account::number(n).address).collect();
    let entries = accounts
        .iter()
        .enumerate()
        .map(|(n, account)| packed_record(*account, n as u8 + 1, 800 + n as u16, n as u8 % 2, START + 1 + n as u64))
        .collect();
    r.agent(Kyc::setRecordsCall { entries }).unwrap();
    for (n, account) in accounts.iter().enumerate() {
        let record = r.ask(Kyc::recordOfCall { account: *account });
        let figures = (usize::from(record.level), usize::from(record.jurisdiction), record.expiry, record.accredited);
        assert_eq!(figures, (n + 1, 800 + n, START + 1 + n as u64, n % 2 == 1));
    }
    r.agent(Kyc::setRecordsCall { entries: vec![] }).unwrap();
    r.agent(Kyc::revokeRecordsCall { accounts: accounts[1..].to_vec() }).unwrap();
    assert_eq!(r.code(accounts[0]), 0);
    assert!(accounts[1..].iter().all(|account| r.code(*account) == 1));
    assert_refused(r.agent(Kyc::revokeRecordsCall { accounts: accounts[..2].to_vec() }), "NoRecord");
    assert_eq!(r.code(accounts[0]), 0);
}

/// Proves REP-3's recovery: the record moves with its flags, the lost account is blocked, and both accounts' older
/// attestations are void.
#[test]
fn recovery_moves_the_record() {
    let mut r = KycRegistry::new();
    let [lost, replacement, other] = [11, 12, 13].map(|n| Account::number(n).address);
    let issuer = Issuer::number(1);
    r.trust(&issuer, &[1, 2]);
    let nobody = r.nobody.clone();
    let first = issuer.sign(r.kyc, &attestation(lost, 0));
    r.call(&nobody, first).unwrap();
    r.agent(Kyc::setSanctionedCall { account: lost, sanctioned: true }).unwrap();
    let pending = [attestation(lost, 1), attestation(replacement, 0)].map(|a| issuer.sign(r.kyc, &a));
    let recover = |lost, replacement| Kyc::recoverCall { lost, replacement, reason: B256::repeat_byte(1) };
    assert_refused(r.agent(recover(lost, lost)), "InvalidReplacement");
    assert_refused(r.agent(recover(lost, Address::ZERO)), "InvalidReplacement");
    assert_refused(r.agent(recover(other, replacement)), "NoRecord");
    r.record(other);
    assert_refused(r.agent(recover(lost, other)), "RecordExists");
    r.agent(recover(lost, replacement)).unwrap();
    let record = r.ask(Kyc::recordOfCall { account: replacement });
    assert_eq!((record.level, record.jurisdiction, record.accredited), (2, 276, true));
    assert_eq!((record.expiry, record.frozen, record.issuer), (START + YEAR, false, issuer.address));
    assert_eq!((r.code(replacement), r.code(lost)), (7, 7));
    for account in [lost, replacement] {
        r.agent(Kyc::setSanctionedCall { account, sanctioned: false }).unwrap();
    }
    assert_eq!((r.code(replacement), r.code(lost)), (0, 5));
    for call in pending {
        assert_refused(r.call(&nobody, call), "InvalidAccountNonce");
    }
    // Not even a new attestation frees the lost account.
    let nonce = r.nonce(lost);
    let again = issuer.sign(r.kyc, &attestation(lost, nonce));
    r.call(&nobody, again).unwrap();
    assert_eq!(r.code(lost), 5);
    // The record that moved still hangs on its issuer.
    let admin = r.admin.clone();
    r.call(&admin, Kyc::removeTrustedIssuerCall { issuer: issuer.address }).unwrap();
    assert_eq!(r.code(replacement), 9);
}

/// Every code has its sentence, and no other number has one.
#[test]
fn messages_for_all_codes() {
    let mut r = KycRegistry::new();
    for code in 0..=u8::MAX {
        let text = r.ask(Kyc::messageForTransferRestrictionCall { code });
        assert_eq!(text, Restriction::from_code(code).map_or("unknown code", Restriction::message));
    }
}

/// Calldata that is short, or whose words are none of the declared types, is refused and changes nothing.
#[test]
fn malformed_calldata_is_refused() {
    let mut r = KycRegistry::new();
    let (agent, kyc) = (r.agent.clone(), r.kyc);
    let account = Account::number(11).address;
    let good = set_record(account).abi_encode();
    let spoil = |at: usize, byte: u8| {
        let mut data = good.clone();
        data[at] = byte;
        data
    };
    let mut wrong = vec![
        good[..good.len() - 1].to_vec(),
        good[..4].to_vec(),
        good[..3].to_vec(),
        vec![],
        spoil(4, 1),            // an address of 32 bytes
        spoil(4 + 62, 1),       // a level of 9 bits
        spoil(4 + 93, 1),       // a jurisdiction of 17 bits
        spoil(4 + 127, 2),      // neither true nor false
        spoil(4 + 128 + 23, 1), // an expiry of 65 bits
    ];
    let batch = Kyc::revokeRecordsCall { accounts: vec![account, Account::number(12).address] }.abi_encode();
    wrong.push(batch[..batch.len() - 1].to_vec());
    for (at, byte) in [(4 + 31, 0x60), (4, 0xff), (4 + 27, 1), (4 + 63, 3), (4 + 32, 0xff), (4 + 64, 1)] {
        let mut data = batch.clone();
        data[at] = byte;
        wrong.push(data);
    }
    r.record(account);
    r.record(Account::number(12).address);
    let before = r.nonce(account);
    for data in wrong {
        let answer = r.chain.call_raw(&agent, kyc, data.clone(), 0);
        assert!(matches!(answer, Err(Failure::Unknown(_) | Failure::Dispatch(_))), "{answer:?} of {data:02x?}");
    }
    assert_eq!(r.nonce(account), before);
    // Nor does it take money.
    assert!(r.chain.call_raw(&agent, kyc, good, 1_000_000).is_err());
    // An empty batch by a caller without a role does nothing; any entry is checked.
    let nobody = r.nobody.clone();
    r.call(&nobody, Kyc::revokeRecordsCall { accounts: vec![] }).unwrap();
}

/// The registry knows nothing that depends on how many records there are.
#[test]
fn asking_costs_the_same_at_any_number_of_records() {
    let mut r = KycRegistry::new();
    let [alice, bob] = [11, 12].map(|n| Account::number(n).address);
    r.record(alice);
    r.record(bob);
    let mut costs = Vec::new();
    for round in 0u32..3 {
        assert_eq!(r.restriction(alice, bob, &yieldset_rules::compliance::Policy::OPEN), 0);
        costs.push((r.chain.last_cost.ref_time, r.chain.last_cost.proof_size));
        let entries = (0..50)
            .map(|n| packed_record(Account::number(1_000 + round * 100 + n).address, 1, 276, 0, u64::MAX))
            .collect();
        r.agent(Kyc::setRecordsCall { entries }).unwrap();
    }
    let (ref_time, proof_size) = costs[0];
    println!("restrictionFor, two accounts: {} µs, {proof_size} bytes of proof", ref_time / 1_000_000);
    r.restriction(alice, Address::ZERO, &yieldset_rules::compliance::Policy::OPEN);
    println!("one account: {} bytes of proof", r.chain.last_cost.proof_size);
    r.restriction(Address::ZERO, Address::ZERO, &yieldset_rules::compliance::Policy::OPEN);
    println!("no account: {} bytes of proof", r.chain.last_cost.proof_size);
    let issuer = Issuer::number(1);
    r.trust(&issuer, &[1, 2]);
    let nobody = r.nobody.clone();
    let call = issuer.sign(r.kyc, &attestation(Account::number(13).address, 0));
    r.call(&nobody, call).unwrap();
    let cost = r.chain.last_cost;
    println!("submitAttestation: {} µs, {} bytes of proof", cost.ref_time / 1_000_000, cost.proof_size);
    assert_eq!(costs[0], costs[1]);
    assert_eq!(costs[1], costs[2]);
}
