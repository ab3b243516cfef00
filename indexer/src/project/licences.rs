//! Licences: their course, what is due for each quarter and year, the money under them, and what their sides owe each
//! other besides: audits, redactions, sublicences, the deletion at the end.

mod audits;
mod conduct;
mod menus;
mod money;
mod quarters;

use yieldset_chain::{
    B256,
    abi::Licence::{
        DeletionCertified, LicenceAccepted, LicenceActivated, LicenceEvents, LicenceOffered, LicenceTerminated,
        OptionTaken, PlatformChanged, PlatformProposed,
    },
};

pub(crate) use audits::{Approval, Audit, AuditRequest};
pub(crate) use conduct::{Breach, Redaction, RedactionRequest, Sublicence, Violation};
pub(crate) use menus::{LicenceOption, Menu, Milestone};
pub(crate) use money::{EscrowChange, LicencePayment};
pub(crate) use quarters::{LicenceQuarter, LicenceYear};

use super::{Applying, Place, proof};
use crate::{
    column::{Addr, Amount, Hash},
    error::IndexerError,
    rows::{fact, versioned},
};

versioned! {
    /// A licence as its events left it.
    Licence in "licences" {
        contract: Addr,
        licence: Hash;
        pool: Addr,
        platform: Addr,
        /// Who was named the platform's successor and has not accepted yet.
        next_platform: Option<Addr>,
        currency: Addr,
        stage: String,
        options: i16,
        datasets: i16,
        upfront: Amount,
        offer_expires: Amount,
        /// The licensor's menu that it was taken from, and which of its options.
        menu: Option<Hash>,
        menu_option: Option<i16>,
        licensor: Option<Addr>,
        terms_option: Option<i16>,
        document: Option<Hash>,
        exclusive_until: Option<Amount>,
        fund_by: Option<Amount>,
        active_since: Option<i64>,
        training_until: Option<Amount>,
        ends_at: Option<Amount>,
        termination: Option<String>,
        terminated_by: Option<Addr>,
        termination_evidence: Option<Hash>,
        deletion_due: Option<Amount>,
        deletion_certificate: Option<Hash>,
        deleted_at: Option<i64>,
        deletion_late: Option<bool>,
        escrow: Amount,
        refundable: Amount,
        held: Amount,
        money_in: Amount,
        to_pool: Amount,
        refunded: Amount,
        paid_out: Amount,
        refill_to: Amount,
        refill_by: Amount,
        escrow_default: bool,
        open_defaults: i64,
        breaches: i64,
        violations: i64,
        closed: bool,
        offered_block: i64,
        offered_index: i64,
    }
}

fact! {
    /// An event of a licence, or of a licensor's menu.
    LicenceEvent in "licence_events" { contract: Addr, licence: Hash }
}

fact! {
    /// A platform's successor took its place.
    PlatformChange in "platform_changes" { contract: Addr, licence: Hash, previous: Addr, platform: Addr }
}

/// Every event is one of a licence's course, or of a menu's.
pub(super) async fn apply(applying: &mut Applying<'_>, event: &LicenceEvents) -> Result<(), IndexerError> {
    let (contract, licence) = key(applying, of(event));
    applying.note(LicenceEvent { contract, licence });
    match event {
        LicenceEvents::LicenceOffered(e) => offer(applying, e).await,
        LicenceEvents::OptionOffered(e) => menus::option(applying, e).await,
        LicenceEvents::MenuPublished(e) => menus::publish(applying, e).await,
        LicenceEvents::MenuWithdrawn(e) => menus::withdraw(applying, e.licence).await,
        LicenceEvents::OptionTaken(e) => take(applying, e).await,
        LicenceEvents::LicenceAccepted(e) => accept(applying, e).await,
        LicenceEvents::OfferWithdrawn(e) => dismiss(applying, e.licence, "withdrawn").await,
        LicenceEvents::OfferDeclined(e) => dismiss(applying, e.licence, "declined").await,
        LicenceEvents::LicenceLapsed(e) => stage(applying, e.licence, "lapsed").await,
        LicenceEvents::LicenceActivated(e) => activate(applying, e).await,
        LicenceEvents::LicenceTerminated(e) => terminate(applying, e).await,
        LicenceEvents::PlatformProposed(e) => propose(applying, e).await,
        LicenceEvents::PlatformChanged(e) => replace(applying, e).await,
        LicenceEvents::LicenceClosed(e) => change(applying, e.licence, |row| row.closed = true).await,
        LicenceEvents::DeletionCertified(e) => delete(applying, e).await,
        LicenceEvents::RevenueReported(e) => quarters::revenue(applying, e).await,
        LicenceEvents::UsageReported(e) => quarters::usage(applying, e).await,
        LicenceEvents::DueAssessed(e) => quarters::due(applying, e).await,
        LicenceEvents::RoyaltyPaid(e) => quarters::royalty(applying, e).await,
        LicenceEvents::DefaultRecorded(e) => quarters::default(applying, e).await,
        LicenceEvents::DefaultCured(e) => quarters::cure(applying, e).await,
        LicenceEvents::YearTruedUp(e) => quarters::true_up(applying, e).await,
        LicenceEvents::ShortfallPaid(e) => quarters::shortfall(applying, e).await,
        LicenceEvents::EscrowFunded(e) => money::fund(applying, e).await,
        LicenceEvents::EscrowForfeited(e) => money::forfeit(applying, e).await,
        LicenceEvents::MilestoneCertified(e) => money::milestone(applying, e).await,
        LicenceEvents::Delivered(e) => money::deliver(applying, e).await,
        LicenceEvents::Refunded(e) => money::refund(applying, e).await,
        LicenceEvents::FundsChanged(e) => money::funds(applying, e).await,
        LicenceEvents::ContributorApproved(e) => audits::approve(applying, e).await,
        LicenceEvents::AuditRequested(e) => audits::request(applying, e).await,
        LicenceEvents::AuditJoined(e) => audits::join(applying, e).await,
        LicenceEvents::AuditAnswered(e) => audits::answer(applying, e).await,
        LicenceEvents::AuditReported(e) => audits::report(applying, e).await,
        LicenceEvents::AuditPaid(e) => audits::pay(applying, e).await,
        LicenceEvents::AuditWithdrawn(e) => audits::withdraw(applying, e).await,
        LicenceEvents::Dismissed(e) => conduct::dismiss(applying, e).await,
        LicenceEvents::ViolationRecorded(e) => conduct::violation(applying, e).await,
        LicenceEvents::BreachRecorded(e) => conduct::breach(applying, e).await,
        LicenceEvents::SublicenceRecorded(e) => conduct::sublicence(applying, e).await,
        LicenceEvents::RedactionRequested(e) => conduct::request(applying, e).await,
        LicenceEvents::RedactionJoined(e) => conduct::join(applying, e).await,
        LicenceEvents::RedactionCertified(e) => conduct::certify(applying, e).await,
        LicenceEvents::UsageLogSet(e) => proof::usage_log(applying, e).await,
        LicenceEvents::CheckpointAnchored(e) => proof::anchor(applying, e).await,
    }
}

/// The licence, or the menu, that an event is of.
fn of(event: &LicenceEvents) -> B256 {
    macro_rules! licence {
        ($($name:ident)*) => { match event { $(LicenceEvents::$name(e) => e.licence,)* } };
    }
    licence!(
        LicenceOffered OptionOffered MenuPublished MenuWithdrawn OptionTaken OfferWithdrawn OfferDeclined
        LicenceAccepted EscrowFunded LicenceActivated LicenceLapsed RevenueReported UsageReported DueAssessed
        RoyaltyPaid DefaultRecorded DefaultCured YearTruedUp ShortfallPaid MilestoneCertified Delivered Refunded
        EscrowForfeited ContributorApproved AuditRequested AuditJoined AuditAnswered AuditReported Dismissed AuditPaid
        AuditWithdrawn SublicenceRecorded ViolationRecorded BreachRecorded RedactionRequested RedactionJoined
        RedactionCertified LicenceTerminated PlatformProposed PlatformChanged UsageLogSet CheckpointAnchored
        FundsChanged LicenceClosed DeletionCertified
    )
}

/// What names a licence or a menu: an id is its contract's own.
pub(super) fn key(applying: &Applying<'_>, licence: B256) -> (Addr, Hash) {
    (applying.place.contract.into(), licence.into())
}

/// What happens to a licence happens after its offer.
pub(super) async fn known(applying: &mut Applying<'_>, licence: B256) -> Result<Licence, IndexerError> {
    let key = key(applying, licence);
    applying.known::<Licence>("a licence", key).await
}

/// Changes a licence that was offered.
async fn change(
    applying: &mut Applying<'_>,
    licence: B256,
    set: impl FnOnce(&mut Licence),
) -> Result<(), IndexerError> {
    let mut row = known(applying, licence).await?;
    set(&mut row);
    applying.put(row).await
}

/// A row's amount as the 128 bits that the contracts count in.
pub(super) fn figure(place: Place, what: &'static str, amount: Amount) -> Result<u128, IndexerError> {
    amount.to_u128().map_err(|_| place.diverged(what, amount, "at most 128 bits"))
}

/// A row's amount with more added to it.
pub(super) fn more(place: Place, what: &'static str, amount: Amount, by: u128) -> Result<Amount, IndexerError> {
    Ok(place.add(what, figure(place, what, amount)?, by)?.into())
}

async fn offer(applying: &mut Applying<'_>, event: &LicenceOffered) -> Result<(), IndexerError> {
    let place = applying.place;
    let upfront = place.amount("upfront", event.upfront)?.into();
    let (contract, licence) = key(applying, event.licence);
    if applying.find::<Licence>((contract, licence)).await?.is_some() {
        return Err(place.diverged("an offered licence", licence, "a new one"));
    }
    let row = Licence {
        contract,
        licence,
        pool: event.pool.into(),
        platform: event.platform.into(),
        next_platform: None,
        currency: event.currency.into(),
        stage: "offered".to_owned(),
        options: event.options.into(),
        datasets: event.datasets.into(),
        upfront,
        offer_expires: event.expiresAt.into(),
        menu: None,
        menu_option: None,
        licensor: None,
        terms_option: None,
        document: None,
        exclusive_until: None,
        fund_by: None,
        active_since: None,
        training_until: None,
        ends_at: None,
        termination: None,
        terminated_by: None,
        termination_evidence: None,
        deletion_due: None,
        deletion_certificate: None,
        deleted_at: None,
        deletion_late: None,
        escrow: Amount::ZERO,
        refundable: Amount::ZERO,
        held: Amount::ZERO,
        money_in: Amount::ZERO,
        to_pool: Amount::ZERO,
        refunded: Amount::ZERO,
        paid_out: Amount::ZERO,
        refill_to: Amount::ZERO,
        refill_by: Amount::ZERO,
        escrow_default: false,
        open_defaults: 0,
        breaches: 0,
        violations: 0,
        closed: false,
        offered_block: place.block,
        offered_index: place.event_index,
    };
    applying.put(row).await
}

/// A platform took an option of a licensor's menu: the licence that came of it was told of just before.
async fn take(applying: &mut Applying<'_>, event: &OptionTaken) -> Result<(), IndexerError> {
    menus::take(applying, event.menu).await?;
    let (menu, option) = (event.menu.into(), event.option.into());
    let set = move |row: &mut Licence| (row.menu, row.menu_option) = (Some(menu), Some(option));
    change(applying, event.licence, set).await
}

async fn accept(applying: &mut Applying<'_>, event: &LicenceAccepted) -> Result<(), IndexerError> {
    let upfront = applying.place.amount("upfront", event.upfront)?;
    let mut row = known(applying, event.licence).await?;
    row.stage = "accepted".to_owned();
    row.licensor = Some(event.licensor.into());
    row.terms_option = Some(event.option.into());
    row.document = Some(event.document.into());
    row.upfront = upfront.into();
    row.exclusive_until = Some(event.exclusiveUntil.into());
    row.fund_by = Some(event.fundBy.into());
    applying.put(row).await?;
    proof::terms(applying, event.licence).await
}

async fn activate(applying: &mut Applying<'_>, event: &LicenceActivated) -> Result<(), IndexerError> {
    let now = applying.place.seconds;
    let mut row = known(applying, event.licence).await?;
    row.stage = "active".to_owned();
    row.active_since = Some(now);
    row.training_until = Some(event.trainingUntil.into());
    row.ends_at = Some(event.endsAt.into());
    applying.put(row).await
}

async fn stage(applying: &mut Applying<'_>, licence: B256, stage: &str) -> Result<(), IndexerError> {
    change(applying, licence, |row| row.stage = stage.to_owned()).await
}

/// Nothing comes of an offer: it is open no longer, as the contract keeps it.
async fn dismiss(applying: &mut Applying<'_>, licence: B256, stage: &str) -> Result<(), IndexerError> {
    let now: u64 = applying.place.fit("the block's time", applying.place.seconds)?;
    change(applying, licence, |row| {
        row.stage = stage.to_owned();
        row.offer_expires = row.offer_expires.min(Amount::from(now));
    })
    .await
}

async fn terminate(applying: &mut Applying<'_>, event: &LicenceTerminated) -> Result<(), IndexerError> {
    let reason = match event.reason {
        1 => "convenience",
        2 => "default",
        3 => "breach",
        4 => "violation",
        5 => "order",
        other => return Err(applying.place.diverged("a termination's reason", other, "1 to 5")),
    };
    let mut row = known(applying, event.licence).await?;
    row.stage = "terminated".to_owned();
    row.ends_at = Some(event.endsAt.into());
    row.termination = Some(reason.to_owned());
    row.terminated_by = Some(event.by.into());
    row.termination_evidence = Some(event.evidence.into());
    row.deletion_due = Some(event.deletionDue.into());
    applying.put(row).await
}

async fn propose(applying: &mut Applying<'_>, event: &PlatformProposed) -> Result<(), IndexerError> {
    let next = (!event.next.is_zero()).then(|| event.next.into());
    change(applying, event.licence, |row| row.next_platform = next).await
}

async fn replace(applying: &mut Applying<'_>, event: &PlatformChanged) -> Result<(), IndexerError> {
    let (contract, licence) = key(applying, event.licence);
    let mut row = known(applying, event.licence).await?;
    let platform = event.platform.into();
    let previous = std::mem::replace(&mut row.platform, platform);
    row.next_platform = None;
    applying.put(row).await?;
    applying.note(PlatformChange { contract, licence, previous, platform });
    Ok(())
}

/// The first certificate stands, late or not.
async fn delete(applying: &mut Applying<'_>, event: &DeletionCertified) -> Result<(), IndexerError> {
    let now = applying.place.seconds;
    let mut row = known(applying, event.licence).await?;
    row.deletion_certificate = Some(event.certificate.into());
    row.deleted_at = Some(now);
    row.deletion_late = Some(event.late);
    applying.put(row).await
}
