//! The game of disputes: each step asked of the rules ([`yieldset_rules::dispute`]), stored, told and paid.

use yieldset_rules::dispute::{Stake, Standing, Verdict};
use yieldset_shell::{host, refusals::OrRefuse, words::Word};

use crate::{
    events,
    purse::{self, Place},
    store::{self, Config},
};

/// The caller disputes a pending report.
#[inline(never)]
pub fn dispute(config: &Config, place: &Place<'_>, reason: Word, limit: u128) {
    let key = place.key();
    let mut reported = store::reported(&key);
    let (currency, bond) = place.price(config, &reported);
    let stake = Stake { challenger: host::caller(), reason, bond, currency };
    let lapsed = reported.standing.dispute(&stake, host::now(), &config.terms()).or_refuse(place);
    store::set_reported(&key, &reported);
    if let Some((old, verdict)) = lapsed {
        tell_expired(place, &old, old.until.saturating_add(old.left), &verdict);
        place.settle(&old, &verdict);
    }
    purse::collect(place.pool, &currency, bond, limit);
    let Standing { hash: report_hash, challenger, until: deadline, .. } = reported.standing;
    let Place { pool, stream, period } = *place;
    events::ReportDisputed { pool, stream, period, report_hash, challenger, reason, deadline, currency, bond }.emit();
}

/// The caller adds a reason to an open dispute.
#[inline(never)]
pub fn add_reason(place: &Place<'_>, report: &Word, reason: &Word) {
    let standing = store::reported(&place.key()).standing;
    standing.hear(report, reason, host::now()).or_refuse(place);
    let Place { pool, stream, period } = *place;
    events::ReasonAdded { pool, stream, period, report_hash: report, account: host::caller(), reason }.emit();
}

/// The caller matches the bond and stands for this report.
#[inline(never)]
pub fn defend(place: &Place<'_>, report: &Word, limit: u128) {
    let (mut reported, defender) = (store::reported(&place.key()), host::caller());
    reported.standing.defend(defender, *report, host::now()).or_refuse(place);
    store::set_reported(&place.key(), &reported);
    let Place { pool, stream, period } = *place;
    purse::collect(pool, &reported.standing.currency, reported.standing.bond, limit);
    events::DisputeDefended { pool, stream, period, report_hash: report, defender }.emit();
}

/// How a dispute ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// The arbiter agrees with the challenger: the report is withdrawn, and the size of its log counts no more.
    Upheld,
    /// The arbiter disagrees.
    Rejected,
    /// Nobody ruled in time.
    Expired,
}

/// Ends a dispute. The arbiter is the caller where there is a ruling.
#[inline(never)]
pub fn end(config: &Config, place: &Place<'_>, ending: Ending) {
    let (mut reported, now, arbiter) = (store::reported(&place.key()), host::now(), host::caller());
    let standing = &mut reported.standing;
    let verdict = match ending {
        Ending::Upheld => standing.uphold(arbiter, now),
        Ending::Rejected => standing.reject(arbiter, now, &config.terms()),
        Ending::Expired => standing.expire(now),
    };
    let verdict = verdict.or_refuse(place);
    store::set_reported(&place.key(), &reported);
    let standing = &reported.standing;
    let Place { pool, stream, period } = *place;
    let Standing { hash: report_hash, challenger, until: final_at, .. } = *standing;
    let Verdict { challenger: to_challenger, defender: to_defender, period: to_period } = verdict;
    match ending {
        Ending::Upheld => {
            let key = store::stream_key(pool, stream);
            let last = store::last(&key).unwrap_or_default();
            host::write(&key, &last.withdraw(standing.log_before).to_bytes());
            let upheld = events::DisputeUpheld {
                pool,
                stream,
                period,
                report_hash,
                challenger,
                arbiter,
                to_challenger,
                to_defender,
                to_period,
            };
            upheld.emit();
        }
        Ending::Rejected => {
            let rejected = events::DisputeRejected {
                pool,
                stream,
                period,
                report_hash,
                challenger,
                arbiter,
                final_at,
                to_challenger,
                to_defender,
                to_period,
            };
            rejected.emit();
        }
        Ending::Expired => tell_expired(place, standing, final_at, &verdict),
    }
    place.settle(standing, &verdict);
}

/// Nobody ruled on a dispute of `standing` in time.
#[inline(never)]
fn tell_expired(place: &Place<'_>, standing: &Standing, final_at: u64, verdict: &Verdict) {
    let Place { pool, stream, period } = *place;
    let Standing { hash: report_hash, challenger, .. } = *standing;
    let Verdict { challenger: to_challenger, defender: to_defender, .. } = *verdict;
    let expired =
        events::DisputeExpired { pool, stream, period, report_hash, challenger, final_at, to_challenger, to_defender };
    expired.emit();
}
