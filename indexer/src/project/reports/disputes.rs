//! Disputes of reports: who disputes why and for what bond, how each ended, and where the bonds went. What is owed to
//! an account is not known from events alone: what it sent too much is told by none.

use yieldset_chain::{
    Address, B256, U256,
    abi::Attribution::{
        AttributionEvents, BondDelivered, BondKept, BondWithdrawn, DisputeDefended, ReasonAdded, ReportDisputed,
    },
};
use yieldset_rules::dispute::Phase;

use super::{Report, number};
use crate::{
    column::{Addr, Amount, Hash},
    error::IndexerError,
    project::Applying,
    rows::{fact, versioned},
};

versioned! {
    /// A dispute of a report.
    Dispute in "disputes" {
        registry: Addr, report_hash: Hash, number: i16;
        pool: Addr,
        stream: Hash,
        period: i64,
        challenger: Addr,
        reason: Hash,
        currency: Addr,
        bond: Amount,
        opened_at: i64,
        deadline: i64,
        /// Who matched the bond.
        defender: Option<Addr>,
        /// `open`, `upheld`, `rejected` or `expired`.
        ruling: String,
        arbiter: Option<Addr>,
        ended_at: Option<i64>,
        to_challenger: Amount,
        to_defender: Amount,
        to_period: Amount,
    }
}

fact! {
    /// A reason that another than the challenger added.
    DisputeReason in "dispute_reasons" { registry: Addr, report_hash: Hash, number: i16, account: Addr, reason: Hash }
}

fact! {
    /// Where a bond went.
    BondMove in "bond_moves" {
        registry: Addr,
        /// `kept`, `delivered` or `withdrawn`.
        kind: String,
        pool: Option<Addr>,
        stream: Option<Hash>,
        period: Option<i64>,
        account: Option<Addr>,
        recipient: Option<Addr>,
        currency: Addr,
        amount: Amount,
        kept: Option<Amount>,
    }
}

/// How a dispute ended.
struct Ending {
    ruling: &'static str,
    arbiter: Option<Addr>,
    phase: Phase,
    until: i64,
    /// Of the bonds: to the challenger, to the defender, to the period.
    shares: [U256; 3],
}

pub(super) async fn apply(applying: &mut Applying<'_>, event: &AttributionEvents) -> Result<(), IndexerError> {
    let place = applying.place;
    match event {
        AttributionEvents::ReportDisputed(e) => open(applying, e).await,
        AttributionEvents::DisputeUpheld(e) => {
            let shares = [e.toChallenger, e.toDefender, e.toPeriod];
            let (phase, arbiter, until) = (Phase::Withdrawn, Some(e.arbiter.into()), place.seconds);
            let ending = Ending { ruling: "upheld", arbiter, phase, until, shares };
            end(applying, (e.pool, e.stream, e.period), e.reportHash, ending).await
        }
        AttributionEvents::DisputeRejected(e) => {
            let (until, shares) = (place.time("finalAt", e.finalAt)?, [e.toChallenger, e.toDefender, e.toPeriod]);
            let (phase, arbiter) = (Phase::Open, Some(e.arbiter.into()));
            let ending = Ending { ruling: "rejected", arbiter, phase, until, shares };
            end(applying, (e.pool, e.stream, e.period), e.reportHash, ending).await
        }
        AttributionEvents::DisputeExpired(e) => {
            let (until, shares) = (place.time("finalAt", e.finalAt)?, [e.toChallenger, e.toDefender, U256::ZERO]);
            let ending = Ending { ruling: "expired", arbiter: None, phase: Phase::Open, until, shares };
            end(applying, (e.pool, e.stream, e.period), e.reportHash, ending).await
        }
        AttributionEvents::DisputeDefended(e) => defend(applying, e).await,
        AttributionEvents::ReasonAdded(e) => hear(applying, e).await,
        AttributionEvents::BondKept(e) => {
            keep(applying, e);
            Ok(())
        }
        AttributionEvents::BondDelivered(e) => {
            deliver(applying, e);
            Ok(())
        }
        AttributionEvents::BondWithdrawn(e) => {
            withdraw(applying, e);
            Ok(())
        }
        // Those of reports and committees are applied beside this.
        AttributionEvents::ReportPosted(_)
        | AttributionEvents::AuditPosted(_)
        | AttributionEvents::CommitteeProposed(_)
        | AttributionEvents::CommitteeSet(_)
        | AttributionEvents::KeyRevoked(_) => Ok(()),
    }
}

/// The report of a period, which must be the one that the event names.
async fn report(
    applying: &mut Applying<'_>,
    (pool, stream, period): (Address, B256, u32),
    hash: B256,
) -> Result<Report, IndexerError> {
    let place = applying.place;
    let key = (place.contract.into(), pool.into(), stream.into(), period.into());
    let report = applying.known::<Report>("a disputed report", key).await?;
    place.same("reportHash", hash, report.report_hash.0)?;
    Ok(report)
}

/// The dispute that a report is in.
async fn current(applying: &mut Applying<'_>, report: &Report) -> Result<Dispute, IndexerError> {
    applying.place.same("the report's phase", report.phase, number(Phase::Disputed))?;
    applying.known::<Dispute>("a dispute", (report.registry, report.report_hash, report.disputes)).await
}

/// A dispute stops the window's clock: what is left of it is kept.
async fn open(applying: &mut Applying<'_>, event: &ReportDisputed) -> Result<(), IndexerError> {
    let place = applying.place;
    let mut report = report(applying, (event.pool, event.stream, event.period), event.reportHash).await?;
    place.same("the report's phase", report.phase, number(Phase::Open))?;
    let deadline = place.time("deadline", event.deadline)?;
    report.window_left = report.until.saturating_sub(place.seconds).max(0);
    report.disputes = report.disputes.saturating_add(1);
    report.phase = number(Phase::Disputed);
    report.until = deadline;
    let dispute = Dispute {
        registry: report.registry,
        report_hash: report.report_hash,
        number: report.disputes,
        pool: report.pool,
        stream: report.stream,
        period: report.period,
        challenger: event.challenger.into(),
        reason: event.reason.into(),
        currency: event.currency.into(),
        bond: event.bond.into(),
        opened_at: place.seconds,
        deadline,
        defender: None,
        ruling: "open".to_owned(),
        arbiter: None,
        ended_at: None,
        to_challenger: Amount::ZERO,
        to_defender: Amount::ZERO,
        to_period: Amount::ZERO,
    };
    applying.put(report).await?;
    applying.put(dispute).await
}

async fn defend(applying: &mut Applying<'_>, event: &DisputeDefended) -> Result<(), IndexerError> {
    let report = report(applying, (event.pool, event.stream, event.period), event.reportHash).await?;
    let mut dispute = current(applying, &report).await?;
    dispute.defender = Some(event.defender.into());
    applying.put(dispute).await
}

async fn hear(applying: &mut Applying<'_>, event: &ReasonAdded) -> Result<(), IndexerError> {
    let report = report(applying, (event.pool, event.stream, event.period), event.reportHash).await?;
    let Dispute { registry, report_hash, number, .. } = current(applying, &report).await?;
    let (account, reason) = (event.account.into(), event.reason.into());
    applying.note(DisputeReason { registry, report_hash, number, account, reason });
    Ok(())
}

async fn end(
    applying: &mut Applying<'_>,
    at: (Address, B256, u32),
    hash: B256,
    ending: Ending,
) -> Result<(), IndexerError> {
    let mut report = report(applying, at, hash).await?;
    let mut dispute = current(applying, &report).await?;
    report.phase = number(ending.phase);
    report.until = ending.until;
    report.window_left = 0;
    dispute.ruling = ending.ruling.to_owned();
    dispute.arbiter = ending.arbiter;
    dispute.ended_at = Some(applying.place.seconds);
    let [to_challenger, to_defender, to_period] = ending.shares.map(Amount::from);
    dispute.to_challenger = to_challenger;
    dispute.to_defender = to_defender;
    dispute.to_period = to_period;
    applying.put(report).await?;
    applying.put(dispute).await
}

fn keep(applying: &mut Applying<'_>, event: &BondKept) {
    applying.note(BondMove {
        registry: applying.place.contract.into(),
        kind: "kept".to_owned(),
        pool: Some(event.pool.into()),
        stream: Some(event.stream.into()),
        period: Some(event.period.into()),
        account: None,
        recipient: None,
        currency: event.currency.into(),
        amount: event.amount.into(),
        kept: Some(event.kept.into()),
    });
}

fn deliver(applying: &mut Applying<'_>, event: &BondDelivered) {
    applying.note(BondMove {
        registry: applying.place.contract.into(),
        kind: "delivered".to_owned(),
        pool: Some(event.pool.into()),
        stream: Some(event.stream.into()),
        period: Some(event.period.into()),
        account: None,
        recipient: None,
        currency: event.currency.into(),
        amount: event.amount.into(),
        kept: Some(event.kept.into()),
    });
}

fn withdraw(applying: &mut Applying<'_>, event: &BondWithdrawn) {
    applying.note(BondMove {
        registry: applying.place.contract.into(),
        kind: "withdrawn".to_owned(),
        pool: None,
        stream: None,
        period: None,
        account: Some(event.account.into()),
        recipient: Some(event.to.into()),
        currency: event.currency.into(),
        amount: event.amount.into(),
        kept: None,
    });
}
