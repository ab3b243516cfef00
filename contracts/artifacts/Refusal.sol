// SPDX-License-Identifier: Apache-2.0
// Written by `yieldset-contracts build` from the contracts' declarations.
pragma solidity ^0.8.24;

/// Every error of all contracts: several are of more than one. For bindings: Solidity's compiler wants each name once.
interface Refusal {
    /// Renouncing needs the caller's own address as confirmation.
    error AccessControlBadConfirmation();

    /// The default admin's role changes by hand-over alone.
    error AccessControlEnforcedDefaultAdminRules();

    /// Only the proposed successor can accept.
    error AccessControlInvalidDefaultAdmin(address defaultAdmin);

    /// The account lacks the role: (account, role).
    error AccessControlUnauthorizedAccount(address account, bytes32 neededRole);

    /// A call of the proposal failed, and all others are undone: (id, which from 0, first 256 bytes of what it
    /// answered).
    error ActionFailed(uint256 proposalId, uint256 index, bytes answer);

    /// The platform filed its certificate already: (platform, dataset, version).
    error AlreadyCertified(address platform, bytes32 dataset, uint32 version);

    /// Closed before.
    error AlreadyClosed(bytes32 licence);

    /// Somebody has matched the bond already.
    error AlreadyDefended(address defender);

    /// Audited, answered, reported, corrected, dismissed, certified, paid or withdrawn before.
    error AlreadyDone(uint32 number);

    /// A pool is initialised once.
    error AlreadyInitialised();

    /// The pool is listed already.
    error AlreadyListed(address pool);

    /// A pool is opened once, and its sale ended then.
    error AlreadyOpened();

    /// Recorded before.
    error AlreadyRecorded(uint32 number);

    /// The account was recovered already, or its replacement was.
    error AlreadyRecovered(address account);

    /// Another version of this dataset has this manifest, or the version that is to be replaced has it.
    error AlreadyRegistered(bytes32 manifestHash);

    /// Above 2^128 − 1.
    error AmountTooLarge(uint256 amount);

    /// The attestation can no longer be used: (valid until, now), Unix seconds.
    error AttestationTooLate(uint64 validUntil, uint64 now);

    /// The pool's attribution registry did not answer.
    error AttributionCallFailed();

    /// The platform may still answer: (audit, until in Unix seconds).
    error AuditNotAnswered(uint32 number, uint64 until);

    /// This key's signature is not one over these bytes.
    error BadSignature(bytes32 key);

    /// More claims in one batch than are taken: (got, most).
    error BatchTooLong(uint32 got, uint32 most);

    /// Fewer shares than the pool's lot, and not the rest of the order: (shares, lot).
    error BelowLot(uint256 shares, uint256 lot);

    /// The account would have less of the currency than it lets anybody have: so much less. The money stays claimable,
    /// until it has grown by that or the account has that itself.
    error BelowMinimum(address account, uint256 missing);

    /// The dispute costs more than the caller agrees to: (bond, limit), in the pool's currency.
    error BondAboveLimit(uint256 bond, uint256 limit);

    /// More share units than were announced: (wanted in all, cap).
    error CapExceeded(uint256 wanted, uint256 cap);

    /// A cap below the shares there are, or no higher than the one before: (cap, least).
    error CapTooLow(uint256 cap, uint256 least);

    /// Above the terms' cap: (claimed, cap).
    error CostAboveCap(uint256 claimed, uint256 cap);

    /// The option asks more than the platform agreed to: (upfront and escrow, most).
    error CostAboveLimit(uint256 cost, uint256 limit);

    /// A contract could not be made: (hash of its code, first 256 bytes of what its constructor answered).
    error CreationFailed(bytes32 code, bytes answer);

    /// It may still be cured, or a violation challenged, until then, Unix seconds.
    error CureOpen(uint64 until);

    /// The pool's currency does not say what moved, or lets no allowance be taken back.
    error CurrencyCallFailed(address currency);

    /// The pool was listed with another currency before: (pool, that currency).
    error CurrencyChanged(address pool, address before);

    /// The caller registered a dataset with this label before: its id. Register its next version.
    error DatasetExists(bytes32 dataset);

    /// The dataset is assigned to another pool, or none: (dataset, that pool).
    error DatasetNotInPool(bytes32 dataset, address pool);

    /// The licence does not cover this dataset.
    error DatasetNotLicensed(bytes32 dataset);

    /// The registry does not open or close the dataset for this licence, e.g. for another's exclusivity.
    error DatasetRefused(bytes32 dataset);

    /// The arbiter has time left: (deadline, now), Unix seconds.
    error DeadlineNotReached(uint64 deadline, uint64 now);

    /// The arbiter is late: (deadline, now), Unix seconds.
    error DeadlinePassed(uint64 deadline, uint64 now);

    /// The two orders are for different pools: (ask, bid).
    error DifferentPools(uint64 ask, uint64 bid);

    /// The report was disputed as often as one can be.
    error DisputesExhausted(uint8 disputes);

    /// Calls are drawn by a block after the anchor's and before the report's: (block, anchor's, this one).
    error DrawnByWrongBlock(uint32 block, uint32 anchoredAt, uint32 now);

    /// The same key twice.
    error DuplicateSigner(bytes32 key);

    /// OpenZeppelin: no signature of anybody.
    error ECDSAInvalidSignature();

    /// OpenZeppelin: `s` is in the upper half.
    error ECDSAInvalidSignatureS(bytes32 s);

    /// ERC-6093: the owner allowed less: (spender, allowance, needed).
    error ERC20InsufficientAllowance(address spender, uint256 allowance, uint256 needed);

    /// ERC-6093: fewer shares than needed, in all or free ones: (sender, balance, needed).
    error ERC20InsufficientBalance(address sender, uint256 balance, uint256 needed);

    /// ERC-6093: the zero address cannot receive.
    error ERC20InvalidReceiver(address receiver);

    /// ERC-6093: the zero address cannot send.
    error ERC20InvalidSender(address sender);

    /// ERC-6093: the zero address cannot be approved.
    error ERC20InvalidSpender(address spender);

    /// EIP-2612: the deadline has passed.
    error ERC2612ExpiredSignature(uint256 deadline);

    /// EIP-2612: somebody else signed.
    error ERC2612InvalidSigner(address signer, address owner);

    /// Votes of a second that is not over: (asked, now).
    error ERC5805FutureLookup(uint256 timepoint, uint64 clock);

    /// Name and symbol need at least one character.
    error EmptyLabel();

    /// OpenZeppelin's `Pausable`: the pool is paused.
    error EnforcedPause();

    /// Entries must rise by dataset, then version: the first that does not.
    error EntriesOutOfOrder(uint256 index);

    /// A run has between one and so many entries: (got, most).
    error EntryCount(uint256 count, uint256 most);

    /// The licence limits false discoveries, so decoys must be compared: the limit, in basis points.
    error ErrorNotMeasured(uint16 limit);

    /// Another licence's exclusivity window is open: (dataset, that licence, its end).
    error ExclusivityOpen(bytes32 dataset, bytes32 licence, uint64 until);

    /// OpenZeppelin's `Pausable`: the pool is not paused.
    error ExpectedPause();

    /// The order would be expired already: (expiry, now).
    error ExpiryPassed(uint64 expiry, uint64 now);

    /// The order would live longer than 90 days: (expiry, latest).
    error ExpiryTooLate(uint64 expiry, uint64 latest);

    /// The registry would keep less of the pool's currency than it lets anybody have. Anybody sends it that much more.
    error FloatMissing(uint256 missing);

    /// The platform may still fund the escrow until then, Unix seconds.
    error FundingOpen(uint64 until);

    /// The account voted already.
    error GovernorAlreadyCastVote(address voter);

    /// The proposer had less than the threshold in the second before: (proposer, votes, threshold).
    error GovernorInsufficientProposerVotes(address proposer, uint256 votes, uint256 threshold);

    /// The three lists have different lengths, none, or more than four entries: (targets, calldatas, values).
    error GovernorInvalidProposalLength(uint256 targets, uint256 calldatas, uint256 values);

    /// Votes are 0 against, 1 for, 2 abstain.
    error GovernorInvalidVoteType();

    /// There is no such proposal.
    error GovernorNonexistentProposal(uint256 proposalId);

    /// The description ends with another account's `#proposer=0x…`: only that one proposes it. (caller)
    error GovernorRestrictedProposer(address proposer);

    /// Only its proposer takes a proposal back, while it is pending: (id, caller).
    error GovernorUnableToCancel(uint256 proposalId, address account);

    /// The proposal is in another state: (id, state, bitmap of the states needed).
    error GovernorUnexpectedProposalState(uint256 proposalId, uint8 current, bytes32 expectedStates);

    /// The timelock has not run out: (id, first second in which it has).
    error GovernorUnmetDelay(uint256 proposalId, uint256 neededBlock);

    /// These terms guarantee nothing.
    error GuaranteeNotInTerms();

    /// Shares count for an audit from the begin of its quarter and of the licence on: (when they were held, from; Unix
    /// seconds).
    error HeldBefore(uint64 at, uint64 from);

    /// There are fewer pools: (index, how many).
    error IndexOutOfRange(uint256 index, uint256 count);

    /// More than the account has in this state: (account, has, needed).
    error InsufficientRestraint(address account, uint256 has, uint256 needed);

    /// OpenZeppelin: the attestation was used, or overtaken by an agent; the account's nonce is this one.
    error InvalidAccountNonce(address account, uint256 currentNonce);

    /// An audit names its document, at least one sample, and shares of at most 1,000,000: (samples, max deviation,
    /// confidence).
    error InvalidAudit(uint32 samples, uint32 maxDeviation, uint32 confidence);

    /// Above 10 000.
    error InvalidBasisPoints(uint16 bps);

    /// Keys must be distinct, at most 12, and the threshold between 1 and their number.
    error InvalidCommittee();

    /// Named twice, or zero.
    error InvalidDataset(bytes32 dataset);

    /// An offer is on 1 to 12 datasets.
    error InvalidDatasetCount(uint32 count);

    /// An exclusivity window must end in the future: (its end, now).
    error InvalidExclusivity(uint64 until, uint64 time);

    /// The zero address cannot be trusted.
    error InvalidIssuer(address issuer);

    /// Only a token of the chain has a least balance, and that of an open pool stands.
    error InvalidMinimum(uint256 minimum);

    /// An offer must end in the future: (expiry, now), Unix seconds.
    error InvalidOfferExpiry(uint64 expiry, uint64 now);

    /// An offer has 1 to 4 options.
    error InvalidOptionCount(uint32 count);

    /// The proof does not lead from (account, weight) to the report's root; of many accounts together it names none.
    error InvalidProof(address account);

    /// Money cannot be paid to address zero, nor to the market itself.
    error InvalidRecipient(address recipient);

    /// Level or jurisdiction is zero, the jurisdiction is above 999, the expiry has passed, the account is zero, or a
    /// word of `setRecords` has another number than zero or one for accredited: (level, expiry).
    error InvalidRecord(uint8 level, uint64 expiry);

    /// A lost account cannot replace itself, nor can the zero address.
    error InvalidReplacement(address account);

    /// A sale needs a price, shares, a recipient of its proceeds other than the pool, and an end after its start.
    error InvalidSale();

    /// Period and grace must be at least one second, the quorum between 1 and 10 000 basis points.
    error InvalidSettings();

    /// A time, the least bond or its part of what is contested is outside the limits that the registry's constructor
    /// says.
    error InvalidTerms();

    /// An option's terms contradict themselves: (option, a `Fault`).
    error InvalidTerms(uint8 option, uint8 fault);

    /// There is no such claim topic (1 KYC, 2 accredited), or none was named: zero.
    error InvalidTopic(uint256 topic);

    /// Key, origin or witnesses of a usage log cannot be: a `Fault`.
    error InvalidUsageLog(uint8 fault);

    /// The challenger cannot stand for the report, and neither side of a dispute can rule on it.
    error IsParty(address account);

    /// The issuer is trusted already.
    error IssuerExists(address issuer);

    /// The issuer was removed: it can come back with another key only.
    error IssuerWasRemoved(address issuer);

    /// One version for each dataset is needed: how many of each.
    error LengthMismatch(uint256 datasets, uint256 versions);

    /// The licence is neither open on this dataset nor held: (dataset, licence).
    error LicenceNotOpen(bytes32 dataset, bytes32 licence);

    /// The licence was opened or held on this dataset before: (dataset, licence).
    error LicenceUsed(bytes32 dataset, bytes32 licence);

    /// Licences are active on the dataset: how many.
    error LicencesActive(bytes32 dataset, uint32 active);

    /// The licence contract did not answer.
    error LicencesCallFailed();

    /// Computed from a shorter log than the report accepted last, those that were withdrawn apart: (got, least) size.
    error LogShrank(uint64 got, uint64 last);

    /// The bytes are no report: 1 too long, 2 wrong tag, 3 no report, 4 figures that contradict each other, or a period
    /// or epoch of zero, 5 models, 6 a threshold of zero or above one, 7 outcome.
    error MalformedReport(uint8 code);

    /// Not a sequence of 1,152-byte entries, as the verifier takes them: the length.
    error MalformedSignatures(uint256 length);

    /// The datasets' registry did not answer.
    error ManifestsCallFailed();

    /// Certified before.
    error MilestoneAlreadyCertified(uint8 index);

    /// The currency is a token of the chain: its issuer declares the least balance (`declareMinimum`) first.
    error MinimumUndeclared();

    /// There is no cause on record for this reason.
    error NoCause(uint8 reason);

    /// No final report for (stream, period): the state is that of the attribution registry.
    error NoFinalReport(bytes32 stream, uint32 period, uint8 state);

    /// The account has no record: set one first.
    error NoRecord(address account);

    /// No report was posted for (stream, period).
    error NoReport(bytes32 stream, uint32 period);

    /// Nobody is named to succeed the part.
    error NoSuccessor(uint8 part);

    /// The account had no votes at the snapshot: (account, snapshot).
    error NoVotes(address account, uint256 snapshot);

    /// The pool that a co-op votes by must be a contract, and so must whoever a proposal sends data to.
    error NotAContract(address account);

    /// Audits are for holders of the pool's shares and for contributors that an auditor approved.
    error NotAContributor(address account);

    /// Not a co-op of this pool: (co-op, pool).
    error NotACoop(address coop, address pool);

    /// Not a version of the dataset after its first, or the platform certified this one or a later one.
    error NotANewVersion(bytes32 manifest);

    /// Does not answer as a pool does.
    error NotAPool(address account);

    /// The terms allow what was reported: (kind, when it happened in Unix seconds).
    error NotAViolation(uint8 kind, uint64 at);

    /// The checkpoint that calls were drawn from is not on chain with this root: (its size, the root there, zero for
    /// none).
    error NotAnchored(uint64 size, bytes32 anchored);

    /// Only the account itself may have its money sent elsewhere: (caller, account).
    error NotBondOwner(address caller, address account);

    /// Only whom an audit's debt is owed to withdraws it: (caller, creditor).
    error NotCreditor(address caller, address creditor);

    /// It is another report that is meant: (got, current) hash.
    error NotCurrentReport(bytes32 got, bytes32 current);

    /// The dataset belongs to somebody else: (caller, creator).
    error NotDatasetCreator(address caller, address creator);

    /// Only the dataset's creator or the pool's licensor may ask for a redaction.
    error NotDatasetCreatorOrLicensor(address account);

    /// The report is not disputed: its phase, as in `disputeOf`.
    error NotDisputed(uint8 phase);

    /// The proposed committee takes office later: (effective at, now), Unix seconds.
    error NotEffectiveYet(uint64 effectiveAt, uint64 now);

    /// The order has fewer shares left: (order, left, wanted).
    error NotEnoughShares(uint64 order, uint256 left, uint256 wanted);

    /// Fewer signatures than the threshold: (got, need).
    error NotEnoughSignatures(uint8 got, uint8 need);

    /// Until its expiry only its maker may cancel the order: (order, expiry).
    error NotExpired(uint64 order, uint64 expiry);

    /// Only the pool's governor raises the cap and names successors; the caller is not it, or there is none.
    error NotGovernor(address account);

    /// No further dispute is possible, so the window that this one stopped is left to whoever adds a reason: (Unix
    /// seconds from which on it can be rejected, now).
    error NotHeard(uint64 until, uint64 now);

    /// The platform never ingested this version: (platform, dataset, version).
    error NotIngested(address platform, bytes32 dataset, uint32 version);

    /// The pool was never initialised; the own storage of logic and claims is no pool.
    error NotInitialised();

    /// The pool does not let this account license its data.
    error NotLicensor(address account);

    /// The pool is not listed, or not any more.
    error NotListed(address pool);

    /// Only the order's maker may cancel it: (order, caller).
    error NotMaker(uint64 order, address caller);

    /// The pool takes no money yet: its issuer opens it once its first shares are out.
    error NotOpened();

    /// The report is not in its challenge window: its state, as in `resultOf`.
    error NotPending(uint8 state);

    /// The dataset is being handed over to another account, or to none: (caller, pending).
    error NotPendingCreator(address caller, address pending);

    /// Only the licence's platform, or whom it named its successor, may do this: (caller, platform or successor).
    error NotPlatform(address caller, address platform);

    /// The pool has not recovered the account: it withdraws itself.
    error NotRecovered(address account);

    /// Only what is blocked is taken back by others: the account may be paid, and delegates as it likes.
    error NotScreened(address account);

    /// Not before this time: (quarter, audit or request, or zero; Unix seconds).
    error NotYet(uint32 number, uint64 from);

    /// Nothing is left to pay, correct or withdraw of this quarter, licence year or audit.
    error NothingDue(uint32 number);

    /// Nothing is held for the pool in this period.
    error NothingHeld(uint32 period);

    /// No lost bond waits for (stream, period) in the pool's currency.
    error NothingKept(bytes32 stream, uint32 period);

    /// No bond is owed to the account.
    error NothingOwed(address account);

    /// No committee is proposed.
    error NothingProposed();

    /// Nothing is owed to the account (yet).
    error NothingToClaim(address account);

    /// Nothing to refund (yet).
    error NothingToRefund(bytes32 licence);

    /// The market owes the account nothing for orders of the pool: (account, pool).
    error NothingToWithdraw(address account, address pool);

    /// No contributors' money is left in (stream, period).
    error NothingWaits(bytes32 stream, uint32 period);

    /// The price is zero or no multiple of the pool's tick: (price, tick).
    error OffTick(uint256 price, uint256 tick);

    /// The offer ended at this time, Unix seconds.
    error OfferExpired(uint64 expiry);

    /// The order can no longer be filled: (order, expiry).
    error OrderExpired(uint64 order, uint64 expiry);

    /// An agent of the pool took shares that were on offer, or their holder freed them there, and so ended the order;
    /// anybody may clear it.
    error OrderVoid(uint64 order);

    /// Another root of this size is on chain, and a log has one: (got, the one that stands).
    error OtherRoot(bytes32 root, bytes32 stands);

    /// A figure would not fit.
    error Overflow();

    /// A part that the new pool or its co-op needs is missing: its place in `parts()`, from 0.
    error PartMissing(uint8 part);

    /// The recipient does not accept the payment; the money stays owed.
    error PayoutFailed(address account);

    /// A platform leaves for convenience only once it has reported and paid: (owed, with what the escrow must be filled
    /// up by; quarter to report, zero for none).
    error PaysFirst(uint256 owed, uint32 quarter);

    /// Money for a period that has not begun: (period, Unix seconds from which on it is taken).
    error PeriodNotBegun(uint32 period, uint64 begins);

    /// What is not over cannot be reported: (period, Unix seconds from which on it can).
    error PeriodNotOver(uint32 period, uint64 ends);

    /// Not later than the stream's last reported one: (got, last).
    error PeriodOutOfOrder(uint32 got, uint32 last);

    /// A period is a quarter, four times its year and its number less one (2026's fourth is 8107); none is zero.
    error PeriodZero();

    /// The pool does not answer.
    error PoolCallFailed();

    /// The pool did not do what it was asked and gave no reason, or one of over 256 bytes. Any other of its reasons is
    /// handed on as it is.
    error PoolCallFailed(address pool);

    /// The pool is not opened: nobody holds its shares yet, so nobody could earn what the licence pays.
    error PoolNotOpened(address pool);

    /// The pool still does not take what is kept for its period: is it open, and is there native money for the
    /// allowance?
    error PoolRefused(address pool);

    /// Does not follow the report accepted last: (got, expected) hash of it.
    error PreviousMismatch(bytes32 got, bytes32 expected);

    /// The bid is below the ask: (ask's price, bid's price).
    error PricesDoNotCross(uint256 ask, uint256 bid);

    /// Less than the taker is willing to accept: (proceeds, limit).
    error ProceedsBelowLimit(uint256 proceeds, uint256 limit);

    /// Nothing of the quarter is known: neither the platform nor the oracle has reported.
    error QuarterNotAssessed(uint32 quarter);

    /// The quarter ends at this time: (quarter, end in Unix seconds).
    error QuarterNotOver(uint32 quarter, uint64 end);

    /// Quarters are reported in order: (got, expected).
    error QuarterOutOfOrder(uint32 quarter, uint32 expected);

    /// The licence was not in force in this quarter: (quarter, first, last).
    error QuarterOutsideTerm(uint32 quarter, uint32 first, uint32 last);

    /// A reason that is added is the hash of a text, never zero.
    error ReasonMissing();

    /// The account has a record of its own: revoke it first.
    error RecordExists(address account);

    /// Not the revision that the period waits for: (got, expected); zero expected where it waits for none.
    error RevisionOutOfOrder(uint32 got, uint32 expected);

    /// Revoked keys never sign again.
    error RevokedKey(bytes32 key);

    /// The platform recorded this run already: (platform, run).
    error RunRecorded(address platform, bytes32 run);

    /// No sale is open now.
    error SaleClosed();

    /// Fewer shares are left: (left, asked).
    error SaleExhausted(uint256 left, uint256 asked);

    /// Buyer and seller are one account.
    error SelfTrade(address account);

    /// The licence is in force until then, Unix seconds.
    error StillInForce(uint64 until);

    /// These terms allow no sublicence.
    error SublicensingForbidden();

    /// The successor's time is over, it must be named anew: (part, since).
    error SuccessorExpired(uint8 part, uint64 since);

    /// The successor's time has not come: (part, the first second in which it has).
    error SuccessorTooEarly(uint8 part, uint64 eta);

    /// Too few share units to open with: (supply, least).
    error SupplyTooSmall(uint256 supply, uint256 least);

    /// The terms give the caller no such right: (caller, reason).
    error TerminationNotAllowed(address caller, uint8 reason);

    /// Revocations left fewer keys than the threshold: (left, need). Another committee must be proposed.
    error TooFewKeys(uint8 left, uint8 need);

    /// Call data, description or reason are over their limit: (bytes, limit).
    error TooLong(uint256 length, uint256 most);

    /// Two per calendar year: (contributor, year).
    error TooManyAudits(address contributor, uint32 year);

    /// More false discoveries than the licence allows, by the lower end of their interval of 95 %: (hits that were a
    /// decoy's, hits, limit in basis points).
    error TooManyFalseDiscoveries(uint64 decoys, uint64 hits, uint16 limit);

    /// As many issuers are trusted as there can be.
    error TooManyIssuers(uint8 most);

    /// More tokens than the licence counts of so many calls: (tokens, calls, most of a call).
    error TooManyTokens(uint64 tokens, uint64 calls, uint32 most);

    /// The issuer may not attest this topic.
    error TopicNotTrusted(address issuer, uint256 topic);

    /// The registry that the pool screens by has the account blocked: an ERC-1404 code.
    error TransferRestricted(uint8 code);

    /// First this licence year must be trued up, which anybody can do.
    error TrueUpFirst(uint32 year);

    /// The currency moved another amount than it was told: (currency, expected balance of the market, its balance).
    error UnexpectedBalance(address currency, uint256 expected, uint256 found);

    /// A governor is a contract that votes with this pool's shares (`token` answers the pool), or nobody.
    error UnfitGovernor(address account);

    /// Licences of a pool are kept by a contract that answers `streamEnd`, zero for what is none, or by nobody.
    error UnfitLicences(address account);

    /// The version that has this manifest cannot stand in for the one to redact: it is older, or withdrawn or redacted
    /// itself. Name another manifest, or none: (dataset, that version, its state).
    error UnfitReplacement(bytes32 dataset, uint32 version, uint8 state);

    /// The account cannot stand in for the part: it is the part, has no code, or does not answer as one.
    error UnfitSuccessor(uint8 part, address successor);

    /// Nobody registered this dataset.
    error UnknownDataset(bytes32 dataset);

    /// Not a key of the committee.
    error UnknownKey(bytes32 key);

    /// There is no such kind of breach or violation, nor such a reason, dismissal or record.
    error UnknownKind(uint8 kind);

    /// There is no such licence, or menu.
    error UnknownLicence(bytes32 licence);

    /// No message of this contract.
    error UnknownMessage();

    /// No message of a pool: its selector.
    error UnknownMessage(bytes4 selector);

    /// Schedule B has fewer milestones: (index, count).
    error UnknownMilestone(uint8 index, uint8 count);

    /// There is no such audit, redaction request or epoch of a usage log.
    error UnknownNumber(uint32 number);

    /// The offer has fewer options: (option, count).
    error UnknownOption(uint8 option, uint8 count);

    /// There is no such order, or it is filled or cancelled.
    error UnknownOrder(uint64 order);

    /// A pool has no such part.
    error UnknownPart(uint8 part);

    /// Not listed here.
    error UnknownPool(address pool);

    /// `restrictionFor` was asked for a requirement this registry does not know.
    error UnknownRequirement(bytes32 requirements);

    /// Not a trusted issuer.
    error UntrustedIssuer(address issuer);

    /// A key that can have no valid signature: not in its canonical form, no point of the curve, or one of small order.
    error UnusableKey(bytes32 key);

    /// The quarter's usage is taken over, or closed, already.
    error UsageAlreadyReported(uint32 quarter);

    /// The report of the quarter's usage is not final: (quarter, state; zero where there is none).
    error UsageNotFinal(uint32 quarter, uint8 state);

    /// These terms charge no usage.
    error UsageNotInTerms();

    /// The quarter's usage is neither taken over nor closed: `assessUsage`, which anybody sends, does either.
    error UsageOpen(uint32 quarter);

    /// These terms prohibit these uses.
    error UseProhibited(uint32 uses);

    /// The verifier gave no answer, or one that cannot be.
    error VerifierFailed();

    /// This evidence is recorded already.
    error ViolationAlreadyRecorded(bytes32 evidence);

    /// The pool's screening blocks the account, whose vote does not count: (account, ERC-1404 code).
    error VoterScreened(address account, uint8 code);

    /// More votes than shares: (votes, shares).
    error VotesExceedSupply(uint256 votes, uint256 supply);

    /// OpenZeppelin's `Votes`: the signed delegation has expired.
    error VotesExpiredSignature(uint256 expiry);

    /// More weight than 10^18 would have claimed, or another than the account has proven before: (claimed so far,
    /// weight).
    error WeightsExceeded(uint64 claimed, uint256 weight);

    /// The new pool did not do what the factory asked of it: (pool, selector of the message).
    error WiringFailed(address pool, bytes4 selector);

    /// The ERC-20 did not bring what it was told: (got, expected).
    error WrongAmountReceived(uint256 got, uint256 expected);

    /// The money did not come as announced: (got, expected), in the pool's currency, or in the chain's own money, which
    /// no bond in an ERC-20 takes.
    error WrongBond(uint256 got, uint256 expected);

    /// Signed for another chain: (got, expected).
    error WrongChain(uint64 got, uint64 expected);

    /// Signed for another registry.
    error WrongContract(address got);

    /// The pool, or the menu, has another currency: (its, the one expected).
    error WrongCurrency(address currency, address expected);

    /// Signed under another committee epoch: (got, expected).
    error WrongEpoch(uint32 got, uint32 expected);

    /// The licence of the stream names another metric: (got, the terms').
    error WrongMetric(bytes32 got, bytes32 expected);

    /// Money did not come as announced: (expected, received).
    error WrongPayment(uint256 expected, uint256 received);

    /// An ask where a bid is needed, or the other way round.
    error WrongSide(uint64 order);

    /// Not at this stage: (licence, stage now, a `Stage`).
    error WrongStage(bytes32 licence, uint8 stage);

    /// The licence of the stream names another threshold: (got, the terms').
    error WrongThreshold(uint32 got, uint32 expected);

    /// The call must bring exactly this value: (got, expected).
    error WrongValue(uint256 got, uint256 expected);

    /// The version is in a state in which this cannot be done: (dataset, version, state as `statusOf` has it).
    error WrongVersionState(bytes32 dataset, uint32 version, uint8 state);

    /// The money of (stream, period) has another way out: its state as in `waitingOf`.
    error WrongWay(bytes32 stream, uint32 period, uint8 state);

    /// The licence year, or the time to pay its last quarter, is not over: (year, until in Unix seconds).
    error YearNotOver(uint32 year, uint64 until);

    /// Licence years are trued up in order: (got, expected).
    error YearOutOfOrder(uint32 year, uint32 expected);

    /// The licence has fewer years: (year, last).
    error YearOutsideTerm(uint32 year, uint32 last);

    /// Money needs an amount.
    error ZeroAmount();

    /// A run needs at least one epoch.
    error ZeroEpochs();

    /// A document needs a hash.
    error ZeroHash();
}
