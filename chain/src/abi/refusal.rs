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
        error UnknownDataset(bytes32 dataset);
        error NotPendingCreator(address caller, address pending);
        error LicencesActive(bytes32 dataset, uint32 active);
        error WrongVersionState(bytes32 dataset, uint32 version, uint8 state);
        error ZeroEpochs();
        error RunRecorded(address platform, bytes32 run);
        error LengthMismatch(uint256 datasets, uint256 versions);
        error EntryCount(uint256 count, uint256 most);
        error EntriesOutOfOrder(uint256 index);
        error NotIngested(address platform, bytes32 dataset, uint32 version);
        error AlreadyCertified(address platform, bytes32 dataset, uint32 version);
        error LicenceUsed(bytes32 dataset, bytes32 licence);
        error LicenceNotOpen(bytes32 dataset, bytes32 licence);
        error ExclusivityOpen(bytes32 dataset, bytes32 licence, uint64 until);
        error InvalidExclusivity(uint64 until, uint64 time);
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
        // market
        error UnknownOrder(uint64 order);
        // factory
        error UnknownPool(address pool);
        error PartMissing(uint8 part);
        error CreationFailed(bytes32 code, bytes answer);
        error WiringFailed(address pool, bytes4 selector);
        error AlreadyListed(address pool);
        error NotAPool(address account);
        error NotACoop(address coop, address pool);
        error IndexOutOfRange(uint256 index, uint256 count);
        // coop
        error InvalidSettings();
        error NotAContract(address account);
        error GovernorNonexistentProposal(uint256 proposalId);
        error GovernorUnexpectedProposalState(uint256 proposalId, uint8 current, bytes32 expectedStates);
        error GovernorInvalidProposalLength(uint256 targets, uint256 calldatas, uint256 values);
        error GovernorInsufficientProposerVotes(address proposer, uint256 votes, uint256 threshold);
        error GovernorAlreadyCastVote(address voter);
        error GovernorInvalidVoteType();
        error GovernorUnableToCancel(uint256 proposalId, address account);
        error GovernorUnmetDelay(uint256 proposalId, uint256 neededBlock);
        error NoVotes(address account, uint256 snapshot);
        error VotesExceedSupply(uint256 votes, uint256 supply);
        error TooLong(uint256 length, uint256 most);
        error PoolCallFailed();
        error ActionFailed(uint256 proposalId, uint256 index, bytes answer);
        error UnknownMessage();
    }
}
