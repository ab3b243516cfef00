//! Votes: shares at past seconds, and delegation, in the terms of ERC-5805.

use ink::codegen::sol::keccak_256;
use yieldset_pool_core::{
    account::Account,
    delegation::{self, delegatee},
    keys,
    ledger::Ledger,
    refusals, shares,
};
use yieldset_rules::{
    compliance::Restriction,
    votes::{self, Delegation},
};
use yieldset_shell::{
    host,
    words::{Address, Word, address_word, is_zero, number_of},
};

use crate::{
    events::DelegateChanged,
    permit::{self, Signature},
};

const DELEGATION: Word = keccak_256(b"Delegation(address delegatee,uint256 nonce,uint256 expiry)");

/// An account's votes now.
pub fn current(account: &Address) -> u128 {
    let record = Account::load(account);
    votes::votes(record.holder.balance, record.restraints.is_delegated(), delegation::delegated(account))
}

/// An account's votes at the end of a past second.
pub fn past(account: &Address, second: u64) -> u128 {
    let record = Account::load(account);
    let away = record.restraints.delegation() != Delegation::Never && delegation::away_at(account, second);
    votes::votes(record.balance_at(account, second), away, delegation::delegated_at(account, second))
}

/// An account's shares vote for another from now on; for itself again where that is the account or zero. A blocked
/// account delegates nothing: its votes would count by another's hand.
pub fn delegate(account: &Address, to: &Address) {
    let (ledger, record) = (Ledger::load(), Account::load(account));
    if record.restraints.recovered {
        refusals::TransferRestricted { code: Restriction::SenderFrozen as u8 }.refuse();
    }
    let to = if is_zero(to) { account } else { to };
    if to != account {
        shares::ask_kyc(&ledger, account);
    }
    change(account, record, to);
}

/// The same by signature, once.
pub fn delegate_by_sig(to: &Address, nonce: &Word, expiry: &Word, signature: &Signature) {
    if number_of(expiry).is_some_and(|expiry| expiry < host::now().into()) {
        refusals::VotesExpiredSignature { expiry }.refuse();
    }
    let signer = permit::signer(&[DELEGATION, address_word(to), *nonce, *expiry], signature);
    if is_zero(&signer) {
        refusals::ERC2612InvalidSigner { signer: &signer, owner: &signer }.refuse();
    }
    permit::use_nonce(&signer, nonce);
    delegate(&signer, to);
}

/// Ends the delegation of an account that is frozen, sanctioned or recovered, for whoever asks: its votes are its own
/// again, and do not count. A record that ran out is no block, nor is a registry that does not answer.
pub fn end(account: &Address) {
    let record = Account::load(account);
    let code = shares::screened_at_most(&Ledger::load(), account);
    if !Restriction::blocks_votes(code) && !record.restraints.recovered {
        refusals::NotScreened { account }.refuse();
    }
    change(account, record, account);
}

fn change(account: &Address, mut record: Account, to: &Address) {
    let (from, shares) = (delegatee(account), record.holder.balance);
    if from != *to {
        // The account's own votes are its balance, unless they are away.
        if from != *account {
            delegation::shift(&from, shares, 0);
        }
        if to != account {
            delegation::shift(to, 0, shares);
        }
        let (before, after) = (record.restraints.delegation(), record.restraints.delegation().after(to != account));
        if before != after {
            record.restraints.delegation = after as u8;
            record.save(account);
            delegation::note_away(account, after == Delegation::Away);
        }
        host::write(&keys::delegatee(account), to);
    }
    DelegateChanged { delegator: account, from_delegate: from, to_delegate: to }.emit();
}
