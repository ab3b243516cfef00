use alloy_primitives::{Address, B256, keccak256};
use alloy_sol_types::SolConstructor;
use ed25519_dalek::{Signer, SigningKey, VerifyingKey};
use yieldset_chain::abi::Verifier;
use yieldset_rules::report::SIGNATURE_ENTRY;
use yieldset_tests::{
    chain::{Account, Chain, Failure, assert_refused, blob},
    system::sign,
};

struct Setup {
    chain: Chain,
    user: Account,
    verifier: Address,
}

fn setup() -> Setup {
    let mut chain = Chain::new();
    let user = chain.account(0);
    let verifier = chain.instantiate(&user, blob("verifier"), Verifier::constructorCall {}.abi_encode()).unwrap();
    Setup { chain, user, verifier }
}

impl Setup {
    /// The hash of a key's multiples; zero for what is no key.
    fn prepare(&mut self, key: [u8; 32]) -> B256 {
        self.chain.call(&self.user, self.verifier, Verifier::prepareCall { key: key.into() }, 0).unwrap()
    }

    /// Whether one signature is valid, after its key was prepared as far as it can be.
    fn one(&mut self, message: &[u8], key: &[u8], signature: &[u8]) -> u32 {
        let (key, signature) = (key.try_into().unwrap(), signature.try_into().unwrap());
        self.prepare(key);
        self.valid(message, &yieldset_ed25519::entry(&key, &signature)).unwrap()
    }

    fn valid(&mut self, message: &[u8], entries: &[u8]) -> Result<u32, Failure> {
        let call = Verifier::leadingValidCall { message: message.to_vec().into(), signatures: entries.to_vec().into() };
        self.chain.call(&self.user, self.verifier, call, 0)
    }
}

/// Every length of message around the hash's blocks, and the index of the first wrong entry.
#[test]
fn the_leading_valid_entries_are_counted() {
    let mut s = setup();
    let keys: Vec<_> = (1..=3).map(|n| SigningKey::from_bytes(&[n; 32])).collect();
    keys.iter().for_each(|key| assert_ne!(s.prepare(key.verifying_key().to_bytes()), B256::ZERO));
    assert_eq!(s.valid(b"", &[]), Ok(0));
    for length in [0, 1, 31, 32, 47, 48, 63, 64, 65, 111, 112, 128, 400, 2_048] {
        let message: Vec<u8> = (0..length).map(|n| n as u8).collect();
        assert_eq!(s.valid(&message, &sign(&message, &keys[..1])), Ok(1), "{length}");
    }
    let message = b"a report";
    let good = sign(message, &keys);
    assert_eq!(s.valid(message, &good), Ok(3));
    for wrong in 0..3u32 {
        // Key, both halves of the signature, x of R, multiples: each from its first to its last byte.
        for at in [0, 31, 32, 63, 64, 95, 96, 127, 128, 159, 160, SIGNATURE_ENTRY - 1] {
            let mut entries = good.clone();
            entries[wrong as usize * SIGNATURE_ENTRY + at] ^= 1;
            assert_eq!(s.valid(message, &entries), Ok(wrong), "byte {at} of entry {wrong}");
        }
    }
    assert_eq!(s.valid(b"another report", &good), Ok(0));
    for length in [1, 96, SIGNATURE_ENTRY - 1, SIGNATURE_ENTRY + 1, 2 * SIGNATURE_ENTRY - 1] {
        assert_refused(s.valid(message, &good[..length]), "MalformedSignatures");
    }
}

/// Only multiples that the contract worked out itself count: an entry of a key that was not prepared is not valid, nor
/// is one with another key's multiples.
#[test]
fn multiples_are_the_contracts_own() {
    let mut s = setup();
    let [key, other] = [4, 5].map(|n| SigningKey::from_bytes(&[n; 32]));
    let (public, message) = (key.verifying_key().to_bytes(), b"m");
    let entry = sign(message, &[key]);
    let view = |s: &mut Setup, key: [u8; 32]| {
        s.chain.call(&s.user, s.verifier, Verifier::preparedHashCall { key: key.into() }, 0).unwrap()
    };
    assert_eq!((s.valid(message, &entry), view(&mut s, public)), (Ok(0), B256::ZERO));
    let hash = s.prepare(public);
    assert_eq!((hash, view(&mut s, public)), (keccak256(&entry[128..]), hash));
    assert_eq!(s.valid(message, &entry), Ok(1));
    // Again it is looked up, not worked out.
    let first = s.chain.last_cost;
    assert_eq!(s.prepare(public), hash);
    assert!(s.chain.last_cost.ref_time * 10 < first.ref_time);
    // Another key's, prepared as well, and some of both.
    let others = sign(message, std::slice::from_ref(&other));
    s.prepare(other.verifying_key().to_bytes());
    for from in [128, 160, SIGNATURE_ENTRY - 64] {
        let mixed = [&entry[..from], &others[from..]].concat();
        assert_eq!(s.valid(message, &mixed), Ok(0), "from byte {from}");
    }
    let call = Verifier::multiplesOfCall { key: public.into() };
    assert_eq!(s.chain.call(&s.user, s.verifier, call, 0).unwrap(), entry[128..]);
    let call = Verifier::multiplesOfCall { key: B256::repeat_byte(2) };
    assert_refused(s.chain.call(&s.user, s.verifier, call, 0), "UnusableKey");
    assert_eq!((s.prepare([2; 32]), view(&mut s, [2; 32])), (B256::ZERO, B256::ZERO));
}

/// What lenient verifiers accept and a strict one must not: keys and points of small order, scalars of l and more,
/// points in other forms than the canonical one. Whatever the reference implementation says of them, strictly, so must
/// the contract.
#[test]
fn verification_is_strict() {
    let mut s = setup();
    let key = SigningKey::from_bytes(&[7; 32]);
    let message = b"strict";
    let signature = key.sign(message).to_bytes();
    let public = key.verifying_key().to_bytes();
    // s + l is the same scalar.
    let l = hex::decode("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010").unwrap();
    let mut carry = 0u16;
    let mut wide = signature;
    for (byte, more) in wide[32..].iter_mut().zip(&l) {
        carry += u16::from(*byte) + u16::from(*more);
        *byte = carry as u8;
        carry >>= 8;
    }
    assert_eq!(s.one(message, &public, &signature), 1);
    assert_eq!(s.one(message, &public, &wide), 0);
    let mut high = signature;
    high[63] |= 0xe0;
    assert_eq!(s.one(message, &public, &high), 0);
    // Encodings of points of order 1, 2, 4 and 8, canonical and not.
    let small = [
        "0100000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000080",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0000000000000000000000000000000000000000000000000000000000000080",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    ];
    for point in small.map(|digits| hex::decode(digits).unwrap()) {
        // With s = 0 and R = A these are valid for many messages to who does not look at the order.
        let zero = [&point[..], &[0; 32]].concat();
        assert_eq!(s.one(message, &point, &zero), 0, "{}", hex::encode(&point));
        let mut odd = [0; 64];
        odd[..32].copy_from_slice(&point);
        odd[32..].copy_from_slice(&signature[32..]);
        assert_eq!(s.one(message, &public, &odd), 0);
        assert_eq!(s.one(message, &point, &signature), 0);
    }
    assert_eq!(s.one(message, &[0xff; 32], &signature), 0);
    assert_eq!(s.one(message, &[2; 32], &signature), 0);
    assert!(VerifyingKey::from_bytes(&[2; 32]).is_err(), "not a point");
}

/// Known answers of RFC 8032, 7.1.
#[test]
fn the_standards_examples_are_valid() {
    let mut s = setup();
    let cases = [
        (
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
        ),
        (
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
        ),
        (
            "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
            "af82",
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
        ),
    ];
    for (key, message, signature) in cases {
        let [key, message, signature] = [key, message, signature].map(|digits| hex::decode(digits).unwrap());
        assert_eq!(s.one(&message, &key, &signature), 1, "{}", hex::encode(key));
    }
}
