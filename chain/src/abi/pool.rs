//! A data pool: its front and its logic are one contract to callers.

use alloy_sol_types::sol;

sol! {
    /// Amounts of money are in the currency's smallest unit, amounts of shares in 10^-18 shares.
    #[sol(all_derives, abi)]
    contract Pool {
        constructor(address logic, bytes32 name, bytes32 symbol, address kyc, address attribution, address currency,
            uint16 contributorsBps, address admin);

        // ERC-20, ERC-2612, ERC-5805
        function name() external view returns (string);
        function symbol() external view returns (string);
        function decimals() external view returns (uint8);
        function totalSupply() external view returns (uint256);
        function balanceOf(address account) external view returns (uint256);
        function transfer(address to, uint256 amount) external returns (bool);
        function approve(address spender, uint256 amount) external returns (bool);
        function allowance(address owner, address spender) external view returns (uint256);
        function transferFrom(address from, address to, uint256 amount) external returns (bool);
        function permit(address owner, address spender, uint256 value, uint256 deadline, uint8 v, bytes32 r, bytes32 s) external;
        function nonces(address owner) external view returns (uint256);
        function DOMAIN_SEPARATOR() external view returns (bytes32);
        function clock() external view returns (uint64);
        function CLOCK_MODE() external view returns (string);
        function getVotes(address account) external view returns (uint256);
        function getPastVotes(address account, uint256 timepoint) external view returns (uint256);
        function getPastTotalSupply(uint256 timepoint) external view returns (uint256);
        function delegates(address account) external view returns (address);
        function delegate(address delegatee) external;
        function delegateBySig(address delegatee, uint256 nonce, uint256 expiry, uint8 v, bytes32 r, bytes32 s) external;
        function endDelegation(address account) external;

        // money
        function deposit(bytes32 stream, uint32 period, uint256 amount) external payable;
        function claimable(address account) external view returns (uint256);
        function dividendState(address account) external view returns (uint8 state, uint256 amount);
        function claim() external returns (uint256);
        function claimFor(address account) external returns (uint256);
        function claimContribution(bytes32 stream, uint32 period, uint256 weight, bytes32[] proof) external returns (uint256);
        function claimContributionFor(address account, bytes32 stream, uint32 period, uint256 weight, bytes32[] proof)
            external returns (uint256);
        function claimContributions(address account, bytes32[] streams, uint32[] periods, uint256[] weights, bytes32[][] proofs)
            external returns (uint256);
        function claimForMany(bytes32 stream, uint32 period, address[] accounts, uint256[] weights, bytes32[] proof,
            bool[] proofFlags) external returns (uint256);
        function keepRoot(bytes32 stream, uint32 period) external;
        function keptRoot(bytes32 stream, uint32 period) external view returns (bytes32);
        function contributionClaimed(bytes32 stream, uint32 period, address account) external view returns (uint256);
        function contributionState(address account, bytes32 stream, uint32 period, uint256 weight, bytes32[] proof)
            external view returns (uint8 state, uint256 amount);
        function periodOf(bytes32 stream, uint32 period) external view returns (uint256 total, uint256 claimed, uint64 weightClaimed);
        function waitingOf(bytes32 stream, uint32 period) external view returns (uint8 state, uint256 amount, uint32 to);
        function wayOf(bytes32 stream, uint32 period, uint64 licenceEnd) external view returns (uint8 way);
        function carry(bytes32 stream, uint32 from, uint32 to) external;
        function releaseWaiting(bytes32 stream, uint32 period) external;
        function holderOf(address account) external view returns (uint256 balance, uint256 index, uint256 pending, uint64 fraction);
        function payeeOf(address account) external view returns (address);
        function checkPayout(address from, address to, uint256 amount) external view;
        function currencyMinimum() external view returns (uint256);
        function totals() external view returns (uint256 deposited, uint256 toHolders, uint256 toContributors, uint256 claimedByHolders,
            uint256 claimedByContributors, uint256 index, uint256 carry);

        // issuance: ISSUER_ROLE
        function mint(address to, uint256 amount) external;
        function declareMinimum(uint256 minimum) external;
        function open(uint256 cap, address licences, address governor) external;
        function raiseCap(uint256 cap) external;
        function opened() external view returns (bool);
        function cap() external view returns (uint256);
        function licences() external view returns (address);
        function governor() external view returns (address);
        function setSale(uint256 price, uint256 cap, uint64 starts, uint64 ends, address proceedsTo) external;
        function buy(uint256 amount, uint256 maxCost) external payable returns (uint256 cost);
        function sale() external view returns (uint256 price, uint256 left, uint256 sold, uint256 raised, uint64 starts, uint64 ends);

        // agents: AGENT_ROLE
        function freezePartialTokens(address account, uint256 amount) external;
        function unfreezePartialTokens(address account, uint256 amount) external;
        function getFrozenTokens(address account) external view returns (uint256);
        function forcedTransfer(address from, address to, uint256 amount, bytes32 reason) external returns (bool);
        function recoverAccount(address lost, address replacement, bytes32 reason) external;
        function restraintsOf(address account) external view
            returns (uint256 frozen, uint256 reserved, uint256 locked, uint64 lockedUntil, bool recovered);

        function seizuresOf(address account) external view returns (uint32);

        function endReservations() external;
        // markets: MARKET_ROLE
        function reserve(address owner, uint256 amount) external;
        function release(address owner, uint256 amount) external;
        function deliver(address from, address to, uint256 amount) external;

        // policy: COMPLIANCE_ROLE
        function setPolicy(bool open, uint8 minLevel, bool accreditedOnly, bool allowList, bytes32[4] jurisdictions, uint32 maxHolders,
            uint256 maxHolding, uint32 lockupSeconds) external;
        function policy() external view returns (bool open, uint8 minLevel, bool accreditedOnly, bool allowList,
            bytes32[4] jurisdictions, uint32 maxHolders, uint256 maxHolding, uint32 lockupSeconds);
        function holderCount() external view returns (uint32);
        function detectTransferRestriction(address from, address to, uint256 amount) external view returns (uint8);
        function screened(address account) external view returns (uint8);
        function messageForTransferRestriction(uint8 code) external view returns (string);

        // PAUSER_ROLE
        function pause() external;
        function unpause() external;
        function paused() external view returns (bool);

        // successors: the pool's governor names, anybody adopts. Parts: 0 KYC, 1 attribution, 2 logic, 3 licences
        function proposeSuccessor(uint8 part, address successor) external;
        function cancelSuccessor(uint8 part) external;
        function adoptSuccessor(uint8 part) external;
        function successorOf(uint8 part) external view returns (address successor, uint64 eta, uint64 expires);
        function storageLayout() external view returns (uint256);

        // parts
        function initialise(address logic, bytes32 name, bytes32 symbol, address kyc, address attribution, address currency,
            uint16 contributorsBps, address admin) external;
        function logic() external view returns (address);
        function claimsLogic() external view returns (address);
        function kyc() external view returns (address);
        function attribution() external view returns (address);
        function currency() external view returns (address);
        function contributorsBps() external view returns (uint16);

        event Transfer(address indexed from, address indexed to, uint256 value);
        event Approval(address indexed owner, address indexed spender, uint256 value);
        event Deposited(bytes32 indexed stream, uint32 indexed period, address indexed payer, uint256 amount, uint256 toHolders,
            uint256 index);
        event DividendClaimed(address indexed account, uint256 amount);
        event ContributionClaimed(bytes32 indexed stream, uint32 indexed period, address indexed account, uint256 amount, uint256 weight);
        event ClaimSkipped(bytes32 indexed stream, uint32 indexed period, address indexed account, uint8 reason);
        event RootKept(bytes32 indexed stream, uint32 indexed period, bytes32 root);
        event WaitingCarried(bytes32 indexed stream, uint32 indexed from, uint32 indexed to, uint256 amount);
        event WaitingReleased(bytes32 indexed stream, uint32 indexed period, uint256 amount, uint256 index);
        event PoolCreated(address kyc, address attribution, address currency, uint16 contributorsBps, bytes32 name, bytes32 symbol);
        event Paused(address account);
        event Unpaused(address account);
        event PolicySet(bool open, uint8 minLevel, bool accreditedOnly, bool allowList, bytes32[4] jurisdictions, uint32 maxHolders,
            uint256 maxHolding, uint32 lockupSeconds);
        event TokensFrozen(address indexed userAddress, uint256 amount);
        event TokensUnfrozen(address indexed userAddress, uint256 amount);
        event ForcedTransferred(address indexed from, address indexed to, uint256 value, bytes32 reason, address agent);
        event AccountRecovered(address indexed lost, address indexed replacement, uint256 shares, uint256 pending, bytes32 reason,
            address agent);
        event Reserved(address indexed owner, address indexed market, uint256 value, uint256 reserved);
        event Released(address indexed owner, address indexed market, uint256 value, uint256 reserved);
        event ReservationsEnded(address indexed owner, uint256 value, uint32 seizures);
        event Opened(uint256 supply, uint256 cap, address licences, address governor);
        event CapRaised(uint256 cap);
        event MinimumDeclared(uint256 minimum);
        event SaleSet(uint256 price, uint256 cap, uint64 starts, uint64 ends, address proceedsTo);
        event DelegateChanged(address indexed delegator, address indexed fromDelegate, address indexed toDelegate);
        event SuccessorProposed(uint8 indexed part, address indexed successor, uint64 eta, uint64 expires);
        event SuccessorAdopted(uint8 indexed part, address indexed successor, address previous);
        event SharesSold(address indexed buyer, uint256 value, uint256 cost, uint256 left);
    }
}
