//! Registry of attribution reports: a committee's m-of-n ed25519 signatures are verified once per report, never per
//! claim; a challenge window with bonded disputes decides when a report is final.
//!
//! A thin shell: the game is [`yieldset_rules::dispute`], encoding and binding [`yieldset_rules::report`], keys
//! [`yieldset_rules::committee`]. Anyone may send a report; its signatures decide. The curve code is in the verifier
//! contract, so that pools, which ask for results with every claim, do not pay for it.
//! The stack has 4 KB: what handles records is not inlined into the dispatch, whose frame would have a place for all.
#![cfg_attr(not(feature = "std"), no_std, no_main)]

mod audits;
mod calls;
mod events;
mod game;
mod office;
mod posting;
mod purse;
mod refusals;
mod store;
mod views;

/// The contract.
#[yieldset_roles::roles(Attribution)]
#[ink::contract]
mod attribution {
    use crate::{
        audits,
        calls::leading_valid,
        events,
        game::{self, Ending},
        office, posting,
        purse::{self, Place},
        refusals::{InvalidTerms, NotBondOwner, VerifierFailed},
        store::{self, Config, Proposed},
        views,
    };
    use ink::{
        U256,
        prelude::vec::Vec,
        sol::{DynBytes, FixedBytes},
    };
    use yieldset_rules::{audit::Audit, dispute::MAX_SECONDS, math::BASIS_POINTS};
    use yieldset_shell::{
        access::{Role, role},
        answer::{answer, answer_number, done},
        host,
        refusals::OrRefuse,
        roles,
        words::{narrow, number_word, word},
    };

    type Bytes32 = FixedBytes<32>;

    /// Proposes committees and revokes keys.
    const COMMITTEE_ROLE: Role = role("COMMITTEE_ROLE");
    /// Rules on disputes.
    const ARBITER_ROLE: Role = role("ARBITER_ROLE");
    /// Posts audits.
    const AUDITOR_ROLE: Role = role("AUDITOR_ROLE");

    /// Storage: the packed [`Config`] in the root cell, which ink! reads anyway; all else has keys of its own.
    #[ink(storage)]
    pub struct Attribution {
        config: [u8; Config::LEN],
    }

    impl Attribution {
        /// A registry without reports, whose roles `admin` grants; the committee's epoch is 1. Times are in seconds,
        /// window and ruling time 1 second to 366 days, the delay at most 366 days; `bond` is the least bond, 1 to 2^95
        /// in units of 10^-18 of a pool's currency, `bond_bps` its part of what is contested, at most 10,000 basis
        /// points. `licences` is the licence contract that says what licences ask of their reports and what these owe,
        /// zero for none; no other is asked, whatever a pool names. Of all these nothing ever changes, nor does the
        /// verifier, which is asked once, so that an address that is none is refused at once.
        ///
        /// # Errors
        /// `AccessControlInvalidDefaultAdmin` for address zero, `InvalidTerms`, `InvalidCommittee`, `UnusableKey`,
        /// `VerifierFailed`.
        ///
        /// # Events
        /// `RoleGranted`, `CommitteeSet`.
        #[ink(constructor)]
        #[allow(clippy::too_many_arguments, reason = "what a registry is made of is said once, by name")]
        pub fn new(
            admin: Address,
            verifier: Address,
            licences: Address,
            keys: Vec<Bytes32>,
            threshold: u8,
            challenge_window: u64,
            ruling_time: u64,
            committee_delay: u64,
            bond: U256,
            bond_bps: u16,
        ) -> Self {
            let amount = narrow(bond).filter(|wei| *wei > 0 && *wei <= 1 << 95);
            let bond = amount.or_refuse(InvalidTerms {});
            let (window, ruling, delay) = (challenge_window, ruling_time, committee_delay);
            let (verifier, licences) = (verifier.0, licences.0);
            let config = Config { verifier, licences, window, ruling, delay, bond, bond_bps };
            if !config.terms().is_valid() || delay > MAX_SECONDS || bond_bps > BASIS_POINTS {
                InvalidTerms {}.refuse();
            }
            leading_valid(&config.verifier, &[], &[]).or_refuse(VerifierFailed {});
            roles::initialise(&admin.0);
            office::found(&config, &keys, threshold);
            Self { config: config.to_bytes() }
        }

        /// Accepts a report that is bound to this chain, registry, epoch and place in its stream and that `threshold`
        /// distinct committee keys signed: the first one of a period that is over and later than the stream's last, or
        /// the revision that a withdrawn report waits for. `signatures` are 1,152-byte entries: public key (32) ‖
        /// signature over the report's bytes (64) ‖ what the verifier is told besides. Answers with the report's
        /// keccak-256 hash; its challenge window begins.
        ///
        /// # Who
        /// Anyone; the signatures decide.
        ///
        /// # Answers
        /// `reportHash`.
        ///
        /// # Errors
        /// `MalformedReport`, `WrongChain`, `WrongContract`, `WrongEpoch`, `PeriodOutOfOrder`, `PeriodNotOver`,
        /// `RevisionOutOfOrder`, `PreviousMismatch`, `LogShrank`, `TooFewKeys`, `MalformedSignatures`, `UnknownKey`,
        /// `DuplicateSigner`, `NotEnoughSignatures`, `VerifierFailed`, `BadSignature`; where the stream is a licence of
        /// the registry's licence contract `WrongMetric`, `WrongThreshold`, `ErrorNotMeasured`,
        /// `TooManyFalseDiscoveries`, `TooManyTokens`, `NotAnchored`, `DrawnByWrongBlock`. The cheap checks come first,
        /// the signatures last.
        ///
        /// # Events
        /// `ReportPosted`.
        #[ink(message)]
        #[inline(never)]
        pub fn post(&mut self, report: DynBytes, signatures: DynBytes) -> Bytes32 {
            answer(&[posting::post(&self.config(), &report, &signatures)])
        }

        /// Disputes a pending report, for the reasons whose hash is given, with the bond that `bondFor` tells, which
        /// may have grown since to at most `max_bond`: of the chain's own money exactly that comes with the call, and
        /// what is not needed is owed back; of an ERC-20 the bond is pulled, and of one with a least balance the
        /// registry has that beside what it holds. Only this period is held back.
        ///
        /// # Who
        /// Anyone with the bond, while the window is open.
        ///
        /// # Errors
        /// `NoReport`, `NotPending`, `DisputesExhausted`, `WrongBond`, `BondAboveLimit`, `FloatMissing`,
        /// `CurrencyCallFailed`, `Overflow`.
        ///
        /// # Events
        /// `ReportDisputed`, before it `DisputeExpired` where the dispute before was never ruled on.
        #[ink(message, payable)]
        #[inline(never)]
        pub fn dispute(&mut self, pool: Address, stream: Bytes32, period: u32, reason: Bytes32, max_bond: U256) {
            let limit = narrow(max_bond).unwrap_or(u128::MAX);
            game::dispute(&self.config(), &place_of(&pool, &stream, period), reason.0, limit);
            done()
        }

        /// Adds a reason of the caller's own to the open dispute of this report, by its hash, for the arbiter to hear.
        /// So whoever has something to say is heard even where others have used the disputes up.
        ///
        /// # Who
        /// Anyone, without a bond, before the deadline.
        ///
        /// # Errors
        /// `NoReport`, `NotDisputed`, `DeadlinePassed`, `NotCurrentReport`, `ReasonMissing`.
        ///
        /// # Events
        /// `ReasonAdded`.
        #[ink(message, name = "addReason")]
        #[inline(never)]
        pub fn add_reason(
            &mut self,
            pool: Address,
            stream: Bytes32,
            period: u32,
            report_hash: Bytes32,
            reason: Bytes32,
        ) {
            game::add_reason(&place_of(&pool, &stream, period), &report_hash.0, &reason.0);
            done()
        }

        /// Matches a dispute's bond and stands for the report, which is named, so that nobody is bound to a revision in
        /// its place. The bond is taken as in `dispute`, and is at most `max_bond`.
        ///
        /// # Who
        /// Anyone but the challenger, before the deadline.
        ///
        /// # Errors
        /// `NoReport`, `NotDisputed`, `DeadlinePassed`, `NotCurrentReport`, `AlreadyDefended`, `IsParty`, `WrongBond`,
        /// `BondAboveLimit`, `FloatMissing`, `CurrencyCallFailed`, `Overflow`.
        ///
        /// # Events
        /// `DisputeDefended`.
        #[ink(message, payable)]
        #[inline(never)]
        pub fn defend(&mut self, pool: Address, stream: Bytes32, period: u32, report_hash: Bytes32, max_bond: U256) {
            let limit = narrow(max_bond).unwrap_or(u128::MAX);
            game::defend(&place_of(&pool, &stream, period), &report_hash.0, limit);
            done()
        }

        /// The arbiter agrees with the challenger: the report is withdrawn until the committee signs a revision of it.
        /// The bond goes back, and of a defender's half with it; the other half is kept for the period's money
        /// (`deliverBond`). The size of the report's log counts no more for those after it.
        ///
        /// # Who
        /// ARBITER_ROLE who is neither side, before the deadline.
        ///
        /// # Errors
        /// `AccessControlUnauthorizedAccount`, `NoReport`, `NotDisputed`, `DeadlinePassed`, `IsParty`.
        ///
        /// # Events
        /// `DisputeUpheld`, `BondKept` where a part of the bonds is the period's.
        #[ink(message)]
        #[inline(never)]
        pub fn uphold(&mut self, pool: Address, stream: Bytes32, period: u32) {
            roles::only(&ARBITER_ROLE);
            game::end(&self.config(), &place_of(&pool, &stream, period), Ending::Upheld);
            done()
        }

        /// The arbiter disagrees with the challenger: the rest of the challenge window runs on. The bond is kept for
        /// the period's money (`deliverBond`), half of it goes to a defender.
        ///
        /// # Who
        /// ARBITER_ROLE who is neither side, before the deadline; of the last possible dispute not before the window
        /// that it stopped would have ended: until then others add their reasons.
        ///
        /// # Errors
        /// `AccessControlUnauthorizedAccount`, `NoReport`, `NotDisputed`, `DeadlinePassed`, `IsParty`, `NotHeard`.
        ///
        /// # Events
        /// `DisputeRejected`, `BondKept`.
        #[ink(message)]
        #[inline(never)]
        pub fn reject(&mut self, pool: Address, stream: Bytes32, period: u32) {
            roles::only(&ARBITER_ROLE);
            game::end(&self.config(), &place_of(&pool, &stream, period), Ending::Rejected);
            done()
        }

        /// Nobody ruled until the deadline: the rest of the window runs from then on, even if nobody calls this, and
        /// each has its bond back.
        ///
        /// # Who
        /// Anyone, from the deadline on.
        ///
        /// # Errors
        /// `NoReport`, `NotDisputed`, `DeadlineNotReached`.
        ///
        /// # Events
        /// `DisputeExpired`.
        #[ink(message)]
        #[inline(never)]
        pub fn expire(&mut self, pool: Address, stream: Bytes32, period: u32) {
            game::end(&self.config(), &place_of(&pool, &stream, period), Ending::Expired);
            done()
        }

        /// Brings a period what disputes left it (`BondKept`), in the pool's currency; what the pool does not take
        /// waits until it is open or whatever else was in the way is not any more. Native money that comes along pays
        /// the deposit that some currencies want of an allowance; it is owed back to the caller. Answers with what the
        /// pool took.
        ///
        /// # Who
        /// Anyone, again and again.
        ///
        /// # Answers
        /// `amount`.
        ///
        /// # Errors
        /// `NothingKept`, `PoolRefused`, `CurrencyCallFailed`.
        ///
        /// # Events
        /// `BondDelivered`.
        #[ink(message, payable, name = "deliverBond")]
        #[inline(never)]
        pub fn deliver_bond(&mut self, pool: Address, stream: Bytes32, period: u32) -> U256 {
            answer(&[number_word(place_of(&pool, &stream, period).deliver())])
        }

        /// What waits for the pool to take it for a period, in the pool's currency.
        ///
        /// # Answers
        /// `currency`, `amount`.
        #[ink(message, name = "bondKept")]
        #[inline(never)]
        pub fn bond_kept(&self, pool: Address, stream: Bytes32, period: u32) -> (Address, U256) {
            views::kept(&place_of(&pool, &stream, period))
        }

        /// Pays out all of a currency that is owed to `account`, and answers with how much.
        ///
        /// # Who
        /// The account itself, to anywhere; anyone else, to the account only.
        ///
        /// # Answers
        /// `amount`.
        ///
        /// # Errors
        /// `NotBondOwner`, `NothingOwed`, `PayoutFailed`.
        ///
        /// # Events
        /// `BondWithdrawn`.
        #[ink(message, name = "withdrawBond")]
        #[inline(never)]
        pub fn withdraw_bond(&mut self, currency: Address, account: Address, to: Address) -> U256 {
            let caller = host::caller();
            if caller != account.0 && to != account {
                NotBondOwner { caller, account }.refuse();
            }
            let amount = purse::take(&currency.0, &account.0);
            events::BondWithdrawn { account, to, currency, amount }.emit();
            purse::pay(&currency.0, &to.0, amount);
            answer(&[number_word(amount)])
        }

        /// What an account can withdraw of a currency; the currency is zero for the chain's own money.
        #[ink(message, name = "bondOwed")]
        pub fn bond_owed(&self, currency: Address, account: Address) -> U256 {
            answer(&[number_word(store::owed(&currency.0, &account.0))])
        }

        /// The bond of the next dispute of a period's report, and what it is in; the currency is zero for the chain's
        /// own money.
        ///
        /// # Answers
        /// `currency`, `bond`.
        ///
        /// # Errors
        /// `Overflow`.
        #[ink(message, name = "bondFor")]
        #[inline(never)]
        pub fn bond_for(&self, pool: Address, stream: Bytes32, period: u32) -> (Address, U256) {
            views::price(&self.config(), &place_of(&pool, &stream, period))
        }

        /// What the contract holds of a currency, in two parts: bonds of open disputes, and what is owed to accounts
        /// and kept for periods.
        ///
        /// # Answers
        /// `locked`, `released`.
        #[ink(message)]
        #[inline(never)]
        pub fn holdings(&self, currency: Address) -> (U256, U256) {
            views::holdings(&currency.0)
        }

        /// Announces the next epoch's committee; it can take office after the delay. A proposal before it is replaced.
        ///
        /// # Who
        /// COMMITTEE_ROLE.
        ///
        /// # Errors
        /// `AccessControlUnauthorizedAccount`, `InvalidCommittee`, `RevokedKey`, `UnusableKey`, `VerifierFailed`.
        ///
        /// # Events
        /// `CommitteeProposed`.
        #[ink(message, name = "proposeCommittee")]
        pub fn propose_committee(&mut self, keys: Vec<Bytes32>, threshold: u8) {
            roles::only(&COMMITTEE_ROLE);
            office::propose(&self.config(), &keys, threshold);
            done()
        }

        /// Puts the proposed committee in office. From then on no key of an older epoch signs anything.
        ///
        /// # Who
        /// Anyone, once the delay is over.
        ///
        /// # Errors
        /// `NothingProposed`, `NotEffectiveYet`, `TooFewKeys`.
        ///
        /// # Events
        /// `CommitteeSet`.
        #[ink(message, name = "activateCommittee")]
        pub fn activate_committee(&mut self) {
            office::activate();
            done()
        }

        /// Revokes a key at once and for good: it leaves the committee in office and the proposed one, and can be in no
        /// later one. The threshold stays; with fewer keys than that nothing can be posted until another committee is
        /// in office.
        ///
        /// # Who
        /// COMMITTEE_ROLE.
        ///
        /// # Errors
        /// `AccessControlUnauthorizedAccount`, `RevokedKey`, `UnknownKey` to both committees.
        ///
        /// # Events
        /// `KeyRevoked`.
        #[ink(message, name = "revokeKey")]
        pub fn revoke_key(&mut self, key: Bytes32) {
            roles::only(&COMMITTEE_ROLE);
            office::revoke(&key);
            done()
        }

        /// The committee in office, revoked keys left out.
        ///
        /// # Answers
        /// `epoch`, `threshold`, `keys`.
        #[ink(message)]
        pub fn committee(&self) -> (u32, u8, Vec<Bytes32>) {
            let committee = store::committee();
            views::committee(word(committee.epoch), Some(&committee))
        }

        /// The proposed committee, revoked keys left out, and from when on it can take office (Unix seconds); all zero
        /// where there is none.
        ///
        /// # Answers
        /// `effectiveAt`, `threshold`, `keys`.
        #[ink(message, name = "proposedCommittee")]
        pub fn proposed_committee(&self) -> (u64, u8, Vec<Bytes32>) {
            let proposed = store::proposed();
            let at = proposed.map_or(0, |proposed| proposed.effective_at);
            views::committee(word(at), proposed.as_ref().map(Proposed::committee).as_ref())
        }

        /// An epoch's committee as it took office, at that second (Unix). Of keys that were revoked since the bits are
        /// set, the first key's the lowest. All zero where there was no such epoch.
        ///
        /// # Answers
        /// `since`, `threshold`, `keys`, `revoked`.
        #[ink(message, name = "committeeOf")]
        pub fn committee_of(&self, epoch: u32) -> (u64, u8, Vec<Bytes32>, u16) {
            views::committee_of(epoch)
        }

        /// Whether a key was revoked.
        #[ink(message, name = "isRevoked")]
        pub fn is_revoked(&self, key: Bytes32) -> bool {
            answer_number(store::is_revoked(&key.0))
        }

        /// Records what a Shapley-lite audit of a period's current report found: hash of its document, seed of the
        /// sample and its size, largest deviation of a weight and the confidence in it, both in millionths. Answers
        /// with the audit's number among those of the report, from 0.
        ///
        /// # Who
        /// AUDITOR_ROLE.
        ///
        /// # Answers
        /// `index`.
        ///
        /// # Errors
        /// `AccessControlUnauthorizedAccount`, `NoReport`, `NotCurrentReport`, `InvalidAudit`.
        ///
        /// # Events
        /// `AuditPosted`.
        #[ink(message, name = "postAudit")]
        #[allow(clippy::too_many_arguments, reason = "an audit is these figures")]
        #[inline(never)]
        pub fn post_audit(
            &mut self,
            pool: Address,
            stream: Bytes32,
            period: u32,
            report_hash: Bytes32,
            audit_hash: Bytes32,
            seed: Bytes32,
            samples: u32,
            max_deviation: u32,
            confidence: u32,
        ) -> u32 {
            let auditor = roles::only(&AUDITOR_ROLE);
            let (hash, seed, posted_at) = (audit_hash.0, seed.0, host::now());
            let audit = Audit { hash, seed, samples, max_deviation, confidence, auditor, posted_at };
            answer_number(audits::post(&place_of(&pool, &stream, period), report_hash.0, &audit))
        }

        /// Number of audits of a report, by its hash.
        #[ink(message, name = "auditCount")]
        pub fn audit_count(&self, report_hash: Bytes32) -> u32 {
            answer_number(store::audits(&report_hash.0))
        }

        /// A report's audit, counted from 0, posted at that time (Unix seconds); all zero where there is none.
        ///
        /// # Answers
        /// `auditHash`, `seed`, `samples`, `maxDeviation`, `confidence`, `auditor`, `postedAt`.
        #[ink(message, name = "auditOf")]
        #[allow(clippy::type_complexity, reason = "the ABI's type")]
        #[inline(never)]
        pub fn audit_of(&self, report_hash: Bytes32, index: u32) -> (Bytes32, Bytes32, u32, u32, u32, Address, u64) {
            views::audit(&report_hash.0, index)
        }

        /// What holds of a period, for whoever pays by it: state 0 no report, 1 in its challenge window, 2 disputed or
        /// withdrawn, 3 final; by the clock, without anybody having to call. Only a final root never changes.
        ///
        /// # Answers
        /// `state`, `weightsRoot`.
        #[ink(message, name = "resultOf")]
        #[inline(never)]
        pub fn result_of(&self, pool: Address, stream: Bytes32, period: u32) -> (u8, Bytes32) {
            views::result(&place_of(&pool, &stream, period))
        }

        /// Where a period is in the game: phase 0 no report, 1 open until its window ends, 2 disputed with its
        /// deadline, 3 withdrawn at that time, waiting for the next revision; times in Unix seconds. All from the
        /// challenger on are the last dispute's; the currency is zero for the chain's own money.
        ///
        /// # Answers
        /// `phase`, `revision`, `until`, `challenger`, `reason`, `disputes`, `defender`, `currency`, `bond`.
        #[ink(message, name = "disputeOf")]
        #[allow(clippy::type_complexity, reason = "the ABI's type")]
        #[inline(never)]
        pub fn dispute_of(
            &self,
            pool: Address,
            stream: Bytes32,
            period: u32,
        ) -> (u8, u32, u64, Address, Bytes32, u8, Address, Address, U256) {
            views::dispute(&place_of(&pool, &stream, period))
        }

        /// Figures of a period, for whoever charges by it, once the state is 3: the state as in `resultOf`; the metric
        /// as in a licence's terms, keccak-256 of its name and its version (four bytes, big-endian); the threshold in
        /// millionths. Zero where there is no report; only those of a final one never change.
        ///
        /// # Answers
        /// `state`, `revision`, `reportHash`, `metric`, `threshold`, `attributedTokens`, `qualifyingCalls`.
        #[ink(message, name = "figuresOf")]
        #[allow(clippy::type_complexity, reason = "the ABI's type")]
        #[inline(never)]
        pub fn figures_of(
            &self,
            pool: Address,
            stream: Bytes32,
            period: u32,
        ) -> (u8, u32, Bytes32, Bytes32, u32, U256, u64) {
            views::figures(&place_of(&pool, &stream, period))
        }

        /// A period's place in its stream: state and root as in `resultOf`, then its neighbours among the stream's
        /// reported periods, zero for none, whether or not it was reported itself.
        ///
        /// # Answers
        /// `state`, `weightsRoot`, `previousPeriod`, `nextPeriod`.
        #[ink(message, name = "placeOf")]
        #[inline(never)]
        pub fn place_of(&self, pool: Address, stream: Bytes32, period: u32) -> (u8, Bytes32, u32, u32) {
            views::neighbours(&place_of(&pool, &stream, period))
        }

        /// The end of a stream: its latest period; hash of the report accepted last, which the next one must name (a
        /// revision where one came last); the least log that the next one may be computed from, which is that report's,
        /// or after a withdrawal at most what it was before the withdrawn report. Zero where there is none.
        ///
        /// # Answers
        /// `period`, `reportHash`, `logSize`.
        #[ink(message)]
        #[inline(never)]
        pub fn latest(&self, pool: Address, stream: Bytes32) -> (u32, Bytes32, u64) {
            views::latest(&pool.0, &stream.0)
        }

        /// A period's current revision, final or not; the time in Unix seconds. Zero where there is no report.
        ///
        /// # Answers
        /// `reportHash`, `weightsRoot`, `postedAt`.
        #[ink(message, name = "reportOf")]
        #[inline(never)]
        pub fn report_of(&self, pool: Address, stream: Bytes32, period: u32) -> (Bytes32, Bytes32, u64) {
            views::report(&place_of(&pool, &stream, period))
        }

        /// What is fixed for good: verifier, licence contract, times in seconds, the least bond in units of 10^-18 of a
        /// pool's currency, and its part of what is contested in basis points.
        ///
        /// # Answers
        /// `verifier`, `licences`, `challengeWindow`, `rulingTime`, `committeeDelay`, `bond`, `bondBps`.
        #[ink(message)]
        #[inline(never)]
        pub fn terms(&self) -> (Address, Address, u64, u64, u64, U256, u16) {
            views::terms(&self.config())
        }

        #[inline(never)]
        fn config(&self) -> Config {
            Config::from_bytes(&self.config)
        }
    }

    /// Which (stream, period) of which pool.
    fn place_of<'a>(pool: &'a Address, stream: &'a Bytes32, period: u32) -> Place<'a> {
        Place { pool: &pool.0, stream: &stream.0, period }
    }
}
