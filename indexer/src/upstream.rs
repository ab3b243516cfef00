//! What following a chain asks of a node. [`follow`](crate::follow) knows nodes by this alone, so that it can be tried
//! on a chain whose forks, gaps, silences and lies a test chooses.

use std::{
    future::{Future, pending},
    panic::resume_unwind,
};

use futures::stream::BoxStream;
use tokio::task::JoinSet;
use yieldset_chain::{Address, B256, Bytes, ChainClient, ChainError, Deployment, Head, WholeBlock};

/// Heads as a node tells them.
pub type Heads = BoxStream<'static, Result<Head, ChainError>>;

/// A node, or several of one chain behind one address. No answer is trusted to fit another one: between two questions
/// the chain may have forked, or another node may answer.
///
/// Every question ends, with [`ChainError::NodeUnreachable`] where nothing answers; [`Heads`] need not: they may be
/// silent for ever, and leave blocks out.
pub trait Upstream: Send + Sync + 'static {
    /// The node's address as it may be shown: no user, password or key.
    fn url(&self) -> &str;

    /// Whether it serves the chain that the contracts are on.
    ///
    /// # Errors
    /// [`ChainError::WrongChain`].
    fn check(&self, deployment: &Deployment) -> impl Future<Output = Result<(), ChainError>> + Send;

    /// Subscribes to heads of the best chain, from the present one on.
    ///
    /// # Errors
    /// [`ChainError`].
    fn best_heads(&self) -> impl Future<Output = Result<Heads, ChainError>> + Send;

    /// Subscribes to final blocks, from the present one on.
    ///
    /// # Errors
    /// [`ChainError`].
    fn finalised_heads(&self) -> impl Future<Output = Result<Heads, ChainError>> + Send;

    /// The head of the best chain.
    ///
    /// # Errors
    /// [`ChainError`].
    fn best(&self) -> impl Future<Output = Result<Head, ChainError>> + Send;

    /// The last final block.
    ///
    /// # Errors
    /// [`ChainError`].
    fn finalised(&self) -> impl Future<Output = Result<Head, ChainError>> + Send;

    /// The header of the block with this hash, on whatever branch.
    ///
    /// # Errors
    /// [`ChainError::NoSuchBlock`] where the node does not have it.
    fn head(&self, hash: B256) -> impl Future<Output = Result<Head, ChainError>> + Send;

    /// The hashes at these heights of the best chain, both included.
    ///
    /// # Errors
    /// [`ChainError::NoSuchBlock`] above its head.
    fn block_hashes(&self, from: u64, to: u64) -> impl Future<Output = Result<Vec<B256>, ChainError>> + Send;

    /// The block with this hash, which is to be of this height, and what contracts told in it.
    ///
    /// # Errors
    /// [`ChainError::NoSuchBlock`] where the node does not have it, [`ChainError::StateGone`] where it does not have
    /// its state any more, [`ChainError::WrongAnswer`] where it is of another height.
    fn whole_block_at(&self, number: u64, hash: B256) -> impl Future<Output = Result<WholeBlock, ChainError>> + Send;

    /// Whether the node has the state after a block of the best chain.
    ///
    /// # Errors
    /// [`ChainError::NoSuchBlock`] above its head.
    fn has_state(&self, number: u64) -> impl Future<Output = Result<bool, ChainError>> + Send;

    /// What a contract answers to a call in the state after the block `at`, as it came: nothing where no contract is.
    ///
    /// # Errors
    /// [`ChainError::Refused`] and [`ChainError::Dispatch`] are the contract's answers; [`ChainError::StateGone`]
    /// where the node does not have that state any more.
    fn read_call(
        &self,
        at: B256,
        contract: Address,
        calldata: Bytes,
    ) -> impl Future<Output = Result<Bytes, ChainError>> + Send;

    /// The hash of the code that a contract runs in the state after the block `at`; none where no contract is.
    ///
    /// # Errors
    /// [`ChainError::StateGone`] where the node does not have that state any more.
    fn code_hash(&self, at: B256, contract: Address) -> impl Future<Output = Result<Option<B256>, ChainError>> + Send;
}

impl Upstream for ChainClient {
    fn url(&self) -> &str {
        self.url()
    }

    async fn check(&self, deployment: &Deployment) -> Result<(), ChainError> {
        deployment.check(self).await
    }

    async fn best_heads(&self) -> Result<Heads, ChainError> {
        self.best_heads().await
    }

    async fn finalised_heads(&self) -> Result<Heads, ChainError> {
        self.finalised_heads().await
    }

    async fn best(&self) -> Result<Head, ChainError> {
        self.best_head().await
    }

    async fn finalised(&self) -> Result<Head, ChainError> {
        self.finalised_head().await
    }

    async fn head(&self, hash: B256) -> Result<Head, ChainError> {
        self.head(hash).await
    }

    async fn block_hashes(&self, from: u64, to: u64) -> Result<Vec<B256>, ChainError> {
        self.block_hashes(from, to).await
    }

    async fn whole_block_at(&self, number: u64, hash: B256) -> Result<WholeBlock, ChainError> {
        let client = self.clone();
        // Decoding a block's events takes longer than reading them into rows, and many are fetched at once: not in the
        // thread of who waits. The task ends with the question.
        let mut task = JoinSet::new();
        task.spawn(async move { client.whole_block_at(number, hash).await });
        match task.join_next().await {
            Some(Ok(block)) => block,
            Some(Err(error)) if error.is_panic() => resume_unwind(error.into_panic()),
            // The program ends.
            Some(Err(_)) | None => pending().await,
        }
    }

    async fn has_state(&self, number: u64) -> Result<bool, ChainError> {
        self.has_state(number).await
    }

    async fn read_call(&self, at: B256, contract: Address, calldata: Bytes) -> Result<Bytes, ChainError> {
        self.call_at(at, contract, calldata).await
    }

    async fn code_hash(&self, at: B256, contract: Address) -> Result<Option<B256>, ChainError> {
        self.code_hash_at(at, contract).await
    }
}
