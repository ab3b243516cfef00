//! Audits of a licence's quarters, deletion of the data, redaction of personal data.

use alloy_primitives::{B256, U256};
use serde::{Deserialize, Serialize};

use super::licence::Of;
use crate::{
    abi::{Licence, Pool},
    acts::{
        ActError, Desk, Fact, Plan, Who,
        arguments::{DatasetName, Digest, LicenceName, Moment, Name, Shares},
        words::word,
    },
    error::amount,
    units::{Percent, Period, Quantity},
};

const AUDITOR: Who = Who::Role("AUDITOR_ROLE");

doing! {
    /// Asks for an audit of a quarter, or joins the open one.
    Request = "audit request", by Who::Named("holders of a thousandth of the votes, and contributors of the quarter"),
    calls [Licence::requestAuditCall] {
        /// Of which licence.
        licence: LicenceName,
        /// Of which quarter.
        period: Period,
        /// The document that says what is asked for.
        #[arg(long)]
        scope: Digest,
        /// A time in the quarter or since when the sender held shares; contributors give none.
        #[arg(long)]
        held_at: Option<Moment>,
    }
    |it, desk| {
        let of = Of::load(desk, &it.licence).await?;
        let timepoint = match it.held_at {
            Some(moment) => desk.moment(moment).await?,
            None => 0,
        };
        let mut plan = Plan::of(Self::KIND, format!("Asks for an audit of {} of {}.", it.period, of.licence));
        if timepoint > 0 {
            let votes = Pool::getPastVotesCall { account: desk.sender, timepoint: U256::from(timepoint) };
            let votes = desk.read(of.parties.pool, &votes).await?;
            let all =
                desk.read(of.parties.pool, &Pool::getPastTotalSupplyCall { timepoint: U256::from(timepoint) }).await?;
            let enough = !all.is_zero() && votes.saturating_mul(U256::from(1_000)) >= all;
            plan = plan.fact(Fact::new(
                enough,
                format!("it had votes of {} of {} then", Shares(amount(votes)?), Shares(amount(all)?)),
                "name a time at which it had a thousandth, or have an auditor approve it: yieldset audit approve",
            ));
        }
        let call =
            Licence::requestAuditCall { licence: of.licence, quarter: it.period.0, scope: it.scope.0, timepoint };
        Ok(plan.call(of.contract, &call))
    }
}

doing! {
    /// Answers an audit with the digests of the platform's logs, manifests and training runs.
    Respond = "audit answer", by Who::Platform, calls [Licence::answerAuditCall] {
        /// Of which licence.
        licence: LicenceName,
        /// The audit's number.
        number: u32,
        /// Root of the usage logs.
        #[arg(long)]
        logs: Digest,
        /// Digest of the manifests.
        #[arg(long)]
        manifests: Digest,
        /// Digest of the training runs' ids.
        #[arg(long)]
        runs: Digest,
    }
    |it, desk| {
        let of = Of::load(desk, &it.licence).await?;
        let call = Licence::answerAuditCall {
            licence: of.licence,
            number: it.number,
            logs: it.logs.0,
            manifests: it.manifests.0,
            runs: it.runs.0,
        };
        Ok(Plan::of(Self::KIND, format!("Answers audit {} of {}.", it.number, of.licence))
            .fact(of.platform(desk))
            .call(of.contract, &call))
    }
}

doing! {
    /// Reports what an audit found; the platform owes its fee, above 5 % also expenses and a correction.
    Report = "audit report", by AUDITOR, calls [Licence::reportAuditCall] {
        /// Of which licence.
        licence: LicenceName,
        /// The audit's number.
        number: u32,
        /// How much the platform's figures are off.
        #[arg(long)]
        discrepancy: Percent,
        /// Attributed tokens that the auditor counted.
        #[arg(long)]
        tokens: u128,
        /// Calls that the auditor counted.
        #[arg(long)]
        calls: u64,
        /// The auditor's fee.
        #[arg(long)]
        fee: Quantity,
        /// The contributor's expenses.
        #[arg(long)]
        expenses: Quantity,
        /// The report's document.
        #[arg(long)]
        report: Digest,
    }
    |it, desk| {
        let of = Of::load(desk, &it.licence).await?;
        let currency = of.currency(desk).await?;
        let (fee, expenses) = (desk.money(&it.fee, &currency)?, desk.money(&it.expenses, &currency)?);
        let call = Licence::reportAuditCall {
            licence: of.licence,
            number: it.number,
            discrepancyBps: it.discrepancy.0,
            tokens: U256::from(it.tokens),
            calls: it.calls,
            fee: U256::from(fee),
            expenses: U256::from(expenses),
            report: it.report.0,
        };
        Ok(Plan::of(
            Self::KIND,
            format!(
                "Reports that audit {} of {} found {}, by {} tokens of {} calls; the fee is {}, the contributor's expenses {}.",
                it.number,
                of.licence,
                it.discrepancy,
                it.tokens,
                it.calls,
                currency.says(fee),
                currency.says(expenses)
            ),
        )
        .fact(desk.holds(of.contract, "AUDITOR_ROLE").await?)
        .call(of.contract, &call))
    }
}

doing! {
    /// Has a quarter corrected by an audit that found more than 5 %, once its time for objections is over.
    Apply = "audit apply", by Who::Anyone, calls [Licence::applyFindingCall] {
        /// Of which licence.
        licence: LicenceName,
        /// The audit's number.
        number: u32,
    }
    |it, desk| {
        let of = Of::load(desk, &it.licence).await?;
        Ok(Plan::of(Self::KIND, format!("Corrects the quarter of audit {} of {}.", it.number, of.licence))
            .call(of.contract, &Licence::applyFindingCall { licence: of.licence, number: it.number }))
    }
}

/// What the arbiter can dismiss, by the contract's numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Dismissed {
    /// A violation, by the digest of its evidence.
    Violation = 1,
    /// An audit's correction, by its number.
    Correction = 2,
}

doing! {
    /// Dismisses an alleged violation, or an audit's correction.
    Dismiss = "audit dismiss", by Who::Role("ARBITER_ROLE"), calls [Licence::dismissCall] {
        /// Of which licence.
        licence: LicenceName,
        /// Which of the two.
        kind: Dismissed,
        /// The digest of the violation's evidence, or the audit's number.
        which: String,
    }
    |it, desk| {
        let of = Of::load(desk, &it.licence).await?;
        let which = match it.kind {
            Dismissed::Violation => it.which.parse().map_err(|_| {
                ActError::Unfit(format!("{:?} is no digest of evidence; give its 64 hex digits", it.which))
            })?,
            Dismissed::Correction => {
                let number: u32 =
                    it.which.parse().map_err(|_| ActError::Unfit(format!("{:?} is no audit's number", it.which)))?;
                B256::from(U256::from(number))
            }
        };
        Ok(Plan::of(Self::KIND, format!("Dismisses the {} {} of {}.", word(it.kind), it.which, of.licence))
            .fact(desk.holds(of.contract, "ARBITER_ROLE").await?)
            .call(of.contract, &Licence::dismissCall { licence: of.licence, kind: it.kind as u8, which }))
    }
}

doing! {
    /// Pays an audit's fee for the platform, or with --expenses the contributor's expenses.
    Pay = "audit pay", by Who::Anyone, calls [Licence::payAuditCall, Pool::approveCall] {
        /// Of which licence.
        licence: LicenceName,
        /// The audit's number.
        number: u32,
        /// The expenses, not the fee.
        #[arg(long)]
        #[serde(default)]
        expenses: bool,
    }
    |it, desk| {
        let of = Of::load(desk, &it.licence).await?;
        let (currency, owed) = (of.currency(desk).await?, owed(desk, &of, it.number, it.expenses).await?);
        let plan =
            Plan::of(Self::KIND, format!("Pays {} for audit {} of {}.", currency.says(owed), it.number, of.licence))
                .fact(Fact::new(owed > 0, format!("{} is owed", currency.says(owed)), "nothing is to be done"));
        let call = Licence::payAuditCall { licence: of.licence, number: it.number, expenses: it.expenses };
        desk.with_money(plan, (&currency, owed), of.contract, &call).await
    }
}

async fn owed(desk: &Desk, of: &Of, number: u32, expenses: bool) -> Result<u128, ActError> {
    let audit: Licence::Audit = of.record(desk, b'A', U256::from(number).into()).await?;
    let (paid, figure) = if expenses { (audit.reimbursed, audit.expenses) } else { (audit.feePaid, audit.fee) };
    Ok(if paid { 0 } else { amount(figure)? })
}

doing! {
    /// Pays out what was paid of an audit's fee, or with --expenses of the contributor's expenses.
    Withdraw = "audit withdraw", by Who::Named("the auditor, of expenses the contributor; anyone to that account"),
    calls [Licence::withdrawAuditCall] {
        /// Of which licence.
        licence: LicenceName,
        /// The audit's number.
        number: u32,
        /// The expenses, not the fee.
        #[arg(long)]
        #[serde(default)]
        expenses: bool,
        /// To whom; the sender without.
        #[arg(long)]
        to: Option<Name>,
    }
    |it, desk| {
        let of = Of::load(desk, &it.licence).await?;
        let (to, reaches) = desk.paid_or_sender(it.to.as_ref()).await?;
        let call = Licence::withdrawAuditCall { licence: of.licence, number: it.number, expenses: it.expenses, to };
        Ok(Plan::of(
            Self::KIND,
            format!("Pays what was paid for audit {} of {} out to {}.", it.number, of.licence, desk.says(to)),
        )
        .fact(reaches)
        .call(of.contract, &call))
    }
}

doing! {
    /// Approves a contributor without shares, who may then ask for audits; --revoke takes it back.
    Approve = "audit approve", by AUDITOR, calls [Licence::approveContributorCall] {
        /// Of which licence.
        licence: LicenceName,
        /// Whom.
        contributor: Name,
        /// Takes it back.
        #[arg(long)]
        #[serde(default)]
        revoke: bool,
    }
    |it, desk| {
        let (of, contributor) = (Of::load(desk, &it.licence).await?, desk.address(&it.contributor)?);
        let call = Licence::approveContributorCall { licence: of.licence, contributor, approved: !it.revoke };
        let what = if it.revoke { "Lets no more" } else { "Lets" };
        Ok(Plan::of(Self::KIND, format!("{what} {} ask for audits of {}.", desk.says(contributor), of.licence))
            .fact(desk.holds(of.contract, "AUDITOR_ROLE").await?)
            .call(of.contract, &call))
    }
}

doing! {
    /// Certifies that the platform deleted the data after the licence's end.
    CertifyDeletion = "deletion certify", by Who::Platform, calls [Licence::certifyDeletionCall] {
        /// Of which licence.
        licence: LicenceName,
        /// The certificate's document.
        certificate: Digest,
    }
    |it, desk| {
        let of = Of::load(desk, &it.licence).await?;
        Ok(Plan::of(
            Self::KIND,
            format!("Certifies that {} deleted the data of {}.", desk.says(desk.sender), of.licence),
        )
        .fact(of.platform(desk))
        .fact(of.in_stage(&[7, 10]))
        .call(of.contract, &Licence::certifyDeletionCall { licence: of.licence, certificate: it.certificate.0 }))
    }
}

doing! {
    /// Asks the platform to redact personal data, and names the version without it.
    RequestRedaction = "redaction request", by Who::Named("the dataset's creator, the pool's licensor"),
    calls [Licence::requestRedactionCall] {
        /// Of which licence.
        licence: LicenceName,
        /// In which dataset.
        dataset: DatasetName,
        /// The request's document.
        #[arg(long)]
        request: Digest,
        /// The manifest of the version without the data.
        #[arg(long)]
        manifest: Digest,
    }
    |it, desk| {
        let (of, dataset) = (Of::load(desk, &it.licence).await?, desk.dataset(&it.dataset)?);
        let call = Licence::requestRedactionCall {
            licence: of.licence,
            dataset,
            request: it.request.0,
            manifest: it.manifest.0,
        };
        Ok(Plan::of(
            Self::KIND,
            format!(
                "Asks {} to redact {}, by the version of manifest {}.",
                desk.says(of.parties.platform),
                it.dataset,
                it.manifest
            ),
        )
        .call(of.contract, &call))
    }
}

doing! {
    /// Certifies a redaction, and with it all earlier ones of the dataset.
    CertifyRedaction = "redaction certify", by Who::Platform, calls [Licence::certifyRedactionCall] {
        /// Of which licence.
        licence: LicenceName,
        /// The request's number.
        number: u32,
        /// The certificate's document.
        certificate: Digest,
    }
    |it, desk| {
        let of = Of::load(desk, &it.licence).await?;
        let call =
            Licence::certifyRedactionCall { licence: of.licence, number: it.number, certificate: it.certificate.0 };
        Ok(Plan::of(Self::KIND, format!("Certifies redaction {} of {}.", it.number, of.licence))
            .fact(of.platform(desk))
            .call(of.contract, &call))
    }
}
