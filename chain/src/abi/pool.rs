//! A data pool: its front and its logic are one contract to callers.

use alloy_sol_types::sol;

sol! {
    /// Amounts of money are in the currency's smallest unit, amounts of shares in 10^-18 shares.
    #[sol(all_derives, abi)]
    contract Pool {
        /// `logic` answers what the front does not; `currency` is an ERC-20, or zero for the chain's own money; name
        /// and symbol are UTF-8, filled up with zeros; `admin` gives all roles. The pool begins without shares and
        /// admits every account with a KYC record.
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
        /// Whom the account's shares vote for: itself where it never delegated.
        function delegates(address account) external view returns (address);
        /// The caller's shares vote for `delegatee`; for itself again where that is itself or zero.
        function delegate(address delegatee) external;
        function delegateBySig(address delegatee, uint256 nonce, uint256 expiry, uint8 v, bytes32 r, bytes32 s) external;
        /// Anybody: the votes of an account that the pool's screening blocks, or that was recovered, are its own again.
        function endDelegation(address account) external;

        // money
        /// Pays money in for a licence stream and a period, split between share holders and contributors. The chain's
        /// own money comes with the call and must equal `amount`; an ERC-20 is taken by the caller's allowance. Refused
        /// until the pool is open.
        function deposit(bytes32 stream, uint32 period, uint256 amount) external payable;
        function claimable(address account) external view returns (uint256);
        /// State: 0 nothing, 2 payable, 3 paid, 4 held (KYC, pause, or the currency's
        /// least balance).
        function dividendState(address account) external view returns (uint8 state, uint256 amount);
        /// Says no more than `PayoutFailed` where the currency does not pay; `claimFor` says why.
        function claim() external returns (uint256);
        function claimFor(address account) external returns (uint256);
        /// The caller is the contributor; `weight` is in parts of 10^18; the proof is that of OpenZeppelin's
        /// `StandardMerkleTree`.
        function claimContribution(bytes32 stream, uint32 period, uint256 weight, bytes32[] proof) external returns (uint256);
        function claimContributionFor(address account, bytes32 stream, uint32 period, uint256 weight, bytes32[] proof)
            external returns (uint256);
        /// At most 64 claims of one account, paid at once; those without anything owed are passed over.
        function claimContributions(address account, bytes32[] streams, uint32[] periods, uint256[] weights, bytes32[][] proofs)
            external returns (uint256);
        /// At most 64 accounts' claims of one period, each paid for itself: who may not be paid, has nothing left or
        /// does not take the money is passed over (`ClaimSkipped`). Accounts, weights, proof and flags are those of
        /// OpenZeppelin's `getMultiProof`; a wrong proof refuses the call. Answers the sum.
        function claimForMany(bytes32 stream, uint32 period, address[] accounts, uint256[] weights, bytes32[] proof,
            bool[] proofFlags) external returns (uint256);
        /// Anybody: keeps the root of a period's final report where there is money, so that no claim need ask for it.
        function keepRoot(bytes32 stream, uint32 period) external;
        /// The root that the period's claims are proven against; zero until it is kept.
        function keptRoot(bytes32 stream, uint32 period) external view returns (bytes32);
        function contributionClaimed(bytes32 stream, uint32 period, address account) external view returns (uint256);
        /// State: 0 nothing, 1 pending (no final report yet), 2 payable, 3 paid, 4 held (KYC, pause, or the currency's
        /// least balance).
        function contributionState(address account, bytes32 stream, uint32 period, uint256 weight, bytes32[] proof)
            external view returns (uint8 state, uint256 amount);
        function periodOf(bytes32 stream, uint32 period) external view returns (uint256 total, uint256 claimed, uint64 weightClaimed);
        /// What contributors have not claimed of a period, in which state it is and which way out it has: 0 nothing
        /// there; 1 claims by proofs; 2 its report can still change; 3 waits for the stream's next report, or its end;
        /// 4 `carry` takes it to the period `to`; 5 `releaseWaiting` gives it to the holders.
        function waitingOf(bytes32 stream, uint32 period) external view returns (uint8 state, uint256 amount, uint32 to);
        /// The way that money of a period has, or would have if there were some, where the stream's licence ends so
        /// (zero: it has none): `waitingOf`'s states from 1 to 5.
        function wayOf(bytes32 stream, uint32 period, uint64 licenceEnd) external view returns (uint8 way);
        /// Anybody, again and again: the money of an unreported quarter, or of one in which nothing qualified, goes
        /// with the stream's next report.
        function carry(bytes32 stream, uint32 from, uint32 to) external;
        /// Anybody: once the stream has ended, what no report will pay goes to the holders as a dividend.
        function releaseWaiting(bytes32 stream, uint32 period) external;
        /// As stored: settled up to `index`.
        function holderOf(address account) external view returns (uint256 balance, uint256 index, uint256 pending, uint64 fraction);
        function payeeOf(address account) external view returns (address);
        /// Passes, or refuses a payment by the pool or another contract as the currency's least balance would: with
        /// `FloatMissing` or `BelowMinimum`.
        function checkPayout(address from, address to, uint256 amount) external view;
        /// The least balance of an account in the currency, as declared; the pool keeps it beside what it owes.
        function currencyMinimum() external view returns (uint256);
        function totals() external view returns (uint256 deposited, uint256 toHolders, uint256 toContributors, uint256 claimedByHolders,
            uint256 claimedByContributors, uint256 index, uint256 carry);

        // issuance: ISSUER_ROLE
        /// After the opening up to its cap.
        function mint(address to, uint256 amount) external;
        /// The least balance that the currency lets an account have, of which the pool must have so much beside what it
        /// owes. Where the currency is a token of the chain the pool cannot be opened before.
        function declareMinimum(uint256 minimum) external;
        /// Ends the sale for good, and lets deposits in. Needs 10^18 share units at least. `cap` is the most there will
        /// be, `licences` the licence contract whose licences are streams of the pool, or zero; `governor` (the co-op)
        /// may raise the cap, or with zero nobody.
        function open(uint256 cap, address licences, address governor) external;
        /// Only the governor.
        function raiseCap(uint256 cap) external;
        function opened() external view returns (bool);
        function cap() external view returns (uint256);
        function licences() external view returns (address);
        function governor() external view returns (address);
        /// `price` is for 10^18 units of shares; a cap of zero closes the sale. Refused once the pool is open.
        function setSale(uint256 price, uint256 cap, uint64 starts, uint64 ends, address proceedsTo) external;
        /// Anybody, for exactly the price, rounded up, and no more than `maxCost`.
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

        /// How often the account's reservations were ended, by an agent or by itself: orders of before are void.
        function seizuresOf(address account) external view returns (uint32);

        /// Frees the caller's shares that are on offer, whatever became of the market.
        function endReservations() external;
        // markets: MARKET_ROLE
        function reserve(address owner, uint256 amount) external;
        function release(address owner, uint256 amount) external;
        function deliver(address from, address to, uint256 amount) external;

        // policy: COMPLIANCE_ROLE
        /// `open` admits everybody but who is frozen or on a sanctions list. `jurisdictions` is a set of ISO 3166-1
        /// numeric codes: code n is bit 7 − n mod 8 of byte n / 8. Zero means no limit.
        function setPolicy(bool open, uint8 minLevel, bool accreditedOnly, bool allowList, bytes32[4] jurisdictions, uint32 maxHolders,
            uint256 maxHolding, uint32 lockupSeconds) external;
        function policy() external view returns (bool open, uint8 minLevel, bool accreditedOnly, bool allowList,
            bytes32[4] jurisdictions, uint32 maxHolders, uint256 maxHolding, uint32 lockupSeconds);
        function holderCount() external view returns (uint32);
        function detectTransferRestriction(address from, address to, uint256 amount) external view returns (uint8);
        /// Why an account may not sell, be paid or vote here now, as a restriction's code; zero where it may.
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
        /// Zeros where nobody is named; adopted from `eta` until before `expires`.
        function successorOf(uint8 part) external view returns (address successor, uint64 eta, uint64 expires);
        /// What a pool's records are like, asked of a logic itself: its successor must say the same. A pool says 0.
        function storageLayout() external view returns (uint256);

        // parts
        /// The front's constructor calls this once, and nobody can again.
        function initialise(address logic, bytes32 name, bytes32 symbol, address kyc, address attribution, address currency,
            uint16 contributorsBps, address admin) external;
        function logic() external view returns (address);
        /// The code of contributors' claims, which the logic names; asked of a logic, the one it names.
        function claimsLogic() external view returns (address);
        function kyc() external view returns (address);
        function attribution() external view returns (address);
        function currency() external view returns (address);
        function contributorsBps() external view returns (uint16);

        event Transfer(address indexed from, address indexed to, uint256 value);
        event Approval(address indexed owner, address indexed spender, uint256 value);
        /// The contributors' leg is `amount - toHolders`: each word of an event costs as much as two hundred
        /// instructions.
        event Deposited(bytes32 indexed stream, uint32 indexed period, address indexed payer, uint256 amount, uint256 toHolders,
            uint256 index);
        event DividendClaimed(address indexed account, uint256 amount);
        event ContributionClaimed(bytes32 indexed stream, uint32 indexed period, address indexed account, uint256 amount, uint256 weight);
        /// One of many claims was passed over. Reason: 0 nothing is owed, 1–253 a restriction's code, 254 more weight
        /// than there is, 255 the payee did not take the money.
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
