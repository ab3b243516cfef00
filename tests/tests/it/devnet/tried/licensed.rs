//! A licence from its offer to what is owed after its end: offers that end, a menu's option, another platform, a
//! quarter with its usage, audits, termination.

use yieldset_chain::{
    B256, SolValue, U256,
    abi::{Licence, Manifests},
    keccak256,
};
use yieldset_rules::period::quarter_start;

use super::{DAY, FIRST, ORIGIN, posted, registered, total};
use crate::devnet::{
    COIN,
    commands::address,
    scene::{Scene, digest, number},
};

/// 1 February 2027, when Cleo had her shares.
const HELD_AT: u64 = 1_801_440_000;
/// Of records that are one of a licence.
const ONE: B256 = B256::ZERO;

/// What each option here has, and more.
fn menu(more: &str) -> String {
    format!(
        "[[option]]\ndocument = \"{}\"\nmonths = 12\nresidual = \"10 %\"\nreport_days = 20\npayment_days = 30\n\
         grace_days = 10\nnotice_days = 60\ncure_days = 15\ndeletion_days = 30\nredaction_days = 30\n{more}",
        digest(3)
    )
}

fn coins(number: u128) -> U256 {
    U256::from(number * COIN)
}

/// So many tenths of a coin.
fn tenths(number: u128) -> U256 {
    U256::from(number * COIN / 10)
}

async fn money(scene: &Scene<'_>, label: &str) -> Licence::Money {
    scene.record(label, b'M', ONE).await
}

async fn stage(scene: &Scene<'_>, label: &str) -> u8 {
    scene.record::<Licence::State>(label, b'S', ONE).await.stage
}

async fn due(scene: &Scene<'_>, quarter: u32) -> Licence::Due {
    scene.record("main", b'U', number(quarter)).await
}

async fn audit(scene: &Scene<'_>, which: u32) -> Licence::Audit {
    scene.record("main", b'A', number(which)).await
}

/// Letters in the pool, and who decides on what is licensed of it.
pub async fn a_dataset(scene: &Scene<'_>) -> B256 {
    let (pool, manifests) = (scene.deployment.pool, scene.deployment.manifests);
    scene.grants("admin", pool, &["LICENSOR_ROLE"]).await;
    scene.grants("admin", scene.deployment.licence, &["ARBITER_ROLE", "AUDITOR_ROLE"]).await;
    let dataset = registered(scene).await;
    scene.sends("ada", manifests, &Manifests::assignToPoolCall { dataset, pool }, 0).await;
    dataset
}

/// One is taken back, and its upfront paid back to the platform whoever asks; another is declined.
pub async fn offers_end(scene: &Scene<'_>, dataset: B256) {
    let (menu, id) = (scene.file("offer.toml", &menu("upfront = \"5 DEV\"\n")), dataset.to_string());
    let offer = |label: &'static str| ["licence", "offer", &menu, "--datasets", &id, "--label", label];
    scene.does("ben", &offer("first")).await;
    assert_eq!((stage(scene, "first").await, money(scene, "first").await.escrow), (1, coins(5)));
    scene.refuses("dora", &["licence", "withdraw", "@first"], "its platform is").await;
    scene.does("ben", &["licence", "withdraw", "@first"]).await;
    assert_eq!((stage(scene, "first").await, money(scene, "first").await.refundable), (2, coins(5)));
    let had = scene.coins("ben").await;
    scene.does("dora", &["licence", "refund", "@first"]).await;
    assert_eq!(scene.coins("ben").await - had, 5 * COIN);
    assert_eq!(money(scene, "first").await.refunded, coins(5));
    scene.does("ben", &offer("second")).await;
    scene.refuses("ben", &["licence", "decline", "@second"], "does not have LICENSOR_ROLE").await;
    scene.does("admin", &["licence", "decline", "@second"]).await;
    assert_eq!(stage(scene, "second").await, 3);
}

/// The licensor's own menu, of which Ben takes the option with two coins upfront and 120 of escrow. What is taken back
/// then is taken by nobody.
pub async fn an_option_is_taken(scene: &Scene<'_>, dataset: B256) {
    let option = menu(&format!(
        "upfront = \"2 DEV\"\nmetric = \"minilm-l6-v2+winnow 1\"\nthreshold = \"0.7\"\n\
         per_thousand_tokens = \"1 DEV\"\nguarantee = \"120 DEV\"\nescrow = \"120 DEV\"\nfunding_days = 14\n\
         audit_fee_cap = \"5 DEV\"\naudit_expenses_cap = \"3 DEV\"\nsublicensing = true\n\
         [[option.milestone]]\namount = \"100 DEV\"\ndocument = \"{}\"\n",
        digest(4)
    ));
    let (menu, id) = (scene.file("menu.toml", &option), dataset.to_string());
    let publish = ["licence", "publish", &menu, "--datasets", &id, "--until", "+30d", "--label", "menu"];
    scene.refuses("ben", &publish, "does not have LICENSOR_ROLE").await;
    scene.does("admin", &publish).await;
    let published = scene.record::<Licence::Menu>("menu", b'X', ONE).await;
    assert_eq!((published.pool, published.licensor), (scene.deployment.pool, address("admin")));
    scene.does("ben", &["licence", "take", "@menu", "0", "--label", "main"]).await;
    assert_eq!((stage(scene, "main").await, money(scene, "main").await.escrow), (6, coins(120)));
    // 40 % of two coins are the contributors'.
    assert_eq!(total(scene, scene.book().licences["main"], FIRST).await, tenths(8));
    scene.refuses("ben", &["licence", "withdraw-menu", "@menu"], "does not have LICENSOR_ROLE").await;
    scene.does("admin", &["licence", "withdraw-menu", "@menu"]).await;
    assert!(scene.record::<Licence::Menu>("menu", b'X', ONE).await.pool.is_zero());
    scene.refuses("dora", &["licence", "take", "@menu", "0"], "is no menu").await;
}

/// Its escrow grows, a milestone frees a hundred coins of it, and the platform grants a sublicence.
pub async fn it_is_in_force(scene: &Scene<'_>) {
    scene.does("dora", &["escrow", "fund", "@main", "5 DEV"]).await;
    assert_eq!(money(scene, "main").await.escrow, coins(125));
    let milestone = ["licence", "milestone", "@main", "0", "--evidence", &digest(5)];
    scene.refuses("ada", &milestone, "Not licensor").await;
    scene.does("admin", &milestone).await;
    let after = money(scene, "main").await;
    assert_eq!((after.escrow, after.refundable), (coins(25), coins(100)));
    let had = scene.coins("ben").await;
    scene.does("ada", &["licence", "refund", "@main"]).await;
    assert_eq!(scene.coins("ben").await - had, 100 * COIN);
    let dora = address("dora");
    let licensee = dora.to_string();
    let grant = ["licence", "sublicence", "@main", &licensee, "--uses", "deepfakes", "--document", &digest(6)];
    scene.refuses("ada", &grant, "its platform is").await;
    scene.does("ben", &grant).await;
    let granted: Licence::Sublicence = scene.record("main", b'L', number(1)).await;
    // The second of the uses that terms can forbid.
    assert_eq!((granted.licensee, granted.uses, granted.document), (dora, 2, B256::repeat_byte(6)));
}

/// Dora is the platform from now on: she names the usage log, anchors it, and certifies a redaction.
pub async fn another_platform_takes_over(scene: &Scene<'_>, dataset: B256) {
    let (contract, licence, dora) = (scene.deployment.licence, scene.book().licences["main"], address("dora"));
    scene.refuses("ada", &["licence", "hand-over", "@main", &dora.to_string()], "its platform is").await;
    scene.does("ben", &["licence", "hand-over", "@main", &dora.to_string()]).await;
    scene.refuses("ada", &["licence", "take-over", "@main"], "the platform named").await;
    scene.does("dora", &["licence", "take-over", "@main"]).await;
    assert_eq!(scene.record::<Licence::Parties>("main", b'P', ONE).await.platform, dora);
    let keys = ["--key", &digest(8), "--origin", ORIGIN, "--witnesses", &digest(9)];
    let rotate = [&["platform", "rotate", "@main"], &keys[..]].concat();
    scene.refuses("ben", &rotate, "its platform is").await;
    scene.does("dora", &rotate).await;
    let log = Licence::UsageLog::abi_decode_sequence(&scene.words("main", b'G', ONE).await).unwrap();
    let named = (log.epoch, log.key, log.origin.as_str(), log.witnesses);
    assert_eq!(named, (1, B256::repeat_byte(8), ORIGIN, vec![B256::repeat_byte(9)]));
    scene.does("dora", &["platform", "anchor", "@main", "24", &digest(7)]).await;
    let checkpoint = keccak256([ORIGIN.as_bytes(), &24u64.to_be_bytes()].concat());
    let anchor: Licence::Anchor = scene.record("main", b'H', checkpoint).await;
    assert_eq!((anchor.root, anchor.epoch), (B256::repeat_byte(7), 1));

    let [manifest, request, text] = [10, 11, 2].map(B256::repeat_byte);
    let next = Manifests::registerCall { dataset, manifestHash: manifest, licenceHash: text };
    scene.sends("ada", scene.deployment.manifests, &next, 0).await;
    let redact = Licence::requestRedactionCall { licence, dataset, request, manifest };
    scene.sends("ada", contract, &redact, 0).await;
    let certify = ["redaction", "certify", "@main", "1", &digest(12)];
    scene.refuses("ben", &certify, "its platform is").await;
    scene.does("dora", &certify).await;
    let redaction: Licence::Redaction = scene.record("main", b'R', number(1)).await;
    assert_eq!((redaction.request, redaction.certificate), (request, B256::repeat_byte(12)));
    assert!(redaction.certifiedAt > 0);
}

/// 10 % of 200 coins and a coin for a thousand tokens, of which 900 count: a quarter of it is held at first.
pub async fn a_quarter_is_paid(scene: &Scene<'_>) {
    let stream = scene.book().licences["main"];
    scene.goes_to(quarter_start(FIRST + 1) + DAY).await;
    let rows = "licence,period,gross,infrastructure,taxes,evidence\n@main,2027Q1,400 DEV,150 DEV,50 DEV,";
    let revenue = scene.file("revenue.csv", &format!("{rows}{}\n", digest(13)));
    scene.refuses("ben", &["revenue", "import", &revenue], "its platform is").await;
    scene.does("dora", &["revenue", "import", &revenue]).await;
    let quarter: Licence::Quarter = scene.record("main", b'Q', number(FIRST)).await;
    assert_eq!((quarter.gross, quarter.base, quarter.evidence), (coins(400), coins(200), B256::repeat_byte(13)));
    assert_eq!(due(scene, FIRST).await.due, coins(20));

    scene.does("dora", &["pay", "@main", "2027Q1", "5 DEV", "--held"]).await;
    let paid = due(scene, FIRST).await;
    assert_eq!((paid.paid, paid.held, paid.outstanding), (coins(5), coins(5), coins(15)));
    scene.does("ada", &["licence", "deliver", "@main", "2027Q1"]).await;
    assert_eq!(due(scene, FIRST).await.held, U256::ZERO);
    // 40 % of the two coins upfront and of these five.
    assert_eq!(total(scene, stream, FIRST).await, tenths(28));
    scene.does("ada", &["pay", "@main", "2027Q1", "15 DEV"]).await;
    assert_eq!(due(scene, FIRST).await.outstanding, U256::ZERO);
    assert_eq!(total(scene, stream, FIRST).await, tenths(88));

    let assess = ["licence", "assess-usage", "@main", "2027Q1"];
    scene.refuses("ada", &assess, "Usage not final").await;
    posted(scene, stream, (FIRST, 0), [9; 32]).await;
    scene.passes(10).await;
    scene.does("ada", &assess).await;
    let quarter: Licence::Quarter = scene.record("main", b'Q', number(FIRST)).await;
    assert_eq!((quarter.tokens, quarter.calls), (U256::from(900), 12));
    assert_eq!(due(scene, FIRST).await.due, tenths(209));
}

/// Of two audits of the quarter the first corrects it, and is paid for; the arbiter dismisses the second.
pub async fn quarters_are_audited(scene: &Scene<'_>) {
    let (contract, licence) = (scene.deployment.licence, scene.book().licences["main"]);
    let request = ["audit", "request", "@main", "2027Q1", "--scope", &digest(14), "--held-at", "2027-02-01"];
    scene.refuses("ben", &request, "it had votes of 0 shares").await;
    scene.does("cleo", &request).await;
    let asked = audit(scene, 1).await;
    assert_eq!((asked.contributor, asked.quarter, asked.scope), (address("cleo"), FIRST, B256::repeat_byte(14)));
    let eve = address("eve");
    let approve = ["audit", "approve", "@main", &eve.to_string()];
    scene.refuses("ben", &approve, "does not have AUDITOR_ROLE").await;
    scene.does("admin", &approve).await;
    assert!(scene.record::<Licence::Standing>("main", b'C', eve.into_word()).await.approved);

    let answer =
        ["audit", "answer", "@main", "1", "--logs", &digest(1), "--manifests", &digest(2), "--runs", &digest(3)];
    scene.refuses("ben", &answer, "its platform is").await;
    scene.does("dora", &answer).await;
    let answered = audit(scene, 1).await;
    let digests = [answered.logs, answered.manifests, answered.runs];
    assert_eq!(digests, [1, 2, 3].map(B256::repeat_byte));
    let found = ["--discrepancy", "6 %", "--tokens", "1900", "--calls", "20"];
    let costs = ["--fee", "4 DEV", "--expenses", "2 DEV", "--report", &digest(4)];
    let report = [&["audit", "report", "@main", "1"], &found[..], &costs].concat();
    scene.refuses("ben", &report, "does not have AUDITOR_ROLE").await;
    scene.does("admin", &report).await;
    let reported = audit(scene, 1).await;
    assert_eq!((reported.discrepancyBps, reported.tokens, reported.calls), (600, U256::from(1_900), 20));
    assert_eq!((reported.fee, reported.expenses, reported.report), (coins(4), coins(2), B256::repeat_byte(4)));

    scene.does("dora", &["audit", "pay", "@main", "1"]).await;
    scene.does("ben", &["audit", "pay", "@main", "1", "--expenses"]).await;
    let paid = audit(scene, 1).await;
    assert!(paid.feePaid && paid.reimbursed && !paid.feeWithdrawn && !paid.expensesWithdrawn, "{paid:?}");
    scene.refuses("ben", &["audit", "withdraw", "@main", "1"], "Not creditor").await;
    let had = scene.coins("admin").await;
    scene.does("ben", &["audit", "withdraw", "@main", "1", "--to", &address("admin").to_string()]).await;
    assert_eq!(scene.coins("admin").await - had, 4 * COIN);

    let [scope, logs, manifests, runs, report] = [5, 6, 7, 8, 9].map(B256::repeat_byte);
    let again = Licence::requestAuditCall { licence, quarter: FIRST, scope, timepoint: HELD_AT };
    scene.sends("cleo", contract, &again, 0).await;
    let answer = Licence::answerAuditCall { licence, number: 2, logs, manifests, runs };
    scene.sends("dora", contract, &answer, 0).await;
    let (tokens, nothing) = (U256::from(5), U256::ZERO);
    let finding = Licence::reportAuditCall {
        licence,
        number: 2,
        discrepancyBps: 700,
        tokens,
        calls: 5,
        fee: nothing,
        expenses: nothing,
        report,
    };
    scene.sends("admin", contract, &finding, 0).await;
    let dismiss = ["audit", "dismiss", "@main", "correction", "2"];
    scene.refuses("ben", &dismiss, "does not have ARBITER_ROLE").await;
    scene.does("admin", &dismiss).await;
    assert!(audit(scene, 2).await.dismissed);

    let apply = ["audit", "apply", "@main", "1"];
    scene.refuses("ada", &apply, "Not yet").await;
    scene.passes(15 * DAY).await;
    scene.refuses("ada", &["audit", "apply", "@main", "2"], "Already done").await;
    scene.does("ada", &apply).await;
    assert!(audit(scene, 1).await.applied);
    let quarter: Licence::Quarter = scene.record("main", b'Q', number(FIRST)).await;
    assert_eq!((quarter.tokens, quarter.calls), (U256::from(1_900), 20));
    assert_eq!(due(scene, FIRST).await.due, tenths(219));
}

/// The arbiter ends it; the year is trued up: 21.9 coins and ten were earned of the 120 that are guaranteed where not
/// all is paid, of the rest the escrow has 25.
pub async fn it_ends(scene: &Scene<'_>) {
    let terminate = ["licence", "terminate", "@main", "--reason", "order", "--evidence", &digest(15)];
    scene.refuses("ada", &terminate, "Termination not allowed").await;
    scene.does("admin", &terminate).await;
    let state: Licence::State = scene.record("main", b'S', ONE).await;
    assert_eq!((state.stage, state.reason, state.deletion), (7, 5, 1));
    scene.passes(10).await;
    let figures = ["--gross", "100 DEV", "--infrastructure", "0 DEV", "--taxes", "0 DEV", "--evidence", &digest(16)];
    let report = [&["revenue", "report", "@main", "2027Q2"], &figures[..]].concat();
    scene.refuses("ben", &report, "its platform is").await;
    scene.does("dora", &report).await;
    assert_eq!(due(scene, FIRST + 1).await.due, coins(10));
    let certify = ["deletion", "certify", "@main", &digest(1)];
    scene.refuses("ben", &certify, "its platform is").await;
    scene.does("dora", &certify).await;
    assert_eq!(scene.record::<Licence::State>("main", b'S', ONE).await.deletion, 2);

    let true_up = ["licence", "true-up", "@main", "1"];
    scene.refuses("ben", &true_up, "Year not over").await;
    // Until ninety days after the second quarter a report can say more of its usage.
    scene.goes_to(quarter_start(FIRST + 3) + DAY).await;
    scene.does("ben", &true_up).await;
    let year: Licence::Year = scene.record("main", b'Y', number(1)).await;
    assert_eq!((year.guaranteed, year.earned), (coins(120), tenths(319)));
    assert_eq!((year.fromEscrow, year.owed), (coins(25), tenths(631)));
    scene.does("ben", &["escrow", "pay-shortfall", "@main", "1", "3.1 DEV"]).await;
    let year: Licence::Year = scene.record("main", b'Y', number(1)).await;
    assert_eq!((year.owed, year.toppedUp), (coins(60), tenths(281)));
}
