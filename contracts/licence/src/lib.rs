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
        answer::answer,
        input::{Array, In, Lists, Text},
        roles,
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
        ///
        /// # Errors
        /// `AccessControlInvalidDefaultAdmin` for address zero.
        ///
        /// # Events
        /// `RoleGranted`.
        #[ink(constructor)]
        pub fn new(manifests: Address, admin: Address) -> Self {
            roles::initialise(&admin.0);
            Self { manifests, count: 0 }
        }

        /// A platform offers a menu for a pool's datasets (LIC-11), until `expires_at` (Unix seconds); its highest
        /// upfront comes with it. Each of `options` is the words of the structure `Terms`, followed by those of its
        /// milestones. Answers with the licence's id.
        ///
        /// # Who
        /// Anyone.
        ///
        /// # Answers
        /// `licence`.
        ///
        /// # Errors
        /// `WrongCurrency` where the pool's is another, `InvalidOptionCount` (1–4), `InvalidDatasetCount` (1–12),
        /// `InvalidDataset`, `InvalidTerms(option, fault)`, `InvalidOfferExpiry`, `PoolCallFailed`,
        /// `ManifestsCallFailed`, `DatasetNotInPool`, money's.
        ///
        /// # Events
        /// `LicenceOffered`, `OptionOffered` of each option, `FundsChanged`.
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

        /// Publishes a menu as in `offer` for some of a pool's datasets: a platform that takes an option is bound at
        /// once. Answers with the menu's id.
        ///
        /// # Who
        /// The pool's licensor.
        ///
        /// # Answers
        /// `menu`.
        ///
        /// # Errors
        /// `NotLicensor`, and `offer`'s without money's: `WrongCurrency`, `InvalidOptionCount`, `InvalidDatasetCount`,
        /// `InvalidDataset`, `InvalidTerms(option, fault)`, `InvalidOfferExpiry`, `PoolCallFailed`. Whether the
        /// datasets are the pool's is asked when an option is taken.
        ///
        /// # Events
        /// `MenuPublished`, `OptionOffered` of each option.
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

        /// Takes a menu back; what was taken of it stands.
        ///
        /// # Who
        /// The pool's licensor.
        ///
        /// # Errors
        /// `UnknownLicence`, `NotLicensor`, `PoolCallFailed`.
        ///
        /// # Events
        /// `MenuWithdrawn`.
        #[ink(message, name = "withdrawMenu")]
        pub fn withdraw_menu(&mut self, menu: In<0, Bytes32>) {
            act::withdraw_menu(&of(&menu))
        }

        /// A platform takes an option of a menu with its upfront and its escrow, together at most `most` of `currency`,
        /// and is licensed at once. Answers with the licence's id.
        ///
        /// # Who
        /// Anyone.
        ///
        /// # Answers
        /// `licence`.
        ///
        /// # Errors
        /// `UnknownLicence`, `NotLicensor` where the menu's publisher is none any more, `OfferExpired`,
        /// `UnknownOption`, `WrongCurrency`, `CostAboveLimit` above `most`, then as `accept`: `PoolNotOpened`,
        /// `PoolCallFailed`, `DatasetNotInPool`, `DatasetRefused`, `ManifestsCallFailed`; money's.
        ///
        /// # Events
        /// `LicenceOffered`, `OptionTaken`, `EscrowFunded`, then as `accept`: `LicenceAccepted`, `LicenceActivated`,
        /// `Delivered`, `FundsChanged`.
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

        /// Takes an offer back while nobody accepted it, also after its end; the upfront is refundable.
        ///
        /// # Who
        /// The platform.
        ///
        /// # Errors
        /// `UnknownLicence`, `NotPlatform`, `WrongStage` afterwards.
        ///
        /// # Events
        /// `OfferWithdrawn`, `FundsChanged`.
        #[ink(message)]
        pub fn withdraw(&mut self, licence: In<0, Bytes32>) {
            act::withdraw(&of(&licence))
        }

        /// Declines an offer; the upfront is refundable.
        ///
        /// # Who
        /// The pool's licensor.
        ///
        /// # Errors
        /// `UnknownLicence`, `NotLicensor`, `PoolCallFailed`, `WrongStage` afterwards.
        ///
        /// # Events
        /// `OfferDeclined`, `FundsChanged`.
        #[ink(message)]
        pub fn decline(&mut self, licence: In<0, Bytes32>) {
            act::decline(&of(&licence))
        }

        /// Accepts one option, and only then it binds: the pool has the upfront, the datasets are opened, or held until
        /// the escrow is funded.
        ///
        /// # Who
        /// The pool's licensor.
        ///
        /// # Errors
        /// `UnknownLicence`, `NotLicensor`, `PoolCallFailed`, `PoolNotOpened`, `WrongStage`, `OfferExpired`,
        /// `UnknownOption`, `DatasetNotInPool`, `DatasetRefused`, `ManifestsCallFailed`, `CurrencyCallFailed`.
        ///
        /// # Events
        /// `LicenceAccepted`, `LicenceActivated` without an escrow, `Delivered`, `FundsChanged`.
        #[ink(message)]
        pub fn accept(&mut self, licence: In<0, Bytes32>, option: In<1, u8>) {
            act::accept(&self.manifests.0, &of(&licence), option.get())
        }

        /// Adds to the escrow; with what the terms ask the licence is in force.
        ///
        /// # Who
        /// The platform; anyone once it was funded.
        ///
        /// # Errors
        /// `UnknownLicence`, `NotPlatform`, `WrongStage`, `ZeroAmount`, `DatasetRefused`, money's.
        ///
        /// # Events
        /// `EscrowFunded`, `LicenceActivated`, `DefaultCured`, `FundsChanged`.
        #[ink(message, payable, name = "fundEscrow")]
        pub fn fund_escrow(&mut self, licence: In<0, Bytes32>, value: In<1, U256>) {
            act::fund_escrow(&self.manifests.0, &of(&licence), amount(&value))
        }

        /// Notes that the escrow was not funded in time; what is in it is refundable.
        ///
        /// # Who
        /// Anyone.
        ///
        /// # Errors
        /// `UnknownLicence`, `FundingOpen` while it may still be, otherwise `WrongStage`.
        ///
        /// # Events
        /// `LicenceLapsed`, `FundsChanged`.
        #[ink(message)]
        pub fn lapse(&mut self, licence: In<0, Bytes32>) {
            act::lapse(&of(&licence))
        }

        /// Reports a quarter's revenue, in order, after its end (LIC-1, PAY-2); no figure above 2^100.
        ///
        /// # Who
        /// The platform.
        ///
        /// # Errors
        /// `UnknownLicence`, `NotPlatform`, `WrongStage`, `QuarterOutOfOrder`, `QuarterOutsideTerm`, `QuarterNotOver`,
        /// `ZeroHash`, `AmountTooLarge`, `Overflow`.
        ///
        /// # Events
        /// `RevenueReported`, `BreachRecorded` where it is late, `DueAssessed`, `DefaultCured`.
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

        /// Has a quarter's usage taken over from the final report of the licence's stream, once, after its end (PAY-1,
        /// ATT-5). Where none comes any more it is closed, as none: the escrow waits for it no longer.
        ///
        /// # Who
        /// Anyone.
        ///
        /// # Errors
        /// `UnknownLicence`, `WrongStage`, `UsageNotFinal(quarter, state)`, `UsageNotInTerms`, `QuarterOutsideTerm`,
        /// `QuarterNotOver`, `WrongMetric`, `WrongThreshold`, `ZeroHash`, `UsageAlreadyReported`, `PoolCallFailed`,
        /// `AttributionCallFailed`, `Overflow`.
        ///
        /// # Events
        /// `UsageReported`, `DueAssessed`, `DefaultCured`; `DefaultRecorded` of the year.
        #[ink(message, name = "assessUsage")]
        pub fn assess_usage(&mut self, licence: In<0, Bytes32>, quarter: In<1, u32>) {
            act::assess_usage(&of(&licence), quarter.get())
        }

        /// Pays a quarter for the platform, all or part; what is too much is not taken or goes straight back.
        ///
        /// # Who
        /// Anyone.
        ///
        /// # Errors
        /// `UnknownLicence`, `WrongStage`, `QuarterOutsideTerm`, `QuarterNotAssessed`, `NothingDue`, `ZeroAmount`,
        /// `PayoutFailed`, money's.
        ///
        /// # Events
        /// `RoyaltyPaid`, `DefaultCured`, `Delivered`, `FundsChanged`.
        #[ink(message, payable)]
        pub fn pay(&mut self, licence: In<0, Bytes32>, quarter: In<1, u32>, value: In<2, U256>) {
            act::pay(&of(&licence), quarter.get(), amount(&value), true)
        }

        /// Pays as `pay` does, and does not tell the pool: what is for it is held, and anyone can `deliver` it. For a
        /// pool that cannot be told; so no pool puts a platform in default.
        ///
        /// # Who
        /// Anyone.
        ///
        /// # Errors
        /// `UnknownLicence`, `WrongStage`, `QuarterOutsideTerm`, `QuarterNotAssessed`, `NothingDue`, `ZeroAmount`,
        /// `PayoutFailed`, money's.
        ///
        /// # Events
        /// `RoyaltyPaid`, `DefaultCured`, `FundsChanged`.
        #[ink(message, payable, name = "payHeld")]
        pub fn pay_held(&mut self, licence: In<0, Bytes32>, quarter: In<1, u32>, value: In<2, U256>) {
            act::pay(&of(&licence), quarter.get(), amount(&value), false)
        }

        /// Records that a quarter was not paid or not reported within the time of grace; of number zero, that the
        /// escrow was not filled up. An unreported quarter then owes the floor. After the end the escrow pays.
        ///
        /// # Who
        /// Anyone.
        ///
        /// # Errors
        /// `UnknownLicence`, `WrongStage`, `QuarterOutsideTerm`, `AlreadyRecorded`, `NotYet`, `NothingDue`, `Overflow`,
        /// `CurrencyCallFailed`.
        ///
        /// # Events
        /// `DueAssessed` where the quarter was not reported, with `DefaultCured` where that pays what its year owes,
        /// `DefaultRecorded`; after the end also `RoyaltyPaid`, `DefaultCured`, `Delivered`, `FundsChanged`.
        #[ink(message, name = "recordDefault")]
        pub fn record_default(&mut self, licence: In<0, Bytes32>, number: In<1, u32>) {
            act::record_default(&of(&licence), number.get())
        }

        /// Trues a licence year up after its last quarter: the shortfall moves from escrow to the pool (PAY-5).
        ///
        /// # Who
        /// Anyone.
        ///
        /// # Errors
        /// `UnknownLicence`, `WrongStage`, `GuaranteeNotInTerms`, `YearOutOfOrder`, `YearOutsideTerm`, `YearNotOver`,
        /// `CurrencyCallFailed`.
        ///
        /// # Events
        /// `YearTruedUp`, `DefaultRecorded`, `Delivered`, `FundsChanged`.
        #[ink(message, name = "trueUp")]
        pub fn true_up(&mut self, licence: In<0, Bytes32>, year: In<1, u32>) {
            act::true_up(&of(&licence), year.get())
        }

        /// Pays for the platform what the escrow lacked, all or part; what is too much is not taken or goes straight
        /// back. With a value of zero the escrow pays, after the end.
        ///
        /// # Who
        /// Anyone.
        ///
        /// # Errors
        /// `UnknownLicence`, `NothingDue`, `ZeroAmount`, `PayoutFailed`, money's.
        ///
        /// # Events
        /// `ShortfallPaid`, `DefaultCured`, `Delivered`, `FundsChanged`.
        #[ink(message, payable, name = "payShortfall")]
        pub fn pay_shortfall(&mut self, licence: In<0, Bytes32>, year: In<1, u32>, value: In<2, U256>) {
            act::pay_shortfall(&of(&licence), year.get(), amount(&value))
        }

        /// Certifies a milestone of Schedule B, numbered from zero, which releases its part of the escrow (PAY-5).
        ///
        /// # Who
        /// The pool's licensor, ARBITER_ROLE.
        ///
        /// # Errors
        /// `UnknownLicence`, `NotLicensor`, `PoolCallFailed`, `WrongStage`, `ZeroHash`, `UnknownMilestone`,
        /// `MilestoneAlreadyCertified`, `CurrencyCallFailed`.
        ///
        /// # Events
        /// `MilestoneCertified`, `Delivered`, `FundsChanged`.
        #[ink(message, name = "certifyMilestone")]
        pub fn certify_milestone(&mut self, licence: In<0, Bytes32>, index: In<1, u8>, evidence: In<2, Bytes32>) {
            act::certify_milestone(&of(&licence), index.get(), &evidence.get().0)
        }

        /// Pays the platform its own, after the end also the escrow's rest, and answers with how much.
        ///
        /// # Who
        /// The platform; anyone where `to` is the platform.
        ///
        /// # Errors
        /// `UnknownLicence`, `NotPlatform`, `NothingToRefund`, `UsageOpen(quarter)`, `PayoutFailed`, `Overflow`; in a
        /// token of the chain also `FloatMissing`, `BelowMinimum` as the pool says them.
        ///
        /// # Events
        /// `Refunded`, `FundsChanged`.
        #[ink(message)]
        pub fn refund(&mut self, licence: In<0, Bytes32>, to: In<1, Address>) -> U256 {
            act::refund(&of(&licence), &to.get().0)
        }

        /// Has the escrow's rest go to the pool, a year after the last deadline of a platform that is silent.
        ///
        /// # Who
        /// Anyone.
        ///
        /// # Errors
        /// `UnknownLicence`, `WrongStage`, `StillInForce`, `NothingDue`, `NotYet`, `TrueUpFirst(year)`,
        /// `UsageOpen(quarter)`, `Overflow`, `CurrencyCallFailed`.
        ///
        /// # Events
        /// `EscrowForfeited`, `Delivered`, `FundsChanged`.
        #[ink(message, name = "forfeitEscrow")]
        pub fn forfeit_escrow(&mut self, licence: In<0, Bytes32>) {
            act::forfeit_escrow(&of(&licence))
        }

        /// Offers the pool again what it did not take. In an ERC-20, native money may come along, and stays here for
        /// good: an allowance of a token of the chain needs some.
        ///
        /// # Who
        /// Anyone.
        ///
        /// # Errors
        /// `UnknownLicence`, `NothingHeld`, `WrongValue` where the currency is native, `CurrencyCallFailed`.
        ///
        /// # Events
        /// `Delivered`, `FundsChanged`.
        #[ink(message, payable)]
        pub fn deliver(&mut self, licence: In<0, Bytes32>, period: In<1, u32>) {
            act::deliver(&of(&licence), period.get())
        }

        /// Approves a contributor without shares, or takes it back.
        ///
        /// # Who
        /// AUDITOR_ROLE.
        ///
        /// # Errors
        /// `AccessControlUnauthorizedAccount`, `UnknownLicence`.
        ///
        /// # Events
        /// `ContributorApproved`.
        #[ink(message, name = "approveContributor")]
        pub fn approve(&mut self, licence: In<0, Bytes32>, contributor: In<1, Address>, approved: In<2, bool>) {
            act::approve_contributor(&of(&licence), &contributor.get().0, approved.get())
        }

        /// Asks for an audit of a quarter, or joins the open one; an account opens two per calendar year at most
        /// (LIC-3). Answers with the audit's number.
        ///
        /// # Who
        /// Who held a thousandth of the pool's votes at a `timepoint` (Unix seconds) in the quarter or since, and not
        /// before the licence began; contributors of the quarter whom the pool paid for their proof, and those whom an
        /// auditor approved, who name zero.
        ///
        /// # Answers
        /// `number`.
        ///
        /// # Errors
        /// `UnknownLicence`, `WrongStage`, `ZeroHash`, `NotAContributor`, `HeldBefore`, `QuarterOutsideTerm`,
        /// `QuarterNotOver`, `AlreadyDone`, `TooManyAudits`, `PoolCallFailed`.
        ///
        /// # Events
        /// `AuditRequested`; who joins an open one `AuditJoined`.
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

        /// Answers with the hashes of the platform's logs, manifests and training runs.
        ///
        /// # Who
        /// The platform.
        ///
        /// # Errors
        /// `UnknownLicence`, `NotPlatform`, `UnknownNumber`, `AlreadyDone`, `ZeroHash`.
        ///
        /// # Events
        /// `AuditAnswered`, `BreachRecorded` where it is late.
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

        /// Reports an audit; the platform owes the auditor's fee, above 5 % also expenses and what `applyFinding`
        /// corrects.
        ///
        /// # Who
        /// AUDITOR_ROLE.
        ///
        /// # Errors
        /// `AccessControlUnauthorizedAccount`, `UnknownLicence`, `UnknownNumber`, `AlreadyDone`, `AuditNotAnswered`,
        /// `InvalidBasisPoints`, `CostAboveCap`, `ZeroHash`, `AmountTooLarge`.
        ///
        /// # Events
        /// `AuditReported`.
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

        /// Has a quarter corrected by an audit that found more than 5 %, after the time to challenge it.
        ///
        /// # Who
        /// Anyone.
        ///
        /// # Errors
        /// `UnknownLicence`, `UnknownNumber`, `AlreadyDone`, `NothingDue`, `NotYet`, `Overflow`.
        ///
        /// # Events
        /// `UsageReported`, `DueAssessed`, `DefaultCured`; `DefaultRecorded` of the year.
        #[ink(message, name = "applyFinding")]
        pub fn apply_finding(&mut self, licence: In<0, Bytes32>, number: In<1, u32>) {
            act::apply_finding(&of(&licence), number.get())
        }

        /// Dismisses a violation (1) by its evidence's hash, or an audit's correction (2) by its number.
        ///
        /// # Who
        /// ARBITER_ROLE.
        ///
        /// # Errors
        /// `AccessControlUnauthorizedAccount`, `UnknownLicence`, `UnknownKind`, `NoCause`, `UnknownNumber`,
        /// `NothingDue`, `AlreadyDone`.
        ///
        /// # Events
        /// `Dismissed`.
        #[ink(message)]
        pub fn dismiss(&mut self, licence: In<0, Bytes32>, kind: In<1, u8>, which: In<2, Bytes32>) {
            act::dismiss(&of(&licence), kind.get(), &which.get().0)
        }

        /// Pays one of an audit's debts for the platform: the contributor's expenses, or else the auditor's fee. It is
        /// credited to them.
        ///
        /// # Who
        /// Anyone.
        ///
        /// # Errors
        /// `UnknownLicence`, `UnknownNumber`, `AlreadyDone`, `NothingDue`, money's.
        ///
        /// # Events
        /// `AuditPaid`, `FundsChanged`.
        #[ink(message, payable, name = "payAudit")]
        pub fn pay_audit(&mut self, licence: In<0, Bytes32>, number: In<1, u32>, expenses: In<2, bool>) {
            act::pay_audit(&of(&licence), number.get(), expenses.get())
        }

        /// Pays out to an account what was paid of an audit's debt: the expenses, or else the fee.
        ///
        /// # Who
        /// The audit's auditor, of the expenses its first contributor; anyone where `to` is that account, or the one
        /// that the pool pays in its place.
        ///
        /// # Errors
        /// `UnknownLicence`, `UnknownNumber`, `NotCreditor`, `NothingDue` where it is not paid yet, `AlreadyDone`,
        /// `TransferRestricted`, `PoolCallFailed`, `PayoutFailed`; in a token of the chain also `FloatMissing`,
        /// `BelowMinimum` as the pool says them.
        ///
        /// # Events
        /// `AuditWithdrawn`, `FundsChanged`.
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

        /// Records a sublicence (LIC-7). Answers with its number.
        ///
        /// # Who
        /// The platform.
        ///
        /// # Answers
        /// `number`.
        ///
        /// # Errors
        /// `UnknownLicence`, `NotPlatform`, `WrongStage`, `ZeroHash`, `SublicensingForbidden`, `UseProhibited`.
        ///
        /// # Events
        /// `SublicenceRecorded`.
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

        /// Alleges what the terms forbid and happened at `at` (Unix seconds); undismissed, it counts after 14 days.
        /// `kind`: 1 training after the window (LIC-6), 2 a prohibited use (LIC-9), 3 a forbidden sublicence (LIC-7),
        /// 4 use after the deletion (LIC-8), 5 a training run that is missing in the usage log or not as it says
        /// (ATT-2), where the terms name a metric.
        ///
        /// # Who
        /// ORACLE_ROLE.
        ///
        /// # Errors
        /// `AccessControlUnauthorizedAccount`, `UnknownLicence`, `WrongStage`, `UnknownKind`, `NotAViolation`,
        /// `ZeroHash`, `ViolationAlreadyRecorded`.
        ///
        /// # Events
        /// `ViolationRecorded`.
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

        /// Has personal data redacted, and names the version without it (LIC-10), or joins who named it before. Answers
        /// with the request's number.
        ///
        /// # Who
        /// The dataset's creator, the pool's licensor.
        ///
        /// # Answers
        /// `number`.
        ///
        /// # Errors
        /// `UnknownLicence`, `WrongStage`, `ZeroHash`, `DatasetNotLicensed`, `NotDatasetCreatorOrLicensor`,
        /// `NotANewVersion`, `ManifestsCallFailed`, `PoolCallFailed`.
        ///
        /// # Events
        /// `RedactionRequested`; who joins an open one `RedactionJoined`.
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

        /// Certifies a redaction.
        ///
        /// # Who
        /// The platform.
        ///
        /// # Errors
        /// `UnknownLicence`, `NotPlatform`, `UnknownNumber`, `AlreadyDone`, `ZeroHash`.
        ///
        /// # Events
        /// `RedactionCertified`, `BreachRecorded` where it is late.
        #[ink(message, name = "certifyRedaction")]
        pub fn certify_redaction(&mut self, licence: In<0, Bytes32>, number: In<1, u32>, certificate: In<2, Bytes32>) {
            act::certify_redaction(&of(&licence), number.get(), &certificate.get().0)
        }

        /// Records that something was not done in time.
        ///
        /// # Who
        /// Anyone.
        ///
        /// # Errors
        /// `UnknownLicence`, `WrongStage`, `UnknownKind`, `UnknownNumber`, `QuarterOutsideTerm`, `AlreadyRecorded`,
        /// `AlreadyDone`, `NotYet`.
        ///
        /// # Events
        /// `BreachRecorded`.
        #[ink(message, name = "recordBreach")]
        pub fn record_breach(&mut self, licence: In<0, Bytes32>, kind: In<1, u8>, number: In<2, u32>) {
            act::record_breach(&of(&licence), kind.get(), number.get())
        }

        /// Terminates, for convenience after the notice, for a cause or by order at once (LIC-8). A breach is named by
        /// its kind and number, a default by its number, a violation by the hash of its evidence.
        ///
        /// # Who
        /// For convenience the platform or the licensor, where the terms let it; for a cause the licensor; by order
        /// ARBITER_ROLE.
        ///
        /// # Errors
        /// `UnknownLicence`, `WrongStage`, `UnknownKind`, `TerminationNotAllowed`, `ZeroHash`, `UnknownNumber`,
        /// `NoCause`, `CureOpen`, `PaysFirst(owed, quarter)`, `TrueUpFirst(year)`, `PoolCallFailed`.
        ///
        /// # Events
        /// `LicenceTerminated`.
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

        /// Names the account that shall take the platform's place; zero takes that back.
        ///
        /// # Who
        /// The platform.
        ///
        /// # Errors
        /// `UnknownLicence`, `NotPlatform`.
        ///
        /// # Events
        /// `PlatformProposed`.
        #[ink(message, name = "proposePlatform")]
        pub fn propose_platform(&mut self, licence: In<0, Bytes32>, next: In<1, Address>) {
            act::propose_platform(&of(&licence), &next.get().0)
        }

        /// Takes the platform's place.
        ///
        /// # Who
        /// Whom the platform named.
        ///
        /// # Errors
        /// `UnknownLicence`, `NotPlatform`.
        ///
        /// # Events
        /// `PlatformChanged`.
        #[ink(message, name = "acceptPlatform")]
        pub fn accept_platform(&mut self, licence: In<0, Bytes32>) {
            act::accept_platform(&of(&licence))
        }

        /// Sets the key, name and witnesses of the platform's usage log, or rotates them. Answers with the epoch.
        ///
        /// # Who
        /// The platform.
        ///
        /// # Answers
        /// `epoch`.
        ///
        /// # Errors
        /// `UnknownLicence`, `NotPlatform`, `InvalidUsageLog(fault)`.
        ///
        /// # Events
        /// `UsageLogSet`.
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

        /// Puts a checkpoint of an epoch's usage log on chain, zero for the latest; the first stands.
        ///
        /// # Who
        /// The platform.
        ///
        /// # Errors
        /// `UnknownLicence`, `NotPlatform`, `ZeroHash`, `UnknownNumber` of the epoch, `OtherRoot`: the one got, the one
        /// anchored.
        ///
        /// # Events
        /// `CheckpointAnchored`, where it is new.
        #[ink(message)]
        pub fn anchor(&mut self, licence: In<0, Bytes32>, epoch: In<1, u32>, size: In<2, u64>, root: In<3, Bytes32>) {
            let (epoch, size, root) = (epoch.get(), size.get(), root.get().0);
            usage_log::anchor(&of(&licence), &Checkpoint { epoch, size, root })
        }

        /// Has the datasets' registry told that the licence is over.
        ///
        /// # Who
        /// Anyone.
        ///
        /// # Errors
        /// `UnknownLicence`, `WrongStage`, `StillInForce`, `AlreadyClosed`, `DatasetRefused`.
        ///
        /// # Events
        /// `LicenceClosed`.
        #[ink(message)]
        pub fn close(&mut self, licence: In<0, Bytes32>) {
            act::close(&self.manifests.0, &of(&licence))
        }

        /// Certifies that the platform deleted the data (LIC-8).
        ///
        /// # Who
        /// The platform.
        ///
        /// # Errors
        /// `UnknownLicence`, `NotPlatform`, `WrongStage`, `StillInForce`, `AlreadyDone`, `ZeroHash`.
        ///
        /// # Events
        /// `DeletionCertified`, `BreachRecorded` where it is late.
        #[ink(message, name = "certifyDeletion")]
        pub fn certify_deletion(&mut self, licence: In<0, Bytes32>, certificate: In<1, Bytes32>) {
            act::certify_deletion(&of(&licence), &certificate.get().0)
        }

        /// The datasets' registry.
        #[ink(message)]
        pub fn manifests(&self) -> Address {
            answer(&[address_word(&self.manifests.0)])
        }

        /// When a licence's stream in its pool ends (Unix seconds): nothing of the licence can be reported after it.
        /// 2^64 − 1 while it is not known, zero where there is no such licence.
        #[ink(message, name = "streamEnd")]
        pub fn stream_end(&self, licence: In<0, Bytes32>) -> u64 {
            views::stream_end(&licence.get().0)
        }

        /// What these figures of a quarter's usage would have the platform pay: what its due would rise to, less what
        /// is paid; at most what can move.
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

        /// A record as it is now, as the words of a tuple; zeros where there is none. `record` is a letter, and the
        /// words are those of the structure named here with it. Of a licence, whatever `which` is: `P` Parties, `S`
        /// State, `T` Times, `M` Money, `N` Counts, and `D` its datasets, or a menu's; of a menu `X` Menu. Where
        /// `which` is a number: `A` Audit, `L` Sublicence, `R` Redaction, `Q` Quarter and `U` Due of a quarter, `Y`
        /// Year of a licence year, `O` the words of an option, `G` UsageLog of an epoch, zero for the latest (no words
        /// where there is none). Where it is an account: `C` Standing. Where it is a hash: `V` Violation by that of its
        /// evidence; by a checkpoint's id, keccak-256 of the origin's bytes and the size as eight bytes, big-endian,
        /// `H` Anchor and `F` Agreed, what the accepted terms ask of a report of that checkpoint, with its anchor (no
        /// words before an acceptance).
        ///
        /// # Answers
        /// `words`.
        ///
        /// # Errors
        /// `UnknownLicence`, `UnknownKind`.
        #[ink(message, name = "recordOf")]
        pub fn record_of(&self, licence: In<0, Bytes32>, record: In<1, u8>, which: In<2, Bytes32>) -> Vec<Bytes32> {
            views::record(&licence.get().0, record.get(), &which.get().0)
        }
    }
}
