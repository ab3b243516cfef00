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
        error NoRecord(address account);
        error RecordExists(address account);
        error InvalidRecord(uint8 level, uint64 expiry);
        error InvalidReplacement(address account);
        error AttestationTooLate(uint64 validUntil, uint64 now);
        error InvalidAccountNonce(address account, uint256 currentNonce);
        error ECDSAInvalidSignature();
        error ECDSAInvalidSignatureS(bytes32 s);
        error UntrustedIssuer(address issuer);
        error TopicNotTrusted(address issuer, uint256 topic);
        error IssuerExists(address issuer);
        error IssuerWasRemoved(address issuer);
        error InvalidIssuer(address issuer);
        error InvalidTopic(uint256 topic);
        error TooManyIssuers(uint8 most);
        error UnknownRequirement(bytes32 requirements);
        // pool, ERC-6093
        error ERC20InsufficientBalance(address sender, uint256 balance, uint256 needed);
        error ERC20InvalidSender(address sender);
        error ERC20InvalidReceiver(address receiver);
        error ERC20InvalidSpender(address spender);
        error ERC20InsufficientAllowance(address spender, uint256 allowance, uint256 needed);
        // pool
        error AmountTooLarge(uint256 amount);
        error ZeroAmount();
        error TransferRestricted(uint8 code);
        error NothingToClaim(address account);
        error NoFinalReport(bytes32 stream, uint32 period, uint8 state);
        error InvalidProof(address account);
        error WeightsExceeded(uint64 claimed, uint256 weight);
        error Overflow();
        error PayoutFailed(address account);
        error WrongPayment(uint256 expected, uint256 received);
        error AttributionCallFailed();
        error InvalidBasisPoints(uint16 basisPoints);
        error EmptyLabel();
        error PeriodZero();
        error EnforcedPause();
        error ExpectedPause();
        error UnknownMessage(bytes4 selector);
        error NotInitialised();
        error AlreadyInitialised();
        error TooManyRecoveries(address account);
        error AlreadyRecovered(address account);
        error InsufficientRestraint(address account, uint256 has, uint256 needed);
        error ERC2612ExpiredSignature(uint256 deadline);
        error ERC2612InvalidSigner(address signer, address owner);
        error ERC5805FutureLookup(uint256 timepoint, uint64 clock);
        error SaleClosed();
        error SaleExhausted(uint256 left, uint256 asked);
        error InvalidSale();
        error BatchTooLong(uint32 got, uint32 most);
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
        error RevisionOutOfOrder(uint32 got, uint32 expected);
        error TooFewKeys(uint8 left, uint8 need);
        error VerifierFailed();
        error RevokedKey(bytes32 key);
        error NothingProposed();
        error NotEffectiveYet(uint64 effectiveAt, uint64 now);
        error InvalidTerms();
        error NotPending(uint8 state);
        error NotDisputed(uint8 phase);
        error DeadlinePassed(uint64 deadline, uint64 now);
        error DeadlineNotReached(uint64 deadline, uint64 now);
        error WrongBond(uint256 got, uint256 expected);
        error NothingOwed(address account);
        error NotBondOwner(address caller, address account);
        error NotCurrentReport(bytes32 got, bytes32 current);
        error InvalidAudit(uint32 samples, uint32 maxDeviation, uint32 confidence);
        // verifier: MalformedSignatures
        // licence
        error UnknownLicence(bytes32 licence);
        // market
        error UnknownOrder(uint64 order);
        // factory
        error UnknownPool(address pool);
        // coop
        error UnknownProposal(bytes32 proposal);
    }
}
