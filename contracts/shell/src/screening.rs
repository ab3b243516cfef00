//! Which registry a pool screens by, and asking it.

use ink::codegen::sol::selector_bytes;

use crate::{
    host,
    words::{Address, Word, address_of, address_word},
};

const KYC: [u8; 4] = selector_bytes("kyc()");
const RESTRICTION_FOR: [u8; 4] =
    selector_bytes("restrictionFor(address,address,bytes32,bytes32,bytes32,bytes32,bytes32)");

/// The registry that a pool uses now, zero where it screens nobody; `None` where the pool does not answer.
pub fn registry_of(pool: &Address) -> Option<Address> {
    host::ask::<1>(pool, &KYC).and_then(|[word]| address_of(&word))
}

/// The registry's code against two sides, zero for nothing; address zero is no side. `requirements` is the word that
/// says what is asked. `None` where the registry does not answer.
#[inline(never)]
pub fn restriction(registry: &Address, from: &Address, to: &Address, requirements: &Word) -> Option<u8> {
    let mut input = [0; 4 + 7 * 32];
    input[..4].copy_from_slice(&RESTRICTION_FOR);
    input[4..36].copy_from_slice(&address_word(from));
    input[36..68].copy_from_slice(&address_word(to));
    input[68..100].copy_from_slice(requirements);
    match host::ask::<1>(registry, &input) {
        Some([word]) if word[..31] == [0; 31] => Some(word[31]),
        _ => None,
    }
}
