//! The case tables, to the unit.

use super::*;
use crate::{
    licence::{dues::UsageReport, terms::uses},
    revenue::Usage,
};

/// Proves CASE-A, LIC-1, PAY-2, PAY-3: upfront 5,000 and 7 % of twelve months' Net Model Revenue, 18,000, are 23,000 in
/// all.
#[test]
fn case_a_pays_23_000() {
    let mut book = Book::licensed(Terms { upfront: 5_000, residual_bps: 700, ..plain() }, &[]);
    assert_eq!(book.got(POOL), 5_000);
    let first = book.first_quarter();
    // Four quarters whose net revenue is 257,143 in all: 7 % of it is 18,000, each quarter rounded down.
    for (quarter, net) in (first..).zip([50_000, 75_000, 60_000, 72_143]) {
        book.settle_quarter(quarter, net);
    }
    assert_eq!(book.got(POOL), 5_000 + 3_500 + 5_250 + 4_200 + 5_050);
    assert_eq!(book.got(POOL), 23_000);
    assert_eq!(book.balance, 0);
}

fn exclusive() -> Terms {
    Terms {
        upfront: 250_000,
        residual_bps: 800,
        guarantee: 100_000,
        escrow: 100_000,
        funding_days: 14,
        term_months: 24,
        exclusive_months: 24,
        sublicensing: true,
        prohibited: uses::AD_TARGETING_RESALE,
        ..plain()
    }
}

/// Proves CASE-B, PAY-5, LIC-4, LIC-7: residual 8 % with 100,000 a year guaranteed: 80,000 are trued up, 160,000 not.
#[test]
fn case_b_trues_up_from_escrow() {
    let mut book = Book::new();
    // 2027-01-01: years are calendar years.
    book.now = quarter_start(2027 * 4);
    book.offer(vec![(exclusive(), vec![])]).unwrap();
    book.run(LICENSOR, Command::Accept(0)).unwrap();
    book.run(PLATFORM, Command::FundEscrow(100_000)).unwrap();
    let first = book.first_quarter();
    for quarter in first..first + 4 {
        book.settle_quarter(quarter, 250_000);
    }
    assert_eq!(book.got(POOL), 250_000 + 80_000);
    book.run(ANYONE, Command::TrueUp(1)).unwrap();
    assert_eq!(book.got(POOL), 250_000 + 80_000 + 20_000);
    assert_eq!((book.year(1).from_escrow, book.year(1).owed, book.licence().escrow), (20_000, 0, 80_000));
    for quarter in first + 4..first + 8 {
        book.settle_quarter(quarter, 500_000);
    }
    book.run(ANYONE, Command::TrueUp(2)).unwrap();
    assert_eq!((book.year(2).earned, book.year(2).from_escrow), (160_000, 0));
    assert_eq!(book.got(POOL), 250_000 + 80_000 + 20_000 + 160_000);
    book.run(PLATFORM, Command::Refund(TREASURY)).unwrap();
    assert_eq!((book.got(TREASURY), book.balance), (80_000, 0));
}

/// Proves CASE-B, LIC-7: resale to ad-targeting platforms is refused, other sublicences are recorded.
#[test]
fn case_b_refuses_resale_for_ad_targeting() {
    let mut book = Book::licensed(exclusive(), &[]);
    let resale = |uses| Command::RecordSublicence { licensee: ANYONE, uses, document: HASH };
    let both = uses::AD_TARGETING_RESALE | uses::DEEPFAKES;
    assert_eq!(book.run(PLATFORM, resale(both)), Err(Refusal::UseProhibited(uses::AD_TARGETING_RESALE)));
    book.run(PLATFORM, resale(uses::DEEPFAKES)).unwrap();
    assert_eq!(book.licence().sublicences, 1);
}

/// Proves CASE-C, PAY-1, ATT-5: 0.002 per 1,000 attributed tokens, in units of 10^-6; what is at or under the threshold
/// counts nothing.
#[test]
fn case_c_pays_by_use() {
    let terms = Terms { per_thousand_tokens: 2_000, metric: [9; 32], threshold: 700_000, ..plain() };
    let mut book = Book::licensed(terms, &[]);
    let first = book.first_quarter();
    let mut usage = Usage::default();
    for (score, tokens) in [(700_001, 3_000_000_000), (700_000, 77_000), (999_999, 456_789_000), (12, 1_000_000)] {
        usage.count(score, terms.threshold, tokens).unwrap();
    }
    book.now = quarter_start(first + 1);
    book.run(PLATFORM, Command::Report(first, figures(0))).unwrap();
    assert_eq!(book.quarter(first).due, 0);
    let report = UsageReport { usage, metric: terms.metric, threshold: terms.threshold, report: HASH };
    book.run(ORACLE, Command::AssessUsage(first, report)).unwrap();
    assert_eq!(book.quarter(first).due, 6_913_578_000);
    book.run(PLATFORM, Command::Pay(first, 6_913_578_000)).unwrap();
    assert_eq!(book.got(POOL), 6_913_578_000);
}
