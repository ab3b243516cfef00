//! Tokens become integer weights that sum exactly to 10^18, and a Merkle tree that contributors claim against (ATT-6).

use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use yieldset_rules::{
    contribution::WEIGHT_ONE,
    merkle,
    report::{LogCheckpoint, Metric, Totals, compared_digest},
    settlement::weights,
};

use crate::{
    attribution::{Attribution, LogState, Output, TotalsState, Version},
    compared::{After, LeftOut},
    files::{self, hex_bytes, hex_list},
    heap::Heap,
    hex0x, keccak256,
    licensed::{Limits, Uncounted},
    metric::MetricState,
    models::Models,
    registry::Seen,
    report::{Decoys, Spot},
    sha256,
    trained::{Fault, Ground},
};

/// Why there are no weights.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum SettlementError {
    /// A settlement that was changed.
    #[error("the settlement contradicts itself: {0}; run `settle` again")]
    Inconsistent(String),
}

/// `settlement.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settlement {
    /// The models.
    #[serde(rename = "model")]
    pub models: Models,
    /// The stream: SHA-256 of the one model's slug, or the id of the licence that the report is for.
    #[serde(with = "hex_bytes")]
    pub stream: [u8; 32],
    /// The accounting period.
    pub period: u32,
    /// The same, to read.
    pub period_name: String,
    /// The log's state.
    #[serde(with = "LogState")]
    pub log: LogCheckpoint,
    /// The metric.
    #[serde(with = "MetricState")]
    pub metric: Metric,
    /// Sums.
    #[serde(with = "TotalsState")]
    pub totals: Totals,
    /// The stream's report before: what is late comes after it.
    #[serde(default)]
    pub after: After,
    /// For whom and when the registry of datasets was asked; nothing where it was not.
    pub seen: Option<Seen>,
    /// Dataset versions that were compared.
    pub manifests: Vec<Version>,
    /// Dataset versions that were not, and why.
    #[serde(default)]
    pub left_out: Vec<LeftOut>,
    /// Which records the stream's licence does not count.
    #[serde(default)]
    pub limits: Limits,
    /// What the chain says about the training that the stream's licence allows.
    #[serde(default, skip_serializing_if = "Ground::is_none")]
    pub ground: Ground,
    /// What is wrong with the training runs of a licensed model.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<Fault>,
    /// Records that do not count, in the log's order.
    #[serde(default)]
    pub uncounted: Vec<Uncounted>,
    /// How often decoys were found; nothing by version 1 of the metric.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decoys: Option<Decoys>,
    /// Calls that the platform had to open ([`spot`](crate::spot)); nothing where none was drawn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spot_check: Option<Spot>,
    /// SHA-256 of an audit's finding that says why surely more than 5 % of the hits are mistaken; nothing where they
    /// are not, or the licence has a limit of its own.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "perhaps_hex")]
    pub audited: Option<[u8; 32]>,
    /// Root over the attribution's lines; zero where the period had no call.
    #[serde(with = "hex_bytes")]
    pub lines_root: [u8; 32],
    /// Root over account and weight; zero where nothing qualified.
    #[serde(with = "hex_bytes")]
    pub weights_root: [u8; 32],
    /// Everyone with a weight, sorted by address; nobody where nothing qualified.
    pub contributors: Vec<Weighted>,
}

/// A contributor's part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Weighted {
    /// Who is paid.
    #[serde(with = "hex_bytes")]
    pub account: [u8; 20],
    /// The creator's name.
    pub name: String,
    /// Tokens that the weight stands for.
    pub tokens: u64,
    /// Parts of 10^18; digits in a string, since it is more than a double holds.
    #[serde(with = "digits")]
    pub weight: u64,
    /// Leads from (account, weight) to the root.
    #[serde(with = "hex_list")]
    pub proof: Vec<[u8; 32]>,
}

/// Turns tokens into weights. Without any token there are none: the report then says that nothing qualified.
pub fn settle(attribution: &Attribution) -> Settlement {
    let tokens: Vec<u128> = attribution.contributors.iter().map(|one| u128::from(one.tokens)).collect();
    let weights = weights(&tokens).unwrap_or_default();
    // A weight of nothing cannot be claimed, so it is no leaf.
    let weighted = attribution.contributors.iter().zip(weights).filter(|(_, weight)| *weight > 0);
    let mut contributors: Vec<Weighted> = weighted
        .map(|(one, weight)| Weighted {
            account: one.account,
            name: one.name.clone(),
            tokens: one.tokens,
            weight,
            proof: Vec::new(),
        })
        .collect();
    let (weights_root, proofs) = tree(&entries(&contributors));
    for (contributor, proof) in contributors.iter_mut().zip(proofs) {
        contributor.proof = proof;
    }
    Settlement {
        models: attribution.models.clone(),
        stream: attribution.stream,
        period: attribution.period,
        period_name: attribution.period_name.clone(),
        log: attribution.log.clone(),
        metric: attribution.metric.clone(),
        totals: attribution.totals,
        after: attribution.after,
        seen: attribution.seen,
        manifests: attribution.manifests.clone(),
        left_out: attribution.left_out.clone(),
        limits: attribution.limits,
        ground: attribution.ground.clone(),
        faults: attribution.faults.clone(),
        uncounted: attribution.uncounted.iter().map(Uncounted::nameless).collect(),
        decoys: attribution.decoys,
        spot_check: None,
        audited: None,
        lines_root: root_of(&attribution.outputs.par_iter().map(Output::line_leaf).collect::<Vec<_>>()),
        weights_root,
        contributors,
    }
}

impl Settlement {
    /// Digest of the dataset versions that were compared.
    pub fn compared(&self) -> [u8; 32] {
        let versions: Vec<_> = self.manifests.iter().map(|one| (one.dataset_id, one.manifest_hash)).collect();
        compared_digest(&versions, keccak256)
    }

    /// The log's name, and the sizes of it to ask the chain about: those that it says are anchored, and those that who
    /// asks has noted. One that a settlement leaves out would date a run later than it was, for who registered
    /// meanwhile.
    pub fn checkpoints(&self, noted: &[u64]) -> (String, Vec<u64>) {
        let said = self.ground.anchors.iter().map(|one| one.size);
        (self.log.origin.clone(), said.chain(noted.iter().copied()).collect())
    }

    /// SHA-256 of its file: it is in the signed bytes, so that all that is written here is signed.
    pub fn digest(&self) -> [u8; 32] {
        // Texts and integers always have a JSON.
        sha256(&files::canonical_json(self).unwrap_or_default())
    }

    /// Whether weights, tokens, root and proofs belong together: a file may have been edited.
    ///
    /// # Errors
    /// [`SettlementError::Inconsistent`].
    pub fn check(&self) -> Result<(), SettlementError> {
        let wrong = |reason: String| Err(SettlementError::Inconsistent(reason));
        let is_own = self.models.own_stream() == Some(self.stream);
        if is_own && self.limits != Limits::default() {
            return wrong(format!("its stream is the model's own, and only a licence has limits: {:?}", self.limits));
        }
        if is_own && !self.ground.is_none() {
            return wrong("its stream is the model's own, and only a licence says what may be trained on".into());
        }
        if !self.contributors.windows(2).all(|pair| pair[0].account < pair[1].account) {
            return wrong("its contributors are not sorted by address".into());
        }
        let tokens: Vec<u128> = self.contributors.iter().map(|one| u128::from(one.tokens)).collect();
        let sum: u128 = tokens.iter().sum();
        if sum != u128::from(self.totals.attributed_tokens) {
            return wrong(format!("its contributors have {sum} tokens, its totals {}", self.totals.attributed_tokens));
        }
        let expected = weights(&tokens).unwrap_or_default();
        for (contributor, expected) in self.contributors.iter().zip(&expected) {
            if contributor.weight != *expected {
                let account = hex0x(&contributor.account);
                return wrong(format!("the weight of {account} is {}, its tokens make {expected}", contributor.weight));
            }
        }
        let total: u128 = self.contributors.iter().map(|one| u128::from(one.weight)).sum();
        let nothing = self.contributors.is_empty() && self.totals.qualifying_calls == 0;
        if total != u128::from(WEIGHT_ONE) && !nothing {
            return wrong(format!("its weights sum to {total}, not to {WEIGHT_ONE}"));
        }
        let (root, proofs) = tree(&entries(&self.contributors));
        match root == self.weights_root && self.contributors.iter().zip(&proofs).all(|(one, proof)| one.proof == *proof)
        {
            true => Ok(()),
            false => wrong(format!("its weights make the root {}, with other proofs", hex0x(&root))),
        }
    }
}

fn entries(contributors: &[Weighted]) -> Vec<([u8; 20], u64)> {
    contributors.iter().map(|one| (one.account, one.weight)).collect()
}

/// Root of OpenZeppelin's tree of these leaves, in whatever order they are. No leaves: a root of zero.
pub fn root_of(leaves: &[[u8; 32]]) -> [u8; 32] {
    Heap::of(leaves).root()
}

/// Root and proofs, in the order of `entries`, of OpenZeppelin's tree of (address, uint256). No entries: a root of
/// zero.
pub fn tree(entries: &[([u8; 20], u64)]) -> ([u8; 32], Vec<Vec<[u8; 32]>>) {
    let leaf = |(account, weight): &([u8; 20], u64)| merkle::leaf(account, *weight, keccak256);
    let heap = Heap::of(&entries.par_iter().map(leaf).collect::<Vec<_>>());
    let proofs = (0..entries.len()).into_par_iter().map(|at| heap.proof(at)).collect();
    (heap.root(), proofs)
}

/// Bytes that may be absent, as hex.
mod perhaps_hex {
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

    use crate::{hex0x, parse_hex};

    #[expect(clippy::ref_option, reason = "serde asks so")]
    pub fn serialize<S: Serializer>(bytes: &Option<[u8; 32]>, serializer: S) -> Result<S::Ok, S::Error> {
        bytes.as_ref().map(|bytes| hex0x(bytes)).serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<[u8; 32]>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        let parsed = |text: String| parse_hex(&text).ok_or_else(|| D::Error::custom("expected 32 bytes as hex"));
        text.map(parsed).transpose()
    }
}

/// A `u64` as digits in a string.
mod digits {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub fn serialize<S: Serializer>(value: &u64, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(value)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::{Chance, FORGERIES};

    fn entry(number: u8) -> ([u8; 20], u64) {
        ([number; 20], u64::from(number) * 1_000_000_000_000_000)
    }

    #[test]
    fn nothing_has_a_root_of_zero() {
        assert_eq!((root_of(&[]), tree(&[]).0), ([0; 32], [0; 32]));
        assert_eq!(root_of(&[[7; 32]]), [7; 32]);
    }

    /// Roots that npm's `@openzeppelin/merkle-tree` 1.0.8 computes for the same entries, and the published one of its
    /// README.
    #[test]
    fn trees_are_openzeppelins() {
        let readme = tree(&[([0x11; 20], 5_000_000_000_000_000_000), ([0x22; 20], 2_500_000_000_000_000_000)]);
        assert_eq!(hex::encode(readme.0), "d4dee0beab2d53f2cc83e567171bd2820e49898130a22622b10ead383e90bd77");
        for (count, root) in [
            (1, "d581a598bd7d59c28f955c5b932c188f25149bff849c8c700bd0340d0344a3ed"),
            (2, "e92d045f72cabb8bfd3513d9ca2c56f720dfcb26e399e5f5f035c26a3521b793"),
            (3, "c04e981c5b674093aab59fab0d58e7792b2408ab8d181ab5656f1d3dbb38ba55"),
            (5, "c569373bd8326e8347f4e0e0a4fb9eb9b124f3eb84b16fa329faf561ad03a504"),
            (6, "8e3683b6c325bc9e5d5c4e1bed3d06cc3d75fd6a706f442c186f0dccae3673a4"),
            (7, "5d0498d95491609ccecd27d436e03ac7282ff039403f2224b3bad454661f6107"),
            (11, "6d33d21fe594e8e1a1f73905893c93c71b8d693d28a0559da83cf8f4d93600f4"),
        ] {
            let entries: Vec<_> = (1..=count).map(entry).collect();
            assert_eq!(hex::encode(tree(&entries).0), root, "{count} entries");
            let leaves: Vec<_> =
                entries.iter().map(|(account, weight)| merkle::leaf(account, *weight, keccak256)).collect();
            assert_eq!(hex::encode(root_of(&leaves)), root, "{count} leaves");
        }
        let (_, proofs) = tree(&(1..=5).map(entry).collect::<Vec<_>>());
        let second: Vec<String> = proofs[1].iter().map(hex::encode).collect();
        assert_eq!(
            second,
            [
                "60ca5523249f08c82267dd8d0a3988f05203f64a9b010c42881aeccbb17639f7",
                "61dd6e2d2fdf2ce5476e3b32b71b535c58f5dc9035cabe15a9158540d8a5aae7"
            ]
        );
    }

    /// Proves ATT-6's proofs: of ten thousand mutated claims none is proven: another account, another weight, another's
    /// proof, or one with a node changed, left out, put in or moved.
    #[test]
    fn no_mutated_claim_is_proven() {
        let entries: Vec<_> = (1..=21).map(entry).collect();
        let (root, proofs) = tree(&entries);
        let flat = |proof: &[[u8; 32]]| proof.as_flattened().to_vec();
        let mut chance = Chance(5);
        for number in 0..FORGERIES {
            let [own, other] = [0, 1].map(|_| chance.below(entries.len()));
            let ((mut account, mut weight), mut proof) = (entries[own], proofs[own].clone());
            match chance.below(6) {
                0 => account[chance.below(20)] ^= 1 << chance.below(8),
                1 => weight ^= 1 << chance.below(60),
                2 => (account, weight) = entries[other],
                3 => proof.clone_from(&proofs[other]),
                4 => drop(proof.remove(chance.below(proof.len()))),
                _ => proof = chance.changed(&flat(&proof), &flat(&proofs[other])).as_chunks::<32>().0.to_vec(),
            }
            let honest = entries.iter().zip(&proofs).any(|(entry, own)| *entry == (account, weight) && *own == proof);
            let proven = merkle::verify(&root, merkle::leaf(&account, weight, keccak256), &proof, keccak256);
            assert_eq!(proven, honest, "{number}: {weight} of {account:?}");
        }
    }

    proptest! {
        /// Proves ATT-6's proofs: each entry's leads to the root by the contract's rule, and no other entry's does.
        #[test]
        fn every_proof_leads_to_the_root(weights in prop::collection::vec(1u64..WEIGHT_ONE, 1..40)) {
            let entries: Vec<_> = weights.iter().enumerate().map(|(at, &weight)| ([at as u8; 20], weight)).collect();
            let (root, proofs) = tree(&entries);
            for ((account, weight), proof) in entries.iter().zip(&proofs) {
                prop_assert!(merkle::verify(&root, merkle::leaf(account, *weight, keccak256), proof, keccak256));
                prop_assert!(!merkle::verify(&root, merkle::leaf(account, weight + 1, keccak256), proof, keccak256));
            }
        }
    }
}
