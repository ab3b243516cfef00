use alloy_primitives::{Address, B256, U256};
use yieldset_chain::abi::{Attribution, Refusal};
use yieldset_tests::attribution::{AttributionRegistry, BOND, DELAY, PERIOD, POOL, STREAM, dispute};
use yieldset_tests::chain::{Failure, START};
use yieldset_tests::system::{public, sign};

use super::{Cast, Matrix, Row, lacks, roles, row, row_by};

/// `PERIOD` was disputed and upheld and revised, the next is disputed, the one after is pending, and a committee waits.
fn scene(r: &mut AttributionRegistry) -> [B256; 2] {
    let (anybody, arbiter, keeper) = (r.anybody.clone(), r.arbiter.clone(), r.keeper.clone());
    r.posted(PERIOD);
    r.dispute(&anybody, PERIOD).unwrap();
    r.call(&arbiter, Attribution::upholdCall { pool: POOL, stream: STREAM, period: PERIOD }).unwrap();
    let disputed = r.posted(PERIOD + 1);
    let pending = r.posted(PERIOD + 2);
    let propose = Attribution::proposeCommitteeCall { keys: public(&r.keys), threshold: 3 };
    r.call(&keeper, propose).unwrap();
    r.chain.set_time(START + DELAY + 1);
    r.dispute(&anybody, PERIOD + 1).unwrap();
    [disputed, pending]
}

fn table(r: &mut AttributionRegistry, [disputed, pending]: [B256; 2], challenger: Address) -> Vec<Row> {
    let (pool, stream, period) = (POOL, STREAM, PERIOD + 1);
    let report = r.report(PERIOD + 3).to_bytes();
    let signatures = sign(&report, &r.keys[..2]);
    let audit = Attribution::postAuditCall {
        pool,
        stream,
        period: PERIOD + 2,
        reportHash: pending,
        auditHash: B256::repeat_byte(1),
        seed: B256::repeat_byte(2),
        samples: 200,
        maxDeviation: 12_000,
        confidence: 950_000,
    };
    let key = public(&r.keys)[0];
    let propose = Attribution::proposeCommitteeCall { keys: public(&r.keys), threshold: 1 };
    let (elsewhere, currency) = (Address::repeat_byte(9), Address::ZERO);
    let not_owner = move |caller| Failure::with(&Refusal::NotBondOwner { caller, account: challenger });
    vec![
        row(Attribution::postCall { report: report.into(), signatures: signatures.into() }),
        row(dispute(PERIOD + 2)).paying(BOND),
        row(Attribution::addReasonCall { pool, stream, period, reportHash: disputed, reason: B256::repeat_byte(1) }),
        row(Attribution::defendCall { pool, stream, period, reportHash: disputed, maxBond: U256::from(BOND) })
            .paying(BOND)
            .except(&["challenger"], |account| Failure::with(&Refusal::IsParty { account })),
        row(Attribution::upholdCall { pool, stream, period }).only(&["ARBITER_ROLE"], lacks("ARBITER_ROLE")),
        row(Attribution::rejectCall { pool, stream, period }).only(&["ARBITER_ROLE"], lacks("ARBITER_ROLE")),
        row(Attribution::expireCall { pool, stream, period }).but("DeadlineNotReached"),
        row(Attribution::withdrawBondCall { currency, account: challenger, to: challenger }),
        row(Attribution::withdrawBondCall { currency, account: challenger, to: elsewhere })
            .only(&["challenger"], not_owner),
        row_by(|by| Attribution::withdrawBondCall { currency: Address::ZERO, account: by.address, to: by.address })
            .only(&["challenger"], |account| Failure::with(&Refusal::NothingOwed { account })),
        row(Attribution::deliverBondCall { pool, stream, period }).but("NothingKept"),
        row(propose).only(&["COMMITTEE_ROLE"], lacks("COMMITTEE_ROLE")),
        row(Attribution::activateCommitteeCall {}),
        row(Attribution::revokeKeyCall { key }).only(&["COMMITTEE_ROLE"], lacks("COMMITTEE_ROLE")),
        row(audit).only(&["AUDITOR_ROLE"], lacks("AUDITOR_ROLE")),
    ]
}

#[test]
fn attribution() {
    let mut r = AttributionRegistry::new();
    let reports = scene(&mut r);
    let challenger = r.anybody.clone();
    let cast = Cast::new(&mut r.chain, r.address, &["attribution"], Some(&r.admin)).party("challenger", &challenger);
    let mut rows = table(&mut r, reports, challenger.address);
    rows.extend(roles("ARBITER_ROLE"));
    let mut matrix = Matrix::new("attribution");
    matrix.try_all(&mut r.chain, r.address, &cast, rows);
    matrix.finish();
}
