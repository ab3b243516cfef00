//! The made chain through the node that serves it, as the mirror's own client reads it.

use std::{path::Path, time::Duration};

use futures::StreamExt;
use yieldset_chain::{ChainClient, Deployment, Event, U256, abi::Pool::PoolEvents};
use yieldset_replay::{
    Recording, ReplayError,
    make::{MakeArgs, make},
    serve::Node,
};
use yieldset_rules::{
    contribution::{Contribution, Period},
    dividends::{Accumulator, Holder},
    math::split_bps,
};

/// What a devnet says of itself, and no block.
const DEVNET: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/devnet.chain");
const PATIENCE: Duration = Duration::from_secs(30);

struct Made {
    folder: tempfile::TempDir,
    told: serde_json::Value,
}

impl Made {
    fn new(blocks: u32, per_block: u32, holders: u64) -> Result<Self, ReplayError> {
        let folder = tempfile::tempdir().expect("a folder");
        let (out, deployment) = (folder.path().join("chain"), folder.path().join("deployment.json"));
        let told =
            make(&MakeArgs::new((Path::new(DEVNET), out.as_path(), deployment.as_path()), blocks, per_block, holders))?;
        Ok(Self { folder, told })
    }

    fn recording(&self) -> Recording {
        Recording::open(&self.folder.path().join("chain")).expect("a recording")
    }

    fn deployment(&self) -> Deployment {
        Deployment::load(&self.folder.path().join("deployment.json")).expect("a deployment")
    }
}

/// Books of the first pool, kept from its events alone.
#[derive(Default)]
struct Books {
    supply: u128,
    dividends: Accumulator,
    holders: std::collections::BTreeMap<yieldset_chain::Address, Holder>,
    periods: std::collections::BTreeMap<u32, Period>,
    transfers: u64,
    deposits: u64,
    dividends_paid: u64,
}

fn amount(of: U256) -> u128 {
    u128::try_from(of).expect("an amount")
}

impl Books {
    /// Every figure of an event must be what the rules make of those before it.
    fn apply(&mut self, event: &PoolEvents) {
        let index = self.dividends.index;
        match event {
            PoolEvents::Transfer(moved) => {
                self.transfers += 1;
                let shares = amount(moved.value);
                match moved.from.is_zero() {
                    true => self.supply += shares,
                    false => self.holders.entry(moved.from).or_default().debit(index, shares).expect("shares"),
                }
                self.holders.entry(moved.to).or_default().credit(index, shares).expect("room");
            }
            PoolEvents::Deposited(paid) => {
                self.deposits += 1;
                let (contributors, holders) = split_bps(amount(paid.amount), 4_000).expect("a split");
                assert_eq!(holders, amount(paid.toHolders));
                self.dividends.distribute(holders, self.supply).expect("a supply");
                assert_eq!(self.dividends.index, amount(paid.index));
                self.periods.entry(paid.period).or_default().total += contributors;
            }
            PoolEvents::DividendClaimed(claimed) => {
                self.dividends_paid += 1;
                let owed = self.holders.entry(claimed.account).or_default().take(index).expect("a claim");
                assert_eq!(owed, amount(claimed.amount));
            }
            PoolEvents::ContributionClaimed(claimed) => {
                let weight = u64::try_from(claimed.weight).expect("a weight");
                let period = self.periods.entry(claimed.period).or_default();
                assert_eq!(period.claim(&mut Contribution::default(), weight), Ok(amount(claimed.amount)));
            }
            PoolEvents::Opened(opened) => assert_eq!(amount(opened.supply), self.supply),
            _ => {}
        }
    }
}

/// Hashes, parents and encodings hold before the client that a mirror reads with, and the figures before the rules.
#[tokio::test]
async fn a_made_chain_is_read_as_a_nodes_and_fits_the_rules() {
    let made = Made::new(60, 40, 50).expect("made");
    let node = Node::start(made.recording(), 0, None).await.expect("serving");
    let client = ChainClient::connect_within(node.url(), PATIENCE).await.expect("connected");
    let deployment = made.deployment();
    deployment.check(&client).await.expect("the same chain");
    assert!(client.has_state(1).await.expect("an answer"));
    let hashes = client.block_hashes(1, 60).await.expect("hashes");
    let (mut books, mut events, mut parent) = (Books::default(), 0, client.genesis_hash());
    for (number, hash) in (1..).zip(hashes) {
        let block = client.whole_block_at(number, hash).await.expect("a block");
        assert_eq!((block.at.hash, block.at.parent), (hash, parent));
        assert_eq!(block.at.timestamp_ms, (1_795_478_400 + number * 60) * 1_000);
        parent = hash;
        for event in block.events {
            events += 1;
            assert!(event.tx_hash.is_some() && !matches!(event.event, Event::Unknown { .. }), "{event:?}");
            if let (true, Event::Pool(inner)) = (event.address == deployment.pool, &event.event) {
                books.apply(inner);
            }
        }
    }
    assert_eq!((events, parent), (60 * 40, client.best_head().await.expect("a head").hash));
    assert_eq!(made.told["supplies"][0], books.supply.to_string());
    // Something of each happened, or nothing was compared.
    let some = [books.transfers > 50, books.deposits > 1, books.dividends_paid > 0, books.periods.len() == 1];
    assert_eq!(some, [true; 4]);
    assert!(books.periods.values().any(|period| period.weight_claimed > 0));
    node.stop().await;
}

/// The same seed is the same chain, to the byte; less room than the beginning needs is said.
#[test]
fn a_chain_is_made_the_same_again() {
    let [one, other] = [(); 2].map(|()| Made::new(20, 20, 30).expect("made"));
    let bytes = |made: &Made| std::fs::read(made.folder.path().join("chain")).expect("read");
    assert_eq!((bytes(&one), &one.told), (bytes(&other), &other.told));
    let refused = Made::new(1, 20, 30);
    assert!(matches!(refused, Err(ReplayError::TooSmall { have: 20, need: 198, .. })));
}

/// A head that is shown later is told to who subscribed, and is unknown before.
#[tokio::test]
async fn heads_are_told_as_they_are_shown() {
    let made = Made::new(12, 20, 30).expect("made");
    let node = Node::start(made.recording(), 0, Some(10)).await.expect("serving");
    let client = ChainClient::connect_within(node.url(), PATIENCE).await.expect("connected");
    let mut heads = client.best_heads().await.expect("subscribed");
    assert_eq!(heads.next().await.expect("a head").expect("a head").number, 10);
    assert_eq!(client.block_hash_at(11).await.expect("an answer"), None);
    assert!(node.advance());
    let head = heads.next().await.expect("a head").expect("a head");
    assert_eq!((head.number, client.block_hash_at(11).await.expect("an answer")), (11, Some(head.hash)));
    assert!(node.advance() && !node.advance());
    node.stop().await;
}
