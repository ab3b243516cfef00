//! What the registry answers when it is asked.

use yieldset_rules::{
    audit::Audit,
    committee::{Committee, MAX_KEYS},
    dispute::Standing,
    report::{Figures, Last},
};
use yieldset_shell::{
    answer::answer,
    host,
    words::{WithList, Word, address_word, number_word, word},
};

use crate::{
    purse::Place,
    store::{self, Config, Proposed, Reported},
};

/// A committee's keys among other values, as the ABI has a list.
#[inline(never)]
pub fn with_keys(before: &[Word], committee: Option<&Committee>, after: &[Word]) -> WithList<{ MAX_KEYS + 5 }> {
    let mut list = WithList::between(before, after);
    for key in committee.into_iter().flat_map(Committee::keys) {
        list.push(&key);
    }
    list
}

/// `committee` and `proposedCommittee`: the committee behind its epoch or its time; no keys where there is none.
#[inline(never)]
pub fn committee(first: Word, committee: Option<&Committee>) -> ! {
    let threshold = committee.map_or(0, |committee| committee.threshold);
    answer(with_keys(&[first, word(threshold)], committee, &[]).as_ref())
}

/// `committeeOf`.
#[inline(never)]
pub fn committee_of(epoch: u32) -> ! {
    let kept = store::committee_of(epoch);
    let since = kept.map_or(0, |kept| kept.effective_at);
    let committee = kept.as_ref().map(Proposed::committee);
    let threshold = committee.map_or(0, |committee| committee.threshold);
    let revoked = committee.map_or(0, |committee| committee.marks(store::is_revoked));
    answer(with_keys(&[word(since), word(threshold)], committee.as_ref(), &[word(revoked)]).as_ref())
}

/// `auditOf`.
#[inline(never)]
pub fn audit(report: &Word, index: u32) -> ! {
    let a: Audit = store::audit(report, index).unwrap_or_default();
    let [samples, deviation, confidence] = [a.samples, a.max_deviation, a.confidence].map(word);
    answer(&[a.hash, a.seed, samples, deviation, confidence, address_word(&a.auditor), word(a.posted_at)])
}

/// `resultOf`.
#[inline(never)]
pub fn result(place: &Place<'_>) -> ! {
    let standing = store::reported(&place.key()).standing;
    answer(&[state(&standing), standing.weights_root])
}

/// `reportOf`.
#[inline(never)]
pub fn report(place: &Place<'_>) -> ! {
    let standing = store::reported(&place.key()).standing;
    answer(&[standing.hash, standing.weights_root, word(standing.posted_at)])
}

/// `disputeOf`.
#[inline(never)]
pub fn dispute(place: &Place<'_>) -> ! {
    let s = store::reported(&place.key()).standing;
    let figures: [u64; 4] = [s.phase.into(), s.revision.into(), s.until, s.disputes.into()];
    let [phase, revision, until, disputes] = figures.map(word);
    let [challenger, defender, currency] = [s.challenger, s.defender, s.currency].map(|at| address_word(&at));
    answer(&[phase, revision, until, challenger, s.reason, disputes, defender, currency, number_word(s.bond)])
}

/// `figuresOf`.
#[inline(never)]
pub fn figures(place: &Place<'_>) -> ! {
    let Reported { standing, figures, .. } = store::reported(&place.key());
    let Figures { metric, threshold, attributed_tokens, qualifying_calls } = figures;
    let figures: [u64; 4] = [standing.revision.into(), threshold.into(), attributed_tokens, qualifying_calls];
    let [revision, threshold, tokens, calls] = figures.map(word);
    answer(&[state(&standing), revision, standing.hash, metric, threshold, tokens, calls])
}

/// `placeOf`.
#[inline(never)]
pub fn neighbours(place: &Place<'_>) -> ! {
    let standing = store::reported(&place.key()).standing;
    let (before, after) = store::neighbours(place.pool, place.stream, place.period);
    answer(&[state(&standing), standing.weights_root, word(before), word(after)])
}

/// `latest`.
#[inline(never)]
pub fn latest(pool: &[u8; 20], stream: &Word) -> ! {
    let Last { period, log_size, hash } = store::last(&store::stream_key(pool, stream)).unwrap_or_default();
    answer(&[word(period), hash, word(log_size)])
}

/// `bondFor`.
#[inline(never)]
pub fn price(config: &Config, place: &Place<'_>) -> ! {
    let (currency, bond) = place.price(config, &store::reported(&place.key()));
    answer(&[address_word(&currency), number_word(bond)])
}

/// `bondKept`.
#[inline(never)]
pub fn kept(place: &Place<'_>) -> ! {
    let currency = place.currency();
    answer(&[address_word(&currency), number_word(store::kept(place, &currency))])
}

/// `holdings`.
#[inline(never)]
pub fn holdings(currency: &[u8; 20]) -> ! {
    let bonds = store::bonds(currency);
    answer(&[number_word(bonds.locked), number_word(bonds.released)])
}

/// `terms`.
#[inline(never)]
pub fn terms(c: &Config) -> ! {
    let [window, ruling, delay, bond, bps] =
        [c.window.into(), c.ruling.into(), c.delay.into(), c.bond, c.bond_bps.into()].map(number_word);
    answer(&[address_word(&c.verifier), address_word(&c.licences), window, ruling, delay, bond, bps])
}

/// What holds now.
fn state(standing: &Standing) -> Word {
    word(standing.state(host::now()) as u8)
}
