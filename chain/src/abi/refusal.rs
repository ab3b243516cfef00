//! All errors.

use alloy_sol_types::sol;

sol! {
    /// Every error of all contracts, once: several share `NotAdmin`, and an error's selector does not name its contract.
    #[sol(all_derives, abi)]
    contract Refusal {
        error NotAdmin(address caller);
        // roles, OpenZeppelin's AccessControl
        error AccessControlUnauthorizedAccount(address account, bytes32 neededRole);
        error AccessControlBadConfirmation();
        error AccessControlEnforcedDefaultAdminRules();
        error AccessControlInvalidDefaultAdmin(address defaultAdmin);
        // kyc
        error NotAgent(address caller);
        error NoRecord(address account);
        error InvalidRecord(uint8 level, uint64 expiry);
        // pool, ERC-6093
        error ERC20InsufficientBalance(address sender, uint256 balance, uint256 needed);
        error ERC20InvalidSender(address sender);
        error ERC20InvalidReceiver(address receiver);
        error ERC20InvalidApprover(address approver);
        error ERC20InvalidSpender(address spender);
        error ERC20InsufficientAllowance(address spender, uint256 allowance, uint256 needed);
        // pool
        error AmountTooLarge(uint256 amount);
        error ZeroAmount();
        error TransferRestricted(uint8 code);
        error NothingToClaim(address account);
        error NoReport(bytes32 stream, uint32 period);
        error InvalidProof(address account);
        error WeightsExceeded(uint64 claimed, uint256 weight);
        error Overflow();
        error PayoutFailed(address account);
        error KycCallFailed();
        error AttributionCallFailed();
        error InvalidBasisPoints(uint16 basisPoints);
        error EmptyLabel();
        error PeriodZero();
        // manifests
        error ZeroHash();
        error AlreadyRegistered(bytes32 manifestHash);
        error NotDatasetCreator(address caller, address creator);
        // attribution
        error MalformedReport(uint8 code);
        error WrongChain(uint64 got, uint64 expected);
        error WrongContract(address got);
        error WrongEpoch(uint32 got, uint32 expected);
        error PeriodOutOfOrder(uint32 got, uint32 expected);
        error PreviousMismatch(bytes32 got, bytes32 expected);
        error LogShrank(uint64 got, uint64 last);
        error MalformedSignatures(uint256 length);
        error UnknownKey(bytes32 key);
        error DuplicateSigner(bytes32 key);
        error BadSignature(bytes32 key);
        error NotEnoughSignatures(uint8 got, uint8 need);
        error InvalidCommittee();
        // verifier
        error VerifierFailed();
        // licence
        error UnknownLicence(bytes32 licence);
        error NotPlatform(address caller, address platform);
        error NotLicensor(address caller);
        error WrongStage(bytes32 licence, uint8 stage);
        error InvalidOptionCount(uint32 count);
        error InvalidDatasetCount(uint32 count);
        error InvalidDataset(bytes32 dataset);
        error InvalidTerms(uint8 option, uint8 fault);
        error InvalidOfferExpiry(uint64 expiry, uint64 now);
        error OfferExpired(uint64 expiry);
        error UnknownOption(uint8 option, uint8 count);
        error FundingOpen(uint64 until);
        error DatasetNotInPool(bytes32 dataset, address assigned);
        error DatasetRefused(bytes32 dataset);
        error DatasetNotLicensed(bytes32 dataset);
        error QuarterOutOfOrder(uint32 got, uint32 expected);
        error QuarterOutsideTerm(uint32 quarter, uint32 first, uint32 last);
        error QuarterNotOver(uint32 quarter, uint64 end);
        error QuarterNotAssessed(uint32 quarter);
        error UsageNotInTerms();
        error UsageAlreadyReported(uint32 quarter);
        error WrongMetric(bytes32 got, bytes32 expected);
        error WrongThreshold(uint32 got, uint32 expected);
        error NothingDue(uint32 number);
        error NotYet(uint32 number, uint64 from);
        error AlreadyRecorded(uint32 number);
        error GuaranteeNotInTerms();
        error YearOutOfOrder(uint32 got, uint32 expected);
        error YearOutsideTerm(uint32 year, uint32 last);
        error YearNotOver(uint32 year, uint64 until);
        error UnknownMilestone(uint8 index, uint8 count);
        error MilestoneAlreadyCertified(uint8 index);
        error NothingToRefund(bytes32 licence);
        error NothingHeld(uint32 period);
        error NotAContributor(address caller);
        error TooManyAudits(address contributor, uint32 year);
        error UnknownNumber(uint32 number);
        error AlreadyDone(uint32 number);
        error AuditNotAnswered(uint32 number, uint64 until);
        error CostAboveCap(uint256 claimed, uint256 cap);
        error SublicensingForbidden();
        error UseProhibited(uint32 uses);
        error NotAViolation(uint8 kind, uint64 at);
        error ViolationAlreadyRecorded(bytes32 evidence);
        error NotDatasetCreatorOrLicensor(address caller);
        error NotANewVersion(bytes32 manifest);
        error UnknownKind(uint8 kind);
        error TerminationNotAllowed(address caller, uint8 reason);
        error NoCause(uint8 reason);
        error CureOpen(uint64 until);
        error StillInForce(uint64 until);
        error AlreadyClosed(bytes32 licence);
        error WrongValue(uint256 got, uint256 expected);
        error PoolCallFailed();
        error ManifestsCallFailed();
        error CurrencyCallFailed(address currency);
        error WrongAmountReceived(uint256 got, uint256 expected);
        // market
        error UnknownOrder(uint64 order);
        // factory
        error UnknownPool(address pool);
        // coop
        error UnknownProposal(bytes32 proposal);
    }
}
