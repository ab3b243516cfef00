//! A large chain, drawn from a seed: two pools of one factory, their holders, and what these do. Hashes, parents and
//! encodings are as a node's; every figure is the rules', so that a mirror finds each event to fit. Roots of states and
//! transactions are no roots of anything: nobody who mirrors asks for a proof.

mod books;
mod runtime;

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Value, json};
use sp_crypto_hashing::blake2_256;
use yieldset_chain::{
    Address, B256, Deployment, U256,
    abi::{
        Factory::PoolListed,
        Kyc::RecordSet,
        Manifests::DatasetRegistered,
        Pool::{Approval, Opened, PoolCreated},
    },
};

use self::{
    books::{Books, CONTRIBUTORS_BPS, emitted},
    runtime::Runtime,
};
use crate::{
    error::ReplayError,
    recording::{Block, Hash, Header, Recording, Writer, bytes_of, key},
};

/// Seconds of Unix time at block 0: 24 November 2026.
const BEGIN: u64 = 1_795_478_400;
/// Datasets of the first pool's creators.
const DATASETS: u64 = 100;
/// Most holders of the second pool.
const FEW: u64 = 1_000;
/// One share, and one coin.
const ONE: u128 = 1_000_000_000_000_000_000;
/// The accounting period of the first deposits, and how many deposits each has.
const FIRST_PERIOD: u32 = 8_107;
const DEPOSITS: u32 = 500;
/// A record counts so long, in seconds.
const TWO_YEARS: u64 = 2 * 365 * 86_400;

/// Which chain.
#[derive(Debug, Clone, Args)]
pub struct MakeArgs {
    /// A recording of a node: what the chain's runtime is.
    #[arg(long, value_name = "FILE")]
    like: PathBuf,
    /// Blocks after the first one.
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..))]
    blocks: u32,
    /// Contracts' events in each.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    per_block: u32,
    /// Holders of the first pool; the second one has as many, or a thousand.
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u64).range(2..))]
    holders: u64,
    /// Another number is another chain.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Seconds from block to block.
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    seconds: u64,
    /// The recording to write.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Where the contracts are, for yieldset-indexer.
    #[arg(long, value_name = "FILE")]
    deployment: PathBuf,
}

/// An event as the chain has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Emitted {
    contract: [u8; 20],
    data: Vec<u8>,
    topics: Vec<Hash>,
}

/// Writes the chain and where its contracts are; what is in it, by kind.
///
/// # Errors
/// [`ReplayError`].
pub fn make(args: &MakeArgs) -> Result<Value, ReplayError> {
    let like = Recording::open(&args.like)?;
    let runtime = Runtime::of(like.preamble())?;
    let mut story = Story::new(args)?;
    let mut writer = Writer::create(&args.out, like.preamble())?;
    let genesis = Block { header: header([0; 32], 0, args.seed), extrinsics: Vec::new(), values: Vec::new() };
    let mut parent = genesis.header.hash();
    writer.write(&genesis)?;
    save(args, &runtime, parent)?;
    let upgrade = key("System", "LastRuntimeUpgrade");
    let of_upgrade = like.preamble().storage.get(&crate::recording::hexadecimal(&upgrade)).and_then(|it| bytes_of(it));
    for number in 1..=args.blocks {
        let seconds = time(args, number);
        let events = story.block(seconds)?;
        let first = u64::from(number).saturating_mul(u64::from(args.per_block));
        let time_ms = seconds.saturating_mul(1_000);
        let mut values = vec![
            (key("System", "Events"), runtime.events(&events)),
            (key("Timestamp", "Now"), time_ms.to_le_bytes().to_vec()),
        ];
        values.extend(of_upgrade.clone().map(|value| (upgrade.clone(), value)));
        let extrinsics = runtime.extrinsics(time_ms, first, events.len());
        let block = Block { header: header(parent, number, args.seed), extrinsics, values };
        parent = block.header.hash();
        writer.write(&block)?;
    }
    writer.finish()?;
    Ok(story.told())
}

fn time(args: &MakeArgs, number: u32) -> u64 {
    BEGIN.saturating_add(u64::from(number).saturating_mul(args.seconds))
}

fn header(parent: Hash, number: u32, seed: u64) -> Header {
    let root = |what: u8| blake2_256(&[&seed.to_le_bytes()[..], &number.to_le_bytes(), &[what]].concat());
    Header { parent, number, state_root: root(0), extrinsics_root: root(1), logs: Vec::new() }
}

fn save(args: &MakeArgs, runtime: &Runtime, genesis: Hash) -> Result<(), ReplayError> {
    let deployment = contracts(args.seed, (runtime.chain_id, genesis.into()));
    deployment.save(&args.deployment).map_err(Box::new)?;
    Ok(())
}

/// Where the contracts are, each at an address of its own.
fn contracts(seed: u64, (chain_id, genesis): (u64, B256)) -> Deployment {
    let at = |name: &str| address(&[&seed.to_le_bytes()[..], name.as_bytes()].concat());
    Deployment {
        chain_id,
        genesis,
        start_block: 1,
        kyc: at("kyc"),
        pool: at("pool"),
        manifests: at("manifests"),
        attribution: at("attribution"),
        licence: at("licence"),
        market: at("market"),
        factory: at("factory"),
        coop: at("coop"),
    }
}

fn address(of: &[u8]) -> Address {
    let hash = blake2_256(of);
    Address::from_slice(hash.first_chunk::<20>().unwrap_or(&[0; 20]))
}

/// Numbers drawn one after the other: `SplitMix64`, which is the same everywhere.
struct Draw(u64);

impl Draw {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Below a limit, which is not zero.
    fn below(&mut self, limit: u64) -> u64 {
        self.next().checked_rem(limit).unwrap_or(0)
    }
}

/// How many events of each kind were told.
#[derive(Debug, Default)]
struct Counts {
    transfers: u64,
    deposits: u64,
    dividends: u64,
    contributions: u64,
    approvals: u64,
    records: u64,
    others: u64,
}

/// What is told, in which order.
struct Story {
    deployment: Deployment,
    second: Address,
    seed: u64,
    per_block: u64,
    holders: u64,
    draw: Draw,
    books: [Books; 2],
    /// Events of the beginning that are told already.
    step: u64,
    period: u32,
    counts: Counts,
}

impl Story {
    fn new(args: &MakeArgs) -> Result<Self, ReplayError> {
        // Chain id and genesis are in no event.
        let deployment = contracts(args.seed, (0, B256::ZERO));
        let second = address(&[&args.seed.to_le_bytes()[..], b"second pool"].concat());
        let books = [(deployment.pool, 1), (second, 2)].map(|(pool, n)| Books::new(pool, B256::repeat_byte(n)));
        let story = Self {
            deployment,
            second,
            seed: args.seed,
            per_block: args.per_block.into(),
            holders: args.holders,
            draw: Draw(args.seed),
            books,
            step: 0,
            period: FIRST_PERIOD,
            counts: Counts::default(),
        };
        let have = u64::from(args.blocks).saturating_mul(story.per_block);
        let need = story.beginning();
        match have < need {
            true => Err(ReplayError::TooSmall { blocks: args.blocks, per_block: args.per_block, have, need }),
            false => Ok(story),
        }
    }

    /// The second pool's holders.
    fn few(&self) -> u64 {
        self.holders.min(FEW)
    }

    /// How many events the beginning has: both pools made and listed, each holder's record and shares, the pools
    /// opened, a first deposit into each, datasets.
    fn beginning(&self) -> u64 {
        self.holders.saturating_mul(2).saturating_add(self.few()).saturating_add(8).saturating_add(DATASETS)
    }

    fn block(&mut self, seconds: u64) -> Result<Vec<Emitted>, ReplayError> {
        (0..self.per_block).map(|_| self.event(seconds)).collect()
    }

    fn event(&mut self, seconds: u64) -> Result<Emitted, ReplayError> {
        let step = self.step;
        if step >= self.beginning() {
            return self.later(seconds);
        }
        self.step = step.saturating_add(1);
        let (few, holders) = (self.few(), self.holders);
        // What comes one after the other, each part as long as it says.
        let mut left = step;
        for (part, length) in [4, holders.saturating_mul(2), few, 2, 2, DATASETS].into_iter().enumerate() {
            if left < length {
                return self.begin(part, left, seconds);
            }
            left = left.saturating_sub(length);
        }
        self.later(seconds)
    }

    /// An event of one part of the beginning.
    fn begin(&mut self, part: usize, at: u64, seconds: u64) -> Result<Emitted, ReplayError> {
        let second = at % 2 == 1;
        match part {
            0 if at < 2 => Ok(self.created(second)),
            0 => Ok(self.listed(second)),
            1 if !second => Ok(self.record(at / 2, 1, seconds)),
            1 => self.issue(false),
            2 => self.issue(true),
            3 => Ok(self.opened(second)),
            4 => self.deposit(second),
            _ => Ok(self.dataset(at, seconds)),
        }
    }

    /// What happens once both pools are open: most of it in the first one.
    fn later(&mut self, seconds: u64) -> Result<Emitted, ReplayError> {
        let second = self.draw.below(10) == 0;
        let holders = if second { self.few() } else { self.holders };
        let (one, other) = (self.draw.below(holders), self.draw.below(holders));
        let halvings = u32::try_from(self.draw.below(8)).unwrap_or(0).saturating_add(1);
        let seed = self.seed;
        let name = move |number| account(seed, number);
        let period = self.period;
        let kind = self.draw.below(100);
        let books = self.of(second);
        let told = match kind {
            0..55 => books.transfer(&name, (one, other), halvings),
            55..80 => books.claim(&name, one),
            80..85 => return self.deposit(second),
            85..90 => books.contribution(&name, period),
            90..95 => return Ok(self.record(one, 2, seconds)),
            _ => None,
        };
        // What the contract would refuse is not told: an allowance is, which anybody may grant.
        let Some(told) = told else { return Ok(self.approval(second, one, other)) };
        let count = match kind {
            0..55 => &mut self.counts.transfers,
            55..80 => &mut self.counts.dividends,
            _ => &mut self.counts.contributions,
        };
        *count = count.saturating_add(1);
        Ok(told)
    }

    fn of(&mut self, second: bool) -> &mut Books {
        let [one, two] = &mut self.books;
        if second { two } else { one }
    }

    fn pool(&self, second: bool) -> Address {
        if second { self.second } else { self.deployment.pool }
    }

    fn coop(&self, second: bool) -> Address {
        match second {
            true => address(&[&self.seed.to_le_bytes()[..], b"second coop"].concat()),
            false => self.deployment.coop,
        }
    }

    fn created(&mut self, second: bool) -> Emitted {
        self.counts.others = self.counts.others.saturating_add(1);
        let called = if second { ["Second Voices", "OTHER"] } else { ["Public Voices", "VOICE"] };
        let [name, symbol] = called.map(|text| B256::right_padding_from(text.as_bytes()));
        let Deployment { kyc, attribution, .. } = self.deployment;
        let (currency, bps) = (Address::ZERO, CONTRIBUTORS_BPS);
        emitted(self.pool(second), &PoolCreated { kyc, attribution, currency, contributorsBps: bps, name, symbol })
    }

    fn listed(&mut self, second: bool) -> Emitted {
        self.counts.others = self.counts.others.saturating_add(1);
        let Deployment { kyc, attribution, manifests, licence, market, factory, .. } = self.deployment;
        let listed = PoolListed {
            pool: self.pool(second),
            creator: account(self.seed, 0),
            coop: self.coop(second),
            number: if second { 2 } else { 1 },
            currency: Address::ZERO,
            kyc,
            attribution,
            manifests,
            licence,
            market,
            logic: Address::repeat_byte(0x10),
            created: true,
        };
        emitted(factory, &listed)
    }

    fn record(&mut self, number: u64, nonce: u64, seconds: u64) -> Emitted {
        self.counts.records = self.counts.records.saturating_add(1);
        let set = RecordSet {
            account: account(self.seed, number),
            level: 2,
            jurisdiction: 276,
            accredited: true,
            expiry: seconds.saturating_add(TWO_YEARS),
            frozen: false,
            sanctioned: false,
            issuer: Address::repeat_byte(0xee),
            attested: false,
            nonce,
        };
        emitted(self.deployment.kyc, &set)
    }

    fn issue(&mut self, second: bool) -> Result<Emitted, ReplayError> {
        self.counts.transfers = self.counts.transfers.saturating_add(1);
        let seed = self.seed;
        let shares = ONE.saturating_mul(u128::from(self.draw.below(100).saturating_add(1)));
        self.of(second).issue(&move |number| account(seed, number), shares)
    }

    fn opened(&mut self, second: bool) -> Emitted {
        self.counts.others = self.counts.others.saturating_add(1);
        let (licences, governor) = (self.deployment.licence, self.coop(second));
        let supply = U256::from(self.of(second).supply());
        emitted(self.pool(second), &Opened { supply, cap: supply, licences, governor })
    }

    fn deposit(&mut self, second: bool) -> Result<Emitted, ReplayError> {
        self.counts.deposits = self.counts.deposits.saturating_add(1);
        let every = u32::try_from(self.counts.deposits).unwrap_or(u32::MAX).checked_div(DEPOSITS).unwrap_or(0);
        self.period = FIRST_PERIOD.saturating_add(every);
        let amount = ONE.saturating_add(u128::from(self.draw.next()));
        let (payer, period) = (Address::repeat_byte(9), self.period);
        self.of(second).deposit(payer, period, amount)
    }

    fn dataset(&mut self, number: u64, seconds: u64) -> Emitted {
        self.counts.others = self.counts.others.saturating_add(1);
        let hash = |what: u8| B256::from(blake2_256(&[&number.to_le_bytes()[..], &[what]].concat()));
        let registered = DatasetRegistered {
            dataset: hash(0),
            version: 1,
            manifestHash: hash(1),
            licenceHash: hash(2),
            creator: account(self.seed, number),
            registeredAt: seconds,
            first: true,
        };
        emitted(self.deployment.manifests, &registered)
    }

    fn approval(&mut self, second: bool, one: u64, other: u64) -> Emitted {
        self.counts.approvals = self.counts.approvals.saturating_add(1);
        let (owner, spender) = (account(self.seed, one), account(self.seed, other));
        emitted(self.pool(second), &Approval { owner, spender, value: U256::from(ONE) })
    }

    /// What whoever mirrors the chain must find.
    fn told(&self) -> Value {
        let Counts { transfers, deposits, dividends, contributions, approvals, records, others } = self.counts;
        let [one, two] = &self.books;
        json!({
            "transfers": transfers, "deposits": deposits, "dividends": dividends, "contributions": contributions,
            "approvals": approvals, "records": records, "others": others,
            "holders": one.holders().saturating_add(two.holders()),
            "supplies": [one.supply().to_string(), two.supply().to_string()],
        })
    }
}

/// The account of a number.
fn account(seed: u64, number: u64) -> Address {
    address(&[&seed.to_le_bytes()[..], b"account", &number.to_le_bytes()].concat())
}

impl MakeArgs {
    /// A chain of these sizes.
    pub fn new((like, out, deployment): (&Path, &Path, &Path), blocks: u32, per_block: u32, holders: u64) -> Self {
        Self {
            like: like.to_owned(),
            blocks,
            per_block,
            holders,
            seed: 1,
            seconds: 60,
            out: out.to_owned(),
            deployment: deployment.to_owned(),
        }
    }
}
