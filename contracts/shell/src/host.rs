//! The pallet's host functions as the contracts use them. ink!'s builders and encoders for the same calls are several
//! times the code, and code is proof on every call.
//!
//! Off chain there is nothing behind them: the native build only generates the ABI.

pub use host::{
    answer, block_number, call, call_data, call_data_length, call_data_word, caller, chain_id, code_size, delegate,
    emit, forward, give, instantiate, limited, now, own_address, pass_on, read_into, returned, revert, transferred,
    trap, write,
};

use ink::codegen::sol::selector_bytes;

use crate::words::{Address, Word, address_of};

/// Reads a stored record of known length; `None` where nothing is stored under the key.
pub fn read<const N: usize>(key: &[u8]) -> Option<[u8; N]> {
    let mut record = [0; N];
    read_into(key, &mut record).map(|_| record)
}

/// keccak-256.
pub fn keccak256(bytes: &[u8]) -> Word {
    let mut hash = [0; 32];
    ink::env::hash_bytes::<ink::env::hash::Keccak256>(bytes, &mut hash);
    hash
}

/// Asks a view: `N` words after the selector, `M` words of answer. Read-only, so whatever the callee does cannot change
/// any contract. `None` where it refuses or answers with fewer words; what it answers beyond is cut off.
///
/// A callee that did not run to its end has said nothing, and who calls us may have seen to it: it left too little
/// weight, or called from so deep that the callee's own calls find no room. Then this call ends too.
#[inline(never)]
pub fn ask<const M: usize>(callee: &Address, input: &[u8]) -> Option<[Word; M]> {
    let mut answer = [[0; 32]; M];
    ask_to_the_end(callee, input, answer.as_flattened_mut()).then_some(answer)
}

/// As [`ask`], for an answer of any length; whether it came.
#[inline(never)]
pub fn ask_to_the_end(callee: &Address, input: &[u8], answer: &mut [u8]) -> bool {
    limited(callee, ALL, 0, true, input, answer).unwrap_or_else(|| trap())
}

/// As [`ask`], of a contract that may be broken: `None` where it does not run to its end, too. For questions whose
/// missing answer opens nothing.
#[inline(never)]
pub fn ask_perhaps_broken<const M: usize>(callee: &Address, input: &[u8]) -> Option<[Word; M]> {
    let mut answer = [[0; 32]; M];
    call(callee, 0, true, input, answer.as_flattened_mut()).then_some(answer)
}

/// All the weight that is left.
const ALL: (u64, u64) = (u64::MAX, u64::MAX);

/// What a contract gets that may be broken or waste what it is given, in picoseconds and bytes of proof: a part of a
/// block, of which ours need a fifth.
const SHARE: (u64, u64) = (100_000_000_000, 1 << 20);

/// As [`ask_perhaps_broken`], of a contract that may waste what it is given: it gets so much weight and no more.
#[inline(never)]
pub fn ask_bounded<const M: usize>(callee: &Address, input: &[u8]) -> Option<[Word; M]> {
    let mut answer = [[0; 32]; M];
    (limited(callee, SHARE, 0, true, input, answer.as_flattened_mut()) == Some(true)).then_some(answer)
}

/// Tells a contract that may waste what it is given, and gives it so much weight and no more.
#[inline(never)]
pub fn tell_bounded(callee: &Address, wei: u128, input: &[u8]) -> bool {
    limited(callee, SHARE, wei, false, input, &mut []) == Some(true)
}

/// Sends `amount` wei without a message to who called, who asked for it: its code may run with all that is left. The
/// pallet denies it re-entry into this contract.
pub fn send_back(to: &Address, amount: u128) -> bool {
    call(to, amount, false, &[], &mut [])
}

/// Sends `amount` wei without a message. Whoever did not ask for it may add nothing to its storage: the deposit would
/// be that of who pays for the transaction, and who clears storage later has it.
pub fn send(to: &Address, amount: u128) -> bool {
    if caller() == *to { send_back(to, amount) } else { give(to, amount) }
}

/// Who signed a digest, by the chain's `ecrecover` (the contract at address 1). `None` where nobody did. That a
/// signature has only one form (low `s`) is the caller's to check.
pub fn ecrecover(digest: &Word, v: u8, r: &Word, s: &Word) -> Option<Address> {
    const ECRECOVER: Address = {
        let mut address = [0; 20];
        address[19] = 1;
        address
    };
    let mut v_word = [0; 32];
    v_word[31] = v;
    let [signer] = ask::<1>(&ECRECOVER, [*digest, v_word, *r, *s].as_flattened())?;
    address_of(&signer).filter(|signer| *signer != [0; 20])
}

/// Longest key that [`clear`] takes, in bytes.
const LONGEST_KEY: usize = 64;

/// Removes a record and frees its deposit. The pallet has no host function for this: its storage precompile runs on the
/// caller's storage. Afterwards [`returned`] is the precompile's answer.
#[inline(never)]
pub fn clear(key: &[u8]) {
    const STORAGE: Address = {
        let mut address = [0; 20];
        (address[18], address[19]) = (9, 1);
        address
    };
    const CLEAR: [u8; 4] = selector_bytes("clearStorage(uint32,bool,bytes)");
    // Flags, whether the key has 32 bytes always, where the key is, its length, the key.
    let mut input = [0; 4 + 4 * 32 + LONGEST_KEY];
    input[..4].copy_from_slice(&CLEAR);
    input[4 + 3 * 32 - 1] = 3 * 32;
    input[4 + 4 * 32 - 1] = key.len() as u8;
    input[4 + 4 * 32..4 + 4 * 32 + key.len()].copy_from_slice(key);
    let length = 4 + 4 * 32 + key.len().next_multiple_of(32);
    // A chain without the precompile would say that all went well.
    if !delegate(&STORAGE, &input[..length]) || returned(&mut [0]).is_empty() {
        revert(&[]);
    }
}

#[cfg(target_arch = "riscv64")]
mod host {
    use super::{Address, Word};
    use pallet_revive_uapi::{CallFlags, HostFn, HostFnImpl, ReturnErrorCode, ReturnFlags, StorageFlags};

    const ALL_DEPOSIT: [u8; 32] = [0xff; 32];

    fn low_u64(number: &[u8; 32]) -> u64 {
        let mut low = [0; 8];
        low.copy_from_slice(&number[..8]);
        u64::from_le_bytes(low)
    }

    /// Who called.
    pub fn caller() -> Address {
        let mut address = [0; 20];
        HostFnImpl::caller(&mut address);
        address
    }

    /// This contract.
    pub fn own_address() -> Address {
        let mut address = [0; 20];
        HostFnImpl::address(&mut address);
        address
    }

    /// Wei that came with the call; `None` above 128 bits.
    pub fn transferred() -> Option<u128> {
        let mut value = [0; 32];
        HostFnImpl::value_transferred(&mut value);
        let ([low, high], []) = value.as_chunks() else { return None };
        (u128::from_ne_bytes(*high) == 0).then_some(u128::from_le_bytes(*low))
    }

    /// Block time, Unix seconds.
    pub fn now() -> u64 {
        let mut seconds = [0; 32];
        HostFnImpl::now(&mut seconds);
        low_u64(&seconds)
    }

    /// Number of this block.
    pub fn block_number() -> u32 {
        let mut number = [0; 32];
        HostFnImpl::block_number(&mut number);
        low_u64(&number) as u32
    }

    /// EIP-155 chain id.
    pub fn chain_id() -> u64 {
        let mut id = [0; 32];
        HostFnImpl::chain_id(&mut id);
        low_u64(&id)
    }

    /// Length of the calldata, in bytes.
    pub fn call_data_length() -> usize {
        HostFnImpl::call_data_size() as usize
    }

    /// Calldata from `offset`, zeros beyond its end.
    pub fn call_data(buffer: &mut [u8], offset: u32) {
        HostFnImpl::call_data_copy(buffer, offset);
    }

    /// 32 bytes of calldata from `offset`, zeros beyond its end.
    pub fn call_data_word(offset: u32) -> Word {
        let mut word = [0; 32];
        // Not `call_data_load`, which turns the bytes around.
        HostFnImpl::call_data_copy(&mut word, offset);
        word
    }

    /// Reads what is stored under a key into `record` and returns its length; `None` where there is nothing.
    pub fn read_into(key: &[u8], record: &mut [u8]) -> Option<usize> {
        let mut rest = &mut *record;
        HostFnImpl::get_storage(StorageFlags::empty(), key, &mut rest).ok()?;
        Some(rest.len())
    }

    /// Stores a record.
    pub fn write(key: &[u8], record: &[u8]) {
        HostFnImpl::set_storage(StorageFlags::empty(), key, record);
    }

    /// A call with all the weight and deposit that is left, sending `value` wei. Whether it succeeded and answered with
    /// at least as much as `answer` takes.
    pub fn call(callee: &Address, value: u128, read_only: bool, input: &[u8], answer: &mut [u8]) -> bool {
        let (done, whole) = tried(callee, super::ALL, value, read_only, input, answer);
        done.is_ok() && whole
    }

    /// As [`call`], with so much weight at most (picoseconds, bytes of proof); `None` where the callee did not run to
    /// its end.
    pub fn limited(
        callee: &Address,
        weight: (u64, u64),
        value: u128,
        read_only: bool,
        input: &[u8],
        answer: &mut [u8],
    ) -> Option<bool> {
        match tried(callee, weight, value, read_only, input, answer) {
            (Err(ReturnErrorCode::OutOfResources | ReturnErrorCode::CalleeTrapped), _) => None,
            (done, whole) => Some(done.is_ok() && whole),
        }
    }

    /// How a call ended, and whether the answer is as long as `answer`.
    #[inline(always)]
    fn tried(
        callee: &Address,
        (time, proof): (u64, u64),
        value: u128,
        read_only: bool,
        input: &[u8],
        answer: &mut [u8],
    ) -> (Result<(), ReturnErrorCode>, bool) {
        let mut wei = [0; 32];
        wei[..16].copy_from_slice(&value.to_le_bytes());
        let flags = if read_only { CallFlags::READ_ONLY } else { CallFlags::empty() };
        let wanted = answer.len();
        let mut rest = &mut *answer;
        let done = HostFnImpl::call(flags, callee, time, proof, &ALL_DEPOSIT, &wei, input, Some(&mut rest));
        (done, rest.len() == wanted)
    }

    /// Ends the call as one that could not be run to its end.
    #[allow(unsafe_code, reason = "core's own way to stop, a panic, carries a text and its place along")]
    pub fn trap() -> ! {
        // SAFETY: an instruction that is none, which the virtual machine stops at.
        unsafe { core::arch::asm!("unimp", options(noreturn)) }
    }

    /// Sends `amount` wei without a message and without any deposit.
    pub fn give(to: &Address, amount: u128) -> bool {
        let mut wei = [0; 32];
        wei[..16].copy_from_slice(&amount.to_le_bytes());
        HostFnImpl::call(CallFlags::empty(), to, u64::MAX, u64::MAX, &[0; 32], &wei, &[], None).is_ok()
    }

    /// Runs another contract's code on this contract's storage; whether it succeeded. Its answer is [`returned`].
    pub fn delegate(callee: &Address, input: &[u8]) -> bool {
        HostFnImpl::delegate_call(CallFlags::empty(), callee, u64::MAX, u64::MAX, &ALL_DEPOSIT, input, None).is_ok()
    }

    /// Length of an account's code, in bytes; 0 where it is no contract.
    pub fn code_size(account: &Address) -> u64 {
        HostFnImpl::code_size(account)
    }

    /// Creates a contract of code that is on chain. `input` is the code's hash and the constructor's arguments. `None`
    /// where the constructor fails, and what it said is [`returned`]; the call ends where the code is not there. Where
    /// the new contract is follows from this contract and its count of creations, as with Ethereum's `CREATE`.
    pub fn instantiate(input: &[u8]) -> Option<Address> {
        let (mut address, value) = ([0; 20], [0; 32]);
        let place = Some(&mut address);
        HostFnImpl::instantiate(u64::MAX, u64::MAX, &ALL_DEPOSIT, &value, input, place, None, None).ok()?;
        Some(address)
    }

    /// Hands this whole call on to another contract's code, which runs on this contract's storage and answers the
    /// caller, or refuses.
    pub fn forward(callee: &Address) -> ! {
        hand(callee, CallFlags::FORWARD_INPUT | CallFlags::TAIL_CALL);
        // A tail call only comes back where it did not run to its end, and that is no refusal.
        trap()
    }

    /// Has another contract's code do this whole call on this contract's storage, and goes on afterwards; this call's
    /// data cannot be read any more then. Where it fails, so does this call, with its error.
    pub fn pass_on(callee: &Address) {
        if !hand(callee, CallFlags::FORWARD_INPUT) {
            let mut error = [0; 512];
            revert(returned(&mut error))
        }
    }

    #[inline(never)]
    fn hand(callee: &Address, flags: CallFlags) -> bool {
        HostFnImpl::delegate_call(flags, callee, u64::MAX, u64::MAX, &ALL_DEPOSIT, &[], None).is_ok()
    }

    /// What the last call answered, cut to the length of `buffer`.
    pub fn returned(buffer: &mut [u8]) -> &[u8] {
        let mut rest = &mut *buffer;
        HostFnImpl::return_data_copy(&mut rest, 0);
        let length = rest.len();
        &buffer[..length]
    }

    /// An event: its signature's hash and indexed values, then the others.
    pub fn emit(topics: &[Word], data: &[Word]) {
        HostFnImpl::deposit_event(topics, data.as_flattened());
    }

    /// Ends the call with an answer.
    pub fn answer(data: &[u8]) -> ! {
        HostFnImpl::return_value(ReturnFlags::empty(), data)
    }

    /// Ends the call, reverts everything it did and answers with an error.
    pub fn revert(error: &[u8]) -> ! {
        HostFnImpl::return_value(ReturnFlags::REVERT, error)
    }
}

#[cfg(not(target_arch = "riscv64"))]
#[allow(missing_docs, clippy::module_inception, reason = "documented and named as on the chain's side")]
mod host {
    use super::{Address, Word};

    pub fn caller() -> Address {
        [0; 20]
    }
    pub fn own_address() -> Address {
        [0; 20]
    }
    pub fn transferred() -> Option<u128> {
        None
    }
    pub fn now() -> u64 {
        0
    }
    pub fn block_number() -> u32 {
        0
    }
    pub fn chain_id() -> u64 {
        0
    }
    pub fn call_data_length() -> usize {
        0
    }
    pub fn call_data(_: &mut [u8], _: u32) {}
    pub fn call_data_word(_: u32) -> Word {
        [0; 32]
    }
    pub fn read_into(_: &[u8], _: &mut [u8]) -> Option<usize> {
        None
    }
    pub fn write(_: &[u8], _: &[u8]) {}
    pub fn call(_: &Address, _: u128, _: bool, _: &[u8], _: &mut [u8]) -> bool {
        false
    }
    pub fn limited(_: &Address, _: (u64, u64), _: u128, _: bool, _: &[u8], _: &mut [u8]) -> Option<bool> {
        None
    }
    pub fn trap() -> ! {
        panic!("there is no chain off chain")
    }
    pub fn give(_: &Address, _: u128) -> bool {
        false
    }
    pub fn delegate(_: &Address, _: &[u8]) -> bool {
        false
    }
    pub fn code_size(_: &Address) -> u64 {
        0
    }
    pub fn instantiate(_: &[u8]) -> Option<Address> {
        None
    }
    pub fn forward(_: &Address) -> ! {
        panic!("there is no chain off chain")
    }
    pub fn pass_on(_: &Address) {}
    pub fn returned(buffer: &mut [u8]) -> &[u8] {
        &buffer[..0]
    }
    pub fn emit(_: &[Word], _: &[Word]) {}
    pub fn answer(_: &[u8]) -> ! {
        panic!("there is no chain off chain")
    }
    pub fn revert(_: &[u8]) -> ! {
        panic!("there is no chain off chain")
    }
}
