//! What anyone may ask: one message for all records, because what ink! generates grows with the square of the number of
//! messages.
//!
//! An answer is the words of a tuple; `chain/src/abi/licence.rs` has their names.

use ink::{
    U256,
    prelude::{vec, vec::Vec},
    sol::FixedBytes,
};
use yieldset_rules::licence::{
    Id, Licence, Quarter, Year,
    audit::{Audit, Standing},
    conduct::{Redaction, Sublicence, Violation},
    dues,
    menu::Menu,
    store::{self, hashed, numbered},
    terms::{Schedule, Terms},
    words,
};
use yieldset_rules::revenue::Usage;
use yieldset_shell::{
    host,
    words::{Word, narrow},
};

use crate::{
    errors::{Error, allow, refuse},
    storage::Chain,
    usage_log,
    word::ToWord,
};

/// The words of a tuple.
macro_rules! tuple {
    ($($field:expr),+ $(,)?) => {
        vec![$($field.to_word()),+]
    };
}

/// When the licence's stream in the pool ends; zero where there is no such licence.
pub fn stream_end(id: &Id) -> u64 {
    let Some(l) = Licence::load(&Chain, &numbered(id, store::LICENCE, 0)) else { return 0 };
    l.stream_end(&l.terms(&Chain, id).unwrap_or_default(), host::now())
}

/// What these figures would have the platform pay for a quarter.
pub fn dues_for(id: &Id, number: u32, tokens: U256, calls: u64) -> U256 {
    let tokens = narrow(tokens).unwrap_or(u128::MAX);
    dues::dues_for(&Chain, id, number, &Usage { tokens, calls }).into()
}

fn find(id: &Id) -> Licence {
    allow(Licence::find(&Chain, id))
}

/// A record of a licence, as it is now. `which` is a number, an account or a hash, by the record.
pub fn record(id: &Id, record: u8, which: &Word) -> Vec<Word> {
    let mut low = [0; 4];
    low.copy_from_slice(&which[28..]);
    let number = u32::from_be_bytes(low);
    match record {
        b'P' => parties(&find(id)),
        b'S' => state(&find(id)),
        b'T' => times(id, &find(id)),
        b'M' => money(&find(id)),
        b'N' => counts(&find(id)),
        b'D' => datasets(id),
        b'X' => menu(&Menu::load(&Chain, &numbered(id, store::MENU, 0)).unwrap_or_default()),
        b'O' => option(id, number),
        b'Q' => quarter(id, number),
        b'U' => due(id, number),
        b'Y' => year(&Year::of(&Chain, id, number)),
        b'A' => audit(&Audit::load(&Chain, &numbered(id, store::AUDIT, number)).unwrap_or_default()),
        b'C' => standing(id, which),
        b'L' => sublicence(&Sublicence::load(&Chain, &numbered(id, store::SUBLICENCE, number)).unwrap_or_default()),
        b'V' => violation(&Violation::load(&Chain, &hashed(id, store::VIOLATION, which)).unwrap_or_default()),
        b'R' => redaction(&Redaction::load(&Chain, &numbered(id, store::REDACTION, number)).unwrap_or_default()),
        b'F' => usage_log::agreed(id, which),
        b'G' => usage_log::log(id, number),
        b'H' => usage_log::anchored(id, which),
        kind => refuse(Error::UnknownKind(kind)),
    }
}

fn datasets(id: &Id) -> Vec<Word> {
    match Menu::load(&Chain, &numbered(id, store::MENU, 0)) {
        Some(Menu { datasets, .. }) => Licence { datasets, ..Licence::default() }.dataset_list(&Chain, id),
        None => find(id).dataset_list(&Chain, id),
    }
}

fn menu(m: &Menu) -> Vec<Word> {
    tuple![m.pool, m.currency, m.licensor, m.options, m.datasets, m.expires_at]
}

fn parties(l: &Licence) -> Vec<Word> {
    tuple![l.platform, l.pool, l.currency, l.licensor, l.next_platform]
}

fn state(l: &Licence) -> Vec<Word> {
    let now = host::now();
    let (stage, deletion) = (l.stage_at(now) as u8, l.deletion_at(now) as u8);
    tuple![stage, deletion, l.reason, l.options, l.option, l.milestones, l.closed]
}

fn times(id: &Id, l: &Licence) -> Vec<Word> {
    let (mut exclusive, mut training) = (0u64, 0u64);
    if l.accepted_at > 0 {
        let terms = allow(l.terms(&Chain, id));
        exclusive = terms.exclusive_until(l.accepted_at);
        training = if l.activated_at > 0 { l.training_until(&terms) } else { 0 };
    }
    tuple![
        l.expires_at,
        l.accepted_at,
        l.fund_by,
        l.activated_at,
        l.ends_at,
        exclusive,
        training,
        l.deletion_due,
        l.deleted_at,
        l.refill_by,
        l.refill_defaulted_at,
    ]
}

fn money(l: &Licence) -> Vec<Word> {
    tuple![l.escrow, l.refundable, l.held, l.money_in, l.to_pool, l.refunded, l.paid_out, l.owed, l.credit, l.refill_to]
}

fn counts(l: &Licence) -> Vec<Word> {
    tuple![
        l.next_quarter,
        l.next_year,
        l.open_defaults,
        l.defaults,
        l.breaches,
        l.violations,
        l.sublicences,
        l.audits,
        l.redactions,
    ]
}

fn option(id: &Id, number: u32) -> Vec<Word> {
    let Some(terms) = Terms::load(&Chain, &numbered(id, store::TERMS, number)) else {
        return Vec::new();
    };
    let schedule = Schedule::load(&Chain, &numbered(id, store::SCHEDULE, number));
    words::write(&terms, &schedule.map(|schedule| schedule.milestones()).unwrap_or_default())
}

fn quarter(id: &Id, number: u32) -> Vec<Word> {
    let q = Quarter::of(&Chain, id, number);
    let base = allow(allow(find(id).terms(&Chain, id)).base(q.gross, q.infrastructure, q.taxes));
    tuple![
        q.gross,
        q.infrastructure,
        q.taxes,
        base,
        q.reported_at,
        FixedBytes(q.evidence),
        q.tokens,
        q.calls,
        q.usage_at,
        FixedBytes(q.usage_report),
    ]
}

fn due(id: &Id, number: u32) -> Vec<Word> {
    let l = find(id);
    let mut q = Quarter::of(&Chain, id, number);
    if q.is_assessed() {
        allow(q.accrue(allow(l.terms(&Chain, id)).late_bps, host::now()));
    }
    let outstanding = q.outstanding();
    tuple![
        q.due,
        q.pay_by,
        q.paid,
        q.interest,
        q.interest_paid,
        outstanding,
        q.held,
        q.defaulted_at,
        q.in_default,
        q.late_at,
        q.later,
        q.later_by,
    ]
}

fn year(y: &Year) -> Vec<Word> {
    tuple![
        y.advance,
        y.trued_up_at > 0,
        y.earned,
        y.guaranteed,
        y.from_escrow,
        y.owed,
        y.topped_up,
        y.period,
        y.defaulted_at,
    ]
}

fn audit(a: &Audit) -> Vec<Word> {
    tuple![
        a.contributor,
        a.requested_at,
        a.answered_at,
        a.reported_at,
        a.auditor,
        a.discrepancy_bps,
        a.fee,
        a.expenses,
        a.fee_paid,
        a.reimbursed,
        a.fee_withdrawn,
        a.expenses_withdrawn,
        a.late_at,
        a.unpaid_at,
        FixedBytes(a.scope),
        FixedBytes(a.logs),
        FixedBytes(a.manifests),
        FixedBytes(a.runs),
        FixedBytes(a.report),
        a.quarter,
        a.tokens,
        a.calls,
        a.dismissed,
        a.applied,
    ]
}

fn standing(id: &Id, account: &Word) -> Vec<Word> {
    let account = yieldset_shell::words::address_of(account).unwrap_or_default();
    let key = store::personal(id, store::STANDING, &account);
    let s = Standing::load(&Chain, &key).unwrap_or_default();
    tuple![s.approved, s.year, s.requests]
}

fn sublicence(s: &Sublicence) -> Vec<Word> {
    tuple![s.licensee, s.uses, FixedBytes(s.document), s.at]
}

fn violation(v: &Violation) -> Vec<Word> {
    tuple![v.kind, v.uses, v.at, v.recorded_at, v.dismissed]
}

fn redaction(r: &Redaction) -> Vec<Word> {
    tuple![
        r.requester,
        FixedBytes(r.dataset),
        FixedBytes(r.request),
        FixedBytes(r.manifest),
        r.version,
        r.requested_at,
        r.due,
        FixedBytes(r.certificate),
        r.certified_at,
        r.late_at,
    ]
}
