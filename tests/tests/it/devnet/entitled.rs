//! Every act by who may do it and by who may not, as `yieldset` looks at it before anything is sent.

mod expected;

use std::collections::{BTreeMap, BTreeSet};

use clap::Parser;
use yieldset_chain::abi::Attribution;
use yieldset_chain::acts::registry::{Deed, Told, declared_acts};
use yieldset_chain::acts::{Desk, Outcome};
use yieldset_chain::submit::Signer;
use yieldset_chain::{AccountId, Address, B256, Home, Profile};
use yieldset_tasks::demo::cast::ADMIN;

use super::{COIN, Stack, deploying::MEMBER};
use expected::{POSSIBLE, refusal};

/// A command without its options for all commands.
#[derive(Parser)]
#[command(no_binary_name = true)]
struct Line {
    #[command(subcommand)]
    deed: Deed,
}

/// Who may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum May {
    /// Who deployed: admin, issuer, agent, lister.
    Admin,
    /// The holders, by a vote: the pool's licensor and governor.
    Coop,
    /// The licence's platform.
    Platform,
    /// A creator, who has shares, a dataset and an open order's price.
    Creator,
    /// The investor, who has shares and an open order.
    Investor,
    /// Anybody: who passes by has money, a KYC record and half a share, and no part in any of it.
    Anybody,
}

/// Who passes by.
const PASSER_BY: &str = "//Alice//yieldset//passer-by";

/// Each act once, by who may do it. `~` is a blank within an argument; `H` a digest, `K` an ed25519 key and `M` one of
/// the committee's.
const ACTS: &[(&str, May)] = &[
    ("kyc set @stranger --country 840 --until +365d", May::Admin),
    ("kyc import FOLDER/new-records.csv", May::Admin),
    ("kyc revoke @melville", May::Admin),
    ("kyc freeze @melville", May::Admin),
    ("kyc unfreeze @melville", May::Admin),
    ("kyc sanction @melville", May::Admin),
    ("kyc recover @melville @stranger --reason H", May::Admin),
    ("kyc trust @lincoln", May::Admin),
    ("kyc distrust @lumen", May::Admin),
    ("policy set --open", May::Admin),
    ("roles grant agent @lumen --on kyc", May::Admin),
    ("roles revoke agent me --on kyc", May::Admin),
    ("roles renounce issuer --on pool", May::Admin),
    ("roles hand-over @lumen --on kyc", May::Admin),
    ("pool create Another ANO", May::Anybody),
    ("pool register @lumen", May::Admin),
    ("pool open --cap 5000~shares", May::Admin),
    ("pool declare-minimum 1~DEV", May::Admin),
    ("pool mint @lincoln 1~share", May::Admin),
    ("pool transfer @lincoln 1~share", May::Investor),
    ("pool transfer-from @investor @fdr 1~share", May::Creator),
    ("pool approve @lincoln 1~share", May::Anybody),
    ("pool sale --shares 10~shares --price 1~DEV --ends +30d", May::Admin),
    ("pool pause", May::Admin),
    ("pool unpause", May::Admin),
    ("pool freeze-shares @melville 1~share", May::Admin),
    ("pool force-transfer @melville @lincoln 1~share --reason H", May::Admin),
    ("pool recover @melville @lincoln --reason H", May::Admin),
    ("pool end-reservations", May::Investor),
    ("pool deposit lumen/lumen-1 2026Q4 1~DEV", May::Anybody),
    ("pool carry lumen/lumen-1 2026Q4", May::Anybody),
    ("pool release lumen/lumen-1 2026Q4", May::Anybody),
    ("pool raise-cap 9000~shares", May::Coop),
    ("pool succeed kyc @lumen", May::Coop),
    ("pool cancel-successor kyc", May::Coop),
    ("pool adopt kyc", May::Anybody),
    ("dataset register fdr/another --manifest H --licence-text H", May::Anybody),
    ("dataset update @fdr:DATASET --manifest H --licence-text H", May::Creator),
    ("dataset transfer @fdr:DATASET @lumen", May::Creator),
    ("dataset accept @kennedy:OTHER", May::Platform),
    ("dataset assign @fdr:DATASET nobody", May::Creator),
    ("dataset withdraw @fdr:DATASET 1 --reason H", May::Creator),
    ("dataset redact @fdr:DATASET 1 --reason H", May::Creator),
    ("dataset card @fdr:DATASET H", May::Creator),
    ("platform register @lincoln", May::Admin),
    ("platform rotate @lumen-1 --key K --origin a.example/b --witnesses W", May::Platform),
    ("platform anchor @lumen-1 1 H", May::Platform),
    ("platform model-card lumen/lumen-1 H", May::Platform),
    ("licence offer FOLDER/menu.toml --datasets @fdr:DATASET", May::Anybody),
    ("licence publish FOLDER/menu.toml --datasets @fdr:DATASET --until +30d", May::Coop),
    ("licence withdraw-menu @lumen-1", May::Coop),
    ("licence take @lumen-1 0", May::Anybody),
    ("licence withdraw @lumen-1", May::Platform),
    ("licence decline @lumen-1", May::Coop),
    ("licence accept @lumen-1", May::Coop),
    ("licence terminate @lumen-1 --reason order --evidence H", May::Admin),
    ("licence hand-over @lumen-1 @lincoln", May::Platform),
    ("licence take-over @lumen-1", May::Creator),
    ("licence milestone @lumen-1 0 --evidence H", May::Coop),
    ("licence sublicence @lumen-1 @lincoln --document H", May::Platform),
    ("licence refund @lumen-1", May::Anybody),
    ("licence deliver @lumen-1 2026Q4", May::Anybody),
    ("licence assess-usage @lumen-1 2026Q4", May::Anybody),
    ("licence true-up @lumen-1 1", May::Anybody),
    ("coop propose @lumen 1~DEV --why Thanks", May::Creator),
    ("coop vote @more for", May::Creator),
    ("coop cancel FOLDER/home/proposals/most.json", May::Creator),
    ("coop delegate @lincoln", May::Anybody),
    ("coop end-delegation @melville", May::Anybody),
    ("revenue report @lumen-1 2026Q4 --gross 1~DEV --infrastructure 0~DEV --taxes 0~DEV --evidence H", May::Platform),
    ("revenue import FOLDER/revenue.csv", May::Platform),
    ("escrow fund @lumen-1 1~DEV", May::Anybody),
    ("escrow pay-shortfall @lumen-1 1", May::Anybody),
    ("committee propose K --threshold 1", May::Admin),
    ("committee activate", May::Anybody),
    ("committee revoke-key M", May::Admin),
    ("committee prepare-key K", May::Anybody),
    ("report dispute lumen/lumen-1 2026Q4 --reason H", May::Anybody),
    ("report add-reason lumen/lumen-1 2026Q4 --reason H", May::Anybody),
    ("report defend lumen/lumen-1 2026Q4", May::Anybody),
    ("report rule lumen/lumen-1 2026Q4 uphold", May::Admin),
    ("report expire lumen/lumen-1 2026Q4", May::Anybody),
    (
        "report audit lumen/lumen-1 2026Q4 --document H --seed H --samples 9 --deviation 0.01 --confidence 0.95",
        May::Admin,
    ),
    ("report withdraw-bond", May::Anybody),
    ("report deliver-bond lumen/lumen-1 2026Q4", May::Anybody),
    ("audit request @lumen-1 2026Q4 --scope H --held-at 2026-12-31", May::Investor),
    ("audit answer @lumen-1 1 --logs H --manifests H --runs H", May::Platform),
    (
        "audit report @lumen-1 1 --discrepancy 1~% --tokens 1 --calls 1 --fee 0~DEV --expenses 0~DEV --report H",
        May::Admin,
    ),
    ("audit apply @lumen-1 1", May::Anybody),
    ("audit dismiss @lumen-1 correction 1", May::Admin),
    ("audit pay @lumen-1 1", May::Anybody),
    ("audit withdraw @lumen-1 1", May::Investor),
    ("audit approve @lumen-1 @lincoln", May::Admin),
    ("deletion certify @lumen-1 H", May::Platform),
    ("redaction certify @lumen-1 1 H", May::Platform),
    ("market list --lot 2~shares --tick 0.01~DEV", May::Admin),
    ("market delist", May::Admin),
    ("market ask 1~share --price 1~DEV", May::Investor),
    ("market bid 1~share --price 1~DEV", May::Creator),
    ("market fill 1", May::Creator),
    ("market match 1 2", May::Anybody),
    ("market cancel 1", May::Investor),
    ("market clear 1", May::Anybody),
    ("market withdraw", May::Investor),
    ("market inherit @melville", May::Anybody),
    ("claim --all", May::Investor),
    ("pay @lumen-1 2026Q4", May::Anybody),
];

/// What takes a file that somebody signed, or that only its own command writes, or another state than the story's: a
/// sale, which ends with the opening, a training run on chain, a version to redact. The module of that name runs each
/// by its command, and these are all that it is asked for.
pub const ELSEWHERE: [&str; 9] = [
    "coop delegate-signed",
    "coop execute",
    "dataset certify-redaction",
    "kyc attest",
    "pool buy",
    "pool permit",
    "pool set-parts",
    "redaction request",
    "roles accept",
];

/// Proves NET-1: every act is looked at by who may and by who may not. Who may not is told so, in words that who may is
/// not told; who may can do what the story's state allows, and of the rest lacks something other than to be them.
pub async fn every_act_is_for_who_may(stack: &Stack) {
    let sends = ACTS.iter().map(|(line, _)| *line);
    let named: BTreeMap<&str, _> = declared_acts().iter().map(|act| (act.kind.name, act.kind.who)).collect();
    let name_of = |line: &str| {
        let name = named.keys().copied().find(|name| line.starts_with(&format!("{name} ")) || line == *name);
        name.unwrap_or_else(|| panic!("no act: {line}"))
    };
    let tried: BTreeSet<&str> = sends.map(name_of).collect();
    let wanted: BTreeSet<&str> = named.keys().copied().filter(|name| !ELSEWHERE.contains(name)).collect();
    assert_eq!(tried, wanted);
    begin(stack).await;
    let (mut wrong, mut possible) = (Vec::new(), BTreeSet::new());
    for (line, may) in ACTS {
        let name = name_of(line);
        let entitled = reasons(stack, line, *may).await;
        if entitled.is_empty() {
            possible.insert(name);
        }
        let Some(words) = refusal(name, named[name]) else { continue };
        let other = reasons(stack, line, May::Anybody).await;
        let told = |reasons: &BTreeSet<String>| reasons.iter().any(|reason| reason.contains(&words));
        if told(&entitled) || !told(&other) {
            wrong.push(format!("{line}: {words:?}; by {may:?}: {entitled:?}; by who passes by: {other:?}"));
        }
    }
    end(stack).await;
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let named: BTreeSet<&str> = POSSIBLE.iter().copied().collect();
    assert_eq!(possible, named);
}

/// What some acts are about: files, an issuer, an allowance, an offered dataset, a named platform, open proposals, the
/// co-op's money; the officers; and who passes by.
async fn begin(stack: &Stack) {
    let (cast, shell) = (&stack.told.cast, &stack.told.shell);
    let (fdr, kennedy) = (&cast.creators[0], &cast.creators[1]);
    assert_eq!((fdr.file.slug.as_str(), kennedy.file.slug.as_str()), ("fdr", "kennedy"));
    let revenue = "licence,period,gross,infrastructure,taxes,evidence\n@lumen-1,2027Q1,1 DEV,0 DEV,0 DEV,0x";
    let records = "account,level,country,accredited,until\n@stranger,1,246,false,2099-01-01\n";
    std::fs::write(stack.path().join("revenue.csv"), format!("{revenue}{}\n", "5e".repeat(32))).unwrap();
    std::fs::write(stack.path().join("new-records.csv"), records).unwrap();
    let money = cast.admin.prepare_call(stack.told.deployment.coop, Vec::new(), 10 * COIN).await.unwrap();
    cast.admin.submit(&money).await.unwrap();
    let admin = cast.admin.address().to_string();
    let passer_by = B256::from(Signer::dev(PASSER_BY).unwrap().account_id()).to_string();
    for (who, line) in [
        (ADMIN, &["kyc", "trust", "@lumen"][..]),
        (ADMIN, &["roles", "grant", "agent", &admin, "--on", "pool"]),
        (ADMIN, &["roles", "grant", "arbiter", &admin, "--on", "attribution"]),
        (ADMIN, &["roles", "grant", "auditor", &admin, "--on", "attribution"]),
        (ADMIN, &["roles", "grant", "arbiter", &admin, "--on", "licence"]),
        (ADMIN, &["roles", "grant", "auditor", &admin, "--on", "licence"]),
        ("", &["account", "label", "passer-by", &passer_by]),
        (ADMIN, &["account", "fund", "@passer-by", "1000 DEV"]),
        (ADMIN, &["kyc", "set", "@passer-by", "--country", "840", "--until", "+365d"]),
        (&cast.investor.uri, &["pool", "approve", "@fdr", "1 share"]),
        (&kennedy.account.uri, &["dataset", "transfer", &kennedy.file.dataset, "@lumen"]),
        (&cast.platform.uri, &["licence", "hand-over", "@lumen-1", "@fdr"]),
        (&fdr.account.uri, &["pool", "raise-cap", "9000 shares", "--by-vote", "More", "--label", "more"]),
        ("", &["clock", "--advance", "10s"]),
        // After the snapshot, and less than a proposer or an audit needs.
        (&cast.investor.uri, &["pool", "transfer", "@passer-by", "0.5 shares"]),
        // Votes count for the one, and not yet for the other.
        (&fdr.account.uri, &["pool", "raise-cap", "9001 shares", "--by-vote", "Most", "--label", "most"]),
    ] {
        shell.does(who, line).await.unwrap();
    }
}

/// As far as it would be in the way of what comes after.
async fn end(stack: &Stack) {
    let (cast, shell) = (&stack.told.cast, &stack.told.shell);
    let kennedy = &cast.creators[1];
    for (who, line) in [
        (PASSER_BY, &["pool", "transfer", "@investor", "0.5 shares"][..]),
        (ADMIN, &["kyc", "revoke", "@passer-by"]),
        (ADMIN, &["kyc", "distrust", "@lumen"]),
        (&kennedy.account.uri, &["dataset", "transfer", &kennedy.file.dataset, "nobody"]),
        (&cast.platform.uri, &["licence", "hand-over", "@lumen-1", "nobody"]),
    ] {
        shell.does(who, line).await.unwrap();
    }
}

/// Why somebody cannot do it, if they cannot: all that is not as it must be, or else what a contract would answer.
async fn reasons(stack: &Stack, line: &str, may: May) -> BTreeSet<String> {
    let (told, folder) = (&stack.told, stack.path().display().to_string());
    let creator = &told.cast.creators[0];
    let passer_by = Signer::dev(PASSER_BY).unwrap();
    let (sender, account): (Address, Option<AccountId>) = match may {
        May::Admin => (told.cast.admin.address(), Some(told.cast.admin.account_id())),
        May::Coop => (told.deployment.coop, None),
        May::Platform => (told.cast.platform.address(), Some(told.cast.platform.id)),
        May::Creator => (creator.account.address(), Some(creator.account.id)),
        May::Investor => (told.cast.investor.address(), Some(told.cast.investor.id)),
        May::Anybody => (passer_by.address(), Some(passer_by.account_id())),
    };
    let desk = Desk {
        client: told.client.clone(),
        profile: Profile::find("devnet", &Home::at(stack.path().join("home"))).unwrap(),
        deployment: told.deployment.clone(),
        book: told.shell.book().unwrap(),
        deployer: None,
        sender,
        account,
    };
    let committee = told.client.read(told.deployment.attribution, &Attribution::committeeCall {}).await.unwrap();
    let words = line.split(' ').map(|word| match word {
        "H" => format!("0x{}", "5e".repeat(32)),
        "K" => MEMBER.to_owned(),
        // Another key: a witness is not the log itself.
        "W" => MEMBER.replacen("0xd7", "0xd8", 1),
        "M" => committee.keys[0].to_string(),
        word => word
            .replace('~', " ")
            .replace("FOLDER", &folder)
            .replace("DATASET", &creator.file.dataset)
            .replace("OTHER", &told.cast.creators[1].file.dataset),
    });
    let parsed = Line::try_parse_from(words).unwrap_or_else(|error| panic!("{line}: {error}"));
    let without_name =
        |text: String| text.replace(&desk.says(sender), "who asks").replace(&sender.to_string(), "who asks");
    let plan = match parsed.deed.run(&desk).await {
        Ok(Told::Plan(plan)) => plan,
        Ok(told) => panic!("{line} sends nothing: {told:?}"),
        Err(error) => return BTreeSet::from([without_name(error.to_string())]),
    };
    let obstacles = plan.facts.iter().filter(|fact| !fact.holds);
    let obstacles: BTreeSet<_> = obstacles.map(|fact| without_name(fact.says.clone())).collect();
    if !obstacles.is_empty() {
        return obstacles;
    }
    let tried = plan.simulate(&desk.client, desk.origin().await.unwrap()).await.unwrap();
    let refused = tried.into_iter().filter_map(|one| match one.outcome {
        Outcome::Refused { reason, .. } => Some(without_name(reason)),
        _ => None,
    });
    refused.collect()
}
