//! Where acts are looked at for wallets: a node, its network and the contracts.

use std::{sync::Arc, time::Duration};

use tokio::sync::{OnceCell, Semaphore};
use yieldset_chain::{Address, Book, ChainClient, ChainError, Deployment, Profile, acts::Desk};

/// How long a question to the node may take.
const NODE_PATIENCE: Duration = Duration::from_secs(10);
/// Acts that are looked at at once: each asks the node some ten times.
pub(crate) const AT_ONCE: usize = 4;

/// Where acts are looked at.
#[derive(Debug, Clone)]
pub struct Preparing {
    nodes: Arc<str>,
    profile: Profile,
    deployment: Deployment,
    client: Arc<OnceCell<ChainClient>>,
    turns: Arc<Semaphore>,
}

impl Preparing {
    /// On these nodes, which are asked from the first question on.
    pub fn new(nodes: &str, profile: Profile, deployment: Deployment) -> Self {
        let (client, turns) = (Arc::default(), Arc::new(Semaphore::new(AT_ONCE)));
        Self { nodes: nodes.into(), profile, deployment, client, turns }
    }

    /// Turns at the node.
    pub(crate) fn turns(&self) -> &Semaphore {
        &self.turns
    }

    /// The desk at which an account asks.
    ///
    /// # Errors
    /// [`ChainError`] of the node, or where it serves another chain.
    pub(crate) async fn desk(&self, sender: Address) -> Result<Desk, ChainError> {
        let connect = async {
            let client = ChainClient::connect_within(&self.nodes, NODE_PATIENCE).await?;
            self.deployment.check(&client).await?;
            self.profile.check(&client)?;
            Ok::<_, ChainError>(client)
        };
        let client = self.client.get_or_try_init(|| connect).await?.clone();
        // Contracts may have successors, which the pool goes by.
        let deployment = self.deployment.current(&client).await?;
        let (profile, book) = (self.profile.clone(), Book::default());
        Ok(Desk { client, profile, deployment, book, deployer: None, sender, account: None })
    }
}
