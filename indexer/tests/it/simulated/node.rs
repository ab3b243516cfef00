//! A node of a simulated chain: it answers as one does that a follower asks, and has whatever fault a test gives it.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use alloy_primitives::keccak256;
use futures::{FutureExt, StreamExt, future, stream};
use yieldset_chain::{
    Address, B256, Bytes, ChainError, ContractError, Deployment, Head, SolCall, WholeBlock, abi::Licence::recordOfCall,
};
use yieldset_indexer::upstream::{Heads, Upstream};

use super::tree::{SimulatedChain, Told};
use crate::chain::deployment;

/// After which a question that nobody answers fails, as a client's patience does.
const PATIENCE: Duration = Duration::from_millis(20);

/// How a node answers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Answers {
    /// As a node should.
    #[default]
    Well,
    /// Not at all: nothing listens there.
    Away,
    /// Not at all: it takes questions and keeps them.
    Hangs,
    /// As a node that has fewer blocks than the chain, by so many.
    Behind(u64),
    /// Well, but has dropped the states below this height.
    Pruned(u64),
    /// Well, but breaks off where a block above this height is asked for.
    UpTo(u64),
    /// With another parent than it has for the block at this height.
    WrongParent(u64),
    /// With hashes of abandoned blocks where it has any, when asked by height.
    OtherHashes,
    /// That the final block is this one.
    OtherFinal(Head),
}

/// Done before a certain question is answered.
type Interruption = (usize, Box<dyn FnOnce() + Send>);

#[derive(Default)]
struct State {
    answers: Answers,
    /// Subscriptions made so far, and how many of them, the first ones, tell nothing more.
    subscriptions: usize,
    silent: usize,
    /// Whether new ones tell nothing either.
    mute: bool,
    questions: usize,
    blocks_told: usize,
    interruption: Option<Interruption>,
}

/// A node. Clones are the same one.
#[derive(Clone)]
pub struct SimulatedNode {
    chain: SimulatedChain,
    state: Arc<Mutex<State>>,
}

impl SimulatedNode {
    pub fn of(chain: &SimulatedChain) -> Self {
        Self { chain: chain.clone(), state: Arc::default() }
    }

    /// From now on it answers so.
    pub fn answer(&self, answers: Answers) {
        self.state().answers = answers;
    }

    /// All subscriptions fall silent, for good, without an end; new ones too where it is `mute`. Questions are answered
    /// all the same.
    pub fn fall_silent(&self, mute: bool) {
        let mut state = self.state();
        (state.silent, state.mute) = (state.subscriptions, mute);
    }

    /// How many questions were asked.
    pub fn questions(&self) -> usize {
        self.state().questions
    }

    /// How many blocks it has told whole.
    pub fn blocks_told(&self) -> usize {
        self.state().blocks_told
    }

    /// Does something when this many more questions have been asked, before the next one is answered.
    pub fn interrupt(&self, after: usize, what: impl FnOnce() + Send + 'static) {
        let mut state = self.state();
        state.interruption = Some((state.questions + after, Box::new(what)));
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn unreachable(&self, reason: &str) -> ChainError {
        ChainError::NodeUnreachable { url: self.url().to_owned(), reason: reason.to_owned() }
    }

    fn gone(&self, number: u64) -> ChainError {
        let (url, block) = (self.url().to_owned(), format!("block {number}"));
        ChainError::StateGone { url, block, reason: "State already discarded".to_owned() }
    }

    /// How it answers this question, if it does.
    async fn asked(&self) -> Result<Answers, ChainError> {
        let interruption = {
            let mut state = self.state();
            state.questions += 1;
            let asked = state.questions;
            state.interruption.take_if(|(at, _)| *at < asked)
        };
        if let Some((_, what)) = interruption {
            what();
        }
        // A real answer takes a while, in which others go on.
        tokio::task::yield_now().await;
        let answers = self.state().answers;
        match answers {
            Answers::Away => Err(self.unreachable("nothing listens there")),
            Answers::Hangs => {
                tokio::time::sleep(PATIENCE).await;
                Err(self.unreachable("no answer in time"))
            }
            other => Ok(other),
        }
    }

    /// A head as this node sees it, which may be behind.
    fn seen(&self, head: Head, answers: Answers) -> Head {
        let Answers::Behind(blocks) = answers else { return head };
        let mut seen = head;
        for _ in 0..blocks {
            match self.chain.block(seen.parent) {
                Some(block) => seen = block.at.into(),
                None => break,
            }
        }
        seen
    }

    /// A block that this node has, with its state.
    fn block(&self, hash: B256, answers: Answers) -> Result<WholeBlock, ChainError> {
        let absent = || ChainError::NoSuchBlock(hash.to_string());
        let mut block = self.chain.block(hash).ok_or_else(absent)?;
        let number = block.at.number;
        match answers {
            Answers::Behind(_) if number > self.seen(self.chain.best(), answers).number => Err(absent()),
            Answers::UpTo(last) if number > last => Err(self.unreachable("it breaks off")),
            Answers::Pruned(from) if number < from => Err(self.gone(number)),
            Answers::WrongParent(at) if number == at => {
                block.at.parent = keccak256(block.at.parent);
                Ok(block)
            }
            _ => Ok(block),
        }
    }

    /// A stream of heads: the present one, and then those that `chosen` takes of what the chain tells.
    fn heads(&self, present: fn(&SimulatedChain) -> Head, chosen: fn(Told) -> Option<Head>) -> Heads {
        // In this order, so that none is lost between.
        let told = self.chain.listen();
        let present = present(&self.chain);
        let number = {
            let mut state = self.state();
            state.subscriptions += 1;
            state.subscriptions
        };
        let node = self.clone();
        let heads =
            stream::once(future::ready(present)).chain(told.filter_map(move |told| future::ready(chosen(told))));
        let heads = heads.filter_map(move |head| {
            let state = node.state();
            let (answers, silent) = (state.answers, state.mute || number <= state.silent);
            drop(state);
            let heard = !silent && !matches!(answers, Answers::Away | Answers::Hangs);
            future::ready(heard.then(|| Ok(node.seen(head, answers))))
        });
        heads.boxed()
    }
}

impl Upstream for SimulatedNode {
    fn url(&self) -> &str {
        "ws://simulated.example"
    }

    async fn check(&self, _: &Deployment) -> Result<(), ChainError> {
        self.asked().await.map(|_| ())
    }

    async fn best_heads(&self) -> Result<Heads, ChainError> {
        self.asked().await?;
        Ok(self.heads(SimulatedChain::best, |told| match told {
            Told::Best(head) => Some(head),
            Told::Final(_) => None,
        }))
    }

    async fn finalised_heads(&self) -> Result<Heads, ChainError> {
        self.asked().await?;
        Ok(self.heads(SimulatedChain::finalised, |told| match told {
            Told::Final(head) => Some(head),
            Told::Best(_) => None,
        }))
    }

    async fn best(&self) -> Result<Head, ChainError> {
        let answers = self.asked().await?;
        Ok(self.seen(self.chain.best(), answers))
    }

    async fn finalised(&self) -> Result<Head, ChainError> {
        match self.asked().await? {
            Answers::OtherFinal(head) => Ok(head),
            // A node that is behind has seen less become final, too.
            answers => Ok(self.seen(self.chain.finalised(), answers)),
        }
    }

    async fn head(&self, hash: B256) -> Result<Head, ChainError> {
        let answers = match self.asked().await? {
            // A header is kept when its state is not.
            Answers::Pruned(_) => Answers::Well,
            answers => answers,
        };
        Ok(self.block(hash, answers)?.at.into())
    }

    async fn block_hashes(&self, from: u64, to: u64) -> Result<Vec<B256>, ChainError> {
        let answers = self.asked().await?;
        let best = self.seen(self.chain.best(), answers).number;
        let hash = |number: u64| {
            let abandoned = (answers == Answers::OtherHashes).then(|| self.chain.abandoned_at(number)).flatten();
            let hash = abandoned.or_else(|| self.chain.hash_at(number)).filter(|_| number <= best);
            hash.ok_or_else(|| ChainError::NoSuchBlock(format!("at height {number}")))
        };
        (from..=to).map(hash).collect()
    }

    async fn whole_block_at(&self, number: u64, hash: B256) -> Result<WholeBlock, ChainError> {
        let answers = self.asked().await?;
        let block = self.block(hash, answers)?;
        match block.at.number == number {
            true => {
                self.state().blocks_told += 1;
                Ok(block)
            }
            false => Err(ChainError::WrongAnswer {
                during: "reading a block",
                url: self.url().to_owned(),
                reason: format!("block {} at height {number}", block.at.number),
            }),
        }
    }

    async fn has_state(&self, number: u64) -> Result<bool, ChainError> {
        match self.asked().await? {
            Answers::Pruned(from) => Ok(number >= from),
            _ => Ok(true),
        }
    }

    async fn read_call(&self, at: B256, contract: Address, calldata: Bytes) -> Result<Bytes, ChainError> {
        let answers = self.asked().await?;
        self.block(at, answers)?;
        let refused = || ChainError::Refused { contract, error: ContractError::Unknown(Bytes::new()) };
        let call = recordOfCall::abi_decode_validate(&calldata).map_err(|_| refused())?;
        if contract != deployment().licence || call.record != b'O' {
            return Err(refused());
        }
        let scene = self.chain.scene(at).ok_or_else(refused)?;
        let terms = scene.terms.get(&call.licence).ok_or_else(refused)?;
        Ok(recordOfCall::abi_encode_returns(terms).into())
    }

    async fn code_hash(&self, at: B256, contract: Address) -> Result<Option<B256>, ChainError> {
        let answers = self.asked().await?;
        self.block(at, answers)?;
        let ours = deployment().named().into_iter().any(|(_, address)| address == contract);
        Ok(ours.then(|| keccak256(contract)))
    }
}

/// Several nodes of one chain, of which one is asked: the next where that one answers no more, or has dropped the state
/// that it is asked about. Clones are the same.
#[derive(Clone)]
pub struct FailOver {
    nodes: Vec<SimulatedNode>,
    current: Arc<Mutex<usize>>,
}

impl FailOver {
    pub fn over(nodes: &[SimulatedNode]) -> Self {
        Self { nodes: nodes.to_vec(), current: Arc::default() }
    }

    async fn asked<T>(
        &self,
        ask: impl for<'a> Fn(&'a SimulatedNode) -> future::BoxFuture<'a, Result<T, ChainError>> + Send + Sync,
    ) -> Result<T, ChainError> {
        let (mut lost, mut gone) = (None, None);
        let mut at = *self.current.lock().unwrap();
        for _ in &self.nodes {
            match ask(&self.nodes[at]).await {
                Err(error @ ChainError::NodeUnreachable { .. }) => lost = Some(error),
                Err(error @ ChainError::StateGone { .. }) => gone = Some(error),
                answer => return answer,
            }
            at = (at + 1) % self.nodes.len();
            *self.current.lock().unwrap() = at;
        }
        // What others have dropped, one that is away may have.
        Err(lost.or(gone).unwrap())
    }
}

impl Upstream for FailOver {
    fn url(&self) -> &str {
        "ws://one.example,ws://another.example"
    }

    async fn check(&self, deployment: &Deployment) -> Result<(), ChainError> {
        let deployment = deployment.clone();
        self.asked(move |node| {
            let deployment = deployment.clone();
            async move { node.check(&deployment).await }.boxed()
        })
        .await
    }

    async fn best_heads(&self) -> Result<Heads, ChainError> {
        self.asked(|node| node.best_heads().boxed()).await
    }

    async fn finalised_heads(&self) -> Result<Heads, ChainError> {
        self.asked(|node| node.finalised_heads().boxed()).await
    }

    async fn best(&self) -> Result<Head, ChainError> {
        self.asked(|node| node.best().boxed()).await
    }

    async fn finalised(&self) -> Result<Head, ChainError> {
        self.asked(|node| node.finalised().boxed()).await
    }

    async fn head(&self, hash: B256) -> Result<Head, ChainError> {
        self.asked(|node| node.head(hash).boxed()).await
    }

    async fn block_hashes(&self, from: u64, to: u64) -> Result<Vec<B256>, ChainError> {
        self.asked(|node| node.block_hashes(from, to).boxed()).await
    }

    async fn whole_block_at(&self, number: u64, hash: B256) -> Result<WholeBlock, ChainError> {
        self.asked(|node| node.whole_block_at(number, hash).boxed()).await
    }

    async fn has_state(&self, number: u64) -> Result<bool, ChainError> {
        let asked = self.asked(move |node| {
            async move { if node.has_state(number).await? { Ok(true) } else { Err(node.gone(number)) } }.boxed()
        });
        match asked.await {
            Err(ChainError::StateGone { .. }) => Ok(false),
            answer => answer,
        }
    }

    async fn read_call(&self, at: B256, contract: Address, calldata: Bytes) -> Result<Bytes, ChainError> {
        self.asked(|node| node.read_call(at, contract, calldata.clone()).boxed()).await
    }

    async fn code_hash(&self, at: B256, contract: Address) -> Result<Option<B256>, ChainError> {
        self.asked(|node| node.code_hash(at, contract).boxed()).await
    }
}
