//! A pool that is paid in USDC, as pools on Polkadot Hub are: a token of the chain itself of six decimals, which
//! contracts reach as an ERC-20. On a node with Hub's constants, by commands; amounts are in the token's smallest unit.

use yieldset_chain::{
    Address, B256, ChainClient, U256,
    abi::{Kyc, Licence, Manifests, Market, Pool},
    submit::{Signer, Submitter},
};
use yieldset_rules::period::quarter_start;
use yieldset_runtime::genesis::USDC;
use yieldset_tasks::{demo::children::Children, mint};
use yieldset_tests::{assets::Asset, chain::root_file};

use super::{
    commands::{DONE, Shell, USAGE, address, funded},
    deploying::MEMBER,
    programs,
    scene::{Scene, digest, number, whole},
    tried::{DAY, FIRST, START, registered},
};

/// What no other test sends.
pub const SENT: [&str; 1] = ["pool declare-minimum"];

/// A USDC.
const WHOLE: u128 = 1_000_000;
/// What Ben begins with.
const BENS: u128 = 100 * WHOLE;
/// Ada has three of these, and Ben one: powers of two, so that no dividend of whole units is rounded.
const QUARTER: u128 = 1 << 60;

fn usdc() -> Address {
    Asset { id: USDC }.address()
}

/// What an account or a contract has of it.
async fn has(client: &ChainClient, account: Address) -> u128 {
    client.read(usdc(), &Pool::balanceOfCall { account }).await.unwrap().to()
}

/// Proves NET-1 and NET-2: in a token of the chain a pool is deployed and opened, paid, and claimed from, shares are
/// traded, and a licence is paid for; each amount arrives to the unit, and a finer one is refused.
#[tokio::test]
async fn a_pool_is_paid_in_usdc() {
    let folder = tempfile::tempdir().unwrap();
    let mut children = Children::new(programs(), folder.path());
    let constants = root_file("scripts/devnet/hub.txt").canonicalize().unwrap();
    let arguments = ["--rpc-port", "0", "--start-at", START, "--constants", constants.to_str().unwrap()];
    let node = children.start("devnet", "yieldset-devnet", &arguments).await.unwrap().url;
    let client = ChainClient::connect(&node).await.unwrap();
    let home = folder.path().join("home");
    funded(&client).await;
    let shell = Shell { children: &children, home: &home, node: &node };
    deployed(&shell).await;
    let scene = Scene::of(&shell, &client);
    assert_eq!(scene.read(scene.pool, &Pool::currencyCall {}).await, usdc());
    // The task's token is this one.
    assert_eq!(mint::address(mint::USDC), usdc());
    let issuer = Submitter::new(client.clone(), Signer::dev("//Alice").unwrap());
    for (who, amount) in [("admin", WHOLE), ("ben", BENS)] {
        issuer.mint(USDC, scene.sender(who).account_id(), amount).await.unwrap();
        assert_eq!(has(&client, address(who)).await, amount);
    }
    it_is_opened(&scene).await;
    it_is_paid(&scene).await;
    shares_are_traded(&scene).await;
    a_licence_is_paid_for(&scene).await;
    assert!(SENT.iter().all(|act| scene.done().contains(*act)), "{:?}", scene.done());
    children.stop().await;
}

/// The contracts, by a label for the token.
async fn deployed(shell: &Shell<'_>) {
    let token = usdc().to_string();
    for line in [&["init"][..], &["account", "label", "usdc", &token]] {
        let (code, told, why) = shell.types("admin", line).await;
        assert_eq!(code, DONE, "{line:?}: {told}{why}");
    }
    let deploy = ["deploy", "--name", "Public Voices", "--symbol", "VOICE", "--currency", "@usdc", "--member", MEMBER];
    shell.does("admin", &deploy).await;
}

/// What is wrong on the command line.
async fn mistypes(scene: &Scene<'_>, who: &str, line: &[&str], part: &str) {
    let (code, told, why) = scene.types(who, &[line, &["--yes"]].concat()).await;
    assert!(code == USAGE && why.contains(part), "{line:?}: {code}: {told}{why}");
}

/// Once its least balance is declared; each contract that holds it has that much more.
async fn it_is_opened(scene: &Scene<'_>) {
    let (kyc, pool) = (scene.deployment.kyc, scene.pool);
    for (who, shares) in [("ada", 3 * QUARTER), ("ben", QUARTER)] {
        let (account, expiry) = (address(who), scene.now().await + 3_650 * DAY);
        let record = Kyc::setRecordCall { account, level: 1, jurisdiction: 840, accredited: false, expiry };
        scene.sends("admin", kyc, &record, 0).await;
        scene.sends("admin", pool, &Pool::mintCall { to: account, amount: U256::from(shares) }, 0).await;
    }
    let open = ["pool", "open", "--cap", "1000 shares"];
    scene.refuses("admin", &open, "pool declare-minimum").await;
    for contract in [pool, scene.deployment.licence, scene.deployment.market, scene.deployment.attribution] {
        let float = Pool::transferCall { to: contract, amount: U256::from(1) };
        scene.sends("admin", usdc(), &float, 0).await;
    }
    let seven = "has 7 digits after the point, USDC has 6";
    mistypes(scene, "admin", &["pool", "declare-minimum", "0.0000001 USDC"], seven).await;
    scene.refuses("ben", &["pool", "declare-minimum", "0.000001 USDC"], "does not have ISSUER_ROLE").await;
    scene.does("admin", &["pool", "declare-minimum", "0.000001 USDC"]).await;
    assert_eq!(scene.read(pool, &Pool::currencyMinimumCall {}).await, U256::from(1));
    scene.does("admin", &open).await;
    assert!(scene.read(pool, &Pool::openedCall {}).await);
}

/// Deposits, with an allowance before or without where there is one; then Ada's part.
async fn it_is_paid(scene: &Scene<'_>) {
    let (client, pool, ben) = (scene.client, scene.pool, address("ben"));
    let deposit = |amount: &'static str| ["pool", "deposit", "lumen-1", "2026Q4", amount];
    mistypes(scene, "ben", &deposit("12.3456789 USDC"), "has 7 digits after the point, USDC has 6").await;
    mistypes(scene, "ben", &deposit("1 DEV"), "USDC is what is counted here").await;
    scene.refuses("ada", &deposit("12.5 USDC"), "has 0 USDC, 12.5 USDC is needed").await;
    let done = scene.does("ben", &deposit("12.5 USDC")).await;
    assert_eq!(done["sent"].as_array().unwrap().len(), 2, "{done}");
    assert_eq!((has(client, ben).await, has(client, pool).await), (87_500_000, 12_500_001));
    let allowed = Pool::allowanceCall { owner: ben, spender: pool };
    assert_eq!(scene.read(usdc(), &allowed).await, U256::ZERO);
    let approve = Pool::approveCall { spender: pool, amount: U256::from(WHOLE) };
    scene.sends("ben", usdc(), &approve, 0).await;
    let done = scene.does("ben", &deposit("1 USDC")).await;
    assert_eq!(done["sent"].as_array().unwrap().len(), 1, "{done}");
    assert_eq!((has(client, ben).await, has(client, pool).await), (86_500_000, 13_500_001));

    // Three quarters of the holders' 60 %.
    let (_, shown, _) = scene.types("ada", &["claim", "--all", "--dry-run"]).await;
    assert!(shown.contains("Claims 6.075 USDC"), "{shown}");
    scene.does("ada", &["claim", "--all"]).await;
    assert_eq!((has(client, address("ada")).await, has(client, pool).await), (6_075_000, 7_425_001));
}

/// A bid and an ask, each filled: what is held, paid and withdrawn is USDC.
async fn shares_are_traded(scene: &Scene<'_>) {
    let (client, market) = (scene.client, scene.deployment.market);
    let [ada, ben] = ["ada", "ben"].map(address);
    scene.does("admin", &["market", "list", "--lot", "1 share", "--tick", "0.01 USDC"]).await;
    let bid = |price: &'static str| ["market", "bid", "2 shares", "--price", price];
    scene.refuses("ben", &bid("1.255 USDC"), "no multiple of the tick").await;
    scene.does("ben", &bid("1.25 USDC")).await;
    let order = scene.read(market, &Market::orderOfCall { order: 1 }).await;
    assert_eq!((order.currency, order.escrow), (usdc(), U256::from(2_500_000)));
    assert_eq!((has(client, ben).await, has(client, market).await), (84_000_000, 2_500_001));
    let had = scene.shares(ben).await;
    scene.does("ada", &["market", "fill", "1"]).await;
    assert_eq!(scene.shares(ben).await - had, whole(2));
    scene.does("ada", &["market", "ask", "1 share", "--price", "2 USDC"]).await;
    let done = scene.does("ben", &["market", "fill", "2"]).await;
    // The allowance, and the fill.
    assert_eq!(done["sent"].as_array().unwrap().len(), 2, "{done}");
    assert_eq!((has(client, ben).await, scene.shares(ben).await - had), (82_000_000, whole(3)));
    scene.does("ada", &["market", "withdraw"]).await;
    assert_eq!((has(client, ada).await, has(client, market).await), (10_575_000, 1));
}

/// An upfront, which is the pool's once anybody brings what an allowance takes, an escrow, and 10 % of a quarter.
async fn a_licence_is_paid_for(scene: &Scene<'_>) {
    let (client, pool, licence) = (scene.client, scene.pool, scene.deployment.licence);
    let ben = address("ben");
    scene.grants("admin", pool, &["LICENSOR_ROLE"]).await;
    let dataset = registered(scene).await;
    scene.sends("ada", scene.deployment.manifests, &Manifests::assignToPoolCall { dataset, pool }, 0).await;
    let menu = format!(
        "[[option]]\ndocument = \"{}\"\nmonths = 12\nupfront = \"1 USDC\"\nresidual = \"10 %\"\nescrow = \"10 USDC\"\n\
         funding_days = 14\nreport_days = 20\npayment_days = 30\ngrace_days = 10\ndeletion_days = 30\n\
         redaction_days = 30\n",
        digest(1)
    );
    let (menu, id) = (scene.file("menu.toml", &menu), dataset.to_string());
    scene.does("ben", &["licence", "offer", &menu, "--datasets", &id, "--label", "deal"]).await;
    assert_eq!((has(client, ben).await, has(client, licence).await), (81_000_000, 1_000_001));
    scene.does("admin", &["licence", "accept", "@deal"]).await;
    let money = async || scene.record::<Licence::Money>("deal", b'M', B256::ZERO).await;
    assert_eq!(money().await.held, U256::from(WHOLE));
    scene.does("ada", &["licence", "deliver", "@deal", "2027Q1", "--along", "0.01 DEV"]).await;
    assert_eq!(money().await.held, U256::ZERO);
    assert_eq!((has(client, licence).await, has(client, pool).await), (1, 8_425_001));
    scene.does("ben", &["escrow", "fund", "@deal", "10 USDC"]).await;
    assert_eq!((has(client, ben).await, money().await.escrow), (71_000_000, U256::from(10 * WHOLE)));
    assert_eq!(scene.record::<Licence::State>("deal", b'S', B256::ZERO).await.stage, 6);

    scene.goes_to(quarter_start(FIRST + 1) + DAY).await;
    let figures = ["--gross", "100 USDC", "--infrastructure", "0 USDC", "--taxes", "0 USDC", "--evidence", &digest(2)];
    scene.does("ben", &[&["revenue", "report", "@deal", "2027Q1"], &figures[..]].concat()).await;
    let due = async || scene.record::<Licence::Due>("deal", b'U', number(FIRST)).await;
    assert_eq!(due().await.due, U256::from(10 * WHOLE));
    mistypes(scene, "ben", &["pay", "@deal", "2027Q1", "0.0000001 USDC"], "has 7 digits").await;
    scene.does("ben", &["pay", "@deal", "2027Q1"]).await;
    assert_eq!(due().await.outstanding, U256::ZERO);
    assert_eq!((has(client, ben).await, has(client, pool).await), (61_000_000, 18_425_001));
    assert_eq!(has(client, licence).await, 10_000_001);
}
