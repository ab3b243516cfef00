use yieldset_tests::chain::blob;

/// The pool's code is proof on every transfer and claim: it stays below 30 KB.
#[test]
fn the_pool_is_small() {
    assert!(blob("pool").len() < 30 * 1024, "{} bytes", blob("pool").len());
}
