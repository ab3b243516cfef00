//! Licences: their course, what is due for each quarter, and the money under them.

use sqlx::PgConnection;
use yieldset_chain::{
    B256, U256,
    abi::Licence::{
        Delivered, DueAssessed, FundsChanged, LicenceAccepted, LicenceEvents, LicenceOffered, PlatformChanged,
        Refunded, RevenueReported, RoyaltyPaid, UsageReported,
    },
};

use super::{Place, db, holders::amount, proof};
use crate::{column::Amount, error::IndexerError};

/// Every event is one of the licence's course. Of menus, audits, milestones, sublicences, redactions, approvals and
/// certificates there is no more than that.
pub(super) async fn apply(
    connection: &mut PgConnection,
    place: Place,
    event: &LicenceEvents,
    terms: Option<&[B256]>,
) -> Result<(), IndexerError> {
    note(connection, place, of(event)).await?;
    match event {
        LicenceEvents::LicenceOffered(e) => offer(connection, place, e).await,
        LicenceEvents::LicenceAccepted(e) => {
            accept(connection, place, e).await?;
            proof::terms(connection, place, e.licence, terms).await
        }
        LicenceEvents::OfferWithdrawn(e) => stage(connection, place, e.licence, "withdrawn").await,
        LicenceEvents::OfferDeclined(e) => stage(connection, place, e.licence, "declined").await,
        LicenceEvents::LicenceLapsed(e) => stage(connection, place, e.licence, "lapsed").await,
        LicenceEvents::LicenceActivated(e) => activate(connection, place, e.licence, e.endsAt).await,
        LicenceEvents::LicenceTerminated(e) => {
            stage(connection, place, e.licence, "terminated").await?;
            figure(connection, place, e.licence, Figure::EndsAt(e.endsAt)).await
        }
        LicenceEvents::RevenueReported(e) => revenue(connection, place, e).await,
        LicenceEvents::UsageReported(e) => usage(connection, place, e).await,
        LicenceEvents::DueAssessed(e) => due(connection, place, e).await,
        LicenceEvents::RoyaltyPaid(e) => royalty(connection, place, e).await,
        LicenceEvents::ShortfallPaid(e) => {
            let paid = amount(place, "amount", e.amount)?;
            stands(connection, place, e.licence).await?;
            let payment = Payment { kind: "shortfall", number: Some(e.year), paid, interest: 0, left: e.owed };
            insert(connection, place, e.licence, payment).await
        }
        LicenceEvents::Delivered(e) => deliver(connection, place, e).await,
        LicenceEvents::Refunded(e) => refund(connection, place, e).await,
        LicenceEvents::DefaultRecorded(e) => {
            default(connection, place, (e.licence, e.number, e.year), true, e.openDefaults).await
        }
        LicenceEvents::DefaultCured(e) => {
            default(connection, place, (e.licence, e.number, e.year), false, e.openDefaults).await
        }
        LicenceEvents::BreachRecorded(e) => figure(connection, place, e.licence, Figure::Breaches(e.breaches)).await,
        LicenceEvents::ViolationRecorded(e) => {
            figure(connection, place, e.licence, Figure::Violations(e.violations)).await
        }
        LicenceEvents::Dismissed(e) => figure(connection, place, e.licence, Figure::Violations(e.violations)).await,
        LicenceEvents::FundsChanged(e) => funds(connection, place, e).await,
        LicenceEvents::PlatformChanged(e) => platform(connection, place, e).await,
        LicenceEvents::LicenceClosed(e) => figure(connection, place, e.licence, Figure::Closed).await,
        LicenceEvents::UsageLogSet(e) => proof::usage_log(connection, place, e).await,
        LicenceEvents::CheckpointAnchored(e) => proof::anchor(connection, place, e).await,
        _ => Ok(()),
    }
}

/// The licence, or the menu, that an event is of.
fn of(event: &LicenceEvents) -> B256 {
    macro_rules! licence {
        ($($name:ident)*) => { match event { $(LicenceEvents::$name(e) => e.licence,)* } };
    }
    licence!(
        LicenceOffered OptionOffered MenuPublished MenuWithdrawn OptionTaken OfferWithdrawn OfferDeclined LicenceAccepted
        EscrowFunded LicenceActivated LicenceLapsed RevenueReported UsageReported DueAssessed RoyaltyPaid DefaultRecorded
        DefaultCured YearTruedUp ShortfallPaid MilestoneCertified Delivered Refunded EscrowForfeited ContributorApproved
        AuditRequested AuditJoined AuditAnswered AuditReported Dismissed AuditPaid AuditWithdrawn SublicenceRecorded
        ViolationRecorded BreachRecorded RedactionRequested RedactionJoined RedactionCertified LicenceTerminated
        PlatformProposed PlatformChanged UsageLogSet CheckpointAnchored FundsChanged LicenceClosed DeletionCertified
    )
}

async fn note(connection: &mut PgConnection, place: Place, licence: B256) -> Result<(), IndexerError> {
    sqlx::query!(
        "INSERT INTO licence_events (licence, block, event_index) VALUES ($1, $2, $3)",
        licence.as_slice(),
        place.block,
        place.event_index,
    )
    .execute(connection)
    .await
    .map_err(db)?;
    Ok(())
}

async fn offer(connection: &mut PgConnection, place: Place, event: &LicenceOffered) -> Result<(), IndexerError> {
    sqlx::query!(
        "INSERT INTO licences (licence, pool, platform, currency, stage, upfront, offer_expires, offered_block, offered_index,
             block, event_index, contract)
         VALUES ($1, $2, $3, $4, 'offered', $5, $6, $7, $8, $7, $8, $9)",
        event.licence.as_slice(),
        event.pool.as_slice(),
        event.platform.as_slice(),
        event.currency.as_slice(),
        Amount::from(amount(place, "upfront", event.upfront)?) as _,
        Amount::from(event.expiresAt) as _,
        place.block,
        place.event_index,
        place.contract.as_slice(),
    )
    .execute(connection)
    .await
    .map_err(db)?;
    Ok(())
}

async fn accept(connection: &mut PgConnection, place: Place, event: &LicenceAccepted) -> Result<(), IndexerError> {
    let changed = sqlx::query!(
        "UPDATE licences SET stage = 'accepted', licensor = $2, terms_option = $3, document = $4, upfront = $5,
             exclusive_until = $6, fund_by = $7, block = $8, event_index = $9 WHERE licence = $1",
        event.licence.as_slice(),
        event.licensor.as_slice(),
        i16::from(event.option),
        event.document.as_slice(),
        Amount::from(amount(place, "upfront", event.upfront)?) as _,
        Amount::from(event.exclusiveUntil) as _,
        Amount::from(event.fundBy) as _,
        place.block,
        place.event_index,
    )
    .execute(connection)
    .await
    .map_err(db)?;
    known(place, event.licence, changed.rows_affected())
}

async fn activate(
    connection: &mut PgConnection,
    place: Place,
    licence: B256,
    ends_at: u64,
) -> Result<(), IndexerError> {
    let changed = sqlx::query!(
        "UPDATE licences SET stage = 'active', active_since = $2, ends_at = $3, block = $4, event_index = $5 WHERE licence = $1",
        licence.as_slice(),
        place.seconds,
        Amount::from(ends_at) as _,
        place.block,
        place.event_index,
    )
    .execute(connection)
    .await
    .map_err(db)?;
    known(place, licence, changed.rows_affected())
}

async fn stage(connection: &mut PgConnection, place: Place, licence: B256, stage: &str) -> Result<(), IndexerError> {
    let changed = sqlx::query!(
        "UPDATE licences SET stage = $2, block = $3, event_index = $4 WHERE licence = $1",
        licence.as_slice(),
        stage,
        place.block,
        place.event_index,
    )
    .execute(connection)
    .await
    .map_err(db)?;
    known(place, licence, changed.rows_affected())
}

/// A figure that an event gives as it is afterwards.
#[derive(Clone, Copy)]
enum Figure {
    EndsAt(u64),
    OpenDefaults(u32),
    Breaches(u32),
    Violations(u32),
    Closed,
}

async fn figure(
    connection: &mut PgConnection,
    place: Place,
    licence: B256,
    figure: Figure,
) -> Result<(), IndexerError> {
    let (mut ends_at, mut counts, mut closed) = (None, [None; 3], None);
    match figure {
        Figure::EndsAt(time) => ends_at = Some(Amount::from(time)),
        Figure::OpenDefaults(count) => counts[0] = Some(i64::from(count)),
        Figure::Breaches(count) => counts[1] = Some(i64::from(count)),
        Figure::Violations(count) => counts[2] = Some(i64::from(count)),
        Figure::Closed => closed = Some(true),
    }
    let changed = sqlx::query!(
        "UPDATE licences SET ends_at = coalesce($2, ends_at), open_defaults = coalesce($3, open_defaults),
             breaches = coalesce($4, breaches), violations = coalesce($5, violations), closed = coalesce($6, closed),
             block = $7, event_index = $8
         WHERE licence = $1",
        licence.as_slice(),
        ends_at as _,
        counts[0],
        counts[1],
        counts[2],
        closed,
        place.block,
        place.event_index,
    )
    .execute(connection)
    .await
    .map_err(db)?;
    known(place, licence, changed.rows_affected())
}

async fn default(
    connection: &mut PgConnection,
    place: Place,
    (licence, number, year): (B256, u32, bool),
    open: bool,
    count: u32,
) -> Result<(), IndexerError> {
    figure(connection, place, licence, Figure::OpenDefaults(count)).await?;
    if year {
        return Ok(());
    }
    // A default can also be of a quarter that was never reported.
    sqlx::query!(
        "INSERT INTO licence_quarters (licence, quarter, in_default, block, event_index) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (licence, quarter) DO UPDATE SET in_default = $3, block = $4, event_index = $5",
        licence.as_slice(),
        i64::from(number),
        open,
        place.block,
        place.event_index,
    )
    .execute(connection)
    .await
    .map_err(db)?;
    Ok(())
}

async fn revenue(connection: &mut PgConnection, place: Place, event: &RevenueReported) -> Result<(), IndexerError> {
    stands(connection, place, event.licence).await?;
    sqlx::query!(
        "INSERT INTO licence_quarters (licence, quarter, gross, infrastructure, taxes, net, late, block, event_index)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         ON CONFLICT (licence, quarter) DO UPDATE SET gross = $3, infrastructure = $4, taxes = $5, net = $6, late = $7,
             block = $8, event_index = $9",
        event.licence.as_slice(),
        i64::from(event.quarter),
        Amount::from(amount(place, "gross", event.gross)?) as _,
        Amount::from(amount(place, "infrastructure", event.infrastructure)?) as _,
        Amount::from(amount(place, "taxes", event.taxes)?) as _,
        Amount::from(amount(place, "net", event.net)?) as _,
        event.late,
        place.block,
        place.event_index,
    )
    .execute(connection)
    .await
    .map_err(db)?;
    Ok(())
}

async fn usage(connection: &mut PgConnection, place: Place, event: &UsageReported) -> Result<(), IndexerError> {
    stands(connection, place, event.licence).await?;
    sqlx::query!(
        "INSERT INTO licence_quarters (licence, quarter, tokens, calls, block, event_index) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (licence, quarter) DO UPDATE SET tokens = $3, calls = $4, block = $5, event_index = $6",
        event.licence.as_slice(),
        i64::from(event.quarter),
        Amount::from(amount(place, "tokens", event.tokens)?) as _,
        Amount::from(event.calls) as _,
        place.block,
        place.event_index,
    )
    .execute(connection)
    .await
    .map_err(db)?;
    Ok(())
}

async fn due(connection: &mut PgConnection, place: Place, event: &DueAssessed) -> Result<(), IndexerError> {
    stands(connection, place, event.licence).await?;
    sqlx::query!(
        "INSERT INTO licence_quarters (licence, quarter, due, pay_by, paid, block, event_index)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (licence, quarter) DO UPDATE SET due = $3, pay_by = $4, paid = $5, block = $6, event_index = $7",
        event.licence.as_slice(),
        i64::from(event.quarter),
        Amount::from(amount(place, "due", event.due)?) as _,
        Amount::from(event.payBy) as _,
        Amount::from(amount(place, "paid", event.paid)?) as _,
        place.block,
        place.event_index,
    )
    .execute(connection)
    .await
    .map_err(db)?;
    Ok(())
}

async fn royalty(connection: &mut PgConnection, place: Place, event: &RoyaltyPaid) -> Result<(), IndexerError> {
    let paid = amount(place, "principal", event.principal)?;
    let interest = amount(place, "interest", event.interest)?;
    let changed = sqlx::query!(
        "UPDATE licence_quarters SET paid = paid + $3, interest = interest + $4, block = $5, event_index = $6
         WHERE licence = $1 AND quarter = $2",
        event.licence.as_slice(),
        i64::from(event.quarter),
        Amount::from(paid) as _,
        Amount::from(interest) as _,
        place.block,
        place.event_index,
    )
    .execute(&mut *connection)
    .await
    .map_err(db)?;
    known(place, event.licence, changed.rows_affected())?;
    let payment = Payment { kind: "royalty", number: Some(event.quarter), paid, interest, left: event.outstanding };
    insert(connection, place, event.licence, payment).await
}

async fn deliver(connection: &mut PgConnection, place: Place, event: &Delivered) -> Result<(), IndexerError> {
    let paid = amount(place, "amount", event.amount)?;
    moved(connection, place, event.licence, [paid, 0]).await?;
    let payment = Payment { kind: "delivered", number: Some(event.period), paid, interest: 0, left: event.held };
    insert(connection, place, event.licence, payment).await
}

async fn refund(connection: &mut PgConnection, place: Place, event: &Refunded) -> Result<(), IndexerError> {
    let paid = amount(place, "amount", event.amount)?;
    moved(connection, place, event.licence, [0, paid]).await?;
    let payment = Payment { kind: "refunded", number: None, paid, interest: 0, left: U256::ZERO };
    insert(connection, place, event.licence, payment).await
}

/// What of a licence's money is bound, the platform's, and the pool's until it takes it.
async fn funds(connection: &mut PgConnection, place: Place, event: &FundsChanged) -> Result<(), IndexerError> {
    let changed = sqlx::query!(
        "UPDATE licences SET escrow = $2, refundable = $3, held = $4, block = $5, event_index = $6 WHERE licence = $1",
        event.licence.as_slice(),
        Amount::from(amount(place, "escrow", event.escrow)?) as _,
        Amount::from(amount(place, "refundable", event.refundable)?) as _,
        Amount::from(amount(place, "held", event.held)?) as _,
        place.block,
        place.event_index,
    )
    .execute(connection)
    .await
    .map_err(db)?;
    known(place, event.licence, changed.rows_affected())
}

async fn platform(connection: &mut PgConnection, place: Place, event: &PlatformChanged) -> Result<(), IndexerError> {
    let changed = sqlx::query!(
        "UPDATE licences SET platform = $2, block = $3, event_index = $4 WHERE licence = $1",
        event.licence.as_slice(),
        event.platform.as_slice(),
        place.block,
        place.event_index,
    )
    .execute(connection)
    .await
    .map_err(db)?;
    known(place, event.licence, changed.rows_affected())
}

/// Money that left the contract: to the pool, and back to the platform.
async fn moved(
    connection: &mut PgConnection,
    place: Place,
    licence: B256,
    [to_pool, refunded]: [u128; 2],
) -> Result<(), IndexerError> {
    let changed = sqlx::query!(
        "UPDATE licences SET to_pool = to_pool + $2, refunded = refunded + $3, block = $4, event_index = $5
         WHERE licence = $1",
        licence.as_slice(),
        Amount::from(to_pool) as _,
        Amount::from(refunded) as _,
        place.block,
        place.event_index,
    )
    .execute(connection)
    .await
    .map_err(db)?;
    known(place, licence, changed.rows_affected())
}

struct Payment {
    kind: &'static str,
    /// Quarter, licence year, or the pool's period.
    number: Option<u32>,
    paid: u128,
    interest: u128,
    left: U256,
}

/// Adds a payment of a licence that the caller knows.
async fn insert(
    connection: &mut PgConnection,
    place: Place,
    licence: B256,
    payment: Payment,
) -> Result<(), IndexerError> {
    sqlx::query!(
        "INSERT INTO licence_payments (block, event_index, licence, kind, number, amount, interest, outstanding)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        place.block,
        place.event_index,
        licence.as_slice(),
        payment.kind,
        payment.number.map(i64::from),
        Amount::from(payment.paid) as _,
        Amount::from(payment.interest) as _,
        Amount::from(amount(place, "outstanding", payment.left)?) as _,
    )
    .execute(connection)
    .await
    .map_err(db)?;
    Ok(())
}

/// What happens to a licence happens after its offer.
pub(super) async fn stands(connection: &mut PgConnection, place: Place, licence: B256) -> Result<(), IndexerError> {
    let found = sqlx::query_scalar!("SELECT count(*) FROM licences WHERE licence = $1", licence.as_slice())
        .fetch_one(connection)
        .await
        .map_err(db)?;
    known(place, licence, found.and_then(|count| u64::try_from(count).ok()).unwrap_or(0))
}

fn known(place: Place, licence: B256, rows: u64) -> Result<(), IndexerError> {
    place.one(rows, "a licence", licence, "one that was offered")
}
