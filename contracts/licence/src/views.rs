//! What anyone may ask: one message for all records, because what ink! generates grows with the square of the number of
//! messages.
//!
//! An answer is the words of a tuple; `contracts/licence/records.sol` has their names.

use ink::{
    U256,
    prelude::{vec, vec::Vec},
};
use yieldset_rules::{
    licence::{
        Id, Licence, Quarter, Year,
        audit::{Audit, Standing},
        conduct::{Redaction, Sublicence, Violation},
        dues,
        menu::Menu,
        store::{self, Key, hashed, numbered, personal},
        terms::{Schedule, Terms},
        words,
    },
    packed::{place, put_words},
    revenue::Usage,
};
use yieldset_shell::{
    answer::answer,
    host,
    input::In,
    refusals::OrRefuse,
    words::{Word, address_of, number_of, number_word, word},
};

use crate::{
    refusals::{Rules, UnknownKind, UnknownLicence},
    storage::Chain,
    usage_log,
};

/// Fields of a record, given its bytes, as words.
macro_rules! fields {
    ($record:ident in $bytes:expr => $words:expr; $($field:ident),+ $(,)?) => {
        put_words($bytes, const { &[$(place(&$record::FIELDS, stringify!($field))),+] }, $words)
    };
}

/// When the licence's stream in the pool ends; zero where there is no such licence.
pub fn stream_end(id: &Id) -> ! {
    let licence = Licence::load(&Chain, &numbered(id, store::LICENCE, 0));
    answer(&[word(licence.map_or(0, |l| l.stream_end(&l.terms(&Chain, id).unwrap_or_default(), host::now())))])
}

/// What these figures would have the platform pay for a quarter.
pub fn dues_for(id: &Id, number: u32, tokens: &In<2, U256>, calls: u64) -> ! {
    let tokens = number_of(&tokens.word()).unwrap_or(u128::MAX);
    answer(&[number_word(dues::dues_for(&Chain, id, number, &Usage { tokens, calls }))])
}

/// The bytes of a record; zeros where there is none.
fn stored<const N: usize>(key: &Key) -> [u8; N] {
    host::read(key).unwrap_or([0; N])
}

/// A record of a licence, as it is now. `which` is a number, an account or a hash, by the record.
#[inline(never)]
pub fn record(id: &Id, record: u8, which: &Word) -> ! {
    let mut low = [0; 4];
    low.copy_from_slice(&which[28..]);
    let number = u32::from_be_bytes(low);
    // A list: where it begins, its length, its words.
    let mut list = vec![number_word(32), [0; 32]];
    let words = &mut list;
    match record {
        b'P' | b'S' | b'T' | b'M' | b'N' => of_licence(id, record, words),
        b'D' => words.extend(datasets(id)),
        b'X' => fields!(Menu in &stored::<{ Menu::LEN }>(&numbered(id, store::MENU, 0)) => words;
            pool, currency, licensor, options, datasets, expires_at),
        b'O' => option(id, number, words),
        b'Q' => quarter(id, number, words),
        b'U' => due(id, number, words),
        b'Y' => year(&Year::of(&Chain, id, number), words),
        b'A' => fields!(Audit in &stored::<{ Audit::LEN }>(&numbered(id, store::AUDIT, number)) => words;
            contributor, requested_at, answered_at, reported_at, auditor, discrepancy_bps, fee, expenses, fee_paid,
            reimbursed, fee_withdrawn, expenses_withdrawn, late_at, unpaid_at, scope, logs, manifests, runs, report,
            quarter, tokens, calls, dismissed, applied),
        b'C' => {
            let key = personal(id, store::STANDING, &address_of(which).unwrap_or_default());
            fields!(Standing in &stored::<{ Standing::LEN }>(&key) => words; approved, year, requests);
        }
        b'L' => {
            fields!(Sublicence in &stored::<{ Sublicence::LEN }>(&numbered(id, store::SUBLICENCE, number)) => words;
            licensee, uses, document, at)
        }
        b'V' => fields!(Violation in &stored::<{ Violation::LEN }>(&hashed(id, store::VIOLATION, which)) => words;
            kind, uses, at, recorded_at, dismissed),
        b'R' => fields!(Redaction in &stored::<{ Redaction::LEN }>(&numbered(id, store::REDACTION, number)) => words;
            requester, dataset, request, manifest, version, requested_at, due, certificate, certified_at, late_at),
        b'F' => usage_log::agreed(id, which, words),
        b'G' => usage_log::log(id, number, words),
        b'H' => usage_log::anchored(id, which, words),
        kind => UnknownKind { kind }.refuse(),
    }
    list[1] = word((list.len() - 2) as u64);
    answer(&list)
}

fn datasets(id: &Id) -> Vec<Word> {
    let licence = match Menu::load(&Chain, &numbered(id, store::MENU, 0)) {
        Some(Menu { datasets, .. }) => Licence { datasets, ..Licence::default() },
        None => Licence::find(&Chain, id).or_refuse(Rules),
    };
    licence.dataset_list(&Chain, id)
}

/// What a licence's own record has.
#[inline(never)]
fn of_licence(id: &Id, record: u8, words: &mut Vec<Word>) {
    let licence = host::read::<{ Licence::LEN }>(&numbered(id, store::LICENCE, 0));
    let bytes = &licence.or_refuse(UnknownLicence { licence: id });
    match record {
        b'P' => fields!(Licence in bytes => words; platform, pool, currency, licensor, next_platform),
        b'M' => fields!(Licence in bytes => words;
            escrow, refundable, held, money_in, to_pool, refunded, paid_out, owed, credit, refill_to),
        b'N' => fields!(Licence in bytes => words;
            next_quarter, next_year, open_defaults, defaults, breaches, violations, sublicences, audits, redactions),
        b'S' => {
            let (licence, now) = (Licence::from_bytes(bytes), host::now());
            words.extend([word(licence.stage_at(now) as u8), word(licence.deletion_at(now) as u8)]);
            fields!(Licence in bytes => words; reason, options, option, milestones, closed);
        }
        _ => {
            let licence = Licence::from_bytes(bytes);
            let (mut exclusive, mut training) = (0, 0);
            if licence.accepted_at > 0 {
                let terms = licence.terms(&Chain, id).or_refuse(Rules);
                exclusive = terms.exclusive_until(licence.accepted_at);
                training = if licence.activated_at > 0 { licence.training_until(&terms) } else { 0 };
            }
            fields!(Licence in bytes => words; expires_at, accepted_at, fund_by, activated_at, ends_at);
            words.extend([word(exclusive), word(training)]);
            fields!(Licence in bytes => words; deletion_due, deleted_at, refill_by, refill_defaulted_at);
        }
    }
}

fn option(id: &Id, number: u32, words: &mut Vec<Word>) {
    if let Some(terms) = Terms::load(&Chain, &numbered(id, store::TERMS, number)) {
        let schedule = Schedule::load(&Chain, &numbered(id, store::SCHEDULE, number));
        words.extend(words::write(&terms, &schedule.map(|schedule| schedule.milestones()).unwrap_or_default()));
    }
}

#[inline(never)]
fn quarter(id: &Id, number: u32, words: &mut Vec<Word>) {
    let q = Quarter::of(&Chain, id, number);
    let terms = Licence::find(&Chain, id).or_refuse(Rules).terms(&Chain, id).or_refuse(Rules);
    let base = terms.base(q.gross, q.infrastructure, q.taxes).or_refuse(Rules);
    let bytes = &q.to_bytes();
    fields!(Quarter in bytes => words; gross, infrastructure, taxes);
    words.push(number_word(base));
    fields!(Quarter in bytes => words; reported_at, evidence, tokens, calls, usage_at, usage_report);
}

#[inline(never)]
fn due(id: &Id, number: u32, words: &mut Vec<Word>) {
    let licence = Licence::find(&Chain, id).or_refuse(Rules);
    let mut q = Quarter::of(&Chain, id, number);
    if q.is_assessed() {
        let terms = licence.terms(&Chain, id).or_refuse(Rules);
        q.accrue(terms.late_bps, host::now()).or_refuse(Rules);
    }
    let bytes = &q.to_bytes();
    fields!(Quarter in bytes => words; due, pay_by, paid, interest, interest_paid);
    words.push(number_word(q.outstanding()));
    fields!(Quarter in bytes => words; held, defaulted_at, in_default, late_at, later, later_by);
}

fn year(year: &Year, words: &mut Vec<Word>) {
    let bytes = &year.to_bytes();
    fields!(Year in bytes => words; advance);
    words.push(word(year.trued_up_at > 0));
    fields!(Year in bytes => words; earned, guaranteed, from_escrow, owed, topped_up, period, defaulted_at);
}
