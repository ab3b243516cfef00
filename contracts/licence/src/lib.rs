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
mod usage_log;
mod views;
mod word;

/// The contract.
#[ink::contract]
mod licence {
    use crate::{
        act,
        errors::{Error, allow, amount},
        usage_log, views,
    };
    use ink::{
        U256,
        prelude::{string::String, vec::Vec},
        sol::FixedBytes,
    };
    use yieldset_rules::{
        licence::{audit::Finding, dues::Figures, ending::Cause, menu::Limit, usage_log::Checkpoint},
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

        /// A platform offers a menu for a pool's datasets (LIC-11); its highest upfront comes with it. Answers an id.
        ///
        /// # Errors
        /// `InvalidOptionCount`, `InvalidDatasetCount`, `InvalidDataset`, `InvalidTerms`, `InvalidOfferExpiry`,
        /// `WrongCurrency`, `DatasetNotInPool`, money's.
        #[ink(message, payable)]
        pub fn offer(
            &mut self,
            pool: Address,
            currency: Address,
            datasets: Vec<Bytes32>,
            options: Vec<Vec<Bytes32>>,
            expires_at: u64,
        ) -> Result<Bytes32, Error> {
            let count = self.count;
            self.count = count.saturating_add(1);
            Ok(act::offer(&self.manifests.0, count, (pool, currency), &datasets, &options, expires_at))
        }

        /// A pool's licensor publishes a menu for some of its datasets: a platform that takes an option is bound at
        /// once. Answers the menu's id. Errors: `offer`'s without money's, `NotLicensor`.
        #[ink(message, name = "publishMenu")]
        pub fn publish_menu(
            &mut self,
            pool: Address,
            currency: Address,
            datasets: Vec<Bytes32>,
            options: Vec<Vec<Bytes32>>,
            expires_at: u64,
        ) -> Result<Bytes32, Error> {
            let count = self.count;
            self.count = count.saturating_add(1);
            Ok(act::publish_menu(count, (pool, currency), &datasets, &options, expires_at))
        }

        /// The pool's licensor takes a menu back; what was taken of it stands. Errors: `UnknownLicence`, `NotLicensor`.
        #[ink(message, name = "withdrawMenu")]
        pub fn withdraw_menu(&mut self, menu: Bytes32) -> Result<(), Error> {
            act::withdraw_menu(menu);
            Ok(())
        }

        /// A platform takes an option of a menu with its upfront and its escrow, at most `most` of `currency`, and is
        /// licensed at once. Answers the licence's id.
        ///
        /// # Errors
        /// `UnknownLicence`, `NotLicensor` where the menu's publisher is none any more, `OfferExpired`,
        /// `UnknownOption`, `WrongCurrency`, `CostAboveLimit`, `PoolNotOpened`, `DatasetNotInPool`, `DatasetRefused`,
        /// money's.
        #[ink(message, payable, name = "takeOption")]
        pub fn take(&mut self, menu: Bytes32, option: u8, currency: Address, most: U256) -> Result<Bytes32, Error> {
            let count = self.count;
            self.count = count.saturating_add(1);
            let limit = Limit { currency: currency.0, most: amount(most) };
            Ok(act::take_option(&self.manifests.0, count, (menu, option), &limit))
        }

        /// The platform takes its offer back, while nobody accepted it; others: `NotPlatform`, later: `WrongStage`.
        #[ink(message)]
        pub fn withdraw(&mut self, licence: Bytes32) -> Result<(), Error> {
            act::withdraw(licence);
            Ok(())
        }

        /// The pool's licensor declines an offer; others: `NotLicensor`, later: `WrongStage`.
        #[ink(message)]
        pub fn decline(&mut self, licence: Bytes32) -> Result<(), Error> {
            act::decline(licence);
            Ok(())
        }

        /// The licensor accepts one option, and only then it binds: the pool has the upfront, the datasets are opened,
        /// or held until the escrow is funded.
        ///
        /// # Errors
        /// `NotLicensor`, `PoolNotOpened`, `WrongStage`, `OfferExpired`, `UnknownOption`, `DatasetNotInPool`,
        /// `DatasetRefused`.
        #[ink(message)]
        pub fn accept(&mut self, licence: Bytes32, option: u8) -> Result<(), Error> {
            act::accept(&self.manifests.0, licence, option);
            Ok(())
        }

        /// The platform, or once it was funded anyone, adds to the escrow; with what the terms ask it is in force.
        ///
        /// # Errors
        /// `NotPlatform`, `WrongStage`, `ZeroAmount`, `DatasetRefused`, money's.
        #[ink(message, payable, name = "fundEscrow")]
        pub fn fund_escrow(&mut self, licence: Bytes32, value: U256) -> Result<(), Error> {
            act::fund_escrow(&self.manifests.0, licence, amount(value));
            Ok(())
        }

        /// Anyone notes that the escrow was not funded in time; before: `FundingOpen`, else: `WrongStage`.
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
            act::report_revenue(licence, quarter, &Figures { gross, infrastructure, taxes, evidence: evidence.0 });
            Ok(())
        }

        /// Anyone has a quarter's usage taken over from the final report of the licence's stream, once, after its end
        /// (PAY-1, ATT-5).
        ///
        /// # Errors
        /// `WrongStage`, `UsageNotFinal`, `UsageNotInTerms`, `QuarterOutsideTerm`, `QuarterNotOver`, `WrongMetric`,
        /// `WrongThreshold`, `ZeroHash`, `UsageAlreadyReported`, `PoolCallFailed`, `AttributionCallFailed`, `Overflow`.
        #[ink(message, name = "assessUsage")]
        pub fn assess_usage(&mut self, licence: Bytes32, quarter: u32) -> Result<(), Error> {
            act::assess_usage(licence, quarter);
            Ok(())
        }

        /// Anyone pays a quarter for the platform, all or part; what is too much is not taken or goes straight back.
        ///
        /// # Errors
        /// `WrongStage`, `QuarterOutsideTerm`, `QuarterNotAssessed`, `NothingDue`, `ZeroAmount`, `PayoutFailed`,
        /// money's.
        #[ink(message, payable)]
        pub fn pay(&mut self, licence: Bytes32, quarter: u32, value: U256) -> Result<(), Error> {
            act::pay(licence, quarter, amount(value));
            Ok(())
        }

        /// Anyone records that a quarter was not paid or not reported within the time of grace; of number zero, that
        /// the escrow was not filled up. An unreported quarter then owes the floor. After the end the escrow pays.
        ///
        /// # Errors
        /// `WrongStage`, `QuarterOutsideTerm`, `AlreadyRecorded`, `NotYet`, `NothingDue`, `Overflow`.
        #[ink(message, name = "recordDefault")]
        pub fn record_default(&mut self, licence: Bytes32, number: u32) -> Result<(), Error> {
            act::record_default(licence, number);
            Ok(())
        }

        /// Anyone trues a licence year up after its last quarter: the shortfall moves from escrow to the pool (PAY-5).
        /// Errors: `WrongStage`, `GuaranteeNotInTerms`, `YearOutOfOrder`, `YearOutsideTerm`, `YearNotOver`.
        #[ink(message, name = "trueUp")]
        pub fn true_up(&mut self, licence: Bytes32, year: u32) -> Result<(), Error> {
            act::true_up(licence, year);
            Ok(())
        }

        /// Anyone pays for the platform what the escrow lacked; with a value of zero the escrow does, after the end.
        /// Errors: `NothingDue`, `ZeroAmount`, money's.
        #[ink(message, payable, name = "payShortfall")]
        pub fn pay_shortfall(&mut self, licence: Bytes32, year: u32, value: U256) -> Result<(), Error> {
            act::pay_shortfall(licence, year, amount(value));
            Ok(())
        }

        /// Licensor or arbiter certifies a milestone of Schedule B, which releases its part of the escrow (PAY-5).
        /// Errors: `NotLicensor`, `WrongStage`, `ZeroHash`, `UnknownMilestone`, `MilestoneAlreadyCertified`.
        #[ink(message, name = "certifyMilestone")]
        pub fn certify_milestone(&mut self, licence: Bytes32, index: u8, evidence: Bytes32) -> Result<(), Error> {
            act::certify_milestone(licence, index, evidence);
            Ok(())
        }

        /// Pays the platform its own, after the end also the escrow's rest; any other account only on its word.
        ///
        /// # Errors
        /// `NotPlatform`, `NothingToRefund`, `PayoutFailed`, `Overflow`.
        #[ink(message)]
        pub fn refund(&mut self, licence: Bytes32, to: Address) -> Result<U256, Error> {
            Ok(act::refund(licence, to))
        }

        /// Anyone has the escrow's rest go to the pool, a year after the last deadline of a platform that is silent.
        /// Errors: `UnknownLicence`, `WrongStage`, `StillInForce`, `NothingDue`, `NotYet`, `TrueUpFirst`, `Overflow`.
        #[ink(message, name = "forfeitEscrow")]
        pub fn forfeit_escrow(&mut self, licence: Bytes32) -> Result<(), Error> {
            act::forfeit_escrow(licence);
            Ok(())
        }

        /// Anyone offers the pool again what it did not take (`NothingHeld`). Native money beside an ERC-20 stays here.
        #[ink(message, payable)]
        pub fn deliver(&mut self, licence: Bytes32, period: u32) -> Result<(), Error> {
            act::deliver(licence, period);
            Ok(())
        }

        /// An auditor approves a contributor without shares, or takes it back.
        ///
        /// # Errors
        /// `AccessControlUnauthorizedAccount`, `UnknownLicence`.
        #[ink(message, name = "approveContributor")]
        pub fn approve(&mut self, licence: Bytes32, contributor: Address, approved: bool) -> Result<(), Error> {
            act::approve_contributor(licence, contributor, approved);
            Ok(())
        }

        /// A contributor asks for an audit of a quarter, or joins the open one, twice per calendar year at most
        /// (LIC-3): one that held a thousandth of the shares at a `timepoint` in the quarter or since, or was approved,
        /// which names zero. Answers the audit's number.
        ///
        /// # Errors
        /// `WrongStage`, `ZeroHash`, `NotAContributor`, `HeldBefore`, `QuarterOutsideTerm`, `QuarterNotOver`,
        /// `AlreadyDone`, `TooManyAudits`, `PoolCallFailed`.
        #[ink(message, name = "requestAudit")]
        pub fn request_audit(
            &mut self,
            licence: Bytes32,
            quarter: u32,
            scope: Bytes32,
            timepoint: u64,
        ) -> Result<u32, Error> {
            Ok(act::request_audit(licence, quarter, scope, timepoint))
        }

        /// The platform answers with the hashes of its logs, manifests and training runs. Errors:
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

        /// An auditor reports; the platform owes its fee, above 5 % also expenses and what `applyFinding` corrects.
        ///
        /// # Errors
        /// `AccessControlUnauthorizedAccount`, `UnknownNumber`, `AlreadyDone`, `AuditNotAnswered`,
        /// `InvalidBasisPoints`, `CostAboveCap`, `ZeroHash`.
        #[ink(message, name = "reportAudit")]
        #[allow(clippy::too_many_arguments, reason = "a finding is these figures")]
        pub fn report_audit(
            &mut self,
            licence: Bytes32,
            number: u32,
            discrepancy_bps: u16,
            tokens: U256,
            calls: u64,
            fee: U256,
            expenses: U256,
            report: Bytes32,
        ) -> Result<(), Error> {
            let (fee, expenses) = (amount(fee), amount(expenses));
            let (usage, report) = (Usage { tokens: amount(tokens), calls }, report.0);
            act::report_audit(licence, number, &Finding { discrepancy_bps, usage, fee, expenses, report });
            Ok(())
        }

        /// Anyone has a quarter corrected by an audit that found more than 5 %, after the time to challenge it.
        ///
        /// # Errors
        /// `UnknownNumber`, `AlreadyDone`, `NothingDue`, `NotYet`, `Overflow`.
        #[ink(message, name = "applyFinding")]
        pub fn apply_finding(&mut self, licence: Bytes32, number: u32) -> Result<(), Error> {
            act::apply_finding(licence, number);
            Ok(())
        }

        /// An arbiter dismisses a violation (1) by its evidence's hash, or an audit's correction (2) by its number.
        ///
        /// # Errors
        /// `AccessControlUnauthorizedAccount`, `UnknownKind`, `NoCause`, `UnknownNumber`, `NothingDue`, `AlreadyDone`.
        #[ink(message)]
        pub fn dismiss(&mut self, licence: Bytes32, kind: u8, which: Bytes32) -> Result<(), Error> {
            act::dismiss(licence, kind, which);
            Ok(())
        }

        /// Anyone pays one of an audit's debts for the platform: the contributor's expenses, or else the auditor's fee.
        /// It is credited to them. Errors: `UnknownNumber`, `AlreadyDone`, `NothingDue`, money's.
        #[ink(message, payable, name = "payAudit")]
        pub fn pay_audit(&mut self, licence: Bytes32, number: u32, expenses: bool) -> Result<(), Error> {
            act::pay_audit(licence, number, expenses);
            Ok(())
        }

        /// The auditor, or for expenses the contributor, takes what was paid of an audit's debt to any account.
        ///
        /// # Errors
        /// `UnknownNumber`, `NotCreditor`, `NothingDue`, `AlreadyDone`, `TransferRestricted`, `PoolCallFailed`,
        /// money's.
        #[ink(message, name = "withdrawAudit")]
        pub fn take_audit(&mut self, licence: Bytes32, number: u32, expenses: bool, to: Address) -> Result<(), Error> {
            act::withdraw_audit(licence, number, expenses, to);
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

        /// An oracle alleges what the terms forbid (LIC-6, LIC-7, LIC-9); undismissed, it counts after 14 days.
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

        /// A dataset's creator or the licensor has personal data redacted, and names the version without it (LIC-10),
        /// or joins who named it before.
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

        /// The platform certifies a redaction. Errors: `NotPlatform`, `UnknownNumber`, `AlreadyDone`, `ZeroHash`.
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

        /// A side or an arbiter terminates, for convenience after the notice, for a cause at once (LIC-8). A breach is
        /// named by its kind and number, a default by its number, a violation by the hash of its evidence.
        ///
        /// # Errors
        /// `WrongStage`, `UnknownKind`, `TerminationNotAllowed`, `ZeroHash`, `UnknownNumber`, `NoCause`, `CureOpen`,
        /// `PaysFirst`, `TrueUpFirst`.
        #[ink(message)]
        pub fn terminate(
            &mut self,
            licence: Bytes32,
            reason: u8,
            kind: u8,
            number: u32,
            evidence: Bytes32,
        ) -> Result<(), Error> {
            act::terminate(licence, &Cause { reason, kind, number, evidence: evidence.0 });
            Ok(())
        }

        /// The platform names the account that shall take its place; zero takes that back. Errors: `NotPlatform`.
        #[ink(message, name = "proposePlatform")]
        pub fn propose_platform(&mut self, licence: Bytes32, next: Address) -> Result<(), Error> {
            act::propose_platform(licence, next);
            Ok(())
        }

        /// The account that the platform named takes its place. Errors: `NotPlatform`.
        #[ink(message, name = "acceptPlatform")]
        pub fn accept_platform(&mut self, licence: Bytes32) -> Result<(), Error> {
            act::accept_platform(licence);
            Ok(())
        }

        /// The platform sets the key, name and witnesses of its usage log, or rotates them. Answers the epoch.
        ///
        /// # Errors
        /// `NotPlatform`, `InvalidUsageLog`.
        #[ink(message, name = "setUsageLog")]
        pub fn set_log(
            &mut self,
            licence: Bytes32,
            key: Bytes32,
            origin: String,
            witnesses: Vec<Bytes32>,
        ) -> Result<u32, Error> {
            Ok(usage_log::set(licence, &key.0, origin.as_bytes(), &witnesses))
        }

        /// The platform puts a checkpoint of an epoch's usage log on chain, zero for the latest; the first stands.
        /// Errors: `NotPlatform`, `ZeroHash`, `UnknownNumber`, `OtherRoot`.
        #[ink(message)]
        pub fn anchor(&mut self, licence: Bytes32, epoch: u32, size: u64, root: Bytes32) -> Result<(), Error> {
            usage_log::anchor(licence, &Checkpoint { epoch, size, root: root.0 });
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

        /// When a licence's stream in its pool ends; the largest number while not known, zero without a licence.
        #[ink(message, name = "streamEnd")]
        pub fn stream_end(&self, licence: Bytes32) -> u64 {
            views::stream_end(&licence.0)
        }

        /// What a quarter's due would rise to with these figures, less what is paid; at most what can move.
        #[ink(message, name = "duesFor")]
        pub fn dues_for(&self, stream: Bytes32, period: u32, tokens: U256, calls: u64) -> U256 {
            views::dues_for(&stream.0, period, tokens, calls)
        }

        /// A record as it is now, as the words of a tuple; `record` is a letter (docs/contracts/licence.md), `which` a
        /// number, an account or a hash. Zeros where there is none. Errors: `UnknownLicence`, `UnknownKind`.
        #[ink(message, name = "recordOf")]
        pub fn record_of(&self, licence: Bytes32, record: u8, which: Bytes32) -> Vec<Bytes32> {
            views::record(&licence.0, record, &which.0).into_iter().map(FixedBytes).collect()
        }
    }

    /// Roles: OpenZeppelin's AccessControl with a two-step default admin.
    #[allow(clippy::missing_errors_doc, reason = "the same in all contracts: yieldset_shell::access::AccessError")]
    impl Licence {
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
        #[ink(message, name = "grantRole")]
        pub fn grant_role(&mut self, role: Bytes32, account: Address) -> Result<(), Error> {
            allow(access::grant(&role.0, &account.0));
            Ok(())
        }

        /// The default admin takes a role away.
        #[ink(message, name = "revokeRole")]
        pub fn revoke_role(&mut self, role: Bytes32, account: Address) -> Result<(), Error> {
            allow(access::revoke(&role.0, &account.0));
            Ok(())
        }

        /// The caller gives up a role and repeats its own address.
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
        #[ink(message, name = "beginDefaultAdminTransfer")]
        pub fn begin_default_admin_transfer(&mut self, new_admin: Address) -> Result<(), Error> {
            allow(access::begin_default_admin_transfer(&new_admin.0));
            Ok(())
        }

        /// The next default admin accepts.
        #[ink(message, name = "acceptDefaultAdminTransfer")]
        pub fn accept_default_admin_transfer(&mut self) -> Result<(), Error> {
            allow(access::accept_default_admin_transfer());
            Ok(())
        }
    }
}
