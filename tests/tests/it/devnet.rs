//! The product on a real node with a real Postgres: the demo's story, then what must not be possible, then crashes. And
//! the chain's client alone on a node.

mod client;
mod commands;
mod crashes;
mod deploying;
mod doctor;
mod elsewhere;
mod entitled;
mod examples;
mod forks;
mod guides;
mod installed;
mod interrupted;
mod keeping;
mod keys;
mod late;
mod mirror;
mod node;
mod posting;
mod prepared;
mod proxy;
mod public;
mod refusals;
mod revisions;
mod scene;
mod second_runs;
mod secrets;
mod successors;
mod throttled;
mod token;
mod tried;
mod unmapped;

use std::path::{Path, PathBuf};

use alloy_primitives::U256;
use yieldset_chain::Deployment;
use yieldset_chain::abi::{Attribution, Pool};
use yieldset_chain::deploy::{Request, deploy};
use yieldset_chain::deployment::{Challenge, Config, Voting};
use yieldset_rules::dividends::ONE;
use yieldset_tasks::demo::children::Children;
use yieldset_tasks::demo::oracle::Oracle;
use yieldset_tasks::demo::story::{self, Told};
use yieldset_tasks::demo::{
    licence::{self, UPFRONT},
    market,
    second::{self, Second},
};
use yieldset_tests::chain::root_file;

/// One coin in wei.
const COIN: u128 = 1_000_000_000_000_000_000;

/// A told story and the programs it left running.
struct Stack {
    folder: tempfile::TempDir,
    children: Children,
    told: Told,
}

impl Stack {
    async fn start() -> Self {
        let folder = run_folder();
        let mut children = Children::new(programs(), folder.path());
        let told = match story::tell(&root_file(""), folder.path(), &mut children).await {
            Ok(told) => told,
            Err(error) => {
                children.stop().await;
                panic!("{error:#}; logs: {}", folder.keep().display())
            }
        };
        Self { folder, children, told }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn oracle(&self) -> Oracle<'_> {
        Oracle { children: &self.children, folder: self.path() }
    }

    /// The contracts once more on the same chain, with the same committee.
    async fn deploy_another(&self, name: &str) -> Deployment {
        self.deploy_with(name, Challenge::SECONDS).await
    }

    /// The same with another challenge window.
    async fn deploy_with(&self, name: &str, challenge: Challenge) -> Deployment {
        let (client, first) = (&self.told.client, &self.told.deployment);
        let committee = client.read(first.attribution, &Attribution::committeeCall {}).await.unwrap();
        let config = Config {
            name: name.into(),
            symbol: "OTHER".into(),
            currency: yieldset_chain::Address::ZERO,
            contributors_bps: 4_000,
            committee: committee.keys,
            threshold: committee.threshold,
            challenge,
            voting: Voting::SECONDS,
        };
        let journal = tempfile::tempdir().unwrap();
        let request = Request { config, admin: None };
        deploy(&self.told.cast.admin, &request, &journal.path().join("journal"), |_| {}).await.unwrap()
    }

    /// Postgres says what the chain says, once it has seen all of it.
    async fn assert_mirrored(&self) {
        story::caught_up(&self.told.client, &self.told.indexer.url).await.unwrap();
        story::compare(&self.oracle(), &self.told.indexer, &self.told.node).await.unwrap();
    }
}

/// A folder for programs of a run with a Postgres, which may run as another user, who must be able to pass through it.
fn run_folder() -> tempfile::TempDir {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::Builder::new().prefix("yieldset-it-").tempdir().unwrap();
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o711)).unwrap();
    folder
}

/// The workspace's programs: beside the folder of this test.
fn programs() -> PathBuf {
    let this = std::env::current_exe().unwrap();
    this.ancestors().nth(2).unwrap().to_owned()
}

/// From creators' files to dividends in Postgres, with what each part must refuse and survive. One test, since the
/// stack takes longer to start than all that is asked of it.
///
/// Proves PAY-1, PAY-4, PAY-6, PAY-7, ATT-1, ATT-3, ATT-5, ATT-6, ATT-9, SAFE-13 and MIR-1 on the running product; see
/// the functions called.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_whole_way_once() {
    let mut stack = Stack::start().await;
    money_adds_up(&stack).await;
    licence::tell(&stack.told, &stack.oracle()).await.unwrap();
    market::tell(&stack.told).await.unwrap();
    let second = second::tell(&stack.told, &stack.children).await.unwrap();
    stack.assert_mirrored().await;
    each_pool_has_its_own_currency(&stack, &second).await;
    mirror::everything_is_mirrored(&stack).await;
    entitled::every_act_is_for_who_may(&stack).await;
    prepared::a_page_sees_what_the_command_does(&stack).await;
    second_runs::nothing_is_done_twice(&stack).await;
    second_runs::another_network_is_refused(&stack).await;
    outputs_belong_to_their_authors(&stack);
    refusals::reports_are_not_replayed(&stack).await;
    refusals::transfers_need_kyc(&stack).await;
    refusals::tampering_is_found(&stack).await;
    refusals::only_what_the_reader_knows_is_believed(&stack).await;
    refusals::settlements_are_compared_with_the_registry(&stack).await;
    refusals::no_report_is_made_for_a_licence_that_is_none(&stack).await;
    let withdrawn_at = refusals::later_acts_change_no_report(&stack).await;
    crashes::the_log_keeps_what_it_acknowledged(&mut stack).await;
    crashes::a_report_is_posted_once(&stack).await;
    crashes::ended_at_any_step_a_report_is_posted_once(&stack).await;
    successors::other_registries_are_followed(&stack).await;
    successors::late_records_go_with_the_next_report(&stack, withdrawn_at).await;
    crashes::the_indexer_loses_and_repeats_nothing(&mut stack).await;
    crashes::everything_waits_for_the_node(&mut stack).await;
    stack.children.stop().await;
}

/// The oracle's own services where a chain is not as they would have it, on one node: posting, then a keeper, which
/// needs a clock that goes on by a year.
///
/// Proves ATT-9, ATT-15, LIC-3 and LIC-8 to LIC-10; see the functions called.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_services_on_one_chain() {
    let mut stack = Stack::start().await;
    posting::nobody_is_left_out_by_a_file(&stack).await;
    posting::a_higher_tip_takes_its_place(&stack).await;
    posting::ended_while_it_takes_its_place(&stack).await;
    posting::a_node_without_old_states_will_do(&stack).await;
    posting::only_what_is_final_is_posted(&mut stack).await;
    keeping::what_is_due_is_done_once(&stack).await;
    stack.children.stop().await;
}

/// Proves PAY-6 and PAY-7: 60 coins came in, and 5 as a licence's upfront, 40 % for contributors by weight, 60 % for
/// holders by shares; what was paid, what waits for the licence's report and the dust together are the deposits to the
/// unit.
async fn money_adds_up(stack: &Stack) {
    let told = &stack.told;
    let (deposited, shares) = (60 * COIN, 1_000);
    let (to_contributors, to_holders) = (deposited * 4 / 10, (deposited + UPFRONT) * 6 / 10);
    let mut weights = 0u128;
    for part in &told.contributors {
        let weight: u128 = part.weight.to();
        weights += weight;
        let owed = U256::from(to_contributors) * part.weight / U256::from(COIN);
        assert_eq!(U256::from(told.paid[&part.account].contribution), owed, "{}", part.account);
    }
    assert_eq!(weights, COIN, "weights sum to 10^18");
    for (name, holder, held) in told.cast.holders() {
        // The index counts in 2^-64 wei a share: what a holder falls short by stays in the pool's carry and joins the
        // next deposit.
        let short = to_holders * held / shares - told.paid[&holder.address()].dividends;
        assert!(short <= 1 + held * COIN / ONE, "{name} is {short} wei short");
    }
    let totals = told.client.read(told.deployment.pool, &Pool::totalsCall {}).await.unwrap();
    assert_eq!(totals.deposited, U256::from(deposited + UPFRONT));
    let paid: u128 = told.paid.values().map(|paid| paid.dividends + paid.contribution).sum();
    assert_eq!(totals.claimedByHolders + totals.claimedByContributors, U256::from(paid));
    let waits = UPFRONT * 4 / 10;
    let dust = deposited + UPFRONT - paid - waits;
    let payees = told.contributors.len() + told.cast.holders().count();
    assert!(dust <= payees as u128 + shares * COIN / ONE, "{dust} wei of dust");
    assert_eq!(told.client.native_balance(told.deployment.pool).await.unwrap(), dust + waits);
}

/// Proves MIR-1: the second pool of the factory is mirrored beside the first, in its token of six decimals. Of 12.5
/// USDC 60 % are for holders, of which three quarters were claimed; nothing of it is in the first pool's sums, which
/// are 60 coins of the quarter, 5 upfront and 20 of the licence's quarter.
async fn each_pool_has_its_own_currency(stack: &Stack, second: &Second) {
    let told = &stack.told;
    let [first, other] = second::mirrored(told, second).await.unwrap();
    assert_eq!((first.name.as_str(), first.deposited), ("Public Voices", (85 * COIN).to_string()));
    assert_eq!((other.name.as_str(), other.deposited.as_str()), ("Public Letters", "12500000"));
    assert_eq!((other.currency.symbol.as_str(), other.currency.decimals), ("USDC", 6));
    assert_eq!((other.claimed_by_holders, other.claimed_by_contributors.as_str()), (second.claimed.to_string(), "0"));
    // What an index of 2^-64 units a share unit cannot tell apart stays in the pool's carry.
    let (three_quarters, held) = (5_625_000, 300 * COIN);
    let short = three_quarters - second.claimed;
    assert!(short <= 1 + held / ONE, "{short} units short");
    assert_eq!(told.client.native_balance(second.pool).await.unwrap(), 0, "it has coins of the chain");
}

/// Proves ATT-5 and ATT-6: each quote qualifies for its author alone, and what has nothing to do with anybody's texts
/// pays nobody.
fn outputs_belong_to_their_authors(stack: &Stack) {
    // Quotes and paraphrases in tests/corpus/SOURCES.md; a paraphrase may fall below the threshold.
    let written = [("fdr", 1, 2), ("kennedy", 1, 2), ("lincoln", 2, 3), ("melville", 3, 5), ("roosevelt", 2, 3)];
    for (slug, quotes, all) in written.into_iter().chain([("washington", 2, 4)]) {
        let creator = stack.told.cast.creators.iter().find(|creator| creator.file.slug == slug).unwrap();
        let (outputs, tokens) = stack.oracle().qualifying(creator.account.address()).unwrap();
        assert!((quotes..=all).contains(&outputs), "{slug}: {outputs} outputs");
        assert!(tokens > 0, "{slug}");
    }
}
