//! A data pool: its front and its logic are one contract to callers.

use alloy_sol_types::sol;

sol! {
    #[sol(all_derives, abi)]
    contract Pool {
        constructor(bytes32 name, bytes32 symbol, address kyc, address attribution, uint16 contributorsBps, address admin);

        function name() external view returns (string);
        function symbol() external view returns (string);
        function decimals() external view returns (uint8);
        function totalSupply() external view returns (uint256);
        function balanceOf(address account) external view returns (uint256);
        function transfer(address to, uint256 amount) external returns (bool);
        function approve(address spender, uint256 amount) external returns (bool);
        function allowance(address owner, address spender) external view returns (uint256);
        function transferFrom(address from, address to, uint256 amount) external returns (bool);

        function mint(address to, uint256 amount) external;
        function admin() external view returns (address);
        function kyc() external view returns (address);
        function attribution() external view returns (address);
        function contributorsBps() external view returns (uint16);
        function deposit(bytes32 stream, uint32 period) external payable;
        function claimable(address account) external view returns (uint256);
        function claim() external returns (uint256);
        /// The caller is the contributor; `weight` is in parts of 10^18.
        function claimContribution(bytes32 stream, uint32 period, uint256 weight, bytes32[] proof) external returns (uint256);
        function contributionClaimed(bytes32 stream, uint32 period, address account) external view returns (uint256);
        function periodOf(bytes32 stream, uint32 period) external view returns (uint256 total, uint256 claimed, uint64 weightClaimed);
        function holderOf(address account) external view returns (uint256 balance, uint256 index, uint256 pending, uint64 fraction);
        function totals() external view returns (uint256 deposited, uint256 toHolders, uint256 toContributors, uint256 claimedByHolders,
            uint256 claimedByContributors, uint256 index, uint256 carry, uint256 undistributed);

        event Transfer(address indexed from, address indexed to, uint256 value);
        event Approval(address indexed owner, address indexed spender, uint256 value);
        event Deposited(bytes32 indexed stream, uint32 indexed period, address indexed payer, uint256 amount, uint256 toHolders,
            uint256 toContributors, uint256 index);
        event DividendClaimed(address indexed account, uint256 amount);
        event ContributionClaimed(bytes32 indexed stream, uint32 indexed period, address indexed account, uint256 amount, uint256 weight);
        event PoolCreated(address kyc, address attribution, uint16 contributorsBps, bytes32 name, bytes32 symbol);
    }
}
