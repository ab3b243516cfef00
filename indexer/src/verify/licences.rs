//! Licences and menus as their contracts have them, and that the money under them is there.

mod conduct;
mod dues;

use std::fmt::Display;

use futures::TryStreamExt;
use yieldset_chain::{B256, SolValue, U256, abi::Licence, acts::doings::licence::STAGES};

use super::{Answer, Chain, Comparison, db, each, second, wide};
use crate::{
    api::licences::stage_at,
    column::{Addr, Amount, Hash},
    error::IndexerError,
    snapshot::Snapshot,
};

pub(super) async fn compare(
    snapshot: &mut Snapshot,
    chain: &Chain<'_>,
    found: &mut Comparison,
) -> Result<(), IndexerError> {
    licences(snapshot, chain, found).await?;
    counts(snapshot, chain, found).await?;
    menus(snapshot, chain, found).await?;
    dues::compare(snapshot, chain, found).await?;
    conduct::compare(snapshot, chain, found).await?;
    money(snapshot, chain, found).await?;
    ledger(snapshot, found).await
}

/// A record of a licence or a menu: its letter, and which of several.
pub(super) async fn record<T, E: Display>(
    chain: &Chain<'_>,
    (contract, licence): (Addr, Hash),
    (record, which): (u8, B256),
    decode: impl FnOnce(&[u8]) -> Result<T, E>,
) -> Result<Answer<T>, IndexerError> {
    let call = Licence::recordOfCall { licence: licence.0, record, which };
    let words = chain.ask(contract, call).await?;
    Ok(words.and_then(|words| decode(&words.concat()).map_err(|error| error.to_string())))
}

/// A number as the word by which a record is chosen.
pub(super) fn numbered(number: i64) -> B256 {
    U256::from(number.unsigned_abs()).into()
}

struct LicenceRow {
    contract: Addr,
    licence: Hash,
    pool: Addr,
    platform: Addr,
    next_platform: Option<Addr>,
    currency: Addr,
    stage: String,
    offer_expires: Amount,
    exclusive_until: Option<Amount>,
    fund_by: Option<Amount>,
    active_since: Option<i64>,
    ends_at: Option<Amount>,
    deletion_due: Option<Amount>,
    deleted_at: Option<i64>,
    escrow: Amount,
    refundable: Amount,
    held: Amount,
    money_in: Amount,
    to_pool: Amount,
    refunded: Amount,
    paid_out: Amount,
    refill_to: Amount,
    refill_by: Amount,
    closed: bool,
}

async fn licences(snapshot: &mut Snapshot, chain: &Chain<'_>, found: &mut Comparison) -> Result<(), IndexerError> {
    let rows = sqlx::query_as!(
        LicenceRow,
        r#"SELECT contract AS "contract: Addr", licence AS "licence: Hash", pool AS "pool: Addr", platform AS "platform: Addr",
                  next_platform AS "next_platform: Addr", currency AS "currency: Addr", stage,
                  offer_expires AS "offer_expires: Amount", exclusive_until AS "exclusive_until: Amount",
                  fund_by AS "fund_by: Amount", active_since, ends_at AS "ends_at: Amount",
                  deletion_due AS "deletion_due: Amount", deleted_at, escrow AS "escrow: Amount",
                  refundable AS "refundable: Amount", held AS "held: Amount", money_in AS "money_in: Amount",
                  to_pool AS "to_pool: Amount", refunded AS "refunded: Amount", paid_out AS "paid_out: Amount",
                  refill_to AS "refill_to: Amount", refill_by AS "refill_by: Amount", closed
           FROM licences WHERE valid_from > $1 ORDER BY contract, licence"#,
        chain.since,
    )
    .fetch(snapshot.connection());
    let ask = |row: LicenceRow| async move {
        let key = (row.contract, row.licence);
        let parties = record(chain, key, (b'P', B256::ZERO), Licence::Parties::abi_decode).await?;
        let state = record(chain, key, (b'S', B256::ZERO), Licence::State::abi_decode).await?;
        let times = record(chain, key, (b'T', B256::ZERO), Licence::Times::abi_decode).await?;
        let money = record(chain, key, (b'M', B256::ZERO), Licence::Money::abi_decode).await?;
        Ok::<_, IndexerError>((row, parties, state, times, money))
    };
    let count = each(rows, ask, |(row, parties, state, times, money)| {
        let what = format!("licence {} of {}", row.licence, row.contract);
        found.about("licence", row.contract);
        if let Some(theirs) = found.answer(format!("{what}: parties"), parties) {
            found.same(format!("{what}: pool"), row.pool, theirs.pool.into());
            found.same(format!("{what}: platform"), row.platform, theirs.platform.into());
            let next = row.next_platform.unwrap_or_default();
            found.same(format!("{what}: next platform"), next, theirs.nextPlatform.into());
            found.same(format!("{what}: currency"), row.currency, theirs.currency.into());
        }
        if let Some(theirs) = found.answer(format!("{what}: state"), state) {
            let stage = STAGES.get(usize::from(theirs.stage)).copied().unwrap_or("unknown");
            let ours = stage_at(&row.stage, row.offer_expires, row.fund_by, row.ends_at, chain.now).replace('_', " ");
            found.same(format!("{what}: stage"), ours.as_str(), stage);
            found.same(format!("{what}: closed"), row.closed, theirs.closed);
        }
        if let Some(theirs) = found.answer(format!("{what}: times"), times) {
            row.times(&what, &theirs, found);
        }
        if let Some(theirs) = found.answer(format!("{what}: money"), money) {
            found.same(format!("{what}: escrow"), row.escrow, theirs.escrow.into());
            found.same(format!("{what}: refundable"), row.refundable, theirs.refundable.into());
            found.same(format!("{what}: held"), row.held, theirs.held.into());
            found.same(format!("{what}: came in"), row.money_in, theirs.moneyIn.into());
            found.same(format!("{what}: to the pool"), row.to_pool, theirs.toPool.into());
            found.same(format!("{what}: refunded"), row.refunded, theirs.refunded.into());
            found.same(format!("{what}: paid for audits"), row.paid_out, theirs.paidOut.into());
            found.same(format!("{what}: filled up to"), row.refill_to, theirs.refillTo.into());
        }
    })
    .await?;
    found.counted(count, "licences");
    Ok(())
}

impl LicenceRow {
    /// Times that are not known yet are none here; a contract may have worked them out already.
    fn times(&self, what: &str, theirs: &Licence::Times, found: &mut Comparison) {
        found.same(format!("{what}: offered until"), self.offer_expires, Amount::from(theirs.offerExpiresAt));
        found.same(format!("{what}: to be funded by"), second(self.fund_by), Amount::from(theirs.fundBy));
        found.same(format!("{what}: active since"), wide(self.active_since.unwrap_or(0)), theirs.activatedAt);
        found.same(format!("{what}: deleted"), wide(self.deleted_at.unwrap_or(0)), theirs.deletedAt);
        found.same(format!("{what}: filled up by"), self.refill_by, Amount::from(theirs.refillBy));
        let known = [
            ("exclusive until", self.exclusive_until, theirs.exclusiveUntil),
            ("ends", self.ends_at, theirs.endsAt),
            ("to be deleted by", self.deletion_due, theirs.deletionDue),
        ];
        for (figure, here, chain) in known {
            if let Some(here) = here {
                found.same(format!("{what}: {figure}"), here, Amount::from(chain));
            }
        }
    }
}

struct CountRow {
    contract: Addr,
    licence: Hash,
    open_defaults: i64,
    breaches: i64,
    violations: i64,
    sublicences: i64,
    audits: i64,
    redactions: i64,
}

/// Nothing that a contract counts is missing here.
async fn counts(snapshot: &mut Snapshot, chain: &Chain<'_>, found: &mut Comparison) -> Result<(), IndexerError> {
    let rows = sqlx::query_as!(
        CountRow,
        r#"SELECT contract AS "contract: Addr", licence AS "licence: Hash", open_defaults, breaches, violations,
                  (SELECT count(*) FROM sublicences s WHERE s.contract = l.contract AND s.licence = l.licence) AS "sublicences!",
                  (SELECT count(*) FROM audits a WHERE a.contract = l.contract AND a.licence = l.licence) AS "audits!",
                  (SELECT count(*) FROM redactions r WHERE r.contract = l.contract AND r.licence = l.licence) AS "redactions!"
           FROM licences l ORDER BY contract, licence"#
    )
    .fetch(snapshot.connection());
    let ask = |row: CountRow| async move {
        let key = (row.contract, row.licence);
        let counts = record(chain, key, (b'N', B256::ZERO), Licence::Counts::abi_decode).await?;
        Ok::<_, IndexerError>((row, counts))
    };
    each(rows, ask, |(row, counts)| {
        let what = format!("licence {} of {}", row.licence, row.contract);
        found.about("licence", row.contract);
        let Some(theirs) = found.answer(format!("{what}: counts"), counts) else { return };
        found.same(format!("{what}: open defaults"), row.open_defaults, i64::from(theirs.openDefaults));
        found.same(format!("{what}: breaches"), row.breaches, i64::from(theirs.breaches));
        found.same(format!("{what}: violations"), row.violations, i64::from(theirs.violations));
        found.same(format!("{what}: sublicences"), row.sublicences, i64::from(theirs.sublicences));
        found.same(format!("{what}: audits"), row.audits, i64::from(theirs.audits));
        found.same(format!("{what}: redactions"), row.redactions, i64::from(theirs.redactions));
    })
    .await?;
    Ok(())
}

async fn menus(snapshot: &mut Snapshot, chain: &Chain<'_>, found: &mut Comparison) -> Result<(), IndexerError> {
    struct Row {
        contract: Addr,
        menu: Hash,
        pool: Addr,
        licensor: Addr,
        currency: Addr,
        options: i16,
        expires: Amount,
    }
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT contract AS "contract: Addr", menu AS "menu: Hash", pool AS "pool: Addr", licensor AS "licensor: Addr",
                  currency AS "currency: Addr", options, expires AS "expires: Amount"
           FROM menus WHERE NOT withdrawn AND valid_from > $1 ORDER BY contract, menu"#,
        chain.since,
    )
    .fetch(snapshot.connection());
    let ask = |row: Row| async move {
        let key = (row.contract, row.menu);
        let menu = record(chain, key, (b'X', B256::ZERO), Licence::Menu::abi_decode).await?;
        Ok::<_, IndexerError>((row, menu))
    };
    let count = each(rows, ask, |(row, menu)| {
        let what = format!("menu {} of {}", row.menu, row.contract);
        found.about("licence", row.contract);
        let Some(theirs) = found.answer(&what, menu) else { return };
        found.same(format!("{what}: pool"), row.pool, theirs.pool.into());
        found.same(format!("{what}: licensor"), row.licensor, theirs.licensor.into());
        found.same(format!("{what}: currency"), row.currency, theirs.currency.into());
        found.same(format!("{what}: options"), row.options, i16::from(theirs.options));
        found.same(format!("{what}: open until"), row.expires, Amount::from(theirs.expiresAt));
    })
    .await?;
    found.counted(count, "menus");
    Ok(())
}

/// In every currency a licence contract has what is bound, refundable and held under its licences, and what was paid
/// for audits and nobody took yet.
async fn money(snapshot: &mut Snapshot, chain: &Chain<'_>, found: &mut Comparison) -> Result<(), IndexerError> {
    let mut rows = sqlx::query!(
        r#"SELECT l.contract AS "contract!: Addr", currency AS "currency!: Addr",
                  sum(escrow + refundable + held + coalesce(a.owed, 0)) AS "owed!: Amount",
                  bool_and(money_in = escrow + refundable + held + to_pool + refunded + paid_out) AS "adds_up!"
           FROM licences l LEFT JOIN (
               SELECT contract, licence,
                      sum(CASE WHEN fee_paid AND NOT fee_withdrawn THEN fee ELSE 0 END
                          + CASE WHEN expenses_paid AND NOT expenses_withdrawn THEN expenses ELSE 0 END) AS owed
               FROM audits GROUP BY contract, licence) a ON a.contract = l.contract AND a.licence = l.licence
           GROUP BY l.contract, currency ORDER BY l.contract, currency"#
    )
    .fetch(snapshot.connection());
    while let Some(row) = rows.try_next().await.map_err(db)? {
        found.about("licence", row.contract);
        let what = format!("licences of {} in {}", row.contract, row.currency);
        found.holds(format!("{what}: what came in = what is there + what left"), row.adds_up);
        chain.covers(found, ("licence", row.contract), row.currency, row.owed).await?;
    }
    Ok(())
}

/// The double-entry accounts give the same figures as the licences' rows, and nothing stays on its way.
async fn ledger(snapshot: &mut Snapshot, found: &mut Comparison) -> Result<(), IndexerError> {
    let mut rows = sqlx::query!(
        r#"SELECT l.contract AS "contract!: Addr", l.licence AS "licence!: Hash",
                  coalesce(b.escrow, 0) = l.escrow AS "escrow!", coalesce(b.refundable, 0) = l.refundable AS "refundable!",
                  coalesce(b.held, 0) = l.held AS "held!", coalesce(b.in_transit, 0) = 0 AS "in_transit!"
           FROM licences l LEFT JOIN (
               SELECT book, subject,
                      sum(credit - debit) FILTER (WHERE account = 'escrow') AS escrow,
                      sum(credit - debit) FILTER (WHERE account = 'refundable') AS refundable,
                      sum(credit - debit) FILTER (WHERE account = 'held') AS held,
                      sum(credit - debit) FILTER (WHERE account = 'in_transit') AS in_transit
               FROM ledger WHERE subject IS NOT NULL GROUP BY book, subject) b
             ON b.book = l.contract AND b.subject = l.licence
           ORDER BY l.contract, l.licence"#
    )
    .fetch(snapshot.connection());
    while let Some(row) = rows.try_next().await.map_err(db)? {
        let what = format!("licence {} of {}", row.licence, row.contract);
        found.about("licence", row.contract);
        found.holds(format!("{what}: ledger account escrow = its escrow"), row.escrow);
        found.holds(format!("{what}: ledger account refundable = what is refundable"), row.refundable);
        found.holds(format!("{what}: ledger account held = what is held"), row.held);
        found.holds(format!("{what}: ledger account in_transit = 0"), row.in_transit);
    }
    Ok(())
}
