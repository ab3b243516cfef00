//! Calls into the other contracts by their Solidity interface, events, keccak-256 and payouts, straight on the pallet's host
//! functions: ink!'s builders and encoders for them would make a quarter of the pool's code.
//!
//! Both registries are asked read-only, so whatever they do cannot change this or any other contract. What they answer is one
//! word; a longer answer is cut, a shorter one counts as none.

use ink::{
    Address, U256,
    codegen::sol::{keccak_256, selector_bytes},
};

/// A word of the Solidity ABI.
pub type Word = [u8; 32];

const DETECT_TRANSFER_RESTRICTION: [u8; 4] = selector_bytes("detectTransferRestriction(address,address,uint256)");
const WEIGHTS_ROOT: [u8; 4] = selector_bytes("weightsRoot(address,bytes32,uint32)");

/// Topics of the events: hashes of their signatures, as the declarations in [`crate::pool`] have them.
pub mod topic {
    use super::{Word, keccak_256};

    pub const TRANSFER: Word = keccak_256(b"Transfer(address,address,uint256)");
    pub const APPROVAL: Word = keccak_256(b"Approval(address,address,uint256)");
    pub const DEPOSITED: Word = keccak_256(b"Deposited(bytes32,uint32,address,uint256,uint256,uint256,uint256)");
    pub const DIVIDEND_CLAIMED: Word = keccak_256(b"DividendClaimed(address,uint256)");
    pub const CONTRIBUTION_CLAIMED: Word = keccak_256(b"ContributionClaimed(bytes32,uint32,address,uint256,uint256)");
    pub const POOL_CREATED: Word = keccak_256(b"PoolCreated(address,address,uint16,bytes32,bytes32)");
}

/// An address as a word.
pub fn address_word(address: &[u8; 20]) -> Word {
    let mut word = [0; 32];
    word[12..].copy_from_slice(address);
    word
}

/// A number as a word.
pub fn number_word(number: u128) -> Word {
    let mut word = [0; 32];
    word[16..].copy_from_slice(&number.to_be_bytes());
    word
}

/// `detectTransferRestriction(from, to, amount)`; `None` where the registry does not answer with a code.
pub fn transfer_restriction(kyc: &[u8; 20], from: &[u8; 20], to: &[u8; 20], amount: u128) -> Option<u8> {
    let arguments = [address_word(from), address_word(to), number_word(amount)];
    let answer = ask(kyc, DETECT_TRANSFER_RESTRICTION, &arguments)?;
    (answer[..31] == [0; 31]).then_some(answer[31])
}

/// `weightsRoot(pool, stream, period)`; `None` where the registry does not answer.
pub fn weights_root(attribution: &[u8; 20], pool: &[u8; 20], stream: &Word, period: u32) -> Option<Word> {
    ask(attribution, WEIGHTS_ROOT, &[address_word(pool), *stream, number_word(period.into())])
}

/// Calls a view with three arguments and one answer.
#[inline(never)]
fn ask(callee: &[u8; 20], selector: [u8; 4], arguments: &[Word; 3]) -> Option<Word> {
    let mut input = [0; 100];
    input[..4].copy_from_slice(&selector);
    for (at, word) in arguments.iter().enumerate() {
        input[4 + at * 32..36 + at * 32].copy_from_slice(word);
    }
    let mut answer = [0; 32];
    host::call(callee, &[0; 32], true, &input, &mut answer).then_some(answer)
}

/// Sends `amount` wei. The recipient's code may run, but the pallet denies it re-entry into this contract.
pub fn send(to: &Address, amount: u128) -> bool {
    let mut value = [0; 32];
    value[..16].copy_from_slice(&amount.to_le_bytes());
    host::call(&to.0, &value, false, &[], &mut [])
}

/// Emits an event: its signature's hash and indexed values, then the others.
pub fn emit(topics: &[Word], data: &[Word]) {
    host::emit(topics, data.as_flattened());
}

/// keccak-256 by the pallet.
pub fn keccak256(bytes: &[u8]) -> Word {
    let mut hash = [0; 32];
    ink::env::hash_bytes::<ink::env::hash::Keccak256>(bytes, &mut hash);
    hash
}

/// As an amount within 128 bits.
pub fn narrow(amount: U256) -> Option<u128> {
    (amount.0[2] == 0 && amount.0[3] == 0).then(|| u128::from(amount.0[1]) << 64 | u128::from(amount.0[0]))
}

#[cfg(target_arch = "riscv64")]
mod host {
    use pallet_revive_uapi::{CallFlags, HostFn, HostFnImpl};

    /// A call with all the weight and deposit that is left. `value` is little-endian wei. Whether it succeeded and answered with
    /// at least as much as `answer` takes.
    pub fn call(callee: &[u8; 20], value: &[u8; 32], read_only: bool, input: &[u8], answer: &mut [u8]) -> bool {
        let flags = if read_only { CallFlags::READ_ONLY } else { CallFlags::empty() };
        let wanted = answer.len();
        let mut rest = &mut *answer;
        let done = HostFnImpl::call(flags, callee, u64::MAX, u64::MAX, &[0xff; 32], value, input, Some(&mut rest));
        done.is_ok() && rest.len() == wanted
    }

    /// An event with its topics.
    pub fn emit(topics: &[[u8; 32]], data: &[u8]) {
        HostFnImpl::deposit_event(topics, data);
    }
}

/// There is no chain off chain: this build only generates the ABI.
#[cfg(not(target_arch = "riscv64"))]
mod host {
    pub fn call(_: &[u8; 20], _: &[u8; 32], _: bool, _: &[u8], _: &mut [u8]) -> bool {
        false
    }

    pub fn emit(_: &[[u8; 32]], _: &[u8]) {}
}
