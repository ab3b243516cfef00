//! All tables of the projections.

use std::{collections::HashSet, sync::Arc};

use sqlx::PgConnection;
use yieldset_chain::Address;

use super::{
    claims, contracts, coop, deposits, holders, issuance, kyc, ledger, licences, manifests, market, pools, proof,
    reports, restraints,
};
use crate::rows::{Facts, Table};

/// Has a table of such rows.
pub(crate) trait Holds<R: crate::rows::Versioned> {
    /// The table.
    fn table(&mut self) -> &mut Table<R>;
}

/// Has a table of such facts.
pub(crate) trait Notes<F> {
    /// The table.
    fn facts(&mut self) -> &mut Facts<F>;
}

macro_rules! books {
    (states { $($table:ident: $row:ty),* $(,)? } facts { $($notes:ident: $fact:ty),* $(,)? }) => {
        /// The rows that are in memory, and those that are not written yet.
        #[derive(Debug, Default)]
        pub(crate) struct Books {
            /// The addresses of all contracts of ours, once they are known.
            pub addresses: Option<Arc<HashSet<Address>>>,
            $($table: Table<$row>,)*
            $($notes: Facts<$fact>,)*
        }

        $(impl Holds<$row> for Books {
            fn table(&mut self) -> &mut Table<$row> {
                &mut self.$table
            }
        })*

        $(impl Notes<$fact> for Books {
            fn facts(&mut self) -> &mut Facts<$fact> {
                &mut self.$notes
            }
        })*

        impl Books {
            /// The tables that are in parts by month.
            pub const MONTHLY: &'static [(&'static str, bool)] =
                &[$((<$fact as crate::rows::Fact>::TABLE, <$fact as crate::rows::Fact>::MONTHLY)),*];

            /// From here on changes can be taken back.
            pub fn mark(&mut self) {
                $(self.$table.mark();)*
                $(self.$notes.mark();)*
            }

            /// Takes back what changed since the mark.
            pub fn revert(&mut self) {
                $(self.$table.revert();)*
                $(self.$notes.revert();)*
            }

            /// Writes all that is not written.
            pub async fn flush(&mut self, connection: &mut PgConnection) -> sqlx::Result<()> {
                $(self.$table.flush(connection).await?;)*
                $(self.$notes.flush(connection).await?;)*
                Ok(())
            }

            /// Goes back to the rows as they were after a block.
            pub async fn roll_back(&mut self, connection: &mut PgConnection, to: i64) -> sqlx::Result<()> {
                self.addresses = None;
                $(self.$table.roll_back(connection, to).await?;)*
                $(self.$notes.roll_back(connection, to).await?;)*
                Ok(())
            }
        }
    };
}

books! {
    states {
        contracts: contracts::Contract,
        parts: contracts::Part,
        pool_listings: contracts::PoolListing,
        currencies: contracts::Currency,
        pools: pools::Pool,
        holders: holders::Holder,
        periods: deposits::Period,
        contributions: claims::Contribution,
        sales: issuance::Sale,
        policies: issuance::Policy,
        kyc_records: kyc::KycRecord,
        kyc_agents: kyc::KycAgent,
        kyc_issuers: kyc::KycIssuer,
        datasets: manifests::Dataset,
        dataset_licences: manifests::DatasetLicence,
        model_cards: manifests::ModelCard,
        dataset_versions: manifests::DatasetVersion,
        ingestions: manifests::Ingestion,
        committees: reports::Committee,
        revoked_keys: reports::RevokedKey,
        proposed_committees: reports::ProposedCommittee,
        report_audits: reports::ReportAudit,
        reports: reports::Report,
        disputes: reports::Dispute,
        licences: licences::Licence,
        licence_quarters: licences::LicenceQuarter,
        licence_years: licences::LicenceYear,
        menus: licences::Menu,
        licence_options: licences::LicenceOption,
        milestones: licences::Milestone,
        contributor_approvals: licences::Approval,
        audits: licences::Audit,
        violations: licences::Violation,
        sublicences: licences::Sublicence,
        redactions: licences::Redaction,
        licence_terms: proof::LicenceTerms,
        usage_logs: proof::UsageLog,
        anchors: proof::Anchor,
        listings: market::Listing,
        credits: market::Credit,
        orders: market::Order,
        prices: market::DayPrice,
        coops: coop::Coop,
        proposals: coop::Proposal,
        votes: coop::Vote,
    }
    facts {
        mentions: contracts::Mention,
        transfers: holders::Transferred,
        approvals: holders::Approved,
        recoveries: holders::Recovery,
        forced_transfers: restraints::ForcedTransfer,
        freezes: restraints::Freeze,
        deposits: deposits::DepositMade,
        claims: claims::Claim,
        skipped_claims: claims::SkippedClaim,
        ledger: ledger::Line,
        kyc_history: kyc::KycChange,
        kyc_flags: kyc::KycFlag,
        kyc_recoveries: kyc::KycRecovery,
        redaction_certificates: manifests::RedactionCertificate,
        report_postings: reports::ReportPosting,
        dispute_reasons: reports::DisputeReason,
        bond_moves: reports::BondMove,
        licence_payments: licences::LicencePayment,
        licence_events: licences::LicenceEvent,
        escrow_changes: licences::EscrowChange,
        platform_changes: licences::PlatformChange,
        audit_requests: licences::AuditRequest,
        breaches: licences::Breach,
        redaction_requests: licences::RedactionRequest,
        trades: market::Trade,
        coop_receipts: coop::Receipt,
    }
}
