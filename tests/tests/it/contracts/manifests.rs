use alloy_primitives::B256;
use yieldset_chain::abi::Manifests;
use yieldset_tests::chain::{START, assert_refused};
use yieldset_tests::system::System;

/// Proves ATT-1's on-chain part: a version is bound to creator, licence and time, and nothing changes it afterwards.
#[test]
fn versions_are_immutable() {
    let mut s = System::new();
    let (alice, bob) = (s.chain.account(1), s.chain.account(2));
    let register = |dataset: u8, manifest: u8| Manifests::registerCall {
        dataset: B256::repeat_byte(dataset),
        manifestHash: B256::repeat_byte(manifest),
        licenceHash: B256::repeat_byte(9),
    };
    assert_eq!(s.call(&alice, s.manifests, register(1, 11)).unwrap(), 1);
    assert_eq!(s.call(&alice, s.manifests, register(1, 12)).unwrap(), 2);
    assert_refused(s.call(&alice, s.manifests, register(1, 11)), "AlreadyRegistered");
    assert_refused(s.call(&bob, s.manifests, register(2, 11)), "AlreadyRegistered");
    assert_refused(s.call(&bob, s.manifests, register(1, 13)), "NotDatasetCreator");
    assert_refused(s.call(&bob, s.manifests, register(0, 13)), "ZeroHash");
    assert_refused(s.call(&bob, s.manifests, register(2, 0)), "ZeroHash");
    let call = Manifests::manifestOfCall { manifestHash: B256::repeat_byte(11) };
    let m = s.call(&bob, s.manifests, call).unwrap();
    assert_eq!((m.dataset, m.version, m.creator), (B256::repeat_byte(1), 1, alice.address));
    assert_eq!((m.licenceHash, m.registeredAt), (B256::repeat_byte(9), START));
    let d = s.call(&bob, s.manifests, Manifests::datasetOfCall { dataset: B256::repeat_byte(1) }).unwrap();
    assert_eq!((d.creator, d.latestVersion), (alice.address, 2));
}
