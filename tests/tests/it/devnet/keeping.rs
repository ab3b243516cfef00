//! Keepers on a chain on which a year has passed and nobody did what contracts wait for.

use serde_json::Value;
use yieldset_chain::{
    Address, B256, Payee, SolValue, U256,
    abi::{Access, Licence, Manifests, Pool},
    deployment::role,
    submit::Signer,
};
use yieldset_oracle::{
    keeper::found::{self, Records},
    sha256,
};
use yieldset_tasks::demo::{
    clock, coop,
    oracle::{MODEL, ORIGIN, PROGRAM},
    story,
};

use super::{COIN, Stack};

/// Who sends what anybody may, and alleges: an oracle's account, no party of a licence.
const KEEPER: &str = "//Alice//yieldset//keeper";
/// 25 October 2027, when a licence of three months from January 2027 on is long over, and one of a year from October
/// 2026 on is just over.
const LATER: u64 = 1_824_422_400;
/// 2 October 2026, which the platform says of its last training run.
const ANTEDATED: u64 = 1_790_899_200;
/// What the platform's own keeper sends.
const ITS_OWN: [&str; 2] = ["anchor", "record_ingestion"];
/// What the other one sends, with `--only`: all else.
const OTHERS: [&str; 11] = [
    "lapse",
    "assess_usage",
    "record_default",
    "true_up",
    "record_breach",
    "apply_finding",
    "close",
    "forfeit_escrow",
    "record_violation",
    "keep_root",
    "claim_for_many",
];

/// Three months; a floor, a guarantee and an escrow. Its platform will be silent.
const MENU: &str = r#"[[option]]
document = "0x5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e"
months = 3
upfront = "1 DEV"
residual = "10 %"
floor = "1 DEV"
guarantee = "12 DEV"
escrow = "12 DEV"
funding_days = 10
report_days = 20
payment_days = 30
grace_days = 10
deletion_days = 30
redaction_days = 30
"#;

/// Proves LIC-3, LIC-5 to LIC-10, ATT-2 and PAY-6 on the running product: of two licences that are over, whose platform
/// reported, paid, redacted and deleted nothing, and of a model that was trained after them, the real keepers find
/// all that is due and send it in one round each, in an order in which the real contracts take all of it; each has its
/// effect there. After that there is nothing to send, neither for them nor for one that remembers nothing.
pub async fn what_is_due_is_done_once(stack: &Stack) {
    let told = &stack.told;
    let short = short_licence(stack).await;
    let anchored = keeper(stack, "platform-keeper.json", &told.cast.platform.uri, &["anchor"], &[]).await;
    assert_eq!(anchored["done"], 2, "the log's checkpoint, for each licence: {anchored}");
    a_year_passes(stack).await;

    let own = keeper(stack, "platform-keeper.json", &told.cast.platform.uri, &ITS_OWN, &[]).await;
    is_all_done(&own);
    for run in ["training", "late"] {
        let call = Manifests::ingestionOfCall { platform: told.cast.platform.address(), run: digest(run) };
        let found = told.client.read(told.deployment.manifests, &call).await.unwrap();
        assert_eq!(found.model, digest(MODEL), "{run} is on record");
    }

    let due = keeper(stack, "dry.json", KEEPER, &OTHERS, &["--dry-run"]).await;
    assert_eq!(names(&due["due"]), expected(told.licence, short), "{due}");
    assert_eq!(payable(stack).await, told.contributors.len());
    let before = height(stack).await;
    let round = keeper(stack, "keeper.json", KEEPER, &OTHERS, &[]).await;
    is_all_done(&round);
    // A transaction makes a block, whether or not it has its effect: each act once, and two quarters' floors that were
    // on record and then paid from the escrow.
    assert_eq!(height(stack).await - before, due["due"].as_array().unwrap().len() as u64 + 2, "{round}");
    assert_eq!(payable(stack).await, 0);
    licences_are_wound_up(stack, short).await;

    let after = height(stack).await;
    for (state, who, kinds) in [
        ("keeper.json", KEEPER, &OTHERS[..]),
        ("forgetful.json", KEEPER, &OTHERS[..]),
        ("platform-keeper.json", told.cast.platform.uri.as_str(), &ITS_OWN[..]),
        ("platform-forgetful.json", told.cast.platform.uri.as_str(), &ITS_OWN[..]),
    ] {
        is_all_done(&keeper(stack, state, who, kinds, &[]).await);
        assert_eq!(height(stack).await, after, "{state}");
    }
}

/// What is due of the licences: of the demo's, which had no floor and is in the time to delete, and of the short one.
fn expected(year: B256, short: B256) -> Vec<String> {
    let claims = format!("claim_for_many {} 8107 0", story::stream());
    let of = |licence: B256, acts: &[&str]| -> Vec<String> {
        let one = |act: &&str| {
            let (kind, which) = act.split_once(' ').unwrap_or((act, ""));
            format!("{kind} {licence} {which}").trim().to_owned()
        };
        acts.iter().map(one).collect()
    };
    // 8107 is 2026Q4. The last quarter that is over can still be paid until 10 November, and the data deleted until the
    // end of October.
    let year = of(
        year,
        &[
            "record_breach Report 8107",
            "record_breach Report 8108",
            "record_breach Report 8109",
            "record_breach Report 8110",
            "record_default 8107",
            "record_default 8108",
            "record_default 8109",
            "close",
        ],
    );
    let short = of(
        short,
        &[
            "record_breach Report 8108",
            "record_breach Report 8109",
            "record_default 8108",
            "record_default 8109",
            "record_breach Redaction 1",
            "true_up 1",
            "record_breach Deletion 0",
            "close",
        ],
    );
    let mut all = [year, short, vec![claims, "record_violation".into(), "record_violation".into()]].concat();
    all.sort_unstable();
    all
}

/// Names of acts as a keeper prints them; of what is alleged the kind alone, since its evidence is a record's hash.
fn names(acts: &Value) -> Vec<String> {
    let name = |act: &Value| {
        let name = act[0].as_str().unwrap();
        if name.starts_with("record_violation") { "record_violation".to_owned() } else { name.to_owned() }
    };
    let mut names: Vec<String> = acts.as_array().unwrap().iter().map(name).collect();
    names.sort_unstable();
    names
}

/// Nothing is left, nothing was refused, and nothing is somebody else's.
fn is_all_done(round: &Value) {
    for list in ["due", "failed", "blocked", "not_ours", "late", "unread", "left"] {
        assert_eq!(round[list], Value::Array(Vec::new()), "{list}: {round}");
    }
}

/// A licence by [`MENU`], in force, with the demo's usage log; with a redaction that is asked for. The roles of whoever
/// keeps.
async fn short_licence(stack: &Stack) -> B256 {
    let told = &stack.told;
    let (shell, platform) = (&told.shell, told.cast.platform.uri.as_str());
    let keeper = Signer::dev(KEEPER).unwrap();
    told.cast.admin.transfer_native(Payee::account(keeper.account_id()), 100 * COIN).await.unwrap();
    for (contract, name, account) in [
        (told.deployment.licence, "ORACLE_ROLE", keeper.address()),
        (told.deployment.manifests, "PLATFORM_ROLE", told.cast.platform.address()),
    ] {
        let grant = Access::grantRoleCall { role: role(name), account };
        told.cast.admin.send(contract, &grant, 0).await.unwrap();
    }
    let menu = shell.path("short.toml").display().to_string();
    std::fs::write(&menu, MENU).unwrap();
    let datasets: Vec<String> = told.cast.creators.iter().map(|creator| creator.dataset_at()).collect();
    let mut offer = vec!["licence", "offer", &menu, "--until", "2027-03-01", "--label", "short", "--datasets"];
    offer.extend(datasets.iter().map(String::as_str));
    shell.does(platform, &offer).await.unwrap();
    let licence = *shell.book().unwrap().licences.get("short").unwrap();
    coop::decide(told, &["licence", "accept", "@short"], "A short one", "accept-short").await.unwrap();
    shell.does(platform, &["escrow", "fund", "@short", "12 DEV"]).await.unwrap();
    let log: Value = serde_json::from_slice(&std::fs::read(shell.path("log/log.json")).unwrap()).unwrap();
    let [key, witness] = [&log["log_key"], &log["witnesses"][0]["key"]].map(|key| key.as_str().unwrap());
    let keys = ["platform", "rotate", "@short", "--origin", ORIGIN, "--key", key, "--witnesses", witness];
    shell.does(platform, &keys).await.unwrap();

    let creator = &told.cast.creators[0];
    let (dataset, without) = (creator.dataset(), B256::repeat_byte(0x77));
    let next = Manifests::registerCall { dataset, manifestHash: without, licenceHash: B256::repeat_byte(0x78) };
    creator.account.submitter.send(told.deployment.manifests, &next, 0).await.unwrap();
    let request = B256::repeat_byte(0x79);
    let redaction = Licence::requestRedactionCall { licence, dataset, request, manifest: without };
    creator.account.submitter.send(told.deployment.licence, &redaction, 0).await.unwrap();
    licence
}

/// Then the model is trained once more, of which its platform says that it was long ago, and the pool has more money of
/// the reported quarter.
async fn a_year_passes(stack: &Stack) {
    let told = &stack.told;
    clock::go_to_second(told, LATER).await.unwrap();
    let read: Vec<B256> = told.cast.creators.iter().map(|creator| manifest(stack, &creator.file.slug)).collect();
    stack.oracle().record_run("late", ANTEDATED, &read, "run-late", &told.log).await.unwrap();
    let (stream, period) = (story::stream(), story::period().unwrap());
    let deposit = Pool::depositCall { stream, period, amount: U256::from(6 * COIN) };
    told.cast.platform.submitter.send(told.deployment.pool, &deposit, 6 * COIN).await.unwrap();
}

/// The hash of a creator's manifest.
fn manifest(stack: &Stack, slug: &str) -> B256 {
    let file = stack.path().join("manifests").join(slug).join("ro-crate-metadata.json");
    sha256(&std::fs::read(file).unwrap()).into()
}

/// Each act had its effect: both licences are closed, with what was not done on record; the short one's year has what
/// was guaranteed for three months of twelve, from its escrow, and of that the floors are paid.
async fn licences_are_wound_up(stack: &Stack, short: B256) {
    let told = &stack.told;
    let records = async |licence: B256| -> Records {
        let at = told.client.finalised_block().await.unwrap().hash;
        found::records(&told.client, (told.deployment.licence, licence), at).await.unwrap()
    };
    let [year, brief] = [records(told.licence).await, records(short).await];
    let counted = |one: &Records| (one.counts.breaches, one.counts.defaults, one.counts.violations, one.state.closed);
    assert_eq!((counted(&year), counted(&brief)), ((4, 3, 1, true), (4, 2, 1, true)));
    assert_eq!(brief.counts.nextYear, 2, "the first is trued up");
    let money = Licence::Money::abi_decode(&record(stack, short, b'M', B256::ZERO).await).unwrap();
    assert_eq!((money.escrow, money.toPool), (U256::from(9 * COIN), U256::from((1 + 3) * COIN)));
    for quarter in [8_108u32, 8_109] {
        let due = record(stack, short, b'U', U256::from(quarter).into()).await;
        let due = Licence::Due::abi_decode(&due).unwrap();
        assert!(due.outstanding.is_zero() && due.lateAt > 0, "{quarter}: {due:?}");
    }
    let redaction = record(stack, short, b'R', U256::from(1).into()).await;
    assert!(Licence::Redaction::abi_decode(&redaction).unwrap().lateAt > 0);
}

/// The words of one of a licence's records.
async fn record(stack: &Stack, licence: B256, record: u8, which: B256) -> Vec<u8> {
    let call = Licence::recordOfCall { licence, record, which };
    stack.told.client.read(stack.told.deployment.licence, &call).await.unwrap().concat()
}

/// For how many contributors of the reported quarter the pool has money.
async fn payable(stack: &Stack) -> usize {
    let told = &stack.told;
    let (stream, period) = (story::stream(), story::period().unwrap());
    let mut count = 0;
    for one in &told.contributors {
        let (account, weight, proof): (Address, U256, _) = (one.account, one.weight, one.proof.clone());
        let call = Pool::contributionStateCall { account, stream, period, weight, proof };
        count += usize::from(told.client.read(told.deployment.pool, &call).await.unwrap().state == 2);
    }
    count
}

async fn height(stack: &Stack) -> u64 {
    stack.told.client.finalised_block().await.unwrap().number
}

/// A round of the real program, which leaves nothing: it ends with 0. What it printed.
async fn keeper(stack: &Stack, state: &str, from: &str, kinds: &[&str], more: &[&str]) -> Value {
    let text = |name: &str| stack.path().join(name).display().to_string();
    let (state, deployment, log) = (text(state), text("deployment.json"), text("log"));
    let (manifests, report) = (text("manifests"), text("report.json"));
    let mut arguments = vec!["keeper", "--once", "--from", from, "--node-url", &stack.told.node, "--model", MODEL];
    arguments.extend(["--deployment", &deployment, "--state", &state, "--log-dir", &log, "--manifests", &manifests]);
    arguments.extend(["--reports", &report]);
    arguments.extend(kinds.iter().flat_map(|kind| ["--only", kind]));
    arguments.extend(more);
    serde_json::from_str(&stack.children.tool(PROGRAM, &arguments).await.unwrap()).unwrap()
}

fn digest(text: &str) -> B256 {
    sha256(text.as_bytes()).into()
}
