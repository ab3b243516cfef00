//! Ten thousand mutated batches, checkpoints, proofs and lists of keys, by a fixed seed: none is accepted as anything
//! else than what was signed.

use super::*;
use crate::{
    testing::{Chance, FORGERIES},
    usage_log::{Named, note},
};

fn mutated(chance: &mut Chance, own: &Batch, other: &Batch) -> Batch {
    let mut batch = own.clone();
    let (one, two) = (chance.below(own.records.len()), chance.below(other.records.len()));
    match chance.below(9) {
        0 => batch.platform = chance.text(&own.platform, &other.platform),
        1 => batch.batch_id = chance.text(&own.batch_id, &other.batch_id),
        2 => batch.records[one] = chance.changed(&own.records[one], &other.records[two]),
        3 => drop(batch.records.remove(one)),
        4 => batch.records.insert(one, other.records[two].clone()),
        5 => batch.records.swap(one, two % own.records.len()),
        6 => {
            let bytes = chance.changed(&own.signature, &other.signature);
            batch.signature = std::array::from_fn(|at| bytes.get(at).copied().unwrap_or_default());
        }
        7 => batch.signature = other.signature,
        _ => batch = Batch { batch_id: other.batch_id.clone(), records: other.records.clone(), ..batch },
    }
    batch
}

/// Proves ATT-3: of ten thousand mutated batches none is taken.
#[test]
fn no_mutated_batch_is_accepted() {
    let fixture = Fixture::without_log();
    let records = |name: &str| (0..4).map(|n| call(&format!("{name}-{n}")).to_bytes()).collect::<Vec<_>>();
    let mut others = call("o-1");
    let UsageRecord::InferenceCall(inner) = &mut others else { unreachable!("a call") };
    inner.model = "other/1".into();
    let honest = [
        fixture.batch("a", records("a")),
        fixture.batch("b", records("b")),
        Batch::sign("other", "a", vec![others.to_bytes()], &key(4)),
    ];
    let check = |batch: Batch| batch.check(&fixture.platforms, &Bounds::default(), IN_PERIOD);
    honest.iter().for_each(|batch| drop(check(batch.clone()).expect("as it was signed")));
    let (mut chance, mut tried) = (Chance(1), 0);
    while tried < FORGERIES {
        let (own, other) = (&honest[chance.below(3)], &honest[chance.below(3)]);
        let batch = mutated(&mut chance, own, other);
        if honest.contains(&batch) {
            continue;
        }
        tried += 1;
        assert!(check(batch.clone()).is_err(), "{tried}: {} {}", batch.platform, batch.batch_id);
    }
}

/// Proves ATT-3: of ten thousand mutated checkpoints none says another size or root, nor that another witness, or one
/// at another time, cosigned it.
#[test]
fn no_mutated_checkpoint_is_believed() {
    let witnesses: Vec<WitnessKey> = [7, 8]
        .map(|seed| WitnessKey { name: format!("w{seed}.example"), key: key(seed).verifying_key().to_bytes() })
        .into();
    let log_key = key(1).verifying_key().to_bytes();
    let info = LogInfo { origin: ORIGIN.into(), log_key, witnesses, quorum: 1 };
    let note = |size: u64| {
        let note = note::sign(&info, size, Hash([size as u8; 32]), &key(1)).expect("signed");
        let mut bytes = note.to_bytes();
        for seed in [7, 8] {
            let line = note::cosignature(&note, &format!("w{seed}.example"), &key(seed), 1_000 + size);
            bytes.extend(line.expect("cosigned"));
        }
        bytes
    };
    let honest = [note(5), note(6)];
    let said = |bytes: &[u8]| {
        let (checkpoint, cosigned) = note::open_witnessed(bytes, &info).ok()?;
        Some(((checkpoint.size(), checkpoint.hash().0), cosigned))
    };
    let known: Vec<_> = honest.iter().filter_map(|bytes| said(bytes)).collect();
    assert_eq!((known.len(), known[0].1.len()), (2, 2));
    let (mut chance, mut same) = (Chance(2), 0);
    for number in 0..FORGERIES {
        let own = chance.below(2);
        let bytes = chance.changed(&honest[own], &honest[1 - own]);
        let Some((checkpoint, cosigned)) = said(&bytes) else { continue };
        let true_one = known.iter().find(|(known, _)| *known == checkpoint).expect("a checkpoint that was signed");
        assert!(cosigned.iter().all(|one| true_one.1.contains(one)), "{number}: {cosigned:?}");
        same += 1;
    }
    // A line of a witness may be gone, or of somebody else.
    assert!(same < FORGERIES / 2, "{same}");
}

/// Proves ATT-3 and ATT-15: of ten thousand mutated proofs none shows a record that is not there, at a place where it
/// is not, nor an older state that the log never had.
#[test]
fn no_mutated_proof_is_believed() {
    let runtime = runtime();
    // Its folder stays until the end.
    let (_fixture, log, tree) = runtime.block_on(async {
        let fixture = Fixture::new().await;
        let mut log = fixture.open().await;
        fixture.append(&mut log, "a", 300).await;
        fixture.append(&mut log, "b", 45).await;
        let tree = log.tree().now().tree.clone();
        let read = fixture.read().await.expect("verified");
        (fixture, read, tree)
    });
    let size = tree.size();
    let records: Vec<Hash> = log.leaves().map(|leaf| record_hash(&leaf.expect("a record").record.to_bytes())).collect();
    let mut chance = Chance(3);
    let mutate = |chance: &mut Chance, proof: &[Hash], other: &[Hash]| {
        let flat = |proof: &[Hash]| proof.iter().flat_map(|hash| hash.0).collect::<Vec<u8>>();
        let mut proof = proof.to_vec();
        match chance.below(4) {
            0 => drop(proof.pop()),
            1 => proof.push(records[chance.below(records.len())]),
            2 if proof.len() > 1 => {
                let at = chance.below(proof.len() - 1);
                proof.swap(at, at + 1);
            }
            _ => {
                let bytes = chance.changed(&flat(&proof), &flat(other));
                proof = bytes.as_chunks::<32>().0.iter().map(|hash| Hash(*hash)).collect();
            }
        }
        proof
    };
    let all: Vec<Vec<Hash>> = (0..size).map(|leaf| tree.prove(leaf).expect("there")).collect();
    for number in 0..FORGERIES {
        let [leaf, other] = [0, 1].map(|_| chance.below(records.len()));
        // At another place, of another record, or by another proof.
        let (at, record, proof) = match chance.below(3) {
            0 => (other, records[leaf], all[leaf].clone()),
            1 => (leaf, records[other], all[leaf].clone()),
            _ => (leaf, records[leaf], mutate(&mut chance, &all[leaf], &all[other])),
        };
        let same = records[at] == record && proof == all[at];
        let shown = check_record(&proof, size, tree.root(), at as u64, record).is_ok();
        assert_eq!(shown, same, "{number}: {record:?} at {at}");
    }
    let root = |size| log.checkpoint_at(size).map(|checkpoint| Hash(checkpoint.root)).expect("it was so long");
    let older: Vec<(u64, Hash, Vec<Hash>)> =
        (1..size).map(|older| (older, root(older), tree.prove_from(older).expect("there"))).collect();
    for number in 0..FORGERIES {
        let [(then, honest, own), (_, other, others)] = [0, 1].map(|_| &older[chance.below(older.len())]);
        let (root, proof) = match chance.below(2) {
            0 => (*other, own.clone()),
            _ => (*honest, mutate(&mut chance, own, others)),
        };
        let same = root == *honest && proof == *own;
        let shown = check_tree(&proof, size, tree.root(), *then, root).is_ok();
        assert_eq!(shown, same, "{number}: {then}");
    }
}

/// Proves SAFE-15: of ten thousand mutated lists of keys none names a key, a model or a place that the log did not.
#[test]
fn no_mutated_list_of_keys_is_believed() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let file = folder.path().join("platforms.json");
    let fixture = Fixture::without_log();
    let log_key = key(1).verifying_key().to_bytes();
    let mut rotated = fixture.platforms.clone();
    rotated[0].public_key = key(5).verifying_key().to_bytes();
    Platforms::register(folder.path(), &fixture.platforms, (ORIGIN, 0, &key(1))).expect("named");
    Platforms::register(folder.path(), &rotated, (ORIGIN, 9, &key(1))).expect("named");
    let honest = fs::read(&file).expect("read");
    let lines: Vec<Named> = serde_json::from_slice(&honest).expect("the list");
    let (mut chance, mut same) = (Chance(4), 0);
    for number in 0..FORGERIES {
        fs::write(&file, chance.changed(&honest, &honest)).expect("written");
        let Ok(found) = Platforms::load(folder.path(), (ORIGIN, &log_key)) else { continue };
        assert!(found.lines().iter().all(|line| lines.contains(line)), "{number}: {found:?}");
        same += 1;
    }
    // White space, letters of hex, and lines that are gone.
    assert!(same < FORGERIES / 2, "{same}");
}
