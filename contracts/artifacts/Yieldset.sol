// SPDX-License-Identifier: Apache-2.0
// Written by `yieldset-contracts build` from the contracts' declarations.
pragma solidity ^0.8.24;

/// OpenZeppelin's `AccessControl`, with a default admin that hands itself over in two steps.
interface Access {
    /// AccessControl: whether an account has a role.
    function hasRole(bytes32 role, address account) external view returns (bool);

    /// AccessControl: who grants a role; always the default admin.
    function getRoleAdmin(bytes32 role) external view returns (bytes32);

    /// AccessControl: gives a role.
    /// @dev Who: The default admin. Refuses with: `AccessControlUnauthorizedAccount`,
    /// `AccessControlEnforcedDefaultAdminRules`.
    function grantRole(bytes32 role, address account) external;

    /// AccessControl: takes a role.
    /// @dev Who: The default admin. Refuses with: `AccessControlUnauthorizedAccount`,
    /// `AccessControlEnforcedDefaultAdminRules`.
    function revokeRole(bytes32 role, address account) external;

    /// AccessControl: gives up a role of the caller.
    /// @dev Who: Who has the role, but for the default admin. Refuses with: `AccessControlBadConfirmation`,
    /// `AccessControlEnforcedDefaultAdminRules`.
    function renounceRole(bytes32 role, address callerConfirmation) external;

    /// AccessControl: the default admin.
    function defaultAdmin() external view returns (address);

    /// AccessControl: who was named the next default admin; zero where nobody.
    function pendingDefaultAdmin() external view returns (address);

    /// AccessControl: names the next default admin, or with address zero nobody any more.
    /// @dev Who: The default admin. Refuses with: `AccessControlUnauthorizedAccount`.
    function beginDefaultAdminTransfer(address newAdmin) external;

    /// AccessControl: the caller becomes default admin, where it was named.
    /// @dev Who: Who was named. Refuses with: `AccessControlInvalidDefaultAdmin`.
    function acceptDefaultAdminTransfer() external;

    /// AccessControl: the default admin named its successor, who must accept; address zero takes a proposal back.
    /// @param previousAdmin Still the admin.
    /// @param newAdmin Must accept.
    event DefaultAdminTransferStarted(address indexed previousAdmin, address indexed newAdmin);

    /// AccessControl: an account got a role.
    /// @param role The role.
    /// @param account Who got it.
    /// @param sender Who gave it.
    event RoleGranted(bytes32 indexed role, address indexed account, address indexed sender);

    /// AccessControl: an account lost a role.
    /// @param role The role.
    /// @param account Who lost it.
    /// @param sender Who took it.
    event RoleRevoked(bytes32 indexed role, address indexed account, address indexed sender);
}

/// The registry of attribution reports, signed by a committee.
abstract contract Attribution is Access {
    /// A registry without reports, whose roles `admin` grants; the committee's epoch is 1. Times are in seconds, window
    /// and ruling time 1 second to 366 days, the delay at most 366 days; `bond` is the least bond, 1 to 2^95 in units
    /// of 10^-18 of a pool's currency, `bondBps` its part of what is contested, at most 10,000 basis points. `licences`
    /// is the licence contract that says what licences ask of their reports and what these owe, zero for none; no other
    /// is asked, whatever a pool names. Of all these nothing ever changes, nor does the verifier, which is asked once,
    /// so that an address that is none is refused at once.
    constructor(address admin, address verifier, address licences, bytes32[] memory keys, uint8 threshold, uint64
        challengeWindow, uint64 rulingTime, uint64 committeeDelay, uint256 bond, uint16 bondBps) {}

    /// Accepts a report that is bound to this chain, registry, epoch and place in its stream and that `threshold`
    /// distinct committee keys signed: the first one of a period that is over and later than the stream's last, or the
    /// revision that a withdrawn report waits for. `signatures` are 1,152-byte entries: public key (32) ‖ signature
    /// over the report's bytes (64) ‖ what the verifier is told besides. Answers with the report's keccak-256 hash; its
    /// challenge window begins.
    /// @dev Who: Anyone; the signatures decide. Refuses with: `MalformedReport`, `WrongChain`, `WrongContract`,
    /// `WrongEpoch`, `PeriodOutOfOrder`, `PeriodNotOver`, `RevisionOutOfOrder`, `PreviousMismatch`, `LogShrank`,
    /// `TooFewKeys`, `MalformedSignatures`, `UnknownKey`, `DuplicateSigner`, `NotEnoughSignatures`, `VerifierFailed`,
    /// `BadSignature`; where the stream is a licence of the registry's licence contract `WrongMetric`,
    /// `WrongThreshold`, `ErrorNotMeasured`, `TooManyFalseDiscoveries`, `TooManyTokens`, `NotAnchored`,
    /// `DrawnByWrongBlock`. The cheap checks come first, the signatures last.
    function post(bytes calldata report, bytes calldata signatures) external virtual returns (bytes32 reportHash);

    /// Disputes a pending report, for the reasons whose hash is given, with the bond that `bondFor` tells, which may
    /// have grown since to at most `maxBond`: of the chain's own money exactly that comes with the call, and what is
    /// not needed is owed back; of an ERC-20 the bond is pulled, and of one with a least balance the registry has that
    /// beside what it holds. Only this period is held back.
    /// @dev Who: Anyone with the bond, while the window is open. Refuses with: `NoReport`, `NotPending`,
    /// `DisputesExhausted`, `WrongBond`, `BondAboveLimit`, `FloatMissing`, `CurrencyCallFailed`, `Overflow`.
    function dispute(address pool, bytes32 stream, uint32 period, bytes32 reason, uint256 maxBond) external payable
        virtual;

    /// Adds a reason of the caller's own to the open dispute of this report, by its hash, for the arbiter to hear. So
    /// whoever has something to say is heard even where others have used the disputes up.
    /// @dev Who: Anyone, without a bond, before the deadline. Refuses with: `NoReport`, `NotDisputed`,
    /// `DeadlinePassed`, `NotCurrentReport`, `ReasonMissing`.
    function addReason(address pool, bytes32 stream, uint32 period, bytes32 reportHash, bytes32 reason) external
        virtual;

    /// Matches a dispute's bond and stands for the report, which is named, so that nobody is bound to a revision in its
    /// place. The bond is taken as in `dispute`, and is at most `maxBond`.
    /// @dev Who: Anyone but the challenger, before the deadline. Refuses with: `NoReport`, `NotDisputed`,
    /// `DeadlinePassed`, `NotCurrentReport`, `AlreadyDefended`, `IsParty`, `WrongBond`, `BondAboveLimit`,
    /// `FloatMissing`, `CurrencyCallFailed`, `Overflow`.
    function defend(address pool, bytes32 stream, uint32 period, bytes32 reportHash, uint256 maxBond) external payable
        virtual;

    /// The arbiter agrees with the challenger: the report is withdrawn until the committee signs a revision of it. The
    /// bond goes back, and of a defender's half with it; the other half is kept for the period's money (`deliverBond`).
    /// The size of the report's log counts no more for those after it.
    /// @dev Who: ARBITER_ROLE who is neither side, before the deadline. Refuses with:
    /// `AccessControlUnauthorizedAccount`, `NoReport`, `NotDisputed`, `DeadlinePassed`, `IsParty`.
    function uphold(address pool, bytes32 stream, uint32 period) external virtual;

    /// The arbiter disagrees with the challenger: the rest of the challenge window runs on. The bond is kept for the
    /// period's money (`deliverBond`), half of it goes to a defender.
    /// @dev Who: ARBITER_ROLE who is neither side, before the deadline; of the last possible dispute not before the
    /// window that it stopped would have ended: until then others add their reasons. Refuses with:
    /// `AccessControlUnauthorizedAccount`, `NoReport`, `NotDisputed`, `DeadlinePassed`, `IsParty`, `NotHeard`.
    function reject(address pool, bytes32 stream, uint32 period) external virtual;

    /// Nobody ruled until the deadline: the rest of the window runs from then on, even if nobody calls this, and each
    /// has its bond back.
    /// @dev Who: Anyone, from the deadline on. Refuses with: `NoReport`, `NotDisputed`, `DeadlineNotReached`.
    function expire(address pool, bytes32 stream, uint32 period) external virtual;

    /// Brings a period what disputes left it (`BondKept`), in the pool's currency; what the pool does not take waits
    /// until it is open or whatever else was in the way is not any more. Native money that comes along pays the deposit
    /// that some currencies want of an allowance; it is owed back to the caller. Answers with what the pool took.
    /// @dev Who: Anyone, again and again. Refuses with: `NothingKept`, `PoolRefused`, `CurrencyCallFailed`.
    function deliverBond(address pool, bytes32 stream, uint32 period) external payable virtual returns (uint256 amount);

    /// What waits for the pool to take it for a period, in the pool's currency.
    function bondKept(address pool, bytes32 stream, uint32 period) external view virtual returns (address currency,
        uint256 amount);

    /// Pays out all of a currency that is owed to `account`, and answers with how much.
    /// @dev Who: The account itself, to anywhere; anyone else, to the account only. Refuses with: `NotBondOwner`,
    /// `NothingOwed`, `PayoutFailed`.
    function withdrawBond(address currency, address account, address to) external virtual returns (uint256 amount);

    /// What an account can withdraw of a currency; the currency is zero for the chain's own money.
    function bondOwed(address currency, address account) external view virtual returns (uint256);

    /// The bond of the next dispute of a period's report, and what it is in; the currency is zero for the chain's own
    /// money.
    /// @dev Refuses with: `Overflow`.
    function bondFor(address pool, bytes32 stream, uint32 period) external view virtual returns (address currency,
        uint256 bond);

    /// What the contract holds of a currency, in two parts: bonds of open disputes, and what is owed to accounts and
    /// kept for periods.
    function holdings(address currency) external view virtual returns (uint256 locked, uint256 released);

    /// Announces the next epoch's committee; it can take office after the delay. A proposal before it is replaced.
    /// @dev Who: COMMITTEE_ROLE. Refuses with: `AccessControlUnauthorizedAccount`, `InvalidCommittee`, `RevokedKey`,
    /// `UnusableKey`, `VerifierFailed`.
    function proposeCommittee(bytes32[] calldata keys, uint8 threshold) external virtual;

    /// Puts the proposed committee in office. From then on no key of an older epoch signs anything.
    /// @dev Who: Anyone, once the delay is over. Refuses with: `NothingProposed`, `NotEffectiveYet`, `TooFewKeys`.
    function activateCommittee() external virtual;

    /// Revokes a key at once and for good: it leaves the committee in office and the proposed one, and can be in no
    /// later one. The threshold stays; with fewer keys than that nothing can be posted until another committee is in
    /// office.
    /// @dev Who: COMMITTEE_ROLE. Refuses with: `AccessControlUnauthorizedAccount`, `RevokedKey`, `UnknownKey` to both
    /// committees.
    function revokeKey(bytes32 key) external virtual;

    /// The committee in office, revoked keys left out.
    function committee() external view virtual returns (uint32 epoch, uint8 threshold, bytes32[] memory keys);

    /// The proposed committee, revoked keys left out, and from when on it can take office (Unix seconds); all zero
    /// where there is none.
    function proposedCommittee() external view virtual returns (uint64 effectiveAt, uint8 threshold, bytes32[] memory
        keys);

    /// An epoch's committee as it took office, at that second (Unix). Of keys that were revoked since the bits are set,
    /// the first key's the lowest. All zero where there was no such epoch.
    function committeeOf(uint32 epoch) external view virtual returns (uint64 since, uint8 threshold, bytes32[] memory
        keys, uint16 revoked);

    /// Whether a key was revoked.
    function isRevoked(bytes32 key) external view virtual returns (bool);

    /// Records what a Shapley-lite audit of a period's current report found: hash of its document, seed of the sample
    /// and its size, largest deviation of a weight and the confidence in it, both in millionths. Answers with the
    /// audit's number among those of the report, from 0.
    /// @dev Who: AUDITOR_ROLE. Refuses with: `AccessControlUnauthorizedAccount`, `NoReport`, `NotCurrentReport`,
    /// `InvalidAudit`.
    function postAudit(address pool, bytes32 stream, uint32 period, bytes32 reportHash, bytes32 auditHash, bytes32 seed,
        uint32 samples, uint32 maxDeviation, uint32 confidence) external virtual returns (uint32 index);

    /// Number of audits of a report, by its hash.
    function auditCount(bytes32 reportHash) external view virtual returns (uint32);

    /// A report's audit, counted from 0, posted at that time (Unix seconds); all zero where there is none.
    function auditOf(bytes32 reportHash, uint32 index) external view virtual returns (bytes32 auditHash, bytes32 seed,
        uint32 samples, uint32 maxDeviation, uint32 confidence, address auditor, uint64 postedAt);

    /// What holds of a period, for whoever pays by it: state 0 no report, 1 in its challenge window, 2 disputed or
    /// withdrawn, 3 final; by the clock, without anybody having to call. Only a final root never changes.
    function resultOf(address pool, bytes32 stream, uint32 period) external view virtual returns (uint8 state, bytes32
        weightsRoot);

    /// Where a period is in the game: phase 0 no report, 1 open until its window ends, 2 disputed with its deadline, 3
    /// withdrawn at that time, waiting for the next revision; times in Unix seconds. All from the challenger on are the
    /// last dispute's; the currency is zero for the chain's own money.
    function disputeOf(address pool, bytes32 stream, uint32 period) external view virtual returns (uint8 phase, uint32
        revision, uint64 until, address challenger, bytes32 reason, uint8 disputes, address defender, address currency,
        uint256 bond);

    /// Figures of a period, for whoever charges by it, once the state is 3: the state as in `resultOf`; the metric as
    /// in a licence's terms, keccak-256 of its name and its version (four bytes, big-endian); the threshold in
    /// millionths. Zero where there is no report; only those of a final one never change.
    function figuresOf(address pool, bytes32 stream, uint32 period) external view virtual returns (uint8 state, uint32
        revision, bytes32 reportHash, bytes32 metric, uint32 threshold, uint256 attributedTokens, uint64
        qualifyingCalls);

    /// A period's place in its stream: state and root as in `resultOf`, then its neighbours among the stream's reported
    /// periods, zero for none, whether or not it was reported itself.
    function placeOf(address pool, bytes32 stream, uint32 period) external view virtual returns (uint8 state, bytes32
        weightsRoot, uint32 previousPeriod, uint32 nextPeriod);

    /// The end of a stream: its latest period; hash of the report accepted last, which the next one must name (a
    /// revision where one came last); the least log that the next one may be computed from, which is that report's, or
    /// after a withdrawal at most what it was before the withdrawn report. Zero where there is none.
    function latest(address pool, bytes32 stream) external view virtual returns (uint32 period, bytes32 reportHash,
        uint64 logSize);

    /// A period's current revision, final or not; the time in Unix seconds. Zero where there is no report.
    function reportOf(address pool, bytes32 stream, uint32 period) external view virtual returns (bytes32 reportHash,
        bytes32 weightsRoot, uint64 postedAt);

    /// What is fixed for good: verifier, licence contract, times in seconds, the least bond in units of 10^-18 of a
    /// pool's currency, and its part of what is contested in basis points.
    function terms() external view virtual returns (address verifier, address licences, uint64 challengeWindow, uint64
        rulingTime, uint64 committeeDelay, uint256 bond, uint16 bondBps);

    /// An auditor recorded what its audit of a report found.
    /// @param pool Pool.
    /// @param stream Licence stream.
    /// @param period Accounting period.
    /// @param reportHash The report that was checked.
    /// @param auditHash SHA-256 of the audit's document.
    /// @param seed Seed of the sample.
    /// @param samples Outputs in the sample.
    /// @param maxDeviation Largest deviation of a weight, in millionths of the whole.
    /// @param confidence Confidence in it, in millionths.
    /// @param auditor Who posted it.
    /// @param postedAt When, Unix seconds.
    event AuditPosted(address indexed pool, bytes32 indexed stream, uint32 indexed period, bytes32 reportHash, bytes32
        auditHash, bytes32 seed, uint32 samples, uint32 maxDeviation, uint32 confidence, address auditor, uint64
        postedAt);

    /// A pool took what was kept for its period.
    /// @param pool Pool.
    /// @param stream Licence stream.
    /// @param period Accounting period.
    /// @param currency What it is in; zero for the chain's own money.
    /// @param amount How much it took, in its smallest unit.
    /// @param kept How much is kept for the period now.
    event BondDelivered(address indexed pool, bytes32 indexed stream, uint32 indexed period, address currency, uint256
        amount, uint256 kept);

    /// A dispute left a period a part of its bonds: it is kept until anybody delivers it (`deliverBond`).
    /// @param pool Pool.
    /// @param stream Licence stream.
    /// @param period Accounting period.
    /// @param currency What it is in; zero for the chain's own money.
    /// @param amount How much this dispute left it, in its smallest unit.
    /// @param kept How much is kept for the period now.
    event BondKept(address indexed pool, bytes32 indexed stream, uint32 indexed period, address currency, uint256
        amount, uint256 kept);

    /// Bonds owed to an account were paid out; nothing is owed to it any more.
    /// @param account Whose they were.
    /// @param to Where they went.
    /// @param currency What they are in; zero for the chain's own money.
    /// @param amount How much, in its smallest unit.
    event BondWithdrawn(address indexed account, address indexed to, address currency, uint256 amount);

    /// A committee was proposed; an earlier proposal is void.
    /// @param epoch The epoch it would begin.
    /// @param threshold Signatures a report would need.
    /// @param keys ed25519 public keys.
    /// @param effectiveAt Unix seconds from which on it can take office.
    event CommitteeProposed(uint32 epoch, uint8 threshold, bytes32[] keys, uint64 effectiveAt);

    /// A committee took office; older epochs' keys sign nothing new.
    /// @param epoch Counts from 1.
    /// @param threshold Signatures a report needs.
    /// @param keys ed25519 public keys.
    event CommitteeSet(uint32 epoch, uint8 threshold, bytes32[] keys);

    /// Somebody matched a challenger's bond and stands for the report.
    /// @param pool Pool.
    /// @param stream Licence stream.
    /// @param period Accounting period.
    /// @param reportHash The disputed report.
    /// @param defender Who matched it.
    event DisputeDefended(address indexed pool, bytes32 indexed stream, uint32 indexed period, bytes32 reportHash,
        address defender);

    /// Nobody ruled on a dispute in time: the rest of the window runs from the deadline on; each has its bond back.
    /// @param pool Pool.
    /// @param stream Licence stream.
    /// @param period Accounting period.
    /// @param reportHash The report.
    /// @param challenger Who disputed it.
    /// @param finalAt Unix seconds from which on the report is final if nobody disputes it again.
    /// @param toChallenger Of the bonds, owed to the challenger.
    /// @param toDefender Of the bonds, owed to the defender; zero where there is none.
    event DisputeExpired(address indexed pool, bytes32 indexed stream, uint32 indexed period, bytes32 reportHash,
        address challenger, uint64 finalAt, uint256 toChallenger, uint256 toDefender);

    /// The arbiter disagreed with a challenger: the rest of the window runs on.
    /// @param pool Pool.
    /// @param stream Licence stream.
    /// @param period Accounting period.
    /// @param reportHash The report.
    /// @param challenger Whose bond is lost.
    /// @param arbiter Who ruled.
    /// @param finalAt Unix seconds from which on the report is final if nobody disputes it again.
    /// @param toChallenger Of the bonds, owed to the challenger.
    /// @param toDefender Of the bonds, owed to the defender; zero where there is none.
    /// @param toPeriod Of the bonds, kept for the period's money (`BondKept`).
    event DisputeRejected(address indexed pool, bytes32 indexed stream, uint32 indexed period, bytes32 reportHash,
        address challenger, address arbiter, uint64 finalAt, uint256 toChallenger, uint256 toDefender, uint256
        toPeriod);

    /// The arbiter agreed with a challenger: the report is withdrawn until its revision comes.
    /// @param pool Pool.
    /// @param stream Licence stream.
    /// @param period Accounting period.
    /// @param reportHash The withdrawn report.
    /// @param challenger Who was right.
    /// @param arbiter Who ruled.
    /// @param toChallenger Of the bonds, owed to the challenger.
    /// @param toDefender Of the bonds, owed to the defender; zero where there is none.
    /// @param toPeriod Of the bonds, kept for the period's money (`BondKept`).
    event DisputeUpheld(address indexed pool, bytes32 indexed stream, uint32 indexed period, bytes32 reportHash, address
        challenger, address arbiter, uint256 toChallenger, uint256 toDefender, uint256 toPeriod);

    /// A key was revoked: it signs nothing any more.
    /// @param key ed25519 public key.
    /// @param epoch The epoch in office.
    /// @param left Keys that the committee in office has left.
    /// @param threshold Signatures a report needs; with fewer keys left, nothing can be posted.
    event KeyRevoked(bytes32 indexed key, uint32 epoch, uint8 left, uint8 threshold);

    /// Somebody added a reason to an open dispute, without a bond.
    /// @param pool Pool.
    /// @param stream Licence stream.
    /// @param period Accounting period.
    /// @param reportHash The disputed report.
    /// @param account Who added it.
    /// @param reason Hash of the reason.
    event ReasonAdded(address indexed pool, bytes32 indexed stream, uint32 indexed period, bytes32 reportHash, address
        account, bytes32 reason);

    /// A pending report was disputed; its window stands still.
    /// @param pool Pool.
    /// @param stream Licence stream.
    /// @param period Accounting period.
    /// @param reportHash The disputed report.
    /// @param challenger Who put up the bond.
    /// @param reason Hash of the challenger's reasons.
    /// @param deadline Unix seconds from which on the rest of the window runs if the arbiter has not ruled.
    /// @param currency What the bond is in; zero for the chain's own money.
    /// @param bond The bond, in its smallest unit.
    event ReportDisputed(address indexed pool, bytes32 indexed stream, uint32 indexed period, bytes32 reportHash,
        address challenger, bytes32 reason, uint64 deadline, address currency, uint256 bond);

    /// A report was accepted; its challenge window runs.
    /// @param pool Pool whose contributors the weights belong to.
    /// @param stream Licence stream.
    /// @param period Accounting period.
    /// @param revision 0, or the number of the revision that replaces a withdrawn report.
    /// @param reportHash keccak-256 of the report's bytes.
    /// @param weightsRoot Root over (contributor, weight); zero where nothing qualified.
    /// @param finalAt Unix seconds from which on it is final if nobody disputes it.
    /// @param report The report's canonical bytes.
    event ReportPosted(address indexed pool, bytes32 indexed stream, uint32 indexed period, uint32 revision, bytes32
        reportHash, bytes32 weightsRoot, uint64 finalAt, bytes report);

    /// Renouncing needs the caller's own address as confirmation.
    error AccessControlBadConfirmation();

    /// The default admin's role changes by hand-over alone.
    error AccessControlEnforcedDefaultAdminRules();

    /// Only the proposed successor can accept.
    error AccessControlInvalidDefaultAdmin(address defaultAdmin);

    /// The account lacks the role: (account, role).
    error AccessControlUnauthorizedAccount(address account, bytes32 neededRole);

    /// Somebody has matched the bond already.
    error AlreadyDefended(address defender);

    /// This key's signature is not one over these bytes.
    error BadSignature(bytes32 key);

    /// The dispute costs more than the caller agrees to: (bond, limit), in the pool's currency.
    error BondAboveLimit(uint256 bond, uint256 limit);

    /// The pool's currency does not say what moved, or lets no allowance be taken back.
    error CurrencyCallFailed(address currency);

    /// The arbiter has time left: (deadline, now), Unix seconds.
    error DeadlineNotReached(uint64 deadline, uint64 now);

    /// The arbiter is late: (deadline, now), Unix seconds.
    error DeadlinePassed(uint64 deadline, uint64 now);

    /// The report was disputed as often as one can be.
    error DisputesExhausted(uint8 disputes);

    /// Calls are drawn by a block after the anchor's and before the report's: (block, anchor's, this one).
    error DrawnByWrongBlock(uint32 block, uint32 anchoredAt, uint32 now);

    /// The same key twice.
    error DuplicateSigner(bytes32 key);

    /// The licence limits false discoveries, so decoys must be compared: the limit, in basis points.
    error ErrorNotMeasured(uint16 limit);

    /// The registry would keep less of the pool's currency than it lets anybody have. Anybody sends it that much more.
    error FloatMissing(uint256 missing);

    /// An audit names its document, at least one sample, and shares of at most 1,000,000: (samples, max deviation,
    /// confidence).
    error InvalidAudit(uint32 samples, uint32 maxDeviation, uint32 confidence);

    /// Keys must be distinct, at most 12, and the threshold between 1 and their number.
    error InvalidCommittee();

    /// A time, the least bond or its part of what is contested is outside the limits that the registry's constructor
    /// says.
    error InvalidTerms();

    /// The challenger cannot stand for the report, and neither side of a dispute can rule on it.
    error IsParty(address account);

    /// Computed from a shorter log than the report accepted last, those that were withdrawn apart: (got, least) size.
    error LogShrank(uint64 got, uint64 last);

    /// The bytes are no report: 1 too long, 2 wrong tag, 3 no report, 4 figures that contradict each other, or a period
    /// or epoch of zero, 5 models, 6 a threshold of zero or above one, 7 outcome.
    error MalformedReport(uint8 code);

    /// Not a sequence of 1,152-byte entries, as the verifier takes them: the length.
    error MalformedSignatures(uint256 length);

    /// No report was posted for (stream, period).
    error NoReport(bytes32 stream, uint32 period);

    /// The checkpoint that calls were drawn from is not on chain with this root: (its size, the root there, zero for
    /// none).
    error NotAnchored(uint64 size, bytes32 anchored);

    /// Only the account itself may have its money sent elsewhere: (caller, account).
    error NotBondOwner(address caller, address account);

    /// It is another report that is meant: (got, current) hash.
    error NotCurrentReport(bytes32 got, bytes32 current);

    /// The report is not disputed: its phase, as in `disputeOf`.
    error NotDisputed(uint8 phase);

    /// The proposed committee takes office later: (effective at, now), Unix seconds.
    error NotEffectiveYet(uint64 effectiveAt, uint64 now);

    /// Fewer signatures than the threshold: (got, need).
    error NotEnoughSignatures(uint8 got, uint8 need);

    /// No further dispute is possible, so the window that this one stopped is left to whoever adds a reason: (Unix
    /// seconds from which on it can be rejected, now).
    error NotHeard(uint64 until, uint64 now);

    /// The report is not in its challenge window: its state, as in `resultOf`.
    error NotPending(uint8 state);

    /// No lost bond waits for (stream, period) in the pool's currency.
    error NothingKept(bytes32 stream, uint32 period);

    /// No bond is owed to the account.
    error NothingOwed(address account);

    /// No committee is proposed.
    error NothingProposed();

    /// A figure would not fit.
    error Overflow();

    /// The recipient does not accept the payment; the money stays owed.
    error PayoutFailed(address account);

    /// What is not over cannot be reported: (period, Unix seconds from which on it can).
    error PeriodNotOver(uint32 period, uint64 ends);

    /// Not later than the stream's last reported one: (got, last).
    error PeriodOutOfOrder(uint32 got, uint32 last);

    /// The pool still does not take what is kept for its period: is it open, and is there native money for the
    /// allowance?
    error PoolRefused(address pool);

    /// Does not follow the report accepted last: (got, expected) hash of it.
    error PreviousMismatch(bytes32 got, bytes32 expected);

    /// A reason that is added is the hash of a text, never zero.
    error ReasonMissing();

    /// Not the revision that the period waits for: (got, expected); zero expected where it waits for none.
    error RevisionOutOfOrder(uint32 got, uint32 expected);

    /// Revoked keys never sign again.
    error RevokedKey(bytes32 key);

    /// Revocations left fewer keys than the threshold: (left, need). Another committee must be proposed.
    error TooFewKeys(uint8 left, uint8 need);

    /// More false discoveries than the licence allows, by the lower end of their interval of 95 %: (hits that were a
    /// decoy's, hits, limit in basis points).
    error TooManyFalseDiscoveries(uint64 decoys, uint64 hits, uint16 limit);

    /// More tokens than the licence counts of so many calls: (tokens, calls, most of a call).
    error TooManyTokens(uint64 tokens, uint64 calls, uint32 most);

    /// Not a key of the committee.
    error UnknownKey(bytes32 key);

    /// A key that can have no valid signature: not in its canonical form, no point of the curve, or one of small order.
    error UnusableKey(bytes32 key);

    /// The verifier gave no answer, or one that cannot be.
    error VerifierFailed();

    /// The money did not come as announced: (got, expected), in the pool's currency, or in the chain's own money, which
    /// no bond in an ERC-20 takes.
    error WrongBond(uint256 got, uint256 expected);

    /// Signed for another chain: (got, expected).
    error WrongChain(uint64 got, uint64 expected);

    /// Signed for another registry.
    error WrongContract(address got);

    /// Signed under another committee epoch: (got, expected).
    error WrongEpoch(uint32 got, uint32 expected);

    /// The licence of the stream names another metric: (got, the terms').
    error WrongMetric(bytes32 got, bytes32 expected);

    /// The licence of the stream names another threshold: (got, the terms').
    error WrongThreshold(uint32 got, uint32 expected);
}

/// A co-op: a pool's holders vote on what it does, as in OpenZeppelin's Governor.
abstract contract Coop {
    /// A co-op of a pool's holders. All times are in seconds; the quorum is a part of all shares in basis points,
    /// rounded up.
    constructor(address pool, uint32 votingDelay, uint32 votingPeriod, uint16 quorumBps, uint256 proposalThreshold,
        uint32 timelock, uint32 gracePeriod) {}

    /// Takes money that comes without a message: ink! reads a call without data as the selector zero, which is that of
    /// this message.
    /// @dev Who: Anyone. Refuses with: `UnknownMessage` where there was data.
    function wycpnbqcyf() external payable virtual;

    /// Proposes one to four calls, each with at most 1,024 bytes of data, under a description of at most 2,048 bytes,
    /// and returns the proposal's id. A call without data is a payment.
    /// @dev Who: Who had the threshold's votes in the second before; where the description ends with `#proposer=0x…`,
    /// the account named there alone. Refuses with: `GovernorRestrictedProposer`, `GovernorInsufficientProposerVotes`,
    /// `GovernorInvalidProposalLength`, `TooLong`, `AmountTooLarge`, `GovernorUnexpectedProposalState` where the same
    /// calls were proposed in the same words before, `PoolCallFailed`.
    function propose(address[] calldata targets, uint256[] calldata values, bytes[] calldata calldatas, string calldata
        description) external virtual returns (uint256 proposalId);

    /// Votes with the account's votes at the snapshot: 0 against, 1 for, 2 abstain. Returns the weight.
    /// @dev Who: Who had votes at the snapshot and is neither frozen nor sanctioned by the pool's screening; once.
    /// Refuses with: `GovernorNonexistentProposal`, `GovernorUnexpectedProposalState`, `GovernorInvalidVoteType`,
    /// `GovernorAlreadyCastVote`, `VoterScreened`, `NoVotes`, `VotesExceedSupply`, `PoolCallFailed`.
    function castVote(uint256 proposalId, uint8 support) external virtual returns (uint256 weight);

    /// Votes as `castVote` does and says why, in at most 256 bytes.
    /// @dev Who: As with `castVote`. Refuses with: Those of `castVote`, and `TooLong`.
    function castVoteWithReason(uint256 proposalId, uint8 support, string calldata reason) external virtual returns
        (uint256 weight);

    /// Makes a successful proposal's calls. All succeed or nothing happened, and then it can be tried again until it
    /// expires. A token's `transfer`, `transferFrom` or `approve` that answers with anything but true or nothing counts
    /// as failed, as with OpenZeppelin's `SafeERC20`. Money that comes along is the co-op's. During its calls the co-op
    /// cannot be called.
    /// @dev Who: Anyone, in the `gracePeriod` seconds after the timelock. Refuses with: `GovernorNonexistentProposal`,
    /// `GovernorUnexpectedProposalState`, `GovernorUnmetDelay`, `NotAContract` for data sent to an account without
    /// code, `ActionFailed`; those of `hashProposal`.
    function execute(address[] calldata targets, uint256[] calldata values, bytes[] calldata calldatas, bytes32
        descriptionHash) external payable virtual returns (uint256 proposalId);

    /// Takes a proposal back, before votes count.
    /// @dev Who: Its proposer, while it is pending. Refuses with: `GovernorNonexistentProposal`,
    /// `GovernorUnableToCancel`; those of `hashProposal`.
    function cancel(address[] calldata targets, uint256[] calldata values, bytes[] calldata calldatas, bytes32
        descriptionHash) external virtual returns (uint256 proposalId);

    /// The id of a proposal: keccak-256 of `abi.encode(targets, values, calldatas, descriptionHash)`.
    /// @dev Refuses with: `GovernorInvalidProposalLength`, `TooLong`, `AmountTooLarge`.
    function hashProposal(address[] calldata targets, uint256[] calldata values, bytes[] calldata calldatas, bytes32
        descriptionHash) external view virtual returns (uint256 proposalId);

    /// Where a proposal stands: 0 pending, 1 active, 2 canceled, 3 defeated, 4 succeeded, 5 queued, 6 expired, 7
    /// executed.
    /// @dev Refuses with: `GovernorNonexistentProposal`.
    function state(uint256 proposalId) external view virtual returns (uint8);

    /// The second at whose end balances count.
    /// @dev Refuses with: `GovernorNonexistentProposal`.
    function proposalSnapshot(uint256 proposalId) external view virtual returns (uint256);

    /// The last second in which votes count.
    /// @dev Refuses with: `GovernorNonexistentProposal`.
    function proposalDeadline(uint256 proposalId) external view virtual returns (uint256);

    /// The first second in which a proposal can be executed, where it succeeds.
    /// @dev Refuses with: `GovernorNonexistentProposal`.
    function proposalEta(uint256 proposalId) external view virtual returns (uint256);

    /// Who made a proposal.
    /// @dev Refuses with: `GovernorNonexistentProposal`.
    function proposalProposer(uint256 proposalId) external view virtual returns (address);

    /// How many shares have voted what so far, in share units.
    /// @dev Refuses with: `GovernorNonexistentProposal`.
    function proposalVotes(uint256 proposalId) external view virtual returns (uint256 againstVotes, uint256 forVotes,
        uint256 abstainVotes);

    /// Whether an account voted.
    function hasVoted(uint256 proposalId, address account) external view virtual returns (bool);

    /// Shares that must vote yes or abstain, of those at a past second; rounded up.
    /// @dev Refuses with: `PoolCallFailed`, also for a second that is not over.
    function quorum(uint256 timepoint) external view virtual returns (uint256);

    /// An account's votes at a past second.
    /// @dev Refuses with: `PoolCallFailed`, also for a second that is not over.
    function getVotes(address account, uint256 timepoint) external view virtual returns (uint256);

    /// The pool whose shares vote.
    function token() external view virtual returns (address);

    /// The clock: Unix seconds (ERC-6372).
    function clock() external view virtual returns (uint64);

    /// How the clock runs, as ERC-6372 puts it.
    function CLOCK_MODE() external view virtual returns (string memory);

    /// Whether the pool is asked, at each vote, if its screening blocks the voter; settled when the co-op was founded.
    function screens() external view virtual returns (bool);

    /// Seconds from a proposal to its snapshot.
    function votingDelay() external view virtual returns (uint256);

    /// Seconds in which votes count.
    function votingPeriod() external view virtual returns (uint256);

    /// Votes that a proposer must have had in the second before.
    function proposalThreshold() external view virtual returns (uint256);

    /// The quorum's part of `quorumDenominator`.
    function quorumNumerator() external view virtual returns (uint256);

    /// 10 000: basis points.
    function quorumDenominator() external view virtual returns (uint256);

    /// Seconds between a successful vote and its execution.
    function timelock() external view virtual returns (uint256);

    /// Seconds in which a successful proposal can be executed.
    function gracePeriod() external view virtual returns (uint256);

    /// A co-op was founded; its rules never change.
    /// @param pool Whose shares vote.
    /// @param votingDelay Seconds from a proposal to its snapshot.
    /// @param votingPeriod Seconds in which votes count.
    /// @param quorumBps Part of all shares that must vote yes or abstain, in basis points.
    /// @param proposalThreshold Votes that a proposer must have had in the second before.
    /// @param timelock Seconds between a successful vote and its execution.
    /// @param gracePeriod Seconds in which it can then be executed.
    event CoopCreated(address indexed pool, uint32 votingDelay, uint32 votingPeriod, uint16 quorumBps, uint256
        proposalThreshold, uint32 timelock, uint32 gracePeriod);

    /// A proposal was taken back by its proposer.
    /// @param proposalId Which.
    event ProposalCanceled(uint256 proposalId);

    /// Something was proposed.
    /// @param proposalId keccak-256 of the calls and the description's hash.
    /// @param proposer By whom.
    /// @param targets Contracts, or accounts that are paid.
    /// @param values Wei that goes along with each call.
    /// @param signatures Empty texts, one for each call.
    /// @param calldatas Selector and arguments of each call.
    /// @param voteStart The snapshot; votes count from the next second on.
    /// @param voteEnd Last second in which votes count.
    /// @param description What it is about.
    event ProposalCreated(uint256 proposalId, address proposer, address[] targets, uint256[] values, string[]
        signatures, bytes[] calldatas, uint256 voteStart, uint256 voteEnd, string description);

    /// A proposal was executed, all its calls in one transaction.
    /// @param proposalId Which.
    event ProposalExecuted(uint256 proposalId);

    /// Money came in without a message.
    /// @param payer From whom.
    /// @param amount In wei.
    event Received(address indexed payer, uint256 amount);

    /// A vote was counted.
    /// @param voter Whose.
    /// @param proposalId On what.
    /// @param support 0 against, 1 for, 2 abstain.
    /// @param weight Its votes at the snapshot.
    /// @param reason The voter's words; empty where it gave none.
    event VoteCast(address indexed voter, uint256 proposalId, uint8 support, uint256 weight, string reason);

    /// A call of the proposal failed, and all others are undone: (id, which from 0, first 256 bytes of what it
    /// answered).
    error ActionFailed(uint256 proposalId, uint256 index, bytes answer);

    /// Above 2^128 − 1.
    error AmountTooLarge(uint256 amount);

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

    /// Period and grace must be at least one second, the quorum between 1 and 10 000 basis points.
    error InvalidSettings();

    /// The account had no votes at the snapshot: (account, snapshot).
    error NoVotes(address account, uint256 snapshot);

    /// The pool that a co-op votes by must be a contract, and so must whoever a proposal sends data to.
    error NotAContract(address account);

    /// The pool does not answer.
    error PoolCallFailed();

    /// Call data, description or reason are over their limit: (bytes, limit).
    error TooLong(uint256 length, uint256 most);

    /// No message of this contract.
    error UnknownMessage();

    /// The pool's screening blocks the account, whose vote does not count: (account, ERC-1404 code).
    error VoterScreened(address account, uint8 code);

    /// More votes than shares: (votes, shares).
    error VotesExceedSupply(uint256 votes, uint256 supply);
}

/// Makes pools and their co-ops.
abstract contract Factory is Access {
    /// A factory whose parts `admin` may change. Manifests, licence and market may still be zero, and the rest too
    /// until the first pool is made.
    constructor(address admin, address kyc, address attribution, address manifests, address licence, address market,
        address logic, bytes32 poolCode, bytes32 coopCode) {}

    /// Makes a pool for the caller, who is to accept its admin's role, and has the licensor's role. Name and symbol are
    /// UTF-8 filled up with zeros; the currency is an ERC-20, or zero for the chain's own money; the contributors' part
    /// of every deposit is in basis points.
    /// @dev Who: Anyone. Refuses with: `PartMissing`, `CreationFailed`, `WiringFailed`.
    function createPool(bytes32 name, bytes32 symbol, address currency, uint16 contributorsBps) external virtual returns
        (address pool);

    /// Makes a pool as `createPool` does and a co-op of its holders, which has the licensor's role instead of the
    /// caller. Times are in seconds.
    /// @dev Who: Anyone. Refuses with: `PartMissing`, `CreationFailed`, `WiringFailed`.
    function createPoolWithCoop(bytes32 name, bytes32 symbol, address currency, uint16 contributorsBps, uint32
        votingDelay, uint32 votingPeriod, uint16 quorumBps, uint256 proposalThreshold, uint32 timelock, uint32
        gracePeriod) external virtual returns (address pool, address coop);

    /// Lists a pool that was made elsewhere; `coop` is zero where it has none. The pool is asked for its `kyc()`,
    /// `attribution()`, `currency()` and `defaultAdmin()`, its co-op for `token()`, and what they say is listed;
    /// manifests, licence and market are the shared ones.
    /// @dev Who: The default admin. Refuses with: `AccessControlUnauthorizedAccount`, `AlreadyListed`, `NotAPool`,
    /// `NotACoop`.
    function registerPool(address pool, address coop) external virtual;

    /// Changes the parts of the pools made from now on; a listing keeps the parts of its time. The code of pools and
    /// co-ops must be on chain before one is made of it, or the pallet stops that call with `CodeNotFound`.
    /// @dev Who: The default admin. Refuses with: `AccessControlUnauthorizedAccount`.
    function setParts(address kyc, address attribution, address manifests, address licence, address market, address
        logic, bytes32 poolCode, bytes32 coopCode) external virtual;

    /// The parts of the pools made from now on, zero where there is none yet; the last two are hashes of code.
    function parts() external view virtual returns (address kyc, address attribution, address manifests, address
        licence, address market, address logic, bytes32 poolCode, bytes32 coopCode);

    /// How many pools are listed.
    function poolCount() external view virtual returns (uint256);

    /// The pool at an index, counting from 0 in the order of listing.
    /// @dev Refuses with: `IndexOutOfRange`.
    function poolAt(uint256 index) external view virtual returns (address);

    /// Whether a pool is listed.
    function isPool(address pool) external view virtual returns (bool);

    /// A listed pool, with the parts as they were when it was listed. Only where `created` is true did the factory make
    /// it, and so choose its code; any other was registered.
    /// @dev Refuses with: `UnknownPool`.
    function poolInfo(address pool) external view virtual returns (uint32 number, address creator, address coop, address
        currency, address kyc, address attribution, address manifests, address licence, address market, address logic,
        uint64 listedAt, bool created);

    /// Pools made from now on share these parts, zero where there is none yet; the pools before keep theirs.
    /// @param kyc KYC registry.
    /// @param attribution Registry of attribution reports.
    /// @param manifests Registry of datasets and models.
    /// @param licence Licences.
    /// @param market Share market.
    /// @param logic The contract with the pools' logic.
    /// @param poolCode Hash of the pools' code.
    /// @param coopCode Hash of the co-ops' code.
    event PartsSet(address kyc, address attribution, address manifests, address licence, address market, address logic,
        bytes32 poolCode, bytes32 coopCode);

    /// A pool was listed, with all its parts. Twelve fields are the most that ink! encodes; the time is the block's.
    /// @param pool The pool.
    /// @param creator Who made it, or was its admin when it was registered.
    /// @param coop Its co-op; zero where it has none.
    /// @param number Counts from 1.
    /// @param currency Currency: an ERC-20, or zero for the chain's native token.
    /// @param kyc KYC registry.
    /// @param attribution Registry of attribution reports.
    /// @param manifests Registry of datasets and models.
    /// @param licence Licences.
    /// @param market Share market.
    /// @param logic The contract with its logic; zero where the factory did not make the pool.
    /// @param created Made by this factory, of the code it knew.
    event PoolListed(address indexed pool, address indexed creator, address indexed coop, uint32 number, address
        currency, address kyc, address attribution, address manifests, address licence, address market, address logic,
        bool created);

    /// Renouncing needs the caller's own address as confirmation.
    error AccessControlBadConfirmation();

    /// The default admin's role changes by hand-over alone.
    error AccessControlEnforcedDefaultAdminRules();

    /// Only the proposed successor can accept.
    error AccessControlInvalidDefaultAdmin(address defaultAdmin);

    /// The account lacks the role: (account, role).
    error AccessControlUnauthorizedAccount(address account, bytes32 neededRole);

    /// The pool is listed already.
    error AlreadyListed(address pool);

    /// A contract could not be made: (hash of its code, first 256 bytes of what its constructor answered).
    error CreationFailed(bytes32 code, bytes answer);

    /// There are fewer pools: (index, how many).
    error IndexOutOfRange(uint256 index, uint256 count);

    /// Not a co-op of this pool: (co-op, pool).
    error NotACoop(address coop, address pool);

    /// Does not answer as a pool does.
    error NotAPool(address account);

    /// A part that the new pool or its co-op needs is missing: its place in `parts()`, from 0.
    error PartMissing(uint8 part);

    /// Not listed here.
    error UnknownPool(address pool);

    /// The new pool did not do what the factory asked of it: (pool, selector of the message).
    error WiringFailed(address pool, bytes4 selector);
}

/// The registry of verified accounts.
abstract contract Kyc is Access {
    /// A registry without records, roles or issuers. `logic` answers what the front does not, for good; `admin` grants
    /// the roles. Fails with an empty error where the logic does not work on the new registry's records.
    constructor(address logic, address admin) {}

    /// What an issuer signs (EIP-712, domain name "Yieldset KYC", version "1"); times in unix seconds.
    struct Attestation {
        address account;
        uint8 level;
        uint16 jurisdiction;
        bool accredited;
        uint64 expiry;
        uint64 nonce;
        uint64 validUntil;
    }

    /// Sets or renews a record; a freeze and a sanction stay. Attestations signed before are void. `jurisdiction` is an
    /// ISO 3166-1 numeric country code; `expiry` is in Unix seconds.
    /// @dev Who: AGENT_ROLE. Refuses with: `AccessControlUnauthorizedAccount`, `InvalidRecord`.
    function setRecord(address account, uint8 level, uint16 jurisdiction, bool accredited, uint64 expiry) external
        virtual;

    /// Sets many records, all or none. Each word is account (20 bytes), level (1), jurisdiction (2), accredited (1,
    /// zero or one) and expiry (8), numbers big-endian.
    /// @dev Who: AGENT_ROLE. Refuses with: `AccessControlUnauthorizedAccount`, `InvalidRecord`.
    function setRecords(bytes32[] calldata entries) external virtual;

    /// Takes an attestation that a trusted issuer signed for an account's present nonce (EIP-712, `DOMAIN_SEPARATOR`),
    /// until `validUntil` (Unix seconds). A freeze and a sanction stay.
    /// @dev Who: Anyone. Refuses with: `ECDSAInvalidSignature`, `ECDSAInvalidSignatureS`, `UntrustedIssuer`,
    /// `AttestationTooLate`, `InvalidAccountNonce`, `InvalidRecord`, `TopicNotTrusted`.
    function submitAttestation(address account, uint8 level, uint16 jurisdiction, bool accredited, uint64 expiry, uint64
        nonce, uint64 validUntil, uint8 v, bytes32 r, bytes32 s) external virtual;

    /// EIP-712: binds attestations to this chain and contract.
    function DOMAIN_SEPARATOR() external view virtual returns (bytes32);

    /// What the next attestation for an account must carry.
    function nonces(address account) external view virtual returns (uint256);

    /// Removes a record: without one nothing can be sent, received or claimed. A freeze and a sanction stay, and no
    /// attestation signed before counts any more.
    /// @dev Who: AGENT_ROLE; of an attested record also its issuer, while it is trusted. Refuses with:
    /// `AccessControlUnauthorizedAccount`, `NoRecord`.
    function revoke(address account) external virtual;

    /// Removes many records as in `revoke`, all or none.
    /// @dev Who: AGENT_ROLE; of attested records also their issuer, while it is trusted. Refuses with:
    /// `AccessControlUnauthorizedAccount`, `NoRecord`.
    function revokeRecords(address[] calldata accounts) external virtual;

    /// Freezes or frees an account, whether or not it has a record.
    /// @dev Who: AGENT_ROLE. Refuses with: `AccessControlUnauthorizedAccount`.
    function setFrozen(address account, bool frozen) external virtual;

    /// Flags an account as being on a sanctions list, or as being on none; whether or not it has a record.
    /// @dev Who: AGENT_ROLE. Refuses with: `AccessControlUnauthorizedAccount`.
    function setSanctioned(address account, bool sanctioned) external virtual;

    /// Moves a lost account's record to its replacement, which must have none. A freeze and a sanction go along; the
    /// lost account is frozen, and no attestation signed before counts for either. `reason` is a document's digest.
    /// @dev Who: AGENT_ROLE. Refuses with: `AccessControlUnauthorizedAccount`, `InvalidReplacement`, `NoRecord`,
    /// `RecordExists`.
    function recover(address lost, address replacement, bytes32 reason) external virtual;

    /// Who stands in the place of an account that was recovered, the last time it was; zero for nobody.
    function successorOf(address account) external view virtual returns (address);

    /// ERC-3643: trusts an issuer's signatures on these topics: 1 KYC, 2 accredited. An address is trusted once: after
    /// its removal it cannot come back.
    /// @dev Who: COMPLIANCE_ROLE or the default admin. Refuses with: `AccessControlUnauthorizedAccount`,
    /// `InvalidIssuer`, `IssuerWasRemoved`, `IssuerExists`, `InvalidTopic`, `TooManyIssuers` (32).
    function addTrustedIssuer(address issuer, uint256[] calldata claimTopics) external virtual;

    /// ERC-3643: from now on neither what the issuer signs nor any record that it attested counts. Its records can be
    /// revoked in batches, set by agents, or attested by others.
    /// @dev Who: COMPLIANCE_ROLE or the default admin. Refuses with: `AccessControlUnauthorizedAccount`,
    /// `UntrustedIssuer`.
    function removeTrustedIssuer(address issuer) external virtual;

    /// ERC-3643: whether an issuer's signatures count.
    function isTrustedIssuer(address issuer) external view virtual returns (bool);

    /// ERC-3643: all trusted issuers.
    function getTrustedIssuers() external view virtual returns (address[] memory);

    /// ERC-3643: what an issuer may attest: 1 KYC, 2 accredited.
    /// @dev Refuses with: `UntrustedIssuer`.
    function getTrustedIssuerClaimTopics(address issuer) external view virtual returns (uint256[] memory);

    /// An account's record; `expiry` in Unix seconds. Of an account without one all but the freeze is zero.
    function recordOf(address account) external view virtual returns (uint8 level, uint16 jurisdiction, bool accredited,
        uint64 expiry, bool frozen, address issuer);

    /// ERC-3643: whether an account may hold, send, receive and claim now.
    function isVerified(address account) external view virtual returns (bool);

    /// ERC-3643: whether an account is frozen.
    function isFrozen(address account) external view virtual returns (bool);

    /// Whether an account is flagged as being on a sanctions list.
    function isSanctioned(address account) external view virtual returns (bool);

    /// ERC-3643: an account's country, ISO 3166-1 numeric; zero where there is no record.
    function investorCountry(address account) external view virtual returns (uint16);

    /// Code of the first reason against a transfer now under a pool's requirements, zero for none. Address zero stands
    /// for no sender (mint) or no recipient (burn, claim). Requirements: byte 31 is the least level, byte 30 has bit 0
    /// for accredited recipients only, bit 1 where the jurisdictions are those admitted (otherwise those not admitted),
    /// and bit 2 where freezes and sanctions alone count. The jurisdictions are a set of ISO 3166-1 numeric codes: code
    /// `n` is bit `7 - n % 8` of byte `n / 8` of `j0‖j1‖j2‖j3`.
    /// @dev Refuses with: `UnknownRequirement` where any other bit is set.
    function restrictionFor(address from, address to, bytes32 requirements, bytes32 j0, bytes32 j1, bytes32 j2, bytes32
        j3) external view virtual returns (uint8 code);

    /// ERC-1404: code of the first reason against a transfer now where nothing but a valid record is required, zero for
    /// none. Address zero stands for no sender (mint) or no recipient (burn).
    function detectTransferRestriction(address from, address to, uint256 amount) external view virtual returns (uint8);

    /// ERC-1404: what a code means and what to do; also of the codes that a pool adds.
    function messageForTransferRestriction(uint8 code) external view virtual returns (string memory);

    /// A lost account's record moved to another account.
    /// @param lost Without a record now, and frozen.
    /// @param replacement Has the record now.
    /// @param agent The agent.
    /// @param reason Digest of the document that says why.
    event AccountRecovered(address indexed lost, address indexed replacement, address indexed agent, bytes32 reason);

    /// ERC-3643: an account was frozen or freed.
    /// @param userAddress The account.
    /// @param isFrozen Whether it is frozen now.
    /// @param owner The agent.
    event AddressFrozen(address indexed userAddress, bool indexed isFrozen, address indexed owner);

    /// An account was found on a sanctions list, or taken off.
    /// @param account The account.
    /// @param sanctioned Whether it is sanctioned now.
    /// @param agent The agent.
    event AddressSanctioned(address indexed account, bool indexed sanctioned, address indexed agent);

    /// An account's record was removed; a freeze and a sanction stay.
    /// @param account Whose record.
    /// @param issuer Who revoked it.
    /// @param frozen Whether the account is still frozen.
    /// @param sanctioned Whether the account is still on a sanctions list.
    /// @param nonce What the next attestation must carry.
    event RecordRevoked(address indexed account, address issuer, bool frozen, bool sanctioned, uint64 nonce);

    /// An account's record after a change.
    /// @param account Whose record.
    /// @param level KYC level; zero where only a flag is left.
    /// @param jurisdiction ISO 3166-1 numeric country code; zero where only a flag is left.
    /// @param accredited Accredited investor.
    /// @param expiry Unix seconds from which on the record no longer counts; zero where only a flag is left.
    /// @param frozen Frozen: neither sends nor receives.
    /// @param sanctioned On a sanctions list: neither sends nor receives.
    /// @param issuer Who vouches for it: an agent, or the issuer that attested it; zero where only a flag is left.
    /// @param attested By an attestation: the record counts only as long as the issuer is trusted.
    /// @param nonce What the next attestation must carry.
    event RecordSet(address indexed account, uint8 level, uint16 jurisdiction, bool accredited, uint64 expiry, bool
        frozen, bool sanctioned, address issuer, bool attested, uint64 nonce);

    /// ERC-3643: an issuer's attestations count from now on.
    /// @param trustedIssuer The key that signs.
    /// @param claimTopics What it may attest: 1 KYC, 2 accredited.
    event TrustedIssuerAdded(address indexed trustedIssuer, uint256[] claimTopics);

    /// ERC-3643: neither what an issuer signs nor what it attested counts any more.
    /// @param trustedIssuer The key that signed.
    event TrustedIssuerRemoved(address indexed trustedIssuer);

    /// Renouncing needs the caller's own address as confirmation.
    error AccessControlBadConfirmation();

    /// The default admin's role changes by hand-over alone.
    error AccessControlEnforcedDefaultAdminRules();

    /// Only the proposed successor can accept.
    error AccessControlInvalidDefaultAdmin(address defaultAdmin);

    /// The account lacks the role: (account, role).
    error AccessControlUnauthorizedAccount(address account, bytes32 neededRole);

    /// The attestation can no longer be used: (valid until, now), Unix seconds.
    error AttestationTooLate(uint64 validUntil, uint64 now);

    /// OpenZeppelin: no signature of anybody.
    error ECDSAInvalidSignature();

    /// OpenZeppelin: `s` is in the upper half.
    error ECDSAInvalidSignatureS(bytes32 s);

    /// OpenZeppelin: the attestation was used, or overtaken by an agent; the account's nonce is this one.
    error InvalidAccountNonce(address account, uint256 currentNonce);

    /// The zero address cannot be trusted.
    error InvalidIssuer(address issuer);

    /// Level or jurisdiction is zero, the jurisdiction is above 999, the expiry has passed, the account is zero, or a
    /// word of `setRecords` has another number than zero or one for accredited: (level, expiry).
    error InvalidRecord(uint8 level, uint64 expiry);

    /// A lost account cannot replace itself, nor can the zero address.
    error InvalidReplacement(address account);

    /// There is no such claim topic (1 KYC, 2 accredited), or none was named: zero.
    error InvalidTopic(uint256 topic);

    /// The issuer is trusted already.
    error IssuerExists(address issuer);

    /// The issuer was removed: it can come back with another key only.
    error IssuerWasRemoved(address issuer);

    /// The account has no record: set one first.
    error NoRecord(address account);

    /// The account has a record of its own: revoke it first.
    error RecordExists(address account);

    /// As many issuers are trusted as there can be.
    error TooManyIssuers(uint8 most);

    /// The issuer may not attest this topic.
    error TopicNotTrusted(address issuer, uint256 topic);

    /// `restrictionFor` was asked for a requirement this registry does not know.
    error UnknownRequirement(bytes32 requirements);

    /// Not a trusted issuer.
    error UntrustedIssuer(address issuer);
}

/// Licences of datasets, and what is owed for them.
abstract contract Licence is Access {
    /// Without licences. `manifests` is the datasets' registry, where this contract needs the licence role; `admin`
    /// grants roles.
    constructor(address manifests, address admin) {}

    /// An option of a menu is the words of this, followed by those of its milestones. Money is at most 2^128 - 1,
    /// the term and its windows are in calendar months, other times in days, shares, caps and interest in basis
    /// points, the threshold in millionths and at least one. Zero turns any other clause off.
    struct Terms { Price price; Days times; Rights rights; Usage usage; }
    struct Price { bytes32 document; bytes32 metric; uint32 threshold; uint128 upfront; uint16 residualBps; bool grossBase;
        uint16 infrastructureCapBps; uint16 taxesCapBps; uint128 perThousandTokens; uint128 perCall; uint128 floor; uint128 ceiling; uint128 guarantee; uint128 escrow; uint16 fundingDays; }
    struct Days { uint16 termMonths; uint16 exclusiveMonths; uint16 trainingMonths; uint16 report; uint16 payment; uint16 grace; uint16 lateBps;
        uint16 notice; uint16 cure; uint16 deletion; uint16 redaction; }
    struct Rights { uint128 auditFeeCap; uint128 auditExpensesCap; uint32 prohibited; bool sublicensing; bool platformMayLeave;
        bool licensorMayLeave; }
    /// What is asked of reports (`falseDiscoveryBps`), and which records count.
    struct Usage { uint16 falseDiscoveryBps; uint16 lateRecordDays; uint32 callTokens; uint16 commonFrom; }
    /// Of Schedule B: to the pool, or back to the platform.
    struct Milestone { uint128 amount; bytes32 document; bool toPool; }

    /// `recordOf(licence, 'P', …)`.
    struct Parties { address platform; address pool; address currency; address licensor; address nextPlatform; }
    /// `recordOf(licence, 'S', …)`.
    struct State { uint8 stage; uint8 deletion; uint8 reason; uint8 options; uint8 option; uint8 milestones;
        bool closed; }
    /// `recordOf(licence, 'T', …)`.
    struct Times { uint64 offerExpiresAt; uint64 acceptedAt; uint64 fundBy; uint64 activatedAt; uint64 endsAt;
        uint64 exclusiveUntil; uint64 trainingUntil; uint64 deletionDue; uint64 deletedAt; uint64 refillBy;
        uint64 refillDefaultedAt; }
    /// `recordOf(licence, 'M', …)`.
    struct Money { uint256 escrow; uint256 refundable; uint256 held; uint256 moneyIn; uint256 toPool;
        uint256 refunded; uint256 paidOut; uint256 owed; uint256 credit; uint256 refillTo; }
    /// `recordOf(licence, 'N', …)`.
    struct Counts { uint32 nextQuarter; uint32 nextYear; uint32 openDefaults; uint32 defaults; uint32 breaches;
        uint32 violations; uint32 sublicences; uint32 audits; uint32 redactions; }
    /// `recordOf(licence, 'Q', …)`.
    struct Quarter { uint256 gross; uint256 infrastructure; uint256 taxes; uint256 base; uint64 reportedAt;
        bytes32 evidence; uint256 tokens; uint64 calls; uint64 usageAt; bytes32 usageReport; }
    /// `recordOf(licence, 'U', …)`.
    struct Due { uint256 due; uint64 payBy; uint256 paid; uint256 interest; uint256 interestPaid; uint256 outstanding;
        uint256 held; uint64 defaultedAt; bool inDefault; uint64 lateAt; uint256 later; uint64 laterBy; }
    /// `recordOf(licence, 'Y', …)`.
    struct Year { uint256 advance; bool truedUp; uint256 earned; uint256 guaranteed; uint256 fromEscrow; uint256 owed;
        uint256 toppedUp; uint32 period; uint64 defaultedAt; }
    /// `recordOf(licence, 'A', …)`.
    struct Audit { address contributor; uint64 requestedAt; uint64 answeredAt; uint64 reportedAt; address auditor;
        uint16 discrepancyBps; uint256 fee; uint256 expenses; bool feePaid; bool reimbursed; bool feeWithdrawn; bool expensesWithdrawn;
        uint64 lateAt; uint64 unpaidAt; bytes32 scope; bytes32 logs; bytes32 manifests; bytes32 runs; bytes32 report; uint32 quarter; uint256 tokens; uint64 calls;
        bool dismissed; bool applied; }
    /// `recordOf(licence, 'C', …)`.
    struct Standing { bool approved; uint32 year; uint8 requests; }
    /// `recordOf(licence, 'L', …)`.
    struct Sublicence { address licensee; uint32 uses; bytes32 document; uint64 at; }
    /// `recordOf(licence, 'V', …)`.
    struct Violation { uint8 kind; uint32 uses; uint64 at; uint64 recordedAt; bool dismissed; }
    /// `recordOf(licence, 'R', …)`.
    struct Redaction { address requester; bytes32 dataset; bytes32 request; bytes32 manifest; uint32 version;
        uint64 requestedAt; uint64 due; bytes32 certificate; uint64 certifiedAt; uint64 lateAt; }

    /// `recordOf(menu, 'X', …)`.
    struct Menu { address pool; address currency; address licensor; uint8 options; uint8 datasets; uint64 expiresAt; }

    /// `recordOf(licence, 'F', …)` by a checkpoint's id: what a report is asked for, and its anchor. No words
    /// before an option is accepted.
    struct Agreed { bytes32 metric; uint32 threshold; uint16 falseDiscoveryBps; uint32 callTokens; uint32 anchoredAt;
        bytes32 anchoredRoot; }
    /// `recordOf(licence, 'G', …)` by an epoch, zero for the latest; as a sequence. No words where there is none.
    struct UsageLog { uint32 epoch; bytes32 key; string origin; bytes32[] witnesses; uint64 since; }
    /// `recordOf(licence, 'H', …)` by a checkpoint's id: keccak-256 of the origin and the size as eight bytes.
    struct Anchor { bytes32 root; uint32 block; uint64 at; uint32 epoch; }

    /// A platform offers a menu for a pool's datasets (LIC-11), until `expiresAt` (Unix seconds); its highest upfront
    /// comes with it. Each of `options` is the words of the structure `Terms`, followed by those of its milestones.
    /// Answers with the licence's id.
    /// @dev Who: Anyone. Refuses with: `WrongCurrency` where the pool's is another, `InvalidOptionCount` (1–4),
    /// `InvalidDatasetCount` (1–12), `InvalidDataset`, `InvalidTerms(option, fault)`, `InvalidOfferExpiry`,
    /// `PoolCallFailed`, `ManifestsCallFailed`, `DatasetNotInPool`, money's.
    function offer(address pool, address currency, bytes32[] calldata datasets, bytes32[][] calldata options, uint64
        expiresAt) external payable virtual returns (bytes32 licence);

    /// Publishes a menu as in `offer` for some of a pool's datasets: a platform that takes an option is bound at once.
    /// Answers with the menu's id.
    /// @dev Who: The pool's licensor. Refuses with: `NotLicensor`, and `offer`'s without money's: `WrongCurrency`,
    /// `InvalidOptionCount`, `InvalidDatasetCount`, `InvalidDataset`, `InvalidTerms(option, fault)`,
    /// `InvalidOfferExpiry`, `PoolCallFailed`. Whether the datasets are the pool's is asked when an option is taken.
    function publishMenu(address pool, address currency, bytes32[] calldata datasets, bytes32[][] calldata options,
        uint64 expiresAt) external virtual returns (bytes32 menu);

    /// Takes a menu back; what was taken of it stands.
    /// @dev Who: The pool's licensor. Refuses with: `UnknownLicence`, `NotLicensor`, `PoolCallFailed`.
    function withdrawMenu(bytes32 menu) external virtual;

    /// A platform takes an option of a menu with its upfront and its escrow, together at most `most` of `currency`, and
    /// is licensed at once. Answers with the licence's id.
    /// @dev Who: Anyone. Refuses with: `UnknownLicence`, `NotLicensor` where the menu's publisher is none any more,
    /// `OfferExpired`, `UnknownOption`, `WrongCurrency`, `CostAboveLimit` above `most`, then as `accept`:
    /// `PoolNotOpened`, `PoolCallFailed`, `DatasetNotInPool`, `DatasetRefused`, `ManifestsCallFailed`; money's.
    function takeOption(bytes32 menu, uint8 option, address currency, uint256 most) external payable virtual returns
        (bytes32 licence);

    /// Takes an offer back while nobody accepted it, also after its end; the upfront is refundable.
    /// @dev Who: The platform. Refuses with: `UnknownLicence`, `NotPlatform`, `WrongStage` afterwards.
    function withdraw(bytes32 licence) external virtual;

    /// Declines an offer; the upfront is refundable.
    /// @dev Who: The pool's licensor. Refuses with: `UnknownLicence`, `NotLicensor`, `PoolCallFailed`, `WrongStage`
    /// afterwards.
    function decline(bytes32 licence) external virtual;

    /// Accepts one option, and only then it binds: the pool has the upfront, the datasets are opened, or held until the
    /// escrow is funded.
    /// @dev Who: The pool's licensor. Refuses with: `UnknownLicence`, `NotLicensor`, `PoolCallFailed`, `PoolNotOpened`,
    /// `WrongStage`, `OfferExpired`, `UnknownOption`, `DatasetNotInPool`, `DatasetRefused`, `ManifestsCallFailed`,
    /// `CurrencyCallFailed`.
    function accept(bytes32 licence, uint8 option) external virtual;

    /// Adds to the escrow; with what the terms ask the licence is in force.
    /// @dev Who: The platform; anyone once it was funded. Refuses with: `UnknownLicence`, `NotPlatform`, `WrongStage`,
    /// `ZeroAmount`, `DatasetRefused`, money's.
    function fundEscrow(bytes32 licence, uint256 value) external payable virtual;

    /// Notes that the escrow was not funded in time; what is in it is refundable.
    /// @dev Who: Anyone. Refuses with: `UnknownLicence`, `FundingOpen` while it may still be, otherwise `WrongStage`.
    function lapse(bytes32 licence) external virtual;

    /// Reports a quarter's revenue, in order, after its end (LIC-1, PAY-2); no figure above 2^100.
    /// @dev Who: The platform. Refuses with: `UnknownLicence`, `NotPlatform`, `WrongStage`, `QuarterOutOfOrder`,
    /// `QuarterOutsideTerm`, `QuarterNotOver`, `ZeroHash`, `AmountTooLarge`, `Overflow`.
    function reportRevenue(bytes32 licence, uint32 quarter, uint256 gross, uint256 infrastructure, uint256 taxes,
        bytes32 evidence) external virtual;

    /// Has a quarter's usage taken over from the final report of the licence's stream, once, after its end (PAY-1,
    /// ATT-5). Where none comes any more it is closed, as none: the escrow waits for it no longer.
    /// @dev Who: Anyone. Refuses with: `UnknownLicence`, `WrongStage`, `UsageNotFinal(quarter, state)`,
    /// `UsageNotInTerms`, `QuarterOutsideTerm`, `QuarterNotOver`, `WrongMetric`, `WrongThreshold`, `ZeroHash`,
    /// `UsageAlreadyReported`, `PoolCallFailed`, `AttributionCallFailed`, `Overflow`.
    function assessUsage(bytes32 licence, uint32 quarter) external virtual;

    /// Pays a quarter for the platform, all or part; what is too much is not taken or goes straight back.
    /// @dev Who: Anyone. Refuses with: `UnknownLicence`, `WrongStage`, `QuarterOutsideTerm`, `QuarterNotAssessed`,
    /// `NothingDue`, `ZeroAmount`, `PayoutFailed`, money's.
    function pay(bytes32 licence, uint32 quarter, uint256 value) external payable virtual;

    /// Pays as `pay` does, and does not tell the pool: what is for it is held, and anyone can `deliver` it. For a pool
    /// that cannot be told; so no pool puts a platform in default.
    /// @dev Who: Anyone. Refuses with: `UnknownLicence`, `WrongStage`, `QuarterOutsideTerm`, `QuarterNotAssessed`,
    /// `NothingDue`, `ZeroAmount`, `PayoutFailed`, money's.
    function payHeld(bytes32 licence, uint32 quarter, uint256 value) external payable virtual;

    /// Records that a quarter was not paid or not reported within the time of grace; of number zero, that the escrow
    /// was not filled up. An unreported quarter then owes the floor. After the end the escrow pays.
    /// @dev Who: Anyone. Refuses with: `UnknownLicence`, `WrongStage`, `QuarterOutsideTerm`, `AlreadyRecorded`,
    /// `NotYet`, `NothingDue`, `Overflow`, `CurrencyCallFailed`.
    function recordDefault(bytes32 licence, uint32 number) external virtual;

    /// Trues a licence year up after its last quarter: the shortfall moves from escrow to the pool (PAY-5).
    /// @dev Who: Anyone. Refuses with: `UnknownLicence`, `WrongStage`, `GuaranteeNotInTerms`, `YearOutOfOrder`,
    /// `YearOutsideTerm`, `YearNotOver`, `CurrencyCallFailed`.
    function trueUp(bytes32 licence, uint32 year) external virtual;

    /// Pays for the platform what the escrow lacked, all or part; what is too much is not taken or goes straight back.
    /// With a value of zero the escrow pays, after the end.
    /// @dev Who: Anyone. Refuses with: `UnknownLicence`, `NothingDue`, `ZeroAmount`, `PayoutFailed`, money's.
    function payShortfall(bytes32 licence, uint32 year, uint256 value) external payable virtual;

    /// Certifies a milestone of Schedule B, numbered from zero, which releases its part of the escrow (PAY-5).
    /// @dev Who: The pool's licensor, ARBITER_ROLE. Refuses with: `UnknownLicence`, `NotLicensor`, `PoolCallFailed`,
    /// `WrongStage`, `ZeroHash`, `UnknownMilestone`, `MilestoneAlreadyCertified`, `CurrencyCallFailed`.
    function certifyMilestone(bytes32 licence, uint8 index, bytes32 evidence) external virtual;

    /// Pays the platform its own, after the end also the escrow's rest, and answers with how much.
    /// @dev Who: The platform; anyone where `to` is the platform. Refuses with: `UnknownLicence`, `NotPlatform`,
    /// `NothingToRefund`, `UsageOpen(quarter)`, `PayoutFailed`, `Overflow`; in a token of the chain also
    /// `FloatMissing`, `BelowMinimum` as the pool says them.
    function refund(bytes32 licence, address to) external virtual returns (uint256);

    /// Has the escrow's rest go to the pool, a year after the last deadline of a platform that is silent.
    /// @dev Who: Anyone. Refuses with: `UnknownLicence`, `WrongStage`, `StillInForce`, `NothingDue`, `NotYet`,
    /// `TrueUpFirst(year)`, `UsageOpen(quarter)`, `Overflow`, `CurrencyCallFailed`.
    function forfeitEscrow(bytes32 licence) external virtual;

    /// Offers the pool again what it did not take. In an ERC-20, native money may come along, and stays here for good:
    /// an allowance of a token of the chain needs some.
    /// @dev Who: Anyone. Refuses with: `UnknownLicence`, `NothingHeld`, `WrongValue` where the currency is native,
    /// `CurrencyCallFailed`.
    function deliver(bytes32 licence, uint32 period) external payable virtual;

    /// Approves a contributor without shares, or takes it back.
    /// @dev Who: AUDITOR_ROLE. Refuses with: `AccessControlUnauthorizedAccount`, `UnknownLicence`.
    function approveContributor(bytes32 licence, address contributor, bool approved) external virtual;

    /// Asks for an audit of a quarter, or joins the open one; an account opens two per calendar year at most (LIC-3).
    /// Answers with the audit's number.
    /// @dev Who: Who held a thousandth of the pool's votes at a `timepoint` (Unix seconds) in the quarter or since, and
    /// not before the licence began; contributors of the quarter whom the pool paid for their proof, and those whom an
    /// auditor approved, who name zero. Refuses with: `UnknownLicence`, `WrongStage`, `ZeroHash`, `NotAContributor`,
    /// `HeldBefore`, `QuarterOutsideTerm`, `QuarterNotOver`, `AlreadyDone`, `TooManyAudits`, `PoolCallFailed`.
    function requestAudit(bytes32 licence, uint32 quarter, bytes32 scope, uint64 timepoint) external virtual returns
        (uint32 number);

    /// Answers with the hashes of the platform's logs, manifests and training runs.
    /// @dev Who: The platform. Refuses with: `UnknownLicence`, `NotPlatform`, `UnknownNumber`, `AlreadyDone`,
    /// `ZeroHash`.
    function answerAudit(bytes32 licence, uint32 number, bytes32 logs, bytes32 manifests, bytes32 runs) external
        virtual;

    /// Reports an audit; the platform owes the auditor's fee, above 5 % also expenses and what `applyFinding` corrects.
    /// @dev Who: AUDITOR_ROLE. Refuses with: `AccessControlUnauthorizedAccount`, `UnknownLicence`, `UnknownNumber`,
    /// `AlreadyDone`, `AuditNotAnswered`, `InvalidBasisPoints`, `CostAboveCap`, `ZeroHash`, `AmountTooLarge`.
    function reportAudit(bytes32 licence, uint32 number, uint16 discrepancyBps, uint256 tokens, uint64 calls, uint256
        fee, uint256 expenses, bytes32 report) external virtual;

    /// Has a quarter corrected by an audit that found more than 5 %, after the time to challenge it.
    /// @dev Who: Anyone. Refuses with: `UnknownLicence`, `UnknownNumber`, `AlreadyDone`, `NothingDue`, `NotYet`,
    /// `Overflow`.
    function applyFinding(bytes32 licence, uint32 number) external virtual;

    /// Dismisses a violation (1) by its evidence's hash, or an audit's correction (2) by its number.
    /// @dev Who: ARBITER_ROLE. Refuses with: `AccessControlUnauthorizedAccount`, `UnknownLicence`, `UnknownKind`,
    /// `NoCause`, `UnknownNumber`, `NothingDue`, `AlreadyDone`.
    function dismiss(bytes32 licence, uint8 kind, bytes32 which) external virtual;

    /// Pays one of an audit's debts for the platform: the contributor's expenses, or else the auditor's fee. It is
    /// credited to them.
    /// @dev Who: Anyone. Refuses with: `UnknownLicence`, `UnknownNumber`, `AlreadyDone`, `NothingDue`, money's.
    function payAudit(bytes32 licence, uint32 number, bool expenses) external payable virtual;

    /// Pays out to an account what was paid of an audit's debt: the expenses, or else the fee.
    /// @dev Who: The audit's auditor, of the expenses its first contributor; anyone where `to` is that account, or the
    /// one that the pool pays in its place. Refuses with: `UnknownLicence`, `UnknownNumber`, `NotCreditor`,
    /// `NothingDue` where it is not paid yet, `AlreadyDone`, `TransferRestricted`, `PoolCallFailed`, `PayoutFailed`; in
    /// a token of the chain also `FloatMissing`, `BelowMinimum` as the pool says them.
    function withdrawAudit(bytes32 licence, uint32 number, bool expenses, address to) external virtual;

    /// Records a sublicence (LIC-7). Answers with its number.
    /// @dev Who: The platform. Refuses with: `UnknownLicence`, `NotPlatform`, `WrongStage`, `ZeroHash`,
    /// `SublicensingForbidden`, `UseProhibited`.
    function recordSublicence(bytes32 licence, address licensee, uint32 uses, bytes32 document) external virtual returns
        (uint32 number);

    /// Alleges what the terms forbid and happened at `at` (Unix seconds); undismissed, it counts after 14 days. `kind`:
    /// 1 training after the window (LIC-6), 2 a prohibited use (LIC-9), 3 a forbidden sublicence (LIC-7), 4 use after
    /// the deletion (LIC-8), 5 a training run that is missing in the usage log or not as it says (ATT-2), where the
    /// terms name a metric.
    /// @dev Who: ORACLE_ROLE. Refuses with: `AccessControlUnauthorizedAccount`, `UnknownLicence`, `WrongStage`,
    /// `UnknownKind`, `NotAViolation`, `ZeroHash`, `ViolationAlreadyRecorded`.
    function recordViolation(bytes32 licence, uint8 kind, uint32 uses, uint64 at, bytes32 evidence) external virtual;

    /// Has personal data redacted, and names the version without it (LIC-10), or joins who named it before. Answers
    /// with the request's number.
    /// @dev Who: The dataset's creator, the pool's licensor. Refuses with: `UnknownLicence`, `WrongStage`, `ZeroHash`,
    /// `DatasetNotLicensed`, `NotDatasetCreatorOrLicensor`, `NotANewVersion`, `ManifestsCallFailed`, `PoolCallFailed`.
    function requestRedaction(bytes32 licence, bytes32 dataset, bytes32 request, bytes32 manifest) external virtual
        returns (uint32 number);

    /// Certifies a redaction.
    /// @dev Who: The platform. Refuses with: `UnknownLicence`, `NotPlatform`, `UnknownNumber`, `AlreadyDone`,
    /// `ZeroHash`.
    function certifyRedaction(bytes32 licence, uint32 number, bytes32 certificate) external virtual;

    /// Records that something was not done in time.
    /// @dev Who: Anyone. Refuses with: `UnknownLicence`, `WrongStage`, `UnknownKind`, `UnknownNumber`,
    /// `QuarterOutsideTerm`, `AlreadyRecorded`, `AlreadyDone`, `NotYet`.
    function recordBreach(bytes32 licence, uint8 kind, uint32 number) external virtual;

    /// Terminates, for convenience after the notice, for a cause or by order at once (LIC-8). A breach is named by its
    /// kind and number, a default by its number, a violation by the hash of its evidence.
    /// @dev Who: For convenience the platform or the licensor, where the terms let it; for a cause the licensor; by
    /// order ARBITER_ROLE. Refuses with: `UnknownLicence`, `WrongStage`, `UnknownKind`, `TerminationNotAllowed`,
    /// `ZeroHash`, `UnknownNumber`, `NoCause`, `CureOpen`, `PaysFirst(owed, quarter)`, `TrueUpFirst(year)`,
    /// `PoolCallFailed`.
    function terminate(bytes32 licence, uint8 reason, uint8 kind, uint32 number, bytes32 evidence) external virtual;

    /// Names the account that shall take the platform's place; zero takes that back.
    /// @dev Who: The platform. Refuses with: `UnknownLicence`, `NotPlatform`.
    function proposePlatform(bytes32 licence, address next) external virtual;

    /// Takes the platform's place.
    /// @dev Who: Whom the platform named. Refuses with: `UnknownLicence`, `NotPlatform`.
    function acceptPlatform(bytes32 licence) external virtual;

    /// Sets the key, name and witnesses of the platform's usage log, or rotates them. Answers with the epoch.
    /// @dev Who: The platform. Refuses with: `UnknownLicence`, `NotPlatform`, `InvalidUsageLog(fault)`.
    function setUsageLog(bytes32 licence, bytes32 key, string calldata origin, bytes32[] calldata witnesses) external
        virtual returns (uint32 epoch);

    /// Puts a checkpoint of an epoch's usage log on chain, zero for the latest; the first stands.
    /// @dev Who: The platform. Refuses with: `UnknownLicence`, `NotPlatform`, `ZeroHash`, `UnknownNumber` of the epoch,
    /// `OtherRoot`: the one got, the one anchored.
    function anchor(bytes32 licence, uint32 epoch, uint64 size, bytes32 root) external virtual;

    /// Has the datasets' registry told that the licence is over.
    /// @dev Who: Anyone. Refuses with: `UnknownLicence`, `WrongStage`, `StillInForce`, `AlreadyClosed`,
    /// `DatasetRefused`.
    function close(bytes32 licence) external virtual;

    /// Certifies that the platform deleted the data (LIC-8).
    /// @dev Who: The platform. Refuses with: `UnknownLicence`, `NotPlatform`, `WrongStage`, `StillInForce`,
    /// `AlreadyDone`, `ZeroHash`.
    function certifyDeletion(bytes32 licence, bytes32 certificate) external virtual;

    /// The datasets' registry.
    function manifests() external view virtual returns (address);

    /// When a licence's stream in its pool ends (Unix seconds): nothing of the licence can be reported after it. 2^64 −
    /// 1 while it is not known, zero where there is no such licence.
    function streamEnd(bytes32 licence) external view virtual returns (uint64);

    /// What these figures of a quarter's usage would have the platform pay: what its due would rise to, less what is
    /// paid; at most what can move.
    function duesFor(bytes32 stream, uint32 period, uint256 tokens, uint64 calls) external view virtual returns
        (uint256);

    /// A record as it is now, as the words of a tuple; zeros where there is none. `record` is a letter, and the words
    /// are those of the structure named here with it. Of a licence, whatever `which` is: `P` Parties, `S` State, `T`
    /// Times, `M` Money, `N` Counts, and `D` its datasets, or a menu's; of a menu `X` Menu. Where `which` is a number:
    /// `A` Audit, `L` Sublicence, `R` Redaction, `Q` Quarter and `U` Due of a quarter, `Y` Year of a licence year, `O`
    /// the words of an option, `G` UsageLog of an epoch, zero for the latest (no words where there is none). Where it
    /// is an account: `C` Standing. Where it is a hash: `V` Violation by that of its evidence; by a checkpoint's id,
    /// keccak-256 of the origin's bytes and the size as eight bytes, big-endian, `H` Anchor and `F` Agreed, what the
    /// accepted terms ask of a report of that checkpoint, with its anchor (no words before an acceptance).
    /// @dev Refuses with: `UnknownLicence`, `UnknownKind`.
    function recordOf(bytes32 licence, uint8 record, bytes32 which) external view virtual returns (bytes32[] memory
        words);

    /// The platform answered.
    /// @param licence The licence.
    /// @param number The audit.
    /// @param logs Root of the usage logs.
    /// @param manifests Digest of the manifests.
    /// @param runs Digest of the training-run ids.
    /// @param late It came too late.
    event AuditAnswered(bytes32 indexed licence, uint32 indexed number, bytes32 logs, bytes32 manifests, bytes32 runs,
        bool late);

    /// A contributor joined an open audit.
    /// @param licence The licence.
    /// @param number The audit.
    /// @param contributor Who joined.
    /// @param quarter For which quarter.
    /// @param scope Hash of what was asked for.
    event AuditJoined(bytes32 indexed licence, uint32 indexed number, address indexed contributor, uint32 quarter,
        bytes32 scope);

    /// The auditor, or the contributor's expenses, were paid.
    /// @param licence The licence.
    /// @param number The audit.
    /// @param to Whom it is credited to.
    /// @param amount How much.
    /// @param expenses The expenses; otherwise the fee.
    event AuditPaid(bytes32 indexed licence, uint32 indexed number, address indexed to, uint256 amount, bool expenses);

    /// An auditor reported.
    /// @param licence The licence.
    /// @param number The audit.
    /// @param auditor Who audited.
    /// @param discrepancyBps Discrepancy in basis points.
    /// @param tokens Attributed tokens above the threshold that the auditor counted.
    /// @param calls Calls above the threshold that the auditor counted.
    /// @param fee What the platform owes the auditor.
    /// @param expenses What the platform owes the contributor.
    /// @param report Hash of the report.
    event AuditReported(bytes32 indexed licence, uint32 indexed number, address indexed auditor, uint16 discrepancyBps,
        uint256 tokens, uint64 calls, uint256 fee, uint256 expenses, bytes32 report);

    /// A contributor asked for an audit.
    /// @param licence The licence.
    /// @param number Its number.
    /// @param contributor Who asked.
    /// @param quarter For which quarter.
    /// @param scope Hash of what was asked for.
    /// @param answerBy Until when the platform must answer, Unix seconds.
    event AuditRequested(bytes32 indexed licence, uint32 indexed number, address indexed contributor, uint32 quarter,
        bytes32 scope, uint64 answerBy);

    /// What was paid for an audit was withdrawn.
    /// @param licence The licence.
    /// @param number The audit.
    /// @param creditor Whom it was credited to.
    /// @param to Where it went.
    /// @param amount How much.
    /// @param expenses The expenses; otherwise the fee.
    event AuditWithdrawn(bytes32 indexed licence, uint32 indexed number, address indexed creditor, address to, uint256
        amount, bool expenses);

    /// Something was not done in time.
    /// @param licence The licence.
    /// @param kind Its kind.
    /// @param number Of what: a quarter, an audit or a redaction; without meaning for a deletion.
    /// @param breaches Breaches now.
    event BreachRecorded(bytes32 indexed licence, uint8 indexed kind, uint32 number, uint32 breaches);

    /// The platform put a checkpoint of its usage log on chain.
    /// @param licence The licence.
    /// @param epoch Of which epoch's log.
    /// @param size Number of leaves.
    /// @param root RFC 6962 root.
    /// @param block Number of this block.
    /// @param at Its time, Unix seconds.
    event CheckpointAnchored(bytes32 indexed licence, uint32 indexed epoch, uint64 size, bytes32 root, uint32 block,
        uint64 at);

    /// An auditor approved a contributor, or took it back.
    /// @param licence The licence.
    /// @param contributor Whom.
    /// @param approved Whether approved now.
    event ContributorApproved(bytes32 indexed licence, address indexed contributor, bool approved);

    /// A default was cured.
    /// @param licence The licence.
    /// @param number The quarter, or the licence year; zero for the escrow.
    /// @param year It is a licence year, or the escrow.
    /// @param openDefaults Open defaults now.
    event DefaultCured(bytes32 indexed licence, uint32 indexed number, bool year, uint32 openDefaults);

    /// A quarter was not paid in time, a year's escrow lacked money, or the escrow was not filled up again.
    /// @param licence The licence.
    /// @param number The quarter, or the licence year; zero for the escrow.
    /// @param year It is a licence year, or the escrow.
    /// @param outstanding What is outstanding; zero where it is not known.
    /// @param openDefaults Open defaults now.
    event DefaultRecorded(bytes32 indexed licence, uint32 indexed number, bool year, uint256 outstanding, uint32
        openDefaults);

    /// The platform deleted the data.
    /// @param licence The licence.
    /// @param certificate Hash of the certificate.
    /// @param late It came too late.
    event DeletionCertified(bytes32 indexed licence, bytes32 certificate, bool late);

    /// The pool took money that is its own.
    /// @param licence The licence.
    /// @param period For this period.
    /// @param amount How much.
    /// @param held What is still held for the period.
    event Delivered(bytes32 indexed licence, uint32 indexed period, uint256 amount, uint256 held);

    /// The arbiter dismissed a violation (1) or an audit's correction (2).
    /// @param licence The licence.
    /// @param kind Which of the two.
    /// @param which Hash of the violation's evidence, or the audit's number.
    /// @param violations Violations now.
    event Dismissed(bytes32 indexed licence, uint8 indexed kind, bytes32 which, uint32 violations);

    /// A quarter's due is known, or changed.
    /// @param licence The licence.
    /// @param quarter Which quarter.
    /// @param due The royalty.
    /// @param payBy The first deadline of what is unpaid, Unix seconds; the record has both.
    /// @param paid Of the royalty, what is paid, also by what the pool had before.
    event DueAssessed(bytes32 indexed licence, uint32 indexed quarter, uint256 due, uint64 payBy, uint256 paid);

    /// The rest of a silent platform's escrow went to the pool.
    /// @param licence The licence.
    /// @param amount How much.
    event EscrowForfeited(bytes32 indexed licence, uint256 amount);

    /// The escrow was added to.
    /// @param licence The licence.
    /// @param amount How much.
    /// @param escrow In escrow now.
    event EscrowFunded(bytes32 indexed licence, uint256 amount, uint256 escrow);

    /// Money moved; what each part is now.
    /// @param licence The licence.
    /// @param escrow Bound.
    /// @param refundable The platform's.
    /// @param held The pool's, which it has not taken.
    event FundsChanged(bytes32 indexed licence, uint256 escrow, uint256 refundable, uint256 held);

    /// The pool accepted one option; it is binding.
    /// @param licence The licence.
    /// @param licensor Who did for the pool.
    /// @param option Which one.
    /// @param document Hash of its terms document.
    /// @param upfront Paid to the pool.
    /// @param period In this period.
    /// @param exclusiveUntil End of the exclusivity window, Unix seconds; zero for none.
    /// @param fundBy Until when the escrow must be funded, Unix seconds.
    event LicenceAccepted(bytes32 indexed licence, address licensor, uint8 option, bytes32 document, uint256 upfront,
        uint32 period, uint64 exclusiveUntil, uint64 fundBy);

    /// The licence is in force.
    /// @param licence The licence.
    /// @param endsAt Its end, Unix seconds.
    /// @param trainingUntil Until when models may be trained on the data, Unix seconds.
    event LicenceActivated(bytes32 indexed licence, uint64 endsAt, uint64 trainingUntil);

    /// The datasets' registry was told of the end.
    /// @param licence The licence.
    event LicenceClosed(bytes32 indexed licence);

    /// The escrow was not funded in time.
    /// @param licence The licence.
    event LicenceLapsed(bytes32 indexed licence);

    /// A platform offered a menu.
    /// @param licence The licence.
    /// @param pool To which pool.
    /// @param platform By whom.
    /// @param currency The pool's currency; zero is the native one.
    /// @param options How many options.
    /// @param datasets How many datasets.
    /// @param upfront The highest upfront, which came with the offer.
    /// @param expiresAt End of the offer, Unix seconds.
    event LicenceOffered(bytes32 indexed licence, address indexed pool, address indexed platform, address currency,
        uint8 options, uint8 datasets, uint256 upfront, uint64 expiresAt);

    /// The licence was terminated.
    /// @param licence The licence.
    /// @param reason Why.
    /// @param by By whom.
    /// @param endsAt In force until then, Unix seconds.
    /// @param deletionDue Until when the data must be deleted, Unix seconds.
    /// @param evidence Hash of the evidence or notice.
    event LicenceTerminated(bytes32 indexed licence, uint8 indexed reason, address by, uint64 endsAt, uint64
        deletionDue, bytes32 evidence);

    /// A licensor published a menu of its own.
    /// @param licence The menu.
    /// @param pool For which pool's data.
    /// @param licensor By whom.
    /// @param currency The pool's currency; zero is the native one.
    /// @param options How many options.
    /// @param expiresAt End of the menu, Unix seconds.
    event MenuPublished(bytes32 indexed licence, address indexed pool, address indexed licensor, address currency, uint8
        options, uint64 expiresAt);

    /// A menu was taken back.
    /// @param licence The menu.
    event MenuWithdrawn(bytes32 indexed licence);

    /// A milestone of Schedule B was certified.
    /// @param licence The licence.
    /// @param index Which one, from 0.
    /// @param certifier By whom.
    /// @param amount Released.
    /// @param toPool To the pool; otherwise to the platform.
    /// @param escrow In escrow now.
    /// @param evidence Hash of the evidence.
    event MilestoneCertified(bytes32 indexed licence, uint8 index, address certifier, uint256 amount, bool toPool,
        uint256 escrow, bytes32 evidence);

    /// The pool declined.
    /// @param licence The licence.
    /// @param licensor Who did for the pool.
    event OfferDeclined(bytes32 indexed licence, address licensor);

    /// The platform took its offer back.
    /// @param licence The licence.
    event OfferWithdrawn(bytes32 indexed licence);

    /// An option of the menu.
    /// @param licence The licence that is offered, or the menu.
    /// @param option Which one.
    /// @param document Hash of its terms document.
    event OptionOffered(bytes32 indexed licence, uint8 option, bytes32 document);

    /// A platform took an option of a menu.
    /// @param licence The licence.
    /// @param menu Of which menu.
    /// @param option Which one.
    event OptionTaken(bytes32 indexed licence, bytes32 indexed menu, uint8 option);

    /// The successor took the platform's place.
    /// @param licence The licence.
    /// @param platform The platform now.
    event PlatformChanged(bytes32 indexed licence, address platform);

    /// The platform named its successor; zero for nobody.
    /// @param licence The licence.
    /// @param next Whom.
    event PlatformProposed(bytes32 indexed licence, address next);

    /// The platform redacted.
    /// @param licence The licence.
    /// @param number Its number.
    /// @param certificate Hash of the certificate.
    /// @param manifest The version without the data.
    /// @param late It came too late.
    event RedactionCertified(bytes32 indexed licence, uint32 indexed number, bytes32 certificate, bytes32 manifest, bool
        late);

    /// Somebody else asked for a redaction that is asked for already.
    /// @param licence The licence.
    /// @param number Its number.
    /// @param requester Who asked.
    /// @param request Hash of the request.
    event RedactionJoined(bytes32 indexed licence, uint32 indexed number, address indexed requester, bytes32 request);

    /// Personal data must be redacted.
    /// @param licence The licence.
    /// @param number Its number.
    /// @param dataset In which dataset.
    /// @param requester Who asked.
    /// @param request Hash of the request.
    /// @param manifest The version without the data.
    /// @param due Until when, Unix seconds.
    event RedactionRequested(bytes32 indexed licence, uint32 indexed number, bytes32 indexed dataset, address requester,
        bytes32 request, bytes32 manifest, uint64 due);

    /// The platform took money that is its own.
    /// @param licence The licence.
    /// @param to Where it went.
    /// @param amount How much.
    event Refunded(bytes32 indexed licence, address to, uint256 amount);

    /// A platform reported a quarter.
    /// @param licence The licence.
    /// @param quarter Which one.
    /// @param gross Gross model revenue.
    /// @param infrastructure Infrastructure costs.
    /// @param taxes Taxes.
    /// @param net What the residual is a share of: net or gross, as the terms have it.
    /// @param evidence Hash of the evidence.
    /// @param late It came too late.
    event RevenueReported(bytes32 indexed licence, uint32 indexed quarter, uint256 gross, uint256 infrastructure,
        uint256 taxes, uint256 net, bytes32 evidence, bool late);

    /// A quarter was paid, all or part.
    /// @param licence The licence.
    /// @param quarter Which quarter.
    /// @param principal Of the royalty.
    /// @param interest Of the interest.
    /// @param outstanding What is left.
    event RoyaltyPaid(bytes32 indexed licence, uint32 indexed quarter, uint256 principal, uint256 interest, uint256
        outstanding);

    /// Somebody paid what the escrow lacked.
    /// @param licence The licence.
    /// @param year Which licence year.
    /// @param amount How much.
    /// @param owed What is left.
    event ShortfallPaid(bytes32 indexed licence, uint32 indexed year, uint256 amount, uint256 owed);

    /// The platform granted a sublicence.
    /// @param licence The licence.
    /// @param number Its number.
    /// @param licensee To whom.
    /// @param uses For which uses.
    /// @param document Hash of its document.
    event SublicenceRecorded(bytes32 indexed licence, uint32 indexed number, address indexed licensee, uint32 uses,
        bytes32 document);

    /// The platform set the key, name and witnesses of its usage log, or rotated them.
    /// @param licence The licence.
    /// @param epoch Counts from 1.
    /// @param key The ed25519 key that signs the log's checkpoints.
    /// @param origin The log's name.
    /// @param witnesses Keys of those who cosign its checkpoints.
    /// @param since From which second on it counts, Unix seconds.
    event UsageLogSet(bytes32 indexed licence, uint32 indexed epoch, bytes32 key, string origin, bytes32[] witnesses,
        uint64 since);

    /// A quarter's usage was taken over from the stream's final report, or corrected by an audit.
    /// @param licence The licence.
    /// @param quarter Which one.
    /// @param tokens Attributed tokens above the threshold.
    /// @param calls Calls above the threshold.
    /// @param report Hash of the attribution report, or of the auditor's.
    event UsageReported(bytes32 indexed licence, uint32 indexed quarter, uint256 tokens, uint64 calls, bytes32 report);

    /// An oracle alleges a violation.
    /// @param licence The licence.
    /// @param kind Its kind.
    /// @param uses The uses it was.
    /// @param at When it happened, Unix seconds.
    /// @param evidence Hash of the evidence.
    /// @param violations Violations now.
    event ViolationRecorded(bytes32 indexed licence, uint8 indexed kind, uint32 uses, uint64 at, bytes32 evidence,
        uint32 violations);

    /// A licence year was trued up.
    /// @param licence The licence.
    /// @param year Which one, from 1.
    /// @param guaranteed What was guaranteed for it.
    /// @param earned What its quarters earned.
    /// @param fromEscrow Of the shortfall, what the escrow paid.
    /// @param owed Of the shortfall, what the escrow lacked.
    /// @param escrow In escrow now.
    /// @param refillTo What it must be filled up to; zero where it need not be.
    /// @param refillBy Until when, Unix seconds; zero where it need not be.
    event YearTruedUp(bytes32 indexed licence, uint32 indexed year, uint256 guaranteed, uint256 earned, uint256
        fromEscrow, uint256 owed, uint256 escrow, uint256 refillTo, uint64 refillBy);

    /// Renouncing needs the caller's own address as confirmation.
    error AccessControlBadConfirmation();

    /// The default admin's role changes by hand-over alone.
    error AccessControlEnforcedDefaultAdminRules();

    /// Only the proposed successor can accept.
    error AccessControlInvalidDefaultAdmin(address defaultAdmin);

    /// The account lacks the role: (account, role).
    error AccessControlUnauthorizedAccount(address account, bytes32 neededRole);

    /// Closed before.
    error AlreadyClosed(bytes32 licence);

    /// Audited, answered, reported, corrected, dismissed, certified, paid or withdrawn before.
    error AlreadyDone(uint32 number);

    /// Recorded before.
    error AlreadyRecorded(uint32 number);

    /// Above 2^128 − 1.
    error AmountTooLarge(uint256 amount);

    /// The pool's attribution registry did not answer.
    error AttributionCallFailed();

    /// The platform may still answer: (audit, until in Unix seconds).
    error AuditNotAnswered(uint32 number, uint64 until);

    /// Above the terms' cap: (claimed, cap).
    error CostAboveCap(uint256 claimed, uint256 cap);

    /// The option asks more than the platform agreed to: (upfront and escrow, most).
    error CostAboveLimit(uint256 cost, uint256 limit);

    /// It may still be cured, or a violation challenged, until then, Unix seconds.
    error CureOpen(uint64 until);

    /// The ERC-20 did not answer, or moved more than it was told.
    error CurrencyCallFailed(address currency);

    /// The dataset is assigned to another pool, or none: (dataset, that pool).
    error DatasetNotInPool(bytes32 dataset, address pool);

    /// The licence does not cover this dataset.
    error DatasetNotLicensed(bytes32 dataset);

    /// The registry does not open or close the dataset for this licence, e.g. for another's exclusivity.
    error DatasetRefused(bytes32 dataset);

    /// The contract would keep less of the currency than it lets anybody have. Anybody sends it that much more.
    error FloatMissing(uint256 missing);

    /// The platform may still fund the escrow until then, Unix seconds.
    error FundingOpen(uint64 until);

    /// These terms guarantee nothing.
    error GuaranteeNotInTerms();

    /// Shares count for an audit from the begin of its quarter and of the licence on: (when they were held, from; Unix
    /// seconds).
    error HeldBefore(uint64 at, uint64 from);

    /// Above 10 000.
    error InvalidBasisPoints(uint16 bps);

    /// Named twice, or zero.
    error InvalidDataset(bytes32 dataset);

    /// An offer is on 1 to 12 datasets.
    error InvalidDatasetCount(uint32 count);

    /// An offer must end in the future: (expiry, now), Unix seconds.
    error InvalidOfferExpiry(uint64 expiry, uint64 now);

    /// An offer has 1 to 4 options.
    error InvalidOptionCount(uint32 count);

    /// An option's terms contradict themselves: (option, a `Fault`).
    error InvalidTerms(uint8 option, uint8 fault);

    /// Key, origin or witnesses of a usage log cannot be: a `Fault`.
    error InvalidUsageLog(uint8 fault);

    /// The datasets' registry did not answer.
    error ManifestsCallFailed();

    /// Certified before.
    error MilestoneAlreadyCertified(uint8 index);

    /// There is no cause on record for this reason.
    error NoCause(uint8 reason);

    /// Audits are for holders of the pool's shares and for contributors that an auditor approved.
    error NotAContributor(address account);

    /// Not a version of the dataset after its first, or the platform certified this one or a later one.
    error NotANewVersion(bytes32 manifest);

    /// The terms allow what was reported: (kind, when it happened in Unix seconds).
    error NotAViolation(uint8 kind, uint64 at);

    /// Only whom an audit's debt is owed to withdraws it: (caller, creditor).
    error NotCreditor(address caller, address creditor);

    /// Only the dataset's creator or the pool's licensor may ask for a redaction.
    error NotDatasetCreatorOrLicensor(address account);

    /// The pool does not let this account license its data.
    error NotLicensor(address account);

    /// Only the licence's platform, or whom it named its successor, may do this: (caller, platform or successor).
    error NotPlatform(address caller, address platform);

    /// Not before this time: (quarter, audit or request, or zero; Unix seconds).
    error NotYet(uint32 number, uint64 from);

    /// Nothing is left to pay, correct or withdraw of this quarter, licence year or audit.
    error NothingDue(uint32 number);

    /// Nothing is held for the pool in this period.
    error NothingHeld(uint32 period);

    /// Nothing to refund (yet).
    error NothingToRefund(bytes32 licence);

    /// The offer ended at this time, Unix seconds.
    error OfferExpired(uint64 expiry);

    /// Another root of this size is on chain, and a log has one: (got, the one that stands).
    error OtherRoot(bytes32 root, bytes32 stands);

    /// A figure would not fit in 128 bits, or a reported one is above 2^100.
    error Overflow();

    /// The account does not accept the payment; nothing changed.
    error PayoutFailed(address account);

    /// A platform leaves for convenience only once it has reported and paid: (owed, with what the escrow must be filled
    /// up by; quarter to report, zero for none).
    error PaysFirst(uint256 owed, uint32 quarter);

    /// The pool did not answer.
    error PoolCallFailed();

    /// The pool is not opened: nobody holds its shares yet, so nobody could earn what the licence pays.
    error PoolNotOpened(address pool);

    /// Nothing of the quarter is known: neither the platform nor the oracle has reported.
    error QuarterNotAssessed(uint32 quarter);

    /// The quarter ends at this time: (quarter, end in Unix seconds).
    error QuarterNotOver(uint32 quarter, uint64 end);

    /// Quarters are reported in order: (got, expected).
    error QuarterOutOfOrder(uint32 quarter, uint32 expected);

    /// The licence was not in force in this quarter: (quarter, first, last).
    error QuarterOutsideTerm(uint32 quarter, uint32 first, uint32 last);

    /// The licence is in force until then, Unix seconds.
    error StillInForce(uint64 until);

    /// These terms allow no sublicence.
    error SublicensingForbidden();

    /// The terms give the caller no such right: (caller, reason).
    error TerminationNotAllowed(address caller, uint8 reason);

    /// Two per calendar year: (contributor, year).
    error TooManyAudits(address contributor, uint32 year);

    /// The registry that the pool screens by has the account blocked: an ERC-1404 code.
    error TransferRestricted(uint8 code);

    /// First this licence year must be trued up, which anybody can do.
    error TrueUpFirst(uint32 year);

    /// There is no such kind of breach or violation, nor such a reason, dismissal or record.
    error UnknownKind(uint8 kind);

    /// There is no such licence, or menu.
    error UnknownLicence(bytes32 licence);

    /// Schedule B has fewer milestones: (index, count).
    error UnknownMilestone(uint8 index, uint8 count);

    /// There is no such audit, redaction request or epoch of a usage log.
    error UnknownNumber(uint32 number);

    /// The offer has fewer options: (option, count).
    error UnknownOption(uint8 option, uint8 count);

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

    /// This evidence is recorded already.
    error ViolationAlreadyRecorded(bytes32 evidence);

    /// The ERC-20 did not bring what it was told: (got, expected).
    error WrongAmountReceived(uint256 got, uint256 expected);

    /// The pool, or the menu, has another currency: (its, the one expected).
    error WrongCurrency(address currency, address expected);

    /// The figures are of another metric: (got, the terms').
    error WrongMetric(bytes32 metric, bytes32 expected);

    /// Not at this stage: (licence, stage now, a `Stage`).
    error WrongStage(bytes32 licence, uint8 stage);

    /// The figures are of another threshold: (got, the terms').
    error WrongThreshold(uint32 threshold, uint32 expected);

    /// The call must bring exactly this value: (got, expected).
    error WrongValue(uint256 got, uint256 expected);

    /// The licence year, or the time to pay its last quarter, is not over: (year, until in Unix seconds).
    error YearNotOver(uint32 year, uint64 until);

    /// Licence years are trued up in order: (got, expected).
    error YearOutOfOrder(uint32 year, uint32 expected);

    /// The licence has fewer years: (year, last).
    error YearOutsideTerm(uint32 year, uint32 last);

    /// Money needs an amount.
    error ZeroAmount();

    /// A document needs a hash.
    error ZeroHash();
}

/// The registry of datasets and their manifests.
abstract contract Manifests is Access {
    /// An empty registry whose roles `admin` grants.
    constructor(address admin) {}

    /// Registers a new dataset with its first version and returns its id, `datasetId(caller, label)`.
    /// @dev Who: Anyone, for itself. Refuses with: `ZeroHash`, `DatasetExists` where the caller used the label before.
    function registerDataset(bytes32 label, bytes32 manifestHash, bytes32 licenceHash) external virtual returns (bytes32
        dataset);

    /// The id that a dataset of an account has: keccak-256 of the account's 20 bytes and the label's 32.
    function datasetId(address registrant, bytes32 label) external view virtual returns (bytes32 dataset);

    /// Registers the next version of a dataset and returns its number.
    /// @dev Who: The dataset's creator. Refuses with: `ZeroHash`, `UnknownDataset`, `NotDatasetCreator`,
    /// `AlreadyRegistered` where another version of this dataset has the manifest.
    function register(bytes32 dataset, bytes32 manifestHash, bytes32 licenceHash) external virtual returns (uint32
        version);

    /// A dataset; zeros where there is none.
    function datasetOf(bytes32 dataset) external view virtual returns (address creator, uint32 latestVersion);

    /// A version of a dataset; zeros where there is none.
    function versionOf(bytes32 dataset, uint32 version) external view virtual returns (bytes32 manifestHash, bytes32
        licenceHash, uint64 registeredAt);

    /// The version of a dataset that has a manifest; zeros where none has it.
    function manifestOf(bytes32 dataset, bytes32 manifestHash) external view virtual returns (uint32 version, bytes32
        licenceHash, address creator, uint64 registeredAt);

    /// Which dataset was the first with a version of this manifest, and since when; zero where none has one. It tells
    /// who was first and keeps nobody from registering the same.
    function firstOf(bytes32 manifestHash) external view virtual returns (bytes32 dataset, uint64 registeredAt);

    /// What became of a version. States: 0 unknown, 1 registered, 2 withdrawn, 3 redacted. `certified` of `platforms`
    /// filed their certificate of redaction.
    function statusOf(bytes32 dataset, uint32 version) external view virtual returns (uint8 state, uint32 replacedBy,
        bytes32 reasonHash, uint64 closedAt, uint32 runs, uint32 platforms, uint32 certified);

    /// Offers a dataset to another account; address zero takes the offer back.
    /// @dev Who: The dataset's creator. Refuses with: `UnknownDataset`, `NotDatasetCreator`.
    function beginDatasetTransfer(bytes32 dataset, address newCreator) external virtual;

    /// The caller becomes a dataset's creator. Pool and licences stay as they are.
    /// @dev Who: The account that the dataset is offered to. Refuses with: `UnknownDataset`, `NotPendingCreator`.
    function acceptDatasetTransfer(bytes32 dataset) external virtual;

    /// To whom a dataset is offered; zero where to nobody.
    function pendingCreatorOf(bytes32 dataset) external view virtual returns (address);

    /// Puts a dataset into a pool, whose licensor may then license it; address zero takes it out.
    /// @dev Who: The dataset's creator, while no licence is active. Refuses with: `UnknownDataset`,
    /// `NotDatasetCreator`, `LicencesActive`.
    function assignToPool(bytes32 dataset, address pool) external virtual;

    /// The pool that may license a dataset; zero where none.
    function poolOf(bytes32 dataset) external view virtual returns (address);

    /// Takes a version back: no ingestion of it counts from now on.
    /// @dev Who: The dataset's creator. Refuses with: `ZeroHash`, `UnknownDataset`, `NotDatasetCreator`,
    /// `WrongVersionState` unless it is registered.
    function withdraw(bytes32 dataset, uint32 version, bytes32 reasonHash) external virtual;

    /// Replaces a version by one without some personal data and returns that version's number: a new one under the same
    /// licence, or the dataset's newer version that has the manifest already and is registered; none (0) where the
    /// manifest is zero. Each platform that ingested the old one then owes a certificate.
    /// @dev Who: The dataset's creator, PRIVACY_ROLE. Refuses with: `ZeroHash` (the reason), `AlreadyRegistered` (its
    /// own manifest), `UnfitReplacement`, `UnknownDataset`, `NotDatasetCreator`, `WrongVersionState` unless it is
    /// registered or withdrawn.
    function redact(bytes32 dataset, uint32 version, bytes32 newManifestHash, bytes32 reasonHash) external virtual
        returns (uint32 replacedBy);

    /// Files the calling platform's certificate that it acted on the redaction of a version.
    /// @dev Who: A platform that ingested the version, once. It needs no role: a platform that lost its role still has
    /// its duty. Refuses with: `ZeroHash`, `NotIngested`, `WrongVersionState` unless the version is redacted,
    /// `AlreadyCertified`.
    function certifyRedaction(bytes32 dataset, uint32 version, bytes32 certificateHash) external virtual;

    /// A platform's certificate of a version's redaction. States: 0 not ingested, 1 ingested and nothing to certify, 2
    /// certificate pending, 3 certified.
    function certificateOf(address platform, bytes32 dataset, uint32 version) external view virtual returns (uint8
        state, bytes32 certificateHash, uint64 certifiedAt);

    /// Records a training run of the calling platform: which dataset versions (rising by dataset, then version; at most
    /// 32) went into which model version, for how many epochs. A larger run is recorded in parts, each under an id of
    /// its own. Every version must be registered by then and neither withdrawn nor redacted.
    /// @dev Who: PLATFORM_ROLE; once for each platform and run. Refuses with: `AccessControlUnauthorizedAccount`,
    /// `ZeroHash`, `ZeroEpochs`, `LengthMismatch`, `EntryCount`, `EntriesOutOfOrder`, `RunRecorded`,
    /// `WrongVersionState`.
    function recordIngestion(bytes32 run, bytes32 model, bytes32[] calldata datasets, uint32[] calldata versions, uint32
        epochs, bytes32 digest) external virtual;

    /// A platform's training run, with how many dataset versions it read; zeros where it recorded none under this id.
    function ingestionOf(address platform, bytes32 run) external view virtual returns (bytes32 model, bytes32 digest,
        uint32 epochs, uint64 recordedAt, uint32 entries);

    /// Which dataset versions a platform's training run read.
    function ingestedBy(address platform, bytes32 run) external view virtual returns (bytes32[] memory datasets,
        uint32[] memory versions);

    /// How many recorded training runs read any version of a dataset.
    function ingestionsOf(bytes32 dataset) external view virtual returns (uint32 runs);

    /// Publishes a dataset's card; earlier ones stay in the events.
    /// @dev Who: The dataset's creator. Refuses with: `ZeroHash`, `UnknownDataset`, `NotDatasetCreator`.
    function setDatasetCard(bytes32 dataset, bytes32 cardHash) external virtual;

    /// Hash of a dataset's card; zero where it has none.
    function datasetCardOf(bytes32 dataset) external view virtual returns (bytes32);

    /// Publishes the calling platform's card of a model version; earlier ones stay in the events.
    /// @dev Who: PLATFORM_ROLE. Refuses with: `AccessControlUnauthorizedAccount`, `ZeroHash`.
    function setModelCard(bytes32 model, bytes32 cardHash) external virtual;

    /// Hash of a platform's card of a model version; zero where there is none.
    function modelCardOf(address platform, bytes32 model) external view virtual returns (bytes32);

    /// A licence starts on a dataset, one that was held or another; `exclusiveUntil` is the end of its exclusivity
    /// window in Unix seconds, 0 where it is not exclusive. An id serves once for each dataset: what was closed does
    /// not open again.
    /// @dev Who: LICENCE_ROLE. Refuses with: `AccessControlUnauthorizedAccount`, `ZeroHash`, `UnknownDataset`,
    /// `LicenceUsed`, `ExclusivityOpen`, `InvalidExclusivity`, `LicencesActive` where an exclusive licence finds
    /// others; one that was held finds them only where the time for it passed and another came.
    function openLicence(bytes32 dataset, bytes32 licence, uint64 exclusiveUntil) external virtual;

    /// A dataset is held for a licence that is agreed on and not in force yet: it counts as active and, where it will
    /// be exclusive, keeps others away until `exclusiveUntil` (Unix seconds; 0 where it will not be).
    /// @dev Who: LICENCE_ROLE. Refuses with: As `openLicence`.
    function holdLicence(bytes32 dataset, bytes32 licence, uint64 exclusiveUntil) external virtual;

    /// A licence ended on a dataset, or was held for nothing, and its exclusivity window with it.
    /// @dev Who: LICENCE_ROLE. Refuses with: `AccessControlUnauthorizedAccount`, `LicenceNotOpen`.
    function closeLicence(bytes32 dataset, bytes32 licence) external virtual;

    /// State of a licence on a dataset: 0 unknown, 1 open, 2 closed, 3 held.
    function licenceStateOf(bytes32 dataset, bytes32 licence) external view virtual returns (uint8);

    /// The exclusivity window open now, its end in Unix seconds; zeros where none is open.
    function exclusivityOf(bytes32 dataset) external view virtual returns (bytes32 licence, uint64 until);

    /// How many licences are open on a dataset, or held.
    function activeLicences(bytes32 dataset) external view virtual returns (uint32);

    /// A dataset was put into a pool, or with address zero taken out of all.
    /// @param dataset The dataset.
    /// @param pool Its pool now.
    /// @param previousPool Its pool before.
    event DatasetAssigned(bytes32 indexed dataset, address indexed pool, address indexed previousPool);

    /// A dataset has another card.
    /// @param dataset The dataset.
    /// @param cardHash Hash of the card.
    /// @param previousCardHash Hash of the card before; zero where there was none.
    event DatasetCardSet(bytes32 indexed dataset, bytes32 indexed cardHash, bytes32 previousCardHash);

    /// A dataset version was registered.
    /// @param dataset Dataset id: `datasetId` of who registered it and its label.
    /// @param version Version, counting from 1.
    /// @param manifestHash SHA-256 of the manifest.
    /// @param licenceHash SHA-256 of the licence text.
    /// @param creator Who owns the dataset.
    /// @param registeredAt Block time, Unix seconds.
    /// @param first Whether no dataset had a version of this manifest before.
    event DatasetRegistered(bytes32 indexed dataset, uint32 indexed version, bytes32 indexed manifestHash, bytes32
        licenceHash, address creator, uint64 registeredAt, bool first);

    /// A dataset is offered to another account, which must accept; address zero takes the offer back.
    /// @param dataset The dataset.
    /// @param creator Still its owner.
    /// @param pendingCreator May accept.
    event DatasetTransferStarted(bytes32 indexed dataset, address indexed creator, address indexed pendingCreator);

    /// A dataset has another owner.
    /// @param dataset The dataset.
    /// @param previousCreator Its owner before.
    /// @param creator Its owner now.
    event DatasetTransferred(bytes32 indexed dataset, address indexed previousCreator, address indexed creator);

    /// A licence ended on a dataset, or was held for nothing.
    /// @param dataset The dataset.
    /// @param licence The licence.
    /// @param active Licences open on the dataset now, or held.
    event LicenceClosed(bytes32 indexed dataset, bytes32 indexed licence, uint32 active);

    /// A dataset is held for a licence that is agreed on and not in force yet.
    /// @param dataset The dataset.
    /// @param licence The licence.
    /// @param exclusiveUntil Until when it keeps others away, Unix seconds; 0 where it will not be exclusive.
    /// @param active Licences open on the dataset now, or held.
    event LicenceHeld(bytes32 indexed dataset, bytes32 indexed licence, uint64 exclusiveUntil, uint32 active);

    /// A licence started on a dataset.
    /// @param dataset The dataset.
    /// @param licence The licence.
    /// @param exclusiveUntil End of its exclusivity window, Unix seconds; 0 where it is not exclusive.
    /// @param active Licences open on the dataset now, or held.
    event LicenceOpened(bytes32 indexed dataset, bytes32 indexed licence, uint64 exclusiveUntil, uint32 active);

    /// A model version has another card.
    /// @param platform Who published it.
    /// @param model Hash of the model version.
    /// @param cardHash Hash of the card.
    /// @param previousCardHash Hash of the card before; zero where there was none.
    event ModelCardSet(address indexed platform, bytes32 indexed model, bytes32 indexed cardHash, bytes32
        previousCardHash);

    /// A platform recorded a training run.
    /// @param platform The platform.
    /// @param run Its id of the run.
    /// @param model Hash of the model version.
    /// @param datasets The datasets read, rising; one for each version.
    /// @param versions The version read of each.
    /// @param epochs Passes over the data.
    /// @param digest Hash of the digest that the platform signed.
    /// @param recordedAt Block time, Unix seconds.
    event ModelIngested(address indexed platform, bytes32 indexed run, bytes32 indexed model, bytes32[] datasets,
        uint32[] versions, uint32 epochs, bytes32 digest, uint64 recordedAt);

    /// A platform certified that it acted on a redaction.
    /// @param dataset The dataset.
    /// @param version The redacted version.
    /// @param platform The platform.
    /// @param certificateHash Hash of its certificate.
    /// @param certified Platforms that have certified by now.
    /// @param platforms Platforms that must.
    event RedactionCertified(bytes32 indexed dataset, uint32 indexed version, address indexed platform, bytes32
        certificateHash, uint32 certified, uint32 platforms);

    /// A version was replaced by one without some personal data.
    /// @param dataset The dataset.
    /// @param version The version that is not to be used any more.
    /// @param replacedBy The version in its place; zero where none.
    /// @param reasonHash Hash of the reason.
    /// @param redactedBy The creator or a privacy officer.
    /// @param platforms Platforms that ingested it: each owes a certificate.
    /// @param redactedAt Block time, Unix seconds.
    event VersionRedacted(bytes32 indexed dataset, uint32 indexed version, uint32 indexed replacedBy, bytes32
        reasonHash, address redactedBy, uint32 platforms, uint64 redactedAt);

    /// A version was taken back by its creator.
    /// @param dataset The dataset.
    /// @param version The version.
    /// @param reasonHash Hash of the reason.
    /// @param withdrawnAt Block time, Unix seconds.
    event VersionWithdrawn(bytes32 indexed dataset, uint32 indexed version, bytes32 reasonHash, uint64 withdrawnAt);

    /// Renouncing needs the caller's own address as confirmation.
    error AccessControlBadConfirmation();

    /// The default admin's role changes by hand-over alone.
    error AccessControlEnforcedDefaultAdminRules();

    /// Only the proposed successor can accept.
    error AccessControlInvalidDefaultAdmin(address defaultAdmin);

    /// The account lacks the role: (account, role).
    error AccessControlUnauthorizedAccount(address account, bytes32 neededRole);

    /// The platform filed its certificate already: (platform, dataset, version).
    error AlreadyCertified(address platform, bytes32 dataset, uint32 version);

    /// Another version of this dataset has this manifest, or the version that is to be replaced has it.
    error AlreadyRegistered(bytes32 manifestHash);

    /// The caller registered a dataset with this label before: its id. Register its next version.
    error DatasetExists(bytes32 dataset);

    /// Entries must rise by dataset, then version: the first that does not.
    error EntriesOutOfOrder(uint256 index);

    /// A run has between one and so many entries: (got, most).
    error EntryCount(uint256 count, uint256 most);

    /// Another licence's exclusivity window is open: (dataset, that licence, its end).
    error ExclusivityOpen(bytes32 dataset, bytes32 licence, uint64 until);

    /// An exclusivity window must end in the future: (its end, now).
    error InvalidExclusivity(uint64 until, uint64 time);

    /// One version for each dataset is needed: how many of each.
    error LengthMismatch(uint256 datasets, uint256 versions);

    /// The licence is neither open on this dataset nor held: (dataset, licence).
    error LicenceNotOpen(bytes32 dataset, bytes32 licence);

    /// The licence was opened or held on this dataset before: (dataset, licence).
    error LicenceUsed(bytes32 dataset, bytes32 licence);

    /// Licences are active on the dataset: how many.
    error LicencesActive(bytes32 dataset, uint32 active);

    /// The dataset belongs to somebody else: (caller, creator).
    error NotDatasetCreator(address caller, address creator);

    /// The platform never ingested this version: (platform, dataset, version).
    error NotIngested(address platform, bytes32 dataset, uint32 version);

    /// The dataset is being handed over to another account, or to none: (caller, pending).
    error NotPendingCreator(address caller, address pending);

    /// The platform recorded this run already: (platform, run).
    error RunRecorded(address platform, bytes32 run);

    /// The version that has this manifest cannot stand in for the one to redact: it is older, or withdrawn or redacted
    /// itself. Name another manifest, or none: (dataset, that version, its state).
    error UnfitReplacement(bytes32 dataset, uint32 version, uint8 state);

    /// Nobody registered this dataset.
    error UnknownDataset(bytes32 dataset);

    /// The version is in a state in which this cannot be done: (dataset, version, state as `statusOf` has it).
    error WrongVersionState(bytes32 dataset, uint32 version, uint8 state);

    /// A run needs at least one epoch.
    error ZeroEpochs();

    /// A hash or id that must name something is zero.
    error ZeroHash();
}

/// The market of pool shares.
abstract contract Market is Access {
    /// A market without pools, whose default admin is `admin`.
    constructor(address admin) {}

    /// Lists a pool, or sets its lot and tick anew; open orders keep their size and price. The currency is asked of the
    /// pool, and must be the same whenever the pool is listed. Of one with a least balance (the pool's
    /// `currencyMinimum`) the market must have that beside what it owes.
    /// @dev Who: LISTER_ROLE. Refuses with: `AccessControlUnauthorizedAccount`, `ZeroAmount`, `AmountTooLarge`,
    /// `CurrencyChanged`, `PoolCallFailed`; where there is a least balance, `FloatMissing` and `CurrencyCallFailed`.
    function listPool(address pool, uint256 lot, uint256 tick) external virtual;

    /// Stops trading in a pool: from now on its orders can only be cancelled.
    /// @dev Who: LISTER_ROLE. Refuses with: `AccessControlUnauthorizedAccount`, `NotListed`.
    function delistPool(address pool) external virtual;

    /// Offers shares at a price in the currency's smallest unit for 10^18 share units, until `expiry` (Unix seconds, at
    /// most 90 days from now), and answers with the order's number. The caller has allowed the market to spend the
    /// shares in the pool, which reserves them.
    /// @dev Who: Anyone the pool lets send. Refuses with: `NotListed`, `BelowLot`, `OffTick`, `ExpiryPassed`,
    /// `ExpiryTooLate`, `TransferRestricted`, `AmountTooLarge`, `Overflow`, `PoolCallFailed` and the pool's own.
    function ask(address pool, uint256 shares, uint256 price, uint64 expiry) external virtual returns (uint64 order);

    /// Wants shares at a price and until an expiry as in `ask`, and answers with the order's number. The market holds
    /// the money, `⌈shares · price / 10^18⌉`: exactly that comes with the call, or, of an ERC-20, the caller has
    /// allowed the market to spend it.
    /// @dev Who: Anyone the pool lets receive. Refuses with: `NotListed`, `BelowLot`, `OffTick`, `ExpiryPassed`,
    /// `ExpiryTooLate`, `TransferRestricted`, `AmountTooLarge`, `Overflow`, `PoolCallFailed`, `WrongValue`,
    /// `CurrencyCallFailed`, `UnexpectedBalance`.
    function bid(address pool, uint256 shares, uint256 price, uint64 expiry) external payable virtual returns (uint64
        order);

    /// Buys shares of an ask and answers with what they cost, `⌈shares · price / 10^18⌉`, at most `maxCost`: exactly
    /// that comes with the call, or, of an ERC-20, the caller has allowed the market to spend it. The seller is
    /// credited with all of it.
    /// @dev Who: Anyone but the maker. Refuses with: `UnknownOrder`, `WrongSide`, `NotListed`, `OrderExpired`,
    /// `OrderVoid`, `NotEnoughShares`, `BelowLot`, `SelfTrade`, `CostAboveLimit`, `WrongValue`, `AmountTooLarge`,
    /// `Overflow`, `CurrencyCallFailed`, `UnexpectedBalance`, `PoolCallFailed` and the pool's own.
    function fillAsk(uint64 order, uint256 shares, uint256 maxCost) external payable virtual returns (uint256 cost);

    /// Sells shares to a bid and answers with what the caller is credited with: within one unit of `shares · price /
    /// 10^18`, and at least `minProceeds`. The caller has allowed the market to spend the shares in the pool.
    /// @dev Who: Anyone but the maker. Refuses with: `UnknownOrder`, `WrongSide`, `NotListed`, `OrderExpired`,
    /// `NotEnoughShares`, `BelowLot`, `SelfTrade`, `ProceedsBelowLimit`, `AmountTooLarge`, `Overflow`, `PoolCallFailed`
    /// and the pool's own.
    function fillBid(uint64 order, uint256 shares, uint256 minProceeds) external virtual returns (uint256 proceeds);

    /// Fills an ask and a bid with each other at the earlier one's price, and answers with what the seller is credited
    /// with. What the bid held beyond it is credited to the bidder.
    /// @dev Who: Anyone. Refuses with: `UnknownOrder`, `WrongSide`, `DifferentPools`, `SelfTrade`, `PricesDoNotCross`,
    /// `NotListed`, `OrderExpired`, `OrderVoid`, `NotEnoughShares`, `BelowLot`, `AmountTooLarge`, `Overflow`,
    /// `PoolCallFailed` and the pool's own.
    function matchOrders(uint64 ask, uint64 bid, uint256 shares) external virtual returns (uint256 cost);

    /// Takes an order back: an ask's shares are free again, a bid's money is credited.
    /// @dev Who: Its maker, at any time and whatever its KYC. Refuses with: `UnknownOrder`, `NotMaker`; for an ask
    /// `PoolCallFailed` and the pool's own.
    function cancel(uint64 order) external virtual;

    /// Clears an order that can no longer be filled; its maker gets back what is its own, as with `cancel`.
    /// @dev Who: Anyone, from its expiry on, or once it is void because an agent took its shares or their holder freed
    /// them. Refuses with: `UnknownOrder`, `NotExpired`; for an ask `PoolCallFailed` and the pool's own.
    function cancelExpired(uint64 order) external virtual;

    /// Pays all that the market owes the caller for orders of a pool to an address of its choice. Neither may be frozen
    /// or on a sanctions list in the registry that the pool uses now, nor may the pool have recovered the caller to
    /// another account: then the money stays owed.
    /// @dev Who: Who has a credit. Refuses with: `TransferRestricted`, `InvalidRecipient`, `NothingToWithdraw`,
    /// `PoolCallFailed`, `PayoutFailed`, `BelowMinimum`, `FloatMissing`, `CurrencyCallFailed`, `UnexpectedBalance`.
    function withdraw(address pool, address to) external virtual returns (uint256 amount);

    /// Moves what the market owes a lost account for orders of a pool to who the pool has recovered it to (its
    /// `payeeOf`), and answers with how much.
    /// @dev Who: Anyone, once the pool has recovered the lost account. Refuses with: `NotRecovered`,
    /// `NothingToWithdraw`.
    function inherit(address lost, address pool) external virtual returns (uint256 amount);

    /// An open order: its side is 1 for an ask and 2 for a bid, its shares are those left, its escrow is the money held
    /// for a bid and zero for an ask.
    /// @dev Refuses with: `UnknownOrder`.
    function orderOf(uint64 order) external view virtual returns (uint8 side, address maker, address pool, address
        currency, uint256 shares, uint256 price, uint64 expiry, uint256 escrow);

    /// What a fill of this size costs who takes the ask, or brings who takes the bid, now.
    /// @dev Refuses with: Those of `fillAsk` and `fillBid` before anything moves: `UnknownOrder`, `NotListed`,
    /// `OrderExpired`, `OrderVoid`, `NotEnoughShares`, `BelowLot`, `AmountTooLarge`, `Overflow`.
    function quote(uint64 order, uint256 shares) external view virtual returns (uint256);

    /// How many orders were ever placed: the last one's number.
    function orderCount() external view virtual returns (uint64);

    /// A pool on the market, all zeros where it was never listed; price and time (Unix seconds) of its last trade are
    /// zero before the first.
    function listingOf(address pool) external view virtual returns (bool listed, address currency, uint256 lot, uint256
        tick, uint256 lastPrice, uint64 lastTrade);

    /// What the market holds in a currency for open bids, and what it owes accounts; its balance is never less than the
    /// sum.
    function escrowOf(address currency) external view virtual returns (uint256 escrow, uint256 credits);

    /// What the market owes an account for orders of a pool, in the pool's currency.
    function creditOf(address account, address pool) external view virtual returns (uint256);

    /// The market owes an account more.
    /// @param account The account.
    /// @param pool For orders of which pool.
    /// @param amount How much more.
    /// @param credit How much in all.
    event Credited(address indexed account, address indexed pool, uint256 amount, uint256 credit);

    /// What the market owed a lost account it owes its successor.
    /// @param lost The account that was recovered.
    /// @param heir To whom.
    /// @param pool For orders of which pool.
    /// @param amount How much.
    event Inherited(address indexed lost, address indexed heir, address indexed pool, uint256 amount);

    /// An order was taken off the market.
    /// @param order Its number.
    /// @param maker Who placed it.
    /// @param pool Whose shares.
    /// @param expired Cleared by anyone: after its expiry, or void because its shares were seized or freed.
    /// @param shares Share units that were not traded; an ask's are free again.
    /// @param refund A bid's money, credited to the maker; zero for an ask.
    event OrderCancelled(uint64 indexed order, address indexed maker, address indexed pool, bool expired, uint256
        shares, uint256 refund);

    /// An ask or a bid was placed.
    /// @param order Its number.
    /// @param maker Who placed it.
    /// @param pool Whose shares.
    /// @param side 1 ask, 2 bid.
    /// @param currency What is paid in; zero for the native currency.
    /// @param shares Share units.
    /// @param price In the currency's smallest unit, for 10^18 share units.
    /// @param expiry Unix seconds from which on it cannot be filled.
    /// @param escrow Money held for a bid; zero for an ask.
    event OrderPlaced(uint64 indexed order, address indexed maker, address indexed pool, uint8 side, address currency,
        uint256 shares, uint256 price, uint64 expiry, uint256 escrow);

    /// A pool's orders can only be cancelled from now on.
    /// @param pool The pool.
    event PoolDelisted(address indexed pool);

    /// A pool was listed, or its lot and tick were set anew.
    /// @param pool The pool.
    /// @param currency What its shares are paid in; zero for the native currency.
    /// @param lot Fewest share units of an order and of a fill that does not take the rest.
    /// @param tick Prices are multiples of this.
    event PoolListed(address indexed pool, address indexed currency, uint256 lot, uint256 tick);

    /// Shares went one way and money the other.
    /// @param pool Whose shares.
    /// @param seller Who sold.
    /// @param buyer Who bought.
    /// @param ask The seller's order; zero where it took a bid.
    /// @param bid The buyer's order; zero where it took an ask.
    /// @param shares Share units.
    /// @param price For 10^18 share units: the pool's last price from now on.
    /// @param cost What the seller was credited with.
    /// @param askLeft Share units left of the ask; zero also where there is none.
    /// @param bidLeft Share units left of the bid; zero also where there is none.
    event Traded(address indexed pool, address indexed seller, address indexed buyer, uint64 ask, uint64 bid, uint256
        shares, uint256 price, uint256 cost, uint256 askLeft, uint256 bidLeft);

    /// An account took all that the market owed it for orders of a pool.
    /// @param account The account.
    /// @param pool For orders of which pool.
    /// @param to Where the money went.
    /// @param currency The pool's currency; zero for the native one.
    /// @param amount How much.
    event Withdrawn(address indexed account, address indexed pool, address indexed to, address currency, uint256
        amount);

    /// Renouncing needs the caller's own address as confirmation.
    error AccessControlBadConfirmation();

    /// The default admin's role changes by hand-over alone.
    error AccessControlEnforcedDefaultAdminRules();

    /// Only the proposed successor can accept.
    error AccessControlInvalidDefaultAdmin(address defaultAdmin);

    /// The account lacks the role: (account, role).
    error AccessControlUnauthorizedAccount(address account, bytes32 neededRole);

    /// Above 2^128 − 1.
    error AmountTooLarge(uint256 amount);

    /// Fewer shares than the pool's lot, and not the rest of the order: (shares, lot).
    error BelowLot(uint256 shares, uint256 lot);

    /// More than the taker is willing to pay: (cost, limit).
    error CostAboveLimit(uint256 cost, uint256 limit);

    /// The currency refused, or answered something else than true.
    error CurrencyCallFailed(address currency);

    /// The pool was listed with another currency before: (pool, that currency).
    error CurrencyChanged(address pool, address before);

    /// The two orders are for different pools: (ask, bid).
    error DifferentPools(uint64 ask, uint64 bid);

    /// The order would be expired already: (expiry, now).
    error ExpiryPassed(uint64 expiry, uint64 now);

    /// The order would live longer than 90 days: (expiry, latest).
    error ExpiryTooLate(uint64 expiry, uint64 latest);

    /// The market would keep less of the currency than it lets anybody have. Anybody sends it that much more.
    error FloatMissing(uint256 missing);

    /// Money cannot be paid to address zero, nor to the market itself.
    error InvalidRecipient(address recipient);

    /// The order has fewer shares left: (order, left, wanted).
    error NotEnoughShares(uint64 order, uint256 left, uint256 wanted);

    /// Until its expiry only its maker may cancel the order: (order, expiry).
    error NotExpired(uint64 order, uint64 expiry);

    /// The pool is not listed, or not any more.
    error NotListed(address pool);

    /// Only the order's maker may cancel it: (order, caller).
    error NotMaker(uint64 order, address caller);

    /// The pool has not recovered the account: it withdraws itself.
    error NotRecovered(address account);

    /// The market owes the account nothing for orders of the pool: (account, pool).
    error NothingToWithdraw(address account, address pool);

    /// The price is zero or no multiple of the pool's tick: (price, tick).
    error OffTick(uint256 price, uint256 tick);

    /// The order can no longer be filled: (order, expiry).
    error OrderExpired(uint64 order, uint64 expiry);

    /// An agent of the pool took shares that were on offer, or their holder freed them there, and so ended the order;
    /// anybody may clear it.
    error OrderVoid(uint64 order);

    /// A figure would not fit in 128 bits.
    error Overflow();

    /// The recipient does not accept the payment; the money stays credited.
    error PayoutFailed(address account);

    /// The pool did not do what it was asked and gave no reason, or one of over 256 bytes. Any other of its reasons is
    /// handed on as it is.
    error PoolCallFailed(address pool);

    /// The bid is below the ask: (ask's price, bid's price).
    error PricesDoNotCross(uint256 ask, uint256 bid);

    /// Less than the taker is willing to accept: (proceeds, limit).
    error ProceedsBelowLimit(uint256 proceeds, uint256 limit);

    /// Buyer and seller are one account.
    error SelfTrade(address account);

    /// The pool's rules or KYC refuse: an ERC-1404 code, explained by `messageForTransferRestriction`.
    error TransferRestricted(uint8 code);

    /// The currency moved another amount than it was told: (currency, expected balance of the market, its balance).
    error UnexpectedBalance(address currency, uint256 expected, uint256 found);

    /// There is no such order, or it is filled or cancelled.
    error UnknownOrder(uint64 order);

    /// An ask where a bid is needed, or the other way round.
    error WrongSide(uint64 order);

    /// Wei that came with the call: (got, expected); none where the pool's currency is an ERC-20.
    error WrongValue(uint256 got, uint256 expected);

    /// A lot or tick of zero.
    error ZeroAmount();
}

/// A data pool: shares, dividends and the contributors' leg.
abstract contract Pool is Access {
    /// Makes the pool, without shares and admitting every account with a KYC record. `logic` answers what the front
    /// does not; `name` and `symbol` are UTF-8 of at most 32 bytes, filled up with zeros; `currency` is an ERC-20, or
    /// zero for the chain's own money; of each deposit `contributorsBps` basis points, rounded down, are the
    /// contributors'; `admin` gives all roles.
    constructor(address logic, bytes32 name, bytes32 symbol, address kyc, address attribution, address currency, uint16
        contributorsBps, address admin) {}

    /// ERC-20.
    function name() external view virtual returns (string memory);

    /// ERC-20.
    function symbol() external view virtual returns (string memory);

    /// ERC-20: 18.
    function decimals() external view virtual returns (uint8);

    /// ERC-20: all shares.
    function totalSupply() external view virtual returns (uint256);

    /// ERC-20: an account's shares, whatever keeps them from moving.
    function balanceOf(address account) external view virtual returns (uint256);

    /// ERC-20: moves the caller's shares. The pool's policy and the KYC registry are asked.
    /// @dev Who: Anyone the pool lets send. Refuses with: `ERC20InvalidReceiver`, `AmountTooLarge`,
    /// `ERC20InsufficientBalance`, `TransferRestricted(code)`, `Overflow`.
    function transfer(address to, uint256 amount) external virtual returns (bool);

    /// ERC-20: lets another account move so many of the caller's shares; 2^256 − 1 is without limit and stays.
    /// @dev Who: Anyone. Refuses with: `ERC20InvalidSpender`.
    function approve(address spender, uint256 amount) external virtual returns (bool);

    /// ERC-20.
    function allowance(address owner, address spender) external view virtual returns (uint256);

    /// ERC-20: moves another's shares by the allowance that the caller has.
    /// @dev Who: Anyone with the allowance, where the pool lets `from` send. Refuses with: `ERC20InvalidSender`,
    /// `ERC20InsufficientAllowance`, `ERC20InvalidReceiver`, `AmountTooLarge`, `ERC20InsufficientBalance`,
    /// `TransferRestricted(code)`, `Overflow`.
    function transferFrom(address from, address to, uint256 amount) external virtual returns (bool);

    /// ERC-2612: sets the allowance that the owner signed, until `deadline` in Unix seconds.
    /// @dev Who: Anyone, with the owner's signature. Refuses with: `ERC2612ExpiredSignature`, `ERC2612InvalidSigner`,
    /// `ERC20InvalidSpender`.
    function permit(address owner, address spender, uint256 value, uint256 deadline, uint8 v, bytes32 r, bytes32 s)
        external virtual;

    /// ERC-2612: what the owner's next permit or signed delegation must carry.
    function nonces(address owner) external view virtual returns (uint256);

    /// ERC-2612: binds signatures to this pool on this chain.
    function DOMAIN_SEPARATOR() external view virtual returns (bytes32);

    /// ERC-6372: Unix seconds.
    function clock() external view virtual returns (uint64);

    /// ERC-6372: `mode=timestamp`.
    function CLOCK_MODE() external view virtual returns (string memory);

    /// ERC-5805: an account's votes now.
    function getVotes(address account) external view virtual returns (uint256);

    /// ERC-5805: an account's votes at the end of a past second.
    /// @dev Refuses with: `ERC5805FutureLookup` unless that second is over.
    function getPastVotes(address account, uint256 timepoint) external view virtual returns (uint256);

    /// ERC-5805: all shares, each of which is a vote, at the end of a past second.
    /// @dev Refuses with: `ERC5805FutureLookup` unless that second is over.
    function getPastTotalSupply(uint256 timepoint) external view virtual returns (uint256);

    /// Whom the account's shares vote for: itself where it never delegated.
    function delegates(address account) external view virtual returns (address);

    /// The caller's shares vote for `delegatee`; for itself again where that is itself or zero.
    /// @dev Who: Anyone, for its own shares. Refuses with: `TransferRestricted` where the caller was recovered, or
    /// delegates to another while the pool's screening stops it.
    function delegate(address delegatee) external virtual;

    /// ERC-5805: the holder's shares vote for `delegatee` by its signature, once, until `expiry` in Unix seconds.
    /// @dev Who: Anyone, with the holder's signature. Refuses with: `VotesExpiredSignature`, `ERC2612InvalidSigner`,
    /// `InvalidAccountNonce`, and `TransferRestricted` as `delegate`.
    function delegateBySig(address delegatee, uint256 nonce, uint256 expiry, uint8 v, bytes32 r, bytes32 s) external
        virtual;

    /// The votes of a blocked account are its own again, and do not count. A KYC record that ran out is no block.
    /// @dev Who: Anyone, where the account is frozen, on a sanctions list or was recovered. Refuses with:
    /// `NotScreened`.
    function endDelegation(address account) external virtual;

    /// Pays money in for a licence stream and a period, split between share holders and contributors. The chain's own
    /// money comes with the call and must equal `amount`; an ERC-20 is taken by the caller's allowance.
    /// @dev Who: Anyone, once the pool is open. Refuses with: `PeriodNotBegun`, `AmountTooLarge`, `PeriodZero`,
    /// `ZeroAmount`, `NotOpened`, `WrongPayment`, `Overflow`.
    function deposit(bytes32 stream, uint32 period, uint256 amount) external payable virtual;

    /// Dividends of an account, whether they can be paid now or not.
    /// @dev Refuses with: `Overflow`.
    function claimable(address account) external view virtual returns (uint256);

    /// State of an account's dividends: 0 nothing was earned, 2 payable, 3 paid, 4 held (KYC, a pause, or less than the
    /// currency lets an account have).
    /// @dev Refuses with: `Overflow`.
    function dividendState(address account) external view virtual returns (uint8 state, uint256 amount);

    /// Pays the caller's dividends, to it or to whom it was recovered to. Says no more than `PayoutFailed` where the
    /// currency does not pay; `claimFor` says why.
    /// @dev Who: Anyone, for itself. Refuses with: `EnforcedPause`, `NothingToClaim`, `TransferRestricted`,
    /// `PayoutFailed`, `Overflow`.
    function claim() external virtual returns (uint256);

    /// Pays an account's dividends, to it or to whom it was recovered to.
    /// @dev Who: Anyone. Refuses with: `EnforcedPause`, `NothingToClaim`, `TransferRestricted`, `BelowMinimum`,
    /// `FloatMissing`, `PayoutFailed`, `Overflow`.
    function claimFor(address account) external virtual returns (uint256);

    /// The root that claims are proven against of what comes in for the period now; zero until it is kept.
    function keptRoot(bytes32 stream, uint32 period) external view virtual returns (bytes32);

    /// What an account took of a period.
    function contributionClaimed(bytes32 stream, uint32 period, address account) external view virtual returns
        (uint256);

    /// The contributors' money of a period, whichever registry's report it is paid by, and the weights that have
    /// claimed of it, in parts of 10^18.
    function periodOf(bytes32 stream, uint32 period) external view virtual returns (uint256 total, uint256 claimed,
        uint64 weightClaimed);

    /// What contributors have not claimed of a period, in which state it is and which way out it has: 0 nothing there;
    /// 1 claims by proofs; 2 its report can still change; 3 waits for the stream's next report, or its end; 4 `carry`
    /// takes it to the period `to`; 5 `releaseWaiting` gives it to the holders.
    /// @dev Refuses with: `AttributionCallFailed`, `LicencesCallFailed`.
    function waitingOf(bytes32 stream, uint32 period) external view virtual returns (uint8 state, uint256 amount, uint32
        to);

    /// The way that money of a period has, or would have if there were some, where the stream's licence ends at
    /// `licenceEnd` (zero: it has none): `waitingOf`'s states from 1 to 5.
    /// @dev Refuses with: `AttributionCallFailed`.
    function wayOf(bytes32 stream, uint32 period, uint64 licenceEnd) external view virtual returns (uint8 way);

    /// The money of an unreported quarter, or of one in which nothing qualified, goes with the stream's next report,
    /// which is that of the period `to`.
    /// @dev Who: Anyone, again and again. Refuses with: `NothingWaits`, `AttributionCallFailed`, `LicencesCallFailed`,
    /// `WrongWay(stream, period, state)`, `Overflow`.
    function carry(bytes32 stream, uint32 from, uint32 to) external virtual;

    /// Once the stream has ended, what no report will pay goes to the holders as a dividend.
    /// @dev Who: Anyone, again and again. Refuses with: `NothingWaits`, `AttributionCallFailed`, `LicencesCallFailed`,
    /// `WrongWay(stream, period, state)`, `Overflow`.
    function releaseWaiting(bytes32 stream, uint32 period) external virtual;

    /// As stored: settled up to `index`; `pending` in the currency's smallest unit, `fraction` in 2^-64 of one.
    function holderOf(address account) external view virtual returns (uint256 balance, uint256 index, uint256 pending,
        uint64 fraction);

    /// Who is paid what an account is owed: itself, or to whom it was recovered to.
    function payeeOf(address account) external view virtual returns (address);

    /// Passes, or refuses a payment by the pool or another contract that holds its currency as the currency's least
    /// balance would.
    /// @dev Refuses with: `AmountTooLarge`, `FloatMissing`, `BelowMinimum`.
    function checkPayout(address from, address to, uint256 amount) external view virtual;

    /// The least balance of an account in the currency, as declared; the pool keeps it beside what it owes. Zero where
    /// none is declared.
    function currencyMinimum() external view virtual returns (uint256);

    /// All money so far, in the currency's smallest unit; `index` is dividends per share, times 2^64, and `carry` the
    /// remainder of its last division.
    function totals() external view virtual returns (uint256 deposited, uint256 toHolders, uint256 toContributors,
        uint256 claimedByHolders, uint256 claimedByContributors, uint256 index, uint256 carry);

    /// New shares: after the opening up to its cap. They are locked up as the policy says.
    /// @dev Who: ISSUER_ROLE. Refuses with: `AccessControlUnauthorizedAccount`, `AmountTooLarge`, `CapExceeded`,
    /// `ERC20InvalidReceiver`, `TransferRestricted`, `Overflow`.
    function mint(address to, uint256 amount) external virtual;

    /// The least balance that the currency lets an account have, of which the pool must have so much beside what it
    /// owes. Only tokens of the chain have one: in such a currency the pool cannot be opened before, and it stands
    /// afterwards; in others it is zero.
    /// @dev Who: ISSUER_ROLE, until the pool is open. Refuses with: `AccessControlUnauthorizedAccount`,
    /// `AmountTooLarge`, `Overflow`, `InvalidMinimum` where the currency is no token of the chain, or the pool is open,
    /// `FloatMissing(missing)` where the pool has less beside what it owes.
    function declareMinimum(uint256 minimum) external virtual;

    /// Ends the sale for good, and lets deposits in. Needs 10^18 share units at least. `cap` is the most there will be,
    /// `licences` the licence contract whose licences are streams of the pool, or zero; `governor` (the co-op) may
    /// raise the cap, or with zero nobody.
    /// @dev Who: ISSUER_ROLE, once. Refuses with: `AccessControlUnauthorizedAccount`, `AlreadyOpened`,
    /// `MinimumUndeclared` in a token of the chain, `AmountTooLarge`, `SupplyTooSmall`, `CapTooLow`, `UnfitLicences`,
    /// `UnfitGovernor`.
    function open(uint256 cap, address licences, address governor) external virtual;

    /// Raises the most shares that there will be.
    /// @dev Who: The governor. Refuses with: `AmountTooLarge`, `NotGovernor`, `CapTooLow`.
    function raiseCap(uint256 cap) external virtual;

    /// Whether the pool takes deposits.
    function opened() external view virtual returns (bool);

    /// Most shares that there will be; zero before the opening.
    function cap() external view virtual returns (uint256);

    /// The licence contract whose licences are streams of the pool; zero for none.
    function licences() external view virtual returns (address);

    /// Who may raise the cap, and names successors; zero: nobody.
    function governor() external view virtual returns (address);

    /// Opens, changes or closes the sale: `price` is for 10^18 units of shares, in the currency's smallest unit; a
    /// `cap` of zero closes it. It sells from `starts` until before `ends`, in Unix seconds.
    /// @dev Who: ISSUER_ROLE, before the opening. Refuses with: `AccessControlUnauthorizedAccount`, `AlreadyOpened`,
    /// `AmountTooLarge`, `InvalidSale`.
    function setSale(uint256 price, uint256 cap, uint64 starts, uint64 ends, address proceedsTo) external virtual;

    /// Sells new shares to the caller, for exactly the price, rounded up, and no more than `maxCost`. The chain's own
    /// money comes with the call; an ERC-20 is taken by the caller's allowance.
    /// @dev Who: Anyone the pool lets receive, before the opening. Refuses with: `AmountTooLarge`, `ZeroAmount`,
    /// `SaleClosed`, `SaleExhausted`, `CostAboveLimit`, `TransferRestricted`, `WrongPayment`; where the proceeds cannot
    /// be paid, `BelowMinimum`, `FloatMissing`, `PayoutFailed`; `Overflow`.
    function buy(uint256 amount, uint256 maxCost) external payable virtual returns (uint256 cost);

    /// The primary sale: its price for 10^18 units of shares, shares left in it, and of this and earlier ones the
    /// shares sold and the money raised.
    function sale() external view virtual returns (uint256 price, uint256 left, uint256 sold, uint256 raised, uint64
        starts, uint64 ends);

    /// ERC-3643: freezes more of an account's shares.
    /// @dev Who: AGENT_ROLE. Refuses with: `AccessControlUnauthorizedAccount`, `AmountTooLarge`, `Overflow`,
    /// `ERC20InsufficientBalance` where the account has fewer in all.
    function freezePartialTokens(address account, uint256 amount) external virtual;

    /// ERC-3643: unfreezes shares of an account.
    /// @dev Who: AGENT_ROLE. Refuses with: `AccessControlUnauthorizedAccount`, `AmountTooLarge`,
    /// `InsufficientRestraint`.
    function unfreezePartialTokens(address account, uint256 amount) external virtual;

    /// ERC-3643: how many of an account's shares an agent has frozen.
    function getFrozenTokens(address account) external view virtual returns (uint256);

    /// ERC-3643, with the hash of the reason's document: moves shares to an eligible account, whatever keeps them from
    /// moving, and during a pause too.
    /// @dev Who: AGENT_ROLE. Refuses with: `AccessControlUnauthorizedAccount`, `ERC20InvalidReceiver`,
    /// `AmountTooLarge`, `ERC20InsufficientBalance`, `TransferRestricted` where the recipient is not eligible,
    /// `Overflow`.
    function forcedTransfer(address from, address to, uint256 amount, bytes32 reason) external virtual returns (bool);

    /// Replaces a lost account: all that it has, and is paid later, is the replacement's. `reason` is the hash of its
    /// document.
    /// @dev Who: AGENT_ROLE. Refuses with: `AccessControlUnauthorizedAccount`, `ERC20InvalidReceiver` where the
    /// replacement is zero or the lost account, `AlreadyRecovered`, `TransferRestricted` where the replacement may not
    /// receive shares, `Overflow`.
    function recoverAccount(address lost, address replacement, bytes32 reason) external virtual;

    /// What keeps an account's shares from moving now: `frozen` by an agent, `reserved` for orders, `locked` until
    /// `lockedUntil` at the latest (Unix seconds), and whether the account was recovered.
    function restraintsOf(address account) external view virtual returns (uint256 frozen, uint256 reserved, uint256
        locked, uint64 lockedUntil, bool recovered);

    /// How often the account's reservations were ended, by an agent or by itself: orders of before are void.
    function seizuresOf(address account) external view virtual returns (uint32);

    /// Frees the caller's shares that are on offer, whatever became of the market.
    /// @dev Who: Anyone, for its own shares.
    function endReservations() external virtual;

    /// Keeps free shares of an owner who allowed the market to take them.
    /// @dev Who: MARKET_ROLE. Refuses with: `AccessControlUnauthorizedAccount`, `EnforcedPause`, `AmountTooLarge`,
    /// `ERC20InsufficientBalance` where fewer are free or the owner was recovered, `TransferRestricted`,
    /// `ERC20InsufficientAllowance`.
    function reserve(address owner, uint256 amount) external virtual;

    /// Gives reserved shares back, during a pause too.
    /// @dev Who: MARKET_ROLE. Refuses with: `AccessControlUnauthorizedAccount`, `AmountTooLarge`,
    /// `InsufficientRestraint`.
    function release(address owner, uint256 amount) external virtual;

    /// Moves reserved shares to a buyer.
    /// @dev Who: MARKET_ROLE. Refuses with: `AccessControlUnauthorizedAccount`, `ERC20InvalidReceiver`,
    /// `AmountTooLarge`, `ERC20InsufficientBalance`, `TransferRestricted`, `Overflow`.
    function deliver(address from, address to, uint256 amount) external virtual;

    /// Who may hold shares. `open` admits everybody but who is frozen or on a sanctions list. `jurisdictions` is a set
    /// of ISO 3166-1 numeric codes, allowed ones with `allowList`, else blocked ones: code n is bit 7 − n mod 8 of byte
    /// n / 8. Zero means no limit.
    /// @dev Who: COMPLIANCE_ROLE. Refuses with: `AccessControlUnauthorizedAccount`, `AmountTooLarge`.
    function setPolicy(bool open, uint8 minLevel, bool accreditedOnly, bool allowList, bytes32[4] calldata
        jurisdictions, uint32 maxHolders, uint256 maxHolding, uint32 lockupSeconds) external virtual;

    /// As set; a new pool's admits every account with a valid KYC record.
    function policy() external view virtual returns (bool open, uint8 minLevel, bool accreditedOnly, bool allowList,
        bytes32[4] memory jurisdictions, uint32 maxHolders, uint256 maxHolding, uint32 lockupSeconds);

    /// Accounts with shares.
    function holderCount() external view virtual returns (uint32);

    /// ERC-1404: why a transfer would be refused, as a restriction's code; zero where it would not.
    /// @dev Refuses with: `AmountTooLarge`.
    function detectTransferRestriction(address from, address to, uint256 amount) external view virtual returns (uint8);

    /// Why an account may not sell or be paid here now, as a restriction's code; zero where it may. Votes are only kept
    /// from who is frozen (5) or sanctioned (7).
    function screened(address account) external view virtual returns (uint8);

    /// ERC-1404: what a code means and what to do.
    function messageForTransferRestriction(uint8 code) external view virtual returns (string memory);

    /// No transfers, issuance, deliveries, reservations or claims from now on.
    /// @dev Who: PAUSER_ROLE. Refuses with: `AccessControlUnauthorizedAccount`, `EnforcedPause`.
    function pause() external virtual;

    /// The pool runs on.
    /// @dev Who: PAUSER_ROLE. Refuses with: `AccessControlUnauthorizedAccount`, `ExpectedPause`.
    function unpause() external virtual;

    /// Whether it is paused.
    function paused() external view virtual returns (bool);

    /// Names who is to take the place of a part (0 KYC, 1 attribution, 2 logic, 3 licences) in 30 days, instead of
    /// whoever was named before.
    /// @dev Who: The governor. Refuses with: `NotGovernor`, `UnknownPart`, `UnfitSuccessor`.
    function proposeSuccessor(uint8 part, address successor) external virtual;

    /// Takes back who was named to take a part's place (0 KYC, 1 attribution, 2 logic, 3 licences).
    /// @dev Who: The governor. Refuses with: `NotGovernor`, `UnknownPart`, `NoSuccessor`.
    function cancelSuccessor(uint8 part) external virtual;

    /// Puts the successor in the part's place (0 KYC, 1 attribution, 2 logic, 3 licences).
    /// @dev Who: Anyone, from 30 days after it was named on and for 30 days. Refuses with: `UnknownPart`,
    /// `NoSuccessor`, `SuccessorTooEarly`, `SuccessorExpired`, `UnfitSuccessor`.
    function adoptSuccessor(uint8 part) external virtual;

    /// Zeros where nobody is named; adopted from `eta` until before `expires` (Unix seconds).
    /// @dev Refuses with: `UnknownPart`.
    function successorOf(uint8 part) external view virtual returns (address successor, uint64 eta, uint64 expires);

    /// What a pool's records are like, asked of a logic itself: its successor must say the same. A pool says 0.
    function storageLayout() external view virtual returns (uint256);

    /// Makes the pool, without shares and admitting every account with a KYC record. `logic` answers what the front
    /// does not; `name` and `symbol` are UTF-8 of at most 32 bytes, filled up with zeros; `currency` is an ERC-20, or
    /// zero for the chain's own money; of each deposit `contributorsBps` basis points, rounded down, are the
    /// contributors'; `admin` gives all roles.
    /// @dev Who: The front's constructor, once. Refuses with: `AlreadyInitialised`, `InvalidBasisPoints`, `EmptyLabel`,
    /// `AccessControlInvalidDefaultAdmin` for address zero, `UnfitSuccessor` where `logic` or the claims that it names
    /// are no code for pools; of the constructor `NotInitialised` where `logic` has no code.
    function initialise(address logic, bytes32 name, bytes32 symbol, address kyc, address attribution, address currency,
        uint16 contributorsBps, address admin) external virtual;

    /// The code that answers what neither the front nor the claims answer.
    function logic() external view virtual returns (address);

    /// The code of contributors' claims, which the logic names; asked of a logic, the one it names.
    function claimsLogic() external view virtual returns (address);

    /// KYC registry; zero where nobody is asked.
    function kyc() external view virtual returns (address);

    /// Attribution registry.
    function attribution() external view virtual returns (address);

    /// What all money is in: an ERC-20, or zero for the chain's own.
    function currency() external view virtual returns (address);

    /// Contributors' leg of a deposit, in basis points.
    function contributorsBps() external view virtual returns (uint16);

    /// Pays the caller its part of a period, to it or to whom it was recovered to. `weight` is in parts of 10^18;
    /// `proof` is that of OpenZeppelin's `StandardMerkleTree`.
    /// @dev Who: The contributor. Refuses with: `EnforcedPause`, `NoFinalReport(stream, period, state)`,
    /// `AttributionCallFailed`, `WeightsExceeded`, `InvalidProof`, `NothingToClaim`, `TransferRestricted`,
    /// `BelowMinimum`, `FloatMissing`, `PayoutFailed`, `Overflow`.
    function claimContribution(bytes32 stream, uint32 period, uint256 weight, bytes32[] calldata proof) external virtual
        returns (uint256);

    /// Pays an account its part of a period, to it or to whom it was recovered to.
    /// @dev Who: Anyone. Refuses with: `EnforcedPause`, `NoFinalReport(stream, period, state)`,
    /// `AttributionCallFailed`, `WeightsExceeded`, `InvalidProof`, `NothingToClaim`, `TransferRestricted`,
    /// `BelowMinimum`, `FloatMissing`, `PayoutFailed`, `Overflow`.
    function claimContributionFor(address account, bytes32 stream, uint32 period, uint256 weight, bytes32[] calldata
        proof) external virtual returns (uint256);

    /// At most 64 claims of one account, paid at once, to it or to whom it was recovered to; those without anything
    /// owed are passed over. Lists of different lengths are refused with an empty error.
    /// @dev Who: Anyone. Refuses with: `EnforcedPause`, `BatchTooLong`, `NoFinalReport(stream, period, state)`,
    /// `AttributionCallFailed`, `WeightsExceeded`, `InvalidProof`, `NothingToClaim` where none is owed anything,
    /// `TransferRestricted`, `BelowMinimum`, `FloatMissing`, `PayoutFailed`, `Overflow`.
    function claimContributions(address account, bytes32[] calldata streams, uint32[] calldata periods, uint256[]
        calldata weights, bytes32[][] calldata proofs) external virtual returns (uint256);

    /// At most 64 accounts' claims of one period, each paid for itself: who may not be paid, has nothing left, does not
    /// take the money or has code that would run is passed over (`ClaimSkipped`). Accounts, weights, proof and flags
    /// are those of OpenZeppelin's `getMultiProof`; a wrong proof refuses the call, and lists of different lengths do
    /// with an empty error. Answers the sum.
    /// @dev Who: Anyone. Refuses with: `EnforcedPause`, `BatchTooLong`, `NoFinalReport(stream, period, state)`,
    /// `AttributionCallFailed`, `WeightsExceeded` above 64 bits, `InvalidProof(0)`, `PayoutFailed` where a token moved
    /// another amount, `Overflow`.
    function claimForMany(bytes32 stream, uint32 period, address[] calldata accounts, uint256[] calldata weights,
        bytes32[] calldata proof, bool[] calldata proofFlags) external virtual returns (uint256);

    /// Keeps the root of a period's final report, so that no claim need ask for it. Again it changes nothing.
    /// @dev Who: Anyone, once there is money in the period and a final report. Refuses with: `NothingWaits`,
    /// `NoFinalReport`, `AttributionCallFailed`.
    function keepRoot(bytes32 stream, uint32 period) external virtual;

    /// State of a claim: 0 nothing was earned, 1 pending (money, but no final report that has weights), 2 payable, 3
    /// paid, 4 held (KYC, a pause, or less than the currency lets an account have).
    /// @dev Refuses with: `AttributionCallFailed`, `WeightsExceeded`, `InvalidProof`.
    function contributionState(address account, bytes32 stream, uint32 period, uint256 weight, bytes32[] calldata proof)
        external view virtual returns (uint8 state, uint256 amount);

    /// A lost account was replaced: shares and everything it is owed, now and later, belong to the replacement.
    /// @param lost No longer used.
    /// @param replacement Its successor.
    /// @param shares Shares moved: all there were.
    /// @param pending Unclaimed dividends moved, in the currency's smallest unit.
    /// @param reason Hash of the reason's document.
    /// @param agent The agent.
    event AccountRecovered(address indexed lost, address indexed replacement, uint256 shares, uint256 pending, bytes32
        reason, address agent);

    /// ERC-20: an allowance was set.
    /// @param owner Whose shares.
    /// @param spender Who may move them.
    /// @param value How many from now on, in 10^-18 shares; 2^256 − 1 without limit.
    event Approval(address indexed owner, address indexed spender, uint256 value);

    /// The governor raised the cap.
    /// @param cap Most shares that there will be.
    event CapRaised(uint256 cap);

    /// One of many claims was passed over.
    /// @param stream Licence stream.
    /// @param period Accounting period.
    /// @param account Whose.
    /// @param reason 0 nothing is owed, 1–253 a restriction's code, 254 more weight than there is, 255 the payee did
    /// not take the money.
    event ClaimSkipped(bytes32 indexed stream, uint32 indexed period, address indexed account, uint8 reason);

    /// A contributor's part of a period was paid out.
    /// @param stream Licence stream.
    /// @param period Accounting period.
    /// @param account Whose; paid to itself, or to whom it was recovered to.
    /// @param amount In the currency's smallest unit.
    /// @param weight Its weight in the report, in parts of 10^18.
    event ContributionClaimed(bytes32 indexed stream, uint32 indexed period, address indexed account, uint256 amount,
        uint256 weight);

    /// ERC-5805: an account's shares vote for another account from now on.
    /// @param delegator Whose shares.
    /// @param fromDelegate For whom they voted; the delegator where it had not delegated.
    /// @param toDelegate For whom they vote; the delegator where it took them back.
    event DelegateChanged(address indexed delegator, address indexed fromDelegate, address indexed toDelegate);

    /// Money came in. The contributors' leg is `amount - toHolders`: each word of an event costs as much as two hundred
    /// instructions.
    /// @param stream Licence stream.
    /// @param period Accounting period.
    /// @param payer Who paid.
    /// @param amount All of it, in the currency's smallest unit.
    /// @param toHolders The holders' leg, in the same unit.
    /// @param index The dividend index afterwards: dividends per share, times 2^64.
    event Deposited(bytes32 indexed stream, uint32 indexed period, address indexed payer, uint256 amount, uint256
        toHolders, uint256 index);

    /// A share holder's dividends were paid out.
    /// @param account Whose; paid to itself, or to whom it was recovered to.
    /// @param amount In the currency's smallest unit.
    event DividendClaimed(address indexed account, uint256 amount);

    /// An agent moved shares; the ERC-20 event says the same.
    /// @param from From whom.
    /// @param to To whom.
    /// @param value Shares.
    /// @param reason Hash of the reason's document.
    /// @param agent The agent.
    event ForcedTransferred(address indexed from, address indexed to, uint256 value, bytes32 reason, address agent);

    /// The issuer declared the currency's least balance, which the pool keeps beside what it owes.
    /// @param minimum In the currency's smallest unit.
    event MinimumDeclared(uint256 minimum);

    /// The pool was opened: it takes deposits from now on, and its sale ended.
    /// @param supply Shares there are.
    /// @param cap Most shares that there will be.
    /// @param licences The licence contract whose licences are streams of the pool; zero for none.
    /// @param governor Who may raise the cap; zero: nobody.
    event Opened(uint256 supply, uint256 cap, address licences, address governor);

    /// OpenZeppelin's `Pausable`: transfers, issuance and claims stopped.
    /// @param account Who paused.
    event Paused(address account);

    /// Who may hold shares from now on.
    /// @param open Everybody but the blocked: freezes and sanctions alone are asked.
    /// @param minLevel Lowest KYC level.
    /// @param accreditedOnly Accredited investors only.
    /// @param allowList The jurisdictions are those allowed; otherwise those blocked.
    /// @param jurisdictions Set of ISO 3166-1 numeric codes, 1024 bits in four words.
    /// @param maxHolders Most accounts with shares; zero without limit.
    /// @param maxHolding Most shares of one account; zero without limit.
    /// @param lockupSeconds New shares cannot move for so long, in seconds.
    event PolicySet(bool open, uint8 minLevel, bool accreditedOnly, bool allowList, bytes32[4] jurisdictions, uint32
        maxHolders, uint256 maxHolding, uint32 lockupSeconds);

    /// The pool was created.
    /// @param kyc KYC registry; zero where nobody is asked.
    /// @param attribution Attribution registry.
    /// @param currency ERC-20 that all money is in; zero for the chain's own.
    /// @param contributorsBps Contributors' leg in basis points.
    /// @param name Token name, UTF-8 filled up with zeros.
    /// @param symbol Token symbol, UTF-8 filled up with zeros.
    event PoolCreated(address kyc, address attribution, address currency, uint16 contributorsBps, bytes32 name, bytes32
        symbol);

    /// Reserved shares were released, or left with a delivery.
    /// @param owner Whose.
    /// @param market By this market.
    /// @param value How many.
    /// @param reserved All of the owner's reserved shares afterwards.
    event Released(address indexed owner, address indexed market, uint256 value, uint256 reserved);

    /// All reservations of an account ended, and orders of before are void: an agent took shares on offer or recovered
    /// the account, or their owner freed them.
    /// @param owner Whose.
    /// @param value How many shares were reserved.
    /// @param seizures How often that has happened to the owner.
    event ReservationsEnded(address indexed owner, uint256 value, uint32 seizures);

    /// Shares were reserved for an order.
    /// @param owner Whose.
    /// @param market For orders on this market.
    /// @param value How many.
    /// @param reserved All of the owner's reserved shares afterwards.
    event Reserved(address indexed owner, address indexed market, uint256 value, uint256 reserved);

    /// The root of a period's final report is kept here now, whatever becomes of the registry.
    /// @param stream Licence stream.
    /// @param period Accounting period.
    /// @param root Over (contributor, weight).
    event RootKept(bytes32 indexed stream, uint32 indexed period, bytes32 root);

    /// The primary sale was opened, changed or closed (no shares).
    /// @param price For 10^18 units of shares, in the currency's smallest unit.
    /// @param cap Shares to sell; zero where it was closed.
    /// @param starts Unix seconds, the first in which it sells.
    /// @param ends Unix seconds, the first in which it sells no more.
    /// @param proceedsTo Who gets the proceeds.
    event SaleSet(uint256 price, uint256 cap, uint64 starts, uint64 ends, address proceedsTo);

    /// Shares were sold in the primary sale.
    /// @param buyer Buyer.
    /// @param value Shares.
    /// @param cost Paid, in the currency's smallest unit.
    /// @param left Shares left in the sale.
    event SharesSold(address indexed buyer, uint256 value, uint256 cost, uint256 left);

    /// One of the pool's parts was replaced.
    /// @param part 0 KYC registry, 1 attribution registry, 2 logic, 3 licences.
    /// @param successor The part from now on.
    /// @param previous The part before.
    event SuccessorAdopted(uint8 indexed part, address indexed successor, address previous);

    /// The governor named a successor of one of the pool's parts, or with zero took it back.
    /// @param part 0 KYC registry, 1 attribution registry, 2 logic, 3 licences.
    /// @param successor The successor; zero where it was taken back.
    /// @param eta The first second in which anybody can adopt it (Unix seconds); 0 where it was taken back.
    /// @param expires The first second in which nobody can any more; 0 where it was taken back.
    event SuccessorProposed(uint8 indexed part, address indexed successor, uint64 eta, uint64 expires);

    /// ERC-3643: part of an account's shares was frozen.
    /// @param userAddress Whose.
    /// @param amount How many more.
    event TokensFrozen(address indexed userAddress, uint256 amount);

    /// ERC-3643: part of an account's shares was unfrozen.
    /// @param userAddress Whose.
    /// @param amount How many fewer.
    event TokensUnfrozen(address indexed userAddress, uint256 amount);

    /// ERC-20: shares moved, or were minted (from zero).
    /// @param from From whom.
    /// @param to To whom.
    /// @param value In 10^-18 shares.
    event Transfer(address indexed from, address indexed to, uint256 value);

    /// OpenZeppelin's `Pausable`: the pool runs on.
    /// @param account Who unpaused.
    event Unpaused(address account);

    /// Contributors' money of a period without weights went to the stream's next report.
    /// @param stream Licence stream.
    /// @param from Out of this period, all that it had.
    /// @param to Into this one.
    /// @param amount In the currency's smallest unit.
    event WaitingCarried(bytes32 indexed stream, uint32 indexed from, uint32 indexed to, uint256 amount);

    /// Contributors' money that no report will pay went to the holders.
    /// @param stream Licence stream.
    /// @param period Out of this period, all that it had.
    /// @param amount In the currency's smallest unit.
    /// @param index The dividend index afterwards: dividends per share, times 2^64.
    event WaitingReleased(bytes32 indexed stream, uint32 indexed period, uint256 amount, uint256 index);

    /// Renouncing needs the caller's own address as confirmation.
    error AccessControlBadConfirmation();

    /// The default admin's role changes by hand-over alone.
    error AccessControlEnforcedDefaultAdminRules();

    /// Only the proposed successor can accept.
    error AccessControlInvalidDefaultAdmin(address defaultAdmin);

    /// The account lacks the role: (account, role).
    error AccessControlUnauthorizedAccount(address account, bytes32 neededRole);

    /// A pool is initialised once.
    error AlreadyInitialised();

    /// A pool is opened once, and its sale ended then.
    error AlreadyOpened();

    /// The account was recovered already, or its replacement was.
    error AlreadyRecovered(address account);

    /// Above 2^128 − 1.
    error AmountTooLarge(uint256 amount);

    /// The attribution registry did not answer.
    error AttributionCallFailed();

    /// More claims in one batch than are taken: (got, most).
    error BatchTooLong(uint32 got, uint32 most);

    /// The account would have less of the currency than it lets anybody have: so much less. The money stays claimable,
    /// until it has grown by that or the account has that itself.
    error BelowMinimum(address account, uint256 missing);

    /// More share units than were announced: (wanted in all, cap).
    error CapExceeded(uint256 wanted, uint256 cap);

    /// A cap below the shares there are, or no higher than the one before: (cap, least).
    error CapTooLow(uint256 cap, uint256 least);

    /// More than the buyer is willing to pay: (cost, limit).
    error CostAboveLimit(uint256 cost, uint256 limit);

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

    /// OpenZeppelin's `Pausable`: the pool is not paused.
    error ExpectedPause();

    /// The payer would keep less of the currency than it lets anybody have. Anybody sends it that much more.
    error FloatMissing(uint256 missing);

    /// More than the account has in this state: (account, has, needed).
    error InsufficientRestraint(address account, uint256 has, uint256 needed);

    /// OpenZeppelin's `Nonces`: (account, its next nonce).
    error InvalidAccountNonce(address account, uint256 currentNonce);

    /// Above 10 000.
    error InvalidBasisPoints(uint16 basisPoints);

    /// Only a token of the chain has a least balance, and that of an open pool stands.
    error InvalidMinimum(uint256 minimum);

    /// The proof does not lead from (account, weight) to the report's root; of many accounts together it names none.
    error InvalidProof(address account);

    /// A sale needs a price, shares, a recipient of its proceeds other than the pool, and an end after its start.
    error InvalidSale();

    /// The licence contract did not answer.
    error LicencesCallFailed();

    /// The currency is a token of the chain: its issuer declares the least balance (`declareMinimum`) first.
    error MinimumUndeclared();

    /// No final report for (stream, period): the state is that of the attribution registry.
    error NoFinalReport(bytes32 stream, uint32 period, uint8 state);

    /// Nobody is named to succeed the part.
    error NoSuccessor(uint8 part);

    /// Only the pool's governor raises the cap and names successors; the caller is not it, or there is none.
    error NotGovernor(address account);

    /// The pool was never initialised; the own storage of logic and claims is no pool.
    error NotInitialised();

    /// The pool takes no money yet: its issuer opens it once its first shares are out.
    error NotOpened();

    /// Only what is blocked is taken back by others: the account may be paid, and delegates as it likes.
    error NotScreened(address account);

    /// Nothing is owed to the account (yet).
    error NothingToClaim(address account);

    /// No contributors' money is left in (stream, period).
    error NothingWaits(bytes32 stream, uint32 period);

    /// A figure would not fit in 128 bits.
    error Overflow();

    /// The account does not accept the payment; the money stays claimable.
    error PayoutFailed(address account);

    /// Money for a period that has not begun: (period, Unix seconds from which on it is taken).
    error PeriodNotBegun(uint32 period, uint64 begins);

    /// A period is a quarter, four times its year and its number less one (2026's fourth is 8107); none is zero.
    error PeriodZero();

    /// No sale is open now.
    error SaleClosed();

    /// Fewer shares are left: (left, asked).
    error SaleExhausted(uint256 left, uint256 asked);

    /// The successor's time is over, it must be named anew: (part, since).
    error SuccessorExpired(uint8 part, uint64 since);

    /// The successor's time has not come: (part, the first second in which it has).
    error SuccessorTooEarly(uint8 part, uint64 eta);

    /// Too few share units to open with: (supply, least).
    error SupplyTooSmall(uint256 supply, uint256 least);

    /// An ERC-1404 code, explained by `messageForTransferRestriction`.
    error TransferRestricted(uint8 code);

    /// A governor is a contract that votes with this pool's shares (`token` answers the pool), or nobody.
    error UnfitGovernor(address account);

    /// Licences of a pool are kept by a contract that answers `streamEnd`, zero for what is none, or by nobody.
    error UnfitLicences(address account);

    /// The account cannot stand in for the part: it is the part, has no code, or does not answer as one.
    error UnfitSuccessor(uint8 part, address successor);

    /// No message of a pool: its selector.
    error UnknownMessage(bytes4 selector);

    /// A pool has no such part.
    error UnknownPart(uint8 part);

    /// OpenZeppelin's `Votes`: the signed delegation has expired.
    error VotesExpiredSignature(uint256 expiry);

    /// More weight than 10^18 would have claimed, or another than the account has proven before: (claimed so far,
    /// weight).
    error WeightsExceeded(uint64 claimed, uint256 weight);

    /// Money did not come as announced: (expected, received).
    error WrongPayment(uint256 expected, uint256 received);

    /// The money of (stream, period) has another way out: its state as in `waitingOf`.
    error WrongWay(bytes32 stream, uint32 period, uint8 state);

    /// A deposit, claim or sale of nothing.
    error ZeroAmount();
}

/// The verifier of ed25519 signatures.
abstract contract Verifier {
    /// A contract that knows no keys yet: one serves everybody.
    constructor() {}

    /// Works out a key's multiples and keeps their hash, once for all signatures; for a prepared key only looks.
    /// Answers with the hash, or with zero for a key that can have no valid signature: another form than the canonical
    /// one, no point, or one of small order.
    /// @dev Who: Anyone.
    function prepare(bytes32 key) external virtual returns (bytes32 hash);

    /// The hash of a prepared key's multiples, zero for any other.
    function preparedHash(bytes32 key) external view virtual returns (bytes32 hash);

    /// What an entry says of its key, 1,024 bytes: x and y (32 bytes each, little-endian) of the multiples by 1, 3, 5
    /// and 7 of its point, then those of the point times 2^64, 2^128 and 2^192. For whom it is easier to ask than to
    /// compute.
    /// @dev Refuses with: `UnusableKey`.
    function multiplesOf(bytes32 key) external view virtual returns (bytes memory multiples);

    /// How many of the leading entries are valid over the message: all of them where none is wrong, otherwise the index
    /// of the first that is. A caller must compare that with the number that it sent. An entry is a public key (32
    /// bytes) ‖ its signature (64) ‖ x of the signature's R (32, little-endian) ‖ the multiples (1,024) that `prepare`
    /// worked out for the key; without that none is valid. Strict: keys and points of small order, points and scalars
    /// in another form than the canonical one are never valid, so an entry is valid for one message at most.
    /// @dev Refuses with: `MalformedSignatures`.
    function leadingValid(bytes calldata message, bytes calldata signatures) external view virtual returns (uint32
        valid);

    /// Not a sequence of 1,152-byte entries: the length.
    error MalformedSignatures(uint256 length);

    /// No key that can have a valid signature: another form than the canonical one, no point, or one of small order.
    error UnusableKey(bytes32 key);
}
