//! Audits of reports, recorded.

use ink::sol::FixedBytes;
use yieldset_rules::audit::Audit;

use crate::{
    errors::{Error, refuse},
    events,
    purse::Place,
    store,
};

/// Records an audit of a period's current report, and answers with its number among those of the report.
#[inline(never)]
pub fn post(place: &Place<'_>, report_hash: FixedBytes<32>, audit: &Audit) -> u32 {
    let current = store::reported(&store::period_key(place.pool, place.stream, place.period)).standing.hash;
    if current == [0; 32] {
        refuse(Error::NoReport(FixedBytes(*place.stream), place.period));
    }
    if current != report_hash.0 {
        refuse(Error::NotCurrentReport(report_hash, current.into()));
    }
    if !audit.is_valid() {
        refuse(Error::InvalidAudit(audit.samples, audit.max_deviation, audit.confidence));
    }
    // 2^32 audits cannot be paid for.
    let index = store::audits(&current);
    store::add_audit(&current, index, audit);
    events::audit_posted(place, &current, audit);
    index
}
