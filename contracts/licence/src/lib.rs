//! Licences as state machines: offers, revenue reports, dues, guarantee and escrow, audits, deletion.
//!
//! A thin shell: everything is decided in [`yieldset_rules::licence`]; [`act`] tells of it and moves the money. One
//! contract serves many licences of many pools. A licence's money is in its pool's currency: the native one or an
//! ERC-20.
//!
//! Refusing ends the call at once instead of handing an error up; the `Result`s in the signatures tell the ABI which
//! errors there are. A refused message reverts everything it did.
#![cfg_attr(not(feature = "std"), no_std, no_main)]

mod act;
mod errors;
mod events;
mod outside;
mod storage;
mod views;
mod word;

/// The contract.
#[ink::contract]
mod licence {
    use crate::{
        act,
        errors::{Error, allow, amount},
        views,
    };
    use ink::{U256, prelude::vec::Vec, sol::FixedBytes};
    use yieldset_rules::{
        licence::{
            audit::{Debt, Finding},
            dues::{Figures, UsageReport},
        },
        revenue::Usage,
    };
    use yieldset_shell::access;

    type Bytes32 = FixedBytes<32>;

    /// Storage: the root cell holds what is not a licence's; roles and records have keys of their own.
    #[ink(storage)]
    pub struct Licence {
        manifests: Address,
        count: u64,
    }

    impl Licence {
        /// Without licences. `manifests` is the datasets' registry, where this contract needs the licence role; `admin`
        /// grants roles.
        #[ink(constructor)]
        pub fn new(manifests: Address, admin: Address) -> Self {
            access::initialise(&admin.0);
            Self { manifests, count: 0 }
        }

        /// A platform offers a menu for some of a pool's datasets (LIC-11). The menu's highest upfront comes with it.
        /// Answers the licence's id.
        ///
        /// # Errors
        /// `InvalidOptionCount`, `InvalidDatasetCount`, `InvalidDataset`, `InvalidTerms`, `InvalidOfferExpiry`,
        /// `DatasetNotInPool`, money's.
        #[ink(message, payable)]
        pub fn offer(
            &mut self,
            pool: Address,
            datasets: Vec<Bytes32>,
            options: Vec<Vec<Bytes32>>,
            expires_at: u64,
        ) -> Result<Bytes32, Error> {
            let count = self.count;
            self.count = count.saturating_add(1);
            Ok(act::offer(&self.manifests.0, count, pool, &datasets, &options, expires_at))
        }

        /// The platform takes its offer back.
        ///
        /// # Errors
        /// `NotPlatform`, `WrongStage`.
        #[ink(message)]
        pub fn withdraw(&mut self, licence: Bytes32) -> Result<(), Error> {
            act::withdraw(licence);
            Ok(())
        }

        /// The pool's licensor declines an offer.
        ///
        /// # Errors
        /// `NotLicensor`, `WrongStage`.
        #[ink(message)]
        pub fn decline(&mut self, licence: Bytes32) -> Result<(), Error> {
            act::decline(licence);
            Ok(())
        }

        /// The pool's licensor accepts one option, and only then it is binding: the upfront goes to the pool, the
        /// datasets are opened.
        ///
        /// # Errors
        /// `NotLicensor`, `WrongStage`, `OfferExpired`, `UnknownOption`, `DatasetNotInPool`, `DatasetRefused`.
        #[ink(message)]
        pub fn accept(&mut self, licence: Bytes32, option: u8) -> Result<(), Error> {
            act::accept(&self.manifests.0, licence, option);
            Ok(())
        }

        /// The platform adds to the escrow; as soon as it is what the terms ask, the licence is in force.
        ///
        /// # Errors
        /// `NotPlatform`, `WrongStage`, `ZeroAmount`, money's.
        #[ink(message, payable, name = "fundEscrow")]
        pub fn fund_escrow(&mut self, licence: Bytes32, value: U256) -> Result<(), Error> {
            act::fund_escrow(licence, amount(value));
            Ok(())
        }

        /// Anyone notes that the escrow was not funded in time.
        ///
        /// # Errors
        /// `WrongStage`, `FundingOpen`.
        #[ink(message)]
        pub fn lapse(&mut self, licence: Bytes32) -> Result<(), Error> {
            act::lapse(licence);
            Ok(())
        }

        /// The platform reports a quarter's revenue, in order, after its end (LIC-1, PAY-2).
        ///
        /// # Errors
        /// `NotPlatform`, `WrongStage`, `QuarterOutOfOrder`, `QuarterOutsideTerm`, `QuarterNotOver`, `ZeroHash`,
        /// `Overflow`.
        #[ink(message, name = "reportRevenue")]
        pub fn report_revenue(
            &mut self,
            licence: Bytes32,
            quarter: u32,
            gross: U256,
            infrastructure: U256,
            taxes: U256,
            evidence: Bytes32,
        ) -> Result<(), Error> {
            let (gross, infrastructure, taxes) = (amount(gross), amount(infrastructure), amount(taxes));
            let figures = Figures { gross, infrastructure, taxes, evidence: evidence.0 };
            act::report_revenue(licence, quarter, &figures);
            Ok(())
        }

        /// An oracle reports a quarter's usage above the threshold, once, after its end (PAY-1, ATT-5).
        ///
        /// # Errors
        /// `AccessControlUnauthorizedAccount`, `WrongStage`, `UsageNotInTerms`, `QuarterOutsideTerm`, `QuarterNotOver`,
        /// `WrongMetric`,
        /// `WrongThreshold`, `ZeroHash`, `UsageAlreadyReported`, `Overflow`.
        #[ink(message, name = "reportUsage")]
        pub fn report_usage(
            &mut self,
            licence: Bytes32,
            quarter: u32,
            tokens: U256,
            calls: u64,
            metric: Bytes32,
            threshold: u32,
            report: Bytes32,
        ) -> Result<(), Error> {
            let usage = Usage { tokens: amount(tokens), calls };
            let report = UsageReport { usage, metric: metric.0, threshold, report: report.0 };
            act::report_usage(licence, quarter, &report);
            Ok(())
        }

        /// The platform pays a quarter, all or part; what is too much is not taken or comes back.
        ///
        /// # Errors
        /// `NotPlatform`, `WrongStage`, `QuarterOutsideTerm`, `QuarterNotAssessed`, `NothingDue`, `ZeroAmount`,
        /// money's.
        #[ink(message, payable)]
        pub fn pay(&mut self, licence: Bytes32, quarter: u32, value: U256) -> Result<(), Error> {
            act::pay(licence, quarter, amount(value));
            Ok(())
        }

        /// Anyone records that a quarter was not paid or not reported within the time of grace.
        ///
        /// # Errors
        /// `WrongStage`, `QuarterOutsideTerm`, `AlreadyRecorded`, `QuarterNotAssessed`, `NotYet`, `NothingDue`.
        #[ink(message, name = "recordDefault")]
        pub fn record_default(&mut self, licence: Bytes32, quarter: u32) -> Result<(), Error> {
            act::record_default(licence, quarter);
            Ok(())
        }

        /// Anyone trues a licence year up after its end: the shortfall moves from escrow to the pool (PAY-5).
        ///
        /// # Errors
        /// `WrongStage`, `GuaranteeNotInTerms`, `YearOutOfOrder`, `YearOutsideTerm`, `YearNotOver`.
        #[ink(message, name = "trueUp")]
        pub fn true_up(&mut self, licence: Bytes32, year: u32) -> Result<(), Error> {
            act::true_up(licence, year);
            Ok(())
        }

        /// The platform pays what the escrow lacked.
        ///
        /// # Errors
        /// `NotPlatform`, `NothingDue`, `ZeroAmount`, money's.
        #[ink(message, payable, name = "payShortfall")]
        pub fn pay_shortfall(&mut self, licence: Bytes32, year: u32, value: U256) -> Result<(), Error> {
            act::pay_shortfall(licence, year, amount(value));
            Ok(())
        }

        /// The pool's licensor or an arbiter certifies a milestone of Schedule B, which releases its part of the escrow
        /// (PAY-5).
        ///
        /// # Errors
        /// `NotLicensor`, `WrongStage`, `ZeroHash`, `UnknownMilestone`, `MilestoneAlreadyCertified`.
        #[ink(message, name = "certifyMilestone")]
        pub fn certify_milestone(&mut self, licence: Bytes32, index: u8, evidence: Bytes32) -> Result<(), Error> {
            act::certify_milestone(licence, index, evidence);
            Ok(())
        }

        /// The platform takes what is its own, to an account of its choice: after the end and the last true-up also the
        /// rest of the escrow. Answers how much.
        ///
        /// # Errors
        /// `NotPlatform`, `NothingToRefund`, `PayoutFailed`.
        #[ink(message)]
        pub fn refund(&mut self, licence: Bytes32, to: Address) -> Result<U256, Error> {
            Ok(act::refund(licence, to))
        }

        /// Anyone offers the pool again what it did not take.
        ///
        /// # Errors
        /// `UnknownLicence`, `NothingHeld`.
        #[ink(message)]
        pub fn deliver(&mut self, licence: Bytes32, period: u32) -> Result<(), Error> {
            act::deliver(licence, period);
            Ok(())
        }

        /// An auditor approves a contributor without shares, or takes it back.
        ///
        /// # Errors
        /// `AccessControlUnauthorizedAccount`, `UnknownLicence`.
        #[ink(message, name = "approveContributor")]
        pub fn approve_contributor(
            &mut self,
            licence: Bytes32,
            contributor: Address,
            approved: bool,
        ) -> Result<(), Error> {
            act::approve_contributor(licence, contributor, approved);
            Ok(())
        }

        /// A contributor asks for an audit, twice per calendar year at most (LIC-3). Answers its number.
        ///
        /// # Errors
        /// `WrongStage`, `ZeroHash`, `NotAContributor`, `TooManyAudits`.
        #[ink(message, name = "requestAudit")]
        pub fn request_audit(&mut self, licence: Bytes32, scope: Bytes32) -> Result<u32, Error> {
            Ok(act::request_audit(licence, scope))
        }

        /// The platform answers with the hashes of its logs, manifests and training runs.
        ///
        /// # Errors
        /// `NotPlatform`, `UnknownNumber`, `AlreadyDone`, `ZeroHash`.
        #[ink(message, name = "answerAudit")]
        pub fn answer_audit(
            &mut self,
            licence: Bytes32,
            number: u32,
            logs: Bytes32,
            manifests: Bytes32,
            runs: Bytes32,
        ) -> Result<(), Error> {
            act::answer_audit(licence, number, logs, manifests, runs);
            Ok(())
        }

        /// An auditor reports; the platform then owes its fee, and above 5 % discrepancy the contributor's expenses.
        ///
        /// # Errors
        /// `AccessControlUnauthorizedAccount`, `UnknownNumber`, `AlreadyDone`, `AuditNotAnswered`,
        /// `InvalidBasisPoints`, `CostAboveCap`, `ZeroHash`.
        #[ink(message, name = "reportAudit")]
        pub fn report_audit(
            &mut self,
            licence: Bytes32,
            number: u32,
            discrepancy_bps: u16,
            fee: U256,
            expenses: U256,
            report: Bytes32,
        ) -> Result<(), Error> {
            let (fee, expenses) = (amount(fee), amount(expenses));
            act::report_audit(licence, number, &Finding { discrepancy_bps, fee, expenses, report: report.0 });
            Ok(())
        }

        /// The platform pays one of an audit's debts: the contributor's expenses, or else the auditor's fee.
        ///
        /// # Errors
        /// `NotPlatform`, `UnknownNumber`, `AlreadyDone`, `NothingDue`, money's.
        #[ink(message, payable, name = "payAudit")]
        pub fn pay_audit(&mut self, licence: Bytes32, number: u32, expenses: bool) -> Result<(), Error> {
            act::pay_audit(licence, number, if expenses { Debt::Expenses } else { Debt::Fee });
            Ok(())
        }

        /// The platform records a sublicence (LIC-7). Answers its number.
        ///
        /// # Errors
        /// `NotPlatform`, `WrongStage`, `ZeroHash`, `SublicensingForbidden`, `UseProhibited`.
        #[ink(message, name = "recordSublicence")]
        pub fn record_sublicence(
            &mut self,
            licence: Bytes32,
            licensee: Address,
            uses: u32,
            document: Bytes32,
        ) -> Result<u32, Error> {
            Ok(act::record_sublicence(licence, licensee, uses, document))
        }

        /// An oracle records what the usage log shows and the terms forbid (LIC-6, LIC-7, LIC-9).
        ///
        /// # Errors
        /// `AccessControlUnauthorizedAccount`, `WrongStage`, `UnknownKind`, `NotAViolation`, `ZeroHash`,
        /// `ViolationAlreadyRecorded`.
        #[ink(message, name = "recordViolation")]
        pub fn record_violation(
            &mut self,
            licence: Bytes32,
            kind: u8,
            uses: u32,
            at: u64,
            evidence: Bytes32,
        ) -> Result<(), Error> {
            act::record_violation(licence, kind, uses, at, evidence);
            Ok(())
        }

        /// A dataset's creator or the pool's licensor asks that personal data be redacted, and names the version
        /// without it (LIC-10). Answers the request's number.
        ///
        /// # Errors
        /// `WrongStage`, `ZeroHash`, `DatasetNotLicensed`, `NotDatasetCreatorOrLicensor`, `NotANewVersion`.
        #[ink(message, name = "requestRedaction")]
        pub fn request_redaction(
            &mut self,
            licence: Bytes32,
            dataset: Bytes32,
            request: Bytes32,
            manifest: Bytes32,
        ) -> Result<u32, Error> {
            Ok(act::request_redaction(&self.manifests.0, licence, dataset, request, manifest))
        }

        /// The platform certifies a redaction.
        ///
        /// # Errors
        /// `NotPlatform`, `UnknownNumber`, `AlreadyDone`, `ZeroHash`.
        #[ink(message, name = "certifyRedaction")]
        pub fn certify_redaction(&mut self, licence: Bytes32, number: u32, certificate: Bytes32) -> Result<(), Error> {
            act::certify_redaction(licence, number, certificate);
            Ok(())
        }

        /// Anyone records that something was not done in time.
        ///
        /// # Errors
        /// `WrongStage`, `UnknownKind`, `UnknownNumber`, `QuarterOutsideTerm`, `AlreadyRecorded`, `AlreadyDone`,
        /// `NotYet`.
        #[ink(message, name = "recordBreach")]
        pub fn record_breach(&mut self, licence: Bytes32, kind: u8, number: u32) -> Result<(), Error> {
            act::record_breach(licence, kind, number);
            Ok(())
        }

        /// A side or an arbiter terminates, for convenience after the notice, for a cause at once (LIC-8).
        ///
        /// # Errors
        /// `WrongStage`, `UnknownKind`, `TerminationNotAllowed`, `ZeroHash`, `NoCause`, `CureOpen`.
        #[ink(message)]
        pub fn terminate(&mut self, licence: Bytes32, reason: u8, evidence: Bytes32) -> Result<(), Error> {
            act::terminate(licence, reason, evidence);
            Ok(())
        }

        /// Anyone has the datasets' registry told that the licence is over.
        ///
        /// # Errors
        /// `WrongStage`, `StillInForce`, `AlreadyClosed`, `DatasetRefused`.
        #[ink(message)]
        pub fn close(&mut self, licence: Bytes32) -> Result<(), Error> {
            act::close(&self.manifests.0, licence);
            Ok(())
        }

        /// The platform certifies that it deleted the data (LIC-8).
        ///
        /// # Errors
        /// `NotPlatform`, `WrongStage`, `StillInForce`, `AlreadyDone`, `ZeroHash`.
        #[ink(message, name = "certifyDeletion")]
        pub fn certify_deletion(&mut self, licence: Bytes32, certificate: Bytes32) -> Result<(), Error> {
            act::certify_deletion(licence, certificate);
            Ok(())
        }

        /// The datasets' registry.
        #[ink(message)]
        pub fn manifests(&self) -> Address {
            self.manifests
        }

        /// A record of a licence, as it is now, as the words of a tuple; `record` is a letter
        /// (docs/contracts/licence.md), `which` a number, an account or a hash. Zeros where there is no such record.
        ///
        /// # Errors
        /// `UnknownLicence`, `UnknownKind`.
        #[ink(message, name = "recordOf")]
        pub fn record_of(&self, licence: Bytes32, record: u8, which: Bytes32) -> Vec<Bytes32> {
            views::record(&licence.0, record, &which.0).into_iter().map(FixedBytes).collect()
        }

        /// Whether an account has a role.
        #[ink(message, name = "hasRole")]
        pub fn has_role(&self, role: Bytes32, account: Address) -> bool {
            access::has_role(&role.0, &account.0)
        }

        /// The default admin grants and revokes every role.
        #[ink(message, name = "getRoleAdmin")]
        pub fn get_role_admin(&self, role: Bytes32) -> Bytes32 {
            let _ = role;
            FixedBytes(access::DEFAULT_ADMIN_ROLE)
        }

        /// The default admin gives a role.
        ///
        /// # Errors
        /// `AccessControlUnauthorizedAccount`, `AccessControlEnforcedDefaultAdminRules`.
        #[ink(message, name = "grantRole")]
        pub fn grant_role(&mut self, role: Bytes32, account: Address) -> Result<(), Error> {
            allow(access::grant(&role.0, &account.0));
            Ok(())
        }

        /// The default admin takes a role away.
        ///
        /// # Errors
        /// `AccessControlUnauthorizedAccount`, `AccessControlEnforcedDefaultAdminRules`.
        #[ink(message, name = "revokeRole")]
        pub fn revoke_role(&mut self, role: Bytes32, account: Address) -> Result<(), Error> {
            allow(access::revoke(&role.0, &account.0));
            Ok(())
        }

        /// The caller gives up a role and repeats its own address.
        ///
        /// # Errors
        /// `AccessControlBadConfirmation`, `AccessControlEnforcedDefaultAdminRules`.
        #[ink(message, name = "renounceRole")]
        pub fn renounce_role(&mut self, role: Bytes32, caller_confirmation: Address) -> Result<(), Error> {
            allow(access::renounce(&role.0, &caller_confirmation.0));
            Ok(())
        }

        /// The default admin.
        #[ink(message, name = "defaultAdmin")]
        pub fn default_admin(&self) -> Address {
            access::default_admin().into()
        }

        /// Who was named the next default admin; zero where nobody.
        #[ink(message, name = "pendingDefaultAdmin")]
        pub fn pending_default_admin(&self) -> Address {
            access::pending_default_admin().into()
        }

        /// The default admin names the next one.
        ///
        /// # Errors
        /// `AccessControlUnauthorizedAccount`.
        #[ink(message, name = "beginDefaultAdminTransfer")]
        pub fn begin_default_admin_transfer(&mut self, new_admin: Address) -> Result<(), Error> {
            allow(access::begin_default_admin_transfer(&new_admin.0));
            Ok(())
        }

        /// The next default admin accepts.
        ///
        /// # Errors
        /// `AccessControlInvalidDefaultAdmin`.
        #[ink(message, name = "acceptDefaultAdminTransfer")]
        pub fn accept_default_admin_transfer(&mut self) -> Result<(), Error> {
            allow(access::accept_default_admin_transfer());
            Ok(())
        }
    }
}
