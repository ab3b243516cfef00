//! A licence on the pool: offered, accepted, reported, paid, and shared like any other money of the pool.

use anyhow::{Context, Result, ensure};
use sha2::{Digest, Sha256};
use yieldset_chain::abi::Licence::{self, LicenceEvents};
use yieldset_chain::abi::{Manifests, Pool};
use yieldset_chain::submit::Receipt;
use yieldset_chain::{Address, B256, Event, SolValue, U256, amount};
use yieldset_rules::contribution::WEIGHT_ONE;
use yieldset_rules::math::{mul_div, split_bps};
use yieldset_rules::period::quarter_start;
use yieldset_rules::revenue::{net_model_revenue, pool_share};

use super::cast::Creator;
use super::clock::make_block;
use super::coop;
use super::oracle::{OPENING, ORIGIN, Oracle, SPOT, outputs_in};
use super::screen::{WHOLE, coins, note, step};
use super::story::{CONTRIBUTORS_BPS, Paid, Told, add, period};

/// Paid on acceptance.
pub const UPFRONT: u128 = 5 * WHOLE;
/// The pool's part of Net Model Revenue, in basis points.
const RESIDUAL_BPS: u16 = 1_000;
/// The quarter's figures: 200 coins are left.
const GROSS: u128 = 400 * WHOLE;
const INFRASTRUCTURE: u128 = 150 * WHOLE;
const TAXES: u128 = 50 * WHOLE;

/// The offer and its acceptance, while the quarter runs; then the platform says on chain whose keys sign its usage log.
pub async fn begin(told: &Told, (log_key, witness_key): (B256, B256)) -> Result<B256> {
    assign(told).await?;
    let licence = agree(told).await?;
    step("putting the keys of usage log and witness on chain", async |_| {
        let (origin, witnesses) = (ORIGIN.to_owned(), vec![witness_key]);
        let set = Licence::setUsageLogCall { licence, key: log_key, origin, witnesses };
        Ok(told.cast.platform.submitter.send(told.deployment.licence, &set, 0).await?)
    })
    .await?;
    Ok(licence)
}

/// From the quarter's revenue to the last claim, once the quarter is over.
pub async fn tell(told: &Told, oracle: &Oracle<'_>) -> Result<B256> {
    let licence = told.licence;
    let due = report(told, licence).await?;
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
            let assign = Manifests::assignToPoolCall { dataset: creator.dataset(), pool: told.deployment.pool };
            creator.account.submitter.send(told.deployment.manifests, &assign, 0).await?;
        }
        Ok(())
    })
    .await
}

fn digest(text: &str) -> B256 {
    B256::from_slice(&Sha256::digest(text.as_bytes()))
}

/// One option: an upfront, and a part of what is left of each quarter's revenue; no escrow, so that it is active once
/// accepted.
fn terms() -> Vec<B256> {
    let price = Licence::Price {
        document: digest("terms of the demo's licence"),
        threshold: 1,
        upfront: UPFRONT,
        residualBps: RESIDUAL_BPS,
        ..Licence::Price::default()
    };
    let times = Licence::Days {
        termMonths: 12,
        report: 20,
        payment: 30,
        grace: 10,
        notice: 60,
        cure: 15,
        deletion: 30,
        redaction: 30,
        ..Licence::Days::default()
    };
    let words = Licence::Terms { price, times, rights: Licence::Rights::default(), usage: Licence::Usage::default() }
        .abi_encode();
    words.chunks(32).map(B256::from_slice).collect()
}

/// Offer and acceptance; gives the licence's id, which is its stream in the pool.
async fn agree(told: &Told) -> Result<B256> {
    let (contract, pool) = (told.deployment.licence, told.deployment.pool);
    let receipt = step("offering a licence, with the upfront", async |_| {
        let offer = Licence::offerCall {
            pool,
            currency: Address::ZERO,
            datasets: told.cast.creators.iter().map(Creator::dataset).collect(),
            options: vec![terms()],
            expiresAt: quarter_start(period()? + 1),
        };
        Ok(told.cast.platform.submitter.send(contract, &offer, UPFRONT).await?)
    })
    .await?;
    let licence = found(&receipt, contract, |event| match event {
        LicenceEvents::LicenceOffered(offered) => Some(offered.licence),
        _ => None,
    })?;
    let before = totals(told).await?;
    let accept = Licence::acceptCall { licence, option: 0 };
    let receipt = coop::decide(told, contract, &accept, "Accept the licence that lumen offers").await?;
    let until = found(&receipt, contract, |event| match event {
        LicenceEvents::LicenceActivated(activated) => Some(activated.endsAt),
        _ => None,
    })?;
    arrived(told, licence, before, UPFRONT).await?;
    let until = time::OffsetDateTime::from_unix_timestamp(i64::try_from(until)?)?.date();
    note(&format!("licence {licence}: active until {until}; its upfront of {} is in the pool", coins(UPFRONT)));
    Ok(licence)
}

/// The platform reports the quarter, and the contract says what is due.
async fn report(told: &Told, licence: B256) -> Result<u128> {
    let contract = told.deployment.licence;
    let net = net_model_revenue(GROSS, INFRASTRUCTURE, TAXES);
    let owed = pool_share(net, RESIDUAL_BPS).map_err(|error| anyhow::anyhow!("the due of {net}: {error:?}"))?;
    let receipt = step("reporting the quarter's revenue", async |_| {
        let report = Licence::reportRevenueCall {
            licence,
            quarter: period()?,
            gross: U256::from(GROSS),
            infrastructure: U256::from(INFRASTRUCTURE),
            taxes: U256::from(TAXES),
            evidence: digest("evidence of the demo's quarter"),
        };
        Ok(told.cast.platform.submitter.send(contract, &report, 0).await?)
    })
    .await?;
    let due = found(&receipt, contract, |event| match event {
        LicenceEvents::DueAssessed(due) => Some(due.due),
        _ => None,
    })?;
    let due = amount(due)?;
    ensure!(due == owed, "{due} wei are due, by the terms {owed}");
    note(&format!(
        "{} gross - {} infrastructure - {} taxes = {}; 10 % of that are due: {}",
        coins(GROSS),
        coins(INFRASTRUCTURE),
        coins(TAXES),
        coins(net),
        coins(due)
    ));
    Ok(due)
}

async fn pay(told: &Told, licence: B256, due: u128) -> Result<()> {
    let contract = told.deployment.licence;
    let before = totals(told).await?;
    let receipt = step("paying what is due", async |_| {
        let pay = Licence::payCall { licence, quarter: period()?, value: U256::from(due) };
        Ok(told.cast.platform.submitter.send(contract, &pay, due).await?)
    })
    .await?;
    let left = found(&receipt, contract, |event| match event {
        LicenceEvents::RoyaltyPaid(paid) => Some(paid.outstanding),
        _ => None,
    })?;
    ensure!(left.is_zero(), "{left} wei are still due");
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
    let (mut sums, mut root_kept) = (Paid::default(), false);
    step("claiming the licence's dividends and contributions", async |bar| {
        for (name, holder, _) in told.cast.holders() {
            bar.set_message(name.to_owned());
            let account = holder.address();
            let claimable = amount(told.client.read(pool, &Pool::claimableCall { account }).await?)?;
            let mut paid = Paid::default();
            let receipt = holder.submitter.send(pool, &Pool::claimCall {}, 0).await?;
            add(&mut paid, &receipt.events)?;
            let owed = contribution(told, account, for_contributors)?;
            if let Some(part) = told.contributors.iter().find(|part| part.account == account) {
                // Once for all of them. With the first holder's dividends the report's window is over.
                if !root_kept {
                    let kept = oracle.keep_root(&told.node, Some(licence)).await?;
                    ensure!(kept == "kept", "the licence's root: {kept}");
                    root_kept = true;
                }
                let (weight, proof) = (part.weight, part.proof.clone());
                let claim = Pool::claimContributionCall { stream: licence, period, weight, proof };
                let receipt = holder.submitter.send(pool, &claim, 0).await?;
                add(&mut paid, &receipt.events)?;
            }
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
        coins(sums.dividends),
        coins(sums.contribution)
    ));
    Ok(())
}

/// `⌊total · weight / 10^18⌋`; nothing for who has no weight.
fn contribution(told: &Told, account: Address, total: u128) -> Result<u128> {
    let Some(part) = told.contributors.iter().find(|part| part.account == account) else { return Ok(0) };
    mul_div(total, part.weight.to(), u128::from(WEIGHT_ONE)).map_err(|error| anyhow::anyhow!("{error:?}"))
}

/// The first thing that the licence contract's events tell.
fn found<T>(receipt: &Receipt, contract: Address, pick: impl Fn(&LicenceEvents) -> Option<T>) -> Result<T> {
    let told = receipt.told(contract, |event| match event {
        Event::Licence(event) => pick(event),
        _ => None,
    });
    told.with_context(|| format!("block {} does not tell it", receipt.block_number))
}
