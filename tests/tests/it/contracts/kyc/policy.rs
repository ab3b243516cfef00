//! What a pool is told: the blob and the rules agree.

use alloy_primitives::{Address, B256};
use proptest::{prelude::*, test_runner::TestRunner};
use yieldset_chain::abi::Kyc;
use yieldset_rules::compliance::{Jurisdictions, Policy, Record, Requirements, Restriction, Terms, restriction_for};
use yieldset_tests::chain::{Account, START, assert_refused};
use yieldset_tests::kyc::{KycRegistry, restriction_call};
use yieldset_tests::system::YEAR;

/// Proves PAY-4's policies: level, countries admitted or not, accredited only.
#[test]
fn each_requirement_has_its_code() {
    let mut r = KycRegistry::new();
    let [good, low, abroad, retail] = [11, 12, 13, 14].map(|n| Account::number(n).address);
    for (account, level, jurisdiction, accredited) in
        [(good, 2, 276, true), (low, 1, 276, true), (abroad, 2, 840, true), (retail, 2, 276, false)]
    {
        let call = Kyc::setRecordCall { account, level, jurisdiction, accredited, expiry: START + YEAR };
        r.agent(call).unwrap();
    }
    let policy = Policy {
        min_level: 2,
        accredited_only: true,
        allow_list: true,
        jurisdictions: Jurisdictions::of([276, 250]).0,
        ..Policy::OPEN
    };
    let pairs = [
        (good, good, Restriction::None),
        (low, good, Restriction::SenderLevelTooLow),
        (good, low, Restriction::RecipientLevelTooLow),
        (abroad, good, Restriction::SenderJurisdictionNotAllowed),
        (good, abroad, Restriction::RecipientJurisdictionNotAllowed),
        (good, retail, Restriction::RecipientNotAccredited),
        (retail, good, Restriction::None),
        (retail, Address::ZERO, Restriction::None),
        (Address::ZERO, retail, Restriction::RecipientNotAccredited),
        (Address::ZERO, Address::ZERO, Restriction::None),
    ];
    for (from, to, expected) in pairs {
        assert_eq!(r.restriction(from, to, &policy), expected as u8, "{expected:?}");
    }
    let block = Policy { allow_list: false, ..policy };
    assert_eq!(r.restriction(good, Address::ZERO, &block), 13);
    assert_eq!(r.restriction(abroad, Address::ZERO, &block), 0);
    // Nobody is admitted by an empty list, and nobody kept out by one.
    let nowhere = Policy { allow_list: true, ..Policy::OPEN };
    assert_eq!(r.restriction(good, Address::ZERO, &nowhere), 13);
    assert_eq!(r.restriction(good, abroad, &Policy::OPEN), 0);
}

/// A pool of a later version must not have its requirements passed over in silence.
#[test]
fn unknown_requirements_are_refused() {
    let mut r = KycRegistry::new();
    let nobody = r.nobody.clone();
    let open = restriction_call(Address::ZERO, Address::ZERO, &Policy::OPEN);
    for (place, value) in [(0, 1), (15, 0x80), (29, 1), (30, 8), (30, 0xff)] {
        let mut requirements = B256::ZERO;
        requirements[place] = value;
        let call = Kyc::restrictionForCall { requirements, ..open.clone() };
        assert_refused(r.call(&nobody, call), "UnknownRequirement");
    }
}

#[derive(Debug, Clone)]
struct Case {
    records: [(u8, u16, bool, bool, bool, bool); 2],
    sides: u8,
    min_level: u8,
    accredited_only: bool,
    allow_list: bool,
    codes: Vec<u16>,
    later: bool,
}

fn case() -> impl Strategy<Value = Case> {
    let record =
        || (0u8..4, 1u16..6, any::<bool>(), prop::bool::weighted(0.1), prop::bool::weighted(0.1), any::<bool>());
    ([record(), record()], 0u8..6, 0u8..4, any::<(bool, bool)>(), prop::collection::vec(1u16..6, 0..5), any::<bool>())
        .prop_map(|(records, sides, min_level, (accredited_only, allow_list), codes, later)| Case {
            records,
            sides,
            min_level,
            accredited_only,
            allow_list,
            codes,
            later,
        })
}

/// Proves PAY-4: for any records and any policy, the contract says what the rules say.
#[test]
fn the_contract_decides_as_the_rules() {
    let mut r = KycRegistry::new();
    let accounts = [11, 12].map(|n| Account::number(n).address);
    let mut runner =
        TestRunner::new(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() });
    let mut seen = std::collections::BTreeSet::new();
    let cell = std::cell::RefCell::new((&mut r, &mut seen));
    runner
        .run(&case(), |case| {
            let (r, seen) = &mut *cell.borrow_mut();
            r.chain.set_time(START);
            let mut records = [Record::default(); 2];
            for ((account, record), wanted) in accounts.iter().zip(&mut records).zip(case.records) {
                let (account, (level, jurisdiction, accredited, frozen, sanctioned, short)) = (*account, wanted);
                let expiry = START + if short { 10 } else { 1_000 };
                r.agent(Kyc::setRecordCall { account, level: level.max(1), jurisdiction, accredited, expiry }).unwrap();
                if level == 0 {
                    r.agent(Kyc::revokeCall { account }).unwrap();
                }
                r.agent(Kyc::setFrozenCall { account, frozen }).unwrap();
                r.agent(Kyc::setSanctionedCall { account, sanctioned }).unwrap();
                *record = Record { level, jurisdiction, accredited, expiry, frozen, sanctioned, ..Record::default() };
            }
            let now = START + if case.later { 10 } else { 9 };
            r.chain.set_time(now);
            let [a, b] = [0, 1].map(|at| (accounts[at], Some(&records[at])));
            let none = (Address::ZERO, None);
            let pairs = [(a, b), (b, a), (a, none), (none, b), (a, a), (none, none)];
            let (from, to) = pairs[usize::from(case.sides)];
            let jurisdictions = Jurisdictions::of(case.codes);
            let Case { min_level, accredited_only, allow_list, .. } = case;
            let requirements = Requirements {
                blocked_only: false,
                min_level,
                accredited_only,
                allow_list,
                jurisdictions: &jurisdictions,
            };
            let policy =
                Policy { min_level, accredited_only, allow_list, jurisdictions: jurisdictions.0, ..Policy::OPEN };
            let expected = restriction_for(from.1, to.1, &requirements, &Terms::NONE, now);
            prop_assert_eq!(r.restriction(from.0, to.0, &policy), expected as u8);
            let open = restriction_for(from.1, to.1, &Requirements::OPEN, &Terms::NONE, now);
            let call = Kyc::detectTransferRestrictionCall { from: from.0, to: to.0, amount: Default::default() };
            prop_assert_eq!(r.ask(call), open as u8);
            seen.insert(expected as u8);
            Ok(())
        })
        .unwrap();
    assert!(seen.len() >= 8, "the cases reach too few codes: {seen:?}");
}
