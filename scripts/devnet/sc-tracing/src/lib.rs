//! What Substrate's services name of `sc-tracing`, for a node that traces no blocks. `Cargo.toml` says why.

/// Where traces go.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum TracingReceiver {
    /// To the log.
    #[default]
    Log,
}

/// Tracing of blocks (`state_traceBlock`): refused.
pub mod block {
    use std::sync::Arc;

    use sp_blockchain::Error;
    use sp_rpc::tracing::TraceBlockResponse;
    use sp_runtime::traits::Block as BlockT;

    /// Executes a block again, to trace or record it.
    pub trait TracingExecuteBlock<Block: BlockT>: Send + Sync {
        /// Executes `block`, whose hash with its seals was `orig_hash`.
        fn execute_block(&self, orig_hash: Block::Hash, block: Block) -> sp_blockchain::Result<()>;

        /// Runs a runtime call with proof recording.
        fn call_recorded(&self, _block: Block::Hash, _method: &str, _data: &[u8]) -> sp_blockchain::Result<Vec<u8>> {
            Err(Error::Application(Box::new(CallRecordedUnsupported)))
        }
    }

    /// This node records no proofs.
    #[derive(Debug, Clone, Copy)]
    pub struct CallRecordedUnsupported;

    impl std::fmt::Display for CallRecordedUnsupported {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("this node records no proofs")
        }
    }

    impl std::error::Error for CallRecordedUnsupported {}

    /// One order to trace a block.
    pub struct BlockExecutor;

    impl BlockExecutor {
        /// Takes what `sc-rpc` gives, and does not keep it.
        pub fn new<Client, Block: BlockT>(
            _client: Arc<Client>,
            _block: Block::Hash,
            _targets: Option<String>,
            _storage_keys: Option<String>,
            _methods: Option<String>,
            _execute_block: Option<Arc<dyn TracingExecuteBlock<Block>>>,
        ) -> Self {
            Self
        }

        /// Refuses.
        ///
        /// # Errors
        /// Always.
        pub fn trace_block(&self) -> Result<TraceBlockResponse, &'static str> {
            Err("this node traces no blocks")
        }
    }
}

/// Log filters over RPC (`system_addLogFilter`): refused, the log follows `RUST_LOG`.
pub mod logging {
    const REFUSED: &str = "the log follows RUST_LOG alone; restart the node with another one";

    /// Forgets them: [`reload_filter`] refuses.
    pub fn add_directives(_directives: &str) {}

    /// Refuses.
    ///
    /// # Errors
    /// Always.
    pub fn reload_filter() -> Result<(), String> {
        Err(REFUSED.into())
    }

    /// Refuses.
    ///
    /// # Errors
    /// Always.
    pub fn reset_log_filter() -> Result<(), String> {
        Err(REFUSED.into())
    }
}
