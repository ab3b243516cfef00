//! Audits of reports, recorded.

use yieldset_rules::audit::Audit;
use yieldset_shell::words::Word;

use crate::{events, purse::Place, refusals, store};

/// Records an audit of a period's current report, and answers with its number among those of the report.
#[inline(never)]
pub fn post(place: &Place<'_>, report_hash: Word, audit: &Audit) -> u32 {
    let Place { pool, stream, period } = *place;
    let current = store::reported(&place.key()).standing.hash;
    if current == [0; 32] {
        refusals::NoReport { stream, period }.refuse();
    }
    if current != report_hash {
        refusals::NotCurrentReport { got: report_hash, current }.refuse();
    }
    let Audit { hash: audit_hash, seed, samples, max_deviation, confidence, auditor, posted_at } = *audit;
    if !audit.is_valid() {
        refusals::InvalidAudit { samples, max_deviation, confidence }.refuse();
    }
    // 2^32 audits cannot be paid for.
    let index = store::audits(&current);
    store::add_audit(&current, index, audit);
    let posted = events::AuditPosted {
        pool,
        stream,
        period,
        report_hash,
        audit_hash,
        seed,
        samples,
        max_deviation,
        confidence,
        auditor,
        posted_at,
    };
    posted.emit();
    index
}
