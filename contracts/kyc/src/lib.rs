//! KYC registry, the front: the address people know as the registry.
//!
//! Every transfer and every claim asks `restrictionFor`, and a call's proof contains the code it runs. So that one
//! question is answered here, from a blob of a few kilobytes. Every other call, and a question that is wrong from the
//! start, is handed whole to the registry's logic (`yieldset-kyc-logic`), which runs on this contract's storage. Which
//! logic that is is fixed when the registry is made: nobody can replace it. A pool's holders can vote for another
//! registry instead.
#![cfg_attr(not(feature = "std"), no_std, no_main)]

#[cfg(target_arch = "riscv64")]
mod entry {
    use yieldset_rules::compliance::{Jurisdictions, Record, Requirements, Terms, keys, restriction_for};
    use yieldset_shell::{
        host, roles,
        screening::registry::{getTrustedIssuers, restrictionFor},
        words::{Address, address_of, is_zero, number_word, same},
    };

    /// The two sides, the requirements, and four words of jurisdictions.
    const ARGUMENTS: usize = 7;
    /// Where the logic's address is kept. No hot call reads it.
    const LOGIC: &[u8] = b"logic";

    /// `new(address logic, address admin)`: a registry without records, roles or issuers; `admin` grants the roles.
    /// Refuses address zero as `admin`, and fails with an empty error where the logic does not work on the new
    /// registry's records.
    #[ink::polkavm_export(abi = ink::polkavm_derive::default_abi)]
    extern "C" fn deploy() {
        let (Some(logic), Some(admin)) = (address_of(&host::call_data_word(0)), address_of(&host::call_data_word(32)))
        else {
            host::revert(&[])
        };
        if host::transferred() != Some(0) {
            host::revert(&[]);
        }
        host::write(LOGIC, &logic);
        host::write(keys::TERMS, &Terms::NONE.0);
        roles::initialise(&admin);
        // A logic that does not run on these records, or no contract at all, would be found out too late.
        // Of these there are none yet: an empty list, read from the terms.
        if !host::delegate(&logic, &getTrustedIssuers::SELECTOR) || host::returned(&mut [0; 65]).len() != 64 {
            host::revert(&[]);
        }
    }

    #[ink::polkavm_export(abi = ink::polkavm_derive::default_abi)]
    extern "C" fn call() {
        let mut head = [0; 4];
        host::call_data(&mut head, 0);
        // As one number: the compiler would compare byte by byte.
        let asked = u32::from_be_bytes(head) == const { u32::from_be_bytes(restrictionFor::SELECTOR) };
        if asked && host::call_data_length() >= 4 + ARGUMENTS * 32 {
            answer();
        }
        // Another message, or one that the logic refuses.
        host::forward(&host::read(LOGIC).unwrap_or_default())
    }

    /// Ends the call with the code, unless it is one that the logic has to refuse.
    fn answer() {
        let mut words = [[0; 32]; ARGUMENTS];
        host::call_data(words.as_flattened_mut(), 4);
        let [from, to, requirements, jurisdictions @ ..] = &words;
        let jurisdictions = Jurisdictions::from_words(jurisdictions);
        let (Some(from), Some(to), Some(requirements), Some(0)) = (
            address_of(from),
            address_of(to),
            Requirements::from_word(requirements, &jurisdictions),
            host::transferred(),
        ) else {
            return;
        };
        let sender = side(&from);
        // Where both sides are one account, its slot is read once.
        let recipient = if same(&from, &to) { sender } else { side(&to) };
        // The terms of the issuers' seats decide over attested records alone: what agents set needs no such slot.
        let attested = |record: &Option<Record>| record.is_some_and(|record| record.seat != 0);
        let terms = if attested(&sender) || attested(&recipient) { terms() } else { Terms::NONE };
        let code = restriction_for(sender.as_ref(), recipient.as_ref(), &requirements, &terms, host::now());
        host::answer(&number_word(code as u128))
    }

    #[inline(never)]
    fn side(account: &Address) -> Option<Record> {
        if is_zero(account) {
            return None;
        }
        let record = host::read::<{ Record::LEN }>(&keys::record(account));
        Some(record.map(|packed| Record::from_bytes(&packed)).unwrap_or_default())
    }

    #[inline(never)]
    fn terms() -> Terms {
        host::read(keys::TERMS).map_or(Terms::NONE, Terms)
    }
}
