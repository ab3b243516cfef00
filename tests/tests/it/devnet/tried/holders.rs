//! What holders do, and those who look after them: records, roles, restraints, trades, a lost account, datasets, votes.

use yieldset_chain::{
    Address, B256, Deployment, U256,
    abi::{Access, Coop, Factory, Kyc, Manifests, Market, Pool},
    acts::arguments::sha256,
    deploy::{Request, deploy},
    deployment::role,
};

use super::{ADAS, CLEOS, DAY, registered};
use crate::devnet::{
    COIN,
    commands::{address, config},
    scene::{Scene, digest, whole},
};

/// Who is frozen delegates nothing; records, issuers, the policy and roles come and go.
pub async fn records_and_roles(scene: &Scene<'_>) {
    let Deployment { kyc, pool, .. } = scene.deployment;
    let [ben, cleo] = ["ben", "cleo"].map(address);
    let [bens, cleos] = [ben, cleo].map(|account| account.to_string());
    scene.grants("admin", pool, &["AGENT_ROLE", "COMPLIANCE_ROLE", "PAUSER_ROLE"]).await;
    let votes = Pool::getVotesCall { account: ben };
    scene.does("cleo", &["coop", "delegate", &bens]).await;
    assert_eq!(scene.read(pool, &votes).await, whole(CLEOS));
    scene.refuses("dora", &["coop", "end-delegation", &cleos], "Not screened").await;
    let (freeze, frozen) = (["kyc", "freeze", &cleos], Kyc::isFrozenCall { account: cleo });
    scene.refuses("ben", &freeze, "does not have AGENT_ROLE").await;
    scene.does("admin", &freeze).await;
    assert!(scene.read(kyc, &frozen).await);
    scene.refuses("admin", &freeze, "nothing is to be done").await;
    scene.does("dora", &["coop", "end-delegation", &cleos]).await;
    assert_eq!(scene.read(pool, &votes).await, U256::ZERO);
    scene.does("admin", &["kyc", "unfreeze", &cleos]).await;
    assert!(!scene.read(kyc, &frozen).await);
    let sanctioned = Kyc::isSanctionedCall { account: cleo };
    scene.does("admin", &["kyc", "sanction", &cleos]).await;
    assert!(scene.read(kyc, &sanctioned).await);
    scene.does("admin", &["kyc", "sanction", &cleos, "--lift"]).await;
    assert!(!scene.read(kyc, &sanctioned).await);

    let expiry = scene.now().await + 365 * DAY;
    let record = Kyc::setRecordCall { account: ben, level: 1, jurisdiction: 246, accredited: false, expiry };
    scene.sends("admin", kyc, &record, 0).await;
    scene.refuses("cleo", &["kyc", "revoke", &bens], "AGENT_ROLE").await;
    scene.does("admin", &["kyc", "revoke", &bens]).await;
    assert_eq!(scene.read(kyc, &Kyc::recordOfCall { account: ben }).await.level, 0);
    let issuer = Address::repeat_byte(0x51);
    let trust = Kyc::addTrustedIssuerCall { issuer, claimTopics: vec![U256::from(1)] };
    scene.sends("admin", kyc, &trust, 0).await;
    scene.does("admin", &["kyc", "distrust", &issuer.to_string()]).await;
    assert!(!scene.read(kyc, &Kyc::isTrustedIssuerCall { issuer }).await);

    let set = ["policy", "set", "--block", "408", "--max-holders", "50"];
    scene.refuses("ben", &set, "does not have COMPLIANCE_ROLE").await;
    scene.does("admin", &set).await;
    let policy = scene.read(pool, &Pool::policyCall {}).await;
    assert_eq!((policy.open, policy.minLevel, policy.allowList, policy.maxHolders), (false, 1, false, 50));
    // Country 408 is the first bit of byte 51, which is byte 19 of the second word.
    assert_eq!(policy.jurisdictions[1][19], 0x80);

    scene.grants("ben", kyc, &["AGENT_ROLE"]).await;
    let revoke = ["roles", "revoke", "agent", &bens, "--on", "kyc"];
    scene.refuses("ben", &revoke, "the default admin of").await;
    scene.does("admin", &revoke).await;
    assert!(!scene.read(kyc, &Access::hasRoleCall { role: role("AGENT_ROLE"), account: ben }).await);
}

/// The pool is paused; shares are allowed, frozen, and moved by an agent.
pub async fn shares_are_restrained(scene: &Scene<'_>) {
    let pool = scene.deployment.pool;
    let [admin, ada, ben, cleo] = ["admin", "ada", "ben", "cleo"].map(address);
    let [adas, bens, cleos] = [ada, ben, cleo].map(|account| account.to_string());
    scene.refuses("ben", &["pool", "pause"], "does not have PAUSER_ROLE").await;
    scene.does("admin", &["pool", "pause"]).await;
    assert!(scene.read(pool, &Pool::pausedCall {}).await);
    scene.does("admin", &["pool", "unpause"]).await;
    assert!(!scene.read(pool, &Pool::pausedCall {}).await);
    scene.does("admin", &["roles", "renounce", "pauser", "--on", "pool"]).await;
    assert!(!scene.read(pool, &Access::hasRoleCall { role: role("PAUSER_ROLE"), account: admin }).await);
    scene.refuses("admin", &["pool", "pause"], "does not have PAUSER_ROLE").await;

    scene.does("cleo", &["pool", "approve", &bens, "5 shares"]).await;
    assert_eq!(scene.read(pool, &Pool::allowanceCall { owner: cleo, spender: ben }).await, whole(5));
    let frozen = Pool::getFrozenTokensCall { account: cleo };
    scene.does("admin", &["pool", "freeze-shares", &cleos, "4 shares"]).await;
    assert_eq!(scene.read(pool, &frozen).await, whole(4));
    scene.does("admin", &["pool", "freeze-shares", &cleos, "1 share", "--lift"]).await;
    assert_eq!(scene.read(pool, &frozen).await, whole(3));
    let force = ["pool", "force-transfer", &cleos, &adas, "2 shares", "--reason", &digest(1)];
    scene.refuses("ada", &force, "does not have AGENT_ROLE").await;
    scene.does("admin", &force).await;
    assert_eq!((scene.shares(cleo).await, scene.shares(ada).await), (whole(CLEOS - 2), whole(ADAS + 2)));
}

/// A bid that anybody fills with an ask; an ask whose shares its maker frees is void, and anybody clears it.
pub async fn orders_meet(scene: &Scene<'_>) {
    let Deployment { market, pool, .. } = scene.deployment;
    let [ada, cleo] = ["ada", "cleo"].map(address);
    let list = Market::listPoolCall { pool, lot: whole(1), tick: U256::from(COIN / 100) };
    scene.sends("admin", market, &list, 0).await;
    let order = async |order| scene.client.read(market, &Market::orderOfCall { order }).await;
    scene.does("ada", &["market", "bid", "3 shares", "--price", "2 DEV"]).await;
    let bid = order(1).await.unwrap();
    assert_eq!((bid.side, bid.maker, bid.shares, bid.escrow), (2, ada, whole(3), U256::from(6 * COIN)));
    scene.does("cleo", &["market", "ask", "2 shares", "--price", "2 DEV"]).await;
    scene.refuses("dora", &["market", "match", "1", "2"], "1 is no ask").await;
    scene.does("dora", &["market", "match", "2", "1"]).await;
    let bid = order(1).await.unwrap();
    assert_eq!((bid.shares, bid.escrow), (whole(1), U256::from(2 * COIN)));
    assert!(order(2).await.is_err(), "nothing is left of the ask");
    assert_eq!((scene.shares(cleo).await, scene.shares(ada).await), (whole(CLEOS - 4), whole(ADAS + 4)));
    assert_eq!(credit(scene, cleo).await, U256::from(4 * COIN));

    scene.does("cleo", &["market", "ask", "3 shares", "--price", "3 DEV"]).await;
    let restraints = Pool::restraintsOfCall { account: cleo };
    assert_eq!(scene.read(pool, &restraints).await.reserved, whole(3));
    scene.refuses("dora", &["market", "clear", "3"], "Not expired").await;
    scene.does("cleo", &["pool", "end-reservations"]).await;
    assert_eq!(scene.read(pool, &restraints).await.reserved, U256::ZERO);
    scene.does("dora", &["market", "clear", "3"]).await;
    assert!(order(3).await.is_err(), "it is cleared");
}

/// What the market owes an account, in wei.
async fn credit(scene: &Scene<'_>, account: Address) -> U256 {
    scene.read(scene.deployment.market, &Market::creditOfCall { account, pool: scene.deployment.pool }).await
}

/// Cleo's key is lost: her record, her shares and what the market owes her are Eve's.
pub async fn an_account_is_lost(scene: &Scene<'_>) {
    let Deployment { kyc, market, pool, .. } = scene.deployment;
    let [cleo, eve] = ["cleo", "eve"].map(address);
    let [cleos, eves] = [cleo, eve].map(|account| account.to_string());
    scene.refuses("dora", &["market", "inherit", &cleos], "an agent recovers it first").await;
    let reason = digest(2);
    let recover = |noun: &'static str| [noun, "recover", &cleos, &eves, "--reason", &reason];
    scene.refuses("eve", &recover("kyc"), "does not have AGENT_ROLE").await;
    scene.does("admin", &recover("kyc")).await;
    assert_eq!(scene.read(kyc, &Kyc::recordOfCall { account: eve }).await.level, 1);
    assert!(scene.read(kyc, &Kyc::isFrozenCall { account: cleo }).await);
    scene.refuses("eve", &recover("pool"), "does not have AGENT_ROLE").await;
    scene.does("admin", &recover("pool")).await;
    assert_eq!((scene.shares(cleo).await, scene.shares(eve).await), (U256::ZERO, whole(CLEOS - 4)));
    scene.does("dora", &["market", "inherit", &cleos]).await;
    assert_eq!((credit(scene, cleo).await, credit(scene, eve).await), (U256::ZERO, U256::from(4 * COIN)));
    scene.refuses("eve", &["market", "delist"], "does not have LISTER_ROLE").await;
    scene.does("admin", &["market", "delist"]).await;
    assert!(!scene.read(market, &Market::listingOfCall { pool }).await.listed);
}

/// Letters of Ada's are Dora's; models have cards, too.
pub async fn datasets_change_hands(scene: &Scene<'_>) {
    let manifests = scene.deployment.manifests;
    let dataset = registered(scene).await;
    let (id, dora, ben) = (dataset.to_string(), address("dora"), address("ben"));
    scene.does("ada", &["dataset", "transfer", &id, &dora.to_string()]).await;
    let offered = Manifests::pendingCreatorOfCall { dataset };
    assert_eq!(scene.read(manifests, &offered).await, dora);
    scene.refuses("ben", &["dataset", "accept", &id], "it is offered to").await;
    scene.does("dora", &["dataset", "accept", &id]).await;
    assert_eq!(scene.read(manifests, &Manifests::datasetOfCall { dataset }).await.creator, dora);
    let card = ["dataset", "card", &id, &digest(4)];
    scene.refuses("ada", &card, "its creator is").await;
    scene.does("dora", &card).await;
    let found = scene.read(manifests, &Manifests::datasetCardOfCall { dataset }).await;
    assert_eq!(found, B256::repeat_byte(4));
    scene.does("dora", &["dataset", "withdraw", &id, "1", "--reason", &digest(5)]).await;
    let status = scene.read(manifests, &Manifests::statusOfCall { dataset, version: 1 }).await;
    assert_eq!((status.state, status.reasonHash), (2, B256::repeat_byte(5)));

    let card = ["platform", "model-card", "lumen/lumen-1", &digest(6)];
    scene.refuses("ben", &card, "does not have PLATFORM_ROLE").await;
    scene.grants("ben", manifests, &["PLATFORM_ROLE"]).await;
    scene.does("ben", &card).await;
    let found = Manifests::modelCardOfCall { platform: ben, model: sha256(b"lumen/lumen-1") };
    assert_eq!(scene.read(manifests, &found).await, B256::repeat_byte(6));
}

/// Votes pay, raise the cap and name successors; what is proposed is taken back before votes count, and a successor by
/// another vote. The factory lists a pool that another one made.
pub async fn the_coop_decides(scene: &Scene<'_>) {
    let Deployment { pool, coop, factory, .. } = scene.deployment;
    let request = Request { config: config(), admin: None };
    let journal = scene.home.join("other.journal");
    let other = deploy(&scene.sender("admin"), &request, &journal, |_| {}).await.unwrap();
    let [pools, coops] = [other.pool, other.coop].map(|contract| contract.to_string());
    let register = ["pool", "register", &pools, "--coop", &coops];
    scene.refuses("ben", &register, "default admin").await;
    scene.does("admin", &register).await;
    let listed = scene.read(factory, &Factory::poolInfoCall { pool: other.pool }).await;
    assert_eq!((listed.number, listed.coop, listed.created), (2, other.coop, false));

    let ben = scene.sender("ben");
    let paid = ben.prepare_call(coop, Vec::new(), 3 * COIN).await.unwrap();
    ben.submit(&paid).await.unwrap();
    let thanks = ["coop", "propose", &address("dora").to_string(), "1 DEV", "--why", "Thanks", "--label", "thanks"];
    scene.refuses("ben", &thanks, "a proposer needs 1 share").await;
    scene.does("ada", &thanks).await;
    scene.proposes("never", &["pool", "raise-cap", "2000 shares"]).await;
    scene.refuses("ben", &["coop", "cancel", "@never"], "Governor unable to cancel").await;
    scene.does("ada", &["coop", "cancel", "@never"]).await;
    let never = Coop::stateCall { proposalId: scene.book().proposals["never"] };
    assert_eq!(scene.read(coop, &never).await, 2);
    scene.proposes("more", &["pool", "raise-cap", "3000 shares"]).await;
    scene.proposes("licences", &["pool", "succeed", "licences", &other.licence.to_string()]).await;
    scene.proposes("kyc", &["pool", "succeed", "kyc", &other.kyc.to_string()]).await;
    let had = scene.coins("dora").await;
    scene.decides(&["thanks", "more", "licences", "kyc"]).await;
    assert_eq!(scene.coins("dora").await - had, COIN);
    assert_eq!(scene.read(pool, &Pool::capCall {}).await, whole(3_000));
    let successor = async |part| scene.read(pool, &Pool::successorOfCall { part }).await.successor;
    assert_eq!((successor(0).await, successor(3).await), (other.kyc, other.licence));
    scene.refuses("ada", &["pool", "cancel-successor", "kyc"], "the pool's governor is").await;
    scene.proposes("undone", &["pool", "cancel-successor", "kyc"]).await;
    scene.decides(&["undone"]).await;
    assert_eq!((successor(0).await, successor(3).await), (Address::ZERO, other.licence));
    scene.refuses("dora", &["pool", "adopt", "licences"], "it can be adopted from").await;
    scene.passes(30 * DAY).await;
    scene.does("dora", &["pool", "adopt", "licences"]).await;
    assert_eq!(scene.read(pool, &Pool::licencesCall {}).await, other.licence);
}
