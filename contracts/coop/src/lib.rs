//! A co-operative: holders of a pool's shares vote on calls, and the co-op makes them. It holds money of its own and,
//! on its pool, the licensor's role; so offers are accepted and money is paid out by vote alone.
//!
//! In the terms of OpenZeppelin's `Governor`. A thin shell: the rules live in [`yieldset_rules::governance`]. Nobody
//! has a role here, and its settings never change.
#![cfg_attr(not(feature = "std"), no_std, no_main)]

mod events;
mod pool;
mod refusals;

/// The contract.
#[ink::contract]
mod coop {
    use crate::{
        events,
        pool::pool,
        refusals::{self, About},
    };
    use ink::{
        U256,
        prelude::{string::String, vec::Vec},
        sol::{DynBytes, FixedBytes},
    };
    use yieldset_rules::{
        governance::{self, Actions, MAX_DESCRIPTION, MAX_REASON, Proposal, ProposalState, Settings, Support},
        math::BASIS_POINTS,
    };
    use yieldset_shell::{
        answer::{answer, done},
        host,
        refusals::OrRefuse,
        words::{self, Address as Account, Word, address_word, word},
    };

    const CLOCK_MODE: &[u8] = b"mode=timestamp";

    /// The root cell: the pool whose shares vote, the rules, and whether the pool screens accounts.
    #[ink(storage)]
    pub struct Coop {
        pool: Address,
        settings: [u8; Settings::LEN],
        screens: bool,
    }

    impl Coop {
        /// A co-op of a pool's holders. All times are in seconds; the quorum is a part of all shares in basis points,
        /// rounded up.
        ///
        /// # Errors
        /// `NotAContract`, `InvalidSettings`, `AmountTooLarge`.
        ///
        /// # Events
        /// `CoopCreated`.
        #[ink(constructor)]
        #[allow(clippy::too_many_arguments, reason = "OpenZeppelin's settings, one by one")]
        pub fn new(
            pool: Address,
            voting_delay: u32,
            voting_period: u32,
            quorum_bps: u16,
            proposal_threshold: U256,
            timelock: u32,
            grace_period: u32,
        ) -> Self {
            if host::code_size(&pool.0) == 0 {
                refusals::NotAContract { account: pool }.refuse();
            }
            let threshold = narrow(proposal_threshold);
            let settings = Settings {
                voting_delay,
                voting_period,
                quorum_bps,
                proposal_threshold: threshold,
                timelock,
                grace: grace_period,
            };
            settings.check().or_refuse(&About::NOTHING);
            let created = events::CoopCreated {
                pool,
                voting_delay,
                voting_period,
                quorum_bps,
                proposal_threshold: threshold,
                timelock,
                grace_period,
            };
            created.emit();
            // Asked once: whether it answers later must not depend on how much gas a voter leaves it.
            let screens = pool::screened { account: pool }.ask(&pool.0).is_some();
            Self { pool, settings: settings.to_bytes(), screens }
        }

        /// Takes money that comes without a message: ink! reads a call without data as the selector zero, which is that
        /// of this message.
        ///
        /// # Who
        /// Anyone.
        ///
        /// # Errors
        /// `UnknownMessage` where there was data.
        ///
        /// # Events
        /// `Received`.
        #[ink(message, payable, name = "wycpnbqcyf")]
        pub fn receive(&mut self) {
            if host::call_data_length() > 0 {
                refusals::UnknownMessage {}.refuse();
            }
            let amount = host::transferred().unwrap_or(u128::MAX);
            events::Received { payer: host::caller(), amount }.emit();
            done()
        }

        /// Proposes one to four calls, each with at most 1,024 bytes of data, under a description of at most 2,048
        /// bytes, and returns the proposal's id. A call without data is a payment.
        ///
        /// # Who
        /// Who had the threshold's votes in the second before; where the description ends with `#proposer=0x…`, the
        /// account named there alone.
        ///
        /// # Answers
        /// `proposalId`.
        ///
        /// # Errors
        /// `GovernorRestrictedProposer`, `GovernorInsufficientProposerVotes`, `GovernorInvalidProposalLength`,
        /// `TooLong`, `AmountTooLarge`, `GovernorUnexpectedProposalState` where the same calls were proposed in the
        /// same words before, `PoolCallFailed`.
        ///
        /// # Events
        /// `ProposalCreated`.
        #[ink(message)]
        pub fn propose(
            &mut self,
            targets: Vec<Address>,
            values: Vec<U256>,
            calldatas: Vec<DynBytes>,
            description: String,
        ) -> U256 {
            let settings = self.settings();
            let (proposer, now) = (host::caller(), now());
            let about = About { caller: proposer, ..About::NOTHING };
            governance::check_proposer(description.as_bytes(), &proposer).or_refuse(&about);
            if settings.proposal_threshold > 0 {
                let votes = self.past_votes(&proposer, word(now.saturating_sub(1)));
                if votes < settings.proposal_threshold {
                    let threshold = settings.proposal_threshold;
                    refusals::GovernorInsufficientProposerVotes { proposer, votes, threshold }.refuse();
                }
            }
            governance::check_length(description.len(), MAX_DESCRIPTION).or_refuse(&About::NOTHING);
            let calls = Calls::new(targets, values, &calldatas);
            let id = calls.id(&host::keccak256(description.as_bytes()));
            if let Some(proposal) = stored(&id) {
                proposal.require(0, &settings, now).or_refuse(&About { id, ..About::NOTHING });
            }
            let proposal = Proposal::new(proposer, &settings, now);
            host::write(&key(&id), &proposal.to_bytes());
            let encoded = calls.actions().encode_created(&id, &proposal, &description);
            events::ProposalCreated { encoded: whole_words(&encoded) }.emit();
            host::answer(&id)
        }

        /// Votes with the account's votes at the snapshot: 0 against, 1 for, 2 abstain. Returns the weight.
        ///
        /// # Who
        /// Who had votes at the snapshot and is neither frozen nor sanctioned by the pool's screening; once.
        ///
        /// # Answers
        /// `weight`.
        ///
        /// # Errors
        /// `GovernorNonexistentProposal`, `GovernorUnexpectedProposalState`, `GovernorInvalidVoteType`,
        /// `GovernorAlreadyCastVote`, `VoterScreened`, `NoVotes`, `VotesExceedSupply`, `PoolCallFailed`.
        ///
        /// # Events
        /// `VoteCast`.
        #[ink(message, name = "castVote")]
        pub fn cast_vote(&mut self, proposal_id: U256, support: u8) -> U256 {
            self.vote(proposal_id, support, "")
        }

        /// Votes as `castVote` does and says why, in at most 256 bytes.
        ///
        /// # Who
        /// As with `castVote`.
        ///
        /// # Answers
        /// `weight`.
        ///
        /// # Errors
        /// Those of `castVote`, and `TooLong`.
        ///
        /// # Events
        /// `VoteCast`.
        #[ink(message, name = "castVoteWithReason")]
        pub fn cast_vote_with_reason(&mut self, proposal_id: U256, support: u8, reason: String) -> U256 {
            governance::check_length(reason.len(), MAX_REASON).or_refuse(&About::NOTHING);
            self.vote(proposal_id, support, &reason)
        }

        /// Makes a successful proposal's calls. All succeed or nothing happened, and then it can be tried again until
        /// it expires. A token's `transfer`, `transferFrom` or `approve` that answers with anything but true or nothing
        /// counts as failed, as with OpenZeppelin's `SafeERC20`. Money that comes along is the co-op's. During its
        /// calls the co-op cannot be called.
        ///
        /// # Who
        /// Anyone, in the `gracePeriod` seconds after the timelock.
        ///
        /// # Answers
        /// `proposalId`.
        ///
        /// # Errors
        /// `GovernorNonexistentProposal`, `GovernorUnexpectedProposalState`, `GovernorUnmetDelay`, `NotAContract` for
        /// data sent to an account without code, `ActionFailed`; those of `hashProposal`.
        ///
        /// # Events
        /// `ProposalExecuted`.
        #[ink(message, payable)]
        pub fn execute(
            &mut self,
            targets: Vec<Address>,
            values: Vec<U256>,
            calldatas: Vec<DynBytes>,
            description_hash: FixedBytes<32>,
        ) -> U256 {
            let calls = Calls::new(targets, values, &calldatas);
            let id = calls.id(&description_hash.0);
            let mut proposal = known(&id);
            proposal.execute(&self.settings(), now()).or_refuse(&About { id, ..About::NOTHING });
            host::write(&key(&id), &proposal.to_bytes());
            calls.make(&id);
            events::ProposalExecuted { proposal_id: id }.emit();
            host::answer(&id)
        }

        /// Takes a proposal back, before votes count.
        ///
        /// # Who
        /// Its proposer, while it is pending.
        ///
        /// # Answers
        /// `proposalId`.
        ///
        /// # Errors
        /// `GovernorNonexistentProposal`, `GovernorUnableToCancel`; those of `hashProposal`.
        ///
        /// # Events
        /// `ProposalCanceled`.
        #[ink(message)]
        pub fn cancel(
            &mut self,
            targets: Vec<Address>,
            values: Vec<U256>,
            calldatas: Vec<DynBytes>,
            description_hash: FixedBytes<32>,
        ) -> U256 {
            let id = Calls::new(targets, values, &calldatas).id(&description_hash.0);
            let mut proposal = known(&id);
            let about = About { id, caller: host::caller(), ..About::NOTHING };
            proposal.cancel(&about.caller, &self.settings(), now()).or_refuse(&about);
            host::write(&key(&id), &proposal.to_bytes());
            events::ProposalCanceled { proposal_id: id }.emit();
            host::answer(&id)
        }

        /// The id of a proposal: keccak-256 of `abi.encode(targets, values, calldatas, descriptionHash)`.
        ///
        /// # Answers
        /// `proposalId`.
        ///
        /// # Errors
        /// `GovernorInvalidProposalLength`, `TooLong`, `AmountTooLarge`.
        #[ink(message, name = "hashProposal")]
        pub fn hash_proposal(
            &self,
            targets: Vec<Address>,
            values: Vec<U256>,
            calldatas: Vec<DynBytes>,
            description_hash: FixedBytes<32>,
        ) -> U256 {
            host::answer(&Calls::new(targets, values, &calldatas).id(&description_hash.0))
        }

        /// Where a proposal stands: 0 pending, 1 active, 2 canceled, 3 defeated, 4 succeeded, 5 queued, 6 expired, 7
        /// executed.
        ///
        /// # Errors
        /// `GovernorNonexistentProposal`.
        #[ink(message)]
        pub fn state(&self, proposal_id: U256) -> u8 {
            let state = known(&proposal_id.to_big_endian()).state(&self.settings(), now());
            answer(&[word(state as u8)])
        }

        /// The second at whose end balances count.
        ///
        /// # Errors
        /// `GovernorNonexistentProposal`.
        #[ink(message, name = "proposalSnapshot")]
        pub fn proposal_snapshot(&self, proposal_id: U256) -> U256 {
            answer(&[word(known(&proposal_id.to_big_endian()).snapshot)])
        }

        /// The last second in which votes count.
        ///
        /// # Errors
        /// `GovernorNonexistentProposal`.
        #[ink(message, name = "proposalDeadline")]
        pub fn proposal_deadline(&self, proposal_id: U256) -> U256 {
            answer(&[word(known(&proposal_id.to_big_endian()).deadline)])
        }

        /// The first second in which a proposal can be executed, where it succeeds.
        ///
        /// # Errors
        /// `GovernorNonexistentProposal`.
        #[ink(message, name = "proposalEta")]
        pub fn proposal_eta(&self, proposal_id: U256) -> U256 {
            answer(&[word(known(&proposal_id.to_big_endian()).eta(&self.settings()))])
        }

        /// Who made a proposal.
        ///
        /// # Errors
        /// `GovernorNonexistentProposal`.
        #[ink(message, name = "proposalProposer")]
        pub fn proposal_proposer(&self, proposal_id: U256) -> Address {
            answer(&[address_word(&known(&proposal_id.to_big_endian()).proposer)])
        }

        /// How many shares have voted what so far, in share units.
        ///
        /// # Answers
        /// `againstVotes`, `forVotes`, `abstainVotes`.
        ///
        /// # Errors
        /// `GovernorNonexistentProposal`.
        #[ink(message, name = "proposalVotes")]
        pub fn proposal_votes(&self, proposal_id: U256) -> (U256, U256, U256) {
            let proposal = known(&proposal_id.to_big_endian());
            answer(&[word(proposal.against), word(proposal.in_favour), word(proposal.abstain)])
        }

        /// Whether an account voted.
        #[ink(message, name = "hasVoted")]
        pub fn has_voted(&self, proposal_id: U256, account: Address) -> bool {
            answer(&[word(voted(&proposal_id.to_big_endian(), &account.0))])
        }

        /// Shares that must vote yes or abstain, of those at a past second; rounded up.
        ///
        /// # Errors
        /// `PoolCallFailed`, also for a second that is not over.
        #[ink(message)]
        pub fn quorum(&self, timepoint: U256) -> U256 {
            let supply = self.past_supply(timepoint.to_big_endian());
            answer(&[word(self.settings().quorum(supply))])
        }

        /// An account's votes at a past second.
        ///
        /// # Errors
        /// `PoolCallFailed`, also for a second that is not over.
        #[ink(message, name = "getVotes")]
        pub fn get_votes(&self, account: Address, timepoint: U256) -> U256 {
            answer(&[word(self.past_votes(&account.0, timepoint.to_big_endian()))])
        }

        /// The pool whose shares vote.
        #[ink(message)]
        pub fn token(&self) -> Address {
            answer(&[address_word(&self.pool.0)])
        }

        /// The clock: Unix seconds (ERC-6372).
        #[ink(message)]
        pub fn clock(&self) -> u64 {
            answer(&[word(now())])
        }

        /// How the clock runs, as ERC-6372 puts it.
        #[ink(message, name = "CLOCK_MODE")]
        pub fn clock_mode(&self) -> String {
            let mut text = [0; 32];
            text[..CLOCK_MODE.len()].copy_from_slice(CLOCK_MODE);
            answer(&[word(32_u8), word(CLOCK_MODE.len() as u64), text])
        }

        /// Whether the pool is asked, at each vote, if its screening blocks the voter; settled when the co-op was
        /// founded.
        #[ink(message)]
        pub fn screens(&self) -> bool {
            answer(&[word(u8::from(self.screens))])
        }

        /// Seconds from a proposal to its snapshot.
        #[ink(message, name = "votingDelay")]
        pub fn voting_delay(&self) -> U256 {
            answer(&[word(self.settings().voting_delay)])
        }

        /// Seconds in which votes count.
        #[ink(message, name = "votingPeriod")]
        pub fn voting_period(&self) -> U256 {
            answer(&[word(self.settings().voting_period)])
        }

        /// Votes that a proposer must have had in the second before.
        #[ink(message, name = "proposalThreshold")]
        pub fn proposal_threshold(&self) -> U256 {
            answer(&[word(self.settings().proposal_threshold)])
        }

        /// The quorum's part of `quorumDenominator`.
        #[ink(message, name = "quorumNumerator")]
        pub fn quorum_numerator(&self) -> U256 {
            answer(&[word(self.settings().quorum_bps)])
        }

        /// 10 000: basis points.
        #[ink(message, name = "quorumDenominator")]
        pub fn quorum_denominator(&self) -> U256 {
            answer(&[word(BASIS_POINTS)])
        }

        /// Seconds between a successful vote and its execution.
        #[ink(message)]
        pub fn timelock(&self) -> U256 {
            answer(&[word(self.settings().timelock)])
        }

        /// Seconds in which a successful proposal can be executed.
        #[ink(message, name = "gracePeriod")]
        pub fn grace_period(&self) -> U256 {
            answer(&[word(self.settings().grace)])
        }

        fn settings(&self) -> Settings {
            Settings::from_bytes(&self.settings)
        }

        /// Counts the caller's vote. Whether it voted is written before the pool is asked, and the pool is asked
        /// read-only.
        fn vote(&self, id: U256, support: u8, reason: &str) -> ! {
            let (id, voter) = (id.to_big_endian(), host::caller());
            let mut proposal = known(&id);
            let about = About { id, caller: voter, snapshot: proposal.snapshot, ..About::NOTHING };
            proposal.require(ProposalState::Active.bit(), &self.settings(), now()).or_refuse(&about);
            let support = Support::from_number(support).or_refuse(&about);
            if voted(&id, &voter) {
                refusals::GovernorAlreadyCastVote { voter }.refuse();
            }
            host::write(&vote_key(&id, &voter), &[support as u8]);
            governance::check_screened(self.screened(&voter)).or_refuse(&about);
            let weight = self.past_votes(&voter, word(proposal.snapshot));
            let supply = match proposal.supply {
                0 => self.past_supply(word(proposal.snapshot)),
                known => known,
            };
            proposal.count(support, weight, supply).or_refuse(&about);
            host::write(&key(&id), &proposal.to_bytes());
            let encoded = governance::encode_vote(&id, support, weight, reason);
            events::VoteCast { voter, encoded: whole_words(&encoded) }.emit();
            answer(&[word(weight)])
        }

        #[inline(never)]
        fn past_votes(&self, account: &Account, timepoint: Word) -> u128 {
            pool::getPastVotes { account, timepoint }.ask(&self.pool.0).or_refuse(refusals::PoolCallFailed {})
        }

        #[inline(never)]
        fn past_supply(&self, timepoint: Word) -> u128 {
            pool::getPastTotalSupply { timepoint }.ask(&self.pool.0).or_refuse(refusals::PoolCallFailed {})
        }

        /// Why the pool's screening blocks an account, as an ERC-1404 code; zero for nothing, or where the pool had no
        /// screening when the co-op was founded.
        fn screened(&self, account: &Account) -> u8 {
            if !self.screens {
                return 0;
            }
            let code: u128 = pool::screened { account }.ask(&self.pool.0).or_refuse(refusals::PoolCallFailed {});
            u8::try_from(code).unwrap_or(u8::MAX)
        }
    }

    /// A proposal's calls, within their limits.
    struct Calls<'a> {
        targets: Vec<Account>,
        values: Vec<u128>,
        calldatas: Vec<&'a [u8]>,
    }

    impl<'a> Calls<'a> {
        fn new(targets: Vec<Address>, values: Vec<U256>, calldatas: &'a [DynBytes]) -> Self {
            let calldatas: Vec<&[u8]> = calldatas.iter().map(|calldata| &calldata.0[..]).collect();
            let about = About { lengths: [targets.len(), calldatas.len(), values.len()], ..About::NOTHING };
            governance::check_actions(targets.len(), values.len(), &calldatas).or_refuse(&about);
            let targets = targets.iter().map(|target| target.0).collect();
            Self { targets, values: values.into_iter().map(narrow).collect(), calldatas }
        }

        fn actions(&self) -> Actions<'_> {
            Actions { targets: &self.targets, values: &self.values, calldatas: &self.calldatas }
        }

        fn id(&self, description_hash: &Word) -> Word {
            host::keccak256(&self.actions().encode(description_hash))
        }

        /// Makes them one by one; the first that fails undoes all.
        fn make(&self, id: &Word) {
            for (index, target) in self.targets.iter().enumerate() {
                let calldata = self.calldatas[index];
                if !calldata.is_empty() && host::code_size(target) == 0 {
                    refusals::NotAContract { account: target }.refuse();
                }
                let done = host::call(target, self.values[index], false, calldata, &mut []);
                let mut buffer = [0; 256];
                let said = host::returned(&mut buffer);
                if !done || governance::is_token_refusal(calldata, said) {
                    refusals::ActionFailed { proposal_id: id, index, answer: said }.refuse();
                }
            }
        }
    }

    fn now() -> u64 {
        host::now()
    }

    fn narrow(amount: U256) -> u128 {
        words::narrow(amount).or_refuse(refusals::AmountTooLarge { amount })
    }

    /// Encoded data is whole words.
    fn whole_words(data: &[u8]) -> &[Word] {
        data.as_chunks().0
    }

    fn key(id: &Word) -> [u8; 33] {
        let mut key = [b'p'; 33];
        key[1..].copy_from_slice(id);
        key
    }

    fn vote_key(id: &Word, voter: &Account) -> [u8; 53] {
        let mut key = [b'v'; 53];
        key[1..33].copy_from_slice(id);
        key[33..].copy_from_slice(voter);
        key
    }

    fn voted(id: &Word, voter: &Account) -> bool {
        host::read::<1>(&vote_key(id, voter)).is_some()
    }

    fn stored(id: &Word) -> Option<Proposal> {
        host::read(&key(id)).map(|record| Proposal::from_bytes(&record))
    }

    fn known(id: &Word) -> Proposal {
        stored(id).or_refuse(refusals::GovernorNonexistentProposal { proposal_id: id })
    }
}
