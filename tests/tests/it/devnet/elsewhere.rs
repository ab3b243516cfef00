//! Acts that take a file which somebody signed, or another state than the story's, each by its command: in a second
//! pool of the same contracts, which is not opened, and by a vote of the first one's holders.

use serde_json::{Value, json};
use yieldset_chain::{
    Address, B256, Deployment, SolValue, U256,
    abi::{Factory, Kyc, Licence, Manifests, Pool},
    keccak256,
};
use yieldset_tests::kyc::Issuer;

use super::{
    COIN,
    commands::address,
    entitled::ELSEWHERE,
    scene::{Scene, digest, whole},
};

const YEAR: u64 = 365 * 86_400;

/// Proves NET-1: what [`ELSEWHERE`] names is done by commands, changes on chain what it says, and is refused the second
/// time or to others.
pub async fn every_act_runs(scene: &mut Scene<'_>) {
    scene.pool = a_pool_is_taken_over(scene).await;
    shares_are_bought(scene).await;
    what_holders_sign_is_handed_in(scene).await;
    data_is_redacted(scene).await;
    the_coop_becomes_admin(scene).await;
    parts_are_changed(scene).await;
    let done = scene.done();
    let missing: Vec<_> = ELSEWHERE.iter().filter(|name| !done.contains(**name)).collect();
    assert!(missing.is_empty(), "nobody ran {missing:?}");
}

/// Made by the factory, whose admin's role waits for whom the factory named.
async fn a_pool_is_taken_over(scene: &Scene<'_>) -> Address {
    scene.does("admin", &["pool", "create", "Another", "ANO", "--without-coop"]).await;
    let factory = scene.deployment.factory;
    let count = scene.client.read(factory, &Factory::poolCountCall {}).await.unwrap();
    let pool = scene.client.read(factory, &Factory::poolAtCall { index: count - U256::from(1) }).await.unwrap();
    let accept = ["roles", "accept", "--on", &pool.to_string()];
    let why = scene.shell.cannot("ben", &accept).await;
    assert!(why.contains("yieldset roles hand-over"), "{why}");
    assert_ne!(scene.admin_of(pool).await, address("admin"));
    scene.does("admin", &accept).await;
    assert_eq!(scene.admin_of(pool).await, address("admin"));
    let (admin, pool_name) = (address("admin").to_string(), pool.to_string());
    scene.does("admin", &["roles", "grant", "issuer", &admin, "--on", &pool_name]).await;
    pool
}

/// In a sale, which there is before the opening.
async fn shares_are_bought(scene: &Scene<'_>) {
    let buy = ["pool", "buy", "4 shares"];
    let why = scene.cannot_there("ben", &buy).await;
    assert!(why.contains("the sale runs"), "{why}");
    let sale = ["pool", "sale", "--shares", "10 shares", "--price", "0.5 DEV", "--ends", "+30d"];
    scene.does_there("admin", &sale).await;
    let had = scene.coins("admin").await;
    scene.does_there("ben", &buy).await;
    // Four at half a coin each, to the unit; the buyer paid the fee.
    assert_eq!(scene.coins("admin").await - had, 2 * COIN);
    assert_eq!(scene.shares(address("ben")).await, whole(4));
    assert_eq!(scene.client.read(scene.pool, &Pool::saleCall {}).await.unwrap().left, whole(6));
    let why = scene.cannot_there("ben", &["pool", "buy", "7 shares"]).await;
    assert!(why.contains("choose at most 6 shares"), "{why}");
}

/// An issuer's attestation, and a holder's allowance and delegation: handed in by somebody else, each once.
async fn what_holders_sign_is_handed_in(scene: &Scene<'_>) {
    let (client, kyc, pool) = (scene.client, scene.deployment.kyc, scene.pool);
    let (issuer, eva) = (Issuer::number(41), Issuer::number(42));
    let (now, account, ben) = (scene.now().await, eva.address, address("ben"));
    let (expiry, valid_until) = (now + YEAR, now + 86_400);
    let record = Kyc::Attestation {
        account,
        level: 2,
        jurisdiction: 246,
        accredited: true,
        expiry,
        nonce: 0,
        validUntil: valid_until,
    };
    let call = issuer.sign_for(client.evm_chain_id(), kyc, &record);
    let attested = scene.file(
        "attested.json",
        &json!({
            "account": account.to_string(), "level": 2, "jurisdiction": 246, "accredited": true, "expiry": expiry,
            "nonce": 0, "validUntil": valid_until, "v": call.v, "r": call.r.to_string(), "s": call.s.to_string(),
        })
        .to_string(),
    );
    let attest = ["kyc", "attest", &attested];
    // Nobody trusts that issuer yet.
    let why = scene.shell.cannot("ben", &attest).await;
    assert!(why.contains("refused"), "{why}");
    scene.does("admin", &["kyc", "trust", &issuer.address.to_string(), "--accredited"]).await;
    scene.does("ben", &attest).await;
    let kept = client.read(kyc, &Kyc::recordOfCall { account }).await.unwrap();
    assert_eq!((kept.level, kept.issuer, kept.expiry), (2, issuer.address, expiry));
    assert!(client.read(kyc, &Kyc::isVerifiedCall { account }).await.unwrap());
    let why = scene.shell.cannot("ben", &attest).await;
    assert!(why.contains("next nonce is 1"), "{why}");

    // By that record she may have shares.
    scene.does_there("admin", &["pool", "mint", &account.to_string(), "8 shares"]).await;
    let domain = client.read(pool, &Pool::DOMAIN_SEPARATORCall {}).await.unwrap();
    let signed = |fields: Vec<u8>| {
        let (v, r, s) = eva.sign_digest(keccak256([&[0x19, 0x01][..], &domain.0, &keccak256(fields).0].concat()));
        json!({ "v": v, "r": r.to_string(), "s": s.to_string() })
    };
    let with = |mut fields: Value, signature: Value| {
        fields.as_object_mut().unwrap().extend(signature.as_object().unwrap().clone());
        fields.to_string()
    };
    let kind = keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)");
    let fields = (kind, account, ben, whole(5), U256::ZERO, U256::from(valid_until)).abi_encode();
    let permit = with(
        json!({
            "owner": account.to_string(), "spender": ben.to_string(), "value": whole(5).to_string(),
            "deadline": valid_until,
        }),
        signed(fields),
    );
    let permit = scene.file("permit.json", &permit);
    scene.does_there("ada", &["pool", "permit", &permit]).await;
    let allowed = Pool::allowanceCall { owner: account, spender: ben };
    assert_eq!(client.read(pool, &allowed).await.unwrap(), whole(5));
    scene.cannot_there("ada", &["pool", "permit", &permit]).await;
    let had = scene.shares(ben).await;
    scene.does_there("ben", &["pool", "transfer-from", &account.to_string(), &ben.to_string(), "2 shares"]).await;
    assert_eq!((scene.shares(account).await, scene.shares(ben).await), (whole(6), had + whole(2)));

    let kind = keccak256("Delegation(address delegatee,uint256 nonce,uint256 expiry)");
    let fields = (kind, ben, U256::from(1), U256::from(valid_until)).abi_encode();
    let delegation = with(json!({ "delegatee": ben.to_string(), "nonce": "1", "expiry": valid_until }), signed(fields));
    let delegation = scene.file("delegation.json", &delegation);
    let votes = Pool::getVotesCall { account: ben };
    let had = client.read(pool, &votes).await.unwrap();
    scene.does_there("ada", &["coop", "delegate-signed", &delegation]).await;
    assert_eq!(client.read(pool, &Pool::delegatesCall { account }).await.unwrap(), ben);
    assert_eq!(client.read(pool, &votes).await.unwrap(), had + whole(6));
    scene.cannot_there("ada", &["coop", "delegate-signed", &delegation]).await;
}

/// A version that a platform licensed and read: asked for by its creator, redacted, and certified by the platform.
async fn data_is_redacted(scene: &Scene<'_>) {
    let (client, manifests) = (scene.client, scene.deployment.manifests);
    let (ben, admin) = (address("ben").to_string(), address("admin").to_string());
    let slug = "ada/letters";
    scene.does("ada", &["dataset", "register", slug, "--manifest", &digest(1), "--licence-text", &digest(2)]).await;
    scene.does("ada", &["dataset", "assign", slug]).await;
    let dataset = scene.book().datasets[slug];
    let menu = format!(
        "[[option]]\ndocument = \"{}\"\nmonths = 12\nresidual = \"10 %\"\nreport_days = 20\npayment_days = 30\n\
         grace_days = 10\nnotice_days = 60\ncure_days = 15\ndeletion_days = 30\nredaction_days = 30\n",
        digest(3)
    );
    let menu = scene.file("menu.toml", &menu);
    let id = dataset.to_string();
    scene.does("ben", &["licence", "offer", &menu, "--datasets", &id, "--label", "letters"]).await;
    // In the first pool, which is open; beside its co-op another may license.
    scene.does("admin", &["roles", "grant", "licensor", &admin, "--on", "pool"]).await;
    scene.does("admin", &["licence", "accept", "@letters"]).await;
    // No command records a training run: the platform's keeper does, from its usage log.
    scene.does("admin", &["platform", "register", &ben]).await;
    let run = B256::repeat_byte(4);
    let read = Manifests::recordIngestionCall {
        run,
        model: B256::repeat_byte(5),
        datasets: vec![dataset],
        versions: vec![1],
        epochs: 1,
        digest: B256::repeat_byte(6),
    };
    scene.sends("ben", manifests, &read, 0).await;

    // The version without the data comes first, and is named then.
    scene.does("ada", &["dataset", "update", slug, "--manifest", &digest(7), "--licence-text", &digest(2)]).await;
    let request = ["redaction", "request", "@letters", &id, "--request", &digest(8), "--manifest", &digest(7)];
    let why = scene.shell.cannot("ben", &request).await;
    assert!(why.contains("Not dataset creator or licensor"), "{why}");
    scene.does("ada", &request).await;
    let licence = scene.book().licences["letters"];
    let which = B256::from(U256::from(1));
    let asked = Licence::recordOfCall { licence, record: b'R', which };
    let asked = client.read(scene.deployment.licence, &asked).await.unwrap();
    assert!(asked.contains(&dataset) && asked.contains(&B256::repeat_byte(7)), "{asked:?}");

    let certify = ["dataset", "certify-redaction", &id, "1", &digest(9)];
    let why = scene.shell.cannot("ben", &certify).await;
    assert!(why.contains("the version is not redacted"), "{why}");
    scene.does("ada", &["dataset", "redact", slug, "1", "--reason", &digest(8), "--manifest", &digest(7)]).await;
    let why = scene.shell.cannot("ada", &certify).await;
    assert!(why.contains("recorded no training run"), "{why}");
    scene.does("ben", &certify).await;
    let certified = Manifests::certificateOfCall { platform: address("ben"), dataset, version: 1 };
    let certified = client.read(manifests, &certified).await.unwrap();
    assert_eq!((certified.state, certified.certificateHash), (3, B256::repeat_byte(9)));
    let why = scene.shell.cannot("ben", &certify).await;
    assert!(why.contains("it is certified already"), "{why}");
}

/// The admin of two contracts names the co-op, whose holders accept by a vote: each of them alone could not.
async fn the_coop_becomes_admin(scene: &Scene<'_>) {
    let Deployment { kyc, market, coop, .. } = scene.deployment;
    let accept = ["roles", "accept", "--on", "kyc", "market"];
    scene.does("admin", &["roles", "hand-over", "coop", "--on", "kyc", "market"]).await;
    scene.shell.cannot("ada", &accept).await;
    let by_vote = ["--by-vote", "It is ours", "--label", "ours"];
    scene.does("ada", &[&accept[..], &by_vote[..]].concat()).await;
    let clock = async |time: &str| {
        let (code, told, why) = scene.types("ada", &["clock", "--advance", time]).await;
        assert_eq!(code, 0, "{told}{why}");
    };
    clock("10s").await;
    for who in ["ada", "ben"] {
        scene.does(who, &["coop", "vote", "@ours", "for"]).await;
    }
    let why = scene.shell.cannot("ben", &["coop", "execute", "@ours"]).await;
    assert!(why.contains("coop show"), "{why}");
    assert_eq!((scene.admin_of(kyc).await, scene.admin_of(market).await), (address("admin"), address("admin")));
    clock("1000s").await;
    scene.does("ben", &["coop", "execute", "@ours"]).await;
    assert_eq!((scene.admin_of(kyc).await, scene.admin_of(market).await), (coop, coop));
    let why = scene.shell.cannot("ben", &["coop", "execute", "@ours"]).await;
    assert!(why.contains("executed already"), "{why}");
}

/// What pools are made of from now on, by the factory's admin alone.
async fn parts_are_changed(scene: &Scene<'_>) {
    let (client, factory) = (scene.client, scene.deployment.factory);
    let before = client.read(factory, &Factory::partsCall {}).await.unwrap();
    let market = Address::repeat_byte(0x5a);
    let text = format!(
        "kyc = \"kyc\"\nattribution = \"attribution\"\nmanifests = \"manifests\"\nlicence = \"licence\"\n\
         market = \"{market}\"\nlogic = \"{}\"\npool_code = \"{}\"\ncoop_code = \"{}\"\n",
        before.logic, before.poolCode, before.coopCode
    );
    let parts = scene.file("parts.toml", &text);
    scene.shell.cannot("ben", &["pool", "set-parts", &parts]).await;
    scene.does("admin", &["pool", "set-parts", &parts]).await;
    let after = client.read(factory, &Factory::partsCall {}).await.unwrap();
    assert_eq!(after, Factory::partsReturn { market, ..before });
}
