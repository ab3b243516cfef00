//! The game of disputes: each step asked of the rules ([`yieldset_rules::dispute`]), stored, told and paid.

use yieldset_rules::dispute::Stake;
use yieldset_shell::{
    host,
    words::{Word, number_word},
};

use crate::{
    errors::disputed,
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
    let lapsed = disputed(place, reported.standing.dispute(&stake, host::now(), &config.terms()));
    store::set_reported(&key, &reported);
    if let Some((old, verdict)) = lapsed {
        events::expired(place, &old, old.until.saturating_add(old.left), &verdict);
        place.settle(&old, &verdict);
    }
    purse::collect(&currency, bond, limit);
    events::report_disputed(place, &reported.standing);
}

/// The caller adds a reason to an open dispute.
#[inline(never)]
pub fn add_reason(place: &Place<'_>, report: &Word, reason: &Word) {
    let standing = store::reported(&place.key()).standing;
    disputed(place, standing.hear(report, reason, host::now()));
    events::reason_added(place, &standing, &host::caller(), reason);
}

/// The caller matches the bond and stands for this report.
#[inline(never)]
pub fn defend(place: &Place<'_>, report: &Word, limit: u128) {
    let (mut reported, caller) = (store::reported(&place.key()), host::caller());
    disputed(place, reported.standing.defend(caller, *report, host::now()));
    store::set_reported(&place.key(), &reported);
    let standing = &reported.standing;
    purse::collect(&standing.currency, standing.bond, limit);
    events::defended(place, standing);
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
    let verdict = disputed(place, verdict);
    store::set_reported(&place.key(), &reported);
    let standing = &reported.standing;
    match ending {
        Ending::Upheld => {
            let key = store::stream_key(place.pool, place.stream);
            let last = store::last(&key).unwrap_or_default();
            host::write(&key, &last.withdraw(standing.log_before).to_bytes());
            events::ruled(events::topic::UPHELD, place, standing, &arbiter, &[], &verdict);
        }
        Ending::Rejected => {
            let until = [number_word(standing.until.into())];
            events::ruled(events::topic::REJECTED, place, standing, &arbiter, &until, &verdict);
        }
        Ending::Expired => events::expired(place, standing, standing.until, &verdict),
    }
    place.settle(standing, &verdict);
}
