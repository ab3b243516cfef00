//! Checkpoints of a usage log that its platform puts on chain: from then on the log cannot be another one, its training
//! runs have a time that is nobody's word, and calls can be drawn from it.

use yieldset_chain::{
    B256,
    acts::{Act, licences::Of},
};

use crate::{
    trained::Anchored,
    usage_log::{LogError, VerifiedLog},
};

/// The anchor of a log's newest checkpoint for a licence: where it has none, and none of the log's is younger than
/// `every` seconds at a time (Unix seconds). `epoch` is that of the log's key on chain.
///
/// # Errors
/// [`LogError`].
pub fn act(
    licence: Of,
    log: &VerifiedLog,
    (epoch, anchors): (u32, &[Anchored]),
    (now, every): (u64, u64),
) -> Result<Option<Act>, LogError> {
    let size = log.size();
    let stands = anchors.iter().any(|one| one.size == size);
    let young = anchors.iter().any(|one| now < one.at.saturating_add(every));
    if size == 0 || stands || young {
        return Ok(None);
    }
    let root = B256::from(log.checkpoint_at(size)?.root);
    Ok(Some(licence.anchor(epoch, size, root)))
}

#[cfg(test)]
mod tests {
    use yieldset_chain::{Address, SolCall, abi::Licence};

    use super::*;
    use crate::testing::{Fixture, call};

    const DAY: u64 = 86_400;

    /// The newest checkpoint is anchored once, by the key's epoch, and the next one not before its time: whoever looks
    /// again, with the chain's anchors, anchors nothing twice.
    #[tokio::test]
    async fn a_new_checkpoint_is_anchored_once_in_its_time() {
        let fixture = Fixture::new().await;
        let of = Of { contract: Address::repeat_byte(1), licence: B256::repeat_byte(2) };
        fixture.open().await.close().await.expect("closed");
        let empty = fixture.read().await.expect("verified");
        assert_eq!(act(of, &empty, (3, &[]), (9, DAY)).expect("read"), None, "there is nothing in it");
        let log = fixture.log_of(vec![call("1"), call("2")]).await;
        let root = log.checkpoint_at(2).expect("all").root;
        let first = act(of, &log, (3, &[]), (9, DAY)).expect("read").expect("none is anchored");
        let sent = Licence::anchorCall::abi_decode(&first.calldata).expect("an anchor");
        assert_eq!((sent.licence, sent.epoch, sent.size, sent.root.0), (of.licence, 3, 2, root));
        let before = Anchored { size: 1, root: [7; 32], at: 100 };
        let due = |anchors: &[Anchored], now| act(of, &log, (3, anchors), (now, DAY)).expect("read");
        assert_eq!(due(&[before], 99 + DAY), None, "the one before is young");
        assert_eq!(due(&[before], 100 + DAY), Some(first));
        assert_eq!(due(&[before, Anchored { size: 2, root, at: 200 }], 200 + 9 * DAY), None, "it stands");
        assert!(due(&[Anchored { size: 2, root, at: 0 }], u64::MAX).is_none());
    }
}
