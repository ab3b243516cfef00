//! Every error of the contract, reached on the blob.

use std::collections::BTreeSet;

use alloy_primitives::{Address, B256, U256};
use alloy_sol_types::SolConstructor;
use yieldset_chain::abi::{Access, Licence};
use yieldset_rules::{
    licence::{Milestone, Terms, dues::UsageReport, terms::Fault},
    period::{quarter_at, quarter_start},
    revenue::Usage,
};
use yieldset_tests::{
    chain::{Failure, START, assert_refused, blob, root_file},
    licence::{
        DATASET, DAY, HASH, LicenceAlone, MANIFEST, StandInCoin, StandInManifests, StandInPool, Who, menu, plain,
    },
};

/// Errors seen so far.
#[derive(Default)]
struct Seen(BTreeSet<String>);

impl Seen {
    #[track_caller]
    fn expect<T>(&mut self, result: Result<T, Failure>, name: &str) {
        assert_refused(result, name);
        self.0.insert(name.into());
    }
}

const ZERO: B256 = B256::ZERO;

fn huge() -> U256 {
    U256::from(u128::MAX) + U256::from(1)
}

/// Terms with all clauses.
fn full() -> Terms {
    Terms {
        residual_bps: 1_000,
        per_call: 1,
        metric: [9; 32],
        threshold: 5,
        guarantee: 100,
        escrow: 100,
        funding_days: 5,
        audit_fee_cap: 1,
        sublicensing: true,
        prohibited: 1,
        ..plain()
    }
}

fn offers(seen: &mut Seen) {
    let mut scene = LicenceAlone::new(false);
    let option = menu(&Terms { upfront: 10, ..full() }, &[]);
    let base = Licence::offerCall {
        pool: scene.pool,
        currency: scene.currency,
        datasets: vec![DATASET],
        options: vec![option.clone()],
        expiresAt: START + DAY,
    };
    let mut expect = |scene: &mut LicenceAlone, value: u128, call: Licence::offerCall, name: &str| {
        seen.expect(scene.with(Who::Platform, value, call), name);
    };
    expect(&mut scene, 10, Licence::offerCall { options: vec![], ..base.clone() }, "InvalidOptionCount");
    expect(
        &mut scene,
        10,
        Licence::offerCall { options: vec![option.clone(); 5], ..base.clone() },
        "InvalidOptionCount",
    );
    let many = (1..=13).map(B256::repeat_byte).collect();
    expect(&mut scene, 10, Licence::offerCall { datasets: many, ..base.clone() }, "InvalidDatasetCount");
    expect(&mut scene, 10, Licence::offerCall { datasets: vec![DATASET; 2], ..base.clone() }, "InvalidDataset");
    expect(&mut scene, 10, Licence::offerCall { expiresAt: START, ..base.clone() }, "InvalidOfferExpiry");
    expect(&mut scene, 10, Licence::offerCall { datasets: vec![HASH], ..base.clone() }, "DatasetNotInPool");
    expect(&mut scene, 9, base.clone(), "WrongValue");
    // The currency is the one that the platform means, or nothing is offered.
    expect(
        &mut scene,
        10,
        Licence::offerCall { currency: DATASET[..20].try_into().unwrap(), ..base.clone() },
        "WrongCurrency",
    );
    // A figure that does not fit its field is refused, not cut.
    let mut above = option.clone();
    above[10][0] = 1;
    expect(&mut scene, 10, Licence::offerCall { options: vec![above], ..base.clone() }, "InvalidTerms");
    let mut silent = option.clone();
    silent[0] = ZERO;
    let call = Licence::offerCall { options: vec![option.clone(), silent], ..base.clone() };
    let refused = format!("{:?}", scene.with(Who::Platform, 10, call.clone()).unwrap_err());
    assert!(refused.contains(&format!("option: 1, fault: {}", Fault::Document as u8)), "{refused}");
    expect(&mut scene, 10, call, "InvalidTerms");
    let nobody = Licence::offerCall { pool: Address::repeat_byte(1), ..base.clone() };
    expect(&mut scene, 10, nobody, "PoolCallFailed");
    let milestone = Milestone { amount: 1, document: [0; 32], to_pool: true };
    let call = Licence::offerCall { options: vec![menu(&full(), &[milestone])], ..base.clone() };
    expect(&mut scene, 0, call, "InvalidTerms");

    seen.expect(scene.call(Who::Platform, Licence::withdrawCall { licence: HASH }), "UnknownLicence");
    scene.offer(&[option], 10).unwrap();
    let licence = scene.id;
    seen.expect(scene.accept(1), "UnknownOption");
    seen.expect(scene.call(Who::Anyone, Licence::acceptCall { licence, option: 0 }), "NotLicensor");
    seen.expect(scene.call(Who::Anyone, Licence::withdrawCall { licence }), "NotPlatform");
    seen.expect(scene.call(Who::Anyone, Licence::lapseCall { licence }), "WrongStage");
    seen.expect(scene.refund(), "NothingToRefund");
    scene.at(START + 30 * DAY);
    seen.expect(scene.accept(0), "OfferExpired");
    scene.at(START);
    let pool = scene.pool;
    scene.any(pool, StandInPool::setClosedCall { closed: true });
    seen.expect(scene.accept(0), "PoolNotOpened");
    scene.any(pool, StandInPool::setClosedCall { closed: false });
    scene.accept(0).unwrap();
    seen.expect(scene.call(Who::Anyone, Licence::lapseCall { licence }), "FundingOpen");
    seen.expect(scene.fund(0), "ZeroAmount");
    let fund = Licence::fundEscrowCall { licence, value: huge() };
    seen.expect(scene.call(Who::Platform, fund), "AmountTooLarge");
    let publish = Licence::publishMenuCall {
        pool,
        currency: scene.currency,
        datasets: vec![DATASET],
        options: vec![menu(&Terms { upfront: 10, ..plain() }, &[])],
        expiresAt: START + DAY,
    };
    let published = scene.call(Who::Licensor, publish).unwrap();
    let dear = Licence::takeOptionCall { menu: published, option: 0, currency: scene.currency, most: U256::from(9) };
    seen.expect(scene.with(Who::Platform, 10, dear), "CostAboveLimit");
    // An exclusive licence beside another.
    let exclusive = menu(&Terms { exclusive_months: 1, ..plain() }, &[]);
    scene.offer(&[exclusive], 0).unwrap();
    seen.expect(scene.accept(0), "DatasetRefused");
}

fn dues(seen: &mut Seen) {
    let mut scene = LicenceAlone::licensed(true, full(), &[]);
    let (licence, quarter) = (scene.id, quarter_at(START));
    let (coin, platform) = (scene.currency, scene.account(Who::Platform).address);
    scene.any(coin, StandInCoin::mintCall { account: platform, amount: U256::from(u128::MAX - 10u128.pow(30) - 100) });
    let usage = UsageReport { usage: Usage::default(), metric: [9; 32], threshold: 5, report: HASH.0 };
    let assess = Licence::assessUsageCall { licence, quarter };
    seen.expect(scene.report(quarter + 1, 0), "QuarterOutOfOrder");
    seen.expect(scene.report(quarter, 0), "QuarterNotOver");
    seen.expect(scene.pay(quarter - 1, 1), "QuarterOutsideTerm");
    seen.expect(scene.call(Who::Anyone, Licence::recordDefaultCall { licence, number: quarter }), "NotYet");
    let violation = Licence::recordViolationCall { licence, kind: 2, uses: 1, at: START, evidence: HASH };
    seen.expect(scene.call(Who::Anyone, violation), "AccessControlUnauthorizedAccount");
    scene.at(quarter_start(quarter + 1));
    seen.expect(scene.pay(quarter, 1), "QuarterNotAssessed");
    seen.expect(scene.call(Who::Anyone, assess.clone()), "UsageNotFinal");
    let pool = scene.pool;
    scene.any(pool, StandInPool::setCall { mode: U256::from(6) });
    seen.expect(scene.call(Who::Anyone, assess.clone()), "AttributionCallFailed");
    scene.any(pool, StandInPool::setCall { mode: U256::ZERO });
    let report = Licence::reportRevenueCall {
        licence,
        quarter,
        gross: U256::from(1),
        infrastructure: U256::ZERO,
        taxes: U256::ZERO,
        evidence: ZERO,
    };
    seen.expect(scene.call(Who::Platform, report.clone()), "ZeroHash");
    let above = Licence::reportRevenueCall { taxes: huge(), evidence: HASH, ..report };
    seen.expect(scene.call(Who::Platform, above), "AmountTooLarge");
    scene.report(quarter, 1_000).unwrap();
    scene.final_report(&UsageReport { metric: HASH.0, ..usage });
    seen.expect(scene.call(Who::Anyone, assess.clone()), "WrongMetric");
    scene.final_report(&UsageReport { threshold: 6, ..usage });
    seen.expect(scene.call(Who::Anyone, assess.clone()), "WrongThreshold");
    scene.final_report(&usage);
    scene.call(Who::Anyone, assess.clone()).unwrap();
    seen.expect(scene.call(Who::Anyone, assess), "UsageAlreadyReported");
    // The contract's sums do not wrap.
    scene.fund(u128::MAX - 200).unwrap();
    scene.any(coin, StandInCoin::mintCall { account: platform, amount: U256::from(1_000) });
    seen.expect(scene.fund(200), "Overflow");
    let call = Licence::payCall { licence, quarter, value: U256::from(1) };
    let value = scene.account(Who::Platform);
    let contract = scene.contract;
    seen.expect(scene.chain.call(&value, contract, call, 1), "WrongValue");
    for (mode, name) in [(5u32, "WrongAmountReceived"), (6, "CurrencyCallFailed")] {
        scene.any(coin, StandInCoin::setCall { mode: U256::from(mode), licence });
        seen.expect(scene.pay(quarter, 50), name);
    }
    scene.any(coin, StandInCoin::setCall { mode: U256::ZERO, licence });
    scene.pay(quarter, 100).unwrap();
    seen.expect(scene.pay(quarter, 1), "NothingDue");
    scene.at(quarter_start(quarter + 2) + 41 * DAY);
    let default = Licence::recordDefaultCall { licence, number: quarter + 1 };
    scene.call(Who::Anyone, default.clone()).unwrap();
    seen.expect(scene.call(Who::Anyone, default), "AlreadyRecorded");
    seen.expect(scene.call(Who::Anyone, Licence::deliverCall { licence, period: quarter }), "NothingHeld");

    let mut other = LicenceAlone::licensed(false, plain(), &[]);
    let licence = other.id;
    other.at(quarter_start(quarter + 1));
    other.final_report(&UsageReport { usage: Usage::default(), metric: HASH.0, threshold: 1, report: HASH.0 });
    seen.expect(other.call(Who::Anyone, Licence::assessUsageCall { licence, quarter }), "UsageNotInTerms");
    seen.expect(other.call(Who::Anyone, Licence::trueUpCall { licence, year: 1 }), "GuaranteeNotInTerms");
}

fn guarantee(seen: &mut Seen) {
    let milestone = Milestone { amount: 5, document: [7; 32], to_pool: false };
    let mut scene = LicenceAlone::licensed(false, full(), &[milestone]);
    let licence = scene.id;
    let certify = |index| Licence::certifyMilestoneCall { licence, index, evidence: HASH };
    scene.call(Who::Licensor, certify(0)).unwrap();
    seen.expect(scene.call(Who::Licensor, certify(0)), "MilestoneAlreadyCertified");
    seen.expect(scene.call(Who::Licensor, certify(1)), "UnknownMilestone");
    let true_up = |year| Licence::trueUpCall { licence, year };
    seen.expect(scene.call(Who::Anyone, true_up(2)), "YearOutOfOrder");
    seen.expect(scene.call(Who::Anyone, true_up(1)), "YearNotOver");
    scene.at(START + 600 * DAY);
    scene.call(Who::Anyone, true_up(1)).unwrap();
    seen.expect(scene.call(Who::Anyone, true_up(2)), "YearOutsideTerm");
    // The pool does not take money sent without a message.
    let to = scene.pool;
    seen.expect(scene.call(Who::Platform, Licence::refundCall { licence, to }), "PayoutFailed");

    let mut open = LicenceAlone::licensed(false, Terms { guarantee: 0, ..full() }, &[]);
    open.at(START + 600 * DAY);
    for quarter in quarter_at(START)..quarter_at(START) + 5 {
        open.report(quarter, 0).unwrap();
    }
    seen.expect(open.refund(), "UsageOpen");
}

fn audits(seen: &mut Seen) {
    let mut scene = LicenceAlone::licensed(false, full(), &[]);
    let (licence, first) = (scene.id, quarter_at(START));
    scene.at(quarter_start(first + 3));
    let timepoint = scene.now - 1;
    let request = |quarter| Licence::requestAuditCall { licence, quarter, scope: HASH, timepoint };
    seen.expect(scene.call(Who::Anyone, request(first)), "NotAContributor");
    let early = Licence::requestAuditCall { timepoint: START - 1, ..request(first) };
    seen.expect(scene.call(Who::Holder, early), "HeldBefore");
    scene.call(Who::Holder, request(first)).unwrap();
    scene.call(Who::Holder, request(first + 1)).unwrap();
    seen.expect(scene.call(Who::Holder, request(first + 2)), "TooManyAudits");
    let report = |number, bps, fee: u32| Licence::reportAuditCall {
        licence,
        number,
        discrepancyBps: bps,
        tokens: U256::ZERO,
        calls: 0,
        fee: U256::from(fee),
        expenses: U256::ZERO,
        report: HASH,
    };
    seen.expect(scene.call(Who::Auditor, report(3, 1, 1)), "UnknownNumber");
    seen.expect(scene.call(Who::Auditor, report(1, 1, 1)), "AuditNotAnswered");
    let answer = Licence::answerAuditCall { licence, number: 1, logs: HASH, manifests: HASH, runs: HASH };
    scene.call(Who::Platform, answer.clone()).unwrap();
    seen.expect(scene.call(Who::Platform, answer), "AlreadyDone");
    seen.expect(scene.call(Who::Auditor, report(1, 10_001, 1)), "InvalidBasisPoints");
    seen.expect(scene.call(Who::Auditor, report(1, 1, 2)), "CostAboveCap");
    scene.call(Who::Auditor, report(1, 1, 1)).unwrap();
    scene.with(Who::Anyone, 1, Licence::payAuditCall { licence, number: 1, expenses: false }).unwrap();
    let to = scene.account(Who::Auditor).address;
    let withdraw = Licence::withdrawAuditCall { licence, number: 1, expenses: false, to };
    let stolen = Licence::withdrawAuditCall { to: scene.account(Who::Anyone).address, ..withdraw.clone() };
    seen.expect(scene.call(Who::Anyone, stolen), "NotCreditor");
    // A registry that does not answer lets nobody take money out.
    let (pool, registry) = (scene.pool, scene.manifests);
    scene.any(pool, StandInPool::setKycCall { registry });
    seen.expect(scene.call(Who::Auditor, withdraw.clone()), "TransferRestricted");
    scene.any(pool, StandInPool::setKycCall { registry: Address::ZERO });
    scene.call(Who::Auditor, withdraw).unwrap();
}

fn conduct(seen: &mut Seen) {
    let mut scene = LicenceAlone::licensed(false, Terms { cure_days: 3, platform_may_leave: true, ..full() }, &[]);
    let licence = scene.id;
    let document = HASH;
    let log = |origin: &str| Licence::setUsageLogCall {
        licence,
        key: HASH,
        origin: origin.into(),
        witnesses: vec![B256::repeat_byte(8)],
    };
    seen.expect(scene.call(Who::Platform, log("")), "InvalidUsageLog");
    scene.call(Who::Platform, log("logs.example")).unwrap();
    let anchor = |root| Licence::anchorCall { licence, epoch: 1, size: 1, root };
    scene.call(Who::Platform, anchor(HASH)).unwrap();
    seen.expect(scene.call(Who::Platform, anchor(B256::repeat_byte(1))), "OtherRoot");
    let sublicence = |uses| Licence::recordSublicenceCall { licence, licensee: Address::ZERO, uses, document };
    seen.expect(scene.call(Who::Platform, sublicence(3)), "UseProhibited");
    let violation = |kind, evidence| Licence::recordViolationCall { licence, kind, uses: 1, at: START, evidence };
    seen.expect(scene.call(Who::Oracle, violation(4, HASH)), "NotAViolation");
    seen.expect(scene.call(Who::Oracle, violation(6, HASH)), "UnknownKind");
    scene.call(Who::Oracle, violation(2, HASH)).unwrap();
    seen.expect(scene.call(Who::Oracle, violation(3, HASH)), "ViolationAlreadyRecorded");
    let redact = |dataset, manifest| Licence::requestRedactionCall { licence, dataset, request: HASH, manifest };
    seen.expect(scene.call(Who::Creator, redact(HASH, MANIFEST)), "DatasetNotLicensed");
    seen.expect(scene.call(Who::Anyone, redact(DATASET, MANIFEST)), "NotDatasetCreatorOrLicensor");
    seen.expect(scene.call(Who::Creator, redact(DATASET, HASH)), "NotANewVersion");
    let manifests = scene.manifests;
    for (dataset, version) in [(DATASET, 1), (B256::repeat_byte(1), 2)] {
        scene.any(manifests, StandInManifests::registerCall { dataset, manifest: HASH, version });
        seen.expect(scene.call(Who::Creator, redact(DATASET, HASH)), "NotANewVersion");
    }
    let number = quarter_at(START);
    let terminate = |reason| Licence::terminateCall { licence, reason, kind: 1, number, evidence: HASH };
    seen.expect(scene.call(Who::Arbiter, terminate(1)), "TerminationNotAllowed");
    seen.expect(scene.call(Who::Licensor, terminate(2)), "NoCause");
    seen.expect(scene.call(Who::Platform, Licence::closeCall { licence }), "StillInForce");
    let quarter = quarter_at(START);
    scene.at(quarter_start(quarter + 1) + 21 * DAY);
    scene.call(Who::Anyone, Licence::recordBreachCall { licence, kind: 1, number: quarter }).unwrap();
    seen.expect(scene.call(Who::Licensor, terminate(3)), "CureOpen");
    // A platform that has not reported cannot leave.
    seen.expect(scene.call(Who::Platform, terminate(1)), "PaysFirst");
    scene.call(Who::Licensor, terminate(4)).unwrap();
    scene.call(Who::Anyone, Licence::closeCall { licence }).unwrap();
    seen.expect(scene.call(Who::Anyone, Licence::closeCall { licence }), "AlreadyClosed");

    // A year without a true-up keeps a silent platform's escrow.
    let mut silent = LicenceAlone::licensed(false, Terms { guarantee: 5, escrow: 9, funding_days: 1, ..plain() }, &[]);
    silent.at(START + 1_000 * DAY);
    seen.expect(silent.call(Who::Anyone, Licence::forfeitEscrowCall { licence: silent.id }), "TrueUpFirst");

    let mut strict = LicenceAlone::licensed(false, plain(), &[]);
    let call = Licence::recordSublicenceCall { licence: strict.id, licensee: Address::ZERO, uses: 0, document };
    seen.expect(strict.call(Who::Platform, call), "SublicensingForbidden");
}

fn roles(seen: &mut Seen) {
    let mut scene = LicenceAlone::new(false);
    let (admin, contract, account) = (scene.admin(), scene.contract, scene.account(Who::Anyone).address);
    let default = Access::grantRoleCall { role: ZERO, account };
    seen.expect(scene.chain.call(&admin, contract, default, 0), "AccessControlEnforcedDefaultAdminRules");
    let renounce = Access::renounceRoleCall { role: HASH, callerConfirmation: account };
    seen.expect(scene.call(Who::Platform, renounce), "AccessControlBadConfirmation");
    let accept = Access::acceptDefaultAdminTransferCall {};
    seen.expect(scene.call(Who::Platform, accept), "AccessControlInvalidDefaultAdmin");
    // A contract whose registry is none.
    let data = Licence::constructorCall { manifests: account, admin: admin.address };
    scene.contract = scene.chain.instantiate(&admin, blob("licence"), data.abi_encode()).unwrap();
    seen.expect(scene.offer(&[menu(&plain(), &[])], 0), "ManifestsCallFailed");
}

/// Every error that the ABI declares is reached, but for a float's: that takes a token of the chain (`whole::hub`).
#[test]
fn every_error_is_reached() {
    let mut seen = Seen::default();
    offers(&mut seen);
    dues(&mut seen);
    guarantee(&mut seen);
    audits(&mut seen);
    conduct(&mut seen);
    roles(&mut seen);
    let abi = std::fs::read_to_string(root_file("contracts/artifacts/licence.abi")).unwrap();
    let abi: serde_json::Value = serde_json::from_str(&abi).unwrap();
    let errors = abi.as_array().unwrap().iter().filter(|item| item["type"] == "error");
    let declared: BTreeSet<String> = errors.map(|item| item["name"].as_str().unwrap().to_owned()).collect();
    assert_eq!(declared.difference(&seen.0).collect::<Vec<_>>(), ["FloatMissing"]);
}

/// An ERC-20 licence takes no native money, and nothing comes without a message.
#[test]
fn money_of_another_kind_is_refused() {
    let mut scene = LicenceAlone::new(true);
    let pool = scene.pool;
    let (contract, platform) = (scene.contract, scene.account(Who::Platform));
    assert!(scene.chain.call_raw(&platform, contract, vec![], 1).is_err());
    let (currency, datasets, options) = (scene.currency, vec![DATASET], vec![menu(&plain(), &[])]);
    let call = Licence::offerCall { pool, currency, datasets, options, expiresAt: START + 1 };
    assert_refused(scene.chain.call(&platform, contract, call, 1), "WrongValue");
}
