//! Events of the messages that the front answers, by hand; the logic declares them for the ABI.

use ink::codegen::sol::keccak_256;
use yieldset_rules::contribution::Skipped;
use yieldset_shell::{
    host,
    words::{Address, Word, address_word, number_word},
};

const TRANSFER: Word = keccak_256(b"Transfer(address,address,uint256)");
const APPROVAL: Word = keccak_256(b"Approval(address,address,uint256)");
const DEPOSITED: Word = keccak_256(b"Deposited(bytes32,uint32,address,uint256,uint256,uint256)");
const CONTRIBUTION_CLAIMED: Word = keccak_256(b"ContributionClaimed(bytes32,uint32,address,uint256,uint256)");
const CLAIM_SKIPPED: Word = keccak_256(b"ClaimSkipped(bytes32,uint32,address,uint8)");
const ROOT_KEPT: Word = keccak_256(b"RootKept(bytes32,uint32,bytes32)");
const DIVIDEND_CLAIMED: Word = keccak_256(b"DividendClaimed(address,uint256)");

/// ERC-20: shares moved, or were minted (from zero).
pub fn transfer(from: &Address, to: &Address, shares: u128) {
    host::emit(&[TRANSFER, address_word(from), address_word(to)], &[number_word(shares)]);
}

/// ERC-20: an allowance was set.
pub fn approval(owner: &Address, spender: &Address, allowance: &Word) {
    host::emit(&[APPROVAL, address_word(owner), address_word(spender)], &[*allowance]);
}

/// Money came in: all of it, and the holders' leg, which leaves the contributors'; the dividend index afterwards.
pub fn deposited(stream: &Word, period: u32, payer: &Address, [amount, to_holders, index]: [u128; 3]) {
    let topics = [DEPOSITED, *stream, number_word(period.into()), address_word(payer)];
    host::emit(&topics, &[number_word(amount), number_word(to_holders), number_word(index)]);
}

/// A contributor's part of a period was paid out, to itself or to whom it was recovered to; its weight in the report.
pub fn contribution_claimed(stream: &Word, period: u32, account: &Address, amount: u128, weight: u64) {
    let topics = [CONTRIBUTION_CLAIMED, *stream, number_word(period.into()), address_word(account)];
    host::emit(&topics, &[number_word(amount), number_word(weight.into())]);
}

/// One of many claims was passed over.
pub fn claim_skipped(stream: &Word, period: u32, account: &Address, why: Skipped) {
    let topics = [CLAIM_SKIPPED, *stream, number_word(period.into()), address_word(account)];
    host::emit(&topics, &[number_word(why.code().into())]);
}

/// The root of a period's final report is kept here now, whatever becomes of the registry.
pub fn root_kept(stream: &Word, period: u32, root: &Word) {
    host::emit(&[ROOT_KEPT, *stream, number_word(period.into())], &[*root]);
}

/// A share holder's dividends were paid out.
pub fn dividend_claimed(account: &Address, amount: u128) {
    host::emit(&[DIVIDEND_CLAIMED, address_word(account)], &[number_word(amount)]);
}
