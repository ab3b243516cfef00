//! What contracts emitted, as blocks that a mirror can follow.

use alloy_primitives::{Address, B256, U256, keccak256};
use alloy_sol_types::SolCall;
use proptest::prelude::*;
use yieldset_chain::{
    BlockRef, ContractEvent, Event,
    abi::{Licence, Pool},
};
use yieldset_indexer::project::{Block, Currency, Question, id, questions};
use yieldset_tests::chain::{Account, Chain};

/// Height of the first block, which is empty and the same in every history.
pub const FIRST: u64 = 1;

/// Numbers for what a history leaves open: how its steps are cut into blocks, and how these are applied.
#[derive(Debug, Clone)]
pub struct Dice {
    numbers: Vec<u8>,
    next: usize,
}

impl Dice {
    /// Any of at least one number; zeros make the fewest blocks.
    pub fn any() -> impl Strategy<Value = Self> {
        prop::collection::vec(any::<u8>(), 1..16).prop_map(|numbers| Self { numbers, next: 0 })
    }

    /// A number below this one.
    pub fn below(&mut self, limit: usize) -> usize {
        let number = self.numbers[self.next % self.numbers.len()];
        self.next += 1;
        // Another each time round.
        (usize::from(number) * (1 + self.next / self.numbers.len())) % limit.max(1)
    }
}

/// A block, and what the model had after it.
pub struct Recorded<S> {
    pub block: Block,
    pub state: S,
}

/// Blocks in a row, the last one still growing.
pub struct Record<S> {
    pub blocks: Vec<Recorded<S>>,
    dice: Dice,
    /// Tells the blocks of one history from those of another.
    branch: u64,
    /// The clock of the last block, in Unix seconds.
    seconds: u64,
}

impl<S> Record<S> {
    /// All that was emitted so far is in the block after the first one.
    pub fn new(chain: &mut Chain, state: S, branch: u64, dice: Dice) -> Self
    where
        S: Clone,
    {
        let mut record = Self { blocks: Vec::new(), dice, branch, seconds: 0 };
        record.begin(chain.time(), state.clone());
        record.begin(chain.time(), state);
        record.push(chain);
        record
    }

    /// After a step: what it emitted goes into the last block, or into a new one. The clock stands still within a
    /// block, so a new one begins where it went on; and now and then so that steps of one second are in two.
    pub fn note(&mut self, chain: &mut Chain, state: S) {
        let seconds = chain.time();
        if seconds != self.seconds || self.dice.below(4) == 3 {
            self.begin(seconds, state);
        } else {
            self.last().state = state;
        }
        self.push(chain);
    }

    /// Begins a record with the first state that is watched, and notes each later one.
    pub fn watch(record: &mut Option<Self>, chain: &mut Chain, state: S, (branch, dice): (u64, &Dice))
    where
        S: Clone,
    {
        match record {
            None => *record = Some(Self::new(chain, state, branch, dice.clone())),
            Some(record) => record.note(chain, state),
        }
    }

    fn last(&mut self) -> &mut Recorded<S> {
        self.blocks.last_mut().unwrap()
    }

    fn begin(&mut self, seconds: u64, state: S) {
        let before = self.blocks.last().map(|recorded| recorded.block.at);
        let number = before.map_or(FIRST, |before| before.number + 1);
        let parent = before.map_or(B256::repeat_byte(0x77), |before| before.hash);
        let branch = if number == FIRST { 0 } else { self.branch };
        let hash = keccak256([&branch.to_be_bytes()[..], parent.as_slice()].concat());
        // Two blocks of one second are a millisecond apart.
        let timestamp_ms = match before {
            Some(before) if before.timestamp_ms / 1_000 == seconds => before.timestamp_ms + 1,
            _ => seconds * 1_000,
        };
        let at = BlockRef { number, hash, parent, timestamp_ms };
        let block = Block { at, events: Vec::new(), earlier: Vec::new(), answers: Default::default() };
        self.blocks.push(Recorded { block, state });
        self.seconds = seconds;
    }

    /// Adds what was emitted since the last time to the last block, with what contracts answer beside it.
    fn push(&mut self, chain: &mut Chain) {
        let logs = chain.take_logs();
        let block = &mut self.last().block;
        for log in logs {
            let topics: Vec<_> = log.topics.into_iter().map(B256::from).collect();
            let event = ContractEvent {
                block_number: block.at.number,
                block_hash: block.at.hash,
                // Other pallets' events are between them.
                event_index: 2 + 3 * u32::try_from(block.events.len()).unwrap(),
                tx_hash: None,
                address: log.contract,
                event: Event::decode(&topics, &log.data),
            };
            for question in questions(&event) {
                answer(chain, &question, block.answers.entry(id(&event)).or_default());
            }
            block.events.push(event);
        }
    }
}

/// Asks the chain as the follower asks a node.
fn answer(chain: &mut Chain, question: &Question, answers: &mut yieldset_indexer::project::Answers) {
    match *question {
        Question::Terms { contract, licence, option } => {
            let call = Licence::recordOfCall { licence, record: b'O', which: U256::from(option).into() };
            answers.terms = ask(chain, contract, &call);
        }
        Question::Currency(address) => {
            let symbol = ask(chain, address, &Pool::symbolCall {});
            let decimals = ask(chain, address, &Pool::decimalsCall {});
            answers.currency = Some(Currency { address, symbol, decimals });
        }
        Question::Code(address) => panic!("no history makes {address} ours on its way"),
    }
}

fn ask<C: SolCall>(chain: &mut Chain, contract: Address, call: &C) -> Option<C::Return> {
    let answer = chain.try_raw(&Account::number(0), contract, call.abi_encode(), 0).ok()?;
    C::abi_decode_returns_validate(&answer).ok()
}
