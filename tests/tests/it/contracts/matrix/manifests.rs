use alloy_primitives::{Address, B256};
use yieldset_chain::abi::{Manifests, Refusal};
use yieldset_tests::chain::Failure;
use yieldset_tests::manifests::{ManifestRegistry, found, ingest, register};

use super::{Cast, Matrix, Row, lacks, roles, row};

const DATASET: B256 = ManifestRegistry::DATASET;
const OPEN: B256 = B256::repeat_byte(0x77);

fn word(byte: u8) -> B256 {
    B256::repeat_byte(byte)
}

/// `NotDatasetCreator(caller, creator)`.
fn not(creator: Address) -> impl Fn(Address) -> Failure + Copy + 'static {
    move |caller| Failure::with(&Refusal::NotDatasetCreator { caller, creator })
}

fn of_creator(creator: Address) -> Vec<Row> {
    let (dataset, mine) = (DATASET, &["creator"]);
    let redact = Manifests::redactCall { dataset, version: 1, newManifestHash: word(50), reasonHash: word(51) };
    let somebody = Address::repeat_byte(7);
    vec![
        row(register(DATASET, 3)).only(mine, not(creator)),
        row(found(0x44, 1)),
        row(Manifests::beginDatasetTransferCall { dataset, newCreator: somebody }).only(mine, not(creator)),
        row(Manifests::assignToPoolCall { dataset, pool: somebody }).only(mine, not(creator)).but("LicencesActive"),
        row(Manifests::withdrawCall { dataset, version: 1, reasonHash: word(1) }).only(mine, not(creator)),
        row(redact).only(&["creator", "PRIVACY_ROLE"], not(creator)),
        row(Manifests::setDatasetCardCall { dataset, cardHash: word(1) }).only(mine, not(creator)),
    ]
}

fn of_others(platform: Address, pending: Address) -> Vec<Row> {
    let dataset = DATASET;
    let not_pending = move |caller| Failure::with(&Refusal::NotPendingCreator { caller, pending });
    let not_ingested = move |caller| Failure::with(&Refusal::NotIngested { platform: caller, dataset, version: 1 });
    assert_ne!(platform, pending);
    let (licences, platforms) = (&["LICENCE_ROLE"], &["PLATFORM_ROLE", "platform"]);
    vec![
        row(Manifests::acceptDatasetTransferCall { dataset }).only(&["pending creator"], not_pending),
        row(Manifests::certifyRedactionCall { dataset, version: 1, certificateHash: word(1) })
            .only(&["platform"], not_ingested)
            .but("WrongVersionState"),
        row(ingest(2, &[(DATASET, 1)])).only(platforms, lacks("PLATFORM_ROLE")),
        row(Manifests::setModelCardCall { model: word(1), cardHash: word(2) }).only(platforms, lacks("PLATFORM_ROLE")),
        row(Manifests::openLicenceCall { dataset, licence: word(0x78), exclusiveUntil: 0 })
            .only(licences, lacks("LICENCE_ROLE")),
        row(Manifests::holdLicenceCall { dataset, licence: word(0x79), exclusiveUntil: 0 })
            .only(licences, lacks("LICENCE_ROLE")),
        row(Manifests::closeLicenceCall { dataset, licence: OPEN }).only(licences, lacks("LICENCE_ROLE")),
    ]
}

#[test]
fn manifests() {
    let mut r = ManifestRegistry::new();
    let pending = r.chain.account(60);
    let (creator, licence, platform) = (r.creator.clone(), r.licence.clone(), r.platform.clone());
    r.call(&licence, Manifests::openLicenceCall { dataset: DATASET, licence: OPEN, exclusiveUntil: 0 }).unwrap();
    r.call(&creator, Manifests::beginDatasetTransferCall { dataset: DATASET, newCreator: pending.address }).unwrap();
    let cast = Cast::new(&mut r.chain, r.manifests, &["manifests"], Some(&r.admin))
        .party("creator", &creator)
        .party("pending creator", &pending)
        .party("platform", &platform);
    let mut rows = of_creator(creator.address);
    rows.extend(of_others(platform.address, pending.address));
    rows.extend(roles("PLATFORM_ROLE"));
    let mut matrix = Matrix::new("manifests");
    matrix.try_all(&mut r.chain, r.manifests, &cast, rows);
    matrix.finish();
}
