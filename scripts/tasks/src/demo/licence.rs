//! A licence on the pool: offered, accepted, reported, paid, and shared like any other money of the pool.

use anyhow::{Context, Result, ensure};
use sha2::{Digest, Sha256};
use yieldset_chain::abi::{Licence, Pool};
use yieldset_chain::{Address, B256, SolValue, U256, amount};
use yieldset_rules::contribution::WEIGHT_ONE;
use yieldset_rules::math::{mul_div, split_bps};
use yieldset_rules::revenue::{net_model_revenue, pool_share};

use super::cast::Creator;
use super::children::Children;
use super::clock::make_block;
use super::coop;
use super::oracle::{OPENING, ORIGIN, Oracle, PERIOD, SPOT, outputs_in};
use super::screen::{WHOLE, money, note, step};
use super::story::{CONTRIBUTORS_BPS, Paid, Told, claim, period};
use super::text;

/// The licence's label.
const LABEL: &str = "lumen-1";
/// The licence, as arguments name it.
const AT: &str = "@lumen-1";
/// Paid on acceptance.
pub const UPFRONT: u128 = 5 * WHOLE;
/// The pool's part of Net Model Revenue, in basis points.
const RESIDUAL_BPS: u16 = 1_000;
/// The quarter's figures: 200 coins are left.
const GROSS: u128 = 400 * WHOLE;
const INFRASTRUCTURE: u128 = 150 * WHOLE;
const TAXES: u128 = 50 * WHOLE;

/// The offer and its acceptance, while the quarter runs; then the platform says on chain whose keys sign its usage log.
pub async fn begin(told: &Told, children: &Children, (log_key, witness_key): (B256, B256)) -> Result<B256> {
    assign(told).await?;
    let licence = agree(told, children).await?;
    step("putting the keys of usage log and witness on chain", async |_| {
        let [key, witness] = [log_key, witness_key].map(|key| key.to_string());
        let keys = ["--key", &key, "--origin", ORIGIN, "--witnesses", &witness];
        told.shell.does(&told.cast.platform.uri, &[&["platform", "rotate", AT], &keys[..]].concat()).await
    })
    .await?;
    Ok(licence)
}

/// From the quarter's revenue to the last claim, once the quarter is over.
pub async fn tell(told: &Told, oracle: &Oracle<'_>) -> Result<B256> {
    let licence = told.licence;
    let due = report(told, oracle).await?;
    pay(told, licence, due).await?;
    attribute(told, oracle, licence).await?;
    share(told, oracle, licence).await?;
    Ok(licence)
}

/// The report for the licence, by the log whose key its platform named on chain and by no other.
async fn attribute(told: &Told, oracle: &Oracle<'_>, licence: B256) -> Result<()> {
    step("trying a usage log of the same name that another key signs", async |_| {
        let why = oracle.attribute_by_another_log(&told.node, licence).await?;
        ensure!(why.contains("do not believe it"), "refused, but not for its key: {why}");
        Ok(())
    })
    .await?;
    step("scoring the outputs for the licence, by the log of its platform", async |_| {
        oracle.attribute_for_licence(&told.node, licence).await
    })
    .await?;
    let early = oracle.spot_draw(&told.node, licence).await?;
    ensure!(early.as_ref().is_err_and(|why| why.contains("are not anchored")), "drawn from nothing: {early:?}");
    step("having the platform's keeper anchor that log's checkpoint, once", async |_| {
        let before = told.client.finalised_block().await?.number;
        // The second round finds it done.
        for _ in 0..2 {
            let round = oracle.anchor(&told.node).await?;
            let blocks = told.client.finalised_block().await?.number - before;
            ensure!(round["done"] == 1 && blocks == 1, "after {blocks} blocks the keeper says {round}");
        }
        Ok(())
    })
    .await?;
    step("scoring them again, now that the anchor dates the training run", async |_| {
        oracle.attribute_for_licence(&told.node, licence).await
    })
    .await?;
    let drawn = spot_check(told, oracle, licence).await?;
    let checked = step("posting the report for the licence, and checking it against the chain", async |_| {
        oracle.post_for_licence(&told.node, licence).await
    })
    .await?;
    let figures = format!("drew {drawn}, the platform opened {drawn}, and {drawn} give the record's figures");
    for said in
        ["are those of the licence's platform on chain, epoch 1", "the checkpoint is anchored on chain", &figures]
    {
        ensure!(checked.contains(said), "nobody said that {said}:\n{checked}");
    }
    note("the other log was refused; this one's name, key, witness and checkpoint are those on chain");
    Ok(())
}

/// The block after the anchor draws calls, the platform opens them, and the committee works them out again; how many
/// were drawn. A platform that opens none, and an opening that it did not sign, are found out.
async fn spot_check(told: &Told, oracle: &Oracle<'_>, licence: B256) -> Result<u64> {
    step("having a block draw calls, and the platform open them to the committee", async |_| {
        let early = oracle.spot_draw(&told.node, licence).await?;
        ensure!(early.as_ref().is_err_and(|why| why.contains("is not finalised")), "no block has drawn: {early:?}");
        make_block(told).await?;
        let drawn = oracle.spot_draw(&told.node, licence).await?.map_err(anyhow::Error::msg)?;
        oracle.spot_open(&outputs_in(oracle.folder)).await?;
        let checked = oracle.spot_check(Some(OPENING), SPOT).await?.map_err(anyhow::Error::msg)?;
        let count = drawn["drawn"].as_array().context("the drawn calls")?.len() as u64;
        let figures = &checked["figures"];
        ensure!(
            [&figures["drawn"], &figures["opened"], &figures["matched"]].iter().all(|figure| **figure == count)
                && checked["discrepancy_bps"] == 0
                && figures["block"] == drawn["block"],
            "an honest platform's calls do not match: {checked}"
        );
        let refused = oracle.spot_check(None, "refused.json").await?.map_err(anyhow::Error::msg)?;
        ensure!(
            refused["figures"]["opened"] == 0 && refused["discrepancy_bps"] == 10_000,
            "a platform that opens nothing is not found out: {refused}"
        );
        oracle.tamper_with_opening("tampered.json")?;
        let tampered = oracle.spot_check(Some("tampered.json"), "tampered-spot.json").await?;
        ensure!(tampered.as_ref().is_err_and(|why| why.contains("is not signed by")), "believed: {tampered:?}");
        oracle.settle_for_licence().await?;
        // A report comes after the block that drew; this chain makes one when it has something to do.
        make_block(told).await?;
        Ok(count)
    })
    .await
    .inspect(|count| {
        note(&format!("all {count} drawn calls give the record's figures; to open none counts as all wrong"))
    })
}

/// What is licensed must be the pool's.
async fn assign(told: &Told) -> Result<()> {
    step("putting the creators' datasets into the pool", async |bar| {
        for creator in &told.cast.creators {
            bar.set_message(creator.file.name.clone());
            told.shell.does(&creator.account.uri, &["dataset", "assign", &creator.file.dataset]).await?;
        }
        Ok(())
    })
    .await
}

/// One option: an upfront, and a part of what is left of each quarter's revenue; no escrow, so that it is active once
/// accepted.
fn menu() -> String {
    format!(
        r#"[[option]]
document = "{document}"
months = 12
upfront = "{upfront} DEV"
residual = "{residual} %"
metric = "spans+minilm-l6-v2 2"
threshold = "0.7"
report_days = 20
payment_days = 30
grace_days = 10
notice_days = 60
cure_days = 15
deletion_days = 30
redaction_days = 30
"#,
        document = B256::from_slice(&Sha256::digest("terms of the demo's licence")),
        upfront = UPFRONT / WHOLE,
        residual = RESIDUAL_BPS / 100,
    )
}

/// Offer and acceptance; gives the licence's id, which is its stream in the pool.
async fn agree(told: &Told, children: &Children) -> Result<B256> {
    let shell = &told.shell;
    step("offering a licence, with the upfront", async |_| {
        let file = shell.path("menu.toml");
        children.script().file(&file, &menu())?;
        let datasets: Vec<_> = told.cast.creators.iter().map(Creator::dataset_at).collect();
        let mut line = vec!["licence", "offer", text(&file)?, "--until", "2027-01-01", "--label", LABEL, "--datasets"];
        line.extend(datasets.iter().map(String::as_str));
        shell.does(&told.cast.platform.uri, &line).await
    })
    .await?;
    let licence = *shell.book()?.licences.get(LABEL).context("the licence has no label")?;
    children.script().instead_of(&licence.to_string(), AT);
    let before = totals(told).await?;
    coop::decide(told, &["licence", "accept", AT], "Accept the licence that lumen offers", "accept").await?;
    let times = Licence::Times::abi_decode(&record(told, licence, (b'T', B256::ZERO)).await?)?;
    let until = times.endsAt;
    arrived(told, licence, before, UPFRONT).await?;
    let until = time::OffsetDateTime::from_unix_timestamp(i64::try_from(until)?)?.date();
    note(&format!("licence {licence}: active until {until}; its upfront of {} is in the pool", money(UPFRONT)));
    Ok(licence)
}

/// The platform reports the quarter, and the contract says what is due.
async fn report(told: &Told, oracle: &Oracle<'_>) -> Result<u128> {
    let net = net_model_revenue(GROSS, INFRASTRUCTURE, TAXES);
    let owed = pool_share(net, RESIDUAL_BPS).map_err(|error| anyhow::anyhow!("the due of {net}: {error:?}"))?;
    step("reporting the quarter's revenue", async |_| {
        let file = oracle.path("books.txt");
        oracle.children.script().file(&file, "evidence of the demo's quarter\n")?;
        let [gross, infrastructure, taxes] = [GROSS, INFRASTRUCTURE, TAXES].map(|wei| format!("{} DEV", wei / WHOLE));
        let figures = ["--gross", &gross, "--infrastructure", &infrastructure, "--taxes", &taxes];
        let line = [&["revenue", "report", AT, PERIOD], &figures[..], &["--evidence", text(&file)?]].concat();
        told.shell.does(&told.cast.platform.uri, &line).await
    })
    .await?;
    let due = outstanding(told).await?;
    ensure!(due == owed, "{due} wei are due, by the terms {owed}");
    note(&format!(
        "{} gross - {} infrastructure - {} taxes = {}; 10 % of that are due: {}",
        money(GROSS),
        money(INFRASTRUCTURE),
        money(TAXES),
        money(net),
        money(due)
    ));
    Ok(due)
}

/// What is due of the quarter and not paid.
async fn outstanding(told: &Told) -> Result<u128> {
    let which = B256::from(U256::from(period()?));
    let due = Licence::Due::abi_decode(&record(told, told.licence, (b'U', which)).await?)?;
    Ok(amount(due.outstanding)?)
}

/// The words of one of the licence's records, by the contract's letter for it.
async fn record(told: &Told, licence: B256, (record, which): (u8, B256)) -> Result<Vec<u8>> {
    let call = Licence::recordOfCall { licence, record, which };
    Ok(told.client.read(told.deployment.licence, &call).await?.concat())
}

async fn pay(told: &Told, licence: B256, due: u128) -> Result<()> {
    let contract = told.deployment.licence;
    let before = totals(told).await?;
    step("paying what is due", async |_| told.shell.does(&told.cast.platform.uri, &["pay", AT, PERIOD]).await).await?;
    let left = outstanding(told).await?;
    ensure!(left == 0, "{left} wei are still due");
    arrived(told, licence, before, due).await?;
    let kept = told.client.native_balance(contract).await?;
    ensure!(kept == 0, "the licence contract keeps {kept} wei");
    note(
        "the payment went through to the pool, as a deposit under the licence's id; the licence contract keeps nothing",
    );
    Ok(())
}

/// The pool has `paid` more, split as it always splits.
async fn arrived(told: &Told, licence: B256, before: (U256, U256), paid: u128) -> Result<()> {
    let after = totals(told).await?;
    let (contributors, holders) = split_bps(paid, CONTRIBUTORS_BPS).map_err(|error| anyhow::anyhow!("{error:?}"))?;
    let grown = (after.0 - before.0, after.1 - before.1);
    ensure!(
        grown == (U256::from(holders), U256::from(contributors)),
        "of {paid} wei {} went to holders and {} to contributors of {licence}",
        grown.0,
        grown.1
    );
    Ok(())
}

/// For holders, and for contributors.
async fn totals(told: &Told) -> Result<(U256, U256)> {
    let totals = told.client.read(told.deployment.pool, &Pool::totalsCall {}).await?;
    Ok((totals.toHolders, totals.toContributors))
}

/// Everybody claims; each contributor gets its weight's part of the licence's stream to the unit, each holder what the
/// pool said.
async fn share(told: &Told, oracle: &Oracle<'_>, licence: B256) -> Result<()> {
    let (pool, period) = (told.deployment.pool, period()?);
    let stream = Pool::periodOfCall { stream: licence, period };
    let for_contributors = amount(told.client.read(pool, &stream).await?.total)?;
    step("keeping the final report's root in the pool", async |_| {
        // Its window is over with the next block.
        make_block(told).await?;
        let kept = oracle.keep_root(&told.node, Some(licence)).await?;
        ensure!(kept == "kept", "the licence's root: {kept}");
        Ok(())
    })
    .await?;
    let mut sums = Paid::default();
    step("claiming the licence's dividends and contributions", async |bar| {
        for (name, holder, _) in told.cast.holders() {
            bar.set_message(name.to_owned());
            let account = holder.address();
            let claimable = amount(told.client.read(pool, &Pool::claimableCall { account }).await?)?;
            let owed = contribution(told, account, for_contributors)?;
            let paid = claim(told, holder, &oracle.path("licence-settlement.json")).await?;
            ensure!(
                (paid.dividends, paid.contribution) == (claimable, owed),
                "{name} was paid {} and {} wei instead of {claimable} and {owed}",
                paid.dividends,
                paid.contribution
            );
            sums.dividends += paid.dividends;
            sums.contribution += paid.contribution;
        }
        Ok(())
    })
    .await?;
    let totals = told.client.read(pool, &Pool::totalsCall {}).await?;
    let open = totals.deposited - totals.claimedByHolders - totals.claimedByContributors;
    let holds = told.client.native_balance(pool).await?;
    ensure!(open == U256::from(holds), "the pool holds {holds} wei, its books say {open}");
    note(&format!(
        "{} to holders by shares, {} to contributors by weight; the pool's coins are what its books say, to the unit",
        money(sums.dividends),
        money(sums.contribution)
    ));
    Ok(())
}

/// `⌊total · weight / 10^18⌋`; nothing for who has no weight.
fn contribution(told: &Told, account: Address, total: u128) -> Result<u128> {
    let Some(part) = told.contributors.iter().find(|part| part.account == account) else { return Ok(0) };
    mul_div(total, part.weight.to(), u128::from(WEIGHT_ONE)).map_err(|error| anyhow::anyhow!("{error:?}"))
}
