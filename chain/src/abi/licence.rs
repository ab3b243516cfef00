//! Licences.
#![allow(clippy::too_many_arguments, reason = "the macro makes a function of the fields of an event, and of a record")]

use alloy_sol_types::sol;

sol! {
    #[sol(all_derives, abi)]
    contract Licence {
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

        constructor(address manifests, address admin);

        // offers
        function offer(address pool, address currency, bytes32[] datasets, bytes32[][] options, uint64 expiresAt) external payable
            returns (bytes32 licence);
        function publishMenu(address pool, address currency, bytes32[] datasets, bytes32[][] options, uint64 expiresAt) external
            returns (bytes32 menu);
        function withdrawMenu(bytes32 menu) external;
        /// Upfront and escrow come with it, at most `most` of `currency`.
        function takeOption(bytes32 menu, uint8 option, address currency, uint256 most) external payable returns (bytes32 licence);
        function withdraw(bytes32 licence) external;
        function decline(bytes32 licence) external;
        function accept(bytes32 licence, uint8 option) external;
        function fundEscrow(bytes32 licence, uint256 value) external payable;
        function lapse(bytes32 licence) external;
        // dues
        function reportRevenue(bytes32 licence, uint32 quarter, uint256 gross, uint256 infrastructure, uint256 taxes, bytes32 evidence) external;
        function assessUsage(bytes32 licence, uint32 quarter) external;
        function pay(bytes32 licence, uint32 quarter, uint256 value) external payable;
        function recordDefault(bytes32 licence, uint32 number) external;
        // guarantee
        function trueUp(bytes32 licence, uint32 year) external;
        function payShortfall(bytes32 licence, uint32 year, uint256 value) external payable;
        function certifyMilestone(bytes32 licence, uint8 index, bytes32 evidence) external;
        function refund(bytes32 licence, address to) external returns (uint256);
        function forfeitEscrow(bytes32 licence) external;
        /// Native money that comes along stays here for good: an allowance of a token of the chain needs some.
        function deliver(bytes32 licence, uint32 period) external payable;
        // audits
        function approveContributor(bytes32 licence, address contributor, bool approved) external;
        function requestAudit(bytes32 licence, uint32 quarter, bytes32 scope, uint64 timepoint) external returns (uint32 number);
        function answerAudit(bytes32 licence, uint32 number, bytes32 logs, bytes32 manifests, bytes32 runs) external;
        function reportAudit(bytes32 licence, uint32 number, uint16 discrepancyBps, uint256 tokens, uint64 calls, uint256 fee, uint256 expenses,
            bytes32 report) external;
        function applyFinding(bytes32 licence, uint32 number) external;
        function dismiss(bytes32 licence, uint8 kind, bytes32 which) external;
        function payAudit(bytes32 licence, uint32 number, bool expenses) external payable;
        function withdrawAudit(bytes32 licence, uint32 number, bool expenses, address to) external;
        // conduct
        function recordSublicence(bytes32 licence, address licensee, uint32 uses, bytes32 document) external returns (uint32 number);
        function recordViolation(bytes32 licence, uint8 kind, uint32 uses, uint64 at, bytes32 evidence) external;
        function requestRedaction(bytes32 licence, bytes32 dataset, bytes32 request, bytes32 manifest) external returns (uint32 number);
        function certifyRedaction(bytes32 licence, uint32 number, bytes32 certificate) external;
        function recordBreach(bytes32 licence, uint8 kind, uint32 number) external;
        // ending
        function terminate(bytes32 licence, uint8 reason, uint8 kind, uint32 number, bytes32 evidence) external;
        function close(bytes32 licence) external;
        function certifyDeletion(bytes32 licence, bytes32 certificate) external;

        // parties
        function proposePlatform(bytes32 licence, address next) external;
        function acceptPlatform(bytes32 licence) external;

        // proof of usage
        function setUsageLog(bytes32 licence, bytes32 key, string origin, bytes32[] witnesses) external returns (uint32 epoch);
        /// Of an epoch's log, zero for the latest.
        function anchor(bytes32 licence, uint32 epoch, uint64 size, bytes32 root) external;

        function streamEnd(bytes32 licence) external view returns (uint64);
        function duesFor(bytes32 stream, uint32 period, uint256 tokens, uint64 calls) external view returns (uint256);
        function manifests() external view returns (address);
        function recordOf(bytes32 licence, uint8 record, bytes32 which) external view returns (bytes32[] words);

        event LicenceOffered(bytes32 indexed licence, address indexed pool, address indexed platform, address currency, uint8 options, uint8 datasets,
            uint256 upfront, uint64 expiresAt);
        event OptionOffered(bytes32 indexed licence, uint8 option, bytes32 document);
        event MenuPublished(bytes32 indexed licence, address indexed pool, address indexed licensor, address currency, uint8 options,
            uint64 expiresAt);
        event MenuWithdrawn(bytes32 indexed licence);
        event OptionTaken(bytes32 indexed licence, bytes32 indexed menu, uint8 option);
        event OfferWithdrawn(bytes32 indexed licence);
        event OfferDeclined(bytes32 indexed licence, address licensor);
        event LicenceAccepted(bytes32 indexed licence, address licensor, uint8 option, bytes32 document, uint256 upfront, uint32 period,
            uint64 exclusiveUntil, uint64 fundBy);
        event EscrowFunded(bytes32 indexed licence, uint256 amount, uint256 escrow);
        event LicenceActivated(bytes32 indexed licence, uint64 endsAt, uint64 trainingUntil);
        event LicenceLapsed(bytes32 indexed licence);
        event RevenueReported(bytes32 indexed licence, uint32 indexed quarter, uint256 gross, uint256 infrastructure, uint256 taxes, uint256 net,
            bytes32 evidence, bool late);
        event UsageReported(bytes32 indexed licence, uint32 indexed quarter, uint256 tokens, uint64 calls, bytes32 report);
        event DueAssessed(bytes32 indexed licence, uint32 indexed quarter, uint256 due, uint64 payBy, uint256 paid);
        event RoyaltyPaid(bytes32 indexed licence, uint32 indexed quarter, uint256 principal, uint256 interest, uint256 outstanding);
        event DefaultRecorded(bytes32 indexed licence, uint32 indexed number, bool year, uint256 outstanding, uint32 openDefaults);
        event DefaultCured(bytes32 indexed licence, uint32 indexed number, bool year, uint32 openDefaults);
        event YearTruedUp(bytes32 indexed licence, uint32 indexed year, uint256 guaranteed, uint256 earned, uint256 fromEscrow, uint256 owed,
            uint256 escrow, uint256 refillTo, uint64 refillBy);
        event ShortfallPaid(bytes32 indexed licence, uint32 indexed year, uint256 amount, uint256 owed);
        event MilestoneCertified(bytes32 indexed licence, uint8 index, address certifier, uint256 amount, bool toPool, uint256 escrow,
            bytes32 evidence);
        event Delivered(bytes32 indexed licence, uint32 indexed period, uint256 amount, uint256 held);
        event Refunded(bytes32 indexed licence, address to, uint256 amount);
        event EscrowForfeited(bytes32 indexed licence, uint256 amount);
        event ContributorApproved(bytes32 indexed licence, address indexed contributor, bool approved);
        event AuditRequested(bytes32 indexed licence, uint32 indexed number, address indexed contributor, uint32 quarter, bytes32 scope,
            uint64 answerBy);
        event AuditJoined(bytes32 indexed licence, uint32 indexed number, address indexed contributor, uint32 quarter, bytes32 scope);
        event AuditAnswered(bytes32 indexed licence, uint32 indexed number, bytes32 logs, bytes32 manifests, bytes32 runs, bool late);
        event AuditReported(bytes32 indexed licence, uint32 indexed number, address indexed auditor, uint16 discrepancyBps, uint256 tokens,
            uint64 calls, uint256 fee, uint256 expenses, bytes32 report);
        event Dismissed(bytes32 indexed licence, uint8 indexed kind, bytes32 which, uint32 violations);
        event AuditPaid(bytes32 indexed licence, uint32 indexed number, address indexed to, uint256 amount, bool expenses);
        event AuditWithdrawn(bytes32 indexed licence, uint32 indexed number, address indexed creditor, address to, uint256 amount,
            bool expenses);
        event SublicenceRecorded(bytes32 indexed licence, uint32 indexed number, address indexed licensee, uint32 uses, bytes32 document);
        event ViolationRecorded(bytes32 indexed licence, uint8 indexed kind, uint32 uses, uint64 at, bytes32 evidence, uint32 violations);
        event BreachRecorded(bytes32 indexed licence, uint8 indexed kind, uint32 number, uint32 breaches);
        event RedactionRequested(bytes32 indexed licence, uint32 indexed number, bytes32 indexed dataset, address requester, bytes32 request,
            bytes32 manifest, uint64 due);
        event RedactionJoined(bytes32 indexed licence, uint32 indexed number, address indexed requester, bytes32 request);
        event RedactionCertified(bytes32 indexed licence, uint32 indexed number, bytes32 certificate, bytes32 manifest, bool late);
        event LicenceTerminated(bytes32 indexed licence, uint8 indexed reason, address by, uint64 endsAt, uint64 deletionDue, bytes32 evidence);
        event PlatformProposed(bytes32 indexed licence, address next);
        event PlatformChanged(bytes32 indexed licence, address platform);
        event UsageLogSet(bytes32 indexed licence, uint32 indexed epoch, bytes32 key, string origin, bytes32[] witnesses,
            uint64 since);
        event CheckpointAnchored(bytes32 indexed licence, uint32 indexed epoch, uint64 size, bytes32 root, uint32 block,
            uint64 at);
        event FundsChanged(bytes32 indexed licence, uint256 escrow, uint256 refundable, uint256 held);
        event LicenceClosed(bytes32 indexed licence);
        event DeletionCertified(bytes32 indexed licence, bytes32 certificate, bool late);
    }
}
