use alloy_primitives::{Address, B256};
use alloy_sol_types::SolConstructor;
use proptest::prelude::*;
use yieldset_chain::abi::{Access, Manifests, Refusal};
use yieldset_chain::deployment::{dataset_id, role};
use yieldset_tests::chain::{Account, Failure, START, assert_refused, blob, events};
use yieldset_tests::manifests::{ManifestRegistry, found, ingest, register};
use yieldset_tests::system::System;

const DATASET: B256 = ManifestRegistry::DATASET;

fn word(byte: u8) -> B256 {
    B256::repeat_byte(byte)
}

/// Proves ATT-1's on-chain part: a version is bound to creator, licence and time, and nothing changes it afterwards.
#[test]
fn versions_are_immutable() {
    let mut s = System::new();
    let (alice, bob) = (s.chain.account(1), s.chain.account(2));
    let (hash, licence) = (B256::repeat_byte, B256::repeat_byte(9));
    let found = |label: u8, manifest: u8| Manifests::registerDatasetCall {
        label: hash(label),
        manifestHash: hash(manifest),
        licenceHash: licence,
    };
    let dataset = s.call(&alice, s.manifests, found(1, 11)).unwrap();
    let register = |dataset: B256, manifest: u8| Manifests::registerCall {
        dataset,
        manifestHash: hash(manifest),
        licenceHash: licence,
    };
    assert_eq!(s.call(&alice, s.manifests, register(dataset, 12)).unwrap(), 2);
    assert_refused(s.call(&alice, s.manifests, register(dataset, 11)), "AlreadyRegistered");
    assert_refused(s.call(&alice, s.manifests, found(1, 13)), "DatasetExists");
    assert_refused(s.call(&bob, s.manifests, register(dataset, 13)), "NotDatasetCreator");
    assert_refused(s.call(&bob, s.manifests, register(hash(1), 13)), "UnknownDataset");
    assert_refused(s.call(&bob, s.manifests, found(0, 13)), "ZeroHash");
    assert_refused(s.call(&bob, s.manifests, found(2, 0)), "ZeroHash");
    let unlicensed = Manifests::registerDatasetCall { licenceHash: B256::ZERO, ..found(2, 13) };
    assert_refused(s.call(&bob, s.manifests, unlicensed), "ZeroHash");
    let m = s.call(&bob, s.manifests, Manifests::manifestOfCall { dataset, manifestHash: hash(11) }).unwrap();
    assert_eq!((m.version, m.licenceHash, m.creator, m.registeredAt), (1, licence, alice.address, START));
    let m = s.call(&bob, s.manifests, Manifests::manifestOfCall { dataset, manifestHash: hash(13) }).unwrap();
    assert_eq!((m.version, m.licenceHash, m.creator, m.registeredAt), (0, B256::ZERO, Address::ZERO, 0));
    let d = s.call(&bob, s.manifests, Manifests::datasetOfCall { dataset }).unwrap();
    assert_eq!((d.creator, d.latestVersion), (alice.address, 2));
    let v = s.call(&bob, s.manifests, Manifests::versionOfCall { dataset, version: 2 }).unwrap();
    assert_eq!((v.manifestHash, v.licenceHash, v.registeredAt), (word(12), word(9), START));
    let events: Vec<Manifests::DatasetRegistered> = events(&s.chain.take_logs());
    let seen: Vec<_> =
        events.iter().map(|e| (e.dataset, e.version, e.manifestHash, e.licenceHash, e.creator)).collect();
    let expected = [(dataset, 1, word(11), word(9), alice.address), (dataset, 2, word(12), word(9), alice.address)];
    assert_eq!((seen, events[1].registeredAt), (expected.to_vec(), START));
}

/// Proves SAFE-11: a stranger who sees a pending registration and registers the same label and the same manifest first
/// takes nothing and stops nothing: the creator's id is its own, and so are its next version and its redaction.
#[test]
fn a_pending_registration_cannot_be_taken() {
    let mut r = ManifestRegistry::new();
    let (creator, stranger) = (r.creator.clone(), r.stranger.clone());
    let id = |r: &mut ManifestRegistry, of: &Account| {
        let call = Manifests::datasetIdCall { registrant: of.address, label: word(5) };
        r.call(&stranger, call).unwrap()
    };
    // Known beforehand.
    let (ours, theirs) = (id(&mut r, &creator), id(&mut r, &stranger));
    assert_eq!(ours, dataset_id(creator.address, word(5)));
    let taken = r.call(&stranger, found(5, 1)).unwrap();
    assert_eq!((taken, r.call(&creator, found(5, 1)).unwrap()), (theirs, ours));
    // A later version, and the replacement of a redacted one.
    let later =
        |dataset, manifest: u8| Manifests::registerCall { dataset, manifestHash: word(manifest), licenceHash: word(9) };
    r.call(&stranger, later(theirs, 61)).unwrap();
    assert_eq!(r.call(&creator, later(ours, 61)).unwrap(), 2);
    let redact = Manifests::redactCall { dataset: ours, version: 1, newManifestHash: word(62), reasonHash: word(4) };
    r.call(&stranger, later(theirs, 62)).unwrap();
    assert_eq!(r.call(&creator, redact).unwrap(), 3);
    // Runs and model cards of one name are each platform's own: `ingestion_is_recorded_once_and_only_of_registered…`.
}

/// Proves SAFE-11 and ATT-1: who had a manifest first is told for good, by the event and by `firstOf`.
#[test]
fn who_was_first_stays_provable() {
    let mut r = ManifestRegistry::new();
    let (creator, stranger) = (r.creator.clone(), r.stranger.clone());
    let hash = found(5, 1).manifestHash;
    let first = |r: &mut ManifestRegistry| {
        let found = r.call(&stranger, Manifests::firstOfCall { manifestHash: hash }).unwrap();
        (found.dataset, found.registeredAt)
    };
    assert_eq!(first(&mut r), (B256::ZERO, 0));
    let ours = r.call(&creator, found(5, 1)).unwrap();
    r.chain.set_time(START + 100);
    let theirs = r.call(&stranger, found(5, 1)).unwrap();
    let told: Vec<Manifests::DatasetRegistered> = events(&r.chain.take_logs());
    let told: Vec<_> = told.iter().map(|e| (e.dataset, e.manifestHash == hash, e.registeredAt, e.first)).collect();
    assert_eq!(told, [(ours, true, START, true), (theirs, true, START + 100, false)]);
    assert_eq!(first(&mut r), (ours, START));
    // Neither a hand-over nor a redaction changes it.
    r.call(&creator, Manifests::beginDatasetTransferCall { dataset: ours, newCreator: stranger.address }).unwrap();
    r.call(&stranger, Manifests::acceptDatasetTransferCall { dataset: ours }).unwrap();
    let redact = Manifests::redactCall { dataset: ours, version: 1, newManifestHash: word(62), reasonHash: word(4) };
    r.call(&stranger, redact).unwrap();
    assert_eq!(first(&mut r), (ours, START));
    // The label stays its registrant's: the former owner cannot found the dataset again.
    assert_refused(r.call(&creator, found(5, 2)), "DatasetExists");
}

/// Proves SAFE-11, LIC-10: a creator who sees a privacy officer's redaction and registers its manifest first does not
/// stop it: that version stands in. One who takes that back stops it neither: the officer names none. What was
/// withdrawn or redacted, or is older, stands in for nothing; before, version 3 did that below, and 4 and 3 for each
/// other.
#[test]
fn a_creator_cannot_stop_a_redaction() {
    let mut r = ManifestRegistry::new();
    let (creator, privacy) = (r.creator.clone(), r.privacy.clone());
    let redact = |version, manifest: u8| Manifests::redactCall {
        dataset: DATASET,
        version,
        newManifestHash: word(manifest),
        reasonHash: word(4),
    };
    let early = Manifests::registerCall { dataset: DATASET, manifestHash: word(70), licenceHash: word(9) };
    assert_eq!(r.call(&creator, early).unwrap(), 3);
    r.chain.take_logs();
    assert_eq!(r.call(&privacy, redact(1, 70)).unwrap(), 3);
    let logs = r.chain.take_logs();
    assert!(events::<Manifests::DatasetRegistered>(&logs).is_empty(), "no version was made");
    let told = events::<Manifests::VersionRedacted>(&logs).remove(0);
    assert_eq!((told.version, told.replacedBy), (1, 3));
    assert_eq!(r.call(&creator, Manifests::datasetOfCall { dataset: DATASET }).unwrap().latestVersion, 3);
    assert_refused(r.call(&privacy, redact(3, 70)), "AlreadyRegistered");
    let again = Manifests::registerCall { dataset: DATASET, manifestHash: word(71), licenceHash: word(9) };
    assert_eq!(r.call(&creator, again).unwrap(), 4);
    r.call(&creator, Manifests::withdrawCall { dataset: DATASET, version: 4, reasonHash: word(4) }).unwrap();
    let unfit = |version, state| Some(Failure::with(&Refusal::UnfitReplacement { dataset: DATASET, version, state }));
    assert_eq!(r.call(&privacy, redact(3, 71)).err(), unfit(4, 2));
    assert_eq!(r.call(&privacy, redact(3, 0)).unwrap(), 0);
    let status = r.call(&privacy, Manifests::statusOfCall { dataset: DATASET, version: 3 }).unwrap();
    assert_eq!((status.state, status.replacedBy), (3, 0));
    assert_eq!(r.call(&privacy, redact(4, 70)).err(), unfit(3, 3));
    let own = r.call(&privacy, Manifests::versionOfCall { dataset: DATASET, version: 2 }).unwrap().manifestHash;
    assert_eq!(r.call(&privacy, Manifests::redactCall { newManifestHash: own, ..redact(4, 0) }).err(), unfit(2, 1));
    assert_eq!(r.call(&privacy, redact(4, 72)).unwrap(), 5);
}

#[test]
fn a_registry_needs_an_admin_and_takes_no_money() {
    let mut r = ManifestRegistry::new();
    let data = Manifests::constructorCall { admin: Address::ZERO }.abi_encode();
    assert_refused(r.chain.instantiate(&r.admin, blob("manifests"), data), "AccessControlInvalidDefaultAdmin");
    assert!(r.chain.call(&r.creator, r.manifests, register(DATASET, 9), 1_000_000).is_err());
}

#[test]
fn a_dataset_is_handed_over_in_two_steps() {
    let mut r = ManifestRegistry::new();
    let (alice, bob) = (r.creator.clone(), r.stranger.clone());
    let offer = |to: Address| Manifests::beginDatasetTransferCall { dataset: DATASET, newCreator: to };
    let accept = Manifests::acceptDatasetTransferCall { dataset: DATASET };
    r.call(&alice, offer(bob.address)).unwrap();
    assert_eq!(r.call(&bob, Manifests::pendingCreatorOfCall { dataset: DATASET }).unwrap(), bob.address);
    r.call(&alice, offer(Address::ZERO)).unwrap();
    assert_refused(r.call(&bob, accept.clone()), "NotPendingCreator");
    r.call(&alice, offer(bob.address)).unwrap();
    r.call(&bob, accept.clone()).unwrap();
    assert_refused(r.call(&alice, register(DATASET, 3)), "NotDatasetCreator");
    r.call(&bob, register(DATASET, 3)).unwrap();
    assert_eq!(r.call(&bob, Manifests::datasetOfCall { dataset: DATASET }).unwrap().creator, bob.address);
    let logs = r.chain.take_logs();
    let started: Vec<Manifests::DatasetTransferStarted> = events(&logs);
    assert_eq!(started.iter().map(|e| e.pendingCreator).collect::<Vec<_>>(), [bob.address, Address::ZERO, bob.address]);
    let moved: Vec<Manifests::DatasetTransferred> = events(&logs);
    assert_eq!(
        moved.iter().map(|e| (e.previousCreator, e.creator)).collect::<Vec<_>>(),
        [(alice.address, bob.address)]
    );
    let unknown = word(0xee);
    assert_refused(r.call(&bob, Manifests::acceptDatasetTransferCall { dataset: unknown }), "UnknownDataset");
    let offer = Manifests::beginDatasetTransferCall { dataset: unknown, newCreator: bob.address };
    assert_refused(r.call(&bob, offer), "UnknownDataset");
}

/// Proves LIC-5: licences on a dataset open and close once, an open window keeps all others out, and pools change only
/// without.
#[test]
fn licences_windows_and_pools() {
    let mut r = ManifestRegistry::new();
    let (alice, contract) = (r.creator.clone(), r.licence.clone());
    let open = |licence: u8, until| Manifests::openLicenceCall {
        dataset: DATASET,
        licence: word(licence),
        exclusiveUntil: until,
    };
    let close = |licence: u8| Manifests::closeLicenceCall { dataset: DATASET, licence: word(licence) };
    let assign = |pool: u8| Manifests::assignToPoolCall { dataset: DATASET, pool: Address::repeat_byte(pool) };
    r.call(&alice, assign(5)).unwrap();
    assert_refused(r.call(&contract, open(0, 0)), "ZeroHash");
    assert_refused(r.call(&contract, open(1, START)), "InvalidExclusivity");
    r.call(&contract, open(1, START + 100)).unwrap();
    let window = r.call(&alice, Manifests::exclusivityOfCall { dataset: DATASET }).unwrap();
    assert_eq!((window.licence, window.until), (word(1), START + 100));
    assert_refused(r.call(&contract, open(2, 0)), "ExclusivityOpen");
    assert_refused(r.call(&contract, open(1, 0)), "LicenceUsed");
    assert_refused(r.call(&alice, assign(6)), "LicencesActive");
    r.chain.set_time(START + 100);
    let window = r.call(&alice, Manifests::exclusivityOfCall { dataset: DATASET }).unwrap();
    assert_eq!((window.licence, window.until), (B256::ZERO, 0));
    assert_refused(r.call(&contract, open(2, START + 900)), "LicencesActive");
    r.call(&contract, open(2, 0)).unwrap();
    assert_eq!(r.call(&alice, Manifests::activeLicencesCall { dataset: DATASET }).unwrap(), 2);
    for licence in [1, 2] {
        r.call(&contract, close(licence)).unwrap();
        assert_refused(r.call(&contract, close(licence)), "LicenceNotOpen");
    }
    assert_refused(r.call(&contract, close(3)), "LicenceNotOpen");
    let state = Manifests::licenceStateOfCall { dataset: DATASET, licence: word(1) };
    assert_eq!(r.call(&alice, state).unwrap(), 2);
    r.call(&alice, assign(6)).unwrap();
    assert_eq!(r.call(&alice, Manifests::poolOfCall { dataset: DATASET }).unwrap(), Address::repeat_byte(6));
    let unknown = Manifests::openLicenceCall { dataset: word(0xee), licence: word(1), exclusiveUntil: 0 };
    assert_refused(r.call(&contract, unknown), "UnknownDataset");
    let logs = r.chain.take_logs();
    let opened: Vec<Manifests::LicenceOpened> = events(&logs);
    let expected = [(word(1), START + 100, 1), (word(2), 0, 2)];
    assert_eq!(opened.iter().map(|e| (e.licence, e.exclusiveUntil, e.active)).collect::<Vec<_>>(), expected);
    let closed: Vec<Manifests::LicenceClosed> = events(&logs);
    assert_eq!(closed.iter().map(|e| (e.licence, e.active)).collect::<Vec<_>>(), [(word(1), 1), (word(2), 0)]);
    let assigned: Vec<Manifests::DatasetAssigned> = events(&logs);
    let pools: Vec<_> = assigned.iter().map(|e| (e.previousPool, e.pool)).collect();
    let pool = Address::repeat_byte;
    assert_eq!(pools, [(Address::ZERO, pool(5)), (pool(5), pool(6))]);
}

/// Proves LIC-5, SAFE-11: a dataset is held for a licence that is agreed on: nobody else has it meanwhile, it is not
/// open, and once it is nobody else's window began.
#[test]
fn a_dataset_is_held_until_a_licence_is_in_force() {
    let mut r = ManifestRegistry::new();
    let (alice, contract) = (r.creator.clone(), r.licence.clone());
    let hold = |licence: u8, until| Manifests::holdLicenceCall {
        dataset: DATASET,
        licence: word(licence),
        exclusiveUntil: until,
    };
    let open = |licence: u8, until| Manifests::openLicenceCall {
        dataset: DATASET,
        licence: word(licence),
        exclusiveUntil: until,
    };
    let state = Manifests::licenceStateOfCall { dataset: DATASET, licence: word(1) };
    assert_refused(r.call(&contract, hold(0, 0)), "ZeroHash");
    r.chain.take_logs();
    r.call(&contract, hold(1, START + 100)).unwrap();
    let told = events::<Manifests::LicenceHeld>(&r.chain.take_logs());
    let held = Manifests::LicenceHeld { dataset: DATASET, licence: word(1), exclusiveUntil: START + 100, active: 1 };
    assert_eq!(told, [held]);
    assert_eq!(r.call(&alice, state.clone()).unwrap(), 3);
    assert_refused(r.call(&contract, open(2, 0)), "ExclusivityOpen");
    assert_refused(r.call(&contract, hold(1, 0)), "LicenceUsed");
    r.call(&contract, open(1, START + 900)).unwrap();
    assert_eq!(r.call(&alice, state.clone()).unwrap(), 1);
    let window = r.call(&alice, Manifests::exclusivityOfCall { dataset: DATASET }).unwrap();
    assert_eq!((window.licence, window.until), (word(1), START + 900));
    assert_eq!(r.call(&alice, Manifests::activeLicencesCall { dataset: DATASET }).unwrap(), 1);
    r.call(&contract, Manifests::closeLicenceCall { dataset: DATASET, licence: word(1) }).unwrap();
    // Held for nothing: closed like any other.
    r.call(&contract, hold(3, START + 100)).unwrap();
    r.call(&contract, Manifests::closeLicenceCall { dataset: DATASET, licence: word(3) }).unwrap();
    r.call(&contract, open(4, START + 100)).unwrap();
}

/// Proves ATT-2 and ATT-1's "before ingestion counts": a run is written once, and only over versions that are
/// registered by then.
#[test]
fn ingestion_is_recorded_once_and_only_of_registered_versions() {
    let mut r = ManifestRegistry::new();
    let (creator, platform, admin) = (r.creator.clone(), r.platform.clone(), r.admin.clone());
    let other = r.call(&creator, found(0xd2, 1)).unwrap();
    assert!(other < DATASET);
    let both = [(other, 1), (DATASET, 1), (DATASET, 2)];
    r.chain.take_logs();
    r.call(&platform, ingest(2, &both)).unwrap();
    let event = events::<Manifests::ModelIngested>(&r.chain.take_logs()).remove(0);
    assert_eq!((event.platform, event.run, event.model), (platform.address, word(2), word(0xaa)));
    assert_eq!((event.datasets, event.versions), (vec![other, DATASET, DATASET], vec![1, 1, 2]));
    assert_eq!((event.epochs, event.digest, event.recordedAt), (3, word(0xbb), START));
    let by = platform.address;
    let run = r.call(&creator, Manifests::ingestionOfCall { platform: by, run: word(2) }).unwrap();
    assert_eq!((run.model, run.digest, run.epochs), (word(0xaa), word(0xbb), 3));
    assert_eq!((run.recordedAt, run.entries), (START, 3));
    let read = r.call(&creator, Manifests::ingestedByCall { platform: by, run: word(2) }).unwrap();
    assert_eq!((read.datasets, read.versions), (vec![other, DATASET, DATASET], vec![1, 1, 2]));
    // Two runs read the dataset, one of them in two versions; the other dataset was read once.
    for (dataset, runs) in [(DATASET, 2), (other, 1), (word(0xee), 0)] {
        assert_eq!(r.call(&creator, Manifests::ingestionsOfCall { dataset }).unwrap(), runs);
    }
    let status = r.call(&creator, Manifests::statusOfCall { dataset: DATASET, version: 1 }).unwrap();
    assert_eq!((status.state, status.runs, status.platforms), (1, 2, 1));
    assert_refused(r.call(&platform, ingest(2, &both)), "RunRecorded");
    for unregistered in [(DATASET, 3), (DATASET, 0), (word(0xee), 1)] {
        assert_refused(r.call(&platform, ingest(3, &[unregistered])), "WrongVersionState");
    }
    assert_refused(r.call(&platform, ingest(3, &[])), "EntryCount");
    let many: Vec<_> = (1..=33).map(|version| (DATASET, version)).collect();
    assert_refused(r.call(&platform, ingest(3, &many)), "EntryCount");
    assert_refused(r.call(&platform, ingest(3, &[(DATASET, 2), (DATASET, 1)])), "EntriesOutOfOrder");
    assert_refused(r.call(&platform, ingest(3, &[(DATASET, 1), (DATASET, 1)])), "EntriesOutOfOrder");
    let mut uneven = ingest(3, &both);
    uneven.versions.pop();
    assert_refused(r.call(&platform, uneven), "LengthMismatch");
    assert_refused(r.call(&platform, Manifests::recordIngestionCall { epochs: 0, ..ingest(3, &both) }), "ZeroEpochs");
    for zero in [
        Manifests::recordIngestionCall { run: B256::ZERO, ..ingest(3, &both) },
        Manifests::recordIngestionCall { model: B256::ZERO, ..ingest(3, &both) },
        Manifests::recordIngestionCall { digest: B256::ZERO, ..ingest(3, &both) },
    ] {
        assert_refused(r.call(&platform, zero), "ZeroHash");
    }
    // What was refused left no trace, and another platform's run of the same id is its own.
    assert_eq!(r.call(&creator, Manifests::ingestionsOfCall { dataset: DATASET }).unwrap(), 2);
    let rival = r.stranger.clone();
    r.call(&admin, Access::grantRoleCall { role: role("PLATFORM_ROLE"), account: rival.address }).unwrap();
    r.call(&rival, ingest(2, &[(DATASET, 2)])).unwrap();
    let run = r.call(&creator, Manifests::ingestionOfCall { platform: by, run: word(2) }).unwrap();
    assert_eq!(run.entries, 3);
}

/// A list of the greatest length comes back whole: it lies in three slots.
#[test]
fn the_longest_run_comes_back_whole() {
    let mut r = ManifestRegistry::new();
    let (creator, platform) = (r.creator.clone(), r.platform.clone());
    for version in 3..=32 {
        r.call(&creator, register(DATASET, version)).unwrap();
    }
    let all: Vec<_> = (1..=32).map(|version| (DATASET, version)).collect();
    for length in [11, 12, 22, 23, 32] {
        r.call(&platform, ingest(100 + length as u8, &all[..length])).unwrap();
        let call = Manifests::ingestedByCall { platform: platform.address, run: word(100 + length as u8) };
        let read = r.call(&creator, call).unwrap();
        assert_eq!(read.versions, (1..=length as u32).collect::<Vec<_>>());
        assert_eq!(read.datasets, vec![DATASET; length]);
    }
}

/// Proves LIC-10: a request leads to a new version and a certificate by each platform that ingested the old one.
#[test]
fn redaction_replaces_a_version_and_is_certified() {
    let mut r = ManifestRegistry::new();
    let (creator, platform, privacy) = (r.creator.clone(), r.platform.clone(), r.privacy.clone());
    let redact = |version, manifest: u8| Manifests::redactCall {
        dataset: DATASET,
        version,
        newManifestHash: word(manifest),
        reasonHash: word(0x44),
    };
    let certify = |version| Manifests::certifyRedactionCall { dataset: DATASET, version, certificateHash: word(0x55) };
    let certificate = |r: &mut ManifestRegistry, of: &Account| {
        let call = Manifests::certificateOfCall { platform: of.address, dataset: DATASET, version: 1 };
        let answer = r.call(of, call).unwrap();
        (answer.state, answer.certificateHash, answer.certifiedAt)
    };
    assert_eq!(certificate(&mut r, &platform), (1, B256::ZERO, 0));
    assert_refused(r.call(&platform, certify(1)), "WrongVersionState");
    assert_refused(r.call(&creator, redact(7, 0x33)), "WrongVersionState");
    let own = found(0xd1, 1).manifestHash;
    let reused = Manifests::redactCall { newManifestHash: own, ..redact(1, 0) };
    assert_refused(r.call(&creator, reused), "AlreadyRegistered");
    assert_refused(r.call(&creator, Manifests::redactCall { reasonHash: B256::ZERO, ..redact(1, 0x33) }), "ZeroHash");
    assert_refused(
        r.call(&privacy, Manifests::redactCall { dataset: word(0xee), ..redact(1, 0x33) }),
        "UnknownDataset",
    );
    r.chain.take_logs();
    assert_eq!(r.call(&privacy, redact(1, 0x33)).unwrap(), 3);
    let logs = r.chain.take_logs();
    let event = events::<Manifests::VersionRedacted>(&logs).remove(0);
    assert_eq!((event.version, event.replacedBy, event.redactedBy), (1, 3, privacy.address));
    assert_eq!((event.platforms, event.reasonHash, event.redactedAt), (1, word(0x44), START));
    let event = events::<Manifests::DatasetRegistered>(&logs).remove(0);
    assert_eq!((event.version, event.manifestHash, event.creator), (3, word(0x33), creator.address));
    assert_eq!(event.licenceHash, word(9), "under the same licence");
    assert_refused(r.call(&creator, redact(1, 0x34)), "WrongVersionState");
    assert_refused(r.call(&platform, ingest(5, &[(DATASET, 1)])), "WrongVersionState");
    r.call(&platform, ingest(5, &[(DATASET, 3)])).unwrap();
    assert_eq!(certificate(&mut r, &platform), (2, B256::ZERO, 0));
    assert_eq!(certificate(&mut r, &creator), (0, B256::ZERO, 0));
    assert_refused(r.call(&creator, certify(1)), "NotIngested");
    let zero = Manifests::certifyRedactionCall { certificateHash: B256::ZERO, ..certify(1) };
    assert_refused(r.call(&platform, zero), "ZeroHash");
    // A platform that lost its role still has its duty.
    let admin = r.admin.clone();
    r.call(&admin, Access::revokeRoleCall { role: role("PLATFORM_ROLE"), account: platform.address }).unwrap();
    r.chain.take_logs();
    r.call(&platform, certify(1)).unwrap();
    let event = events::<Manifests::RedactionCertified>(&r.chain.take_logs()).remove(0);
    assert_eq!((event.platform, event.certificateHash), (platform.address, word(0x55)));
    assert_eq!((event.certified, event.platforms), (1, 1));
    assert_eq!(certificate(&mut r, &platform), (3, word(0x55), START));
    assert_refused(r.call(&platform, certify(1)), "AlreadyCertified");
    let status = r.call(&creator, Manifests::statusOfCall { dataset: DATASET, version: 1 }).unwrap();
    assert_eq!((status.state, status.replacedBy, status.reasonHash, status.closedAt), (3, 3, word(0x44), START));
    assert_eq!((status.platforms, status.certified), (1, 1));
}

#[test]
fn a_withdrawn_version_is_not_ingested_and_can_still_be_redacted() {
    let mut r = ManifestRegistry::new();
    let (creator, platform) = (r.creator.clone(), r.platform.clone());
    let withdraw =
        |version, reason: u8| Manifests::withdrawCall { dataset: DATASET, version, reasonHash: word(reason) };
    assert_refused(r.call(&creator, withdraw(1, 0)), "ZeroHash");
    assert_refused(r.call(&creator, withdraw(9, 1)), "WrongVersionState");
    let unknown = Manifests::withdrawCall { dataset: word(0xee), ..withdraw(1, 1) };
    assert_refused(r.call(&creator, unknown), "UnknownDataset");
    r.call(&creator, withdraw(1, 1)).unwrap();
    let event = events::<Manifests::VersionWithdrawn>(&r.chain.take_logs()).remove(0);
    assert_eq!((event.version, event.reasonHash, event.withdrawnAt), (1, word(1), START));
    assert_refused(r.call(&creator, withdraw(1, 1)), "WrongVersionState");
    assert_refused(r.call(&platform, ingest(5, &[(DATASET, 1)])), "WrongVersionState");
    let redact = Manifests::redactCall { dataset: DATASET, version: 1, newManifestHash: word(2), reasonHash: word(3) };
    assert_eq!(r.call(&creator, redact).unwrap(), 3);
    assert_refused(r.call(&creator, withdraw(1, 1)), "WrongVersionState");
}

/// Proves ATT-8's on-chain part: the last card is on chain, the history in the events.
#[test]
fn cards_of_datasets_and_models() {
    let mut r = ManifestRegistry::new();
    let (creator, platform) = (r.creator.clone(), r.platform.clone());
    let dataset_card = |card: u8| Manifests::setDatasetCardCall { dataset: DATASET, cardHash: word(card) };
    let model_card = |model: u8, card: u8| Manifests::setModelCardCall { model: word(model), cardHash: word(card) };
    assert_refused(r.call(&creator, dataset_card(0)), "ZeroHash");
    assert_refused(r.call(&platform, model_card(0, 1)), "ZeroHash");
    assert_refused(r.call(&platform, model_card(1, 0)), "ZeroHash");
    let unknown = Manifests::setDatasetCardCall { dataset: word(0xee), cardHash: word(1) };
    assert_refused(r.call(&creator, unknown), "UnknownDataset");
    for card in [1, 2] {
        r.call(&creator, dataset_card(card)).unwrap();
        r.call(&platform, model_card(8, card + 2)).unwrap();
    }
    assert_eq!(r.call(&creator, Manifests::datasetCardOfCall { dataset: DATASET }).unwrap(), word(2));
    let by = platform.address;
    assert_eq!(r.call(&creator, Manifests::modelCardOfCall { platform: by, model: word(8) }).unwrap(), word(4));
    let other = Manifests::modelCardOfCall { platform: creator.address, model: word(8) };
    assert_eq!(r.call(&creator, other).unwrap(), B256::ZERO);
    let logs = r.chain.take_logs();
    let cards: Vec<Manifests::DatasetCardSet> = events(&logs);
    let history: Vec<_> = cards.iter().map(|e| (e.previousCardHash, e.cardHash)).collect();
    assert_eq!(history, [(B256::ZERO, word(1)), (word(1), word(2))]);
    let cards: Vec<Manifests::ModelCardSet> = events(&logs);
    let history: Vec<_> = cards.iter().map(|e| (e.platform, e.model, e.previousCardHash, e.cardHash)).collect();
    assert_eq!(history, [(by, word(8), B256::ZERO, word(3)), (by, word(8), word(3), word(4))]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, ..ProptestConfig::default() })]

    /// Proves LIC-5 on the real blob: whatever is opened and closed in whatever order, two exclusive windows are never
    /// open at once, and chain and a plain list agree on every answer.
    #[test]
    fn two_exclusive_windows_are_never_open_at_once(
        steps in prop::collection::vec((1u8..5, any::<bool>(), 0u64..3, 0u64..3), 20..40)
    ) {
        let mut r = ManifestRegistry::new();
        let contract = r.licence.clone();
        let mut now = START;
        // Per licence: whether it is open and until when it is exclusive.
        let mut licences: [Option<(bool, u64)>; 5] = [None; 5];
        for (licence, opening, window, wait) in steps {
            now += wait;
            r.chain.set_time(now);
            let at = usize::from(licence);
            let open = |state: &Option<(bool, u64)>| state.is_some_and(|(open, _)| open);
            if opening {
                let until = if window == 0 { 0 } else { now + window };
                let alone = !licences.iter().any(open);
                let free = !licences.iter().flatten().any(|(open, end)| *open && *end > now);
                let call = Manifests::openLicenceCall { dataset: DATASET, licence: word(licence), exclusiveUntil: until };
                let expected = licences[at].is_none() && free && (until == 0 || alone);
                prop_assert_eq!(r.call(&contract, call).is_ok(), expected);
                if expected {
                    licences[at] = Some((true, until));
                }
            } else {
                let call = Manifests::closeLicenceCall { dataset: DATASET, licence: word(licence) };
                prop_assert_eq!(r.call(&contract, call).is_ok(), open(&licences[at]));
                licences[at] = licences[at].map(|(_, until)| (false, until));
            }
            let active = licences.iter().filter(|state| open(state)).count();
            let call = Manifests::activeLicencesCall { dataset: DATASET };
            prop_assert_eq!(r.call(&contract, call).unwrap() as usize, active);
            let windows: Vec<_> =
                (1..5u8).filter(|n| licences[usize::from(*n)].is_some_and(|(open, end)| open && end > now)).collect();
            prop_assert!(windows.len() < 2);
            let window = r.call(&contract, Manifests::exclusivityOfCall { dataset: DATASET }).unwrap();
            prop_assert_eq!(window.licence, windows.first().map_or(B256::ZERO, |n| word(*n)));
        }
    }
}
