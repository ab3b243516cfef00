//! What quarters and licence years owe, and what was paid of it.

use yieldset_chain::{
    B256,
    abi::Licence::{
        DefaultCured, DefaultRecorded, DueAssessed, RevenueReported, RoyaltyPaid, ShortfallPaid, UsageReported,
        YearTruedUp,
    },
};
use yieldset_rules::licence::{MAX_TERM_MONTHS, Year};

use super::{
    figure, key, known,
    money::{self, Change, Payment},
    more,
};
use crate::{
    column::{Addr, Amount, Hash},
    error::IndexerError,
    project::Applying,
    rows::versioned,
};

versioned! {
    /// A quarter: what the platform reported, what the oracle did, and what follows. Nothing is not known yet.
    LicenceQuarter in "licence_quarters" {
        contract: Addr,
        licence: Hash,
        quarter: i64;
        gross: Option<Amount>,
        infrastructure: Option<Amount>,
        taxes: Option<Amount>,
        net: Option<Amount>,
        late: Option<bool>,
        evidence: Option<Hash>,
        tokens: Option<Amount>,
        calls: Option<Amount>,
        report: Option<Hash>,
        due: Option<Amount>,
        pay_by: Option<Amount>,
        paid: Amount,
        interest: Amount,
        in_default: bool,
    }
}

versioned! {
    /// A licence year with a guarantee. What is nothing came with no event yet: the year was not trued up.
    LicenceYear in "licence_years" {
        contract: Addr,
        licence: Hash,
        year: i64;
        guaranteed: Option<Amount>,
        earned: Option<Amount>,
        from_escrow: Option<Amount>,
        trued_up_at: Option<i64>,
        /// What of the shortfall nobody paid yet.
        owed: Amount,
        /// Paid beside the escrow.
        paid: Amount,
        in_default: bool,
    }
}

/// The longest time in seconds that a licence can run.
const LONGEST: u64 = 31 * 86_400 * MAX_TERM_MONTHS as u64;

/// A quarter of a licence that was offered, as far as it is known.
async fn quarter(applying: &mut Applying<'_>, licence: B256, number: u32) -> Result<LicenceQuarter, IndexerError> {
    known(applying, licence).await?;
    let (contract, licence) = key(applying, licence);
    let quarter = i64::from(number);
    let found = applying.find::<LicenceQuarter>((contract, licence, quarter)).await?;
    Ok(found.unwrap_or(LicenceQuarter {
        contract,
        licence,
        quarter,
        gross: None,
        infrastructure: None,
        taxes: None,
        net: None,
        late: None,
        evidence: None,
        tokens: None,
        calls: None,
        report: None,
        due: None,
        pay_by: None,
        paid: Amount::ZERO,
        interest: Amount::ZERO,
        in_default: false,
    }))
}

/// A year of a licence that was offered, as far as it is known.
async fn year(applying: &mut Applying<'_>, licence: B256, number: u32) -> Result<LicenceYear, IndexerError> {
    known(applying, licence).await?;
    let (contract, licence) = key(applying, licence);
    let year = i64::from(number);
    let found = applying.find::<LicenceYear>((contract, licence, year)).await?;
    Ok(found.unwrap_or(LicenceYear {
        contract,
        licence,
        year,
        guaranteed: None,
        earned: None,
        from_escrow: None,
        trued_up_at: None,
        owed: Amount::ZERO,
        paid: Amount::ZERO,
        in_default: false,
    }))
}

pub(super) async fn revenue(applying: &mut Applying<'_>, event: &RevenueReported) -> Result<(), IndexerError> {
    let place = applying.place;
    let mut row = quarter(applying, event.licence, event.quarter).await?;
    row.gross = Some(place.amount("gross", event.gross)?.into());
    row.infrastructure = Some(place.amount("infrastructure", event.infrastructure)?.into());
    row.taxes = Some(place.amount("taxes", event.taxes)?.into());
    row.net = Some(place.amount("net", event.net)?.into());
    row.evidence = Some(event.evidence.into());
    row.late = Some(event.late);
    applying.put(row).await
}

pub(super) async fn usage(applying: &mut Applying<'_>, event: &UsageReported) -> Result<(), IndexerError> {
    let place = applying.place;
    let mut row = quarter(applying, event.licence, event.quarter).await?;
    row.tokens = Some(place.amount("tokens", event.tokens)?.into());
    row.calls = Some(event.calls.into());
    row.report = Some(event.report.into());
    applying.put(row).await
}

pub(super) async fn due(applying: &mut Applying<'_>, event: &DueAssessed) -> Result<(), IndexerError> {
    let place = applying.place;
    let mut row = quarter(applying, event.licence, event.quarter).await?;
    let due = place.amount("due", event.due)?;
    let before = figure(place, "the due before", row.due.unwrap_or_default())?;
    let paid = figure(place, "what was paid before", row.paid)?;
    row.due = Some(due.into());
    row.pay_by = Some(event.payBy.into());
    row.paid = place.amount("paid", event.paid)?.into();
    applying.put(row).await?;
    let changed = [due.saturating_sub(before), before.saturating_sub(due), paid.saturating_sub(due)];
    count(applying, event, changed).await
}

/// What a due that changed does to its year, where that was trued up before: no event tells it, and so it is worked out
/// as the contract does.
async fn count(applying: &mut Applying<'_>, event: &DueAssessed, changed: [u128; 3]) -> Result<(), IndexerError> {
    let place = applying.place;
    let row = known(applying, event.licence).await?;
    let (Some(activated_at), Some(ends_at)) = (row.active_since, row.ends_at) else { return Ok(()) };
    let activated_at = u64::try_from(activated_at).unwrap_or(0);
    let ends_at = place.fit("ends_at", ends_at.0)?;
    // Years are counted one by one, and a stranger's contract may say any end.
    if ends_at > activated_at.saturating_add(LONGEST) {
        return Err(place.diverged("a licence's end", ends_at, "one that terms can have"));
    }
    let licence = yieldset_rules::licence::Licence { activated_at, ends_at, ..Default::default() };
    let number = i64::from(licence.year_of_quarter(event.quarter));
    let Some(mut year) = applying.find::<LicenceYear>((row.contract, row.licence, number)).await? else {
        return Ok(());
    };
    let (Some(earned), Some(guaranteed)) = (year.earned, year.guaranteed) else { return Ok(()) };
    let mut figures = Year {
        earned: figure(place, "earned", earned)?,
        guaranteed: figure(place, "guaranteed", guaranteed)?,
        owed: figure(place, "owed", year.owed)?,
        ..Year::default()
    };
    figures.count(changed).map_err(|_| place.diverged("what a year earned", earned, "128 bits with a changed due"))?;
    (year.earned, year.owed) = (Some(figures.earned.into()), figures.owed.into());
    applying.put(year).await
}

/// A quarter is assessed before it is paid.
pub(super) async fn royalty(applying: &mut Applying<'_>, event: &RoyaltyPaid) -> Result<(), IndexerError> {
    let place = applying.place;
    let paid = place.amount("principal", event.principal)?;
    let interest = place.amount("interest", event.interest)?;
    let licence = known(applying, event.licence).await?;
    let number = event.quarter;
    let key = (licence.contract, licence.licence, i64::from(number));
    let mut row = applying.known::<LicenceQuarter>("a licence's quarter", key).await?;
    row.paid = more(place, "what was paid of a quarter", row.paid, paid)?;
    row.interest = more(place, "a quarter's interest", row.interest, interest)?;
    applying.put(row).await?;
    let left = event.outstanding;
    money::note(applying, &licence, Payment { kind: "royalty", number: Some(number), paid, interest, left })
}

/// A default can also be of a quarter that was never reported.
pub(super) async fn default(applying: &mut Applying<'_>, event: &DefaultRecorded) -> Result<(), IndexerError> {
    let outstanding = applying.place.amount("outstanding", event.outstanding)?;
    let of = DefaultOf { number: event.number, year: event.year, owed: Some(outstanding) };
    set_default(applying, event.licence, of, event.openDefaults).await
}

pub(super) async fn cure(applying: &mut Applying<'_>, event: &DefaultCured) -> Result<(), IndexerError> {
    let of = DefaultOf { number: event.number, year: event.year, owed: None };
    set_default(applying, event.licence, of, event.openDefaults).await
}

/// What a default is of.
struct DefaultOf {
    /// The quarter, or the licence year; zero for the escrow, which was not filled up again.
    number: u32,
    /// It is a licence year, or the escrow.
    year: bool,
    /// What is outstanding; none where the default was cured.
    owed: Option<u128>,
}

async fn set_default(
    applying: &mut Applying<'_>,
    licence: B256,
    of: DefaultOf,
    open_defaults: u32,
) -> Result<(), IndexerError> {
    let mut row = known(applying, licence).await?;
    row.open_defaults = open_defaults.into();
    let in_default = of.owed.is_some();
    if of.year && of.number == 0 {
        row.escrow_default = in_default;
    }
    applying.put(row).await?;
    match (of.year, of.number) {
        (true, 0) => Ok(()),
        (true, number) => {
            let mut row = year(applying, licence, number).await?;
            row.in_default = in_default;
            // Cured is only what nothing is owed for any more.
            row.owed = of.owed.unwrap_or(0).into();
            applying.put(row).await
        }
        (false, number) => {
            let mut row = quarter(applying, licence, number).await?;
            row.in_default = in_default;
            applying.put(row).await
        }
    }
}

/// What the year's quarters earned less than was guaranteed for it is paid out of the escrow, as far as that goes.
pub(super) async fn true_up(applying: &mut Applying<'_>, event: &YearTruedUp) -> Result<(), IndexerError> {
    let place = applying.place;
    let amount = place.amount("from the escrow", event.fromEscrow)?;
    let mut row = year(applying, event.licence, event.year).await?;
    row.guaranteed = Some(place.amount("guaranteed", event.guaranteed)?.into());
    row.earned = Some(place.amount("earned", event.earned)?.into());
    row.from_escrow = Some(amount.into());
    row.trued_up_at = Some(place.seconds);
    row.owed = place.amount("owed", event.owed)?.into();
    applying.put(row).await?;
    let mut licence = known(applying, event.licence).await?;
    licence.refill_to = place.amount("what the escrow is filled up to", event.refillTo)?.into();
    licence.refill_by = event.refillBy.into();
    let (number, escrow) = (Some(event.year.into()), Some(event.escrow));
    money::changed(applying, &licence, Change { kind: "trued_up", number, amount, to_pool: true, escrow })?;
    applying.put(licence).await
}

pub(super) async fn shortfall(applying: &mut Applying<'_>, event: &ShortfallPaid) -> Result<(), IndexerError> {
    let place = applying.place;
    let paid = place.amount("amount", event.amount)?;
    let mut row = year(applying, event.licence, event.year).await?;
    row.paid = more(place, "what was paid of a year's shortfall", row.paid, paid)?;
    row.owed = place.amount("owed", event.owed)?.into();
    applying.put(row).await?;
    let licence = known(applying, event.licence).await?;
    let payment = Payment { kind: "shortfall", number: Some(event.year), paid, interest: 0, left: event.owed };
    money::note(applying, &licence, payment)
}
