//! The case tables from a platform's payment to the accounts of holders and contributors: licence, pool, attribution,
//! datasets' registry and co-op, all real.

use alloy_primitives::{Address, B256, U256, keccak256};
use alloy_sol_types::SolError;
use yieldset_chain::abi::{Licence, Manifests, Pool, Refusal};
use yieldset_rules::{
    licence::{Stage, Terms, terms::uses},
    period::{quarter_at, quarter_start},
};
use yieldset_tests::{
    chain::{Failure, START, assert_refused},
    deal::{Deal, PART},
    licence::{DATASET, DAY, HASH, plain, word},
    manifests::{ingest, register},
    system::{YEAR, metric},
};

/// A unit of the case tables, in the currency's smallest.
const UNIT: u128 = 1_000_000;

fn money(amount: u128) -> U256 {
    U256::from(amount * UNIT)
}

/// What each got since then.
fn gains(deal: &mut Deal, before: [U256; 4]) -> [U256; 4] {
    let now = deal.balances();
    [0, 1, 2, 3].map(|n| now[n] - before[n])
}

/// What the two holders and the two contributors have of a total: 36, 24, 30 and 10 %.
fn parts(total: u128) -> [U256; 4] {
    [36, 24, 30, 10].map(|percent| U256::from(total * percent / 100))
}

/// This much of the licence's money is in the pool or was paid by it, and the licence contract has what is left of it.
#[track_caller]
fn assert_delivered(deal: &mut Deal, total: u128) {
    let (pool, licence, anybody) = (deal.w.s.pool, deal.w.licence, deal.w.s.admin.clone());
    let t = deal.w.call(&anybody, pool, Pool::totalsCall {}).unwrap();
    assert_eq!(t.deposited, U256::from(total));
    assert_eq!(deal.balance(pool), t.deposited - t.claimedByHolders - t.claimedByContributors);
    let record: Licence::Money = deal.record('M', B256::ZERO);
    assert_eq!((record.toPool, record.held), (U256::from(total), U256::ZERO));
    assert_eq!(deal.balance(licence), record.escrow + record.refundable);
}

/// Proves CASE-A, LIC-1, LIC-12, PAY-2, PAY-3 and PAY-6: 23,000 are paid in; holders have 60 % of it by their shares,
/// contributors 40 % by each quarter's report.
#[test]
fn case_a_reaches_holders_and_contributors() {
    for erc20 in [false, true] {
        let mut deal = Deal::new(erc20);
        deal.offer(&Terms { upfront: 5_000 * UNIT, residual_bps: 700, ..plain() }).unwrap();
        // Nobody but the co-op accepts.
        let alone = deal.holders[0].clone();
        let accept = Licence::acceptCall { licence: deal.id, option: 0 };
        assert_refused(deal.call(&alone, accept), "NotLicensor");
        deal.accept().unwrap();
        let before = deal.balances();
        assert_delivered(&mut deal, 5_000 * UNIT);
        let first = quarter_at(START);
        // 7 % of the fourth are 5,050 to the unit.
        let net = [50_000 * UNIT, 75_000 * UNIT, 60_000 * UNIT, 72_142_857_143];
        for ((quarter, net), due) in (first..).zip(net).zip([3_500, 5_250, 4_200, 5_050]) {
            deal.settle(quarter, net);
            let record: Licence::Due = deal.record('U', word(quarter));
            assert_eq!((record.due, record.outstanding), (money(due), U256::ZERO));
            deal.attribute(quarter);
        }
        assert_delivered(&mut deal, 23_000 * UNIT);
        deal.claim_all(&[first, first + 1, first + 2, first + 3]);
        assert_eq!(gains(&mut deal, before), parts(23_000 * UNIT));
        assert_eq!(gains(&mut deal, before), [8_280, 5_520, 6_900, 2_300].map(money));
        assert_eq!(deal.balance(deal.w.s.pool), U256::ZERO);
    }
}

/// Proves CASE-C, PAY-1, ATT-9: usage under a signed report is paid, by two platforms at once, and each licence's money
/// is claimed by that licence's report alone.
#[test]
fn case_c_is_paid_beside_another_licence() {
    for erc20 in [false, true] {
        let mut deal = Deal::new(erc20);
        let (first, metric) = (quarter_at(START), metric().id(|name| keccak256(name).0));
        let other = deal.offer(&Terms { residual_bps: 1_000, ..plain() }).unwrap();
        deal.accept().unwrap();
        let terms = Terms { per_thousand_tokens: 2_000, metric, threshold: 700_000, ..plain() };
        let usage = deal.offer(&terms).unwrap();
        deal.accept().unwrap();
        let before = deal.balances();
        deal.settle(first, 0);
        deal.attribute_tokens(first, 3_456_789_000);
        let (oracle, pool) = (deal.oracle.clone(), deal.w.s.pool);
        // Its figures are in the report that is final, whoever has them taken over.
        deal.call(&oracle, Licence::assessUsageCall { licence: usage, quarter: first }).unwrap();
        deal.pay_due(first);
        assert_delivered(&mut deal, 6_913_578_000);
        deal.id = other;
        deal.settle(first, 20_000 * UNIT);
        let claim = deal.c.claim_for(0, other, first);
        assert_refused(deal.w.call(&oracle, pool, claim), "NoFinalReport");
        // What is known of the first licence pays nothing of the second.
        let period = |stream| Pool::periodOfCall { stream, period: first };
        let totals = [usage, other].map(|stream| deal.w.call(&oracle, pool, period(stream)).unwrap().total);
        assert_eq!(totals, [U256::from(2_765_431_200u64), money(800)]);
        deal.attribute(first);
        deal.claim_all(&[first]);
        for n in 0..2 {
            let claim = deal.c.claim_for(n, usage, first);
            deal.w.call(&oracle, pool, claim).unwrap();
        }
        // A thousandth of the holders' part is not a whole number: what does not divide, less than a unit each, stays
        // for later.
        let exact = parts(6_913_578_000 + 2_000 * UNIT);
        let one = U256::from(1);
        assert_eq!(gains(&mut deal, before), [exact[0] - one, exact[1] - one, exact[2], exact[3]]);
        assert_eq!(deal.balance(pool), U256::from(2));
    }
}

/// Terms of CASE-B.
fn exclusive() -> Terms {
    Terms {
        upfront: 250_000 * UNIT,
        residual_bps: 800,
        guarantee: 100_000 * UNIT,
        escrow: 100_000 * UNIT,
        funding_days: 14,
        term_months: 24,
        exclusive_months: 24,
        prohibited: uses::AD_TARGETING_RESALE,
        ..plain()
    }
}

/// While the licence is open no other licence can start and the dataset stays in its pool; both say until when.
fn keeps_others_out(deal: &mut Deal) {
    let (id, creator, manifests) = (deal.id, deal.creator.clone(), deal.w.s.manifests);
    let window = deal.w.call(&creator, manifests, Manifests::exclusivityOfCall { dataset: DATASET }).unwrap();
    let times: Licence::Times = deal.record('T', B256::ZERO);
    assert_eq!((window.licence, window.until), (id, times.exclusiveUntil));
    // 2026-11-24 to 2028-11-24.
    assert_eq!(window.until, START + 731 * DAY);
    deal.offer(&plain()).unwrap();
    let refused = deal.accept().unwrap_err();
    let why = hex::encode(Refusal::DatasetRefused { dataset: DATASET }.abi_encode());
    assert!(
        matches!(&refused, Failure::Refused(text) if refused.is("ActionFailed") && text.contains(&why)),
        "{refused:?}"
    );
    deal.id = id;
    let elsewhere = Manifests::assignToPoolCall { dataset: DATASET, pool: Address::repeat_byte(9) };
    assert_refused(deal.w.call(&creator, manifests, elsewhere), "LicencesActive");
}

/// The term is over: the platform certifies the deletion, the datasets' registry is told, and the dataset is free.
fn ends(deal: &mut Deal) {
    let (id, platform, anybody) = (deal.id, deal.platform.clone(), deal.oracle.clone());
    assert_refused(deal.call(&anybody, Licence::closeCall { licence: id }), "StillInForce");
    deal.at(START + 731 * DAY + 1);
    let state: Licence::State = deal.record('S', B256::ZERO);
    assert_eq!((state.stage, state.deletion, state.closed), (Stage::Ended as u8, 1, false));
    deal.call(&platform, Licence::certifyDeletionCall { licence: id, certificate: HASH }).unwrap();
    deal.call(&anybody, Licence::closeCall { licence: id }).unwrap();
    let state: Licence::State = deal.record('S', B256::ZERO);
    assert_eq!((state.deletion, state.closed), (2, true));
    let manifests = deal.w.s.manifests;
    let of_licence = Manifests::licenceStateOfCall { dataset: DATASET, licence: id };
    assert_eq!(deal.w.call(&anybody, manifests, of_licence).unwrap(), 2);
    assert_eq!(deal.w.call(&anybody, manifests, Manifests::activeLicencesCall { dataset: DATASET }).unwrap(), 0);
    let window = deal.w.call(&anybody, manifests, Manifests::exclusivityOfCall { dataset: DATASET }).unwrap();
    assert_eq!((window.licence, window.until), (B256::ZERO, 0));
}

/// Proves CASE-B, LIC-4, LIC-5, LIC-8 and PAY-5: the true-up reaches holders and contributors, the window closes other
/// licences out, and the end is certified and told to the registry.
#[test]
fn case_b_from_offer_to_deletion() {
    for erc20 in [false, true] {
        let mut deal = Deal::new(erc20);
        let anybody = deal.oracle.clone();
        let id = deal.offer(&exclusive()).unwrap();
        deal.accept().unwrap();
        deal.pay(100_000 * UNIT, Licence::fundEscrowCall { licence: id, value: money(100_000) }).unwrap();
        assert_delivered(&mut deal, 250_000 * UNIT);
        keeps_others_out(&mut deal);
        let before = deal.balances();
        let first = quarter_at(START);
        for quarter in first..first + 4 {
            deal.settle(quarter, 250_000 * UNIT);
            deal.attribute(quarter);
        }
        deal.at(START + YEAR);
        deal.call(&anybody, Licence::trueUpCall { licence: id, year: 1 }).unwrap();
        assert_delivered(&mut deal, (250_000 + 80_000 + 20_000) * UNIT);
        for quarter in first + 4..first + 8 {
            deal.settle(quarter, 500_000 * UNIT);
            deal.attribute(quarter);
        }
        ends(&mut deal);
        deal.settle(first + 8, 0);
        deal.attribute(first + 8);
        deal.call(&anybody, Licence::trueUpCall { licence: id, year: 2 }).unwrap();
        assert_delivered(&mut deal, (350_000 + 160_000) * UNIT);
        deal.claim_all(&(first..=first + 8).collect::<Vec<_>>());
        assert_eq!(gains(&mut deal, before), parts(510_000 * UNIT));
        assert_eq!(deal.balance(deal.w.s.pool), U256::ZERO);
        let (platform, to) = (deal.platform.clone(), Address::repeat_byte(0x99));
        assert_eq!(deal.call(&platform, Licence::refundCall { licence: id, to }).unwrap(), money(80_000));
        assert_eq!((deal.balance(to), deal.balance(deal.w.licence)), (money(80_000), U256::ZERO));
        // The dataset is free again.
        deal.offer(&plain()).unwrap();
        deal.accept().unwrap();
    }
}

/// Proves LIC-3, SAFE-9: a contributor without shares has standing for the quarter that it proved its part of, and for
/// no other.
#[test]
fn a_proven_contributor_asks_for_an_audit() {
    let mut deal = Deal::new(false);
    let licence = deal.offer(&Terms { upfront: 1_000 * UNIT, ..plain() }).unwrap();
    deal.accept().unwrap();
    let (quarter, timepoint) = (quarter_at(START), 0);
    let audit = |quarter| Licence::requestAuditCall { licence, quarter, scope: HASH, timepoint };
    let (pool, [carol, dave]) = (deal.w.s.pool, deal.contributors.clone());
    deal.at(quarter_start(quarter + 2));
    deal.attribute(quarter);
    assert_refused(deal.call(&carol, audit(quarter)), "NotAContributor");
    let claim = deal.c.claim(0, licence, quarter);
    deal.w.call(&carol, pool, claim).unwrap();
    assert_refused(deal.call(&carol, audit(quarter + 1)), "NotAContributor");
    assert_refused(deal.call(&dave, audit(quarter)), "NotAContributor");
    assert_eq!(deal.call(&carol, audit(quarter)).unwrap(), 1);
}

/// Proves LIC-3 and LIC-10: shares of the real pool entitle to audits, and a redaction leads to a new version in the
/// real registry, certified there and here.
#[test]
fn audits_and_redactions_among_real_contracts() {
    let mut deal = Deal::new(false);
    let id = deal.offer(&plain()).unwrap();
    deal.accept().unwrap();
    let (pool, manifests) = (deal.w.s.pool, deal.w.s.manifests);
    let ([alice, bob], platform, creator) = (deal.holders.clone(), deal.platform.clone(), deal.creator.clone());
    let quarter = quarter_at(START);
    deal.at(quarter_start(quarter + 1));
    let held = deal.w.call(&alice, pool, Pool::clockCall {}).unwrap() - 1;
    let audit = |quarter, timepoint| Licence::requestAuditCall { licence: id, quarter, scope: HASH, timepoint };
    assert_eq!(deal.call(&alice, audit(quarter, held)).unwrap(), 1);
    let all = Pool::transferCall { to: bob.address, amount: U256::from(600 * PART) };
    deal.w.call(&alice, pool, all).unwrap();
    // Who has shares now and had none then has no standing; a time that is not past is none.
    let carol = deal.platform.clone();
    assert_refused(deal.call(&carol, audit(quarter, held)), "NotAContributor");
    assert_refused(deal.call(&bob, audit(quarter, u64::MAX)), "PoolCallFailed");
    // Bob joins Alice's.
    assert_eq!(deal.call(&bob, audit(quarter, held)).unwrap(), 1);

    deal.w.grant(manifests, "PLATFORM_ROLE", platform.address);
    deal.w.call(&platform, manifests, ingest(1, &[(DATASET, 1)])).unwrap();
    let manifest = B256::repeat_byte(0x50);
    let ask = Licence::requestRedactionCall { licence: id, dataset: DATASET, request: HASH, manifest };
    assert_refused(deal.call(&creator, ask.clone()), "NotANewVersion");
    let redact = Manifests::redactCall { dataset: DATASET, version: 1, newManifestHash: manifest, reasonHash: HASH };
    assert_eq!(deal.w.call(&creator, manifests, redact).unwrap(), 2);
    assert_refused(deal.call(&alice, ask.clone()), "NotDatasetCreatorOrLicensor");
    let number = deal.call(&creator, ask).unwrap();
    let here = Licence::certifyRedactionCall { licence: id, number, certificate: HASH };
    deal.call(&platform, here).unwrap();
    let there = Manifests::certifyRedactionCall { dataset: DATASET, version: 1, certificateHash: HASH };
    deal.w.call(&platform, manifests, there).unwrap();
    let certified = Manifests::certificateOfCall { platform: platform.address, dataset: DATASET, version: 1 };
    assert_eq!(deal.w.call(&alice, manifests, certified).unwrap().state, 3);
    let record: Licence::Redaction = deal.record('R', word(number));
    assert!(record.certifiedAt == deal.now && record.lateAt == 0);
    // The redacted version is not ingested any more, and the new one is.
    assert_refused(deal.w.call(&platform, manifests, ingest(2, &[(DATASET, 1)])), "WrongVersionState");
    deal.w.call(&platform, manifests, ingest(2, &[(DATASET, 2)])).unwrap();
    deal.w.call(&creator, manifests, register(DATASET, 3)).unwrap();
}

/// Proves SAFE-1, PAY-3, PAY-5: of a platform that never says anything the floors come out of its escrow on anybody's
/// word, and after a year of silence the rest; all of it reaches the pool, and its holders, since no quarter is
/// reported.
#[test]
fn a_silent_platforms_escrow_reaches_the_pool() {
    for erc20 in [false, true] {
        let mut deal = Deal::new(erc20);
        let anybody = deal.oracle.clone();
        let terms = Terms { floor: 100 * UNIT, escrow: 1_000 * UNIT, funding_days: 14, ..plain() };
        let id = deal.offer(&terms).unwrap();
        deal.accept().unwrap();
        deal.pay(1_000 * UNIT, Licence::fundEscrowCall { licence: id, value: money(1_000) }).unwrap();
        let before = deal.balances();
        // From 24 November 2026 for a year: five quarters.
        let (first, last) = (quarter_at(START), quarter_at(START) + 4);
        let default_from = quarter_start(last + 1) + DAY * u64::from(terms.report_days.max(terms.payment_days));
        deal.at(default_from + DAY * u64::from(terms.grace_days) + 1);
        for number in first..=last {
            deal.call(&anybody, Licence::recordDefaultCall { licence: id, number }).unwrap();
        }
        assert_delivered(&mut deal, 500 * UNIT);
        let (platform, forfeit) = (deal.platform.clone(), Licence::forfeitEscrowCall { licence: id });
        let refund = Licence::refundCall { licence: id, to: platform.address };
        assert_refused(deal.call(&platform, refund.clone()), "NothingToRefund");
        assert_refused(deal.call(&anybody, forfeit.clone()), "NotYet");
        deal.at(deal.now + 366 * DAY);
        deal.call(&anybody, forfeit).unwrap();
        assert_delivered(&mut deal, 1_000 * UNIT);
        assert_refused(deal.call(&platform, refund), "NothingToRefund");
        // The last quarter's deadline is in 2028 Q1; the committee had Q2.
        let pool = deal.w.s.pool;
        for period in first..=last {
            deal.w.call(&anybody, pool, Pool::releaseWaitingCall { stream: id, period }).unwrap();
        }
        for account in deal.holders.clone().map(|holder| holder.address) {
            deal.w.call(&anybody, pool, Pool::claimForCall { account }).unwrap();
        }
        assert_eq!(gains(&mut deal, before), [money(600), money(400), U256::ZERO, U256::ZERO]);
    }
}
