//! The reference model: what all contracts together must have in their records, as plain data, and what a step makes of
//! it.
//!
//! Arithmetic, policies and the game of disputes are the rules'; which of them a message asks, in which order, and what
//! it is refused with is said here once more. What the chain has is read into the same type, so that both are compared
//! with `==`.

use std::{
    collections::{BTreeMap, VecDeque},
    fmt::Debug,
    rc::Rc,
};

use alloy_primitives::U256;
use yieldset_rules::{
    compliance::{Locks, Policy, Record},
    contribution::{Contribution, ContributionError, Period},
    dispute::{Bonds, DisputeError, Standing},
    dividends::{Accumulator, Holder},
    issuance::{IssuanceError, Opening},
    market::{Holdings, Listing, MarketError, Order},
    math::MathError,
    merkle,
    report::Last,
};
use yieldset_tests::{
    chain::START,
    market::{LOT, TICK},
    system::{YEAR, keccak},
};

use super::step::{ADMIN, CONTRIBUTORS, PARTIES, Party, STREAMS, Step, ZERO};

/// Why the chain must refuse: the error's name, and of `TransferRestricted` its code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub name: String,
    pub code: Option<u8>,
}

/// What a message answers where it answers with a figure (money paid, an order's number), else zero.
pub type Outcome = Result<u128, Refusal>;

pub fn refusal(name: &str) -> Refusal {
    Refusal { name: name.into(), code: None }
}

pub fn refuse<T>(name: &str) -> Result<T, Refusal> {
    Err(refusal(name))
}

/// The contracts call an error as the rules do.
fn same_name(error: impl Debug) -> Refusal {
    let text = format!("{error:?}");
    refusal(text.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default())
}

impl From<MathError> for Refusal {
    fn from(_: MathError) -> Self {
        refusal("Overflow")
    }
}

impl From<MarketError> for Refusal {
    fn from(error: MarketError) -> Self {
        same_name(error)
    }
}

impl From<IssuanceError> for Refusal {
    fn from(error: IssuanceError) -> Self {
        same_name(error)
    }
}

impl From<DisputeError> for Refusal {
    fn from(error: DisputeError) -> Self {
        match error {
            DisputeError::Exhausted { .. } => refusal("DisputesExhausted"),
            _ => same_name(error),
        }
    }
}

impl From<yieldset_rules::report::BindingError> for Refusal {
    fn from(error: yieldset_rules::report::BindingError) -> Self {
        same_name(error)
    }
}

impl From<ContributionError> for Refusal {
    fn from(error: ContributionError) -> Self {
        same_name(error)
    }
}

/// A report's weights, and the Merkle tree over them.
#[derive(Debug, PartialEq, Eq)]
pub struct Tree {
    weights: [u64; CONTRIBUTORS.len()],
    leaves: [[u8; 32]; CONTRIBUTORS.len()],
    /// Parents of the first two leaves and of the last two.
    branches: [[u8; 32]; 2],
}

impl Tree {
    fn new(weights: [u64; CONTRIBUTORS.len()], addresses: &[[u8; 20]]) -> Self {
        let leaf = |n: usize| merkle::leaf(&addresses[CONTRIBUTORS[n]], weights[n], keccak);
        let leaves: [[u8; 32]; 4] = std::array::from_fn(leaf);
        let branches = [0, 2].map(|n| merkle::parent(&leaves[n], &leaves[n + 1], keccak));
        Self { weights, leaves, branches }
    }

    fn root(&self) -> [u8; 32] {
        merkle::parent(&self.branches[0], &self.branches[1], keccak)
    }

    /// A party's weight and its proof.
    pub fn entry(&self, account: Party) -> Option<(u64, [[u8; 32]; 2])> {
        let at = CONTRIBUTORS.iter().position(|party| *party == account)?;
        Some((self.weights[at], [self.leaves[at ^ 1], self.branches[1 - at / 2]]))
    }

    /// What proves several parties' weights together, as OpenZeppelin's `getMultiProof` makes it: the nodes that are
    /// missing, and at which step none is. Who has no weight stands in the first leaf's place.
    pub fn entries(&self, accounts: &[Party]) -> (Vec<[u8; 32]>, Vec<bool>) {
        // As in a heap: the root is 1, what has children n has them at 2n and 2n + 1, and the leaves are 4 to 7.
        let node = |at: usize| if at < 4 { self.branches[at - 2] } else { self.leaves[at - 4] };
        let place = |account: &Party| 4 + CONTRIBUTORS.iter().position(|party| party == account).unwrap_or(0);
        let mut queue: VecDeque<_> = accounts.iter().map(place).collect();
        let (mut proof, mut flags) = (vec![], vec![]);
        while let Some(at) = queue.pop_front().filter(|at| *at > 1) {
            let there = queue.front() == Some(&(at ^ 1));
            if there {
                queue.pop_front();
            } else {
                proof.push(node(at ^ 1));
            }
            flags.push(there);
            queue.push_back(at / 2);
        }
        (proof, flags)
    }
}

/// What never changes: addresses, and the weights that reports are about.
#[derive(Debug, PartialEq, Eq)]
pub struct Givens {
    /// By party; the last is the zero address.
    pub addresses: [[u8; 20]; PARTIES + 1],
    pub pool: [u8; 20],
    pub registry: [u8; 20],
    /// The last one's weights are too many: a committee can sign them, a pool must not pay by them.
    pub trees: [Tree; 3],
    pub roots: [[u8; 32]; 3],
}

impl Givens {
    pub fn new(addresses: [[u8; 20]; PARTIES + 1], pool: [u8; 20], registry: [u8; 20]) -> Self {
        let tenth = 100_000_000_000_000_000;
        let trees = [
            Tree::new([4 * tenth, 3 * tenth, 2 * tenth, tenth], &addresses),
            Tree::new([1, tenth / 3, 5 * tenth, 5 * tenth - tenth / 3 - 1], &addresses),
            Tree::new([6 * tenth, 6 * tenth, tenth, tenth], &addresses),
        ];
        let roots = std::array::from_fn(|n: usize| trees[n].root());
        Self { addresses, pool, registry, trees, roots }
    }

    pub fn party(&self, address: &[u8; 20]) -> Party {
        self.addresses.iter().position(|known| known == address).unwrap()
    }
}

/// A holder's record.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct HolderRecord {
    pub holder: Holder,
    pub frozen: u128,
    pub reserved: u128,
    /// As they were when they last changed.
    pub locks: Locks,
    pub recovered: bool,
    pub paid: bool,
    pub seizures: u32,
}

/// The primary sale.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sale {
    pub price: u128,
    pub left: u128,
    pub sold: u128,
    pub raised: u128,
    pub starts: u64,
    pub ends: u64,
}

/// The contributors' leg of one (stream, period).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Leg {
    pub period: Period,
    /// Of the final report, once it was paid by.
    pub root: [u8; 32],
    pub taken: [Contribution; PARTIES],
}

/// All records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Books {
    pub givens: Rc<Givens>,
    /// Unix seconds.
    pub now: u64,
    pub block: u32,

    // pool
    pub paused: bool,
    pub open: bool,
    pub policy: Policy,
    pub holders: u32,
    pub supply: u128,
    pub opened: bool,
    /// Zeros before the pool is opened.
    pub opening: Opening,
    pub dividends: Accumulator,
    pub to_holders: u128,
    pub to_contributors: u128,
    pub claimed_by_holders: u128,
    pub claimed_by_contributors: u128,
    pub accounts: [HolderRecord; PARTIES],
    pub successors: [Option<Party>; PARTIES],
    /// (owner, spender); without zeros.
    pub allowances: BTreeMap<(Party, Party), U256>,
    pub sale: Sale,
    /// Those that money or a claim touched.
    pub legs: BTreeMap<(usize, u32), Leg>,

    // KYC registry
    pub records: [Record; PARTIES],
    /// Who stands in the place of whom, as the registry has it.
    pub heirs: [Option<Party>; PARTIES],

    // attribution registry
    pub ends: [Option<Last>; STREAMS],
    pub standings: BTreeMap<(usize, u32), Standing>,
    pub bonds: Bonds,
    pub bonds_owed: [u128; PARTIES],
    /// What the pool would not take for a period; without zeros.
    pub bonds_kept: BTreeMap<(usize, u32), u128>,

    // market
    pub listing: Listing,
    pub orders: BTreeMap<u64, Order>,
    pub placed: u64,
    pub holdings: Holdings,
    pub credits: [u128; PARTIES],
}

impl Books {
    /// As everything is deployed: four people with KYC records, the pool listed on the market, nothing else.
    pub fn new(givens: Rc<Givens>) -> Self {
        let mut records = [Record::default(); PARTIES];
        for record in &mut records[..4] {
            *record = record.set_by(&givens.addresses[ADMIN], 1, 276, false, START + YEAR, START).unwrap();
        }
        let mut listing = Listing::default();
        listing.list([0; 20], LOT, TICK).unwrap();
        Self {
            givens,
            now: START,
            block: 1,
            paused: false,
            open: false,
            policy: Policy::OPEN,
            holders: 0,
            supply: 0,
            opened: false,
            opening: Opening::default(),
            dividends: Accumulator::default(),
            to_holders: 0,
            to_contributors: 0,
            claimed_by_holders: 0,
            claimed_by_contributors: 0,
            accounts: [HolderRecord::default(); PARTIES],
            successors: [None; PARTIES],
            allowances: BTreeMap::new(),
            sale: Sale::default(),
            legs: BTreeMap::new(),
            records,
            heirs: [None; PARTIES],
            ends: [None; STREAMS],
            standings: BTreeMap::new(),
            bonds: Bonds::default(),
            bonds_owed: [0; PARTIES],
            bonds_kept: BTreeMap::new(),
            listing,
            orders: BTreeMap::new(),
            placed: 0,
            holdings: Holdings::default(),
            credits: [0; PARTIES],
        }
    }

    /// Makes a step, or says what it must be refused with and changes nothing.
    pub fn apply(&mut self, step: &Step) -> Outcome {
        let mut next = self.clone();
        let figure = next.act(step)?;
        *self = next;
        Ok(figure)
    }

    fn act(&mut self, step: &Step) -> Outcome {
        let done = match step {
            Step::Mint { by, to, amount } => self.mint(*by, *to, *amount),
            Step::Transfer { from, to, amount } => self.transfer(*from, *to, *amount),
            Step::Approve { owner, spender, amount } => self.approve(*owner, *spender, *amount),
            Step::TransferFrom { spender, from, to, amount } => self.transfer_from(*spender, *from, *to, *amount),
            Step::Open { by, cap } => self.open(*by, *cap),
            Step::RaiseCap { by, cap } => self.raise_cap(*by, *cap),
            Step::SetSale { by, price, cap, starts, ends } => self.set_sale(*by, *price, *cap, *starts, *ends),
            Step::Freeze { by, account, amount } => self.freeze(*by, *account, *amount),
            Step::Unfreeze { by, account, amount } => self.unfreeze(*by, *account, *amount),
            Step::Force { by, from, to, amount } => self.force(*by, *from, *to, *amount),
            Step::Recover { by, lost, replacement } => self.recover(*by, *lost, *replacement),
            Step::Pause { by } => self.pause(*by, true),
            Step::Unpause { by } => self.pause(*by, false),
            Step::SetPolicy { by, open, terms } => self.set_policy(*by, *open, terms),
            Step::Deposit { from: _, stream, period, amount, sent } => self.deposit(*stream, *period, *amount, *sent),
            Step::Carry { by: _, stream, from, to } => self.carry(*stream, *from, *to),
            Step::ReleaseWaiting { by: _, stream, period } => self.release_waiting(*stream, *period),
            Step::Wait { seconds } => {
                self.now += seconds;
                Ok(())
            }
            Step::NextBlock => {
                self.block += 1;
                self.now += 1;
                Ok(())
            }
            _ => return self.act_with_figure(step),
        };
        done.map(|()| 0)
    }

    fn act_with_figure(&mut self, step: &Step) -> Outcome {
        match step {
            Step::Buy { buyer, amount, limit, sent } => self.buy(*buyer, *amount, *limit, *sent),
            Step::Claim { account } | Step::ClaimFor { by: _, account } => self.claim(*account),
            Step::ClaimContribution { account, item } | Step::ClaimContributionFor { by: _, account, item } => {
                self.claim_contributions(*account, &[*item])
            }
            Step::ClaimContributions { by: _, account, items } => self.claim_contributions(*account, items),
            Step::ClaimForMany { by: _, accounts, item } => self.claim_for_many(accounts, item),
            Step::Ask { maker, shares, price, expiry } => self.ask(*maker, *shares, *price, *expiry),
            Step::Bid { maker, shares, price, expiry, sent } => self.bid(*maker, *shares, *price, *expiry, *sent),
            Step::FillAsk { taker, order, shares, limit, sent } => {
                self.fill_ask(*taker, *order, *shares, *limit, *sent)
            }
            Step::FillBid { taker, order, shares, limit } => self.fill_bid(*taker, *order, *shares, *limit),
            Step::Match { by: _, ask, bid, shares } => self.match_two(*ask, *bid, *shares),
            Step::Withdraw { by, to } => self.withdraw(*by, *to),
            Step::Inherit { by: _, lost } => self.inherit(*lost),
            Step::WithdrawBond { by, account, to } => self.withdraw_bond(*by, *account, *to),
            Step::DeliverBond { by, stream, period, sent } => self.deliver_bond(*by, (*stream, *period), *sent),
            _ => self.act_in_registries(step).map(|()| 0),
        }
    }

    fn act_in_registries(&mut self, step: &Step) -> Result<(), Refusal> {
        match step {
            Step::Post { stream, period, revision, tree, signers } => {
                self.post(*stream, *period, *revision, *tree, *signers)
            }
            Step::Dispute { by, stream, period, sent } => self.dispute(*by, *stream, *period, *sent),
            Step::Defend { by, stream, period, sent } => self.defend(*by, *stream, *period, *sent),
            Step::Uphold { by, stream, period } => self.uphold(*by, *stream, *period),
            Step::Reject { by, stream, period } => self.reject(*by, *stream, *period),
            Step::Expire { by: _, stream, period } => self.expire(*stream, *period),
            Step::SetRecord { by, account, level, jurisdiction, accredited, expiry } => {
                self.set_record(*by, *account, (*level, *jurisdiction, *accredited, *expiry))
            }
            Step::Revoke { by, account } => self.revoke(*by, *account),
            Step::SetFrozen { by, account, frozen } => {
                self.flag(*by, *account, |record| Record { frozen: *frozen, ..record })
            }
            Step::SetSanctioned { by, account, sanctioned } => {
                self.flag(*by, *account, |record| Record { sanctioned: *sanctioned, ..record })
            }
            Step::RecoverRecord { by, lost, replacement } => self.recover_record(*by, *lost, *replacement),
            Step::List { by, lot, tick } => {
                self.role(*by)?;
                Ok(self.listing.list([0; 20], *lot, *tick)?)
            }
            Step::Delist { by } => {
                self.role(*by)?;
                Ok(self.listing.delist()?)
            }
            Step::Cancel { by, order } => self.cancel(*by, *order),
            Step::CancelExpired { by: _, order } => self.cancel_expired(*order),
            Step::EndReservations { by } => self.end_reservations(*by),
            other => panic!("no step of the registries or the market: {other:?}"),
        }
    }

    /// Roles are the admin's alone.
    pub fn role(&self, by: Party) -> Result<(), Refusal> {
        if by == ADMIN { Ok(()) } else { refuse("AccessControlUnauthorizedAccount") }
    }

    /// Where the payments of an account go.
    pub fn payee(&self, account: Party) -> Party {
        self.successors[account].map_or(account, |next| self.payee(next))
    }

    /// Dividends that an account has earned and not been paid.
    pub fn claimable(&self, account: Party) -> u128 {
        self.accounts[account].holder.claimable(self.dividends.index).unwrap()
    }

    pub fn address(&self, party: Party) -> [u8; 20] {
        self.givens.addresses[party]
    }

    pub fn balance(&self, party: Party) -> u128 {
        if party == ZERO { 0 } else { self.accounts[party].holder.balance }
    }
}
