//! Licences as state machines: offers, revenue reports, dues, guarantee and escrow, audits, deletion.
//!
//! A thin shell: everything is decided in [`yieldset_rules::licence`]; [`act`] tells of it and moves the money. One
//! contract serves many licences of many pools. A licence's money is in its pool's currency: the native one or an
//! ERC-20.
//!
//! Refusing ends the call at once instead of handing an error up. A refused message reverts everything it did.
#![cfg_attr(not(feature = "std"), no_std, no_main)]

mod act;
mod events;
mod outside;
mod refusals;
mod storage;
mod usage_log;
mod views;

/// The contract.
#[yieldset_roles::roles(Licence)]
#[ink::contract]
mod licence {
    use crate::{
        act::{self, call},
        refusals::amount,
        usage_log, views,
    };
    use ink::{U256, prelude::vec::Vec, sol::FixedBytes};
    use yieldset_rules::{
        licence::{Call, audit::Finding, dues::Figures, ending::Cause, menu::Limit, usage_log::Checkpoint},
        revenue::Usage,
    };
    use yieldset_shell::{
        access,
        answer::answer,
        input::{Array, In, Lists, Text},
        words::address_word,
    };

    type Bytes32 = FixedBytes<32>;

    /// Storage: the root cell holds what is not a licence's; roles and records have keys of their own.
    #[ink(storage)]
    pub struct Licence {
        manifests: Address,
        count: u64,
    }

    /// A message about a licence or a menu.
    fn of(id: &In<0, Bytes32>) -> Call {
        call(&id.get().0)
    }

    impl Licence {
        /// Counts one that begins; answers how many there were.
        const fn begin(&mut self) -> u64 {
            let count = self.count;
            self.count = count.saturating_add(1);
            count
        }

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
            pool: In<0, Address>,
            currency: In<1, Address>,
            datasets: Array<2, Bytes32>,
            options: Lists<3>,
            expires_at: In<4, u64>,
        ) -> Bytes32 {
            let offer = act::read(&pool, &currency, &datasets, &options, &expires_at);
            let call = call(&act::new_id(self.begin(), &offer.pool));
            act::offer(&self.manifests.0, &call, &offer);
            FixedBytes(call.licence)
        }

        /// A pool's licensor publishes a menu for some of its datasets: a platform that takes an option is bound at
        /// once. Answers the menu's id. Errors: `offer`'s without money's, `NotLicensor`.
        #[ink(message, name = "publishMenu")]
        pub fn publish_menu(
            &mut self,
            pool: In<0, Address>,
            currency: In<1, Address>,
            datasets: Array<2, Bytes32>,
            options: Lists<3>,
            expires_at: In<4, u64>,
        ) -> Bytes32 {
            let offer = act::read(&pool, &currency, &datasets, &options, &expires_at);
            let call = call(&act::new_id(self.begin(), &offer.pool));
            act::publish_menu(&call, &offer);
            FixedBytes(call.licence)
        }

        /// The pool's licensor takes a menu back; what was taken of it stands. Errors: `UnknownLicence`, `NotLicensor`.
        #[ink(message, name = "withdrawMenu")]
        pub fn withdraw_menu(&mut self, menu: In<0, Bytes32>) {
            act::withdraw_menu(&of(&menu))
        }

        /// A platform takes an option of a menu with its upfront and its escrow, at most `most` of `currency`, and is
        /// licensed at once. Answers the licence's id.
        ///
        /// # Errors
        /// `UnknownLicence`, `NotLicensor` where the menu's publisher is none any more, `OfferExpired`,
        /// `UnknownOption`, `WrongCurrency`, `CostAboveLimit`, `PoolNotOpened`, `DatasetNotInPool`, `DatasetRefused`,
        /// money's.
        #[ink(message, payable, name = "takeOption")]
        pub fn take(
            &mut self,
            menu: In<0, Bytes32>,
            option: In<1, u8>,
            currency: In<2, Address>,
            most: In<3, U256>,
        ) -> Bytes32 {
            let limit = Limit { currency: currency.get().0, most: amount(&most) };
            let option = (&menu.get().0, option.get());
            let count = self.begin();
            FixedBytes(act::take_option(&self.manifests.0, count, option, &limit))
        }

        /// The platform takes its offer back, while nobody accepted it; others: `NotPlatform`, later: `WrongStage`.
        #[ink(message)]
        pub fn withdraw(&mut self, licence: In<0, Bytes32>) {
            act::withdraw(&of(&licence))
        }

        /// The pool's licensor declines an offer; others: `NotLicensor`, later: `WrongStage`.
        #[ink(message)]
        pub fn decline(&mut self, licence: In<0, Bytes32>) {
            act::decline(&of(&licence))
        }

        /// The licensor accepts one option, and only then it binds: the pool has the upfront, the datasets are opened,
        /// or held until the escrow is funded.
        ///
        /// # Errors
        /// `NotLicensor`, `PoolNotOpened`, `WrongStage`, `OfferExpired`, `UnknownOption`, `DatasetNotInPool`,
        /// `DatasetRefused`.
        #[ink(message)]
        pub fn accept(&mut self, licence: In<0, Bytes32>, option: In<1, u8>) {
            act::accept(&self.manifests.0, &of(&licence), option.get())
        }

        /// The platform, or once it was funded anyone, adds to the escrow; with what the terms ask it is in force.
        ///
        /// # Errors
        /// `NotPlatform`, `WrongStage`, `ZeroAmount`, `DatasetRefused`, money's.
        #[ink(message, payable, name = "fundEscrow")]
        pub fn fund_escrow(&mut self, licence: In<0, Bytes32>, value: In<1, U256>) {
            act::fund_escrow(&self.manifests.0, &of(&licence), amount(&value))
        }

        /// Anyone notes that the escrow was not funded in time; before: `FundingOpen`, else: `WrongStage`.
        #[ink(message)]
        pub fn lapse(&mut self, licence: In<0, Bytes32>) {
            act::lapse(&of(&licence))
        }

        /// The platform reports a quarter's revenue, in order, after its end (LIC-1, PAY-2).
        ///
        /// # Errors
        /// `NotPlatform`, `WrongStage`, `QuarterOutOfOrder`, `QuarterOutsideTerm`, `QuarterNotOver`, `ZeroHash`,
        /// `Overflow`.
        #[ink(message, name = "reportRevenue")]
        pub fn report_revenue(
            &mut self,
            licence: In<0, Bytes32>,
            quarter: In<1, u32>,
            gross: In<2, U256>,
            infrastructure: In<3, U256>,
            taxes: In<4, U256>,
            evidence: In<5, Bytes32>,
        ) {
            let (gross, infrastructure, taxes) = (amount(&gross), amount(&infrastructure), amount(&taxes));
            let figures = Figures { gross, infrastructure, taxes, evidence: evidence.get().0 };
            act::report_revenue(&of(&licence), quarter.get(), &figures)
        }

        /// Anyone has a quarter's usage taken over from the final report of the licence's stream, once, after its end
        /// (PAY-1, ATT-5). Where none comes any more it is closed, as none: the escrow waits for it no longer.
        ///
        /// # Errors
        /// `WrongStage`, `UsageNotFinal`, `UsageNotInTerms`, `QuarterOutsideTerm`, `QuarterNotOver`, `WrongMetric`,
        /// `WrongThreshold`, `ZeroHash`, `UsageAlreadyReported`, `PoolCallFailed`, `AttributionCallFailed`, `Overflow`.
        #[ink(message, name = "assessUsage")]
        pub fn assess_usage(&mut self, licence: In<0, Bytes32>, quarter: In<1, u32>) {
            act::assess_usage(&of(&licence), quarter.get())
        }

        /// Anyone pays a quarter for the platform, all or part; what is too much is not taken or goes straight back.
        ///
        /// # Errors
        /// `WrongStage`, `QuarterOutsideTerm`, `QuarterNotAssessed`, `NothingDue`, `ZeroAmount`, `PayoutFailed`,
        /// money's.
        #[ink(message, payable)]
        pub fn pay(&mut self, licence: In<0, Bytes32>, quarter: In<1, u32>, value: In<2, U256>) {
            act::pay(&of(&licence), quarter.get(), amount(&value))
        }

        /// Anyone records that a quarter was not paid or not reported within the time of grace; of number zero, that
        /// the escrow was not filled up. An unreported quarter then owes the floor. After the end the escrow pays.
        ///
        /// # Errors
        /// `WrongStage`, `QuarterOutsideTerm`, `AlreadyRecorded`, `NotYet`, `NothingDue`, `Overflow`.
        #[ink(message, name = "recordDefault")]
        pub fn record_default(&mut self, licence: In<0, Bytes32>, number: In<1, u32>) {
            act::record_default(&of(&licence), number.get())
        }

        /// Anyone trues a licence year up after its last quarter: the shortfall moves from escrow to the pool (PAY-5).
        /// Errors: `WrongStage`, `GuaranteeNotInTerms`, `YearOutOfOrder`, `YearOutsideTerm`, `YearNotOver`.
        #[ink(message, name = "trueUp")]
        pub fn true_up(&mut self, licence: In<0, Bytes32>, year: In<1, u32>) {
            act::true_up(&of(&licence), year.get())
        }

        /// Anyone pays for the platform what the escrow lacked; with a value of zero the escrow does, after the end.
        /// Errors: `NothingDue`, `ZeroAmount`, money's.
        #[ink(message, payable, name = "payShortfall")]
        pub fn pay_shortfall(&mut self, licence: In<0, Bytes32>, year: In<1, u32>, value: In<2, U256>) {
            act::pay_shortfall(&of(&licence), year.get(), amount(&value))
        }

        /// Licensor or arbiter certifies a milestone of Schedule B, which releases its part of the escrow (PAY-5).
        /// Errors: `NotLicensor`, `WrongStage`, `ZeroHash`, `UnknownMilestone`, `MilestoneAlreadyCertified`.
        #[ink(message, name = "certifyMilestone")]
        pub fn certify_milestone(&mut self, licence: In<0, Bytes32>, index: In<1, u8>, evidence: In<2, Bytes32>) {
            act::certify_milestone(&of(&licence), index.get(), &evidence.get().0)
        }

        /// Pays the platform its own, after the end also the escrow's rest; any other account only on its word.
        ///
        /// # Errors
        /// `NotPlatform`, `NothingToRefund`, `UsageOpen`, `PayoutFailed`, `Overflow`.
        #[ink(message)]
        pub fn refund(&mut self, licence: In<0, Bytes32>, to: In<1, Address>) -> U256 {
            act::refund(&of(&licence), &to.get().0)
        }

        /// Anyone has the escrow's rest go to the pool, a year after the last deadline of a platform that is silent.
        /// Errors: `UnknownLicence`, `WrongStage`, `StillInForce`, `NothingDue`, `NotYet`, `TrueUpFirst`, `UsageOpen`,
        /// `Overflow`.
        #[ink(message, name = "forfeitEscrow")]
        pub fn forfeit_escrow(&mut self, licence: In<0, Bytes32>) {
            act::forfeit_escrow(&of(&licence))
        }

        /// Anyone offers the pool again what it did not take (`NothingHeld`). Native money beside an ERC-20 stays here.
        #[ink(message, payable)]
        pub fn deliver(&mut self, licence: In<0, Bytes32>, period: In<1, u32>) {
            act::deliver(&of(&licence), period.get())
        }

        /// An auditor approves a contributor without shares, or takes it back.
        ///
        /// # Errors
        /// `AccessControlUnauthorizedAccount`, `UnknownLicence`.
        #[ink(message, name = "approveContributor")]
        pub fn approve(&mut self, licence: In<0, Bytes32>, contributor: In<1, Address>, approved: In<2, bool>) {
            act::approve_contributor(&of(&licence), &contributor.get().0, approved.get())
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
            licence: In<0, Bytes32>,
            quarter: In<1, u32>,
            scope: In<2, Bytes32>,
            timepoint: In<3, u64>,
        ) -> u32 {
            act::request_audit(&of(&licence), quarter.get(), &scope.get().0, timepoint.get())
        }

        /// The platform answers with the hashes of its logs, manifests and training runs. Errors:
        /// `NotPlatform`, `UnknownNumber`, `AlreadyDone`, `ZeroHash`.
        #[ink(message, name = "answerAudit")]
        pub fn answer_audit(
            &mut self,
            licence: In<0, Bytes32>,
            number: In<1, u32>,
            logs: In<2, Bytes32>,
            manifests: In<3, Bytes32>,
            runs: In<4, Bytes32>,
        ) {
            let hashes = [logs.get().0, manifests.get().0, runs.get().0];
            act::answer_audit(&of(&licence), number.get(), hashes)
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
            licence: In<0, Bytes32>,
            number: In<1, u32>,
            discrepancy_bps: In<2, u16>,
            tokens: In<3, U256>,
            calls: In<4, u64>,
            fee: In<5, U256>,
            expenses: In<6, U256>,
            report: In<7, Bytes32>,
        ) {
            let (fee, expenses) = (amount(&fee), amount(&expenses));
            let usage = Usage { tokens: amount(&tokens), calls: calls.get() };
            let (discrepancy_bps, report) = (discrepancy_bps.get(), report.get().0);
            let finding = Finding { discrepancy_bps, usage, fee, expenses, report };
            act::report_audit(&of(&licence), number.get(), &finding)
        }

        /// Anyone has a quarter corrected by an audit that found more than 5 %, after the time to challenge it.
        ///
        /// # Errors
        /// `UnknownNumber`, `AlreadyDone`, `NothingDue`, `NotYet`, `Overflow`.
        #[ink(message, name = "applyFinding")]
        pub fn apply_finding(&mut self, licence: In<0, Bytes32>, number: In<1, u32>) {
            act::apply_finding(&of(&licence), number.get())
        }

        /// An arbiter dismisses a violation (1) by its evidence's hash, or an audit's correction (2) by its number.
        ///
        /// # Errors
        /// `AccessControlUnauthorizedAccount`, `UnknownKind`, `NoCause`, `UnknownNumber`, `NothingDue`, `AlreadyDone`.
        #[ink(message)]
        pub fn dismiss(&mut self, licence: In<0, Bytes32>, kind: In<1, u8>, which: In<2, Bytes32>) {
            act::dismiss(&of(&licence), kind.get(), &which.get().0)
        }

        /// Anyone pays one of an audit's debts for the platform: the contributor's expenses, or else the auditor's fee.
        /// It is credited to them. Errors: `UnknownNumber`, `AlreadyDone`, `NothingDue`, money's.
        #[ink(message, payable, name = "payAudit")]
        pub fn pay_audit(&mut self, licence: In<0, Bytes32>, number: In<1, u32>, expenses: In<2, bool>) {
            act::pay_audit(&of(&licence), number.get(), expenses.get())
        }

        /// The auditor, or for expenses the contributor, takes what was paid of an audit's debt to any account.
        ///
        /// # Errors
        /// `UnknownNumber`, `NotCreditor`, `NothingDue`, `AlreadyDone`, `TransferRestricted`, `PoolCallFailed`,
        /// money's.
        #[ink(message, name = "withdrawAudit")]
        pub fn take_audit(
            &mut self,
            licence: In<0, Bytes32>,
            number: In<1, u32>,
            expenses: In<2, bool>,
            to: In<3, Address>,
        ) {
            act::withdraw_audit(&of(&licence), number.get(), expenses.get(), &to.get().0)
        }

        /// The platform records a sublicence (LIC-7). Answers its number.
        ///
        /// # Errors
        /// `NotPlatform`, `WrongStage`, `ZeroHash`, `SublicensingForbidden`, `UseProhibited`.
        #[ink(message, name = "recordSublicence")]
        pub fn record_sublicence(
            &mut self,
            licence: In<0, Bytes32>,
            licensee: In<1, Address>,
            uses: In<2, u32>,
            document: In<3, Bytes32>,
        ) -> u32 {
            act::record_sublicence(&of(&licence), &licensee.get().0, uses.get(), &document.get().0)
        }

        /// An oracle alleges what the terms forbid (LIC-6, LIC-7, LIC-9); undismissed, it counts after 14 days.
        ///
        /// # Errors
        /// `AccessControlUnauthorizedAccount`, `WrongStage`, `UnknownKind`, `NotAViolation`, `ZeroHash`,
        /// `ViolationAlreadyRecorded`.
        #[ink(message, name = "recordViolation")]
        pub fn record_violation(
            &mut self,
            licence: In<0, Bytes32>,
            kind: In<1, u8>,
            uses: In<2, u32>,
            at: In<3, u64>,
            evidence: In<4, Bytes32>,
        ) {
            act::record_violation(&of(&licence), kind.get(), uses.get(), at.get(), &evidence.get().0)
        }

        /// A dataset's creator or the licensor has personal data redacted, and names the version without it (LIC-10),
        /// or joins who named it before.
        ///
        /// # Errors
        /// `WrongStage`, `ZeroHash`, `DatasetNotLicensed`, `NotDatasetCreatorOrLicensor`, `NotANewVersion`.
        #[ink(message, name = "requestRedaction")]
        pub fn request_redaction(
            &mut self,
            licence: In<0, Bytes32>,
            dataset: In<1, Bytes32>,
            request: In<2, Bytes32>,
            manifest: In<3, Bytes32>,
        ) -> u32 {
            let named = [dataset.get().0, request.get().0, manifest.get().0];
            act::request_redaction(&self.manifests.0, &of(&licence), named)
        }

        /// The platform certifies a redaction. Errors: `NotPlatform`, `UnknownNumber`, `AlreadyDone`, `ZeroHash`.
        #[ink(message, name = "certifyRedaction")]
        pub fn certify_redaction(&mut self, licence: In<0, Bytes32>, number: In<1, u32>, certificate: In<2, Bytes32>) {
            act::certify_redaction(&of(&licence), number.get(), &certificate.get().0)
        }

        /// Anyone records that something was not done in time.
        ///
        /// # Errors
        /// `WrongStage`, `UnknownKind`, `UnknownNumber`, `QuarterOutsideTerm`, `AlreadyRecorded`, `AlreadyDone`,
        /// `NotYet`.
        #[ink(message, name = "recordBreach")]
        pub fn record_breach(&mut self, licence: In<0, Bytes32>, kind: In<1, u8>, number: In<2, u32>) {
            act::record_breach(&of(&licence), kind.get(), number.get())
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
            licence: In<0, Bytes32>,
            reason: In<1, u8>,
            kind: In<2, u8>,
            number: In<3, u32>,
            evidence: In<4, Bytes32>,
        ) {
            let (reason, kind, number) = (reason.get(), kind.get(), number.get());
            act::terminate(&of(&licence), &Cause { reason, kind, number, evidence: evidence.get().0 })
        }

        /// The platform names the account that shall take its place; zero takes that back. Errors: `NotPlatform`.
        #[ink(message, name = "proposePlatform")]
        pub fn propose_platform(&mut self, licence: In<0, Bytes32>, next: In<1, Address>) {
            act::propose_platform(&of(&licence), &next.get().0)
        }

        /// The account that the platform named takes its place. Errors: `NotPlatform`.
        #[ink(message, name = "acceptPlatform")]
        pub fn accept_platform(&mut self, licence: In<0, Bytes32>) {
            act::accept_platform(&of(&licence))
        }

        /// The platform sets the key, name and witnesses of its usage log, or rotates them. Answers the epoch.
        ///
        /// # Errors
        /// `NotPlatform`, `InvalidUsageLog`.
        #[ink(message, name = "setUsageLog")]
        pub fn set_log(
            &mut self,
            licence: In<0, Bytes32>,
            key: In<1, Bytes32>,
            origin: Text<2>,
            witnesses: Array<3, Bytes32>,
        ) -> u32 {
            let witnesses: Vec<_> = witnesses.iter().map(|witness| witness.0).collect();
            usage_log::set(&of(&licence), &key.get().0, &origin.bytes(), &witnesses)
        }

        /// The platform puts a checkpoint of an epoch's usage log on chain, zero for the latest; the first stands.
        /// Errors: `NotPlatform`, `ZeroHash`, `UnknownNumber`, `OtherRoot`.
        #[ink(message)]
        pub fn anchor(&mut self, licence: In<0, Bytes32>, epoch: In<1, u32>, size: In<2, u64>, root: In<3, Bytes32>) {
            let (epoch, size, root) = (epoch.get(), size.get(), root.get().0);
            usage_log::anchor(&of(&licence), &Checkpoint { epoch, size, root })
        }

        /// Anyone has the datasets' registry told that the licence is over.
        ///
        /// # Errors
        /// `WrongStage`, `StillInForce`, `AlreadyClosed`, `DatasetRefused`.
        #[ink(message)]
        pub fn close(&mut self, licence: In<0, Bytes32>) {
            act::close(&self.manifests.0, &of(&licence))
        }

        /// The platform certifies that it deleted the data (LIC-8).
        ///
        /// # Errors
        /// `NotPlatform`, `WrongStage`, `StillInForce`, `AlreadyDone`, `ZeroHash`.
        #[ink(message, name = "certifyDeletion")]
        pub fn certify_deletion(&mut self, licence: In<0, Bytes32>, certificate: In<1, Bytes32>) {
            act::certify_deletion(&of(&licence), &certificate.get().0)
        }

        /// The datasets' registry.
        #[ink(message)]
        pub fn manifests(&self) -> Address {
            answer(&[address_word(&self.manifests.0)])
        }

        /// When a licence's stream in its pool ends; the largest number while not known, zero without a licence.
        #[ink(message, name = "streamEnd")]
        pub fn stream_end(&self, licence: In<0, Bytes32>) -> u64 {
            views::stream_end(&licence.get().0)
        }

        /// What a quarter's due would rise to with these figures, less what is paid; at most what can move.
        #[ink(message, name = "duesFor")]
        pub fn dues_for(
            &self,
            stream: In<0, Bytes32>,
            period: In<1, u32>,
            tokens: In<2, U256>,
            calls: In<3, u64>,
        ) -> U256 {
            views::dues_for(&stream.get().0, period.get(), &tokens, calls.get())
        }

        /// A record as it is now, as the words of a tuple; `record` is a letter (docs/contracts/licence.md), `which` a
        /// number, an account or a hash. Zeros where there is none. Errors: `UnknownLicence`, `UnknownKind`.
        #[ink(message, name = "recordOf")]
        pub fn record_of(&self, licence: In<0, Bytes32>, record: In<1, u8>, which: In<2, Bytes32>) -> Vec<Bytes32> {
            views::record(&licence.get().0, record.get(), &which.get().0)
        }
    }
}
