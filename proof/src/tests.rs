use std::sync::LazyLock;

use proptest::prelude::*;
use sp_trie::{KeySpacedDBMut, PrefixedMemoryDB, TrieMut, trie_types::TrieDBMutBuilderV1};

use super::*;

const ADDRESS: [u8; 20] = [7; 20];
const ID: [u8; 32] = [9; 32];

/// A record of a contract as the pallet encodes it: variant, tree's id, and what comes after.
fn contract_record() -> Vec<u8> {
    [&[0u8][..], &ID.to_vec().encode(), &[1; 90]].concat()
}

/// A state with one contract, as a chain keeps it, and all nodes of its trees.
fn state(records: &[(&[u8], &[u8])]) -> (Header, Vec<Vec<u8>>) {
    let mut database = PrefixedMemoryDB::<Blake2Hasher>::default();
    let mut child = sp_core::H256::default();
    {
        let mut spaced = KeySpacedDBMut::new(&mut database, &ID);
        let mut tree = TrieDBMutBuilderV1::<Blake2Hasher>::new(&mut spaced, &mut child).build();
        for (key, value) in records {
            tree.insert(&record_key(key), value).expect("inserted");
        }
    }
    let mut root = sp_core::H256::default();
    {
        let mut tree = TrieDBMutBuilderV1::<Blake2Hasher>::new(&mut database, &mut root).build();
        tree.insert(&contract_key(&ADDRESS), &contract_record()).expect("inserted");
        // An account that is no contract: the second variant.
        tree.insert(&contract_key(&[8; 20]), &[1, 0, 0, 0, 0]).expect("inserted");
        tree.insert(&[CHILD, &ID].concat(), child.as_bytes()).expect("inserted");
        for number in 0..200u32 {
            tree.insert(&blake2_256(&number.encode()), &[5; 60]).expect("inserted");
        }
    }
    let nodes = database.drain().into_values().map(|(node, _)| node).collect();
    let header = Header {
        parent: [1; 32],
        number: 70_000,
        state_root: root.into(),
        extrinsics_root: [2; 32],
        logs: vec![vec![6, 1]],
    };
    (header, nodes)
}

const RECORDS: [(&[u8], &[u8]); 3] = [(b"com/now", &[3; 400]), (b"rep/a", &[4; 200]), (b"rep/b", b"short")];

/// Proves ATT-15: what is proven is what is there, and that nothing is is proven too.
#[test]
fn a_contracts_records_are_read_from_the_blocks_hash() {
    let (header, nodes) = state(&RECORDS);
    let state = State::of(&header, &nodes, &header.hash()).expect("its block");
    let contract = state.contract(&ADDRESS).expect("a contract");
    for (key, value) in RECORDS {
        assert_eq!(contract.record(key, "a record").expect("proven").as_deref(), Some(value));
    }
    assert_eq!(contract.record(b"rep/c", "a record"), Ok(None));
    assert_eq!(state.contract(&[8; 20]).err(), Some(ProofError::NoContract([8; 20])));
    assert_eq!(state.contract(&[1; 20]).err(), Some(ProofError::NoContract([1; 20])));
    assert_eq!(storage_key(&contract_record()), Some([CHILD, &ID].concat()));
}

/// A header's hash is that of Substrate's own encoding: number as a compact, items one after the other.
#[test]
fn a_header_hashes_as_on_the_chain() {
    let (header, _) = state(&RECORDS);
    // 70,000 as a compact has four bytes: 70,000 · 4 + 2.
    let expected = [&[1u8; 32][..], &280_002u32.to_le_bytes(), &header.state_root, &[2; 32], &[4, 6, 1]].concat();
    assert_eq!(header.hash(), blake2_256(&expected));
    assert!(matches!(State::of(&header, &[], &[0; 32]), Err(ProofError::OtherBlock { .. })));
    let other = Header { state_root: [0; 32], ..header.clone() };
    assert!(State::of(&other, &[], &header.hash()).is_err());
}

/// What those nodes can be mixed with: nodes of a state in which the same records, and another, are others.
const OTHERS: [(&[u8], &[u8]); 4] =
    [(b"com/now", &[4; 400]), (b"rep/a", &[5; 200]), (b"rep/b", b"other"), (b"rep/c", b"there")];

static STATES: LazyLock<[(Header, Vec<Vec<u8>>); 2]> = LazyLock::new(|| [state(&RECORDS), state(&OTHERS)]);

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    /// Proves ATT-15: with nodes changed, left out, put in, or taken from another state, a record is the true one or
    /// none is proven.
    #[test]
    fn no_proof_proves_anything_else(seed in any::<u64>(), changes in 1usize..6) {
        let [(header, nodes), (_, others)] = &*STATES;
        let (mut nodes, mut random, mut whole) = (nodes.clone(), seed, true);
        for _ in 0..changes {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let at = (random >> 33) as usize % nodes.len();
            match random % 4 {
                0 => {
                    nodes.swap_remove(at);
                    whole = false;
                }
                1 => nodes.push(vec![(random >> 8) as u8; 40]),
                2 => nodes.extend(others.iter().cloned()),
                _ => {
                    let bit = (random >> 40) as usize % (nodes[at].len() * 8);
                    nodes[at][bit / 8] ^= 1 << (bit % 8);
                    whole = false;
                }
            }
        }
        let state = State::of(header, &nodes, &header.hash()).expect("its block");
        let all = RECORDS.map(|(key, value)| (key, Some(value))).into_iter().chain([(&b"rep/c"[..], None)]);
        for (key, value) in all {
            match state.contract(&ADDRESS).and_then(|contract| contract.record(key, "a record")) {
                Ok(found) => prop_assert_eq!(found.as_deref(), value),
                Err(error) => prop_assert!(!whole, "{}: nothing was taken away or changed", error),
            }
        }
    }
}
