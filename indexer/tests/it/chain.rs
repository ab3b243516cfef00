//! A chain made by hand: blocks that name their parents, and a pool that computes with the rules and emits what the
//! contract emits.

use std::collections::BTreeMap;

use alloy_primitives::keccak256;
use yieldset_chain::{
    Address, B256, BlockRef, ContractEvent, Deployment, Event, SolValue, U256,
    abi::{
        Access::{AccessEvents, RoleGranted, RoleRevoked},
        Attribution::{AttributionEvents, CommitteeSet, ReportPosted},
        Coop::{CoopEvents, ProposalCreated, ProposalExecuted, VoteCast},
        Kyc::{KycEvents, RecordRevoked, RecordSet, TrustedIssuerAdded, TrustedIssuerRemoved},
        Licence::{
            CheckpointAnchored, Delivered, DueAssessed, LicenceAccepted, LicenceActivated, LicenceEvents,
            LicenceOffered, RevenueReported, RoyaltyPaid, Terms, UsageLogSet,
        },
        Manifests::{DatasetRegistered, ManifestsEvents},
        Market::{MarketEvents, OrderPlaced, Traded},
        Pool::{
            Approval, ClaimSkipped, ContributionClaimed, Deposited, DividendClaimed, PoolCreated, PoolEvents, RootKept,
            Transfer as Moved, WaitingCarried, WaitingReleased,
        },
    },
    deployment::role,
};
use yieldset_indexer::project::{Answers, Block, id};
use yieldset_rules::{
    contribution::{Contribution, Period},
    dividends::{Accumulator, Holder},
    math::split_bps,
    report::{LogCheckpoint, MeasuredError, Metric, Outcome, Report, Totals},
};

pub const START: u64 = 5;
/// Seconds of Unix time at block 0; each block takes one.
pub const GENESIS_TIME: u64 = 1_795_478_400;
pub const BPS: u16 = 4_000;
pub const PERIOD: u32 = 8107;

pub fn deployment() -> Deployment {
    Deployment {
        chain_id: 420_420_420,
        genesis: B256::repeat_byte(0x99),
        start_block: START,
        kyc: Address::repeat_byte(0xa1),
        pool: Address::repeat_byte(0xa2),
        manifests: Address::repeat_byte(0xa3),
        attribution: Address::repeat_byte(0xa4),
        licence: Address::repeat_byte(0xa5),
        market: Address::repeat_byte(0xa6),
        factory: Address::repeat_byte(0xa7),
        coop: Address::repeat_byte(0xa8),
    }
}

pub fn account(n: u8) -> Address {
    Address::repeat_byte(n)
}

pub fn stream() -> B256 {
    B256::repeat_byte(0x5e)
}

/// Blocks in a row.
pub struct Chain {
    pub blocks: Vec<Block>,
    parent: B256,
}

impl Default for Chain {
    fn default() -> Self {
        Self { blocks: Vec::new(), parent: B256::repeat_byte(0x77) }
    }
}

impl Chain {
    /// The height of the block that is pushed next.
    pub fn height(&self) -> u64 {
        START + self.blocks.len() as u64
    }

    /// Appends a block with these events.
    pub fn push(&mut self, events: Vec<(Address, Event)>) -> &Block {
        let block = self.next(events);
        self.append(block);
        self.blocks.last().unwrap()
    }

    /// Appends a block that [`next`](Self::next) made.
    pub fn append(&mut self, block: Block) {
        self.parent = block.at.hash;
        self.blocks.push(block);
    }

    /// The block that is pushed next, left out of the chain.
    pub fn next(&self, events: Vec<(Address, Event)>) -> Block {
        block(self.height(), self.parent, events)
    }
}

pub fn block(number: u64, parent: B256, events: Vec<(Address, Event)>) -> Block {
    let hash = keccak256([&number.to_be_bytes()[..], parent.as_slice()].concat());
    let timestamp_ms = (GENESIS_TIME + number) * 1_000 + 7;
    let at = BlockRef { number, hash, parent, timestamp_ms };
    let events = events.into_iter().enumerate().map(|(i, (address, event))| ContractEvent {
        block_number: number,
        block_hash: hash,
        event_index: 3 + 2 * i as u32,
        tx_hash: Some(keccak256(i.to_be_bytes())),
        address,
        event,
    });
    let events: Vec<_> = events.collect();
    let answers = events.iter().filter_map(|event| match &event.event {
        Event::Licence(LicenceEvents::LicenceAccepted(_)) => {
            Some((id(event), Answers { terms: Some(terms()), ..Answers::default() }))
        }
        _ => None,
    });
    Block { at, answers: answers.collect(), events, earlier: Vec::new() }
}

/// The words of accepted terms with a limit of each kind, and those of a milestone.
pub fn terms() -> Vec<B256> {
    let mut terms = Terms::default();
    (terms.price.metric, terms.price.threshold, terms.price.residualBps) = (B256::repeat_byte(0x3e), 700_000, 1_000);
    (terms.price.floor, terms.times.termMonths) = (2 * COIN, 12);
    (terms.usage.falseDiscoveryBps, terms.usage.lateRecordDays) = (150, 30);
    (terms.usage.callTokens, terms.usage.commonFrom) = (32_000, 3);
    terms.abi_encode().chunks(32).map(B256::from_slice).chain([B256::ZERO; 3]).collect()
}

/// A pool as the contract is, over the same rules. Methods give the event, or `None` where the contract would refuse.
#[derive(Debug, Default, Clone)]
pub struct Model {
    pub supply: u128,
    pub dividends: Accumulator,
    pub holders: BTreeMap<Address, Holder>,
    pub periods: BTreeMap<(B256, u32), Period>,
    pub contributions: BTreeMap<(B256, u32, Address), Contribution>,
    pub to_holders: u128,
    pub to_contributors: u128,
    pub claimed_by_holders: u128,
    pub claimed_by_contributors: u128,
}

type Emitted = Option<(Address, Event)>;

impl Model {
    pub fn create() -> (Address, Event) {
        named("Public Voices", "VOICE")
    }

    pub fn mint(&mut self, to: Address, shares: u128) -> Emitted {
        let supply = self.supply.checked_add(shares)?;
        self.credit(to, shares)?;
        self.supply = supply;
        Some(pool(PoolEvents::Transfer(Moved { from: Address::ZERO, to, value: U256::from(shares) })))
    }

    pub fn transfer(&mut self, from: Address, to: Address, shares: u128) -> Emitted {
        let index = self.dividends.index;
        let mut sender = self.holders.get(&from).copied().unwrap_or_default();
        sender.debit(index, shares).ok()?;
        self.holders.insert(from, sender);
        self.credit(to, shares)?;
        Some(pool(PoolEvents::Transfer(Moved { from, to, value: U256::from(shares) })))
    }

    pub fn deposit(&mut self, payer: Address, stream: B256, period: u32, amount: u128) -> Emitted {
        if amount == 0 {
            return None;
        }
        let (contributors, holders) = split_bps(amount, BPS).ok()?;
        self.dividends.distribute(holders, self.supply).ok()?;
        self.to_holders += holders;
        self.to_contributors += contributors;
        self.periods.entry((stream, period)).or_default().total += contributors;
        Some(pool(PoolEvents::Deposited(Deposited {
            stream,
            period,
            payer,
            amount: U256::from(amount),
            toHolders: U256::from(holders),
            index: U256::from(self.dividends.index),
        })))
    }

    pub fn claim(&mut self, account: Address) -> Emitted {
        let mut holder = self.holders.get(&account).copied().unwrap_or_default();
        let paid = holder.take(self.dividends.index).ok().filter(|paid| *paid > 0)?;
        self.holders.insert(account, holder);
        self.claimed_by_holders += paid;
        Some(pool(PoolEvents::DividendClaimed(DividendClaimed { account, amount: U256::from(paid) })))
    }

    pub fn contribution(&mut self, account: Address, stream: B256, period: u32, weight: u64) -> Emitted {
        let mut record = self.periods.get(&(stream, period)).copied().unwrap_or_default();
        let mut taken = self.contributions.get(&(stream, period, account)).copied().unwrap_or_default();
        let paid = record.claim(&mut taken, weight).ok()?;
        self.periods.insert((stream, period), record);
        self.contributions.insert((stream, period, account), taken);
        self.claimed_by_contributors += paid;
        Some(pool(PoolEvents::ContributionClaimed(ContributionClaimed {
            stream,
            period,
            account,
            amount: U256::from(paid),
            weight: U256::from(weight),
        })))
    }

    /// Where money goes is the contract's business: any period's can go to any other here.
    pub fn carry(&mut self, stream: B256, from: u32, to: u32) -> Emitted {
        let amount = Some(self.periods.get_mut(&(stream, from))?.take_unclaimed()).filter(|amount| *amount > 0)?;
        self.periods.entry((stream, to)).or_default().total += amount;
        let amount = U256::from(amount);
        Some(pool(PoolEvents::WaitingCarried(WaitingCarried { stream, from, to, amount })))
    }

    pub fn release(&mut self, stream: B256, period: u32) -> Emitted {
        let mut record = *self.periods.get(&(stream, period))?;
        let amount = Some(record.take_unclaimed()).filter(|amount| *amount > 0)?;
        self.dividends.distribute(amount, self.supply).ok()?;
        self.periods.insert((stream, period), record);
        self.to_contributors -= amount;
        self.to_holders += amount;
        let (amount, index) = (U256::from(amount), U256::from(self.dividends.index));
        Some(pool(PoolEvents::WaitingReleased(WaitingReleased { stream, period, amount, index })))
    }

    fn credit(&mut self, to: Address, shares: u128) -> Option<()> {
        let mut recipient = self.holders.get(&to).copied().unwrap_or_default();
        recipient.credit(self.dividends.index, shares).ok()?;
        self.holders.insert(to, recipient);
        Some(())
    }
}

pub fn pool(event: PoolEvents) -> (Address, Event) {
    (deployment().pool, Event::Pool(event))
}

pub fn named(name: &str, symbol: &str) -> (Address, Event) {
    let Deployment { kyc, attribution, .. } = deployment();
    let [name, symbol] = [name, symbol].map(|text| B256::right_padding_from(text.as_bytes()));
    pool(PoolEvents::PoolCreated(PoolCreated {
        kyc,
        attribution,
        currency: Address::ZERO,
        contributorsBps: BPS,
        name,
        symbol,
    }))
}

pub fn approval(owner: Address, spender: Address, value: U256) -> (Address, Event) {
    pool(PoolEvents::Approval(Approval { owner, spender, value }))
}

pub fn kyc(account: Address, level: u8, expiry: u64, frozen: bool) -> (Address, Event) {
    let issuer = self::account(0xee);
    let (jurisdiction, accredited, sanctioned, attested, nonce) = (276, true, false, false, 1);
    let set =
        RecordSet { account, level, jurisdiction, accredited, expiry, frozen, sanctioned, issuer, attested, nonce };
    (deployment().kyc, Event::Kyc(KycEvents::RecordSet(set)))
}

pub fn revoked(account: Address) -> (Address, Event) {
    let issuer = self::account(0xee);
    (
        deployment().kyc,
        Event::Kyc(KycEvents::RecordRevoked(RecordRevoked {
            account,
            issuer,
            frozen: false,
            sanctioned: false,
            nonce: 2,
        })),
    )
}

pub fn agent(agent: Address, active: bool) -> (Address, Event) {
    let (role, sender) = (role("AGENT_ROLE"), account(0xad));
    let event = if active {
        AccessEvents::RoleGranted(RoleGranted { role, account: agent, sender })
    } else {
        AccessEvents::RoleRevoked(RoleRevoked { role, account: agent, sender })
    };
    (deployment().kyc, Event::Access(event))
}

/// An attested record.
pub fn attested(account: Address, issuer: Address, expiry: u64, sanctioned: bool) -> (Address, Event) {
    let (level, jurisdiction, accredited, frozen, attested, nonce) = (2, 276, true, false, true, 1);
    let set =
        RecordSet { account, level, jurisdiction, accredited, expiry, frozen, sanctioned, issuer, attested, nonce };
    (deployment().kyc, Event::Kyc(KycEvents::RecordSet(set)))
}

pub fn issuer(issuer: Address, trusted: bool) -> (Address, Event) {
    let topics = vec![U256::from(1), U256::from(2)];
    let event = if trusted {
        KycEvents::TrustedIssuerAdded(TrustedIssuerAdded { trustedIssuer: issuer, claimTopics: topics })
    } else {
        KycEvents::TrustedIssuerRemoved(TrustedIssuerRemoved { trustedIssuer: issuer })
    };
    (deployment().kyc, Event::Kyc(event))
}

pub fn dataset(id: u8, version: u32, creator: Address) -> (Address, Event) {
    let registered = DatasetRegistered {
        dataset: B256::repeat_byte(id),
        version,
        manifestHash: keccak256([id, version as u8]),
        licenceHash: keccak256(b"CC0-1.0"),
        creator,
        registeredAt: GENESIS_TIME + START,
        first: true,
    };
    (deployment().manifests, Event::Manifests(ManifestsEvents::DatasetRegistered(registered)))
}

pub fn committee(epoch: u32) -> (Address, Event) {
    let keys = (1..=3).map(B256::repeat_byte).collect();
    let set = CommitteeSet { epoch, threshold: 2, keys };
    (deployment().attribution, Event::Attribution(AttributionEvents::CommitteeSet(set)))
}

pub fn report(period: u32, previous: B256, model: &str) -> (Report, ReportPosted) {
    let Deployment { chain_id, pool, attribution, .. } = deployment();
    let report = Report {
        chain_id,
        registry: attribution.0.0,
        pool: pool.0.0,
        stream: stream().0,
        models: vec![model.to_owned()],
        period,
        revision: 0,
        epoch: 1,
        log: LogCheckpoint { origin: "lumen.example/usage".to_owned(), size: 24, root: [4; 32] },
        compared: [6; 32],
        metric: Metric { name: "minilm-l6-v2+winnow".to_owned(), version: 1, threshold: 700_000 },
        outcome: Outcome::Weights([5; 32]),
        totals: Totals { calls: 24, qualifying_calls: 10, tokens: 900, attributed_tokens: 500, late_records: None },
        error: MeasuredError::NotMeasured,
        lines_root: [8; 32],
        package: None,
        spot_check: None,
        previous: previous.0,
    };
    let bytes = report.to_bytes();
    let posted = ReportPosted {
        pool,
        stream: stream(),
        period,
        revision: 0,
        reportHash: keccak256(&bytes),
        weightsRoot: B256::from(report.weights_root()),
        finalAt: GENESIS_TIME + START,
        report: bytes.into(),
    };
    (report, posted)
}

pub fn posted(event: ReportPosted) -> (Address, Event) {
    (deployment().attribution, Event::Attribution(AttributionEvents::ReportPosted(event)))
}

pub fn licence_id() -> B256 {
    B256::repeat_byte(0x1c)
}

pub fn licence(event: LicenceEvents) -> (Address, Event) {
    (deployment().licence, Event::Licence(event))
}

pub fn market(event: MarketEvents) -> (Address, Event) {
    (deployment().market, Event::Market(event))
}

/// An offer to a pool.
pub fn offered(licence: B256, pool: Address) -> (Address, Event) {
    let (platform, currency, upfront) = (account(9), Address::ZERO, U256::from(5 * COIN));
    let (options, datasets, expires_at) = (1, 1, GENESIS_TIME + 86_400);
    self::licence(LicenceEvents::LicenceOffered(LicenceOffered {
        licence,
        pool,
        platform,
        currency,
        options,
        datasets,
        upfront,
        expiresAt: expires_at,
    }))
}

pub fn accepted(licence: B256) -> [(Address, Event); 2] {
    let (licensor, document) = (account(0xee), B256::repeat_byte(0xdc));
    let accepted = LicenceAccepted {
        licence,
        licensor,
        option: 0,
        document,
        upfront: U256::from(5 * COIN),
        period: PERIOD,
        exclusiveUntil: 0,
        fundBy: 0,
    };
    let (ends_at, until) = (GENESIS_TIME + 365 * 86_400, 0);
    let activated = LicenceActivated { licence, endsAt: ends_at, trainingUntil: until };
    [LicenceEvents::LicenceAccepted(accepted), LicenceEvents::LicenceActivated(activated)].map(self::licence)
}

pub fn delivered(licence: B256, amount: u128) -> (Address, Event) {
    let delivered = Delivered { licence, period: PERIOD, amount: U256::from(amount), held: U256::ZERO };
    self::licence(LicenceEvents::Delivered(delivered))
}

/// A quarter is reported: of 200 coins a tenth is due.
pub fn quarter_reported(licence: B256) -> [(Address, Event); 2] {
    let [gross, infrastructure, taxes, net, due] = [400, 150, 50, 200, 20].map(|coins| U256::from(coins * COIN));
    let (quarter, evidence, late) = (PERIOD, B256::repeat_byte(0xed), false);
    let reported = RevenueReported { licence, quarter, gross, infrastructure, taxes, net, evidence, late };
    let assessed = DueAssessed { licence, quarter, due, payBy: GENESIS_TIME + 30 * 86_400, paid: U256::ZERO };
    [LicenceEvents::RevenueReported(reported), LicenceEvents::DueAssessed(assessed)].map(self::licence)
}

pub fn royalty(licence: B256, principal: u128, interest: u128, outstanding: u128) -> (Address, Event) {
    let [principal, interest, outstanding] = [principal, interest, outstanding].map(U256::from);
    let paid = RoyaltyPaid { licence, quarter: PERIOD, principal, interest, outstanding };
    self::licence(LicenceEvents::RoyaltyPaid(paid))
}

/// An epoch of the licence's usage log, with two witnesses.
pub fn usage_log(epoch: u32, key: u8, origin: &str) -> (Address, Event) {
    let (licence, origin, since) = (licence_id(), origin.to_owned(), GENESIS_TIME + START);
    let (key, witnesses) = (B256::repeat_byte(key), [0x71, 0x72].map(B256::repeat_byte).into());
    self::licence(LicenceEvents::UsageLogSet(UsageLogSet { licence, epoch, key, origin, witnesses, since }))
}

pub fn anchored(epoch: u32, size: u64, root: u8) -> (Address, Event) {
    let (licence, root, block, at) = (licence_id(), B256::repeat_byte(root), 7, GENESIS_TIME + 7);
    self::licence(LicenceEvents::CheckpointAnchored(CheckpointAnchored { licence, epoch, size, root, block, at }))
}

/// The root of [`report`] is kept.
pub fn root_kept(stream: B256, period: u32) -> (Address, Event) {
    pool(PoolEvents::RootKept(RootKept { stream, period, root: B256::repeat_byte(5) }))
}

pub fn skipped(account: Address, stream: B256, reason: u8) -> (Address, Event) {
    pool(PoolEvents::ClaimSkipped(ClaimSkipped { stream, period: PERIOD, account, reason }))
}

pub fn coop(event: CoopEvents) -> (Address, Event) {
    (deployment().coop, Event::Coop(event))
}

pub fn proposal_id(n: u8) -> U256 {
    U256::from_be_bytes([n; 32])
}

/// The first account proposes, in words that a page must not take for its own, to accept the licence; two blocks, of
/// a second each, are left to vote.
pub fn proposed(n: u8, block: u64) -> (Address, Event) {
    coop(CoopEvents::ProposalCreated(ProposalCreated {
        proposalId: proposal_id(n),
        proposer: account(1),
        targets: vec![deployment().licence],
        values: vec![U256::ZERO],
        signatures: vec![String::new()],
        calldatas: vec![vec![0xac, n].into()],
        voteStart: U256::from(GENESIS_TIME + block),
        voteEnd: U256::from(GENESIS_TIME + block + 2),
        description: format!("Accept <the licence>\0 #proposer={:#x}", account(1)),
    }))
}

/// A vote with shares: 0 against, 1 for, 2 neither.
pub fn voted(n: u8, voter: u8, support: u8, shares: u128) -> (Address, Event) {
    coop(CoopEvents::VoteCast(VoteCast {
        voter: account(voter),
        proposalId: proposal_id(n),
        support,
        weight: U256::from(shares * COIN),
        reason: "\0why".into(),
    }))
}

pub fn executed(n: u8) -> (Address, Event) {
    coop(CoopEvents::ProposalExecuted(ProposalExecuted { proposalId: proposal_id(n) }))
}

/// An ask of the fourth account, or a bid of the third.
pub fn order(order: u64, side: u8, shares: u128) -> (Address, Event) {
    let (maker, pool, currency) = (account(if side == 1 { 4 } else { 3 }), deployment().pool, Address::ZERO);
    let (shares, price, expiry, escrow) = (U256::from(shares), U256::from(2 * COIN), u64::MAX, U256::ZERO);
    market(MarketEvents::OrderPlaced(OrderPlaced { order, maker, pool, side, currency, shares, price, expiry, escrow }))
}

/// Shares go from the fourth account to the third at two coins each.
pub fn traded([ask, bid]: [u64; 2], shares: u128, [ask_left, bid_left]: [u128; 2]) -> (Address, Event) {
    let (pool, seller, buyer) = (deployment().pool, account(4), account(3));
    market(MarketEvents::Traded(Traded {
        pool,
        seller,
        buyer,
        ask,
        bid,
        shares: U256::from(shares),
        price: U256::from(2 * COIN),
        cost: U256::from(shares) * U256::from(2),
        askLeft: U256::from(ask_left),
        bidLeft: U256::from(bid_left),
    }))
}

pub const COIN: u128 = 1_000_000_000_000_000_000;
pub const WEIGHTS: [u64; 3] = [500_000_000_000_000_000, 333_333_333_333_333_333, 166_666_666_666_666_667];

/// A quarter of a pool: three contributors and an investor, KYC, datasets, a report, a deposit, and claims.
pub fn a_quarter() -> Chain {
    let (mut chain, mut model) = (Chain::default(), Model::default());
    let later = GENESIS_TIME + 365 * 86_400;
    chain.push(vec![committee(1)]);
    chain.push(vec![Model::create(), agent(account(0xee), true)]);
    chain.push((1..=4).map(|n| kyc(account(n), 1, later, false)).collect());
    chain.push(vec![]);
    let mints = [(1, 100), (2, 100), (3, 100), (4, 400)];
    chain.push(mints.iter().filter_map(|&(n, shares)| model.mint(account(n), shares * COIN)).collect());
    chain.push((1..=3).map(|n| dataset(0x10 + n, 1, account(n))).collect());
    chain.push(vec![posted(report(PERIOD, B256::ZERO, "lumen/lumen-1").1)]);
    chain.push(vec![model.deposit(account(9), stream(), PERIOD, 60 * COIN).unwrap(), root_kept(stream(), PERIOD)]);
    let claims = [model.claim(account(1)), model.claim(account(4))].into_iter().flatten();
    let contributions = [0u8, 1].map(|i| model.contribution(account(i + 1), stream(), PERIOD, WEIGHTS[usize::from(i)]));
    // The third contributor's screening holds it back.
    let passed_over = [skipped(account(3), stream(), 11)];
    let events = claims.chain(contributions.into_iter().flatten()).chain(passed_over).collect();
    chain.push(events);
    chain.push(vec![model.transfer(account(4), account(3), 150 * COIN).unwrap(), kyc(account(2), 1, later, true)]);
    let id = licence_id();
    chain.push(vec![offered(id, deployment().pool)]);
    let block = chain.height();
    chain.push(vec![proposed(1, block), proposed(2, block)]);
    chain.push(vec![voted(1, 1, 1, 100), voted(1, 2, 0, 100)]);
    chain.push(vec![voted(1, 3, 2, 250), voted(1, 4, 1, 250)]);
    let [accepted, activated] = accepted(id);
    let upfront = model.deposit(deployment().licence, id, PERIOD, 5 * COIN).unwrap();
    chain.push(vec![accepted, activated, upfront, delivered(id, 5 * COIN), executed(1)]);
    chain.push(vec![usage_log(1, 0x61, "lumen.example/usage"), anchored(1, 24, 4)]);
    chain.push(vec![usage_log(2, 0x62, "lumen.example/usage"), anchored(2, 48, 5)]);
    chain.push(quarter_reported(id).into());
    let paid = model.deposit(deployment().licence, id, PERIOD, 20 * COIN).unwrap();
    chain.push(vec![royalty(id, 20 * COIN, 0, 0), paid, delivered(id, 20 * COIN)]);
    chain.push(vec![order(1, 1, 100 * COIN), order(2, 2, 10 * COIN)]);
    let delivery = model.transfer(account(4), account(3), 40 * COIN).unwrap();
    chain.push(vec![delivery, traded([1, 0], 40 * COIN, [60 * COIN, 0])]);
    chain
}
