//! What the contracts of a simulated chain tell, block after block: each event follows from those before it on the
//! same branch, by the model, so that every one of them fits.

use std::collections::{BTreeMap, BTreeSet};

use alloy_primitives::keccak256;
use rand::{Rng, rngs::StdRng};
use yieldset_chain::{Address, B256, Event, SolValue, U256, abi::Licence::Terms};

use crate::chain::{self, COIN, GENESIS_TIME, Model, PERIOD, START, account, deployment, licence_id, stream};

/// People whose shares and claims move.
const PEOPLE: u8 = 6;

/// How far a licence has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Course {
    Offered,
    Accepted,
    Reported,
    Paid,
}

/// The contracts after a block of one branch.
#[derive(Debug, Clone, Default)]
pub struct Scene {
    /// The pool's money and shares.
    pub model: Model,
    /// What the licence contract answers about accepted terms.
    pub terms: BTreeMap<B256, Vec<B256>>,
    licences: Vec<(B256, Course)>,
    datasets: u8,
    orders: u64,
    /// The heights of their blocks.
    proposals: Vec<u64>,
    votes: BTreeSet<(u8, u8)>,
    usage_logs: u32,
    reported: bool,
}

type Told = Vec<(Address, Event)>;

impl Scene {
    /// What the next block tells, which is of this height.
    pub fn next(&mut self, number: u64, random: &mut StdRng) -> Told {
        if number == START {
            return self.begin();
        }
        let mut told = Told::new();
        for _ in 0..random.gen_range(0..=4) {
            let more = match random.gen_range(0..3) {
                0 => self.registries(random),
                1 => self.trade(number, random),
                _ => self.money(random).into_iter().collect(),
            };
            told.extend(more);
        }
        told
    }

    fn begin(&mut self) -> Told {
        let later = GENESIS_TIME + 365 * 86_400;
        let mut told = vec![chain::committee(1), Model::create(), chain::agent(account(0xee), true)];
        told.extend((1..=PEOPLE).map(|n| chain::kyc(account(n), 1, later, false)));
        told.extend((1..=4).filter_map(|n| self.model.mint(account(n), 100 * COIN)));
        told
    }

    fn money(&mut self, random: &mut StdRng) -> Option<(Address, Event)> {
        let who = account(random.gen_range(1..=PEOPLE));
        let (stream, period) = (B256::repeat_byte(random.gen_range(1..3)), random.gen_range(1..4));
        let amount = random.gen_range(1..1_000 * COIN);
        match random.gen_range(0..7) {
            0 => self.model.mint(who, amount),
            1 => {
                let balance = self.model.holders.get(&who).map_or(0, |holder| holder.balance);
                self.model.transfer(who, account(random.gen_range(1..=PEOPLE)), amount.min(balance))
            }
            2 => self.model.deposit(account(9), stream, period, amount),
            3 => self.model.claim(who),
            4 => self.model.contribution(who, stream, period, random.gen_range(1..=100_000_000_000_000_000)),
            5 => self.model.carry(stream, period, period + 1),
            _ => self.model.release(stream, period),
        }
    }

    fn registries(&mut self, random: &mut StdRng) -> Told {
        let who = account(random.gen_range(1..=PEOPLE));
        let later = GENESIS_TIME + random.gen_range(1_000..1_000_000);
        match random.gen_range(0..6) {
            0 => vec![chain::kyc(who, random.gen_range(1..4), later, random.gen_bool(0.2))],
            1 => vec![chain::revoked(who)],
            2 => {
                vec![chain::approval(who, account(random.gen_range(1..=PEOPLE)), U256::from(random.gen_range(0..COIN)))]
            }
            3 => vec![chain::agent(account(0xe0 + random.gen_range(0..4)), random.gen_bool(0.5))],
            4 if self.datasets < 0xc0 => {
                self.datasets += 1;
                vec![chain::dataset(self.datasets, 1, who)]
            }
            5 if !std::mem::replace(&mut self.reported, true) => {
                let posted = chain::posted(chain::report(PERIOD, B256::ZERO, "lumen/lumen-1").1);
                let paid = self.model.deposit(account(9), stream(), PERIOD, 60 * COIN);
                [posted].into_iter().chain(paid).chain([chain::root_kept(stream(), PERIOD)]).collect()
            }
            _ => Told::new(),
        }
    }

    fn trade(&mut self, number: u64, random: &mut StdRng) -> Told {
        match random.gen_range(0..6) {
            0 => {
                self.orders += 1;
                vec![chain::order(self.orders, random.gen_range(1..3), random.gen_range(1..100) * COIN)]
            }
            1 if self.proposals.len() < 200 => {
                self.proposals.push(number);
                vec![chain::proposed(self.proposals.len() as u8, number)]
            }
            2 => self.vote(number, random).into_iter().collect(),
            3 => {
                let id = match self.licences.len() {
                    0 => licence_id(),
                    n => keccak256(n.to_be_bytes()),
                };
                self.licences.push((id, Course::Offered));
                vec![chain::offered(id, deployment().pool)]
            }
            4 if self.terms.contains_key(&licence_id()) => {
                self.usage_logs += 1;
                let (epoch, key) = (self.usage_logs, random.gen_range(1..=255));
                let anchored = chain::anchored(epoch, 24 * u64::from(epoch), key);
                vec![chain::usage_log(epoch, key, "lumen.example/usage"), anchored]
            }
            _ if !self.licences.is_empty() => {
                let which = random.gen_range(0..self.licences.len());
                self.licence(which, random)
            }
            _ => Told::new(),
        }
    }

    /// A vote on a proposal that is open for it, which is two blocks long.
    fn vote(&mut self, number: u64, random: &mut StdRng) -> Option<(Address, Event)> {
        let proposals = (1u8..).zip(&self.proposals);
        let open: Vec<_> = proposals.filter(|(_, block)| (1..=2).contains(&(number - **block))).collect();
        let (proposal, _) = *open.get(random.gen_range(0..open.len().max(1)))?;
        let (voter, support, shares) = (random.gen_range(1..=PEOPLE), random.gen_range(0..3), random.gen_range(1..100));
        self.votes.insert((proposal, voter)).then(|| chain::voted(proposal, voter, support, shares))
    }

    /// The next step of a licence.
    fn licence(&mut self, which: usize, random: &mut StdRng) -> Told {
        let (id, course) = self.licences[which];
        let payer = deployment().licence;
        let (next, told): (Course, Told) = match course {
            Course::Offered => {
                self.terms.insert(id, terms(random.gen_range(1..1_000)));
                let [accepted, activated] = chain::accepted(id);
                let upfront = self.model.deposit(payer, id, PERIOD, 5 * COIN);
                let delivered = chain::delivered(id, 5 * COIN);
                (Course::Accepted, [accepted, activated].into_iter().chain(upfront).chain([delivered]).collect())
            }
            Course::Accepted => (Course::Reported, chain::quarter_reported(id).into()),
            Course::Reported => {
                let paid = self.model.deposit(payer, id, PERIOD, 20 * COIN);
                let (royalty, delivered) = (chain::royalty(id, 20 * COIN, 0, 0), chain::delivered(id, 20 * COIN));
                (Course::Paid, [royalty].into_iter().chain(paid).chain([delivered]).collect())
            }
            Course::Paid => (Course::Paid, Told::new()),
        };
        self.licences[which] = (id, next);
        told
    }
}

/// Terms that differ between branches, so that those of another one are noticed.
fn terms(floor: u128) -> Vec<B256> {
    let mut terms = Terms::default();
    (terms.price.floor, terms.times.termMonths) = (floor * COIN, 12);
    terms.abi_encode().chunks(32).map(B256::from_slice).chain([B256::ZERO; 3]).collect()
}
