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
