//! What is known of a period, as words.

use yieldset_shell::{
    host,
    words::{Word, address_word, number_word},
};

use crate::{
    purse::Place,
    store::{self, Config, Reported},
};

/// Of `disputeOf`.
#[inline(never)]
pub fn dispute(place: &Place<'_>) -> [Word; 9] {
    let s = store::reported(&place.key()).standing;
    let [phase, revision, until, disputes] =
        [s.phase.into(), s.revision.into(), s.until.into(), s.disputes.into()].map(number_word);
    let [challenger, defender, currency] = [s.challenger, s.defender, s.currency].map(|at| address_word(&at));
    [phase, revision, until, challenger, s.reason, disputes, defender, currency, number_word(s.bond)]
}

/// Of `figuresOf`.
#[inline(never)]
pub fn figures(place: &Place<'_>) -> [Word; 7] {
    let Reported { standing: s, figures: f, .. } = store::reported(&place.key());
    let [state, revision, threshold, tokens, calls] = [
        s.state(host::now()) as u128,
        s.revision.into(),
        f.threshold.into(),
        f.attributed_tokens.into(),
        f.qualifying_calls.into(),
    ]
    .map(number_word);
    [state, revision, s.hash, f.metric, threshold, tokens, calls]
}

/// Of `placeOf`.
#[inline(never)]
pub fn neighbours(place: &Place<'_>) -> [Word; 4] {
    let standing = store::reported(&place.key()).standing;
    let (before, after) = store::neighbours(place.pool, place.stream, place.period);
    let state = number_word(standing.state(host::now()) as u128);
    [state, standing.weights_root, number_word(before.into()), number_word(after.into())]
}

/// Of `terms`.
#[inline(never)]
pub fn terms(c: &Config) -> [Word; 6] {
    let [window, ruling, delay, bond, bps] =
        [c.window.into(), c.ruling.into(), c.delay.into(), c.bond, c.bond_bps.into()].map(number_word);
    [address_word(&c.verifier), window, ruling, delay, bond, bps]
}
