use super::*;
use alloc::vec::Vec;
use proptest::prelude::*;
use sha3::{Digest, Keccak256};

const ALICE: Account = [1; 20];
const BOB: Account = [2; 20];
const NOBODY: Account = [0; 20];

fn dataset() -> Dataset {
    let mut dataset = Dataset::default();
    assert_eq!(dataset.found(&ALICE), Ok(1));
    dataset
}

fn version(state: VersionState) -> Version {
    let mut version = Version::new([7; 32], [8; 32], 100);
    version.state = state as u8;
    version
}

const STATES: [VersionState; 4] =
    [VersionState::Unknown, VersionState::Registered, VersionState::Withdrawn, VersionState::Redacted];

/// Proves ATT-1: who founded a dataset owns it, and only the owner registers versions.
#[test]
fn whoever_founds_a_dataset_owns_it() {
    let mut dataset = dataset();
    assert_eq!(dataset.found(&ALICE), Err(ProvenanceError::DatasetExists));
    assert_eq!(dataset.register(&BOB), Err(ProvenanceError::NotCreator { creator: ALICE }));
    assert_eq!(dataset.register(&ALICE), Ok(2));
    assert_eq!((dataset.creator, dataset.latest), (ALICE, 2));
    assert_eq!(Dataset::default().register(&ALICE), Err(ProvenanceError::UnknownDataset));
    assert_eq!(Dataset::default().owned_by(&NOBODY), Err(ProvenanceError::UnknownDataset));
}

/// Proves SAFE-11: an id is that of who registers under it, whatever label a stranger takes. The digest is that of
/// `cast keccak 0x0101…0102…02` (20 and 32 bytes).
#[test]
fn a_dataset_id_belongs_to_its_registrant() {
    let keccak = |bytes: &[u8]| -> Hash { Keccak256::digest(bytes).into() };
    let id = dataset_id(&ALICE, &[2; 32], keccak);
    let hex: alloc::string::String = id.iter().map(|byte| alloc::format!("{byte:02x}")).collect();
    assert_eq!(hex, "e6ea5dcdab4d1f0b5aa818665362690536faf825b1085623cf1a8c2c733782e5");
    assert_ne!(id, dataset_id(&BOB, &[2; 32], keccak));
    assert_ne!(id, dataset_id(&ALICE, &[3; 32], keccak));
}

/// Proves SAFE-11: a redaction goes through whatever the creator registered before it, and makes a version only where
/// none has the manifest.
#[test]
fn a_redaction_takes_the_version_that_is_there() {
    let mut dataset = dataset();
    dataset.register(&ALICE).unwrap();
    let known = |version| Some((version, VersionState::Registered));
    assert_eq!(dataset.replacement(1, &[4; 32], known(2)), Ok((2, false)));
    assert_eq!(dataset.latest, 2);
    assert_eq!(dataset.replacement(1, &[4; 32], known(1)), Err(ProvenanceError::SameManifest));
    assert_eq!(dataset.replacement(1, &[4; 32], None), Ok((3, true)));
    assert_eq!(dataset.latest, 3);
}

#[test]
fn a_dataset_is_handed_over_in_two_steps() {
    let mut dataset = dataset();
    assert_eq!(dataset.begin_transfer(&BOB, &BOB), Err(ProvenanceError::NotCreator { creator: ALICE }));
    assert_eq!(dataset.accept_transfer(&BOB), Err(ProvenanceError::NotPendingCreator { pending: NOBODY }));
    dataset.begin_transfer(&ALICE, &BOB).unwrap();
    assert_eq!(dataset.owned_by(&ALICE), Ok(()), "the first step moves nothing");
    assert_eq!(dataset.accept_transfer(&ALICE), Err(ProvenanceError::NotPendingCreator { pending: BOB }));
    dataset.begin_transfer(&ALICE, &NOBODY).unwrap();
    assert_eq!(dataset.accept_transfer(&BOB), Err(ProvenanceError::NotPendingCreator { pending: NOBODY }));
    dataset.begin_transfer(&ALICE, &BOB).unwrap();
    assert_eq!(dataset.accept_transfer(&BOB), Ok(ALICE));
    assert_eq!((dataset.creator, dataset.pending), (BOB, NOBODY));
    assert_eq!(dataset.accept_transfer(&BOB), Err(ProvenanceError::NotPendingCreator { pending: NOBODY }), "once");
    assert_eq!(Dataset::default().accept_transfer(&NOBODY), Err(ProvenanceError::UnknownDataset));
}

#[test]
fn a_dataset_changes_pools_only_while_no_licence_is_active() {
    let mut dataset = dataset();
    assert_eq!(dataset.assign(&BOB, &[9; 20]), Err(ProvenanceError::NotCreator { creator: ALICE }));
    assert_eq!(dataset.assign(&ALICE, &[9; 20]), Ok(NOBODY));
    dataset.open(&[1; 32], LicenceState::Unknown, 0, 100).unwrap();
    assert_eq!(dataset.assign(&ALICE, &[8; 20]), Err(ProvenanceError::LicencesActive { active: 1 }));
    dataset.close(&[1; 32], LicenceState::Open).unwrap();
    assert_eq!(dataset.assign(&ALICE, &NOBODY), Ok([9; 20]));
}

/// Proves LIC-5 at the boundaries: the window is open up to its last second and not a second longer.
#[test]
fn exclusivity_holds_until_its_last_second() {
    let mut dataset = dataset();
    let open = |d: &mut Dataset, n: u8, until, now| d.open(&[n; 32], LicenceState::Unknown, until, now);
    assert_eq!(open(&mut dataset, 1, 100, 100), Err(ProvenanceError::InvalidExclusivity { until: 100 }));
    assert_eq!(open(&mut dataset, 1, 200, 100), Ok(LicenceState::Open));
    let refused = Err(ProvenanceError::ExclusivityOpen { licence: [1; 32], until: 200 });
    assert_eq!(open(&mut dataset, 2, 0, 199), refused);
    assert_eq!(open(&mut dataset, 2, 900, 199), refused);
    assert_eq!(dataset.exclusivity(199), ([1; 32], 200));
    assert_eq!(dataset.exclusivity(200), ([0; 32], 0));
    assert_eq!(open(&mut dataset, 2, 900, 200), Err(ProvenanceError::LicencesActive { active: 1 }));
    assert_eq!(open(&mut dataset, 2, 0, 200), Ok(LicenceState::Open));
    assert_eq!(dataset.close(&[1; 32], LicenceState::Open), Ok(LicenceState::Closed));
    assert_eq!(dataset.active, 1);
    // Closing early ends the window early; closing another licence does not.
    dataset.close(&[2; 32], LicenceState::Open).unwrap();
    assert_eq!(open(&mut dataset, 3, 900, 300), Ok(LicenceState::Open));
    dataset.close(&[3; 32], LicenceState::Open).unwrap();
    assert_eq!(dataset.exclusivity(300), ([0; 32], 0));
    assert_eq!(Dataset::default().open(&[1; 32], LicenceState::Unknown, 0, 0), Err(ProvenanceError::UnknownDataset));
}

#[test]
fn a_licence_opens_once_and_closes_once() {
    for state in [LicenceState::Open, LicenceState::Closed] {
        assert_eq!(dataset().open(&[1; 32], state, 0, 100), Err(ProvenanceError::LicenceUsed));
    }
    for state in [LicenceState::Unknown, LicenceState::Closed] {
        assert_eq!(dataset().close(&[1; 32], state), Err(ProvenanceError::LicenceNotOpen));
    }
    for state in [LicenceState::Unknown, LicenceState::Open, LicenceState::Closed] {
        assert_eq!(LicenceState::from_byte(state as u8), state);
    }
}

/// Proves LIC-10: every state and every step, and no way back to a state where the version may be ingested.
#[test]
fn every_transition_of_a_version() {
    for state in STATES {
        let refused = Err(ProvenanceError::VersionState(state));
        let mut withdrawn = version(state);
        let mut redacted = version(state);
        let mut ingested = version(state);
        let (withdraw, redact) = (withdrawn.withdraw([5; 32], 200), redacted.redact(9, [5; 32], 200));
        let ingest = ingested.ingest(&mut Ingested::default());
        match state {
            VersionState::Registered => {
                assert_eq!((withdraw, redact, ingest), (Ok(()), Ok(()), Ok(())));
                assert_eq!(withdrawn.state(), VersionState::Withdrawn);
                assert_eq!((withdrawn.reason, withdrawn.closed_at, withdrawn.replaced_by), ([5; 32], 200, 0));
            }
            VersionState::Withdrawn => assert_eq!((withdraw, redact, ingest), (refused, Ok(()), refused)),
            _ => assert_eq!((withdraw, redact, ingest), (refused, refused, refused)),
        }
        if redact.is_ok() {
            assert_eq!(redacted.state(), VersionState::Redacted);
            assert_eq!((redacted.reason, redacted.closed_at, redacted.replaced_by), ([5; 32], 200, 9));
        } else {
            assert_eq!(redacted, version(state));
        }
        if withdraw.is_err() {
            assert_eq!(withdrawn, version(state));
        }
        if ingest.is_err() {
            assert_eq!(ingested, version(state));
        }
    }
}

/// Proves LIC-10: who ingested the version owes one certificate, after the redaction and once.
#[test]
fn certificates_are_owed_by_those_who_ingested() {
    let mut version = version(VersionState::Registered);
    let (mut one, mut two, mut stranger) = (Ingested::default(), Ingested::default(), Ingested::default());
    version.ingest(&mut one).unwrap();
    version.ingest(&mut one).unwrap();
    version.ingest(&mut two).unwrap();
    assert_eq!((version.runs, version.platforms, one.runs), (3, 2, 2));
    let not_due = Err(ProvenanceError::VersionState(VersionState::Registered));
    assert_eq!(version.certify(&mut one, [3; 32], 300), not_due);
    version.redact(2, [5; 32], 200).unwrap();
    assert_eq!(one.certificate_state(version.state()), CertificateState::Pending);
    assert_eq!(version.certify(&mut stranger, [3; 32], 300), Err(ProvenanceError::NotIngested));
    assert_eq!(version.certify(&mut one, [3; 32], 300), Ok(()));
    assert_eq!(version.certify(&mut one, [4; 32], 301), Err(ProvenanceError::AlreadyCertified));
    assert_eq!((one.certificate, one.certified_at, version.certified), ([3; 32], 300, 1));
    assert_eq!(one.certificate_state(version.state()), CertificateState::Certified);
    version.certify(&mut two, [3; 32], 300).unwrap();
    assert_eq!(version.certified, version.platforms);
}

#[test]
fn entries_are_bounded_rising_and_unique() {
    let entry = |dataset: u8, version| Entry { dataset: [dataset; 32], version };
    assert_eq!(check_entries(&[]), Err(ProvenanceError::EntryCount { count: 0 }));
    let many: Vec<_> = (1..=MAX_ENTRIES as u32 + 1).map(|n| entry(1, n)).collect();
    assert_eq!(check_entries(&many[..MAX_ENTRIES]), Ok(()));
    assert_eq!(check_entries(&many), Err(ProvenanceError::EntryCount { count: MAX_ENTRIES + 1 }));
    assert_eq!(check_entries(&[entry(1, 2), entry(2, 1)]), Ok(()));
    let swapped = check_entries(&[entry(0, 1), entry(2, 1), entry(1, 2)]);
    assert_eq!(swapped, Err(ProvenanceError::EntriesOutOfOrder { index: 2 }));
    assert_eq!(check_entries(&[entry(1, 2), entry(1, 2)]), Err(ProvenanceError::EntriesOutOfOrder { index: 1 }));
}

#[test]
fn the_layout_is_fixed() {
    assert_eq!((Dataset::LEN, Version::LEN, Ingested::LEN, Run::LEN, Entry::LEN), (144, 129, 44, 77, 36));
    let entry = Entry { dataset: [3; 32], version: 0x0102 };
    assert_eq!(entry.to_bytes()[30..], [3, 3, 2, 1, 0, 0]);
    assert_eq!(Version::from_bytes(&[0; Version::LEN]).state(), VersionState::Unknown);
}

proptest! {
    /// Proves LIC-5: whatever is opened and closed in whatever order, no licence ever starts inside another's window,
    /// an exclusive one starts alone, and the count of active licences is the number of those opened and not closed.
    #[test]
    fn two_exclusive_windows_are_never_open_at_once(
        steps in prop::collection::vec((0u8..6, any::<bool>(), 0u64..4, 0u64..3), 1..80)
    ) {
        let mut dataset = dataset();
        let mut states = [LicenceState::Unknown; 6];
        let mut windows: [u64; 6] = [0; 6];
        let mut now = 1_000;
        for (n, opening, window, wait) in steps {
            now += wait;
            let (at, id) = (usize::from(n), [n + 1; 32]);
            let before = dataset;
            let active: Vec<_> = (0..6).filter(|i| states[*i] == LicenceState::Open).collect();
            let holder = active.iter().copied().find(|i| windows[*i] > now);
            if opening {
                let until = if window == 0 { 0 } else { now + window };
                let result = dataset.open(&id, states[at], until, now);
                let expected = states[at] == LicenceState::Unknown
                    && holder.is_none()
                    && (until == 0 || active.is_empty());
                prop_assert_eq!(result.is_ok(), expected);
                if let Ok(state) = result {
                    (states[at], windows[at]) = (state, until);
                } else {
                    prop_assert_eq!(dataset, before);
                }
            } else if let Ok(state) = dataset.close(&id, states[at]) {
                prop_assert_eq!(states[at], LicenceState::Open);
                states[at] = state;
            } else {
                prop_assert!(states[at] != LicenceState::Open);
                prop_assert_eq!(dataset, before);
            }
            let open: Vec<_> = (0..6).filter(|i| states[*i] == LicenceState::Open).collect();
            prop_assert_eq!(dataset.active as usize, open.len());
            let holders: Vec<_> = open.iter().copied().filter(|i| windows[*i] > now).collect();
            prop_assert!(holders.len() <= 1);
            let expected = holders.first().map_or(([0; 32], 0), |i| ([*i as u8 + 1; 32], windows[*i]));
            prop_assert_eq!(dataset.exclusivity(now), expected);
        }
    }
}

/// Proves LIC-10: only a newer version that is registered stands in for a redacted one, so no two stand in for each
/// other and nothing redacted comes back.
#[test]
fn only_a_newer_registered_version_stands_in() {
    let mut dataset = dataset();
    for _ in 0..3 {
        dataset.register(&ALICE).unwrap();
    }
    for (known, state) in [
        (1, VersionState::Registered),
        (1, VersionState::Redacted),
        (3, VersionState::Withdrawn),
        (4, VersionState::Redacted),
        (3, VersionState::Unknown),
    ] {
        let refused = Err(ProvenanceError::UnfitReplacement { version: known, state });
        assert_eq!(dataset.replacement(2, &[4; 32], Some((known, state))), refused);
    }
    assert_eq!(dataset.replacement(2, &[4; 32], Some((3, VersionState::Registered))), Ok((3, false)));
    // Nobody can take back what an officer names so that nothing is redacted: it need name nothing.
    assert_eq!(dataset.replacement(2, &[0; 32], None), Ok((0, false)));
    assert_eq!(dataset.latest, 4);
}

/// Proves LIC-5, SAFE-11: a licence that is agreed on keeps others away while it may be brought into force, and then is
/// what was agreed; whoever never does so keeps nobody away for ever.
#[test]
fn a_held_licence_excludes_for_its_time_alone() {
    let (one, two) = ([1; 32], [2; 32]);
    let mut dataset = dataset();
    assert_eq!(dataset.hold(&one, LicenceState::Unknown, 200, 100), Ok(LicenceState::Held));
    let refused = Err(ProvenanceError::ExclusivityOpen { licence: one, until: 200 });
    assert_eq!(dataset.open(&two, LicenceState::Unknown, 0, 199), refused);
    assert_eq!(dataset.hold(&two, LicenceState::Unknown, 0, 199), refused);
    assert_eq!(dataset.hold(&one, LicenceState::Held, 300, 150), Err(ProvenanceError::LicenceUsed));
    assert_eq!(dataset.assign(&ALICE, &[9; 20]), Err(ProvenanceError::LicencesActive { active: 1 }));
    let mut late = dataset;
    // In time: the whole window, counted once.
    assert_eq!(
        dataset.open(&one, LicenceState::Held, 150, 150),
        Err(ProvenanceError::InvalidExclusivity { until: 150 })
    );
    assert_eq!(dataset.open(&one, LicenceState::Held, 900, 199), Ok(LicenceState::Open));
    assert_eq!((dataset.exclusivity(899), dataset.active), ((one, 900), 1));
    // Too late: others may have come, and then it is not exclusive any more.
    let mut alone = late;
    assert_eq!(late.open(&two, LicenceState::Unknown, 0, 200), Ok(LicenceState::Open));
    let refused = Err(ProvenanceError::LicencesActive { active: 1 });
    assert_eq!(late.open(&one, LicenceState::Held, 900, 250), refused);
    assert_eq!(late.open(&one, LicenceState::Held, 0, 250), Ok(LicenceState::Open));
    assert_eq!(alone.open(&one, LicenceState::Held, 900, 250), Ok(LicenceState::Open));
    assert_eq!((alone.exclusivity(250), alone.active), ((one, 900), 1));
    // Lapsed: what was held is free.
    let mut lapsed = super::tests::dataset();
    lapsed.hold(&one, LicenceState::Unknown, 200, 100).unwrap();
    assert_eq!(lapsed.close(&one, LicenceState::Held), Ok(LicenceState::Closed));
    assert_eq!((lapsed.exclusivity(150), lapsed.active), (([0; 32], 0), 0));
    assert_eq!(LicenceState::from_byte(LicenceState::Held as u8), LicenceState::Held);
}
