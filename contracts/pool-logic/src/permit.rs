//! EIP-2612: allowances by signature.

use ink::codegen::sol::keccak_256;
use yieldset_pool_core::{
    keys, refusals,
    shares::{self, Logic},
};
use yieldset_rules::attestation::is_canonical;
use yieldset_shell::{
    host,
    words::{Address, Word, address_word, number_of, number_word},
};

const DOMAIN: Word = keccak_256(b"EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");
const PERMIT: Word = keccak_256(b"Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)");
const VERSION: Word = keccak_256(b"1");

/// A signature.
#[derive(Debug, Clone, Copy)]
pub struct Signature {
    /// 27 or 28.
    pub v: u8,
    /// First half.
    pub r: Word,
    /// Second half.
    pub s: Word,
}

/// Sets the allowance that `owner` signed, once.
pub fn permit(owner: &Address, spender: &Address, value: &Word, deadline: &Word, signature: &Signature) {
    if number_of(deadline).is_some_and(|deadline| deadline < host::now().into()) {
        refusals::ERC2612ExpiredSignature { deadline }.refuse();
    }
    let nonce = nonce(owner);
    let signer = signer(
        &[PERMIT, address_word(owner), address_word(spender), *value, number_word(nonce.into()), *deadline],
        signature,
    );
    if signer != *owner || signer == [0; 20] {
        refusals::ERC2612InvalidSigner { signer: &signer, owner }.refuse();
    }
    use_nonce(owner, &number_word(nonce.into()));
    shares::approve::<Logic>(owner, spender, value);
}

/// Who signed a struct of these words (EIP-712); zero for no valid signature.
pub fn signer(fields: &[Word], signature: &Signature) -> Address {
    let mut signed = [0; 66];
    signed[..2].copy_from_slice(&[0x19, 0x01]);
    signed[2..34].copy_from_slice(&domain_separator());
    signed[34..].copy_from_slice(&host::keccak256(fields.as_flattened()));
    recover(&host::keccak256(&signed), signature)
}

/// Takes an owner's next nonce, which must be this one. Permits and delegations have one row of nonces, as with
/// OpenZeppelin.
pub fn use_nonce(owner: &Address, used: &Word) {
    let next = nonce(owner);
    if number_of(used) != Some(next.into()) {
        refusals::InvalidAccountNonce { account: owner, current_nonce: next }.refuse();
    }
    host::write(&keys::nonce(owner), &next.saturating_add(1).to_le_bytes());
}

/// The nonce that an owner's next permit or delegation must have.
pub fn nonce(owner: &Address) -> u64 {
    host::read(&keys::nonce(owner)).map_or(0, u64::from_le_bytes)
}

/// Binds signatures to this pool on this chain.
pub fn domain_separator() -> Word {
    let [name, _] = labels();
    let chain = number_word(host::chain_id().into());
    let fields = [DOMAIN, host::keccak256(Label(name).as_ref()), VERSION, chain, address_word(&host::own_address())];
    host::keccak256(fields.as_flattened())
}

/// Text of at most 32 bytes: UTF-8 filled up with zeros. That it is UTF-8 is the deployer's business; a name that is
/// not shows as gibberish and harms nobody else.
pub struct Label(pub Word);

impl AsRef<[u8]> for Label {
    fn as_ref(&self) -> &[u8] {
        let length = self.0.iter().position(|byte| *byte == 0).unwrap_or(self.0.len());
        &self.0[..length]
    }
}

/// Name and symbol.
pub fn labels() -> [Word; 2] {
    let stored = host::read::<64>(keys::LABELS).unwrap_or([0; 64]);
    let mut labels = [[0; 32]; 2];
    labels.as_flattened_mut().copy_from_slice(&stored);
    labels
}

/// Who signed; zero for no valid signature.
fn recover(hash: &Word, signature: &Signature) -> Address {
    // Of the two signatures that anybody can make from one, only the canonical one is taken.
    if !is_canonical(signature.v, &signature.r, &signature.s) {
        return [0; 20];
    }
    host::ecrecover(hash, signature.v, &signature.r, &signature.s).unwrap_or_default()
}
