//! Registry of attribution reports: a committee's m-of-n ed25519 signatures are verified once per report, never per
//! claim; a challenge window with bonded disputes decides when a report is final.
//!
//! A thin shell: the game is [`yieldset_rules::dispute`], encoding and binding [`yieldset_rules::report`], keys
//! [`yieldset_rules::committee`]. Anyone may send a report; its signatures decide. The curve code is in the verifier
//! contract, so that pools, which ask for results with every claim, do not pay for it.
//! The stack has 4 KB: what handles records is not inlined into the dispatch, whose frame would have a place for all.
#![cfg_attr(not(feature = "std"), no_std, no_main)]

mod answers;
mod audits;
mod errors;
mod events;
mod office;
mod purse;
mod store;

/// The contract.
#[ink::contract]
mod attribution {
    use crate::{
        answers::{CommitteeView, Words},
        audits,
        errors::{Error, accept, disputed, refuse},
        events, office,
        purse::{self, Place},
        store::{self, Config, Reported},
    };
    use ink::{
        U256,
        prelude::vec::Vec,
        sol::{DynBytes, FixedBytes},
    };
    use yieldset_rules::{
        audit::Audit,
        committee::{Committee, entry_key},
        dispute::{DisputeError, MAX_SECONDS, Stake, Standing},
        math::BASIS_POINTS,
        report::{Binding, Last, Report, SIGNATURE_ENTRY},
    };
    use yieldset_shell::{
        access::{self, Role, role},
        host,
        words::{address_word, narrow, number_word},
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
        /// A registry without reports; the committee's epoch is 1. Times are in seconds; `bond` is the least bond, in
        /// units of 10^-18 of a pool's currency, `bond_bps` its part of what is contested. The verifier is asked once,
        /// so that an address that is none is refused at once.
        ///
        /// # Errors
        /// `InvalidCommittee`, `UnusableKey`, `InvalidTerms`, `VerifierFailed`.
        #[ink(constructor)]
        #[allow(clippy::too_many_arguments, reason = "what a registry is made of is said once, by name")]
        pub fn new(
            admin: Address,
            verifier: Address,
            keys: Vec<Bytes32>,
            threshold: u8,
            challenge_window: u64,
            ruling_time: u64,
            committee_delay: u64,
            bond: U256,
            bond_bps: u16,
        ) -> Result<Self, Error> {
            let amount = narrow(bond).filter(|wei| *wei > 0 && *wei <= 1 << 95);
            let Some(bond) = amount else { refuse(Error::InvalidTerms()) };
            let (window, ruling, delay) = (challenge_window, ruling_time, committee_delay);
            let config = Config { verifier: verifier.0, window, ruling, delay, bond, bond_bps };
            if !config.terms().is_valid() || delay > MAX_SECONDS || bond_bps > BASIS_POINTS {
                refuse(Error::InvalidTerms());
            }
            if store::leading_valid(&config.verifier, &[], &[]) != Some(0) {
                refuse(Error::VerifierFailed());
            }
            access::initialise(&admin.0);
            office::found(&config, &keys, threshold);
            Ok(Self { config: config.to_bytes() })
        }

        /// Accepts a report that is bound to this chain, registry, epoch and place in its stream and that `threshold`
        /// distinct committee keys signed: the first one of a period that is over and later than the stream's last, or
        /// the revision that a withdrawn report waits for. `signatures` are 1,152-byte entries: public key ‖ signature
        /// over the report's bytes ‖ what the verifier is told besides. Returns the report's keccak-256 hash; its
        /// challenge window begins.
        ///
        /// # Errors
        /// `MalformedReport`, `WrongChain`, `WrongContract`, `WrongEpoch`, `PeriodOutOfOrder`, `PeriodNotOver`,
        /// `RevisionOutOfOrder`, `PreviousMismatch`, `LogShrank`, `TooFewKeys`, `MalformedSignatures`, `UnknownKey`,
        /// `DuplicateSigner`, `NotEnoughSignatures`, `VerifierFailed`, `BadSignature`. The cheap checks come first, the
        /// signatures last.
        #[ink(message)]
        #[inline(never)]
        pub fn post(&mut self, report: DynBytes, signatures: DynBytes) -> Result<Bytes32, Error> {
            let parsed = Report::from_bytes(&report).unwrap_or_else(|code| refuse(Error::MalformedReport(code as u8)));
            let stream_key = store::stream_key(&parsed.pool, &parsed.stream);
            let period_key = store::period_key(&parsed.pool, &parsed.stream, parsed.period);
            let (committee, last) = (store::committee(), store::last(&stream_key));
            let (mut reported, now) = (store::reported(&period_key), host::now());
            let binding = Binding {
                chain_id: host::chain_id(),
                registry: host::own_address(),
                epoch: committee.epoch,
                last,
                next_revision: reported.standing.next_revision(),
                now,
            };
            accept(binding.check(&parsed));
            let config = self.config();
            let quorum = accept(committee.quorum(&signatures));
            match store::leading_valid(&config.verifier, &report, quorum) {
                None => refuse(Error::VerifierFailed()),
                Some(valid) => {
                    if let Some(entry) = quorum.chunks_exact(SIGNATURE_ENTRY).nth(valid) {
                        refuse(Error::BadSignature(entry_key(entry).into()));
                    }
                }
            }
            let hash = host::keccak256(&report);
            let end = last.unwrap_or_default();
            if parsed.revision == 0 && end.period != 0 {
                reported.previous = end.period;
                let before = store::period_key(&parsed.pool, &parsed.stream, end.period);
                store::set_reported(&before, &Reported { next: parsed.period, ..store::reported(&before) });
            }
            let root = parsed.weights_root();
            reported.standing = Standing::posted(hash, root, parsed.revision, now, &config.terms());
            reported.figures = parsed.figures(host::keccak256);
            host::write(&stream_key, &end.after(&parsed, hash).to_bytes());
            store::set_reported(&period_key, &reported);
            events::report_posted(&parsed, &reported.standing, &report);
            Ok(hash.into())
        }

        /// Disputes a pending report, for the reasons whose hash is given, with the bond that `bondFor` tells, which
        /// may have grown since to at most `max_bond`: of the chain's own money exactly that comes with the call, and
        /// what is not needed is owed back; of an ERC-20 the bond is pulled. Only this period is held back.
        ///
        /// # Errors
        /// `NoReport`, `NotPending`, `DisputesExhausted`, `WrongBond`, `BondAboveLimit`.
        #[ink(message, payable)]
        #[inline(never)]
        pub fn dispute(
            &mut self,
            pool: Address,
            stream: Bytes32,
            period: u32,
            reason: Bytes32,
            max_bond: U256,
        ) -> Result<(), Error> {
            let (config, place) = (self.config(), Place { pool: &pool.0, stream: &stream.0, period });
            let key = store::period_key(&pool.0, &stream.0, period);
            let mut reported = store::reported(&key);
            let (currency, bond) = place.price(&config, &reported);
            let stake = Stake { challenger: host::caller(), reason: reason.0, bond, currency };
            let lapsed = disputed(&stream, period, reported.standing.dispute(&stake, host::now(), &config.terms()));
            store::set_reported(&key, &reported);
            if let Some((old, verdict)) = lapsed {
                events::expired(&place, &old, old.until.saturating_add(old.left), &verdict);
                place.settle(&old, &verdict);
            }
            purse::collect(&currency, bond, narrow(max_bond).unwrap_or(u128::MAX));
            events::report_disputed(&place, &reported.standing);
            Ok(())
        }

        /// Matches a dispute's bond and stands for the report: with exactly the bond.
        ///
        /// # Errors
        /// `NoReport`, `NotDisputed`, `DeadlinePassed`, `AlreadyDefended`, `IsParty`, `WrongBond`.
        #[ink(message, payable)]
        #[inline(never)]
        pub fn defend(&mut self, pool: Address, stream: Bytes32, period: u32) -> Result<(), Error> {
            let caller = host::caller();
            let (standing, ()) = step(pool, stream, period, |standing| standing.defend(caller, host::now()));
            purse::collect(&standing.currency, standing.bond, standing.bond);
            events::defended(&Place { pool: &pool.0, stream: &stream.0, period }, &standing);
            Ok(())
        }

        /// The arbiter agrees with the challenger: the report is withdrawn until the committee signs a revision of it.
        /// The bond goes back, and of a defender's half with it; the other half goes into the period's money.
        ///
        /// # Errors
        /// `AccessControlUnauthorizedAccount`, `NoReport`, `NotDisputed`, `DeadlinePassed`, `IsParty`.
        #[ink(message)]
        #[inline(never)]
        pub fn uphold(&mut self, pool: Address, stream: Bytes32, period: u32) -> Result<(), Error> {
            let arbiter = authorised(&ARBITER_ROLE);
            let (standing, verdict) = step(pool, stream, period, |standing| standing.uphold(arbiter, host::now()));
            let place = Place { pool: &pool.0, stream: &stream.0, period };
            events::ruled(events::topic::UPHELD, &place, &standing, &arbiter, &[], &verdict);
            place.settle(&standing, &verdict);
            Ok(())
        }

        /// The arbiter disagrees with the challenger: the rest of the challenge window runs on. The bond goes into the
        /// period's money, half of it to a defender.
        ///
        /// # Errors
        /// Those of `uphold`.
        #[ink(message)]
        #[inline(never)]
        pub fn reject(&mut self, pool: Address, stream: Bytes32, period: u32) -> Result<(), Error> {
            let arbiter = authorised(&ARBITER_ROLE);
            let (standing, verdict) = step(pool, stream, period, |standing| standing.reject(arbiter, host::now()));
            let place = Place { pool: &pool.0, stream: &stream.0, period };
            let until = [number_word(standing.until.into())];
            events::ruled(events::topic::REJECTED, &place, &standing, &arbiter, &until, &verdict);
            place.settle(&standing, &verdict);
            Ok(())
        }

        /// Nobody ruled until the deadline: the rest of the window runs from then on, and each has its bond back. For
        /// anybody to call; time goes on even if nobody does.
        ///
        /// # Errors
        /// `NoReport`, `NotDisputed`, `DeadlineNotReached`.
        #[ink(message)]
        #[inline(never)]
        pub fn expire(&mut self, pool: Address, stream: Bytes32, period: u32) -> Result<(), Error> {
            let (standing, verdict) = step(pool, stream, period, |standing| standing.expire(host::now()));
            let place = Place { pool: &pool.0, stream: &stream.0, period };
            events::expired(&place, &standing, standing.until, &verdict);
            place.settle(&standing, &verdict);
            Ok(())
        }

        /// Pays out all of a currency that is owed to `account`. The account itself says where to; anybody else can
        /// only have it sent to the account.
        ///
        /// # Errors
        /// `NotBondOwner`, `NothingOwed`, `PayoutFailed`.
        #[ink(message, name = "withdrawBond")]
        #[inline(never)]
        pub fn withdraw_bond(&mut self, currency: Address, account: Address, to: Address) -> Result<U256, Error> {
            let caller = host::caller();
            if caller != account.0 && to != account {
                refuse(Error::NotBondOwner(caller.into(), account));
            }
            let amount = purse::take(&currency.0, &account.0);
            events::bond_withdrawn(&currency, &account, &to, amount);
            purse::pay(&currency.0, &to.0, amount);
            Ok(amount.into())
        }

        /// What an account can withdraw of a currency; zero for the chain's own money.
        #[ink(message, name = "bondOwed")]
        pub fn bond_owed(&self, currency: Address, account: Address) -> Words<1, U256> {
            Words::new([number_word(store::owed(&currency.0, &account.0))])
        }

        /// `(currency, bond)` of the next dispute of a period's report.
        #[ink(message, name = "bondFor")]
        #[inline(never)]
        pub fn bond_for(&self, pool: Address, stream: Bytes32, period: u32) -> Words<2, (Address, U256)> {
            let place = Place { pool: &pool.0, stream: &stream.0, period };
            let reported = store::reported(&store::period_key(&pool.0, &stream.0, period));
            let (currency, bond) = place.price(&self.config(), &reported);
            Words::new([address_word(&currency), number_word(bond)])
        }

        /// `(locked, released)` of a currency: bonds of open disputes, and what is owed to accounts. The contract holds
        /// their sum.
        #[ink(message)]
        #[inline(never)]
        pub fn holdings(&self, currency: Address) -> Words<2, (U256, U256)> {
            let bonds = store::bonds(&currency.0);
            Words::new([bonds.locked, bonds.released].map(number_word))
        }

        /// Announces the next epoch's committee; it can take office after the delay. A proposal before it is replaced.
        ///
        /// # Errors
        /// `AccessControlUnauthorizedAccount`, `InvalidCommittee`, `RevokedKey`, `UnusableKey`, `VerifierFailed`.
        #[ink(message, name = "proposeCommittee")]
        pub fn propose_committee(&mut self, keys: Vec<Bytes32>, threshold: u8) -> Result<(), Error> {
            authorised(&COMMITTEE_ROLE);
            office::propose(&self.config(), &keys, threshold);
            Ok(())
        }

        /// Puts the proposed committee in office, for anybody to call once its time has come. From then on no key of an
        /// older epoch signs anything.
        ///
        /// # Errors
        /// `NothingProposed`, `NotEffectiveYet`, `TooFewKeys`.
        #[ink(message, name = "activateCommittee")]
        pub fn activate_committee(&mut self) -> Result<(), Error> {
            office::activate();
            Ok(())
        }

        /// Revokes a key at once and for good: it leaves the committee in office and the proposed one, and can be in no
        /// later one. The threshold stays; with fewer keys than that nothing can be posted until another committee is
        /// in office.
        ///
        /// # Errors
        /// `AccessControlUnauthorizedAccount`, `RevokedKey`, `UnknownKey`.
        #[ink(message, name = "revokeKey")]
        pub fn revoke_key(&mut self, key: Bytes32) -> Result<(), Error> {
            authorised(&COMMITTEE_ROLE);
            office::revoke(&key);
            Ok(())
        }

        /// `(epoch, threshold, keys)` of the committee in office, revoked keys left out.
        #[ink(message)]
        pub fn committee(&self) -> CommitteeView<u32> {
            let committee = store::committee();
            CommitteeView::new(committee.epoch.into(), Some(&committee))
        }

        /// `(effectiveAt, threshold, keys)` of the proposed committee, revoked keys left out; all zero where there is
        /// none.
        #[ink(message, name = "proposedCommittee")]
        pub fn proposed_committee(&self) -> CommitteeView<u64> {
            let proposed = store::proposed();
            let committee = proposed.map(|proposed| Committee::from_bytes(&proposed.committee));
            CommitteeView::new(proposed.map_or(0, |proposed| proposed.effective_at), committee.as_ref())
        }

        /// Whether a key was revoked.
        #[ink(message, name = "isRevoked")]
        pub fn is_revoked(&self, key: Bytes32) -> bool {
            store::is_revoked(&key.0)
        }

        /// Records what a Shapley-lite audit of a period's current report found: hash of its document, seed of the
        /// sample and its size, largest deviation of a weight and the confidence in it, both in millionths. Answers
        /// with the audit's number among those of the report.
        ///
        /// # Errors
        /// `AccessControlUnauthorizedAccount`, `NoReport`, `NotCurrentReport`, `InvalidAudit`.
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
        ) -> Result<u32, Error> {
            let auditor = authorised(&AUDITOR_ROLE);
            let (hash, seed, posted_at) = (audit_hash.0, seed.0, host::now());
            let audit = Audit { hash, seed, samples, max_deviation, confidence, auditor, posted_at };
            Ok(audits::post(&Place { pool: &pool.0, stream: &stream.0, period }, report_hash, &audit))
        }

        /// Number of audits of a report, by its hash.
        #[ink(message, name = "auditCount")]
        pub fn audit_count(&self, report_hash: Bytes32) -> u32 {
            store::audits(&report_hash.0)
        }

        /// `(auditHash, seed, samples, maxDeviation, confidence, auditor, postedAt)` of a report's audit, counted from
        /// 0; all zero where there is none.
        #[ink(message, name = "auditOf")]
        #[allow(clippy::type_complexity, reason = "the ABI's type")]
        #[inline(never)]
        pub fn audit_of(
            &self,
            report_hash: Bytes32,
            index: u32,
        ) -> Words<7, (Bytes32, Bytes32, u32, u32, u32, Address, u64)> {
            let audit = store::audit(&report_hash.0, index).unwrap_or_default();
            Words::new(events::audit_words(&audit))
        }

        /// `(state, weightsRoot)` of a period, for whoever pays by it: 0 no report, 1 in its challenge window, 2
        /// disputed or withdrawn, 3 final. Only a final root never changes.
        #[ink(message, name = "resultOf")]
        #[inline(never)]
        pub fn result_of(&self, pool: Address, stream: Bytes32, period: u32) -> Words<2, (u8, Bytes32)> {
            let standing = period_of(pool, stream, period);
            Words::new([number_word(standing.state(host::now()) as u128), standing.weights_root])
        }

        /// `(phase, revision, until, challenger, reason, disputes, defender, currency, bond)`: phase 0 no report, 1
        /// open until its window ends, 2 disputed with its deadline, 3 withdrawn at that time, waiting for the next
        /// revision. All from the challenger on are the last dispute's.
        #[ink(message, name = "disputeOf")]
        #[allow(clippy::type_complexity, reason = "the ABI's type")]
        #[inline(never)]
        pub fn dispute_of(
            &self,
            pool: Address,
            stream: Bytes32,
            period: u32,
        ) -> Words<9, (u8, u32, u64, Address, Bytes32, u8, Address, Address, U256)> {
            let s = period_of(pool, stream, period);
            let [phase, revision, until, disputes] =
                [s.phase.into(), s.revision.into(), s.until.into(), s.disputes.into()].map(number_word);
            let [challenger, defender, currency] = [s.challenger, s.defender, s.currency].map(|at| address_word(&at));
            let bond = number_word(s.bond);
            Words::new([phase, revision, until, challenger, s.reason, disputes, defender, currency, bond])
        }

        /// `(state, revision, reportHash, metric, threshold, attributedTokens, qualifyingCalls)` of a period, for
        /// whoever charges by it: the state as in `resultOf`; the metric's name and version as licences have them;
        /// the threshold in millionths. Zero where there is no report; only those of a final one never change.
        #[ink(message, name = "figuresOf")]
        #[allow(clippy::type_complexity, reason = "the ABI's type")]
        #[inline(never)]
        pub fn figures_of(
            &self,
            pool: Address,
            stream: Bytes32,
            period: u32,
        ) -> Words<7, (u8, u32, Bytes32, Bytes32, u32, U256, u64)> {
            let Reported { standing: s, figures: f, .. } =
                store::reported(&store::period_key(&pool.0, &stream.0, period));
            let [state, revision, threshold, tokens, calls] = [
                s.state(host::now()) as u128,
                s.revision.into(),
                f.threshold.into(),
                f.attributed_tokens.into(),
                f.qualifying_calls.into(),
            ]
            .map(number_word);
            Words::new([state, revision, s.hash, f.metric, threshold, tokens, calls])
        }

        /// `(state, weightsRoot, previousPeriod, nextPeriod)` of a period: the first two as in `resultOf`, then its
        /// neighbours among the stream's reported periods, zero for none.
        #[ink(message, name = "placeOf")]
        #[inline(never)]
        pub fn place_of(&self, pool: Address, stream: Bytes32, period: u32) -> Words<4, (u8, Bytes32, u32, u32)> {
            let standing = period_of(pool, stream, period);
            let (before, after) = store::neighbours(&pool.0, &stream.0, period);
            let state = number_word(standing.state(host::now()) as u128);
            Words::new([state, standing.weights_root, number_word(before.into()), number_word(after.into())])
        }

        /// `(period, reportHash, logSize)`: the stream's latest period, and hash and log size of the report accepted
        /// last, which the next one must name (a revision where one came last). Zero where there is none.
        #[ink(message)]
        #[inline(never)]
        pub fn latest(&self, pool: Address, stream: Bytes32) -> Words<3, (u32, Bytes32, u64)> {
            let Last { period, log_size, hash } =
                store::last(&store::stream_key(&pool.0, &stream.0)).unwrap_or_default();
            Words::new([number_word(period.into()), hash, number_word(log_size.into())])
        }

        /// `(reportHash, weightsRoot, postedAt)` of a period's current revision, final or not; the time in Unix
        /// seconds. Zero where there is no report.
        #[ink(message, name = "reportOf")]
        #[inline(never)]
        pub fn report_of(&self, pool: Address, stream: Bytes32, period: u32) -> Words<3, (Bytes32, Bytes32, u64)> {
            let standing = period_of(pool, stream, period);
            Words::new([standing.hash, standing.weights_root, number_word(standing.posted_at.into())])
        }

        /// Root over (contributor, weight) of a period's current revision, final or not; zero where there is none.
        #[ink(message, name = "weightsRoot")]
        pub fn weights_root(&self, pool: Address, stream: Bytes32, period: u32) -> Bytes32 {
            period_of(pool, stream, period).weights_root.into()
        }

        /// `(verifier, challengeWindow, rulingTime, committeeDelay, bond, bondBps)`: seconds, the least bond in units
        /// of 10^-18, and its part of what is contested in basis points.
        #[ink(message)]
        #[inline(never)]
        pub fn terms(&self) -> Words<6, (Address, u64, u64, u64, U256, u16)> {
            let c = self.config();
            let [window, ruling, delay, bond, bps] =
                [c.window.into(), c.ruling.into(), c.delay.into(), c.bond, c.bond_bps.into()].map(number_word);
            Words::new([address_word(&c.verifier), window, ruling, delay, bond, bps])
        }

        /// OpenZeppelin AccessControl.
        #[ink(message, name = "hasRole")]
        pub fn has_role(&self, role: Bytes32, account: Address) -> bool {
            access::has_role(&role.0, &account.0)
        }

        /// OpenZeppelin AccessControl: the default admin, role zero, for every role.
        #[ink(message, name = "getRoleAdmin")]
        pub fn get_role_admin(&self, role: Bytes32) -> Bytes32 {
            let _ = role;
            access::DEFAULT_ADMIN_ROLE.into()
        }

        /// OpenZeppelin AccessControl.
        ///
        /// # Errors
        /// `AccessControlUnauthorizedAccount`, `AccessControlEnforcedDefaultAdminRules`.
        #[ink(message, name = "grantRole")]
        pub fn grant_role(&mut self, role: Bytes32, account: Address) -> Result<(), Error> {
            accept(access::grant(&role.0, &account.0));
            Ok(())
        }

        /// OpenZeppelin AccessControl.
        ///
        /// # Errors
        /// `AccessControlUnauthorizedAccount`, `AccessControlEnforcedDefaultAdminRules`.
        #[ink(message, name = "revokeRole")]
        pub fn revoke_role(&mut self, role: Bytes32, account: Address) -> Result<(), Error> {
            accept(access::revoke(&role.0, &account.0));
            Ok(())
        }

        /// OpenZeppelin AccessControl.
        ///
        /// # Errors
        /// `AccessControlBadConfirmation`, `AccessControlEnforcedDefaultAdminRules`.
        #[ink(message, name = "renounceRole")]
        pub fn renounce_role(&mut self, role: Bytes32, caller_confirmation: Address) -> Result<(), Error> {
            accept(access::renounce(&role.0, &caller_confirmation.0));
            Ok(())
        }

        /// OpenZeppelin AccessControlDefaultAdminRules.
        #[ink(message, name = "defaultAdmin")]
        pub fn default_admin(&self) -> Address {
            access::default_admin().into()
        }

        /// The proposed next default admin; zero where there is none.
        #[ink(message, name = "pendingDefaultAdmin")]
        pub fn pending_default_admin(&self) -> Address {
            access::pending_default_admin().into()
        }

        /// OpenZeppelin AccessControlDefaultAdminRules: address zero takes a proposal back.
        ///
        /// # Errors
        /// `AccessControlUnauthorizedAccount`.
        #[ink(message, name = "beginDefaultAdminTransfer")]
        pub fn begin_default_admin_transfer(&mut self, new_admin: Address) -> Result<(), Error> {
            accept(access::begin_default_admin_transfer(&new_admin.0));
            Ok(())
        }

        /// OpenZeppelin AccessControlDefaultAdminRules.
        ///
        /// # Errors
        /// `AccessControlInvalidDefaultAdmin`.
        #[ink(message, name = "acceptDefaultAdminTransfer")]
        pub fn accept_default_admin_transfer(&mut self) -> Result<(), Error> {
            accept(access::accept_default_admin_transfer());
            Ok(())
        }

        #[inline(never)]
        fn config(&self) -> Config {
            Config::from_bytes(&self.config)
        }
    }

    /// One step of a period's game, stored.
    fn step<T>(
        pool: Address,
        stream: Bytes32,
        period: u32,
        step: impl FnOnce(&mut Standing) -> Result<T, DisputeError>,
    ) -> (Standing, T) {
        let key = store::period_key(&pool.0, &stream.0, period);
        let mut reported = store::reported(&key);
        let outcome = disputed(&stream, period, step(&mut reported.standing));
        store::set_reported(&key, &reported);
        (reported.standing, outcome)
    }

    /// The caller, who has the role.
    #[inline(never)]
    fn authorised(role: &Role) -> [u8; 20] {
        let caller = host::caller();
        accept(access::check(role, &caller));
        caller
    }

    #[inline(never)]
    fn period_of(pool: Address, stream: Bytes32, period: u32) -> Standing {
        store::reported(&store::period_key(&pool.0, &stream.0, period)).standing
    }
}
