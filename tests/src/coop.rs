//! A co-op on a chain of its own, with a stand-in for its pool.

use alloy_primitives::{Address, Bytes, U256, keccak256};
use alloy_sol_types::{SolCall, SolConstructor};
use yieldset_chain::abi::Coop;
use yieldset_chain::deployment::role;

use crate::chain::{Account, Chain, Failure, blob};
use crate::stand_ins::{StandInPool, bytecode, stand_in_pool};

/// A proposal's content.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Whom to call, with which value and data.
    pub actions: Vec<(Address, u128, Vec<u8>)>,
    /// In which words.
    pub description: String,
}

impl Plan {
    /// One call.
    pub fn one(target: Address, value: u128, data: Vec<u8>, description: &str) -> Self {
        Self { actions: vec![(target, value, data)], description: description.to_owned() }
    }

    /// The calls in three lists.
    pub fn lists(&self) -> (Vec<Address>, Vec<U256>, Vec<Bytes>) {
        let targets = self.actions.iter().map(|action| action.0).collect();
        let values = self.actions.iter().map(|action| U256::from(action.1)).collect();
        (targets, values, self.actions.iter().map(|action| action.2.clone().into()).collect())
    }

    /// The message that proposes it.
    pub fn propose(&self) -> Coop::proposeCall {
        let (targets, values, calldatas) = self.lists();
        Coop::proposeCall { targets, values, calldatas, description: self.description.clone() }
    }

    /// The message that executes it.
    pub fn execute(&self) -> Coop::executeCall {
        let (targets, values, calldatas) = self.lists();
        Coop::executeCall { targets, values, calldatas, descriptionHash: keccak256(&self.description) }
    }

    /// The message that cancels it.
    pub fn cancel(&self) -> Coop::cancelCall {
        let (targets, values, calldatas) = self.lists();
        Coop::cancelCall { targets, values, calldatas, descriptionHash: keccak256(&self.description) }
    }
}

/// A co-op of three holders with 500, 300 and 200 shares, in second 10 of Unix time: delay 5, period 10, quorum 20 %,
/// threshold 100, timelock 3, grace 7 seconds.
pub struct Cooperative {
    /// The chain it is on.
    pub chain: Chain,
    /// The second.
    pub now: u64,
    /// A stand-in for the pool.
    pub pool: Address,
    /// The contract.
    pub coop: Address,
    /// What proposals call; closed at first.
    pub target: Address,
    /// 500, 300 and 200 shares.
    pub holders: [Account; 3],
    /// Holds nothing.
    pub stranger: Account,
}

/// Arguments of the test co-op.
pub fn coop_arguments(pool: Address) -> Coop::constructorCall {
    Coop::constructorCall {
        pool,
        votingDelay: 5,
        votingPeriod: 10,
        quorumBps: 2_000,
        proposalThreshold: U256::from(100),
        timelock: 3,
        gracePeriod: 7,
    }
}

impl Cooperative {
    /// Deploys everything; the co-op has the licensor's role on its pool.
    pub fn new() -> Self {
        let mut chain = Chain::new();
        chain.set_time(1);
        let holders = [1, 2, 3].map(|n| chain.account(n));
        let (founder, stranger) = (chain.account(0), chain.account(4));
        let pool = stand_in_pool(&mut chain, &founder);
        let coop = chain.instantiate(&founder, blob("coop"), coop_arguments(pool).abi_encode()).unwrap();
        let target = chain.instantiate(&founder, bytecode("Target"), Vec::new()).unwrap();
        for (holder, amount) in holders.iter().zip([500, 300, 200]) {
            let mint = StandInPool::mintCall { to: holder.address, amount: U256::from(amount) };
            chain.call(&founder, pool, mint, 0).unwrap();
        }
        let grant = StandInPool::grantRoleCall { role: role("LICENSOR_ROLE"), account: coop };
        chain.call(&founder, pool, grant, 0).unwrap();
        let mut cooperative = Self { chain, now: 0, pool, coop, target, holders, stranger };
        cooperative.at(10);
        cooperative.chain.take_logs();
        cooperative
    }

    /// Goes to a second.
    pub fn at(&mut self, second: u64) {
        self.now = second;
        self.chain.set_time(second);
    }

    /// Calls the co-op.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn call<C: SolCall>(&mut self, from: &Account, call: C) -> Result<C::Return, Failure> {
        self.chain.call(from, self.coop, call, 0)
    }

    /// Where a proposal stands.
    pub fn state(&mut self, id: U256) -> u8 {
        let stranger = self.stranger.clone();
        self.call(&stranger, Coop::stateCall { proposalId: id }).unwrap()
    }

    /// The first holder proposes; the votes (per holder, 9 is none) are cast in the first second in which they
    /// count, and the second is the one before execution becomes possible.
    pub fn voted(&mut self, plan: &Plan, votes: [u8; 3]) -> U256 {
        let holders = self.holders.clone();
        let id = self.call(&holders[0], plan.propose()).unwrap();
        self.at(self.now + 6);
        for (holder, support) in holders.iter().zip(votes).filter(|(_, support)| *support != 9) {
            self.call(holder, Coop::castVoteCall { proposalId: id, support }).unwrap();
        }
        self.at(self.now + 12);
        id
    }
}

impl Default for Cooperative {
    fn default() -> Self {
        Self::new()
    }
}
