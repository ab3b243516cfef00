//! Verifies ed25519 signatures for other contracts, and nothing else: no roles, no money. It keeps one hash for each
//! key, which anybody may have it work out.
//!
//! The verification itself is [`yieldset_ed25519`]. Curve code is most of a blob's bytes and bytes are proof on every
//! call, so it stands apart from the contracts that are called often. It costs what `docs/contracts/verifier.md` says:
//! verify once per report, never per claim.
#![cfg_attr(not(feature = "std"), no_std, no_main)]

// Tables of curve points do not fit the 8 KB of stack that contracts get by default.
#[cfg(target_arch = "riscv64")]
polkavm_derive::min_stack_size!(65_536);

mod refusals {
    //! Why a message is refused.

    yieldset_shell::refusals! {
        /// Not a sequence of 1,152-byte entries: the length.
        MalformedSignatures(length: uint256),
        /// No key that can have a valid signature: another form than the canonical one, no point, or one of small
        /// order.
        UnusableKey(key: bytes32),
    }
}

/// The contract.
#[ink::contract]
mod verifier {
    use crate::refusals::{MalformedSignatures, UnusableKey};
    use ink::sol::{DynBytes, FixedBytes};
    use yieldset_ed25519::{ENTRY, MULTIPLES, multiples, verify};
    use yieldset_rules::report::SIGNATURE_ENTRY;
    use yieldset_shell::{host, refusals::OrRefuse};

    const _: () = assert!(ENTRY == SIGNATURE_ENTRY);

    /// Of each prepared key the keccak-256 hash of its multiples, under the key itself.
    #[ink(storage)]
    pub struct Verifier {}

    impl Verifier {
        /// A contract that knows no keys yet: one serves everybody.
        #[ink(constructor)]
        #[allow(clippy::new_without_default, reason = "a contract is not made from nothing")]
        pub fn new() -> Self {
            Self {}
        }

        /// Works out a key's multiples and keeps their hash, once for all signatures; for a prepared key only looks.
        /// Answers with the hash, or with zero for a key that can have no valid signature: another form than the
        /// canonical one, no point, or one of small order.
        ///
        /// # Who
        /// Anyone.
        ///
        /// # Answers
        /// `hash`.
        #[ink(message)]
        pub fn prepare(&mut self, key: FixedBytes<32>) -> FixedBytes<32> {
            if let Some(known) = host::read::<32>(&key.0) {
                return known.into();
            }
            let Some(multiples) = multiples(&key.0) else { return [0; 32].into() };
            let hash = host::keccak256(&multiples);
            host::write(&key.0, &hash);
            hash.into()
        }

        /// The hash of a prepared key's multiples, zero for any other.
        ///
        /// # Answers
        /// `hash`.
        #[ink(message, name = "preparedHash")]
        pub fn prepared_hash(&self, key: FixedBytes<32>) -> FixedBytes<32> {
            host::read::<32>(&key.0).unwrap_or_default().into()
        }

        /// What an entry says of its key, 1,024 bytes: x and y (32 bytes each, little-endian) of the multiples by 1, 3,
        /// 5 and 7 of its point, then those of the point times 2^64, 2^128 and 2^192. For whom it is easier to ask than
        /// to compute.
        ///
        /// # Answers
        /// `multiples`.
        ///
        /// # Errors
        /// `UnusableKey`.
        #[ink(message, name = "multiplesOf")]
        pub fn multiples_of(&self, key: FixedBytes<32>) -> DynBytes {
            DynBytes(multiples(&key.0).or_refuse(UnusableKey { key }).to_vec())
        }

        /// How many of the leading entries are valid over the message: all of them where none is wrong, otherwise the
        /// index of the first that is. A caller must compare that with the number that it sent. An entry is a public
        /// key (32 bytes) ‖ its signature (64) ‖ x of the signature's R (32, little-endian) ‖ the multiples (1,024)
        /// that `prepare` worked out for the key; without that none is valid. Strict: keys and points of small order,
        /// points and scalars in another form than the canonical one are never valid, so an entry is valid for one
        /// message at most.
        ///
        /// # Answers
        /// `valid`.
        ///
        /// # Errors
        /// `MalformedSignatures`.
        #[ink(message, name = "leadingValid")]
        pub fn leading_valid(&self, message: DynBytes, signatures: DynBytes) -> u32 {
            let (entries, []) = signatures.as_chunks::<ENTRY>() else {
                MalformedSignatures { length: signatures.len() }.refuse();
            };
            for (at, entry) in entries.iter().enumerate() {
                let (key, own) = (part::<32>(entry, 0), part::<MULTIPLES>(entry, 128));
                let known = host::read(&key).is_some_and(|hash: [u8; 32]| hash == host::keccak256(&own));
                if !known || !verify(&key, &own, &message, &part(entry, 32), &part(entry, 96)) {
                    return at as u32;
                }
            }
            entries.len() as u32
        }
    }

    fn part<const N: usize>(entry: &[u8; ENTRY], from: usize) -> [u8; N] {
        let mut part = [0; N];
        part.copy_from_slice(&entry[from..from + N]);
        part
    }
}
