//! Verifies ed25519 signatures for other contracts, and nothing else: no storage, no roles, no money.
//!
//! The verification itself is [`yieldset_ed25519`]. Curve code is most of a blob's bytes and bytes are proof on every call, so it stands apart from the contracts that are called
//! often. It costs what `docs/contracts/verifier.md` says: verify once per report, never per claim.
#![cfg_attr(not(feature = "std"), no_std, no_main)]

// ed25519's tables of curve points do not fit the 8 KB of stack that contracts get by default.
#[cfg(target_arch = "riscv64")]
polkavm_derive::min_stack_size!(65_536);

/// The contract.
#[ink::contract]
mod verifier {
    use ink::{U256, sol::DynBytes};
    use yieldset_rules::report::SIGNATURE_ENTRY;

    /// Why a message is refused; each variant is a Solidity custom error.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    #[ink::error]
    pub enum Error {
        /// Not a sequence of 96-byte entries, key ‖ signature: the length.
        MalformedSignatures(U256),
    }

    /// No storage.
    #[ink(storage)]
    pub struct Verifier {}

    impl Verifier {
        /// A contract without state: one serves everybody.
        #[ink(constructor)]
        #[allow(clippy::new_without_default, reason = "a contract is not made from nothing")]
        pub fn new() -> Self {
            Self {}
        }

        /// How many of the leading entries (ed25519 public key ‖ signature, 96 bytes each) are valid over the message: all of them
        /// where none is wrong, otherwise the index of the first that is. Strict: keys and points of small order, points
        /// and scalars in another form than the canonical one are never valid, so an entry is valid for one message at most.
        ///
        /// # Errors
        /// `MalformedSignatures`.
        #[ink(message, name = "leadingValid")]
        pub fn leading_valid(&self, message: DynBytes, signatures: DynBytes) -> Result<u32, Error> {
            if !signatures.len().is_multiple_of(SIGNATURE_ENTRY) {
                return Err(Error::MalformedSignatures(signatures.len().into()));
            }
            let valid = |entry: &&[u8]| {
                let (mut key, mut signature) = ([0; 32], [0; 64]);
                key.copy_from_slice(&entry[..32]);
                signature.copy_from_slice(&entry[32..]);
                yieldset_ed25519::verify(&key, &message, &signature)
            };
            Ok(signatures.chunks_exact(SIGNATURE_ENTRY).take_while(valid).count() as u32)
        }
    }
}
