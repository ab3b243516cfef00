//! Events of the messages that the front answers, by hand; the logic declares them for the ABI.

use ink::codegen::sol::keccak_256;
use yieldset_shell::{
    host,
    words::{Address, Word, address_word, number_word},
};

const TRANSFER: Word = keccak_256(b"Transfer(address,address,uint256)");
const APPROVAL: Word = keccak_256(b"Approval(address,address,uint256)");
const DEPOSITED: Word = keccak_256(b"Deposited(bytes32,uint32,address,uint256,uint256,uint256)");
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

/// A share holder's dividends were paid out.
pub fn dividend_claimed(account: &Address, amount: u128) {
    host::emit(&[DIVIDEND_CLAIMED, address_word(account)], &[number_word(amount)]);
}
