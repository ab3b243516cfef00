//! Stand-ins around the factory and the co-op (`tests/fixtures/registry`): a pool as a factory makes it and a co-op
//! governs it, and something for proposals to call.

use alloy_primitives::{Address, B256};
use alloy_sol_types::{SolConstructor, sol};

use crate::chain::{Account, Chain};
use crate::fixtures;

sol! {
    /// `tests/fixtures/registry/StandInPool.sol`.
    #[sol(all_derives)]
    contract StandInPool {
        constructor(address logic, bytes32 name, bytes32 symbol, address kyc, address attribution, address currency,
            uint16 contributorsBps, address admin);
        function logic() external view returns (address);
        function name() external view returns (bytes32);
        function symbol() external view returns (bytes32);
        function kyc() external view returns (address);
        function attribution() external view returns (address);
        function currency() external view returns (address);
        function contributorsBps() external view returns (uint16);
        function defaultAdmin() external view returns (address);
        function pendingDefaultAdmin() external view returns (address);
        function hasRole(bytes32 role, address account) external view returns (bool);
        function grantRole(bytes32 role, address account) external;
        function acceptDefaultAdminTransfer() external;
        function acceptOffer(bytes32 offer) external;
        function screen(address account, uint8 code) external;
        function mint(address to, uint256 amount) external;
        function transfer(address to, uint256 amount) external returns (bool);
        event OfferAccepted(bytes32 indexed offer, address indexed licensor);
    }

    /// `tests/fixtures/registry/Target.sol`.
    #[sol(all_derives)]
    contract Target {
        error Closed(uint256 number);
        function open() external view returns (bool);
        function total() external view returns (uint256);
        function setOpen(bool open) external;
        function add(uint256 number) external payable returns (uint256);
        function transfer(address to, uint256 amount) external view returns (bool);
        function chatter(uint256 length) external pure returns (bytes memory);
        function shout(uint256 length) external pure;
        function reenter(bytes calldata call) external;
    }
}

/// EVM bytecode of a contract in `tests/fixtures/registry`.
pub fn bytecode(name: &str) -> Vec<u8> {
    fixtures::code(&format!("registry/{name}"))
}

/// Arguments of a pool's constructor.
pub fn pool_arguments(admin: Address) -> StandInPool::constructorCall {
    StandInPool::constructorCall {
        logic: Address::repeat_byte(0x10),
        name: B256::right_padding_from(b"Open Letters"),
        symbol: B256::right_padding_from(b"OPEN"),
        kyc: Address::repeat_byte(0x11),
        attribution: Address::repeat_byte(0x12),
        currency: Address::ZERO,
        contributorsBps: 4_000,
        admin,
    }
}

/// A stand-in for a pool, in EVM bytecode.
pub fn stand_in_pool(chain: &mut Chain, from: &Account) -> Address {
    let code = [bytecode("StandInPool"), pool_arguments(from.address).abi_encode()].concat();
    chain.instantiate(from, code, Vec::new()).unwrap()
}
