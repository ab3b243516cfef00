//! Test contracts in Solidity (`tests/fixtures`), run as EVM bytecode: an honest ERC-20, a hostile one, an account with
//! code, and a stand-in for a pool. Each message of a hostile one has a [`mode`], set by its selector.

use alloy_primitives::{Address, FixedBytes, U256};
use alloy_sol_types::{SolCall, SolValue, sol};

use crate::chain::{Account, Chain, Failure, root_file};

/// What a message does when it is called, as in `Hostile.sol`.
pub mod mode {
    /// As it should.
    pub const HONEST: u8 = 0;
    /// Reverts.
    pub const REVERT: u8 = 1;
    /// Reverts with 10 KB of data.
    pub const REVERT_MUCH: u8 = 2;
    /// Uses up all gas it was given.
    pub const BURN_GAS: u8 = 3;
    /// Does nothing and answers false.
    pub const SAY_FALSE: u8 = 4;
    /// Does nothing and answers true.
    pub const SAY_TRUE: u8 = 5;
    /// Does it and answers nothing, as USDT does.
    pub const SAY_NOTHING: u8 = 6;
    /// Does it and answers true, followed by 10 KB.
    pub const SAY_MUCH: u8 = 7;
    /// Calls the configured target first, then does it.
    pub const REENTER: u8 = 8;
    /// Does it, but the recipient gets a hundredth less (tokens).
    pub const TAKE_FEE: u8 = 9;
    /// Does it and answers 2, which is no bool.
    pub const SAY_TWO: u8 = 10;
    /// Does it and answers 16 bytes.
    pub const SAY_SHORT: u8 = 11;
    /// Does it and answers false.
    pub const DO_SAY_FALSE: u8 = 12;
    /// Does it, then calls the configured target.
    pub const REENTER_AFTER: u8 = 13;
}

sol! {
    /// Every ERC-20, with a mint that anyone may call.
    #[sol(all_derives)]
    contract Token {
        function name() external view returns (string);
        function symbol() external view returns (string);
        function decimals() external view returns (uint8);
        function totalSupply() external view returns (uint256);
        function balanceOf(address account) external view returns (uint256);
        function allowance(address owner, address spender) external view returns (uint256);
        function approve(address spender, uint256 value) external returns (bool);
        function transfer(address to, uint256 value) external returns (bool);
        function transferFrom(address from, address to, uint256 value) external returns (bool);
        function mint(address to, uint256 value) external;

        event Transfer(address indexed from, address indexed to, uint256 value);
        event Approval(address indexed owner, address indexed spender, uint256 value);
    }

    /// What all hostile contracts have.
    #[sol(all_derives)]
    contract Hostile {
        function setMode(bytes4 selector, uint8 mode) external;
        function setTarget(address target, bytes data) external;
        function execute(address to, uint256 value, bytes data) external payable returns (bytes);
        function attempts() external view returns (uint256);
        function successes() external view returns (uint256);
        function lastAnswer() external view returns (bytes);
    }

    /// A stand-in for a pool; its shares are also a [`Token`].
    #[sol(all_derives)]
    contract StandInPool {
        function setCurrency(address currency) external;
        function setKyc(address registry) external;
        function setPaused(bool paused) external;
        function setCodes(address account, uint8 asSender, uint8 asRecipient) external;
        function grantRole(bytes32 role, address account) external;
        function revokeRole(bytes32 role, address account) external;
        function hasRole(bytes32 role, address account) external view returns (bool);
        function currency() external view returns (address);
        function detectTransferRestriction(address from, address to, uint256 amount) external view returns (uint8);
        function reserve(address owner, uint256 amount) external;
        function release(address owner, uint256 amount) external;
        function deliver(address from, address to, uint256 amount) external;
        function reservedOf(address owner) external view returns (uint256);
        function deposit(bytes32 stream, uint32 period, uint256 amount) external payable;
        function depositOf(bytes32 stream, uint32 period) external view returns (uint256);
        function clock() external view returns (uint64);
        function getVotes(address account) external view returns (uint256);
        function getPastVotes(address account, uint256 timepoint) external view returns (uint256);
        function getPastTotalSupply(uint256 timepoint) external view returns (uint256);
    }
}

/// Selector of money sent without a message.
pub const RECEIVE: [u8; 4] = [0; 4];

/// Bytecode of a test contract, without constructor arguments.
pub fn code(name: &str) -> Vec<u8> {
    let path = root_file("tests/fixtures").join(name).with_extension("hex");
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    hex::decode(text.trim()).unwrap()
}

/// Deploys a test contract; `arguments` are its encoded constructor arguments.
pub fn deploy(chain: &mut Chain, from: &Account, name: &str, arguments: &[u8]) -> Address {
    let upload = [code(name), arguments.to_vec()].concat();
    chain.instantiate(from, upload, Vec::new()).unwrap_or_else(|failure| panic!("{name}: {failure:?}"))
}

/// An honest ERC-20.
pub fn plain_token(chain: &mut Chain, from: &Account, decimals: u8) -> Address {
    deploy(chain, from, "PlainToken", &("Plain".to_owned(), "PLN".to_owned(), U256::from(decimals)).abi_encode_params())
}

/// An ERC-20 that behaves until told otherwise.
pub fn hostile_token(chain: &mut Chain, from: &Account) -> Address {
    deploy(chain, from, "HostileToken", &[])
}

/// An account with code.
pub fn hostile_recipient(chain: &mut Chain, from: &Account) -> Address {
    deploy(chain, from, "HostileRecipient", &[])
}

/// A stand-in for a pool; currency zero is native.
pub fn stand_in_pool(chain: &mut Chain, from: &Account, currency: Address) -> Address {
    deploy(chain, from, "StandInPool", &currency.abi_encode())
}

/// Tells a hostile contract how the message of type `C` behaves from now on.
pub fn set_mode<C: SolCall>(chain: &mut Chain, from: &Account, contract: Address, mode: u8) {
    set_mode_of(chain, from, contract, C::SELECTOR, mode);
}

/// Tells a hostile contract how the message of a selector behaves from now on.
pub fn set_mode_of(chain: &mut Chain, from: &Account, contract: Address, selector: [u8; 4], mode: u8) {
    let call = Hostile::setModeCall { selector: FixedBytes(selector), mode };
    chain.call(from, contract, call, 0).unwrap();
}

/// Tells a hostile contract what to call where it re-enters.
pub fn set_target<C: SolCall>(chain: &mut Chain, from: &Account, contract: Address, target: Address, call: &C) {
    let call = Hostile::setTargetCall { target, data: call.abi_encode().into() };
    chain.call(from, contract, call, 0).unwrap();
}

/// Sends a message, with `value` that comes from `from`, in the name of an account with code.
///
/// # Errors
/// Those of the message.
pub fn execute<C: SolCall>(
    chain: &mut Chain,
    from: &Account,
    as_contract: Address,
    to: Address,
    call: &C,
    value: u128,
) -> Result<C::Return, Failure> {
    let wrapped = Hostile::executeCall { to, value: U256::from(value), data: call.abi_encode().into() };
    let answer = chain.call(from, as_contract, wrapped, value)?;
    Ok(C::abi_decode_returns(&answer).unwrap())
}

/// What a call must come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// It is done.
    Accepted,
    /// It is refused with this error.
    Refused(&'static str),
    /// It fails, by whatever error.
    Fails,
}

/// Stops unless a call came to what it must.
#[track_caller]
pub fn check<T>(result: Result<T, Failure>, expected: Expected, what: &str) {
    let result = result.map(drop);
    match (expected, &result) {
        (Expected::Accepted, Ok(())) | (Expected::Fails, Err(_)) => {}
        (Expected::Refused(name), Err(failure)) if failure.is(name) => {}
        _ => panic!("{what}: expected {expected:?}, got {result:?}"),
    }
}

sol! {
    /// What the issuers of the tokens below do, and here anybody; and an allowance of a token that may answer nothing.
    #[sol(all_derives)]
    contract Dollar {
        function pause(bool stopped) external;
        function blacklist(address account, bool listed) external;
        /// As any token's, whatever it answers.
        function approve(address spender, uint256 value) external;
    }
}

/// An ERC-20 that behaves as USDC does on Ethereum.
pub fn usdc_like(chain: &mut Chain, from: &Account) -> Address {
    deploy(chain, from, "UsdcLike", &[])
}

/// An ERC-20 that behaves as USDT does on Ethereum.
pub fn usdt_like(chain: &mut Chain, from: &Account) -> Address {
    deploy(chain, from, "UsdtLike", &[])
}
